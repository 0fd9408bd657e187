//! The gate as a child: started as root, told what is asked, listened to until it answers.
//!
//! | it says | means |
//! | --- | --- |
//! | `pass` | no rule holds the command; the gate has ended |
//! | `cleared` | it may run; the gate waits to be told of start and end |
//! | nothing, or anything else | no |
//!
//! A gate that cleared a command stays as sudo's child, so that it still knows what it asked when
//! the command has ended. It is told `started`, then `ended KIND STATUS` as sudo has them.

#![expect(
    unsafe_code,
    reason = "takes root's ids before exec, and waits for a child that may stop"
)]

use std::ffi::OsStr;
use std::io::{self, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Where the gate's own probes and look-ups find programs.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// How often it is looked whether the gate was stopped, in milliseconds.
const LOOK: i32 = 100;
/// Longest answer in bytes.
const LONGEST: usize = 64;

/// Variables of the asker's that the gate is given: what says how to speak to them, and from where
/// they come. None of them weakens anything.
pub const FROM_ASKER: [&str; 7] = [
    "LC_ALL",
    "LC_MESSAGES",
    "LANG",
    "TERM",
    "NO_COLOR",
    "SSH_CONNECTION",
    "SSH_CLIENT",
];

/// The gate's answer.
#[derive(Debug)]
pub enum Answer {
    /// The command may run; nothing more is to be said.
    Pass,
    /// The command may run; the gate waits to hear of it.
    Cleared(Waiting),
    /// The gate said no, and why.
    No,
    /// It ended without an answer; how.
    Died(String),
}

/// A gate that cleared a command and waits to hear of it.
#[derive(Debug)]
pub struct Waiting {
    child: Child,
    tell: ChildStdin,
    answers: ChildStdout,
    is_told: bool,
}

/// Starts the gate and waits for its answer.
///
/// # Errors
/// Where it could not be started.
pub fn ask(gate: &Path, records: &[u8], asker: &[(Vec<u8>, Vec<u8>)]) -> io::Result<Answer> {
    let mut command = Command::new(gate);
    command
        .arg("--sudo")
        .env_clear()
        .env("PATH", PATH)
        .env("HOME", "/root")
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    for (name, value) in asker {
        command.env(OsStr::from_bytes(name), OsStr::from_bytes(value));
    }
    // SAFETY: the closure makes three system calls and allocates nothing.
    unsafe { command.pre_exec(become_root) };
    let mut child = command.spawn()?;
    let (Some(mut tell), Some(mut answers)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::Error::other("no pipes"));
    };
    // A gate that ended early has not read all, and its answer says why.
    let _ = tell.write_all(records);
    let answer = listen(&child, &mut answers);
    match answer.as_slice() {
        b"cleared\n" => Ok(Answer::Cleared(Waiting {
            child,
            tell,
            answers,
            is_told: false,
        })),
        answer => {
            drop((tell, answers));
            let ended = child.wait();
            match (answer, ended) {
                (b"pass\n", Ok(status)) if status.success() => Ok(Answer::Pass),
                (_, Ok(status)) if matches!(status.code(), Some(124 | 125)) => Ok(Answer::No),
                (_, Ok(status)) => Ok(Answer::Died(status.to_string())),
                (_, Err(cause)) => Ok(Answer::Died(cause.to_string())),
            }
        }
    }
}

impl Waiting {
    /// Tells that the command is about to start.
    pub fn started(&mut self) {
        if !self.is_told {
            self.is_told = true;
            // A gate that is gone leaves a record without an end, which says `unknown`.
            let _ = self.tell.write_all(b"started\n");
        }
    }

    /// Tells how it ended, and waits until that is recorded and the afters have run.
    pub fn ended(mut self, kind: i32, status: i32) {
        let _ = self
            .tell
            .write_all(format!("ended {kind} {status}\n").as_bytes());
        drop(self.tell);
        // What it says now is of no use; that it ends is.
        let _ = listen(&self.child, &mut self.answers);
        let _ = self.child.wait();
    }
}

/// Reads one line, or what there is before the end. Where the gate was stopped at its question,
/// sudo stops too, so that the shell has its job stopped as a whole.
fn listen(child: &Child, answers: &mut ChildStdout) -> Vec<u8> {
    let mut answer = Vec::new();
    let mut byte = [0];
    while answer.len() < LONGEST && answer.last() != Some(&b'\n') {
        if !is_readable(answers.as_raw_fd()) {
            stop_with(child);
            continue;
        }
        match answers.read(&mut byte) {
            Ok(1) => answer.extend(byte),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            _ => break,
        }
    }
    answer
}

/// Waits a little for something to read, or the end.
fn is_readable(fd: i32) -> bool {
    let mut poll = libc::pollfd {
        fd,
        events: libc::POLLIN,
        revents: 0,
    };
    // SAFETY: one structure, which lives on the stack.
    let n_ready = unsafe { libc::poll(&raw mut poll, 1, LOOK) };
    n_ready > 0
}

/// Stops sudo where the gate is stopped, and lets the gate go on when sudo does.
fn stop_with(child: &Child) {
    let Ok(pid) = libc::pid_t::try_from(child.id()) else {
        return;
    };
    // SAFETY: plain data, filled by the call.
    let mut found: libc::siginfo_t = unsafe { std::mem::zeroed() };
    let options = libc::WSTOPPED | libc::WNOHANG;
    // SAFETY: `found` lives on the stack; only stops of this child are taken, its end is left.
    let waited = unsafe { libc::waitid(libc::P_PID, child.id(), &raw mut found, options) };
    // SAFETY: `waitid` filled it, or it is zero.
    if waited != 0 || unsafe { found.si_pid() } != pid {
        return;
    }
    // SAFETY: a system call without memory.
    unsafe { libc::raise(libc::SIGSTOP) };
    // SAFETY: as above; the child has not been reaped, so the number is still its own.
    unsafe { libc::kill(pid, libc::SIGCONT) };
}

/// Becomes root wholly: sudo's plugins run with the asker's real number, and a program that is
/// started so rightly distrusts everything.
fn become_root() -> io::Result<()> {
    let check = |result: i32| match result {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    };
    // SAFETY: no group is read from the null pointer.
    check(unsafe { libc::setgroups(0, std::ptr::null()) })?;
    // SAFETY: a system call without memory.
    check(unsafe { libc::setgid(0) })?;
    // SAFETY: a system call without memory.
    check(unsafe { libc::setuid(0) })
}
