//! What of a ledger the team's store has not got yet, and what it has to be told of it.
//!
//! The records themselves are the spool: what lies behind the store's own end of this chain is sent,
//! in order, as often as it takes. One small table, made where a store is named, gives the chain a name
//! of its own and says from which record on the store is told.

use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use crate::context::process;
use crate::gate::record::{Entry, Event, RunId};
use crate::gate::world::{LedgerError, Moment};

use super::chain::{self, Hash, Row};
use super::reader::{COLUMNS, stored};
use super::store::{SqliteLedger, cannot_write};
use super::{gaps, outer, same};

/// How long a gate may take from its clearance to its record of the start.
const START: Duration = Duration::from_secs(60);

/// How long a question may stand before nobody is taken to answer it any more.
const QUESTION: Duration = Duration::from_secs(24 * 60 * 60);

/// The table. An older kanmon reads over it.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS team (
    only_one  INTEGER PRIMARY KEY CHECK (only_one = 1),
    chain     TEXT NOT NULL,
    first_seq INTEGER NOT NULL
) STRICT";

/// This ledger as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Its name, random.
    pub name: String,
    /// The first record that the store is told.
    pub first_seq: i64,
}

/// A record on its way to the store.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The record.
    pub row: Row,
    /// Its hash.
    pub hash: Hash,
    /// How long ago it was written, by the clocks of this host.
    pub age: Duration,
    /// What it says, in the form in which the store is asked.
    pub told: ToldRun,
}

/// What a record says of its run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToldRun {
    /// Who asks; of a run's head.
    pub person: String,
    /// Whether it is a drill; of a run's head.
    pub drill: bool,
    /// Each rule, target (in lower case) and the values bound there (JSON); of a run's head.
    pub rules: Vec<(String, String, String)>,
    /// Whether the command ended with status 0; of an end.
    pub well: bool,
    /// Each held invocation by its [`same::key`], and target (in lower case); of a run's head.
    pub calls: BTreeSet<(String, String)>,
    /// What else there is to say of an end: [`LET_GO`] or [`NOT_STARTED`].
    pub end: Option<&'static str>,
}

/// The operator let go of the line.
pub const LET_GO: &str = "let-go";

/// The command could not be started.
pub const NOT_STARTED: &str = "not-started";

impl ToldRun {
    /// Reads it from the body of a record; of one that cannot be read nothing is told.
    #[must_use]
    pub fn of_body(body: &str) -> Self {
        let entry = serde_json::from_str::<Entry>(body);
        entry.map(|entry| Self::of(&entry)).unwrap_or_default()
    }

    /// Reads it from an entry.
    fn of(entry: &Entry) -> Self {
        match &entry.event {
            Event::Opened(opened) => Self {
                person: opened.who.person().to_owned(),
                drill: opened.drill,
                rules: opened
                    .invocations
                    .iter()
                    .flat_map(|held| {
                        let bound = serde_json::to_string(&held.bound).unwrap_or_default();
                        gaps::targets(held).map(move |target| {
                            (
                                held.rule.clone(),
                                target.to_ascii_lowercase(),
                                bound.clone(),
                            )
                        })
                    })
                    .collect(),
                calls: opened
                    .invocations
                    .iter()
                    .flat_map(|held| {
                        let key = same::key(&held.text);
                        gaps::targets(held)
                            .map(move |target| (key.clone(), target.to_ascii_lowercase()))
                    })
                    .collect(),
                ..Self::default()
            },
            Event::NotStarted { .. } => Self {
                end: Some(NOT_STARTED),
                ..Self::default()
            },
            event if same::is_let_go(event) => Self {
                end: Some(LET_GO),
                ..Self::default()
            },
            Event::Ended { status, signal, .. } => Self {
                well: *status == Some(0) && signal.is_none(),
                ..Self::default()
            },
            _ => Self::default(),
        }
    }
}

impl SqliteLedger {
    /// Returns this ledger as the store knows it; gives it a name where it has none, so that the store
    /// is told what comes from now on.
    ///
    /// # Errors
    /// Where the ledger cannot be written.
    pub fn chain(&mut self) -> Result<Chain, LedgerError> {
        let place = self.place_text().to_owned();
        named(self.connection_mut()).map_err(|error| cannot_write(&place, &error))
    }

    /// Returns at most `most` records behind number `after`, the oldest first.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn outgoing(
        &self,
        after: i64,
        most: usize,
        now: &Moment,
    ) -> Result<Vec<Outgoing>, LedgerError> {
        let read = || -> rusqlite::Result<Vec<Outgoing>> {
            let mut statement = self.connection().prepare(&format!(
                "SELECT {COLUMNS} WHERE seq > ?1 ORDER BY seq LIMIT ?2"
            ))?;
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let rows = statement.query_map(params![after, most], stored)?;
            rows.map(|row| {
                let (row, hash) = row?;
                let age = chain::ago(now, &row.utc, row.boot_ns, &row.boot_id);
                // One that cannot be read back is sent as it is: the store's chain has no holes.
                Ok(Outgoing {
                    age: age.unwrap_or_default(),
                    told: ToldRun::of_body(&row.body),
                    row,
                    hash,
                })
            })
            .collect()
        };
        read().map_err(|error| cannot_write(self.place_text(), &error))
    }

    /// Returns the number of the last record; 0 where there is none.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn last_seq(&self) -> Result<i64, LedgerError> {
        let sql = "SELECT coalesce(max(seq), 0) FROM record";
        let found = self.connection().query_row(sql, [], |row| row.get(0));
        found.map_err(|error| cannot_write(self.place_text(), &error))
    }

    /// Returns whether a run of which no end is recorded is over all the same: its process is gone, or
    /// nobody can be answering its questions any more.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn is_gone(&self, run: &str, now: &Moment) -> Result<bool, LedgerError> {
        gone(self.connection(), run, now).map_err(|error| cannot_write(self.place_text(), &error))
    }

    /// Returns whether a run belongs to the passage of those around it.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub fn is_of_passage(&self, run: &str, around: &[RunId]) -> Result<bool, LedgerError> {
        outer::is_of_passage(self.connection(), run, around)
            .map_err(|error| cannot_write(self.place_text(), &error))
    }
}

/// Reads the chain's name, or gives it one.
fn named(connection: &mut Connection) -> rusqlite::Result<Chain> {
    let read = |connection: &Connection| {
        let sql = "SELECT chain, first_seq FROM team";
        let chain = connection.query_row(sql, [], |row| {
            Ok(Chain {
                name: row.get(0)?,
                first_seq: row.get(1)?,
            })
        });
        chain.optional()
    };
    if connection.table_exists(None, "team")?
        && let Some(chain) = read(connection)?
    {
        return Ok(chain);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute(TABLE, [])?;
    transaction.execute(
        "INSERT OR IGNORE INTO team (only_one, chain, first_seq)
         VALUES (1, ?1, (SELECT coalesce(max(seq), 0) + 1 FROM record))",
        [random_name()],
    )?;
    let chain = read(&transaction)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    transaction.commit()?;
    Ok(chain)
}

/// Returns 32 hex digits; no secret, they must only be other than the next ledger's.
fn random_name() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", random(), random())
}

/// Returns whether a run is over though its end is not recorded.
fn gone(connection: &Connection, run: &str, now: &Moment) -> rusqlite::Result<bool> {
    let sql = "SELECT run.ended_seq IS NOT NULL, run.cleared_seq IS NOT NULL, run.pid,
            run.start_ticks, last.utc, last.boot_ns, last.boot_id
        FROM run JOIN record last ON last.seq = (SELECT max(seq) FROM record WHERE run = ?1)
        WHERE run.run = ?1";
    let found = connection.query_row(sql, [run], |row| {
        let (has_ended, is_cleared): (bool, bool) = (row.get(0)?, row.get(1)?);
        let pid: Option<i32> = row.get(2)?;
        let ticks = row.get::<_, Option<i64>>(3)?.map(i64::cast_unsigned);
        let (utc, boot_id): (String, String) = (row.get(4)?, row.get(6)?);
        let age = chain::ago(now, &utc, row.get(5)?, &boot_id).unwrap_or_default();
        let is_this_boot = boot_id == now.boot_id && !boot_id.is_empty();
        Ok(match (has_ended, is_cleared, pid) {
            // Its end is on the way to the store.
            (true, _, _) => false,
            (false, true, Some(pid)) => !is_this_boot || !process::lives(pid, ticks),
            (false, true, None) => !is_this_boot || age > START,
            (false, false, _) => !is_this_boot || age > QUESTION,
        })
    });
    Ok(found.optional()?.unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::world::Clock as _;
    use crate::ledger::rehearsal::{HandClock, append, cleared, ended, opened, started};

    #[test]
    fn a_chain_has_a_name_and_begins_where_it_was_named() {
        let clock = HandClock::new();
        let mut ledger = SqliteLedger::in_memory().unwrap();
        append(&mut ledger, &clock, "a", vec![opened("r", "T1")]);
        let chain = ledger.chain().unwrap();
        assert_eq!((chain.name.len(), chain.first_seq), (32, 2));
        append(&mut ledger, &clock, "a", vec![cleared(), ended(0)]);
        assert_eq!(ledger.chain().unwrap(), chain);
        clock.go_on(5);
        let outgoing = ledger.outgoing(0, 9, &clock.now()).unwrap();
        assert_eq!(outgoing.len(), 3);
        let told = &outgoing[0].told;
        let rule = ("r".to_owned(), "t1".to_owned(), "{}".to_owned());
        assert_eq!((&*told.person, &*told.rules), ("ann", &*vec![rule]));
        assert!(outgoing[2].told.well);
        assert_eq!(outgoing[0].age, Duration::from_secs(5));
        let rest = ledger.outgoing(1, 1, &clock.now()).unwrap();
        assert_eq!((rest.len(), rest[0].row.seq), (1, 2));
        assert_eq!(ledger.last_seq().unwrap(), 3);
    }

    #[test]
    fn a_run_without_an_end_is_gone_when_nobody_can_end_it() {
        let clock = HandClock::new();
        let mut ledger = SqliteLedger::in_memory().unwrap();
        let own = i32::try_from(std::process::id()).unwrap();
        let lives = started(own, process::start_ticks(own));
        for (run, events) in [
            ("asked", vec![]),
            ("cleared", vec![cleared()]),
            ("lives", vec![cleared(), lives]),
            ("dead", vec![cleared(), started(i32::MAX, Some(1))]),
            ("ended", vec![cleared(), ended(0)]),
        ] {
            append(&mut ledger, &clock, run, vec![opened("r", "t")]);
            append(&mut ledger, &clock, run, events);
        }
        let gone = |now: &Moment| -> Vec<&str> {
            let runs = ["asked", "cleared", "lives", "dead", "ended", "unknown"];
            let is_gone = |run: &&str| ledger.is_gone(run, now).unwrap();
            runs.into_iter().filter(is_gone).collect()
        };
        assert_eq!(gone(&clock.now()), ["dead"]);
        clock.go_on(61);
        assert_eq!(gone(&clock.now()), ["cleared", "dead"]);
        clock.go_on(24 * 3600);
        assert_eq!(gone(&clock.now()), ["asked", "cleared", "dead"]);
        clock.start_again("boot-2");
        assert_eq!(gone(&clock.now()), ["asked", "cleared", "lives", "dead"]);
    }
}
