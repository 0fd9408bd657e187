//! `kanmonctl approve` at the team's store, as the role that logs in there.

use serde_json::json;

use crate::context::{self, Environment};
use crate::door::exit::NOT_CLEARED;
use crate::door::second;
use crate::gate::approval::Reason;
use crate::gate::{duration, giver};
use crate::team::approvals::{Approver, NotTaken, Unread, Waiting};
use crate::team::libpq;
use crate::text::{Language, approve as say};
use crate::ui::safe;

use super::super::out::{self, Failure};
use super::super::store::failure;
use super::{Open, Requests, unknown};

/// The requests at a store.
#[derive(Debug)]
pub(super) struct Team {
    approver: Approver,
    language: Language,
}

impl Team {
    /// Returns those at the store that a URL names, or the system's configuration; nothing is opened yet.
    ///
    /// # Errors
    /// Where these name no store.
    pub(super) fn new(
        url: Option<&str>,
        configured: Option<&str>,
        language: Language,
    ) -> Result<Self, Failure> {
        let environment = Environment::of_process();
        let address = match (url, configured) {
            (None, Some(configured)) => libpq::as_person(configured, &environment),
            (url, _) => libpq::of_person(url, &environment),
        };
        let address = address.map_err(|error| Failure::of(&error, language))?;
        let names = giver::names(&context::who::who(&environment));
        Ok(Self {
            approver: Approver::new(address, names),
            language,
        })
    }

    /// Returns what waits, of one id or all.
    fn waiting(&mut self, id: Option<&str>) -> Result<Vec<Waiting>, Failure> {
        let waiting = self.approver.waiting(id);
        waiting.map_err(|error| failure(&self.approver.store(), &error))
    }
}

impl Requests for Team {
    fn open(&mut self) -> Result<Vec<Open>, Failure> {
        let waiting = self.waiting(None)?;
        let role = self.approver.role().to_owned();
        let open = waiting.iter().map(|found| Open {
            id: found.id.clone(),
            rows: rows(found, self.language),
            json: as_json(found),
            waits: !found.is_to_run,
            is_to_answer: !found.is_own && found.body.is_ok() && !found.answered.contains(&role),
        });
        Ok(open.collect())
    }

    fn is_open(&mut self, id: &str) -> Result<bool, Failure> {
        Ok(!self.waiting(Some(id))?.is_empty())
    }

    fn answer(&mut self, id: &str) -> Result<i32, Failure> {
        let language = self.language;
        let waiting = self.waiting(Some(id))?;
        let found = waiting.first().ok_or_else(|| unknown(id, language))?;
        let not = |reason: String| {
            let told = say::not_approved(language, safe::value(&reason));
            out::error(&Failure::new(told));
            Ok(NOT_CLEARED)
        };
        let body = match &found.body {
            Ok(_) if found.is_own => return not(say::own(language)),
            Ok(_) if found.is_to_run => {
                let told = say::is_to_run(language, safe::value(&found.id));
                let hint = say::to_run_hint(language, safe::value(&found.id));
                out::error(&Failure::new(told).hint(hint));
                return Ok(NOT_CLEARED);
            }
            Ok(body) => body,
            Err(unread) => return not(unread_text(*unread, found, language)),
        };
        let called = match second::consider(&body.request, &body.shown, found.ago, &found.host) {
            Ok(called) => called,
            Err(reason) => {
                let told = say::not_approved(language, safe::value(&reason.brief(language)));
                let hint = say::no_hint(language, safe::value(&found.id));
                out::error(&Failure::new(told).hint(hint));
                return Ok(NOT_CLEARED);
            }
        };
        let said = self.approver.say_yes(found, &called);
        self.said(said, say::approved(language, safe::value(&found.id)))
    }

    fn refuse(&mut self, id: &str, reason: &Reason) -> Result<i32, Failure> {
        let language = self.language;
        let waiting = self.waiting(Some(id))?;
        let found = waiting.first().ok_or_else(|| unknown(id, language))?;
        let said = self.approver.say_no(found, reason);
        self.said(said, say::refused(language, safe::value(&found.id)))
    }

    fn take_back(&mut self, id: &str) -> Result<i32, Failure> {
        let language = self.language;
        match self.approver.take_back(id) {
            Ok(None) => Err(Failure::new(say::no_yes(language, safe::value(id)))),
            Ok(Some(id)) => self.said(Ok(()), say::took_back(language, safe::value(&id))),
            Err(not) => self.said(Err(not), String::new()),
        }
    }
}

impl Team {
    /// Tells what the store took, or why it did not; returns the exit status.
    fn said(&self, said: Result<(), NotTaken>, told: String) -> Result<i32, Failure> {
        let language = self.language;
        let reason = match said {
            Ok(()) => {
                out::line(&told)?;
                return Ok(0);
            }
            Err(NotTaken::NoPerson) => say::no_person(language),
            Err(NotTaken::Over) => say::over(language),
            Err(NotTaken::Own) => say::own(language),
            Err(NotTaken::Group(groups)) => say::group(language, groups),
            Err(NotTaken::Already) => say::already(language),
            Err(NotTaken::TakenBack) => say::taken_back(language),
            Err(NotTaken::NoAnswer(error)) => {
                return Err(failure(&self.approver.store(), &error));
            }
        };
        let told = say::not_approved(language, safe::value(&reason));
        out::error(&Failure::new(told));
        Ok(NOT_CLEARED)
    }
}

/// Says why a request cannot be read.
fn unread_text(unread: Unread, found: &Waiting, language: Language) -> String {
    match unread {
        Unread::Newer => say::newer(language, &found.host),
        Unread::Damaged => say::damaged(language, &found.host),
        Unread::Long => say::long(language, &found.host, safe::value(&found.id)),
    }
}

/// Returns the rows of one request in the list.
fn rows(found: &Waiting, language: Language) -> Vec<String> {
    let left = duration::shown(found.left);
    let body = match &found.body {
        Ok(body) => body,
        Err(unread) => {
            return vec![
                say::row(language, &found.id, "?", &found.host, left),
                format!("  {}", unread_text(*unread, found, language)),
            ];
        }
    };
    let request = &body.request;
    let user = request.who.person();
    let mut first = say::row(language, &found.id, user, &found.host, left);
    let marks = [
        found.is_own.then(|| say::mark_own(language)),
        request.drill.then(|| say::mark_drill(language)),
        found.is_to_run.then(|| say::mark_to_run(language)),
        (!found.answered.is_empty()).then(|| {
            let names = found.answered.join(language.comma());
            say::mark_answered(language, names)
        }),
    ];
    for mark in marks.into_iter().flatten() {
        first.push_str("  ");
        first.push_str(&mark);
    }
    let held = request.held.iter();
    let held = held.map(|(rule, target)| say::held_at(language, rule, target));
    let held: Vec<String> = held.collect();
    vec![
        first,
        format!("  {}", held.join(language.comma())),
        format!("  {}", safe::command_line(&request.line)),
    ]
}

/// Returns a request for programs.
fn as_json(found: &Waiting) -> serde_json::Value {
    let request = found.body.as_ref().ok().map(|body| &body.request);
    let held = request.map(|request| {
        let held = request.held.iter();
        held.map(|(rule, target)| json!({ "rule": rule, "target": target }))
            .collect::<Vec<_>>()
    });
    json!({
        "id": found.id,
        "host": found.host,
        "asker": request.map(|request| request.who.person()),
        "line": request.map(|request| &request.line),
        "held": held,
        "needs": request.map(|request| &request.needs),
        "drill": request.map(|request| request.drill),
        "hash": found.hash,
        "left_ms": u64::try_from(found.left.as_millis()).unwrap_or(u64::MAX),
        "answered": found.answered,
        "own": found.is_own,
        "to_run": found.is_to_run,
    })
}
