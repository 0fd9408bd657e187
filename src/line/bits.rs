//! From the bits of one typed word to the words that a program gets: braces, fields, quotes gone.
//!
//! Between the parts of the syntax tree and [`Word`]s: text without quotes is kept as a span of its
//! source, because braces and `~` count in it alone, never in what an expansion gave.

use super::source::{HOLE, Source};
use super::{Piece, Span, Word};

/// The most words that one brace expansion gives; beyond, the word is not known.
const MAX_BRACE_WORDS: usize = 256;
/// The deepest nesting of braces that is expanded.
const MAX_BRACE_DEPTH: usize = 16;

/// A bit of a word.
#[derive(Debug, Clone)]
pub(super) enum Bit {
    /// Text of the source without quotes.
    Active(Span),
    /// A finished piece.
    Piece(Piece),
    /// Quotes: the word is there even if it is empty.
    Quotes,
    /// A blank in the value of an unquoted variable: the word ends.
    Break,
}

/// Adds the words that `bits` make. `home` is what `~` stands for.
pub(super) fn add_words(
    bits: Vec<Bit>,
    source: &Source<'_>,
    span: Span,
    home: impl FnOnce() -> Option<String>,
    words: &mut Vec<Word>,
) {
    let starts_with_tilde = |bits: &Vec<Bit>| match bits.first() {
        Some(Bit::Active(span)) => source.slice(*span).starts_with('~'),
        _ => false,
    };
    let has_brace = bits.iter().any(|bit| match bit {
        Bit::Active(span) => source.slice(*span).as_bytes().contains(&b'{'),
        _ => false,
    });
    if !has_brace {
        let home = starts_with_tilde(&bits).then(home).flatten();
        fields(bits, source, span, home.as_deref(), words);
        return;
    }
    let mut left = MAX_BRACE_WORDS;
    let spelled = expand_braces(bits, source, MAX_BRACE_DEPTH, &mut left);
    let has_tilde = spelled.iter().any(starts_with_tilde);
    let home = has_tilde.then(home).flatten();
    for bits in spelled {
        fields(bits, source, span, home.as_deref(), words);
    }
}

/// Adds the words that `bits` make, braces already expanded.
fn fields(
    bits: Vec<Bit>,
    source: &Source<'_>,
    span: Span,
    home: Option<&str>,
    words: &mut Vec<Word>,
) {
    let outer = source.outer(span);
    let lossy = source.is_lossy && source.slice(span).contains(char::REPLACEMENT_CHARACTER);
    let mut pieces: Vec<Piece> = Vec::with_capacity(bits.len());
    let mut is_there = false;
    let mut finish = |pieces: &mut Vec<Piece>, is_there: &mut bool| {
        if !pieces.is_empty() || *is_there {
            words.push(Word {
                pieces: std::mem::take(pieces),
                span: outer,
                lossy,
            });
        }
        *is_there = false;
    };
    let mut is_only_one = bits.len() == 1;
    for (number, bit) in bits.into_iter().enumerate() {
        match bit {
            Bit::Active(mut span) => {
                let text = source.slice(span);
                let is_tilde = number == 0
                    && text.starts_with('~')
                    && (text.starts_with("~/") || (text == "~" && is_only_one));
                if is_tilde && let Some(home) = home {
                    let tilde = Span::new(span.start, span.start + 1);
                    pieces.push(Piece::Text {
                        text: home.to_owned(),
                        span: source.outer(tilde),
                        quoted: true,
                    });
                    span.start += 1;
                }
                push_text(&mut pieces, source, span, false);
            }
            Bit::Piece(piece) => pieces.push(piece),
            Bit::Quotes => is_there = true,
            Bit::Break => finish(&mut pieces, &mut is_there),
        }
        is_only_one = false;
    }
    finish(&mut pieces, &mut is_there);
}

/// Adds text of the source as pieces; a hole in it is not known.
pub(super) fn push_text(pieces: &mut Vec<Piece>, source: &Source<'_>, span: Span, quoted: bool) {
    if span.start >= span.end {
        return;
    }
    let text = source.slice(span);
    if !source.has_holes {
        pieces.push(Piece::Text {
            text: text.to_owned(),
            span: source.outer(span),
            quoted,
        });
        return;
    }
    let mut start = span.start;
    for part in text.split_inclusive(HOLE) {
        let known = part.strip_suffix(HOLE);
        let length = known.unwrap_or(part).len();
        if length > 0 {
            let span = Span::new(start, start + length);
            pieces.push(Piece::Text {
                text: known.unwrap_or(part).to_owned(),
                span: source.outer(span),
                quoted,
            });
        }
        if known.is_some() {
            let span = Span::new(start + length, start + part.len());
            pieces.push(Piece::Unknown {
                span: source.outer(span),
                quoted,
            });
        }
        start += part.len();
    }
}

/// The number of a bit and a byte of the source.
type Spot = (usize, usize);

/// A pair of braces in text without quotes: where it opens, its commas, where it closes.
struct Braces {
    /// The `{`.
    open: Spot,
    /// The commas of its own level.
    commas: Vec<Spot>,
    /// The `}`.
    close: Spot,
}

/// Returns the first outermost pair of braces that expands.
fn first_braces(bits: &[Bit], source: &Source<'_>) -> Option<Braces> {
    let mut open: Vec<(Spot, Vec<Spot>)> = Vec::new();
    let mut best: Option<Braces> = None;
    for (number, bit) in bits.iter().enumerate() {
        let Bit::Active(span) = bit else { continue };
        for (offset, byte) in source.slice(*span).bytes().enumerate() {
            let here = (number, span.start + offset);
            match byte {
                b'{' => open.push((here, Vec::new())),
                b',' => {
                    if let Some((_, commas)) = open.last_mut() {
                        commas.push(here);
                    }
                }
                b'}' => {
                    let Some((start, commas)) = open.pop() else {
                        continue;
                    };
                    let is_range = start.0 == number && {
                        let inner = source.slice(Span::new(start.1 + 1, here.1));
                        inner.contains("..")
                    };
                    let is_first = best.as_ref().is_none_or(|best| start < best.open);
                    if (!commas.is_empty() || is_range) && is_first {
                        best = Some(Braces {
                            open: start,
                            commas,
                            close: here,
                        });
                    }
                }
                _ => {}
            }
        }
    }
    best
}

/// Returns the bits of each word that braces make of `bits`. `left` counts down the words that may
/// still be made.
fn expand_braces(
    bits: Vec<Bit>,
    source: &Source<'_>,
    depth: usize,
    left: &mut usize,
) -> Vec<Vec<Bit>> {
    let Some(braces) = first_braces(&bits, source) else {
        *left = left.saturating_sub(1);
        return vec![bits];
    };
    if depth == 0 || *left == 0 {
        let span = source.outer(Span::new(braces.open.1, braces.close.1 + 1));
        let quoted = false;
        return vec![vec![Bit::Piece(Piece::Unknown { span, quoted })]];
    }
    let before = between(&bits, (0, 0), braces.open);
    let after = between(
        &bits,
        (braces.close.0, braces.close.1 + 1),
        (bits.len(), usize::MAX),
    );
    let mut alternatives = Vec::new();
    if braces.commas.is_empty() {
        alternatives = range(source, Span::new(braces.open.1 + 1, braces.close.1));
    } else {
        let mut start = (braces.open.0, braces.open.1 + 1);
        for end in braces.commas.iter().chain([&braces.close]) {
            let inner = between(&bits, start, *end);
            alternatives.extend(expand_braces(inner, source, depth - 1, left));
            start = (end.0, end.1 + 1);
        }
    }
    let afters = expand_braces(after, source, depth - 1, left);
    let mut words = Vec::new();
    for alternative in &alternatives {
        for after in &afters {
            if words.len() >= MAX_BRACE_WORDS {
                *left = 0;
                let span = source.outer(Span::new(braces.open.1, braces.close.1 + 1));
                let quoted = false;
                words.push(vec![Bit::Piece(Piece::Unknown { span, quoted })]);
                return words;
            }
            words.push([before.as_slice(), alternative, after].concat());
        }
    }
    words
}

/// Returns the bits between two places.
fn between(bits: &[Bit], start: Spot, end: Spot) -> Vec<Bit> {
    let mut found = Vec::new();
    for (number, bit) in bits.iter().enumerate() {
        if number < start.0 || number > end.0 {
            continue;
        }
        match bit {
            Bit::Active(span) => {
                let from = if number == start.0 {
                    span.start.max(start.1)
                } else {
                    span.start
                };
                let to = if number == end.0 {
                    span.end.min(end.1)
                } else {
                    span.end
                };
                if from < to {
                    found.push(Bit::Active(Span::new(from, to)));
                }
            }
            Bit::Piece(_) | Bit::Quotes | Bit::Break => found.push(bit.clone()),
        }
    }
    found
}

/// Returns the words of `{1..5}` and `{a..e}`; one unknown word where there are too many.
fn range(source: &Source<'_>, inner: Span) -> Vec<Vec<Bit>> {
    let span = source.outer(inner);
    let text = source.slice(inner);
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let as_bits = |text: String| {
        vec![Bit::Piece(Piece::Text {
            text,
            span,
            quoted: false,
        })]
    };
    let number = |text: &str| text.parse::<i32>().ok();
    let letter = |text: &str| {
        let mut chars = text.chars();
        let first = chars.next().filter(char::is_ascii_alphabetic);
        first.filter(|_| chars.next().is_none()).map(|c| c as u8)
    };
    if let (Some(first), Some(last)) = (number(first), number(last))
        && first.abs_diff(last) < 64
    {
        let all = first.min(last)..=first.max(last);
        return all.map(|number| as_bits(number.to_string())).collect();
    }
    if let (Some(first), Some(last)) = (letter(first), letter(last)) {
        let all = first.min(last)..=first.max(last);
        return all
            .map(|byte| as_bits(char::from(byte).to_string()))
            .collect();
    }
    vec![vec![Bit::Piece(Piece::Unknown {
        span,
        quoted: false,
    })]]
}
