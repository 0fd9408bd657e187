//! `{placeholders}` in probes and texts.
//!
//! A placeholder is `{name}` or `{name.part}` in lower case (`{arg.1}`, `{flag.--user}`). Braces
//! with anything else in them are text, and so is what follows a `$` (`${x}` is the shell's).

/// A part of a text with placeholders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// Text as it is.
    Text(&'a str),
    /// What stands between the braces.
    Placeholder(&'a str),
}

/// Names that every invocation has.
pub const BUILT_IN: [&str; 8] = [
    "target",
    "host",
    "user",
    "context",
    "namespace",
    "account",
    "verb",
    "args",
];

/// Further names that every invocation has. They are made for commands and stand in no record.
pub const OF_COMMANDS: [&str; 3] = ["program", "place", "folder"];

/// Returns whether every invocation has a value of this name, though maybe an empty one.
#[must_use]
pub fn is_built_in(name: &str) -> bool {
    if let Some(number) = name.strip_prefix("arg.") {
        return number.parse::<usize>().is_ok_and(|number| number > 0);
    }
    BUILT_IN.contains(&name)
        || OF_COMMANDS.contains(&name)
        || name
            .strip_prefix("flag.")
            .is_some_and(|flag| !flag.is_empty())
}

/// Returns the parts of `text` in order; joined, with braces around the placeholders, they are it.
#[must_use]
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut rest, mut searched) = (text, 0);
    while let Some(open) = find_from(rest, searched, '{') {
        let (before, after) = rest.split_at(open);
        let inner = after.strip_prefix('{').unwrap_or_default();
        let name = inner.split('}').next().unwrap_or_default();
        let closed = inner.len() > name.len();
        if !closed || !is_name(name) || before.ends_with('$') {
            searched = open + 1;
            continue;
        }
        if !before.is_empty() {
            parts.push(Part::Text(before));
        }
        parts.push(Part::Placeholder(name));
        rest = inner.get(name.len() + 1..).unwrap_or_default();
        searched = 0;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    parts
}

/// Returns where `wanted` stands in `text` at or after byte `from`.
fn find_from(text: &str, from: usize, wanted: char) -> Option<usize> {
    text.get(from..)?.find(wanted).map(|at| at + from)
}

/// Returns whether this can be a placeholder's name.
pub fn is_name(name: &str) -> bool {
    let (head, tail) = name.split_once('.').unwrap_or((name, "-"));
    let in_head = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    let in_tail = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    head.starts_with(|c: char| c.is_ascii_lowercase())
        && head.chars().all(in_head)
        && !tail.is_empty()
        && tail.chars().all(in_tail)
}

/// Returns the names of the placeholders, each once, in order.
#[must_use]
pub fn names(text: &str) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for part in parts(text) {
        match part {
            Part::Placeholder(name) if !names.contains(&name) => names.push(name),
            Part::Placeholder(_) | Part::Text(_) => {}
        }
    }
    names
}

/// Returns whether what a command means depends on the working directory of the invocation: it has
/// words of it that may be paths, or asks for the directory itself.
#[must_use]
pub fn needs_folder(command: &str) -> bool {
    let may_be_path = |name: &&str| {
        matches!(*name, "args" | "place" | "folder")
            || name.starts_with("arg.")
            || name.starts_with("flag.")
    };
    let outside = outside_quotes(command);
    let mut words = outside.split(|c: char| c.is_whitespace() || ";&|()`".contains(c));
    names(command).iter().any(may_be_path) || words.any(|word| word == "pwd")
}

/// Returns the first placeholder that stands within quotes of a shell command. It would become a
/// quoted word there, and its quotes would end those around it.
#[must_use]
pub fn first_in_quotes(command: &str) -> Option<&str> {
    let mut quote = None;
    for part in parts(command) {
        match part {
            Part::Text(text) => quote = quote_after(text, quote),
            Part::Placeholder(name) if quote.is_some() => return Some(name),
            Part::Placeholder(_) => {}
        }
    }
    None
}

/// Returns whether a shell command has a pipe outside quotes.
#[must_use]
pub fn has_pipe(command: &str) -> bool {
    outside_quotes(command).replace("||", "").contains('|')
}

/// Returns what of a shell command stands outside quotes, escaped characters left out.
fn outside_quotes(command: &str) -> String {
    let mut outside = String::new();
    let mut quote = None;
    let mut characters = command.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (None | Some('"'), '\\') => {
                characters.next();
            }
            (None, '\'' | '"') => quote = Some(character),
            (None, _) => outside.push(character),
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
        }
    }
    outside
}

/// Returns the quote that is open after `text`, where `quote` was open before it.
fn quote_after(text: &str, mut quote: Option<char>) -> Option<char> {
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (None | Some('"'), '\\') => {
                characters.next();
            }
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            (None | Some(_), _) => {}
        }
    }
    quote
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_may_depend_on_the_folder() {
        for command in [
            "du -sh {args}",
            "ls {arg.1}",
            "pwd -P; hostname",
            "echo $(pwd)",
        ] {
            assert!(needs_folder(command), "{command}");
        }
        for command in ["ls {host}", "hostname", "echo 'pwd'", "mount | grep pwdb"] {
            assert!(!needs_folder(command), "{command}");
        }
    }

    #[test]
    fn placeholders_are_found_and_other_braces_are_text() {
        assert_eq!(
            parts("tail {log} -n {arg.2}!"),
            [
                Part::Text("tail "),
                Part::Placeholder("log"),
                Part::Text(" -n "),
                Part::Placeholder("arg.2"),
                Part::Text("!"),
            ]
        );
        for text in [
            "awk { print }",
            "${host}",
            "{A}",
            "{}",
            "{a,b}",
            "{host",
            "{{}",
            "{arg.}",
        ] {
            assert_eq!(parts(text), [Part::Text(text)], "{text}");
        }
        assert_eq!(names("{host}{{user} {host}"), ["host", "user"]);
        assert_eq!(parts(""), []);
    }

    #[test]
    fn quotes_around_a_placeholder_are_seen() {
        assert_eq!(first_in_quotes("grep 'x' {log}"), None);
        assert_eq!(first_in_quotes("grep '{log}'"), Some("log"));
        assert_eq!(first_in_quotes("echo \"a {log} b\""), Some("log"));
        assert_eq!(first_in_quotes(r"echo \'{log}"), None);
        assert_eq!(first_in_quotes(r#"echo "a\"" {log}"#), None);
        assert_eq!(first_in_quotes(r"echo 'a\' {log}"), None);
    }

    #[test]
    fn pipes_are_seen_outside_quotes() {
        for command in ["a | b", "a|b", "a 'x' | b", "a || b | c"] {
            assert!(has_pipe(command), "{command}");
        }
        for command in ["a || b", "a 'x|y'", "a \"x | y\"", "a \\| b", ""] {
            assert!(!has_pipe(command), "{command}");
        }
    }

    #[test]
    fn built_in_names_are_known() {
        for name in ["target", "args", "arg.1", "flag.-u", "place"] {
            assert!(is_built_in(name), "{name}");
        }
        for name in ["arg.0", "arg.x", "flag.", "log", "arg"] {
            assert!(!is_built_in(name), "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn parts_joined_are_the_text(text in "[a{}$.関1 ]{0,12}") {
            let joined: String = parts(&text)
                .into_iter()
                .map(|part| match part {
                    Part::Text(text) => text.to_owned(),
                    Part::Placeholder(name) => format!("{{{name}}}"),
                })
                .collect();
            proptest::prop_assert_eq!(joined, text);
        }
    }
}
