//! Lints matchers by how much they fit: those that fit every command, and those that fit nothing
//! but what another rule of the file holds already.
//!
//! A later matcher is compared as a whole, without its `let`: two that are written differently and
//! fit the same are not noticed, and none is blamed wrongly.

use std::collections::BTreeMap;

use crate::policy::pattern::Pattern;
use crate::policy::rule::{Matcher, Rule};

use super::tree::{Keys, Node};

/// Lints the matchers of a file's rules, each with the place of the rule.
pub(super) fn lint(rules: &[(Keys<'_>, Rule)]) {
    for (number, (keys, rule)) in rules.iter().enumerate() {
        let places = matcher_places(*keys);
        // A matcher that could not be read was told, and the others have lost their places.
        if places.len() != rule.matchers.len() {
            continue;
        }
        let before = rules.get(..number).unwrap_or_default();
        for (place, matcher) in places.iter().zip(&rule.matchers) {
            if fits_everything(rule, matcher) {
                let help = String::from("name programs, or add a key that narrows it");
                place.lint("every command fits this matcher", help);
            }
        }
        lint_repeated(&places, rule);
        if let Some((_, other)) = before.iter().find(|(_, other)| is_held_by(rule, other)) {
            keys.node.lint(
                format!(
                    "all that this rule holds is held by `{}` before it, at no lower risk",
                    other.id
                ),
                String::from("make one rule of both"),
            );
        }
    }
}

/// Returns the places of a rule's matchers.
fn matcher_places(keys: Keys<'_>) -> Vec<Node<'_>> {
    let places = keys.get("match").filter(|node| node.is_list());
    places
        .filter(|node| !node.is_empty_list())
        .and_then(Node::list)
        .unwrap_or_default()
}

/// Returns whether a matcher fits every command, whatever is around it.
fn fits_everything(rule: &Rule, matcher: &Matcher) -> bool {
    let is_any = |pattern: &Pattern| pattern.as_written().chars().all(|c| c == '*');
    let nothing_else = Matcher {
        program: matcher.program.clone(),
        ..Matcher::default()
    };
    rule.when.is_empty()
        && matcher.program.not.is_empty()
        && matcher.program.plain.iter().any(is_any)
        && without_lets(matcher) == nothing_else
}

/// Lints matchers that stand in the rule twice.
fn lint_repeated(places: &[Node<'_>], rule: &Rule) {
    let plain: Vec<Matcher> = rule.matchers.iter().map(without_lets).collect();
    for (number, (place, matcher)) in places.iter().zip(&plain).enumerate() {
        if plain
            .get(..number)
            .is_some_and(|before| before.contains(matcher))
        {
            let help = String::from("leave one of them out");
            place.lint("the same matcher stands in this rule before it", help);
        }
    }
}

/// Returns whether whatever `rule` holds is held by `other` as strictly: `rule` asks for nothing of
/// its own under the same conditions, or for no steps at all under narrower ones.
fn is_held_by(rule: &Rule, other: &Rule) -> bool {
    let same_conditions = rule.when == other.when;
    let asks_nothing = rule.steps.is_empty() && rule.after.is_empty();
    let may_be = other.risk >= rule.risk
        && (rule.production_only || !other.production_only)
        && other.on_store_down() >= rule.on_store_down()
        && (same_conditions || (other.when.is_empty() && asks_nothing))
        && !rule.matchers.is_empty();
    // Every rule is compared with every other: matchers are copied for the few that may be.
    may_be && {
        let others: Vec<Matcher> = other.matchers.iter().map(without_lets).collect();
        let mut matchers = rule.matchers.iter().map(without_lets);
        matchers.all(|matcher| others.contains(&matcher))
    }
}

/// Returns a matcher without what it binds.
fn without_lets(matcher: &Matcher) -> Matcher {
    Matcher {
        lets: BTreeMap::new(),
        ..matcher.clone()
    }
}
