//! Whether the way is free: windows, gaps and what has to run first.
//!
//! Looked at before any question, so that none is answered in vain, and once more in the
//! transaction that clears.

use crate::gate::not_cleared::NotCleared;
use crate::gate::outer::Outer;
use crate::gate::passage::{Asked, Passage};
use crate::gate::world::{Guards, Team, Who, Whose};
use crate::policy::rule::{OnStoreDown, StepKind};
use crate::policy::verdict::PlannedStep;
use crate::text::gate as say;

use super::{first, gap, window};

/// Returns what must be so for the plan's run to be cleared.
pub(in crate::gate) fn guards(asked: &Asked<'_>, who: &Who) -> Guards {
    Guards {
        gaps: gap::guards(asked, &who.host),
        windows: window::guards(asked),
        firsts: first::guards(asked, who),
        permits: Vec::new(),
        around: asked.outer.as_ref().map(Outer::runs).unwrap_or_default(),
        on_store_down: on_store_down(asked),
    }
}

/// Returns what becomes of the plan's run where the team's store does not answer: the strictest of
/// what its rules say.
pub(in crate::gate) fn on_store_down(asked: &Asked<'_>) -> OnStoreDown {
    let hits = asked.plan.hits.iter();
    let strictest = hits.map(|hit| hit.rule.on_store_down()).max();
    strictest.unwrap_or_default()
}

impl Passage<'_, '_> {
    /// Ends the run where something stands in the way.
    pub(in crate::gate) fn way(&mut self) -> Result<(), NotCleared> {
        let guards = guards(self.asked, self.world.who);
        let ways = self.world.ledger.in_the_way(&guards, self.world.clock)?;
        if ways.is_empty() {
            Ok(())
        } else {
            Err(NotCleared::InTheWay(ways))
        }
    }

    /// Says on the look screen that the team's store did not answer, where that was not said before the run
    /// began. What goes on where nobody looks says so at its start.
    pub(in crate::gate) fn hear_of_store(&mut self) {
        if !self.world.operator.is_person() {
            return;
        }
        let Some(Team::Away { place, cause }) = self.world.ledger.cut_off() else {
            return;
        };
        let language = self.language();
        let away = say::goes_on_without_store(language, place, cause);
        self.warnings.push(away);
        let is_gap = |step: &PlannedStep| matches!(step.kind, StepKind::Gap { team: true, .. });
        if self.world.ledger.whose() != Whose::Hosts && self.asked.plan.steps.iter().any(is_gap) {
            self.warnings.push(say::only_own_runs(language));
        }
    }
}
