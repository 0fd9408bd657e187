//! A cleared command under a pty: it has the terminal's signals, stops and continues with the
//! gate, and its end is recorded.

#![expect(
    clippy::disallowed_methods,
    reason = "tests read files and fail by a panic in helpers too"
)]

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;

use kanmon::gate::record::Event;
use kanmon::ledger::Outcome;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::gate::play;
use crate::pty::Pty;
use crate::stage::{self, Stage, is_restored, kinds};

/// Starts the stand-in with a word and waits until it runs and is recorded as started.
fn started(word: &str) -> (Stage, Pty) {
    let stage = Stage::new();
    let mut pty = stage.start(&["middling", word]);
    play(&mut pty, &[("Shall it run?", "y\n")]);
    wait_started(&stage);
    (stage, pty)
}

/// Waits until the command is recorded as started, and returns its process id.
fn wait_started(stage: &Stage) -> Pid {
    stage::until("the start", || !stage.ran().is_empty());
    let mut pid = None;
    stage::until("its record", || {
        pid = stage.run().events.iter().find_map(|told| match told.event {
            Event::Started { pid, .. } => Some(pid),
            _ => None,
        });
        pid.is_some()
    });
    Pid::from_raw(pid.unwrap())
}

/// Returns the state letter of a process.
fn state(pid: Pid) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

/// Returns whether a process is in the terminal's foreground group.
fn is_foreground(pid: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let words: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    // Process group and foreground group: fields 5 and 8, the state being 3.
    words[2] == words[5]
}

#[test]
fn the_command_has_the_terminal_as_a_shell_leaves_it() {
    let (_stage, mut pty) = started("stay");
    pty.wait_until("the modes", crate::pty::PATIENCE, is_restored);
}

#[test]
fn the_command_inherits_what_it_would_without_the_gate() {
    let stage = Stage::new();
    let seen = stage.path("state-seen");
    let mut pty = stage
        .program(stage.path("bin/middling"))
        .args(["state"])
        .spawn();
    assert_eq!(pty.wait_exit().code(), Some(0));
    let direct = std::fs::read_to_string(&seen).unwrap();
    assert!(direct.contains("SigIgn"), "{direct}");
    std::fs::remove_file(&seen).unwrap();
    let mut pty = stage.start(&["middling", "state"]);
    play(&mut pty, &[("Shall it run?", "y\n")]);
    assert_eq!(pty.wait_exit().code(), Some(0));
    // But for the id of the run, which is there to be kept by `at` and its like.
    let seen = std::fs::read_to_string(&seen).unwrap();
    let (run, rest): (Vec<&str>, Vec<&str>) = seen
        .lines()
        .partition(|line| line.starts_with("KANMON_RUN="));
    assert_eq!(run, [format!("KANMON_RUN={}", stage.run().id.0)]);
    assert_eq!(rest, direct.lines().collect::<Vec<_>>());
}

#[test]
fn control_c_is_the_commands_and_its_death_the_gates() {
    let (stage, mut pty) = started("stay");
    pty.type_keys(&["C-c"]);
    assert_eq!(pty.wait_exit().signal(), Some(Signal::SIGINT as i32));
    let signal = Signal::SIGINT as i32;
    assert_eq!(stage.run().outcome, Outcome::Killed { signal });
}

#[test]
fn a_signal_to_the_gate_alone_reaches_the_command() {
    for signal in [
        Signal::SIGTERM,
        Signal::SIGHUP,
        Signal::SIGUSR1,
        Signal::SIGUSR2,
    ] {
        let (stage, mut pty) = started("stay");
        pty.signal(signal);
        assert_eq!(pty.wait_exit().signal(), Some(signal as i32));
        let signal = signal as i32;
        assert_eq!(stage.run().outcome, Outcome::Killed { signal });
    }
}

#[test]
fn a_closed_terminal_ends_the_command_and_the_record_says_so() {
    let (stage, mut pty) = started("stay");
    pty.close_master();
    assert_eq!(pty.wait_exit().signal(), Some(Signal::SIGHUP as i32));
    let signal = Signal::SIGHUP as i32;
    assert_eq!(stage.run().outcome, Outcome::Killed { signal });
}

#[test]
fn control_z_and_fg_stop_and_continue_command_and_gate() {
    let stage = Stage::new();
    let mut pty = stage.shell();
    pty.type_text("kanmon middling stay\n");
    play(&mut pty, &[("Shall it run?", "y\n")]);
    let command = wait_started(&stage);
    pty.type_keys(&["C-z"]);
    pty.wait_for("Stopped");
    assert_eq!(state(command), Some('T'));
    pty.type_text("fg\n");
    stage::until("the command runs", || state(command) == Some('S'));
    pty.type_keys(&["C-z"]);
    pty.wait_for_raw("Stopped", 2);
    pty.type_text("bg\n");
    stage::until("the command runs", || state(command) == Some('S'));
    pty.type_text("fg\n");
    // The shell says what it brings to the front, then gives it the terminal.
    pty.wait_for_raw("kanmon middling stay", 5);
    stage::until("the foreground", || is_foreground(command));
    pty.type_keys(&["C-c"]);
    let signal = Signal::SIGINT as i32;
    stage::until("its end", || {
        stage.run().outcome == Outcome::Killed { signal }
    });
}

#[test]
fn the_shell_sees_the_commands_death() {
    let stage = Stage::new();
    let mut pty = stage.shell();
    pty.type_text("kanmon middling stay\n");
    play(&mut pty, &[("Shall it run?", "y\n")]);
    wait_started(&stage);
    pty.type_keys(&["C-c"]);
    pty.wait_for_raw("ready:", 3);
    pty.type_text("echo status=$?\n");
    pty.wait_for("status=130");
}

#[test]
fn more_interrupts_than_one_lose_no_record() {
    for _ in 0..10 {
        let (stage, mut pty) = started("stay");
        while pty.ended().is_none() {
            pty.type_keys(&["C-c"]);
        }
        let signal = Signal::SIGINT as i32;
        assert_eq!(pty.wait_exit().signal(), Some(signal));
        assert_eq!(stage.run().outcome, Outcome::Killed { signal });
    }
}

#[test]
fn a_resize_reaches_the_command() {
    let (_stage, mut pty) = started("sizes");
    pty.resize(100, 30);
    pty.wait_for("30 100");
    pty.resize(40, 10);
    pty.wait_for("10 40");
}

#[test]
fn if_the_gate_dies_the_command_goes_on_and_the_record_says_unknown() {
    let stage = Stage::new();
    // Not the session's leader: with that one's death the kernel would hang the session up.
    let mut pty = stage.shell();
    pty.type_text("kanmon middling stay\n");
    play(&mut pty, &[("Shall it run?", "y\n")]);
    let command = wait_started(&stage);
    let status = std::fs::read_to_string(format!("/proc/{command}/status")).unwrap();
    let parent = status
        .lines()
        .find_map(|line| line.strip_prefix("PPid:"))
        .unwrap();
    let gate = Pid::from_raw(parent.trim().parse().unwrap());
    kill(gate, Signal::SIGKILL).unwrap();
    pty.wait_for("Killed");
    assert_eq!(state(command), Some('S'));
    assert_eq!(stage.run().outcome, Outcome::UnderWay);
    kill(command, Signal::SIGKILL).unwrap();
    let process = format!("/proc/{command}");
    stage::until("its end", || !Path::new(&process).exists());
    assert_eq!(stage.run().outcome, Outcome::Unknown);
    assert_eq!(kinds(&stage.run()), ["answered", "cleared", "started"]);
}

#[test]
fn afters_are_shown_and_recorded() {
    let stage = Stage::new();
    let mut pty = stage.start(&["calling", "exit", "6"]);
    let script = [
        ("Look and call: Messages waiting", "3\n"),
        ("Run it now?", "y\n"),
    ];
    play(&mut pty, &script);
    assert_eq!(pty.wait_exit().code(), Some(6));
    for text in [
        "after the command",
        "with status 6",
        "What has run",
        "calling exit 6",
        "calling --back",
    ] {
        pty.wait_for(text);
    }
    let run = stage.run();
    assert_eq!(kinds(&run).last(), Some(&"after"));
    assert_eq!(run.outcome, Outcome::Ended { status: 6 });
}
