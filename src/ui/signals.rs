//! The signals of a dialogue: noted while it is open, and put back exactly as they were.
//!
//! A handler sets a bit and writes one byte into a pipe that the reader polls; nothing else happens
//! in it. A disposition that was *ignore* (SIGHUP under `nohup`) stays so. `signal-hook` is not used
//! here: it never gives a disposition back, and a signal that it believes to own would later be
//! lost to `launch`. The handlers hold for the whole process, so one dialogue is open at a time.
#![expect(
    unsafe_code,
    reason = "dispositions can be set and given back exactly only through sigaction(2)"
)]

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc;
use nix::sys::signal::{self, SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal};

use crate::gate::Gone;

use super::device::above_standard;

/// Signals noted while a dialogue is open.
const NOTED: [Signal; 7] = [
    Signal::SIGINT,
    Signal::SIGQUIT,
    Signal::SIGHUP,
    Signal::SIGTERM,
    Signal::SIGTSTP,
    Signal::SIGCONT,
    Signal::SIGWINCH,
];

/// Signals that end a dialogue, the one that counts most first.
const ENDING: [(Signal, Gone); 4] = [
    (Signal::SIGTERM, Gone::Terminated),
    (Signal::SIGHUP, Gone::HungUp),
    (Signal::SIGINT, Gone::Interrupted),
    (Signal::SIGQUIT, Gone::Quit),
];

/// One bit a signal that came and was not yet taken.
static PENDING: AtomicU64 = AtomicU64::new(0);
/// The descriptor into which a handler writes, -1 before there is one.
static WAKE: AtomicI32 = AtomicI32::new(-1);
/// Both ends of the pipe. Made once and never closed: a handler may still be about to write.
static PIPE: OnceLock<(OwnedFd, OwnedFd)> = OnceLock::new();

/// Handlers that are installed; dropping puts back what was there.
#[derive(Debug)]
pub(super) struct Signals {
    /// What was there, in the order of installing.
    earlier: Vec<(Signal, SigAction)>,
    /// The signal mask of before.
    mask: Option<SigSet>,
}

impl Signals {
    /// Installs the handlers.
    ///
    /// # Errors
    /// What the system says where there is no pipe or no handler to be had.
    pub(super) fn install() -> nix::Result<Self> {
        wake_pipe()?;
        let mut signals = Self {
            earlier: Vec::with_capacity(NOTED.len()),
            mask: None,
        };
        for signal in NOTED {
            let earlier = install(signal, &noting())?;
            if matches!(earlier.handler(), SigHandler::SigIgn) {
                install(signal, &earlier)?;
                take(signal);
            } else {
                signals.earlier.push((signal, earlier));
            }
        }
        // A caller may have left Ctrl-C or Ctrl-Z blocked; at a prompt they have to work.
        let mut open: SigSet = NOTED.into_iter().collect();
        open.add(Signal::SIGTTIN);
        open.add(Signal::SIGTTOU);
        signals.mask = open.thread_swap_mask(SigmaskHow::SIG_UNBLOCK).ok();
        Ok(signals)
    }

    /// Returns the end of the pipe that becomes readable when a signal came.
    pub(super) fn wake(&self) -> Option<BorrowedFd<'_>> {
        PIPE.get().map(|(read, _)| read.as_fd())
    }

    /// Empties the pipe; the signals stay noted.
    pub(super) fn drain(&self) {
        let mut sink = [0_u8; 64];
        if let Some((read, _)) = PIPE.get() {
            while matches!(nix::unistd::read(read, &mut sink), Ok(n) if n > 0) {}
        }
    }

    /// Returns how the dialogue ends where an ending signal came. It stays noted, so that every
    /// later look gives the same.
    pub(super) fn ending(&self) -> Option<Gone> {
        let pending = PENDING.load(Ordering::SeqCst);
        ENDING
            .into_iter()
            .find(|(signal, _)| pending & bit(*signal as i32) != 0)
            .map(|(_, gone)| gone)
    }

    /// Returns whether Ctrl-Z came, and forgets it.
    pub(super) fn take_stop(&self) -> bool {
        take(Signal::SIGTSTP)
    }

    /// Returns whether the process was continued, and forgets it.
    pub(super) fn take_continued(&self) -> bool {
        take(Signal::SIGCONT)
    }

    /// Returns whether the terminal changed its size, and forgets it.
    pub(super) fn take_resized(&self) -> bool {
        take(Signal::SIGWINCH)
    }

    /// Stops this process as Ctrl-Z would without a handler; returns when it was continued.
    ///
    /// The terminal has sent SIGTSTP to the whole group, so only this process is left to stop.
    pub(super) fn stop(&self) {
        let Some((_, earlier)) = self
            .earlier
            .iter()
            .find(|(signal, _)| *signal == Signal::SIGTSTP)
        else {
            return;
        };
        if install(Signal::SIGTSTP, earlier).is_ok() {
            // A failure leaves the process running, and the question is drawn again.
            let _ = signal::raise(Signal::SIGTSTP);
            let _ = install(Signal::SIGTSTP, &noting());
        }
    }

    /// Puts back all that was there; a second call does nothing.
    pub(super) fn put_back(&mut self) {
        for (signal, earlier) in self.earlier.drain(..).rev() {
            // Nothing can be done about a refusal, and the system has none for a known signal.
            let _ = install(signal, &earlier);
        }
        if let Some(mask) = self.mask.take() {
            let _ = mask.thread_set_mask();
        }
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.put_back();
        PENDING.store(0, Ordering::SeqCst);
    }
}

/// Has this process ignore Ctrl-Z from now on, in its dialogues, too.
pub(crate) fn ignore_stops() {
    let ignored = SigAction::new(SigHandler::SigIgn, SaFlags::empty(), SigSet::empty());
    // Nothing can be done about a refusal, and the system has none for a known signal.
    let _ = install(Signal::SIGTSTP, &ignored);
}

/// Makes the pipe unless there is one.
fn wake_pipe() -> nix::Result<()> {
    if PIPE.get().is_none() {
        let (read, write) = nix::unistd::pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK)?;
        let pipe = (above_standard(read)?, above_standard(write)?);
        WAKE.store(pipe.1.as_raw_fd(), Ordering::SeqCst);
        // Two dialogues opened at once would both come here; the second finds the pipe taken.
        if PIPE.set(pipe).is_err() {
            return Err(Errno::EBUSY);
        }
    }
    Ok(())
}

/// Returns the disposition that notes a signal. Reading and writing elsewhere in the process is
/// restarted; `poll` never is.
fn noting() -> SigAction {
    SigAction::new(
        SigHandler::Handler(note),
        SaFlags::SA_RESTART,
        SigSet::empty(),
    )
}

/// Sets a disposition and returns the one of before.
fn install(signal: Signal, action: &SigAction) -> nix::Result<SigAction> {
    // SAFETY: the handler is either `note`, which calls only what signal-safety(7) allows, or what
    // the system itself gave as the earlier disposition of this very signal.
    unsafe { signal::sigaction(signal, action) }
}

/// The handler.
extern "C" fn note(number: libc::c_int) {
    let errno = Errno::last_raw();
    PENDING.fetch_or(bit(number), Ordering::SeqCst);
    let wake = WAKE.load(Ordering::SeqCst);
    if wake >= 0 {
        // SAFETY: write(2) is async-signal-safe, the byte is static, and the pipe is never closed.
        // A full pipe is awake already.
        let _ = unsafe { libc::write(wake, b"!".as_ptr().cast(), 1) };
    }
    Errno::set_raw(errno);
}

/// Returns the bit of a signal.
fn bit(number: i32) -> u64 {
    u32::try_from(number)
        .ok()
        .and_then(|shift| 1_u64.checked_shl(shift))
        .unwrap_or(0)
}

/// Returns whether a signal came, and forgets it.
fn take(signal: Signal) -> bool {
    let bit = bit(signal as i32);
    PENDING.fetch_and(!bit, Ordering::SeqCst) & bit != 0
}
