//! `kanmonctl rules import`: a runbook from a spreadsheet becomes a pack to finish.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the edge that reads a runbook and writes a pack"
)]

mod commands;
mod expected;
mod pack;
mod sheet;
mod toml;

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::ctl::out::{self, Failure};
use crate::layers::mistakes as told;
use crate::policy::builtin;
use crate::policy::pack::{Layer, SourceFile, read};
use crate::policy::ruleset::RuleSet;
use crate::text::{cause, rules as say};

use super::test::held_by;
use pack::{Names, slug};
use sheet::SheetError;

/// What mistakes call the pack, which is in no file yet. Under a name that ends in `.csv` it would be
/// taken for a calendar's.
const PACK_FILE: &str = "the-pack.toml";

/// Arguments of `rules import`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A runbook saved as CSV, with the columns 手順, 確認事項, 期待値, 確認者 (or step, check, expected, checked by)
    #[arg(value_name = "FILE.csv")]
    file: PathBuf,
    /// Write the pack to this file, which must not be there yet, instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The pack's id, where it is not made of the file's name
    #[arg(long)]
    id: Option<String>,
    /// The pack's title, where it is not the file's name
    #[arg(long)]
    title: Option<String>,
}

/// Why no pack was made.
#[derive(Debug, thiserror::Error)]
enum ImportError {
    /// The file is no runbook.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// No step has a command.
    #[error("no step has a command that a rule could be made of")]
    NoCommand,
    /// The pack has mistakes: its id is no id, or is taken.
    #[error("the pack has mistakes\n\n{0}")]
    Mistakes(String),
    /// The pack cannot be used otherwise.
    #[error("{0}")]
    Pack(String),
}

/// Runs `rules import`; exits 0.
///
/// # Errors
/// Where the file is no runbook, or the pack cannot be written.
pub(super) fn run(args: &Args) -> Result<i32, Failure> {
    let path = args.file.display().to_string();
    let language = out::language();
    let failed = |error: &dyn std::fmt::Display| {
        let why = cause::of(&error.to_string(), language);
        Failure::new(say::of_file(language, &path, why))
    };
    let mut bytes = Vec::new();
    let most = u64::try_from(sheet::MOST + 1).unwrap_or(u64::MAX);
    File::open(&args.file)
        .and_then(|file| file.take(most).read_to_end(&mut bytes))
        .map_err(|error| failed(&error))?;
    let stem = name(args.file.file_stem());
    let id = match &args.id {
        Some(id) => id.clone(),
        None => own_id(&stem)?,
    };
    let names = Names {
        id: &id,
        title: args.title.as_deref().unwrap_or(&stem),
        file: &name(args.file.file_name()),
    };
    let text = import(&bytes, names).map_err(|error| match error {
        ImportError::Sheet(SheetError::NoColumn | SheetError::Empty) => {
            failed(&error).hint(say::name_columns(language))
        }
        ImportError::Sheet(_) => failed(&error).hint(say::save_as_csv(language)),
        ImportError::NoCommand => failed(&error).hint(say::write_commands(language)),
        ImportError::Mistakes(shown) => {
            let told = say::pack_mistakes(language, shown);
            failed(&told).hint(say::other_id(language))
        }
        ImportError::Pack(_) => failed(&error).hint(say::other_id(language)),
    })?;
    match &args.out {
        None => io::stdout().lock().write_all(text.as_bytes())?,
        Some(out) => create(out, &text).map_err(|error| {
            let why = cause::of(&error.to_string(), language);
            Failure::new(say::of_file(language, out.display(), why))
        })?,
    }
    Ok(0)
}

/// Returns an id made of a file's name that no pack here has.
fn own_id(stem: &str) -> Result<String, Failure> {
    let id = slug(stem, "runbook");
    let heads = out::rules()?.packs();
    let heads = heads.map_err(|error| Failure::of(&error, out::language()))?;
    Ok(match heads.iter().any(|head| head.id == id) {
        true => format!("{id}-runbook"),
        false => id,
    })
}

/// Returns a part of a path as text.
fn name(part: Option<&std::ffi::OsStr>) -> String {
    part.unwrap_or_default().to_string_lossy().into_owned()
}

/// Writes a file that is not there yet: a pack that somebody finished must not be lost.
fn create(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    let written = file.write_all(text.as_bytes());
    if written.is_err() {
        // Half a pack is none.
        let _ = fs::remove_file(path);
    }
    written
}

/// Makes a pack that reads without a mistake beside the built-in ones, and whose rules hold the
/// commands that they come from: one that no rule of this kind can hold (it only simulates or helps)
/// becomes a comment.
fn import(bytes: &[u8], names: Names<'_>) -> Result<String, ImportError> {
    let sheet = sheet::read(bytes)?;
    let rules = RuleSet::built_in().map_err(|error| ImportError::Pack(error.to_string()))?;
    let mut left_out = BTreeSet::new();
    loop {
        let text = pack::write(&sheet, names, &rules, &left_out).ok_or(ImportError::NoCommand)?;
        let missed = missed(&text)?;
        // Each round leaves out at least one command more, so it ends.
        if missed.is_subset(&left_out) {
            return Ok(text);
        }
        left_out.extend(missed);
    }
}

/// Reads a pack; returns the test lines that its rules do not hold.
fn missed(text: &str) -> Result<BTreeSet<String>, ImportError> {
    let mut files = builtin::files();
    files.push(SourceFile {
        name: PACK_FILE.to_owned(),
        text: text.to_owned(),
        layer: Layer::System,
    });
    let (packs, mistakes) = read(&files);
    if !mistakes.is_empty() {
        let shown = told::voice(out::language()).mistakes(&mistakes, &files);
        return Err(ImportError::Mistakes(shown));
    }
    let own = packs.rules.iter();
    let own: Vec<_> = own.filter(|rule| rule.source.file == PACK_FILE).collect();
    // A pack that was not read at all has no mistakes either.
    if own.is_empty() {
        return Err(ImportError::Pack("the pack has no rules".to_owned()));
    }
    let rules = RuleSet::of_packs(&packs).map_err(|error| ImportError::Pack(error.to_string()))?;
    let lines = own
        .iter()
        .flat_map(|rule| rule.test_hold.iter().map(|line| (&rule.id, line)));
    Ok(lines
        .filter(|(id, line)| !held_by(line, &rules).contains(id))
        .map(|(_, line)| line.clone())
        .collect())
}

#[cfg(test)]
mod tests;
