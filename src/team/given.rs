//! Others of the team are asked for their yes: at the store, by whoever logged in there.
//!
//! Where a store is named it alone counts: a person who answers here as a user and there as a role would
//! count twice. What was asked of the store waits there, shown as it was on the asker's screen; the gate says
//! each second that it is still there, and uses the answers up as the run is cleared. Permits are this host's.

use std::time::Duration;

use futures_util::future::try_join;

use crate::gate::approval::{Approval, Refusal, Request};
use crate::gate::giver::{self, Approver};
use crate::gate::showing::{Resumed, Shown, ToCall};
use crate::gate::world::{Claim, NotAsked, Whom};
use crate::gate::{Clock, Given, Permit, Who, approval};

use super::address::{self, Address};
use super::approvals::{self, Body, Said};
use super::connect::{Connection, NoAnswer, PATIENCE, converse_over};
use super::schema;

/// How often the store is asked for answers.
const EACH: Duration = Duration::from_secs(1);

/// What the host gives and the team's store.
#[expect(missing_debug_implementations, reason = "the parts are trait objects")]
pub struct TeamGiven<'c> {
    local: Box<dyn Given>,
    clock: &'c dyn Clock,
    /// Where the store is, or why what the configuration says names none.
    address: Result<Address, String>,
    /// The store, for messages.
    store: String,
    connection: Option<Connection>,
    /// What was asked last.
    asked: Option<Asked>,
    /// Why the store gave no answer last, and whether that was told.
    away: Option<(NotAsked, bool)>,
}

/// A request at the store.
struct Asked {
    /// Its id.
    id: String,
    /// Hash of all that is shown of it.
    hash: String,
    /// What is to be called of it.
    call: ToCall,
    /// When the store was asked last, on the boot clock.
    at: Duration,
    /// Who said yes to it, as far as is known.
    by: Vec<Approval>,
    /// Who said no.
    refusal: Option<Refusal>,
}

impl<'c> TeamGiven<'c> {
    /// Returns what `local` gives with the store that a configuration names; nothing is opened yet.
    #[must_use]
    pub fn new(local: Box<dyn Given>, url: &str, clock: &'c dyn Clock) -> Self {
        let address = address::of_configuration(url).map_err(|error| error.to_string());
        Self {
            local,
            clock,
            store: address
                .as_ref()
                .map_or_else(|_| url.to_owned(), Address::shown),
            address,
            connection: None,
            asked: None,
            away: None,
        }
    }

    /// Holds a conversation.
    fn converse<T>(
        &mut self,
        conversation: impl AsyncFn(&tokio_postgres::Client) -> Result<T, NoAnswer>,
    ) -> Result<T, NotAsked> {
        let began = self.clock.now().boot;
        let clock = self.clock;
        let left = || PATIENCE.saturating_sub(clock.now().boot.saturating_sub(began));
        let told = match &self.address {
            Ok(address) => converse_over(&mut self.connection, address, left, conversation),
            Err(cause) => Err(NoAnswer::Tables(cause.clone())),
        };
        told.map_err(|error| NotAsked::Store {
            place: self.store.clone(),
            cause: super::schema::is_older(error).to_string(),
        })
    }

    /// Returns a request that this asker put aside, where it still waits.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub fn left_behind(&mut self, id: &str, who: &Who) -> Result<Option<Resumed>, NotAsked> {
        let names = giver::names(who);
        self.converse(async |client| approvals::left_behind(client, id, &names).await)
    }

    /// Returns who said no to a request of this host's, and why.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub fn refused(&mut self, id: &str) -> Result<Option<Refusal>, NotAsked> {
        self.converse(async |client| approvals::refused(client, id).await)
    }

    /// Looks after a request, unless that was just done; returns who said yes.
    fn look_after(&mut self, request: &Request) -> Vec<Approval> {
        let now = self.clock.now();
        let Some(asked) = self.asked.take_if(|asked| asked.id == request.id) else {
            return Vec::new();
        };
        let mut asked = asked;
        if now.boot.saturating_sub(asked.at) >= EACH {
            asked.at = now.boot;
            let names = giver::names(&request.who);
            let said = self.converse(async |client| {
                try_join(
                    approvals::look_after(client, &request.id, &names),
                    approvals::refused(client, &request.id),
                )
                .await
            });
            match &said {
                Ok(_) => self.away = None,
                Err(cause) => {
                    self.away.get_or_insert_with(|| (cause.clone(), false));
                }
            }
            // Where the store is away for a while what is known stays; it is asked once more at "go".
            if let Ok((said, refusal)) = said {
                asked.refusal = refusal;
                let known = |said: Said| {
                    let giver = Approver::Role(said.role);
                    let before = asked.by.iter().find(|before| before.giver == giver);
                    let made = before.map_or_else(|| now.clone(), |before| before.made.clone());
                    Approval {
                        giver,
                        groups: said.groups,
                        request: request.id.clone(),
                        hash: request.hash.clone(),
                        called: said.called,
                        made,
                    }
                };
                // One of something else than what was shown is none, and no more is a mere yes: the store
                // takes what it is told.
                let said = said.into_iter().filter(|said| {
                    let (what, value) = &said.called;
                    said.hash == asked.hash && asked.call.is_answered_by(what, value)
                });
                asked.by = said.map(known).collect();
            }
        }
        let by = asked.by.clone();
        self.asked = Some(asked);
        by
    }
}

impl Given for TeamGiven<'_> {
    fn permits(&mut self) -> Vec<Permit> {
        self.local.permits()
    }

    fn can_ask(&mut self) -> Result<(), NotAsked> {
        self.converse(async |client| schema::version(client).await.map(drop))
    }

    fn ask(&mut self, request: &Request, shown: &Shown) -> Result<bool, NotAsked> {
        let body = Body::new(request, shown);
        let (text, hash) = body.sealed();
        let names = giver::names(&request.who);
        let is_free = self.converse(async |client| {
            approvals::ask(client, request, &names, &text, &hash, approval::OPEN_FOR).await
        })?;
        if !is_free {
            return Ok(false);
        }
        self.asked = Some(Asked {
            id: request.id.clone(),
            hash,
            call: shown.call.clone(),
            at: Duration::ZERO,
            by: Vec::new(),
            refusal: None,
        });
        Ok(true)
    }

    fn approvals(&mut self, request: &Request) -> Vec<Approval> {
        self.look_after(request)
    }

    fn refusal(&mut self, request: &Request) -> Result<Option<Refusal>, NotAsked> {
        let asked = self.asked.as_ref().filter(|asked| asked.id == request.id);
        Ok(asked.and_then(|asked| asked.refusal.clone()))
    }

    // The claim and an answer take turns there.
    fn settle(&mut self, _request: &str) {}

    fn may_be_left(&self) -> bool {
        true
    }

    fn put_aside(&mut self, request: &str) -> Result<bool, NotAsked> {
        let (waits, refusal) = self.converse(async |client| {
            Ok(match approvals::put_aside(client, request).await? {
                true => (true, None),
                false => (false, approvals::refused(client, request).await?),
            })
        })?;
        match &mut self.asked {
            Some(asked) if !waits => asked.refusal = refusal,
            asked => *asked = None,
        }
        Ok(waits)
    }

    fn take_up(&mut self, resumed: &Resumed) -> Result<bool, NotAsked> {
        let names = giver::names(&resumed.request.who);
        let is_there =
            self.converse(async |client| approvals::take_up(client, resumed, &names).await)?;
        if is_there {
            self.asked = Some(Asked {
                id: resumed.request.id.clone(),
                hash: resumed.hash.clone(),
                call: resumed.shown.call.clone(),
                at: Duration::ZERO,
                by: Vec::new(),
                refusal: None,
            });
        }
        Ok(is_there)
    }

    fn withdraw(&mut self, request: &str) {
        self.asked = None;
        // One that is left counts for nothing once its gate was not heard of for a minute.
        let _left = self.converse(async |client| approvals::withdraw(client, request).await);
    }

    fn claim(&mut self, claim: &Claim<'_>) -> Result<bool, NotAsked> {
        let Some(asked) = &self.asked else {
            return Ok(false);
        };
        let hash = asked.hash.clone();
        let names = giver::names(claim.who);
        let (is_claimed, refusal) = self.converse(async |client| {
            let is_claimed = approvals::claim(client, claim, &hash, &names).await?;
            let refusal = match is_claimed {
                true => None,
                false => approvals::refused(client, &claim.request.id).await?,
            };
            Ok((is_claimed, refusal))
        })?;
        if let Some(asked) = &mut self.asked
            && refusal.is_some()
        {
            asked.refusal = refusal;
        }
        Ok(is_claimed)
    }

    fn cut_off(&mut self) -> Option<NotAsked> {
        let (cause, is_told) = self.away.as_mut()?;
        (!std::mem::replace(is_told, true)).then(|| cause.clone())
    }

    fn whom(&mut self, group: Option<&str>, who: &Who) -> Whom {
        let names = giver::names(who);
        let told = self.converse(async |client| {
            approvals::approvers(client, group.unwrap_or_default(), &names).await
        });
        Whom {
            names: told.unwrap_or_default(),
            is_team: true,
        }
    }
}
