//! Words put together with blanks, as `ssh` and `eval` do, and taken apart at them, as `env -S` does.

use super::{Piece, Span, Word};

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

/// Returns the text that keys make: words one after the other, `Enter` and its like and the escapes
/// of a newline as that.
pub(super) fn typed(words: &[Word]) -> Word {
    let mut all = Word::default();
    for word in words {
        all.span = match all.pieces.is_empty() {
            true => word.span,
            false => all.span.to(word.span),
        };
        let key = |text: &str| Piece::Text {
            text: text.to_owned(),
            span: word.span,
            quoted: true,
        };
        match word.known().as_deref() {
            Some("Enter" | "KPEnter" | "C-m" | "C-j" | "^M") => all.pieces.push(key("\n")),
            Some("Space") => all.pieces.push(key(" ")),
            Some("Tab" | "BSpace" | "Escape" | "C-c" | "C-u" | "C-l") => {}
            _ => {
                let shown = word.shown();
                let mut start = 0;
                for escape in ["\\n", "\\r", "\\015", "\\012", "^M", "^J"] {
                    // One kind of escape is enough: nobody mixes them.
                    for (at, _) in shown.match_indices(escape) {
                        if at >= start {
                            all.pieces.extend(word.part(start, at).pieces);
                            all.pieces.push(key("\n"));
                            start = at + escape.len();
                        }
                    }
                }
                all.pieces.extend(word.tail(start).pieces);
            }
        }
        all.lossy |= word.lossy;
    }
    all
}
