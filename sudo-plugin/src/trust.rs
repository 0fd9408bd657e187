//! Whether the gate's file may be believed: it runs as root.
//!
//! The file and every folder above it belong to root, and nobody else can write them.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Mode bits by which others than the owner write.
const OTHERS_WRITE: u32 = 0o022;

/// Why the gate cannot be asked.
#[derive(Debug)]
pub enum Broken {
    /// It is not there, or cannot be looked at or started.
    Missing(PathBuf, io::Error),
    /// It is no program.
    NoProgram(PathBuf),
    /// It, or a folder above it, belongs to this user.
    Owner(PathBuf, u32),
    /// It, or a folder above it, can be written by others than root; the mode.
    Writable(PathBuf, u32),
}

/// Follows links and returns the gate's file.
///
/// # Errors
/// Where it, or a folder above it, is not root's alone to write.
pub fn gate(path: &Path) -> Result<PathBuf, Broken> {
    let missing = |cause| Broken::Missing(path.to_owned(), cause);
    let real = fs::canonicalize(path).map_err(missing)?;
    for part in real.ancestors() {
        let found = fs::symlink_metadata(part).map_err(missing)?;
        if part == real && !(found.is_file() && found.mode() & 0o111 != 0) {
            return Err(Broken::NoProgram(real));
        }
        if found.uid() != 0 {
            return Err(Broken::Owner(part.to_owned(), found.uid()));
        }
        if found.mode() & OTHERS_WRITE != 0 {
            return Err(Broken::Writable(part.to_owned(), found.mode() & 0o7777));
        }
    }
    Ok(real)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_of_roots_is_believed() {
        assert!(gate(Path::new("/bin/sh")).is_ok());
    }

    #[test]
    fn what_is_missing_no_program_or_in_an_open_folder_is_not() {
        let missing = gate(Path::new("/no/such/gate"));
        assert!(matches!(missing, Err(Broken::Missing(..))), "{missing:?}");
        let folder = gate(Path::new("/usr"));
        assert!(matches!(folder, Err(Broken::NoProgram(_))), "{folder:?}");
        let data = gate(Path::new("/etc/passwd"));
        assert!(matches!(data, Err(Broken::NoProgram(_))), "{data:?}");
        // The test itself lies in no folder that is root's alone, or is written by its user.
        let copy = std::env::temp_dir().join(format!("kanmon-gate-{}", std::process::id()));
        fs::copy("/bin/true", &copy).unwrap();
        let open = gate(&copy);
        fs::remove_file(&copy).unwrap();
        let is_refused = matches!(open, Err(Broken::Writable(..) | Broken::Owner(..)));
        assert!(is_refused, "{open:?}");
    }
}
