//! Scripts that a line would run: read before it is judged, and once more before it starts.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt as _, FileTypeExt as _, OpenOptionsExt as _, PermissionsExt as _};

use super::Environment;
use crate::line::{Content, MAX_SIZE, STANDARD_INPUT, THROUGH_PATH};

/// Reads scripts and remembers what was in them.
#[derive(Debug, Default)]
pub struct Scripts {
    /// What was given, by path as typed.
    given: RefCell<BTreeMap<String, Content>>,
}

impl Scripts {
    /// Returns what is in the file at `path`, as seen from the working directory.
    #[must_use]
    pub fn content(&self, path: &str) -> Content {
        let content = look(path);
        let mut given = self.given.borrow_mut();
        given.insert(path.to_owned(), content.clone());
        content
    }

    /// Returns the first script whose content is not what was given.
    #[must_use]
    pub fn changed(&self) -> Option<String> {
        let given = self.given.borrow();
        let mut changed = given
            .iter()
            .filter(|(path, content)| look(path) != **content);
        let shown = |path: &str| path.strip_prefix(THROUGH_PATH).unwrap_or(path).to_owned();
        changed.next().map(|(path, _)| shown(path))
    }
}

/// Reads a script of up to [`MAX_SIZE`] bytes. Standard input is looked at where the command will
/// read on, and left as it is.
fn look(path: &str) -> Content {
    if let Some(name) = path.strip_prefix(THROUGH_PATH) {
        return program(name, &Environment::of_process());
    }
    match path == STANDARD_INPUT {
        true => standard_input(),
        false => file(path).unwrap_or(Content::Nothing),
    }
}

/// Reads the program that `PATH` gives for a name, where it is a script: the first file of that name
/// that may be started.
fn program(name: &str, environment: &Environment) -> Content {
    let folders = environment.raw("PATH").unwrap_or_default();
    for folder in std::env::split_paths(folders) {
        let path = folder.join(name);
        let is_program = path
            .metadata()
            .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0);
        if is_program {
            let path = path.to_string_lossy();
            return file(&path).unwrap_or(Content::Nothing);
        }
    }
    Content::Nothing
}

/// Reads the file at `path`; one that a shell could not open either is nothing.
fn file(path: &str) -> io::Result<Content> {
    let file = File::options()
        .read(true)
        // A pipe must not keep the gate waiting.
        .custom_flags(nix::libc::O_NONBLOCK | nix::libc::O_NOCTTY)
        .open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Ok(Content::Nothing);
    }
    match metadata.is_file() {
        true => from(&file, 0),
        false => Ok(Content::Unseen),
    }
}

/// Reads standard input from where it stands: a file; a pipe cannot be looked at, and what a
/// terminal will say nobody knows yet.
fn standard_input() -> Content {
    let Ok(file) = nix::unistd::dup(io::stdin()).map(File::from) else {
        return Content::Nothing;
    };
    let Ok(kind) = file.metadata().map(|metadata| metadata.file_type()) else {
        return Content::Nothing;
    };
    if kind.is_file() {
        let at = nix::unistd::lseek(&file, 0, nix::unistd::Whence::SeekCur);
        let at = at.ok().and_then(|at| u64::try_from(at).ok()).unwrap_or(0);
        return from(&file, at).unwrap_or(Content::Unseen);
    }
    match kind.is_fifo() || kind.is_socket() {
        true => Content::Unseen,
        false => Content::Nothing,
    }
}

/// Reads a regular file from `at` on. What is no text no shell takes as commands.
fn from(file: &File, at: u64) -> io::Result<Content> {
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
            return Ok(Content::Nothing);
        }
    }
    if n_read > MAX_SIZE {
        return Ok(Content::Unseen);
    }
    bytes.truncate(n_read);
    Ok(Content::Text(String::from_utf8_lossy(&bytes).into_owned()))
}

#[cfg(test)]
mod tests {
    use std::fs;

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
        let environment = [("PATH", path.join(":"))].into_iter().collect();
        let found = |name: &str| program(name, &environment);
        assert_eq!(found("x"), Content::Text("#!/bin/sh\nreboot\n".to_owned()));
        assert_eq!(found("y"), Content::Nothing);
        assert_eq!(found("z"), Content::Nothing);
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
