//! Answers the conditions `rerun` and `declined` from the ledger, which is opened for reading only
//! when one asks.
//!
//! The same invocation is the same words, however they are quoted, with secrets masked as they are
//! in the record; the same target is the same name. A ledger that is not there knows of no run; one
//! that cannot be read answers nothing, and what is not known never excuses.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::context::{self, SystemClock};
use crate::gate::record::Event;
use crate::gate::world::Moment;
use crate::gate::{Clock as _, mask};
use crate::ledger::{Outcome, Reader, Run};
use crate::line::{self, Givens, Line, Lore, Words, Wrapper};
use crate::policy::facts::{Earlier, History};

use super::store;

/// Reasons for not being cleared with which the operator let go of a line.
const LET_GO: [&str; 6] = [
    "declined",
    "interrupted",
    "quit",
    "end-of-input",
    "wrong-call",
    "no-answer",
];

/// Where the ledger lies; an error where it has no place.
type Place = Box<dyn Fn() -> Result<PathBuf, String>>;

/// Tells the time.
type Now = Box<dyn Fn() -> Moment>;

/// What a ledger says of earlier runs.
pub struct LedgerHistory {
    place: Place,
    now: Now,
    /// This host's name, as records have it.
    here: Box<dyn Fn() -> String>,
}

impl fmt::Debug for LedgerHistory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LedgerHistory")
            .finish_non_exhaustive()
    }
}

/// Returns what this user's ledger says.
#[must_use]
pub fn of_this_user() -> LedgerHistory {
    store::history()
}

impl LedgerHistory {
    /// Returns what the ledger at `place` says, by this host's clocks.
    #[must_use]
    pub fn new(place: Place) -> Self {
        Self {
            place,
            now: Box::new(|| SystemClock::new().now()),
            here: Box::new(context::host::node_name),
        }
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
        let masked = mask::line(earlier.text, &[earlier.span]);
        let span = masked.spans.first()?;
        let text = mask::text(masked.text.get(span.start..span.end)?);
        let words = words_of(&text);
        let here = (self.here)();
        let target = earlier.target.unwrap_or(&here);
        let mut runs = self.recent(earlier.within, now)?;
        runs.retain(|run| {
            let mut held = run.invocations.iter();
            !run.drill
                && held.any(|held| {
                    let mut targets = held.targets().iter().chain([&held.target]);
                    (held.any_target || targets.any(|held| held.eq_ignore_ascii_case(target)))
                        && (held.text == text || words_of(&held.text) == words)
                })
        });
        Some(runs)
    }
}

impl History for LedgerHistory {
    fn ran(&self, earlier: Earlier<'_>, failed: bool) -> Option<bool> {
        let now = (self.now)();
        let runs = self.same(earlier, &now)?;
        Some(runs.iter().any(|run| match run.outcome {
            Outcome::Open
            | Outcome::NotCleared { .. }
            | Outcome::NotStarted { .. }
            | Outcome::Drilled
            | Outcome::HostStarted { .. } => false,
            Outcome::UnderWay | Outcome::Ended { status: 0 } => !failed,
            Outcome::Ended { .. }
            | Outcome::Killed { .. }
            | Outcome::Unknown
            | Outcome::HostWentDown => true,
        }))
    }

    fn declined(&self, earlier: Earlier<'_>) -> Option<usize> {
        let now = (self.now)();
        let runs = self.same(earlier, &now)?;
        let let_go = |run: &&Run| {
            run.events.iter().any(|told| match &told.event {
                Event::NotCleared { reason, .. } => LET_GO.contains(&reason.as_str()),
                _ => false,
            })
        };
        Some(runs.iter().filter(let_go).count())
    }
}

/// Returns the words of one invocation, quotes taken away.
fn words_of(text: &str) -> Vec<String> {
    let reading = line::read(
        &Line::shell(text.as_bytes()),
        &NothingKnown,
        &Givens::default(),
    );
    let invocation = reading
        .ok()
        .and_then(|reading| reading.invocations.into_iter().next());
    let Some(invocation) = invocation else {
        return vec![text.to_owned()];
    };
    let program = std::iter::once(&invocation.program);
    program
        .chain(&invocation.args)
        .map(line::Word::shown)
        .collect()
}

/// A lore without any program: words are compared, not understood.
struct NothingKnown;

impl Lore for NothingKnown {
    fn words(&self, _program: &str) -> Option<&Words> {
        None
    }
    fn wrappers(&self, _program: &str) -> &[Wrapper] {
        &[]
    }
    fn is_plain(&self, _program: &str) -> bool {
        true
    }
    fn is_guarded(&self, _program: &str) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use tempfile::TempDir;

    use super::*;
    use crate::gate::record::{Entry, HeldInvocation, Opened, RunId};
    use crate::gate::world::{Clock, Ledger as _, Who};
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
                who: Who::default(),
                line: text.to_owned(),
                invocations: vec![HeldInvocation {
                    rule: "x.r".to_owned(),
                    text: text.to_owned(),
                    span: Span::new(0, text.len()),
                    via: Vec::new(),
                    target: target.to_owned(),
                    targets: Vec::new(),
                    any_target: false,
                    user: "root".to_owned(),
                    bound: std::collections::BTreeMap::new(),
                    call: None,
                }],
                door: "prefix".to_owned(),
                drill,
                version: "0".to_owned(),
                scripts: None,
                above: None,
                within: None,
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
