//! Reads runs back as stories: what was asked, answered, started, and how it ended.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;

use crate::context::process;
use crate::gate::outer::Within;
use crate::gate::record::{Entry, Event, HeldInvocation, Restart, RunId};
use crate::gate::world::{Moment, Who};
use crate::text::{self, Language};

use super::chain::{Row, boot_ns, boot_of, utc_of, utc_text};
use super::reader::{COLUMNS, ReadError, Reader, stored};

/// One run with all that is recorded of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// When it was opened.
    pub opened: DateTime<Utc>,
    /// How it went.
    pub outcome: Outcome,
    /// Who asked.
    pub who: Who,
    /// The line as typed, masked.
    pub line: String,
    /// The held invocations with their rules and targets.
    pub invocations: Vec<HeldInvocation>,
    /// The door it came through.
    pub door: String,
    /// Whether it is a drill.
    pub drill: bool,
    /// Whether the gate was broken through.
    pub broken_glass: bool,
    /// Version of kanmon that recorded it.
    pub version: String,
    /// The run of an outer door within which the line was held once more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<Within>,
    /// What happened after it was opened, in order.
    pub events: Vec<Told>,
}

/// One event with its record's number and time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Told {
    /// The record's number.
    pub seq: i64,
    /// When it was recorded.
    pub at: Moment,
    /// What happened.
    pub event: Event,
}

/// How a run went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Outcome {
    /// Not cleared so far: it is being asked, or the gate was killed. The command has not run.
    Open,
    /// Not every step was passed. The command has not run.
    NotCleared {
        /// Why.
        reason: String,
    },
    /// A drill came to its end.
    Drilled,
    /// Cleared, but the system could not start it.
    NotStarted {
        /// What the system said.
        cause: String,
    },
    /// The command runs.
    UnderWay,
    /// The command ended by itself.
    Ended {
        /// Exit status.
        status: i32,
    },
    /// The command died of a signal.
    Killed {
        /// The signal.
        signal: i32,
    },
    /// Cleared, and no end is recorded. Counts as failed.
    Unknown,
    /// Cleared, no end is recorded, and the host has started again since. Counts as failed.
    HostWentDown,
    /// No command: the host was looked at after it started.
    HostStarted {
        /// What stands behind it.
        restart: Restart,
    },
}

impl Outcome {
    /// Returns the outcome for people.
    #[must_use]
    pub fn line(&self, language: Language) -> String {
        match self {
            Self::Open => text::ledger::open(language),
            Self::NotCleared { reason } => {
                let reason = text::words::of(text::words::REASONS, reason, language);
                text::ledger::not_cleared(language, reason)
            }
            Self::Drilled => text::ledger::drilled(language),
            Self::NotStarted { cause } => {
                text::ledger::not_started(language, text::cause::of(cause, language))
            }
            Self::UnderWay => text::ledger::under_way(language),
            Self::Ended { status: 0 } => text::ledger::ended_well(language),
            Self::Ended { status } => text::ledger::failed(language, status),
            Self::Killed { signal } => text::ledger::killed(language, signal),
            Self::Unknown => text::ledger::unknown(language),
            Self::HostWentDown => text::ledger::host_went_down(language),
            Self::HostStarted { restart } => restart_line(restart, language),
        }
    }
}

/// Returns, for people, what stands behind a start of the host.
#[must_use]
pub fn restart_line(restart: &Restart, language: Language) -> String {
    match restart {
        Restart::First => text::boot::outcome_first(language),
        Restart::ByRun { run } => text::boot::outcome_by(language, &run.0),
        Restart::NoRun { .. } => text::boot::outcome_no_run(language),
    }
}

impl Run {
    /// Returns the ids of its rules, each once, in the order of the line.
    #[must_use]
    pub fn rules(&self) -> Vec<&str> {
        each_once(self.invocations.iter().map(|held| held.rule.as_str()))
    }

    /// Returns its targets, each once, in the order of the line.
    #[must_use]
    pub fn targets(&self) -> Vec<&str> {
        each_once(self.invocations.iter().map(|held| held.target.as_str()))
    }
}

/// What tells how a run stands of which no end is recorded.
#[derive(Debug, Clone, Copy)]
pub enum Unended<'n> {
    /// This host: its processes, and whether it has started again since.
    Here(&'n Moment),
    /// The team's store, of a run of any host.
    There {
        /// Whether the host said that it is over.
        is_over: bool,
    },
}

impl Run {
    /// Puts a run together of its records, the head first; `None` where there is no head.
    #[must_use]
    pub fn of(id: &str, told: Vec<Told>, unended: Unended<'_>) -> Option<Self> {
        let mut told = told.into_iter();
        let Some(Told {
            at,
            event: Event::Opened(opened),
            ..
        }) = told.next()
        else {
            return None;
        };
        let events: Vec<Told> = told.collect();
        Some(Self {
            id: RunId(id.to_owned()),
            opened: at.utc,
            outcome: outcome(&events, unended),
            who: opened.who,
            line: opened.line,
            invocations: opened.invocations,
            door: opened.door,
            drill: opened.drill,
            broken_glass: events
                .iter()
                .any(|told| matches!(told.event, Event::BrokenGlass { .. })),
            version: opened.version,
            within: opened.within,
            events,
        })
    }
}

impl Reader {
    /// Returns the number of the last record; 0 where there is none.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn last_seq(&self) -> Result<i64, ReadError> {
        if self.is_empty()? {
            return Ok(0);
        }
        let sql = "SELECT coalesce(max(seq), 0) FROM record";
        Ok(self.connection().query_row(sql, [], |row| row.get(0))?)
    }

    /// Returns what was recorded behind number `after`, with the run of each.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn behind(&self, after: i64) -> Result<Vec<(RunId, Told)>, ReadError> {
        if self.is_empty()? {
            return Ok(Vec::new());
        }
        let sql = format!("SELECT {COLUMNS} WHERE seq > ?1 ORDER BY seq");
        let mut statement = self.connection().prepare_cached(&sql)?;
        let mut behind = Vec::new();
        for found in statement.query_map([after], stored)? {
            let row = found?.0;
            behind.push((RunId(row.run.clone()), told_by(&row)?));
        }
        Ok(behind)
    }

    /// Returns the newest `count` runs, the newest first. `now` tells this start of the host from
    /// an earlier one.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn runs(&self, count: usize, now: &Moment) -> Result<Vec<Run>, ReadError> {
        if self.is_empty()? {
            return Ok(Vec::new());
        }
        let transaction = self.connection().unchecked_transaction()?;
        let mut statement = transaction
            .prepare("SELECT run FROM record WHERE kind = 'opened' ORDER BY seq DESC LIMIT ?1")?;
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let ids: Vec<String> = statement
            .query_map([count], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let runs = ids.iter().map(|id| self.story(id, now));
        runs.filter_map(Result::transpose).collect()
    }

    /// Returns the runs of which something was recorded within this time, and those still under
    /// way. Within one start of the host time is measured by the boot clock.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn recent(&self, within: Duration, now: &Moment) -> Result<Vec<Run>, ReadError> {
        if self.is_empty()? {
            return Ok(Vec::new());
        }
        let transaction = self.connection().unchecked_transaction()?;
        let mut statement = transaction.prepare(
            "SELECT DISTINCT run FROM record WHERE CASE WHEN boot_id = ?1
               THEN boot_ns >= ?2 ELSE utc >= ?3 END
             UNION SELECT run FROM run
               WHERE ended_seq IS NULL AND pid IS NOT NULL AND cleared_boot_id = ?1",
        )?;
        let boot = boot_ns(now.boot).saturating_sub(boot_ns(within));
        let utc = TimeDelta::from_std(within)
            .ok()
            .and_then(|within| now.utc.checked_sub_signed(within));
        let utc = utc.map(utc_text).unwrap_or_default();
        let ids: Vec<String> = statement
            .query_map(params![now.boot_id, boot, utc], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let runs = ids.iter().map(|id| self.story(id, now));
        runs.filter_map(Result::transpose).collect()
    }

    /// Returns the newest run whose id is, or begins or ends with, `id`.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn run(&self, id: &str, now: &Moment) -> Result<Option<Run>, ReadError> {
        if id.is_empty() || self.is_empty()? {
            return Ok(None);
        }
        let found: Option<String> = self
            .connection()
            .query_row(
                "SELECT run FROM record WHERE kind = 'opened'
                   AND (substr(run, 1, length(?1)) = ?1 OR substr(run, -length(?1)) = ?1)
                 ORDER BY run = ?1 DESC, seq DESC LIMIT 1",
                params![id],
                |row| row.get(0),
            )
            .optional()?;
        found.map_or(Ok(None), |id| self.story(&id, now))
    }

    /// Reads one run.
    fn story(&self, id: &str, now: &Moment) -> Result<Option<Run>, ReadError> {
        Ok(Run::of(
            id,
            told(self.connection(), id)?,
            Unended::Here(now),
        ))
    }
}

/// Reads all records of one run.
pub(super) fn told(connection: &Connection, id: &str) -> Result<Vec<Told>, ReadError> {
    let sql = format!("SELECT {COLUMNS} WHERE run = ?1 ORDER BY seq");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut told = Vec::new();
    for found in statement.query_map([id], stored)? {
        told.push(told_by(&found?.0)?);
    }
    Ok(told)
}

/// Reads a record back.
///
/// # Errors
/// Where its body or its time cannot be read.
pub fn told_by(row: &Row) -> Result<Told, ReadError> {
    let failed = |cause: String| ReadError::Record {
        seq: row.seq,
        cause,
    };
    let entry: Entry =
        serde_json::from_str(&row.body).map_err(|error| failed(error.to_string()))?;
    let utc = utc_of(&row.utc).ok_or_else(|| failed("its time is no time".to_owned()))?;
    Ok(Told {
        seq: row.seq,
        at: Moment {
            utc,
            boot: boot_of(row.boot_ns),
            boot_id: row.boot_id.clone(),
        },
        event: entry.event,
    })
}

/// Says how a run went, by the events after it was opened.
pub(super) fn outcome(events: &[Told], unended: Unended<'_>) -> Outcome {
    let mut outcome = Outcome::Open;
    for told in events {
        outcome = match &told.event {
            Event::Answered(_) | Event::Carried(_) | Event::After { .. } => continue,
            Event::Cleared { .. } | Event::Noted | Event::BrokenGlass { .. } => match unended {
                Unended::Here(now) if told.at.boot_id == now.boot_id => Outcome::Unknown,
                Unended::Here(_) => Outcome::HostWentDown,
                Unended::There { is_over: true } => Outcome::Unknown,
                Unended::There { is_over: false } => Outcome::UnderWay,
            },
            Event::Started { pid, start_ticks } => match (outcome, unended) {
                (Outcome::Unknown, Unended::Here(_)) if process::lives(*pid, *start_ticks) => {
                    Outcome::UnderWay
                }
                (other, _) => other,
            },
            Event::NotCleared { reason, .. } => Outcome::NotCleared {
                reason: reason.clone(),
            },
            Event::NotStarted { cause, .. } => Outcome::NotStarted {
                cause: cause.clone(),
            },
            Event::Ended {
                signal: Some(signal),
                ..
            } => Outcome::Killed { signal: *signal },
            Event::Ended {
                status: Some(status),
                ..
            } => Outcome::Ended { status: *status },
            Event::Ended { .. } | Event::Opened(_) => Outcome::Unknown,
            Event::Drilled => Outcome::Drilled,
            Event::HostStarted { restart } => Outcome::HostStarted {
                restart: restart.clone(),
            },
        };
    }
    outcome
}

/// Returns the texts without those that came before.
fn each_once<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = std::collections::BTreeSet::new();
    texts.filter(|text| seen.insert(*text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::world::Clock;
    use crate::ledger::SqliteLedger;
    use crate::ledger::rehearsal::{
        HandClock, append, cleared, ended, opened, opened_drill, started,
    };

    /// Returns how a run of these events went, after `later` happened to the clock.
    fn outcome_of(events: Vec<Event>, later: impl FnOnce(&HandClock)) -> Outcome {
        let clock = HandClock::new();
        let mut ledger = SqliteLedger::in_memory().unwrap();
        append(&mut ledger, &clock, "a", events);
        later(&clock);
        let mut runs = Reader::over(ledger).runs(9, &clock.now()).unwrap();
        assert_eq!(runs.len(), 1);
        runs.remove(0).outcome
    }

    fn own() -> Event {
        let pid = i32::try_from(std::process::id()).unwrap();
        started(pid, process::start_ticks(pid))
    }

    #[test]
    fn how_a_run_went() {
        let head = || opened("r", "t");
        let killed = Event::Ended {
            status: None,
            signal: Some(15),
            took: std::time::Duration::ZERO,
        };
        let declined = Event::NotCleared {
            reason: "declined".to_owned(),
            detail: String::new(),
        };
        let not_started = Event::NotStarted {
            cause: "not found".to_owned(),
            status: 127,
        };
        let cases = [
            (
                vec![head()],
                "not cleared so far: being asked, or the gate was killed",
            ),
            (vec![head(), declined], "not cleared: declined"),
            (
                vec![head(), cleared(), not_started],
                "could not be started: not found",
            ),
            (vec![head(), cleared()], "unknown"),
            (
                vec![head(), cleared(), started(i32::MAX, Some(1))],
                "unknown",
            ),
            (vec![head(), cleared(), own()], "under way"),
            (vec![head(), cleared(), own(), ended(0)], "ended 0"),
            (vec![head(), Event::Noted, own(), ended(3)], "failed 3"),
            (
                vec![head(), cleared(), own(), killed],
                "killed by signal 15",
            ),
            (vec![opened_drill("r", "t"), Event::Drilled], "drill passed"),
        ];
        for (events, expected) in cases {
            let outcome = outcome_of(events, |_| {});
            assert_eq!(outcome.line(Language::English), expected);
        }
    }

    #[test]
    fn a_run_without_an_end_from_before_a_restart_went_down_with_the_host() {
        let events = vec![opened("r", "t"), cleared(), own()];
        let outcome = outcome_of(events, |clock| clock.start_again("boot-2"));
        assert_eq!(outcome, Outcome::HostWentDown);
    }

    #[test]
    fn runs_come_newest_first_and_by_the_end_of_their_id() {
        let clock = HandClock::new();
        let mut ledger = SqliteLedger::in_memory().unwrap();
        for run in ["20261122T023300-aaaaaa", "20261122T023301-bbbbbb"] {
            append(
                &mut ledger,
                &clock,
                run,
                vec![opened("mail.requeue", "mx1")],
            );
        }
        append(
            &mut ledger,
            &clock,
            "20261122T023300-aaaaaa",
            vec![cleared(), ended(0)],
        );
        let now = clock.now();
        let reader = Reader::over(ledger);
        let ids: Vec<String> = reader
            .runs(9, &now)
            .unwrap()
            .into_iter()
            .map(|run| run.id.0)
            .collect();
        assert_eq!(ids, ["20261122T023301-bbbbbb", "20261122T023300-aaaaaa"]);
        assert_eq!(reader.runs(1, &now).unwrap().len(), 1);

        let run = reader.run("aaaaaa", &now).unwrap().unwrap();
        assert_eq!(run.id.0, "20261122T023300-aaaaaa");
        assert_eq!(run.rules(), ["mail.requeue"]);
        assert_eq!(run.targets(), ["mx1"]);
        assert_eq!(run.events.len(), 2);
        assert_eq!(run.who.login_user, "ann");
        assert_eq!(reader.run("cccccc", &now).unwrap(), None);
        assert_eq!(reader.run("", &now).unwrap(), None);
    }
}
