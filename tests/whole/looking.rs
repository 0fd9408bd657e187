//! What the gate shows and measures: hung and changing probes, languages, narrow and dumb
//! terminals, secrets, hostile text.

#![expect(
    clippy::disallowed_methods,
    reason = "tests read files and fail by a panic in helpers too"
)]

use std::time::{Duration, Instant};

use kanmon::ledger::Outcome;
use unicode_width::UnicodeWidthStr as _;

use crate::gate::play;
use crate::pty::Pty;
use crate::stage::{self, Stage, answers};

#[test]
fn a_hung_probe_is_not_seen_and_the_target_is_called() {
    let stage = Stage::new();
    let mut pty = stage.start(&["hanging"]);
    pty.wait_for_question("1/3 \"State of the host\" could not be seen");
    pty.wait_for("not seen: no answer within 1 s");
    pty.type_text("the host hangs, that is why\n");
    pty.wait_for_question("Name of the target");
    pty.type_text(&format!("{}\n", stage::host()));
    pty.wait_for_question("Run it now?");
    pty.type_text("y\n");
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert_eq!(stage.ran(), ["hanging"]);
    let told = answers(&stage.run());
    let call = format!("call {}", stage::host());
    let expected = [
        "show not seen: no answer within 1 s",
        "blind the host hangs, that is why",
        &call,
        "go y",
    ];
    assert_eq!(told, expected);
}

#[test]
fn blind_needs_a_reason() {
    let stage = Stage::new();
    let mut pty = stage.start(&["hanging"]);
    for times in 1..=3 {
        pty.wait_for_raw("Why go on all the same?", times);
        pty.wait_for_question("could not be seen");
        pty.type_text("  \n");
    }
    assert_eq!(pty.wait_exit().code(), Some(124));
    stage.assert_not_cleared("no-answer");
}

#[test]
fn while_a_probe_hangs_the_line_is_shown_and_the_gate_answers() {
    let stage = Stage::new();
    let mut pty = stage.start(&["slowly"]);
    // Drawn after three seconds with what is seen so far; the probe has five minutes.
    pty.wait_for("this command is held");
    pty.wait_for("Slow to see");
    let begun = Instant::now();
    pty.type_keys(&["C-c"]);
    assert_eq!(pty.wait_exit().code(), Some(124));
    assert!(begun.elapsed() < Duration::from_secs(10));
    stage.assert_not_cleared("interrupted");
}

#[test]
fn a_value_that_changes_after_the_call_is_called_again() {
    let stage = Stage::new();
    let mut pty = stage.start(&["calling"]);
    play(&mut pty, &[("Look and call: Messages waiting", "3\n")]);
    pty.wait_for_question("Run it now?");
    stage.set_waiting("8");
    pty.type_text("y\n");
    pty.wait_for("Messages waiting has changed since you called it");
    pty.wait_for_question("Look and call: Messages waiting");
    assert_eq!(stage.ran(), Vec::<String>::new());
    pty.type_text("8\n");
    pty.wait_for_question("Run it now?");
    pty.type_text("y\n");
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert_eq!(stage.ran(), ["calling"]);
    let told = answers(&stage.run());
    assert_eq!(told, ["show 3", "call 3", "go y", "call 8", "go y"]);
}

#[test]
fn a_value_that_changes_between_look_and_call_is_called_as_it_is_now() {
    let stage = Stage::new();
    let mut pty = stage.start(&["critically"]);
    play(&mut pty, &[("owners", "y\n")]);
    stage.set_waiting("9");
    play(
        &mut pty,
        &[("What is it for?", "x\n"), ("Messages waiting", "3\n")],
    );
    pty.wait_for("Tries left: 2");
    play(
        &mut pty,
        &[("Messages waiting", "9\n"), ("Run it now?", "y\n")],
    );
    assert_eq!(pty.wait_exit().code(), Some(0));
}

#[test]
fn a_change_within_the_drift_is_let_be() {
    let stage = Stage::new();
    let mut pty = stage.start(&["loosely"]);
    play(&mut pty, &[("Messages waiting, about", "3\n")]);
    pty.wait_for_question("Run it now?");
    stage.set_waiting("8");
    pty.type_text("y\n");
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert_eq!(stage.ran(), ["loosely"]);
}

#[test]
fn a_check_that_fails_at_go_holds() {
    let stage = Stage::new();
    let mut pty = stage.start(&["unsteadily"]);
    play(&mut pty, &[("Shall it run?", "y\n")]);
    assert_eq!(pty.wait_exit().code(), Some(124));
    pty.wait_for("Never the same is `2`, expected `1`");
    stage.assert_not_cleared("check");
}

#[test]
fn a_value_that_is_no_longer_seen_at_its_call_wants_a_reason() {
    let stage = Stage::new();
    let mut pty = stage.start(&["critically"]);
    play(&mut pty, &[("1/5 Are the owners told?", "y\n")]);
    std::fs::remove_file(stage.path("waiting")).unwrap();
    play(&mut pty, &[("2/5 What is it for?", "x\n")]);
    let host = format!("{}\n", stage::host());
    let script = [
        (
            "4/6 \"Messages waiting\" could not be seen",
            "it went away\n",
        ),
        ("5/6 Look and call: Name of the target", &host),
        ("6/6 Run it now?", "y\n"),
    ];
    play(&mut pty, &script);
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert!(answers(&stage.run()).contains(&"blind it went away".to_owned()));
}

#[test]
fn a_value_that_can_no_longer_be_seen_holds() {
    let stage = Stage::new();
    let mut pty = stage.start(&["calling"]);
    play(&mut pty, &[("Look and call: Messages waiting", "3\n")]);
    pty.wait_for_question("Run it now?");
    std::fs::remove_file(stage.path("waiting")).unwrap();
    pty.type_text("y\n");
    assert_eq!(pty.wait_exit().code(), Some(124));
    stage.assert_not_cleared("not-seen");
}

#[test]
fn japanese_is_spoken_by_option_and_by_locale() {
    let by_option = |stage: &Stage| stage.start(&["--lang", "ja", "critically"]);
    let by_locale = |stage: &Stage| {
        stage
            .gate(&["critically"])
            .env("LANG", "ja_JP.UTF-8")
            .spawn()
    };
    for start in [by_option, by_locale] as [fn(&Stage) -> Pty; 2] {
        let stage = Stage::new();
        let mut pty = start(&stage);
        pty.wait_for_question("関係者に連絡しましたか？");
        for text in [
            "このコマンドの実行を保留しました",
            "最も危険な操作",
            "取り返しがつきません。",
            "待っているメール数",
        ] {
            pty.wait_for(text);
        }
        pty.type_text("はい\n");
        play(
            &mut pty,
            &[
                ("何のためですか？", "復旧\n"),
                ("待っているメール数", "３\n"),
                ("実行しますか？", "y\n"),
            ],
        );
        assert_eq!(pty.wait_exit().code(), Some(0));
        assert_eq!(stage.ran(), ["critically"]);
        let told = answers(&stage.run());
        assert_eq!(
            told,
            [
                "show 3",
                "checklist はい",
                "checklist 復旧",
                "call ３",
                "go y"
            ]
        );
    }
}

#[test]
fn forty_columns_and_either_language_break_no_row() {
    for language in ["en", "ja"] {
        let stage = Stage::new();
        let args = [
            "--drill",
            "--lang",
            language,
            "critically",
            "--with",
            "a rather long argument",
        ];
        let mut pty = stage.gate(&args).size(40, 40).spawn();
        let mut answers = ["y\n", "x\n", "3\n", "y\n"].iter();
        let questions = [
            ["owners", "関係者"],
            ["for?", "何のため"],
            ["Messages", "待っている"],
            ["now?", "実行しますか"],
        ];
        for question in questions {
            let question = question[usize::from(language == "ja")];
            pty.wait_for_question(question);
            for row in pty.screen().lines() {
                assert!(row.width() <= 40, "{row:?}");
            }
            pty.type_text(answers.next().unwrap());
        }
        assert_eq!(pty.wait_exit().code(), Some(0));
        // A row that the terminal wrapped by itself would be one that the gate did not measure.
        let wrapped = (0..40).filter(|row| pty.cells().row_wrapped(*row)).count();
        assert_eq!(wrapped, 0, "{}", pty.screen());
    }
}

/// Goes through the critical stand-in and returns all that was written.
fn all_written(stage: &Stage, args: &[&str], variables: &[(&str, &str)]) -> String {
    let mut gate = stage.gate(args);
    for (name, value) in variables {
        gate = gate.env(name, value);
    }
    let mut pty = gate.spawn();
    play(&mut pty, &crate::gate::CRITICAL);
    assert_eq!(pty.wait_exit().code(), Some(0));
    pty.raw()
}

/// Returns the escape sequences in a text that are not about pasting.
fn escapes(text: &str) -> Vec<&str> {
    let parts = text.split('\u{1b}').skip(1);
    parts.filter(|part| !part.starts_with("[?2004")).collect()
}

#[test]
fn no_color_means_none() {
    let stage = Stage::new();
    let raw = all_written(&stage, &["critically"], &[("NO_COLOR", "1")]);
    assert!(
        !raw.contains("\u{1b}[3") && !raw.contains("\u{1b}[0"),
        "{raw:?}"
    );
}

#[test]
fn a_dumb_terminal_gets_no_escape() {
    let stage = Stage::new();
    let raw = all_written(&stage, &["critically"], &[("TERM", "dumb")]);
    assert!(!raw.contains('\u{1b}'), "{raw:?}");
}

#[test]
fn plain_says_each_fact_with_its_label_and_redraws_nothing() {
    let stage = Stage::new();
    let raw = all_written(&stage, &["--plain", "critically"], &[]);
    assert_eq!(escapes(&raw), Vec::<&str>::new());
    for text in [
        "Rule: ",
        "Risk: critical",
        "Held part: critically",
        "Waiting: ",
    ] {
        assert!(raw.contains(text), "{text} in {raw}");
    }
    assert_eq!(raw.matches("It is all the trouble there is.").count(), 1);
}

#[test]
fn secrets_are_hidden_on_the_screen_and_in_the_ledger_and_reach_the_command() {
    let stage = Stage::new();
    let line = "A_TOKEN=hunter1 middling --password hunter2 https://op:hunter3@host/ 'a b'";
    let mut pty = stage.start(&["-c", line]);
    pty.wait_for_question("Shall it run?");
    pty.wait_for("--password ****");
    pty.type_text("y\n");
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert_eq!(
        stage.ran(),
        ["middling --password hunter2 https://op:hunter3@host/ a b"]
    );
    let raw = pty.raw();
    let ledger = std::fs::read(stage.ledger()).unwrap();
    let ledger = String::from_utf8_lossy(&ledger);
    for secret in ["hunter1", "hunter2", "hunter3"] {
        assert!(!raw.contains(secret), "{secret} in {raw}");
        assert!(!ledger.contains(secret), "{secret} in the ledger");
    }
}

#[test]
fn hostile_text_is_shown_and_does_nothing() {
    let stage = Stage::new();
    let argument = "x\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}gnp\u{2066}\r\nkanmon: cleared\u{9b}1m";
    let mut pty = stage.start(&["hostile", "now", argument]);
    pty.wait_for_question("run?");
    pty.wait_for("Hostile output");
    let raw = pty.raw();
    for bad in [
        "\u{1b}[2J",
        "\u{1b}]0",
        "\u{7}",
        "\u{202e}",
        "\u{2066}",
        "\u{9b}",
        "\nkanmon: cleared",
    ] {
        assert!(!raw.contains(bad), "{bad:?} in {raw:?}");
    }
    for shown in ["\\x1b[2J", "\\u{202e}", "⏎"] {
        assert!(raw.contains(shown), "{shown} in {raw}");
    }
    pty.type_text("y\n");
    assert_eq!(pty.wait_exit().code(), Some(0));
    let run = stage.run();
    assert_eq!(run.outcome, Outcome::Ended { status: 0 });
}

#[test]
fn bytes_that_are_no_text_are_shown_and_reach_the_command() {
    let stage = Stage::new();
    let mut pty = stage
        .program("/bin/sh")
        .args(["-c", "exec kanmon middling \"$(printf 'a\\377b')\""])
        .spawn();
    play(&mut pty, &[("Shall it run?", "y\n")]);
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert_eq!(
        std::fs::read(stage.path("ran")).unwrap(),
        b"middling a\xffb\n"
    );
}

#[test]
fn a_resize_draws_the_question_anew() {
    let stage = Stage::new();
    let mut pty = stage.start(&["critically"]);
    pty.wait_for_question("Are the owners told?");
    pty.resize(50, 20);
    pty.wait_for_raw("Are the owners told?", 2);
    play(&mut pty, &crate::gate::CRITICAL);
    assert_eq!(pty.wait_exit().code(), Some(0));
}
