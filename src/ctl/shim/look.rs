//! Looks at a folder of shims: what is in it, what is wrong with it. Makes no file.

use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::unistd::geteuid;

use crate::context::owner::{self, Distrust};
use crate::context::program::{self, Found, SHIM_FOLDER};
use crate::text::{Language, cause, shim as say};

use super::paths;

/// A folder of shims, looked at.
#[derive(Debug)]
pub(in crate::ctl) struct Folder {
    /// Where it is.
    pub(in crate::ctl) path: PathBuf,
    /// What lies in it, by name.
    pub(in crate::ctl) shims: Vec<Shim>,
    /// What is wrong with the folder itself.
    pub(in crate::ctl) faults: Vec<Fault>,
}

/// A shim, looked at.
#[derive(Debug)]
pub(in crate::ctl) struct Shim {
    /// The program for which it stands.
    pub(in crate::ctl) name: String,
    /// Where the link leads; nothing where it is no link.
    pub(in crate::ctl) target: Option<PathBuf>,
    /// The program that it would start, by this process's `PATH`, else by those of the host's other ways.
    pub(in crate::ctl) real: Option<PathBuf>,
    /// What is wrong with it.
    pub(in crate::ctl) faults: Vec<Fault>,
}

/// What is wrong with a folder of shims, or a shim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ctl) enum Fault {
    /// The folder cannot be read.
    Unreadable(String),
    /// Others could put programs into the folder, or swap it.
    Writable(PathBuf, Distrust),
    /// The folder is not in `PATH`.
    NotInPath,
    /// Another folder in `PATH` has a program of that name before this one.
    Behind(PathBuf),
    /// It is no link to the gate, but something else.
    NoShim,
    /// The link leads nowhere: the gate was moved or removed.
    Dangling(PathBuf),
    /// The link leads to a program that is not the gate.
    NotTheGate(PathBuf),
    /// The gate cannot be executed.
    NotExecutable(PathBuf),
    /// There is no program of this name behind it.
    NoProgram,
}

impl Fault {
    /// Returns its name, for programs.
    pub(in crate::ctl) fn name(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::Writable(..) => "writable",
            Self::NotInPath => "not-in-path",
            Self::Behind(_) => "behind",
            Self::NoShim => "no-shim",
            Self::Dangling(_) => "dangling",
            Self::NotTheGate(_) => "not-the-gate",
            Self::NotExecutable(_) => "not-executable",
            Self::NoProgram => "no-program",
        }
    }

    /// Returns what is wrong, and how it is mended; `what` is the folder or the shim's name.
    pub(in crate::ctl) fn told(
        &self,
        what: &dyn fmt::Display,
        folder: &Path,
        language: Language,
    ) -> (String, String) {
        let folder = folder.display();
        let anew = || say::add_again(language, &folder, what);
        match self {
            Self::Unreadable(cause) => (
                say::unreadable(language, what, cause::of(&cause.to_string(), language)),
                say::see_the_folder(language),
            ),
            Self::Writable(path, why) => (
                say::writable(language, path.display(), why),
                say::take_it_over(language, path.display()),
            ),
            Self::NotInPath => (
                say::not_in_path(language, what),
                say::put_first(language, folder),
            ),
            Self::Behind(other) => (
                say::behind(language, what, other.display()),
                say::put_first(language, folder),
            ),
            Self::NoShim => (
                say::no_shim(language, what),
                say::move_it_away(language, &folder, what),
            ),
            Self::Dangling(target) => (say::dangling(language, what, target.display()), anew()),
            Self::NotTheGate(target) => {
                (say::not_the_gate(language, what, target.display()), anew())
            }
            Self::NotExecutable(target) => (
                say::not_executable(language, what, target.display()),
                say::make_executable(language, target.display()),
            ),
            Self::NoProgram => (
                say::no_program(language, what),
                say::remove_it(language, &folder, what),
            ),
        }
    }
}

impl Folder {
    /// Looks at a folder; `None` where there is none. `search` is a `PATH`.
    pub(in crate::ctl) fn look(path: &Path, search: &std::ffi::OsStr) -> Option<Self> {
        path.symlink_metadata().ok()?;
        let mut folder = Self {
            path: path.to_owned(),
            shims: Vec::new(),
            faults: Vec::new(),
        };
        folder.faults.extend(writable(path));
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => {
                folder.faults.push(Fault::Unreadable(error.to_string()));
                return Some(folder);
            }
        };
        let in_path = paths::has(search, path);
        if !in_path {
            folder.faults.push(Fault::NotInPath);
        }
        let entries = entries.filter_map(Result::ok);
        let mut names: Vec<_> = entries.map(|entry| entry.file_name()).collect();
        names.retain(|name| name != SHIM_FOLDER);
        names.sort();
        let everywhere = paths::everywhere(search);
        for name in names {
            let mut shim = Shim::look(path, &name, &everywhere);
            if let Some(other) = paths::before(search, path, &name).filter(|_| in_path) {
                shim.faults.push(Fault::Behind(other));
            }
            folder.shims.push(shim);
        }
        Some(folder)
    }

    /// Returns all that is wrong, with the name of what it is about.
    pub(in crate::ctl) fn all_faults(&self) -> impl Iterator<Item = (String, &Fault)> {
        let own = self.faults.iter().map(|fault| {
            let what = self.path.display().to_string();
            (what, fault)
        });
        let shims = self.shims.iter().flat_map(|shim| {
            let faults = shim.faults.iter();
            faults.map(|fault| (shim.name.clone(), fault))
        });
        own.chain(shims)
    }
}

impl Shim {
    /// Looks at one shim in a folder.
    fn look(folder: &Path, name: &std::ffi::OsStr, search: &std::ffi::OsStr) -> Self {
        let path = folder.join(name);
        let target = fs::read_link(&path).ok();
        let mut faults = Vec::new();
        match &target {
            None => faults.push(Fault::NoShim),
            Some(target) if path.metadata().is_err() => {
                faults.push(Fault::Dangling(target.clone()));
            }
            Some(target) if !program::is_gate(&path) => {
                faults.push(Fault::NotTheGate(target.clone()));
            }
            Some(target) => {
                let can_run = nix::unistd::access(&path, nix::unistd::AccessFlags::X_OK).is_ok();
                if !can_run {
                    faults.push(Fault::NotExecutable(target.clone()));
                }
                faults.extend(writable(&folder.join(target)));
            }
        }
        let real = match program::real(name, search) {
            Found::Program(path) => Some(path),
            Found::NotExecutable(_) | Found::Nothing => {
                faults.push(Fault::NoProgram);
                None
            }
        };
        Self {
            name: name.to_string_lossy().into_owned(),
            target,
            real,
            faults,
        }
    }
}

/// Returns whether others than root and this user could swap what is at `path`.
fn writable(path: &Path) -> Option<Fault> {
    let metadata = path.metadata().ok()?;
    let owners = [0, geteuid().as_raw()];
    let why = owner::check(metadata.uid(), metadata.mode(), &owners).err()?;
    Some(Fault::Writable(path.to_owned(), why))
}
