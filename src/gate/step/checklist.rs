//! Step `checklist`: every item is passed, one by one.

use std::time::Duration;

use crate::gate::answer;
use crate::gate::dialogue::{Question, QuestionKind};
use crate::gate::not_cleared::NotCleared;
use crate::gate::passage::Passage;
use crate::policy::PlannedStep;
use crate::policy::pattern::{Case, Regex};
use crate::policy::rule::Item;
use crate::text::gate as say;

/// How often a typed answer that has not its form is asked for.
const TRIES: usize = 3;

/// The pause after a no to an item with `no = "rest"`.
const REST: Duration = Duration::from_secs(300);

impl Passage<'_, '_> {
    /// Passes all items.
    pub(in crate::gate) fn checklist(
        &mut self,
        items: &[Item],
        step: &PlannedStep,
    ) -> Result<(), NotCleared> {
        let hit = step.hit;
        for item in items {
            // Also where an earlier answer stands: what is seen now may be part of the text.
            self.show_before(item, hit)?;
            let ask = self.label(&item.ask, hit);
            if item.typed {
                let like = item
                    .like
                    .as_ref()
                    .map(|regex| regex.as_written().to_owned());
                let kind = QuestionKind::Typed {
                    ask: ask.clone(),
                    like,
                };
                let fits = |answer: &str| is_answer(answer, item.like.as_ref());
                if self.is_carried(&kind, step, &fits)? {
                    continue;
                }
                let question = Question {
                    progress: self.next(),
                    kind,
                    again: None,
                };
                self.typed_answer(question, hit, &ask.source, item.like.as_ref())?;
            } else {
                let kind = QuestionKind::YesNo(ask.clone());
                if self.is_carried(&kind, step, &answer::is_yes)? {
                    continue;
                }
                let question = Question {
                    progress: self.next(),
                    kind,
                    again: None,
                };
                self.yes_or_rest(question, hit, &ask.source, item.rest_on_no)?;
            }
        }
        Ok(())
    }

    /// Asks until an answer has the form wanted, three times at most.
    pub(in crate::gate) fn typed_answer(
        &mut self,
        mut question: Question,
        hit: usize,
        label: &str,
        like: Option<&Regex>,
    ) -> Result<(), NotCleared> {
        for _ in 0..TRIES {
            let judge = |typed: &str| is_answer(typed, like);
            if self.ask(&question, hit, label, &judge)?.1 {
                return Ok(());
            }
            let language = self.language();
            question.again = Some(match like {
                Some(like) => say::wrong_form(language, like.as_written()),
                None => say::empty_answer(language),
            });
        }
        Err(NotCleared::NoAnswer)
    }

    /// Asks for a yes; a no ends the run, or means a pause and the same question again.
    fn yes_or_rest(
        &mut self,
        mut question: Question,
        hit: usize,
        label: &str,
        rests: bool,
    ) -> Result<(), NotCleared> {
        loop {
            if self.ask(&question, hit, label, &answer::is_yes)?.1 {
                return Ok(());
            }
            if !rests {
                return Err(NotCleared::Declined);
            }
            let language = self.language();
            self.world.operator.say(&say::rest(language))?;
            let until = self.world.clock.now().boot.saturating_add(REST);
            self.world
                .operator
                .wait(question.progress, until, self.world.clock)?;
            // The operator's word is not enough: the clock must say so.
            if self.world.clock.now().boot < until {
                return Err(NotCleared::Gone(crate::gate::Gone::Vanished));
            }
            question.again = Some(say::rested(language));
        }
    }
}

/// Returns whether something was typed, in the form that is wanted.
fn is_answer(typed: &str, like: Option<&Regex>) -> bool {
    let typed = answer::fold(typed);
    !typed.is_empty() && like.is_none_or(|like| like.is_found_in(&typed, Case::Counts))
}
