//! Answers of earlier runs: what carries over to the next target, what is remembered of scripts,
//! and that nothing but a think-step ever is.

use std::collections::BTreeMap;
use std::time::Duration;

use kanmon::door::understand::{Variables, understand};
use kanmon::gate::record::{Entry, Event, RunId};
use kanmon::gate::world::NothingGiven;
use kanmon::gate::{Asked, Ledger as _, NotCleared, Walked, Who, World, walk};
use kanmon::ledger::SqliteLedger;
use kanmon::line::{Content, Line};
use kanmon::policy::facts::NothingKnown;
use kanmon::policy::pack::{self, Layer, SourceFile};
use kanmon::policy::ruleset::RuleSet;
use kanmon::policy::{Profile, Verdict};
use proptest::prelude::*;

use crate::rehearsal::{Reply, Scripted, ScriptedProbes, SetClock, somebody, typed};

const RULES: &str = r#"
[pack]
id = "t"
title = "Test"

[probe]
count = { run = "count", label = "Waiting" }

[[rule]]
id = "release"
title = "Release"
why = "It leaves."
risk = "high"
match = [{ program = "release" }]
steps = [
  { show = "count" },
  { checklist = [{ ask = "Ticket?", answer = "text", like = '^T\d+$' }, "Is the other side ready?"] },
  { confirm = "Really at {target}?" },
  { cooldown = "30s" },
  { call = "count" },
]

[[rule]]
id = "medium"
title = "Something medium"
why = "Because."
risk = "medium"
match = [{ program = "middling" }]
"#;

struct Stage {
    rules: RuleSet,
    clock: SetClock,
    ledger: SqliteLedger,
    runs: usize,
    who: Who,
    files: BTreeMap<String, String>,
}

/// One passage and what came of it.
struct Came {
    walked: Result<Walked, NotCleared>,
    operator: Scripted,
    looks: Vec<(String, String)>,
}

impl Came {
    fn is_cleared(&self) -> bool {
        matches!(self.walked, Ok(Walked::Cleared(_))) && self.operator.is_through()
    }
}

/// Files by their path.
struct Files<'f>(&'f BTreeMap<String, String>);

impl Variables for Files<'_> {
    fn variable(&self, _name: &str) -> Option<Option<String>> {
        None
    }
    fn file(&self, path: &str) -> Option<Content> {
        let text = self.0.get(path);
        Some(text.map_or(Content::Nothing, |text| Content::Text(text.clone())))
    }
}

impl Stage {
    fn new(rules: &str) -> Self {
        let file = |name: &str, text: &str| SourceFile {
            name: name.to_owned(),
            text: text.to_owned(),
            layer: Layer::BuiltIn,
        };
        let wrappers = include_str!("../../rules/wrappers.toml");
        let (packs, mistakes) =
            pack::read(&[file("t.toml", rules), file("wrappers.toml", wrappers)]);
        assert_eq!(mistakes, []);
        Self {
            rules: RuleSet::of_packs(&packs).unwrap(),
            clock: SetClock::new(),
            ledger: SqliteLedger::in_memory().unwrap(),
            runs: 0,
            who: somebody(),
            files: BTreeMap::new(),
        }
    }

    fn walk(&mut self, line: &str, replies: Vec<Reply>) -> Came {
        self.walk_as(line, replies, false)
    }

    fn walk_as(&mut self, line: &str, replies: Vec<Reply>, drill: bool) -> Came {
        self.runs += 1;
        let line = Line::shell(line.as_bytes());
        let understood = understand(
            &line,
            &self.rules,
            &NothingKnown,
            &Files(&self.files),
            Profile::Production,
        );
        let Verdict::Hold(plan) = understood.verdict else {
            panic!("{line:?} is not held")
        };
        let run = RunId(format!("run-{}", self.runs));
        let mut asked = Asked::new(run, line.text(), &plan, &self.rules, drill, "test");
        let texts: Vec<&str> = self.files.values().map(String::as_str).collect();
        asked.scripts = (!texts.is_empty()).then(|| texts.join("\0"));
        let mut operator = Scripted::new(&self.clock, replies);
        let mut probes = ScriptedProbes::default().with("t.count", &["12"]);
        let mut world = World {
            operator: &mut operator,
            probes: &mut probes,
            ledger: &mut self.ledger,
            given: &mut NothingGiven,
            clock: &self.clock,
            who: &self.who,
        };
        let walked = walk(&asked, &mut world);
        Came {
            walked,
            operator,
            looks: probes.looks,
        }
    }

    /// The command of the last run starts, and ends with a status.
    fn ends(&mut self, status: i32) {
        let run = RunId(format!("run-{}", self.runs));
        let started = Event::Started {
            pid: i32::MAX,
            start_ticks: Some(1),
        };
        let ended = Event::Ended {
            status: Some(status),
            signal: None,
            took: Duration::from_secs(1),
        };
        for event in [started, ended] {
            let entry = Entry {
                run: run.clone(),
                event,
            };
            self.ledger.append(&entry, &self.clock).unwrap();
        }
    }

    /// Passes a whole release, which starts and ends well.
    fn release(&mut self, line: &str) {
        let replies = ["T1", "y", "y", "12", "y"].map(typed).to_vec();
        assert!(self.walk(line, replies).is_cleared());
        self.ends(0);
    }
}

const ALL: [&str; 5] = [
    "typed Ticket?",
    "yes/no Is the other side ready?",
    "confirm Really at mx2?",
    "call Waiting",
    "go",
];

#[test]
fn think_steps_carry_over_to_the_next_target_and_the_rest_does_not() {
    let mut stage = Stage::new(RULES);
    stage.release("ssh mx1 release");
    // The text that names the target is another one there.
    let replies = ["y", "12", "y"].map(typed).to_vec();
    let came = stage.walk("ssh mx2 release", replies);
    assert!(came.is_cleared());
    assert_eq!(came.operator.asked, ALL[2..]);
    assert_eq!(came.operator.waited, Duration::from_secs(30));
    assert_eq!(
        came.operator.said,
        [
            "1/6 Ticket?\n  carried over: T1 (answered at 02:00 UTC, run run-1)",
            "2/6 Is the other side ready?\n  carried over: y (answered at 02:00 UTC, run run-1)",
        ]
    );
    let steps: Vec<(usize, usize)> = came
        .operator
        .progress
        .iter()
        .map(|progress| (progress.step, progress.of))
        .collect();
    assert_eq!(steps, [(3, 6), (4, 6), (5, 6), (6, 6)]);
    // It was recorded as what it is, and carries no further.
    stage.ends(0);
    stage.clock.pass(Duration::from_secs(14 * 60 + 40));
    let came = stage.walk(
        "ssh mx2 release",
        ["T1", "y", "12", "y"].map(typed).to_vec(),
    );
    assert!(came.is_cleared());
    assert_eq!(came.operator.said.len(), 1, "{:?}", came.operator.said);
}

#[test]
fn after_a_failure_a_quarter_of_an_hour_or_elsewhere_everything_is_asked() {
    let all = || ["T1", "y", "y", "12", "y"].map(typed).to_vec();
    let check = |change: fn(&mut Stage)| {
        let mut stage = Stage::new(RULES);
        stage.release("ssh mx1 release");
        change(&mut stage);
        let came = stage.walk("ssh mx2 release", all());
        assert!(came.is_cleared());
        assert_eq!(came.operator.asked, ALL);
    };
    check(|stage| stage.clock.pass(Duration::from_secs(15 * 60)));
    check(|stage| stage.clock.reboot(Duration::from_secs(60)));
    check(|stage| stage.who.session = 43);
    check(|stage| stage.who.session = 0);
    check(|stage| stage.who.terminal = "/dev/pts/8".to_owned());
    check(|stage| stage.who.terminal.clear());
    check(|stage| stage.who.login_user = "other".to_owned());
    check(|stage| {
        assert!(stage.walk("middling", vec![typed("y")]).is_cleared());
        stage.ends(1);
    });
    check(|stage| {
        let declined = stage.walk("middling", vec![typed("n")]);
        assert_eq!(declined.walked.unwrap_err(), NotCleared::Declined);
    });
}

#[test]
fn a_drill_asks_everything_and_is_nothing_that_carries() {
    let mut stage = Stage::new(RULES);
    let all = || ["T1", "y", "y", "12", "y"].map(typed).to_vec();
    let drill = |stage: &mut Stage| {
        let came = stage.walk_as("ssh mx1 release", all(), true);
        assert!(matches!(came.walked, Ok(Walked::Drilled)));
        assert!(came.operator.is_through());
    };
    drill(&mut stage);
    stage.release("ssh mx1 release");
    drill(&mut stage);
}

#[test]
fn where_all_questions_are_answered_a_yes_still_starts_it() {
    let mut stage = Stage::new(RULES);
    assert!(stage.walk("middling", vec![typed("y")]).is_cleared());
    stage.ends(0);
    let came = stage.walk("ssh mx1 middling", vec![typed("y")]);
    assert!(came.is_cleared());
    assert_eq!(came.operator.asked, ["go"]);
    assert_eq!(came.operator.progress[0].of, 2);
    let came = stage.walk("ssh mx1 middling", vec![typed("n")]);
    assert_eq!(came.walked.unwrap_err(), NotCleared::Declined);
}

#[test]
fn an_answer_that_no_longer_fits_is_asked_again() {
    let mut stage = Stage::new(RULES);
    stage.release("ssh mx2 release");
    stage.rules = Stage::new(&RULES.replace(r"^T\d+$", r"^T\d\d$")).rules;
    let replies = ["T12", "12", "y"].map(typed).to_vec();
    let came = stage.walk("ssh mx2 release", replies);
    assert!(came.is_cleared());
    assert_eq!(came.operator.asked, [ALL[0], ALL[3], ALL[4]]);
}

#[test]
fn a_thorough_yes_to_scripts_is_remembered_for_a_day_at_their_target() {
    let scripted = || {
        let mut stage = Stage::new(RULES);
        let text = "ssh mx2 release\n".to_owned();
        stage.files.insert("a.sh".to_owned(), text);
        stage
    };
    let mut stage = scripted();
    stage.release("sh a.sh");
    stage.clock.pass(Duration::from_secs(23 * 3_600));
    stage.who.terminal = "/dev/pts/8".to_owned();
    let came = stage.walk("sh a.sh", ["12", "y"].map(typed).to_vec());
    assert!(came.is_cleared());
    assert_eq!(came.operator.asked, ALL[3..]);
    assert_eq!(came.operator.waited, Duration::from_secs(30));
    assert_eq!(
        came.operator.said[0],
        "1/6 Ticket?\n  answered by you: T1 (at 11-22 02:00 UTC, run run-1; the script has not changed)"
    );
    let all = || ["T1", "y", "y", "12", "y"].map(typed).to_vec();
    let check = |change: fn(&mut Stage), line: &str| {
        let mut stage = scripted();
        stage.release("sh a.sh");
        stage.clock.pass(Duration::from_secs(3_600));
        change(&mut stage);
        let came = stage.walk(line, all());
        assert!(came.is_cleared());
        assert_eq!(came.operator.asked, ALL);
    };
    check(
        |stage| stage.clock.pass(Duration::from_secs(86_400)),
        "sh a.sh",
    );
    check(
        |stage| stage.files.values_mut().for_each(|text| text.push('#')),
        "sh a.sh",
    );
    check(|stage| stage.who.login_user = "other".to_owned(), "sh a.sh");
    // What is typed in the line itself was not in the scripts.
    check(|_| {}, "ssh mx2 release; sh a.sh");
}

/// A step of a generated rule, and what is typed at its question.
#[derive(Debug, Clone, Copy)]
enum Made {
    Show,
    Check,
    Confirm,
    Checklist,
    Cooldown,
    CallTarget,
    CallCount,
    Gap,
}

impl Made {
    fn text(self, number: usize) -> String {
        match self {
            Self::Show => "{ show = \"count\" }".to_owned(),
            Self::Check => "{ check = \"count\", is = \"12\" }".to_owned(),
            Self::Confirm => format!("{{ confirm = \"Sure {number}?\" }}"),
            Self::Checklist => format!("{{ checklist = [\"Item {number}?\"] }}"),
            Self::Cooldown => "{ cooldown = \"40s\" }".to_owned(),
            Self::CallTarget => "{ call = \"target\" }".to_owned(),
            Self::CallCount => "{ call = \"count\" }".to_owned(),
            Self::Gap => "{ gap = \"1s\", per = \"rule\" }".to_owned(),
        }
    }

    fn is_think(self) -> bool {
        matches!(self, Self::Confirm | Self::Checklist)
    }
}

fn made() -> impl Strategy<Value = Made> {
    prop::sample::select(vec![
        Made::Show,
        Made::Check,
        Made::Confirm,
        Made::Checklist,
        Made::Cooldown,
        Made::CallTarget,
        Made::CallCount,
        Made::Gap,
    ])
}

/// What is typed at the calls of a rule, in its order.
fn calls(steps: &[Made], risk: &str, target: &str) -> Vec<Reply> {
    let mut calls: Vec<Reply> = Vec::new();
    let mut known = Vec::new();
    for step in steps {
        let value = match step {
            Made::CallTarget => target,
            Made::CallCount => "12",
            _ => continue,
        };
        // Equal steps are asked once.
        if !known.contains(&value) {
            known.push(value);
            calls.push(typed(value));
        }
    }
    if calls.is_empty() && risk != "medium" {
        calls.push(typed(target));
    }
    calls
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_but_think_steps_is_ever_carried_over(
        steps in prop::collection::vec(made(), 1..6),
        risk in prop::sample::select(vec!["medium", "high", "critical"]),
    ) {
        let texts: Vec<String> = steps
            .iter()
            .enumerate()
            .map(|(number, step)| step.text(number))
            .collect();
        let rules = format!(
            "[pack]\nid = \"t\"\ntitle = \"T\"\n\n[probe]\ncount = {{ run = \"count\", label = \"Waiting\" }}\n\n\
             [[rule]]\nid = \"r\"\ntitle = \"R\"\nwhy = \"W\"\nrisk = \"{risk}\"\n\
             match = [{{ program = \"release\" }}]\nsteps = [{}]\n",
            texts.join(", ")
        );
        let has_confirm = steps.iter().any(|step| matches!(step, Made::Confirm));
        let n_think = steps.iter().filter(|step| step.is_think()).count()
            + usize::from(risk == "medium" && !has_confirm);
        let whole = |target: &str| {
            let mut replies = vec![typed("y"); n_think];
            let calls = calls(&steps, risk, target);
            let n_go = usize::from(!calls.is_empty());
            replies.extend(calls);
            replies.extend(vec![typed("y"); n_go]);
            replies
        };
        // The one who has no earlier run.
        let mut fresh = Stage::new(&rules);
        let first = fresh.walk("ssh mx2 release", whole("mx2"));
        prop_assert!(first.is_cleared(), "{:?}", first.walked);

        let mut stage = Stage::new(&rules);
        prop_assert!(stage.walk("ssh mx1 release", whole("mx1")).is_cleared());
        stage.ends(0);
        stage.clock.pass(Duration::from_secs(60));
        let mut replies = calls(&steps, risk, "mx2");
        if n_think > 0 || !replies.is_empty() {
            replies.push(typed("y"));
        }
        let second = stage.walk("ssh mx2 release", replies);
        prop_assert!(second.is_cleared(), "{:?}", second.operator.asked);
        prop_assert_eq!(&second.looks, &first.looks);
        prop_assert_eq!(second.operator.waited, first.operator.waited);
        let not_think = |came: &Came| -> Vec<String> {
            let asked = came.operator.asked.iter();
            let asked = asked.filter(|asked| asked.starts_with("call") || asked.starts_with("go"));
            asked.cloned().collect()
        };
        let (mut before, after) = (not_think(&first), not_think(&second));
        if n_think > 0 && before.is_empty() {
            before.push("go".to_owned());
        }
        prop_assert_eq!(before, after);
        // And the gap is still there for the next one.
        if steps.iter().any(|step| matches!(step, Made::Gap)) {
            stage.ends(0);
            let third = stage.walk("ssh mx3 release", Vec::new());
            prop_assert!(matches!(third.walked, Err(NotCleared::InTheWay(_))));
        }
    }
}
