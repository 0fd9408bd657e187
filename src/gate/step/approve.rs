//! Step `approve`: other persons said yes from their own login on this host.
//!
//! The request lies in the host's store while the asker waits, and goes when they leave. What was
//! approved is this line, this plan and, where an approver called a measured value, that value: where
//! it changes until "go" beyond its drift, it is asked for anew.

use crate::gate::approval::{self, Approval, Need, Request};
use crate::gate::duration;
use crate::gate::expect;
use crate::gate::mask;
use crate::gate::not_cleared::NotCleared;
use crate::gate::passage::{Asked, Passage};
use crate::gate::record::{Answered, Event};
use crate::gate::world::{Clock, Given, Who};
use crate::text::gate as say;

use super::call::Called;

/// Approvals that a run has, and what it asked for.
#[derive(Debug, Clone)]
pub(in crate::gate) struct Approved {
    request: Request,
    pub(in crate::gate) by: Vec<Approval>,
}

impl Approved {
    /// Returns whether one that this run was passed by is taken back or over; asked in the
    /// transaction that clears.
    pub(super) fn is_gone(
        &self,
        asked: &Asked<'_>,
        given: &mut dyn Given,
        clock: &dyn Clock,
        who: &Who,
    ) -> bool {
        let all = given.approvals(&self.request);
        let holds = approval::holds_for(asked);
        let there = approval::that_count(all, &self.request, who, &clock.now(), holds);
        self.by.iter().any(|approval| !there.contains(approval))
    }
}

impl Passage<'_, '_> {
    /// Waits until all that the plan needs was said; once for all its steps.
    pub(in crate::gate) fn approve(&mut self) -> Result<(), NotCleared> {
        if self.approved.is_some() {
            return Ok(());
        }
        let needs = approval::needs(self.asked, &|number| self.covered.has(number));
        let request = self.request(needs);
        self.world
            .given
            .ask(&request)
            .map_err(|cause| NotCleared::NoStore { cause })?;
        let waited = self.await_approval(&request);
        self.world.given.withdraw(&request.id);
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
        let has_changed = approved.by.iter().any(|approval| {
            let (probe, value) = &approval.called;
            let mut called = calls.iter().filter(|call| call.probe.id == *probe);
            called.any(|call| !expect::is_within(call.probe.drift, value, &call.value))
        });
        if has_changed {
            self.approved = None;
            let text = say::approve_again(self.language());
            self.world.operator.say(&text)?;
            self.progress.of += 1;
            self.approve()?;
        }
        Ok(has_changed)
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
            let whom = match &need.group {
                None => say::approve_anybody(language),
                Some(group) => {
                    let members = self.world.given.members(group).join(language.comma());
                    say::approve_group(language, group, members)
                }
            };
            let open = duration::shown(approval::OPEN_FOR);
            let text = say::approve_asked(language, need.count, whom, &request.id, open);
            self.world.operator.say(&text)?;
        }
        let progress = self.next();
        let until = self
            .world
            .clock
            .now()
            .boot
            .saturating_add(approval::OPEN_FOR);
        let holds = approval::holds_for(self.asked);
        let world = &mut *self.world;
        let (given, clock, who) = (&mut *world.given, world.clock, world.who);
        let mut by = Vec::new();
        let mut is_over = || {
            let all = given.approvals(request);
            by = approval::that_count(all, request, who, &clock.now(), holds);
            approval::are_enough(&by, &request.needs)
        };
        let waited = world
            .operator
            .wait_for(progress, until, clock, &mut is_over)?;
        // The operator's word is not enough.
        if waited && approval::are_enough(&by, &request.needs) {
            Ok(by)
        } else {
            Err(NotCleared::NotApproved)
        }
    }

    /// Records who said yes, and what they called.
    fn record_approval(&mut self, request: &Request, one: &Approval) -> Result<(), NotCleared> {
        let (what, value) = &one.called;
        let asked_at = request.made.boot;
        Ok(self.record(Event::Answered(Answered {
            step: "approve".to_owned(),
            rule: self.asked.rule(0).to_owned(),
            question: request.id.clone(),
            answer: mask::text(&format!(
                "{} ({}) called {what}: {value}",
                one.giver.name,
                one.giver.person()
            )),
            passed: true,
            took: one.made.boot.saturating_sub(asked_at),
        }))?)
    }
}
