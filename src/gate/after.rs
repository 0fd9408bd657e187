//! What runs when the command has ended: shows and checks, and how to take it back.

use std::time::Duration;

use crate::policy::Plan;
use crate::policy::rule::{AfterWhen, Expectation, Probe, StepKind};

use super::dialogue::{AfterPage, Gone, Page};
use super::expect;
use super::mask;
use super::measure::Wanted;
use super::passage::{Asked, Passage, World};
use super::record::Event;
use super::world::{Seen, Sight};

/// Returns whether a plan may have anything to show or to measure when its command has ended.
#[must_use]
pub fn has_any(plan: &Plan) -> bool {
    !plan.afters.is_empty() || plan.hits.iter().any(|hit| hit.rule.undo.is_some())
}

/// Runs the afters of a plan whose command ended with `status` (`None`: it died of a signal), and
/// shows and records what they saw.
///
/// # Errors
/// Where the operator is gone; the records that could be written are.
pub fn run(asked: &Asked<'_>, status: Option<i32>, world: &mut World<'_>) -> Result<(), Gone> {
    let is_ok = status == Some(0);
    let plan = asked.plan;
    let wanted: Vec<(&Probe, usize, Option<&Expectation>)> = plan
        .afters
        .iter()
        .filter(|planned| match planned.after.when {
            AfterWhen::Always => true,
            AfterWhen::Ok => is_ok,
            AfterWhen::Failed => !is_ok,
        })
        .filter_map(|planned| match &planned.after.step {
            StepKind::Show(probe) => Some((probe, planned.hit, None)),
            StepKind::Check { probe, is, .. } => Some((probe, planned.hit, Some(is))),
            _ => None,
        })
        .collect();
    let mut passage = Passage::new(asked, world);
    let undo = if is_ok { Vec::new() } else { passage.undo() };
    if wanted.is_empty() && undo.is_empty() {
        return Ok(());
    }
    let probes: Vec<Wanted<'_>> = wanted
        .iter()
        .map(|(probe, hit, _)| Wanted { probe, hit: *hit })
        .collect();
    let seen = passage.measure_quietly(&probes, Duration::MAX, &mut |_, _| Ok(()))?;
    let mut sights = Vec::new();
    for ((probe, hit, is), seen) in wanted.into_iter().zip(seen) {
        let (value, as_expected) = match &seen {
            Seen::Value { value, .. } => (value.clone(), is.map(|is| expect::is_met(is, value))),
            Seen::NotSeen(why) => (format!("not seen: {}", why.summary()), None),
        };
        let event = Event::After {
            probe: probe.id.clone(),
            value: mask::text(&value),
            as_expected,
        };
        // The command has ended; a ledger that fails now cannot take that back.
        let _lost = passage.record(event);
        let label = passage.label(&probe.label, hit);
        sights.push(Sight {
            label,
            seen: Some(mask::seen(seen)),
            as_expected,
            expected: is.map(expect::shown),
        });
    }
    passage.world.operator.page(&Page::After(AfterPage {
        sights,
        undo,
        status,
    }))
}
