//! What must hold for any input: shared by the fuzz targets and by the replay on stable.
//!
//! Nothing here may panic for any bytes; where a check fails it panics, and the fuzzer keeps the
//! input.

use std::borrow::Cow;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::sync::OnceLock;

use kanmon::ctl::check::{Judge, ProfileName};
use kanmon::door::understand::{NoVariables, Understood, understand};
use kanmon::line::{Line, MAX_INVOCATIONS, Opaque, Piece, Span};
use kanmon::policy::facts::NothingKnown;
use kanmon::policy::pack::{Layer, SourceFile, read, render};
use kanmon::policy::table::{Table, compile};
use kanmon::policy::{Profile, RuleSet, Verdict};
use serde_json::{Map, Value};

/// Reads and judges bytes as a shell line, and as an argv whose words end at line feeds.
pub(crate) fn line(bytes: &[u8]) {
    let shell = Line::shell(bytes);
    let understood = judge(&shell);
    check(&shell, &understood);
    assert_same(&understood, &judge(&shell));
    if is_held(&understood) && is_whole(bytes, &understood) {
        assert_not_masked(bytes);
    }
    let words: Vec<OsString> = bytes
        .split(|byte| *byte == b'\n')
        .map(|word| OsString::from_vec(word.to_vec()))
        .collect();
    let argv = Line::argv(words);
    check(&argv, &judge(&argv));
}

/// Reads bytes as a rule file, and compiles it where it has no mistake.
pub(crate) fn rules(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    for layer in [Layer::User, Layer::BuiltIn] {
        let file = SourceFile {
            name: "x.toml".to_owned(),
            text: text.to_owned(),
            layer,
        };
        let files = [file];
        let (packs, mistakes) = read(&files);
        if !mistakes.is_empty() {
            assert!(!render(&mistakes, &files).is_empty());
            continue;
        }
        let Ok(blob) = compile(&packs) else {
            continue;
        };
        let verified = Table::open(&blob).and_then(Table::verify);
        assert_eq!(verified, Ok(()), "what was written does not open");
        let rules = RuleSet::of_tables([Cow::Owned(blob)]);
        let Ok(rules) = rules else {
            panic!("what was verified does not open");
        };
        let kept: Vec<_> = rules.rules().cloned().collect();
        assert_eq!(kept, packs.rules, "a rule does not come back");
        let own = kept
            .iter()
            .flat_map(|rule| rule.test_hold.iter().chain(&rule.test_pass));
        let lines = ["sudo ssh a reboot -f", "x > /dev/sda", "$X | sh", text];
        for line in own.map(String::as_str).chain(lines) {
            let line = Line::shell(line.as_bytes());
            let understood = judge_with(&line, &rules);
            check(&line, &understood);
            // Once what is decoded lazily is there, nothing changes.
            assert_same(&understood, &judge_with(&line, &rules));
        }
    }
}

/// Answers bytes as the input of `check --jsonl`: an object for every line that is not blank.
pub(crate) fn jsonl(bytes: &[u8]) {
    let judge = match Judge::new(false, Some(ProfileName::Production), "prefix") {
        Ok(judge) => judge,
        Err(error) => panic!("the built-in rules do not open: {error}"),
    };
    let mut output = Vec::new();
    if let Err(error) = judge.stream(bytes, &mut output) {
        panic!("memory cannot be read or written: {error}");
    }
    let lines = bytes.split(|byte| *byte == b'\n');
    let asked = lines.filter(|line| !line.iter().all(u8::is_ascii_whitespace));
    let mut answers = output.split(|byte| *byte == b'\n');
    for line in asked {
        let answer = answers.next().unwrap_or_default();
        let Ok(Value::Object(answer)) = serde_json::from_slice(answer) else {
            panic!("{:?} is no object", String::from_utf8_lossy(answer));
        };
        let brought: Option<Map<String, Value>> = serde_json::from_slice(line).ok();
        let error = answer.get("error");
        let is_told = error.is_some_and(Value::is_string);
        let Some(brought) = brought else {
            assert!(is_told, "{:?}", String::from_utf8_lossy(line));
            continue;
        };
        let verdict = answer.get("verdict").and_then(Value::as_str);
        let is_judged = matches!(verdict, Some("pass" | "note" | "hold" | "refuse"));
        assert!(is_told || is_judged, "{answer:?}");
        for (key, value) in &brought {
            let is_ours = ["verdict", "rules", "opaque", "reason", "error"].contains(&key.as_str());
            // A fraction that is read, written and read again may differ in its last digit.
            let is_exact = !value.is_f64() && !value.is_array() && !value.is_object();
            let is_kept = match is_exact {
                true => answer.get(key) == Some(value),
                false => answer.contains_key(key),
            };
            assert!(is_ours || is_kept, "{key} is lost");
        }
    }
    assert_eq!(answers.next(), Some(&b""[..]), "an answer too many");
    assert_eq!(answers.next(), None, "an answer too many");
}

/// Returns whether a line is not let through.
fn is_held(understood: &Understood) -> bool {
    match understood.verdict {
        Verdict::Hold(_) | Verdict::Refuse(_) => true,
        Verdict::Pass(_) | Verdict::Note(_) => false,
    }
}

/// Returns whether what follows the line on a row of its own cannot become a part of it, nor make
/// sense of what the grammar did not take.
fn is_whole(bytes: &[u8], understood: &Understood) -> bool {
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    let invocations = &understood.reading.invocations;
    !bytes.ends_with(b"\\")
        && !invocations
            .iter()
            .any(|found| found.opaque == Some(Opaque::Unparsed))
}

/// Checks that harmless parts do not hide what is held.
fn assert_not_masked(bytes: &[u8]) {
    for (before, after) in [("true; ", ""), ("true\n", ""), ("", "\ntrue")] {
        let masked = [before.as_bytes(), bytes, after.as_bytes()].concat();
        assert!(
            is_held(&judge(&Line::shell(&masked))),
            "{before:?} before and {after:?} after it let it through"
        );
    }
}

/// Checks that a line was understood in the same way twice.
fn assert_same(one: &Understood, other: &Understood) {
    assert_eq!(one.reading.invocations, other.reading.invocations);
    assert_eq!(one.reading.needs, other.reading.needs);
    assert_eq!(hits(one), hits(other));
}

/// Returns what holds, by rule and place.
fn hits(understood: &Understood) -> Vec<(&str, Span)> {
    let hits = match &understood.verdict {
        Verdict::Pass(_) | Verdict::Refuse(_) => return Vec::new(),
        Verdict::Note(hits) => hits,
        Verdict::Hold(plan) => &plan.hits,
    };
    hits.iter()
        .map(|hit| (hit.rule.id.as_str(), hit.span))
        .collect()
}

/// Judges a line with the rules of the program.
pub(crate) fn judge(line: &Line) -> Understood {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    let rules = RULES.get_or_init(|| match RuleSet::built_in() {
        Ok(rules) => rules,
        Err(error) => panic!("the built-in rules do not open: {error}"),
    });
    judge_with(line, rules)
}

/// Judges a line with these rules.
fn judge_with(line: &Line, rules: &RuleSet) -> Understood {
    understand(
        line,
        rules,
        &NothingKnown,
        &NoVariables,
        Profile::Production,
    )
}

/// Checks that what was understood is within the limits and points into the text.
fn check(line: &Line, understood: &Understood) {
    let text = line.text();
    let invocations = &understood.reading.invocations;
    assert!(invocations.len() <= MAX_INVOCATIONS);
    for invocation in invocations {
        let wrappers = invocation.via.iter().flat_map(|via| &via.words);
        let words = invocation.args.iter().chain(wrappers);
        let words = words.chain([&invocation.program]);
        let pieces = words.clone().flat_map(|word| &word.pieces).map(Piece::span);
        let words = words.map(|word| word.span);
        let vias = invocation.via.iter().map(|via| via.span);
        let writes = invocation.writes.iter();
        let writes = writes.flat_map(|write| [write.span, write.path.span]);
        let spans = words.chain(pieces).chain(vias).chain(writes);
        for span in spans.chain([invocation.span]) {
            assert!(
                text.get(span.start..span.end).is_some(),
                "{span:?} is no part of the text"
            );
        }
    }
    if let Verdict::Hold(plan) = &understood.verdict {
        assert!(!plan.hits.is_empty() && !plan.steps.is_empty());
    }
}
