//! What programs' own words mean.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::OneOrMore;

/// What a program's own words mean.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    /// Another program whose words count where nothing else is said.
    like: Option<String>,
    /// Options that take a value.
    values: Option<OneOrMore>,
    /// How options are written: `getopt` (the default) or `long` (`-name`).
    options: Option<Style>,
    /// How many words the verb path has: a number, or one by the first word; 1 where it is missing.
    depth: Option<Depth>,
    /// Words that end the verb path.
    ends: Option<OneOrMore>,
    /// `any`: the case of verbs does not count.
    verb_case: Option<VerbCase>,
    /// Sets of verbs by name, which rules use as `@name`; `read` are those that only read.
    set: Option<BTreeMap<String, OneOrMore>>,
    /// Options with which the program only simulates, helps or tells its version.
    dry: Option<OneOrMore>,
    /// Options whose value may only be glued.
    optional: Option<OneOrMore>,
    /// Whether beginnings of long options are taken.
    abbrev: Option<bool>,
    /// Options that say the target, by what they say of it.
    target: Option<Target>,
    /// Where its SQL is.
    sql: Option<SqlAt>,
    /// Further options that say where the program works and as whom; `{place}` in a probe stands for those of the line.
    place: Option<OneOrMore>,
    /// What else of its arguments leads to the server that it talks to, for `sql` probes.
    server: Option<ServerAt>,
    /// Options with which no verb is typed, as they say the same.
    verbless: Option<OneOrMore>,
    /// Which of its operands are no files: a relative path is none of these.
    names: Option<NamesAt>,
}

/// Which of a program's operands name something else than files: the owner of `chown`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NamesAt {
    /// How many, from the first; none where it is missing.
    operands: Option<u8>,
    /// Options with which none does, as they say the same.
    without: Option<OneOrMore>,
}

/// What of a program's arguments leads to its server, beside the options that say where.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ServerAt {
    /// Options without which the server lets nobody in: passwords, keys.
    option: Option<OneOrMore>,
    /// How many operands, from the first, name the server, the database or the user; none where it is missing.
    operands: Option<u8>,
}

/// Where a program's SQL is.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SqlAt {
    /// Options whose value is SQL.
    option: Option<OneOrMore>,
    /// Options whose value is a file of SQL.
    file: Option<OneOrMore>,
    /// The number of the operand from which on operands are SQL, from 1.
    operand: Option<u8>,
    /// The dialect; `generic` where it is missing.
    dialect: Option<Dialect>,
}

/// A dialect of SQL.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Dialect {
    Generic,
    Postgres,
    Mysql,
    Mssql,
    Sqlite,
    Oracle,
}

/// How options are written.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Style {
    Getopt,
    Long,
}

/// How many words a verb path has.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Depth {
    /// For all verbs.
    Number(u8),
    /// By the first word.
    ByFirst(BTreeMap<String, u8>),
}

/// Whether the case of verbs counts.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum VerbCase {
    Any,
}

/// What says the target: options, or of a wrapper `operand:NAME`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Target {
    /// A host, possibly as `user@host`.
    host: Option<OneOrMore>,
    /// A user.
    user: Option<OneOrMore>,
    /// A container.
    container: Option<OneOrMore>,
    /// A pod.
    pod: Option<OneOrMore>,
    /// A Kubernetes namespace.
    namespace: Option<OneOrMore>,
    /// A Kubernetes context.
    context: Option<OneOrMore>,
    /// A cloud profile, project or subscription.
    account: Option<OneOrMore>,
}
