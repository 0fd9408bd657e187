//! Whole passages in-process: a plan from rules, a scripted operator, a settable clock, a ledger
//! in memory.

use std::collections::BTreeSet;
use std::time::Duration;

use kanmon::door::understand::{NoVariables, understand};
use kanmon::gate::approval::{Approval, Reason, Refusal, Request};
use kanmon::gate::dialogue::{Gone, Page};
use kanmon::gate::giver::{Approver, Giver};
use kanmon::gate::permit::{Permit, Stand};
use kanmon::gate::record::{Entry, Event, RunId};
use kanmon::gate::showing::{Shown, Typed};
use kanmon::gate::world::{
    Clock as _, Given, InTheWay, Ledger as _, NoPermit, NotAsked, NotFirst, NotSeen, NothingGiven,
    Seen, Who, Whom, Whose,
};
use kanmon::gate::{Asked, NotCleared, Walked, World, walk};
use kanmon::ledger::SqliteLedger;
use kanmon::line::Line;
use kanmon::policy::facts::NothingKnown;
use kanmon::policy::pack::{self, Layer, SourceFile};
use kanmon::policy::ruleset::RuleSet;
use kanmon::policy::{Profile, Verdict};

use crate::rehearsal::{Reply, Scripted, ScriptedProbes, SetClock, somebody, typed};

const RULES: &str = r#"
[pack]
id = "t"
title = "Test"

[probe]
count = { run = "count {target}", label = "Waiting", drift = "5%" }
moving = { run = "moving", label = "Moves", drift = "any" }
state = { run = "state", label = "State" }
disk = { run = "disk", label = "Disk errors" }
changes = { again = "-s", count = '^Inst ', label = "Packages that change" }
plan = { again = "", verb = "plan", label = "Resources that change" }
place = { run = "{program} {place} count", label = "Entries" }
both = { run = "say {arg.1}; {program} {place} list", label = "Both" }
queue = { pwsh = "Get-Queue {arg.1}", label = "Queue" }

[[rule]]
id = "low"
title = "Something low"
why = "Because."
risk = "low"
match = [{ program = "lowly" }]

[[rule]]
id = "medium"
title = "Something medium"
why = "Because."
risk = "medium"
match = [{ program = "middling" }]

[[rule]]
id = "high"
title = "Something high"
why = "Because."
risk = "high"
match = [{ program = "highly" }]

[[rule]]
id = "critical"
title = "Something critical"
why = "Because."
risk = "critical"
match = [{ program = "critically" }]

[[rule]]
id = "release"
title = "Release"
why = "It leaves."
risk = "high"
match = [{ program = "release" }]
steps = [
  { gap = "30m" },
  { show = "count" },
  { checklist = [{ ask = "Why was it held?", answer = "text" }, "Is the other side ready?"] },
  { cooldown = "30s" },
  { call = "count" },
]

[[rule]]
id = "checked"
title = "Checked"
why = "Because."
risk = "medium"
match = [{ program = "checked" }]
steps = [{ check = "disk", is = "0" }, { confirm = "Go on at {target}?" }]

[[rule]]
id = "must"
title = "Must be seen"
why = "Because."
risk = "medium"
match = [{ program = "must" }]
steps = [{ check = "disk", is = "0", must = true }]

[[rule]]
id = "elsewhere"
title = "Called from elsewhere"
why = "Because."
risk = "high"
match = [{ program = "elsewhere" }]
steps = [{ call = "state" }]

[[rule]]
id = "resting"
title = "Resting"
why = "Because."
risk = "medium"
match = [{ program = "resting" }]
steps = [{ checklist = [{ ask = "Calm?", no = "rest" }] }, { confirm = "Now?" }]

[[rule]]
id = "followed"
title = "Followed up"
why = "Because."
risk = "medium"
match = [{ program = "followed" }]
after = [
  { show = "state" },
  { check = "disk", is = "0" },
  { check = "count", is = "< 5", if = "failed" },
]
undo = "`unfollow`"

[[rule]]
id = "upgrade"
title = "Upgrade"
why = "Because."
risk = "high"
match = [{ program = "upgrading" }]
steps = [{ show = "changes" }, { call = "changes" }]

[[rule]]
id = "form"
title = "Form"
why = "Because."
risk = "medium"
match = [{ program = "forming", verb = ["!@read"] }]
steps = [{ show = "plan" }, { confirm = "Go on?" }]

[[rule]]
id = "far"
title = "Change a server's entries"
why = "Because."
risk = "medium"
match = [{ program = "faring" }]
steps = [{ show = "place" }, { confirm = "Go on?" }]

[[rule]]
id = "both"
title = "Change both"
why = "Because."
risk = "medium"
match = [{ program = "pairing" }]
steps = [{ show = "both" }, { confirm = "Go on?" }]

[words.faring]
values = ["-h", "--host", "-o", "--pool"]
target.host = ["-h", "--host"]
place = ["--pool"]

[words.pairing]
values = ["-h"]
place = ["-h"]

[[rule]]
id = "exchange"
title = "Resume a queue"
why = "Because."
risk = "medium"
match = [{ program = "Resume-It" }]
steps = [{ show = "queue" }, { confirm = "Go on?" }]

[words.upgrading]
dry = ["-s"]

[words.Resume-It]
depth = 0
options = "long"

[words.forming]
values = ["-chdir"]
options = "long"
set.read = ["plan"]

[[rule]]
id = "windowed"
title = "In office hours"
why = "Because."
risk = "medium"
match = [{ program = "windowed" }]
steps = [{ window = "Mon-Fri 09:00-18:00 Asia/Tokyo" }, { confirm = "Now?" }]

[[rule]]
id = "late"
title = "In the afternoon"
why = "Because."
risk = "medium"
match = [{ program = "late" }]
steps = [{ window = "14:00-24:00 Asia/Tokyo" }]

[[rule]]
id = "try"
title = "Try it"
risk = "note"
match = [{ program = "try" }]

[[rule]]
id = "plan"
title = "Plan it"
why = "Because."
risk = "low"
match = [{ program = "plan" }]

[[rule]]
id = "apply"
title = "Apply it"
why = "Because."
risk = "medium"
match = [{ program = "apply" }]
steps = [{ first = "plan", within = "1h", same = ["verb", "flag.--stage"] }, { confirm = "Now?" }]

[[rule]]
id = "spaced"
title = "One after the other"
why = "Because."
risk = "low"
match = [{ program = "spaced" }]
steps = [{ gap = "30m", group = "db*" }]

[[rule]]
id = "approved"
title = "For two logins"
why = "Because."
risk = "high"
match = [{ program = "approved" }]
steps = [{ approve = 2 }, { call = "count" }]

[[rule]]
id = "approved-too"
title = "For one login"
why = "Because."
risk = "high"
match = [{ program = "approved", flag = ["-x"] }]
steps = [{ approve = 1 }, { call = "count" }]

[[rule]]
id = "witnessed"
title = "In twos"
why = "Because."
risk = "high"
match = [{ program = "witnessed" }]
steps = [{ show = "count" }, { witness = "Who stands beside you?", call = "count" }, { call = "target" }]

[[rule]]
id = "restless"
title = "Where a value never stands still"
why = "Because."
risk = "high"
match = [{ program = "restless" }]
steps = [{ show = "moving" }, { call = "moving" }]

[[rule]]
id = "ticket"
title = "Ticket"
why = "Because."
risk = "medium"
match = [{ program = "ticketed" }]
steps = [{ checklist = [{ ask = "Ticket?", answer = "text", like = '^[A-Z]+-\d+$' }] }, { confirm = "Now?" }]
"#;

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

struct Stage {
    rules: RuleSet,
    clock: SetClock,
    ledger: SqliteLedger,
    given: Gave,
    runs: usize,
}

/// What was given, and what becomes of it after the first look.
#[derive(Default)]
struct Gave {
    permits: Vec<Permit>,
    /// Whether they are taken back once they were looked at.
    is_revoked: bool,
    looks: usize,
    /// Whether nobody can be asked.
    is_missing: bool,
    requests: Vec<Request>,
    withdrawn: Vec<String>,
    /// Who says yes to each request, and what they called.
    answers: Vec<Vec<(u32, &'static str)>>,
    polls: usize,
    /// Whether approvals are taken back after the wait.
    takes_back: bool,
    is_taken_back: bool,
    /// What somebody says between the last look and the asker's leave.
    meanwhile: Option<Refusal>,
    refusal: Option<Refusal>,
}

impl Given for Gave {
    fn permits(&mut self) -> Vec<Permit> {
        self.looks += 1;
        match self.is_revoked && self.looks > 1 {
            true => Vec::new(),
            false => self.permits.clone(),
        }
    }

    fn ask(&mut self, request: &Request, _shown: &Shown) -> Result<bool, NotAsked> {
        match self.is_missing {
            true => Err(NotAsked::Host("there is no store".to_owned())),
            false => {
                self.requests.push(request.clone());
                Ok(true)
            }
        }
    }

    fn approvals(&mut self, request: &Request) -> Vec<Approval> {
        self.polls += 1;
        let answered = self.requests.len().checked_sub(1);
        let all = answered.and_then(|at| self.answers.get(at)).cloned();
        let all = all.unwrap_or_default().into_iter();
        let said = |(owner, value): (u32, &str)| Approval {
            giver: Approver::User(Giver {
                owner,
                login: None,
                name: format!("user{owner}"),
            }),
            groups: Vec::new(),
            request: request.id.clone(),
            hash: request.hash.clone(),
            called: ("t.count".to_owned(), value.to_owned()),
            made: request.made.clone(),
        };
        // They take their time.
        match self.polls > 3 && !self.is_taken_back {
            true => all.map(said).collect(),
            false => Vec::new(),
        }
    }

    fn refusal(&mut self, _request: &Request) -> Result<Option<Refusal>, NotAsked> {
        Ok(self.refusal.clone())
    }

    fn may_be_left(&self) -> bool {
        self.meanwhile.is_some()
    }

    fn put_aside(&mut self, _request: &str) -> Result<bool, NotAsked> {
        self.refusal = self.meanwhile.take();
        Ok(false)
    }

    fn withdraw(&mut self, request: &str) {
        self.withdrawn.push(request.to_owned());
        self.is_taken_back = self.takes_back;
    }

    fn whom(&mut self, group: Option<&str>, _who: &Who) -> Whom {
        Whom {
            names: group
                .map(|group| format!("somebody of {group}"))
                .into_iter()
                .collect(),
            is_team: false,
        }
    }
}

impl Stage {
    fn new() -> Self {
        let file = SourceFile {
            name: "t.toml".to_owned(),
            text: RULES.to_owned(),
            layer: Layer::BuiltIn,
        };
        let wrappers = SourceFile {
            name: "wrappers.toml".to_owned(),
            text: include_str!("../../rules/wrappers.toml").to_owned(),
            layer: Layer::BuiltIn,
        };
        let (packs, mistakes) = pack::read(&[file, wrappers]);
        assert_eq!(mistakes, []);
        Self {
            rules: RuleSet::of_packs(&packs).unwrap(),
            clock: SetClock::new(),
            ledger: SqliteLedger::in_memory().unwrap().of(Whose::Hosts),
            given: Gave::default(),
            runs: 0,
        }
    }

    fn walk(&mut self, line: &str, probes: ScriptedProbes, replies: Vec<Reply>) -> Came {
        self.walk_as(line, probes, replies, false, None)
    }

    fn walk_as(
        &mut self,
        line: &str,
        mut probes: ScriptedProbes,
        replies: Vec<Reply>,
        drill: bool,
        leaves_at_wait: Option<Gone>,
    ) -> Came {
        self.runs += 1;
        let line = Line::shell(line.as_bytes());
        let understood = understand(
            &line,
            &self.rules,
            &NothingKnown,
            &NoVariables,
            Profile::Production,
        );
        let Verdict::Hold(plan) = understood.verdict else {
            panic!("{line:?} is not held")
        };
        let run = RunId(format!("run-{}", self.runs));
        let mut asked = Asked::new(run, line.text(), &plan, &self.rules, drill, "test");
        asked.typed = Some(Typed::Line(line.text().to_owned(), Vec::new()));
        let mut operator = Scripted::new(&self.clock, replies);
        operator.leaves_at_wait = leaves_at_wait;
        let who = somebody();
        let mut world = World {
            operator: &mut operator,
            probes: &mut probes,
            ledger: &mut self.ledger,
            given: &mut self.given,
            clock: &self.clock,
            who: &who,
        };
        let walked = walk(&asked, &mut world);
        Came {
            walked,
            operator,
            looks: probes.looks,
        }
    }
}

impl Stage {
    /// Sets the wall clock.
    fn set_date(&self, utc: &str) {
        self.clock.set_date(utc);
    }

    /// Records that the last run was started and ended with `status`.
    fn ends(&mut self, status: i32) {
        let event = Event::Ended {
            status: Some(status),
            signal: None,
            took: Duration::from_secs(1),
        };
        let run = RunId(format!("run-{}", self.runs));
        self.ledger
            .append(&Entry { run, event }, &self.clock)
            .unwrap();
    }

    /// Walks where no question may come, and returns what stands in the way.
    #[track_caller]
    fn ways(&mut self, line: &str) -> Vec<InTheWay> {
        let came = self.walk(line, ScriptedProbes::default(), vec![]);
        assert_eq!(came.operator.asked, Vec::<String>::new());
        match came.walked {
            Err(NotCleared::InTheWay(ways)) => ways,
            other => panic!("{other:?}"),
        }
    }
}

/// What an operator is told.
fn told(ways: Vec<InTheWay>) -> String {
    NotCleared::InTheWay(ways).message(kanmon::text::Language::English)
}

#[test]
fn outside_its_window_nothing_is_asked_and_the_next_opening_is_told() {
    let mut stage = Stage::new();
    // 2026-11-27 is a Friday; 18:00 in Tokyo.
    stage.set_date("2026-11-27T09:00:00Z");
    let said = told(stage.ways("windowed"));
    assert!(
        said.contains("(Mon-Fri 09:00-18:00 Asia/Tokyo); it opens Mon 2026-11-30 09:00 Asia/Tokyo"),
        "{said}"
    );
    stage.set_date("2026-11-30T00:00:00Z");
    let came = stage.walk("windowed", ScriptedProbes::default(), vec![typed("y")]);
    assert!(came.is_cleared());
}

#[test]
fn a_window_that_closes_during_the_questions_holds_at_go() {
    let mut stage = Stage::new();
    stage.set_date("2026-11-27T08:59:59Z");
    // Each answer takes two seconds.
    let came = stage.walk("windowed", ScriptedProbes::default(), vec![typed("y")]);
    let Err(NotCleared::InTheWay(ways)) = came.walked else {
        panic!("{:?}", came.walked)
    };
    assert!(matches!(ways[..], [InTheWay::Closed { .. }]), "{ways:?}");
    assert_eq!(came.operator.asked, ["confirm Now?"]);
}

#[test]
fn of_several_windows_the_intersection_counts() {
    let mut stage = Stage::new();
    stage.set_date("2026-11-27T00:30:00Z");
    let said = told(stage.ways("windowed; late"));
    assert!(said.contains("it opens Fri 2026-11-27 14:00"), "{said}");
    stage.set_date("2026-11-27T09:30:00Z");
    let said = told(stage.ways("late; windowed"));
    assert!(said.contains("it opens Mon 2026-11-30 14:00"), "{said}");
    stage.set_date("2026-11-30T05:00:00Z");
    let replies = vec![typed("y"), typed("y")];
    let came = stage.walk("late; windowed", ScriptedProbes::default(), replies);
    assert!(came.is_cleared());
}

#[track_caller]
fn plan(stage: &mut Stage, line: &str, status: i32) {
    let came = stage.walk(line, ScriptedProbes::default(), vec![typed("y")]);
    assert!(came.is_cleared());
    stage.ends(status);
}

#[track_caller]
fn not_first(stage: &mut Stage, line: &str) -> NotFirst {
    match stage.ways(line).remove(0) {
        InTheWay::NotFirst { why, .. } => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_has_to_run_first_has_to_end_well_here_lately_and_with_the_same_words() {
    let mut stage = Stage::new();
    let apply = "apply a --stage=x";
    assert_eq!(not_first(&mut stage, apply), NotFirst::None);
    plan(&mut stage, "ssh mx1 plan a --stage=x", 0);
    assert_eq!(
        not_first(&mut stage, apply),
        NotFirst::None,
        "another target"
    );
    plan(&mut stage, "plan b --stage=x", 0);
    assert_eq!(not_first(&mut stage, apply), NotFirst::Differs);
    plan(&mut stage, "plan a --stage=x", 3);
    let why = not_first(&mut stage, apply);
    assert!(matches!(why, NotFirst::NotWell { .. }), "{why:?}");
    plan(&mut stage, "plan a --stage=x", 0);
    let replies = || vec![typed("y")];
    let came = stage.walk(apply, ScriptedProbes::default(), replies());
    assert!(came.is_cleared(), "{:?}", came.walked);
    // A word that neither has agrees with nothing.
    plan(&mut stage, "plan a", 0);
    assert_eq!(not_first(&mut stage, "apply a"), NotFirst::Differs);

    stage.clock.pass(Duration::from_secs(3_700));
    let why = not_first(&mut stage, apply);
    assert!(matches!(why, NotFirst::TooOld { .. }), "{why:?}");
    plan(&mut stage, "plan a --stage=x", 0);
    plan(&mut stage, "plan a --stage=x", 1);
    let why = not_first(&mut stage, apply);
    assert!(
        matches!(why, NotFirst::NotWell { .. }),
        "a later failure takes the good end away: {why:?}"
    );
}

#[test]
fn what_ran_first_is_looked_at_again_at_go() {
    let mut stage = Stage::new();
    plan(&mut stage, "plan a --stage=x", 0);
    stage.clock.pass(Duration::from_secs(3_599));
    let came = stage.walk(
        "apply a --stage=x",
        ScriptedProbes::default(),
        vec![typed("y")],
    );
    let Err(NotCleared::InTheWay(ways)) = came.walked else {
        panic!("{:?}", came.walked)
    };
    assert!(matches!(ways[..], [InTheWay::NotFirst { .. }]), "{ways:?}");
}

#[test]
fn a_ledger_of_ones_own_proves_nothing_for_a_first() {
    let mut stage = Stage::new();
    stage.ledger = SqliteLedger::in_memory().unwrap();
    plan(&mut stage, "plan a --stage=x", 0);
    let ways = stage.ways("apply a --stage=x");
    assert!(told(ways).contains("kanmonctl init --host"));
}

#[test]
fn hosts_of_a_group_share_a_gap_and_others_do_not() {
    let mut stage = Stage::new();
    let yes = || vec![typed("y")];
    let none = ScriptedProbes::default;
    assert!(stage.walk("ssh DB1 spaced", none(), yes()).is_cleared());
    assert!(stage.walk("ssh web1 spaced", none(), yes()).is_cleared());
    let ways = stage.ways("ssh db2 spaced");
    assert!(matches!(&ways[..], [InTheWay::Gap(last)] if last.run.0 == "run-1"));
    assert!(stage.walk("ssh web2 spaced", none(), yes()).is_cleared());
    let ways = stage.ways("ssh web1 spaced");
    assert!(matches!(&ways[..], [InTheWay::Gap(last)] if last.run.0 == "run-2"));
}

#[test]
fn a_witness_says_who_they_are_and_calls_for_themselves() {
    let probes = ScriptedProbes::default().with("t.count", &["12"]);
    let replies = ["ＯＰ", "", "kato", "11", "12", "gate1", "y"]
        .map(typed)
        .to_vec();
    let mut stage = Stage::new();
    let came = stage.walk("witnessed", probes, replies);
    assert!(came.is_cleared(), "{:?}", came.walked);
    assert_eq!(
        came.operator.asked,
        [
            "witness Who stands beside you?",
            "witness Who stands beside you? again",
            "witness Who stands beside you? again",
            "call Waiting by kato",
            "call Waiting by kato again",
            "call Name of the target",
            "go",
        ]
    );
    let steps: Vec<(usize, usize)> = came
        .operator
        .progress
        .iter()
        .map(|p| (p.step, p.of))
        .collect();
    assert_eq!(steps.last(), Some(&(4, 4)));
    assert!(came.operator.said.iter().all(|said| !said.contains("12")));
}

#[test]
fn a_witness_calls_what_is_measured_now_not_what_the_screen_shows() {
    let probes = ScriptedProbes::default().with("t.count", &["100", "104", "104"]);
    let replies = ["kato", "100", "104", "gate1", "y"].map(typed).to_vec();
    let came = Stage::new().walk("witnessed", probes, replies);
    assert!(came.is_cleared(), "{:?}", came.walked);
    let calls = &came.operator.asked[1..3];
    assert_eq!(
        calls,
        ["call Waiting by kato", "call Waiting by kato again"]
    );
}

#[test]
fn a_witness_that_is_the_operator_under_any_name_is_none() {
    let probes = ScriptedProbes::default().with("t.count", &["12"]);
    let replies = ["op", "Op", " op "].map(typed).to_vec();
    let came = Stage::new().walk("witnessed", probes, replies);
    assert_eq!(came.walked.unwrap_err(), NotCleared::NoAnswer);
}

#[test]
fn what_a_witness_called_and_has_changed_the_witness_calls_again() {
    let probes = ScriptedProbes::default().with("t.count", &["100", "100", "200", "200"]);
    let replies = ["kato", "100", "gate1", "y", "200", "y"]
        .map(typed)
        .to_vec();
    let came = Stage::new().walk("witnessed", probes, replies);
    assert!(came.is_cleared(), "{:?}", came.walked);
    assert_eq!(came.operator.asked[4..], ["call Waiting by kato", "go"]);
}

/// A permit by somebody else for these rules at any target, open for an hour.
fn permit(stage: &Stage, id: &str, rules: &str) -> Permit {
    let now = stage.clock.now();
    Permit {
        id: id.to_owned(),
        giver: Giver {
            owner: 4001,
            login: None,
            name: "ann".to_owned(),
        },
        by: "CAB\u{1b}[2J".to_owned(),
        reason: "planned".to_owned(),
        rules: vec![rules.parse_pattern()],
        targets: vec!["*".parse_pattern()],
        users: Vec::new(),
        from: now.utc,
        until: now.utc + Duration::from_secs(3_600),
        made: now,
        count: None,
        team_uses: None,
        steps: None,
    }
}

/// Reads a pattern.
trait ParsePattern {
    fn parse_pattern(&self) -> kanmon::policy::Pattern;
}

impl ParsePattern for str {
    fn parse_pattern(&self) -> kanmon::policy::Pattern {
        kanmon::policy::Pattern::parse(self).unwrap()
    }
}

#[test]
fn what_is_permitted_is_not_asked_and_the_look_screen_says_so() {
    let mut stage = Stage::new();
    stage.given.permits = vec![permit(&stage, "p1", "t.release")];
    let probes = ScriptedProbes::default().with("t.count", &["12"]);
    let came = stage.walk("release", probes, vec![]);
    assert!(came.is_cleared(), "{:?}", came.walked);
    assert_eq!(came.operator.asked, Vec::<String>::new());
    assert_eq!(came.operator.waited, Duration::ZERO);
    let Some(Page::Look(look)) = came.operator.pages.first() else {
        panic!("no look screen")
    };
    assert_eq!(look.permits.len(), 1);
    let shown = &look.permits[0];
    assert_eq!(
        (shown.giver.as_str(), shown.reason.as_str()),
        ("ann", "planned")
    );
    assert_eq!(shown.steps, ["checklist", "cooldown", "call"]);
}

#[test]
fn a_permit_for_some_steps_leaves_the_others() {
    let mut stage = Stage::new();
    let mut some = permit(&stage, "p1", "t.release");
    some.steps = Some([Stand::Checklist, Stand::Cooldown].into());
    stage.given.permits = vec![some];
    let probes = ScriptedProbes::default().with("t.count", &["12"]);
    let came = stage.walk("release", probes, vec![typed("12"), typed("y")]);
    assert!(came.is_cleared(), "{:?}", came.walked);
    assert_eq!(came.operator.asked, ["call Waiting", "go"]);
    let steps: Vec<(usize, usize)> = came
        .operator
        .progress
        .iter()
        .map(|p| (p.step, p.of))
        .collect();
    assert_eq!(steps, [(1, 2), (2, 2)]);
}

#[test]
fn gaps_windows_checks_and_first_runs_remain_whatever_is_permitted() {
    let mut stage = Stage::new();
    stage.given.permits = vec![permit(&stage, "p1", "*")];
    let probes = || ScriptedProbes::default().with("t.count", &["12"]);
    assert!(stage.walk("release", probes(), vec![]).is_cleared());
    let ways = stage.ways("release");
    assert!(matches!(ways[..], [InTheWay::Gap(_)]), "{ways:?}");
    // 2026-11-22 is a Sunday.
    let ways = stage.ways("windowed");
    assert!(matches!(ways[..], [InTheWay::Closed { .. }]), "{ways:?}");
    let ways = stage.ways("apply a --stage=x");
    assert!(matches!(ways[..], [InTheWay::NotFirst { .. }]), "{ways:?}");
    let probes = ScriptedProbes::default().with("t.disk", &["3"]);
    let came = stage.walk("checked", probes, vec![]);
    assert!(matches!(came.walked, Err(NotCleared::Check { .. })));
}

#[test]
fn a_permit_for_one_rule_lifts_nothing_that_another_demands() {
    let mut stage = Stage::new();
    stage.given.permits = vec![permit(&stage, "p1", "t.critical")];
    // Both demand a cooldown at other targets; the merge leaves one.
    let probes = ScriptedProbes::default().with("t.count", &["12"]);
    let replies = ["full disk", "y", "12", "y"].map(typed).to_vec();
    let came = stage.walk("ssh mx1 critically; release", probes, replies);
    assert!(came.is_cleared(), "{:?}", came.walked);
    assert_eq!(came.operator.waited, Duration::from_secs(30));
    assert!(
        !came
            .operator
            .asked
            .iter()
            .any(|asked| asked.contains("Name of the target"))
    );
}

#[test]
fn the_askers_own_permit_one_for_others_and_one_elsewhere_count_for_nothing() {
    let change: [fn(&mut Permit); 4] = [
        |permit| permit.giver.owner = 1000,
        |permit| permit.users = vec!["ann".parse_pattern()],
        |permit| permit.targets = vec!["web1".parse_pattern()],
        |permit| permit.rules = vec!["t.low".parse_pattern()],
    ];
    for change in change {
        let mut stage = Stage::new();
        let mut one = permit(&stage, "p1", "*");
        change(&mut one);
        stage.given.permits = vec![one];
        let came = stage.walk("middling", ScriptedProbes::default(), vec![typed("y")]);
        assert!(came.is_cleared());
        assert_eq!(came.operator.asked, ["confirm Something medium"]);
    }
}

#[test]
fn a_permit_is_used_as_often_as_it_says() {
    let mut stage = Stage::new();
    let mut twice = permit(&stage, "p1", "*");
    twice.count = Some(2);
    stage.given.permits = vec![twice];
    for _ in 0..2 {
        let came = stage.walk("middling", ScriptedProbes::default(), vec![]);
        assert!(came.is_cleared());
    }
    let came = stage.walk("middling", ScriptedProbes::default(), vec![typed("n")]);
    assert_eq!(came.walked.unwrap_err(), NotCleared::Declined);
    assert_eq!(stage.ledger.uses("p1"), Ok(2));
    // A drill uses nothing up.
    assert_eq!(stage.ledger.uses("p"), Ok(0));
}

#[test]
fn a_permit_that_ends_or_is_taken_back_during_the_steps_clears_nothing() {
    let mut stage = Stage::new();
    let mut short = permit(&stage, "p1", "t.release");
    short.steps = Some([Stand::Call].into());
    short.until = stage.clock.now().utc + Duration::from_secs(20);
    stage.given.permits = vec![short];
    let probes = || ScriptedProbes::default().with("t.count", &["12"]);
    let answers = || vec![typed("full disk"), typed("y")];
    // The cooldown takes 30 seconds.
    let came = stage.walk("release", probes(), answers());
    let over = InTheWay::Permit {
        id: "p1".to_owned(),
        why: NoPermit::Over,
    };
    assert_eq!(came.walked.unwrap_err(), NotCleared::InTheWay(vec![over]));

    stage.given.permits = vec![permit(&stage, "p2", "t.release")];
    stage.given.is_revoked = true;
    stage.given.looks = 0;
    let came = stage.walk("release", probes(), vec![]);
    let gone = InTheWay::Permit {
        id: "p2".to_owned(),
        why: NoPermit::Revoked,
    };
    assert_eq!(came.walked.unwrap_err(), NotCleared::InTheWay(vec![gone]));
}

fn approved(stage: &mut Stage, line: &str, values: &[&str], replies: &[&str]) -> Came {
    let probes = ScriptedProbes::default().with("t.count", values);
    let replies = replies.iter().map(|reply| typed(reply)).collect();
    stage.walk(line, probes, replies)
}

#[test]
fn others_say_yes_while_the_asker_waits_and_sees_whom_they_wait_for() {
    let mut stage = Stage::new();
    stage.given.answers = vec![vec![(4001, "12"), (4002, "12")]];
    let came = approved(&mut stage, "approved -x", &["12"], &["12", "y"]);
    assert!(came.is_cleared(), "{:?}", came.walked);
    // The higher number of two rules counts, once.
    assert_eq!(stage.given.requests.len(), 1);
    assert_eq!(stage.given.requests[0].needs.len(), 1);
    assert_eq!(stage.given.requests[0].line, "approved -x");
    let said = &came.operator.said[0];
    assert!(
        said.starts_with("Approvals needed: 2, by other people"),
        "{said}"
    );
    // A row of its own: it is what the asker passes on.
    assert!(
        said.contains("\nThey type: kanmonctl approve run-1-1\n"),
        "{said}"
    );
    assert_eq!(stage.given.withdrawn, ["run-1-1"]);
    let steps: Vec<(usize, usize)> = came
        .operator
        .progress
        .iter()
        .map(|p| (p.step, p.of))
        .collect();
    assert_eq!(steps, [(1, 3), (2, 3), (3, 3)]);
}

#[test]
fn too_few_and_the_askers_own_approve_nothing() {
    for answers in [
        vec![(4001, "12")],
        vec![(4001, "12"), (4001, "12")],
        vec![(4001, "12"), (1000, "12")],
        vec![(4001, "12"), (0, "12")],
    ] {
        let mut stage = Stage::new();
        stage.given.answers = vec![answers];
        let came = approved(&mut stage, "approved", &["12"], &[]);
        assert_eq!(came.walked.unwrap_err(), NotCleared::NotApproved);
        assert_eq!(stage.given.withdrawn, ["run-1-1"], "it ends with its time");
    }
}

#[test]
fn whoever_leaves_withdraws_the_request() {
    let mut stage = Stage::new();
    let probes = ScriptedProbes::default().with("t.count", &["12"]);
    let came = stage.walk_as("approved", probes, vec![], false, Some(Gone::Interrupted));
    assert_eq!(
        came.walked.unwrap_err(),
        NotCleared::Gone(Gone::Interrupted)
    );
    assert_eq!(stage.given.withdrawn, ["run-1-1"]);
}

#[test]
fn whoever_leaves_hears_the_no_that_came_meanwhile() {
    let mut stage = Stage::new();
    stage.given.meanwhile = Some(Refusal {
        giver: Approver::Role("bob".to_owned()),
        reason: Reason::of("not tonight").unwrap(),
    });
    let probes = ScriptedProbes::default().with("t.count", &["12"]);
    let came = stage.walk_as("approved", probes, vec![], false, Some(Gone::EndOfInput));
    assert_eq!(
        came.walked.unwrap_err(),
        NotCleared::SaidNo {
            by: "bob".to_owned(),
            reason: "not tonight".to_owned()
        }
    );
}

#[test]
fn where_nobody_can_be_asked_nothing_is_cleared() {
    let mut stage = Stage::new();
    stage.given.is_missing = true;
    let came = approved(&mut stage, "approved", &["12"], &[]);
    let reason = came.walked.unwrap_err();
    assert!(matches!(reason, NotCleared::NoStore { .. }), "{reason:?}");
    let said = reason.message(kanmon::text::Language::English);
    assert!(said.contains("kanmonctl init --host"), "{said}");
}

#[test]
fn what_was_approved_and_has_changed_is_approved_anew() {
    let mut stage = Stage::new();
    let second = vec![(4001, "200"), (4002, "200")];
    stage.given.answers = vec![vec![(4001, "100"), (4002, "100")], second];
    // The approvers saw 100; the operator calls 200.
    let came = approved(&mut stage, "approved", &["200"], &["200", "y", "y"]);
    assert!(came.is_cleared(), "{:?}", came.walked);
    // What was answered is given up; it waits for a no until it is used up.
    assert_eq!(stage.given.withdrawn, ["run-1-1", "run-1-2"]);
    assert!(
        came.operator
            .said
            .iter()
            .any(|said| said.contains("has changed since"))
    );
}

#[test]
fn what_approvers_saw_is_held_against_what_is_there_at_go() {
    let mut stage = Stage::new();
    let second = vec![(4001, "108"), (4002, "108")];
    stage.given.answers = vec![vec![(4001, "100"), (4002, "100")], second];
    // Each step lies within the drift, both together do not.
    let values = ["104", "108"];
    let came = approved(&mut stage, "approved", &values, &["104", "y", "y"]);
    assert!(came.is_cleared(), "{:?}", came.walked);
    assert_eq!(stage.given.requests.len(), 2);
}

#[test]
fn of_several_targets_approvers_call_the_value_of_the_first() {
    let mut stage = Stage::new();
    stage.given.answers = vec![vec![(4001, "3"), (4002, "3")]];
    let line = "sh -c 'ssh mx1 approved; ssh mx2 approved'";
    let came = approved(&mut stage, line, &["3", "9", "3", "9"], &["3", "9", "y"]);
    assert!(came.is_cleared(), "{:?}", came.walked);
    assert_eq!(stage.given.requests.len(), 1);
}

#[test]
fn an_approval_that_is_taken_back_before_the_start_clears_nothing() {
    let mut stage = Stage::new();
    stage.given.answers = vec![vec![(4001, "12"), (4002, "12")]];
    stage.given.takes_back = true;
    let came = approved(&mut stage, "approved", &["12"], &["12", "y"]);
    assert_eq!(
        came.walked.unwrap_err(),
        NotCleared::InTheWay(vec![InTheWay::NoApproval])
    );
}

#[test]
fn a_permit_stands_in_for_an_approval() {
    let mut stage = Stage::new();
    stage.given.permits = vec![permit(&stage, "p1", "*")];
    let came = approved(&mut stage, "approved", &["12"], &[]);
    assert!(came.is_cleared(), "{:?}", came.walked);
    assert_eq!(stage.given.requests, []);
}

fn release() -> Vec<Reply> {
    vec![typed("full disk"), typed("y"), typed("12"), typed("y")]
}

#[test]
fn low_asks_one_key() {
    let came = Stage::new().walk("lowly", ScriptedProbes::default(), vec![typed("y")]);
    assert!(came.is_cleared());
    assert_eq!(came.operator.asked, ["key"]);
}

#[test]
fn medium_asks_for_a_yes() {
    let came = Stage::new().walk("middling", ScriptedProbes::default(), vec![typed("はい")]);
    assert!(came.is_cleared());
    assert_eq!(came.operator.asked, ["confirm Something medium"]);
}

#[test]
fn high_has_the_target_called_and_critical_waits_before() {
    let mut stage = Stage::new();
    let came = stage.walk(
        "highly",
        ScriptedProbes::default(),
        vec![typed("gate1"), typed("y")],
    );
    assert!(came.is_cleared());
    assert_eq!(came.operator.asked, ["call Name of the target", "go"]);
    let came = stage.walk(
        "ssh mx1 critically",
        ScriptedProbes::default(),
        vec![typed("mx1"), typed("y")],
    );
    assert!(came.is_cleared());
    assert_eq!(came.operator.waited, Duration::from_secs(30));
}

#[test]
fn anything_but_yes_ends_the_run() {
    for answer in ["", "n", "maybe", "yy"] {
        let came = Stage::new().walk("middling", ScriptedProbes::default(), vec![typed(answer)]);
        assert_eq!(came.walked.unwrap_err(), NotCleared::Declined, "{answer}");
    }
}

#[test]
fn a_release_is_looked_at_answered_waited_for_and_called() {
    let probes = ScriptedProbes::default().with("t.count", &["12"]);
    let came = Stage::new().walk("release", probes, release());
    assert!(came.is_cleared());
    assert_eq!(
        came.operator.asked,
        [
            "typed Why was it held?",
            "yes/no Is the other side ready?",
            "call Waiting",
            "go"
        ]
    );
    let steps: Vec<(usize, usize)> = came
        .operator
        .progress
        .iter()
        .map(|p| (p.step, p.of))
        .collect();
    assert_eq!(steps, [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]);
    // Looked at for the screen, just before the call, and at "go".
    assert_eq!(came.looks.len(), 3);
    assert_eq!(came.looks[0].1, "count gate1");
}

#[test]
fn three_wrong_calls_end_the_run_and_the_value_is_never_said() {
    let probes = ScriptedProbes::default().with("t.count", &["8192"]);
    let replies = vec![typed("x"), typed("y"), typed("1"), typed("2"), typed("3")];
    let came = Stage::new().walk("release", probes, replies);
    assert_eq!(came.walked.unwrap_err(), NotCleared::WrongCall);
    assert_eq!(
        came.operator.asked[2..],
        ["call Waiting", "call Waiting again", "call Waiting again"]
    );
    assert!(came.operator.said.iter().all(|said| !said.contains("8192")));
}

#[test]
fn a_small_drift_is_allowed_and_a_large_one_is_called_again() {
    let small = ScriptedProbes::default().with("t.count", &["100", "100", "105"]);
    let replies = vec![typed("x"), typed("y"), typed("100"), typed("y")];
    assert!(
        Stage::new()
            .walk("release", small, replies.clone())
            .is_cleared()
    );

    let large = ScriptedProbes::default().with("t.count", &["100", "100", "200", "200"]);
    let mut again = replies;
    again.extend([typed("200"), typed("y")]);
    let came = Stage::new().walk("release", large, again);
    assert!(came.is_cleared());
    assert_eq!(
        came.operator.asked[2..],
        ["call Waiting", "go", "call Waiting", "go"]
    );
}

#[test]
fn what_the_screen_shows_may_be_called_within_the_drift() {
    let walk = |shown, now, calls: &[&str]| {
        let probes = ScriptedProbes::default().with("t.count", &[shown, now, now]);
        let before = ["x", "y"].iter().chain(calls).chain(&["y"]);
        let came = Stage::new().walk("release", probes, before.map(|word| typed(word)).collect());
        assert!(came.is_cleared());
        came.operator.asked[2..].to_vec()
    };
    let at_once = ["call Waiting", "go"];
    assert_eq!(walk("100", "104", &["100"]), at_once);
    assert_eq!(walk("100", "104", &["104"]), at_once);
    // Beyond it only what is measured now counts, and never what lies between.
    let again = ["call Waiting", "call Waiting again", "go"];
    assert_eq!(walk("100", "200", &["100", "200"]), again);
    assert_eq!(walk("100", "104", &["102", "100"]), again);
}

#[test]
fn what_moves_at_will_is_called_as_the_screen_shows_it() {
    let walk = |shown, now, calls: &[&str]| {
        let probes = ScriptedProbes::default().with("t.moving", &[shown, now]);
        let replies = calls.iter().map(|call| typed(call)).collect();
        Stage::new().walk("restless", probes, replies)
    };
    assert!(walk("17751", "16002", &["17751", "y"]).is_cleared());
    assert!(walk("17751", "16002", &["16002", "y"]).is_cleared());
    // What has doubled, and a name that is another, are not what was looked at.
    for (shown, now) in [("12", "25"), ("mx1", "mx2")] {
        assert!(walk(shown, now, &[shown, now, "y"]).is_cleared());
        let came = walk(shown, now, &[shown, shown, shown]);
        assert_eq!(came.walked.unwrap_err(), NotCleared::WrongCall, "{shown}");
    }
}

#[test]
fn a_value_that_never_stands_still_ends_the_run() {
    let probes = ScriptedProbes::default().with("t.count", &["1", "1", "2", "3", "4"]);
    let replies = ["x", "y", "1", "y", "2", "y", "3", "y", "4"]
        .map(typed)
        .to_vec();
    let came = Stage::new().walk("release", probes, replies);
    assert_eq!(
        came.walked.unwrap_err(),
        NotCleared::KeepsChanging {
            label: "Waiting".to_owned()
        }
    );
}

#[test]
fn the_gap_is_over_after_its_time_only() {
    let mut stage = Stage::new();
    let probes = || ScriptedProbes::default().with("t.count", &["12"]);
    assert!(stage.walk("release", probes(), release()).is_cleared());
    stage.clock.pass(Duration::from_secs(60));
    let came = stage.walk("release", probes(), vec![]);
    assert!(matches!(came.walked, Err(NotCleared::InTheWay(_))));
    assert_eq!(
        came.operator.asked,
        Vec::<String>::new(),
        "no question is asked in vain"
    );
    // Another host is another target.
    assert!(
        stage
            .walk("ssh mx1 release", probes(), release())
            .is_cleared()
    );
    stage.clock.pass(Duration::from_secs(1_800));
    assert!(stage.walk("release", probes(), release()).is_cleared());
}

#[test]
fn a_gap_counts_through_a_reboot_and_not_through_the_date() {
    let mut stage = Stage::new();
    let probes = || ScriptedProbes::default().with("t.count", &["12"]);
    assert!(stage.walk("release", probes(), release()).is_cleared());
    stage.clock.reboot(Duration::from_secs(300));
    assert!(matches!(
        stage.walk("release", probes(), vec![]).walked,
        Err(NotCleared::InTheWay(_))
    ));
}

#[test]
fn a_clock_set_back_holds_and_says_so() {
    let mut stage = Stage::new();
    assert!(
        stage
            .walk("lowly", ScriptedProbes::default(), vec![typed("y")])
            .is_cleared()
    );
    stage.clock.set_back(Duration::from_secs(3_600));
    let came = stage.walk("lowly", ScriptedProbes::default(), vec![]);
    let NotCleared::Ledger(error) = came.walked.unwrap_err() else {
        panic!("cleared")
    };
    assert!(error.to_string().contains("newest record"), "{error}");
}

#[test]
fn a_check_that_is_not_as_expected_ends_the_run() {
    let probes = ScriptedProbes::default().with("t.disk", &["3"]);
    let came = Stage::new().walk("checked", probes, vec![]);
    let expected = NotCleared::Check {
        label: "Disk errors".to_owned(),
        value: "3".to_owned(),
        expected: "0".to_owned(),
    };
    assert_eq!(came.walked.unwrap_err(), expected);
}

#[test]
fn a_check_is_looked_at_again_before_the_start() {
    let probes = ScriptedProbes::default().with("t.disk", &["0", "1"]);
    let came = Stage::new().walk("checked", probes, vec![typed("y")]);
    assert!(matches!(came.walked, Err(NotCleared::Check { .. })));
}

#[test]
fn a_check_that_could_not_look_counts_if_it_can_before_the_start() {
    let probes = |value| ScriptedProbes::default().with_log_in("t.disk", "mx1", value);
    let replies = || ["n", "no key here", "y"].map(typed).to_vec();
    let came = Stage::new().walk("checked", probes("0"), replies());
    assert!(came.is_cleared());
    let came = Stage::new().walk("checked", probes("3"), replies());
    assert!(matches!(came.walked, Err(NotCleared::Check { .. })));
}

#[test]
fn what_cannot_be_seen_is_gone_into_blind_with_a_reason() {
    let hung =
        || ScriptedProbes::default().blind("t.disk", NotSeen::TimedOut(Duration::from_secs(10)));
    let came = Stage::new().walk("checked", hung(), vec![typed("host hangs"), typed("y")]);
    assert!(came.is_cleared());
    assert_eq!(
        came.operator.asked,
        ["blind Disk errors", "confirm Go on at gate1?"]
    );
    // An empty reason is none.
    let came = Stage::new().walk("checked", hung(), vec![typed(""), typed(" "), typed("")]);
    assert_eq!(came.walked.unwrap_err(), NotCleared::NoAnswer);
    // Unless the rule demands to see.
    let came = Stage::new().walk("must", hung(), vec![]);
    assert_eq!(
        came.walked.unwrap_err(),
        NotCleared::NotSeen {
            label: "Disk errors".to_owned()
        }
    );
}

#[test]
fn where_a_host_wants_a_password_it_is_asked_once_whether_to_log_in() {
    let line = "ssh mx1 release";
    // Logged in, it is looked at and called as ever.
    let probes = ScriptedProbes::default().with_log_in("t.count", "mx1", "12");
    let replies = ["y", "full disk", "y", "12", "y"].map(typed).to_vec();
    let came = Stage::new().walk(line, probes, replies);
    assert!(came.is_cleared());
    assert_eq!(
        came.operator.asked,
        [
            "log in mx1",
            "(aside)",
            "typed Why was it held?",
            "yes/no Is the other side ready?",
            "call Waiting",
            "go"
        ]
    );
    // After a no it is as unseen as anything, and not asked again before the call.
    let wants = NotSeen::WantsLogin("mx1".to_owned());
    let probes = ScriptedProbes::default().blind("t.count", wants);
    let replies = ["n", "no time", "full disk", "y", "mx1", "y"].map(typed);
    let came = Stage::new().walk(line, probes, replies.to_vec());
    assert!(came.is_cleared());
    assert_eq!(
        came.operator.asked,
        [
            "log in mx1",
            "blind Waiting",
            "typed Why was it held?",
            "yes/no Is the other side ready?",
            "call Name of the target",
            "go"
        ]
    );
}

#[test]
fn a_call_that_cannot_be_measured_falls_back_to_the_target() {
    let hung = ScriptedProbes::default().blind("t.count", NotSeen::NoFit);
    let replies = vec![
        typed("hangs"),
        typed("x"),
        typed("y"),
        typed("gate1"),
        typed("y"),
    ];
    let came = Stage::new().walk("release", hung, replies);
    assert!(came.is_cleared());
    assert_eq!(came.operator.asked[3..], ["call Name of the target", "go"]);
}

#[test]
fn a_value_that_is_not_shown_comes_with_the_command_that_shows_it() {
    let probes = ScriptedProbes::default().with("t.state", &["ok"]);
    let came = Stage::new().walk("elsewhere", probes, vec![typed("ok"), typed("y")]);
    assert!(came.is_cleared());
    assert_eq!(came.operator.asked, ["call State with state", "go"]);
}

#[test]
fn a_no_to_being_calm_is_a_rest_of_five_minutes() {
    let replies = vec![typed("n"), typed("y"), typed("y")];
    let came = Stage::new().walk("resting", ScriptedProbes::default(), replies);
    assert!(came.is_cleared());
    assert_eq!(came.operator.waited, Duration::from_secs(300));
}

#[test]
fn a_typed_answer_has_its_form() {
    let replies = vec![typed("abc"), typed("OPS-12"), typed("y")];
    assert!(
        Stage::new()
            .walk("ticketed", ScriptedProbes::default(), replies)
            .is_cleared()
    );
}

#[test]
fn whoever_leaves_is_not_cleared_and_recorded() {
    for gone in [
        Gone::Interrupted,
        Gone::EndOfInput,
        Gone::HungUp,
        Gone::Terminated,
        Gone::Vanished,
    ] {
        for at in 0..4 {
            let mut replies = release();
            replies.truncate(at);
            replies.push(Reply::Leave(gone));
            let mut stage = Stage::new();
            let probes = ScriptedProbes::default().with("t.count", &["12"]);
            let came = stage.walk("release", probes, replies);
            assert_eq!(came.walked.unwrap_err(), NotCleared::Gone(gone));
            let again = ScriptedProbes::default().with("t.count", &["12"]);
            assert!(
                stage.walk("release", again, release()).is_cleared(),
                "an uncleared run is no run"
            );
        }
    }
    let mut stage = Stage::new();
    let probes = ScriptedProbes::default().with("t.count", &["12"]);
    let came = stage.walk_as("release", probes, release(), false, Some(Gone::Interrupted));
    assert_eq!(
        came.walked.unwrap_err(),
        NotCleared::Gone(Gone::Interrupted)
    );
}

#[test]
fn a_drill_passes_every_step_and_counts_for_no_gap() {
    let mut stage = Stage::new();
    let probes = || ScriptedProbes::default().with("t.count", &["12"]);
    let came = stage.walk_as("release", probes(), release(), true, None);
    assert!(matches!(came.walked, Ok(Walked::Drilled)));
    assert!(stage.walk("release", probes(), release()).is_cleared());
}

#[test]
fn two_hosts_are_called_twice_and_an_equal_one_once() {
    let replies = ["mx1", "mx2", "y"].map(typed).to_vec();
    let came = Stage::new().walk(
        "ssh mx1 highly; ssh mx2 highly",
        ScriptedProbes::default(),
        replies,
    );
    assert!(came.is_cleared());
    let came = Stage::new().walk(
        "highly a; highly b",
        ScriptedProbes::default(),
        ["gate1", "y"].map(typed).to_vec(),
    );
    assert!(came.is_cleared());
}

#[test]
fn where_there_are_several_targets_each_question_names_its_own() {
    let probes = ScriptedProbes::default().with("t.count", &["12"]);
    let line = "ssh mx1 release; ssh mx2 release";
    let replies = ["a", "y", "b", "y", "12", "12", "y"].map(typed).to_vec();
    let came = Stage::new().walk(line, probes, replies);
    assert!(came.is_cleared());
    let mut asked = came.operator.asked.clone();
    asked.sort();
    assert_eq!(
        asked,
        [
            "call Waiting (mx1)",
            "call Waiting (mx2)",
            "go",
            "typed Why was it held? (mx1)",
            "typed Why was it held? (mx2)",
            "yes/no Is the other side ready? (mx1)",
            "yes/no Is the other side ready? (mx2)",
        ]
    );
    let Some(Page::Look(look)) = came.operator.pages.first() else {
        panic!("no look screen")
    };
    let labels: Vec<&str> = look
        .sights
        .iter()
        .map(|sight| sight.label.source.as_str())
        .collect();
    assert_eq!(labels, ["Waiting (mx1)", "Waiting (mx2)"]);
    // A reason is asked for each target; a text that names it is left as it is.
    let hung = ScriptedProbes::default().blind("t.disk", NotSeen::NoFit);
    let line = "ssh mx1 checked; ssh mx2 checked";
    let replies = ["hangs", "hangs too", "y", "y"].map(typed).to_vec();
    let came = Stage::new().walk(line, hung, replies);
    assert!(came.is_cleared());
    assert_eq!(
        came.operator.asked,
        [
            "blind Disk errors (mx1)",
            "blind Disk errors (mx2)",
            "confirm Go on at mx1?",
            "confirm Go on at mx2?"
        ]
    );
}

#[test]
fn the_look_screen_has_the_line_with_the_held_part_and_what_was_seen() {
    let probes = ScriptedProbes::default().with("t.count", &["12"]);
    let came = Stage::new().walk("echo a && A_TOKEN=b release now", probes, release());
    let Some(Page::Look(look)) = came.operator.pages.first() else {
        panic!("no look screen")
    };
    assert_eq!(look.line, "echo a && A_TOKEN=**** release now");
    let held: Vec<&str> = look
        .held
        .iter()
        .map(|span| look.line.get(span.start..span.end).unwrap())
        .collect();
    assert_eq!(held, ["release now"]);
    assert_eq!(look.rules[0].target, "gate1");
    assert!(matches!(&look.sights[0].seen, Some(Seen::Value { value, .. }) if value == "12"));
    let Some(Page::Last(last)) = came.operator.pages.last() else {
        panic!("no last page")
    };
    // The look screen may have scrolled away.
    assert_eq!(last.places[0].targets, ["gate1"]);
    assert_eq!(last.places[0].user, look.rules[0].user);
}

#[test]
fn afters_show_check_and_tell_how_to_take_it_back_after_a_failure() {
    let after = |status: Option<i32>| {
        let mut stage = Stage::new();
        let line = Line::shell(b"followed");
        let understood = understand(
            &line,
            &stage.rules,
            &NothingKnown,
            &NoVariables,
            Profile::Production,
        );
        let Verdict::Hold(plan) = understood.verdict else {
            panic!("not held")
        };
        let run = RunId("run-after".to_owned());
        let asked = Asked::new(run, line.text(), &plan, &stage.rules, false, "test");
        let mut operator = Scripted::new(&stage.clock, [typed("y")]);
        let mut probes = ScriptedProbes::default()
            .with("t.state", &["up"])
            .with("t.disk", &["3"])
            .with("t.count", &["2"]);
        let who = somebody();
        let mut world = World {
            operator: &mut operator,
            probes: &mut probes,
            ledger: &mut stage.ledger,
            given: &mut NothingGiven,
            clock: &stage.clock,
            who: &who,
        };
        assert!(matches!(walk(&asked, &mut world), Ok(Walked::Cleared(_))));
        kanmon::gate::after::run(&asked, status, &mut world).unwrap();
        let Some(Page::After(page)) = operator.pages.pop() else {
            panic!("no after page")
        };
        let seen: Vec<_> = page
            .sights
            .iter()
            .map(|sight| (sight.label.source.clone(), sight.as_expected))
            .collect();
        (seen, page.undo.len())
    };
    let state = ("State".to_owned(), None);
    let disk = ("Disk errors".to_owned(), Some(false));
    let count = ("Waiting".to_owned(), Some(true));
    assert_eq!(after(Some(0)), (vec![state.clone(), disk.clone()], 0));
    assert_eq!(
        after(Some(1)),
        (vec![state.clone(), disk.clone(), count.clone()], 1)
    );
    assert_eq!(after(None), (vec![state, disk, count], 1));
}

/// Returns what the probe of this id was asked with for a line, after a yes.
fn asked_with(line: &str, id: &str) -> Vec<String> {
    let probes = ScriptedProbes::default().with(id, &["3"]);
    let came = Stage::new().walk(line, probes, vec![typed("y")]);
    assert!(came.is_cleared(), "{line}");
    let commands: BTreeSet<String> = came.looks.into_iter().map(|(_, command)| command).collect();
    commands.into_iter().collect()
}

#[test]
fn a_probe_looks_where_the_options_of_the_line_lead() {
    let asks = |line: &str| asked_with(line, "t.place");
    assert_eq!(asks("faring drop x"), ["faring count"]);
    assert_eq!(
        asks("sudo /usr/bin/faring -hdb1 -o x --pool=a drop y"),
        ["/usr/bin/faring -h db1 --pool=a count"]
    );
    assert_eq!(
        asks("faring --host 'db 1' drop y"),
        ["faring --host 'db 1' count"]
    );
    // One that is not known, a program of the working directory, and an option of which it is not
    // known whether it takes the next word.
    assert_eq!(
        asks("faring -h \"$X\" drop"),
        ["unfilled: `place` is not known"]
    );
    assert_eq!(asks("./faring drop"), ["unfilled: `program` is not known"]);
}

#[test]
fn a_probe_looks_where_the_line_leads_by_folder_and_variables() {
    let asks = |line: &str| asked_with(line, "t.place");
    assert_eq!(
        asks("cd /srv/a && PGHOST=db2 X=1 faring drop"),
        ["cd /srv/a && PGHOST=db2 faring count"]
    );
    assert_eq!(asks("cd a; cd b; faring drop"), ["cd a/b && faring count"]);
    assert_eq!(
        asks("cd \"$X\" && faring drop"),
        ["unfilled: the folder that it runs in is not known"]
    );
    assert_eq!(
        asks("env -C /srv faring drop"),
        ["unfilled: the folder that it runs in is not known"]
    );
    assert_eq!(
        asks("PGHOST=$X faring drop"),
        ["unfilled: `PGHOST` is not known"]
    );
    // What is set here does not count there.
    assert_eq!(
        asks("cd /srv; PGHOST=db2 ssh db1 'cd app && faring drop'"),
        ["cd app && faring count"]
    );
    assert_eq!(
        asked_with("cd /a && PGHOST=x pairing drop y", "t.both"),
        ["cd /a || exit 126; export PGHOST=x; say y; pairing list"]
    );
    // Each folder is looked at.
    let looked = asked_with("cd /a; faring drop; cd /b; faring drop", "t.place");
    assert_eq!(looked, ["cd /a && faring count", "cd /b && faring count"]);
}

#[test]
fn the_held_command_is_looked_at_as_its_own_dry_run() {
    let looks = |line: &str, id: &str, replies: Vec<Reply>| {
        let probes = ScriptedProbes::default().with(id, &["3"]);
        let came = Stage::new().walk(line, probes, replies);
        assert!(came.is_cleared(), "{line}");
        let commands: BTreeSet<String> =
            came.looks.into_iter().map(|(_, command)| command).collect();
        commands.into_iter().collect::<Vec<String>>()
    };
    let called = || vec![typed("3"), typed("y")];
    assert_eq!(
        looks("sudo upgrading -y all", "t.changes", called()),
        ["upgrading -y all -s"]
    );
    // Each line has its own.
    assert_eq!(
        looks(
            "upgrading a; upgrading b",
            "t.changes",
            [called(), called()].concat()
        ),
        ["upgrading a -s", "upgrading b -s"]
    );
    let confirmed = || vec![typed("y")];
    assert_eq!(
        looks(
            "AWS_PROFILE=prod forming -chdir=x apply -auto",
            "t.plan",
            confirmed()
        ),
        ["AWS_PROFILE=prod forming -chdir=x plan -auto"]
    );
    assert_eq!(
        looks("forming \"$VERB\"", "t.plan", confirmed()),
        ["unfilled: `…` is not known"]
    );
    assert_eq!(
        looks("./forming apply", "t.plan", confirmed()),
        ["unfilled: `./forming` is not surely harmless"]
    );
    assert_eq!(
        looks(
            "pwsh -Command \"Resume-It 'it''s'\"",
            "t.queue",
            confirmed()
        ),
        ["Get-Queue 'it''s'"]
    );
}
