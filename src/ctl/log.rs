//! `kanmonctl log`: list runs, show one, verify the chain. Reads only.

mod export;
mod follow;
mod team;

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::json;

use crate::context::{Environment, SystemClock};
use crate::door::store;
use crate::gate::Clock as _;
use crate::gate::duration;
use crate::gate::origin::Origin;
use crate::gate::outer::Stands;
use crate::gate::record::Event;
use crate::ledger::history::{Run, Told, restart_line};
use crate::ledger::reader::Reader;
use crate::ledger::verify;
use crate::text::{Language, cause, ctl as say, ledger as text, words};
use crate::ui::safe;

use super::out::{self, Failure};

/// Arguments of `log`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Answer in JSON
    #[arg(long, global = true)]
    json: bool,
    /// Read the ledger at this path instead of the host's or your own
    #[arg(long, global = true, value_name = "PATH")]
    ledger: Option<PathBuf>,
    /// Runs of all hosts, from the team's store; as a role that may read all (kanmon_auditor)
    #[arg(long, global = true, conflicts_with = "ledger")]
    team: bool,
    /// Of the team's runs only those of this host
    #[arg(long, global = true, value_name = "HOST")]
    host: Option<String>,
    /// Another store than the system's, or as another role: postgresql://ROLE@HOST/DATABASE
    #[arg(long, global = true, value_name = "URL")]
    url: Option<String>,
    /// Tell what is recorded as it comes, until interrupted
    #[arg(long)]
    follow: bool,
}

/// What to do with the ledger.
#[derive(Debug, Clone, clap::Subcommand)]
enum Command {
    /// List the newest runs
    List {
        /// How many
        #[arg(short = 'n', default_value_t = 20)]
        count: usize,
    },
    /// Show all that is recorded of one run
    Show {
        /// The run's id, as `list` prints it
        id: String,
    },
    /// Write all runs with their questions and answers as a table
    Export {
        /// As CSV for spreadsheets; the only form there is
        #[arg(long, required = true)]
        csv: bool,
        /// Only the newest so many runs
        #[arg(short = 'n', default_value_t = usize::MAX, hide_default_value = true)]
        count: usize,
    },
    /// Look whether records were changed, removed or reordered
    Verify {
        /// In the team's store, every host's chain, as --team
        #[arg(long, conflicts_with = "ledger")]
        store: bool,
    },
}

/// Runs `log …`; exits 1 where `verify` finds a fault.
///
/// # Errors
/// Where the ledger cannot be read, there is no such run, or standard output fails.
pub fn run(args: &Args) -> Result<i32, Failure> {
    let environment = Environment::of_process();
    let language = environment.language();
    let command = args.command.clone().unwrap_or(Command::List { count: 20 });
    if args.follow && !matches!(args.command, None | Some(Command::List { .. })) {
        return Err(Failure::new(text::follow_alone(language)).hint(text::follow_so(language)));
    }
    let is_store = matches!(command, Command::Verify { store: true });
    if args.team || is_store {
        return team::run(args, &command, language);
    }
    if args.url.is_some() || args.host.is_some() {
        return Err(Failure::new(text::with_team(language)).hint(text::add_team(language)));
    }
    let path = match &args.ledger {
        Some(path) => path.clone(),
        None => {
            let place = store::place(&environment);
            let path = place.map_err(|error| Failure::of(&error, language))?.file;
            // Nothing was held yet, so no gate made it.
            if !args.follow && matches!(path.try_exists(), Ok(false)) {
                return nothing_yet(&command, &path, args.json, language);
            }
            path
        }
    };
    let reader = Reader::open(&path).map_err(failure)?;
    if args.follow {
        return follow::follow(&reader, args.json, language);
    }
    match command {
        Command::List { count } => list(&reader, count, args.json, language),
        Command::Show { id } => show(&reader, &id, args.json, language),
        Command::Export { .. } if args.json => Err(csv_only()),
        Command::Export { csv: _, count } => table(&reader, count, language),
        Command::Verify { .. } => verify_chain(&reader, args.json, language),
    }
}

/// A table was asked for in JSON.
fn csv_only() -> Failure {
    let language = out::language();
    Failure::new(text::csv_only(language)).hint(text::json_instead(language))
}

/// The ledger's trouble.
fn failure(error: impl std::fmt::Display) -> Failure {
    let language = out::language();
    Failure::of(&error, language).hint(text::first_line_makes(language))
}

/// Says that there is no ledger, and so no record; exits 0, for nothing is amiss.
fn nothing_yet(
    command: &Command,
    path: &std::path::Path,
    as_json: bool,
    language: Language,
) -> Result<i32, Failure> {
    match command {
        Command::Show { id } => return Err(no_run(id)),
        Command::Export { .. } if as_json => return Err(csv_only()),
        Command::Export { .. } => return write_table(Vec::new(), language),
        Command::List { .. } if as_json => out::json(&json!([]))?,
        Command::Verify { .. } if as_json => {
            out::json(&json!({ "records": 0, "faults": [], "whole": true }))?;
        }
        Command::List { .. } | Command::Verify { .. } => {
            out::row(&text::no_records(language, path.display()))?;
        }
    }
    Ok(0)
}

/// Prints a line a run, the newest first.
fn list(reader: &Reader, count: usize, as_json: bool, language: Language) -> Result<i32, Failure> {
    let runs = reader
        .runs(count, &SystemClock::new().now())
        .map_err(failure)?;
    if as_json {
        out::json(&serde_json::to_value(&runs).map_err(std::io::Error::from)?)?;
        return Ok(0);
    }
    for run in &runs {
        out::row(&in_a_line(run, language))?;
    }
    if runs.is_empty() {
        out::notice(&say::no_runs(language));
    }
    Ok(0)
}

/// Returns a run in a line.
fn in_a_line(run: &Run, language: Language) -> String {
    // The id tells its time in UTC; at a desk it is the local time that is remembered.
    let opened = run.opened.with_timezone(&chrono::Local);
    format!(
        "{}  {}  {}  {}  {}  {}",
        run.id.0,
        opened.format("%m-%d %H:%M"),
        run.who.real_user,
        run.targets().join(language.comma()),
        outcome_with_marks(run, language),
        safe::value(&run.line),
    )
}

/// Prints runs as a table, the oldest first.
fn table(reader: &Reader, count: usize, language: Language) -> Result<i32, Failure> {
    let now = SystemClock::new().now();
    let runs = reader.runs(count, &now).map_err(failure)?;
    write_table(runs, language)
}

/// Writes a table of runs, the newest of which come first.
fn write_table(mut runs: Vec<Run>, language: Language) -> Result<i32, Failure> {
    runs.reverse();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    export::csv(&runs, language, &mut out)?;
    out.flush()?;
    Ok(0)
}

/// Returns how a run went, and whether it was a drill or went past the gate.
fn outcome_with_marks(run: &Run, language: Language) -> String {
    let marks = [
        (run.drill, say::drill(language)),
        (run.broken_glass, say::broken_glass(language)),
    ];
    let mut outcome = run.outcome.line(language);
    for (_, mark) in marks.iter().filter(|(is_so, _)| *is_so) {
        outcome.push_str(&format!(" [{mark}]"));
    }
    outcome
}

/// Prints the story of a run.
fn show(reader: &Reader, id: &str, as_json: bool, language: Language) -> Result<i32, Failure> {
    let run = reader.run(id, &SystemClock::new().now()).map_err(failure)?;
    let Some(run) = run else {
        return Err(no_run(id));
    };
    if as_json {
        out::json(&serde_json::to_value(&run).map_err(std::io::Error::from)?)?;
        return Ok(0);
    }
    story(&run, language)
}

/// There is no such run.
fn no_run(id: &str) -> Failure {
    let language = out::language();
    Failure::new(text::no_run(language, safe::value(id))).hint(text::list_names_runs(language))
}

/// Prints a run with all that happened.
fn story(run: &Run, language: Language) -> Result<i32, Failure> {
    head(run, language)?;
    for told in &run.events {
        let (at, what) = event_parts(told, language);
        out::behind(&format!("{at}  "), &what)?;
    }
    Ok(0)
}

/// Prints who, where, what.
fn head(run: &Run, language: Language) -> Result<(), Failure> {
    let who = &run.who;
    let local = run
        .opened
        .with_timezone(&chrono::Local)
        .format("%Y-%m-%d %H:%M:%S %z");
    let row = |label: String, text: &str| out::labelled("", &label, 10, &safe::value(text));
    row(say::run(language), &run.id.0)?;
    row(say::opened(language), &local.to_string())?;
    row(say::outcome(language), &run.outcome.line(language))?;
    let mut people = vec![who.real_user.clone()];
    if who.effective_user != who.real_user {
        people.push(say::acting_as(language, &who.effective_user));
    }
    if !who.login_user.is_empty() && who.login_user != who.real_user {
        people.push(say::logged_in_as(language, &who.login_user));
    }
    if !who.ssh_from.is_empty() {
        people.push(say::from(language, &who.ssh_from));
    }
    row(say::who(language), &people.join(language.comma()))?;
    let place = format!("{}  {}  {}", who.host, who.terminal, who.cwd);
    row(say::host(language), &place)?;
    for text in job(&who.origin, language) {
        row(say::job(language), &text)?;
    }
    for caller in &who.origin.callers {
        let line = match caller.line.is_empty() {
            true => &caller.name,
            false => &caller.line,
        };
        let text = format!("{} {}: {line}", caller.pid, caller.name);
        row(say::caller(language), &text)?;
    }
    row(say::line(language), &run.line)?;
    for held in &run.invocations {
        let target = match held.targets.as_slice() {
            [] => held.target.clone(),
            targets => targets.join(language.comma()),
        };
        let mut text = say::held_call(language, &held.rule, &held.text, &target, &held.user);
        if !held.via.is_empty() {
            text.push_str(&say::held_via(language, held.via.join(" > ")));
        }
        row(say::held(language), &text)?;
    }
    if let Some(within) = &run.within {
        let run = &within.run.0;
        let text = match within.stands {
            Stands::Clearance => say::within_cleared(language, run),
            Stands::Thought => say::within_called(language, run),
            Stands::Nothing => say::within_asked(language, run),
        };
        row(say::mark(language), &text)?;
    }
    let marks = [
        (run.drill, say::drill(language)),
        (run.broken_glass, say::broken_glass(language)),
    ];
    for (_, mark) in marks.iter().filter(|(is_so, _)| *is_so) {
        row(say::mark(language), mark)?;
    }
    Ok(())
}

/// Says what started the job that a run was part of, as far as it is known.
fn job(origin: &Origin, language: Language) -> Vec<String> {
    let by = origin.job.map(|job| say::job_of(language, job.name()));
    let unit = match (origin.unit.as_str(), origin.invocation.as_str()) {
        ("", _) => None,
        (unit, "") => Some(say::job_in(language, unit)),
        (unit, start) => Some(say::job_in_start(language, unit, start)),
    };
    let run = origin.run.as_ref().map(|run| match origin.job {
        Some(_) => say::scheduled_by(language, &run.0),
        None => say::started_within(language, &run.0),
    });
    by.into_iter().chain(unit).chain(run).collect()
}

/// One event in a line.
fn event(told: &Told, language: Language) -> String {
    let (at, what) = event_parts(told, language);
    format!("{at}  {what}")
}

/// When an event was, and what.
fn event_parts(told: &Told, language: Language) -> (String, String) {
    let at = told.at.utc.with_timezone(&chrono::Local).format("%H:%M:%S");
    let what = match &told.event {
        Event::Opened(_) => say::event_opened(language),
        Event::Answered(answered) => format!(
            "{} {} ({}): {}{}",
            if answered.passed { "ok " } else { "NG " },
            words::of(words::STEPS, &answered.step, language),
            answered.question,
            answer(&answered.step, &answered.answer, language),
            if answered.took.is_zero() {
                String::new()
            } else {
                format!("  [{}]", duration::shown(answered.took))
            },
        ),
        Event::Carried(carried) => say::event_carried(
            language,
            words::of(words::STEPS, &carried.step, language),
            &carried.question,
            &carried.answer,
            &carried.from.0,
        ),
        Event::Cleared { measured, permits } => {
            let values: Vec<String> = measured
                .iter()
                .map(|(id, value)| format!("{id} = {value}"))
                .collect();
            let mut what = match values.is_empty() {
                true => say::event_cleared(language),
                false => say::event_cleared_with(language, values.join(language.comma())),
            };
            for permit in permits {
                what.push_str(&say::event_permit(
                    language,
                    &permit.id,
                    words::steps(&permit.steps, language),
                    &permit.by,
                    &permit.giver,
                    &permit.reason,
                ));
            }
            what
        }
        Event::Noted => say::event_noted(language),
        Event::BrokenGlass { reason } => say::event_broken(language, reason),
        Event::NotCleared { reason, .. } => {
            say::event_not_cleared(language, words::of(words::REASONS, reason, language))
        }
        Event::Started { pid, .. } => say::event_started(language, pid),
        Event::NotStarted { cause: why, status } => {
            say::event_not_started(language, status, cause::of(why, language))
        }
        Event::Ended {
            status: Some(status),
            took,
            ..
        } => say::event_ended(language, status, duration::shown(*took)),
        Event::Ended { signal, took, .. } => {
            let signal = signal.map_or_else(|| "?".to_owned(), |signal| signal.to_string());
            say::event_died(language, signal, duration::shown(*took))
        }
        Event::After {
            probe,
            value,
            as_expected,
        } => {
            let mark = match as_expected {
                None => String::new(),
                Some(true) => say::as_expected(language),
                Some(false) => say::not_as_expected(language),
            };
            say::event_after(language, probe, cause::of(value, language), mark)
        }
        Event::Drilled => say::event_drilled(language),
        Event::HostStarted { restart } => restart_line(restart, language),
    };
    (at.to_string(), safe::value(&what))
}

/// Returns what was answered. What a probe saw and who approved was written down by the gate, all else
/// by a person.
fn answer(step: &str, answer: &str, language: Language) -> String {
    match step {
        "show" | "check" => cause::of(answer, language),
        _ => answer.to_owned(),
    }
}

/// Answers what a walk found in JSON; the status tells whether all is whole.
fn answer_verified(verified: &impl serde::Serialize, status: i32) -> Result<i32, Failure> {
    let mut whole = serde_json::to_value(verified).map_err(std::io::Error::from)?;
    if let Some(object) = whole.as_object_mut() {
        object.insert("whole".to_owned(), json!(status == 0));
    }
    out::json(&whole)?;
    Ok(status)
}

/// Walks the chain.
fn verify_chain(reader: &Reader, as_json: bool, language: Language) -> Result<i32, Failure> {
    let verified = verify::verify(reader).map_err(failure)?;
    let status = i32::from(!verified.is_whole());
    if as_json {
        return answer_verified(&verified, status);
    }
    for line in verified.lines(language) {
        out::row(&line)?;
    }
    Ok(status)
}
