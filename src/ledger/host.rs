//! The host's own place: the ledger of everybody in one group, and the folder of what was given.
//!
//! | path | owner, mode | why |
//! | --- | --- | --- |
//! | `/var/lib/kanmon` | root 0755 | so that nobody else can swap what lies in it |
//! | `…/ledger` | root:kanmon 2770 | SQLite makes its journal here, in each member's name |
//! | `…/ledger/ledger.db` | root:kanmon 0660 | each member's gate writes it |
//! | `…/given` | root:kanmon 3775 | members put files in, only a file's owner takes it away |
//!
//! A member can therefore damage the ledger (the chain and the heads in syslog show it), which is
//! why nothing that stands in for a person lies in it.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the edge that opens the host's folders"
)]

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown,
};
use std::path::{Path, PathBuf};

use nix::libc::{O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK};
use nix::unistd::{getegid, geteuid, getgroups};

use super::place::{PlaceError, look, parents_are_roots, system, wrong_mode};

/// Where the host's place is.
pub const HOST: &str = "/var/lib/kanmon";

/// The group whose members share it, where no other is named.
pub const GROUP: &str = "kanmon";

/// The folder with the ledger.
const LEDGER: &str = "ledger";

/// The ledger in it.
const FILE: &str = "ledger.db";

/// The folder of what was given.
const GIVEN: &str = "given";

/// Mode bits of the ledger's folder.
const LEDGER_MODE: u32 = 0o2770;

/// Mode bits of the folder of what was given.
const GIVEN_MODE: u32 = 0o3775;

/// Which ledger of this host there is for this process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// None.
    Nothing,
    /// One, of whose group this process is not.
    NotMember,
    /// One that it may write; the path of the file.
    Member(PathBuf),
}

/// Looks which ledger of the host below `host` there is for this process. Whether it may be
/// trusted is looked at when it is opened.
///
/// # Errors
/// Where that cannot be seen: what is there may bind, so it must not be taken for nothing.
pub fn find(host: &Path) -> Result<Found, PlaceError> {
    let folder = host.join(LEDGER);
    match look(&folder, O_DIRECTORY) {
        Ok(seen) if is_member(seen.gid()) => Ok(Found::Member(folder.join(FILE))),
        Ok(_) => Ok(Found::NotMember),
        Err(PlaceError::System { cause, .. }) if cause.kind() == ErrorKind::NotFound => {
            Ok(Found::Nothing)
        }
        Err(error) => Err(error),
    }
}

/// Returns the number of the group that shares the place below `host`; `None` where there is none, or it is
/// not root's.
#[must_use]
pub fn group(host: &Path) -> Option<u32> {
    let seen = look(&host.join(LEDGER), O_DIRECTORY).ok()?;
    (seen.uid() == 0).then(|| seen.gid())
}

/// Returns the folder below `host` of what was given.
#[must_use]
pub fn given(host: &Path) -> PathBuf {
    host.join(GIVEN)
}

/// Checks the host's ledger and what is above it: root's all of it, and written by none but the
/// group.
///
/// # Errors
/// Where it is not so, or not there.
pub(super) fn check(file: &Path) -> Result<(), PlaceError> {
    let folder = file.parent().ok_or(PlaceError::NoFile)?;
    parents_are_roots(folder)?;
    let of_folder = look(folder, O_DIRECTORY)?;
    let of_file = look(file, 0)?;
    if !of_file.is_file() {
        return Err(PlaceError::NotAFile(file.to_owned()));
    }
    for (path, seen) in [(folder, &of_folder), (file, &of_file)] {
        if seen.uid() != 0 {
            let (path, owner) = (path.to_owned(), seen.uid());
            return Err(PlaceError::Owner { path, owner });
        }
        if seen.mode() & 0o007 != 0 || seen.gid() != of_folder.gid() {
            return Err(wrong_mode(path, seen.mode()));
        }
    }
    Ok(())
}

/// Makes the host's place below `host` for the group with this number, or puts right what is there.
///
/// # Errors
/// Where this process is not root, or something in it is no folder or file.
pub fn init(host: &Path, gid: u32) -> Result<(), PlaceError> {
    folder(host, 0, 0o755)?;
    parents_are_roots(&host.join(LEDGER))?;
    folder(&host.join(LEDGER), gid, LEDGER_MODE)?;
    folder(&host.join(GIVEN), gid, GIVEN_MODE)?;
    let file = host.join(LEDGER).join(FILE);
    let made = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(O_NOFOLLOW | O_NONBLOCK)
        .open(&file)
        .map_err(system(&file))?;
    if !made.metadata().map_err(system(&file))?.is_file() {
        return Err(PlaceError::NotAFile(file));
    }
    own(&made, gid, 0o660).map_err(system(&file))?;
    for folder in [host.join(LEDGER), host.to_owned()] {
        let synced = File::open(&folder).and_then(|handle| handle.sync_all());
        synced.map_err(system(&folder))?;
    }
    Ok(())
}

/// Makes a folder, or puts its owner and mode right.
fn folder(path: &Path, gid: u32, mode: u32) -> Result<(), PlaceError> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(cause) if cause.kind() != ErrorKind::AlreadyExists => return Err(system(path)(cause)),
        _ => {}
    }
    let handle = OpenOptions::new()
        .read(true)
        .custom_flags(O_NOFOLLOW | O_DIRECTORY)
        .open(path)
        .map_err(system(path))?;
    own(&handle, gid, mode).map_err(system(path))
}

/// Gives what is open to root and a group.
fn own(handle: &File, gid: u32, mode: u32) -> io::Result<()> {
    fchown(handle, Some(0), Some(gid))?;
    handle.set_permissions(Permissions::from_mode(mode))
}

/// Whether this process acts for the group.
fn is_member(gid: u32) -> bool {
    geteuid().is_root()
        || getegid().as_raw() == gid
        || getgroups().is_ok_and(|groups| groups.iter().any(|group| group.as_raw() == gid))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    /// Makes a place for group 4242, where this process is root; its folders have only root's above
    /// them but for the world's sticky one.
    fn made() -> Option<(tempfile::TempDir, PathBuf)> {
        if !geteuid().is_root() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let host = folder.path().join("kanmon");
        init(&host, 4242).unwrap();
        Some((folder, host))
    }

    fn seen(path: &Path) -> (u32, u32, u32) {
        let seen = fs::symlink_metadata(path).unwrap();
        (seen.uid(), seen.gid(), seen.mode() & 0o7777)
    }

    #[test]
    fn the_place_is_roots_and_its_parts_are_the_groups() {
        let Some((_folder, host)) = made() else {
            return;
        };
        assert_eq!(seen(&host), (0, 0, 0o755));
        assert_eq!(seen(&host.join("ledger")), (0, 4242, 0o2770));
        assert_eq!(group(&host), Some(4242));
        assert_eq!(seen(&host.join("ledger/ledger.db")), (0, 4242, 0o660));
        assert_eq!(seen(&host.join("given")), (0, 4242, 0o3775));
        check(&host.join("ledger/ledger.db")).unwrap();
    }

    #[test]
    fn making_it_again_puts_right_what_was_changed_and_keeps_the_ledger() {
        let Some((_folder, host)) = made() else {
            return;
        };
        let file = host.join("ledger/ledger.db");
        fs::write(&file, "kept").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o666)).unwrap();
        assert!(matches!(check(&file), Err(PlaceError::Mode { .. })));
        std::os::unix::fs::chown(host.join("given"), Some(65_534), None).unwrap();
        init(&host, 4242).unwrap();
        check(&file).unwrap();
        assert_eq!(seen(&host.join("given")), (0, 4242, 0o3775));
        assert_eq!(fs::read_to_string(&file).unwrap(), "kept");
    }

    #[test]
    fn what_is_not_roots_is_not_used() {
        let Some((_folder, host)) = made() else {
            return;
        };
        let file = host.join("ledger/ledger.db");
        std::os::unix::fs::chown(&host, Some(65_534), None).unwrap();
        assert!(matches!(check(&file), Err(PlaceError::Owner { .. })));
        std::os::unix::fs::chown(&host, Some(0), None).unwrap();
        std::os::unix::fs::chown(host.join("ledger"), Some(65_534), None).unwrap();
        assert_eq!(group(&host), None, "another has made it");
        fs::remove_file(&file).unwrap();
        symlink("/dev/null", &file).unwrap();
        assert!(matches!(check(&file), Err(PlaceError::NotAFile(_))));
        assert!(init(&host, 4242).is_err(), "a link is not followed");
    }

    #[test]
    fn without_a_place_there_is_no_ledger_of_the_host() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(find(folder.path()).unwrap(), Found::Nothing);
        assert_eq!(group(folder.path()), None);
    }
}
