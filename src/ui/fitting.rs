//! A text of several rows, each brought to the terminal's width: words are kept whole, what goes on
//! stands below the text, and a mark stays below what it marks. Pure.
//!
//! What is told of rule files has a row of the file behind a bar, and below it a row of marks. Such a
//! pair is not wrapped; of a row that is too wide that part is shown which is marked.

#![forbid(unsafe_code)]

use unicode_width::UnicodeWidthChar as _;

use super::hanging::hanging;
use super::layout::width;

/// Columns that are shown before what is marked, where the row's beginning does not fit.
const BEFORE: usize = 4;

/// Stands where something was left out.
const LEFT_OUT: char = '…';

/// Returns a text in rows of at most `columns`; rows that fit stay what they are.
#[must_use]
pub fn fitting(text: &str, columns: usize) -> String {
    let mut made = Vec::new();
    let mut rows = text.split('\n').peekable();
    while let Some(row) = rows.next() {
        let Some((bar, shown)) = behind_a_bar(row) else {
            let (label, text) = row.split_at(label(row));
            made.push(hanging(label, text, columns));
            continue;
        };
        let marks = rows.next_if(|next| marks_of(bar, next).is_some());
        let marks = marks.and_then(|row| Some((row, marks_of(bar, row)?)));
        let room = columns.saturating_sub(width(bar));
        let from = match marks {
            _ if width(shown) <= room => 0,
            Some((_, marks)) => first_column(marks, width(shown), room),
            None => 0,
        };
        made.push(
            format!("{bar}{}", part(shown, from, room))
                .trim_end()
                .to_owned(),
        );
        if let Some((row, marks)) = marks {
            let bar = row.get(..row.len() - marks.len()).unwrap_or_default();
            let marks: String = marks.chars().skip(from).take(room).collect();
            made.push(format!("{bar}{marks}").trim_end().to_owned());
        }
    }
    made.join("\n")
}

/// Returns where the text of a row begins behind its label: behind `error: `, `--> `, `= help: ` or the
/// first column of a table.
fn label(row: &str) -> usize {
    let own = row.len() - row.trim_start_matches(' ').len();
    let rest = row.get(own..).unwrap_or_default();
    let lead = ["--> ", "= "]
        .into_iter()
        .find(|lead| rest.starts_with(lead));
    let lead = own + lead.map_or(0, str::len);
    let rest = row.get(lead..).unwrap_or_default();
    let word = rest.len()
        - rest
            .trim_start_matches(|c: char| c.is_ascii_lowercase())
            .len();
    let behind = rest.get(word..).unwrap_or_default();
    match behind.strip_prefix(": ") {
        Some(_) if word > 0 => lead + word + ": ".len(),
        _ if word > 0 && behind.starts_with("  ") => {
            row.len() - behind.trim_start_matches(' ').len()
        }
        _ => lead,
    }
}

/// Returns what stands before a row of a file, up to its bar, and the row; `12 | risk = "lwo"`.
fn behind_a_bar(row: &str) -> Option<(&str, &str)> {
    let number = row.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit());
    let behind = number.strip_prefix("| ")?;
    let bar = row.len() - behind.len();
    row.starts_with(|c: char| c == ' ' || c.is_ascii_digit())
        .then(|| row.split_at(bar))
}

/// Returns the marks of a row that stands below one with this bar.
fn marks_of<'r>(bar: &str, row: &'r str) -> Option<&'r str> {
    let (own, marks) = behind_a_bar(row)?;
    let is_one = own.len() == bar.len() && marks.trim_matches([' ', '^', '-']).is_empty();
    (is_one && !marks.trim().is_empty()).then_some(marks)
}

/// Returns the column of a row of this width that is shown first, so that its marks are seen in `room`
/// columns.
fn first_column(marks: &str, width: usize, room: usize) -> usize {
    let start = marks.len() - marks.trim_start().len();
    match marks.trim_end().len() < room {
        true => 0,
        false => start.saturating_sub(BEFORE).min(width - room),
    }
}

/// Returns `room` columns of a row from this column on, with a sign where some are left out.
fn part(row: &str, from: usize, room: usize) -> String {
    let is_cut = width(row) > from + room;
    let mut shown = String::new();
    let (mut column, mut taken) = (0, 0);
    for character in row.chars() {
        let own = character.width().unwrap_or(0);
        let limit = room - usize::from(is_cut);
        column += own;
        if column <= from {
            continue;
        }
        if taken + own > limit {
            break;
        }
        match from > 0 && taken == 0 {
            // In place of the first: it and half of a wide one are left out.
            true => {
                shown.push(LEFT_OUT);
                shown.extend(std::iter::repeat_n(' ', (column - from).saturating_sub(1)));
                taken = column - from;
            }
            false => {
                shown.push(character);
                taken += own;
            }
        }
    }
    if is_cut {
        shown.push(LEFT_OUT);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = "error: `lwo` is no risk\n --> /etc/kanmon/rules.d/team.toml:9:8\n  |\n9 | risk = \"lwo\"\n  |        ^^^^^\n  |\n  = help: write `low`, `medium`, `high` or `critical`";

    #[test]
    fn what_fits_stays_what_it_is() {
        assert_eq!(fitting(TOLD, 80), TOLD);
        assert_eq!(fitting("", 40), "");
        assert_eq!(fitting("a\n\n  b\n", 40), "a\n\n  b\n");
    }

    #[test]
    fn words_are_kept_whole_and_stand_below_the_text() {
        assert_eq!(
            fitting(TOLD, 40),
            "error: `lwo` is no risk\n --> /etc/kanmon/rules.d/team.toml:9:8\n  |\n9 | risk = \"lwo\"\n  |        ^^^^^\n  |\n  = help: write `low`, `medium`, `high`\n          or `critical`"
        );
        assert_eq!(
            fitting(
                "kanmonctl: there is no shim `/usr/local/lib/x`\n  `kanmonctl shim list` names all of them.",
                40
            ),
            "kanmonctl: there is no shim\n           `/usr/local/lib/x`\n  `kanmonctl shim list` names all of\n  them."
        );
        assert_eq!(
            fitting("warning  this role could change records of others", 40),
            "warning  this role could change records\n         of others"
        );
    }

    #[test]
    fn of_a_wide_row_that_part_is_shown_which_is_marked() {
        let row = "12 | match = [{ program = 'deploy', args = ['now'], vreb = ['x'] }]";
        let marks = "   |                                                ^^^^";
        let told = format!("{row}\n{marks}");
        assert_eq!(
            fitting(&told, 40),
            "12 | …', args = ['now'], vreb = ['x'] }]\n   |                     ^^^^"
        );
        let early =
            "12 | match = [{ program = 'deploy', args = ['now'], verb = ['x'] }]\n   | ^^^^^";
        assert_eq!(
            fitting(early, 40),
            "12 | match = [{ program = 'deploy', arg…\n   | ^^^^^"
        );
    }

    #[test]
    fn a_mark_stays_below_wide_characters() {
        let row = "3 | title = '深夜のリリースを行うときの確認手順の一覧' # xx";
        let at = width("title = '深夜のリリースを行うときの確認手順の一覧' # ");
        let told = format!("{row}\n  | {}^^", " ".repeat(at));
        let said = fitting(&told, 40);
        let (shown, marks) = said.split_once('\n').unwrap();
        assert!(width(shown) <= 40 && width(marks) <= 40, "{said}");
        assert_eq!(
            width(shown.split("xx").next().unwrap()),
            marks.find('^').unwrap(),
            "{said}"
        );
    }

    #[test]
    fn no_row_is_wider_than_the_terminal() {
        for columns in [40, 41, 57, 80] {
            for at in 0..90 {
                let row = format!("{}|標{}", "深夜a".repeat(9), "b深".repeat(20));
                let told = format!("7 | {row}\n  | {}^^^\n  |\n  = note: {row}", " ".repeat(at));
                let said = fitting(&told, columns);
                assert!(
                    said.lines().all(|row| width(row) <= columns),
                    "{columns} {at}\n{said}"
                );
                assert!(
                    said.lines().any(|row| row.contains('^')),
                    "{columns} {at}\n{said}"
                );
            }
        }
    }
}
