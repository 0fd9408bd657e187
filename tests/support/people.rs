//! People of the tests: users of their own in a mount namespace that goes away with the test.
//!
//! | user | number | group |
//! | --- | --- | --- |
//! | ann, bob | 4001, 4002 | kanmon |
//! | carol | 4003 | kanmon, leads |
//! | eve | 4004 | none of them |
//!
//! `/etc/passwd` and `/etc/group` are files of the test, `/var/lib` is empty. In a script
//! `as NAME COMMAND…` runs a command as if that user had logged in, `job NAME COMMAND…` as
//! something that the user's system runs, in a session of its own without a terminal.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};

use crate::pty::{Pty, PtyCommand};
use crate::stage::{self, Stage};

/// No password, so that PAM asks for no line in `/etc/shadow`.
const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh
ann:*:4001:4001:Ann:/:/bin/sh
bob:*:4002:4002:Bob:/:/bin/sh
carol:*:4003:4003:Carol:/:/bin/sh
eve:*:4004:4004:Eve:/:/bin/sh
daemon:*:1:1:daemon:/:/usr/sbin/nologin
";

const GROUP: &str = "root:x:0:
tty:x:5:
ann:x:4001:
bob:x:4002:
carol:x:4003:
eve:x:4004:
kanmon:x:4200:ann,bob,carol
leads:x:4201:carol
crontab:x:4202:
daemon:x:1:
";

/// What is done first. A login is what the kernel's audit knows: it is set once for a process.
const WORLD: &str = r#"
set -e
mount --bind passwd /etc/passwd
mount --bind group /etc/group
mount -t tmpfs -o mode=755 none /var/lib
set +e
ids() { echo "--reuid $1 --regid $1 --init-groups"; }
as() {
  who=$1; shift
  ( [ "$who" = root ] || echo "$(id -u "$who")" > /proc/self/loginuid
    export REHEARSE_LEDGER=$PWD/own/$who/kanmon/ledger.db XDG_STATE_HOME=$PWD/own/$who
    exec setpriv $(ids "$who") -- "$@" )
}
job() {
  who=$1; shift
  ( export REHEARSE_LEDGER=$PWD/own/$who/kanmon/ledger.db XDG_STATE_HOME=$PWD/own/$who
    exec setsid -w setpriv $(ids "$who") -- "$@" ) </dev/null
}
"#;

/// A stage with people.
pub(crate) struct People(pub(crate) Stage);

impl People {
    /// Looks that nothing ran, and what was answered last in the first run of the host's ledger, which a script
    /// has copied.
    #[track_caller]
    pub(crate) fn has_run_nothing(&self, answered: &str) {
        assert_eq!(self.0.ran(), Vec::<String>::new());
        let runs = stage::runs(&self.0.path("copy.db"));
        assert_eq!(stage::answers(&runs[0]).last().unwrap(), answered);
    }

    /// Makes one; nothing where this process cannot have users of its own.
    pub(crate) fn new() -> Option<Self> {
        if !nix::unistd::geteuid().is_root() {
            return None;
        }
        let stage = Stage::new();
        let open = |name: &str, mode| {
            fs::set_permissions(stage.path(name), fs::Permissions::from_mode(mode)).unwrap();
        };
        open("", 0o755);
        fs::write(stage.path("passwd"), PASSWD).unwrap();
        fs::write(stage.path("group"), GROUP).unwrap();
        fs::write(stage.path("ran"), "").unwrap();
        open("ran", 0o666);
        for (name, number) in [
            ("root", 0),
            ("ann", 4001),
            ("bob", 4002),
            ("carol", 4003),
            ("eve", 4004),
        ] {
            let own = format!("own/{name}");
            fs::create_dir_all(stage.path(&own)).unwrap();
            chown(stage.path(&own), Some(number), Some(number)).unwrap();
        }
        Some(Self(stage))
    }

    /// Starts a shell script in a world of theirs that is a host of its own: with a name, a machine id, and
    /// the team's store at `url`.
    pub(crate) fn on_host(&self, name: &str, url: &str, script: &str) -> Pty {
        let id: String = name
            .bytes()
            .cycle()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        self.0
            .program("/usr/bin/unshare")
            .args(["-m", "-u", "/bin/bash", "-c"])
            .args([format!(
                "hostname {name}; echo {id} > machine-id; mount --bind machine-id /etc/machine-id
                {WORLD}
                $CTL init --host >/dev/null || exit 99
                {script}
                echo script is through"
            )])
            .env("REHEARSE_HOST", "/var/lib/kanmon")
            .env("REHEARSE_STORE", url)
            .env("CTL", env!("CARGO_BIN_EXE_kanmonctl"))
            .spawn()
    }

    /// Returns a shell script in their world, to be started.
    pub(crate) fn script(&self, script: &str) -> PtyCommand {
        self.0
            .program("/usr/bin/unshare")
            .args(["-m", "/bin/bash", "-c", &format!("{WORLD}\n{script}")])
            .env("REHEARSE_HOST", "/var/lib/kanmon")
            .env(
                "APPROVE",
                crate::stage::rehearse().with_file_name("approver"),
            )
            .env("CTL", env!("CARGO_BIN_EXE_kanmonctl"))
    }

    /// Starts a shell script in the world that was made for the process `world`.
    pub(crate) fn start_in(&self, world: &str, script: &str) -> Pty {
        let (_, words) = WORLD.split_once("set +e").unwrap();
        self.0
            .program("/usr/bin/nsenter")
            .args(["-m", "-t", world, "/bin/bash", "-c"])
            .args([format!(
                "cd {}\n{words}\n{script}",
                self.0.folder().display()
            )])
            .env("REHEARSE_HOST", "/var/lib/kanmon")
            .env(
                "APPROVE",
                crate::stage::rehearse().with_file_name("approver"),
            )
            .env("CTL", env!("CARGO_BIN_EXE_kanmonctl"))
            .spawn()
    }

    /// Starts a shell script in their world.
    pub(crate) fn start(&self, script: &str) -> Pty {
        self.script(script).spawn()
    }
}
