//! Where the files of each layer lie.
//!
//! Nothing of the shipped programs moves the system's folder: no variable, no option, no key.

use std::borrow::Cow;
use std::path::Path;

use super::folder::Owners;

/// The folder of the system's files.
pub const SYSTEM: &str = "/etc/kanmon";

/// Where the files of each layer lie, and who may have written them.
#[derive(Debug, Clone)]
pub struct Places {
    /// The system's folder.
    system: Cow<'static, Path>,
    /// Who may have written the system's files.
    system_owners: Owners,
}

impl Places {
    /// Returns the places of this host.
    #[must_use]
    pub fn of_this_host() -> Self {
        Self {
            system: Cow::Borrowed(Path::new(SYSTEM)),
            system_owners: Owners::ROOT,
        }
    }

    /// Returns a system's folder elsewhere, whose files `owner` may have written too: for tests.
    #[must_use]
    pub fn with_system(folder: &Path, owner: u32) -> Self {
        Self {
            system: Cow::Owned(folder.to_owned()),
            system_owners: Owners([0, owner]),
        }
    }

    /// Returns the system's folder.
    #[must_use]
    pub fn system(&self) -> &Path {
        &self.system
    }

    /// Returns who may have written the system's files.
    pub(super) fn system_owners(&self) -> Owners {
        self.system_owners
    }
}
