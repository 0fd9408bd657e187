//! The look screen: what is held, why, where, and what probes see; checks are judged here.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::policy::facts::{Ran, RanEnd};
use crate::policy::place::Where;
use crate::policy::rule::{Callee, Drift, Expectation, Item, Probe, StepKind, Text};
use crate::policy::verdict::Hit;
use crate::text::{Language, gate as say};

use super::dialogue::{Look, Page, Question, QuestionKind, RuleShown};
use super::duration;
use super::expect;
use super::mask;
use super::measure::{self, Wanted};
use super::not_cleared::NotCleared;
use super::passage::Passage;
use super::record::{Answered, Event};
use super::showing::Leeways;
use super::step::call::leeway;
use super::world::{Job, Seen, Sight};

/// How long the screen waits for probes before it is drawn with what there is.
const SCREEN: Duration = Duration::from_secs(3);

/// A show or check of the plan.
struct Viewed<'p> {
    probe: &'p Probe,
    hit: usize,
    is: Option<&'p Expectation>,
    must: bool,
}

impl<'p> Passage<'p, '_> {
    /// Measures and draws all shows and checks; ends the run where a check is not as expected,
    /// and asks why to go on blind where something could not be seen.
    pub(super) fn look(&mut self) -> Result<(), NotCleared> {
        let views = self.views();
        let wanted: Vec<Wanted<'_>> = views
            .iter()
            .map(|view| Wanted {
                probe: view.probe,
                hit: view.hit,
            })
            .collect();
        let labels: Vec<Text> = views
            .iter()
            .map(|view| self.label(&view.probe.label, view.hit))
            .collect();
        let page = self.look_page();
        let draw = |seen: &[Option<Seen>]| {
            let mut page = page.clone();
            page.sights = views
                .iter()
                .zip(&labels)
                .zip(seen)
                .map(|((view, label), seen)| sight(view, label.clone(), seen.clone()))
                .collect();
            Page::Look(page)
        };
        let seen = self.measure(&wanted, SCREEN, &mut |operator, seen| {
            operator.page(&draw(seen))
        })?;
        let all: Vec<Option<Seen>> = seen.iter().cloned().map(Some).collect();
        let page = draw(&all);
        self.world.operator.page(&page)?;
        if let Page::Look(look) = page {
            self.shown = Some(look);
        }
        self.judge(&views, &labels, &seen)
    }

    /// Draws the look screen again with one probe's new value.
    pub(super) fn look_again(
        &mut self,
        probe: &Probe,
        hit: usize,
        seen: &Seen,
    ) -> Result<(), NotCleared> {
        let mut page = self.look_page();
        let label = self.label(&probe.label, hit);
        let sight = Sight {
            label,
            seen: Some(mask::seen(seen.clone())),
            as_expected: None,
            expected: None,
        };
        // Whoever is shown the whole screen from now on sees the new value on it.
        let sights = self.shown.iter_mut().flat_map(|look| &mut look.sights);
        for old in sights.filter(|old| old.label == sight.label && old.expected.is_none()) {
            *old = sight.clone();
        }
        page.sights = vec![sight];
        Ok(self.world.operator.page(&Page::Look(page))?)
    }

    /// Returns whether a `show` of the plan shows this probe at the hit's target.
    pub(super) fn is_shown(&self, probe: &Probe, hit: usize) -> bool {
        let job = self.job(probe, hit);
        self.asked.plan.steps.iter().any(|step| {
            matches!(&step.kind, StepKind::Show(shown) if measure::same(&self.job(shown, step.hit), &job))
        })
    }

    /// Collects the shows and checks, each probe once a target.
    fn views(&self) -> Vec<Viewed<'p>> {
        let mut jobs: Vec<Job> = Vec::new();
        let mut views = Vec::new();
        for step in &self.asked.plan.steps {
            let (probe, is, must) = match &step.kind {
                StepKind::Show(probe) => (probe, None, false),
                StepKind::Check { probe, is, must } => (probe, Some(is), *must),
                StepKind::Confirm(_)
                | StepKind::Checklist(_)
                | StepKind::Call { .. }
                | StepKind::Cooldown(_)
                | StepKind::Gap { .. }
                | StepKind::Window(_)
                | StepKind::First { .. }
                | StepKind::Witness { .. }
                | StepKind::Approve { .. }
                | StepKind::Key => continue,
            };
            let job = self.job(probe, step.hit);
            let is_seen = is.is_none() && jobs.iter().any(|other| measure::same(other, &job));
            if !is_seen {
                jobs.push(job);
                views.push(Viewed {
                    probe,
                    hit: step.hit,
                    is,
                    must,
                });
            }
        }
        views
    }

    /// Returns how far sights and what is called may lie from what somebody else was shown of them.
    pub(super) fn leeways(&self) -> Leeways {
        let views = self.views();
        let called = self
            .asked
            .plan
            .steps
            .iter()
            .find_map(|step| match &step.kind {
                StepKind::Call { what, .. } => Some(what),
                _ => None,
            });
        Leeways {
            sights: views.iter().map(|view| leeway(view.probe)).collect(),
            call: match called {
                Some(Callee::Probe(probe)) => leeway(probe),
                _ => Drift::Number(0.0),
            },
        }
    }

    /// The screen without sights.
    pub(super) fn look_page(&self) -> Look {
        let who = self.world.who;
        let mut known = BTreeSet::new();
        let mut rules = Vec::new();
        let mut unknown = BTreeSet::new();
        let mut frozen = Vec::new();
        let mut earlier = Vec::new();
        for (number, hit) in self.asked.plan.hits.iter().enumerate() {
            let target = self.asked.target(number, &who.host);
            unknown.extend(hit.unknown.iter().cloned());
            if let Some(ran) = &hit.earlier {
                let line = ran_before(ran, self.language());
                if !earlier.contains(&line) {
                    earlier.push(line);
                }
            }
            for freeze in &hit.frozen {
                if !frozen.contains(freeze) {
                    frozen.push(freeze.clone());
                }
            }
            if known.insert((hit.rule.id.clone(), target.clone())) {
                let same = self.asked.plan.hits.iter().enumerate();
                let same = same.filter(|(other, same)| {
                    same.rule.id == hit.rule.id && self.asked.target(*other, &who.host) == target
                });
                let places = places(same.map(|(_, hit)| hit));
                // Lines of a broken file are shown as they are: braces in them are no placeholders.
                let (why, excerpt) = match hit.rule.is_stand_in() {
                    true => (Text::default(), Some(hit.rule.why.clone())),
                    false => (self.fill(&hit.rule.why, number), None),
                };
                rules.push(RuleShown {
                    places,
                    id: hit.rule.id.clone(),
                    title: self.fill(&hit.rule.title, number),
                    why,
                    excerpt,
                    instead: hit
                        .rule
                        .instead
                        .as_ref()
                        .map(|text| self.fill(text, number)),
                    risk: hit.rule.risk,
                    target,
                    targets: match self.asked.place(number) {
                        Where::Each(hosts) => hosts,
                        Where::Here | Where::One(_) | Where::Unsaid(_) => Vec::new(),
                    },
                    user: self.asked.user(number, &who.effective_user),
                    via: hit
                        .invocation
                        .via
                        .iter()
                        .map(|via| via.name.clone())
                        .collect(),
                });
            }
        }
        Look {
            line: self.asked.line.clone(),
            held: self.asked.held.clone(),
            rules,
            sights: Vec::new(),
            drill: self.asked.drill,
            unknown: unknown.into_iter().collect(),
            frozen,
            permits: self.permits_shown(),
            warnings: [&*earlier, &*self.asked.warnings, &*self.warnings].concat(),
        }
    }

    /// Records what was seen, stops at a check that is not as expected, asks about the unseen.
    fn judge(
        &mut self,
        views: &[Viewed<'_>],
        labels: &[Text],
        seen: &[Seen],
    ) -> Result<(), NotCleared> {
        let tag = self.language().tag();
        let mut unseen: Vec<(usize, String, Text)> = Vec::new();
        for ((view, label), seen) in views.iter().zip(labels).zip(seen) {
            self.record_sight(view, seen)?;
            match (seen, view.is) {
                (Seen::Value { value, .. }, Some(is)) if !expect::is_met(is, value) => {
                    return Err(NotCleared::Check {
                        label: label.in_language(tag).to_owned(),
                        value: value.clone(),
                        expected: expect::shown(is),
                    });
                }
                (Seen::Value { .. }, _) => {}
                (Seen::NotSeen(_), _) if view.must => {
                    return Err(NotCleared::NotSeen {
                        label: label.in_language(tag).to_owned(),
                    });
                }
                // Where nobody looks a show is for the record, and nobody can go on blind.
                (Seen::NotSeen(_), None) if !self.world.operator.is_person() => {}
                (Seen::NotSeen(_), Some(_)) if !self.world.operator.is_person() => {
                    return Err(NotCleared::NotSeen {
                        label: label.in_language(tag).to_owned(),
                    });
                }
                (Seen::NotSeen(_), _) => {
                    let target = self.asked.target(view.hit, &self.world.who.host);
                    let label = self.fill(&view.probe.label, view.hit);
                    match unseen.iter_mut().find(|(_, place, _)| *place == target) {
                        Some((_, _, labels)) => join(labels, &label),
                        None => unseen.push((view.hit, target, label)),
                    }
                }
            }
        }
        self.progress.of += unseen.len();
        for (hit, _, label) in unseen {
            self.go_on_blind(label, hit)?;
        }
        Ok(())
    }

    /// Asks why to go on although something could not be seen. The caller has counted the step.
    pub(super) fn go_on_blind(&mut self, label: Text, hit: usize) -> Result<(), NotCleared> {
        let label = self.of_target(label, hit);
        let question = Question {
            progress: self.next(),
            kind: QuestionKind::Blind {
                label: label.clone(),
            },
            again: None,
        };
        self.typed_answer(question, hit, &label.source, None)
    }

    /// Draws a checklist item's own sight.
    pub(super) fn show_before(&mut self, item: &Item, hit: usize) -> Result<(), NotCleared> {
        let Some(probe) = &item.show else {
            return Ok(());
        };
        let seen = self.measure_one(probe, hit)?;
        self.look_again(probe, hit, &seen)
    }

    /// Keeps what was seen; it is part of the story.
    fn record_sight(&mut self, view: &Viewed<'_>, seen: &Seen) -> Result<(), NotCleared> {
        let (answer, passed) = match seen {
            Seen::Value { value, .. } => (
                value.clone(),
                view.is.is_none_or(|is| expect::is_met(is, value)),
            ),
            Seen::NotSeen(why) => (format!("not seen: {}", why.summary()), false),
        };
        let step = if view.is.is_some() { "check" } else { "show" };
        Ok(self.record(Event::Answered(Answered {
            step: step.to_owned(),
            rule: self.asked.rule(view.hit).to_owned(),
            question: view.probe.id.clone(),
            answer: mask::text(&answer),
            passed,
            took: Duration::ZERO,
        }))?)
    }
}

/// Returns where in scripts hits stand, `file:row: text`; the same text in several rows of a file
/// once, with all of them.
fn places<'h>(hits: impl Iterator<Item = &'h Hit>) -> Vec<String> {
    let mut found: Vec<(&str, &str, Vec<usize>)> = Vec::new();
    for origin in hits.filter_map(|hit| hit.invocation.origin.as_ref()) {
        let same = found
            .iter_mut()
            .find(|(file, text, _)| (*file, *text) == (&origin.file, &origin.text));
        match same {
            Some((_, _, rows)) if rows.contains(&origin.row) => {}
            Some((_, _, rows)) => rows.push(origin.row),
            None => found.push((&origin.file, &origin.text, vec![origin.row])),
        }
    }
    let shown = found.into_iter().map(|(file, text, rows)| {
        let rows: Vec<String> = rows.iter().map(ToString::to_string).collect();
        mask::text(&format!("{file}:{}: {text}", rows.join(",")))
    });
    shown.collect()
}

/// Says how the same ran before.
fn ran_before(ran: &Ran, language: Language) -> String {
    let say = match ran.end {
        RanEnd::UnderWay => say::runs_still,
        RanEnd::Well => say::ran_well,
        RanEnd::NotWell => say::ran_not_well,
    };
    say(language, &ran.who, duration::shown(ran.ago), &ran.run)
}

/// What stands on the screen for one show or check.
fn sight(view: &Viewed<'_>, label: Text, seen: Option<Seen>) -> Sight {
    let as_expected = match (&seen, view.is) {
        (Some(Seen::Value { value, .. }), Some(is)) => Some(expect::is_met(is, value)),
        _ => None,
    };
    Sight {
        label,
        seen: seen.map(mask::seen),
        as_expected,
        expected: view.is.map(expect::shown),
    }
}

/// Joins two labels in every language that either has.
fn join(one: &mut Text, other: &Text) {
    let tags: BTreeSet<String> = one
        .other
        .keys()
        .chain(other.other.keys())
        .cloned()
        .collect();
    for tag in tags {
        let between = Language::of_tag(&tag).unwrap_or_default().between_titles();
        let joined = [one.in_language(&tag), other.in_language(&tag)].join(between);
        one.other.insert(tag, joined);
    }
    let between = Language::English.between_titles();
    one.source = format!("{}{between}{}", one.source, other.source);
}
