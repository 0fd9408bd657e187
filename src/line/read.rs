//! The whole reading: limits first, then the walk, then the order of the text.

use super::fan;
use super::source::Source;
use super::walker::{Place, Redirected, Streams, Walker};
use super::{Fed, Givens, Invocation, Line, Lore, MAX_SIZE, Piece, Reading, Span, TooMuch, Word};

/// Does what [`super::read()`] says.
pub(super) fn read(line: &Line, lore: &dyn Lore, givens: &Givens) -> Result<Reading, TooMuch> {
    let text = line.text();
    if text.len() > MAX_SIZE {
        return Err(TooMuch::Size {
            found: text.len(),
            limit: MAX_SIZE,
        });
    }
    let mut walker = Walker::new(text, lore, givens);
    let streams = Streams {
        fed: &Fed::Nothing,
        wants_output: false,
    };
    let place = Place::default();
    match line {
        Line::Argv { spans, .. } => {
            let argv = argv_words(line, spans);
            walker.invoke(argv, Redirected::default(), None, &place, streams)?;
        }
        Line::Shell { lossy, grammar, .. } => {
            walker.grammar = *grammar;
            let source = Source::line(text, *lossy);
            if text.contains('\0') {
                // No shell can be given it, and what one would make of it differs.
                walker.unparsed(&source, Span::new(0, text.len()), &place)?;
            } else {
                walker.text(&source, None, &place, streams)?;
            }
        }
    }
    let mut invocations = walker.invocations;
    let mut needs = walker.needs;
    fan::settle(&mut invocations, &mut needs, lore, givens);
    if !text.is_ascii() {
        for invocation in &mut invocations {
            keep_characters(invocation, text);
        }
    }
    invocations.sort_by_key(|invocation| invocation.span.start);
    Ok(Reading { invocations, needs })
}

/// Widens every place of `invocation` to whole characters of `text`.
///
/// A place within a text that was put together from pieces is reckoned in bytes; where a piece is
/// as long as what it was made from without being it, that byte can be within a character.
fn keep_characters(invocation: &mut Invocation, text: &str) {
    let widen = |span: &mut Span| {
        let (mut start, mut end) = (span.start.min(text.len()), span.end.min(text.len()));
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        while !text.is_char_boundary(end) {
            end += 1;
        }
        *span = Span::new(start, end);
    };
    let widen_word = |word: &mut Word| {
        widen(&mut word.span);
        for piece in &mut word.pieces {
            match piece {
                Piece::Text { span, .. } | Piece::Unknown { span, .. } => widen(span),
            }
        }
    };
    widen(&mut invocation.span);
    widen_word(&mut invocation.program);
    invocation.args.iter_mut().for_each(widen_word);
    for via in &mut invocation.via {
        widen(&mut via.span);
        via.words.iter_mut().for_each(widen_word);
    }
    for write in &mut invocation.writes {
        widen(&mut write.span);
        widen_word(&mut write.path);
    }
}

/// Returns the words of a finished argv.
fn argv_words(line: &Line, spans: &[Span]) -> Vec<Word> {
    let Line::Argv { argv, text, .. } = line else {
        return Vec::new();
    };
    let words = argv.iter().zip(spans).map(|(argument, span)| {
        let lossy = argument.to_str().is_none();
        let known = argument.to_string_lossy().into_owned();
        // Where the text shows it in quotes, the bytes between them are the argument.
        let inner = Span::new(span.start + 1, span.end.saturating_sub(1));
        let span = *span;
        let piece_span = match text.get(inner.start..inner.end) {
            Some(between) if between == known && span.end - span.start == known.len() + 2 => inner,
            _ => span,
        };
        let pieces = match known.is_empty() {
            true => Vec::new(),
            false => vec![Piece::Text {
                text: known,
                span: piece_span,
                quoted: true,
            }],
        };
        Word {
            pieces,
            span,
            lossy,
        }
    });
    words.collect()
}
