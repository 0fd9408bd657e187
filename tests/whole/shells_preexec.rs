//! The hook of bash beside bash-preexec, which has a DEBUG trap and PROMPT_COMMAND of its own.
//!
//! `ci/test` fetches it from a package of PyPI that brings it; elsewhere these tests run where it is found.

use std::io::Write as _;
use std::path::Path;

use crate::shell::{Kind, Setup, Shell};

/// What tells of its calls: the line before it runs, and the status behind it.
const CALLS: &str =
    "preexec() { printf 'pre<%s>\\n' \"$1\"; }; precmd() { printf 'cmd<%s>\\n' \"$?\"; }";

/// Starts bash with bash-preexec before or behind the hook, and these lines before both.
fn shell_with(is_before: bool, first: &str) -> Option<Shell> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/bash-preexec.sh");
    if !file.exists() {
        let _ =
            std::io::stderr().write_all(b"SKIPPED: there is no bash-preexec; ci/test fetches it\n");
        return None;
    }
    let sourced = format!("source {}\n{CALLS}", file.display());
    let (before, behind) = match is_before {
        true => (format!("{first}\n{sourced}"), String::new()),
        false => (first.to_owned(), sourced),
    };
    Setup::new(Kind::Bash, &before, &behind).start()
}

/// Types a line that passes; its functions see it once, and its status.
#[track_caller]
fn seen(shell: &mut Shell, line: &str, status: u8) {
    shell.line("clear");
    shell.prompt();
    shell.line(line);
    shell.pty.wait_for(&format!("cmd<{status}>"));
    shell.pty.wait_for(&format!("pre<{line}>"));
    shell.prompt();
    let screen = shell.pty.screen();
    assert_eq!(screen.matches("pre<").count(), 1, "{screen}");
}

#[test]
fn its_functions_see_what_runs_and_nothing_that_was_declined() {
    for is_before in [true, false] {
        let Some(mut shell) = shell_with(is_before, "") else {
            return;
        };
        shell.mark();
        seen(&mut shell, "sh -c 'exit 3'", 3);
        seen(&mut shell, "true | sh -c 'exit 4'", 4);
        shell.declines_and_goes_on();
        assert_eq!(shell.pty.count_raw("pre<deploy"), 0);
        // What is cleared runs, seen once, and its end is recorded.
        shell.line("deploy; (exit 7)");
        shell.clear();
        shell.pty.wait_for_raw("cmd<7>", 1);
        shell.mark();
        assert_eq!(shell.host.ran(), ["deploy "]);
        assert_eq!(shell.pty.count_raw("pre<deploy; (exit 7)>"), 1);
        shell.line("kanmonctl log list | head -n 2");
        shell.pty.wait_for("failed 7");
        shell.mark();
        // Pasted, recalled, and by its key that ends a line.
        shell.pty.paste("printf 'early-%s\\n' 1\ndeploy pasted");
        shell.pty.type_keys(&["enter"]);
        shell.decline("$ printf");
        assert_eq!(shell.pty.count_raw("early-1"), 0);
        shell.forget();
        shell.declined("!dep");
        shell.declined(" deploy in blanks");
        let starts = shell.n_starts();
        shell.line("ls -la /root");
        shell.mark();
        assert_eq!(shell.n_starts(), starts);
        assert_eq!(shell.host.ran(), ["deploy "]);
    }
}

#[test]
fn beside_it_no_setting_goes_round_and_the_hook_can_be_taken_out() {
    for is_before in [true, false] {
        let first = "HISTCONTROL=ignoreboth; trap 'own=1' DEBUG; PROMPT_COMMAND='seen=$?'";
        let Some(mut shell) = shell_with(is_before, first) else {
            return;
        };
        shell.mark();
        for line in ["deploy a", " deploy a", "deploy a"] {
            shell.declined(line);
        }
        shell.line("for i in a b; do");
        shell.line("deploy $i");
        shell.line("done");
        shell.decline("for i in a b; do");
        shell.forget();
        shell.line("(exit 6)");
        shell.line("echo own-$own seen-$seen");
        shell.pty.wait_for("own-1 seen-6");
        shell.mark();
        shell.line("kanmon_off");
        shell.pty.wait_for("the hook is out of this shell");
        shell.mark();
        seen(&mut shell, "deploy off", 0);
        assert_eq!(shell.host.ran(), ["deploy off"]);
        shell.line("eval \"$(kanmonctl init bash)\"");
        shell.mark();
        shell.declined("deploy again");
        assert_eq!(shell.host.ran(), ["deploy off"]);
    }
}
