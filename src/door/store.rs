//! Opens the ledger that counts for this user: the host's where there is one and the user is of its
//! group, else their own.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::earlier::LedgerHistory;
use crate::context::{self, Environment};
use crate::gate::world::{LedgerError, Whose};
use crate::gate::{Clock, Given, Ledger};
use crate::given::GivenFiles;
use crate::ledger::SqliteLedger;
use crate::ledger::heads::Syslog;
use crate::ledger::host::{self, Found};
use crate::team::earlier::Inquiry;
use crate::team::{Opening, TeamGiven, TeamLedger};

/// Where the ledger lies, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// Whose runs it knows.
    pub whose: Whose,
}

/// Finds the ledger of this host or user; makes nothing.
///
/// # Errors
/// Where there is no place, or the host's cannot be seen.
pub fn place(environment: &Environment) -> Result<Place, LedgerError> {
    place_at(Path::new(host::HOST), || {
        context::ledger_path(environment).map_err(|error| no_place(&error))
    })
}

/// Finds as [`place`] does, with the host's place at another path and the user's own at `own`.
///
/// # Errors
/// As [`place`].
pub fn place_at(
    host: &Path,
    own: impl FnOnce() -> Result<PathBuf, LedgerError>,
) -> Result<Place, LedgerError> {
    let found = host::find(host).map_err(|error| LedgerError::Open {
        place: host.display().to_string(),
        cause: error.to_string(),
    })?;
    let (file, whose) = match found {
        Found::Member(file) => (file, Whose::Hosts),
        Found::NotMember => (own()?, Whose::OwnBesideHosts),
        Found::Nothing => (own()?, Whose::Own),
    };
    Ok(Place { file, whose })
}

/// Opens the ledger at `place`; heads go to `syslog`.
///
/// # Errors
/// Where it cannot be opened or trusted.
pub fn open_at(place: &Place, syslog: Syslog) -> Result<Box<dyn Ledger>, LedgerError> {
    Ok(Box::new(local(place, syslog)?))
}

/// The way to the team's store, where a configuration names one.
///
/// Connecting takes longer than opening a ledger and may begin before: from then on, until the ledger is open and
/// a record is written, nothing may be forked.
#[derive(Debug)]
pub struct Way<'u> {
    url: Option<&'u str>,
    opening: RefCell<Option<Opening>>,
}

impl<'u> Way<'u> {
    /// Returns the way to the store at a URL, where there is one; nothing is opened yet.
    #[must_use]
    pub fn to(url: Option<&'u str>) -> Self {
        Self {
            url,
            opening: RefCell::new(None),
        }
    }

    /// Begins to connect, for a line of which a record will be written.
    pub fn begin(&self) {
        *self.opening.borrow_mut() = self.url.and_then(Opening::begin);
    }

    /// Opens the ledger at `place` together with the store, for a line of which a record is written next.
    ///
    /// # Errors
    /// Where the ledger cannot be found, opened or trusted.
    pub fn open(
        &self,
        place: Result<Place, LedgerError>,
        syslog: Syslog,
    ) -> Result<Box<dyn Ledger>, LedgerError> {
        let opening = self.opening.take();
        let opened = place.and_then(|place| local(&place, syslog));
        match (opened, self.url) {
            (Ok(local), Some(url)) => {
                let opening = opening.or_else(|| Opening::begin(url));
                Ok(Box::new(TeamLedger::new(local, url).with(opening)))
            }
            (Ok(local), None) => Ok(Box::new(local)),
            (Err(error), _) => {
                // What comes now may fork.
                let _nobody_asks = opening.map(Opening::wait);
                Err(error)
            }
        }
    }
}

/// Returns what others gave: what lies in this host's `files`, with the team's store where a URL names one.
pub fn given<'c>(
    files: GivenFiles,
    store: Option<&str>,
    clock: &'c dyn Clock,
) -> Box<dyn Given + 'c> {
    match store {
        Some(url) => Box::new(TeamGiven::new(Box::new(files), url, clock)),
        None => Box::new(files),
    }
}

/// Opens the ledger at `place`.
///
/// # Errors
/// Where it cannot be opened or trusted.
pub fn local(place: &Place, syslog: Syslog) -> Result<SqliteLedger, LedgerError> {
    Ok(match place.whose {
        Whose::Hosts => SqliteLedger::open_host(&place.file, syslog)?,
        Whose::Own | Whose::OwnBesideHosts => {
            SqliteLedger::open_with(&place.file, syslog)?.of(place.whose)
        }
    })
}

/// Opens, or makes, the ledger at its place, with the store that the system's configuration names.
///
/// # Errors
/// Where there is no place, or it cannot be opened or trusted.
pub(super) fn open(
    environment: &Environment,
    way: &Way<'_>,
) -> Result<Box<dyn Ledger>, LedgerError> {
    // No variable of a privileged caller may say where its ledger lies, the host's too.
    let place = match context::environment::is_privileged() {
        true => Err(no_place(&context::paths::NoPlace::Privileged)),
        false => place(environment),
    };
    way.open(place, Syslog::default())
}

/// There is no place for a ledger.
fn no_place(error: &context::paths::NoPlace) -> LedgerError {
    LedgerError::Open {
        place: "ledger.db".to_owned(),
        cause: error.to_string(),
    }
}

/// Returns what the ledger in which runs are recorded here says of earlier ones, with the team's store where a
/// URL names one; nothing is opened before a condition asks.
pub(super) fn history(store: Option<&str>, inquiry: &Rc<RefCell<Inquiry>>) -> LedgerHistory {
    let history = LedgerHistory::new(Box::new(|| {
        let place = place(&Environment::of_process()).map_err(|error| error.to_string())?;
        Ok(place.file)
    }));
    match store {
        Some(url) => history.with_store(url, inquiry),
        None => history,
    }
}
