//! The prefix door: `kanmon COMMAND…`.
//!
//! A first version: it knows no rules yet, so every line passes.

use std::ffi::c_int;
use std::panic;

use crate::launch::{RawArgs, raw, untouched, untouched_line};
use crate::policy::Passed;
use crate::text::{Language, launch as text};

use super::options::{self, Asked};
use super::streams;

/// Exit status where the gate itself failed.
const GATE_FAILED: c_int = 125;

/// Runs the gate for the arguments of `main` and returns its exit status.
#[must_use]
pub fn enter(args: RawArgs) -> c_int {
    // A panic must not cross into C: it would end as an abort with a core.
    panic::catch_unwind(|| go(args)).unwrap_or_else(|_panic| {
        streams::error(&text::broken(streams::language(None)));
        GATE_FAILED
    })
}

/// Understands the options and does what they ask.
fn go(args: RawArgs) -> c_int {
    if raw::is_privileged() {
        // NOTE: the environment of a privileged process chooses nothing, not even the language.
        streams::error(&text::privileged(Language::English));
        return GATE_FAILED;
    }
    let (options, asked) = match options::parse(args) {
        Ok(parsed) => parsed,
        Err(bad) => {
            streams::error(&bad.message(streams::language(None)));
            return GATE_FAILED;
        }
    };
    // INTEGRATOR: the judge comes here; until then every line passes.
    let passed = Passed::before_the_judge_stands();
    let failed = match asked {
        Asked::Command(first) => untouched(passed, args, first),
        Asked::Line(line) => untouched_line(passed, args, line),
        Asked::Help => return streams::answer(&text::help(streams::language(options.language))),
        Asked::Version => {
            return streams::answer(concat!("kanmon ", env!("CARGO_PKG_VERSION"), "\n"));
        }
        Asked::Nothing => {
            streams::error(&text::help(streams::language(options.language)));
            return GATE_FAILED;
        }
    };
    streams::error(&failed.message(streams::language(options.language)));
    failed.status()
}
