//! What the gate says to the operator, and what comes back; how it looks is `ui`'s.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::line::Span;
use crate::policy::calendar::Freeze;
use crate::policy::rule::{Risk, Text};
use crate::text::Language;

use super::world::{Clock, Sight};

/// The person at the controlling terminal.
pub trait Operator {
    /// Returns the language to speak.
    fn language(&self) -> Language;
    /// Draws a page.
    ///
    /// # Errors
    /// Where the operator is gone.
    fn page(&mut self, page: &Page) -> Result<(), Gone>;
    /// Puts a question and returns the line typed after it stood there, without the newline.
    /// What was typed before is thrown away.
    ///
    /// # Errors
    /// Where the operator is gone.
    fn ask(&mut self, question: &Question) -> Result<String, Gone>;
    /// Puts a question and returns the one key pressed after it stood there.
    ///
    /// # Errors
    /// Where the operator is gone.
    fn key(&mut self, question: &Question) -> Result<char, Gone>;
    /// Counts down until the boot clock says `until`.
    ///
    /// # Errors
    /// Where the operator is gone.
    fn wait(&mut self, progress: Progress, until: Duration, clock: &dyn Clock) -> Result<(), Gone>;
    /// Counts down as `wait` does, and looks now and then whether it `is_over` before; Ctrl-D ends it
    /// where the operator `may_leave`.
    ///
    /// # Errors
    /// Where the operator is gone.
    fn wait_for(
        &mut self,
        progress: Progress,
        until: Duration,
        clock: &dyn Clock,
        may_leave: bool,
        is_over: &mut dyn FnMut() -> bool,
    ) -> Result<Waited, Gone>;
    /// Says one line or a few, already in the operator's language.
    ///
    /// # Errors
    /// Where the operator is gone.
    fn say(&mut self, text: &str) -> Result<(), Gone>;
    /// Leaves the terminal, as it was before the dialogue, to another program while `meanwhile`
    /// runs.
    ///
    /// # Errors
    /// Where the operator is gone.
    fn step_aside(&mut self, meanwhile: &mut dyn FnMut()) -> Result<(), Gone>;
    /// Looks, without waiting, whether the operator is still there.
    ///
    /// # Errors
    /// Where the operator is gone.
    fn still_there(&mut self) -> Result<(), Gone>;
    /// Returns whether there is a person who sees pages and answers.
    fn is_person(&self) -> bool {
        true
    }
}

/// How a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    /// It was over before its time.
    Over,
    /// Its time is up.
    TimeUp,
    /// The operator leaves, and what is waited for goes on.
    Left,
}

/// How a dialogue ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Gone {
    /// Ctrl-C or SIGINT.
    #[error("interrupted")]
    Interrupted,
    /// SIGQUIT.
    #[error("quit")]
    Quit,
    /// Ctrl-D on an empty line.
    #[error("end of input")]
    EndOfInput,
    /// SIGHUP.
    #[error("hung up")]
    HungUp,
    /// SIGTERM.
    #[error("terminated")]
    Terminated,
    /// The terminal went away.
    #[error("the terminal is gone")]
    Vanished,
    /// There is no terminal to begin with.
    #[error("no terminal")]
    NoTerminal,
}

/// Which step of how many (`2/5`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// From 1.
    pub step: usize,
    /// All steps that ask or wait.
    pub of: usize,
}

/// A page of the dialogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// The look screen: what is held, why, where, and what probes see.
    Look(Look),
    /// The exact line once more, before "go".
    Last(Last),
    /// What afters saw.
    After(AfterPage),
}

/// The look screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// The line as typed, masked; escapes not yet made safe.
    pub line: String,
    /// Parts of it that are held.
    pub held: Vec<Span>,
    /// The rules, the riskiest first.
    pub rules: Vec<RuleShown>,
    /// What probes saw, grouped in the order of the plan.
    pub sights: Vec<Sight>,
    /// Whether this is a drill.
    pub drill: bool,
    /// Facts that could not be known and so counted against the line.
    pub unknown: Vec<String>,
    /// The entries of calendars that it is frozen by now.
    pub frozen: Vec<Freeze>,
    /// Permits that stand in for steps.
    pub permits: Vec<PermitShown>,
    /// Lines of warning: a gap that knows only one's own runs, a mistake in a rule file, ….
    pub warnings: Vec<String>,
}

/// A permit on the look screen; its texts are another person's and may be hostile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermitShown {
    /// Its id.
    pub id: String,
    /// The giver's name.
    pub giver: String,
    /// Who agreed, as the giver wrote.
    pub by: String,
    /// Why, as the giver wrote.
    pub reason: String,
    /// When it ends.
    pub until: DateTime<Utc>,
    /// Kinds of the steps that it stands in for here.
    pub steps: Vec<String>,
}

/// A rule on the look screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleShown {
    /// Full id.
    pub id: String,
    /// What the operator is about to do.
    pub title: Text,
    /// What goes wrong.
    pub why: Text,
    /// Lines of a rule file that cannot be used, shown as they are.
    pub excerpt: Option<Text>,
    /// The safer way.
    pub instead: Option<Text>,
    /// How bad.
    pub risk: Risk,
    /// The target's name.
    pub target: String,
    /// All targets by name where there are several, so that they can be counted.
    pub targets: Vec<String>,
    /// The user that it runs as.
    pub user: String,
    /// Wrapper names, the outermost first.
    pub via: Vec<String>,
    /// Where in scripts it stands, `file:row: text`; empty where it stands in the line.
    pub places: Vec<String>,
}

/// Where a line takes effect, and as whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The targets' names.
    pub targets: Vec<String>,
    /// The user that it runs as there.
    pub user: String,
}

/// The page before "go".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Last {
    /// The exact line, masked.
    pub line: String,
    /// Parts of it that are held.
    pub held: Vec<Span>,
    /// Where it takes effect, each user once.
    pub places: Vec<Place>,
    /// How to take it back.
    pub undo: Vec<Text>,
    /// Whether this is a drill.
    pub drill: bool,
}

/// What afters saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AfterPage {
    /// What probes saw.
    pub sights: Vec<Sight>,
    /// How to take it back; filled after a failure.
    pub undo: Vec<Text>,
    /// How the command ended: exit status or `None` after a signal.
    pub status: Option<i32>,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Which step.
    pub progress: Progress,
    /// What is asked.
    pub kind: QuestionKind,
    /// Why it is asked again, in the operator's language; `None` the first time.
    pub again: Option<String>,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuestionKind {
    /// One key (risk low).
    Key,
    /// Yes, typed or keyed.
    Confirm(Text),
    /// A checklist item: yes or no.
    YesNo(Text),
    /// A checklist item: a typed answer.
    Typed {
        /// What is asked.
        ask: Text,
        /// The form that it must have, as written.
        like: Option<String>,
    },
    /// Pointing and calling: the value is typed exactly. The value is never here.
    Call {
        /// What is to be called.
        label: Text,
        /// The command that shows it, where no `show` on the look screen did.
        look_with: Option<String>,
        /// The witness who calls; the operator where `None`.
        witness: Option<String>,
    },
    /// Targets that the line does not say: the operator names them, in any words.
    Named {
        /// What is to be named.
        label: Text,
    },
    /// A second person's name.
    Witness(Text),
    /// A probe could not look; the operator types why they go on blind.
    Blind {
        /// What could not be seen.
        label: Text,
    },
    /// The target's name, before glass is broken.
    BreakGlass,
    /// Whether to log in to look, where a host wants a password.
    LogInToLook {
        /// The host.
        host: String,
    },
    /// The exact line stands there: yes starts it.
    Go,
}
