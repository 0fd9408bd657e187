//! The line that is being typed, and what of it stands on the screen. Pure.
//!
//! In: keys. Out: the text to write so that the row shows the answer. Backspace takes a whole
//! character with the marks on it, and both columns of a wide one. An answer wider than its row
//! shows its end.

#![forbid(unsafe_code)]

use unicode_width::UnicodeWidthChar;

use super::keys::Key;
use super::layout::width;

/// Most characters that an answer has.
const LONGEST: usize = 1000;

/// What has been typed so far.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// The text.
    text: String,
    /// What of it stands on the screen.
    shown: String,
}

/// What a key did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Did {
    /// The answer may have changed.
    Edited,
    /// Enter: the answer is complete.
    Done,
    /// Ctrl-D on an empty line.
    End,
    /// The answer cannot be taken.
    Refused(Refusal),
}

/// Why an answer is not taken, and the question put again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It was pasted.
    Pasted,
    /// Several lines came at once.
    Block,
    /// It is no UTF-8.
    NotUtf8,
    /// It has more than [`LONGEST`] characters.
    TooLong,
}

impl Answer {
    /// Returns the text.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Takes a key.
    pub(super) fn press(&mut self, key: Key) -> Did {
        match key {
            Key::Char(_) if self.text.chars().count() >= LONGEST => {
                return Did::Refused(Refusal::TooLong);
            }
            Key::Char(character) => self.text.push(character),
            Key::Enter => return Did::Done,
            Key::Erase => self.erase(),
            Key::EraseWord => self.erase_word(),
            Key::EraseAll => self.text.clear(),
            Key::End if self.text.is_empty() => return Did::End,
            Key::End => {}
            Key::Pasted => return Did::Refused(Refusal::Pasted),
            Key::NotUtf8 => return Did::Refused(Refusal::NotUtf8),
        }
        Did::Edited
    }

    /// Forgets what stands on the screen, because the row was begun anew.
    pub(super) fn row_is_new(&mut self) {
        self.shown.clear();
    }

    /// Returns what to write so that the screen shows the answer in `room` columns.
    ///
    /// Only backspaces, blanks and the text itself are used: they work on every terminal, and a
    /// screen reader follows them.
    pub(super) fn echo(&mut self, room: usize) -> String {
        let wanted = tail(&self.text, room);
        let same = common(&self.shown, wanted);
        let gone = self.shown.get(same..).map_or(0, width);
        let new = wanted.get(same..).unwrap_or_default();
        let blank = gone.saturating_sub(width(new));
        let echo = format!(
            "{}{new}{}{}",
            "\u{8}".repeat(gone),
            " ".repeat(blank),
            "\u{8}".repeat(blank),
        );
        self.shown = wanted.to_owned();
        echo
    }

    /// Takes the last character away, with the marks that stand on it.
    fn erase(&mut self) {
        while let Some(character) = self.text.pop() {
            if character.width() != Some(0) {
                break;
            }
        }
    }

    /// Takes the last word away.
    fn erase_word(&mut self) {
        let kept = self.text.trim_end();
        let end = kept
            .char_indices()
            .rev()
            .find(|(_, character)| character.is_whitespace())
            .map_or(0, |(at, character)| at + character.len_utf8());
        self.text.truncate(end);
    }
}

/// Returns the longest end of a text that fits into `room` columns.
fn tail(text: &str, room: usize) -> &str {
    let mut start = text.len();
    let mut used = 0;
    for (at, character) in text.char_indices().rev() {
        used += character.width().unwrap_or(0);
        if used > room {
            break;
        }
        start = at;
    }
    text.get(start..).unwrap_or_default()
}

/// Returns how many bytes two texts have in common at their beginning, cut where no mark would be
/// parted from its character.
fn common(one: &str, other: &str) -> usize {
    let mut same = 0;
    let mut start = 0;
    for ((at, a), b) in one.char_indices().zip(other.chars()) {
        if a.width() != Some(0) {
            start = at;
        }
        if a != b {
            return start;
        }
        same = at + a.len_utf8();
    }
    let parted = |text: &str| {
        text.get(same..)
            .and_then(|rest| rest.chars().next())
            .is_some_and(|next| next.width() == Some(0))
    };
    if parted(one) { start } else { same }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Answer {
        let mut answer = Answer::default();
        for character in text.chars() {
            assert_eq!(answer.press(Key::Char(character)), Did::Edited);
        }
        answer
    }

    fn after(text: &str, keys: &[Key]) -> String {
        let mut answer = typed(text);
        for key in keys {
            answer.press(*key);
        }
        answer.into_text()
    }

    #[test]
    fn backspace_takes_one_character() {
        assert_eq!(after("日本", &[Key::Erase]), "日");
        assert_eq!(after("か\u{3099}", &[Key::Erase]), "");
        assert_eq!(after("", &[Key::Erase]), "");
    }

    #[test]
    fn control_w_takes_a_word_and_control_u_all() {
        assert_eq!(after("one two  ", &[Key::EraseWord]), "one ");
        assert_eq!(after("one", &[Key::EraseWord]), "");
        assert_eq!(after("one　二", &[Key::EraseWord]), "one　");
        assert_eq!(after("one two", &[Key::EraseAll]), "");
    }

    #[test]
    fn control_d_ends_an_empty_line_alone() {
        assert_eq!(typed("").press(Key::End), Did::End);
        assert_eq!(typed("x").press(Key::End), Did::Edited);
    }

    #[test]
    fn a_paste_is_refused() {
        assert_eq!(typed("x").press(Key::Pasted), Did::Refused(Refusal::Pasted));
    }

    #[test]
    fn an_answer_ends_somewhere() {
        let mut answer = typed(&"x".repeat(1000));
        assert_eq!(answer.press(Key::Char('x')), Did::Refused(Refusal::TooLong));
    }

    #[test]
    fn a_wide_character_is_erased_whole_on_the_screen() {
        let mut answer = typed("a日");
        assert_eq!(answer.echo(20), "a日");
        answer.press(Key::Erase);
        assert_eq!(answer.echo(20), "\u{8}\u{8}  \u{8}\u{8}");
    }

    #[test]
    fn a_mark_is_written_with_its_character() {
        let mut answer = typed("か");
        assert_eq!(answer.echo(20), "か");
        answer.press(Key::Char('\u{3099}'));
        assert_eq!(answer.echo(20), "\u{3099}");
        answer.press(Key::Erase);
        assert_eq!(answer.echo(20), "\u{8}\u{8}  \u{8}\u{8}");
    }

    #[test]
    fn a_long_answer_shows_its_end() {
        let mut answer = typed("abcdef");
        assert_eq!(answer.echo(4), "cdef");
        answer.press(Key::Char('日'));
        assert_eq!(answer.echo(4), "\u{8}\u{8}\u{8}\u{8}ef日");
    }
}
