//! The records in the store as an outbox: which of them somebody has not been told of yet.
//!
//! Nothing is written for it when a run is recorded. Who is told is called a sink; one that is taken is
//! nobody else's until it is left, or for two minutes after its last message.

use std::time::Duration;

use tokio_postgres::{Client, Row};

use super::connect::{Connection, NoAnswer, PATIENCE};
use super::schema;
use super::talk::duration;

/// How many records are taken at once.
const MOST: i32 = 50;

/// A record of which somebody is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The host, by the role that it came by.
    pub host: String,
    /// Its chain.
    pub chain: String,
    /// Its number.
    pub seq: i64,
    /// Its run.
    pub run: String,
    /// When it was recorded, by the host.
    pub utc: String,
    /// The entry as JSON.
    pub body: String,
    /// The run's head as JSON, where it is known.
    pub head: Option<String>,
    /// How long ago it came to the store.
    pub age: Duration,
}

/// Takes a sink; returns whether it was free and its time has come.
///
/// # Errors
/// Where the store does not answer, or does not let this role.
pub fn take(connection: &mut Connection, sink: &str) -> Result<bool, NoAnswer> {
    connection.converse(PATIENCE, async |client: &mut Client| {
        schema::at_least(client, schema::NOTICES).await?;
        let sql = "SELECT kanmon.take_sink($1)";
        Ok(client.query_one(sql, &[&sink]).await?.try_get(0)?)
    })
}

/// Returns what a sink has not been told of.
///
/// # Errors
/// Where the store does not answer, or does not let this role.
pub fn notices(
    connection: &mut Connection,
    sink: &str,
    kinds: &[&str],
) -> Result<Vec<Taken>, NoAnswer> {
    connection.converse(PATIENCE, async |client: &mut Client| {
        let sql = "SELECT host, chain, seq, run, utc, body, head, age_ms
            FROM kanmon.notices($1, $2, $3)";
        let rows = client.query(sql, &[&sink, &kinds, &MOST]).await?;
        let read = |row: &Row| -> Result<Taken, tokio_postgres::Error> {
            Ok(Taken {
                host: row.try_get(0)?,
                chain: row.try_get(1)?,
                seq: row.try_get(2)?,
                run: row.try_get(3)?,
                utc: row.try_get(4)?,
                body: row.try_get(5)?,
                head: row.try_get(6)?,
                age: Duration::from_millis(u64::try_from(row.try_get::<_, i64>(7)?).unwrap_or(0)),
            })
        };
        Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
    })
}

/// Says that a sink has been told of a record.
///
/// # Errors
/// Where the store does not answer.
pub fn told(connection: &mut Connection, sink: &str, taken: &Taken) -> Result<(), NoAnswer> {
    connection.converse(PATIENCE, async |client: &mut Client| {
        let sql = "SELECT kanmon.notice_told($1, $2, $3, $4)";
        let Taken {
            host, chain, seq, ..
        } = taken;
        client.execute(sql, &[&sink, host, chain, seq]).await?;
        Ok(())
    })
}

/// Returns how often telling a sink has failed since it last went, and in how long it is tried again; `None`
/// where nothing waits, as far as the tables know it.
///
/// # Errors
/// Where the store does not answer.
pub fn waits(connection: &mut Connection, sink: &str) -> Result<Option<(i32, Duration)>, NoAnswer> {
    connection.converse(PATIENCE, async |client: &mut Client| {
        if schema::version(client).await?.minor < schema::WAITS {
            return Ok(None);
        }
        let sql = "SELECT failures, left_ms FROM kanmon.sink_waits($1)";
        let Some(row) = client.query_opt(sql, &[&sink]).await? else {
            return Ok(None);
        };
        Ok(Some((row.try_get(0)?, duration(row.try_get(1)?))))
    })
}

/// Lets a sink go for a while, the longer the more often telling it failed, `before` and now; returns how often
/// it did.
///
/// # Errors
/// Where the store does not answer.
pub fn leave_failed(connection: &mut Connection, sink: &str, before: i32) -> Result<i32, NoAnswer> {
    loop {
        // The tables forget how often it failed where a record is passed over that nobody is told of, though
        // nothing went: that is not what ends a wait. A sink that is not there has never failed.
        let times = leave(connection, sink, true)?;
        if times == 0 || times > before {
            return Ok(times);
        }
    }
}

/// Lets a sink go, until later where telling it failed; returns how often it did.
///
/// # Errors
/// Where the store does not answer.
pub fn leave(connection: &mut Connection, sink: &str, failed: bool) -> Result<i32, NoAnswer> {
    connection.converse(PATIENCE, async |client: &mut Client| {
        let sql = "SELECT kanmon.leave_sink($1, $2)";
        let row = client.query_one(sql, &[&sink, &failed]).await?;
        Ok(row.try_get::<_, Option<i32>>(0)?.unwrap_or(0))
    })
}
