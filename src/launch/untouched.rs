//! A passed command: the gate becomes it, and leaves nothing of itself behind.
//!
//! In: the proof that no rule names the line, and where it begins in the raw arguments. Out: only
//! an error. Descriptors, signal dispositions and mask, working directory, limits and environment
//! are the caller's, because nothing before this has touched them.

use std::ffi::CStr;

use crate::policy::Passed;

use super::error::LaunchError;
use super::raw::{self, RawArgs};
use super::supervise::Command;

/// Becomes the command that begins at argument `first`, exactly as env(1) would: the program is
/// looked up on `PATH`, and a file that the kernel does not take is given to `/bin/sh`.
#[must_use = "it returns only where the command did not start"]
pub fn untouched(_passed: Passed, args: RawArgs, first: usize) -> LaunchError {
    let cause = raw::exec_tail(args, first);
    LaunchError::of_exec(args.get(first).unwrap_or(c""), cause)
}

/// Becomes the program at this path, with the arguments of this process from its own name on: what
/// was started under another program's name becomes that program.
#[must_use = "it returns only where the command did not start"]
pub fn untouched_as(_passed: Passed, program: &CStr, args: RawArgs) -> LaunchError {
    let cause = raw::exec_as(program, args);
    LaunchError::of_exec(program, cause)
}

/// Becomes `sh -c` with argument `line` as its text and what follows as the text's `$0`, `$1`, ….
#[must_use = "it returns only where the shell did not start"]
pub fn untouched_line(_passed: Passed, args: RawArgs, line: usize) -> LaunchError {
    let cause = raw::exec_line(args, line);
    LaunchError::of_exec(SHELL, cause)
}

/// Becomes a command that is not the tail of the gate's own arguments: what sshd was asked for.
#[must_use = "it returns only where the command did not start"]
pub fn untouched_command(_passed: Passed, command: &Command) -> LaunchError {
    let cause = raw::exec_path(&command.program, &command.argv);
    LaunchError::of_exec(&command.program, cause)
}

/// The shell that runs `-c` lines.
pub const SHELL: &CStr = c"/bin/sh";
