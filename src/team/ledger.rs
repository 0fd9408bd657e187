//! The host's own ledger together with the team's store.
//!
//! A record is on this host's disk first; the store gets it in the same passage:
//!
//! 1. Before any question the store is sent all that waits, and asked what stands in the way.
//! 2. At "go" one transaction of the store keeps every other host from clearing runs of the same rules,
//!    asks once more, and *claims* the run: from then on it counts as under way there.
//! 3. `cleared` is written here, in the transaction of the own ledger that looks once more.
//! 4. The store gets `cleared`; only then the run is cleared. Where more than a minute has gone by since the
//!    claim, the run is not started: another may have been claimed meanwhile.
//!
//! Where the store does not answer, the run is not started, or goes on, as its rules say; where it answers and
//! takes no claim, it is not started whatever they say.
//!
//! A gate that is killed between two of these has started nothing: a claim alone is void after a minute, a
//! `cleared` without a start is found by the next conversation of this host, which says that it is over.

use std::cell::Cell;
use std::time::Duration;

use crate::gate::giver;
use crate::gate::outer::Outer;
use crate::gate::permit::Permit;
use crate::gate::record::{Entry, Event, Opened, RunId};
use crate::gate::world::{
    ClearError, Clock, Earlier, FirstGuard, Guards, InTheWay, Ledger, LedgerError, Moment, Team,
    ThinkStep, Whose,
};
use crate::ledger::SqliteLedger;
use crate::ledger::outbox::Chain;
use crate::policy::rule::OnStoreDown;

use super::address::{self, Address};
use super::connect::{Connection, NoAnswer, PATIENCE, converse_over};
use super::opening::Opening;
use super::talk::{MOST, Questions, Talk};
use super::{permits, weigh};

/// Exit status of a run that was not cleared.
const NOT_CLEARED: i32 = 124;

/// How long a claim counts.
const CLAIM: Duration = Duration::from_secs(60);

/// The host's own ledger and the team's store.
#[derive(Debug)]
pub struct TeamLedger {
    local: SqliteLedger,
    /// Where the store is; `None` where what the configuration says names none.
    address: Option<Address>,
    /// The store, for messages.
    store: String,
    connection: Option<Connection>,
    /// A connection on its way; none any more once a record was written.
    opening: Option<Opening>,
    /// What of the patience for the next conversation was spent on the connection.
    spent: Duration,
    chain: Option<Chain>,
    /// The rules of the run that was opened last, where it is no drill.
    rules: Vec<String>,
    /// All names of who asked for it.
    asker: Vec<String>,
    /// The permits that were told with what stands in the way; they are asked for next.
    permits: Option<Vec<Permit>>,
    /// When the run was claimed, on the boot clock.
    claimed: Option<Duration>,
    /// Why the store gave no answer last; `None` while it answers or was not asked.
    away: Option<String>,
    /// Whether that was said.
    is_told: bool,
}

impl TeamLedger {
    /// Returns the ledger with the store that a configuration names; nothing is opened yet.
    #[must_use]
    pub fn new(local: SqliteLedger, url: &str) -> Self {
        let (address, store, away) = match address::of_configuration(url) {
            Ok(address) => {
                let shown = address.shown();
                (Some(address), shown, None)
            }
            Err(error) => (None, url.to_owned(), Some(error.to_string())),
        };
        Self {
            local,
            address,
            store,
            connection: None,
            opening: None,
            spent: Duration::ZERO,
            chain: None,
            rules: Vec::new(),
            asker: Vec::new(),
            permits: None,
            claimed: None,
            away,
            is_told: false,
        }
    }

    /// Takes a connection on its way, for a line of which a record will be written next: until then nothing may be
    /// forked.
    #[must_use]
    pub fn with(mut self, opening: Option<Opening>) -> Self {
        self.opening = opening;
        self
    }

    /// Waits for a connection that is on its way.
    fn opened(&mut self) {
        if let Some(opening) = self.opening.take() {
            let (connection, took) = opening.wait();
            self.spent = took;
            // Why there is none is noted; the next conversation asks no second time.
            self.connection = self.noted(connection).ok();
        }
    }

    /// Returns where the store is, for messages.
    #[must_use]
    pub fn store(&self) -> &str {
        &self.store
    }

    /// Sends all that waits, in as many conversations as it takes; returns how many records went.
    ///
    /// # Errors
    /// Where the store does not answer; what went before stays.
    pub fn send_all(&mut self, clock: &dyn Clock) -> Result<usize, NoAnswer> {
        let mut sent = 0;
        loop {
            let now = self.converse(clock, async |client, talk| talk.send(client).await)?;
            sent += now;
            if now < MOST {
                return Ok(sent);
            }
        }
    }

    /// Holds a conversation, over the open connection or a new one.
    fn converse<T>(
        &mut self,
        clock: &dyn Clock,
        conversation: impl AsyncFn(&tokio_postgres::Client, &Talk<'_>) -> Result<T, NoAnswer>,
    ) -> Result<T, NoAnswer> {
        let began = clock.now();
        let patience = PATIENCE.saturating_sub(std::mem::take(&mut self.spent));
        let left = || patience.saturating_sub(clock.now().boot.saturating_sub(began.boot));
        let Some(address) = &self.address else {
            return Err(NoAnswer::Tables(self.away.clone().unwrap_or_default()));
        };
        let chain = match &mut self.chain {
            Some(chain) => &*chain,
            none => none.insert(self.local.chain()?),
        };
        let talk = Talk {
            ledger: &self.local,
            chain,
            now: &began,
            before: Cell::new(0),
        };
        let told = converse_over(&mut self.connection, address, left, async |client| {
            conversation(client, &talk).await
        });
        match (told, talk.before.get()) {
            // It spoke, and the time went by with what had to go before.
            (Err(NoAnswer::Silent(_)), waiting) if waiting > 0 => Err(NoAnswer::Behind(waiting)),
            (told, _) => told,
        }
    }

    /// Notes whether the store answered, and returns what it said.
    fn noted<T>(&mut self, told: Result<T, NoAnswer>) -> Result<T, LedgerError> {
        match told {
            Ok(told) => {
                self.away = None;
                Ok(told)
            }
            Err(error) => {
                let cause = error.to_string();
                let place = self.store.clone();
                if error.is_no_claim() {
                    self.away = None;
                    return Err(LedgerError::NotClaimed { place, cause });
                }
                if self.away.is_none() {
                    self.is_told = false;
                }
                self.away = Some(cause.clone());
                Err(LedgerError::Store { place, cause })
            }
        }
    }

    /// Returns what the store is asked about `guards`.
    fn questions(&self, guards: &Guards, run: Option<&RunId>) -> Questions {
        // Who can write a ledger can write a good end into it: one's own proves nothing.
        let firsts: &[FirstGuard] = match self.local.whose() {
            Whose::Hosts => &guards.firsts,
            Whose::Own | Whose::OwnBesideHosts => &[],
        };
        let gaps = guards.gaps.iter().filter(|gap| gap.team);
        Questions {
            gaps: gaps.cloned().collect(),
            firsts: firsts.to_vec(),
            own: run.into_iter().chain(&guards.around).cloned().collect(),
            permits: guards
                .permits
                .iter()
                .filter(is_of_team)
                .map(|permit| permit.id.clone())
                .collect(),
            asker: self.asker.clone(),
        }
    }

    /// Sends what waits, where that keeps nobody waiting for a store that is known to be away.
    fn send_in_passing(&mut self, clock: &dyn Clock) {
        self.opened();
        if self.away.is_none() {
            let told = self.converse(clock, async |client, talk| talk.send(client).await);
            let _later = self.noted(told);
        }
    }

    /// Claims the run in the store; returns what stands in its way, and which firsts are met there.
    fn claim(
        &mut self,
        run: &RunId,
        guards: &Guards,
        clock: &dyn Clock,
    ) -> Result<(Vec<InTheWay>, Vec<FirstGuard>), LedgerError> {
        let questions = self.questions(guards, Some(run));
        let rules = self.rules.clone();
        let now = clock.now().boot;
        let told = self.converse(clock, async |client, talk| {
            let is_free = |answers| {
                let weighed = weigh::weigh(&questions, answers, guards, talk.ledger)?;
                Ok((weighed.ways.is_empty(), weighed))
            };
            talk.claim(client, run, &rules, &questions, is_free).await
        });
        let (mut weighed, void) = self.noted(told)?;
        self.claimed = Some(now);
        weighed.ways.extend(void);
        Ok((weighed.ways, weighed.met))
    }

    /// Sends a clearance that is on this host's disk.
    fn confirm(&mut self, entry: &Entry, clock: &dyn Clock) -> Result<(), LedgerError> {
        let is_claimed = matches!(entry.event, Event::Cleared { .. });
        let told = self.converse(clock, async |client, talk| {
            talk.confirm(client, &entry.run).await
        });
        // This host's own clock may know it where the store says nothing.
        let since = |claimed: Duration| clock.now().boot.saturating_sub(claimed);
        let is_late = self.claimed.take().is_some_and(|at| since(at) > CLAIM);
        let told = match told {
            Ok(is_in_time) if is_claimed && !is_in_time => Err(NoAnswer::Late(CLAIM)),
            Err(_) if is_late => Err(NoAnswer::Late(CLAIM)),
            told => told.map(drop),
        };
        self.noted(told)
    }
}

/// Whether the store answered, and has not taken the run.
fn is_no_claim(error: &LedgerError) -> bool {
    matches!(error, LedgerError::NotClaimed { .. })
}

/// Whether a permit is one of the store's.
fn is_of_team(permit: &&Permit) -> bool {
    permit.team_uses.is_some()
}

impl Ledger for TeamLedger {
    fn append(&mut self, entry: &Entry, clock: &dyn Clock) -> Result<Moment, LedgerError> {
        // The chain begins with a run's head, so that the store knows the run.
        if self.chain.is_none() {
            self.chain = Some(self.local.chain()?);
        }
        if let Event::Opened(opened) = &entry.event {
            let rules = opened.invocations.iter().map(|held| held.rule.clone());
            self.rules = rules.collect();
            self.asker = giver::names(&opened.who);
        }
        let appended = self.local.append(entry, clock);
        self.opened();
        let moment = appended?;
        match &entry.event {
            Event::Ended { .. } | Event::NotStarted { .. } | Event::Drilled => {
                self.send_in_passing(clock);
            }
            // A command may take hours: no process of the server is kept for it.
            Event::Started { .. } => self.connection = None,
            // One that asked nothing of the store does not wait for it now.
            Event::NotCleared { .. } if self.connection.is_some() => self.send_in_passing(clock),
            _ => {}
        }
        Ok(moment)
    }

    fn in_the_way(
        &mut self,
        guards: &Guards,
        clock: &dyn Clock,
    ) -> Result<Vec<InTheWay>, LedgerError> {
        self.opened();
        let ways = self.local.in_the_way(guards, clock)?;
        let questions = self.questions(guards, None);
        let told = match self.away.clone() {
            // It was just asked; once more it is asked at "go".
            Some(cause) => Err(LedgerError::Store {
                place: self.store.clone(),
                cause,
            }),
            None => {
                let told = self.converse(clock, async |client, talk| {
                    let (answers, permits) = talk.tell(client, &questions).await?;
                    let weighed = weigh::weigh(&questions, answers, guards, talk.ledger)?;
                    Ok((weighed, permits))
                });
                self.noted(told).map(|(weighed, permits)| {
                    self.permits = Some(permits);
                    weighed
                })
            }
        };
        match told {
            Ok(weighed) => Ok(weighed.beside(ways)),
            Err(error) if guards.on_store_down == OnStoreDown::Hold || is_no_claim(&error) => {
                Err(error)
            }
            Err(_) => Ok(ways),
        }
    }

    fn clear(
        &mut self,
        entry: &Entry,
        guards: &Guards,
        still: &mut dyn FnMut() -> Vec<InTheWay>,
        clock: &dyn Clock,
    ) -> Result<Moment, ClearError> {
        self.opened();
        // What was permitted there has to be looked at there.
        let holds = guards.on_store_down == OnStoreDown::Hold
            || guards.permits.iter().any(|permit| is_of_team(&permit));
        let mut met = Vec::new();
        let is_claimed = matches!(entry.event, Event::Cleared { .. });
        self.claimed = None;
        if is_claimed {
            match self.claim(&entry.run, guards, clock) {
                Ok((ways, _)) if !ways.is_empty() => return Err(ClearError::InTheWay(ways)),
                Ok((_, met_there)) => met = met_there,
                Err(error) if holds || is_no_claim(&error) => return Err(error.into()),
                Err(_) => {}
            }
        }
        let is_shared = self.away.is_none();
        let mut guards = guards.clone();
        guards.firsts.retain(|first| !met.contains(first));
        let moment = self.local.clear(entry, &guards, still, clock)?;
        if is_shared
            && let Err(error) = self.confirm(entry, clock)
            && (holds || is_claimed && is_no_claim(&error))
        {
            let event = Event::NotStarted {
                cause: error.to_string(),
                status: NOT_CLEARED,
            };
            let run = entry.run.clone();
            self.local.append(&Entry { run, event }, clock)?;
            return Err(error.into());
        }
        Ok(moment)
    }

    fn earlier(&mut self, step: &ThinkStep<'_>, clock: &dyn Clock) -> Option<Earlier> {
        self.local.earlier(step, clock)
    }

    fn outer(&mut self, inner: &Opened, clock: &dyn Clock) -> Option<Outer> {
        self.local.outer(inner, clock)
    }

    fn started_in(
        &mut self,
        pid: i32,
        ticks: Option<u64>,
    ) -> Result<Option<(RunId, Duration)>, LedgerError> {
        self.local.started_in(pid, ticks)
    }

    fn permits(&mut self, clock: &dyn Clock) -> Vec<Permit> {
        self.opened();
        if self.away.is_some() {
            return Vec::new();
        }
        if let Some(permits) = self.permits.take() {
            return permits;
        }
        let told = self.converse(clock, async |client, talk| {
            permits::open(client, talk.now).await
        });
        self.noted(told).unwrap_or_default()
    }

    fn uses(&mut self, permit: &str) -> Result<u32, LedgerError> {
        self.local.uses(permit)
    }

    fn whose(&self) -> Whose {
        self.local.whose()
    }

    fn place(&self) -> String {
        self.local.place()
    }

    fn team(&mut self, clock: &dyn Clock) -> Team {
        // Whether it answers shows when it is asked; `cut_off` tells then.
        if self.opening.is_some() {
            return Team::Shared;
        }
        self.send_in_passing(clock);
        match &self.away {
            None => Team::Shared,
            Some(_) => self.cut_off().unwrap_or(Team::Shared),
        }
    }

    fn is_away(&self) -> bool {
        self.away.is_some()
    }

    fn cut_off(&mut self) -> Option<Team> {
        let cause = self.away.clone().filter(|_| !self.is_told)?;
        self.is_told = true;
        Some(Team::Away {
            place: self.store.clone(),
            cause,
        })
    }
}
