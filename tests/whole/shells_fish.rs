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
    shell.line("deploy now");
    shell.decline("$ deploy now");
    shell.prompt();
    shell.line(" and then");
    shell.decline("$ deploy now and then");
    shell.forget();
    for _ in 0..10 {
        shell.mark();
    }
    shell.declined("deploy once more");
    assert!(shell.host.ran().is_empty());
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
    shell
        .pty
        .wait_until("all lines", crate::pty::PATIENCE * 4, |pty| {
            pty.count_raw("counted-1001") > 0
        });
    assert_eq!(shell.n_starts(), before);
}
