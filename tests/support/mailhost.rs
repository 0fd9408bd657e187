//! A mail host for a test: a real Postfix and a real sshd in namespaces of their own.
//!
//! `mailhost.sh` makes the world: mounts, host name and network are the test's alone, and all of
//! its processes end with it. What the test starts in it runs beside them, with the machine's
//! process ids. Queue, configuration, logs and root's home (and so root's ledger) lie in a folder
//! that goes away with the test; nothing of the machine is written.
//!
//! Everything that takes time is waited for by looking, with a deadline.
#![expect(
    clippy::disallowed_methods,
    reason = "starts real programs and reads what they left"
)]

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use nix::poll::{PollTimeout, poll};
use tempfile::TempDir;

use crate::pty::{PATIENCE, PtyCommand};

/// The search path of a login of root, and of everything in the world.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// The gate, as the world sees it.
pub(crate) const KANMON: &str = "/srv/bin/kanmon";
/// All the rest, as the world sees it.
pub(crate) const KANMONCTL: &str = "/srv/bin/kanmonctl";
/// How long to wait between two looks at the queue.
const TICK: Duration = Duration::from_millis(50);

/// A mail host. Dropping ends all of its processes.
#[derive(Debug)]
pub(crate) struct MailHost {
    /// The process whose namespaces are the world.
    world: Child,
    /// Everything that the world writes; `/srv` in it.
    folder: TempDir,
}

impl MailHost {
    /// Starts a mail host of this name. `None`, with the reason on standard error, where this
    /// process may not make namespaces: then there can be no world.
    ///
    /// Names that lead to it: `localhost` and `mx1`.
    pub(crate) fn start(name: &str) -> Option<Self> {
        if !may_make_worlds() {
            // Not by `println!`, which nobody sees of a test that passes.
            let _ = std::io::stderr().write_all(
                b"SKIPPED: a mail host of its own needs root that may make namespaces\n",
            );
            return None;
        }
        for needed in ["/usr/sbin/postsuper", "/usr/sbin/sshd", "/usr/sbin/ip"] {
            assert!(
                Path::new(needed).exists(),
                "no {needed}; ci/test installs it"
            );
        }
        let folder = TempDir::new().expect("a folder");
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).expect("a folder");
        // A copy: the world does not see what lies in root's home.
        for built in [
            env!("CARGO_BIN_EXE_kanmon"),
            env!("CARGO_BIN_EXE_kanmonctl"),
        ] {
            let name = Path::new(built).file_name().expect("a name");
            fs::copy(built, bin.join(name)).expect("a copy");
        }
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/mailhost.sh");
        let mut world = Command::new("unshare")
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
        let output = world.stdout.take().expect("a pipe");
        // What the script prints first is `ready`, or it ends.
        let _ = BufReader::new(output).read_line(&mut said);
        let host = Self { world, folder };
        assert_eq!(said, "ready\n", "the world stands\n{}", host.logs());
        Some(host)
    }

    /// Returns a program that is to be started under a terminal in the world.
    pub(crate) fn at_terminal(&self, program: &str) -> PtyCommand {
        PtyCommand::new("nsenter")
            .args(self.entrance())
            .args([program])
            .env("PATH", PATH)
            .env("LANG", "C.UTF-8")
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

    /// Sends one message to each address; returns when all of them are on hold.
    #[track_caller]
    pub(crate) fn hold(&self, addresses: &[&str]) {
        let before = self.in_queue("hold");
        for address in addresses {
            self.must(&format!(
                "printf 'Subject: news\\n\\nHello\\n' | sendmail -f news@shop.test {address}"
            ));
        }
        self.wait_until("the mail is on hold", |host| {
            host.in_queue("hold") == before + addresses.len()
        });
    }

    /// Returns how many messages one of Postfix's queues has.
    #[track_caller]
    pub(crate) fn in_queue(&self, queue: &str) -> usize {
        let listing = self.must("/usr/sbin/postqueue -j");
        let messages = listing
            .lines()
            .map(|line| serde_json::from_str(line).expect("a JSON object"));
        messages
            .filter(|message: &serde_json::Value| message["queue_name"] == queue)
            .count()
    }

    /// Returns how many messages left.
    pub(crate) fn left(&self) -> usize {
        let mail = fs::read_dir(self.folder.path().join("sink/mail"));
        mail.expect("the server's folder").count()
    }

    /// Waits until this many messages have left in all, and nothing waits any more.
    #[track_caller]
    pub(crate) fn wait_for_left(&self, count: usize) {
        self.wait_until("the mail leaves", |host| {
            host.left() == count && host.must("/usr/sbin/postqueue -j").is_empty()
        });
    }

    /// Waits until `is_so`, or fails with what Postfix said.
    #[track_caller]
    pub(crate) fn wait_until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so(self) {
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
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.folder.path().join("sbin").join(name);
        let mut file = fs::File::create(&path).expect("a file");
        file.write_all(script.as_bytes()).expect("a script");
        drop(file);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
    }

    /// Returns a log's text, empty where nothing was logged.
    pub(crate) fn log(&self, name: &str) -> String {
        fs::read_to_string(self.log_path(name)).unwrap_or_default()
    }

    /// Returns where a log lies for the test.
    fn log_path(&self, name: &str) -> PathBuf {
        self.folder.path().join("log").join(name)
    }

    /// Returns all that Postfix said.
    fn logs(&self) -> String {
        ["start.log", "postfix.log"]
            .map(|name| self.log(name))
            .concat()
    }

    /// Returns what leads `nsenter` into the world: its mounts, network and name.
    fn entrance(&self) -> [String; 6] {
        let pid = self.world.id().to_string();
        ["-t", &pid, "-m", "-n", "-u", "--"].map(str::to_owned)
    }
}

impl Drop for MailHost {
    fn drop(&mut self) {
        // The world ends with its standard input; `unshare` then ends when every process in it
        // has, so that nobody writes to the folder any more.
        drop(self.world.stdin.take());
        let deadline = Instant::now() + PATIENCE;
        while matches!(self.world.try_wait(), Ok(None)) && Instant::now() < deadline {
            pause();
        }
        let _ = self.world.kill();
        let _ = self.world.wait();
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
