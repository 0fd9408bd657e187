//! Answers a gap: which run of a rule stands in the way.
//!
//! What counts is the last run of the rule, at the target or at any, that was cleared (or noted, or
//! broken through) and was no drill. Its age counts from its end; from its clearance where no end
//! is recorded. A run whose process still lives on this start of the host is under way and stands
//! in the way however old it is. Within one start of the host ages are measured by the boot clock,
//! else by the wall clock.

use std::time::Duration;

use rusqlite::{Connection, Row, params};

use crate::context::process;
use crate::gate::record::{Entry, Event, HeldInvocation, Opened, RunId};
use crate::gate::world::{GapGuard, LastRun, Moment, Targets};
use crate::policy::pattern::Case;

use super::chain::{boot_ns, utc_of, utc_text};
use super::outer;

/// The columns of [`Last`], from `run`.
const LAST: &str = "run.run, run.user,
    coalesce(run.ended_utc, run.cleared_utc),
    coalesce(run.ended_boot_ns, run.cleared_boot_ns),
    coalesce(run.ended_boot_id, run.cleared_boot_id),
    run.pid, run.start_ticks, run_rule.target";

/// Runs of rule `?1`, at target `?2` unless that is null, that count. Host names have no case.
pub(super) const COUNTING: &str = "FROM run_rule JOIN run ON run.run = run_rule.run
    WHERE run_rule.rule = ?1 AND (?2 IS NULL OR run_rule.target = ?2 COLLATE NOCASE)
      AND run.drill = 0 AND run.cleared_seq IS NOT NULL";

/// As [`COUNTING`], with the runs whose targets nobody knew beforehand: they may have been there.
const MAYBE_COUNTING: &str = "FROM run_rule JOIN run ON run.run = run_rule.run
    WHERE run_rule.rule = ?1 AND (?2 IS NULL OR run_rule.target = ?2 COLLATE NOCASE
           OR run_rule.target = '*')
      AND run.drill = 0 AND run.cleared_seq IS NOT NULL";

/// Stands in `run_rule` for targets that nobody knew beforehand; no host has this name.
pub(crate) const ANY: &str = "*";

/// A run that counts.
struct Last {
    /// Its id.
    run: String,
    /// Who ran it.
    user: String,
    /// Wall clock at its end, or its clearance.
    utc: String,
    /// Boot clock at its end, or its clearance, in nanoseconds.
    boot_ns: i64,
    /// Which start of the host.
    boot_id: String,
    /// Its process.
    pid: Option<i32>,
    /// When its process began.
    start_ticks: Option<u64>,
    /// Where it ran.
    target: String,
}

impl Last {
    /// Reads the columns of [`LAST`].
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            run: row.get(0)?,
            user: row.get(1)?,
            utc: row.get(2)?,
            boot_ns: row.get(3)?,
            boot_id: row.get(4)?,
            pid: row.get(5)?,
            start_ticks: row.get::<_, Option<i64>>(6)?.map(i64::cast_unsigned),
            target: row.get(7)?,
        })
    }

    /// Returns how long ago it ended (or was cleared). A time to come, or one that cannot be read,
    /// counts as just now.
    fn ago(&self, now: &Moment) -> Duration {
        if !now.boot_id.is_empty() && self.boot_id == now.boot_id {
            let ago = boot_ns(now.boot).saturating_sub(self.boot_ns);
            return Duration::from_nanos(u64::try_from(ago).unwrap_or(0));
        }
        utc_of(&self.utc)
            .and_then(|utc| (now.utc - utc).to_std().ok())
            .unwrap_or_default()
    }

    /// Says that it stands in the way of `guard`.
    fn in_the_way(self, guard: &GapGuard, now: &Moment, under_way: bool) -> LastRun {
        LastRun {
            guard: guard.clone(),
            ago: self.ago(now),
            run: RunId(self.run),
            user: self.user,
            under_way,
        }
    }
}

/// Returns, for each guard that is not met, the run that stands in its way; runs of the passage that
/// `around` names do not.
///
/// # Errors
/// Where the database cannot be read.
pub(super) fn in_the_way(
    connection: &Connection,
    guards: &[GapGuard],
    around: &[RunId],
    now: &Moment,
) -> rusqlite::Result<Vec<LastRun>> {
    let mut found = Vec::new();
    for guard in guards {
        if let Some(last) = under_way(connection, guard, around, now)? {
            found.push(last.in_the_way(guard, now, true));
        } else if let Some(last) = last(connection, guard, around)?
            && last.ago(now) < guard.time
        {
            found.push(last.in_the_way(guard, now, false));
        }
    }
    Ok(found)
}

/// Returns the run that ended last, an end that is not recorded counting from its clearance.
fn last(
    connection: &Connection,
    guard: &GapGuard,
    around: &[RunId],
) -> rusqlite::Result<Option<Last>> {
    let mut statement = connection.prepare(&format!(
        "SELECT {LAST} {MAYBE_COUNTING} ORDER BY coalesce(run.ended_seq, run.cleared_seq) DESC"
    ))?;
    let runs = statement.query_map(params![guard.rule, one(guard)], Last::of)?;
    for run in runs {
        let run = run?;
        if counts(guard, &run.target) && !outer::is_of_passage(connection, &run.run, around)? {
            return Ok(Some(run));
        }
    }
    Ok(None)
}

/// The one target that a guard is about.
fn one(guard: &GapGuard) -> Option<&str> {
    match &guard.targets {
        Targets::One(target) => Some(target),
        Targets::Fitting(_) | Targets::Any => None,
    }
}

/// Whether runs at this target count.
fn counts(guard: &GapGuard, target: &str) -> bool {
    match &guard.targets {
        Targets::One(_) | Targets::Any => true,
        Targets::Fitting(group) => target == ANY || group.fits(target, Case::Ignored),
    }
}

/// Returns the latest run that has no end and whose process lives.
fn under_way(
    connection: &Connection,
    guard: &GapGuard,
    around: &[RunId],
    now: &Moment,
) -> rusqlite::Result<Option<Last>> {
    // Without a boot id nothing tells this start of the host from the one before.
    if now.boot_id.is_empty() {
        return Ok(None);
    }
    let mut statement = connection.prepare(&format!(
        "SELECT {LAST} {MAYBE_COUNTING}
           AND run.ended_seq IS NULL AND run.pid IS NOT NULL AND run.cleared_boot_id = ?3
         ORDER BY run.cleared_seq DESC"
    ))?;
    let runs = statement.query_map(params![guard.rule, one(guard), now.boot_id], Last::of)?;
    for run in runs {
        let run = run?;
        if counts(guard, &run.target)
            && run
                .pid
                .is_some_and(|pid| process::lives(pid, run.start_ticks))
            && !outer::is_of_passage(connection, &run.run, around)?
        {
            return Ok(Some(run));
        }
    }
    Ok(None)
}

/// Notes in the side tables what an entry says; `seq` is its record's number.
///
/// # Errors
/// Where the database cannot be written.
pub(super) fn note(
    connection: &Connection,
    entry: &Entry,
    seq: i64,
    moment: &Moment,
) -> rusqlite::Result<()> {
    let run = &entry.run.0;
    match &entry.event {
        Event::Opened(opened) => note_opened(connection, run, opened),
        Event::Cleared { .. } | Event::Noted | Event::BrokenGlass { .. } => note_time(
            connection,
            "UPDATE run SET cleared_seq = ?2, cleared_utc = ?3, cleared_boot_ns = ?4,
                cleared_boot_id = ?5 WHERE run = ?1",
            run,
            seq,
            moment,
        ),
        Event::Ended { .. } | Event::NotStarted { .. } => note_time(
            connection,
            "UPDATE run SET ended_seq = ?2, ended_utc = ?3, ended_boot_ns = ?4,
                ended_boot_id = ?5 WHERE run = ?1",
            run,
            seq,
            moment,
        ),
        Event::Started { pid, start_ticks } => connection
            .execute(
                "UPDATE run SET pid = ?2, start_ticks = ?3 WHERE run = ?1",
                params![run, pid, start_ticks.map(u64::cast_signed)],
            )
            .map(drop),
        Event::Answered(_)
        | Event::Carried(_)
        | Event::NotCleared { .. }
        | Event::After { .. }
        | Event::Drilled
        | Event::HostStarted { .. } => Ok(()),
    }
}

/// Notes a new run, and each rule and target that it is of.
fn note_opened(connection: &Connection, run: &str, opened: &Opened) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO run (run, user, drill) VALUES (?1, ?2, ?3)",
        params![run, opened.who.person(), opened.drill],
    )?;
    for held in &opened.invocations {
        for target in targets(held) {
            connection.execute(
                "INSERT OR IGNORE INTO run_rule (rule, target, run) VALUES (?1, ?2, ?3)",
                params![held.rule, target, run],
            )?;
        }
    }
    Ok(())
}

/// Returns the targets under which a held invocation is found again.
pub(super) fn targets(held: &HeldInvocation) -> impl Iterator<Item = &str> {
    // What the line says in place of names is one that a later run may have again.
    let said = held.any_target && !held.target.contains('…');
    let said = said.then_some(held.target.as_str());
    let any = held.any_target.then_some(ANY);
    let named = held.targets().iter().map(String::as_str);
    named.chain(said).chain(any)
}

/// Notes a number and a time of a run. One that was never opened is refused: its rules would be
/// unknown to every gap.
fn note_time(
    connection: &Connection,
    sql: &str,
    run: &str,
    seq: i64,
    moment: &Moment,
) -> rusqlite::Result<()> {
    let (utc, boot) = (utc_text(moment.utc), boot_ns(moment.boot));
    match connection.execute(sql, params![run, seq, utc, boot, moment.boot_id])? {
        1 => Ok(()),
        rows => Err(rusqlite::Error::StatementChangedRows(rows)),
    }
}
