//! Permits at work: what was permitted beforehand is not asked.

use crate::gate::dialogue::PermitShown;
use crate::gate::mask;
use crate::gate::passage::{Asked, Passage};
use crate::gate::permit::{self, Covered, Missing, Permit, Stand};
use crate::gate::record::Permitted;
use crate::gate::world::{Clock, Given, InTheWay, Ledger, LedgerError, NoPermit, Who};

/// Returns which steps of what is asked are permitted now.
///
/// # Errors
/// Where the ledger cannot say how often a permit was used.
pub fn covered(
    asked: &Asked<'_>,
    given: &mut dyn Given,
    ledger: &mut dyn Ledger,
    clock: &dyn Clock,
    who: &Who,
) -> Result<Covered, LedgerError> {
    let mut permits = given.permits();
    permits.extend(ledger.permits(clock));
    let permits = permit::that_count(permits, who, &clock.now(), ledger.whose());
    let mut counting = Vec::new();
    for permit in permits {
        if let Some(count) = permit.count {
            let uses = match permit.team_uses {
                Some(uses) => uses,
                None => ledger.uses(&permit.id)?,
            };
            if uses >= count {
                continue;
            }
        }
        counting.push(permit);
    }
    Ok(permit::cover(asked, who, &counting))
}

/// Returns what a person would have to be asked all the same.
#[must_use]
pub fn missing(asked: &Asked<'_>, who: &Who, covered: &Covered) -> Vec<Missing> {
    permit::missing(asked, who, covered).into_iter().collect()
}

impl Passage<'_, '_> {
    /// Looks what is permitted.
    pub(in crate::gate) fn permits(&mut self) -> Result<(), LedgerError> {
        let world = &mut *self.world;
        self.covered = covered(
            self.asked,
            world.given,
            world.ledger,
            world.clock,
            world.who,
        )?;
        Ok(())
    }

    /// The permits as they stand on the look screen.
    pub(in crate::gate) fn permits_shown(&self) -> Vec<PermitShown> {
        let shown = self
            .covered
            .used
            .iter()
            .map(|(permit, stands)| PermitShown {
                id: permit.id.clone(),
                giver: permit.giver.name.clone(),
                by: mask::text(&permit.by),
                reason: mask::text(&permit.reason),
                until: permit.until,
                steps: names(stands),
            });
        shown.collect()
    }

    /// The permits as they are recorded.
    pub(in crate::gate) fn permits_recorded(&self) -> Vec<Permitted> {
        let recorded = self.covered.used.iter().map(|(permit, stands)| Permitted {
            id: permit.id.clone(),
            giver: permit.giver.name.clone(),
            giver_uid: permit.giver.person(),
            by: mask::text(&permit.by),
            reason: mask::text(&permit.reason),
            steps: names(stands),
        });
        recorded.collect()
    }
}

/// Returns the permits that were used and are no longer there, or are others now; asked in the
/// transaction that clears. Those of the team's store the store looks at in its own.
pub(super) fn revoked(covered: &Covered, given: &mut dyn Given) -> Vec<InTheWay> {
    let is_of_host = |(permit, _): &&(Permit, _)| permit.team_uses.is_none();
    let mut used = covered.used.iter().filter(is_of_host).peekable();
    if used.peek().is_none() {
        return Vec::new();
    }
    let there: Vec<Permit> = given.permits();
    let gone = used.filter(|(used, _)| !there.contains(used));
    gone.map(|(permit, _)| InTheWay::Permit {
        id: permit.id.clone(),
        why: NoPermit::Revoked,
    })
    .collect()
}

/// The names of kinds of steps.
fn names(stands: &std::collections::BTreeSet<Stand>) -> Vec<String> {
    let all = Stand::ALL
        .into_iter()
        .filter(|stand| stands.contains(stand));
    all.map(|stand| stand.name().to_owned()).collect()
}
