//! The tokens of a program in a language with literals: names, texts, commands, marks.

use super::super::bits::push_text;
use super::super::source::{HOLE, Source};
use super::super::{Piece, Span, Word};
use super::{Language, Started};

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A name, without its receiver.
    Name(Span),
    /// A literal text.
    Text(Word),
    /// A literal list of texts (`qw(…)`, `%w[…]`).
    List(Vec<Word>),
    /// A literal that is run (backticks, `qx`, `%x`).
    Command(Word),
    /// Any other character.
    Mark(char, Span),
}

impl Token {
    /// Returns whether this is the mark `c`.
    pub(super) fn is(&self, c: char) -> bool {
        matches!(self, Self::Mark(mark, _) if *mark == c)
    }
}

/// How `$x`, `{x}` and the like in a literal stand for something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fills {
    /// Not at all; escapes count.
    None,
    /// Not at all; a backslash counts before the quote alone.
    Raw,
    /// `{x}`.
    Braces,
    /// `${x}`.
    DollarBraces,
    /// `#{x}`.
    HashBraces,
    /// `$x`, `@x`, `${x}`.
    Sigils,
}

/// Reads tokens from left to right.
struct Reader<'r> {
    language: Language,
    source: &'r Source<'r>,
    at: usize,
    end: usize,
    tokens: Vec<Token>,
    /// Up to here no slash begins a pattern: none ends one on that line.
    no_pattern_before: usize,
}

/// Returns the tokens of a program; those before a literal that does not end.
pub(super) fn tokens(language: Language, source: &Source<'_>) -> Vec<Token> {
    let mut reader = Reader {
        language,
        source,
        at: 0,
        end: source.text().len(),
        tokens: Vec::new(),
        no_pattern_before: 0,
    };
    while reader.step().is_some() {}
    reader.tokens
}

/// Returns the shell texts of `commands=…` and `{"commands": […]}`: the parameters of a document
/// that runs them.
pub(super) fn commands(source: &Source<'_>) -> Vec<Started> {
    let text = source.text();
    let Some(at) = text.find("commands") else {
        return Vec::new();
    };
    let rest = text.get(at + "commands".len()..).unwrap_or_default();
    let value = rest.trim_start_matches(['"', '\'', ' ', ':', '=']);
    let start = text.len() - value.len();
    let word = |span: Span| {
        let mut pieces = Vec::new();
        push_text(&mut pieces, source, span, true);
        Word {
            pieces,
            span: source.outer(span),
            lossy: source.is_lossy,
        }
    };
    if !value.starts_with('[') {
        return vec![Started::Shell(word(Span::new(start, text.len())))];
    }
    let mut reader = Reader {
        language: Language::Python,
        source,
        at: start,
        end: text.len(),
        tokens: Vec::new(),
        no_pattern_before: 0,
    };
    while reader.step().is_some() && !reader.tokens.last().is_some_and(|last| last.is(']')) {}
    let has_texts = |token: &Token| matches!(token, Token::Text(_));
    if !reader.tokens.iter().any(has_texts) {
        // `commands=[reboot]`: the shorthand takes bare words.
        let inner = value.trim_start_matches('[');
        let length = inner.find(']').unwrap_or(inner.len());
        return vec![Started::Shell(word(Span::new(
            start + 1,
            start + 1 + length,
        )))];
    }
    let texts = reader.tokens.into_iter().filter_map(|token| match token {
        Token::Text(word) => Some(Started::Shell(word)),
        _ => None,
    });
    texts.collect()
}

impl Reader<'_> {
    /// Returns the character at `at`.
    fn char_at(&self, at: usize) -> Option<char> {
        self.source.text().get(at..self.end)?.chars().next()
    }

    /// Returns whether `text` comes next.
    fn starts_with(&self, text: &str) -> bool {
        let rest = self.source.text().get(self.at..self.end);
        rest.is_some_and(|rest| rest.starts_with(text))
    }

    /// Adds a mark of `length` bytes.
    fn mark(&mut self, c: char, length: usize) {
        let span = Span::new(self.at, self.at + length);
        self.tokens.push(Token::Mark(c, span));
        self.at += length;
    }

    /// Reads one token or skips a blank; nothing at the end, and where a literal does not end.
    fn step(&mut self) -> Option<()> {
        let c = self.char_at(self.at)?;
        match c {
            '\n' => self.mark('\n', 1),
            c if c.is_whitespace() => self.at += c.len_utf8(),
            '#' if !matches!(
                self.language,
                Language::Node | Language::Lua | Language::Any
            ) =>
            {
                self.skip_line();
            }
            '/' if self.has_slash_comments() && self.starts_with("//") => self.skip_line(),
            '/' if self.has_slash_comments() && self.starts_with("/*") => {
                let rest = self.source.text().get(self.at..self.end)?;
                self.at += rest.find("*/").map(|at| at + 2)?;
            }
            '-' if self.language == Language::Lua && self.starts_with("--") => self.skip_line(),
            '/' if self.may_begin_pattern() => self.pattern(),
            '\'' | '"' => self.text(c, false)?,
            '`' => match self.language {
                Language::Node => self.text(c, false)?,
                Language::Perl | Language::Ruby | Language::Php => {
                    let word = self.quoted('`', self.fills('"'))?;
                    self.tokens.push(Token::Command(word));
                }
                Language::Any => self.text(c, false)?,
                Language::Python | Language::Lua | Language::Awk => self.mark(c, 1),
            },
            '%' if self.language == Language::Ruby => self.percent()?,
            c if c.is_alphabetic() || c == '_' => self.name()?,
            c if c.is_ascii_digit() => {
                let from = self.at;
                while self
                    .char_at(self.at)
                    .is_some_and(|c| c.is_alphanumeric() || c == '_')
                {
                    self.at += self.char_at(self.at).map_or(1, char::len_utf8);
                }
                self.tokens.push(Token::Mark('0', Span::new(from, self.at)));
            }
            c => self.mark(c, c.len_utf8()),
        }
        Some(())
    }

    /// Whether `//` and `/* */` are comments.
    fn has_slash_comments(&self) -> bool {
        matches!(self.language, Language::Node | Language::Php)
    }

    /// Skips the rest of the line.
    fn skip_line(&mut self) {
        while self.char_at(self.at).is_some_and(|c| c != '\n') {
            self.at += self.char_at(self.at).map_or(1, char::len_utf8);
        }
    }

    /// Whether a slash begins a pattern here: after a value it divides.
    fn may_begin_pattern(&self) -> bool {
        let has_patterns = matches!(
            self.language,
            Language::Perl | Language::Ruby | Language::Node | Language::Awk
        );
        let is_after_value = match self.tokens.last() {
            Some(Token::Mark(c, _)) => matches!(c, ')' | ']' | '0'),
            Some(_) => true,
            None => false,
        };
        has_patterns && !is_after_value && self.at >= self.no_pattern_before
    }

    /// Reads `/…/`, or a slash where none ends it on this line.
    fn pattern(&mut self) {
        let rest = self.source.text().get(self.at + 1..self.end);
        let rest = rest.unwrap_or_default();
        let mut is_escaped = false;
        let mut length = 0;
        for c in rest.chars().take_while(|c| *c != '\n') {
            length += c.len_utf8();
            if c == '/' && !is_escaped {
                return self.mark('0', length + 1);
            }
            is_escaped = c == '\\' && !is_escaped;
        }
        self.no_pattern_before = self.at + 1 + length;
        self.mark('/', 1);
    }

    /// Reads a name, or the literal that it begins.
    fn name(&mut self) -> Option<()> {
        let from = self.at;
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        while let Some(c) = self.char_at(self.at).filter(|c| is_part(*c)) {
            self.at += c.len_utf8();
        }
        let span = Span::new(from, self.at);
        let name = self.source.slice(span).to_owned();
        let next = self.char_at(self.at);
        if self.language == Language::Python
            && matches!(next, Some('\'' | '"'))
            && name.len() <= 2
            && name.chars().all(|c| "rRbBfFuU".contains(c))
        {
            return self.prefixed(&name);
        }
        let is_member = matches!(
            self.tokens.last(),
            Some(Token::Mark('$' | '@' | '%' | '>', _))
        );
        if self.language == Language::Perl && !is_member && self.quote_like(&name)?.is_some() {
            return Some(());
        }
        self.tokens.push(Token::Name(span));
        Some(())
    }

    /// Reads Python's `r'…'`, `f"…"` and so on, the letters already read.
    fn prefixed(&mut self, letters: &str) -> Option<()> {
        let is = |letter: char| letters.to_ascii_lowercase().contains(letter);
        let quote = self.char_at(self.at)?;
        self.literal(quote, is('r'), is('f'))
    }

    /// Reads a text that begins with this quote.
    fn text(&mut self, quote: char, is_raw: bool) -> Option<()> {
        self.literal(quote, is_raw, false)
    }

    /// Reads a text.
    fn literal(&mut self, quote: char, is_raw: bool, has_braces: bool) -> Option<()> {
        let fills = match (is_raw, has_braces) {
            (_, true) => Fills::Braces,
            (true, false) => Fills::Raw,
            (false, false) => self.fills(quote),
        };
        let triple = [quote; 3].iter().collect::<String>();
        let word = if self.language == Language::Python && self.starts_with(&triple) {
            self.at += 3;
            let rest = self.source.text().get(self.at..self.end)?;
            let length = rest.find(&triple)?;
            let word = self.filled(Span::new(self.at, self.at + length), quote, fills);
            self.at += length + 3;
            word
        } else {
            self.quoted(quote, fills)?
        };
        self.tokens.push(Token::Text(word));
        Some(())
    }

    /// How a text in these quotes is filled.
    fn fills(&self, quote: char) -> Fills {
        match (self.language, quote) {
            (Language::Perl | Language::Php | Language::Ruby, '\'') => Fills::Raw,
            (Language::Perl | Language::Php, _) => Fills::Sigils,
            (Language::Ruby, _) => Fills::HashBraces,
            (Language::Node, '`') => Fills::DollarBraces,
            _ => Fills::None,
        }
    }

    /// Reads a literal that begins and ends with a quote.
    fn quoted(&mut self, quote: char, fills: Fills) -> Option<Word> {
        self.at += quote.len_utf8();
        self.until(quote, None, fills)
    }

    /// Reads a literal up to `close`; `open` nests.
    fn until(&mut self, close: char, open: Option<char>, fills: Fills) -> Option<Word> {
        let span = self.stretch(close, open)?;
        Some(self.filled(span, close, fills))
    }

    /// Skips a stretch up to and with `close`; returns what is before it.
    fn stretch(&mut self, close: char, open: Option<char>) -> Option<Span> {
        let start = self.at;
        let mut depth = 0_usize;
        loop {
            let c = self.char_at(self.at)?;
            let here = self.at;
            self.at += c.len_utf8();
            if c == '\\' {
                self.at += self.char_at(self.at)?.len_utf8();
            } else if c == close {
                if depth == 0 {
                    return Some(Span::new(start, here));
                }
                depth -= 1;
            } else if Some(c) == open {
                depth += 1;
            }
        }
    }

    /// Reads the delimiters after `qx` and the like; where there are none, nothing.
    fn delimited(&mut self) -> Option<(char, Option<char>)> {
        let mut at = self.at;
        while self.char_at(at).is_some_and(char::is_whitespace) {
            at += self.char_at(at).map_or(1, char::len_utf8);
        }
        let open = self.char_at(at)?;
        let is_delimiter = !open.is_alphanumeric() && !matches!(open, '_' | ',' | ';' | ')' | '=');
        if !is_delimiter || (open == '#' && at > self.at) {
            return None;
        }
        self.at = at + open.len_utf8();
        Some(match open {
            '(' => (')', Some('(')),
            '[' => (']', Some('[')),
            '{' => ('}', Some('{')),
            '<' => ('>', Some('<')),
            other => (other, None),
        })
    }

    /// Reads Perl's `q`, `qq`, `qx`, `qw`, `m`, `qr`, `s`, `tr` and `y` literals; whether it was one.
    fn quote_like(&mut self, name: &str) -> Option<Option<()>> {
        if !matches!(
            name,
            "q" | "qq" | "qx" | "qw" | "m" | "qr" | "s" | "tr" | "y"
        ) {
            return Some(None);
        }
        let Some((close, open)) = self.delimited() else {
            return Some(None);
        };
        match name {
            "q" | "qq" | "qx" => {
                let fills = match name == "q" || close == '\'' {
                    true => Fills::Raw,
                    false => Fills::Sigils,
                };
                let word = self.until(close, open, fills)?;
                self.tokens.push(match name {
                    "qx" => Token::Command(word),
                    _ => Token::Text(word),
                });
            }
            "qw" => {
                let span = self.stretch(close, open)?;
                self.tokens.push(self.list(span));
            }
            "m" | "qr" => {
                let span = self.stretch(close, open)?;
                self.tokens.push(Token::Mark('0', span));
                self.skip_letters();
            }
            _ => self.replacement(close, open)?,
        }
        Some(Some(()))
    }

    /// Reads the two parts of `s/…/…/`; the second one is a program where `e` stands after it.
    fn replacement(&mut self, close: char, open: Option<char>) -> Option<()> {
        let first = self.stretch(close, open)?;
        let (close, open) = match open {
            Some(_) => self.delimited()?,
            None => (close, open),
        };
        let second = self.stretch(close, open)?;
        let flags = self.skip_letters();
        self.tokens.push(Token::Mark('0', first));
        if self.source.slice(flags).contains('e') {
            let mut inner = Reader {
                language: self.language,
                source: self.source,
                at: second.start,
                end: second.end,
                tokens: vec![Token::Mark(';', second)],
                no_pattern_before: 0,
            };
            // Not deeper: a replacement in a replacement is nobody's mistake.
            while inner.step().is_some() {}
            self.tokens.append(&mut inner.tokens);
            self.tokens.push(Token::Mark(';', second));
        }
        Some(())
    }

    /// Skips letters and returns them.
    fn skip_letters(&mut self) -> Span {
        let from = self.at;
        while self
            .char_at(self.at)
            .is_some_and(|c| c.is_ascii_alphabetic())
        {
            self.at += 1;
        }
        Span::new(from, self.at)
    }

    /// Reads Ruby's `%x(…)`, `%w[…]`, `%q(…)`, `%(…)`; else the mark.
    fn percent(&mut self) -> Option<()> {
        let before = self.at;
        let letter = self.char_at(self.at + 1).unwrap_or(' ');
        let is_after_value = matches!(
            self.tokens.last(),
            Some(Token::Name(_) | Token::Text(_) | Token::Mark(')' | ']' | '0', _))
        );
        let is_kind = matches!(letter, 'x' | 'w' | 'W' | 'q' | 'Q');
        let follows = self.char_at(self.at + 2);
        let is_open = |c: char| !c.is_alphanumeric() && !c.is_whitespace();
        if !is_kind
            || !follows.is_some_and(is_open)
            || (is_after_value && letter != 'x' && letter != 'w')
        {
            self.mark('%', 1);
            return Some(());
        }
        self.at += 2;
        let Some((close, open)) = self.delimited() else {
            self.at = before;
            self.mark('%', 1);
            return Some(());
        };
        let token = match letter {
            'x' => Token::Command(self.until(close, open, Fills::HashBraces)?),
            'w' | 'W' => {
                let span = self.stretch(close, open)?;
                self.list(span)
            }
            'q' => Token::Text(self.until(close, open, Fills::Raw)?),
            _ => Token::Text(self.until(close, open, Fills::HashBraces)?),
        };
        self.tokens.push(token);
        Some(())
    }

    /// Returns the words of a stretch, split at blanks.
    fn list(&self, span: Span) -> Token {
        let text = self.source.slice(span);
        let mut words = Vec::new();
        let mut start = None;
        for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
            match (c.is_whitespace(), start) {
                (true, Some(from)) => {
                    let span = Span::new(span.start + from, span.start + at);
                    words.push(self.filled(span, '\0', Fills::Raw));
                    start = None;
                }
                (false, None) => start = Some(at),
                _ => {}
            }
        }
        Token::List(words)
    }

    /// Returns a stretch as a word: escapes decoded, what stands for something else unknown.
    fn filled(&self, span: Span, quote: char, fills: Fills) -> Word {
        let mut pieces = Vec::new();
        let text = self.source.slice(span);
        let mut start = 0;
        let mut chars = text.char_indices().peekable();
        let flush = |pieces: &mut Vec<Piece>, from: usize, to: usize| {
            let span = Span::new(span.start + from, span.start + to);
            push_text(pieces, self.source, span, true);
        };
        while let Some((at, c)) = chars.next() {
            let rest = text.get(at..).unwrap_or_default();
            let (length, piece) = if c == '\\' {
                let Some((length, decoded)) = escape(rest, quote, fills) else {
                    chars.next();
                    continue;
                };
                (length, Some(decoded))
            } else if let Some(length) = fill_length(rest, fills) {
                (length, None)
            } else {
                continue;
            };
            flush(&mut pieces, start, at);
            start = at + length;
            let place = self
                .source
                .outer(Span::new(span.start + at, span.start + start));
            pieces.push(match piece {
                Some(text) if text == HOLE.to_string() => Piece::Unknown {
                    span: place,
                    quoted: true,
                },
                Some(text) => Piece::Text {
                    text,
                    span: place,
                    quoted: true,
                },
                None => Piece::Unknown {
                    span: place,
                    quoted: true,
                },
            });
            while chars.peek().is_some_and(|(next, _)| *next < start) {
                chars.next();
            }
        }
        flush(&mut pieces, start, text.len());
        Word {
            pieces,
            span: self.source.outer(span),
            lossy: self.source.is_lossy,
        }
    }
}

/// Returns the length of an escape at the beginning of `text` and what it stands for; nothing where
/// it stands for itself.
fn escape(text: &str, quote: char, fills: Fills) -> Option<(usize, String)> {
    let next = text.chars().nth(1)?;
    let length = 1 + next.len_utf8();
    if fills == Fills::Raw && next != quote && next != '\\' {
        return None;
    }
    let hex = |digits: usize| {
        let code = text.get(2..2 + digits)?;
        let c = char::from_u32(u32::from_str_radix(code, 16).ok()?)?;
        Some((2 + digits, c.to_string()))
    };
    match next {
        _ if fills == Fills::Raw => Some((length, next.to_string())),
        'n' => Some((length, "\n".to_owned())),
        't' => Some((length, "\t".to_owned())),
        'x' => hex(2),
        'u' => hex(4),
        '0'..='7' => {
            let digits = text.get(1..)?.bytes().take(3);
            let n = digits.take_while(|b| (b'0'..=b'7').contains(b)).count();
            let code = u32::from_str_radix(text.get(1..=n)?, 8).ok()?;
            Some((1 + n, char::from_u32(code)?.to_string()))
        }
        '\n' => Some((length, String::new())),
        other => Some((length, other.to_string())),
    }
}

/// Returns the length of what stands for something else at the beginning of `text`.
fn fill_length(text: &str, fills: Fills) -> Option<usize> {
    let braces = |open: &str| {
        let rest = text.strip_prefix(open)?;
        Some(open.len() + rest.find('}').map_or(rest.len(), |at| at + 1))
    };
    match fills {
        Fills::None | Fills::Raw => None,
        Fills::Braces if text.starts_with("{{") => None,
        Fills::Braces => braces("{"),
        Fills::DollarBraces => braces("${"),
        Fills::HashBraces => braces("#{"),
        Fills::Sigils => braces("${").or_else(|| braces("{$")).or_else(|| {
            let rest = text.strip_prefix(['$', '@'])?;
            let length = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            (length > 0).then_some(1 + length)
        }),
    }
}
