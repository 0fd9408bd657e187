//! What a hit's placeholders stand for.

use std::collections::BTreeMap;

use crate::line::options::{self, Doubt, Parsed};
use crate::line::{Lore, Word, Words};

use super::again::{self, NotAgain};
use super::fill::{self, Source};
use super::pack::placeholder;
use super::rule::{Callee, Probe, ProbeForm, StepKind};
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
}

impl<'h> Binding<'h> {
    /// Reads the words of a hit.
    #[must_use]
    pub fn new(hit: &'h Hit, lore: &dyn Lore) -> Self {
        let words = lore.words(&hit.invocation.name);
        let parsed = options::parse(&hit.invocation.args, words, &[], Doubt::Takes);
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

/// A probe's command and label.
fn of_probe(probe: &Probe) -> Vec<&str> {
    let command = match probe.form {
        ProbeForm::Sh | ProbeForm::Pwsh => probe.run.as_str(),
        // It is made of the whole invocation.
        ProbeForm::Again { .. } => fill::WHOLE,
    };
    vec![command, &probe.label.source]
}
