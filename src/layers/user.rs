//! The user's own files: `~/.config/kanmon/rules.d/*.toml` (or in `$XDG_CONFIG_HOME`), and their
//! compiled set in the cache folder.
//!
//! They count for the user whose they are. Where the folder is somebody else's (`sudo -E` keeps
//! `HOME`), they are not this user's: they count for nothing, and holds say so.

use std::borrow::Cow;
use std::ffi::{CStr, CString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::context::owner::Distrust;
use crate::gate::Clock;
use crate::policy::pack::Layer;
use crate::policy::ruleset::RuleSet;
use crate::policy::setup::{NotUsed, Notice, Setup};
use crate::policy::table::{TableError, compile as compile_table};

use super::compile::{CompileError, Report};
use super::compiled::{self, Compiled, Texts};
use super::files::{self, Stamps, map_set};
use super::folder::{Folder, Refusal};
use super::lower;
use super::places::Places;
use super::settle::Settled;
use super::system::{self, Care};

/// The compiled set.
const COMPILED: &CStr = c"user.compiled";
/// The folder itself, seen from within.
const ITSELF: &CStr = c".";

/// Adds the user's rules to those of the system. `use_compiled`: the system's rules are those that
/// the user's compiled set was made for, if its stamp agrees.
///
/// # Errors
/// Where the rules cannot be put together.
pub(super) fn add(
    rules: &mut RuleSet,
    places: &Places,
    care: Care,
    use_compiled: bool,
) -> Result<(), TableError> {
    let Some(path) = places.user() else {
        return Ok(());
    };
    let shown = || path.display().to_string();
    let folder = match Folder::open_own(&path, Places::user_owners()) {
        Ok(None) => return Ok(()),
        Ok(Some(folder)) => folder,
        Err(Refusal::Distrust(Distrust::Owner(owner))) => {
            let folder = shown();
            rules.add_notices([Notice::Foreign { folder, owner }]);
            return Ok(());
        }
        Err(refusal) => return lower::add_refused(rules, shown(), refusal.to_string()),
    };
    let compiled = match use_compiled {
        true => mapped(&folder, places, care),
        false => Err(NotUsed::Missing),
    };
    match compiled {
        Ok((table, setup)) => {
            rules.add(Cow::Borrowed(table))?;
            rules.add_notices(setup.notices);
        }
        Err(why) => {
            lower::add(rules, &read(places, &folder, &path).0)?;
            // Without a set of their own few files are read fast enough.
            if why != NotUsed::Missing {
                let cache = places.cache().unwrap_or_default();
                let file = cache.join("user.compiled").display().to_string();
                rules.add_notices([Notice::NotCompiled { file, why }]);
            }
        }
    }
    Ok(())
}

/// Returns the table of the compiled set and what stands beside it, or why it is not used.
fn mapped(folder: &Folder, places: &Places, care: Care) -> Result<(&'static [u8], Setup), NotUsed> {
    let set = Compiled::open(cached(places)?)?;
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

/// Maps the compiled set in the cache folder.
fn cached(places: &Places) -> Result<&'static [u8], NotUsed> {
    let cache = places.cache().ok_or(NotUsed::Missing)?;
    let opened = Folder::open_own(&cache, Places::user_owners());
    let opened = opened.map_err(|refusal| NotUsed::Distrusted(refusal.to_string()))?;
    map_set(&opened.ok_or(NotUsed::Missing)?, COMPILED)
}

/// Reads all files of the user.
fn read(places: &Places, folder: &Folder, path: &Path) -> (Settled, Stamps) {
    let set = cached(places).and_then(Compiled::open);
    let last_good = set.map(Compiled::texts).unwrap_or_default();
    let mut stamps = Stamps::new();
    // A set is made for one set of the system.
    let system = places.system().join(super::folder::shown(system::COMPILED));
    let system = CString::new(system.as_os_str().as_bytes()).unwrap_or_default();
    stamps.push((system.clone(), folder.stamp(&system)));
    stamps.push((ITSELF.to_owned(), folder.stamp(ITSELF)));
    let shown = path.display().to_string();
    match files::read(folder, b"", &shown, &mut stamps) {
        Ok(found) => {
            let base = system::base(places);
            (
                lower::settled(&base, Layer::User, &found, &last_good),
                stamps,
            )
        }
        Err(refusal) => {
            let mut settled = lower::settled(&[], Layer::User, &[], &Texts::new());
            system::unread(&mut settled, shown, refusal.to_string());
            (settled, stamps)
        }
    }
}

/// Compiles the user's files into the cache folder.
///
/// # Errors
/// Where there is nothing to compile, or it cannot be written.
pub fn compile(places: &Places, clock: &dyn Clock) -> Result<Report, CompileError> {
    let none = || CompileError::NoFolder(String::from("~/.config/kanmon/rules.d"));
    let path = places.user().ok_or_else(none)?;
    let shown = |path: &Path| path.display().to_string();
    let folder = Folder::open_own(&path, Places::user_owners())
        .map_err(|refusal| CompileError::refused(shown(&path), &refusal))?
        .ok_or_else(|| CompileError::NoFolder(shown(&path)))?;
    let cache_path = places.cache().ok_or_else(none)?;
    make_folder(&cache_path).map_err(|cause| CompileError::Write {
        file: shown(&cache_path),
        cause,
    })?;
    let cache = Folder::open_own(&cache_path, Places::user_owners())
        .map_err(|refusal| CompileError::refused(shown(&cache_path), &refusal))?
        .ok_or_else(|| CompileError::NoFolder(shown(&cache_path)))?;
    let (settled, stamps, recent) = files::at_rest(clock, || read(places, &folder, &path));
    let table = compile_table(&settled.packs).map_err(CompileError::encode)?;
    let set = compiled::write(&compiled::Parts {
        stamps: &stamps,
        recent,
        table: &table,
        setup: &settled.setup,
        texts: &settled.texts,
    })
    .map_err(CompileError::encode)?;
    let file = shown(&cache_path.join("user.compiled"));
    let put = files::replace(&cache, COMPILED, 0o600, &set);
    put.map_err(|cause| CompileError::Write {
        file: file.clone(),
        cause,
    })?;
    Ok(Report::new(file, &settled, &stamps, recent))
}

/// Makes a folder of the user's own, for the user alone.
pub(super) fn make_folder(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}
