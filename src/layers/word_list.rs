//! The word list: by what a shell's hook tells, without starting a process, that no rule can hold a
//! line.
//!
//! In: the rules that count without those of projects. Out: a file in the user's cache folder, one
//! entry a line, which hooks read as data and never run:
//!
//! | line | what it says |
//! | --- | --- |
//! | `kanmon words 2 HASH` | the form, and the hash of all that follows: the first line |
//! | `@PATH` | a file or folder whose change makes the list stale |
//! | `?PATH` | one that was not there and makes it stale once it is |
//! | `!` | every line may be held: a rule looks at raw text, or a name or pattern is not plain |
//! | `~GLOB` | a pattern of program names |
//! | `>GLOB` | a pattern of files without a folder to which output may be held |
//! | `NAME` | a program that a rule names, or a wrapper |
//! | `end` | the last line |
//!
//! A shell's `test` compares the times of two files and knows no other. So in the folder `words-HASH`
//! beside the list lies a file for each `@PATH`, by its number from 1, with the time that the path had:
//! one that is newer or older by now has changed, also where it was brought with a time of long ago
//! (`cp -p`, `rsync -a`, a package). A time less than two seconds before the rules were read is not
//! kept, so that a change in the same instant is seen.

use std::collections::BTreeSet;
use std::ffi::CStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::gate::Clock;
use crate::policy::pattern::Pattern;
use crate::policy::rule::AnyOf;
use crate::policy::ruleset::RuleSet;
use crate::policy::table::{TableError, checksum};

use super::compile::CompileError;
use super::files;
use super::folder::Folder;
use super::lower::make_folder;
use super::places::Places;
use super::system::{self, Care};
use super::user;

/// How the names of the folders with times begin.
const TIMES: &str = "words-";

/// The file's name.
const NAME: &CStr = c"words";

/// The first line without the hash.
const FORM: &str = "kanmon words 2 ";

/// The coarsest grain of file times.
const GRAIN: Duration = Duration::from_secs(2);

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum WordListError {
    /// The rules cannot be put together.
    #[error(transparent)]
    Rules(#[from] TableError),
    /// The file cannot be written.
    #[error(transparent)]
    Write(#[from] CompileError),
}

/// Writes the list for this host and user; returns its path. `also` are files beside the rules'
/// own that make it stale: the program.
///
/// # Errors
/// Where the rules cannot be put together, or there is no folder of the user's own to write to.
pub fn write(
    places: &Places,
    also: Option<&Path>,
    clock: &dyn Clock,
) -> Result<PathBuf, WordListError> {
    let begun = SystemTime::from(clock.now().utc);
    let mut paths = watched(places);
    paths.extend(also.map(Path::to_path_buf));
    let watched: Vec<Watched> = paths.into_iter().map(Watched::now).collect();
    let (mut rules, is_compiled) = system::rules(places, Care::Quick)?;
    user::add(&mut rules, places, Care::Quick, is_compiled)?;
    let text = text(&rules, &watched);
    Ok(put(places, &text, &watched, begun - GRAIN)?)
}

/// What makes the list stale where it changes.
struct Watched {
    path: PathBuf,
    /// When it was changed last; `None` where it is not there.
    changed: Option<SystemTime>,
}

impl Watched {
    /// Looks at a path.
    fn now(path: PathBuf) -> Self {
        let changed = std::fs::metadata(&path).and_then(|found| found.modified());
        Self {
            changed: changed.ok(),
            path,
        }
    }
}

/// Returns the files and folders that rules come from.
fn watched(places: &Places) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let system = places.system().to_path_buf();
    let mut folders = vec![system.join("rules.d"), system];
    if let Some(user) = places.user() {
        folders.extend(user.parent().map(Path::to_path_buf));
        folders.push(user);
    }
    for folder in folders {
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        files.sort();
        found.push(folder);
        found.extend(files);
    }
    // A name with a newline cannot stand in the list; the folder's own time tells of it.
    found.retain(|path| path.to_str().is_some_and(|path| !path.contains('\n')));
    found
}

/// Returns the list as text.
fn text(rules: &RuleSet, watched: &[Watched]) -> String {
    let mut body = String::new();
    let mut is_every = rules.has_line_rules();
    let mut entries = BTreeSet::new();
    for name in rules.mentioned_names() {
        match std::str::from_utf8(name) {
            Ok(name) if is_plain(name, "") => {
                entries.insert(name.to_owned());
            }
            // Made up for what a wrapper does (`ansible/reboot`): no program is called so.
            Ok(name) if name.contains('/') => {}
            Ok(_) | Err(_) => is_every = true,
        }
    }
    for pattern in rules.mentioned_patterns() {
        match pattern.globs() {
            Some(globs) if globs.iter().all(|glob| is_plain(glob, "*?")) => {
                entries.extend(globs.iter().map(|glob| format!("~{glob}")));
            }
            Some(_) | None => is_every = true,
        }
    }
    let matchers = rules.rules().flat_map(|rule| &rule.matchers);
    // Where programs are named, their names are what a line is told by.
    let matchers = matchers.filter(|matcher| matcher.program.plain.is_empty());
    entries.extend(matchers.flat_map(|matcher| bare_files(&matcher.writes)));
    for Watched { path, changed } in watched {
        let mark = if changed.is_some() { '@' } else { '?' };
        body += &format!("{mark}{}\n", path.display());
    }
    if is_every {
        body += "!\n";
    }
    for entry in entries {
        body += &entry;
        body.push('\n');
    }
    body += "end\n";
    format!("{FORM}{:016x}\n{body}", checksum(body.as_bytes()))
}

/// Returns the entries for files without a folder that these patterns may fit.
fn bare_files(writes: &AnyOf<Pattern>) -> Vec<String> {
    if writes.plain.is_empty() && !writes.not.is_empty() {
        return vec![String::from(">*")];
    }
    let mut entries = Vec::new();
    for pattern in &writes.plain {
        match pattern.globs() {
            Some(globs) => {
                let bare = globs.iter().filter(|glob| !glob.contains('/'));
                entries.extend(bare.map(|glob| format!(">{glob}")));
            }
            None if pattern.as_written().starts_with("re:^/") => {}
            None => entries.push(String::from(">*")),
        }
    }
    entries
}

/// Returns whether a name is made of the characters that hooks take words from.
fn is_plain(name: &str, also: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_.+-".contains(c) || also.contains(c);
    !name.is_empty() && name.chars().all(fits)
}

/// Puts the list in place, with the times of what is watched where they are before `kept`.
fn put(
    places: &Places,
    text: &str,
    watched: &[Watched],
    kept: SystemTime,
) -> Result<PathBuf, CompileError> {
    let path = places
        .cache()
        .ok_or_else(|| CompileError::NoFolder(String::from("~/.cache")))?;
    let shown = path.display().to_string();
    let cannot = |cause| CompileError::Write {
        file: format!("{shown}/words"),
        cause,
    };
    make_folder(&path).map_err(cannot)?;
    let cache = Folder::open_own(&path, Places::user_owners())
        .map_err(|refusal| CompileError::refused(shown.clone(), &refusal))?
        .ok_or_else(|| CompileError::NoFolder(shown.clone()))?;
    let first = text.lines().next().unwrap_or_default();
    let times = format!("{TIMES}{}", first.strip_prefix(FORM).unwrap_or_default());
    put_times(&path.join(&times), watched, kept).map_err(cannot)?;
    files::replace(&cache, NAME, 0o600, text.as_bytes()).map_err(cannot)?;
    // A shell that goes by an older list finds it stale without these.
    for entry in std::fs::read_dir(&path).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if name
            .to_str()
            .is_some_and(|name| name.starts_with(TIMES) && name != times)
        {
            let _left = std::fs::remove_dir_all(entry.path());
        }
    }
    Ok(path.join("words"))
}

/// Writes the files with the times of what is watched.
fn put_times(folder: &Path, watched: &[Watched], kept: SystemTime) -> io::Result<()> {
    make_folder(folder)?;
    let changed = watched.iter().filter_map(|watched| watched.changed);
    for (number, changed) in changed.enumerate() {
        let time = if changed < kept {
            changed
        } else {
            kept - GRAIN
        };
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(folder.join((number + 1).to_string()))?;
        file.set_modified(time)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_rules_have_a_plain_list() {
        let text = text(&RuleSet::built_in().unwrap(), &[]);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with(FORM), "{}", lines[0]);
        assert_eq!(lines.last(), Some(&"end"));
        for name in [
            "reboot", "sudo", "ssh", "bash", "eval", "source", ".", "xargs",
        ] {
            assert!(lines.contains(&name), "{name}");
        }
        for name in ["ls", "cd", "echo", "grep", "true", "!"] {
            assert!(!lines.contains(&name), "{name}");
        }
    }

    #[test]
    fn what_changes_the_rules_changes_the_first_line() {
        let rules = RuleSet::built_in().unwrap();
        let first = |watched: &[Watched]| {
            let text = text(&rules, watched);
            text.lines().next().unwrap().to_owned()
        };
        assert_eq!(first(&[]), first(&[]));
        assert_ne!(first(&[]), first(&[Watched::now(PathBuf::from("/x"))]));
    }
}
