//! Think-steps that an earlier answer stands for: a quarter of an hour in the same session, a day
//! for the same scripts at the same target.
//!
//! Only `confirm` and `checklist` ask here. What looks, measures, waits or is called does not come
//! this way, and a drill is for practice: everything is asked in it.

use crate::gate::dialogue::{Progress, QuestionKind};
use crate::gate::mask;
use crate::gate::not_cleared::NotCleared;
use crate::gate::passage::{Passage, step_name};
use crate::gate::record::{Basis, Carried, Event};
use crate::gate::world::{About, Earlier, ThinkStep};
use crate::policy::PlannedStep;
use crate::policy::rule::Text;
use crate::text::gate as say;

impl Passage<'_, '_> {
    /// Returns whether an earlier answer, which must still fit, stands for this question; then it
    /// is shown and recorded, and the step has its number.
    pub(in crate::gate) fn is_carried(
        &mut self,
        kind: &QuestionKind,
        step: &PlannedStep,
        fits: &dyn Fn(&str) -> bool,
    ) -> Result<bool, NotCleared> {
        let (QuestionKind::Confirm(text)
        | QuestionKind::YesNo(text)
        | QuestionKind::Typed { ask: text, .. }) = kind
        else {
            return Ok(false);
        };
        if self.asked.drill {
            return Ok(false);
        }
        let name = step_name(kind);
        let Some(earlier) = self.earlier(name, text, step) else {
            return Ok(false);
        };
        if !fits(&earlier.answer) {
            return Ok(false);
        }
        if !self.has_carried {
            self.has_carried = true;
            // The last question, which a plan without a call does not have otherwise.
            self.progress.of += usize::from(!self.has_call());
        }
        let progress = self.next();
        self.record(Event::Carried(Carried {
            step: name.to_owned(),
            rule: self.asked.rule(step.hit).to_owned(),
            question: mask::text(&text.source),
            answer: earlier.answer.clone(),
            from: earlier.run.clone(),
            basis: earlier.basis,
        }))?;
        let said = self.said(progress, text, &earlier);
        self.world.operator.say(&said)?;
        Ok(true)
    }

    /// Asks the ledger.
    fn earlier(&mut self, name: &str, text: &Text, step: &PlannedStep) -> Option<Earlier> {
        let who = self.world.who;
        let asked = self.asked;
        let mut hits = step.also.iter().chain([&step.hit]);
        let is_of_scripts = hits.all(|hit| {
            let hit = asked.plan.hits.get(*hit);
            hit.is_some_and(|hit| hit.invocation.origin.is_some())
        });
        let target = asked.target(step.hit, &who.host);
        let user = asked.user(step.hit, &who.effective_user);
        let hash = asked.scripts.as_deref().filter(|_| is_of_scripts);
        let think = ThinkStep {
            who,
            step: name,
            rule: asked.rule(step.hit),
            text: &mask::text(&text.source),
            scripts: hash.map(|hash| About {
                hash,
                target: &target,
                user: &user,
            }),
        };
        self.world.ledger.earlier(&think, self.world.clock)
    }

    /// What the operator is told.
    fn said(&self, progress: Progress, text: &Text, earlier: &Earlier) -> String {
        let language = self.language();
        let step = format!("{}/{}", progress.step, progress.of);
        let question = text.in_language(language.tag());
        let (run, answer) = (&earlier.run.0, &earlier.answer);
        match earlier.basis {
            Basis::Session => {
                let at = earlier.at.format("%H:%M UTC");
                say::carried_in_session(language, step, question, answer, at, run)
            }
            Basis::Scripts => {
                let at = earlier.at.format("%m-%d %H:%M UTC");
                say::carried_for_scripts(language, step, question, answer, at, run)
            }
        }
    }
}
