//! Tells people of runs that happened, after the event: by a webhook, a mail, or any program.
//!
//! | question | file |
//! | --- | --- |
//! | what is told of a record, in which words | [`letter`] |
//! | how does it look in a chat | [`form`] |
//! | how does it get to a URL | [`webhook`] |
//! | how does it get to a mail server or a program | [`program`] |
//!
//! No gate comes here: what is told has been recorded, and `kanmonctl notify` tells it.

pub mod form;
pub mod letter;
pub mod program;
pub mod webhook;

pub use letter::Letter;

/// Why somebody could not be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotTold {
    /// It may go better later.
    #[error("{0}")]
    Later(String),
    /// The other side does not want this message, and will not want it later.
    #[error("{0}")]
    Never(String),
}
