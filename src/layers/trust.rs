//! Which project folders the user trusts, and with which content.
//!
//! A file in the user's state folder: one folder an entry, with the digest of all its rule files.
//! It counts only while the user or root alone can have written it.

use std::collections::BTreeMap;
use std::ffi::CStr;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::compile::CompileError;
use super::files;
use super::folder::{Folder, is_absent};
use super::lower::make_folder;
use super::places::Places;
use super::settle::Found;

/// The file.
const TRUSTED: &CStr = c"trusted.json";

/// What is trusted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trusted {
    /// The digest of each folder's content, by its path.
    folders: BTreeMap<String, String>,
}

/// Whether a folder is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// With this content.
    Trusted,
    /// With another.
    Changed,
    /// It is not.
    Unknown,
}

impl Trusted {
    /// Reads what the user trusts; nothing where the file is not there, not the user's alone, or
    /// not whole.
    #[must_use]
    pub fn read(places: &Places) -> Self {
        let state = places.state();
        // NOTE: a pass asks no more than this where nothing was ever trusted.
        let state = state.filter(|state| !is_absent(&state.join("trusted.json")));
        let folder = state.and_then(|state| open(&state));
        let read = folder.map(|folder| folder.read(TRUSTED));
        let text = read
            .filter(|read| read.refused.is_none())
            .and_then(|read| read.text);
        let trusted = text.and_then(|text| serde_json::from_str(&text).ok());
        trusted.unwrap_or_default()
    }

    /// Returns the folders in the order of their paths, each with its digest.
    pub fn folders(&self) -> impl Iterator<Item = (&str, &str)> {
        let folders = self.folders.iter();
        folders.map(|(folder, digest)| (folder.as_str(), digest.as_str()))
    }

    /// Returns whether nothing is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.folders.is_empty()
    }

    /// Returns whether a folder was trusted, with whatever content.
    pub(super) fn names(&self, folder: &str) -> bool {
        self.folders.contains_key(folder)
    }

    /// Returns how a folder with this content stands.
    pub(super) fn standing(&self, folder: &str, digest: &str) -> Standing {
        match self.folders.get(folder) {
            Some(trusted) if trusted == digest => Standing::Trusted,
            Some(_) => Standing::Changed,
            None => Standing::Unknown,
        }
    }

    /// Trusts a folder with this content.
    pub(super) fn trust(&mut self, folder: String, digest: String) {
        self.folders.insert(folder, digest);
    }

    /// Trusts a folder no longer; returns whether it was trusted.
    pub fn revoke(&mut self, folder: &str) -> bool {
        self.folders.remove(folder).is_some()
    }

    /// Writes it.
    ///
    /// # Errors
    /// Where it cannot be written, or the folder is not the user's alone.
    pub fn write(&self, places: &Places) -> Result<(), CompileError> {
        let no_home = || CompileError::NoFolder(String::from("~/.local/state"));
        let path = places.state().ok_or_else(no_home)?;
        let shown = path.display().to_string();
        let cannot = |cause| CompileError::Write {
            file: format!("{shown}/trusted.json"),
            cause,
        };
        make_folder(&path).map_err(cannot)?;
        let folder = Folder::open_own(&path, Places::user_owners())
            .map_err(|refusal| CompileError::refused(shown.clone(), &refusal))?
            .ok_or_else(no_home)?;
        let text = serde_json::to_vec_pretty(self).map_err(CompileError::encode)?;
        files::replace(&folder, TRUSTED, 0o600, &text).map_err(cannot)
    }
}

/// Opens the state folder.
fn open(state: &Path) -> Option<Folder> {
    Folder::open_own(state, Places::user_owners())
        .ok()
        .flatten()
}

/// Returns the digest of a folder's files: names, lengths and texts, in order. `None` where one of
/// them cannot be read, so that nothing can stand for its content.
pub(super) fn digest(files: &[Found]) -> Option<String> {
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    for file in files {
        let text = file.text.as_ref().filter(|_| file.refused.is_none())?;
        add(file.name.as_bytes());
        add(text.as_bytes());
    }
    let bytes = hash.finalize();
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> Found {
        Found {
            name: name.to_owned(),
            text: Some(text.to_owned()),
            refused: None,
        }
    }

    #[test]
    fn every_name_and_byte_counts() {
        let whole = |files: &[Found]| digest(files).unwrap();
        let one = whole(&[file("/a.toml", "xy"), file("/b.toml", "")]);
        assert_eq!(one, whole(&[file("/a.toml", "xy"), file("/b.toml", "")]));
        for other in [
            vec![file("/a.toml", "xy")],
            vec![file("/a.toml", "x"), file("/b.toml", "y")],
            vec![file("/a.toml", "xy"), file("/c.toml", "")],
            vec![file("/a.tomlxy", ""), file("/b.toml", "")],
        ] {
            assert_ne!(one, whole(&other));
        }
    }

    #[test]
    fn what_cannot_be_read_has_no_digest() {
        let mut refused = file("/a.toml", "x");
        refused.refused = Some(String::from("a link"));
        assert_eq!(digest(&[refused]), None);
    }

    #[test]
    fn a_folder_is_trusted_with_one_content() {
        let mut trusted = Trusted::default();
        assert_eq!(trusted.standing("/p/.kanmon", "1"), Standing::Unknown);
        trusted.trust(String::from("/p/.kanmon"), String::from("1"));
        assert_eq!(trusted.standing("/p/.kanmon", "1"), Standing::Trusted);
        assert_eq!(trusted.standing("/p/.kanmon", "2"), Standing::Changed);
        assert!(trusted.revoke("/p/.kanmon") && !trusted.revoke("/p/.kanmon"));
    }
}
