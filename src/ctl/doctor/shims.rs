//! Looks at the folders of shims that matter here. Makes no file.

use crate::context::{Environment, program};
use crate::ctl::shim::{self, Folder};
use crate::text::{Language, shim as say};

use super::{Row, State};

/// Looks at all of them.
pub(super) fn look(environment: &Environment, language: Language) -> Vec<Row> {
    let search = program::search_path();
    let row = |state, text| Row::new("shims", say::label(language), state, text);
    let folders = shim::folders(environment);
    let mut rows = Vec::new();
    for folder in folders
        .iter()
        .filter_map(|path| Folder::look(path, &search))
    {
        let text = say::folder(language, folder.path.display(), folder.shims.len());
        let faults: Vec<_> = folder.all_faults().collect();
        if faults.is_empty() {
            rows.push(row(State::Well, text));
        }
        for (what, fault) in faults {
            let (text, mend) = fault.told(&what, &folder.path, language);
            rows.push(row(State::Mend, text).mend(mend));
        }
    }
    if rows.is_empty() {
        rows.push(row(State::None, say::none(language)));
    }
    rows
}
