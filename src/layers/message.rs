//! What is said of rule files, in the operator's language.

use crate::policy::setup::{NotUsed, Notice};
use crate::text::{Language, cause, layers as say};

use super::mistakes;

/// Returns a notice as a sentence.
#[must_use]
pub fn message(notice: &Notice, language: Language) -> String {
    match notice {
        Notice::Replaced { file, why } => {
            say::replaced(language, file, mistakes::first(why, language))
        }
        Notice::Out { file, why } => say::out(language, file, mistakes::first(why, language)),
        Notice::NotCompiled {
            file,
            why: NotUsed::Missing,
        } => say::not_compiled(language, file),
        Notice::NotCompiled { file, why } => {
            say::compiled_not_used(language, file, not_used(why, language))
        }
        Notice::Foreign { folder, owner } => say::foreign(language, folder, owner),
        Notice::Project {
            folder,
            changed: false,
        } => say::project_untrusted(language, folder),
        Notice::Project {
            folder,
            changed: true,
        } => say::project_changed(language, folder),
    }
}

/// Returns why a compiled set is not used.
fn not_used(why: &NotUsed, language: Language) -> String {
    match why {
        // Said by a sentence of its own.
        NotUsed::Missing => String::new(),
        NotUsed::Changed(file) => say::changed(language, file),
        NotUsed::Recent => say::recent(language),
        NotUsed::OtherVersion => say::other_version(language),
        NotUsed::Damaged => say::damaged(language),
        NotUsed::Distrusted(why) => cause::of(why, language),
    }
}
