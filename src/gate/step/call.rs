//! Step `call`: pointing and calling. A value, measured just before, is typed exactly.

use crate::gate::answer;
use crate::gate::dialogue::{Question, QuestionKind};
use crate::gate::expect;
use crate::gate::mask;
use crate::gate::measure;
use crate::gate::not_cleared::NotCleared;
use crate::gate::passage::Passage;
use crate::gate::showing::ToCall;
use crate::gate::world::Seen;
use crate::policy::place::Where;
use crate::policy::rule::{Callee, Drift, Probe, StepKind, Text};
use crate::text::{Language, gate as say};

/// How often a call may be tried.
pub(in crate::gate) const TRIES: usize = 3;

/// How far the screen may lie from now where a rule lets a value change at will: as a share of it.
/// What moves all the time (free memory, processes) could be called by nobody otherwise, and what
/// has doubled since is another thing than what was looked at.
const AT_WILL: Drift = Drift::Share(0.5);

/// A call that was passed: what was measured, to be measured again at "go".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::gate) struct Called<'p> {
    pub(in crate::gate) probe: &'p Probe,
    pub(in crate::gate) hit: usize,
    pub(in crate::gate) value: String,
    /// What was measured last.
    pub(in crate::gate) now: String,
    pub(in crate::gate) ask: Option<&'p Text>,
    /// Who calls, where it is a witness and not the operator.
    pub(in crate::gate) witness: Option<String>,
}

/// Returns how far what somebody saw may lie from what is measured now.
pub(in crate::gate) fn leeway(probe: &Probe) -> Drift {
    match probe.drift {
        Drift::Any => AT_WILL,
        drift @ (Drift::Number(_) | Drift::Share(_)) => drift,
    }
}

impl<'p> Passage<'p, '_> {
    /// Has a value called. Returns what must be measured again at "go", if anything.
    pub(in crate::gate) fn call(
        &mut self,
        what: &'p Callee,
        ask: Option<&'p Text>,
        hit: usize,
    ) -> Result<Option<Called<'p>>, NotCleared> {
        self.call_by(what, ask, hit, None)
    }

    /// Has a value called by the operator or by a witness.
    pub(in crate::gate) fn call_by(
        &mut self,
        what: &'p Callee,
        ask: Option<&'p Text>,
        hit: usize,
        witness: Option<String>,
    ) -> Result<Option<Called<'p>>, NotCleared> {
        let by = witness.as_deref();
        let probe = match what {
            // Several are not measured one by one: they are counted.
            Callee::Probe(_) if self.asked.place(hit).is_open() => {
                self.call_targets(hit, by)?;
                return Ok(None);
            }
            Callee::Probe(probe) => probe,
            Callee::Target | Callee::User | Callee::Arg(_) => {
                self.call_name(what, ask, hit, by)?;
                return Ok(None);
            }
        };
        let shown = self.value_on_screen(probe, hit);
        match self.measure_one(probe, hit)? {
            Seen::Value { value, .. } if !answer::fold(&value).is_empty() => {
                // A witness looks by themselves.
                let counts = |shown: &String| {
                    by.is_none() && expect::is_within(leeway(probe), shown, &value)
                };
                let shown = shown.filter(counts);
                let values = [Some(value.clone()), shown].into_iter().flatten();
                let called = self.call_value(probe, ask, hit, values.collect(), by)?;
                Ok(Some(Called {
                    probe,
                    hit,
                    value: called,
                    now: value,
                    ask,
                    witness,
                }))
            }
            // What cannot be measured cannot be called: the target's name stands in.
            Seen::Value { .. } => {
                self.call_name(&Callee::Target, None, hit, by)?;
                Ok(None)
            }
            seen @ Seen::NotSeen(_) => {
                // Where the look screen did not see it either, it said why, and the reason was given there.
                if !self.is_shown(probe, hit) || self.was_seen(probe, hit) {
                    self.look_again(probe, hit, &seen)?;
                    let label = self.fill(&probe.label, hit);
                    self.progress.of += 1;
                    self.go_on_blind(label, hit)?;
                }
                self.call_name(&Callee::Target, None, hit, by)?;
                Ok(None)
            }
        }
    }

    /// Returns what the look screen shows of this probe, where it is certain that it does.
    ///
    /// A call takes it as well as the value of now while both are within the drift: free memory or
    /// a queue in service is another number before anybody has read the screen, and nobody could
    /// call what stands nowhere.
    fn value_on_screen(&self, probe: &Probe, hit: usize) -> Option<String> {
        let host = &self.world.who.host;
        let target = self.asked.target(hit, host);
        let job = self.job(probe, hit);
        // Values are kept by probe and target: of two commands there it would not be clear which.
        let mut shown = self
            .asked
            .plan
            .steps
            .iter()
            .filter_map(|step| match &step.kind {
                StepKind::Show(shown)
                    if shown.id == probe.id && self.asked.target(step.hit, host) == target =>
                {
                    Some(measure::same(&self.job(shown, step.hit), &job))
                }
                _ => None,
            });
        let is_shown = shown.next() == Some(true) && shown.all(|same| same);
        let values = self.values.get(&target).filter(|_| is_shown)?;
        values.get(&probe.id).cloned()
    }

    /// Returns what somebody calls who is shown the look screen: the plan's first call where it stands
    /// there, else the target.
    pub(in crate::gate) fn to_call(&self) -> ToCall {
        let first = self
            .asked
            .plan
            .steps
            .iter()
            .find_map(|step| match &step.kind {
                StepKind::Call { what, ask } => Some((what, ask.as_ref(), step.hit)),
                _ => None,
            });
        let (what, ask, hit) = first.unwrap_or((&Callee::Target, None, 0));
        let named = |label: Text, value| ToCall {
            label,
            what: "target".to_owned(),
            value,
        };
        let is_open = self.asked.place(hit).is_open();
        if let Callee::Probe(probe) = what
            && !is_open
        {
            let value = self.value_on_screen(probe, hit);
            if let Some(value) = value.filter(|value| !answer::fold(value).is_empty()) {
                return ToCall {
                    label: self.label(ask.unwrap_or(&probe.label), hit),
                    what: probe.id.clone(),
                    value: Some(value),
                };
            }
        }
        let (what, ask) = match what {
            Callee::Probe(_) => (&Callee::Target, None),
            Callee::Target | Callee::User | Callee::Arg(_) => (what, ask),
        };
        match self.name(what, hit) {
            Some((label, value)) => {
                named(ask.map_or(label, |ask| self.fill(ask, hit)), Some(value))
            }
            None => {
                let (label, value) = self.several(hit);
                named(label, value)
            }
        }
    }

    /// Has a measured value called, any of these; returns the one that was.
    pub(in crate::gate) fn call_value(
        &mut self,
        probe: &Probe,
        ask: Option<&Text>,
        hit: usize,
        values: Vec<String>,
        witness: Option<&str>,
    ) -> Result<String, NotCleared> {
        let label = self.label(ask.unwrap_or(&probe.label), hit);
        let look_with = (!self.is_shown(probe, hit)).then(|| {
            let job = self.job(probe, hit);
            mask::text(&self.world.probes.shown(&job))
        });
        let witness = witness.map(str::to_owned);
        let kind = QuestionKind::Call {
            label,
            look_with,
            witness,
        };
        self.tries(kind, &probe.id, hit, values)
    }

    /// Has a name called that the line itself says.
    fn call_name(
        &mut self,
        what: &Callee,
        ask: Option<&Text>,
        hit: usize,
        witness: Option<&str>,
    ) -> Result<(), NotCleared> {
        let Some((label, value)) = self.name(what, hit) else {
            return self.call_targets(hit, witness);
        };
        let label = ask.map_or(label, |ask| self.fill(ask, hit));
        let source = label.source.clone();
        self.tries(
            QuestionKind::Call {
                label,
                look_with: None,
                witness: witness.map(str::to_owned),
            },
            &source,
            hit,
            vec![value],
        )?;
        Ok(())
    }

    /// What a name is called, and the name; nothing where it is that of several targets, or of ones
    /// that the line does not say. An operand that is not known falls back to the target.
    fn name(&self, what: &Callee, hit: usize) -> Option<(Text, String)> {
        let who = self.world.who;
        let target = || {
            let is_one = !self.asked.place(hit).is_open();
            is_one.then(|| (self.target_label(hit), self.asked.target(hit, &who.host)))
        };
        match what {
            Callee::User => Some((
                both(say::call_user),
                self.asked.user(hit, &who.effective_user),
            )),
            Callee::Arg(number) => {
                let operand = self
                    .asked
                    .bindings
                    .get(hit)
                    .and_then(|binding| binding.operand(*number));
                operand.map_or_else(target, |operand| Some((both(say::call_operand), operand)))
            }
            Callee::Target | Callee::Probe(_) => target(),
        }
    }

    /// What a target is called: with its number where the line has a few, never with its name.
    fn target_label(&self, hit: usize) -> Text {
        let here = &self.world.who.host;
        let mut hits: Vec<usize> = (0..self.asked.plan.hits.len()).collect();
        hits.sort_by_key(|hit| self.asked.plan.hits.get(*hit).map(|hit| hit.span.start));
        let mut names: Vec<String> = Vec::new();
        for name in hits.into_iter().map(|hit| self.asked.target(hit, here)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let own = self.asked.target(hit, here);
        match names.iter().position(|name| *name == own) {
            Some(number) if names.len() > 1 => {
                both(|language| say::call_target_of(language, number + 1, names.len()))
            }
            _ => both(say::call_target),
        }
    }

    /// Has several targets called by their number, or, where nobody can count them, as the line
    /// has them; what it does not say either, the operator names.
    fn call_targets(&mut self, hit: usize, witness: Option<&str>) -> Result<(), NotCleared> {
        let (label, value) = self.several(hit);
        let source = label.source.clone();
        let Some(value) = value else {
            let question = Question {
                progress: self.next(),
                kind: QuestionKind::Named { label },
                again: None,
            };
            return self.typed_answer(question, hit, &source, None);
        };
        let kind = QuestionKind::Call {
            label,
            look_with: None,
            witness: witness.map(str::to_owned),
        };
        self.tries(kind, &source, hit, vec![value])?;
        Ok(())
    }

    /// What several targets are called: their number, or what the line says of them, or nothing.
    fn several(&self, hit: usize) -> (Text, Option<String>) {
        match self.asked.place(hit) {
            Where::Each(hosts) => (both(say::call_number), Some(hosts.len().to_string())),
            Where::Unsaid(said) if !said.is_empty() => (both(say::call_said), Some(said)),
            Where::Unsaid(_) | Where::Here | Where::One(_) => (both(say::call_unsaid), None),
        }
    }

    /// Asks until one of the values is typed, three times at most; never says what it would have
    /// been. Returns the one.
    fn tries(
        &mut self,
        kind: QuestionKind,
        label: &str,
        hit: usize,
        mut values: Vec<String>,
    ) -> Result<String, NotCleared> {
        let mut question = Question {
            progress: self.next(),
            kind,
            again: None,
        };
        for attempt in 1..=TRIES {
            let judge = |typed: &str| values.iter().any(|value| answer::is_called(typed, value));
            let (typed, is_called) = self.ask(&question, hit, label, &judge)?;
            if is_called {
                values.retain(|value| answer::is_called(&typed, value));
                return Ok(values.swap_remove(0));
            }
            question.again = Some(say::call_again(self.language(), TRIES - attempt));
        }
        Err(NotCleared::WrongCall)
    }
}

/// A text of the catalogue in all languages.
pub(in crate::gate) fn both(text: impl Fn(Language) -> String) -> Text {
    let japanese = (
        Language::Japanese.tag().to_owned(),
        text(Language::Japanese),
    );
    Text {
        source: text(Language::English),
        other: std::iter::once(japanese).collect(),
    }
}
