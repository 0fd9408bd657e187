//! Targets as names: which two are the same, and how one is called.

use crate::line::{Fan, Target, Word};

/// Returns whether two invocations act on the same place; the user does not matter.
#[must_use]
pub fn same(one: &Target, other: &Target) -> bool {
    // What is not known may differ from run to run: only one and the same word is the same.
    let all_known = |target: &Target| words(target).all(Word::is_known);
    let is_one_word = || words(one).eq(words(other));
    one.fan == other.fan
        && parts(one) == parts(other)
        && ((all_known(one) && all_known(other)) || is_one_word())
}

/// Where an invocation takes effect, as it can be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Where {
    /// The place where the gate stands.
    Here,
    /// One place of this name.
    One(String),
    /// Several hosts, each once.
    Each(Vec<String>),
    /// The line does not say the names; this is what it says in their place, if anything.
    Unsaid(String),
}

impl Where {
    /// Returns where a target is.
    #[must_use]
    pub fn of(target: &Target) -> Self {
        match &target.fan {
            Some(Fan {
                hosts: Some(hosts), ..
            }) if hosts.len() != 1 => Self::Each(hosts.clone()),
            Some(Fan { hosts: None, said }) => Self::Unsaid(said.clone()),
            None if words(target).any(|word| !word.is_known()) => Self::Unsaid(String::new()),
            _ => name(target).map_or(Self::Here, Self::One),
        }
    }

    /// Returns whether it is more than one place, or one that nobody can name beforehand.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Each(_) | Self::Unsaid(_))
    }
}

/// How many of several hosts stand in a name for all of them.
const NAMED: usize = 2;

/// Returns the target's name, or `None` for the place where the gate stands.
///
/// The innermost place counts: a pod before its context, a container before its host. Several hosts
/// have the name that the line gives them together, or that of the first few.
#[must_use]
pub fn name(target: &Target) -> Option<String> {
    let inner = [&target.pod, &target.container];
    let outer = [&target.host, &target.context, &target.account];
    let inner = inner.into_iter().flatten().next().map(Word::shown);
    let outer = outer.into_iter().flatten().next().map(Word::shown);
    let outer = target.fan.as_ref().and_then(together).or(outer);
    match (inner, outer) {
        (Some(inner), Some(outer)) => Some(format!("{inner}@{outer}")),
        (inner, outer) => inner.or(outer),
    }
}

/// Returns the name of several hosts together.
fn together(fan: &Fan) -> Option<String> {
    match &fan.hosts {
        Some(hosts) if hosts.len() == 1 => hosts.first().cloned(),
        _ if !fan.said.is_empty() => Some(fan.said.clone()),
        Some(hosts) => {
            let mut named: Vec<&str> = hosts.iter().take(NAMED).map(String::as_str).collect();
            if hosts.len() > NAMED {
                named.push("…");
            }
            Some(named.join(", "))
        }
        None => None,
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
pub(super) fn parts(target: &Target) -> [Option<String>; 6] {
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
