//! The ledger: durable, tamper-evident records of runs, in SQLite.
//!
//! Records are only ever added. Each carries the hash of the one before it, so that a change shows
//! ([`mod@verify`]), and each new head goes to syslog ([`heads`]), where the file's owner cannot reach
//! it. Beside the records lie small tables that answer a gap's question quickly; they are written
//! in the same transaction and can be made again from the records.
//!
//! | question | file |
//! | --- | --- |
//! | how is a record written, and a gap or a first answered | [`store`], [`gaps`], `firsts` |
//! | which tables are there | [`schema`] |
//! | how are records chained | [`chain`] |
//! | may this file be trusted | [`place`] |
//! | where is the host's own ledger, and how is it made | [`host`] |
//! | where do heads go | [`heads`] |
//! | was a record changed, removed, moved | [`mod@verify`], over [`reader`] |
//! | do the small tables say what the records say | [`rebuild`] |
//! | how often was a permit used | `uses` |
//! | what was a process let run that has no end yet | `started` |
//! | which runs are of the same invocation | [`same`] |
//! | what happened in a run | [`history`], over [`reader`] |
//! | which run of an outer door does a line lie within | `outer`; `reach` says whether it can be trusted |
//! | which run stands behind a start of the host | [`boots`] |
//! | what is wrong with a chain of which only the records are at hand | [`links`] |
//! | what has the team's store not got yet | [`outbox`] |
//! | where is a broken gate recorded when all this fails | [`last_resort`] |

pub mod boots;
pub mod chain;
mod firsts;
pub mod gaps;
pub mod heads;
pub mod history;
pub mod host;
pub mod last_resort;
pub mod links;
pub mod outbox;
mod outer;
pub mod place;
mod reach;
pub mod reader;
pub mod rebuild;
mod recall;
#[cfg(test)]
mod rehearsal;
pub mod same;
pub mod schema;
mod started;
pub mod store;
mod uses;
pub mod verify;

pub use history::{Outcome, Run};
pub use last_resort::LastResort;
pub use reader::{ReadError, Reader};
pub use store::SqliteLedger;
pub use verify::{Verified, verify};
