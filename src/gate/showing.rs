//! What somebody is shown who has to approve a run and cannot look for themselves: they sit at another
//! host. Pure.
//!
//! The look screen as the asker has it, and what is to be called of it. It travels with the request; who
//! approves approves what was shown, so whoever keeps the request puts a hash over all of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::policy::rule::{Drift, Text};

use super::answer;
use super::approval::Request;
use super::dialogue::Look;
use super::expect;
use super::world::{Seen, Sight};

/// What is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The look screen, with what probes saw for the asker.
    pub look: Look,
    /// What is to be called.
    pub call: ToCall,
    /// What the asker needs to go on later.
    #[serde(default)]
    pub later: Later,
}

/// What an asker who has left needs to go on, and what has to be as it was then.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Later {
    /// The line as it was given; `None` where it is not kept: it holds secrets, is no text, or a shell runs it.
    pub typed: Option<Typed>,
    /// The variables around the line that say which cluster, account or server counts; masked.
    pub surroundings: BTreeMap<String, String>,
    /// Hash of the scripts that it runs.
    pub scripts: Option<String>,
}

/// A line as it was given to the prefix door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Typed {
    /// An argv.
    Argv(Vec<String>),
    /// A text for `sh -c`, and what follows it.
    Line(String, Vec<String>),
}

/// A request that its asker left behind and comes back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resumed {
    /// What was asked.
    pub request: Request,
    /// What was shown of it.
    pub shown: Shown,
    /// Hash of all that was shown.
    pub hash: String,
}

/// How far what was shown then may lie from what is measured now.
#[derive(Debug, Clone, PartialEq)]
pub struct Leeways {
    /// Of each sight, in their order.
    pub sights: Vec<Drift>,
    /// Of what is called.
    pub call: Drift,
}

impl Resumed {
    /// Returns whether it asks for the same as would be asked for now: the line, the targets, the plan, all that
    /// is shown, what is called, and what is around the line. Whoever may speak to the store as this host can
    /// have put there whatever they like: what an approver saw counts where this gate sees the same.
    #[must_use]
    pub fn is_for(&self, request: &Request, shown: &Shown, leeways: &Leeways) -> bool {
        let (before, look) = (&self.request, &self.shown.look);
        before.hash == request.hash
            && before.line == request.line
            && before.held == request.held
            && before.needs == request.needs
            && before.drill == request.drill
            && before.who.person() == request.who.person()
            && look.line == shown.look.line
            && look.held == shown.look.held
            && look.rules == shown.look.rules
            && look.drill == shown.look.drill
            && look.unknown == shown.look.unknown
            && look.frozen == shown.look.frozen
            && look.permits == shown.look.permits
            && look.warnings == shown.look.warnings
            && are_seen(&look.sights, &shown.look.sights, &leeways.sights)
            && self.shown.call.is_within(&shown.call, leeways.call)
            && self.shown.later == shown.later
    }
}

/// What an approver calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToCall {
    /// What it is.
    pub label: Text,
    /// Id of the probe that measured it, or `target`.
    pub what: String,
    /// What has to be typed; any words where nobody can say it.
    pub value: Option<String>,
}

/// Returns whether these are the same sights, each as far from the other as it may be.
fn are_seen(then: &[Sight], now: &[Sight], leeways: &[Drift]) -> bool {
    let is_same = |((then, now), leeway): ((&Sight, &Sight), &Drift)| {
        then.label == now.label
            && then.as_expected == now.as_expected
            && then.expected == now.expected
            && is_seen(then.seen.as_ref(), now.seen.as_ref(), *leeway)
    };
    then.len() == now.len()
        && now.len() == leeways.len()
        && then.iter().zip(now).zip(leeways).all(is_same)
}

/// Returns whether the same was seen: word by word, numbers within the leeway.
fn is_seen(then: Option<&Seen>, now: Option<&Seen>, leeway: Drift) -> bool {
    let are_words = |then: &str, now: &str| {
        let (mut then, mut now) = (then.split_whitespace(), now.split_whitespace());
        loop {
            match (then.next(), now.next()) {
                (None, None) => return true,
                (Some(then), Some(now)) if expect::is_within(leeway, then, now) => {}
                _ => return false,
            }
        }
    };
    match (then, now) {
        (
            Some(Seen::Value { value, lines, more }),
            Some(Seen::Value {
                value: value_now,
                lines: lines_now,
                more: more_now,
            }),
        ) => {
            let mut pairs = lines.iter().zip(lines_now);
            are_words(value, value_now)
                && lines.len() == lines_now.len()
                && pairs.all(|(then, now)| are_words(then, now))
                && more == more_now
        }
        (Some(Seen::NotSeen(_)), Some(Seen::NotSeen(_))) | (None, None) => true,
        _ => false,
    }
}

impl ToCall {
    /// Returns whether this is to be called now as well, as far from it as it may be.
    fn is_within(&self, now: &Self, leeway: Drift) -> bool {
        let is_value = match (&self.value, &now.value) {
            (Some(then), Some(now)) => expect::is_within(leeway, then, now),
            (then, now) => then == now,
        };
        self.label == now.label && self.what == now.what && is_value
    }

    /// Returns whether `value`, called of `what`, is what has to be called.
    #[must_use]
    pub fn is_answered_by(&self, what: &str, value: &str) -> bool {
        let is_it = |wanted: &String| answer::is_called(value, wanted);
        self.what == what && self.value.as_ref().is_none_or(is_it)
    }
}
