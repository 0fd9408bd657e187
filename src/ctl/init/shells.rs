//! `kanmonctl init bash`: the hook of a shell, printed for `eval`.
//!
//! The scripts lie beside this file as they are; before them stands what they cannot know: where
//! the programs and the word list lie, and what they say, in the language of the locale.

use std::env;
use std::path::PathBuf;

use crate::context::{Environment, SystemClock};
use crate::layers::{Places, word_list};
use crate::line::text::quote;
use crate::text::{Language, cause, setup, shell as say};

use super::super::out::{self, Failure};

/// A shell with a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Shell {
    /// bash, from 4.4
    Bash,
    /// zsh 5
    Zsh,
    /// fish 3.6
    Fish,
}

impl Shell {
    /// Returns the hook.
    fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("shells/hook.bash"),
            Self::Zsh => include_str!("shells/hook.zsh"),
            Self::Fish => include_str!("shells/hook.fish"),
        }
    }

    /// Returns the line that makes a variable of the hook.
    fn set(self, name: &str, value: &str) -> String {
        match self {
            Self::Bash => format!("__kanmon_{name}={}\n", quote(value)),
            Self::Zsh => format!("typeset -g __kanmon_{name}={}\n", quote(value)),
            // In quotes of fish `\\` quotes itself and the quote.
            Self::Fish => {
                let value = value.replace('\\', "\\\\").replace('\'', "\\'");
                format!("set -g __kanmon_{name} '{value}'\n")
            }
        }
    }

    /// Returns what a person types to put the hook into a shell.
    fn install(self) -> &'static str {
        match self {
            Self::Bash => "eval \"$(kanmonctl init bash)\"",
            Self::Zsh => "eval \"$(kanmonctl init zsh)\"",
            Self::Fish => "kanmonctl init fish | source",
        }
    }
}

/// Prints the hook of a shell.
///
/// # Errors
/// Where standard output cannot be written.
pub(super) fn hook(shell: Shell) -> Result<i32, Failure> {
    let list = match write_list() {
        Ok(list) => list.display().to_string(),
        // Without a list the hook asks the gate about every line.
        Err(failure) => {
            out::error(&failure);
            String::new()
        }
    };
    let language = Environment::of_process().language();
    let mut text = String::new();
    let mut set = |name, value: &str| text += &shell.set(name, value);
    set("gate", &program("kanmon"));
    set("ctl", &program("kanmonctl"));
    set("list", &list);
    for (name, value) in said(shell, language) {
        set(name, &value);
    }
    out::text(&(text + shell.script()))?;
    Ok(0)
}

/// What the hook says, by the name of its variable.
fn said(shell: Shell, language: Language) -> [(&'static str, String); 5] {
    [
        ("say_failed", say::failed(language)),
        ("say_not_judged", say::not_judged(language)),
        ("say_in_history", say::in_history(language)),
        ("say_editing", say::editing(language)),
        ("say_off", say::off(language, shell.install())),
    ]
}

/// Writes the word list anew.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn refresh() -> Result<i32, Failure> {
    write_list()?;
    Ok(0)
}

/// Writes the word list; returns where it lies.
fn write_list() -> Result<PathBuf, Failure> {
    let program = env::current_exe().ok();
    word_list::write(
        &Places::of_this_host(),
        program.as_deref(),
        &SystemClock::new(),
    )
    .map_err(|error| {
        let language = out::language();
        let why = cause::of(&error.to_string(), language);
        Failure::new(setup::no_list(language, why)).hint(setup::asked_always(language))
    })
}

/// Returns the path of one of our programs, which lie beside one another; its name alone where it
/// is not there.
fn program(name: &str) -> String {
    let beside = env::current_exe().map(|own| own.with_file_name(name));
    match beside {
        Ok(path) if path.is_file() => path.display().to_string(),
        Ok(_) | Err(_) => name.to_owned(),
    }
}
