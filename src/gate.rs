//! A plan becomes *cleared*: asks, waits, measures, records, one file a step.
//!
//! Owns the traits behind which the world sits ([`world`]); `ui`, `probe`, `context`, `ledger` and
//! `launch` implement them. Nothing here opens a file, a terminal or a process.

#![forbid(unsafe_code)]

pub mod after;
pub mod answer;
pub mod approval;
pub mod break_glass;
mod consider;
pub mod dialogue;
pub mod duration;
pub mod expect;
pub mod giver;
mod look;
pub mod mask;
mod measure;
pub mod not_cleared;
pub mod origin;
pub mod outer;
pub mod passage;
pub mod permit;
pub mod ready;
pub mod record;
pub mod showing;
mod step;
pub mod walk;
pub mod world;

pub use consider::{consider, consider_shown};
pub use dialogue::{Gone, Operator, Page, Question};
pub use not_cleared::NotCleared;
pub use passage::{Asked, World};
pub use permit::Permit;
pub use ready::{BrokenGlass, Cleared, Noted, Ready};
pub use record::{Entry, RunId};
pub use step::again::{Again, Asking};
pub use step::permits::{covered, missing};
pub use walk::{Walked, not_asked, note, outer as outer_run, walk};
pub use world::{Clock, Given, Ledger, Moment, Probes, Who};
