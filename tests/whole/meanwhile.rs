//! What changes while the questions are answered: at "go" the line is judged once more, and what
//! others gave is read in the transaction that clears.

use std::time::Duration;

use kanmon::context::SystemClock;
use kanmon::gate::record::{Entry, Event, HeldInvocation, Opened};
use kanmon::gate::world::{ClearError, Guards, InTheWay};
use kanmon::gate::{Ledger as _, RunId, Who};
use kanmon::ledger::{Reader, SqliteLedger, verify};
use kanmon::line::Span;

use crate::gate::play;
use crate::stage::Stage;

#[test]
fn the_look_screen_says_what_is_frozen_until_when_and_why() {
    let stage = Stage::new();
    let mut pty = stage.gate(&["frozen"]).env("TZ", "UTC").spawn();
    pty.wait_for("frozen until 3000-01-01 00:00 by the calendar t.long: Year end: 年末");
    // Nobody says why.
    pty.wait_for("frozen until 3000-01-01 00:00 by the calendar t.silent");
    play(&mut pty, &[("Shall it run?", "n\n")]);
    assert_eq!(pty.wait_exit().code(), Some(124));
    let mut pty = stage
        .gate(&["--lang", "ja", "frozen"])
        .env("TZ", "UTC")
        .spawn();
    pty.wait_for("カレンダー t.long により 3000-01-01 00:00 まで凍結中: Year end: 年末");
    pty.type_keys(&["C-c"]);
    assert_eq!(pty.wait_exit().code(), Some(124));
    assert_eq!(stage.ran(), Vec::<String>::new());
}

#[test]
fn without_a_terminal_the_freeze_is_said_too() {
    let stage = Stage::new();
    let script = "setsid -w kanmon frozen </dev/null 2>told; echo status=$?; cat told";
    let mut pty = stage
        .program("/bin/sh")
        .args(["-c", script])
        .env("TZ", "UTC")
        .spawn();
    pty.wait_for("status=124");
    pty.wait_for("frozen until 3000-01-01 00:00 by the calendar t.long: Year end: 年末");
    pty.wait_exit();
    stage.assert_not_cleared("no-terminal");
}

#[test]
fn a_freeze_that_begins_meanwhile_holds_at_go() {
    let stage = Stage::new();
    let mut pty = stage.start(&["lowly"]);
    pty.wait_for_question("Go on?");
    assert!(!pty.screen().contains("frozen until"), "{}", pty.screen());
    // Into the calendar's nine hundred years from now.
    let year = 365 * 24 * 60 * 60;
    stage.set_clock(900 * year, 0);
    pty.type_text("y");
    assert_eq!(pty.wait_exit().code(), Some(124));
    pty.wait_for("meanwhile this rule holds the line too: Something in a freeze to come [t.far]");
    stage.assert_not_cleared("rules");
}

#[test]
fn what_others_gave_is_read_while_nobody_else_can_write() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kanmon/ledger.db");
    let mut ledger = SqliteLedger::open(&file).unwrap();
    let clock = SystemClock::new();
    let entry = |event| Entry {
        run: RunId("run".to_owned()),
        event,
    };
    let held = HeldInvocation {
        rule: "t.low".to_owned(),
        text: "lowly".to_owned(),
        span: Span::new(0, 5),
        via: Vec::new(),
        target: "gate1".to_owned(),
        targets: Vec::new(),
        any_target: false,
        user: "root".to_owned(),
        bound: [].into(),
    };
    let opened = Event::Opened(Box::new(Opened {
        who: Who::default(),
        line: "lowly".to_owned(),
        invocations: vec![held],
        door: "test".to_owned(),
        drill: false,
        version: String::new(),
        scripts: None,
    }));
    ledger.append(&entry(opened), &clock).unwrap();
    let cleared = || {
        entry(Event::Cleared {
            measured: Vec::new(),
            permits: Vec::new(),
        })
    };
    let other = rusqlite::Connection::open(&file).unwrap();
    other.busy_timeout(Duration::ZERO).unwrap();
    let mut n_asked = 0;
    let mut still = || {
        n_asked += 1;
        let refused = other.execute_batch("BEGIN IMMEDIATE").unwrap_err();
        assert!(refused.to_string().contains("locked"), "{refused}");
        vec![InTheWay::NoApproval]
    };
    let refused = ledger.clear(&cleared(), &Guards::default(), &mut still, &clock);
    assert_eq!(
        refused,
        Err(ClearError::InTheWay(vec![InTheWay::NoApproval]))
    );
    assert_eq!(n_asked, 1);
    let n_records = || verify(&Reader::open(&file).unwrap()).unwrap().records;
    assert_eq!(n_records(), 1, "what is in the way leaves no clearance");
    ledger
        .clear(&cleared(), &Guards::default(), &mut Vec::new, &clock)
        .unwrap();
    assert_eq!(n_records(), 2);
}
