//! What a hit's placeholders stand for.

use std::collections::BTreeMap;

use crate::line::options::{self, Doubt, Opt, Parsed};
use crate::line::{Lore, Moves, OptionStyle, Word, Words};

use super::again::{self, NotAgain};
use super::around::Around;
use super::fill::{self, Source};
use super::pack::placeholder;
use super::rule::{Callee, On, Probe, ProbeForm, StepKind};
use super::server;
use super::verdict::Hit;

/// Operands whose values are recorded; a line may have thousands.
const RECORDED_OPERANDS: usize = 16;

/// A hit's own words, read once, from which its placeholders are filled.
#[derive(Debug)]
pub struct Binding<'h> {
    hit: &'h Hit,
    pack: &'h str,
    words: Option<Words>,
    parsed: Parsed,
    options: Vec<(String, Option<Word>)>,
    place: Option<Vec<String>>,
}

impl<'h> Binding<'h> {
    /// Reads the words of a hit.
    #[must_use]
    pub fn new(hit: &'h Hit, lore: &dyn Lore) -> Self {
        let words = lore.words(&hit.invocation.name);
        let read = |doubt| options::parse(&hit.invocation.args, words, &[], doubt);
        let parsed = read(Doubt::Takes);
        let place = place(&parsed.options, words);
        // Read the other way, it may be another place.
        let is_sure = place == self::place(&read(Doubt::TakesNot).options, words);
        let options = parsed
            .options
            .iter()
            .map(|option| (option.name.clone(), option.value.clone()))
            .collect();
        let pack = hit.rule.id.split('.').next().unwrap_or_default();
        Self {
            hit,
            pack,
            words: words.cloned(),
            parsed,
            options,
            place: place.filter(|_| is_sure),
        }
    }

    /// Returns where placeholders find their values; `here` and `user` are the names of the place
    /// where the gate stands, `values` those of probes by full id.
    #[must_use]
    pub fn source<'a>(
        &'a self,
        here: &'a str,
        user: &'a str,
        values: &'a BTreeMap<String, String>,
    ) -> Source<'a> {
        Source {
            invocation: &self.hit.invocation,
            operands: &self.parsed.operands,
            verb: &self.parsed.verb,
            options: &self.options,
            place: self.place.as_deref(),
            lets: &self.hit.lets,
            values,
            pack: self.pack,
            here,
            user,
        }
    }

    /// Returns the invocation once more as its own dry run, as text for `sh`.
    ///
    /// # Errors
    /// Where a word of it is not known, or it is not sure that nothing is changed.
    pub fn again(&self, words: &[String], verb: Option<&str>) -> Result<String, NotAgain> {
        again::command(&self.hit.invocation, self.words.as_ref(), words, verb)
    }

    /// Returns the text of a probe of `sh`, with what the line sets around the invocation before it
    /// where the probe runs at the same place.
    ///
    /// # Errors
    /// Where a placeholder, or what is set, is not known.
    pub fn run(&self, probe: &Probe, source: Source<'_>) -> Result<String, String> {
        let text = fill::command(&probe.run, source)?;
        let invocation = &self.hit.invocation;
        let moves =
            |via: &crate::line::Via| matches!(via.moves, Some(Moves::Host | Moves::Container));
        if probe.on == On::Here && invocation.via.iter().any(moves) {
            return Ok(text);
        }
        match Around::of(invocation, needs_folder(probe)) {
            Ok(set) => Ok(set.around(&text)),
            Err(NotAgain::Unknown(name) | NotAgain::WouldRun(name)) => Err(name),
        }
    }

    /// Returns the first statement of which all is known, asked of the server that the invocation names, as text for `sh`.
    ///
    /// # Errors
    /// Where it is not known which server that is.
    pub fn sql(&self, by: &[String], texts: &[String]) -> Result<String, NotAgain> {
        server::command(&self.hit.invocation, self.words.as_ref(), by, texts)
    }

    /// Returns the placeholders whose values are known, by name; operands up to the
    /// `RECORDED_OPERANDS`th. `here` and `user` as in [`source`](Self::source).
    #[must_use]
    pub fn known(&self, here: &str, user: &str) -> BTreeMap<String, String> {
        let none = BTreeMap::new();
        let source = self.source(here, user, &none);
        let built_in = placeholder::BUILT_IN.map(str::to_owned);
        let operands = (1..=self.parsed.operands.len().min(RECORDED_OPERANDS))
            .map(|number| format!("arg.{number}"));
        let options = self
            .options
            .iter()
            .map(|(name, _)| format!("flag.{}", name.trim_start_matches('-')));
        let lets = self.hit.lets.keys().cloned();
        let names = built_in.into_iter().chain(operands).chain(options);
        names
            .chain(lets)
            .filter_map(|name| {
                let value = fill::known(&name, source)?;
                (!value.is_empty()).then_some((name, value))
            })
            .collect()
    }

    /// Returns the operand with this number, from 1, if it is known.
    #[must_use]
    pub fn operand(&self, number: usize) -> Option<String> {
        self.parsed
            .operands
            .get(number.checked_sub(1)?)
            .and_then(Word::known)
    }
}

/// Returns the words of those options that say where a program works and as whom, as they were
/// typed; `None` where a value is not known.
fn place(options: &[Opt], words: Option<&Words>) -> Option<Vec<String>> {
    let Some(known) = words else {
        return Some(Vec::new());
    };
    let says_place = |option: &&Opt| {
        let mut names = known.place.iter().chain(known.target.values().flatten());
        names.any(|name| options::is_option(&option.name, name, words))
    };
    let mut place = Vec::new();
    for option in options.iter().filter(says_place) {
        let is_long = option.name.starts_with("--") || known.style == OptionStyle::Long;
        match &option.value {
            None => place.push(option.name.clone()),
            Some(value) => {
                let value = fill::certain(value)?;
                match option.glued && is_long {
                    true => place.push(format!("{}={value}", option.name)),
                    false => place.extend([option.name.clone(), value]),
                }
            }
        }
    }
    Some(place)
}

/// Returns the texts and commands of a step in which placeholders can stand.
pub(super) fn templates(kind: &StepKind) -> Vec<&str> {
    match kind {
        StepKind::Show(probe) | StepKind::Check { probe, .. } => of_probe(probe),
        StepKind::Confirm(text) => vec![&text.source],
        StepKind::Checklist(items) => items
            .iter()
            .flat_map(|item| {
                let shown = item.show.as_ref().map(of_probe).unwrap_or_default();
                std::iter::once(item.ask.source.as_str()).chain(shown)
            })
            .collect(),
        StepKind::Call { what, ask } => {
            let mut found: Vec<&str> = ask.iter().map(|text| text.source.as_str()).collect();
            match what {
                Callee::Probe(probe) => found.extend(of_probe(probe)),
                // Which operand is called differs with the invocation.
                Callee::Arg(_) => found.push("{args}"),
                Callee::Target | Callee::User => {}
            }
            found
        }
        StepKind::Witness { ask, what } => {
            let mut found = vec![ask.source.as_str()];
            if let Callee::Probe(probe) = what {
                found.extend(of_probe(probe));
            }
            found
        }
        StepKind::Cooldown(_)
        | StepKind::Gap { .. }
        | StepKind::Window(_)
        | StepKind::First { .. }
        | StepKind::Approve { .. }
        | StepKind::Key => Vec::new(),
    }
}

/// Returns the probes of a step.
pub(super) fn probes(kind: &StepKind) -> Vec<&Probe> {
    match kind {
        StepKind::Show(probe) | StepKind::Check { probe, .. } => vec![probe],
        StepKind::Checklist(items) => items.iter().filter_map(|item| item.show.as_ref()).collect(),
        StepKind::Call { what, .. } | StepKind::Witness { what, .. } => match what {
            Callee::Probe(probe) => vec![probe],
            Callee::Target | Callee::User | Callee::Arg(_) => Vec::new(),
        },
        StepKind::Confirm(_)
        | StepKind::Cooldown(_)
        | StepKind::Gap { .. }
        | StepKind::Window(_)
        | StepKind::First { .. }
        | StepKind::Approve { .. }
        | StepKind::Key => Vec::new(),
    }
}

/// Returns whether what a probe looks at depends on the working directory of the invocation.
pub(super) fn needs_folder(probe: &Probe) -> bool {
    match probe.form {
        ProbeForm::Sh => placeholder::needs_folder(&probe.run),
        ProbeForm::Pwsh => false,
        ProbeForm::Again { .. } | ProbeForm::Sql { .. } => true,
    }
}

/// A probe's command and label.
fn of_probe(probe: &Probe) -> Vec<&str> {
    let command = match probe.form {
        ProbeForm::Sh | ProbeForm::Pwsh => probe.run.as_str(),
        // It is made of the whole invocation.
        ProbeForm::Again { .. } | ProbeForm::Sql { .. } => fill::WHOLE,
    };
    vec![command, &probe.label.source]
}
