//! A clock that is set by hand, and short ways to write entries, for this folder's tests.

use std::cell::RefCell;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::gate::record::{Entry, Event, HeldInvocation, Opened, RunId};
use crate::gate::world::{Clock, GapGuard, Ledger, Moment, Targets, Who};
use crate::line::Span;

/// A clock that is set by hand. It starts at 2026-11-22 02:33:00 UTC, one hour after the host.
#[derive(Debug)]
pub(super) struct HandClock(RefCell<Moment>);

impl HandClock {
    /// Returns a clock in the first start of the host, `boot-1`.
    pub(super) fn new() -> Self {
        Self(RefCell::new(Moment {
            utc: time("2026-11-22T02:33:00Z"),
            boot: Duration::from_secs(3600),
            boot_id: "boot-1".to_owned(),
        }))
    }

    /// Lets time go by.
    pub(super) fn go_on(&self, seconds: u64) {
        let mut now = self.0.borrow_mut();
        now.utc += Duration::from_secs(seconds);
        now.boot += Duration::from_secs(seconds);
    }

    /// Sets the wall clock alone.
    pub(super) fn set_date(&self, utc: &str) {
        self.0.borrow_mut().utc = time(utc);
    }

    /// Starts the host again, 60 s ago.
    pub(super) fn start_again(&self, boot_id: &str) {
        let mut now = self.0.borrow_mut();
        now.boot = Duration::from_secs(60);
        now.boot_id = boot_id.to_owned();
    }
}

impl Clock for HandClock {
    fn now(&self) -> Moment {
        self.0.borrow().clone()
    }
}

/// Reads a time.
pub(super) fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Returns an entry of run `run`.
pub(super) fn entry(run: &str, event: Event) -> Entry {
    Entry {
        run: RunId(run.to_owned()),
        event,
    }
}

/// Returns the head of a run of `rule` at `target` by `ann`.
pub(super) fn opened(rule: &str, target: &str) -> Event {
    Event::Opened(Box::new(head(rule, target)))
}

/// Returns the head of a drill.
pub(super) fn opened_drill(rule: &str, target: &str) -> Event {
    Event::Opened(Box::new(Opened {
        drill: true,
        ..head(rule, target)
    }))
}

fn head(rule: &str, target: &str) -> Opened {
    Opened {
        who: Who {
            real_user: "root".to_owned(),
            login_user: "ann".to_owned(),
            ..Who::default()
        },
        line: "postsuper -r ALL".to_owned(),
        invocations: vec![HeldInvocation {
            rule: rule.to_owned(),
            text: "postsuper -r ALL".to_owned(),
            span: Span::new(0, 16),
            via: vec!["sudo".to_owned()],
            target: target.to_owned(),
            user: "root".to_owned(),
            ..HeldInvocation::default()
        }],
        door: "prefix".to_owned(),
        version: "0.1.0".to_owned(),
        ..Opened::default()
    }
}

/// Returns a clearance.
pub(super) fn cleared() -> Event {
    Event::Cleared {
        measured: vec![("mail.queue".to_owned(), "17".to_owned())],
        permits: Vec::new(),
    }
}

/// Returns a start as `pid`.
pub(super) fn started(pid: i32, start_ticks: Option<u64>) -> Event {
    Event::Started { pid, start_ticks }
}

/// Returns an end with a status.
pub(super) fn ended(status: i32) -> Event {
    Event::Ended {
        status: Some(status),
        signal: None,
        took: Duration::from_secs(2),
    }
}

/// Appends `events` to `run`.
pub(super) fn append(ledger: &mut impl Ledger, clock: &HandClock, run: &str, events: Vec<Event>) {
    for event in events {
        ledger.append(&entry(run, event), clock).unwrap();
    }
}

/// Returns a guard of `seconds`.
pub(super) fn gap(rule: &str, target: Option<&str>, seconds: u64) -> GapGuard {
    GapGuard {
        rule: rule.to_owned(),
        targets: target.map_or(Targets::Any, |target| Targets::One(target.to_owned())),
        time: Duration::from_secs(seconds),
        team: false,
    }
}
