//! A dialogue on its own: opens the terminal, draws a page, asks, and tells what came of it.
//!
//! `dialogue [--ja] [--plain] [--no-color] [--dumb] SCENE…`; scenes run in order. Each result is a
//! line `scene=result` in the file that `--out FILE` names, so that it does not mix with the screen.
//! `--notice TEXT` says it without a dialogue; `--compare` adds whether signals are as before.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a program of the tests, at the edge by design"
)]

use std::io::Write as _;
use std::time::{Duration, Instant};

use kanmon::gate::dialogue::{AfterPage, Last, Look, Place, Progress, QuestionKind, RuleShown};
use kanmon::gate::world::{NotSeen, Seen, Sight};
use kanmon::gate::{Clock, Gone, Moment, Operator, Page, Question};
use kanmon::line::Span;
use kanmon::policy::calendar::{Freeze, Frozen};
use kanmon::policy::rule::{Risk, Text};
use kanmon::text::Language;
use kanmon::ui::{Options, Terminal};

/// A clock that runs from the start of the program.
struct Running(Instant);

impl Clock for Running {
    fn now(&self) -> Moment {
        Moment {
            utc: chrono::Utc::now(),
            boot: self.0.elapsed(),
            boot_id: "test".to_owned(),
        }
    }
}

fn main() {
    let mut options = Options {
        language: Language::English,
        plain: false,
        colour: true,
        dumb: false,
    };
    let mut scenes = Vec::new();
    let mut out = None;
    let mut compare = false;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--ja" => options.language = Language::Japanese,
            "--plain" => options.plain = true,
            "--no-color" => options.colour = false,
            "--dumb" => options.dumb = true,
            "--out" => out = args.next(),
            "--notice" => kanmon::ui::notice(&args.next().unwrap()),
            "--compare" => compare = true,
            _ => scenes.push(arg),
        }
    }
    let mut report = String::new();
    let before = signals();
    let result = run(options, &scenes, &mut report);
    let code = match result {
        Ok(()) => 0,
        Err(gone) => {
            report.push_str(&format!("gone={gone:?}\n"));
            124
        }
    };
    if compare {
        report.push_str(&format!("same={}\n", before == signals()));
    }
    if let Some(out) = out {
        let mut file = std::fs::File::create(out).unwrap();
        file.write_all(report.as_bytes()).unwrap();
    }
    std::process::exit(code);
}

/// Returns what the kernel says of this process's signals: blocked, ignored, caught.
fn signals() -> Vec<String> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let about = ["SigBlk:", "SigIgn:", "SigCgt:"];
    status
        .lines()
        .filter(|line| about.iter().any(|name| line.starts_with(name)))
        .map(str::to_owned)
        .collect()
}

/// Plays the scenes.
fn run(options: Options, scenes: &[String], report: &mut String) -> Result<(), Gone> {
    let mut terminal = Terminal::open(options)?;
    for scene in scenes {
        let result = play(&mut terminal, scene)?;
        report.push_str(&format!("{scene}={result}\n"));
    }
    terminal.close()
}

/// Plays one scene.
fn play(terminal: &mut Terminal, scene: &str) -> Result<String, Gone> {
    let ask = |kind| Question {
        progress: Progress { step: 2, of: 5 },
        kind,
        again: None,
    };
    match scene {
        "look" => terminal.page(&Page::Look(look(true)))?,
        "looking" => {
            terminal.page(&Page::Look(look(false)))?;
            terminal.page(&Page::Look(look(true)))?;
        }
        "hostile" => terminal.page(&Page::Look(hostile()))?,
        "last" => terminal.page(&Page::Last(Last {
            line: LINE.to_owned(),
            held: vec![Span::new(9, 26)],
            places: vec![Place {
                targets: vec!["mx1".to_owned()],
                user: "root".to_owned(),
            }],
            undo: vec![text("postsuper -H ALL", "postsuper -H ALL")],
            drill: true,
        }))?,
        "after" => terminal.page(&Page::After(AfterPage {
            sights: look(true).sights,
            undo: vec![text("postsuper -H ALL", "postsuper -H ALL")],
            status: Some(1),
        }))?,
        "call" => {
            return terminal.ask(&ask(QuestionKind::Call {
                label: text("Messages on hold", "保留中のメール数"),
                look_with: Some("sudo mailq | tail -1".to_owned()),
                witness: None,
            }));
        }
        "confirm" => {
            return terminal.ask(&ask(QuestionKind::Confirm(text(
                "Have the owners been told?",
                "関係者に連絡しましたか？",
            ))));
        }
        "reason" => {
            return terminal.ask(&ask(QuestionKind::Blind {
                label: text("Messages on hold", "保留中のメール数"),
            }));
        }
        "key" => return terminal.key(&ask(QuestionKind::Key)).map(String::from),
        "wait" => {
            let clock = Running(Instant::now());
            terminal.wait(Progress { step: 3, of: 5 }, Duration::from_secs(3), &clock)?;
        }
        "long-wait" => {
            let clock = Running(Instant::now());
            terminal.wait(
                Progress { step: 3, of: 5 },
                Duration::from_secs(600),
                &clock,
            )?;
        }
        "slow" => {
            // Time in which type-ahead can come; ends by a file that the test makes.
            terminal.say("slow: thinking")?;
            let go = std::env::var("DIALOGUE_GO").unwrap();
            while !std::path::Path::new(&go).exists() {
                terminal.still_there()?;
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        "term" => nix::sys::signal::raise(nix::sys::signal::Signal::SIGTERM).unwrap(),
        "panic" => panic!("a panic in the middle of a dialogue"),
        other => panic!("no scene `{other}`"),
    }
    Ok("ok".to_owned())
}

/// The line on the pages.
const LINE: &str = "ssh mx1 'sudo postsuper -H ALL' && echo released";

/// Returns a text in both languages.
fn text(english: &str, japanese: &str) -> Text {
    Text {
        source: english.to_owned(),
        other: [("ja".to_owned(), japanese.to_owned())].into(),
    }
}

/// Returns what a probe saw.
fn value(lines: &[&str], more: usize) -> Option<Seen> {
    Some(Seen::Value {
        value: lines[0].to_owned(),
        lines: lines.iter().map(|&line| line.to_owned()).collect(),
        more,
    })
}

/// Returns a look screen; with nothing seen yet where not `seen`.
fn look(seen: bool) -> Look {
    let mut sights = vec![
        Sight {
            label: text("Messages on hold by sender", "送信元ごとの保留メール"),
            seen: value(
                &[
                    "  412 newsletter@shop.example",
                    "   17 alerts@shop.example",
                    "    3 postmaster@shop.example",
                ],
                4,
            ),
            as_expected: None,
            expected: None,
        },
        Sight {
            label: text("Oldest message", "最も古いメール"),
            seen: value(&["2026-11-21 23:10:04 (3 h 41 min ago)"], 0),
            as_expected: None,
            expected: None,
        },
        Sight {
            label: text("Load average", "負荷平均"),
            seen: value(&["7.20"], 0),
            as_expected: Some(false),
            expected: Some("< 4".to_owned()),
        },
        Sight {
            label: text("Free space in the queue", "キューの空き容量"),
            seen: value(&["71G"], 0),
            as_expected: Some(true),
            expected: Some("> 10G".to_owned()),
        },
        Sight {
            label: text("Relay answers", "中継先の応答"),
            seen: Some(Seen::NotSeen(NotSeen::TimedOut(Duration::from_secs(10)))),
            as_expected: None,
            expected: None,
        },
    ];
    if !seen {
        for sight in &mut sights {
            sight.seen = None;
            sight.as_expected = None;
        }
    }
    Look {
        line: LINE.to_owned(),
        held: vec![Span::new(9, 30)],
        rules: vec![RuleShown {
            id: "mail.release".to_owned(),
            title: text(
                "You release every message that is on hold",
                "保留中のメールをすべて送信しようとしています",
            ),
            why: text(
                "What leaves the queue cannot be called back; a held campaign goes to every subscriber.",
                "キューを出たメールは取り戻せません。止めていた一斉配信が全購読者に届きます。",
            ),
            excerpt: None,
            instead: Some(text(
                "`postsuper -H QUEUE_ID` for one message",
                "1 通だけなら `postsuper -H QUEUE_ID`",
            )),
            risk: Risk::High,
            target: "mx1".to_owned(),
            targets: Vec::new(),
            user: "root".to_owned(),
            via: vec!["ssh".to_owned(), "sudo".to_owned()],
            places: Vec::new(),
        }],
        sights,
        drill: false,
        unknown: vec![],
        frozen: Vec::new(),
        permits: Vec::new(),
        warnings: vec![],
    }
}

/// Returns a look screen full of text that means harm.
fn hostile() -> Look {
    let mut look = look(true);
    look.line = "rm -rf \u{1b}[2J\u{202e}/\u{3000}x\ny\u{200b}".to_owned();
    look.held = vec![Span::new(0, 6)];
    look.rules[0].target = "a\u{1b}[31mb".to_owned();
    look.sights.truncate(1);
    look.sights[0].seen = value(&["\u{1b}]0;title\u{7}z"], 0);
    look.unknown = vec!["host \u{9b}1m".to_owned()];
    look.frozen = vec![Freeze {
        calendar: "t.c".to_owned(),
        entry: Frozen {
            from: 0,
            to: 4_102_444_800,
            reason: "r\u{1b}[31m".to_owned(),
        },
    }];
    look.warnings = vec!["only your own runs are known".to_owned()];
    look
}
