//! Runs the read-only commands by which rules look at a target.
//!
//! [`ProbeRunner`] is the edge; what a person would type ([`route`]) and what an output means
//! ([`value`]) are pure.

mod child;
mod connection;
mod environment;
mod pwsh;
pub mod route;
pub mod runner;
pub mod value;

pub use runner::ProbeRunner;
