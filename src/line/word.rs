//! One word of a command after quoting and expansion, with what could not be known marked.

use std::borrow::Cow;

use super::Span;

/// A part of a [`Word`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text that the program will see exactly so. Bytes that are no UTF-8 stand as U+FFFD and
    /// make [`Word::lossy`] true.
    Text {
        /// The text after quotes and escapes were taken away.
        text: String,
        /// Where it stands in the line. Where `text.len()` equals the span's length, byte i of
        /// the text is byte `start + i` of the line; otherwise the piece is one escape.
        span: Span,
        /// Whether it stood in quotes (a quoted `*` is no pattern, a quoted word no keyword).
        quoted: bool,
    },
    /// Text that only the run will tell: an unknown variable, a command's output, a file pattern.
    Unknown {
        /// Where it stands in the line.
        span: Span,
        /// Whether it stood in double quotes, and so is always one part of one word.
        quoted: bool,
    },
}

/// One word of a command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word {
    /// The parts in order; none for an empty word (`''`).
    pub pieces: Vec<Piece>,
    /// Where the whole word stands in the line, quotes included.
    pub span: Span,
    /// Whether bytes that are no UTF-8 were replaced.
    pub lossy: bool,
}

impl Word {
    /// Returns a fully known word without quotes.
    #[must_use]
    pub fn plain(text: &str, span: Span) -> Self {
        let pieces = vec![Piece::Text {
            text: text.to_owned(),
            span,
            quoted: false,
        }];
        Self {
            pieces,
            span,
            lossy: false,
        }
    }

    /// Returns a word of which nothing is known.
    #[must_use]
    pub fn unknown(span: Span) -> Self {
        let pieces = vec![Piece::Unknown {
            span,
            quoted: false,
        }];
        Self {
            pieces,
            span,
            lossy: false,
        }
    }

    /// Returns the text if every part of it is known.
    #[must_use]
    pub fn known(&self) -> Option<String> {
        let mut whole = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text { text, .. } => whole.push_str(text),
                Piece::Unknown { .. } => return None,
            }
        }
        Some(whole)
    }

    /// Returns the text with `…` for each part that is not known; for people and messages.
    #[must_use]
    pub fn shown(&self) -> String {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text { text, .. } => text.as_str(),
                Piece::Unknown { .. } => "…",
            })
            .collect()
    }

    /// Returns how many bytes [`Word::shown`] has.
    pub(super) fn shown_length(&self) -> usize {
        self.pieces.iter().map(Piece::shown_length).sum()
    }

    /// Returns whether every part is known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.pieces
            .iter()
            .all(|piece| matches!(piece, Piece::Text { .. }))
    }

    /// Returns the known text at the beginning, up to the first part that is not known.
    #[must_use]
    pub fn beginning(&self) -> Cow<'_, str> {
        let mut beginning = Cow::Borrowed("");
        for piece in &self.pieces {
            match piece {
                Piece::Text { text, .. } if beginning.is_empty() => beginning = Cow::Borrowed(text),
                Piece::Text { text, .. } => beginning.to_mut().push_str(text),
                Piece::Unknown { .. } => break,
            }
        }
        beginning
    }

    /// Returns whether a file pattern stands in it: `*`, `?` or `[` without quotes. Its text is
    /// what the program sees only where no file fits.
    #[must_use]
    pub fn is_pattern(&self) -> bool {
        self.pieces.iter().any(|piece| match piece {
            Piece::Text { text, quoted, .. } => !quoted && text.contains(['*', '?', '[']),
            Piece::Unknown { .. } => false,
        })
    }

    /// Returns the word without the first `start` bytes, counted as in [`Word::shown`].
    #[must_use]
    pub fn tail(&self, start: usize) -> Self {
        self.part(start, usize::MAX)
    }

    /// Returns bytes `start..end` of the word, counted as in [`Word::shown`].
    #[must_use]
    pub fn part(&self, start: usize, end: usize) -> Self {
        let mut pieces = Vec::with_capacity(self.pieces.len());
        let mut at = 0_usize;
        for piece in &self.pieces {
            let length = piece.shown_length();
            let from = start.saturating_sub(at).min(length);
            let to = end.saturating_sub(at).min(length);
            if from < to {
                pieces.extend(piece.part(from, to));
            }
            at += length;
        }
        let span = match (pieces.first(), pieces.last()) {
            (Some(first), Some(last)) => first.span().to(last.span()),
            _ => Span::new(self.span.end, self.span.end),
        };
        Self {
            pieces,
            span,
            lossy: self.lossy,
        }
    }
}

impl Piece {
    /// Returns where it stands in the line.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Text { span, .. } | Self::Unknown { span, .. } => *span,
        }
    }

    /// Returns how many bytes it has in [`Word::shown`].
    fn shown_length(&self) -> usize {
        match self {
            Self::Text { text, .. } => text.len(),
            Self::Unknown { .. } => "…".len(),
        }
    }

    /// Returns bytes `from..to` of it; an unknown part stays whole.
    fn part(&self, from: usize, to: usize) -> Option<Self> {
        match self {
            Self::Text { text, span, quoted } => {
                let is_verbatim = text.len() == span.end - span.start;
                let part_span = if is_verbatim {
                    Span::new(span.start + from, span.start + to)
                } else {
                    *span
                };
                Some(Self::Text {
                    text: text.get(from..to)?.to_owned(),
                    span: part_span,
                    quoted: *quoted,
                })
            }
            Self::Unknown { .. } => Some(self.clone()),
        }
    }
}
