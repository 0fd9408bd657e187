//! Reads `[probe]`: named read-only commands.

use std::time::Duration;

use crate::line::knowledge::{Words, is_off};
use crate::policy::pattern::{Case, Regex};
use crate::policy::rule::{Drift, On, PickAs, Probe, ProbeForm, Text, Value, VerbPattern};

use super::library::{Kind, Library, Pack};
use super::scope::Scope;
use super::tree::{Keys, Node, Shape};
use super::{placeholder, value};

/// A probe.
const PROBE: Shape = Shape {
    what: "a probe",
    keys: &[
        "run", "pwsh", "again", "verb", "sql", "by", "on", "root", "ok", "count", "pick", "as",
        "lines", "drift", "timeout", "label",
    ],
};

/// Where a probe runs, by name.
const PLACES: [(&str, On); 2] = [("target", On::Target), ("here", On::Here)];

/// Which fits of a `pick` count, by name.
const WAYS: [(&str, PickAs); 5] = [
    ("first", PickAs::First),
    ("last", PickAs::Last),
    ("sum", PickAs::Sum),
    ("oldest", PickAs::Oldest),
    ("top", PickAs::Top),
];

/// The statement that counts the rows which the line's own statements concern.
const ROWS: &str = "{rows}";

/// Lines shown where the probe does not say.
const LINES: usize = 20;

/// Time allowed where the probe does not say.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Reads all probes of a pack, used or not, for the sake of their mistakes.
pub(super) fn read_all<'a>(library: &Library<'a, '_>, pack: &Pack<'a>) {
    let scope = Scope::of_any(library, pack);
    for (name, node) in pack.names(Kind::Probe) {
        if let Some(probe) = read(pack, name, *node) {
            check_command(&probe, *node, &scope);
            check_label(pack, &probe.label, *node, &scope);
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
    check_command(&probe, node, scope);
    check_label(owner, &probe.label, node, scope);
    match &probe.form {
        ProbeForm::Again { words, verb } => {
            check_again(library, node, scope, words, verb.as_deref());
        }
        ProbeForm::Sql { .. } => check_server(library, node, scope),
        ProbeForm::Sh | ProbeForm::Pwsh => {}
    }
    scope.see(&probe);
    let label = scope.taken_over(owner.id, probe.label);
    Some(Probe { label, ..probe })
}

/// Tells placeholders of a command that have no value.
fn check_command(probe: &Probe, at: Node<'_>, scope: &Scope<'_>) {
    match probe.form {
        ProbeForm::Sh | ProbeForm::Pwsh => scope.check_command(&probe.run, at),
        // It has none.
        ProbeForm::Again { .. } | ProbeForm::Sql { .. } => {}
    }
}

/// Tells programs of the rule of which it is not known that they only look with these words or
/// this verb. The line is not cleared when a probe looks, so it would run too early.
fn check_again(
    library: &Library<'_, '_>,
    node: Node<'_>,
    scope: &Scope<'_>,
    words: &[String],
    verb: Option<&str>,
) {
    // Of a step list that no rule uses yet nothing is known.
    let Some(programs) = &scope.programs else {
        return;
    };
    if programs.iter().any(Vec::is_empty) {
        let help = String::from("name them in full, without `*`, `?` and `|`");
        node.mistake("`again` needs matchers that name their programs", help);
    }
    for path in programs.iter().flatten() {
        let name = path.rsplit('/').next().unwrap_or(path);
        let known = library.words.get(name);
        match verb {
            Some(verb) if !known.is_some_and(|known| reads(known, verb)) => {
                let help = format!("add it to `set.read` of [words.{name}]");
                node.mistake(format!("`{name} {verb}` is not known to only read"), help);
            }
            None if !known.is_some_and(|known| is_dry(known, words)) => {
                let line = [&[name.to_owned()], words].concat().join(" ");
                let help = format!("add one of the words to `dry` of [words.{name}]");
                node.mistake(format!("`{line}` is not known to be harmless"), help);
            }
            Some(_) | None => {}
        }
    }
}

/// Tells programs of the rule of which it is not known what says which server they talk to.
fn check_server(library: &Library<'_, '_>, node: Node<'_>, scope: &Scope<'_>) {
    // Of a step list that no rule uses yet nothing is known.
    for path in scope.programs.iter().flatten().flatten() {
        let name = path.rsplit('/').next().unwrap_or(path);
        let known = library.words.get(name);
        if known.is_none_or(|known| known.server.is_none()) {
            let help = format!("add `server = {{ option = […] }}` to [words.{name}]");
            node.mistake(
                format!("it is not known how `{name}` is told its server"),
                help,
            );
        }
    }
}

/// Returns whether a verb is in the set `read`.
fn reads(known: &Words, verb: &str) -> bool {
    let typed: Vec<&str> = verb.split_whitespace().collect();
    let case = match known.any_case {
        true => Case::Ignored,
        false => Case::Counts,
    };
    let fits = |entry: &String| match VerbPattern::parse(entry) {
        Ok(VerbPattern::Path(path)) => {
            let mut pairs = path.iter().zip(&typed);
            path.len() <= typed.len() && pairs.all(|(pattern, word)| pattern.fits(word, case))
        }
        Ok(VerbPattern::Last(pattern)) => typed.last().is_some_and(|word| pattern.fits(word, case)),
        Ok(VerbPattern::Set(_)) | Err(_) => false,
    };
    known
        .sets
        .get("read")
        .is_some_and(|read| read.iter().any(fits))
}

/// Returns whether one of the words is a harmless form and none takes it back.
fn is_dry(known: &Words, words: &[String]) -> bool {
    let fits = |entry: &str, word: &String| {
        let name = word.split('=').next().unwrap_or(word);
        entry == word || (!entry.contains('=') && entry == name)
    };
    let any = |entry: &str| words.iter().any(|word| fits(entry, word));
    let plain = known.dry.iter().filter(|entry| !entry.starts_with('!'));
    let mut back = known.dry.iter().filter_map(|entry| entry.strip_prefix('!'));
    // As the call itself is judged: a form that is switched off is none.
    let is_off = |word: &String| word.split_once('=').is_some_and(|(_, value)| is_off(value));
    plain.into_iter().any(|entry| any(entry)) && !back.any(any) && !words.iter().any(is_off)
}

/// Tells placeholders of a label, in every language, that have no value.
fn check_label(pack: &Pack<'_>, label: &Text, at: Node<'_>, scope: &Scope<'_>) {
    scope.check_text(pack.id, &label.source, at);
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
    let command = read_command(keys);
    let label = keys
        .need("label", "a probe")
        .and_then(|label| pack.text(label));
    let on = keys
        .get("on")
        .and_then(|on| on.one_of("no place for a probe", &PLACES));
    let value = read_value(keys);
    let settings = Probe {
        on: on.unwrap_or(On::Target),
        root: read_root(keys),
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
        ..command.and_then(|command| {
            let probe = plain(id, &command.run, label?);
            Some(Probe {
                form: command.form,
                ..probe
            })
        })?
    };
    Some(settings)
}

/// What a probe runs.
struct Command {
    run: String,
    form: ProbeForm,
}

/// Reads `run`, `pwsh`, `again` or `sql`.
fn read_command(keys: Keys<'_>) -> Option<Command> {
    if let (Some(verb), None) = (keys.get("verb"), keys.get("again")) {
        verb.mistake(
            "`verb` belongs to `again`",
            String::from("add `again = \"\"`"),
        );
    }
    if let (Some(by), None) = (keys.get("by"), keys.get("sql")) {
        by.mistake("`by` belongs to `sql`", None);
    }
    match ["run", "pwsh", "again", "sql"].map(|key| keys.get(key)) {
        [Some(run), None, None, None] => {
            let text = run.text()?;
            check_quotes(text, run);
            let (run, form) = (text.to_owned(), ProbeForm::Sh);
            Some(Command { run, form })
        }
        [None, Some(pwsh), None, None] => {
            let text = pwsh.text()?;
            check_quotes(text, pwsh);
            let (run, form) = (text.to_owned(), ProbeForm::Pwsh);
            Some(Command { run, form })
        }
        [None, None, Some(again), None] => read_again(keys, again),
        [None, None, None, Some(text)] => read_sql(keys, text),
        [None, None, None, None] => {
            let help = String::from("add `run = …`, `pwsh = …`, `again = …` or `sql = …`");
            keys.node.mistake("a probe needs a command", help);
            None
        }
        _ => {
            keys.node
                .mistake("a probe has one of `run`, `pwsh`, `again` and `sql`", None);
            None
        }
    }
}

/// Reads `again` and `verb`.
fn read_again(keys: Keys<'_>, again: Node<'_>) -> Option<Command> {
    let verb = match keys.get("verb") {
        Some(verb) => Some(verb.text()?.to_owned()),
        None => None,
    };
    // With another verb no further words are needed.
    let text = match (again.as_text(), &verb) {
        (Some(""), Some(_)) => "",
        _ => again.text()?,
    };
    for text in verb.iter().map(String::as_str).chain([text]) {
        if text.contains(['\'', '"', '\\', '{', '$', '`']) {
            let help = String::from("write plain words with spaces between");
            again.mistake(
                "`again` and `verb` take neither quotes nor placeholders",
                help,
            );
            return None;
        }
    }
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    let shown = verb
        .iter()
        .map(String::as_str)
        .chain(text.split_whitespace());
    let run = std::iter::once("…")
        .chain(shown)
        .collect::<Vec<_>>()
        .join(" ");
    let form = ProbeForm::Again { words, verb };
    Some(Command { run, form })
}

/// Reads `sql` and `by`.
fn read_sql(keys: Keys<'_>, text: Node<'_>) -> Option<Command> {
    let by = keys.need("by", "`sql`")?;
    let words: Vec<String> = by.text()?.split_whitespace().map(str::to_owned).collect();
    let [client, before @ .., option] = words.as_slice() else {
        let help =
            String::from("write the client, and last the option that takes SQL: `psql -At -c`");
        by.mistake("`by` needs a client and an option", help);
        return None;
    };
    let texts: Option<Vec<String>> = text
        .list_or_one()?
        .into_iter()
        .map(|text| Some(text.text()?.to_owned()))
        .collect();
    let texts = texts?;
    let is_open = |text: &&String| text.contains(['{', '}']) && *text != ROWS;
    if let Some(open) = texts.iter().find(is_open) {
        let help = format!("write the statement without placeholders, or `{ROWS}` alone");
        text.mistake(format!("`{open}` takes no placeholders"), help);
        return None;
    }
    let shown = [client.as_str(), "…"].into_iter();
    let shown = shown.chain(before.iter().map(String::as_str));
    let shown = shown.chain([option.as_str()]);
    let shown = shown.chain(texts.first().map(String::as_str));
    let run = shown.collect::<Vec<_>>().join(" ");
    let form = ProbeForm::Sql { by: words, texts };
    Some(Command { run, form })
}

/// Reads `root`, which PowerShell has not.
fn read_root(keys: Keys<'_>) -> bool {
    let root = keys.get("root").and_then(Node::boolean).unwrap_or(false);
    if let (true, Some(node)) = (root && keys.get("pwsh").is_some(), keys.get("root")) {
        node.mistake("`root` belongs to `run` and `again`", None);
    }
    root
}

/// Returns a probe with all defaults.
fn plain(id: String, run: &str, label: Text) -> Probe {
    Probe {
        id,
        run: run.to_owned(),
        form: ProbeForm::Sh,
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
    let pick_as = keys
        .get("as")
        .map(|node| node.one_of("no way to pick", &WAYS));
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

/// Tells a pipe whose output is the value: it says 0 when the tool before it is missing.
fn lint_pipe(probe: &Probe, node: Node<'_>) {
    let is_sh = probe.form == ProbeForm::Sh;
    if is_sh && matches!(probe.value, Value::Output) && placeholder::has_pipe(&probe.run) {
        let help = String::from("count with `count`, take a part with `pick`");
        node.lint("a pipe hides that its first command failed", help);
    }
}
