//! The line judged once more at "go": a freeze may have begun while the questions were answered, a
//! cluster or branch may be another one now.

use std::fmt;

use crate::gate::passage::Asked;
use crate::gate::world::InTheWay;
use crate::policy::Verdict;
use crate::policy::place::{self, Where};
use crate::policy::verdict::Hit;

/// Whom a judgement may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// This host and the team's store.
    All,
    /// This host alone; of the store what it said just before.
    Here,
}

/// Judges the line of a run once more, by the same rules and what is true then.
#[derive(Clone, Copy, Default)]
pub struct Again<'a>(Option<&'a dyn Fn(Asking) -> Verdict>);

impl<'a> Again<'a> {
    /// Takes what judges the line.
    #[must_use]
    pub fn by(judge: &'a dyn Fn(Asking) -> Verdict) -> Self {
        Self(Some(judge))
    }
}

impl fmt::Debug for Again<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Again").finish_non_exhaustive()
    }
}

/// Returns what holds the line now and did not when its plan was made. That a rule holds it no
/// longer changes nothing: its steps were passed.
pub(super) fn ways(asked: &Asked<'_>, here: &str, asking: Asking) -> Vec<InTheWay> {
    let Some(judge) = asked.again.0 else {
        return Vec::new();
    };
    match judge(asking) {
        // What is only noted now asks for nothing.
        Verdict::Pass(_) | Verdict::Note(_) => Vec::new(),
        Verdict::Refuse(too_much) => vec![InTheWay::TooMuch(too_much)],
        Verdict::Hold(plan) => {
            let known = &asked.plan.hits;
            let new = plan.hits.iter().filter_map(|hit| way(hit, known, here));
            new.collect()
        }
    }
}

/// Returns what is in the way where a hit is new, or stands for another cluster, account or branch
/// than before.
fn way(hit: &Hit, known: &[Hit], here: &str) -> Option<InTheWay> {
    let mut same = known.iter().filter(|known| key(known) == key(hit));
    let Some(first) = same.next() else {
        return Some(InTheWay::Rule {
            id: hit.rule.id.clone(),
            title: hit.rule.title.clone(),
            target: place::name(&hit.invocation.target).unwrap_or_else(|| here.to_owned()),
        });
    };
    // One line may hold the same at several clusters.
    if first.seen == hit.seen || same.any(|known| known.seen == hit.seen) {
        return None;
    }
    let names = |seen: &[(String, Vec<String>)], key: &str| {
        let found = seen.iter().find(|(found, _)| found == key);
        found.map(|(_, names)| names.clone()).unwrap_or_default()
    };
    let mut keys = hit.seen.iter().chain(&first.seen).map(|(key, _)| key);
    let key = keys.find(|key| names(&first.seen, key) != names(&hit.seen, key))?;
    Some(InTheWay::Elsewhere {
        key: key.clone(),
        before: names(&first.seen, key),
        now: names(&hit.seen, key),
    })
}

/// What tells the hits of a plan apart.
fn key(hit: &Hit) -> (&str, Where) {
    (&hit.rule.id, Where::of(&hit.invocation.target))
}
