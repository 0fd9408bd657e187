//! How a passage ends without the command having run.

use crate::line::TooMuch;
use crate::text::{Language, cause, gate as say, words};

use super::dialogue::Gone;
use super::passage::Trouble;
use super::world::{FirstGuard, InTheWay, LastRun, LedgerError, NoPermit, NotAsked, NotFirst};
use crate::policy::timerange::TimeRange;

/// Why the command has not run.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCleared {
    /// The operator is gone.
    #[error("{0}")]
    Gone(Gone),
    /// The operator said no, or anything but yes.
    #[error("declined")]
    Declined,
    /// A call was wrong three times.
    #[error("wrong call")]
    WrongCall,
    /// A typed answer had not the form wanted, three times, or was empty.
    #[error("no answer")]
    NoAnswer,
    /// A gap is not over, a window is closed, or what has to run first has not.
    #[error("in the way")]
    InTheWay(Vec<InTheWay>),
    /// A check's value is not as expected.
    #[error("check failed")]
    Check {
        /// What was looked at, in the operator's language.
        label: String,
        /// What was seen.
        value: String,
        /// What was expected.
        expected: String,
    },
    /// A check that must look could not.
    #[error("not seen")]
    NotSeen {
        /// What could not be looked at, in the operator's language.
        label: String,
    },
    /// A measured value kept changing between call and start.
    #[error("keeps changing")]
    KeepsChanging {
        /// What changes, in the operator's language.
        label: String,
    },
    /// A script is not what it was when it was read.
    #[error("script changed")]
    ScriptChanged {
        /// Its path as typed.
        path: String,
    },
    /// The others that were asked have not said yes in time, or not for this.
    #[error("not approved")]
    NotApproved,
    /// One of the others that were asked said no.
    #[error("refused by {by}: {reason}")]
    SaidNo {
        /// Who.
        by: String,
        /// Why, as they wrote.
        reason: String,
    },
    /// The asker has left; others are asked on.
    #[error("put aside")]
    PutAside {
        /// The request.
        id: String,
    },
    /// The team cannot be asked: its store does not answer.
    #[error("no store at {place}: {cause}")]
    NobodyToAsk {
        /// Where the store is.
        place: String,
        /// Why it does not answer.
        cause: String,
    },
    /// An answer cannot be read; it may be a no.
    #[error("answer not read: {cause}")]
    AnswerUnread {
        /// Why.
        cause: String,
    },
    /// Others cannot be asked.
    #[error("no store: {cause}")]
    NoStore {
        /// Why.
        cause: String,
    },
    /// The line is beyond a limit and was not judged.
    #[error("refused: {0}")]
    Refused(TooMuch),
    /// The ledger cannot be written.
    #[error("ledger: {0}")]
    Ledger(LedgerError),
}

impl From<Trouble> for NotCleared {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Gone(gone) => Self::Gone(gone),
            Trouble::Ledger(error) => Self::Ledger(error),
        }
    }
}

impl From<Gone> for NotCleared {
    fn from(gone: Gone) -> Self {
        Self::Gone(gone)
    }
}

impl From<LedgerError> for NotCleared {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl From<NotAsked> for NotCleared {
    fn from(not_asked: NotAsked) -> Self {
        match not_asked {
            NotAsked::Host(cause) => Self::NoStore { cause },
            NotAsked::Unread(cause) => Self::AnswerUnread { cause },
            NotAsked::Store { place, cause } => Self::NobodyToAsk { place, cause },
        }
    }
}

impl NotCleared {
    /// Returns whether nothing is in the way but that others within the outer run were faster: then
    /// the line can be asked about as one of its own.
    #[must_use]
    pub fn is_outer_used(&self) -> bool {
        matches!(self, Self::InTheWay(ways) if matches!(ways.as_slice(), [InTheWay::OuterUsed(_)]))
    }

    /// Returns the word under which the reason stands in the ledger.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Gone(Gone::Interrupted) => "interrupted",
            Self::Gone(Gone::Quit) => "quit",
            Self::Gone(Gone::EndOfInput) => "end-of-input",
            Self::Gone(Gone::HungUp) => "hung-up",
            Self::Gone(Gone::Terminated) => "terminated",
            Self::Gone(Gone::Vanished) => "terminal-vanished",
            Self::Gone(Gone::NoTerminal) => "no-terminal",
            Self::Declined => "declined",
            Self::WrongCall => "wrong-call",
            Self::NoAnswer => "no-answer",
            Self::InTheWay(ways) => match ways.first() {
                Some(InTheWay::Closed { .. }) => "window",
                Some(InTheWay::NotFirst { .. }) => "first",
                Some(InTheWay::Permit { .. }) => "permit",
                Some(InTheWay::NoApproval) => "not-approved",
                Some(InTheWay::ApprovalNotKnown(NotAsked::Store { .. })) => "store",
                Some(InTheWay::ApprovalNotKnown(NotAsked::Host(_))) => "no-store",
                Some(InTheWay::ApprovalNotKnown(NotAsked::Unread(_))) => "answer-unread",
                Some(InTheWay::Rule { .. } | InTheWay::Elsewhere { .. } | InTheWay::TooMuch(_)) => {
                    "rules"
                }
                Some(InTheWay::OuterEnded(_)) => "outer-ended",
                Some(InTheWay::OuterUsed(_)) => "outer-used",
                Some(InTheWay::Gap(_)) | None => "gap",
            },
            Self::Check { .. } => "check",
            Self::NotSeen { .. } => "not-seen",
            Self::KeepsChanging { .. } => "keeps-changing",
            Self::ScriptChanged { .. } => "script-changed",
            Self::NotApproved => "not-approved",
            Self::SaidNo { .. } => "said-no",
            Self::PutAside { .. } => "put-aside",
            Self::AnswerUnread { .. } => "answer-unread",
            Self::NoStore { .. } => "no-store",
            Self::NobodyToAsk { .. } => "store",
            Self::Refused(_) => "refused",
            Self::Ledger(LedgerError::Store { .. }) => "store",
            Self::Ledger(LedgerError::NotClaimed { .. }) => "not-claimed",
            Self::Ledger(_) => "ledger",
        }
    }

    /// Returns how somebody who was to approve a run left or answered it, without what to do next.
    #[must_use]
    pub fn brief(&self, language: Language) -> String {
        match self {
            Self::Gone(gone) => gone_text(*gone, language),
            Self::Declined => say::declined(language),
            Self::WrongCall => say::wrong_call(language),
            other => words::of(words::REASONS, other.reason(), language),
        }
    }

    /// Returns what happened and what to do next, for the operator.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Gone(gone) => say::not_cleared(language, gone_text(*gone, language)),
            Self::Declined => say::not_cleared(language, say::declined(language)),
            Self::WrongCall => say::not_cleared(language, say::wrong_call(language)),
            Self::NoAnswer => say::not_cleared(language, say::no_answer(language)),
            Self::InTheWay(ways) => {
                let lines: Vec<String> = ways.iter().map(|way| in_the_way(way, language)).collect();
                say::not_cleared(language, lines.join("\n"))
            }
            Self::Check {
                label,
                value,
                expected,
            } => say::not_cleared(
                language,
                say::check_failed(language, label, value, expected),
            ),
            Self::NotSeen { label } => {
                say::not_cleared(language, say::must_be_seen(language, label))
            }
            Self::KeepsChanging { label } => {
                say::not_cleared(language, say::keeps_changing(language, label))
            }
            Self::ScriptChanged { path } => {
                say::not_cleared(language, say::script_changed(language, path))
            }
            Self::NotApproved => say::not_cleared(language, say::not_approved(language)),
            Self::SaidNo { by, reason } => {
                say::not_cleared(language, say::said_no(language, by, reason))
            }
            Self::PutAside { id } => say::put_aside(language, id),
            Self::AnswerUnread { cause } => say::not_cleared(
                language,
                say::answer_unread(language, cause::of(cause, language)),
            ),
            Self::NoStore { cause } => say::not_cleared(
                language,
                say::no_store(language, cause::of(cause, language)),
            ),
            Self::NobodyToAsk { place, cause } => say::not_cleared(
                language,
                say::nobody_to_ask(language, place, cause::of(cause, language)),
            ),
            Self::Refused(too_much) => say::refused(language, too_much_text(too_much, language)),
            Self::Ledger(error @ (LedgerError::Store { .. } | LedgerError::NotClaimed { .. })) => {
                say::not_cleared(language, ledger_text(error, language))
            }
            Self::Ledger(error) => say::not_cleared(
                language,
                say::ledger_failed(language, ledger_text(error, language)),
            ),
        }
    }
}

/// Says what the ledger's trouble is and how it is mended.
fn ledger_text(error: &LedgerError, language: Language) -> String {
    let told = |why: &str| cause::of(why, language);
    match error {
        LedgerError::Open { place, cause } => say::ledger_open(language, place, told(cause)),
        LedgerError::Write { place, cause } => say::ledger_write(language, place, told(cause)),
        LedgerError::Store { place, cause } => say::store_is_away(language, place, told(cause)),
        LedgerError::NotClaimed { place, cause } => {
            say::store_took_no_claim(language, place, told(cause))
        }
        LedgerError::ClockBack { now, newest } => say::clock_back(language, now, newest),
    }
}

/// Says which limit a line is beyond.
#[must_use]
pub fn too_much_text(too_much: &TooMuch, language: Language) -> String {
    match too_much {
        TooMuch::Size { found, limit } => say::line_too_long(language, found, limit),
        TooMuch::Depth { limit } => say::line_too_deep(language, limit),
        TooMuch::Nested { limit } => say::line_too_nested(language, limit),
        TooMuch::Count { limit } => say::line_too_many(language, limit),
    }
}

/// Says how the operator went.
fn gone_text(gone: Gone, language: Language) -> String {
    match gone {
        Gone::Interrupted => say::interrupted(language),
        Gone::Quit => say::quit(language),
        Gone::EndOfInput => say::end_of_input(language),
        Gone::HungUp => say::hung_up(language),
        Gone::Terminated => say::terminated(language),
        Gone::Vanished => say::vanished(language),
        Gone::NoTerminal => say::no_terminal(language),
    }
}

/// Says what stands in the way and when the way is free.
fn in_the_way(way: &InTheWay, language: Language) -> String {
    match way {
        InTheWay::Gap(last) => gap(last, language),
        InTheWay::Closed { windows, opens } => closed(windows, *opens, language),
        InTheWay::NotFirst { guard, why } => not_first(guard, why, language),
        InTheWay::Permit { id, why } => match why {
            NoPermit::Over => say::permit_over(language, id),
            NoPermit::UsedUp => say::permit_used_up(language, id),
            NoPermit::Revoked => say::permit_revoked(language, id),
        },
        InTheWay::NoApproval => say::not_approved(language),
        InTheWay::ApprovalNotKnown(NotAsked::Host(why)) => {
            say::no_store(language, cause::of(why, language))
        }
        InTheWay::ApprovalNotKnown(NotAsked::Unread(why)) => {
            say::answer_unread(language, cause::of(why, language))
        }
        InTheWay::ApprovalNotKnown(NotAsked::Store { place, cause: why }) => {
            say::nobody_to_ask(language, place, cause::of(why, language))
        }
        InTheWay::Rule { id, title, target } => {
            say::held_by_now(language, title.in_language(language.tag()), id, target)
        }
        InTheWay::Elsewhere { key, before, now } => {
            let names = |names: &[String]| match names {
                [] => "?".to_owned(),
                names => names.join(language.comma()),
            };
            say::elsewhere_by_now(language, key, names(before), names(now))
        }
        InTheWay::TooMuch(too_much) => too_much_text(too_much, language),
        InTheWay::OuterEnded(run) => say::outer_ended(language, &run.0),
        InTheWay::OuterUsed(run) => say::outer_used(language, &run.0),
    }
}

/// Says when the windows open.
fn closed(
    windows: &[TimeRange],
    opens: Option<chrono::DateTime<chrono::Utc>>,
    language: Language,
) -> String {
    let all: Vec<&str> = windows.iter().map(TimeRange::as_written).collect();
    let all = all.join(language.comma());
    match (opens, windows.first()) {
        (Some(opens), Some(first)) => say::window_closed(language, all, first.local(opens)),
        (_, _) => say::window_never(language, all),
    }
}

/// Says what has to run first.
fn not_first(guard: &FirstGuard, why: &NotFirst, language: Language) -> String {
    let within = super::duration::shown(guard.within);
    let why = match why {
        NotFirst::OwnLedger => say::first_own_ledger(language),
        NotFirst::None => say::first_none(language),
        NotFirst::Differs => {
            let names: Vec<&str> = guard.same.iter().map(|(name, _)| name.as_str()).collect();
            say::first_differs(language, names.join(language.comma()))
        }
        NotFirst::NotWell { user, ago } => {
            say::first_not_well(language, user, super::duration::shown(*ago))
        }
        NotFirst::TooOld { user, ago } => {
            say::first_too_old(language, user, super::duration::shown(*ago))
        }
    };
    say::not_first(language, &guard.rule, &guard.target, within, why)
}

/// Says which run stands in the way of a gap.
fn gap(way: &LastRun, language: Language) -> String {
    let ago = super::duration::shown(way.ago);
    if way.under_way {
        let told = match way.guard.team {
            true => say::under_way_in_team,
            false => say::under_way,
        };
        return told(language, &way.guard.rule, &way.user, ago, &way.run.0);
    }
    let left = super::duration::shown(way.guard.time.saturating_sub(way.ago));
    let time = super::duration::shown(way.guard.time);
    say::gap_not_over(language, &way.guard.rule, &way.user, ago, time, left)
}
