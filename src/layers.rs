//! Where rules come from beside the program itself: the files of the system, of the user, of a
//! trusted project.
//!
//! | question | file |
//! | --- | --- |
//! | where do they lie | [`places`] |
//! | whose is a folder, and what is in it | `folder` |
//! | what was a file like | `stamp` |
//! | what do the files of a layer say together, broken ones too | `settle` |
//! | what is compiled, and does it still count | `compiled`, `map` |
//! | the team's files | [`mod@system`] |
//! | what is said of it | `message` |
//!
//! In: nothing but what lies on the disk. Out: the [`RuleSet`] that counts. Files of the system
//! bind; files of other layers add rules and readings and never take one away.
//!
//! A line is judged in two steps. [`for_passing`] is asked first and costs as little as can be: with
//! no folder of ours one failed stat each, else the mapping of a compiled file. Only where a line
//! may be held [`for_judging`] looks again, checks all of what is compiled, and knows what to say.

mod compiled;
mod folder;
mod map;
mod message;
pub mod places;
mod settle;
mod stamp;
pub mod system;

use crate::policy::ruleset::RuleSet;
use crate::policy::table::TableError;

pub use message::message;
pub use places::Places;

/// Returns the rules of this host for the question whether a line passes at once.
///
/// # Errors
/// Where the program's own rules are damaged.
pub fn for_passing() -> Result<RuleSet, TableError> {
    let places = Places::of_this_host();
    system::rules(&places, system::Care::Quick)
}

/// Returns the rules of this host to judge a line by.
///
/// # Errors
/// Where the program's own rules are damaged.
pub fn for_judging() -> Result<RuleSet, TableError> {
    let places = Places::of_this_host();
    system::rules(&places, system::Care::Whole)
}
