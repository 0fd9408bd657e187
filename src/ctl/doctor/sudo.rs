//! Looks at sudo's plugin as sudo.conf names it. Makes no file and does not try sudo.

use crate::ctl::sudo::{self, Standing};
use crate::text::{Language, doctor as say};

use super::{Row, State};

/// Looks at it.
pub(super) fn look(language: Language) -> Row {
    let row = |state, text| Row::new("sudo", "sudo".to_owned(), state, text);
    match sudo::standing(language) {
        Standing::Absent => row(State::None, say::no_plugin(language)),
        Standing::In(plugin) => row(State::Well, plugin.display().to_string()),
        Standing::Broken(failure) => {
            let text = say::plugin_broken(language, failure.message());
            row(State::Mend, text).mend(say::mend_plugin(language))
        }
    }
}
