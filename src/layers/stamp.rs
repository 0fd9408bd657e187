//! What a file was like when it was read: device, inode, size, times in nanoseconds, owner, mode.
//!
//! Two files with the same stamp are the same, unless one was changed within the grain of its file
//! system's clock: see [`Stamp::is_recent`].

use nix::sys::stat::FileStat;

/// Bytes of a stamp.
pub(super) const SIZE: usize = 64;

/// The grain of times where a file system keeps nanoseconds: more than one tick of the kernel.
const FINE_GRAIN: i128 = 100_000_000;

/// The grain of times where it seems to keep whole seconds alone.
const COARSE_GRAIN: i128 = 2_000_000_000;

/// What a file was like, as bytes that are compared; all zero for one that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp([u8; SIZE]);

impl Stamp {
    /// The stamp of what is not there.
    pub(super) const ABSENT: Self = Self([0; SIZE]);

    /// Returns the stamp of an open or named file.
    pub(super) fn of(stat: &FileStat) -> Self {
        let numbers = [
            u64::from_ne_bytes(stat.st_dev.to_ne_bytes()),
            stat.st_ino,
            stat.st_size.cast_unsigned(),
            stat.st_mtime.cast_unsigned(),
            stat.st_mtime_nsec.cast_unsigned(),
            stat.st_ctime.cast_unsigned(),
            stat.st_ctime_nsec.cast_unsigned(),
            (u64::from(stat.st_uid) << 32) | u64::from(stat.st_mode),
        ];
        let mut bytes = [0; SIZE];
        for (place, number) in bytes.chunks_exact_mut(8).zip(numbers) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        Self(bytes)
    }

    /// Returns the stamp that these bytes are.
    pub(super) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }

    /// Returns its bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns when the file was last changed, in nanoseconds since 1970. Unlike the time of its
    /// content nobody can set this one.
    fn changed(&self) -> i128 {
        let number = |index: usize| {
            let eight = self.0.get(index * 8..index * 8 + 8)?;
            Some(i64::from_le_bytes(eight.try_into().ok()?))
        };
        let (seconds, nanoseconds) = (number(5).unwrap_or(0), number(6).unwrap_or(0));
        i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds)
    }

    /// Returns whether the file was changed so shortly before `now` (nanoseconds since 1970), or
    /// even after it, that a further change might leave the same stamp.
    pub(super) fn is_recent(&self, now: i128) -> bool {
        if *self == Self::ABSENT {
            return false;
        }
        let changed = self.changed();
        let grain = match changed % 1_000_000_000 {
            0 => COARSE_GRAIN,
            _ => FINE_GRAIN,
        };
        changed + grain > now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the stamp of a file that was changed at this time.
    fn changed_at(seconds: i64, nanoseconds: i64) -> Stamp {
        let mut bytes = [0; SIZE];
        bytes[40..48].copy_from_slice(&seconds.to_le_bytes());
        bytes[48..56].copy_from_slice(&nanoseconds.to_le_bytes());
        bytes[0] = 1;
        Stamp(bytes)
    }

    #[test]
    fn what_was_just_changed_is_recent() {
        let stamp = changed_at(100, 500_000_000);
        assert!(stamp.is_recent(100_500_000_000));
        assert!(stamp.is_recent(100_599_999_999));
        assert!(!stamp.is_recent(100_600_000_000));
        // The clock was set back.
        assert!(stamp.is_recent(99_000_000_000));
    }

    #[test]
    fn whole_seconds_are_a_coarse_clock() {
        let stamp = changed_at(100, 0);
        assert!(stamp.is_recent(101_999_999_999));
        assert!(!stamp.is_recent(102_000_000_000));
        assert!(!Stamp::ABSENT.is_recent(0));
    }
}
