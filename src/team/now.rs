//! What is asked or runs now on all hosts, as every role of the store may know it; and what an
//! administrator says to be over.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio_postgres::Client;

use crate::gate::approval::Need;

use super::connect::{Connection, NoAnswer, PATIENCE};
use super::schema;

/// A run that is asked or under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Now {
    /// The host, by the role that its records came by.
    pub host: String,
    /// Its id.
    pub run: String,
    /// Whose.
    pub person: String,
    /// Whether it is a drill.
    pub drill: bool,
    /// How long it has been asked, or has run.
    pub since: Duration,
    /// Whether it runs.
    pub is_under_way: bool,
    /// Its rules.
    pub rules: Vec<String>,
    /// Its targets.
    pub targets: Vec<String>,
    /// Whose yes it waits for, where it does.
    pub waits: Option<Waits>,
}

/// What a run waits for: others' yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waits {
    /// The request.
    pub request: String,
    /// Of whom, and how many.
    pub needs: Vec<Need>,
}

/// Asks what is asked or runs now.
///
/// # Errors
/// Where the store does not answer, or does not let this role ask.
pub fn now(connection: &mut Connection) -> Result<Vec<Now>, NoAnswer> {
    connection.converse(PATIENCE, async |client: &mut Client| {
        let version = schema::version(client).await?;
        let mut waits = match version.minor >= schema::APPROVALS {
            true => waits(client).await?,
            false => BTreeMap::new(),
        };
        let sql = "SELECT host, run, person, drill, since_ms, state, rules, targets
            FROM kanmon.now_running()";
        let rows = client.query_typed(sql, &[]).await?;
        let mut read = |row: &tokio_postgres::Row| -> Result<Now, tokio_postgres::Error> {
            let since: i64 = row.try_get(4)?;
            let state: String = row.try_get(5)?;
            let key: (String, String) = (row.try_get(0)?, row.try_get(1)?);
            let waits = waits.remove(&key);
            let (host, run) = key;
            Ok(Now {
                host,
                run,
                waits,
                person: row.try_get(2)?,
                drill: row.try_get(3)?,
                since: Duration::from_millis(u64::try_from(since).unwrap_or(0)),
                is_under_way: state == "runs",
                rules: row.try_get(6)?,
                targets: row.try_get(7)?,
            })
        };
        Ok(rows.iter().map(&mut read).collect::<Result<_, _>>()?)
    })
}

/// Returns for which yeses runs wait, by host and run; of several requests of one run the newest.
async fn waits(client: &Client) -> Result<BTreeMap<(String, String), Waits>, NoAnswer> {
    let sql = "SELECT host, run, id, counts, groups FROM kanmon.waits()";
    let mut waits = BTreeMap::new();
    for row in client.query_typed(sql, &[]).await? {
        let counts: Vec<i32> = row.try_get(3)?;
        let groups: Vec<String> = row.try_get(4)?;
        let need = |(count, group): (i32, String)| Need {
            count: usize::try_from(count).unwrap_or_default(),
            group: Some(group).filter(|group| !group.is_empty()),
        };
        let one = Waits {
            request: row.try_get(2)?,
            needs: counts.into_iter().zip(groups).map(need).collect(),
        };
        waits.insert((row.try_get(0)?, row.try_get(1)?), one);
    }
    Ok(waits)
}

/// Says, as the store's owner, that a run is over whose host will not say it any more; returns whether
/// one was under way.
///
/// # Errors
/// Where the store does not answer, or does not let this role.
pub fn settle(
    connection: &mut Connection,
    host: &str,
    run: &str,
    reason: &str,
) -> Result<bool, NoAnswer> {
    connection.converse(PATIENCE, async |client: &mut Client| {
        schema::at_least(client, schema::SETTLING).await?;
        let sql = "SELECT kanmon.settle_run($1, $2, $3)";
        Ok(client
            .query_one(sql, &[&host, &run, &reason])
            .await?
            .try_get(0)?)
    })
}
