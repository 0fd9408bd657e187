//! Step `cooldown`: keeps a held line waiting until its time has passed.
//!
//! Counted on the boot clock: sleep of the host counts, setting the date does not.

use std::time::Duration;

use crate::gate::not_cleared::NotCleared;
use crate::gate::passage::Passage;

impl Passage<'_, '_> {
    /// Waits `time` out.
    pub(in crate::gate) fn cooldown(&mut self, time: Duration) -> Result<(), NotCleared> {
        let progress = self.next();
        let until = self.world.clock.now().boot.saturating_add(time);
        self.wait_approved(progress, until)?;
        // The operator's word is not enough: the clock must say so.
        if self.world.clock.now().boot < until {
            return Err(NotCleared::Gone(crate::gate::Gone::Vanished));
        }
        Ok(())
    }
}
