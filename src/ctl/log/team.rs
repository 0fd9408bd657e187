//! `kanmonctl log … --team`: the same of all hosts, from the team's store.

use crate::ctl::out::{self, Failure};
use crate::ctl::store::{self, Which};
use crate::team::history::{self, TeamRun, Unread};
use crate::team::{self, Connection, NoAnswer};
use crate::text::{Language, ctl as say, team as text};
use crate::ui::safe;

use super::{
    Args, Command, answer_verified, csv_only, follow, in_a_line, no_run, story, write_table,
};

/// Runs it; exits 1 where `verify` finds a fault.
///
/// # Errors
/// Where the store does not answer, or does not let this role read.
pub(super) fn run(args: &Args, command: &Command, language: Language) -> Result<i32, Failure> {
    let (mut connection, shown) = match args.url.as_deref() {
        None => store::open_as_any()?,
        named => store::open(&Which::of(named))?,
    };
    let failed = |error: NoAnswer| match error {
        // Whoever read the output may have gone away.
        NoAnswer::System(error) => Failure::from(error),
        error => store::failure(&shown, &error),
    };
    if args.follow {
        let host = args.host.as_deref();
        return follow::follow_team(&mut connection, host, args.json, language)
            .map(|()| 0)
            .map_err(failed);
    }
    let which = |count| history::Which {
        host: args.host.clone(),
        count,
    };
    let cannot = |record: &Unread| unread(record, language);
    match command {
        Command::List { count } => {
            let runs = history::runs(&mut connection, &which(*count), cannot).map_err(failed)?;
            list(&runs, args.json, language)
        }
        Command::Show { id } => {
            let host = args.host.as_deref();
            let found = history::run(&mut connection, id, host, cannot).map_err(failed)?;
            show(&found.ok_or_else(|| no_run(id))?, args.json, language)
        }
        Command::Export { .. } if args.json => Err(csv_only()),
        Command::Export { csv: _, count } => {
            let runs = history::runs(&mut connection, &which(*count), cannot).map_err(failed)?;
            let runs = runs.into_iter().map(|found| {
                let mut run = found.run;
                // A record's own word on where it is from is worth what its host is.
                if run.who.host != found.host {
                    run.who.host = format!("{} ({})", found.host, run.who.host);
                }
                run
            });
            write_table(runs.collect(), language)
        }
        Command::Verify { .. } => verify(&mut connection, args.json, language).map_err(failed)?,
    }
}

/// Says beside the answers that a record cannot be read.
pub(super) fn unread(unread: &Unread, language: Language) {
    let text = text::unread(
        language,
        &unread.host,
        &unread.chain,
        unread.seq,
        &unread.cause,
    );
    out::notice(&safe::value(&text));
}

/// Prints a line a run, the newest first.
fn list(runs: &[TeamRun], as_json: bool, language: Language) -> Result<i32, Failure> {
    if as_json {
        out::json(&runs)?;
        return Ok(0);
    }
    for found in runs {
        let run = in_a_line(&found.run, language);
        out::row(&format!("{}  {run}", safe::value(&found.host)))?;
    }
    if runs.is_empty() {
        out::notice(&say::no_runs(language));
    }
    Ok(0)
}

/// Prints the story of a run.
fn show(found: &TeamRun, as_json: bool, language: Language) -> Result<i32, Failure> {
    if as_json {
        out::json(found)?;
        return Ok(0);
    }
    let by = format!("{}  {}", found.host, found.chain);
    let label = text::told_by(language);
    out::labelled("", &label, 10, &safe::value(&by))?;
    story(&found.run, language)
}

/// Walks every chain.
fn verify(
    connection: &mut Connection,
    as_json: bool,
    language: Language,
) -> Result<Result<i32, Failure>, NoAnswer> {
    let verified = team::verify::verify(connection)?;
    let status = i32::from(!verified.is_whole());
    if as_json {
        return Ok(answer_verified(&verified, status));
    }
    for line in verified.lines(language) {
        out::row(&safe::value(&line))?;
    }
    Ok(Ok(status))
}
