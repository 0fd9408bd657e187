//! Makes text from outside safe to show: what could move the cursor, hide or turn text around
//! appears escaped. Pure.
//!
//! In: any text. Out: text of which every character shows and takes part of one line. Three
//! readings: a *command*, where a look-alike of the space is escaped too; a *value*, where a tab
//! becomes spaces as a terminal would do; *lines*, where line breaks stay.

#![forbid(unsafe_code)]

use unicode_width::UnicodeWidthChar;

/// One character of a text as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Where the character begins in the text, in bytes.
    pub start: usize,
    /// What stands for it; never empty.
    pub text: String,
    /// Whether it was a line break, after which a new row begins.
    pub breaks: bool,
}

/// Returns a command character by character, each as it is shown.
#[must_use]
pub fn command(text: &str) -> Vec<Shown> {
    text.char_indices()
        .map(|(start, character)| Shown {
            start,
            text: if character == '\n' {
                "⏎".to_owned()
            } else if is_hidden(character) || is_odd_space(character) {
                escaped(character)
            } else {
                character.to_string()
            },
            breaks: character == '\n',
        })
        .collect()
}

/// Returns a command as one line, line breaks as `\n`.
#[must_use]
pub fn command_line(text: &str) -> String {
    command(text)
        .into_iter()
        .map(|shown| {
            if shown.breaks {
                "\\n".to_owned()
            } else {
                shown.text
            }
        })
        .collect()
}

/// Returns a value as one line; a tab becomes spaces up to the next multiple of 8 columns.
#[must_use]
pub fn value(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    for character in text.chars() {
        if character == '\t' {
            let spaces = 8 - column % 8;
            out.extend(std::iter::repeat_n(' ', spaces));
            column += spaces;
        } else if is_hidden(character) {
            let escaped = escaped(character);
            column += escaped.len();
            out.push_str(&escaped);
        } else {
            column += character.width().unwrap_or(0);
            out.push(character);
        }
    }
    out
}

/// Returns a text of several lines, each made safe as a value.
#[must_use]
pub fn lines(text: &str) -> String {
    let safe: Vec<String> = text.split('\n').map(value).collect();
    safe.join("\n")
}

/// Returns whether a character does not show as itself: control, bidi, zero width, format, filler.
#[must_use]
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Returns whether a character looks like a space without being one.
fn is_odd_space(character: char) -> bool {
    matches!(
        character,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// Returns the escape that stands for a character.
fn escaped(character: char) -> String {
    match character {
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        '\r' => "\\r".to_owned(),
        '\0'..='\u{7f}' => format!("\\x{:02x}", u32::from(character)),
        _ => format!("\\u{{{:x}}}", u32::from(character)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_stays() {
        assert_eq!(command_line("rm -rf /data/日本 é"), "rm -rf /data/日本 é");
        assert_eq!(value("3 通 ✓"), "3 通 ✓");
    }

    #[test]
    fn escapes_and_controls_appear() {
        assert_eq!(
            value("a\u{1b}[31mb\u{7}\u{7f}\u{9b}"),
            "a\\x1b[31mb\\x07\\x7f\\u{9b}"
        );
        assert_eq!(command_line("a\tb\r\nc"), "a\\tb\\r\\nc");
    }

    #[test]
    fn bidi_and_zero_width_appear() {
        assert_eq!(
            value("\u{202a}\u{202e}\u{2066}\u{2069}\u{200e}\u{200f}\u{61c}\u{200b}\u{feff}"),
            "\\u{202a}\\u{202e}\\u{2066}\\u{2069}\\u{200e}\\u{200f}\\u{61c}\\u{200b}\\u{feff}"
        );
    }

    #[test]
    fn a_space_that_is_none_appears_in_a_command_alone() {
        assert_eq!(
            command_line("rm\u{3000}-rf\u{a0}x"),
            "rm\\u{3000}-rf\\u{a0}x"
        );
        assert_eq!(value("全角\u{3000}空白"), "全角\u{3000}空白");
    }

    #[test]
    fn a_tab_in_a_value_aligns() {
        assert_eq!(value("a\tb"), "a       b");
        assert_eq!(value("日本\tb"), "日本    b");
    }

    #[test]
    fn a_line_break_in_a_command_is_marked_and_breaks() {
        let shown = command("a\nb");
        assert_eq!(
            shown[1],
            Shown {
                start: 1,
                text: "⏎".to_owned(),
                breaks: true
            }
        );
    }

    #[test]
    fn lines_keep_their_breaks() {
        assert_eq!(lines("a\u{1b}\nb"), "a\\x1b\nb");
    }

    proptest::proptest! {
        #[test]
        fn nothing_hidden_is_left(text in "\\PC{0,20}|.{0,20}|[\u{0}-\u{ff}\u{200b}-\u{206f}]{0,20}") {
            proptest::prop_assert!(!value(&text).contains(is_hidden));
            proptest::prop_assert!(!command_line(&text).contains(is_hidden));
        }
    }
}
