//! One stored record and the hash that chains it to the one before.
//!
//! Pure. The hash is SHA-256 over the format's version, the record's number, every column and the
//! hash before it. Each field is preceded by its length (8 bytes, little endian), so that no two
//! records can have the same bytes by moving text from one column to the next.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use sha2::{Digest, Sha256};

use crate::gate::world::Moment;

/// Version of what is hashed, and how.
const FORMAT: u64 = 1;

/// The hash of a record: 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What stands for the hash before the first record.
    pub const NONE: Self = Self([0; 32]);

    /// Returns the hash that these bytes are, or `None` where they are not 32.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

/// Writes 64 hex digits.
impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A record as it is stored, its own hash not included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Number, from 1, without holes.
    pub seq: i64,
    /// Id of the run.
    pub run: String,
    /// Kind of the event.
    pub kind: String,
    /// Wall clock, as [`utc_text`] writes it.
    pub utc: String,
    /// Boot clock in nanoseconds.
    pub boot_ns: i64,
    /// Which start of the host; empty where it does not say.
    pub boot_id: String,
    /// The entry as JSON.
    pub body: String,
    /// Hash of the record before.
    pub prev: Hash,
}

impl Row {
    /// Returns the hash of this record.
    #[must_use]
    pub fn hash(&self) -> Hash {
        let mut digest = Sha256::new();
        for field in [
            FORMAT.to_le_bytes().as_slice(),
            self.seq.to_le_bytes().as_slice(),
            self.run.as_bytes(),
            self.kind.as_bytes(),
            self.utc.as_bytes(),
            self.boot_ns.to_le_bytes().as_slice(),
            self.boot_id.as_bytes(),
            self.body.as_bytes(),
            self.prev.0.as_slice(),
        ] {
            digest.update((field.len() as u64).to_le_bytes());
            digest.update(field);
        }
        Hash(digest.finalize().into())
    }
}

/// Returns a time as records keep it: RFC 3339 in UTC with six digits of a second, so that texts
/// sort as times do.
#[must_use]
pub fn utc_text(utc: DateTime<Utc>) -> String {
    utc.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Returns the time that a record's text says.
#[must_use]
pub fn utc_of(text: &str) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(text).ok()?;
    Some(time.with_timezone(&Utc))
}

/// Returns a boot clock as records keep it; 292 years is the most.
#[must_use]
pub fn boot_ns(boot: Duration) -> i64 {
    i64::try_from(boot.as_nanos()).unwrap_or(i64::MAX)
}

/// Returns how long ago something recorded was: by the boot clock within one boot, else by the wall
/// clock; nothing for a time to come or one that cannot be read.
pub(super) fn ago(now: &Moment, utc: &str, at: i64, boot_id: &str) -> Option<Duration> {
    if !now.boot_id.is_empty() && boot_id == now.boot_id {
        let ago = boot_ns(now.boot).checked_sub(at)?;
        return u64::try_from(ago).ok().map(Duration::from_nanos);
    }
    (now.utc - utc_of(utc)?).to_std().ok()
}

/// Returns the boot clock that a record's number says.
#[must_use]
pub fn boot_of(nanoseconds: i64) -> Duration {
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row {
            seq: 7,
            run: "20261122T023300-4f7a1c".to_owned(),
            kind: "opened".to_owned(),
            utc: "2026-11-22T02:33:00.000000Z".to_owned(),
            boot_ns: 5,
            boot_id: "b".to_owned(),
            body: "{}".to_owned(),
            prev: Hash::NONE,
        }
    }

    #[test]
    fn every_field_counts() {
        let whole = row().hash();
        let changes: [fn(&mut Row); 8] = [
            |row| row.seq = 8,
            |row| row.run.push('x'),
            |row| row.kind.push('x'),
            |row| row.utc.push('x'),
            |row| row.boot_ns = 6,
            |row| row.boot_id.push('x'),
            |row| row.body.push('x'),
            |row| row.prev = Hash([1; 32]),
        ];
        for (index, change) in changes.iter().enumerate() {
            let mut changed = row();
            change(&mut changed);
            assert_ne!(changed.hash(), whole, "change {index}");
        }
    }

    #[test]
    fn text_moved_between_columns_is_another_record() {
        let mut one = row();
        one.run = "ab".to_owned();
        one.kind = "c".to_owned();
        let mut other = row();
        other.run = "a".to_owned();
        other.kind = "bc".to_owned();
        assert_ne!(one.hash(), other.hash());
    }

    #[test]
    fn times_come_back_to_the_microsecond() {
        let time = utc_of("2026-11-22T02:33:00.123456Z").unwrap();
        assert_eq!(utc_text(time), "2026-11-22T02:33:00.123456Z");
    }

    #[test]
    fn whole_seconds_have_six_digits_too() {
        let time = utc_of("2026-11-22T02:33:00Z").unwrap();
        assert_eq!(utc_text(time), "2026-11-22T02:33:00.000000Z");
    }
}
