//! What a condition can ask of the world.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::line::{Invocation, Span, Word};

/// A value that a condition asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// All names that the thing has (a host: as typed, its `HostName`, fully qualified).
    Known(Vec<String>),
    /// It cannot be read; never excuses.
    Unknown,
}

/// An invocation whose place is asked for, and how what surrounds it is looked up: the line may set
/// what the environment else says.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// The invocation. It takes effect on this host, as this user.
    pub invocation: &'a Invocation,
    /// A variable as the program is given it; no names where it is not set.
    pub variable: &'a dyn Fn(&str) -> Fact,
    /// The values of the option that has one of these names, in the order of the line.
    pub values: &'a dyn Fn(&[&str]) -> Vec<Word>,
    /// The working directory.
    pub folder: &'a Fact,
}

impl fmt::Debug for Around<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Around");
        shown
            .field("invocation", self.invocation)
            .finish_non_exhaustive()
    }
}

/// What is asked of the record of earlier runs.
#[derive(Debug, Clone, Copy)]
pub struct Earlier<'a> {
    /// The line's text.
    pub text: &'a str,
    /// The part of it that would be held, as a hit's `span`.
    pub span: Span,
    /// Name of the target; this host where `None`.
    pub target: Option<&'a str>,
    /// How long ago it may be.
    pub within: Duration,
}

/// An earlier run of the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Its id.
    pub run: String,
    /// Whose, and on which host.
    pub who: String,
    /// How long ago it ended, or was cleared.
    pub ago: Duration,
    /// How it ended.
    pub end: RanEnd,
}

/// How an earlier run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RanEnd {
    /// It is under way.
    UnderWay,
    /// With status 0.
    Well,
    /// With another one, by a signal, or nobody knows.
    NotWell,
}

/// Answers what was run before; read only when a condition asks. `None` where it cannot be read.
pub trait History {
    /// Returns whether the same was run at the same target; with `failed`, whether such a run did
    /// not end well.
    fn ran(&self, earlier: Earlier<'_>, failed: bool) -> Option<bool>;
    /// Returns the newest run for which [`ran`](Self::ran) said yes, where it is known.
    fn last(&self, earlier: Earlier<'_>, failed: bool) -> Option<Ran>;
    /// Returns how often the same was held at the same target and the operator let go of it.
    fn declined(&self, earlier: Earlier<'_>) -> Option<usize>;
}

/// Answers what conditions ask about the place where the gate stands.
pub trait Facts {
    /// Returns the names of the host that the line calls `typed`; of this host for `None`.
    fn host(&self, typed: Option<&str>) -> Fact;
    /// Returns the effective user's name.
    fn user(&self) -> Fact;
    /// Returns the name under which the operator logged in.
    fn login(&self) -> Fact;
    /// Returns the names of the user's groups.
    fn groups(&self) -> Fact;
    /// Returns the working directory.
    fn cwd(&self) -> Fact;
    /// Returns the address from which the ssh session comes; empty where there is none.
    fn ssh_from(&self) -> Fact;
    /// Returns whether there is a terminal.
    fn tty(&self) -> Option<bool>;
    /// Returns an environment variable; an empty list of names where it is not set.
    fn variable(&self, name: &str) -> Fact;
    /// Returns the wall clock.
    fn now(&self) -> Option<DateTime<Utc>>;
    /// Returns the names of the Kubernetes context: its own, its cluster's, its server's.
    fn context(&self, around: Around<'_>) -> Fact;
    /// Returns the Kubernetes namespace.
    fn namespace(&self, around: Around<'_>) -> Fact;
    /// Returns the names of the cloud profile, project or subscription.
    fn account(&self, around: Around<'_>) -> Fact;
    /// Returns the git branch; no names where none is checked out.
    fn branch(&self, around: Around<'_>) -> Fact;
    /// Returns the record of earlier runs.
    fn history(&self) -> Option<&dyn History>;
}

/// Facts of which none is known: `check` without `--here`, and tests of rules.
#[derive(Debug, Clone, Copy, Default)]
pub struct NothingKnown;

impl Facts for NothingKnown {
    fn host(&self, typed: Option<&str>) -> Fact {
        // A name in the line is the target's only name.
        typed.map_or(Fact::Unknown, |name| Fact::Known(vec![name.to_owned()]))
    }
    fn user(&self) -> Fact {
        Fact::Unknown
    }
    fn login(&self) -> Fact {
        Fact::Unknown
    }
    fn groups(&self) -> Fact {
        Fact::Unknown
    }
    fn cwd(&self) -> Fact {
        Fact::Unknown
    }
    fn ssh_from(&self) -> Fact {
        Fact::Unknown
    }
    fn tty(&self) -> Option<bool> {
        None
    }
    fn variable(&self, _name: &str) -> Fact {
        Fact::Unknown
    }
    fn now(&self) -> Option<DateTime<Utc>> {
        None
    }
    fn context(&self, around: Around<'_>) -> Fact {
        typed(around.invocation.target.context.as_ref())
    }
    fn namespace(&self, around: Around<'_>) -> Fact {
        typed(around.invocation.target.namespace.as_ref())
    }
    fn account(&self, around: Around<'_>) -> Fact {
        typed(around.invocation.target.account.as_ref())
    }
    fn branch(&self, _around: Around<'_>) -> Fact {
        Fact::Unknown
    }
    fn history(&self) -> Option<&dyn History> {
        None
    }
}

/// A name in the line is the thing's only name; where the line says nothing it is unknown.
#[must_use]
pub fn typed(word: Option<&Word>) -> Fact {
    word.and_then(Word::known)
        .map_or(Fact::Unknown, |name| Fact::Known(vec![name]))
}
