//! What is wrong with rule files, in the reader's language.
//!
//! Their reader says it in English, which `--json`, the compiled set and GitHub's annotations keep; a person
//! is told here. Pure.

use crate::policy::pack::{Mistake, SourceFile, Voice};
use crate::policy::rule::Text;
use crate::text::{Language, cause, layers as say, mistake};

use super::settle::in_all;

/// Returns how mistakes are told in this language.
#[must_use]
pub fn voice(language: Language) -> Voice {
    match language {
        Language::English => Voice::ENGLISH,
        Language::Japanese => Voice {
            error: "エラー",
            warning: "警告",
            help: "対処",
            text: mistake::japanese,
        },
    }
}

/// Returns mistakes in every language, each with its line underlined; `more` are not among them.
pub(super) fn of_file(mistakes: &[Mistake], files: &[SourceFile], more: usize) -> Text {
    in_all(|language| {
        let shown = voice(language).mistakes(mistakes, files);
        match more {
            0 => shown,
            n => format!("{shown}\n{}", say::more_mistakes(language, n)),
        }
    })
}

/// Returns a file and why it is not used at all, in every language.
pub(super) fn refused(file: &str, why: &str) -> Text {
    in_all(|language| format!("{file}: {}", cause::of(why, language)))
}

/// Returns the first mistake of a file, which has its line and column before it, or why the file is not used.
pub(super) fn first(english: &str, language: Language) -> String {
    let is_place = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let mut parts = english.splitn(3, ':');
    match (language, parts.next(), parts.next(), parts.next()) {
        (Language::Japanese, Some(line), Some(column), Some(what))
            if is_place(line) && is_place(column) =>
        {
            let what = mistake::japanese(what.trim_start());
            format!("{line}:{column}: {what}")
        }
        _ => cause::of(english, language),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::pack::tests::{all_said, broken_packs, linted_packs};
    use crate::policy::pack::{lint, read};

    /// Asserts that all that is said of these is Japanese.
    #[track_caller]
    fn assert_told(found: &[Mistake]) {
        for one in found {
            for english in std::iter::once(&one.message).chain(&one.help) {
                let told = mistake::japanese(english);
                assert_ne!(&told, english, "{}:{} has no Japanese", one.file, one.line);
                assert!(!told.is_ascii(), "{told}");
            }
        }
    }

    #[test]
    fn every_mistake_of_a_broken_pack_is_told_in_japanese() {
        for (name, files) in broken_packs() {
            let (_, mistakes) = read(&files);
            assert_told(&mistakes);
            insta::with_settings!({ snapshot_path => "../../tests/broken-packs/told-ja", prepend_module_to_snapshot => false, omit_expression => true }, {
                insta::assert_snapshot!(name, voice(Language::Japanese).mistakes(&mistakes, &files));
            });
        }
    }

    #[test]
    fn every_lint_is_told_in_japanese() {
        for (name, files) in linted_packs() {
            let (mut packs, _) = read(&files);
            let own = files.last().unwrap().name.clone();
            packs.keep_rules_of(|name| name == own);
            assert_told(lint(&packs));
            insta::with_settings!({ snapshot_path => "../../tests/linted-packs/told-ja", prepend_module_to_snapshot => false, omit_expression => true }, {
                insta::assert_snapshot!(name, voice(Language::Japanese).lints(lint(&packs), &files));
            });
        }
    }

    /// Forms, and what stands for itself.
    const OWN: &[&str] = &[
        "`x` is x",
        "postgresql://ROLE@HOST/DATABASE?passfile=/etc/kanmon/store.pass",
        "NAME@HOST",
    ];

    #[test]
    fn all_that_the_readers_may_say_is_told_in_japanese() {
        let all = all_said();
        assert!(all.len() > 150, "only {}", all.len());
        let left = all.iter().filter(|text| !OWN.contains(&text.as_str()));
        let left = left.filter(|text| mistake::japanese(text) == **text);
        assert_eq!(left.collect::<Vec<_>>(), Vec::<&String>::new());
    }

    #[test]
    fn the_first_mistake_is_told_with_its_place() {
        let first = |english| first(english, Language::Japanese);
        assert_eq!(
            first("3:1: unknown key `stpes` in a rule"),
            "3:1: ルールに `stpes` というキーはありません"
        );
        assert_eq!(
            first("Permission denied (os error 13)"),
            "権限がありません（os error 13）"
        );
        assert_eq!(first("12: x"), "12: x");
        assert_eq!(
            super::first("3:1: the list is empty", Language::English),
            "3:1: the list is empty"
        );
    }
}
