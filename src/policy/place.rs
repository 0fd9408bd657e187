//! Targets as names: which two are the same, and how one is called.

use crate::line::{Target, Word};

/// Returns whether two invocations act on the same place; the user does not matter.
#[must_use]
pub fn same(one: &Target, other: &Target) -> bool {
    parts(one) == parts(other)
}

/// Returns the target's name, or `None` for the place where the gate stands.
///
/// The innermost place counts: a pod before its context, a container before its host.
#[must_use]
pub fn name(target: &Target) -> Option<String> {
    let inner = [&target.pod, &target.container];
    let outer = [&target.host, &target.context, &target.account];
    let inner = inner.into_iter().flatten().next().map(Word::shown);
    let outer = outer.into_iter().flatten().next().map(Word::shown);
    match (inner, outer) {
        (Some(inner), Some(outer)) => Some(format!("{inner}@{outer}")),
        (inner, outer) => inner.or(outer),
    }
}

/// Returns the words that [`name`] may be made of.
pub(super) fn words(target: &Target) -> impl Iterator<Item = &Word> {
    [
        &target.pod,
        &target.container,
        &target.host,
        &target.context,
        &target.account,
    ]
    .into_iter()
    .flatten()
}

/// The words that say where, without who.
fn parts(target: &Target) -> [Option<String>; 6] {
    [
        &target.host,
        &target.container,
        &target.pod,
        &target.namespace,
        &target.context,
        &target.account,
    ]
    .map(|word| word.as_ref().map(Word::shown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::Span;

    fn word(text: &str) -> Option<Word> {
        Some(Word::plain(text, Span::default()))
    }

    #[test]
    fn the_innermost_place_names_a_target() {
        let here = Target::default();
        assert_eq!(name(&here), None);
        let host = Target {
            host: word("mx1"),
            user: word("root"),
            ..Target::default()
        };
        assert_eq!(name(&host).as_deref(), Some("mx1"));
        let pod = Target {
            pod: word("web-0"),
            context: word("prod"),
            ..Target::default()
        };
        assert_eq!(name(&pod).as_deref(), Some("web-0@prod"));
    }

    #[test]
    fn another_user_is_the_same_place_another_host_is_not() {
        let one = Target {
            host: word("mx1"),
            user: word("root"),
            ..Target::default()
        };
        let two = Target {
            host: word("mx1"),
            ..Target::default()
        };
        let three = Target {
            host: word("mx2"),
            ..Target::default()
        };
        assert!(same(&one, &two));
        assert!(!same(&one, &three));
    }
}
