//! Where a broken glass is recorded if the ledger fails.

use crate::gate::break_glass::LastResort;
use crate::gate::{Clock, Entry};
use crate::ledger::last_resort::{self, Written};

/// A file under `/run`, else syslog.
pub(super) struct LastResorts(last_resort::LastResort);

impl LastResorts {
    /// Returns this user's.
    pub(super) fn of_this_host() -> Self {
        Self(last_resort::LastResort::of_user())
    }
}

impl LastResort for LastResorts {
    fn keep(&mut self, entry: &Entry, ledger: &str, clock: &dyn Clock) -> Result<String, String> {
        match self.0.write(entry, ledger, &clock.now()) {
            Ok(Written::File(file)) => Ok(file.display().to_string()),
            Ok(Written::Syslog) => Ok("syslog".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}
