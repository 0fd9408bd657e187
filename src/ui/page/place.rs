//! Where a line takes effect, and as whom.

#![forbid(unsafe_code)]

use crate::text::Language;
use crate::text::ui as text;

use super::super::layout::{Cell, Sheet, Tone, cells, columns, width};
use super::super::safe;
use super::label_column;

/// How many rows a list of targets may have.
const LIST_ROWS: usize = 5;

/// Adds the targets, the user and the way there: in one row where that fits. Several targets are
/// listed, so that they can be counted.
pub(super) fn draw(
    targets: &[&str],
    user: &str,
    via: &[String],
    language: Language,
    sheet: &mut Sheet,
) {
    let column = label_column(language);
    let room = sheet.paper.width.saturating_sub(column + 4);
    let mut facts = Vec::new();
    if let [target] = targets {
        facts.push((text::target(language), safe::value(target)));
    } else {
        let list = listed(targets, room * LIST_ROWS, language);
        sheet.fact(&text::target(language), column, &cells(&list, Tone::Strong));
    }
    facts.push((text::user(language), safe::value(user)));
    if !via.is_empty() {
        facts.push((text::via(language), safe::value(&via.join(" > "))));
    }
    if !sheet.paper.plain {
        let row = one_row(&facts);
        if columns(&row) <= room {
            let first = facts.first().map(|(label, _)| label.as_str());
            sheet.fact(first.unwrap_or_default(), column, &row);
            return;
        }
    }
    for (label, fact) in &facts {
        sheet.fact(label, column, &cells(fact, Tone::Strong));
    }
}

/// Returns the targets as a list that fits into `room` columns, and how many are not in it.
fn listed(targets: &[&str], room: usize, language: Language) -> String {
    let comma = language.comma();
    let mut list = String::new();
    for (number, target) in targets.iter().enumerate() {
        let target = safe::value(target);
        let left = targets.len() - number;
        let more = text::more_targets(language, left);
        let needed = width(&list) + width(&target) + 2 * width(comma) + width(&more);
        if number > 0 && needed > room {
            return format!("{list}{comma}{more}");
        }
        if number > 0 {
            list.push_str(comma);
        }
        list.push_str(&target);
    }
    list
}

/// Returns facts side by side; the first label is left out.
fn one_row(facts: &[(String, String)]) -> Vec<Cell> {
    let mut row = Vec::new();
    for (n, (label, fact)) in facts.iter().enumerate() {
        if n > 0 {
            row.extend(cells(&format!("   {label} "), Tone::Faint));
        }
        row.extend(cells(fact, Tone::Strong));
    }
    row
}
