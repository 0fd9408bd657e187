//! Reads `[words.PROGRAM]` and `plain`.

use std::collections::{BTreeMap, BTreeSet};

use crate::line::knowledge::{NamesAt, OptionStyle, ServerAt, SqlAt, SqlDialect, TargetKey, Words};
use crate::policy::pattern::Pattern;
use crate::policy::rule::{FlagPattern, VerbPattern};

use super::Layer;
use super::tree::{Keys, Node, Shape, did_you_mean, named};

/// `[words.PROGRAM]`.
const WORDS: Shape = Shape {
    what: "[words]",
    keys: &[
        "like",
        "values",
        "options",
        "depth",
        "ends",
        "verb_case",
        "set",
        "dry",
        "optional",
        "abbrev",
        "target",
        "sql",
        "place",
        "server",
        "names",
        "verbless",
    ],
};

/// `sql` of words.
const SQL: Shape = Shape {
    what: "`sql`",
    keys: &["option", "file", "operand", "dialect"],
};

/// `server` of words.
const SERVER: Shape = Shape {
    what: "`server`",
    keys: &["option", "operands"],
};

/// `names` of words.
const NAMES: Shape = Shape {
    what: "`names`",
    keys: &["operands", "without"],
};

/// Dialects by name.
const DIALECTS: [(&str, SqlDialect); 6] = [
    ("generic", SqlDialect::Generic),
    ("postgres", SqlDialect::Postgres),
    ("mysql", SqlDialect::Mysql),
    ("mssql", SqlDialect::Mssql),
    ("sqlite", SqlDialect::Sqlite),
    ("oracle", SqlDialect::Oracle),
];

/// Ways to write options by name.
const STYLES: [(&str, OptionStyle); 2] =
    [("getopt", OptionStyle::Getopt), ("long", OptionStyle::Long)];

/// Targets by name.
const TARGETS: [(&str, TargetKey); 7] = [
    ("host", TargetKey::Host),
    ("user", TargetKey::User),
    ("container", TargetKey::Container),
    ("pod", TargetKey::Pod),
    ("namespace", TargetKey::Namespace),
    ("context", TargetKey::Context),
    ("account", TargetKey::Account),
];

/// Words as they stand in the files, by program.
type Entries<'a> = BTreeMap<&'a str, Keys<'a>>;

/// Reads the words of all files.
pub(super) fn read(roots: &[Node<'_>]) -> BTreeMap<String, Words> {
    let entries = collect(roots);
    entries
        .iter()
        .map(|(program, keys)| {
            (
                (*program).to_owned(),
                resolve(&entries, *keys, &mut vec![program]),
            )
        })
        .collect()
}

/// Collects the words of all files; tells doubles and files that may not have any.
fn collect<'a>(roots: &[Node<'a>]) -> Entries<'a> {
    let mut entries = Entries::new();
    for root in roots {
        let Some(words) = root.any_table().and_then(|keys| keys.get("words")) else {
            continue;
        };
        if matches!(root.layer(), Layer::User | Layer::Project) {
            words.system_only("words");
        }
        for (program, at, value) in words.any_table().map(Keys::entries).unwrap_or_default() {
            let Some(keys) = value.table(WORDS) else {
                continue;
            };
            let other = entries.get(program).map(|other: &Keys<'_>| other.node);
            match other {
                Some(other) if other.layer() == root.layer() => {
                    let help = format!("line {} of {} has them too", other.line(), other.file.name);
                    at.mistake(format!("`{program}` has words already"), help);
                }
                Some(other) if other.layer() > root.layer() => {}
                Some(_) | None => {
                    entries.insert(program, keys);
                }
            }
        }
    }
    entries
}

/// Returns the words of one program, built on those that it is `like`.
fn resolve<'a>(entries: &Entries<'a>, keys: Keys<'a>, open: &mut Vec<&'a str>) -> Words {
    let base = keys.get("like").and_then(|like| {
        let name = like.text()?;
        let Some((name, other)) = entries.get_key_value(name) else {
            let help = did_you_mean(name, entries.keys().copied());
            like.mistake(format!("there are no words for `{name}`"), help);
            return None;
        };
        if open.contains(name) {
            like.mistake(format!("`{name}` is like itself"), None);
            return None;
        }
        open.push(name);
        Some(resolve(entries, *other, open))
    });
    apply(keys, base.unwrap_or_else(plain))
}

/// Returns the words of a program of which nothing is said.
fn plain() -> Words {
    Words {
        depth: 1,
        ..Words::default()
    }
}

/// Returns `words` with all that is written put in place of what was there; sets one by one.
fn apply(keys: Keys<'_>, mut words: Words) -> Words {
    let list = |key: &str, place: &mut Vec<String>, read: fn(Node<'_>) -> Vec<String>| {
        if let Some(node) = keys.get(key) {
            *place = read(node);
        }
    };
    list("values", &mut words.values, options);
    list("optional", &mut words.optional, options);
    list("dry", &mut words.dry, flags);
    list("ends", &mut words.ends, patterns);
    list("place", &mut words.place, options);
    list("verbless", &mut words.verbless, options);
    if let Some(style) = keys.get("options").and_then(style) {
        words.style = style;
    }
    if let Some(depth) = keys.get("depth") {
        read_depth(depth, &mut words);
    }
    if let Some(case) = keys.get("verb_case") {
        words.any_case = case.text() == Some("any");
        if !words.any_case {
            case.mistake("`verb_case` can only be \"any\"", None);
        }
    }
    if let Some(abbrev) = keys.get("abbrev").and_then(Node::boolean) {
        words.abbrev = abbrev;
    }
    if let Some(at) = keys.get("sql").and_then(sql) {
        words.sql = Some(at);
    }
    if let Some(at) = keys.get("server").and_then(server) {
        words.server = Some(at);
    }
    if let Some(at) = keys.get("names").and_then(names_at) {
        words.names = at;
    }
    for (name, _, value) in table(keys.get("set")) {
        words.sets.insert(name.to_owned(), verbs(value));
    }
    for (name, at, value) in table(keys.get("target")) {
        if let Some(key) = target_key(name, at) {
            words.target.insert(key, options(value));
        }
    }
    words
}

/// Reads where SQL is.
fn sql(node: Node<'_>) -> Option<SqlAt> {
    let keys = node.table(SQL)?;
    let list = |key: &str| keys.get(key).map(options).unwrap_or_default();
    Some(SqlAt {
        option: list("option"),
        file: list("file"),
        operand: keys.get("operand").and_then(|node| node.number(1..=99)),
        dialect: keys
            .get("dialect")
            .and_then(|node| node.one_of("no dialect of SQL", &DIALECTS))
            .unwrap_or_default(),
    })
}

/// Reads what says which server is meant.
fn server(node: Node<'_>) -> Option<ServerAt> {
    let keys = node.table(SERVER)?;
    Some(ServerAt {
        option: keys.get("option").map(options).unwrap_or_default(),
        operands: keys
            .get("operands")
            .and_then(|node| node.number(0..=99))
            .unwrap_or_default(),
    })
}

/// Reads which operands are no files.
fn names_at(node: Node<'_>) -> Option<NamesAt> {
    let keys = node.table(NAMES)?;
    Some(NamesAt {
        operands: keys
            .get("operands")
            .and_then(|node| node.number(0..=99))
            .unwrap_or_default(),
        without: keys.get("without").map(options).unwrap_or_default(),
    })
}

/// Returns the entries of a table that may be missing.
fn table(node: Option<Node<'_>>) -> Vec<(&str, Node<'_>, Node<'_>)> {
    node.and_then(Node::any_table)
        .map(Keys::entries)
        .unwrap_or_default()
}

/// Reads what a target key is called.
pub(super) fn target_key(name: &str, at: Node<'_>) -> Option<TargetKey> {
    named("no part of a target", name, at, &TARGETS)
}

/// Reads how options are written.
pub(super) fn style(node: Node<'_>) -> Option<OptionStyle> {
    node.one_of("no way to write options", &STYLES)
}

/// Reads `depth`: a number, or a table by the first word.
fn read_depth(node: Node<'_>, words: &mut Words) {
    let number = |node: Node<'_>| u8::try_from(node.number(0..=8)?).ok();
    if !node.is_table() {
        words.depth = number(node).unwrap_or(1);
        words.depth_by_first.clear();
        return;
    }
    for (first, _, value) in table(Some(node)) {
        if let Some(depth) = number(value) {
            words.depth_by_first.insert(first.to_owned(), depth);
        }
    }
}

/// Reads texts, each checked by `check`.
fn texts<T, E: ToString>(node: Node<'_>, check: impl Fn(&str) -> Result<T, E>) -> Vec<String> {
    let entries = node.list_or_one().unwrap_or_default().into_iter();
    let checked =
        entries.filter_map(|entry| entry.parsed(|text| check(text).map(|_| text.to_owned())));
    checked.collect()
}

/// Reads names of options, some with what they stand for (`-b=root`).
pub(super) fn standing_options(node: Node<'_>) -> Vec<String> {
    texts(node, |text| {
        match text.starts_with('-') && !text.contains(' ') {
            true => Ok(()),
            false => Err(format!("`{text}` is no option")),
        }
    })
}

/// Reads names of options.
pub(super) fn options(node: Node<'_>) -> Vec<String> {
    texts(node, |text| {
        match text.starts_with(['-', '+', '/']) && !text.contains([' ', '=']) {
            true => Ok(()),
            false => Err(format!("`{text}` is no option")),
        }
    })
}

/// Reads flag entries, which may begin with `!`.
pub(super) fn flags(node: Node<'_>) -> Vec<String> {
    texts(node, |text| {
        FlagPattern::parse(text.strip_prefix('!').unwrap_or(text))
    })
}

/// Reads verb entries.
pub(super) fn verbs(node: Node<'_>) -> Vec<String> {
    texts(node, VerbPattern::parse)
}

/// Reads patterns.
fn patterns(node: Node<'_>) -> Vec<String> {
    texts(node, Pattern::parse)
}

/// Reads names.
pub(super) fn names(node: Node<'_>) -> Vec<String> {
    texts(node, |_| Ok::<(), String>(()))
}

/// Reads `plain` of all files.
pub(super) fn read_plain(roots: &[Node<'_>]) -> BTreeSet<String> {
    let lists = roots.iter().filter_map(|root| {
        let plain = root.any_table()?.get("plain")?;
        if matches!(root.layer(), Layer::User | Layer::Project) {
            plain.system_only("plain");
        }
        Some(plain)
    });
    lists.flat_map(names).collect()
}

#[cfg(test)]
mod tests {
    use crate::line::knowledge::{NamesAt, ServerAt};
    use crate::line::{OptionStyle, SqlAt, SqlDialect, TargetKey, Words};
    use crate::policy::pack::tests::system_packs;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn every_key_of_words_is_read() {
        let packs = system_packs(
            "[pack]
            id = 'x'
            title = 'X'
            [words.p]
            values = ['-a', '--all']
            optional = '-o'
            options = 'long'
            depth = { remote = 2 }
            ends = 'run|exec'
            verb_case = 'any'
            set.read = ['get', '** list']
            dry = ['-s', '!--no-s']
            abbrev = true
            target = { host = '-h', account = ['--profile'] }
            sql = { option = '-c', file = '-f', operand = 2, dialect = 'oracle' }
            place = '--socket'
            server = { option = '-h', operands = 1 }
            names = { operands = 1, without = '--like' }
            verbless = '--as'
            [words.q]
            like = 'p'
            depth = 3
            set.read = 'show'
            set.safe = 'status'
            ",
        );
        let sets = [("read".to_owned(), texts(&["get", "** list"]))];
        let target = [
            (TargetKey::Host, texts(&["-h"])),
            (TargetKey::Account, texts(&["--profile"])),
        ];
        let p = Words {
            values: texts(&["-a", "--all"]),
            optional: texts(&["-o"]),
            style: OptionStyle::Long,
            depth: 1,
            depth_by_first: [("remote".to_owned(), 2)].into(),
            ends: texts(&["run|exec"]),
            any_case: true,
            sets: sets.into(),
            dry: texts(&["-s", "!--no-s"]),
            abbrev: true,
            target: target.into(),
            sql: Some(SqlAt {
                option: texts(&["-c"]),
                file: texts(&["-f"]),
                operand: Some(2),
                dialect: SqlDialect::Oracle,
            }),
            place: texts(&["--socket"]),
            server: Some(ServerAt {
                option: texts(&["-h"]),
                operands: 1,
            }),
            names: NamesAt {
                operands: 1,
                without: texts(&["--like"]),
            },
            verbless: texts(&["--as"]),
        };
        assert_eq!(packs.words["p"], p);
        let sets = [
            ("read".to_owned(), texts(&["show"])),
            ("safe".to_owned(), texts(&["status"])),
        ];
        let q = &packs.words["q"];
        assert_eq!((q.depth, &q.sets), (3, &sets.into()));
        let q = Words {
            depth: p.depth,
            depth_by_first: p.depth_by_first.clone(),
            sets: p.sets.clone(),
            ..q.clone()
        };
        assert_eq!(q, p, "all that is not written is as the other program's");
    }
}
