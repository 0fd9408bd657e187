//! Lines judged in-process, with the built-in rules or with some packs alone.
//!
//! Nothing beside the line is known: no host, no user, no variable.

#![expect(clippy::disallowed_methods, reason = "the tests read the rule files")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use kanmon::door::understand::{NoVariables, Understood, understand};
use kanmon::line::Line;
use kanmon::policy::facts::NothingKnown;
use kanmon::policy::pack::{Layer, SourceFile, read, render};
use kanmon::policy::{Profile, RuleSet, Verdict};

/// Returns the repository's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the rules that are compiled into the program.
pub(crate) fn built_in() -> &'static RuleSet {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    RULES.get_or_init(|| RuleSet::built_in().unwrap())
}

/// Returns the packs `mail` and `reboot` with what they share and all words and wrappers, and no
/// other rule.
pub(crate) fn mail_and_reboot() -> &'static RuleSet {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    RULES.get_or_init(|| {
        packs_alone(&[
            "common.toml",
            "mail.toml",
            "reboot.toml",
            // What `mail` has called of it.
            "service.toml",
            "wrappers.toml",
        ])
    })
}

/// Returns the rules of these files of `rules/`, with all words.
fn packs_alone(names: &[&str]) -> RuleSet {
    let folder = root().join("rules");
    let mut paths: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
    let words = fs::read_dir(folder.join("words")).unwrap();
    paths.extend(words.map(|entry| entry.unwrap().path()));
    paths.sort();
    let files: Vec<SourceFile> = paths
        .iter()
        .map(|path| SourceFile {
            name: path.display().to_string(),
            text: fs::read_to_string(path).unwrap(),
            layer: Layer::BuiltIn,
        })
        .collect();
    let (packs, mistakes) = read(&files);
    assert!(mistakes.is_empty(), "{}", render(&mistakes, &files));
    RuleSet::of_packs(&packs).unwrap()
}

/// Returns what is understood of a shell line and what the rules say of it.
pub(crate) fn judged(line: &[u8], rules: &RuleSet, profile: Profile) -> Understood {
    understand(
        &Line::shell(line),
        rules,
        &NothingKnown,
        &NoVariables,
        profile,
    )
}

/// Returns whether a shell line is stopped: held or refused.
pub(crate) fn is_stopped(line: &str, rules: &RuleSet) -> bool {
    stops(&judged(line.as_bytes(), rules, Profile::Production).verdict)
}

/// Returns whether a verdict keeps the line from starting at once.
pub(crate) fn stops(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Hold(_) | Verdict::Refuse(_) => true,
        Verdict::Pass(_) | Verdict::Note(_) => false,
    }
}

/// Returns the ids of the rules that hold a line, in the order of the plan, each once.
pub(crate) fn ids(verdict: &Verdict) -> Vec<String> {
    let hits = match verdict {
        Verdict::Pass(_) | Verdict::Refuse(_) => return Vec::new(),
        Verdict::Note(hits) => hits,
        Verdict::Hold(plan) => &plan.hits,
    };
    let mut ids: Vec<String> = Vec::new();
    for hit in hits {
        if !ids.contains(&hit.rule.id) {
            ids.push(hit.rule.id.clone());
        }
    }
    ids
}
