//! Looks at the files by which the gate stands at shells, ssh and agents. Runs and makes nothing.
//!
//! In: start-up files of the shells, sshd's settings, the user database, authorized keys, an agent's
//! settings; this user's and the host's, as far as they can be read. A line counts as its program
//! would read it: a comment does not. Out: a row for each, with the mend where its program is not
//! there, it is of another shell, or others can write the file.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the edge that reads other programs' settings"
)]

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access, geteuid};

use crate::context::{Environment, owner, program};
use crate::text::{Language, doctor as say};

use super::{Row, State};

/// Start-up files below the home folder, and the shell that reads each.
const OF_USER: [(&str, &str); 8] = [
    (".bashrc", "bash"),
    (".bash_profile", "bash"),
    (".profile", "bash"),
    (".zshrc", "zsh"),
    (".zprofile", "zsh"),
    (".config/fish/config.fish", "fish"),
    (".config/fish/conf.d", "fish"),
    (".config/zsh/.zshrc", "zsh"),
];
/// Start-up files of the host; a folder stands for what lies in it.
const OF_HOST: [(&str, &str); 8] = [
    ("/etc/bash.bashrc", "bash"),
    ("/etc/bashrc", "bash"),
    ("/etc/profile", "bash"),
    ("/etc/profile.d", "bash"),
    ("/etc/zsh/zshrc", "zsh"),
    ("/etc/zshrc", "zsh"),
    ("/etc/fish/config.fish", "fish"),
    ("/etc/fish/conf.d", "fish"),
];
/// sshd's settings.
const SSHD: [&str; 2] = ["/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d"];
/// The gate as ssh starts it.
const FORCED: &str = "kanmon --ssh";

/// Looks at all of them.
pub(super) fn look(environment: &Environment, language: Language) -> Vec<Row> {
    let home = environment.get("HOME").filter(|home| home.starts_with('/'));
    let home = home.map(Path::new);
    let mut rows = Vec::new();
    let groups = [
        (
            "shells",
            say::shells(language),
            shells(environment, home, language),
            say::no_shells(language),
        ),
        (
            "ssh",
            "ssh".to_owned(),
            ssh(home, language),
            say::no_ssh(language),
        ),
        (
            "agents",
            say::agents(language),
            agents(environment, home, language),
            say::no_agents(language),
        ),
    ];
    for (what, label, found, none) in groups {
        if found.is_empty() {
            rows.push(Row::new(what, label, State::None, none));
            continue;
        }
        rows.extend(found.into_iter().map(|door| {
            let state = match door.mend {
                Some(_) => State::Mend,
                None => State::Well,
            };
            Row {
                mend: door.mend,
                ..Row::new(what, label.clone(), state, door.text)
            }
        }));
    }
    rows
}

/// A door that a file makes.
struct Door {
    text: String,
    mend: Option<String>,
}

/// Looks at the start-up files of shells.
fn shells(environment: &Environment, home: Option<&Path>, language: Language) -> Vec<Door> {
    let of_user = OF_USER
        .iter()
        .filter_map(|(name, shell)| Some((home?.join(name), *shell)));
    let of_host = OF_HOST
        .iter()
        .map(|(path, shell)| (PathBuf::from(path), *shell));
    let own_zsh = environment
        .get("ZDOTDIR")
        .map(|folder| (Path::new(folder).join(".zshrc"), "zsh"));
    let mut doors = Vec::new();
    for (path, shell) in of_user.chain(own_zsh).chain(of_host) {
        for path in files(&path) {
            for line in lines(&path) {
                let Some((program, called)) = hook(&line) else {
                    continue;
                };
                let text = say::hooked(language, path.display(), &called);
                let mend = match called == shell {
                    true => mend(&path, &program, language),
                    false => Some(say::other_shell(language, shell)),
                };
                doors.push(Door { text, mend });
            }
        }
    }
    doors
}

/// Returns the program and the shell of a line that puts a hook in.
fn hook(line: &str) -> Option<(String, String)> {
    let is_end = |c: char| c.is_whitespace() || "\"'()`;|&".contains(c);
    let words: Vec<&str> = line
        .split(is_end)
        .map(|word| word.trim_start_matches('$'))
        .collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    words.windows(3).find_map(|words| match words {
        [program, "init", shell]
            if base_name(program) == "kanmonctl" && !shell.starts_with('-') =>
        {
            Some(((*program).to_owned(), (*shell).to_owned()))
        }
        _ => None,
    })
}

/// Looks at what sshd is told, at keys and at login shells.
fn ssh(home: Option<&Path>, language: Language) -> Vec<Door> {
    let mut doors = Vec::new();
    for path in SSHD.iter().flat_map(|path| files(Path::new(path))) {
        for line in lines(&path) {
            let (word, rest) = line.split_once([' ', '\t', '=']).unwrap_or((&line, ""));
            if word.eq_ignore_ascii_case("ForceCommand") && rest.contains(FORCED) {
                doors.push(forced(&path, rest, language));
            }
        }
    }
    let keys = home.map(|home| home.join(".ssh/authorized_keys"));
    for path in keys.iter().flat_map(|path| files(path)) {
        for line in lines(&path) {
            let command = line.split_once("command=\"").map(|(_, rest)| rest);
            let command = command
                .and_then(|rest| rest.split('"').next())
                .unwrap_or_default();
            if command.contains(FORCED) {
                doors.push(forced(&path, command, language));
            }
        }
    }
    let users = Path::new("/etc/passwd");
    for line in lines(users) {
        let fields: Vec<&str> = line.split(':').collect();
        if let (Some(user), Some(shell)) = (fields.first(), fields.get(6))
            && base_name(shell) == "kanmon"
        {
            doors.push(Door {
                text: say::login_shell(language, user, shell),
                mend: mend(users, shell, language),
            });
        }
    }
    doors
}

/// Returns the door of a forced command.
fn forced(path: &Path, command: &str, language: Language) -> Door {
    let mut words = command
        .split([' ', '\t', '"'])
        .filter(|word| !word.is_empty());
    let program = words
        .find(|word| base_name(word) == "kanmon")
        .unwrap_or_default();
    Door {
        text: say::forced(language, path.display(), command.trim()),
        mend: mend(path, program, language),
    }
}

/// Looks at the settings of agents that can have a hook.
fn agents(environment: &Environment, home: Option<&Path>, language: Language) -> Vec<Door> {
    let folder = environment.get("CLAUDE_CONFIG_DIR").map(PathBuf::from);
    let Some(folder) = folder.or_else(|| Some(home?.join(".claude"))) else {
        return Vec::new();
    };
    let path = folder.join("settings.json");
    let text = fs::read_to_string(&path).unwrap_or_default();
    let Some((before, _)) = text.split_once("kanmonctl hook claude-code") else {
        return Vec::new();
    };
    // The path of the program up to its name, out of the quotes that JSON and the shell put around.
    let program = before
        .rsplit(['"', '\'', ' ', '\\'])
        .next()
        .unwrap_or_default();
    let mend = match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(_) => mend(&path, &format!("{program}kanmonctl"), language),
        Err(error) => Some(say::no_json(language, error)),
    };
    vec![Door {
        text: say::agent_hooked(language, path.display()),
        mend,
    }]
}

/// Says how a door is mended: its program has to be there, and its file nobody else's to write.
fn mend(file: &Path, program: &str, language: Language) -> Option<String> {
    if !is_there(program) {
        return Some(say::no_program(language, program));
    }
    let seen = file.metadata().ok()?;
    let owners = [0, geteuid().as_raw()];
    let distrust = owner::check(seen.uid(), seen.mode(), &owners).err()?;
    Some(say::file_of_others(language, file.display(), distrust))
}

/// Returns whether a program can be started: by its path, or by its name on this `PATH`.
fn is_there(program: &str) -> bool {
    let runs = |path: &Path| path.is_file() && access(path, AccessFlags::X_OK).is_ok();
    match program.contains('/') {
        true => runs(Path::new(program)),
        false => {
            let search = program::search_path();
            std::env::split_paths(&search).any(|folder| runs(&folder.join(program)))
        }
    }
}

/// Returns the file, or those in the folder, at a path.
fn files(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    let Ok(entries) = fs::read_dir(path) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    found.sort();
    found
}

/// Returns the lines of a file that are no comments; none of one that cannot be read.
fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

/// Returns the last part of a path.
fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_puts_a_hook_in_is_known() {
        let check = |line: &str, expected: Option<(&str, &str)>| {
            let expected = expected.map(|(program, shell)| (program.to_owned(), shell.to_owned()));
            assert_eq!(hook(line), expected, "{line}");
        };
        check(
            "eval \"$(kanmonctl init bash)\"",
            Some(("kanmonctl", "bash")),
        );
        check(
            "eval $(/opt/x/kanmonctl init zsh)",
            Some(("/opt/x/kanmonctl", "zsh")),
        );
        check("kanmonctl init fish | source", Some(("kanmonctl", "fish")));
        check(
            "[ -x /usr/bin/kanmonctl ] && eval \"$(kanmonctl init bash)\"",
            Some(("kanmonctl", "bash")),
        );
        check("kanmonctl init --host", None);
        check("echo kanmonctl", None);
    }
}
