//! What a typed answer means: width folded, yes and no in both languages. Pure.

/// Returns `text` with full-width ASCII as plain ASCII (`１２` → `12`, `ｙ` → `y`), the wide blank
/// as a blank, and no blanks around.
#[must_use]
pub fn fold(text: &str) -> String {
    let folded: String = text
        .chars()
        .map(|c| match c {
            '\u{3000}' => ' ',
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            other => other,
        })
        .collect();
    folded.trim().to_owned()
}

/// Returns whether `text` is a yes; all else, an empty answer too, is none.
#[must_use]
pub fn is_yes(text: &str) -> bool {
    matches!(
        fold(text).to_lowercase().as_str(),
        "y" | "yes" | "はい" | "ハイ"
    )
}

/// Returns whether `typed` is `value`, called out: the same text but for the width of its
/// characters and blanks around it.
#[must_use]
pub fn is_called(typed: &str, value: &str) -> bool {
    let typed = fold(typed);
    !typed.is_empty() && typed == fold(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_is_understood_in_both_languages_and_widths() {
        for yes in ["y", "Y", "yes", "YES ", "ｙ", "ｙｅｓ", "はい", "　はい"] {
            assert!(is_yes(yes), "{yes}");
        }
        for no in ["", " ", "n", "no", "いいえ", "ye", "yess", "ok", "1", "y y"] {
            assert!(!is_yes(no), "{no}");
        }
    }

    #[test]
    fn a_call_is_exact_but_for_width() {
        assert!(is_called("１２", "12"));
        assert!(is_called(" mx1 ", "mx1"));
        assert!(!is_called("MX1", "mx1"));
        assert!(!is_called("012", "12"));
        assert!(!is_called("", ""));
        assert!(!is_called("1 2", "12"));
    }
}
