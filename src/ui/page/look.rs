//! The look screen: what is held, why, where, and what probes see.
//!
//! With one rule and three shows of three lines it fits 80 × 24 together with a question.

#![forbid(unsafe_code)]

use crate::gate::dialogue::{Look, PermitShown, RuleShown};
use crate::policy::calendar::Freeze;
use crate::policy::rule::Risk;
use crate::text::Language;
use crate::text::{ui as text, words};

use super::super::layout::{Cell, Sheet, Tone, cells, columns, pieces, wrap};
use super::super::safe;
use super::unknown::named;
use super::{head, label_column, line, place, said, sight};

/// With more places in scripts than these each has one row.
const MANY_PLACES: usize = 4;

/// Adds the whole look screen.
pub(in crate::ui) fn draw(look: &Look, language: Language, sheet: &mut Sheet) {
    top(look, language, sheet);
    if !look.sights.is_empty() {
        sheet.gap();
    }
    sight::draw_all(&look.sights, language, sheet);
}

/// Adds all but the sights.
pub(in crate::ui) fn top(look: &Look, language: Language, sheet: &mut Sheet) {
    head(&text::held(language), look.drill, language, sheet);
    line::draw(&look.line, &look.held, language, sheet);
    for (number, each) in look.rules.iter().enumerate() {
        let before = look.rules.get(..number).unwrap_or_default();
        if before.iter().any(|other| is_alike(each, other)) {
            continue;
        }
        // What is said of several targets alike is said once.
        let alike = look.rules.iter().filter(|other| is_alike(each, other));
        let targets: Vec<&str> = alike.flat_map(targets).collect();
        rule(each, &targets, language, sheet);
    }
    let column = label_column(language);
    for fact in &look.unknown {
        let fact = cells(&safe::value(&named(fact, language)), Tone::Warn);
        sheet.fact(&text::unknown(language), column, &fact);
    }
    for freeze in &look.frozen {
        let freeze = cells(&frozen(freeze, language), Tone::Warn);
        sheet.fact(&text::frozen(language), column, &freeze);
    }
    for permit in &look.permits {
        let permit = cells(&permitted(permit, language), Tone::Good);
        sheet.fact(&text::permit(language), column, &permit);
    }
    for warning in &look.warnings {
        let warning = cells(&safe::value(warning), Tone::Warn);
        sheet.fact(&text::warning(language), column, &warning);
    }
}

/// Returns in one sentence what freezes, in the local time.
pub fn frozen(freeze: &Freeze, language: Language) -> String {
    // An end beyond all dates is shown as the number that it is.
    let until = freeze.entry.over().map_or_else(
        || freeze.entry.to.to_string(),
        |over| {
            let local = over.with_timezone(&chrono::Local);
            local.format("%Y-%m-%d %H:%M").to_string()
        },
    );
    let until = text::frozen_until(language, safe::value(&freeze.calendar), until);
    match freeze.entry.reason.is_empty() {
        true => until,
        false => text::frozen_because(language, until, safe::value(&freeze.entry.reason)),
    }
}

/// Returns a permit in one sentence, in the local time.
pub(in crate::ui) fn permitted(permit: &PermitShown, language: Language) -> String {
    let until = permit.until.with_timezone(&chrono::Local);
    text::permitted(
        language,
        until.format("%m-%d %H:%M"),
        safe::value(&permit.by),
        safe::value(&permit.giver),
        words::steps(&permit.steps, language),
        safe::value(&permit.reason),
    )
}

/// Returns whether all that is said of two rules is the same but where they take effect.
fn is_alike(one: &RuleShown, other: &RuleShown) -> bool {
    let elsewhere = RuleShown {
        target: one.target.clone(),
        targets: one.targets.clone(),
        ..other.clone()
    };
    *one == elsewhere
}

/// Returns the names of the targets of a rule.
fn targets(rule: &RuleShown) -> Vec<&str> {
    match rule.targets.is_empty() {
        true => vec![&rule.target],
        false => rule.targets.iter().map(String::as_str).collect(),
    }
}

/// Adds a rule that takes effect at these targets.
fn rule(rule: &RuleShown, targets: &[&str], language: Language, sheet: &mut Sheet) {
    let column = label_column(language);
    let title = said(&rule.title, language);
    let id = safe::value(&rule.id);
    let (risk, tone) = risk(rule.risk, language);
    if sheet.paper.plain {
        sheet.fact(
            &text::rule(language),
            0,
            &cells(&format!("{title} [{id}]"), tone),
        );
        sheet.fact(&text::risk(language), 0, &cells(&risk, tone));
    } else {
        let beside = format!("  {}", text::rule_beside(language, id, risk));
        let whole = pieces(&[(&title, Tone::Strong), (&beside, tone)]);
        let (title, beside) = (
            cells(&title, Tone::Strong),
            cells(beside.trim_start(), tone),
        );
        let rows = |cells: &[_]| wrap(cells, sheet.paper.width.saturating_sub(2)).len();
        // Where the title leaves no room, what stands beside it is whole below it, for no further row.
        match rows(&whole) > 1 && rows(&title) + rows(&beside) <= rows(&whole) {
            true => {
                sheet.add(&[("! ", tone)], &title);
                sheet.add(&[("  ", tone)], &beside);
            }
            false => sheet.add(&[("! ", tone)], &whole),
        }
    }
    let why = said(&rule.why, language);
    if !why.is_empty() {
        sheet.fact(&text::why(language), column, &cells(&why, Tone::Normal));
    }
    if let Some(excerpt) = &rule.excerpt {
        // Underlining has to stand under its line, so nothing is joined.
        for row in excerpt.in_language(language.tag()).lines() {
            let row = cells(&safe::value(row), Tone::Normal);
            match columns(&row) > sheet.paper.width {
                true => sheet.add(&[], &row),
                false => sheet.push(&row),
            }
        }
    }
    let is_long = rule.places.len() > MANY_PLACES;
    // What could be typed instead of one command is no way for a whole script.
    if let Some(instead) = rule.instead.as_ref().filter(|_| !is_long) {
        let instead = cells(&said(instead, language), Tone::Normal);
        sheet.fact(&text::instead(language), column, &instead);
    }
    let room = sheet.paper.width.saturating_sub(column + 4);
    for (number, place) in rule.places.iter().enumerate() {
        let mut place = cells(&safe::value(place), Tone::Strong);
        // Plain mode is read aloud: nothing is cut, and every row says what it is.
        if is_long && !sheet.paper.plain {
            place = cut(place, room);
        }
        let label = match number == 0 || sheet.paper.plain {
            true => text::stands_at(language),
            false => String::new(),
        };
        sheet.fact(&label, column, &place);
    }
    place::draw(targets, &rule.user, &rule.via, language, sheet);
}

/// Returns what fits into one row of `room` columns.
fn cut(mut row: Vec<Cell>, room: usize) -> Vec<Cell> {
    if columns(&row) <= room {
        return row;
    }
    while columns(&row) >= room.max(1) && !row.is_empty() {
        row.pop();
    }
    row.extend(cells("…", Tone::Strong));
    row
}

/// Returns a risk in words, and how it is meant.
fn risk(risk: Risk, language: Language) -> (String, Tone) {
    match risk {
        Risk::Note => (text::risk_note(language), Tone::Faint),
        Risk::Low => (text::risk_low(language), Tone::Normal),
        Risk::Medium => (text::risk_medium(language), Tone::Warn),
        Risk::High => (text::risk_high(language), Tone::Bad),
        Risk::Critical => (text::risk_critical(language), Tone::Bad),
    }
}
