//! The controlling terminal as a device: opening, modes, reading and writing without waiting.
//!
//! Bytes in, bytes out; what they mean is `keys`' and `layout`'s. The descriptor is this program's
//! own opening of `/dev/tty`, so that setting it non-blocking changes nothing for the command.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::Mode;
use nix::sys::termios::{
    FlushArg, InputFlags, LocalFlags, OutputFlags, SetArg, SpecialCharacterIndices, Termios,
    tcdrain, tcflush, tcgetattr, tcsetattr,
};
use nix::unistd::{getpgrp, tcgetpgrp};

use super::size::{self, Size};

/// An open terminal, with the modes of before while the dialogue's own are set.
#[derive(Debug)]
pub(super) struct Device {
    /// Read and write, close-on-exec, non-blocking, never 0 to 2.
    fd: OwnedFd,
    /// The modes to put back; `None` while nothing was changed.
    before: Option<Termios>,
}

/// What happened while waiting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Ready {
    /// The terminal can be read (or written, where that was waited for).
    pub(super) terminal: bool,
    /// The terminal is no more.
    pub(super) hung_up: bool,
}

impl Device {
    /// Opens the controlling terminal; `None` where there is none.
    pub(super) fn open() -> Option<Self> {
        let flags = OFlag::O_RDWR | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
        let fd = open("/dev/tty", flags, Mode::empty()).ok()?;
        let device = Self {
            fd: above_standard(fd).ok()?,
            before: None,
        };
        tcgetattr(&device.fd).ok()?;
        Some(device)
    }

    /// Returns columns and rows.
    pub(super) fn size(&self) -> Size {
        size::of(self.fd.as_fd())
    }

    /// Returns whether this process may talk to the terminal now.
    pub(super) fn is_foreground(&self) -> bool {
        tcgetpgrp(&self.fd).is_ok_and(|group| group == getpgrp())
    }

    /// Sets the dialogue's modes: keys one by one and without echo, Ctrl-C and Ctrl-Z as signals.
    /// In the background nothing is changed.
    pub(super) fn set_modes(&mut self) -> nix::Result<()> {
        if !self.is_foreground() {
            return Ok(());
        }
        let before = match &self.before {
            Some(before) => before.clone(),
            None => tcgetattr(&self.fd)?,
        };
        retried(|| tcsetattr(&self.fd, SetArg::TCSADRAIN, &dialogue_modes(&before)))?;
        self.before = Some(before);
        Ok(())
    }

    /// Puts the modes back. In the background nothing is changed: the modes are the shell's then,
    /// and trying would stop this process.
    pub(super) fn put_modes_back(&mut self) {
        if let Some(before) = self.before.take()
            && self.is_foreground()
        {
            // A terminal that is gone has no modes.
            let _ = retried(|| tcsetattr(&self.fd, SetArg::TCSADRAIN, &before));
        }
    }

    /// Waits until all that was written is out.
    pub(super) fn wait_written(&self) {
        // Cut short by a signal, the next look at the signals says which.
        let _ = tcdrain(&self.fd);
    }

    /// Throws away what was typed and not read.
    pub(super) fn discard_typed(&self) {
        let _ = tcflush(&self.fd, FlushArg::TCIFLUSH);
    }

    /// Reads what is there, at most one buffer; empty where nothing is.
    ///
    /// # Errors
    /// `EIO` where the terminal is gone, or this process is in the background and cannot be stopped.
    pub(super) fn read(&self) -> nix::Result<Vec<u8>> {
        let mut buffer = vec![0_u8; 4096];
        match nix::unistd::read(&self.fd, &mut buffer) {
            Ok(0) => Err(Errno::EIO),
            Ok(length) => {
                buffer.truncate(length);
                Ok(buffer)
            }
            Err(Errno::EAGAIN | Errno::EINTR) => Ok(Vec::new()),
            Err(errno) => Err(errno),
        }
    }

    /// Writes as much as goes at once; returns the number of bytes.
    pub(super) fn write(&self, bytes: &[u8]) -> nix::Result<usize> {
        match nix::unistd::write(&self.fd, bytes) {
            Err(Errno::EAGAIN | Errno::EINTR) => Ok(0),
            other => other,
        }
    }

    /// Waits until there is something to read, `wake` is readable, or `limit` has gone by.
    pub(super) fn wait_readable(
        &self,
        wake: Option<BorrowedFd<'_>>,
        limit: Option<Duration>,
    ) -> Ready {
        self.wait(PollFlags::POLLIN, wake, limit)
    }

    /// Waits until there is room to write, `wake` is readable, or `limit` has gone by.
    pub(super) fn wait_writable(
        &self,
        wake: Option<BorrowedFd<'_>>,
        limit: Option<Duration>,
    ) -> Ready {
        self.wait(PollFlags::POLLOUT, wake, limit)
    }

    /// Waits without looking at what is typed: until `wake` is readable, the terminal is gone, or
    /// `limit` has gone by.
    pub(super) fn wait_quietly(
        &self,
        wake: Option<BorrowedFd<'_>>,
        limit: Option<Duration>,
    ) -> Ready {
        self.wait(PollFlags::empty(), wake, limit)
    }

    /// Polls once.
    fn wait(
        &self,
        events: PollFlags,
        wake: Option<BorrowedFd<'_>>,
        limit: Option<Duration>,
    ) -> Ready {
        let timeout = limit.map_or(PollTimeout::NONE, |limit| {
            PollTimeout::try_from(limit).unwrap_or(PollTimeout::MAX)
        });
        let mut all = vec![PollFd::new(self.fd.as_fd(), events)];
        all.extend(wake.map(|wake| PollFd::new(wake, PollFlags::POLLIN)));
        if poll(&mut all, timeout).is_err() {
            // Interrupted: the signals say by what.
            return Ready::default();
        }
        let seen = all
            .first()
            .and_then(PollFd::revents)
            .unwrap_or(PollFlags::empty());
        Ready {
            terminal: seen.intersects(events),
            hung_up: seen.intersects(PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL),
        }
    }
}

/// Moves a descriptor out of 0 to 2: where one of these was closed, the command must find it closed.
pub(super) fn above_standard(fd: OwnedFd) -> nix::Result<OwnedFd> {
    if fd.as_raw_fd() > 2 {
        return Ok(fd);
    }
    // Duplicates from 3 up, close-on-exec.
    fd.try_clone()
        .map_err(|error| error.raw_os_error().map_or(Errno::EMFILE, Errno::from_raw))
}

/// Returns the dialogue's modes, made from those of before.
fn dialogue_modes(before: &Termios) -> Termios {
    let mut modes = before.clone();
    modes
        .local_flags
        .remove(LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ECHONL | LocalFlags::IEXTEN);
    modes.local_flags.insert(LocalFlags::ISIG);
    modes.input_flags.remove(InputFlags::ISTRIP);
    modes
        .output_flags
        .insert(OutputFlags::OPOST | OutputFlags::ONLCR);
    for (index, value) in [
        (SpecialCharacterIndices::VMIN, 1),
        (SpecialCharacterIndices::VTIME, 0),
    ] {
        if let Some(slot) = modes.control_chars.get_mut(index as usize) {
            *slot = value;
        }
    }
    modes
}

/// Calls again while a signal cuts in.
fn retried(mut call: impl FnMut() -> nix::Result<()>) -> nix::Result<()> {
    loop {
        match call() {
            Err(Errno::EINTR) => {}
            other => return other,
        }
    }
}
