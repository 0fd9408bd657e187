//! The Japanese of the built-in packs: that each text has it, and that it is written as the gate's own is.

use serde_json::Value;

use super::tests::folder;
use super::{Layer, read};

/// Names that are the same in both languages.
const NAMES: [&str; 3] = ["Git", "Kubernetes", "Windows"];

/// Collects what every text within says in English and Japanese, wherever it stands.
fn texts(value: &Value, found: &mut Vec<(String, Option<String>)>) {
    match value {
        Value::Object(fields) => {
            if let (Some(Value::String(source)), Some(other)) =
                (fields.get("source"), fields.get("other"))
            {
                let ja = other.get("ja").and_then(Value::as_str).map(str::to_owned);
                found.push((source.clone(), ja));
            }
            fields.values().for_each(|field| texts(field, found));
        }
        Value::Array(entries) => entries.iter().for_each(|entry| texts(entry, found)),
        _ => {}
    }
}

/// Returns what stands outside of backticks.
fn prose(text: &str) -> String {
    text.split('`').step_by(2).collect()
}

fn is_japanese(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}')
}

/// Returns what is wrong with a text, if anything is.
fn fault(source: &str, ja: Option<&str>) -> Option<&'static str> {
    // A command alone is not translated.
    if prose(source).trim().is_empty() || NAMES.contains(&source) {
        return None;
    }
    let Some(ja) = ja else {
        return Some("has none");
    };
    let said = prose(ja);
    if !said.chars().any(is_japanese) {
        return Some("is not Japanese");
    }
    // The gate's own sentences, on the same screen, have the wide marks.
    if said.contains(['?', '!', '(', ')', ';']) || said.contains(", ") {
        return Some("has narrow marks");
    }
    let of_commands = |text: &str| text.matches('`').count();
    (of_commands(source) != of_commands(ja)).then_some("names other commands")
}

#[test]
fn every_text_of_the_built_in_packs_reads_as_japanese() {
    let (packs, _) = read(&folder("../rules", Layer::BuiltIn));
    let mut found = Vec::new();
    let heads = packs.heads.iter().map(|head| &head.title);
    texts(
        &serde_json::to_value(heads.collect::<Vec<_>>()).unwrap(),
        &mut found,
    );
    for rule in &packs.rules {
        let before = found.len();
        texts(&serde_json::to_value(rule).unwrap(), &mut found);
        // Its title, and why it holds; a note has a title alone.
        let least = 1 + usize::from(rule.risk != crate::policy::rule::Risk::Note);
        assert!(found.len() - before >= least, "{}", rule.id);
    }
    let faults: Vec<String> = found
        .iter()
        .filter_map(|(source, ja)| Some(format!("`{source}` {}", fault(source, ja.as_deref())?)))
        .collect();
    assert_eq!(faults, [""; 0]);
}

#[test]
fn what_is_amiss_with_a_translation_is_found() {
    let cases = [
        ("Restart it: `x`", Some("再起動する: `x`"), None),
        ("`x -y`", None, None),
        ("Git", Some("Git"), None),
        ("Size", None, Some("has none")),
        ("Size", Some("Size"), Some("is not Japanese")),
        ("Is it so?", Some("そうですか?"), Some("has narrow marks")),
        ("Size (MB)", Some("サイズ (MB)"), Some("has narrow marks")),
        ("Add `x?`", Some("`x?` を付ける"), None),
        ("Add `x`", Some("付ける"), Some("names other commands")),
    ];
    for (source, ja, expected) in cases {
        assert_eq!(fault(source, ja), expected, "{source} {ja:?}");
    }
}
