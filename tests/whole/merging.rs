//! Which answers serve several hits of one line.

#![expect(clippy::disallowed_methods, reason = "the tests read the rule files")]

use std::fs;

use kanmon::policy::pack::{self, Layer, SourceFile};
use kanmon::policy::{Plan, Profile, RuleSet, Verdict};

use crate::judged::{judged, root};

const RULES: &str = r#"
[pack]
id = "t"
title = "Test"

[words.wipe]
depth = 0

[probe]
rows = { run = "count {arg.1}", label = "Rows" }

[[rule]]
id = "wipe"
title = "Wipe"
why = "Because."
risk = "high"
match = [{ program = "wipe" }]
steps = [
  { show = "rows" },
  { confirm = "Is {arg.1} meant?" },
  { call = "user" },
]
"#;

/// Returns the plan of a line.
fn plan(line: &str) -> Plan {
    let wrappers = fs::read_to_string(root().join("rules/wrappers.toml")).unwrap();
    let files = [
        (wrappers, Layer::BuiltIn),
        (RULES.to_owned(), Layer::System),
    ];
    let files = files.map(|(text, layer)| SourceFile {
        name: format!("{layer:?}"),
        text,
        layer,
    });
    let (packs, mistakes) = pack::read(&files);
    assert!(mistakes.is_empty(), "{mistakes:?}");
    let rules = RuleSet::of_packs(&packs).unwrap();
    match judged(line.as_bytes(), &rules, Profile::Production).verdict {
        Verdict::Hold(plan) => plan,
        other => panic!("{line}: {other:?}"),
    }
}

/// Returns how many steps a line asks.
fn n_steps(line: &str) -> usize {
    plan(line).steps.len()
}

#[test]
fn an_answer_serves_what_is_the_same_in_all_that_it_names() {
    for (line, n) in [
        ("wipe a", 3),
        ("wipe a; wipe a", 3),
        ("wipe a x; wipe a y", 3),
        // Another value in a placeholder, another place: all but the user is asked anew.
        ("wipe a; wipe b", 5),
        ("wipe a; ssh web1 wipe a", 6),
        ("ssh web1 wipe a; ssh web1 wipe a", 3),
        // Who it runs as matters to the call of the user alone.
        ("sudo -u app wipe a; sudo -u app wipe a", 3),
        ("sudo -u app wipe a; sudo -u 'app' wipe a", 3),
        ("sudo -u app wipe a; sudo -u web wipe a", 4),
        // What is not known may be another one each time.
        ("sudo -u $a wipe a; sudo -u $a wipe a", 4),
    ] {
        assert_eq!(n_steps(line), n, "{line}");
    }
}

#[test]
fn a_line_of_thousands_asks_each_thing_once() {
    let line: Vec<String> = (0..2000).map(|n| format!("wipe d{}", n % 1000)).collect();
    let plan = plan(&line.join("; "));
    // A look and a question for each name, and one call.
    assert_eq!((plan.hits.len(), plan.steps.len()), (2000, 2 * 1000 + 1));
    let served: usize = plan.steps.iter().map(|step| step.also.len()).sum();
    assert_eq!(served, 2 * 1000 + 1999);
}
