//! The sudo door: what sudo is about to run, as its plugin tells it on standard input.
//!
//! In: records that end with a NUL each (`sudo-plugin/src/request.rs` has the form). Out, on
//! standard output: `pass` where no rule holds the command, `cleared` (`launch::entrusted`) where it
//! may run now. The gate runs as root, with an environment that the plugin made: of the asker's it
//! has only what says how to speak to them.
//!
//! The asker is whom sudo names, not root. The line that is judged is `sudo -u USER PATH ARG…`.

use std::ffi::{CString, OsStr, OsString, c_int};
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::unistd::{chdir, geteuid};

use crate::context::{self, Environment};
use crate::gate::Who;
use crate::text::{Language, launch as text};

use super::exit::GATE_FAILED;
use super::request::What;

/// The first record: the form that is understood.
const FORM: &[u8] = b"kanmon-sudo 1";
/// The last record.
const END: &[u8] = b"end";
/// The most bytes: what the kernel lets a command have of arguments and environment.
const MOST: u64 = 8 << 20;
/// What the plugin reads where no rule holds the command.
const PASS: &[u8] = b"pass\n";
/// This process's own program.
const SELF: &str = "/proc/self/exe";

/// What sudo is about to run.
#[derive(Debug, Default)]
pub(super) struct Asked {
    uid: u32,
    user: String,
    runas: Vec<u8>,
    cwd: PathBuf,
    may_ask: bool,
    is_edit: bool,
    command: Vec<u8>,
    argv: Vec<Vec<u8>>,
    environment: Environment,
}

/// Why it cannot be judged.
#[derive(Debug, thiserror::Error)]
pub(super) enum Bad {
    /// Another than sudo's plugin started the gate so.
    #[error("{0}")]
    NotSudo(&'static str),
    /// Standard input failed.
    #[error("{0}")]
    Input(io::Error),
    /// The folder cannot be entered.
    #[error("{1}")]
    Folder(PathBuf, nix::errno::Errno),
}

impl Bad {
    /// Returns what is wrong and what to do.
    pub(super) fn message(&self, language: Language) -> String {
        match self {
            Self::NotSudo(_) | Self::Input(_) => text::sudo_without_plugin(language, self),
            Self::Folder(folder, cause) => {
                let folder = folder.to_string_lossy().escape_debug().to_string();
                text::sudo_folder(language, folder, cause)
            }
        }
    }
}

/// Reads what sudo's plugin tells.
///
/// # Errors
/// Where it is not told by the plugin, or not whole.
pub(super) fn asked() -> Result<Asked, Bad> {
    if !geteuid().is_root() {
        return Err(Bad::NotSudo("this is not root"));
    }
    if io::stdin().is_terminal() {
        return Err(Bad::NotSudo("standard input is a terminal"));
    }
    let told = read(&mut io::stdin().lock()).map_err(Bad::Input)?;
    parse(&told).ok_or(Bad::NotSudo("what it was told is not whole"))
}

/// Reads up to the last record: after it the plugin tells of start and end.
fn read(input: &mut impl io::BufRead) -> io::Result<Vec<Vec<u8>>> {
    let mut input = input.take(MOST);
    let mut records = Vec::new();
    loop {
        let mut record = Vec::new();
        io::BufRead::read_until(&mut input, 0, &mut record)?;
        // Without its NUL a record is cut off, and so is all.
        if record.pop() != Some(0) || record == END {
            return Ok(records);
        }
        records.push(record);
    }
}

/// Understands the records; `None` where one is missing or not known.
fn parse(records: &[Vec<u8>]) -> Option<Asked> {
    let (form, records) = records.split_first()?;
    if form != FORM {
        return None;
    }
    let mut asked = Asked::default();
    let mut variables: Vec<(OsString, OsString)> = Vec::new();
    let (mut has_uid, mut has_ask) = (false, false);
    for record in records {
        let mut parts = record.splitn(2, |byte| *byte == b'=');
        let (name, value) = (parts.next()?, parts.next()?);
        match name {
            b"uid" => {
                asked.uid = std::str::from_utf8(value).ok()?.parse().ok()?;
                has_uid = true;
            }
            b"user" => asked.user = String::from_utf8_lossy(value).into_owned(),
            b"runas" => asked.runas = value.to_vec(),
            b"cwd" => asked.cwd = PathBuf::from(OsStr::from_bytes(value)),
            b"ask" => {
                asked.may_ask = value == b"yes";
                has_ask = true;
            }
            b"edit" => asked.is_edit = value == b"yes",
            b"command" => asked.command = value.to_vec(),
            b"arg" => asked.argv.push(value.to_vec()),
            b"env" => {
                let mut parts = value.splitn(2, |byte| *byte == b'=');
                let name = parts.next()?.to_vec();
                // What is no `NAME=VALUE` no program can read by a name.
                if let Some(value) = parts.next() {
                    variables.push((OsString::from_vec(name), OsString::from_vec(value.to_vec())));
                }
            }
            _ => return None,
        }
    }
    // Of a variable that is there twice, programs see the first.
    variables.reverse();
    asked.environment = variables.into_iter().collect();
    let is_whole = has_uid
        && has_ask
        && !asked.user.is_empty()
        && !asked.runas.is_empty()
        && !asked.command.is_empty()
        && !asked.argv.is_empty();
    is_whole.then_some(asked)
}

impl Asked {
    /// Returns the line to judge.
    pub(super) fn what(&self) -> What {
        let words = self.argv.get(1..).unwrap_or_default();
        // sudoedit runs the editor as the asker; what counts is the files behind `--`, which sudo
        // writes as another.
        let (head, words) = match self.is_edit {
            true => {
                let dashes = words.iter().position(|word| word == b"--");
                let files = words.get(dashes.map_or(0, |at| at + 1)..);
                let head: Vec<&[u8]> = vec![b"sudoedit", b"-u", &self.runas, b"--"];
                (head, files.unwrap_or_default())
            }
            false => {
                let head: Vec<&[u8]> = vec![b"sudo", b"-u", &self.runas, &self.command];
                (head, words)
            }
        };
        let words = words.iter().map(Vec::as_slice);
        What::Sudo {
            argv: head
                .into_iter()
                .chain(words)
                // A record holds no NUL.
                .map(|word| CString::new(word).unwrap_or_default())
                .collect(),
            may_ask: self.may_ask,
        }
    }

    /// Returns the environment that the command will have.
    pub(super) fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Returns whether the command is this very program.
    pub(super) fn is_this_gate(&self) -> bool {
        let id = |path: &Path| {
            let found = path.metadata().ok()?;
            Some((found.dev(), found.ino()))
        };
        let own = id(Path::new(SELF));
        own.is_some() && own == id(Path::new(OsStr::from_bytes(&self.command)))
    }

    /// Goes to the folder in which the command will run: relative paths are meant from there.
    ///
    /// # Errors
    /// Where it cannot be entered.
    pub(super) fn enter_folder(&self) -> Result<(), Bad> {
        if self.cwd.as_os_str().is_empty() {
            return Ok(());
        }
        chdir(&self.cwd).map_err(|cause| Bad::Folder(self.cwd.clone(), cause))
    }

    /// Returns who asks: whom sudo names, from the terminal and host where this is.
    pub(super) fn who(&self, environment: &Environment) -> Who {
        Who {
            uid: self.uid,
            euid: self.uid,
            real_user: self.user.clone(),
            effective_user: self.user.clone(),
            ..context::who::who(environment)
        }
    }
}

/// Tells the plugin that no rule holds the command.
pub(super) fn pass() -> c_int {
    let mut answers = io::stdout();
    match answers.write_all(PASS).and_then(|()| answers.flush()) {
        Ok(()) => 0,
        Err(_) => GATE_FAILED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "kanmon-sudo 1\0uid=1000\0user=ann\0runas=root\0cwd=/srv\0ask=yes\0\
        command=/sbin/reboot\0arg=reboot\0arg=-f\0env=A=1=2\0env=A=3\0end\0";

    fn parsed(told: &str) -> Option<Asked> {
        parse(&read(&mut told.as_bytes()).unwrap())
    }

    #[test]
    fn what_sudo_resolved_is_the_line() {
        let asked = parsed(WHOLE).unwrap();
        assert_eq!(asked.what().line().text(), "sudo -u root /sbin/reboot -f");
        assert!(asked.what().may_ask());
        assert_eq!(asked.environment().get("A"), Some("1=2"));
        let who = asked.who(&Environment::default());
        assert_eq!(
            (who.uid, who.euid, who.real_user.as_str()),
            (1000, 1000, "ann")
        );
    }

    #[test]
    fn a_login_shell_is_known_by_its_path() {
        let told = WHOLE
            .replace("/sbin/reboot", "/bin/bash")
            .replace("arg=reboot\0arg=-f", "arg=-bash\0arg=-c\0arg=reboot");
        let line = parsed(&told).unwrap().what().line();
        assert_eq!(line.text(), "sudo -u root /bin/bash -c reboot");
    }

    #[test]
    fn of_an_edit_the_files_count() {
        let told = WHOLE
            .replace("ask=yes\0", "ask=yes\0edit=yes\0")
            .replace("arg=reboot\0arg=-f", "arg=vi\0arg=-n\0arg=--\0arg=/etc/x");
        let line = parsed(&told).unwrap().what().line();
        assert_eq!(line.text(), "sudoedit -u root -- /etc/x");
    }

    #[test]
    fn what_is_not_whole_is_not_judged() {
        for left_out in [
            "uid=1000\0",
            "user=ann\0",
            "runas=root\0",
            "ask=yes\0",
            "kanmon-sudo 1\0",
        ] {
            assert!(
                parsed(&WHOLE.replace(left_out, "")).is_none(),
                "{left_out:?}"
            );
        }
        assert!(parsed(&WHOLE.replace("ask=", "asks=")).is_none());
        assert!(parsed(&WHOLE.replace("command=/sbin/reboot\0", "")).is_none());
        assert!(parsed(&WHOLE.replace("kanmon-sudo 1", "kanmon-sudo 2")).is_none());
        assert!(parsed("").is_none());
    }

    #[test]
    fn only_a_clear_yes_lets_a_person_be_asked() {
        assert!(
            !parsed(&WHOLE.replace("ask=yes", "ask=no"))
                .unwrap()
                .what()
                .may_ask()
        );
        assert!(
            !parsed(&WHOLE.replace("ask=yes", "ask="))
                .unwrap()
                .what()
                .may_ask()
        );
    }
}
