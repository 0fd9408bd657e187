//! What others gave: permits, and approvals that are asked for while a gate waits.

use std::time::Duration;

use crate::gate::approval::{self, Approval, Refusal, Request};
use crate::gate::permit::Permit;
use crate::gate::record::RunId;
use crate::gate::showing::{Resumed, Shown};

use super::{Moment, Who};

/// Knows what others gave: permission beforehand.
pub trait Given {
    /// Returns all permits that can be trusted to be their givers', whether they count or not.
    fn permits(&mut self) -> Vec<Permit>;
    /// Looks whether others can be asked at all; only where that is in doubt.
    ///
    /// # Errors
    /// Where they cannot.
    fn can_ask(&mut self) -> Result<(), NotAsked> {
        Ok(())
    }
    /// Puts up a request for others' yes, with what those are shown who cannot look themselves. Returns whether
    /// its id was free.
    ///
    /// # Errors
    /// Where it cannot.
    fn ask(&mut self, request: &Request, shown: &Shown) -> Result<bool, NotAsked>;
    /// Returns all approvals of a request that can be trusted to be their givers', whether they
    /// count or not.
    fn approvals(&mut self, request: &Request) -> Vec<Approval>;
    /// Returns who said no to a request, and why.
    ///
    /// # Errors
    /// Where that cannot be told: what cannot be read may be a no.
    fn refusal(&mut self, request: &Request) -> Result<Option<Refusal>, NotAsked> {
        let _ = request;
        Ok(None)
    }
    /// Says that a request is about to be used up: nothing is answered to it from now on.
    fn settle(&mut self, request: &str) {
        self.withdraw(request);
    }
    /// Returns whether an asker may leave while a request waits.
    fn may_be_left(&self) -> bool {
        false
    }
    /// Lets a request wait on while its asker has left; returns whether it still waits. Where it does not,
    /// [`refusal`](Self::refusal) knows of a no that was said meanwhile.
    ///
    /// # Errors
    /// Where it cannot.
    fn put_aside(&mut self, request: &str) -> Result<bool, NotAsked> {
        Err(NotAsked::Host(format!("{request} ends with its gate")))
    }
    /// Takes up a request that was put aside; returns whether it still waits.
    ///
    /// # Errors
    /// Where that cannot be told.
    fn take_up(&mut self, resumed: &Resumed) -> Result<bool, NotAsked> {
        let _ = resumed;
        Ok(false)
    }
    /// Takes a request down.
    fn withdraw(&mut self, request: &str);
    /// Uses approvals up for a run that is about to be cleared; returns whether all of them still
    /// count. Asked in the transaction that clears; a no that came before it is a [`refusal`](Self::refusal).
    ///
    /// # Errors
    /// Where that cannot be told.
    fn claim(&mut self, claim: &Claim<'_>) -> Result<bool, NotAsked> {
        let Claim {
            request, who, now, ..
        } = claim;
        // First: whoever says no after this sees that it is over, and a no before it is seen here.
        self.settle(&request.id);
        if self.refusal(request)?.is_some() {
            return Ok(false);
        }
        let there = self.approvals(request);
        let there = approval::that_count(there, request, who, now, claim.holds);
        Ok(claim.by.iter().all(|approval| there.contains(approval)))
    }
    /// Returns why answers cannot be looked for, once each time that this begins.
    fn cut_off(&mut self) -> Option<NotAsked> {
        None
    }
    /// Returns whom a request asks: members of a group, or (`None`) anybody else.
    fn whom(&mut self, group: Option<&str>, who: &Who) -> Whom;
}

/// Approvals that a run is about to be cleared by.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'c> {
    /// The run.
    pub run: &'c RunId,
    /// What was asked.
    pub request: &'c Request,
    /// Who said yes.
    pub by: &'c [Approval],
    /// Who asks.
    pub who: &'c Who,
    /// The clocks.
    pub now: &'c Moment,
    /// How long an approval holds.
    pub holds: Duration,
}

/// Whom a request asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Whom {
    /// Names, as far as they are known.
    pub names: Vec<String>,
    /// Whether they are people of the team, on any host, and not of this one.
    pub is_team: bool,
}

/// Why others cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAsked {
    /// This host has no place for it, or one that cannot be used.
    #[error("{0}")]
    Host(String),
    /// The team's store does not answer.
    #[error("the team's store `{place}` does not answer: {cause}")]
    Store {
        /// Its address.
        place: String,
        /// Why not.
        cause: String,
    },
    /// An answer cannot be read; it may be a no.
    #[error("{0}")]
    Unread(String),
}

/// Where nobody has given anything.
#[derive(Debug, Clone, Copy, Default)]
pub struct NothingGiven;

impl Given for NothingGiven {
    fn permits(&mut self) -> Vec<Permit> {
        Vec::new()
    }

    fn ask(&mut self, _request: &Request, _shown: &Shown) -> Result<bool, NotAsked> {
        Err(NotAsked::Host("there is no store".to_owned()))
    }

    fn approvals(&mut self, _request: &Request) -> Vec<Approval> {
        Vec::new()
    }

    fn withdraw(&mut self, _request: &str) {}

    fn whom(&mut self, _group: Option<&str>, _who: &Who) -> Whom {
        Whom::default()
    }
}
