//! Breaking the glass: past every step, with a reason and the target's name typed.
//!
//! Always works for a person at a terminal: the record goes to the ledger, else to the last
//! resort, and where all fail the command runs and that is said (promise 5).

use super::answer;
use super::dialogue::{Operator, Progress, Question, QuestionKind};
use super::not_cleared::NotCleared;
use super::passage::Asked;
use super::ready::BrokenGlass;
use super::record::{Answered, Entry, Event};
use super::walk;
use super::world::{Clock, Ledger, LedgerError, Who};
use crate::text::gate as say;

/// Where records go when the ledger fails, in the order tried.
pub trait LastResort {
    /// Keeps one record somewhere and returns where; `ledger` is why the ledger did not.
    ///
    /// # Errors
    /// Why each place failed.
    fn keep(&mut self, entry: &Entry, ledger: &str, clock: &dyn Clock) -> Result<String, String>;
}

/// What breaking the glass needs of the world.
#[expect(missing_debug_implementations, reason = "the parts are trait objects")]
pub struct Tools<'w> {
    /// The person at the terminal.
    pub operator: &'w mut dyn Operator,
    /// The ledger, or why it cannot be opened.
    pub ledger: Result<&'w mut dyn Ledger, LedgerError>,
    /// Where records go otherwise.
    pub last_resort: &'w mut dyn LastResort,
    /// Tells the time.
    pub clock: &'w dyn Clock,
    /// Who asks.
    pub who: &'w Who,
}

/// Asks for the target's name and lets the line through.
///
/// # Errors
/// Where the operator is gone or types another name three times.
pub fn break_glass(
    asked: &Asked<'_>,
    reason: &str,
    tools: &mut Tools<'_>,
) -> Result<BrokenGlass, NotCleared> {
    let language = tools.operator.language();
    let target = asked.target(0, &tools.who.host);
    let rules: Vec<&str> = asked
        .plan
        .hits
        .iter()
        .map(|hit| hit.rule.id.as_str())
        .collect();
    tools.operator.say(&say::break_glass(
        language,
        &asked.line,
        rules.join(", "),
        &target,
    ))?;
    let answered = type_target(&target, tools)?;
    let events = [
        walk::opened(asked, tools.who),
        Event::Answered(answered),
        Event::BrokenGlass {
            reason: super::mask::text(reason),
        },
    ];
    for event in events {
        let entry = Entry {
            run: asked.run.clone(),
            event,
        };
        keep(&entry, tools);
    }
    Ok(BrokenGlass {
        run: asked.run.clone(),
    })
}

/// Asks for the name of the target, three times at most.
fn type_target(target: &str, tools: &mut Tools<'_>) -> Result<Answered, NotCleared> {
    let language = tools.operator.language();
    let mut question = Question {
        progress: Progress { step: 1, of: 1 },
        kind: QuestionKind::BreakGlass,
        again: None,
    };
    for left in (0..3).rev() {
        let before = tools.clock.now().boot;
        let typed = tools.operator.ask(&question)?;
        if answer::is_called(&typed, target) {
            return Ok(Answered {
                step: "break-glass".to_owned(),
                rule: String::new(),
                question: "target".to_owned(),
                answer: typed,
                passed: true,
                took: tools.clock.now().boot.saturating_sub(before),
            });
        }
        question.again = Some(say::call_again(language, left));
    }
    Err(NotCleared::WrongCall)
}

/// Keeps a record in the first place that takes it, and says where; never fails.
fn keep(entry: &Entry, tools: &mut Tools<'_>) {
    let language = tools.operator.language();
    let cause = match &mut tools.ledger {
        Ok(ledger) => match ledger.append(entry, tools.clock) {
            Ok(_) => return,
            Err(error) => error.to_string(),
        },
        Err(error) => error.to_string(),
    };
    let said = match tools.last_resort.keep(entry, &cause, tools.clock) {
        Ok(place) => say::kept_elsewhere(language, cause, place),
        Err(causes) => say::kept_nowhere(language, format!("{cause}; {causes}")),
    };
    // The glass is broken: not even a lost terminal keeps the command now.
    let _gone = tools.operator.say(&said);
}
