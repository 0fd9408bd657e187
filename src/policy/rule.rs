//! The rule as it counts: every name resolved, every value parsed.
//!
//! Made once, by [`super::pack`], from TOML; nothing later re-checks. The build script compiles
//! this file too and writes these types as postcard bytes.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use super::pattern::Pattern;
use super::timerange::TimeRange;

mod matcher;
mod probe;
mod step;

pub use matcher::{
    AnyOf, FlagError, FlagPattern, Matcher, OneFlag, OpaqueKind, SqlKind, VerbPattern,
};
pub use probe::{Drift, On, PickAs, Probe, ProbeForm, Value};
pub use step::{After, AfterWhen, Callee, Comparison, Expectation, Item, Number, Step, StepKind};

/// How bad it is when the command is a mistake; sets what is asked at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Nothing is asked; the run is supervised and recorded.
    Note,
    /// One key.
    Low,
    /// A `confirm`.
    Medium,
    /// A `call`.
    High,
    /// A `call` and a `cooldown` of 30 s.
    Critical,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Full id, `PACK.ID`.
    pub id: String,
    /// File and line (from 1) where it stands.
    pub source: Source,
    /// What the operator is about to do.
    pub title: Text,
    /// What goes wrong; empty only for `note`.
    pub why: Text,
    /// How bad a mistake is.
    pub risk: Risk,
    /// Any of these makes it match; never empty.
    pub matchers: Vec<Matcher>,
    /// Any of these must hold; always where empty.
    pub when: Vec<Condition>,
    /// What to pass, the floor of `risk` not yet added.
    pub steps: Vec<Step>,
    /// What is shown and checked after the end.
    pub after: Vec<After>,
    /// How to take it back.
    pub undo: Option<Text>,
    /// The safer way.
    pub instead: Option<Text>,
    /// A URL.
    pub docs: Option<String>,
    /// Whether it is out in the `workstation` profile.
    pub production_only: bool,
    /// What becomes of a line where the team's store does not answer; by the risk where it is not
    /// said.
    pub on_store_down: Option<OnStoreDown>,
    /// Whether the system switched it off.
    pub off: bool,
    /// What the system changed of it, in the order of the files.
    pub tunes: Vec<Tune>,
    /// Lines that the rule alone must hold.
    pub test_hold: Vec<String>,
    /// Lines that the rule alone must pass.
    pub test_pass: Vec<String>,
}

impl Rule {
    /// The id of rules that stand for what is broken, or its beginning.
    pub const STAND_IN: &'static str = "kanmon.broken";

    /// Returns a rule that nobody wrote and that asks nothing beyond its risk, which is medium.
    #[must_use]
    pub fn standing_in(
        id: String,
        source: Source,
        title: Text,
        why: Text,
        matchers: Vec<Matcher>,
    ) -> Self {
        Self {
            id,
            source,
            title,
            why,
            risk: Risk::Medium,
            matchers,
            when: Vec::new(),
            steps: Vec::new(),
            after: Vec::new(),
            undo: None,
            instead: None,
            docs: None,
            production_only: false,
            on_store_down: None,
            off: false,
            tunes: Vec::new(),
            test_hold: Vec::new(),
            test_pass: Vec::new(),
        }
    }

    /// Returns whether it was not written by anybody but stands for what is broken.
    #[must_use]
    pub fn is_stand_in(&self) -> bool {
        self.id.starts_with(Self::STAND_IN)
    }

    /// Returns what becomes of a line where the team's store does not answer: one that is critical is
    /// held unless the rule says otherwise.
    #[must_use]
    pub fn on_store_down(&self) -> OnStoreDown {
        self.on_store_down.unwrap_or(match self.risk {
            Risk::Critical => OnStoreDown::Hold,
            Risk::Note | Risk::Low | Risk::Medium | Risk::High => OnStoreDown::Local,
        })
    }
}

/// What becomes of a line where the team's store does not answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum OnStoreDown {
    /// It goes on with what this host knows; the records are sent later.
    #[default]
    Local,
    /// It stays held.
    Hold,
}

/// What the system changed of a rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tune {
    /// Where it stands.
    pub source: Source,
    /// Why.
    pub reason: String,
    /// The keys that it gives: `off`, `risk`, `when`, `drop`, `add`, `on_store_down`.
    pub changes: Vec<String>,
}

/// Where a rule was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Path, or `built-in/NAME.toml`.
    pub file: String,
    /// Line from 1.
    pub line: usize,
}

/// A text for people in the languages that its pack has.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Text {
    /// The text as written in the rule.
    pub source: String,
    /// Translations by language tag (`ja`, `en`); the source's own language is not in it.
    pub other: BTreeMap<String, String>,
}

impl Text {
    /// Returns the text in the language with this tag, or as written.
    #[must_use]
    pub fn in_language(&self, tag: &str) -> &str {
        self.other
            .get(tag)
            .map_or(self.source.as_str(), String::as_str)
    }
}

/// One condition: all its keys must fit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// Patterns by key (`host`, `user`, `cwd`, `via`, …, `env.NAME`).
    pub patterns: BTreeMap<String, AnyOf<Pattern>>,
    /// Whether there is a terminal.
    pub tty: Option<bool>,
    /// Weekly times in which it is now.
    pub time: AnyOf<TimeRange>,
    /// Calendars in one of whose entries it is now.
    pub freeze: AnyOf<Calendar>,
    /// The same was run at the same target lately.
    pub rerun: Option<Rerun>,
    /// The same was not cleared at the same target lately, so often.
    pub declined: Option<Declined>,
}

/// What `rerun` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rerun {
    /// Whether only runs count that failed, or of whose end nothing is known.
    pub failed: bool,
    /// How long the end may be ago.
    pub within: Duration,
}

/// What `declined` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declined {
    /// How often at least.
    pub times: usize,
    /// How long the first of them may be ago.
    pub within: Duration,
}
