//! A process in the gate's group that tells whether a signal went to the whole group.
//!
//! A signal to the group reaches the command by itself and must not be forwarded as well; one to
//! the gate alone must. Nothing in a received signal tells the two apart. So a small process stays
//! in the group with all signals blocked: what is pending there was sent to the group (or to
//! everybody), for nobody else knows it.
//!
//! The kernel signals a group's members one after the other, the youngest first (measured: the
//! canary has the signal before the gate does), and the gate asks a moment later, so an answer is
//! never early. Asked through a pipe; it holds no other descriptor, and its end of file, when the
//! gate ends however, ends it.

use std::os::fd::{AsRawFd as _, OwnedFd};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::unistd::{Pid, pipe2, read, write};

use super::process;
use super::signals::{self, Signals};

/// The gate's end of a canary; it ends with this value.
#[derive(Debug)]
pub(super) struct Canary {
    /// Its process id.
    pid: Pid,
    /// A byte written here is a question; `None` only while it is being ended.
    question: Option<OwnedFd>,
    /// Its answers, each a bit pattern of 8 bytes.
    answer: OwnedFd,
}

impl Canary {
    /// Starts one that looks out for `signals`. All signals are blocked when this is called.
    pub(super) fn start(signals: Signals) -> Result<Self, Errno> {
        let (their_question, question) = pipe2(OFlag::O_CLOEXEC)?;
        let (answer, their_answer) = pipe2(OFlag::O_CLOEXEC)?;
        let mut keep = [their_question.as_raw_fd(), their_answer.as_raw_fd()];
        keep.sort_unstable();
        let pid = process::fork(|| {
            process::close_all_but(&keep);
            sing(signals, &their_question, &their_answer)
        })?;
        Ok(Self {
            pid,
            question: Some(question),
            answer,
        })
    }

    /// Returns which of its signals were sent to the group since it was last asked; none where it
    /// was killed.
    pub(super) fn heard(&self) -> Signals {
        let Some(question) = &self.question else {
            return Signals::default();
        };
        if again(|| write(question, b"?")).is_err() {
            return Signals::default();
        }
        let mut bits = [0; 8];
        match again(|| read(&self.answer, &mut bits)) {
            Ok(8) => Signals::of_bits(u64::from_ne_bytes(bits)),
            Ok(_) | Err(_) => Signals::default(),
        }
    }
}

impl Drop for Canary {
    fn drop(&mut self) {
        self.question = None;
        process::bury(self.pid);
    }
}

/// Answers questions until there are no more, and returns the exit status.
fn sing(signals: Signals, question: &OwnedFd, answer: &OwnedFd) -> i32 {
    let mut asked = [0];
    loop {
        match again(|| read(question, &mut asked)) {
            Ok(1) => {}
            Ok(_) | Err(_) => return 0,
        }
        // What was sent before the question is pending by now.
        let heard = signals::take_pending(signals).bits().to_ne_bytes();
        if again(|| write(answer, &heard)).is_err() {
            return 1;
        }
    }
}

/// Repeats a call that a signal interrupted.
fn again<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    loop {
        match call() {
            Err(Errno::EINTR) => {}
            result => return result,
        }
    }
}
