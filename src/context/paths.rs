//! Where kanmon keeps its own files for this user.
//!
//! No environment variable moves root's ledger, nor that of a program with raised rights.

use std::path::{Path, PathBuf};

use nix::unistd::geteuid;

use super::environment::{self, Environment};
use super::users;

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoPlace {
    /// The program runs with more rights than its caller has.
    #[error(
        "kanmon was started with raised rights (set-user-id or file capabilities); take them away"
    )]
    Privileged,
    /// The user has no home.
    #[error("this user has no home folder; set `HOME` or `XDG_STATE_HOME` to an absolute path")]
    NoHome,
}

/// Returns the path of this user's ledger.
///
/// # Errors
/// Where the environment must not be believed, or there is no home.
pub fn ledger_path(environment: &Environment) -> Result<PathBuf, NoPlace> {
    if environment::is_privileged() {
        return Err(NoPlace::Privileged);
    }
    let uid = geteuid().as_raw();
    let folder = if uid == 0 {
        root_state()
    } else {
        let home = || users::account(uid).map(|account| account.home);
        user_state(environment, home).ok_or(NoPlace::NoHome)?
    };
    Ok(folder.join("kanmon/ledger.db"))
}

/// Returns root's state folder, by the user database alone.
fn root_state() -> PathBuf {
    let home = users::account(0).map(|account| account.home);
    state_in(&home.unwrap_or_else(|| PathBuf::from("/root")))
}

/// Returns a user's state folder: by `XDG_STATE_HOME`, by `HOME`, by the user database. Relative
/// paths do not count (XDG Base Directory Specification 0.8).
fn user_state(
    environment: &Environment,
    home: impl FnOnce() -> Option<PathBuf>,
) -> Option<PathBuf> {
    let absolute = |name: &str| {
        let path = PathBuf::from(environment.raw(name)?);
        path.is_absolute().then_some(path)
    };
    absolute("XDG_STATE_HOME").or_else(|| {
        let home = absolute("HOME").or_else(home)?;
        home.is_absolute().then(|| state_in(&home))
    })
}

/// Returns the state folder in a home.
fn state_in(home: &Path) -> PathBuf {
    home.join(".local/state")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(variables: &[(&str, &str)], home: Option<&str>) -> Option<String> {
        let environment: Environment = variables.iter().copied().collect();
        let found = user_state(&environment, || home.map(PathBuf::from))?;
        found.into_os_string().into_string().ok()
    }

    #[test]
    fn a_users_state_folder() {
        let xdg = ("XDG_STATE_HOME", "/s");
        let home = ("HOME", "/h");
        assert_eq!(state(&[xdg, home], None).as_deref(), Some("/s"));
        assert_eq!(state(&[home], None).as_deref(), Some("/h/.local/state"));
        for not_absolute in ["s", ""] {
            let variables = [("XDG_STATE_HOME", not_absolute), home];
            assert_eq!(state(&variables, None).as_deref(), Some("/h/.local/state"));
        }
        let found = state(&[("HOME", "h")], Some("/d"));
        assert_eq!(found.as_deref(), Some("/d/.local/state"));
        assert_eq!(state(&[], None), None);
    }

    #[test]
    fn no_variable_moves_roots_ledger() {
        if geteuid().is_root() {
            let environment = [("XDG_STATE_HOME", "/s"), ("HOME", "/h")]
                .into_iter()
                .collect();
            let path = ledger_path(&environment).unwrap();
            let home = users::account(0).unwrap().home;
            assert_eq!(path, home.join(".local/state/kanmon/ledger.db"));
        }
    }
}
