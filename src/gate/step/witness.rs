//! Step `witness`: a second person at the same keyboard types their name and a call of their own.
//!
//! On the record as claimed: nothing proves that the hands on the keyboard have changed, and a
//! witness need not have a login on this host (a colleague from another team, a customer). A name
//! under which the operator is known here is refused, so that at least the slip is none: the user
//! that the gate runs as, who had logged in, and whom `sudo` names. Who must prove who they are gives
//! an approval from their own login instead.

use crate::gate::answer;
use crate::gate::dialogue::{Question, QuestionKind};
use crate::gate::not_cleared::NotCleared;
use crate::gate::passage::Passage;
use crate::gate::world::Who;
use crate::policy::rule::{Callee, Text};
use crate::text::gate as say;

use super::call::Called;

/// How often a name may be tried.
const TRIES: usize = 3;

impl<'p> Passage<'p, '_> {
    /// Has a witness say who they are and call for themselves. Returns what must be measured again
    /// at "go", if anything.
    pub(in crate::gate) fn witness(
        &mut self,
        ask: &Text,
        what: &'p Callee,
        hit: usize,
    ) -> Result<Option<Called<'p>>, NotCleared> {
        let name = self.witness_name(ask, hit)?;
        self.call_by(what, None, hit, Some(name))
    }

    /// Asks for the witness' name.
    fn witness_name(&mut self, ask: &Text, hit: usize) -> Result<String, NotCleared> {
        let ask = self.label(ask, hit);
        let label = ask.source.clone();
        let mut question = Question {
            progress: self.next(),
            kind: QuestionKind::Witness(ask),
            again: None,
        };
        let who = self.world.who;
        for _ in 0..TRIES {
            let judge = |typed: &str| is_another(typed, who);
            let (typed, passed) = self.ask(&question, hit, &label, &judge)?;
            if passed {
                return Ok(answer::fold(&typed));
            }
            let language = self.language();
            question.again = Some(match answer::fold(&typed).is_empty() {
                true => say::empty_answer(language),
                false => say::witness_is_you(language),
            });
        }
        Err(NotCleared::NoAnswer)
    }
}

/// Whether `typed` is a name, and none of the operator's here.
fn is_another(typed: &str, who: &Who) -> bool {
    let typed = answer::fold(typed).to_lowercase();
    let own = [
        &who.real_user,
        &who.effective_user,
        &who.login_user,
        &who.sudo_user,
    ];
    !typed.is_empty() && own.iter().all(|name| name.to_lowercase() != typed)
}
