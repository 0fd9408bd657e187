//! What a door is asked to bring through the gate.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::{CStr, CString, OsString};
use std::os::unix::ffi::OsStringExt as _;
use std::rc::Rc;

use crate::context::{Environment, Scripts};
use crate::gate::Who;
use crate::gate::showing::{Resumed, Typed};
use crate::launch::Command;
use crate::launch::untouched::SHELL;
use crate::line::{Grammar, Line};
use crate::team::earlier::Inquiry;
use crate::text::Language;

/// A line and how it is to be brought through.
#[derive(Debug, Clone)]
pub struct Request {
    /// What is to be run.
    pub what: What,
    /// Name of the door, for the record.
    pub door: &'static str,
    /// Go through every step, run nothing.
    pub drill: bool,
    /// Go past the gate, for this reason.
    pub break_glass: Option<String>,
    /// No frames and no redrawing.
    pub plain: bool,
    /// The language to speak.
    pub language: Language,
    /// The scripts that the line runs, as they were when it was read.
    pub scripts: Rc<Scripts>,
    /// What the team's store is asked of earlier runs while the line is judged.
    pub inquiry: Rc<RefCell<Inquiry>>,
    /// Who asks, where that is not the one as whom this process runs.
    pub asker: Option<Asker>,
    /// The shell that runs the line itself once it may.
    pub caller: Option<Caller>,
    /// The request for others' yes that the asker left behind and comes back to.
    pub resumed: Option<Box<Resumed>>,
}

/// Who asks a gate that runs as somebody else, and the environment that the command will have.
#[derive(Debug, Clone, Default)]
pub struct Asker {
    /// Who it is.
    pub who: Who,
    /// The command's environment.
    pub environment: Environment,
}

/// A shell with the hook.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// Its process.
    pub pid: i32,
    /// What names stand for in it.
    pub aliases: BTreeMap<String, String>,
    /// Definitions of its functions by name.
    pub functions: BTreeMap<String, String>,
}

/// What is to be run.
#[derive(Debug, Clone)]
pub enum What {
    /// A finished argv.
    Argv(Vec<CString>),
    /// A finished argv whose program was found already: what a shim was called for.
    Program {
        /// The name that the shim has.
        name: CString,
        /// Path of the program.
        program: CString,
        /// The argv, its first word as the caller wrote it.
        argv: Vec<CString>,
    },
    /// A text for `sh -c`, with what follows it as `$0`, `$1`, ….
    Line(CString, Vec<CString>),
    /// A text for the user's own shell.
    InShell {
        /// Path of the shell.
        shell: CString,
        /// The text.
        line: CString,
    },
    /// The user's own shell, by its path, as a login shell.
    Login(CString),
    /// What sudo runs itself, once it was told that it may.
    Sudo {
        /// The line: sudo, as whom, and what it resolved.
        argv: Vec<CString>,
        /// Whether a person may be asked.
        may_ask: bool,
    },
}

impl What {
    /// Returns the line as it is read.
    #[must_use]
    pub fn line(&self) -> Line {
        match self {
            Self::Argv(argv) | Self::Sudo { argv, .. } => Line::argv(
                argv.iter()
                    .map(|word| OsString::from_vec(word.as_bytes().to_vec()))
                    .collect(),
            ),
            // Callers may write anything in place of the name.
            Self::Program { name, argv, .. } => {
                let words = argv.iter().skip(1).map(CString::as_c_str);
                let words = [name.as_c_str()].into_iter().chain(words);
                Line::argv(
                    words
                        .map(|word| OsString::from_vec(word.to_bytes().to_vec()))
                        .collect(),
                )
            }
            Self::Line(text, rest) if rest.is_empty() => Line::shell(text.as_bytes()),
            Self::InShell { shell, line } => {
                let name = base_name(shell);
                let grammar = Grammar::of_login_shell(&name.to_string_lossy());
                Line::shell_of(line.as_bytes(), grammar)
            }
            Self::Login(shell) => Line::argv(vec![OsString::from_vec(shell.as_bytes().to_vec())]),
            // What follows the text is part of what runs: `-c '"$@"' sh reboot`.
            Self::Line(text, rest) => {
                let shell = [c"sh", c"-c", text].into_iter();
                let words = shell.chain(rest.iter().map(CString::as_c_str));
                Line::argv(
                    words
                        .map(|word| OsString::from_vec(word.to_bytes().to_vec()))
                        .collect(),
                )
            }
        }
    }

    /// Returns the line as it was given, where it is text that can be given again.
    #[must_use]
    pub fn typed(&self) -> Option<Typed> {
        let texts = |words: &[CString]| -> Option<Vec<String>> {
            let each = words.iter().map(|word| word.to_str().map(str::to_owned));
            each.collect::<Result<_, _>>().ok()
        };
        match self {
            Self::Argv(argv) => Some(Typed::Argv(texts(argv)?)),
            Self::Line(text, rest) => {
                Some(Typed::Line(text.to_str().ok()?.to_owned(), texts(rest)?))
            }
            Self::Program { .. } | Self::InShell { .. } | Self::Login(_) | Self::Sudo { .. } => {
                None
            }
        }
    }

    /// Returns what is to be run of a line as it was given.
    #[must_use]
    pub fn of_typed(typed: &Typed) -> Option<Self> {
        let words = |texts: &[String]| -> Option<Vec<CString>> {
            let each = texts.iter().map(|text| CString::new(text.as_str()));
            each.collect::<Result<_, _>>().ok()
        };
        Some(match typed {
            Typed::Argv(argv) => Self::Argv(words(argv)?),
            Typed::Line(text, rest) => Self::Line(CString::new(text.as_str()).ok()?, words(rest)?),
        })
    }

    /// Returns whether a person may be asked, if there is a terminal.
    #[must_use]
    pub fn may_ask(&self) -> bool {
        !matches!(self, Self::Sudo { may_ask: false, .. })
    }

    /// Returns the command that is started.
    #[must_use]
    pub fn command(&self) -> Command {
        match self {
            Self::Argv(argv) | Self::Sudo { argv, .. } => Command {
                program: argv.first().cloned().unwrap_or_default(),
                argv: argv.clone(),
            },
            Self::Program { program, argv, .. } => Command {
                program: program.clone(),
                argv: argv.clone(),
            },
            Self::InShell { shell, line } => Command {
                program: shell.clone(),
                argv: vec![base_name(shell), c"-c".to_owned(), line.clone()],
            },
            Self::Login(shell) => {
                let name = [b"-", base_name(shell).as_bytes()].concat();
                Command {
                    program: shell.clone(),
                    // What had no NUL has none now.
                    argv: vec![CString::new(name).unwrap_or_default()],
                }
            }
            Self::Line(text, rest) => {
                let mut argv: Vec<CString> = vec![c"sh".to_owned(), c"-c".to_owned()];
                // A text that begins like an option would be taken for one.
                if matches!(text.as_bytes().first(), Some(b'-' | b'+')) {
                    argv.push(c"--".to_owned());
                }
                argv.push(text.clone());
                argv.extend(rest.iter().cloned());
                Command {
                    program: SHELL.to_owned(),
                    argv,
                }
            }
        }
    }
}

/// Returns the last part of a path.
fn base_name(path: &CStr) -> CString {
    let name = path.to_bytes().rsplit(|byte| *byte == b'/').next();
    CString::new(name.unwrap_or_default()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_line_is_part_of_it() {
        let line = |rest: Vec<CString>| What::Line(c"\"$@\"".to_owned(), rest).line();
        assert_eq!(line(Vec::new()).text(), "\"$@\"");
        assert_eq!(
            line(vec![c"x".to_owned(), c"reboot".to_owned()]).text(),
            "sh -c '\"$@\"' x reboot"
        );
    }
}
