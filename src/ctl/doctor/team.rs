//! Looks at the team's store, where the configuration names one: whether it answers this process, and
//! whether what it is told stays there.

use crate::ctl::{out, store};
use crate::team::check;
use crate::text::{Language, doctor as say};

use super::{Row, State};

/// Looks at it; no row where no store is named.
pub(super) fn look(language: Language) -> Option<Row> {
    out::rules().ok()?.setup().store.as_ref()?;
    let row = |state, text| Row::new("store", say::team(language), state, text);
    let seen = store::open(&store::Which::of(None)).and_then(|(mut connection, shown)| {
        let seen = check::check(&mut connection);
        seen.map_err(|error| store::failure(&shown, &error))
            .map(|seen| (seen, shown))
    });
    Some(match seen {
        Ok((seen, shown)) if seen.is_durable => {
            row(State::Well, say::store_answers(language, shown, seen.role))
        }
        Ok((_, shown)) => {
            row(State::Mend, say::store_forgets(language, shown)).mend(say::mend_store(language))
        }
        Err(failure) => {
            // It names the store.
            row(State::Mend, failure.message().to_owned()).mend(say::mend_store_away(language))
        }
    })
}
