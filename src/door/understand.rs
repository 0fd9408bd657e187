//! From a line to its verdict, giving the reading what it needs.

use std::collections::BTreeMap;

use crate::line::{self, Content, Givens, Line, Reading, TooMuch};
use crate::policy::ruleset::RuleSet;
use crate::policy::{Facts, Profile, Verdict, judge};

/// How often a reading may ask for more: scripts that run scripts are read four deep.
const ROUNDS: usize = 6;
/// The most scripts that are read for one line; what is in one more is not known, and holds.
const MAX_FILES: usize = 32;
/// The most names that are looked for in one line.
const MAX_LOOKS: usize = 256;
/// The most bytes in all scripts together; beyond, the next is not known.
const MAX_BYTES: usize = 4 << 20;

/// Where a reading's variables and scripts come from.
pub trait Variables {
    /// Returns the variable: `None` where nobody knows, `Some(None)` where it is not set.
    fn variable(&self, name: &str) -> Option<Option<String>>;

    /// Returns the aliases of the shell that reads the line.
    fn aliases(&self) -> BTreeMap<String, String> {
        BTreeMap::new()
    }

    /// Returns the functions of the shell that reads the line, as definitions.
    fn functions(&self) -> BTreeMap<String, String> {
        BTreeMap::new()
    }

    /// Returns what is in a file of commands; `None` where nobody looks.
    fn file(&self, path: &str) -> Option<Content> {
        let _ = path;
        None
    }
}

/// No variable is known.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoVariables;

impl Variables for NoVariables {
    fn variable(&self, _name: &str) -> Option<Option<String>> {
        None
    }
}

/// A line, what was understood of it, and what the rules say.
#[derive(Debug)]
pub struct Understood {
    /// The invocations.
    pub reading: Reading,
    /// The verdict.
    pub verdict: Verdict,
}

/// Reads and judges a line.
pub fn understand(
    line: &Line,
    rules: &RuleSet,
    facts: &dyn Facts,
    variables: &dyn Variables,
    profile: Profile,
) -> Understood {
    let mut givens = Givens::default();
    match read_with(line, rules, variables, &mut givens) {
        Ok(reading) => {
            let verdict = judge(line.text(), &reading, rules, facts, profile);
            if matches!(verdict, Verdict::Hold(_) | Verdict::Note(_))
                && give_hosts(&reading, variables, &mut givens)
                && let Ok(reading) = line::read(line, rules, &givens)
            {
                let verdict = judge(line.text(), &reading, rules, facts, profile);
                return Understood { reading, verdict };
            }
            Understood { reading, verdict }
        }
        Err(too_much) => Understood {
            reading: Reading::default(),
            verdict: Verdict::Refuse(too_much),
        },
    }
}

/// Reads a line, again as long as it asks for variables that somebody knows.
///
/// # Errors
/// Where the line is beyond a limit.
pub fn read(line: &Line, rules: &RuleSet, variables: &dyn Variables) -> Result<Reading, TooMuch> {
    read_with(line, rules, variables, &mut Givens::default())
}

/// Gives the files of hosts that a held line goes to; returns whether there is one. A line that
/// passes never has them read.
fn give_hosts(reading: &Reading, variables: &dyn Variables, givens: &mut Givens) -> bool {
    let mut has_more = false;
    for path in &reading.needs.hosts {
        if givens.files.len() < MAX_FILES
            && n_bytes(givens) < MAX_BYTES
            && let Some(content) = variables.file(path)
        {
            has_more |= givens.files.insert(path.clone(), content).is_none();
        }
    }
    has_more
}

/// Reads a line with what was given, to which is added what it asks for.
fn read_with(
    line: &Line,
    rules: &RuleSet,
    variables: &dyn Variables,
    givens: &mut Givens,
) -> Result<Reading, TooMuch> {
    givens.aliases = variables.aliases();
    givens.functions = variables.functions();
    let mut reading = line::read(line, rules, givens)?;
    for _ in 1..ROUNDS {
        let mut has_more = false;
        for name in &reading.needs.variables {
            if let Some(value) = variables.variable(name) {
                has_more |= givens.variables.insert(name.clone(), value).is_none();
            }
        }
        for path in &reading.needs.files {
            let is_within = n_files(givens) < MAX_FILES
                && n_bytes(givens) < MAX_BYTES
                && givens.files.len() < MAX_LOOKS;
            let content = match is_within {
                true => variables.file(path),
                false => Some(Content::Unseen),
            };
            if let Some(content) = content {
                has_more |= givens.files.insert(path.clone(), content).is_none();
            }
        }
        if !has_more {
            break;
        }
        reading = line::read(line, rules, givens)?;
    }
    Ok(reading)
}

/// Returns how many scripts were given.
fn n_files(givens: &Givens) -> usize {
    let contents = givens.files.values();
    contents
        .filter(|content| **content != Content::Nothing)
        .count()
}

/// Returns how many bytes of scripts were given.
fn n_bytes(givens: &Givens) -> usize {
    let each = givens.files.values().map(|content| match content {
        Content::Text(text) => text.len(),
        Content::Nothing | Content::Unseen => 0,
    });
    each.sum()
}
