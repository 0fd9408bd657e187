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
use crate::policy::place::Where;
use crate::text::gate as say;

/// Where records go when the ledger fails, in the order tried.
pub trait LastResort {
    /// Keeps one record somewhere and returns where; `ledger` is why the ledger did not.
    ///
    /// # Errors
    /// Why each place failed.
    fn keep(&mut self, entry: &Entry, ledger: &str, clock: &dyn Clock) -> Result<String, String>;
}

/// A ledger that is opened when the first record comes, and given up at its first failure: one that
/// does not answer may take long to say so, and whoever breaks the glass has no time.
#[expect(missing_debug_implementations, reason = "the ledger is a trait object")]
pub struct LateLedger<'l> {
    open: &'l dyn Fn() -> Result<Box<dyn Ledger>, LedgerError>,
    opened: Option<Result<Box<dyn Ledger>, LedgerError>>,
}

impl<'l> LateLedger<'l> {
    /// Returns one that is not open yet.
    pub fn new(open: &'l dyn Fn() -> Result<Box<dyn Ledger>, LedgerError>) -> Self {
        Self { open, opened: None }
    }

    /// Appends a record.
    ///
    /// # Errors
    /// Where the ledger cannot be opened or written now, or could not be earlier.
    pub fn append(&mut self, entry: &Entry, clock: &dyn Clock) -> Result<(), LedgerError> {
        let appended = match self.opened.get_or_insert_with(self.open) {
            Ok(ledger) => ledger.append(entry, clock).map(drop),
            Err(error) => Err(error.clone()),
        };
        if let Err(error) = &appended {
            self.opened = Some(Err(error.clone()));
        }
        appended
    }
}

/// What breaking the glass needs of the world.
#[expect(missing_debug_implementations, reason = "the parts are trait objects")]
pub struct Tools<'w, 'l> {
    /// The person at the terminal.
    pub operator: &'w mut dyn Operator,
    /// The ledger; not opened before the name was typed.
    pub ledger: &'w mut LateLedger<'l>,
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
    tools: &mut Tools<'_, '_>,
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
    let mut events = vec![walk::opened(asked, tools.who)];
    let typed = type_target(asked, tools, &mut events);
    events.push(match &typed {
        Ok(()) => Event::BrokenGlass {
            reason: super::mask::text(reason),
        },
        Err(reason) => walk::not_cleared(reason),
    });
    keep_all(asked, events, tools, typed.is_ok());
    typed.map(|()| BrokenGlass {
        run: asked.run.clone(),
    })
}

/// Asks for the name of the target, three times at most; the answers go to `events`. Of several, one
/// is enough, or what the line says for all; where it says nothing, any name is.
fn type_target(
    asked: &Asked<'_>,
    tools: &mut Tools<'_, '_>,
    events: &mut Vec<Event>,
) -> Result<(), NotCleared> {
    let language = tools.operator.language();
    let target = asked.target(0, &tools.who.host);
    let others = match asked.place(0) {
        Where::Each(hosts) => hosts,
        Where::Here | Where::One(_) | Where::Unsaid(_) => Vec::new(),
    };
    let is_any = asked.place(0) == Where::Unsaid(String::new());
    let mut question = Question {
        progress: Progress { step: 1, of: 1 },
        kind: QuestionKind::BreakGlass,
        again: None,
    };
    for left in (0..3).rev() {
        let before = tools.clock.now().boot;
        let typed = tools.operator.ask(&question)?;
        let mut names = others.iter().chain([&target]);
        let passed = names.any(|name| answer::is_called(&typed, name))
            || (is_any && !answer::fold(&typed).is_empty());
        events.push(Event::Answered(Answered {
            step: "break-glass".to_owned(),
            rule: String::new(),
            question: "target".to_owned(),
            answer: super::mask::text(&typed),
            passed,
            took: tools.clock.now().boot.saturating_sub(before),
        }));
        if passed {
            return Ok(());
        }
        question.again = Some(say::call_again(language, left));
    }
    Err(NotCleared::WrongCall)
}

/// Keeps the records, each in the first place that takes it, and says once where that is not the
/// ledger; never fails.
fn keep_all(asked: &Asked<'_>, events: Vec<Event>, tools: &mut Tools<'_, '_>, is_broken: bool) {
    let language = tools.operator.language();
    let mut said = String::new();
    for event in events {
        let entry = Entry {
            run: asked.run.clone(),
            event,
        };
        said = match keep(&entry, tools) {
            Kept::InLedger => continue,
            Kept::Elsewhere { cause, place } => say::kept_elsewhere(language, cause, place),
            Kept::Nowhere { causes } if is_broken => say::kept_nowhere(language, causes),
            // Nothing runs, and that is said by whoever asked.
            Kept::Nowhere { .. } => continue,
        };
    }
    if !said.is_empty() {
        // The glass is broken: not even a lost terminal keeps the command now.
        let _gone = tools.operator.say(&said);
    }
}

/// Where a record was kept.
enum Kept {
    /// Where it belongs.
    InLedger,
    /// The ledger failed, another place took it.
    Elsewhere {
        /// Why the ledger did not take it.
        cause: String,
        /// Which place did.
        place: String,
    },
    /// No place took it.
    Nowhere {
        /// Why, for each.
        causes: String,
    },
}

/// Keeps a record in the first place that takes it.
fn keep(entry: &Entry, tools: &mut Tools<'_, '_>) -> Kept {
    let cause = match tools.ledger.append(entry, tools.clock) {
        Ok(()) => return Kept::InLedger,
        Err(error) => error.to_string(),
    };
    match tools.last_resort.keep(entry, &cause, tools.clock) {
        Ok(place) => Kept::Elsewhere { cause, place },
        Err(causes) => Kept::Nowhere {
            causes: format!("{cause}; {causes}"),
        },
    }
}
