//! Recall and false holds on commands with expected verdicts.
//!
//! The corpora in `../shared/corpora` have licences of their own and stand beside the repository;
//! where they are absent that part is left out and says so. No text of theirs stands here: a line
//! is named by the first 16 hex digits of the SHA-256 of its text. `tests/corpora/own.jsonl` is the
//! repository's own corpus, so that a fresh clone still measures.

#![expect(clippy::disallowed_methods, reason = "the corpora are files")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use kanmon::policy::Profile;
use regex::Regex;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::judged::{built_in, ids, judged, root, stops};

/// One line of a corpus.
#[derive(Debug, Deserialize)]
struct Case {
    /// The command line.
    cmd: String,
    /// Whether it should be stopped.
    expect: Expect,
    /// What it is about; the harmless lines of the corpora outside have none.
    #[serde(default)]
    category: String,
    /// Where it comes from.
    #[serde(default)]
    source: String,
    /// Why kanmon is known to be wrong about it; it must be, or this has to go.
    #[serde(default)]
    gap: Option<String>,
}

/// What should become of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Expect {
    /// A production runbook would gate it.
    Risky,
    /// It passes silently.
    Safe,
}

/// A line of the corpora outside, and why it is named.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    /// The first 16 hex digits of the SHA-256 of the line.
    line: String,
    /// Why.
    #[serde(rename = "why")]
    _why: String,
}

/// Which lines of the category `evasion` end in a command that an existing pack holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Subjects {
    /// Words that are risky programs of the packs.
    programs: Vec<String>,
    /// Regexes for programs that are risky with some verbs only.
    forms: Vec<String>,
    /// Lines in which the program does not stand as a word.
    also: Vec<Named>,
    /// Lines in which it stands as a word and is not what is risky.
    not: Vec<Named>,
    /// Lines that are known to be missed.
    waiting: Vec<Named>,
}

/// Labels that are wrong.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Disputed {
    /// The lines.
    #[serde(default)]
    disputed: Vec<Named>,
}

/// How many of some lines were stopped.
#[derive(Debug, Default)]
struct Score {
    lines: usize,
    stopped: usize,
    /// The lines for which the verdict is not the expected one.
    wrong: Vec<String>,
}

impl Score {
    /// Judges a line and counts it.
    fn note(&mut self, case: &Case, profile: Profile) {
        let is_stopped = stops(&judged(case.cmd.as_bytes(), built_in(), profile).verdict);
        self.lines += 1;
        self.stopped += usize::from(is_stopped);
        if is_stopped != (case.expect == Expect::Risky) {
            self.wrong.push(case.cmd.clone());
        }
    }

    /// Returns the share of lines that were stopped, in percent.
    fn percent(&self) -> f64 {
        100.0 * self.stopped as f64 / self.lines.max(1) as f64
    }

    /// Prints one line of figures, and the lines that went wrong where they should all be seen.
    fn print(&self, what: &str, with_lines: bool) {
        println!(
            "{what:24} {:5} of {:5} stopped, {:6.2} %",
            self.stopped,
            self.lines,
            self.percent()
        );
        for line in self.wrong.iter().filter(|_| with_lines) {
            println!("    {} {line:?}", hash(line));
        }
    }
}

/// The categories of which a pack exists, and the least share of them that it stops, in percent.
const BARS: &[(&str, f64)] = &[
    ("delete", 97.0),
    ("disk", 99.0),
    ("mail", 99.0),
    ("reboot", 99.0),
    ("service", 99.0),
];

/// Returns the name of a line.
fn hash(line: &str) -> String {
    let digest = Sha256::digest(line.as_bytes());
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Returns a file of the corpora outside; nothing where they are absent.
fn outside(name: &str) -> Option<Vec<Case>> {
    let beside = std::env::var_os("KANMON_CORPORA").map(PathBuf::from);
    let places = beside
        .into_iter()
        .chain(["../shared/corpora", "../../shared/corpora"].map(|place| root().join(place)));
    let text = places
        .filter_map(|place| fs::read_to_string(place.join(name)).ok())
        .next();
    if text.is_none() {
        println!("left out: {name} is not there");
    }
    text.map(|text| cases(&text))
}

/// Returns the cases of a corpus.
fn cases(text: &str) -> Vec<Case> {
    let cases = text.lines().map(serde_json::from_str);
    cases.collect::<Result<_, _>>().unwrap()
}

/// Reads a TOML file of `tests/corpora`.
fn list<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let text = fs::read_to_string(root().join("tests/corpora").join(name)).unwrap();
    toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Returns the names of lines.
fn names(named: &[Named]) -> BTreeSet<&str> {
    named.iter().map(|named| named.line.as_str()).collect()
}

/// Returns the lines whose labels count.
fn undisputed(cases: Vec<Case>) -> Vec<Case> {
    let disputed: Disputed = list("disputed.toml");
    let disputed = names(&disputed.disputed);
    let n_all = cases.len();
    let left: Vec<Case> = cases
        .into_iter()
        .filter(|case| !disputed.contains(hash(&case.cmd).as_str()))
        .collect();
    assert!(
        (n_all - left.len()) * 100 <= n_all,
        "more than 1 % of the labels are disputed"
    );
    left
}

impl Subjects {
    /// Returns whether what a line runs in the end is held by an existing pack.
    ///
    /// A look at the text and no reading of it, so that it does not share kanmon's mistakes: the
    /// line without quotes and backslashes has one of the programs as a word.
    fn fits(&self, line: &str) -> bool {
        let name = hash(line);
        if names(&self.not).contains(name.as_str()) {
            return false;
        }
        if names(&self.also).contains(name.as_str()) {
            return true;
        }
        let plain = line.replace("\\\n", "").replace(['"', '\'', '\\'], "");
        let programs = format!(r"(^|[^\w-])({})($|[^\w-])", self.programs.join("|"));
        let forms = self.forms.iter().cloned();
        forms
            .chain([programs])
            .any(|form| Regex::new(&form).unwrap().is_match(&plain))
    }
}

#[test]
fn what_the_packs_name_is_stopped() {
    let Some(cases) = outside("dev_risky_ops.jsonl") else {
        return;
    };
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    for case in &undisputed(cases) {
        let score = scores.entry(case.category.clone()).or_default();
        score.note(case, Profile::Production);
    }
    for (category, score) in &scores {
        score.print(category, BARS.iter().any(|(name, _)| name == category));
    }
    for (category, least) in BARS {
        assert!(scores[*category].percent() >= *least, "{category}");
    }
}

#[test]
fn what_hides_a_command_of_the_packs_does_not_hide_it() {
    let Some(cases) = outside("dev_risky_ops.jsonl") else {
        return;
    };
    let subjects: Subjects = list("evasion-subjects.toml");
    let mut score = Score::default();
    for case in &undisputed(cases) {
        if case.category == "evasion" && subjects.fits(&case.cmd) {
            score.note(case, Profile::Production);
        }
    }
    score.print("evasion, our subjects", true);
    let missed: BTreeSet<String> = score.wrong.iter().map(|line| hash(line)).collect();
    let missed: BTreeSet<&str> = missed.iter().map(String::as_str).collect();
    assert_eq!(
        missed,
        names(&subjects.waiting),
        "the list `waiting` of evasion-subjects.toml is not what is missed"
    );
}

#[test]
fn what_is_harmless_passes() {
    let Some(cases) = outside("dev_benign.jsonl") else {
        return;
    };
    let mut all = Score::default();
    let mut by_source: BTreeMap<String, Score> = BTreeMap::new();
    for case in &undisputed(cases) {
        all.note(case, Profile::Production);
        let score = by_source.entry(case.source.clone()).or_default();
        score.note(case, Profile::Production);
    }
    for (source, score) in &by_source {
        score.print(source, false);
    }
    all.print("harmless", true);
    assert!(all.percent() <= 0.3);
    assert!(by_source["handwritten"].percent() <= 2.0);
}

#[test]
fn an_engineers_day_is_not_disturbed() {
    let Some(cases) = outside("dev_everyday.jsonl") else {
        return;
    };
    let mut score = Score::default();
    for case in &undisputed(cases) {
        score.note(case, Profile::Workstation);
    }
    score.print("everyday, workstation", true);
    assert!(score.percent() <= 0.2);
}

#[test]
fn the_own_corpus_is_judged_as_it_says() {
    let text = fs::read_to_string(root().join("tests/corpora/own.jsonl")).unwrap();
    let cases = cases(&text);
    assert!(cases.len() >= 400, "only {} lines", cases.len());
    let distinct: BTreeSet<&str> = cases.iter().map(|case| case.cmd.as_str()).collect();
    assert_eq!(distinct.len(), cases.len(), "a line stands there twice");
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    let mut wrong = Vec::new();
    for case in &cases {
        let score = scores.entry(case.category.clone()).or_default();
        score.note(case, Profile::Production);
        let verdict = judged(case.cmd.as_bytes(), built_in(), Profile::Production).verdict;
        let is_right = stops(&verdict) == (case.expect == Expect::Risky);
        if is_right == case.gap.is_some() {
            wrong.push(format!("{case:?} {:?}", ids(&verdict)));
        }
    }
    for (category, score) in &scores {
        score.print(category, false);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
