//! What changes while the questions are answered: at "go" the line is judged once more, and what
//! others gave is read in the transaction that clears.

#![expect(clippy::disallowed_methods, reason = "a test writes its own files")]

use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

use kanmon::context::SystemClock;
use kanmon::gate::record::{Entry, Event, HeldInvocation, Opened};
use kanmon::gate::world::{ClearError, Guards, InTheWay};
use kanmon::gate::{Ledger as _, RunId};
use kanmon::ledger::{Reader, SqliteLedger, verify};
use kanmon::line::Span;

use crate::gate::play;
use crate::pty::Pty;
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

/// Rules of which some hold only at certain clusters or branches.
const PLACED: &str = r#"
[[rule]]
id = "somewhere"
title = "Something anywhere"
why = "It is a little trouble."
risk = "low"
match = [{ program = ["kubectl", "git"] }]

[[rule]]
id = "cluster"
title = "Something in production"
why = "Customers are on it."
risk = "medium"
match = [{ program = "kubectl" }]
when = { context = "prod*" }
steps = [{ confirm = "Shall it run?" }]

[[rule]]
id = "branch"
title = "Something of a release"
why = "It is deployed."
risk = "medium"
match = [{ program = "git", when = { branch = ["main", "release-*"] } }]
steps = [{ confirm = "Shall it run?" }]
"#;

/// Makes a stage with these rules, a repository, and a kubeconfig in `clusters`.
fn placed() -> Stage {
    let stage = Stage::new();
    let rules = stage.path("rules.toml");
    let text = fs::read_to_string(&rules).unwrap();
    let (before, translated) = text.split_once("[ja]").unwrap();
    fs::write(&rules, format!("{before}{PLACED}\n[ja]{translated}")).unwrap();
    for program in ["kubectl", "git"] {
        let stand_in = stage.path("bin").join(program);
        symlink(stage.path("stand-in"), stand_in).unwrap();
    }
    fs::create_dir(stage.path(".git")).unwrap();
    stage
}

/// Says which cluster and branch count, by names of the same length.
fn place(stage: &Stage, cluster: &str, branch: &str) {
    let contexts = "contexts: [{name: lab-1, context: {}}, {name: prod1, context: {}}]";
    let config = format!("{contexts}\ncurrent-context: {cluster}\n");
    fs::write(stage.path("clusters"), config).unwrap();
    fs::write(
        stage.path(".git/HEAD"),
        format!("ref: refs/heads/{branch}\n"),
    )
    .unwrap();
}

/// Starts a command, moves cluster and branch while its question stands, and answers it. Returns
/// the terminal at the end.
#[track_caller]
fn moved(command: &[&str], before: [&str; 2], now: [&str; 2], answer: &str) -> (Stage, Pty) {
    let stage = placed();
    place(&stage, before[0], before[1]);
    let mut pty = stage
        .gate(command)
        .env("KUBECONFIG", stage.path("clusters"))
        .spawn();
    pty.wait_for_question(match answer {
        "y" => "Go on?",
        _ => "Shall it run?",
    });
    place(&stage, now[0], now[1]);
    pty.type_text(answer);
    pty.wait_exit();
    (stage, pty)
}

const KUBECTL: [&str; 4] = ["kubectl", "delete", "pod", "x"];
const GIT: [&str; 2] = ["git", "push"];

#[test]
fn a_cluster_or_branch_that_a_rule_holds_by_now_ends_the_run() {
    let (before, now) = (["lab-1", "topic"], ["prod1", "main"]);
    for (command, rule) in [(&KUBECTL[..], "[t.cluster]"), (&GIT, "[t.branch]")] {
        let (stage, mut pty) = moved(command, before, now, "y");
        pty.wait_for("meanwhile this rule holds the line too");
        pty.wait_for(rule);
        stage.assert_not_cleared("rules");
    }
}

#[test]
fn a_cluster_or_branch_that_is_another_one_by_now_ends_the_run() {
    // The same rule holds it, and what the operator said was of another place.
    let (before, now) = (["prod1", "main"], ["prod2", "release-7"]);
    for (command, told) in [
        (
            &KUBECTL[..],
            "the context is another one: prod2, and was prod1",
        ),
        (&GIT, "the branch is another one: release-7, and was main"),
    ] {
        let (stage, mut pty) = moved(command, before, now, "y\n");
        pty.wait_for(told);
        stage.assert_not_cleared("rules");
    }
}

#[test]
fn files_that_are_written_anew_and_say_the_same_are_no_change() {
    for (command, ran) in [(&KUBECTL[..], "kubectl delete pod x"), (&GIT, "git push")] {
        let (stage, _) = moved(command, ["prod1", "main"], ["prod1", "main"], "y\n");
        assert_eq!(stage.ran(), [ran]);
        // Of a cluster that no rule asks for nothing is known, so nothing has changed.
        let (stage, _) = moved(command, ["lab-1", "topic"], ["lab-2", "other"], "y");
        assert_eq!(stage.ran(), [ran]);
    }
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
        target: "gate1".to_owned(),
        user: "root".to_owned(),
        bound: [].into(),
        ..HeldInvocation::default()
    };
    let opened = Event::Opened(Box::new(Opened {
        line: "lowly".to_owned(),
        invocations: vec![held],
        door: "test".to_owned(),
        version: String::new(),
        ..Opened::default()
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
