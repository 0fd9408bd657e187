//! `kanmonctl approve` at the team's store, as the role that logs in there.

use serde_json::json;

use crate::context::{self, Environment};
use crate::door::exit::NOT_CLEARED;
use crate::door::second;
use crate::gate::{duration, giver};
use crate::team::approvals::{Approver, NotTaken, Unread, Waiting};
use crate::team::libpq;
use crate::text::{Language, approve as say};
use crate::ui::safe;

use super::super::out::{self, Failure};
use super::super::store::failure;
use super::Args;

/// Runs `approve` at the store that is named, or that the system's configuration names.
///
/// # Errors
/// Where the store does not answer, or there is no such request.
pub(super) fn run(args: &Args, configured: Option<&str>) -> Result<i32, Failure> {
    let environment = Environment::of_process();
    let address = match (&args.url, configured) {
        (None, Some(configured)) => libpq::as_person(configured, &environment),
        (url, _) => libpq::of_person(url.as_deref(), &environment),
    };
    let address = address.map_err(|error| Failure::new(error.to_string()))?;
    let names = giver::names(&context::who::who(&environment));
    let mut approver = Approver::new(address, names);
    let language = environment.language();
    let waiting = approver.waiting(args.id.as_deref());
    let waiting = waiting.map_err(|error| failure(&approver.store(), &error))?;
    let Some(id) = &args.id else {
        return match args.json {
            true => list_json(&waiting),
            false => list(&waiting, language),
        };
    };
    match waiting.first() {
        Some(found) => answer(found, &mut approver, language),
        None => {
            Err(Failure::new(say::unknown(language, safe::value(id)))
                .hint(say::list_hint(language)))
        }
    }
}

/// Has the person at this terminal consider a request and, after their yes, says it.
fn answer(found: &Waiting, approver: &mut Approver, language: Language) -> Result<i32, Failure> {
    let not = |reason: String| {
        let told = say::not_approved(language, safe::value(&reason));
        out::error(&Failure::new(told));
        Ok(NOT_CLEARED)
    };
    let body = match &found.body {
        Ok(_) if found.is_own => return not(say::own(language)),
        Ok(body) => body,
        Err(unread) => return not(unread_text(*unread, found, language)),
    };
    let called = match second::consider(&body.request, &body.shown, found.ago, &found.host) {
        Ok(called) => called,
        Err(reason) => return not(reason.reason().to_owned()),
    };
    match approver.say_yes(found, &called) {
        Ok(()) => {
            out::line(&say::approved(language, safe::value(&found.id)))?;
            Ok(0)
        }
        Err(NotTaken::NoPerson) => not(say::no_person(language)),
        Err(NotTaken::Over) => not(say::over(language)),
        Err(NotTaken::Own) => not(say::own(language)),
        Err(NotTaken::Group(groups)) => not(say::group(language, groups)),
        Err(NotTaken::Already) => not(say::already(language)),
        Err(NotTaken::NoAnswer(error)) => Err(failure(&approver.store(), &error)),
    }
}

/// Says why a request cannot be read.
fn unread_text(unread: Unread, found: &Waiting, language: Language) -> String {
    match unread {
        Unread::Newer => say::newer(language, &found.host),
        Unread::Damaged => say::damaged(language, &found.host),
    }
}

/// Lists what waits; its texts are the askers' and may be hostile.
fn list(waiting: &[Waiting], language: Language) -> Result<i32, Failure> {
    if waiting.is_empty() {
        out::line(&say::nothing_waits(language))?;
    }
    for found in waiting {
        for row in rows(found, language) {
            out::line(&safe::value(&row))?;
        }
    }
    Ok(0)
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

/// Lists what waits, for programs.
fn list_json(waiting: &[Waiting]) -> Result<i32, Failure> {
    out::json(&waiting.iter().map(as_json).collect::<Vec<_>>())?;
    Ok(0)
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
    })
}
