//! Drills, which run nothing, and broken glass, which always runs.

use std::io::Read as _;

use kanmon::gate::record::Event;
use kanmon::ledger::Outcome;

use crate::gate::{CRITICAL, play};
use crate::pty::{Pty, PtyCommand, Standard};
use crate::stage::{self, Stage, answers, kinds};

/// A place where nobody can make a file, not even root.
const NOWHERE: &str = "/proc/kanmon/ledger.db";

/// The question before glass is broken.
const NAME: &str = "Break glass";

/// Breaks the glass with this host's name typed, and waits for the end.
fn break_glass(command: PtyCommand) -> (Pty, Option<i32>) {
    let mut pty = command.spawn();
    play(&mut pty, &[(NAME, &format!("{}\n", stage::host()))]);
    // A ledger that is locked is waited for, once.
    pty.wait_until("the end", 2 * crate::pty::PATIENCE, Pty::is_left);
    let status = pty.wait_exit();
    (pty, status.code())
}

#[test]
fn a_drill_asks_everything_runs_nothing_and_ends_0() {
    let stage = Stage::new();
    let mut pty = stage.start(&["--drill", "critically", "exit", "3"]);
    pty.wait_for("DRILL: nothing will be executed");
    play(&mut pty, &CRITICAL);
    assert_eq!(pty.wait_exit().code(), Some(0));
    pty.wait_for("every step passed. Nothing was run.");
    let run = stage.run();
    assert_eq!((run.drill, run.outcome), (true, Outcome::Drilled));
    assert_eq!(stage.ran(), Vec::<String>::new());
}

#[test]
fn a_drill_that_fails_is_124() {
    let stage = Stage::new();
    let mut pty = stage.start(&["--drill", "middling"]);
    play(&mut pty, &[("Shall it run?", "n\n")]);
    assert_eq!(pty.wait_exit().code(), Some(124));
    stage.assert_not_cleared("declined");
}

#[test]
fn a_drill_of_what_is_only_noted_or_passed_runs_nothing() {
    let stage = Stage::new();
    for args in [
        &["--drill", "notable"][..],
        &["--drill", "touch", "made"],
        &["--drill", "-c", "notable"],
    ] {
        let mut pty = stage.start(args);
        assert_eq!(pty.wait_exit().code(), Some(0), "{args:?}");
        pty.wait_for("Nothing was run.");
        assert_eq!(stage.ran(), Vec::<String>::new(), "{args:?}");
        assert!(!stage.path("made").exists());
    }
}

#[test]
fn a_drill_breaks_no_glass() {
    let stage = Stage::new();
    for args in [
        ["--drill", "--break-glass", "fire"],
        ["--break-glass", "fire", "--drill"],
    ] {
        let mut pty = stage.gate(&args).args(["middling"]).spawn();
        assert_eq!(pty.wait_exit().code(), Some(125));
        pty.wait_for("--drill");
        assert_eq!(stage.ran(), Vec::<String>::new());
    }
}

#[test]
fn a_drill_counts_for_no_gap() {
    let stage = Stage::new();
    for (args, code) in [
        (&["--drill", "hourly"][..], 0),
        (&["hourly"], 0),
        (&["hourly"], 124),
    ] {
        let mut pty = stage.start(args);
        if code == 0 {
            play(&mut pty, &[("Go on?", "y")]);
        }
        assert_eq!(pty.wait_exit().code(), Some(code));
    }
    assert_eq!(stage.ran(), ["hourly"]);
}

#[test]
fn glass_is_broken_with_a_reason_and_the_targets_name() {
    let stage = Stage::new();
    let args = [
        "--break-glass",
        "the queue is on fire",
        "critically",
        "exit",
        "5",
    ];
    let (pty, code) = break_glass(stage.gate(&args));
    assert_eq!(code, Some(5));
    assert_eq!(stage.ran(), ["critically exit 5"]);
    let raw = pty.raw();
    for part in ["t.critical", "critically exit 5"] {
        assert!(raw.contains(part), "{part} in {raw}");
    }
    let run = stage.run();
    assert!(run.broken_glass);
    assert_eq!(
        kinds(&run),
        ["answered", "broken-glass", "started", "ended"]
    );
    let reason = run.events.iter().find_map(|told| match &told.event {
        Event::BrokenGlass { reason } => Some(reason.clone()),
        _ => None,
    });
    assert_eq!(reason.as_deref(), Some("the queue is on fire"));
}

#[test]
fn glass_stays_whole_without_the_targets_name() {
    let stage = Stage::new();
    let mut pty = stage.start(&["--break-glass", "fire", "critically"]);
    for tries in 1..=3 {
        if tries > 1 {
            // The same question once more: the first one is not to be taken for it.
            pty.wait_for(&format!("Tries left: {}", 4 - tries));
        }
        pty.wait_for_question(NAME);
        pty.type_text(&format!("elsewhere{tries}\n"));
    }
    assert_eq!(pty.wait_exit().code(), Some(124));
    stage.assert_not_cleared("wrong-call");
    let told = answers(&stage.run());
    let expected = [
        "break-glass elsewhere1",
        "break-glass elsewhere2",
        "break-glass elsewhere3",
    ];
    assert_eq!(told, expected);
}

#[test]
fn glass_stays_whole_where_the_operator_leaves() {
    let stage = Stage::new();
    let mut pty = stage.start(&["--break-glass", "fire", "critically"]);
    pty.wait_for_question(NAME);
    pty.type_keys(&["C-c"]);
    assert_eq!(pty.wait_exit().code(), Some(124));
    stage.assert_not_cleared("interrupted");
}

#[test]
fn glass_stays_whole_without_a_terminal() {
    let stage = Stage::new();
    let mut pty = stage
        .gate(&["--break-glass", "fire", "critically"])
        .standard(Standard::Null, Standard::Null, Standard::Pipe)
        .without_terminal()
        .spawn();
    assert_eq!(pty.wait_exit().code(), Some(124));
    let mut said = String::new();
    pty.stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert!(said.contains("only at a terminal"), "{said}");
    stage.assert_not_cleared("no-terminal");
}

#[test]
fn glass_without_a_reason_is_refused() {
    let stage = Stage::new();
    for args in [
        &["--break-glass"][..],
        &["--break-glass", "", "critically"],
        &["--break-glass=", "critically"],
    ] {
        let mut pty = stage.start(args);
        assert_eq!(pty.wait_exit().code(), Some(125), "{args:?}");
    }
    assert_eq!(stage.ran(), Vec::<String>::new());
}

#[test]
fn glass_is_broken_where_the_ledger_fails_and_recorded_elsewhere() {
    for program in ["critically", "notable"] {
        let stage = Stage::new();
        let args = ["--break-glass", "fire", program, "exit", "5"];
        let (mut pty, code) = break_glass(stage.gate(&args).env("REHEARSE_LEDGER", NOWHERE));
        assert_eq!(code, Some(5), "{program}");
        pty.wait_for("last-resort.jsonl");
        let records = stage::lines(&stage.path("resort/kanmon/last-resort.jsonl"));
        let kept: Vec<serde_json::Value> = records
            .iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let kinds: Vec<&str> = kept
            .iter()
            .filter_map(|record| record["entry"]["event"]["kind"].as_str())
            .collect();
        let expected = ["opened", "answered", "broken-glass", "started", "ended"];
        assert_eq!(kinds, expected);
    }
}

#[test]
fn glass_is_broken_where_all_fails_and_that_is_said() {
    let stage = Stage::new();
    let gate = stage
        .gate(&["--break-glass", "fire", "critically", "exit", "5"])
        .env("REHEARSE_LEDGER", NOWHERE)
        .env("REHEARSE_RESORT", "/proc/kanmon");
    let (mut pty, code) = break_glass(gate);
    assert_eq!(code, Some(5));
    pty.wait_for("NO RECORD could be kept");
    assert_eq!(stage.ran(), ["critically exit 5"]);
}

#[test]
fn without_a_ledger_all_else_is_held_and_the_ledger_is_named() {
    let stage = Stage::new();
    for program in ["lowly", "critically", "notable"] {
        let mut pty = stage
            .gate(&[program])
            .env("REHEARSE_LEDGER", NOWHERE)
            .spawn();
        assert_eq!(pty.wait_exit().code(), Some(124), "{program}");
        pty.wait_for(NOWHERE);
        pty.wait_for("--break-glass REASON always works");
    }
    assert_eq!(stage.ran(), Vec::<String>::new());
}

#[test]
fn glass_is_broken_where_the_rules_cannot_be_read() {
    let stage = Stage::new();
    std::fs::remove_file(stage.path("rules.toml")).unwrap();
    for args in [&["middling"][..], &["-c", "middling"]] {
        let gate = stage.gate(&["--break-glass", "no rules"]).args(args);
        let (mut pty, code) = break_glass(gate);
        assert_eq!(code, Some(0));
        pty.wait_for("its built-in rules cannot be read");
    }
    assert_eq!(stage.ran(), ["middling", "middling"]);
    assert!(stage.runs().iter().all(|run| run.broken_glass));
}

#[test]
fn a_ledger_that_somebody_keeps_locked_holds_and_glass_is_broken_beside_it() {
    let stage = Stage::new();
    let mut pty = stage.start(&["lowly", "first"]);
    play(&mut pty, &[("Go on?", "y")]);
    pty.wait_exit();
    let somebody = rusqlite::Connection::open(stage.ledger()).unwrap();
    somebody.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let mut held = stage.start(&["lowly", "second"]);
    // The ledger takes its time to say so; the question does not wait for it.
    let glass = stage.gate(&["--break-glass", "fire", "lowly", "third"]);
    let (mut pty, code) = break_glass(glass);
    assert_eq!(code, Some(0));
    pty.wait_for("last-resort.jsonl");
    held.wait_until("the ledger", 2 * crate::pty::PATIENCE, |pty| {
        pty.raw().contains("locked")
    });
    assert_eq!(held.wait_exit().code(), Some(124));
    held.wait_for("database is locked");
    assert_eq!(stage.ran(), ["lowly first", "lowly third"]);
}
