//! Step `first`: a run of another rule ended well lately at this target.

use crate::gate::passage::Asked;
use crate::gate::world::{FirstGuard, Who};
use crate::policy::rule::StepKind;

/// Returns what must have run first, as the ledger is asked about it.
pub(super) fn guards(asked: &Asked<'_>, who: &Who) -> Vec<FirstGuard> {
    let mut found = Vec::new();
    for step in &asked.plan.steps {
        let StepKind::First { rule, within, same } = &step.kind else {
            continue;
        };
        let mut values = asked.bound(step.hit, who);
        found.push(FirstGuard {
            rule: rule.clone(),
            target: asked.target(step.hit, &who.host),
            within: *within,
            same: same
                .iter()
                .map(|name| recorded_name(name))
                .map(|name| (name.clone(), values.remove(&name)))
                .collect(),
        });
    }
    found
}

/// The name under which a placeholder's value is recorded: an option's without its dashes.
fn recorded_name(name: &str) -> String {
    match name.strip_prefix("flag.") {
        Some(option) => format!("flag.{}", option.trim_start_matches('-')),
        None => name.to_owned(),
    }
}
