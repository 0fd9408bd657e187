//! Lines that go to several targets, or to ones that nobody can name beforehand: what is found of
//! them, what is called, looked at, recorded, and how gaps count.

use std::collections::BTreeMap;
use std::time::Duration;

use kanmon::door::understand::{Variables, read, understand};
use kanmon::gate::approval::{Approval, Request};
use kanmon::gate::dialogue::Page;
use kanmon::gate::giver::Giver;
use kanmon::gate::permit::Permit;
use kanmon::gate::record::{Event, RunId};
use kanmon::gate::showing::Shown;
use kanmon::gate::world::{Given, NotAsked, NothingGiven, Seen, Who, Whom};
use kanmon::gate::{Asked, Clock as _, NotCleared, Walked, World, walk};
use kanmon::ledger::heads::Syslog;
use kanmon::ledger::history::Run;
use kanmon::ledger::{Reader, SqliteLedger};
use kanmon::line::{Content, Line};
use kanmon::policy::Facts;
use kanmon::policy::facts::{Around, Fact, History, NothingKnown};
use kanmon::policy::pack::{self, Layer, SourceFile};
use kanmon::policy::place::Where;
use kanmon::policy::ruleset::RuleSet;
use kanmon::policy::{Profile, Verdict};

use crate::rehearsal::{Reply, Scripted, ScriptedProbes, SetClock, somebody, typed};

const RULES: &str = r#"
[pack]
id = "t"
title = "Test"

[probe]
count = { run = "count {target}", label = "Waiting" }
here = { run = "here", on = "here", label = "Seen from here" }

[[rule]]
id = "high"
title = "Something high"
why = "Because."
risk = "high"
match = [{ program = "highly" }]

[[rule]]
id = "release"
title = "Release at {target}"
why = "It leaves."
risk = "high"
match = [{ program = "release" }]
steps = [{ gap = "30m" }, { show = "here" }, { show = "count" }, { confirm = "Sure at {target}?" }, { call = "count" }]

[[rule]]
id = "web"
title = "Only at web hosts"
why = "Because."
risk = "medium"
match = [{ program = "webly" }]
when = { host = "web*" }

[[rule]]
id = "other"
title = "Anywhere but at web hosts"
why = "Because."
risk = "medium"
match = [{ program = "otherly" }]
when = { host = "!web*" }

[[rule]]
id = "must"
title = "Must be seen"
why = "Because."
risk = "medium"
match = [{ program = "must" }]
steps = [{ check = "count", is = "12", must = true }]
"#;

/// Files by their path.
struct Files(BTreeMap<String, String>);

impl Files {
    fn new() -> Self {
        let hosts = ["hosts", "/etc/hosts.web"].map(|path| {
            let text = "# web\nroot@web1:22\nweb2 root\n\nweb[3-5]\n";
            (path.to_owned(), text.to_owned())
        });
        Self(BTreeMap::from(hosts))
    }
}

impl Variables for Files {
    fn variable(&self, _name: &str) -> Option<Option<String>> {
        None
    }
    fn file(&self, path: &str) -> Option<Content> {
        let text = self.0.get(path);
        Some(text.map_or(Content::Nothing, |text| Content::Text(text.clone())))
    }
}

fn rules() -> RuleSet {
    let file = |name: &str, text: &str| SourceFile {
        name: name.to_owned(),
        text: text.to_owned(),
        layer: Layer::BuiltIn,
    };
    let wrappers = include_str!("../../rules/wrappers.toml");
    let (packs, mistakes) = pack::read(&[file("t.toml", RULES), file("wrappers.toml", wrappers)]);
    assert_eq!(mistakes, []);
    RuleSet::of_packs(&packs).unwrap()
}

/// Returns where the first `highly` in a line is, its files of hosts given.
fn place(text: &str) -> Where {
    let understood = understand(
        &Line::shell(text.as_bytes()),
        &rules(),
        &NothingKnown,
        &Files::new(),
        Profile::Production,
    );
    let Verdict::Hold(plan) = understood.verdict else {
        panic!("{text} is not held")
    };
    Where::of(&plan.hits[0].invocation.target)
}

#[test]
fn hosts_that_the_line_or_its_files_list_are_counted() {
    let cases: [(&str, &[&str]); 27] = [
        ("pssh -H a -H b highly", &["a", "b"]),
        ("pssh -H 'root@a:22 b' -l op -i highly", &["a", "b"]),
        ("parallel-ssh --host a --host=b highly", &["a", "b"]),
        (
            "pssh -h hosts highly",
            &["web1", "web2", "web3", "web4", "web5"],
        ),
        (
            "pssh -h hosts -H a highly",
            &["web1", "web2", "web3", "web4", "web5", "a"],
        ),
        ("pssh -H a -H A -H b highly", &["a", "b"]),
        ("pdsh -w 'web[01-03]' highly", &["web01", "web02", "web03"]),
        (
            "pdsh -w web[1-2],db1 -l root 'ls; highly'",
            &["web1", "web2", "db1"],
        ),
        ("pdsh -w a -w b highly", &["a", "b"]),
        ("clush -w web1,web2 -b highly", &["web1", "web2"]),
        (
            "clush --hostfile /etc/hosts.web highly",
            &["web1", "web2", "web3", "web4", "web5"],
        ),
        ("salt -L 'a,b' cmd.run highly", &["a", "b"]),
        ("knife ssh -m 'a b' highly", &["a", "b"]),
        ("juju run --unit app/0,app/1 highly", &["app/0", "app/1"]),
        (
            "aws ssm send-command --parameters commands=highly --instance-ids i-1 i-2 --comment x",
            &["i-1", "i-2"],
        ),
        (
            "printf '%s\\n' a b c | xargs -I{} ssh {} highly",
            &["a", "b", "c"],
        ),
        (
            "printf 'a\\nb\\n' | xargs -I H ssh root@H.example highly",
            &["a.example", "b.example"],
        ),
        (
            "xargs -I{} ssh {} sudo highly < hosts",
            &["# web", "root@web1:22", "web2 root", "web[3-5]"],
        ),
        (
            "xargs -a hosts -n 1 -I{} sh -c 'ssh {} highly'",
            &["# web", "root@web1:22", "web2 root", "web[3-5]"],
        ),
        (
            "echo a b b | xargs -n1 -P 2 sh -c 'ssh $0 highly'",
            &["a", "b"],
        ),
        (
            "cat hosts | xargs -I{} ssh {} highly",
            &["# web", "root@web1:22", "web2 root", "web[3-5]"],
        ),
        ("parallel ssh {} highly ::: a b", &["a", "b"]),
        (
            "for h in a b c d; do ssh $h highly; done",
            &["a", "b", "c", "d"],
        ),
        (
            "for h in web{01..04}; do ssh root@$h sudo highly; done",
            &["web01", "web02", "web03", "web04"],
        ),
        (
            "ssh a highly; ssh b highly && ssh c highly; ssh d highly",
            &["a", "b", "c", "d"],
        ),
        ("ssh jump pssh -H a -H b highly", &["a", "b"]),
        (
            "sudo -u op env A=1 pdsh -w 'n[1-2]' 'sudo highly'",
            &["n1", "n2"],
        ),
    ];
    for (text, expected) in cases {
        let expected = expected.iter().map(|host| (*host).to_owned()).collect();
        assert_eq!(place(text), Where::Each(expected), "{text}");
    }
    assert_eq!(place("pssh -H a highly"), Where::One("a".to_owned()));
    assert_eq!(
        place("pssh -H a 'ssh b highly'"),
        Where::One("b".to_owned())
    );
}

#[test]
fn what_nobody_can_count_is_called_as_the_line_has_it() {
    let cases = [
        ("ansible all -b -a highly", "all"),
        ("ansible -a highly 'web:&prod'", "web:&prod"),
        ("salt '*' cmd.run highly", "*"),
        ("salt -G 'os:Debian' cmd.run highly", "os:Debian"),
        ("knife ssh 'role:web' 'sudo highly'", "role:web"),
        ("pssh -h missing highly", "missing"),
        ("ssh jump pssh -h hosts highly", "hosts"),
        ("cd /x && pssh -h hosts highly", "hosts"),
        ("pdsh -a highly", "-a"),
        ("pdsh -g web highly", "web"),
        ("pdsh -w 'web[1-9]' -x web3 highly", "web[1-9] web3"),
        ("pdsh -w ^hosts highly", "^hosts"),
        ("clush -a highly", "-a"),
        ("clush -w @web highly", "@web"),
        ("juju run --all highly", "--all"),
        ("bolt command run -t web highly", "web"),
        (
            "aws ssm send-command --parameters commands=highly --targets Key=tag:a,Values=b",
            "Key=tag:a,Values=b",
        ),
        ("pdsh highly", ""),
        ("pssh -H \"$h\" highly", ""),
        ("ssh \"$h\" highly", ""),
        ("ssh root@$(pick) highly", ""),
        ("printf 'a b' | xargs -d ' ' -I{} ssh {} highly", ""),
        ("grep web hosts | xargs -I{} ssh {} highly", ""),
        ("while read h; do ssh $h highly; done < hosts", ""),
    ];
    for (text, said) in cases {
        assert_eq!(place(text), Where::Unsaid(said.to_owned()), "{text}");
    }
}

#[test]
fn files_of_hosts_are_read_for_held_lines_alone() {
    let asks = |text: &str| {
        let line = Line::shell(text.as_bytes());
        read(&line, &rules(), &Files::new())
            .unwrap()
            .needs
            .hosts
            .len()
    };
    assert_eq!(asks("pssh -h hosts highly"), 1);
    struct Untouched;
    impl Variables for Untouched {
        fn variable(&self, _name: &str) -> Option<Option<String>> {
            None
        }
        fn file(&self, path: &str) -> Option<Content> {
            panic!("{path} was read")
        }
    }
    let understood = understand(
        &Line::shell(b"pssh -h hosts uptime"),
        &rules(),
        &NothingKnown,
        &Untouched,
        Profile::Production,
    );
    assert!(matches!(understood.verdict, Verdict::Pass(_)));
}

#[test]
fn a_condition_on_the_host_asks_all_of_many() {
    let is_held = |text: &str| {
        let understood = understand(
            &Line::shell(text.as_bytes()),
            &rules(),
            &At("web7"),
            &Files::new(),
            Profile::Production,
        );
        matches!(understood.verdict, Verdict::Hold(_))
    };
    for (text, expected) in [
        ("pssh -h hosts webly", true),
        ("pssh -h hosts otherly", false),
        ("pssh -h hosts -H db1 otherly", true),
        ("pssh -H db1 -H web9 webly", true),
        ("pssh -H db1 -H db2 webly", false),
        ("pssh -H db1 webly", false),
        ("pdsh -w 'db[1-9]' webly", false),
        // What is not known never excuses, and this host is not asked in its place.
        ("pssh -h missing webly", true),
        ("pssh -h missing otherly", true),
        ("pdsh -a otherly", true),
        ("ansible db -a webly", true),
        ("ssh \"$h\" otherly", true),
        ("otherly", false),
        ("webly", true),
    ] {
        assert_eq!(is_held(text), expected, "{text}");
    }
}

/// Nothing is known but this host's name.
struct At(&'static str);

impl Facts for At {
    fn host(&self, typed: Option<&str>) -> Fact {
        Fact::Known(vec![typed.unwrap_or(self.0).to_owned()])
    }
    fn user(&self) -> Fact {
        Fact::Unknown
    }
    fn login(&self) -> Fact {
        Fact::Unknown
    }
    fn groups(&self) -> Fact {
        Fact::Unknown
    }
    fn cwd(&self) -> Fact {
        Fact::Unknown
    }
    fn ssh_from(&self) -> Fact {
        Fact::Unknown
    }
    fn tty(&self) -> Option<bool> {
        None
    }
    fn variable(&self, _name: &str) -> Fact {
        Fact::Unknown
    }
    fn now(&self) -> Option<chrono::DateTime<chrono::Utc>> {
        None
    }
    fn context(&self, _around: Around<'_>) -> Fact {
        Fact::Unknown
    }
    fn namespace(&self, _around: Around<'_>) -> Fact {
        Fact::Unknown
    }
    fn account(&self, _around: Around<'_>) -> Fact {
        Fact::Unknown
    }
    fn branch(&self, _around: Around<'_>) -> Fact {
        Fact::Unknown
    }
    fn history(&self) -> Option<&dyn History> {
        None
    }
}

struct Stage {
    rules: RuleSet,
    clock: SetClock,
    ledger: SqliteLedger,
    runs: usize,
    folder: tempfile::TempDir,
    permits: Vec<Permit>,
}

/// What was given.
struct Gave(Vec<Permit>);

impl Given for Gave {
    fn permits(&mut self) -> Vec<Permit> {
        self.0.clone()
    }

    fn ask(&mut self, request: &Request, shown: &Shown) -> Result<bool, NotAsked> {
        NothingGiven.ask(request, shown)
    }

    fn approvals(&mut self, request: &Request) -> Vec<Approval> {
        NothingGiven.approvals(request)
    }

    fn withdraw(&mut self, request: &str) {
        NothingGiven.withdraw(request);
    }

    fn whom(&mut self, group: Option<&str>, who: &Who) -> Whom {
        NothingGiven.whom(group, who)
    }
}

struct Came {
    walked: Result<Walked, NotCleared>,
    operator: Scripted,
    looks: Vec<(String, String)>,
}

impl Came {
    fn is_cleared(&self) -> bool {
        matches!(self.walked, Ok(Walked::Cleared(_))) && self.operator.is_through()
    }

    fn look(&self) -> &kanmon::gate::dialogue::Look {
        match self.operator.pages.first() {
            Some(Page::Look(look)) => look,
            other => panic!("no look screen: {other:?}"),
        }
    }
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kanmon/ledger.db");
        let nowhere = Syslog::at(&folder.path().join("log"));
        let ledger = SqliteLedger::open_with(&path, nowhere).unwrap();
        Self {
            rules: rules(),
            clock: SetClock::new(),
            ledger,
            runs: 0,
            folder,
            permits: Vec::new(),
        }
    }

    /// Returns the first run as it is on record.
    fn run(&self) -> Run {
        let reader = Reader::open(&self.folder.path().join("kanmon/ledger.db")).unwrap();
        reader.run("run-1", &self.clock.now()).unwrap().unwrap()
    }

    fn walk(&mut self, text: &str, replies: &[&str]) -> Came {
        self.runs += 1;
        let line = Line::shell(text.as_bytes());
        let understood = understand(
            &line,
            &self.rules,
            &NothingKnown,
            &Files::new(),
            Profile::Production,
        );
        let Verdict::Hold(plan) = understood.verdict else {
            panic!("{text} is not held")
        };
        let run = RunId(format!("run-{}", self.runs));
        let asked = Asked::new(run, line.text(), &plan, &self.rules, false, "test");
        let replies: Vec<Reply> = replies.iter().map(|text| typed(text)).collect();
        let mut operator = Scripted::new(&self.clock, replies);
        let mut probes = OneByOne(
            ScriptedProbes::default()
                .with("t.count", &["12"])
                .with("t.here", &["5"]),
        );
        // Nothing of an earlier run stands for an answer here.
        let mut who = somebody();
        who.session = i32::try_from(self.runs).unwrap();
        let mut world = World {
            operator: &mut operator,
            probes: &mut probes,
            ledger: &mut self.ledger,
            given: &mut Gave(self.permits.clone()),
            clock: &self.clock,
            who: &who,
        };
        let walked = walk(&asked, &mut world);
        Came {
            walked,
            operator,
            looks: probes.0.looks,
        }
    }
}

/// Probes that look at one target, as the real ones do.
struct OneByOne(ScriptedProbes);

impl kanmon::gate::Probes for OneByOne {
    fn start(
        &mut self,
        jobs: &[kanmon::gate::world::Job],
    ) -> Box<dyn kanmon::gate::world::Pending + '_> {
        let seen: Vec<Option<Seen>> = jobs
            .iter()
            .map(|job| match job.is_open && !job.is_here() {
                true => Some(Seen::NotSeen(kanmon::gate::world::NotSeen::ManyTargets)),
                false => self.0.start(std::slice::from_ref(job)).seen().remove(0),
            })
            .collect();
        Box::new(Done(seen))
    }
    fn shown(&self, job: &kanmon::gate::world::Job) -> String {
        self.0.shown(job)
    }
    fn log_in(&mut self, host: &str) -> bool {
        self.0.log_in(host)
    }
}

struct Done(Vec<Option<Seen>>);

impl kanmon::gate::world::Pending for Done {
    fn wait(&mut self, _slice: Duration) -> bool {
        true
    }
    fn seen(&self) -> Vec<Option<Seen>> {
        self.0.clone()
    }
}

const NUMBER: &str = "call Number of targets that this goes to";

#[test]
fn a_few_targets_are_called_each_by_its_own_name() {
    let line = "ssh mx1 highly; ssh mx2 highly; highly";
    let came = Stage::new().walk(line, &["mx1", "mx2", "gate1", "y"]);
    assert!(came.is_cleared(), "{:?}", came.operator.asked);
    assert_eq!(
        came.operator.asked,
        [
            "call Name of target 1 of 3, in the order of the line",
            "call Name of target 2 of 3, in the order of the line",
            "call Name of target 3 of 3, in the order of the line",
            "go"
        ]
    );
    // One for another is wrong.
    let came = Stage::new().walk(line, &["mx2", "mx1x", "3"]);
    assert_eq!(came.walked.unwrap_err(), NotCleared::WrongCall);
    // The order is that of the line, whichever rule is the riskier.
    let came = Stage::new().walk("ssh mx1 release; ssh mx2 highly", &["y", "12", "mx2", "y"]);
    assert!(came.is_cleared(), "{:?}", came.operator.asked);
    assert_eq!(
        came.operator.asked[2],
        "call Name of target 2 of 2, in the order of the line"
    );
}

#[test]
fn many_targets_are_called_by_their_number_and_listed_to_be_counted() {
    let lines = [
        "pssh -h hosts highly",
        "for h in web1 web2 web3 web4 web5; do ssh $h highly; done",
        "ssh web1 highly; ssh web2 highly; ssh web3 highly; ssh web4 highly; ssh web5 highly",
    ];
    for line in lines {
        let came = Stage::new().walk(line, &["4", "５", "y"]);
        assert!(came.is_cleared(), "{line}: {:?}", came.operator.asked);
        assert_eq!(
            came.operator.asked,
            [NUMBER, &format!("{NUMBER} again"), "go"]
        );
        let rule = &came.look().rules[0];
        assert_eq!(came.look().rules.len(), 1);
        assert_eq!(rule.targets, ["web1", "web2", "web3", "web4", "web5"]);
        // The number is said nowhere.
        let said = came.operator.said.join(" ") + &rule.target + &rule.title.source;
        assert!(!said.contains("5 "), "{said}");
    }
    // Two hosts that one program goes to are a number too.
    let came = Stage::new().walk("pssh -H a -H b highly", &["2", "y"]);
    assert!(came.is_cleared());
}

#[test]
fn targets_that_nobody_can_count_are_called_as_the_line_has_them_or_named() {
    let came = Stage::new().walk("ansible all -b -a highly", &["web", "all", "y"]);
    assert!(came.is_cleared());
    let said = "call The targets, as they stand in the line";
    assert_eq!(came.operator.asked, [said, &format!("{said} again"), "go"]);
    assert_eq!(came.look().rules[0].target, "all");

    let mut stage = Stage::new();
    let came = stage.walk("ssh \"$h\" highly", &["", "the old web hosts", "y"]);
    assert!(came.is_cleared());
    let named = "named Which targets will this hit? Name them";
    assert_eq!(
        came.operator.asked,
        [named, &format!("{named} again"), "go"]
    );
    // What was named is on the record.
    let run = stage.run();
    let named = run.events.iter().any(|told| {
        matches!(&told.event, Event::Answered(answered)
            if answered.step == "call" && answered.answer == "the old web hosts" && answered.passed)
    });
    assert!(named, "{:?}", run.events);
}

#[test]
fn over_many_targets_what_is_here_is_looked_at_and_the_rest_is_said_not_to_be() {
    let came = Stage::new().walk("pssh -h hosts release", &["no time", "y", "5", "y"]);
    assert!(came.is_cleared(), "{:?}", came.operator.asked);
    assert_eq!(
        came.operator.asked,
        ["blind Waiting", "confirm Sure at hosts?", NUMBER, "go"]
    );
    let ids: Vec<&str> = came.looks.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["t.here"]);
    // What must be seen blocks.
    let came = Stage::new().walk("pssh -h hosts must", &[]);
    assert!(matches!(came.walked, Err(NotCleared::NotSeen { .. })));
    // A few hosts are looked at one by one.
    let line = "ssh mx1 release; ssh mx2 release";
    let came = Stage::new().walk(line, &["y", "y", "12", "12", "y"]);
    assert!(came.is_cleared(), "{:?}", came.operator.asked);
    let commands: Vec<&str> = came
        .looks
        .iter()
        .map(|(_, command)| command.as_str())
        .collect();
    assert!(commands.contains(&"count mx1") && commands.contains(&"count mx2"));
}

#[test]
fn a_gap_counts_for_each_of_many_targets_and_for_any_where_they_are_not_known() {
    let held_up = |first: &str, replies: &[&str], second: &str| {
        let mut stage = Stage::new();
        let came = stage.walk(first, replies);
        assert!(came.is_cleared(), "{first}: {:?}", came.operator.asked);
        stage.clock.pass(Duration::from_secs(60));
        let walked = stage.walk(second, &["y"; 9]).walked;
        matches!(walked, Err(NotCleared::InTheWay(_)))
    };
    let many: (&str, &[&str]) = ("pssh -h hosts release", &["x", "y", "5", "y"]);
    let any: (&str, &[&str]) = ("ansible all -a release", &["x", "y", "all", "y"]);
    let one: (&str, &[&str]) = ("ssh web3 release", &["y", "12", "y"]);
    assert!(held_up(many.0, many.1, "ssh WEB3 release"));
    assert!(!held_up(many.0, many.1, "ssh web9 release"));
    assert!(held_up(one.0, one.1, "pssh -h hosts release"));
    assert!(!held_up(one.0, one.1, "pssh -H a -H b release"));
    assert!(held_up(any.0, any.1, "ssh web9 release"));
    assert!(held_up(one.0, one.1, "ssh \"$h\" release"));
}

#[test]
fn the_ledger_has_every_target() {
    let mut stage = Stage::new();
    let line = "for h in a b c d; do ssh $h highly; done; ansible all -a highly";
    let came = stage.walk(line, &["4", "all", "y"]);
    assert!(came.is_cleared(), "{:?}", came.operator.asked);
    let run = stage.run();
    let held: Vec<(&str, &[String], bool)> = run
        .invocations
        .iter()
        .map(|held| {
            (
                held.target.as_str(),
                held.targets.as_slice(),
                held.any_target,
            )
        })
        .collect();
    let all = ["a", "b", "c", "d"].map(str::to_owned);
    assert_eq!(
        held,
        [("a, b, …", all.as_slice(), false), ("all", &[], true)]
    );
}

#[test]
fn the_number_of_hosts_in_a_file_is_called_and_the_file_must_not_change() {
    let stage = crate::stage::Stage::new();
    let hosts = stage.path("hosts");
    std::fs::write(&hosts, "web1\nweb2\n# web3\nweb4\n").unwrap();
    let start = || stage.start(&["pssh", "-h", "hosts", "elsewhere"]);
    let mut pty = start();
    let number = "Number of targets";
    crate::gate::play(&mut pty, &[(number, "4\n"), ("That is not it", "3\n")]);
    let screen = pty.raw();
    assert!(screen.contains("web1, web2, web4"), "{screen}");
    crate::gate::play(&mut pty, &[("Run it now?", "y\n")]);
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert_eq!(stage.ran(), ["pssh -h hosts elsewhere"]);
    let run = stage.run();
    assert_eq!(run.invocations[0].targets, ["web1", "web2", "web4"]);

    let mut pty = start();
    crate::gate::play(&mut pty, &[(number, "3\n")]);
    pty.wait_for_question("Run it now?");
    std::fs::write(&hosts, "web1\nweb2\nweb3\n").unwrap();
    pty.type_text("y\n");
    assert_eq!(pty.wait_exit().code(), Some(124));
    assert!(pty.raw().contains("`hosts` has changed"), "{}", pty.raw());
    assert_eq!(stage.ran().len(), 1);
}

#[test]
fn glass_is_broken_for_many_hosts_with_one_of_their_names() {
    let stage = crate::stage::Stage::new();
    std::fs::write(stage.path("hosts"), "web1\nweb2\n").unwrap();
    let args = [
        "--break-glass",
        "they burn",
        "pssh",
        "-h",
        "hosts",
        "elsewhere",
    ];
    for name in ["web2\n", "hosts\n"] {
        let mut pty = stage.start(&args);
        crate::gate::play(&mut pty, &[("Which target?", name)]);
        assert_eq!(pty.wait_exit().code(), Some(0));
    }
    let mut pty = stage.start(&args);
    crate::gate::play(
        &mut pty,
        &[
            ("Which target?", "web3\n"),
            ("That is not it", "2\n"),
            ("Tries left: 1", "x\n"),
        ],
    );
    assert_eq!(pty.wait_exit().code(), Some(124));
    assert_eq!(stage.ran().len(), 2);
}

#[test]
fn a_permit_covers_many_targets_where_it_is_for_each_of_them() {
    let asked = |line: &str, replies: &[&str]| {
        let mut stage = Stage::new();
        let now = stage.clock.now();
        let pattern = |text: &str| kanmon::policy::Pattern::parse(text).unwrap();
        stage.permits = vec![Permit {
            id: "p1".to_owned(),
            giver: Giver {
                owner: 4001,
                login: None,
                name: "ann".to_owned(),
            },
            by: "CAB".to_owned(),
            reason: "planned".to_owned(),
            rules: vec![pattern("t.high")],
            targets: vec![pattern("web*")],
            users: Vec::new(),
            from: now.utc,
            until: now.utc + Duration::from_secs(3_600),
            made: now,
            count: None,
            team_uses: None,
            steps: None,
        }];
        let came = stage.walk(line, replies);
        assert!(came.is_cleared(), "{line}: {:?}", came.operator.asked);
        let calls = came.operator.asked.iter();
        calls.filter(|asked| asked.starts_with("call")).count()
    };
    assert_eq!(asked("pssh -h hosts highly", &[]), 0);
    assert_eq!(asked("pssh -h hosts -H db1 highly", &["6", "y"]), 1);
    // The name for all of them fits, and still says nothing of each.
    assert_eq!(asked("ansible web -a highly", &["web", "y"]), 1);
}
