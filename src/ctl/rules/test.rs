//! `kanmonctl rules test`: every rule alone on its own test lines, every wrapper on its, and the
//! cases of `*.test.toml` on all rules.

mod diff;
mod known;
mod report;

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::ctl::check;
use crate::ctl::out::{self, Failure};
use crate::door::understand::{NoVariables, read, understand};
use crate::line::{Line, Wrapper};
use crate::policy::facts::NothingKnown;
use crate::policy::pack::cases::{Case, Expected};
use crate::policy::rule::{Rule, StepKind};
use crate::policy::ruleset::RuleSet;
use crate::policy::verdict::PlannedStep;
use crate::policy::{Profile, Verdict, judge};

use diff::Row;
use known::Known;

use super::files;
use super::words;

/// What is tested: rules and wrappers of all that count, and cases.
#[derive(Debug)]
struct Subject<'r> {
    /// All rules that count.
    rules: &'r RuleSet,
    /// Those whose lines are tried; all where `None`.
    own: Option<&'r BTreeSet<String>>,
    /// Which rules are in.
    profile: Profile,
    /// The wrappers whose lines are tried.
    wrappers: Vec<&'r Wrapper>,
    /// The cases.
    cases: &'r [Case],
}

/// What came of a test.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Outcome {
    /// How many lines of rules and wrappers were tried.
    lines: usize,
    /// How many cases were tried.
    cases: usize,
    /// Those that failed.
    misses: Vec<Miss>,
    /// What is not tested of the rules.
    untested: Vec<Gap>,
}

/// A line that does not do what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Miss {
    /// The rule's full id, `wrapper NAME`, or the case's name.
    of: String,
    /// File and line, where it has one.
    at: Option<String>,
    /// The line.
    line: String,
    /// What differs.
    parts: Vec<Part>,
}

/// What was expected of one line in one respect, and what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    /// `verdict`, `rules` or `plan`.
    what: &'static str,
    /// What was expected.
    expected: Vec<String>,
    /// What was found.
    found: Vec<String>,
    /// The difference: ` ` both, `-` expected alone, `+` found alone.
    rows: Vec<(char, String)>,
}

/// What is not tested of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Gap {
    /// The rule's full id.
    rule: String,
    /// Whether it has a line that must hold.
    holds: bool,
    /// Whether it has a line that must pass.
    passes: bool,
    /// Its steps in words that no case expects.
    steps: Vec<String>,
    /// How many steps it has.
    n_steps: usize,
}

/// Runs `rules test`; exits 1 where a line or a case fails.
///
/// # Errors
/// Where a file cannot be read or has a mistake, or standard output fails.
pub(super) fn run(paths: &[PathBuf], profile: Profile, as_json: bool) -> Result<i32, Failure> {
    let outcome = if paths.is_empty() {
        let rules = out::rules()?;
        test(&Subject {
            rules: &rules,
            own: None,
            profile,
            wrappers: rules.all_wrappers().collect(),
            cases: &[],
        })
    } else {
        let loaded = files::load(paths)?;
        test(&Subject {
            rules: &loaded.rules,
            own: Some(&loaded.own),
            profile,
            wrappers: loaded.wrappers.iter().collect(),
            cases: &loaded.cases,
        })
    };
    if as_json {
        out::json(&report::as_json(&outcome))?;
    } else {
        for row in report::drawn(&outcome, out::has_colour(), out::language()) {
            out::painted(&row)?;
        }
    }
    Ok(i32::from(!outcome.misses.is_empty()))
}

/// Tries every rule alone, every wrapper around whatever its lines guard, and every case.
fn test(subject: &Subject<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    let is_own = |rule: &&Rule| subject.own.is_none_or(|own| own.contains(&rule.id));
    let is_in = |rule: &&Rule| !rule.off && subject.profile.has(rule);
    let rules: Vec<&Rule> = subject.rules.rules().filter(is_own).filter(is_in).collect();
    for rule in &rules {
        let at = format!("{}:{}", rule.source.file, rule.source.line);
        for (line, should_hold) in lines(&rule.test_hold, &rule.test_pass) {
            let holds = held_by(line, subject.rules).contains(&rule.id);
            outcome.note_line(&rule.id, Some(&at), line, should_hold, holds);
        }
    }
    for wrapper in &subject.wrappers {
        let of = format!("wrapper {}", wrapper.programs.join(", "));
        for (line, should_hold) in lines(&wrapper.test_hold, &wrapper.test_pass) {
            let holds = !held_by(line, subject.rules).is_empty();
            outcome.note_line(&of, None, line, should_hold, holds);
        }
    }
    let mut expected = BTreeSet::new();
    for case in subject.cases {
        outcome.cases += 1;
        outcome
            .misses
            .extend(try_case(case, subject.rules, &mut expected));
    }
    let has_cases = !subject.cases.is_empty();
    let gaps = rules
        .iter()
        .map(|rule| Gap::new(rule, has_cases, &expected));
    outcome.untested = gaps.filter(Gap::is_one).collect();
    outcome
}

/// Returns the test lines, and whether each should hold.
fn lines<'t>(hold: &'t [String], pass: &'t [String]) -> impl Iterator<Item = (&'t str, bool)> {
    let hold = hold.iter().map(|line| (line.as_str(), true));
    hold.chain(pass.iter().map(|line| (line.as_str(), false)))
}

/// The ids of all rules that hold a line of which nothing beside it is known.
pub(super) fn held_by(line: &str, rules: &RuleSet) -> Vec<String> {
    let line = Line::shell(line.as_bytes());
    let Ok(reading) = read(&line, rules, &NoVariables) else {
        return Vec::new();
    };
    let hits = judge::hits(
        line.text(),
        &reading,
        rules,
        &NothingKnown,
        Profile::Production,
    );
    hits.into_iter().map(|hit| hit.rule.id.clone()).collect()
}

/// Tries one case; `steps` takes the rules' steps, by full id and number, that it rightly expects.
fn try_case(case: &Case, rules: &RuleSet, steps: &mut BTreeSet<(String, usize)>) -> Option<Miss> {
    let known = Known(&case.context);
    let profile = match case.context.profile.as_deref() {
        Some("workstation") => Profile::Workstation,
        _ => Profile::Production,
    };
    let line = Line::shell(case.line.as_bytes());
    let verdict = understand(&line, rules, &known, &known, profile).verdict;
    let mut parts = Vec::new();
    if let Some(expected) = &case.verdict {
        let found = check::word(&verdict).to_owned();
        parts.extend(Part::equal("verdict", vec![expected.clone()], vec![found]));
    }
    if let Some(expected) = &case.rules {
        // Which of several rules speaks first is the plan's.
        let sorted = |mut ids: Vec<String>| {
            ids.sort();
            ids
        };
        let (expected, found) = (sorted(expected.clone()), sorted(check::rule_ids(&verdict)));
        parts.extend(Part::equal("rules", expected, found));
    }
    if let Some(expected) = &case.plan {
        parts.extend(compare_plans(expected, &verdict, steps));
    }
    (!parts.is_empty()).then(|| Miss {
        of: case.name.clone(),
        at: Some(format!("{}:{}", case.source.file, case.source.line)),
        line: case.line.clone(),
        parts,
    })
}

/// Compares the plan of a verdict with the one that is expected.
fn compare_plans(
    expected: &[Expected],
    verdict: &Verdict,
    steps: &mut BTreeSet<(String, usize)>,
) -> Option<Part> {
    let planned = match verdict {
        Verdict::Hold(plan) => plan.steps.as_slice(),
        Verdict::Pass(_) | Verdict::Note(_) | Verdict::Refuse(_) => &[],
    };
    let found: Vec<(String, &PlannedStep)> = planned
        .iter()
        .flat_map(|step| {
            let words = words::of_step(&step.kind, "");
            words.into_iter().map(move |word| (word, step))
        })
        .collect();
    let texts: Vec<&str> = expected.iter().map(|step| step.text.as_str()).collect();
    let rows = diff::rows(&texts, found.len(), |e, f| {
        expected
            .get(e)
            .zip(found.get(f))
            .is_some_and(|(expected, (words, _))| expected.fits(words))
    });
    if let Verdict::Hold(plan) = verdict {
        let same = rows.iter().filter_map(|row| match row {
            Row::Same(f) => found.get(*f),
            Row::Skipped(_) | Row::Missing(_) | Row::Extra(_) => None,
        });
        for (_, step) in same {
            let hits = std::iter::once(&step.hit).chain(&step.also);
            for hit in hits.filter_map(|hit| plan.hits.get(*hit)) {
                let of_rule = hit.rule.steps.iter().enumerate();
                let own = of_rule.filter(|(_, own)| is_from(&step.kind, &own.kind));
                steps.extend(own.map(|(number, _)| (hit.rule.id.clone(), number)));
            }
        }
    }
    let expected = texts.iter().map(|text| (*text).to_owned()).collect();
    let words = found.into_iter().map(|(words, _)| words).collect();
    Part::new("plan", expected, words, &rows)
}

/// Returns whether a planned step came from this step of a rule: merging makes waits longer.
fn is_from(planned: &StepKind, own: &StepKind) -> bool {
    let is_wait = matches!(own, StepKind::Cooldown(_) | StepKind::Gap { .. });
    planned == own || is_wait && std::mem::discriminant(planned) == std::mem::discriminant(own)
}

impl Outcome {
    /// Notes what came of one line of a rule or a wrapper.
    fn note_line(
        &mut self,
        of: &str,
        at: Option<&str>,
        line: &str,
        should_hold: bool,
        holds: bool,
    ) {
        self.lines += 1;
        let word = |holds: bool| vec![if holds { "hold" } else { "pass" }.to_owned()];
        let part = Part::equal("verdict", word(should_hold), word(holds));
        self.misses.extend(part.map(|part| Miss {
            of: of.to_owned(),
            at: at.map(str::to_owned),
            line: line.to_owned(),
            parts: vec![part],
        }));
    }
}

impl Part {
    /// Returns the part where the lists are not equal.
    fn equal(what: &'static str, expected: Vec<String>, found: Vec<String>) -> Option<Self> {
        let texts: Vec<&str> = expected.iter().map(String::as_str).collect();
        let rows = diff::rows(&texts, found.len(), |e, f| expected.get(e) == found.get(f));
        let rows = owned(&rows, &found);
        Self::of_rows(what, expected, found, rows)
    }

    /// Returns the part where the rows have a difference.
    fn new(
        what: &'static str,
        expected: Vec<String>,
        found: Vec<String>,
        rows: &[Row<'_>],
    ) -> Option<Self> {
        let rows = owned(rows, &found);
        Self::of_rows(what, expected, found, rows)
    }

    /// Returns the part where the rows have a difference.
    fn of_rows(
        what: &'static str,
        expected: Vec<String>,
        found: Vec<String>,
        rows: Vec<(char, String)>,
    ) -> Option<Self> {
        let differs = rows.iter().any(|(mark, _)| *mark != ' ');
        differs.then_some(Self {
            what,
            expected,
            found,
            rows,
        })
    }
}

/// Returns rows with their texts.
fn owned(rows: &[Row<'_>], found: &[String]) -> Vec<(char, String)> {
    let text = |index: usize| found.get(index).cloned().unwrap_or_default();
    let row = |row: &Row<'_>| match row {
        Row::Same(index) | Row::Skipped(index) => (' ', text(*index)),
        Row::Missing(expected) => ('-', (*expected).to_owned()),
        Row::Extra(index) => ('+', text(*index)),
    };
    rows.iter().map(row).collect()
}

impl Gap {
    /// Returns what is not tested of a rule. Where there are no cases at all, only its lines count.
    fn new(rule: &Rule, has_cases: bool, expected: &BTreeSet<(String, usize)>) -> Self {
        let steps = rule.steps.iter().enumerate();
        let never = steps
            .filter(|(number, _)| has_cases && !expected.contains(&(rule.id.clone(), *number)));
        Self {
            rule: rule.id.clone(),
            holds: !rule.test_hold.is_empty(),
            passes: !rule.test_pass.is_empty(),
            steps: never
                .map(|(_, step)| words::of_step(&step.kind, "").join("; "))
                .collect(),
            n_steps: rule.steps.len(),
        }
    }

    /// Returns whether anything is not tested.
    fn is_one(&self) -> bool {
        !self.holds || !self.passes || !self.steps.is_empty()
    }
}

#[cfg(test)]
mod tests;
