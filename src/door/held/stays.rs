//! What stays behind at a shell until the line that it has cleared has ended.

use super::{Bringing, Parts};
use crate::door::behind::Meeting;
use crate::gate::world::NothingGiven;
use crate::gate::{Asked, World, after};
use crate::launch;
use crate::probe::ProbeRunner;
use crate::text::gate as say;
use crate::ui;

impl Bringing<'_> {
    /// Leaves a process behind that runs the afters once the shell says that the line has ended.
    pub(super) fn stay_behind(&self, shell: i32, asked: &Asked<'_>, parts: &Parts<'_>) {
        let stays = Meeting::open(&self.run, shell).and_then(|meeting| {
            let after = || {
                if let Some(told) = meeting.wait() {
                    self.after_the_line(told.status, asked, parts);
                }
            };
            Ok(launch::leave_behind(after)?)
        });
        if let Err(cause) = stays {
            ui::notice(&say::no_afters(self.request.language, cause));
        }
    }

    /// Runs the afters of a line that a shell has run itself, in the process that stayed behind.
    pub(super) fn after_the_line(&self, status: Option<i32>, asked: &Asked<'_>, parts: &Parts<'_>) {
        let Ok(mut terminal) = self.terminal(parts.environment) else {
            return;
        };
        let mut ledger = match (parts.open_ledger)() {
            Ok(ledger) => ledger,
            Err(cause) => {
                ui::notice(&say::no_afters(self.request.language, cause));
                return;
            }
        };
        let mut probes = ProbeRunner::new(parts.clock);
        let mut world = World {
            operator: &mut terminal,
            probes: &mut probes,
            ledger: ledger.as_mut(),
            given: &mut NothingGiven,
            clock: parts.clock,
            who: &self.who,
        };
        // A lost terminal takes nothing back: the line has ended and is recorded.
        let _gone = after::run(asked, status, &mut world);
    }
}
