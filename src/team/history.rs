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

/// A record that cannot be read: a newer kanmon's, or not as a kanmon writes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The host that sent it, by its role.
    pub host: String,
    /// Its chain.
    pub chain: String,
    /// Its number.
    pub seq: i64,
    /// Why it cannot.
    pub cause: String,
}

/// Whose runs are read, and how many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Which {
    /// Only this host's.
    pub host: Option<String>,
    /// At most so many, the newest.
    pub count: usize,
}

/// Returns the newest runs, the newest first. `unread` is told of records that cannot be read: what one host
/// sent hides nothing of the others.
///
/// # Errors
/// Where the store does not answer, or does not let this role read.
pub fn runs(
    connection: &mut Connection,
    which: &Which,
    mut unread: impl FnMut(&Unread),
) -> Result<Vec<TeamRun>, NoAnswer> {
    connection.converse(READING, async |client: &mut Client| {
        schema::version(client).await?;
        client.batch_execute(BEGIN).await?;
        let count = i64::try_from(which.count).unwrap_or(i64::MAX);
        let sql = "SELECT host, run, chain, over IS NOT NULL FROM kanmon.run
            WHERE $1::text IS NULL OR host = $1 ORDER BY opened DESC, run DESC LIMIT $2";
        let found = client.query(sql, &[&which.host, &count]).await?;
        let runs = stories(client, &found, &mut unread).await?;
        client.batch_execute("COMMIT").await?;
        Ok(runs)
    })
}

/// Returns the newest run whose id is, or begins or ends with, `id`; as [`runs`].
///
/// # Errors
/// Where the store does not answer, or does not let this role read.
pub fn run(
    connection: &mut Connection,
    id: &str,
    host: Option<&str>,
    mut unread: impl FnMut(&Unread),
) -> Result<Option<TeamRun>, NoAnswer> {
    connection.converse(READING, async |client: &mut Client| {
        schema::version(client).await?;
        client.batch_execute(BEGIN).await?;
        let sql = "SELECT host, run, chain, over IS NOT NULL FROM kanmon.run
            WHERE (left(run, length($1)) = $1 OR right(run, length($1)) = $1) AND $1 <> ''
              AND ($2::text IS NULL OR host = $2)
            ORDER BY run = $1 DESC, opened DESC LIMIT 1";
        let found = client.query(sql, &[&id, &host]).await?;
        let run = stories(client, &found, &mut unread).await?.pop();
        client.batch_execute("COMMIT").await?;
        Ok(run)
    })
}

/// Reads the records of runs.
async fn stories(
    client: &Client,
    found: &[Found],
    unread: &mut impl FnMut(&Unread),
) -> Result<Vec<TeamRun>, NoAnswer> {
    let column = |number: usize| -> Result<Vec<&str>, tokio_postgres::Error> {
        found.iter().map(|row| row.try_get(number)).collect()
    };
    let (hosts, ids, chains) = (column(0)?, column(1)?, column(2)?);
    // A host may name runs as it likes: another one's of that name are others.
    let sql = "SELECT r.seq, r.run, r.kind, r.utc, r.boot_ns, r.boot_id, r.body, r.host, r.chain
        FROM unnest($1::text[], $2::text[], $3::text[]) AS n(host, chain, run)
        JOIN kanmon.record r ON r.host = n.host AND r.chain = n.chain AND r.run = n.run
        ORDER BY r.seq";
    let mut told: BTreeMap<(String, String, String), Vec<Told>> = BTreeMap::new();
    for row in client.query(sql, &[&hosts, &chains, &ids]).await? {
        let (host, chain): (String, String) = (row.try_get(7)?, row.try_get(8)?);
        match record(&row, &host, &chain)? {
            Ok((run, one)) => told.entry((host, chain, run.0)).or_default().push(one),
            Err(cannot) => unread(&cannot),
        }
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

/// Reads a record of a chain back; its first columns are those of [`Row`] up to the body.
pub(super) fn record(
    row: &Found,
    host: &str,
    chain: &str,
) -> Result<Result<(RunId, Told), Unread>, NoAnswer> {
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
    Ok(match told_by(&record) {
        Ok(told) => Ok((RunId(record.run), told)),
        Err(error) => Err(Unread {
            host: host.to_owned(),
            chain: chain.to_owned(),
            seq: record.seq,
            cause: error.to_string(),
        }),
    })
}
