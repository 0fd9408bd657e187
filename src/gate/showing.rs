//! What somebody is shown who has to approve a run and cannot look for themselves: they sit at another
//! host. Pure.
//!
//! The look screen as the asker has it, and what is to be called of it. It travels with the request; who
//! approves approves what was shown, so whoever keeps the request puts a hash over all of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::policy::rule::Text;

use super::answer;
use super::approval::Request;
use super::dialogue::Look;

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

impl Resumed {
    /// Returns whether it asks for the same as would be asked for now: the line, the targets, the plan, the rules
    /// as they are shown, and what is around the line.
    #[must_use]
    pub fn is_for(&self, request: &Request, shown: &Shown) -> bool {
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

impl ToCall {
    /// Returns whether `value`, called of `what`, is what has to be called.
    #[must_use]
    pub fn is_answered_by(&self, what: &str, value: &str) -> bool {
        let is_it = |wanted: &String| answer::is_called(value, wanted);
        self.what == what && self.value.as_ref().is_none_or(is_it)
    }
}
