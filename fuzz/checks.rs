//! What must hold for any input: shared by the fuzz targets and by the replay on stable.
//!
//! Nothing here may panic for any bytes; where a check fails it panics, and the fuzzer keeps the
//! input.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::sync::OnceLock;

use kanmon::door::understand::{NoVariables, Understood, understand};
use kanmon::line::{Line, MAX_INVOCATIONS};
use kanmon::policy::facts::NothingKnown;
use kanmon::policy::pack::{Layer, SourceFile, read, render};
use kanmon::policy::{Profile, RuleSet, Verdict};

/// Reads and judges bytes as a shell line, and as an argv whose words end at line feeds.
pub(crate) fn line(bytes: &[u8]) {
    let shell = Line::shell(bytes);
    check(&shell, &judge(&shell));
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
        let Ok(rules) = RuleSet::of_packs(&packs) else {
            continue;
        };
        for rule in rules.rules() {
            for line in rule.test_hold.iter().chain(&rule.test_pass) {
                let line = Line::shell(line.as_bytes());
                let understood = understand(
                    &line,
                    &rules,
                    &NothingKnown,
                    &NoVariables,
                    Profile::Production,
                );
                check(&line, &understood);
            }
        }
    }
}

/// Judges a line with the rules of the program.
pub(crate) fn judge(line: &Line) -> Understood {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    let rules = RULES.get_or_init(|| match RuleSet::built_in() {
        Ok(rules) => rules,
        Err(error) => panic!("the built-in rules do not open: {error}"),
    });
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
        let words = invocation.args.iter().map(|word| word.span);
        for span in words.chain([invocation.span, invocation.program.span]) {
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
