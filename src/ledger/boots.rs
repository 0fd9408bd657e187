//! Answers which run, if any, stands behind this start of the host.
//!
//! What counts is a run of the start before this one that was cleared (or noted, or broken through),
//! was no drill, and was not said to have failed to start; and whose clearance lies near the time at
//! which the host started. A run of long ago explains nothing, and neither does one of another day
//! of the same start.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::OptionalExtension as _;

use crate::gate::record::{Event, Restart};
use crate::gate::world::Moment;

use super::history::{Outcome, Run};
use super::reader::{ReadError, Reader};

impl Reader {
    /// Returns what the ledger says of this start of the host: what was found when it was looked
    /// at before, else by which run it was that `is_restart` and was cleared not longer than `within`
    /// before (or, by a clock that was set meanwhile, after) the host started.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn restart(
        &self,
        now: &Moment,
        within: Duration,
        is_restart: &dyn Fn(&Run) -> bool,
    ) -> Result<(Restart, bool), ReadError> {
        if self.is_empty()? {
            return Ok((Restart::First, false));
        }
        if let Some(told) = self.told_restart(now)? {
            return Ok((told, true));
        }
        let before: Option<String> = self
            .connection()
            .query_row(
                "SELECT boot_id FROM record WHERE boot_id <> ?1 ORDER BY seq DESC LIMIT 1",
                [&now.boot_id],
                |row| row.get(0),
            )
            .optional()?;
        let Some(before) = before else {
            return Ok((Restart::First, false));
        };
        let started = started(now);
        for run in self.of_start(&before, now)? {
            if let Some(at) = cleared(&run)
                && !run.drill
                && !matches!(run.outcome, Outcome::NotStarted { .. })
                && is_restart(&run)
            {
                let apart = (started - at).abs();
                let is_near = apart <= TimeDelta::from_std(within).unwrap_or(TimeDelta::MAX);
                return Ok(match is_near {
                    true => (Restart::ByRun { run: run.id }, false),
                    false => (Restart::NoRun { last: Some(run.id) }, false),
                });
            }
        }
        Ok((Restart::NoRun { last: None }, false))
    }

    /// Returns what was recorded of this start already.
    fn told_restart(&self, now: &Moment) -> Result<Option<Restart>, ReadError> {
        let run: Option<String> = self
            .connection()
            .query_row(
                "SELECT run FROM record WHERE kind = 'host-started' AND boot_id = ?1
                 ORDER BY seq LIMIT 1",
                [&now.boot_id],
                |row| row.get(0),
            )
            .optional()?;
        let Some(run) = run else { return Ok(None) };
        let run = self.run(&run, now)?;
        let events = run.into_iter().flat_map(|run| run.events);
        let mut found = events.filter_map(|told| match told.event {
            Event::HostStarted { restart } => Some(restart),
            _ => None,
        });
        Ok(found.next())
    }

    /// Returns the runs that were opened in a start of the host, the newest first.
    fn of_start(&self, boot_id: &str, now: &Moment) -> Result<Vec<Run>, ReadError> {
        let mut statement = self.connection().prepare(
            "SELECT run FROM record WHERE kind = 'opened' AND boot_id = ?1 ORDER BY seq DESC",
        )?;
        let ids: Vec<String> = statement
            .query_map([boot_id], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let runs = ids.iter().map(|id| self.run(id, now));
        runs.filter_map(Result::transpose).collect()
    }
}

/// Returns when the host started, by its wall clock of now.
#[must_use]
pub fn started(now: &Moment) -> DateTime<Utc> {
    let up = TimeDelta::from_std(now.boot).ok();
    up.and_then(|up| now.utc.checked_sub_signed(up))
        .unwrap_or(now.utc)
}

/// Returns when a run was let through.
fn cleared(run: &Run) -> Option<DateTime<Utc>> {
    let through = run.events.iter().rev().find(|told| {
        matches!(
            told.event,
            Event::Cleared { .. } | Event::Noted | Event::BrokenGlass { .. }
        )
    });
    through.map(|told| told.at.utc)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::world::Clock as _;
    use crate::ledger::SqliteLedger;
    use crate::ledger::rehearsal::{HandClock, append, cleared, opened, opened_drill};

    const HOUR: Duration = Duration::from_secs(3600);

    /// What is found after runs `a`, `b`, … of these events and a start of the host.
    fn found(runs: Vec<Vec<Event>>, later: impl FnOnce(&HandClock)) -> Restart {
        let clock = HandClock::new();
        let mut ledger = SqliteLedger::in_memory().unwrap();
        for (events, run) in runs.into_iter().zip(["a", "b", "c"]) {
            append(&mut ledger, &clock, run, events);
        }
        later(&clock);
        let is_restart = |run: &Run| run.rules().contains(&"reboot.host");
        let reader = Reader::over(ledger);
        let (restart, was_told) = reader.restart(&clock.now(), HOUR, &is_restart).unwrap();
        assert!(!was_told);
        restart
    }

    fn reboot() -> Vec<Event> {
        vec![opened("reboot.host", "t"), cleared()]
    }

    fn by(run: &str) -> Restart {
        let run = crate::gate::RunId(run.to_owned());
        Restart::ByRun { run }
    }

    #[test]
    fn a_cleared_run_just_before_is_behind_a_start() {
        let again = |clock: &HandClock| clock.start_again("boot-2");
        assert_eq!(found(vec![reboot()], again), by("a"));
        let other = || vec![opened("mail.requeue", "t"), cleared()];
        assert_eq!(found(vec![reboot(), other()], again), by("a"));
        let mut failed = reboot();
        failed.push(Event::NotStarted {
            cause: "not found".to_owned(),
            status: 127,
        });
        for runs in [
            vec![other()],
            vec![vec![opened("reboot.host", "t")]],
            vec![vec![opened_drill("reboot.host", "t"), cleared()]],
            vec![failed],
        ] {
            assert_eq!(found(runs, again), Restart::NoRun { last: None });
        }
    }

    #[test]
    fn without_an_earlier_start_there_is_nothing_to_compare() {
        assert_eq!(found(vec![], |_| {}), Restart::First);
        assert_eq!(found(vec![reboot()], |_| {}), Restart::First);
    }

    #[test]
    fn a_run_of_long_before_is_named_and_explains_nothing() {
        let later = |clock: &HandClock| {
            clock.go_on(30 * 3600);
            clock.start_again("boot-2");
        };
        let last = Some(crate::gate::RunId("a".to_owned()));
        assert_eq!(found(vec![reboot()], later), Restart::NoRun { last });
    }

    #[test]
    fn a_run_explains_one_start_alone() {
        let clock = HandClock::new();
        let mut ledger = SqliteLedger::in_memory().unwrap();
        append(&mut ledger, &clock, "a", reboot());
        clock.start_again("boot-2");
        let told = Event::HostStarted { restart: by("a") };
        append(&mut ledger, &clock, "b", vec![opened("x", "t"), told]);
        let second = clock.now();
        clock.start_again("boot-3");
        let reader = Reader::over(ledger);
        let of = |now: &Moment| reader.restart(now, HOUR, &|run| run.rules() == ["reboot.host"]);
        assert_eq!(of(&second).unwrap(), (by("a"), true));
        let third = of(&clock.now()).unwrap();
        assert_eq!(third, (Restart::NoRun { last: None }, false));
    }
}
