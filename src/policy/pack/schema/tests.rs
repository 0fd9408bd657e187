//! The schema against the reader, the packs, and the file in the repository.

#![expect(
    clippy::disallowed_methods,
    reason = "tests read and write the repository"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use serde_json::Value;

use super::schema;

/// The definition that describes each kind of table, by what the reader calls it.
const DEFINITIONS: &[(&str, &str)] = &[
    ("[pack]", "Pack"),
    ("a probe", "Probe"),
    ("a rule", "Rule"),
    ("a tune", "Tune"),
    ("`test`", "Test"),
    ("a matcher", "Matcher"),
    ("a condition", "Condition"),
    ("a calendar", "Calendar"),
    ("an entry of a calendar", "Entry"),
    ("a show", "Step"),
    ("a check", "Step"),
    ("a confirm", "Step"),
    ("a checklist", "Step"),
    ("a call", "Step"),
    ("a cooldown", "Step"),
    ("a gap", "Step"),
    ("a window", "Step"),
    ("a first", "Step"),
    ("a witness", "Step"),
    ("an approve", "Step"),
    ("an after", "After"),
    ("an item", "Item"),
    ("[words]", "Words"),
    ("`server`", "ServerAt"),
    ("`names`", "NamesAt"),
    ("`writes`", "InPlace"),
    ("`sql`", "SqlAt"),
    ("a wrapper", "Wrapper"),
    ("`inner`", "Inner"),
    ("`each`", "Each"),
    ("`replaces`", "Replaces"),
];

/// Returns a path of the repository.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Returns the texts of all files with this ending in a folder, by name.
fn files(folder: &str, ending: &str) -> BTreeMap<String, String> {
    let entries = fs::read_dir(repository(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let wanted = paths.filter(|path| path.extension().is_some_and(|end| end == ending));
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    wanted
        .map(|path| (name(&path), fs::read_to_string(&path).unwrap()))
        .collect()
}

/// Returns the source of the reader of rule files.
fn reader() -> String {
    let mut files = files("src/policy/pack", "rs");
    // Test files have another language, and these are the schema itself and tests.
    for other in ["cases.rs", "schema.rs", "tests.rs"] {
        files.remove(other);
    }
    assert!(files.len() > 8, "only {:?}", files.keys());
    files.into_values().collect()
}

/// Returns the quoted texts in a piece of source.
fn quoted(source: &str) -> BTreeSet<String> {
    let text = Regex::new("\"([^\"]*)\"").unwrap();
    text.captures_iter(source)
        .map(|found| found[1].to_owned())
        .collect()
}

/// Returns the keys that the reader takes, by the definition of the schema.
fn keys_of_reader() -> BTreeMap<&'static str, BTreeSet<String>> {
    let source = reader();
    let shapes = [
        r#"what: "([^"]+)",\s*keys: &\[([^\]]*)\]"#,
        r#"\bshape\(\s*"([^"]+)",\s*&\[([^\]]*)\]"#,
    ];
    let mut keys: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for shape in shapes {
        for found in Regex::new(shape).unwrap().captures_iter(&source) {
            let what = &found[1];
            let known = DEFINITIONS.iter().find(|(name, _)| *name == what);
            let (_, definition) =
                known.unwrap_or_else(|| panic!("which definition describes {what}?"));
            keys.entry(definition)
                .or_default()
                .extend(quoted(&found[2]));
        }
    }
    let top = Regex::new(r"const TOP: [^=]*= \[([^\]]*)\]").unwrap();
    let top = top
        .captures(&source)
        .expect("the keys at the top of a file");
    keys.insert("", quoted(&top[1]));
    keys
}

/// Returns the tables of the schema by name, the whole file under an empty one.
fn tables(schema: &Value) -> BTreeMap<&str, &Value> {
    let definitions = schema["definitions"].as_object().unwrap();
    let all = definitions
        .iter()
        .map(|(name, value)| (name.as_str(), value));
    let mut tables: BTreeMap<&str, &Value> = all
        .filter(|(_, value)| value["properties"].is_object())
        .collect();
    tables.insert("", schema);
    tables
}

/// Returns the values that an enumeration of the schema has.
fn values(schema: &Value, name: &str) -> BTreeSet<String> {
    let values = schema["definitions"][name]["enum"].as_array();
    let values = values.unwrap_or_else(|| panic!("{name} is no enumeration"));
    values
        .iter()
        .map(|value| value.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_file_in_the_repository_is_current() {
    let text = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    let path = repository("docs/schema/rules.schema.json");
    if std::env::var_os("KANMON_WRITE_SCHEMA").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == text,
        "write it anew: KANMON_WRITE_SCHEMA=1 cargo test --lib schema"
    );
}

#[test]
fn the_schema_has_the_keys_that_the_reader_takes_and_no_others() {
    let schema = schema();
    let tables = tables(&schema);
    let of_reader = keys_of_reader();
    for (definition, keys) in &of_reader {
        let properties = tables[definition]["properties"].as_object().unwrap();
        let properties: BTreeSet<String> = properties.keys().cloned().collect();
        assert_eq!(properties, *keys, "`{definition}`");
    }
    // The reader looks up what says a target in a table of its own.
    let known = tables.keys().filter(|name| **name != "Target");
    assert_eq!(
        known.collect::<Vec<_>>(),
        of_reader.keys().collect::<Vec<_>>()
    );
}

#[test]
fn the_schema_has_the_values_that_the_reader_takes() {
    let schema = schema();
    let source = reader();
    for (kind, name) in [
        ("Risk", "Risk"),
        ("Form", "Form"),
        ("OpaqueKind", "Opaque"),
        ("SqlKind", "Sql"),
        ("SqlDialect", "Dialect"),
        ("On", "On"),
        ("PickAs", "PickAs"),
        ("OptionStyle", "Style"),
        ("Moves", "Moves"),
        ("AfterWhen", "AfterWhen"),
        ("OnStoreDown", "OnStoreDown"),
    ] {
        let pair = Regex::new(&format!(r#"\("([a-z*-]+)", {kind}::"#)).unwrap();
        let known: BTreeSet<String> = pair
            .captures_iter(&source)
            .map(|found| found[1].to_owned())
            .collect();
        assert_eq!(values(&schema, name), known, "{name}");
    }
    for (table, name) in [("PER_RULE", "Per"), ("OF_TEAM", "GapScope")] {
        let list = Regex::new(&format!("const {table}: [^=]*= ([^;]*);")).unwrap();
        let list = list.captures(&source).unwrap();
        assert_eq!(values(&schema, name), quoted(&list[1]), "{name}");
    }
    for (key, wanted, name) in [
        ("skip", "assignments", "Skip"),
        ("appends", "operands", "Operands"),
        ("none", "stdin", "Stdin"),
        ("answer", "text", "Answer"),
        ("no", "rest", "No"),
    ] {
        assert_eq!(values(&schema, name), [wanted.to_owned()].into(), "{name}");
        let only = Regex::new(&format!(r#"only\((?:node, )?"{key}", "{wanted}"\)"#)).unwrap();
        assert!(only.is_match(&source), "`{key}`");
    }
    for (name, wanted) in [("Only", "production"), ("VerbCase", "any")] {
        assert_eq!(values(&schema, name), [wanted.to_owned()].into(), "{name}");
        assert!(source.contains(&format!("== Some(\"{wanted}\")")), "{name}");
    }
    let pair = Regex::new(r#"\("([a-z]+)", TargetKey::"#).unwrap();
    let known: BTreeSet<String> = pair
        .captures_iter(&source)
        .map(|found| found[1].to_owned())
        .collect();
    let target = schema["definitions"]["Target"]["properties"].as_object();
    assert_eq!(
        target.unwrap().keys().cloned().collect::<BTreeSet<_>>(),
        known
    );
}

#[test]
fn every_key_has_a_hover_text() {
    let schema = schema();
    let mut seen = 0;
    for (definition, table) in tables(&schema) {
        for (key, property) in table["properties"].as_object().unwrap() {
            let text = property["description"].as_str().unwrap_or_default();
            assert!(text.len() > 5, "`{key}` of `{definition}`");
            seen += 1;
        }
        assert_eq!(table["additionalProperties"], false, "`{definition}`");
    }
    assert!(seen > 100, "only {seen}");
}

#[test]
fn all_packs_are_valid() {
    let schema = schema();
    for folder in ["rules", "rules/words", "tests/packs", "tests/packs/words"] {
        for (name, text) in files(folder, "toml") {
            assert_eq!(problems(&schema, &text), [""; 0], "{folder}/{name}");
        }
    }
}

#[test]
fn what_the_reader_refuses_for_its_shape_is_not_valid() {
    let schema = schema();
    let broken = files("tests/broken-packs", "toml");
    for name in [
        "unknown-key.toml",
        "wrong-type.toml",
        "two-kinds-in-a-step.toml",
        "empty-match.toml",
        "nothing-to-match.toml",
        "bad-duration.toml",
        "wrapper-without-inner.toml",
    ] {
        assert_ne!(problems(&schema, &broken[name]), [""; 0], "{name}");
    }
}

/// Returns what is wrong with a rule file by the schema.
fn problems(schema: &Value, text: &str) -> Vec<String> {
    let table: toml::Table = text.parse().unwrap();
    let value = json(toml::Value::Table(table));
    let mut found = Vec::new();
    validate(schema, schema, &value, "", &mut found);
    found
}

/// Returns the value as JSON; editors take a date for a text.
fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::Datetime(date) => Value::String(date.to_string()),
        toml::Value::Array(values) => Value::Array(values.into_iter().map(json).collect()),
        toml::Value::Table(table) => {
            let entries = table.into_iter().map(|(key, value)| (key, json(value)));
            Value::Object(entries.collect())
        }
        other => serde_json::to_value(other).unwrap(),
    }
}

/// Checks a value against the part of JSON Schema that is used here; a keyword that is not known
/// fails, so that nothing goes unchecked. A crate for all of it would bring forty others.
fn validate(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let Some(keywords) = schema.as_object() else {
        if *schema == Value::Bool(false) {
            found.push(format!("{at}: nothing may stand here"));
        }
        return;
    };
    let fits = |schema: &Value| {
        let mut found = Vec::new();
        validate(root, schema, value, at, &mut found);
        found.is_empty()
    };
    for (keyword, wanted) in keywords {
        let list = || wanted.as_array().unwrap();
        let is_met = match keyword.as_str() {
            "$schema" | "title" | "description" | "definitions" | "format" => true,
            "$ref" => {
                let name = wanted
                    .as_str()
                    .unwrap()
                    .strip_prefix("#/definitions/")
                    .unwrap();
                validate(root, &root["definitions"][name], value, at, found);
                true
            }
            "type" => has_type(value, wanted),
            "enum" => list().contains(value),
            "const" => wanted == value,
            "pattern" => value
                .as_str()
                .is_none_or(|text| Regex::new(wanted.as_str().unwrap()).unwrap().is_match(text)),
            "minimum" => value.as_f64().is_none_or(|n| n >= wanted.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|n| n <= wanted.as_f64().unwrap()),
            "minItems" => value
                .as_array()
                .is_none_or(|items| items.len() as u64 >= wanted.as_u64().unwrap()),
            "required" => list()
                .iter()
                .all(|key| !value.is_object() || value.get(key.as_str().unwrap()).is_some()),
            "anyOf" => list().iter().any(fits),
            "not" => !fits(wanted),
            "oneOf" => list().iter().filter(|schema| fits(schema)).count() == 1,
            "allOf" => {
                for schema in list() {
                    validate(root, schema, value, at, found);
                }
                true
            }
            "items" => {
                for (number, item) in value.as_array().into_iter().flatten().enumerate() {
                    validate(root, wanted, item, &format!("{at}[{number}]"), found);
                }
                true
            }
            "properties" | "patternProperties" | "additionalProperties" => true,
            other => panic!("the keyword `{other}` is not checked here"),
        };
        if !is_met {
            found.push(format!("{at}: `{keyword}` is not met"));
        }
    }
    for (key, value) in value.as_object().into_iter().flatten() {
        let at = format!("{at}.{key}");
        let named = keywords.get("properties").and_then(|all| all.get(key));
        let by_pattern = keywords.get("patternProperties").and_then(Value::as_object);
        let by_pattern = by_pattern
            .into_iter()
            .flatten()
            .find(|(pattern, _)| Regex::new(pattern).unwrap().is_match(key));
        let schema = named
            .or(by_pattern.map(|(_, schema)| schema))
            .or(keywords.get("additionalProperties"));
        if let Some(schema) = schema {
            validate(root, schema, value, &at, found);
        }
    }
}

/// Returns whether a value is of a type, or of one of several.
fn has_type(value: &Value, wanted: &Value) -> bool {
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("the type `{other}` is not checked here"),
    };
    match wanted {
        Value::Array(names) => names.iter().any(|name| is(name.as_str().unwrap())),
        name => is(name.as_str().unwrap()),
    }
}
