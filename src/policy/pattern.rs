//! Patterns of the rule language: globs, `a|b`, and `re:` regular expressions.
//!
//! In: the source text, checked once when a rule file is read. Out: whether a text fits, also where
//! parts of the text are not known. Regular expressions are compiled when first used and kept: a
//! program start must not pay (about 100 µs each) for rules that are no candidates. The build
//! script compiles this file too, so it stands on regex and serde alone.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::OnceLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

mod glob;

/// Whether upper and lower case differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// `A` is not `a`.
    Counts,
    /// `A` is `a`.
    Ignored,
}

/// How far a text with unknown parts fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It does not, whatever the unknown parts are.
    No,
    /// It depends on the unknown parts.
    Maybe,
    /// It does, whatever the unknown parts are.
    Yes,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing stands in it, or nothing beside a `|`.
    #[error("the pattern is empty")]
    Empty,
    /// The regular expression does not compile.
    #[error("the regular expression does not compile: {reason}")]
    Regex {
        /// What the regex engine says, in one line.
        reason: String,
    },
}

/// A glob (`*` any text, `?` one character, `a|b` either) or, after `re:`, a regex, searched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern {
    /// The text as written, `re:` included.
    source: String,
    /// What stands after `re:`; a glob where `None`.
    regex: Option<Regex>,
    /// How its text is compared, told from the text once: every line is compared with hundreds.
    shape: Shape,
    /// Whether a `/` stands in it.
    is_path: bool,
}

/// Returns whether no text like `text` fits the glob because the first or the last letter is
/// another one, whatever its case: what nearly every comparison ends with.
fn differ_at_an_end(glob: &str, text: &str) -> bool {
    let differ = |wanted: Option<&u8>, found: Option<&u8>| match (wanted, found) {
        (Some(wanted), Some(found)) => {
            wanted.is_ascii()
                && found.is_ascii()
                && !matches!(wanted, b'*' | b'?')
                && !wanted.eq_ignore_ascii_case(found)
        }
        (None, _) | (_, None) => false,
    };
    let (glob, text) = (glob.as_bytes(), text.as_bytes());
    differ(glob.first(), text.first()) || differ(glob.last(), text.last())
}

/// What a pattern's text is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Shape {
    /// One text that stands for itself.
    Fixed,
    /// One glob.
    Glob,
    /// Several globs, or an expression.
    Several,
}

impl Shape {
    /// Returns the shape of a pattern's text.
    fn of(source: &str) -> Self {
        match source {
            _ if source.starts_with("re:") || source.contains('|') => Self::Several,
            _ if source.contains(['*', '?']) => Self::Glob,
            _ => Self::Fixed,
        }
    }
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// ```
    /// use kanmon::policy::pattern::{Case, Pattern};
    /// let pattern = Pattern::parse("mx*|db?")?;
    /// assert!(pattern.fits("mx12", Case::Counts));
    /// assert!(!pattern.fits("db12", Case::Counts));
    /// # Ok::<(), kanmon::policy::pattern::PatternError>(())
    /// ```
    pub fn parse(source: &str) -> Result<Self, PatternError> {
        let regex = source.strip_prefix("re:").map(Regex::parse).transpose()?;
        if regex.is_none() && source.split('|').any(str::is_empty) {
            return Err(PatternError::Empty);
        }
        Ok(Self {
            source: source.to_owned(),
            regex,
            shape: Shape::of(source),
            is_path: source.contains('/'),
        })
    }

    /// Takes a text that [`Pattern::parse`] has accepted before, without compiling it again.
    #[must_use]
    pub fn checked_before(source: String) -> Self {
        let regex = source
            .strip_prefix("re:")
            .map(|text| Regex::checked_before(text.to_owned()));
        Self {
            shape: Shape::of(&source),
            is_path: source.contains('/'),
            source,
            regex,
        }
    }

    /// Returns the text as written.
    #[must_use]
    pub fn as_written(&self) -> &str {
        &self.source
    }

    /// Returns whether it speaks of a path: a `/` stands in it.
    #[must_use]
    pub fn is_path(&self) -> bool {
        self.is_path
    }

    /// Returns whether it is a glob for absolute paths.
    #[must_use]
    pub fn is_absolute_glob(&self) -> bool {
        self.source.starts_with('/')
    }

    /// Returns whether it says an absolute path: as a glob, also behind `name=`, or as an expression
    /// that begins with one.
    #[must_use]
    pub fn says_absolute(&self) -> bool {
        let is_path = |glob: &str| glob.starts_with('/') || glob.contains("=/");
        match self.regex {
            Some(_) => self.source.starts_with("re:^/"),
            None => self.source.split('|').any(is_path),
        }
    }

    /// Returns what stands after the last `/`.
    #[must_use]
    pub fn base(&self) -> &str {
        self.source.rsplit('/').next().unwrap_or_default()
    }

    /// Returns whether the part after the last `/`, taken as a pattern of its own, fits `name`.
    #[must_use]
    pub fn base_fits(&self, name: &str) -> bool {
        let base = self.base();
        match Shape::of(base) {
            Shape::Fixed => !base.is_empty() && base == name,
            Shape::Glob => glob::fits(base, name, Case::Counts),
            Shape::Several => Self::parse(base).is_ok_and(|base| base.fits(name, Case::Counts)),
        }
    }

    /// Returns the names that this pattern fits where it is a list of fixed texts (`a`, `a|b`).
    #[must_use]
    pub fn literals(&self) -> Option<Vec<&str>> {
        let is_fixed = self.regex.is_none() && !self.source.contains(['*', '?']);
        is_fixed.then(|| self.source.split('|').collect())
    }

    /// Returns the alternatives of a glob, none for a regex.
    #[must_use]
    pub fn globs(&self) -> Option<Vec<&str>> {
        self.regex
            .is_none()
            .then(|| self.source.split('|').collect())
    }

    /// Returns whether `text` fits.
    #[must_use]
    pub fn fits(&self, text: &str, case: Case) -> bool {
        match (self.shape, &self.regex) {
            (Shape::Fixed, _) if case == Case::Counts => self.source == text,
            (Shape::Fixed | Shape::Glob, _) => {
                !differ_at_an_end(&self.source, text) && glob::fits(&self.source, text, case)
            }
            (Shape::Several, Some(regex)) => regex.is_found_in(text, case),
            (Shape::Several, None) => self
                .source
                .split('|')
                .any(|glob| glob::fits(glob, text, case)),
        }
    }

    /// Returns how far a text fits whose `None` parts are unknown texts of any length.
    #[must_use]
    pub fn fits_pieces(&self, pieces: &[Option<&str>], case: Case) -> Fit {
        if let Some(known) = pieces.iter().copied().collect::<Option<Vec<_>>>() {
            return match self.fits(&known.concat(), case) {
                true => Fit::Yes,
                false => Fit::No,
            };
        }
        match &self.regex {
            // An expression may look at any part of the text, so an unknown part decides.
            Some(_) => Fit::Maybe,
            None => self
                .source
                .split('|')
                .map(|glob| glob::fits_pieces(glob, pieces, case))
                .max()
                .unwrap_or(Fit::No),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.source)
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.source)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    /// Takes the text back without compiling it: it was checked before it was written.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::checked_before)
    }
}

/// A Rust regular expression, known to compile.
#[derive(Debug, Clone)]
pub struct Regex {
    /// The text as written.
    source: String,
    /// Compiled with case counting, when first used.
    exact: OnceLock<Option<regex::Regex>>,
    /// Compiled with case ignored, when first used.
    any_case: OnceLock<Option<regex::Regex>>,
}

impl Regex {
    /// Reads a regular expression.
    pub fn parse(source: &str) -> Result<Self, PatternError> {
        if source.is_empty() {
            return Err(PatternError::Empty);
        }
        let compiled = regex::Regex::new(source).map_err(|error| PatternError::Regex {
            reason: last_line(&error.to_string()),
        })?;
        Ok(Self {
            source: source.to_owned(),
            exact: OnceLock::from(Some(compiled)),
            any_case: OnceLock::new(),
        })
    }

    /// Takes a text that [`Regex::parse`] has accepted before.
    fn checked_before(source: String) -> Self {
        Self {
            source,
            exact: OnceLock::new(),
            any_case: OnceLock::new(),
        }
    }

    /// Returns the text as written.
    #[must_use]
    pub fn as_written(&self) -> &str {
        &self.source
    }

    /// Returns the compiled expression; `None` only where a stored text was damaged.
    #[must_use]
    pub fn compiled(&self) -> Option<&regex::Regex> {
        self.exact
            .get_or_init(|| regex::Regex::new(&self.source).ok())
            .as_ref()
    }

    /// Returns whether it is found in `text`. A damaged expression fits everything: it holds.
    #[must_use]
    pub fn is_found_in(&self, text: &str, case: Case) -> bool {
        let compiled = match case {
            Case::Counts => self.compiled(),
            Case::Ignored => self
                .any_case
                .get_or_init(|| {
                    regex::RegexBuilder::new(&self.source)
                        .case_insensitive(true)
                        .build()
                        .ok()
                })
                .as_ref(),
        };
        compiled.is_none_or(|regex| regex.is_match(text))
    }
}

/// Returns the last line of a message: the engine puts the expression first, the reason last.
fn last_line(message: &str) -> String {
    let line = message.lines().last().unwrap_or_default().trim();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

impl PartialEq for Regex {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Regex {}

impl PartialOrd for Regex {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Regex {
    fn cmp(&self, other: &Self) -> Ordering {
        self.source.cmp(&other.source)
    }
}

impl Hash for Regex {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.source.hash(state);
    }
}

impl Serialize for Regex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.source)
    }
}

impl<'de> Deserialize<'de> for Regex {
    /// Takes the text back without compiling it: it was checked before it was written.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::checked_before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asserts whether `text` fits `pattern`, case counting.
    #[track_caller]
    fn check(pattern: &str, text: &str, expected: bool) {
        let parsed = Pattern::parse(pattern).unwrap();
        assert_eq!(
            parsed.fits(text, Case::Counts),
            expected,
            "{pattern} on {text}"
        );
    }

    #[test]
    fn globs_fit_the_whole_text() {
        check("reboot", "reboot", true);
        check("reboot", "reboots", false);
        check("mx*", "mx", true);
        check("mx*", "mx12.example", true);
        check("mx*", "amx", false);
        check("*.jp", "a.jp", true);
        check("a*b*c", "aXbYc", true);
        check("a*b*c", "acb", false);
        check("db?", "db1", true);
        check("db?", "db", false);
        check("?", "関", true);
        check("on|off", "off", true);
        check("on|off", "on|off", false);
        check("*", "", true);
    }

    #[test]
    fn expressions_are_searched() {
        check(r"re:^mx\d+$", "mx12", true);
        check(r"re:^mx\d+$", "mx12a", false);
        check("re:a|b", "xbx", true);
    }

    #[test]
    fn case_can_be_ignored() {
        let glob = Pattern::parse("Resume-*").unwrap();
        assert!(glob.fits("resume-queue", Case::Ignored));
        assert!(!glob.fits("resume-queue", Case::Counts));
        let regex = Pattern::parse("re:^FLUSH").unwrap();
        assert!(regex.fits("flushall", Case::Ignored));
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        assert_eq!(Pattern::parse(""), Err(PatternError::Empty));
        assert_eq!(Pattern::parse("a|"), Err(PatternError::Empty));
        let error = Pattern::parse("re:(").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the regular expression does not compile: unclosed group"
        );
    }

    #[test]
    fn unknown_parts_decide_only_where_they_must() {
        let check = |pattern: &str, pieces: &[Option<&str>], expected: Fit| {
            let parsed = Pattern::parse(pattern).unwrap();
            assert_eq!(
                parsed.fits_pieces(pieces, Case::Counts),
                expected,
                "{pattern} {pieces:?}"
            );
        };
        check("mx*", &[Some("mx"), None], Fit::Yes);
        check("mx*", &[Some("m"), None], Fit::Maybe);
        check("mx*", &[Some("a"), None], Fit::No);
        check("mx1", &[None], Fit::Maybe);
        check("*", &[None, Some("x")], Fit::Yes);
        check("*x", &[None, Some("y")], Fit::No);
        check("*x", &[None, Some("x")], Fit::Yes);
        check("a?c", &[Some("a"), None, Some("c")], Fit::Maybe);
        check("abc", &[Some("abc"), None], Fit::Maybe);
        check("re:x", &[None], Fit::Maybe);
        check("re:x", &[Some("a"), Some("x")], Fit::Yes);
    }

    #[test]
    fn long_stars_do_not_take_exponential_time() {
        let pattern = "*a".repeat(60) + "b";
        let text = "a".repeat(4_000);
        check(&pattern, &text, false);
        let parsed = Pattern::parse(&pattern).unwrap();
        let pieces = [Some(text.as_str()), None, Some("c")];
        assert_eq!(parsed.fits_pieces(&pieces, Case::Counts), Fit::No);
    }

    proptest::proptest! {
        #[test]
        fn both_ways_of_matching_agree(glob in "[ab*?]{1,8}", text in "[ab]{0,8}", cut in 0_usize..9) {
            let parsed = Pattern::parse(&glob).unwrap();
            let expected = parsed.fits(&text, Case::Counts);
            let cut = cut.min(text.len());
            let (before, after) = text.split_at(cut);
            // The same text in pieces, and with an unknown part of which nothing is.
            let pieces = glob::fits_pieces(&glob, &[Some(before), Some(after)], Case::Counts);
            proptest::prop_assert_eq!(pieces == Fit::Yes, expected);
            let unsure = parsed.fits_pieces(&[Some(before), None, Some(after)], Case::Counts);
            if expected {
                proptest::prop_assert!(unsure != Fit::No);
            } else {
                proptest::prop_assert!(unsure != Fit::Yes);
            }
        }
    }
}
