//! `kanmonctl sudo`: puts sudo's plugin into sudo.conf, or takes it out.
//!
//! A plugin that does not load stops all of sudo. So what would be written is tried first: the real
//! sudo runs in a mount namespace of its own, with a copy bound over the file. Only then the copy
//! takes the file's place, in one rename. The two lines stand before all others, so that taking
//! them out leaves every other byte as it was.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the edge that reads and writes sudo.conf, and tries sudo"
)]

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

use nix::unistd::geteuid;

use crate::context::Environment;
use crate::text::{Language, sudo as say};
use crate::ui::safe;

use super::out::{self, Failure};

/// The symbol with which each of the plugin's lines begins, behind `Plugin`.
const SYMBOLS: [&[u8]; 2] = [b"kanmon_approval", b"kanmon_audit"];
/// sudo's own settings.
const CONF: &str = "/etc/sudo.conf";
/// Where sudo looks for a plugin that is named without a folder.
const PLUGINS: &str = "/usr/libexec/sudo";
/// What the plugin says of itself in `sudo -V`.
const SAYS: &str = "kanmon sudo plugin";
/// Mode bits by which others than the owner write.
const OTHERS_WRITE: u32 = 0o022;
/// Binds the copy over the file and runs sudo; nothing of it is seen outside.
const TRY: &str = r#"mount --bind "$1" "$2" && shift 2 && exec "$@""#;

/// What to do with sudo's plugin.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Try the plugin with a copy of sudo.conf, then put its two lines in
    Install(Args),
    /// Say whether the plugin is in, and can be loaded
    Check(Args),
    /// Take its two lines out; all else stays byte for byte
    Remove(Args),
}

/// Files of the three.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// sudo's own settings
    #[arg(long, value_name = "FILE", default_value = CONF)]
    conf: PathBuf,
    /// The plugin
    #[arg(
        long,
        value_name = "FILE",
        default_value = "/usr/libexec/sudo/kanmon.so"
    )]
    plugin: PathBuf,
    /// The gate that the plugin starts
    #[arg(long, value_name = "FILE", default_value = "/usr/bin/kanmon")]
    gate: PathBuf,
    /// The sudo with which it is tried
    #[arg(long, value_name = "PROGRAM", default_value = "/usr/bin/sudo")]
    sudo: PathBuf,
}

/// Runs one of them.
///
/// # Errors
/// Where this is not root, a file is not as it has to be, or sudo does not work with the plugin; then
/// nothing has changed.
pub fn run(command: &Command) -> Result<i32, Failure> {
    let language = Environment::of_process().language();
    if !geteuid().is_root() {
        return Err(Failure::new(say::only_root(language)).hint(say::from_a_root_shell(language)));
    }
    match command {
        Command::Install(args) => install(args, language),
        Command::Check(args) => check(args, language),
        Command::Remove(args) => remove(args, language),
    }
}

/// Puts the lines in.
fn install(args: &Args, language: Language) -> Result<i32, Failure> {
    for file in [&args.plugin, &args.gate] {
        is_roots(file, language)?;
    }
    let before = read(&args.conf, language)?;
    let mut after = lines(args, language)?;
    after.extend(without(&before));
    if after == before {
        attempt(args, &before, language)?;
        out::line(&say::has_already(language, args.conf.display()))?;
        return Ok(0);
    }
    attempt(args, &after, language)?;
    write(&args.conf, &after, language)?;
    out::line(&say::put_in(language, args.conf.display()))?;
    Ok(0)
}

/// Takes the lines out.
fn remove(args: &Args, language: Language) -> Result<i32, Failure> {
    let before = read(&args.conf, language)?;
    let after = without(&before);
    if after == before {
        out::line(&say::has_none(language, args.conf.display()))?;
        return Ok(0);
    }
    write(&args.conf, &after, language)?;
    out::line(&say::taken_out(language, args.conf.display()))?;
    Ok(0)
}

/// Says whether it is in and works; exits 1 where it does not.
fn check(args: &Args, language: Language) -> Result<i32, Failure> {
    let now = read(&args.conf, language)?;
    let shown = args.conf.display();
    if without(&now) == now {
        out::line(&say::put_it_in(language, shown))?;
        return Ok(1);
    }
    if !now.starts_with(&lines(args, language)?) {
        let (plugin, gate) = (args.plugin.display(), args.gate.display());
        out::line(&say::others(language, shown, plugin, gate))?;
        return Ok(1);
    }
    for file in [&args.plugin, &args.gate] {
        is_roots(file, language)?;
    }
    attempt(args, &now, language)?;
    out::line(&say::is_in(language, shown))?;
    Ok(0)
}

/// How the plugin stands in the settings of this host's sudo.
#[derive(Debug)]
pub(super) enum Standing {
    /// Its lines are not there.
    Absent,
    /// Its lines are there, and nobody but root can change this plugin and its gate.
    In(PathBuf),
    /// sudo would refuse everything, or run what somebody else wrote.
    Broken(Failure),
}

/// Looks at the settings without trying sudo.
pub(super) fn standing(language: Language) -> Standing {
    let text = match read(Path::new(CONF), language) {
        Ok(text) => text,
        Err(failure) => return Standing::Broken(failure),
    };
    let files = files_of(&text);
    let Some(plugin) = files.first().cloned() else {
        return Standing::Absent;
    };
    match files.iter().try_for_each(|file| is_roots(file, language)) {
        Ok(()) => Standing::In(plugin),
        Err(failure) => Standing::Broken(failure),
    }
}

/// Returns the files that the plugin's lines name.
fn files_of(text: &[u8]) -> Vec<PathBuf> {
    let path = |word: &[u8]| Path::new(PLUGINS).join(OsStr::from_bytes(word));
    let lines = text.split(|byte| *byte == b'\n');
    let files = lines.filter(|line| is_own(line)).flat_map(|line| {
        let words = line.split(u8::is_ascii_whitespace);
        let words: Vec<&[u8]> = words.filter(|word| !word.is_empty()).skip(2).collect();
        let gate = words.iter().find_map(|word| word.strip_prefix(b"gate="));
        let plugin = words.first().copied();
        [plugin, gate]
            .into_iter()
            .flatten()
            .map(path)
            .collect::<Vec<_>>()
    });
    files.collect()
}

/// Returns the two lines.
fn lines(args: &Args, language: Language) -> Result<Vec<u8>, Failure> {
    let (plugin, gate) = (args.plugin.as_os_str(), args.gate.as_os_str());
    for path in [plugin, gate] {
        let is_plain = |byte: &u8| byte.is_ascii_graphic() && !b"\\#\"".contains(byte);
        if !Path::new(path).is_absolute() || !path.as_bytes().iter().all(is_plain) {
            return Err(Failure::new(say::odd_path(language, path.display()))
                .hint(say::plain_path(language)));
        }
    }
    let [approval, audit] = SYMBOLS;
    let (plugin, gate) = (plugin.as_bytes(), gate.as_bytes());
    let first = [b"Plugin ", approval, b" ", plugin, b" gate=", gate, b"\n"].concat();
    let second = [b"Plugin ", audit, b" ", plugin, b"\n"].concat();
    Ok([first, second].concat())
}

/// Returns the settings without the plugin's lines, whichever file they name.
fn without(text: &[u8]) -> Vec<u8> {
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    let kept: Vec<&[u8]> = lines.filter(|line| !is_own(line)).collect();
    kept.concat()
}

/// Returns whether a line of the settings is the plugin's.
fn is_own(line: &[u8]) -> bool {
    let words = line.split(u8::is_ascii_whitespace);
    let mut words = words.filter(|word| !word.is_empty());
    let is_plugin = words
        .next()
        .is_some_and(|word| word.eq_ignore_ascii_case(b"Plugin"));
    is_plugin && words.next().is_some_and(|word| SYMBOLS.contains(&word))
}

/// Reads the settings; a file that is not there is empty.
fn read(conf: &Path, language: Language) -> Result<Vec<u8>, Failure> {
    let unreadable =
        |error: io::Error| Failure::new(say::cannot_read(language, conf.display(), error));
    match conf.symlink_metadata() {
        Ok(found) if !found.is_file() => {
            Err(Failure::new(say::no_plain_file(language, conf.display()))
                .hint(say::name_the_file(language)))
        }
        Ok(_) => fs::read(conf).map_err(unreadable),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(unreadable(error)),
    }
}

/// Refuses a file that somebody else than root could change: it will run as root.
fn is_roots(file: &Path, language: Language) -> Result<(), Failure> {
    let cannot = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Failure::new(say::not_there(language, file.display()))
            .hint(say::install_package(language)),
        _ => Failure::new(say::cannot_look(language, file.display(), error)),
    };
    let real = fs::canonicalize(file).map_err(cannot)?;
    for part in real.ancestors() {
        let found = fs::symlink_metadata(part).map_err(cannot)?;
        let shown = part.display();
        if part == real && !found.is_file() {
            return Err(Failure::new(say::no_plain_file(language, shown)));
        }
        if found.uid() != 0 {
            return Err(Failure::new(say::not_roots(language, &shown, found.uid()))
                .hint(say::chown(language, &shown)));
        }
        if found.mode() & OTHERS_WRITE != 0 {
            let mode = format!("{:04o}", found.mode() & 0o7777);
            return Err(Failure::new(say::writable(language, &shown, mode))
                .hint(say::chmod(language, &shown)));
        }
    }
    Ok(())
}

/// Makes a copy beside the file, root's, with the file's own mode.
fn copy(conf: &Path, text: &[u8], language: Language) -> Result<PathBuf, Failure> {
    let mut name = conf.as_os_str().to_owned();
    name.push(".kanmon-new");
    let path = PathBuf::from(name);
    let mode = conf.metadata().map_or(0o644, |found| found.mode() & 0o755);
    let make = || -> io::Result<()> {
        let _old = fs::remove_file(&path);
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        file.write_all(text)?;
        fchown(
            &file,
            Some(0),
            conf.metadata().ok().map(|found| found.gid()),
        )?;
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        file.sync_all()
    };
    match make() {
        Ok(()) => Ok(path),
        Err(error) => Err(Failure::new(say::cannot_write(
            language,
            path.display(),
            error,
        ))),
    }
}

/// Puts a copy in the file's place.
fn write(conf: &Path, text: &[u8], language: Language) -> Result<(), Failure> {
    let path = copy(conf, text, language)?;
    let moved = fs::rename(&path, conf).and_then(|()| match conf.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    });
    moved.map_err(|error| Failure::new(say::cannot_write(language, conf.display(), error)))
}

/// Runs the real sudo with these settings, where nobody else sees them.
fn attempt(args: &Args, text: &[u8], language: Language) -> Result<(), Failure> {
    // A file can only be bound over one that is there; an empty one says what none says.
    let was_there = args.conf.exists();
    if !was_there {
        write(&args.conf, b"", language)?;
    }
    let went = copy(&args.conf, text, language).and_then(|path| {
        let went = tried(args, &path, language);
        let _left = fs::remove_file(&path);
        went
    });
    let is_empty = || args.conf.metadata().is_ok_and(|found| found.len() == 0);
    if !was_there && went.is_err() && is_empty() {
        // Where it stays, it still says nothing.
        let _left = fs::remove_file(&args.conf);
    }
    went
}

/// Runs sudo with the copy at `path`: it has to load the plugin, and to run what it ran before.
fn tried(args: &Args, path: &Path, language: Language) -> Result<(), Failure> {
    let run = |conf: &Path, words: &[&str]| {
        Process::new("/usr/bin/unshare")
            .args([
                "--mount",
                "--propagation",
                "private",
                "--",
                "/bin/sh",
                "-c",
                TRY,
                "sh",
            ])
            .args([
                conf.as_os_str(),
                args.conf.as_os_str(),
                args.sudo.as_os_str(),
            ])
            .args(words.iter().map(OsStr::new))
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| Failure::new(say::cannot_try(language, error)))
    };
    let broken = |what: &str, said: &[u8]| {
        let said = String::from_utf8_lossy(said).into_owned();
        let said = safe::lines(said.trim());
        let plugin = args.plugin.display();
        Failure::new(say::does_not_work(language, plugin, what, said))
            .hint(say::unchanged(language))
    };
    let version = run(path, &["-V"])?;
    if !version.status.success() {
        return Err(broken(&say::no_load(language), &version.stderr));
    }
    if !String::from_utf8_lossy(&version.stdout).contains(SAYS) {
        let conf = args.conf.display();
        return Err(broken(&say::not_read(language, conf), &version.stderr));
    }
    let now = run(path, &["-n", "true"])?;
    if !now.status.success() && run(&args.conf, &["-n", "true"])?.status.success() {
        return Err(broken(&say::fails(language), &now.stderr));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_plugins_own_lines_go() {
        let check = |text: &str, left: &str| assert_eq!(without(text.as_bytes()), left.as_bytes());
        check(
            "Plugin kanmon_approval /x gate=/y\nPlugin kanmon_audit /x\nSet a b",
            "Set a b",
        );
        check(
            "#Plugin kanmon_audit /x\n\tplugin  kanmon_audit z\n\n",
            "#Plugin kanmon_audit /x\n\n",
        );
        check(
            "Plugin sudoers_policy sudoers.so\n",
            "Plugin sudoers_policy sudoers.so\n",
        );
        check("", "");
    }
}
