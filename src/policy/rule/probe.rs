//! A look at the target: a read-only command and how its output becomes a value.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Text;
use crate::policy::pattern::Regex;

/// A read-only command by which a rule looks at the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// Full id, `PACK.NAME`.
    pub id: String,
    /// The command, with `{placeholders}`; for people where it is made of the held invocation.
    pub run: String,
    /// What kind of command it is.
    pub form: ProbeForm,
    /// Where it runs.
    pub on: On,
    /// Whether it runs through `sudo -n` there.
    pub root: bool,
    /// Exit statuses that mean success.
    pub ok: Vec<u8>,
    /// How output becomes the value.
    pub value: Value,
    /// Lines shown at most.
    pub lines: usize,
    /// Change allowed between answer and start.
    pub drift: Drift,
    /// Time allowed.
    pub timeout: Duration,
    /// What this is.
    pub label: Text,
}

/// What kind of command a probe runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProbeForm {
    /// Text for `/bin/sh`.
    #[default]
    Sh,
    /// Text for PowerShell.
    Pwsh,
    /// The held invocation once more.
    Again {
        /// Words after its verb.
        words: Vec<String>,
        /// The verb in place of its own.
        verb: Option<String>,
    },
    /// A statement, asked of the server that the held invocation names.
    Sql {
        /// The client, its options, and the one that takes a statement as the last.
        by: Vec<String>,
        /// The statements: the first of which all is known is asked.
        texts: Vec<String>,
    },
}

/// Where a probe runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum On {
    /// Through the same hosts and containers as the command.
    Target,
    /// On the operator's host.
    Here,
}

/// How a probe's output becomes its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// The trimmed output.
    Output,
    /// The number of lines that fit.
    Count(Regex),
    /// What capture 1 (or the whole fit where there is no capture) gives.
    Pick(Regex, PickAs),
}

/// Which of several fits of a `pick` count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PickAs {
    /// The first.
    First,
    /// The last.
    Last,
    /// Their sum.
    Sum,
    /// The smallest number, a Unix time, shown as a local time and an age.
    Oldest,
    /// The five most frequent, with counts.
    Top,
}

/// Change allowed between a measured value and its second measuring.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Drift {
    /// By this number.
    Number(f64),
    /// By this share of the first value, 0.05 for 5 %.
    Share(f64),
    /// By anything.
    Any,
}

impl Eq for Drift {}
