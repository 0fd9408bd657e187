//! The terminal under a real pty: what counts as an answer, and what every signal does.
#![expect(
    clippy::disallowed_methods,
    reason = "reads the results that the program under test wrote"
)]

use std::io::{Read as _, Write as _};

use nix::sys::signal::Signal;
use nix::sys::termios::{LocalFlags, OutputFlags, SpecialCharacterIndices};
use tempfile::TempDir;

use crate::pty::{Pty, PtyCommand, Standard};
use crate::scene::{Scene, program};

/// Returns whether the pty has the modes of a shell: lines and echo.
fn is_restored(pty: &Pty) -> bool {
    let wanted = LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG | LocalFlags::IEXTEN;
    pty.modes().local_flags.contains(wanted) && !pty.cells().bracketed_paste()
}

#[test]
fn an_answer_is_the_line_that_was_typed() {
    let mut scene = Scene::new(&["call"]);
    scene.pty.wait_for_question("Messages on hold");
    scene.pty.type_text("432");
    scene.pty.type_keys(&["enter"]);
    assert_eq!(scene.end(), (Some(0), "call=432\n".to_owned()));
    assert!(is_restored(&scene.pty));
}

#[test]
fn a_key_needs_no_enter() {
    let mut scene = Scene::new(&["key"]);
    scene.pty.wait_for_question("Go on?");
    scene.pty.type_text("y");
    assert_eq!(scene.end(), (Some(0), "key=y\n".to_owned()));
}

#[test]
fn a_lone_escape_is_a_key_and_an_arrow_is_none() {
    let mut scene = Scene::new(&["key", "key"]);
    scene.pty.wait_for_question("Go on?");
    scene.pty.type_keys(&["up"]);
    scene.pty.type_keys(&["escape"]);
    scene.pty.wait_for_raw("Go on?", 2);
    scene.pty.wait_for_question("Go on?");
    scene.pty.type_text("ｙ");
    assert_eq!(scene.end(), (Some(0), "key=\u{1b}\nkey=ｙ\n".to_owned()));
}

#[test]
fn what_was_typed_before_the_question_stood_there_is_no_answer() {
    let mut scene = Scene::new(&["slow", "call"]);
    scene.pty.wait_for("slow: thinking");
    scene.pty.type_text("early\n");
    scene.go();
    scene.pty.wait_for_question("Messages on hold");
    scene.pty.type_text("late\n");
    assert_eq!(scene.end(), (Some(0), "slow=ok\ncall=late\n".to_owned()));
    assert_eq!(scene.pty.count_raw("early"), 0, "typed ahead, yet echoed");
}

#[test]
fn a_pasted_line_is_refused_and_the_question_put_again() {
    let mut scene = Scene::new(&["call"]);
    scene.pty.wait_for_question("Messages on hold");
    scene.pty.paste("432");
    scene.pty.wait_for("A pasted block is no answer");
    scene.pty.wait_for_question("Messages on hold");
    scene.pty.type_text("17\n");
    assert_eq!(scene.end(), (Some(0), "call=17\n".to_owned()));
}

#[test]
fn a_pasted_block_of_lines_answers_no_question() {
    let mut scene = Scene::new(&["confirm", "call"]);
    scene.pty.wait_for_question("owners");
    scene.pty.paste("yes\n432\n");
    scene.pty.wait_for("A pasted block is no answer");
    scene.pty.wait_for_question("owners");
    scene.pty.type_text("y\n");
    scene.pty.wait_for_question("Messages on hold");
    scene.pty.type_text("17\n");
    assert_eq!(scene.end(), (Some(0), "confirm=y\ncall=17\n".to_owned()));
}

#[test]
fn a_block_without_brackets_answers_no_question() {
    let mut scene = Scene::new(&["--dumb", "confirm", "call"]);
    scene.pty.wait_for_question("owners");
    scene.pty.paste("yes\n432\nrest");
    scene.pty.wait_for("Several lines at once are no answer");
    scene.pty.wait_for_question("owners");
    scene.pty.type_text("y\n");
    scene.pty.wait_for_question("Messages on hold");
    scene.pty.type_text("17\n");
    assert_eq!(scene.end(), (Some(0), "confirm=y\ncall=17\n".to_owned()));
}

#[test]
fn a_paste_far_longer_than_the_buffer_is_refused_as_one() {
    let mut scene = Scene::new(&["call"]);
    scene.pty.wait_for_question("Messages on hold");
    scene.pty.paste(&"0123456789 yes\n".repeat(2000));
    scene.pty.wait_for("A pasted block is no answer");
    scene.pty.wait_for_question("Messages on hold");
    scene.pty.type_text("17\n");
    assert_eq!(scene.end(), (Some(0), "call=17\n".to_owned()));
}

#[test]
fn a_paste_that_was_under_way_before_the_question_answers_nothing() {
    let mut scene = Scene::new(&["slow", "call"]);
    scene.pty.wait_for("slow: thinking");
    scene.pty.type_text(&"yes\n".repeat(500));
    scene.go();
    scene.pty.wait_for_question("Messages on hold");
    scene.pty.type_text("x\u{1b}[201~");
    scene.pty.wait_for("A pasted block is no answer");
    scene.pty.wait_for_question("Messages on hold");
    scene.pty.type_text("17\n");
    assert_eq!(scene.end(), (Some(0), "slow=ok\ncall=17\n".to_owned()));
}

#[test]
fn bytes_that_are_no_utf8_are_refused() {
    let mut scene = Scene::new(&["call"]);
    scene.pty.wait_for_question("Messages on hold");
    scene.pty.type_bytes(b"12\xff\n");
    scene.pty.wait_for("not UTF-8");
    scene.pty.wait_for_question("Messages on hold");
    scene.pty.type_text("12\n");
    assert_eq!(scene.end(), (Some(0), "call=12\n".to_owned()));
}

#[test]
fn backspace_erases_a_wide_character_whole() {
    let mut scene = Scene::new(&["--ja", "reason"]);
    scene.pty.wait_for_question("確認できません");
    scene.pty.type_text("a日本");
    scene.pty.wait_for("› a日本");
    scene.pty.type_keys(&["backspace", "backspace"]);
    let row = scene.pty.cells().cursor_position().0;
    scene
        .pty
        .wait_until("one letter", crate::pty::PATIENCE, |pty| {
            pty.cells()
                .contents_between(row, 0, row, 80)
                .trim_end()
                .ends_with("› a")
        });
    assert_eq!(scene.pty.cells().cursor_position().1, 5);
    scene.pty.type_text("語");
    scene.pty.type_keys(&["enter"]);
    assert_eq!(scene.end(), (Some(0), "reason=a語\n".to_owned()));
}

#[test]
fn control_u_and_control_w_erase() {
    let mut scene = Scene::new(&["reason"]);
    scene.pty.wait_for_question("could not be seen");
    scene.pty.type_text("wrong");
    scene.pty.type_keys(&["C-u"]);
    scene.pty.type_text("one two");
    scene.pty.type_keys(&["C-w"]);
    scene.pty.type_text("three\n");
    assert_eq!(scene.end(), (Some(0), "reason=one three\n".to_owned()));
}

#[track_caller]
fn check_gone(args: &[&str], prompt: &str, act: impl FnOnce(&mut Pty), expect: &str) {
    let mut scene = Scene::new(args);
    scene.pty.wait_for(prompt);
    act(&mut scene.pty);
    let (code, results) = scene.end();
    assert_eq!((code, results.as_str()), (Some(124), expect));
    assert!(is_restored(&scene.pty), "modes are left changed");
}

#[test]
fn every_way_to_leave_is_told_and_puts_the_terminal_back() {
    for (scene, prompt) in [
        ("call", "›"),
        ("confirm", "›"),
        ("key", "›"),
        ("long-wait", "left"),
    ] {
        check_gone(
            &[scene],
            prompt,
            |pty| pty.type_keys(&["C-c"]),
            "gone=Interrupted\n",
        );
        check_gone(
            &[scene],
            prompt,
            |pty| pty.type_keys(&["C-\\"]),
            "gone=Quit\n",
        );
        check_gone(
            &[scene],
            prompt,
            |pty| pty.signal(Signal::SIGTERM),
            "gone=Terminated\n",
        );
        check_gone(
            &[scene],
            prompt,
            |pty| pty.signal(Signal::SIGHUP),
            "gone=HungUp\n",
        );
        check_gone(
            &[scene],
            prompt,
            |pty| pty.signal_group(Signal::SIGINT),
            "gone=Interrupted\n",
        );
    }
    for scene in ["call", "confirm", "key"] {
        check_gone(
            &[scene],
            "›",
            |pty| pty.type_keys(&["C-d"]),
            "gone=EndOfInput\n",
        );
    }
}

#[test]
fn control_d_behind_a_letter_ends_nothing() {
    let mut scene = Scene::new(&["call"]);
    scene.pty.wait_for_question("Messages on hold");
    scene.pty.type_text("1");
    scene.pty.type_keys(&["C-d"]);
    scene.pty.type_text("7\n");
    assert_eq!(scene.end(), (Some(0), "call=17\n".to_owned()));
}

#[test]
fn a_terminal_that_goes_away_ends_the_dialogue() {
    for (name, prompt) in [("call", "›"), ("key", "›"), ("long-wait", "left")] {
        let mut scene = Scene::new(&[name]);
        scene.pty.wait_for(prompt);
        scene.pty.close_master();
        let (code, results) = scene.end();
        assert_eq!(code, Some(124));
        assert!(
            ["gone=HungUp\n", "gone=Vanished\n"].contains(&results.as_str()),
            "{results}"
        );
    }
}

#[test]
fn a_panic_puts_the_terminal_back() {
    let mut scene = Scene::new(&["look", "panic"]);
    assert_eq!(scene.pty.wait_exit().code(), Some(101));
    assert!(is_restored(&scene.pty));
}

#[test]
fn standard_descriptors_may_be_pipes_or_closed() {
    for standard in [Standard::Null, Standard::Closed] {
        let mut scene = Scene::with(&["call"], |command| {
            command.standard(standard, standard, standard)
        });
        scene.pty.wait_for_question("Messages on hold");
        scene.pty.type_text("17\n");
        let expect = (Some(0), "call=17\n".to_owned());
        assert_eq!(scene.end(), expect, "{standard:?}");
    }
}

#[test]
fn pipes_answer_nothing_and_get_nothing() {
    let mut scene = Scene::with(&["look", "call"], |command| {
        command.standard(Standard::Pipe, Standard::Pipe, Standard::Pipe)
    });
    let mut stdin = scene.pty.stdin.take().expect("a pipe");
    stdin.write_all(b"99\n99\n").expect("room in the pipe");
    scene.pty.wait_for_question("Messages on hold");
    scene.pty.type_text("17\n");
    assert_eq!(scene.end(), (Some(0), "look=ok\ncall=17\n".to_owned()));
    let mut written = String::new();
    let mut stdout = scene.pty.stdout.take().expect("a pipe");
    stdout.read_to_string(&mut written).expect("text");
    let mut stderr = scene.pty.stderr.take().expect("a pipe");
    stderr.read_to_string(&mut written).expect("text");
    assert_eq!(written, "");
}

#[test]
fn without_a_terminal_it_ends_at_once() {
    let mut scene = Scene::with(&["call"], PtyCommand::without_terminal);
    assert_eq!(scene.end(), (Some(124), "gone=NoTerminal\n".to_owned()));
}

#[test]
fn a_notice_goes_to_the_terminal_or_else_to_standard_error() {
    let text = "not cleared\u{1b}[2J";
    let shown = "not cleared\\x1b[2J";
    let mut scene = Scene::with(&["--notice", text], |command| {
        command.standard(Standard::Pipe, Standard::Pipe, Standard::Closed)
    });
    scene.pty.wait_for(shown);
    assert_eq!(scene.end().0, Some(0));

    let mut scene = Scene::with(&["--notice", text], |command| {
        command
            .standard(Standard::Pipe, Standard::Pipe, Standard::Pipe)
            .without_terminal()
    });
    assert_eq!(scene.end().0, Some(124));
    let mut written = String::new();
    let mut stderr = scene.pty.stderr.take().expect("a pipe");
    stderr.read_to_string(&mut written).expect("text");
    assert_eq!(written, format!("{shown}\n"));
    let mut stdout = scene.pty.stdout.take().expect("a pipe");
    stdout.read_to_string(&mut written).expect("text");
    assert_eq!(
        written,
        format!("{shown}\n"),
        "standard output is the command's"
    );
}

#[test]
fn signals_and_modes_are_afterwards_exactly_as_before() {
    let line = "stty -onlcr intr ^T; trap '' HUP QUIT; exec \"$0\" --out out --compare call";
    let folder = TempDir::new().expect("a folder");
    for answer in ["17\n", "\u{14}"] {
        let mut pty = PtyCommand::new("/bin/sh")
            .args(["-c", line])
            .args([program()])
            .cwd(folder.path())
            .spawn();
        pty.wait_for_question("Messages on hold");
        pty.type_text(answer);
        pty.wait_exit();
        let out = std::fs::read_to_string(folder.path().join("out")).expect("results");
        assert!(out.ends_with("same=true\n"), "{out}");
        assert!(is_restored(&pty));
        let modes = pty.modes();
        assert!(!modes.output_flags.contains(OutputFlags::ONLCR));
        assert_eq!(
            modes.control_chars[SpecialCharacterIndices::VINTR as usize],
            0x14
        );
        assert_eq!(
            modes.control_chars[SpecialCharacterIndices::VMIN as usize],
            1
        );
    }
}

#[test]
fn an_ignored_hangup_stays_ignored() {
    let folder = TempDir::new().expect("a folder");
    let out = folder.path().join("out");
    let mut pty = PtyCommand::new("/bin/sh")
        .args(["-c", "trap '' HUP; exec \"$0\" --out \"$1\" call"])
        .args([program(), out.clone()])
        .spawn();
    pty.wait_for_question("Messages on hold");
    pty.signal(Signal::SIGHUP);
    pty.type_text("17\n");
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert_eq!(std::fs::read_to_string(out).expect("results"), "call=17\n");
}

/// Starts an interactive shell with job control.
fn shell() -> (Pty, TempDir, String) {
    let folder = TempDir::new().expect("a folder");
    let mut pty = PtyCommand::new("/bin/bash")
        .args(["--norc", "--noprofile", "-i"])
        .env("PS1", "shell$ ")
        .env("HOME", folder.path())
        .env("DIALOGUE_GO", "go")
        .cwd(folder.path())
        .spawn();
    pty.wait_for("shell$");
    let line = format!("{} --out out", program().display());
    (pty, folder, line)
}

#[test]
fn control_z_stops_and_fg_draws_again() {
    for prompt in ["call", "key", "long-wait"] {
        let (mut pty, _folder, line) = shell();
        pty.type_text(&format!("{line} look {prompt}\n"));
        let (text, mark) = match prompt {
            "call" => ("Look and call", "›"),
            "key" => ("Go on?", "›"),
            _ => ("left", "waiting"),
        };
        pty.wait_for(mark);
        pty.type_keys(&["C-z"]);
        pty.wait_for("Stopped");
        let before = pty.count_raw(text);
        pty.type_text("fg\n");
        pty.wait_for_raw(text, before + 1);
        pty.wait_for(mark);
        let prompts = pty.count_raw("shell$");
        pty.type_keys(&["C-c"]);
        pty.wait_for_raw("shell$", prompts + 1);
        pty.type_text("echo code=$?\n");
        pty.wait_for("code=124");
    }
}

#[test]
fn control_z_puts_the_modes_back_before_it_stops() {
    let folder = TempDir::new().expect("a folder");
    // A shell without line editing of its own leaves the modes as it finds them.
    let mut pty = PtyCommand::new("/bin/dash")
        .args(["-i"])
        .env("PS1", "shell$ ")
        .cwd(folder.path())
        .spawn();
    pty.wait_for("shell$");
    pty.type_text(&format!("{} --out out call\n", program().display()));
    pty.wait_for_question("Look and call");
    assert!(!is_restored(&pty));
    pty.type_keys(&["C-z"]);
    pty.wait_until("the job to stop", crate::pty::PATIENCE, |_| {
        stopped(&folder)
    });
    // What the terminal was told last may still be on its way here.
    pty.wait_until("the modes to be back", crate::pty::PATIENCE, is_restored);
    pty.type_text("fg\n");
    pty.wait_for_raw("Look and call", 2);
    pty.wait_for_question("Look and call");
    pty.type_text("17\n");
    pty.wait_until("the results", crate::pty::PATIENCE, |_| {
        std::fs::read_to_string(folder.path().join("out")).is_ok_and(|out| out == "call=17\n")
    });
}

#[test]
fn an_answer_after_fg_counts() {
    let (mut pty, folder, line) = shell();
    pty.type_text(&format!("{line} call\n"));
    pty.wait_for_question("Look and call");
    pty.type_text("99");
    pty.type_keys(&["C-z"]);
    pty.wait_for("Stopped");
    pty.type_text("fg\n");
    pty.wait_for_raw("Look and call", 2);
    pty.wait_for_question("Look and call");
    pty.type_text("17\n");
    pty.wait_until("the shell", crate::pty::PATIENCE, |pty| {
        pty.count_raw("shell$") >= 3
    });
    let out = std::fs::read_to_string(folder.path().join("out")).expect("results");
    assert_eq!(out, "call=17\n");
}

#[test]
fn in_the_background_a_prompt_stops_and_fg_asks() {
    let (mut pty, folder, line) = shell();
    pty.type_text(&format!("{line} look call &\n"));
    pty.wait_for("kanmon: this command is held");
    pty.wait_until("the job to stop", crate::pty::PATIENCE, |_| {
        stopped(&folder)
    });
    assert!(
        !pty.raw().contains("Look and call"),
        "asked in the background"
    );
    pty.type_text("fg\n");
    pty.wait_for_question("Look and call");
    pty.type_text("17\n");
    pty.wait_until("the results", crate::pty::PATIENCE, |_| {
        std::fs::read_to_string(folder.path().join("out"))
            .is_ok_and(|out| out == "look=ok\ncall=17\n")
    });
}

/// Returns whether the dialogue that runs in a folder is stopped.
fn stopped(folder: &TempDir) -> bool {
    let processes = std::fs::read_dir("/proc").expect("processes");
    processes
        .flatten()
        .map(|process| process.path())
        .any(|process| {
            let stat = std::fs::read_to_string(process.join("stat")).unwrap_or_default();
            stat.contains("(dialogue) T")
                && std::fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == folder.path())
        })
}

#[test]
fn a_countdown_goes_on_in_the_background_without_a_word() {
    let (mut pty, folder, line) = shell();
    pty.type_text(&format!("{line} slow wait confirm &\n"));
    pty.wait_for("slow: thinking");
    std::fs::write(folder.path().join("go"), "").expect("a file");
    // The question after the countdown stops the job; nothing was drawn until then.
    pty.wait_until("the job to stop", crate::pty::PATIENCE, |_| {
        stopped(&folder)
    });
    assert_eq!(pty.count_raw("waiting"), 0);
    pty.type_text("fg\n");
    pty.wait_for_question("owners");
}

#[test]
fn stopped_by_anyone_and_continued_it_asks_again() {
    let mut scene = Scene::new(&["call"]);
    scene.pty.wait_for_question("Look and call");
    scene.pty.type_text("99");
    scene.pty.wait_for("› 99");
    scene.pty.signal(Signal::SIGSTOP);
    scene.pty.signal(Signal::SIGCONT);
    scene.pty.wait_for_raw("Look and call", 2);
    scene.pty.wait_for_question("Look and call");
    scene.pty.type_text("17\n");
    assert_eq!(scene.end(), (Some(0), "call=17\n".to_owned()));
}

#[test]
fn control_z_where_nobody_could_continue_it_asks_again() {
    let mut scene = Scene::new(&["call"]);
    scene.pty.wait_for_question("Look and call");
    scene.pty.type_keys(&["C-z"]);
    scene.pty.wait_for_raw("Look and call", 2);
    scene.pty.wait_for_question("Look and call");
    scene.pty.type_text("17\n");
    assert_eq!(scene.end(), (Some(0), "call=17\n".to_owned()));
}

#[test]
fn in_the_background_where_nobody_could_continue_it_ends() {
    let (mut pty, folder, line) = shell();
    pty.type_text(&format!("({line} slow call &)\n"));
    pty.wait_for("slow: thinking");
    pty.wait_for_raw("shell$", 2);
    std::fs::write(folder.path().join("go"), "").expect("a file");
    pty.wait_until("the results", crate::pty::PATIENCE, |_| {
        let out = std::fs::read_to_string(folder.path().join("out")).unwrap_or_default();
        ["gone=HungUp\n", "gone=Vanished\n"]
            .iter()
            .any(|end| out.ends_with(end))
    });
}

#[test]
fn a_signal_that_no_question_saw_is_told_when_the_dialogue_closes() {
    let mut scene = Scene::new(&["term"]);
    let expect = "term=ok\ngone=Terminated\n".to_owned();
    assert_eq!(scene.end(), (Some(124), expect));
    assert!(is_restored(&scene.pty));
}

#[test]
fn a_new_size_draws_the_page_at_its_width() {
    let mut scene = Scene::new(&["look", "call"]);
    scene.pty.wait_for_question("Look and call");
    scene.pty.type_text("1");
    scene.pty.wait_for("› 1");
    scene.pty.resize(60, 40);
    scene.pty.wait_for_raw("kanmon: this command is held", 2);
    scene.pty.wait_for("› 1");
    let screen = scene.pty.screen();
    assert_eq!(
        screen.matches("this command is held").count(),
        1,
        "{screen}"
    );
    scene.pty.type_text("7\n");
    assert_eq!(scene.end(), (Some(0), "look=ok\ncall=17\n".to_owned()));
}

#[test]
fn a_look_screen_is_brought_up_to_date_where_it_stands() {
    let mut scene = Scene::new(&["looking", "call"]);
    scene.pty.wait_for_question("Look and call");
    let screen = scene.pty.screen();
    assert_eq!(
        screen.matches("this command is held").count(),
        1,
        "{screen}"
    );
    assert!(!screen.contains('…'), "{screen}");
    assert_eq!(scene.pty.count_raw("Load average"), 2);
}

#[test]
fn a_look_screen_longer_than_the_terminal_is_not_painted_twice() {
    let mut scene = Scene::with(&["looking", "call"], |command| command.size(80, 13));
    scene.pty.wait_for_question("Look and call");
    let screen = scene.pty.screen();
    assert!(!screen.contains('…'), "{screen}");
    assert_eq!(scene.pty.count_raw("this command is held"), 1);
    // The page had left the screen at its top, so nothing but this tells it from one that fits.
    assert!(!screen.contains("this command is held"), "{screen}");
}

#[test]
fn the_countdown_stays_in_one_row() {
    let mut scene = Scene::new(&["wait"]);
    assert_eq!(scene.end(), (Some(0), "wait=ok\n".to_owned()));
    assert_eq!(
        scene.pty.screen().trim_end(),
        "3/5 waiting, 0:00 left (Ctrl-C: give up)"
    );
    assert_eq!(scene.pty.count_raw("\r3/5 waiting"), 4);
}

#[test]
fn the_plain_countdown_is_a_line() {
    let mut scene = Scene::new(&["--plain", "wait"]);
    assert_eq!(scene.end(), (Some(0), "wait=ok\n".to_owned()));
    assert_eq!(
        scene.pty.screen().trim_end(),
        "3/5 Waiting: 3 s left. Ctrl-C gives up.\nThe wait is over."
    );
}

#[test]
fn a_dumb_terminal_gets_no_escape() {
    let mut scene = Scene::new(&["--dumb", "looking", "call", "wait"]);
    scene.pty.wait_for_question("Look and call");
    scene.pty.type_text("1x");
    scene.pty.type_keys(&["backspace"]);
    scene.pty.type_text("7\n");
    assert_eq!(
        scene.end(),
        (Some(0), "looking=ok\ncall=17\nwait=ok\n".to_owned())
    );
    assert!(!scene.pty.raw().contains('\u{1b}'), "{}", scene.pty.raw());
}

#[test]
fn hostile_text_moves_nothing() {
    let mut scene = Scene::new(&["--no-color", "hostile", "call"]);
    scene.pty.wait_for_question("Look and call");
    let raw = scene.pty.raw().replace("\u{1b}[?2004h", "");
    let bad = |c: char| (c.is_control() && c != '\n' && c != '\r') || c == '\u{202e}';
    assert!(!raw.contains(bad), "{raw:?}");
    let screen = scene.pty.screen();
    for shown in [
        r"rm -rf \x1b[2J\u{202e}/\u{3000}x⏎",
        r"a\x1b[31mb",
        r"host \u{9b}1m",
    ] {
        assert!(screen.contains(shown), "{shown}\n{screen}");
    }
}
