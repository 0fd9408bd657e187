//! What the team's store costs, as ratios to `env true` in the same run; never a test.
//!
//! With a store named in the system's configuration: a passing command, and a held one up to its first
//! prompt on a terminal; the held one also without a store; and what the timer runs with nothing to send. The
//! store is Debian's PostgreSQL on loopback TCP with a password (SCRAM), `fsync` on, as `docs/store.md` says.
//! Needs root: all of it happens in a mount namespace whose `/etc` is a copy.
//!
//! `--at URL...` measures the held command at stores that are there, as `web1` with the password `pass-web1`
//! (`ci/scale-size`).

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
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
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

/// The argument in front of the URLs of stores that are there.
const AT: &str = "--at";

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

/// Puts into the namespace's folder what the held command's user has to reach; returns the gate, the folder of
/// its ledger and the password's file.
fn prepare(folder: &Path) -> [PathBuf; 3] {
    let [kanmon, state, pass] = ["kanmon", "state", "pass"].map(|name| folder.join(name));
    fs::copy(KANMON, &kanmon).unwrap();
    fs::create_dir(&state).unwrap();
    fs::write(&pass, "*:*:*:web1:pass-web1\n").unwrap();
    fs::set_permissions(&pass, Permissions::from_mode(0o600)).unwrap();
    chown(&state, Some(NOBODY), Some(NOBODY)).unwrap();
    chown(&pass, Some(NOBODY), Some(NOBODY)).unwrap();
    [kanmon, state, pass]
}

/// Measures in the namespace, in whose folder the benchmark stands.
fn inside() {
    let folder = std::env::current_dir().unwrap();
    let [kanmon, state, pass] = prepare(&folder);
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
    sync(&cluster, &folder, &state);
}

/// Measures what the timer runs, with nothing to send.
fn sync(cluster: &Cluster, folder: &Path, state: &Path) {
    let kanmonctl = folder.join("kanmonctl");
    fs::copy(KANMONCTL, &kanmonctl).unwrap();
    let sync = || {
        let mut command = Command::new(&kanmonctl);
        let command = command.args(["store", "sync"]).uid(NOBODY).gid(NOBODY);
        whole(command.env("HOME", state).env("XDG_STATE_HOME", state))
    };
    let count = |sql: &str| cluster.sql(sql).parse::<usize>().unwrap();
    let transactions =
        "SELECT sum(xact_commit + xact_rollback) FROM pg_stat_database WHERE datname = 'kanmon'";
    let of_log = "SELECT wal_sync FROM pg_stat_wal";
    sync();
    let before = [count(transactions), count(of_log)];
    beside_env("store sync, nothing to send", sync);
    println!(
        "  {} transactions, {} syncs of the log",
        count(transactions) - before[0],
        count(of_log) - before[1]
    );
}

/// Measures in the namespace what a held command costs at stores that are there.
fn inside_at(urls: &[String]) {
    let [kanmon, state, pass] = prepare(&std::env::current_dir().unwrap());
    println!("ratios to `env true`:");
    configure("");
    beside_env("held, no store", || to_prompt(&kanmon, &state));
    for (number, url) in urls.iter().enumerate() {
        configure(&format!("store = \"{url}?passfile={}\"\n", pass.display()));
        // A ledger is of one store.
        let state = state.join(number.to_string());
        fs::create_dir(&state).unwrap();
        chown(&state, Some(NOBODY), Some(NOBODY)).unwrap();
        let name = url.rsplit('/').next().unwrap_or_default();
        beside_env(name, || to_prompt(&kanmon, &state));
    }
}

fn main() {
    // `cargo test --benches` starts it without `--bench`; there is nothing to test.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let arguments: Vec<String> = std::env::args().collect();
    let at = arguments.iter().position(|argument| argument == AT);
    let after = at.map_or(&[][..], |at| &arguments[at + 1..]);
    // Cargo's own `--bench` comes behind.
    let is_url = |argument: &&String| !argument.starts_with("--");
    let urls: Vec<String> = after.iter().take_while(is_url).cloned().collect();
    if arguments.iter().any(|argument| argument == INSIDE) {
        return if urls.is_empty() {
            inside()
        } else {
            inside_at(&urls)
        };
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
        .args(at.map(|_| AT))
        .args(&urls)
        .current_dir(folder.path())
        .status();
    assert!(status.unwrap().success());
}
