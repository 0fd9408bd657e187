//! One invocation as the matchers see it, with what most of them ask worked out once.
//!
//! A program has dozens of matchers, and reading its options is dearer than all else that one of
//! them does. Nothing is worked out before a matcher asks.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::line::options::{self, Doubt, Parsed};
use crate::line::{Invocation, Lore, Reading, Words};

use super::facts::Facts;
use super::pattern::Case;
use super::rooted::{self, Folder};
use super::rule::Matcher;

/// What a matcher is judged against.
pub(super) struct Scene<'a> {
    /// The whole line's text.
    pub(super) text: &'a str,
    /// All invocations of the line.
    pub(super) reading: &'a Reading,
    /// The invocation in question.
    pub(super) invocation: &'a Invocation,
    /// What conditions ask.
    pub(super) facts: &'a dyn Facts,
    /// How the program's name is compared.
    pub(super) name_case: Case,
    /// What is known of programs.
    lore: &'a dyn Lore,
    /// What is known of this program's words.
    words: OnceCell<Option<&'a Words>>,
    /// The program as typed.
    typed: OnceCell<String>,
    /// How the options are read where no matcher adds to what is known.
    readings: OnceCell<Readings>,
    /// The folders in which it may run.
    folders: OnceCell<Vec<Folder>>,
}

/// How an invocation's options may be read.
#[derive(Debug, Clone)]
pub(super) struct Readings {
    /// Where options take a value of which that is not known.
    takes: Parsed,
    /// Where they take none; `None` where there is no such option, and both are the same.
    takes_not: Option<Parsed>,
    /// Whether the call is harmless in both.
    is_harmless: OnceCell<bool>,
}

impl<'a> Scene<'a> {
    /// Returns the scene of an invocation of which nothing was asked yet.
    pub(super) fn new(
        text: &'a str,
        reading: &'a Reading,
        invocation: &'a Invocation,
        lore: &'a dyn Lore,
        facts: &'a dyn Facts,
    ) -> Self {
        Self {
            text,
            reading,
            invocation,
            facts,
            name_case: name_case(&invocation.name),
            lore,
            words: OnceCell::new(),
            typed: OnceCell::new(),
            readings: OnceCell::new(),
            folders: OnceCell::new(),
        }
    }

    /// Returns the folders in which the invocation may run, as far as they are known.
    pub(super) fn folders(&self) -> &[Folder] {
        self.folders
            .get_or_init(|| rooted::folders(self.invocation, self.facts))
    }

    /// Returns what is known of the program's words.
    pub(super) fn words(&self) -> Option<&'a Words> {
        *self
            .words
            .get_or_init(|| self.lore.words(&self.invocation.name))
    }

    /// Returns the program as typed.
    pub(super) fn typed(&self) -> &str {
        self.typed.get_or_init(|| self.invocation.program.shown())
    }

    /// Returns how the options are read where the matcher's own, written with `=`, take a value.
    pub(super) fn readings(&self, matcher: &Matcher) -> Cow<'_, Readings> {
        let words = self.words();
        let extra = extra_values(matcher, words);
        let args = &self.invocation.args;
        match extra.is_empty() {
            true => Cow::Borrowed(
                self.readings
                    .get_or_init(|| Readings::of(args, words, &extra)),
            ),
            false => Cow::Owned(Readings::of(args, words, &extra)),
        }
    }
}

impl Readings {
    /// Reads the options for each doubt.
    fn of(args: &[crate::line::Word], words: Option<&Words>, extra: &[&str]) -> Self {
        let takes = options::parse(args, words, extra, Doubt::Takes);
        let takes_not = takes
            .is_doubtful
            .then(|| options::parse(args, words, extra, Doubt::TakesNot));
        Self {
            takes,
            takes_not,
            is_harmless: OnceCell::new(),
        }
    }

    /// Returns how the options of a call are read where no matcher adds to what is known.
    pub(super) fn of_call(invocation: &Invocation, words: Option<&Words>) -> Self {
        Self::of(&invocation.args, words, &[])
    }

    /// Returns whether the call is harmless in each of them, as `judge` says of one; asked once.
    pub(super) fn are_harmless(&self, judge: impl Fn(&Parsed) -> bool) -> bool {
        *self.is_harmless.get_or_init(|| self.iter().all(judge))
    }

    /// Returns each of them once.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Parsed> {
        std::iter::once(&self.takes).chain(&self.takes_not)
    }
}

/// Returns the options that take a value because the matcher writes them with one, and are not
/// known to.
fn extra_values<'m>(matcher: &'m Matcher, words: Option<&Words>) -> Vec<&'m str> {
    let entries = matcher.flag.plain.iter().chain(&matcher.flag.not);
    let flags = entries.flat_map(|entry| &entry.all);
    flags
        .filter(|flag| flag.value.is_some() && !flag.glued)
        .map(|flag| flag.name.as_str())
        .filter(|name| !words.is_some_and(|words| takes_value(words, name)))
        .collect()
}

/// Returns whether the option is known to take a value.
fn takes_value(words: &Words, name: &str) -> bool {
    let mut known = words.values.iter().chain(words.target.values().flatten());
    known.any(|known| known == name)
}

/// PowerShell's cmdlets (`Verb-Noun`) are compared without case, all else with.
fn name_case(name: &str) -> Case {
    let is_cmdlet = name.split_once('-').is_some_and(|(verb, noun)| {
        !verb.is_empty()
            && !noun.is_empty()
            && verb.chars().all(|c| c.is_ascii_alphabetic())
            && noun.chars().all(|c| c.is_ascii_alphanumeric())
    });
    match is_cmdlet {
        true => Case::Ignored,
        false => Case::Counts,
    }
}
