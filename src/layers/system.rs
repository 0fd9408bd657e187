//! The team's files: `/etc/kanmon/rules.d/*.toml` and `/etc/kanmon/config.toml`, and their compiled
//! set `/etc/kanmon/rules.compiled`.
//!
//! The compiled set holds the built-in rules too, since the system may tune them. It lies beside
//! the files because then one check of one folder covers all, and because it must outlive a cleared
//! cache: it has the last good version of each file.

use std::borrow::Cow;
use std::ffi::{CStr, CString};
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::time::Duration;

use nix::fcntl::{OFlag, openat, renameat};
use nix::sys::stat::{Mode, fchmod};
use nix::unistd::{UnlinkatFlags, fsync, unlinkat};

use crate::gate::Clock;
use crate::policy::builtin;
use crate::policy::pack::Layer;
use crate::policy::ruleset::RuleSet;
use crate::policy::setup::{NotUsed, Notice, Setup};
use crate::policy::table::{TableError, compile as compile_table};

use super::compiled::{self, Compiled, Texts};
use super::folder::{Folder, Refusal, shown};
use super::map::map;
use super::places::Places;
use super::settle::{Found, Settled, settle, settle_config, stand_in_for_folder};
use super::stamp::Stamp;

/// The folder of rule files.
const RULES: &CStr = c"rules.d";
/// The configuration.
const CONFIG: &CStr = c"config.toml";
/// The compiled set.
const COMPILED: &CStr = c"rules.compiled";
/// Where the next compiled set is written.
const NEXT: &CStr = c".rules.compiled.new";

/// How long [`compile`] waits at most until no file counts as recently changed.
const SETTLING: Duration = Duration::from_millis(2_200);
/// How long it waits at once.
const BREATH: Duration = Duration::from_millis(50);

/// How much is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// What a pass needs: a damaged rule is noticed when it is asked.
    Quick,
    /// All of the compiled set is checked, and what every hold says is known.
    Whole,
}

/// Returns the built-in and the system's rules.
///
/// # Errors
/// Where the program's own rules are damaged.
pub fn rules(places: &Places, care: Care) -> Result<RuleSet, TableError> {
    let folder = match Folder::open(places.system(), places.system_owners()) {
        Ok(None) => return RuleSet::built_in(),
        Ok(Some(folder)) => folder,
        Err(refusal) => return without(places, &refusal),
    };
    match mapped(&folder, care) {
        Ok(rules) => Ok(rules),
        Err(why) => parsed(places, &folder, why),
    }
}

/// Returns the rules that hold every line, because the system's folder must not be used.
fn without(places: &Places, refusal: &Refusal) -> Result<RuleSet, TableError> {
    let folder = places.system().display().to_string();
    let why = refusal.to_string();
    let mut settled = settle(&builtin::sources(), Layer::System, &[], &Texts::new());
    settled.packs.rules.push(stand_in_for_folder(&folder, &why));
    settled
        .setup
        .notices
        .push(Notice::Out { file: folder, why });
    of_settled(&settled)
}

/// Returns the rules of the compiled set, or why it is not used.
fn mapped(folder: &Folder, care: Care) -> Result<RuleSet, NotUsed> {
    let bytes = map_set(folder)?;
    let set = Compiled::open(bytes)?;
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

/// Maps the compiled set.
fn map_set(folder: &Folder) -> Result<&'static [u8], NotUsed> {
    let distrusted = |refusal: Refusal| NotUsed::Distrusted(refusal.to_string());
    let opened = folder.open_file(COMPILED).map_err(distrusted)?;
    let (handle, stat) = opened.ok_or(NotUsed::Missing)?;
    folder.check(&stat).map_err(distrusted)?;
    let length = usize::try_from(stat.st_size).unwrap_or(0);
    map(handle.as_fd(), length).map_err(|_| NotUsed::Damaged)
}

/// Returns the rules of the files themselves.
fn parsed(places: &Places, folder: &Folder, why: NotUsed) -> Result<RuleSet, TableError> {
    let mut settled = read(places, folder).settled;
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

/// The system's files as they were read.
struct ReadFiles {
    settled: Settled,
    stamps: Vec<(CString, Stamp)>,
}

/// Reads all files of the system.
fn read(places: &Places, folder: &Folder) -> ReadFiles {
    let last_good = last_good(folder);
    let mut stamps = Vec::new();
    let config = folder.read(CONFIG);
    stamps.push((CONFIG.to_owned(), config.stamp));
    // Its stamp is taken before its names are: a file that comes meanwhile makes the set stale.
    stamps.push((RULES.to_owned(), folder.stamp(RULES)));
    let rules_path = path_of(places, RULES);
    let mut files = Vec::new();
    let mut unread = None;
    match folder.folder(RULES).and_then(|rules| {
        let names = rules.as_ref().map(Folder::rule_files).transpose()?;
        Ok(rules.zip(names))
    }) {
        Ok(None) => {}
        Ok(Some((rules, names))) => {
            for name in names {
                let read = rules.read(&name);
                let inside = [RULES.to_bytes(), b"/", name.to_bytes()].concat();
                // Names of entries have no zero byte.
                stamps.extend(CString::new(inside).ok().map(|inside| (inside, read.stamp)));
                files.push(Found {
                    name: format!("{rules_path}/{}", shown(&name)),
                    text: read.text,
                    refused: read.refused.map(|refused| refused.to_string()),
                });
            }
        }
        Err(refusal) => unread = Some(refusal.to_string()),
    }
    let mut settled = settle(&builtin::sources(), Layer::System, &files, &last_good);
    if let Some(why) = unread {
        settled
            .packs
            .rules
            .push(stand_in_for_folder(&rules_path, &why));
        let file = rules_path;
        settled.trouble.push(super::settle::Trouble {
            file: file.clone(),
            first: why.clone(),
            shown: format!("{file}: {why}"),
        });
        settled.setup.notices.push(Notice::Out { file, why });
    }
    let config = Found {
        name: path_of(places, CONFIG),
        text: config.text,
        refused: config.refused.map(|refused| refused.to_string()),
    };
    settle_config(&config, &last_good, &mut settled);
    ReadFiles { settled, stamps }
}

/// Returns the last good text of each file, from the compiled set of any version.
fn last_good(folder: &Folder) -> Texts {
    let set = map_set(folder).and_then(Compiled::open);
    set.map(Compiled::texts).unwrap_or_default()
}

/// Returns the full path of what lies in the system's folder.
fn path_of(places: &Places, name: &CStr) -> String {
    format!("{}/{}", places.system().display(), shown(name))
}

/// What came of compiling.
#[derive(Debug)]
pub struct Report {
    /// Where the set lies.
    pub file: String,
    /// How many rules are in it.
    pub n_rules: usize,
    /// How many files there are.
    pub n_files: usize,
    /// What is wrong with files, each mistake underlined.
    pub trouble: Vec<String>,
    /// Whether a file had just been changed, so that the set does not count.
    pub recent: bool,
}

/// Why nothing was compiled.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// There is no such folder.
    #[error("there is no folder `{0}`")]
    NoFolder(String),
    /// The folder is refused.
    #[error("`{folder}`: {why}")]
    Refused {
        /// The folder.
        folder: String,
        /// Why.
        why: String,
    },
    /// The rules do not fit.
    #[error("{0}")]
    Encode(String),
    /// The set cannot be written.
    #[error("`{file}` cannot be written: {cause}")]
    Write {
        /// The file.
        file: String,
        /// What the system said.
        cause: io::Error,
    },
}

/// Compiles the system's files and puts the set in place, all or nothing. Files that cannot be used
/// are replaced as they are at a hold, so one broken file does not keep the others from counting.
///
/// # Errors
/// Where there is nothing to compile, or it cannot be written.
pub fn compile(places: &Places, clock: &dyn Clock) -> Result<Report, CompileError> {
    let opened = Folder::open(places.system(), places.system_owners());
    let name = || places.system().display().to_string();
    let folder = opened
        .map_err(|refusal| CompileError::Refused {
            folder: name(),
            why: refusal.to_string(),
        })?
        .ok_or_else(|| CompileError::NoFolder(name()))?;
    let (files, recent) = read_at_rest(places, &folder, clock);
    let encode = |error: &dyn std::fmt::Display| CompileError::Encode(error.to_string());
    let settled = &files.settled;
    let table = compile_table(&settled.packs).map_err(|error| encode(&error))?;
    let set = compiled::write(&compiled::Parts {
        stamps: &files.stamps,
        recent,
        table: &table,
        setup: &settled.setup,
        texts: &settled.texts,
    })
    .map_err(|error| encode(&error))?;
    let file = path_of(places, COMPILED);
    replace(&folder, &set).map_err(|cause| CompileError::Write {
        file: file.clone(),
        cause,
    })?;
    let is_rule = |(name, _): &&(CString, Stamp)| name.to_bytes().starts_with(b"rules.d/");
    Ok(Report {
        file,
        n_rules: settled.packs.rules.len(),
        n_files: files.stamps.iter().filter(is_rule).count(),
        trouble: settled
            .trouble
            .iter()
            .map(|trouble| trouble.shown.clone())
            .collect(),
        recent,
    })
}

/// Reads the files once none of them was just changed; says whether one still was in the end.
fn read_at_rest(places: &Places, folder: &Folder, clock: &dyn Clock) -> (ReadFiles, bool) {
    let begun = clock.now().boot;
    loop {
        let now = clock.now();
        let nanoseconds = now.utc.timestamp_nanos_opt().map_or(0, i128::from);
        let files = read(places, folder);
        let recent = files
            .stamps
            .iter()
            .any(|(_, stamp)| stamp.is_recent(nanoseconds));
        if !recent || now.boot.saturating_sub(begun) > SETTLING {
            return (files, recent);
        }
        wait(BREATH);
    }
}

/// Waits.
#[expect(
    clippy::disallowed_methods,
    reason = "nobody is asked anything meanwhile: files are to come to rest"
)]
fn wait(time: Duration) {
    std::thread::sleep(time);
}

/// Puts a compiled set in place: whole and on disk under another name, then renamed.
fn replace(folder: &Folder, set: &[u8]) -> io::Result<()> {
    let dir = folder.as_fd();
    // What a compile left that was killed.
    let _gone = unlinkat(dir, NEXT, UnlinkatFlags::NoRemoveDir);
    let flags =
        OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let handle = openat(dir, NEXT, flags, Mode::from_bits_truncate(0o644))?;
    // Everybody's gate reads it, whatever the umask is here.
    fchmod(&handle, Mode::from_bits_truncate(0o644))?;
    let mut file = std::fs::File::from(handle);
    file.write_all(set)?;
    file.sync_all()?;
    renameat(dir, NEXT, dir, COMPILED)?;
    Ok(fsync(dir)?)
}
