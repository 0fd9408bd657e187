//! Steps in words: what `rules show` prints, and what the `plan` of a test case is compared with.
//!
//! One entry a step, `KIND` or `KIND WHAT`; a checklist has one for each item. The kind is the key
//! of the rule language, whatever the language of the texts.

use crate::gate::{duration, expect};
use crate::policy::rule::{Callee, Item, StepKind, Text};

/// Returns a step in words, texts in the language with this tag (as written where there is none).
pub(super) fn of_step(kind: &StepKind, tag: &str) -> Vec<String> {
    let text = |text: &Text| text.in_language(tag).to_owned();
    match kind {
        StepKind::Show(probe) => vec![format!("show {}", probe.id)],
        StepKind::Check { probe, is, must } => {
            let must = if *must { ", must be seen" } else { "" };
            vec![format!("check {} is {}{must}", probe.id, expect::shown(is))]
        }
        // The floor's own, which has no text.
        StepKind::Confirm(asked) if asked.source.is_empty() => vec!["confirm".to_owned()],
        StepKind::Confirm(asked) => vec![format!("confirm {}", text(asked))],
        StepKind::Checklist(items) => {
            let item = |item: &Item| format!("checklist {}", text(&item.ask));
            items.iter().map(item).collect()
        }
        StepKind::Call { what, .. } => vec![match what {
            Callee::Probe(probe) => format!("call {}", probe.id),
            Callee::Target => "call target".to_owned(),
            Callee::User => "call user".to_owned(),
            Callee::Arg(number) => format!("call arg.{number}"),
        }],
        StepKind::Cooldown(time) => vec![format!("cooldown {}", duration::shown(*time))],
        StepKind::Gap {
            time,
            per_rule,
            team,
            group,
        } => {
            let time = duration::shown(*time);
            let per = if *per_rule { " per rule" } else { "" };
            let team = if *team { " scope team" } else { "" };
            let group = group
                .as_ref()
                .map(|group| format!(" group {}", group.as_written()));
            let group = group.unwrap_or_default();
            vec![format!("gap {time}{per}{group}{team}")]
        }
        StepKind::Window(range) => vec![format!("window {range}")],
        StepKind::First { rule, within, same } => {
            let within = duration::shown(*within);
            let same = match same.is_empty() {
                true => String::new(),
                false => format!(" same {}", same.join(", ")),
            };
            vec![format!("first {rule} within {within}{same}")]
        }
        StepKind::Witness { ask, .. } => vec![format!("witness {}", text(ask))],
        StepKind::Approve { count, group } => {
            let group = group.as_ref().map(|group| format!(" group {group}"));
            vec![format!("approve {count}{}", group.unwrap_or_default())]
        }
        StepKind::Key => vec!["key".to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::ruleset::RuleSet;

    #[test]
    fn a_step_is_its_kind_and_what_it_asks() {
        let rules = RuleSet::built_in().unwrap();
        let rule = rules.rule("mail.release-held").unwrap();
        let words = |tag| -> Vec<String> {
            let steps = rule.steps.iter();
            steps.flat_map(|step| of_step(&step.kind, tag)).collect()
        };
        assert_eq!(
            words("en"),
            [
                "gap 30m",
                "show mail.held",
                "show mail.oldest",
                "show mail.domains",
                "checklist Why did the mail wait?",
                "checklist What removed the cause, and who did it?",
                "checklist Is the receiving side ready for this volume?",
                "cooldown 30s",
                "call mail.held",
            ]
        );
        assert!(
            words("ja")[4].starts_with("checklist なぜ"),
            "{:?}",
            words("ja")
        );
    }
}
