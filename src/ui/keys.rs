//! Bytes from a terminal become keys. Pure.
//!
//! In: bytes one at a time, cut anywhere. Out: at most one [`Key`] a byte. Escape sequences and
//! answers of the terminal to questions of other programs are swallowed; a bracketed paste comes
//! out as one [`Key::Pasted`] without its content, because a pasted block never is an answer.

#![forbid(unsafe_code)]

/// The bytes that end a bracketed paste.
const PASTE_END: &[u8] = b"\x1b[201~";
/// Longest parameter part of a control sequence that is kept, in bytes.
const PARAMETERS: usize = 16;

/// What a person did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// A character that shows.
    Char(char),
    /// Enter.
    Enter,
    /// Backspace.
    Erase,
    /// Ctrl-W.
    EraseWord,
    /// Ctrl-U.
    EraseAll,
    /// Ctrl-D.
    End,
    /// A block was pasted, or the rest of one whose beginning was thrown away.
    Pasted,
    /// Bytes that are no UTF-8.
    NotUtf8,
}

/// Turns bytes into keys.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// Where in a sequence the last byte stood.
    state: State,
}

/// Where in a sequence the last byte stood.
#[derive(Debug, Default)]
enum State {
    /// Between sequences.
    #[default]
    Ground,
    /// Inside a character of `need` bytes.
    Character {
        /// The bytes so far.
        bytes: Vec<u8>,
        /// All of them.
        need: usize,
    },
    /// After ESC.
    Escape,
    /// After ESC and `[`, with the parameters so far.
    Control(Vec<u8>),
    /// After ESC and `O`: one more byte.
    Function,
    /// Inside a string that BEL or ESC `\` ends.
    Text {
        /// Whether the last byte was ESC.
        escape: bool,
    },
    /// Inside a paste, with this many bytes of its end seen.
    Paste(usize),
}

impl Decoder {
    /// Returns whether the last byte was a lone ESC, so that it may have been the key itself.
    pub(super) fn is_after_escape(&self) -> bool {
        matches!(self.state, State::Escape)
    }

    /// Returns whether a paste has begun and not ended.
    pub(super) fn is_in_paste(&self) -> bool {
        matches!(self.state, State::Paste(_))
    }

    /// Takes one byte; returns the key that it completes.
    pub(super) fn feed(&mut self, byte: u8) -> Option<Key> {
        match std::mem::take(&mut self.state) {
            State::Ground => self.ground(byte),
            State::Character { bytes, need } => self.character(bytes, need, byte),
            State::Escape => self.escape(byte),
            State::Control(parameters) => self.control(parameters, byte),
            State::Function => None,
            State::Text { escape } => {
                let ended = byte == 0x07 || (escape && byte == b'\\');
                if !ended {
                    self.state = State::Text {
                        escape: byte == 0x1b,
                    };
                }
                None
            }
            State::Paste(seen) => self.paste(seen, byte),
        }
    }

    /// Takes a byte between sequences.
    fn ground(&mut self, byte: u8) -> Option<Key> {
        match byte {
            b'\r' | b'\n' => Some(Key::Enter),
            0x04 => Some(Key::End),
            0x08 | 0x7f => Some(Key::Erase),
            0x15 => Some(Key::EraseAll),
            0x17 => Some(Key::EraseWord),
            0x1b => {
                self.state = State::Escape;
                None
            }
            0x20..=0x7e => Some(Key::Char(char::from(byte))),
            0x00..=0x1f => None,
            0xc2..=0xf4 => {
                let need = match byte {
                    0xc2..=0xdf => 2,
                    0xe0..=0xef => 3,
                    _ => 4,
                };
                self.state = State::Character {
                    bytes: vec![byte],
                    need,
                };
                None
            }
            0x80..=0xc1 | 0xf5..=0xff => Some(Key::NotUtf8),
        }
    }

    /// Takes a byte inside a character.
    fn character(&mut self, mut bytes: Vec<u8>, need: usize, byte: u8) -> Option<Key> {
        bytes.push(byte);
        if !(0x80..=0xbf).contains(&byte) {
            return Some(Key::NotUtf8);
        }
        if bytes.len() < need {
            self.state = State::Character { bytes, need };
            return None;
        }
        let character = std::str::from_utf8(&bytes)
            .ok()
            .and_then(|text| text.chars().next());
        match character {
            // What cannot be seen in an answer must not be in it.
            Some(character) if super::safe::is_hidden(character) => None,
            Some(character) => Some(Key::Char(character)),
            None => Some(Key::NotUtf8),
        }
    }

    /// Takes the byte after ESC.
    fn escape(&mut self, byte: u8) -> Option<Key> {
        match byte {
            b'[' => self.state = State::Control(Vec::new()),
            b'O' => self.state = State::Function,
            b']' | b'P' | b'X' | b'^' | b'_' => self.state = State::Text { escape: false },
            // Alt and a key is that key; ESC and then a key cannot be told from it.
            _ => return self.ground(byte),
        }
        None
    }

    /// Takes a byte of a control sequence.
    fn control(&mut self, mut parameters: Vec<u8>, byte: u8) -> Option<Key> {
        match byte {
            b'~' if parameters == b"200" => {
                self.state = State::Paste(0);
                None
            }
            b'~' if parameters == b"201" => Some(Key::Pasted),
            0x20..=0x3f => {
                if parameters.len() < PARAMETERS {
                    parameters.push(byte);
                }
                self.state = State::Control(parameters);
                None
            }
            0x40..=0x7e => None,
            // A sequence that breaks off: the byte counts for itself.
            _ => self.ground(byte),
        }
    }

    /// Takes a byte of a paste.
    fn paste(&mut self, seen: usize, byte: u8) -> Option<Key> {
        let seen = if PASTE_END.get(seen) == Some(&byte) {
            seen + 1
        } else {
            usize::from(byte == 0x1b)
        };
        if seen == PASTE_END.len() {
            return Some(Key::Pasted);
        }
        self.state = State::Paste(seen);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expect: &[Key]) {
        let mut decoder = Decoder::default();
        let keys: Vec<Key> = bytes.iter().filter_map(|b| decoder.feed(*b)).collect();
        assert_eq!(keys, expect, "{bytes:?}");
    }

    #[test]
    fn letters_and_enter_are_keys() {
        check(b"y\n", &[Key::Char('y'), Key::Enter]);
        check(b"y\r", &[Key::Char('y'), Key::Enter]);
    }

    #[test]
    fn a_character_of_several_bytes_is_one_key() {
        check("ｙ".as_bytes(), &[Key::Char('ｙ')]);
        check("𠮷é".as_bytes(), &[Key::Char('𠮷'), Key::Char('é')]);
    }

    #[test]
    fn bytes_that_are_no_utf8_are_told() {
        check(b"\xff", &[Key::NotUtf8]);
        check(b"\xe3\x81x", &[Key::NotUtf8]);
        check(b"\xed\xa0\x80", &[Key::NotUtf8]);
    }

    #[test]
    fn editing_keys_are_known() {
        check(
            b"\x7f\x08\x15\x17\x04",
            &[
                Key::Erase,
                Key::Erase,
                Key::EraseAll,
                Key::EraseWord,
                Key::End,
            ],
        );
    }

    #[test]
    fn arrows_and_function_keys_are_swallowed() {
        check(b"\x1b[A\x1bOP\x1b[15;5~y", &[Key::Char('y')]);
    }

    #[test]
    fn an_answer_of_the_terminal_is_swallowed() {
        check(
            b"\x1b]11;rgb:0/0/0\x07a\x1bP1$r\x1b\\b",
            &[Key::Char('a'), Key::Char('b')],
        );
    }

    #[test]
    fn alt_and_a_key_is_the_key() {
        check(b"\x1by", &[Key::Char('y')]);
    }

    #[test]
    fn control_and_hidden_characters_are_dropped() {
        check(b"a\x00\x01\x07b", &[Key::Char('a'), Key::Char('b')]);
        check(
            "1\u{202e}\u{200b}\u{9b}2".as_bytes(),
            &[Key::Char('1'), Key::Char('2')],
        );
    }

    #[test]
    fn a_paste_is_one_key_whatever_it_holds() {
        check(b"\x1b[200~yes\nyes\n\x1b[201~", &[Key::Pasted]);
        check(
            b"\x1b[200~\x1b[200~\x1b\x1b[201~y",
            &[Key::Pasted, Key::Char('y')],
        );
    }

    #[test]
    fn the_rest_of_a_paste_is_a_paste() {
        check(b"s\x1b[201~", &[Key::Char('s'), Key::Pasted]);
    }

    #[test]
    fn a_lone_escape_can_be_told() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.feed(0x1b), None);
        assert!(decoder.is_after_escape());
    }

    proptest::proptest! {
        #[test]
        fn no_byte_of_a_paste_comes_out(before in "[a-z]{0,5}", pasted in "[^\u{1b}]{0,40}") {
            let mut decoder = Decoder::default();
            let bytes = format!("{before}\u{1b}[200~{pasted}\u{1b}[201~");
            let keys: Vec<Key> = bytes.bytes().filter_map(|byte| decoder.feed(byte)).collect();
            let mut expect: Vec<Key> = before.chars().map(Key::Char).collect();
            expect.push(Key::Pasted);
            proptest::prop_assert_eq!(keys, expect);
        }

        #[test]
        fn whatever_comes_is_a_key_that_shows_or_none(
            bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..60),
        ) {
            let mut decoder = Decoder::default();
            for byte in bytes {
                if let Some(Key::Char(character)) = decoder.feed(byte) {
                    proptest::prop_assert!(!crate::ui::safe::is_hidden(character));
                }
            }
        }
    }
}
