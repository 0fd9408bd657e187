//! The grammar against a list of forms, and against `bash -n` on real command lines.
#![expect(
    clippy::disallowed_methods,
    reason = "the differential reads corpora and asks a real bash"
)]

use std::os::unix::ffi::OsStrExt as _;
use std::process::{Command, Stdio};

use super::parse;

/// Returns whether the grammar takes all of `text`.
fn takes(text: &str) -> bool {
    parse(text, 0).is_ok_and(|script| script.unparsed_from.is_none())
}

/// Returns whether bash takes `text`.
fn bash_takes(text: &str) -> bool {
    Command::new("bash")
        .args(["-n", "-c"])
        .arg(std::ffi::OsStr::from_bytes(text.as_bytes()))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap()
        .success()
}

/// Returns the `cmd` of every line of the corpora; none where they are not there.
fn corpora() -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = ["../shared/corpora", "../../shared/corpora"];
    let Some(folder) = shared
        .iter()
        .map(|path| folder.join(path))
        .find(|path| path.is_dir())
    else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    for name in ["dev_risky_ops", "dev_benign", "dev_everyday"] {
        let text = std::fs::read_to_string(folder.join(format!("{name}.jsonl"))).unwrap();
        for line in text.lines() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            lines.push(value["cmd"].as_str().unwrap().to_owned());
        }
    }
    lines
}

#[test]
fn grammar_agrees_with_bash_on_the_corpora() {
    let lines = corpora();
    if lines.is_empty() {
        println!("left out: ../shared/corpora is not there");
        return;
    }
    let half = lines.len() / 2;
    let disagreements = std::thread::scope(|scope| {
        let (first, second) = lines.split_at(half);
        let parts = [first, second].map(|part| {
            scope.spawn(move || {
                let differs = |line: &&String| takes(line) != bash_takes(line);
                part.iter().filter(differs).collect::<Vec<_>>()
            })
        });
        parts.map(|part| part.join().unwrap()).concat()
    });
    println!(
        "{} lines, {} disagreements",
        lines.len(),
        disagreements.len()
    );
    for line in &disagreements {
        println!("takes {}: {line}", takes(line));
    }
    assert_eq!(disagreements.len(), 0);
}
