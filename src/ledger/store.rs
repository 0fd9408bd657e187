//! The ledger in a SQLite file of the user's own.
//!
//! Each record is written in a transaction of its own and is on disk when [`append`] returns:
//! `synchronous=EXTRA` waits for the file and for the folder in which the journal lay. The time of a
//! record is read after the write lock is held, so that numbers and times run the same way.
//!
//! [`append`]: Ledger::append

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, params};

use crate::gate::outer::Outer;
use crate::gate::record::{Entry, Event, Opened, RunId};
use crate::gate::world::{
    ClearError, Clock, Earlier, Guards, InTheWay, Ledger, LedgerError, Moment, NotFirst, ThinkStep,
    Whose,
};
use crate::policy::timerange;

use crate::text::{self, Language};

use super::chain::{Hash, Row, boot_ns, utc_of, utc_text};
use super::heads::Syslog;
use super::{firsts, gaps, host, outer, place, reach, recall, schema, started, uses};

/// How long to wait for other gates that write. One write takes a few milliseconds, a slow disk's
/// a few hundred: enough for 32 gates at once.
const PATIENCE: Duration = Duration::from_secs(20);

/// How far the wall clock may lie before the newest record: time servers move a clock by less.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(2);

/// The ledger in a SQLite file.
#[derive(Debug)]
pub struct SqliteLedger {
    connection: Connection,
    /// The path, for messages.
    place: String,
    /// Where heads go; nowhere for a ledger in memory.
    syslog: Option<Syslog>,
    /// Whether syslog took the newest head.
    head_was_told: Option<bool>,
    /// Whose runs it knows.
    whose: Whose,
}

impl SqliteLedger {
    /// Opens the ledger at an absolute path and makes it, folder included, where it is not there.
    ///
    /// # Errors
    /// Where it cannot be opened, or others could have written it, or a newer program wrote it.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        Self::open_with(path, Syslog::default())
    }

    /// Opens as [`open`](Self::open) does and tells heads to another `syslog`.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(path: &Path, syslog: Syslog) -> Result<Self, LedgerError> {
        let place = path.display().to_string();
        let file = place::make(path).map_err(|error| cannot_open(&place, &error))?;
        Self::open_file(&file, place, syslog)
    }

    /// Opens the host's ledger, which [`host::init`] has made, and tells heads
    /// to `syslog`.
    ///
    /// # Errors
    /// Where it cannot be opened, or others than its group could have written it, or a newer
    /// program wrote it.
    pub fn open_host(file: &Path, syslog: Syslog) -> Result<Self, LedgerError> {
        let place = file.display().to_string();
        host::check(file).map_err(|error| cannot_open(&place, &error))?;
        Self::open_file(file, place, syslog).map(|ledger| ledger.of(Whose::Hosts))
    }

    /// Opens a file whose place was checked.
    fn open_file(file: &Path, place: String, syslog: Syslog) -> Result<Self, LedgerError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let connection = Connection::open_with_flags(file, flags)
            .map_err(|error| cannot_open(&place, &error))?;
        // SQLite opens a file that it may not write for reading, and would fail at the first write.
        match connection.is_readonly(rusqlite::MAIN_DB) {
            Ok(false) => Self::prepared(connection, place, Some(syslog)),
            Ok(true) => Err(cannot_open(&place, &"it is read-only")),
            Err(error) => Err(cannot_open(&place, &error)),
        }
    }

    /// Opens a ledger that is gone with the value.
    ///
    /// # Errors
    /// Where there is no memory for it.
    pub fn in_memory() -> Result<Self, LedgerError> {
        let place = ":memory:".to_owned();
        let connection =
            Connection::open_in_memory().map_err(|error| cannot_open(&place, &error))?;
        Self::prepared(connection, place, None)
    }

    /// Returns whether syslog took the newest head; `None` before the first record of this value
    /// and for a ledger in memory.
    #[must_use]
    pub fn head_was_told(&self) -> Option<bool> {
        self.head_was_told
    }

    /// Returns the open database.
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Returns the open database, for what lies beside the records.
    pub(super) fn connection_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Returns the path, for messages.
    pub(super) fn place_text(&self) -> &str {
        &self.place
    }

    /// Returns the open database alone, for tests that read it.
    #[cfg(test)]
    pub(super) fn into_connection(self) -> Connection {
        self.connection
    }

    /// Sets how the database writes, and makes its tables.
    fn prepared(
        mut connection: Connection,
        place: String,
        syslog: Option<Syslog>,
    ) -> Result<Self, LedgerError> {
        set_up(&connection).map_err(|error| cannot_open(&place, &error))?;
        schema::prepare(&mut connection).map_err(|error| cannot_open(&place, &error))?;
        Ok(Self {
            connection,
            place,
            syslog,
            head_was_told: None,
            whose: Whose::Own,
        })
    }

    /// Says whose runs it knows; a ledger that was just opened is the operator's own.
    #[must_use]
    pub fn of(self, whose: Whose) -> Self {
        Self { whose, ..self }
    }

    /// Returns what stands in the way of `guards`, in the database's present state; `run` is about to
    /// be cleared.
    fn ways(
        connection: &Connection,
        run: Option<&RunId>,
        guards: &Guards,
        now: &Moment,
        whose: Whose,
    ) -> rusqlite::Result<Vec<InTheWay>> {
        let mut ways = Vec::new();
        if !timerange::all_contain(&guards.windows, now.utc) {
            ways.push(InTheWay::Closed {
                windows: guards.windows.clone(),
                opens: timerange::next_opening(&guards.windows, now.utc),
            });
        }
        ways.extend(outer::in_the_way(connection, &guards.around, run)?);
        let gaps = gaps::in_the_way(connection, &guards.gaps, &guards.around, now)?;
        ways.extend(gaps.into_iter().map(InTheWay::Gap));
        match whose {
            Whose::Hosts => ways.extend(firsts::in_the_way(connection, &guards.firsts, now)?),
            // Who can write a ledger can write a good end into it: one's own can only tighten.
            Whose::Own | Whose::OwnBesideHosts => {
                ways.extend(guards.firsts.iter().map(|guard| InTheWay::NotFirst {
                    guard: guard.clone(),
                    why: NotFirst::OwnLedger,
                }));
            }
        }
        ways.extend(uses::in_the_way(connection, &guards.permits, now)?);
        Ok(ways)
    }

    /// Checks `guards`, asks `still`, and adds a record, in one transaction.
    fn record(
        &mut self,
        entry: &Entry,
        guards: &Guards,
        still: &mut dyn FnMut() -> Vec<InTheWay>,
        clock: &dyn Clock,
    ) -> Result<Moment, ClearError> {
        let place = &self.place;
        let failed = |error: rusqlite::Error| cannot_write(place, &error);
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed)?;
        let now = clock.now();
        let last = Head::read(&transaction).map_err(failed)?;
        if needs_true_clock(&entry.event) {
            last.check_clock(&now)?;
        }
        let mut in_the_way =
            Self::ways(&transaction, Some(&entry.run), guards, &now, self.whose).map_err(failed)?;
        in_the_way.extend(still());
        if !in_the_way.is_empty() {
            return Err(ClearError::InTheWay(in_the_way));
        }
        let body = serde_json::to_string(entry).map_err(|error| cannot_write(place, &error))?;
        let row = Row {
            seq: last.seq + 1,
            run: entry.run.0.clone(),
            kind: kind(&entry.event).to_owned(),
            utc: utc_text(now.utc),
            boot_ns: boot_ns(now.boot),
            boot_id: now.boot_id.clone(),
            body,
            prev: last.hash,
        };
        let head = last.after(&row);
        insert(&transaction, &row, &head).map_err(failed)?;
        gaps::note(&transaction, entry, row.seq, &now).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        self.tell(&head, entry, &now);
        Ok(now)
    }

    /// Tells syslog the new head.
    fn tell(&mut self, head: &Head, entry: &Entry, moment: &Moment) {
        let Some(syslog) = &self.syslog else {
            return;
        };
        let text = format!(
            "head seq={seq} hash={hash} run={run} kind={kind} ledger={place}",
            seq = head.seq,
            hash = head.hash,
            run = entry.run.0,
            kind = kind(&entry.event),
            place = self.place,
        );
        self.head_was_told = Some(syslog.send(&text, moment));
    }
}

impl Ledger for SqliteLedger {
    fn append(&mut self, entry: &Entry, clock: &dyn Clock) -> Result<Moment, LedgerError> {
        self.record(entry, &Guards::default(), &mut Vec::new, clock)
            .map_err(|error| match error {
                ClearError::Ledger(error) => error,
                // INVARIANT: without guards nothing is in the way.
                ClearError::InTheWay(_) => cannot_write(&self.place, &error),
            })
    }

    fn in_the_way(
        &mut self,
        guards: &Guards,
        clock: &dyn Clock,
    ) -> Result<Vec<InTheWay>, LedgerError> {
        Self::ways(&self.connection, None, guards, &clock.now(), self.whose)
            .map_err(|error| cannot_write(&self.place, &error))
    }

    fn clear(
        &mut self,
        entry: &Entry,
        guards: &Guards,
        still: &mut dyn FnMut() -> Vec<InTheWay>,
        clock: &dyn Clock,
    ) -> Result<Moment, ClearError> {
        self.record(entry, guards, still, clock)
    }

    fn earlier(&mut self, step: &ThinkStep<'_>, clock: &dyn Clock) -> Option<Earlier> {
        // What cannot be read back stands for nothing: the step is asked.
        recall::earlier(&self.connection, step, &clock.now())
            .ok()
            .flatten()
    }

    fn outer(&mut self, inner: &Opened, clock: &dyn Clock) -> Option<Outer> {
        let is_sure = reach::is_beyond(Path::new(&self.place), self.whose, &inner.who, &inner.door);
        // What cannot be read back is no outer run: all is asked.
        outer::find(&self.connection, inner, is_sure, &clock.now())
            .ok()
            .flatten()
    }

    fn started_in(
        &mut self,
        pid: i32,
        ticks: Option<u64>,
    ) -> Result<Option<(RunId, Duration)>, LedgerError> {
        started::newest(&self.connection, pid, ticks)
            .map_err(|error| cannot_write(&self.place, &error))
    }

    fn uses(&mut self, permit: &str) -> Result<u32, LedgerError> {
        uses::count(&self.connection, permit).map_err(|error| cannot_write(&self.place, &error))
    }

    fn whose(&self) -> Whose {
        self.whose
    }

    fn place(&self) -> String {
        self.place.clone()
    }
}

/// The end of the chain.
struct Head {
    /// Number of the last record; 0 before the first.
    seq: i64,
    /// Its hash.
    hash: Hash,
    /// The latest wall clock of any record; empty before the first.
    newest_utc: String,
}

impl Head {
    /// Reads the end of the chain. The noted head counts, not the last record that is there: were
    /// records cut off, the hole stays visible under new ones.
    fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let head = connection
            .query_row("SELECT seq, hash, newest_utc FROM head", [], Self::of)
            .optional()?;
        if let Some(head) = head {
            return Ok(head);
        }
        let last = connection
            .query_row(
                "SELECT seq, hash, (SELECT max(utc) FROM record) FROM record
                 ORDER BY seq DESC LIMIT 1",
                [],
                Self::of,
            )
            .optional()?;
        Ok(last.unwrap_or(Self {
            seq: 0,
            hash: Hash::NONE,
            newest_utc: String::new(),
        }))
    }

    /// Reads number, hash and newest time.
    fn of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            hash: Hash(row.get(1)?),
            newest_utc: row.get(2)?,
        })
    }

    /// Returns the end of the chain once `row` is added.
    fn after(&self, row: &Row) -> Self {
        Self {
            seq: row.seq,
            hash: row.hash(),
            newest_utc: self.newest_utc.clone().max(row.utc.clone()),
        }
    }

    /// Refuses a wall clock that lies before the newest record.
    fn check_clock(&self, now: &Moment) -> Result<(), LedgerError> {
        match utc_of(&self.newest_utc) {
            Some(newest) if now.utc + CLOCK_TOLERANCE < newest => Err(LedgerError::ClockBack {
                now: now.utc,
                newest,
            }),
            _ => Ok(()),
        }
    }
}

/// Returns, for people, why the ledger could not do what was asked.
#[must_use]
pub fn error_line(error: &LedgerError, language: Language) -> String {
    match error {
        LedgerError::Open { place, cause } => text::ledger::cannot_open(language, place, cause),
        LedgerError::Write { place, cause } => text::ledger::cannot_write(language, place, cause),
        LedgerError::Store { place, cause } => text::gate::store_is_away(language, place, cause),
        LedgerError::NotClaimed { place, cause } => {
            text::gate::store_took_no_claim(language, place, cause)
        }
        LedgerError::ClockBack { now, newest } => {
            text::ledger::clock_back(language, utc_text(*now), utc_text(*newest))
        }
    }
}

/// Returns the word under which an event is recorded; the same as in its JSON.
#[must_use]
pub fn kind(event: &Event) -> &'static str {
    match event {
        Event::Opened(_) => "opened",
        Event::Answered(_) => "answered",
        Event::Carried(_) => "carried",
        Event::Cleared { .. } => "cleared",
        Event::Noted => "noted",
        Event::BrokenGlass { .. } => "broken-glass",
        Event::NotCleared { .. } => "not-cleared",
        Event::Started { .. } => "started",
        Event::NotStarted { .. } => "not-started",
        Event::Ended { .. } => "ended",
        Event::After { .. } => "after",
        Event::Drilled => "drilled",
        Event::HostStarted { .. } => "host-started",
    }
}

/// Returns whether an event may only be recorded under a clock that has not gone back. What has
/// happened already is recorded under any clock.
fn needs_true_clock(event: &Event) -> bool {
    matches!(event, Event::Opened(_) | Event::Cleared { .. })
}

/// Sets how the database writes.
fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "EXTRA")
}

/// Adds a record and moves the head.
fn insert(connection: &Connection, row: &Row, head: &Head) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO record (seq, run, kind, utc, boot_ns, boot_id, body, prev, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            row.seq,
            row.run,
            row.kind,
            row.utc,
            row.boot_ns,
            row.boot_id,
            row.body,
            row.prev.0,
            head.hash.0,
        ],
    )?;
    note_head(connection, head.seq, head.hash, &head.newest_utc)
}

/// Notes the end of the chain.
///
/// # Errors
/// Where the database cannot be written.
pub(super) fn note_head(
    connection: &Connection,
    seq: i64,
    hash: Hash,
    newest_utc: &str,
) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT OR REPLACE INTO head (only_one, seq, hash, newest_utc) VALUES (1, ?1, ?2, ?3)",
        params![seq, hash.0, newest_utc],
    )?;
    Ok(())
}

/// Says that the ledger cannot be opened.
pub(super) fn cannot_open(place: &str, cause: &dyn std::fmt::Display) -> LedgerError {
    LedgerError::Open {
        place: place.to_owned(),
        cause: cause.to_string(),
    }
}

/// Says that the ledger cannot be written or read.
pub(super) fn cannot_write(place: &str, cause: &dyn std::fmt::Display) -> LedgerError {
    LedgerError::Write {
        place: place.to_owned(),
        cause: cause.to_string(),
    }
}

#[cfg(test)]
mod tests;
