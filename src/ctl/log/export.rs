//! `kanmonctl log export --csv`: the evidence of work (作業エビデンス) as a table.
//!
//! One row an event of a run, under a head in the operator's language: spreadsheets sort and filter it.
//! UTF-8 with a byte order mark, without which Excel takes it for the system's old encoding; rows
//! end with CR LF as RFC 4180 says. A field that a spreadsheet would take for a formula gets a `'`
//! in front: who typed a line must not reach into the reader's machine.

use std::io::{self, Write};

use chrono::{DateTime, Local, Utc};

use crate::gate::record::Event;
use crate::ledger::history::{Run, Told};
use crate::text::{Language, cause, ledger as text, words};

/// Marks the text as UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// What a spreadsheet takes for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Writes `runs`, the oldest first, as a table.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn csv(runs: &[Run], language: Language, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(BYTE_ORDER_MARK.as_bytes())?;
    row(
        &text::export_head(language).split(',').collect::<Vec<_>>(),
        out,
    )?;
    for run in runs {
        let head = Head::new(run, language);
        event(&head, &opened(run, language), out)?;
        for told in &run.events {
            event(&head, &of_told(told, language), out)?;
        }
    }
    Ok(())
}

/// What stands in every row of a run.
struct Head {
    fields: Vec<String>,
}

impl Head {
    /// Reads it from a run.
    fn new(run: &Run, language: Language) -> Self {
        let who = &run.who;
        let person = match who.login_user.is_empty() || who.login_user == who.real_user {
            true => who.real_user.clone(),
            false => format!("{} ({})", who.real_user, who.login_user),
        };
        let mark = match (run.drill, run.broken_glass) {
            (true, _) => text::export_drill(language),
            (_, true) => text::export_glass(language),
            _ => String::new(),
        };
        Self {
            fields: vec![
                run.id.0.clone(),
                person,
                who.host.clone(),
                who.ssh_from.clone(),
                run.line.clone(),
                run.rules().join(" "),
                run.targets().join(" "),
                run.outcome.line(language),
                mark,
            ],
        }
    }
}

/// What an event adds: time, kind, question, answer, result.
struct Row {
    at: DateTime<Utc>,
    kind: String,
    asked: String,
    answer: String,
    result: &'static str,
}

/// The row of a run's beginning.
fn opened(run: &Run, language: Language) -> Row {
    Row {
        at: run.opened,
        kind: words::of(words::KINDS, "opened", language),
        asked: String::new(),
        answer: String::new(),
        result: "",
    }
}

/// The row of an event.
fn of_told(told: &Told, language: Language) -> Row {
    let (mut asked, mut answer, mut result) = (String::new(), String::new(), "");
    let kind = crate::ledger::store::kind(&told.event);
    let mut kind = words::of(words::KINDS, kind, language);
    let step = |step: &str| words::of(words::STEPS, step, language);
    let list = |values: &[(String, String)]| {
        let all: Vec<String> = values
            .iter()
            .map(|(id, value)| format!("{id} = {value}"))
            .collect();
        all.join("; ")
    };
    match &told.event {
        Event::Answered(answered) => {
            kind = step(&answered.step);
            asked.clone_from(&answered.question);
            answer = super::answer(&answered.step, &answered.answer, language);
            result = if answered.passed { "OK" } else { "NG" };
        }
        Event::Carried(carried) => {
            kind = step(&carried.step);
            asked.clone_from(&carried.question);
            answer = text::export_carried(language, &carried.answer, &carried.from.0);
            result = "OK";
        }
        Event::Cleared { measured, permits } => {
            answer = list(measured);
            let permits: Vec<String> = permits
                .iter()
                .map(|permit| {
                    text::export_permit(
                        language,
                        &permit.id,
                        words::steps(&permit.steps, language),
                        &permit.by,
                        &permit.giver,
                        &permit.reason,
                    )
                })
                .collect();
            asked = permits.join("; ");
            result = "OK";
        }
        Event::NotCleared { reason, detail } => {
            asked = words::of(words::REASONS, reason, language);
            answer.clone_from(detail);
            result = "NG";
        }
        Event::BrokenGlass { reason } => answer.clone_from(reason),
        Event::NotStarted { cause: why, status } => {
            answer = format!("{status}: {}", cause::of(why, language));
            result = "NG";
        }
        Event::Ended { status, signal, .. } => {
            answer = match (status, signal) {
                (Some(status), _) => text::export_status(language, status),
                (None, Some(signal)) => text::export_signal(language, signal),
                (None, None) => String::new(),
            };
            result = if *status == Some(0) { "OK" } else { "NG" };
        }
        Event::After {
            probe,
            value,
            as_expected,
        } => {
            asked.clone_from(probe);
            answer.clone_from(value);
            result = match as_expected {
                None => "",
                Some(true) => "OK",
                Some(false) => "NG",
            };
        }
        Event::Started { pid, .. } => answer = text::export_pid(language, pid),
        Event::Opened(_) | Event::Noted | Event::Drilled | Event::HostStarted { .. } => {}
    }
    Row {
        at: told.at.utc,
        kind,
        asked,
        answer,
        result,
    }
}

/// Writes the row of an event.
fn event(head: &Head, event: &Row, out: &mut dyn Write) -> io::Result<()> {
    // The day's report is read at a desk: local time, with its distance from UTC.
    let at = event.at.with_timezone(&Local);
    let at = at.format("%Y-%m-%d %H:%M:%S %:z").to_string();
    let own = [&at, &event.kind, &event.asked, &event.answer, event.result];
    let fields: Vec<&str> = head
        .fields
        .iter()
        .map(String::as_str)
        .chain(own.into_iter().map(|field| -> &str { field }))
        .collect();
    row(&fields, out)
}

/// Writes one row.
fn row(fields: &[&str], out: &mut dyn Write) -> io::Result<()> {
    let quoted: Vec<String> = fields.iter().map(|field| quote(field)).collect();
    out.write_all(quoted.join(",").as_bytes())?;
    out.write_all(b"\r\n")
}

/// A field as CSV, no formula and in quotes where it has to be.
fn quote(field: &str) -> String {
    let mark = if field.starts_with(FORMULA) { "'" } else { "" };
    let needs_quotes = field.contains(['"', ',', '\n', '\r']);
    match needs_quotes {
        true => format!("\"{mark}{}\"", field.replace('"', "\"\"")),
        false => format!("{mark}{field}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_and_no_formulas() {
        for (field, expected) in [
            ("plain", "plain"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("-r ALL", "'-r ALL"),
            ("@sum(a,b)", "\"'@sum(a,b)\""),
        ] {
            assert_eq!(quote(field), expected);
        }
    }
}
