//! Hits become one ordered plan.
//!
//! Union of all steps; the longest cooldown and gap; all windows, so that their intersection counts;
//! equal steps at the same target are passed once. The order is the gate's: window, gap, first → show,
//! check → checklist, confirm → witness, approve → cooldown → call; within one kind the riskiest rule first,
//! then the author's order.

use std::time::Duration;

use crate::line::Lore;

use super::alike::Alike;
use super::rule::{Callee, Risk, Rule, Step, StepKind, Text};
use super::spread;
use super::verdict::{Hit, Plan, PlannedAfter, PlannedStep};

/// The cooldown that `critical` demands.
const CRITICAL_COOLDOWN: Duration = Duration::from_secs(30);

/// Merges hits, of which at least one holds, into a plan.
pub fn merge(mut hits: Vec<Hit>, lore: &dyn Lore) -> Plan {
    spread::fold(&mut hits);
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.rule.risk));
    let mut steps: Vec<PlannedStep> = Vec::new();
    let mut alike = Alike::new(&hits, lore);
    for (number, hit) in hits.iter().enumerate() {
        for step in with_floor(&hit.rule) {
            add(&mut steps, step.kind, number, &hits, &mut alike);
        }
    }
    level(&mut steps);
    level_approvals(&mut steps);
    steps.sort_by_key(|step| place_in_order(&step.kind));
    let afters = afters(&hits, lore);
    Plan {
        hits,
        steps,
        afters,
    }
}

/// Returns a rule's steps and those that its risk demands where it has none of that kind.
#[must_use]
pub fn with_floor(rule: &Rule) -> Vec<Step> {
    let mut steps = rule.steps.clone();
    let lacks = |wanted: fn(&StepKind) -> bool| !rule.steps.iter().any(|step| wanted(&step.kind));
    let mut floor = |kind| steps.push(Step { id: None, kind });
    match rule.risk {
        Risk::Note => {}
        Risk::Low => {
            if lacks(asks) {
                floor(StepKind::Key);
            }
        }
        Risk::Medium => {
            if lacks(|kind| matches!(kind, StepKind::Confirm(_))) {
                floor(StepKind::Confirm(Text::default()));
            }
        }
        Risk::High | Risk::Critical => {
            if lacks(|kind| matches!(kind, StepKind::Call { .. })) {
                floor(StepKind::Call {
                    what: Callee::Target,
                    ask: None,
                });
            }
            if rule.risk == Risk::Critical && lacks(|kind| matches!(kind, StepKind::Cooldown(_))) {
                floor(StepKind::Cooldown(CRITICAL_COOLDOWN));
            }
        }
    }
    steps
}

/// Whether the operator has to answer this step.
fn asks(kind: &StepKind) -> bool {
    match kind {
        StepKind::Key
        | StepKind::Confirm(_)
        | StepKind::Checklist(_)
        | StepKind::Witness { .. }
        | StepKind::Call { .. } => true,
        StepKind::Show(_)
        | StepKind::Check { .. }
        | StepKind::Cooldown(_)
        | StepKind::Gap { .. }
        | StepKind::Window(_)
        // Another person's yes is no answer of the operator's.
        | StepKind::Approve { .. }
        | StepKind::First { .. } => false,
    }
}

/// Adds a step, or lets an equal one at the same target stand for it.
fn add(
    steps: &mut Vec<PlannedStep>,
    kind: StepKind,
    hit: usize,
    hits: &[Hit],
    alike: &mut Alike<'_>,
) {
    let kind = spread::as_asked(kind, hits.get(hit));
    let of_same = |number: usize| {
        let planned = steps.get(number).filter(|planned| planned.kind == kind)?;
        Some(planned.hit)
    };
    let equal = alike.find_or_keep(&kind, hit, steps.len(), of_same);
    match equal.and_then(|number| steps.get_mut(number)) {
        Some(planned) => planned.also.push(hit),
        None => steps.push(PlannedStep {
            kind,
            hit,
            also: Vec::new(),
        }),
    }
}

/// Leaves one cooldown, the longest, and gives every gap the longest time.
fn level(steps: &mut Vec<PlannedStep>) {
    let longest = |wanted: fn(&StepKind) -> Option<Duration>, steps: &[PlannedStep]| {
        steps.iter().filter_map(|step| wanted(&step.kind)).max()
    };
    let cooldown = longest(
        |kind| {
            if let StepKind::Cooldown(time) = kind {
                Some(*time)
            } else {
                None
            }
        },
        steps,
    );
    let gap = longest(
        |kind| {
            if let StepKind::Gap { time, .. } = kind {
                Some(*time)
            } else {
                None
            }
        },
        steps,
    );
    let mut has_cooldown = false;
    steps.retain_mut(|step| match &mut step.kind {
        StepKind::Cooldown(time) => {
            *time = cooldown.unwrap_or(*time);
            !std::mem::replace(&mut has_cooldown, true)
        }
        StepKind::Gap { time, .. } => {
            *time = gap.unwrap_or(*time);
            true
        }
        _ => true,
    });
    // One key is asked only where nothing else is.
    let other = steps
        .iter()
        .any(|step| asks(&step.kind) && step.kind != StepKind::Key);
    let mut has_key = other;
    steps.retain(|step| step.kind != StepKind::Key || !std::mem::replace(&mut has_key, true));
}

/// Leaves one `approve` for each group, with the highest number.
fn level_approvals(steps: &mut Vec<PlannedStep>) {
    let mut most: Vec<(Option<String>, usize)> = Vec::new();
    for step in steps.iter() {
        if let StepKind::Approve { count, group } = &step.kind {
            match most.iter_mut().find(|(of, _)| of == group) {
                Some((_, most)) => *most = (*most).max(*count),
                None => most.push((group.clone(), *count)),
            }
        }
    }
    steps.retain_mut(|step| {
        let StepKind::Approve { count, group } = &mut step.kind else {
            return true;
        };
        let Some(at) = most.iter().position(|(of, _)| of == group) else {
            return false;
        };
        *count = most.remove(at).1;
        true
    });
}

/// Where a kind of step stands in the gate's order.
fn place_in_order(kind: &StepKind) -> u8 {
    match kind {
        StepKind::Window(_) => 0,
        StepKind::Gap { .. } => 1,
        StepKind::First { .. } => 2,
        StepKind::Show(_) | StepKind::Check { .. } => 3,
        StepKind::Checklist(_) => 4,
        StepKind::Confirm(_) => 5,
        StepKind::Witness { .. } => 6,
        StepKind::Approve { .. } => 7,
        StepKind::Cooldown(_) => 8,
        StepKind::Call { .. } | StepKind::Key => 9,
    }
}

/// Collects what runs after the end, equal ones once.
fn afters(hits: &[Hit], lore: &dyn Lore) -> Vec<PlannedAfter> {
    let mut found: Vec<PlannedAfter> = Vec::new();
    let mut alike = Alike::new(hits, lore);
    for (number, hit) in hits.iter().enumerate() {
        for after in &hit.rule.after {
            let of_same = |known: usize| {
                let planned = found.get(known).filter(|known| known.after == *after)?;
                Some(planned.hit)
            };
            let known = alike.find_or_keep(&after.step, number, found.len(), of_same);
            if known.is_none() {
                found.push(PlannedAfter {
                    after: after.clone(),
                    hit: number,
                });
            }
        }
    }
    found
}
