//! What the files of a layer below the system's add: rules, and wrappers as readings. Never more.
//!
//! Their compiled sets lie in the user's cache folder and are made for one set of the system.

use std::borrow::Cow;
use std::ffi::{CStr, CString};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::policy::pack::{Layer, Packs, SourceFile};
use crate::policy::ruleset::RuleSet;
use crate::policy::setup::{NotUsed, Notice, Setup};
use crate::policy::table::{TableError, compile as compile_table};

use super::compile::CompileError;
use super::compiled::{self, Compiled, Texts};
use super::files::{self, Stamps, map_set};
use super::folder::{Folder, shown};
use super::places::Places;
use super::settle::{Found, Settled, settle, stand_in_for_folder};
use super::stamp::Stamp;
use super::system::{self, Care};

/// Settles files that build on `base`; only their own rules stay.
pub(super) fn settled(
    base: &[SourceFile],
    layer: Layer,
    files: &[Found],
    last_good: &Texts,
) -> Settled {
    let mut settled = settle(base, layer, files, last_good);
    let is_ours = |name: &str| files.iter().any(|file| file.name == name);
    settled.packs.keep_rules_of(is_ours);
    settled
}

/// Adds settled files to the rules.
pub(super) fn add(rules: &mut RuleSet, settled: &Settled) -> Result<(), TableError> {
    let table = compile_table(&settled.packs).map_err(|_| TableError::Damaged)?;
    rules.add(Cow::Owned(table))?;
    rules.add_notices(settled.setup.notices.iter().cloned());
    Ok(())
}

/// Adds a rule that holds every line, because a folder must not be used.
pub(super) fn add_refused(
    rules: &mut RuleSet,
    folder: String,
    why: String,
) -> Result<(), TableError> {
    let mut settled = Settled {
        packs: Packs {
            rules: vec![stand_in_for_folder(&folder, &why)],
            ..Packs::default()
        },
        ..Settled::default()
    };
    settled
        .setup
        .notices
        .push(Notice::Out { file: folder, why });
    add(rules, &settled)
}

/// Returns the table of a compiled set and what stands beside it, or why it is not used. `folder`
/// is that of the files.
pub(super) fn mapped(
    name: &CStr,
    folder: &Folder,
    places: &Places,
    care: Care,
) -> Result<(&'static [u8], Setup), NotUsed> {
    let set = Compiled::open(cached(name, places)?)?;
    set.check(|name| folder.stamp(name))?;
    let setup = match care {
        Care::Quick => Setup::default(),
        Care::Whole => {
            set.verify()?;
            set.setup()?
        }
    };
    Ok((set.table()?, setup))
}

/// Returns the last good texts of a compiled set.
pub(super) fn last_good(name: &CStr, places: &Places) -> Texts {
    let set = cached(name, places).and_then(Compiled::open);
    set.map(Compiled::texts).unwrap_or_default()
}

/// Maps a compiled set in the cache folder.
fn cached(name: &CStr, places: &Places) -> Result<&'static [u8], NotUsed> {
    let cache = places.cache().ok_or(NotUsed::Missing)?;
    let opened = Folder::open_own(&cache, Places::user_owners());
    let opened = opened.map_err(|refusal| NotUsed::Distrusted(refusal.to_string()))?;
    map_set(&opened.ok_or(NotUsed::Missing)?, name)
}

/// Returns the stamp of the system's set, for which a set of ours is made.
pub(super) fn of_system(places: &Places, folder: &Folder) -> (CString, Stamp) {
    let path = places.system().join(shown(system::COMPILED));
    // A path of ours has no zero byte.
    let path = CString::new(path.as_os_str().as_bytes()).unwrap_or_default();
    let stamp = folder.stamp(&path);
    (path, stamp)
}

/// Writes a compiled set into the cache folder; returns its path.
pub(super) fn put(
    name: &CStr,
    places: &Places,
    settled: &Settled,
    stamps: &Stamps,
    recent: bool,
) -> Result<String, CompileError> {
    let path = places
        .cache()
        .ok_or_else(|| CompileError::NoFolder(String::from("~/.cache")))?;
    let shown_path = path.display().to_string();
    let cannot = |file: &str, cause: io::Error| CompileError::Write {
        file: file.to_owned(),
        cause,
    };
    make_folder(&path).map_err(|cause| cannot(&shown_path, cause))?;
    let cache = Folder::open_own(&path, Places::user_owners())
        .map_err(|refusal| CompileError::refused(shown_path.clone(), &refusal))?
        .ok_or_else(|| CompileError::NoFolder(shown_path.clone()))?;
    let table = compile_table(&settled.packs).map_err(CompileError::encode)?;
    let set = compiled::write(&compiled::Parts {
        stamps,
        recent,
        table: &table,
        setup: &settled.setup,
        texts: &settled.texts,
    })
    .map_err(CompileError::encode)?;
    let file = format!("{shown_path}/{}", shown(name));
    files::replace(&cache, name, 0o600, &set).map_err(|cause| cannot(&file, cause))?;
    Ok(file)
}

/// Makes a folder of the user's own, for the user alone.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}
