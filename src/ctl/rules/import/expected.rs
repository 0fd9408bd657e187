//! The expected value of a runbook's row: what a `check` compares, how its probe is read, and the
//! form of a typed answer. Pure.
//!
//! What compares needs a number, and a command prints more than that: its probe then takes the last
//! number that is printed, which whoever finishes the pack looks at. `なし` wants no row at all.

use crate::policy::pack::value;
use crate::policy::pattern::Regex;

use super::pack::text;

/// The longest expected value that is typed as it stands.
const LONGEST: usize = 30;

/// What follows a value that it is compared with, and the sign of a rule; the longer word first.
const BEHIND: [(&str, &str); 12] = [
    ("以下であること", "<="),
    ("以上であること", ">="),
    ("以下", "<="),
    ("以内", "<="),
    ("未満", "<"),
    ("以上", ">="),
    ("より大きい", ">"),
    ("超", ">"),
    ("と等しい", ""),
    ("に等しい", ""),
    (" or less", "<="),
    (" or more", ">="),
];

/// What stands before a value that it is compared with; the longer sign first.
const BEFORE: [(&str, &str); 14] = [
    ("at most ", "<="),
    ("at least ", ">="),
    ("less than ", "<"),
    ("more than ", ">"),
    ("<=", "<="),
    (">=", ">="),
    ("≦", "<="),
    ("≤", "<="),
    ("≧", ">="),
    ("≥", ">="),
    ("==", ""),
    ("<", "<"),
    (">", ">"),
    ("=", ""),
];

/// Words that say that there is nothing.
const NOTHING: [&str; 6] = ["なし", "無し", "ないこと", "無いこと", "none", "nothing"];

/// What is counted in Japanese, and signs that stand behind a number.
const UNITS: [char; 14] = [
    '件', '個', '台', '本', '通', '行', '人', '回', '秒', '分', '名', '%', '％', ' ',
];

/// How a probe's output is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadAs {
    /// As it is.
    Output,
    /// The last number in it.
    Number,
    /// How many rows are not empty.
    Rows,
}

impl ReadAs {
    /// Returns the keys of the probe.
    pub(super) fn keys(self) -> &'static str {
        match self {
            Self::Output => "",
            Self::Number => r#", pick = '(-?[0-9]+(?:\.[0-9]+)?(?:[kKMGT]\b)?)', as = "last""#,
            Self::Rows => r", count = '\S'",
        }
    }
}

/// What a `check` wants.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expected {
    /// Its `is`.
    pub(super) is: String,
    /// How its probe is read.
    pub(super) read: ReadAs,
}

/// Returns what an expected value wants, `10件以下` as `<= 10`; `None` where no `is` can say it.
pub(super) fn expectation(cell: &str) -> Option<Expected> {
    let text = text(&half_width(cell));
    if text.is_empty() || text.chars().count() > 4 * LONGEST {
        return None;
    }
    if NOTHING.contains(&text.to_lowercase().as_str()) {
        return Some(Expected {
            is: "0".to_owned(),
            read: ReadAs::Rows,
        });
    }
    if let Some(is) = compared(&text) {
        return Some(Expected {
            is,
            read: ReadAs::Number,
        });
    }
    // In a pattern some signs mean more than themselves.
    let is_plain = !text.contains(['*', '?', '|']) && !text.starts_with("re:");
    (is_plain && value::expectation(&text).is_ok()).then_some(Expected {
        is: text,
        read: ReadAs::Output,
    })
}

/// Returns the comparison with a number that a text says; a number with a unit is one too.
fn compared(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let behind = BEHIND.iter().find(|(word, _)| lower.ends_with(word));
    let before = BEFORE.iter().find(|(word, _)| lower.starts_with(word));
    let (sign, rest) = match (behind, before) {
        (Some((word, sign)), _) => (*sign, text.get(..text.len().checked_sub(word.len())?)?),
        (None, Some((word, sign))) => (*sign, text.get(word.len()..)?),
        // Without a unit it is what is printed.
        (None, None) if text.ends_with(UNITS) => ("", text),
        (None, None) => return None,
    };
    let number = number(rest)?;
    Some(match sign {
        "" => number,
        sign => format!("{sign} {number}"),
    })
}

/// Returns a number without its unit, as rules write it.
fn number(text: &str) -> Option<String> {
    let digits = text.trim().trim_end_matches(UNITS).replace(',', "");
    // Sizes are written with a B that rules do without.
    let digits = match digits.strip_suffix(['B', 'b']) {
        Some(size) if size.ends_with(['k', 'K', 'M', 'G', 'T']) => size.to_owned(),
        _ => digits,
    };
    value::number(&digits).is_ok().then_some(digits)
}

/// Returns the form of an answer that is exactly this value; `None` where nobody would type it.
pub(super) fn exactly(value: &str) -> Option<String> {
    let is_short = value.chars().count() <= LONGEST;
    let is_sentence =
        value.contains(['。', '、']) || value.ends_with("こと") || value.split(' ').count() > 2;
    let half = half_width(value);
    let is_compared = compared(&half).is_some_and(|is| is.starts_with(['<', '>']))
        || ["以下", "以上", "未満", "超"]
            .iter()
            .any(|word| value.ends_with(word));
    if !is_short || is_sentence || is_compared || half.starts_with(['<', '>', '!']) {
        return None;
    }
    let like = format!("^{}$", regex::escape(value));
    Regex::parse(&like).is_ok().then_some(like)
}

/// Returns full-width digits and signs as those that a program prints.
fn half_width(text: &str) -> String {
    let half = |c: char| match c {
        '０'..='９' | '＜' | '＝' | '＞' | '．' | '，' => {
            char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c)
        }
        'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    };
    text.chars().map(half).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cell: &str, is: &str, read: ReadAs) {
        let expected = Expected {
            is: is.to_owned(),
            read,
        };
        assert_eq!(expectation(cell), Some(expected), "{cell}");
        value::expectation(is).unwrap();
    }

    #[test]
    fn what_compares_is_a_number() {
        for (cell, is) in [
            ("10件以下", "<= 10"),
            ("１０件以下", "<= 10"),
            ("10 以下", "<= 10"),
            ("10通以内", "<= 10"),
            ("80％未満", "< 80"),
            ("3台以上", ">= 3"),
            ("3台以上であること", ">= 3"),
            ("1,000件超", "> 1000"),
            ("0件より大きい", "> 0"),
            ("0 と等しい", "0"),
            ("５に等しい", "5"),
            ("10GB以上", ">= 10G"),
            ("<= 10", "<= 10"),
            ("＜＝１０", "<= 10"),
            (">=4G", ">= 4G"),
            ("< 5件", "< 5"),
            ("＞ 5", "> 5"),
            ("= 3", "3"),
            ("≦10", "<= 10"),
            ("≥ 2", ">= 2"),
            ("0件", "0"),
            ("12 通", "12"),
            ("At most 10", "<= 10"),
            ("5 or more", ">= 5"),
        ] {
            check(cell, is, ReadAs::Number);
        }
    }

    #[test]
    fn nothing_is_no_row() {
        for cell in ["なし", "無し", "ないこと", "None"] {
            check(cell, "0", ReadAs::Rows);
        }
    }

    #[test]
    fn what_is_printed_is_compared_as_it_is() {
        for cell in ["0", "active", "正常", "active (running)"] {
            check(cell, cell, ReadAs::Output);
        }
        for cell in ["", "数件以下*", "a|b", "< x"] {
            assert_eq!(expectation(cell), None, "{cell}");
        }
    }

    #[test]
    fn the_number_that_is_picked_is_the_last() {
        let keys = ReadAs::Number.keys();
        let pattern = keys.split('\'').nth(1).unwrap();
        let regex = regex::Regex::new(pattern).unwrap();
        let last = |text| {
            regex
                .captures_iter(text)
                .last()
                .map(|found| found[1].to_owned())
        };
        for (text, expected) in [
            ("-- 12 Kbytes in 3 Requests.", Some("3")),
            ("load 0.42", Some("0.42")),
            ("free: 71G", Some("71G")),
            ("free: 71Great", Some("71")),
            ("Mail queue is empty", None),
        ] {
            assert_eq!(last(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn an_answer_is_typed_where_the_value_is_one() {
        assert_eq!(exactly("0").as_deref(), Some("^0$"));
        assert_eq!(exactly("0件").as_deref(), Some("^0件$"));
        for value in ["10件以下", "＜10", "≦10", "問題ないこと", "a b c"] {
            assert_eq!(exactly(value), None, "{value}");
        }
    }
}
