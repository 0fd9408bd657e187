//! The ledger against what hosts do to it: many gates at once, a full disk, a read-only file
//! system, a gate that is killed while it writes.
//!
//! A test that needs a process of its own starts this test program again for the same test, with
//! [`ROLE`] set; file systems are mounted in a mount namespace that goes away with that process.

#![expect(
    clippy::disallowed_methods,
    reason = "tests start processes, read variables, and fail by a panic in helpers too"
)]

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kanmon::context::SystemClock;
use kanmon::gate::record::{Entry, Event, HeldInvocation, Opened};
use kanmon::gate::world::{ClearError, GapGuard, Guards, Targets};
use kanmon::gate::{Clock, Ledger, RunId};
use kanmon::ledger::heads::Syslog;
use kanmon::ledger::{ReadError, Reader, SqliteLedger, verify};
use kanmon::line::Span;

/// Set to the folder to work in where this process was started by a test.
const ROLE: &str = "KANMON_TEST_LEDGER_FOLDER";

/// Gates at once.
const GATES: usize = 32;

/// Runs that each gate records.
const RUNS_EACH: usize = 5;

/// Returns the folder to work in, where this process was started by a test.
fn role() -> Option<PathBuf> {
    env::var_os(ROLE).map(PathBuf::from)
}

/// Returns a command that runs test `name` of this program again, in `folder`.
fn again(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(arguments(name)).env(ROLE, folder);
    command
}

/// Returns the arguments by which this program runs one test alone.
fn arguments(name: &str) -> [String; 3] {
    let module = module_path!().split_once("::").unwrap().1;
    [
        format!("{module}::{name}"),
        "--exact".to_owned(),
        "--nocapture".to_owned(),
    ]
}

/// Runs test `name` again in a mount namespace of its own.
fn again_unshared(name: &str) {
    let folder = tempfile::tempdir().unwrap();
    // Root may unshare mounts as it is; others become root of a user namespace first.
    let is_root = nix::unistd::geteuid().is_root();
    let output = Command::new("unshare")
        .arg(if is_root { "-m" } else { "-rm" })
        .arg(env::current_exe().unwrap())
        .args(arguments(name))
        .env(ROLE, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(said.contains("1 passed"), "{said}");
}

/// Runs `mount` with these arguments.
fn mount(arguments: &[&str], folder: &Path) {
    let status = Command::new("mount")
        .args(arguments)
        .arg(folder)
        .status()
        .unwrap();
    assert!(status.success(), "{arguments:?}");
}

/// Opens the ledger in `folder`.
fn open(folder: &Path) -> SqliteLedger {
    SqliteLedger::open_with(&path(folder), Syslog::at(&folder.join("no-syslog"))).unwrap()
}

fn path(folder: &Path) -> PathBuf {
    folder.join("kanmon/ledger.db")
}

fn entry(run: &str, event: Event) -> Entry {
    Entry {
        run: RunId(run.to_owned()),
        event,
    }
}

fn opened(rule: &str) -> Event {
    Event::Opened(Box::new(Opened {
        line: "reboot".to_owned(),
        invocations: vec![HeldInvocation {
            rule: rule.to_owned(),
            text: "reboot".to_owned(),
            span: Span::new(0, 6),
            target: "this host".to_owned(),
            user: "root".to_owned(),
            ..HeldInvocation::default()
        }],
        door: "prefix".to_owned(),
        version: "0.1.0".to_owned(),
        ..Opened::default()
    }))
}

fn cleared() -> Event {
    Event::Cleared {
        measured: Vec::new(),
        permits: Vec::new(),
    }
}

fn ended() -> Event {
    Event::Ended {
        status: Some(0),
        signal: None,
        took: std::time::Duration::from_millis(1),
    }
}

/// Records whole runs as one gate after another does.
fn record_runs(ledger: &mut SqliteLedger, gate: &str) {
    let clock = SystemClock::new();
    for number in 0..RUNS_EACH {
        let run = format!("{gate}-{number}");
        for event in [opened("reboot.now"), cleared(), ended()] {
            ledger.append(&entry(&run, event), &clock).unwrap();
        }
    }
}

/// Checks that all runs of all gates are there and that the chain is whole.
fn check_all_there(folder: &Path) {
    let reader = Reader::open(&path(folder)).unwrap();
    let verified = verify(&reader).unwrap();
    assert!(verified.is_whole(), "{verified:?}");
    assert_eq!(verified.records, 32 * 5 * 3);
    let runs = reader.runs(1000, &SystemClock::new().now()).unwrap();
    assert_eq!(runs.len(), 32 * 5);
    assert!(runs.iter().all(|run| run.events.len() == 2));
}

#[test]
fn thirty_two_processes_lose_nothing() {
    if let Some(folder) = role() {
        return record_runs(&mut open(&folder), &std::process::id().to_string());
    }
    let folder = tempfile::tempdir().unwrap();
    let gates: Vec<_> = (0..GATES)
        .map(|_| {
            again("thirty_two_processes_lose_nothing", folder.path())
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut gate in gates {
        assert!(gate.wait().unwrap().success());
    }
    check_all_there(folder.path());
}

#[test]
fn thirty_two_threads_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for gate in 0..GATES {
            let folder = folder.path();
            scope.spawn(move || record_runs(&mut open(folder), &format!("gate-{gate}")));
        }
    });
    check_all_there(folder.path());
}

#[test]
fn of_thirty_two_gates_with_one_gap_one_is_cleared() {
    let folder = tempfile::tempdir().unwrap();
    let guard = GapGuard {
        rule: "reboot.now".to_owned(),
        targets: Targets::Any,
        time: std::time::Duration::from_secs(3600),
        team: false,
    };
    let n_cleared: usize = std::thread::scope(|scope| {
        let gates: Vec<_> = (0..GATES)
            .map(|gate| {
                let guards = Guards {
                    gaps: vec![guard.clone()],
                    ..Guards::default()
                };
                let folder = folder.path();
                scope.spawn(move || {
                    let clock = SystemClock::new();
                    let mut ledger = open(folder);
                    let run = format!("gate-{gate}");
                    ledger
                        .append(&entry(&run, opened("reboot.now")), &clock)
                        .unwrap();
                    match ledger.clear(&entry(&run, cleared()), &guards, &mut Vec::new, &clock) {
                        Ok(_) => 1,
                        Err(ClearError::InTheWay(_)) => 0,
                        Err(error) => panic!("{error}"),
                    }
                })
            })
            .collect();
        gates.into_iter().map(|gate| gate.join().unwrap()).sum()
    });
    assert_eq!(n_cleared, 1);
}

#[test]
fn a_full_disk_clears_nothing_and_breaks_nothing() {
    let Some(folder) = role() else {
        return again_unshared("a_full_disk_clears_nothing_and_breaks_nothing");
    };
    mount(&["-t", "tmpfs", "-o", "size=256k", "none"], &folder);
    let clock = SystemClock::new();
    let mut ledger = open(&folder);
    ledger
        .append(&entry("first", opened("reboot.now")), &clock)
        .unwrap();

    let ballast = folder.join("ballast");
    // Written until the disk takes no more; that it fails in the end is the point.
    fs::write(&ballast, vec![0; 1024 * 1024]).unwrap_err();
    let refused = ledger
        .clear(
            &entry("first", cleared()),
            &Guards::default(),
            &mut Vec::new,
            &clock,
        )
        .unwrap_err();
    assert!(
        refused.to_string().ends_with("database or disk is full"),
        "{refused}"
    );
    let elsewhere = SqliteLedger::open(&folder.join("new/ledger.db")).unwrap_err();
    assert!(
        elsewhere.to_string().starts_with("cannot open"),
        "{elsewhere}"
    );
    let verified = verify(&Reader::open(&path(&folder)).unwrap()).unwrap();
    assert!(verified.is_whole());
    assert_eq!(verified.records, 1);

    fs::remove_file(&ballast).unwrap();
    ledger
        .clear(
            &entry("first", cleared()),
            &Guards::default(),
            &mut Vec::new,
            &clock,
        )
        .unwrap();
    let verified = verify(&Reader::open(&path(&folder)).unwrap()).unwrap();
    assert_eq!(verified.records, 2);
}

#[test]
fn a_read_only_ledger_is_read_and_not_opened_for_writing() {
    let Some(folder) = role() else {
        return again_unshared("a_read_only_ledger_is_read_and_not_opened_for_writing");
    };
    mount(&["-t", "tmpfs", "-o", "size=1m", "none"], &folder);
    let clock = SystemClock::new();
    let mut ledger = open(&folder);
    ledger
        .append(&entry("first", opened("reboot.now")), &clock)
        .unwrap();
    drop(ledger);
    mount(&["-o", "remount,ro"], &folder);

    let error = SqliteLedger::open(&path(&folder)).unwrap_err().to_string();
    assert!(error.ends_with("it is read-only"), "{error}");
    let error = SqliteLedger::open(&folder.join("new/ledger.db"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("Read-only file system"), "{error}");

    let reader = Reader::open(&path(&folder)).unwrap();
    assert!(verify(&reader).unwrap().is_whole());
    assert_eq!(reader.runs(9, &clock.now()).unwrap()[0].id.0, "first");
}

#[test]
fn a_file_system_that_turns_read_only_clears_nothing() {
    let Some(folder) = role() else {
        return again_unshared("a_file_system_that_turns_read_only_clears_nothing");
    };
    // A block device's error turns its file system read-only under open files; a remount by hand
    // is refused while a file is open for writing, so the folder is covered read-only instead.
    mount(&["-t", "tmpfs", "-o", "size=1m", "none"], &folder);
    let clock = SystemClock::new();
    let mut ledger = open(&folder);
    ledger
        .append(&entry("first", opened("reboot.now")), &clock)
        .unwrap();
    let kanmon = folder.join("kanmon");
    let source = kanmon.to_str().unwrap().to_owned();
    mount(&["--bind", &source], &kanmon);
    mount(&["-o", "remount,bind,ro"], &kanmon);
    ledger
        .clear(
            &entry("first", cleared()),
            &Guards::default(),
            &mut Vec::new,
            &clock,
        )
        .unwrap_err();
    let reader = Reader::open(&path(&folder)).unwrap();
    assert_eq!(verify(&reader).unwrap().records, 1);
}

#[test]
fn what_was_said_to_be_on_disk_is_there_after_a_kill() {
    if let Some(folder) = role() {
        let clock = SystemClock::new();
        let mut ledger = open(&folder);
        for number in 0.. {
            let run = format!("{}-{number}", std::process::id());
            ledger
                .append(&entry(&run, opened("reboot.now")), &clock)
                .unwrap();
            println!("recorded {run}");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let mut recorded = Vec::new();
    // Each gate is killed at another point of its way.
    for n_records in 1..=12 {
        let name = "what_was_said_to_be_on_disk_is_there_after_a_kill";
        let mut gate = again(name, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(gate.stdout.take().unwrap()).lines();
        let mut said = lines
            .by_ref()
            .map(Result::unwrap)
            .filter_map(|line| line.rsplit_once("recorded ").map(|(_, run)| run.to_owned()));
        recorded.extend(said.by_ref().take(n_records));
        gate.kill().unwrap();
        recorded.extend(said);
        assert_eq!(gate.wait().unwrap().signal(), Some(9));
    }
    // The next gate that writes mends what the last one left.
    drop(open(folder.path()));
    let reader = Reader::open(&path(folder.path())).unwrap();
    assert!(verify(&reader).unwrap().is_whole());
    let now = SystemClock::new().now();
    for run in &recorded {
        assert!(reader.run(run, &now).unwrap().is_some(), "{run}");
    }
    assert!(recorded.len() >= 78);
}

#[test]
fn reading_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Reader::open(&path(folder.path()));
    assert!(matches!(missing, Err(ReadError::Open { .. })));
    record_runs(&mut open(folder.path()), "gate");
    let before = fs::read(path(folder.path())).unwrap();
    let reader = Reader::open(&path(folder.path())).unwrap();
    verify(&reader).unwrap();
    reader.runs(9, &SystemClock::new().now()).unwrap();
    drop(reader);
    assert_eq!(fs::read(path(folder.path())).unwrap(), before);
    assert_eq!(
        fs::read_dir(folder.path().join("kanmon")).unwrap().count(),
        1
    );
}
