//! A host for a test: real programs in namespaces of their own.
//!
//! `world.sh` makes it: mounts, host name and network are the test's alone, and all of its processes
//! end with it. What the test starts in it runs beside them, with the machine's process ids. Its
//! `/etc` lies in a folder that goes away with the test; its `/run`, `/var/log` and root's home (and
//! so root's ledger) lie in memory. Nothing of the machine is written. What else a host has, a shell
//! script says that is read at its start.
//!
//! Everything that takes time is waited for by looking, with a deadline.
#![expect(
    clippy::disallowed_methods,
    reason = "starts real programs and reads what they left"
)]

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use nix::poll::{PollTimeout, poll};
use serde_json::Value;
use tempfile::TempDir;

use crate::pty::{PATIENCE, PtyCommand};

/// The search path of a login of root, and of everything in the world.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// The gate, as the world sees it.
pub(crate) const KANMON: &str = "/srv/bin/kanmon";
/// All the rest, as the world sees it.
pub(crate) const KANMONCTL: &str = "/srv/bin/kanmonctl";
/// How long to wait between two looks.
const TICK: Duration = Duration::from_millis(50);

/// A host. Dropping ends all of its processes.
#[derive(Debug)]
pub(crate) struct World {
    /// The process whose namespaces are the world.
    process: Child,
    /// Everything that the world writes; `/srv` in it.
    folder: TempDir,
}

impl World {
    /// Starts a host of this name, which the script `furnish` furnishes. `None`, with the reason on
    /// standard error, where this process may not make namespaces: then there can be no world.
    ///
    /// `needs`: programs of Debian packages without which the test cannot be told.
    pub(crate) fn start(name: &str, needs: &[&str], furnish: &str) -> Option<Self> {
        if !may_make_worlds() {
            // Not by `println!`, which nobody sees of a test that passes.
            let _ = std::io::stderr()
                .write_all(b"SKIPPED: a host of its own needs root that may make namespaces\n");
            return None;
        }
        for needed in needs {
            assert!(
                Path::new(needed).exists(),
                "no {needed}; ci/test installs it"
            );
        }
        let folder = TempDir::new().expect("a folder");
        // Its daemons and users walk through it.
        let open = fs::Permissions::from_mode(0o755);
        fs::set_permissions(folder.path(), open).expect("a mode");
        fs::write(folder.path().join("furnish.sh"), furnish).expect("a script");
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).expect("a folder");
        // Not where they were built: the world does not see what lies in root's home.
        for built in [
            env!("CARGO_BIN_EXE_kanmon"),
            env!("CARGO_BIN_EXE_kanmonctl"),
        ] {
            let name = Path::new(built).file_name().expect("a name");
            // Copies of unoptimized programs are large.
            if fs::hard_link(built, bin.join(name)).is_err() {
                fs::copy(built, bin.join(name)).expect("a copy");
            }
        }
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/world.sh");
        let mut process = Command::new("unshare")
            .args(["--mount", "--net", "--uts", "--pid", "--fork"])
            .args(["--kill-child", "sh", script])
            .arg(folder.path())
            .arg(name)
            .env_clear()
            .env("PATH", PATH)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("unshare starts");
        let mut said = String::new();
        let output = process.stdout.take().expect("a pipe");
        // What the script prints first is `ready`, or it ends.
        let _ = BufReader::new(output).read_line(&mut said);
        let world = Self { process, folder };
        assert_eq!(said, "ready\n", "the world stands\n{}", world.logs());
        Some(world)
    }

    /// Returns a program that is to be started under a terminal in the world.
    pub(crate) fn at_terminal(&self, program: &str) -> PtyCommand {
        PtyCommand::new("nsenter")
            .args(self.entrance())
            .args([program])
            .env("PATH", PATH)
            .env("LANG", "C.UTF-8")
            .env("HOME", "/root")
    }

    /// Runs a shell line in the world.
    pub(crate) fn run(&self, line: &str) -> Output {
        Command::new("nsenter")
            .args(self.entrance())
            .args(["sh", "-c", line])
            .env_clear()
            .env("PATH", PATH)
            .stdin(Stdio::null())
            .output()
            .expect("nsenter starts")
    }

    /// Runs a shell line that must end well and returns what it wrote.
    #[track_caller]
    pub(crate) fn must(&self, line: &str) -> String {
        let output = self.run(line);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "`{line}`: {said}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Returns what root's ledger has of the newest run, and asserts that the ledger is whole.
    #[track_caller]
    pub(crate) fn newest_run(&self) -> Value {
        let json = |words: &str| -> Value {
            let text = self.must(&format!("{KANMONCTL} log {words} --json"));
            serde_json::from_str(&text).expect("JSON")
        };
        let verified = json("verify");
        assert_eq!(verified["whole"], true, "{verified}");
        let runs = json("list");
        let run = runs[0]["id"].as_str().expect("a run").to_owned();
        json(&format!("show {run}"))
    }

    /// Waits until `is_so`, or fails with what the world's programs said.
    #[track_caller]
    pub(crate) fn wait_until(&self, what: &str, is_so: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so() {
            assert!(
                Instant::now() < deadline,
                "waited in vain until {what}\n{}",
                self.logs()
            );
            pause();
        }
    }

    /// Puts a program before the one of the same name: `script` is its text.
    pub(crate) fn stand_in(&self, name: &str, script: &str) {
        let path = self.path("sbin").join(name);
        let mut file = fs::File::create(&path).expect("a file");
        file.write_all(script.as_bytes()).expect("a script");
        drop(file);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
    }

    /// Returns a log's text, empty where nothing was logged.
    pub(crate) fn log(&self, name: &str) -> String {
        fs::read_to_string(self.log_folder().join(name)).unwrap_or_default()
    }

    /// Returns where the world's `/var/log` lies for the test, as long as the world stands.
    fn log_folder(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root/var/log", self.process.id()))
    }

    /// Returns where what the world has in `/srv` lies for the test.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns all that the world's programs said.
    fn logs(&self) -> String {
        let furnished = fs::read_to_string(self.path("furnish.log")).unwrap_or_default();
        let logs = fs::read_dir(self.log_folder()).into_iter().flatten();
        let names = logs.flatten().map(|entry| entry.file_name());
        names.fold(furnished, |said, name| {
            said + &self.log(&name.to_string_lossy())
        })
    }

    /// Returns what leads `nsenter` into the world: its mounts, network and name.
    fn entrance(&self) -> [String; 6] {
        let pid = self.process.id().to_string();
        ["-t", &pid, "-m", "-n", "-u", "--"].map(str::to_owned)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // The world ends with its standard input; `unshare` then ends when every process in it
        // has, so that nobody writes to the folder any more.
        drop(self.process.stdin.take());
        let deadline = Instant::now() + PATIENCE;
        while matches!(self.process.try_wait(), Ok(None)) && Instant::now() < deadline {
            pause();
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns whether this process may make the namespaces of a world.
fn may_make_worlds() -> bool {
    let tried = Command::new("unshare")
        .args(["--mount", "--net", "--uts", "--pid", "--fork", "true"])
        .stderr(Stdio::null())
        .status();
    tried.is_ok_and(|status| status.success())
}

/// Passes the time between two looks.
fn pause() {
    let timeout = PollTimeout::try_from(TICK).expect("a short time");
    let _ = poll(&mut [], timeout);
}
