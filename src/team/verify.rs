//! Looks whether the records in the store are as their hosts sent them.
//!
//! Every chain is walked from its first record to its noted end, in one transaction that sees one state
//! of the store; then what the store says of runs is compared with their records. Who owns the database
//! can make a whole chain anew: against that stand the hosts' own ledgers and their syslog.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;
use tokio_postgres::{Client, Row as Found};

use crate::ledger::chain::{Hash, Row};
use crate::ledger::links::Links;
use crate::ledger::rebuild::SideFault;
use crate::ledger::verify::{Fault, HeadSeen};
use crate::text::{Language, team as text};

use super::connect::{Connection, NoAnswer};
use super::said::{Said, Stored};
use super::schema;

/// How many records are fetched at once.
const PAGE: i64 = 2_000;

/// How long the whole walk may take.
const WALK: Duration = Duration::from_secs(24 * 60 * 60);

/// How many runs are named of which the store says something else than their records.
const MOST_RUNS: usize = 100;

/// One state of the store for the whole walk, in which a page may take as long as it takes.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
    SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = '10min'";

/// Every chain that is noted, and every one that only records or runs know.
const CHAINS: &str = "SELECT k.host, k.chain, c.first_seq, c.first_prev, c.seq, c.hash
    FROM (SELECT host, chain FROM kanmon.chain
        UNION SELECT host, chain FROM kanmon.record
        UNION SELECT host, chain FROM kanmon.run) k
    LEFT JOIN kanmon.chain c ON c.host = k.host AND c.chain = k.chain
    ORDER BY k.host, k.chain";

/// A page of a chain.
const RECORDS: &str = "SELECT seq, run, kind, utc, boot_ns, boot_id, body, prev, hash,
        (extract(epoch FROM arrived) * 1000000)::bigint
    FROM kanmon.record WHERE host = $1 AND chain = $2 AND seq > $3 ORDER BY seq LIMIT $4";

/// Runs of which the store says something else than their records.
const RUNS: &str =
    "SELECT coalesce(t.host, r.host), coalesce(t.chain, r.chain), coalesce(t.run, r.run)
    FROM (SELECT host, chain, run, bool_or(kind = 'opened') AS opened,
            bool_or(kind IN ('cleared', 'noted', 'broken-glass')) AS cleared,
            bool_or(kind IN ('ended', 'not-started')) AS ended,
            bool_or(kind IN ('ended', 'not-started', 'not-cleared', 'drilled')) AS is_over
        FROM kanmon.record GROUP BY host, chain, run) t
    FULL JOIN kanmon.run r ON r.host = t.host AND r.chain = t.chain AND r.run = t.run
    WHERE CASE WHEN r.run IS NULL THEN t.opened WHEN t.run IS NULL THEN true
        ELSE NOT t.opened OR t.cleared <> (r.cleared IS NOT NULL)
            OR t.ended <> (r.ended IS NOT NULL) OR (t.is_over AND r.over IS NULL)
            OR EXISTS (SELECT 1 FROM kanmon.run_rule n
                WHERE n.host = r.host AND n.run = r.run AND n.state <> ALL (
                    CASE WHEN r.drill THEN ARRAY[0] WHEN r.cleared IS NULL AND r.over IS NULL
                        THEN ARRAY[0, 1] WHEN r.cleared IS NULL THEN ARRAY[0]
                        WHEN r.over IS NULL THEN ARRAY[2] ELSE ARRAY[3] END)) END
    ORDER BY 1, 2, 3";

/// Rows by which gaps are judged whose time is not their run's: when it was cleared, was over, or was settled.
const RULE_TIMES: &str = "SELECT r.host, r.chain, r.run || ' ' || n.rule
    FROM kanmon.run_rule n JOIN kanmon.run r ON r.host = n.host AND r.run = n.run
    WHERE (n.state = 2 AND n.at IS DISTINCT FROM r.cleared)
        OR (n.state = 3 AND n.at IS DISTINCT FROM r.over AND n.at IS DISTINCT FROM r.cleared
            AND NOT EXISTS (SELECT 1 FROM kanmon.settled s
                WHERE s.host = r.host AND s.run = r.run AND s.at = n.at))
    ORDER BY 1, 2, 3";

/// What else is said of an end that no record says.
const ENDS: &str = "SELECT r.host, r.chain, r.run || ' told_end' FROM kanmon.run r
    WHERE r.told_end IS NOT NULL AND NOT EXISTS (SELECT 1 FROM kanmon.record t
        WHERE t.host = r.host AND t.chain = r.chain AND t.run = r.run
          AND t.kind IN ('ended', 'not-started', 'not-cleared', 'drilled'))
    ORDER BY 1, 2, 3";

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Each chain.
    pub chains: Vec<VerifiedChain>,
    /// Rows of other tables that say something else than the records; of chains without a fault.
    pub side_faults: Vec<SideFault>,
}

/// What was found in one chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifiedChain {
    /// The host, by the role that its records came by.
    pub host: String,
    /// The chain's name.
    pub chain: String,
    /// How many records there are.
    pub records: u64,
    /// The last one.
    pub head: Option<HeadSeen>,
    /// What is wrong.
    pub faults: Vec<Fault>,
    /// How many more faults there are.
    pub more_faults: u64,
}

impl Verified {
    /// Returns whether nothing is wrong as far as can be seen.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.side_faults.is_empty() && self.chains.iter().all(|chain| chain.faults.is_empty())
    }

    /// Returns what was found, for people.
    #[must_use]
    pub fn lines(&self, language: Language) -> Vec<String> {
        let mut lines = Vec::new();
        for chain in &self.chains {
            let (host, name) = (&chain.host, &chain.chain);
            let faults = chain.faults.iter();
            lines.extend(faults.map(|fault| {
                let what = fault.line(language);
                text::fault_in_chain(language, host, name, what)
            }));
            if chain.more_faults > 0 {
                let more = text::more_faults(language, chain.more_faults);
                lines.push(text::fault_in_chain(language, host, name, more));
            }
            if chain.faults.is_empty() {
                let last = chain.head.as_ref().map_or(0, |head| head.seq);
                let hash = chain.head.as_ref().map_or("-", |head| &head.hash);
                lines.push(text::chain_is_whole(
                    language,
                    host,
                    name,
                    chain.records,
                    last,
                    hash,
                ));
            }
        }
        let faults = self.side_faults.iter();
        lines.extend(faults.map(|fault| text::row_differs(language, &fault.table, &fault.row)));
        lines.push(text::cannot_see(language));
        lines
    }
}

/// Walks every chain and compares what the store says of runs with it.
///
/// # Errors
/// Where the store does not answer, or does not let this role read.
pub fn verify(connection: &mut Connection) -> Result<Verified, NoAnswer> {
    connection.converse(WALK, async |client: &mut Client| {
        let has_calls = schema::version(client).await?.minor >= schema::CALLS;
        client.batch_execute(BEGIN).await?;
        let mut verified = Verified {
            chains: Vec::new(),
            side_faults: Vec::new(),
        };
        let now = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
        let now: i64 = client.query_one(now, &[]).await?.try_get(0)?;
        for row in client.query(CHAINS, &[]).await? {
            let said = Said::new(has_calls, now);
            let chain = walk(client, &row, said, &mut verified.side_faults).await?;
            verified.chains.push(chain);
        }
        let broken: BTreeSet<(&str, &str)> = verified
            .chains
            .iter()
            .filter(|chain| !chain.faults.is_empty())
            .map(|chain| (&*chain.host, &*chain.chain))
            .collect();
        let asked = [("run", RUNS), ("run_rule", RULE_TIMES), ("run", ENDS)];
        for (table, sql) in asked
            .into_iter()
            .filter(|(_, sql)| has_calls || *sql != ENDS)
        {
            for row in client.query(sql, &[]).await? {
                let (host, chain, run): (&str, &str, &str) =
                    (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
                // What is wrong with its records stands there already.
                if !broken.contains(&(host, chain)) {
                    note(&mut verified.side_faults, table, &[host, chain, run]);
                }
            }
        }
        client.batch_execute("COMMIT").await?;
        Ok(verified)
    })
}

/// Walks one chain.
async fn walk(
    client: &Client,
    noted: &Found,
    mut said: Said,
    side_faults: &mut Vec<SideFault>,
) -> Result<VerifiedChain, NoAnswer> {
    let (host, chain): (String, String) = (noted.try_get(0)?, noted.try_get(1)?);
    let first: Option<i64> = noted.try_get(2)?;
    let mut page = page(client, &host, &chain, i64::MIN).await?;
    let mut links = match first {
        Some(first) => Links::new(first, Some(hash(noted, 3)?)),
        None => {
            note(side_faults, "chain", &[&host, &chain]);
            Links::new(page.first().map_or(1, |stored| stored.row.seq), None)
        }
    };
    let mut differing = Vec::new();
    while let Some(last) = page.last() {
        let last = last.row.seq;
        differing.extend(said.differing(client, &host, &chain, &page).await?);
        for stored in page {
            links.push(stored.row, stored.hash);
        }
        page = self::page(client, &host, &chain, last).await?;
    }
    let head: Option<i64> = noted.try_get(4)?;
    let head = match head {
        Some(seq) => Some((seq, hash(noted, 5)?)),
        None => None,
    };
    let followed = links.end(head);
    let last = followed.last;
    if let (Some((noted, _)), Some((last, _))) = (head, &last)
        && last.seq > noted
    {
        let row = format!("{noted} < {}", last.seq);
        note(side_faults, "chain", &[&host, &chain, &row]);
    }
    if followed.faults.is_empty() {
        for (table, row) in differing {
            note(side_faults, table, &[&host, &chain, &row]);
        }
    }
    Ok(VerifiedChain {
        records: followed.records,
        head: last.map(|(row, hash)| HeadSeen {
            seq: row.seq,
            hash: hash.to_string(),
            utc: row.utc,
        }),
        faults: followed.faults,
        more_faults: followed.more,
        host,
        chain,
    })
}

/// Fetches the records behind a number.
async fn page(
    client: &Client,
    host: &str,
    chain: &str,
    after: i64,
) -> Result<Vec<Stored>, NoAnswer> {
    let rows = client
        .query(RECORDS, &[&host, &chain, &after, &PAGE])
        .await?;
    let read = |row: &Found| {
        let record = Row {
            seq: row.try_get(0)?,
            run: row.try_get(1)?,
            kind: row.try_get(2)?,
            utc: row.try_get(3)?,
            boot_ns: row.try_get(4)?,
            boot_id: row.try_get(5)?,
            body: row.try_get(6)?,
            prev: hash(row, 7)?,
        };
        Ok(Stored {
            row: record,
            hash: hash(row, 8)?,
            arrived: row.try_get(9)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Notes a row that says something else than the records.
fn note(side_faults: &mut Vec<SideFault>, table: &str, row: &[&str]) {
    if side_faults.len() < MOST_RUNS {
        side_faults.push(SideFault {
            table: table.to_owned(),
            row: row.join(" "),
        });
    }
}

/// Reads a hash; one that is no 32 bytes equals none.
fn hash(row: &Found, column: usize) -> Result<Hash, NoAnswer> {
    let bytes: &[u8] = row.try_get(column)?;
    Ok(Hash::from_bytes(bytes).unwrap_or(Hash([0xff; 32])))
}
