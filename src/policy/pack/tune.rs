//! Reads `[[tune]]`: what the system changes of another pack's rules.
//!
//! A tune names what exists, gives a reason, and stays with the rule that it changed, so that
//! everybody who looks at the rule sees who changed what, where, and why.

use crate::policy::rule::{Rule, Source, StepKind, Tune};

use super::Layer;
use super::conditions;
use super::library::{Library, Pack};
use super::rules::{read_on_store_down, read_risk};
use super::scope::Scope;
use super::steps::Reader;
use super::tree::{Keys, Node, Shape, did_you_mean};

/// A tune.
const TUNE: Shape = Shape {
    what: "a tune",
    keys: &[
        "rule",
        "reason",
        "off",
        "risk",
        "when",
        "drop",
        "add",
        "on_store_down",
    ],
};

/// Applies all tunes of a pack.
pub(super) fn apply_all<'a>(library: &Library<'a, '_>, pack: &Pack<'a>, rules: &mut [Rule]) {
    let Some(list) = pack.root.get("tune") else {
        return;
    };
    if list.layer() != Layer::System {
        list.system_only("tune");
        return;
    }
    for node in list.list().unwrap_or_default() {
        node.deny_headers_below();
        if let Some(keys) = node.table(TUNE) {
            apply(library, pack, keys, rules);
        }
    }
}

/// Applies one tune.
fn apply<'a>(library: &Library<'a, '_>, pack: &Pack<'a>, keys: Keys<'a>, rules: &mut [Rule]) {
    let reason = keys.need("reason", "a tune").and_then(Node::text);
    let name = keys.need("rule", "a tune");
    let named = name.and_then(|node| Some((node, node.text()?)));
    let changes: Vec<&str> = keys
        .entries()
        .iter()
        .map(|(key, _, _)| *key)
        .filter(|key| !matches!(*key, "rule" | "reason"))
        .collect();
    if changes.is_empty() {
        let help = String::from("give `off`, `risk`, `when`, `drop`, `add` or `on_store_down`");
        keys.node.mistake("the tune changes nothing", help);
    }
    let off = keys.get("off").and_then(Node::boolean);
    let risk = keys.get("risk").and_then(read_risk);
    let on_store_down = keys.get("on_store_down").and_then(read_on_store_down);
    let when = keys
        .get("when")
        .map(|node| conditions::read(library, pack, node));
    let drop: Vec<(Node<'a>, &str)> = keys
        .get("drop")
        .and_then(Node::list_or_one)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|node| Some((node, node.text()?)))
        .collect();
    let mut reader = Reader::new(library, Scope::of_any(library, pack));
    let add = keys.get("add").map(|node| reader.steps(pack, node));
    let (Some((node, name)), Some(reason)) = (named, reason) else {
        return;
    };
    let is_meant = |id: &str| match name.strip_suffix(".*") {
        Some(of_pack) => id.split_once('.').is_some_and(|(id, _)| id == of_pack),
        None => id == name,
    };
    if !rules.iter().any(|rule| is_meant(&rule.id)) {
        let ids = rules.iter().map(|rule| rule.id.as_str());
        node.mistake(
            format!("there is no rule `{name}`"),
            did_you_mean(name, ids),
        );
        return;
    }
    for (node, what) in &drop {
        let mut meant = rules.iter().filter(|rule| is_meant(&rule.id));
        if !meant.any(|rule| rule.steps.iter().any(|step| is_dropped(step, what))) {
            let help = String::from("write a step's kind or its `id`");
            node.mistake(format!("no step of `{name}` is `{what}`"), help);
        }
    }
    for rule in rules.iter_mut().filter(|rule| is_meant(&rule.id)) {
        rule.off |= off.unwrap_or(false);
        rule.risk = risk.unwrap_or(rule.risk);
        rule.on_store_down = on_store_down.or(rule.on_store_down);
        if let Some(when) = &when {
            rule.when.clone_from(when);
        }
        rule.steps
            .retain(|step| !drop.iter().any(|(_, what)| is_dropped(step, what)));
        rule.steps.extend(add.iter().flatten().cloned());
        rule.tunes.push(Tune {
            source: Source {
                file: keys.node.file.name.clone(),
                line: keys.node.line(),
            },
            reason: reason.to_owned(),
            changes: changes.iter().map(|key| (*key).to_owned()).collect(),
        });
    }
}

/// Returns whether a step has this id or is of this kind.
fn is_dropped(step: &crate::policy::rule::Step, what: &str) -> bool {
    step.id.as_deref() == Some(what) || kind(&step.kind) == what
}

/// Returns a kind's word in rule files; empty for the floor's, which nobody writes.
fn kind(kind: &StepKind) -> &'static str {
    match kind {
        StepKind::Show(_) => "show",
        StepKind::Check { .. } => "check",
        StepKind::Confirm(_) => "confirm",
        StepKind::Checklist(_) => "checklist",
        StepKind::Call { .. } => "call",
        StepKind::Cooldown(_) => "cooldown",
        StepKind::Gap { .. } => "gap",
        StepKind::Window(_) => "window",
        StepKind::First { .. } => "first",
        StepKind::Approve { .. } => "approve",
        StepKind::Witness { .. } => "witness",
        StepKind::Key => "",
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::super::{SourceFile, read, render};
    use super::*;
    use crate::policy::rule::{OnStoreDown, Risk};
    use crate::policy::ruleset::RuleSet;
    use crate::policy::table::compile;

    const MAIL: &str = "[pack]\nid = 'mail'\ntitle = 'M'\n[[rule]]\nid = 'a'\ntitle = 'A'\nwhy = 'w'\nrisk = 'high'\nmatch = [{ program = 'a' }]\nsteps = [{ id = 'sure', confirm = 'Sure?' }, { cooldown = '5s' }]\n[[rule]]\nid = 'b'\ntitle = 'B'\nwhy = 'w'\nrisk = 'low'\nmatch = [{ program = 'b' }]\n";

    /// Returns the rules with these tunes, and the mistakes.
    fn tuned(tunes: &str, layer: Layer) -> (Vec<Rule>, String) {
        let file = |name: &str, text: String, layer| SourceFile {
            name: name.to_owned(),
            text,
            layer,
        };
        let files = [
            file("mail.toml", MAIL.to_owned(), Layer::BuiltIn),
            file(
                "t.toml",
                format!("[pack]\nid = 't'\ntitle = 'T'\n{tunes}"),
                layer,
            ),
        ];
        let (packs, mistakes) = read(&files);
        (packs.rules, render(&mistakes, &files))
    }

    /// Returns the rules with these tunes, which have no mistakes.
    fn good(tunes: &str) -> Vec<Rule> {
        let (rules, mistakes) = tuned(tunes, Layer::System);
        assert_eq!(mistakes, "");
        rules
    }

    #[test]
    fn a_tune_changes_what_it_names_and_stays_with_the_rule() {
        let rules = good(
            "[[tune]]\nrule = 'mail.a'\nreason = 'ours'\nrisk = 'critical'\ndrop = ['sure', 'cooldown']\nadd = [{ call = 'target' }]\nwhen = { host = 'web*' }\n",
        );
        let (a, b) = (&rules[0], &rules[1]);
        assert_eq!(
            (a.risk, a.steps.len(), a.when.len()),
            (Risk::Critical, 1, 1)
        );
        assert!(matches!(a.steps[0].kind, StepKind::Call { .. }));
        assert_eq!(a.tunes[0].reason, "ours");
        assert_eq!(
            (a.tunes[0].source.file.as_str(), a.tunes[0].source.line),
            ("t.toml", 4)
        );
        assert_eq!(a.tunes[0].changes, ["risk", "drop", "add", "when"]);
        assert!(b.tunes.is_empty());
    }

    #[test]
    fn what_becomes_of_it_without_the_store_can_be_tuned() {
        let rules = good(
            "[[tune]]\nrule = 'mail.a'\nreason = 'ours'\non_store_down = 'hold'\n[[tune]]\nrule = 'mail.b'\nreason = 'ours'\nrisk = 'critical'\n",
        );
        assert_eq!(rules[0].on_store_down(), OnStoreDown::Hold);
        assert_eq!(
            rules[1].on_store_down(),
            OnStoreDown::Hold,
            "it is critical"
        );
        let rules = good("");
        assert_eq!(rules[0].on_store_down(), OnStoreDown::Local);
    }

    #[test]
    fn a_rule_that_is_off_is_no_candidate_and_still_known() {
        let (_, mistakes) = tuned("", Layer::System);
        assert_eq!(mistakes, "");
        let files = [
            SourceFile {
                name: String::from("mail.toml"),
                text: MAIL.to_owned(),
                layer: Layer::BuiltIn,
            },
            SourceFile {
                name: String::from("t.toml"),
                text: String::from(
                    "[pack]\nid = 't'\ntitle = 'T'\n[[tune]]\nrule = 'mail.*'\nreason = 'no mail here'\noff = true\n",
                ),
                layer: Layer::System,
            },
        ];
        let bytes = compile(&read(&files).0).unwrap();
        let rules = RuleSet::of_tables([Cow::Owned(bytes)]).unwrap();
        assert_eq!(rules.candidates("a").count(), 0);
        assert!(!rules.mentions(b"a"));
        assert!(rules.rule("mail.b").unwrap().off);
    }

    #[test]
    fn mistakes_in_tunes_are_told() {
        for (tune, told) in [
            (
                "rule = 'mail.c'\nreason = 'r'\noff = true",
                "there is no rule `mail.c`",
            ),
            (
                "rule = 'mial.*'\nreason = 'r'\noff = true",
                "there is no rule `mial.*`",
            ),
            ("rule = 'mail.a'\noff = true", "a tune needs `reason`"),
            ("rule = 'mail.a'\nreason = 'r'", "the tune changes nothing"),
            (
                "rule = 'mail.a'\nreason = 'r'\ndrop = ['gap']",
                "no step of `mail.a` is `gap`",
            ),
            (
                "rule = 'mail.a'\nreason = 'r'\nrisk = 'lwo'",
                "`lwo` is no risk",
            ),
            (
                "rule = 'mail.a'\nreason = 'r'\nof = true",
                "unknown key `of` in a tune",
            ),
            (
                "rule = 'mail.a'\nreason = 'r'\nadd = [{ show = 'x' }]",
                "there is no probe `x`",
            ),
        ] {
            let (_, mistakes) = tuned(&format!("[[tune]]\n{tune}\n"), Layer::System);
            assert!(mistakes.contains(told), "{told}: {mistakes}");
        }
    }

    #[test]
    fn only_the_system_tunes() {
        for layer in [Layer::User, Layer::Project, Layer::BuiltIn] {
            let (rules, mistakes) = tuned(
                "[[tune]]\nrule = 'mail.a'\nreason = 'r'\noff = true\n",
                layer,
            );
            assert!(
                mistakes.contains("`tune` may only stand in the files of the system"),
                "{mistakes}"
            );
            assert!(!rules[0].off);
        }
    }
}
