//! The escapes of `$'…'`, `echo -e` and `printf`.

use super::{Piece, Span};

/// How numbers in eight are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Octal {
    /// Up to three digits (`$'…'`, a format of `printf`).
    Plain,
    /// Up to three digits after a `0` too (`echo -e`, `%b`).
    AfterZero,
}

/// Returns the pieces of a text with backslash escapes; `place` says where bytes of it stand in the
/// line. Each escape is a piece of its own.
pub(super) fn decode(text: &str, octal: Octal, place: impl Fn(Span) -> Span) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut push = |text: &str, span: Span| {
        if !text.is_empty() {
            pieces.push(Piece::Text {
                text: text.to_owned(),
                span: place(span),
                quoted: true,
            });
        }
    };
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let length = rest.find('\\').unwrap_or(rest.len());
        push(
            rest.get(..length).unwrap_or_default(),
            Span::new(at, at + length),
        );
        at += length;
        let Some(escape) = text.get(at + 1..).filter(|_| length < rest.len()) else {
            break;
        };
        let (decoded, length) = one(escape, octal);
        let span = Span::new(at, at + 1 + length);
        at = span.end;
        match decoded {
            // The string ends at a NUL.
            Some('\0') => break,
            Some(c) => push(c.encode_utf8(&mut [0; 4]), span),
            None => push(text.get(span.start..span.end).unwrap_or_default(), span),
        }
    }
    pieces
}

/// Returns the character of the escape after a backslash, and its length in bytes; no character
/// where it is none, and so stands for itself.
fn one(escape: &str, octal: Octal) -> (Option<char>, usize) {
    let Some(first) = escape.chars().next() else {
        return (None, 0);
    };
    let simple = match first {
        'a' => '\x07',
        'b' => '\x08',
        'e' | 'E' => '\x1b',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        '\\' | '\'' | '"' | '?' => first,
        'x' => return numeric(escape, 1, 2, 16),
        'u' => return numeric(escape, 1, 4, 16),
        'U' => return numeric(escape, 1, 8, 16),
        '0' if octal == Octal::AfterZero => return numeric(escape, 0, 4, 8),
        '0'..='7' => return numeric(escape, 0, 3, 8),
        'c' => {
            let control = escape.as_bytes().get(1).copied().filter(u8::is_ascii);
            return match control {
                Some(byte) => (Some(char::from(byte & 0x1f)), 2),
                None => (None, 1),
            };
        }
        _ => return (None, first.len_utf8()),
    };
    (Some(simple), first.len_utf8())
}

/// Returns the character with a number of at most `most` digits after `prefix` bytes.
fn numeric(escape: &str, prefix: usize, most: usize, radix: u32) -> (Option<char>, usize) {
    let digits = escape.get(prefix..).unwrap_or_default();
    let length = digits
        .chars()
        .take(most)
        .take_while(|c| c.is_digit(radix))
        .count();
    let number = digits
        .get(..length)
        .and_then(|digits| u32::from_str_radix(digits, radix).ok());
    match number {
        None => (None, prefix),
        // A lone byte beyond ASCII is part of a character that other escapes complete.
        Some(number) if prefix == 1 && most == 2 && number > 0x7f => {
            (Some(char::REPLACEMENT_CHARACTER), prefix + length)
        }
        Some(number) => {
            let c = char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER);
            (Some(c), prefix + length)
        }
    }
}
