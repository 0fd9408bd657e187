//! Signal sets, dispositions and waiting, by number.
//!
//! By number because all 64 signals count for what a command inherits, and the safe crates know
//! the 31 classic ones only. A set is 64 bits, bit 0 for signal 1, as the kernel keeps it. All
//! functions here but [`wait`] are safe to call between fork and exec.

#![expect(
    unsafe_code,
    reason = "dispositions, masks and waits exist only as C calls"
)]

use std::ffi::{c_int, c_long};
use std::mem::MaybeUninit;
use std::ptr;
use std::time::Duration;

use nix::libc;

/// Bytes in the kernel's signal set.
const SET_SIZE: usize = size_of::<u64>();

/// A set of signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Signals(u64);

impl Signals {
    /// Every signal.
    pub(super) const ALL: Self = Self(u64::MAX);

    /// Returns the set of these signals.
    pub(super) const fn of(signals: &[c_int]) -> Self {
        let mut bits = 0;
        let mut rest = signals;
        while let [signal, tail @ ..] = rest {
            bits |= 1 << (*signal - 1);
            rest = tail;
        }
        Self(bits)
    }

    /// Returns the set with this bit pattern.
    pub(super) fn of_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// Returns the bit pattern.
    pub(super) fn bits(self) -> u64 {
        self.0
    }

    /// Returns whether `signal` is in it.
    pub(super) fn has(self, signal: c_int) -> bool {
        self.0 & Self::of(&[signal]).0 != 0
    }

    /// Returns the set with the signals of both.
    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns the set without the signals of `other`.
    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Returns the signals in it, in order.
    pub(super) fn iter(self) -> impl Iterator<Item = c_int> {
        (1..=64).filter(move |signal| self.has(*signal))
    }

    /// Returns it as the C library has it.
    fn to_c(self) -> libc::sigset_t {
        let mut set = MaybeUninit::uninit();
        // SAFETY: `set` is writable; the call fills all of it.
        unsafe { libc::sigemptyset(set.as_mut_ptr()) };
        for signal in self.iter() {
            // SAFETY: `set` was filled above; a number that the library keeps for itself fails.
            unsafe { libc::sigaddset(set.as_mut_ptr(), signal) };
        }
        // SAFETY: filled by `sigemptyset`.
        unsafe { set.assume_init() }
    }
}

/// Puts every signal to its default and blocks none. For a child between fork and exec.
pub(crate) fn default_in_child() {
    for signal in Signals::ALL.iter() {
        set(signal, Disposition::Default);
    }
    set_mask(Signals::default());
}

/// What a signal does where no handler is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Disposition {
    /// What the system does with it.
    Default,
    /// Nothing.
    Ignore,
}

/// A disposition as it was, a handler of this program possibly.
#[derive(Clone, Copy)]
pub(super) struct Saved {
    /// Which signal.
    signal: c_int,
    /// As the C library has it.
    action: libc::sigaction,
}

impl std::fmt::Debug for Saved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Saved")
            .field("signal", &self.signal)
            .finish_non_exhaustive()
    }
}

/// Returns the signals that are ignored.
pub(super) fn ignored() -> Signals {
    let is_ignored = |signal: &c_int| {
        read(*signal).is_some_and(|saved| saved.action.sa_sigaction == libc::SIG_IGN)
    };
    let bits = (1..=64)
        .filter(is_ignored)
        .fold(0, |bits, signal| bits | Signals::of(&[signal]).0);
    Signals(bits)
}

/// Sets the disposition of `signal` and returns what it was; `None` where it cannot be set.
pub(super) fn set(signal: c_int, disposition: Disposition) -> Option<Saved> {
    let saved = read(signal)?;
    let mut action = empty();
    action.sa_sigaction = match disposition {
        Disposition::Default => libc::SIG_DFL,
        Disposition::Ignore => libc::SIG_IGN,
    };
    // SAFETY: `action` is complete and names no handler.
    let done = unsafe { libc::sigaction(signal, &raw const action, ptr::null_mut()) };
    (done == 0).then_some(saved)
}

/// Puts a disposition back.
pub(super) fn put_back(saved: &Saved) {
    // SAFETY: `action` came from the same call; a handler in it is still part of this program.
    unsafe { libc::sigaction(saved.signal, &raw const saved.action, ptr::null_mut()) };
}

/// Returns the disposition of `signal`; `None` where the C library keeps it for itself.
fn read(signal: c_int) -> Option<Saved> {
    let mut action = empty();
    // SAFETY: nothing is set, and `action` is writable.
    let done = unsafe { libc::sigaction(signal, ptr::null(), &raw mut action) };
    (done == 0).then_some(Saved { signal, action })
}

/// Returns an action that does the default, with an empty mask and no flags.
fn empty() -> libc::sigaction {
    // SAFETY: all zeros is a valid `sigaction`: SIG_DFL, no flags, empty mask, no restorer.
    unsafe { MaybeUninit::zeroed().assume_init() }
}

/// Returns the mask of blocked signals.
pub(super) fn mask() -> Signals {
    change_mask(libc::SIG_BLOCK, None)
}

/// Sets the mask of blocked signals and returns what it was.
pub(super) fn set_mask(mask: Signals) -> Signals {
    change_mask(libc::SIG_SETMASK, Some(mask))
}

/// Changes the mask by the system call itself: the C library would take two signals out.
fn change_mask(how: c_int, change: Option<Signals>) -> Signals {
    let mut old = 0_u64;
    let new = change.as_ref().map_or(ptr::null(), |set| &raw const set.0);
    // SAFETY: `new` is null or a set of `SET_SIZE` bytes, `old` a writable one.
    unsafe {
        libc::syscall(
            libc::SYS_rt_sigprocmask,
            c_long::from(how),
            new,
            &raw mut old,
            SET_SIZE,
        )
    };
    Signals(old)
}

/// A signal that was waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Received {
    /// Which.
    pub(super) signal: c_int,
    /// Process id of the sender; `None` where the kernel sent it.
    pub(super) sender: Option<libc::pid_t>,
}

/// Waits for one of `signals`, which are blocked, and takes it; `None` when `time` has gone by.
/// Without a time it waits for ever.
pub(super) fn wait(signals: Signals, time: Option<Duration>) -> Option<Received> {
    let set = signals.to_c();
    let limit = time.map(|time| libc::timespec {
        tv_sec: time.as_secs().try_into().unwrap_or(libc::time_t::MAX),
        tv_nsec: time.subsec_nanos().into(),
    });
    let limit = limit.as_ref().map_or(ptr::null(), ptr::from_ref);
    loop {
        let mut about = MaybeUninit::<libc::siginfo_t>::zeroed();
        // SAFETY: `set` is complete, `about` writable, `limit` null or complete.
        let signal = unsafe { libc::sigtimedwait(&raw const set, about.as_mut_ptr(), limit) };
        if signal > 0 {
            // SAFETY: zeroed and then filled by the call.
            let about = unsafe { about.assume_init() };
            // SAFETY: only read where a process sent the signal, and then the field is set.
            let sender = (about.si_code != libc::SI_KERNEL).then(|| unsafe { about.si_pid() });
            return Some(Received { signal, sender });
        }
        // It is interrupted by a stop and continue; then an endless wait goes on.
        if time.is_some() {
            return None;
        }
    }
}

/// Takes all of `signals`, which are blocked, that are pending and returns which they were.
pub(super) fn take_pending(signals: Signals) -> Signals {
    let mut taken = Signals::default();
    while let Some(received) = wait(signals, Some(Duration::ZERO)) {
        taken = taken.with(Signals::of(&[received.signal]));
    }
    taken
}

/// Does to this process what `signal` does by default. Returns where that does not end it: after a
/// stop, or in the first process of a container.
pub(super) fn raise(signal: c_int) {
    let only = Signals::of(&[signal]);
    // Blocked until all is ready, so that the same stop from the terminal at this moment and this
    // one are one stop, not two.
    let mask = set_mask(mask().with(only));
    let saved = set(signal, Disposition::Default);
    let own = nix::unistd::getpid().as_raw();
    // SAFETY: takes numbers alone.
    unsafe { libc::kill(own, signal) };
    set_mask(mask.without(only));
    if let Some(saved) = saved {
        put_back(&saved);
    }
    set_mask(mask);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_hold_all_64_signals() {
        assert_eq!(Signals::of(&[1, 64]).bits(), 0x8000_0000_0000_0001);
        assert_eq!(Signals::of_bits(0b101).iter().collect::<Vec<_>>(), [1, 3]);
        assert!(!Signals::ALL.without(Signals::of(&[9])).has(9));
    }
}
