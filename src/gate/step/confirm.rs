//! Step `confirm`: yes; anything else ends the run.

use crate::gate::answer;
use crate::gate::dialogue::{Question, QuestionKind};
use crate::gate::not_cleared::NotCleared;
use crate::gate::passage::Passage;
use crate::policy::PlannedStep;
use crate::policy::rule::Text;

impl Passage<'_, '_> {
    /// Asks for a yes. An empty text is the floor's: the rule's title is asked instead.
    pub(in crate::gate) fn confirm(
        &mut self,
        text: &Text,
        step: &PlannedStep,
    ) -> Result<(), NotCleared> {
        let hit = step.hit;
        let title = self.asked.plan.hits.get(hit).map(|hit| &hit.rule.title);
        let ask = match title {
            Some(title) if text.source.is_empty() => self.label(title, hit),
            _ => self.label(text, hit),
        };
        let label = ask.source.clone();
        let kind = QuestionKind::Confirm(ask);
        if self.is_carried(&kind, step, &answer::is_yes)? {
            return Ok(());
        }
        let question = Question {
            progress: self.next(),
            kind,
            again: None,
        };
        let (_, passed) = self.ask(&question, hit, &label, &answer::is_yes)?;
        if passed {
            Ok(())
        } else {
            Err(NotCleared::Declined)
        }
    }
}
