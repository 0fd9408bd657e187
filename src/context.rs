//! What is true around a run: clocks, host, user, terminal, environment; read when asked.
//!
//! | question | file |
//! | --- | --- |
//! | what time is it | [`clock`] |
//! | which variables are set, and may they be believed | [`environment`] |
//! | who asks, and from where | [`who`] |
//! | what can a condition ask | [`facts`] |
//! | which branch is checked out | `branch` |
//! | which Kubernetes context and namespace count | `kube` |
//! | which cloud account counts | `cloud` |
//! | what do settings of other programs say | `look` |
//! | what is this host called | [`host`] |
//! | which numbers does a host have | [`hosts`] |
//! | what is a user called, and where at home | [`users`] |
//! | which processes and which job led to a line | [`mod@origin`] |
//! | who could have written a file | [`owner`] |
//! | where does the ledger lie | [`paths`] |
//! | does a process still live | [`process`] |
//! | which file does a program's name mean, past all shims | [`program`] |
//! | what is a run called | [`mod@run_id`] |
//! | what is in a script | [`scripts`] |

mod branch;
pub mod clock;
mod cloud;
pub mod environment;
pub mod facts;
pub mod host;
pub mod hosts;
mod kube;
mod look;
pub mod origin;
pub mod owner;
pub mod paths;
pub mod process;
pub mod program;
pub mod run_id;
pub mod scripts;
pub mod users;
pub mod who;

pub use clock::SystemClock;
pub use environment::Environment;
pub use facts::SystemFacts;
pub use origin::origin;
pub use paths::ledger_path;
pub use run_id::run_id;
pub use scripts::Scripts;
