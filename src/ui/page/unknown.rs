//! The names of facts that could not be known: in words, with the key as rule files write it.

#![forbid(unsafe_code)]

use crate::text::{Language, fact as text};

/// Returns what a key of a condition means; a key without a text stands for itself.
pub(super) fn named(key: &str, language: Language) -> String {
    if let Some(name) = key.strip_prefix("env.") {
        return text::variable(language, name);
    }
    match key {
        "host" => text::host(language),
        "container" => text::container(language),
        "pod" => text::pod(language),
        "namespace" => text::namespace(language),
        "context" => text::context(language),
        "account" => text::account(language),
        "user" => text::user(language),
        "login" => text::login(language),
        "group" => text::group(language),
        "cwd" => text::cwd(language),
        "branch" => text::branch(language),
        "ssh_from" => text::ssh_from(language),
        "tty" => text::tty(language),
        "time" => text::time(language),
        "freeze" => text::freeze(language),
        "rerun" => text::rerun(language),
        "declined" => text::declined(language),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::pack::CONDITION_KEYS;

    #[test]
    fn every_key_of_a_condition_has_a_name_in_both_languages() {
        // Which wrappers are around a call is always known.
        for key in CONDITION_KEYS.iter().filter(|key| **key != "via") {
            let key = match *key {
                "env" => "env.STAGE",
                key => key,
            };
            let (en, ja) = (
                named(key, Language::English),
                named(key, Language::Japanese),
            );
            assert!(en != key && ja != key && en != ja, "{key}: {en}, {ja}");
        }
        assert_eq!(
            named("env.STAGE", Language::English),
            "variable STAGE (env)"
        );
        assert_eq!(
            named("context", Language::Japanese),
            "クラスターのコンテキスト（context）"
        );
    }
}
