//! The team's files: `/etc/kanmon/rules.d/*.toml` and `/etc/kanmon/config.toml`, and their compiled
//! set `/etc/kanmon/rules.compiled`.
//!
//! The compiled set holds the built-in rules too, since the system may tune them. It lies beside
//! the files because then one check of one folder covers all, and because it must outlive a cleared
//! cache: it has the last good version of each file.

use std::borrow::Cow;
use std::ffi::CStr;

use crate::gate::Clock;
use crate::policy::builtin;
use crate::policy::pack::{Layer, SourceFile};
use crate::policy::ruleset::RuleSet;
use crate::policy::setup::{NotUsed, Notice, Setup};
use crate::policy::table::{TableError, compile as compile_table};

use super::compile::{CompileError, Report};
use super::compiled::{self, Compiled, Texts};
use super::files::{self, Stamps, map_set};
use super::folder::{Folder, Read, Refusal, shown};
use super::mistakes;
use super::places::Places;
use super::settle::{Found, Settled, Trouble, settle, settle_config, stand_in_for_folder};
use super::stamp::Stamp;
use super::survey::{Standing, Surveyed, refused};

/// The folder of rule files.
const RULES: &CStr = c"rules.d";
/// The configuration.
const CONFIG: &CStr = c"config.toml";
/// The compiled set.
pub(super) const COMPILED: &CStr = c"rules.compiled";

/// How much is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// What a pass needs: a damaged rule is noticed when it is asked.
    Quick,
    /// All of a compiled set is checked, and what every hold says is known.
    Whole,
}

/// Returns the built-in and the system's rules, and whether they are those of a set or the
/// program, so that what was compiled for them counts.
///
/// # Errors
/// Where the program's own rules are damaged.
pub(super) fn rules(places: &Places, care: Care) -> Result<(RuleSet, bool), TableError> {
    let folder = match open(places) {
        Ok(None) => return RuleSet::built_in().map(|rules| (rules, true)),
        Ok(Some(folder)) => folder,
        Err(refusal) => return without(places, &refusal).map(|rules| (rules, false)),
    };
    match mapped(&folder, care) {
        Ok(rules) => Ok((rules, true)),
        Err(NotUsed::Missing) if is_empty(&folder) => {
            RuleSet::built_in().map(|rules| (rules, true))
        }
        Err(why) => parsed(places, &folder, why).map(|rules| (rules, false)),
    }
}

/// Returns the files that other layers build on: the built-in ones and those of the system in the
/// version that counts.
pub(super) fn base(places: &Places) -> Vec<SourceFile> {
    let mut files = builtin::files();
    let Ok(Some(folder)) = open(places) else {
        return files;
    };
    let set = map_set(&folder, COMPILED).and_then(Compiled::open);
    let current = set.and_then(|set| set.check(|name| folder.stamp(name)).map(|()| set.texts()));
    let texts = current.unwrap_or_else(|_| read(places, &folder).0.texts);
    let config = path_of(places, CONFIG);
    let rules = texts.into_iter().filter(|(name, _)| *name != config);
    files.extend(rules.map(|(name, text)| SourceFile {
        name,
        text,
        layer: Layer::System,
    }));
    files
}

/// Opens the system's folder.
fn open(places: &Places) -> Result<Option<Folder>, Refusal> {
    Folder::open(places.system(), places.system_owners())
}

/// Returns the rules that hold every line, because the system's folder must not be used.
fn without(places: &Places, refusal: &Refusal) -> Result<RuleSet, TableError> {
    let folder = places.system().display().to_string();
    let why = refusal.to_string();
    let mut settled = settle(&builtin::files(), Layer::System, &[], &Texts::new());
    unread(&mut settled, folder, why);
    of_settled(&settled)
}

/// Notes that a folder cannot be read, so that every line is held.
pub(super) fn unread(settled: &mut Settled, folder: String, why: String) {
    let rule = stand_in_for_folder(&folder, &why);
    settled.packs.rules.push(rule);
    settled.trouble.push(Trouble {
        file: folder.clone(),
        first: why.clone(),
        shown: mistakes::refused(&folder, &why),
    });
    settled
        .setup
        .notices
        .push(Notice::Out { file: folder, why });
}

/// Returns the rules of the compiled set, or why it is not used.
fn mapped(folder: &Folder, care: Care) -> Result<RuleSet, NotUsed> {
    let set = Compiled::open(map_set(folder, COMPILED)?)?;
    set.check(|name| folder.stamp(name))?;
    let setup = match care {
        Care::Quick => Setup::default(),
        Care::Whole => {
            set.verify()?;
            set.setup()?
        }
    };
    let rules = RuleSet::of_tables([Cow::Borrowed(set.table()?)]);
    Ok(rules.map_err(|_| NotUsed::Damaged)?.with_setup(setup))
}

/// Returns whether there is nothing that could be compiled.
fn is_empty(folder: &Folder) -> bool {
    let rules = folder.folder(RULES).and_then(|rules| match rules {
        Some(rules) => rules.rule_files(),
        None => Ok(Vec::new()),
    });
    folder.stamp(CONFIG) == Stamp::ABSENT && rules.is_ok_and(|files| files.is_empty())
}

/// Returns the rules of the files themselves.
fn parsed(places: &Places, folder: &Folder, why: NotUsed) -> Result<RuleSet, TableError> {
    let mut settled = read(places, folder).0;
    settled.setup.notices.push(Notice::NotCompiled {
        file: path_of(places, COMPILED),
        why,
    });
    of_settled(&settled)
}

/// Returns settled files as rules.
fn of_settled(settled: &Settled) -> Result<RuleSet, TableError> {
    let rules = RuleSet::of_packs(&settled.packs).map_err(|_| TableError::Damaged)?;
    Ok(rules.with_setup(settled.setup.clone()))
}

/// Looks at the files of the system as they are.
pub(super) fn survey(places: &Places) -> Surveyed {
    let path = path_of(places, RULES);
    let without = |folder, standing| Surveyed::without(Layer::System, folder, standing);
    let folder = match open(places) {
        Ok(Some(folder)) => folder,
        Ok(None) => return without(path, Standing::Absent),
        Err(refusal) => {
            return without(places.system().display().to_string(), refused(&refusal));
        }
    };
    let found = files_of(&folder, &path, &mut Stamps::new());
    let surveyed = match found {
        Ok(found) => Surveyed::new(Layer::System, path, Standing::Counts, found),
        Err(refusal) => without(path, refused(&refusal)),
    };
    surveyed.with_config(config_of(places, folder.read(CONFIG)))
}

/// Returns the rule files in the system's folder; `path` is what people call theirs.
fn files_of(folder: &Folder, path: &str, stamps: &mut Stamps) -> Result<Vec<Found>, Refusal> {
    match folder.folder(RULES)? {
        Some(rules) => files::read(&rules, b"rules.d/", path, stamps),
        None => Ok(Vec::new()),
    }
}

/// Returns the configuration as it was found.
fn config_of(places: &Places, read: Read) -> Found {
    Found {
        name: path_of(places, CONFIG),
        text: read.text,
        refused: read.refused.map(|refused| refused.to_string()),
    }
}

/// Reads all files of the system.
fn read(places: &Places, folder: &Folder) -> (Settled, Stamps) {
    let set = map_set(folder, COMPILED).and_then(Compiled::open);
    let last_good = set.map(Compiled::texts).unwrap_or_default();
    let mut stamps = Stamps::new();
    let config = folder.read(CONFIG);
    stamps.push((CONFIG.to_owned(), config.stamp));
    // Its stamp is taken before its names are: a file that comes meanwhile makes the set stale.
    stamps.push((RULES.to_owned(), folder.stamp(RULES)));
    let path = path_of(places, RULES);
    let (found, refused) = match files_of(folder, &path, &mut stamps) {
        Ok(found) => (found, None),
        Err(refusal) => (Vec::new(), Some(refusal.to_string())),
    };
    let mut settled = settle(&builtin::files(), Layer::System, &found, &last_good);
    if let Some(why) = refused {
        unread(&mut settled, path, why);
    }
    settle_config(&config_of(places, config), &last_good, &mut settled);
    (settled, stamps)
}

/// Returns the full path of what lies in the system's folder.
fn path_of(places: &Places, name: &CStr) -> String {
    format!("{}/{}", places.system().display(), shown(name))
}

/// Compiles the system's files and puts the set in place, all or nothing. Files that cannot be used
/// are replaced as they are at a hold, so one broken file does not keep the others from counting.
///
/// # Errors
/// Where there is nothing to compile, or it cannot be written.
pub fn compile(places: &Places, clock: &dyn Clock) -> Result<Report, CompileError> {
    let name = || places.system().display().to_string();
    let folder = open(places)
        .map_err(|refusal| CompileError::refused(name(), &refusal))?
        .ok_or_else(|| CompileError::NoFolder(name()))?;
    let (settled, stamps, recent) = files::at_rest(clock, || read(places, &folder));
    let table = compile_table(&settled.packs).map_err(CompileError::encode)?;
    let set = compiled::write(&compiled::Parts {
        stamps: &stamps,
        recent,
        table: &table,
        setup: &settled.setup,
        texts: &settled.texts,
    })
    .map_err(CompileError::encode)?;
    let file = path_of(places, COMPILED);
    // Everybody's gate reads it.
    let put = files::replace(&folder, COMPILED, 0o644, &set);
    put.map_err(|cause| CompileError::Write {
        file: file.clone(),
        cause,
    })?;
    Ok(Report::new(file, &settled, &stamps, recent))
}
