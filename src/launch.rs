//! Starts commands: at once for a passed line, supervised for all others. Nothing else does.
//!
//! [`untouched`](untouched::untouched) replaces the gate by the command and leaves nothing of the
//! gate behind; [`supervise`](supervise::supervise) keeps the gate beside it until it ends;
//! [`entrust`](entrusted::entrust()) lets sudo start it, and is told of its end;
//! [`release`](release()) lets a shell run it. All take a proof that the command may start.

pub mod behind;
mod canary;
pub mod ending;
pub mod entrusted;
pub mod error;
pub mod inherited;
pub(crate) mod process;
pub mod raw;
mod release;
mod signals;
pub mod supervise;
pub mod untouched;

pub use behind::{join, leave_behind};
pub use ending::{Ending, die_as};
pub use entrusted::entrust;
pub use error::LaunchError;
pub use inherited::Inherited;
pub use raw::RawArgs;
pub use release::{RELEASED, release};
pub(crate) use signals::default_in_child as default_signals_in_child;
pub use supervise::{Command, News, supervise};
pub use untouched::{untouched, untouched_as, untouched_command, untouched_line};
