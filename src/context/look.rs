//! Looks at the settings of other programs: small files, the variables and options that name them.
//!
//! `None` everywhere means that it is not known, and what is not known never excuses: a file that
//! may not be read, is no text, or is larger than any settings are.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::line::Word;
use crate::policy::facts::{Around, Fact};

/// The largest file of settings, in bytes.
const LARGEST: u64 = 4 << 20;

/// Opens a file for reading; nothing where what stands there is no regular file. A pipe is not even
/// opened: whoever writes to it would take the gate for its reader, and be killed as that leaves.
pub(super) fn open(path: &Path) -> io::Result<Option<File>> {
    if !path.metadata()?.is_file() {
        return Ok(None);
    }
    let file = File::options()
        .read(true)
        // A pipe that took its place must not keep the gate waiting.
        .custom_flags(nix::libc::O_NONBLOCK | nix::libc::O_NOCTTY)
        .open(path)?;
    Ok(file.metadata()?.is_file().then_some(file))
}

/// Returns what stands in a file of settings; `Some(None)` where there is no such file.
pub(super) fn text(path: &Path) -> Option<Option<String>> {
    let file = match open(path) {
        Ok(file) => file?,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Some(None);
        }
        Err(_) => return None,
    };
    let mut text = String::new();
    let n_read = file.take(LARGEST + 1).read_to_string(&mut text).ok()?;
    (u64::try_from(n_read).ok()? <= LARGEST).then_some(Some(text))
}

/// Returns a variable; `Some(None)` where it is not set or empty.
pub(super) fn variable(around: Around<'_>, name: &str) -> Option<Option<String>> {
    match (around.variable)(name) {
        Fact::Unknown => None,
        Fact::Known(values) => Some(values.into_iter().next().filter(|value| !value.is_empty())),
    }
}

/// Returns the last value of an option that has one of these names; `Some(None)` where it is not
/// there.
pub(super) fn option(around: Around<'_>, names: &[&str]) -> Option<Option<String>> {
    match (around.values)(names).last() {
        None => Some(None),
        Some(word) => text_of(word).map(Some),
    }
}

/// Returns a word of which every part is known.
pub(super) fn text_of(word: &Word) -> Option<String> {
    if word.lossy { None } else { word.known() }
}

/// Returns the home folder that the variable says.
pub(super) fn home(around: Around<'_>) -> Option<PathBuf> {
    variable(around, "HOME")?.map(PathBuf::from)
}

/// Returns a path as it is meant in the invocation's working directory.
pub(super) fn at(around: Around<'_>, path: &str) -> Option<PathBuf> {
    if path.starts_with('/') {
        return Some(PathBuf::from(path));
    }
    match around.folder {
        Fact::Known(folders) => Some(Path::new(folders.first()?).join(path)),
        Fact::Unknown => None,
    }
}

/// Returns names as a fact, each once.
pub(super) fn fact(names: Option<Vec<String>>) -> Fact {
    let Some(names) = names else {
        return Fact::Unknown;
    };
    let mut seen = std::collections::BTreeSet::new();
    let mut names: Vec<String> = names.into_iter().filter(|name| !name.is_empty()).collect();
    names.retain(|name| seen.insert(name.clone()));
    Fact::Known(names)
}

/// Returns the value of `key` in a section of a file of the form of INI; `None` where it is not
/// there.
pub(super) fn ini<'t>(text: &'t str, section: &str, key: &str) -> Option<&'t str> {
    let mut is_inside = false;
    let mut found = None;
    for line in text.lines() {
        if let Some(header) = line.trim().strip_prefix('[') {
            let name = header.split(']').next().unwrap_or_default();
            is_inside = name.split_whitespace().eq(section.split_whitespace());
            continue;
        }
        // An indented line belongs to the setting above it.
        if !is_inside || line.starts_with([' ', '\t', '#', ';']) {
            continue;
        }
        if let Some((name, value)) = line.split_once(['=', ':'])
            && name.trim() == key
        {
            found = Some(value.trim());
        }
    }
    found
}

/// Stand-ins for what surrounds an invocation, for the tests of this folder.
#[cfg(test)]
pub(super) mod testing {
    use super::*;
    use crate::line::{Invocation, Span, Target};

    /// What surrounds an invocation.
    #[derive(Debug, Clone, Default)]
    pub(in crate::context) struct Setting {
        pub(in crate::context) program: &'static str,
        pub(in crate::context) variables: Vec<(&'static str, String)>,
        pub(in crate::context) options: Vec<(&'static str, String)>,
        pub(in crate::context) target: Target,
        pub(in crate::context) folder: String,
    }

    /// Returns a word.
    pub(in crate::context) fn word(text: &str) -> Word {
        Word::plain(text, Span::default())
    }

    impl Setting {
        /// Asks something.
        pub(in crate::context) fn ask(&self, ask: impl FnOnce(Around<'_>) -> Fact) -> Fact {
            let invocation = Invocation {
                name: self.program.to_owned(),
                target: self.target.clone(),
                ..Invocation::default()
            };
            ask(Around {
                invocation: &invocation,
                variable: &|name| {
                    let found = self.variables.iter().find(|(known, _)| *known == name);
                    match found {
                        Some((_, value)) if value == "?" => Fact::Unknown,
                        Some((_, value)) => Fact::Known(vec![value.clone()]),
                        None => Fact::Known(Vec::new()),
                    }
                },
                values: &|names| {
                    let found = self.options.iter().filter(|(name, _)| names.contains(name));
                    found.map(|(_, value)| word(value)).collect()
                },
                folder: &Fact::Known(vec![self.folder.clone()]),
            })
        }
    }

    /// Returns known names.
    pub(in crate::context) fn known(names: &[&str]) -> Fact {
        Fact::Known(names.iter().map(|name| (*name).to_owned()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_known_to_be_missing_and_an_odd_one_is_not_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("good"), "a").unwrap();
        std::fs::write(path("odd"), b"\xff").unwrap();
        let large = std::fs::File::create(path("large")).unwrap();
        large.set_len(LARGEST + 1).unwrap();
        nix::unistd::mkfifo(&path("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert_eq!(text(&path("good")), Some(Some("a".to_owned())));
        assert_eq!(text(&path("gone")), Some(None));
        for name in ["odd", "large", "pipe", "."] {
            assert_eq!(text(&path(name)), None, "{name}");
        }
    }

    #[test]
    fn settings_are_found_in_their_section() {
        let text = "# c\n[default]\nrole_arn = a\n[profile prod]\nrole_arn=b=c\ns3 =\n  role_arn = d\n[ profile   other ]\nrole_arn : e\n";
        assert_eq!(ini(text, "default", "role_arn"), Some("a"));
        assert_eq!(ini(text, "profile prod", "role_arn"), Some("b=c"));
        assert_eq!(ini(text, "profile other", "role_arn"), Some("e"));
        assert_eq!(ini(text, "profile prod", "x"), None);
        assert_eq!(ini(text, "profile", "role_arn"), None);
    }
}
