//! Walks the chain and says which record is the first that is not as it was written.
//!
//! In: a ledger, only read. Out: [`Verified`], for `--json` as it is and for people by
//! [`Verified::lines`]. What the walk cannot see is said as well: the owner of a file can cut off its
//! tail together with the noted head, or make the whole chain anew. Against both stands the head
//! that syslog was told.

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;

use crate::gate::record::Entry;
use crate::text::{self, Language};

use super::chain::{Hash, Row, utc_of};
use super::reader::{COLUMNS, ReadError, Reader, stored};
use super::rebuild::{SideFault, noted_head, side_faults};
use super::store;

/// What a walk over the chain found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// How many records there are.
    pub records: u64,
    /// The last record, to be compared with syslog.
    pub head: Option<HeadSeen>,
    /// The first record that is not as it was written.
    pub fault: Option<Fault>,
    /// Runs of which the side tables say something else than the records; not looked for where
    /// there is a fault.
    pub side_faults: Vec<SideFault>,
    /// What this walk cannot see.
    pub unseen: Vec<Unseen>,
}

/// The last record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeadSeen {
    /// Its number.
    pub seq: i64,
    /// Its hash in hex digits.
    pub hash: String,
    /// Its time.
    pub utc: String,
}

/// A record that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Its number.
    pub seq: i64,
    /// The run that it says it is of; of a record that is gone, the run of the one before.
    pub run: String,
    /// The time that it says; of a record that is gone, the time of the one before.
    pub utc: String,
    /// What is wrong.
    pub wrong: Wrong,
}

/// What is wrong with a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Wrong {
    /// Its content does not fit its hash.
    Changed,
    /// Its content and hash were made anew: they do not fit what stands after it.
    MadeAnew,
    /// It is not there.
    Removed {
        /// The last of the records that are gone.
        to: i64,
    },
    /// It was written under another number.
    Moved {
        /// The number under which it was written.
        from: i64,
    },
    /// Its number was never given: the chain begins with a later one.
    Added,
    /// Its columns and its body say different things.
    Contradicts,
}

/// What a walk cannot see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unseen {
    /// Records cut off at the end together with the noted head.
    CutTail,
    /// A chain that the file's owner made anew from some record on.
    ChainMadeAnew,
}

impl Verified {
    /// Returns whether nothing is wrong as far as can be seen.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.fault.is_none() && self.side_faults.is_empty()
    }

    /// Returns what was found, for people.
    #[must_use]
    pub fn lines(&self, language: Language) -> Vec<String> {
        let mut lines = Vec::new();
        match &self.fault {
            Some(fault) => lines.push(fault.line(language)),
            None => lines.push(text::ledger::chain_is_whole(language, self.records)),
        }
        lines.extend(
            self.side_faults
                .iter()
                .map(|fault| text::ledger::side_table_differs(language, &fault.table, &fault.row)),
        );
        if let Some(head) = &self.head {
            lines.push(text::ledger::head_is(
                language, head.seq, &head.hash, &head.utc,
            ));
        }
        lines.extend(self.unseen.iter().map(|unseen| match unseen {
            Unseen::CutTail => text::ledger::cannot_see_cut_tail(language),
            Unseen::ChainMadeAnew => text::ledger::cannot_see_chain_made_anew(language),
        }));
        lines
    }
}

impl Fault {
    /// Returns what is wrong, for people.
    #[must_use]
    pub fn line(&self, language: Language) -> String {
        let Self {
            seq,
            run,
            utc,
            wrong,
        } = self;
        match wrong {
            Wrong::Changed => text::ledger::record_changed(language, seq, run, utc),
            Wrong::MadeAnew => text::ledger::record_made_anew(language, seq, run, utc),
            Wrong::Removed { to } if to == seq => {
                text::ledger::record_removed(language, seq, run, utc)
            }
            Wrong::Removed { to } => text::ledger::records_removed(language, seq, to, run, utc),
            Wrong::Moved { from } => text::ledger::record_moved(language, seq, from, run, utc),
            Wrong::Added => text::ledger::record_added(language, seq, run, utc),
            Wrong::Contradicts => text::ledger::record_contradicts(language, seq, run, utc),
        }
    }
}

/// Walks the chain of a ledger and compares the side tables with it.
///
/// # Errors
/// Where the ledger cannot be read.
pub fn verify(reader: &Reader) -> Result<Verified, ReadError> {
    let mut verified = Verified {
        records: 0,
        head: None,
        fault: None,
        side_faults: Vec::new(),
        unseen: vec![Unseen::CutTail, Unseen::ChainMadeAnew],
    };
    if reader.is_empty()? {
        return Ok(verified);
    }
    // One transaction, so that a gate that writes meanwhile does not look like a fault.
    let transaction = reader.connection().unchecked_transaction()?;
    walk(&transaction, &mut verified)?;
    if verified.fault.is_none() {
        verified.side_faults = side_faults(&transaction)?;
    }
    Ok(verified)
}

/// Walks the chain to its end; the first fault stays.
fn walk(connection: &Connection, verified: &mut Verified) -> Result<(), ReadError> {
    let mut statement = connection.prepare(&format!("SELECT {COLUMNS} ORDER BY seq"))?;
    let mut before: Option<(Row, Hash)> = None;
    for found in statement.query_map([], stored)? {
        let (row, hash) = found?;
        verified.records += 1;
        if verified.fault.is_none() {
            verified.fault = fault_at(connection, before.as_ref(), &row, hash)?;
        }
        before = Some((row, hash));
    }
    if verified.fault.is_none() {
        verified.fault = fault_at_end(connection, before.as_ref())?;
    }
    verified.head = before.map(|(row, hash)| HeadSeen {
        seq: row.seq,
        hash: hash.to_string(),
        utc: row.utc,
    });
    Ok(())
}

/// Returns what is wrong with `row`, or with the one before as `row` shows it.
fn fault_at(
    connection: &Connection,
    before: Option<&(Row, Hash)>,
    row: &Row,
    hash: Hash,
) -> Result<Option<Fault>, ReadError> {
    let (last_seq, last_hash) = before.map_or((0, Hash::NONE), |(row, hash)| (row.seq, *hash));
    let expected = last_seq + 1;
    if row.seq < expected {
        return Ok(Some(fault(row, Wrong::Added)));
    }
    if row.seq > expected {
        let wrong = Wrong::Removed { to: row.seq - 1 };
        let known = before.map_or(row, |(row, _)| row);
        return Ok(Some(Fault {
            seq: expected,
            ..fault(known, wrong)
        }));
    }
    if row.hash() != hash {
        let from = number_of(connection, row, hash)?;
        let wrong = from.map_or(Wrong::Changed, |from| Wrong::Moved { from });
        return Ok(Some(fault(row, wrong)));
    }
    if row.prev != last_hash {
        // One of the two was made anew. It is this one if the next does not know it either.
        let next = known_after(connection, row.seq)?;
        return Ok(Some(match (before, next) {
            (Some((before, _)), None) => fault(before, Wrong::MadeAnew),
            (Some((before, _)), Some(next)) if next == hash => fault(before, Wrong::MadeAnew),
            _ => fault(row, Wrong::MadeAnew),
        }));
    }
    Ok(contradicts(row).then(|| fault(row, Wrong::Contradicts)))
}

/// Returns what is wrong behind the last record: the noted head knows of more, or of another one.
fn fault_at_end(
    connection: &Connection,
    last: Option<&(Row, Hash)>,
) -> Result<Option<Fault>, ReadError> {
    let Some((seq, hash)) = noted_head(connection)? else {
        return Ok(None);
    };
    let Some((row, last_hash)) = last else {
        return Ok((seq > 0).then(|| Fault {
            seq: 1,
            run: String::new(),
            utc: String::new(),
            wrong: Wrong::Removed { to: seq },
        }));
    };
    if seq > row.seq {
        let wrong = Wrong::Removed { to: seq };
        return Ok(Some(Fault {
            seq: row.seq + 1,
            ..fault(row, wrong)
        }));
    }
    Ok((seq == row.seq && hash != *last_hash).then(|| fault(row, Wrong::MadeAnew)))
}

/// Says what is wrong with a record that is there.
pub(super) fn fault(row: &Row, wrong: Wrong) -> Fault {
    Fault {
        seq: row.seq,
        run: row.run.clone(),
        utc: row.utc.clone(),
        wrong,
    }
}

/// Returns the number under which a record with this hash was written, if it is among those given.
fn number_of(connection: &Connection, row: &Row, hash: Hash) -> Result<Option<i64>, ReadError> {
    let last: i64 = connection.query_row(
        "SELECT max(coalesce((SELECT max(seq) FROM record), 0),
                    coalesce((SELECT max(seq) FROM head), 0))",
        [],
        |row| row.get(0),
    )?;
    let mut row = row.clone();
    Ok((1..=last).find(|seq| {
        row.seq = *seq;
        row.hash() == hash
    }))
}

/// Returns the hash of record `seq` as what stands after it knows it: the next record, or the noted
/// head.
fn known_after(connection: &Connection, seq: i64) -> Result<Option<Hash>, ReadError> {
    let sql = format!("SELECT {COLUMNS} WHERE seq = ?1");
    let next = connection.query_row(&sql, [seq + 1], stored).optional()?;
    if let Some((next, _)) = next {
        return Ok(Some(next.prev));
    }
    let head = noted_head(connection)?;
    Ok(head.and_then(|(head, hash)| (head == seq).then_some(hash)))
}

/// Returns whether a record's columns and its body say different things.
fn contradicts(row: &Row) -> bool {
    let Ok(entry) = serde_json::from_str::<Entry>(&row.body) else {
        return true;
    };
    entry.run.0 != row.run || store::kind(&entry.event) != row.kind || utc_of(&row.utc).is_none()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ledger::SqliteLedger;
    use crate::ledger::rehearsal::{HandClock, append, cleared, ended, opened, started};

    /// Number of records in [`ledger`].
    const RECORDS: i64 = 12;

    /// Returns a ledger of three runs, four records each.
    fn ledger() -> SqliteLedger {
        let mut ledger = SqliteLedger::in_memory().unwrap();
        let clock = HandClock::new();
        for run in ["run-1", "run-2", "run-3"] {
            let events = vec![opened("r", "t"), cleared(), started(7, Some(8)), ended(0)];
            append(&mut ledger, &clock, run, events);
            clock.go_on(60);
        }
        ledger
    }

    /// Returns what is found after `sql` was done to a ledger by hand.
    fn after(sql: &str) -> Verified {
        let reader = Reader::over(ledger());
        change(reader.connection(), sql);
        verify(&reader).unwrap()
    }

    /// Changes a ledger as its owner could.
    fn change(connection: &Connection, sql: &str) {
        connection
            .execute_batch(
                "DROP TRIGGER record_is_never_changed; DROP TRIGGER record_is_never_removed;
                 DROP TRIGGER record_is_added_at_the_end;",
            )
            .unwrap();
        connection.execute_batch(sql).unwrap();
    }

    /// Returns number and fault of the first record that is not as it was written.
    fn first_fault(sql: &str) -> (i64, Wrong) {
        let fault = after(sql).fault.unwrap();
        (fault.seq, fault.wrong)
    }

    /// Makes the hash of record `seq` anew, as its owner could.
    fn make_anew(connection: &Connection, seq: i64) {
        let sql = format!("SELECT {COLUMNS} WHERE seq = {seq}");
        let (row, _) = connection.query_row(&sql, [], stored).unwrap();
        connection
            .execute(
                "UPDATE record SET hash = ?1 WHERE seq = ?2",
                (row.hash().0, seq),
            )
            .unwrap();
    }

    #[test]
    fn an_untouched_ledger_is_whole() {
        let verified = verify(&Reader::over(ledger())).unwrap();
        assert!(verified.is_whole(), "{verified:?}");
        assert_eq!(verified.records, 12);
        assert_eq!(verified.head.unwrap().seq, 12);
    }

    #[test]
    fn an_empty_ledger_is_whole() {
        let verified = verify(&Reader::over(SqliteLedger::in_memory().unwrap())).unwrap();
        assert!(verified.is_whole());
        assert_eq!(verified.head, None);
    }

    #[test]
    fn a_changed_record_is_named_with_run_and_time() {
        let fault = after("UPDATE record SET body = '{}' WHERE seq = 6")
            .fault
            .unwrap();
        assert_eq!(
            fault.line(Language::English),
            "record 6 was changed (run run-2, 2026-11-22T02:34:00.000000Z): its content does not \
             fit its hash"
        );
    }

    #[test]
    fn the_first_of_several_faults_is_named() {
        let sql = "DELETE FROM record WHERE seq = 9; UPDATE record SET utc = 'x' WHERE seq = 3";
        assert_eq!(first_fault(sql), (3, Wrong::Changed));
    }

    #[test]
    fn a_hole_is_named_with_both_ends() {
        let sql = "DELETE FROM record WHERE seq BETWEEN 5 AND 8";
        assert_eq!(first_fault(sql), (5, Wrong::Removed { to: 8 }));
        assert_eq!(
            after(sql).fault.unwrap().line(Language::English),
            "records 5 to 8 were removed (the one beside them: run run-1, \
             2026-11-22T02:33:00.000000Z)"
        );
    }

    #[test]
    fn a_ledger_without_records_but_with_a_head_was_emptied() {
        assert_eq!(
            first_fault("DELETE FROM record"),
            (1, Wrong::Removed { to: 12 })
        );
    }

    #[test]
    fn a_hole_closed_by_new_numbers_is_a_move() {
        let sql = "DELETE FROM record WHERE seq = 4;
            UPDATE record SET seq = seq - 1 WHERE seq = 5";
        assert_eq!(first_fault(sql), (4, Wrong::Moved { from: 5 }));
    }

    #[test]
    fn a_number_below_one_was_added() {
        let sql = "INSERT INTO record SELECT 0, run, kind, utc, boot_ns, boot_id, body, prev, hash
            FROM record WHERE seq = 1";
        assert_eq!(first_fault(sql), (0, Wrong::Added));
    }

    #[test]
    fn records_added_after_a_cut_leave_the_hole() {
        let mut ledger = ledger();
        change(ledger.connection(), "DELETE FROM record WHERE seq > 10");
        append(&mut ledger, &HandClock::new(), "run-1", vec![ended(0)]);
        let fault = verify(&Reader::over(ledger)).unwrap().fault.unwrap();
        assert_eq!((fault.seq, fault.wrong), (11, Wrong::Removed { to: 12 }));
    }

    #[test]
    fn a_body_that_is_no_entry_contradicts_though_its_hash_fits() {
        let reader = Reader::over(ledger());
        change(
            reader.connection(),
            "UPDATE record SET kind = 'noted' WHERE seq = 12",
        );
        make_anew(reader.connection(), 12);
        let fault = verify(&reader).unwrap().fault.unwrap();
        assert_eq!((fault.seq, fault.wrong), (12, Wrong::Contradicts));
    }

    #[test]
    fn a_side_table_that_lies_is_named() {
        let verified = after("UPDATE run SET ended_utc = '2020' WHERE run = 'run-2'");
        assert_eq!(verified.fault, None);
        assert!(!verified.is_whole());
        let tables: Vec<&str> = verified
            .side_faults
            .iter()
            .map(|fault| fault.table.as_str())
            .collect();
        assert_eq!(tables, ["run", "run"]);
        assert!(verified.side_faults[0].row.starts_with("run-2 ann 0"));
    }

    #[test]
    fn a_removed_row_of_a_side_table_is_named() {
        let verified = after("DELETE FROM run_rule WHERE run = 'run-3'");
        assert_eq!(
            verified.side_faults,
            [SideFault {
                table: "run_rule".to_owned(),
                row: "r t run-3".to_owned(),
            }]
        );
    }

    #[test]
    fn a_missing_head_is_named() {
        let verified = after("DELETE FROM head");
        assert_eq!(verified.side_faults[0].table, "head");
    }

    #[test]
    fn what_cannot_be_seen_is_said() {
        // The owner cuts the tail, mends the head and the side tables: nothing here can tell.
        let sql = "DELETE FROM record WHERE seq > 8; DELETE FROM run WHERE run = 'run-3';
            DELETE FROM run_rule WHERE run = 'run-3';
            UPDATE head SET seq = 8, hash = (SELECT hash FROM record WHERE seq = 8),
                newest_utc = (SELECT utc FROM record WHERE seq = 8)";
        let verified = after(sql);
        assert!(verified.is_whole(), "{verified:?}");
        assert_eq!(verified.unseen, [Unseen::CutTail, Unseen::ChainMadeAnew]);
        assert_eq!(verified.lines(Language::English).len(), 4);
    }

    #[test]
    fn json_names_the_fault() {
        let verified = after("DELETE FROM record WHERE seq = 2");
        let json = serde_json::to_value(&verified).unwrap();
        assert_eq!(json["fault"]["seq"], 2);
        assert_eq!(json["fault"]["wrong"]["kind"], "removed");
        assert_eq!(json["unseen"][0], "cut-tail");
    }

    /// The columns of a record with a value that none of them has.
    const CHANGES: [&str; 8] = [
        "run = 'x'",
        "kind = 'x'",
        "utc = 'x'",
        "boot_ns = 1",
        "boot_id = 'x'",
        "body = 'x'",
        "prev = x'00'",
        "hash = x'00'",
    ];

    proptest! {
        #[test]
        fn any_change_is_found_at_its_record(seq in 1..=RECORDS, change in 0..CHANGES.len()) {
            let sql = format!("UPDATE record SET {} WHERE seq = {seq}", CHANGES[change]);
            prop_assert_eq!(first_fault(&sql), (seq, Wrong::Changed));
        }

        #[test]
        fn any_change_with_a_new_hash_is_found_at_its_record(
            seq in 1..=RECORDS,
            at in 0..CHANGES.len() - 1,
        ) {
            let reader = Reader::over(ledger());
            let sql = format!("UPDATE record SET {} WHERE seq = {seq}", CHANGES[at]);
            change(reader.connection(), &sql);
            make_anew(reader.connection(), seq);
            let fault = verify(&reader).unwrap().fault.unwrap();
            prop_assert_eq!(fault.seq, seq);
        }

        #[test]
        fn any_removal_is_found_at_its_record(seq in 1..=RECORDS) {
            let sql = format!("DELETE FROM record WHERE seq = {seq}");
            prop_assert_eq!(first_fault(&sql), (seq, Wrong::Removed { to: seq }));
        }

        #[test]
        fn any_swap_is_found_at_the_first_of_the_two(one in 1..=RECORDS, other in 1..=RECORDS) {
            prop_assume!(one < other);
            let sql = format!(
                "UPDATE record SET seq = -1 WHERE seq = {one};
                 UPDATE record SET seq = {one} WHERE seq = {other};
                 UPDATE record SET seq = {other} WHERE seq = -1;"
            );
            prop_assert_eq!(first_fault(&sql), (one, Wrong::Moved { from: other }));
        }
    }
}
