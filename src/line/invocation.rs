//! One program call found in a line, with the chain of wrappers around it and its target.

use std::collections::BTreeMap;

use super::scope::Value;
use super::{Moves, Span, Word};

/// One program call found in a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invocation {
    /// The program as typed.
    pub program: Word,
    /// Its base name (`/usr/sbin/reboot` → `reboot`), empty where it is not known.
    pub name: String,
    /// Its arguments.
    pub args: Vec<Word>,
    /// Where the call stands in the line, from the program to its last argument.
    pub span: Span,
    /// The wrappers around it, the outermost first.
    pub via: Vec<Via>,
    /// Where it takes effect.
    pub target: Target,
    /// The files that its redirects, or it as a writing wrapper (`tee`), write to.
    pub writes: Vec<Write>,
    /// What the line feeds to its standard input.
    pub fed: Fed,
    /// Variables that the line itself sets for it, wrappers such as `env` left out.
    pub variables: BTreeMap<String, Value>,
    /// The working directory where the line changes it (`cd /srv && …`).
    pub folder: Option<Value>,
    /// Why it cannot be known, if it cannot.
    pub opaque: Option<Opaque>,
    /// Whether it stands behind a program that is not *known* and so is only possibly run
    /// (rule-language section 12): such an invocation can hold a line, never excuse one.
    pub guessed: bool,
    /// The script that it stands in; `None` for the line itself. The invocation's `span` is then
    /// that of the call that runs the script, and the spans of its words point into the script.
    pub origin: Option<Origin>,
}

/// Where in a script an invocation stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The script's path as typed.
    pub file: String,
    /// The row, from 1.
    pub row: usize,
    /// The invocation as it stands there.
    pub text: String,
}

/// A file that is written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The path.
    pub path: Word,
    /// Where the redirect or operand stands in the line.
    pub span: Span,
}

/// What stands on an invocation's standard input, as far as the line itself shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Fed {
    /// The line feeds nothing: it is what the terminal or the caller gives.
    #[default]
    Nothing,
    /// This text (`echo … |`, a here-document, a here-string).
    Text(Word),
    /// A file (`< path`), by its path.
    File(Word),
    /// Something that the line does not show (`curl … |`).
    Unknown,
}

/// Why an invocation cannot be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Opaque {
    /// The program's name is in a variable or a substitution that is not known.
    Variable,
    /// Text that is put together while running (`eval "$x"`, `sh -c "$x"`).
    Eval,
    /// Text that comes over the network or from a pipe that the line does not show.
    Download,
    /// Text that the grammar does not take.
    Unparsed,
}

/// One wrapper around an invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Via {
    /// The wrapper's base name: `sudo`, `ssh`, `bash`.
    pub name: String,
    /// The wrapper's own words, the program first, before what it wraps; for `ssh -p 22 op@mx1
    /// reboot` these are `ssh`, `-p`, `22`, `op@mx1`.
    pub words: Vec<Word>,
    /// How those words stand in the line.
    pub span: Span,
    /// What the wrapper changes about the place.
    pub moves: Option<Moves>,
    /// Whether what follows is text for a shell there (`ssh`, `sh -c`), not an argv.
    pub shell: bool,
}

/// Where an invocation takes effect. A field is `None` where the line says nothing of it, and so
/// the place where the gate stands counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// The host's name as typed, without a user.
    pub host: Option<Word>,
    /// The user it runs as.
    pub user: Option<Word>,
    /// The container.
    pub container: Option<Word>,
    /// The pod.
    pub pod: Option<Word>,
    /// The Kubernetes namespace.
    pub namespace: Option<Word>,
    /// The Kubernetes context.
    pub context: Option<Word>,
    /// The cloud profile, project or subscription.
    pub account: Option<Word>,
    /// Whether it acts on several targets at once.
    pub many: bool,
    /// Whether it runs at another time (`at`, `systemd-run`).
    pub later: bool,
}
