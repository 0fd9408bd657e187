//! The exact line, with what is held of it marked.
//!
//! Underlined where escapes may be written; with `^` under it where not; in plain mode, which is
//! read aloud, the held parts follow as lines of their own.

#![forbid(unsafe_code)]

use crate::line::Span;
use crate::text::Language;
use crate::text::ui as text;

use super::super::layout::{Cell, Sheet, Tone, cells, columns, wrap};
use super::super::safe;

/// Columns before the line.
const INDENT: usize = 4;

/// Adds the line.
pub(in crate::ui) fn draw(line: &str, held: &[Span], language: Language, sheet: &mut Sheet) {
    if sheet.paper.plain {
        let whole = cells(&safe::command_line(line), Tone::Normal);
        sheet.fact(&text::command(language), 0, &whole);
        for (number, span) in held.iter().enumerate() {
            // What a script has in it is one part of the line.
            let before = held.get(..number).unwrap_or_default();
            if !before.contains(span)
                && let Some(part) = line.get(span.start..span.end)
            {
                let part = cells(&safe::command_line(part), Tone::Normal);
                sheet.fact(&text::held_part(language), 0, &part);
            }
        }
        return;
    }
    for (n, line) in marked(line, held).iter().enumerate() {
        let rows = wrap(line, sheet.paper.width.saturating_sub(INDENT));
        for (m, row) in rows.iter().enumerate() {
            let lead = if n == 0 && m == 0 { "  $ " } else { "    " };
            let mut whole = cells(lead, Tone::Faint);
            whole.extend_from_slice(row);
            sheet.push(&whole);
            if !sheet.paper.colour {
                marks(&whole, sheet);
            }
        }
    }
}

/// Returns the cells of each line of the command, the held ones toned so.
fn marked(line: &str, held: &[Span]) -> Vec<Vec<Cell>> {
    let mut lines = vec![Vec::new()];
    for shown in safe::command(line) {
        let is_held = held
            .iter()
            .any(|span| (span.start..span.end).contains(&shown.start));
        let tone = if is_held { Tone::Held } else { Tone::Normal };
        if let Some(last) = lines.last_mut() {
            last.extend(cells(&shown.text, tone));
        }
        if shown.breaks {
            lines.push(Vec::new());
        }
    }
    // A pasted block ends in a line break, behind which nothing stands.
    lines.pop_if(|last| last.is_empty());
    lines
}

/// Adds the row of `^` under a row that holds held cells.
fn marks(row: &[Cell], sheet: &mut Sheet) {
    if row.iter().all(|cell| cell.tone != Tone::Held) {
        return;
    }
    let marks: String = row
        .iter()
        .map(|cell| {
            let mark = if cell.tone == Tone::Held { "^" } else { " " };
            mark.repeat(columns(&[*cell]))
        })
        .collect();
    sheet.push(&cells(&marks, Tone::Normal));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::layout::Paper;

    fn check(
        line: &str,
        held: &[Span],
        (width, plain, colour): (usize, bool, bool),
        expect: &[&str],
    ) {
        let mut sheet = Sheet::new(Paper {
            width,
            plain,
            colour,
        });
        draw(line, held, Language::English, &mut sheet);
        assert_eq!(sheet.into_rows(), expect, "{line}");
    }

    #[test]
    fn the_held_part_is_underlined() {
        check(
            "sudo reboot now",
            &[Span::new(5, 11)],
            (80, false, true),
            &["\u{1b}[0m\u{1b}[2m  $ \u{1b}[0msudo \u{1b}[0m\u{1b}[1;4mreboot\u{1b}[0m now"],
        );
    }

    #[test]
    fn without_escapes_marks_stand_under_it() {
        check(
            "echo 日本; reboot",
            &[Span::new(5, 11), Span::new(13, 19)],
            (80, false, false),
            &["  $ echo 日本; reboot", "         ^^^^  ^^^^^^"],
        );
    }

    #[test]
    fn marks_follow_where_the_line_breaks() {
        check(
            "aaaa bbbb cccc",
            &[Span::new(5, 14)],
            (13, false, false),
            &["  $ aaaa bbbb", "         ^^^^", "    cccc", "    ^^^^"],
        );
        check(
            "a\nb",
            &[Span::new(2, 3)],
            (80, false, false),
            &["  $ a⏎", "    b", "    ^"],
        );
    }

    #[test]
    fn no_empty_row_stands_behind_a_last_line_break() {
        check(
            "a\nb\n",
            &[],
            (80, false, true),
            &[
                "\u{1b}[0m\u{1b}[2m  $ \u{1b}[0ma⏎",
                "\u{1b}[0m\u{1b}[2m    \u{1b}[0mb⏎",
            ],
        );
    }

    #[test]
    fn read_aloud_the_held_part_is_a_line_of_its_own() {
        check(
            "sudo reboot\n",
            &[Span::new(5, 11)],
            (80, true, false),
            &["Command: sudo reboot\\n", "Held part: reboot"],
        );
    }

    #[test]
    fn a_span_that_fits_no_text_marks_nothing() {
        check(
            "日",
            &[Span::new(1, 2), Span::new(7, 9)],
            (80, true, false),
            &["Command: 日"],
        );
        check(
            "日",
            &[Span::new(1, 2), Span::new(7, 9)],
            (80, false, false),
            &["  $ 日"],
        );
    }
}
