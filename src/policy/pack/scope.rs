//! Which placeholders a text or a probe may have.
//!
//! Built-in names are always there, the names of a rule's `let`s where every matcher binds them,
//! and the values of probes in texts that come after them.

use std::collections::BTreeSet;

use super::library::{Kind, Library, Pack};
use crate::policy::rule::{Probe, Text};

use super::placeholder::{self, Part};
use super::tree::{Node, did_you_mean};

/// The names that can stand in braces at one place of the reading.
pub(super) struct Scope<'a> {
    /// Bound by every matcher.
    bound: BTreeSet<&'a str>,
    /// Bound by some matcher only.
    partly: BTreeSet<&'a str>,
    /// The pack whose names need no pack.
    own: &'a str,
    /// Probes that have been asked, by full id.
    seen: BTreeSet<String>,
    /// Programs of the rule's matchers, one list a matcher, empty where it names none; nothing where
    /// no rule uses it yet.
    pub(super) programs: Option<Vec<Vec<&'a str>>>,
}

impl<'a> Scope<'a> {
    /// Returns the scope of a rule whose matchers bind these names, one set a matcher.
    pub(super) fn of_matchers(
        pack: &Pack<'a>,
        lets: &[BTreeSet<&'a str>],
        programs: Vec<Vec<&'a str>>,
    ) -> Self {
        let partly: BTreeSet<&str> = lets.iter().flatten().copied().collect();
        let is_everywhere = |name: &&str| lets.iter().all(|of_one| of_one.contains(*name));
        let bound = partly.iter().copied().filter(is_everywhere).collect();
        Self {
            bound,
            partly,
            own: pack.id,
            seen: BTreeSet::new(),
            programs: Some(programs),
        }
    }

    /// Returns the scope of what no rule uses yet: any `let` of any rule and any own probe.
    pub(super) fn of_any(library: &Library<'a, '_>, pack: &Pack<'a>) -> Self {
        let names = library.packs().flat_map(|pack| {
            let names = pack.names(Kind::Probe).keys();
            names.map(move |name| format!("{}.{name}", pack.id))
        });
        Self {
            bound: library.lets.clone(),
            partly: BTreeSet::new(),
            own: pack.id,
            seen: names.collect(),
            programs: None,
        }
    }

    /// Takes note that a probe was asked.
    pub(super) fn see(&mut self, probe: &Probe) {
        self.seen.insert(probe.id.clone());
    }

    /// Tells placeholders of a text of this pack that have no value here.
    pub(super) fn check_text(&self, pack: &str, text: &str, at: Node<'_>) {
        for name in placeholder::names(text) {
            if !self.is_seen(pack, name) {
                let own = self.seen.iter().map(|id| {
                    let local = id
                        .strip_prefix(pack)
                        .and_then(|rest| rest.strip_prefix('.'));
                    local.unwrap_or(id)
                });
                self.check_name(name, at, &own.collect());
            }
        }
    }

    /// Returns whether a probe that was asked is called so in this pack.
    fn is_seen(&self, pack: &str, name: &str) -> bool {
        self.seen.contains(name) || self.seen.contains(&format!("{pack}.{name}"))
    }

    /// Returns a text of this pack as it stands in a rule of another: its own probes get their
    /// pack's name.
    pub(super) fn taken_over(&self, pack: &str, mut text: Text) -> Text {
        if pack == self.own {
            return text;
        }
        let qualify = |text: &mut String| {
            let parts = placeholder::parts(text).into_iter().map(|part| match part {
                Part::Text(text) => text.to_owned(),
                Part::Placeholder(name) => {
                    let is_other = placeholder::is_built_in(name) || self.bound.contains(name);
                    let full = format!("{pack}.{name}");
                    match !is_other && self.seen.contains(&full) {
                        true => format!("{{{full}}}"),
                        false => format!("{{{name}}}"),
                    }
                }
            });
            *text = parts.collect();
        };
        qualify(&mut text.source);
        text.other.values_mut().for_each(qualify);
        text
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
        let known = placeholder::BUILT_IN
            .into_iter()
            .chain(placeholder::OF_COMMANDS);
        let known = known
            .chain(self.bound.iter().copied())
            .chain(also.iter().copied());
        let help = did_you_mean(name, known).unwrap_or_else(|| {
            format!("bind it in the matcher with `let = {{ {name} = … }}`, or write `{{ {name} }}` for the braces themselves")
        });
        at.mistake(format!("unknown placeholder `{{{name}}}`"), help);
    }
}
