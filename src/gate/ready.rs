//! Proofs that a command may start; only this folder and `policy` can make them.

use std::time::Duration;

use crate::policy::Passed;

use super::record::RunId;

/// What entitles a command to start.
#[must_use]
#[derive(Debug)]
pub enum Ready {
    /// No rule names it.
    Passed(Passed),
    /// It is recorded and nothing was asked.
    Noted(Noted),
    /// Every step was passed and the record is on disk.
    Cleared(Cleared),
    /// An operator broke the glass.
    BrokenGlass(BrokenGlass),
}

/// Proof that a noted run is on disk.
#[derive(Debug)]
pub struct Noted {
    pub(super) run: RunId,
}

/// Proof that every step of a plan was passed and that the `cleared` record is on disk.
#[derive(Debug)]
pub struct Cleared {
    pub(super) run: RunId,
    /// Boot clock at clearance.
    pub(super) at: Duration,
}

/// Proof that an operator typed the target's name to go past the gate.
#[derive(Debug)]
pub struct BrokenGlass {
    pub(super) run: RunId,
}

impl Ready {
    /// Returns the run's id; a passed line has none.
    #[must_use]
    pub fn run(&self) -> Option<&RunId> {
        match self {
            Self::Passed(_) => None,
            Self::Noted(noted) => Some(&noted.run),
            Self::Cleared(cleared) => Some(&cleared.run),
            Self::BrokenGlass(broken) => Some(&broken.run),
        }
    }
}

impl Cleared {
    /// Returns the boot clock at clearance.
    #[must_use]
    pub fn at(&self) -> Duration {
        self.at
    }
}
