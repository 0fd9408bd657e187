//! Starts commands: at once for a passed line, supervised for all others. Nothing else does.
//!
//! [`untouched`](untouched::untouched) replaces the gate by the command and leaves nothing of the
//! gate behind; [`supervise`](supervise::supervise) keeps the gate beside it until it ends. Both
//! take a proof that the command may start.

pub mod error;
pub mod raw;
pub mod untouched;

pub use error::LaunchError;
pub use raw::RawArgs;
pub use untouched::{untouched, untouched_line};
