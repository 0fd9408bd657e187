//! Reads `when`, and `[calendar]`.

use crate::policy::calendar::{self, Calendar, CalendarError, Frozen};
use crate::policy::pattern::Pattern;
use crate::policy::rule::{AnyOf, Condition, Declined, Rerun};
use crate::policy::timerange::TimeRange;

use super::SourceFile;
use super::library::{Kind, Library, Pack};
use super::matchers::any_of;
use super::tree::{Keys, Node, Shape};
use super::value;

/// Keys of a condition whose values are no patterns.
const OTHER_KEYS: &[&str] = &["tty", "env", "time", "freeze", "rerun", "declined"];

/// A condition.
const CONDITION: Shape = Shape {
    what: "a condition",
    keys: &[
        "host",
        "container",
        "pod",
        "namespace",
        "context",
        "account",
        "user",
        "login",
        "group",
        "cwd",
        "branch",
        "via",
        "ssh_from",
        "tty",
        "env",
        "time",
        "freeze",
        "rerun",
        "declined",
    ],
};

/// Its keys, each of which has to have a name on the screen.
#[cfg(test)]
pub(crate) const CONDITION_KEYS: &[&str] = CONDITION.keys;

/// A calendar.
const CALENDAR: Shape = Shape {
    what: "a calendar",
    keys: &["zone", "entries", "csv", "file"],
};

/// An entry of a calendar.
const ENTRY: Shape = Shape {
    what: "an entry of a calendar",
    keys: &["from", "to", "reason"],
};

/// Reads `when`: a condition or a list of them.
pub(super) fn read<'a>(
    library: &Library<'a, '_>,
    pack: &Pack<'a>,
    node: Node<'a>,
) -> Vec<Condition> {
    let entries = node.list_or_one().unwrap_or_default().into_iter();
    entries
        .filter_map(|entry| condition(library, pack, entry))
        .collect()
}

/// Reads one condition.
fn condition<'a>(library: &Library<'a, '_>, pack: &Pack<'a>, node: Node<'a>) -> Option<Condition> {
    let keys = node.table(CONDITION)?;
    let mut condition = Condition::default();
    let patterns = CONDITION.keys.iter();
    for key in patterns.filter(|key| !OTHER_KEYS.contains(key)) {
        let patterns = any_of(keys.get(key), Pattern::parse);
        if !patterns.is_empty() {
            condition.patterns.insert((*key).to_owned(), patterns);
        }
    }
    let variables = keys.get("env").and_then(Node::any_table);
    for (name, _, value) in variables.map(Keys::entries).unwrap_or_default() {
        let patterns = any_of(Some(value), Pattern::parse);
        condition.patterns.insert(format!("env.{name}"), patterns);
    }
    condition.tty = keys.get("tty").and_then(Node::boolean);
    condition.time = any_of(keys.get("time"), TimeRange::parse);
    condition.freeze = freeze(library, pack, keys.get("freeze"));
    condition.rerun = keys.get("rerun").and_then(rerun);
    condition.declined = keys.get("declined").and_then(declined);
    if keys.entries().is_empty() {
        node.mistake(
            "the condition is empty",
            String::from("leave `when` out for always"),
        );
    }
    Some(condition)
}

/// Reads `freeze`: names of calendars, which may begin with `!`.
fn freeze<'a>(
    library: &Library<'a, '_>,
    pack: &Pack<'a>,
    node: Option<Node<'a>>,
) -> AnyOf<Calendar> {
    let mut found = AnyOf::default();
    for entry in node.and_then(Node::list_or_one).unwrap_or_default() {
        let Some(text) = entry.text() else { continue };
        let (name, is_not) = match text.strip_prefix('!') {
            Some(name) => (name, true),
            None => (text, false),
        };
        let place = if is_not {
            &mut found.not
        } else {
            &mut found.plain
        };
        let Some((owner, name, node)) = library.named(pack, name, entry, Kind::Calendar) else {
            continue;
        };
        place.extend(calendar(owner, name, node, library.csv_files()));
    }
    found
}

/// Reads all calendars of a pack, used or not, for the sake of their mistakes.
pub(super) fn read_calendars<'a>(library: &Library<'a, '_>, pack: &Pack<'a>) {
    for (name, node) in pack.names(Kind::Calendar) {
        calendar(pack, name, *node, library.csv_files());
    }
}

/// Reads one calendar.
fn calendar<'a>(
    pack: &Pack<'a>,
    name: &str,
    node: Node<'a>,
    files: &[&'a SourceFile],
) -> Option<Calendar> {
    let keys = node.table(CALENDAR)?;
    let zone = keys.get("zone").map(|zone| zone.parsed(calendar::zone));
    // What is told of the zone need not be told of each entry.
    let zone = match zone {
        Some(None) => return None,
        Some(Some(zone)) => Some(zone),
        None => None,
    };
    let csv = |text: &str| calendar::csv(text, zone);
    let sources = ["entries", "csv", "file"].map(|key| keys.get(key));
    let entries = match sources {
        [Some(list), None, None] => {
            let entries = list.list()?.into_iter();
            entries.filter_map(|entry| frozen(entry, zone)).collect()
        }
        [None, Some(text), None] => text.parsed(csv)?,
        [None, None, Some(file)] => in_file(node, file, files, csv)?,
        [None, None, None] => {
            let help = String::from(
                "add `entries = [{ from = …, to = …, reason = … }]`, `csv = '''…'''` or `file = \"….csv\"`",
            );
            node.mistake("the calendar has no entries", help);
            return None;
        }
        _ => {
            node.mistake("a calendar has one of `entries`, `csv` and `file`", None);
            return None;
        }
    };
    Some(Calendar {
        id: format!("{}.{name}", pack.id),
        entries,
    })
}

/// Reads one entry of a calendar.
fn frozen(node: Node<'_>, zone: Option<chrono_tz::Tz>) -> Option<Frozen> {
    let keys = node.table(ENTRY)?;
    let text = |key: &str| keys.need(key, "an entry of a calendar")?.date_or_text();
    let (from, to) = (text("from"), text("to"));
    let reason = keys.get("reason").and_then(Node::text).unwrap_or_default();
    match Frozen::parse(&from?, &to?, reason, zone) {
        Ok(frozen) => Some(frozen),
        Err(error) => {
            node.mistake(error.to_string(), None);
            None
        }
    }
}

/// Reads the entries of a CSV file that lies beside the rule file.
fn in_file<'a>(
    calendar: Node<'a>,
    node: Node<'a>,
    files: &[&'a SourceFile],
    csv: impl Fn(&str) -> Result<Vec<Frozen>, CalendarError>,
) -> Option<Vec<Frozen>> {
    let name = node.text()?;
    let own = &calendar.file.name;
    let beside = match own.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{name}"),
        None => name.to_owned(),
    };
    let found = files
        .iter()
        .find(|file| file.name == beside && file.layer == calendar.layer());
    let Some(file) = found else {
        let help = String::from("its name ends in .csv, and it lies in the folder of this file");
        node.mistake(format!("there is no file `{name}` beside this one"), help);
        return None;
    };
    match csv(&file.text) {
        Ok(entries) => Some(entries),
        Err(error) => {
            node.mistake(format!("{name}: {error}"), None);
            None
        }
    }
}

/// Reads `rerun`.
fn rerun(node: Node<'_>) -> Option<Rerun> {
    let text = node.text()?;
    let read = |(kind, time): (&str, &str)| {
        let failed = match kind {
            "failed" => true,
            "any" => false,
            _ => return None,
        };
        let within = value::duration(time).ok()?;
        Some(Rerun { failed, within })
    };
    let found = text.split_once(' ').and_then(read);
    if found.is_none() {
        let help = String::from("write \"failed 1h\" or \"any 1h\"");
        node.mistake(format!("`{text}` is nothing that a rerun can be"), help);
    }
    found
}

/// Reads `declined`.
fn declined(node: Node<'_>) -> Option<Declined> {
    let text = node.text()?;
    let read = |(times, time): (&str, &str)| {
        let times = times
            .parse()
            .ok()
            .filter(|times| (1..=1_000).contains(times))?;
        let within = value::duration(time).ok()?;
        Some(Declined { times, within })
    };
    let found = text.split_once(" in ").and_then(read);
    if found.is_none() {
        let help = String::from("write how often in which time: \"2 in 1h\"");
        node.mistake(format!("`{text}` is no number of times"), help);
    }
    found
}

/// Returns whether one of these conditions asks the record of earlier runs.
pub(super) fn ask_history(conditions: &[Condition]) -> bool {
    conditions
        .iter()
        .any(|condition| condition.rerun.is_some() || condition.declined.is_some())
}
