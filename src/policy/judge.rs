//! Invocations × rules → verdict.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::line::{Invocation, Reading};

use super::facts::Facts;
use super::fit;
use super::merge;
use super::rule::{Risk, Rule};
use super::ruleset::RuleSet;
use super::scene::Scene;
use super::verdict::{Hit, Passed, Verdict};

/// Which rules are in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Profile {
    /// All rules.
    #[default]
    Production,
    /// Without those marked `only = "production"`.
    Workstation,
}

impl Profile {
    /// Returns whether a rule is in.
    #[must_use]
    pub const fn has(self, rule: &Rule) -> bool {
        match self {
            Self::Production => true,
            Self::Workstation => !rule.production_only,
        }
    }
}

/// Returns the proof that no rule can name this argv, where that is certain without reading it.
///
/// For the passing path: no word's base name is guarded, a wrapper, or fits a rule that looks
/// beyond names. `args` are the raw words, the program first.
pub fn at_once<'a>(args: impl Iterator<Item = &'a [u8]>, rules: &RuleSet) -> Option<Passed> {
    let mut is_first = true;
    for arg in args {
        let has_path = arg.contains(&b'/');
        let base = arg.rsplit(|byte| *byte == b'/').next().unwrap_or(arg);
        if rules.mentions(base) {
            return None;
        }
        // What runs nothing that it is given cannot run what follows.
        if is_first && rules.is_plain_name(base) {
            return Some(Passed { _sealed: () });
        }
        // It may be a script: what is in it counts.
        if is_first && (has_path || is_named_as_script(base)) && !rules.is_known(base) {
            return None;
        }
        is_first = false;
    }
    Some(Passed { _sealed: () })
}

/// Returns whether a name without a path is one that shell scripts go by. A look through `PATH` for
/// every program that is not known would cost what passes a file; these names alone are worth it.
fn is_named_as_script(name: &[u8]) -> bool {
    [b".sh".as_slice(), b".bash", b".zsh", b".ksh"]
        .iter()
        .any(|suffix| name.ends_with(suffix))
}

/// The most guesses for which one rule holds a line at one target.
const MAX_GUESSES: usize = 8;

/// Judges what was read of a line.
pub fn judge(
    text: &str,
    reading: &Reading,
    rules: &RuleSet,
    facts: &dyn Facts,
    profile: Profile,
) -> Verdict {
    let hits = hits(text, reading, rules, facts, profile);
    if hits.is_empty() {
        return Verdict::Pass(Passed { _sealed: () });
    }
    if hits.iter().all(|hit| hit.rule.risk == Risk::Note) {
        return Verdict::Note(hits);
    }
    Verdict::Hold(merge::merge(hits, rules))
}

/// Returns every rule that fits an invocation, in the order of the line.
pub fn hits(
    text: &str,
    reading: &Reading,
    rules: &RuleSet,
    facts: &dyn Facts,
    profile: Profile,
) -> Vec<Hit> {
    let mut found = Vec::new();
    for invocation in &reading.invocations {
        let scene = Scene::new(text, reading, invocation, rules, facts);
        for rule in rules.candidates_for(invocation) {
            if !profile.has(rule) {
                continue;
            }
            // A script is full of small things; only what cannot be undone is worth a stop.
            // What stands for a broken file may stand for that.
            let is_small = rule.risk < Risk::High && !rule.is_stand_in();
            if invocation.origin.is_some() && is_small {
                continue;
            }
            if invocation.guessed && is_guessed_enough(&found, rule, invocation) {
                continue;
            }
            if let Some(hit) = hit(rule, &scene) {
                found.push(hit);
            }
        }
    }
    found
}

/// Returns whether a rule holds the line for enough guesses at the same target: each operand of an
/// unknown program is one, and the plan would ask about all of them together anyway.
fn is_guessed_enough(found: &[Hit], rule: &Rule, invocation: &Invocation) -> bool {
    let same = found.iter().filter(|hit| {
        hit.invocation.guessed
            && hit.rule.id == rule.id
            && hit.invocation.target == invocation.target
    });
    same.take(MAX_GUESSES).count() == MAX_GUESSES
}

/// Returns the hit if one of the rule's matchers fits and one of its conditions holds.
fn hit(rule: &Arc<Rule>, scene: &Scene<'_>) -> Option<Hit> {
    let fitted = rule
        .matchers
        .iter()
        .find_map(|matcher| fit::fit(matcher, scene, is_grave(rule)).ok())?;
    let mut holds = super::condition::any(&rule.when, scene)?;
    holds.unknown.extend(fitted.unknown);
    Some(Hit {
        rule: Arc::clone(rule),
        invocation: scene.invocation.clone(),
        span: held_span(scene.invocation),
        lets: fitted.lets,
        unknown: holds.unknown,
        frozen: fitted.frozen.into_iter().chain(holds.frozen).collect(),
        seen: fitted.seen.into_iter().chain(holds.seen).collect(),
        earlier: holds.earlier,
    })
}

/// Returns whether a rule is one for what cannot be undone.
fn is_grave(rule: &Rule) -> bool {
    rule.risk >= Risk::High
}

/// Returns why `rule` does not hold `invocation`, for `explain`: the key of the matcher that came
/// furthest, or `None` if it does hold.
#[must_use]
pub fn why_not(
    rule: &Rule,
    text: &str,
    reading: &Reading,
    invocation: &Invocation,
    rules: &RuleSet,
    facts: &dyn Facts,
) -> Option<&'static str> {
    let scene = Scene::new(text, reading, invocation, rules, facts);
    let mut furthest = "program";
    for matcher in &rule.matchers {
        match fit::fit(matcher, &scene, is_grave(rule)) {
            Ok(_) => {
                return super::condition::any(&rule.when, &scene)
                    .is_none()
                    .then_some("when");
            }
            Err("program") => {}
            // A matcher that names no program is near only where its own key is at stake.
            Err(_) if matcher.program.is_empty() => {}
            Err(key) => furthest = key,
        }
    }
    Some(furthest)
}

/// The part that is underlined: the call and what it writes to.
pub(super) fn held_span(invocation: &Invocation) -> crate::line::Span {
    invocation
        .writes
        .iter()
        .fold(invocation.span, |span, write| span.to(write.span))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_be_a_script_by_its_name_is_not_passed_at_once() {
        let rules = RuleSet::built_in().unwrap();
        let passes = |words: &[&str]| {
            let words = words.iter().map(|word| word.as_bytes());
            at_once(words, &rules).is_some()
        };
        assert!(passes(&["some-tool", "a"]));
        assert!(passes(&["true"]));
        assert!(passes(&["some-tool", "x.sh"]));
        assert!(!passes(&["deploy.sh"]));
        assert!(!passes(&["./some-tool"]));
        assert!(!passes(&["some-tool", "reboot"]));
    }
}
