//! Rule files: from TOML to [`super::rule::Rule`]s, words and wrappers, every mistake told at once.
//!
//! In: the texts of all files of a layer, with names for messages; among them the CSV files that
//! calendars name. Out: [`Packs`], in which every
//! name is resolved and every value parsed, and the mistakes; a file with a mistake must not be
//! used. The floor that a risk sets is not added here, merging does that. The build script compiles
//! this folder too: it uses [`super::pattern`], [`super::rule`], the times of [`super::calendar`] and
//! [`super::timerange`], the data types of `line/knowledge.rs`, and nothing else of kanmon.
//!
//! `tree` is a place in a file, `library` the names of all files; `rules`, `matchers`, `conditions`,
//! `probes`, `steps`, `words` and `wrappers` read one kind of thing each. `overlap` lints what fits all
//! or nothing new. `cases` reads the test files beside rule files.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::DeTable;

use super::rule::{Rule, Text};
use crate::line::knowledge::{Words, Wrapper};

pub mod cases;
mod conditions;
mod config;
pub mod diagnostic;
mod guarded;
mod library;
mod matchers;
mod overlap;
pub mod placeholder;
mod probes;
mod rules;
#[cfg(test)]
mod schema;
mod scope;
mod steps;
mod tree;
mod tune;
pub mod value;
mod words;
mod wrappers;

#[cfg(test)]
pub(crate) use conditions::CONDITION_KEYS;
pub use config::read_config;
pub use config::{Form, Occasion, Sink, Way};
pub use diagnostic::{Mistake, Voice, render, render_lints, shown};
pub use guarded::{everything, guarded_by};

use diagnostic::Findings;
use library::Library;
use tree::Node;

/// Where a file comes from; the later, the more it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// A trusted project folder.
    Project,
    /// The user's own files.
    User,
    /// What is compiled in.
    BuiltIn,
    /// The team's files.
    System,
}

/// A rule file that was read by someone else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// What messages call it: a path, or `built-in/NAME.toml`.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Where it comes from.
    pub layer: Layer,
}

/// The head of a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackHead {
    /// `[pack] id`.
    pub id: String,
    /// What it is for.
    pub title: Text,
    /// The language of its source texts.
    pub lang: String,
    /// The file that it stands in.
    pub file: String,
    /// Where the file comes from.
    pub layer: Layer,
}

/// All that stands in a set of rule files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packs {
    /// The packs in the order of the files.
    pub heads: Vec<PackHead>,
    /// The rules in the order of the files.
    pub rules: Vec<Rule>,
    /// What is known of programs' words, by base name.
    pub words: BTreeMap<String, Words>,
    /// The wrappers in the order of the files.
    pub wrappers: Vec<Wrapper>,
    /// Programs that run nothing of what they are given.
    pub plain: BTreeSet<String>,
    /// What works but should be written otherwise.
    pub(crate) lints: Vec<Mistake>,
}

impl Packs {
    /// Leaves the packs and rules of these files alone. What is known of programs stays: rules are
    /// found by it.
    pub fn keep_rules_of(&mut self, is_kept: impl Fn(&str) -> bool) {
        self.heads.retain(|head| is_kept(&head.file));
        self.rules.retain(|rule| is_kept(&rule.source.file));
        self.lints.retain(|lint| is_kept(&lint.file));
    }
}

/// Reads rule files; packs without mistakes are whole, of the others only what could be read.
///
/// ```
/// use kanmon::policy::pack::{Layer, SourceFile, read};
/// let file = SourceFile {
///     name: String::from("x.toml"),
///     text: String::from("[pack]\nid = \"x\"\ntitle = \"X\"\nlnag = \"ja\"\n"),
///     layer: Layer::User,
/// };
/// let (_, mistakes) = read(&[file]);
/// assert_eq!(mistakes[0].message, "unknown key `lnag` in [pack]");
/// assert_eq!(mistakes[0].help.as_deref(), Some("did you mean `lang`?"));
/// ```
#[must_use]
pub fn read(files: &[SourceFile]) -> (Packs, Vec<Mistake>) {
    let findings = Findings::default();
    let is_csv = |file: &&SourceFile| file.name.ends_with(".csv");
    let csv_files: Vec<&SourceFile> = files.iter().filter(is_csv).collect();
    let trees: Vec<(&SourceFile, Spanned<DeTable<'_>>)> = files
        .iter()
        .filter(|file| !is_csv(file))
        .map(|file| (file, parse(file, &findings)))
        .collect();
    let roots: Vec<Node<'_>> = trees
        .iter()
        .map(|(file, tree)| Node::root(file, tree.get_ref(), &findings))
        .collect();
    let mut packs = read_roots(&roots, &csv_files);
    drop(roots);
    drop(trees);
    let (mistakes, lints) = findings.finish();
    packs.lints = lints;
    (packs, mistakes)
}

/// Returns what works but should be written otherwise: answers beyond the budget of a risk, gaps in
/// translations, steps out of the gate's order, last resorts, matchers that fit everything or
/// nothing new.
#[must_use]
pub fn lint(packs: &Packs) -> &[Mistake] {
    &packs.lints
}

/// Parses one file; what does not parse is told and left out.
fn parse<'a>(file: &'a SourceFile, findings: &Findings) -> Spanned<DeTable<'a>> {
    let (tree, errors) = DeTable::parse_recoverable(&file.text);
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        findings.mistake(Mistake::new(file, span, error.message().to_owned(), None));
    }
    tree
}

/// Reads all files: first the names, then what uses them.
fn read_roots<'a>(roots: &[Node<'a>], csv_files: &[&'a SourceFile]) -> Packs {
    let mut packs = Packs::default();
    for root in roots {
        library::check_top_level(*root);
    }
    packs.words = words::read(roots);
    packs.plain = words::read_plain(roots);
    packs.wrappers = wrappers::read(roots, &packs.words, &packs.plain);
    let library = Library::new(roots, &packs.words, csv_files);
    packs.heads = library.heads();
    for pack in library.packs() {
        probes::read_all(&library, pack);
        steps::read_all(&library, pack);
        conditions::read_calendars(&library, pack);
        packs.rules.extend(rules::read_all(&library, pack));
    }
    for pack in library.packs() {
        tune::apply_all(&library, pack, &mut packs.rules);
    }
    library.check_translations();
    packs
}

#[cfg(test)]
mod japanese;
#[cfg(test)]
pub(crate) mod tests;
