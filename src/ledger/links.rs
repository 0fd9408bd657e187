//! Follows a chain of records link by link, with nothing at hand but the records as they come. Pure.
//!
//! In: where the chain begins, its records in the order of their numbers, where it is noted to end. Out:
//! every fault, not only the first: who has the database can have touched many places. The walk over a
//! ledger's own file ([`verify`](mod@super::verify)) looks things up besides, and can tell a moved record
//! from a changed one.

use serde_json::Value;

use super::chain::{Hash, Row};
use super::verify::{Fault, Wrong, fault};

/// How many faults of a chain are named.
const MOST: usize = 100;

/// The records of a chain as far as they have come.
#[derive(Debug)]
pub struct Links {
    /// The number of the next record.
    expected: i64,
    /// The hash that the next record names; `None` behind a hole, where any may stand.
    prev: Option<Hash>,
    /// The last record, and whether nothing is wrong with it so far: its own fault explains that
    /// what stands after it knows another.
    before: Option<(Row, Hash, bool)>,
    /// Two records that do not know one another, each whole by itself. What stands after them says
    /// which one it is.
    doubt: Option<Doubt>,
    /// How many records have come.
    records: u64,
    faults: Vec<Fault>,
    /// How many more there are than are named.
    more: u64,
}

/// Which of two records was made anew.
#[derive(Debug)]
struct Doubt {
    /// What is wrong if the later one is known by what stands after it.
    earlier: Fault,
    /// What is wrong else.
    later: Fault,
    /// The later one's hash.
    hash: Hash,
}

/// What a walk along a chain has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// How many records there are.
    pub records: u64,
    /// The last one.
    pub last: Option<(Row, Hash)>,
    /// What is wrong, by number.
    pub faults: Vec<Fault>,
    /// How many more faults there are.
    pub more: u64,
}

impl Links {
    /// Begins at the record with this number, which names this hash as the one before.
    #[must_use]
    pub fn new(first: i64, prev: Option<Hash>) -> Self {
        Self {
            expected: first,
            prev,
            before: None,
            doubt: None,
            records: 0,
            faults: Vec::new(),
            more: 0,
        }
    }

    /// Takes the next record, with the hash that is kept of it.
    pub fn push(&mut self, row: Row, hash: Hash) {
        self.records += 1;
        if row.seq < self.expected {
            self.blame(fault(&row, Wrong::Added));
            return;
        }
        if row.seq > self.expected {
            self.settle(None);
            let to = row.seq - 1;
            let beside = self.before.as_ref().map_or(&row, |(before, ..)| before);
            let hole = Fault {
                seq: self.expected,
                ..fault(beside, Wrong::Removed { to })
            };
            self.blame(hole);
            self.prev = None;
        }
        self.settle(Some(row.prev));
        let mut is_whole = false;
        if row.hash() != hash {
            self.blame(fault(&row, Wrong::Changed));
        } else if contradicts(&row) {
            self.blame(fault(&row, Wrong::Contradicts));
        } else {
            is_whole = match self.prev {
                Some(prev) if prev != row.prev => self.doubt_at(&row, hash),
                _ => true,
            };
        }
        self.expected = row.seq + 1;
        self.prev = Some(hash);
        self.before = Some((row, hash, is_whole));
    }

    /// Ends, where the chain is noted to end with this record.
    #[must_use]
    pub fn end(mut self, head: Option<(i64, Hash)>) -> Followed {
        if let Some((seq, hash)) = head {
            let is_last = seq == self.expected - 1;
            self.settle(is_last.then_some(hash));
            if seq >= self.expected {
                let beside = self
                    .before
                    .as_ref()
                    .map(|(before, ..)| fault(before, Wrong::Removed { to: seq }));
                let tail = beside.unwrap_or_else(|| Fault {
                    seq: self.expected,
                    run: String::new(),
                    utc: String::new(),
                    wrong: Wrong::Removed { to: seq },
                });
                self.blame(Fault {
                    seq: self.expected,
                    ..tail
                });
            } else if let Some((last, known, true)) = &self.before
                && is_last
                && *known != hash
            {
                self.blame(fault(last, Wrong::MadeAnew));
            }
        }
        self.settle(None);
        self.faults.sort_by_key(|fault| fault.seq);
        Followed {
            records: self.records,
            last: self.before.map(|(row, hash, _)| (row, hash)),
            faults: self.faults,
            more: self.more,
        }
    }

    /// Notes that a record does not name the one before it; returns whether nothing is wrong with it
    /// so far.
    fn doubt_at(&mut self, row: &Row, hash: Hash) -> bool {
        let later = fault(row, Wrong::MadeAnew);
        match &self.before {
            Some((_, _, false)) => true,
            Some((before, _, true)) => {
                self.doubt = Some(Doubt {
                    earlier: fault(before, Wrong::MadeAnew),
                    later,
                    hash,
                });
                true
            }
            None => {
                self.blame(later);
                false
            }
        }
    }

    /// Decides which of two records was made anew, by the hash that what stands after them names.
    fn settle(&mut self, named: Option<Hash>) {
        let Some(doubt) = self.doubt.take() else {
            return;
        };
        if named == Some(doubt.hash) {
            self.blame(doubt.earlier);
            return;
        }
        self.blame(doubt.later);
        if let Some((_, _, is_whole)) = &mut self.before {
            *is_whole = false;
        }
    }

    /// Notes a fault.
    fn blame(&mut self, fault: Fault) {
        match self.faults.len() < MOST {
            true => self.faults.push(fault),
            false => self.more += 1,
        }
    }
}

/// Returns whether a record's columns and its body say different things. A newer kanmon's events may
/// be unknown here: only what every one has is looked at.
fn contradicts(row: &Row) -> bool {
    let Ok(body) = serde_json::from_str::<Value>(&row.body) else {
        return true;
    };
    let text = |pointer| body.pointer(pointer).and_then(Value::as_str);
    text("/run") != Some(&row.run) || text("/event/kind") != Some(&row.kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten records of one run from number 5 on, with their hashes, and where they end.
    fn records() -> Vec<(Row, Hash)> {
        let mut prev = Hash([7; 32]);
        let one = |seq| {
            let row = Row {
                seq,
                run: "a".to_owned(),
                kind: "noted".to_owned(),
                utc: "2026-11-22T02:33:00.000000Z".to_owned(),
                boot_ns: seq,
                boot_id: "b".to_owned(),
                body: r#"{"run":"a","event":{"kind":"noted"}}"#.to_owned(),
                prev,
            };
            prev = row.hash();
            (row, prev)
        };
        (5..15).map(one).collect()
    }

    /// Returns what is found after records were touched.
    fn found(touch: impl FnOnce(&mut Vec<(Row, Hash)>)) -> Vec<(i64, Wrong)> {
        let mut all = records();
        let (last, hash) = all[9].clone();
        touch(&mut all);
        let mut links = Links::new(5, Some(Hash([7; 32])));
        for (row, hash) in all {
            links.push(row, hash);
        }
        let followed = links.end(Some((last.seq, hash)));
        let faults = followed.faults.into_iter();
        faults.map(|fault| (fault.seq, fault.wrong)).collect()
    }

    /// Changes a record and makes its hash anew.
    fn make_anew(all: &mut [(Row, Hash)], index: usize) {
        all[index].0.boot_ns = 99;
        all[index].1 = all[index].0.hash();
    }

    #[test]
    fn a_chain_as_it_was_written_has_no_fault() {
        assert_eq!(found(|_| ()), []);
    }

    #[test]
    fn every_fault_is_named() {
        let touched = found(|all| {
            all[1].0.boot_ns = 0;
            all[6].0.utc = String::new();
            all.remove(4);
        });
        let hole = (9, Wrong::Removed { to: 9 });
        assert_eq!(touched, [(6, Wrong::Changed), hole, (11, Wrong::Changed)]);
    }

    #[test]
    fn holes_are_named_at_both_ends_too() {
        let hole = |from, to| vec![(from, Wrong::Removed { to })];
        assert_eq!(found(|all| drop(all.drain(..3))), hole(5, 7));
        assert_eq!(found(|all| drop(all.drain(8..))), hole(13, 14));
        assert_eq!(found(Vec::clear), hole(5, 14));
    }

    #[test]
    fn of_two_that_do_not_know_one_another_what_follows_tells_which() {
        for index in 0..10 {
            let seq = i64::try_from(index).unwrap() + 5;
            let touched = found(|all| make_anew(all, index));
            assert_eq!(touched, [(seq, Wrong::MadeAnew)], "{index}");
            let touched = found(|all| {
                all[index].0.prev = Hash([9; 32]);
                all[index].1 = all[index].0.hash();
            });
            assert_eq!(touched, [(seq, Wrong::MadeAnew)], "{index}");
        }
    }

    #[test]
    fn a_changed_hash_is_one_fault() {
        for index in 0..10 {
            let seq = i64::try_from(index).unwrap() + 5;
            let touched = found(|all| all[index].1 = Hash([1; 32]));
            assert_eq!(touched, [(seq, Wrong::Changed)], "{index}");
        }
    }

    #[test]
    fn what_was_added_before_the_first_is_named() {
        let touched = found(|all| {
            let mut row = all[0].0.clone();
            row.seq = 4;
            let hash = row.hash();
            all.insert(0, (row, hash));
        });
        assert_eq!(touched, [(4, Wrong::Added)]);
    }

    #[test]
    fn a_body_of_another_run_contradicts() {
        let touched = found(|all| {
            all[9].0.run = "z".to_owned();
            all[9].1 = all[9].0.hash();
        });
        assert_eq!(touched, [(14, Wrong::Contradicts)]);
    }

    #[test]
    fn a_hundred_faults_are_named_and_the_rest_counted() {
        let mut links = Links::new(5, Some(Hash([7; 32])));
        for _ in 0..15 {
            for (row, _) in records() {
                links.push(Row { seq: 1, ..row }, Hash::NONE);
            }
        }
        let followed = links.end(None);
        assert_eq!((followed.faults.len(), followed.more), (100, 50));
    }
}
