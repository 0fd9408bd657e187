//! What the store's answers mean for what is asked. Pure, but for the own ledger's word on its runs.

use std::collections::BTreeMap;

use crate::gate::record::RunId;
use crate::gate::world::{FirstGuard, GapGuard, Guards, InTheWay, LastRun, NotFirst, Targets};
use crate::ledger::SqliteLedger;
use crate::ledger::gaps::ANY;
use crate::policy::pattern::Case;

use super::connect::NoAnswer;
use super::talk::{Answers, LastOf, Questions, Recent};

/// What the answers mean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Weighed {
    /// What stands in the way.
    pub(super) ways: Vec<InTheWay>,
    /// Firsts that are met.
    pub(super) met: Vec<FirstGuard>,
}

impl Weighed {
    /// Returns what stands in the way, together with what the host's own ledger says.
    pub(super) fn beside(self, local: Vec<InTheWay>) -> Vec<InTheWay> {
        let is_told = |way: &InTheWay| match way {
            // The team's runs are the host's and more: what the store knows of a first counts.
            InTheWay::NotFirst { guard, .. } => {
                let other = |way: &InTheWay| matches!(way, InTheWay::NotFirst { guard: told, .. } if told == guard);
                self.met.contains(guard) || self.ways.iter().any(other)
            }
            _ => false,
        };
        let mut ways: Vec<InTheWay> = local.into_iter().filter(|way| !is_told(way)).collect();
        for way in self.ways {
            let is_there = |known: &InTheWay| match (known, &way) {
                (InTheWay::Gap(known), InTheWay::Gap(last)) => known.guard == last.guard,
                _ => false,
            };
            if !ways.iter().any(is_there) {
                ways.push(way);
            }
        }
        ways
    }
}

/// Weighs the answers.
///
/// # Errors
/// Where the own ledger cannot be read.
pub(super) fn weigh(
    questions: &Questions,
    answers: Answers,
    guards: &Guards,
    ledger: &SqliteLedger,
) -> Result<Weighed, NoAnswer> {
    let mut weighed = Weighed::default();
    for (guard, found) in questions.gaps.iter().zip(answers.gaps) {
        for recent in found.into_iter().filter(|recent| counts(guard, recent)) {
            if recent.is_own && ledger.is_of_passage(&recent.run, &guards.around)? {
                continue;
            }
            weighed.ways.push(InTheWay::Gap(LastRun {
                guard: guard.clone(),
                run: RunId(recent.run),
                user: recent.who,
                ago: recent.ago,
                under_way: recent.under_way,
            }));
            break;
        }
    }
    for (guard, found) in questions.firsts.iter().zip(&answers.firsts) {
        match first(guard, found) {
            // The own ledger may know one of before the store was.
            Some(NotFirst::None) => {}
            Some(why) => weighed.ways.push(InTheWay::NotFirst {
                guard: guard.clone(),
                why,
            }),
            None => weighed.met.push(guard.clone()),
        }
    }
    Ok(weighed)
}

/// Whether a run at its target counts for the gap.
fn counts(guard: &GapGuard, recent: &Recent) -> bool {
    match &guard.targets {
        Targets::One(_) | Targets::Any => true,
        Targets::Fitting(group) => {
            recent.target == ANY || group.fits(&recent.target, Case::Ignored)
        }
    }
}

/// Returns why a first is not met.
fn first(guard: &FirstGuard, found: &[LastOf]) -> Option<NotFirst> {
    let agrees = |last: &&LastOf| {
        let bound: BTreeMap<String, String> = serde_json::from_str(&last.bound).unwrap_or_default();
        let is_same = |(name, value): &(String, Option<String>)| {
            value.is_some() && bound.get(name) == value.as_ref()
        };
        guard.same.iter().all(is_same)
    };
    let Some(last) = found.iter().find(agrees) else {
        return Some(match found.is_empty() {
            true => NotFirst::None,
            false => NotFirst::Differs,
        });
    };
    let (user, ago) = (last.who.clone(), last.ago);
    match (last.is_well, ago <= guard.within) {
        (true, true) => None,
        (true, false) => Some(NotFirst::TooOld { user, ago }),
        (false, _) => Some(NotFirst::NotWell { user, ago }),
    }
}
