//! What is told of a record: a heading, and lines of a label and a text each. Pure.
//!
//! Lines were masked before they were recorded; reasons and causes are masked here. What people typed
//! is made safe to show, and how a chat reads it is the business of [`form`](super::form).

use serde::Serialize;

use crate::gate::mask;
use crate::gate::record::{Entry, Event, Opened};
use crate::policy::pack::Occasion;
use crate::policy::{Rule, StepKind};
use crate::text::{Language, notice as text};
use crate::ui::safe;

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// What it is about: the name of the occasion.
    pub occasion: &'static str,
    /// The host, by the role that its records came by.
    pub host: String,
    /// The run.
    pub run: String,
    /// When it was recorded, by the host.
    pub at: String,
    /// Whose run.
    pub person: String,
    /// The line, masked.
    pub line: String,
    /// Rule and target of each call.
    pub held: Vec<(String, String)>,
    /// What came of it, in the reader's language; empty where nothing is to be said.
    pub detail: String,
    /// The heading, in the reader's language.
    pub title: String,
    /// Label and text of each line, in the reader's language.
    #[serde(skip)]
    pub lines: Vec<(String, String)>,
}

/// Returns the kinds of records that an occasion may come of.
#[must_use]
pub fn kinds(occasion: Occasion) -> &'static [&'static str] {
    match occasion {
        Occasion::Request | Occasion::Held => &["opened"],
        Occasion::Cleared => &["cleared"],
        Occasion::Ended => &["ended"],
        Occasion::Failed => &["ended", "not-started"],
        Occasion::BrokenGlass => &["broken-glass"],
    }
}

/// A record, and who says that it came.
#[derive(Debug, Clone, Copy)]
pub struct Source<'s> {
    /// The host, by the role that it came by.
    pub host: &'s str,
    /// When it was recorded, by the host.
    pub utc: &'s str,
    /// The entry as JSON.
    pub body: &'s str,
    /// The run's head as JSON.
    pub head: Option<&'s str>,
}

/// Returns what is told of a record to who wants to know of these occasions; `None` where nothing is:
/// drills are told to nobody. `rule` knows the rules of this host.
#[must_use]
pub fn letter<'r>(
    source: Source<'_>,
    on: &[Occasion],
    language: Language,
    rule: impl Fn(&str) -> Option<&'r Rule>,
) -> Option<Letter> {
    let entry: Entry = serde_json::from_str(source.body).ok()?;
    let head: Option<Entry> = source.head.and_then(|head| serde_json::from_str(head).ok());
    let opened = match (&entry.event, head.map(|head| head.event)) {
        (Event::Opened(opened), _) => opened.clone(),
        (_, Some(Event::Opened(opened))) => opened,
        // Its head was recorded before the store was there: little is known, and that is told.
        _ => Box::new(unknown()),
    };
    if opened.drill {
        return None;
    }
    let (occasion, detail) = occasion(&entry.event, &opened, on, language, rule)?;
    Some(written(source, &entry, &opened, occasion, detail, language))
}

/// Returns which of the occasions a record is, and what came of it.
fn occasion<'r>(
    event: &Event,
    opened: &Opened,
    on: &[Occasion],
    language: Language,
    rule: impl Fn(&str) -> Option<&'r Rule>,
) -> Option<(Occasion, String)> {
    let wants = |occasion: &Occasion| on.contains(occasion);
    let found = match event {
        Event::Opened(_) => {
            let takes_approval = opened.invocations.iter().any(|call| {
                let steps = rule(&call.rule).map(|rule| rule.steps.as_slice());
                let mut steps = steps.unwrap_or_default().iter();
                steps.any(|step| matches!(step.kind, StepKind::Approve { .. }))
            });
            match takes_approval && wants(&Occasion::Request) {
                true => (Occasion::Request, text::how_to_approve(language)),
                false => (Occasion::Held, String::new()),
            }
        }
        Event::Cleared { permits, .. } => {
            let permits = permits.iter().map(|permit| {
                let (id, by, reason) = (&permit.id, &permit.by, &permit.reason);
                text::by_permit(language, id, &permit.giver, by, reason)
            });
            let permits: Vec<String> = permits.collect();
            (Occasion::Cleared, permits.join(language.comma()))
        }
        Event::BrokenGlass { reason } => (Occasion::BrokenGlass, reason.clone()),
        Event::Ended {
            status: Some(0),
            signal: None,
            ..
        } => (Occasion::Ended, String::new()),
        Event::Ended { status, signal, .. } => {
            let detail = match (status, signal) {
                (_, Some(signal)) => crate::text::ledger::killed(language, signal),
                (Some(status), None) => crate::text::ledger::failed(language, status),
                (None, None) => crate::text::ledger::unknown(language),
            };
            (Occasion::Failed, detail)
        }
        Event::NotStarted { cause, .. } => (
            Occasion::Failed,
            crate::text::ledger::not_started(language, cause),
        ),
        Event::Answered(_)
        | Event::Carried(_)
        | Event::Noted
        | Event::NotCleared { .. }
        | Event::Started { .. }
        | Event::After { .. }
        | Event::Drilled
        | Event::HostStarted { .. } => return None,
    };
    wants(&found.0).then_some(found)
}

/// Puts the letter together.
fn written(
    source: Source<'_>,
    entry: &Entry,
    opened: &Opened,
    occasion: Occasion,
    detail: String,
    language: Language,
) -> Letter {
    let shown = |text: &str| safe::value(&mask::text(text));
    let person = shown(opened.who.person());
    let host = shown(source.host);
    let run = shown(&entry.run.0);
    let line = shown(&opened.line);
    let mut held: Vec<(String, String)> = Vec::new();
    for call in &opened.invocations {
        let targets = match call.targets() {
            [] => call.target.clone(),
            targets => targets.join(language.comma()),
        };
        let one = (shown(&call.rule), shown(&targets));
        if !held.contains(&one) {
            held.push(one);
        }
    }
    let detail = shown(&detail);
    let title = match occasion {
        Occasion::Request => text::request(language),
        Occasion::Held => text::held(language),
        Occasion::Cleared => text::cleared(language),
        Occasion::Ended => text::ended(language),
        Occasion::Failed => text::failed(language),
        Occasion::BrokenGlass => text::broken_glass(language),
    };
    let mut lines = vec![
        (text::line_label(language), line.clone()),
        (text::who_label(language), format!("{person}@{host}")),
    ];
    for (rule, target) in &held {
        let at = crate::text::team::rule_at(language, rule, target);
        lines.push((text::rule_label(language), at));
    }
    if !detail.is_empty() {
        lines.push((text::detail_label(language), detail.clone()));
    }
    lines.push((text::run_label(language), run.clone()));
    lines.push((text::time_label(language), shown(source.utc)));
    Letter {
        occasion: occasion.name(),
        host,
        run,
        at: source.utc.to_owned(),
        person,
        line,
        held,
        detail,
        title,
        lines,
    }
}

/// The head of a run of which nothing is known.
fn unknown() -> Opened {
    Opened {
        who: crate::gate::world::Who::default(),
        line: "?".to_owned(),
        invocations: Vec::new(),
        door: String::new(),
        drill: false,
        version: String::new(),
        scripts: None,
        above: None,
        within: None,
    }
}
