//! What rules show when a line has ended that a shell has run itself: in real shells, driven key by
//! key.

use std::fs;

use crate::pty::PATIENCE;
use crate::shell::Shell;
use crate::shells_bash::bash;
use crate::shells_fish::fish;
use crate::shells_zsh::zsh;
use crate::stage::until;

/// The head of the page.
const PAGE: &str = "after the command";
/// What the rule says of the way back.
const UNDO: &str = "Open the month again by hand";

/// Runs an ordinary command; until then this many pages were shown, and no more.
#[track_caller]
fn pages(shell: &mut Shell, number: usize) {
    shell.pty.wait_for_raw(PAGE, number);
    shell.prompt();
    shell.mark();
    assert_eq!(shell.pty.count_raw(PAGE), number, "{}", shell.pty.raw());
}

/// Lines that end well and badly, and what comes of them; `failing` gives its argument as status.
#[track_caller]
fn a_line_is_followed_by_its_page(shell: &mut Shell, failing: &str) {
    shell.line("settle-accounts may");
    shell.clear();
    pages(shell, 1);
    let screen = shell.pty.screen();
    let page = screen.split(PAGE).last().unwrap();
    assert!(page.contains("settle-accounts may"), "{page}");
    assert!(page.contains("✓ last one: settle-accounts may"), "{page}");
    assert!(!page.contains(UNDO), "{page}");
    // No process more for what was not held, and no page.
    let starts = shell.n_starts();
    for _ in 0..3 {
        shell.mark();
    }
    assert_eq!(shell.n_starts(), starts);
    pages(shell, 1);
    shell.line(&format!("settle-accounts june; {failing} 7"));
    shell.clear();
    pages(shell, 2);
    let screen = shell.pty.screen();
    let page = screen.split(PAGE).last().unwrap();
    assert!(page.contains("status 7"), "{page}");
    assert!(page.contains(UNDO), "{page}");
    assert!(!page.contains("last one"), "{page}");
    // A declined line has no end, and one whose rule shows nothing no page.
    shell.line("settle-accounts july");
    shell.decline("Settle the accounts");
    shell.forget();
    shell.line("deploy now");
    shell.clear();
    pages(shell, 2);
    // What was seen is on the record.
    shell.line(
        "kanmonctl log list --json | grep -o '\"kind\":\"after\"' | wc -l | sed 's/^/seen-/'",
    );
    shell.pty.wait_for_raw("seen-3", 1);
    assert_eq!(
        shell.host.ran(),
        ["settle-accounts may", "settle-accounts june", "deploy now"]
    );
    nobody_is_left(shell);
}

/// Waits until no gate of this host waits for the end of a line.
#[track_caller]
fn nobody_is_left(shell: &Shell) {
    let is_gate = |process: &fs::DirEntry| {
        let program = fs::read_link(process.path().join("exe"));
        program.is_ok_and(|program| program == shell.host.path("bin/gate/kanmon"))
    };
    until("an end of all gates", || {
        let mut processes = fs::read_dir("/proc").unwrap().flatten();
        !processes.any(|process| is_gate(&process))
    });
}

#[test]
fn bash_shows_what_came_of_a_line() {
    let Some(mut shell) = bash() else { return };
    a_line_is_followed_by_its_page(&mut shell, "sh -c 'exit $0'");
}

#[test]
fn zsh_shows_what_came_of_a_line() {
    let Some(mut shell) = zsh() else { return };
    a_line_is_followed_by_its_page(&mut shell, "sh -c 'exit $0'");
}

#[test]
fn fish_shows_what_came_of_a_line() {
    let Some(mut shell) = fish() else { return };
    a_line_is_followed_by_its_page(&mut shell, "sh -c 'exit $0'");
}

#[test]
fn of_several_lines_the_page_stands_behind_the_last() {
    let Some(mut shell) = zsh() else { return };
    // Pasted in brackets, which zsh asks for once it reads a line.
    shell
        .pty
        .wait_until("brackets around what is pasted", PATIENCE, |pty| {
            pty.cells().bracketed_paste()
        });
    shell
        .pty
        .paste("settle-accounts may\nprintf '%s-line\\n' last");
    shell.pty.type_keys(&["enter"]);
    shell.clear();
    pages(&mut shell, 1);
    let said = shell.pty.raw();
    let (line, page) = (said.find("last-line"), said.find(PAGE));
    assert!(line.is_some() && line < page, "{said}");
    nobody_is_left(&shell);
}

#[test]
fn a_line_that_was_stopped_has_no_page_and_is_told() {
    for start in [bash, zsh] {
        let Some(mut shell) = start() else { return };
        shell.line("settle-accounts may; sh -c 'echo is-$((1 + 1))-here; exec cat'");
        shell.clear();
        shell.pty.wait_for_raw("is-2-here", 1);
        shell.pty.type_bytes(b"\x1a");
        shell.pty.wait_for_raw("the line was stopped", 1);
        pages(&mut shell, 0);
        nobody_is_left(&shell);
        shell.line("kill -9 %1");
        shell.mark();
    }
}

#[test]
fn ctrl_c_leaves_the_looking_and_the_session_goes_on() {
    for start in [bash, zsh, fish] {
        let Some(mut shell) = start() else { return };
        fs::write(shell.host.path("slow"), "").unwrap();
        shell.line("settle-accounts may");
        shell.clear();
        until("the probe", || shell.host.path("looking").exists());
        shell.pty.type_bytes(b"\x03");
        pages(&mut shell, 0);
        nobody_is_left(&shell);
        fs::remove_file(shell.host.path("slow")).unwrap();
        shell.line("settle-accounts june");
        shell.clear();
        pages(&mut shell, 1);
    }
}

#[test]
fn nobody_waits_for_a_shell_that_is_gone() {
    let Some(mut shell) = bash() else { return };
    shell.line("settle-accounts may; exec true");
    shell.clear();
    shell.pty.wait_exit();
    assert_eq!(shell.host.ran(), ["settle-accounts may"]);
    nobody_is_left(&shell);
}
