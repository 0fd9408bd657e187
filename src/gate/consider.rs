//! The other side of `approve`: somebody else looks at what is asked, calls for themselves, and says
//! yes or not.

use crate::policy::StepKind;
use crate::policy::rule::Callee;
use crate::text::{Language, gate as say};

use super::answer;
use super::dialogue::{Operator, Page, Progress, Question, QuestionKind};
use super::not_cleared::NotCleared;
use super::passage::{Asked, Passage, World};
use super::showing::Shown;
use super::step::call::{TRIES, both};

/// Shows what is asked and, after a yes, the look screen as the asker has it, measured now and as
/// this user; has the plan's first call called, or the target; and asks whether it may run. Returns
/// what was called.
///
/// # Errors
/// Where the approver is gone, calls wrongly, or does not say yes.
pub fn consider(asked: &Asked<'_>, world: &mut World<'_>) -> Result<(String, String), NotCleared> {
    let mut passage = Passage::new(asked, world);
    // Probes act on words of another user's line: none runs before this user has read it.
    let page = Page::Look(passage.look_page());
    passage.world.operator.page(&page)?;
    agree(&mut passage, say::approve_look, 0)?;
    passage.look()?;
    let calls = asked.plan.steps.iter().find_map(|step| match &step.kind {
        StepKind::Call { what, ask } => Some((what, ask.as_ref(), step.hit)),
        _ => None,
    });
    let (what, ask, hit) = calls.unwrap_or((&Callee::Target, None, 0));
    let target = asked.target(hit, &passage.world.who.host);
    let called = passage.call(what, ask, hit)?;
    agree(&mut passage, say::approve_yes, hit)?;
    Ok(match called {
        Some(called) => (called.probe.id.clone(), called.value),
        None => ("target".to_owned(), target),
    })
}

/// Shows what another host asks, as it stands on the asker's screen; has called what is to be called of it,
/// and asks whether it may run. Returns what was called.
///
/// # Errors
/// Where the approver is gone, calls wrongly, or does not say yes.
pub fn consider_shown(
    shown: &Shown,
    operator: &mut dyn Operator,
) -> Result<(String, String), NotCleared> {
    operator.page(&Page::Look(shown.look.clone()))?;
    let call = &shown.call;
    let label = call.label.clone();
    let kind = match &call.value {
        Some(_) => QuestionKind::Call {
            label,
            look_with: None,
            witness: None,
        },
        None => QuestionKind::Named { label },
    };
    let mut question = Question {
        progress: Progress { step: 1, of: 2 },
        kind,
        again: None,
    };
    let mut tries = 1..=TRIES;
    let called = loop {
        let Some(attempt) = tries.next() else {
            return Err(NotCleared::WrongCall);
        };
        let typed = operator.ask(&question)?;
        match &call.value {
            Some(value) if answer::is_called(&typed, value) => break value.clone(),
            None if !answer::fold(&typed).is_empty() => break answer::fold(&typed),
            Some(_) | None => {
                let language = operator.language();
                question.again = Some(say::call_again(language, TRIES - attempt));
            }
        }
    };
    let question = Question {
        progress: Progress { step: 2, of: 2 },
        kind: QuestionKind::Confirm(both(say::approve_yes)),
        again: None,
    };
    match answer::is_yes(&operator.ask(&question)?) {
        true => Ok((call.what.clone(), called)),
        false => Err(NotCleared::Declined),
    }
}

/// Asks for a yes to a text of the catalogue.
fn agree(
    passage: &mut Passage<'_, '_>,
    text: fn(Language) -> String,
    hit: usize,
) -> Result<(), NotCleared> {
    let ask = both(text);
    let label = ask.source.clone();
    let question = Question {
        progress: passage.next(),
        kind: QuestionKind::Confirm(ask),
        again: None,
    };
    match passage.ask(&question, hit, &label, &answer::is_yes)? {
        (_, true) => Ok(()),
        (_, false) => Err(NotCleared::Declined),
    }
}
