//! The traits behind which the world sits: clocks, probes, the ledger.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::line::Via;
use crate::policy::rule::{On, Probe, Text};

use super::record::{Basis, Entry, RunId};

/// One reading of both clocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Wall clock.
    pub utc: DateTime<Utc>,
    /// Time since this host started, sleep included.
    pub boot: Duration,
    /// Which start of the host `boot` counts from; empty where the host does not say.
    pub boot_id: String,
}

/// Tells the time.
pub trait Clock {
    /// Returns both clocks now.
    fn now(&self) -> Moment;
}

/// Who asks, and from where; read once a held run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// Real user: name, or the number where it has none.
    pub real_user: String,
    /// Effective user.
    pub effective_user: String,
    /// Who logged in (audit login id), empty where the host does not say.
    pub login_user: String,
    /// Real user id.
    pub uid: u32,
    /// Effective user id.
    pub euid: u32,
    /// This host's name.
    pub host: String,
    /// Path of the controlling terminal; empty where there is none.
    pub terminal: String,
    /// Address that the ssh session comes from; empty where there is none.
    pub ssh_from: String,
    /// Working directory.
    pub cwd: String,
    /// Session id of the process; 0 where its leader is not in this process's PID namespace.
    pub session: i32,
}

/// One probe with its placeholders filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The probe's full id.
    pub id: String,
    /// The `/bin/sh` text, each placeholder one quoted word; an error where one cannot be filled.
    pub command: Result<String, String>,
    /// The probe as written, for how its output is read.
    pub probe: Probe,
    /// The wrappers through which the held command goes to its target; the probe takes those that
    /// move to another host or container where `probe.on` is [`On::Target`].
    pub via: Vec<Via>,
}

impl Job {
    /// Returns whether the probe runs on the operator's host whatever the line says.
    #[must_use]
    pub fn is_here(&self) -> bool {
        self.probe.on == On::Here
    }
}

/// What a probe saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// It looked.
    Value {
        /// Its value: the trimmed output, a count, a pick.
        value: String,
        /// What is shown, at most the probe's `lines`; escapes not yet made safe.
        lines: Vec<String>,
        /// How many further lines there were.
        more: usize,
    },
    /// It could not look.
    NotSeen(NotSeen),
}

/// Why a probe could not look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotSeen {
    /// It did not end in time.
    TimedOut(Duration),
    /// It ended with a status that is not success.
    Status {
        /// Exit status, or 128 + signal.
        status: i32,
        /// The last line that it wrote to standard error, as it is.
        said: String,
    },
    /// It could not be started.
    NotStarted(String),
    /// Its output has nothing that `pick` fits.
    NoFit,
    /// A placeholder could not be filled.
    Placeholder(String),
    /// The host on the way wants a password or an unknown key confirmed.
    WantsLogin(String),
    /// On the way there this word of the line would run something; the line is not cleared yet.
    WouldRun(String),
}

impl NotSeen {
    /// Returns the reason in a few English words, for records.
    #[must_use]
    pub fn summary(&self) -> String {
        match self {
            Self::TimedOut(after) => format!("no answer within {} s", after.as_secs()),
            Self::Status { status, said } => format!("ended with {status}: {said}"),
            Self::NotStarted(cause) => format!("not started: {cause}"),
            Self::NoFit => "nothing in its output fits".to_owned(),
            Self::Placeholder(name) => format!("`{name}` is not known"),
            Self::WantsLogin(host) => format!("`{host}` wants a login"),
            Self::WouldRun(word) => format!("`{word}` would run something on the way"),
        }
    }
}

/// Runs probes, several side by side.
pub trait Probes {
    /// Starts all of `jobs` at once; a job's place in the list is its number.
    fn start(&mut self, jobs: &[Job]) -> Box<dyn Pending + '_>;
    /// Returns the command that a person would type to see what the job sees.
    fn shown(&self, job: &Job) -> String;
    /// Lets the operator log in to `host`, which [`NotSeen::WantsLogin`] named, and returns whether
    /// probes can go there now. Questions come at the terminal; the operator must have stepped
    /// aside.
    fn log_in(&mut self, host: &str) -> bool;
}

/// Probes that were started.
pub trait Pending {
    /// Waits until all have ended or `slice` has gone by; returns whether all have ended. A probe
    /// that passes its own time is killed, with all that it started, and counts as ended.
    fn wait(&mut self, slice: Duration) -> bool;
    /// Returns what each has seen so far, in the order of the jobs; `None` while it runs.
    fn seen(&self) -> Vec<Option<Seen>>;
}

/// A gap that must still be over when a run is cleared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapGuard {
    /// Full id of the rule.
    pub rule: String,
    /// The target that counts, or any where `None`.
    pub target: Option<String>,
    /// How long the last run must be ago.
    pub time: Duration,
}

/// A run that stands in the way of a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InTheWay {
    /// The guard that is not met.
    pub guard: GapGuard,
    /// The run.
    pub run: RunId,
    /// Who ran it.
    pub user: String,
    /// How long ago it ended, or was cleared while it is under way.
    pub ago: Duration,
    /// Whether it is still under way.
    pub under_way: bool,
}

/// A think-step of which an earlier answer is looked for.
#[derive(Debug, Clone, Copy)]
pub struct ThinkStep<'q> {
    /// Who asks; what another person answered never counts.
    pub who: &'q Who,
    /// Kind of the step, as it is recorded.
    pub step: &'q str,
    /// Full id of the rule.
    pub rule: &'q str,
    /// What is asked, as it is recorded.
    pub text: &'q str,
    /// The scripts that it is about, if it is about nothing else.
    pub scripts: Option<About<'q>>,
}

/// Scripts that a think-step is about.
#[derive(Debug, Clone, Copy)]
pub struct About<'q> {
    /// Hash of their content.
    pub hash: &'q str,
    /// Where they take effect.
    pub target: &'q str,
    /// As whom.
    pub user: &'q str,
}

/// An answer that was given in an earlier run and still counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// The run.
    pub run: RunId,
    /// When it was given.
    pub at: DateTime<Utc>,
    /// What was answered, masked.
    pub answer: String,
    /// Why it still counts.
    pub basis: Basis,
}

/// Keeps records and answers what was run.
pub trait Ledger {
    /// Appends a record; on return it is on disk. The time is read inside the transaction.
    fn append(&mut self, entry: &Entry, clock: &dyn Clock) -> Result<Moment, LedgerError>;
    /// Returns the runs that stand in the way of `guards`.
    fn in_the_way(
        &mut self,
        guards: &[GapGuard],
        clock: &dyn Clock,
    ) -> Result<Vec<InTheWay>, LedgerError>;
    /// Checks `guards` once more and appends `entry` (kind cleared) in one transaction; on return
    /// it is on disk.
    fn clear(
        &mut self,
        entry: &Entry,
        guards: &[GapGuard],
        clock: &dyn Clock,
    ) -> Result<Moment, ClearError>;
    /// Returns the answer of an earlier run that stands for a think-step. One that cannot be told
    /// for certain does not: the step is asked then.
    fn earlier(&mut self, step: &ThinkStep<'_>, clock: &dyn Clock) -> Option<Earlier> {
        let _ = (step, clock);
        None
    }
    /// Returns the path or address, for messages.
    fn place(&self) -> String;
}

/// Why the ledger could not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// It cannot be opened.
    #[error("cannot open `{place}`: {cause}")]
    Open {
        /// Path or address.
        place: String,
        /// What the system or the database said.
        cause: String,
    },
    /// It cannot be written or read.
    #[error("cannot write `{place}`: {cause}")]
    Write {
        /// Path or address.
        place: String,
        /// What the system or the database said.
        cause: String,
    },
    /// The wall clock is earlier than the newest record.
    #[error("the clock says {now}, but the newest record is of {newest}")]
    ClockBack {
        /// The clock.
        now: DateTime<Utc>,
        /// The newest record's time.
        newest: DateTime<Utc>,
    },
}

/// Why a run was not cleared at the last moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClearError {
    /// Another run came first.
    #[error("another run came first")]
    InTheWay(Vec<InTheWay>),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// A label and what stands under it on a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// What this is.
    pub label: Text,
    /// What was seen; `None` while the probe still runs.
    pub seen: Option<Seen>,
    /// For a check: whether the value is as expected; `None` for a show.
    pub as_expected: Option<bool>,
    /// For a check: the expectation as written.
    pub expected: Option<String>,
}
