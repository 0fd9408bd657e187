//! Files with secrets: a password file in libpq's form, the key of a certificate.
//!
//! Looked at on the open handle: the reader's own or root's, and nobody else reads them. The host's group
//! reads root's, so that its members share one role; another group does not.

use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use nix::libc::O_NONBLOCK;
use nix::unistd::geteuid;

use crate::ledger::host;

use super::address::{Address, Secret, Server};

/// The most bytes of a file that is read.
const MAX: u64 = 1 << 20;

/// Why a file is not used.
#[derive(Debug, thiserror::Error)]
pub enum NotUsed {
    /// It cannot be read.
    #[error("cannot read `{path}`: {cause}")]
    System {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// It belongs to another user.
    #[error("`{path}` belongs to user {owner}; use `chown`")]
    Owner {
        /// The file.
        path: PathBuf,
        /// Its owner's number.
        owner: u32,
    },
    /// Others can read it.
    #[error("others can read `{path}` (mode {mode:04o}); use `chmod {mend}`")]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// The bits that it should have.
        mend: &'static str,
    },
    /// A group other than the host's can read it.
    #[error(
        "group {group} can read `{path}` and is not the host's; use `chmod 0600`, or `kanmonctl init --host` and \
         `chgrp {}`",
        host::GROUP
    )]
    Group {
        /// The file.
        path: PathBuf,
        /// The group's number.
        group: u32,
    },
}

/// Returns the text of a file that nobody else can read.
///
/// # Errors
/// Where it cannot be read, or others can.
pub fn read(path: &Path) -> Result<String, NotUsed> {
    read_at(path, Path::new(host::HOST))
}

/// Reads as [`read`] does, with the host's place at another path.
fn read_at(path: &Path, host: &Path) -> Result<String, NotUsed> {
    let failed = |cause| NotUsed::System {
        path: path.to_owned(),
        cause,
    };
    // A pipe is not waited for.
    let mut how = OpenOptions::new();
    how.read(true).custom_flags(O_NONBLOCK);
    let file = how.open(path).map_err(failed)?;
    let seen = file.metadata().map_err(failed)?;
    if !seen.is_file() {
        let cause = io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file");
        return Err(failed(cause));
    }
    let (owner, mode) = (seen.uid(), seen.mode() & 0o7777);
    if owner != 0 && owner != geteuid().as_raw() {
        let path = path.to_owned();
        return Err(NotUsed::Owner { path, owner });
    }
    let (open, mend) = match owner {
        0 => (0o037, "0640"),
        _ => (0o077, "0600"),
    };
    if mode & open != 0 {
        let path = path.to_owned();
        return Err(NotUsed::Mode { path, mode, mend });
    }
    let group = seen.gid();
    // Group 0 is root's own.
    if mode & 0o040 != 0 && group != 0 && host::group(host) != Some(group) {
        let path = path.to_owned();
        return Err(NotUsed::Group { path, group });
    }
    let mut text = String::new();
    file.take(MAX).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

/// Returns the password for a server: the address's own, else the first line of its password file
/// that fits.
///
/// # Errors
/// Where the file is named and cannot be used.
pub(super) fn password(address: &Address, server: &Server) -> Result<Option<Secret>, NotUsed> {
    if let Some(password) = &address.password {
        return Ok(Some(password.clone()));
    }
    let Some(path) = &address.passfile else {
        return Ok(None);
    };
    Ok(line_for(&read(path)?, address, server))
}

/// Finds the password in lines of `host:port:database:user:password`.
fn line_for(text: &str, address: &Address, server: &Server) -> Option<Secret> {
    let (host, port) = match server {
        Server::Socket { port, .. } => ("localhost", port),
        Server::Host { name, port, .. } => (name.as_str(), port),
    };
    let wanted = [host, &port.to_string(), &address.database, &address.user];
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let mut found = lines.filter_map(|line| {
        let fields = fields(line);
        let [place @ .., password] = fields.as_slice() else {
            return None;
        };
        let fits = |(field, wanted): (&String, &&str)| field == "*" || field == wanted;
        let is_it = place.len() == wanted.len() && place.iter().zip(&wanted).all(fits);
        is_it.then(|| Secret(password.clone()))
    });
    found.next()
}

/// Splits a line at its colons; a backslash takes the meaning from the character behind it.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match (character, fields.len()) {
            (':', 1..=4) => fields.push(String::new()),
            (character, _) => {
                let kept = match character {
                    '\\' => characters.next(),
                    other => Some(other),
                };
                if let Some(last) = fields.last_mut() {
                    last.extend(kept);
                }
            }
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::team::address::of_configuration;

    fn found(text: &str, url: &str) -> Option<String> {
        let address = of_configuration(url).unwrap();
        line_for(text, &address, &address.servers[0]).map(|secret| secret.0)
    }

    #[test]
    fn the_first_line_that_fits_counts() {
        let text =
            "# db:5432:k:u:comment\ndb:5433:k:u:port\ndb:5432:k:u:p\\:a\\\\ss\n*:*:*:u:any\n";
        let of = |url| found(text, url);
        assert_eq!(of("postgresql://u@db/k").as_deref(), Some("p:a\\ss"));
        assert_eq!(of("postgresql://u@other/k").as_deref(), Some("any"));
        assert_eq!(of("postgresql://v@db/k"), None);
        let socket = found("localhost:*:k:u:s:1", "postgresql://u@/k?host=/run");
        assert_eq!(socket.as_deref(), Some("s:1"));
    }

    #[test]
    fn a_file_that_others_read_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pass");
        fs::write(&path, "secret").unwrap();
        let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        mode(0o600);
        assert_eq!(read(&path).unwrap(), "secret");
        mode(0o644);
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains("(mode 0644); use `chmod 06"), "{error}");
        if geteuid().is_root() {
            std::os::unix::fs::chown(&path, Some(65_534), None).unwrap();
            let error = read(&path).unwrap_err().to_string();
            assert!(error.contains("belongs to user 65534"), "{error}");
        }
    }

    #[test]
    fn of_roots_file_the_hosts_group_reads_and_no_other() {
        if !geteuid().is_root() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pass");
        fs::write(&path, "secret").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let group = |group| std::os::unix::fs::chown(&path, None, Some(group)).unwrap();
        let host = folder.path().join("kanmon");
        let refused = |group| {
            let error = read_at(&path, &host).unwrap_err().to_string();
            let told = format!("group {group} can read `{}`", path.display());
            assert!(error.starts_with(&told), "{error}");
        };
        group(0);
        assert_eq!(read_at(&path, &host).unwrap(), "secret", "root's own group");
        group(4242);
        refused(4242);
        host::init(&host, 4242).unwrap();
        assert_eq!(read_at(&path, &host).unwrap(), "secret");
        group(4243);
        refused(4243);
        // What its group cannot read is root's alone, whatever the group.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(read_at(&path, &host).unwrap(), "secret");
    }

    #[test]
    fn a_pipe_is_no_file_of_secrets_and_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pass");
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRUSR).unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains("no regular file"), "{error}");
    }
}
