//! Files in the folder of what was given: read with their owner, put in whole, taken away.
//!
//! A file counts as its owner's when it is a regular file with one name that nobody else can write,
//! in a folder that is root's and in which nobody can touch another's file. A second name could
//! bring back what was taken away; a link could show another's file as something else.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the edge that opens the folder of what was given"
)]

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
use nix::libc::{O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK};

use crate::ledger::place::{self, PlaceError};

/// Longest file.
const LONGEST: u64 = 64 * 1024;

/// Most files of a kind looked at; members share the folder.
const MOST: usize = 10_000;

/// Mode bits that let others than the owner write.
const OTHERS_WRITE: u32 = 0o022;

/// The sticky bit.
const STICKY: u32 = 0o1000;

/// A file that can be trusted to be its owner's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owned {
    /// Its name without the ending.
    pub name: String,
    /// Its owner's number.
    pub owner: u32,
    /// Its text.
    pub text: String,
}

/// Why a file does not count.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder cannot be trusted, or is not there.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The folder is not sticky, or everybody writes it.
    #[error("`{path}` has mode {mode:04o}; `kanmonctl init --host` puts it right")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A file is not its owner's alone.
    #[error("`{path}` does not count: {why}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// There are more files than are looked at.
    #[error(
        "`{path}` has more than {most} files `{kind}-…`; root takes away what is none of kanmon's"
    )]
    TooMany {
        /// The folder.
        path: PathBuf,
        /// How their names begin.
        kind: String,
        /// How many are looked at.
        most: usize,
    },
    /// The system failed.
    #[error("`{path}`: {cause}")]
    System {
        /// What could not be read or written.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

impl StoreError {
    /// Returns whether the file is not there, or no longer.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::System { cause, .. } if cause.kind() == io::ErrorKind::NotFound)
    }
}

/// The folder.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// Returns the store in this folder.
    #[must_use]
    pub fn at(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// Returns the path of a file.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.json"))
    }

    /// Reads all files whose name begins with `kind` and `-`, in the order of their names, those
    /// too that do not count; where there are too many, or not all names can be read, an error stands at the end.
    ///
    /// # Errors
    /// Where the folder is not there or cannot be trusted.
    pub fn all(&self, kind: &str) -> Result<Vec<Result<Owned, StoreError>>, StoreError> {
        self.check_folder()?;
        let entries = fs::read_dir(&self.folder).map_err(|cause| self.failed(cause))?;
        let (mut names, mut last) = (Vec::new(), None);
        for entry in entries {
            let name = match entry {
                Ok(entry) => entry.file_name(),
                Err(cause) => {
                    last = Some(self.failed(cause));
                    continue;
                }
            };
            let begins = name.as_bytes().strip_prefix(kind.as_bytes());
            if !begins.is_some_and(|rest| rest.starts_with(b"-") && rest.ends_with(b".json")) {
                continue;
            }
            let Ok(name) = name.into_string() else {
                last = Some(StoreError::File {
                    path: self.folder.clone(),
                    why: "the name of a file in it is no text",
                });
                continue;
            };
            if names.len() == MOST {
                last = Some(StoreError::TooMany {
                    path: self.folder.clone(),
                    kind: kind.to_owned(),
                    most: MOST,
                });
                break;
            }
            names.extend(name.strip_suffix(".json").map(str::to_owned));
        }
        names.sort();
        let all = names.iter().map(|name| self.read(name));
        Ok(all.chain(last.map(Err)).collect())
    }

    /// Reads one file; who its owner is and who can write it is asked of the open handle.
    ///
    /// # Errors
    /// Where it is not there, or is not its owner's alone.
    pub fn read(&self, name: &str) -> Result<Owned, StoreError> {
        let path = self.path(name);
        let failed = |cause| StoreError::System {
            path: path.clone(),
            cause,
        };
        let wrong = |why| StoreError::File {
            path: path.clone(),
            why,
        };
        let mut file = OpenOptions::new()
            .read(true)
            .custom_flags(O_NOFOLLOW | O_NONBLOCK)
            .open(&path)
            .map_err(failed)?;
        let seen = file.metadata().map_err(failed)?;
        if !seen.is_file() {
            return Err(wrong("it is no regular file"));
        }
        if seen.mode() & OTHERS_WRITE != 0 {
            return Err(wrong("others than its owner can write it"));
        }
        if seen.nlink() != 1 {
            return Err(wrong("it has a second name"));
        }
        if seen.size() > LONGEST {
            return Err(wrong("it is too long"));
        }
        let mut text = String::new();
        let read = (&mut file).take(LONGEST).read_to_string(&mut text);
        read.map_err(failed)?;
        Ok(Owned {
            name: name.to_owned(),
            owner: seen.uid(),
            text,
        })
    }

    /// Puts a file in, all of it or nothing, on disk on return; none of this name may be there.
    ///
    /// # Errors
    /// Where it cannot be written, or the folder cannot be trusted.
    pub fn put(&self, name: &str, text: &str) -> Result<(), StoreError> {
        self.check_folder()?;
        let path = self.path(name);
        let new = self.folder.join(format!(".new-{name}"));
        let written = write(&new, text).and_then(|()| Ok(move_to(&new, &path)?));
        if written.is_err() {
            // Nothing of it is left; where that fails, its name is no file's that is read.
            let _left = fs::remove_file(&new);
        }
        written
            .and_then(|()| File::open(&self.folder)?.sync_all())
            .map_err(|cause| StoreError::System { path, cause })
    }

    /// Takes a file away; only its owner and root can.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn take_away(&self, name: &str) -> Result<(), StoreError> {
        let path = self.path(name);
        fs::remove_file(&path)
            .and_then(|()| File::open(&self.folder)?.sync_all())
            .map_err(|cause| StoreError::System { path, cause })
    }

    /// Returns whose file it is that does not count; a link's own, where it is one.
    #[must_use]
    pub fn owner_of(&self, error: &StoreError) -> Option<u32> {
        match error {
            StoreError::File { path, .. } | StoreError::System { path, .. }
                if *path != self.folder =>
            {
                Some(fs::symlink_metadata(path).ok()?.uid())
            }
            StoreError::File { .. }
            | StoreError::System { .. }
            | StoreError::Place(_)
            | StoreError::Folder { .. }
            | StoreError::TooMany { .. } => None,
        }
    }

    /// Checks that the folder is root's, and that nobody can touch another's file in it.
    fn check_folder(&self) -> Result<(), StoreError> {
        place::parents_are_roots(&self.folder)?;
        let seen = place::look(&self.folder, O_DIRECTORY)?;
        let (mode, owner) = (seen.mode(), seen.uid());
        if owner != 0 {
            let path = self.folder.clone();
            return Err(PlaceError::Owner { path, owner }.into());
        }
        if mode & 0o002 != 0 || (mode & 0o020 != 0 && mode & STICKY == 0) {
            return Err(StoreError::Folder {
                path: self.folder.clone(),
                mode: mode & 0o7777,
            });
        }
        Ok(())
    }

    /// The folder failed.
    fn failed(&self, cause: io::Error) -> StoreError {
        StoreError::System {
            path: self.folder.clone(),
            cause,
        }
    }
}

/// Gives a file its name; nothing that has the name is replaced.
fn move_to(new: &Path, path: &Path) -> nix::Result<()> {
    renameat2(AT_FDCWD, new, AT_FDCWD, path, RenameFlags::RENAME_NOREPLACE)
}

/// Writes a new file that all can read and its owner alone can write.
fn write(path: &Path, text: &str) -> io::Result<()> {
    // What is left of an earlier try of one's own.
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .custom_flags(O_NOFOLLOW)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    // The umask has no say: every asker's gate has to read it.
    file.set_permissions(Permissions::from_mode(0o644))?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{chown, symlink};

    use nix::unistd::geteuid;

    use super::*;

    /// A store, where this process is root.
    fn made() -> Option<(tempfile::TempDir, Store)> {
        if !geteuid().is_root() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("given");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o3775)).unwrap();
        Some((folder, Store::at(&path)))
    }

    #[track_caller]
    fn why(store: &Store, name: &str) -> &'static str {
        match store.read(name).unwrap_err() {
            StoreError::File { why, .. } => why,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn what_was_put_in_is_its_owners() {
        let Some((_folder, store)) = made() else {
            return;
        };
        store.put("permit-a", "one").unwrap();
        store.put("permit-b", "two").unwrap();
        store.put("other-c", "three").unwrap();
        chown(store.path("permit-b"), Some(4001), None).unwrap();
        let all: Vec<Owned> = store
            .all("permit")
            .unwrap()
            .into_iter()
            .map(Result::unwrap)
            .collect();
        let found: Vec<(&str, u32, &str)> = all
            .iter()
            .map(|owned| (owned.name.as_str(), owned.owner, owned.text.as_str()))
            .collect();
        assert_eq!(found, [("permit-a", 0, "one"), ("permit-b", 4001, "two")]);
        let mode = fs::metadata(store.path("permit-a")).unwrap().mode() & 0o7777;
        assert_eq!(mode, 0o644);
        assert!(
            store.put("permit-a", "again").is_err(),
            "nothing is replaced"
        );
        store.take_away("permit-a").unwrap();
        assert_eq!(store.all("permit").unwrap().len(), 1);
    }

    #[test]
    fn a_file_that_is_not_its_owners_alone_does_not_count() {
        let Some((_folder, store)) = made() else {
            return;
        };
        for (name, mode) in [("permit-g", 0o664), ("permit-o", 0o646)] {
            store.put(name, "x").unwrap();
            fs::set_permissions(store.path(name), Permissions::from_mode(mode)).unwrap();
            assert_eq!(why(&store, name), "others than its owner can write it");
        }
        store.put("permit-l", "x").unwrap();
        fs::hard_link(store.path("permit-l"), store.path("permit-m")).unwrap();
        assert_eq!(why(&store, "permit-l"), "it has a second name");
        assert_eq!(why(&store, "permit-m"), "it has a second name");
        symlink(store.path("permit-g"), store.path("permit-s")).unwrap();
        assert!(matches!(
            store.read("permit-s"),
            Err(StoreError::System { .. })
        ));
        nix::unistd::mkfifo(&store.path("permit-f"), nix::sys::stat::Mode::S_IRUSR).unwrap();
        assert_eq!(why(&store, "permit-f"), "it is no regular file");
        store.put("permit-x", &"x".repeat(65_537)).unwrap();
        assert_eq!(why(&store, "permit-x"), "it is too long");
    }

    #[test]
    fn files_of_other_kinds_hide_none_and_too_many_of_one_are_told() {
        let Some((_folder, store)) = made() else {
            return;
        };
        for number in 0..MOST {
            File::create(store.path(&format!("other-{number}"))).unwrap();
        }
        store.put("permit-a", "x").unwrap();
        assert_eq!(store.all("permit").unwrap().len(), 1);
        assert!(store.all("other").unwrap().iter().all(Result::is_ok));
        store.put("other-x", "x").unwrap();
        let others = store.all("other").unwrap();
        assert_eq!(others.len(), MOST + 1);
        let last = others.last().unwrap().as_ref().unwrap_err();
        assert!(
            last.to_string().contains("more than 10000 files `other-…`"),
            "{last}"
        );
        let odd = std::ffi::OsStr::from_bytes(b"permit-\xff.json");
        File::create(store.folder.join(odd)).unwrap();
        assert_eq!(
            store
                .all("permit")
                .unwrap()
                .iter()
                .filter(|file| file.is_err())
                .count(),
            1
        );
    }

    #[test]
    fn a_folder_in_which_others_files_can_be_touched_gives_nothing() {
        let Some((_folder, store)) = made() else {
            return;
        };
        store.put("permit-a", "x").unwrap();
        let set_mode = |mode| {
            fs::set_permissions(&store.folder, Permissions::from_mode(mode)).unwrap();
        };
        for mode in [0o2775, 0o3777, 0o777] {
            set_mode(mode);
            assert!(
                matches!(store.all("permit"), Err(StoreError::Folder { .. })),
                "{mode:o}"
            );
        }
        set_mode(0o755);
        assert!(store.all("permit").is_ok(), "root alone writes it");
        chown(&store.folder, Some(4001), None).unwrap();
        assert!(matches!(
            store.all("permit"),
            Err(StoreError::Place(PlaceError::Owner { .. }))
        ));
    }
}
