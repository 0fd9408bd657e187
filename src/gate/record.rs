//! What is recorded of a run. Secrets are masked before a record is made.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::line::Span;

use super::outer::{Call, Process, Within};
use super::world::Who;

/// Id of a run: UTC second and six random hex digits, `20261122T023300-4f7a1c`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RunId(pub String);

/// One record: append-only, chained by hash in the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The run that it belongs to.
    pub run: RunId,
    /// What happened.
    pub event: Event,
}

/// What happened in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Event {
    /// A line was held (or noted, or glass is about to be broken): who, what, which rules.
    Opened(Box<Opened>),
    /// A step's question was answered.
    Answered(Answered),
    /// A think-step was not asked: the answer of an earlier run stands for it.
    Carried(Carried),
    /// Every step was passed. The command may start only when this is on disk.
    Cleared {
        /// Values that were measured again at "go", by probe id.
        measured: Vec<(String, String)>,
        /// Permits that stood in for steps.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        permits: Vec<Permitted>,
    },
    /// A noted line is about to start.
    Noted,
    /// A gate was broken through.
    BrokenGlass {
        /// The reason given.
        reason: String,
    },
    /// The run ended without being cleared.
    NotCleared {
        /// Why, one word or a few: `interrupted`, `declined`, `wrong-call`, `no-terminal`, ….
        reason: String,
        /// Details for a person.
        detail: String,
    },
    /// The command was started.
    Started {
        /// Its process id.
        pid: i32,
        /// When the process began, in clock ticks since the host started (field 22 of
        /// `/proc/PID/stat`), so that a later process with the same id is not taken for it;
        /// `None` where the host does not say.
        #[serde(default)]
        start_ticks: Option<u64>,
    },
    /// The command could not be started.
    NotStarted {
        /// What the system said.
        cause: String,
        /// Exit status of the gate.
        status: i32,
    },
    /// The command ended.
    Ended {
        /// Exit status, if it ended by itself.
        status: Option<i32>,
        /// The signal that it died of.
        signal: Option<i32>,
        /// How long it ran, boot clock.
        took: Duration,
    },
    /// What an after saw.
    After {
        /// The probe's id.
        probe: String,
        /// Its value, or why it was not seen.
        value: String,
        /// For a check: whether it is as expected.
        as_expected: Option<bool>,
    },
    /// A drill came to its end.
    Drilled,
    /// The host was looked at after it started.
    HostStarted {
        /// What stands behind it.
        restart: Restart,
    },
}

/// What stands behind a start of the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Restart {
    /// No earlier start is known: there is nothing to compare.
    First,
    /// This run.
    ByRun {
        /// Its id.
        run: RunId,
    },
    /// No run.
    NoRun {
        /// The last one that could have been, at another time.
        last: Option<RunId>,
    },
}

/// The head of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// Who asks.
    pub who: Who,
    /// The line as typed, masked.
    pub line: String,
    /// The held invocations.
    pub invocations: Vec<HeldInvocation>,
    /// The door it came through: `prefix`.
    pub door: String,
    /// Whether it is a drill.
    pub drill: bool,
    /// Version of kanmon.
    pub version: String,
    /// Hash of all scripts that the line runs; `None` where it runs none, or one that could not be
    /// read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scripts: Option<String>,
    /// The process below which, or in whose place, the command runs: the gate, a shell with the hook,
    /// sudo. By it doors within this run know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<Process>,
    /// The run of an outer door within which the line was held once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Within>,
}

/// One held invocation in a record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldInvocation {
    /// Full id of the rule.
    pub rule: String,
    /// The part of the line, masked.
    pub text: String,
    /// Where it stands in the line.
    pub span: Span,
    /// Wrapper names, the outermost first.
    pub via: Vec<String>,
    /// The target as one name.
    pub target: String,
    /// All targets by name, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<String>,
    /// Whether the line does not say which targets these are: any may be among them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub any_target: bool,
    /// The user it runs as.
    pub user: String,
    /// Values of its placeholders by name, for a later `first` that wants the same ones. Only what
    /// stands in the masked line too.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub bound: BTreeMap<String, String>,
    /// By what an inner door knows that it is the same call; `None` where that cannot be told for
    /// certain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<Call>,
}

/// A permit that stood in for steps of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permitted {
    /// Its id.
    pub id: String,
    /// The giver's name.
    pub giver: String,
    /// The giver's number.
    pub giver_uid: u32,
    /// Who agreed, as the giver wrote.
    pub by: String,
    /// Why, as the giver wrote.
    pub reason: String,
    /// Kinds of the steps.
    pub steps: Vec<String>,
}

impl HeldInvocation {
    /// Returns the names of all its targets; none where the line did not say them.
    #[must_use]
    pub fn targets(&self) -> &[String] {
        match self.targets.as_slice() {
            [] if self.any_target => &[],
            [] => std::slice::from_ref(&self.target),
            targets => targets,
        }
    }
}

/// An answered question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// Kind of the step: `confirm`, `checklist`, `call`, `blind`, ….
    pub step: String,
    /// Full id of the rule that asks.
    pub rule: String,
    /// What was asked, in the source language.
    pub question: String,
    /// What was answered, masked.
    pub answer: String,
    /// Whether it passed.
    pub passed: bool,
    /// From the question to the answer.
    pub took: Duration,
}

/// A think-step for which the answer of an earlier run stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// Kind of the step: `confirm` or `checklist`.
    pub step: String,
    /// Full id of the rule.
    pub rule: String,
    /// What would have been asked, in the source language.
    pub question: String,
    /// What was answered then, masked.
    pub answer: String,
    /// The run in which it was answered.
    pub from: RunId,
    /// Why it still counts.
    pub basis: Basis,
}

/// Why an answer of an earlier run still counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// It was given a quarter of an hour ago at most, at this terminal, in this session.
    Session,
    /// It was given a day ago at most, of scripts with this very content, at this target.
    Scripts,
}
