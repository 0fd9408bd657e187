//! Tells what is recorded in the store as it comes. For a role that may read all.
//!
//! Chain by chain, by number: nothing is told twice and nothing left out, whichever transaction of two
//! ends first. The server says that something has come (`LISTEN`); where it knows no such thing it is
//! looked each second, and sometimes else too, should a word be lost.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use tokio_postgres::Client;

use crate::gate::record::RunId;
use crate::ledger::history::Told;

use super::connect::{Connection, NoAnswer, PATIENCE};
use super::history::{self, Unread};
use super::schema;

/// How long it is waited for a word of the server's.
const HEARD: Duration = Duration::from_secs(10);

/// How long it is waited where the server says nothing by itself.
const LOOKED: Duration = Duration::from_secs(1);

/// As long as somebody wants to see it.
const FOREVER: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// How many records of a chain are fetched at once.
const PAGE: i64 = 500;

/// Chains to which something was added since a while ago: a transaction may have begun long before it
/// ended, and no chain is read that lies still.
const GROWN: &str = "SELECT host, chain, seq FROM kanmon.chain
    WHERE newest > clock_timestamp() - interval '5 minutes'";

/// What has come.
#[derive(Debug, Clone, PartialEq)]
pub struct Came {
    /// The host, by the role that its records came by.
    pub host: String,
    /// Its chain.
    pub chain: String,
    /// The run.
    pub run: RunId,
    /// The record.
    pub told: Told,
}

/// Tells `tell` what is recorded from now on, also what cannot be read, until it fails; `begun` is called once nothing more can be
/// missed.
///
/// # Errors
/// Where the store does not answer, does not let this role read, or what `tell` says.
pub fn follow(
    connection: &mut Connection,
    begun: impl FnOnce(),
    mut tell: impl FnMut(Result<&Came, &Unread>) -> io::Result<()>,
) -> Result<(), NoAnswer> {
    let told = connection.told();
    connection.converse(FOREVER, async |client: &mut Client| {
        schema::version(client).await?;
        let is_told = listen(client).await?;
        let mut known = BTreeMap::new();
        for row in patiently(client.query("SELECT host, chain, seq FROM kanmon.chain", &[])).await?
        {
            let (host, chain): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            known.insert((host, chain), row.try_get::<_, i64>(2)?);
        }
        begun();
        loop {
            if is_told {
                patiently(client.execute("SELECT kanmon.follow()", &[])).await?;
            }
            for row in patiently(client.query(GROWN, &[])).await? {
                let (host, chain): (String, String) = (row.try_get(0)?, row.try_get(1)?);
                let head: i64 = row.try_get(2)?;
                let key = (host, chain);
                while known.get(&key).is_none_or(|seq| *seq < head) {
                    let after = known.get(&key).copied().unwrap_or(i64::MIN);
                    let Some(last) = behind(client, &key, after, &mut tell).await? else {
                        break;
                    };
                    known.insert(key.clone(), last);
                }
            }
            let pause = if is_told { HEARD } else { LOOKED };
            // A word that came meanwhile is kept for this.
            let _woken = tokio::time::timeout(pause, told.notified()).await;
        }
    })
}

/// Asks the server to say when something comes; returns whether it will.
async fn listen(client: &Client) -> Result<bool, NoAnswer> {
    match client.batch_execute("LISTEN kanmon_record").await {
        Err(error) if error.as_db_error().is_none() => return Err(error.into()),
        Err(_) => return Ok(false),
        Ok(()) => {}
    }
    // Tables of 1.0 have nothing that says it.
    match client.execute("SELECT kanmon.follow()", &[]).await {
        Ok(_) => Ok(true),
        Err(error) => match NoAnswer::from(error) {
            error if error.is_refusal("42883") => Ok(false),
            error => Err(error),
        },
    }
}

/// Tells the records of a chain behind a number; returns the last one's, `None` where there was none.
async fn behind(
    client: &Client,
    (host, chain): &(String, String),
    after: i64,
    tell: &mut impl FnMut(Result<&Came, &Unread>) -> io::Result<()>,
) -> Result<Option<i64>, NoAnswer> {
    let sql = "SELECT seq, run, kind, utc, boot_ns, boot_id, body FROM kanmon.record
        WHERE host = $1 AND chain = $2 AND seq > $3 ORDER BY seq LIMIT $4";
    let mut last = None;
    for row in patiently(client.query(sql, &[host, chain, &after, &PAGE])).await? {
        last = Some(row.try_get(0)?);
        match history::record(&row, host, chain)? {
            Ok((run, told)) => tell(Ok(&Came {
                host: host.clone(),
                chain: chain.clone(),
                run,
                told,
            }))?,
            Err(cannot) => tell(Err(&cannot))?,
        }
    }
    Ok(last)
}

/// Waits for an answer as long as for any of the store's.
async fn patiently<T>(
    answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, NoAnswer> {
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(NoAnswer::Silent(PATIENCE)),
    }
}
