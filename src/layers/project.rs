//! The files of projects: `.kanmon/*.toml` in the working directory and in every folder above it.
//!
//! All of those folders count, not the nearest alone, so that one in between takes nothing away. A
//! folder counts once the user trusted its content (`kanmonctl trust`); what is hashed is what is
//! then read, so a change in between changes nothing. Any other counts for nothing, none of its
//! probes runs, and every hold there names it. A pass looks for such folders only where the user
//! trusts one at all.

use std::borrow::Cow;
use std::ffi::CString;
use std::path::{Path, PathBuf};

use crate::policy::pack::Layer;
use crate::policy::rule::Text;
use crate::policy::ruleset::RuleSet;
use crate::policy::setup::{NotUsed, Notice};
use crate::policy::table::TableError;

use super::compile::CompileError;
use super::compiled::Texts;
use super::files::{self, Stamps};
use super::folder::Folder;
use super::lower;
use super::places::Places;
use super::settle::Found;
use super::survey::{self, Surveyed};
use super::system::{self, Care};
use super::trust::{Standing, Trusted, digest};

/// The name of such a folder.
pub const NAME: &str = ".kanmon";

/// How many characters of a digest name its compiled set.
const SHORT: usize = 32;

/// A project folder as it is now.
struct Project {
    /// Its path.
    path: String,
    /// The open folder.
    folder: Folder,
    /// Its files; none where they cannot be listed.
    files: Vec<Found>,
    /// The digest of them; `None` where something cannot be read.
    digest: Option<String>,
}

/// Adds the rules of trusted projects to the others.
///
/// # Errors
/// Where the rules cannot be put together.
pub(super) fn add(
    rules: &mut RuleSet,
    places: &Places,
    care: Care,
    use_compiled: bool,
) -> Result<(), TableError> {
    let trusted = Trusted::read(places);
    if trusted.is_empty() && care == Care::Quick {
        return Ok(());
    }
    for path in above(&working_directory()) {
        // What is said of the others only a hold shows: a stranger's files are not read to pass.
        if care == Care::Quick && !path.to_str().is_some_and(|path| trusted.names(path)) {
            continue;
        }
        let Some(project) = open(&path) else {
            rules.add_notices([not_trusted(path.display().to_string(), false)]);
            continue;
        };
        if project.files.is_empty() {
            continue;
        }
        let digest = project.digest.as_deref().unwrap_or_default();
        match trusted.standing(&project.path, digest) {
            Standing::Trusted => add_trusted(rules, places, &project, care, use_compiled)?,
            Standing::Changed => rules.add_notices([not_trusted(project.path, true)]),
            Standing::Unknown => rules.add_notices([not_trusted(project.path, false)]),
        }
    }
    Ok(())
}

/// Looks at the project folders here as they are.
pub(super) fn survey(places: &Places) -> Vec<Surveyed> {
    let trusted = Trusted::read(places);
    let of_one = |path: PathBuf| {
        let Some(project) = open(&path) else {
            let folder = path.display().to_string();
            return Surveyed::without(Layer::Project, folder, survey::Standing::Untrusted);
        };
        let digest = project.digest.as_deref().unwrap_or_default();
        let standing = match trusted.standing(&project.path, digest) {
            Standing::Trusted => survey::Standing::Counts,
            Standing::Changed => survey::Standing::Changed,
            Standing::Unknown if project.files.is_empty() => survey::Standing::Absent,
            Standing::Unknown => survey::Standing::Untrusted,
        };
        Surveyed::new(Layer::Project, project.path, standing, project.files)
    };
    above(&working_directory())
        .into_iter()
        .map(of_one)
        .collect()
}

/// Adds the rules of one folder.
fn add_trusted(
    rules: &mut RuleSet,
    places: &Places,
    project: &Project,
    care: Care,
    use_compiled: bool,
) -> Result<(), TableError> {
    let mapped = match (use_compiled, set_name(project)) {
        (true, Some(name)) => lower::mapped(&name, &project.folder, places, care),
        (_, _) => Err(NotUsed::Missing),
    };
    match mapped {
        Ok((table, setup)) => {
            rules.add(Cow::Borrowed(table))?;
            rules.add_notices(setup.notices);
            Ok(())
        }
        Err(_) => lower::add(rules, &settled(places, project)),
    }
}

/// Settles the files of a folder.
fn settled(places: &Places, project: &Project) -> super::settle::Settled {
    let base = system::base(places);
    lower::settled(&base, Layer::Project, &project.files, &Texts::new())
}

/// Returns the name of a folder's compiled set: that of its content.
fn set_name(project: &Project) -> Option<CString> {
    let digest = project.digest.as_ref()?.get(..SHORT)?;
    CString::new(format!("project-{digest}.compiled")).ok()
}

/// Says that a folder counts for nothing.
fn not_trusted(folder: String, changed: bool) -> Notice {
    Notice::Project { folder, changed }
}

/// Opens and reads a project folder.
fn open(path: &Path) -> Option<Project> {
    let folder = Folder::open_anybodys(path).ok().flatten()?;
    let path = path.to_str()?.to_owned();
    let mut stamps = Stamps::new();
    let files = files::read(&folder, b"", &path, &mut stamps).ok()?;
    Some(Project {
        digest: digest(&files),
        path,
        folder,
        files,
    })
}

/// Returns the project folders in a folder and above it, the nearest first.
fn above(folder: &Path) -> Vec<PathBuf> {
    let candidates = folder.ancestors().map(|folder| folder.join(NAME));
    let is_there = |path: &PathBuf| path.symlink_metadata().is_ok();
    candidates.filter(is_there).collect()
}

/// Returns the working directory; nothing is found below an empty path.
fn working_directory() -> PathBuf {
    std::env::current_dir().unwrap_or_default()
}

/// What was trusted.
#[derive(Debug)]
pub struct Receipt {
    /// The folder.
    pub folder: String,
    /// Its files.
    pub files: Vec<String>,
    /// How many rules are in them.
    pub n_rules: usize,
    /// What is wrong with files, each mistake underlined.
    pub trouble: Vec<Text>,
}

/// Why a folder cannot be trusted.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// There is none.
    #[error("there is no folder `{NAME}` in `{0}` or above it")]
    NoProject(String),
    /// There is no rule file in it.
    #[error("there is no rule file in `{0}`")]
    Empty(String),
    /// It cannot be read.
    #[error(
        "`{0}` cannot be read as a whole; it may have links or other things that are no files in it"
    )]
    Unread(String),
    /// What is trusted cannot be written down.
    #[error(transparent)]
    Write(#[from] CompileError),
}

/// Returns the folder that is meant by a path: a project folder itself, or the nearest in it and
/// above it; by nothing the working directory is meant.
///
/// # Errors
/// Where there is none.
pub fn find(path: Option<&Path>) -> Result<PathBuf, TrustError> {
    let typed = path.map_or_else(working_directory, Path::to_owned);
    let none = || TrustError::NoProject(typed.display().to_string());
    let folder = typed.canonicalize().map_err(|_| none())?;
    if folder.file_name().is_some_and(|name| name == NAME) {
        return Ok(folder);
    }
    above(&folder).into_iter().next().ok_or_else(none)
}

/// Trusts a folder with the content that it has now, and compiles it.
///
/// # Errors
/// Where it cannot be read, or what is trusted cannot be written down.
pub fn trust(places: &Places, path: &Path) -> Result<Receipt, TrustError> {
    let shown = path.display().to_string();
    let project = open(path).ok_or_else(|| TrustError::Unread(shown.clone()))?;
    if project.files.is_empty() {
        return Err(TrustError::Empty(shown));
    }
    let digest = project.digest.clone();
    let digest = digest.ok_or_else(|| TrustError::Unread(shown.clone()))?;
    let settled = settled(places, &project);
    let receipt = Receipt {
        folder: shown.clone(),
        files: project.files.iter().map(|file| file.name.clone()).collect(),
        n_rules: settled.packs.rules.len(),
        trouble: settled
            .trouble
            .iter()
            .map(|trouble| trouble.shown.clone())
            .collect(),
    };
    if let Some(name) = set_name(&project) {
        let stamps = vec![lower::of_system(places, &project.folder)];
        lower::put(&name, places, &settled, &stamps, false)?;
    }
    let mut trusted = Trusted::read(places);
    trusted.trust(shown, digest);
    trusted.write(places)?;
    Ok(receipt)
}
