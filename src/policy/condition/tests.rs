//! Conditions on facts that are known, and on those that are not.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::*;
use crate::line::{Givens, Invocation, Line, Reading};
use crate::policy::RuleSet;
use crate::policy::facts::{History, NothingKnown};
use crate::policy::pack::tests::system_packs;

/// Facts as a test sets them; what is not set is unknown.
#[derive(Default)]
struct Set {
    names: BTreeMap<&'static str, Vec<String>>,
    variables: BTreeMap<&'static str, String>,
    now: Option<DateTime<Utc>>,
    tty: Option<bool>,
    history: Option<Past>,
    /// How often files were asked.
    looks: Cell<usize>,
}

struct Past {
    ran: Option<bool>,
    declined: Option<usize>,
}

impl History for Past {
    fn ran(&self, _earlier: Earlier<'_>, failed: bool) -> Option<bool> {
        self.ran.map(|ran| ran && failed)
    }
    fn last(&self, _earlier: Earlier<'_>, _failed: bool) -> Option<Ran> {
        None
    }
    fn declined(&self, _earlier: Earlier<'_>) -> Option<usize> {
        self.declined
    }
}

impl Set {
    fn named(&self, key: &str) -> Fact {
        let found = self.names.get(key);
        found.map_or(Fact::Unknown, |names| Fact::Known(names.clone()))
    }

    fn look(&self, key: &str) -> Fact {
        self.looks.set(self.looks.get() + 1);
        self.named(key)
    }

    fn with(mut self, key: &'static str, names: &[&str]) -> Self {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        self.names.insert(key, names);
        self
    }

    fn at(mut self, now: &str) -> Self {
        self.now = Some(now.parse().unwrap());
        self
    }
}

impl Facts for Set {
    fn host(&self, typed: Option<&str>) -> Fact {
        typed.map_or_else(
            || self.named("host"),
            |name| Fact::Known(vec![name.to_owned()]),
        )
    }
    fn user(&self) -> Fact {
        self.named("user")
    }
    fn login(&self) -> Fact {
        self.named("login")
    }
    fn groups(&self) -> Fact {
        self.named("group")
    }
    fn cwd(&self) -> Fact {
        self.named("cwd")
    }
    fn ssh_from(&self) -> Fact {
        self.named("ssh_from")
    }
    fn tty(&self) -> Option<bool> {
        self.tty
    }
    fn variable(&self, name: &str) -> Fact {
        let found = self.variables.get(name);
        found.map_or(Fact::Unknown, |value| Fact::Known(vec![value.clone()]))
    }
    fn now(&self) -> Option<DateTime<Utc>> {
        self.now
    }
    fn context(&self, around: Around<'_>) -> Fact {
        match &around.invocation.target.context {
            Some(word) => of_word(word),
            None => self.look("context"),
        }
    }
    fn namespace(&self, _around: Around<'_>) -> Fact {
        self.look("namespace")
    }
    fn account(&self, around: Around<'_>) -> Fact {
        match (around.variable)("AWS_PROFILE") {
            Fact::Known(names) if !names.is_empty() => Fact::Known(names),
            _ => self.look("account"),
        }
    }
    fn branch(&self, around: Around<'_>) -> Fact {
        match (around.values)(&["-C"]).first().map(Word::known) {
            Some(Some(folder)) => Fact::Known(vec![format!("branch of {folder}")]),
            Some(None) => Fact::Unknown,
            None if *around.folder == Fact::Unknown => Fact::Unknown,
            None => self.look("branch"),
        }
    }
    fn history(&self) -> Option<&dyn History> {
        self.history.as_ref().map(|past| past as &dyn History)
    }
}

/// What every rule here stands on, up to its `when`.
const PACK: &str = r#"
[pack]
id = "x"
title = "X"
[calendar.year-end]
zone = "UTC"
entries = [{ from = 2026-12-28, to = 2027-01-03 }]
[words.git]
values = ["-C"]
[words.kubectl]
target = { context = ["--context"] }
[[wrapper]]
program = "env"
values = ["-C"]
skip = "assignments"
inner = "rest"
[[wrapper]]
program = "sudo"
moves = "user"
skip = "assignments"
inner = "rest"
[[wrapper]]
program = "ssh"
moves = "host"
operands = ["host"]
target.host = "operand:host"
form = "shell"
inner = "rest"
[[rule]]
id = "r"
title = "R"
why = "w"
risk = "low"
match = [{ program = ["git", "kubectl", "aws", "bill"] }]
"#;

/// A rule with this `when` over a few programs, and what the files of the line's host say of them.
struct Stage {
    rules: RuleSet,
    conditions: Vec<Condition>,
}

impl Stage {
    fn new(when: &str) -> Self {
        let packs = system_packs(&format!("{PACK}when = {when}\n"));
        Self {
            conditions: packs.rules[0].when.clone(),
            rules: RuleSet::of_packs(&packs).unwrap(),
        }
    }

    /// Returns what was unknown where the condition holds for the last invocation of the line.
    fn of(&self, line: &str, facts: &dyn Facts) -> Option<Vec<String>> {
        let line = Line::shell(line.as_bytes());
        let reading: Reading = crate::line::read(&line, &self.rules, &Givens::default()).unwrap();
        let named = |invocation: &&Invocation| {
            ["git", "kubectl", "aws", "bill"].contains(&invocation.name.as_str())
        };
        let invocation = reading.invocations.iter().find(named).unwrap();
        let scene = Scene::new(line.text(), &reading, invocation, &self.rules, facts);
        any(&self.conditions, &scene).map(|holds| holds.unknown)
    }
}

/// Holds, with this unknown.
fn holds(unknown: &[&str]) -> Option<Vec<String>> {
    Some(unknown.iter().map(|key| (*key).to_owned()).collect())
}

#[test]
fn a_name_in_the_line_is_compared_without_case() {
    let stage = Stage::new("{ host = 'mx*' }");
    assert_eq!(stage.of("ssh MX1 bill", &NothingKnown), holds(&[]));
    assert_eq!(stage.of("ssh dev3 bill", &NothingKnown), None);
}

#[test]
fn the_unknown_fits_plain_and_negative_patterns_alike() {
    for when in [
        "{ host = 'mx*' }",
        "{ host = '!dev*' }",
        "{ host = ['*', '!*'] }",
    ] {
        assert_eq!(
            Stage::new(when).of("bill", &NothingKnown),
            holds(&["host"]),
            "{when}"
        );
    }
}

#[test]
fn each_key_asks_for_its_own_fact() {
    let keys = [
        "host",
        "user",
        "login",
        "group",
        "cwd",
        "ssh_from",
        "context",
        "namespace",
        "account",
        "branch",
    ];
    let all = |name: &str| {
        let facts = Set::default();
        keys.into_iter()
            .fold(facts, |facts, key| facts.with(key, &["other", name]))
    };
    for key in keys {
        let plain = Stage::new(&format!("{{ {key} = 'this*' }}"));
        let not = Stage::new(&format!("{{ {key} = '!this*' }}"));
        // All are known and fit not, but for the one that is asked for, and the other way round.
        let this = all("x").with(key, &["other", "this one"]);
        let other = all("this one").with(key, &["other", "x"]);
        assert_eq!(plain.of("bill", &this), holds(&[]), "{key}");
        assert_eq!(plain.of("bill", &other), None, "{key}");
        assert_eq!(not.of("bill", &this), None, "{key}");
        assert_eq!(not.of("bill", &other), holds(&[]), "{key}");
        let mut unknown = all("x");
        unknown.names.remove(key);
        assert_eq!(plain.of("bill", &unknown), holds(&[key]), "{key}");
        assert_eq!(not.of("bill", &unknown), holds(&[key]), "{key}");
    }
}

#[test]
fn a_terminal_and_the_way_are_known_or_not() {
    let tty = |tty| Set {
        tty,
        ..Set::default()
    };
    let stage = Stage::new("{ tty = false }");
    assert_eq!(stage.of("bill", &tty(Some(false))), holds(&[]));
    assert_eq!(stage.of("bill", &tty(Some(true))), None);
    assert_eq!(stage.of("bill", &tty(None)), holds(&["tty"]));
    let stage = Stage::new("{ via = ['ssh', 'sudo'] }");
    assert_eq!(stage.of("ssh mx1 bill", &NothingKnown), holds(&[]));
    assert_eq!(stage.of("env A=1 bill", &NothingKnown), None);
    let stage = Stage::new("{ via = '!ssh' }");
    assert_eq!(stage.of("sudo ssh mx1 bill", &NothingKnown), None);
    assert_eq!(stage.of("bill", &NothingKnown), holds(&[]));
    let stage = Stage::new("{ pod = '*' }");
    assert_eq!(stage.of("bill", &NothingKnown), None);
}

#[test]
fn what_files_said_is_kept_with_the_key_that_asked() {
    let seen = |when: &str, facts: &Set| {
        let stage = Stage::new(when);
        let line = Line::shell(b"bill");
        let reading = crate::line::read(&line, &stage.rules, &Givens::default()).unwrap();
        let scene = Scene::new(
            line.text(),
            &reading,
            &reading.invocations[0],
            &stage.rules,
            facts,
        );
        any(&stage.conditions, &scene).unwrap().seen
    };
    let facts = Set::default()
        .with("context", &["prod", "eks-prod"])
        .with("user", &["root"]);
    let names = ["prod".to_owned(), "eks-prod".to_owned()].to_vec();
    assert_eq!(
        seen("{ context = 'prod', user = 'root' }", &facts),
        [("context".to_owned(), names)]
    );
    assert_eq!(seen("{ user = 'root' }", &facts), []);
    // What is not known is nothing that was seen.
    assert_eq!(seen("{ account = 'prod' }", &facts), []);
}

#[test]
fn no_container_is_no_name_at_all() {
    let stage = Stage::new("{ container = '*' }");
    assert_eq!(stage.of("bill", &NothingKnown), None);
    let stage = Stage::new("{ container = '!db*' }");
    assert_eq!(stage.of("bill", &NothingKnown), holds(&[]));
}

#[test]
fn the_lines_own_context_wins_and_files_are_those_of_this_host_and_user() {
    let stage = Stage::new("{ context = '*prod*' }");
    let facts = Set::default().with("context", &["prod-1", "gke_x"]);
    assert_eq!(stage.of("kubectl delete x", &facts), holds(&[]));
    assert_eq!(stage.of("kubectl --context dev delete x", &facts), None);
    for line in ["ssh b1 kubectl delete x", "sudo kubectl delete x"] {
        assert_eq!(stage.of(line, &facts), holds(&["context"]), "{line}");
    }
    assert_eq!(
        stage.of("ssh b1 kubectl --context dev delete x", &facts),
        None
    );
    let unsure = "kubectl --context $X delete x";
    assert_eq!(stage.of(unsure, &facts), holds(&["context"]));
}

#[test]
fn a_variable_that_the_line_sets_wins() {
    let stage = Stage::new("{ account = 'prod' }");
    let facts = Set::default().with("account", &["dev"]);
    assert_eq!(stage.of("aws x", &facts), None);
    for line in [
        "AWS_PROFILE=prod aws x",
        "export AWS_PROFILE=prod; aws x",
        "env AWS_PROFILE=prod aws x",
        "AWS_PROFILE=dev env AWS_PROFILE=prod aws x",
    ] {
        assert_eq!(stage.of(line, &facts), holds(&[]), "{line}");
    }
    assert_eq!(stage.of("AWS_PROFILE=prod true; aws x", &facts), None);
    assert_eq!(stage.of("(export AWS_PROFILE=prod); aws x", &facts), None);
}

#[test]
fn a_variable_that_may_not_reach_the_program_is_unknown() {
    let stage = Stage::new("{ env.STAGE = 'prod' }");
    let facts = Set {
        variables: BTreeMap::from([("STAGE", "dev".to_owned())]),
        ..Set::default()
    };
    assert_eq!(stage.of("bill", &facts), None);
    assert_eq!(stage.of("STAGE=dev bill", &facts), None);
    assert_eq!(stage.of("STAGE=prod bill", &facts), holds(&[]));
    for line in [
        "STAGE=test; bill",
        "STAGE=$X bill",
        "sudo bill",
        "sudo STAGE=test bill",
        "STAGE=test sudo bill",
        "env -i bill",
        "ssh b1 bill",
        "x && export STAGE=test || y; bill",
    ] {
        assert_eq!(stage.of(line, &facts), holds(&["env.STAGE"]), "{line}");
    }
    assert_eq!(
        stage.of("ssh b1 STAGE=test bill", &facts),
        holds(&["env.STAGE"])
    );
}

#[test]
fn of_very_many_variables_none_is_known() {
    let stage = Stage::new("{ env.STAGE = 'prod' }");
    let facts = Set {
        variables: BTreeMap::from([("STAGE", "dev".to_owned())]),
        ..Set::default()
    };
    let many = |n: usize| {
        let each = (0..n).map(|number| format!("export LONG_NAME_{number}=x; "));
        format!("{}bill", each.collect::<String>())
    };
    assert_eq!(stage.of(&many(100), &facts), None);
    assert_eq!(stage.of(&many(1_000), &facts), holds(&["env.STAGE"]));
}

#[test]
fn the_working_directory_is_where_the_line_goes() {
    let stage = Stage::new("{ cwd = '/srv/prod*' }");
    let facts = Set::default().with("cwd", &["/home"]);
    assert_eq!(stage.of("bill", &facts), None);
    assert_eq!(stage.of("cd /srv/prod && bill", &facts), holds(&[]));
    assert_eq!(stage.of("cd /tmp; bill", &facts), None);
    assert_eq!(stage.of("(cd /srv/prod); bill", &facts), None);
    for line in [
        "cd ../x; bill",
        "cd; bill",
        "cd $X; bill",
        "pushd /tmp; popd; bill",
        "sudo -i bill",
        "sudo --chdir=/x bill",
        "env -C /x bill",
        "ssh b1 bill",
    ] {
        assert_eq!(stage.of(line, &facts), holds(&["cwd"]), "{line}");
    }
}

#[test]
fn a_branch_is_that_of_the_folder() {
    let stage = Stage::new("{ branch = 'main' }");
    let facts = Set::default()
        .with("branch", &["main"])
        .with("cwd", &["/r"]);
    assert_eq!(stage.of("git push", &facts), holds(&[]));
    assert_eq!(stage.of("git -C /x push", &facts), None);
    assert_eq!(stage.of("cd x; git push", &facts), holds(&["branch"]));
    assert_eq!(stage.of("git -C $X push", &facts), holds(&["branch"]));
    assert_eq!(stage.of("git push -C", &facts), holds(&["branch"]));
}

#[test]
fn times_and_calendars() {
    let office = Stage::new("{ time = 'Mon-Fri 09:00-18:00 UTC' }");
    let not_office = Stage::new("{ time = '!Mon-Fri 09:00-18:00 UTC' }");
    let frozen = Stage::new("{ freeze = 'year-end' }");
    let thawed = Stage::new("{ freeze = '!x.year-end' }");
    let stages = [&office, &not_office, &frozen, &thawed];
    for (now, expected) in [
        ("2026-11-27T12:00:00Z", [true, false, false, true]),
        ("2026-12-27T23:59:59Z", [false, true, false, true]),
        ("2026-12-28T12:00:00Z", [true, false, true, false]),
        ("2027-01-03T23:59:59Z", [false, true, true, false]),
    ] {
        let facts = Set::default().at(now);
        let found = stages.map(|stage| stage.of("bill", &facts).is_some());
        assert_eq!(found, expected, "{now}");
    }
    assert_eq!(office.of("bill", &NothingKnown), holds(&["time"]));
    assert_eq!(thawed.of("bill", &NothingKnown), holds(&["freeze"]));
}

#[test]
fn earlier_runs() {
    let failed = Stage::new("{ rerun = 'failed 1h' }");
    let any = Stage::new("{ rerun = 'any 1h' }");
    let declined = Stage::new("{ declined = '2 in 1h' }");
    let past = |ran, declined| Set {
        history: Some(Past { ran, declined }),
        ..Set::default()
    };
    assert_eq!(failed.of("bill", &past(Some(true), None)), holds(&[]));
    assert_eq!(any.of("bill", &past(Some(true), None)), None);
    assert_eq!(failed.of("bill", &past(None, None)), holds(&["rerun"]));
    assert_eq!(declined.of("bill", &past(None, Some(1))), None);
    assert_eq!(declined.of("bill", &past(None, Some(2))), holds(&[]));
    assert_eq!(declined.of("bill", &NothingKnown), holds(&["declined"]));
    // What is not known now cannot be compared.
    assert_eq!(
        failed.of("bill $X", &past(Some(false), None)),
        holds(&["rerun"])
    );
}

#[test]
fn files_are_asked_only_where_all_else_fits() {
    let stage = Stage::new("{ context = 'prod', user = 'root' }");
    let facts = Set::default()
        .with("user", &["ann"])
        .with("context", &["prod"]);
    assert_eq!(stage.of("kubectl x", &facts), None);
    assert_eq!(facts.looks.get(), 0);
}

/// Keys of conditions with values that known facts may have.
const KEYS: [(&str, [&str; 2]); 6] = [
    ("host", ["mx1", "dev1"]),
    ("user", ["root", "ann"]),
    ("cwd", ["/srv", "/home"]),
    ("context", ["prod", "dev"]),
    ("branch", ["main", "topic"]),
    ("account", ["prod", "dev"]),
];

proptest::proptest! {
    /// Whatever becomes unknown, what held goes on holding.
    #[test]
    fn what_becomes_unknown_never_lets_pass(
        wanted in proptest::collection::vec((0_usize..6, 0_usize..2, proptest::bool::ANY), 1..5),
        known in proptest::collection::vec(0_usize..2, 6),
        hidden in proptest::collection::btree_set(0_usize..8, 0..8),
        is_night in proptest::bool::ANY,
        ran in proptest::bool::ANY,
    ) {
        let mut entries: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for (key, value, is_not) in wanted {
            let (key, values) = KEYS[key];
            let mark = if is_not { "!" } else { "" };
            entries.entry(key).or_default().insert(format!("'{mark}{}'", values[value]));
        }
        let mut when: Vec<String> = entries
            .iter()
            .map(|(key, values)| format!("{key} = [{}]", values.iter().cloned().collect::<Vec<_>>().join(", ")))
            .collect();
        when.extend(["time = '09:00-18:00 UTC'".to_owned(), "rerun = 'failed 1h'".to_owned()]);
        let stage = Stage::new(&format!("{{ {} }}", when.join(", ")));
        let facts = |hidden: &BTreeSet<usize>| {
            let mut facts = Set::default();
            for (number, (key, values)) in KEYS.iter().enumerate() {
                if !hidden.contains(&number) {
                    facts = facts.with(key, &[values[known[number]]]);
                }
            }
            if !hidden.contains(&6) {
                facts = facts.at(if is_night { "2026-11-27T22:00:00Z" } else { "2026-11-27T12:00:00Z" });
            }
            let ran = (!hidden.contains(&7)).then_some(ran);
            facts.history = Some(Past { ran, declined: None });
            // The place itself is known, so that the branch is asked for.
            facts
        };
        let before = stage.of("bill", &facts(&BTreeSet::new()));
        let after = stage.of("bill", &facts(&hidden));
        proptest::prop_assert!(before.is_none() || after.is_some());
    }
}
