//! One process of a probe: started in a session of its own, read without blocking, killed with all
//! that it started.

use std::ffi::CString;
use std::os::fd::{AsRawFd as _, OwnedFd};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl, open};
use nix::libc;
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::{Signal, killpg};
use nix::sys::stat::Mode;
use nix::unistd::{AccessFlags, Pid, access, pipe2, read, setsid};

use crate::launch::process::{self, Argv, Change};
use crate::launch::{Ending, default_signals_in_child};

use super::environment::PATH;

/// Bytes of standard output that are kept; a probe that says more is stopped.
pub(super) const OUTPUT_LIMIT: usize = 1 << 20;

/// Bytes of standard error that are kept, the last ones.
const ERROR_LIMIT: usize = 1 << 13;

/// A process of a probe.
#[derive(Debug)]
pub(super) struct Child {
    /// Its process id, and that of its group and session.
    pid: Pid,
    /// What it says.
    pub(super) output: Stream,
    /// What it complains of.
    pub(super) error: Stream,
    /// How it ended.
    pub(super) ending: Option<Ending>,
}

/// One of a process's streams, and what came from it.
#[derive(Debug)]
pub(super) struct Stream {
    /// Its end here; `None` after the end of file.
    pub(super) file: Option<OwnedFd>,
    /// What came so far.
    pub(super) bytes: Vec<u8>,
}

impl Child {
    /// Starts `argv` with this environment and no other; standard input is empty.
    pub(super) fn start(argv: &[String], environment: &[CString]) -> Result<Self, String> {
        let (program, strings) = strings(argv)?;
        let (argv, environment) = (Argv::new(&strings), Argv::new(environment));
        let cannot = |cause: Errno| cause.desc().to_owned();
        let null = open("/dev/null", OFlag::O_RDWR | OFlag::O_CLOEXEC, Mode::empty());
        let null = null.map_err(cannot)?;
        let (output, their_output) = pipe().map_err(cannot)?;
        let (error, their_error) = pipe().map_err(cannot)?;
        let pid = process::fork(|| {
            // Its own session: Ctrl-C at a question does not reach it, and it has no terminal to
            // ask anything on. Where the gate ends however, it ends.
            let _ = setsid();
            let _ = set_pdeathsig(Signal::SIGTERM);
            default_signals_in_child();
            let streams = [(&null, 0), (&their_output, 1), (&their_error, 2)];
            for (file, number) in streams {
                if process::put_descriptor(file.as_raw_fd(), number).is_err() {
                    return 126;
                }
            }
            // What the operator's shell has open is none of a probe's business.
            process::close_all_but(&[0, 1, 2]);
            match process::exec_with(&program, &argv, &environment) {
                Errno::ENOENT => 127,
                _ => 126,
            }
        })
        .map_err(cannot)?;
        Ok(Self {
            pid,
            output: Stream::new(output),
            error: Stream::new(error),
            ending: None,
        })
    }

    /// Takes in what has come and whether it has ended, without waiting.
    pub(super) fn look(&mut self) {
        if self.ending.is_none()
            && let Change::Ended(ending) = process::look(self.pid, process::Looked::AtContinuing)
        {
            self.ending = Some(ending);
        }
        // After the end, so that all that it said is there. Whoever else still holds the pipe, as
        // a daemon that it left behind, is not waited for.
        self.output.take(OUTPUT_LIMIT + 1);
        self.error.take(usize::MAX);
        let excess = self.error.bytes.len().saturating_sub(ERROR_LIMIT);
        self.error.bytes.drain(..excess);
    }

    /// Waits until it has ended; nobody wants to know how.
    pub(super) fn bury(self) {
        if self.ending.is_none() {
            process::bury(self.pid);
        }
    }

    /// Returns the last line with something in it that it wrote to standard error.
    pub(super) fn last_words(&self) -> String {
        let text = String::from_utf8_lossy(&self.error.bytes);
        let mut lines = text.lines().rev().map(str::trim);
        lines
            .find(|line| !line.is_empty())
            .unwrap_or_default()
            .to_owned()
    }

    /// Sends a signal to it and to all that it started.
    pub(super) fn kill(&self, signal: Signal) {
        if killpg(self.pid, signal).is_err() && self.ending.is_none() {
            // It has not come to its own session yet.
            process::send(self.pid, signal as libc::c_int);
        }
    }
}

impl Stream {
    /// Returns the stream that is read from `file`.
    fn new(file: OwnedFd) -> Self {
        Self {
            file: Some(file),
            bytes: Vec::new(),
        }
    }

    /// Reads what is there, up to `limit` bytes in all.
    fn take(&mut self, limit: usize) {
        let mut block = [0; 8192];
        while let Some(file) = &self.file {
            if self.bytes.len() >= limit {
                return;
            }
            match read(file, &mut block) {
                Ok(0) => self.file = None,
                Ok(n) => self.bytes.extend(block.iter().take(n)),
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return,
                Err(_) => self.file = None,
            }
        }
    }
}

/// Runs `argv` in the foreground, with the operator's environment and terminal, and returns whether
/// it ended well. For a login: it asks its own questions.
pub(super) fn run_at_terminal(argv: &[String]) -> bool {
    let Ok((program, strings)) = strings(argv) else {
        return false;
    };
    let argv = Argv::new(&strings);
    let Ok(null) = open("/dev/null", OFlag::O_RDWR | OFlag::O_CLOEXEC, Mode::empty()) else {
        return false;
    };
    let started = process::fork(|| {
        default_signals_in_child();
        // Standard input and output are the held command's; questions go to the terminal.
        for number in [0, 1] {
            if process::put_descriptor(null.as_raw_fd(), number).is_err() {
                return 126;
            }
        }
        process::close_all_but(&[0, 1, 2]);
        let _ = process::exec(&program, &argv);
        127
    });
    started.is_ok_and(process::ends_well)
}

/// Returns a pipe whose first end does not block.
fn pipe() -> Result<(OwnedFd, OwnedFd), Errno> {
    let (from, to) = pipe2(OFlag::O_CLOEXEC)?;
    fcntl(&from, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    Ok((from, to))
}

/// Returns the program of `argv`, looked up on the plain path, and `argv` for the kernel.
fn strings(argv: &[String]) -> Result<(CString, Vec<CString>), String> {
    let program = argv.first().map(String::as_str).unwrap_or_default();
    let found = find(program).ok_or_else(|| format!("{program}: not found"))?;
    let string = |word: &String| CString::new(word.as_str());
    let nul = |_| format!("{program}: an argument holds a NUL byte");
    let strings: Result<_, _> = argv.iter().map(string).collect();
    Ok((string(&found).map_err(nul)?, strings.map_err(nul)?))
}

/// Returns the path of a program.
fn find(program: &str) -> Option<String> {
    if program.contains('/') {
        return Some(program.to_owned());
    }
    let mut paths = PATH.split(':').map(|folder| format!("{folder}/{program}"));
    paths.find(|path| access(path.as_str(), AccessFlags::X_OK).is_ok())
}
