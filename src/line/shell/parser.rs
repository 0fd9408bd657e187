//! The parser's state, its blanks and separators, and the whole text with recovery.

use crate::line::{MAX_DEPTH, Span, TooMuch};

use super::ast::{AndOr, Document, Function, List, Pipeline, Script};
use super::documents::Pending;

/// Returns the syntax tree of `text`. What the grammar does not take begins at
/// [`Script::unparsed_from`]; the commands before it are in the tree. `depth` levels of
/// [`MAX_DEPTH`] are already used by what `text` stands in.
pub(in crate::line) fn parse(text: &str, depth: usize) -> Result<Script, TooMuch> {
    let mut parser = Parser::new(text, depth);
    let (list, unparsed_from) = parser.script()?;
    Ok(Script {
        list,
        functions: parser.functions,
        documents: parser.documents,
        unparsed_from,
    })
}

/// Returns whether the grammar could go on behind `text`: it failed at its end, or a here-document
/// was not ended.
pub(in crate::line) fn ends_too_early(text: &str) -> bool {
    let mut parser = Parser::new(text, 0);
    let Ok((_, unparsed_from)) = parser.script() else {
        return false;
    };
    if parser.has_open_document || !parser.pending.is_empty() {
        return true;
    }
    parser.skip_blanks();
    unparsed_from.is_some() && parser.rest().trim_start().is_empty()
}

/// Why a command could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fail {
    /// The grammar does not take it.
    Syntax,
    /// It is nested too deep.
    Depth,
}

/// Reads one text from left to right.
#[derive(Debug)]
pub(super) struct Parser<'t> {
    /// The text up to where this parser reads.
    pub(super) text: &'t str,
    /// The next byte.
    pub(super) pos: usize,
    /// Levels of nesting in use.
    pub(super) depth: usize,
    /// Here-documents whose text begins after the next newline.
    pub(super) pending: Vec<Pending>,
    /// Here-documents by number.
    pub(super) documents: Vec<Document>,
    /// Functions defined so far.
    pub(super) functions: Vec<Function>,
    /// Whether `${ …; }` was tried as commands and was none; tried once, so that nested ones
    /// cannot double the work at each level.
    pub(super) no_brace_substitution: bool,
    /// Whether no `]` follows; looked for once, not at every `$[`.
    pub(super) no_bracket: bool,
    /// Whether a here-document went to the end of the text without the line that ends it.
    pub(super) has_open_document: bool,
    /// Whether commands inside `${ …; }` are being read, which a `}` ends whatever follows it.
    pub(super) in_brace_substitution: bool,
    /// Whether `((` is being read a second time as two subshells; that reading does not nest.
    pub(super) in_second_reading: bool,
}

impl<'t> Parser<'t> {
    /// Returns a parser at the start of `text`.
    pub(super) fn new(text: &'t str, depth: usize) -> Self {
        Self {
            text,
            pos: 0,
            depth,
            pending: Vec::new(),
            documents: Vec::new(),
            functions: Vec::new(),
            no_brace_substitution: false,
            no_bracket: false,
            has_open_document: false,
            in_brace_substitution: false,
            in_second_reading: false,
        }
    }

    /// Returns the byte that is `ahead` bytes after the next one.
    pub(super) fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.pos + ahead).copied()
    }

    /// Returns whether `text` comes next.
    pub(super) fn is_at(&self, text: &str) -> bool {
        self.rest().as_bytes().starts_with(text.as_bytes())
    }

    /// Returns the text from the next byte on.
    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.pos..).unwrap_or_default()
    }

    /// Takes `text` if it comes next.
    pub(super) fn take(&mut self, text: &str) -> bool {
        let is_here = self.is_at(text);
        if is_here {
            self.pos += text.len();
        }
        is_here
    }

    /// Takes `text` or fails.
    pub(super) fn expect(&mut self, text: &str) -> Result<(), Fail> {
        self.take(text).then_some(()).ok_or(Fail::Syntax)
    }

    /// Returns the span from `start` to the next byte.
    pub(super) fn since(&self, start: usize) -> Span {
        Span::new(start, self.pos)
    }

    /// Reads something one level deeper.
    pub(super) fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Fail>,
    ) -> Result<T, Fail> {
        if self.depth >= MAX_DEPTH {
            return Err(Fail::Depth);
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Skips blanks, continued lines and a comment. A carriage return before a newline or the end
    /// counts as a blank: it comes from a paste and would hide the last word.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            match self.byte(0) {
                Some(b' ' | b'\t') => self.pos += 1,
                Some(b'\\') if self.byte(1) == Some(b'\n') => self.pos += 2,
                Some(b'\\') if self.byte(1) == Some(b'\r') && self.byte(2) == Some(b'\n') => {
                    self.pos += 3;
                }
                Some(b'\r') if matches!(self.byte(1), None | Some(b'\n')) => self.pos += 1,
                Some(b'#') => {
                    let length = self.rest().find('\n').unwrap_or(self.rest().len());
                    self.pos += length;
                }
                _ => return,
            }
        }
    }

    /// Skips blanks and newlines; the text of here-documents after a newline is read.
    pub(super) fn skip_newlines(&mut self) -> Result<(), Fail> {
        loop {
            self.skip_blanks();
            if self.byte(0) != Some(b'\n') {
                return Ok(());
            }
            self.pos += 1;
            self.read_documents()?;
        }
    }

    /// Reads the whole text; the second value says where the first command begins that the grammar
    /// does not take.
    fn script(&mut self) -> Result<(List, Option<usize>), TooMuch> {
        let mut list = List::new();
        loop {
            let start = self.pos;
            match self.next_of_script() {
                Ok(Some(item)) => list.push(item),
                Ok(None) => return Ok((list, None)),
                Err(Fail::Syntax) => return Ok((list, Some(start))),
                Err(Fail::Depth) => return Err(TooMuch::Depth { limit: MAX_DEPTH }),
            }
        }
    }

    /// Reads the next item of the whole text, its separator included.
    fn next_of_script(&mut self) -> Result<Option<AndOr>, Fail> {
        self.skip_newlines()?;
        if self.byte(0).is_none() {
            return Ok(None);
        }
        let item = self.and_or()?;
        if !self.separator()? && self.byte(0).is_some() {
            return Err(Fail::Syntax);
        }
        Ok(Some(item))
    }

    /// Takes a separator of commands (`;`, `&`, newline) if one comes next.
    pub(super) fn separator(&mut self) -> Result<bool, Fail> {
        self.skip_blanks();
        match (self.byte(0), self.byte(1)) {
            (Some(b';'), Some(b';' | b'&')) | (Some(b'&'), Some(b'&')) => Ok(false),
            (Some(b';' | b'&'), _) => {
                self.pos += 1;
                self.skip_blanks();
                if self.byte(0) == Some(b'\n') {
                    self.skip_newlines()?;
                }
                Ok(true)
            }
            (Some(b'\n'), _) => {
                self.skip_newlines()?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Reads pipelines joined by `&&` and `||`.
    pub(super) fn and_or(&mut self) -> Result<AndOr, Fail> {
        let mut pipelines = vec![self.pipeline()?];
        loop {
            self.skip_blanks();
            if !self.take("&&") && !self.take("||") {
                return Ok(AndOr { pipelines });
            }
            self.skip_newlines()?;
            pipelines.push(self.pipeline()?);
        }
    }

    /// Reads commands joined by `|` and `|&`, with `!` and `time` before them.
    fn pipeline(&mut self) -> Result<Pipeline, Fail> {
        let has_prefix = self.skip_pipeline_prefix();
        let mut commands = Vec::new();
        self.skip_blanks();
        if has_prefix && matches!(self.byte(0), None | Some(b'\n' | b';')) {
            return Ok(Pipeline { commands });
        }
        loop {
            commands.push(self.deeper(Self::command)?);
            self.skip_blanks();
            if self.is_at("||") || !self.take("|") {
                return Ok(Pipeline { commands });
            }
            self.take("&");
            self.skip_newlines()?;
            self.skip_pipeline_prefix();
        }
    }

    /// Skips `!`, `time`, `time -p` and `time --`; returns whether there was one.
    fn skip_pipeline_prefix(&mut self) -> bool {
        let mut found = false;
        loop {
            self.skip_blanks();
            let after_time = match self.reserved() {
                Some("!") => false,
                Some("time") => true,
                _ => return found,
            };
            found = true;
            self.pos += if after_time { 4 } else { 1 };
            self.skip_blanks();
            for option in ["-p", "--"] {
                if after_time && self.is_word(option) {
                    self.pos += option.len();
                    self.skip_blanks();
                }
            }
        }
    }

    /// Returns whether the next word is exactly `word`.
    pub(super) fn is_word(&self, word: &str) -> bool {
        self.is_at(word) && self.byte(word.len()).is_none_or(ends_word)
    }

    /// Returns the reserved word that comes next.
    pub(super) fn reserved(&self) -> Option<&'static str> {
        let first = self.byte(0)?;
        if !matches!(first, b'a'..=b'z' | b'{' | b'}' | b'!' | b'[') {
            return None;
        }
        let rest = self.text.as_bytes().get(self.pos..)?;
        let mut bytes = rest.iter().take(LONGEST_RESERVED + 1);
        let length = bytes.position(|byte| ends_word(*byte));
        let word = rest.get(..length.unwrap_or(rest.len()))?;
        let mut reserved = RESERVED.iter();
        reserved
            .find(|reserved| reserved.as_bytes() == word)
            .copied()
    }

    /// Returns whether what comes next ends a list of commands inside another command.
    pub(super) fn is_at_closer(&self) -> bool {
        match (self.byte(0), self.byte(1)) {
            (None | Some(b')'), _) | (Some(b';'), Some(b';' | b'&')) => true,
            (Some(b'}'), _) if self.in_brace_substitution => true,
            _ => matches!(
                self.reserved(),
                Some("then" | "else" | "elif" | "fi" | "do" | "done" | "esac" | "}")
            ),
        }
    }
}

/// Words that mean something at the start of a command.
const RESERVED: &[&str] = &[
    "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac",
    "select", "function", "time", "coproc", "[[", "{", "}", "!", "in",
];

/// Bytes in the longest of them.
const LONGEST_RESERVED: usize = "function".len();

/// Returns whether `byte` ends a word that is not quoted.
pub(super) fn ends_word(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b'\n' | b'\r' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>'
    )
}
