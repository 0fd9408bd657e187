//! Placeholders: `{target}`, `{arg.1}`, … in probes and texts, filled from a hit.
//!
//! In a probe's command each becomes exactly one quoted shell word; in a text it stands as it is
//! (what shows it makes it safe).

use std::collections::BTreeMap;

use crate::line::text::quote;
use crate::line::{Invocation, Value, Word};

use super::again::is_own_program;
use super::pack::placeholder::{self, Part};
use super::place::{self, Where};

/// The placeholder of a whole invocation; no rule can write it.
pub(super) const WHOLE: &str = "{whole.invocation}";

/// No names: what a matcher binds stands for words of the invocation, never for one another.
static NOTHING_BOUND: BTreeMap<String, String> = BTreeMap::new();

/// Where placeholders find their values.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The held invocation.
    pub invocation: &'a Invocation,
    /// Operands after the verb.
    pub operands: &'a [Word],
    /// Words of the verb path.
    pub verb: &'a [Word],
    /// Options with their values, dashes included in the name.
    pub options: &'a [(String, Option<Word>)],
    /// The words of those options that say where the program works and as whom; `None` where they
    /// are not known.
    pub place: Option<&'a [String]>,
    /// What the matcher binds.
    pub lets: &'a BTreeMap<String, String>,
    /// Values of probes by full id, for texts after they were asked.
    pub values: &'a BTreeMap<String, String>,
    /// Pack of the rule: a probe without a pack's name is its own.
    pub pack: &'a str,
    /// Name of the host where the gate stands.
    pub here: &'a str,
    /// User at the place where the gate stands.
    pub user: &'a str,
}

/// Returns `template` with every placeholder as one quoted shell word.
///
/// # Errors
/// The name of the placeholder that is missing, not known, or holds bytes that are no UTF-8.
pub fn command(template: &str, source: Source<'_>) -> Result<String, String> {
    fill(template, &|name| {
        if name == "args" {
            return source
                .operands
                .iter()
                .map(|word| certain(word).map(|text| quote(&text)))
                .collect::<Option<Vec<_>>>()
                .map(|words| words.join(" "));
        }
        match name {
            "place" => return source.place.map(|words| join(words, quote)),
            // It runs there already, for `cd` comes before the command.
            "folder" => return Some(".".to_owned()),
            _ => {}
        }
        // Several hosts are no word of a command; a text may name them together.
        let is_host = matches!(name, "target" | "host") && !source.lets.contains_key(name);
        if is_host && Where::of(&source.invocation.target).is_open() {
            return None;
        }
        value(name, source, &certain).map(|text| quote(&text))
    })
}

/// Returns `template`, text for PowerShell, with every placeholder as one text in single quotes.
///
/// # Errors
/// As [`command`].
pub fn pwsh(template: &str, source: Source<'_>) -> Result<String, String> {
    fill(template, &|name| {
        if name == "args" {
            let words = source.operands.iter();
            let quoted: Option<Vec<String>> = words
                .map(|word| certain(word).map(|text| quote_pwsh(&text)))
                .collect();
            return quoted.map(|words| words.join(" "));
        }
        if name == "place" {
            return source.place.map(|words| join(words, quote_pwsh));
        }
        value(name, source, &certain).map(|text| quote_pwsh(&text))
    })
}

/// Returns words with spaces between them, each quoted by `quote`.
fn join(words: &[String], quote: impl Fn(&str) -> String) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
    quoted.join(" ")
}

/// Returns a text in single quotes as PowerShell reads it; there, curved quotes end it too.
fn quote_pwsh(text: &str) -> String {
    let mut quoted = String::from("'");
    for character in text.chars() {
        if matches!(character, '\'' | '\u{2018}'..='\u{201b}') {
            quoted.push(character);
        }
        quoted.push(character);
    }
    quoted.push('\'');
    quoted
}

/// Returns `template` with every placeholder as text; one that is missing stands as `?`.
#[must_use]
pub fn text(template: &str, source: Source<'_>) -> String {
    let shown = |word: &Word| Some(word.shown());
    fill(template, &|name| {
        if name == "args" {
            let words: Vec<String> = source.operands.iter().map(Word::shown).collect();
            return Some(words.join(" "));
        }
        if name == "program" {
            return Some(source.invocation.program.shown());
        }
        if name == "place" {
            return Some(
                source
                    .place
                    .map_or_else(|| "…".to_owned(), |words| words.join(" ")),
            );
        }
        Some(value(name, source, &shown).unwrap_or_else(|| "?".to_owned()))
    })
    .unwrap_or_else(|_| template.to_owned())
}

/// Returns the value of one placeholder where all of it is known.
#[must_use]
pub fn known(name: &str, source: Source<'_>) -> Option<String> {
    if name == "args" {
        let words: Option<Vec<String>> = source.operands.iter().map(certain).collect();
        return words.map(|words| words.join(" "));
    }
    value(name, source, &certain)
}

/// Only what is fully known may go into a command.
pub(super) fn certain(word: &Word) -> Option<String> {
    if word.lossy { None } else { word.known() }
}

/// Reads one value; `let` wins over built-in names, those over probes.
fn value(name: &str, source: Source<'_>, read: &dyn Fn(&Word) -> Option<String>) -> Option<String> {
    if let Some(bound) = source.lets.get(name) {
        let rest = Source {
            lets: &NOTHING_BOUND,
            ..source
        };
        return fill(bound, &|name| value(name, rest, read)).ok();
    }
    let target = &source.invocation.target;
    let place = |word: &Option<Word>| word.as_ref().and_then(read);
    match name {
        "target" => match place::words(target).all(|word| read(word).is_some()) {
            true => Some(place::name(target).unwrap_or_else(|| source.here.to_owned())),
            false => None,
        },
        "host" => match &target.host {
            Some(host) => read(host),
            None => Some(source.here.to_owned()),
        },
        "user" => match &target.user {
            Some(user) => read(user),
            None => Some(source.user.to_owned()),
        },
        "whole.invocation" => {
            let words = std::iter::once(&source.invocation.program);
            let words: Option<Vec<String>> =
                words.chain(&source.invocation.args).map(read).collect();
            words.map(|words| words.join("\0"))
        }
        // No program from the working directory runs before the line is cleared.
        "program" => read(&source.invocation.program).filter(|typed| is_own_program(typed)),
        "folder" => match &source.invocation.folder {
            Some(Value::Text(folder)) => Some(folder.clone()),
            Some(Value::List(_) | Value::Either(_) | Value::Unset | Value::Unknown) => None,
            None => Some(".".to_owned()),
        },
        "context" => place(&target.context),
        "namespace" => place(&target.namespace),
        "account" => place(&target.account),
        "verb" => {
            let words: Option<Vec<String>> = source.verb.iter().map(read).collect();
            words.map(|words| words.join(" "))
        }
        _ => other_value(name, source, read),
    }
}

/// Numbered operands, options by name, probes.
fn other_value(
    name: &str,
    source: Source<'_>,
    read: &dyn Fn(&Word) -> Option<String>,
) -> Option<String> {
    if let Some(number) = name.strip_prefix("arg.") {
        let number: usize = number.parse().ok()?;
        return source.operands.get(number.checked_sub(1)?).and_then(read);
    }
    if let Some(flag) = name.strip_prefix("flag.") {
        let is_it = |option: &str| option == flag || option.trim_start_matches('-') == flag;
        let (_, found) = source.options.iter().find(|(option, _)| is_it(option))?;
        return found.as_ref().and_then(read);
    }
    let full = format!("{}.{name}", source.pack);
    source
        .values
        .get(&full)
        .or_else(|| source.values.get(name))
        .cloned()
}

/// Puts `template` together again with each placeholder replaced.
fn fill(template: &str, value: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut whole = String::with_capacity(template.len());
    let mut is_nothing = false;
    for part in placeholder::parts(template) {
        match part {
            // Where no word came in between, one space is enough: people type what they see.
            Part::Text(text) if is_nothing && whole.ends_with(' ') => {
                whole.push_str(text.strip_prefix(' ').unwrap_or(text));
            }
            Part::Text(text) => whole.push_str(text),
            Part::Placeholder(name) => {
                let value = value(name).ok_or_else(|| name.to_owned())?;
                is_nothing = value.is_empty();
                whole.push_str(&value);
            }
        }
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::{Span, Target};

    fn check(template: &str, in_command: Result<&str, &str>, in_text: &str) {
        let word = |text: &str| Word::plain(text, Span::default());
        let unknown = Word {
            pieces: vec![crate::line::Piece::Unknown {
                span: Span::default(),
                quoted: false,
            }],
            ..Word::default()
        };
        let invocation = Invocation {
            program: word("/usr/bin/psql"),
            target: Target {
                host: Some(word("mx1")),
                ..Target::default()
            },
            ..Invocation::default()
        };
        let operands = [word("it's"), unknown];
        let options = [("--size".to_owned(), Some(word("4 G")))];
        let place = ["-h".to_owned(), "db 1".to_owned()];
        let bound = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let lets = BTreeMap::from([
            bound("of", "{flag.size} {log}"),
            bound("size", "{flag.size}"),
            bound("none", "{flag.none}"),
            ("log".to_owned(), "/var/log/a b".to_owned()),
        ]);
        let values = BTreeMap::from([("mail.waiting".to_owned(), "12".to_owned())]);
        let source = Source {
            invocation: &invocation,
            operands: &operands,
            verb: &[],
            options: &options,
            place: Some(&place),
            lets: &lets,
            values: &values,
            pack: "mail",
            here: "gate1",
            user: "op",
        };
        assert_eq!(
            command(template, source),
            in_command.map(str::to_owned).map_err(str::to_owned),
            "{template}"
        );
        assert_eq!(text(template, source), in_text, "{template}");
    }

    #[test]
    fn each_placeholder_is_one_quoted_word_in_a_command_and_plain_in_a_text() {
        check("tail {log}", Ok("tail '/var/log/a b'"), "tail /var/log/a b");
        check(
            "f {arg.1} {target} {user}",
            Ok(r"f 'it'\''s' mx1 op"),
            "f it's mx1 op",
        );
        check("{flag.size} {size}", Ok("'4 G' '4 G'"), "4 G 4 G");
        check(
            "psql {place} -l",
            Ok("psql -h 'db 1' -l"),
            "psql -h db 1 -l",
        );
        check("{program} -l", Ok("/usr/bin/psql -l"), "/usr/bin/psql -l");
        check("{waiting} left", Ok("12 left"), "12 left");
    }

    #[test]
    fn no_words_leave_one_space() {
        let at = |place: &[String], template| {
            let source = Source {
                invocation: &Invocation::default(),
                operands: &[],
                verb: &[],
                options: &[],
                place: Some(place),
                lets: &BTreeMap::new(),
                values: &BTreeMap::new(),
                pack: "kubernetes",
                here: "gate1",
                user: "op",
            };
            command(template, source).unwrap()
        };
        assert_eq!(
            at(&[], "kubectl {place} get {args} -o name"),
            "kubectl get -o name"
        );
        assert_eq!(at(&[], "kubectl get {place}"), "kubectl get ");
        assert_eq!(
            at(&["-n".to_owned()], "kubectl {place} get"),
            "kubectl -n get"
        );
        assert_eq!(at(&[], "printf '%s  %s' {place} x"), "printf '%s  %s' x");
    }

    #[test]
    fn what_is_not_known_fails_a_command_and_is_marked_in_a_text() {
        check("f {none}", Err("none"), "f ?");
        // One `let` stands for no other.
        check("f {of}", Err("of"), "f ?");
        check("f {arg.2}", Err("arg.2"), "f …");
        check("f {arg.3}", Err("arg.3"), "f ?");
        check("f {args}", Err("args"), "f it's …");
        check("kubectl {namespace}", Err("namespace"), "kubectl ?");
    }

    #[test]
    fn a_target_that_is_not_known_fails_a_command() {
        let mut host = Word::plain("mx", Span::default());
        host.pieces.push(crate::line::Piece::Unknown {
            span: Span::default(),
            quoted: false,
        });
        let invocation = Invocation {
            target: Target {
                host: Some(host),
                ..Target::default()
            },
            ..Invocation::default()
        };
        let none = BTreeMap::new();
        let source = Source {
            invocation: &invocation,
            operands: &[],
            verb: &[],
            options: &[],
            place: None,
            lets: &none,
            values: &none,
            pack: "mail",
            here: "gate1",
            user: "op",
        };
        assert_eq!(command("ping {target}", source), Err("target".to_owned()));
        assert_eq!(command("p {place}", source), Err("place".to_owned()));
    }

    #[test]
    fn powershell_has_quotes_of_its_own() {
        assert_eq!(quote_pwsh("a b"), "'a b'");
        assert_eq!(quote_pwsh("it's ‘so’"), "'it''s ‘‘so’’'");
        assert_eq!(quote_pwsh("$(x) `n \"y\""), "'$(x) `n \"y\"'");
    }

    #[test]
    fn other_braces_are_text() {
        check(
            "awk '{print $1}' {log}",
            Ok("awk '{print $1}' '/var/log/a b'"),
            "awk '{print $1}' /var/log/a b",
        );
        check("a{b{log}", Ok("a{b'/var/log/a b'"), "a{b/var/log/a b");
        check("${log}", Ok("${log}"), "${log}");
        check("{", Ok("{"), "{");
    }
}
