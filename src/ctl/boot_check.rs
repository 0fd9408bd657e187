//! `kanmonctl boot-check`: says whether a run stands behind this start of the host, and records it.

use std::time::Duration;

use serde_json::json;

use crate::context::{self, Environment, SystemClock};
use crate::door::store;
use crate::gate::record::{Entry, Event, Opened, Restart};
use crate::gate::{Clock as _, Moment, RunId};
use crate::ledger::heads::Syslog;
use crate::ledger::history::Run;
use crate::ledger::{Reader, boots};
use crate::policy::Pattern;
use crate::policy::pattern::Case;
use crate::text::{Language, boot as say};

use super::out::{self, Failure};

/// Rules whose runs start a host anew.
const RESTARTS: &str = "reboot.host|reboot.power|reboot.runlevel";

/// Arguments of `boot-check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Rules, besides the built-in ones, whose runs start the host anew
    #[arg(long, value_name = "PATTERN")]
    rule: Vec<String>,
    /// How many minutes before the host started such a run may have been cleared
    #[arg(long, value_name = "MINUTES", default_value_t = 60)]
    within: u64,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// Runs `boot-check`; exits 1 where no run stands behind the start of the host.
///
/// # Errors
/// Where the host does not tell its starts apart, the ledger cannot be read or written, a pattern is
/// none, or standard output fails. What was found is said before it is recorded.
pub fn run(args: &Args) -> Result<i32, Failure> {
    let environment = Environment::of_process();
    let language = environment.language();
    let clock = SystemClock::new();
    let now = clock.now();
    if now.boot_id.is_empty() {
        return Err(Failure::new(say::no_boot_id(language)).hint(say::mend_boot_id(language)));
    }
    let rules = patterns(&args.rule)?;
    let names = context::host::names(&context::host::node_name());
    let within = Duration::from_secs(args.within.saturating_mul(60));
    let place = store::place(&environment).map_err(failed)?;
    let (restart, was_told) = match place.file.symlink_metadata() {
        Ok(_) => {
            let reader = Reader::open(&place.file).map_err(failed)?;
            let is_restart = |run: &Run| is_restart(run, &rules, &names);
            reader.restart(&now, within, &is_restart).map_err(failed)?
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => (Restart::First, false),
        Err(error) => return Err(failed(error)),
    };
    tell(&restart, &now, args.json, language)?;
    if !was_told {
        if let Restart::NoRun { .. } = restart {
            // A host without syslog is one without it; the ledger and this output remain.
            let _taken = Syslog::default().send(&sentence(&restart, &now, Language::English), &now);
        }
        record(restart.clone(), &environment, &clock, &place)?;
    }
    Ok(match restart {
        Restart::First | Restart::ByRun { .. } => 0,
        Restart::NoRun { .. } => 1,
    })
}

/// Returns the patterns of rules that start a host anew.
fn patterns(more: &[String]) -> Result<Vec<Pattern>, Failure> {
    let all = [RESTARTS]
        .into_iter()
        .chain(more.iter().map(String::as_str));
    let parse = |text| {
        Pattern::parse(text)
            .map_err(|error| Failure::of(&format!("`{text}`: {error}"), out::language()))
    };
    all.map(parse).collect()
}

/// Returns whether a run was to start this host anew.
fn is_restart(run: &Run, rules: &[Pattern], names: &[String]) -> bool {
    run.invocations.iter().any(|held| {
        let is_here = |target: &String| names.iter().any(|name| name.eq_ignore_ascii_case(target));
        let here = held.any_target || held.targets().iter().any(is_here);
        here && rules.iter().any(|rule| rule.fits(&held.rule, Case::Counts))
    })
}

/// Says what was found: on standard error where no run stands behind the start.
fn tell(restart: &Restart, now: &Moment, as_json: bool, language: Language) -> Result<(), Failure> {
    let text = sentence(restart, now, language);
    if as_json {
        let (state, run) = match restart {
            Restart::First => ("unknown", None),
            Restart::ByRun { run } => ("run", Some(run)),
            Restart::NoRun { last } => ("no-run", last.as_ref()),
        };
        let started = started_text(now);
        return Ok(out::json(&json!({
            "state": state, "run": run, "boot": now.boot_id, "started": started, "text": text,
        }))?);
    }
    match restart {
        Restart::First | Restart::ByRun { .. } => out::line(&text)?,
        Restart::NoRun { .. } => out::error(&Failure::new(text)),
    }
    Ok(())
}

/// Returns when the host started, for programs.
fn started_text(now: &Moment) -> String {
    boots::started(now).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// Returns what was found in a sentence.
fn sentence(restart: &Restart, now: &Moment, language: Language) -> String {
    let started = boots::started(now).with_timezone(&chrono::Local);
    let started = started.format("%Y-%m-%d %H:%M:%S %z");
    match restart {
        Restart::First => say::first(language, started),
        Restart::ByRun { run } => say::by_run(language, started, &run.0),
        Restart::NoRun { last: None } => say::no_run(language, started),
        Restart::NoRun { last: Some(run) } => say::no_run_but(language, started, &run.0),
    }
}

/// Records what was found, as a run of its own.
fn record(
    restart: Restart,
    environment: &Environment,
    clock: &SystemClock,
    place: &store::Place,
) -> Result<(), Failure> {
    let mut ledger = store::open_at(place, Syslog::default()).map_err(failed)?;
    let run: RunId = context::run_id(&clock.now());
    let opened = Event::Opened(Box::new(Opened {
        who: context::who::who(environment),
        line: "boot-check".to_owned(),
        invocations: Vec::new(),
        door: "boot-check".to_owned(),
        drill: false,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        scripts: None,
        above: None,
        within: None,
    }));
    for event in [opened, Event::HostStarted { restart }] {
        let entry = Entry {
            run: run.clone(),
            event,
        };
        ledger.append(&entry, clock).map_err(failed)?;
    }
    Ok(())
}

/// The ledger's trouble.
fn failed(error: impl std::fmt::Display) -> Failure {
    let language = out::language();
    Failure::of(&error, language).hint(say::doctor_says(language))
}
