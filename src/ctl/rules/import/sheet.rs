//! A runbook as a spreadsheet saves it: CSV in UTF-8, UTF-16 or CP932 with known columns.
//!
//! In: the bytes of the file. Out: [`Sheet`], its rows in order with the cells that matter. Rows
//! above the one that names the columns (titles, dates) are left out, as is everything in columns
//! of other names. Pure.

use crate::text::Language;

/// The most bytes of a file. A runbook of more is none.
pub(super) const MOST: usize = 16 << 20;

/// Why a file is no runbook.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum SheetError {
    /// It is too large.
    #[error("it is larger than 16 MiB")]
    TooLarge,
    /// It is in no encoding that is known.
    #[error("it is neither UTF-8 nor UTF-16 nor Shift_JIS (CP932)")]
    Encoding,
    /// No row names the column of the steps.
    #[error("no row names a column 手順 (or step)")]
    NoColumn,
    /// Nothing stands below that row.
    #[error("no row stands below the names of the columns")]
    Empty,
}

/// A runbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sheet {
    /// The language of its columns' names.
    pub(super) language: Language,
    /// Its rows.
    pub(super) rows: Vec<Row>,
}

/// One row; what is not there is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// Its number from 1, as the spreadsheet counts rows; blank lines of the file do not count.
    pub(super) number: u64,
    /// 手順
    pub(super) step: String,
    /// 確認事項
    pub(super) check: String,
    /// 期待値
    pub(super) expected: String,
    /// 確認者
    pub(super) by: String,
}

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Step,
    Check,
    Expected,
    By,
}

/// Columns by name, without spaces and in lower case.
const COLUMNS: &[(&str, Column)] = &[
    ("手順", Column::Step),
    ("作業手順", Column::Step),
    ("作業内容", Column::Step),
    ("作業", Column::Step),
    ("コマンド", Column::Step),
    ("実行コマンド", Column::Step),
    ("step", Column::Step),
    ("procedure", Column::Step),
    ("command", Column::Step),
    ("確認事項", Column::Check),
    ("確認内容", Column::Check),
    ("確認項目", Column::Check),
    ("check", Column::Check),
    ("checks", Column::Check),
    ("期待値", Column::Expected),
    ("期待結果", Column::Expected),
    ("想定結果", Column::Expected),
    ("expected", Column::Expected),
    ("expectedvalue", Column::Expected),
    ("expectedresult", Column::Expected),
    ("確認者", Column::By),
    ("checkedby", Column::By),
    ("checker", Column::By),
    ("reviewer", Column::By),
];

/// Reads a runbook.
///
/// # Errors
/// Where the bytes are no text, or nothing in it is a runbook.
pub(super) fn read(bytes: &[u8]) -> Result<Sheet, SheetError> {
    if bytes.len() > MOST {
        return Err(SheetError::TooLarge);
    }
    let text = decoded(bytes)?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(&text))
        .from_reader(text.as_bytes());
    let mut columns: Option<Vec<Option<Column>>> = None;
    let mut language = Language::English;
    let mut rows: Vec<Row> = Vec::new();
    // What is text gives no errors: lengths may differ.
    for record in reader.records().map_while(Result::ok) {
        let Some(columns) = &columns else {
            let found: Vec<Option<Column>> = record.iter().map(column).collect();
            if found.contains(&Some(Column::Step)) {
                if record
                    .iter()
                    .any(|name| column(name).is_some() && !name.is_ascii())
                {
                    language = Language::Japanese;
                }
                columns = Some(found);
            }
            continue;
        };
        let mut row = Row {
            number: record
                .position()
                .map_or(0, |position| position.record() + 1),
            ..Row::default()
        };
        for (cell, column) in record.iter().zip(columns) {
            let place = match column {
                None => continue,
                Some(Column::Step) => &mut row.step,
                Some(Column::Check) => &mut row.check,
                Some(Column::Expected) => &mut row.expected,
                Some(Column::By) => &mut row.by,
            };
            // Two columns for one thing: what is done, and the command.
            if !place.is_empty() && !cell.trim().is_empty() {
                place.push('\n');
            }
            place.push_str(cell.trim());
        }
        let is_blank = [&row.step, &row.check, &row.expected, &row.by]
            .iter()
            .all(|cell| cell.is_empty());
        if !is_blank {
            rows.push(row);
        }
    }
    match (columns, rows.is_empty()) {
        (None, _) => Err(SheetError::NoColumn),
        (Some(_), true) => Err(SheetError::Empty),
        (Some(_), false) => Ok(Sheet { language, rows }),
    }
}

/// Returns the text: by its mark, else UTF-8, else CP932, which spreadsheets in Japan save.
fn decoded(bytes: &[u8]) -> Result<String, SheetError> {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        let (text, has_errors) =
            encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default());
        return match has_errors {
            true => Err(SheetError::Encoding),
            false => Ok(text.into_owned()),
        };
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(text.to_owned());
    }
    let (text, has_errors) = encoding_rs::SHIFT_JIS.decode_without_bom_handling(bytes);
    match has_errors {
        true => Err(SheetError::Encoding),
        false => Ok(text.into_owned()),
    }
}

/// Returns what stands between cells: the row that names the columns tells.
fn delimiter(text: &str) -> u8 {
    let names_with = |delimiter: char| {
        text.lines().take(50).any(|line| {
            line.contains(delimiter)
                && line
                    .split(delimiter)
                    .any(|cell| column(cell.trim().trim_matches('"')) == Some(Column::Step))
        })
    };
    match () {
        () if names_with(',') => b',',
        () if names_with('\t') => b'\t',
        () if names_with(';') => b';',
        () => b',',
    }
}

/// Returns what a column with this name is for.
fn column(name: &str) -> Option<Column> {
    let plain = |c: &char| !c.is_whitespace() && !['_', '-', '\u{feff}'].contains(c);
    let name: String = name.chars().filter(plain).collect();
    let name = name.to_lowercase();
    let found = COLUMNS.iter().find(|(known, _)| *known == name);
    found.map(|(_, column)| *column)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the rows as `NUMBER|step|check|expected|by`.
    fn rows(bytes: &[u8]) -> Vec<String> {
        let sheet = read(bytes).unwrap();
        let row = |row: &Row| {
            format!(
                "{}|{}|{}|{}|{}",
                row.number, row.step, row.check, row.expected, row.by
            )
        };
        sheet.rows.iter().map(row).collect()
    }

    #[test]
    fn columns_are_found_by_name_in_any_order() {
        let text = "運用手順書,,\n第2版,,\n確認者,手 順,備考,確認事項,期待値\n佐藤,mailq,x,滞留,0\n,,y,,\n";
        assert_eq!(rows(text.as_bytes()), ["4|mailq|滞留|0|佐藤"]);
        assert_eq!(read(text.as_bytes()).unwrap().language, Language::Japanese);
        let text = "Step,Check,Expected,Checked by\nmailq,waiting,0,Ann\n";
        assert_eq!(rows(text.as_bytes()), ["2|mailq|waiting|0|Ann"]);
        assert_eq!(read(text.as_bytes()).unwrap().language, Language::English);
    }

    #[test]
    fn cells_may_have_quotes_commas_and_rows() {
        let text = "手順,確認事項\r\n\"放流, する\n$ echo \"\"a\"\"\",x\r\n\r\nb\r\n";
        assert_eq!(
            rows(text.as_bytes()),
            ["2|放流, する\n$ echo \"a\"|x||", "3|b|||"]
        );
    }

    #[test]
    fn what_is_done_and_its_command_are_one_step() {
        let text = "作業内容,コマンド,確認事項\n放流,postsuper -H ALL,\n確認,,済\n";
        assert_eq!(
            rows(text.as_bytes()),
            ["2|放流\npostsuper -H ALL|||", "3|確認|済||"]
        );
    }

    #[test]
    fn encodings_of_spreadsheets_are_read() {
        let text = "手順,確認者\nreboot,髙橋①\n";
        let (cp932, _, _) = encoding_rs::SHIFT_JIS.encode(text);
        let utf16: Vec<u8> = "\u{feff}手順\t確認者\nreboot\t髙橋①\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let marked = format!("\u{feff}{text}");
        for bytes in [text.as_bytes(), &cp932, &utf16, marked.as_bytes()] {
            assert_eq!(rows(bytes), ["2|reboot|||髙橋①"]);
        }
        assert_eq!(read(&[0xff, 0xff, 0xfd]), Err(SheetError::Encoding));
        assert_eq!(read(b"\xff\xfe\x00\xd8,\x00"), Err(SheetError::Encoding));
    }

    #[test]
    fn what_is_no_runbook_is_told() {
        assert_eq!(read(b""), Err(SheetError::NoColumn));
        assert_eq!(read(b"a,b\n1,2\n"), Err(SheetError::NoColumn));
        assert_eq!(read("手順\n\n,\n".as_bytes()), Err(SheetError::Empty));
        assert_eq!(read(&vec![b' '; MOST + 1]), Err(SheetError::TooLarge));
    }
}
