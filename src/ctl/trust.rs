//! `kanmonctl trust`: which project folders count, and with which content.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::layers::project::{self, TrustError};
use crate::layers::{Places, Trusted};
use crate::text::rules as say;
use crate::ui::safe;

use super::out::{self, Failure};

/// Arguments of `trust`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The project, where it is not that of the working directory
    dir: Option<PathBuf>,
    /// List what is trusted instead
    #[arg(long, conflicts_with_all = ["dir", "revoke"])]
    list: bool,
    /// Trust it no longer
    #[arg(long)]
    revoke: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// Runs `trust`; exits 1 where a file of the folder has a mistake: it is trusted, and what the file
/// may guard is held.
///
/// # Errors
/// Where there is no such folder, it cannot be read, or nothing can be written down.
pub fn run(args: &Args) -> Result<i32, Failure> {
    let places = Places::of_this_host();
    if args.list {
        return list(&Trusted::read(&places), args.json);
    }
    if args.revoke {
        return revoke(&places, args);
    }
    let folder = project::find(args.dir.as_deref()).map_err(failure)?;
    let receipt = project::trust(&places, &folder).map_err(failure)?;
    let status = i32::from(!receipt.trouble.is_empty());
    if args.json {
        out::json(&json!({
            "folder": receipt.folder,
            "files": receipt.files,
            "rules": receipt.n_rules,
            "mistakes": receipt.trouble.iter().map(|text| &text.source).collect::<Vec<_>>(),
        }))?;
        return Ok(status);
    }
    let language = out::language();
    for trouble in &receipt.trouble {
        out::line(trouble.in_language(language.tag()))?;
        out::line("")?;
    }
    let rules = out::counted(receipt.n_rules, language, say::one_rule, |language, n| {
        say::n_rules(language, n)
    });
    out::row(&say::trusted(language, safe::value(&receipt.folder), rules))?;
    for file in &receipt.files {
        out::line(&format!("  {}", safe::value(file)))?;
    }
    Ok(status)
}

/// Prints what is trusted.
fn list(trusted: &Trusted, as_json: bool) -> Result<i32, Failure> {
    if as_json {
        let folders = trusted
            .folders()
            .map(|(folder, digest)| json!({ "folder": folder, "digest": digest }));
        out::json(&Value::Array(folders.collect()))?;
        return Ok(0);
    }
    if trusted.folders().next().is_none() {
        out::row(&say::none_trusted(out::language()))?;
    }
    for (folder, _) in trusted.folders() {
        out::line(&safe::value(folder))?;
    }
    Ok(0)
}

/// Takes a folder's trust away; one that is gone is named by its path.
fn revoke(places: &Places, args: &Args) -> Result<i32, Failure> {
    let mut trusted = Trusted::read(places);
    let typed = args.dir.as_ref().map(|dir| dir.display().to_string());
    let found = project::find(args.dir.as_deref()).map(|folder| folder.display().to_string());
    let folder = match (found, typed) {
        (Ok(folder), _) => folder,
        (Err(_), Some(typed)) => typed,
        (Err(error), None) => return Err(failure(error)),
    };
    let language = out::language();
    if !trusted.revoke(&folder) {
        let failure = Failure::new(say::not_trusted(language, safe::value(&folder)));
        return Err(failure.hint(say::trust_list(language)));
    }
    trusted
        .write(places)
        .map_err(|error| failure(error.into()))?;
    if args.json {
        out::json(&json!({ "revoked": folder }))?;
    } else {
        out::row(&say::no_longer(language, safe::value(&folder)))?;
    }
    Ok(0)
}

/// Says why a folder is not trusted.
fn failure(error: TrustError) -> Failure {
    let language = out::language();
    let failure = Failure::of(&error, language);
    match error {
        TrustError::NoProject(_) | TrustError::Empty(_) => {
            failure.hint(say::what_is_project(language))
        }
        TrustError::Unread(_) | TrustError::Write(_) => failure,
    }
}
