//! How mistakes and lints are told: golden files, and that none is without one.

use std::fs;
use std::path::Path;

use super::folder;
use crate::policy::pack::*;

/// Returns each file of `tests/broken-packs` behind those that it is read with, by its name.
pub(crate) fn broken_packs() -> Vec<(String, Vec<SourceFile>)> {
    let of_file = |file: SourceFile| {
        let name = file.name.trim_end_matches(".toml").to_owned();
        // Some mistakes there are only beside other files, or in a lower layer.
        let mut files = match name.split_once('-') {
            Some(("user" | "beside", _)) => crate::policy::builtin::files(),
            Some(("twice", _)) => vec![SourceFile {
                name: "first.toml".to_owned(),
                ..file.clone()
            }],
            _ => Vec::new(),
        };
        let layer = match name.starts_with("user-") {
            true => Layer::User,
            false => Layer::System,
        };
        files.push(SourceFile { layer, ..file });
        (name, files)
    };
    let packs = folder("broken-packs", Layer::System).into_iter();
    packs.map(of_file).collect()
}

/// Returns each file of `tests/linted-packs` behind the packs that are built in, by its name.
pub(crate) fn linted_packs() -> Vec<(String, Vec<SourceFile>)> {
    let of_file = |file: SourceFile| {
        let name = file.name.trim_end_matches(".toml").to_owned();
        let mut files = crate::policy::builtin::files();
        files.push(file);
        (name, files)
    };
    let packs = folder("linted-packs", Layer::System).into_iter();
    packs.map(of_file).collect()
}

/// Each file of `tests/broken-packs` has the fault that its name says, and this is how it is told.
#[test]
fn broken_packs_are_told_with_line_and_mend() {
    for (name, files) in broken_packs() {
        let (_, mistakes) = read(&files);
        assert!(!mistakes.is_empty(), "{name} has no mistake");
        insta::with_settings!({ snapshot_path => "../../../../tests/broken-packs/told", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, render(&mistakes, &files));
        });
    }
}

/// Every text with which the reader tells a mistake or a lint stands in one of the snapshots above;
/// `*.test.toml` and `config.toml` have tests of their own.
#[test]
#[expect(clippy::disallowed_methods, reason = "tests read their own files")]
fn every_mistake_and_lint_has_a_golden_file() {
    let told = |folder: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests")
            .join(folder)
            .join("told");
        let entries = fs::read_dir(path).unwrap();
        let texts = entries.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
        texts.collect::<String>()
    };
    let golden = told("broken-packs") + &told("linted-packs");
    let call =
        r#"(?s)(?:\.mistake|\.lint|\.one_of|\bnamed)\(\s*(?:&?format!\(\s*)?"((?:[^"\\]|\\.)*)""#;
    let error = r#"(?s)#\[error\(\s*"((?:[^"\\]|\\.)*)""#;
    let find = [call, error].map(|pattern| regex::Regex::new(pattern).unwrap());
    let hole = regex::Regex::new(r"\{[^{}]*\}").unwrap();
    let mut missing = Vec::new();
    let mut n_texts = 0;
    for (name, source) in reader_sources() {
        let source = source.split("#[cfg(test)]").next().unwrap_or_default();
        let texts = find.iter().flat_map(|find| find.captures_iter(source));
        for text in texts.map(|found| found[1].replace("\\\"", "\"")) {
            n_texts += 1;
            let braces = text.replace("{{", "\u{1}").replace("}}", "\u{2}");
            let parts: Vec<String> = hole
                .split(&braces)
                .map(|part| regex::escape(&part.replace('\u{1}', "{").replace('\u{2}', "}")))
                .collect();
            if !regex::Regex::new(&parts.join(".+?"))
                .unwrap()
                .is_match(&golden)
            {
                missing.push(format!("{name}: {text}"));
            }
        }
    }
    assert!(n_texts > 100, "only {n_texts} are found in the source");
    assert_eq!(missing, Vec::<String>::new());
}

/// Returns all that the readers of rule files, cases and the configuration may say, `x` for what varies.
#[expect(clippy::disallowed_methods, reason = "tests read their own files")]
pub(crate) fn all_said() -> Vec<String> {
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/policy/pack");
    let others = ["cases.rs", "config.rs", "config/notify.rs"];
    let others = others.map(|name| fs::read_to_string(policy.join(name)).unwrap());
    let sources = reader_sources().into_iter().map(|(_, source)| source);
    let find = |pattern: &str| regex::Regex::new(pattern).unwrap();
    let said = find(
        r#"(?s)(?:\.mistake\(|\.lint\(|#\[error\(|let help =)\s*(?:&?format!\(|String::from\()?\s*"((?:[^"\\]|\\.)*)""#,
    );
    let choice = find(r#"(?s)\.one_of\(\s*"([^"]*)""#);
    let (hole, joined) = (find(r"\{[^{}]*\}"), find(r"\\\n\s*"));
    let mut all = Vec::new();
    for source in sources.chain(others) {
        let source = source.split("#[cfg(test)]").next().unwrap_or_default();
        for found in said.captures_iter(source) {
            let text = joined.replace_all(&found[1], "").replace("\\\"", "\"");
            let braces = text.replace("{{", "\u{1}").replace("}}", "\u{2}");
            let text = hole.replace_all(&braces, "x").into_owned();
            all.push(text.replace('\u{1}', "{").replace('\u{2}', "}"));
        }
        let choices = choice.captures_iter(source);
        all.extend(choices.map(|found| format!("`x` is {}", &found[1])));
    }
    all
}

/// Returns the source files that tell mistakes of rule files, by name.
#[expect(clippy::disallowed_methods, reason = "tests read their own files")]
fn reader_sources() -> Vec<(String, String)> {
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/policy");
    let own = fs::read_dir(policy.join("pack")).unwrap();
    let own = own.map(|entry| entry.unwrap().path());
    let others = ["calendar.rs", "timerange.rs", "pattern.rs", "rule.rs"];
    let paths = own.chain(others.iter().map(|name| policy.join(name)));
    let named = paths.filter_map(|path| {
        let name = path.file_name()?.to_str()?.to_owned();
        let is_reader = name.ends_with(".rs")
            && !["cases.rs", "config.rs", "schema.rs", "tests.rs"].contains(&name.as_str());
        is_reader.then(|| (name, fs::read_to_string(path).unwrap()))
    });
    named.collect()
}

/// Each file of `tests/linted-packs` works, and should be written otherwise: this is how it is told.
#[test]
fn linted_packs_are_told_with_line_and_mend() {
    for (name, files) in linted_packs() {
        let (mut packs, mistakes) = read(&files);
        let own = files.last().unwrap().name.clone();
        packs.keep_rules_of(|name| name == own);
        assert_eq!(render(&mistakes, &files), "", "{name}");
        assert!(!lint(&packs).is_empty(), "{name} has no lint");
        insta::with_settings!({ snapshot_path => "../../../../tests/linted-packs/told", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, render_lints(lint(&packs), &files));
        });
    }
}
