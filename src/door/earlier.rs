//! Answers the conditions `rerun` and `declined`, from the ledger, which is opened for reading only when one
//! asks, and from the team's store where one is named: what ran at the target from another host counts too.
//!
//! The same invocation is the same words, however they are quoted, with secrets masked as they are
//! in the record; the same target is the same name. A ledger that is not there knows of no run; one
//! that cannot be read, or a store that does not answer, answers nothing, and what is not known never excuses.

use std::cell::RefCell;
use std::fmt;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use crate::context::{self, SystemClock};
use crate::gate::world::Moment;
use crate::gate::{Clock as _, mask};
use crate::ledger::{Outcome, Reader, Run, same};
use crate::policy::facts::{Earlier, History, Ran, RanEnd};
use crate::team::earlier::{Inquiry, Past, PastEnd, Question};

use super::store;

/// Where the ledger lies; an error where it has no place.
type Place = Box<dyn Fn() -> Result<PathBuf, String>>;

/// Tells the time.
type Now = Box<dyn Fn() -> Moment>;

/// What a ledger says of earlier runs.
pub struct LedgerHistory {
    place: Place,
    now: Now,
    /// None where there is no store.
    others: Option<Others>,
    /// This host's name, as records have it.
    here: Box<dyn Fn() -> String>,
}

/// The team's store.
struct Others {
    url: String,
    /// What it is asked for this line.
    inquiry: Rc<RefCell<Inquiry>>,
}

impl Drop for Others {
    fn drop(&mut self) {
        self.inquiry.borrow_mut().end();
    }
}

impl fmt::Debug for LedgerHistory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LedgerHistory")
            .finish_non_exhaustive()
    }
}

/// Returns what this user's ledger says, and the team's store where a URL names one.
#[must_use]
pub fn of_this_user(store: Option<&str>, inquiry: &Rc<RefCell<Inquiry>>) -> LedgerHistory {
    store::history(store, inquiry)
}

impl LedgerHistory {
    /// Returns what the ledger at `place` says, by this host's clocks.
    #[must_use]
    pub fn new(place: Place) -> Self {
        Self {
            place,
            now: Box::new(|| SystemClock::new().now()),
            others: None,
            here: Box::new(context::host::node_name),
        }
    }

    /// Lets it ask the team's store too. The inquiry ends with it.
    #[must_use]
    pub fn with_store(mut self, url: &str, inquiry: &Rc<RefCell<Inquiry>>) -> Self {
        self.others = Some(Others {
            url: url.to_owned(),
            inquiry: Rc::clone(inquiry),
        });
        self
    }

    /// Returns what the store says of the runs that are the same, without those that are among `known`; `None`
    /// where it does not answer.
    fn others(&self, earlier: Earlier<'_>, known: &[Run]) -> Option<Vec<Past>> {
        let Some(store) = &self.others else {
            return Some(Vec::new());
        };
        let question = Question {
            call: same::key(&text_of(earlier)?),
            target: earlier.target.map_or_else(|| (self.here)(), str::to_owned),
            within: earlier.within,
        };
        let mut inquiry = store.inquiry.borrow_mut();
        let mut told = inquiry.ask(&store.url, question, &SystemClock::new())?;
        told.retain(|past| !past.is_own || known.iter().all(|run| run.id.0 != past.run));
        Some(told)
    }

    /// Returns the runs of the last `within`; `None` where they cannot be read.
    fn recent(&self, within: Duration, now: &Moment) -> Option<Vec<Run>> {
        let path = (self.place)().ok()?;
        if !path.try_exists().ok()? {
            return Some(Vec::new());
        }
        Reader::open(&path).ok()?.recent(within, now).ok()
    }

    /// Returns the runs that are the same at the same target; drills are none.
    fn same(&self, earlier: Earlier<'_>, now: &Moment) -> Option<Vec<Run>> {
        let text = text_of(earlier)?;
        let words = same::words_of(&text);
        let here = (self.here)();
        let target = earlier.target.unwrap_or(&here);
        let mut runs = self.recent(earlier.within, now)?;
        runs.retain(|run| {
            let mut held = run.invocations.iter();
            !run.drill
                && held.any(|held| {
                    let mut targets = held.targets().iter().chain([&held.target]);
                    (held.any_target || targets.any(|held| held.eq_ignore_ascii_case(target)))
                        && (held.text == text || same::words_of(&held.text) == words)
                })
        });
        Some(runs)
    }
}

impl History for LedgerHistory {
    fn ran(&self, earlier: Earlier<'_>, failed: bool) -> Option<bool> {
        let now = (self.now)();
        let runs = self.same(earlier, &now)?;
        let counts = |end: Option<RanEnd>| end.is_some_and(|end| does_count(end, failed));
        // What is known here need not be asked for.
        if runs.iter().any(|run| counts(end_of(run))) {
            return Some(true);
        }
        let others = self.others(earlier, &runs)?;
        Some(others.iter().any(|past| counts(end_of_past(past))))
    }

    fn last(&self, earlier: Earlier<'_>, failed: bool) -> Option<Ran> {
        let now = (self.now)();
        let runs = self.same(earlier, &now)?;
        let here = (self.here)();
        let own = runs.iter().filter_map(|run| {
            let at = &run.events.last()?.at;
            let ago = match at.boot_id == now.boot_id && !now.boot_id.is_empty() {
                true => now.boot.checked_sub(at.boot),
                false => (now.utc - at.utc).to_std().ok(),
            };
            Some(Ran {
                run: run.id.0.clone(),
                who: format!("{}@{here}", run.who.person()),
                ago: ago.unwrap_or_default(),
                end: end_of(run)?,
            })
        });
        let others = self.others(earlier, &runs).unwrap_or_default();
        let others = others.iter().filter_map(|past| {
            Some(Ran {
                run: past.run.clone(),
                who: past.who.clone(),
                ago: past.ago,
                end: end_of_past(past)?,
            })
        });
        let counting = own.chain(others).filter(|ran| does_count(ran.end, failed));
        counting.min_by_key(|ran| ran.ago)
    }

    fn declined(&self, earlier: Earlier<'_>) -> Option<usize> {
        let now = (self.now)();
        let runs = self.same(earlier, &now)?;
        let let_go = |run: &&Run| run.events.iter().any(|told| same::is_let_go(&told.event));
        let others = self.others(earlier, &runs)?;
        let others = others.iter().filter(|past| past.end == PastEnd::LetGo);
        Some(runs.iter().filter(let_go).count() + others.count())
    }
}

/// Returns the text of the invocation as a record has it.
fn text_of(earlier: Earlier<'_>) -> Option<String> {
    let masked = mask::line(earlier.text, &[earlier.span]);
    let span = masked.spans.first()?;
    Some(mask::text(masked.text.get(span.start..span.end)?))
}

/// Whether a run that ended so is one that is asked for.
fn does_count(end: RanEnd, failed: bool) -> bool {
    match end {
        RanEnd::UnderWay | RanEnd::Well => !failed,
        RanEnd::NotWell => true,
    }
}

/// Returns how a run ended; `None` where it has not run.
fn end_of(run: &Run) -> Option<RanEnd> {
    match run.outcome {
        Outcome::Open
        | Outcome::NotCleared { .. }
        | Outcome::NotStarted { .. }
        | Outcome::Drilled
        | Outcome::HostStarted { .. } => None,
        Outcome::UnderWay => Some(RanEnd::UnderWay),
        Outcome::Ended { status: 0 } => Some(RanEnd::Well),
        Outcome::Ended { .. }
        | Outcome::Killed { .. }
        | Outcome::Unknown
        | Outcome::HostWentDown => Some(RanEnd::NotWell),
    }
}

/// As [`end_of`], of what the store says.
fn end_of_past(past: &Past) -> Option<RanEnd> {
    match past.end {
        PastEnd::UnderWay => Some(RanEnd::UnderWay),
        PastEnd::Well => Some(RanEnd::Well),
        PastEnd::NotWell => Some(RanEnd::NotWell),
        PastEnd::LetGo | PastEnd::NotRun => None,
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::gate::record::{Entry, Event, HeldInvocation, Opened, RunId};
    use crate::gate::world::{Clock, Ledger as _};
    use crate::ledger::SqliteLedger;
    use crate::ledger::heads::Syslog;
    use crate::line::Span;

    /// A clock that is set by hand.
    struct SetClock(std::cell::RefCell<Moment>);

    impl SetClock {
        fn new() -> Self {
            Self(std::cell::RefCell::new(Moment {
                utc: "2026-11-27T02:00:00Z".parse().unwrap(),
                boot: Duration::from_secs(100_000),
                boot_id: "boot-1".to_owned(),
            }))
        }

        fn go_on(&self, minutes: u64) {
            let mut now = self.0.borrow_mut();
            now.utc += Duration::from_secs(60 * minutes);
            now.boot += Duration::from_secs(60 * minutes);
        }

        fn set_date_on(&self, days: u64) {
            self.0.borrow_mut().utc += Duration::from_secs(86_400 * days);
        }

        fn start_again(&self) {
            let mut now = self.0.borrow_mut();
            now.boot = Duration::from_secs(1);
            now.boot_id.push('+');
        }
    }

    impl Clock for SetClock {
        fn now(&self) -> Moment {
            self.0.borrow().clone()
        }
    }

    struct Stage {
        folder: TempDir,
        clock: Rc<SetClock>,
        runs: usize,
    }

    impl Stage {
        fn new() -> Self {
            Self {
                folder: tempfile::tempdir().unwrap(),
                clock: Rc::new(SetClock::new()),
                runs: 0,
            }
        }

        fn path(&self) -> PathBuf {
            self.folder.path().join("kanmon/ledger.db")
        }

        /// Records a run of `text` at `target`.
        fn record(&mut self, text: &str, target: &str, drill: bool, events: Vec<Event>) {
            let nobody = Syslog::at(&self.folder.path().join("no-syslog"));
            let mut ledger = SqliteLedger::open_with(&self.path(), nobody).unwrap();
            self.runs += 1;
            let run = RunId(format!("run-{}", self.runs));
            let opened = Event::Opened(Box::new(Opened {
                line: text.to_owned(),
                invocations: vec![HeldInvocation {
                    rule: "x.r".to_owned(),
                    text: text.to_owned(),
                    span: Span::new(0, text.len()),
                    target: target.to_owned(),
                    user: "root".to_owned(),
                    ..HeldInvocation::default()
                }],
                door: "prefix".to_owned(),
                drill,
                version: "0".to_owned(),
                ..Opened::default()
            }));
            for event in std::iter::once(opened).chain(events) {
                let run = run.clone();
                ledger.append(&Entry { run, event }, &*self.clock).unwrap();
            }
        }

        fn history(&self) -> LedgerHistory {
            let (path, clock) = (self.path(), Rc::clone(&self.clock));
            LedgerHistory {
                place: Box::new(move || Ok(path.clone())),
                now: Box::new(move || clock.now()),
                others: None,
                here: Box::new(|| "gate1".to_owned()),
            }
        }

        fn ran(&self, text: &str, target: Option<&str>, failed: bool) -> Option<bool> {
            self.history().ran(earlier(text, target), failed)
        }
    }

    fn earlier<'a>(text: &'a str, target: Option<&'a str>) -> Earlier<'a> {
        Earlier {
            text,
            span: Span::new(0, text.len()),
            target,
            within: Duration::from_secs(3600),
        }
    }

    fn ended(status: i32) -> Vec<Event> {
        let took = Duration::from_secs(1);
        let ended = Event::Ended {
            status: Some(status),
            signal: None,
            took,
        };
        vec![Event::Noted, ended]
    }

    fn let_go(reason: &str) -> Vec<Event> {
        vec![Event::NotCleared {
            reason: reason.to_owned(),
            detail: String::new(),
        }]
    }

    #[test]
    fn the_same_is_the_same_words_at_the_same_target() {
        let mut stage = Stage::new();
        assert_eq!(stage.ran("bill --month 10", None, false), Some(false));
        stage.record("bill --month 10", "gate1", false, ended(1));
        assert_eq!(stage.ran("bill --month 10", None, true), Some(true));
        assert_eq!(stage.ran("'bill'  --month \"10\"", None, true), Some(true));
        assert_eq!(stage.ran("bill --month 11", None, false), Some(false));
        assert_eq!(
            stage.ran("bill --month 10", Some("db1"), false),
            Some(false)
        );
        assert_eq!(
            stage.ran("bill --month 10", Some("GATE1"), false),
            Some(true)
        );
    }

    #[test]
    fn secrets_are_compared_as_they_are_recorded() {
        let mut stage = Stage::new();
        stage.record("bill --password=****", "gate1", false, ended(1));
        assert_eq!(stage.ran("bill --password=a", None, true), Some(true));
    }

    #[test]
    fn a_run_that_ended_well_is_no_failed_one_and_one_without_an_end_is() {
        let mut stage = Stage::new();
        stage.record("a", "gate1", false, ended(0));
        stage.record("b", "gate1", false, vec![Event::Noted]);
        stage.record("c", "gate1", false, let_go("declined"));
        stage.record("d", "gate1", true, vec![Event::Drilled]);
        for (text, any, failed) in [
            ("a", true, false),
            ("b", true, true),
            ("c", false, false),
            ("d", false, false),
        ] {
            assert_eq!(stage.ran(text, None, false), Some(any), "{text}");
            assert_eq!(stage.ran(text, None, true), Some(failed), "{text}");
        }
    }

    #[test]
    fn the_time_is_the_boot_clocks_within_one_start_and_the_wall_clocks_else() {
        let mut stage = Stage::new();
        stage.record("a", "gate1", false, ended(1));
        stage.clock.set_date_on(3);
        assert_eq!(stage.ran("a", None, true), Some(true));
        stage.clock.go_on(59);
        assert_eq!(stage.ran("a", None, true), Some(true));
        stage.clock.go_on(2);
        assert_eq!(stage.ran("a", None, true), Some(false));
        stage.record("b", "gate1", false, ended(1));
        stage.clock.start_again();
        assert_eq!(stage.ran("b", None, true), Some(true));
        stage.clock.set_date_on(1);
        assert_eq!(stage.ran("b", None, true), Some(false));
    }

    #[test]
    fn letting_go_is_counted() {
        let mut stage = Stage::new();
        let times = |stage: &Stage| stage.history().declined(earlier("a", None));
        assert_eq!(times(&stage), Some(0));
        stage.record("a", "gate1", false, let_go("declined"));
        stage.record("a", "gate1", false, let_go("interrupted"));
        stage.record("a", "gate1", false, let_go("gap"));
        stage.record("b", "gate1", false, let_go("declined"));
        assert_eq!(times(&stage), Some(2));
    }

    #[test]
    fn a_ledger_that_cannot_be_read_answers_nothing() {
        let stage = Stage::new();
        std::fs::create_dir_all(stage.path().parent().unwrap()).unwrap();
        std::fs::write(stage.path(), "no database").unwrap();
        assert_eq!(stage.ran("a", None, false), None);
        let nowhere = LedgerHistory::new(Box::new(|| Err("no home".to_owned())));
        assert_eq!(nowhere.declined(earlier("a", None)), None);
    }
}
