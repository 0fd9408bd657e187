//! The packs that are compiled into the program.

use std::borrow::Cow;

use super::pack::{Layer, SourceFile};
use super::ruleset::RuleSet;
use super::table::TableError;

/// The compiled packs of `rules/`, made by the build script.
static BUILT_IN: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/built-in.kanmon"));

/// The names and texts of the files in `rules/`. Only what reads other rule files beside them looks
/// at these; a pass never does.
static TEXTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/built-in.rs"));

/// Bytes of [`stamp`].
pub const STAMP_SIZE: usize = 16;

/// Returns what tells this program's built-in packs and its form of compiled rules from those of
/// any other version: the version, length and checksum of the compiled packs.
#[must_use]
pub fn stamp() -> &'static [u8] {
    BUILT_IN.get(8..8 + STAMP_SIZE).unwrap_or_default()
}

/// Returns the built-in rule files as they were written, for reading others beside them.
#[must_use]
pub fn files() -> Vec<SourceFile> {
    let file = |(name, text): &(&str, &str)| SourceFile {
        name: (*name).to_owned(),
        text: (*text).to_owned(),
        layer: Layer::BuiltIn,
    };
    TEXTS.iter().map(file).collect()
}

impl RuleSet {
    /// Returns the built-in rules. Fails only where the program file itself was damaged.
    pub fn built_in() -> Result<Self, TableError> {
        Self::of_tables([Cow::Borrowed(BUILT_IN)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::table::Table;

    #[test]
    fn the_texts_are_those_that_were_compiled() {
        let (packs, mistakes) = crate::policy::pack::read(&files());
        assert_eq!(mistakes, []);
        let compiled = crate::policy::table::compile(&packs).unwrap();
        assert!(compiled == BUILT_IN, "the texts differ from the table");
        assert_eq!(stamp().len(), STAMP_SIZE);
    }

    #[test]
    fn the_compiled_packs_are_whole() {
        let table = Table::open(BUILT_IN).unwrap();
        assert_eq!(table.verify(), Ok(()));
        assert!(table.n_rules() > 0);
        for index in 0..table.n_rules() {
            assert!(!table.rule(index).unwrap().matchers.is_empty());
        }
        let rules = RuleSet::built_in().unwrap();
        for name in ["reboot", "postsuper", "sudo", "ssh"] {
            assert!(rules.mentions(name.as_bytes()), "{name}");
        }
        // What every line starts with must not cost a reading of the rules.
        for name in ["true", "ls", "cat", "grep", "head"] {
            assert!(!rules.mentions(name.as_bytes()), "{name}");
        }
    }
}
