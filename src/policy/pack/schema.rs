//! The JSON schema of rule files, for editors.
//!
//! The reader walks the TOML tree by hand, so these types only mirror what it takes: flat, one a
//! kind of table, with a description for every key. They exist in tests alone; what is shipped is
//! `docs/schema/rules.schema.json`, which the tests compare with them. The tests also compare their
//! keys with those that the reader knows, and check all built-in packs against the schema.
//!
//! After a change: `KANMON_WRITE_SCHEMA=1 cargo test --lib schema` writes the file anew.

#![expect(
    dead_code,
    reason = "the types are never made: their names and documentation are the schema"
)]

use std::collections::BTreeMap;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Deserialize;
use serde_json::{Value, json};

/// A text, or several of which any counts.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum OneOrMore {
    /// One entry.
    One(String),
    /// Entries of which any counts; one that begins with `!` must not fit.
    More(Vec<String>),
}

/// A rule file of kanmon: a pack of rules, words of programs, wrappers.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "rule file", extend("patternProperties" = {
    "^[a-z]{2}$": {
        "description": "Translations into this language: the source text as key, the translation as value.",
        "type": "object",
        "additionalProperties": { "type": "string" }
    }
}))]
struct File {
    /// The head of the pack; a file with rules, probes or step lists needs it.
    pack: Option<Pack>,
    /// Named read-only commands by which rules look at the target. A text is the `run` of one with all defaults.
    probe: Option<BTreeMap<String, ProbeOrRun>>,
    /// Named lists of steps that rules use by name.
    steps: Option<BTreeMap<String, Vec<StepOrName>>>,
    /// Named calendars of times that are frozen, which the condition `freeze` names.
    calendar: Option<BTreeMap<String, Calendar>>,
    /// The rules. Within one no further `[header]` is allowed.
    rule: Option<Vec<Rule>>,
    /// What is changed of other packs' rules. System files only.
    tune: Option<Vec<Tune>>,
    /// What the words of a program mean, by its base name. System files only.
    words: Option<BTreeMap<String, Words>>,
    /// Programs that run other commands.
    wrapper: Option<Vec<Wrapper>>,
    /// Programs that run nothing that they are given. System files only.
    plain: Option<Vec<String>>,
}

/// Times that are frozen: a list, the text of a CSV table, or a CSV file beside this one.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["entries"] }, { "required": ["csv"] }, { "required": ["file"] }
]))]
struct Calendar {
    /// The time zone of dates without one, such as `Asia/Tokyo`.
    zone: Option<String>,
    /// The times one by one.
    entries: Option<Vec<Entry>>,
    /// The times as CSV: from, to, reason.
    csv: Option<String>,
    /// The name of a CSV file in the folder of this file.
    file: Option<String>,
}

/// A time that is frozen.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// A date, or a date with a time, at which it begins.
    from: String,
    /// A date, which belongs to it, or a date with a time at which it ends.
    to: String,
    /// Why; shown at the hold.
    reason: Option<String>,
}

/// The head of a pack.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Pack {
    /// The first part of its rules' full ids.
    #[schemars(regex(pattern = "^[a-z0-9-]+$"))]
    id: String,
    /// What the pack is for.
    title: String,
    /// The language of its texts, two letters; `en` where it is missing.
    #[schemars(regex(pattern = "^[a-z]{2}$"))]
    lang: Option<String>,
}

/// A probe, or its command alone.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum ProbeOrRun {
    /// The `/bin/sh` command.
    Run(String),
    /// The probe.
    Probe(Box<Probe>),
}

/// A read-only command by which a rule looks at the target. Its value is its output, trimmed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["run"] }, { "required": ["pwsh"] }, { "required": ["again"] }, { "required": ["sql", "by"] }
]))]
struct Probe {
    /// The `/bin/sh` command. A `{placeholder}` becomes exactly one quoted word; within quotes it is an error.
    run: Option<String>,
    /// The PowerShell command, for the line's own `pwsh` or `powershell`. A `{placeholder}` becomes one text in single quotes.
    pwsh: Option<String>,
    /// The held command once more as its own dry run, with these words after its verb. One of them must be in `dry` of the program's words.
    again: Option<String>,
    /// With `again`: the verb in place of the command's own. It must be in `set.read` of the program's words.
    verb: Option<String>,
    /// A statement that only reads, asked of the server that the held command names: what `target`, `place` and `server` in its program's words say stays of its arguments. `{rows}` counts the rows that the command's own statements concern. Of a list the first of which all is known is asked.
    sql: Option<OneOrMore>,
    /// With `sql`: the client, its options, and last the option that takes the statement, such as `psql -At -c`.
    by: Option<String>,
    /// Where it runs: through the same hosts and containers as the command (`target`, the default), or on the operator's host.
    on: Option<On>,
    /// Whether it runs through `sudo -n` there.
    root: Option<bool>,
    /// Exit statuses that mean success; 0 alone where it is missing.
    ok: Option<Vec<u8>>,
    /// The value is the number of lines that fit this regex. 0 is a value, no failure.
    count: Option<String>,
    /// The value is what capture 1 of this regex gives.
    pick: Option<String>,
    /// Which of several fits of `pick` counts.
    #[serde(rename = "as")]
    pick_as: Option<PickAs>,
    /// The most lines that are shown; 20 where it is missing.
    #[schemars(range(min = 1, max = 200))]
    lines: Option<u8>,
    /// Change allowed between answer and start: a number, a share such as `5%`, or `any`; none where it is missing.
    drift: Option<NumberOrText>,
    /// Time allowed, such as `30s`; 10 s where it is missing.
    #[schemars(regex(pattern = "^([0-9]+[smhd])+$"))]
    timeout: Option<String>,
    /// What this is, shown before the value.
    label: String,
}

/// Where a probe runs.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum On {
    Target,
    Here,
}

/// Which of several fits of a `pick` counts.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum PickAs {
    First,
    Last,
    Sum,
    Oldest,
    Top,
}

/// A number, or a text with one.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum NumberOrText {
    /// A number.
    Number(u32),
    /// A text.
    Text(String),
}

/// How bad it is when the command is a mistake; sets what is asked at least.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Risk {
    Note,
    Low,
    Medium,
    High,
    Critical,
}

/// A change of other packs' rules, with its reason. System files only.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Tune {
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
struct Rule {
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
enum Only {
    Production,
}

/// What becomes of a line without the team's store.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum OnStoreDown {
    Hold,
    Local,
}

/// Lines by which a rule or a wrapper tests itself.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Test {
    /// Lines that must be held: plain ones and evasions.
    hold: Option<Vec<String>>,
    /// Near misses that must pass.
    pass: Option<Vec<String>>,
}

/// One matcher: all its keys must fit one and the same invocation. It has one of `program`, `writes`, `opaque`, `line`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("anyOf" = [
    { "required": ["program"] }, { "required": ["writes"] },
    { "required": ["opaque"] }, { "required": ["line"] }
]))]
struct Matcher {
    /// Base names of the program, or absolute paths where a `/` stands in it.
    program: Option<OneOrMore>,
    /// Verb paths: `rollout restart`, `power off|cycle`, `** list` (last word), `@read` (a set of the program's words).
    verb: Option<OneOrMore>,
    /// Options: `-r` any value, `--dry-run=none` this value, `-q*` glued text; a space means both.
    flag: Option<OneOrMore>,
    /// Operands after the verb; `!x` the same operand does not fit, `!*` alone: there is none.
    arg: Option<OneOrMore>,
    /// Paths that a redirect or a writing wrapper (tee, dd of=) goes to.
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
enum Opaque {
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
enum Sql {
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
enum SqlList {
    /// One kind.
    One(Sql),
    /// Kinds of which any counts.
    More(Vec<Sql>),
}

/// One reason, or several.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum OpaqueList {
    /// One reason.
    One(Opaque),
    /// Reasons of which any counts.
    More(Vec<Opaque>),
}

/// A condition, or several of which any must hold.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum Conditions {
    /// One condition.
    One(Box<Condition>),
    /// Conditions of which any must hold.
    More(Vec<Condition>),
}

/// A condition: all its keys must fit, at the target. What cannot be read fits: the unknown never excuses.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Condition {
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

/// A step, or the name of a step list.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum StepOrName {
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
struct Step {
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
enum Per {
    Target,
    Rule,
}

/// Whose runs a gap counts.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum GapScope {
    Host,
    Team,
}

/// An item of a checklist, or a text that is answered with yes or no.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum ItemOrText {
    /// A text that is answered with yes or no.
    Text(String),
    /// An item.
    Item(Box<Item>),
}

/// An item of a checklist.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Item {
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
enum Answer {
    Text,
}

/// What a no means.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum No {
    Rest,
}

/// What is shown or checked when the command has ended. It has exactly one of `show`, `check`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [{ "required": ["show"] }, { "required": ["check", "is"] }]))]
struct After {
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
enum AfterWhen {
    Always,
    Ok,
    Failed,
}

/// What a program's own words mean.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Words {
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
}

/// What of a program's arguments leads to its server, beside the options that say where.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ServerAt {
    /// Options without which the server lets nobody in: passwords, keys.
    option: Option<OneOrMore>,
    /// How many operands, from the first, name the server, the database or the user; none where it is missing.
    operands: Option<u8>,
}

/// Where a program's SQL is.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SqlAt {
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
enum Dialect {
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
enum Style {
    Getopt,
    Long,
}

/// How many words a verb path has.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum Depth {
    /// For all verbs.
    Number(u8),
    /// By the first word.
    ByFirst(BTreeMap<String, u8>),
}

/// Whether the case of verbs counts.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum VerbCase {
    Any,
}

/// What says the target: options, or of a wrapper `operand:NAME`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Target {
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

/// A program that runs other commands. It has `inner` or `writes`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("anyOf" = [{ "required": ["inner"] }, { "required": ["writes"] }]))]
struct Wrapper {
    /// Its base names.
    program: OneOrMore,
    /// Verbs with which it wraps; always where it is missing.
    verb: Option<OneOrMore>,
    /// Options that take a value.
    values: Option<OneOrMore>,
    /// Options whose value may only be glued.
    optional: Option<OneOrMore>,
    /// How options are written: `getopt` (the default) or `long` (`-name`).
    options: Option<Style>,
    /// `assignments`: `NAME=value` words before the command are skipped.
    skip: Option<Skip>,
    /// Names of the operands before the command.
    operands: Option<OneOrMore>,
    /// Where the wrapped command begins.
    inner: Option<InnerOrWord>,
    /// What the wrapped part is: a finished argv (the default), text for a shell, a program in another language.
    form: Option<Form>,
    /// Options whose value is split into words.
    split: Option<OneOrMore>,
    /// The text that stands for operands not known yet, and the option that sets it.
    replaces: Option<Replaces>,
    /// `operands`: operands that are not known yet are appended.
    appends: Option<Operands>,
    /// What it changes about the place.
    moves: Option<Moves>,
    /// Whether it runs on several targets.
    many: Option<bool>,
    /// Where several hosts are listed, of which each counts.
    each: Option<Each>,
    /// What says the target: options, or `operand:NAME`.
    target: Option<Target>,
    /// Options with which nothing runs.
    none_if: Option<OneOrMore>,
    /// `operands`: its operands are files that it writes; `last`: the last of several is, or the
    /// folder in which it writes; or options whose values are.
    writes: Option<WrittenOrOptions>,
    /// The program under which a wrapped word that is no command is judged.
    else_program: Option<String>,
    /// Lines in which the wrapped command must be found or not.
    test: Option<Test>,
}

/// Where several hosts are listed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Each {
    /// Options whose values are lists of hosts; each of them counts.
    list: Option<OneOrMore>,
    /// Options whose value is a host, as are the operands right behind it.
    rest: Option<OneOrMore>,
    /// Options whose value is a file of hosts, one a row.
    file: Option<OneOrMore>,
    /// Options with which the operand that says the host is a list.
    when: Option<OneOrMore>,
    /// Options with which the hosts are not known.
    not: Option<OneOrMore>,
}

/// What is skipped before the command.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Skip {
    Assignments,
}

/// The only thing that can be named here.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Operands {
    Operands,
}

/// Which operands are files that are written.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Written {
    Operands,
    Last,
}

/// Operands that are files, or options whose values are.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum WrittenOrOptions {
    /// The operands.
    Word(Written),
    /// The values of these options.
    Options(Vec<String>),
}

/// Where the wrapped command begins: a word, or a table.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum InnerOrWord {
    /// A word.
    Word(InnerWord),
    /// A table.
    Table(Box<Inner>),
}

/// Where the wrapped command is.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum InnerWord {
    Rest,
    Stdin,
    Script,
}

/// Where the wrapped command is: after an option, in an operand, in an option's value, in a file.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("anyOf" = [
    { "required": ["after"] }, { "required": ["if_flag"] }, { "required": ["value_of"] },
    { "required": ["file_of"] }, { "required": ["operand"] }
]))]
struct Inner {
    /// Options after which it begins.
    after: Option<OneOrMore>,
    /// Words that end it.
    until: Option<OneOrMore>,
    /// Without such an option: `rest` is wrapped; without the flag: the first operand is a `script`.
    #[serde(rename = "else")]
    otherwise: Option<Otherwise>,
    /// Flags with which an operand is the command.
    if_flag: Option<OneOrMore>,
    /// Number of the operand that is the command, from 1; without `if_flag` always.
    #[schemars(range(min = 1, max = 64))]
    operand: Option<u8>,
    /// `stdin`: without option or flag and operand, standard input is read.
    none: Option<Stdin>,
    /// Flags with which standard input is read whatever the operands.
    stdin_if: Option<OneOrMore>,
    /// Options whose value is the command.
    value_of: Option<OneOrMore>,
    /// Flags of which one must be there; `!` must not.
    when_flag: Option<OneOrMore>,
    /// Beginnings of which the value must have one; what follows it is wrapped.
    prefix: Option<OneOrMore>,
    /// Options whose value is a file of commands.
    file_of: Option<OneOrMore>,
}

/// What is wrapped otherwise.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Otherwise {
    Rest,
    Script,
}

/// The only thing that can be named here.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Stdin {
    Stdin,
}

/// What the wrapped part is.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Form {
    Argv,
    Shell,
    Keys,
    PowerShell,
    Python,
    Perl,
    Ruby,
    Node,
    Php,
    Lua,
    Awk,
    Sed,
    Vim,
    Make,
    Crontab,
    Commands,
    Tcl,
    Client,
    Calls,
}

/// Text that stands for operands not known yet.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Replaces {
    /// Options whose value is that text.
    option: Option<OneOrMore>,
    /// The text where no option says it.
    default: Option<String>,
}

/// What a wrapper changes about the place.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Moves {
    Host,
    Container,
    User,
    Later,
}

/// Returns the schema.
fn schema() -> Value {
    // Draft 7 is what editors of TOML take.
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<File>().to_value();
    without_null(&mut schema);
    let Value::Object(rest) = schema else {
        return schema;
    };
    // A reader of the file sees first what it is.
    let mut root = serde_json::Map::new();
    root.insert(
        "$schema".to_owned(),
        json!("http://json-schema.org/draft-07/schema#"),
    );
    root.insert("title".to_owned(), json!("kanmon rule file"));
    for (key, value) in rest {
        root.entry(key).or_insert(value);
    }
    Value::Object(root)
}

/// Takes away that a value may be null, which TOML does not have: a key is there or not.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|kind| kind != "null");
                if let [one] = types.as_slice() {
                    let one = one.clone();
                    object.insert("type".to_owned(), one);
                }
            }
            let mut only = None;
            if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
                let is_null = |choice: &Value| *choice == json!({ "type": "null" });
                if choices.iter().any(is_null) {
                    choices.retain(|choice| !is_null(choice));
                    if let [one] = choices.as_slice() {
                        only = Some(one.clone());
                    }
                }
            }
            if let Some(only) = only {
                // Beside a `$ref` draft 7 reads nothing, and hover texts stand beside it.
                object.remove("anyOf");
                object.insert("allOf".to_owned(), json!([only]));
            }
            object.values_mut().for_each(without_null);
        }
        Value::Array(values) => values.iter_mut().for_each(without_null),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

mod tests;
