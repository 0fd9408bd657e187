//! The traits behind which the world sits: clocks, probes, the ledger.

mod given;

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::line::{TooMuch, Via};
use crate::policy::Pattern;
use crate::policy::rule::{On, OnStoreDown, Probe, Text};
use crate::policy::timerange::TimeRange;

use super::origin::Origin;
use super::outer::Outer;
use super::permit::Permit;
use super::record::{Basis, Entry, Opened, RunId};

pub use given::{Claim, Given, NotAsked, NothingGiven, Whom};

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
    /// Number of who logged in; `None` where the host does not say.
    #[serde(default)]
    pub login_uid: Option<u32>,
    /// Number of whoever called `sudo`, as its variable says; proves nothing.
    #[serde(default)]
    pub sudo_uid: Option<u32>,
    /// The name of that number; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sudo_user: String,
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
    /// The processes and the job that led here; for the record alone.
    #[serde(default)]
    pub origin: Origin,
}

impl Who {
    /// Returns the person: who logged in, where the host says so, else the real user.
    #[must_use]
    pub fn person(&self) -> &str {
        match self.login_user.as_str() {
            "" => &self.real_user,
            login => login,
        }
    }
}

/// One probe with its placeholders filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The probe's full id.
    pub id: String,
    /// The text for `/bin/sh` or PowerShell, each placeholder one quoted word; an error where one
    /// cannot be filled, or the held invocation cannot be run again.
    pub command: Result<String, NotSeen>,
    /// The probe as written, for how its output is read.
    pub probe: Probe,
    /// The wrappers through which the held command goes to its target; the probe takes those that
    /// move to another host or container where `probe.on` is [`On::Target`].
    pub via: Vec<Via>,
    /// Whether the command goes to several targets, or to one that nobody can name beforehand.
    pub is_open: bool,
}

impl Job {
    /// Returns whether the probe runs on the operator's host whatever the line says.
    #[must_use]
    pub fn is_here(&self) -> bool {
        self.probe.on == On::Here
    }
}

/// What a probe saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The folder in which the command would run is not known.
    NoFolder,
    /// The host on the way wants a password or an unknown key confirmed.
    WantsLogin(String),
    /// It is not sure that the held invocation, run again like this, would change nothing.
    NotHarmless(String),
    /// On the way there this word of the line would run something; the line is not cleared yet.
    WouldRun(String),
    /// There is no single target to look at.
    ManyTargets,
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
            Self::NoFolder => "the folder that it runs in is not known".to_owned(),
            Self::WantsLogin(host) => format!("`{host}` wants a login"),
            Self::NotHarmless(line) => format!("`{line}` is not surely harmless"),
            Self::WouldRun(word) => format!("`{word}` would run something on the way"),
            Self::ManyTargets => "several targets at once".to_owned(),
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

/// What must still be so when a run is cleared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guards {
    /// Gaps that must be over.
    pub gaps: Vec<GapGuard>,
    /// Windows that must all be open.
    pub windows: Vec<TimeRange>,
    /// Runs that must have ended well.
    pub firsts: Vec<FirstGuard>,
    /// Permits that must still be open and have a use left.
    pub permits: Vec<Permit>,
    /// What becomes of the run where the team's store does not answer.
    pub on_store_down: OnStoreDown,
    /// The runs of the outer doors that this one lies within, the nearest first: the first must not
    /// have ended, and none of them, nor another within them, is an earlier run to a gap.
    pub around: Vec<RunId>,
}

/// A gap that must be over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapGuard {
    /// Full id of the rule.
    pub rule: String,
    /// The targets that count.
    pub targets: Targets,
    /// How long the last run must be ago.
    pub time: Duration,
    /// Whether runs of the whole team count.
    pub team: bool,
}

/// Targets whose runs count for a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Targets {
    /// The one of this name.
    One(String),
    /// Those that fit a pattern.
    Fitting(Pattern),
    /// All.
    Any,
}

/// A run of another rule that must have ended well lately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstGuard {
    /// Full id of that rule.
    pub rule: String,
    /// Where it must have run.
    pub target: String,
    /// How long ago it may have ended.
    pub within: Duration,
    /// Placeholders by name and the value that they must have had; one that is not known now
    /// agrees with nothing.
    pub same: Vec<(String, Option<String>)>,
}

/// What stands in the way of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InTheWay {
    /// An earlier run, because of a gap.
    Gap(LastRun),
    /// Now is outside of a window.
    Closed {
        /// The windows, all of which must be open.
        windows: Vec<TimeRange>,
        /// When they are next; `None` where they never are together.
        opens: Option<DateTime<Utc>>,
    },
    /// Another rule's run that should have come first.
    NotFirst {
        /// The guard that is not met.
        guard: FirstGuard,
        /// What the ledger says.
        why: NotFirst,
    },
    /// A permit that the run was passed by counts no longer.
    Permit {
        /// Its id.
        id: String,
        /// Why.
        why: NoPermit,
    },
    /// An approval that the run was passed by is taken back, over or used.
    NoApproval,
    /// Whether the approvals still count cannot be told.
    ApprovalNotKnown(NotAsked),
    /// A rule that did not hold the line when it was judged, and holds it now.
    Rule {
        /// Its full id.
        id: String,
        /// What the operator is about to do.
        title: Text,
        /// Where.
        target: String,
    },
    /// A rule that holds the line would hold it at another cluster, account or branch by now.
    Elsewhere {
        /// The condition's key.
        key: String,
        /// What files said when the line was judged; empty where nothing was known.
        before: Vec<String>,
        /// What they say now.
        now: Vec<String>,
    },
    /// The line is beyond a limit by now.
    TooMuch(TooMuch),
    /// The run of the outer door that this one lies within has ended.
    OuterEnded(RunId),
    /// Other runs within the outer one took all calls that it held.
    OuterUsed(RunId),
}

/// Why a permit counts no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPermit {
    /// Its time is over, or the clock says that it has not begun.
    Over,
    /// It was used as often as it may be.
    UsedUp,
    /// It was taken back.
    Revoked,
}

/// A run that stands in the way of a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastRun {
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
    /// Where they take effect; nothing where the line does not say.
    pub targets: &'q [String],
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

/// Why a run that should have come first does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotFirst {
    /// Only the operator's own ledger is there, which proves nothing.
    OwnLedger,
    /// There is none at the target.
    None,
    /// There is one at the target, with other values.
    Differs,
    /// The last one did not end well, or has not ended.
    NotWell {
        /// Who ran it.
        user: String,
        /// How long ago it ended, or was cleared.
        ago: Duration,
    },
    /// The last one is too long ago.
    TooOld {
        /// Who ran it.
        user: String,
        /// How long ago it ended.
        ago: Duration,
    },
}

/// Whose runs a ledger knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Everybody's on this host.
    Hosts,
    /// The operator's own; the host has no other.
    Own,
    /// The operator's own; the host has one, of whose group the operator is not.
    OwnBesideHosts,
}

/// How it stands with what the whole team shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Team {
    /// There is no store.
    None,
    /// The store answers.
    Shared,
    /// The store does not answer.
    Away {
        /// The store.
        place: String,
        /// Why not.
        cause: String,
    },
}

/// Keeps records and answers what was run.
pub trait Ledger {
    /// Appends a record; on return it is on disk. The time is read inside the transaction.
    fn append(&mut self, entry: &Entry, clock: &dyn Clock) -> Result<Moment, LedgerError>;
    /// Returns what stands in the way of `guards`.
    fn in_the_way(
        &mut self,
        guards: &Guards,
        clock: &dyn Clock,
    ) -> Result<Vec<InTheWay>, LedgerError>;
    /// Checks `guards` once more, asks `still` what else stands in the way now, and appends `entry`
    /// (kind cleared), all in one transaction; on return it is on disk. `still` may read the ledger
    /// through another connection, and sees it as it was before.
    fn clear(
        &mut self,
        entry: &Entry,
        guards: &Guards,
        still: &mut dyn FnMut() -> Vec<InTheWay>,
        clock: &dyn Clock,
    ) -> Result<Moment, ClearError>;
    /// Returns the answer of an earlier run that stands for a think-step. One that cannot be told
    /// for certain does not: the step is asked then.
    fn earlier(&mut self, step: &ThinkStep<'_>, clock: &dyn Clock) -> Option<Earlier> {
        let _ = (step, clock);
        None
    }
    /// Returns the run of an outer door within which a line is held once more, given the line's
    /// head. One that cannot be told for certain is none: all is asked then.
    fn outer(&mut self, inner: &Opened, clock: &dyn Clock) -> Option<Outer> {
        let _ = (inner, clock);
        None
    }
    /// Returns the newest run without an end that this process, which began at `ticks`, was let
    /// run, and when that was on the boot clock.
    fn started_in(
        &mut self,
        pid: i32,
        ticks: Option<u64>,
    ) -> Result<Option<(RunId, Duration)>, LedgerError> {
        let _ = (pid, ticks);
        Ok(None)
    }
    /// Returns the permits of the team's store, which counts their uses; none where it does not answer.
    fn permits(&mut self, clock: &dyn Clock) -> Vec<Permit> {
        let _ = clock;
        Vec::new()
    }
    /// Returns how often a permit was used.
    fn uses(&mut self, permit: &str) -> Result<u32, LedgerError>;
    /// Returns whose runs it knows.
    fn whose(&self) -> Whose;
    /// Returns how it stands with what the whole team shares; asks the store where there is one.
    fn team(&mut self, clock: &dyn Clock) -> Team {
        let _ = clock;
        Team::None
    }
    /// Returns that the store stopped answering, once each time that it does; what was recorded since
    /// is sent later.
    fn cut_off(&mut self) -> Option<Team> {
        None
    }
    /// Returns whether the store did not answer when it was asked last.
    fn is_away(&self) -> bool {
        false
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
    /// The team's store does not answer, and what is asked needs it.
    #[error("the team's store `{place}` does not answer: {cause}")]
    Store {
        /// Its address.
        place: String,
        /// Why not.
        cause: String,
    },
    /// The team's store answers, and the run is not claimed there: another host may be let through.
    #[error("the team's store `{place}` has not taken this run: {cause}")]
    NotClaimed {
        /// Its address.
        place: String,
        /// Why not.
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
