//! Which hits one answer can serve.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};

use crate::line::{Lore, Target, Word};

use super::around::Around;
use super::binding::{self, Binding};
use super::fill;
use super::place;
use super::rule::{Callee, StepKind};
use super::verdict::Hit;

/// Returns whether both hits, whose names for it are the same, are at one place, as far as it
/// matters to a step.
fn is_same_place(kind: &StepKind, one: &Hit, other: &Hit) -> bool {
    let (one, other) = (&one.invocation.target, &other.invocation.target);
    match kind {
        // Now is the same now everywhere.
        StepKind::Window(_) => true,
        StepKind::Call {
            what: Callee::User, ..
        } => {
            let is_known = |target: &Target| target.user.iter().all(Word::is_known);
            place::same(one, other)
                && (one.user == other.user || (is_known(one) && is_known(other)))
        }
        _ => place::same(one, other),
    }
}

/// Steps by what has to be the same for one answer to serve several of them: a line with a
/// thousand hits must not compare each with each.
pub(super) struct Alike<'h> {
    hits: &'h [Hit],
    lore: &'h dyn Lore,
    bindings: Vec<OnceCell<Binding<'h>>>,
    /// Numbers that the caller gave, in order, by the key of their step at their hit.
    known: HashMap<String, Vec<usize>>,
}

impl<'h> Alike<'h> {
    /// Returns one that knows no step yet.
    pub(super) fn new(hits: &'h [Hit], lore: &'h dyn Lore) -> Self {
        Self {
            hits,
            lore,
            bindings: hits.iter().map(|_| OnceCell::new()).collect(),
            known: HashMap::new(),
        }
    }

    /// Returns the first of the numbers kept so far whose step is the same, so that `hit_of_same`
    /// gives its hit, and whose answer serves this hit too; without one keeps `number` for it.
    pub(super) fn find_or_keep(
        &mut self,
        kind: &StepKind,
        hit: usize,
        number: usize,
        hit_of_same: impl Fn(usize) -> Option<usize>,
    ) -> Option<usize> {
        let this = self.hits.get(hit)?;
        let key = self.key(kind, hit, this);
        let known = self.known.entry(key).or_default();
        let found = known.iter().copied().find(|number| {
            let other = hit_of_same(*number).and_then(|hit| self.hits.get(hit));
            other.is_some_and(|other| is_same_place(kind, other, this))
        });
        if found.is_none() {
            known.push(number);
        }
        found
    }

    /// Returns what is the same wherever one answer can serve: the place and the values in the
    /// placeholders. Words that are not known may be told apart by more than this.
    fn key(&self, kind: &StepKind, number: usize, hit: &'h Hit) -> String {
        let target = &hit.invocation.target;
        let of_kind: Vec<String> = match kind {
            StepKind::Window(_) => return String::new(),
            StepKind::First { same, .. } => {
                let templates = same.iter().map(|name| format!("{{{name}}}"));
                templates
                    .map(|template| self.filled(&template, number, hit))
                    .collect()
            }
            // A gap is about a rule's own last run.
            StepKind::Gap { .. } => vec![hit.rule.id.clone()],
            StepKind::Call {
                what: Callee::User, ..
            } => target.user.iter().map(Word::shown).collect(),
            _ => {
                let templates = binding::templates(kind).into_iter();
                let filled = templates.map(|template| self.filled(template, number, hit));
                // The same command in another folder looks at something else.
                let around = binding::probes(kind).into_iter().map(|probe| {
                    let set = Around::of(&hit.invocation, binding::needs_folder(probe));
                    set.map_or_else(|why| format!("{why:?}"), |set| set.around(""))
                });
                filled.chain(around).collect()
            }
        };
        format!("{:?}{of_kind:?}", place::parts(target))
    }

    /// Returns a template with the hit's values in it.
    fn filled(&self, template: &str, number: usize, hit: &'h Hit) -> String {
        let binding = self.bindings.get(number);
        let binding = binding.map(|cell| cell.get_or_init(|| Binding::new(hit, self.lore)));
        binding.map_or_else(String::new, |binding| {
            fill::text(template, binding.source("", "", &BTreeMap::new()))
        })
    }
}
