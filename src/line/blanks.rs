//! Words put together with blanks, as `ssh` and `eval` do, and taken apart at them, as `env -S` does.

use super::{Piece, Span, Word};

/// Returns a word of which nothing is known.
pub(super) fn unknown(span: Span) -> Word {
    Word {
        pieces: vec![Piece::Unknown {
            span,
            quoted: false,
        }],
        span,
        lossy: false,
    }
}

/// Returns `words` joined by spaces, as `ssh` and `eval` do.
pub(super) fn join(words: &[Word]) -> Word {
    let mut joined = Word::default();
    for word in words {
        match joined.pieces.is_empty() && joined.span == Span::default() {
            true => joined.span = word.span,
            false => {
                joined.pieces.push(Piece::Text {
                    text: " ".to_owned(),
                    span: Span::new(joined.span.end, word.span.start),
                    quoted: false,
                });
                joined.span = joined.span.to(word.span);
            }
        }
        joined.pieces.extend(word.pieces.iter().cloned());
        joined.lossy |= word.lossy;
    }
    joined
}

/// Returns the words of a value that is split on blanks; quotes group.
pub(super) fn split_on_blanks(value: &Word) -> Vec<Word> {
    let shown = value.shown();
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    for (at, c) in shown.char_indices() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                start = start.or(Some(at));
            }
            (None, ' ' | '\t' | '\n') => {
                if let Some(start) = start.take() {
                    words.push(without_quotes(&value.part(start, at)));
                }
            }
            _ => start = start.or(Some(at)),
        }
    }
    if let Some(start) = start {
        words.push(without_quotes(&value.tail(start)));
    }
    words
}

/// Returns a word without the quotes in its text.
fn without_quotes(word: &Word) -> Word {
    let shown = word.shown();
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, _) in shown.match_indices(['\'', '"']) {
        pieces.extend(word.part(start, at).pieces);
        start = at + 1;
    }
    pieces.extend(word.tail(start).pieces);
    Word {
        pieces,
        ..word.clone()
    }
}
