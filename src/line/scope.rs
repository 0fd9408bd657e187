//! What is known of variables at one point of a line.

use std::collections::{BTreeMap, BTreeSet};

use super::{Givens, Word, folder};

/// Variables that a shell sets by itself, so that not being given does not make them unset.
const SET_BY_SHELL: &[&str] = &[
    "BASHPID",
    "BASH_VERSION",
    "EPOCHSECONDS",
    "EUID",
    "HOME",
    "HOSTNAME",
    "IFS",
    "LINENO",
    "OLDPWD",
    "OPTIND",
    "PATH",
    "PIPESTATUS",
    "PPID",
    "PWD",
    "RANDOM",
    "REPLY",
    "SECONDS",
    "SHELL",
    "SHLVL",
    "UID",
    "USER",
    "_",
];

/// The name under which the working directory is kept; no variable can be called so.
const FOLDER: &str = ".";

/// The name of the positional parameters, `$1` first.
pub(super) const POSITIONALS: &str = "@";

/// The most lists that a variable may hold as [`Value::Either`]; beyond, it is not known.
const MAX_EITHER: usize = 4;

/// The most bytes of variables that are kept for each call of a line.
const MAX_GIVEN: usize = 8 << 10;

/// Stands for all variables where a line sets more than are kept; no variable is called so.
pub const TOO_MANY: &str = "";

/// What a variable holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// This text.
    Text(String),
    /// These words: an array, or the positional parameters under the name `@`.
    List(Vec<Word>),
    /// One of these lists, or what is not known: commands that may have run set it. Of a working
    /// directory it is one of these, each a list of one.
    Either(Vec<Vec<Word>>),
    /// It is not set.
    Unset,
    /// It is not known.
    Unknown,
}

/// What is known of variables.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// What the line itself assigned.
    pub(super) values: BTreeMap<String, Value>,
    /// The variables among them that are surely handed on to the programs that are called.
    exported: BTreeSet<String>,
    /// What each assignment replaced, so that a subshell's can be taken back.
    log: Vec<(String, Option<Value>)>,
    /// Whether nothing of the shell that runs the line counts: another host or user.
    is_foreign: bool,
}

impl Scope {
    /// Returns the scope of text that runs on another host or as another user.
    pub(super) fn foreign() -> Self {
        Self {
            is_foreign: true,
            ..Self::default()
        }
    }

    /// Returns what a variable holds, and notes in `needs` what would have to be given to know it.
    pub(super) fn value(&self, name: &str, givens: &Givens, needs: &mut BTreeSet<String>) -> Value {
        if let Some(value) = self.values.get(name) {
            return value.clone();
        }
        if self.is_foreign {
            return Value::Unknown;
        }
        if let Some(given) = givens.variables.get(name) {
            return given.clone().map_or(Value::Unset, Value::Text);
        }
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !is_name {
            let is_positional = name.parse::<usize>().is_ok_and(|number| number > 0);
            let is_unset = givens.others_unset && (is_positional || name == "@" || name == "*");
            return if is_unset {
                Value::Unset
            } else {
                Value::Unknown
            };
        }
        if givens.others_unset && !SET_BY_SHELL.contains(&name) {
            return Value::Unset;
        }
        needs.insert(name.to_owned());
        Value::Unknown
    }

    /// Sets a variable.
    pub(super) fn set(&mut self, name: &str, value: Value) {
        let old = self.values.insert(name.to_owned(), value);
        self.log.push((name.to_owned(), old));
    }

    /// Sets a variable that programs called from here on are given.
    pub(super) fn export(&mut self, name: &str, value: Value) {
        self.set(name, value);
        self.exported.insert(name.to_owned());
    }

    /// Notes that the working directory is another.
    pub(super) fn change_folder(&mut self, folder: Value) {
        self.set(FOLDER, folder);
    }

    /// Returns what the line itself says of the variables that a program called here is given. A
    /// variable that was set but maybe not exported is not known: the shell may have had it. Where the
    /// line sets more than is kept for each of its calls, [`TOO_MANY`] stands for all of them.
    pub(super) fn given(&self) -> BTreeMap<String, Value> {
        let variables = self.values.iter().filter(|(name, _)| *name != FOLDER);
        let length = |(name, value): (&String, &Value)| {
            let text = match value {
                Value::Text(text) => text.len(),
                Value::List(_) | Value::Either(_) | Value::Unset | Value::Unknown => 0,
            };
            name.len() + text
        };
        if variables.clone().map(length).sum::<usize>() > MAX_GIVEN {
            return BTreeMap::from([(TOO_MANY.to_owned(), Value::Unknown)]);
        }
        variables
            .map(|(name, value)| {
                let is_sure = *value == Value::Unset || self.exported.contains(name);
                let value = match is_sure {
                    true => value.clone(),
                    false => Value::Unknown,
                };
                (name.clone(), value)
            })
            .collect()
    }

    /// Returns the working directory where the line changed it.
    pub(super) fn folder(&self) -> Option<Value> {
        self.values.get(FOLDER).cloned()
    }

    /// Returns a mark for [`Scope::roll_back`] and [`Scope::merge`].
    pub(super) fn mark(&self) -> usize {
        self.log.len()
    }

    /// Takes back what was set since `mark`: a subshell has ended.
    pub(super) fn roll_back(&mut self, mark: usize) {
        while self.log.len() > mark {
            let Some((name, old)) = self.log.pop() else {
                return;
            };
            // Whether it was exported before is not kept: without the mark it is not known.
            self.exported.remove(&name);
            match old {
                Some(value) => self.values.insert(name, value),
                None => self.values.remove(&name),
            };
        }
    }

    /// Makes unknown what was set since `mark`: those commands may or may not have run. Of a list
    /// both states count.
    pub(super) fn merge(&mut self, mark: usize) {
        let mut changed: BTreeMap<String, Option<Value>> = BTreeMap::new();
        for (name, old) in self.log.iter().skip(mark) {
            changed.entry(name.clone()).or_insert_with(|| old.clone());
        }
        for (name, old) in changed {
            let new = self.values.get(&name);
            if new == old.as_ref() || new == Some(&Value::Unknown) {
                continue;
            }
            let either = match name == FOLDER {
                true => folder::either(old.as_ref(), new),
                false => either(old.as_ref(), new),
            };
            self.set(&name, either);
        }
    }

    /// Sets the positional parameters, or takes away what is known of them; returns what they were.
    pub(super) fn replace_positionals(&mut self, words: Option<Value>) -> Option<Value> {
        let before = self.values.get(POSITIONALS).cloned();
        match words {
            Some(value) => self.set(POSITIONALS, value),
            None => {
                let old = self.values.remove(POSITIONALS);
                self.log.push((POSITIONALS.to_owned(), old));
            }
        }
        before
    }

    /// Returns whether a variable holds one of several lists.
    pub(super) fn has_either(&self) -> bool {
        let mut values = self.values.iter().filter(|(name, _)| *name != FOLDER);
        values.any(|(_, value)| matches!(value, Value::Either(_)))
    }

    /// Returns the positional parameters, where they are known.
    pub(super) fn positionals(&self) -> Option<&Vec<Word>> {
        self.list(POSITIONALS)
    }

    /// Returns the words of an array, where they are known.
    pub(super) fn list(&self, name: &str) -> Option<&Vec<Word>> {
        match self.values.get(name) {
            Some(Value::List(words)) => Some(words),
            _ => None,
        }
    }
}

/// Returns what a variable holds that may have been set.
fn either(old: Option<&Value>, new: Option<&Value>) -> Value {
    let lists = [old, new]
        .into_iter()
        .flatten()
        .flat_map(|value| match value {
            Value::List(words) => vec![words.clone()],
            Value::Either(lists) => lists.clone(),
            Value::Text(_) | Value::Unset | Value::Unknown => Vec::new(),
        });
    let mut all: Vec<Vec<Word>> = Vec::new();
    for list in lists {
        if !all.contains(&list) {
            all.push(list);
        }
    }
    match all.is_empty() || all.len() > MAX_EITHER {
        true => Value::Unknown,
        false => Value::Either(all),
    }
}
