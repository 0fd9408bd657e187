//! Rules only add: with one more rule no line is asked less; neither their order nor how they are
//! spread over files asks anything else; and what is compiled is what was read.

use std::collections::BTreeSet;

use kanmon::line::Line;
use kanmon::policy::facts::NothingKnown;
use kanmon::policy::pack::{Layer, SourceFile, read, render};
use kanmon::policy::rule::Rule;
use kanmon::policy::table::compile;
use kanmon::policy::{Plan, Profile, RuleSet, StepKind, Verdict, place};
use proptest::prelude::*;

use kanmon::door::understand::{NoVariables, understand};

/// What all rules here share.
const HEAD: &str = r#"
[pack]
id = "t"
title = "T"
[probe]
waiting = { run = "count {target}", label = "Waiting" }
size = { run = "stat {arg.1}", label = "Size" }
[steps]
calm = [{ checklist = ["Calm?", { ask = "Why?", answer = "text" }] }]
[calendar.c]
zone = "UTC"
entries = [{ from = 2026-12-28, to = 2027-01-03 }]
[words.psql]
values = ["-c"]
depth = 0
sql = { option = ["-c"], dialect = "postgres" }
[words.stop]
values = ["-t"]
dry = ["--dry-run"]
set.read = ["status"]
[[wrapper]]
program = "ssh"
operands = ["host"]
moves = "host"
target.host = "operand:host"
form = "shell"
inner = "rest"
"#;

/// Matchers, each of which fits some of [`LINES`].
const MATCHERS: [&str; 8] = [
    r#"{ program = "stop" }"#,
    r#"{ program = "stop", verb = ["!@read"] }"#,
    r#"{ program = "stop", flag = ["-f"] }"#,
    r#"{ program = "psql", sql = ["delete-all"] }"#,
    r#"{ program = "psql", sql = ["write"] }"#,
    r#"{ writes = "/dev/*" }"#,
    r#"{ program = "stop", without = ["start"] }"#,
    r#"{ opaque = ["*"] }"#,
];

/// Conditions, some of which are not known here.
const CONDITIONS: [&str; 5] = [
    "",
    r#"when = { host = "a*" }"#,
    r#"when = { host = "!a*" }"#,
    r#"when = { freeze = "c", time = "Mon 09:00-18:00 UTC" }"#,
    r#"when = { via = "ssh" }"#,
];

/// Steps of a rule.
const STEPS: [&str; 9] = [
    "",
    r#"steps = [{ confirm = "Really?" }]"#,
    r#"steps = [{ show = "waiting" }, "calm"]"#,
    r#"steps = ["calm", { cooldown = "10s" }]"#,
    r#"steps = [{ cooldown = "5m" }, { call = "waiting" }]"#,
    r#"steps = [{ gap = "15m" }, { check = "size", is = "0" }]"#,
    r#"steps = [{ gap = "2h", per = "rule" }]"#,
    r#"steps = [{ window = "Mon-Fri 09:00-18:00 UTC" }]"#,
    r#"steps = [{ witness = "Who?" }]"#,
];

/// Risks.
const RISKS: [&str; 5] = ["note", "low", "medium", "high", "critical"];

/// Lines.
const LINES: [&str; 10] = [
    "stop all",
    "stop -f all",
    "stop status",
    "stop --dry-run all",
    "stop a; ssh a1 stop a",
    "ssh b1 'stop x; stop y' && ssh a1 stop x",
    "stop x; start x",
    "psql -c 'delete from t'",
    "psql -c 'insert into t values (1)' > /dev/sda",
    "$X -f; stop all",
];

/// A rule by the numbers of its parts.
type Parts = (usize, usize, usize, usize);

/// Returns a rule as text.
fn rule(id: usize, (matcher, condition, steps, risk): Parts) -> String {
    format!(
        "[[rule]]\nid = \"r{id}\"\ntitle = \"R\"\nwhy = \"w\"\nrisk = \"{}\"\nmatch = [{}]\n{}\n{}\n",
        RISKS[risk], MATCHERS[matcher], CONDITIONS[condition], STEPS[steps],
    )
}

/// Returns rules in this order.
fn rules(parts: &[(usize, Parts)]) -> RuleSet {
    let each: String = parts.iter().map(|(id, parts)| rule(*id, *parts)).collect();
    let files = [SourceFile {
        name: "t.toml".to_owned(),
        text: format!("{HEAD}{each}"),
        layer: Layer::System,
    }];
    let (packs, mistakes) = read(&files);
    assert_eq!(render(&mistakes, &files), "");
    RuleSet::of_packs(&packs).unwrap()
}

/// Returns rules of which those from `at` on stand in another pack, which uses the names of the
/// first.
fn spread(parts: &[(usize, Parts)], at: usize) -> RuleSet {
    let (first, rest) = parts.split_at(at.min(parts.len()));
    let text = |parts: &[(usize, Parts)]| -> String {
        parts.iter().map(|(id, parts)| rule(*id, *parts)).collect()
    };
    let mut rest = text(rest);
    for name in ["waiting", "size", "calm", "c"] {
        rest = rest.replace(&format!("\"{name}\""), &format!("\"t.{name}\""));
    }
    let file = |name: &str, text: String| SourceFile {
        name: name.to_owned(),
        text,
        layer: Layer::System,
    };
    let files = [
        file("t.toml", format!("{HEAD}{}", text(first))),
        file(
            "u.toml",
            format!("[pack]\nid = \"u\"\ntitle = \"U\"\n{rest}"),
        ),
    ];
    let (packs, mistakes) = read(&files);
    assert_eq!(render(&mistakes, &files), "");
    RuleSet::of_packs(&packs).unwrap()
}

/// Judges a line.
fn judge(line: &str, rules: &RuleSet) -> Verdict {
    let line = Line::shell(line.as_bytes());
    understand(
        &line,
        rules,
        &NothingKnown,
        &NoVariables,
        Profile::Production,
    )
    .verdict
}

/// How strict a verdict is.
fn rank(verdict: &Verdict) -> usize {
    match verdict {
        Verdict::Pass(_) => 0,
        Verdict::Note(_) => 1,
        Verdict::Hold(_) => 2,
        Verdict::Refuse(_) => 3,
    }
}

/// A step of a plan with the place that it is about; a gap with its rule.
fn steps(plan: &Plan) -> Vec<(String, StepKind)> {
    let each = plan.steps.iter().map(|step| {
        let hit = &plan.hits[step.hit];
        let mut place = place::name(&hit.invocation.target).unwrap_or_default();
        if matches!(step.kind, StepKind::Gap { .. }) {
            place = format!("{place} {}", hit.rule.id);
        }
        (place, step.kind.clone())
    });
    each.collect()
}

/// Whether what one plan asks by this step the other asks too, or more.
fn is_asked((place, kind): &(String, StepKind), plan: &[(String, StepKind)]) -> bool {
    plan.iter().any(|(other_place, other)| match (kind, other) {
        (StepKind::Cooldown(one), StepKind::Cooldown(other)) => other >= one,
        (
            StepKind::Gap { time, per_rule, .. },
            StepKind::Gap {
                time: other,
                per_rule: same,
                ..
            },
        ) => other_place == place && other >= time && per_rule == same,
        // Any other answer stands for one key.
        (StepKind::Key, other) => !matches!(
            other,
            StepKind::Show(_) | StepKind::Cooldown(_) | StepKind::Gap { .. } | StepKind::Window(_)
        ),
        (StepKind::Window(one), StepKind::Window(other)) => one == other,
        (one, other) => place == other_place && one == other,
    })
}

/// What a plan asks, whatever the order of its rules.
fn asked(verdict: &Verdict) -> BTreeSet<String> {
    match verdict {
        Verdict::Hold(plan) => steps(plan).iter().map(|step| format!("{step:?}")).collect(),
        Verdict::Pass(_) | Verdict::Note(_) | Verdict::Refuse(_) => BTreeSet::new(),
    }
}

/// A rule by numbers.
fn parts() -> impl Strategy<Value = Parts> {
    (
        0..MATCHERS.len(),
        0..CONDITIONS.len(),
        0..STEPS.len(),
        0..RISKS.len(),
    )
}

proptest! {
    #[test]
    fn a_further_rule_weakens_nothing(
        given in proptest::collection::vec(parts(), 0..4),
        further in parts(),
        at in 0_usize..4,
        line in proptest::sample::select(&LINES[..]),
    ) {
        let before: Vec<(usize, Parts)> = given.into_iter().enumerate().collect();
        let mut after = before.clone();
        after.insert(at.min(before.len()), (99, further));
        let (before, after) = (judge(line, &rules(&before)), judge(line, &rules(&after)));
        prop_assert!(rank(&after) >= rank(&before), "{before:?} {after:?}");
        if let (Verdict::Hold(before), Verdict::Hold(after)) = (&before, &after) {
            let after = steps(after);
            for step in steps(before) {
                prop_assert!(is_asked(&step, &after), "{line}: {step:?} is not in {after:?}");
            }
        }
    }

    #[test]
    fn how_rules_are_spread_over_files_asks_nothing_else(
        given in proptest::collection::vec(parts(), 1..5),
        at in 0_usize..5,
        line in proptest::sample::select(&LINES[..]),
    ) {
        let given: Vec<(usize, Parts)> = given.into_iter().enumerate().collect();
        let (one, several) = (judge(line, &rules(&given)), judge(line, &spread(&given, at)));
        prop_assert_eq!(rank(&one), rank(&several));
        // A gap is one rule's, whose name has the pack's before it.
        let several: BTreeSet<String> =
            asked(&several).iter().map(|step| step.replace(" u.r", " t.r")).collect();
        prop_assert_eq!(asked(&one), several);
    }

    #[test]
    fn what_is_compiled_is_what_was_read(
        given in proptest::collection::vec(parts(), 1..5),
    ) {
        let each: String =
            given.into_iter().enumerate().map(|(id, parts)| rule(id, parts)).collect();
        let files = [SourceFile {
            name: "t.toml".to_owned(),
            text: format!("{HEAD}{each}"),
            layer: Layer::System,
        }];
        let (mut packs, mistakes) = read(&files);
        prop_assert_eq!(render(&mistakes, &files), "");
        let compiled = compile(&packs).unwrap();
        let table = RuleSet::of_tables([compiled.clone().into()]).unwrap();
        let decoded: Vec<&Rule> = table.rules().collect();
        prop_assert_eq!(&decoded, &packs.rules.iter().collect::<Vec<_>>());
        // And once more: nothing is lost or changed by going round again.
        packs.rules = decoded.into_iter().cloned().collect();
        prop_assert_eq!(compile(&packs).unwrap(), compiled);
    }

    #[test]
    fn the_order_of_rules_asks_nothing_else(
        given in proptest::collection::vec(parts(), 1..5),
        turn in 0_usize..4,
        line in proptest::sample::select(&LINES[..]),
    ) {
        let one: Vec<(usize, Parts)> = given.into_iter().enumerate().collect();
        let mut other = one.clone();
        let n_rules = other.len();
        other.rotate_left(turn % n_rules);
        other.reverse();
        let (one, other) = (judge(line, &rules(&one)), judge(line, &rules(&other)));
        prop_assert_eq!(rank(&one), rank(&other));
        prop_assert_eq!(asked(&one), asked(&other));
    }
}
