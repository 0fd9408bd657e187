//! Looks at a store: what it is, and what this role may do there.

use tokio_postgres::Client;

use super::connect::{Connection, NoAnswer, PATIENCE};
use super::schema::{self, Version};

/// The roles of the store, and what each is for.
const ROLES: [&str; 3] = ["kanmon_host", "kanmon_approver", "kanmon_auditor"];

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Seen {
    /// The server's own name and version.
    pub server: String,
    /// The version of the tables.
    #[serde(serialize_with = "as_text")]
    pub tables: Version,
    /// The role that logged in.
    pub role: String,
    /// The store's roles that it has.
    pub roles: Vec<String>,
    /// Whether it can read all records.
    pub reads_all: bool,
    /// Whether it could change records: only the owner of the store should.
    pub writes: bool,
    /// The protocol of TLS, where it is spoken.
    pub tls: Option<String>,
    /// Whether what was written stays when the server loses its power.
    pub is_durable: bool,
}

/// Writes a version as text.
fn as_text<S: serde::Serializer>(version: &Version, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(version)
}

/// Looks.
///
/// # Errors
/// Where the store does not answer, or has no tables that can be used.
pub fn check(connection: &mut Connection) -> Result<Seen, NoAnswer> {
    connection.converse(PATIENCE, async |client: &mut Client| {
        let tables = schema::version(client).await?;
        let row = client
            .query_one(
                "SELECT version(), session_user::text,
                    has_table_privilege('kanmon.record', 'SELECT'),
                    has_table_privilege('kanmon.record', 'INSERT')
                        OR has_table_privilege('kanmon.record', 'DELETE'),
                    (SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl),
                    current_setting('fsync') = 'on'
                        AND current_setting('synchronous_commit') <> 'off'",
                &[],
            )
            .await?;
        let mut roles = Vec::new();
        for role in ROLES {
            let sql = "SELECT pg_has_role(session_user, $1, 'MEMBER')";
            if client.query_one(sql, &[&role]).await?.try_get(0)? {
                roles.push(role.to_owned());
            }
        }
        Ok(Seen {
            server: row.try_get(0)?,
            tables,
            role: row.try_get(1)?,
            roles,
            reads_all: row.try_get(2)?,
            writes: row.try_get(3)?,
            tls: row.try_get(4)?,
            is_durable: row.try_get(5)?,
        })
    })
}
