//! The environment of a probe: plain, but for what says which cluster, account or agent counts.

#![expect(
    clippy::disallowed_methods,
    reason = "the one place where a probe's environment is taken from the caller's"
)]

use std::env;
use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt as _;

use crate::policy::around::says_where;

/// The search path of a probe, here and on other hosts.
pub(super) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Variables that are kept beside those that say which cluster, account or server counts.
/// `SSH_CONNECTION` is what a change of the network may cut: the operator's own way in.
const KEPT: [&str; 3] = ["HOME", "SSH_AUTH_SOCK", "SSH_CONNECTION"];

/// Returns the environment of a probe, each entry `NAME=value`.
pub(super) fn plain() -> Vec<CString> {
    let fixed = [format!("PATH={PATH}"), "LC_ALL=C".to_owned()];
    let kept = env::vars_os()
        .filter(|(name, _)| is_kept(name))
        .map(|(name, value)| [name.as_bytes(), b"=", value.as_bytes()].concat());
    // None of them holds a NUL byte: they came through an environment.
    fixed
        .into_iter()
        .map(String::into_bytes)
        .chain(kept)
        .filter_map(|entry| CString::new(entry).ok())
        .collect()
}

/// Returns the folder for private sockets, where the caller's session has one.
pub(super) fn runtime_folder() -> Option<std::path::PathBuf> {
    env::var_os("XDG_RUNTIME_DIR").map(Into::into)
}

/// Returns whether a variable is kept.
fn is_kept(name: &OsStr) -> bool {
    let is_named = |name: &str| KEPT.contains(&name) || says_where(name);
    name.to_str().is_some_and(is_named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_says_where_to_look_is_kept() {
        for name in [
            "HOME",
            "KUBECONFIG",
            "AWS_PROFILE",
            "CLOUDSDK_CONFIG",
            "AZURE_X",
            "DOCKER_HOST",
            "PGHOST",
            "SSH_CONNECTION",
        ] {
            assert!(is_kept(OsStr::new(name)), "{name}");
        }
        for name in [
            "PATH",
            "LC_ALL",
            "LD_PRELOAD",
            "ENV",
            "BASH_ENV",
            "HOMES",
            "SSH_ORIGINAL_COMMAND",
            "KANMON_X",
            "",
        ] {
            assert!(!is_kept(OsStr::new(name)), "{name}");
        }
    }
}
