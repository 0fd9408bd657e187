//! Assignments: `NAME=value`, `NAME+=value`, `NAME[i]=value`, `NAME=(…)`.

use crate::line::Span;

use super::ast::{Assignment, Part, RawWord};
use super::parser::{Fail, Parser};

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
        let has_subscript = self.byte(0) == Some(b'[');
        if has_subscript && !self.skip_subscript()? {
            self.pos = start;
            return Ok(None);
        }
        let appends = self.is_at("+=");
        if !self.take("+=") && !self.take("=") {
            self.pos = start;
            return Ok(None);
        }
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
            is_plain: !appends && !has_subscript && !is_array,
        }))
    }

    /// Skips `[…]` after a name; returns whether it is one.
    fn skip_subscript(&mut self) -> Result<bool, Fail> {
        let mut level = 0_usize;
        loop {
            match self.byte(0) {
                None | Some(b'\n' | b';' | b'|' | b'&' | b'<' | b'>') => return Ok(false),
                Some(b'[') => level += 1,
                Some(b']') => level = level.saturating_sub(1),
                Some(b'\'') => {
                    self.single_quoted()?;
                    continue;
                }
                Some(b'"') => {
                    self.double_quoted()?;
                    continue;
                }
                Some(b'$') if self.dollar(false)?.is_some() => continue,
                Some(_) => {}
            }
            self.pos += 1;
            if level == 0 {
                return Ok(true);
            }
        }
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
