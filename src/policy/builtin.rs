//! The packs that are compiled into the program.

use std::borrow::Cow;

use super::ruleset::RuleSet;
use super::table::TableError;

/// The compiled packs of `rules/`, made by the build script.
static BUILT_IN: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/built-in.kanmon"));

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
