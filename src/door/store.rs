//! Opens the ledger that counts for this user.

use super::earlier::LedgerHistory;
use crate::context::{self, Environment};
use crate::gate::Ledger;
use crate::gate::world::LedgerError;
use crate::ledger::SqliteLedger;

/// Opens, or makes, the ledger at its place.
///
/// # Errors
/// Where there is no place, or it cannot be opened or trusted.
pub(super) fn open(environment: &Environment) -> Result<Box<dyn Ledger>, LedgerError> {
    let path = context::ledger_path(environment).map_err(|error| LedgerError::Open {
        place: "ledger.db".to_owned(),
        cause: error.to_string(),
    })?;
    Ok(Box::new(SqliteLedger::open(&path)?))
}

/// Returns what this user's ledger says of earlier runs; nothing is opened before a condition asks.
pub(super) fn history() -> LedgerHistory {
    LedgerHistory::new(Box::new(|| {
        context::ledger_path(&Environment::of_process()).map_err(|error| error.to_string())
    }))
}
