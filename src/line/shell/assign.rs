//! Assignments: `NAME=value`, `NAME+=value`, `NAME[i]=value`, `NAME=(…)`.

use crate::line::Span;

use super::ast::{Assignment, Part, RawWord};
use super::parser::{Fail, Parser};
use super::words::closing_quote;

/// The longest subscript of an assignment, in bytes: a longer one is a word.
const MAX_SUBSCRIPT: usize = 1024;

impl Parser<'_> {
    /// Reads an assignment if one comes next.
    pub(super) fn assignment(&mut self) -> Result<Option<Assignment>, Fail> {
        let start = self.pos;
        let name_length = name_length(self.rest().as_bytes());
        if name_length == 0 {
            return Ok(None);
        }
        let name = Span::new(start, start + name_length);
        self.pos = name.end;
        let subscript_end = self.subscript_end();
        self.pos = subscript_end.map_or(name.end, |end| end + 1);
        if !self.take("+=") && !self.take("=") {
            self.pos = start;
            return Ok(None);
        }
        let subscript = match subscript_end {
            Some(end) => self.subscript(name.end + 1, end)?,
            None => Vec::new(),
        };
        let value_start = self.pos;
        let is_array = self.byte(0) == Some(b'(');
        let value = if is_array {
            let array = self.deeper(Self::array)?;
            RawWord {
                parts: vec![array],
                span: self.since(value_start),
            }
        } else if self.is_at_word() {
            self.word()?
        } else {
            RawWord {
                parts: Vec::new(),
                span: self.since(value_start),
            }
        };
        Ok(Some(Assignment {
            name,
            value,
            subscript,
        }))
    }

    /// Returns where the `]` stands that closes a subscript begun at the next byte. It only looks:
    /// what turns out to be no assignment is read once, as a word.
    fn subscript_end(&self) -> Option<usize> {
        let rest = self.rest().as_bytes();
        let rest = rest.get(..MAX_SUBSCRIPT).unwrap_or(rest);
        if rest.first() != Some(&b'[') {
            return None;
        }
        let (mut brackets, mut parentheses) = (0_usize, 0_usize);
        let mut at = 0;
        loop {
            match rest.get(at)? {
                b'\n' => return None,
                b';' | b'|' | b'&' | b'<' | b'>' if parentheses == 0 => return None,
                b'[' => brackets += 1,
                b']' if brackets == 1 && parentheses == 0 => return Some(self.pos + at),
                b']' => brackets = brackets.saturating_sub(1).max(1),
                b'(' => parentheses += 1,
                b')' => parentheses = parentheses.checked_sub(1)?,
                b'\\' => at += 1,
                quote @ (b'\'' | b'"') => at = closing_quote(rest, at + 1, *quote)?,
                _ => {}
            }
            at += 1;
        }
    }

    /// Reads a subscript's text for its substitutions; the next byte stays the same.
    fn subscript(&mut self, start: usize, end: usize) -> Result<Vec<Part>, Fail> {
        let after = std::mem::replace(&mut self.pos, start);
        let parts = self.arithmetic_parts(end)?;
        self.pos = after;
        Ok(parts)
    }

    /// Reads `(…)` after `NAME=`.
    fn array(&mut self) -> Result<Part, Fail> {
        let start = self.pos;
        let mut words = Vec::new();
        self.pos += 1;
        loop {
            self.skip_newlines()?;
            if self.take(")") {
                let span = self.since(start);
                return Ok(Part::Array { words, span });
            }
            words.push(self.word()?);
        }
    }
}

/// Returns the length of the variable name that `text` begins with.
pub(super) fn name_length(text: &[u8]) -> usize {
    if text.first().is_some_and(u8::is_ascii_digit) {
        return 0;
    }
    text.iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
        .count()
}
