//! What is said to the store in one conversation: what it has not got yet, then what is asked.
//!
//! Every conversation is one transaction, with one before it for each batch of records that waits too long to go
//! along. It may be held again from the beginning when it was cut off:
//! a record that is there already is not added twice, and a claim of the same run is the same claim.
//! Questions are sent together, so that a conversation waits for two or three answers in all; before the first
//! question of a passage, where nothing waits but that passage, for one.

use std::cell::Cell;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, join, select, try_join, try_join_all, try_join3, try_join4};
use tokio::task::yield_now;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};

use crate::gate::permit::Permit;
use crate::gate::record::RunId;
use crate::gate::world::{FirstGuard, GapGuard, InTheWay, Moment, Targets};
use crate::ledger::SqliteLedger;
use crate::ledger::gaps::ANY;
use crate::ledger::outbox::{Chain, Outgoing};

use super::connect::NoAnswer;
use super::permits;
use super::schema::{self, Version};

/// How many records are sent at once.
pub(super) const MOST: usize = 500;

/// Ends a transaction that clears nothing, without waiting for the store's disk: its records are on this host's.
/// Where the store loses them in a crash its chain ends before them, and the next conversation sends them again.
const COMMIT_SOON: &str = "SET LOCAL synchronous_commit TO off; COMMIT";

/// How many bytes of records go into a connection at once: less than what any system keeps of what was written and
/// not read yet.
const AT_ONCE: usize = 8 * 1024;

/// Who speaks, and of which ledger.
#[derive(Debug)]
pub(super) struct Talk<'t> {
    /// The ledger.
    pub(super) ledger: &'t SqliteLedger,
    /// Its chain.
    pub(super) chain: &'t Chain,
    /// The clocks of this host.
    pub(super) now: &'t Moment,
    /// How many records had to go before what is asked, when that was last known; 0 where they go along.
    pub(super) before: Cell<usize>,
}

/// What is asked of the store.
#[derive(Debug, Clone, Default)]
pub(super) struct Questions {
    /// Gaps of the team.
    pub(super) gaps: Vec<GapGuard>,
    /// What has to have run first.
    pub(super) firsts: Vec<FirstGuard>,
    /// The run that asks, and those around it.
    pub(super) own: Vec<RunId>,
    /// Permits of the store that the run is passed by.
    pub(super) permits: Vec<String>,
    /// All names of the asker.
    pub(super) asker: Vec<String>,
}

/// What the store answers, in the order of the questions.
#[derive(Debug, Clone, Default)]
pub(super) struct Answers {
    /// For each gap the runs that may stand in its way.
    pub(super) gaps: Vec<Vec<Recent>>,
    /// For each first the newest runs of its rule.
    pub(super) firsts: Vec<Vec<LastOf>>,
}

/// A run that may stand in the way of a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recent {
    /// Its id.
    pub(super) run: String,
    /// Whether this host's role sent it; another host may call its runs as it likes.
    pub(super) is_own: bool,
    /// Whose.
    pub(super) who: String,
    /// Where.
    pub(super) target: String,
    /// How long ago it ended or was cleared.
    pub(super) ago: Duration,
    /// Whether it is under way.
    pub(super) under_way: bool,
}

/// One of the newest runs of a rule at a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LastOf {
    /// Whose.
    pub(super) who: String,
    /// How long ago it ended or was cleared.
    pub(super) ago: Duration,
    /// Whether it ended well.
    pub(super) is_well: bool,
    /// The values of its placeholders, as JSON.
    pub(super) bound: String,
}

/// A parameter of a question, with its type.
pub(super) type Parameter<'p> = (&'p (dyn ToSql + Sync), Type);

/// What is to be sent.
struct Begun {
    /// How many records wait.
    waiting: usize,
    /// Records behind the store's end of the chain.
    outgoing: Vec<Outgoing>,
    /// Runs of which nobody will record an end.
    gone: Vec<String>,
    /// Whether the store is told more of runs than their records: older tables take none of it.
    takes_calls: bool,
    /// Whether the first record that goes follows what the store has.
    follows: bool,
}

impl Begun {
    /// Whether what is asked has the same answer before all this was added as behind it: nothing of it but lines
    /// of which something is asked, and what was answered.
    fn changes_no_answer(&self) -> bool {
        let asks = |out: &Outgoing| matches!(&*out.row.kind, "opened" | "answered");
        self.gone.is_empty() && self.goes_along() && self.outgoing.iter().all(asks)
    }

    /// Whether all that waits goes in this transaction.
    fn goes_along(&self) -> bool {
        self.waiting <= self.outgoing.len()
    }

    /// Whether all of it goes into the connection at once.
    fn is_short(&self) -> bool {
        self.outgoing
            .iter()
            .map(|out| out.row.body.len())
            .sum::<usize>()
            <= AT_ONCE
    }
}

/// What the store says as a transaction begins.
struct First {
    /// The version of its tables.
    version: Version,
    /// The end of the chain.
    head: Option<Row>,
    /// The chain's runs that are not over.
    open: Vec<Row>,
}

impl Talk<'_> {
    /// Sends one batch of what the store has not got yet; returns how many records went.
    pub(super) async fn send(&self, client: &Client) -> Result<usize, NoAnswer> {
        let begun = self.begin(client).await?;
        self.give(client, &begun).await?;
        Ok(begun.outgoing.len())
    }

    /// Sends all that the store has not got yet, and asks; for the permits, too.
    ///
    /// An operator waits for this. Where nothing but their own line is sent, the answers are the same before it is
    /// there, and it is not waited for: what becomes of it is seen by the next conversation, which begins with what
    /// the store has.
    pub(super) async fn tell(
        &self,
        client: &Client,
        questions: &Questions,
    ) -> Result<(Answers, Vec<Permit>), NoAnswer> {
        let first = try_join(begin(client, self.chain), ask(client, questions));
        // Outside of the transaction, which a question that older tables do not know would end.
        let (permits, first) = join(permits::rows(client), first).await;
        let (first, answers) = first?;
        let permits = match first.version.minor >= schema::PERMITS {
            true => permits::of_rows(&permits?, self.now)?,
            false => Vec::new(),
        };
        let mut begun = self.begun(&first)?;
        if begun.follows && begun.changes_no_answer() && begun.is_short() {
            self.give_unheard(client, &begun).await?;
            return Ok((answers, permits));
        }
        while !begun.goes_along() {
            begun = self.give_and_begin(client, &begun).await?;
        }
        let ((), (), answers, ()) = try_join4(
            self.add(client, &begun),
            self.settle(client, &begun.gone),
            ask(client, questions),
            statement(client, COMMIT_SOON),
        )
        .await?;
        Ok((answers, permits))
    }

    /// Sends what was begun, and waits for nothing.
    async fn give_unheard(&self, client: &Client, begun: &Begun) -> Result<(), NoAnswer> {
        let given = pin!(try_join(
            self.add(client, begun),
            statement(client, COMMIT_SOON),
        ));
        // What is asked is on its way to the connection, whose turn it is when this one yields.
        match select(given, pin!(yield_now())).await {
            Either::Left((told, _)) => told.map(drop),
            Either::Right(_) => Ok(()),
        }
    }

    /// Sends, keeps everybody else from clearing runs of these rules, asks, and, where `is_free` of the
    /// answers and each permit counts, claims the run. Returns the permits that do not count besides.
    pub(super) async fn claim<T>(
        &self,
        client: &Client,
        run: &RunId,
        rules: &[String],
        questions: &Questions,
        is_free: impl FnOnce(Answers) -> Result<(bool, T), NoAnswer>,
    ) -> Result<(T, Vec<InTheWay>), NoAnswer> {
        // What it does not know it cannot claim.
        let begun = self.begin_with_the_last(client).await?;
        let lock = async {
            let parameters: [Parameter<'_>; 1] = [(&rules, Type::TEXT_ARRAY)];
            let sql = "SELECT kanmon.lock_rules($1)";
            client.query_typed(sql, &parameters).await?;
            Ok(())
        };
        let ((), (), (), answers) = try_join4(
            self.add(client, &begun),
            self.settle(client, &begun.gone),
            lock,
            ask(client, questions),
        )
        .await?;
        let (is_free, told) = is_free(answers)?;
        let void = match is_free {
            true => {
                let (permits, asker) = (&questions.permits, &questions.asker);
                permits::use_for(client, self.chain, run, permits, asker).await?
            }
            false => Vec::new(),
        };
        if is_free && void.is_empty() {
            let parameters: [Parameter<'_>; 2] =
                [(&self.chain.name, Type::TEXT), (&run.0, Type::TEXT)];
            let sql = "SELECT kanmon.claim($1, $2)";
            let row = client.query_typed_one(sql, &parameters).await?;
            if !row.try_get::<_, bool>(0)? {
                return Err(NoAnswer::Over(run.0.clone()));
            }
        }
        statement(client, "COMMIT").await?;
        Ok((told, void))
    }

    /// Sends a run's clearance, and returns whether it came in time after its claim.
    pub(super) async fn confirm(&self, client: &Client, run: &RunId) -> Result<bool, NoAnswer> {
        let begun = self.begin(client).await?;
        let in_time = async {
            let parameters: [Parameter<'_>; 2] =
                [(&self.chain.name, Type::TEXT), (&run.0, Type::TEXT)];
            let sql = "SELECT kanmon.is_in_time($1, $2)";
            let row = client.query_typed_one(sql, &parameters).await?;
            Ok(row.try_get::<_, bool>(0)?)
        };
        let ((), (), in_time, ()) = try_join4(
            self.add(client, &begun),
            self.settle(client, &begun.gone),
            in_time,
            statement(client, "COMMIT"),
        )
        .await?;
        Ok(in_time)
    }

    /// Begins the transaction that takes the last of what waits; batches before it get their own.
    async fn begin_with_the_last(&self, client: &Client) -> Result<Begun, NoAnswer> {
        let mut begun = self.begin(client).await?;
        while !begun.goes_along() {
            begun = self.give_and_begin(client, &begun).await?;
        }
        Ok(begun)
    }

    /// Sends a batch that is not the last, and begins the next transaction.
    async fn give_and_begin(&self, client: &Client, begun: &Begun) -> Result<Begun, NoAnswer> {
        self.before.set(begun.waiting);
        self.give(client, begun).await?;
        self.begin(client).await
    }

    /// Sends a batch, and ends its transaction.
    async fn give(&self, client: &Client, begun: &Begun) -> Result<(), NoAnswer> {
        let sent = try_join3(
            self.add(client, begun),
            self.settle(client, &begun.gone),
            statement(client, "COMMIT"),
        );
        sent.await.map(drop)
    }

    /// Begins the transaction and looks what the store has of this chain.
    async fn begin(&self, client: &Client) -> Result<Begun, NoAnswer> {
        self.begun(&begin(client, self.chain).await?)
    }

    /// Looks what is to be sent in a transaction that has begun.
    fn begun(&self, first: &First) -> Result<Begun, NoAnswer> {
        let (after, hash) = match &first.head {
            Some(head) => (head.try_get(0)?, Some(head.try_get::<_, Vec<u8>>(1)?)),
            None => (self.chain.first_seq - 1, None),
        };
        let last = self.ledger.last_seq()?;
        if after > last.max(self.chain.first_seq - 1) {
            return Err(NoAnswer::Tables(format!(
                "it has record {after} of this ledger, which ends at record {last}"
            )));
        }
        let outgoing = self.ledger.outgoing(after, MOST, self.now)?;
        let mut gone = Vec::new();
        for row in &first.open {
            let run: String = row.try_get(0)?;
            if self.ledger.is_gone(&run, self.now)? {
                gone.push(run);
            }
        }
        let next = outgoing.first();
        Ok(Begun {
            follows: hash.is_none_or(|hash| next.is_none_or(|out| hash == out.row.prev.0)),
            waiting: usize::try_from(last - after).unwrap_or_default(),
            outgoing,
            gone,
            takes_calls: first.version.minor >= schema::CALLS,
        })
    }

    /// Adds records.
    async fn add(&self, client: &Client, begun: &Begun) -> Result<(), NoAnswer> {
        let each = begun.outgoing.iter().map(async |out| {
            let says_more = !out.told.calls.is_empty() || out.told.end.is_some();
            let more = async {
                match begun.takes_calls && says_more {
                    true => tell_more(client, self.chain, out).await,
                    false => Ok(()),
                }
            };
            // What is sent first is done first.
            try_join(add_one(client, self.chain, out), more).await
        });
        try_join_all(each).await.map(drop)
    }

    /// Says which runs are over though no record says so.
    async fn settle(&self, client: &Client, gone: &[String]) -> Result<(), NoAnswer> {
        let each = gone.iter().map(async |run| {
            let parameters: [Parameter<'_>; 2] =
                [(&self.chain.name, Type::TEXT), (run, Type::TEXT)];
            let sql = "SELECT kanmon.settle($1, $2)";
            client.query_typed(sql, &parameters).await
        });
        Ok(try_join_all(each).await.map(drop)?)
    }
}

/// Begins a transaction, and asks what the store has of a chain.
async fn begin(client: &Client, chain: &Chain) -> Result<First, NoAnswer> {
    let chain: [Parameter<'_>; 1] = [(&chain.name, Type::TEXT)];
    let head = async {
        let sql = "SELECT seq, hash FROM kanmon.chain_head($1)";
        Ok(client.query_typed_opt(sql, &chain).await?)
    };
    let open = async {
        let sql = "SELECT run FROM kanmon.open_runs($1)";
        Ok(client.query_typed(sql, &chain).await?)
    };
    let version = schema::version(client);
    let ((), version, head, open) =
        try_join4(statement(client, "BEGIN"), version, head, open).await?;
    Ok(First {
        version,
        head,
        open,
    })
}

/// Adds one record.
async fn add_one(client: &Client, chain: &Chain, out: &Outgoing) -> Result<(), NoAnswer> {
    let (row, told) = (&out.row, &out.told);
    let (prev, hash) = (row.prev.0.as_slice(), out.hash.0.as_slice());
    let age = milliseconds(out.age);
    let mut columns: [Vec<&str>; 3] = Default::default();
    for (rule, target, bound) in &told.rules {
        let values = [rule, target, bound];
        for (column, value) in columns.iter_mut().zip(values) {
            column.push(value);
        }
    }
    let [rules, targets, bounds] = columns;
    let parameters: [Parameter<'_>; 17] = [
        (&chain.name, Type::TEXT),
        (&row.seq, Type::INT8),
        (&row.run, Type::TEXT),
        (&row.kind, Type::TEXT),
        (&row.utc, Type::TEXT),
        (&row.boot_ns, Type::INT8),
        (&row.boot_id, Type::TEXT),
        (&row.body, Type::TEXT),
        (&prev, Type::BYTEA),
        (&hash, Type::BYTEA),
        (&age, Type::INT8),
        (&told.well, Type::BOOL),
        (&told.person, Type::TEXT),
        (&told.drill, Type::BOOL),
        (&rules, Type::TEXT_ARRAY),
        (&targets, Type::TEXT_ARRAY),
        (&bounds, Type::TEXT_ARRAY),
    ];
    let sql = "SELECT kanmon.add_record($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, \
        $14, $15, $16, $17)";
    client.query_typed(sql, &parameters).await?;
    Ok(())
}

/// Tells what of a run is found by its invocations, and how it ended.
async fn tell_more(client: &Client, chain: &Chain, out: &Outgoing) -> Result<(), NoAnswer> {
    let (calls, targets): (Vec<&str>, Vec<&str>) = out
        .told
        .calls
        .iter()
        .map(|(call, target)| (&**call, &**target))
        .unzip();
    let parameters: [Parameter<'_>; 5] = [
        (&chain.name, Type::TEXT),
        (&out.row.run, Type::TEXT),
        (&calls, Type::TEXT_ARRAY),
        (&targets, Type::TEXT_ARRAY),
        (&out.told.end, Type::TEXT),
    ];
    let sql = "SELECT kanmon.tell_more($1, $2, $3, $4, $5)";
    client.query_typed(sql, &parameters).await?;
    Ok(())
}

/// Asks all that is asked.
async fn ask(client: &Client, questions: &Questions) -> Result<Answers, NoAnswer> {
    let own: Vec<&str> = questions.own.iter().map(|run| run.0.as_str()).collect();
    let own = own.as_slice();
    let gaps = async {
        let each = questions
            .gaps
            .iter()
            .map(|guard| recent(client, guard, own));
        try_join_all(each).await
    };
    let firsts = async {
        let each = questions
            .firsts
            .iter()
            .map(|guard| lasts(client, guard, own));
        try_join_all(each).await
    };
    let (gaps, firsts) = try_join(gaps, firsts).await?;
    Ok(Answers { gaps, firsts })
}

/// Asks which runs may stand in the way of a gap.
async fn recent(client: &Client, guard: &GapGuard, own: &[&str]) -> Result<Vec<Recent>, NoAnswer> {
    // Those of a group are many: what fits it is looked for among what is recent.
    let targets = match &guard.targets {
        Targets::One(target) => Some(vec![target.to_ascii_lowercase(), ANY.to_owned()]),
        Targets::Fitting(_) | Targets::Any => None,
    };
    let within = milliseconds(guard.time);
    let parameters: [Parameter<'_>; 4] = [
        (&guard.rule, Type::TEXT),
        (&targets, Type::TEXT_ARRAY),
        (&within, Type::INT8),
        (&own, Type::TEXT_ARRAY),
    ];
    let sql = "SELECT run, host, person, target, ago_ms, is_under_way, host = session_user
        FROM kanmon.recent($1, $2, $3, $4)";
    let rows = client.query_typed(sql, &parameters).await?;
    let read = |row: &Row| -> Result<Recent, tokio_postgres::Error> {
        Ok(Recent {
            run: row.try_get(0)?,
            who: who(row.try_get(2)?, row.try_get(1)?),
            target: row.try_get(3)?,
            ago: duration(row.try_get(4)?),
            under_way: row.try_get(5)?,
            is_own: row.try_get(6)?,
        })
    };
    Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
}

/// Asks for the newest runs of a rule that has to have run first.
async fn lasts(client: &Client, guard: &FirstGuard, own: &[&str]) -> Result<Vec<LastOf>, NoAnswer> {
    let target = guard.target.to_ascii_lowercase();
    let run = own.first().copied().unwrap_or_default();
    let parameters: [Parameter<'_>; 3] = [
        (&guard.rule, Type::TEXT),
        (&target, Type::TEXT),
        (&run, Type::TEXT),
    ];
    let sql = "SELECT host, person, ago_ms, is_well, bound FROM kanmon.lasts($1, $2, $3)";
    let rows = client.query_typed(sql, &parameters).await?;
    let read = |row: &Row| -> Result<LastOf, tokio_postgres::Error> {
        Ok(LastOf {
            who: who(row.try_get(1)?, row.try_get(0)?),
            ago: duration(row.try_get(2)?),
            is_well: row.try_get(3)?,
            bound: row.try_get(4)?,
        })
    };
    Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
}

/// Runs a statement without an answer.
async fn statement(client: &Client, sql: &str) -> Result<(), NoAnswer> {
    Ok(client.batch_execute(sql).await?)
}

/// Says who ran something on which host.
pub(super) fn who(person: &str, host: &str) -> String {
    format!("{person}@{host}")
}

/// Returns a time as the store is told it.
pub(super) fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 1_000_000)
}

/// Returns a time as the store tells it; what lies ahead is now.
pub(super) fn duration(milliseconds: i64) -> Duration {
    Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0))
}
