//! The rule as it counts: every name resolved, every value parsed.
//!
//! Made once, by [`super::pack`], from TOML; nothing later re-checks. The build script compiles
//! this file too and writes these types as postcard bytes.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use super::pattern::{Pattern, PatternError, Regex};
use super::timerange::TimeRange;

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
    /// What becomes of a line where the team's store does not answer; by the risk where it is not
    /// said.
    pub on_store_down: Option<OnStoreDown>,
    /// Whether the system switched it off.
    pub off: bool,
    /// What the system changed of it, in the order of the files.
    pub tunes: Vec<Tune>,
    /// Lines that the rule alone must hold.
    pub test_hold: Vec<String>,
    /// Lines that the rule alone must pass.
    pub test_pass: Vec<String>,
}

impl Rule {
    /// The id of rules that stand for what is broken, or its beginning.
    pub const STAND_IN: &'static str = "kanmon.broken";

    /// Returns whether it was not written by anybody but stands for what is broken.
    #[must_use]
    pub fn is_stand_in(&self) -> bool {
        self.id.starts_with(Self::STAND_IN)
    }

    /// Returns what becomes of a line where the team's store does not answer: one that is critical is
    /// held unless the rule says otherwise.
    #[must_use]
    pub fn on_store_down(&self) -> OnStoreDown {
        self.on_store_down.unwrap_or(match self.risk {
            Risk::Critical => OnStoreDown::Hold,
            Risk::Note | Risk::Low | Risk::Medium | Risk::High => OnStoreDown::Local,
        })
    }
}

/// What becomes of a line where the team's store does not answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum OnStoreDown {
    /// It goes on with what this host knows; the records are sent later.
    #[default]
    Local,
    /// It stays held.
    Hold,
}

/// What the system changed of a rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tune {
    /// Where it stands.
    pub source: Source,
    /// Why.
    pub reason: String,
    /// The keys that it gives: `off`, `risk`, `when`, `drop`, `add`, `on_store_down`.
    pub changes: Vec<String>,
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
    /// Kinds of statements in its SQL.
    pub sql: Vec<SqlKind>,
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

impl VerbPattern {
    /// Reads an entry of `verb`, of a verb set or of `ends`, without a leading `!`.
    pub fn parse(source: &str) -> Result<Self, PatternError> {
        if let Some(set) = source.strip_prefix('@').filter(|set| !set.is_empty()) {
            return Ok(Self::Set(set.to_owned()));
        }
        let mut words = source.split_whitespace().peekable();
        if words.next_if_eq(&"**").is_some() {
            // Anything may stand before the last word, so more than one word cannot be meant.
            return match (words.next(), words.next()) {
                (Some(last), None) => Pattern::parse(last).map(Self::Last),
                _ => Err(PatternError::Empty),
            };
        }
        let path: Vec<Pattern> = words.map(Pattern::parse).collect::<Result<_, _>>()?;
        match path.is_empty() {
            true => Err(PatternError::Empty),
            false => Ok(Self::Path(path)),
        }
    }
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
    /// Whether `value` is text glued to the option, `=` included (`-q*`, `--force-with-lease*`);
    /// the option alone fits it too where the pattern takes the empty text.
    pub glued: bool,
}

/// Why a text is no entry of `flag`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FlagError {
    /// It names no option.
    #[error("`{0}` is no option: an option begins with `-`, `+` or `/`")]
    NoOption(String),
    /// Nothing stands in it.
    #[error("no option stands in it")]
    Empty,
    /// Alternatives among which there is more than options.
    #[error("`{0}` mixes alternatives with more than one option: write one entry for each")]
    Alternatives(String),
    /// The pattern of the value is wrong.
    #[error(transparent)]
    Value(#[from] PatternError),
}

impl FlagPattern {
    /// Reads an entry of `flag`, without a leading `!`, that may be alternatives: `-a|-b`.
    pub fn parse_any(source: &str) -> Result<Vec<Self>, FlagError> {
        let name = source.split('=').next().unwrap_or(source);
        if !name.contains('|') {
            return Self::parse(source).map(|pattern| vec![pattern]);
        }
        if name.contains(' ') {
            return Err(FlagError::Alternatives(source.to_owned()));
        }
        // Only a dash after the bar begins an option; any other bar belongs to a value.
        let mut options: Vec<String> = Vec::new();
        for part in source.split('|') {
            match options.last_mut() {
                Some(option) if !part.starts_with(['-', '+', '/']) => {
                    option.push('|');
                    option.push_str(part);
                }
                Some(_) | None => options.push(part.to_owned()),
            }
        }
        options.iter().map(|option| Self::parse(option)).collect()
    }

    /// Reads an entry of `flag` or of `dry`, without a leading `!`.
    pub fn parse(source: &str) -> Result<Self, FlagError> {
        let mut options: Vec<String> = Vec::new();
        for word in source.split_whitespace() {
            // A space before a dash begins the next option, any other belongs to a value.
            match options.last_mut() {
                Some(option) if !word.starts_with(['-', '+']) => {
                    option.push(' ');
                    option.push_str(word);
                }
                Some(_) | None => options.push(word.to_owned()),
            }
        }
        let all: Vec<OneFlag> = options
            .iter()
            .map(|option| OneFlag::parse(option))
            .collect::<Result<_, _>>()?;
        match all.is_empty() {
            true => Err(FlagError::Empty),
            false => Ok(Self { all }),
        }
    }
}

impl OneFlag {
    /// Reads one option: `-r`, `--dry-run=none`, `-q*`.
    fn parse(source: &str) -> Result<Self, FlagError> {
        let name = source.split('=').next().unwrap_or(source);
        if !name.starts_with(['-', '+', '/']) || name.contains([' ', '|']) {
            return Err(FlagError::NoOption(source.to_owned()));
        }
        if let Some((name, value)) = source.split_once('=') {
            return Ok(Self {
                name: name.to_owned(),
                value: Some(Pattern::parse(value)?),
                glued: false,
            });
        }
        let Some(wild) = source.find(['*', '?']).filter(|at| *at > 1) else {
            return Ok(Self {
                name: source.to_owned(),
                value: None,
                glued: false,
            });
        };
        let (name, value) = source.split_at(wild);
        Ok(Self {
            name: name.to_owned(),
            value: Some(Pattern::parse(value)?),
            glued: true,
        })
    }
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

/// An entry of `sql`: what a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SqlKind {
    /// A `DELETE` of every row.
    DeleteAll,
    /// An `UPDATE` of every row.
    UpdateAll,
    /// A table is emptied.
    Truncate,
    /// Something is removed.
    Drop,
    /// Something is changed in its form.
    Alter,
    /// The server's own settings are changed.
    AlterSystem,
    /// Rights or users are changed.
    Grant,
    /// Anything is written, all of the above included.
    Write,
    /// What it does is not known.
    Opaque,
}

/// One condition: all its keys must fit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// Patterns by key (`host`, `user`, `cwd`, `via`, …, `env.NAME`).
    pub patterns: BTreeMap<String, AnyOf<Pattern>>,
    /// Whether there is a terminal.
    pub tty: Option<bool>,
    /// Weekly times in which it is now.
    pub time: AnyOf<TimeRange>,
    /// Calendars in one of whose entries it is now.
    pub freeze: AnyOf<Calendar>,
    /// The same was run at the same target lately.
    pub rerun: Option<Rerun>,
    /// The same was not cleared at the same target lately, so often.
    pub declined: Option<Declined>,
}

/// What `rerun` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rerun {
    /// Whether only runs count that failed, or of whose end nothing is known.
    pub failed: bool,
    /// How long the end may be ago.
    pub within: Duration,
}

/// What `declined` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declined {
    /// How often at least.
    pub times: usize,
    /// How long the first of them may be ago.
    pub within: Duration,
}

/// A read-only command by which a rule looks at the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// Full id, `PACK.NAME`.
    pub id: String,
    /// The command, with `{placeholders}`; for people where it is made of the held invocation.
    pub run: String,
    /// What kind of command it is.
    pub form: ProbeForm,
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

/// What kind of command a probe runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProbeForm {
    /// Text for `/bin/sh`.
    #[default]
    Sh,
    /// Text for PowerShell.
    Pwsh,
    /// The held invocation once more.
    Again {
        /// Words after its verb.
        words: Vec<String>,
        /// The verb in place of its own.
        verb: Option<String>,
    },
    /// A statement, asked of the server that the held invocation names.
    Sql {
        /// The client, its options, and the one that takes a statement as the last.
        by: Vec<String>,
        /// The statements: the first of which all is known is asked.
        texts: Vec<String>,
    },
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
        /// Whether runs from other hosts should count; they do not before there is a team store.
        team: bool,
        /// Targets whose runs count together where this run's target is one of them.
        group: Option<Pattern>,
    },
    /// Now is inside.
    Window(TimeRange),
    /// A run of another rule ended well lately at this target.
    First {
        /// Full id of that rule.
        rule: String,
        /// How long ago it may have ended.
        within: Duration,
        /// Names of placeholders that must have the same value.
        same: Vec<String>,
    },
    /// Other persons say yes from their own login.
    Approve {
        /// How many.
        count: usize,
        /// Only members of this group count.
        group: Option<String>,
    },
    /// A second person at the same keyboard types their name and a call of their own.
    Witness {
        /// What they are asked, their name being the answer.
        ask: Text,
        /// What they call.
        what: Callee,
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
#[expect(
    clippy::large_enum_variant,
    reason = "a rule has a handful of steps, and most calls are of a probe"
)]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_are_paths_last_words_or_sets() {
        let pattern = |text| Pattern::parse(text).unwrap();
        assert_eq!(
            VerbPattern::parse("power off|cycle"),
            Ok(VerbPattern::Path(vec![
                pattern("power"),
                pattern("off|cycle")
            ]))
        );
        assert_eq!(
            VerbPattern::parse("** list"),
            Ok(VerbPattern::Last(pattern("list")))
        );
        assert_eq!(
            VerbPattern::parse("@read"),
            Ok(VerbPattern::Set("read".to_owned()))
        );
        for wrong in ["", " ", "**", "** a b"] {
            assert_eq!(
                VerbPattern::parse(wrong),
                Err(PatternError::Empty),
                "{wrong}"
            );
        }
    }

    #[test]
    fn flags_have_values_glued_or_not() {
        let one = |name: &str, value: Option<&str>, glued| OneFlag {
            name: name.to_owned(),
            value: value.map(|value| Pattern::parse(value).unwrap()),
            glued,
        };
        let check = |text, all: &[OneFlag]| {
            assert_eq!(
                FlagPattern::parse(text),
                Ok(FlagPattern { all: all.to_vec() })
            );
        };
        check("-r", &[one("-r", None, false)]);
        check("-r -f", &[one("-r", None, false), one("-f", None, false)]);
        check("--dry-run=none", &[one("--dry-run", Some("none"), false)]);
        check("-e=shut down", &[one("-e", Some("shut down"), false)]);
        check("-q*", &[one("-q", Some("*"), true)]);
        check("-?", &[one("-?", None, false)]);
        let any = |text| FlagPattern::parse_any(text).map(|flags| flags.len());
        assert_eq!(any("-ALRM|-14"), Ok(2));
        assert_eq!(any("-a|-s=x|y"), Ok(2));
        assert_eq!(any("-s=x|-y"), Ok(1));
        assert_eq!(any("-a|b"), Err(FlagError::NoOption("-a|b".to_owned())));
        assert_eq!(
            any("-a|-b -c"),
            Err(FlagError::Alternatives("-a|-b -c".to_owned()))
        );
        assert_eq!(FlagPattern::parse(""), Err(FlagError::Empty));
        assert_eq!(
            FlagPattern::parse("-a b"),
            Err(FlagError::NoOption("-a b".to_owned()))
        );
        assert_eq!(
            FlagPattern::parse("--x="),
            Err(FlagError::Value(PatternError::Empty))
        );
    }
}
