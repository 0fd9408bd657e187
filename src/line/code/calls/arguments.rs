//! The arguments of a call: values that are known, lists of them, and what is not known.

use super::{MAX_NESTING, MAX_TOKENS, Program};
use crate::line::code::Language;
use crate::line::code::literals::Token;
use crate::line::code::values::{Known, value};
use crate::line::source::Source;
use crate::line::{Piece, Span, Word};

/// One argument of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Argument {
    /// A value.
    One(Word),
    /// A list of values.
    Many(Vec<Word>),
}

impl Program<'_> {
    /// Returns the arguments that follow a call's name; nothing where it is no call.
    pub(super) fn arguments(&self, rest: &[Token]) -> Option<Vec<Argument>> {
        let (language, source) = (self.language, self.source);
        let is_open = rest.first().is_some_and(|token| token.is('('));
        let takes_bare = matches!(language, Language::Perl | Language::Ruby);
        let is_lua_bare = language == Language::Lua && matches!(rest.first(), Some(Token::Text(_)));
        if !is_open && !takes_bare && !is_lua_bare {
            return None;
        }
        let inner = rest.get(usize::from(is_open)..).unwrap_or_default();
        let inner = inner.get(..MAX_TOKENS).unwrap_or(inner);
        let mut depth = 0_usize;
        let ends = |token: &Token| match token {
            Token::Mark('(' | '[' | '{', _) => {
                depth += 1;
                false
            }
            Token::Mark(')' | ']' | '}', _) if depth > 0 => {
                depth -= 1;
                false
            }
            Token::Mark(')' | ']' | '}', _) => true,
            Token::Mark(';' | '\n', _) => !is_open,
            Token::Name(span) if !is_open => matches!(
                source.slice(*span),
                "or" | "and" | "if" | "unless" | "while" | "until" | "for" | "foreach" | "do"
            ),
            _ => false,
        };
        let length = inner.iter().position(ends).unwrap_or(inner.len());
        let inner = inner.get(..length).unwrap_or_default();
        let args = split(inner).filter_map(|tokens| self.argument(tokens, 0));
        Some(args.collect())
    }

    /// Reads one argument; nothing where it is empty, or named and not what is started.
    fn argument(&self, tokens: &[Token], depth: usize) -> Option<Argument> {
        let source = self.source;
        let mut tokens = tokens;
        while let Some((Token::Mark('\n', _), rest)) = tokens.split_first() {
            tokens = rest;
        }
        if let [Token::Name(name), Token::Mark('=' | ':', _), rest @ ..] = tokens {
            if !matches!(source.slice(*name), "args" | "cmd" | "command") {
                return None;
            }
            tokens = rest;
        }
        let is_plain = matches!(tokens, [Token::Text(_)] | [Token::List(_)]);
        if !is_plain && let Some(value) = value(self.language, tokens, source, &self.variables) {
            let span = tokens
                .iter()
                .map(|token| token.span(source))
                .reduce(Span::to)
                .unwrap_or_default();
            return Some(match value {
                Known::Text(text) => Argument::One(Word::plain(&text, span)),
                Known::List(all) => {
                    let words = all.iter().map(|text| Word::plain(text, span));
                    Argument::Many(words.collect())
                }
            });
        }
        match tokens.first()? {
            Token::List(words) => Some(Argument::Many(words.clone())),
            Token::Mark('[', _) if depth < MAX_NESTING => {
                let inner = tokens.get(1..).unwrap_or_default();
                let inner = match inner.split_last() {
                    Some((Token::Mark(']', _), inner)) => inner,
                    _ => inner,
                };
                let words = split(inner).filter_map(|tokens| {
                    Some(match self.argument(tokens, MAX_NESTING)? {
                        Argument::One(word) => word,
                        Argument::Many(words) => words.into_iter().next()?,
                    })
                });
                Some(Argument::Many(words.collect()))
            }
            // Options of the call (`{ stdio: 'inherit' }`) and Perl's block before a program.
            Token::Mark('{', _) => None,
            _ => Some(Argument::One(joined(tokens, source))),
        }
    }
}

/// Splits tokens at the commas of their own level.
fn split(tokens: &[Token]) -> impl Iterator<Item = &[Token]> {
    let mut depth = 0_usize;
    tokens.split(move |token| {
        match token {
            Token::Mark('(' | '[' | '{', _) => depth += 1,
            Token::Mark(')' | ']' | '}', _) => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && token.is(',')
    })
}

/// Returns the word that literals next to each other make; what else stands there is not known.
pub(super) fn joined(tokens: &[Token], source: &Source<'_>) -> Word {
    let mut word = Word::default();
    let mut depth = 0_usize;
    let mut add = |pieces: Vec<Piece>, span: Span| {
        // `sys.argv[1]` is one thing that is not known.
        let is_unknown = |piece: Option<&Piece>| matches!(piece, Some(Piece::Unknown { .. }));
        if is_unknown(pieces.first()) && is_unknown(word.pieces.last()) {
            return;
        }
        word.span = match word.pieces.is_empty() {
            true => span,
            false => word.span.to(span),
        };
        word.pieces.extend(pieces);
    };
    let unknown = |span: &Span| Piece::Unknown {
        span: source.outer(*span),
        quoted: true,
    };
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Mark('(' | '[', _) => depth += 1,
            Token::Mark(')' | ']', _) => depth = depth.saturating_sub(1),
            _ if depth > 0 && at > 1 && !matches!(tokens.first(), Some(Token::Mark('(', _))) => {}
            Token::Text(text) => add(text.pieces.clone(), text.span),
            Token::Name(span) => {
                // `'…'.split()`, `'…'.format(x)`: the text is what counts.
                let is_method = at > 0
                    && tokens.get(at - 1).is_some_and(|before| before.is('.'))
                    && matches!(tokens.get(at.saturating_sub(2)), Some(Token::Text(_)));
                if !is_method {
                    add(vec![unknown(span)], source.outer(*span));
                }
            }
            Token::Command(text) => {
                let piece = Piece::Unknown {
                    span: text.span,
                    quoted: true,
                };
                add(vec![piece], text.span);
            }
            Token::Mark('0' | '$', span) => add(vec![unknown(span)], source.outer(*span)),
            // `'ssh %s' % host`: the text is what counts.
            Token::Mark('%' | '?' | '|', _) => break,
            Token::Mark(..) | Token::List(_) => {}
        }
    }
    word.lossy = source.is_lossy;
    word
}
