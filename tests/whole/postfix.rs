//! Mail that is held in a real Postfix queue leaves only after its operator looked, answered,
//! waited and called out the count.
//!
//! Each test has a mail host of its own (`support/mailhost.rs`) and an operator at a terminal of
//! 80 × 24. The wait of 30 seconds is really sat out, so most of the time nothing happens here.
//! The screens are kept as text in `target/screens/`, for people to look at.
#![expect(clippy::disallowed_methods, reason = "a test: it measures time and keeps screens")]

use std::fs;
use std::path::Path;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::mailhost::{KANMON, KANMONCTL, MailHost};
use crate::pty::{Pty, Standard};

/// The command that the stories are about.
const RELEASE: [&str; 3] = ["postsuper", "-H", "ALL"];
/// How long the rule makes the operator wait.
const COOLDOWN: Duration = Duration::from_secs(30);
/// Twelve messages for three domains.
const TWELVE: [&str; 12] = [
    "ann@example.com",
    "bob@example.net",
    "cho@example.com",
    "dan@example.org",
    "eve@example.com",
    "fay@example.net",
    "gus@example.com",
    "hal@example.com",
    "ida@example.net",
    "joe@example.com",
    "kim@example.com",
    "lou@example.com",
];

/// What the screen says, in one language.
struct Said {
    /// The locale.
    lang: &'static str,
    /// The three questions of the checklist, in order.
    questions: [&'static str; 3],
    /// The countdown.
    waiting: &'static str,
    /// The call of the count.
    call: &'static str,
    /// A wrong call.
    again: &'static str,
    /// The page with the exact line.
    last: &'static str,
    /// The last question.
    go: &'static str,
    /// The page after the end.
    after: &'static str,
}

const ENGLISH: Said = Said {
    lang: "en_US.UTF-8",
    questions: [
        "Why did the mail wait?",
        "What removed the cause, and who did it?",
        "Is the receiving side ready for this volume?",
    ],
    waiting: "waiting,",
    call: "Look and call: Messages on hold",
    again: "That is not it. Look again. Tries left: 2",
    last: "once more, the exact line",
    go: "Run it now?",
    after: "after the command",
};

const JAPANESE: Said = Said {
    lang: "ja_JP.UTF-8",
    questions: [
        "なぜ滞留しましたか?",
        "原因は誰がどう取り除きましたか?",
        "受信側はこの量を受けられますか?",
    ],
    waiting: "待機中",
    call: "指差し確認: 保留中の通数",
    again: "違います。もう一度見てください。残り 2 回",
    last: "実行する行をもう一度確認してください",
    go: "実行しますか？",
    after: "コマンド終了後の確認",
};

/// Puts a line before the gate, at a terminal.
fn kanmon(host: &MailHost, said: &Said, line: &[&str]) -> Pty {
    host.at_terminal(KANMON)
        .args(line)
        .env("LANG", said.lang)
        .spawn()
}

/// Answers the checklist of the rule.
#[track_caller]
fn answer(pty: &mut Pty, said: &Said) {
    let answers = ["the relay was down\r", "Ann replaced its disk\r", "y\r"];
    for (question, answer) in said.questions.into_iter().zip(answers) {
        pty.wait_for_question(question);
        pty.type_text(answer);
    }
}

/// Sits the wait out, and asserts that it really was as long as the rule says.
#[track_caller]
fn sit_out(pty: &mut Pty, said: &Said, next: &str) {
    pty.wait_for(said.waiting);
    let begun = Instant::now();
    let patience = COOLDOWN + Duration::from_secs(20);
    pty.wait_until(next, patience, |pty| pty.raw().contains(next));
    // The countdown stood there a moment before it was seen.
    let waited = begun.elapsed();
    assert!(waited > COOLDOWN - Duration::from_secs(1), "{waited:?}");
}

/// Calls a value.
#[track_caller]
fn call(pty: &mut Pty, question: &str, value: &str) {
    pty.wait_for_question(question);
    pty.type_text(&format!("{value}\r"));
}

/// Says go.
#[track_caller]
fn go(pty: &mut Pty, said: &Said) {
    pty.wait_for_question(said.go);
    pty.type_text("y");
}

/// Keeps the screen for people to look at.
fn keep(pty: &mut Pty, name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screens");
    fs::create_dir_all(&folder).unwrap();
    let screen = pty.screen();
    fs::write(folder.join(format!("{name}.txt")), format!("{screen}\n")).unwrap();
    screen
}

/// Asserts how a program ended.
#[track_caller]
fn ended(pty: &mut Pty, code: i32) {
    let status: ExitStatus = pty.wait_exit();
    assert_eq!(status.code(), Some(code), "{}", pty.screen());
}

/// Returns what the ledger has of the newest run, and asserts that the ledger is whole.
#[track_caller]
fn story(host: &MailHost) -> Value {
    let verified: Value =
        serde_json::from_str(&host.must(&format!("{KANMONCTL} log verify --json"))).unwrap();
    assert_eq!(verified["whole"], true, "{verified}");
    let runs: Value =
        serde_json::from_str(&host.must(&format!("{KANMONCTL} log list --json"))).unwrap();
    let run = runs[0]["id"].as_str().expect("a run").to_owned();
    serde_json::from_str(&host.must(&format!("{KANMONCTL} log show {run} --json"))).unwrap()
}

#[test]
fn probe_of_the_environment() {
    let Some(host) = MailHost::start("mx1") else {
        return;
    };
    host.hold(&TWELVE);
    println!("{}", host.must("postqueue -j; hostname; ip addr"));
    host.must("postsuper -H ALL");
    host.wait_for_left(12);
}
