//! `kanmonctl approve`: lists what waits for somebody's yes, and says it: on this host, or at the team's
//! store where one is named.

mod team;

use chrono::Local;
use serde_json::json;

use crate::context::SystemClock;
use crate::door::approve::{NotApproved, approve};
use crate::door::exit::NOT_CLEARED;
use crate::gate::Clock;
use crate::given::{GivenFiles, Waiting};
use crate::policy::ruleset::RuleSet;
use crate::ui::safe;

use super::out::{self, Failure};

/// Arguments of `approve`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The request, as the asker's screen or the list names it
    id: Option<String>,
    /// Answer in JSON
    #[arg(long, conflicts_with = "id")]
    json: bool,
    /// Another store than the system's, or as another role: postgresql://ROLE@HOST/DATABASE; what it
    /// leaves open, PG* variables, service files and ~/.pgpass say
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

/// Runs `approve`; exits 124 where it was not approved.
///
/// # Errors
/// Where the store cannot be read, or there is no such request.
pub fn run(args: &Args) -> Result<i32, Failure> {
    let rules = out::rules()?;
    if args.url.is_some() || rules.setup().store.is_some() {
        return team::run(args, rules.setup().store.as_deref());
    }
    run_with(
        args.id.as_deref(),
        args.json,
        &rules,
        &GivenFiles::of_this_host(),
    )
}

/// Runs `approve` with other rules and another store.
///
/// # Errors
/// As [`run`].
pub fn run_with(
    id: Option<&str>,
    as_json: bool,
    rules: &RuleSet,
    given: &GivenFiles,
) -> Result<i32, Failure> {
    let clock = SystemClock::new();
    let mut waiting = given.requests().map_err(|error| {
        Failure::new(error.to_string()).hint("The store is made by `kanmonctl init --host`.")
    })?;
    waiting.retain(|waiting| waiting.request.is_open(&clock.now()));
    let Some(id) = id else {
        return list(&waiting, as_json);
    };
    let mut fitting = waiting.iter().filter(|waiting| waiting.request.id == id);
    let Some(found) = fitting.next() else {
        return Err(
            Failure::new(format!("no open request is called `{}`", safe::value(id)))
                .hint("`kanmonctl approve` lists those that are."),
        );
    };
    match approve(found, rules, &clock, given) {
        Ok(()) => {
            out::line(&format!("approved {}", safe::value(id)))?;
            Ok(0)
        }
        Err(NotApproved::Said(reason)) => {
            out::error(&Failure::new(format!("not approved: {reason}")));
            Ok(NOT_CLEARED)
        }
        Err(error) => {
            out::error(&Failure::new(error.to_string()));
            Ok(NOT_CLEARED)
        }
    }
}

/// Lists what waits; its texts are the askers' and may be hostile.
fn list(waiting: &[Waiting], as_json: bool) -> Result<i32, Failure> {
    if as_json {
        let all = waiting.iter().map(|waiting| {
            let request = &waiting.request;
            json!({
                "id": request.id,
                "asker": request.who.real_user,
                "asker_uid": waiting.owner,
                "line": request.line,
                "held": request.held.iter().map(|(rule, target)| json!({ "rule": rule, "target": target })).collect::<Vec<_>>(),
                "needs": request.needs,
                "drill": request.drill,
                "until": request.until,
            })
        });
        out::json(&serde_json::Value::Array(all.collect()))?;
        return Ok(0);
    }
    for waiting in waiting {
        let request = &waiting.request;
        let held: Vec<String> = request
            .held
            .iter()
            .map(|(rule, target)| format!("{rule} at {target}"))
            .collect();
        let drill = if request.drill { "  DRILL" } else { "" };
        out::line(&safe::value(&format!(
            "{}  {}  until {}  {}: {}{drill}",
            request.id,
            crate::context::users::user_name(waiting.owner),
            request.until.with_timezone(&Local).format("%H:%M"),
            held.join(", "),
            request.line,
        )))?;
    }
    Ok(0)
}
