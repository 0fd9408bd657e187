//! What is written of a text, and from where in it each stretch comes.

use crate::line::Span;

/// A stretch of what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::line) struct Stretch {
    /// Where it begins in what was written, in bytes.
    pub(in crate::line) start: usize,
    /// Its length there.
    pub(in crate::line) length: usize,
    /// What it was made from.
    pub(in crate::line) from: Span,
    /// Whether it is that, byte by byte.
    pub(in crate::line) is_verbatim: bool,
}

/// A text that is being written.
#[derive(Debug, Default)]
pub(in crate::line) struct Made {
    /// The text.
    pub(in crate::line) text: String,
    /// Its stretches in order, without gaps.
    pub(in crate::line) stretches: Vec<Stretch>,
}

impl Made {
    /// Writes what stands at `from` as it is.
    pub(super) fn copy(&mut self, text: &str, from: Span) {
        match self.stretches.last_mut() {
            Some(last) if last.is_verbatim && last.from.end == from.start => {
                last.length += text.len();
                last.from.end = from.end;
            }
            _ => self.add(text.len(), from, true),
        }
        self.text += text;
    }

    /// Writes this in the place of what stands at `from`.
    pub(super) fn put(&mut self, text: &str, from: Span) {
        if !text.is_empty() {
            self.add(text.len(), from, false);
            self.text += text;
        }
    }

    /// Adds a stretch.
    fn add(&mut self, length: usize, from: Span, is_verbatim: bool) {
        self.stretches.push(Stretch {
            start: self.text.len(),
            length,
            from,
            is_verbatim,
        });
    }

    /// Changes the character at `at`, one byte, to another of one byte.
    pub(super) fn change(&mut self, at: usize, to: &str) {
        if self.text.is_char_boundary(at) && self.text.is_char_boundary(at + 1) {
            self.text.replace_range(at..=at, to);
        }
    }
}
