//! How a shell's end of a line comes to the gate that stayed behind for it.
//!
//! The two meet at a socket without a file, named after the run. Each looks who the other is: the
//! name can be taken by anyone on the host. Nothing is trusted to what is told but the status of a
//! line that has ended.

use std::io::{self, Read as _, Write as _};
use std::net::Shutdown;
use std::os::fd::AsFd as _;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use nix::unistd::{Pid, geteuid};

use crate::context::process;
use crate::gate::RunId;
use crate::launch;

/// How often the one behind looks whether the shell still lives, in milliseconds.
const LOOK: u16 = 5_000;

/// What is told in place of a status that is not known.
const UNKNOWN: &str = "unknown";

/// What is told where no end will be.
const NEVER: &str = "never";

/// How long what is told may take to come.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the end of a line will be told.
#[derive(Debug)]
pub(super) struct Meeting {
    listener: UnixListener,
    /// The shell that runs the line, and when it began.
    shell: (i32, Option<u64>),
}

/// What was told: the line has ended. Who told it waits until this is dropped.
#[derive(Debug)]
pub(super) struct Told {
    /// The line's exit status.
    pub(super) status: Option<i32>,
    /// Who told it.
    _teller: UnixStream,
}

impl Meeting {
    /// Opens one for the run of a line that the process `shell` is about to run.
    ///
    /// # Errors
    /// Where there can be none, or somebody else has taken the name.
    pub(super) fn open(run: &RunId, shell: i32) -> io::Result<Self> {
        let listener = UnixListener::bind_addr(&address(run)?)?;
        listener.set_nonblocking(true)?;
        Ok(Self {
            listener,
            shell: (shell, process::start_ticks(shell)),
        })
    }

    /// Waits for the end of the line, and joins the job of who tells it; `None` where the shell is
    /// gone or says that there is none.
    pub(super) fn wait(&self) -> Option<Told> {
        loop {
            let mut listening = [PollFd::new(self.listener.as_fd(), PollFlags::POLLIN)];
            let ready = poll(&mut listening, PollTimeout::from(LOOK));
            if matches!(ready, Ok(number) if number > 0)
                && let Ok((stream, _)) = self.listener.accept()
                && let Some(told) = hear(stream)
            {
                return told;
            }
            if !process::lives(self.shell.0, self.shell.1) {
                return None;
            }
        }
    }
}

/// Tells the gate that stayed behind for `run` that the line has ended, and waits until it has
/// done what was left to do. Mostly nobody stayed.
pub(super) fn tell(run: &RunId, status: Option<i32>) {
    let status = status.map_or_else(|| String::from(UNKNOWN), |status| status.to_string());
    // The end is on the record; there is nothing to be done about a gate that is gone.
    let _nobody = say(run, &status).err();
}

/// Tells the gate that stayed behind for `run` that it need not wait; returns whether one has.
pub(super) fn dismiss(run: &RunId) -> bool {
    say(run, NEVER).is_ok()
}

/// Says a word to the gate that stayed behind for `run`, and waits until it ends.
fn say(run: &RunId, word: &str) -> io::Result<()> {
    let mut stream = UnixStream::connect_addr(&address(run)?)?;
    is_own(&stream).ok_or(io::ErrorKind::PermissionDenied)?;
    stream.write_all(word.as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    stream.read_to_end(&mut Vec::new()).map(drop)
}

/// Hears what is told on a connection: an end, or that there will be none; `None` where it is not
/// this user's, or breaks off.
fn hear(mut stream: UnixStream) -> Option<Option<Told>> {
    let teller = is_own(&stream)?;
    stream.set_nonblocking(false).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let status = match text.as_str() {
        NEVER => return Some(None),
        UNKNOWN => None,
        status => Some(status.parse().ok()?),
    };
    // Where it cannot, Ctrl-C ends the teller, and this process goes on to its end.
    let _alone = launch::join(teller);
    Some(Some(Told {
        status,
        _teller: stream,
    }))
}

/// Returns the process at the other end, where it is one of this user's.
fn is_own(stream: &UnixStream) -> Option<Pid> {
    let other = getsockopt(stream, PeerCredentials).ok()?;
    (other.uid() == geteuid().as_raw()).then(|| Pid::from_raw(other.pid()))
}

/// Returns the name of the meeting of a run.
fn address(run: &RunId) -> io::Result<SocketAddr> {
    SocketAddr::from_abstract_name(format!("kanmon/{}", run.0))
}

#[cfg(test)]
mod tests {
    use std::thread;

    use nix::unistd::getpid;

    use super::*;

    /// A run of this process that no other test has.
    fn run(name: &str) -> RunId {
        RunId(format!("test-{name}-{}", getpid()))
    }

    #[test]
    fn an_end_is_told_once_and_waited_for() {
        let run = run("told");
        let meeting = Meeting::open(&run, getpid().as_raw()).unwrap();
        let teller = {
            let run = run.clone();
            thread::spawn(move || tell(&run, Some(3)))
        };
        let told = meeting.wait().unwrap();
        assert_eq!(told.status, Some(3));
        assert!(!teller.is_finished());
        drop(told);
        teller.join().unwrap();
    }

    #[test]
    fn nobody_waits_for_a_shell_that_is_gone_or_a_gate_that_did_not_stay() {
        // No process has this id.
        let meeting = Meeting::open(&run("gone"), i32::MAX).unwrap();
        assert!(meeting.wait().is_none());
        tell(&run("nobody"), Some(0));
        assert!(!dismiss(&run("nobody")));
    }

    #[test]
    fn nobody_waits_for_an_end_that_never_comes() {
        let run = run("never");
        let meeting = Meeting::open(&run, getpid().as_raw()).unwrap();
        let teller = thread::spawn(move || dismiss(&run));
        assert!(meeting.wait().is_none());
        assert!(teller.join().unwrap());
    }

    #[test]
    fn a_name_that_is_taken_is_an_error() {
        let run = run("taken");
        let _first = Meeting::open(&run, getpid().as_raw()).unwrap();
        assert!(Meeting::open(&run, getpid().as_raw()).is_err());
    }
}
