//! Reads `[[rule]]`.

use std::collections::BTreeSet;

use crate::policy::pattern::Pattern;
use crate::policy::rule::{Callee, Matcher, OnStoreDown, Risk, Rule, Source, Step, StepKind, Text};

use super::library::{Library, Pack, read_id};
use super::placeholder::{self, Part};
use super::scope::Scope;
use super::steps::Reader;
use super::tree::{Keys, Node, Shape};
use super::{conditions, matchers, overlap};

/// A rule.
const RULE: Shape = Shape {
    what: "a rule",
    keys: &[
        "id",
        "title",
        "why",
        "risk",
        "match",
        "when",
        "steps",
        "after",
        "undo",
        "only",
        "instead",
        "docs",
        "test",
        "on_store_down",
    ],
};

/// `test` of a rule or a wrapper.
pub(super) const TEST: Shape = Shape {
    what: "`test`",
    keys: &["hold", "pass"],
};

/// Risks by name.
const RISKS: [(&str, Risk); 5] = [
    ("note", Risk::Note),
    ("low", Risk::Low),
    ("medium", Risk::Medium),
    ("high", Risk::High),
    ("critical", Risk::Critical),
];

/// What becomes of a line without the store, by name.
const ON_STORE_DOWN: [(&str, OnStoreDown); 2] =
    [("hold", OnStoreDown::Hold), ("local", OnStoreDown::Local)];

/// Reads all rules of a pack.
pub(super) fn read_all<'a>(library: &Library<'a, '_>, pack: &Pack<'a>) -> Vec<Rule> {
    let mut ids = BTreeSet::new();
    let nodes = pack
        .root
        .get("rule")
        .and_then(Node::list)
        .unwrap_or_default();
    let rules = nodes.into_iter().filter_map(|node| {
        node.deny_headers_below();
        let keys = node.table(RULE)?;
        if let Some(id) = keys
            .get("id")
            .filter(|id| id.as_text().is_some_and(|id| !ids.insert(id)))
        {
            let help = String::from("ids are unique within a pack");
            id.mistake("the rule id is taken", help);
        }
        Some((keys, read(library, pack, keys)?))
    });
    let rules: Vec<(Keys<'a>, Rule)> = rules.collect();
    overlap::lint(&rules);
    rules.into_iter().map(|(_, rule)| rule).collect()
}

/// Reads one rule.
fn read<'a>(library: &Library<'a, '_>, pack: &Pack<'a>, keys: Keys<'a>) -> Option<Rule> {
    let id = keys.need("id", "a rule").and_then(read_id);
    let risk = keys.need("risk", "a rule").and_then(read_risk);
    let match_node = keys.need("match", "a rule");
    let match_nodes = match_node.and_then(|node| node.list()).unwrap_or_default();
    let matchers: Vec<_> = match_nodes
        .iter()
        .filter_map(|node| matchers::read(library, pack, *node))
        .collect();
    let scope = Scope::of_matchers(pack, &bound_names(&match_nodes), programs(&match_nodes));
    let mut reader = Reader::new(library, scope);
    let text = |reader: &Reader<'_, 'a, '_>, key: &str| {
        let node = keys.get(key)?;
        let text = pack.text_or_command(node)?;
        reader.scope.check_text(pack.id, &text.source, node);
        Some(text)
    };
    let title = keys
        .need("title", "a rule")
        .and_then(|_| text(&reader, "title"));
    let why = match risk {
        Some(Risk::Note) if keys.get("why").is_none() => Some(Text::default()),
        _ => keys
            .need("why", "a rule")
            .and_then(|_| text(&reader, "why")),
    };
    let steps = keys.get("steps").map(|node| reader.steps(pack, node));
    let steps = steps.unwrap_or_default();
    let after = keys.get("after").map(|node| reader.afters(pack, node));
    let (test_hold, test_pass) = keys.get("test").map(tests).unwrap_or_default();
    let rule = Rule {
        source: Source {
            file: keys.node.file.name.clone(),
            line: keys.node.line(),
        },
        when: keys
            .get("when")
            .map(|when| conditions::read(library, pack, when))
            .unwrap_or_default(),
        after: after.unwrap_or_default(),
        undo: text(&reader, "undo"),
        instead: text(&reader, "instead"),
        docs: keys.get("docs").and_then(url),
        production_only: keys.get("only").is_some_and(is_production_only),
        on_store_down: keys.get("on_store_down").and_then(read_on_store_down),
        off: false,
        tunes: Vec::new(),
        test_hold,
        test_pass,
        id: format!("{}.{}", pack.id, id?),
        title: title?,
        why: why?,
        risk: risk?,
        matchers,
        steps,
    };
    check_history(keys, &rule);
    lint_steps(keys, &rule);
    if !reader.is_unmeasured_for_a_reason {
        lint_calls(keys, &rule);
    }
    if rule.test_hold.is_empty() || rule.test_pass.is_empty() {
        let help = String::from("add `test.hold = […]` and `test.pass = […]`");
        keys.node.lint("the rule does not test itself", help);
    }
    Some(rule)
}

/// Tells a rule that asks for earlier runs and names no program: of most programs nothing is
/// recorded, so it would look as if they had not run.
fn check_history(keys: Keys<'_>, rule: &Rule) {
    let names_all = |matcher: &Matcher| {
        let is_any = |pattern: &Pattern| pattern.as_written() == "*";
        matcher.program.plain.is_empty() || matcher.program.plain.iter().any(is_any)
    };
    let by_rule = conditions::ask_history(&rule.when);
    let asks = |matcher: &&Matcher| by_rule || conditions::ask_history(&matcher.when);
    if rule.matchers.iter().filter(asks).any(names_all) {
        let help = String::from("name the programs: only what a rule held or noted is recorded");
        let node = keys.get("when").unwrap_or(keys.node);
        node.mistake(
            "`rerun` and `declined` need a matcher that names its programs",
            help,
        );
    }
}

/// Returns the names that each matcher binds.
pub(super) fn bound_names<'a>(matchers: &[Node<'a>]) -> Vec<BTreeSet<&'a str>> {
    let names = |matcher: &Node<'a>| {
        let table = matcher.is_table().then(|| matcher.any_table()).flatten()?;
        let lets = table
            .get("let")
            .filter(|node| node.is_table())?
            .any_table()?;
        Some(
            lets.entries()
                .into_iter()
                .map(|(name, _, _)| name)
                .collect(),
        )
    };
    matchers
        .iter()
        .map(|matcher| names(matcher).unwrap_or_default())
        .collect()
}

/// Returns the programs that each matcher names in full.
fn programs<'a>(matchers: &[Node<'a>]) -> Vec<Vec<&'a str>> {
    let named = |matcher: &Node<'a>| {
        let table = matcher.is_table().then(|| matcher.any_table()).flatten()?;
        let entries = table.get("program")?.list_or_one()?.into_iter();
        let names = entries.filter_map(Node::as_text);
        let names: Vec<&str> = names.filter(|name| !name.starts_with('!')).collect();
        let is_name = |name: &&str| !name.starts_with("re:") && !name.contains(['*', '?', '|']);
        names.iter().all(is_name).then_some(names)
    };
    let each = matchers
        .iter()
        .map(|matcher| named(matcher).unwrap_or_default());
    each.collect()
}

/// Reads `risk`.
pub(super) fn read_risk(node: Node<'_>) -> Option<Risk> {
    node.one_of("no risk", &RISKS)
}

/// Reads `on_store_down`.
pub(super) fn read_on_store_down(node: Node<'_>) -> Option<OnStoreDown> {
    node.one_of("nothing to do without the store", &ON_STORE_DOWN)
}

/// Reads `only`.
fn is_production_only(node: Node<'_>) -> bool {
    let is_known = node.text() == Some("production");
    if !is_known {
        node.mistake("`only` can only be \"production\"", None);
    }
    is_known
}

/// Reads `docs`.
fn url(node: Node<'_>) -> Option<String> {
    let text = node.text()?;
    if !text.starts_with("https://") && !text.starts_with("http://") {
        node.mistake("`docs` is a URL", String::from("begin it with https://"));
    }
    Some(text.to_owned())
}

/// Reads `test`: lines to hold and lines to pass.
pub(super) fn tests(node: Node<'_>) -> (Vec<String>, Vec<String>) {
    let keys = node.table(TEST);
    let lines = |key: &str| {
        let entries = keys.and_then(|keys| keys.get(key)).and_then(Node::list);
        let lines = entries.unwrap_or_default().into_iter();
        lines
            .filter_map(|line| {
                let text = line.text()?;
                lint_placeholders(line, text);
                Some(text.to_owned())
            })
            .collect()
    };
    (lines("hold"), lines("pass"))
}

/// Tells a test line with a placeholder that only commands of probes have: nobody types it, so that
/// the line says nothing of the one that was meant.
fn lint_placeholders(line: Node<'_>, text: &str) {
    for part in placeholder::parts(text) {
        if let Part::Placeholder(name) = part
            && (name == "args" || placeholder::OF_COMMANDS.contains(&name))
        {
            let help = String::from("write what an operator types");
            let written = format!("{{{name}}}");
            line.lint(format!("`{written}` stands in a test line"), help);
        }
    }
}

/// Returns how many answers may be typed for this risk.
fn budget(risk: Risk) -> usize {
    match risk {
        Risk::Note | Risk::Low => 0,
        Risk::Medium => 1,
        Risk::High => 3,
        Risk::Critical => 5,
    }
}

/// Returns how many answers are typed for these steps, the floor's call included.
fn typed_answers(risk: Risk, steps: &[Step]) -> usize {
    let of_step = |step: &Step| match &step.kind {
        StepKind::Call { .. } => 1,
        StepKind::Checklist(items) => items.iter().filter(|item| item.typed).count(),
        StepKind::Show(_)
        | StepKind::Check { .. }
        | StepKind::Confirm(_)
        | StepKind::Cooldown(_)
        | StepKind::Gap { .. }
        | StepKind::Window(_)
        | StepKind::First { .. }
        // Somebody else types.
        | StepKind::Witness { .. }
        | StepKind::Approve { .. }
        | StepKind::Key => 0,
    };
    let is_call = |step: &Step| matches!(step.kind, StepKind::Call { .. });
    let floor = match risk {
        Risk::High | Risk::Critical => usize::from(!steps.iter().any(is_call)),
        Risk::Note | Risk::Low | Risk::Medium => 0,
    };
    floor + steps.iter().map(of_step).sum::<usize>()
}

/// Lints a rule that has to call and measures nothing for it: the name of the target, or a word of
/// the line itself, is known before anybody looked.
fn lint_calls(keys: Keys<'_>, rule: &Rule) {
    let measures = |step: &Step| {
        matches!(
            step.kind,
            StepKind::Call {
                what: Callee::Probe(_),
                ..
            }
        )
    };
    if rule.risk >= Risk::High && !rule.steps.iter().any(measures) {
        let help = String::from(
            "call a probe, or say why nothing can be measured: `{ call = \"target\", reason = \"…\" }`",
        );
        keys.node
            .lint("what is called was not measured at the target", help);
    }
}

/// Returns the place of a step in the gate's order.
fn rank(kind: &StepKind) -> usize {
    match kind {
        StepKind::Window(_) | StepKind::Gap { .. } | StepKind::First { .. } => 0,
        StepKind::Show(_) | StepKind::Check { .. } => 1,
        StepKind::Checklist(_) | StepKind::Confirm(_) | StepKind::Key => 2,
        StepKind::Witness { .. } | StepKind::Approve { .. } => 3,
        StepKind::Cooldown(_) => 4,
        StepKind::Call { .. } => 5,
    }
}

/// Lints the steps of a rule: too many typed answers, another order than the gate's, a call of an
/// operand that no matcher asks for.
fn lint_steps(keys: Keys<'_>, rule: &Rule) {
    let (typed, allowed) = (typed_answers(rule.risk, &rule.steps), budget(rule.risk));
    if typed > allowed {
        let help = String::from("make some of them yes or no");
        let message = format!("{typed} answers are typed, this risk allows {allowed}");
        keys.node.lint(message, help);
    }
    let Some(steps) = keys.get("steps") else {
        return;
    };
    if !rule.steps.is_sorted_by_key(|step| rank(&step.kind)) {
        let help = String::from(
            "window, gap, first; show, check; checklist, confirm; witness, approve; cooldown; call",
        );
        steps.lint(
            "the steps are not written in the order in which they are passed",
            help,
        );
    }
    let calls_operand = rule.steps.iter().any(|step| {
        matches!(
            step.kind,
            StepKind::Call {
                what: Callee::Arg(_),
                ..
            }
        )
    });
    if calls_operand && rule.matchers.iter().any(|matcher| matcher.no_arg) {
        steps.lint(
            "an operand is called that one of the matchers excludes",
            None,
        );
    }
}
