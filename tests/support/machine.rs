//! A host of its own for the layers: the shipped programs in a mount namespace in which `/etc` is a
//! copy with an empty `/etc/kanmon`, and root's home and `/run` are empty.
//!
//! Needs root: owners are what these tests are about. The machine's own `/etc` is never written.
#![expect(
    clippy::disallowed_methods,
    reason = "starts the programs under test and reads what they wrote"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::pty::{Pty, PtyCommand};

/// What is done first.
const WORLD: &str = r#"
set -e
umask 022
cp "$KANMON" bin/kanmon
cp "$KANMONCTL" bin/kanmonctl
mkdir -p etc && cp -a /etc/. etc/ && rm -rf etc/kanmon
mkdir -p etc/kanmon/rules.d
mount --bind etc /etc
mount -t tmpfs none /root
mount -t tmpfs none /run
# A fish that lacks this reads all manual pages, beside the test.
mkdir -p /root/.local/share/fish/generated_completions
export PATH=$PWD/bin:$PATH
as() { user=$1; shift; setpriv --reuid "$user" --regid "$user" --clear-groups -- "$@"; }
# A user with a home of their own, and what they do.
mkdir -p home/.config/kanmon/rules.d home/work
chown -R 1234:1234 home
ann() { HOME=$PWD/home as 1234 "$@"; }
own=$PWD/home/.config/kanmon/rules.d
rules=/etc/kanmon/rules.d
set +e
"#;

/// A pack with a rule for the stand-in `deploy`, of low risk.
pub(crate) const DEPLOY: &str = "[pack]\nid = 'team'\ntitle = 'Team'\nlang = 'en'\n\n\
    [[rule]]\nid = 'deploy'\ntitle = 'Deploy the shop'\nwhy = 'It restarts the tills.'\n\
    risk = 'low'\nmatch = [{ program = 'deploy' }]\n\
    test.hold = ['deploy now']\ntest.pass = ['man deploy']\n";

/// A host, and the folder in which it lives.
pub(crate) struct Host(TempDir);

impl Host {
    /// Makes one; `None` without root, said so.
    pub(crate) fn new() -> Option<Self> {
        if !nix::unistd::geteuid().is_root() {
            let _ = std::io::Write::write_all(
                &mut std::io::stderr(),
                b"left out: owners of files cannot be tested without root\n",
            );
            return None;
        }
        let host = Self(TempDir::new().unwrap());
        fs::create_dir(host.path("bin")).unwrap();
        for program in ["deploy", "release", "settle-accounts"] {
            let ran = host.path("ran");
            let text = format!("#!/bin/sh\necho \"${{0##*/}} $*\" >> {}\n", ran.display());
            let stand_in = host.path("bin").join(program);
            fs::write(&stand_in, text).unwrap();
            fs::set_permissions(&stand_in, fs::Permissions::from_mode(0o755)).unwrap();
        }
        fs::write(host.path("ran"), "").unwrap();
        fs::write(host.path("deploy.toml"), DEPLOY).unwrap();
        // Other users live in it too, and what they run is written down as well.
        for (path, mode) in [(".", 0o755), ("ran", 0o666)] {
            fs::set_permissions(host.path(path), fs::Permissions::from_mode(mode)).unwrap();
        }
        Some(host)
    }

    /// Returns the path of what lies in the host's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// Returns the folder.
    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    /// Runs a bash script in it, where nobody can answer; returns what it wrote, errors too.
    #[track_caller]
    pub(crate) fn run(&self, script: &str) -> String {
        let output = Command::new("/usr/bin/setsid")
            .args(["-w", "/usr/bin/unshare", "-m", "/bin/bash", "-c"])
            .arg(format!("exec 2>&1\n{WORLD}\n{script}"))
            .current_dir(self.folder())
            .env_clear()
            .envs(variables())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Starts a bash script in it under a pty.
    pub(crate) fn start(&self, script: &str) -> Pty {
        self.at_terminal(script).spawn()
    }

    /// Returns a bash script that is to be started in it under a pty.
    pub(crate) fn at_terminal(&self, script: &str) -> PtyCommand {
        let mut command = PtyCommand::new("/usr/bin/unshare")
            .args(["-m", "/bin/bash", "-c"])
            .args([format!("{WORLD}\n{script}")])
            .cwd(self.folder());
        for (name, value) in variables() {
            command = command.env(name, value);
        }
        command
    }

    /// Returns what the stand-ins wrote.
    pub(crate) fn ran(&self) -> Vec<String> {
        crate::stage::lines(&self.path("ran"))
    }
}

/// The variables with which all is started.
fn variables() -> [(&'static str, &'static str); 5] {
    [
        ("KANMON", env!("CARGO_BIN_EXE_kanmon")),
        ("KANMONCTL", env!("CARGO_BIN_EXE_kanmonctl")),
        ("HOME", "/root"),
        ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
        ("LANG", "C.UTF-8"),
    ]
}
