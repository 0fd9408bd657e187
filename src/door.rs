//! The doors where the gate stands: each puts the parts together and ends in an exit status.

pub mod options;
pub mod prefix;
mod streams;
