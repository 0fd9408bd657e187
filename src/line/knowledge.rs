//! What is known of programs: the meaning of their words, and what wrappers wrap.
//!
//! Data only, read from `[words.PROGRAM]` and `[[wrapper]]` (rule-language sections 8 and 9). The
//! build script compiles this file too, so it stands on serde alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Where a reading looks up what is known of a program.
pub trait Lore {
    /// Returns what is known of the words of the program with this base name.
    fn words(&self, program: &str) -> Option<&Words>;
    /// Returns the wrapper entries of the program with this base name, in file order.
    fn wrappers(&self, program: &str) -> &[Wrapper];
    /// Returns whether the program stands in `plain.toml`: it runs nothing that it is given.
    fn is_plain(&self, program: &str) -> bool;
    /// Returns whether it is certain what the program runs of what it is given. Where not, what
    /// stands behind it counts too, beside what its wrappers say.
    fn is_known(&self, program: &str) -> bool {
        !self.wrappers(program).is_empty()
            || self.words(program).is_some()
            || self.is_plain(program)
    }
    /// Returns whether a rule names this program, so that it may hold.
    fn is_guarded(&self, program: &str) -> bool;
}

/// How a program's options are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OptionStyle {
    /// `-abc`, `-ovalue`, `--long`, `--long=value`.
    #[default]
    Getopt,
    /// `-name`, `-name=value`: no clusters.
    Long,
}

/// What a program's own words mean.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// Options that take a value, dashes included.
    pub values: Vec<String>,
    /// Options whose value may only be glued to them.
    pub optional: Vec<String>,
    /// How options are written.
    pub style: OptionStyle,
    /// Words in a verb path.
    pub depth: u8,
    /// Words in a verb path by its first word, where that differs from `depth`.
    pub depth_by_first: BTreeMap<String, u8>,
    /// Words (patterns) that end a verb path.
    pub ends: Vec<String>,
    /// Options with which no verb is typed, as they say the same (`chmod --reference`).
    pub verbless: Vec<String>,
    /// Whether verbs are compared without case.
    pub any_case: bool,
    /// Named sets of verb patterns; `read` is the one that only reads.
    pub sets: BTreeMap<String, Vec<String>>,
    /// Flags that make a call harmless: simulation, help, version. A leading `!` takes one back.
    pub dry: Vec<String>,
    /// Whether a long option may be shortened.
    pub abbrev: bool,
    /// Options that say where the program acts.
    pub target: BTreeMap<TargetKey, Vec<String>>,
    /// Where its SQL is.
    pub sql: Option<SqlAt>,
    /// Further options that say where it works and as whom; no secrets.
    pub place: Vec<String>,
    /// What else of its arguments leads to the server that it talks to.
    pub server: Option<ServerAt>,
    /// Which of its operands are no files.
    pub names: NamesAt,
}

/// Which of a program's operands name something else than files: the owner of `chown`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamesAt {
    /// How many, from the first.
    pub operands: usize,
    /// Options with which none does: they say the same.
    pub without: Vec<String>,
}

/// What of a program's arguments leads to its server, beside the options that say where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerAt {
    /// Options without which the server lets nobody in: passwords, keys.
    pub option: Vec<String>,
    /// How many operands, from the first, name the server, the database or the user.
    pub operands: usize,
}

/// Where a program's SQL is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqlAt {
    /// Options whose value is SQL.
    pub option: Vec<String>,
    /// Options whose value is a file of SQL.
    pub file: Vec<String>,
    /// The operand from which on operands are SQL, from 1.
    pub operand: Option<usize>,
    /// The language.
    pub dialect: SqlDialect,
}

/// A dialect of SQL.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SqlDialect {
    /// What most take.
    #[default]
    Generic,
    /// PostgreSQL, with psql's own commands.
    Postgres,
    /// MySQL and MariaDB, with their client's own commands.
    Mysql,
    /// SQL Server, with sqlcmd's own commands.
    Mssql,
    /// SQLite, with its shell's own commands.
    Sqlite,
    /// Oracle, with the commands of SQL*Plus.
    Oracle,
}

/// What an option or operand can say of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TargetKey {
    /// A host, possibly as `user@host`.
    Host,
    /// A user.
    User,
    /// A container.
    Container,
    /// A pod.
    Pod,
    /// A Kubernetes namespace.
    Namespace,
    /// A Kubernetes context.
    Context,
    /// A cloud profile, project or subscription.
    Account,
}

/// What a wrapper changes about the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Moves {
    /// Another host.
    Host,
    /// A container on the same host.
    Container,
    /// Another user.
    User,
    /// Another time.
    Later,
}

/// Which words of a call are files that it writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Writes {
    /// Its operands (tee).
    Operands,
    /// The last of two operands or more, a file or a folder (cp).
    Last,
    /// The values of these options (`find -fprint`).
    Options(Vec<String>),
    /// Its operands, which it changes where they are (`sed -i`).
    InPlace(InPlace),
}

/// How a program is told to change files in place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InPlace {
    /// Options with one of which it does; it always does where there are none.
    pub flag: Vec<String>,
    /// How many operands, from the first, say what to change: they are no files.
    pub after: usize,
    /// Options with which none of the operands says that.
    pub unless: Vec<String>,
}

/// What the wrapped part is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// A finished argv.
    #[default]
    Argv,
    /// Text for a POSIX shell; several words are joined by spaces.
    Shell,
    /// Keys typed into a terminal where a shell reads them: `Enter`, `C-m` and `\n` end a row.
    Keys,
    /// Text for PowerShell; several words are joined by spaces.
    PowerShell,
    /// A Python program. Of this and all that follow only what they evidently start is read; the
    /// program is one word.
    Python,
    /// A Perl program.
    Perl,
    /// A Ruby program.
    Ruby,
    /// A JavaScript program.
    Node,
    /// A PHP program.
    Php,
    /// A Lua program.
    Lua,
    /// An awk program.
    Awk,
    /// A sed script.
    Sed,
    /// Ex commands.
    Vim,
    /// A makefile.
    Make,
    /// A Tcl or Expect script.
    Tcl,
    /// Commands of a database's or a file's client, with its escapes to a shell.
    Client,
    /// A program in any other language: names that start what stands in quotes after them.
    Calls,
    /// A crontab.
    Crontab,
    /// The parameters of a document that runs its `commands`.
    Commands,
}

impl Form {
    /// Returns whether it is a program of which only what it evidently starts is read.
    #[must_use]
    pub fn is_program(self) -> bool {
        !matches!(
            self,
            Self::Argv | Self::Shell | Self::Keys | Self::PowerShell
        )
    }
}

/// Where the wrapped part begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Inner {
    /// All that follows the wrapper's own options and operands.
    Rest,
    /// What is fed on standard input.
    Stdin,
    /// What follows one of these options, up to one of the ends (find, pwsh).
    After {
        /// The options.
        after: Vec<String>,
        /// Words that end it; to the end of the line where empty.
        until: Vec<String>,
        /// Whether, without such an option, the rest is wrapped.
        or_rest: bool,
        /// Whether standard input is read where there is nothing, or `-`.
        or_stdin: bool,
    },
    /// The operand with this number if the flag is there (`sh -c`).
    IfFlag {
        /// The flag.
        if_flag: Vec<String>,
        /// Number of the operand, from 1.
        operand: usize,
        /// Whether, without the flag, the first operand is a script.
        or_script: bool,
        /// Whether, without flag and operand, standard input is read.
        or_stdin: bool,
        /// Flags with which standard input is read whatever the operands (`bash -s`).
        stdin_if: Vec<String>,
    },
    /// The value of an option, under a condition on flags (ansible).
    ValueOf {
        /// The option.
        value_of: Vec<String>,
        /// Flag entries of which one must fit; `!` must not.
        when_flag: Vec<String>,
        /// Beginnings (patterns) of which the value must have one; what follows it is wrapped.
        prefix: Vec<String>,
    },
    /// A file that is the value of one of these options (`make -f`); `-` is standard input.
    FileOf(Vec<String>),
    /// The operand with this number, from 1, and nothing after it (`trap`).
    Operand(usize),
}

/// Where a wrapper says its target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TargetFrom {
    /// The value of one of these options.
    Options(Vec<String>),
    /// The operand of this name.
    Operand(String),
}

/// Where a wrapper that runs on several hosts lists them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Each {
    /// Options whose values are lists of hosts; each of them counts (`pssh -H a -H b`).
    pub list: Vec<String>,
    /// Options whose value is a host, as are the operands right behind it.
    pub rest: Vec<String>,
    /// Options whose value is a file of hosts, one a row.
    pub file: Vec<String>,
    /// Flags with which the operand that says the host is a list (`salt -L`).
    pub when: Vec<String>,
    /// Options that name hosts which only the program knows, or take some away: the number is not
    /// known then.
    pub not: Vec<String>,
}

/// A program that runs other commands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrapper {
    /// Base names.
    pub programs: Vec<String>,
    /// Verbs with which it wraps; always where empty.
    pub verb: Vec<String>,
    /// Options that take a value.
    pub values: Vec<String>,
    /// Options whose value may only be glued.
    pub optional: Vec<String>,
    /// How options are written.
    pub style: OptionStyle,
    /// Whether `NAME=value` words before the command are skipped.
    pub skip_assignments: bool,
    /// Names of the operands before the command.
    pub operands: Vec<String>,
    /// Where the wrapped part begins; `None` for a wrapper that only writes.
    pub inner: Option<Inner>,
    /// What the wrapped part is.
    pub form: Form,
    /// Options whose value is split into words (`env -S`).
    pub split: Vec<String>,
    /// The text that is replaced by operands not known yet (`{}`), and the option that sets it.
    pub replaces: Option<Replaces>,
    /// Whether operands that are not known yet are appended (xargs).
    pub appends: bool,
    /// What it changes about the place.
    pub moves: Option<Moves>,
    /// Whether it runs on several targets.
    pub many: bool,
    /// Where it lists its targets, if it runs on several.
    pub each: Each,
    /// Where it says its target.
    pub target: BTreeMap<TargetKey, TargetFrom>,
    /// Options with which nothing runs.
    pub none_if: Vec<String>,
    /// Which of its words are files that it writes.
    pub writes: Option<Writes>,
    /// The program name under which a wrapped word that is no command is judged.
    pub else_program: Option<String>,
    /// Lines of its own test that must find the guarded command.
    pub test_hold: Vec<String>,
    /// Lines of its own test that must not.
    pub test_pass: Vec<String>,
}

/// Text in a wrapped command that stands for operands not known yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replaces {
    /// Options whose value is that text.
    pub option: Vec<String>,
    /// The text where no option says another.
    pub default: String,
}

/// Values by which an option that needs none is switched off (`--help=false`).
const OFF: [&str; 8] = ["false", "f", "0", "no", "n", "off", "none", "never"];

/// Returns whether a value switches an option off that needs none.
#[must_use]
pub fn is_off(value: &str) -> bool {
    OFF.iter().any(|off| value.eq_ignore_ascii_case(off))
}
