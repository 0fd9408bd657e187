//! One passage of a line through the gate: what the steps share.

use std::collections::{BTreeMap, BTreeSet};

use crate::line::Span;
use crate::policy::binding::Binding;
use crate::policy::fill;
use crate::policy::place::Where;
use crate::policy::rule::{StepKind, Text};
use crate::policy::{Plan, place};
use crate::text::Language;

use super::dialogue::{Gone, Look, Operator, Progress, Question, QuestionKind};
use super::mask;
use super::outer::{Outer, Process, Stands};
use super::permit::Covered;
use super::record::{Answered, Entry, Event, RunId};
use super::showing::{Resumed, Typed};
use super::step::again::Again;
use super::step::approve::Approved;
use super::world::{Clock, Given, Ledger, LedgerError, Probes, Who};

/// The world as a passage sees it.
#[expect(missing_debug_implementations, reason = "the parts are trait objects")]
pub struct World<'w> {
    /// The person at the terminal.
    pub operator: &'w mut dyn Operator,
    /// Looks at targets.
    pub probes: &'w mut dyn Probes,
    /// Keeps records.
    pub ledger: &'w mut dyn Ledger,
    /// Knows what others gave.
    pub given: &'w mut dyn Given,
    /// Tells the time.
    pub clock: &'w dyn Clock,
    /// Who asks.
    pub who: &'w Who,
}

/// What is asked of the gate: a line that is held, and how.
#[derive(Debug)]
pub struct Asked<'a> {
    /// Id of the run.
    pub run: RunId,
    /// The line's text, masked.
    pub line: String,
    /// Whether something in it was masked.
    has_secrets: bool,
    /// Its held parts.
    pub held: Vec<Span>,
    /// The plan.
    pub plan: &'a Plan,
    /// The words of each hit, in the order of [`Plan::hits`].
    pub bindings: Vec<Binding<'a>>,
    /// Whether nothing is started at the end.
    pub drill: bool,
    /// The door it came through.
    pub door: &'static str,
    /// Lines of warning for the look screen, in the operator's language.
    pub warnings: Vec<String>,
    /// Hash of all scripts that the line runs; `None` where it runs none, or one that could not be
    /// read.
    pub scripts: Option<String>,
    /// Judges the line once more before it is cleared.
    pub again: Again<'a>,
    /// The process below which the command will run.
    pub above: Option<Process>,
    /// The variables around the line that say which cluster, account or server counts.
    pub surroundings: BTreeMap<String, String>,
    /// The run of an outer door within which the line is held once more.
    pub outer: Option<Outer>,
    /// The line as it was given, where the asker may leave while others are asked.
    pub typed: Option<Typed>,
    /// The request that the asker left behind and comes back to.
    pub resumed: Option<Resumed>,
}

impl<'a> Asked<'a> {
    /// Puts together what is asked of the gate; masks the line.
    #[must_use]
    pub fn new(
        run: RunId,
        text: &str,
        plan: &'a Plan,
        lore: &dyn crate::line::Lore,
        drill: bool,
        door: &'static str,
    ) -> Self {
        let spans: Vec<Span> = plan.hits.iter().map(|hit| hit.span).collect();
        let masked = mask::line(text, &spans);
        Self {
            run,
            has_secrets: masked.text != text,
            line: masked.text,
            held: masked.spans,
            plan,
            bindings: plan
                .hits
                .iter()
                .map(|hit| Binding::new(hit, lore))
                .collect(),
            drill,
            door,
            warnings: Vec::new(),
            scripts: None,
            again: Again::default(),
            above: None,
            surroundings: BTreeMap::new(),
            outer: None,
            typed: None,
            resumed: None,
        }
    }

    /// Returns whether something in the line was masked.
    #[must_use]
    pub fn has_secrets(&self) -> bool {
        self.has_secrets
    }

    /// Returns whether a step was passed at an outer door and is not asked again.
    #[must_use]
    pub fn was_passed(&self, step: &StepKind) -> bool {
        let outer = self.outer.as_ref();
        outer.is_some_and(|outer| outer.stands_for(step))
    }

    /// Returns the name of a hit's target, given the name of this host.
    #[must_use]
    pub fn target(&self, hit: usize, here: &str) -> String {
        self.plan
            .hits
            .get(hit)
            .and_then(|hit| place::name(&hit.invocation.target))
            .unwrap_or_else(|| here.to_owned())
    }

    /// Returns where a hit takes effect.
    #[must_use]
    pub fn place(&self, hit: usize) -> Where {
        let hit = self.plan.hits.get(hit);
        hit.map_or(Where::Here, |hit| Where::of(&hit.invocation.target))
    }

    /// Returns the names of all targets of a hit, given the name of this host; `None` for ones that
    /// the line does not say.
    #[must_use]
    pub fn targets(&self, hit: usize, here: &str) -> Vec<Option<String>> {
        match self.place(hit) {
            Where::Here => vec![Some(here.to_owned())],
            Where::One(name) => vec![Some(name)],
            Where::Each(hosts) => hosts.into_iter().map(Some).collect(),
            Where::Unsaid(_) => vec![None],
        }
    }

    /// Returns the user that a hit runs as, given the user here.
    #[must_use]
    pub fn user(&self, hit: usize, here: &str) -> String {
        self.plan
            .hits
            .get(hit)
            .and_then(|hit| hit.invocation.target.user.as_ref())
            .map_or_else(|| here.to_owned(), crate::line::Word::shown)
    }

    /// Returns the placeholders of a hit whose values are known and may be recorded, by name. Where
    /// the line holds secrets, only what can be read in the masked line too.
    #[must_use]
    pub fn bound(&self, hit: usize, who: &Who) -> BTreeMap<String, String> {
        let Some(binding) = self.bindings.get(hit) else {
            return BTreeMap::new();
        };
        let mut bound = binding.known(&who.host, &who.effective_user);
        bound.retain(|_, value| !self.has_secrets || self.line.contains(value.as_str()));
        bound
    }

    /// Returns the full id of a hit's rule.
    #[must_use]
    pub fn rule(&self, hit: usize) -> &str {
        self.plan
            .hits
            .get(hit)
            .map_or("", |hit| hit.rule.id.as_str())
    }
}

/// A passage under way.
pub(super) struct Passage<'p, 'w> {
    pub(super) asked: &'p Asked<'p>,
    pub(super) world: &'p mut World<'w>,
    /// Values measured so far, by target and probe id.
    pub(super) values: BTreeMap<String, BTreeMap<String, String>>,
    pub(super) progress: Progress,
    /// What permits stand in for.
    pub(super) covered: Covered,
    /// The look screen as it was drawn last.
    pub(super) shown: Option<Look>,
    /// Who said yes.
    pub(super) approved: Option<Approved>,
    /// How often others were asked.
    pub(super) requests: usize,
    /// Hosts to which the operator was asked to log in.
    pub(super) log_ins: BTreeSet<String>,
    /// Whether an earlier answer stood for a step.
    pub(super) has_carried: bool,
    /// What is to be said on the look screen besides what was known before the run began.
    pub(super) warnings: Vec<String>,
}

/// Why a step could not be asked or recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Trouble {
    /// The operator is gone.
    #[error(transparent)]
    Gone(#[from] Gone),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl<'p, 'w> Passage<'p, 'w> {
    /// Begins a passage; nothing is recorded yet.
    pub(super) fn new(asked: &'p Asked<'p>, world: &'p mut World<'w>) -> Self {
        Self {
            asked,
            world,
            values: BTreeMap::new(),
            progress: Progress::default(),
            covered: Covered::default(),
            shown: None,
            approved: None,
            requests: 0,
            log_ins: BTreeSet::new(),
            warnings: Vec::new(),
            // What was thought at an outer door is not all: somebody has to say go.
            has_carried: asked
                .outer
                .as_ref()
                .is_some_and(|outer| outer.within.stands == Stands::Thought),
        }
    }

    /// Returns the operator's language.
    pub(super) fn language(&self) -> Language {
        self.world.operator.language()
    }

    /// Appends a record of this run.
    pub(super) fn record(&mut self, event: Event) -> Result<(), LedgerError> {
        let entry = Entry {
            run: self.asked.run.clone(),
            event,
        };
        self.world.ledger.append(&entry, self.world.clock).map(drop)
    }

    /// Goes on to the next step and returns which it is.
    pub(super) fn next(&mut self) -> Progress {
        self.progress.step += 1;
        self.progress.of = self.progress.of.max(self.progress.step);
        self.progress
    }

    /// Goes on to a step that the plan could not foresee.
    pub(super) fn next_extra(&mut self) -> Progress {
        self.progress.of += 1;
        self.next()
    }

    /// Puts a question, judges the answer, records both, and returns the answer and whether it
    /// passed.
    pub(super) fn ask(
        &mut self,
        question: &Question,
        hit: usize,
        label: &str,
        judge: &dyn Fn(&str) -> bool,
    ) -> Result<(String, bool), Trouble> {
        let before = self.world.clock.now().boot;
        let typed = match &question.kind {
            QuestionKind::Key => self.world.operator.key(question)?.to_string(),
            _ => self.world.operator.ask(question)?,
        };
        let passed = judge(&typed);
        let took = self.world.clock.now().boot.saturating_sub(before);
        self.record(Event::Answered(Answered {
            step: step_name(&question.kind).to_owned(),
            rule: self.asked.rule(hit).to_owned(),
            question: mask::text(label),
            answer: mask::text(&typed),
            passed,
            took,
        }))?;
        Ok((typed, passed))
    }

    /// Returns `text` filled as a label: with the hit's target behind it where the line has several
    /// and the text does not name it. They are looked at and asked about one by one.
    pub(super) fn label(&self, text: &Text, hit: usize) -> Text {
        self.of_target(self.fill(text, hit), hit)
    }

    /// Returns a filled text with the hit's target behind it where that is needed.
    pub(super) fn of_target(&self, text: Text, hit: usize) -> Text {
        let target = self.asked.target(hit, &self.world.who.host);
        let mut others = 0..self.asked.plan.hits.len();
        if others.all(|other| self.asked.target(other, &self.world.who.host) == target) {
            return text;
        }
        let named = |text: String| match text.contains(&target) {
            true => text,
            false => format!("{text} ({target})"),
        };
        Text {
            source: named(text.source),
            other: text
                .other
                .into_iter()
                .map(|(tag, text)| (tag, named(text)))
                .collect(),
        }
    }

    /// Returns `text` with its placeholders filled, secrets masked, in every language that it has.
    pub(super) fn fill(&self, text: &Text, hit: usize) -> Text {
        let Some(binding) = self.asked.bindings.get(hit) else {
            return text.clone();
        };
        let who = self.world.who;
        let none = BTreeMap::new();
        let values = self
            .values
            .get(&self.asked.target(hit, &who.host))
            .unwrap_or(&none);
        let source = binding.source(&who.host, &who.effective_user, values);
        Text {
            source: mask::text(&fill::text(&text.source, source)),
            other: text
                .other
                .iter()
                .map(|(tag, text)| (tag.clone(), mask::text(&fill::text(text, source))))
                .collect(),
        }
    }
}

/// The name under which a question stands in the ledger.
pub(super) fn step_name(kind: &QuestionKind) -> &'static str {
    match kind {
        QuestionKind::Key => "key",
        QuestionKind::Confirm(_) => "confirm",
        QuestionKind::YesNo(_) | QuestionKind::Typed { .. } => "checklist",
        QuestionKind::Call { witness: None, .. } | QuestionKind::Named { .. } => "call",
        QuestionKind::Call {
            witness: Some(_), ..
        } => "witness-call",
        QuestionKind::Witness(_) => "witness",
        QuestionKind::Blind { .. } => "blind",
        QuestionKind::BreakGlass => "break-glass",
        QuestionKind::LogInToLook { .. } => "log-in-to-look",
        QuestionKind::Go => "go",
    }
}
