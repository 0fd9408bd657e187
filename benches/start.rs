//! What the gate costs, as ratios to `env true` in the same run; never a test.
//!
//! 200 alternating pairs each: a passing command, one that needs a full reading (through `ssh`'s
//! wrapper entry, with `ssh` a stand-in), a `-c` line, and a held one up to its first prompt on a
//! terminal. The medians' ratios are printed. The ledger lies in a folder of its own.
//!
//! As root, a passing command once more in a mount namespace with a copy of `/etc` in which 1,000
//! and 10,000 rules of a team are compiled, a hundred to a file, and how long compiling them took.

#![expect(
    unsafe_code,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark stands outside of the program"
)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

mod pairs;
mod prompt;

use pairs::{pairs, whole};
use prompt::{NOBODY, to_prompt};

const KANMON: &str = env!("CARGO_BIN_EXE_kanmon");
const KANMONCTL: &str = env!("CARGO_BIN_EXE_kanmonctl");

/// The argument with which the benchmark starts itself again inside a namespace.
const INSIDE: &str = "--inside";

/// What is done in the namespace first.
const WORLD: &str = "set -e; cp -a /etc etc; rm -rf etc/kanmon; mkdir -p etc/kanmon/rules.d
mount --bind etc /etc; exec \"$@\"";
const PAIRS: usize = 200;

/// Runs pairs of one and `env true`.
fn beside_env(name: &str, one: impl FnMut() -> Duration) {
    pairs(name, PAIRS, one, || whole(Command::new("env").arg("true")));
}

/// Writes so many rules of a team, a hundred to a file, for programs of their own.
fn write_rules(n: usize) {
    let folder = Path::new("/etc/kanmon/rules.d");
    std::fs::remove_dir_all(folder).unwrap();
    std::fs::create_dir(folder).unwrap();
    for file in 0..n / 100 {
        let mut text = format!("[pack]\nid = 'team-{file}'\ntitle = 'Team {file}'\n");
        for rule in 0..100 {
            text += &format!(
                "[[rule]]\nid = 'r{rule}'\ntitle = 'Run batch {rule}'\nwhy = 'It bills all customers.'\n\
                 risk = 'high'\nmatch = [{{ program = 'batch-{file}-{rule}', arg = '--now' }}]\n"
            );
        }
        std::fs::write(folder.join(format!("{file:03}.toml")), text).unwrap();
    }
}

/// Measures with the rules of a team, in a namespace whose `/etc` is a copy.
fn inside() {
    for n in [1_000, 10_000] {
        write_rules(n);
        let begun = Instant::now();
        whole(Command::new(KANMONCTL).args(["rules", "compile"]));
        println!("compiling {n} rules took {:?}", begun.elapsed());
        beside_env(&format!("kanmon true, {n} team rules"), || {
            whole(Command::new(KANMON).arg("true"))
        });
        beside_env(&format!("kanmon id -u, {n} team rules"), || {
            whole(Command::new(KANMON).args(["id", "-u"]))
        });
    }
}

/// Starts itself again in a namespace.
fn with_team_rules() {
    let folder = tempfile::tempdir().unwrap();
    let status = Command::new("unshare")
        .args(["-m", "sh", "-c", WORLD, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--bench", INSIDE])
        .current_dir(folder.path())
        .status();
    assert!(status.unwrap().success());
}

fn main() {
    // `cargo test --benches` starts it without `--bench`; there is nothing to test.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    if std::env::args().any(|argument| argument == INSIDE) {
        return inside();
    }
    // The held command's user has to reach the gate and write the ledger.
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let kanmon = folder.path().join("kanmon");
    std::fs::copy(KANMON, &kanmon).unwrap();
    let bin = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-bin");
    std::fs::create_dir_all(&state).unwrap();
    for path in [folder.path(), &state] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    if nix::unistd::geteuid().is_root() {
        std::os::unix::fs::chown(&state, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    std::fs::create_dir_all(&bin).unwrap();
    let ssh = bin.join("ssh");
    if !ssh.exists() {
        std::os::unix::fs::symlink("/bin/true", &ssh).unwrap();
    }
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    println!("ratios to `env true`:");
    beside_env("kanmon true", || whole(Command::new(KANMON).arg("true")));
    beside_env("kanmon ssh mx1 uptime (read)", || {
        whole(
            Command::new(KANMON)
                .args(["ssh", "mx1", "uptime"])
                .env("PATH", &path),
        )
    });
    let shims = folder.path().join("shims");
    std::fs::create_dir(&shims).unwrap();
    std::os::unix::fs::symlink(KANMON, shims.join("true")).unwrap();
    let shimmed = format!("{}:{}", shims.display(), std::env::var("PATH").unwrap());
    beside_env("env true through a shim", || {
        whole(Command::new("env").arg("true").env("PATH", &shimmed))
    });
    beside_env("kanmon -c true (read, a shell)", || {
        whole(Command::new(KANMON).args(["-c", "true"]))
    });
    beside_env("held, up to the first prompt", || {
        to_prompt(&kanmon, &state)
    });
    if nix::unistd::geteuid().is_root() {
        with_team_rules();
    } else {
        println!("without root no rules of a team are measured");
    }
}
