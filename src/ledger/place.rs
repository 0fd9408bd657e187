//! The ledger's file and folder: made for their owner alone, and trusted only while they are so.
//!
//! A file is looked at through an `O_PATH` handle. Closing an ordinary handle would drop the locks
//! that SQLite holds on the same file elsewhere in this process (POSIX locks are the process's);
//! for the same reason a new file is made with `mknod`, which opens nothing.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the edge that opens the ledger's folder"
)]

use std::ffi::OsStr;
use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::libc::{O_DIRECTORY, O_NOFOLLOW, O_PATH};
use nix::sys::stat::{Mode, SFlag, mknod};
use nix::unistd::geteuid;

use crate::context::owner::{self, Distrust};

/// Why a place is not used.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The path is relative, or names no file.
    #[error("the path is not absolute, or names no file")]
    NoFile,
    /// It cannot be made or looked at.
    #[error("`{path}`: {cause}")]
    System {
        /// What could not be made or looked at.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// It is a link, a device, a socket.
    #[error("`{0}` is not a regular file; move it away")]
    NotAFile(PathBuf),
    /// It belongs to another user.
    #[error("`{path}` belongs to user {owner}; use `chown` or move it away")]
    Owner {
        /// The file or folder.
        path: PathBuf,
        /// Its owner's number.
        owner: u32,
    },
    /// Others than its owner can write it.
    #[error("others can write `{path}` (mode {mode:04o}); use `chmod go-w`")]
    Mode {
        /// The file or folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
}

/// Makes the folder (0700) and the file (0600) where they are not there yet, checks both, and
/// returns the file's path without symbolic links.
///
/// # Errors
/// Where they cannot be made, or others could have written them.
pub fn make(path: &Path) -> Result<PathBuf, PlaceError> {
    let (folder, name) = parts(path)?;
    make_folder(folder)?;
    let folder = real(folder)?;
    let file = folder.join(name);
    match mknod(&file, SFlag::S_IFREG, Mode::from_bits_truncate(0o600), 0) {
        Ok(()) => sync_folder(&folder)?,
        Err(Errno::EEXIST) => {}
        Err(errno) => return Err(system(&file)(errno.into())),
    }
    check(&folder, &file)?;
    Ok(file)
}

/// Returns the path without symbolic links of a file that is there; makes nothing. Whose it is does
/// not matter to one who only reads.
///
/// # Errors
/// Where it is not there or no regular file.
pub fn existing(path: &Path) -> Result<PathBuf, PlaceError> {
    let (folder, name) = parts(path)?;
    let file = real(folder)?.join(name);
    if look(&file, 0)?.is_file() {
        Ok(file)
    } else {
        Err(PlaceError::NotAFile(file))
    }
}

/// Splits a path into its folder and its name.
fn parts(path: &Path) -> Result<(&Path, &OsStr), PlaceError> {
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) if folder.is_absolute() => Ok((folder, name)),
        _ => Err(PlaceError::NoFile),
    }
}

/// Makes `folder` and those above it that are missing, each on disk before the next.
fn make_folder(folder: &Path) -> Result<(), PlaceError> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = folder.parent().ok_or(PlaceError::NoFile)?;
    make_folder(above)?;
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists => {
            return Err(system(folder)(cause));
        }
        _ => {}
    }
    sync_folder(above)
}

/// Waits until what was made in `folder` is on disk.
fn sync_folder(folder: &Path) -> Result<(), PlaceError> {
    File::open(folder)
        .and_then(|handle| handle.sync_all())
        .map_err(system(folder))
}

/// Resolves symbolic links: a home may well lie behind one, and SQLite is told to follow none.
fn real(folder: &Path) -> Result<PathBuf, PlaceError> {
    folder.canonicalize().map_err(system(folder))
}

/// Checks the file, its folder and the folders above.
fn check(folder: &Path, file: &Path) -> Result<(), PlaceError> {
    let seen = look(file, 0)?;
    if !seen.is_file() {
        return Err(PlaceError::NotAFile(file.to_owned()));
    }
    check_owner(file, &seen)?;
    check_owner(folder, &look(folder, O_DIRECTORY)?)?;
    // Further up others' folders are a matter of course; one in which everyone can swap names is not.
    for above in folder.ancestors().skip(1) {
        let mode = look(above, O_DIRECTORY)?.mode();
        if owner::all_can_swap(mode) {
            return Err(wrong_mode(above, mode));
        }
    }
    Ok(())
}

/// Checks that nobody but its owner can write it, and that its owner is this user or root.
fn check_owner(path: &Path, seen: &Metadata) -> Result<(), PlaceError> {
    let path = || path.to_owned();
    let checked = owner::check(seen.uid(), seen.mode(), &[0, geteuid().as_raw()]);
    checked.map_err(|distrust| match distrust {
        Distrust::Owner(owner) => PlaceError::Owner {
            path: path(),
            owner,
        },
        Distrust::Mode(mode) => PlaceError::Mode { path: path(), mode },
    })
}

/// Checks that the folders above `folder` are root's and that nobody else can swap names in them.
pub(crate) fn parents_are_roots(folder: &Path) -> Result<(), PlaceError> {
    for above in folder.ancestors().skip(1) {
        let seen = look(above, O_DIRECTORY)?;
        if seen.uid() != 0 {
            let (path, owner) = (above.to_owned(), seen.uid());
            return Err(PlaceError::Owner { path, owner });
        }
        if seen.mode() & owner::OTHERS_WRITE != 0 && seen.mode() & owner::STICKY == 0 {
            return Err(wrong_mode(above, seen.mode()));
        }
    }
    Ok(())
}

/// Looks at what stands at `path`, through a handle that takes no locks away.
pub(crate) fn look(path: &Path, flags: i32) -> Result<Metadata, PlaceError> {
    OpenOptions::new()
        .read(true)
        .custom_flags(O_PATH | O_NOFOLLOW | flags)
        .open(path)
        .and_then(|handle| handle.metadata())
        .map_err(system(path))
}

/// Says which path the system spoke of.
pub(super) fn system(path: &Path) -> impl Fn(io::Error) -> PlaceError {
    let path = path.to_owned();
    move |cause| PlaceError::System {
        path: path.clone(),
        cause,
    }
}

/// Says that others can write `path`.
pub(super) fn wrong_mode(path: &Path, mode: u32) -> PlaceError {
    PlaceError::Mode {
        path: path.to_owned(),
        mode: mode & 0o7777,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    /// Makes `a/b/ledger.db` in a folder that goes away with the test.
    fn made() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/ledger.db");
        make(&path).unwrap();
        (folder, path)
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn file_and_folders_are_their_owners_alone() {
        let (_folder, path) = made();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        assert_eq!(mode(path.parent().unwrap().parent().unwrap()), 0o700);
    }

    #[test]
    fn a_file_that_others_can_write_is_refused() {
        let (_folder, path) = made();
        set_mode(&path, 0o620);
        let said = make(&path).unwrap_err().to_string();
        assert!(said.ends_with("(mode 0620); use `chmod go-w`"), "{said}");
    }

    #[test]
    fn a_folder_that_others_can_write_is_refused() {
        let (_folder, path) = made();
        set_mode(path.parent().unwrap(), 0o770);
        assert!(matches!(
            make(&path),
            Err(PlaceError::Mode { mode: 0o770, .. })
        ));
    }

    #[test]
    fn a_folder_above_in_which_all_can_swap_names_is_refused() {
        let (folder, path) = made();
        set_mode(&folder.path().join("a"), 0o777);
        assert!(matches!(
            make(&path),
            Err(PlaceError::Mode { mode: 0o777, .. })
        ));
        set_mode(&folder.path().join("a"), 0o1777);
        assert!(make(&path).is_ok());
    }

    #[test]
    fn a_link_in_place_of_the_file_is_refused() {
        let (folder, path) = made();
        let other = folder.path().join("other.db");
        fs::rename(&path, &other).unwrap();
        symlink(&other, &path).unwrap();
        assert!(matches!(make(&path), Err(PlaceError::NotAFile(_))));
    }

    #[test]
    fn a_folder_behind_a_link_is_found() {
        let (folder, path) = made();
        let link = folder.path().join("link");
        symlink(folder.path().join("a/b"), &link).unwrap();
        let found = make(&link.join("ledger.db")).unwrap();
        assert_eq!(found, path.canonicalize().unwrap());
    }

    #[test]
    fn looking_makes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        assert!(existing(&folder.path().join("ledger.db")).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_relative_path_is_no_place() {
        assert!(matches!(
            make(Path::new("ledger.db")),
            Err(PlaceError::NoFile)
        ));
    }

    #[test]
    fn another_users_file_is_refused() {
        let (_folder, path) = made();
        // Only root can give a file away.
        if geteuid().is_root() {
            std::os::unix::fs::chown(&path, Some(65_534), None).unwrap();
            assert!(matches!(
                make(&path),
                Err(PlaceError::Owner { owner: 65_534, .. })
            ));
        }
    }
}
