//! `kanmonctl rules test`: every rule alone on its own test lines, every wrapper on its.

use serde_json::json;

use crate::ctl::out::{self, Failure};
use crate::door::understand::{NoVariables, read};
use crate::line::Line;
use crate::policy::facts::NothingKnown;
use crate::policy::judge;
use crate::policy::ruleset::RuleSet;
use crate::policy::{Profile, Rule};

/// A test line that does not do what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Miss {
    /// The rule's full id, or `wrapper NAME`.
    of: String,
    /// The line.
    line: String,
    /// Whether it should hold.
    should_hold: bool,
}

/// What came of a test of all rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Outcome {
    /// How many lines were tried.
    tried: usize,
    /// Those that failed.
    misses: Vec<Miss>,
    /// Rules without a line that must hold, or without one that must pass.
    untested: Vec<String>,
}

/// Runs `rules test`; exits 1 where a line fails.
///
/// # Errors
/// Where standard output fails.
pub(super) fn run(rules: &RuleSet, profile: Profile, as_json: bool) -> Result<i32, Failure> {
    let outcome = test(rules, profile);
    let status = i32::from(!outcome.misses.is_empty());
    if as_json {
        let misses: Vec<_> = outcome
            .misses
            .iter()
            .map(
                |miss| json!({ "of": miss.of, "line": miss.line, "should_hold": miss.should_hold }),
            )
            .collect();
        out::json(
            &json!({ "tried": outcome.tried, "misses": misses, "untested": outcome.untested }),
        )?;
        return Ok(status);
    }
    for miss in &outcome.misses {
        let (wanted, found) = if miss.should_hold {
            ("hold", "passes")
        } else {
            ("pass", "holds")
        };
        out::line(&format!(
            "{}: should {wanted}, {found}: {}",
            miss.of, miss.line
        ))?;
    }
    for id in &outcome.untested {
        out::line(&format!("{id}: lacks test lines"))?;
    }
    out::line(&format!(
        "{} lines tried, {} failed",
        outcome.tried,
        outcome.misses.len()
    ))?;
    Ok(status)
}

/// Tries every rule alone, and every wrapper around whatever its lines guard.
fn test(rules: &RuleSet, profile: Profile) -> Outcome {
    let mut outcome = Outcome::default();
    let is_in = |rule: &&Rule| profile == Profile::Production || !rule.production_only;
    for rule in rules.rules().filter(is_in) {
        if rule.test_hold.is_empty() || rule.test_pass.is_empty() {
            outcome.untested.push(rule.id.clone());
        }
        let lines = rule.test_hold.iter().map(|line| (line, true));
        for (line, should_hold) in lines.chain(rule.test_pass.iter().map(|line| (line, false))) {
            let holds = held_by(line, rules, profile).contains(&rule.id);
            outcome.note(rule.id.clone(), line, should_hold, holds);
        }
    }
    for wrapper in rules.all_wrappers() {
        let of = format!("wrapper {}", wrapper.programs.join(", "));
        let lines = wrapper.test_hold.iter().map(|line| (line, true));
        for (line, should_hold) in lines.chain(wrapper.test_pass.iter().map(|line| (line, false))) {
            outcome.note(
                of.clone(),
                line,
                should_hold,
                !held_by(line, rules, profile).is_empty(),
            );
        }
    }
    outcome
}

impl Outcome {
    /// Notes what came of one line.
    fn note(&mut self, of: String, line: &str, should_hold: bool, holds: bool) {
        self.tried += 1;
        if should_hold != holds {
            self.misses.push(Miss {
                of,
                line: line.to_owned(),
                should_hold,
            });
        }
    }
}

/// The ids of all rules that hold a line of which nothing beside it is known.
fn held_by(line: &str, rules: &RuleSet, profile: Profile) -> Vec<String> {
    let line = Line::shell(line.as_bytes());
    let Ok(reading) = read(&line, rules, &NoVariables) else {
        return Vec::new();
    };
    let hits = judge::hits(line.text(), &reading, rules, &NothingKnown, profile);
    hits.into_iter().map(|hit| hit.rule.id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_rule_and_wrapper_does_what_its_lines_say() {
        let outcome = test(&RuleSet::built_in().unwrap(), Profile::Production);
        assert!(outcome.tried > 100, "only {} lines tried", outcome.tried);
        assert_eq!(outcome.misses, []);
        assert_eq!(outcome.untested, Vec::<String>::new());
    }
}
