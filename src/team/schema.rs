//! The store's tables and functions, and their version.
//!
//! A version is *major.minor*. A step of the minor only adds, so that an older kanmon goes on working
//! with it; another major is not used. `schema/` has the text of each step.

use std::time::Duration;

use futures_util::future::join;
use tokio_postgres::Client;

use super::connect::{Connection, NoAnswer};

/// The major version that this program works with.
const MAJOR: i32 = 1;

/// How long making tables may take.
pub const MAKING: Duration = Duration::from_secs(60);

/// Each step of the minor version: its number, and its text.
const STEPS: [(i32, &str); 8] = [
    (0, include_str!("schema/1.0.sql")),
    (1, include_str!("schema/1.1.sql")),
    (2, include_str!("schema/1.2.sql")),
    (3, include_str!("schema/1.3.sql")),
    (4, include_str!("schema/1.4.sql")),
    (5, include_str!("schema/1.5.sql")),
    (6, include_str!("schema/1.6.sql")),
    (7, include_str!("schema/1.7.sql")),
];

/// The roles.
const ROLES: &str = include_str!("schema/roles.sql");

/// The oldest server: the tests run with a newer one, and nothing newer than 13 is used.
const SERVER: i32 = 130_000;

/// The version of the tables in a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Another one is not used.
    pub major: i32,
    /// A higher one only has more.
    pub minor: i32,
}

impl std::fmt::Display for Version {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{}", self.major, self.minor)
    }
}

/// What bringing the tables up to date has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migrated {
    /// The version before; `None` where there were no tables.
    pub before: Option<Version>,
    /// The version now.
    pub now: Version,
}

/// Makes roles and tables where there are none, and brings older ones up to date; all or nothing.
///
/// # Errors
/// Where the role may not, the server is too old, or the tables are of another major version.
pub fn prepare(connection: &mut Connection, may_make: bool) -> Result<Migrated, NoAnswer> {
    connection.converse(MAKING, async move |client: &mut Client| {
        check_server(client).await?;
        let transaction = client.transaction().await?;
        // Two administrators at once: the second finds what the first made.
        let lock = "SELECT pg_advisory_xact_lock(hashtext('kanmon.schema'))";
        transaction.batch_execute(lock).await?;
        let before = found(transaction.client()).await?;
        let steps = match before {
            Some(before) => {
                check_major(before)?;
                before.minor + 1
            }
            None if may_make => {
                transaction.batch_execute(ROLES).await?;
                let schema = "CREATE SCHEMA kanmon AUTHORIZATION kanmon_owner";
                transaction.batch_execute(schema).await?;
                0
            }
            None => return Err(no_tables()),
        };
        let mut now = before;
        transaction
            .batch_execute("SET LOCAL ROLE kanmon_owner")
            .await?;
        for (minor, text) in STEPS.iter().filter(|(minor, _)| *minor >= steps) {
            transaction.batch_execute(text).await?;
            let update = "UPDATE kanmon.meta SET minor = $1";
            transaction.execute(update, &[minor]).await?;
            now = Some(Version {
                major: MAJOR,
                minor: *minor,
            });
        }
        transaction.commit().await?;
        let now = now.ok_or_else(no_tables)?;
        Ok(Migrated { before, now })
    })
}

/// Whose the schema and all in it is.
const OWNER: &str = "kanmon_owner";

/// Returns the version of the tables, as any role of the store may ask it.
///
/// # Errors
/// Where there are none, or they are of another major version.
pub(super) async fn version(client: &Client) -> Result<Version, NoAnswer> {
    let asked = client
        .query_typed_one("SELECT major, minor FROM kanmon.version()", &[])
        .await;
    let row = asked.map_err(|error| {
        let error = NoAnswer::from(error);
        // No such schema, no such function: nobody made them. Not permitted: no role of ours.
        let is_bare = ["3F000", "42883", "42P01"];
        match is_bare.iter().any(|code| error.is_refusal(code)) {
            true => no_tables(),
            false => error,
        }
    })?;
    let version = Version {
        major: row.try_get(0)?,
        minor: row.try_get(1)?,
    };
    check_major(version)?;
    Ok(version)
}

/// The minor version from which on an administrator settles runs.
pub(super) const SETTLING: i32 = 1;

/// The minor version from which on there are permits.
pub(super) const PERMITS: i32 = 1;

/// The minor version from which on people are told of runs.
pub(super) const NOTICES: i32 = 3;

/// The minor version from which on others approve.
pub(super) const APPROVALS: i32 = 2;

/// The minor version from which on runs of the same invocation are found.
pub(super) const CALLS: i32 = 4;

/// The minor version from which on an approver says no, and takes a yes back.
pub(super) const REFUSALS: i32 = 5;

/// The minor version from which on it is known who waits to be told.
pub(super) const WAITS: i32 = 6;

/// The minor version from which on what was approved and has not run is told too.
pub(super) const ASKED: i32 = 7;

/// Asks something together with the version, so that neither waits for the other; outside of a transaction, which
/// a question that older tables do not know would end. `None` where they are older.
pub(super) async fn asked_of<T>(
    client: &Client,
    minor: i32,
    asked: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<Option<T>, NoAnswer> {
    let (version, told) = join(version(client), asked).await;
    match version?.minor >= minor {
        true => Ok(Some(told?)),
        false => Ok(None),
    }
}

/// Refuses tables of an older minor version.
pub(super) async fn at_least(client: &Client, minor: i32) -> Result<(), NoAnswer> {
    let version = version(client).await?;
    if version.minor >= minor {
        return Ok(());
    }
    Err(NoAnswer::Tables(format!(
        "its tables are of version {version}, this takes {MAJOR}.{minor}: `kanmonctl store migrate`"
    )))
}

/// Returns the version of the tables, as their owner sees it; `None` where there are none.
async fn found(client: &Client) -> Result<Option<Version>, NoAnswer> {
    let sql = "SELECT pg_catalog.pg_get_userbyid(nspowner)::text
        FROM pg_catalog.pg_namespace WHERE nspname = 'kanmon'";
    let Some(row) = client.query_opt(sql, &[]).await? else {
        return Ok(None);
    };
    // What stands there would run with an administrator's rights.
    match row.try_get::<_, String>(0)? {
        owner if owner == OWNER => version(client).await.map(Some),
        owner => Err(NoAnswer::Tables(format!(
            "its schema kanmon belongs to {owner}, not to {OWNER}: nothing in it was called; look at it, then \
             rename or drop it"
        ))),
    }
}

/// Says of an error that a function is not there that the tables are older than this program.
pub(super) fn is_older(error: NoAnswer) -> NoAnswer {
    match error.is_refusal("42883") {
        true => NoAnswer::Tables(
            "its tables are of an older kanmon; `kanmonctl store migrate` brings them up to date"
                .to_owned(),
        ),
        false => error,
    }
}

/// Says that nobody made the tables.
fn no_tables() -> NoAnswer {
    NoAnswer::Tables("it has no tables of kanmon; `kanmonctl store init` makes them".to_owned())
}

/// Refuses another major version.
fn check_major(version: Version) -> Result<(), NoAnswer> {
    if version.major == MAJOR {
        return Ok(());
    }
    Err(NoAnswer::Tables(format!(
        "its tables are of version {version}, this kanmon works with {MAJOR}.x"
    )))
}

/// Refuses a server that is too old.
async fn check_server(client: &Client) -> Result<(), NoAnswer> {
    let sql = "SELECT current_setting('server_version_num')::integer";
    let number: i32 = client.query_one(sql, &[]).await?.try_get(0)?;
    if number >= SERVER {
        return Ok(());
    }
    Err(NoAnswer::Tables(format!(
        "the server is PostgreSQL {}, 13 is the oldest that will do",
        number / 10_000
    )))
}
