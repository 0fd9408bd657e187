//! The page before "go": the exact line once more, where it takes effect, and how to take it back.

#![forbid(unsafe_code)]

use crate::gate::dialogue::Last;
use crate::text::Language;
use crate::text::ui as text;

use super::super::layout::Sheet;
use super::{head, line, place, undo};

/// Adds the page.
pub(in crate::ui) fn draw(last: &Last, language: Language, sheet: &mut Sheet) {
    sheet.gap();
    head(&text::last_look(language), last.drill, language, sheet);
    line::draw(&last.line, &last.held, language, sheet);
    for at in &last.places {
        let targets: Vec<&str> = at.targets.iter().map(String::as_str).collect();
        place::draw(&targets, &at.user, &[], language, sheet);
    }
    undo(&last.undo, language, sheet);
}
