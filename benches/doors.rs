//! What the doors cost, as ratios of the same with and without the gate in one run; never a test.
//!
//! `ssh host true` with and without `ForceCommand` (two real sshds on loopback), `sudo true` with and
//! without the plugin (Debian's sudo), and at each shell's prompt, from Enter to the next prompt: an
//! empty line, a line without a guarded word, and one with such a word that passes. With and without
//! alternate; the ratios of their medians are printed.
//!
//! All of it happens in namespaces: `/etc` is a copy, the network is loopback alone. Needs root.

#![expect(
    unsafe_code,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark stands outside of the program"
)]

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::openpty;

mod pairs;

use pairs::{pairs, whole};

/// The argument with which the benchmark starts itself again inside the namespaces.
const INSIDE: &str = "--inside";

/// What is done in the namespaces first; the gate lies in `/srv/bin`.
const WORLD: &str = r#"
set -e
umask 022
cp -a /etc etc; rm -rf etc/kanmon etc/sudoers.d; mount --bind etc /etc
for folder in /root /run /srv /var/lib; do mount -t tmpfs -o mode=755 none $folder; done
ip link set lo up
mkdir -p /srv/bin /srv/ssh /srv/stand-in /run/sshd /root/.ssh
cp "$KANMON" /srv/bin/kanmon; cp "$KANMONCTL" /srv/bin/kanmonctl; cp "$PLUGIN" /srv/bin/kanmon.so
ln -s /bin/true /srv/stand-in/systemctl
rm -f /etc/sudoers /etc/sudo.conf
printf 'Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n' >/etc/sudoers; chmod 440 /etc/sudoers
printf '%s\n' "Plugin kanmon_approval /srv/bin/kanmon.so gate=/srv/bin/kanmon" \
  "Plugin kanmon_audit /srv/bin/kanmon.so" >/srv/with.conf
: >/srv/without.conf
ssh-keygen -q -t ed25519 -N '' -f /srv/ssh/host; ssh-keygen -q -t ed25519 -N '' -f /srv/ssh/key
sshd() {
  printf '%s\n' "ListenAddress 127.0.0.1:$1" "HostKey /srv/ssh/host" "AuthorizedKeysFile /srv/ssh/key.pub" \
    "PermitRootLogin yes" "UsePAM no" "PidFile none" "$2" >/srv/ssh/$1
  /usr/sbin/sshd -f /srv/ssh/$1 -D -E /srv/ssh/$1.log & eval "sshd_$1=$!"
  until grep -q listening /srv/ssh/$1.log 2>/dev/null; do sleep 0.02; done
}
sshd 2201 "ForceCommand /srv/bin/kanmon --ssh"
sshd 2202 ""
trap 'kill $sshd_2201 $sshd_2202' EXIT
export PATH=/srv/bin:/srv/stand-in:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 TERM=xterm
for door in with without; do
  mkdir -p /srv/$door/.config/fish
  echo 'PS1="P% "; HISTFILE=' >/srv/$door/.bashrc
  echo 'PROMPT="P%% "; unsetopt prompt_sp' >/srv/$door/.zshrc
  printf '%s\n' 'function fish_prompt; printf "P%% "; end' 'set -g fish_greeting' >/srv/$door/.config/fish/config.fish
done
echo 'eval "$(kanmonctl init bash)"' >>/srv/with/.bashrc
echo 'eval "$(kanmonctl init zsh)"' >>/srv/with/.zshrc
echo 'kanmonctl init fish | source' >>/srv/with/.config/fish/config.fish
"$@"
"#;

/// How long is waited for anything, once.
const PATIENCE: Duration = Duration::from_secs(30);
/// Nothing more comes after such a silence.
const SILENCE: Duration = Duration::from_millis(40);

/// `ssh host true` at the sshd with this port.
fn ssh(port: u16) -> Duration {
    whole(Command::new("ssh").args([
        "-p",
        &port.to_string(),
        "-F",
        "none",
        "-i",
        "/srv/ssh/key",
        "-o",
        "UserKnownHostsFile=/dev/null",
        "-o",
        "StrictHostKeyChecking=no",
        "-o",
        "LogLevel=ERROR",
        "root@127.0.0.1",
        "true",
    ]))
}

/// `sudo true` with these settings.
fn sudo(conf: &str) -> Duration {
    fs::copy(conf, "/etc/sudo.conf").unwrap();
    whole(Command::new("sudo").arg("true"))
}

/// A shell at a terminal.
struct Shell {
    child: Child,
    master: File,
}

impl Shell {
    /// Starts a shell whose home is this folder, and waits for its prompt.
    fn start(shell: &str, home: &str) -> Self {
        let pty = openpty(None, None).unwrap();
        let number = pty.slave.as_raw_fd();
        let mut command = Command::new(shell);
        command
            .arg("-i")
            .env("HOME", home)
            .current_dir(home)
            .stdin(pty.slave.try_clone().unwrap())
            .stdout(pty.slave.try_clone().unwrap())
            .stderr(pty.slave.try_clone().unwrap());
        let lead = move || {
            // SAFETY: a system call without memory.
            unsafe { libc::setsid() };
            // SAFETY: a system call without memory; the descriptor is open in the child.
            unsafe { libc::ioctl(number, libc::TIOCSCTTY, 0) };
            Ok(())
        };
        // SAFETY: `lead` makes only system calls.
        unsafe { command.pre_exec(lead) };
        let child = command.spawn().unwrap();
        let mut shell = Self {
            child,
            master: File::from(pty.master),
        };
        shell.until_prompt();
        shell
    }

    /// Reads what comes within `limit`; nothing where it is quiet.
    fn read(&mut self, limit: Duration) -> Vec<u8> {
        let mut waited = [PollFd::new(self.master.as_fd(), PollFlags::POLLIN)];
        let limit = PollTimeout::try_from(limit).unwrap();
        if poll(&mut waited, limit).unwrap() == 0 {
            return Vec::new();
        }
        let mut buffer = vec![0; 4096];
        let length = self.master.read(&mut buffer).unwrap();
        buffer.truncate(length);
        buffer
    }

    /// Reads up to a prompt.
    fn until_prompt(&mut self) {
        let mut seen = Vec::new();
        while !seen.windows(3).any(|window| window == b"P% ") {
            let read = self.read(PATIENCE);
            assert!(
                !read.is_empty(),
                "no prompt: {}",
                String::from_utf8_lossy(&seen)
            );
            seen.extend(read);
        }
    }

    /// Types a line, and returns the time from Enter to the next prompt.
    fn line(&mut self, text: &str) -> Duration {
        self.master.write_all(text.as_bytes()).unwrap();
        while !self.read(SILENCE).is_empty() {}
        let begun = Instant::now();
        self.master.write_all(b"\r").unwrap();
        self.until_prompt();
        begun.elapsed()
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Measures, in the namespaces.
fn inside() {
    println!("ratios of the same with and without the door:");
    pairs("ssh host true", 40, || ssh(2201), || ssh(2202));
    pairs(
        "sudo true",
        100,
        || sudo("/srv/with.conf"),
        || sudo("/srv/without.conf"),
    );
    for name in ["bash", "zsh", "fish"] {
        let (mut with, mut without) = (
            Shell::start(name, "/srv/with"),
            Shell::start(name, "/srv/without"),
        );
        for (what, line) in [
            ("an empty Enter", ""),
            ("a line without a word", "true"),
            ("a line with a word", "systemctl status x"),
        ] {
            pairs(
                &format!("{name}: {what}"),
                50,
                || with.line(line),
                || without.line(line),
            );
        }
    }
}

fn main() {
    // `cargo test --benches` starts it without `--bench`; there is nothing to test.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    if std::env::args().any(|argument| argument == INSIDE) {
        return inside();
    }
    if !nix::unistd::geteuid().is_root() {
        println!("without root no doors are measured");
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let built = Command::new(root.join("ci/sudo-plugin"))
        .args(["build", "--release", "--locked", "--quiet"])
        .status();
    assert!(built.unwrap().success());
    let mut plugins = fs::read_dir(root.join("sudo-plugin/target")).unwrap();
    let plugin = plugins
        .find_map(|target| {
            let plugin = target.unwrap().path().join("release/libkanmon_sudo.so");
            plugin.exists().then_some(plugin)
        })
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let status = Command::new("unshare")
        .args(["-mn", "bash", "-c", WORLD, "bash"])
        .arg(std::env::current_exe().unwrap())
        .args(["--bench", INSIDE])
        .env("KANMON", env!("CARGO_BIN_EXE_kanmon"))
        .env("KANMONCTL", env!("CARGO_BIN_EXE_kanmonctl"))
        .env("PLUGIN", plugin)
        .current_dir(folder.path())
        .status();
    assert!(status.unwrap().success());
}
