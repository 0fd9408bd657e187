//! What a program in awk gives to a shell: the command on either side of its `|`.

use super::Program;
use super::arguments::joined;
use crate::line::code::Started;
use crate::line::code::literals::Token;
use crate::line::source::Source;
use crate::line::{Piece, Span, Word};

/// Returns the command on either side of awk's `|`: `"cmd" | getline`, `print | "cmd"`.
pub(super) fn piped(program: &Program<'_>, tokens: &[Token], at: usize) -> Option<Started> {
    let source = program.source;
    let is_bar = |at: Option<usize>| {
        at.and_then(|at| tokens.get(at))
            .is_some_and(|token| token.is('|'))
    };
    // `||` is no pipe.
    if is_bar(at.checked_sub(1)) || is_bar(Some(at + 1)) {
        return None;
    }
    let after = tokens.get(at + 1..)?;
    let after = match after.split_first() {
        Some((Token::Mark('&', _), rest)) => rest,
        _ => after,
    };
    let ends = |token: &Token| matches!(token, Token::Mark(';' | '{' | '}' | '\n' | '|', _));
    match after.first()? {
        Token::Name(span) if source.slice(*span) == "getline" => {
            let before = tokens.get(..at)?;
            let start = before.iter().rposition(ends).map_or(0, |end| end + 1);
            let is_name = |token: &Token| matches!(token, Token::Text(_));
            let start = start + before.get(start..)?.iter().position(is_name)?;
            Some(Started::Shell(joined(before.get(start..)?, source)))
        }
        Token::Text(_) => {
            let length = after.iter().position(ends).unwrap_or(after.len());
            let command = joined(after.get(..length)?, source);
            let before = tokens.get(..at)?;
            let start = before.iter().rposition(ends).map_or(0, |end| end + 1);
            let text = match printed(before.get(start..)?, source) {
                Some(printed) => fed_to(&printed, command),
                None => command,
            };
            Some(Started::Shell(text))
        }
        _ => None,
    }
}

/// Returns what awk's `print` or `printf` prints, where it stands among these tokens; without
/// arguments the row that was read, which is not known.
fn printed(tokens: &[Token], source: &Source<'_>) -> Option<Word> {
    let print = tokens.iter().rposition(|token| match token {
        Token::Name(span) => matches!(source.slice(*span), "print" | "printf"),
        _ => false,
    });
    let Token::Name(name) = tokens.get(print?)? else {
        return None;
    };
    let mut word = Word::default();
    for argument in tokens.get(print? + 1..)?.split(|token| token.is(',')) {
        if !word.pieces.is_empty() {
            word.pieces.push(Piece::Text {
                text: String::from(" "),
                span: word.span,
                quoted: true,
            });
        }
        word.pieces.extend(joined(argument, source).pieces);
    }
    word.span = source.outer(*name);
    if word.pieces.is_empty() {
        word.pieces.push(Piece::Unknown {
            span: word.span,
            quoted: true,
        });
    }
    Some(word)
}

/// Returns a shell's text that feeds one word to a command.
fn fed_to(printed: &Word, command: Word) -> Word {
    let text = |text: &str, span: Span| Piece::Text {
        text: text.to_owned(),
        span,
        quoted: true,
    };
    let mut word = Word {
        span: printed.span.to(command.span),
        ..Word::default()
    };
    word.pieces.push(text("printf '%s\\n' '", printed.span));
    for piece in &printed.pieces {
        word.pieces.push(match piece {
            Piece::Text {
                text: own, span, ..
            } => text(&own.replace('\'', "'\\''"), *span),
            Piece::Unknown { .. } => piece.clone(),
        });
    }
    word.pieces.push(text("' | ", command.span));
    word.pieces.extend(command.pieces);
    word
}
