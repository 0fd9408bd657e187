//! Matchers and conditions.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::OneOrMore;

/// One matcher: all its keys must fit one and the same invocation. It has one of `program`, `writes`, `opaque`, `line`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("anyOf" = [
    { "required": ["program"] }, { "required": ["writes"] },
    { "required": ["opaque"] }, { "required": ["line"] }
]))]
pub(super) struct Matcher {
    /// Base names of the program, or absolute paths where a `/` stands in it.
    program: Option<OneOrMore>,
    /// Verb paths: `rollout restart`, `power off|cycle`, `** list` (last word), `@read` (a set of the program's words).
    verb: Option<OneOrMore>,
    /// Options: `-r` any value, `--dry-run=none` this value, `-q*` glued text; a space means both.
    flag: Option<OneOrMore>,
    /// Operands after the verb; `!x` the same operand does not fit, `!*` alone: there is none.
    arg: Option<OneOrMore>,
    /// Paths that a redirect or a writing wrapper (tee, cp, sed -i) goes to.
    writes: Option<OneOrMore>,
    /// Text on standard input, where the line itself shows it.
    fed: Option<OneOrMore>,
    /// What a statement in its SQL does. What cannot be read fits too.
    sql: Option<SqlList>,
    /// Programs of which none may act on the same target in the same line.
    without: Option<OneOrMore>,
    /// Why the invocation is unknowable: `variable`, `eval`, `download`, `unparsed`, `*`.
    opaque: Option<OpaqueList>,
    /// A regex on the raw line; easy to evade, a last resort.
    line: Option<String>,
    /// Conditions for this matcher alone.
    when: Option<Conditions>,
    /// Values that probes and texts can use as `{name}`.
    #[serde(rename = "let")]
    lets: Option<BTreeMap<String, String>>,
}

/// Why an invocation is unknowable.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Opaque {
    Variable,
    Eval,
    Download,
    Unparsed,
    #[serde(rename = "*")]
    Any,
}

/// What a statement does.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Sql {
    DeleteAll,
    UpdateAll,
    Truncate,
    Drop,
    Alter,
    AlterSystem,
    Grant,
    Write,
    Opaque,
}

/// One kind of statement, or several.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum SqlList {
    /// One kind.
    One(Sql),
    /// Kinds of which any counts.
    More(Vec<Sql>),
}

/// One reason, or several.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum OpaqueList {
    /// One reason.
    One(Opaque),
    /// Reasons of which any counts.
    More(Vec<Opaque>),
}

/// A condition, or several of which any must hold.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Conditions {
    /// One condition.
    One(Box<Condition>),
    /// Conditions of which any must hold.
    More(Vec<Condition>),
}

/// A condition: all its keys must fit, at the target. What cannot be read fits: the unknown never excuses.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Condition {
    /// The host: the name typed, its HostName, or the fully qualified name; case does not count.
    host: Option<OneOrMore>,
    /// The container that the line enters.
    container: Option<OneOrMore>,
    /// The pod that the line enters.
    pod: Option<OneOrMore>,
    /// The Kubernetes namespace.
    namespace: Option<OneOrMore>,
    /// The Kubernetes context.
    context: Option<OneOrMore>,
    /// The cloud profile, project or subscription.
    account: Option<OneOrMore>,
    /// The effective user.
    user: Option<OneOrMore>,
    /// The name under which the operator logged in.
    login: Option<OneOrMore>,
    /// The user's groups.
    group: Option<OneOrMore>,
    /// The working directory.
    cwd: Option<OneOrMore>,
    /// The git branch that is checked out in the working directory.
    branch: Option<OneOrMore>,
    /// Wrappers around the command: `sudo`, `ssh`, `xargs`.
    via: Option<OneOrMore>,
    /// The address from which the ssh session comes.
    ssh_from: Option<OneOrMore>,
    /// Whether there is a terminal.
    tty: Option<bool>,
    /// Environment variables by name.
    env: Option<BTreeMap<String, OneOrMore>>,
    /// A weekly time with its zone: `Mon-Fri 09:00-18:00 Asia/Tokyo`.
    time: Option<OneOrMore>,
    /// The name of a calendar in whose times it is now.
    freeze: Option<OneOrMore>,
    /// `failed 1h` or `any 1h`: the same was run at the same target lately.
    #[schemars(regex(pattern = "^(failed|any) ([0-9]+[smhd])+$"))]
    rerun: Option<String>,
    /// `2 in 1h`: the operator let go of the same so often lately.
    #[schemars(regex(pattern = "^[0-9]+ in ([0-9]+[smhd])+$"))]
    declined: Option<String>,
}
