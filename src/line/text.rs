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
    /// A command line for a shell.
    Shell {
        /// The line as typed, bytes that are no UTF-8 as U+FFFD.
        text: String,
        /// Whether bytes were replaced.
        lossy: bool,
        /// What the shell makes of it.
        grammar: Grammar,
    },
}

/// Shells that read text as POSIX says.
const POSIX_SHELLS: [&str; 14] = [
    "sh", "bash", "rbash", "dash", "ash", "ksh", "ksh93", "mksh", "lksh", "oksh", "pdksh", "posh",
    "yash", "busybox",
];

/// How a shell reads text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Grammar {
    /// As POSIX says, and what bash has beyond.
    #[default]
    Posix,
    /// As zsh does: the end of a pipeline runs in the shell itself.
    Zsh,
    /// As fish does.
    Fish,
    /// As csh and tcsh do, or a shell that is not known: only what they have in common with POSIX
    /// is understood.
    Other,
}

impl Grammar {
    /// Returns what the shell with this base name reads.
    #[must_use]
    pub fn of_shell(name: &str) -> Self {
        match name {
            "zsh" => Self::Zsh,
            "fish" => Self::Fish,
            "csh" | "tcsh" | "bsd-csh" => Self::Other,
            _ => Self::Posix,
        }
    }

    /// Returns what a user's own shell with this base name reads: it may be any program.
    #[must_use]
    pub fn of_login_shell(name: &str) -> Self {
        match Self::of_shell(name) {
            Self::Posix if !POSIX_SHELLS.contains(&name) => Self::Other,
            grammar => grammar,
        }
    }
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

    /// Returns the line of a command text for a POSIX shell.
    #[must_use]
    pub fn shell(text: &[u8]) -> Self {
        Self::shell_of(text, Grammar::Posix)
    }

    /// Returns the line of a command text for a shell with this grammar.
    #[must_use]
    pub fn shell_of(text: &[u8], grammar: Grammar) -> Self {
        let text = String::from_utf8_lossy(text);
        Self::Shell {
            grammar,
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
