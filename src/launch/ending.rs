//! How a command ended, and how the gate ends alike.

use std::ffi::c_int;

use nix::libc;
use nix::sys::resource::{Resource, setrlimit};

use super::signals;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with this status, 0 to 255.
    Exited(c_int),
    /// By a signal.
    Killed {
        /// Which.
        signal: c_int,
        /// Whether it left a core.
        core: bool,
    },
}

impl Ending {
    /// Returns the exit status, where it ended by itself.
    #[must_use]
    pub fn status(self) -> Option<i32> {
        match self {
            Self::Exited(status) => Some(status),
            Self::Killed { .. } => None,
        }
    }

    /// Returns the signal that it died of.
    #[must_use]
    pub fn signal(self) -> Option<i32> {
        match self {
            Self::Exited(_) => None,
            Self::Killed { signal, .. } => Some(signal),
        }
    }

    /// Returns whether it ended well.
    #[must_use]
    pub fn is_success(self) -> bool {
        self == Self::Exited(0)
    }
}

/// Dies of the signal that the command died of, or returns its exit status for `main` to return.
///
/// The first process of a container cannot die of most signals; then it is 128 and the signal.
pub fn die_as(ending: Ending) -> c_int {
    match ending {
        Ending::Exited(status) => status,
        Ending::Killed { signal, .. } => {
            // The command's core is the one that tells something: the gate leaves none. The limit
            // alone does not keep a core from a program that collects them (core(5)).
            let _ = setrlimit(Resource::RLIMIT_CORE, 0, 0);
            let _ = nix::sys::prctl::set_dumpable(false);
            signals::raise(signal);
            128 + signal
        }
    }
}

/// Returns how a process ended, from the status that waiting for it gave; `None` where it was
/// stopped or continued.
pub(super) fn of_wait(status: c_int) -> Option<Ending> {
    if libc::WIFEXITED(status) {
        return Some(Ending::Exited(libc::WEXITSTATUS(status)));
    }
    libc::WIFSIGNALED(status).then(|| Ending::Killed {
        signal: libc::WTERMSIG(status),
        core: libc::WCOREDUMP(status),
    })
}
