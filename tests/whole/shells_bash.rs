//! The hook of bash, typed key by key in a real bash.
#![expect(
    clippy::disallowed_methods,
    reason = "changes rule files under a running shell"
)]

use std::time::Duration;

use nix::sys::signal::Signal;

use crate::machine::Host;
use crate::shell::{Kind, QUESTION, Setup, Shell};

/// Starts bash with these lines before and behind the hook in its start-up file.
pub(crate) fn bash_with(before: &str, behind: &str) -> Option<Shell> {
    Setup::new(Kind::Bash, before, behind).start()
}

/// Starts bash with the hook.
pub(crate) fn bash() -> Option<Shell> {
    bash_with("", "")
}

#[test]
fn a_declined_line_comes_back_and_the_session_goes_on() {
    let Some(mut shell) = bash() else { return };
    shell.declines_and_goes_on();
    // What was declined is in the history, and what is cleared runs.
    shell.line("history | head -n 3");
    shell.pty.wait_for("deploy now and then");
    shell.line("deploy; (exit 7)");
    shell.clear();
    shell.mark();
    assert_eq!(shell.host.ran(), ["deploy "]);
    // No end but that of the line in this very shell is on the record.
    shell.line("kanmonctl log list | head -n 2");
    shell.pty.wait_for("failed 7");
}

#[test]
fn no_way_to_type_a_line_goes_round() {
    let Some(mut shell) = bash_with("", "before=deploy; words=(deploy now); named=before") else {
        return;
    };
    for setting in [
        "true",
        "HISTCONTROL=ignorespace",
        "HISTCONTROL=ignoredups",
        "HISTCONTROL=ignoreboth:erasedups",
        "HISTIGNORE='*'",
        "HISTSIZE=0",
        "set +o history",
    ] {
        shell.line(setting);
        shell.mark();
        for line in ["deploy now", " deploy now", "deploy now"] {
            shell.declined(line);
        }
    }
    for line in [
        "echo x | deploy",
        "true && deploy; true",
        "for i in a b; do deploy $i; done",
        "x=$(deploy)",
        "dep'l'oy",
        "\\deploy",
        "$'\\x64eploy'",
        "d=deploy; $d now",
        "$before now",
        "\"${words[@]}\"",
        "${!named}",
        "env deploy",
        "if true; then (deploy) & fi",
    ] {
        shell.declined(line);
    }
    assert!(shell.host.ran().is_empty());
}

#[test]
fn names_of_the_running_shell_are_expanded() {
    let Some(mut shell) = bash_with(
        "",
        "alias d='deploy now' e='echo '; f() { g \"$@\"; }; g() { deploy \"$1\"; }; h() { echo harmless; }; alias kk=h",
    ) else {
        return;
    };
    for line in ["d", "true; d", "e d", "f x", "\\f", "if f; then true; fi"] {
        match line {
            // Behind `echo` it is a word, as bash has it, which the alias of `echo` expands.
            "e d" => {}
            _ => shell.declined(line),
        }
    }
    let before = shell.n_starts();
    shell.line("kk");
    shell.pty.wait_for("harmless");
    shell.mark();
    assert_eq!(shell.n_starts(), before);
    shell.line("alias i=deploy");
    shell.mark();
    shell.declined("i");
    assert!(shell.host.ran().is_empty());
}

#[test]
fn keys_that_end_a_line_lead_through_the_gate() {
    let Some(mut shell) = bash_with("", "set -o history") else {
        return;
    };
    // The history, by name, by search, and Ctrl-O.
    shell.line("deploy one");
    shell.clear();
    shell.mark();
    for line in ["!dep", "!?one", "!deploy:s/one/two/"] {
        shell.declined(line);
    }
    // Other characters for the same.
    shell.line("histchars='@^#'");
    shell.mark();
    shell.declined("@dep");
    shell.line("unset histchars");
    shell.mark();
    shell.pty.type_bytes(b"\x12deploy");
    shell.pty.wait_for("reverse-i-search");
    shell.pty.type_keys(&["enter"]);
    shell.decline("Deploy the shop");
    shell.forget();
    shell.pty.type_text("deploy o");
    shell.pty.type_bytes(b"\x0f");
    shell.decline("$ deploy o");
    shell.forget();
    // Ctrl-O itself goes on as ever.
    shell.line("printf 'first-%s\\n' 1");
    shell.line("printf 'second-%s\\n' 2");
    shell.pty.wait_for("second-2");
    shell.pty.type_keys(&["up", "up"]);
    shell.pty.type_bytes(b"\x0f");
    shell.pty.wait_for_raw("first-1", 2);
    shell.pty.type_keys(&["enter"]);
    shell.pty.wait_for_raw("second-2", 2);
    // Ctrl-J.
    shell.pty.type_text("deploy j\n");
    shell.decline("$ deploy j");
    shell.forget();
    assert_eq!(shell.host.ran(), ["deploy one"]);
}

#[test]
fn vi_mode_leads_through_the_gate_too() {
    let Some(mut shell) = bash_with("set -o vi", "") else {
        return;
    };
    shell.declined("deploy insert");
    shell.pty.type_text("deploy command");
    shell.pty.type_keys(&["escape"]);
    // The escape must not be taken for the start of a key.
    shell.pty.look(Duration::from_millis(700));
    shell.pty.type_keys(&["enter"]);
    shell.decline("$ deploy command");
    shell.prompt();
    // It came back in command mode.
    shell.pty.type_text("ddi");
    shell.mark();
    shell.line("set -o emacs");
    shell.declined("deploy emacs");
    assert!(shell.host.ran().is_empty());
}

#[test]
fn lines_of_one_command_are_judged_together() {
    let Some(mut shell) = bash() else { return };
    shell.line("for i in a b; do");
    shell.line("deploy $i");
    shell.line("done");
    shell.decline("for i in a b; do");
    // The whole command comes back: the terminal answers what it was asked.
    shell.pty.wait_for_raw("\x1b[5n", 1);
    shell.pty.type_text("\x1b[0n");
    shell.pty.type_keys(&["enter"]);
    shell.clear();
    shell.mark();
    assert_eq!(shell.host.ran(), ["deploy a", "deploy b"]);
    // A here-document, and a line that goes on.
    for lines in [
        vec!["bash <<E", "deploy in here", "E"],
        vec!["echo \\", "x; deploy", ""],
        vec!["echo 'a", "b'; deploy"],
        vec!["true &&", "deploy"],
    ] {
        let lines: Vec<&str> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        for line in &lines {
            shell.line(line);
        }
        shell.decline("Deploy the shop");
        // The answer that does not come makes nothing worse.
        shell.forget();
    }
    assert_eq!(shell.host.ran().len(), 2);
}

#[test]
fn what_is_pasted_is_judged_before_any_of_it_runs() {
    let Some(mut shell) = bash() else { return };
    // In brackets: all lines stand in one edit buffer.
    shell
        .pty
        .paste("printf 'early-%s\\n' 1\ndeploy pasted\nprintf 'late-%s\\n' 1");
    shell.pty.type_keys(&["enter"]);
    shell.decline("$ printf");
    assert_eq!(shell.pty.count_raw("early-1"), 0);
    shell.forget();
    shell
        .pty
        .paste("printf 'early-%s\\n' 2\ndeploy pasted\nprintf 'late-%s\\n' 2");
    shell.pty.type_keys(&["enter"]);
    shell.clear();
    shell.pty.wait_for("late-2");
    shell.mark();
    assert_eq!(shell.host.ran(), ["deploy pasted"]);
    // Without brackets each line is a line.
    shell.line("bind 'set enable-bracketed-paste off'");
    shell.mark();
    shell
        .pty
        .type_text("printf 'early-%s\\n' 3\rdeploy unbracketed\r");
    shell.decline("$ deploy unbracketed");
    shell.pty.wait_for("early-3");
    shell.forget();
    assert_eq!(shell.host.ran().len(), 1);
}

#[test]
fn a_thousand_pasted_lines_run_in_order_without_a_process() {
    for bracketed in ["on", "off"] {
        let rc = format!("bind 'set enable-bracketed-paste {bracketed}'\nn=0");
        let Some(mut shell) = bash_with("", &rc) else {
            return;
        };
        let before = shell.n_starts();
        shell.pty.paste(&"n=$((n+1))\n".repeat(1000));
        shell.pty.type_keys(&["enter"]);
        shell.line("printf 'counted-%s\\n' $n");
        shell
            .pty
            .wait_until("all lines", crate::pty::PATIENCE * 4, |pty| {
                pty.count_raw("counted-1000") > 0
            });
        assert_eq!(shell.n_starts(), before, "{bracketed}");
    }
}

#[test]
fn no_process_is_started_for_a_line_without_such_a_word_and_one_for_others() {
    let Some(mut shell) = bash_with("", "mkdir /root/deep; x=1") else {
        return;
    };
    for line in [
        "ls -la /root",
        "cd /root/deep",
        "echo $HOME $x ${x:-2} \"$x\" > /dev/null",
        "echo a >plain.txt 2>&1",
        "for i in 1 2 3; do echo $i; done",
        "grep -r x . | sort | uniq -c",
        "x=$HOME/y",
        "[ -f x ] && { echo y; }",
        "[[ a = b ]] || true",
        "# deploy is not called for",
    ] {
        let before = shell.n_starts();
        shell.line(line);
        shell.mark();
        // A guarded or wrapper word is a word anywhere: `.`, `sort`, or behind a `#`.
        let n_expected = usize::from(line.contains("deploy") || line.starts_with("grep"));
        assert_eq!(shell.n_starts() - before, n_expected, "{line}");
    }
    for line in ["echo deploy", "$x", "./x", "echo x >/tmp/y", "man deploy"] {
        let before = shell.n_starts();
        shell.line(line);
        shell.mark();
        assert_eq!(shell.n_starts() - before, 1, "{line}");
    }
}

#[test]
fn fc_and_the_editor_run_nothing_that_was_not_judged() {
    let rc = "printf '#!/bin/sh\\nsed -i s/harmless/deploy/ \"$1\"\\n' >/root/ed; chmod 755 /root/ed; export EDITOR=/root/ed";
    let Some(mut shell) = bash_with(rc, "") else {
        return;
    };
    shell.line("echo harmless");
    shell.line("true harmless");
    shell.mark();
    shell.line("fc -s harmless=x\\;deploy true");
    shell.decline("deploy");
    shell.forget();
    shell.line("fc -s harmless=fine echo");
    shell.pty.wait_for_raw("fine", 3);
    shell.mark();
    // Ctrl-X Ctrl-E.
    shell.pty.type_text("true; harmless");
    shell.pty.type_bytes(b"\x18\x05");
    shell.decline("true; deploy");
    // What was edited comes back, and is in the history.
    await_end(&mut shell, "P% true; deploy");
    shell.pty.type_text(" edited");
    shell.pty.type_keys(&["enter"]);
    shell.decline("$ true; deploy edited");
    shell.forget();
    shell.line("history | grep -c '[0-9]  true; deploy$' | sed 's/^/found-/'");
    shell.pty.wait_for("found-1");
    shell.mark();
    // So does what the command `fc` has declined, with all its lines.
    shell.line("for i in 1\ndo harmless\ndone");
    shell.prompt();
    shell.line("fc");
    shell.decline("do deploy");
    shell.prompt();
    // The terminal's answer.
    shell.pty.type_bytes(b"\x1b[0n");
    await_end(&mut shell, "P% for i in 1; do deploy; done");
    shell.forget();
    shell.line("kanmon_off");
    shell.pty.wait_for("the hook is out of this shell");
    shell.line("bind -p | grep '^.*: edit-and-execute' | sed 's/^/is-/'");
    shell
        .pty
        .wait_for("is-\"\\C-x\\C-e\": edit-and-execute-command");
    assert!(shell.host.ran().is_empty());
}

#[test]
fn what_goes_round_the_hook_is_interrupted() {
    let Some(mut shell) = bash_with("", "bind '\"\\C-t\": accept-line'") else {
        return;
    };
    shell.mark();
    shell.pty.type_text("printf 'round-%s\\n' 1; deploy round");
    shell.pty.type_bytes(b"\x14");
    shell.pty.wait_for("did not come through the hook");
    shell.mark();
    assert_eq!(shell.pty.count_raw("round-1"), 0);
    // What a command of several lines was given lets no later line pass.
    shell.pty.paste("for i in 1 2 3\ndo :\ndone");
    shell.pty.type_keys(&["enter"]);
    shell.pty.type_text("deploy behind");
    shell.pty.type_bytes(b"\x14");
    shell.pty.wait_for_raw("did not come through the hook", 2);
    shell.mark();
    // Line editing is not switched off beneath the hook.
    shell.line("set +o emacs");
    shell.pty.wait_for("the hook reads lines");
    shell.forget();
    shell.declined("deploy now");
    assert!(shell.host.ran().is_empty());
}

#[test]
fn what_bash_holds_of_ps0_is_left_alone_while_it_reads_a_line() {
    // bash keeps a pointer to PS0 from the prompt on: freed memory is filled, so that it would show.
    let set_anew = r#"bind '"\C-t": accept-line'; PROMPT_COMMAND+=$'\n''PS0="[mine]"'"#;
    for behind in [r#"bind '"\C-t": accept-line'; PS0+='[mine]'"#, set_anew] {
        let start = Setup {
            around: ("MALLOC_PERTURB_=165", ""),
            ..Setup::new(Kind::Bash, "HISTFILE=", behind)
        };
        let Some(mut shell) = start.start() else {
            return;
        };
        for _ in 0..3 {
            shell.mark();
        }
        shell.line("deploy");
        shell.clear();
        shell.mark();
        shell.forget();
        shell.pty.type_text("deploy now");
        shell.pty.type_bytes(b"\x14");
        shell.pty.wait_for("did not come through the hook");
        shell.mark();
        assert_eq!(shell.host.ran(), ["deploy "]);
        let raw = shell.pty.raw();
        assert!(!raw.contains('\u{fffd}'), "{raw:?}");
        assert!(raw.matches("[mine]").count() >= 4, "{raw:?}");
    }
}

#[test]
fn the_shell_is_as_it_was() {
    let before = "trap 'n=$((n+1))' DEBUG; n=0; PROMPT_COMMAND='seen=$?'; PS0='[ps0]'";
    let Some(mut shell) = bash_with(before, "") else {
        return;
    };
    for (line, printed) in [
        // No word of the hook's own stands among what a line prints.
        ("export A=/x; A=b env printf 'as-%s\\n' $?", "as-0"),
        ("(exit 3)", ""),
        ("echo st-$? pc-$seen", "st-3 pc-3"),
        ("true | false | true", ""),
        ("echo ps-${PIPESTATUS[*]}", "ps-0 1 0"),
        ("trap -p DEBUG | wc -l | sed s/^/traps-/", "traps-1"),
        ("(( n > 5 )) && echo tr''apped", "trapped"),
        ("echo f-$-", "f-himBH"),
        ("set -u; echo nou''nset", "nounset"),
        ("set +u; set -x; echo xtr''ace; set +x", "xtrace"),
    ] {
        shell.line(line);
        shell.pty.wait_for(printed);
    }
    shell.mark();
    assert!(shell.pty.count_raw("[ps0]") > 3);
    assert_eq!(shell.pty.count_raw("declare"), 0);
    shell.declined("deploy now");
    let Some(mut shell) = bash() else { return };
    shell.line("echo a 'la st'");
    shell.line("echo \"us-$_\"");
    shell.pty.wait_for("us-la st");
}

#[test]
fn jobs_are_the_shells_own() {
    let Some(mut shell) = bash() else { return };
    shell.line("deploy; printf 'asleep-%s\\n' 1; sleep 1000.25");
    shell.clear();
    shell.pty.wait_for("asleep-1");
    // Keys that come between two programs of a list reach neither.
    shell.await_foreground("sleep 1000.25");
    shell.pty.type_keys(&["C-z"]);
    shell.pty.wait_for("Stopped");
    shell.mark();
    shell.line("fg");
    shell.await_foreground("sleep 1000.25");
    shell.pty.type_keys(&["C-c"]);
    shell.pty.wait_for("^C");
    shell.mark();
    shell.line("sleep 1000 & jobs; kill %%");
    shell.pty.wait_for("Running");
    shell.mark();
}

#[test]
fn a_question_is_left_by_control_keys() {
    let Some(mut shell) = bash() else { return };
    shell.line("deploy now");
    shell.pty.wait_for_question(QUESTION);
    shell.pty.type_keys(&["C-c"]);
    shell.pty.wait_for("interrupted");
    // The shell was not: the line is back.
    shell.line(" again");
    shell.decline("$ deploy now again");
    shell.forget();
    shell.line("deploy stopped");
    shell.pty.wait_for_question(QUESTION);
    // Ctrl-Z does nothing: no job of ours is left to the shell.
    shell.pty.type_keys(&["C-z"]);
    shell.decline("$ deploy stopped");
    shell.prompt();
    shell.line(" then");
    shell.decline("$ deploy stopped then");
    shell.forget();
    shell.line("echo jobs-$(jobs | wc -l)-");
    shell.pty.wait_for("jobs-0-");
    assert!(!shell.pty.screen().contains("Stopped"));
    assert!(shell.host.ran().is_empty());
}

#[test]
fn a_gate_that_is_stopped_from_elsewhere_is_no_job_of_the_shell() {
    let Some(mut shell) = bash() else { return };
    shell.line("deploy stopped");
    shell.pty.wait_for_question(QUESTION);
    shell.pty.signal_foreground(Signal::SIGSTOP);
    shell.pty.wait_for("The command has not run");
    shell.prompt();
    shell.line(" then");
    shell.decline("$ deploy stopped then");
    shell.forget();
    shell.line("echo jobs-$(jobs | wc -l)-");
    shell.pty.wait_for("jobs-0-");
    // Of the job itself bash says that it was stopped, and no more.
    let screen = shell.pty.screen();
    assert!(
        !screen.contains("Terminated") && !screen.contains("Exit"),
        "{screen}"
    );
    assert!(shell.host.ran().is_empty());
}

#[test]
fn a_gate_that_does_not_run_holds_and_the_hook_can_be_taken_out() {
    let Some(mut shell) = bash() else { return };
    std::fs::remove_file(shell.host.path("bin/kanmon")).unwrap();
    shell.line("deploy now");
    shell.pty.wait_for("did not judge this line (status 127)");
    shell.forget();
    assert!(shell.host.ran().is_empty());
    // Nor is there what writes the words: every line would be judged now, but for the way out.
    let ctl = shell.host.path("bin/kanmonctl");
    let aside = shell.host.path("bin/aside");
    std::fs::rename(&ctl, &aside).unwrap();
    std::fs::write(shell.host.path("etc/kanmon/rules.d/new.toml"), "").unwrap();
    shell.line("ls -d /");
    shell
        .pty
        .wait_for_raw("did not judge this line (status 127)", 2);
    shell.prompt();
    shell.pty.type_bytes(b"\x15");
    shell.line("kanmon_off");
    shell.pty.wait_for("the hook is out of this shell");
    std::fs::remove_file(shell.host.path("etc/kanmon/rules.d/new.toml")).unwrap();
    std::fs::rename(&aside, &ctl).unwrap();
    shell.line("deploy now");
    shell.mark();
    assert_eq!(shell.host.ran(), ["deploy now"]);
    shell.line("eval \"$(kanmonctl init bash)\"");
    shell.mark();
    shell.line("deploy now");
    shell
        .pty
        .wait_for_raw("did not judge this line (status 127)", 3);
}

#[test]
fn the_hook_is_out_where_another_prompt_has_kept_its_part() {
    // As starship does with what it finds in PROMPT_COMMAND.
    let kept = "kept=$PROMPT_COMMAND; theirs() { eval \"$kept\"; }; PROMPT_COMMAND=theirs";
    let Some(mut shell) = bash_with("", kept) else {
        return;
    };
    shell.mark();
    shell.declined("deploy now");
    shell.line("kanmon_off");
    shell.pty.wait_for("the hook is out of this shell");
    shell.mark();
    shell.line("deploy without");
    shell.mark();
    assert_eq!(shell.host.ran(), ["deploy without"]);
    shell.line("eval \"$(kanmonctl init bash)\"");
    shell.mark();
    shell.declined("deploy with");
    assert_eq!(shell.host.ran(), ["deploy without"]);
}

#[test]
fn rules_that_change_count_at_the_next_line() {
    let Some(mut shell) = bash() else { return };
    shell.line("release now");
    shell.mark();
    assert_eq!(shell.host.ran(), ["release now"]);
    let rules = shell.host.path("etc/kanmon/rules.d");
    let team = std::fs::read_to_string(rules.join("team.toml")).unwrap();
    let other = team.replace("deploy", "release").replace("team", "other");
    std::fs::write(rules.join("other.toml"), other).unwrap();
    shell.line("release now");
    shell.decline("$ release now");
    shell.forget();
    assert_eq!(shell.host.ran().len(), 1);
}

#[test]
fn the_gate_at_the_prompt_asks_once_and_glass_breaks() {
    let Some(mut shell) = bash() else { return };
    shell.line("kanmon deploy by prefix");
    shell.clear();
    shell.mark();
    shell.line("kanmon --break-glass fire deploy in fire");
    shell.pty.wait_for_question("");
    let screen = shell.pty.screen();
    let target = screen.rsplit("Target:").next().unwrap();
    let target = target.split_whitespace().next().unwrap().to_owned();
    shell.line(&target);
    let ran = shell.host.path("ran");
    let has_run = |_: &crate::pty::Pty| std::fs::read_to_string(&ran).unwrap().contains("fire");
    shell
        .pty
        .wait_until("the command", crate::pty::PATIENCE, has_run);
    shell.mark();
    assert_eq!(shell.host.ran(), ["deploy by prefix", "deploy in fire"]);
    // A variable that is not exported is not known; one that is exported is.
    shell.line("export E=ls; V=ls");
    shell.mark();
    shell.line("$E /root");
    shell.mark();
    let runs = shell.n_starts();
    shell.line("$V /root");
    shell.mark();
    assert_eq!(shell.n_starts(), runs + 1);
}

#[test]
fn other_keys_and_settings_lead_through_the_gate() {
    let rc = "shopt -s autocd cmdhist lithist histverify; bind '\"\\e\\C-e\": shell-expand-line'; alias d='deploy now'; bind '\"\\C-xm\": \"deploy macro\\C-m\"'";
    let Some(mut shell) = bash_with("", rc) else {
        return;
    };
    // What a key expands, and a macro that ends with Enter.
    shell.pty.type_text("true; d\x1b\x05");
    shell.pty.wait_for("true; deploy now");
    shell.pty.type_keys(&["enter"]);
    shell.decline("$ true; deploy now");
    shell.forget();
    shell.pty.type_text("\x18m");
    shell.decline("$ deploy macro");
    shell.forget();
    // An expansion of the history is shown first.
    shell.line("deploy one");
    shell.clear();
    shell.mark();
    shell.line("!dep");
    shell.decline("$ deploy one");
    shell.forget();
    // Up, Ctrl-P, and what stands at Ctrl-N behind Ctrl-O.
    for keys in ["\x1b[A\x1b[A", "\x10\x10"] {
        shell.line("deploy recalled");
        shell.decline("$ deploy recalled");
        shell.forget();
        shell.pty.type_text(keys);
        shell
            .pty
            .wait_until("the line", crate::pty::PATIENCE, |pty| {
                pty.cells()
                    .contents()
                    .trim_end()
                    .ends_with("P% deploy recalled")
            });
        shell.pty.type_keys(&["enter"]);
        shell.decline("$ deploy recalled");
        shell.forget();
    }
    assert_eq!(shell.host.ran(), ["deploy one"]);
}

/// Waits until the screen ends with this: not with what was typed to print it.
#[track_caller]
fn await_end(shell: &mut Shell, end: &str) {
    shell.pty.wait_until(end, crate::pty::PATIENCE, |pty| {
        pty.cells().contents().trim_end().ends_with(end)
    });
}

#[test]
fn what_a_running_script_reads_is_no_line() {
    let Some(mut shell) = bash() else { return };
    shell.line("printf '%s\\n' 'read -e -p \"R% \" answer; echo got-$answer' >/root/ask; chmod 755 /root/ask");
    shell.mark();
    // A script of its own has no hook.
    shell.line("bash /root/ask");
    await_end(&mut shell, "\nR%");
    shell.line("deploy it's");
    shell.pty.wait_for("got-deploy it's");
    shell.mark();
    // In the shell itself the keys are the hook's.
    shell.line("read -e -p 'S% ' answer; echo \"got-$answer\"");
    await_end(&mut shell, "\nS%");
    shell.line("deploy words");
    shell.decline("$ deploy words");
    shell.pty.type_bytes(b"\x15");
    shell.line("plain words");
    shell.pty.wait_for("got-plain words");
    shell.mark();
    // Without line editing nothing is judged.
    shell.line("read -p 'T% ' answer; echo \"got-$answer\"");
    await_end(&mut shell, "\nT%");
    shell.line("deploy it's");
    shell.pty.wait_for_raw("got-deploy it's", 2);
    shell.mark();
    shell.declined("deploy now");
    assert!(shell.host.ran().is_empty());
}

/// Writes the start-up file of a bash with the hook, and lines for its standard input.
const FED: &str = r#"
cp deploy.toml $rules/team.toml
kanmonctl rules compile >/dev/null
printf '%s\n' "PS1='P% '" 'eval "$(kanmonctl init bash)"' >/root/.bashrc
printf '%s\n' 'echo one' 'deploy now' 'echo after-$?' 'for i in 1 2' 'do deploy $i' 'done' \
  'echo then-$?' 'deploy last' >lines
"#;

#[test]
fn a_declined_line_from_a_pipe_is_not_asked_about_again() {
    let Some(host) = Host::new() else { return };
    let said = host.run(&format!(
        "{FED}\n(cat lines; printf 'deploy without an end') | timeout 60 bash -i\n\
         echo status-$?\nkanmonctl log list | sed 's/^/log: /'"
    ));
    // Each line was held once and runs nothing, no line is glued to another, and the shell ends.
    let n_held = said.matches("The command has not run").count();
    assert_eq!(n_held, 4, "{said}");
    assert_eq!(said.matches("log: ").count(), 4, "{said}");
    for shown in ["\nafter-124", "\nthen-130", "\nstatus-124"] {
        assert!(said.contains(shown), "no {shown:?}:\n{said}");
    }
    assert!(host.ran().is_empty(), "{said}");
}

#[test]
fn a_line_from_a_pipe_is_asked_about_where_there_is_a_terminal() {
    let Some(host) = Host::new() else { return };
    let mut pty = host.start(&format!(
        "{FED}\n(cat lines) | bash -i; echo status-$?; cat"
    ));
    for n in 1..=3 {
        pty.wait_for_raw(QUESTION, n);
        pty.wait_for_question(QUESTION);
        pty.type_text("n");
        pty.wait_for_raw("The command has not run", n);
    }
    pty.wait_for("status-124");
    // Nobody waits for the terminal's answer.
    assert!(!pty.screen().contains("[0n"), "{}", pty.screen());
    assert!(host.ran().is_empty());
}
