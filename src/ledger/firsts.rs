//! Answers a `first`: whether another rule's run ended well lately at a target.
//!
//! What counts is the last run of that rule there, cleared, noted or broken through and no drill,
//! with the same values of placeholders; a later failure takes an earlier good end away. Nothing is
//! rounded in favour of the asker: an end in the future, or one whose time cannot be read, is none.

use std::time::Duration;

use rusqlite::{Connection, Row, params};

use crate::gate::record::{Entry, Event};
use crate::gate::world::{FirstGuard, InTheWay, Moment, NotFirst};

use super::chain::ago;
use super::gaps::COUNTING;

/// A run of the rule.
struct Earlier {
    /// Its id.
    run: String,
    /// Who ran it.
    user: String,
    /// Number of the record of its end.
    ended_seq: Option<i64>,
    /// Wall clock at its end, or its clearance.
    utc: String,
    /// Boot clock then, in nanoseconds.
    boot_ns: i64,
    /// Which start of the host.
    boot_id: String,
}

impl Earlier {
    /// Reads a row.
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            run: row.get(0)?,
            user: row.get(1)?,
            ended_seq: row.get(2)?,
            utc: row.get(3)?,
            boot_ns: row.get(4)?,
            boot_id: row.get(5)?,
        })
    }

    /// How long ago it ended, `None` where that cannot be said.
    fn ago(&self, now: &Moment) -> Option<Duration> {
        ago(now, &self.utc, self.boot_ns, &self.boot_id)
    }
}

/// Returns, for each guard that is not met, why.
///
/// # Errors
/// Where the database cannot be read.
pub(super) fn in_the_way(
    connection: &Connection,
    guards: &[FirstGuard],
    now: &Moment,
) -> rusqlite::Result<Vec<InTheWay>> {
    let mut found = Vec::new();
    for guard in guards {
        if let Some(why) = not_first(connection, guard, now)? {
            let guard = guard.clone();
            found.push(InTheWay::NotFirst { guard, why });
        }
    }
    Ok(found)
}

/// Returns why a guard is not met.
fn not_first(
    connection: &Connection,
    guard: &FirstGuard,
    now: &Moment,
) -> rusqlite::Result<Option<NotFirst>> {
    let mut statement = connection.prepare(&format!(
        "SELECT run.run, run.user, run.ended_seq,
            coalesce(run.ended_utc, run.cleared_utc),
            coalesce(run.ended_boot_ns, run.cleared_boot_ns),
            coalesce(run.ended_boot_id, run.cleared_boot_id)
         {COUNTING} ORDER BY coalesce(run.ended_seq, run.cleared_seq) DESC"
    ))?;
    let runs = statement.query_map(params![guard.rule, guard.target], Earlier::of)?;
    let mut why = NotFirst::None;
    for run in runs {
        let run = run?;
        if !agrees(connection, &run, guard)? {
            why = NotFirst::Differs;
            continue;
        }
        let ago = run.ago(now);
        let user = run.user.clone();
        return Ok(match (ended_well(connection, &run)?, ago) {
            (true, Some(ago)) if ago <= guard.within => None,
            (true, Some(ago)) => Some(NotFirst::TooOld { user, ago }),
            (true | false, ago) => Some(NotFirst::NotWell {
                user,
                ago: ago.unwrap_or_default(),
            }),
        });
    }
    Ok(Some(why))
}

/// Whether its record says that it ended with status 0.
fn ended_well(connection: &Connection, run: &Earlier) -> rusqlite::Result<bool> {
    let Some(seq) = run.ended_seq else {
        return Ok(false);
    };
    let body: String =
        connection.query_row("SELECT body FROM record WHERE seq = ?1", [seq], |row| {
            row.get(0)
        })?;
    let entry = serde_json::from_str::<Entry>(&body);
    Ok(entry.is_ok_and(|entry| {
        matches!(
            entry.event,
            Event::Ended {
                status: Some(0),
                signal: None,
                ..
            }
        )
    }))
}

/// Whether an invocation of the rule at the target had the values wanted.
fn agrees(connection: &Connection, run: &Earlier, guard: &FirstGuard) -> rusqlite::Result<bool> {
    if guard.same.is_empty() {
        return Ok(true);
    }
    let body: String = connection.query_row(
        "SELECT body FROM record WHERE run = ?1 AND kind = 'opened'",
        [&run.run],
        |row| row.get(0),
    )?;
    let Ok(Entry {
        event: Event::Opened(opened),
        ..
    }) = serde_json::from_str::<Entry>(&body)
    else {
        return Ok(false);
    };
    let mut at_target = opened
        .invocations
        .iter()
        .filter(|held| held.rule == guard.rule && held.target.eq_ignore_ascii_case(&guard.target));
    let has_all = |bound: &std::collections::BTreeMap<String, String>| {
        let agrees = |(name, value): &(String, Option<String>)| {
            value.is_some() && bound.get(name) == value.as_ref()
        };
        guard.same.iter().all(agrees)
    };
    Ok(at_target.any(|held| has_all(&held.bound)))
}
