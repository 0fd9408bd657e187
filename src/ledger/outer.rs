//! Finds the run of an outer door within which a line is held once more, and tells the runs of one
//! passage from earlier ones. What a run means to another says [`crate::gate::outer`].

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::gate::outer::{self, Outer, Process, Stands, Within};
use crate::gate::record::{Event, HeldInvocation, Opened, RunId};
use crate::gate::world::{InTheWay, Moment};

use super::history;
use super::reader::ReadError;

/// How many of the newest runs without an end are looked at.
const NEWEST: i64 = 256;
/// How many doors deep one passage may lie.
const MAX_DEPTH: usize = 8;

/// Returns the newest outer run; `is_sure` where the asker cannot have written this database.
///
/// # Errors
/// Where the records cannot be read.
pub(super) fn find(
    connection: &Connection,
    inner: &Opened,
    is_sure: bool,
    now: &Moment,
) -> Result<Option<Outer>, ReadError> {
    let processes = outer::processes(inner);
    if processes.is_empty() || now.boot_id.is_empty() {
        return Ok(None);
    }
    let mut statement = connection.prepare(
        "SELECT run FROM run
         WHERE drill = 0 AND cleared_seq IS NOT NULL AND ended_seq IS NULL AND cleared_boot_id = ?1
         ORDER BY cleared_seq DESC LIMIT ?2",
    )?;
    let runs = statement.query_map(params![now.boot_id, NEWEST], |row| row.get(0))?;
    for run in runs {
        let run: String = run?;
        if let Some(found) = look(connection, run, inner, &processes, now)? {
            return Ok(Some(match is_sure {
                true => Outer {
                    within: Within {
                        stands: Stands::Clearance,
                        ..found.within
                    },
                    ..found
                },
                false => found,
            }));
        }
    }
    Ok(None)
}

/// Returns the run where it is an outer one.
fn look(
    connection: &Connection,
    run: String,
    inner: &Opened,
    processes: &[Process],
    now: &Moment,
) -> Result<Option<Outer>, ReadError> {
    let told = history::told(connection, &run)?;
    let Some((first, rest)) = told.split_first() else {
        return Ok(None);
    };
    let Event::Opened(opened) = &first.event else {
        return Ok(None);
    };
    let events = rest.iter().map(|told| (&told.at, &told.event));
    let Some(stands) = outer::stands(opened, events, inner, processes, now) else {
        return Ok(None);
    };
    if is_used_up(connection, &run, opened, inner)? {
        return Ok(None);
    }
    Ok(Some(Outer {
        within: Within {
            run: RunId(run),
            stands,
        },
        around: around(connection, opened)?,
        door: opened.door.clone(),
    }))
}

/// Returns whether the lines within an outer run would be more than it held: each of its calls is good
/// for one run, so that a shell that goes on does not repeat a job unasked.
fn is_used_up(
    connection: &Connection,
    run: &str,
    outer: &Opened,
    inner: &Opened,
) -> Result<bool, ReadError> {
    let mut statement = connection.prepare(
        "SELECT body ->> '$.event.invocations' FROM record
         WHERE kind = 'opened' AND body ->> '$.event.within.run' = ?1
           AND seq > (SELECT min(seq) FROM record WHERE run = ?1)
           AND EXISTS (SELECT 1 FROM run WHERE run.run = record.run AND cleared_seq IS NOT NULL)",
    )?;
    let mut within: Vec<HeldInvocation> = Vec::new();
    for invocations in statement.query_map([run], |row| row.get::<_, Option<String>>(0))? {
        // What cannot be read may have been anything.
        let Some(Ok(known)) = invocations?.map(|text| serde_json::from_str(&text)) else {
            return Ok(true);
        };
        let known: Vec<HeldInvocation> = known;
        within.extend(known);
    }
    let calls = |held: &[HeldInvocation]| -> Vec<outer::Call> {
        held.iter().filter_map(|held| held.call.clone()).collect()
    };
    Ok(outer::are_more(
        &calls(&inner.invocations),
        &calls(&within),
        &calls(&outer.invocations),
    ))
}

/// Returns the runs within which a run lies, the nearest first.
fn around(connection: &Connection, opened: &Opened) -> rusqlite::Result<Vec<RunId>> {
    let mut around: Vec<RunId> = Vec::new();
    let mut next = opened.within.as_ref().map(|within| within.run.clone());
    while let Some(run) = next
        && around.len() < MAX_DEPTH
        && !around.contains(&run)
    {
        next = within(connection, &run.0)?;
        around.push(run);
    }
    Ok(around)
}

/// Returns the run within which a run lies, as its record says.
fn within(connection: &Connection, run: &str) -> rusqlite::Result<Option<RunId>> {
    let found: Option<Option<String>> = connection
        .query_row(
            "SELECT body ->> '$.event.within.run' FROM record WHERE run = ?1 AND kind = 'opened'",
            [run],
            |row| row.get(0),
        )
        .optional()?;
    Ok(found.flatten().map(RunId))
}

/// Returns whether a run is one of these, or lies within one: then it is no earlier one to them.
///
/// # Errors
/// Where the database cannot be read.
pub(super) fn is_of_passage(
    connection: &Connection,
    run: &str,
    around: &[RunId],
) -> rusqlite::Result<bool> {
    if around.is_empty() {
        return Ok(false);
    }
    let mut next = Some(RunId(run.to_owned()));
    for _ in 0..=MAX_DEPTH {
        let Some(run) = next else { break };
        if around.contains(&run) {
            return Ok(true);
        }
        next = within(connection, &run.0)?;
    }
    Ok(false)
}

/// Says where the outer run is in the way: it has ended, or others within it took what it held before
/// the run `inner`, which is about to be cleared, could.
///
/// # Errors
/// Where the database cannot be read.
pub(super) fn in_the_way(
    connection: &Connection,
    around: &[RunId],
    inner: Option<&RunId>,
) -> rusqlite::Result<Option<InTheWay>> {
    let Some(run) = around.first() else {
        return Ok(None);
    };
    let is_under_way = connection
        .query_row(
            "SELECT ended_seq IS NULL AND cleared_seq IS NOT NULL FROM run WHERE run = ?1",
            [&run.0],
            |row| row.get(0),
        )
        .optional()?;
    if is_under_way != Some(true) {
        return Ok(Some(InTheWay::OuterEnded(run.clone())));
    }
    Ok(match inner {
        // What cannot be read back may have been used.
        Some(inner) if !is_left_for(connection, run, inner).unwrap_or(false) => {
            Some(InTheWay::OuterUsed(run.clone()))
        }
        Some(_) | None => None,
    })
}

/// Returns whether the outer run is still good for a run within it that has been opened. Two that
/// looked at the same instant both found it so: the transaction that clears tells.
fn is_left_for(connection: &Connection, outer: &RunId, inner: &RunId) -> Result<bool, ReadError> {
    let head = |run: &RunId| {
        let told = history::told(connection, &run.0)?;
        Ok::<_, ReadError>(told.into_iter().next().and_then(|told| match told.event {
            Event::Opened(opened) => Some(opened),
            _ => None,
        }))
    };
    let (Some(outer_head), Some(inner_head)) = (head(outer)?, head(inner)?) else {
        return Ok(false);
    };
    let within = inner_head.within.as_ref();
    if within.is_none_or(|within| within.stands == Stands::Nothing) {
        return Ok(true);
    }
    is_used_up(connection, &outer.0, &outer_head, &inner_head).map(|is_used_up| !is_used_up)
}
