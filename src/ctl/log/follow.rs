//! `kanmonctl log --follow`: what is recorded, told as it comes.
#![expect(
    clippy::disallowed_methods,
    reason = "looks at a file again and again; nobody is asked anything meanwhile"
)]

use std::io;
use std::time::Duration;

use serde_json::json;

use crate::ctl::out::{self, Failure};
use crate::gate::record::{Event, RunId};
use crate::ledger::Reader;
use crate::ledger::history::Told;
use crate::team::follow::{self, Came};
use crate::team::history::Unread;
use crate::team::{Connection, NoAnswer};
use crate::text::{Language, team as text};
use crate::ui::safe;

use super::{event, failure, team};

/// How often the ledger is looked at.
const LOOKED: Duration = Duration::from_millis(500);

/// Tells what is recorded in a ledger from now on; ends by a signal, or when nobody reads.
///
/// # Errors
/// Where the ledger cannot be read or standard output fails.
pub(super) fn follow(reader: &Reader, as_json: bool, language: Language) -> Result<i32, Failure> {
    let mut last = reader.last_seq().map_err(failure)?;
    begun(language);
    loop {
        for (run, told) in reader.behind(last).map_err(failure)? {
            last = told.seq;
            match as_json {
                true => out::json(
                    &json!({ "run": run, "seq": told.seq, "at": told.at.utc, "event": told.event }),
                )?,
                false => out::row(&in_a_line(&run, &told, language))?,
            }
        }
        std::thread::sleep(LOOKED);
    }
}

/// Tells what is recorded in the store from now on, of one host or of all.
///
/// # Errors
/// Where the store does not answer, does not let this role read, or standard output fails.
pub(super) fn follow_team(
    connection: &mut Connection,
    host: Option<&str>,
    as_json: bool,
    language: Language,
) -> Result<(), NoAnswer> {
    let tell = |came: Result<&Came, &Unread>| -> io::Result<()> {
        let came = match came {
            Ok(came) => came,
            Err(unread) => {
                if host.is_none_or(|host| host == unread.host) {
                    team::unread(unread, language);
                }
                return Ok(());
            }
        };
        let Came {
            host: of,
            chain,
            run,
            told,
        } = came;
        if host.is_some_and(|host| host != of) {
            return Ok(());
        }
        if as_json {
            return out::json(&json!({
                "host": of, "chain": chain, "run": run, "seq": told.seq, "at": told.at.utc, "event": told.event,
            }));
        }
        let line = in_a_line(run, told, language);
        out::row(&format!("{}  {line}", safe::value(of)))
    };
    follow::follow(connection, || begun(language), tell)
}

/// Says that what comes from now on is told; on standard error, beside the answers.
fn begun(language: Language) {
    out::notice(&text::following(language));
}

/// Returns an event in a line, its run before it.
fn in_a_line(run: &RunId, told: &Told, language: Language) -> String {
    let mut line = format!("{}  {}", safe::value(&run.0), event(told, language));
    if let Event::Opened(opened) = &told.event {
        let mut held: Vec<String> = Vec::new();
        for call in &opened.invocations {
            let one = text::rule_at(language, &call.rule, &call.target);
            if !held.contains(&one) {
                held.push(one);
            }
        }
        line.push_str(&safe::value(&format!(
            "  {}  {}  {}",
            opened.who.real_user,
            held.join(language.comma()),
            opened.line,
        )));
    }
    line
}
