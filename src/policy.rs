//! Invocations and rules become a verdict: packs, matching, merging.
//!
//! Pure: nothing here opens a file, reads the clock or talks. What a rule wants to know of the
//! world it asks of [`facts::Facts`].

#![forbid(unsafe_code)]

pub mod again;
mod alike;
pub mod around;
pub mod binding;
pub mod builtin;
pub mod calendar;
mod condition;
pub mod facts;
pub mod fill;
mod fit;
pub mod judge;
pub mod merge;
pub mod pack;
pub mod pattern;
pub mod place;
mod rooted;
pub mod rule;
pub mod ruleset;
mod scene;
mod server;
pub mod setup;
mod spread;
mod sql;
pub mod table;
pub mod timerange;
pub mod verdict;

pub use facts::Facts;
pub use judge::{Profile, at_once, judge};
pub use merge::with_floor;
pub use pattern::Pattern;
pub use rule::{Probe, Risk, Rule, Step, StepKind};
pub use ruleset::RuleSet;
pub use setup::Setup;
pub use verdict::{Passed, Plan, PlannedStep, Verdict};
