//! Requests that wait on this host, in the folder of what was given.

use std::time::Duration;

use chrono::{Local, TimeDelta};
use nix::unistd::geteuid;
use serde_json::json;

use crate::context::users;
use crate::door::approve::{NotApproved, approve, refuse};
use crate::door::exit::NOT_CLEARED;
use crate::gate::approval::{self, Reason};
use crate::gate::{Clock, Given as _};
use crate::given::{GivenFiles, Waiting};
use crate::policy::ruleset::RuleSet;
use crate::text::{Language, approve as say};
use crate::ui::safe;

use super::super::out::{self, Failure};
use super::{Open, Requests, unknown};

/// How long an answer holds at most; the gate that uses it up knows how long.
const HOLDS: Duration = Duration::from_secs(24 * 60 * 60);

/// This host's requests.
pub(super) struct Host<'h> {
    pub(super) rules: &'h RuleSet,
    pub(super) given: GivenFiles,
    pub(super) clock: &'h dyn Clock,
    pub(super) language: Language,
}

impl Host<'_> {
    /// Returns the requests that are there, whether they can be answered or not.
    fn there(&self) -> Result<Vec<Waiting>, Failure> {
        self.given.requests().map_err(|error| {
            Failure::of(&error, self.language).hint(say::make_place(self.language))
        })
    }

    /// Returns the requests that are open, and whether each has all its yeses and has not run.
    fn open_ones(&self) -> Result<Vec<(Waiting, bool)>, Failure> {
        let now = self.clock.now();
        let mut given = self.given.clone();
        let mut there = self.there()?;
        // A no ends a request at once; its gate may not have looked yet, or be gone and leave it there.
        there.retain(|waiting| !matches!(given.refusal(&waiting.request), Ok(Some(_))));
        let found = there.into_iter().map(|waiting| {
            let request = &waiting.request;
            let all = given.approvals(request);
            let by = approval::that_count(all, request, &request.who, &now, HOLDS);
            let is_to_run = approval::are_enough(&by, &request.needs)
                && now.utc - request.made.utc < TimeDelta::days(1);
            (waiting, is_to_run)
        });
        let is_open =
            |(waiting, is_to_run): &(Waiting, bool)| *is_to_run || waiting.request.is_open(&now);
        Ok(found.filter(is_open).collect())
    }

    /// Returns one that is there.
    fn one(&self, id: &str) -> Result<Waiting, Failure> {
        let mut there = self.there()?.into_iter();
        let found = there.find(|waiting| waiting.request.id == id);
        found.ok_or_else(|| unknown(id, self.language))
    }
}

impl Requests for Host<'_> {
    fn open(&mut self) -> Result<Vec<Open>, Failure> {
        let open = self.open_ones()?;
        Ok(open
            .iter()
            .map(|(waiting, is_to_run)| shown(waiting, *is_to_run, self.language))
            .collect())
    }

    fn answer(&mut self, id: &str) -> Result<i32, Failure> {
        let open = self.open_ones()?;
        let found = open.iter().find(|(waiting, _)| waiting.request.id == id);
        let (found, is_to_run) = found.ok_or_else(|| unknown(id, self.language))?;
        if *is_to_run && found.owner != geteuid().as_raw() {
            let told = say::is_to_run(self.language, safe::value(id));
            let hint = say::to_run_hint(self.language, safe::value(id));
            out::error(&Failure::new(told).hint(hint));
            return Ok(NOT_CLEARED);
        }
        match approve(found, self.rules, self.clock, &self.given) {
            Ok(()) => {
                out::line(&say::approved(self.language, safe::value(id)))?;
                Ok(0)
            }
            Err(NotApproved::Said(reason)) => {
                let told = say::not_approved(self.language, reason.brief(self.language));
                let hint = say::no_hint(self.language, safe::value(id));
                out::error(&Failure::new(told).hint(hint));
                Ok(NOT_CLEARED)
            }
            Err(error) => {
                out::error(&Failure::of(&error, self.language));
                Ok(NOT_CLEARED)
            }
        }
    }

    fn refuse(&mut self, id: &str, reason: &Reason) -> Result<i32, Failure> {
        match refuse(&self.one(id)?, reason, self.clock, &self.given) {
            Ok(()) => {
                out::line(&say::refused(self.language, safe::value(id)))?;
                Ok(0)
            }
            Err(error) => {
                out::error(&Failure::new(error.to_string()));
                Ok(NOT_CLEARED)
            }
        }
    }

    fn take_back(&mut self, id: &str) -> Result<i32, Failure> {
        let taken = self.given.take_back(id);
        match taken.map_err(|error| Failure::new(error.to_string()))? {
            true => {
                out::line(&say::took_back(self.language, safe::value(id)))?;
                Ok(0)
            }
            false => Err(Failure::new(say::no_yes(self.language, safe::value(id)))),
        }
    }
}

/// Returns a request as the list has it.
fn shown(waiting: &Waiting, is_to_run: bool, language: Language) -> Open {
    let request = &waiting.request;
    let held = request.held.iter();
    let rules = held.map(|(rule, target)| say::held_at(language, rule, target));
    let rules: Vec<String> = rules.collect();
    let until = request.until.with_timezone(&Local).format("%H:%M");
    let user = users::user_name(waiting.owner);
    let mut first = say::row_until(language, &request.id, user, until);
    if request.drill {
        first.push_str("  ");
        first.push_str(&say::mark_drill(language));
    }
    if is_to_run {
        first.push_str("  ");
        first.push_str(&say::mark_to_run(language));
    }
    Open {
        id: request.id.clone(),
        rows: vec![
            first,
            format!("  {}", rules.join(language.comma())),
            format!("  {}", safe::command_line(&request.line)),
        ],
        json: json!({
            "id": request.id,
            "asker": request.who.real_user,
            "asker_uid": waiting.owner,
            "line": request.line,
            "held": request.held.iter().map(|(rule, target)| json!({ "rule": rule, "target": target })).collect::<Vec<_>>(),
            "needs": request.needs,
            "drill": request.drill,
            "until": request.until,
            "to_run": is_to_run,
        }),
        waits: !is_to_run,
        is_to_answer: waiting.owner != geteuid().as_raw(),
    }
}
