//! Reads `match`.

use std::collections::BTreeMap;

use crate::policy::pattern::{Pattern, Regex};
use crate::policy::rule::{AnyOf, FlagPattern, Matcher, OpaqueKind, SqlKind, VerbPattern};

use super::Layer;
use super::library::{Library, Pack};
use super::tree::{Keys, Node, Shape, did_you_mean};
use super::{conditions, placeholder};

/// A matcher.
const MATCHER: Shape = Shape {
    what: "a matcher",
    keys: &[
        "program", "verb", "flag", "arg", "writes", "fed", "sql", "without", "opaque", "line",
        "when", "let",
    ],
};

/// Keys of which a matcher needs one.
const ANCHORS: [&str; 4] = ["program", "writes", "opaque", "line"];

/// Reads one matcher.
pub(super) fn read<'a>(
    library: &Library<'a, '_>,
    pack: &Pack<'a>,
    node: Node<'a>,
) -> Option<Matcher> {
    let keys = node.table(MATCHER)?;
    if !ANCHORS.iter().any(|key| keys.get(key).is_some()) {
        let help = format!("add one of {}", ANCHORS.join(", "));
        node.mistake("the matcher names nothing that it looks at", help);
    }
    let patterns = |key: &str| any_of(keys.get(key), Pattern::parse);
    let no_arg = keys.get("arg").is_some_and(is_no_operand);
    let matcher = Matcher {
        program: patterns("program"),
        verb: any_of(keys.get("verb"), VerbPattern::parse),
        flag: flags(keys.get("flag")),
        arg: match no_arg {
            true => AnyOf::default(),
            false => patterns("arg"),
        },
        no_arg,
        writes: patterns("writes"),
        fed: patterns("fed"),
        sql: keys.get("sql").map(sql).unwrap_or_default(),
        without: keys.get("without").map(plain_patterns).unwrap_or_default(),
        opaque: keys.get("opaque").map(opaque).unwrap_or_default(),
        line: keys.get("line").and_then(|line| {
            line.lint("`line` looks at raw text and is easy to evade", None);
            line.parsed(Regex::parse)
        }),
        when: keys
            .get("when")
            .map(|when| conditions::read(library, pack, when))
            .unwrap_or_default(),
        lets: keys.get("let").map(lets).unwrap_or_default(),
    };
    check_words(library, keys, &matcher);
    Some(matcher)
}

/// Reads a key whose entries may begin with `!`.
pub(super) fn any_of<T, E: ToString>(
    node: Option<Node<'_>>,
    parse: impl Fn(&str) -> Result<T, E>,
) -> AnyOf<T> {
    let mut found = AnyOf::default();
    for entry in node.and_then(Node::list_or_one).unwrap_or_default() {
        let Some(text) = entry.text() else { continue };
        match text.strip_prefix('!') {
            Some(rest) => found.not.extend(entry.parsed(|_| parse(rest))),
            None => found.plain.extend(entry.parsed(|_| parse(text))),
        }
    }
    found
}

/// Reads `flag`, in whose entries options may be alternatives.
fn flags(node: Option<Node<'_>>) -> AnyOf<FlagPattern> {
    let found = any_of(node, FlagPattern::parse_any);
    AnyOf {
        plain: found.plain.into_iter().flatten().collect(),
        not: found.not.into_iter().flatten().collect(),
    }
}

/// Returns whether `arg` says that there is no operand; tells what stands beside it.
fn is_no_operand(node: Node<'_>) -> bool {
    let is_mark = |node: &Node<'_>| node.as_text() == Some("!*");
    if !node.is_list() {
        return is_mark(&node);
    }
    let entries = node.list().unwrap_or_default();
    let found = entries.iter().any(is_mark);
    if found && entries.len() > 1 {
        let help = String::from("write two matchers");
        node.mistake(
            "`!*` means that there is no operand, so nothing can stand beside it",
            help,
        );
    }
    found
}

/// Reads patterns of which none may begin with `!`.
fn plain_patterns(node: Node<'_>) -> Vec<Pattern> {
    let entries = node.list_or_one().unwrap_or_default().into_iter();
    let plain = entries.filter(|entry| {
        let negated = entry.as_text().is_some_and(|text| text.starts_with('!'));
        if negated {
            entry.mistake("`without` takes no `!`", None);
        }
        !negated
    });
    plain
        .filter_map(|entry| entry.parsed(Pattern::parse))
        .collect()
}

/// Reads `opaque`.
fn opaque(node: Node<'_>) -> Vec<OpaqueKind> {
    let known = [
        ("variable", OpaqueKind::Variable),
        ("eval", OpaqueKind::Eval),
        ("download", OpaqueKind::Download),
        ("unparsed", OpaqueKind::Unparsed),
        ("*", OpaqueKind::Any),
    ];
    let entries = node.list_or_one().unwrap_or_default().into_iter();
    let kinds = entries.filter_map(|entry| entry.one_of("no reason for being opaque", &known));
    kinds.collect()
}

/// Reads `sql`.
fn sql(node: Node<'_>) -> Vec<SqlKind> {
    let known = [
        ("delete-all", SqlKind::DeleteAll),
        ("update-all", SqlKind::UpdateAll),
        ("truncate", SqlKind::Truncate),
        ("drop", SqlKind::Drop),
        ("alter", SqlKind::Alter),
        ("alter-system", SqlKind::AlterSystem),
        ("grant", SqlKind::Grant),
        ("write", SqlKind::Write),
        ("opaque", SqlKind::Opaque),
    ];
    let entries = node.list_or_one().unwrap_or_default().into_iter();
    let kinds = entries.filter_map(|entry| {
        let name = entry.text()?;
        if name.starts_with('!') {
            let help = String::from("a harmless statement excuses no other in the same text");
            entry.mistake("`sql` takes no `!`", help);
            return None;
        }
        entry.one_of("no kind of statement", &known)
    });
    kinds.collect()
}

/// Reads `let`.
fn lets(node: Node<'_>) -> BTreeMap<String, String> {
    let entries = node.any_table().map(Keys::entries).unwrap_or_default();
    let mut lets = BTreeMap::new();
    for (name, at, value) in entries {
        if name.contains('.') || !placeholder::is_name(name) {
            let help = String::from("use a-z, 0-9, - and _, beginning with a letter");
            at.mistake(format!("`{name}` is no name"), help);
        }
        let Some(text) = value.text() else { continue };
        for used in placeholder::names(text) {
            if !placeholder::is_built_in(used) {
                value.mistake(format!("unknown placeholder `{{{used}}}`"), None);
            }
        }
        lets.insert(name.to_owned(), text.to_owned());
    }
    lets
}

/// Tells verb sets that the programs' words do not have, and lints what rests on unknown words.
fn check_words(library: &Library<'_, '_>, keys: Keys<'_>, matcher: &Matcher) {
    let names = matcher
        .program
        .plain
        .iter()
        .filter_map(Pattern::literals)
        .flatten();
    let names: Vec<&str> = names
        .map(|name| name.rsplit('/').next().unwrap_or(name))
        .collect();
    let verbs = keys
        .get("verb")
        .and_then(Node::list_or_one)
        .unwrap_or_default();
    for verb in verbs {
        let text = verb.as_text().unwrap_or_default();
        if let Some(set) = text.strip_prefix('!').unwrap_or(text).strip_prefix('@') {
            check_set(library, verb, &names, set);
        }
    }
    if let Some(node) = keys.get("sql") {
        check_sql(library, node, &names);
    }
    let without_words = names
        .iter()
        .find(|name| !library.words.contains_key(**name));
    for key in ["verb", "flag", "arg"] {
        if let (Some(node), Some(name)) = (keys.get(key), without_words) {
            node.lint(
                format!("`{name}` has no words, so how it reads its words is a guess"),
                match node.layer() {
                    Layer::User | Layer::Project => {
                        format!("root adds [words.{name}] to a file in /etc/kanmon/rules.d")
                    }
                    Layer::BuiltIn | Layer::System => format!("add [words.{name}]"),
                },
            );
        }
    }
}

/// Tells programs of which nothing says where their SQL is.
fn check_sql(library: &Library<'_, '_>, node: Node<'_>, names: &[&str]) {
    if names.is_empty() {
        node.mistake("`sql` needs a program that is named in full", None);
    }
    for name in names {
        let at = library
            .words
            .get(*name)
            .and_then(|words| words.sql.as_ref());
        if at.is_none() {
            let help = format!("add `sql = {{ option = […] }}` to [words.{name}]");
            node.mistake(
                format!("the words of `{name}` do not say where its SQL is"),
                help,
            );
        }
    }
}

/// Tells a verb set that one of the programs does not have.
fn check_set(library: &Library<'_, '_>, verb: Node<'_>, names: &[&str], set: &str) {
    if names.is_empty() {
        verb.mistake(
            format!("`@{set}` needs a program that is named in full"),
            None,
        );
    }
    for name in names {
        let sets = library.words.get(*name).map(|words| &words.sets);
        if sets.is_none_or(|sets| !sets.contains_key(set)) {
            let known = sets.into_iter().flatten().map(|(name, _)| name.as_str());
            let help = did_you_mean(set, known)
                .unwrap_or_else(|| format!("add `set.{set} = […]` to [words.{name}]"));
            verb.mistake(format!("the words of `{name}` have no set `{set}`"), help);
        }
    }
}
