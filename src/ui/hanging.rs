//! A row of a listing that is wider than the terminal: words are kept whole, and what goes on stands
//! below the text, not below its label. Pure.

#![forbid(unsafe_code)]

use super::layout::{Tone, cells, width, wrap};

/// Columns that a text must have beside its label; with fewer it begins below it.
const ROOM: usize = 24;

/// How far a text is set in that begins below its label.
const INDENT: usize = 2;

/// Returns a text behind its label, which ends in the spaces of its column, in rows of at most
/// `columns`.
#[must_use]
pub fn hanging(label: &str, text: &str, columns: usize) -> String {
    let beside = width(label);
    if beside + width(text) <= columns {
        return format!("{label}{text}");
    }
    let own = text.len() - text.trim_start_matches(' ').len();
    let (first, indent) = match columns.saturating_sub(beside) {
        room if room >= ROOM => (label, beside + own),
        _ => ("", INDENT + own),
    };
    let mut rows = Vec::new();
    if first.is_empty() && !label.trim_end().is_empty() {
        rows.push(label.trim_end().to_owned());
    }
    let text = cells(text.trim_start_matches(' '), Tone::Normal);
    for row in wrap(&text, columns.saturating_sub(indent).max(2)) {
        let row: String = row.iter().map(|cell| cell.character).collect();
        let before = match (rows.is_empty(), first.is_empty()) {
            (true, false) => format!("{first}{:own$}", ""),
            _ => format!("{:indent$}", ""),
        };
        rows.push(format!("{before}{row}").trim_end().to_owned());
    }
    rows.join("\n")
}

/// Returns a text that has no label in rows of at most `columns`, those after the first set in.
#[must_use]
pub fn set_in(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let own = text.len() - text.trim_start_matches(' ').len();
    let indent = own + INDENT;
    let cells = cells(text.trim_start_matches(' '), Tone::Normal);
    let row = |row: &[_]| -> String {
        row.iter()
            .map(|cell: &super::layout::Cell| cell.character)
            .collect()
    };
    let first = wrap(&cells, columns.saturating_sub(own).max(2));
    let Some(head) = first.first() else {
        return text.to_owned();
    };
    let mut rows = vec![format!("{:own$}{}", "", row(head).trim_end())];
    // The blank at which the first row ends belongs to neither.
    let rest: Vec<_> = cells.get(head.len()..).unwrap_or_default().to_vec();
    let blanks = rest.iter().take_while(|cell| cell.character == ' ').count();
    let rest = rest.get(blanks..).unwrap_or_default();
    for one in wrap(rest, columns.saturating_sub(indent).max(2)) {
        rows.push(format!("{:indent$}{}", "", row(&one).trim_end()));
    }
    rows.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_on_without_a_label_is_set_in() {
        assert_eq!(set_in("a row that fits", 20), "a row that fits");
        assert_eq!(
            set_in("one  two three four five six", 14),
            "one  two three\n  four five\n  six"
        );
        assert_eq!(set_in("  one two three", 10), "  one two\n    three");
        assert_eq!(set_in("日本語の行です", 8), "日本語の\n  行です");
    }

    #[test]
    fn what_fits_stays_in_one_row() {
        assert_eq!(hanging("ssh   ", "no key", 40), "ssh   no key");
        assert_eq!(hanging("", "no key", 6), "no key");
    }

    #[test]
    fn what_goes_on_stands_below_the_text() {
        assert_eq!(
            hanging("ssh   ", "no forced command, key or login shell", 32),
            "ssh   no forced command, key or\n      login shell"
        );
        assert_eq!(
            hanging("      ", "  a file with a long name.toml", 32),
            "        a file with a long\n        name.toml"
        );
    }

    #[test]
    fn beside_a_wide_label_it_begins_below() {
        assert_eq!(
            hanging(
                "shell hooks   none    ",
                "no hook; it is put in by init",
                40
            ),
            "shell hooks   none\n  no hook; it is put in by init"
        );
    }

    #[test]
    fn a_full_width_character_takes_two_columns() {
        let rows = hanging("台帳   ", "末尾が切り取られても分かりませんので注意", 40);
        assert_eq!(
            rows,
            "台帳   末尾が切り取られても分かりません\n       ので注意"
        );
        assert!(rows.lines().all(|row| width(row) <= 40));
    }

    #[test]
    fn no_row_is_wider_than_the_terminal() {
        let text = "a/very/long/path/without/any/space/in/it/that/goes/on/and/on  行の終わり";
        for columns in [40, 41, 60, 80] {
            for label in ["", "label  ", "a label that is wide   ok   "] {
                let rows = hanging(label, text, columns);
                assert!(rows.lines().all(|row| width(row) <= columns), "{rows}");
                let bare = |text: &str| text.replace([' ', '\n'], "");
                assert_eq!(bare(&rows), bare(&format!("{label}{text}")));
            }
        }
    }
}
