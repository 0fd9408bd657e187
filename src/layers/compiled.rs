//! The compiled set of a layer: its rules as one table, and what each file was like then.
//!
//! In a pass only the header, the stamps and a few names of the table are looked at, in place and
//! without memory of our own; the rest is checked against its checksum before a line is judged. All
//! numbers are little-endian, `u32` unless said otherwise.
//!
//! | bytes | content |
//! | --- | --- |
//! | 0..8 | `MAGIC`, whose last byte is the version of this form |
//! | 8..24 | what tells the program's version ([`builtin::stamp`]) |
//! | 24..32 | checksum (`u64`) of all that follows |
//! | 32..36 | length of the whole |
//! | 36..40 | 1 where it could not be told whether a file had just been changed, else 0 |
//! | 40..48 | number and place of stamps, 72 bytes each: start and length of the name, stamp |
//! | 48..56 | place and length of the table |
//! | 56..64 | place and length of the setup (postcard) |
//! | 64..72 | place and length of the last good texts (postcard) |
//!
//! Names end with a zero byte, so that they can be asked of the system in place. The texts are
//! there for section 11 of the rule language: a file with a mistake is replaced by its last good
//! version, which another version of the program can read too.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString};

use crate::policy::builtin;
use crate::policy::setup::{NotUsed, Setup};
use crate::policy::table::{Table, checksum};

use super::stamp::{self, Stamp};

/// The first bytes.
const MAGIC: [u8; 8] = *b"KANLAYR\x01";

/// Bytes before the first part.
const HEADER_SIZE: usize = 72;

/// Bytes of a stamp with its name's place.
const ENTRY_SIZE: usize = 8 + stamp::SIZE;

/// Last good texts by the name of the file.
pub(super) type Texts = BTreeMap<String, String>;

/// A compiled set, read in place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Compiled<'b>(&'b [u8]);

/// What is compiled.
#[derive(Debug)]
pub(super) struct Parts<'p> {
    /// Each file and folder that was looked at, with what it was like.
    pub(super) stamps: &'p [(CString, Stamp)],
    /// Whether one of them had just been changed.
    pub(super) recent: bool,
    /// The rules.
    pub(super) table: &'p [u8],
    /// What stands beside them.
    pub(super) setup: &'p Setup,
    /// The last good text of each file.
    pub(super) texts: &'p Texts,
}

/// Why a set cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum WriteError {
    /// A value cannot be encoded.
    #[error("the rules cannot be encoded: {0}")]
    Encode(#[from] postcard::Error),
    /// It would be larger than 4 GiB.
    #[error("the rules do not fit into 4 GiB")]
    TooLarge(#[from] std::num::TryFromIntError),
}

/// Writes a set as bytes.
pub(super) fn write(parts: &Parts<'_>) -> Result<Vec<u8>, WriteError> {
    let mut body = Vec::new();
    let mut add = |bytes: &[u8]| -> Result<[u32; 2], WriteError> {
        let start = u32::try_from(HEADER_SIZE + body.len())?;
        body.extend_from_slice(bytes);
        Ok([start, u32::try_from(bytes.len())?])
    };
    let mut entries = Vec::new();
    for (name, stamp) in parts.stamps {
        let [start, length] = add(name.to_bytes_with_nul())?;
        entries.extend(start.to_le_bytes());
        entries.extend(length.to_le_bytes());
        entries.extend(stamp.bytes());
    }
    let [stamps, _] = add(&entries)?;
    let places = [
        [u32::try_from(parts.stamps.len())?, stamps],
        add(parts.table)?,
        add(&postcard::to_stdvec(parts.setup)?)?,
        add(&postcard::to_stdvec(parts.texts)?)?,
    ];
    let length = u32::try_from(HEADER_SIZE + body.len())?;
    let mut summed = Vec::with_capacity(HEADER_SIZE + body.len());
    summed.extend(length.to_le_bytes());
    summed.extend(u32::from(parts.recent).to_le_bytes());
    summed.extend(
        places
            .iter()
            .flatten()
            .flat_map(|place| place.to_le_bytes()),
    );
    summed.append(&mut body);
    let mut whole = Vec::from(MAGIC);
    whole.extend(builtin::stamp());
    whole.extend(checksum(&summed).to_le_bytes());
    whole.extend(summed);
    Ok(whole)
}

impl<'b> Compiled<'b> {
    /// Opens a set; looks at its header alone.
    pub(super) fn open(bytes: &'b [u8]) -> Result<Self, NotUsed> {
        let set = Self(bytes);
        if bytes.get(..MAGIC.len()) != Some(MAGIC.as_slice()) {
            return Err(NotUsed::Damaged);
        }
        match set.number(32) {
            Some(length) if length == bytes.len() && length >= HEADER_SIZE => Ok(set),
            Some(_) | None => Err(NotUsed::Damaged),
        }
    }

    /// Returns why the set must not be used, by what `now` says the files are like; nothing but the
    /// reason is allocated.
    pub(super) fn check(self, now: impl Fn(&CStr) -> Stamp) -> Result<(), NotUsed> {
        if self.0.get(8..24) != Some(builtin::stamp()) {
            return Err(NotUsed::OtherVersion);
        }
        let n_stamps = self.number(40).ok_or(NotUsed::Damaged)?;
        for index in 0..n_stamps {
            let (name, stamp) = self.entry(index).ok_or(NotUsed::Damaged)?;
            if now(name) != stamp {
                return Err(NotUsed::Changed(super::folder::shown(name)));
            }
        }
        match self.number(36) {
            Some(0) => Ok(()),
            Some(_) => Err(NotUsed::Recent),
            None => Err(NotUsed::Damaged),
        }
    }

    /// Checks all of it against its checksum.
    pub(super) fn verify(self) -> Result<(), NotUsed> {
        let stated = self.0.get(24..32);
        let summed = self.0.get(32..).unwrap_or_default();
        match stated == Some(checksum(summed).to_le_bytes().as_slice()) {
            true => Ok(()),
            false => Err(NotUsed::Damaged),
        }
    }

    /// Returns the table of its rules.
    pub(super) fn table(self) -> Result<&'b [u8], NotUsed> {
        let table = self.part(48).ok_or(NotUsed::Damaged)?;
        Table::open(table).map_err(|_| NotUsed::Damaged)?;
        Ok(table)
    }

    /// Returns what stands beside its rules.
    pub(super) fn setup(self) -> Result<Setup, NotUsed> {
        let setup = self.part(56).map(postcard::from_bytes);
        setup.and_then(Result::ok).ok_or(NotUsed::Damaged)
    }

    /// Returns the last good texts; of any version, and none where it is damaged.
    pub(super) fn texts(self) -> Texts {
        let is_whole = self.verify().is_ok();
        let texts = is_whole.then(|| self.part(64)).flatten();
        let texts = texts.and_then(|texts| postcard::from_bytes(texts).ok());
        texts.unwrap_or_default()
    }

    /// Returns a file's name and what it was like.
    fn entry(self, index: usize) -> Option<(&'b CStr, Stamp)> {
        let at = self
            .number(44)?
            .checked_add(index.checked_mul(ENTRY_SIZE)?)?;
        let name = CStr::from_bytes_with_nul(self.part(at)?).ok()?;
        let stamp = self
            .0
            .get(at.checked_add(8)?..at.checked_add(ENTRY_SIZE)?)?;
        Some((name, Stamp::of_bytes(stamp)?))
    }

    /// Returns the bytes whose place and length stand at `at`.
    fn part(self, at: usize) -> Option<&'b [u8]> {
        let (start, length) = (self.number(at)?, self.number(at.checked_add(4)?)?);
        self.0.get(start..start.checked_add(length)?)
    }

    /// Returns the number at `at`.
    fn number(self, at: usize) -> Option<usize> {
        let four = self.0.get(at..at.checked_add(4)?)?;
        usize::try_from(u32::from_le_bytes(four.try_into().ok()?)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::pack::Packs;
    use crate::policy::table::compile;

    /// The stamp of a file that is as it was.
    fn same() -> Stamp {
        Stamp::of_bytes(&[7; stamp::SIZE]).unwrap()
    }

    /// Writes a set of one file, `a.toml`.
    fn written(recent: bool) -> Vec<u8> {
        let table = compile(&Packs::default()).unwrap();
        write(&Parts {
            stamps: &[(c"rules.d/a.toml".to_owned(), same())],
            recent,
            table: &table,
            setup: &Setup::default(),
            texts: &Texts::from([(String::from("/a.toml"), String::from("x"))]),
        })
        .unwrap()
    }

    #[test]
    fn what_is_written_comes_back() {
        let bytes = written(false);
        let set = Compiled::open(&bytes).unwrap();
        assert_eq!(set.verify(), Ok(()));
        let now = |name: &CStr| match name.to_bytes() {
            b"rules.d/a.toml" => same(),
            _ => Stamp::ABSENT,
        };
        assert_eq!(set.check(now), Ok(()));
        assert_eq!(set.setup(), Ok(Setup::default()));
        assert_eq!(set.texts().get("/a.toml").map(String::as_str), Some("x"));
        assert!(set.table().is_ok());
    }

    #[test]
    fn a_changed_file_makes_it_stale() {
        let bytes = written(false);
        let set = Compiled::open(&bytes).unwrap();
        let changed = set.check(|_| Stamp::ABSENT);
        assert_eq!(
            changed,
            Err(NotUsed::Changed(String::from("rules.d/a.toml")))
        );
        let bytes = written(true);
        let recent = Compiled::open(&bytes).unwrap().check(|_| same());
        assert_eq!(recent, Err(NotUsed::Recent));
    }

    #[test]
    fn another_versions_set_gives_only_its_texts() {
        let mut bytes = written(false);
        bytes[9] ^= 1;
        let set = Compiled::open(&bytes).unwrap();
        assert_eq!(set.check(|_| same()), Err(NotUsed::OtherVersion));
        assert_eq!(set.texts().len(), 1);
    }

    proptest::proptest! {
        #[test]
        fn damage_is_noticed_and_never_panics(at in 24_usize..2_000, bit in 0_u8..8, cut in 0_usize..2_000) {
            let whole = written(false);
            let mut bytes = whole.clone();
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            if let Ok(set) = Compiled::open(&bytes) {
                let _ = (set.check(|_| same()), set.table(), set.setup(), set.texts());
                proptest::prop_assert!(at < 24 || set.verify().is_err());
            }
            let cut = &whole[..cut % whole.len()];
            proptest::prop_assert!(Compiled::open(cut).is_err());
        }
    }
}
