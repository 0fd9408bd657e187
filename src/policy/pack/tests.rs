//! The reader on good packs and on single mistakes.

use std::path::Path;

use super::*;
use crate::policy::rule::{Callee, OneFlag, Risk, StepKind};

/// Returns the files of a folder below `tests/`, as files of this layer.
#[expect(clippy::disallowed_methods, reason = "tests read their own files")]
pub(crate) fn folder(name: &str, layer: Layer) -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name);
    let mut paths: Vec<_> = [root.clone(), root.join("words")]
        .iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flatten()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{name} has no files");
    let file = |path: std::path::PathBuf| SourceFile {
        name: path.strip_prefix(&root).unwrap().display().to_string(),
        text: std::fs::read_to_string(&path).unwrap(),
        layer,
    };
    paths.into_iter().map(file).collect()
}

/// Returns the packs of `tests/packs`, which have no mistakes.
pub(crate) fn good_packs() -> Packs {
    let files = folder("packs", Layer::BuiltIn);
    let (packs, mistakes) = read(&files);
    assert_eq!(render(&mistakes, &files), "");
    packs
}

/// Returns one file of the system.
fn file(text: &str) -> SourceFile {
    SourceFile {
        name: String::from("x.toml"),
        text: text.to_owned(),
        layer: Layer::System,
    }
}

/// Returns the mistakes of one file as `LINE:COLUMN message (help)`.
fn mistakes(text: &str) -> Vec<String> {
    let (_, mistakes) = read(&[file(text)]);
    let shown = mistakes.into_iter().map(|mistake| {
        let help = mistake
            .help
            .map(|help| format!(" ({help})"))
            .unwrap_or_default();
        format!(
            "{}:{} {}{help}",
            mistake.line, mistake.column, mistake.message
        )
    });
    shown.collect()
}

#[test]
fn a_pack_becomes_rules() {
    let packs = good_packs();
    let ids: Vec<&str> = packs.rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(
        ids,
        ["mail.postfix", "mail.exim", "mail.exchange", "reboot.host"]
    );
    let rule = &packs.rules[0];
    assert_eq!(rule.risk, Risk::High);
    assert_eq!(
        (rule.source.file.as_str(), rule.source.line),
        ("mail.toml", 11)
    );
    assert_eq!(rule.title.in_language("ja"), "滞留メールの放流 (Postfix)");
    assert_eq!(
        rule.matchers[0].flag.plain[0].all,
        [OneFlag {
            name: String::from("-H"),
            value: None,
            glued: false,
        }]
    );
    // gap, three shows, the shared checklist, cooldown, call.
    assert_eq!(rule.steps.len(), 7);
    let StepKind::Checklist(items) = &rule.steps[4].kind else {
        panic!("{:?}", rule.steps[4]);
    };
    assert_eq!(items[0].ask.in_language("ja"), "なぜ滞留しましたか?");
    assert!(items[0].typed && !items[2].typed);
    let StepKind::Call {
        what: Callee::Probe(probe),
        ..
    } = &rule.steps[6].kind
    else {
        panic!("{:?}", rule.steps[6]);
    };
    assert_eq!(probe.id, "mail.postfix");
    assert_eq!(rule.test_hold.len(), 4);
}

#[test]
fn words_are_like_others() {
    let packs = good_packs();
    assert_eq!(packs.words["oc"], packs.words["kubectl"]);
    assert_eq!(packs.words["kubectl"].depth, 1);
    assert_eq!(packs.words["kubectl"].depth_by_first["rollout"], 2);
    assert!(packs.words["redis-cli"].any_case);
    assert!(packs.plain.contains("man"));
}

#[test]
fn wrappers_keep_their_own_tests() {
    let packs = good_packs();
    let sudo = &packs.wrappers[0];
    assert_eq!(sudo.programs, ["sudo", "doas"]);
    assert!(sudo.skip_assignments);
    assert_eq!(sudo.test_hold.len(), 2);
    assert_eq!(packs.wrappers.len(), 10);
}

#[test]
fn all_mistakes_come_at_once() {
    let found = mistakes("[pack]\nid = \"x\"\n[[rule]]\nid = \"r\"\nrisk = \"hgih\"\n");
    assert_eq!(
        found,
        [
            "1:1 [pack] needs `title` (add `title = …`)",
            "3:1 a rule needs `match` (add `match = …`)",
            "3:1 a rule needs `title` (add `title = …`)",
            "3:1 a rule needs `why` (add `why = …`)",
            "5:8 `hgih` is no risk (did you mean `high`?)",
        ]
    );
}
