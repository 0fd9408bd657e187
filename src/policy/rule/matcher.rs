//! What an invocation must be for a rule to match it: an entry of `match`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Condition;
use crate::policy::pattern::{Pattern, PatternError, Regex};

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
