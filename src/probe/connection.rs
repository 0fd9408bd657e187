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

use super::child::{self, Child};
use super::environment;
use super::route::Hop;

/// Connections by the hop that they make.
#[derive(Debug, Default)]
pub(super) struct Connections {
    /// The private folder, made when first needed.
    folder: Option<PathBuf>,
    /// Those that were asked for.
    open: Vec<Connection>,
    /// How many were ever made; their sockets are numbered.
    n_made: u32,
}

/// A connection.
#[derive(Debug)]
struct Connection {
    /// What it connects.
    hop: Hop,
    /// Its socket.
    socket: PathBuf,
    /// What holds it.
    holder: Holder,
}

/// What holds a connection.
#[derive(Debug)]
enum Holder {
    /// An ssh that is a child of the gate.
    Child(Child),
    /// An ssh that went to the background after the operator had logged in.
    Detached,
    /// Nothing, for this reason.
    Nobody(NotSeen),
}

/// How long a connection that an operator logged in for outlives a gate that was killed, in
/// seconds without use.
const DETACHED_SECONDS: u32 = 600;

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

    /// Lets the operator log in, at the terminal, to those connections that a password or an
    /// unknown key of `host` keeps closed; returns whether one stands then.
    pub(super) fn log_in(&mut self, host: &str) -> bool {
        let wanted = Standing::Failed(NotSeen::WantsLogin(host.to_owned()));
        let mut any = false;
        for connection in &mut self.open {
            if connection.standing() == wanted {
                any |= connection.log_in();
            }
        }
        any
    }

    /// Opens the connection of `hop`.
    fn connect(&mut self, hop: &Hop, environment: &[CString]) -> Connection {
        let nobody = |cause| Holder::Nobody(NotSeen::NotStarted(cause));
        let (socket, holder) = match self.folder() {
            Err(cause) => (PathBuf::new(), nobody(cause)),
            Ok(folder) => {
                self.n_made += 1;
                let socket = folder.join(self.n_made.to_string());
                let own = ["ControlMaster=yes", "ControlPersist=no"].map(str::to_owned);
                let settings = [&own[..], &[control_path(&socket)]].concat();
                let started = Child::start(&hop.connect(&settings), environment);
                (socket, started.map_or_else(nobody, Holder::Child))
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
            match &connection.holder {
                Holder::Child(child) => child.kill(Signal::SIGTERM),
                Holder::Detached => connection.close(),
                Holder::Nobody(_) => {}
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
            Holder::Child(holder) => holder,
            Holder::Detached if self.socket.exists() => return Standing::Open(self.settings()),
            Holder::Detached => {
                let host = self.hop.host().to_owned();
                return Standing::Failed(NotSeen::WantsLogin(host));
            }
            Holder::Nobody(not_seen) => return Standing::Failed(not_seen.clone()),
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
            None if self.socket.exists() => Standing::Open(self.settings()),
            None => Standing::Opening,
        }
    }

    /// Returns the settings that go through it.
    fn settings(&self) -> Vec<String> {
        vec!["ControlMaster=no".to_owned(), control_path(&self.socket)]
    }

    /// Lets the operator log in at the terminal; returns whether the connection stands then.
    fn log_in(&mut self) -> bool {
        let own = [
            "BatchMode=no".to_owned(),
            "ControlMaster=yes".to_owned(),
            format!("ControlPersist={DETACHED_SECONDS}"),
            control_path(&self.socket),
        ];
        let mut argv = self.hop.connect(&own);
        // To the background, but only after every question was answered.
        argv.insert(1, "-f".to_owned());
        let is_in = child::run_at_terminal(&argv) && self.socket.exists();
        if is_in {
            self.holder = Holder::Detached;
        }
        is_in
    }

    /// Tells a detached ssh to end.
    fn close(&self) {
        let mut argv = self.hop.connect(&[control_path(&self.socket)]);
        argv.splice(1..1, ["-O", "exit"].map(str::to_owned));
        // It speaks to the socket and nothing else, and so ends at once.
        if let Ok(child) = Child::start(&argv, &environment::plain()) {
            child.bury();
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
