//! How a story is told: the operator at the gate, the rows that stood on the screen, how it ended.
#![expect(
    clippy::disallowed_methods,
    reason = "keeps screens and reads what the stand-ins wrote"
)]

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::pty::Pty;
use crate::world::{KANMON, World};

/// The operator's language, as a locale.
pub(crate) const ENGLISH: &str = "en_US.UTF-8";
/// The other one.
pub(crate) const JAPANESE: &str = "ja_JP.UTF-8";

/// `systemctl` of a host that is well, for what probes ask of it: Debian's answers nothing where
/// systemd did not start the host. The rows are those of systemd 252.
pub(crate) const SYSTEMCTL: &str = r#"
case "$*" in
*list-timers*)
  echo 'Sat 2026-11-28 00:00:00 UTC 21h left Fri 2026-11-27 00:00:01 UTC 2h ago logrotate.timer logrotate.service'
  exit ;;
*--failed*) exit ;;
esac
"#;

/// Puts a line before the gate, at a terminal.
pub(crate) fn kanmon(world: &World, language: &str, line: &[&str]) -> Pty {
    world
        .at_terminal(KANMON)
        .args(line)
        .env("LANG", language)
        .spawn()
}

/// Puts a program before the real one that writes down what it was started with. `first` is shell
/// text that is run before: it answers what only reads, and exits.
pub(crate) fn record(world: &World, name: &str, first: &str) {
    let text = format!("#!/bin/sh\n{first}\necho \"{name} $*\" >>/srv/ran\n");
    world.stand_in(name, &text);
}

/// Returns what has run of all that was put before the real ones.
pub(crate) fn ran(world: &World) -> Vec<String> {
    let text = fs::read_to_string(world.path("ran")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// Waits for what stands last on the screen, keeps it for people to look at, and asserts that it
/// shows all of these.
#[track_caller]
pub(crate) fn sees(pty: &mut Pty, name: &str, last: &str, shown: &[&str]) {
    pty.wait_for(last);
    let screen = keep(pty, name);
    for text in shown {
        assert!(screen.contains(text), "`{text}` is not in\n{screen}");
    }
}

/// Keeps the screen for people to look at; returns it.
pub(crate) fn keep(pty: &mut Pty, name: &str) -> String {
    let screen = pty.screen();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screens");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join(format!("accident-{name}.txt"));
    fs::write(file, format!("{screen}\n")).unwrap();
    screen
}

/// Types an answer to a question.
#[track_caller]
pub(crate) fn answers(pty: &mut Pty, question: &str, answer: &str) {
    pty.answer(question, &format!("{answer}\r"));
}

/// Asserts that the gate ended without having run the line, and that the ledger, whole, says why.
#[track_caller]
pub(crate) fn not_run(world: &World, pty: &mut Pty, reason: &str) {
    let status = pty.wait_exit();
    assert_eq!(status.code(), Some(124), "{}", pty.screen());
    recorded(world, reason);
}

/// Asserts that the newest run did not clear for this reason; returns it.
#[track_caller]
pub(crate) fn recorded(world: &World, reason: &str) -> Value {
    let run = world.newest_run();
    assert_eq!(run["outcome"]["reason"], reason, "{run:#}");
    run
}

/// Asserts that the line ran, ended well, and stands so in the ledger; returns its record.
#[track_caller]
pub(crate) fn has_run(world: &World, pty: &mut Pty) -> Value {
    let status = pty.wait_exit();
    assert_eq!(status.code(), Some(0), "{}", pty.screen());
    let run = world.newest_run();
    let events = run["events"].as_array().expect("events");
    let at = |kind: &str| events.iter().position(|told| told["event"]["kind"] == kind);
    let order = [at("cleared"), at("started"), at("ended")];
    assert!(order.is_sorted() && !order.contains(&None), "{run:#}");
    run
}

/// Returns the steps that were answered in a run, by a look or by the operator, in order.
pub(crate) fn answered(run: &Value) -> Vec<&str> {
    let events = run["events"].as_array().expect("events");
    let answered = events
        .iter()
        .map(|told| &told["event"])
        .filter(|event| event["kind"] == "answered");
    answered
        .map(|event| event["step"].as_str().unwrap_or_default())
        .collect()
}
