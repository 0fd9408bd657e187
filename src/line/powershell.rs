//! A small grammar for PowerShell text: enough to find the commands and their words.
//!
//! In: a text. Out: one argv a command, and the stretch that it does not take, if any.

use super::bits::push_text;
use super::source::Source;
use super::{Piece, Span, Word};

/// What was understood of a text.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// One argv a command.
    pub(super) calls: Vec<Vec<Word>>,
    /// What the grammar does not take.
    pub(super) unparsed: Option<Span>,
}

/// Returns the commands in a text. Braces and parentheses begin commands of their own, so that
/// script blocks and subexpressions are read without nesting.
pub(super) fn read(source: &Source<'_>) -> Calls {
    let mut reader = Reader {
        source,
        at: 0,
        found: Calls::default(),
        argv: Vec::new(),
    };
    reader.all();
    reader.found
}

/// Reads a text from left to right.
struct Reader<'r> {
    /// The text.
    source: &'r Source<'r>,
    /// The next byte.
    at: usize,
    /// What was found.
    found: Calls,
    /// The words of the command that is being read.
    argv: Vec<Word>,
}

impl Reader<'_> {
    /// Reads the whole text.
    fn all(&mut self) {
        while let Some(c) = self.next() {
            match c {
                ';' | '|' | '{' | '}' | '(' | ')' | '\n' => {
                    self.at += 1;
                    self.end_command();
                }
                '&' => {
                    // Runs the next word, or both sides of `&&`.
                    self.at += 1;
                    self.end_command();
                }
                '#' => self.skip_while(|c| c != '\n'),
                '`' if self
                    .text()
                    .get(self.at + 1..)
                    .is_some_and(|rest| rest.starts_with('\n')) =>
                {
                    self.at += 2;
                }
                c if c.is_whitespace() => self.at += c.len_utf8(),
                _ => {
                    let start = self.at;
                    match self.word() {
                        Some(word) => self.argv.push(word),
                        None => {
                            self.found.unparsed = Some(Span::new(start, self.text().len()));
                            self.at = self.text().len();
                        }
                    }
                }
            }
        }
        self.end_command();
    }

    /// Returns the text.
    fn text(&self) -> &str {
        self.source.text()
    }

    /// Returns the next character.
    fn next(&self) -> Option<char> {
        self.text().get(self.at..)?.chars().next()
    }

    /// Skips characters.
    fn skip_while(&mut self, is_in: impl Fn(char) -> bool) {
        while let Some(c) = self.next().filter(|c| is_in(*c)) {
            self.at += c.len_utf8();
        }
    }

    /// Ends the command that is being read. One whose first word begins with `$`, a digit or a
    /// quote is an expression and runs nothing by itself.
    fn end_command(&mut self) {
        let argv = std::mem::take(&mut self.argv);
        let is_command = argv.first().is_some_and(|word| {
            let first = word.beginning().chars().next();
            first.is_none_or(|c| !c.is_ascii_digit() && c != '=')
        });
        if is_command {
            self.found.calls.push(argv);
        }
    }

    /// Reads a word; nothing where a quote is not closed.
    fn word(&mut self) -> Option<Word> {
        let start = self.at;
        let mut pieces: Vec<Piece> = Vec::new();
        while let Some(c) = self.next() {
            match c {
                ';' | '|' | '{' | '}' | '(' | ')' | '&' | ',' if self.at > start || c != ',' => {
                    if c == ',' {
                        self.at += 1;
                        continue;
                    }
                    break;
                }
                c if c.is_whitespace() => break,
                '\'' | '"' => self.quoted(c, &mut pieces)?,
                '`' => {
                    let escape = self.at;
                    self.at += 1;
                    let width = self.next().map_or(0, char::len_utf8);
                    self.at += width;
                    let span = Span::new(escape + 1, self.at);
                    push_text(&mut pieces, self.source, span, true);
                }
                '$' => {
                    let from = self.at;
                    self.at += 1;
                    self.skip_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':'));
                    pieces.push(Piece::Unknown {
                        span: self.source.outer(Span::new(from, self.at)),
                        quoted: true,
                    });
                }
                _ => {
                    let from = self.at;
                    let ends = |c: char| {
                        c.is_whitespace()
                            || matches!(
                                c,
                                ';' | '|'
                                    | '{'
                                    | '}'
                                    | '('
                                    | ')'
                                    | '&'
                                    | ','
                                    | '\''
                                    | '"'
                                    | '`'
                                    | '$'
                            )
                    };
                    self.at += c.len_utf8();
                    self.skip_while(|c| !ends(c));
                    push_text(&mut pieces, self.source, Span::new(from, self.at), false);
                }
            }
        }
        Some(Word {
            pieces,
            span: self.source.outer(Span::new(start, self.at)),
            lossy: self.source.is_lossy,
        })
    }

    /// Reads a quoted part.
    fn quoted(&mut self, quote: char, pieces: &mut Vec<Piece>) -> Option<()> {
        let start = self.at + 1;
        let rest = self.text().get(start..)?;
        let end = start + rest.find(quote)?;
        let span = Span::new(start, end);
        self.at = end + 1;
        if quote == '"' && self.source.slice(span).contains('$') {
            pieces.push(Piece::Unknown {
                span: self.source.outer(span),
                quoted: true,
            });
        } else {
            push_text(pieces, self.source, span, true);
        }
        Some(())
    }
}
