//! A folder of rule files: opened and checked by its handle, and read from there.
//!
//! Every name is looked up below an open folder and no link is followed, so that what was checked
//! is what is read. On the passing path only [`Folder::open`], [`Folder::stamp`] and
//! [`Folder::open_file`] are used, which allocate nothing.

use std::ffi::{CStr, CString, OsStr};
use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path};

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags, OFlag, openat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat, fstatat};

use crate::context::owner::{self, Distrust};

use super::stamp::Stamp;

/// The most bytes of a rule file.
const MAX_FILE: u64 = 16 << 20;

/// How often a file is read again that changes meanwhile.
const TRIES: usize = 3;

/// Why a folder or a file is not used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// The system does not let us.
    #[error("it cannot be read: {0}")]
    System(#[from] io::Error),
    /// It is a link, a device, a socket, or a folder in place of a file.
    #[error("it is a link or no regular file; put the file itself there")]
    Kind,
    /// Others could have written it.
    #[error(transparent)]
    Distrust(#[from] Distrust),
    /// A folder above it could have been written by others.
    #[error("`{0}` above it: {1}")]
    Above(String, Distrust),
    /// It does not stay as it is.
    #[error("it was changed while it was read; try again")]
    Changing,
    /// It is longer than any rule file.
    #[error("it is longer than {} MiB", MAX_FILE >> 20)]
    TooLong,
    /// It is not UTF-8.
    #[error("it is not UTF-8 text")]
    NoText,
}

impl From<Errno> for Refusal {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::ELOOP | Errno::ENOTDIR => Self::Kind,
            errno => Self::System(errno.into()),
        }
    }
}

/// An open folder that only its owners can have written.
#[derive(Debug)]
pub(super) struct Folder {
    /// The handle.
    handle: OwnedFd,
    /// Who may have written in it.
    owners: Owners,
}

/// Who may have written files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owners {
    /// These users alone.
    Of([u32; 2]),
    /// Anybody: what counts is what is in them.
    Anybody,
}

impl Owners {
    /// Root alone.
    pub(super) const ROOT: Self = Self::Of([0, 0]);

    /// Checks what an open handle told.
    fn check(self, stat: &FileStat) -> Result<(), Distrust> {
        match self {
            Self::Of(owners) => owner::check(stat.st_uid, stat.st_mode, &owners),
            Self::Anybody => Ok(()),
        }
    }
}

impl Folder {
    /// Opens a folder by its absolute path; `None` where it is not there. The folders above it
    /// have to be the owners' too, and none of them a link.
    pub(super) fn open(path: &Path, owners: Owners) -> Result<Option<Self>, Refusal> {
        if is_absent(path) {
            return Ok(None);
        }
        let folder = Self::walk(path, owners, |stat| check_above(stat, owners))?;
        owners.check(&fstat(&folder.handle)?)?;
        Ok(Some(folder))
    }

    /// Opens a folder of the user's by its absolute path; `None` where it is not there. A home may
    /// lie behind a link and below other people's folders, but not below one in which everyone can
    /// swap names.
    pub(super) fn open_own(path: &Path, owners: Owners) -> Result<Option<Self>, Refusal> {
        if is_absent(path) {
            return Ok(None);
        }
        let path = path.canonicalize()?;
        let above = |stat: &FileStat| match owner::all_can_swap(stat.st_mode) {
            true => Err(Distrust::Mode(stat.st_mode & 0o7777)),
            false => Ok(()),
        };
        let folder = Self::walk(&path, owners, above)?;
        owners.check(&fstat(&folder.handle)?)?;
        Ok(Some(folder))
    }

    /// Opens a folder that may be anybody's; `None` where it is not there. Its files are known by
    /// what is in them.
    pub(super) fn open_anybodys(path: &Path) -> Result<Option<Self>, Refusal> {
        if is_absent(path) {
            return Ok(None);
        }
        Self::walk(path, Owners::Anybody, |_| Ok(())).map(Some)
    }

    /// Goes down a path without links, from the root; `above` checks each folder on the way.
    fn walk(
        path: &Path,
        owners: Owners,
        above: impl Fn(&FileStat) -> Result<(), Distrust>,
    ) -> Result<Self, Refusal> {
        let mut handle = openat(AT_FDCWD, c"/", looked_at(), Mode::empty())?;
        let mut names = path.components().peekable();
        while let Some(name) = names.next() {
            let stat = fstat(&handle)?;
            let Component::Normal(name) = name else {
                continue;
            };
            if let Err(distrust) = above(&stat) {
                return Err(Refusal::Above(shown_above(path), distrust));
            }
            let flags = match names.peek() {
                Some(_) => looked_at(),
                None => OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC,
            };
            handle = openat(&handle, name, flags, Mode::empty())?;
        }
        Ok(Self { handle, owners })
    }

    /// Opens a folder in it; `None` where it is not there.
    pub(super) fn folder(&self, name: &CStr) -> Result<Option<Self>, Refusal> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let handle = match openat(&self.handle, name, flags, Mode::empty()) {
            Err(Errno::ENOENT) => return Ok(None),
            opened => opened?,
        };
        self.owners.check(&fstat(&handle)?)?;
        Ok(Some(Self {
            handle,
            owners: self.owners,
        }))
    }

    /// Returns its handle.
    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.handle.as_fd()
    }

    /// Returns the stamp of what has this name (a path may lead into folders of it).
    pub(super) fn stamp(&self, name: &CStr) -> Stamp {
        let stat = fstatat(&self.handle, name, AtFlags::AT_SYMLINK_NOFOLLOW);
        stat.map_or(Stamp::ABSENT, |stat| Stamp::of(&stat))
    }

    /// Opens a regular file in it that only the owners can have written; `None` where it is not
    /// there.
    pub(super) fn open_file(&self, name: &CStr) -> Result<Option<(OwnedFd, FileStat)>, Refusal> {
        // A FIFO must not keep the gate waiting.
        let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let handle = match openat(&self.handle, name, flags, Mode::empty()) {
            Err(Errno::ENOENT) => return Ok(None),
            opened => opened?,
        };
        let stat = fstat(&handle)?;
        if SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT != SFlag::S_IFREG {
            return Err(Refusal::Kind);
        }
        Ok(Some((handle, stat)))
    }

    /// Checks a file that was opened in it.
    pub(super) fn check(&self, stat: &FileStat) -> Result<(), Refusal> {
        Ok(self.owners.check(stat)?)
    }

    /// Returns the names of the rule files in it and of the calendars that they name, sorted: they
    /// end in `.toml` or `.csv`, not in `.test.toml`, and do not begin with a dot.
    pub(super) fn rule_files(&self) -> Result<Vec<CString>, Refusal> {
        let mut dir = Dir::from_fd(self.handle.as_fd().try_clone_to_owned()?)?;
        let mut names = Vec::new();
        for entry in dir.iter() {
            let name = entry?.file_name().to_owned();
            let bytes = name.to_bytes();
            let is_test = bytes.ends_with(b".test.toml");
            let is_ours = bytes.ends_with(b".toml") || bytes.ends_with(b".csv");
            if is_ours && !is_test && !bytes.starts_with(b".") {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// Reads a file in it.
    pub(super) fn read(&self, name: &CStr) -> Read {
        for _ in 0..TRIES {
            let read = self.read_once(name);
            // The stamp must be that of the text: compared once more after the last byte.
            if self.stamp(name) == read.stamp {
                return read;
            }
        }
        Read {
            stamp: Stamp::ABSENT,
            text: None,
            refused: Some(Refusal::Changing),
        }
    }

    /// Reads a file in it as it is now.
    fn read_once(&self, name: &CStr) -> Read {
        let without_text = |refused| Read {
            stamp: self.stamp(name),
            text: None,
            refused,
        };
        let (handle, stat) = match self.open_file(name) {
            Ok(Some(opened)) => opened,
            Ok(None) => return without_text(None),
            Err(refusal) => return without_text(Some(refusal)),
        };
        let mut bytes = Vec::new();
        match File::from(handle)
            .take(MAX_FILE + 1)
            .read_to_end(&mut bytes)
        {
            Ok(_) if bytes.len() as u64 > MAX_FILE => return without_text(Some(Refusal::TooLong)),
            Ok(_) => {}
            Err(error) => return without_text(Some(error.into())),
        }
        let refused = self.check(&stat).err();
        let (text, refused) = match String::from_utf8(bytes) {
            Ok(text) => (text, refused),
            Err(error) => {
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                (text, Some(Refusal::NoText))
            }
        };
        Read {
            stamp: Stamp::of(&stat),
            text: Some(text),
            refused,
        }
    }
}

/// What came of reading a file.
#[derive(Debug)]
pub(super) struct Read {
    /// What it was like.
    pub(super) stamp: Stamp,
    /// Its text, where it could be read; also of one that is refused.
    pub(super) text: Option<String>,
    /// Why it is not used.
    pub(super) refused: Option<Refusal>,
}

/// Returns whether nothing is there: all that is asked where there is no such folder.
pub(super) fn is_absent(path: &Path) -> bool {
    let found = fstatat(AT_FDCWD, path, AtFlags::AT_SYMLINK_NOFOLLOW);
    matches!(found, Err(Errno::ENOENT | Errno::ENOTDIR))
}

/// Returns how a folder is opened that is only passed through.
fn looked_at() -> OFlag {
    OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC
}

/// Checks a folder above: in a sticky one nobody can put another in place of the owners' entries.
fn check_above(stat: &FileStat, owners: Owners) -> Result<(), Distrust> {
    match owners.check(stat) {
        Err(Distrust::Mode(mode)) if mode & owner::STICKY != 0 => Ok(()),
        checked => checked,
    }
}

/// Returns the path of the folder above, for a message.
fn shown_above(path: &Path) -> String {
    path.parent().unwrap_or(path).display().to_string()
}

/// Returns a name as it is shown.
pub(super) fn shown(name: &CStr) -> String {
    OsStr::from_bytes(name.to_bytes()).display().to_string()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use nix::unistd::geteuid;

    use super::*;

    /// Returns those whom these tests trust.
    fn owners() -> Owners {
        Owners::Of([0, geteuid().as_raw()])
    }

    /// Makes a folder with a file `a.toml`.
    fn made() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.toml"), "plain = ['x']\n").unwrap();
        folder
    }

    fn open(folder: &tempfile::TempDir) -> Folder {
        Folder::open(folder.path(), owners()).unwrap().unwrap()
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Returns why `a.toml` is refused.
    fn refused(folder: &tempfile::TempDir) -> String {
        let read = open(folder).read(c"a.toml");
        read.refused.unwrap().to_string()
    }

    #[test]
    fn a_file_is_read_with_its_stamp() {
        let folder = made();
        let read = open(&folder).read(c"a.toml");
        assert_eq!(read.text.as_deref(), Some("plain = ['x']\n"));
        assert!(read.refused.is_none());
        assert_eq!(read.stamp, open(&folder).stamp(c"a.toml"));
        fs::write(folder.path().join("a.toml"), "plain = ['y']\n").unwrap();
        assert_eq!(open(&folder).read(c"b.toml").stamp, Stamp::ABSENT);
    }

    #[test]
    fn what_is_not_there_is_no_mistake() {
        let folder = made();
        assert!(
            Folder::open(&folder.path().join("no"), owners())
                .unwrap()
                .is_none()
        );
        assert!(open(&folder).folder(c"no").unwrap().is_none());
    }

    #[test]
    fn a_file_that_others_can_write_is_refused_and_read_all_the_same() {
        let folder = made();
        set_mode(&folder.path().join("a.toml"), 0o664);
        assert_eq!(
            refused(&folder),
            "others can write it (mode 0664); use `chmod go-w`"
        );
        assert!(open(&folder).read(c"a.toml").text.is_some());
    }

    #[test]
    fn another_users_file_is_refused() {
        let folder = made();
        // Only root can give a file away.
        if geteuid().is_root() {
            let path = folder.path().join("a.toml");
            std::os::unix::fs::chown(path, Some(65_534), None).unwrap();
            assert_eq!(
                refused(&folder),
                "it belongs to user 65534; use `chown` or move it away"
            );
        }
    }

    #[test]
    fn links_pipes_and_folders_are_no_rule_files() {
        let folder = made();
        let path = folder.path().join("a.toml");
        fs::rename(&path, folder.path().join("b.toml")).unwrap();
        symlink("b.toml", &path).unwrap();
        let kind = "it is a link or no regular file; put the file itself there";
        assert_eq!(refused(&folder), kind);
        fs::remove_file(&path).unwrap();
        nix::unistd::mkfifo(&path, Mode::from_bits_truncate(0o600)).unwrap();
        assert_eq!(refused(&folder), kind);
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert_eq!(refused(&folder), kind);
    }

    #[test]
    fn a_folder_that_others_can_write_is_refused() {
        let folder = made();
        set_mode(folder.path(), 0o775);
        let refusal = Folder::open(folder.path(), owners()).unwrap_err();
        assert!(matches!(refusal, Refusal::Distrust(Distrust::Mode(0o775))));
    }

    #[test]
    fn a_folder_above_that_others_can_write_is_refused_unless_names_stay() {
        let folder = made();
        fs::create_dir(folder.path().join("in")).unwrap();
        let inner = folder.path().join("in");
        set_mode(folder.path(), 0o777);
        let refusal = Folder::open(&inner, owners()).unwrap_err();
        assert!(matches!(refusal, Refusal::Above(_, Distrust::Mode(0o777))));
        set_mode(folder.path(), 0o1777);
        assert!(Folder::open(&inner, owners()).unwrap().is_some());
    }

    #[test]
    fn a_link_to_a_folder_is_refused() {
        let folder = made();
        fs::create_dir(folder.path().join("in")).unwrap();
        let link = folder.path().join("link");
        symlink("in", &link).unwrap();
        assert!(matches!(Folder::open(&link, owners()), Err(Refusal::Kind)));
        assert!(matches!(open(&folder).folder(c"link"), Err(Refusal::Kind)));
    }

    #[test]
    fn only_rule_files_are_listed_and_in_order() {
        let folder = made();
        for name in ["10-b.toml", "README", ".a.toml", "9-a.toml", "x.test.toml"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let names = open(&folder).rule_files().unwrap();
        assert_eq!(
            names,
            [
                c"10-b.toml".to_owned(),
                c"9-a.toml".to_owned(),
                c"a.toml".to_owned()
            ]
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        let folder = made();
        fs::write(folder.path().join("a.toml"), b"x = '\xff'").unwrap();
        assert_eq!(refused(&folder), "it is not UTF-8 text");
    }
}
