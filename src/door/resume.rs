//! `kanmon --resume ID`: the line for which the asker had others asked, and left.
//!
//! In: the request's id. Out: what is to be run, and the request, which the passage takes up where it asks for the
//! same. Nothing of it is believed: the line is judged and looked at anew.

use crate::context::{self, Environment, SystemClock};
use crate::gate::showing::Resumed;
use crate::gate::world::NotAsked;
use crate::given::GivenFiles;
use crate::policy::ruleset::RuleSet;
use crate::team::TeamGiven;
use crate::text::{Language, launch as text};

use super::request::What;

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
    let shown = || id.escape_debug().to_string();
    let clock = SystemClock::new();
    let who = context::who::who(&Environment::of_process());
    let mut store = TeamGiven::new(Box::new(GivenFiles::of_this_host()), url, &clock);
    let found = store.left_behind(id, &who).map_err(|error| match error {
        NotAsked::Store { place, cause } => text::resume_store_away(language, place, cause),
        NotAsked::Host(cause) | NotAsked::Unread(cause) => {
            text::resume_store_away(language, url, cause)
        }
    })?;
    let resumed = found.ok_or_else(|| match store.refused(id) {
        Ok(Some(no)) => {
            text::resume_refused(language, no.giver.name(), no.reason.as_str().to_owned())
        }
        Ok(None) | Err(_) => text::resume_unknown(language, shown()),
    })?;
    let typed = resumed.shown.later.typed.as_ref();
    let what = typed
        .and_then(What::of_typed)
        .ok_or_else(|| text::resume_unknown(language, shown()))?;
    if resumed.request.who.cwd != who.cwd {
        let folder = resumed.request.who.cwd.escape_debug().to_string();
        return Err(text::resume_elsewhere(language, folder));
    }
    Ok((what, Box::new(resumed)))
}
