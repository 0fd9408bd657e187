//! One private connection to each host that probes go through, shared by all of them.
//!
//! An ssh of its own holds it open and runs nothing; the probes' ssh find its socket in a folder
//! that only this user can enter, and so neither log in again nor touch the operator's own
//! sockets. It is closed when the run is over.

use std::ffi::CString;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;

use crate::gate::world::NotSeen;

use super::child::Child;
use super::environment;
use super::route::Hop;

/// Connections by the hop that they make.
#[derive(Debug, Default)]
pub(super) struct Connections {
    /// The private folder, made when first needed.
    folder: Option<PathBuf>,
    /// Those that were asked for.
    open: Vec<Connection>,
}

/// A connection.
#[derive(Debug)]
struct Connection {
    /// What it connects.
    hop: Hop,
    /// Its socket.
    socket: PathBuf,
    /// The ssh that holds it, or why there is none.
    holder: Result<Child, NotSeen>,
}

/// How a connection stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// Not yet, but it may.
    Opening,
    /// It stands; these settings go through it.
    Open(Vec<String>),
    /// It does not.
    Failed(NotSeen),
}

impl Connections {
    /// Returns how the connection of `hop` stands, and opens it where nobody has.
    pub(super) fn standing(&mut self, hop: &Hop, environment: &[CString]) -> Standing {
        let index = match self
            .open
            .iter()
            .position(|connection| connection.hop == *hop)
        {
            Some(index) => index,
            None => {
                let connection = self.connect(hop, environment);
                self.open.push(connection);
                self.open.len() - 1
            }
        };
        let Some(connection) = self.open.get_mut(index) else {
            return Standing::Opening;
        };
        connection.standing()
    }

    /// Forgets connections that failed, so that the next probes try again.
    pub(super) fn forget_failed(&mut self) {
        self.open
            .retain_mut(|connection| !matches!(connection.standing(), Standing::Failed(_)));
    }

    /// Opens the connection of `hop`.
    fn connect(&mut self, hop: &Hop, environment: &[CString]) -> Connection {
        let name = self.open.len().to_string();
        let (socket, holder) = match self.folder() {
            Err(cause) => (PathBuf::new(), Err(NotSeen::NotStarted(cause))),
            Ok(folder) => {
                let socket = folder.join(name);
                let persist = "ControlPersist=no".to_owned();
                let own = [
                    "ControlMaster=yes".to_owned(),
                    persist,
                    control_path(&socket),
                ];
                let holder = Child::start(&hop.connect(&own), environment);
                (socket, holder.map_err(NotSeen::NotStarted))
            }
        };
        Connection {
            hop: hop.clone(),
            socket,
            holder,
        }
    }

    /// Returns the private folder.
    fn folder(&mut self) -> Result<PathBuf, String> {
        if let Some(folder) = &self.folder {
            return Ok(folder.clone());
        }
        let places = environment::runtime_folder().into_iter();
        let places = places.chain(["/run", "/tmp"].map(PathBuf::from));
        let mut cause = String::new();
        for place in places {
            match make_private(&place) {
                Ok(folder) => {
                    self.folder = Some(folder.clone());
                    return Ok(folder);
                }
                Err(error) => cause = format!("{}: {error}", place.display()),
            }
        }
        Err(cause)
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        // The ssh that hold them remove their sockets on TERM; what is left goes with the folder.
        for connection in &self.open {
            if let Ok(holder) = &connection.holder {
                holder.kill(Signal::SIGTERM);
            }
        }
        if let Some(folder) = &self.folder {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

impl Connection {
    /// Returns how it stands.
    fn standing(&mut self) -> Standing {
        let holder = match &mut self.holder {
            Ok(holder) => holder,
            Err(not_seen) => return Standing::Failed(not_seen.clone()),
        };
        holder.look();
        match holder.ending {
            Some(ending) => {
                let status = ending
                    .status()
                    .or(ending.signal().map(|signal| 128 + signal));
                let said = holder.last_words();
                Standing::Failed(not_seen(&self.hop, status.unwrap_or(255), said))
            }
            None if self.socket.exists() => Standing::Open(vec![
                "ControlMaster=no".to_owned(),
                control_path(&self.socket),
            ]),
            None => Standing::Opening,
        }
    }
}

/// Returns what it means that an ssh ended with 255, by what it said.
pub(super) fn not_seen(hop: &Hop, status: i32, said: String) -> NotSeen {
    let wants = [
        "Permission denied",
        "Host key verification failed",
        "Too many authentication",
    ];
    if status == 255 && wants.iter().any(|want| said.contains(want)) {
        return NotSeen::WantsLogin(hop.host().to_owned());
    }
    NotSeen::Status { status, said }
}

/// Returns the setting that names the socket. In a path, `%` begins a placeholder of ssh's.
fn control_path(socket: &Path) -> String {
    format!("ControlPath={}", socket.display()).replace('%', "%%")
}

/// Makes a new folder in `place` that only this user can enter.
fn make_private(place: &Path) -> std::io::Result<PathBuf> {
    let mut last = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
    for number in 0..100 {
        let folder = place.join(format!("kanmon-{}-{number}", std::process::id()));
        // It fails where anything of that name is there: what we get is ours and empty.
        match DirBuilder::new().mode(0o700).create(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}
