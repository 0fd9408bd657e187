//! `kanmonctl rules compile`: the system's files become one set that gates map.

use serde_json::json;

use crate::context::SystemClock;
use crate::ctl::out::{self, Failure};
use crate::layers::compile::CompileError;
use crate::layers::{Places, places, system, user};
use crate::text::rules as say;

/// Runs `rules compile`; exits 1 where a file cannot be used. The set is put in place all the same:
/// of the others every rule counts, and a hold says which file is broken.
///
/// # Errors
/// Where there is nothing to compile, or the set cannot be written.
pub(super) fn run(of_user: bool, as_json: bool) -> Result<i32, Failure> {
    let (places, clock) = (Places::of_this_host(), SystemClock::new());
    let report = match of_user {
        true => user::compile(&places, &clock),
        false => system::compile(&places, &clock),
    };
    let report = report.map_err(failure)?;
    let status = i32::from(!report.trouble.is_empty());
    if as_json {
        out::json(&json!({
            "file": report.file,
            "rules": report.n_rules,
            "files": report.n_files,
            "mistakes": report.trouble.iter().map(|text| &text.source).collect::<Vec<_>>(),
            "counts": !report.recent,
        }))?;
        return Ok(status);
    }
    let language = out::language();
    for trouble in &report.trouble {
        out::line(trouble.in_language(language.tag()))?;
        out::line("")?;
    }
    let counted = |n, one, several| out::counted(n, language, one, several);
    let rules = counted(report.n_rules, say::one_rule, say::n_rules);
    let files = counted(report.n_files, say::one_file, say::n_files);
    out::row(&say::compiled(language, &report.file, rules, files))?;
    if report.recent {
        out::row(&say::ahead_of_clock(language))?;
    }
    match report.trouble.len() {
        0 => {}
        n => out::row(&counted(n, say::one_broken, say::n_broken))?,
    }
    Ok(status)
}

/// Says why nothing was compiled, and what to do.
fn failure(error: CompileError) -> Failure {
    let language = out::language();
    let failure = Failure::of(&error, language);
    match error {
        CompileError::NoFolder(folder) if folder == places::SYSTEM => {
            failure.hint(say::make_folder(language, places::SYSTEM))
        }
        CompileError::Write { .. } => failure.hint(say::root_writes(language)),
        CompileError::NoFolder(_) | CompileError::Refused { .. } | CompileError::Encode(_) => {
            failure
        }
    }
}
