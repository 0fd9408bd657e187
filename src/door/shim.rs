//! The shim door: the gate under another program's name.
//!
//! A link `reboot` to the gate, in a folder that comes first in `PATH`, is what scripts, cron and
//! `at` start when they mean `reboot`. The line is that name and its arguments; what is started is
//! the next program of that name in `PATH` that is no shim. The caller's words are handed on as they
//! came, the first among them, whatever that one says.

use std::ffi::{CStr, CString, OsStr};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;

use nix::errno::Errno;

use crate::context::program::{self, Found};
use crate::launch::{LaunchError, RawArgs, raw};

use super::request::What;

/// What the names of the gate itself begin with.
pub(super) const OWN_NAME: &[u8] = b"kanmon";

/// Returns the name of the program that this process was started as, where that is not the gate's
/// own. It is that of the file that was executed: what stands as argument 0 is the caller's to choose
/// (`exec -a ls shims/reboot`). A dash before that one is a login shell's (login(1), `su -`, sshd).
pub(super) fn called(args: RawArgs) -> Option<&'static OsStr> {
    let typed = args.bytes(0)?;
    let executed = raw::executed().map(CStr::to_bytes);
    let executed = executed.filter(|path| !is_descriptor(path));
    let name = base_name(executed.unwrap_or(typed));
    let is_login = base_name(typed).starts_with(b"-") && !executed.is_some_and(is_in_shim_folder);
    let is_own = name.is_empty() || name.starts_with(b"-") || name.starts_with(OWN_NAME);
    (!is_own && !is_login).then(|| OsStr::from_bytes(name))
}

/// Returns the last part of a path.
fn base_name(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}

/// Returns whether a path names an open file (`fexecve`), and so nothing that a program is called.
fn is_descriptor(path: &[u8]) -> bool {
    let folders: [&[u8]; 2] = [b"/dev/fd/", b"/proc/self/fd/"];
    folders.iter().any(|folder| path.starts_with(folder))
}

/// Returns whether a program lies in a folder that was made for shims.
fn is_in_shim_folder(path: &[u8]) -> bool {
    let folder = Path::new(OsStr::from_bytes(path)).parent();
    folder.is_some_and(program::is_shim_folder)
}

/// Returns the program that is meant by a name, past all shims.
///
/// # Errors
/// Where there is none, or none that may be executed; the error is execvp's own.
pub(super) fn program(name: &OsStr) -> Result<CString, LaunchError> {
    match program::real(name, &program::search_path()) {
        // What came from a variable and an argument holds no NUL.
        Found::Program(path) => {
            Ok(CString::new(path.into_os_string().into_vec()).unwrap_or_default())
        }
        Found::NotExecutable(path) => Err(failed(path.as_os_str(), Errno::EACCES)),
        Found::Nothing => Err(failed(name, Errno::ENOENT)),
    }
}

/// Says that a program cannot be started.
fn failed(name: &OsStr, cause: Errno) -> LaunchError {
    let name = CString::new(name.as_bytes()).unwrap_or_default();
    LaunchError::of_exec(&name, cause)
}

/// Returns what is to be run.
pub(super) fn what(name: &OsStr, program: &CStr, args: RawArgs) -> What {
    let argv = (0..args.count()).filter_map(|index| args.get(index).map(CString::from));
    What::Program {
        // It came from a C string.
        name: CString::new(name.as_bytes()).unwrap_or_default(),
        program: program.to_owned(),
        argv: argv.collect(),
    }
}
