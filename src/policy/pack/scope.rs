//! Which placeholders a text or a probe may have.
//!
//! Built-in names are always there, the names of a rule's `let`s where every matcher binds them,
//! and the values of probes in texts that come after them.

use std::collections::BTreeSet;

use super::library::{Kind, Library, Pack};
use super::placeholder;
use super::tree::{Node, did_you_mean};

/// The names that can stand in braces at one place of the reading.
pub(super) struct Scope<'a> {
    /// Bound by every matcher.
    bound: BTreeSet<&'a str>,
    /// Bound by some matcher only.
    partly: BTreeSet<&'a str>,
    /// Probes that have been asked, by their name in their pack.
    seen: BTreeSet<&'a str>,
    /// Programs of the rule's matchers, one list a matcher, empty where it names none; nothing where
    /// no rule uses it yet.
    pub(super) programs: Option<Vec<Vec<&'a str>>>,
}

impl<'a> Scope<'a> {
    /// Returns the scope of a rule whose matchers bind these names, one set a matcher.
    pub(super) fn of_matchers(lets: &[BTreeSet<&'a str>], programs: Vec<Vec<&'a str>>) -> Self {
        let partly: BTreeSet<&str> = lets.iter().flatten().copied().collect();
        let is_everywhere = |name: &&str| lets.iter().all(|of_one| of_one.contains(*name));
        let bound = partly.iter().copied().filter(is_everywhere).collect();
        Self {
            bound,
            partly,
            seen: BTreeSet::new(),
            programs: Some(programs),
        }
    }

    /// Returns the scope of what no rule uses yet: any `let` of any rule and any own probe.
    pub(super) fn of_any(library: &Library<'a, '_>, pack: &Pack<'a>) -> Self {
        Self {
            bound: library.lets.clone(),
            partly: BTreeSet::new(),
            seen: pack.names(Kind::Probe).keys().copied().collect(),
            programs: None,
        }
    }

    /// Takes note that a probe was asked.
    pub(super) fn see(&mut self, probe: &'a str) {
        self.seen.insert(probe);
    }

    /// Tells placeholders of a text that have no value here.
    pub(super) fn check_text(&self, text: &str, at: Node<'_>) {
        for name in placeholder::names(text) {
            if !self.seen.contains(name) {
                self.check_name(name, at, &self.seen);
            }
        }
    }

    /// Tells placeholders of a probe's command that have no value here.
    pub(super) fn check_command(&self, command: &str, at: Node<'_>) {
        for name in placeholder::names(command) {
            self.check_name(name, at, &BTreeSet::new());
        }
    }

    /// Tells a name that has no value here.
    fn check_name(&self, name: &str, at: Node<'_>, also: &BTreeSet<&str>) {
        if placeholder::is_built_in(name) || self.bound.contains(name) {
            return;
        }
        if self.partly.contains(name) {
            let help = format!("add `let = {{ {name} = … }}` to the other matchers");
            at.mistake(format!("`{{{name}}}` is bound by some matchers only"), help);
            return;
        }
        let known = placeholder::BUILT_IN.into_iter();
        let known = known
            .chain(self.bound.iter().copied())
            .chain(also.iter().copied());
        let help = did_you_mean(name, known).unwrap_or_else(|| {
            format!("bind it in the matcher with `let = {{ {name} = … }}`, or write `{{ {name} }}` for the braces themselves")
        });
        at.mistake(format!("unknown placeholder `{{{name}}}`"), help);
    }
}
