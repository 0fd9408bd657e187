//! The names of all files: packs with their probes, step lists and translations.
//!
//! `x` is the own pack's, `pack.x` another pack's. Remembers which texts were used, so that
//! translations without a text and texts without a translation come out.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::line::knowledge::Words;
use crate::policy::rule::Text;

use super::tree::{Keys, Node, Shape, did_you_mean};
use super::{Layer, PackHead, SourceFile, placeholder};

/// Keys at the top of a file, beside languages.
const TOP: [&str; 9] = [
    "pack", "probe", "steps", "calendar", "rule", "tune", "words", "wrapper", "plain",
];

/// The `[pack]` table.
const PACK: Shape = Shape {
    what: "[pack]",
    keys: &["id", "title", "lang"],
};

/// The pack id of rules that stand for what is broken.
const OWN: &str = "kanmon";

/// Languages that built-in packs must have.
const BUILT_IN_LANGUAGES: [&str; 2] = ["en", "ja"];

/// A pack while its file is read.
pub(super) struct Pack<'a> {
    /// Its id, or the file's name where the id is missing.
    pub(super) id: &'a str,
    /// The file's root.
    pub(super) root: Keys<'a>,
    /// The language of its source texts.
    lang: &'a str,
    /// Where it is declared.
    head: Node<'a>,
    /// Its probes by name.
    probes: BTreeMap<&'a str, Node<'a>>,
    /// Its step lists by name.
    steps: BTreeMap<&'a str, Node<'a>>,
    /// Its calendars by name.
    calendars: BTreeMap<&'a str, Node<'a>>,
    /// Language to source text to (place of the key, translation).
    translations: BTreeMap<&'a str, BTreeMap<&'a str, (Node<'a>, &'a str)>>,
    /// Source texts that were used, with the place of the first use.
    used: RefCell<BTreeMap<&'a str, Node<'a>>>,
}

/// What a name can stand for.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// A probe.
    Probe,
    /// A step list.
    Steps,
    /// A calendar.
    Calendar,
}

/// The packs of all files.
pub(super) struct Library<'a, 'w> {
    /// In the order of the files.
    packs: Vec<Pack<'a>>,
    /// What is known of programs.
    pub(super) words: &'w BTreeMap<String, Words>,
    /// All names that a `let` of any rule binds.
    pub(super) lets: BTreeSet<&'a str>,
    /// The CSV files that lie beside the rule files.
    csv_files: &'w [&'a SourceFile],
}

/// Tells keys that may not stand at the top of a file.
pub(super) fn check_top_level(root: Node<'_>) {
    let Some(keys) = root.any_table() else { return };
    for (name, at, value) in keys.entries() {
        if is_language(name) {
            value.any_table();
        } else if !TOP.contains(&name) {
            let help = did_you_mean(name, TOP.into_iter()).unwrap_or_else(|| {
                format!(
                    "a file may have {}, and languages such as ja",
                    TOP.join(", ")
                )
            });
            at.mistake(format!("unknown key `{name}` in a rule file"), help);
        }
    }
}

/// Returns whether this is a language tag of two letters.
fn is_language(name: &str) -> bool {
    name.len() == 2 && name.chars().all(|c| c.is_ascii_lowercase())
}

/// Returns whether this can be the id of a pack or a rule.
pub(super) fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// Reads an id.
pub(super) fn read_id<'a>(node: Node<'a>) -> Option<&'a str> {
    let id = node.text()?;
    if !is_id(id) {
        let help = String::from("use a-z, 0-9 and -");
        node.mistake(format!("`{id}` is no id"), help);
        return None;
    }
    Some(id)
}

impl<'a, 'w> Library<'a, 'w> {
    /// Collects the names of all files that are packs.
    pub(super) fn new(
        roots: &[Node<'a>],
        words: &'w BTreeMap<String, Words>,
        csv_files: &'w [&'a SourceFile],
    ) -> Self {
        let mut packs: Vec<Pack<'a>> = Vec::new();
        for pack in roots.iter().filter_map(|root| Pack::new(*root)) {
            if let Some(other) = packs.iter().find(|other| other.id == pack.id) {
                let help = format!("{} has it too", other.root.node.file.name);
                pack.head
                    .mistake(format!("the pack id `{}` is taken", pack.id), help);
            }
            packs.push(pack);
        }
        let lets = packs.iter().flat_map(Pack::lets).collect();
        Self {
            packs,
            words,
            lets,
            csv_files,
        }
    }

    /// Returns the CSV files that lie beside the rule files.
    pub(super) fn csv_files(&self) -> &'w [&'a SourceFile] {
        self.csv_files
    }

    /// Returns the packs in the order of the files.
    pub(super) fn packs(&self) -> impl Iterator<Item = &Pack<'a>> {
        self.packs.iter()
    }

    /// Returns the heads of the packs.
    pub(super) fn heads(&self) -> Vec<PackHead> {
        self.packs.iter().filter_map(Pack::to_head).collect()
    }

    /// Finds what `node` names, seen from `pack`; tells if there is no such thing.
    pub(super) fn find<'s>(
        &'s self,
        pack: &'s Pack<'a>,
        node: Node<'a>,
        kind: Kind,
    ) -> Option<(&'s Pack<'a>, &'a str, Node<'a>)> {
        self.named(pack, node.text()?, node, kind)
    }

    /// Finds what is called `name`, seen from `pack`; tells at `node` if there is no such thing.
    pub(super) fn named<'s>(
        &'s self,
        pack: &'s Pack<'a>,
        name: &str,
        node: Node<'a>,
        kind: Kind,
    ) -> Option<(&'s Pack<'a>, &'a str, Node<'a>)> {
        let (owner, local) = match name.split_once('.') {
            None => (Some(pack), name),
            Some((id, local)) => (self.packs.iter().find(|pack| pack.id == id), local),
        };
        let found = owner.and_then(|owner| {
            let (local, value) = owner.names(kind).get_key_value(local)?;
            Some((owner, *local, *value))
        });
        if found.is_none() {
            let own = pack.names(kind).keys().map(|name| (*name).to_owned());
            let others = self.packs.iter().flat_map(|other| {
                let names = other.names(kind).keys();
                names.map(move |name| format!("{}.{name}", other.id))
            });
            let all: Vec<String> = own.chain(others).collect();
            let what = match kind {
                Kind::Probe => "probe",
                Kind::Steps => "step list",
                Kind::Calendar => "calendar",
            };
            let help = did_you_mean(name, all.iter().map(String::as_str));
            node.mistake(format!("there is no {what} `{name}`"), help);
        }
        found
    }

    /// Finds the rule that `node` names, seen from `pack`: its full id and its keys; tells if there
    /// is none.
    pub(super) fn find_rule(&self, pack: &Pack<'a>, node: Node<'a>) -> Option<(String, Keys<'a>)> {
        let name = node.text()?;
        let full = match name.contains('.') {
            true => name.to_owned(),
            false => format!("{}.{name}", pack.id),
        };
        let all = self.packs.iter().flat_map(Pack::rules);
        let rules: Vec<(String, Keys<'a>)> = all.collect();
        let found = rules.iter().find(|(id, _)| *id == full).cloned();
        if found.is_none() {
            let own = format!("{}.", pack.id);
            let known = rules
                .iter()
                .map(|(id, _)| id.strip_prefix(&own).unwrap_or(id));
            let help = did_you_mean(name, known);
            node.mistake(format!("there is no rule `{name}`"), help);
        }
        found
    }

    /// Tells gaps in translations.
    pub(super) fn check_translations(&self) {
        self.packs.iter().for_each(Pack::check_translations);
    }
}

impl<'a> Pack<'a> {
    /// Collects the names of one file; `None` if it is no pack.
    fn new(root: Node<'a>) -> Option<Self> {
        let root = root.any_table()?;
        let Some(head) = root.get("pack") else {
            let own = ["probe", "steps", "calendar", "rule", "tune"];
            if let Some(first) = own.iter().find_map(|key| root.get(key)) {
                let help = String::from("begin the file with `[pack]`, `id = …` and `title = …`");
                first.mistake("a file with rules needs a [pack]", help);
            }
            return None;
        };
        let keys = head.table(PACK)?;
        let id = keys.need("id", "[pack]").and_then(read_id);
        if let Some(node) = keys.get("id").filter(|_| id == Some(OWN)) {
            node.mistake(format!("the pack id `{OWN}` is the program's own"), None);
        }
        let lang = keys.get("lang").and_then(Node::text).unwrap_or("en");
        if !is_language(lang)
            && let Some(node) = keys.get("lang")
        {
            let help = String::from("write two letters, such as \"en\"");
            node.mistake(format!("`{lang}` is no language"), help);
        }
        let pack = Self {
            id: id.unwrap_or(&root.node.file.name),
            root,
            lang,
            head,
            probes: names(root, "probe"),
            steps: names(root, "steps"),
            calendars: names(root, "calendar"),
            translations: translations(root),
            used: RefCell::default(),
        };
        if let Some(title) = keys.need("title", "[pack]") {
            pack.text(title);
        }
        Some(pack)
    }

    /// Returns its names of one kind.
    pub(super) fn names(&self, kind: Kind) -> &BTreeMap<&'a str, Node<'a>> {
        match kind {
            Kind::Probe => &self.probes,
            Kind::Steps => &self.steps,
            Kind::Calendar => &self.calendars,
        }
    }

    /// Reads a text for people, with its translations.
    pub(super) fn text(&self, node: Node<'a>) -> Option<Text> {
        let source = node.text()?;
        self.used.borrow_mut().entry(source).or_insert(node);
        let other = self
            .translations
            .iter()
            .filter_map(|(language, texts)| {
                let (_, text) = texts.get(source)?;
                Some(((*language).to_owned(), (*text).to_owned()))
            })
            .collect();
        Some(Text {
            source: source.to_owned(),
            other,
        })
    }

    /// Reads a text that may be a command in backticks, which is not translated.
    pub(super) fn text_or_command(&self, node: Node<'a>) -> Option<Text> {
        let source = node.text()?;
        let inner = source
            .strip_prefix('`')
            .and_then(|rest| rest.strip_suffix('`'));
        if inner.is_some_and(|command| !command.contains('`')) {
            return Some(Text {
                source: source.to_owned(),
                other: BTreeMap::new(),
            });
        }
        self.text(node)
    }

    /// Returns the names that its rules bind with `let`, whatever else may be wrong with them.
    fn lets(&self) -> Vec<&'a str> {
        let entries = |node: Node<'a>, key: &str| {
            let value = node
                .is_table()
                .then(|| node.any_table()?.get(key))
                .flatten();
            value
                .filter(|value| value.is_list())
                .and_then(Node::list)
                .unwrap_or_default()
        };
        let rules = entries(self.root.node, "rule");
        let matchers = rules.into_iter().flat_map(|rule| entries(rule, "match"));
        let tables = matchers.filter_map(|matcher| {
            let matcher = matcher.is_table().then(|| matcher.any_table()).flatten()?;
            matcher
                .get("let")
                .filter(|node| node.is_table())?
                .any_table()
        });
        let names = tables.flat_map(Keys::entries);
        names.map(|(name, _, _)| name).collect()
    }

    /// Returns its rules by full id, whatever may be wrong with them.
    fn rules(&self) -> Vec<(String, Keys<'a>)> {
        let nodes = self.root.get("rule").filter(|node| node.is_list());
        let nodes = nodes.and_then(Node::list).unwrap_or_default();
        let rules = nodes.into_iter().filter_map(|node| {
            let keys = node.is_table().then(|| node.any_table()).flatten()?;
            let id = keys.get("id").and_then(Node::as_text)?;
            Some((format!("{}.{id}", self.id), keys))
        });
        rules.collect()
    }

    /// Returns its head; `None` where it has no title, which was told.
    fn to_head(&self) -> Option<PackHead> {
        let title = self
            .head
            .any_table()?
            .get("title")
            .filter(|node| node.as_text().is_some())?;
        Some(PackHead {
            id: self.id.to_owned(),
            title: self.text(title)?,
            lang: self.lang.to_owned(),
            file: self.root.node.file.name.clone(),
            layer: self.root.node.layer(),
        })
    }

    /// Tells texts without translation, translations without text, and different placeholders.
    fn check_translations(&self) {
        let used = self.used.borrow();
        let is_built_in = self.root.node.layer() == Layer::BuiltIn;
        let wanted: BTreeSet<&str> = BUILT_IN_LANGUAGES
            .into_iter()
            .filter(|language| is_built_in && *language != self.lang)
            .chain(self.translations.keys().copied())
            .collect();
        for language in wanted {
            let empty = BTreeMap::new();
            let texts = self.translations.get(language).unwrap_or(&empty);
            for (source, node) in used
                .iter()
                .filter(|(source, _)| !texts.contains_key(*source))
            {
                let help = format!("add it to [{language}]");
                node.lint(
                    format!("`{source}` has no translation in [{language}]"),
                    help,
                );
            }
            for (source, (at, text)) in texts {
                if !used.contains_key(source) {
                    at.lint(format!("no text of the pack reads `{source}`"), None);
                } else if sorted_names(source) != sorted_names(text) {
                    at.lint("text and translation have different placeholders", None);
                }
            }
        }
    }
}

/// Returns the placeholders of a text in a fixed order.
fn sorted_names(text: &str) -> Vec<&str> {
    let mut names = placeholder::names(text);
    names.sort_unstable();
    names
}

/// Returns the entries of a table of names at the top of a file.
fn names<'a>(root: Keys<'a>, key: &str) -> BTreeMap<&'a str, Node<'a>> {
    let table = root.get(key).and_then(Node::any_table);
    let entries = table.map(Keys::entries).unwrap_or_default();
    entries
        .into_iter()
        .map(|(name, at, value)| {
            if name.contains('.') || !placeholder::is_name(name) {
                let help = String::from("use a-z, 0-9, - and _, beginning with a letter");
                at.mistake(format!("`{name}` is no name"), help);
            }
            (name, value)
        })
        .collect()
}

/// Returns the translations of a file by language and source text.
fn translations<'a>(root: Keys<'a>) -> BTreeMap<&'a str, BTreeMap<&'a str, (Node<'a>, &'a str)>> {
    let languages = root.entries().into_iter().filter(|(name, _, value)| {
        // A wrong type was told by the look at the top level.
        is_language(name) && value.is_table()
    });
    languages
        .map(|(language, _, value)| {
            let entries = value.any_table().map(Keys::entries).unwrap_or_default();
            let texts = entries
                .into_iter()
                .filter_map(|(source, at, text)| Some((source, (at, text.text()?))))
                .collect();
            (language, texts)
        })
        .collect()
}
