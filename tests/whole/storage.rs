//! The gate on storage that fails, on a ledger that many use at once, and under a clock that goes
//! back.
//!
//! File systems are mounted in a mount namespace that goes away with the gate: modes do not keep
//! root from writing, a full or read-only file system does.

use std::fs;

use kanmon::ledger::Outcome;

use crate::gate::play;
use crate::pty::Pty;
use crate::stage::{self, Stage, kinds};

/// Gates at once.
const GATES: usize = 32;

/// Starts a shell script in a mount namespace in which `state` is a small file system.
fn in_small_state(stage: &Stage, script: &str) -> Pty {
    // Root may unshare mounts as it is; others become root of a user namespace first.
    let is_root = nix::unistd::geteuid().is_root();
    let script = format!("mount -t tmpfs -o size=200k none state || exit 99\n{script}");
    stage
        .program("/usr/bin/unshare")
        .args([if is_root { "-m" } else { "-rm" }, "/bin/sh", "-c", &script])
        .spawn()
}

/// Waits until the script has said so and all has ended.
#[track_caller]
fn finish(pty: &mut Pty) {
    pty.wait_for("script is through");
    assert_eq!(pty.wait_exit().code(), Some(0));
}

#[test]
fn on_a_full_disk_all_is_held_and_the_ledger_is_named() {
    let stage = Stage::new();
    let mut pty = in_small_state(
        &stage,
        "kanmon lowly first
        dd if=/dev/zero of=state/ballast bs=1k 2>/dev/null
        kanmon lowly second; echo second=$?
        kanmon notable second; echo noted=$?
        rm state/ballast
        kanmon lowly third
        cp state/kanmon/ledger.db copy.db
        echo script is through",
    );
    play(&mut pty, &[("lowly first", "y")]);
    pty.wait_for("second=124");
    pty.wait_for("noted=124");
    pty.wait_for("state/kanmon/ledger.db`: database or disk is full");
    pty.wait_for("--break-glass REASON always works");
    play(&mut pty, &[("lowly third", "y")]);
    finish(&mut pty);
    assert_eq!(stage.ran(), ["lowly first", "lowly third"]);
    let ended = stage::runs(&stage.path("copy.db"));
    assert!(
        ended
            .iter()
            .all(|run| run.outcome == Outcome::Ended { status: 0 }),
        "{ended:?}"
    );
}

#[test]
fn a_disk_that_fills_up_during_the_questions_holds() {
    for (program, question) in [("lowly", "Go on?"), ("middling", "Shall it run?")] {
        let stage = Stage::new();
        let script = format!(
            "(until [ -e fill ]; do sleep 0.02; done
            dd if=/dev/zero of=state/ballast bs=1k 2>/dev/null; touch filled) &
            kanmon {program}; echo status=$?
            wait; rm state/ballast
            cp state/kanmon/ledger.db copy.db
            echo script is through"
        );
        let mut pty = in_small_state(&stage, &script);
        pty.wait_for_question(question);
        fs::write(stage.path("fill"), "").unwrap();
        stage::until("the full disk", || stage.path("filled").exists());
        pty.type_text(if program == "lowly" { "y" } else { "y\n" });
        pty.wait_for("status=124");
        pty.wait_for("disk is full");
        finish(&mut pty);
        assert_eq!(stage.ran(), Vec::<String>::new());
        let runs = stage::runs(&stage.path("copy.db"));
        assert_eq!(runs.len(), 1);
        assert!(!kinds(&runs[0]).contains(&"cleared"), "{runs:?}");
    }
}

#[test]
fn a_read_only_ledger_holds_and_glass_is_broken_beside_it() {
    let stage = Stage::new();
    let mut pty = in_small_state(
        &stage,
        "kanmon lowly first
        mount -o remount,ro state
        kanmon lowly second; echo status=$?
        kanmon --break-glass fire lowly third
        cp state/kanmon/ledger.db copy.db
        echo script is through",
    );
    play(&mut pty, &[("lowly first", "y")]);
    pty.wait_for("status=124");
    pty.wait_for("ledger.db`: ");
    pty.wait_for("read-only");
    play(
        &mut pty,
        &[("Break glass", &format!("{}\n", stage::host()))],
    );
    finish(&mut pty);
    assert_eq!(stage.ran(), ["lowly first", "lowly third"]);
    assert_eq!(stage::runs(&stage.path("copy.db")).len(), 1);
    let resort = stage::lines(&stage.path("resort/kanmon/last-resort.jsonl"));
    assert_eq!(resort.len(), 5, "{resort:?}");
}

#[test]
fn thirty_two_gates_at_once_lose_nothing() {
    let stage = Stage::new();
    std::thread::scope(|scope| {
        for number in 0..GATES {
            let stage = &stage;
            scope.spawn(move || {
                let mut pty = stage.start(&["calling", &number.to_string()]);
                play(
                    &mut pty,
                    &[("Messages waiting", "3\n"), ("Run it now?", "y\n")],
                );
                assert_eq!(pty.wait_exit().code(), Some(0));
            });
        }
    });
    let mut ran = stage.ran();
    ran.sort_unstable();
    let mut all: Vec<String> = (0..GATES)
        .map(|number| format!("calling {number}"))
        .collect();
    all.sort_unstable();
    assert_eq!(ran, all);
    let runs = stage.runs();
    assert_eq!(runs.len(), GATES);
    for run in runs {
        let whole = [
            "answered", "answered", "answered", "cleared", "started", "ended", "after",
        ];
        assert_eq!(kinds(&run), whole);
    }
}

#[test]
fn of_many_gates_with_one_gap_one_is_cleared() {
    let stage = Stage::new();
    let mut gates: Vec<Pty> = (0..8).map(|_| stage.start(&["hourly"])).collect();
    for pty in &mut gates {
        pty.wait_for_question("Go on?");
    }
    for pty in &mut gates {
        pty.type_text("y");
    }
    let codes = gates.iter_mut().map(|pty| pty.wait_exit().code());
    let cleared = codes.filter(|code| *code == Some(0)).count();
    assert_eq!(cleared, 1);
    assert_eq!(stage.ran(), ["hourly"]);
    assert_eq!(stage.runs().len(), 8);
}

#[test]
fn a_clock_that_was_set_back_holds_and_is_told() {
    let stage = Stage::new();
    let mut pty = stage.start(&["lowly", "first"]);
    play(&mut pty, &[("Go on?", "y")]);
    assert_eq!(pty.wait_exit().code(), Some(0));

    stage.set_clock(-3600, 0);
    let mut pty = stage.start(&["lowly", "second"]);
    assert_eq!(pty.wait_exit().code(), Some(124));
    pty.wait_for("the clock says");
    pty.wait_for("set the clock right first");

    let mut pty = stage.start(&["--break-glass", "the clock is broken", "lowly", "third"]);
    play(
        &mut pty,
        &[("Break glass", &format!("{}\n", stage::host()))],
    );
    assert_eq!(pty.wait_exit().code(), Some(0));

    stage.set_clock(0, 0);
    let mut pty = stage.start(&["lowly", "fourth"]);
    play(&mut pty, &[("Go on?", "y")]);
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert_eq!(stage.ran(), ["lowly first", "lowly third", "lowly fourth"]);
    assert_eq!(stage.runs().len(), 2);
}

#[test]
fn a_clock_that_is_set_back_during_the_questions_holds() {
    let stage = Stage::new();
    let mut pty = stage.start(&["lowly"]);
    pty.wait_for_question("Go on?");
    stage.set_clock(-3600, 0);
    pty.type_text("y");
    assert_eq!(pty.wait_exit().code(), Some(124));
    pty.wait_for("the clock says");
    stage.assert_not_cleared("ledger");
}

#[test]
fn setting_the_date_does_not_shorten_a_wait() {
    let stage = Stage::new();
    let mut pty = stage.start(&["resting"]);
    pty.wait_for("left (Ctrl-C: give up)");
    stage.set_clock(86_400, 0);
    pty.wait_for("9:5");
    assert!(!pty.screen().contains("Name of the target"));
    stage.set_clock(86_400, 600);
    pty.wait_for_question("Name of the target");
    pty.type_keys(&["C-c"]);
    assert_eq!(pty.wait_exit().code(), Some(124));
    assert_eq!(stage.ran(), Vec::<String>::new());
}
