//! Answers whether a think-step was answered before, so that the answer still counts.
//!
//! Two memories, both of the same person alone: the last quarter of an hour at this terminal in
//! this session, up to the newest run there that did not end well; and, for what is found in
//! scripts, a day for the same content at the same target. Only a cleared run that was started
//! counts, never a drill, and never an answer that was itself carried over. What is not certain
//! counts for nothing.

use std::time::Duration;

use rusqlite::{Connection, params};

use crate::gate::record::{Answered, Basis, Event, Opened, RunId};
use crate::gate::world::{Earlier, Moment, ThinkStep, Who};

use super::chain::{ago, boot_ns};
use super::history::{self, Outcome, Told, Unended};
use super::reader::ReadError;

/// How long an answer counts in its session.
const SESSION: Duration = Duration::from_secs(15 * 60);
/// How long an answer counts for the same scripts.
const SCRIPTS: Duration = Duration::from_secs(24 * 60 * 60);
/// How many of the newest records are looked at for the session.
const NEWEST: i64 = 4096;

/// Returns the newest answer that still counts for a think-step.
///
/// # Errors
/// Where the records cannot be read.
pub(super) fn earlier(
    connection: &Connection,
    step: &ThinkStep<'_>,
    now: &Moment,
) -> Result<Option<Earlier>, ReadError> {
    match in_session(connection, step, now)? {
        Some(earlier) => Ok(Some(earlier)),
        None => of_scripts(connection, step, now),
    }
}

/// Looks at the runs of this session, the newest first, up to one that did not end well.
fn in_session(
    connection: &Connection,
    step: &ThinkStep<'_>,
    now: &Moment,
) -> Result<Option<Earlier>, ReadError> {
    let who = step.who;
    if who.session == 0 || who.terminal.is_empty() || now.boot_id.is_empty() {
        return Ok(None);
    }
    let to = boot_ns(now.boot);
    let from = to.saturating_sub(boot_ns(SESSION));
    let mut statement = connection.prepare(
        "SELECT run FROM record
         WHERE seq > (SELECT max(seq) FROM record) - ?1
           AND kind IN ('cleared', 'not-cleared', 'noted', 'broken-glass')
           AND boot_id = ?2 AND boot_ns > ?3 AND boot_ns <= ?4
         ORDER BY seq DESC",
    )?;
    let runs = statement.query_map(params![NEWEST, now.boot_id, from, to], |row| row.get(0))?;
    for run in runs {
        let run: String = run?;
        let told = history::told(connection, &run)?;
        let Some((opened, events)) = head(&told) else {
            continue;
        };
        if opened.drill || !is_same_session(&opened.who, who) {
            continue;
        }
        match history::outcome(events, Unended::Here(now)) {
            Outcome::Ended { status: 0 } | Outcome::UnderWay => {}
            Outcome::Open
            | Outcome::NotCleared { .. }
            | Outcome::Drilled
            | Outcome::NotStarted { .. }
            | Outcome::Ended { .. }
            | Outcome::Killed { .. }
            | Outcome::Unknown
            | Outcome::HostWentDown
            | Outcome::HostStarted { .. } => return Ok(None),
        }
        if let Some(earlier) = answer(&run, events, step, Basis::Session) {
            return Ok(Some(earlier));
        }
    }
    Ok(None)
}

/// Looks at the runs of the same scripts at the same target, the newest first.
fn of_scripts(
    connection: &Connection,
    step: &ThinkStep<'_>,
    now: &Moment,
) -> Result<Option<Earlier>, ReadError> {
    let Some(about) = step.scripts else {
        return Ok(None);
    };
    let mut statement = connection.prepare(
        "SELECT run, cleared_utc, cleared_boot_ns, cleared_boot_id FROM run
         WHERE user = ?1 AND drill = 0 AND cleared_seq IS NOT NULL AND pid IS NOT NULL
         ORDER BY cleared_seq DESC",
    )?;
    let runs = statement.query_map([step.who.person()], |row| {
        let cleared = Cleared {
            utc: row.get(1)?,
            boot_ns: row.get(2)?,
            boot_id: row.get(3)?,
        };
        Ok((row.get::<_, String>(0)?, cleared))
    })?;
    for found in runs {
        let (run, cleared) = found?;
        if cleared.age(now).is_none_or(|age| age >= SCRIPTS) {
            continue;
        }
        let told = history::told(connection, &run)?;
        let Some((opened, events)) = head(&told) else {
            continue;
        };
        let is_held_there = opened.invocations.iter().any(|held| {
            held.rule == step.rule && held.user == about.user && held.targets() == about.targets
        });
        if opened.scripts.as_deref() == Some(about.hash)
            && is_same_person(&opened.who, step.who)
            && is_held_there
            && let Some(earlier) = answer(&run, events, step, Basis::Scripts)
        {
            return Ok(Some(earlier));
        }
    }
    Ok(None)
}

/// When a run was cleared.
struct Cleared {
    utc: String,
    boot_ns: i64,
    boot_id: String,
}

impl Cleared {
    /// Returns how long ago that was, as gaps count it; nothing for a time to come or one that
    /// cannot be read.
    fn age(&self, now: &Moment) -> Option<Duration> {
        ago(now, &self.utc, self.boot_ns, &self.boot_id)
    }
}

/// Returns the head of a run and what came after it.
fn head(told: &[Told]) -> Option<(&Opened, &[Told])> {
    let (first, events) = told.split_first()?;
    match &first.event {
        Event::Opened(opened) => Some((opened.as_ref(), events)),
        _ => None,
    }
}

/// Returns whether it is the same person on the same host.
fn is_same_person(one: &Who, other: &Who) -> bool {
    (&one.real_user, one.uid, &one.login_user, &one.host)
        == (&other.real_user, other.uid, &other.login_user, &other.host)
}

/// Returns whether it is the same person at the same terminal in the same session.
fn is_same_session(one: &Who, other: &Who) -> bool {
    is_same_person(one, other)
        && (one.euid, &one.terminal, one.session) == (other.euid, &other.terminal, other.session)
}

/// Returns the last answer to the step in a run, if it passed.
fn answer(run: &str, events: &[Told], step: &ThinkStep<'_>, basis: Basis) -> Option<Earlier> {
    let answers = events.iter().rev().filter_map(|told| match &told.event {
        Event::Answered(answered) if is_about(answered, step) => Some((told.at.utc, answered)),
        _ => None,
    });
    let (at, last) = answers.into_iter().next()?;
    last.passed.then(|| Earlier {
        run: RunId(run.to_owned()),
        at,
        answer: last.answer.clone(),
        basis,
    })
}

/// Returns whether an answer was given to this step.
fn is_about(answered: &Answered, step: &ThinkStep<'_>) -> bool {
    answered.step == step.step && answered.rule == step.rule && answered.question == step.text
}

#[cfg(test)]
mod tests {
    use super::super::SqliteLedger;
    use super::super::rehearsal::{
        HandClock, append, cleared, ended, opened, opened_drill, started,
    };
    use super::*;
    use crate::context::process;
    use crate::gate::world::{About, Ledger as _};

    const RULE: &str = "mail.release";

    fn ann() -> Who {
        Who {
            real_user: "root".to_owned(),
            login_user: "ann".to_owned(),
            host: "gate1".to_owned(),
            terminal: "/dev/pts/3".to_owned(),
            session: 77,
            ..Who::default()
        }
    }

    /// Returns the head of a run by `who`, of scripts with this hash.
    fn head_by(who: Who, scripts: Option<&str>) -> Event {
        let Event::Opened(mut head) = opened(RULE, "mx1") else {
            panic!("no head")
        };
        head.who = who;
        head.scripts = scripts.map(str::to_owned);
        Event::Opened(head)
    }

    fn answered(passed: bool) -> Event {
        Event::Answered(Answered {
            step: "confirm".to_owned(),
            rule: RULE.to_owned(),
            question: "Sure?".to_owned(),
            answer: if passed { "y" } else { "n" }.to_owned(),
            passed,
            took: Duration::ZERO,
        })
    }

    fn not_cleared() -> Event {
        Event::NotCleared {
            reason: "declined".to_owned(),
            detail: String::new(),
        }
    }

    fn good(who: Who) -> Vec<Event> {
        vec![
            head_by(who, Some("abc")),
            answered(true),
            cleared(),
            started(i32::MAX, Some(1)),
            ended(0),
        ]
    }

    /// Asks after `runs`, `seconds` later, as `who`.
    fn asked(runs: Vec<Vec<Event>>, seconds: u64, who: &Who) -> Option<Earlier> {
        ask(runs, |clock| clock.go_on(seconds), who, None)
    }

    fn ask(
        runs: Vec<Vec<Event>>,
        then: impl FnOnce(&HandClock),
        who: &Who,
        scripts: Option<About<'_>>,
    ) -> Option<Earlier> {
        let clock = HandClock::new();
        let mut ledger = SqliteLedger::in_memory().unwrap();
        for (number, events) in runs.into_iter().enumerate() {
            append(&mut ledger, &clock, &format!("run-{number}"), events);
        }
        then(&clock);
        let step = ThinkStep {
            who,
            step: "confirm",
            rule: RULE,
            text: "Sure?",
            scripts,
        };
        ledger.earlier(&step, &clock)
    }

    #[test]
    fn an_answer_counts_for_a_quarter_of_an_hour_in_its_session() {
        let earlier = asked(vec![good(ann())], 899, &ann()).unwrap();
        assert_eq!(earlier.run, RunId("run-0".to_owned()));
        assert_eq!(earlier.answer, "y");
        assert_eq!(earlier.basis, Basis::Session);
        assert_eq!(asked(vec![good(ann())], 901, &ann()), None);
    }

    #[test]
    fn another_person_terminal_session_or_start_of_the_host_has_none_of_it() {
        let others: [fn(&mut Who); 7] = [
            |who| who.login_user = "bob".to_owned(),
            |who| who.real_user = "bob".to_owned(),
            |who| who.uid = 1000,
            |who| who.euid = 1000,
            |who| who.host = "gate2".to_owned(),
            |who| who.terminal = "/dev/pts/4".to_owned(),
            |who| who.session = 78,
        ];
        for (number, change) in others.into_iter().enumerate() {
            let mut other = ann();
            change(&mut other);
            assert_eq!(asked(vec![good(ann())], 1, &other), None, "{number}");
        }
        let restarted = |clock: &HandClock| clock.start_again("boot-2");
        assert_eq!(ask(vec![good(ann())], restarted, &ann(), None), None);
    }

    #[test]
    fn where_the_session_or_the_terminal_is_not_known_nothing_carries_over() {
        let nowhere: [fn(&mut Who); 2] = [|who| who.session = 0, |who| who.terminal.clear()];
        for change in nowhere {
            let mut who = ann();
            change(&mut who);
            assert_eq!(asked(vec![good(who.clone())], 1, &who), None);
        }
    }

    #[test]
    fn only_a_run_that_was_cleared_started_and_did_not_fail_counts() {
        let pid = i32::try_from(std::process::id()).unwrap();
        let own = || started(pid, process::start_ticks(pid));
        let head = || head_by(ann(), None);
        let drill = || {
            let Event::Opened(mut head) = opened_drill(RULE, "mx1") else {
                panic!("no head")
            };
            head.who = ann();
            Event::Opened(head)
        };
        let cases = [
            (vec![head(), answered(true), cleared(), own()], true),
            (vec![head(), answered(true)], false),
            (vec![head(), answered(true), not_cleared()], false),
            (vec![head(), answered(true), cleared()], false),
            (
                vec![head(), answered(true), cleared(), own(), ended(1)],
                false,
            ),
            (
                vec![
                    head(),
                    answered(true),
                    cleared(),
                    started(i32::MAX, Some(1)),
                ],
                false,
            ),
            (
                vec![head(), answered(false), cleared(), own(), ended(0)],
                false,
            ),
            (vec![head(), cleared(), own(), ended(0)], false),
            (vec![drill(), answered(true), Event::Drilled], false),
        ];
        for (number, (events, counts)) in cases.into_iter().enumerate() {
            assert_eq!(asked(vec![events], 1, &ann()).is_some(), counts, "{number}");
        }
    }

    #[test]
    fn a_run_that_failed_or_was_declined_ends_what_came_before() {
        let failed = || {
            let mut events = good(ann());
            events.pop();
            events.push(ended(1));
            events
        };
        let declined = || vec![head_by(ann(), None), not_cleared()];
        assert_eq!(asked(vec![good(ann()), failed()], 1, &ann()), None);
        assert_eq!(asked(vec![good(ann()), declined()], 1, &ann()), None);
        let again = vec![failed(), good(ann())];
        assert!(asked(again, 1, &ann()).is_some());
        // What others do ends nothing.
        let mut bob = ann();
        bob.login_user = "bob".to_owned();
        let runs = vec![good(ann()), vec![head_by(bob, None), not_cleared()]];
        assert!(asked(runs, 1, &ann()).is_some());
    }

    #[test]
    fn what_was_carried_over_is_no_answer_itself() {
        let carried = vec![
            head_by(ann(), None),
            Event::Carried(crate::gate::record::Carried {
                step: "confirm".to_owned(),
                rule: RULE.to_owned(),
                question: "Sure?".to_owned(),
                answer: "y".to_owned(),
                from: RunId("run-x".to_owned()),
                basis: Basis::Session,
            }),
            cleared(),
            started(i32::MAX, Some(1)),
            ended(0),
        ];
        assert_eq!(asked(vec![carried], 1, &ann()), None);
    }

    #[test]
    fn scripts_are_remembered_for_a_day_by_content_person_and_target() {
        let (mx1, mx2) = (["mx1".to_owned()], ["mx2".to_owned()]);
        let about = |hash: &'static str, targets, user: &'static str| {
            Some(About {
                hash,
                targets,
                user,
            })
        };
        let same = about("abc", mx1.as_slice(), "root");
        let hours = |hours: u64| move |clock: &HandClock| clock.go_on(hours * 3600);
        // Another terminal may ask.
        let mut who = ann();
        who.terminal = "/dev/pts/9".to_owned();
        let earlier = ask(vec![good(ann())], hours(23), &who, same).unwrap();
        assert_eq!(earlier.basis, Basis::Scripts);
        assert_eq!(ask(vec![good(ann())], hours(24), &who, same), None);
        for other in [
            about("abd", &mx1, "root"),
            about("abc", &mx2, "root"),
            about("abc", &mx1, "ann"),
            None,
        ] {
            assert_eq!(ask(vec![good(ann())], hours(1), &who, other), None);
        }
        let mut bob = ann();
        bob.login_user = "bob".to_owned();
        assert_eq!(ask(vec![good(ann())], hours(1), &bob, same), None);
        // Through a restart the wall clock counts; one that has gone back counts for nothing.
        let restarted = |clock: &HandClock| clock.start_again("boot-2");
        assert!(ask(vec![good(ann())], restarted, &who, same).is_some());
        let back = |clock: &HandClock| {
            clock.start_again("boot-2");
            clock.set_date("2026-11-22T02:00:00Z");
        };
        assert_eq!(ask(vec![good(ann())], back, &who, same), None);
    }
}
