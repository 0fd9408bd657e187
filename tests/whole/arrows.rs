//! The folders are the architecture: data moves down and never back up.
//!
//! Reads the `use crate::` lines (and `crate::` paths) of every file and fails on an arrow the
//! wrong way.

#![expect(clippy::disallowed_methods, reason = "a test reads the source")]

use std::fs;
use std::path::{Path, PathBuf};

/// Each layer and those that it may use, besides itself.
const ARROWS: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("line", &[]),
    ("policy", &["line"]),
    ("gate", &["line", "policy", "text"]),
    ("context", &["gate", "line", "policy", "text"]),
    ("layers", &["context", "gate", "policy", "text"]),
    ("ui", &["gate", "line", "policy", "text"]),
    ("ledger", &["context", "gate", "line", "policy", "text"]),
    ("team", &["context", "gate", "ledger", "policy", "text"]),
    (
        "notice",
        &["context", "gate", "ledger", "policy", "team", "text", "ui"],
    ),
    (
        "probe",
        &["context", "gate", "launch", "line", "policy", "text"],
    ),
    ("given", &["context", "gate", "ledger", "policy"]),
    ("launch", &["context", "gate", "policy", "text"]),
    (
        "door",
        &[
            "context", "gate", "given", "launch", "layers", "ledger", "line", "policy", "probe",
            "team", "text", "ui",
        ],
    ),
    (
        "ctl",
        &[
            "context", "door", "gate", "given", "layers", "ledger", "line", "notice", "policy",
            "team", "text", "ui",
        ],
    ),
];

/// All Rust files below a folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_arrow_points_the_wrong_way() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    files(&source, &mut paths);
    let mut wrong = Vec::new();
    let mut arrows = 0;
    for path in &paths {
        let inside = path.strip_prefix(&source).unwrap();
        let first = inside
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_str()
            .unwrap();
        let layer = first.trim_end_matches(".rs");
        if ["lib", "bin"].contains(&layer) {
            continue;
        }
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == layer) else {
            wrong.push(format!("{}: no such layer", inside.display()));
            continue;
        };
        // What a test module uses is no part of the house.
        let text = fs::read_to_string(path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            for part in line.split("crate::").skip(1) {
                let used: String = part
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                    .collect();
                arrows += 1;
                let is_layer = ARROWS.iter().any(|(name, _)| *name == used);
                if is_layer && used != layer && !allowed.contains(&used.as_str()) {
                    wrong.push(format!("{}: `{layer}` uses `{used}`", inside.display()));
                }
            }
        }
    }
    assert!(
        arrows > 50,
        "only {arrows} arrows seen: does the test still read the files?"
    );
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_test_file_is_listed() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut folders = vec![(tests.join("whole"), tests.join("whole.rs"))];
    while let Some((folder, list)) = folders.pop() {
        let listed = fs::read_to_string(&list).unwrap();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            // What insta leaves behind of an assertion that failed.
            if path.extension().is_some_and(|kind| kind == "pending-snap") {
                continue;
            }
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            assert!(
                listed.contains(&format!("mod {name};")),
                "{} is not listed in {}",
                path.display(),
                list.display()
            );
            if path.is_dir() {
                folders.push((path.clone(), path.with_extension("rs")));
            }
        }
    }
}
