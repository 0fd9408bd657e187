//! One word of a command after quoting and expansion, with what could not be known marked.

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

    /// Returns whether every part is known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.pieces
            .iter()
            .all(|piece| matches!(piece, Piece::Text { .. }))
    }
}
