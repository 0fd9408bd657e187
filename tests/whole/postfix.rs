//! Mail that is held in a real Postfix queue leaves only after its operator looked, answered,
//! waited and called out the count.
//!
//! Each test has a mail host of its own (`support/mailhost.rs`) and an operator at a terminal of
//! 80 × 24. The wait of 30 seconds is really sat out, so most of the time nothing happens here.
//! The screens are kept as text in `target/screens/`, for people to look at.
#![expect(
    clippy::disallowed_methods,
    reason = "a test: it measures time and keeps screens"
)]

use std::fs;
use std::path::Path;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::mailhost::MailHost;
use crate::pty::{Pty, Standard};
use crate::world::{KANMON, KANMONCTL};

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
    /// What is typed there.
    answers: [&'static str; 3],
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
    answers: ["the relay was down", "Ann replaced its disk", "y"],
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
        "なぜ滞留しましたか？",
        "原因は誰がどう取り除きましたか？",
        "受信側はこの量を受けられますか？",
    ],
    answers: ["中継サーバーの障害", "安藤がディスクを交換", "はい"],
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
    for (question, answer) in said.questions.into_iter().zip(said.answers) {
        pty.wait_for_question(question);
        pty.type_text(&format!("{answer}\r"));
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
    pty.type_text("y\n");
}

/// Keeps the screen for people to look at.
fn keep(pty: &mut Pty, name: &str) -> String {
    let screen = pty.screen();
    keep_text(name, &format!("{screen}\n"));
    screen
}

/// Keeps a text for people to look at.
fn keep_text(name: &str, text: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screens");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{name}.txt")), text).unwrap();
}

/// Returns a screen with `…` for the time of the oldest message, behind an empty row.
fn without_times(screen: &str) -> String {
    let rows = screen.lines().map(|row| match row.split_once(": 20") {
        Some((label, _)) => format!("\n{label}: …"),
        None => format!("\n{row}"),
    });
    rows.collect()
}

/// Asserts how a program ended.
#[track_caller]
fn ended(pty: &mut Pty, code: i32) {
    let status: ExitStatus = pty.wait_exit();
    assert_eq!(status.code(), Some(code), "{}", pty.screen());
}

/// Returns the events of a run, one a line. What differs from run to run is `…`.
fn told(run: &Value) -> Vec<String> {
    let events = run["events"].as_array().expect("events");
    events.iter().map(|told| event(&told["event"])).collect()
}

/// Returns one event as a line.
fn event(event: &Value) -> String {
    let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
    match text("kind").as_str() {
        "answered" => {
            let answer = match text("question").as_str() {
                "mail.oldest" => "…".to_owned(),
                _ => text("answer").replace('\n', ", "),
            };
            let wrong = if event["passed"] == true { "" } else { " (NG)" };
            format!("{} {}: {answer}{wrong}", text("step"), text("question"))
        }
        "cleared" => format!("cleared {}", event["measured"]),
        "not-cleared" => format!("not cleared: {}", text("reason")),
        "ended" => format!("ended {}", event["status"]),
        // How much is on its way just then is the mail server's business.
        "after" if text("probe") == "mail.deferred" => "after mail.deferred: …".to_owned(),
        "after" => format!("after {}: {}", text("probe"), text("value")),
        other => other.to_owned(),
    }
}

#[test]
fn held_mail_leaves_once_its_count_was_called() {
    let Some(host) = MailHost::start("mx1") else {
        return;
    };
    host.hold(&TWELVE);
    let mut pty = kanmon(&host, &ENGLISH, &RELEASE);
    pty.wait_for_question(ENGLISH.questions[0]);
    assert_eq!(
        without_times(&keep(&mut pty, "postfix-en-1-look")),
        r#"
kanmon: this command is held
  $ postsuper -H ALL
! Release all held mail (Postfix)  [mail.release-held, risk: high]
  Why      It leaves within minutes and cannot be called back.
  Instead  Release a few first: `postsuper -H QUEUE_ID`
  Target   mx1   User root
  Warning  For the gap only your own runs are known.

  Messages on hold: 12
  Oldest message: …
  Top destination domains:
    8 example.com
    3 example.net
    1 example.org
? 1/6 Why did the mail wait? (type an answer)
  › "#
    );
    answer(&mut pty, &ENGLISH);
    sit_out(&mut pty, &ENGLISH, ENGLISH.call);
    call(&mut pty, ENGLISH.call, "11");
    pty.wait_for_question(ENGLISH.again);
    keep(&mut pty, "postfix-en-2-call");
    assert_eq!((host.in_queue("hold"), host.left()), (12, 0));
    call(&mut pty, ENGLISH.again, "12");
    pty.wait_for_question(ENGLISH.go);
    assert!(pty.raw().contains(ENGLISH.last));
    keep(&mut pty, "postfix-en-3-go");
    assert_eq!((host.in_queue("hold"), host.left()), (12, 0));
    go(&mut pty, &ENGLISH);
    ended(&mut pty, 0);
    let after = keep(&mut pty, "postfix-en-4-after");
    let after = after.split(ENGLISH.after).nth(1).expect("the after page");
    assert!(after.contains("Messages on hold: 0"), "{after}");
    assert!(after.contains("Messages deferred: "), "{after}");
    host.wait_for_left(12);
    assert_eq!(
        told(&host.newest_run()),
        [
            "show mail.held: 12",
            "show mail.oldest: …",
            "show mail.domains: 8 example.com, 3 example.net, 1 example.org",
            "checklist Why did the mail wait?: the relay was down",
            "checklist What removed the cause, and who did it?: Ann replaced its disk",
            "checklist Is the receiving side ready for this volume?: y",
            "call mail.held: 11 (NG)",
            "call mail.held: 12",
            "go go: y",
            r#"cleared [["mail.held","12"]]"#,
            "started",
            "ended 0",
            "after mail.held: 0",
            "after mail.deferred: …",
        ]
    );
    the_story_reads_as_text(&host);
    a_second_release_is_too_early(&host);
}

/// The ledger tells people the same story.
fn the_story_reads_as_text(host: &MailHost) {
    let run = host.newest_run()["id"].as_str().expect("an id").to_owned();
    let text = host.must(&format!("{KANMONCTL} log show {run}"));
    keep_text("postfix-en-log", &text);
    for shown in [
        "line      postsuper -H ALL\n",
        "  NG  call (mail.held): 11",
        "  ok  call (mail.held): 12",
        "  cleared, called mail.held = 12\n",
        "  ended with 0 after ",
        "  after mail.held: 0\n",
    ] {
        assert!(text.contains(shown), "{shown}\n{text}");
    }
}

/// Right after a release the next one is held by the gap, and nothing is asked.
fn a_second_release_is_too_early(host: &MailHost) {
    host.hold(&["mia@example.com"]);
    let mut pty = kanmon(host, &ENGLISH, &RELEASE);
    ended(&mut pty, 124);
    let screen = keep(&mut pty, "postfix-en-5-gap");
    let rows: Vec<&str> = screen.lines().collect();
    assert!(
        rows[0].starts_with("not cleared: root ran this "),
        "{screen}"
    );
    // Rounded up, as what is left is: within the first second it is the whole time.
    let left = rows[1].strip_prefix("runs, ").expect(&screen);
    assert!(left.starts_with("29m ") || left == "30m to go", "{screen}");
    assert_eq!(rows[2..], ["The command has not run."]);
    assert_eq!((host.in_queue("hold"), host.left()), (1, 12));
    assert_eq!(told(&host.newest_run()), ["not cleared: gap"]);
}

#[test]
fn mail_that_comes_after_the_call_has_it_called_again_in_japanese() {
    let Some(host) = MailHost::start("mx1") else {
        return;
    };
    host.hold(&TWELVE);
    let said = &JAPANESE;
    let mut pty = kanmon(&host, said, &RELEASE);
    pty.wait_for_question(said.questions[0]);
    assert_eq!(
        without_times(&keep(&mut pty, "postfix-ja-1-look")),
        r#"
kanmon: このコマンドの実行を保留しました
  $ postsuper -H ALL
! 保留メールの一斉放流（Postfix）  [mail.release-held、危険度: 高]
  理由      数分以内に配送され、取り消せません。
  代わりに  まず数通だけ放流する: `postsuper -H QUEUE_ID`
  対象      mx1   実行者 root
  警告      間隔の確認は自分の実行記録だけが対象です。

  保留中の通数: 12
  最も古いメール: …
  宛先ドメイン上位:
    8 example.com
    3 example.net
    1 example.org
? 1/6 なぜ滞留しましたか？（回答を入力）
  › "#
    );
    answer(&mut pty, said);
    sit_out(&mut pty, said, said.call);
    call(&mut pty, said.call, "11");
    pty.wait_for_question(said.again);
    keep(&mut pty, "postfix-ja-2-call");
    // Full-width digits, as an input method types them.
    call(&mut pty, said.again, "１２");
    pty.wait_for_question(said.go);
    assert!(pty.raw().contains(said.last));
    keep(&mut pty, "postfix-ja-3-go");
    host.hold(&["mia@example.com"]);
    go(&mut pty, said);
    pty.wait_for_question("保留中の通数 が呼称後に変わりました。");
    keep(&mut pty, "postfix-ja-4-changed");
    assert_eq!((host.in_queue("hold"), host.left()), (13, 0));
    pty.type_text("13\r");
    // The number tells this question from the first one, which still stands on the screen.
    pty.wait_for_question("8/8 実行しますか？");
    pty.type_text("y\n");
    ended(&mut pty, 0);
    let after = keep(&mut pty, "postfix-ja-5-after");
    let after = after.split(said.after).nth(1).expect("the after page");
    assert!(after.contains("保留中の通数: 0"), "{after}");
    host.wait_for_left(13);
    assert_eq!(
        told(&host.newest_run())[6..],
        [
            "call mail.held: 11 (NG)",
            "call mail.held: １２",
            "go go: y",
            "call mail.held: 13",
            "go go: y",
            r#"cleared [["mail.held","13"]]"#,
            "started",
            "ended 0",
            "after mail.held: 0",
            "after mail.deferred: …",
        ]
    );
    the_story_reads_in_japanese(&host);
}

/// The ledger tells people the same story in their language, in columns.
fn the_story_reads_in_japanese(host: &MailHost) {
    let run = host.newest_run()["id"].as_str().expect("an id").to_owned();
    let text = host.must(&format!("LANG=ja_JP.UTF-8 {KANMONCTL} log show {run}"));
    keep_text("postfix-ja-log", &text);
    for shown in [
        "行        postsuper -H ALL\n",
        "操作者    root\n",
        "  通過、指差し確認 mail.held = 13\n",
        "  終了 0（所要 ",
        "  終了後 mail.held: 0\n",
    ] {
        assert!(text.contains(shown), "{shown}\n{text}");
    }
}

#[test]
fn an_empty_queue_is_shown_and_called_as_such() {
    let Some(host) = MailHost::start("mx1") else {
        return;
    };
    let mut pty = kanmon(&host, &ENGLISH, &["sudo", "postsuper", "-H", "ALL"]);
    pty.wait_for_question(ENGLISH.questions[0]);
    let look = keep(&mut pty, "postfix-en-empty");
    for shown in [
        "Messages on hold: 0",
        "Oldest message: (nothing)",
        "Top destination domains: (nothing)",
    ] {
        assert!(look.contains(shown), "{shown}\n{look}");
    }
    answer(&mut pty, &ENGLISH);
    sit_out(&mut pty, &ENGLISH, ENGLISH.call);
    call(&mut pty, ENGLISH.call, "0");
    go(&mut pty, &ENGLISH);
    ended(&mut pty, 0);
    let after = pty.screen();
    let after = after.split(ENGLISH.after).nth(1).expect("the after page");
    assert!(after.contains("Messages on hold: 0"), "{after}");
    let events = told(&host.newest_run());
    assert_eq!(
        (&*events[0], &*events[6], &*events[8]),
        (
            "show mail.held: 0",
            "call mail.held: 0",
            r#"cleared [["mail.held","0"]]"#
        )
    );
}

#[test]
fn a_queue_that_cannot_be_seen_is_released_by_the_name_of_its_host() {
    let Some(host) = MailHost::start("mx1") else {
        return;
    };
    host.hold(&TWELVE);
    // The queue cannot be listed any more: neither through the service nor directly.
    host.must(
        "mount --bind /dev/null /usr/lib/postfix/sbin/showq && rm /var/spool/postfix/public/showq",
    );
    let mut pty = kanmon(&host, &ENGLISH, &RELEASE);
    pty.wait_for_question("could not be seen. Why go on all the same?");
    pty.wait_for("1/7 ");
    let look = keep(&mut pty, "postfix-en-unseen");
    let unseen = "- Messages on hold; Oldest message; Top destination domains:\n    not seen: ";
    assert!(look.contains(unseen), "{look}");
    pty.type_text("\r");
    pty.wait_for_question("An answer is needed.");
    pty.type_text("the listing is broken, the mail is urgent\r");
    answer(&mut pty, &ENGLISH);
    let question = "Look and call: Name of the target";
    sit_out(&mut pty, &ENGLISH, question);
    call(&mut pty, question, "mx2");
    call(&mut pty, ENGLISH.again, "mx1");
    go(&mut pty, &ENGLISH);
    ended(&mut pty, 0);
    let after = pty.screen();
    let after = after.split(ENGLISH.after).nth(1).expect("the after page");
    let unseen = "- Messages on hold; Messages deferred:\n    not seen: ";
    assert!(after.contains(unseen), "{after}");
    host.wait_until("the mail leaves", || host.left() == 12);
    let events = told(&host.newest_run());
    assert!(
        events[0].starts_with("show mail.held: not seen: "),
        "{events:?}"
    );
    assert_eq!(
        events[3..],
        [
            "blind Messages on hold; Oldest message; Top destination domains:  (NG)",
            "blind Messages on hold; Oldest message; Top destination domains: \
             the listing is broken, the mail is urgent",
            "checklist Why did the mail wait?: the relay was down",
            "checklist What removed the cause, and who did it?: Ann replaced its disk",
            "checklist Is the receiving side ready for this volume?: y",
            "call Name of the target: mx2 (NG)",
            "call Name of the target: mx1",
            "go go: y",
            "cleared []",
            "started",
            "ended 0",
            "after mail.held: not seen: ended with 69: \
             postqueue: fatal: malformed showq server response",
            "after mail.deferred: …",
        ],
        "{events:#?}"
    );
}

#[test]
fn over_ssh_the_queue_there_is_looked_at_through_the_same_ssh() {
    let Some(host) = MailHost::start("ops1") else {
        return;
    };
    host.hold(&TWELVE);
    // Whoever lists the queue leaves a note of the ssh that they came through.
    host.stand_in(
        "postqueue",
        "#!/bin/sh\n\
         echo \"${SSH_CONNECTION:-no ssh}: $*\" >>/var/log/listed\n\
         exec /usr/sbin/postqueue \"$@\"\n",
    );
    let command = "postsuper -H ALL; exit 7";
    let line = [
        "ssh",
        "-p",
        "2222",
        "-i",
        "/srv/ssh/key",
        "root@mx1",
        command,
    ];
    let mut pty = kanmon(&host, &ENGLISH, &line);
    pty.wait_for_question(ENGLISH.questions[0]);
    let look = keep(&mut pty, "postfix-en-ssh");
    assert!(look.contains("Messages on hold: 12"), "{look}");
    assert!(look.contains("mx1   User root   Via ssh"), "{look}");
    answer(&mut pty, &ENGLISH);
    sit_out(&mut pty, &ENGLISH, ENGLISH.call);
    call(&mut pty, ENGLISH.call, "12");
    go(&mut pty, &ENGLISH);
    // The status is that of the shell behind ssh.
    ended(&mut pty, 7);
    let after = pty.screen();
    let after = after.split(ENGLISH.after).nth(1).expect("the after page");
    assert!(after.contains("Messages on hold: 0"), "{after}");
    host.wait_for_left(12);
    let run = host.newest_run();
    assert_eq!(run["invocations"][0]["target"], "mx1");
    assert_eq!(run["invocations"][0]["via"][0], "ssh");
    assert!(told(&run).contains(&"ended 7".to_owned()), "{run}");
    let listed = host.log("listed");
    // The look, the call, the last moment and after.
    assert_eq!(listed.lines().count(), 3 + 1 + 1 + 2, "{listed}");
    for probe in listed.lines() {
        assert!(probe.starts_with("127.0.0.1 "), "{listed}");
        assert!(probe.ends_with(" 127.0.0.1 2222: -j"), "{listed}");
    }
    // One login for all probes, one for the command.
    let n_logins = host.log("sshd.log").matches("Accepted publickey").count();
    assert_eq!(n_logins, 2, "{}", host.log("sshd.log"));
    let commands = host.log("ssh-commands");
    let n_releases = commands.lines().filter(|line| *line == command).count();
    assert_eq!(n_releases, 1, "{commands}");
}

#[test]
fn a_host_that_wants_a_password_is_logged_in_to_once_to_look() {
    let Some(host) = MailHost::start("ops1") else {
        return;
    };
    host.hold(&TWELVE);
    let line = ["ssh", "-p", "2222", "root@mx1", "postsuper -H ALL"];
    let mut pty = kanmon(&host, &ENGLISH, &line);
    pty.wait_for_question("1/7 mx1 asks for a password. Log in to look?");
    pty.type_text("y\r");
    pty.wait_for("root@mx1's password: ");
    pty.type_text("open sesame\r");
    pty.wait_for_question(ENGLISH.questions[0]);
    let look = keep(&mut pty, "postfix-en-password");
    assert!(look.contains("Messages on hold: 12"), "{look}");
    assert!(!pty.raw().contains("sesame"), "{look}");
    pty.type_keys(&["C-c"]);
    ended(&mut pty, 124);
    let run = host.newest_run();
    assert_eq!(told(&run)[0], "log-in-to-look mx1: y");
    assert!(!run.to_string().contains("sesame"), "{run}");
    // All probes went through the one login, and it ends with the run.
    host.wait_until("the connection is closed", || {
        host.log("sshd.log").contains("Disconnected from user root")
    });
    let n_logins = host.log("sshd.log").matches("Accepted password").count();
    assert_eq!(n_logins, 1, "{}", host.log("sshd.log"));
}

#[test]
fn yes_in_a_pipe_answers_nothing() {
    let Some(host) = MailHost::start("mx1") else {
        return;
    };
    host.hold(&["ann@example.com"]);
    // Ctrl-C goes to the whole group; the shell has to outlive it to tell the status.
    let piped = format!("trap : INT; yes | {KANMON} postsuper -H ALL");
    let mut pty = host.at_terminal("sh").args(["-c", &piped]).spawn();
    pty.wait_for_question(ENGLISH.questions[0]);
    pty.type_keys(&["C-c"]);
    ended(&mut pty, 124);
    assert_eq!(
        told(&host.newest_run()).last().unwrap(),
        "not cleared: interrupted"
    );
    // As cron starts it: no terminal at all.
    let mut pty = host
        .at_terminal("sh")
        .args(["-c", &piped])
        .standard(Standard::Null, Standard::Pipe, Standard::Pipe)
        .without_terminal()
        .spawn();
    ended(&mut pty, 124);
    let mut told_there = String::new();
    std::io::Read::read_to_string(&mut pty.stderr.take().unwrap(), &mut told_there).unwrap();
    assert!(told_there.contains("mail.release-held"), "{told_there}");
    assert!(told_there.contains("there is no terminal"), "{told_there}");
    assert_eq!(told(&host.newest_run()), ["not cleared: no-terminal"]);
    assert_eq!((host.in_queue("hold"), host.left()), (1, 0));
}
