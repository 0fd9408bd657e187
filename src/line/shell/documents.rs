//! Here-documents: their text stands after the next newline, away from their redirect.

use crate::line::Span;

use super::ast::{Document, Part};
use super::parser::{Fail, Parser};

/// A here-document whose text was not reached yet.
#[derive(Debug)]
pub(super) struct Pending {
    /// The line that ends it.
    delimiter: String,
    /// Whether tabs at the start of its lines are taken away (`<<-`).
    strips_tabs: bool,
    /// Whether its text is literal.
    is_literal: bool,
    /// Its number.
    number: usize,
}

impl Pending {
    /// Returns the document whose delimiter was typed as `raw`.
    pub(super) fn new(raw: &str, strips_tabs: bool) -> Self {
        let is_literal = raw.contains(['\\', '\'', '"']);
        let delimiter = raw
            .chars()
            .filter(|c| !matches!(c, '\\' | '\'' | '"'))
            .collect();
        Self {
            delimiter,
            strips_tabs,
            is_literal,
            number: 0,
        }
    }
}

impl Parser<'_> {
    /// Notes that a document's text follows the next newline.
    pub(super) fn expect_document(&mut self, mut pending: Pending) {
        pending.number = self.documents.len();
        self.documents.push(Document::default());
        self.pending.push(pending);
    }

    /// Reads the text of all documents that are waited for; the next byte is after a newline.
    pub(super) fn read_documents(&mut self) -> Result<(), Fail> {
        for pending in std::mem::take(&mut self.pending) {
            let start = self.pos;
            let end = self.skip_document(&pending);
            let span = Span::new(start, end);
            let parts = if pending.is_literal && !pending.strips_tabs {
                vec![Part::Quoted(span)]
            } else {
                self.document_parts(span, &pending)?
            };
            if let Some(document) = self.documents.get_mut(pending.number) {
                *document = Document { parts, span };
            }
        }
        Ok(())
    }

    /// Skips a document's text and the line that ends it; returns where its text ends. One that is
    /// never ended goes to the end of the text, as shells have it.
    fn skip_document(&mut self, pending: &Pending) -> usize {
        loop {
            let line_start = self.pos;
            let rest = self.rest();
            if rest.is_empty() {
                self.has_open_document = true;
                return line_start;
            }
            let length = rest.find('\n').unwrap_or(rest.len());
            let line = rest.get(..length).unwrap_or_default();
            self.pos += (length + 1).min(rest.len());
            let line = line.strip_suffix('\r').unwrap_or(line);
            let line = if pending.strips_tabs {
                line.trim_start_matches('\t')
            } else {
                line
            };
            if line == pending.delimiter {
                return line_start;
            }
        }
    }

    /// Returns the parts of a document's text at `span`.
    fn document_parts(&mut self, span: Span, pending: &Pending) -> Result<Vec<Part>, Fail> {
        let (text, after) = (self.text, self.pos);
        self.text = text.get(..span.end).unwrap_or_default();
        self.pos = span.start;
        let parts = self.parts_to_end(pending);
        self.text = text;
        self.pos = after;
        self.pending.clear();
        parts
    }

    /// Reads a document's parts up to the end of the text.
    fn parts_to_end(&mut self, pending: &Pending) -> Result<Vec<Part>, Fail> {
        let mut parts = Vec::new();
        loop {
            if pending.strips_tabs && self.is_line_start() {
                while self.take("\t") {}
            }
            let start = self.pos;
            match self.byte(0) {
                None => return Ok(parts),
                Some(b'\n') => {
                    self.pos += 1;
                    parts.push(Part::Quoted(self.since(start)));
                }
                Some(_) if pending.is_literal => {
                    self.skip_to(b"\n");
                    parts.push(Part::Quoted(self.since(start)));
                }
                Some(_) => match self.double_part(b"\n$`\\") {
                    Ok(part) => parts.extend(part),
                    Err(Fail::Depth) => return Err(Fail::Depth),
                    // A shell finds this mistake only when it expands the text.
                    Err(Fail::Syntax) => {
                        self.pos = self.text.len();
                        parts.push(Part::Quoted(self.since(start)));
                    }
                },
            }
        }
    }

    /// Returns whether the next byte begins a line.
    fn is_line_start(&self) -> bool {
        self.pos == 0 || self.text.as_bytes().get(self.pos - 1) == Some(&b'\n')
    }
}
