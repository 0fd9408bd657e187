//! What the gate inherited and its command has to inherit in turn.
//!
//! Saved on the way to a hold, before anything there changes it. On the plain path none of this
//! is needed: nothing was changed.

use std::os::fd::{IntoRawFd as _, RawFd};

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::libc;
use nix::sys::stat::Mode;

use super::signals::{self, Disposition, Signals};

/// Signal dispositions and mask as they came. Descriptors are part of it without being kept here:
/// whatever the gate opens closes at an exec.
#[derive(Debug, Clone, Copy)]
pub struct Inherited {
    /// Signals that were ignored; all others did the default, for handlers do not outlive an exec.
    ignored: Signals,
    /// Signals that were blocked.
    mask: Signals,
}

impl Inherited {
    /// Saves signal dispositions and mask, puts something harmless on those of descriptors 0 to 2
    /// that are closed, so that no file of the gate lands there, ignores SIGPIPE from here on, so
    /// that a message nobody reads does not end the gate, and stops ignoring SIGCHLD, with which
    /// the end of a probe could not be read.
    ///
    /// # Errors
    /// Where no file can be opened.
    pub fn save() -> Result<Self, Errno> {
        fill_streams()?;
        let inherited = Self {
            ignored: signals::ignored(),
            mask: signals::mask(),
        };
        signals::set(libc::SIGPIPE, Disposition::Ignore);
        signals::set(libc::SIGCHLD, Disposition::Default);
        Ok(inherited)
    }

    /// Puts dispositions and mask back. For a child between fork and exec, all signals blocked.
    pub(super) fn restore_in_child(&self) {
        for signal in Signals::ALL.iter() {
            let disposition = if self.ignored.has(signal) {
                Disposition::Ignore
            } else {
                Disposition::Default
            };
            signals::set(signal, disposition);
        }
        signals::set_mask(self.mask);
    }
}

/// Opens something harmless on those of descriptors 0 to 2 that are closed. It closes at an exec,
/// so that a command sees them closed as they were.
fn fill_streams() -> Result<(), Errno> {
    loop {
        let file = open_nothing()?;
        if file > libc::STDERR_FILENO {
            return nix::unistd::close(file);
        }
    }
}

/// Opens the null device; in a root without one, the root folder, which takes no byte either.
pub(super) fn open_nothing() -> Result<RawFd, Errno> {
    open("/dev/null", OFlag::O_RDWR | OFlag::O_CLOEXEC, Mode::empty())
        .or_else(|_| open("/", OFlag::O_RDONLY | OFlag::O_CLOEXEC, Mode::empty()))
        .map(std::os::fd::OwnedFd::into_raw_fd)
}
