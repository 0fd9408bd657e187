//! Words: quotes, parameters, substitutions.

use crate::line::Span;

use super::assign::name_length;
use super::ast::{Operator, Parameter, Part, RawWord};
use super::parser::{Fail, Parser, ends_word};

/// Which parentheses belong to a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parentheses {
    /// None: they are operators.
    Outside,
    /// Those after `?`, `*`, `+`, `@`, `!`: patterns inside `[[ ]]`.
    Pattern,
    /// All, and `|`: a regular expression inside `[[ ]]`.
    Regex,
}

/// Returns whether `byte` ends text that stands for itself.
fn ends_literal(byte: u8) -> bool {
    ends_word(byte) || matches!(byte, b'\\' | b'\'' | b'"' | b'`' | b'$')
}

impl Parser<'_> {
    /// Returns whether a word begins at the next byte.
    pub(super) fn is_at_word(&self) -> bool {
        match (self.byte(0), self.byte(1)) {
            (None, _) | (Some(b'\r'), None | Some(b'\n')) => false,
            (Some(b'<' | b'>'), Some(b'(')) | (Some(b'\r'), Some(_)) => true,
            (Some(byte), _) => !ends_word(byte),
        }
    }

    /// Reads a word; fails where none begins.
    pub(super) fn word(&mut self) -> Result<RawWord, Fail> {
        self.word_with(Parentheses::Outside)
    }

    /// Reads a word in which some parentheses are text.
    pub(super) fn word_with(&mut self, parentheses: Parentheses) -> Result<RawWord, Fail> {
        let start = self.pos;
        let mut parts = Vec::new();
        loop {
            if self.has_own_parenthesis(start, parentheses) {
                self.own_parenthesis(&mut parts)?;
            } else if self.is_at_word() {
                parts.extend(self.part()?);
            } else {
                break;
            }
        }
        if self.pos == start {
            return Err(Fail::Syntax);
        }
        Ok(RawWord {
            parts,
            span: self.since(start),
        })
    }

    /// Returns whether a parenthesis or bar comes next that is text of the word begun at `start`.
    fn has_own_parenthesis(&self, start: usize, parentheses: Parentheses) -> bool {
        match parentheses {
            Parentheses::Outside => false,
            Parentheses::Pattern => {
                let before = self.text.as_bytes().get(self.pos.wrapping_sub(1));
                self.byte(0) == Some(b'(')
                    && self.pos > start
                    && matches!(before, Some(b'?' | b'*' | b'+' | b'@' | b'!'))
            }
            Parentheses::Regex => match (self.byte(0), self.byte(1)) {
                (Some(b'('), _) => true,
                (Some(b'|'), next) => next != Some(b'|') || self.pos == start,
                _ => false,
            },
        }
    }

    /// Reads a parenthesis with all up to its match, or a bar, as text.
    fn own_parenthesis(&mut self, parts: &mut Vec<Part>) -> Result<(), Fail> {
        let mut level = 0_usize;
        loop {
            let start = self.pos;
            match self.byte(0) {
                None => return Err(Fail::Syntax),
                Some(b'(') => level += 1,
                Some(b')') => level = level.saturating_sub(1),
                Some(b'\\' | b'\'' | b'"' | b'`' | b'$') => {
                    parts.extend(self.part()?);
                    continue;
                }
                Some(_) => {}
            }
            let width = self.rest().chars().next().map_or(1, char::len_utf8);
            self.pos += width;
            parts.push(Part::Literal(self.since(start)));
            if level == 0 {
                return Ok(());
            }
        }
    }

    /// Reads the next part of a word; none for a continued line.
    fn part(&mut self) -> Result<Option<Part>, Fail> {
        let start = self.pos;
        match self.byte(0) {
            Some(b'\\') => Ok(self.escape()),
            Some(b'\'') => self.single_quoted().map(Some),
            Some(b'"') => self.double_quoted().map(Some),
            Some(b'`') => self.backtick().map(Some),
            Some(b'$') => match self.dollar(false)? {
                Some(part) => Ok(Some(part)),
                None => {
                    self.pos += 1;
                    Ok(Some(Part::Literal(self.since(start))))
                }
            },
            Some(b'<' | b'>') => {
                self.pos += 2;
                let list = self.deeper(Self::list)?;
                self.expect(")")?;
                let span = self.since(start);
                Ok(Some(Part::Process { list, span }))
            }
            _ => {
                // The first byte may be a carriage return that is text.
                self.pos += 1;
                let rest = self.text.as_bytes().get(self.pos..).unwrap_or_default();
                let length = rest.iter().position(|byte| ends_literal(*byte));
                self.pos += length.unwrap_or(rest.len());
                Ok(Some(Part::Literal(self.since(start))))
            }
        }
    }

    /// Moves to the next of `bytes`, all of them ASCII, or the end.
    pub(super) fn skip_to(&mut self, bytes: &[u8]) {
        let rest = self.text.as_bytes().get(self.pos..).unwrap_or_default();
        let length = rest.iter().position(|byte| bytes.contains(byte));
        self.pos += length.unwrap_or(rest.len());
    }

    /// Reads a backslash and what it quotes; nothing for a continued line. At the end of the text
    /// the backslash is text.
    fn escape(&mut self) -> Option<Part> {
        let start = self.pos;
        self.pos += 1;
        match self.rest().chars().next() {
            None => Some(Part::Quoted(self.since(start))),
            Some('\n') => {
                self.pos += 1;
                None
            }
            Some('\r') if self.byte(1) == Some(b'\n') => {
                self.pos += 2;
                None
            }
            Some(c) => {
                self.pos += c.len_utf8();
                Some(Part::Escape(self.since(start)))
            }
        }
    }

    /// Reads `'…'`.
    pub(super) fn single_quoted(&mut self) -> Result<Part, Fail> {
        let start = self.pos + 1;
        let rest = self.text.get(start..).unwrap_or_default();
        let Some(length) = rest.find('\'') else {
            // Up to where a closing quote is missing, for `ends_too_early`.
            self.pos = self.text.len();
            return Err(Fail::Syntax);
        };
        self.pos = start + length + 1;
        Ok(Part::Quoted(Span::new(start, start + length)))
    }

    /// Reads `"…"`.
    pub(super) fn double_quoted(&mut self) -> Result<Part, Fail> {
        self.pos += 1;
        let mut parts = Vec::new();
        while !self.take("\"") {
            parts.extend(self.double_part(b"\"$`\\")?);
        }
        Ok(Part::Double(parts))
    }

    /// Reads the next part inside double quotes or a here-document; `special` are the bytes that
    /// end plain text there.
    pub(super) fn double_part(&mut self, special: &[u8]) -> Result<Option<Part>, Fail> {
        let start = self.pos;
        match self.byte(0) {
            None => Err(Fail::Syntax),
            Some(b'\\') => match self.byte(1) {
                Some(b'\n' | b'$' | b'`' | b'\\') => Ok(self.escape()),
                Some(b'"') if special.contains(&b'"') => Ok(self.escape()),
                _ => {
                    self.pos += 1;
                    Ok(Some(Part::Quoted(self.since(start))))
                }
            },
            Some(b'`') => self.backtick().map(Some),
            Some(b'$') => match self.dollar(true)? {
                Some(part) => Ok(Some(part)),
                None => {
                    self.pos += 1;
                    Ok(Some(Part::Quoted(self.since(start))))
                }
            },
            Some(_) => {
                self.skip_to(special);
                Ok(Some(Part::Quoted(self.since(start))))
            }
        }
    }

    /// Reads text between backticks. Shells look into it only when they run it, and so does the
    /// walk over the tree.
    fn backtick(&mut self) -> Result<Part, Fail> {
        let start = self.pos;
        self.pos += 1;
        loop {
            self.skip_to(b"`\\");
            match self.byte(0) {
                None => return Err(Fail::Syntax),
                Some(b'`') => {
                    let text = Span::new(start + 1, self.pos);
                    self.pos += 1;
                    let span = self.since(start);
                    return Ok(Part::Backtick { text, span });
                }
                Some(_) => {
                    self.pos += 1;
                    let width = self.rest().chars().next().map_or(0, char::len_utf8);
                    self.pos += width;
                }
            }
        }
    }

    /// Reads what begins with `$`; nothing where the dollar is text.
    pub(super) fn dollar(&mut self, in_double: bool) -> Result<Option<Part>, Fail> {
        let start = self.pos;
        match self.byte(1) {
            Some(b'(') => {
                if self.byte(2) == Some(b'(')
                    && let Some(end) = self.arithmetic_end(start + 3)
                {
                    self.pos += 3;
                    let parts = self.arithmetic_parts(end)?;
                    self.expect("))")?;
                    let span = self.since(start);
                    return Ok(Some(Part::Arithmetic { parts, span }));
                }
                self.pos += 2;
                let list = self.deeper(Self::list)?;
                self.expect(")")?;
                let span = self.since(start);
                Ok(Some(Part::Substitution { list, span }))
            }
            Some(b'{') => self.deeper(|parser| parser.braced(in_double)).map(Some),
            Some(b'[') => {
                if self.no_bracket {
                    return Ok(None);
                }
                let Some(length) = self.rest().find(']') else {
                    self.no_bracket = true;
                    return Ok(None);
                };
                self.pos += 2;
                let parts = self.arithmetic_parts(start + length)?;
                self.expect("]")?;
                let span = self.since(start);
                Ok(Some(Part::Arithmetic { parts, span }))
            }
            Some(b'\'') if !in_double => self.ansi_quoted().map(Some),
            Some(b'"') if !in_double => {
                self.pos += 1;
                self.double_quoted().map(Some)
            }
            _ => Ok(self.bare_parameter()),
        }
    }

    /// Reads `$name`, `$1`, `$?` and their like.
    fn bare_parameter(&mut self) -> Option<Part> {
        let start = self.pos;
        let after = self.text.as_bytes().get(start + 1..).unwrap_or_default();
        let is_special = matches!(
            after.first(),
            Some(b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!')
        );
        let length = if is_special { 1 } else { name_length(after) };
        if length == 0 {
            return None;
        }
        self.pos = start + 1 + length;
        Some(Part::Parameter(Box::new(Parameter {
            name: Span::new(start + 1, self.pos),
            operator: Operator::None,
            operand: Vec::new(),
            span: self.since(start),
        })))
    }

    /// Reads `$'…'`.
    fn ansi_quoted(&mut self) -> Result<Part, Fail> {
        let start = self.pos + 2;
        self.pos = start;
        loop {
            self.skip_to(b"'\\");
            match self.byte(0) {
                None => return Err(Fail::Syntax),
                Some(b'\'') => {
                    let span = self.since(start);
                    self.pos += 1;
                    return Ok(Part::Ansi(span));
                }
                Some(_) => {
                    self.pos += 1;
                    let width = self.rest().chars().next().map_or(0, char::len_utf8);
                    self.pos += width;
                }
            }
        }
    }

    /// Reads `${…}`.
    fn braced(&mut self, in_double: bool) -> Result<Part, Fail> {
        let start = self.pos;
        if matches!(self.byte(2), Some(b' ' | b'\t' | b'\n' | b'|'))
            && let Some(part) = self.brace_substitution()?
        {
            return Ok(part);
        }
        self.pos = start + 2;
        let is_indirect = self.byte(0) == Some(b'!') && self.byte(1) != Some(b'}');
        let is_length = self.byte(0) == Some(b'#') && self.byte(1) != Some(b'}');
        if is_indirect || is_length {
            self.pos += 1;
        }
        let name = self.parameter_name();
        let operator = self.operator(is_indirect || is_length || name.start == name.end);
        let quotes_count = !in_double || operator == Operator::Other;
        let operand = self.operand(in_double, quotes_count)?;
        Ok(Part::Parameter(Box::new(Parameter {
            name,
            operator,
            operand,
            span: self.since(start),
        })))
    }

    /// Reads a parameter's name inside braces.
    fn parameter_name(&mut self) -> Span {
        let start = self.pos;
        let rest = self.rest().as_bytes();
        let n_digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let length = match rest.first() {
            Some(b'0'..=b'9') => n_digits,
            Some(b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!') => 1,
            _ => name_length(rest),
        };
        self.pos += length;
        self.since(start)
    }

    /// Reads the operator after a parameter's name; `is_other` where the value is not known
    /// whatever follows.
    fn operator(&mut self, is_other: bool) -> Operator {
        let colon = self.byte(0) == Some(b':');
        let sign = self.byte(usize::from(colon));
        let operator = match sign {
            _ if is_other => Operator::Other,
            Some(b'}') if !colon => Operator::None,
            Some(b'-' | b'=') => Operator::Default { colon },
            Some(b'+') => Operator::Alternative { colon },
            _ => Operator::Other,
        };
        if matches!(
            operator,
            Operator::Default { .. } | Operator::Alternative { .. }
        ) {
            self.pos += usize::from(colon) + 1;
        }
        operator
    }

    /// Reads the rest of `${…}` with its brace.
    fn operand(&mut self, in_double: bool, quotes_count: bool) -> Result<Vec<Part>, Fail> {
        let mut parts = Vec::new();
        loop {
            let start = self.pos;
            match self.byte(0) {
                None => return Err(Fail::Syntax),
                Some(b'}') => {
                    self.pos += 1;
                    return Ok(parts);
                }
                Some(b'\\') => parts.extend(self.escape()),
                Some(b'\'') if quotes_count => parts.push(self.single_quoted()?),
                Some(b'"') => parts.push(self.double_quoted()?),
                Some(b'`') => parts.push(self.backtick()?),
                Some(b'$') => match self.dollar(in_double)? {
                    Some(part) => parts.push(part),
                    None => {
                        self.pos += 1;
                        parts.push(Part::Literal(self.since(start)));
                    }
                },
                Some(_) => {
                    self.pos += 1;
                    self.skip_to(b"}\\'\"`$");
                    parts.push(Part::Literal(self.since(start)));
                }
            }
        }
    }

    /// Tries bash 5.3's `${ …; }`.
    fn brace_substitution(&mut self) -> Result<Option<Part>, Fail> {
        if self.no_brace_substitution {
            return Ok(None);
        }
        let start = self.pos;
        let marks = self.marks();
        self.pos += if self.byte(2) == Some(b'|') { 3 } else { 2 };
        let was_in = std::mem::replace(&mut self.in_brace_substitution, true);
        let list = self.body();
        self.in_brace_substitution = was_in;
        match list {
            Ok(list) if self.is_at("}") => {
                self.pos += 1;
                let span = self.since(start);
                Ok(Some(Part::Substitution { list, span }))
            }
            Err(Fail::Depth) => Err(Fail::Depth),
            Ok(_) | Err(Fail::Syntax) => {
                self.no_brace_substitution = true;
                self.back_to(marks);
                self.pos = start;
                Ok(None)
            }
        }
    }

    /// Returns where the `))` stands that ends the arithmetic begun at `start`; nothing where the
    /// parentheses are subshells.
    pub(super) fn arithmetic_end(&self, start: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut level = 0_usize;
        let mut at = start;
        loop {
            match bytes.get(at)? {
                b'(' => level += 1,
                b')' if level == 0 => return (bytes.get(at + 1) == Some(&b')')).then_some(at),
                b')' => level -= 1,
                b'\\' => at += 1,
                quote @ (b'\'' | b'"') => at = closing_quote(bytes, at + 1, *quote)?,
                _ => {}
            }
            at += 1;
        }
    }

    /// Reads the text of an arithmetic expression up to `end`.
    pub(super) fn arithmetic_parts(&mut self, end: usize) -> Result<Vec<Part>, Fail> {
        let mut parts = Vec::new();
        self.deeper(|parser| {
            while parser.pos < end {
                let start = parser.pos;
                match parser.byte(0) {
                    Some(b'\\' | b'\'' | b'"' | b'`') => parts.extend(parser.part()?),
                    Some(b'$') => match parser.dollar(false)? {
                        Some(part) => parts.push(part),
                        None => parser.pos += 1,
                    },
                    _ => {
                        parser.pos += 1;
                        parser.skip_to(b"\\'\"`$)");
                        parser.pos = parser.pos.min(end);
                        parts.push(Part::Literal(parser.since(start)));
                    }
                }
            }
            Ok(())
        })?;
        if self.pos == end {
            Ok(parts)
        } else {
            Err(Fail::Syntax)
        }
    }
}

/// Returns where the quote that was opened before `start` closes.
pub(super) fn closing_quote(bytes: &[u8], start: usize, quote: u8) -> Option<usize> {
    let mut at = start;
    loop {
        match *bytes.get(at)? {
            byte if byte == quote => return Some(at),
            b'\\' if quote == b'"' => at += 1,
            _ => {}
        }
        at += 1;
    }
}
