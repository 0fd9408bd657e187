//! What the files of a layer below the system's add: rules, and wrappers as readings. Never more.

use std::borrow::Cow;

use crate::policy::pack::{Layer, Packs, SourceFile};
use crate::policy::ruleset::RuleSet;
use crate::policy::setup::Notice;
use crate::policy::table::{TableError, compile as compile_table};

use super::compiled::Texts;
use super::settle::{Found, Settled, settle, stand_in_for_folder};

/// Settles files that build on `base`; only their own rules stay.
pub(super) fn settled(
    base: &[SourceFile],
    layer: Layer,
    files: &[Found],
    last_good: &Texts,
) -> Settled {
    let mut settled = settle(base, layer, files, last_good);
    let is_ours = |name: &str| files.iter().any(|file| file.name == name);
    settled.packs.keep_rules_of(is_ours);
    settled
}

/// Adds settled files to the rules.
pub(super) fn add(rules: &mut RuleSet, settled: &Settled) -> Result<(), TableError> {
    let table = compile_table(&settled.packs).map_err(|_| TableError::Damaged)?;
    rules.add(Cow::Owned(table))?;
    rules.add_notices(settled.setup.notices.iter().cloned());
    Ok(())
}

/// Adds a rule that holds every line, because a folder must not be used.
pub(super) fn add_refused(
    rules: &mut RuleSet,
    folder: String,
    why: String,
) -> Result<(), TableError> {
    let mut settled = Settled {
        packs: Packs {
            rules: vec![stand_in_for_folder(&folder, &why)],
            ..Packs::default()
        },
        ..Settled::default()
    };
    settled
        .setup
        .notices
        .push(Notice::Out { file: folder, why });
    add(rules, &settled)
}
