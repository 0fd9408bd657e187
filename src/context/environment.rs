//! The environment variables, read once, and whether they may be believed.
//!
//! A program that was started with more rights than its caller has must not believe what the caller
//! wrote into its environment.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the edge that reads the environment"
)]

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::ErrorKind;

use nix::unistd::{getegid, geteuid, getgid, getuid};

use crate::text::Language;

/// Type of the auxiliary vector's entry that says whether rights were raised at exec.
const AT_SECURE: u64 = 23;

/// The environment variables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
}

impl Environment {
    /// Reads this process's.
    #[must_use]
    pub fn of_process() -> Self {
        env::vars_os().collect()
    }

    /// Returns a variable as it is.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&OsStr> {
        self.variables
            .get(OsStr::new(name))
            .map(OsString::as_os_str)
    }

    /// Returns a variable; `None` where it is not set or not UTF-8.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.raw(name)?.to_str()
    }

    /// Returns all variables.
    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.variables
            .iter()
            .map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// Returns the language of the locale.
    #[must_use]
    pub fn language(&self) -> Language {
        Language::of_locale(
            self.get("LC_ALL"),
            self.get("LC_MESSAGES"),
            self.get("LANG"),
        )
    }
}

impl<N: Into<OsString>, V: Into<OsString>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        Self {
            variables: variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        }
    }
}

/// Reads one variable, without the others: a passing command must not pay for all of them.
#[must_use]
pub fn variable(name: &str) -> Option<OsString> {
    env::var_os(name)
}

/// Returns whether this program was started with more rights than its caller has: set-user-id,
/// set-group-id, file capabilities.
#[must_use]
pub fn is_privileged() -> bool {
    if getuid() != geteuid() || getgid() != getegid() {
        return true;
    }
    match fs::read("/proc/self/auxv") {
        Ok(vector) => says_secure(&vector),
        // A process with raised rights may not read its own vector; without /proc the ids must do.
        Err(error) => error.kind() == ErrorKind::PermissionDenied,
    }
}

/// Returns whether an auxiliary vector (pairs of type and value, 8 bytes each) says that rights
/// were raised.
fn says_secure(vector: &[u8]) -> bool {
    let mut words = vector
        .as_chunks::<8>()
        .0
        .iter()
        .map(|word| u64::from_ne_bytes(*word));
    while let (Some(kind), Some(value)) = (words.next(), words.next()) {
        if kind == AT_SECURE {
            return value != 0;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    fn vector(pairs: &[(u64, u64)]) -> Vec<u8> {
        let words = pairs.iter().flat_map(|(kind, value)| [*kind, *value]);
        words.flat_map(u64::to_ne_bytes).collect()
    }

    #[test]
    fn the_auxiliary_vector_says_whether_rights_were_raised() {
        assert!(says_secure(&vector(&[(6, 4096), (23, 1), (0, 0)])));
        assert!(!says_secure(&vector(&[(6, 4096), (23, 0), (0, 0)])));
        assert!(!says_secure(&vector(&[(6, 23), (0, 0)])));
    }

    #[test]
    fn a_test_run_is_not_privileged() {
        assert!(!is_privileged());
    }

    #[test]
    fn a_value_that_is_no_text_is_only_there_raw() {
        let odd = OsString::from_vec(vec![0xff]);
        let environment: Environment = [("A", odd.clone())].into_iter().collect();
        assert_eq!(environment.get("A"), None);
        assert_eq!(environment.raw("A"), Some(odd.as_os_str()));
    }

    #[test]
    fn the_first_locale_variable_that_is_set_counts() {
        let environment: Environment = [("LC_ALL", ""), ("LANG", "ja_JP.UTF-8")]
            .into_iter()
            .collect();
        assert_eq!(environment.language(), Language::Japanese);
    }
}
