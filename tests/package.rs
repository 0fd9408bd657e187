//! The Debian package in a clean Debian root: installed, used, upgraded, removed and purged.
//!
//! `ci/test` builds the package first and names it in `KANMON_DEB`; the root is made of Debian's
//! essential packages alone and has namespaces of its own.

// `cfg(test)` always holds here; it tells clippy that helpers outside of test functions may unwrap.
#![cfg(test)]

#[expect(dead_code, reason = "shared with the whole-program tests")]
#[path = "support/pty.rs"]
mod pty;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::pty::{Pty, PtyCommand};

/// How the root is made, of the release that the machine has.
const MAKE: &str = r#"
. /etc/os-release
exec mmdebstrap --quiet --variant=essential --include=sudo,mount --mode=root "$VERSION_CODENAME" "$0"
"#;

/// What every script in the root begins with: nothing of the machine but its devices and
/// processes is there, and a program that a rule of the team guards.
const WORLD: &str = r#"
/usr/bin/mount --bind "$0" "$0"
/usr/bin/mount --bind /dev "$0/dev"
/usr/bin/mount -t proc proc "$0/proc"
exec /usr/sbin/chroot "$0" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  HOME=/root TERM=xterm LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive sh -ec "$1"
"#;

/// A rule of the team.
const RULES: &str = r#"
[pack]
id = "team"
title = "Ours"

[[rule]]
id = "batch"
title = "Start the batch"
why = "A second run pays twice."
risk = "low"
match = [{ program = "batchctl", verb = ["start"] }]
steps = [{ confirm = "Has it not run yet?" }]

[words.batchctl]
"#;

/// A Debian root of its own.
struct Root(TempDir);

impl Root {
    /// Makes one, with the package in it.
    fn new(package: &Path) -> Self {
        let folder = TempDir::new().unwrap();
        let root = folder.path().join("root");
        let made = Command::new("sh")
            .args(["-c", MAKE])
            .arg(&root)
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        fs::copy(package, root.join("kanmon.deb")).unwrap();
        Self(folder)
    }

    /// Returns a path in it.
    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join("root").join(path)
    }

    /// Returns the arguments of `unshare` by which a script runs in it.
    fn args(&self, script: &str) -> Vec<String> {
        let mut args: Vec<String> = ["-mpfn", "--mount-proc", "sh", "-ec", WORLD]
            .map(str::to_owned)
            .into();
        args.extend([self.path("").display().to_string(), script.to_owned()]);
        args
    }

    /// Runs a script in it, without a terminal.
    fn run(&self, script: &str) -> Output {
        let mut command = Command::new("setsid");
        command.args(["-w", "unshare"]).args(self.args(script));
        command.output().unwrap()
    }

    /// Runs a script in it that has to end well; returns what it printed.
    fn ok(&self, script: &str) -> String {
        let output = self.run(script);
        assert!(output.status.success(), "{script}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Starts a script in it, at a terminal.
    fn at_terminal(&self, script: &str) -> Pty {
        PtyCommand::new("/usr/bin/unshare")
            .args(self.args(script))
            .spawn()
    }
}

#[test]
fn it_is_installed_used_upgraded_removed_and_purged() {
    let package =
        std::env::var_os("KANMON_DEB").expect("KANMON_DEB names the package; see ci/test");
    let root = Root::new(Path::new(&package));

    // Installed: nothing is asked, what passes runs, and its own rules are compiled.
    root.ok("dpkg -i /kanmon.deb");
    assert_eq!(root.run("kanmon sh -c 'exit 7'").status.code(), Some(7));
    let doctor = root.ok("kanmonctl doctor");
    assert!(
        doctor.contains("the compiled rules are current"),
        "{doctor}"
    );
    let held = root.run("kanmon systemctl reboot");
    assert_eq!(held.status.code(), Some(124), "{held:?}");
    let told = String::from_utf8(held.stderr).unwrap();
    assert!(told.contains("reboot.host"), "{told}");
    for program in ["kanmon", "kanmonctl"] {
        let completion = format!("/usr/share/bash-completion/completions/{program}");
        root.ok(&format!("bash -c '. {completion}; complete -p {program}'"));
        let page = root.ok(&format!("zcat /usr/share/man/man1/{program}.1.gz"));
        assert!(page.contains(".SH NAME"), "{page}");
        for file in [
            format!("usr/share/zsh/vendor-completions/_{program}"),
            format!("usr/share/fish/vendor_completions.d/{program}.fish"),
        ] {
            assert!(root.path(&file).is_file(), "{file}");
        }
    }

    // Used: a rule of the team holds at a terminal, and the run is on record.
    fs::write(root.path("etc/kanmon/rules.d/team.toml"), RULES).unwrap();
    fs::write(
        root.path("usr/local/bin/batchctl"),
        "#!/bin/sh\necho \"$*\" >>/ran\n",
    )
    .unwrap();
    root.ok("chmod 755 /usr/local/bin/batchctl; kanmonctl rules compile");
    let mut pty = root.at_terminal("kanmon batchctl start night");
    pty.wait_for_question("Has it not run yet?");
    assert!(!root.path("ran").exists());
    pty.type_text("y\n");
    assert!(pty.wait_exit().success(), "{}", pty.screen());
    assert_eq!(
        fs::read_to_string(root.path("ran")).unwrap(),
        "start night\n"
    );
    let log = root.ok("kanmonctl log list");
    assert!(log.contains("batchctl start night"), "{log}");
    root.ok("kanmonctl log verify");

    // Upgraded: what the team changed stays and is compiled anew; a mistake of theirs is told, not fatal.
    let config = "[profile]\nprefix = \"workstation\"\n";
    fs::write(root.path("etc/kanmon/config.toml"), config).unwrap();
    root.ok("dpkg -i --force-confold /kanmon.deb");
    let kept = fs::read_to_string(root.path("etc/kanmon/config.toml")).unwrap();
    assert_eq!(kept, config);
    assert!(
        root.ok("kanmonctl doctor")
            .contains("the compiled rules are current")
    );
    fs::write(root.path("etc/kanmon/rules.d/b.toml"), "[pack\n").unwrap();
    let again = root.run("dpkg -i --force-confold /kanmon.deb");
    assert!(again.status.success(), "{again:?}");
    let told = String::from_utf8(again.stderr).unwrap();
    assert!(told.contains("kanmonctl rules lint"), "{told}");
    fs::remove_file(root.path("etc/kanmon/rules.d/b.toml")).unwrap();
    root.ok("kanmonctl rules compile");

    // sudo runs as ever; with the plugin put in it asks the gate, and goes on when the package goes.
    assert!(root.path("usr/libexec/sudo/kanmon.so").is_file());
    root.ok(
        "sudo true; kanmonctl sudo install; kanmonctl sudo check; sudo true; sudo -u games true",
    );
    let doctor = root.ok("kanmonctl doctor");
    assert!(doctor.contains("/usr/libexec/sudo/kanmon.so"), "{doctor}");
    let before = fs::read_to_string(root.path("ran")).unwrap();
    let held = root.run("sudo batchctl start again");
    assert!(!held.status.success(), "{held:?}");
    assert_eq!(fs::read_to_string(root.path("ran")).unwrap(), before);
    root.ok("chmod 666 /usr/libexec/sudo/kanmon.so");
    let doctor = root.run("kanmonctl doctor");
    assert_eq!(doctor.status.code(), Some(1));
    let told = String::from_utf8(doctor.stdout).unwrap();
    assert!(told.contains("kanmonctl sudo remove"), "{told}");
    root.ok("chmod 644 /usr/libexec/sudo/kanmon.so");

    // Removed: not while somebody could not log in without it.
    root.ok("sed -i 's,^games:\\(.*\\):[^:]*$,games:\\1:/usr/bin/kanmon,' /etc/passwd");
    let refused = root.run("dpkg -r kanmon");
    assert!(!refused.status.success(), "{refused:?}");
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.contains("login shell of: games"), "{told}");
    assert_eq!(root.run("kanmon sh -c 'exit 7'").status.code(), Some(7));
    // Nor while ssh logins go through it.
    root.ok("sed -i 's,/usr/bin/kanmon$,/usr/sbin/nologin,' /etc/passwd");
    let ssh = "etc/ssh/sshd_config.d";
    fs::create_dir_all(root.path(ssh)).unwrap();
    fs::write(
        root.path(ssh).join("gate.conf"),
        "ForceCommand /usr/bin/kanmon --ssh\n",
    )
    .unwrap();
    let refused = root.run("dpkg -r kanmon");
    assert!(!refused.status.success(), "{refused:?}");
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(
        told.contains("gate.conf") || told.contains("ForceCommand"),
        "{told}"
    );
    fs::remove_file(root.path(ssh).join("gate.conf")).unwrap();
    root.ok("sed -i 's,/usr/bin/kanmon$,/usr/sbin/nologin,' /etc/passwd; dpkg -r kanmon");
    assert!(!root.path("usr/bin/kanmon").exists());
    assert!(!root.path("etc/kanmon/rules.compiled").exists());
    assert!(root.path("etc/kanmon/config.toml").exists());
    let conf = fs::read_to_string(root.path("etc/sudo.conf")).unwrap();
    assert!(!conf.contains("kanmon"), "{conf}");
    root.ok("sudo true");

    // Purged: the team's rules and all records stay.
    root.ok("dpkg -P kanmon");
    assert!(!root.path("etc/kanmon/config.toml").exists());
    assert!(root.path("etc/kanmon/rules.d/team.toml").exists());
    assert!(root.path("root/.local/state/kanmon/ledger.db").exists());
}
