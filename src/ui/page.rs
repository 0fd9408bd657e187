//! Pages as rows: the look screen, the last look, what afters saw. Pure.
//!
//! In: a page and the paper. Out: painted rows, everything from outside made safe.

#![forbid(unsafe_code)]

pub(super) mod after;
pub(super) mod last;
pub(super) mod line;
pub(super) mod look;
pub(super) mod sight;

use crate::gate::Page;
use crate::policy::rule::Text;
use crate::text::Language;
use crate::text::ui as text;

use super::layout::{Paper, Sheet, Tone, cells, width};
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
    sheet.add(&[], &cells(title, Tone::Strong));
    if drill {
        sheet.add(&[], &cells(&text::drill(language), Tone::Warn));
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
