//! Permits in the team's store: given on one host, good on every other.
//!
//! A giver is known by the role that logged in, which has to be called as the person is on the hosts: by
//! that name an asker's own permit is found, and does not count. Times are the store's. A run that such a
//! permit passed is cleared in the transaction in which the store looks at the permit again.

use std::time::Duration;

use chrono::TimeDelta;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row};

use crate::gate::giver::Giver;
use crate::gate::permit::{Permit, Stand};
use crate::gate::record::RunId;
use crate::gate::world::{InTheWay, Moment, NoPermit};
use crate::ledger::outbox::Chain;
use crate::policy::Pattern;

use super::connect::{Connection, NoAnswer, PATIENCE};
use super::schema;

/// A permit that is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPermit {
    /// Its id.
    pub id: String,
    /// Patterns of rules.
    pub rules: Vec<String>,
    /// Patterns of targets.
    pub targets: Vec<String>,
    /// Patterns of users; anybody where empty.
    pub users: Vec<String>,
    /// How long from now it begins.
    pub begins: Duration,
    /// How long from now it ends.
    pub ends: Duration,
    /// Who agreed.
    pub by: String,
    /// Why.
    pub reason: String,
    /// How often it may be used.
    pub count: Option<u32>,
    /// What it stands in for.
    pub steps: Option<Vec<Stand>>,
}

/// Gives a permit, as a role of `kanmon_approver`.
///
/// # Errors
/// Where the store does not answer, or does not let this role.
pub fn give(connection: &mut Connection, permit: &NewPermit) -> Result<(), NoAnswer> {
    connection.converse(PATIENCE, async |client: &mut Client| {
        schema::at_least(client, schema::PERMITS).await?;
        let milliseconds =
            |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 1_000_000);
        let steps = permit.steps.as_ref().map(|steps| {
            let names = steps.iter().map(|stand| stand.name());
            names.collect::<Vec<_>>()
        });
        let count = permit
            .count
            .map(|count| i32::try_from(count).unwrap_or(i32::MAX));
        let sql = "SELECT kanmon.give_permit($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        client
            .execute(
                sql,
                &[
                    &permit.id,
                    &permit.rules,
                    &permit.targets,
                    &permit.users,
                    &milliseconds(permit.begins),
                    &milliseconds(permit.ends),
                    &permit.by,
                    &permit.reason,
                    &count,
                    &steps,
                ],
            )
            .await?;
        Ok(())
    })
}

/// Returns the permits that are neither over nor taken back, for a person; those that are not understood
/// with the reason.
///
/// # Errors
/// Where the store does not answer, or does not let this role ask.
pub fn list(
    connection: &mut Connection,
    now: &Moment,
) -> Result<Vec<Result<Permit, String>>, NoAnswer> {
    connection.converse(PATIENCE, async |client: &mut Client| {
        schema::at_least(client, schema::PERMITS).await?;
        let rows = client.query_typed(ALL, &[]).await?;
        rows.iter().map(|row| read(row, now)).collect()
    })
}

/// Takes a permit back: one's own, or as the store's owner anybody's. Returns whether there was one.
///
/// # Errors
/// Where the store does not answer, or does not let this role.
pub fn revoke(connection: &mut Connection, id: &str) -> Result<bool, NoAnswer> {
    connection.converse(PATIENCE, async |client: &mut Client| {
        schema::at_least(client, schema::PERMITS).await?;
        let sql = "SELECT kanmon.revoke_permit($1)";
        Ok(client.query_one(sql, &[&id]).await?.try_get(0)?)
    })
}

/// All permits that are open or begin later.
const ALL: &str =
    "SELECT id, giver, rules, targets, users, begins_ms, ends_ms, agreed, reason, count,
    uses, steps FROM kanmon.permits()";

/// Asks for them; tables of an older kanmon know of none.
pub(super) async fn rows(client: &Client) -> Result<Vec<Row>, tokio_postgres::Error> {
    client.query_typed(ALL, &[]).await
}

/// Returns those that are understood, for a gate.
///
/// # Errors
/// Where an answer has other columns.
pub(super) fn of_rows(rows: &[Row], now: &Moment) -> Result<Vec<Permit>, NoAnswer> {
    let mut permits = Vec::new();
    for row in rows {
        // One that is not understood may be narrower than it seems: it does not count.
        permits.extend(read(row, now)?.ok());
    }
    Ok(permits)
}

/// Asks for the permits that are understood.
///
/// # Errors
/// Where the store does not answer.
pub(super) async fn open(client: &Client, now: &Moment) -> Result<Vec<Permit>, NoAnswer> {
    match schema::asked_of(client, schema::PERMITS, rows(client)).await? {
        Some(rows) => of_rows(&rows, now),
        None => Ok(Vec::new()),
    }
}

/// Uses permits for a run that is about to be cleared, whose asker has these names; returns those that do not
/// count.
///
/// # Errors
/// Where the store does not answer.
pub(super) async fn use_for(
    client: &Client,
    chain: &Chain,
    run: &RunId,
    permits: &[String],
    asker: &[String],
) -> Result<Vec<InTheWay>, NoAnswer> {
    if permits.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "SELECT permit, why FROM kanmon.use_permits($1, $2, $3, $4)";
    let rows = client
        .query_typed(
            sql,
            &[
                (&chain.name, Type::TEXT),
                (&run.0, Type::TEXT),
                (&permits, Type::TEXT_ARRAY),
                (&asker, Type::TEXT_ARRAY),
            ],
        )
        .await?;
    let read = |row: &Row| {
        Ok(InTheWay::Permit {
            id: row.try_get(0)?,
            why: match row.try_get(1)? {
                "over" => NoPermit::Over,
                "used-up" => NoPermit::UsedUp,
                _ => NoPermit::Revoked,
            },
        })
    };
    rows.iter().map(read).collect()
}

/// Reads a permit; why it does not count where it is not understood.
fn read(row: &Row, now: &Moment) -> Result<Result<Permit, String>, NoAnswer> {
    let id: String = row.try_get(0)?;
    let patterns = |column: usize| -> Result<Result<Vec<Pattern>, String>, NoAnswer> {
        let texts: Vec<String> = row.try_get(column)?;
        let parsed = texts.iter().map(|text| Pattern::parse(text));
        let parsed = parsed.collect::<Result<_, _>>();
        Ok(parsed.map_err(|error| format!("`{id}` does not count: {error}")))
    };
    let (rules, targets, users) = (patterns(2)?, patterns(3)?, patterns(4)?);
    let after = |milliseconds: i64| {
        let time = TimeDelta::try_milliseconds(milliseconds).unwrap_or_default();
        now.utc.checked_add_signed(time).unwrap_or(now.utc)
    };
    let steps: Option<Vec<String>> = row.try_get(11)?;
    let stands = |names: Vec<String>| {
        let stand = |name: String| {
            let unknown = || format!("`{id}` does not count: no permit stands in for `{name}`");
            Stand::of_name(&name).ok_or_else(unknown)
        };
        names.into_iter().map(stand).collect()
    };
    let number = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
    let count: Option<i32> = row.try_get(9)?;
    let permit = Permit {
        giver: Giver {
            // No number of this host's: nobody has this one.
            owner: u32::MAX,
            login: None,
            name: row.try_get(1)?,
        },
        by: row.try_get(7)?,
        reason: row.try_get(8)?,
        rules: Vec::new(),
        targets: Vec::new(),
        users: Vec::new(),
        from: after(row.try_get(5)?),
        until: after(row.try_get(6)?),
        // The store's clock measures it, this host's boot clock has no say.
        made: Moment {
            boot_id: String::new(),
            ..now.clone()
        },
        count: count.map(|count| number(count.into())),
        steps: None,
        team_uses: Some(number(row.try_get(10)?)),
        id: id.clone(),
    };
    let whole = || -> Result<Permit, String> {
        Ok(Permit {
            rules: rules?,
            targets: targets?,
            users: users?,
            steps: steps.map(stands).transpose()?,
            ..permit
        })
    };
    Ok(whole())
}
