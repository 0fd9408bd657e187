//! What was given on this host: one file each, whose owner is the giver.
//!
//! The folder is root's, sticky and the group's (`ledger/host.rs` makes it), so that members put
//! files in and nobody but a file's owner and root takes one away or writes it. Everything else is
//! looked at on the open handle, each time: see [`store`]. Whether something given counts is the
//! gate's to say, not this folder's.

mod approvals;
mod permits;
pub mod store;

pub use approvals::Waiting;
pub use permits::{Found, GivenFiles, NewPermit};
