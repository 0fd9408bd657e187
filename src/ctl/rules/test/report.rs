//! What came of `rules test`, drawn for a person or as JSON. Pure.

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr as _;

use super::{Gap, Miss, Outcome};
use crate::ctl::rules::counted;
use crate::ui::safe;

/// What was expected and not found.
const RED: &str = "\x1b[31m";
/// What was found and not expected.
const GREEN: &str = "\x1b[32m";
/// The end of a colour.
const PLAIN: &str = "\x1b[0m";

/// Returns the rows for a person: each failure with its difference, then what is untested.
pub(super) fn drawn(outcome: &Outcome, colour: bool) -> Vec<String> {
    let mut rows = Vec::new();
    for miss in &outcome.misses {
        draw_miss(miss, colour, &mut rows);
        rows.push(String::new());
    }
    if !outcome.misses.is_empty() {
        rows.push("(-) expected  (+) found".to_owned());
        rows.push(String::new());
    }
    draw_gaps(&outcome.untested, &mut rows);
    let failed = outcome.misses.len();
    rows.push(format!(
        "{} and {} tried, {failed} failed",
        counted(outcome.lines, "line"),
        counted(outcome.cases, "case"),
    ));
    rows
}

/// Draws one failure.
fn draw_miss(miss: &Miss, colour: bool, rows: &mut Vec<String>) {
    let at = miss.at.as_deref();
    let head: Vec<&str> = at.into_iter().chain([miss.of.as_str()]).collect();
    rows.push(safe::value(head.join("  ").trim_end()));
    rows.push(format!("  $ {}", safe::value(&miss.line)));
    for part in &miss.parts {
        rows.push(format!("  {}", part.what));
        for (mark, text) in &part.rows {
            let row = format!("  {mark} {}", safe::value(text));
            rows.push(match (colour, mark) {
                (true, '-') => format!("{RED}{row}{PLAIN}"),
                (true, '+') => format!("{GREEN}{row}{PLAIN}"),
                _ => row,
            });
        }
    }
}

/// Draws the table of what is not tested.
fn draw_gaps(gaps: &[Gap], rows: &mut Vec<String>) {
    if gaps.is_empty() {
        return;
    }
    let width = gaps.iter().map(|gap| gap.rule.width()).max().unwrap_or(0);
    let width = width.max("untested".len());
    rows.push(format!("{:width$}  hold  pass  steps expected", "untested"));
    for gap in gaps {
        let word = |tested: bool| if tested { "yes" } else { "no" };
        let expected = gap.n_steps - gap.steps.len();
        rows.push(format!(
            "{:width$}  {:4}  {:4}  {expected} of {}",
            gap.rule,
            word(gap.holds),
            word(gap.passes),
            gap.n_steps
        ));
        rows.extend(
            gap.steps
                .iter()
                .map(|step| format!("  never: {}", safe::value(step))),
        );
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
