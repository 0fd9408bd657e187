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
    if let QuestionKind::Call {
        look_with: Some(command),
        ..
    } = &question.kind
    {
        let see = text::look_with(language, safe::command_line(command));
        sheet.add(&[("  ", Tone::Normal)], &cells(&see, Tone::Normal));
    }
    let with_hint = width(lead) + columns(&whole) + width(&beside(&hint));
    if with_hint <= paper.width {
        whole.extend(cells(&beside(&hint), Tone::Faint));
        sheet.add(&[(lead, Tone::Warn)], &whole);
    } else {
        let indent = " ".repeat(width(lead));
        sheet.add(&[(lead, Tone::Warn)], &whole);
        sheet.add(&[(&indent, Tone::Normal)], &cells(&hint, Tone::Faint));
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
    let indent = " ".repeat(width(lead));
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
        QuestionKind::Call { label, .. } => (
            text::ask_call(language, said(label, language)),
            text::hint_call(language),
        ),
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
