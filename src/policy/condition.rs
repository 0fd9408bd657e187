//! Whether a rule's conditions hold at an invocation's target. What is unknown never excuses.

use crate::line::{Invocation, Moves, Word};

use super::facts::{Fact, Facts};
use super::pattern::{Case, Pattern};
use super::rule::{AnyOf, Condition};

/// Returns what was unknown if one of `conditions` holds (or there are none), else `None`. The
/// condition that holds with the fewest unknown values speaks.
pub(super) fn any(
    conditions: &[Condition],
    invocation: &Invocation,
    facts: &dyn Facts,
) -> Option<Vec<String>> {
    if conditions.is_empty() {
        return Some(Vec::new());
    }
    conditions
        .iter()
        .filter_map(|condition| all(condition, invocation, facts))
        .min_by_key(Vec::len)
}

/// Returns what was unknown if every key of `condition` fits.
fn all(condition: &Condition, invocation: &Invocation, facts: &dyn Facts) -> Option<Vec<String>> {
    let mut unknown = Vec::new();
    for (key, patterns) in &condition.patterns {
        match fact(key, invocation, facts) {
            Fact::Unknown => unknown.push(key.clone()),
            Fact::Known(names) if names_fit(patterns, &names, key_case(key)) => {}
            Fact::Known(_) => return None,
        }
    }
    match (condition.tty, facts.tty()) {
        (None, _) => {}
        (Some(_), None) => unknown.push("tty".to_owned()),
        (Some(wanted), Some(found)) if wanted == found => {}
        (Some(_), Some(_)) => return None,
    }
    Some(unknown)
}

/// Any name that fits a plain entry is enough; with `!` all must differ.
fn names_fit(patterns: &AnyOf<Pattern>, names: &[String], case: Case) -> bool {
    let fits = |pattern: &Pattern| names.iter().any(|name| pattern.fits(name, case));
    (patterns.plain.is_empty() || patterns.plain.iter().any(fits)) && !patterns.not.iter().any(fits)
}

/// Host names have no case.
fn key_case(key: &str) -> Case {
    if key == "host" {
        Case::Ignored
    } else {
        Case::Counts
    }
}

/// Reads the value that a key asks for, at the target.
fn fact(key: &str, invocation: &Invocation, facts: &dyn Facts) -> Fact {
    let target = &invocation.target;
    let moved = |to: Moves| invocation.via.iter().any(|via| via.moves == Some(to));
    let is_elsewhere = moved(Moves::Host) || moved(Moves::Container);
    match key {
        "host" => host(target.host.as_ref(), target.many, facts),
        "user" => match &target.user {
            Some(user) => of_word(user),
            None if is_elsewhere => Fact::Unknown,
            None => facts.user(),
        },
        "login" => facts.login(),
        "group" => facts.groups(),
        "ssh_from" => facts.ssh_from(),
        "cwd" if is_elsewhere => Fact::Unknown,
        "cwd" => facts.cwd(),
        "via" => Fact::Known(invocation.via.iter().map(|via| via.name.clone()).collect()),
        "container" => of_place(target.container.as_ref()),
        "pod" => of_place(target.pod.as_ref()),
        "namespace" => target.namespace.as_ref().map_or(Fact::Unknown, of_word),
        "context" => target.context.as_ref().map_or(Fact::Unknown, of_word),
        "account" => target.account.as_ref().map_or(Fact::Unknown, of_word),
        _ => match key.strip_prefix("env.") {
            // Another host or user has another environment.
            Some(_) if is_elsewhere || moved(Moves::User) => Fact::Unknown,
            Some(name) => facts.variable(name),
            None => Fact::Unknown,
        },
    }
}

/// The host's names; several hosts at once are never one that is known.
fn host(typed: Option<&Word>, many: bool, facts: &dyn Facts) -> Fact {
    match typed.map(Word::known) {
        None => facts.host(None),
        Some(Some(name)) if !many => facts.host(Some(&name)),
        Some(_) => Fact::Unknown,
    }
}

/// A word whose every part is known is a fact.
fn of_word(word: &Word) -> Fact {
    word.known()
        .map_or(Fact::Unknown, |text| Fact::Known(vec![text]))
}

/// A container or pod that the line does not enter has no name.
fn of_place(word: Option<&Word>) -> Fact {
    word.map_or_else(|| Fact::Known(Vec::new()), of_word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::{Span, Target};
    use crate::policy::facts::NothingKnown;
    use std::collections::BTreeMap;

    fn condition(key: &str, plain: &[&str], not: &[&str]) -> Condition {
        let parse = |texts: &[&str]| {
            texts
                .iter()
                .map(|text| Pattern::parse(text).unwrap())
                .collect()
        };
        let patterns = AnyOf {
            plain: parse(plain),
            not: parse(not),
        };
        Condition {
            patterns: BTreeMap::from([(key.to_owned(), patterns)]),
            tty: None,
        }
    }

    fn on_host(host: &str) -> Invocation {
        let host = Some(Word::plain(host, Span::default()));
        Invocation {
            target: Target {
                host,
                ..Target::default()
            },
            ..Invocation::default()
        }
    }

    #[test]
    fn a_name_in_the_line_is_compared_without_case() {
        let production = [condition("host", &["mx*"], &[])];
        assert_eq!(
            any(&production, &on_host("MX1"), &NothingKnown),
            Some(vec![])
        );
        assert_eq!(any(&production, &on_host("dev3"), &NothingKnown), None);
    }

    #[test]
    fn the_unknown_fits_plain_and_negative_patterns_alike() {
        let here = Invocation::default();
        let plain = [condition("host", &["mx*"], &[])];
        let not = [condition("host", &[], &["dev*"])];
        assert_eq!(
            any(&plain, &here, &NothingKnown),
            Some(vec!["host".to_owned()])
        );
        assert_eq!(
            any(&not, &here, &NothingKnown),
            Some(vec!["host".to_owned()])
        );
    }

    #[test]
    fn no_container_is_no_name_at_all() {
        let here = Invocation::default();
        assert_eq!(
            any(&[condition("container", &["*"], &[])], &here, &NothingKnown),
            None
        );
        assert_eq!(
            any(
                &[condition("container", &[], &["db*"])],
                &here,
                &NothingKnown
            ),
            Some(vec![])
        );
    }
}
