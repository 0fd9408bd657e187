//! Redirects.

use super::assign::name_length;
use super::ast::{Redirect, RedirectKind};
use super::documents::Pending;
use super::parser::{Fail, Parser};

/// Operators, the longer before those that they begin with.
const OPERATORS: &[(&str, RedirectKind)] = &[
    ("<<<", RedirectKind::HereString),
    ("<<-", RedirectKind::Document(0)),
    ("<<", RedirectKind::Document(0)),
    ("<&", RedirectKind::Duplicate { output: false }),
    ("<>", RedirectKind::Write),
    ("<", RedirectKind::Read),
    (">>", RedirectKind::Write),
    (">|", RedirectKind::Write),
    (">&", RedirectKind::Duplicate { output: true }),
    (">", RedirectKind::Write),
    ("&>>", RedirectKind::Write),
    ("&>", RedirectKind::Write),
];

impl Parser<'_> {
    /// Reads a redirect if one comes next.
    pub(super) fn redirect(&mut self) -> Result<Option<Redirect>, Fail> {
        let start = self.pos;
        let has_descriptor = self.skip_descriptor();
        let is_standard = match self.text.get(start..self.pos) {
            None | Some("" | "0" | "1") => true,
            Some(_) => false,
        };
        let is_operator = match (self.byte(0), self.byte(1)) {
            (Some(b'<' | b'>'), Some(b'(')) => has_descriptor,
            (Some(b'<' | b'>'), _) => true,
            (Some(b'&'), Some(b'>')) => !has_descriptor,
            _ => false,
        };
        let operator = OPERATORS
            .iter()
            .find(|(text, _)| is_operator && self.is_at(text));
        let Some((text, kind)) = operator else {
            self.pos = start;
            return Ok(None);
        };
        self.pos += text.len();
        self.skip_blanks();
        let word = self.word()?;
        let mut kind = *kind;
        if matches!(kind, RedirectKind::Document(_)) {
            kind = RedirectKind::Document(self.documents.len());
            let raw = self.text.get(word.span.start..word.span.end);
            let pending = Pending::new(raw.unwrap_or_default(), *text == "<<-");
            self.expect_document(pending);
        }
        Ok(Some(Redirect {
            kind,
            word,
            span: self.since(start),
            is_standard,
        }))
    }

    /// Skips `3` or `{fd}` before a redirect's operator; returns whether there was one.
    fn skip_descriptor(&mut self) -> bool {
        let start = self.pos;
        let rest = self.rest().as_bytes();
        let length = if rest.first() == Some(&b'{') {
            let name = name_length(rest.get(1..).unwrap_or_default());
            let closes = name > 0 && rest.get(name + 1) == Some(&b'}');
            if closes { name + 2 } else { 0 }
        } else {
            rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
        };
        if length > 0 && matches!(rest.get(length), Some(b'<' | b'>')) {
            self.pos = start + length;
        }
        self.pos > start
    }
}
