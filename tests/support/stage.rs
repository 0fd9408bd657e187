//! A stage for the gate as a whole program: rules, stand-ins for commands, a ledger, all in a
//! folder that goes away with the test.
//!
//! A stand-in writes its argv as a line into the file `ran` and then does what its first word says:
//! `exit N`, `die SIGNAL`, `cat`, `stay`, `state`, `sizes`. None of them does any harm.
#![expect(
    clippy::disallowed_methods,
    reason = "reads what the program under test wrote, and fails by a panic"
)]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use kanmon::context::SystemClock;
use kanmon::gate::record::Event;
use kanmon::gate::{Clock, Moment};
use kanmon::ledger::history::{Outcome, Run};
use kanmon::ledger::{Reader, store, verify};
use nix::sys::termios::LocalFlags;
use tempfile::TempDir;

use crate::pty::{Pty, PtyCommand};

/// The rules; `@` stands for the folder.
const RULES: &str = include_str!("rehearse.toml");

/// What every stand-in is.
const STAND_IN: &str = r#"#!/bin/sh
line=${0##*/}
for word; do line="$line $word"; done
printf '%s\n' "$line" >> '@/ran'
case $1 in
exit) exit "$2" ;;
die) ulimit -c 0; kill -s "$2" $$ ;;
cat) exec cat ;;
stay) exec sleep 1000 ;;
state)
  # What has no business to differ from a start without the gate.
  { grep -E '^(Sig|Shd)[BIC]' /proc/self/status; umask; pwd; env | sort
    ls /proc/$$/fd; } >'@/state-seen'
  ;;
sizes)
  trap 'stty size >/dev/tty' WINCH
  while :; do sleep 0.05; done ;;
esac
"#;

/// Programs that the rules name, and one that takes them to many hosts.
const PROGRAMS: [&str; 27] = [
    "notable",
    "lowly",
    "middling",
    "calling",
    "elsewhere",
    "loosely",
    "unsteadily",
    "critically",
    "resting",
    "hanging",
    "slowly",
    "delayed",
    "hostile",
    "hourly",
    "locked",
    "pssh",
    "closed",
    "witnessed",
    "secondly",
    "approved",
    "led",
    "doubly",
    "teamwork",
    "paired",
    "shared",
    "frozen",
    "jobbing",
];

/// Rules, stand-ins and a ledger in a folder.
pub(crate) struct Stage(TempDir);

impl Stage {
    /// Makes a stage with three messages waiting.
    pub(crate) fn new() -> Self {
        let stage = Self(TempDir::new().unwrap());
        let folder = stage.folder().to_str().unwrap().to_owned();
        for part in ["bin", "state", "resort"] {
            fs::create_dir(stage.path(part)).unwrap();
        }
        fs::write(stage.path("rules.toml"), RULES.replace('@', &folder)).unwrap();
        let stand_in = stage.path("stand-in");
        fs::write(&stand_in, STAND_IN.replace('@', &folder)).unwrap();
        fs::set_permissions(&stand_in, fs::Permissions::from_mode(0o755)).unwrap();
        for program in PROGRAMS {
            symlink(&stand_in, stage.path("bin").join(program)).unwrap();
        }
        let locked = stage.path("bin/locked");
        fs::remove_file(&locked).unwrap();
        fs::write(&locked, "#!/bin/sh\n").unwrap();
        symlink(rehearse(), stage.path("bin/kanmon")).unwrap();
        stage.set_waiting("3");
        stage.set_clock(0, 0);
        stage
    }

    /// Returns the folder.
    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    /// Returns the path of what lies in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// Sets the number that the probe `waiting` sees.
    pub(crate) fn set_waiting(&self, value: &str) {
        let new = self.path("waiting.new");
        fs::write(&new, value).unwrap();
        // At once: a probe must not see an empty file.
        fs::rename(new, self.path("waiting")).unwrap();
    }

    /// Moves the wall clock and the boot clock by these seconds.
    pub(crate) fn set_clock(&self, wall: i64, boot: u64) {
        let new = self.path("clock.new");
        fs::write(&new, format!("{wall} {boot}")).unwrap();
        fs::rename(new, self.path("clock")).unwrap();
    }

    /// Returns the gate with these arguments, to be started under a pty.
    pub(crate) fn gate(&self, args: &[&str]) -> PtyCommand {
        self.program(self.path("bin/kanmon")).args(args)
    }

    /// Returns any program, in whose surroundings the gate finds this stage.
    pub(crate) fn program(&self, program: impl AsRef<OsStr>) -> PtyCommand {
        let path = format!("{}:/usr/bin:/bin", self.path("bin").display());
        PtyCommand::new(program)
            .cwd(self.folder())
            .env("PATH", path)
            .env("REHEARSE_RULES", self.path("rules.toml"))
            .env("REHEARSE_LEDGER", self.ledger())
            .env("REHEARSE_RESORT", self.path("resort/kanmon"))
            .env("REHEARSE_CLOCK", self.path("clock"))
    }

    /// Starts the gate under a pty.
    pub(crate) fn start(&self, args: &[&str]) -> Pty {
        self.gate(args).spawn()
    }

    /// Starts a shell with job control under a pty and waits for its prompt.
    pub(crate) fn shell(&self) -> Pty {
        let mut pty = self
            .program("/bin/bash")
            .args(["--norc", "--noprofile", "--noediting", "-i"])
            .env("PS1", "ready: ")
            .spawn();
        pty.wait_for("ready:");
        // Tells of a job's change at once.
        pty.type_text("set -b\n");
        pty
    }

    /// Returns the path of the ledger.
    pub(crate) fn ledger(&self) -> PathBuf {
        self.path("state/kanmon/ledger.db")
    }

    /// Returns the argv of every stand-in that has run.
    pub(crate) fn ran(&self) -> Vec<String> {
        lines(&self.path("ran"))
    }

    /// Returns the runs in the ledger, the newest first, after checking that its chain is whole.
    #[track_caller]
    pub(crate) fn runs(&self) -> Vec<Run> {
        runs(&self.ledger())
    }

    /// Returns the one run in the ledger.
    #[track_caller]
    pub(crate) fn run(&self) -> Run {
        let mut runs = self.runs();
        assert_eq!(runs.len(), 1, "{runs:?}");
        runs.remove(0)
    }

    /// Asserts that nothing has run and that the one run in the ledger says why.
    #[track_caller]
    pub(crate) fn assert_not_cleared(&self, reason: &str) {
        assert_eq!(self.ran(), Vec::<String>::new());
        let reason = reason.to_owned();
        assert_eq!(self.run().outcome, Outcome::NotCleared { reason });
    }
}

/// Returns the runs in a ledger, the newest first, after checking that its chain is whole.
#[track_caller]
pub(crate) fn runs(ledger: &Path) -> Vec<Run> {
    let reader = Reader::open(ledger).unwrap();
    let verified = verify(&reader).unwrap();
    assert!(verified.is_whole(), "{verified:?}");
    reader.runs(10_000, &now()).unwrap()
}

/// Returns the kinds of a run's events, in order.
pub(crate) fn kinds(run: &Run) -> Vec<&'static str> {
    run.events
        .iter()
        .map(|told| store::kind(&told.event))
        .collect()
}

/// Returns a run's answered questions as `step answer`, in order.
pub(crate) fn answers(run: &Run) -> Vec<String> {
    let answered = run.events.iter().filter_map(|told| match &told.event {
        Event::Answered(answered) => Some(format!("{} {}", answered.step, answered.answer)),
        _ => None,
    });
    answered.collect()
}

/// Returns the lines of a file, none where it is not there.
pub(crate) fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// Returns this host's name as the gate calls it.
pub(crate) fn host() -> String {
    kanmon::context::host::node_name()
}

/// Waits until `is_so`.
#[track_caller]
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + crate::pty::PATIENCE;
    while !is_so() {
        assert!(
            std::time::Instant::now() < deadline,
            "waited in vain for {what}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Returns whether the pty has the modes of a shell: lines and echo.
pub(crate) fn is_restored(pty: &Pty) -> bool {
    let wanted = LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG | LocalFlags::IEXTEN;
    pty.modes().local_flags.contains(wanted) && !pty.cells().bracketed_paste()
}

/// Returns the path of the program under test.
pub(crate) fn rehearse() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    // target/…/debug/deps/whole-HASH, beside target/…/debug/examples/rehearse.
    test.ancestors().nth(2).unwrap().join("examples/rehearse")
}

fn now() -> Moment {
    SystemClock::new().now()
}
