//! The doors where the gate stands: each puts the parts together and ends in an exit status.

pub mod approve;
mod behind;
pub mod earlier;
pub mod exit;
pub mod held;
mod hook;
pub mod options;
pub mod prefix;
pub mod request;
mod resorts;
mod resume;
pub mod second;
mod shim;
mod ssh;
pub mod store;
mod streams;
mod sudo;
pub mod understand;
