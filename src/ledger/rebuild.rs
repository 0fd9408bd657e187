//! Makes the side tables anew from the records, and compares.

use std::collections::BTreeSet;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;

use crate::gate::record::Entry;
use crate::gate::world::Moment;

use super::chain::{Hash, boot_of, utc_of};
use super::reader::{COLUMNS, ReadError, stored};
use super::{gaps, schema, store};

/// A run of which the side tables say something else than the records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SideFault {
    /// The table: `head`, `run` or `run_rule`.
    pub table: String,
    /// The row as text.
    pub row: String,
}

/// Makes the side tables anew from the records and returns the rows that differ.
///
/// # Errors
/// Where the ledger cannot be read.
pub(super) fn side_faults(connection: &Connection) -> Result<Vec<SideFault>, ReadError> {
    let rebuilt = rebuilt(connection)?;
    let mut faults = Vec::new();
    if noted_head(connection)? != noted_head(&rebuilt)? {
        faults.push(SideFault {
            table: "head".to_owned(),
            row: String::new(),
        });
    }
    for table in ["run", "run_rule"] {
        let (found, expected) = (rows_of(connection, table)?, rows_of(&rebuilt, table)?);
        let differ = found.symmetric_difference(&expected);
        faults.extend(differ.map(|row| SideFault {
            table: table.to_owned(),
            row: row.clone(),
        }));
    }
    Ok(faults)
}

/// Returns number and hash of the noted head.
///
/// # Errors
/// Where the ledger cannot be read.
pub(super) fn noted_head(connection: &Connection) -> Result<Option<(i64, Hash)>, ReadError> {
    let head = connection
        .query_row("SELECT seq, hash FROM head", [], |row| {
            Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?))
        })
        .optional()?;
    Ok(head.map(|(seq, hash)| (seq, Hash::from_bytes(&hash).unwrap_or(Hash([0xff; 32])))))
}

/// Makes the side tables anew, in memory.
fn rebuilt(connection: &Connection) -> Result<Connection, ReadError> {
    let mut rebuilt = Connection::open_in_memory()?;
    schema::prepare(&mut rebuilt).map_err(|error| ReadError::Record {
        seq: 0,
        cause: error.to_string(),
    })?;
    let mut statement = connection.prepare(&format!("SELECT {COLUMNS} ORDER BY seq"))?;
    for found in statement.query_map([], stored)? {
        let (row, hash) = found?;
        let failed = |cause: &dyn std::fmt::Display| ReadError::Record {
            seq: row.seq,
            cause: cause.to_string(),
        };
        let entry: Entry = serde_json::from_str(&row.body).map_err(|error| failed(&error))?;
        let moment = Moment {
            utc: utc_of(&row.utc).ok_or_else(|| failed(&"its time is no time"))?,
            boot: boot_of(row.boot_ns),
            boot_id: row.boot_id.clone(),
        };
        gaps::note(&rebuilt, &entry, row.seq, &moment)?;
        store::note_head(&rebuilt, row.seq, hash, &row.utc)?;
    }
    Ok(rebuilt)
}

/// Returns all rows of a side table, each as text.
fn rows_of(connection: &Connection, table: &str) -> Result<BTreeSet<String>, ReadError> {
    let mut statement = connection.prepare(&format!("SELECT * FROM {table}"))?;
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        let values: Result<Vec<String>, _> = (0..columns)
            .map(|index| row.get_ref(index).map(value_text))
            .collect();
        Ok(values?.join(" "))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns a value as text.
fn value_text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "-".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            String::from_utf8_lossy(bytes).into_owned()
        }
    }
}
