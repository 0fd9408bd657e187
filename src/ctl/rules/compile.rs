//! `kanmonctl rules compile`: the system's files become one set that gates map.

use serde_json::json;

use crate::context::SystemClock;
use crate::ctl::out::{self, Failure};
use crate::layers::compile::CompileError;
use crate::layers::{Places, places, system, user};

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
            "mistakes": report.trouble,
            "counts": !report.recent,
        }))?;
        return Ok(status);
    }
    for trouble in &report.trouble {
        out::line(trouble)?;
        out::line("")?;
    }
    out::line(&format!(
        "{}: {} rules, {} files",
        report.file, report.n_rules, report.n_files
    ))?;
    if report.recent {
        out::line(
            "A file has a time that lies ahead of the clock, so this set does not count; set the clock right and compile again.",
        )?;
    }
    match report.trouble.len() {
        0 => {}
        1 => out::line("1 file cannot be used; see above")?,
        n => out::line(&format!("{n} files cannot be used; see above"))?,
    }
    Ok(status)
}

/// Says why nothing was compiled, and what to do.
fn failure(error: CompileError) -> Failure {
    let failure = Failure::new(error.to_string());
    match error {
        CompileError::NoFolder(folder) if folder == places::SYSTEM => failure.hint(format!(
            "Make {0} and {0}/rules.d as root (mode 0755) and put rule files there.",
            places::SYSTEM
        )),
        CompileError::Write { .. } => failure.hint("The system's set is written by root."),
        CompileError::NoFolder(_) | CompileError::Refused { .. } | CompileError::Encode(_) => {
            failure
        }
    }
}
