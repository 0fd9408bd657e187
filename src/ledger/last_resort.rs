//! Where a broken gate is recorded when the ledger cannot be written: a file under `/run`, else
//! syslog.
//!
//! One JSON object a line, with the time and the cause for which the ledger failed. Each way says
//! for itself whether it worked; the caller goes down the list and says what it found.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::libc::{O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK};
use nix::unistd::geteuid;
use serde::Serialize;

use crate::gate::record::Entry;
use crate::gate::world::Moment;

use super::heads::Syslog;

/// Name of the file.
const NAME: &str = "last-resort.jsonl";

/// Where records go when there is no ledger.
#[derive(Debug, Clone)]
pub struct LastResort {
    /// The folder; made where it is not there, its parent is not.
    folder: PathBuf,
    /// The log after that.
    syslog: Syslog,
}

/// One line of the file.
#[derive(Serialize)]
struct Line<'a> {
    /// When.
    at: &'a Moment,
    /// Why it is not in the ledger.
    ledger: &'a str,
    /// What happened.
    entry: &'a Entry,
}

/// Where a record was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// In this file.
    File(PathBuf),
    /// In syslog.
    Syslog,
}

/// No way worked. The command runs nevertheless, and the operator is told.
#[derive(Debug, thiserror::Error)]
#[error("`{file}`: {cause}; syslog does not answer")]
pub struct NotWritten {
    /// The file that was tried.
    pub file: PathBuf,
    /// Why it was not written.
    pub cause: io::Error,
}

impl LastResort {
    /// Returns this user's: `/run/kanmon` for root, `/run/user/UID/kanmon` for others.
    #[must_use]
    pub fn of_user() -> Self {
        let uid = geteuid();
        let folder = if uid.is_root() {
            PathBuf::from("/run/kanmon")
        } else {
            PathBuf::from(format!("/run/user/{uid}/kanmon"))
        };
        Self {
            folder,
            syslog: Syslog::default(),
        }
    }

    /// Returns one at other places.
    #[must_use]
    pub fn at(folder: &Path, syslog: Syslog) -> Self {
        Self {
            folder: folder.to_owned(),
            syslog,
        }
    }

    /// Writes an entry to the first place that takes it; `ledger` is why the ledger did not.
    ///
    /// # Errors
    /// Where none takes it.
    pub fn write(&self, entry: &Entry, ledger: &str, at: &Moment) -> Result<Written, NotWritten> {
        let file = self.folder.join(NAME);
        let line = Line { at, ledger, entry };
        let text = serde_json::to_string(&line).unwrap_or_else(|error| error.to_string());
        let cause = match self.append(&file, &text) {
            Ok(()) => return Ok(Written::File(file)),
            Err(cause) => cause,
        };
        if self.syslog.send(&text, at) {
            Ok(Written::Syslog)
        } else {
            Err(NotWritten { file, cause })
        }
    }

    /// Appends a line to the file and waits until it is on disk.
    fn append(&self, file: &Path, text: &str) -> io::Result<()> {
        match DirBuilder::new().mode(0o700).create(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let folder = OpenOptions::new()
            .read(true)
            .custom_flags(O_DIRECTORY | O_NOFOLLOW)
            .open(&self.folder)?;
        check_own(&folder)?;
        let mut handle = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            // A pipe that someone put there must not be waited for.
            .custom_flags(O_NOFOLLOW | O_NONBLOCK)
            .open(file)?;
        check_own(&handle)?;
        handle.write_all(format!("{text}\n").as_bytes())?;
        handle.sync_all()?;
        folder.sync_all()
    }
}

/// Checks that what is open is this user's own and that others cannot write it.
fn check_own(handle: &File) -> io::Result<()> {
    let seen = handle.metadata()?;
    if seen.uid() == geteuid().as_raw()
        && seen.mode() & 0o022 == 0
        && (seen.is_file() || seen.is_dir())
    {
        return Ok(());
    }
    Err(io::Error::other("others can write it"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests read the file back")]

    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::UnixDatagram;

    use super::*;
    use crate::gate::record::Event;
    use crate::gate::world::Clock;
    use crate::ledger::rehearsal::{HandClock, entry};

    fn broken() -> Entry {
        entry(
            "a",
            Event::BrokenGlass {
                reason: "queue is full".to_owned(),
            },
        )
    }

    fn nobody() -> Syslog {
        Syslog::at(Path::new("/nonexistent/log"))
    }

    #[test]
    fn a_line_a_record_in_a_file_of_ones_own() {
        let base = tempfile::tempdir().unwrap();
        let last_resort = LastResort::at(&base.path().join("kanmon"), nobody());
        let now = HandClock::new().now();
        let file = base.path().join("kanmon/last-resort.jsonl");
        for _ in 0..2 {
            let written = last_resort.write(&broken(), "disk full", &now).unwrap();
            assert_eq!(written, Written::File(file.clone()));
        }
        let text = fs::read_to_string(&file).unwrap();
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1]["entry"]["event"]["reason"], "queue is full");
        assert_eq!(lines[1]["ledger"], "disk full");
        assert_eq!(lines[1]["at"]["boot_id"], "boot-1");
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[test]
    fn a_folder_that_others_can_write_is_passed_over() {
        let base = tempfile::tempdir().unwrap();
        fs::set_permissions(base.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let socket_path = base.path().join("log");
        let socket = UnixDatagram::bind(&socket_path).unwrap();
        let last_resort = LastResort::at(base.path(), Syslog::at(&socket_path));
        let now = HandClock::new().now();
        let written = last_resort.write(&broken(), "disk full", &now).unwrap();
        assert_eq!(written, Written::Syslog);
        let mut buffer = [0; 1000];
        let length = socket.recv(&mut buffer).unwrap();
        let text = String::from_utf8_lossy(&buffer[..length]);
        assert!(text.contains("queue is full"), "{text}");
    }

    #[test]
    fn when_nothing_works_it_is_said() {
        let base = tempfile::tempdir().unwrap();
        let last_resort = LastResort::at(&base.path().join("none/kanmon"), nobody());
        let now = HandClock::new().now();
        let error = last_resort.write(&broken(), "disk full", &now).unwrap_err();
        assert!(
            error.to_string().ends_with("syslog does not answer"),
            "{error}"
        );
    }
}
