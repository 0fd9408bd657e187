//! Where the files of each layer lie.
//!
//! Nothing of the shipped programs moves the system's folder: no variable, no option, no key. The
//! user's are found by XDG variables and `HOME`, which is safe: whose they are is checked, and they
//! only add.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use nix::unistd::geteuid;

use crate::context::environment::variable as read_variable;

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
    /// The user's folder for configuration.
    config: Option<PathBuf>,
    /// The user's folder for what can be made again.
    cache: Option<PathBuf>,
    /// The user's folder for what is remembered.
    state: Option<PathBuf>,
}

impl Places {
    /// Returns the places of this host and user.
    #[must_use]
    pub fn of_this_host() -> Self {
        Self {
            system: Cow::Borrowed(Path::new(SYSTEM)),
            system_owners: Owners::ROOT,
            config: xdg("XDG_CONFIG_HOME", ".config"),
            cache: xdg("XDG_CACHE_HOME", ".cache"),
            state: xdg("XDG_STATE_HOME", ".local/state"),
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

    /// Returns the folder of the user's rule files.
    #[must_use]
    pub fn user(&self) -> Option<PathBuf> {
        Some(self.config.as_ref()?.join("kanmon/rules.d"))
    }

    /// Returns the folder of the user's compiled sets.
    #[must_use]
    pub fn cache(&self) -> Option<PathBuf> {
        Some(self.cache.as_ref()?.join("kanmon"))
    }

    /// Returns the folder in which is remembered what the user trusts.
    #[must_use]
    pub fn state(&self) -> Option<PathBuf> {
        Some(self.state.as_ref()?.join("kanmon"))
    }

    /// Returns who may have written the user's files.
    pub(super) fn user_owners() -> Owners {
        Owners::Of([0, geteuid().as_raw()])
    }
}

/// Returns a folder of the user's, by its variable or below `HOME`. Relative paths do not count
/// (XDG Base Directory Specification 0.8); without `HOME` there is none.
fn xdg(variable: &str, below_home: &str) -> Option<PathBuf> {
    let absolute = |name: &str| {
        let path = PathBuf::from(read_variable(name)?);
        path.is_absolute().then_some(path)
    };
    absolute(variable).or_else(|| Some(absolute("HOME")?.join(below_home)))
}
