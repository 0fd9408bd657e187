//! One compiled table, and what was decoded of it so far.
//!
//! What cannot be decoded holds: a rule is replaced by one that fits every program, and of a name
//! nothing is known.

use std::borrow::Cow;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, OnceLock};

use crate::line::{Words, Wrapper};
use crate::policy::pattern::Pattern;
use crate::policy::rule::{AnyOf, Matcher, Rule, Source, Text};
use crate::policy::table::{Entry, Head, Table, TableError};

/// One table with what was decoded of it.
#[derive(Debug)]
pub(super) struct Part {
    /// The blob.
    bytes: Cow<'static, [u8]>,
    /// Its parts.
    head: Head,
    /// Decoded rules by number.
    rules: OnceLock<Box<[OnceLock<Arc<Rule>>]>>,
    /// Decoded words and wrappers by number of the name.
    names: OnceLock<Box<[OnceLock<Box<Known>>]>>,
    /// Patterns of program names.
    patterns: OnceLock<Vec<Pattern>>,
    /// Number of the name that was looked up last.
    last: AtomicUsize,
    /// The rules that are tried whatever the name, one entry for each way in which they may fit.
    beyond: OnceLock<Vec<(Beyond, usize)>>,
}

/// What matchers that name no program ask of an invocation, or an invocation has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beyond {
    /// Redirects.
    pub(super) writes: bool,
    /// That it cannot be known.
    pub(super) opaque: bool,
    /// Something on its standard input.
    pub(super) fed: bool,
}

impl Beyond {
    /// Returns what a matcher asks.
    fn asked_by(matcher: &Matcher) -> Self {
        Self {
            writes: !matcher.writes.is_empty(),
            opaque: !matcher.opaque.is_empty(),
            fed: !matcher.fed.is_empty(),
        }
    }

    /// Returns whether nothing is asked that is not there.
    pub(super) fn is_within(self, has: Self) -> bool {
        (!self.writes || has.writes) && (!self.opaque || has.opaque) && (!self.fed || has.fed)
    }
}

/// What was decoded of a name.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Its words.
    pub(super) words: Option<Words>,
    /// Its wrappers.
    pub(super) wrappers: Vec<Wrapper>,
}

impl Part {
    /// Opens a table.
    pub(super) fn open(bytes: Cow<'static, [u8]>) -> Result<Self, TableError> {
        let head = Table::open(&bytes)?.head();
        Ok(Self {
            bytes,
            head,
            rules: OnceLock::new(),
            names: OnceLock::new(),
            patterns: OnceLock::new(),
            beyond: OnceLock::new(),
            last: AtomicUsize::new(0),
        })
    }

    /// Returns the table.
    pub(super) fn table(&self) -> Table<'_> {
        Table::reopen(&self.bytes, self.head)
    }

    /// Returns what the table has of a name.
    pub(super) fn lookup(&self, name: &[u8]) -> Option<Entry<'_>> {
        self.table().lookup_near(name, &self.last)
    }

    /// Returns the patterns of program names.
    pub(super) fn patterns(&self) -> &Vec<Pattern> {
        self.patterns.get_or_init(|| {
            let patterns = self.table().patterns();
            patterns
                .map(|text| Pattern::checked_before(text.to_owned()))
                .collect()
        })
    }

    /// Returns the rules that are tried whatever the name, with what they ask.
    pub(super) fn beyond(&self) -> &Vec<(Beyond, usize)> {
        self.beyond.get_or_init(|| {
            let mut beyond = Vec::new();
            for number in self.table().always_candidates() {
                let matchers = self.rule(number).matchers.iter();
                let nameless = matchers.filter(|matcher| matcher.program.is_empty());
                let n_before = beyond.len();
                beyond.extend(nameless.map(|matcher| (Beyond::asked_by(matcher), number)));
                if beyond.len() == n_before {
                    // It cannot be decoded, and what stands in its place fits everything.
                    let nothing = Beyond::asked_by(&Matcher::default());
                    beyond.push((nothing, number));
                }
            }
            beyond
        })
    }

    /// Returns a rule. One that cannot be decoded is replaced by one that holds every program: what
    /// is broken holds.
    pub(super) fn rule(&self, number: usize) -> &Arc<Rule> {
        let rules = self.rules.get_or_init(|| empty(self.table().n_rules()));
        match rules.get(number) {
            Some(place) => place.get_or_init(|| {
                let rule = self.table().rule(number);
                Arc::new(rule.unwrap_or_else(|error| stand_in(&error)))
            }),
            None => broken(),
        }
    }

    /// Returns what is known of a name. What cannot be decoded is as if nothing were known: then
    /// nothing is harmless, and what may stand behind the program counts.
    pub(super) fn known(&self, entry: Entry<'_>) -> Option<&Known> {
        let names = self.names.get_or_init(|| empty(self.table().n_names()));
        let place = names.get(entry.index)?;
        Some(place.get_or_init(|| {
            Box::new(Known {
                words: entry.words().ok().flatten(),
                wrappers: entry.wrappers().unwrap_or_default(),
            })
        }))
    }
}

/// Returns `n` empty places.
fn empty<T>(n: usize) -> Box<[OnceLock<T>]> {
    std::iter::repeat_with(OnceLock::new).take(n).collect()
}

/// Returns the rule that stands for one that a table names and does not have.
fn broken() -> &'static Arc<Rule> {
    static BROKEN: OnceLock<Arc<Rule>> = OnceLock::new();
    BROKEN.get_or_init(|| Arc::new(stand_in(&TableError::Damaged)))
}

/// Returns the rule that stands for one that cannot be decoded: it holds every program.
fn stand_in(error: &TableError) -> Rule {
    let text = |source: String| Text {
        source,
        ..Text::default()
    };
    let everything = Matcher {
        program: AnyOf {
            plain: vec![Pattern::checked_before(String::from("*"))],
            not: Vec::new(),
        },
        ..Matcher::default()
    };
    Rule::standing_in(
        String::from("kanmon.damaged"),
        Source::default(),
        text(String::from("Run a command while the rules are damaged")),
        text(error.to_string()),
        vec![everything],
    )
}
