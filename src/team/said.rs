//! Whether what the store says of runs is what their records say: by whom, of which rules and invocations, how
//! they ended, and when.
//!
//! The store's times are its own and no record has them. They are held against what the records' hashes keep:
//! between two records of one start of a host as much time has gone by here as on the host's boot clock, or its
//! wall clock where they were sent after a restart; nothing was before it came; and what came later has the higher
//! number. Whoever moves one by more than a minute is seen; a server's clock that was set is named too, once.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::{Client, Row as Found};

use crate::ledger::chain::{Hash, Row, utc_of};
use crate::ledger::outbox::ToldRun;

use super::connect::NoAnswer;

/// By how much times may differ, in microseconds: what a conversation may take, and clocks that run unalike.
const SLACK: i64 = 60_000_000;

/// The part of a time that clocks which run unalike may differ by besides: a thousandth.
const DRIFT: i64 = 1_000;

/// What the store says of these runs.
const RUNS: &str = "SELECT run, person, drill, well,
        (extract(epoch FROM opened) * 1000000)::bigint, (extract(epoch FROM cleared) * 1000000)::bigint,
        (extract(epoch FROM ended) * 1000000)::bigint, (extract(epoch FROM over) * 1000000)::bigint
    FROM kanmon.run WHERE host = $1 AND chain = $2 AND run = ANY ($3)";

/// Each rule and target of them.
const RULES: &str = "SELECT n.run, n.rule, n.target, n.bound FROM kanmon.run_rule n
    JOIN kanmon.run r ON r.host = n.host AND r.run = n.run
    WHERE r.host = $1 AND r.chain = $2 AND r.run = ANY ($3)";

/// Each invocation and target of them.
const CALLS: &str = "SELECT c.run, c.call, c.target FROM kanmon.run_call c
    JOIN kanmon.run r ON r.host = c.host AND r.run = c.run
    WHERE r.host = $1 AND r.chain = $2 AND r.run = ANY ($3)";

/// What else is said of their ends.
const ENDS: &str = "SELECT run, told_end FROM kanmon.run
    WHERE host = $1 AND chain = $2 AND run = ANY ($3) AND told_end IS NOT NULL";

/// A record as the store has it.
pub(super) struct Stored {
    /// The record.
    pub(super) row: Row,
    /// Its hash.
    pub(super) hash: Hash,
    /// When it came, in microseconds of the store's clock.
    pub(super) arrived: i64,
}

/// A run as the store's tables have it.
#[derive(Default)]
struct Told {
    told: ToldRun,
    end: Option<String>,
    well: Option<bool>,
    opened: Option<i64>,
    cleared: Option<i64>,
    ended: Option<i64>,
    over: Option<i64>,
}

/// What is known of one chain so far.
pub(super) struct Said {
    /// Whether the tables have invocations.
    has_table: bool,
    /// Whether a run before had some: those of an older kanmon have none.
    has_calls: bool,
    times: Times,
}

/// A row that says something else: its table, and which.
pub(super) type Differing = (&'static str, String);

impl Said {
    /// Returns what is known before the first record; `now` is the store's time.
    pub(super) fn new(has_table: bool, now: i64) -> Self {
        Self {
            has_table,
            has_calls: false,
            times: Times {
                now,
                arrived: i64::MIN,
                good: None,
                odd: None,
            },
        }
    }

    /// Returns the rows that say something else than the next records of the chain.
    pub(super) async fn differing(
        &mut self,
        client: &Client,
        host: &str,
        chain: &str,
        page: &[Stored],
    ) -> Result<Vec<Differing>, NoAnswer> {
        let runs: BTreeSet<&str> = page.iter().map(|stored| &*stored.row.run).collect();
        let runs: Vec<&str> = runs.into_iter().collect();
        let known = self.known(client, host, chain, &runs).await?;
        let mut differing = Vec::new();
        for stored in page {
            let row = &stored.row;
            if self.times.has_come_oddly(stored.arrived) {
                differing.push(("record", format!("{} arrived", row.seq)));
            }
            // A run that is not there at all is named by what compares the runs.
            let Some(known) = known.get(&row.run) else {
                continue;
            };
            let told = ToldRun::of_body(&row.body);
            let (what, at) = match &*row.kind {
                "opened" => {
                    if is_other_head(&known.told, &told) {
                        differing.push(("run_rule", row.run.clone()));
                    }
                    if self.has_table {
                        self.has_calls |= !known.told.calls.is_empty();
                        if self.has_calls && known.told.calls != told.calls {
                            differing.push(("run_call", row.run.clone()));
                        }
                    }
                    ("opened", known.opened)
                }
                "cleared" | "noted" | "broken-glass" => ("cleared", known.cleared),
                "ended" | "not-started" => {
                    if known.well != Some(told.well) {
                        differing.push(("run", format!("{} well", row.run)));
                    }
                    ("ended", known.ended)
                }
                "not-cleared" | "drilled" if known.ended.is_none() => ("over", known.over),
                _ => continue,
            };
            let is_end = ["ended", "over"].contains(&what);
            if is_end && known.end.as_deref() != told.end && (self.has_calls || known.end.is_some())
            {
                differing.push(("run", format!("{} told_end", row.run)));
            }
            if at.is_some_and(|at| self.times.is_off(stored, at)) {
                differing.push(("run", format!("{} {what}", row.run)));
            }
        }
        Ok(differing)
    }

    /// Reads what the tables say of runs.
    async fn known(
        &self,
        client: &Client,
        host: &str,
        chain: &str,
        runs: &[&str],
    ) -> Result<BTreeMap<String, Told>, NoAnswer> {
        let mut known = BTreeMap::new();
        for row in client.query(RUNS, &[&host, &chain, &runs]).await? {
            let told = ToldRun {
                person: row.try_get(1)?,
                drill: row.try_get(2)?,
                ..ToldRun::default()
            };
            let run = Told {
                told,
                end: None,
                well: row.try_get(3)?,
                opened: row.try_get(4)?,
                cleared: row.try_get(5)?,
                ended: row.try_get(6)?,
                over: row.try_get(7)?,
            };
            known.insert(row.try_get(0)?, run);
        }
        let mut add = |row: &Found, add: &dyn Fn(&mut Told) -> Result<(), NoAnswer>| {
            let run = row.try_get::<_, &str>(0)?;
            known.get_mut(run).map_or(Ok(()), add)
        };
        for row in &client.query(RULES, &[&host, &chain, &runs]).await? {
            add(row, &|run| {
                let rule = (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
                run.told.rules.push(rule);
                Ok(())
            })?;
        }
        if self.has_table {
            for row in &client.query(CALLS, &[&host, &chain, &runs]).await? {
                add(row, &|run| {
                    run.told.calls.insert((row.try_get(1)?, row.try_get(2)?));
                    Ok(())
                })?;
            }
            for row in &client.query(ENDS, &[&host, &chain, &runs]).await? {
                add(row, &|run| {
                    run.end = row.try_get(1)?;
                    Ok(())
                })?;
            }
        }
        Ok(known)
    }
}

/// Whether the tables say something else of a run's head than its record.
fn is_other_head(known: &ToldRun, told: &ToldRun) -> bool {
    let rules = |told: &ToldRun| {
        let pairs = told
            .rules
            .iter()
            .map(|(rule, target, _)| (rule.clone(), target.clone()));
        pairs.collect::<BTreeSet<_>>()
    };
    // Of two values for one rule and target the store has the first.
    let is_said = |one: &(String, String, String)| told.rules.contains(one);
    known.person != told.person
        || known.drill != told.drill
        || rules(known) != rules(told)
        || !known.rules.iter().all(is_said)
}

/// One record's times, in microseconds.
struct Mark {
    boot_id: String,
    boot: i64,
    utc: i64,
    /// When it was, as the store says.
    at: i64,
}

/// The times of a chain so far.
struct Times {
    /// The store's time.
    now: i64,
    /// When the last record came.
    arrived: i64,
    /// The last record whose time is as those before it.
    good: Option<Mark>,
    /// The last one whose is not: where the next are as this one, a clock was set.
    odd: Option<Mark>,
}

impl Times {
    /// Whether a record came before the one before it, or has not come yet.
    fn has_come_oddly(&mut self, arrived: i64) -> bool {
        let is_odd = arrived < self.arrived.saturating_sub(SLACK) || arrived > self.now + SLACK;
        // What lies ahead would make all that follows odd.
        self.arrived = self.arrived.max(arrived.min(self.now));
        is_odd
    }

    /// Whether what the store says of a record's time cannot be.
    fn is_off(&mut self, stored: &Stored, at: i64) -> bool {
        let row = &stored.row;
        let mark = Mark {
            boot_id: row.boot_id.clone(),
            boot: row.boot_ns / 1_000,
            utc: utc_of(&row.utc).map_or(0, |utc| utc.timestamp_micros()),
            at,
        };
        let as_after = |other: &Mark| {
            let boot = mark.boot.saturating_sub(other.boot);
            let slack = SLACK + boot.saturating_abs() / DRIFT;
            let moved = mark.at.saturating_sub(other.at);
            let is_near = |by: i64| moved.saturating_sub(by).saturating_abs() <= slack;
            is_near(boot) || is_near(mark.utc.saturating_sub(other.utc))
        };
        let is_good = self
            .good
            .as_ref()
            .is_none_or(|other| other.boot_id != mark.boot_id || as_after(other));
        let is_set = self
            .odd
            .as_ref()
            .is_some_and(|other| other.boot_id == mark.boot_id && as_after(other));
        let is_off = at > stored.arrived.saturating_add(SLACK) || !(is_good || is_set);
        match is_off {
            true => self.odd = Some(mark),
            false => {
                self.good = Some(mark);
                self.odd = None;
            }
        }
        is_off
    }
}
