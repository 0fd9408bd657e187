//! Programs that run other commands.

use schemars::JsonSchema;
use serde::Deserialize;

use super::OneOrMore;
use super::rules::Test;
use super::words::{Style, Target};

/// A program that runs other commands. It has `inner` or `writes`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("anyOf" = [{ "required": ["inner"] }, { "required": ["writes"] }]))]
pub(super) struct Wrapper {
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
    /// folder in which it writes; options whose values are; or a table of what is changed in place.
    writes: Option<WrittenOrOptions>,
    /// The program under which a wrapped word that is no command is judged.
    else_program: Option<String>,
    /// Lines in which the wrapped command must be found or not.
    test: Option<Test>,
}

/// Where several hosts are listed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Each {
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
pub(super) enum Skip {
    Assignments,
}

/// The only thing that can be named here.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Operands {
    Operands,
}

/// Which operands are files that are written.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Written {
    Operands,
    Last,
}

/// Operands that are files, or options whose values are.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum WrittenOrOptions {
    /// The operands.
    Word(Written),
    /// The values of these options.
    Options(Vec<String>),
    /// The operands, which are changed in place.
    InPlace(InPlace),
}

/// How a program is told to change files in place.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InPlace {
    /// Options with one of which it does; it always does where there are none.
    flag: Option<OneOrMore>,
    /// How many operands, from the first, say what to change: they are no files.
    after: Option<u8>,
    /// Options with which none of the operands says that.
    unless: Option<OneOrMore>,
}

/// Where the wrapped command begins: a word, or a table.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum InnerOrWord {
    /// A word.
    Word(InnerWord),
    /// A table.
    Table(Box<Inner>),
}

/// Where the wrapped command is.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum InnerWord {
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
pub(super) struct Inner {
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
pub(super) enum Otherwise {
    Rest,
    Script,
}

/// The only thing that can be named here.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Stdin {
    Stdin,
}

/// What the wrapped part is.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Form {
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
pub(super) struct Replaces {
    /// Options whose value is that text.
    option: Option<OneOrMore>,
    /// The text where no option says it.
    default: Option<String>,
}

/// What a wrapper changes about the place.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Moves {
    Host,
    Container,
    User,
    Later,
}
