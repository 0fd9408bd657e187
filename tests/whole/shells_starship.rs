//! The hook beside starship, whose prompt replaces that of bash, zsh and fish.
//!
//! `ci/starship` installs it by cargo and runs these tests; elsewhere they run where it is found.
#![expect(
    clippy::disallowed_methods,
    reason = "looks for starship and brings it into the host"
)]

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::shell::{Kind, Setup, Shell};

/// starship's own prompt; its last row ends as the tests expect. The status and the time of a
/// command are shown, since they come from what the hook shares with it.
const CONFIGURATION: &str = "mkdir -p .config && cat >.config/starship.toml <<'TOML'
[character]
success_symbol = 'P%'
error_symbol = 'P%'
vimcmd_symbol = 'P%'
[status]
disabled = false
format = 'st-$status '
[cmd_duration]
min_time = 1
show_milliseconds = true
format = 'took-$duration '
TOML
";

/// Returns where starship lies: what `ci/starship` installed, or the first in `PATH`.
fn starship() -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::iter::once(own).chain(std::env::split_paths(&path));
    let found = folders.find_map(|folder| {
        let program = folder.join("starship");
        let mode = std::fs::metadata(&program).ok()?.permissions().mode();
        (mode & 0o111 != 0).then_some(program)
    });
    if found.is_none() {
        let _ = std::io::stderr()
            .write_all(b"SKIPPED: there is no starship; ci/starship installs and tests it\n");
    }
    found
}

/// Starts a shell with starship before or behind the hook.
fn shell_with(kind: Kind, is_before: bool, more: &str) -> Option<Shell> {
    let program = starship()?;
    let line = match kind {
        Kind::Bash => "eval \"$(starship init bash)\"",
        Kind::Zsh => "eval \"$(starship init zsh)\"",
        Kind::Fish => "starship init fish | source",
    };
    let line = format!("{line}\n{more}");
    let (before, behind) = match is_before {
        true => (line.as_str(), ""),
        false => ("", line.as_str()),
    };
    Setup {
        furnish: &format!("{CONFIGURATION}starship init fish >again.fish"),
        programs: &[program],
        ..Setup::new(kind, before, behind)
    }
    .start()
}

/// Types ordinary and held lines, and looks at what starship shows of them.
fn check(shell: &mut Shell) {
    shell.mark();
    shell.line("sh -c 'exit 3'");
    shell.pty.wait_for("st-3");
    shell.mark();
    shell.declines_and_goes_on();
    let before = shell.pty.count_raw("took-");
    shell.line("deploy; sh -c 'sleep 0.2; exit 7'");
    shell.clear();
    shell.pty.wait_for("st-7");
    shell
        .pty
        .wait_until("the time", crate::pty::PATIENCE, |pty| {
            pty.count_raw("took-") > before
        });
    shell.mark();
    assert_eq!(shell.host.ran(), ["deploy "]);
    shell.line("kanmonctl log list | head -n 2");
    shell.pty.wait_for("failed 7");
    shell.mark();
    let n_starts = shell.n_starts();
    shell.line("ls -la /root");
    shell.mark();
    assert_eq!(shell.n_starts(), n_starts);
    // The hook goes, and starship stays.
    shell.line("kanmon_off");
    shell.pty.wait_for("the hook is out of this shell");
    shell.mark();
    shell.line("deploy without; sh -c 'exit 5'");
    shell.pty.wait_for("st-5");
    assert_eq!(shell.host.ran(), ["deploy ", "deploy without"]);
}

#[test]
fn its_prompt_stands_before_and_behind_the_hook() {
    for kind in Kind::ALL {
        for is_before in [true, false] {
            let Some(mut shell) = shell_with(kind, is_before, "") else {
                return;
            };
            check(&mut shell);
        }
    }
}

#[test]
fn it_is_read_anew_in_a_running_shell() {
    for (kind, line) in [
        (Kind::Bash, "eval \"$(starship init bash)\""),
        (Kind::Zsh, "eval \"$(starship init zsh)\""),
        (Kind::Fish, "source again.fish"),
    ] {
        let Some(mut shell) = shell_with(kind, true, "") else {
            return;
        };
        shell.mark();
        shell.line(line);
        check(&mut shell);
    }
}

#[test]
fn its_transient_prompt_of_fish_leads_through_the_gate() {
    for is_before in [true, false] {
        let Some(mut shell) = shell_with(Kind::Fish, is_before, "enable_transience") else {
            return;
        };
        // It binds Enter to a function; the terminal's answer ends the line.
        let enter = |shell: &mut Shell, line: &str, n: usize| {
            shell.line(line);
            shell.pty.wait_for_raw("\x1b[5n", n);
            shell.pty.type_text("\x1b[0n");
        };
        enter(&mut shell, "echo tran''sient", 1);
        shell.pty.wait_for("transient");
        shell.prompt();
        enter(&mut shell, "deploy now", 2);
        shell.decline("$ deploy now");
        shell.prompt();
        enter(&mut shell, " and then", 3);
        shell.decline("$ deploy now and then");
        assert!(shell.host.ran().is_empty());
    }
}
