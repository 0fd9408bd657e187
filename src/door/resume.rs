//! `kanmon --resume ID`: the line for which the asker had others asked, and left.
//!
//! In: the request's id. Out: what is to be run, and the request, which the passage takes up where it asks for the
//! same. Nothing of it is believed: the line is judged and looked at anew. A no that was said meanwhile ends the run
//! that asked, in its record too.

use crate::context::{self, Environment, SystemClock};
use crate::gate::approval::Refusal;
use crate::gate::record::{Answered, Entry, Event};
use crate::gate::showing::Resumed;
use crate::gate::world::{LedgerError, NotAsked};
use crate::gate::{Clock as _, NotCleared, Who, mask};
use crate::given::GivenFiles;
use crate::ledger::history::{Outcome, Run};
use crate::ledger::{Reader, store::error_line};
use crate::policy::ruleset::RuleSet;
use crate::team::TeamGiven;
use crate::text::{Language, launch as text};
use crate::ui::safe;

use super::request::What;
use super::store as door;

/// Finds a request that this asker put aside on this host.
///
/// # Errors
/// What to say where there is none to go on with.
pub(super) fn find(
    id: &str,
    rules: &RuleSet,
    language: Language,
) -> Result<(What, Box<Resumed>), String> {
    let Some(url) = rules.setup().store.as_deref() else {
        return Err(text::resume_without_store(language));
    };
    let clock = SystemClock::new();
    let environment = Environment::of_process();
    let who = context::who::who(&environment);
    let mut store = TeamGiven::new(Box::new(GivenFiles::of_this_host()), url, &clock);
    let found = store.left_behind(id, &who).map_err(|error| match error {
        NotAsked::Store { place, cause } => text::resume_store_away(language, place, shown(&cause)),
        NotAsked::Host(cause) | NotAsked::Unread(cause) => {
            text::resume_store_away(language, shown(url), shown(&cause))
        }
    })?;
    let Some(resumed) = found else {
        let unknown = || text::resume_unknown(language, shown(id));
        // Who else is on this host does not read what was said to the asker.
        let run = asked_by(id, &who, &environment, &clock).ok_or_else(unknown)?;
        let no = store.refused(id).ok().flatten().ok_or_else(unknown)?;
        let reason = no.reason.as_str();
        let told = text::resume_refused(language, shown(no.giver.name()), shown(reason));
        let kept = keep(id, &run, &no, &environment, url, &clock);
        return Err(kept.err().map_or(told.clone(), |error| {
            let lost = shown(&error_line(&error, language));
            format!("{told}{}", text::resume_not_recorded(language, lost))
        }));
    };
    let typed = resumed.shown.later.typed.as_ref();
    let what = typed
        .and_then(What::of_typed)
        .ok_or_else(|| text::resume_unknown(language, shown(id)))?;
    if resumed.request.who.cwd != who.cwd {
        let folder = shown(&resumed.request.who.cwd);
        return Err(text::resume_elsewhere(language, folder));
    }
    Ok((what, Box::new(resumed)))
}

/// Returns the run that put a request up, where who is here asked it.
fn asked_by(id: &str, who: &Who, environment: &Environment, clock: &SystemClock) -> Option<Run> {
    let (run, _) = id.rsplit_once('-')?;
    let place = door::place(environment).ok()?;
    let found = Reader::open(&place.file).ok()?.run(run, &clock.now());
    // By what the system knows of both; a variable would prove nothing.
    found
        .ok()?
        .filter(|found| found.id.0 == run && found.who.person() == who.person())
}

/// Records a no in the run that asked, once.
fn keep(
    id: &str,
    run: &Run,
    no: &Refusal,
    environment: &Environment,
    url: &str,
    clock: &SystemClock,
) -> Result<(), LedgerError> {
    let reason = NotCleared::SaidNo {
        by: no.giver.name().to_owned(),
        reason: no.reason.as_str().to_owned(),
    };
    let is_kept = |outcome: &Outcome| matches!(outcome, Outcome::NotCleared { reason: kept } if kept == reason.reason());
    if is_kept(&run.outcome) {
        return Ok(());
    }
    let held = run.invocations.first();
    let took = (clock.now().utc - run.opened).to_std();
    let answered = Event::Answered(Answered {
        step: "approve".to_owned(),
        rule: held.map(|held| held.rule.clone()).unwrap_or_default(),
        question: id.to_owned(),
        answer: no.told(),
        passed: false,
        took: took.unwrap_or_default(),
    });
    let ended = Event::NotCleared {
        reason: reason.reason().to_owned(),
        detail: mask::text(&reason.message(Language::English)),
    };
    let mut ledger = door::open(environment, &door::Way::to(Some(url)))?;
    for event in [answered, ended] {
        let run = run.id.clone();
        ledger.append(&Entry { run, event }, clock)?;
    }
    Ok(())
}

/// Makes safe what others wrote.
fn shown(text: &str) -> String {
    safe::value(&mask::text(text))
}
