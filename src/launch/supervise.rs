//! A held command runs as the gate's child, and the gate behaves as if it were the command.
//!
//! In: the proof that it may start, its argv, what it has to inherit. Out: how it ended. Which
//! signal goes where, while it runs:
//!
//! | signal | gate | command |
//! | --- | --- | --- |
//! | INT, QUIT | ignores it | gets the terminal's own |
//! | TSTP, TTIN, TTOU | ignores it, stops when the command has stopped | gets the terminal's own |
//! | CONT | continues the command where that has not happened yet | |
//! | TERM, HUP, USR1, USR2 to the group | ignores it | has it already |
//! | TERM, HUP, USR1, USR2 to the gate alone | forwards it once | gets it from the gate |
//! | HUP from the kernel, which tells a session's leader alone that its terminal went away | forwards it once | gets it from the gate |
//! | the same, from the command | ignores it: a command does not kill itself by way of the gate | |
//! | KILL | dies | goes on |
//! | WINCH | nothing | gets the terminal's own |
//!
//! The command stays in the gate's process group and session; the terminal's foreground group is
//! never changed.

use std::ffi::{CStr, CString};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc;
use nix::unistd::{Pid, pipe2, read, write};

use crate::gate::Ready;

use super::canary::Canary;
use super::ending::Ending;
use super::error::LaunchError;
use super::inherited::{self, Inherited};
use super::process::{self, Argv, Change, Environ, Looked};
use super::raw::RawArgs;
use super::signals::{self, Disposition, Received, Saved, Signals};
use super::untouched::SHELL;

/// Signals that are forwarded where they were sent to the gate alone.
const FORWARDED: Signals =
    Signals::of(&[libc::SIGTERM, libc::SIGHUP, libc::SIGUSR1, libc::SIGUSR2]);

/// Signals that the gate waits for.
const AWAITED: Signals = Signals::of(&[
    libc::SIGTERM,
    libc::SIGHUP,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGCHLD,
]);

/// Signals that the gate ignores meanwhile.
const IGNORED: [i32; 6] = [
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGTSTP,
    libc::SIGTTIN,
    libc::SIGTTOU,
    libc::SIGPIPE,
];

/// How long the gate waits, after a signal came to it, for the same one to the whole group:
/// timeout(1) sends both, one after the other.
const GRACE: Duration = Duration::from_millis(20);

/// A command to supervise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What is executed: a path, or a name to be found on `PATH`.
    pub program: CString,
    /// Its arguments, its own name first.
    pub argv: Vec<CString>,
}

impl Command {
    /// Returns the command that begins at argument `first`.
    #[must_use]
    pub fn of_args(args: RawArgs, first: usize) -> Self {
        let tail = (first..args.count()).filter_map(|index| args.get(index));
        Self {
            program: args.get(first).map(CString::from).unwrap_or_default(),
            argv: tail.map(CString::from).collect(),
        }
    }

    /// Returns `sh -c` with argument `line` as its text and what follows as the text's `$0`, ….
    #[must_use]
    pub fn of_line(args: RawArgs, line: usize) -> Self {
        let mut argv = vec![CString::from(c"sh"), CString::from(c"-c")];
        // A text that begins like an option would be taken for one.
        if let Some([b'-' | b'+', ..]) = args.bytes(line) {
            argv.push(CString::from(c"--"));
        }
        argv.extend(Self::of_args(args, line).argv);
        Self {
            program: CString::from(SHELL),
            argv,
        }
    }
}

/// What is told while a command is supervised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// The program has been executed, in the process with this id.
    Started(i32),
    /// It has ended. The gate's signals are still as they were while it ran, so that a second
    /// Ctrl-C does not end the gate before the end is recorded.
    Ended(Ending),
}

/// Starts the command, stays beside it until it ends, and tells of both. Its environment is the
/// gate's own with the entry `variable`, `NAME=VALUE`, in place of any other of that name.
///
/// # Errors
/// Where it did not start; then nothing of it has run.
pub fn supervise(
    ready: Ready,
    command: &Command,
    variable: &CStr,
    inherited: &Inherited,
    tell: &mut dyn FnMut(News),
) -> Result<Ending, LaunchError> {
    // The proof is used up: one proof, one start.
    drop(ready);
    run(command, variable, inherited, tell)
}

/// Does what [`supervise`] does, its proof taken.
fn run(
    command: &Command,
    variable: &CStr,
    inherited: &Inherited,
    tell: &mut dyn FnMut(News),
) -> Result<Ending, LaunchError> {
    let quiet = Quiet::begin();
    let cannot_start = |cause| LaunchError::NoProcess { cause };
    let canary = Canary::start(FORWARDED).map_err(cannot_start)?;
    let child = start(command, variable, inherited)?;
    quiet.listen();
    let _ = let_go_of_streams();
    tell(News::Started(child.as_raw()));
    let ending = follow(child, &canary);
    tell(News::Ended(ending));
    Ok(ending)
}

/// The gate's signals while it supervises; on drop all is as it was.
#[derive(Debug)]
pub(super) struct Quiet {
    /// The mask before.
    mask: Signals,
    /// Dispositions before.
    saved: Vec<Saved>,
}

impl Quiet {
    /// Blocks everything, until the command was started, and sets what is ignored meanwhile.
    pub(super) fn begin() -> Self {
        let mask = signals::set_mask(Signals::ALL);
        // NOTE: with SIGCHLD ignored, as it can be inherited, a child's end could not be read.
        let dispositions = IGNORED
            .map(|signal| (signal, Disposition::Ignore))
            .into_iter()
            .chain([(libc::SIGCHLD, Disposition::Default)]);
        let saved = dispositions
            .filter_map(|(signal, disposition)| signals::set(signal, disposition))
            .collect();
        Self { mask, saved }
    }

    /// Lets come what was not blocked before, but for what is waited for.
    fn listen(&self) {
        signals::set_mask(self.mask.with(AWAITED));
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        signals::set_mask(Signals::ALL);
        // What came too late to be forwarded was meant for the command.
        signals::take_pending(AWAITED);
        for saved in &self.saved {
            signals::put_back(saved);
        }
        signals::set_mask(self.mask);
    }
}

/// Starts the command. A pipe that closes at the exec tells whether that came about.
fn start(command: &Command, variable: &CStr, inherited: &Inherited) -> Result<Pid, LaunchError> {
    let cannot_start = |cause| LaunchError::NoProcess { cause };
    let argv = Argv::new(&command.argv);
    let environment = Environ::with(variable);
    let (news, tell) = pipe2(OFlag::O_CLOEXEC).map_err(cannot_start)?;
    let child = process::fork(|| {
        inherited.restore_in_child();
        let cause = process::exec_in(&command.program, &argv, &environment);
        let _ = write(&tell, &(cause as i32).to_ne_bytes());
        127
    })
    .map_err(cannot_start)?;
    drop(tell);
    match cause_of_failure(&news) {
        None => Ok(child),
        Some(cause) => {
            process::bury(child);
            Err(LaunchError::of_exec(&command.program, cause))
        }
    }
}

/// Waits until the child has executed its program, or tells why it cannot.
fn cause_of_failure(news: &OwnedFd) -> Option<Errno> {
    let mut number = [0; 4];
    loop {
        match read(news, &mut number) {
            Ok(4) => return Some(Errno::from_raw(i32::from_ne_bytes(number))),
            Err(Errno::EINTR) => {}
            Ok(_) | Err(_) => return None,
        }
    }
}

/// Gives up the gate's own standard input and output: a pipe has to close when the command closes
/// it, not when the gate ends. Standard error stays, for where there is no terminal.
fn let_go_of_streams() -> Result<(), Errno> {
    let nothing = inherited::open_nothing()?;
    process::put_private_descriptor(nothing.as_raw_fd(), libc::STDIN_FILENO)?;
    process::put_private_descriptor(nothing.as_raw_fd(), libc::STDOUT_FILENO)
}

/// Stays beside the command until it ends.
fn follow(child: Pid, canary: &Canary) -> Ending {
    loop {
        let mut change = process::look(child, Looked::AtEverything);
        while let Change::Stopped(signal) = change {
            change = stop_alike(child, signal);
        }
        match change {
            Change::Ended(ending) => return ending,
            Change::Stopped(_) | Change::Continued => {}
            Change::None => {
                if let Some(received) = signals::wait(AWAITED, None) {
                    forward(received, child, canary);
                }
            }
        }
    }
}

/// Stops the gate because the command was stopped by `signal`, continues the command when the gate
/// is continued, and returns what has become of the command.
fn stop_alike(child: Pid, signal: i32) -> Change {
    match process::look(child, Looked::AtContinuing) {
        Change::None => {}
        changed => return changed,
    }
    // The kind of stop is what a shell shows; what is no tty stop is a plain stop.
    signals::raise(match signal {
        libc::SIGTSTP | libc::SIGTTIN | libc::SIGTTOU => signal,
        _ => libc::SIGSTOP,
    });
    // `fg` continues the whole group, `kill -CONT` the gate alone. Of a group the kernel may wake
    // the gate first: only a command that is still stopped a moment later was left out.
    for _ in 0..2 {
        match process::look(child, Looked::AtEverything) {
            Change::None => {
                let _ = signals::wait(Signals::of(&[libc::SIGCHLD]), Some(GRACE));
            }
            changed => return changed,
        }
    }
    match process::look(child, Looked::AtEverything) {
        Change::None => {
            process::send(child, libc::SIGCONT);
            Change::Continued
        }
        changed => changed,
    }
}

/// Forwards what was received, and what comes right after it, where it came to the gate alone.
fn forward(first: Received, child: Pid, canary: &Canary) {
    if !FORWARDED.has(first.signal) {
        return;
    }
    let mut meant = Signals::default();
    let mut next = Some(first);
    // Bounded, so that a flood of signals is forwarded too.
    for _ in 0..16 {
        let Some(received) = next else { break };
        if received
            .sender
            .is_none_or(|sender| sender != child.as_raw())
        {
            meant = meant.with(Signals::of(&[received.signal]));
        }
        next = signals::wait(FORWARDED, Some(GRACE));
    }
    // Asked even where nothing is meant for the command: what it heard counts once.
    for signal in meant.without(canary.heard()).iter() {
        process::send(child, signal);
    }
}

#[cfg(test)]
mod tests;
