//! Pages as rows: the look screen, the last look, what afters saw. Pure.
//!
//! In: a page and the paper. Out: painted rows, everything from outside made safe.

#![forbid(unsafe_code)]

pub(super) mod after;
pub(super) mod last;
pub(super) mod line;
pub(super) mod look;
pub use look::frozen;
mod place;
pub(super) mod sight;
mod unknown;

use crate::gate::Page;
use crate::policy::rule::Text;
use crate::text::Language;
use crate::text::ui as text;

use super::layout::{Paper, Sheet, Tone, cells, columns, width};
use super::safe;

/// Returns a page as rows.
pub(super) fn rows(page: &Page, language: Language, paper: Paper) -> Vec<String> {
    let mut sheet = Sheet::new(paper);
    match page {
        Page::Look(look) => look::draw(look, language, &mut sheet),
        Page::Last(last) => last::draw(last, language, &mut sheet),
        Page::After(after) => after::draw(after, language, &mut sheet),
    }
    sheet.into_rows()
}

/// Adds the head of a page, and that it is a drill.
fn head(title: &str, drill: bool, language: Language, sheet: &mut Sheet) {
    let mut whole = cells(title, Tone::Strong);
    if !drill {
        sheet.add(&[], &whole);
        return;
    }
    let drill = cells(&text::drill(language), Tone::Warn);
    if sheet.paper.plain || columns(&whole) + 2 + columns(&drill) > sheet.paper.width {
        sheet.add(&[], &whole);
        sheet.add(&[], &drill);
    } else {
        whole.extend(cells("  ", Tone::Normal));
        whole.extend(drill);
        sheet.add(&[], &whole);
    }
}

/// Returns how wide the column of labels is, in columns.
fn label_column(language: Language) -> usize {
    [
        text::why(language),
        text::instead(language),
        text::target(language),
        text::user(language),
        text::unknown(language),
        text::frozen(language),
        text::warning(language),
        text::undo(language),
        text::ended(language),
    ]
    .iter()
    .map(|label| width(label))
    .max()
    .unwrap_or(0)
}

/// Returns a rule's text in a language, made safe, as one paragraph.
pub(super) fn said(said: &Text, language: Language) -> String {
    let joined: Vec<String> = said
        .in_language(language.tag())
        .lines()
        .map(|line| safe::value(line.trim()))
        .filter(|line| !line.is_empty())
        .collect();
    // Japanese takes no space where a line was broken.
    joined.join(match language {
        Language::English => " ",
        Language::Japanese => "",
    })
}

/// Adds one labelled line a text.
fn undo(texts: &[Text], language: Language, sheet: &mut Sheet) {
    for undo in texts {
        let undo = cells(&said(undo, language), Tone::Normal);
        sheet.fact(&text::undo(language), label_column(language), &undo);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::gate::dialogue::{
        Last, Look, PermitShown, Place, Progress, Question, QuestionKind, RuleShown,
    };
    use crate::gate::world::{NotSeen, Seen, Sight};
    use crate::line::Span;
    use crate::policy::rule::Risk;
    use crate::ui::layout::width;
    use crate::ui::question;

    fn text(english: &str, japanese: &str) -> Text {
        Text {
            source: english.to_owned(),
            other: BTreeMap::from([("ja".to_owned(), japanese.to_owned())]),
        }
    }

    fn show(lines: &[&str]) -> Sight {
        Sight {
            label: text("Messages by sender", "送信元ごとのメール"),
            seen: Some(Seen::Value {
                value: lines.join("\n"),
                lines: lines.iter().map(|&line| line.to_owned()).collect(),
                more: 0,
            }),
            as_expected: None,
            expected: None,
        }
    }

    fn look(sights: Vec<Sight>) -> Page {
        Page::Look(Look {
            line: "sudo postsuper -r ALL".to_owned(),
            held: vec![Span::new(5, 21)],
            rules: vec![RuleShown {
                id: "mail.requeue".to_owned(),
                title: text(
                    "You requeue every message",
                    "全メールを再投入しようとしています",
                ),
                why: text(
                    "Every message runs through the whole queue once more, \
                     and each one that was deferred is tried at once.",
                    "すべてのメールがキューを最初から通り直し、遅延中のものも一斉に再送されます。",
                ),
                excerpt: None,
                instead: Some(text("`postqueue -i ID`", "`postqueue -i ID`")),
                risk: Risk::High,
                target: "mx1".to_owned(),
                targets: Vec::new(),
                user: "root".to_owned(),
                via: vec!["sudo".to_owned()],
                places: Vec::new(),
            }],
            sights,
            drill: false,
            unknown: Vec::new(),
            frozen: Vec::new(),
            permits: Vec::new(),
            warnings: Vec::new(),
        })
    }

    fn paper(width: usize, plain: bool) -> Paper {
        Paper {
            width,
            plain,
            colour: false,
        }
    }

    #[test]
    fn one_rule_three_shows_and_a_question_fit_80_by_24() {
        let lines = [
            "412 news@shop.example",
            "17 alerts@shop.example",
            "3 a@shop.example",
        ];
        let page = look(vec![show(&lines), show(&lines), show(&lines)]);
        let question = Question {
            progress: Progress { step: 1, of: 3 },
            kind: QuestionKind::Call {
                label: text("Messages in the queue", "キュー内のメール数"),
                look_with: Some("mailq | tail -1".to_owned()),
                witness: None,
            },
            again: None,
        };
        for language in [Language::English, Language::Japanese] {
            let page = rows(&page, language, paper(80, false));
            let question = question::rows(&question, None, language, paper(80, false));
            let all = page.len() + question.rows.len() + 1;
            assert!(all <= 24, "{all} rows: {page:#?}");
        }
    }

    #[test]
    fn twelve_findings_and_the_question_stand_on_one_screen() {
        let Page::Look(mut page) = look(vec![show(&["7.2"]), show(&["3"]), show(&["0"])]) else {
            panic!("no look screen")
        };
        page.rules[0].places = (1..=12)
            .map(|row| format!("deploy.sh:{row}: {}", "postsuper -r ALL ".repeat(9)))
            .collect();
        page.line = "sh deploy.sh".to_owned();
        let page = Page::Look(page);
        let question = Question {
            progress: Progress { step: 1, of: 3 },
            kind: QuestionKind::Call {
                label: text("Messages in the queue", "キュー内のメール数"),
                look_with: None,
                witness: None,
            },
            again: None,
        };
        for language in [Language::English, Language::Japanese] {
            for columns in [80, 40] {
                let page = rows(&page, language, paper(columns, false));
                let first = page.iter().position(|row| row.contains("deploy.sh:1:"));
                let question = question::rows(&question, None, language, paper(columns, false));
                let seen = page.len() - first.unwrap() + question.rows.len() + 1;
                assert!(seen <= 24, "{columns}: {seen} rows: {page:#?}");
                assert_eq!(
                    page.iter().filter(|row| row.contains("deploy.sh:")).count(),
                    12
                );
                assert!(page.iter().all(|row| width(row) <= columns));
            }
            // Nothing is cut where it is read aloud.
            let plain = rows(&page, language, paper(80, true)).join(" ");
            assert_eq!(plain.matches("postsuper -r ALL").count(), 12 * 9, "{plain}");
        }
    }

    #[test]
    fn targets_are_listed_to_be_counted_and_their_number_is_not_said() {
        let Page::Look(mut page) = look(Vec::new()) else {
            panic!("no look screen")
        };
        page.rules[0].targets = (1..=200).map(|number| format!("web{number:03}")).collect();
        for (columns, language, more) in [
            (80, Language::English, "and 1"),
            (40, Language::Japanese, "ほか 1"),
        ] {
            let whole = rows(&Page::Look(page.clone()), language, paper(columns, false));
            assert!(whole.len() <= 20, "{whole:#?}");
            let joined = whole.join("\n");
            let n_listed = joined.matches("web").count();
            assert!(joined.contains(more), "{joined}");
            assert!(
                joined.contains(&(200 - n_listed).to_string()),
                "{n_listed}: {joined}"
            );
            assert!(!joined.contains("200"), "{joined}");
        }
        page.rules[0].targets.truncate(9);
        let whole = rows(&Page::Look(page), Language::English, paper(80, false)).join("\n");
        assert_eq!(whole.matches("web").count(), 9);
        assert!(!whole.contains("web009, and"), "{whole}");
    }

    #[test]
    fn a_rule_that_says_the_same_of_two_targets_is_shown_once() {
        let Page::Look(mut page) = look(Vec::new()) else {
            panic!("no look screen")
        };
        let second = RuleShown {
            target: "mx2".to_owned(),
            ..page.rules[0].clone()
        };
        page.rules.push(second);
        for columns in [80, 40] {
            let page = Page::Look(page.clone());
            let whole = rows(&page, Language::English, paper(columns, false)).join("\n");
            assert_eq!(whole.matches("mail.requeue").count(), 1, "{whole}");
            assert!(
                whole.contains("Target   mx1, mx2\n  User     root"),
                "{whole}"
            );
        }
        // Where it says another thing of each, both are there.
        page.rules[1].user = "vmail".to_owned();
        let whole = rows(&Page::Look(page), Language::English, paper(80, false)).join("\n");
        assert_eq!(whole.matches("mail.requeue").count(), 2, "{whole}");
        assert!(whole.contains("Target   mx2   User vmail"), "{whole}");
    }

    #[test]
    fn the_last_page_says_where_and_as_whom() {
        let place = |targets: &[&str], user: &str| Place {
            targets: targets.iter().map(|&target| target.to_owned()).collect(),
            user: user.to_owned(),
        };
        let hosts: Vec<String> = (1..=200).map(|number| format!("web{number:03}")).collect();
        let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
        let last = Page::Last(Last {
            line: "ssh mx1 sudo reboot".to_owned(),
            held: Vec::new(),
            places: vec![
                place(&["mx1"], "root"),
                place(&["mx2", "mx3"], "ann"),
                place(&hosts, "bob"),
            ],
            undo: Vec::new(),
            drill: false,
        });
        let whole = rows(&last, Language::English, paper(80, false)).join("\n");
        assert!(whole.contains("  Target   mx1   User root\n"), "{whole}");
        assert!(
            whole.contains("  Target   mx2, mx3\n  User     ann\n"),
            "{whole}"
        );
        let japanese = rows(&last, Language::Japanese, paper(40, false));
        assert!(
            japanese
                .iter()
                .any(|row| row == "  対象      mx1   実行者 root"),
            "{japanese:#?}"
        );
        // With the question it fits the smallest terminal.
        assert!(japanese.len() < 22, "{japanese:#?}");
    }

    #[test]
    fn what_a_permit_stands_in_for_is_said_in_the_operator_s_words() {
        let permit = PermitShown {
            id: "p".to_owned(),
            giver: "ann".to_owned(),
            by: "安藤".to_owned(),
            reason: "計画".to_owned(),
            until: chrono::DateTime::UNIX_EPOCH,
            steps: vec!["checklist".to_owned(), "call".to_owned()],
        };
        let said = look::permitted(&permit, Language::Japanese);
        assert!(said.contains("チェックリスト、指差し確認"), "{said}");
        let said = look::permitted(&permit, Language::English);
        assert!(said.contains("for checklist, call:"), "{said}");
    }

    #[test]
    fn no_row_is_wider_than_the_paper() {
        let page = look(vec![show(&[&"長い値".repeat(40), &"x".repeat(300)])]);
        for language in [Language::English, Language::Japanese] {
            for columns in [40, 41, 79, 80, 200] {
                for plain in [false, true] {
                    for row in rows(&page, language, paper(columns, plain)) {
                        assert!(width(&row) <= columns, "{columns}: {row}");
                    }
                }
            }
        }
    }

    fn check_sight(seen: Option<Seen>, as_expected: Option<bool>, eye: &str, ear: &str) {
        let sight = Sight {
            label: text("Load", "負荷"),
            seen,
            as_expected,
            expected: as_expected.map(|_| "< 4".to_owned()),
        };
        for (plain, expect) in [(false, eye), (true, ear)] {
            let mut sheet = Sheet::new(paper(80, plain));
            sight::draw_all(std::slice::from_ref(&sight), Language::English, &mut sheet);
            assert_eq!(sheet.into_rows(), [expect]);
        }
    }

    #[test]
    fn a_sight_says_what_was_seen() {
        let value = |lines: &[&str]| show(lines).seen;
        check_sight(value(&["7.2"]), None, "  Load: 7.2", "Load: 7.2");
        check_sight(value(&[]), None, "  Load: (nothing)", "Load: (nothing)");
        check_sight(None, None, "  Load: …", "Load: …");
        check_sight(
            value(&["7.2"]),
            Some(false),
            "✗ Load: 7.2 (expected: < 4)",
            "NG Load: 7.2 (expected: < 4)",
        );
        check_sight(
            value(&["1.0"]),
            Some(true),
            "✓ Load: 1.0 (expected: < 4)",
            "OK Load: 1.0 (expected: < 4)",
        );
    }

    #[test]
    fn what_was_not_seen_for_one_reason_is_said_once() {
        let unseen = |en: &str, ja: &str, host: &str, expected: Option<&str>| Sight {
            label: text(en, ja),
            seen: Some(Seen::NotSeen(NotSeen::WantsLogin(host.to_owned()))),
            as_expected: None,
            expected: expected.map(str::to_owned),
        };
        let sights = [
            unseen("Load", "負荷", "mx1", None),
            unseen("Disk errors", "ディスクエラー", "mx1", Some("0")),
            unseen("Users", "利用者", "mx2", None),
        ];
        let mut sheet = Sheet::new(paper(80, false));
        sight::draw_all(&sights, Language::Japanese, &mut sheet);
        let rows = sheet.into_rows();
        let labelled: Vec<&String> = rows.iter().filter(|row| row.starts_with("- ")).collect();
        assert_eq!(labelled.len(), 2, "{rows:#?}");
        assert!(
            labelled[0].starts_with("- 負荷／ディスクエラー:"),
            "{rows:#?}"
        );
        assert!(rows.iter().all(|row| !row.contains("期待値")), "{rows:#?}");
    }

    #[test]
    fn a_sight_says_why_it_was_not_seen() {
        let cases = [
            (
                NotSeen::TimedOut(std::time::Duration::from_secs(3)),
                "no answer within 3 s",
            ),
            (
                NotSeen::Status {
                    status: 1,
                    said: "no\u{1b}such".to_owned(),
                },
                "the probe ended with status 1: no\\x1bsuch",
            ),
            (
                NotSeen::Status {
                    status: 137,
                    said: String::new(),
                },
                "the probe ended with status 137",
            ),
            // A probe that has to end with another status: that it ended with 0 is no failure.
            (
                NotSeen::Status {
                    status: 0,
                    said: String::new(),
                },
                "its output could not be read (it ended with status 0)",
            ),
            (
                NotSeen::Status {
                    status: 0,
                    said: "none".to_owned(),
                },
                "its output could not be read (it ended with status 0): none",
            ),
            (
                NotSeen::NotStarted("no such file".to_owned()),
                "the probe could not be started: no such file",
            ),
            (NotSeen::NoFit, "its output holds no value"),
            (
                NotSeen::Placeholder("no `{arg.1}`".to_owned()),
                "a placeholder has no value: no `{arg.1}`",
            ),
            (
                NotSeen::NoFolder,
                "the folder that the command runs in is not known",
            ),
            (
                NotSeen::WantsLogin("mx1".to_owned()),
                "mx1 asks for a password or a new host key",
            ),
        ];
        for (reason, expect) in cases {
            check_sight(
                Some(Seen::NotSeen(reason)),
                None,
                &format!("- Load: not seen: {expect}"),
                &format!("Load: not seen: {expect}"),
            );
        }
    }
}
