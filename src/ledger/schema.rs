//! The ledger's tables and their version.
//!
//! `record` is the ledger. `head`, `run` and `run_rule` say again, in a form that a question can
//! be asked of, what the records say; they are written in the same transaction and can be made
//! again from the records.
//!
//! Versions: an older file is brought up to [`VERSION`] when it is opened for writing; a newer one
//! may be read and is never written.

use rusqlite::Connection;

/// The version that this program writes (`user_version`).
pub const VERSION: i64 = 1;

/// Tables and triggers of version 1. The triggers stand against slips of a hand in the `sqlite3`
/// shell; against intent stands the chain.
const VERSION_1: &str = "
CREATE TABLE record (
    seq     INTEGER PRIMARY KEY,
    run     TEXT NOT NULL,
    kind    TEXT NOT NULL,
    utc     TEXT NOT NULL,
    boot_ns INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    body    TEXT NOT NULL,
    prev    BLOB NOT NULL,
    hash    BLOB NOT NULL
) STRICT;
CREATE INDEX record_run ON record (run, seq);
CREATE TRIGGER record_is_never_changed BEFORE UPDATE ON record
    BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;
CREATE TRIGGER record_is_never_removed BEFORE DELETE ON record
    BEGIN SELECT RAISE(ABORT, 'records are never removed'); END;
CREATE TRIGGER record_is_added_at_the_end BEFORE INSERT ON record
    WHEN NEW.seq <= (SELECT max(seq) FROM record)
    BEGIN SELECT RAISE(ABORT, 'records are added at the end'); END;
CREATE TABLE head (
    only_one   INTEGER PRIMARY KEY CHECK (only_one = 1),
    seq        INTEGER NOT NULL,
    hash       BLOB NOT NULL,
    newest_utc TEXT NOT NULL
) STRICT;
CREATE TABLE run (
    run             TEXT PRIMARY KEY,
    user            TEXT NOT NULL,
    drill           INTEGER NOT NULL,
    cleared_seq     INTEGER,
    cleared_utc     TEXT,
    cleared_boot_ns INTEGER,
    cleared_boot_id TEXT,
    pid             INTEGER,
    start_ticks     INTEGER,
    ended_seq       INTEGER,
    ended_utc       TEXT,
    ended_boot_ns   INTEGER,
    ended_boot_id   TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE run_rule (
    rule   TEXT NOT NULL,
    target TEXT NOT NULL,
    run    TEXT NOT NULL,
    PRIMARY KEY (rule, target, run)
) STRICT, WITHOUT ROWID;
";

/// What is wrong with a file's tables.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// A newer program wrote it.
    #[error(
        "a newer kanmon wrote it (format {found}, this one writes {VERSION}); it can be read, not written: use the newer kanmon"
    )]
    Newer {
        /// The version found.
        found: i64,
    },
    /// It is a database of something else.
    #[error("this is not a ledger of kanmon; move the file away")]
    Foreign,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] rusqlite::Error),
}

/// Returns the version of the tables; 0 for an empty file.
///
/// # Errors
/// Where the file cannot be read or is no ledger.
pub fn version(connection: &Connection) -> Result<i64, SchemaError> {
    // One statement sees one state of the file; between two, another gate could make the tables.
    let (version, tables): (i64, i64) = connection.query_row(
        "SELECT user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    if version == 0 && tables > 0 {
        return Err(SchemaError::Foreign);
    }
    Ok(version)
}

/// Brings the tables to [`VERSION`].
///
/// # Errors
/// Where the tables are newer than this program, are of something else, or cannot be written.
pub fn prepare(connection: &mut Connection) -> Result<(), SchemaError> {
    match version(connection)? {
        VERSION => return Ok(()),
        found if found > VERSION => return Err(SchemaError::Newer { found }),
        _ => {}
    }
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    // Another gate may have made the tables while this one waited for the lock.
    if version(&transaction)? == 0 {
        transaction.execute_batch(VERSION_1)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.commit()?;
    Ok(())
}
