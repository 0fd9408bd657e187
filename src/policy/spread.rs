//! One rule at many places: from a handful on they are taken together and counted.
//!
//! A few are looked at and called one by one. More would only be typed off, so their number is
//! called: hits of one rule become hits on all the hosts at once, and what they ask is asked once.

use crate::line::Fan;

use super::place::Where;
use super::rule::{Callee, StepKind};
use super::verdict::Hit;

/// How many places of one rule are called one by one.
pub(super) const FEW: usize = 3;

/// Takes the hits of each rule that has more than [`FEW`] places together.
pub(super) fn fold(hits: &mut Vec<Hit>) {
    let mut rules: Vec<String> = hits.iter().map(|hit| hit.rule.id.clone()).collect();
    rules.sort();
    rules.dedup();
    for rule in rules {
        let mut all: Vec<String> = Vec::new();
        for hit in hits.iter().filter(|hit| hit.rule.id == rule) {
            for host in places(hit) {
                if !all.iter().any(|known| known.eq_ignore_ascii_case(&host)) {
                    all.push(host);
                }
            }
        }
        if all.len() > FEW {
            for hit in hits.iter_mut().filter(|hit| hit.rule.id == rule) {
                gather(hit, &all);
            }
        }
    }
    // A loop's rounds are one hit now.
    let mut kept: Vec<Hit> = Vec::new();
    for hit in hits.drain(..) {
        if !kept.iter().any(|known| is_round_of(known, &hit)) {
            kept.push(hit);
        }
    }
    *hits = kept;
}

/// Returns a step as it is asked of a hit: over several hosts every call of a value or of the target
/// is that of their number, and so one.
pub(super) fn as_asked(kind: StepKind, hit: Option<&Hit>) -> StepKind {
    let is_open = hit.is_some_and(|hit| Where::of(&hit.invocation.target).is_open());
    match kind {
        StepKind::Call {
            what: Callee::Probe(_) | Callee::Target,
            ..
        } if is_open => StepKind::Call {
            what: Callee::Target,
            ask: None,
        },
        kind => kind,
    }
}

/// Returns the names of a hit's hosts, where they can be told; containers and what has no name
/// keep to themselves.
fn places(hit: &Hit) -> Vec<String> {
    let target = &hit.invocation.target;
    match Where::of(target) {
        Where::One(name) if is_host_alone(hit) => vec![name],
        Where::Each(hosts) => hosts,
        Where::One(_) | Where::Here | Where::Unsaid(_) => Vec::new(),
    }
}

/// Returns whether nothing but a host says where.
fn is_host_alone(hit: &Hit) -> bool {
    let target = &hit.invocation.target;
    let others = [
        &target.pod,
        &target.container,
        &target.context,
        &target.account,
    ];
    target.host.is_some() && others.iter().all(|word| word.is_none())
}

/// Lets a hit act on all hosts at once.
fn gather(hit: &mut Hit, all: &[String]) {
    if places(hit).is_empty() {
        return;
    }
    let said = hit.invocation.target.fan.take();
    // What one program goes to keeps the name that the line has for it.
    let said = said.filter(|fan| fan.hosts.as_deref() == Some(all));
    hit.invocation.target.many = true;
    hit.invocation.target.host = None;
    hit.invocation.target.fan = Some(Fan {
        hosts: Some(all.to_vec()),
        said: said.map(|fan| fan.said).unwrap_or_default(),
    });
}

/// Returns whether a hit is the same part of the line on the same hosts, as a loop's rounds are.
fn is_round_of(one: &Hit, other: &Hit) -> bool {
    let texts = |hit: &Hit| -> Vec<String> {
        let args = hit.invocation.args.iter();
        args.map(crate::line::Word::shown).collect()
    };
    one.rule.id == other.rule.id
        && one.span == other.span
        && one.lets == other.lets
        && one.invocation.name == other.invocation.name
        && one.invocation.target.fan.is_some()
        && one.invocation.target == other.invocation.target
        && one.invocation.origin == other.invocation.origin
        && texts(one) == texts(other)
}
