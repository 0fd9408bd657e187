//! What a rule asks before its command runs, and what it shows and checks behind it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Probe, Text};
use crate::policy::pattern::{Pattern, Regex};
use crate::policy::timerange::TimeRange;

/// One step with its optional id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// For `tune`.
    pub id: Option<String>,
    /// What it asks.
    pub kind: StepKind,
}

/// What a step asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum StepKind {
    /// A probe is shown.
    Show(Probe),
    /// A probe's value must be so.
    Check {
        /// The probe.
        probe: Probe,
        /// What its value must be.
        is: Expectation,
        /// Whether a probe that could not look blocks.
        must: bool,
    },
    /// Yes.
    Confirm(Text),
    /// Every item is passed, one by one.
    Checklist(Vec<Item>),
    /// A measured value is typed exactly.
    Call {
        /// What is called.
        what: Callee,
        /// Text in place of the label.
        ask: Option<Text>,
    },
    /// Time is sat out.
    Cooldown(Duration),
    /// The last run of the rule is longer ago.
    Gap {
        /// How long.
        time: Duration,
        /// Whether runs at other targets count too.
        per_rule: bool,
        /// Whether runs from other hosts should count; they do not before there is a team store.
        team: bool,
        /// Targets whose runs count together where this run's target is one of them.
        group: Option<Pattern>,
    },
    /// Now is inside.
    Window(TimeRange),
    /// A run of another rule ended well lately at this target.
    First {
        /// Full id of that rule.
        rule: String,
        /// How long ago it may have ended.
        within: Duration,
        /// Names of placeholders that must have the same value.
        same: Vec<String>,
    },
    /// Other persons say yes from their own login.
    Approve {
        /// How many.
        count: usize,
        /// Only members of this group count.
        group: Option<String>,
    },
    /// A second person at the same keyboard types their name and a call of their own.
    Witness {
        /// What they are asked, their name being the answer.
        ask: Text,
        /// What they call.
        what: Callee,
    },
    /// One key; the floor of `low`, never written in a rule.
    Key,
}

/// An item of a checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What is asked.
    pub ask: Text,
    /// Whether a typed answer is wanted instead of yes or no.
    pub typed: bool,
    /// The form that a typed answer must have.
    pub like: Option<Regex>,
    /// Shown before it.
    pub show: Option<Probe>,
    /// Whether a no means a pause of 5 minutes instead of the end.
    pub rest_on_no: bool,
}

/// What a call calls.
#[expect(
    clippy::large_enum_variant,
    reason = "a rule has a handful of steps, and most calls are of a probe"
)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Callee {
    /// The value of this probe, measured just before.
    Probe(Probe),
    /// The target's name.
    Target,
    /// The user it runs as.
    User,
    /// An operand, from 1.
    Arg(usize),
}

/// What `is` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expectation {
    /// Compared as numbers; sizes take `k M G T`.
    Compare(Comparison, Number),
    /// Is not this text.
    Not(String),
    /// Fits this pattern.
    Like(Pattern),
}

/// A number, kept as its bits so that rules can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Number(pub u64);

impl Number {
    /// Returns the number.
    #[must_use]
    pub fn get(self) -> f64 {
        f64::from_bits(self.0)
    }
}

/// How numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
}

/// A step that runs when the command has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct After {
    /// When it runs.
    pub when: AfterWhen,
    /// A `Show` or a `Check`.
    pub step: StepKind,
}

/// When an after runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AfterWhen {
    /// However the command ended.
    Always,
    /// Where it ended well.
    Ok,
    /// Where it did not.
    Failed,
}
