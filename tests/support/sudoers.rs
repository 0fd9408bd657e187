//! Debian's real sudo in a world of its own: a mount namespace in which `/etc` is a copy with its
//! own sudoers, sudo.conf and users, and `/root`, `/run`, `/srv`, `/var/lib` are empty.
//!
//! The gate, kanmonctl and the plugin lie in `/srv/bin`, in folders that are root's alone, as the
//! plugin wants it. The machine's own `/etc` is never written.
#![expect(
    clippy::disallowed_methods,
    reason = "builds the plugin, starts the programs under test and reads what they wrote"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::pty::{Pty, PtyCommand};

/// What is done first. `ann` and `postgres` are users; `ann WORDS…` runs something as ann.
const WORLD: &str = r#"
set -e
umask 022
mkdir -p etc && cp -a /etc/. etc/ && rm -rf etc/kanmon etc/sudoers.d
mkdir -p etc/kanmon/rules.d
mount --bind etc /etc
mount -t tmpfs -o mode=700 none /root
mount -t tmpfs -o mode=755 none /run
mount -t tmpfs -o mode=755 none /srv
mount -t tmpfs -o mode=755 none /var/lib
mkdir /srv/bin /srv/home
cp "$KANMON" /srv/bin/kanmon
cp "$KANMONCTL" /srv/bin/kanmonctl
cp "$PLUGIN" /srv/bin/kanmon.so
chmod 755 /srv/bin/*
chown 4101:4101 /srv/home
printf 'ann:x:4101:4101:Ann:/srv/home:/bin/bash\npostgres:x:4102:4102::/srv:/bin/sh\n' >>/etc/passwd
printf 'ann:x:4101:\npostgres:x:4102:\n' >>/etc/group
printf 'ann:*:19000:0:99999:7:::\npostgres:*:19000:0:99999:7:::\n' >>/etc/shadow
rm -f /etc/sudoers
cat >/etc/sudoers <<'S'
Defaults env_reset
Defaults secure_path="/srv/bin:/usr/sbin:/usr/bin:/sbin:/bin"
root ALL=(ALL:ALL) ALL
ann ALL=(ALL:ALL) NOPASSWD: SETENV: ALL
S
chmod 440 /etc/sudoers
conf=/etc/sudo.conf
printf '%s\n' "Plugin kanmon_approval /srv/bin/kanmon.so gate=/srv/bin/kanmon" \
  "Plugin kanmon_audit /srv/bin/kanmon.so" >$conf
cat >/srv/bin/deploy <<'S'
#!/bin/sh
echo "deploy $* as $(id -un)" >>/srv/ran
exit ${CODE:-0}
S
chmod 755 /srv/bin/deploy
# One that does what it reads: nobody sees that beforehand.
mkdir /srv/other && cp /bin/dash /srv/other/deploy && cp /bin/dash /srv/other/reader
touch /srv/ran; chmod 666 /srv/ran
cat >/etc/kanmon/rules.d/team.toml <<'S'
[pack]
id = 'team'
title = 'Team'
lang = 'en'

[probe]
whose = { run = 'id -un', label = 'Looked as' }

[[rule]]
id = 'deploy'
title = 'Deploy the shop'
why = 'It restarts the tills.'
risk = 'low'
match = [{ program = 'deploy' }]
test.hold = ['deploy now']
test.pass = ['man deploy']
after = [{ show = 'whose' }]

[[rule]]
id = 'everything'
title = 'Deploy all shops'
why = 'It restarts all tills.'
risk = 'low'
match = [{ program = 'deploy', arg = ['all'] }]
test.hold = ['deploy all']
test.pass = ['deploy now']
S
export PATH=/srv/bin:$PATH
kanmonctl rules compile >/dev/null
ann() { ( cd /srv/home; HOME=/srv/home exec setpriv --reuid 4101 --regid 4101 --clear-groups -- "$@" ); }
newest() { kanmonctl log show "$(kanmonctl log list | head -1 | cut -d" " -f1)" "$@"; }
set +e
"#;

/// A folder for one world.
pub(crate) struct Sudoers(TempDir);

impl Sudoers {
    /// Makes one; nothing, and said so, without root.
    pub(crate) fn new() -> Option<Self> {
        if !nix::unistd::geteuid().is_root() {
            let _ = std::io::Write::write_all(
                &mut std::io::stderr(),
                b"left out: sudo in a world of its own needs root\n",
            );
            return None;
        }
        Some(Self(TempDir::new().unwrap()))
    }

    /// Runs a bash script in it where there is no terminal; returns what it wrote, errors too.
    #[track_caller]
    pub(crate) fn run(&self, script: &str) -> String {
        self.run_in("-m", script)
    }

    /// Does the same with a network of its own.
    #[track_caller]
    pub(crate) fn run_alone(&self, script: &str) -> String {
        self.run_in("-mn", &format!("ip link set lo up\n{script}"))
    }

    /// Runs a bash script in the world with these namespaces.
    #[track_caller]
    fn run_in(&self, namespaces: &str, script: &str) -> String {
        let output = Command::new("/usr/bin/setsid")
            .args(["-w", "/usr/bin/unshare", namespaces, "/bin/bash", "-c"])
            .arg(format!("exec 2>&1\n{WORLD}\n{script}"))
            .current_dir(self.0.path())
            .env_clear()
            .envs(variables())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Returns the folder in which scripts begin; it is not of the world, but seen from both sides.
    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    /// Starts a bash script in it under a pty.
    pub(crate) fn start(&self, script: &str) -> Pty {
        self.start_in("-m", script)
    }

    /// Starts a bash script in it under a pty, with a network of its own.
    pub(crate) fn start_alone(&self, script: &str) -> Pty {
        self.start_in("-mn", &format!("ip link set lo up\n{script}"))
    }

    /// Starts a bash script in the world with these namespaces.
    fn start_in(&self, namespaces: &str, script: &str) -> Pty {
        let mut command = PtyCommand::new("/usr/bin/unshare")
            .args([namespaces, "/bin/bash", "-c"])
            .args([format!("{WORLD}\n{script}")])
            .cwd(self.0.path());
        for (name, value) in variables() {
            command = command.env(name, value);
        }
        command.spawn()
    }
}

/// The variables of a script.
fn variables() -> [(&'static str, String); 6] {
    [
        ("KANMON", env!("CARGO_BIN_EXE_kanmon").to_owned()),
        ("KANMONCTL", env!("CARGO_BIN_EXE_kanmonctl").to_owned()),
        ("PLUGIN", plugin().display().to_string()),
        ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin".to_owned()),
        ("LC_ALL", "C.UTF-8".to_owned()),
        ("TERM", "xterm".to_owned()),
    ]
}

/// Builds the plugin, once, as `ci/test` does, and returns its file.
fn plugin() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let root = crate::judged::root();
        let built = Command::new(root.join("ci/sudo-plugin"))
            .args(["build", "--quiet", "--locked"])
            .status();
        assert!(built.unwrap().success(), "the plugin does not build");
        let targets = fs::read_dir(root.join("sudo-plugin/target")).unwrap();
        let mut files = targets.map(|target| {
            let folder = target.unwrap().path();
            folder.join("debug/libkanmon_sudo.so")
        });
        files.find(|file| file.exists()).expect("a plugin")
    });
    built.clone()
}
