//! Steps and afters.

use schemars::JsonSchema;
use serde::Deserialize;

use super::OneOrMore;

/// A step, or the name of a step list.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum StepOrName {
    /// The name of a step list: `x` of this pack, `pack.x` of another.
    Name(String),
    /// A step.
    Step(Box<Step>),
}

/// One thing to pass. It has exactly one of `show`, `check`, `confirm`, `checklist`, `call`, `witness`, `approve`, `cooldown`, `gap`, `window`, `first`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["show"] }, { "required": ["check", "is"] }, { "required": ["confirm"] },
    { "required": ["checklist"] },
    // A witness has a call of their own.
    { "required": ["call"], "not": { "required": ["witness"] } },
    { "required": ["witness"] }, { "required": ["approve"] }, { "required": ["cooldown"] }, { "required": ["gap"] },
    { "required": ["window"] }, { "required": ["first", "within"] }
]))]
pub(super) struct Step {
    /// A name by which `tune` can drop it.
    #[schemars(regex(pattern = "^[a-z0-9-]+$"))]
    id: Option<String>,
    /// A probe whose value is shown.
    show: Option<String>,
    /// A probe whose value must be as `is` says.
    check: Option<String>,
    /// Of a check: `0`, `< 4G`, `!= x`, or a pattern.
    is: Option<String>,
    /// Of a check: whether a probe that could not look blocks.
    must: Option<bool>,
    /// A question that is answered with yes.
    confirm: Option<String>,
    /// Questions that are passed one by one.
    #[schemars(length(min = 1))]
    checklist: Option<Vec<ItemOrText>>,
    /// What is typed exactly as it was measured: a probe, `target`, `user` or `arg.N`; of a witness: what they call, a probe or `target`.
    call: Option<String>,
    /// Of a call: text in place of the probe's label.
    ask: Option<String>,
    /// Of a call of `target`, `user` or `arg.N`: what cannot be measured here and why, for readers of the pack and the linter.
    reason: Option<String>,
    /// Time that is sat out, such as `30s`.
    #[schemars(regex(pattern = "^([0-9]+[smhd])+$"))]
    cooldown: Option<String>,
    /// The last run of this rule must be longer ago, such as `30m`.
    #[schemars(regex(pattern = "^([0-9]+[smhd])+$"))]
    gap: Option<String>,
    /// Of a gap: whether runs at this target count (the default), or those of the rule at any target.
    per: Option<Per>,
    /// Of a gap: whose runs count; those of this host where it is missing.
    scope: Option<GapScope>,
    /// Of a gap: runs at any host that fits this pattern count; of an approve: only members of this group do.
    group: Option<String>,
    /// How many other persons must have said yes from their own login.
    #[schemars(range(min = 1))]
    approve: Option<u8>,
    /// What a second person at the same keyboard is asked; they type their name.
    witness: Option<String>,
    /// A weekly time with its zone in which it must be: `Mon-Fri 09:00-18:00 Asia/Tokyo`.
    window: Option<String>,
    /// A rule whose run must have ended well lately at this target, such as the one at another host.
    first: Option<String>,
    /// Of a first: how long ago it may be, such as `2h`.
    #[schemars(regex(pattern = "^([0-9]+[smhd])+$"))]
    within: Option<String>,
    /// Of a first: placeholders whose values must agree.
    same: Option<OneOrMore>,
}

/// Which runs a gap counts.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Per {
    Target,
    Rule,
}

/// Whose runs a gap counts.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum GapScope {
    Host,
    Team,
}

/// An item of a checklist, or a text that is answered with yes or no.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum ItemOrText {
    /// A text that is answered with yes or no.
    Text(String),
    /// An item.
    Item(Box<Item>),
}

/// An item of a checklist.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Item {
    /// What is asked.
    ask: String,
    /// `text`: the answer is typed and goes on the record.
    answer: Option<Answer>,
    /// The form that a typed answer must have, a regex.
    like: Option<String>,
    /// A probe that is shown before it.
    show: Option<String>,
    /// `rest`: a no means a pause of 5 minutes instead of the end.
    no: Option<No>,
}

/// The only kind of answer that is named.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Answer {
    Text,
}

/// What a no means.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum No {
    Rest,
}

/// What is shown or checked when the command has ended. It has exactly one of `show`, `check`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [{ "required": ["show"] }, { "required": ["check", "is"] }]))]
pub(super) struct After {
    /// A probe whose value is shown.
    show: Option<String>,
    /// A probe whose value must be as `is` says.
    check: Option<String>,
    /// Of a check: `0`, `< 4G`, `!= x`, or a pattern.
    is: Option<String>,
    /// When it runs: however the command ended (the default), where it ended well, where it failed.
    #[serde(rename = "if")]
    when: Option<AfterWhen>,
}

/// When an after runs.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum AfterWhen {
    Always,
    Ok,
    Failed,
}
