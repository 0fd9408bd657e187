//! The gate as a whole program under a pty: from a typed command to a run, and what it ends with.

use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;

use kanmon::ledger::Outcome;
use nix::sys::signal::Signal;

use crate::pty::{Pty, Standard};
use crate::stage::{self, Stage, answers, is_restored, kinds};

/// Answers the questions of a script, each once it stands there.
#[track_caller]
pub(crate) fn play(pty: &mut Pty, script: &[(&str, &str)]) {
    for (question, answer) in script {
        pty.answer(question, answer);
    }
}

/// Starts the gate, answers its questions, and returns the pty, the program having ended.
#[track_caller]
fn passage(stage: &Stage, args: &[&str], script: &[(&str, &str)]) -> (Pty, Option<i32>) {
    let mut pty = stage.start(args);
    play(&mut pty, script);
    let status = pty.wait_exit();
    assert!(is_restored(&pty), "the modes are not restored");
    (pty, status.code())
}

/// The script of the critical stand-in.
pub(crate) const CRITICAL: [(&str, &str); 4] = [
    ("Are the owners told?", "y\n"),
    ("What is it for?", "release 7\n"),
    // Not what the look screen says: the answer before would come together with this one.
    ("Look and call: Messages waiting", "3\n"),
    ("Run it now?", "y\n"),
];

#[test]
fn what_no_rule_names_runs_at_once_and_nothing_is_written() {
    let stage = Stage::new();
    let script = "read word; echo \"got $word\"; exit 7";
    let mut pty = stage.start(&["sh", "-c", script]);
    pty.type_text("hello\n");
    assert_eq!(pty.wait_exit().code(), Some(7));
    assert_eq!(pty.raw(), "hello\r\ngot hello\r\n");
    assert!(!stage.path("state/kanmon").exists(), "a ledger was opened");
}

#[test]
fn what_no_rule_names_gets_the_terminals_own_signals() {
    let stage = Stage::new();
    let mut pty = stage.start(&["sh", "-c", "echo here; exec sleep 1000"]);
    pty.wait_for("here");
    pty.type_keys(&["C-c"]);
    assert_eq!(pty.wait_exit().signal(), Some(Signal::SIGINT as i32));
    assert_eq!(pty.raw(), "here\r\n^C");
}

#[test]
fn a_held_line_is_looked_at_asked_step_by_step_and_shown_once_more() {
    let stage = Stage::new();
    let mut pty = stage.start(&["critically", "exit", "3"]);
    pty.wait_for_question("Are the owners told?");
    let screen = pty.screen();
    for shown in [
        "this command is held",
        "critically exit 3",
        "Something critical",
        "[t.critical, risk: critical]",
        "It is all the trouble there is.",
        "Messages waiting",
        "1/5 Are the owners told?",
        &stage::host(),
    ] {
        assert!(screen.contains(shown), "{shown} in\n{screen}");
    }
    play(&mut pty, &CRITICAL[..3]);
    pty.wait_for_question("Run it now?");
    assert_eq!(stage.ran(), Vec::<String>::new(), "it ran before go");
    assert_eq!(kinds(&stage.run()).last(), Some(&"answered"));
    pty.type_text("y\n");
    assert_eq!(pty.wait_exit().code(), Some(3));
    assert_eq!(stage.ran(), ["critically exit 3"]);

    let raw = pty.raw();
    let mut from = 0;
    for part in ["is held", "1/5", "2/5", "3/5", "4/5", "once more", "5/5"] {
        let at = raw.get(from..).unwrap().find(part);
        from += at.unwrap_or_else(|| panic!("{part} is not in its place in\n{raw}"));
    }
    let run = stage.run();
    assert_eq!(run.outcome, Outcome::Ended { status: 3 });
    let told = answers(&run);
    let expected = [
        "show 3",
        "checklist y",
        "checklist release 7",
        "call 3",
        "go y",
    ];
    assert_eq!(told, expected);
    let after = kinds(&run).split_off(told.len());
    assert_eq!(after, ["cleared", "started", "ended"]);
}

#[test]
fn low_is_one_key_and_medium_a_yes() {
    for (program, question, answer) in [
        ("lowly", "Go on?", "y"),
        ("middling", "Shall it run?", "yes\n"),
    ] {
        let stage = Stage::new();
        let (pty, code) = passage(&stage, &[program, "a b"], &[(question, answer)]);
        assert_eq!(code, Some(0));
        assert_eq!(stage.ran(), [format!("{program} a b")]);
        assert_eq!(stage.run().outcome, Outcome::Ended { status: 0 });
        assert!(pty.raw().contains("1/1 "), "{}", pty.raw());
    }
}

#[test]
fn anything_but_yes_declines() {
    for (program, question, answer) in [
        ("lowly", "Go on?", "n"),
        ("lowly", "Go on?", "\r"),
        ("middling", "Shall it run?", "\r"),
        ("middling", "Shall it run?", "yess\n"),
        ("critically", "Are the owners told?", "no\n"),
    ] {
        let stage = Stage::new();
        let (mut pty, code) = passage(&stage, &[program], &[(question, answer)]);
        assert_eq!(code, Some(124), "{program} {answer:?}");
        pty.wait_for("The command has not run.");
        stage.assert_not_cleared("declined");
    }
}

#[test]
fn three_wrong_calls_end_the_run_and_the_value_is_never_told() {
    let stage = Stage::new();
    stage.set_waiting("4711");
    let mut pty = stage.start(&["elsewhere"]);
    pty.wait_for_question("Messages waiting");
    pty.wait_for("See it with: cat ");
    for left in [2, 1] {
        pty.type_text("17\n");
        pty.wait_for(&format!("Tries left: {left}"));
        pty.wait_for_question("Messages waiting");
    }
    pty.type_text("17\n");
    assert_eq!(pty.wait_exit().code(), Some(124));
    assert_eq!(pty.count_raw("4711"), 0, "the value was told");
    stage.assert_not_cleared("wrong-call");
}

#[test]
fn a_call_may_be_mended() {
    let stage = Stage::new();
    let script = [
        ("Messages waiting", "2\n"),
        ("Tries left: 2", "３\n"),
        ("Run it now?", "ｙ\n"),
    ];
    let (_, code) = passage(&stage, &["calling"], &script);
    assert_eq!(code, Some(0));
    assert_eq!(stage.ran(), ["calling"]);
}

#[test]
fn the_commands_own_status_is_the_gates() {
    for status in [0, 1, 124, 125, 126, 127, 255] {
        let stage = Stage::new();
        let args = ["middling", "exit", &status.to_string()];
        let (_, code) = passage(&stage, &args, &[("Shall it run?", "y\n")]);
        assert_eq!(code, Some(status));
        assert_eq!(stage.run().outcome, Outcome::Ended { status });
    }
}

#[test]
fn the_commands_death_is_the_gates() {
    for signal in [
        Signal::SIGTERM,
        Signal::SIGKILL,
        Signal::SIGSEGV,
        Signal::SIGPIPE,
    ] {
        let stage = Stage::new();
        let number = (signal as i32).to_string();
        let mut pty = stage.start(&["middling", "die", &number]);
        play(&mut pty, &[("Shall it run?", "y\n")]);
        assert_eq!(pty.wait_exit().signal(), Some(signal as i32));
        let signal = signal as i32;
        assert_eq!(stage.run().outcome, Outcome::Killed { signal });
    }
}

#[test]
fn not_cleared_is_124() {
    let stage = Stage::new();
    let (_, code) = passage(&stage, &["middling"], &[("Shall it run?", "n\n")]);
    assert_eq!(code, Some(124));
}

#[test]
fn a_gate_that_fails_itself_is_125() {
    let stage = Stage::new();
    std::fs::remove_file(stage.path("rules.toml")).unwrap();
    let mut pty = stage.start(&["middling"]);
    assert_eq!(pty.wait_exit().code(), Some(125));
    pty.wait_for("the command has not run");
    assert_eq!(stage.ran(), Vec::<String>::new());
}

#[test]
fn a_cleared_command_that_cannot_be_executed_is_126() {
    let stage = Stage::new();
    let (mut pty, code) = passage(&stage, &["locked"], &[("Go on?", "y")]);
    assert_eq!(code, Some(126));
    pty.wait_for("locked");
    assert!(matches!(stage.run().outcome, Outcome::NotStarted { .. }));
}

#[test]
fn a_cleared_command_that_is_not_there_is_127() {
    let stage = Stage::new();
    let (mut pty, code) = passage(&stage, &["absent"], &[("Go on?", "y")]);
    assert_eq!(code, Some(127));
    pty.wait_for("absent");
    assert!(matches!(stage.run().outcome, Outcome::NotStarted { .. }));
}

#[test]
fn what_is_typed_ahead_answers_nothing() {
    let stage = Stage::new();
    let mut pty = stage.start(&["delayed"]);
    let looking = stage.path("looking");
    stage::until("the probe", || looking.exists());
    pty.type_text("y\r3\ry");
    std::fs::write(stage.path("go"), "").unwrap();
    pty.wait_for_question("Shall it run?");
    assert_eq!(answers(&stage.run()), ["show 3"]);
    pty.type_text("y\r");
    // The probe of the call looks anew: what is typed meanwhile is no call.
    pty.wait_for_question("Held up");
    pty.type_text("3\r");
    pty.wait_for_question("Run it now?");
    pty.type_text("y\n");
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert_eq!(stage.ran(), ["delayed"]);
    let all = ["show 3", "confirm y", "call 3", "go y"];
    assert_eq!(answers(&stage.run()), all);
}

#[test]
fn a_pasted_block_answers_no_question() {
    let stage = Stage::new();
    let mut pty = stage.start(&["critically"]);
    pty.wait_for_question("Are the owners told?");
    pty.paste("y\nrelease 7\n3\ny\n");
    pty.wait_for("A pasted block is no answer");
    pty.wait_for_question("Are the owners told?");
    assert_eq!(answers(&stage.run()), ["show 3"]);
    pty.type_keys(&["C-c"]);
    assert_eq!(pty.wait_exit().code(), Some(124));
    stage.assert_not_cleared("interrupted");
}

#[test]
fn a_block_without_paste_marks_answers_no_question() {
    let stage = Stage::new();
    let mut pty = stage.gate(&["critically"]).env("TERM", "dumb").spawn();
    pty.wait_for_question("Are the owners told?");
    pty.paste("y\nrelease 7\n3\ny\n");
    pty.wait_for("Several lines at once are no answer");
    pty.wait_for_question("Are the owners told?");
    pty.type_keys(&["C-c"]);
    assert_eq!(pty.wait_exit().code(), Some(124));
    stage.assert_not_cleared("interrupted");
}

#[test]
fn a_pipe_that_says_yes_is_no_person() {
    let stage = Stage::new();
    for args in [["lowly"], ["middling"], ["critically"]] {
        let mut pty = stage
            .gate(&args)
            .standard(Standard::Pipe, Standard::Pipe, Standard::Pipe)
            .spawn();
        let mut stdin = pty.stdin.take().unwrap();
        let writer = std::thread::spawn(move || while stdin.write_all(b"y\n").is_ok() {});
        pty.wait_for_question("1/");
        pty.type_keys(&["C-c"]);
        assert_eq!(pty.wait_exit().code(), Some(124));
        drop(pty);
        writer.join().unwrap();
    }
    assert_eq!(stage.ran(), Vec::<String>::new());
}

#[test]
fn the_streams_are_the_commands() {
    let stage = Stage::new();
    let mut pty = stage
        .gate(&["middling", "cat"])
        .standard(Standard::Pipe, Standard::Pipe, Standard::Pipe)
        .spawn();
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let (mut stdin, mut stdout) = (pty.stdin.take().unwrap(), pty.stdout.take().unwrap());
    let sent = bytes.clone();
    // Longer than any pipe holds: it goes through only once the command reads.
    let writer = std::thread::spawn(move || stdin.write_all(&sent).unwrap());
    let reader = std::thread::spawn(move || {
        let mut read = Vec::new();
        stdout.read_to_end(&mut read).unwrap();
        read
    });
    play(&mut pty, &[("Shall it run?", "y\n")]);
    assert_eq!(pty.wait_exit().code(), Some(0));
    writer.join().unwrap();
    assert_eq!(reader.join().unwrap(), bytes);
    let mut stderr = String::new();
    pty.stderr
        .take()
        .unwrap()
        .read_to_string(&mut stderr)
        .unwrap();
    assert_eq!(stderr, "", "the gate speaks to the terminal alone");
}

#[test]
fn closed_streams_stay_closed_and_the_terminal_is_asked() {
    let stage = Stage::new();
    let mut pty = stage
        .gate(&["-c", "middling; ls -l /proc/$$/fd >fds"])
        .standard(Standard::Closed, Standard::Closed, Standard::Closed)
        .spawn();
    play(&mut pty, &[("Shall it run?", "y\n")]);
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert_eq!(stage.ran(), ["middling"]);
    let fds = stage::lines(&stage.path("fds"));
    assert_eq!(fds.first().map(String::as_str), Some("total 0"));
    let is_open = |fd: &str| fds.iter().any(|line| line.contains(&format!(" {fd} -> ")));
    assert!(!is_open("0") && !is_open("2"), "{fds:?}");
}

#[test]
fn without_a_terminal_nothing_is_asked_and_the_rule_is_named() {
    let stage = Stage::new();
    let mut pty = stage
        .gate(&["critically"])
        .standard(Standard::Null, Standard::Pipe, Standard::Pipe)
        .without_terminal()
        .spawn();
    assert_eq!(pty.wait_exit().code(), Some(124));
    let (mut out, mut said) = (String::new(), String::new());
    pty.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    pty.stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert_eq!(out, "");
    for part in ["t.critical", "Something critical", "no terminal", "ssh -t"] {
        assert!(said.contains(part), "{part} in {said}");
    }
    stage.assert_not_cleared("no-terminal");
}

#[test]
fn a_noted_command_runs_at_once_and_is_recorded() {
    let stage = Stage::new();
    let mut pty = stage.start(&["notable", "exit", "4"]);
    assert_eq!(pty.wait_exit().code(), Some(4));
    assert_eq!(pty.raw(), "");
    assert_eq!(kinds(&stage.run()), ["noted", "started", "ended"]);
}

#[test]
fn a_shell_line_is_held_for_its_part_and_run_as_it_is() {
    let stage = Stage::new();
    let line = "echo before; middling 'a  b' | cat; exit 5";
    let (mut pty, code) = passage(&stage, &["-c", line], &[("Shall it run?", "y\n")]);
    assert_eq!(code, Some(5));
    assert_eq!(stage.ran(), ["middling a  b"]);
    assert_eq!(stage.run().line, line);
    pty.wait_for("before");
}

#[test]
fn wrappers_hide_nothing() {
    for args in [
        &["env", "A=1", "middling"][..],
        &["nohup", "nice", "-n", "1", "middling"],
        &["sh", "-c", "exec middling"],
        &["timeout", "60", "middling"],
        &["-c", "sudo -n middling"],
    ] {
        let stage = Stage::new();
        let mut pty = stage.start(args);
        pty.wait_for_question("Shall it run?");
        pty.type_keys(&["C-c"]);
        assert_eq!(pty.wait_exit().code(), Some(124), "{args:?}");
        stage.assert_not_cleared("interrupted");
    }
}

#[test]
fn a_gap_holds_a_second_run() {
    let stage = Stage::new();
    let (_, code) = passage(&stage, &["hourly"], &[("Go on?", "y")]);
    assert_eq!(code, Some(0));
    let (mut pty, code) = passage(&stage, &["hourly"], &[]);
    assert_eq!(code, Some(124));
    pty.wait_for("1h must lie between two runs");
    assert_eq!(stage.ran(), ["hourly"]);
    // The boot clock counts, whatever the date says.
    stage.set_clock(10, 3600);
    let (_, code) = passage(&stage, &["hourly"], &[("Go on?", "y")]);
    assert_eq!(code, Some(0));
    assert_eq!(stage.ran(), ["hourly", "hourly"]);
}

#[test]
fn a_line_beyond_a_limit_is_refused_in_both_languages_and_on_the_record() {
    for (language, said) in [
        ("en", "nested more than 100 levels"),
        ("ja", "入れ子が 100 段を超え"),
    ] {
        let stage = Stage::new();
        let line = format!("{}middling{}", "(".repeat(5000), ")".repeat(5000));
        let mut pty = stage.start(&["--lang", language, "-c", &line]);
        assert_eq!(pty.wait_exit().code(), Some(124));
        pty.wait_for(said);
        stage.assert_not_cleared("refused");
        let kept = stage.run().line;
        assert!(
            kept.starts_with("((((") && kept.len() < 5000,
            "{}",
            kept.len()
        );
    }
}
