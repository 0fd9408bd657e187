//! A plan becomes *cleared*: asks, waits, measures, records, one file a step.
//!
//! Owns the traits behind which the world sits ([`world`]); `ui`, `probe`, `context`, `ledger` and
//! `launch` implement them. Nothing here opens a file, a terminal or a process.

#![forbid(unsafe_code)]

pub mod dialogue;
pub mod ready;
pub mod record;
pub mod world;

pub use dialogue::{Gone, Operator, Page, Question};
pub use ready::{BrokenGlass, Cleared, Noted, Ready};
pub use record::{Entry, RunId};
pub use world::{Clock, Ledger, Moment, Probes, Who};
