//! What a door says outside of a dialogue: on standard output what was asked for, on standard
//! error what went wrong, in the language of the locale.

#![expect(
    clippy::disallowed_methods,
    reason = "the language of a message that comes before anything else is read here"
)]

use std::env;
use std::ffi::c_int;
use std::io::{self, IsTerminal as _, Write as _};

use crate::text::Language;
use crate::ui;

/// Returns the language to speak: `chosen`, or the locale's.
pub(super) fn language(chosen: Option<Language>) -> Language {
    chosen.unwrap_or_else(|| {
        let variable = |name| env::var_os(name).and_then(|value| value.into_string().ok());
        let (all, messages, lang) = (
            variable("LC_ALL"),
            variable("LC_MESSAGES"),
            variable("LANG"),
        );
        Language::of_locale(all.as_deref(), messages.as_deref(), lang.as_deref())
    })
}

/// Writes `text` to standard error, on a terminal in rows that fit it; where that is closed, nobody wants
/// to know.
pub(super) fn error(text: &str) {
    let mut stderr = io::stderr();
    let _ = match stderr.is_terminal() {
        true => stderr.write_all(ui::fitting(text, ui::error_columns()).as_bytes()),
        false => stderr.write_all(text.as_bytes()),
    };
}

/// Writes `text` to standard output, on a terminal in rows that fit it, and returns the exit status.
pub(super) fn answer(text: &str) -> c_int {
    let mut stdout = io::stdout();
    let written = match stdout.is_terminal() {
        true => stdout.write_all(ui::fitting(text, ui::output_columns()).as_bytes()),
        false => stdout.write_all(text.as_bytes()),
    };
    match written.and_then(|()| stdout.flush()) {
        Ok(()) => 0,
        Err(_) => 125,
    }
}
