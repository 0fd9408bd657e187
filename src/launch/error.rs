//! Why a command did not start, and the exit status that says so.

use std::ffi::CStr;

use nix::errno::Errno;

use crate::text::{Language, launch as text};

/// Why a command did not start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LaunchError {
    /// No such program on the search path, or no file at the path given.
    #[error("`{program}` not found")]
    NotFound {
        /// The program as typed, bytes that are no UTF-8 as U+FFFD.
        program: String,
    },
    /// It is there, but the system does not execute it.
    #[error("cannot execute `{program}`: {cause}")]
    NotExecutable {
        /// The program as typed, bytes that are no UTF-8 as U+FFFD.
        program: String,
        /// What the system said.
        cause: Errno,
    },
    /// The system has no process, pipe or memory to start it with.
    #[error("cannot start a process: {cause}")]
    NoProcess {
        /// What the system said.
        cause: Errno,
    },
    /// sudo, to which it was entrusted, did not start it.
    #[error("sudo did not start it: {cause}")]
    NotBySudo {
        /// What sudo said.
        cause: Errno,
    },
}

impl LaunchError {
    /// Returns what a failed `exec` of `program` means.
    #[must_use]
    pub fn of_exec(program: &CStr, cause: Errno) -> Self {
        let program = program.to_string_lossy().into_owned();
        // As env(1) and nohup(1) have it: only a missing file is 127.
        if cause == Errno::ENOENT {
            Self::NotFound { program }
        } else {
            Self::NotExecutable { program, cause }
        }
    }

    /// Returns the exit status of the gate: 127, 126, or 125 where the gate itself failed.
    #[must_use]
    pub fn status(&self) -> i32 {
        match self {
            Self::NotFound { .. } => 127,
            Self::NotExecutable { .. } => 126,
            Self::NoProcess { .. } | Self::NotBySudo { .. } => 125,
        }
    }

    /// Returns what happened and what to do next, one line each.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::NotFound { program } => {
                let program = shown(program);
                if program.contains('/') {
                    text::no_such_file(language, program)
                } else {
                    text::not_found(language, program)
                }
            }
            Self::NotExecutable { program, cause } => {
                text::not_executable(language, shown(program), cause.desc())
            }
            Self::NoProcess { cause } => text::no_process(language, cause.desc()),
            Self::NotBySudo { cause } => text::not_by_sudo(language, cause.desc()),
        }
    }
}

/// Returns `program` with control characters escaped, so that a hostile name cannot drive the
/// terminal.
fn shown(program: &str) -> String {
    program
        .chars()
        .flat_map(|c| {
            let escape = c.is_control() || is_bidi(c);
            let escaped = escape.then(|| c.escape_unicode());
            let plain = (!escape).then_some(c);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect()
}

/// Returns whether `c` changes the direction of text.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_missing_file_is_127() {
        assert_eq!(LaunchError::of_exec(c"x", Errno::ENOENT).status(), 127);
        assert_eq!(LaunchError::of_exec(c"x", Errno::EACCES).status(), 126);
        assert_eq!(LaunchError::of_exec(c"x", Errno::ENOTDIR).status(), 126);
        assert_eq!(LaunchError::of_exec(c"x", Errno::E2BIG).status(), 126);
    }

    #[test]
    fn hostile_names_are_escaped() {
        let error = LaunchError::of_exec(c"\x1b[2Jx", Errno::ENOENT);
        assert_eq!(
            error.message(Language::English),
            "kanmon: `\\u{1b}[2Jx` not found\n  \
             check the spelling, or PATH; nothing has run\n"
        );
    }
}
