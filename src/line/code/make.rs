//! Makefiles: the recipes that a goal needs, and `$(shell …)`.
//!
//! Rows are read one by one; a target or a prerequisite that make puts together counts as needed.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Span;
use super::super::source::Source;
use super::Started;
use super::rows::shell;

/// A rule: what it makes, what that needs, and the stretches of its recipe.
#[derive(Default)]
struct Rule<'t> {
    targets: Vec<&'t str>,
    needs: Vec<&'t str>,
    recipe: Vec<Span>,
}

/// Returns what a makefile starts for these goals; for the first target where there are none, and
/// for all of them where `goals` is `None`.
pub(super) fn make(source: &Source<'_>, goals: Option<&[String]>) -> Vec<Started> {
    let text = source.text();
    let mut rules: Vec<Rule<'_>> = Vec::new();
    let mut spans: Vec<(usize, Span)> = Vec::new();
    let mut at = 0;
    for row in text.split('\n') {
        let start = at;
        at += row.len() + 1;
        let recipe = match row.strip_prefix('\t') {
            Some(recipe) => Some(recipe),
            None if row.trim_start().starts_with('#') => None,
            None => {
                rules.extend(rule(row));
                inline_recipe(row)
            }
        };
        if let Some(recipe) = recipe {
            let recipe = recipe.trim_start_matches(['@', '-', '+', ' ', '\t']);
            if !recipe.is_empty() {
                let end = start + row.len();
                let span = Span::new(end - recipe.len(), end);
                match rules.last_mut() {
                    Some(rule) => rule.recipe.push(span),
                    None => spans.push((span.start, span)),
                }
            }
        } else if !row.trim_start().starts_with('#')
            && let Some(open) = row.find("$(shell ")
        {
            let from = open + "$(shell ".len();
            let rest = row.get(from..).unwrap_or_default();
            let length = rest.rfind(')').unwrap_or(rest.len());
            let span = Span::new(start + from, start + from + length);
            spans.push((span.start, span));
        }
    }
    let needed = goals.map(|goals| needed(&rules, goals, source));
    for rule in &rules {
        let is_needed = needed.as_ref().is_none_or(|needed| {
            rule.targets
                .iter()
                .any(|target| is_put_together(target) || needed.contains(target))
        });
        if is_needed {
            spans.extend(rule.recipe.iter().map(|span| (span.start, *span)));
        }
    }
    spans.sort_unstable();
    spans
        .into_iter()
        .map(|(_, span)| shell(source, span))
        .collect()
}

/// Returns the rule whose row this is; nothing where it is an assignment or something else.
fn rule(row: &str) -> Option<Rule<'_>> {
    let (targets, rest) = row.split_once(':')?;
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    if rest.starts_with('=') || targets.contains('=') || targets.trim().is_empty() {
        return None;
    }
    let needs = rest.split(';').next().unwrap_or_default();
    let is_assignment = needs.contains('=');
    Some(Rule {
        targets: targets.split_whitespace().collect(),
        needs: match is_assignment {
            true => Vec::new(),
            false => needs
                .split_whitespace()
                .filter(|need| *need != "|")
                .collect(),
        },
        recipe: Vec::new(),
    })
}

/// Returns the names that the goals need, themselves included.
fn needed<'t>(
    rules: &[Rule<'t>],
    goals: &'t [String],
    source: &'t Source<'_>,
) -> BTreeSet<&'t str> {
    let mut next: Vec<&str> = goals.iter().map(String::as_str).collect();
    if next.is_empty() {
        let mut targets = rules.iter().flat_map(|rule| &rule.targets);
        next.extend(targets.find(|target| !target.starts_with('.')));
    }
    let mut of_target: BTreeMap<&str, Vec<&Rule<'t>>> = BTreeMap::new();
    for rule in rules {
        for target in &rule.targets {
            of_target.entry(target).or_default().push(rule);
        }
    }
    let mut found = BTreeSet::new();
    let mut has_all = false;
    while let Some(name) = next.pop() {
        if !found.insert(name) {
            continue;
        }
        for rule in of_target.get(name).into_iter().flatten() {
            next.extend(rule.needs.iter().copied());
            for span in &rule.recipe {
                // `$(MAKE) other`
                let row = source.slice(*span);
                let is_make = row.contains("$(MAKE)") || row.contains("${MAKE}");
                if is_make || row.starts_with("make ") {
                    let words = row.split_whitespace();
                    next.extend(
                        words.filter(|word| !word.contains("{MAKE}") && !word.contains("(MAKE)")),
                    );
                }
            }
        }
        if is_put_together(name) && !has_all {
            has_all = true;
            next.extend(rules.iter().flat_map(|rule| rule.targets.iter().copied()));
        }
    }
    found
}

/// Returns whether only make knows what a name will be.
fn is_put_together(name: &str) -> bool {
    name.contains(['$', '%'])
}

/// Returns the recipe after `target: …;`.
fn inline_recipe(row: &str) -> Option<&str> {
    let (target, rest) = row.split_once(':')?;
    if target.contains('=') || rest.starts_with('=') {
        return None;
    }
    rest.split_once(';').map(|(_, recipe)| recipe)
}
