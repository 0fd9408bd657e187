//! Step `window`: now is inside.

use crate::gate::passage::Asked;
use crate::policy::rule::StepKind;
use crate::policy::timerange::TimeRange;

/// Returns the windows of a plan; all of them must be open.
pub(super) fn guards(asked: &Asked<'_>) -> Vec<TimeRange> {
    let windows = asked.plan.steps.iter().filter_map(|step| match &step.kind {
        StepKind::Window(range) => Some(range.clone()),
        _ => None,
    });
    windows.collect()
}
