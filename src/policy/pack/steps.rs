//! Reads steps, step lists and afters.

use crate::policy::pattern::{Pattern, Regex};
use crate::policy::rule::{After, AfterWhen, Callee, Item, Step, StepKind, Text};
use crate::policy::timerange::TimeRange;

use super::library::{Kind, Library, Pack};
use super::placeholder;
use super::rules::bound_names;
use super::scope::Scope;
use super::tree::{Keys, Node, Shape, did_you_mean};
use super::{probes, value};

/// Keys of which a step has exactly one.
const KINDS: [&str; 11] = [
    "show",
    "check",
    "confirm",
    "checklist",
    "call",
    "witness",
    "approve",
    "cooldown",
    "gap",
    "window",
    "first",
];

/// What each kind may have beside its own key, which stands second.
const SHAPES: [Shape; 11] = [
    shape("a show", &["id", "show"]),
    shape("a check", &["id", "check", "is", "must"]),
    shape("a confirm", &["id", "confirm"]),
    shape("a checklist", &["id", "checklist"]),
    shape("a call", &["id", "call", "ask", "reason"]),
    shape("a cooldown", &["id", "cooldown"]),
    shape("a gap", &["id", "gap", "per", "scope", "group"]),
    shape("a window", &["id", "window"]),
    shape("a first", &["id", "first", "within", "same"]),
    shape("an approve", &["id", "approve", "group"]),
    shape("a witness", &["id", "witness", "call"]),
];

/// What an after may have, by the first two kinds.
const AFTER_SHAPES: [Shape; 2] = [
    shape("an after", &["show", "if"]),
    shape("an after", &["check", "is", "if"]),
];

/// An item of a checklist.
const ITEM: Shape = shape("an item", &["ask", "answer", "like", "show", "no"]);

/// Whether a gap is one of the rule, by what it is per.
const PER_RULE: [(&str, bool); 2] = [("target", false), ("rule", true)];

/// Whether a gap is one of the team, by its scope.
const OF_TEAM: [(&str, bool); 2] = [("host", false), ("team", true)];

/// After which ends of the command an after runs, by name.
const ENDS: [(&str, AfterWhen); 3] = [
    ("always", AfterWhen::Always),
    ("ok", AfterWhen::Ok),
    ("failed", AfterWhen::Failed),
];

/// Most persons that a step may ask for.
const MOST_APPROVALS: usize = 9;

/// Returns a shape.
const fn shape(what: &'static str, keys: &'static [&'static str]) -> Shape {
    Shape { what, keys }
}

/// Reads steps of one rule or one step list.
pub(super) struct Reader<'s, 'a, 'w> {
    /// All names.
    pub(super) library: &'s Library<'a, 'w>,
    /// The names that texts may use.
    pub(super) scope: Scope<'a>,
    /// Whether a call says why it measures nothing.
    pub(super) is_unmeasured_for_a_reason: bool,
    /// The step lists that are being read, the outermost first, by pack and name.
    open: Vec<(&'s str, &'a str)>,
}

/// Reads all step lists of a pack, used or not, for the sake of their mistakes.
pub(super) fn read_all<'a>(library: &Library<'a, '_>, pack: &Pack<'a>) {
    for (name, node) in pack.names(Kind::Steps) {
        let mut reader = Reader::new(library, Scope::of_any(library, pack));
        reader.open.push((pack.id, name));
        reader.steps(pack, *node);
    }
}

impl<'s, 'a, 'w> Reader<'s, 'a, 'w> {
    /// Returns a reader of steps in this scope.
    pub(super) fn new(library: &'s Library<'a, 'w>, scope: Scope<'a>) -> Self {
        Self {
            library,
            scope,
            is_unmeasured_for_a_reason: false,
            open: Vec::new(),
        }
    }

    /// Reads a list of steps and names of step lists.
    pub(super) fn steps(&mut self, pack: &'s Pack<'a>, node: Node<'a>) -> Vec<Step> {
        let entries = node.list().unwrap_or_default();
        let mut steps = Vec::new();
        for entry in entries {
            match entry.as_text() {
                Some(_) => steps.extend(self.named_steps(pack, entry)),
                None => steps.extend(self.step(pack, entry)),
            }
        }
        steps
    }

    /// Reads the step list that `node` names.
    fn named_steps(&mut self, pack: &'s Pack<'a>, node: Node<'a>) -> Vec<Step> {
        let Some((owner, name, list)) = self.library.find(pack, node, Kind::Steps) else {
            return Vec::new();
        };
        if self.open.contains(&(owner.id, name)) {
            node.mistake(format!("the step list `{name}` contains itself"), None);
            return Vec::new();
        }
        self.open.push((owner.id, name));
        let steps = self.steps(owner, list);
        self.open.pop();
        steps
    }

    /// Reads one step.
    fn step(&mut self, pack: &'s Pack<'a>, node: Node<'a>) -> Option<Step> {
        let keys = node.any_table()?;
        let kind = one_kind(keys)?;
        let shape = SHAPES
            .iter()
            .find(|shape| shape.keys.get(1) == Some(&kind))?;
        keys.check(*shape);
        let value = keys.get(kind)?;
        let id = keys.get("id").and_then(super::library::read_id);
        let kind = match kind {
            "show" => StepKind::Show(self.probe(pack, value)?),
            "check" => self.check(pack, keys, value)?,
            "confirm" => StepKind::Confirm(self.text(pack, value)?),
            "checklist" => StepKind::Checklist(self.checklist(pack, value)?),
            "call" => self.call(pack, keys, value)?,
            "cooldown" => StepKind::Cooldown(value.parsed(value::duration)?),
            "window" => StepKind::Window(value.parsed(TimeRange::parse)?),
            "first" => self.first(pack, keys, value)?,
            "approve" => approve(keys, value)?,
            "witness" => self.witness(pack, keys, value)?,
            _ => gap(keys, value)?,
        };
        Some(Step {
            id: id.map(str::to_owned),
            kind,
        })
    }

    /// Reads the probe that `node` names.
    fn probe(&mut self, pack: &'s Pack<'a>, node: Node<'a>) -> Option<crate::policy::rule::Probe> {
        probes::named(self.library, pack, node, &mut self.scope)
    }

    /// Reads a text that may have placeholders.
    pub(super) fn text(&self, pack: &'s Pack<'a>, node: Node<'a>) -> Option<Text> {
        let text = pack.text(node)?;
        self.scope.check_text(pack.id, &text.source, node);
        Some(self.scope.taken_over(pack.id, text))
    }

    /// Reads a `check`.
    fn check(&mut self, pack: &'s Pack<'a>, keys: Keys<'a>, value: Node<'a>) -> Option<StepKind> {
        let is = keys
            .need("is", "a check")
            .and_then(|is| is.parsed(value::expectation));
        let must = keys.get("must").and_then(Node::boolean).unwrap_or(false);
        let probe = self.probe(pack, value)?;
        Some(StepKind::Check {
            probe,
            is: is?,
            must,
        })
    }

    /// Reads a `call`.
    fn call(&mut self, pack: &'s Pack<'a>, keys: Keys<'a>, value: Node<'a>) -> Option<StepKind> {
        let ask = keys.get("ask").and_then(|ask| self.text(pack, ask));
        let what = match value.text()? {
            "target" => Callee::Target,
            "user" => Callee::User,
            name => match name.strip_prefix("arg.") {
                Some(number) => Callee::Arg(operand(number, value)?),
                None => Callee::Probe(self.probe(pack, value)?),
            },
        };
        if let Some(reason) = keys.get("reason") {
            self.reason(reason, &what)?;
        }
        Some(StepKind::Call { what, ask })
    }

    /// Reads why a call measures nothing. It is for those who read the pack and for the linter: no
    /// screen shows it, so it is no text to translate.
    fn reason(&mut self, node: Node<'a>, what: &Callee) -> Option<()> {
        if matches!(what, Callee::Probe(_)) {
            let help = String::from("leave it out: a probe measures");
            node.mistake("`reason` says why a call measures nothing", help);
        }
        node.text()?;
        self.is_unmeasured_for_a_reason = true;
        Some(())
    }

    /// Reads a `witness`.
    fn witness(&mut self, pack: &'s Pack<'a>, keys: Keys<'a>, value: Node<'a>) -> Option<StepKind> {
        let ask = self.text(pack, value);
        let what = match keys.get("call") {
            None => Callee::Target,
            Some(call) if call.text()? == "target" => Callee::Target,
            Some(call) => Callee::Probe(self.probe(pack, call)?),
        };
        Some(StepKind::Witness { ask: ask?, what })
    }

    /// Reads a `first`.
    fn first(&self, pack: &'s Pack<'a>, keys: Keys<'a>, value: Node<'a>) -> Option<StepKind> {
        let within = keys
            .need("within", "a first")
            .and_then(|within| within.parsed(value::duration));
        let found = self.library.find_rule(pack, value);
        let names = keys.get("same").and_then(Node::list_or_one);
        let mut same = Vec::new();
        for node in names.unwrap_or_default() {
            let Some(name) = node.text() else { continue };
            if !placeholder::is_name(name) {
                let help = String::from("write it without braces, such as \"arg.1\"");
                node.mistake(format!("`{name}` is no placeholder"), help);
                continue;
            }
            self.scope.check_text("", &format!("{{{name}}}"), node);
            let is_bound = |(_, rule): &(String, Keys<'a>)| {
                let matchers = rule.get("match").filter(|node| node.is_list());
                let matchers = matchers.and_then(Node::list).unwrap_or_default();
                bound_names(&matchers).iter().all(|of| of.contains(name))
            };
            if !placeholder::is_built_in(name) && found.as_ref().is_some_and(|it| !is_bound(it)) {
                let help = String::from("bind it with `let` in each of its matchers");
                node.mistake(
                    format!("the rule to run first does not bind `{name}`"),
                    help,
                );
            }
            same.push(name.to_owned());
        }
        let (rule, _) = found?;
        Some(StepKind::First {
            rule,
            within: within?,
            same,
        })
    }

    /// Reads a `checklist`.
    fn checklist(&mut self, pack: &'s Pack<'a>, node: Node<'a>) -> Option<Vec<Item>> {
        let entries = node.list()?.into_iter();
        Some(entries.filter_map(|entry| self.item(pack, entry)).collect())
    }

    /// Reads an item of a checklist.
    fn item(&mut self, pack: &'s Pack<'a>, node: Node<'a>) -> Option<Item> {
        if node.as_text().is_some() {
            return Some(Item {
                ask: self.text(pack, node)?,
                typed: false,
                like: None,
                show: None,
                rest_on_no: false,
            });
        }
        let keys = node.table(ITEM)?;
        let only = |key: &str, wanted: &str| {
            let node = keys.get(key)?;
            if node.text()? != wanted {
                node.mistake(format!("`{key}` can only be \"{wanted}\""), None);
            }
            Some(node)
        };
        let answer = only("answer", "text");
        let rest = only("no", "rest");
        if let (Some(_), Some(rest)) = (answer, rest) {
            rest.mistake("`no` belongs to a yes or no, not to a typed answer", None);
        }
        let like = keys.get("like");
        if let (Some(like), None) = (like, answer) {
            like.mistake(
                "`like` belongs to a typed answer",
                String::from("add `answer = \"text\"`"),
            );
        }
        let show = keys.get("show").and_then(|show| self.probe(pack, show));
        let ask = keys.need("ask", "an item")?;
        Some(Item {
            ask: self.text(pack, ask)?,
            typed: answer.is_some(),
            like: like.and_then(|like| like.parsed(Regex::parse)),
            show,
            rest_on_no: rest.is_some(),
        })
    }

    /// Reads `after`.
    pub(super) fn afters(&mut self, pack: &'s Pack<'a>, node: Node<'a>) -> Vec<After> {
        let entries = node.list().unwrap_or_default().into_iter();
        entries
            .filter_map(|entry| self.after(pack, entry))
            .collect()
    }

    /// Reads one entry of `after`.
    fn after(&mut self, pack: &'s Pack<'a>, node: Node<'a>) -> Option<After> {
        let keys = node.any_table()?;
        let kind = one_kind(keys)?;
        let Some(shape) = AFTER_SHAPES.iter().find(|shape| shape.keys.contains(&kind)) else {
            let help = String::from("use `show` or `check`");
            node.mistake(format!("`{kind}` cannot stand in `after`"), help);
            return None;
        };
        keys.check(*shape);
        let value = keys.get(kind)?;
        let step = match kind {
            "show" => StepKind::Show(self.probe(pack, value)?),
            _ => self.check(pack, keys, value)?,
        };
        let when = match keys.get("if") {
            None => AfterWhen::Always,
            Some(node) => node.one_of("no end of a command", &ENDS)?,
        };
        Some(After { when, step })
    }
}

/// Returns the one kind that a step has.
fn one_kind(keys: Keys<'_>) -> Option<&'static str> {
    // A witness calls too.
    let has_witness = keys.get("witness").is_some();
    let found: Vec<&'static str> = KINDS
        .iter()
        .copied()
        .filter(|kind| keys.get(kind).is_some() && !(has_witness && *kind == "call"))
        .collect();
    match found.as_slice() {
        [kind] => Some(kind),
        [] => {
            let entries = keys.entries();
            let near = entries
                .iter()
                .find_map(|(name, _, _)| did_you_mean(name, KINDS.into_iter()));
            let help = near.unwrap_or_else(|| format!("write one of {}", KINDS.join(", ")));
            keys.node.mistake("the step has no kind", help);
            None
        }
        several => {
            let help = String::from("write one step for each");
            keys.node.mistake(
                format!("the step has several kinds: {}", several.join(", ")),
                help,
            );
            None
        }
    }
}

/// Reads the number of an operand.
fn operand(number: &str, node: Node<'_>) -> Option<usize> {
    let number = number.parse().ok().filter(|number| *number > 0);
    if number.is_none() {
        node.mistake("operands are numbered from `arg.1`", None);
    }
    number
}

/// Reads an `approve`.
fn approve(keys: Keys<'_>, value: Node<'_>) -> Option<StepKind> {
    let group = keys.get("group").map(Node::text);
    let count = value.number(1..=MOST_APPROVALS)?;
    Some(StepKind::Approve {
        count,
        group: match group {
            None => None,
            Some(group) => Some(group?.to_owned()),
        },
    })
}

/// Reads a `gap`.
fn gap(keys: Keys<'_>, value: Node<'_>) -> Option<StepKind> {
    let per = keys
        .get("per")
        .and_then(|per| per.one_of("nothing that a gap can be per", &PER_RULE));
    let per_rule = per.unwrap_or(false);
    let scope = keys
        .get("scope")
        .and_then(|scope| scope.one_of("no scope", &OF_TEAM));
    let team = scope.unwrap_or(false);
    let group = keys.get("group");
    if let (Some(group), true) = (group, per_rule) {
        let help = String::from("leave one of them out");
        group.mistake("`per = \"rule\"` counts every target, `group` some", help);
    }
    Some(StepKind::Gap {
        time: value.parsed(value::duration)?,
        per_rule,
        team,
        group: group.and_then(|group| group.parsed(Pattern::parse)),
    })
}
