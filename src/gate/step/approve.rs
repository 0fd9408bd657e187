//! Step `approve`: other persons said yes from their own login on this host.
//!
//! The request lies in the host's or the team's store while the asker waits, and goes when they leave.
//! What was approved is this line, this plan and, where an approver called a measured value, that value:
//! where it changes until "go" beyond its drift, it is asked for anew. An approval is used up in the
//! transaction that clears.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use crate::gate::approval::{self, Approval, Need, Refusal, Request};
use crate::gate::dialogue::{Progress, Waited};
use crate::gate::duration;
use crate::gate::expect;
use crate::gate::giver::Approver;
use crate::gate::mask;
use crate::gate::not_cleared::NotCleared;
use crate::gate::passage::{Asked, Passage};
use crate::gate::record::{Answered, Event};
use crate::gate::showing::{Later, Shown};
use crate::gate::world::{Claim, Clock, Given, InTheWay, NotAsked, Who};
use crate::policy::rule::StepKind;
use crate::text::gate as say;

use super::call::{Called, leeway};

/// Approvals that a run has, and what it asked for.
#[derive(Debug, Clone)]
pub(in crate::gate) struct Approved {
    request: Request,
    pub(in crate::gate) by: Vec<Approval>,
}

impl Approved {
    /// Uses the approvals up for the run; returns what stands in its way where one counts no longer.
    /// Asked in the transaction that clears.
    pub(super) fn claim(
        &self,
        asked: &Asked<'_>,
        given: &mut dyn Given,
        clock: &dyn Clock,
        who: &Who,
    ) -> Option<InTheWay> {
        let claimed = given.claim(&Claim {
            run: &asked.run,
            request: &self.request,
            by: &self.by,
            who,
            now: &clock.now(),
            holds: approval::holds_for(asked),
        });
        match claimed {
            Ok(true) => None,
            Ok(false) => Some(InTheWay::NoApproval),
            Err(not_asked) => Some(InTheWay::ApprovalNotKnown(not_asked)),
        }
    }
}

impl Passage<'_, '_> {
    /// Ends the run before any question where others will have to be asked and cannot be.
    pub(in crate::gate) fn can_approve(&mut self) -> Result<(), NotCleared> {
        let steps = self.asked.plan.steps.iter().enumerate();
        let mut open = steps.filter(|(number, step)| {
            !self.covered.has(*number) && !self.asked.was_passed(&step.kind)
        });
        let asks = open.any(|(_, step)| matches!(step.kind, StepKind::Approve { .. }));
        if asks && self.world.ledger.is_away() {
            self.world.given.can_ask()?;
        }
        Ok(())
    }

    /// Waits until all that the plan needs was said; once for all its steps.
    pub(in crate::gate) fn approve(&mut self) -> Result<(), NotCleared> {
        if self.approved.is_some() {
            return Ok(());
        }
        let needs = approval::needs(self.asked, &|number| self.covered.has(number));
        let request = self.request(needs);
        let request = self.ask_or_take_up(request)?;
        let waited = self.await_approval(&request);
        match &waited {
            // It stays until it is used up: a no still counts.
            Ok(_) | Err(NotCleared::PutAside { .. }) => {}
            Err(_) => self.world.given.withdraw(&request.id),
        }
        let by = waited?;
        for one in &by {
            self.record_approval(&request, one)?;
        }
        self.approved = Some(Approved { request, by });
        Ok(())
    }

    /// Asks anew where a value that an approver called has changed since. Returns whether it did.
    pub(in crate::gate) fn approve_again(
        &mut self,
        calls: &[Called<'_>],
    ) -> Result<bool, NotCleared> {
        let Some(approved) = &self.approved else {
            return Ok(false);
        };
        // What others call is the plan's first call.
        let has_changed = approved.by.iter().any(|approval| {
            let (probe, value) = &approval.called;
            let called = calls.iter().find(|call| call.probe.id == *probe);
            called.is_some_and(|call| !expect::is_within(leeway(call.probe), value, &call.now))
        });
        if has_changed {
            self.give_approval_up();
            let text = say::approve_again(self.language());
            self.world.operator.say(&text)?;
            self.progress.of += 1;
            self.approve()?;
        }
        Ok(has_changed)
    }

    /// Takes up the request that the asker left behind, where it is for the same and still waits; else asks
    /// for this one. Returns the one that waits now.
    fn ask_or_take_up(&mut self, mut request: Request) -> Result<Request, NotCleared> {
        let look = self.shown.clone();
        let masked = self.asked.surroundings.iter();
        let masked = masked.map(|(name, value)| (name.clone(), mask::text(value)));
        let shown = Shown {
            look: look.unwrap_or_else(|| self.look_page()),
            call: self.to_call(),
            later: Later {
                typed: self.asked.typed.clone(),
                surroundings: masked.collect(),
                scripts: self.asked.scripts.clone(),
            },
        };
        // Once: what has changed since then is asked for anew.
        if let Some(resumed) = &self.asked.resumed
            && self.requests == 1
        {
            if resumed.is_for(&request, &shown, &self.leeways())
                && self.world.given.take_up(resumed)?
            {
                return Ok(resumed.request.clone());
            }
            let text = say::approve_from_anew(self.language());
            self.world.operator.say(&text)?;
        }
        if self.world.given.ask(&request, &shown)? {
            return Ok(request);
        }
        // Whoever sees the run may have taken its next id: nobody knows this one.
        let random = RandomState::new().build_hasher().finish();
        request.id = format!("{}-{random}", self.asked.run.0);
        match self.world.given.ask(&request, &shown)? {
            true => Ok(request),
            false => Err(NotAsked::Host(format!("there is another request {}", request.id)).into()),
        }
    }

    /// Gives up what was approved: it stands for nothing any more.
    pub(in crate::gate) fn give_approval_up(&mut self) {
        if let Some(approved) = self.approved.take() {
            self.world.given.withdraw(&approved.request.id);
        }
    }

    /// What this run asks for now.
    fn request(&mut self, needs: Vec<Need>) -> Request {
        self.requests += 1;
        let now = self.world.clock.now();
        let here = &self.world.who.host;
        let hits = 0..self.asked.plan.hits.len();
        Request {
            id: format!("{}-{}", self.asked.run.0, self.requests),
            who: self.world.who.clone(),
            line: self.asked.line.clone(),
            held: hits
                .map(|hit| {
                    (
                        self.asked.rule(hit).to_owned(),
                        self.asked.target(hit, here),
                    )
                })
                .collect(),
            hash: approval::hash(self.asked, self.world.who),
            needs,
            drill: self.asked.drill,
            until: Request::end(&now),
            made: now,
        }
    }

    /// Says who is asked and waits for them.
    fn await_approval(&mut self, request: &Request) -> Result<Vec<Approval>, NotCleared> {
        let language = self.language();
        for need in &request.needs {
            let whom = self.world.given.whom(need.group.as_deref(), self.world.who);
            let names = whom.names.join(language.comma());
            let whom = match (&need.group, whom.is_team) {
                (None, false) => say::approve_anybody(language),
                (None, true) if names.is_empty() => say::approve_team_of_none(language),
                (None, true) => say::approve_team(language, names),
                (Some(group), _) if names.is_empty() => say::approve_group_of_none(language, group),
                (Some(group), _) => say::approve_group(language, group, names),
            };
            let open = duration::shown(self.open_for(request));
            let text = say::approve_asked(language, need.count, whom, &request.id, open);
            self.world.operator.say(&text)?;
        }
        let may_leave = self.asked.typed.is_some() && self.world.given.may_be_left();
        if may_leave {
            let text = say::approve_may_leave(language, &request.id);
            self.world.operator.say(&text)?;
        }
        let progress = self.next();
        let now = self.world.clock.now().boot;
        let until = now.saturating_add(self.open_for(request));
        let holds = approval::holds_for(self.asked);
        let mut known: Vec<Approver> = Vec::new();
        loop {
            let world = &mut *self.world;
            let (given, clock, who) = (&mut *world.given, world.clock, world.who);
            let mut by = Vec::new();
            let mut cut_off = None;
            let mut refusal = Ok(None);
            let mut is_news = || {
                let all = given.approvals(request);
                by = approval::that_count(all, request, who, &clock.now(), holds);
                cut_off = given.cut_off();
                refusal = given.refusal(request);
                let is_new = |approval: &Approval| !known.contains(&approval.giver);
                by.iter().any(is_new) || cut_off.is_some() || !matches!(refusal, Ok(None))
            };
            let waited =
                world
                    .operator
                    .wait_for(progress, until, clock, may_leave, &mut is_news)?;
            // One no is enough, whoever else said yes; and what cannot be read may be one.
            if let Some(refusal) = refusal? {
                return Err(self.said_no(request, &refusal)?);
            }
            if waited == Waited::Left {
                if given.put_aside(&request.id)? {
                    let id = request.id.clone();
                    return Err(NotCleared::PutAside { id });
                }
                // A no that came since the last look.
                return Err(match given.refusal(request)? {
                    Some(refusal) => self.said_no(request, &refusal)?,
                    None => NotCleared::NotApproved,
                });
            }
            let waited = waited == Waited::Over;
            for approval in &by {
                if !known.contains(&approval.giver) {
                    known.push(approval.giver.clone());
                    let text = say::approved_by(language, approval.giver.name());
                    world.operator.say(&text)?;
                }
            }
            // The operator's word is not enough.
            if waited && approval::are_enough(&by, &request.needs) {
                return Ok(by);
            }
            match cut_off {
                Some(NotAsked::Store { place, cause }) => {
                    world.operator.say(&say::asks_on(language, place, cause))?;
                }
                Some(not_asked) => return Err(not_asked.into()),
                None if waited && !by.is_empty() => {}
                None => return Err(NotCleared::NotApproved),
            }
        }
    }

    /// Waits until the boot clock says `until`, where a no to what was approved ends it.
    pub(in crate::gate) fn wait_approved(
        &mut self,
        progress: Progress,
        until: Duration,
    ) -> Result<(), NotCleared> {
        let Some(approved) = &self.approved else {
            return Ok(self
                .world
                .operator
                .wait(progress, until, self.world.clock)?);
        };
        let request = approved.request.clone();
        let world = &mut *self.world;
        let (given, clock) = (&mut *world.given, world.clock);
        let mut refusal = Ok(None);
        let mut is_refused = || {
            given.approvals(&request);
            refusal = given.refusal(&request);
            !matches!(refusal, Ok(None))
        };
        world
            .operator
            .wait_for(progress, until, clock, false, &mut is_refused)?;
        match refusal? {
            Some(refusal) => Err(self.said_no(&request, &refusal)?),
            None => Ok(()),
        }
    }

    /// Returns the end of a run whose approval somebody refused before it was used, where that is so.
    pub(in crate::gate) fn refused_meanwhile(&mut self) -> Result<Option<NotCleared>, NotCleared> {
        let Some(approved) = &self.approved else {
            return Ok(None);
        };
        let request = approved.request.clone();
        let refusal = self.world.given.refusal(&request)?;
        refusal
            .map(|refusal| self.said_no(&request, &refusal))
            .transpose()
    }

    /// Records who said no, and why; returns how the run ends.
    fn said_no(&mut self, request: &Request, no: &Refusal) -> Result<NotCleared, NotCleared> {
        let asked_at = request.made.boot;
        let now = self.world.clock.now().boot;
        self.record(Event::Answered(Answered {
            step: "approve".to_owned(),
            rule: self.asked.rule(0).to_owned(),
            question: request.id.clone(),
            answer: no.told(),
            passed: false,
            took: now.saturating_sub(asked_at),
        }))?;
        Ok(NotCleared::SaidNo {
            by: no.giver.name().to_owned(),
            reason: no.reason.as_str().to_owned(),
        })
    }

    /// How long a request is open from now.
    fn open_for(&self, request: &Request) -> Duration {
        let left = request.until - self.world.clock.now().utc;
        left.to_std().unwrap_or_default().min(approval::OPEN_FOR)
    }

    /// Records who said yes, and what they called.
    fn record_approval(&mut self, request: &Request, one: &Approval) -> Result<(), NotCleared> {
        let (what, value) = &one.called;
        let asked_at = request.made.boot;
        Ok(self.record(Event::Answered(Answered {
            step: "approve".to_owned(),
            rule: self.asked.rule(0).to_owned(),
            question: request.id.clone(),
            answer: mask::text(&match &one.giver {
                Approver::User(user) => {
                    format!("{} ({}) called {what}: {value}", user.name, user.person())
                }
                Approver::Role(name) => format!("{name} (team) called {what}: {value}"),
            }),
            passed: true,
            took: one.made.boot.saturating_sub(asked_at),
        }))?)
    }
}
