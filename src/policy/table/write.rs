//! Writes the compiled form of packs; the layout is in [`super`].

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ANY_CASE, GUARDED, HEADER_SIZE, MAGIC, PLAIN, VERSION, WORDS, WRAPS, checksum};
use crate::line::knowledge::Wrapper;
use crate::policy::pack::Packs;
use crate::policy::pattern::Pattern;
use crate::policy::rule::{Matcher, Rule};

/// Why packs cannot be compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// A value cannot be encoded.
    #[error("a rule cannot be encoded: {0}")]
    Encode(String),
    /// The blob would be larger than 4 GiB.
    #[error("the rules do not fit into 4 GiB")]
    TooLarge,
}

/// All that is known of one name while it is collected.
#[derive(Default)]
struct Name<'p> {
    /// What is known of it.
    bits: u32,
    /// Its encoded words.
    words: Vec<u8>,
    /// Its wrappers in file order.
    wrappers: Vec<&'p Wrapper>,
    /// The rules that name it.
    rules: Vec<usize>,
}

/// What the search keys of all rules are.
#[derive(Default)]
struct Index<'p> {
    /// By key.
    names: BTreeMap<String, Name<'p>>,
    /// Rules by pattern of the base name.
    patterns: BTreeMap<String, Vec<usize>>,
    /// Rules that every line is tried against.
    always: Vec<usize>,
}

/// Writes packs as one blob.
pub fn compile(packs: &Packs) -> Result<Vec<u8>, CompileError> {
    let index = Index::of(packs)?;
    let mut blob = Blob {
        bytes: vec![0; HEADER_SIZE],
    };
    let mut names = Vec::new();
    for (key, name) in &index.names {
        let key_place = blob.add(key.as_bytes())?;
        let words = blob.add(&name.words)?;
        let wrappers = match name.wrappers.is_empty() {
            true => (0, 0),
            false => blob.add(&encode(&name.wrappers)?)?,
        };
        let (rules, n_rules) = blob.add_numbers(&name.rules)?;
        let (key_start, key_length) = key_place;
        names.extend([
            key_start, key_length, name.bits, words.0, words.1, wrappers.0, wrappers.1, rules,
            n_rules,
        ]);
    }
    let mut patterns = Vec::new();
    for (pattern, rules) in &index.patterns {
        let (text, length) = blob.add(pattern.as_bytes())?;
        let (rules, n_rules) = blob.add_numbers(rules)?;
        patterns.extend([text, length, rules, n_rules]);
    }
    let mut rules = Vec::new();
    for rule in &packs.rules {
        let (start, length) = blob.add(&encode(rule)?)?;
        rules.extend([start, length]);
    }
    let heads = blob.add(&encode(&packs.heads)?)?;
    let header = [
        size(index.names.len())?,
        blob.add_words(&names)?,
        size(index.patterns.len())?,
        blob.add_words(&patterns)?,
        size(index.always.len())?,
        blob.add_numbers(&index.always)?.0,
        size(packs.rules.len())?,
        blob.add_words(&rules)?,
        heads.0,
        heads.1,
        u32::from(has_line_rules(packs)),
    ];
    blob.finish(&header)
}

/// Returns whether a rule looks at raw text and at no program, redirect or opaqueness.
fn has_line_rules(packs: &Packs) -> bool {
    let rules = packs.rules.iter().filter(|rule| !rule.off);
    let mut matchers = rules.flat_map(|rule| &rule.matchers);
    matchers.any(|matcher| {
        matcher.line.is_some()
            && matcher.program.is_empty()
            && matcher.writes.is_empty()
            && matcher.opaque.is_empty()
    })
}

impl<'p> Index<'p> {
    /// Collects the keys of all packs.
    fn of(packs: &'p Packs) -> Result<Self, CompileError> {
        let mut index = Self::default();
        for (program, words) in &packs.words {
            let any_case = words.any_case || is_cmdlet(program);
            let name = index.name(program, any_case);
            name.bits |= WORDS;
            name.words = encode(words)?;
        }
        for wrapper in &packs.wrappers {
            for program in &wrapper.programs {
                let name = index.name(program, is_any_case(packs, program));
                name.bits |= WRAPS;
                name.wrappers.push(wrapper);
            }
        }
        for program in &packs.plain {
            index.name(program, is_any_case(packs, program)).bits |= PLAIN;
        }
        let rules = packs.rules.iter().enumerate();
        // One that is switched off is known and never found.
        for (number, rule) in rules.filter(|(_, rule)| !rule.off) {
            index.add_rule(packs, number, rule);
        }
        Ok(index)
    }

    /// Returns the place of a name.
    fn name(&mut self, program: &str, any_case: bool) -> &mut Name<'p> {
        let key = match any_case {
            true => program.to_ascii_lowercase(),
            false => program.to_owned(),
        };
        let name = self.names.entry(key).or_default();
        if any_case {
            name.bits |= ANY_CASE;
        }
        name
    }

    /// Adds the keys of one rule.
    fn add_rule(&mut self, packs: &Packs, number: usize, rule: &Rule) {
        for matcher in &rule.matchers {
            match program_keys(matcher) {
                None => push_once(&mut self.always, number),
                Some(keys) => {
                    for key in keys {
                        self.add_key(packs, number, key);
                    }
                }
            }
        }
    }

    /// Adds one key of a rule.
    fn add_key(&mut self, packs: &Packs, number: usize, key: Key) {
        match key {
            Key::Name(program) => {
                let name = self.name(&program, is_any_case(packs, &program));
                name.bits |= GUARDED;
                push_once(&mut name.rules, number);
            }
            Key::Pattern(pattern) => {
                push_once(self.patterns.entry(pattern).or_default(), number);
            }
        }
    }
}

/// What a rule is found by.
enum Key {
    /// A base name.
    Name(String),
    /// A pattern that all base names fit which the matcher may fit.
    Pattern(String),
}

/// Returns what a matcher is found by; `None` if it says nothing of the program.
fn program_keys(matcher: &Matcher) -> Option<Vec<Key>> {
    if matcher.program.is_empty() {
        return None;
    }
    if matcher.program.plain.is_empty() {
        // Only `!` entries: any program but these.
        return Some(vec![Key::Pattern(String::from("*"))]);
    }
    Some(
        matcher
            .program
            .plain
            .iter()
            .flat_map(keys_of_pattern)
            .collect(),
    )
}

/// Returns the keys of one pattern.
fn keys_of_pattern(pattern: &Pattern) -> Vec<Key> {
    match pattern.globs() {
        Some(globs) => globs.into_iter().flat_map(keys_of_glob).collect(),
        // An expression that speaks of paths says nothing of base names alone.
        None if pattern.as_written().contains('/') => vec![Key::Pattern(String::from("*"))],
        None => vec![Key::Pattern(pattern.as_written().to_owned())],
    }
}

/// Returns the keys of one glob: a name with a `/` in it may be one that a wrapper makes up
/// (`ansible/reboot`) as well as a file's.
fn keys_of_glob(glob: &str) -> Vec<Key> {
    let is_made_up = glob.contains('/') && !glob.starts_with('/') && !glob.contains(['*', '?']);
    let whole = is_made_up.then(|| Key::Name(glob.to_owned()));
    whole.into_iter().chain([key_of_glob(glob)]).collect()
}

/// Returns the key of one glob. Of a path only what follows the last wildcard is sure to be in the
/// base name, because a `*` and a `?` may stand for a `/` too.
fn key_of_glob(glob: &str) -> Key {
    let Some((_, base)) = glob.rsplit_once('/') else {
        return match glob.contains(['*', '?']) {
            true => Key::Pattern(glob.to_owned()),
            false => Key::Name(glob.to_owned()),
        };
    };
    match base.rsplit_once(['*', '?']) {
        Some((_, fixed)) => Key::Pattern(format!("*{fixed}")),
        None => Key::Name(base.to_owned()),
    }
}

/// Returns whether a program's name is compared without case.
fn is_any_case(packs: &Packs, program: &str) -> bool {
    is_cmdlet(program) || packs.words.get(program).is_some_and(|words| words.any_case)
}

/// Returns whether this looks like a PowerShell cmdlet: `Verb-Noun`.
fn is_cmdlet(program: &str) -> bool {
    let Some((verb, noun)) = program.split_once('-') else {
        return false;
    };
    let is_capital = |text: &str| text.starts_with(|c: char| c.is_ascii_uppercase());
    is_capital(verb) && is_capital(noun)
}

/// Adds a number that is not there yet.
fn push_once(numbers: &mut Vec<usize>, number: usize) {
    if !numbers.contains(&number) {
        numbers.push(number);
    }
}

/// Encodes a value.
fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CompileError> {
    postcard::to_stdvec(value).map_err(|error| CompileError::Encode(error.to_string()))
}

/// Returns a number as it is written.
fn size(number: usize) -> Result<u32, CompileError> {
    u32::try_from(number).map_err(|_| CompileError::TooLarge)
}

/// The blob while it is written.
struct Blob {
    /// Header and parts so far.
    bytes: Vec<u8>,
}

impl Blob {
    /// Adds bytes; returns their place and length.
    fn add(&mut self, bytes: &[u8]) -> Result<(u32, u32), CompileError> {
        let start = size(self.bytes.len())?;
        self.bytes.extend_from_slice(bytes);
        Ok((start, size(bytes.len())?))
    }

    /// Adds numbers; returns their place and how many there are.
    fn add_numbers(&mut self, numbers: &[usize]) -> Result<(u32, u32), CompileError> {
        let words: Vec<u32> = numbers
            .iter()
            .map(|number| size(*number))
            .collect::<Result<_, _>>()?;
        Ok((self.add_words(&words)?, size(numbers.len())?))
    }

    /// Adds numbers; returns their place.
    fn add_words(&mut self, words: &[u32]) -> Result<u32, CompileError> {
        let start = size(self.bytes.len())?;
        self.bytes
            .extend(words.iter().flat_map(|word| word.to_le_bytes()));
        Ok(start)
    }

    /// Puts the header before the parts.
    fn finish(self, header: &[u32]) -> Result<Vec<u8>, CompileError> {
        let length = size(self.bytes.len())?;
        let places = header.iter().flat_map(|number| number.to_le_bytes());
        let mut content: Vec<u8> = places.collect();
        content.extend(self.bytes.into_iter().skip(HEADER_SIZE));
        let mut whole = Vec::with_capacity(content.len() + 24);
        whole.extend(MAGIC);
        whole.extend(VERSION.to_le_bytes());
        whole.extend(length.to_le_bytes());
        whole.extend(checksum(&content).to_le_bytes());
        whole.extend(content);
        Ok(whole)
    }
}
