//! Rules and tunes.

use schemars::JsonSchema;
use serde::Deserialize;

use super::OneOrMore;
use super::matchers::{Conditions, Matcher};
use super::steps::{After, StepOrName};

/// How bad it is when the command is a mistake; sets what is asked at least.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Risk {
    Note,
    Low,
    Medium,
    High,
    Critical,
}

/// A change of other packs' rules, with its reason. System files only.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Tune {
    /// The full id of a rule, or `PACK.*` for all of a pack.
    rule: String,
    /// Why; `rules show` and `explain` show it.
    reason: String,
    /// Switches the rule off.
    off: Option<bool>,
    /// Another risk.
    risk: Option<Risk>,
    /// Another context, in place of the rule's.
    when: Option<Conditions>,
    /// Steps that are left out, by their kind or `id`.
    drop: Option<OneOrMore>,
    /// Steps that are added.
    add: Option<Vec<StepOrName>>,
    /// Something else becomes of the line where the team's store does not answer.
    on_store_down: Option<OnStoreDown>,
}

/// One rule: which commands, in which context, must pass what.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    /// Stable within the pack; the full id is `PACK.ID`.
    #[schemars(regex(pattern = "^[a-z0-9-]+$"))]
    id: String,
    /// What the operator is about to do.
    title: String,
    /// What goes wrong. Required unless the risk is `note`.
    why: Option<String>,
    /// How bad a mistake is: `note` nothing is asked and the run is recorded, `low` one key, `medium` a confirm, `high` a call, `critical` a call and 30 seconds.
    risk: Risk,
    /// Which invocations: any of these matchers.
    #[serde(rename = "match")]
    #[schemars(length(min = 1))]
    matchers: Vec<Matcher>,
    /// In which context: a condition, or several of which any must hold.
    when: Option<Conditions>,
    /// What to pass: steps and names of step lists.
    steps: Option<Vec<StepOrName>>,
    /// What is shown and checked when the command has ended.
    after: Option<Vec<After>>,
    /// How to take it back. Shown at the last look and after a failure, never run.
    undo: Option<String>,
    /// `production`: the rule is out in the workstation profile.
    only: Option<Only>,
    /// What becomes of the line where the team's store does not answer: `hold` it stays held (without the key where the risk is critical), `local` it goes on with what this host knows and says so.
    on_store_down: Option<OnStoreDown>,
    /// The safer way.
    instead: Option<String>,
    /// A URL that tells more.
    #[schemars(regex(pattern = "^https?://"))]
    docs: Option<String>,
    /// Lines that this rule alone must hold or pass.
    test: Option<Test>,
}

/// The only profile that can be named.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Only {
    Production,
}

/// What becomes of a line without the team's store.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum OnStoreDown {
    Hold,
    Local,
}

/// Lines by which a rule or a wrapper tests itself.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Test {
    /// Lines that must be held: plain ones and evasions.
    hold: Option<Vec<String>>,
    /// Near misses that must pass.
    pass: Option<Vec<String>>,
}
