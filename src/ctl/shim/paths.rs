//! The values of `PATH` that programs are started with on this host, as files say, and whether a
//! folder comes first in them. Reads files; a file that computes its value is read, not run.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the edge that reads the host's settings of PATH"
)]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access, geteuid};
use regex::Regex;

/// What cron gives its jobs where no crontab sets another.
const CRON: &str = "/usr/bin:/bin";

/// Where a system keeps what root starts; sudoers, which may say more, is not everybody's to read.
const OF_SYSTEM: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/// A way in which programs are started, and its `PATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    /// Its name, for programs.
    pub(super) name: &'static str,
    /// The file that says so; nothing for this process and for what is compiled in.
    pub(super) file: Option<PathBuf>,
    /// The value; an error where it cannot be seen.
    pub(super) value: Result<OsString, String>,
}

/// How a folder of shims stands in a `PATH`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It comes before every program for which it has a shim.
    First,
    /// Some of those programs come before it.
    Late,
    /// It is not in it.
    Absent,
}

impl Standing {
    /// Returns how `folder`, with shims of these names, stands in `search`.
    pub(super) fn of<'n>(
        search: &OsStr,
        folder: &Path,
        mut names: impl Iterator<Item = &'n str>,
    ) -> Self {
        if !has(search, folder) {
            return Self::Absent;
        }
        match names.any(|name| before(search, folder, name.as_ref()).is_some()) {
            true => Self::Late,
            false => Self::First,
        }
    }
}

/// Returns whether a folder is in a `PATH`.
pub(super) fn has(search: &OsStr, folder: &Path) -> bool {
    std::env::split_paths(search).any(|entry| is_same(&entry, folder))
}

/// Returns the program of this name that comes before `folder` in a `PATH`.
pub(super) fn before(search: &OsStr, folder: &Path, name: &OsStr) -> Option<PathBuf> {
    let earlier = std::env::split_paths(search).take_while(|entry| !is_same(entry, folder));
    let mut programs = earlier.map(|entry| entry.join(name));
    programs.find(|path| {
        let is_file = path.metadata().is_ok_and(|metadata| metadata.is_file());
        let is_shim = path
            .parent()
            .is_some_and(crate::context::program::is_shim_folder);
        is_file && !is_shim && access(path, AccessFlags::X_OK).is_ok()
    })
}

/// Returns whether two paths are one folder.
fn is_same(entry: &Path, folder: &Path) -> bool {
    if entry == folder {
        return true;
    }
    match (entry.metadata(), folder.metadata()) {
        (Ok(entry), Ok(folder)) => (entry.dev(), entry.ino()) == (folder.dev(), folder.ino()),
        _ => false,
    }
}

/// Returns the ways of this host whose settings lie below `root`; the first is this process's own.
pub(super) fn sources(own: OsString, root: &Path) -> Vec<Source> {
    let mut found = vec![Source {
        name: "here",
        file: None,
        value: Ok(own),
    }];
    found.push(login(root));
    found.extend(sudo(root));
    found.push(Source {
        name: "cron",
        file: None,
        value: Ok(CRON.into()),
    });
    found.extend(crontab(root));
    found
}

/// Returns `own`, and behind it the folders that other ways of this host have: those who call a host's
/// shims look there, though the `PATH` of an ordinary user may lack them.
pub(super) fn everywhere(own: &OsStr) -> OsString {
    let others = sources(own.to_owned(), Path::new("/")).into_iter().skip(1);
    let others = others.filter_map(|source| source.value.ok());
    let others = others.flat_map(|value| std::env::split_paths(&value).collect::<Vec<_>>());
    let others = others.chain(OF_SYSTEM.map(PathBuf::from));
    let folders = std::env::split_paths(own).chain(others.filter(|folder| folder.is_absolute()));
    std::env::join_paths(folders).unwrap_or_else(|_| own.to_owned())
}

/// The `PATH` of a login: login.defs(5), then what `/etc/environment` and the profile assign.
fn login(root: &Path) -> Source {
    let key = match geteuid().is_root() {
        true => "ENV_SUPATH",
        false => "ENV_PATH",
    };
    let mut file = root.join("etc/login.defs");
    let mut value = CRON.to_owned();
    for line in text(&file).lines() {
        let mut words = line.split_ascii_whitespace();
        if words.next() == Some(key)
            && let Some(path) = words.next()
        {
            value = path.strip_prefix("PATH=").unwrap_or(path).to_owned();
        }
    }
    let mut files = vec![root.join("etc/environment"), root.join("etc/profile")];
    let more = fs::read_dir(root.join("etc/profile.d"))
        .into_iter()
        .flatten();
    let mut more: Vec<_> = more.filter_map(|entry| Some(entry.ok()?.path())).collect();
    more.retain(|path| path.extension() == Some(OsStr::new("sh")));
    more.sort();
    files.extend(more);
    for path in files {
        for assigned in assignments(&text(&path)) {
            value = assigned.replace("${PATH}", &value).replace("$PATH", &value);
            file.clone_from(&path);
        }
    }
    Source {
        name: "login",
        file: Some(file),
        value: Ok(value.into()),
    }
}

/// sudo's `secure_path`; nothing where sudo is not there or keeps the caller's `PATH`.
fn sudo(root: &Path) -> Option<Source> {
    let main = root.join("etc/sudoers");
    if main.symlink_metadata().is_err() {
        return None;
    }
    let mut files = vec![main.clone()];
    let more = fs::read_dir(root.join("etc/sudoers.d"))
        .into_iter()
        .flatten();
    let mut more: Vec<_> = more.filter_map(|entry| Some(entry.ok()?.path())).collect();
    // As sudoers(5) says of a folder of files.
    more.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        !name.contains('.') && !name.ends_with('~')
    });
    more.sort();
    files.extend(more);
    let mut found = None;
    for path in files {
        match fs::read_to_string(&path) {
            Ok(text) => {
                if let Some(value) = secure_path(&text) {
                    found = Some((path, Ok(value.into())));
                }
            }
            Err(error) => found = Some((path, Err(error.to_string()))),
        }
    }
    let (file, value) = found?;
    Some(Source {
        name: "sudo",
        file: Some(file),
        value,
    })
}

/// What `/etc/crontab` sets.
fn crontab(root: &Path) -> Option<Source> {
    let file = root.join("etc/crontab");
    let value = assignments(&text(&file)).pop()?;
    Some(Source {
        name: "crontab",
        file: Some(file),
        value: Ok(value.into()),
    })
}

/// Returns the value of `secure_path` in a text of sudoers(5); the last one counts.
fn secure_path(text: &str) -> Option<String> {
    let form = Regex::new(
        r#"(?m)^[ \t]*Defaults[^#\n]*?\bsecure_path[ \t]*\+?=[ \t]*("[^"\n]*"|[^ \t,\n]+)"#,
    );
    let form = form.ok()?;
    let last = form.captures_iter(text).last()?;
    Some(last.get(1)?.as_str().trim_matches('"').to_owned())
}

/// Returns the values that a text of shell lines, or a crontab, assigns to `PATH`, in order.
fn assignments(text: &str) -> Vec<String> {
    let form = r#"(?m)^[ \t]*(?:export[ \t]+)?PATH[ \t]*=[ \t]*("[^"\n]*"|'[^'\n]*'|[^ \t;#\n]+)"#;
    let Ok(form) = Regex::new(form) else {
        return Vec::new();
    };
    let values = form.captures_iter(text).filter_map(|found| found.get(1));
    values
        .map(|value| value.as_str().trim_matches(['"', '\'']).to_owned())
        .collect()
}

/// Reads a file; one that cannot be read says nothing.
fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secure_path_is_found_in_its_forms() {
        let of = |text: &str| secure_path(text);
        assert_eq!(
            of("Defaults\tsecure_path=\"/a:/b\"\n").as_deref(),
            Some("/a:/b")
        );
        assert_eq!(
            of("Defaults env_reset, secure_path = /a:/b, x\n").as_deref(),
            Some("/a:/b")
        );
        assert_eq!(of("#Defaults secure_path=/a\n"), None);
        assert_eq!(
            of("Defaults secure_path=/a\nDefaults:ann secure_path=/b\n").as_deref(),
            Some("/b")
        );
    }

    #[test]
    fn settings_of_a_host_are_read() {
        let root = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        put("etc/login.defs", "ENV_SUPATH PATH=/s\nENV_PATH PATH=/u\n");
        put(
            "etc/profile",
            "if x; then\n  PATH=\"/usr/bin\"\nfi\nexport PATH\n",
        );
        put("etc/profile.d/a.sh", "export PATH=/shims:$PATH # first\n");
        put("etc/profile.d/b.txt", "PATH=/no\n");
        put("etc/sudoers", "Defaults secure_path=\"/sbin\"\n");
        put(
            "etc/sudoers.d/kanmon",
            "Defaults secure_path=\"/shims:/sbin\"\n",
        );
        put("etc/sudoers.d/old~", "Defaults secure_path=/no\n");
        put(
            "etc/crontab",
            "SHELL=/bin/sh\nPATH=/c:/d\n17 * * * * root PATH=/x y\n",
        );
        let found = sources("/own".into(), root.path());
        let found: Vec<_> = found
            .iter()
            .map(|source| (source.name, source.value.clone().unwrap()))
            .map(|(name, value)| format!("{name} {}", value.display()))
            .collect();
        assert_eq!(
            found,
            [
                "here /own",
                "login /shims:/usr/bin",
                "sudo /shims:/sbin",
                "cron /usr/bin:/bin",
                "crontab /c:/d",
            ]
        );
    }
}
