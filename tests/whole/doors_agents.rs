//! What an agent's hook answers and ends with, acted with the shipped program and compared with its table
//! in `docs/doors.md` (`KANMON_WRITE_DOORS=1` writes it anew).
#![expect(
    clippy::disallowed_methods,
    reason = "the shipped program is started, and the page is read"
)]

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::doors_table::compare;
use crate::hook::{event, hook};

/// The head of the table.
const HEAD: &[&str] = &[
    "agents' hook",
    "passes",
    "held",
    "held, and nobody is asked",
    "changes the gate",
    "cannot be read",
    "TERM to the hook",
];

/// The kinds of hooks.
const KINDS: [&str; 2] = ["claude-code", "json"];

/// Returns what the hook of this kind gets for a line.
fn asked(kind: &str, line: &str, can_ask: bool) -> String {
    match kind {
        "json" => json!({ "command": line, "cwd": "/", "can_ask": can_ask }).to_string(),
        _ => {
            let mode = if can_ask {
                "default"
            } else {
                "bypassPermissions"
            };
            event(line, mode).to_string()
        }
    }
}

/// Returns the answer, and the status.
fn told(output: &Output) -> String {
    let status = output.status.code().unwrap();
    if output.stdout.is_empty() {
        return format!("no answer, {status}");
    }
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let own = &answer["hookSpecificOutput"]["permissionDecision"];
    let decision = own.as_str().or(answer["decision"].as_str()).unwrap();
    format!("*{decision}*, {status}")
}

/// Returns what a shell would say of a hook that gets TERM while it waits for its event.
fn terminated(kind: &str) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kanmonctl"))
        .args(["hook", kind])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let pid = Pid::from_raw(child.id().try_into().unwrap());
    kill(pid, Signal::SIGTERM).unwrap();
    let status = child.wait().unwrap();
    let signal = status.signal().map(|signal| 128 + signal);
    signal.or(status.code()).unwrap().to_string()
}

#[test]
fn an_agents_hook_answers_as_its_table_says() {
    for kind in KINDS {
        let told_of = |line, can_ask| told(&hook(&[kind], &asked(kind, line, can_ask)));
        let cells = vec![
            told_of("ls", true),
            told_of("reboot", true),
            told_of("reboot", false),
            told_of("rm -rf /etc/kanmon", true),
            told(&hook(&[kind], "no json")),
            terminated(kind),
        ];
        compare(&format!("`{kind}`"), &[HEAD], vec![cells]);
    }
}

#[test]
fn each_kind_has_its_line() {
    let page = include_str!("../../docs/doors.md");
    let (_, table) = page
        .split_once(&format!("| {} |\n", HEAD.join(" | ")))
        .unwrap();
    let rows = table
        .lines()
        .skip(1)
        .take_while(|line| line.starts_with('|'));
    let names: Vec<&str> = rows.map(|row| row.split('`').nth(1).unwrap()).collect();
    assert_eq!(names, KINDS);
}
