//! The team's store: what several hosts have to know of one another, in PostgreSQL.
//!
//! Each host keeps its own ledger as before ([`ledger`](crate::ledger)); the store has a copy of the
//! records of all, chain by chain, and answers what concerns more than one host. It is opened only for a
//! line that is noted or held, and for one that a rule with `rerun` or `declined` would hold or note.
//!
//! | question | file |
//! | --- | --- |
//! | where is the store | [`address`], from a `url` |
//! | what do libpq's users expect | [`libpq`] |
//! | where is the password, and who can read it | [`secrets`] |
//! | is it the right server | [`tls`] |
//! | how long may it take | [`connect`]; begun early by `opening` |
//! | which tables and functions does it have | [`schema`] |
//! | who may what there | [`check`] |
//! | when is the store told, when asked, and what if it does not answer | [`mod@ledger`] |
//! | what is said to it | `talk` |
//! | how are others asked for their yes, on any host | [`given`]; what they do, [`approvals`] |
//! | what do its answers mean | `weigh` |
//! | was the same invocation run on another host | [`earlier`] |
//! | what happened on all hosts, what comes, what runs now | [`mod@history`], [`mod@follow`], [`mod@now`] |
//! | who permitted what on all hosts | [`permits`] |
//! | who has not been told of which records | [`outbox`] |
//! | are its records as they were sent | [`mod@verify`]; what it says of runs, `said` |

pub mod address;
pub mod approvals;
pub mod check;
pub mod connect;
pub mod earlier;
pub mod follow;
pub mod given;
pub mod history;
pub mod ledger;
pub mod libpq;
pub mod now;
mod opening;
pub mod outbox;
pub mod permits;
mod said;
pub mod schema;
pub mod secrets;
mod talk;
pub mod tls;
mod url;
pub mod verify;
mod weigh;

pub use address::Address;
pub use connect::{Connection, NoAnswer};
pub use given::TeamGiven;
pub use ledger::TeamLedger;
pub use opening::Opening;
