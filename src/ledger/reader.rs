//! Reads a ledger without changing it, from a read-only medium too.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::chain::{Hash, Row};
use super::place;
use super::schema;

/// How long to wait for a gate that writes.
const PATIENCE: Duration = Duration::from_secs(20);

/// The columns that [`stored`] reads, from `record`.
pub(super) const COLUMNS: &str =
    "seq, run, kind, utc, boot_ns, boot_id, body, prev, hash FROM record";

/// A ledger that is only read.
#[derive(Debug)]
pub struct Reader {
    connection: Connection,
}

/// Why a ledger cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not there, or is no ledger.
    #[error("cannot open `{place}`: {cause}")]
    Open {
        /// Its path.
        place: String,
        /// What the system or the database said.
        cause: String,
    },
    /// The database cannot be read. After a crash in the middle of a write this lasts until the
    /// next held command, which mends it.
    #[error("cannot read the ledger: {0}")]
    Database(#[from] rusqlite::Error),
    /// A record is not what a record is.
    #[error("record {seq} cannot be read: {cause}; `kanmonctl log verify` says more")]
    Record {
        /// The record's number.
        seq: i64,
        /// What is wrong with it.
        cause: String,
    },
}

impl Reader {
    /// Opens the ledger at an absolute path.
    ///
    /// # Errors
    /// Where it is not there, cannot be read, or is no ledger.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let failed = |cause: &dyn std::fmt::Display| ReadError::Open {
            place: path.display().to_string(),
            cause: cause.to_string(),
        };
        let file = place::existing(path).map_err(|error| failed(&error))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let connection =
            Connection::open_with_flags(&file, flags).map_err(|error| failed(&error))?;
        connection.busy_timeout(PATIENCE)?;
        schema::version(&connection).map_err(|error| failed(&error))?;
        Ok(Self { connection })
    }

    /// Reads a ledger that a test has in its hand.
    #[cfg(test)]
    pub(super) fn over(ledger: super::SqliteLedger) -> Self {
        Self {
            connection: ledger.into_connection(),
        }
    }

    /// Returns whether the file has no tables yet: a gate was cut off when it made them.
    pub(super) fn is_empty(&self) -> Result<bool, ReadError> {
        let version = schema::version(&self.connection).map_err(|error| ReadError::Open {
            place: self.connection.path().unwrap_or_default().to_owned(),
            cause: error.to_string(),
        })?;
        Ok(version == 0)
    }

    /// Returns how often a permit was used.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn uses(&self, permit: &str) -> Result<u32, ReadError> {
        if self.is_empty()? {
            return Ok(0);
        }
        Ok(super::uses::count(&self.connection, permit)?)
    }

    /// Returns the open database.
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }
}

/// Reads one record and its hash by [`COLUMNS`].
pub(super) fn stored(row: &rusqlite::Row<'_>) -> rusqlite::Result<(Row, Hash)> {
    let hash_at = |index| {
        // A hash that is no 32 bytes equals none.
        let bytes: Vec<u8> = row.get(index)?;
        Ok::<_, rusqlite::Error>(Hash::from_bytes(&bytes).unwrap_or(Hash([0xff; 32])))
    };
    let record = Row {
        seq: row.get(0)?,
        run: row.get(1)?,
        kind: row.get(2)?,
        utc: row.get(3)?,
        boot_ns: row.get(4)?,
        boot_id: row.get(5)?,
        body: row.get(6)?,
        prev: hash_at(7)?,
    };
    Ok((record, hash_at(8)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_that_is_not_there_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let error = Reader::open(&path).unwrap_err().to_string();
        assert!(error.contains("No such file or directory"), "{error}");
        assert!(!path.exists());
    }

    #[test]
    fn a_hash_of_another_length_is_no_hash() {
        let connection = Connection::open_in_memory().unwrap();
        let sql = "SELECT 1, '', '', '', 0, '', '', x'00', x'0000'";
        let (row, hash) = connection.query_row(sql, [], stored).unwrap();
        assert_eq!(row.prev, Hash([0xff; 32]));
        assert_eq!(hash, Hash([0xff; 32]));
    }
}
