//! Text laid out in rows of a terminal: tones, wrapping by width, painting. Pure.
//!
//! In: cells (a character and its [`Tone`]) already made safe by [`super::safe`]. Out: rows of at
//! most [`Paper::width`] columns, as text with SGR escapes where [`Paper::colour`] allows them. A
//! full-width character takes two columns and is never cut.

#![forbid(unsafe_code)]

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What a page is drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paper {
    /// Columns.
    pub(super) width: usize,
    /// One fact a line with its label, nothing to look at.
    pub(super) plain: bool,
    /// Whether SGR escapes may be written.
    pub(super) colour: bool,
}

/// How a stretch of text is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Tone {
    /// As any.
    #[default]
    Normal,
    /// What the eye should find first.
    Strong,
    /// What is said beside.
    Faint,
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
    /// To be minded.
    Warn,
    /// The held part of a line.
    Held,
}

impl Tone {
    /// Returns the SGR parameters.
    fn sgr(self) -> &'static str {
        match self {
            Self::Normal => "",
            Self::Strong => "1",
            Self::Faint => "2",
            Self::Good => "32",
            Self::Bad => "1;31",
            Self::Warn => "33",
            Self::Held => "1;4",
        }
    }
}

/// One character and how it is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    /// The character.
    pub(super) character: char,
    /// How it is meant.
    pub(super) tone: Tone,
}

/// Returns the columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// Returns the cells of a text in one tone.
pub(super) fn cells(text: &str, tone: Tone) -> Vec<Cell> {
    text.chars()
        .map(|character| Cell { character, tone })
        .collect()
}

/// Returns a remark as it stands behind a text: after a space, which a full-width bracket has
/// built in.
pub(super) fn beside(remark: &str) -> String {
    if remark.starts_with('（') {
        remark.to_owned()
    } else {
        format!(" {remark}")
    }
}

/// Returns the cells of several stretches.
pub(super) fn pieces(pieces: &[(&str, Tone)]) -> Vec<Cell> {
    pieces
        .iter()
        .flat_map(|(text, tone)| cells(text, *tone))
        .collect()
}

/// Breaks cells into rows of at most `width` columns: after a space, beside a wide character, else
/// anywhere. No cell is lost; a row may end in the space at which it was broken.
pub(super) fn wrap(cells: &[Cell], width: usize) -> Vec<Vec<Cell>> {
    let mut rows = Vec::new();
    let mut row: Vec<Cell> = Vec::new();
    for &cell in cells {
        // A space may hang over the edge, where it does not show.
        while cell.character != ' ' && !row.is_empty() && columns(&row) + cell_width(cell) > width {
            let rest = row.split_off(break_point(&row, cell));
            rows.push(std::mem::replace(&mut row, rest));
        }
        row.push(cell);
    }
    rows.push(row);
    for row in &mut rows {
        while columns(row) > width && row.last().is_some_and(|cell| cell.character == ' ') {
            row.pop();
        }
    }
    rows
}

/// Returns after how many cells a full row is broken before `next`.
fn break_point(row: &[Cell], next: Cell) -> usize {
    (1..=row.len())
        .rev()
        .find(|&at| {
            let before = row.get(at - 1).map(|cell| cell.character);
            let after = row.get(at).map_or(next.character, |cell| cell.character);
            before.is_some_and(|before| may_break(before, after))
        })
        .unwrap_or(row.len())
}

/// Returns whether a row may end between two characters.
fn may_break(before: char, after: char) -> bool {
    const NEVER_FIRST: &str =
        "。、，．・：；？！）」』】〉》ー々…ぁぃぅぇぉっゃゅょァィゥェォッャュョ,.;:?!)]>";
    const NEVER_LAST: &str = "（「『【〈《([<";
    let wide = |c: char| c.width() == Some(2);
    if after.width() == Some(0) || NEVER_FIRST.contains(after) || NEVER_LAST.contains(before) {
        return false;
    }
    (before == ' ' && after != ' ') || wide(before) || wide(after)
}

/// Returns the columns of a row of cells.
pub(super) fn columns(row: &[Cell]) -> usize {
    row.iter().copied().map(cell_width).sum()
}

/// Returns the columns of one cell.
fn cell_width(cell: Cell) -> usize {
    cell.character.width().unwrap_or(0)
}

/// Rows that become a page or a question.
#[derive(Debug)]
pub(super) struct Sheet {
    /// What it is drawn on.
    pub(super) paper: Paper,
    /// Painted rows without line ends.
    rows: Vec<String>,
}

impl Sheet {
    /// Returns an empty sheet.
    pub(super) fn new(paper: Paper) -> Self {
        Self {
            paper,
            rows: Vec::new(),
        }
    }

    /// Adds text, wrapped; `lead` stands before its first row and its width before all others.
    pub(super) fn add(&mut self, lead: &[(&str, Tone)], text: &[Cell]) {
        let lead = pieces(lead);
        let indent = columns(&lead);
        let rows = wrap(text, self.paper.width.saturating_sub(indent));
        for (n, row) in rows.iter().enumerate() {
            let mut whole = if n == 0 {
                lead.clone()
            } else {
                cells(&" ".repeat(indent), Tone::Normal)
            };
            whole.extend_from_slice(row);
            self.push(&whole);
        }
    }

    /// Adds a labelled fact: the label in a column of its own, or as `Label: fact` where plain.
    pub(super) fn fact(&mut self, label: &str, column: usize, text: &[Cell]) {
        if self.paper.plain {
            let mut whole = pieces(&[(label, Tone::Normal), (": ", Tone::Normal)]);
            whole.extend_from_slice(text);
            self.add(&[], &whole);
        } else {
            let pad = " ".repeat(column.saturating_sub(width(label)) + 2);
            self.add(
                &[
                    ("  ", Tone::Normal),
                    (label, Tone::Faint),
                    (&pad, Tone::Normal),
                ],
                text,
            );
        }
    }

    /// Adds one row as it is.
    pub(super) fn push(&mut self, row: &[Cell]) {
        self.rows.push(paint(row, self.paper.colour));
    }

    /// Adds an empty row, which plain mode leaves out.
    pub(super) fn gap(&mut self) {
        if !self.paper.plain {
            self.rows.push(String::new());
        }
    }

    /// Returns the rows.
    pub(super) fn into_rows(self) -> Vec<String> {
        self.rows
    }
}

/// Returns a row as text, with escapes where `colour`, without blanks at its end.
fn paint(row: &[Cell], colour: bool) -> String {
    let mut out = String::new();
    let mut tone = Tone::Normal;
    let end = row
        .iter()
        .rposition(|cell| cell.character != ' ')
        .map_or(0, |last| last + 1);
    for cell in row.iter().take(end) {
        if colour && cell.tone != tone {
            out.push_str("\x1b[0m");
            if cell.tone != Tone::Normal {
                out.push_str(&format!("\x1b[{}m", cell.tone.sgr()));
            }
            tone = cell.tone;
        }
        out.push(cell.character);
    }
    if tone != Tone::Normal {
        out.push_str("\x1b[0m");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, width: usize, expect: &[&str]) {
        let rows: Vec<String> = wrap(&cells(text, Tone::Normal), width)
            .iter()
            .map(|row| row.iter().map(|cell| cell.character).collect())
            .collect();
        assert_eq!(rows, expect);
    }

    #[test]
    fn a_row_breaks_after_a_space() {
        check("one two three", 8, &["one two ", "three"]);
        check("one two three", 7, &["one two", "three"]);
    }

    #[test]
    fn a_long_word_is_cut() {
        check("abcdefghij", 4, &["abcd", "efgh", "ij"]);
    }

    #[test]
    fn a_wide_character_is_never_cut() {
        check("あいう", 5, &["あい", "う"]);
        check("aあい", 4, &["aあ", "い"]);
    }

    #[test]
    fn a_row_never_begins_with_a_full_stop() {
        check("あいう。", 6, &["あい", "う。"]);
        check("あ（い）", 6, &["あ", "（い）"]);
        check("削除・切断", 4, &["削", "除・", "切断"]);
    }

    #[test]
    fn a_bracket_stays_with_what_it_holds() {
        check("--no <理由>", 7, &["--no ", "<理由>"]);
        check("ab <理由>", 5, &["ab ", "<理", "由>"]);
    }

    #[test]
    fn what_is_left_of_a_broken_row_is_broken_again() {
        check("a（0aー", 5, &["a", "（0a", "ー"]);
    }

    #[test]
    fn marks_stay_with_their_letter() {
        check("か\u{3099}か\u{3099}", 2, &["か\u{3099}", "か\u{3099}"]);
    }

    #[test]
    fn tones_become_escapes_where_colour_is_allowed() {
        let row = pieces(&[("a", Tone::Normal), ("b", Tone::Held), ("c ", Tone::Normal)]);
        assert_eq!(paint(&row, true), "a\x1b[0m\x1b[1;4mb\x1b[0mc");
        assert_eq!(paint(&row, false), "abc");
    }

    #[test]
    fn a_fact_keeps_its_column() {
        let paper = Paper {
            width: 40,
            plain: false,
            colour: false,
        };
        let mut sheet = Sheet::new(paper);
        sheet.fact("対象", 6, &cells("mx1", Tone::Normal));
        sheet.fact("User", 6, &cells("root", Tone::Normal));
        assert_eq!(sheet.into_rows(), ["  対象    mx1", "  User    root"]);
    }

    #[test]
    fn a_plain_fact_is_a_labelled_line() {
        let paper = Paper {
            width: 40,
            plain: true,
            colour: false,
        };
        let mut sheet = Sheet::new(paper);
        sheet.fact("Target", 6, &cells("mx1", Tone::Normal));
        sheet.gap();
        assert_eq!(sheet.into_rows(), ["Target: mx1"]);
    }

    proptest::proptest! {
        #[test]
        fn rows_fit_and_lose_at_most_spaces(text in "[ -~あ-んー。、（）]{0,80}", width in 4_usize..60) {
            let rows = wrap(&cells(&text, Tone::Normal), width);
            let kept: String = rows.iter().flatten().map(|cell| cell.character).collect();
            proptest::prop_assert_eq!(kept.replace(' ', ""), text.replace(' ', ""));
            for row in rows {
                proptest::prop_assert!(columns(&row) <= width);
            }
        }
    }
}
