//! What the team's store costs, as ratios to `env true` in the same run; never a test.
//!
//! With a store named in the system's configuration: a passing command, and a held one up to its first
//! prompt on a terminal; the held one also without a store. The store is Debian's PostgreSQL on loopback
//! TCP with a password (SCRAM), `fsync` on, as `docs/store.md` says. Needs root: all of it happens in a mount
//! namespace whose `/etc` is a copy.

#![expect(
    unsafe_code,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark stands outside of the program"
)]
#![expect(
    dead_code,
    reason = "the tests' cluster can do more than is needed here"
)]

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::process::Command;
use std::time::Duration;

#[path = "../tests/support/cluster.rs"]
mod cluster;
mod pairs;
mod prompt;

use cluster::Cluster;
use pairs::{pairs, whole};
use prompt::{NOBODY, to_prompt};

const KANMON: &str = env!("CARGO_BIN_EXE_kanmon");
const KANMONCTL: &str = env!("CARGO_BIN_EXE_kanmonctl");

/// The argument with which the benchmark starts itself again inside a namespace.
const INSIDE: &str = "--inside";

/// What is done in the namespace first.
const WORLD: &str = "set -e; cp -a /etc etc; rm -rf etc/kanmon; mkdir -p etc/kanmon
mount --bind etc /etc; exec \"$@\"";

const PAIRS: usize = 200;

/// Runs pairs of one and `env true`.
fn beside_env(name: &str, one: impl FnMut() -> Duration) {
    pairs(name, PAIRS, one, || whole(Command::new("env").arg("true")));
}

/// Writes what the host's configuration says and compiles it.
fn configure(text: &str) {
    fs::write("/etc/kanmon/config.toml", text).unwrap();
    whole(Command::new(KANMONCTL).args(["rules", "compile"]));
}

/// Measures in the namespace, in whose folder the benchmark stands.
fn inside() {
    let folder = std::env::current_dir().unwrap();
    // The held command's user has to reach the gate and write the ledger.
    let kanmon = folder.join("kanmon");
    fs::copy(KANMON, &kanmon).unwrap();
    let state = folder.join("state");
    fs::create_dir(&state).unwrap();
    chown(&state, Some(NOBODY), Some(NOBODY)).unwrap();
    let pass = folder.join("pass");
    fs::write(&pass, "*:*:*:web1:pass-web1\n").unwrap();
    fs::set_permissions(&pass, Permissions::from_mode(0o600)).unwrap();
    chown(&pass, Some(NOBODY), Some(NOBODY)).unwrap();
    let cluster = Cluster::start();
    whole(Command::new(KANMONCTL).args(["store", "init", "--url", &cluster.url("postgres")]));
    cluster.sql("CREATE ROLE web1 LOGIN PASSWORD 'pass-web1' IN ROLE kanmon_host");
    let url = cluster.tcp("web1", "localhost", &format!("passfile={}", pass.display()));

    configure("");
    println!("ratios to `env true`:");
    let held = |name: &str| beside_env(name, || to_prompt(&kanmon, &state));
    held("held, no store");
    configure(&format!("store = \"{url}\"\n"));
    beside_env("kanmon true, a store named", || {
        whole(Command::new(KANMON).arg("true"))
    });
    held("held, the store on loopback");
    let sent = cluster.sql("SELECT count(*) FROM kanmon.run");
    // Else what was measured had no store.
    assert!(sent.parse::<usize>().unwrap() > PAIRS, "{sent} runs came");
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
        println!("without root the store is not measured");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let status = Command::new("unshare")
        .args(["-m", "sh", "-c", WORLD, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--bench", INSIDE])
        .current_dir(folder.path())
        .status();
    assert!(status.unwrap().success());
}
