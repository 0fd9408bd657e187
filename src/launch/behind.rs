//! A process of the gate's own stays behind when the gate itself has to end.
//!
//! A shell waits for the gate's exit status before it runs its line. What the gate is still to do
//! when the line has ended is done by a copy of it, which nobody waits for and which holds nothing
//! open of what the gate was given.

use std::fs;
use std::os::fd::RawFd;

use nix::errno::Errno;
use nix::libc;
use nix::unistd::{Pid, close, setpgid};

use super::{inherited, process};

/// Leaves a copy of this process behind that does `work` and ends. It is in no job of the shell's
/// until it [joins] one.
///
/// [joins]: join
///
/// # Errors
/// Where there can be no such process.
pub fn leave_behind(work: impl FnOnce()) -> Result<(), Errno> {
    // The copy of a process with several threads may make system calls and no more.
    if n_threads() != Some(1) {
        return Err(Errno::EAGAIN);
    }
    process::fork(|| {
        // A leader of a session is in no other group; then it stays in its own.
        let _ = setpgid(Pid::from_raw(0), Pid::from_raw(0));
        if let_go_of_inherited().is_err() {
            return 1;
        }
        work();
        0
    })
    .map(drop)
}

/// Joins the job of `other`, so that the terminal is this process's too and Ctrl-C ends it.
///
/// # Errors
/// Where `other` is gone or in another session.
pub fn join(other: Pid) -> Result<(), Errno> {
    let group = nix::unistd::getpgid(Some(other))?;
    setpgid(Pid::from_raw(0), group)
}

/// Returns how many threads this process has; `None` where the host does not say.
fn n_threads() -> Option<usize> {
    Some(fs::read_dir("/proc/self/task").ok()?.count())
}

/// Closes what this process was given: who reads a pipe's end must not wait for it. What the gate
/// opened itself closes at an exec, and is told apart by that.
fn let_go_of_inherited() -> Result<(), Errno> {
    let nothing = inherited::open_nothing()?;
    for stream in libc::STDIN_FILENO..=libc::STDERR_FILENO {
        process::put_private_descriptor(nothing, stream)?;
    }
    let listed = fs::read_dir("/proc/self/fd").map_err(|_| Errno::EBADF)?;
    let numbers = listed.flatten().filter_map(|entry| {
        let number: RawFd = entry.file_name().to_str()?.parse().ok()?;
        (number > libc::STDERR_FILENO).then_some(number)
    });
    for number in numbers.collect::<Vec<RawFd>>() {
        if process::stays_open(number) {
            close(number)?;
        }
    }
    Ok(())
}
