//! Finds the run that a process was let run and whose end is not recorded yet.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::gate::record::RunId;

use super::chain::boot_of;

/// Returns the newest such run of the process, and when it started on the boot clock. Where the
/// host does not say when processes began, any process with this id is meant.
///
/// # Errors
/// Where the database cannot be read.
pub(super) fn newest(
    connection: &Connection,
    pid: i32,
    ticks: Option<u64>,
) -> rusqlite::Result<Option<(RunId, Duration)>> {
    connection
        .query_row(
            "SELECT run.run, record.boot_ns
             FROM run JOIN record ON record.run = run.run AND record.kind = 'started'
             WHERE run.pid = ?1 AND run.start_ticks IS ?2 AND run.ended_seq IS NULL
             ORDER BY record.seq DESC LIMIT 1",
            params![pid, ticks.map(u64::cast_signed)],
            |row| {
                let boot_ns: i64 = row.get(1)?;
                Ok((RunId(row.get(0)?), boot_of(boot_ns)))
            },
        )
        .optional()
}
