//! What the rules say of a line.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::line::{Invocation, Span, TooMuch};

use super::calendar::Freeze;
use super::facts::Ran;
use super::rule::{After, Rule, StepKind, Text};

/// What the rules say of a line.
#[must_use]
#[derive(Debug, Clone)]
pub enum Verdict {
    /// No rule names it.
    Pass(Passed),
    /// It runs at once, supervised and recorded.
    Note(Vec<Hit>),
    /// It has to pass these steps.
    Hold(Plan),
    /// It is not run.
    Refuse(TooMuch),
}

/// Proof that no rule names a line; made by [`super`] alone.
#[derive(Debug, Clone)]
pub struct Passed {
    pub(super) _sealed: (),
}

/// A rule that fits an invocation.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The rule.
    pub rule: Arc<Rule>,
    /// The invocation that it fits.
    pub invocation: Invocation,
    /// The part of the line that is held.
    pub span: Span,
    /// Values bound by the matcher that fitted.
    pub lets: BTreeMap<String, String>,
    /// What could not be known and so counted against the line.
    pub unknown: Vec<String>,
    /// The entries of calendars that it is frozen by now.
    pub frozen: Vec<Freeze>,
    /// What files of the host said of its cluster, account or branch, by the condition's key; only
    /// what a condition that holds asked for.
    pub seen: Vec<(String, Vec<String>)>,
    /// The earlier run of the same because of which it fits (`rerun`).
    pub earlier: Option<Ran>,
}

/// The merged, ordered steps of all rules that hold a line.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The rules, the riskiest first; one entry for each rule and target.
    pub hits: Vec<Hit>,
    /// The steps in the order in which they are passed.
    pub steps: Vec<PlannedStep>,
    /// What runs after the end.
    pub afters: Vec<PlannedAfter>,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedStep {
    /// What it asks.
    pub kind: StepKind,
    /// Index into [`Plan::hits`]: whose target and placeholders count.
    pub hit: usize,
    /// Further hits whose equal step is passed with this one.
    pub also: Vec<usize>,
}

/// One after of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedAfter {
    /// What is done, and when.
    pub after: After,
    /// Index into [`Plan::hits`].
    pub hit: usize,
}

impl Hit {
    /// Returns what the operator is about to do.
    #[must_use]
    pub fn title(&self) -> &Text {
        &self.rule.title
    }
}
