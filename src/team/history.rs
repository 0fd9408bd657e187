//! Runs of all hosts as stories, read from their records in the store. For a role that may read all.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use tokio_postgres::{Client, Row as Found};

use crate::gate::record::RunId;
use crate::ledger::Run;
use crate::ledger::chain::{Hash, Row};
use crate::ledger::history::{Told, Unended, told_by};

use super::connect::{Connection, NoAnswer};
use super::schema;

/// How long a person waits for a list.
const READING: Duration = Duration::from_secs(120);

/// A reading may take longer than what a gate waits for.
const BEGIN: &str = "BEGIN READ ONLY; SET LOCAL statement_timeout = 0";

/// A run, and whose records tell of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TeamRun {
    /// The host, by the role that its records came by.
    pub host: String,
    /// Its chain.
    pub chain: String,
    /// The run.
    #[serde(flatten)]
    pub run: Run,
}

/// Whose runs are read, and how many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Which {
    /// Only this host's.
    pub host: Option<String>,
    /// At most so many, the newest.
    pub count: usize,
}

/// Returns the newest runs, the newest first.
///
/// # Errors
/// Where the store does not answer, or does not let this role read.
pub fn runs(connection: &mut Connection, which: &Which) -> Result<Vec<TeamRun>, NoAnswer> {
    connection.converse(READING, async |client: &mut Client| {
        schema::version(client).await?;
        client.batch_execute(BEGIN).await?;
        let count = i64::try_from(which.count).unwrap_or(i64::MAX);
        let sql = "SELECT host, run, chain, over IS NOT NULL FROM kanmon.run
            WHERE $1::text IS NULL OR host = $1 ORDER BY opened DESC, run DESC LIMIT $2";
        let found = client.query(sql, &[&which.host, &count]).await?;
        let runs = stories(client, &found).await?;
        client.batch_execute("COMMIT").await?;
        Ok(runs)
    })
}

/// Returns the newest run whose id is, or begins or ends with, `id`.
///
/// # Errors
/// Where the store does not answer, or does not let this role read.
pub fn run(
    connection: &mut Connection,
    id: &str,
    host: Option<&str>,
) -> Result<Option<TeamRun>, NoAnswer> {
    connection.converse(READING, async |client: &mut Client| {
        schema::version(client).await?;
        client.batch_execute(BEGIN).await?;
        let sql = "SELECT host, run, chain, over IS NOT NULL FROM kanmon.run
            WHERE (left(run, length($1)) = $1 OR right(run, length($1)) = $1) AND $1 <> ''
              AND ($2::text IS NULL OR host = $2)
            ORDER BY run = $1 DESC, opened DESC LIMIT 1";
        let found = client.query(sql, &[&id, &host]).await?;
        let run = stories(client, &found).await?.pop();
        client.batch_execute("COMMIT").await?;
        Ok(run)
    })
}

/// Reads the records of runs.
async fn stories(client: &Client, found: &[Found]) -> Result<Vec<TeamRun>, NoAnswer> {
    let ids: Vec<&str> = found
        .iter()
        .map(|row| row.try_get(1))
        .collect::<Result<_, _>>()?;
    let sql = "SELECT seq, run, kind, utc, boot_ns, boot_id, body, host, chain
        FROM kanmon.record WHERE run = ANY ($1) ORDER BY seq";
    let mut told: BTreeMap<(String, String, String), Vec<Told>> = BTreeMap::new();
    for row in client.query(sql, &[&ids]).await? {
        let (run, one) = record(&row)?;
        let key = (row.try_get(7)?, row.try_get(8)?, run.0);
        told.entry(key).or_default().push(one);
    }
    let mut runs = Vec::new();
    for row in found {
        let (host, id, chain): (String, String, String) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let is_over = row.try_get(3)?;
        let key = (host, chain, id);
        let events = told.remove(&key).unwrap_or_default();
        let (host, chain, id) = key;
        if let Some(run) = Run::of(&id, events, Unended::There { is_over }) {
            runs.push(TeamRun { host, chain, run });
        }
    }
    Ok(runs)
}

/// Reads a record back; its first columns are those of [`Row`] up to the body.
pub(super) fn record(row: &Found) -> Result<(RunId, Told), NoAnswer> {
    let record = Row {
        seq: row.try_get(0)?,
        run: row.try_get(1)?,
        kind: row.try_get(2)?,
        utc: row.try_get(3)?,
        boot_ns: row.try_get(4)?,
        boot_id: row.try_get(5)?,
        body: row.try_get(6)?,
        // Whether it is as it was sent is looked at by `log verify`.
        prev: Hash::NONE,
    };
    let told = told_by(&record).map_err(|error| NoAnswer::Record(error.to_string()))?;
    Ok((RunId(record.run), told))
}
