//! A small grammar for PowerShell text: enough to find the commands and their words.
//!
//! In: a text. Out: one argv a command, and the stretch that it does not take, if any.

use super::bits::push_text;
use super::source::Source;
use super::{Piece, Span, Word};

/// What was understood of a text.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// The commands in order.
    pub(super) calls: Vec<Command>,
    /// What the grammar does not take.
    pub(super) unparsed: Option<Span>,
}

/// A command, or an expression with a redirect.
#[derive(Debug, Default)]
pub(super) struct Command {
    /// Its words; none for an expression.
    pub(super) argv: Vec<Word>,
    /// The files that it is redirected to.
    pub(super) writes: Vec<Word>,
}

/// Returns the commands in a text. Braces and parentheses begin commands of their own, so that
/// script blocks and subexpressions are read without nesting.
pub(super) fn read(source: &Source<'_>) -> Calls {
    let mut reader = Reader {
        source,
        at: 0,
        found: Calls::default(),
        argv: Vec::new(),
        writes: Vec::new(),
        is_called: false,
        is_expression: false,
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
    /// The files that it is redirected to.
    writes: Vec<Word>,
    /// Whether `&` stands before it, so that a text in quotes is a program.
    is_called: bool,
    /// Whether it begins with a text in quotes, and so runs nothing.
    is_expression: bool,
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
                    self.is_called = true;
                }
                '<' if self.rest().starts_with("<#") => self.skip_block_comment(),
                '#' => self.skip_while(|c| c != '\n'),
                // `$x = Get-Queue`: what follows is a command.
                '=' => {
                    self.at += 1;
                    self.argv.clear();
                }
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
                    if self.argv.is_empty() && matches!(c, '\'' | '"') && !self.is_called {
                        self.is_expression = true;
                    }
                    let writes = self.skip_redirect();
                    match self.word() {
                        Some(word) if writes => self.writes.push(word),
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

    /// Returns the text from the next byte on.
    fn rest(&self) -> &str {
        self.text().get(self.at..).unwrap_or_default()
    }

    /// Skips `<# … #>`.
    fn skip_block_comment(&mut self) {
        let length = self.rest().find("#>").map(|at| at + 2);
        self.at += length.unwrap_or(self.rest().len());
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
        let writes = std::mem::take(&mut self.writes);
        let is_expression = std::mem::take(&mut self.is_expression);
        self.is_called = false;
        let is_command = !is_expression
            && argv.first().is_some_and(|word| {
                let first = word.beginning().chars().next();
                first.is_none_or(|c| !c.is_ascii_digit() && c != '=')
            });
        let argv = if is_command { argv } else { Vec::new() };
        if is_command || !writes.is_empty() {
            self.found.calls.push(Command { argv, writes });
        }
    }

    /// Skips `>`, `>>`, `2>` or `*>` and the blanks after it; returns whether a file follows.
    fn skip_redirect(&mut self) -> bool {
        let rest = self.rest();
        let after = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '*');
        let signs = after.trim_start_matches('>');
        let n_signs = after.len() - signs.len();
        if n_signs == 0 || n_signs > 2 || rest.len() - after.len() > 1 || signs.starts_with('&') {
            return false;
        }
        self.at += rest.len() - signs.trim_start_matches([' ', '\t']).len();
        true
    }

    /// Reads a word; nothing where a quote is not closed.
    fn word(&mut self) -> Option<Word> {
        let start = self.at;
        let mut pieces: Vec<Piece> = Vec::new();
        while let Some(c) = self.next() {
            match c {
                ';' | '|' | '{' | '}' | '(' | ')' | '&' => break,
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
                                ';' | '|' | '{' | '}' | '(' | ')' | '&' | '\'' | '"' | '`' | '$'
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

    /// Reads a quoted part; a doubled quote in it is one, a backtick in double quotes escapes.
    fn quoted(&mut self, quote: char, pieces: &mut Vec<Piece>) -> Option<()> {
        self.at += 1;
        let mut start = self.at;
        loop {
            let c = self.next()?;
            let here = self.at;
            self.at += c.len_utf8();
            if c == quote {
                push_text(pieces, self.source, Span::new(start, here), true);
                if self.next() != Some(quote) {
                    return Some(());
                }
                start = self.at;
                self.at += 1;
            } else if quote == '"' && c == '`' {
                push_text(pieces, self.source, Span::new(start, here), true);
                start = self.at;
                self.at += self.next()?.len_utf8();
            } else if quote == '"' && c == '$' {
                push_text(pieces, self.source, Span::new(start, here), true);
                self.skip_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':'));
                pieces.push(Piece::Unknown {
                    span: self.source.outer(Span::new(here, self.at)),
                    quoted: true,
                });
                start = self.at;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the commands of a text, words separated by `|`, commands by ` ; `.
    fn drawn(text: &str) -> String {
        let source = Source::line(text, false);
        let found = read(&source);
        let mut calls: Vec<String> = Vec::new();
        for command in &found.calls {
            let mut words: Vec<String> = command.argv.iter().map(Word::shown).collect();
            words.extend(
                command
                    .writes
                    .iter()
                    .map(|path| format!(">{}", path.shown())),
            );
            calls.push(words.join("|"));
        }
        if found.unparsed.is_some() {
            calls.push("?".to_owned());
        }
        calls.join(" ; ")
    }

    #[test]
    fn commands_and_their_words_are_found() {
        let cases = [
            (
                "Resume-Queue -Identity 'mx1\\1'",
                "Resume-Queue|-Identity|mx1\\1",
            ),
            ("Get-Queue | Resume-Queue", "Get-Queue ; Resume-Queue"),
            ("a; b\nc # d; e", "a ; b ; c"),
            ("& 'a b' c", "a b|c"),
            (
                "if ($x) { Restart-Computer -Force }",
                "if ; … ; Restart-Computer|-Force",
            ),
            (
                "Get-Queue | % { Resume-Queue $_ }",
                "Get-Queue ; % ; Resume-Queue|…",
            ),
            ("Restart-Computer mx1,mx2", "Restart-Computer|mx1,mx2"),
            (
                "Restart-Computer -ComputerName \"$h\"",
                "Restart-Computer|-ComputerName|…",
            ),
            ("Re`start-Computer", "Restart-Computer"),
            ("a `\n b", "a|b"),
            ("$x = Get-Queue", "Get-Queue"),
            ("a b > /x", "a|b|>/x"),
            ("a 2>>x b", "a|b|>x"),
            ("'b' | Out-File x", "Out-File|x"),
            ("'b' > x", ">x"),
            ("a 2>&1", "a|2>"),
            ("a 'b", "a ; ?"),
            ("<# a #> b", "b"),
            ("a 'it''s' \"b \"\"c\"\"\"", "a|it's|b \"c\""),
        ];
        for (text, expected) in cases {
            assert_eq!(drawn(text), expected, "{text}");
        }
    }
}
