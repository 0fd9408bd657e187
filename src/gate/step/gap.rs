//! Step `gap`: the rule's last run is longer ago, and none is under way.

use crate::gate::passage::Asked;
use crate::gate::world::{GapGuard, Targets};
use crate::policy::pattern::Case;
use crate::policy::rule::StepKind;

/// Returns the gaps of a plan as the ledger is asked about them, each once.
pub(super) fn guards(asked: &Asked<'_>, here: &str) -> Vec<GapGuard> {
    let mut found: Vec<GapGuard> = Vec::new();
    for step in &asked.plan.steps {
        let StepKind::Gap {
            time,
            per_rule,
            team,
            group,
        } = &step.kind
        else {
            continue;
        };
        let of = |target: Option<String>| match (target, group) {
            // A target that is not known may be any.
            (None, _) => Targets::Any,
            (Some(target), Some(group)) if group.fits(&target, Case::Ignored) => {
                Targets::Fitting(group.clone())
            }
            // The group is of other hosts: this one counts for itself.
            (Some(target), _) => Targets::One(target),
        };
        let all: Vec<Targets> = match per_rule {
            true => vec![Targets::Any],
            false => asked.targets(step.hit, here).into_iter().map(of).collect(),
        };
        for targets in all {
            let guard = GapGuard {
                rule: asked.rule(step.hit).to_owned(),
                targets,
                time: *time,
                team: *team,
            };
            if !found.contains(&guard) {
                found.push(guard);
            }
        }
    }
    found
}
