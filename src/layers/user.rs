//! The user's own files: `~/.config/kanmon/rules.d/*.toml` (or in `$XDG_CONFIG_HOME`), and their
//! compiled set in the cache folder.
//!
//! They count for the user whose they are. Where the folder is somebody else's (`sudo -E` keeps
//! `HOME`), they are not this user's: they count for nothing, and holds say so.

use std::borrow::Cow;
use std::ffi::CStr;
use std::path::Path;

use crate::context::owner::Distrust;
use crate::gate::Clock;
use crate::policy::pack::Layer;
use crate::policy::ruleset::RuleSet;
use crate::policy::setup::{NotUsed, Notice};
use crate::policy::table::TableError;

use super::compile::{CompileError, Report};
use super::compiled::Texts;
use super::files::{self, Stamps};
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
        true => lower::mapped(COMPILED, &folder, places, care),
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

/// Reads all files of the user.
fn read(places: &Places, folder: &Folder, path: &Path) -> (Settled, Stamps) {
    let last_good = lower::last_good(COMPILED, places);
    let mut stamps = vec![lower::of_system(places, folder)];
    stamps.push((ITSELF.to_owned(), folder.stamp(ITSELF)));
    let shown = path.display().to_string();
    match files::read(folder, b"", &shown, &mut stamps) {
        Ok(found) => {
            // Nothing is read against the base, so it is not read either: most have no files.
            let base = match found.is_empty() {
                true => Vec::new(),
                false => system::base(places),
            };
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
    let (settled, stamps, recent) = files::at_rest(clock, || read(places, &folder, &path));
    let file = lower::put(COMPILED, places, &settled, &stamps, recent)?;
    Ok(Report::new(file, &settled, &stamps, recent))
}
