//! The ssh door: what sshd was asked to run, or the login itself.
//!
//! `ForceCommand kanmon --ssh`, `command="kanmon --ssh"` in `authorized_keys`, or kanmon as a login
//! shell (argv 0 begins with `-`). The line of `SSH_ORIGINAL_COMMAND` is judged and given to the
//! user's own shell, as sshd itself would have done; without one the user's shell becomes a login
//! shell; started without a word, with `-i` or `-l` at a terminal (plain `su`, `script`) it is the shell, too.
//! What passes is replaced byte for byte: scp, sftp, rsync and git notice nothing.
//!
//! `SHELL` is what sshd read from the user database. It says which shell runs what was judged, and
//! can weaken nothing.

use std::ffi::{CStr, CString, OsStr};
use std::io::{self, IsTerminal as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use nix::unistd::{AccessFlags, access};

use crate::context::{Environment, program};

use super::request::What;
use super::shim;

/// The variable in which sshd says what it was asked to run.
const ASKED_FOR: &str = "SSH_ORIGINAL_COMMAND";
/// What sshd calls its own file transfer; it is no program.
const INTERNAL_SFTP: &[u8] = b"internal-sftp";
/// Where the same file transfer is a program: Debian, Fedora, openSUSE, others.
const SFTP_SERVERS: [&CStr; 4] = [
    c"/usr/lib/openssh/sftp-server",
    c"/usr/libexec/openssh/sftp-server",
    c"/usr/lib/ssh/sftp-server",
    c"/usr/libexec/sftp-server",
];
/// Shells to fall back on.
const SHELLS: [&CStr; 2] = [c"/bin/bash", c"/bin/sh"];

/// Returns what sshd was asked to run.
pub(super) fn asked_for(environment: &Environment) -> What {
    match environment.raw(ASKED_FOR).map(OsStr::as_bytes) {
        None | Some([]) => login(environment),
        Some(line) => What::InShell {
            shell: shell(environment),
            // A variable holds no NUL.
            line: CString::new(transfer(line)).unwrap_or_default(),
        },
    }
}

/// Returns the login itself.
pub(super) fn login(environment: &Environment) -> What {
    What::Login(shell(environment))
}

/// Returns the shell where this program was called at a terminal without a word, or with this `option` of a
/// shell alone, and is the user's shell: plain `su`, `sudo -s` and an editor's `:sh` start `$SHELL` so,
/// `script` with `-i`, and `exec $SHELL -l` is typed.
pub(super) fn as_shell(environment: &Environment, option: Option<&[u8]>) -> Option<What> {
    let own = Path::new(environment.raw("SHELL")?);
    let is_shell = leads_back(own) && program::is_gate(own) && io::stdin().is_terminal();
    is_shell.then(|| match option {
        Some(b"-l") => login(environment),
        // At a terminal it is interactive.
        Some(_) | None => What::Argv(vec![shell(environment)]),
    })
}

/// Returns the line with a program in place of sshd's own file transfer.
fn transfer(line: &[u8]) -> Vec<u8> {
    let Some(rest) = line.strip_prefix(INTERNAL_SFTP) else {
        return line.to_vec();
    };
    if !matches!(rest.first(), None | Some(b' ')) {
        return line.to_vec();
    }
    let server = first_that_runs(&SFTP_SERVERS).unwrap_or(SFTP_SERVERS[0]);
    [server.to_bytes(), rest].concat()
}

/// Returns the user's shell; one that would lead back here, or is no path, is passed over.
fn shell(environment: &Environment) -> CString {
    let own = environment.raw("SHELL").and_then(|shell| {
        let path = Path::new(shell);
        let is_shell = path.is_absolute() && !leads_back(path);
        is_shell.then(|| CString::new(shell.as_bytes()).ok())?
    });
    let runs = |shell: &CString| access(shell.as_c_str(), AccessFlags::X_OK).is_ok();
    own.filter(runs).unwrap_or_else(|| {
        let shell = first_that_runs(&SHELLS).unwrap_or(c"/bin/sh");
        shell.to_owned()
    })
}

/// Returns whether a path has a name of the gate's own.
fn leads_back(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    path.is_absolute() && name.as_bytes().starts_with(shim::OWN_NAME)
}

/// Returns the first of these programs that is there.
fn first_that_runs(paths: &[&'static CStr]) -> Option<&'static CStr> {
    let mut paths = paths.iter().copied();
    paths.find(|path| access(*path, AccessFlags::X_OK).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transfer_of_sshd_itself_becomes_a_program() {
        assert_eq!(transfer(b"internal-sftpd"), b"internal-sftpd");
        assert_eq!(transfer(b"scp -t x"), b"scp -t x");
        let args = transfer(b"internal-sftp -l INFO");
        assert!(args.ends_with(b"sftp-server -l INFO"), "{args:?}");
        assert!(transfer(b"internal-sftp").ends_with(b"sftp-server"));
    }

    #[test]
    fn a_shell_that_leads_back_here_is_passed_over() {
        let of = |shell: &str| {
            let environment: Environment = [("SHELL", shell)].into_iter().collect();
            super::shell(&environment)
        };
        assert_eq!(of("/bin/sh").as_c_str(), c"/bin/sh");
        let fallback = of("/usr/bin/kanmon");
        assert!(SHELLS.contains(&fallback.as_c_str()));
        assert_eq!(of("/usr/local/bin/kanmon-shell"), fallback);
        assert_eq!(of("sh"), fallback);
        assert_eq!(of("/no/such/shell"), fallback);
        assert_eq!(shell(&Environment::default()), fallback);
    }
}
