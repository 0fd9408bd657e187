//! The page after the command's end: how it ended, what afters saw, how to take it back.

#![forbid(unsafe_code)]

use crate::gate::dialogue::AfterPage;
use crate::text::Language;
use crate::text::ui as text;

use super::super::layout::{Sheet, Tone, cells};
use super::{head, label_column, sight, undo};

/// Adds the page.
pub(in crate::ui) fn draw(after: &AfterPage, language: Language, sheet: &mut Sheet) {
    sheet.gap();
    head(&text::after(language), false, language, sheet);
    let ended = match after.status {
        Some(0) => cells(&text::ended_well(language), Tone::Good),
        Some(status) => cells(&text::ended_status(language, status), Tone::Bad),
        None => cells(&text::ended_signal(language), Tone::Bad),
    };
    sheet.fact(&text::ended(language), label_column(language), &ended);
    sight::draw_all(&after.sights, language, sheet);
    undo(&after.undo, language, sheet);
}
