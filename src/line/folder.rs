//! The folder in which a command runs: where `cd` and wrappers lead, and which file a relative path
//! then is. Text alone; no disk is asked.
//!
//! A folder that is no absolute path counts from where the line begins, which is the empty text.

use super::options::Opt;
use super::scope::{Scope, Value};
use super::unwrap::Call;
use super::walker::Walker;
use super::{Fed, Lore, Moves, Span, Target, Via, Word};

/// The most folders in which a command may be; beyond, it is not known in which.
const MAX_FOLDERS: usize = 4;

/// Programs that run their command in another root, or in a folder that the line does not show.
const OTHER_ROOTS: &[&str] = &[
    "chroot",
    "nsenter",
    "unshare",
    "bwrap",
    "proot",
    "fakechroot",
];

/// Words with which other wrappers may run their command in another folder.
const ELSEWHERE: &[&str] = &[
    "--chdir",
    "--cwd",
    "--directory",
    "--workdir",
    "--working-directory",
    "-execdir",
    "-okdir",
];

/// Programs that always run their command in the home of whom they become.
const HOMES: &[&str] = &["pkexec", "run0", "machinectl"];

/// What the shell itself runs: a `cd` in it is one of the shell.
const OWN: &[&str] = &["eval", "source", ".", "command", "builtin", "time"];

impl Walker<'_> {
    /// Notes where a builtin that changes the folder leads.
    pub(super) fn note_folder(&mut self, name: &str, args: &[Word]) {
        let before = self.scope.folder();
        let folder = match plain_operands(args) {
            Some([]) if matches!(name, "cd" | "chdir") => {
                let home = self
                    .scope
                    .value("HOME", self.givens, &mut self.needs.variables);
                match home {
                    Value::Text(home) if home.starts_with('/') => Value::Text(home),
                    _ => Value::Unknown,
                }
            }
            Some([folder]) if name != "popd" => match folder.known() {
                Some(path) => {
                    let may_be_searched = self.scope.values.contains_key("CDPATH");
                    entered(&path, before.as_ref(), may_be_searched)
                }
                None => Value::Unknown,
            },
            _ => Value::Unknown,
        };
        self.scope.change_folder(folder);
    }

    /// Returns the files that a path may be, as seen from where the line begins; none where the
    /// folder is not known.
    pub(super) fn paths(&self, path: &str) -> Vec<String> {
        paths_in(self.scope.folder().as_ref(), path)
    }

    /// Returns what a file on standard input feeds, its path as seen from where the line begins.
    pub(super) fn fed_by(&self, file: &Word) -> Fed {
        match self.seen_from_start(file) {
            Some(file) => Fed::File(file),
            None => Fed::Unknown,
        }
    }

    /// Returns the path of a file as seen from where the line begins; nothing where it may be one of
    /// several.
    pub(super) fn seen_from_start(&self, file: &Word) -> Option<Word> {
        let path = file.known()?;
        match self.paths(&path).as_slice() {
            [one] if *one == path => Some(file.clone()),
            [one] => Some(Word::plain(one, file.span)),
            _ => None,
        }
    }
}

impl Scope {
    /// Enters the folder in which a wrapper runs its command; `outer` is where the wrapper runs.
    pub(super) fn enter(&mut self, via: &Via, outer: Option<&Value>, lore: &dyn Lore) {
        if let Some(folder) = behind(via, outer, lore)
            && self.folder().as_ref() != Some(&folder)
        {
            self.change_folder(folder);
        }
    }
}

/// Returns the folder in which a wrapper runs its command, where it runs in `outer` itself; nothing
/// where that is where the line begins, or a home.
pub(super) fn behind(via: &Via, outer: Option<&Value>, lore: &dyn Lore) -> Option<Value> {
    let outer = match via.moves {
        Some(Moves::Host | Moves::Container | Moves::Later) => return None,
        Some(Moves::User) if is_login(via) => None,
        Some(Moves::User) | None => outer.cloned(),
    };
    if OTHER_ROOTS.contains(&via.name.as_str()) {
        return Some(Value::Unknown);
    }
    let options: &[&str] = match via.name.as_str() {
        "env" => &["-C", "--chdir"],
        "sudo" | "dzdo" | "run0" => &["-D", "--chdir"],
        "make" | "gmake" => &["-C", "--directory"],
        _ => {
            let names = |word: &Word| {
                let word = word.beginning();
                ELSEWHERE.contains(&word.split('=').next().unwrap_or(&word))
            };
            let is_led = via.words.iter().skip(1).any(names);
            return if is_led { Some(Value::Unknown) } else { outer };
        }
    };
    let said = own_options(via, lore).into_iter();
    let said = said.filter(|option| options.contains(&option.name.as_str()));
    said.fold(outer, |folder, option| {
        let path = option.value.and_then(|value| value.known());
        Some(match path {
            Some(path) => entered(&path, folder.as_ref(), false),
            None => Value::Unknown,
        })
    })
}

/// Returns the options of a wrapper's own words.
fn own_options(via: &Via, lore: &dyn Lore) -> Vec<Opt> {
    let Some(wrapper) = lore.wrappers(&via.name).first() else {
        return Vec::new();
    };
    let call = Call {
        wrapper,
        words: lore.words(&via.name),
        name: &via.name,
        argv: &via.words,
        target: &Target::default(),
    };
    let args = via.words.get(1..).unwrap_or_default();
    call.reader().scan(args, usize::MAX).options
}

/// Returns whether a wrapper that changes the user also goes to the user's home.
#[must_use]
pub fn is_login(via: &Via) -> bool {
    let name = via.name.as_str();
    if HOMES.contains(&name) {
        return true;
    }
    // What stands behind an option that takes a value is that value.
    let (letter, valued) = match name {
        "sudo" | "dzdo" => ('i', "ughpCrtTUDRac"),
        "su" | "runuser" => ('l', "cgGsuwT"),
        _ => return false,
    };
    via.words.iter().skip(1).any(|word| {
        let text = word.beginning();
        match text.strip_prefix('-') {
            Some("") | Some("-login") => true,
            Some(letters) if !letters.starts_with('-') => {
                let mut letters = letters.chars().take_while(|found| !valued.contains(*found));
                letters.any(|found| found == letter)
            }
            Some(_) | None => false,
        }
    })
}

/// Returns whether a `cd` in what this runs is one of the shell that calls it.
pub(super) fn is_own(via: &Via) -> bool {
    OWN.contains(&via.name.as_str())
}

/// Returns a folder that is one of two: what may have run changed it. All that it may be is kept.
pub(super) fn either(old: Option<&Value>, new: Option<&Value>) -> Value {
    let mut all: Vec<String> = Vec::new();
    for value in [old, new] {
        let Some(folders) = folders(value) else {
            return Value::Unknown;
        };
        for folder in folders {
            if !all.contains(&folder) {
                all.push(folder);
            }
        }
    }
    if all.len() > MAX_FOLDERS {
        return Value::Unknown;
    }
    let word = |folder: String| vec![Word::plain(&folder, Span::default())];
    Value::Either(all.into_iter().map(word).collect())
}

/// Returns the folders that a value says; `None` where it is not known.
#[must_use]
pub fn folders(value: Option<&Value>) -> Option<Vec<String>> {
    match value {
        None => Some(vec![String::new()]),
        Some(Value::Text(folder)) => Some(vec![folder.clone()]),
        Some(Value::Either(lists)) => {
            let each = lists.iter().map(|list| match list.as_slice() {
                [folder] => folder.known(),
                _ => None,
            });
            each.collect()
        }
        Some(Value::List(_) | Value::Unset | Value::Unknown) => None,
    }
}

/// Returns the files that a path may be in a folder.
pub(super) fn paths_in(folder: Option<&Value>, path: &str) -> Vec<String> {
    if path.starts_with('/') {
        return vec![path.to_owned()];
    }
    let folders = folders(folder).unwrap_or_default();
    folders.iter().map(|folder| below(folder, path)).collect()
}

/// Returns a path that counts from a folder.
fn below(folder: &str, path: &str) -> String {
    if matches!(folder, "" | ".") || path.starts_with('/') {
        return path.to_owned();
    }
    let path = path.strip_prefix("./").unwrap_or(path);
    format!("{}/{path}", folder.trim_end_matches('/'))
}

/// Returns a path without `.`, `..` and doubled slashes, as a shell reckons it; a slash at its end
/// stays.
#[must_use]
pub fn normal(path: &str) -> String {
    let is_absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&last) if last != ".." => {
                    parts.pop();
                }
                // Above the root is the root.
                None if is_absolute => {}
                Some(_) | None => parts.push(part),
            },
            part => parts.push(part),
        }
    }
    let end = match path.ends_with('/') && !parts.is_empty() {
        true => "/",
        false => "",
    };
    let start = if is_absolute { "/" } else { "" };
    format!("{start}{}{end}", parts.join("/"))
}

/// Returns the folder that a path leads to from the folder before it.
fn entered(path: &str, before: Option<&Value>, may_be_searched: bool) -> Value {
    if path.is_empty() || path.starts_with('-') || path.starts_with('+') {
        return Value::Unknown;
    }
    if path.starts_with('/') {
        return Value::Text(normal(path));
    }
    if may_be_searched {
        return Value::Unknown;
    }
    let entered = |folder: String| match normal(&below(&folder, path)) {
        path if path.is_empty() => String::from("."),
        path => path,
    };
    match folders(before) {
        None => Value::Unknown,
        Some(folders) => match folders.as_slice() {
            [folder] => Value::Text(entered(folder.clone())),
            several => {
                let word =
                    |folder: &String| vec![Word::plain(&entered(folder.clone()), Span::default())];
                Value::Either(several.iter().map(word).collect())
            }
        },
    }
}

/// Returns the operands of `cd`; nothing where an option says something else.
fn plain_operands(args: &[Word]) -> Option<&[Word]> {
    let mut args = args;
    while let Some((first, rest)) = args.split_first() {
        match first.beginning().as_ref() {
            "--" => return Some(rest),
            text if is_plain_option(text) => args = rest,
            text if text.starts_with(['-', '+']) => return None,
            _ => break,
        }
    }
    Some(args)
}

/// Returns whether an option of `cd` only says how links are taken (`-P`, `-LP`).
fn is_plain_option(text: &str) -> bool {
    let letters = text.strip_prefix('-').unwrap_or_default();
    !letters.is_empty() && letters.chars().all(|letter| "LPe".contains(letter))
}

#[cfg(test)]
mod tests {
    use super::super::testing::read_shell;
    use super::*;

    /// Returns the folder of the call of `rm` in a line.
    fn folder(text: &str) -> Option<Value> {
        let found = read_shell(text).invocations.into_iter();
        let mut found = found.filter(|found| found.name == "rm" && !found.guessed);
        found.next().unwrap_or_else(|| panic!("{text}")).folder
    }

    #[test]
    fn a_path_is_reckoned_as_a_shell_does() {
        for (path, expected) in [
            ("/", "/"),
            ("//etc/./x/../", "/etc/"),
            ("/../..", "/"),
            ("/a/..", "/"),
            ("a/../../b", "../b"),
            ("../..", "../.."),
            ("a/..", ""),
            ("", ""),
        ] {
            assert_eq!(normal(path), expected, "{path}");
        }
    }

    #[test]
    fn the_folder_is_where_the_line_leads() {
        for (text, expected) in [
            ("rm x", None),
            ("cd /etc && rm x", Some("/etc")),
            ("cd /etc; cd ..; rm x", Some("/")),
            ("cd -- /etc/a/../b/; rm x", Some("/etc/b/")),
            ("cd a && cd ../b && rm x", Some("b")),
            ("cd .. && rm x", Some("..")),
            ("cd a/.. && rm x", Some(".")),
            ("pushd /srv; rm x", Some("/srv")),
            ("(cd /etc); rm x", None),
            ("cd /etc | cat; rm x", None),
            ("eval 'cd /etc'; rm x", Some("/etc")),
            ("command cd /etc; rm x", Some("/etc")),
            ("sh -c 'cd /etc'; rm x", None),
            ("cd /srv; sh -c 'cd x && rm y'", Some("/srv/x")),
            ("cd /etc && sudo rm x", Some("/etc")),
            ("cd /etc && sudo -i rm x", None),
            ("cd /etc && sudo -iu app rm x", None),
            ("cd /etc && sudo -u i rm x", Some("/etc")),
            ("cd /etc && sudo -D x rm y", Some("/etc/x")),
            ("sudo --chdir=/srv rm y", Some("/srv")),
            ("sudo -nD /srv rm y", Some("/srv")),
            ("sudo -u -D rm y", None),
            ("cd /srv; env -iC etc rm y", Some("/srv/etc")),
            ("cd -LP -e /srv; rm y", Some("/srv")),
            ("cd /etc && ssh mx1 rm x", None),
            ("cd /etc && ssh mx1 'cd /srv && rm x'", Some("/srv")),
            ("sudo sh -c 'cd /; rm x'", Some("/")),
        ] {
            let expected = expected.map(|folder| Value::Text(folder.to_owned()));
            assert_eq!(folder(text), expected, "{text}");
        }
    }

    #[test]
    fn where_it_is_not_known_nothing_is_said() {
        for text in [
            "cd \"$x\"; rm y",
            "cd -; rm y",
            "cd; rm y",
            "pushd a; popd; rm y",
            "CDPATH=/x; cd a; rm y",
            "cd \"$x\" && ls; rm y",
        ] {
            assert_eq!(folder(text), Some(Value::Unknown), "{text}");
        }
    }

    #[test]
    fn a_folder_that_may_have_been_left_is_one_of_all() {
        let all = |text: &str| folders(folder(text).as_ref());
        let owned = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(all("cd /etc && ls; rm x"), owned(&["", "/etc"]));
        assert_eq!(all("[ -d a ] && cd a; cd b; rm x"), owned(&["b", "a/b"]));
    }
}
