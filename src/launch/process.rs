//! Fork, exec and wait, with arguments made ready beforehand.
//!
//! What runs between fork and exec may not allocate or take a lock: another thread may have held
//! it. Callers of [`fork`] keep to system calls, or know that there is no other thread.

#![expect(unsafe_code, reason = "fork, exec and wait exist only as C calls")]

use std::ffi::{CStr, CString, c_char, c_int, c_uint};
use std::marker::PhantomData;
use std::ptr;

use nix::errno::Errno;
use nix::libc;
use nix::unistd::{ForkResult, Pid};

use super::ending::{self, Ending};

/// A null-terminated array of arguments.
#[derive(Debug)]
pub(crate) struct Argv<'a> {
    /// The pointers, a null pointer last.
    pointers: Vec<*const c_char>,
    /// What they point to.
    strings: PhantomData<&'a CStr>,
}

impl<'a> Argv<'a> {
    /// Makes the array of these arguments.
    pub(crate) fn new(strings: &'a [CString]) -> Self {
        let pointers = strings.iter().map(|string| string.as_ptr());
        Self {
            pointers: pointers.chain([ptr::null()]).collect(),
            strings: PhantomData,
        }
    }
}

/// The process's own environment with one entry of its own.
#[derive(Debug)]
pub(super) struct Environ<'a> {
    /// The pointers, a null pointer last.
    pointers: Vec<*const c_char>,
    /// What the own entry points to.
    entry: PhantomData<&'a CStr>,
}

impl<'a> Environ<'a> {
    /// Takes the environment as it came, in order, but for entries of the same name as `entry`,
    /// `NAME=VALUE`, which stands at the end.
    pub(super) fn with(entry: &'a CStr) -> Self {
        let bytes = entry.to_bytes();
        let end = bytes.iter().position(|byte| *byte == b'=');
        let name = bytes.get(..end.map_or(bytes.len(), |end| end + 1));
        let mut pointers = Vec::new();
        // SAFETY: nothing in this program changes the environment, in whatever thread.
        let mut place = unsafe { environ };
        while !place.is_null() {
            // SAFETY: `place` is within the array, which ends with a null pointer.
            let pointer = unsafe { *place };
            if pointer.is_null() {
                break;
            }
            // SAFETY: entries are C strings that live as long as the process.
            let one = unsafe { CStr::from_ptr(pointer) };
            if !name.is_some_and(|name| one.to_bytes().starts_with(name)) {
                pointers.push(pointer);
            }
            // SAFETY: the null pointer at the end was not reached.
            place = unsafe { place.add(1) };
        }
        pointers.push(entry.as_ptr());
        pointers.push(ptr::null());
        Self {
            pointers,
            entry: PhantomData,
        }
    }
}

unsafe extern "C" {
    /// The environment, as the kernel built it.
    static environ: *const *const c_char;
}

/// Starts a process that runs `child` and ends with the status that it returns. `child` makes
/// system calls and nothing else, unless this process has one thread.
pub(crate) fn fork(child: impl FnOnce() -> c_int) -> Result<Pid, Errno> {
    // SAFETY: the child runs `child`, which by contract is safe there, and ends.
    match unsafe { nix::unistd::fork() }? {
        ForkResult::Parent { child } => Ok(child),
        ForkResult::Child => {
            let status = child();
            // SAFETY: ends the process without running anything of its parent's.
            unsafe { libc::_exit(status) }
        }
    }
}

/// Becomes `program`, found as a shell would find it, with these arguments and the process's own
/// environment as it came. Returns only where that failed.
pub(crate) fn exec(program: &CStr, argv: &Argv<'_>) -> Errno {
    // SAFETY: a C string and a null-terminated array of C strings that outlive the call.
    unsafe { libc::execvp(program.as_ptr(), argv.pointers.as_ptr()) };
    Errno::last()
}

/// Becomes `program` as [`exec`] does, with this environment.
pub(super) fn exec_in(program: &CStr, argv: &Argv<'_>, environment: &Environ<'_>) -> Errno {
    let (argv, environment) = (argv.pointers.as_ptr(), environment.pointers.as_ptr());
    // SAFETY: a C string and two null-terminated arrays of C strings that outlive the call.
    unsafe { libc::execvpe(program.as_ptr(), argv, environment) };
    Errno::last()
}

/// Becomes the program at this path, with these arguments and this environment and no other.
/// Returns only where that failed.
pub(crate) fn exec_with(program: &CStr, argv: &Argv<'_>, environment: &Argv<'_>) -> Errno {
    let environment = environment.pointers.as_ptr();
    // SAFETY: a C string and two null-terminated arrays of C strings that outlive the call.
    unsafe { libc::execve(program.as_ptr(), argv.pointers.as_ptr(), environment) };
    Errno::last()
}

/// What became of a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nothing new.
    None,
    /// It was stopped by this signal.
    Stopped(c_int),
    /// It goes on after a stop.
    Continued,
    /// It ended.
    Ended(Ending),
}

/// What a look at a child asks for, besides its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Looked {
    /// Stops and continuing.
    AtEverything,
    /// Continuing.
    AtContinuing,
}

/// Returns what has become of a child since the last look, without waiting.
pub(crate) fn look(child: Pid, looked: Looked) -> Change {
    let flags = match looked {
        Looked::AtEverything => libc::WUNTRACED | libc::WCONTINUED,
        Looked::AtContinuing => libc::WCONTINUED,
    };
    match wait(child, flags | libc::WNOHANG) {
        Ok(None) => Change::None,
        Ok(Some(status)) if libc::WIFSTOPPED(status) => Change::Stopped(libc::WSTOPSIG(status)),
        Ok(Some(status)) => ending::of_wait(status).map_or(Change::Continued, Change::Ended),
        // It was reaped behind the gate's back, which nothing in this program does: how it ended
        // is lost, and the gate has failed.
        Err(_) => Change::Ended(Ending::Exited(125)),
    }
}

/// Waits for the end of a child and returns whether its status is 0.
pub(crate) fn ends_well(child: Pid) -> bool {
    matches!(wait(child, 0), Ok(Some(status)) if ending::of_wait(status) == Some(Ending::Exited(0)))
}

/// Waits for the end of a child whose status nobody wants to know.
pub(crate) fn bury(child: Pid) {
    let _ = wait(child, 0);
}

/// Returns the status of a child, `None` where there is no news of it.
pub(super) fn wait(child: Pid, flags: c_int) -> Result<Option<c_int>, Errno> {
    loop {
        let mut status = 0;
        // SAFETY: `status` is writable.
        let found = unsafe { libc::waitpid(child.as_raw(), &raw mut status, flags) };
        match Errno::result(found) {
            Ok(0) => return Ok(None),
            Ok(_) => return Ok(Some(status)),
            Err(Errno::EINTR) => {}
            Err(cause) => return Err(cause),
        }
    }
}

/// Sends a signal to a process; one that has ended does not mind.
pub(crate) fn send(to: Pid, signal: c_int) {
    // SAFETY: takes numbers alone.
    unsafe { libc::kill(to.as_raw(), signal) };
}

/// Makes `from` descriptor `to`, which stays open over an exec.
pub(crate) fn put_descriptor(from: c_int, to: c_int) -> Result<(), Errno> {
    if from == to {
        // SAFETY: takes numbers alone.
        return Errno::result(unsafe { libc::fcntl(to, libc::F_SETFD, 0) }).map(drop);
    }
    // SAFETY: takes numbers alone; who owned `to` in this process ends with the exec.
    Errno::result(unsafe { libc::dup2(from, to) }).map(drop)
}

/// Makes `from` descriptor `to`, which an exec closes.
pub(super) fn put_private_descriptor(from: c_int, to: c_int) -> Result<(), Errno> {
    // SAFETY: takes numbers alone; `to` is a standard stream, which nobody owns.
    Errno::result(unsafe { libc::dup3(from, to, libc::O_CLOEXEC) }).map(drop)
}

/// Returns whether this descriptor is there and stays open over an exec.
pub(super) fn stays_open(descriptor: c_int) -> bool {
    // SAFETY: takes numbers alone.
    unsafe { libc::fcntl(descriptor, libc::F_GETFD) == 0 }
}

/// Closes every descriptor but these, which stand in ascending order.
pub(crate) fn close_all_but(keep: &[c_int]) {
    let mut first = 0;
    for kept in keep.iter().copied().map(c_int::cast_unsigned) {
        close_range(first, kept.checked_sub(1));
        first = kept + 1;
    }
    close_range(first, Some(c_uint::MAX));
}

/// Closes the descriptors from `first` to `last`, both included.
fn close_range(first: c_uint, last: Option<c_uint>) {
    let Some(last) = last.filter(|last| *last >= first) else {
        return;
    };
    // SAFETY: takes numbers alone; called in a child that uses none of them any more.
    let done = unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
    if done != 0 {
        // A kernel before 5.9.
        for fd in (first..=last.min(1024)).map(c_uint::cast_signed) {
            // SAFETY: as above.
            unsafe { libc::close(fd) };
        }
    }
}

/// Takes a descriptor that a call has just returned into ownership.
#[cfg(test)]
pub(super) fn adopt(descriptor: c_int) -> std::os::fd::OwnedFd {
    use std::os::fd::FromRawFd as _;
    // SAFETY: by contract it was just made and nobody else owns it.
    unsafe { std::os::fd::OwnedFd::from_raw_fd(descriptor) }
}
