//! Reads `[probe]`: named read-only commands.

use std::time::Duration;

use crate::policy::pattern::Regex;
use crate::policy::rule::{Drift, On, PickAs, Probe, Text, Value};

use super::library::{Kind, Library, Pack};
use super::scope::Scope;
use super::tree::{Keys, Node, Shape};
use super::{placeholder, value};

/// A probe.
const PROBE: Shape = Shape {
    what: "a probe",
    keys: &[
        "run", "on", "root", "ok", "count", "pick", "as", "lines", "drift", "timeout", "label",
    ],
    later: &["pwsh", "again", "verb"],
};

/// Lines shown where the probe does not say.
const LINES: usize = 20;

/// Time allowed where the probe does not say.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Reads all probes of a pack, used or not, for the sake of their mistakes.
pub(super) fn read_all<'a>(library: &Library<'a, '_>, pack: &Pack<'a>) {
    let scope = Scope::of_any(library, pack);
    for (name, node) in pack.names(Kind::Probe) {
        if let Some(probe) = read(pack, name, *node) {
            scope.check_command(&probe.run, *node);
            check_label(&probe.label, *node, &scope);
            lint_pipe(&probe, *node);
        }
    }
}

/// Returns the probe that `node` names, checked against the scope of its use.
pub(super) fn named<'a>(
    library: &Library<'a, '_>,
    pack: &Pack<'a>,
    node: Node<'a>,
    scope: &mut Scope<'a>,
) -> Option<Probe> {
    let (owner, name, value) = library.find(pack, node, Kind::Probe)?;
    let probe = read(owner, name, value)?;
    scope.check_command(&probe.run, node);
    check_label(&probe.label, node, scope);
    scope.see(name);
    Some(probe)
}

/// Tells placeholders of a label, in every language, that have no value.
fn check_label(label: &Text, at: Node<'_>, scope: &Scope<'_>) {
    scope.check_text(&label.source, at);
}

/// Reads one probe.
fn read<'a>(pack: &Pack<'a>, name: &str, node: Node<'a>) -> Option<Probe> {
    let id = format!("{}.{name}", pack.id);
    if !node.is_table() {
        let run = node.text()?;
        check_quotes(run, node);
        let label = Text {
            source: run.to_owned(),
            ..Text::default()
        };
        return Some(plain(id, run, label));
    }
    let keys = node.table(PROBE)?;
    let run = match ["pwsh", "again"].iter().find_map(|key| keys.get(key)) {
        // Told as not supported yet.
        Some(_) => None,
        None => keys.need("run", "a probe"),
    };
    let run = run.and_then(|run| {
        let command = run.text()?;
        check_quotes(command, run);
        Some(command)
    });
    let label = keys
        .need("label", "a probe")
        .and_then(|label| pack.text(label));
    let on = keys.get("on").and_then(read_on);
    let value = read_value(keys);
    let settings = Probe {
        on: on.unwrap_or(On::Target),
        root: keys.get("root").and_then(Node::boolean).unwrap_or(false),
        ok: keys.get("ok").and_then(read_ok).unwrap_or_else(|| vec![0]),
        value: value?,
        lines: keys
            .get("lines")
            .and_then(|node| node.number(1..=200))
            .unwrap_or(LINES),
        drift: keys
            .get("drift")
            .and_then(read_drift)
            .unwrap_or(Drift::Number(0.0)),
        timeout: keys
            .get("timeout")
            .and_then(|node| node.parsed(value::duration))
            .unwrap_or(TIMEOUT),
        ..plain(id, run?, label?)
    };
    Some(settings)
}

/// Returns a probe with all defaults.
fn plain(id: String, run: &str, label: Text) -> Probe {
    Probe {
        id,
        run: run.to_owned(),
        on: On::Target,
        root: false,
        ok: vec![0],
        value: Value::Output,
        lines: LINES,
        drift: Drift::Number(0.0),
        timeout: TIMEOUT,
        label,
    }
}

/// Tells a placeholder within quotes.
fn check_quotes(command: &str, node: Node<'_>) {
    if let Some(name) = placeholder::first_in_quotes(command) {
        node.mistake(
            format!("`{{{name}}}` stands within quotes"),
            format!("take the quotes away: it becomes one quoted word by itself; or write `{{ {name} }}` for the braces themselves"),
        );
    }
}

/// Reads `on`.
fn read_on(node: Node<'_>) -> Option<On> {
    match node.text()? {
        "target" => Some(On::Target),
        "here" => Some(On::Here),
        other => {
            let help = String::from("write \"target\" or \"here\"");
            node.mistake(format!("`{other}` is no place for a probe"), help);
            None
        }
    }
}

/// Reads `ok`.
fn read_ok(node: Node<'_>) -> Option<Vec<u8>> {
    let numbers = node.list()?.into_iter();
    let statuses = numbers.filter_map(|node| u8::try_from(node.number(0..=255)?).ok());
    Some(statuses.collect())
}

/// Reads `drift`, which may be written as a number too.
fn read_drift(node: Node<'_>) -> Option<Drift> {
    if node.is_number() {
        let number = u32::try_from(node.number(0..=1_000_000_000)?).ok()?;
        return Some(Drift::Number(f64::from(number)));
    }
    node.parsed(value::drift)
}

/// Reads `count`, `pick` and `as`.
fn read_value(keys: Keys<'_>) -> Option<Value> {
    let pick_as = keys.get("as").map(read_as);
    match (keys.get("count"), keys.get("pick")) {
        (Some(count), Some(_)) => {
            count.mistake("a probe has `count` or `pick`, not both", None);
            None
        }
        (Some(count), None) => {
            if let Some(node) = keys.get("as") {
                node.mistake("`as` belongs to `pick`", None);
            }
            Some(Value::Count(count.parsed(Regex::parse)?))
        }
        (None, Some(pick)) => {
            let regex = pick.parsed(Regex::parse)?;
            Some(Value::Pick(regex, pick_as.unwrap_or(Some(PickAs::First))?))
        }
        (None, None) => {
            if let Some(node) = keys.get("as") {
                node.mistake("`as` belongs to `pick`", None);
            }
            Some(Value::Output)
        }
    }
}

/// Reads `as`.
fn read_as(node: Node<'_>) -> Option<PickAs> {
    match node.text()? {
        "first" => Some(PickAs::First),
        "last" => Some(PickAs::Last),
        "sum" => Some(PickAs::Sum),
        "oldest" => Some(PickAs::Oldest),
        "top" => Some(PickAs::Top),
        other => {
            let help = String::from("write \"first\", \"last\", \"sum\", \"oldest\" or \"top\"");
            node.mistake(format!("`{other}` is no way to pick"), help);
            None
        }
    }
}

/// Tells a pipe whose output is the value: it says 0 when the tool before it is missing.
fn lint_pipe(probe: &Probe, node: Node<'_>) {
    if matches!(probe.value, Value::Output) && placeholder::has_pipe(&probe.run) {
        let help = String::from("count with `count`, take a part with `pick`");
        node.lint("a pipe hides that its first command failed", help);
    }
}
