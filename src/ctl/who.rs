//! `kanmonctl who`: what is asked or runs now, held where, waiting for whom. Reads only.
//!
//! Of all hosts where a store is named and answers, else of this host; which of the two is said.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::context::{Environment, SystemClock};
use crate::door::store as door;
use crate::gate::approval::Need;
use crate::gate::record::Event;
use crate::gate::world::Whose;
use crate::gate::{Clock as _, Moment, duration};
use crate::given::GivenFiles;
use crate::ledger::{Outcome, Reader, Run};
use crate::team::Connection;
use crate::team::now::{self, Now, Waits};
use crate::text::{Language, team as text};
use crate::ui::safe;

use super::out::{self, Failure};
use super::store::{self, Which};

/// How long a question may stand before nobody is taken to answer it any more.
const QUESTION: Duration = Duration::from_secs(24 * 60 * 60);

/// Arguments of `who`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which store
    #[command(flatten)]
    which: Which,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// What was found, and how far it goes.
struct Seen {
    /// Runs that are asked or under way.
    runs: Vec<Now>,
    /// How far it goes: `team`, `host`, `own` or `none`.
    scope: &'static str,
    /// What is not seen, and why.
    unseen: Option<String>,
}

/// Runs `who`.
///
/// # Errors
/// Where a store that was named here does not answer, or the ledger cannot be read.
pub fn run(args: &Args) -> Result<i32, Failure> {
    let environment = Environment::of_process();
    let language = environment.language();
    let now = SystemClock::new().now();
    let rules = out::rules()?;
    let mut seen = match (args.which.is_named(), &rules.setup().store) {
        (true, _) => of_team(store::open(&args.which)?)?,
        (false, None) => of_host(&environment, &now, language)?,
        (false, Some(_)) => match store::open_as_any().and_then(of_team) {
            Ok(seen) => seen,
            Err(failure) => {
                let mut seen = of_host(&environment, &now, language)?;
                // What is seen is one of the two, and which one is said once.
                seen.unseen = Some(match seen.scope {
                    "host" => text::only_this_host(language, failure.message()),
                    _ => text::only_your_own_because(language, failure.message()),
                });
                seen
            }
        },
    };
    // Requests of this host alone; one that cannot be read waits for nobody who is known.
    let mut requests = GivenFiles::of_this_host().requests().unwrap_or_default();
    requests.retain(|waiting| waiting.request.is_open(&now));
    for run in &mut seen.runs {
        let mut requests = requests.iter().map(|waiting| &waiting.request);
        if run.waits.is_none()
            && let Some(request) = requests.find(|request| request.id.starts_with(&run.run))
        {
            run.waits = Some(Waits {
                request: request.id.clone(),
                needs: request.needs.clone(),
            });
        }
    }
    if args.json {
        let runs: Vec<Value> = seen.runs.iter().map(as_value).collect();
        out::json(&json!({ "scope": seen.scope, "unseen": seen.unseen, "runs": runs }))?;
        return Ok(0);
    }
    for run in &seen.runs {
        out::row(&safe::value(&in_a_line(run, language)))?;
    }
    if seen.runs.is_empty() {
        out::line(&text::nothing_runs(language))?;
    }
    if let Some(unseen) = &seen.unseen {
        out::line(&safe::lines(unseen))?;
    }
    Ok(0)
}

/// Asks the store.
fn of_team((mut connection, shown): (Connection, String)) -> Result<Seen, Failure> {
    let runs = now::now(&mut connection).map_err(|error| store::failure(&shown, &error))?;
    Ok(Seen {
        runs,
        scope: "team",
        unseen: None,
    })
}

/// Reads the ledger that counts for this user.
fn of_host(environment: &Environment, now: &Moment, language: Language) -> Result<Seen, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::of(&error, language);
    let place = door::place(environment).map_err(|error| failed(&error))?;
    let (scope, unseen) = match place.whose {
        Whose::Hosts => ("host", None),
        Whose::Own | Whose::OwnBesideHosts => ("own", Some(text::only_your_own(language))),
    };
    let runs = match place.file.try_exists()? {
        false => Vec::new(),
        true => {
            let reader = Reader::open(&place.file).map_err(|error| failed(&error))?;
            let runs = reader
                .recent(QUESTION, now)
                .map_err(|error| failed(&error))?;
            let mut runs: Vec<Now> = runs.iter().filter_map(|run| is_now(run, now)).collect();
            runs.sort_by_key(|run| std::cmp::Reverse(run.since));
            runs
        }
    };
    Ok(Seen {
        runs,
        scope,
        unseen,
    })
}

/// Returns a run as one of now; `None` where it is neither asked nor under way.
fn is_now(run: &Run, now: &Moment) -> Option<Now> {
    let (is_under_way, began) = match run.outcome {
        Outcome::Open => (false, run.opened),
        Outcome::UnderWay => {
            let began = run.events.iter().find(|told| {
                matches!(
                    told.event,
                    Event::Cleared { .. } | Event::Noted | Event::BrokenGlass { .. }
                )
            });
            (true, began.map_or(run.opened, |told| told.at.utc))
        }
        Outcome::NotCleared { .. }
        | Outcome::Drilled
        | Outcome::NotStarted { .. }
        | Outcome::Ended { .. }
        | Outcome::Killed { .. }
        | Outcome::Unknown
        | Outcome::HostWentDown
        | Outcome::HostStarted { .. } => return None,
    };
    let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
    Some(Now {
        host: run.who.host.clone(),
        run: run.id.0.clone(),
        person: run.who.person().to_owned(),
        drill: run.drill,
        since: (now.utc - began)
            .max(TimeDelta::zero())
            .to_std()
            .unwrap_or_default(),
        is_under_way,
        rules: owned(run.rules()),
        targets: owned(run.targets()),
        waits: None,
    })
}

/// A run in a line; its texts are the askers' and may be hostile.
fn in_a_line(run: &Now, language: Language) -> String {
    let since = duration::shown(Duration::from_secs(run.since.as_secs()));
    let state = match (run.is_under_way, &run.waits) {
        (true, _) => text::runs_since(language, since),
        (false, None) => text::asked_since(language, since, &run.person),
        (false, Some(waits)) => {
            let whom: Vec<String> = waits
                .needs
                .iter()
                .map(|need| whom(need, language))
                .collect();
            text::waits_since(language, since, whom.join(language.comma()))
        }
    };
    let rules = run.rules.join(language.comma());
    let held = text::rule_at(language, rules, run.targets.join(language.comma()));
    let drill = match run.drill {
        true => format!("  [{}]", crate::text::ctl::drill(language)),
        false => String::new(),
    };
    format!(
        "{}  {}  {state}  {held}  {}{drill}",
        run.host, run.person, run.run
    )
}

/// Says how many yeses of whom are waited for.
fn whom(need: &Need, language: Language) -> String {
    match &need.group {
        None => text::yes_of_others(language, need.count),
        Some(group) => text::yes_of_group(language, need.count, group),
    }
}

/// A run as JSON.
fn as_value(run: &Now) -> Value {
    let waits = match (run.is_under_way, &run.waits) {
        (true, _) => Value::Null,
        (false, None) => json!({ "person": run.person }),
        (false, Some(waits)) => json!({ "request": waits.request, "needs": waits.needs }),
    };
    json!({
        "host": run.host,
        "run": run.run,
        "person": run.person,
        "state": if run.is_under_way { "under-way" } else { "asked" },
        "since_s": run.since.as_secs(),
        "drill": run.drill,
        "rules": run.rules,
        "targets": run.targets,
        "waits_for": waits,
    })
}
