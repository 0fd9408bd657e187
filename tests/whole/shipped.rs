//! The shipped gate with its own rules around stand-ins for dangerous commands.
//!
//! It runs in a mount namespace in which every such command of this host is a stand-in, and root's
//! home and `/run` are empty, so that nothing here can touch the host or its ledger.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use tempfile::TempDir;

use crate::pty::{Pty, PtyCommand};
use crate::stage;

const KANMON: &str = env!("CARGO_BIN_EXE_kanmon");

/// Commands that must not be the host's own.
const DANGEROUS: &str = "reboot shutdown poweroff halt systemctl init telinit loginctl kexec";

/// What is done first: a stand-in over each dangerous command, wherever it is.
const WORLD: &str = r#"
set -e
cp "$GATE" kanmon
mkdir bin
for name in $DANGEROUS; do
  cp stand-in "bin/$name"
  for folder in /bin /sbin /usr/bin /usr/sbin /usr/local/bin /usr/local/sbin; do
    [ ! -e "$folder/$name" ] || mount --bind stand-in "$folder/$name"
  done
done
mount -t tmpfs none /root
mount -t tmpfs none /run
PATH=$PWD/bin:$PATH
reboot in-this-world
[ "$(cat ran)" = "reboot in-this-world" ]
: > ran
set +e
"#;

/// A world, and the folder where its stand-ins write.
struct World(TempDir);

impl World {
    /// Makes one.
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let stand_in = folder.path().join("stand-in");
        let ran = folder.path().join("ran");
        let text = format!("#!/bin/sh\necho \"${{0##*/}} $*\" >> {}\n", ran.display());
        fs::write(&stand_in, text).unwrap();
        fs::set_permissions(&stand_in, fs::Permissions::from_mode(0o755)).unwrap();
        Self(folder)
    }

    /// Starts a bash script in it.
    fn start(&self, script: &str) -> Pty {
        let is_root = nix::unistd::geteuid().is_root();
        PtyCommand::new("/usr/bin/unshare")
            .args([if is_root { "-m" } else { "-rm" }, "/bin/bash", "-c"])
            .args([format!("{WORLD}\n{script}")])
            .env("GATE", KANMON)
            .env("DANGEROUS", DANGEROUS)
            .env("HOME", "/root")
            .cwd(self.0.path())
            .spawn()
    }

    /// Returns what the stand-ins have written, but for what probes look at.
    fn ran(&self) -> Vec<String> {
        let looks = ["systemctl list-timers", "systemctl --failed"];
        let lines = stage::lines(&self.0.path().join("ran"));
        lines
            .into_iter()
            .filter(|line| !looks.iter().any(|look| line.starts_with(look)))
            .collect()
    }

    /// Returns the folder.
    fn folder(&self) -> &Path {
        self.0.path()
    }
}

#[test]
fn yes_through_a_pipe_reboots_nothing() {
    let world = World::new();
    let mut pty = world.start("trap : INT; yes | ./kanmon reboot; echo status=${PIPESTATUS[1]}");
    pty.wait_for("reboot.host");
    // Probes look for up to ten seconds; then the first question stands there.
    pty.wait_for_question("1/");
    pty.wait_until("another look", std::time::Duration::from_secs(5), |pty| {
        pty.asks("1/")
    });
    assert_eq!(world.ran(), Vec::<String>::new());
    pty.type_keys(&["C-c"]);
    pty.wait_for("not cleared: interrupted");
    pty.wait_for("status=124");
    pty.wait_exit();
    assert_eq!(world.ran(), Vec::<String>::new());
}

#[test]
fn no_variable_moves_roots_ledger_sets_its_clock_or_its_rules() {
    let world = World::new();
    let mut pty = world.start(
        "export XDG_STATE_HOME=$PWD/x HOME=$PWD/y REHEARSE_RULES=/dev/null KANMON_RULES=/dev/null \
         KANMON_LEDGER=$PWD/z REHEARSE_LEDGER=$PWD/z REHEARSE_CLOCK=/dev/null KANMON_ASSUME_YES=1
         trap : INT; ./kanmon reboot; echo status=$?; ls /root/.local/state/kanmon; ls",
    );
    pty.wait_for_question("1/");
    pty.type_keys(&["C-c"]);
    pty.wait_for("status=124");
    pty.wait_exit();
    assert!(pty.screen().contains("ledger.db"));
    for name in ["x", "y", "z"] {
        assert!(!world.folder().join(name).exists(), "{name}");
    }
    assert_eq!(world.ran(), Vec::<String>::new());
}

#[test]
fn what_its_rules_let_pass_runs_at_once() {
    let world = World::new();
    let mut pty = world.start("./kanmon shutdown -c; ./kanmon systemctl status x; ls -a /root");
    pty.wait_exit();
    assert_eq!(world.ran(), ["shutdown -c", "systemctl status x"]);
    assert!(!pty.raw().contains(".local"), "a ledger was made");
}

#[test]
fn glass_is_broken_with_the_targets_name() {
    let world = World::new();
    let mut pty =
        world.start("./kanmon --break-glass 'disk is dying' systemctl reboot; echo status=$?");
    pty.wait_for_question("Break glass");
    assert_eq!(world.ran(), Vec::<String>::new());
    pty.type_text(&format!("{}\n", stage::host()));
    pty.wait_for("status=0");
    assert_eq!(world.ran(), ["systemctl reboot"]);
}

#[test]
fn a_look_runs_nothing_that_the_line_names() {
    let world = World::new();
    let mut pty = world.start(
        "printf '#!/bin/sh\\ntouch early\\n' > ssh; chmod +x ssh; printf 'ProxyCommand touch early\\n' > cfg
         trap : INT
         for way in 'ssh -oProxyCommand=touch${IFS}early' 'ssh -F cfg' './ssh'; do
           ./kanmon --drill $way mx1 reboot; echo \"status=$? $way\"
         done",
    );
    for way in ["ssh -oProxy", "ssh -F", "./ssh"] {
        pty.wait_for_question("1/");
        assert!(pty.screen().contains("already run"), "{}", pty.screen());
        pty.type_keys(&["C-c"]);
        pty.wait_for(&format!("status=124 {way}"));
    }
    pty.wait_exit();
    assert!(!world.folder().join("early").exists());
    assert_eq!(world.ran(), Vec::<String>::new());
}

#[test]
fn what_follows_a_line_is_held_with_it() {
    let world = World::new();
    let mut pty = world.start(
        "setsid -w ./kanmon -c '\"$@\"' sh reboot; echo status=$?
         setsid -w ./kanmon -c '$0 now' reboot; echo status=$?",
    );
    pty.wait_exit();
    let n_held = pty.screen().matches("status=124").count();
    assert_eq!(n_held, 2, "{}", pty.screen());
    assert_eq!(world.ran(), Vec::<String>::new());
}
