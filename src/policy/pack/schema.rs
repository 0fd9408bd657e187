//! The JSON schema of rule files, for editors.
//!
//! The reader walks the TOML tree by hand, so these types only mirror what it takes: flat, one a
//! kind of table, with a description for every key. They exist in tests alone; what is shipped is
//! `docs/schema/rules.schema.json`, which the tests compare with them. The tests also compare their
//! keys with those that the reader knows, and check all built-in packs against the schema.
//!
//! After a change: `KANMON_WRITE_SCHEMA=1 cargo test --lib schema` writes the file anew.

#![expect(
    dead_code,
    reason = "the types are never made: their names and documentation are the schema"
)]

mod matchers;
mod rules;
mod steps;
mod words;
mod wrappers;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Deserialize;
use serde_json::{Value, json};

use rules::{Rule, Tune};
use steps::StepOrName;
use words::Words;
use wrappers::Wrapper;

/// A text, or several of which any counts.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum OneOrMore {
    /// One entry.
    One(String),
    /// Entries of which any counts; one that begins with `!` must not fit.
    More(Vec<String>),
}

/// A rule file of kanmon: a pack of rules, words of programs, wrappers.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "rule file", extend("patternProperties" = {
    "^[a-z]{2}$": {
        "description": "Translations into this language: the source text as key, the translation as value.",
        "type": "object",
        "additionalProperties": { "type": "string" }
    }
}))]
struct File {
    /// The head of the pack; a file with rules, probes or step lists needs it.
    pack: Option<Pack>,
    /// Named read-only commands by which rules look at the target. A text is the `run` of one with all defaults.
    probe: Option<BTreeMap<String, ProbeOrRun>>,
    /// Named lists of steps that rules use by name.
    steps: Option<BTreeMap<String, Vec<StepOrName>>>,
    /// Named calendars of times that are frozen, which the condition `freeze` names.
    calendar: Option<BTreeMap<String, Calendar>>,
    /// The rules. Within one no further `[header]` is allowed.
    rule: Option<Vec<Rule>>,
    /// What is changed of other packs' rules. System files only.
    tune: Option<Vec<Tune>>,
    /// What the words of a program mean, by its base name. System files only.
    words: Option<BTreeMap<String, Words>>,
    /// Programs that run other commands.
    wrapper: Option<Vec<Wrapper>>,
    /// Programs that run nothing that they are given. System files only.
    plain: Option<Vec<String>>,
}

/// Times that are frozen: a list, the text of a CSV table, or a CSV file beside this one.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["entries"] }, { "required": ["csv"] }, { "required": ["file"] }
]))]
struct Calendar {
    /// The time zone of dates without one, such as `Asia/Tokyo`.
    zone: Option<String>,
    /// The times one by one.
    entries: Option<Vec<Entry>>,
    /// The times as CSV: from, to, reason.
    csv: Option<String>,
    /// The name of a CSV file in the folder of this file.
    file: Option<String>,
}

/// A time that is frozen.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// A date, or a date with a time, at which it begins.
    from: String,
    /// A date, which belongs to it, or a date with a time at which it ends.
    to: String,
    /// Why; shown at the hold.
    reason: Option<String>,
}

/// The head of a pack.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Pack {
    /// The first part of its rules' full ids.
    #[schemars(regex(pattern = "^[a-z0-9-]+$"))]
    id: String,
    /// What the pack is for.
    title: String,
    /// The language of its texts, two letters; `en` where it is missing.
    #[schemars(regex(pattern = "^[a-z]{2}$"))]
    lang: Option<String>,
}

/// A probe, or its command alone.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum ProbeOrRun {
    /// The `/bin/sh` command.
    Run(String),
    /// The probe.
    Probe(Box<Probe>),
}

/// A read-only command by which a rule looks at the target. Its value is its output, trimmed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["run"] }, { "required": ["pwsh"] }, { "required": ["again"] }, { "required": ["sql", "by"] }
]))]
struct Probe {
    /// The `/bin/sh` command. A `{placeholder}` becomes exactly one quoted word; within quotes it is an error.
    run: Option<String>,
    /// The PowerShell command, for the line's own `pwsh` or `powershell`. A `{placeholder}` becomes one text in single quotes.
    pwsh: Option<String>,
    /// The held command once more as its own dry run, with these words after its verb. One of them must be in `dry` of the program's words.
    again: Option<String>,
    /// With `again`: the verb in place of the command's own. It must be in `set.read` of the program's words.
    verb: Option<String>,
    /// A statement that only reads, asked of the server that the held command names: what `target`, `place` and `server` in its program's words say stays of its arguments. `{rows}` counts the rows that the command's own statements concern. Of a list the first of which all is known is asked.
    sql: Option<OneOrMore>,
    /// With `sql`: the client, its options, and last the option that takes the statement, such as `psql -At -c`.
    by: Option<String>,
    /// Where it runs: through the same hosts and containers as the command (`target`, the default), or on the operator's host.
    on: Option<On>,
    /// Whether it runs through `sudo -n` there.
    root: Option<bool>,
    /// Exit statuses that mean success; 0 alone where it is missing.
    ok: Option<Vec<u8>>,
    /// The value is the number of lines that fit this regex. 0 is a value, no failure.
    count: Option<String>,
    /// The value is what capture 1 of this regex gives.
    pick: Option<String>,
    /// Which of several fits of `pick` counts.
    #[serde(rename = "as")]
    pick_as: Option<PickAs>,
    /// The most lines that are shown; 20 where it is missing.
    #[schemars(range(min = 1, max = 200))]
    lines: Option<u8>,
    /// Change allowed between answer and start: a number, a share such as `5%`, or `any`; none where it is missing.
    drift: Option<NumberOrText>,
    /// Time allowed, such as `30s`; 10 s where it is missing.
    #[schemars(regex(pattern = "^([0-9]+[smhd])+$"))]
    timeout: Option<String>,
    /// What this is, shown before the value.
    label: String,
}

/// Where a probe runs.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum On {
    Target,
    Here,
}

/// Which of several fits of a `pick` counts.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum PickAs {
    First,
    Last,
    Sum,
    Oldest,
    Top,
}

/// A number, or a text with one.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum NumberOrText {
    /// A number.
    Number(u32),
    /// A text.
    Text(String),
}
/// Returns the schema.
fn schema() -> Value {
    // Draft 7 is what editors of TOML take.
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<File>().to_value();
    without_null(&mut schema);
    let Value::Object(rest) = schema else {
        return schema;
    };
    // A reader of the file sees first what it is.
    let mut root = serde_json::Map::new();
    root.insert(
        "$schema".to_owned(),
        json!("http://json-schema.org/draft-07/schema#"),
    );
    root.insert("title".to_owned(), json!("kanmon rule file"));
    for (key, value) in rest {
        root.entry(key).or_insert(value);
    }
    Value::Object(root)
}

/// Takes away that a value may be null, which TOML does not have: a key is there or not.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|kind| kind != "null");
                if let [one] = types.as_slice() {
                    let one = one.clone();
                    object.insert("type".to_owned(), one);
                }
            }
            let mut only = None;
            if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
                let is_null = |choice: &Value| *choice == json!({ "type": "null" });
                if choices.iter().any(is_null) {
                    choices.retain(|choice| !is_null(choice));
                    if let [one] = choices.as_slice() {
                        only = Some(one.clone());
                    }
                }
            }
            if let Some(only) = only {
                // Beside a `$ref` draft 7 reads nothing, and hover texts stand beside it.
                object.remove("anyOf");
                object.insert("allOf".to_owned(), json!([only]));
            }
            object.values_mut().for_each(without_null);
        }
        Value::Array(values) => values.iter_mut().for_each(without_null),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

mod tests;
