//! What `kanmonctl` writes: answers on standard output, failures with a hint on standard error.

use std::fmt;
use std::io::{self, IsTerminal as _, Write};

use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

use crate::context::Environment;
use crate::layers;
use crate::policy::ruleset::RuleSet;
use crate::text::{Language, cause, rules as say};
use crate::ui::{self, Options, safe};

/// A failure of a subcommand, for the operator.
#[derive(Debug)]
pub struct Failure {
    what: String,
    hint: Option<String>,
    source: Option<io::Error>,
    /// Whether `what` says who speaks.
    is_whole: bool,
}

impl Failure {
    /// Returns a failure that says what happened.
    pub fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            hint: None,
            source: None,
            is_whole: false,
        }
    }

    /// Returns a failure that says what an error says, in this language.
    pub(super) fn of(error: &impl fmt::Display, language: Language) -> Self {
        Self::new(cause::of(&error.to_string(), language))
    }

    /// Returns what happened, without the hint.
    pub(super) fn message(&self) -> &str {
        &self.what
    }

    /// Returns a failure whose text already says who speaks.
    pub(super) fn said(text: impl Into<String>) -> Self {
        Self {
            is_whole: true,
            ..Self::new(text)
        }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Returns whether the reader of the output has gone away.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        self.source
            .as_ref()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_whole {
            formatter.write_str("kanmonctl: ")?;
        }
        formatter.write_str(&self.what)?;
        if let Some(hint) = &self.hint {
            write!(formatter, "\n  {hint}")?;
        }
        Ok(())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self {
            what: cause::of(&error.to_string(), language()),
            hint: None,
            source: Some(error),
            is_whole: false,
        }
    }
}

/// Returns the rules that count on this host.
///
/// # Errors
/// Where the rules cannot be put together.
pub(super) fn rules() -> Result<RuleSet, Failure> {
    layers::for_judging().map_err(|error| {
        let language = language();
        let why = cause::of(&error.to_string(), language);
        Failure::new(say::built_in_broken(language, why)).hint(say::install_anew(language))
    })
}

/// Returns the language of the locale.
pub(super) fn language() -> Language {
    Environment::of_process().language()
}

/// Returns a number of things: one, or as many as there are.
pub(super) fn counted(
    n: usize,
    language: Language,
    one: fn(Language) -> String,
    several: fn(Language, usize) -> String,
) -> String {
    match n {
        1 => one(language),
        n => several(language, n),
    }
}

/// Returns whether standard output takes colours: it is a terminal that knows them, and nobody
/// objects (`NO_COLOR`).
#[must_use]
pub(super) fn has_colour() -> bool {
    let environment = Environment::of_process();
    let (term, no_color) = (environment.get("TERM"), environment.get("NO_COLOR"));
    let options = Options::new(Language::default(), false, term, no_color);
    io::stdout().is_terminal() && options.colour
}

/// Writes one JSON value and a newline.
///
/// # Errors
/// Where standard output cannot be written.
pub fn json(value: &impl Serialize) -> io::Result<()> {
    raw(&serde_json::to_string(value)?)
}

/// Writes rows for a person, each broken at words where a terminal is narrower: a program or a file gets
/// them whole. What could move the cursor, hide or turn text around appears escaped, whoever wrote it.
///
/// # Errors
/// Where standard output cannot be written.
pub fn line(text: &str) -> io::Result<()> {
    painted(&safe::lines(text))
}

/// Writes rows as [`line()`] does, with colours of our own in them: all else in them is safe already.
///
/// # Errors
/// Where standard output cannot be written.
pub(super) fn painted(text: &str) -> io::Result<()> {
    match io::stdout().is_terminal() {
        true => raw(&ui::fitting(text, ui::output_columns())),
        false => raw(text),
    }
}

/// Writes a line as it is: for a program, or laid out already.
///
/// # Errors
/// Where standard output cannot be written.
pub(super) fn raw(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")
}

/// Writes a label in a column of this width, and a text behind it.
///
/// # Errors
/// Where standard output cannot be written.
pub(super) fn labelled(indent: &str, label: &str, width: usize, text: &str) -> io::Result<()> {
    let fill = width.saturating_sub(label.width()).max(1);
    behind(&format!("{indent}{label}{:fill$}", ""), text)
}

/// Writes cells, each with the width of its column, and a text behind them.
///
/// # Errors
/// Where standard output cannot be written.
pub(super) fn in_columns(cells: &[(&str, usize)], text: &str) -> io::Result<()> {
    let mut row = String::new();
    for (cell, width) in cells {
        let fill = width.saturating_sub(cell.width()).max(1);
        row.push_str(cell);
        row.extend(std::iter::repeat_n(' ', fill));
    }
    behind(&row, text)
}

/// Writes a row of a listing; what goes on in a further row is set in, so that the rows of a narrow
/// terminal are told apart.
///
/// # Errors
/// Where standard output cannot be written.
pub(super) fn row(text: &str) -> io::Result<()> {
    let text = safe::lines(text);
    match io::stdout().is_terminal() {
        true => raw(&ui::set_in(&text, ui::output_columns())),
        false => raw(&text),
    }
}

/// Returns whether a row is no wider than the terminal; for a program or a file each is good.
pub(super) fn fits(row: &str) -> bool {
    !io::stdout().is_terminal() || row.width() <= ui::output_columns()
}

/// Writes a text behind its label, broken at words where a terminal is narrower: a program or a file
/// gets it in one row.
///
/// # Errors
/// Where standard output cannot be written.
pub(super) fn behind(label: &str, text: &str) -> io::Result<()> {
    let (label, text) = (safe::lines(label), safe::lines(text));
    match io::stdout().is_terminal() {
        true => raw(&ui::hanging(&label, &text, ui::output_columns())),
        false => raw(&format!("{label}{text}")),
    }
}

/// Writes a text as it is.
///
/// # Errors
/// Where standard output cannot be written.
pub(super) fn text(text: &str) -> io::Result<()> {
    io::stdout().lock().write_all(text.as_bytes())
}

/// Writes what is no answer on standard error; where that is closed, nobody wants to know.
pub(super) fn notice(text: &str) {
    let text = safe::lines(text);
    let mut errors = io::stderr().lock();
    let _ = match errors.is_terminal() {
        true => writeln!(errors, "{}", ui::fitting(&text, ui::error_columns())),
        false => writeln!(errors, "{text}"),
    };
}

/// Writes a failure; where standard error is closed, nobody wants to know.
pub fn error(failure: &Failure) {
    notice(&failure.to_string());
}
