//! Where rules come from beside the program itself: the files of the system, of the user, of a
//! trusted project.
//!
//! | question | file |
//! | --- | --- |
//! | where do they lie | [`places`] |
//! | whose is a folder, and what is in it | `folder` |
//! | what was a file like | `stamp` |
//! | what is in all files of a folder | `files` |
//! | what do the files of a layer say together, broken ones too | `settle` |
//! | what is compiled, and does it still count | [`mod@compile`], `compiled`, `map` |
//! | the team's files | [`mod@system`] |
//! | the user's own | [`mod@user`] |
//! | those of projects, and which of them are trusted | [`mod@project`], `trust` |
//! | what do layers below the system's add | `lower` |
//! | what is said of it | `message` |
//! | what lies there, and what is wrong with it | [`survey`] |
//! | which words can make a rule hold a line | [`word_list`] |
//!
//! In: nothing but what lies on the disk. Out: the [`RuleSet`] that counts. Files of the system
//! bind; files of other layers add rules and readings and never take one away.
//!
//! A line is judged in two steps. [`for_passing`] is asked first and costs as little as can be: with
//! no folder of ours one failed stat each, else the mapping of a compiled file. Only where a line
//! may be held [`for_judging`] looks again, checks all of what is compiled, and knows what to say.

pub mod compile;
mod compiled;
mod files;
mod folder;
mod lower;
mod map;
mod message;
pub mod mistakes;
pub mod places;
pub mod project;
mod settle;
mod stamp;
pub mod survey;
pub mod system;
mod trust;
pub mod user;
pub mod word_list;

use crate::policy::ruleset::RuleSet;
use crate::policy::table::TableError;

pub use message::message;
pub use places::Places;
pub use trust::Trusted;

use system::Care;

/// Returns the rules of this host and user for the question whether a line passes at once.
///
/// # Errors
/// Where the rules cannot be put together.
pub fn for_passing() -> Result<RuleSet, TableError> {
    all(&Places::of_this_host(), Care::Quick)
}

/// Returns the rules of this host and user to judge a line by.
///
/// # Errors
/// Where the rules cannot be put together.
pub fn for_judging() -> Result<RuleSet, TableError> {
    all(&Places::of_this_host(), Care::Whole)
}

/// Returns the rules of all layers, the binding ones first.
fn all(places: &Places, care: Care) -> Result<RuleSet, TableError> {
    let (mut rules, is_compiled) = system::rules(places, care)?;
    user::add(&mut rules, places, care, is_compiled)?;
    project::add(&mut rules, places, care, is_compiled)?;
    Ok(rules)
}
