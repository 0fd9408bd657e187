//! A question as rows: progress, what is asked, what to type. Pure.
//!
//! The look is that of dialoguer's `ColorfulTheme`. Its `Theme` trait itself is not used: it
//! renders one unwrapped line, knows nothing of width, wide characters or plain mode, and shows
//! defaults, which a gate has none of.

#![forbid(unsafe_code)]

use crate::gate::Question;
use crate::gate::dialogue::{Progress, QuestionKind};
use crate::text::Language;
use crate::text::ui as text;

use super::layout::{Paper, Sheet, Tone, beside, cells, columns, width};
use super::page::said;
use super::safe;

/// Columns that an answer of one letter needs behind its question.
const SHORT_ANSWER: usize = 12;

/// A question, ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Put {
    /// The rows above the one in which the answer is typed.
    pub(super) rows: Vec<String>,
    /// What stands in that row before the answer.
    pub(super) prompt: String,
    /// Columns of `prompt`.
    pub(super) prompt_width: usize,
}

/// Returns a question as rows; `note` says why it is asked again.
pub(super) fn rows(
    question: &Question,
    note: Option<&str>,
    language: Language,
    paper: Paper,
) -> Put {
    let mut sheet = Sheet::new(paper);
    if let Some(note) = note {
        sheet.add(&[("! ", Tone::Bad)], &cells(&safe::value(note), Tone::Warn));
    }
    let (ask, hint) = words(&question.kind, language);
    let step = progress(question.progress);
    let lead = if paper.plain { "" } else { "? " };
    let mut whole = cells(&step, Tone::Good);
    whole.extend(cells(&ask, Tone::Strong));
    let indent = " ".repeat(width(lead));
    let with_hint = width(lead) + columns(&whole) + width(&beside(&hint));
    if with_hint <= paper.width {
        whole.extend(cells(&beside(&hint), Tone::Faint));
        sheet.add(&[(lead, Tone::Warn)], &whole);
    } else {
        sheet.add(&[(lead, Tone::Warn)], &whole);
        sheet.add(&[(&indent, Tone::Normal)], &cells(&hint, Tone::Faint));
    }
    if let QuestionKind::Call {
        look_with: Some(command),
        ..
    } = &question.kind
    {
        let see = text::look_with(language, safe::command_line(command));
        sheet.add(&[(&indent, Tone::Normal)], &cells(&see, Tone::Normal));
    }
    let mut rows = sheet.into_rows();
    let mark = if paper.plain { "> " } else { "› " };
    let on_same_row = with_hint + 3;
    if is_short(&question.kind)
        && on_same_row + SHORT_ANSWER <= paper.width
        && let Some(last) = rows.pop()
    {
        return Put {
            rows,
            prompt: format!("{last} {mark}"),
            prompt_width: on_same_row,
        };
    }
    Put {
        rows,
        prompt: format!("{indent}{mark}"),
        prompt_width: width(&indent) + 2,
    }
}

/// Returns the progress as it stands before a question, empty where there is none.
pub(super) fn progress(progress: Progress) -> String {
    if progress.of == 0 {
        String::new()
    } else {
        format!("{}/{} ", progress.step, progress.of)
    }
}

/// Returns whether the answer is a letter or a word.
fn is_short(kind: &QuestionKind) -> bool {
    match kind {
        QuestionKind::Key
        | QuestionKind::Confirm(_)
        | QuestionKind::YesNo(_)
        | QuestionKind::LogInToLook { .. }
        | QuestionKind::Go => true,
        QuestionKind::Typed { .. }
        | QuestionKind::Witness(_)
        | QuestionKind::Call { .. }
        | QuestionKind::Blind { .. }
        | QuestionKind::BreakGlass => false,
    }
}

/// Returns what is asked and what to type.
fn words(kind: &QuestionKind, language: Language) -> (String, String) {
    match kind {
        QuestionKind::Key => (text::ask_key(language), text::hint_key(language)),
        QuestionKind::Confirm(ask) | QuestionKind::YesNo(ask) => {
            (said(ask, language), text::hint_yes_no(language))
        }
        QuestionKind::Typed { ask, like: None } => {
            (said(ask, language), text::hint_typed(language))
        }
        QuestionKind::Typed {
            ask,
            like: Some(form),
        } => (
            said(ask, language),
            text::hint_form(language, safe::value(form)),
        ),
        QuestionKind::Call {
            label,
            witness: None,
            ..
        } => (
            text::ask_call(language, said(label, language)),
            text::hint_call(language),
        ),
        QuestionKind::Call {
            label,
            witness: Some(witness),
            ..
        } => (
            text::ask_witness_call(language, safe::value(witness), said(label, language)),
            text::hint_call(language),
        ),
        QuestionKind::Witness(ask) => (said(ask, language), text::hint_name(language)),
        QuestionKind::Blind { label } => (
            text::ask_blind(language, said(label, language)),
            text::hint_reason(language),
        ),
        QuestionKind::BreakGlass => (text::ask_break_glass(language), text::hint_name(language)),
        QuestionKind::LogInToLook { host } => (
            text::ask_log_in(language, safe::value(host)),
            text::hint_yes_no(language),
        ),
        QuestionKind::Go => (text::ask_go(language), text::hint_yes_no(language)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::rule::Text;

    fn text(english: &str, japanese: &str) -> Text {
        Text {
            source: english.to_owned(),
            other: [("ja".to_owned(), japanese.to_owned())].into(),
        }
    }

    fn check(kind: QuestionKind, columns: usize, english: &[&str], japanese: &[&str]) {
        let question = Question {
            progress: Progress { step: 2, of: 5 },
            kind,
            again: None,
        };
        let paper = Paper {
            width: columns,
            plain: false,
            colour: false,
        };
        for (language, expect) in [(Language::English, english), (Language::Japanese, japanese)] {
            let put = rows(&question, None, language, paper);
            assert_eq!(put.prompt_width, width(&put.prompt), "{put:?}");
            let mut all = put.rows;
            all.push(put.prompt);
            assert_eq!(all, expect);
        }
    }

    #[test]
    fn a_short_answer_stands_behind_its_question() {
        check(
            QuestionKind::Key,
            80,
            &["? 2/5 Go on? [y/N, one key] › "],
            &["? 2/5 続けますか？ [y/N、1 キーで決定] › "],
        );
        check(
            QuestionKind::Go,
            80,
            &["? 2/5 Run it now? [y/N] › "],
            &["? 2/5 実行しますか？ [y/N] › "],
        );
        check(
            QuestionKind::Confirm(text("Told the\n  owners?", "関係者に\n連絡済み？")),
            80,
            &["? 2/5 Told the owners? [y/N] › "],
            &["? 2/5 関係者に連絡済み？ [y/N] › "],
        );
    }

    #[test]
    fn a_short_answer_goes_below_where_its_question_is_long() {
        check(
            QuestionKind::YesNo(text(
                "Have all owners been told today?",
                "関係者全員に今日のうちに連絡しましたか？",
            )),
            40,
            &["? 2/5 Have all owners been told today?", "  [y/N]", "  › "],
            &[
                "? 2/5 関係者全員に今日のうちに連絡しまし",
                "  たか？",
                "  [y/N]",
                "  › ",
            ],
        );
    }

    #[test]
    fn a_call_says_how_to_see_but_never_what() {
        check(
            QuestionKind::Call {
                label: text("Messages on hold", "保留中のメール数"),
                look_with: Some("mailq\u{1b}[2J".to_owned()),
                witness: None,
            },
            80,
            &[
                "? 2/5 Look and call: Messages on hold (type the value exactly)",
                "  See it with: mailq\\x1b[2J",
                "  › ",
            ],
            &[
                "? 2/5 指差し確認: 保留中のメール数（値を正確に入力）",
                "  確認用コマンド: mailq\\x1b[2J",
                "  › ",
            ],
        );
    }

    #[test]
    fn a_typed_answer_says_its_form() {
        let ask = text("Ticket", "チケット番号");
        check(
            QuestionKind::Typed {
                ask: ask.clone(),
                like: None,
            },
            80,
            &["? 2/5 Ticket (type an answer)", "  › "],
            &["? 2/5 チケット番号（回答を入力）", "  › "],
        );
        check(
            QuestionKind::Typed {
                ask,
                like: Some("^OPS-[0-9]+$".to_owned()),
            },
            80,
            &[
                "? 2/5 Ticket (type an answer of the form ^OPS-[0-9]+$)",
                "  › ",
            ],
            &["? 2/5 チケット番号（形式: ^OPS-[0-9]+$）", "  › "],
        );
    }

    #[test]
    fn the_gates_own_questions() {
        let label = text("Load", "負荷");
        check(
            QuestionKind::Blind { label },
            80,
            &[
                "? 2/5 \"Load\" could not be seen. Why go on all the same? (type a reason)",
                "  › ",
            ],
            &[
                "? 2/5 「負荷」を確認できません。それでも進める理由は何ですか？（理由を入力）",
                "  › ",
            ],
        );
        check(
            QuestionKind::BreakGlass,
            80,
            &[
                "? 2/5 Break glass: every step is skipped. Which target? (type the name)",
                "  › ",
            ],
            &[
                "? 2/5 緊急実行: すべての手順を飛ばします。対象の名前は？（名前を入力）",
                "  › ",
            ],
        );
        check(
            QuestionKind::LogInToLook {
                host: "mx1".to_owned(),
            },
            100,
            &["? 2/5 mx1 asks for a password. Log in to look? [y/N] › "],
            &["? 2/5 mx1 がパスワードを求めています。ログインして確認しますか？ [y/N] › "],
        );
    }

    #[test]
    fn asked_again_it_says_why() {
        let question = Question {
            progress: Progress::default(),
            kind: QuestionKind::Go,
            again: None,
        };
        let paper = Paper {
            width: 80,
            plain: true,
            colour: false,
        };
        let put = rows(&question, Some("not that\u{1b}"), Language::English, paper);
        assert_eq!(put.rows, ["! not that\\x1b"]);
        assert_eq!(put.prompt, "Run it now? [y/N] > ");
    }
}
