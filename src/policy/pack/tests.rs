//! The reader on good packs and on single mistakes.

mod golden;

use std::path::Path;

use super::*;
use crate::line::SqlDialect;
use crate::policy::pattern::{Case, Pattern, Regex};
use crate::policy::rule::{
    AfterWhen, Callee, Drift, Expectation, On, OnStoreDown, OneFlag, OpaqueKind, PickAs, Probe,
    ProbeForm, Rerun, Risk, SqlKind, StepKind, Value, VerbPattern,
};

pub(crate) use golden::{all_said, broken_packs, linted_packs};

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

/// Returns what stands in one file of the system, which has no mistakes.
pub(crate) fn system_packs(text: &str) -> Packs {
    let files = [file(text)];
    let (packs, mistakes) = read(&files);
    assert_eq!(render(&mistakes, &files), "");
    packs
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

#[test]
fn placeholders_must_have_a_value() {
    let pack = |rest: &str| {
        format!(
            "[pack]\nid = 'x'\ntitle = 'X'\n[probe]\np = {{ run = 'tail {{log}}', label = 'L' }}\n[[rule]]\nid = 'r'\ntitle = 'R {{target}}'\nwhy = 'w'\nrisk = 'low'\n{rest}"
        )
    };
    let good = pack(
        "match = [{ program = 'a', let = { log = '/x' } }]\nsteps = [{ show = 'p' }, { confirm = 'So {p}?' }]\n",
    );
    assert_eq!(mistakes(&good), [""; 0]);
    let partly = pack(
        "match = [{ program = 'a', let = { log = '/x' } }, { program = 'b' }]\nsteps = [{ show = 'p' }]\n",
    );
    assert_eq!(
        mistakes(&partly),
        [
            "12:19 `{log}` is bound by some matchers only (add `let = { log = … }` to the other matchers)"
        ]
    );
    let early = pack(
        "match = [{ program = 'a', let = { log = '/x' } }]\nsteps = [{ confirm = 'So {p}?' }, { show = 'p' }]\n",
    );
    assert_eq!(mistakes(&early).len(), 1, "{:?}", mistakes(&early));
    let unknown = pack("match = [{ program = 'a', let = { log = '/x' } }]\nundo = 'Not {tarte}'\n");
    assert_eq!(
        mistakes(&unknown),
        ["12:8 unknown placeholder `{tarte}` (did you mean `target`?)"]
    );
}

#[test]
fn probes_and_step_lists_of_another_pack_keep_their_names_and_translations() {
    let mut common = file(
        "[pack]\nid = 'common'\ntitle = 'C'\n[probe]\nload = { run = 'uptime', label = 'Load' }\n[steps]\nlook = [{ show = 'load' }, { confirm = 'Load {load} at {target}?' }]\n[ja]\nC = 'C'\nLoad = '負荷'\n'Load {load} at {target}?' = '{target} の負荷は {load} ですか?'\n",
    );
    common.name = String::from("common.toml");
    let own = |steps: &str| {
        file(&format!(
            "[pack]\nid = 'x'\ntitle = 'X'\n[probe]\nload = {{ run = 'own', label = 'Own' }}\n[[rule]]\nid = 'r'\ntitle = 'R'\nwhy = 'w'\nrisk = 'low'\nmatch = [{{ program = 'a' }}]\nsteps = [{steps}]\n"
        ))
    };
    let told = |steps: &str| {
        let (packs, mistakes) = read(&[common.clone(), own(steps)]);
        let told: Vec<String> = mistakes.into_iter().map(|it| it.message).collect();
        (packs, told)
    };
    let (packs, mistakes) =
        told("'common.look', { confirm = 'Still {common.load}?' }, { call = 'common.load' }");
    assert_eq!(mistakes, [""; 0]);
    let rule = packs.rules.iter().find(|rule| rule.id == "x.r").unwrap();
    let [
        StepKind::Show(shown),
        StepKind::Confirm(theirs),
        StepKind::Confirm(ours),
        StepKind::Call { .. },
    ] = [0, 1, 2, 3].map(|at| &rule.steps[at].kind)
    else {
        panic!("{:?}", rule.steps)
    };
    assert_eq!(shown.id, "common.load");
    assert_eq!(shown.label.in_language("ja"), "負荷");
    // Else it would be the value of this pack's own `load`.
    assert_eq!(theirs.source, "Load {common.load} at {target}?");
    assert_eq!(
        theirs.in_language("ja"),
        "{target} の負荷は {common.load} ですか?"
    );
    assert_eq!(ours.source, "Still {common.load}?");

    let unknown = |name: &str| vec![format!("unknown placeholder `{{{name}}}`")];
    let of_other = "'common.look', { confirm = 'Own {load}?' }";
    assert_eq!(told(of_other).1, unknown("load"));
    let too_early = "{ confirm = 'Load {common.load}?' }, { show = 'common.load' }";
    assert_eq!(told(too_early).1, unknown("common.load"));
    let own_and_other = "{ show = 'load' }, 'common.look', { confirm = 'Own {load}?' }";
    assert_eq!(told(own_and_other).1, [""; 0]);
    let wrong = |name: &str| vec![format!("there is no step list `{name}`")];
    assert_eq!(told("'common.loko'").1, wrong("common.loko"));
    assert_eq!(told("'comon.look'").1, wrong("comon.look"));
}

#[test]
fn lints_are_told_apart_from_mistakes() {
    let text = "[pack]\nid = 'x'\ntitle = 'X'\n[probe]\nn = { run = 'a | wc -l', label = 'L' }\no = { run = 'a \"x|y\" || b', label = 'L' }\n[[rule]]\nid = 'r'\ntitle = 'R'\nwhy = 'w'\nrisk = 'high'\nmatch = [{ program = 'a', flag = '-x' }, { line = 'b' }]\nsteps = [{ cooldown = '5s' }, { checklist = [{ ask = 'A', answer = 'text' }, { ask = 'B', answer = 'text' }, { ask = 'C', answer = 'text' }] }]\n[ja]\nX = 'エ'\nL = '{host}'\nR = 'ル'\nA = 'あ'\nB = 'い'\nC = 'う'\ngone = '無'\n";
    let files = [file(text)];
    let (packs, mistakes) = read(&files);
    assert_eq!(render(&mistakes, &files), "");
    let lints: Vec<String> = lint(&packs)
        .iter()
        .map(|lint| format!("{}: {}", lint.line, lint.message))
        .collect();
    assert_eq!(
        lints,
        [
            "5: a pipe hides that its first command failed",
            "7: 4 answers are typed, this risk allows 3",
            "7: the rule does not test itself",
            "7: what is called was not measured at the target",
            "10: `w` has no translation in [ja]",
            "12: `a` has no words, so how it reads its words is a guess",
            "12: `line` looks at raw text and is easy to evade",
            "13: the steps are not written in the order in which they are passed",
            "16: text and translation have different placeholders",
            "21: no text of the pack reads `gone`",
        ]
    );
}

#[test]
fn a_calendar_lies_beside_its_rule_file_as_csv() {
    let mut rules = file(
        "[pack]\nid = 'x'\ntitle = 'X'\n[calendar.c]\nzone = 'UTC'\nfile = 'c.csv'\n[[rule]]\nid = 'r'\ntitle = 'R'\nwhy = 'w'\nrisk = 'low'\nmatch = [{ program = 'a' }]\nwhen = { freeze = 'c' }\n",
    );
    rules.name = String::from("rules.d/x.toml");
    let csv = |name: &str, text: &str| SourceFile {
        name: name.to_owned(),
        text: text.to_owned(),
        layer: Layer::System,
    };
    let (good, bad) = ("from,to\n2026-12-28,2026-12-28\n", "from,to\n2026-12-28\n");
    let read_with = |csv: SourceFile| {
        let (packs, mistakes) = read(&[rules.clone(), csv]);
        let told: Vec<String> = mistakes
            .into_iter()
            .map(|mistake| mistake.message)
            .collect();
        (packs.rules[0].when[0].freeze.plain.len(), told)
    };
    assert_eq!(read_with(csv("rules.d/c.csv", good)), (1, vec![]));
    let told = |message: &str| (0, vec![message.to_owned()]);
    assert_eq!(
        read_with(csv("rules.d/c.csv", bad)),
        told("c.csv: row 2 has not the columns of the header")
    );
    let gone = told("there is no file `c.csv` beside this one");
    assert_eq!(read_with(csv("elsewhere/c.csv", good)), gone);
    let mut of_user = csv("rules.d/c.csv", good);
    of_user.layer = Layer::User;
    assert_eq!(read_with(of_user), gone);
}

#[test]
fn users_may_not_say_what_words_mean() {
    let mut user = file(
        "plain = ['x']\n[words.git]\ndepth = 2\n[[wrapper]]\nprogram = 'sudo'\ninner = 'rest'\n",
    );
    user.layer = Layer::User;
    let mut system = file("[[wrapper]]\nprogram = 'sudo'\ninner = 'rest'\n");
    system.name = String::from("system.toml");
    let (_, mistakes) = read(&[system, user]);
    let found: Vec<&str> = mistakes
        .iter()
        .map(|mistake| mistake.message.as_str())
        .collect();
    assert_eq!(
        found,
        [
            "`plain` may only stand in the files of the system",
            "`words` may only stand in the files of the system",
            "`sudo` is a known program",
        ]
    );
    // Nobody is sent to write there what counts elsewhere alone.
    let elsewhere = "root puts it into a file in /etc/kanmon/rules.d";
    assert_eq!(mistakes[0].help.as_deref(), Some(elsewhere));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}") {
        let files = [file(&text)];
        let (_, mistakes) = read(&files);
        let _ = render(&mistakes, &files);
    }

    #[test]
    fn no_damage_to_a_pack_makes_the_reader_panic(
        which in 0_usize..6, at in 0_usize..4_000, length in 0_usize..40, put in "[\\[\\]{}='\",a-z.!\n#関\u{1b}-]{0,6}",
    ) {
        let mut files = folder("packs", Layer::BuiltIn);
        let which = which % files.len();
        let text: Vec<char> = files[which].text.chars().collect();
        let at = at % text.len();
        let kept = text[..at].iter().copied().chain(put.chars());
        files[which].text = kept.chain(text.iter().copied().skip(at + length)).collect();
        let (packs, mistakes) = read(&files);
        let _ = render(&mistakes, &files);
        if mistakes.is_empty() {
            crate::policy::table::compile(&packs).unwrap();
        }
    }
}

#[test]
fn built_in_packs_have_neither_mistakes_nor_lints() {
    let files = folder("../rules", Layer::BuiltIn);
    let (packs, mistakes) = read(&files);
    assert_eq!(render(&mistakes, &files), "");
    // A last resort is allowed where nothing else can tell processes apart.
    let is_last_resort = |lint: &Mistake| lint.message.starts_with("`line` looks at raw text");
    let lints: Vec<Mistake> = lint(&packs)
        .iter()
        .filter(|lint| !is_last_resort(lint))
        .cloned()
        .collect();
    assert_eq!(render(&lints, &files), "");
}

/// Every key of rules, matchers, conditions, probes and steps that this version reads.
const ALL_KEYS: &str = r#"
[pack]
id = "x"
title = "すべて"
lang = "ja"

[probe]
all = { run = "sudoedit {log}", on = "here", root = true, ok = [0, 3], pick = '(\d+)', as = "sum", lines = 5, drift = "5%", timeout = "3s", label = "数" }
one = "uptime"
two = { pwsh = "Get-Queue {arg.1}", label = "列" }
again = { again = "-s --quiet", label = "変更" }
plan = { again = "", verb = "x plan", on = "here", label = "差分" }

[calendar.year-end]
zone = "Asia/Tokyo"
entries = [{ from = 2026-12-28, to = "2027-01-03", reason = "年末年始" }, { from = 2026-12-31T12:00:00+09:00, to = 2027-01-01T00:00:00 }]

[calendar.from-csv]
csv = """
from,to,reason
2026-12-28T00:00Z,2026-12-29T00:00Z,"""

[[rule]]
id = "r"
title = "実行"
why = "危険"
risk = "critical"
only = "production"
on_store_down = "local"
match = [
  { program = ["a", "!b"], verb = ["x y", "** z", "!@read"], flag = ["-r -f", "!--dry-run=none"], arg = ["!*"], without = "c", when = { env.STAGE = "prod" }, let = { log = "/var/{host}" } },
  { program = "b", sql = ["drop", "alter-system"], writes = "/dev/*", fed = ["b"], opaque = ["eval", "*"], line = 'x', let = { log = "b" } },
]
when = [{ host = ["mx*", "!mx9"], tty = true }, { via = "ssh", branch = "main", time = ["Mon 09:00-18:00 UTC", "!12:00-13:00 UTC"], freeze = ["year-end", "!x.from-csv"], rerun = "failed 1h30m", declined = "2 in 1h" }]
steps = [
  { window = "Mon-Fri 09:00-18:00 Asia/Tokyo" },
  { id = "wait", gap = "15m", per = "rule", scope = "host" },
  { gap = "5m", scope = "team", group = "db*" },
  { first = "r", within = "2h", same = ["arg.1", "log"] },
  { show = "x.all" },
  { check = "all", is = "<= 1k", must = true },
  { checklist = ["はい?", { ask = "番号?", answer = "text", like = '\d', show = "one" }, { ask = "落ち着いて?", no = "rest" }] },
  { confirm = "{all} 件?" },
  { witness = "立会人は?", call = "all" },
  { approve = 2, group = "leads" },
  { cooldown = "1m" },
  { call = "arg.2", ask = "何?" }, { call = "user" }, { call = "target" }, { call = "all" },
]
after = [{ show = "one" }, { check = "all", is = "!= 0", if = "failed" }, { show = "two" }, { show = "again" }, { show = "plan" }]
undo = "`undo`"
instead = "別の方法"
docs = "https://example.jp/"
test = { hold = ["a"], pass = ["b"] }

[words.b]
dry = ["-s"]
set.read = ["** plan"]
sql = { option = ["-c"], file = ["-f"], operand = 2, dialect = "mysql" }

[words.a]
dry = ["-s"]
set.read = ["x *", "get", "config view|get-*"]
"#;

#[test]
fn every_key_of_a_rule_is_read() {
    let packs = system_packs(ALL_KEYS);
    let rule = &packs.rules[0];
    assert!(rule.production_only);
    assert_eq!(rule.on_store_down(), OnStoreDown::Local);
    assert_eq!(
        (rule.title.source.as_str(), rule.title.other.len()),
        ("実行", 0)
    );
    assert_eq!(rule.undo.as_ref().unwrap().source, "`undo`");
    assert_eq!(rule.docs.as_deref(), Some("https://example.jp/"));
    assert_eq!((rule.test_hold.len(), rule.test_pass.len()), (1, 1));
    let [first, second] = rule.when.as_slice() else {
        panic!("{:?}", rule.when)
    };
    assert_eq!(first.tty, Some(true));
    assert!(first.patterns["host"].not[0].fits("mx9", Case::Counts));
    assert!(second.patterns["via"].plain[0].fits("ssh", Case::Counts));
    assert!(second.patterns["branch"].plain[0].fits("main", Case::Counts));
    assert_eq!((second.time.plain.len(), second.time.not.len()), (1, 1));
    let [year_end, from_csv] = [&second.freeze.plain[0], &second.freeze.not[0]];
    assert_eq!(
        (year_end.id.as_str(), year_end.entries.len()),
        ("x.year-end", 2)
    );
    assert_eq!(year_end.entries[0].reason, "年末年始");
    assert_eq!(
        (from_csv.id.as_str(), from_csv.entries.len()),
        ("x.from-csv", 1)
    );
    let within = std::time::Duration::from_secs(5400);
    let failed = true;
    assert_eq!(second.rerun, Some(Rerun { failed, within }));
    assert_eq!(second.declined.unwrap().times, 2);
    assert_eq!(rule.after[1].when, AfterWhen::Failed);

    let [first, second] = rule.matchers.as_slice() else {
        panic!("{:?}", rule.matchers)
    };
    let pattern = |text| Pattern::parse(text).unwrap();
    assert_eq!(first.program.not, [pattern("b")]);
    assert_eq!(
        first.verb.plain,
        [
            VerbPattern::Path(vec![pattern("x"), pattern("y")]),
            VerbPattern::Last(pattern("z"))
        ]
    );
    assert_eq!(first.verb.not, [VerbPattern::Set(String::from("read"))]);
    assert_eq!(first.flag.plain[0].all.len(), 2);
    assert!(first.no_arg && first.arg.is_empty());
    assert!(first.when[0].patterns.contains_key("env.STAGE"));
    assert_eq!(first.lets["log"], "/var/{host}");
    assert_eq!(second.opaque, [OpaqueKind::Eval, OpaqueKind::Any]);
    assert_eq!(second.line, Some(Regex::parse("x").unwrap()));
    assert_eq!(second.fed.plain, [pattern("b")]);
    assert_eq!(second.sql, [SqlKind::Drop, SqlKind::AlterSystem]);
    let at = packs.words["b"].sql.clone().unwrap();
    assert_eq!(
        (at.option, at.file),
        (vec!["-c".to_owned()], vec!["-f".to_owned()])
    );
    assert_eq!((at.operand, at.dialect), (Some(2), SqlDialect::Mysql));
}

#[test]
fn every_form_of_a_probe_is_read() {
    let packs = system_packs(ALL_KEYS);
    let forms = packs.rules[0].after.iter().map(|after| match &after.step {
        StepKind::Show(probe) | StepKind::Check { probe, .. } => (&probe.run, &probe.form),
        other => panic!("{other:?}"),
    });
    let forms: Vec<(&str, ProbeForm)> = forms
        .map(|(run, form)| (run.as_str(), form.clone()))
        .collect();
    let again = |words: &[&str], verb: Option<&str>| ProbeForm::Again {
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        verb: verb.map(str::to_owned),
    };
    assert_eq!(
        forms[2..],
        [
            ("Get-Queue {arg.1}", ProbeForm::Pwsh),
            ("… -s --quiet", again(&["-s", "--quiet"], None)),
            ("… x plan", again(&[], Some("x plan"))),
        ]
    );
}

#[test]
fn every_key_of_a_step_is_read() {
    let packs = system_packs(ALL_KEYS);
    let steps = &packs.rules[0].steps;
    let kinds: Vec<&StepKind> = steps.iter().map(|step| &step.kind).collect();
    assert_eq!(steps[1].id.as_deref(), Some("wait"));
    let [
        StepKind::Window(window),
        StepKind::Gap { per_rule: true, .. },
        StepKind::Gap {
            team: true,
            group: Some(group),
            ..
        },
        StepKind::First { rule, within, same },
        StepKind::Show(shown),
        StepKind::Check { is, must: true, .. },
        StepKind::Checklist(items),
        StepKind::Confirm(_),
        StepKind::Witness {
            what: Callee::Probe(by_witness),
            ..
        },
        StepKind::Approve {
            count: 2,
            group: Some(leads),
        },
        StepKind::Cooldown(_),
        calls @ ..,
    ] = kinds.as_slice()
    else {
        panic!("{kinds:?}");
    };
    assert_eq!(
        *shown,
        Probe {
            id: String::from("x.all"),
            run: String::from("sudoedit {log}"),
            form: ProbeForm::Sh,
            on: On::Here,
            root: true,
            ok: vec![0, 3],
            value: Value::Pick(Regex::parse(r"(\d+)").unwrap(), PickAs::Sum),
            lines: 5,
            drift: Drift::Share(0.05),
            timeout: std::time::Duration::from_secs(3),
            label: Text {
                source: String::from("数"),
                ..Text::default()
            },
        }
    );
    assert_eq!(window.as_written(), "Mon-Fri 09:00-18:00 Asia/Tokyo");
    assert_eq!(group.as_written(), "db*");
    assert_eq!((rule.as_str(), within.as_secs()), ("x.r", 7200));
    assert_eq!(same.as_slice(), ["arg.1", "log"]);
    assert_eq!((by_witness.id.as_str(), leads.as_str()), ("x.all", "leads"));
    assert!(matches!(is, Expectation::Compare(_, number) if number.get() == 1024.0));
    assert!(!items[0].typed && items[1].typed && items[2].rest_on_no);
    assert_eq!(items[1].show.as_ref().unwrap().label.source, "uptime");
    let called: Vec<String> = calls
        .iter()
        .map(|call| match call {
            StepKind::Call {
                what: Callee::Probe(probe),
                ..
            } => probe.id.clone(),
            StepKind::Call { what, .. } => format!("{what:?}"),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(called, ["Arg(2)", "User", "Target", "x.all"]);
}
