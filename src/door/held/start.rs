//! The start of a cleared line, and its end.

use std::ffi::{CString, OsStr, c_int};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use super::{Bringing, Parts};
use crate::context::{self, program};
use crate::door::exit::GATE_FAILED;
use crate::door::request::What;
use crate::gate::break_glass::{LastResort, LateLedger};
use crate::gate::outer::Outer;
use crate::gate::record::Event;
use crate::gate::world::NothingGiven;
use crate::gate::{Asked, Clock, Entry, Ledger, Ready, RunId, World, after};
use crate::launch::{self, Command, Ending, News};
use crate::probe::ProbeRunner;
use crate::text::gate as say;
use crate::ui;

impl Bringing<'_> {
    /// Starts the command and records its start and end.
    pub(super) fn start(
        &self,
        ready: Ready,
        ledger: &mut dyn Ledger,
        clock: &dyn Clock,
    ) -> Result<Ending, c_int> {
        self.start_with(ready, &mut Only(ledger), clock)
    }

    /// Starts the command; what happens goes to `keeper`.
    pub(super) fn start_with(
        &self,
        ready: Ready,
        keeper: &mut dyn Keeper,
        clock: &dyn Clock,
    ) -> Result<Ending, c_int> {
        let begun = clock.now().boot;
        let mut keep = |event| {
            let entry = Entry {
                run: self.run.clone(),
                event,
            };
            if let Err(cause) = keeper.keep(&entry, clock) {
                ui::notice(&say::end_not_recorded(self.request.language, cause));
            }
        };
        if let Some(caller) = &self.request.caller {
            // The shell runs it right away, and tells its end to another process of ours.
            keep(Event::Started {
                pid: caller.pid,
                start_ticks: context::process::start_ticks(caller.pid),
            });
            return Err(launch::release(ready));
        }
        let command = past_shims(self.request.what.command());
        let run = run_variable(&self.run);
        let mut tell = |news| match news {
            News::Started(pid) => keep(Event::Started {
                pid,
                start_ticks: context::process::start_ticks(pid),
            }),
            News::Ended(ending) => keep(Event::Ended {
                status: ending.status(),
                signal: ending.signal(),
                took: clock.now().boot.saturating_sub(begun),
            }),
        };
        let ended = match self.request.what {
            What::Sudo { .. } => launch::entrust(ready, &mut tell),
            _ => launch::supervise(ready, &command, &run, &self.inherited, &mut tell).map(Some),
        };
        match ended {
            Ok(Some(ending)) => Ok(ending),
            // A record without an end is an unknown one.
            Ok(None) => Err(GATE_FAILED),
            Err(error) => {
                let status = error.status();
                keep(Event::NotStarted {
                    cause: error.to_string(),
                    status,
                });
                ui::notice(&error.message(self.request.language));
                Err(status)
            }
        }
    }

    /// Runs the afters and ends as the command ended.
    pub(super) fn finish(
        &self,
        ended: Result<Ending, c_int>,
        asked: &Asked<'_>,
        mut probes: ProbeRunner<'_>,
        ledger: &mut dyn Ledger,
        parts: &Parts<'_>,
    ) -> c_int {
        let ending = match ended {
            Ok(ending) => ending,
            Err(status) => return status,
        };
        let shows_elsewhere = asked.outer.as_ref().is_some_and(Outer::shows_afters);
        if let (Ok(mut terminal), false) = (self.terminal(parts.environment), shows_elsewhere) {
            let mut world = World {
                operator: &mut terminal,
                probes: &mut probes,
                ledger,
                given: &mut NothingGiven,
                clock: parts.clock,
                who: &self.who,
            };
            // A lost terminal takes nothing back: the command has ended and is recorded.
            let _gone = after::run(asked, ending.status(), &mut world);
        }
        // Its connections end before the gate may die of a signal.
        drop(probes);
        launch::die_as(ending)
    }
}

/// Puts the program behind a shim in the shim's place: this very line was just asked about.
fn past_shims(mut command: Command) -> Command {
    let name = OsStr::from_bytes(command.program.as_bytes());
    if name.as_bytes().contains(&b'/') {
        return command;
    }
    let behind = program::behind_shim(name, &program::search_path());
    if let Some(path) = behind.and_then(|path| CString::new(path.into_os_string().into_vec()).ok())
    {
        command.program = path;
    }
    command
}

/// Returns the entry of the environment that tells a command its run: `at` keeps it in the job.
fn run_variable(run: &RunId) -> CString {
    CString::new(format!("{}={}", context::origin::RUN, run.0)).unwrap_or_default()
}

/// Where events go while the command runs.
pub(super) trait Keeper {
    fn keep(&mut self, entry: &Entry, clock: &dyn Clock) -> Result<(), String>;
}

/// The ledger alone.
pub(super) struct Only<'l>(pub(super) &'l mut dyn Ledger);

impl Keeper for Only<'_> {
    fn keep(&mut self, entry: &Entry, clock: &dyn Clock) -> Result<(), String> {
        self.0
            .append(entry, clock)
            .map(drop)
            .map_err(|error| error.to_string())
    }
}

/// The ledger, else the last resort: after a broken glass.
pub(super) struct Fallback<'l> {
    pub(super) ledger: LateLedger<'l>,
    pub(super) last_resort: &'l mut dyn LastResort,
}

impl Keeper for Fallback<'_> {
    fn keep(&mut self, entry: &Entry, clock: &dyn Clock) -> Result<(), String> {
        let Err(error) = self.ledger.append(entry, clock) else {
            return Ok(());
        };
        let cause = error.to_string();
        self.last_resort.keep(entry, &cause, clock).map(drop)
    }
}
