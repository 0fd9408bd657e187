//! Walks a plan: every step in the gate's order, then *cleared*.

use crate::policy::place::Where;
use crate::policy::rule::StepKind;

use super::dialogue::Progress;
use super::mask;
use super::not_cleared::NotCleared;
use super::outer::{self, Outer};
use super::passage::{Asked, Passage, World};
use super::ready::{Cleared, Noted};
use super::record::{Entry, Event, HeldInvocation, Opened};
use super::step::call::Called;
use super::step::way;
use super::world::{ClearError, Clock, Guards, Ledger, LedgerError, Who};

/// The good end of a passage.
#[must_use]
#[derive(Debug)]
pub enum Walked {
    /// Every step was passed and the record is on disk.
    Cleared(Cleared),
    /// Every step was passed; it was a drill and nothing starts.
    Drilled,
}

/// Walks the plan with the operator.
///
/// # Errors
/// Why the command has not run; that is recorded where the ledger can be written.
pub fn walk(asked: &Asked<'_>, world: &mut World<'_>) -> Result<Walked, NotCleared> {
    let opened = opened(asked, world.who);
    let mut passage = Passage::new(asked, world);
    passage.record(opened)?;
    let walked = passage.pass();
    if !matches!(walked, Ok(Walked::Cleared(_))) {
        passage.give_approval_up();
    }
    if let Err(reason) = &walked {
        // The reason at hand is worth more to the operator than the ledger's trouble.
        let _lost = passage.record(not_cleared(reason));
    }
    walked
}

/// Records a line of which nothing could be asked: nobody can answer, or it is beyond a limit.
///
/// # Errors
/// Where the ledger cannot be written; the line is held all the same.
pub fn not_asked(
    asked: &Asked<'_>,
    reason: &NotCleared,
    ledger: &mut dyn Ledger,
    clock: &dyn Clock,
    who: &Who,
) -> Result<(), LedgerError> {
    for event in [opened(asked, who), not_cleared(reason)] {
        ledger.append(
            &Entry {
                run: asked.run.clone(),
                event,
            },
            clock,
        )?;
    }
    Ok(())
}

/// Records a noted line, of which nothing is asked.
///
/// # Errors
/// Where the ledger cannot be written: the line is held then.
pub fn note(
    asked: &Asked<'_>,
    ledger: &mut dyn Ledger,
    clock: &dyn Clock,
    who: &Who,
) -> Result<Noted, LedgerError> {
    let entry = |event| Entry {
        run: asked.run.clone(),
        event,
    };
    ledger.append(&entry(opened(asked, who)), clock)?;
    // Nothing is asked of the way; what the rules say of the store counts.
    let guards = Guards {
        on_store_down: way::on_store_down(asked),
        ..Guards::default()
    };
    let noted = ledger.clear(&entry(Event::Noted), &guards, &mut Vec::new, clock);
    match noted {
        Ok(_) | Err(ClearError::InTheWay(_)) => {}
        Err(ClearError::Ledger(error)) => return Err(error),
    }
    Ok(Noted {
        run: asked.run.clone(),
    })
}

/// The head of a run.
pub(super) fn opened(asked: &Asked<'_>, who: &Who) -> Event {
    Event::Opened(Box::new(head(asked, who)))
}

/// Looks for the run of an outer door within which the line is held once more.
#[must_use]
pub fn outer(
    asked: &Asked<'_>,
    ledger: &mut dyn Ledger,
    clock: &dyn Clock,
    who: &Who,
) -> Option<Outer> {
    ledger.outer(&head(asked, who), clock)
}

/// What is recorded of a line before anything is asked.
fn head(asked: &Asked<'_>, who: &Who) -> Opened {
    let hits = asked.plan.hits.iter().zip(&asked.held).enumerate();
    let invocations = hits
        .map(|(number, (hit, span))| HeldInvocation {
            rule: hit.rule.id.clone(),
            text: mask::text(asked.line.get(span.start..span.end).unwrap_or_default()),
            span: *span,
            via: hit
                .invocation
                .via
                .iter()
                .map(|via| via.name.clone())
                .collect(),
            target: asked.target(number, &who.host),
            targets: match asked.place(number) {
                Where::Each(hosts) => hosts,
                Where::Here | Where::One(_) | Where::Unsaid(_) => Vec::new(),
            },
            any_target: matches!(asked.place(number), Where::Unsaid(_)),
            user: asked.user(number, &who.effective_user),
            bound: asked.bound(number, who),
            call: outer::call(asked, number, who),
        })
        .collect();
    Opened {
        who: who.clone(),
        line: asked.line.clone(),
        invocations,
        door: asked.door.to_owned(),
        drill: asked.drill,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        scripts: asked.scripts.clone(),
        above: asked.above,
        within: asked.outer.as_ref().map(|outer| outer.within.clone()),
    }
}

/// The end of a run that was not cleared.
pub(super) fn not_cleared(reason: &NotCleared) -> Event {
    Event::NotCleared {
        reason: reason.reason().to_owned(),
        detail: mask::text(&reason.message(crate::text::Language::English)),
    }
}

impl<'p> Passage<'p, '_> {
    /// All steps.
    fn pass(&mut self) -> Result<Walked, NotCleared> {
        self.way()?;
        self.hear_of_store();
        if self.asked.outer.as_ref().is_some_and(Outer::clears) {
            return self.clear(Vec::new()).map(Walked::Cleared);
        }
        self.permits()?;
        self.can_approve()?;
        self.progress = Progress {
            step: 0,
            of: self.count(),
        };
        self.look()?;
        let mut calls: Vec<Called<'p>> = Vec::new();
        let mut asks_go = false;
        let plan = self.asked.plan;
        for (number, step) in plan.steps.iter().enumerate() {
            if self.covered.has(number) || self.asked.was_passed(&step.kind) {
                continue;
            }
            match &step.kind {
                // Passed above, before any question.
                StepKind::Gap { .. }
                | StepKind::Window(_)
                | StepKind::First { .. }
                | StepKind::Show(_)
                | StepKind::Check { .. } => {}
                StepKind::Approve { .. } => self.approve()?,
                StepKind::Witness { ask, what } => {
                    asks_go = true;
                    calls.extend(self.witness(ask, what, step.hit)?);
                }
                StepKind::Checklist(items) => self.checklist(items, step)?,
                StepKind::Confirm(text) => self.confirm(text, step)?,
                StepKind::Cooldown(time) => self.cooldown(*time)?,
                StepKind::Key => self.key(step.hit)?,
                StepKind::Call { what, ask } => {
                    asks_go = true;
                    calls.extend(self.call(what, ask.as_ref(), step.hit)?);
                }
            }
        }
        // What earlier answers stand for is never all: somebody has to say go.
        let measured = self.go(calls, asks_go || self.has_carried)?;
        if self.asked.drill {
            self.record(Event::Drilled)?;
            return Ok(Walked::Drilled);
        }
        self.clear(measured).map(Walked::Cleared)
    }

    /// How many questions and waits there will be, as far as the plan tells.
    fn count(&self) -> usize {
        let all = self.asked.plan.steps.iter().enumerate();
        let steps: Vec<_> = all
            .filter(|(number, _)| !self.covered.has(*number))
            .map(|(_, step)| step)
            .filter(|step| !self.asked.was_passed(&step.kind))
            .collect();
        let each = steps.iter().map(|step| match &step.kind {
            StepKind::Gap { .. }
            | StepKind::Window(_)
            | StepKind::First { .. }
            | StepKind::Show(_)
            | StepKind::Check { .. } => 0,
            // A name and a call.
            StepKind::Witness { .. } => 2,
            StepKind::Checklist(items) => items.len(),
            StepKind::Confirm(_)
            | StepKind::Approve { .. }
            | StepKind::Cooldown(_)
            | StepKind::Key
            | StepKind::Call { .. } => 1,
        });
        each.sum::<usize>() + usize::from(self.has_call() || self.has_carried)
    }

    /// Whether something is called, and so the last question asked.
    pub(super) fn has_call(&self) -> bool {
        let steps = self.asked.plan.steps.iter().enumerate();
        let mut open = steps.filter(|(number, _)| !self.covered.has(*number));
        open.any(|(_, step)| matches!(step.kind, StepKind::Call { .. } | StepKind::Witness { .. }))
    }
}
