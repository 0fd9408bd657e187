//! Reads `*.test.toml`: lines with the context in which they are judged, and what is expected.
//!
//! In: the text of one such file. Out: its [`Case`]s, and the mistakes; a file with a mistake must
//! not be used. What a case does not say of its context is unknown, as everywhere.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::diagnostic::{Findings, Mistake};
use super::tree::{Keys, Node, Shape};
use super::{SourceFile, parse};
use crate::policy::pattern::Pattern;
use crate::policy::rule::Source;

/// A test file.
const FILE: Shape = Shape {
    what: "a test file",
    keys: &["context", "case"],
};

/// One case.
const CASE: Shape = Shape {
    what: "a case",
    keys: &["name", "line", "context", "verdict", "rules", "plan"],
};

/// The context of a case, or of all cases of a file.
const CONTEXT: Shape = Shape {
    what: "a context",
    keys: &[
        "host",
        "hosts",
        "user",
        "login",
        "group",
        "cwd",
        "ssh_from",
        "tty",
        "env",
        "unset",
        "files",
        "profile",
        "time",
        "context",
        "namespace",
        "account",
        "branch",
        "ran",
        "declined",
    ],
};

/// What a case can expect of one line.
const EXPECTED: [&str; 3] = ["verdict", "rules", "plan"];

/// Verdicts by name.
const VERDICTS: [&str; 4] = ["pass", "note", "hold", "refuse"];

/// How the same ended lately, by name.
const RAN: [&str; 3] = ["no", "ok", "failed"];

/// Profiles by name.
const PROFILES: [&str; 2] = ["production", "workstation"];

/// One line, its context, and what is expected of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Where it stands.
    pub source: Source,
    /// What it is about; empty where it has no name.
    pub name: String,
    /// The line.
    pub line: String,
    /// What is known around it.
    pub context: Context,
    /// The verdict in a word.
    pub verdict: Option<String>,
    /// The full ids of exactly those rules that speak.
    pub rules: Option<Vec<String>>,
    /// The steps in the order of the plan.
    pub plan: Option<Vec<Expected>>,
}

/// What is known around a line; `None` and what is missing is unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// The names of the host where the gate stands.
    pub host: Option<Vec<String>>,
    /// Further names of hosts by the name that is typed.
    pub hosts: BTreeMap<String, Vec<String>>,
    /// The effective user.
    pub user: Option<String>,
    /// The name under which the operator logged in.
    pub login: Option<String>,
    /// The user's groups.
    pub group: Option<Vec<String>>,
    /// The working directory.
    pub cwd: Option<String>,
    /// The address from which the ssh session comes; empty where there is none.
    pub ssh_from: Option<String>,
    /// Whether there is a terminal.
    pub tty: Option<bool>,
    /// Variables: `None` where one is known not to be set.
    pub env: BTreeMap<String, Option<String>>,
    /// Scripts that the line would run, by path as it is typed.
    pub files: BTreeMap<String, String>,
    /// The profile, where it is not `production`.
    pub profile: Option<String>,
    /// What the clock says.
    pub time: Option<DateTime<Utc>>,
    /// The names of the Kubernetes context, where the line does not say it.
    pub context: Option<Vec<String>>,
    /// The Kubernetes namespace, where the line does not say it.
    pub namespace: Option<Vec<String>>,
    /// The names of the cloud account, where the line does not say it.
    pub account: Option<Vec<String>>,
    /// The git branch; no names where none is checked out.
    pub branch: Option<Vec<String>>,
    /// How the same ended lately at the same target: `no` where it was not run.
    pub ran: Option<String>,
    /// How often the operator let go of the same lately.
    pub declined: Option<usize>,
}

/// An entry of `plan`: a kind alone, or a kind and a text that may be a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// As it is written.
    pub text: String,
    /// The same as a pattern.
    pattern: Pattern,
}

impl Expected {
    /// Returns whether a step in words (`KIND` or `KIND TEXT`) is as expected.
    #[must_use]
    pub fn fits(&self, step: &str) -> bool {
        let kind = step.split(' ').next().unwrap_or(step);
        step == self.text
            || kind == self.text
            || self
                .pattern
                .fits(step, crate::policy::pattern::Case::Counts)
    }
}

/// Reads one test file.
#[must_use]
pub fn read(file: &SourceFile) -> (Vec<Case>, Vec<Mistake>) {
    let findings = Findings::default();
    let tree = parse(file, &findings);
    let cases = read_root(Node::root(file, tree.get_ref(), &findings));
    drop(tree);
    let (mistakes, _) = findings.finish();
    (cases, mistakes)
}

/// Reads all cases.
fn read_root(root: Node<'_>) -> Vec<Case> {
    let Some(keys) = root.table(FILE) else {
        return Vec::new();
    };
    let common = keys.get("context");
    let common = common.map(|node| context(node, Context::default()));
    let common = common.unwrap_or_default();
    let Some(list) = keys.need("case", "a test file").and_then(Node::list) else {
        return Vec::new();
    };
    let cases = list.into_iter();
    cases.filter_map(|node| read_one(node, &common)).collect()
}

/// Reads one case.
fn read_one(node: Node<'_>, common: &Context) -> Option<Case> {
    let keys = node.table(CASE)?;
    if !EXPECTED.iter().any(|key| keys.get(key).is_some()) {
        let help = format!("add {}", EXPECTED.join(", "));
        node.mistake("the case expects nothing", help);
    }
    let line = keys.need("line", "a case").and_then(Node::text);
    let own = keys
        .get("context")
        .map(|node| context(node, common.clone()));
    Some(Case {
        source: Source {
            file: node.file.name.clone(),
            line: node.line(),
        },
        name: text(keys, "name").unwrap_or_default(),
        line: line?.to_owned(),
        context: own.unwrap_or_else(|| common.clone()),
        verdict: keys
            .get("verdict")
            .and_then(|node| word(node, "no verdict", VERDICTS)),
        rules: keys.get("rules").map(texts_or_none),
        plan: keys.get("plan").map(plan),
    })
}

/// Reads a context over what all cases of the file have in common.
fn context(node: Node<'_>, common: Context) -> Context {
    let Some(keys) = node.table(CONTEXT) else {
        return common;
    };
    let list = |key: &str| keys.get(key).map(texts_or_none);
    let mut context = Context {
        host: list("host").or(common.host),
        user: text(keys, "user").or(common.user),
        login: text(keys, "login").or(common.login),
        group: list("group").or(common.group),
        cwd: text(keys, "cwd").or(common.cwd),
        ssh_from: keys.get("ssh_from").and_then(any_text).or(common.ssh_from),
        tty: keys.get("tty").and_then(Node::boolean).or(common.tty),
        profile: keys
            .get("profile")
            .and_then(|node| word(node, "no profile", PROFILES))
            .or(common.profile),
        time: keys.get("time").and_then(time).or(common.time),
        context: list("context").or(common.context),
        namespace: list("namespace").or(common.namespace),
        account: list("account").or(common.account),
        branch: list("branch").or(common.branch),
        ran: keys
            .get("ran")
            .and_then(|node| word(node, "no end of an earlier run", RAN))
            .or(common.ran),
        declined: keys
            .get("declined")
            .and_then(|node| node.number(0..=1_000))
            .or(common.declined),
        ..common
    };
    for (name, _, value) in entries(keys, "hosts") {
        context.hosts.insert(name.to_owned(), texts_or_none(value));
    }
    for (name, _, value) in entries(keys, "env") {
        context.env.insert(name.to_owned(), any_text(value));
    }
    for name in keys.get("unset").map(texts_or_none).unwrap_or_default() {
        context.env.insert(name, None);
    }
    for (path, _, value) in entries(keys, "files") {
        let script = any_text(value).unwrap_or_default();
        context.files.insert(path.to_owned(), script);
    }
    context
}

/// Reads a moment with its zone.
fn time(node: Node<'_>) -> Option<DateTime<Utc>> {
    let text = node.date_or_text()?;
    let time = DateTime::parse_from_rfc3339(&text).ok();
    if time.is_none() {
        let help = String::from("write it with its zone: 2026-11-26T12:00:00+09:00");
        node.mistake(format!("`{text}` is no moment"), help);
    }
    time.map(|time| time.with_timezone(&Utc))
}

/// Reads a text that must not be empty.
fn text(keys: Keys<'_>, key: &str) -> Option<String> {
    keys.get(key).and_then(Node::text).map(str::to_owned)
}

/// Reads a text that may be empty.
fn any_text(node: Node<'_>) -> Option<String> {
    match node.as_text() {
        Some(text) => Some(text.to_owned()),
        // Told as another type than a string.
        None => node.text().map(str::to_owned),
    }
}

/// Reads a list of texts, or one; `[]` says that there is none.
fn texts_or_none(node: Node<'_>) -> Vec<String> {
    if node.is_empty_list() {
        return Vec::new();
    }
    let entries = node.list_or_one().unwrap_or_default().into_iter();
    entries
        .filter_map(|entry| entry.text().map(str::to_owned))
        .collect()
}

/// Returns the entries of a table that may be missing.
fn entries<'a>(keys: Keys<'a>, key: &str) -> Vec<(&'a str, Node<'a>, Node<'a>)> {
    keys.get(key)
        .and_then(Node::any_table)
        .map(Keys::entries)
        .unwrap_or_default()
}

/// Returns a word that must be one of these.
fn word<const N: usize>(node: Node<'_>, what: &str, known: [&'static str; N]) -> Option<String> {
    let found = node.one_of(what, &known.map(|name| (name, name)));
    found.map(str::to_owned)
}

/// Reads `plan`; `[]` says that there is no step.
fn plan(node: Node<'_>) -> Vec<Expected> {
    if node.is_empty_list() {
        return Vec::new();
    }
    let entries = node.list().unwrap_or_default().into_iter();
    let expected = entries.filter_map(|entry| {
        Some(Expected {
            pattern: entry.parsed(Pattern::parse)?,
            text: entry.text()?.to_owned(),
        })
    });
    expected.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::pack::{Layer, render};

    fn file(text: &str) -> SourceFile {
        SourceFile {
            name: "team.test.toml".to_owned(),
            text: text.to_owned(),
            layer: Layer::System,
        }
    }

    /// Returns the cases of a file without mistakes.
    fn cases(text: &str) -> Vec<Case> {
        let file = file(text);
        let (cases, mistakes) = read(&file);
        assert_eq!(render(&mistakes, &[file]), "");
        cases
    }

    /// Returns the mistakes as `LINE:COLUMN message (help)`.
    fn mistakes(text: &str) -> Vec<String> {
        let (_, mistakes) = read(&file(text));
        let shown = mistakes.into_iter().map(|mistake| {
            let help = mistake.help.unwrap_or_default();
            format!(
                "{}:{} {} ({help})",
                mistake.line, mistake.column, mistake.message
            )
        });
        shown.collect()
    }

    #[test]
    fn a_case_has_a_line_a_context_and_what_is_expected() {
        let cases = cases(
            "[[case]]\nname = 'production'\nline = 'reboot'\n\
             context = { host = ['mx1', 'mx1.example.com'], tty = true, env = { A = '' }, unset = ['B'] }\n\
             verdict = 'hold'\nrules = 'reboot.host'\nplan = ['show', 'call target']\n",
        );
        let [case] = cases.as_slice() else {
            panic!("{cases:?}")
        };
        assert_eq!(
            (case.name.as_str(), case.line.as_str()),
            ("production", "reboot")
        );
        assert_eq!(case.source.line, 1);
        assert_eq!(
            case.context.host,
            Some(vec!["mx1".into(), "mx1.example.com".into()])
        );
        assert_eq!(case.context.tty, Some(true));
        assert_eq!(case.context.user, None);
        assert_eq!(
            case.context.env,
            BTreeMap::from([("A".into(), Some(String::new())), ("B".into(), None)])
        );
        assert_eq!(case.verdict.as_deref(), Some("hold"));
        assert_eq!(case.rules, Some(vec!["reboot.host".into()]));
        let plan: Vec<&str> = case
            .plan
            .iter()
            .flatten()
            .map(|step| step.text.as_str())
            .collect();
        assert_eq!(plan, ["show", "call target"]);
    }

    #[test]
    fn a_context_of_the_file_counts_for_every_case_that_does_not_say_otherwise() {
        let cases = cases(
            "[context]\nuser = 'ann'\ncwd = '/srv'\nenv.A = '1'\n\
             [[case]]\nline = 'a'\nverdict = 'pass'\n\
             [[case]]\nline = 'b'\nverdict = 'pass'\ncontext = { user = 'root', unset = ['A'] }\n",
        );
        assert_eq!(cases[0].context.user.as_deref(), Some("ann"));
        assert_eq!(cases[1].context.user.as_deref(), Some("root"));
        assert_eq!(cases[1].context.cwd.as_deref(), Some("/srv"));
        assert_eq!(cases[1].context.env, BTreeMap::from([("A".into(), None)]));
    }

    #[test]
    fn a_time_has_its_zone() {
        let cases = cases(
            "[context]\ntime = 2026-11-26T12:00:00+09:00\nran = 'failed'\ndeclined = 2\n\
             [[case]]\nline = 'a'\nverdict = 'pass'\n\
             [[case]]\nline = 'a'\nverdict = 'pass'\ncontext = { time = '2026-11-26T03:00:00Z' }\n",
        );
        assert_eq!(cases[0].context.time, cases[1].context.time);
        assert_eq!(cases[0].context.ran.as_deref(), Some("failed"));
        assert_eq!(cases[0].context.declined, Some(2));
        assert_eq!(
            mistakes("[[case]]\nline = 'a'\nverdict = 'pass'\ncontext = { time = '12:00' }\n"),
            ["4:20 `12:00` is no moment (write it with its zone: 2026-11-26T12:00:00+09:00)"]
        );
    }

    #[test]
    fn nothing_can_be_expected() {
        let cases = cases("[[case]]\nline = 'a'\nrules = []\nplan = []\n");
        assert_eq!(cases[0].rules, Some(vec![]));
        assert_eq!(cases[0].plan, Some(vec![]));
    }

    #[test]
    fn a_step_is_expected_by_kind_by_text_or_by_a_pattern() {
        let fits = |expected: &str, step: &str| {
            let expected = Expected {
                text: expected.to_owned(),
                pattern: Pattern::parse(expected).unwrap(),
            };
            expected.fits(step)
        };
        assert!(fits("cooldown", "cooldown 30s"));
        assert!(fits("cooldown 30s", "cooldown 30s"));
        assert!(!fits("cooldown 1m", "cooldown 30s"));
        assert!(fits("confirm *sure*", "confirm Are you sure?"));
        // Plain text that would be another pattern.
        assert!(fits("confirm a|b?", "confirm a|b?"));
        assert!(!fits("call", "calling target"));
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        assert_eq!(
            mistakes("[[case]]\nline = 'a'\n"),
            ["1:1 the case expects nothing (add verdict, rules, plan)"]
        );
        assert_eq!(
            mistakes("[[case]]\nline = 'a'\nverdict = 'held'\ncontext = { hots = 'a' }\n"),
            [
                "3:11 `held` is no verdict (did you mean `hold`?)",
                "4:13 unknown key `hots` in a context (did you mean `host`?)"
            ]
        );
        assert_eq!(
            mistakes("[context]\nprofile = 'desk'\n"),
            [
                "1:1 a test file needs `case` (add `case = …`)",
                "2:11 `desk` is no profile (write one of production, workstation)"
            ]
        );
        assert_eq!(
            mistakes("[[case]]\nverdict = 'pass'\n"),
            ["1:1 a case needs `line` (add `line = …`)"]
        );
    }
}
