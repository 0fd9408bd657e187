//! A command that sudo starts itself, once it was told that it may.
//!
//! In: the proof, and on standard input what sudo's plugin tells: `started`, then
//! `ended KIND STATUS`. Out: `cleared` on standard output, then how the command ended. KIND is that
//! of sudo's audit plugins:
//!
//! | KIND | STATUS |
//! | --- | --- |
//! | 0 | the command did not run |
//! | 1 | status of wait(2) |
//! | 2 | number of the error at exec |
//! | 3 | number of another error of sudo's |
//!
//! Where sudo dies, or executes the command in its own place, nothing more is told: the record has
//! no end then, which counts as unknown. Meanwhile no signal but KILL and STOP reaches the gate:
//! sudo forwards them, and the end is to be recorded.

use std::io::{self, BufRead as _, Write as _};

use nix::errno::Errno;
use nix::unistd::getppid;

use crate::gate::Ready;

use super::ending::{self, Ending};
use super::error::LaunchError;
use super::supervise::{News, Quiet};

/// What the plugin reads where the command may run.
const CLEARED: &[u8] = b"cleared\n";

/// What sudo's plugin told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// The command is about to start.
    Started,
    /// It ended so.
    Ended(Ending),
    /// It did not start, for this reason.
    NotStarted(Errno),
    /// Nothing that is known, or sudo is gone.
    Nothing,
}

/// Lets sudo start the command, and tells of its start and end; `None` where the end is not known.
///
/// # Errors
/// Where it did not start.
pub fn entrust(ready: Ready, tell: &mut dyn FnMut(News)) -> Result<Option<Ending>, LaunchError> {
    // The proof is used up: one proof, one start.
    drop(ready);
    let _quiet = Quiet::begin();
    let never = |cause| LaunchError::NotBySudo { cause };
    let mut answers = io::stdout();
    let said = answers.write_all(CLEARED).and_then(|()| answers.flush());
    said.map_err(|_| never(Errno::EPIPE))?;
    let mut has_started = false;
    let mut lines = io::stdin().lock();
    loop {
        let mut line = String::new();
        let told = match lines.read_line(&mut line) {
            Ok(_) => understand(&line),
            Err(_) => Told::Nothing,
        };
        match told {
            Told::Started => {
                has_started = true;
                // The command is sudo's child, of which the plugin is not told the number; sudo
                // lives as long.
                tell(News::Started(getppid().as_raw()));
            }
            Told::Ended(ending) => {
                tell(News::Ended(ending));
                return Ok(Some(ending));
            }
            Told::NotStarted(cause) => return Err(never(cause)),
            Told::Nothing if has_started => return Ok(None),
            Told::Nothing => return Err(never(Errno::ECANCELED)),
        }
    }
}

/// Understands a line of the plugin's.
fn understand(line: &str) -> Told {
    let words: Vec<&str> = line.trim_end().split(' ').collect();
    match words.as_slice() {
        ["started"] => Told::Started,
        ["ended", kind, status] => match (*kind, status.parse::<i32>()) {
            ("0", Ok(_)) => Told::NotStarted(Errno::ECANCELED),
            ("1", Ok(status)) => ending::of_wait(status).map_or(Told::Nothing, Told::Ended),
            ("2" | "3", Ok(number)) => Told::NotStarted(Errno::from_raw(number)),
            _ => Told::Nothing,
        },
        _ => Told::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_read_as_sudo_has_it() {
        assert_eq!(understand("started\n"), Told::Started);
        assert_eq!(understand("ended 1 1792\n"), Told::Ended(Ending::Exited(7)));
        let killed = Told::Ended(Ending::Killed {
            signal: 15,
            core: false,
        });
        assert_eq!(understand("ended 1 15\n"), killed);
        assert_eq!(understand("ended 2 13\n"), Told::NotStarted(Errno::EACCES));
        assert_eq!(
            understand("ended 0 0\n"),
            Told::NotStarted(Errno::ECANCELED)
        );
        for line in ["", "ended", "ended 1 x\n", "ended 9 0\n", "ended 1 4991\n"] {
            assert_eq!(understand(line), Told::Nothing, "{line}");
        }
    }
}
