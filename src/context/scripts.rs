//! Scripts that a line would run: read before it is judged, and once more before it starts.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt as _, FileTypeExt as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::look as files;
use super::program::{Found, real, search_path};
use crate::line::{Content, MAX_SIZE, STANDARD_INPUT, THROUGH_PATH};

/// Reads scripts and remembers what was in them.
#[derive(Debug, Default)]
pub struct Scripts {
    /// What was given, by path as typed.
    given: RefCell<BTreeMap<String, Looked>>,
    /// Whether what was given once is given again without a look.
    as_given: bool,
}

/// What was seen of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Looked {
    content: Content,
    /// Its bytes, where the text is not all that they say.
    bytes: Vec<u8>,
}

impl From<Content> for Looked {
    fn from(content: Content) -> Self {
        let bytes = Vec::new();
        Self { content, bytes }
    }
}

impl Scripts {
    /// Returns what is in the file at `path`, as seen from the working directory.
    #[must_use]
    pub fn content(&self, path: &str) -> Content {
        if self.as_given
            && let Some(known) = self.given.borrow().get(path)
        {
            return known.content.clone();
        }
        let looked = look(path);
        let content = looked.content.clone();
        self.given.borrow_mut().insert(path.to_owned(), looked);
        content
    }

    /// Returns the same scripts as they were when they were given, to judge by them once more. That
    /// one was changed since is [`changed`](Self::changed)'s to say.
    #[must_use]
    pub fn as_given(&self) -> Self {
        Self {
            given: self.given.clone(),
            as_given: true,
        }
    }

    /// Returns a hash of all scripts that were given, so that another day's can be told to be the
    /// same; nothing where there is none, or one that could not be seen.
    #[must_use]
    pub fn hash(&self) -> Option<String> {
        let given = self.given.borrow();
        let mut hashes = Vec::new();
        for looked in given.values() {
            match &looked.content {
                Content::Text(text) if looked.bytes.is_empty() => {
                    hashes.push(Sha256::digest(text.as_bytes()));
                }
                Content::Text(_) => hashes.push(Sha256::digest(&looked.bytes)),
                Content::Nothing => {}
                Content::Unseen => return None,
            }
        }
        if hashes.is_empty() {
            return None;
        }
        hashes.sort();
        let whole = hashes.into_iter().fold(Sha256::new(), Sha256::chain_update);
        let bytes = whole.finalize();
        Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Returns the first script whose content is not what was given.
    #[must_use]
    pub fn changed(&self) -> Option<String> {
        let given = self.given.borrow();
        let mut changed = given.iter().filter(|(path, looked)| look(path) != **looked);
        let shown = |path: &str| path.strip_prefix(THROUGH_PATH).unwrap_or(path).to_owned();
        changed.next().map(|(path, _)| shown(path))
    }
}

/// Reads a script of up to [`MAX_SIZE`] bytes. Standard input is looked at where the command will
/// read on, and left as it is.
fn look(path: &str) -> Looked {
    if let Some(name) = path.strip_prefix(THROUGH_PATH) {
        return program(name, &search_path());
    }
    match path == STANDARD_INPUT {
        true => standard_input(),
        false => file(path).unwrap_or_else(|_| Content::Nothing.into()),
    }
}

/// Reads the program that the `PATH` of `folders` gives for a name, where it is a script: the first file of that name
/// that may be started and is no shim, for a shim would start that one too.
fn program(name: &str, folders: &OsStr) -> Looked {
    match real(name.as_ref(), folders) {
        Found::Program(path) => {
            let path = path.to_string_lossy();
            file(&path).unwrap_or_else(|_| Content::Nothing.into())
        }
        Found::NotExecutable(_) | Found::Nothing => Content::Nothing.into(),
    }
}

/// Reads the file at `path`; one that a shell could not open either is nothing.
fn file(path: &str) -> io::Result<Looked> {
    let path = Path::new(path);
    match files::open(path)? {
        Some(file) => from(&file, 0),
        None if path.is_dir() => Ok(Content::Nothing.into()),
        None => Ok(Content::Unseen.into()),
    }
}

/// Reads standard input from where it stands: a file; a pipe cannot be looked at, and what a
/// terminal will say nobody knows yet.
fn standard_input() -> Looked {
    let nothing = || Looked::from(Content::Nothing);
    let unseen = || Looked::from(Content::Unseen);
    let Ok(file) = nix::unistd::dup(io::stdin()).map(File::from) else {
        return nothing();
    };
    let Ok(kind) = file.metadata().map(|metadata| metadata.file_type()) else {
        return nothing();
    };
    if kind.is_file() {
        let at = nix::unistd::lseek(&file, 0, nix::unistd::Whence::SeekCur);
        let at = at.ok().and_then(|at| u64::try_from(at).ok()).unwrap_or(0);
        return from(&file, at).unwrap_or_else(|_| unseen());
    }
    match kind.is_fifo() || kind.is_socket() {
        true => unseen(),
        false => nothing(),
    }
}

/// Reads a regular file from `at` on. What is no text no shell takes as commands.
fn from(file: &File, at: u64) -> io::Result<Looked> {
    let mut bytes = vec![0; MAX_SIZE + 1];
    let mut n_read = 0;
    while let Some(rest) = bytes.get_mut(n_read..).filter(|rest| !rest.is_empty()) {
        let offset = at + u64::try_from(n_read).unwrap_or(u64::MAX);
        match file.read_at(rest, offset) {
            Ok(0) => break,
            Ok(n) => n_read += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        // A program is told from a script by its beginning.
        let head = bytes.get(..n_read.min(512)).unwrap_or_default();
        if head.contains(&0) {
            return Ok(Content::Nothing.into());
        }
    }
    if n_read > MAX_SIZE {
        return Ok(Content::Unseen.into());
    }
    bytes.truncate(n_read);
    Ok(match String::from_utf8(bytes) {
        Ok(text) => Content::Text(text).into(),
        Err(error) => Looked {
            content: Content::Text(String::from_utf8_lossy(error.as_bytes()).into_owned()),
            bytes: error.into_bytes(),
        },
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_script_is_read_and_its_change_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.sh");
        let path = path.to_str().unwrap();
        let scripts = Scripts::default();
        assert_eq!(scripts.content(path), Content::Nothing);
        fs::write(path, "reboot\n").unwrap();
        assert_eq!(scripts.changed().as_deref(), Some(path));
        assert_eq!(scripts.content(path), Content::Text("reboot\n".to_owned()));
        assert_eq!(scripts.changed(), None);
        fs::write(path, "reboot -f\n").unwrap();
        assert_eq!(scripts.changed().as_deref(), Some(path));
        // Bytes that are no text look alike, and still are others.
        fs::write(path, b"reboot \xfe").unwrap();
        let _content = scripts.content(path);
        fs::write(path, b"reboot \xff").unwrap();
        assert_eq!(scripts.changed().as_deref(), Some(path));
    }

    #[test]
    fn scripts_have_a_hash_of_every_byte_in_them_and_none_if_one_is_not_seen() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let hash = |files: &[(&str, &[u8])]| {
            let scripts = Scripts::default();
            for (name, bytes) in files {
                fs::write(place(name), bytes).unwrap();
                let _content = scripts.content(&place(name));
            }
            scripts.hash()
        };
        assert_eq!(hash(&[]), None);
        let one = hash(&[("a", b"ls"), ("b", b"reboot \xff")]);
        assert_eq!(one.as_ref().map(String::len), Some(64));
        assert_eq!(hash(&[("c", b"reboot \xff"), ("d", b"ls")]), one);
        assert_eq!(
            hash(&[("e", b"\x7f\0"), ("a", b"ls"), ("b", b"reboot \xff")]),
            one
        );
        assert_ne!(hash(&[("a", b"ls"), ("b", b"reboot \xfe")]), one);
        assert_ne!(hash(&[("a", b"ls")]), one);
        let long = vec![b'a'; MAX_SIZE + 1];
        assert_eq!(hash(&[("a", b"ls"), ("long", &long)]), None);
    }

    #[test]
    fn a_name_is_looked_for_through_the_path() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        for (name, text, mode) in [
            ("a/x", "not started", 0o644),
            ("b/x", "#!/bin/sh\nreboot\n", 0o755),
            ("b/y", "\x7fELF\0", 0o755),
            ("c/x", "later", 0o755),
        ] {
            fs::create_dir_all(place(name).parent().unwrap()).unwrap();
            fs::write(place(name), text).unwrap();
            fs::set_permissions(place(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        let path = ["a", "b", "c"].map(|name| place(name).display().to_string());
        let folders = path.join(":");
        let found = |name: &str| program(name, folders.as_ref()).content;
        assert_eq!(found("x"), Content::Text("#!/bin/sh\nreboot\n".to_owned()));
        assert_eq!(found("y"), Content::Nothing);
        assert_eq!(found("z"), Content::Nothing);
    }

    #[test]
    fn whoever_writes_to_a_pipe_does_not_meet_the_gate() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe").to_str().unwrap().to_owned();
        nix::unistd::mkfifo(path.as_str(), nix::sys::stat::Mode::S_IRWXU).unwrap();
        let (told, hears) = std::sync::mpsc::channel();
        let pipe = path.clone();
        let writer = std::thread::spawn(move || {
            told.send(false).unwrap();
            let opened = File::options().write(true).open(pipe);
            told.send(true).unwrap();
            opened.map(drop)
        });
        assert!(!hears.recv().unwrap());
        let scripts = Scripts::default();
        for _ in 0..200 {
            assert_eq!(scripts.content(&path), Content::Unseen);
            assert_eq!(files::text(Path::new(&path)), None);
            std::thread::yield_now();
        }
        assert_eq!(hears.try_recv(), Err(std::sync::mpsc::TryRecvError::Empty));
        // The reader that it waits for.
        File::options().read(true).open(&path).unwrap();
        assert!(hears.recv().unwrap());
        writer.join().unwrap().unwrap();
    }

    #[test]
    fn what_is_no_script_is_nothing_or_unseen() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        fs::write(place("program"), b"\x7fELF\0\0").unwrap();
        fs::write(place("long"), vec![b'a'; MAX_SIZE + 1]).unwrap();
        nix::unistd::mkfifo(place("pipe").as_str(), nix::sys::stat::Mode::S_IRWXU).unwrap();
        let scripts = Scripts::default();
        assert_eq!(scripts.content(&place("program")), Content::Nothing);
        assert_eq!(scripts.content(&place("long")), Content::Unseen);
        assert_eq!(scripts.content(&place("pipe")), Content::Unseen);
        assert_eq!(
            scripts.content(folder.path().to_str().unwrap()),
            Content::Nothing
        );
    }
}
