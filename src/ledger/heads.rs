//! New heads of the chain, told to syslog.
//!
//! One datagram a record, so that a ledger whose tail was cut can be compared by hand with a log
//! that its owner cannot write. Telling never waits and never fails a run: a host without syslog
//! is a host without it.

use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

use chrono::Local;

use crate::gate::Moment;

/// Where syslog listens.
const SYSLOG: &str = "/dev/log";

/// Facility `authpriv` (10) and severity `notice` (5).
const PRIORITY: u8 = 10 * 8 + 5;

/// Sends lines to a syslog socket.
#[derive(Debug, Clone)]
pub struct Syslog {
    /// The datagram socket.
    socket: PathBuf,
}

impl Default for Syslog {
    fn default() -> Self {
        Self::at(Path::new(SYSLOG))
    }
}

impl Syslog {
    /// Returns one that sends to `socket`.
    #[must_use]
    pub fn at(socket: &Path) -> Self {
        Self {
            socket: socket.to_owned(),
        }
    }

    /// Returns whether somebody listens; nothing is sent. `None` where there is no socket at all.
    #[must_use]
    pub fn answers(&self) -> Option<io::Result<()>> {
        let reached = UnixDatagram::unbound().and_then(|datagram| datagram.connect(&self.socket));
        let is_absent = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
        match reached {
            Err(error) if is_absent(&error) => None,
            reached => Some(reached),
        }
    }

    /// Sends `text` as one message of `kanmon`, without waiting; returns whether it was taken.
    #[must_use]
    pub fn send(&self, text: &str, moment: &Moment) -> bool {
        let Ok(datagram) = UnixDatagram::unbound() else {
            return false;
        };
        if datagram.set_nonblocking(true).is_err() {
            return false;
        }
        let message = format!(
            "<{PRIORITY}>{time} kanmon[{pid}]: {text}",
            time = moment.utc.with_timezone(&Local).format("%b %e %T"),
            pid = std::process::id(),
        );
        datagram.send_to(message.as_bytes(), &self.socket).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ledger::chain::utc_of;

    fn moment() -> Moment {
        Moment {
            utc: utc_of("2026-11-22T02:33:00Z").unwrap(),
            boot: Duration::from_secs(1),
            boot_id: "b".to_owned(),
        }
    }

    #[test]
    fn a_message_names_facility_program_and_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let socket = UnixDatagram::bind(&path).unwrap();
        assert!(Syslog::at(&path).send("head seq=1", &moment()));
        let mut buffer = [0; 500];
        let length = socket.recv(&mut buffer).unwrap();
        let text = std::str::from_utf8(&buffer[..length]).unwrap();
        assert!(text.starts_with("<85>Nov 2"), "{text}");
        let end = format!(" kanmon[{}]: head seq=1", std::process::id());
        assert!(text.ends_with(&end), "{text}");
    }

    #[test]
    fn no_listener_is_said_and_is_no_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!Syslog::at(&folder.path().join("none")).send("head", &moment()));
    }

    #[test]
    fn whether_somebody_listens_is_known_without_a_message() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        assert!(Syslog::at(&path).answers().is_none());
        let socket = UnixDatagram::bind(&path).unwrap();
        assert!(matches!(Syslog::at(&path).answers(), Some(Ok(()))));
        socket.set_nonblocking(true).unwrap();
        assert!(socket.recv(&mut [0; 8]).is_err());
        drop(socket);
        assert!(matches!(Syslog::at(&path).answers(), Some(Err(_))));
    }

    #[test]
    fn a_listener_that_does_not_read_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let _socket = UnixDatagram::bind(&path).unwrap();
        let syslog = Syslog::at(&path);
        // Linux queues at most net.unix.max_dgram_qlen datagrams; the default is below 1,000.
        let taken = (0..10_000)
            .take_while(|_| syslog.send("head", &moment()))
            .count();
        assert!(taken < 10_000);
    }
}
