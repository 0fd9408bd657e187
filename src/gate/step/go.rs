//! The last moment: the exact line once more, everything called measured again, and one
//! transaction that clears.

use std::collections::BTreeSet;

use crate::gate::answer;
use crate::gate::dialogue::{Last, Page, Place, Question, QuestionKind};
use crate::gate::expect;
use crate::gate::mask;
use crate::gate::measure::Wanted;
use crate::gate::not_cleared::NotCleared;
use crate::gate::passage::{Passage, World};
use crate::gate::ready::Cleared;
use crate::gate::record::{Entry, Event};
use crate::gate::world::{ClearError, InTheWay, Seen};
use crate::policy::place::Where;
use crate::policy::rule::StepKind;
use crate::text::gate as say;

use super::again::Asking;
use super::call::Called;
use super::{again, permits, way};

/// How often a value may change between call and start before the run ends.
const ROUNDS: usize = 3;

impl<'p> Passage<'p, '_> {
    /// Shows the exact line once more, measures again, and returns when nothing has changed
    /// beyond its drift. Where something was called, a typed yes starts it.
    pub(in crate::gate) fn go(
        &mut self,
        mut calls: Vec<Called<'p>>,
        asks: bool,
    ) -> Result<Vec<(String, String)>, NotCleared> {
        let mut changing = String::new();
        for _ in 0..ROUNDS {
            self.last_page()?;
            if asks {
                self.ask_go()?;
            }
            self.checks_again()?;
            let mut has_changed = false;
            for call in &mut calls {
                if let Some(label) = self.call_changed(call)? {
                    has_changed = true;
                    changing = label;
                }
            }
            if !has_changed && !self.approve_again(&calls)? {
                return Ok(calls
                    .into_iter()
                    .map(|call| (call.probe.id.clone(), mask::text(&call.value)))
                    .collect());
            }
        }
        Err(NotCleared::KeepsChanging { label: changing })
    }

    /// Writes `cleared`, in the transaction that looks once more whether the way is free.
    pub(in crate::gate) fn clear(
        &mut self,
        measured: Vec<(String, String)>,
    ) -> Result<Cleared, NotCleared> {
        let mut guards = way::guards(self.asked, self.world.who);
        let used = self.covered.used.iter();
        guards.permits = used.map(|(permit, _)| permit.clone()).collect();
        let entry = Entry {
            run: self.asked.run.clone(),
            event: Event::Cleared {
                measured,
                permits: self.permits_recorded(),
            },
        };
        let (asked, covered, approved) = (self.asked, &self.covered, self.approved.as_ref());
        let World {
            ledger,
            given,
            clock,
            who,
            ..
        } = &mut *self.world;
        // The store is asked before the ledger is locked: every other held line of this host waits for that.
        let ways = again::ways(asked, &who.host, Asking::All);
        if !ways.is_empty() {
            return Err(NotCleared::InTheWay(ways));
        }
        let mut still = || {
            let mut ways = permits::revoked(covered, &mut **given);
            ways.extend(again::ways(asked, &who.host, Asking::Here));
            // Last: what was used up for nothing would have to be asked for anew.
            if ways.is_empty()
                && let Some(approved) = approved
            {
                ways.extend(approved.claim(asked, &mut **given, *clock, who));
            }
            ways
        };
        match ledger.clear(&entry, &guards, &mut still, *clock) {
            Ok(moment) => Ok(Cleared {
                run: self.asked.run.clone(),
                at: moment.boot,
            }),
            Err(ClearError::InTheWay(ways)) => {
                let refused = match ways.contains(&InTheWay::NoApproval) {
                    true => self.refused_meanwhile()?,
                    false => None,
                };
                Err(refused.unwrap_or(NotCleared::InTheWay(ways)))
            }
            Err(ClearError::Ledger(error)) => Err(NotCleared::Ledger(error)),
        }
    }

    /// Shows the exact line.
    fn last_page(&mut self) -> Result<(), NotCleared> {
        let undo = self.undo();
        let page = Last {
            line: self.asked.line.clone(),
            held: self.asked.held.clone(),
            places: self.places(),
            undo,
            drill: self.asked.drill,
        };
        Ok(self.world.operator.page(&Page::Last(page))?)
    }

    /// Where the line takes effect: the look screen, which says it too, may have scrolled away.
    fn places(&self) -> Vec<Place> {
        let who = self.world.who;
        let mut places: Vec<Place> = Vec::new();
        for number in 0..self.asked.plan.hits.len() {
            let user = self.asked.user(number, &who.effective_user);
            let targets = match self.asked.place(number) {
                Where::Each(hosts) => hosts,
                Where::Here | Where::One(_) | Where::Unsaid(_) => {
                    vec![self.asked.target(number, &who.host)]
                }
            };
            match places.iter_mut().find(|place| place.user == user) {
                Some(place) => place.targets.extend(targets),
                None => places.push(Place { targets, user }),
            }
        }
        for place in &mut places {
            let mut known = BTreeSet::new();
            place.targets.retain(|target| known.insert(target.clone()));
        }
        places
    }

    /// How the rules of the plan say to take it back.
    pub(in crate::gate) fn undo(&self) -> Vec<crate::policy::rule::Text> {
        let mut undo = Vec::new();
        for (number, hit) in self.asked.plan.hits.iter().enumerate() {
            if let Some(text) = &hit.rule.undo {
                let text = self.fill(text, number);
                if !undo.contains(&text) {
                    undo.push(text);
                }
            }
        }
        undo
    }

    /// A typed yes, with Enter: the habitual Enter after a bare key would reach the command.
    fn ask_go(&mut self) -> Result<(), NotCleared> {
        let question = Question {
            progress: self.next(),
            kind: QuestionKind::Go,
            again: None,
        };
        let (_, passed) = self.ask(&question, 0, "go", &answer::is_yes)?;
        if passed {
            Ok(())
        } else {
            Err(NotCleared::Declined)
        }
    }

    /// Measures the checks once more, those too that could not look before: what shows now counts.
    /// One that could look before and cannot now is no reason to start.
    fn checks_again(&mut self) -> Result<(), NotCleared> {
        let checks: Vec<_> = self
            .asked
            .plan
            .steps
            .iter()
            .filter_map(|step| match &step.kind {
                StepKind::Check { probe, is, .. } => Some((probe, step.hit, is)),
                _ => None,
            })
            .collect();
        let were_seen: Vec<bool> = checks
            .iter()
            .map(|(probe, hit, _)| self.was_seen(probe, *hit))
            .collect();
        let wanted: Vec<Wanted<'_>> = checks
            .iter()
            .map(|(probe, hit, _)| Wanted { probe, hit: *hit })
            .collect();
        let seen = self.measure(&wanted, std::time::Duration::MAX, &mut |_, _| Ok(()))?;
        let tag = self.language().tag();
        for (((probe, hit, is), was_seen), seen) in checks.iter().zip(were_seen).zip(seen) {
            let label = self.label(&probe.label, *hit).in_language(tag).to_owned();
            match seen {
                Seen::Value { value, .. } if expect::is_met(is, &value) => {}
                Seen::Value { value, .. } => {
                    return Err(NotCleared::Check {
                        label,
                        value,
                        expected: expect::shown(is),
                    });
                }
                // The operator said why they go on blind.
                Seen::NotSeen(_) if !was_seen => {}
                Seen::NotSeen(_) => return Err(NotCleared::NotSeen { label }),
            }
        }
        Ok(())
    }

    /// Whether the probe had a value on the look screen.
    pub(in crate::gate) fn was_seen(&self, probe: &crate::policy::rule::Probe, hit: usize) -> bool {
        let target = self.asked.target(hit, &self.world.who.host);
        self.values
            .get(&target)
            .is_some_and(|values| values.contains_key(&probe.id))
    }

    /// Measures a called value again. Beyond its drift it is shown and called anew; returns its
    /// label then.
    fn call_changed(&mut self, call: &mut Called<'p>) -> Result<Option<String>, NotCleared> {
        let tag = self.language().tag();
        let label = self.label(&call.probe.label, call.hit);
        let seen = self.measure_one(call.probe, call.hit)?;
        let Seen::Value { value, .. } = &seen else {
            return Err(NotCleared::NotSeen {
                label: label.in_language(tag).to_owned(),
            });
        };
        call.now.clone_from(value);
        if expect::is_within(call.probe.drift, &call.value, value) {
            return Ok(None);
        }
        let changed = say::changed(self.language(), label.in_language(tag));
        self.world.operator.say(&changed)?;
        if self.is_shown(call.probe, call.hit) {
            self.look_again(call.probe, call.hit, &seen)?;
        }
        call.value = self.call_value(
            call.probe,
            call.ask,
            call.hit,
            vec![value.clone()],
            call.witness.as_deref(),
        )?;
        Ok(Some(label.in_language(tag).to_owned()))
    }
}
