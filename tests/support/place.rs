//! A folder in which a real program is looked at: what the packs' probes say of it, in drills.
//!
//! Everything is a drill: nothing that is held is ever run. Servers are started on loopback or on a
//! socket in a folder that goes away, with data of their own.
#![expect(
    clippy::disallowed_methods,
    reason = "starts real servers, and asks the programs what the probes should have seen"
)]

use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::pty::{Pty, PtyCommand};
use crate::world::{KANMON, World};

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(120);
/// The search path of the drills.
const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";
/// A screen on which even all that could not be seen stands at once.
const SCREEN: (u16, u16) = (80, 60);
/// Starts a command that does not see root's home: root's ledger cannot be led elsewhere by a variable.
const ASIDE: &str = r#"mount -t tmpfs none "$(getent passwd root | cut -d: -f6)"; exec "$@""#;
/// How many rows a hold may take up to its first question.
const BUDGET: usize = 24;

/// A home, and what is started in it.
pub(crate) struct Place {
    /// The folder.
    folder: TempDir,
    /// Servers; they end with the test.
    servers: Vec<Child>,
}

impl Drop for Place {
    fn drop(&mut self) {
        for server in &mut self.servers {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

impl Place {
    /// Makes an empty one.
    pub(crate) fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            servers: Vec::new(),
        }
    }

    /// Returns the path of what lies in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns the folder's path as text.
    pub(crate) fn folder(&self) -> String {
        self.folder.path().display().to_string()
    }

    /// Runs a line of `sh` in it.
    pub(crate) fn run(&self, line: &str) -> Output {
        Command::new("sh")
            .args(["-c", line])
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C")
            .env("PATH", PATH)
            .output()
            .unwrap()
    }

    /// Runs a line of `sh` in it that has to end well; returns what it wrote.
    #[track_caller]
    pub(crate) fn must(&self, line: &str) -> String {
        let done = self.run(line);
        let errors = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{line}\n{errors}");
        String::from_utf8(done.stdout).unwrap()
    }

    /// Starts a server with a line of `sh`, and waits until `answers` succeeds.
    #[track_caller]
    pub(crate) fn serve(&mut self, line: &str, answers: &str) {
        let server = Command::new("sh")
            .args(["-c", &format!("exec {line}")])
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.servers.push(server);
        let deadline = Instant::now() + PATIENCE;
        let is_up = || {
            let look = Command::new("sh").args(["-c", answers]).output().unwrap();
            look.status.success()
        };
        while !is_up() {
            assert!(Instant::now() < deadline, "no answer: {answers}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Holds a line as a drill, with variables set.
    pub(crate) fn drill(&self, line: &[&str], variables: &[(&str, &Path)]) -> Pty {
        self.drill_in(".", line, variables)
    }

    /// Does so in a folder in it.
    pub(crate) fn drill_in(&self, folder: &str, line: &[&str], variables: &[(&str, &Path)]) -> Pty {
        let gate = match nix::unistd::geteuid().is_root() {
            true => PtyCommand::new("/usr/bin/unshare")
                .args(["-m", "sh", "-c", ASIDE, "sh"])
                .args([self.gate()]),
            false => PtyCommand::new(env!("CARGO_BIN_EXE_kanmon")),
        };
        let gate = gate
            .args(["--drill"])
            .args(line)
            .cwd(self.path(folder))
            .size(SCREEN.0, SCREEN.1)
            .within(BUDGET)
            .env("PATH", PATH)
            .env("LC_ALL", "C.UTF-8")
            .env("HOME", self.folder.path())
            .env("XDG_STATE_HOME", self.path("state"));
        let set = |gate: PtyCommand, (name, value): &(&str, &Path)| gate.env(name, value);
        variables.iter().fold(gate, set).spawn()
    }

    /// Returns the gate's path where it is seen without root's home, in which it may have been built.
    fn gate(&self) -> PathBuf {
        let gate = self.path(".gate/kanmon");
        if !gate.exists() {
            std::fs::create_dir_all(self.path(".gate")).unwrap();
            let built = env!("CARGO_BIN_EXE_kanmon");
            if std::fs::hard_link(built, &gate).is_err() {
                std::fs::copy(built, &gate).unwrap();
            }
        }
        gate
    }

    /// Holds a line as a drill and waits until the screen says this.
    #[track_caller]
    pub(crate) fn shows(&self, line: &[&str], said: &str) {
        self.drill(line, &[]).wait_for(said);
    }
}

/// Returns a port on which nobody listens.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Holds a line in a world as a drill.
pub(crate) fn drill_in_world(world: &World, line: &[&str]) -> Pty {
    world
        .at_terminal(KANMON)
        .args(["--drill"])
        .args(line)
        .size(SCREEN.0, SCREEN.1)
        .within(BUDGET)
        .spawn()
}

/// Says on standard error that a test was left out, and why: what is printed, nobody sees of a test
/// that passes.
pub(crate) fn left_out(why: &str) {
    let _ = std::io::stderr().write_all(format!("SKIPPED: {why}\n").as_bytes());
}
