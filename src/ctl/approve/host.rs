//! Requests that wait on this host, in the folder of what was given.

use chrono::Local;
use nix::unistd::geteuid;
use serde_json::json;

use crate::context::users;
use crate::door::approve::{NotApproved, approve, refuse};
use crate::door::exit::NOT_CLEARED;
use crate::gate::Clock;
use crate::gate::approval::Reason;
use crate::given::{GivenFiles, Waiting};
use crate::policy::ruleset::RuleSet;
use crate::text::{Language, approve as say};
use crate::ui::safe;

use super::super::out::{self, Failure};
use super::{Open, Requests, unknown};

/// This host's requests.
pub(super) struct Host<'h> {
    pub(super) rules: &'h RuleSet,
    pub(super) given: GivenFiles,
    pub(super) clock: &'h dyn Clock,
    pub(super) language: Language,
}

impl Host<'_> {
    /// Returns the requests that are open.
    fn waiting(&self) -> Result<Vec<Waiting>, Failure> {
        let mut waiting = self.given.requests().map_err(|error| {
            Failure::of(&error, self.language).hint(say::make_place(self.language))
        })?;
        waiting.retain(|waiting| waiting.request.is_open(&self.clock.now()));
        Ok(waiting)
    }
}

impl Requests for Host<'_> {
    fn open(&mut self) -> Result<Vec<Open>, Failure> {
        let waiting = self.waiting()?;
        Ok(waiting
            .iter()
            .map(|waiting| shown(waiting, self.language))
            .collect())
    }

    fn answer(&mut self, id: &str) -> Result<i32, Failure> {
        let waiting = self.waiting()?;
        let mut fitting = waiting.iter().filter(|waiting| waiting.request.id == id);
        let found = fitting.next().ok_or_else(|| unknown(id, self.language))?;
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
        let waiting = self.waiting()?;
        let found = waiting.iter().find(|waiting| waiting.request.id == id);
        let found = found.ok_or_else(|| unknown(id, self.language))?;
        match refuse(found, reason, self.clock, &self.given) {
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
fn shown(waiting: &Waiting, language: Language) -> Open {
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
        }),
        is_to_answer: waiting.owner != geteuid().as_raw(),
    }
}
