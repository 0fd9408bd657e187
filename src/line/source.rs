//! A text that is read as commands, and where each of its bytes stands in the line.
//!
//! The line itself is one; so is what `ssh host '…'` or `bash -c "…"` is given, put together from
//! the pieces of a [`Word`].

use std::borrow::Cow;

use super::fish::Stretch;
use super::{Piece, Span, Word};

/// Stands in a text for a part that is not known. A noncharacter: no keyboard types it, and where
/// a line contains it all the same it counts as not known, which holds.
pub(super) const HOLE: char = '\u{FDD0}';

/// A text that is read as commands.
#[derive(Debug)]
pub(super) struct Source<'t> {
    /// The text.
    text: Cow<'t, str>,
    /// Where its stretches stand in the line, in order; empty where the text is the line.
    segments: Vec<Segment>,
    /// Whether [`HOLE`] stands for something unknown in it.
    pub(super) has_holes: bool,
    /// Whether bytes that are no UTF-8 were replaced.
    pub(super) is_lossy: bool,
}

/// A stretch of a text and where it stands in the line.
#[derive(Debug, Clone, Copy)]
struct Segment {
    /// Where it begins in the text.
    start: usize,
    /// Its length in the text.
    length: usize,
    /// Where it stands in the line.
    span: Span,
    /// Whether its bytes are those of the line, one by one: of the same length, and known.
    is_verbatim: bool,
}

impl<'t> Source<'t> {
    /// Returns the line itself.
    pub(super) fn line(text: &'t str, is_lossy: bool) -> Self {
        Self {
            text: Cow::Borrowed(text),
            segments: Vec::new(),
            has_holes: false,
            is_lossy,
        }
    }

    /// Returns the text that `word` is.
    pub(super) fn word(word: &Word) -> Source<'static> {
        let mut text = String::new();
        let mut segments = Vec::with_capacity(word.pieces.len());
        let mut has_holes = false;
        for piece in &word.pieces {
            let start = text.len();
            let span = match piece {
                Piece::Text {
                    text: part, span, ..
                } => {
                    text.push_str(part);
                    *span
                }
                Piece::Unknown { span, .. } => {
                    text.push(HOLE);
                    has_holes = true;
                    *span
                }
            };
            let length = text.len() - start;
            // What is not known is one mark of three bytes, and `$$x` is three bytes too.
            let is_known = matches!(piece, Piece::Text { .. });
            segments.push(Segment {
                start,
                length,
                span,
                is_verbatim: is_known && length == span.end - span.start,
            });
        }
        Source {
            text: Cow::Owned(text),
            segments,
            has_holes,
            is_lossy: word.lossy,
        }
    }

    /// Returns the text `text`, whose stretches were made from stretches of this one.
    pub(super) fn rewritten(&self, text: String, stretches: &[Stretch]) -> Source<'static> {
        let mut segments = Vec::with_capacity(stretches.len());
        for stretch in stretches {
            if !stretch.is_verbatim {
                segments.push(Segment {
                    start: stretch.start,
                    length: stretch.length,
                    span: self.outer(stretch.from),
                    is_verbatim: false,
                });
                continue;
            }
            for (part, span, is_verbatim) in self.parts(stretch.from) {
                segments.push(Segment {
                    start: stretch.start + part.start - stretch.from.start,
                    length: part.end - part.start,
                    span,
                    is_verbatim,
                });
            }
        }
        Source {
            text: Cow::Owned(text),
            segments,
            has_holes: self.has_holes,
            is_lossy: self.is_lossy,
        }
    }

    /// Returns a stretch of the text by the segments that it lies in, each with where it stands in
    /// the line and whether it is verbatim.
    fn parts(&self, span: Span) -> Vec<(Span, Span, bool)> {
        if self.segments.is_empty() {
            return vec![(span, span, true)];
        }
        let first = self
            .segments
            .partition_point(|segment| segment.start + segment.length <= span.start);
        let within = self.segments.iter().skip(first);
        let within = within.take_while(|segment| segment.start < span.end);
        within
            .map(|segment| {
                let start = segment.start.max(span.start);
                let end = (segment.start + segment.length).min(span.end);
                let outer = match segment.is_verbatim {
                    true => {
                        let start = segment.span.start + start - segment.start;
                        Span::new(start, start + (end - segment.start.max(span.start)))
                    }
                    false => segment.span,
                };
                (Span::new(start, end), outer, segment.is_verbatim)
            })
            .collect()
    }

    /// Returns the text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Returns whether it is a text within the line.
    pub(super) fn is_nested(&self) -> bool {
        !self.segments.is_empty()
    }

    /// Returns a stretch of the text.
    pub(super) fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// Returns where a stretch of the text stands in the line.
    pub(super) fn outer(&self, span: Span) -> Span {
        if self.segments.is_empty() {
            return span;
        }
        let first = self.stretch(span.start, 1);
        if span.end <= span.start {
            return Span::new(first.start, first.start);
        }
        first.to(self.stretch(span.end - 1, 1))
    }

    /// Returns where `length` bytes at `at`, all in one segment, stand in the line.
    fn stretch(&self, at: usize, length: usize) -> Span {
        let next = self.segments.partition_point(|segment| segment.start <= at);
        let Some(segment) = self.segments.get(next.saturating_sub(1)) else {
            return Span::default();
        };
        let offset = at.saturating_sub(segment.start);
        if offset >= segment.length {
            return Span::new(segment.span.end, segment.span.end);
        }
        if !segment.is_verbatim {
            return segment.span;
        }
        let start = segment.span.start + offset;
        Span::new(start, start + length)
    }
}
