//! From a typed line to the invocations in it: shell grammar, unwrapping, options, targets.
//!
//! Pure: nothing here opens a file, reads the environment or the clock. What a reading lacks (a
//! variable, a script) is named in [`Reading::needs`], given in [`Givens`], and the line is read
//! again.

#![forbid(unsafe_code)]

mod ansi;
mod bits;
mod blanks;
mod builtins;
mod code;
mod common;
mod expand;
mod fan;
mod fish;
pub mod folder;
mod guess;
mod hooks;
mod hosts;
pub mod invocation;
mod invoke;
pub mod knowledge;
mod made;
mod name;
mod opaque;
pub mod options;
mod output;
mod powershell;
mod read;
mod scope;
mod script;
mod shell;
mod source;
pub mod span;
mod sql;
pub mod text;
mod unfinished;
mod unwrap;
mod walk;
mod walker;
pub mod word;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use unfinished::is_unfinished;

pub use invocation::{Fan, Fed, Invocation, Opaque, Origin, Target, Via, Write};
pub use knowledge::{
    Each, Form, Inner, Lore, Moves, OptionStyle, SqlAt, SqlDialect, TargetKey, Words, Wrapper,
};
pub use scope::{TOO_MANY, Value};
pub use span::Span;
pub use text::{Grammar, Line};
pub use word::{Piece, Word};

use std::collections::{BTreeMap, BTreeSet};

/// The longest text that is read, in bytes; a longer one is refused.
pub const MAX_SIZE: usize = 1 << 20;
/// The deepest nesting of quotes, substitutions, compound commands and wrappers together.
pub const MAX_DEPTH: usize = 100;
/// The most bytes that texts within texts have together: `eval eval … long text` reads all of it
/// once a level.
pub const MAX_NESTED: usize = 2 << 20;
/// The most invocations in one line.
pub const MAX_INVOCATIONS: usize = 4096;
/// The most words in all invocations of one line together; beyond counts as too many invocations.
const MAX_WORDS: usize = 1 << 20;

/// Reads a line: every program call in it, with wrappers, targets, and what feeds it.
///
/// Total: any text has a reading, or is beyond a limit. What the grammar does not take stands as
/// an opaque invocation over the rest of the line, with a guessed one for each word in it that
/// names a guarded program.
pub fn read(line: &Line, lore: &dyn Lore, givens: &Givens) -> Result<Reading, TooMuch> {
    read::read(line, lore, givens)
}

/// What a reading was given of the world.
#[derive(Debug, Clone, Default)]
pub struct Givens {
    /// Variables of the shell that will run the line; `None` is known to be unset.
    pub variables: BTreeMap<String, Option<String>>,
    /// Whether a variable that is not in `variables` counts as unset (a `-c` line whose
    /// environment is known) instead of unknown (a shell hook, `check`).
    pub others_unset: bool,
    /// Scripts and files of hosts by their path as typed; [`STANDARD_INPUT`] is what the caller
    /// feeds.
    pub files: BTreeMap<String, Content>,
    /// What the shell that reads the line has names stand for (`alias r=reboot`): name to text. They
    /// count in that shell alone, not behind a wrapper.
    pub aliases: BTreeMap<String, String>,
    /// The functions of the shell that reads the line: name to definition (`f() { …; }`). They
    /// count in that shell alone, as aliases do.
    pub functions: BTreeMap<String, String>,
}

/// The name under which a reading asks for what the caller feeds on standard input.
pub const STANDARD_INPUT: &str = "/dev/stdin";

/// What stands before the name of a program under which a reading asks for the script that a search
/// through `PATH` gives.
pub const THROUGH_PATH: &str = "$PATH/";

/// What a file of commands holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// This text.
    Text(String),
    /// It is none that a shell would read: there is no such file, or it is a program.
    Nothing,
    /// It cannot be read beforehand: a pipe, too long, one too many.
    Unseen,
}

/// What a reading would like to be given before it is final.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Names of variables that were read and not given.
    pub variables: BTreeSet<String>,
    /// Paths of scripts that would run here and were not given.
    pub files: BTreeSet<String>,
    /// Paths of files of hosts that a held line would go to; no verdict to pass hangs on them.
    pub hosts: BTreeSet<String>,
}

/// Why a line is refused without being judged: beyond a documented limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TooMuch {
    /// The text is longer than the limit.
    #[error("the line has {found} bytes, the limit is {limit}")]
    Size {
        /// Bytes in the line.
        found: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// Quotes, substitutions or wrappers are nested deeper than the limit.
    #[error("the line is nested more than {limit} levels deep")]
    Depth {
        /// The limit in levels.
        limit: usize,
    },
    /// Texts within texts (`eval`, `sh -c`, `ssh host`) are longer together than the limit.
    #[error("the texts within the line have more than {limit} bytes together")]
    Nested {
        /// The limit in bytes.
        limit: usize,
    },
    /// The line contains more invocations than the limit.
    #[error("the line contains more than {limit} commands")]
    Count {
        /// The limit in invocations.
        limit: usize,
    },
}

/// All that was understood of a line.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Every program call found, outer wrappers included, in the order of the text.
    pub invocations: Vec<Invocation>,
    /// What would make the reading more certain.
    pub needs: Needs,
}
