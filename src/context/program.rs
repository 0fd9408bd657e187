//! Which file a program's name means: the first in the folders of `PATH` that is no shim.
//!
//! A shim is the gate under another program's name: this very file, or another copy of it, told by
//! a mark in its first bytes. What lies in a folder that `kanmonctl shim` made is none of the
//! programs that are meant either. So a shim can never start a shim, itself least of all.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use nix::libc::{O_NOCTTY, O_NONBLOCK};
use nix::unistd::{AccessFlags, access};

use super::environment::variable;

/// Where execvp(3) of this C library looks when `PATH` is not set.
const WITHOUT_PATH: &str = "/bin:/usr/bin";

/// The file that says of a folder that only shims lie in it.
pub const SHIM_FOLDER: &str = ".kanmon-shims";

/// How many bytes at the beginning of a program may hold the gate's mark.
const HEAD: u64 = 4096;

/// An ELF note that says: this program is the gate. The linker puts it into the file's first page.
#[derive(Debug)]
#[repr(C, align(4))]
pub struct Mark([u8; 24]);

/// The gate's mark: lengths of name and value, the type, the name, the value.
pub const MARK: Mark = Mark([
    7, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, b'k', b'a', b'n', b'm', b'o', b'n', 0, 0, b'g', b'a', b't',
    b'e',
]);

/// What a name means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// This file.
    Program(PathBuf),
    /// This file, which may not be executed; there is none that may.
    NotExecutable(PathBuf),
    /// No file.
    Nothing,
}

/// The folders in which programs are looked for, as this process's `PATH` names them.
#[must_use]
pub fn search_path() -> OsString {
    variable("PATH").unwrap_or_else(|| WITHOUT_PATH.into())
}

/// Finds the program of this name that is no shim in `folders`, which have the form of `PATH`.
#[must_use]
pub fn real(name: &OsStr, folders: &OsStr) -> Found {
    let own = fs::metadata("/proc/self/exe").ok();
    let mut found = Found::Nothing;
    for path in candidates(name, folders) {
        let Ok(metadata) = path.metadata() else {
            continue;
        };
        if !metadata.is_file() || is_shim(&path, &metadata, own.as_ref()) {
            continue;
        }
        if access(&path, AccessFlags::X_OK).is_ok() {
            return Found::Program(path);
        }
        if found == Found::Nothing {
            found = Found::NotExecutable(path);
        }
    }
    found
}

/// Finds the program behind a shim: where a shell would start a shim for this name, the one that
/// the shim would start. `None` where it would start none, or there is none behind it.
#[must_use]
pub fn behind_shim(name: &OsStr, folders: &OsStr) -> Option<PathBuf> {
    let own = fs::metadata("/proc/self/exe").ok();
    let runs = |path: &PathBuf| {
        let is_file = path.metadata().is_ok_and(|metadata| metadata.is_file());
        is_file && access(path, AccessFlags::X_OK).is_ok()
    };
    let first = candidates(name, folders).find(runs)?;
    let metadata = first.metadata().ok()?;
    if !is_shim(&first, &metadata, own.as_ref()) {
        return None;
    }
    match real(name, folders) {
        Found::Program(path) => Some(path),
        Found::NotExecutable(_) | Found::Nothing => None,
    }
}

/// Where a program of this name may lie, in order. The empty folder is the working directory.
fn candidates(name: &OsStr, folders: &OsStr) -> impl Iterator<Item = PathBuf> {
    let names_file = !name.is_empty() && name != "." && name != "..";
    let folders: Vec<PathBuf> = match names_file {
        true => std::env::split_paths(folders).collect(),
        false => Vec::new(),
    };
    let name = name.to_owned();
    folders
        .into_iter()
        .map(move |folder| match folder.as_os_str().is_empty() {
            // A name without a folder would be looked for all over again.
            true => Path::new(".").join(&name),
            false => folder.join(&name),
        })
}

/// Returns whether the program at a path is the gate.
#[must_use]
pub fn is_gate(path: &Path) -> bool {
    let Ok(metadata) = path.metadata() else {
        return false;
    };
    let own = fs::metadata("/proc/self/exe").ok();
    metadata.is_file() && (is_same(&metadata, own.as_ref()) || has_mark(path))
}

/// Returns whether a folder was made for shims.
#[must_use]
pub fn is_shim_folder(folder: &Path) -> bool {
    folder.join(SHIM_FOLDER).symlink_metadata().is_ok()
}

/// Returns whether the file at `path` is a shim; `own` is the file of this program.
fn is_shim(path: &Path, metadata: &Metadata, own: Option<&Metadata>) -> bool {
    is_same(metadata, own) || has_mark(path) || path.parent().is_some_and(is_shim_folder)
}

/// Returns whether both are one file.
fn is_same(metadata: &Metadata, own: Option<&Metadata>) -> bool {
    own.is_some_and(|own| (own.dev(), own.ino()) == (metadata.dev(), metadata.ino()))
}

/// Returns whether a program has the gate's mark. One that may be executed and not read is the gate
/// where it bears its name.
fn has_mark(path: &Path) -> bool {
    let opened = File::options()
        .read(true)
        // A pipe must not keep the gate waiting.
        .custom_flags(O_NONBLOCK | O_NOCTTY)
        .open(path);
    let Ok(file) = opened else {
        let whole = fs::canonicalize(path).unwrap_or_default();
        return whole.file_name() == Some(OsStr::new("kanmon"));
    };
    let mut head = Vec::new();
    // What cannot be read to the end is judged by what was read.
    let _ = file.take(HEAD).read_to_end(&mut head);
    let Mark(mark) = MARK;
    head.windows(mark.len()).any(|window| window == mark)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    /// A folder with folders of programs in it.
    struct Folders(tempfile::TempDir);

    impl Folders {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        /// Puts a file there.
        fn put(&self, name: &str, content: &[u8], mode: u32) {
            let path = self.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }

        /// Puts a link there.
        fn link(&self, to: &Path, name: &str) {
            let path = self.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            symlink(to, path).unwrap();
        }

        /// Returns the value of `PATH` with these folders.
        fn search(&self, folders: &[&str]) -> OsString {
            std::env::join_paths(folders.iter().map(|folder| self.path(folder))).unwrap()
        }

        fn real(&self, folders: &[&str]) -> Found {
            real("x".as_ref(), &self.search(folders))
        }
    }

    #[test]
    fn the_next_program_that_is_no_shim_is_meant() {
        let folders = Folders::new();
        let own = std::env::current_exe().unwrap();
        let marked = [b"\x7fELF".as_slice(), &MARK.0, b"rest"].concat();
        folders.link(&own, "link/x");
        folders.link(&folders.path("link/x"), "link-to-a-link/x");
        folders.put("copy/x", &marked, 0o755);
        folders.put("ours/x", b"#!/bin/sh\n", 0o755);
        folders.put("ours/.kanmon-shims", b"", 0o644);
        folders.put("not-executable/x", b"#!/bin/sh\n", 0o644);
        folders.put("one/x", b"#!/bin/sh\n", 0o755);
        folders.put("two/x", b"#!/bin/sh\n", 0o755);
        fs::create_dir_all(folders.path("folder/x")).unwrap();
        folders.link(Path::new("/nowhere"), "dangling/x");
        let shims = ["link", "link-to-a-link", "copy", "ours"];
        let none = ["folder", "dangling", "not-there"];
        let all = [&shims[..], &none, &["not-executable", "one", "two"]].concat();
        assert_eq!(
            folders.real(&all),
            Found::Program(folders.path("one/x")),
            "{all:?}"
        );
        assert_eq!(folders.real(&[&shims[..], &none].concat()), Found::Nothing);
        let place = folders.path("not-executable/x");
        assert_eq!(
            folders.real(&[&shims[..], &["not-executable"]].concat()),
            Found::NotExecutable(place)
        );
        assert_eq!(real("".as_ref(), &folders.search(&["one"])), Found::Nothing);
    }

    #[test]
    fn only_behind_a_shim_is_there_something_behind_a_shim() {
        let folders = Folders::new();
        folders.link(&std::env::current_exe().unwrap(), "shims/x");
        folders.put("real/x", b"#!/bin/sh\n", 0o755);
        let behind = |path: &[&str]| behind_shim("x".as_ref(), &folders.search(path));
        assert_eq!(behind(&["shims", "real"]), Some(folders.path("real/x")));
        assert_eq!(behind(&["real", "shims"]), None);
        assert_eq!(behind(&["shims"]), None);
        assert_eq!(behind(&["nowhere"]), None);
    }

    #[test]
    fn the_working_directory_is_searched_without_searching_again() {
        let found = candidates("x".as_ref(), "/a::/b".as_ref());
        assert_eq!(
            found.collect::<Vec<_>>(),
            ["/a/x", "./x", "/b/x"].map(PathBuf::from)
        );
    }
}
