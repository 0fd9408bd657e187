//! What the operator typed: an argv, or a shell command line.

use std::borrow::Cow;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;

use super::Span;

/// What the operator typed, with a text that spans point into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A finished argv: no shell will touch it again.
    Argv {
        /// The arguments, the program first; never empty.
        argv: Vec<OsString>,
        /// The argv as one would type it in a shell, bytes that are no UTF-8 as U+FFFD.
        text: String,
        /// Where each argument stands in `text`, one span an argument.
        spans: Vec<Span>,
    },
    /// A command line for a POSIX shell.
    Shell {
        /// The line as typed, bytes that are no UTF-8 as U+FFFD.
        text: String,
        /// Whether bytes were replaced.
        lossy: bool,
    },
}

impl Line {
    /// Returns the line of a finished argv.
    #[must_use]
    pub fn argv(argv: Vec<OsString>) -> Self {
        let mut text = String::new();
        let mut spans = Vec::with_capacity(argv.len());
        for argument in &argv {
            if !text.is_empty() {
                text.push(' ');
            }
            let start = text.len();
            text.push_str(&quote(&String::from_utf8_lossy(argument.as_bytes())));
            spans.push(Span::new(start, text.len()));
        }
        Self::Argv { argv, text, spans }
    }

    /// Returns the line of a shell command text.
    #[must_use]
    pub fn shell(text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text);
        Self::Shell {
            lossy: matches!(text, Cow::Owned(_)),
            text: text.into_owned(),
        }
    }

    /// Returns the text that spans point into.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Argv { text, .. } | Self::Shell { text, .. } => text,
        }
    }
}

/// Returns `text` as one word of a POSIX shell: as it is where nothing in it is special, else in
/// single quotes.
///
/// ```
/// assert_eq!(kanmon::line::text::quote("a-b_c.d/e"), "a-b_c.d/e");
/// assert_eq!(kanmon::line::text::quote("it's"), r"'it'\''s'");
/// assert_eq!(kanmon::line::text::quote(""), "''");
/// ```
#[must_use]
pub fn quote(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "%+,-./:=@_^".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
