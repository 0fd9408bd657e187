//! The rule as it counts: every name resolved, every value parsed.
//!
//! Made once, by [`super::pack`], from TOML; nothing later re-checks. The build script compiles
//! this file too and writes these types as postcard bytes.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::pattern::{Pattern, Regex};

/// How bad it is when the command is a mistake; sets what is asked at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Nothing is asked; the run is supervised and recorded.
    Note,
    /// One key.
    Low,
    /// A `confirm`.
    Medium,
    /// A `call`.
    High,
    /// A `call` and a `cooldown` of 30 s.
    Critical,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Full id, `PACK.ID`.
    pub id: String,
    /// File and line (from 1) where it stands.
    pub source: Source,
    /// What the operator is about to do.
    pub title: Text,
    /// What goes wrong; empty only for `note`.
    pub why: Text,
    /// How bad a mistake is.
    pub risk: Risk,
    /// Any of these makes it match; never empty.
    pub matchers: Vec<Matcher>,
    /// Any of these must hold; always where empty.
    pub when: Vec<Condition>,
    /// What to pass, the floor of `risk` not yet added.
    pub steps: Vec<Step>,
    /// What is shown and checked after the end.
    pub after: Vec<After>,
    /// How to take it back.
    pub undo: Option<Text>,
    /// The safer way.
    pub instead: Option<Text>,
    /// A URL.
    pub docs: Option<String>,
    /// Whether it is out in the `workstation` profile.
    pub production_only: bool,
    /// Lines that the rule alone must hold.
    pub test_hold: Vec<String>,
    /// Lines that the rule alone must pass.
    pub test_pass: Vec<String>,
}

/// Where a rule was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Path, or `built-in/NAME.toml`.
    pub file: String,
    /// Line from 1.
    pub line: usize,
}

/// A text for people in the languages that its pack has.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Text {
    /// The text as written in the rule.
    pub source: String,
    /// Translations by language tag (`ja`, `en`); the source's own language is not in it.
    pub other: BTreeMap<String, String>,
}

impl Text {
    /// Returns the text in the language with this tag, or as written.
    #[must_use]
    pub fn in_language(&self, tag: &str) -> &str {
        self.other
            .get(tag)
            .map_or(self.source.as_str(), String::as_str)
    }
}

/// Entries of a list key: plain ones of which one must fit, `!` ones of which none may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnyOf<T> {
    /// Entries without `!`.
    pub plain: Vec<T>,
    /// Entries with `!`, the mark taken away.
    pub not: Vec<T>,
}

impl<T> Default for AnyOf<T> {
    fn default() -> Self {
        Self {
            plain: Vec::new(),
            not: Vec::new(),
        }
    }
}

impl<T> AnyOf<T> {
    /// Returns whether the key was not written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.plain.is_empty() && self.not.is_empty()
    }
}

/// One entry of `match`: all its keys must fit one and the same invocation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matcher {
    /// Base names, or absolute paths where a `/` stands in the pattern.
    pub program: AnyOf<Pattern>,
    /// Verb paths.
    pub verb: AnyOf<VerbPattern>,
    /// Options.
    pub flag: AnyOf<FlagPattern>,
    /// Operands after the verb.
    pub arg: AnyOf<Pattern>,
    /// Whether `arg = ["!*"]`: there is no operand.
    pub no_arg: bool,
    /// Paths that are written to.
    pub writes: AnyOf<Pattern>,
    /// Text on standard input.
    pub fed: AnyOf<Pattern>,
    /// Programs of which none may act on the same target in the same line.
    pub without: Vec<Pattern>,
    /// Why the invocation is unknowable.
    pub opaque: Vec<OpaqueKind>,
    /// Raw text of the line.
    pub line: Option<Regex>,
    /// Conditions for this matcher alone.
    pub when: Vec<Condition>,
    /// Values for probes and texts.
    pub lets: BTreeMap<String, String>,
}

/// An entry of `verb`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum VerbPattern {
    /// The verb path begins with these words.
    Path(Vec<Pattern>),
    /// The verb path's last word is this (`"** list"`).
    Last(Pattern),
    /// A set of the program's words (`"@read"`).
    Set(String),
}

/// An entry of `flag`: all of these options are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlagPattern {
    /// The options, joined by a space in the source.
    pub all: Vec<OneFlag>,
}

/// One option in a [`FlagPattern`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneFlag {
    /// The option, dashes included, without a value.
    pub name: String,
    /// What its value must be; any where `None`.
    pub value: Option<Pattern>,
    /// Whether `value` is text glued to the option (`-q*`).
    pub glued: bool,
}

/// An entry of `opaque`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OpaqueKind {
    /// The program is in a variable.
    Variable,
    /// Text made while running.
    Eval,
    /// Text from elsewhere.
    Download,
    /// Text that the grammar does not take.
    Unparsed,
    /// Any of them.
    Any,
}

/// One condition: all its keys must fit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// Patterns by key (`host`, `user`, `cwd`, `via`, …, `env.NAME`).
    pub patterns: BTreeMap<String, AnyOf<Pattern>>,
    /// Whether there is a terminal.
    pub tty: Option<bool>,
}

/// A read-only command by which a rule looks at the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// Full id, `PACK.NAME`.
    pub id: String,
    /// The `/bin/sh` command, with `{placeholders}`.
    pub run: String,
    /// Where it runs.
    pub on: On,
    /// Whether it runs through `sudo -n` there.
    pub root: bool,
    /// Exit statuses that mean success.
    pub ok: Vec<u8>,
    /// How output becomes the value.
    pub value: Value,
    /// Lines shown at most.
    pub lines: usize,
    /// Change allowed between answer and start.
    pub drift: Drift,
    /// Time allowed.
    pub timeout: Duration,
    /// What this is.
    pub label: Text,
}

/// Where a probe runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum On {
    /// Through the same hosts and containers as the command.
    Target,
    /// On the operator's host.
    Here,
}

/// How a probe's output becomes its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// The trimmed output.
    Output,
    /// The number of lines that fit.
    Count(Regex),
    /// What capture 1 (or the whole fit where there is no capture) gives.
    Pick(Regex, PickAs),
}

/// Which of several fits of a `pick` count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PickAs {
    /// The first.
    First,
    /// The last.
    Last,
    /// Their sum.
    Sum,
    /// The smallest number, a Unix time, shown as a local time and an age.
    Oldest,
    /// The five most frequent, with counts.
    Top,
}

/// Change allowed between a measured value and its second measuring.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Drift {
    /// By this number.
    Number(f64),
    /// By this share of the first value, 0.05 for 5 %.
    Share(f64),
    /// By anything.
    Any,
}

impl Eq for Drift {}

/// One step with its optional id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// For `tune`.
    pub id: Option<String>,
    /// What it asks.
    pub kind: StepKind,
}

/// What a step asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum StepKind {
    /// A probe is shown.
    Show(Probe),
    /// A probe's value must be so.
    Check {
        /// The probe.
        probe: Probe,
        /// What its value must be.
        is: Expectation,
        /// Whether a probe that could not look blocks.
        must: bool,
    },
    /// Yes.
    Confirm(Text),
    /// Every item is passed, one by one.
    Checklist(Vec<Item>),
    /// A measured value is typed exactly.
    Call {
        /// What is called.
        what: Callee,
        /// Text in place of the label.
        ask: Option<Text>,
    },
    /// Time is sat out.
    Cooldown(Duration),
    /// The last run of the rule is longer ago.
    Gap {
        /// How long.
        time: Duration,
        /// Whether runs at other targets count too.
        per_rule: bool,
    },
    /// One key; the floor of `low`, never written in a rule.
    Key,
}

/// An item of a checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What is asked.
    pub ask: Text,
    /// Whether a typed answer is wanted instead of yes or no.
    pub typed: bool,
    /// The form that a typed answer must have.
    pub like: Option<Regex>,
    /// Shown before it.
    pub show: Option<Probe>,
    /// Whether a no means a pause of 5 minutes instead of the end.
    pub rest_on_no: bool,
}

/// What a call calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Callee {
    /// The value of this probe, measured just before.
    Probe(Probe),
    /// The target's name.
    Target,
    /// The user it runs as.
    User,
    /// An operand, from 1.
    Arg(usize),
}

/// What `is` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expectation {
    /// Compared as numbers; sizes take `k M G T`.
    Compare(Comparison, Number),
    /// Is not this text.
    Not(String),
    /// Fits this pattern.
    Like(Pattern),
}

/// A number, kept as its bits so that rules can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Number(pub u64);

impl Number {
    /// Returns the number.
    #[must_use]
    pub fn get(self) -> f64 {
        f64::from_bits(self.0)
    }
}

/// How numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
}

/// A step that runs when the command has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct After {
    /// When it runs.
    pub when: AfterWhen,
    /// A `Show` or a `Check`.
    pub step: StepKind,
}

/// When an after runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AfterWhen {
    /// However the command ended.
    Always,
    /// Where it ended well.
    Ok,
    /// Where it did not.
    Failed,
}
