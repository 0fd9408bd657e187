//! Probes of a plan: filled in, run side by side, each once a run and target.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::policy::again::NotAgain;
use crate::policy::around::FOLDER;
use crate::policy::fill;
use crate::policy::rule::{Probe, ProbeForm};

use super::answer;
use super::dialogue::{Gone, Question, QuestionKind};
use super::mask;
use super::passage::{Passage, Trouble};
use super::world::{Job, NotSeen, Seen};

/// How often the operator's presence is looked at while probes run.
const PULSE: Duration = Duration::from_millis(100);

/// Draws what is seen so far.
pub(super) type Redraw<'r> =
    &'r mut dyn FnMut(&mut dyn super::Operator, &[Option<Seen>]) -> Result<(), Gone>;

/// A probe wanted for a hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted<'p> {
    pub(super) probe: &'p Probe,
    pub(super) hit: usize,
}

/// Returns why a probe that is made of the held invocation cannot look.
fn not_seen(why: NotAgain) -> NotSeen {
    match why {
        NotAgain::Unknown(word) => without_value(word),
        NotAgain::WouldRun(line) => NotSeen::NotHarmless(mask::text(&line)),
    }
}

/// Says that a part of a probe's command is not known.
fn without_value(name: String) -> NotSeen {
    match name == FOLDER {
        true => NotSeen::NoFolder,
        false => NotSeen::Placeholder(name),
    }
}

impl Passage<'_, '_> {
    /// Returns a probe with its placeholders filled from a hit.
    pub(super) fn job(&self, probe: &Probe, hit: usize) -> Job {
        let who = self.world.who;
        let none = BTreeMap::new();
        let values = self
            .values
            .get(&self.asked.target(hit, &who.host))
            .unwrap_or(&none);
        let command = match self.asked.bindings.get(hit) {
            Some(binding) => {
                let source = binding.source(&who.host, &who.effective_user, values);
                match &probe.form {
                    ProbeForm::Sh => binding.run(probe, source).map_err(without_value),
                    ProbeForm::Pwsh => fill::pwsh(&probe.run, source).map_err(without_value),
                    ProbeForm::Again { words, verb } => {
                        binding.again(words, verb.as_deref()).map_err(not_seen)
                    }
                    ProbeForm::Sql { by, texts } => binding.sql(by, texts).map_err(not_seen),
                }
            }
            None => Err(NotSeen::Placeholder(probe.id.clone())),
        };
        let via = self
            .asked
            .plan
            .hits
            .get(hit)
            .map(|hit| hit.invocation.via.clone());
        Job {
            id: probe.id.clone(),
            command,
            probe: probe.clone(),
            via: via.unwrap_or_default(),
            is_open: self.asked.place(hit).is_open(),
        }
    }

    /// Measures as [`Self::measure_quietly`] does. Where a host wants a password, the operator is
    /// asked once in a run whether to log in to look; `redraw` is called before.
    pub(super) fn measure(
        &mut self,
        wanted: &[Wanted<'_>],
        screen: Duration,
        redraw: Redraw<'_>,
    ) -> Result<Vec<Seen>, Trouble> {
        let mut seen = self.measure_quietly(wanted, screen, &mut *redraw)?;
        for (index, each) in wanted.iter().enumerate() {
            let Some(Seen::NotSeen(NotSeen::WantsLogin(host))) = seen.get(index) else {
                continue;
            };
            let host = host.clone();
            if !self.log_ins.insert(host.clone()) {
                continue;
            }
            let all: Vec<Option<Seen>> = seen.iter().cloned().map(Some).collect();
            redraw(self.world.operator, &all)?;
            if self.log_in(&host, each.hit)? {
                self.measure_again(wanted, &host, &mut seen)?;
            }
        }
        Ok(seen)
    }

    /// Asks whether to log in to a host to look, and lets the operator do so; returns whether it
    /// can be looked at now.
    fn log_in(&mut self, host: &str, hit: usize) -> Result<bool, Trouble> {
        let question = Question {
            progress: self.next_extra(),
            kind: QuestionKind::LogInToLook {
                host: host.to_owned(),
            },
            again: None,
        };
        if !self.ask(&question, hit, host, &answer::is_yes)?.1 {
            return Ok(false);
        }
        let mut is_in = false;
        let probes = &mut self.world.probes;
        self.world
            .operator
            .step_aside(&mut || is_in = probes.log_in(host))?;
        Ok(is_in)
    }

    /// Measures once more what a host wanted a password for.
    fn measure_again(
        &mut self,
        wanted: &[Wanted<'_>],
        host: &str,
        seen: &mut [Seen],
    ) -> Result<(), Gone> {
        let why = Seen::NotSeen(NotSeen::WantsLogin(host.to_owned()));
        let (places, again): (Vec<&mut Seen>, Vec<Wanted<'_>>) = seen
            .iter_mut()
            .zip(wanted.iter().cloned())
            .filter(|(seen, _)| **seen == why)
            .unzip();
        let looked = self.measure_quietly(&again, Duration::MAX, &mut |_, _| Ok(()))?;
        for (place, looked) in places.into_iter().zip(looked) {
            *place = looked;
        }
        Ok(())
    }

    /// Measures all of `wanted` at once and keeps their values for placeholders. `redraw` is
    /// called once after `screen` if some still run then, with what is seen so far.
    pub(super) fn measure_quietly(
        &mut self,
        wanted: &[Wanted<'_>],
        screen: Duration,
        redraw: Redraw<'_>,
    ) -> Result<Vec<Seen>, Gone> {
        let jobs: Vec<Job> = wanted
            .iter()
            .map(|wanted| self.job(wanted.probe, wanted.hit))
            .collect();
        let seen = self.run(&jobs, screen, redraw)?;
        for (wanted, seen) in wanted.iter().zip(&seen) {
            if let Seen::Value { value, .. } = seen {
                let target = self.asked.target(wanted.hit, &self.world.who.host);
                self.values
                    .entry(target)
                    .or_default()
                    .insert(wanted.probe.id.clone(), value.clone());
            }
        }
        Ok(seen)
    }

    /// Measures one probe, nothing drawn meanwhile.
    pub(super) fn measure_one(&mut self, probe: &Probe, hit: usize) -> Result<Seen, Trouble> {
        let seen = self.measure(&[Wanted { probe, hit }], Duration::MAX, &mut |_, _| Ok(()))?;
        Ok(seen
            .into_iter()
            .next()
            .unwrap_or(Seen::NotSeen(NotSeen::NoFit)))
    }

    /// Runs jobs until all have ended, with an eye on the operator.
    fn run(
        &mut self,
        jobs: &[Job],
        screen: Duration,
        redraw: Redraw<'_>,
    ) -> Result<Vec<Seen>, Gone> {
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        let mut pending = self.world.probes.start(jobs);
        let begun = self.world.clock.now().boot;
        let mut is_drawn = false;
        while !pending.wait(PULSE) {
            self.world.operator.still_there()?;
            let gone_by = self.world.clock.now().boot.saturating_sub(begun);
            if !is_drawn && gone_by >= screen {
                is_drawn = true;
                redraw(self.world.operator, &pending.seen())?;
            }
        }
        let not_run = || Seen::NotSeen(NotSeen::NotStarted(String::new()));
        Ok(pending
            .seen()
            .into_iter()
            .map(|seen| seen.unwrap_or_else(not_run))
            .collect())
    }
}

/// Returns whether two equal probes look at the same thing: the same command on the same way.
pub(super) fn same(one: &Job, other: &Job) -> bool {
    let is_same_way = one.is_here() || one.via == other.via || (one.is_open && other.is_open);
    one.id == other.id && one.command == other.command && is_same_way
}
