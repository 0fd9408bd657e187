//! The hook of zsh, typed key by key in a real zsh.

use crate::shell::{Kind, QUESTION, Setup, Shell};

/// Starts zsh with these lines before and behind the hook in its start-up file.
pub(crate) fn zsh_with(before: &str, behind: &str) -> Option<Shell> {
    Setup::new(Kind::Zsh, before, behind).start()
}

/// Starts zsh with the hook.
pub(crate) fn zsh() -> Option<Shell> {
    zsh_with("", "")
}

/// Where Debian's plug-ins lie.
const PLUG_INS: &str = "source /usr/share/zsh-autosuggestions/zsh-autosuggestions.zsh\nsource /usr/share/zsh-syntax-highlighting/zsh-syntax-highlighting.zsh";

#[test]
fn a_declined_line_comes_back_and_the_session_goes_on() {
    let Some(mut shell) = zsh() else { return };
    shell.declines_and_goes_on();
    shell.line("history | head -n 3");
    shell.pty.wait_for("2  deploy now and then");
    shell.line("deploy; (exit 7)");
    shell.clear();
    shell.mark();
    assert_eq!(shell.host.ran(), ["deploy "]);
    shell.line("kanmonctl log list | head -n 2");
    shell.pty.wait_for("failed 7");
}

#[test]
fn no_way_to_type_a_line_goes_round() {
    let Some(mut shell) = zsh_with(
        "",
        "alias d='deploy now'; alias -g G='; deploy'; alias -s dep=deploy; f() { g \"$@\" }; g() { deploy $1 }; before=deploy words=(deploy now)",
    ) else {
        return;
    };
    for setting in ["setopt histignorespace histignoredups", "HISTSIZE=0"] {
        shell.line(setting);
        shell.mark();
        for line in ["deploy now", " deploy now", "deploy now"] {
            shell.declined(line);
        }
    }
    for line in [
        "echo x | deploy",
        "for i in a b; do deploy $i; done",
        "x=$(deploy)",
        "dep'l'oy",
        "d=deploy; $d now",
        "$before now",
        "$words",
        "echo deploy | read d; $d",
        "d",
        "f x",
        "echo x G",
        "x.dep",
    ] {
        shell.declined(line);
    }
    assert!(shell.host.ran().is_empty());
}

#[test]
fn keys_that_end_a_line_lead_through_the_gate() {
    let Some(mut shell) = zsh() else { return };
    shell.line("deploy one");
    shell.clear();
    shell.mark();
    shell.declined("!dep");
    shell.pty.type_bytes(b"\x12deploy");
    shell.pty.wait_for("bck-i-search");
    shell.pty.type_keys(&["enter"]);
    shell.decline("$ deploy one");
    shell.forget();
    // Ctrl-O, accept-and-hold, Ctrl-J.
    for key in [&b"\x0f"[..], b"\x1ba", b"\n"] {
        shell.pty.type_text("deploy k");
        shell.pty.type_bytes(key);
        shell.decline("$ deploy k");
        shell.forget();
    }
    shell.line("r one=two deploy");
    shell.decline("$ deploy");
    shell.mark();
    shell.line("bindkey -v");
    shell.mark();
    shell.declined("deploy in vi");
    assert_eq!(shell.host.ran(), ["deploy one"]);
}

#[test]
fn several_lines_are_judged_together() {
    let Some(mut shell) = zsh() else { return };
    shell.line("for i in a b; do");
    shell.line("deploy $i");
    shell.line("done");
    shell.decline("for i in a b; do");
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
fn plug_ins_before_and_behind_the_hook_change_nothing() {
    for (before, behind) in [(PLUG_INS, ""), ("", PLUG_INS)] {
        let Some(mut shell) = zsh_with(before, behind) else {
            return;
        };
        shell.mark();
        shell.declined("deploy now");
        shell.mark();
        shell.declined("deploy again");
        shell.line("deploy yes");
        shell.clear();
        shell.mark();
        assert_eq!(shell.host.ran(), ["deploy yes"]);
        // What is suggested and taken is judged.
        shell.pty.type_text("depl");
        shell
            .pty
            .wait_until("a suggestion", crate::pty::PATIENCE, |pty| {
                pty.cells().contents().trim_end().ends_with("P% deploy yes")
            });
        shell.pty.type_bytes(b"\x05");
        shell.pty.type_keys(&["enter"]);
        shell.decline("$ deploy yes");
        shell.forget();
    }
}

#[test]
fn no_process_is_started_for_a_line_without_such_a_word() {
    let Some(mut shell) = zsh_with("", "mkdir /root/deep; x=1") else {
        return;
    };
    for line in [
        "ls -la /root",
        "cd /root/deep",
        "echo $HOME $x > /dev/null",
        "for i in 1 2; do echo $i; done",
    ] {
        let before = shell.n_starts();
        shell.line(line);
        shell.mark();
        assert_eq!(shell.n_starts(), before, "{line}");
    }
    for line in ["echo deploy", "$x", "./x"] {
        let before = shell.n_starts();
        shell.line(line);
        shell.mark();
        assert_eq!(shell.n_starts() - before, 1, "{line}");
    }
}

#[test]
fn a_question_is_left_by_ctrl_c_and_a_gate_that_is_gone_holds() {
    let Some(mut shell) = zsh() else { return };
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
    let Some(mut shell) = zsh_with("", "n=0") else {
        return;
    };
    shell.mark();
    shell
        .pty
        .wait_until("brackets", crate::pty::PATIENCE, |pty| {
            pty.cells().bracketed_paste()
        });
    let before = shell.n_starts();
    shell.pty.paste(&"n=$((n+1))\n".repeat(1000));
    shell.pty.type_keys(&["enter"]);
    shell.line("printf 'counted-%s\\n' $n");
    shell
        .pty
        .wait_until("all lines", crate::pty::PATIENCE * 4, |pty| {
            pty.count_raw("counted-1000") > 0
        });
    assert_eq!(shell.n_starts(), before);
}

#[test]
fn fc_and_the_editor_run_nothing_that_was_not_judged() {
    let edited = "printf '#!/bin/sh\\nsed -i s/harmless/deploy/ \"$1\"\\n' >/root/ed; chmod 755 /root/ed; export EDITOR=/root/ed; autoload -Uz edit-command-line; zle -N edit-command-line; bindkey '^X^E' edit-command-line; bindkey '^[p' push-line";
    let Some(mut shell) = zsh_with(edited, "") else {
        return;
    };
    // It comes into no history by itself what was declined there.
    for fc in [
        "fc",
        "fc -1",
        "fc -e /root/ed 'true;'",
        "fc -e - harmless=deploy 'true;'",
        "r harmless=deploy",
    ] {
        shell.line("true; harmless now");
        shell.pty.wait_for("not found: harmless");
        shell.line(fc);
        shell.decline("true; deploy now");
        shell.mark();
        shell.line("clear");
        shell.prompt();
    }
    // The editor of a line.
    shell.pty.type_text("true; harmless\x18\x05");
    shell.pty.wait_for("true; deploy");
    shell.pty.type_keys(&["enter"]);
    shell.decline("$ true; deploy");
    shell.forget();
    assert!(shell.host.ran().is_empty());
}

#[test]
fn lines_that_are_put_into_the_buffer_are_judged() {
    let Some(mut shell) = zsh_with(
        "",
        "bindkey '^[n' accept-line-and-down-history; bindkey '^[i' accept-and-infer-next-history",
    ) else {
        return;
    };
    shell.line("print -z deploy from print");
    shell.pty.wait_for("P% deploy from print");
    shell.pty.type_keys(&["enter"]);
    shell.decline("$ deploy from print");
    shell.forget();
    // Alt-q: another line comes first.
    shell.pty.type_text("deploy pushed\x1bq");
    shell.mark();
    shell.pty.wait_for("P% deploy pushed");
    shell.pty.type_keys(&["enter"]);
    shell.decline("$ deploy pushed");
    shell.forget();
    // What these keys run, and what they bring.
    for key in ["\x1bn", "\x1bi", "\x1ba"] {
        shell.pty.type_text("deploy k");
        shell.pty.type_text(key);
        shell.decline("$ deploy k");
        shell.forget();
    }
    assert!(shell.host.ran().is_empty());
    shell.line("printf 'first-%s\\n' 1");
    shell.line("deploy second");
    shell.clear();
    shell.mark();
    shell.pty.type_text("\x1b[A\x1b[A\x1b[A");
    shell
        .pty
        .wait_until("the first", crate::pty::PATIENCE, |pty| {
            pty.cells()
                .contents()
                .trim_end()
                .ends_with("P% printf 'first-%s\\n' 1")
        });
    shell.pty.type_text("\x1bn");
    shell.pty.wait_for_raw("first-1", 2);
    shell
        .pty
        .wait_until("the second", crate::pty::PATIENCE, |pty| {
            pty.cells()
                .contents()
                .trim_end()
                .ends_with("P% deploy second")
        });
    shell.pty.type_keys(&["enter"]);
    shell.decline("$ deploy second");
    shell.forget();
    // Alt-a leaves the line for once more.
    shell.pty.type_text("deploy twice\x1ba");
    shell.clear();
    shell
        .pty
        .wait_until("the line again", crate::pty::PATIENCE, |pty| {
            pty.cells()
                .contents()
                .trim_end()
                .ends_with("P% deploy twice")
        });
    shell.pty.type_keys(&["enter"]);
    shell.decline("$ deploy twice");
    shell.forget();
    assert_eq!(shell.host.ran(), ["deploy second", "deploy twice"]);
}

#[test]
fn documents_and_lines_without_brackets_are_judged() {
    let Some(mut shell) = zsh_with("", "unset zle_bracketed_paste") else {
        return;
    };
    for lines in [
        vec!["zsh <<E", "deploy in here", "E"],
        vec!["cat <<'E'; deploy", "it's", "E"],
        vec!["echo 'a", "b'; deploy"],
        vec!["true &&", "deploy"],
        vec!["echo \\", "x; deploy"],
    ] {
        for line in &lines {
            shell.line(line);
        }
        shell.decline("Deploy the shop");
        shell.prompt();
        // Several rows stand in the buffer.
        shell.pty.type_bytes(b"\x18\x0b");
        shell.mark();
    }
    // Each line is one.
    shell
        .pty
        .type_text("printf 'early-%s\\n' 3\rdeploy unbracketed\r");
    shell.decline("$ deploy unbracketed");
    shell.pty.wait_for("early-3");
    shell.forget();
    assert!(shell.host.ran().is_empty());
}

#[test]
fn jobs_are_the_shells_own() {
    let Some(mut shell) = zsh() else { return };
    shell.line("deploy; printf 'asleep-%s\\n' 1; sleep 1000.75");
    shell.clear();
    shell.pty.wait_for("asleep-1");
    shell.await_foreground("sleep 1000.75");
    shell.pty.type_keys(&["C-z"]);
    shell.pty.wait_for("suspended");
    shell.mark();
    shell.line("bg");
    shell.pty.wait_for("continued");
    shell.mark();
    shell.line("fg");
    shell.await_foreground("sleep 1000.75");
    shell.pty.type_keys(&["C-c"]);
    shell.pty.wait_for("^C");
    shell.mark();
    shell.line("deploy & sleep 1000 & jobs; kill %%");
    shell.clear();
    shell.pty.wait_for("running");
    shell.mark();
    // A question does not stop: the rest of the hook would stop with it.
    shell.line("deploy stopped");
    shell.pty.wait_for_question(QUESTION);
    shell.pty.type_keys(&["C-z"]);
    shell.decline("$ deploy stopped");
    shell.prompt();
    shell.line(" then");
    shell.decline("$ deploy stopped then");
    shell.forget();
}

#[test]
fn flags_of_expansions_hide_nothing() {
    let Some(mut shell) = zsh_with(
        "",
        "named=before before=deploy words=(true deploy) joined='deploy now' upper=DEPLOY; typeset -A map=(k deploy)",
    ) else {
        return;
    };
    for line in [
        "${(P)named} now",
        "${(L)upper} now",
        "${=joined}",
        "${(z)joined}",
        "${(s: :)joined}",
        "${words[2]} now",
        "$words[2] now",
        "$words[$#words]",
        "${words[-1]}",
        "$map[k] now",
        "${(v)map}",
        "${before:-ls} now",
        "${${before}} now",
        "$=joined",
        "=deploy now",
        "eval ${(q)before}",
        "eval $words[2]",
        "eval \"$(echo x | sed s/x/deploy/)\"",
        "$(print -r -- deploy) now",
        "repeat 2 deploy",
        "for x (a b) deploy $x",
        "if [[ -n x ]] { deploy }",
        "while (( 1 )) { deploy; break }",
        "noglob deploy x*",
        "- deploy",
        "command -p deploy; builtin eval deploy",
    ] {
        shell.declined(line);
    }
    assert!(shell.host.ran().is_empty());
}
