//! Compiled rules: one blob of bytes in which a program's name is found by binary search.
//!
//! In: [`super::pack::Packs`]. Out: bytes that can be compiled in or mapped from a file, and
//! [`Table`], which reads them in place. Opening looks at the header alone and a look-up touches a
//! few dozen bytes, so 10,000 rules cost a start no more than ten; a rule is decoded (postcard)
//! only when it is a candidate. Every access is checked against the length: a damaged blob gives
//! [`TableError`], never a panic. All numbers are little-endian `u32` unless said otherwise.
//!
//! | bytes | content |
//! | --- | --- |
//! | 0..8 | `MAGIC` |
//! | 8..12, 12..16 | [`VERSION`], length of the blob |
//! | 16..24 | checksum (`u64`) of all that follows |
//! | 24..32 | number and place of names, 36 bytes each, sorted by key |
//! | 32..40 | number and place of patterns, 16 bytes each |
//! | 40..48 | number and place of the rules that every line must be tried against |
//! | 48..56 | number and place of rules, start and length each |
//! | 56..64 | place and length of the heads of the packs |
//! | 64..68 | 1 where a rule looks at raw text alone, else 0 |

use std::cmp;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::de::DeserializeOwned;

use super::pack::PackHead;
use super::rule::Rule;
use crate::line::knowledge::{Words, Wrapper};

mod write;

pub use write::{CompileError, compile};

/// The first bytes of a blob.
const MAGIC: [u8; 8] = *b"KANMON\0\x01";

/// Version of the format and of the types in it; another version is not read.
pub const VERSION: u32 = 8;

/// Bytes before the first part.
const HEADER_SIZE: usize = 68;

/// Bytes of a name: key start and length, bits, words start and length, wrappers start and length,
/// rules start and number.
const NAME_SIZE: usize = 36;

/// Bytes of a pattern: text start and length, rules start and number.
const PATTERN_SIZE: usize = 16;

/// A rule's matcher names this program.
const GUARDED: u32 = 1;
/// The program is a wrapper.
const WRAPS: u32 = 2;
/// The program stands in `plain.toml`.
const PLAIN: u32 = 4;
/// The key is in lower case and found without case.
const ANY_CASE: u32 = 8;
/// The program has words.
const WORDS: u32 = 16;

/// Why a blob cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// It does not begin as one.
    #[error("these are no compiled rules")]
    Magic,
    /// Another version of kanmon wrote it.
    #[error("the compiled rules have version {found}, this program reads {VERSION}")]
    Version {
        /// The version found.
        found: u32,
    },
    /// It is shorter or longer than it says.
    #[error("the compiled rules are cut off or have something appended")]
    Length,
    /// Its content was changed.
    #[error("the compiled rules do not have the checksum that they state")]
    Checksum,
    /// A place in it lies beyond its end, or what stands there cannot be decoded.
    #[error("the compiled rules are damaged")]
    Damaged,
}

/// The places of the parts, read once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Number and place of names.
    names: (usize, usize),
    /// Number and place of patterns.
    patterns: (usize, usize),
    /// Number and place of the rules that every line must be tried against.
    always: (usize, usize),
    /// Number and place of rules.
    rules: (usize, usize),
    /// Place and length of the heads.
    heads: (usize, usize),
    /// Whether a rule looks at raw text alone.
    has_line_rules: bool,
}

/// Compiled rules, read in place.
#[derive(Debug, Clone, Copy)]
pub struct Table<'a> {
    /// The blob.
    bytes: &'a [u8],
    /// Its parts.
    head: Head,
}

/// What a table has of one program name.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// The table.
    table: Table<'a>,
    /// Number of the name.
    pub index: usize,
    /// What is known of it.
    bits: u32,
    /// Start and length of the words.
    words: (usize, usize),
    /// Start and length of the wrappers.
    wrappers: (usize, usize),
    /// Start and number of the rules.
    rules: (usize, usize),
}

impl<'a> Table<'a> {
    /// Opens a blob; looks at its header alone.
    pub fn open(bytes: &'a [u8]) -> Result<Self, TableError> {
        if bytes.get(..MAGIC.len()) != Some(MAGIC.as_slice()) {
            return Err(TableError::Magic);
        }
        let number = |at| number_at(bytes, at).ok_or(TableError::Length);
        let version = number(8)?;
        if u32::try_from(version) != Ok(VERSION) {
            let found = u32::try_from(version).unwrap_or(u32::MAX);
            return Err(TableError::Version { found });
        }
        if number(12)? != bytes.len() || bytes.len() < HEADER_SIZE {
            return Err(TableError::Length);
        }
        let pair = |at: usize| Ok((number(at)?, number(at + 4)?));
        let head = Head {
            names: pair(24)?,
            patterns: pair(32)?,
            always: pair(40)?,
            rules: pair(48)?,
            heads: pair(56)?,
            has_line_rules: number(64)? != 0,
        };
        Ok(Self { bytes, head })
    }

    /// Opens a blob that was opened before.
    #[must_use]
    pub fn reopen(bytes: &'a [u8], head: Head) -> Self {
        Self { bytes, head }
    }

    /// Returns the places of its parts.
    #[must_use]
    pub fn head(self) -> Head {
        self.head
    }

    /// Checks the whole content against its checksum: for blobs that were in a file.
    pub fn verify(self) -> Result<(), TableError> {
        let stated = self.bytes.get(16..24).ok_or(TableError::Length)?;
        let content = self.bytes.get(24..).ok_or(TableError::Length)?;
        match stated == checksum(content).to_le_bytes() {
            true => Ok(()),
            false => Err(TableError::Checksum),
        }
    }

    /// Returns whether a rule looks at raw text alone, so that no name excuses a line.
    #[must_use]
    pub fn has_line_rules(self) -> bool {
        self.head.has_line_rules
    }

    /// Returns the number of rules.
    #[must_use]
    pub fn n_rules(self) -> usize {
        self.head.rules.0
    }

    /// Returns the number of names.
    #[must_use]
    pub fn n_names(self) -> usize {
        self.head.names.0
    }

    /// Decodes a rule.
    pub fn rule(self, index: usize) -> Result<Rule, TableError> {
        let (n_rules, start) = self.head.rules;
        if index >= n_rules {
            return Err(TableError::Damaged);
        }
        let at = start + index * 8;
        let place = (self.number(at)?, self.number(at + 4)?);
        self.decode(place)
    }

    /// Decodes the heads of the packs.
    pub fn heads(self) -> Result<Vec<PackHead>, TableError> {
        self.decode(self.head.heads)
    }

    /// Returns what is known of a program by its base name, if anything. Names that are compared
    /// without case (cmdlets) are found in any.
    #[must_use]
    pub fn lookup(self, name: &[u8]) -> Option<Entry<'a>> {
        let exact = self.search(|key| key.cmp(name));
        if exact.is_some() || !name.iter().any(u8::is_ascii_uppercase) {
            return exact;
        }
        let lower = name.iter().map(u8::to_ascii_lowercase);
        let lower = self.search(|key| key.iter().copied().cmp(lower.clone()))?;
        (lower.bits & ANY_CASE != 0).then_some(lower)
    }

    /// Does what [`Table::lookup`] says; looks first where the name stood last. The same program
    /// is looked up several times in a row.
    #[must_use]
    pub fn lookup_near(self, name: &[u8], last: &AtomicUsize) -> Option<Entry<'a>> {
        let index = last.load(Ordering::Relaxed);
        if index < self.n_names() && self.name(index) == Some(name) {
            return self.entry(index);
        }
        let found = self.lookup(name)?;
        last.store(found.index, Ordering::Relaxed);
        Some(found)
    }

    /// Returns the name with this number.
    #[must_use]
    pub fn name(self, index: usize) -> Option<&'a [u8]> {
        let at = self.head.names.1 + index.checked_mul(NAME_SIZE)?;
        self.slice((self.number(at).ok()?, self.number(at + 4).ok()?))
            .ok()
    }

    /// Finds a name by binary search; `compare` tells how a key stands to what is sought.
    fn search(self, compare: impl Fn(&[u8]) -> cmp::Ordering) -> Option<Entry<'a>> {
        let (mut low, mut high) = (0, self.head.names.0);
        while low < high {
            let middle = low + (high - low) / 2;
            match compare(self.name(middle)?) {
                cmp::Ordering::Less => low = middle + 1,
                cmp::Ordering::Greater => high = middle,
                cmp::Ordering::Equal => return self.entry(middle),
            }
        }
        None
    }

    /// Returns what stands under a name.
    pub(super) fn entry(self, index: usize) -> Option<Entry<'a>> {
        let at = self.head.names.1 + index.checked_mul(NAME_SIZE)?;
        let number = |offset: usize| self.number(at + offset).ok();
        Some(Entry {
            table: self,
            index,
            bits: u32::try_from(number(8)?).ok()?,
            words: (number(12)?, number(16)?),
            wrappers: (number(20)?, number(24)?),
            rules: (number(28)?, number(32)?),
        })
    }

    /// Returns the patterns of program names that are no fixed names.
    pub fn patterns(self) -> impl Iterator<Item = &'a str> {
        let (n_patterns, start) = self.head.patterns;
        (0..n_patterns).map_while(move |index| {
            let at = start + index.checked_mul(PATTERN_SIZE)?;
            let number = |offset: usize| self.number(at + offset).ok();
            let text = self.slice((number(0)?, number(4)?)).ok()?;
            std::str::from_utf8(text).ok()
        })
    }

    /// Returns the numbers of the rules that have the pattern with this number.
    fn pattern_rules(self, index: usize) -> Option<Numbers<'a>> {
        let at = self.head.patterns.1 + index.checked_mul(PATTERN_SIZE)?;
        let number = |offset: usize| self.number(at + offset).ok();
        Some(self.numbers(number(8)?, number(12)?))
    }

    /// Returns the rules that every line must be tried against: those that look at redirects, at
    /// what is opaque or at raw text.
    #[must_use]
    pub fn always_candidates(self) -> Numbers<'a> {
        self.numbers(self.head.always.1, self.head.always.0)
    }

    /// Returns the numbers of the rules that may fit a program with this entry: those that name
    /// it, those that have one of these `patterns`, by number, and `beyond`, those that are tried
    /// whatever the name; each once, in the order of the files.
    #[must_use]
    pub fn candidates(
        self,
        named: Option<Entry<'a>>,
        patterns: impl Iterator<Item = usize>,
        beyond: impl Iterator<Item = usize>,
    ) -> Vec<usize> {
        let named = named.map(Entry::rules);
        let by_pattern = patterns.filter_map(|index| self.pattern_rules(index));
        let by_name = named.into_iter().chain(by_pattern).flatten();
        let mut found: Vec<usize> = by_name.chain(beyond).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Returns `n` numbers that stand at `start`.
    fn numbers(self, start: usize, n: usize) -> Numbers<'a> {
        let end = n
            .checked_mul(4)
            .and_then(|length| start.checked_add(length));
        let bytes = end.and_then(|end| self.bytes.get(start..end));
        Numbers {
            bytes: bytes.unwrap_or_default(),
            is_lost: bytes.is_none(),
        }
    }

    /// Returns the number at a place.
    fn number(self, at: usize) -> Result<usize, TableError> {
        number_at(self.bytes, at).ok_or(TableError::Damaged)
    }

    /// Returns the bytes at (start, length).
    fn slice(self, (start, length): (usize, usize)) -> Result<&'a [u8], TableError> {
        let end = start.checked_add(length).ok_or(TableError::Damaged)?;
        self.bytes.get(start..end).ok_or(TableError::Damaged)
    }

    /// Decodes what stands at (start, length).
    fn decode<T: DeserializeOwned>(self, place: (usize, usize)) -> Result<T, TableError> {
        postcard::from_bytes(self.slice(place)?).map_err(|_| TableError::Damaged)
    }
}

impl<'a> Entry<'a> {
    /// Returns whether a rule's matcher names the program.
    #[must_use]
    pub fn is_guarded(self) -> bool {
        self.bits & GUARDED != 0
    }

    /// Returns whether the program is a wrapper.
    #[must_use]
    pub fn is_wrapper(self) -> bool {
        self.bits & WRAPS != 0
    }

    /// Returns whether the program stands in `plain.toml`.
    #[must_use]
    pub fn is_plain(self) -> bool {
        self.bits & PLAIN != 0
    }

    /// Returns whether the program has words.
    #[must_use]
    pub fn has_words(self) -> bool {
        self.bits & WORDS != 0
    }

    /// Decodes the words.
    pub fn words(self) -> Result<Option<Words>, TableError> {
        match self.has_words() {
            true => self.table.decode(self.words).map(Some),
            false => Ok(None),
        }
    }

    /// Decodes the wrappers.
    pub fn wrappers(self) -> Result<Vec<Wrapper>, TableError> {
        match self.is_wrapper() {
            true => self.table.decode(self.wrappers),
            false => Ok(Vec::new()),
        }
    }

    /// Returns the numbers of the rules whose matchers name the program.
    #[must_use]
    pub fn rules(self) -> Numbers<'a> {
        self.table.numbers(self.rules.0, self.rules.1)
    }
}

/// Numbers of rules, read in place.
#[derive(Debug, Clone, Copy)]
pub struct Numbers<'a> {
    /// Four bytes a number.
    bytes: &'a [u8],
    /// Whether they lie beyond the end. Then one number is given that no rule has, so that the
    /// damage is noticed instead of passing for a name without rules.
    is_lost: bool,
}

impl Iterator for Numbers<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if std::mem::take(&mut self.is_lost) {
            return Some(usize::MAX);
        }
        let number = number_at(self.bytes, 0)?;
        self.bytes = self.bytes.get(4..)?;
        Some(number)
    }
}

/// Returns the number at a place.
fn number_at(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    let number = u32::from_le_bytes(four.try_into().ok()?);
    usize::try_from(number).ok()
}

/// Returns the checksum of `bytes` (FNV-1a over words of eight bytes): against accidents, not
/// against a forger, who could write a whole valid blob.
pub(crate) fn checksum(bytes: &[u8]) -> u64 {
    let mut sum: u64 = 0xcbf2_9ce4_8422_2325;
    for chunk in bytes.chunks(8) {
        let mut word = [0_u8; 8];
        for (place, byte) in word.iter_mut().zip(chunk) {
            *place = *byte;
        }
        sum = (sum ^ u64::from_le_bytes(word)).wrapping_mul(0x0100_0000_01b3);
        // The product carries bits upward only; without this the low ones would hardly mix.
        sum ^= sum >> 29;
    }
    sum
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::policy::pack::Packs;
    use crate::policy::pack::tests::good_packs;

    /// Returns packs in which these programs are plain.
    fn plain(names: &BTreeSet<String>) -> Packs {
        Packs {
            plain: names.clone(),
            ..Packs::default()
        }
    }

    #[test]
    fn what_is_written_comes_back() {
        let packs = good_packs();
        let blob = compile(&packs).unwrap();
        let table = Table::open(&blob).unwrap();
        assert_eq!(table.verify(), Ok(()));
        let rules: Vec<Rule> = (0..table.n_rules())
            .map(|index| table.rule(index).unwrap())
            .collect();
        assert_eq!(rules, packs.rules);
        assert_eq!(table.heads(), Ok(packs.heads.clone()));
        for (name, words) in &packs.words {
            let entry = table.lookup(name.as_bytes()).unwrap();
            assert_eq!(entry.words(), Ok(Some(words.clone())), "{name}");
        }
        for wrapper in &packs.wrappers {
            for program in &wrapper.programs {
                let entry = table.lookup(program.as_bytes()).unwrap();
                assert!(entry.wrappers().unwrap().contains(wrapper), "{program}");
            }
        }
        for name in &packs.plain {
            assert!(table.lookup(name.as_bytes()).unwrap().is_plain());
        }
    }

    #[test]
    fn an_empty_table_has_nothing() {
        let blob = compile(&Packs::default()).unwrap();
        let table = Table::open(&blob).unwrap();
        assert_eq!((table.n_rules(), table.n_names()), (0, 0));
        assert!(table.lookup(b"reboot").is_none());
        assert_eq!(
            table.candidates(None, 0..1, table.always_candidates()),
            [0_usize; 0]
        );
        assert_eq!(table.rule(0), Err(TableError::Damaged));
    }

    #[test]
    fn what_is_no_table_is_told() {
        let blob = compile(&good_packs()).unwrap();
        let error = |bytes: &[u8]| Table::open(bytes).map(|_| ()).unwrap_err();
        assert_eq!(error(b""), TableError::Magic);
        assert_eq!(error(b"[pack]\nid = \"x\"\n"), TableError::Magic);
        assert_eq!(error(&blob[..blob.len() - 1]), TableError::Length);
        assert_eq!(error(&blob[..40]), TableError::Length);
        let mut newer = blob.clone();
        newer[8] = 99;
        assert_eq!(error(&newer), TableError::Version { found: 99 });
        let mut changed = blob;
        let last = changed.len() - 1;
        changed[last] ^= 1;
        let verified = Table::open(&changed).unwrap().verify();
        assert_eq!(verified, Err(TableError::Checksum));
    }

    /// Touches all that a table offers.
    fn touch_everything(bytes: &[u8]) {
        let Ok(table) = Table::open(bytes) else {
            return;
        };
        let _ = table.heads();
        for name in [b"sudo".as_slice(), b"reboot", b"kubectl", b""] {
            if let Some(entry) = table.lookup(name) {
                let _ = (entry.words(), entry.wrappers(), entry.rules().count());
            }
            let _ = table.candidates(table.lookup(name), 0..8, table.always_candidates());
        }
        for index in 0..table.n_rules().min(8) {
            let _ = table.rule(index);
        }
    }

    proptest::proptest! {
        #[test]
        fn every_name_is_found_and_no_other(
            names in proptest::collection::btree_set("[a-cA-C-]{1,4}", 0..40),
            other in "[a-cA-C-]{1,4}",
            last in 0_usize..60,
        ) {
            let packs = plain(&names);
            let blob = compile(&packs).unwrap();
            let table = Table::open(&blob).unwrap();
            let last = AtomicUsize::new(last);
            for name in names.iter().chain([&other]) {
                let found = table.lookup(name.as_bytes()).map(|entry| entry.index);
                proptest::prop_assert!(found.is_some() || !names.contains(name));
                for _ in 0..2 {
                    let near = table.lookup_near(name.as_bytes(), &last);
                    proptest::prop_assert_eq!(near.map(|entry| entry.index), found);
                }
            }
            if table.lookup(other.as_bytes()).is_some() {
                let near = |name: &String| name.eq_ignore_ascii_case(&other);
                proptest::prop_assert!(names.iter().any(near));
            }
        }

        #[test]
        fn damage_never_panics(at in 8_usize..20_000, byte: u8, cut in 0_usize..20_000) {
            let mut blob = compile(&good_packs()).unwrap();
            let length = blob.len();
            blob[at % length] = byte;
            touch_everything(&blob);
            touch_everything(&blob[..cut % length]);
        }
    }
}
