//! Opens the ledger that counts for this user.

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
