//! Scripts that a line runs: read before it is judged, shown by file and row, and read once more
//! before they start.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::gate::{CRITICAL, play};
use crate::stage::{Stage, answers, kinds};

/// Makes a stage with a script of these rows.
fn stage(rows: &str) -> (Stage, String) {
    let stage = Stage::new();
    let path = stage.path("work.sh");
    fs::write(&path, rows).unwrap();
    (stage, path.to_str().unwrap().to_owned())
}

#[test]
fn what_is_risky_in_a_script_holds_it_and_says_where() {
    let (stage, path) = stage("true\nelsewhere a\n");
    let mut pty = stage.start(&["sh", &path]);
    play(&mut pty, &[("Messages waiting", "3\n")]);
    let screen = pty.raw();
    assert!(screen.contains("work.sh:2: elsewhere a"), "{screen}");
    play(&mut pty, &[("Run it now?", "y\n")]);
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert_eq!(stage.ran(), ["elsewhere a"]);
}

#[test]
fn a_script_that_is_started_by_its_path_is_read_too() {
    let (stage, path) = stage("#!/bin/sh\nelsewhere \"$1\"\n");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let mut pty = stage.start(&[&path, "a"]);
    play(
        &mut pty,
        &[("Messages waiting", "3\n"), ("Run it now?", "y\n")],
    );
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert_eq!(stage.ran(), ["elsewhere a"]);
}

#[test]
fn a_script_that_changed_meanwhile_does_not_run() {
    let (stage, path) = stage("elsewhere a\n");
    let mut pty = stage.start(&["sh", &path]);
    play(&mut pty, &[("Messages waiting", "3\n")]);
    pty.wait_for_question("Run it now?");
    fs::write(&path, "elsewhere b\n").unwrap();
    pty.type_text("y\n");
    assert_eq!(pty.wait_exit().code(), Some(124));
    assert!(pty.raw().contains("has changed"), "{}", pty.raw());
    assert!(stage.ran().is_empty());
}

#[test]
fn small_things_in_a_script_do_not_hold_it() {
    let (stage, path) = stage("middling a\n");
    let mut pty = stage.start(&["sh", &path]);
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert_eq!(stage.ran(), ["middling a"]);
}

#[test]
fn a_script_that_another_runs_must_not_change_or_appear_meanwhile() {
    for appears in [false, true] {
        let (stage, path) = stage("elsewhere a\n. ./inner.sh\n./third.sh\n");
        let third = stage.path("third.sh");
        fs::write(stage.path("inner.sh"), "sh third.sh\n").unwrap();
        if !appears {
            fs::write(&third, "true\n").unwrap();
        }
        let mut pty = stage.start(&["sh", &path]);
        play(&mut pty, &[("Messages waiting", "3\n")]);
        pty.wait_for_question("Run it now?");
        fs::write(&third, "elsewhere b\n").unwrap();
        pty.type_text("y\n");
        assert_eq!(pty.wait_exit().code(), Some(124));
        assert!(pty.raw().contains("third.sh` has changed"), "{}", pty.raw());
        assert!(stage.ran().is_empty());
    }
}

#[test]
fn a_thorough_yes_is_remembered_for_the_very_same_script() {
    let (stage, path) = stage("critically a\n");
    let mut pty = stage.start(&["sh", &path]);
    play(&mut pty, &CRITICAL);
    assert_eq!(pty.wait_exit().code(), Some(0));
    // Another session: the script is the same, so is who asks.
    let mut pty = stage.start(&["sh", &path]);
    play(&mut pty, &CRITICAL[2..]);
    assert_eq!(pty.wait_exit().code(), Some(0));
    let screen = pty.raw();
    assert!(screen.contains("answered by you: release 7"), "{screen}");
    let kinds = kinds(&stage.runs()[0]);
    let n_carried = kinds.iter().filter(|kind| **kind == "carried").count();
    assert_eq!(n_carried, 2, "{kinds:?}");
    assert_eq!(stage.ran(), ["critically a", "critically a"]);
    // One byte more, and everything is asked.
    fs::write(&path, "critically a \n").unwrap();
    let mut pty = stage.start(&["sh", &path]);
    play(&mut pty, &CRITICAL);
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert_eq!(stage.ran().len(), 3);
}

#[test]
fn think_steps_carry_over_in_a_session_and_are_asked_in_the_next() {
    let stage = Stage::new();
    for _ in 0..2 {
        let mut pty = stage.shell();
        pty.type_text("kanmon critically a; echo first=$?\n");
        play(&mut pty, &CRITICAL);
        pty.wait_for("first=0");
        pty.type_text("kanmon critically b; echo second=$?\n");
        play(&mut pty, &CRITICAL[2..]);
        pty.wait_for("second=0");
        let screen = pty.raw();
        assert!(screen.contains("carried over: release 7"), "{screen}");
        // What is called and what is waited for stays.
        assert!(screen.contains("3/5 waiting"), "{screen}");
        assert_eq!(answers(&stage.runs()[0]), ["show 3", "call 3", "go y"]);
        pty.type_text("exit\n");
        pty.wait_exit();
    }
    assert_eq!(stage.ran().len(), 4);
}
