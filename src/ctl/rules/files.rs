//! Rule files and test files that are named on the command line, read beside the built-in packs.
//!
//! In: paths of files and folders. Out: the rules that count with them, which of these are theirs,
//! and the cases, and all mistakes. To try rules, any mistake in any of them is a failure that shows
//! the line.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the edge that reads rule files to try and lint them"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::ctl::out::{self, Failure};
use crate::layers::mistakes;
use crate::line::Wrapper;
use crate::policy::builtin;
use crate::policy::pack::cases::{self, Case};
use crate::policy::pack::{self, Layer, Mistake, Packs, SourceFile};
use crate::policy::ruleset::RuleSet;
use crate::text::{cause, rules as say};

/// How a test file's name ends.
const TEST_FILE: &str = ".test.toml";

/// What was read.
#[derive(Debug)]
pub(super) struct Loaded {
    /// All rules: the built-in ones and those of the files.
    pub(super) rules: RuleSet,
    /// The full ids of the files' own rules.
    pub(super) own: BTreeSet<String>,
    /// The files' own wrappers.
    pub(super) wrappers: Vec<Wrapper>,
    /// The cases of the test files.
    pub(super) cases: Vec<Case>,
}

/// Files as they were read, whatever is wrong with them.
#[derive(Debug)]
pub(super) struct Read {
    /// The rule files that were named, and calendars beside them.
    pub(super) own: Vec<SourceFile>,
    /// The test files.
    pub(super) tests: Vec<SourceFile>,
    /// What stands in the built-in files and in `own`.
    pub(super) packs: Packs,
    /// The cases of the test files.
    cases: Vec<Case>,
    /// What is wrong with any of them.
    pub(super) mistakes: Vec<Mistake>,
}

impl Read {
    /// Returns whether this is one of the files that were named.
    pub(super) fn is_own(&self, file: &str) -> bool {
        self.own.iter().any(|own| own.name == file)
    }

    /// Returns all files that a mistake can be in.
    pub(super) fn all_files(&self) -> Vec<SourceFile> {
        let mut files = builtin::files();
        files.extend(self.own.iter().chain(&self.tests).cloned());
        files
    }
}

/// Reads rule files, and the test files beside them, with all mistakes; of a folder all that lie
/// directly in it.
///
/// # Errors
/// Where a path cannot be read or holds nothing.
pub(super) fn read(paths: &[PathBuf]) -> Result<Read, Failure> {
    let mut found = BTreeSet::new();
    for path in paths {
        collect(path, &mut found)?;
    }
    let (tests, rules): (Vec<_>, Vec<_>) = found.into_iter().partition(|path| is_test_file(path));
    let own = read_all(&with_calendars(rules)?)?;
    let tests = read_all(&tests)?;
    let mut files = builtin::files();
    files.extend(own.iter().cloned());
    let (packs, mut mistakes) = pack::read(&files);
    let mut read_cases = Vec::new();
    for file in &tests {
        let (cases, found) = cases::read(file);
        read_cases.extend(cases);
        mistakes.extend(found);
    }
    Ok(Read {
        own,
        tests,
        packs,
        cases: read_cases,
        mistakes,
    })
}

/// Reads rule files as [`read`] does, to try them.
///
/// # Errors
/// Where a path cannot be read, holds nothing, or a file has a mistake.
pub(super) fn load(paths: &[PathBuf]) -> Result<Loaded, Failure> {
    let read = read(paths)?;
    let built_in = pack::read(&builtin::files()).0;
    if !read.mistakes.is_empty() {
        let language = out::language();
        let shown = mistakes::voice(language).mistakes(&read.mistakes, &read.all_files());
        let n = read.mistakes.len();
        let count = out::counted(n, language, say::one_mistake, say::n_mistakes);
        let head = say::mistakes_in_files(language, count);
        return Err(Failure::new(format!("{head}\n\n{shown}")));
    }
    let rules = read.packs.rules.iter();
    let own_rules = rules.filter(|rule| read.is_own(&rule.source.file));
    let wrappers = read.packs.wrappers.iter();
    Ok(Loaded {
        own: own_rules.map(|rule| rule.id.clone()).collect(),
        wrappers: wrappers
            .filter(|wrapper| !built_in.wrappers.contains(wrapper))
            .cloned()
            .collect(),
        rules: RuleSet::of_packs(&read.packs)
            .map_err(|error| Failure::of(&error, out::language()))?,
        cases: read.cases,
    })
}

/// Adds a file, or those of a folder; with a rule file its test file, and the other way round.
fn collect(path: &Path, found: &mut BTreeSet<PathBuf>) -> Result<(), Failure> {
    let failure = |error: std::io::Error| of_path(path, &error);
    if !fs::metadata(path).map_err(failure)?.is_dir() {
        found.extend(beside(path).into_iter().filter(|beside| beside.is_file()));
        found.insert(path.to_owned());
        return Ok(());
    }
    let before = found.len();
    for entry in fs::read_dir(path).map_err(failure)? {
        let path = entry.map_err(failure)?.path();
        if path.extension().is_some_and(|end| end == "toml") && path.is_file() {
            found.insert(path);
        }
    }
    if found.len() == before {
        let language = out::language();
        return Err(
            Failure::new(say::no_file(language, path.display())).hint(say::look_at_path(language))
        );
    }
    Ok(())
}

/// Says what is wrong with a path.
fn of_path(path: &Path, error: &std::io::Error) -> Failure {
    let language = out::language();
    let why = cause::of(&error.to_string(), language);
    Failure::new(say::of_file(language, path.display(), why)).hint(say::look_at_path(language))
}

/// Adds the CSV files that lie beside rule files, where calendars may stand.
fn with_calendars(mut paths: Vec<PathBuf>) -> Result<Vec<PathBuf>, Failure> {
    let folders: BTreeSet<PathBuf> = paths
        .iter()
        .filter_map(|path| path.parent())
        .map(Path::to_owned)
        .collect();
    for folder in folders {
        let here = match folder.as_os_str().is_empty() {
            true => Path::new("."),
            false => folder.as_path(),
        };
        let failure = |error: std::io::Error| of_path(here, &error);
        for entry in fs::read_dir(here).map_err(failure)? {
            let entry = entry.map_err(failure)?;
            let path = folder.join(entry.file_name());
            if path.extension().is_some_and(|end| end == "csv") && path.is_file() {
                paths.push(path);
            }
        }
    }
    Ok(paths)
}

/// Returns the test file of a rule file, or the rule file of a test file.
fn beside(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let other = match name.strip_suffix(TEST_FILE) {
        Some(stem) => format!("{stem}.toml"),
        None => format!("{}{TEST_FILE}", name.strip_suffix(".toml")?),
    };
    Some(path.with_file_name(other))
}

/// Returns whether this is a test file by its name.
fn is_test_file(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.ends_with(TEST_FILE))
}

/// Reads the files' texts.
fn read_all(paths: &[PathBuf]) -> Result<Vec<SourceFile>, Failure> {
    let read = |path: &PathBuf| {
        let failure = |error| of_path(path, &error);
        let bytes = fs::read(path).map_err(failure)?;
        let text = match path.extension().is_some_and(|end| end == "csv") {
            // Not every CSV file that lies there is a calendar; one that is says what is wrong.
            true => String::from_utf8_lossy(&bytes).into_owned(),
            false => String::from_utf8(bytes).map_err(|error| {
                failure(std::io::Error::new(std::io::ErrorKind::InvalidData, error))
            })?,
        };
        Ok(SourceFile {
            name: path.display().to_string(),
            text,
            // The layer of the team, where all of the language may stand.
            layer: Layer::System,
        })
    };
    paths.iter().map(read).collect()
}
