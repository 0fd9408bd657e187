//! Step `gap`: the rule's last run is longer ago, and none is under way.
//!
//! Looked at before any question, so that none is answered in vain, and once more in the
//! transaction that clears.

use crate::gate::not_cleared::NotCleared;
use crate::gate::passage::{Asked, Passage};
use crate::gate::world::GapGuard;
use crate::policy::rule::StepKind;

/// Returns the gaps of a plan as the ledger is asked about them.
pub(in crate::gate) fn guards(asked: &Asked<'_>, here: &str) -> Vec<GapGuard> {
    let mut found: Vec<GapGuard> = Vec::new();
    for step in &asked.plan.steps {
        let StepKind::Gap { time, per_rule } = step.kind else {
            continue;
        };
        let targets = match per_rule {
            true => vec![None],
            // A target that is not known may be any.
            false => asked.targets(step.hit, here),
        };
        for target in targets {
            let guard = GapGuard {
                rule: asked.rule(step.hit).to_owned(),
                target,
                time,
            };
            if !found.contains(&guard) {
                found.push(guard);
            }
        }
    }
    found
}

impl Passage<'_, '_> {
    /// Ends the run where a gap is not over.
    pub(in crate::gate) fn gap(&mut self) -> Result<(), NotCleared> {
        let guards = guards(self.asked, &self.world.who.host);
        if guards.is_empty() {
            return Ok(());
        }
        let ways = self.world.ledger.in_the_way(&guards, self.world.clock)?;
        if ways.is_empty() {
            Ok(())
        } else {
            Err(NotCleared::Gap(ways))
        }
    }
}
