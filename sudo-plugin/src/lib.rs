//! sudo's approval and audit plugin: asks the gate about what sudo is about to run.
//!
//! ```text
//! Plugin kanmon_approval /usr/libexec/sudo/kanmon.so
//! Plugin kanmon_audit /usr/libexec/sudo/kanmon.so
//! ```
//!
//! It judges nothing itself: it starts `kanmon --sudo` as root, with an environment that this crate
//! makes, and gives it what sudo resolved ([`request`]). Where the gate does not answer that the
//! command may run ([`gate`]), sudo is told no. Whatever goes wrong in here, a panic too, is a no
//! ([`entry`]).
//!
//! | question | file |
//! | --- | --- |
//! | what does sudo call, and with what | [`entry`] |
//! | how are its structures laid out | [`abi`] |
//! | what is the gate told | [`request`] |
//! | may sudo ask a person | [`typed`] |
//! | how is the gate started and listened to | [`gate`] |
//! | may the gate's file be believed | [`trust`] |
//! | what is said where it may not | [`text`] |

pub mod abi;
pub mod entry;
pub mod gate;
pub mod request;
pub mod text;
pub mod trust;
pub mod typed;
