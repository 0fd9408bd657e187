//! The line judged once more at "go": a freeze may have begun while the questions were answered, a
//! cluster or branch may be another one now.

use std::fmt;

use crate::gate::passage::Asked;
use crate::gate::world::InTheWay;
use crate::policy::Verdict;
use crate::policy::place::{self, Where};
use crate::policy::verdict::Hit;

/// Judges the line of a run once more, by the same rules and what is true then.
#[derive(Clone, Copy, Default)]
pub struct Again<'a>(Option<&'a dyn Fn() -> Verdict>);

impl<'a> Again<'a> {
    /// Takes what judges the line.
    #[must_use]
    pub fn by(judge: &'a dyn Fn() -> Verdict) -> Self {
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
pub(super) fn ways(asked: &Asked<'_>, here: &str) -> Vec<InTheWay> {
    let Some(judge) = asked.again.0 else {
        return Vec::new();
    };
    match judge() {
        // What is only noted now asks for nothing.
        Verdict::Pass(_) | Verdict::Note(_) => Vec::new(),
        Verdict::Refuse(too_much) => vec![InTheWay::TooMuch(too_much)],
        Verdict::Hold(plan) => {
            let known: Vec<_> = asked.plan.hits.iter().map(key).collect();
            let new = plan.hits.iter().filter(|hit| !known.contains(&key(hit)));
            new.map(|hit| InTheWay::Rule {
                id: hit.rule.id.clone(),
                title: hit.rule.title.clone(),
                target: place::name(&hit.invocation.target).unwrap_or_else(|| here.to_owned()),
            })
            .collect()
        }
    }
}

/// What tells the hits of a plan apart.
fn key(hit: &Hit) -> (&str, Where) {
    (&hit.rule.id, Where::of(&hit.invocation.target))
}
