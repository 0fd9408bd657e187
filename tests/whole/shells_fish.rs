//! The hook of fish, typed key by key in a real fish.

use crate::shell::{Kind, QUESTION, Setup, Shell};

/// Starts fish with these lines before and behind the hook in its start-up file.
pub(crate) fn fish_with(before: &str, behind: &str) -> Option<Shell> {
    Setup::new(Kind::Fish, before, behind).start()
}

/// Starts fish with the hook.
pub(crate) fn fish() -> Option<Shell> {
    fish_with("", "")
}

#[test]
fn a_declined_line_comes_back_and_the_session_goes_on() {
    let Some(mut shell) = fish() else { return };
    shell.declines_and_goes_on();
    shell.line("deploy; sh -c 'exit 7'");
    shell.clear();
    shell.mark();
    assert_eq!(shell.host.ran(), ["deploy "]);
    shell.line("kanmonctl log list | head -n 2");
    shell.pty.wait_for("failed 7");
    // It is shown and recorded as it was typed.
    shell.line("if true; deploy; end");
    shell.decline("$ if true; deploy; end");
    shell.forget();
    shell.line("kanmonctl log list | head -n 2");
    shell.pty.wait_for("if true; deploy; end");
}

#[test]
fn no_way_to_write_a_call_goes_round() {
    let Some(mut shell) = fish_with(
        "",
        "alias d='deploy now'; function f; g $argv; end; function g; deploy $argv; end; abbr -a q 'deploy q'; set n 1; set before true deploy; set before $before[2]; set named before",
    ) else {
        return;
    };
    for line in [
        "echo x | deploy",
        "for i in a b; deploy $i; end",
        "echo (deploy)",
        "echo \"$(deploy)\"",
        "true; and deploy",
        "if true; deploy; end",
        "begin; deploy; end",
        "switch 1; case 1; deploy; end",
        "dep'l'oy",
        "\\x64eploy",
        "set d deploy; $d now",
        "$before now",
        "$$named",
        "source (echo deploy | psub)",
        "fish -c 'true; and deploy'",
        "alias e=deploy; e",
        "echo $n[(deploy)]",
        "eval 'true; and deploy'",
        "d",
        "f x",
        "q",
    ] {
        shell.declined(line);
    }
    assert!(shell.host.ran().is_empty());
}

#[test]
fn keys_and_several_lines_lead_through_the_gate() {
    let Some(mut shell) = fish() else { return };
    shell.pty.type_text("deploy k");
    shell.pty.type_bytes(b"\n");
    shell.decline("$ deploy k");
    shell.forget();
    shell.line("for i in a b");
    shell.line("deploy $i");
    shell.line("end");
    shell.decline("deploy $i");
    shell.prompt();
    shell.pty.type_keys(&["enter"]);
    shell.clear();
    shell.mark();
    assert_eq!(shell.host.ran(), ["deploy a", "deploy b"]);
    shell
        .pty
        .wait_until("brackets", crate::pty::PATIENCE, |pty| {
            pty.cells().bracketed_paste()
        });
    shell
        .pty
        .paste("printf 'early-%s\\n' 1\ndeploy pasted\nprintf 'late-%s\\n' 1");
    shell.pty.type_keys(&["enter"]);
    shell.decline("$ printf");
    assert_eq!(shell.pty.count_raw("early-1"), 0);
    assert_eq!(shell.host.ran().len(), 2);
}

#[test]
fn without_brackets_each_pasted_line_is_a_line() {
    let Some(mut shell) = fish() else { return };
    shell.line("functions -e __fish_enable_bracketed_paste; echo be'hind'");
    shell.pty.wait_for("behind");
    shell.mark();
    assert!(!shell.pty.cells().bracketed_paste());
    shell
        .pty
        .type_text("printf 'early-%s\\n' 3\rdeploy unbracketed\r");
    shell.decline("$ deploy unbracketed");
    shell.pty.wait_for("early-3");
    shell.forget();
    shell.pty.type_text("for i in a b\rdeploy $i\rend\r");
    shell.decline("deploy $i");
    shell.prompt();
    shell.pty.type_keys(&["enter"]);
    shell.clear();
    for _ in 0..10 {
        shell.mark();
    }
    assert_eq!(shell.host.ran(), ["deploy a", "deploy b"]);
}

#[test]
fn a_suggestion_that_is_taken_is_judged() {
    let Some(mut shell) = fish_with("", "set -g fish_autosuggestion_enabled 1") else {
        return;
    };
    shell.line("deploy one");
    shell.clear();
    shell.mark();
    for key in ["\x1b[C", "\x06", "\x05"] {
        shell.pty.type_text("depl");
        shell
            .pty
            .wait_until("a suggestion", crate::pty::PATIENCE, |pty| {
                pty.cells().contents().trim_end().ends_with("P% deploy one")
            });
        shell.pty.type_text(key);
        shell.pty.type_keys(&["enter"]);
        shell.decline("$ deploy one");
        shell.forget();
    }
    assert_eq!(shell.host.ran(), ["deploy one"]);
}

/// Types a line of which fish suggests more, and Enter.
#[track_caller]
fn without_the_suggestion(shell: &mut Shell, line: &str, suggested: &str) {
    shell.line("clear");
    shell.prompt();
    shell.pty.type_text(line);
    let shown = format!("P% {suggested}");
    shell
        .pty
        .wait_until("a suggestion", crate::pty::PATIENCE, |pty| {
            pty.cells().contents().trim_end() == shown
        });
    shell.pty.type_keys(&["enter"]);
}

#[test]
fn a_suggestion_that_is_not_taken_does_not_stand_behind_the_line() {
    let Some(mut shell) = fish_with("", "set -g fish_autosuggestion_enabled 1") else {
        return;
    };
    shell.line("deploy one");
    shell.clear();
    shell.mark();
    shell.line("echo deploy aloud");
    shell.pty.wait_for("\ndeploy aloud");
    shell.mark();
    without_the_suggestion(&mut shell, "deploy", "deploy one");
    shell.pty.wait_for_question(QUESTION);
    let screen = shell.pty.screen();
    assert!(screen.starts_with("P% deploy\n"), "{screen}");
    shell.decline("$ deploy");
    shell.forget();
    // So it is where the gate is asked and says nothing.
    without_the_suggestion(&mut shell, "echo deploy", "echo deploy aloud");
    shell
        .pty
        .wait_until("what it says", crate::pty::PATIENCE, |pty| {
            pty.cells().contents().trim_end() == "P% echo deploy\ndeploy\nP%"
        });
    assert_eq!(shell.host.ran(), ["deploy one"]);
}

#[test]
fn the_keys_of_vi_lead_through_the_gate() {
    let Some(mut shell) = fish_with(
        "fish_vi_key_bindings",
        "function fish_mode_prompt; echo \"$fish_bind_mode \"; end",
    ) else {
        return;
    };
    shell.mark();
    shell.line("deploy in insert");
    shell.decline("$ deploy in insert");
    shell.prompt();
    shell.pty.type_bytes(b"\x1b");
    shell.pty.wait_for("default P%");
    shell.pty.type_keys(&["enter"]);
    shell.decline("$ deploy in insert");
    assert!(shell.host.ran().is_empty());
}

#[test]
fn no_process_is_started_for_a_line_without_such_a_word() {
    let Some(mut shell) = fish_with("", "mkdir /root/deep; set x 1") else {
        return;
    };
    for line in [
        "ls -la /root",
        "cd /root/deep",
        "echo $HOME $x > /dev/null",
        "for i in 1 2; echo $i; end",
    ] {
        let before = shell.n_starts();
        shell.line(line);
        shell.mark();
        assert_eq!(shell.n_starts(), before, "{line}");
    }
    for line in ["echo deploy", "./x"] {
        let before = shell.n_starts();
        shell.line(line);
        shell.mark();
        assert_eq!(shell.n_starts() - before, 1, "{line}");
    }
}

#[test]
fn a_question_is_left_by_ctrl_c_and_a_gate_that_is_gone_holds() {
    let Some(mut shell) = fish() else { return };
    shell.line("deploy now");
    shell.pty.wait_for_question(QUESTION);
    shell.pty.type_keys(&["C-c"]);
    shell.pty.wait_for("interrupted");
    shell.prompt();
    shell.line(" again");
    // Ctrl-Z does nothing.
    shell.pty.wait_for_raw(QUESTION, 2);
    shell.pty.wait_for_question(QUESTION);
    shell.pty.type_keys(&["C-z"]);
    shell.decline("$ deploy now again");
    shell.forget();
    std::fs::remove_file(shell.host.path("bin/kanmon")).unwrap();
    shell.line("deploy now");
    shell.pty.wait_for("did not judge this line (status 127)");
    shell.forget();
    assert!(shell.host.ran().is_empty());
    shell.line("kanmon_off");
    shell.pty.wait_for("the hook is out of this shell");
    shell.line("deploy now");
    shell.mark();
    assert_eq!(shell.host.ran(), ["deploy now"]);
}

#[test]
fn a_thousand_pasted_lines_run_in_order_without_a_process() {
    let Some(mut shell) = fish_with("", "set n 0") else {
        return;
    };
    shell.mark();
    shell
        .pty
        .wait_until("brackets", crate::pty::PATIENCE, |pty| {
            pty.cells().bracketed_paste()
        });
    let before = shell.n_starts();
    shell.pty.paste(&"set -a n 1\n".repeat(1000));
    shell.pty.type_keys(&["enter"]);
    shell.line("printf 'counted-%s\\n' (count $n)");
    // fish draws all of it anew again and again: most of a minute, with the hook and without.
    shell
        .pty
        .wait_until("all lines", crate::pty::PATIENCE * 30, |pty| {
            pty.count_raw("counted-1001") > 0
        });
    assert_eq!(shell.n_starts(), before);
}

#[test]
fn keys_that_are_bound_to_execute_lead_through_the_gate() {
    let bound = "bind \\eq execute
        bind \\ew beginning-of-line execute
        bind \\ee 'commandline -i x; commandline -f repaint execute'
        function ends_it; commandline -f execute; end; bind \\er ends_it
        function ends_too; commandline execute -f; end; bind \\et ends_too";
    for (before, behind) in [(bound, ""), ("", bound)] {
        let Some(mut shell) = fish_with(before, behind) else {
            return;
        };
        shell.mark();
        // Shift-Enter and Ctrl-Enter, as terminals send them that tell them apart.
        for key in ["\x1bq", "\x1b[13;2u", "\x1b[27;5;13~"] {
            shell.pty.type_text("deploy k");
            shell.pty.type_text(key);
            shell.decline("$ deploy k");
            shell.forget();
        }
        // What changes the line before it is executed comes first: the terminal's answer ends it.
        for (n, key) in (1..).zip(["\x1bw", "\x1be", "\x1br", "\x1bt"]) {
            shell.pty.type_text("deploy f");
            shell.pty.type_text(key);
            shell.pty.wait_for_raw("\x1b[5n", n);
            shell.pty.type_text("\x1b[0n");
            shell.decline("$ deploy f");
            shell.forget();
        }
        // One that nobody asked for is no key.
        shell.pty.type_text("deploy none\x1b[0n");
        shell.line(" and then");
        shell.decline("$ deploy none and then");
        shell.forget();
        assert!(shell.host.ran().is_empty());
        // They are the user's own again.
        shell.line("kanmon_off");
        shell.pty.wait_for("the hook is out of this shell");
        shell.mark();
        for key in ["\x1bq", "\x1b[13;2u", "\x1bw", "\x1br", "\r"] {
            shell.pty.type_text("deploy off");
            shell.pty.type_text(key);
            shell.mark();
        }
        assert_eq!(shell.host.ran(), ["deploy off"; 5]);
    }
}

#[test]
fn what_goes_round_the_keys_is_judged_before_it_runs() {
    let bound = "bind \\eq 'builtin commandline -f execute'
        function ends_it; builtin commandline -f execute; end; bind \\ew ends_it
        function later; bind \\er execute; end; bind \\et later";
    for (before, behind) in [(bound, ""), ("", bound)] {
        let Some(mut shell) = fish_with(before, behind) else {
            return;
        };
        shell.line("set kept 1; sleep 1000.5 &");
        shell.mark();
        // Again and again: no job is lost, and no shell ends.
        for (n, key) in (1..).zip(["\x1bq", "\x1bw", "\x1bt\x1br", "\x1bq"]) {
            shell.pty.type_text("deploy r");
            shell.pty.type_text(key);
            match n {
                // It ends nothing of fish, which would run the line then.
                2 => shell.interrupt(),
                _ => shell.decline("$ deploy r"),
            }
            // It comes back by the terminal's answer, and what is typed goes on with it.
            shell.pty.wait_for_raw("\x1b[5n", n);
            shell.pty.type_text("\x1b[0n");
            shell
                .pty
                .wait_until("the line", crate::pty::PATIENCE, |pty| {
                    pty.cells().contents().trim_end().ends_with("P% deploy r")
                });
            shell.pty.type_bytes(b"\x15");
        }
        assert!(shell.host.ran().is_empty());
        assert_eq!(
            shell.pty.count_raw("\x1b[?1049h"),
            shell.pty.count_raw("\x1b[?1049l")
        );
        let screen = shell.pty.screen();
        assert!(!screen.contains("jobs active"), "{screen}");
        for _ in 0..10 {
            shell.mark();
        }
        shell.line("echo kept-$kept; jobs | grep -c 1000.5 | sed 's/^/jobs-/'");
        shell.pty.wait_for("kept-1");
        shell.pty.wait_for("jobs-1");
        // What is cleared runs, once, and its end is recorded; what no rule names starts no process.
        shell.pty.type_text("deploy; sh -c 'exit 7'\x1bq");
        shell.clear();
        shell.mark();
        assert_eq!(shell.host.ran(), ["deploy "]);
        shell.line("kanmonctl log list | head -n 2");
        shell.pty.wait_for("failed 7");
        shell.mark();
        let starts = shell.n_starts();
        shell.pty.type_text("echo went-ro''und\x1bq");
        shell.pty.wait_for("went-round");
        shell.mark();
        assert_eq!(shell.n_starts(), starts);
        // Enter is judged once.
        let asked = shell.pty.count_raw(QUESTION);
        shell.line("deploy once");
        shell.clear();
        shell.mark();
        assert_eq!(shell.host.ran(), ["deploy ", "deploy once"]);
        assert_eq!(shell.pty.count_raw(QUESTION), asked + 1);
        // Where the gate is gone nothing of it runs.
        std::fs::remove_file(shell.host.path("bin/kanmon")).unwrap();
        shell.pty.type_text("deploy r\x1bq");
        shell.pty.wait_for("did not judge this line (status 127)");
        shell.mark();
        assert_eq!(shell.host.ran().len(), 2);
        shell.line("kanmon_off");
        shell.pty.wait_for("the hook is out of this shell");
        shell.mark();
        shell.pty.type_text("deploy off\x1bq");
        shell.mark();
        assert_eq!(shell.host.ran().last().unwrap(), "deploy off");
        shell.line("kill %1");
        shell.mark();
    }
}

#[test]
fn what_read_asks_for_is_no_line() {
    let Some(mut shell) = fish() else { return };
    shell.line("read -P 'R% ' answer");
    shell.pty.wait_for("R% ");
    shell.line("it's deploy (");
    shell.line("echo got-$answer");
    shell.pty.wait_for("got-it's deploy (");
    shell.line("function ask; read -P 'S% ' -g answer; end; ask");
    shell.pty.wait_for("S% ");
    shell.line("deploy in words");
    shell.line("echo got-$answer");
    shell.pty.wait_for("got-deploy in words");
    shell.declined("deploy now");
    assert!(shell.host.ran().is_empty());
}

#[test]
fn at_a_breakpoint_lines_lead_through_the_gate() {
    let prompt = "function fish_breakpoint_prompt; printf 'P%% '; end";
    let Some(mut shell) = fish_with("", prompt) else {
        return;
    };
    shell.line("function middle; breakpoint; end; middle; echo be'hind'");
    shell.mark();
    shell.declined("deploy b");
    shell.line("exit");
    shell.pty.wait_for("behind");
    shell.declined("deploy behind");
    assert!(shell.host.ran().is_empty());
}

#[test]
fn what_is_picked_of_the_history_or_a_list_is_known() {
    let Some(mut shell) = fish_with("", "set x true deploy; set i 2") else {
        return;
    };
    shell.declined("eval (string replace x deploy x)");
    shell.declined("$x[$i] now");
    shell.declined("eval $x[$i]");
    shell.line("deploy one");
    shell.clear();
    shell.mark();
    shell.line("echo harmless");
    shell.mark();
    // mark, harmless, mark, deploy.
    shell.line("eval $history[4]");
    shell.decline("$ eval $history[4]");
    shell.forget();
    shell.line("eval $history[$i]");
    shell.decline("$ eval $history[$i]");
    shell.forget();
    let n_asked = shell.pty.count_raw(QUESTION);
    shell.line("echo harmless");
    shell.mark();
    shell.line("eval $history[2]; echo done");
    shell.pty.wait_for("done");
    shell.mark();
    assert_eq!(shell.pty.count_raw(QUESTION), n_asked);
    assert_eq!(shell.host.ran(), ["deploy one"]);
}

#[test]
fn abbreviations_of_all_kinds_are_expanded_before_the_line_is_judged() {
    let Some(mut shell) = fish_with(
        "",
        "function last; echo deploy; end
        abbr -a c deploy
        abbr -a --position anywhere any 'x; deploy'
        abbr -a re --regex 'd\\d+' --function last
        abbr -a fu --function last
        abbr -a cur --set-cursor 'deploy % now'",
    ) else {
        return;
    };
    shell.mark();
    // The space bar expands each of them, and Enter those whose text can be asked for.
    for line in [
        "c",
        "c ",
        "echo any",
        "echo any ",
        "d7 ",
        "fu ",
        "cur ",
        "true; c",
    ] {
        shell.declined(line);
    }
    for (line, shown) in [("cur ", "$ deploy  now"), ("echo any", "$ echo x; deploy")] {
        shell.line(line);
        shell.decline(shown);
        shell.forget();
    }
    // Enter leaves these: what runs is what was judged.
    for line in ["d7", "fu"] {
        shell.line(line);
        shell.mark();
    }
    shell.line("cur");
    shell.mark();
    assert!(shell.host.ran().is_empty());
}

#[test]
fn the_line_editor_of_fish_leads_through_the_gate() {
    let edited = "printf '#!/bin/sh\\nsed -i s/harmless/deploy/ \"$1\"\\n' >/root/ed; chmod 755 /root/ed; set -gx EDITOR /root/ed; set -e VISUAL";
    let Some(mut shell) = fish_with(edited, "") else {
        return;
    };
    shell.line("deploy one");
    shell.clear();
    shell.mark();
    // Alt-Enter, and the editor.
    shell.pty.type_text("true\x1b\rdeploy two");
    shell.pty.type_keys(&["enter"]);
    shell.decline("deploy two");
    shell.forget();
    shell.pty.type_text("true; harmless\x1be");
    shell.pty.wait_for("true; deploy");
    shell.pty.type_keys(&["enter"]);
    shell.decline("$ true; deploy");
    shell.forget();
    // The history: Up, and a search in its list.
    shell.pty.type_text("deploy o\x1b[A");
    shell.pty.wait_for("P% deploy one");
    shell.pty.type_keys(&["enter"]);
    shell.decline("$ deploy one");
    shell.forget();
    shell.pty.type_text("\x12");
    shell.pty.wait_for("search:");
    shell.pty.type_text("ploy o");
    shell.pty.wait_for("P% deploy one search: ploy o");
    shell.pty.type_keys(&["enter"]);
    shell.decline("$ deploy one");
    shell.forget();
    // What is not held is taken over by the first Enter and run by the second, as ever.
    shell.pty.type_text("\x12");
    shell.pty.wait_for("search:");
    shell.pty.type_text("mark-%s.\\n' 1");
    shell.pty.wait_for("mark-%s.\\n' 1 search: mark-%s.\\n' 1");
    let n_marks = shell.pty.count_raw("mark-1.");
    shell.pty.type_keys(&["enter"]);
    shell
        .pty
        .wait_until("the list is closed", crate::pty::PATIENCE, |pty| {
            !pty.cells().contents().contains("search: mark")
        });
    assert_eq!(shell.pty.count_raw("mark-1."), n_marks);
    shell.pty.type_keys(&["enter"]);
    shell.pty.wait_for_raw("mark-1.", n_marks + 1);
    shell.mark();
    assert_eq!(shell.host.ran(), ["deploy one"]);
    // What is picked of a list and cleared runs, once.
    shell.line("mkdir -p /root/list/; touch /root/list/aa1 /root/list/aa2");
    shell.mark();
    shell.pty.type_text("deploy /root/list/a\t");
    shell.pty.wait_for("aa2");
    shell.pty.type_text("\t");
    shell.pty.type_keys(&["enter"]);
    shell.clear();
    shell.mark();
    assert_eq!(shell.host.ran().len(), 2);
}

#[test]
fn handlers_and_private_mode_of_the_user_stay() {
    let handler = "function theirs --on-event fish_postexec; echo \"post-$status-$argv\"; end
        function before --on-event fish_preexec; echo \"pre-$argv\"; end";
    for (before, behind) in [(handler, ""), ("", handler)] {
        let setup = Setup {
            around: ("", "--private"),
            ..Setup::new(Kind::Fish, before, behind)
        };
        let Some(mut shell) = setup.start() else {
            return;
        };
        shell.mark();
        shell.line("sh -c 'exit 3'");
        shell.pty.wait_for("post-3-sh -c 'exit 3'");
        shell.declined("deploy now");
        shell.line("deploy; sh -c 'exit 7'");
        shell.clear();
        shell.pty.wait_for("pre-deploy; sh -c 'exit 7'");
        shell.pty.wait_for("post-7-deploy; sh -c 'exit 7'");
        shell.mark();
        shell.line("kanmonctl log list | head -n 2");
        shell.pty.wait_for("failed 7");
        shell.mark();
        assert_eq!(shell.host.ran(), ["deploy "]);
        shell.line("echo kept-(count ~/.local/share/fish/*history*)");
        shell.pty.wait_for("kept-0");
    }
}
