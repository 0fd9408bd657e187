//! Step `key`: one key, the floor of risk `low`.

use crate::gate::answer;
use crate::gate::dialogue::{Question, QuestionKind};
use crate::gate::not_cleared::NotCleared;
use crate::gate::passage::Passage;

impl Passage<'_, '_> {
    /// Asks for one key that means yes.
    pub(in crate::gate) fn key(&mut self, hit: usize) -> Result<(), NotCleared> {
        let question = Question {
            progress: self.next(),
            kind: QuestionKind::Key,
            again: None,
        };
        let (_, passed) = self.ask(&question, hit, "go on?", &answer::is_yes)?;
        if passed {
            Ok(())
        } else {
            Err(NotCleared::Declined)
        }
    }
}
