//! `[[ … ]]`: read for its words alone, since only their substitutions run anything.

use super::ast::{Kind, RawWord};
use super::parser::{Fail, Parser};
use super::words::Parentheses;

/// What joins two words inside `[[ ]]`, besides `<`, `>` and the options.
const BINARY: &[&str] = &["=~", "==", "!=", "="];

/// Options that join two words.
const BINARY_OPTIONS: &[&str] = &[
    "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-ef", "-nt", "-ot",
];

impl Parser<'_> {
    /// Reads a condition after `[[`.
    pub(super) fn condition(&mut self) -> Result<Kind, Fail> {
        let mut words = Vec::new();
        self.either(&mut words)?;
        if !self.is_word("]]") {
            return Err(Fail::Syntax);
        }
        self.pos += 2;
        Ok(Kind::Test(words))
    }

    /// Reads terms joined by `&&` and `||`; which binds closer does not matter here.
    fn either(&mut self, words: &mut Vec<RawWord>) -> Result<(), Fail> {
        loop {
            self.term(words)?;
            self.skip_newlines()?;
            if !self.take("&&") && !self.take("||") {
                return Ok(());
            }
        }
    }

    /// Reads one term.
    fn term(&mut self, words: &mut Vec<RawWord>) -> Result<(), Fail> {
        self.skip_newlines()?;
        while self.is_word("!") {
            self.pos += 1;
            self.skip_newlines()?;
        }
        if self.take("(") {
            self.deeper(|parser| parser.either(words))?;
            return self.expect(")");
        }
        if self.is_word("]]") {
            return Err(Fail::Syntax);
        }
        let first = self.word()?;
        let is_unary = self.is_unary(&first);
        words.push(first);
        self.skip_blanks();
        if is_unary && self.is_at_word() && !self.is_word("]]") && self.binary_length().is_none() {
            words.push(self.word()?);
            return Ok(());
        }
        self.second_word(words, is_unary)
    }

    /// Reads operator and second word of a term, if there are any.
    fn second_word(&mut self, words: &mut Vec<RawWord>, is_unary: bool) -> Result<(), Fail> {
        let Some((length, parentheses)) = self.binary_length() else {
            let ends = self.is_word("]]")
                || self.is_at("&&")
                || self.is_at("||")
                || self.is_at(")")
                || self.byte(0) == Some(b'\n');
            // `[[ -f ]]` lacks its operand; `[[ x ]]` asks whether the word is empty.
            return (ends && !is_unary).then_some(()).ok_or(Fail::Syntax);
        };
        self.pos += length;
        self.skip_blanks();
        words.push(self.word_with(parentheses)?);
        Ok(())
    }

    /// Returns whether `word` is an option with one operand.
    fn is_unary(&self, word: &RawWord) -> bool {
        let text = self.text.get(word.span.start..word.span.end);
        match text.unwrap_or_default().as_bytes() {
            [b'-', letter] => b"abcdefghknoprstuvwxzGLNORS".contains(letter),
            _ => false,
        }
    }

    /// Returns the length of the operator that comes next and what parentheses mean after it.
    fn binary_length(&self) -> Option<(usize, Parentheses)> {
        if matches!(self.byte(0), Some(b'<' | b'>')) && self.byte(1) != Some(b'(') {
            return Some((1, Parentheses::Outside));
        }
        if self.is_word("=~") {
            return Some((2, Parentheses::Regex));
        }
        let operator = BINARY.iter().chain(BINARY_OPTIONS);
        let found = operator.into_iter().find(|operator| self.is_word(operator));
        found.map(|operator| (operator.len(), Parentheses::Pattern))
    }
}
