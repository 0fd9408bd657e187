//! What came of `rules test`, drawn for a person or as JSON. Pure.

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr as _;

use super::{Gap, Miss, Outcome};
use crate::ctl::out;
use crate::text::{Language, rules as say, words};
use crate::ui::safe;

/// What was expected and not found.
const RED: &str = "\x1b[31m";
/// What was found and not expected.
const GREEN: &str = "\x1b[32m";
/// The end of a colour.
const PLAIN: &str = "\x1b[0m";

/// Returns the rows for a person: each failure with its difference, then what is untested.
pub(super) fn drawn(outcome: &Outcome, colour: bool, language: Language) -> Vec<String> {
    let mut rows = Vec::new();
    for miss in &outcome.misses {
        draw_miss(miss, colour, language, &mut rows);
        rows.push(String::new());
    }
    if !outcome.misses.is_empty() {
        rows.push(say::marks(language));
        rows.push(String::new());
    }
    draw_gaps(&outcome.untested, language, &mut rows);
    let counted = |n, one, several| out::counted(n, language, one, several);
    rows.push(say::tried(
        language,
        counted(outcome.lines, say::one_line, say::n_lines),
        counted(outcome.cases, say::one_case, say::n_cases),
        outcome.misses.len(),
    ));
    rows
}

/// Draws one failure.
fn draw_miss(miss: &Miss, colour: bool, language: Language, rows: &mut Vec<String>) {
    let at = miss.at.as_deref();
    let head: Vec<&str> = at.into_iter().chain([miss.of.as_str()]).collect();
    rows.push(safe::value(head.join("  ").trim_end()));
    rows.push(format!("  $ {}", safe::value(&miss.line)));
    for part in &miss.parts {
        rows.push(format!(
            "  {}",
            match part.what {
                "verdict" => say::verdict(language),
                "rules" => say::rules(language),
                _ => say::plan(language),
            }
        ));
        for (mark, text) in &part.rows {
            let text = match part.what {
                "verdict" => words::of(words::VERDICTS, text, language),
                _ => safe::value(text),
            };
            let row = format!("  {mark} {text}");
            rows.push(match (colour, mark) {
                (true, '-') => format!("{RED}{row}{PLAIN}"),
                (true, '+') => format!("{GREEN}{row}{PLAIN}"),
                _ => row,
            });
        }
    }
}

/// Draws the table of what is not tested.
fn draw_gaps(gaps: &[Gap], language: Language, rows: &mut Vec<String>) {
    if gaps.is_empty() {
        return;
    }
    let width = gaps.iter().map(|gap| gap.rule.width()).max().unwrap_or(0);
    let head = say::untested(language);
    let width = width.max(head.width());
    let row = |name: &str, rest: &str| {
        let fill = width.saturating_sub(name.width());
        format!("{name}{:fill$}  {rest}", "")
    };
    rows.push(row(&head, &say::untested_columns(language)));
    for gap in gaps {
        let word = |tested: bool| match tested {
            true => say::yes(language),
            false => say::no(language),
        };
        let steps = say::of_steps(language, gap.n_steps - gap.steps.len(), gap.n_steps);
        let rest = format!("{}  {}  {steps}", word(gap.holds), word(gap.passes));
        rows.push(row(&gap.rule, &rest));
        rows.extend(gap.steps.iter().map(|step| {
            let step = safe::value(step);
            format!("  {}", say::never(language, step))
        }));
    }
    rows.push(String::new());
}

/// Returns what came of the test for programs.
pub(super) fn as_json(outcome: &Outcome) -> Value {
    let miss = |miss: &Miss| {
        let mut object = json!({ "of": miss.of, "at": miss.at, "line": miss.line });
        if let Value::Object(object) = &mut object {
            for part in &miss.parts {
                let pair = json!({ "expected": part.expected, "found": part.found });
                object.insert(part.what.to_owned(), pair);
            }
        }
        object
    };
    let gap = |gap: &Gap| {
        json!({
            "rule": gap.rule,
            "hold": gap.holds,
            "pass": gap.passes,
            "steps": gap.steps,
        })
    };
    json!({
        "tried": outcome.lines + outcome.cases,
        "lines": outcome.lines,
        "cases": outcome.cases,
        "misses": outcome.misses.iter().map(miss).collect::<Vec<_>>(),
        "untested": outcome.untested.iter().map(gap).collect::<Vec<_>>(),
    })
}
