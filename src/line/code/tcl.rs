//! Tcl and Expect: `exec`, `spawn`, `system`, `open "|…"`, and what is sent to a spawned shell.

use super::super::bits::push_text;
use super::super::source::Source;
use super::super::{Piece, Span, Word};
use super::Started;

/// The deepest nesting of braces and brackets that is read.
const MAX_DEPTH: usize = 32;

/// Returns what a Tcl script starts.
pub(super) fn tcl(source: &Source<'_>) -> Vec<Started> {
    let mut reader = Reader {
        source,
        started: Vec::new(),
    };
    reader.script(Span::new(0, source.text().len()), 0);
    reader.started
}

/// A word of a command, and whether it is a script in braces.
struct Typed {
    word: Word,
    braced: Option<Span>,
}

/// Reads scripts.
struct Reader<'r> {
    source: &'r Source<'r>,
    started: Vec<Started>,
}

impl Reader<'_> {
    /// Returns the byte at `at`.
    fn byte(&self, at: usize) -> Option<u8> {
        self.source.text().as_bytes().get(at).copied()
    }

    /// Reads the commands in a stretch.
    fn script(&mut self, span: Span, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let mut at = span.start;
        let mut words: Vec<Typed> = Vec::new();
        while at < span.end {
            match self.byte(at) {
                Some(b';' | b'\n') => {
                    self.command(std::mem::take(&mut words));
                    at += 1;
                }
                Some(b' ' | b'\t' | b'\r' | b']' | b'}') => at += 1,
                Some(b'#') if words.is_empty() => {
                    let rest = self.source.slice(Span::new(at, span.end));
                    at += rest.find('\n').unwrap_or(rest.len());
                }
                _ => at = self.word(at, span.end, depth, &mut words),
            }
        }
        self.command(words);
    }

    /// Reads one word; returns the place after it.
    fn word(&mut self, start: usize, end: usize, depth: usize, words: &mut Vec<Typed>) -> usize {
        let (inner, after, braced) = match self.byte(start) {
            Some(b'{') => {
                let close = self.closing(start, end, b'{', b'}');
                let inner = Span::new(start + 1, close);
                // It may be the body of `if` or of an answer of `expect`.
                self.script(inner, depth + 1);
                (inner, close + 1, Some(inner))
            }
            Some(b'"') => {
                let close = self.quote_end(start + 1, end);
                (Span::new(start + 1, close), close + 1, None)
            }
            _ => {
                let mut at = start;
                while at < end {
                    match self.byte(at) {
                        Some(b' ' | b'\t' | b'\r' | b'\n' | b';') => break,
                        Some(b'\\') => at += 2,
                        Some(b'[') => at = self.closing(at, end, b'[', b']') + 1,
                        _ => at += 1,
                    }
                }
                let at = at.min(end).max(start + 1);
                (Span::new(start, at), at, None)
            }
        };
        if braced.is_none() {
            self.brackets(inner, depth);
        }
        words.push(Typed {
            word: self.filled(inner, braced.is_some()),
            braced,
        });
        after.max(start + 1)
    }

    /// Reads the commands in brackets in a word.
    fn brackets(&mut self, span: Span, depth: usize) {
        let mut at = span.start;
        while at < span.end {
            match self.byte(at) {
                Some(b'\\') => at += 2,
                Some(b'[') => {
                    let close = self.closing(at, span.end, b'[', b']');
                    self.script(Span::new(at + 1, close), depth + 1);
                    at = close + 1;
                }
                _ => at += 1,
            }
        }
    }

    /// Returns the place of the `close` that ends what `open` began at `start`.
    fn closing(&self, start: usize, end: usize, open: u8, close: u8) -> usize {
        let mut depth = 0_usize;
        let mut at = start;
        while at < end {
            match self.byte(at) {
                Some(b'\\') => at += 1,
                Some(byte) if byte == open => depth += 1,
                Some(byte) if byte == close => {
                    depth -= 1;
                    if depth == 0 {
                        return at;
                    }
                }
                _ => {}
            }
            at += 1;
        }
        end
    }

    /// Returns the place of the quote that ends a text.
    fn quote_end(&self, start: usize, end: usize) -> usize {
        let mut at = start;
        while at < end {
            match self.byte(at) {
                Some(b'\\') => at += 1,
                Some(b'"') => return at,
                _ => {}
            }
            at += 1;
        }
        end
    }

    /// Returns a stretch as a word: escapes taken away, variables and commands not known.
    fn filled(&self, span: Span, is_literal: bool) -> Word {
        let mut pieces = Vec::new();
        let mut start = span.start;
        let mut at = span.start;
        let flush = |pieces: &mut Vec<Piece>, from: usize, to: usize| {
            push_text(pieces, self.source, Span::new(from, to), true);
        };
        while at < span.end && !is_literal {
            let length = match self.byte(at) {
                Some(b'\\') => 2,
                Some(b'[') => self.closing(at, span.end, b'[', b']') + 1 - at,
                Some(b'$') => {
                    let rest = self.source.slice(Span::new(at + 1, span.end));
                    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '{');
                    let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
                    1 + end + usize::from(rest.get(end..).is_some_and(|rest| rest.starts_with('}')))
                }
                _ => {
                    at += 1;
                    continue;
                }
            };
            let end = (at + length).min(span.end);
            flush(&mut pieces, start, at);
            let place = self.source.outer(Span::new(at, end));
            let text = match (self.byte(at), self.byte(at + 1)) {
                (Some(b'\\'), Some(b'n' | b'r')) => Some("\n".to_owned()),
                (Some(b'\\'), Some(b't')) => Some(" ".to_owned()),
                (Some(b'\\'), _) => None,
                _ => Some(String::new()),
            };
            match text {
                Some(text) if !text.is_empty() => pieces.push(Piece::Text {
                    text,
                    span: place,
                    quoted: true,
                }),
                Some(_) => pieces.push(Piece::Unknown {
                    span: place,
                    quoted: true,
                }),
                None => flush(&mut pieces, at + 1, end),
            }
            at = end;
            start = end;
        }
        flush(&mut pieces, start, span.end);
        Word {
            pieces,
            span: self.source.outer(span),
            lossy: self.source.is_lossy,
        }
    }

    /// Adds what one command starts.
    fn command(&mut self, words: Vec<Typed>) {
        let mut words = words.into_iter();
        let Some(name) = words.next().and_then(|name| name.word.known()) else {
            return;
        };
        let is_option =
            |typed: &Typed| typed.braced.is_none() && typed.word.beginning().starts_with('-');
        let rest: Vec<Word> = words
            .skip_while(is_option)
            .map(|typed| typed.word)
            .collect();
        match name.trim_start_matches(':') {
            "exec" | "spawn" if !rest.is_empty() => self.started.push(Started::Argv(rest)),
            "system" if !rest.is_empty() => {
                self.started
                    .push(Started::Shell(super::super::blanks::join(&rest)));
            }
            "open" => {
                if let Some(text) = rest.first()
                    && text.beginning().starts_with('|')
                {
                    self.started.push(Started::Shell(text.tail(1)));
                }
            }
            "send" | "exp_send" => {
                self.started
                    .extend(rest.first().cloned().map(Started::Shell));
            }
            _ => {}
        }
    }
}
