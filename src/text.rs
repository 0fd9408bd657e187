//! Every text that the program says to a person, in every language it speaks.
//!
//! One file an area, each text a function of that area with its placeholders as arguments. A text
//! that lacks a language, or a language that lacks a placeholder, does not compile. Pure.

#![forbid(unsafe_code)]

use serde::{Deserialize, Serialize};

/// A language that the program speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Japanese.
    Japanese,
}

impl Language {
    /// Returns the tag under which packs keep translations.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
        }
    }

    /// Returns the language with this tag.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        [Self::English, Self::Japanese]
            .into_iter()
            .find(|language| language.tag() == tag)
    }

    /// Returns what stands between the members of a list.
    #[must_use]
    pub fn comma(self) -> &'static str {
        match self {
            Self::English => ", ",
            Self::Japanese => "、",
        }
    }

    /// Returns what stands between titles, which have commas of their own.
    #[must_use]
    pub fn between_titles(self) -> &'static str {
        match self {
            Self::English => "; ",
            Self::Japanese => "／",
        }
    }

    /// Returns the language that the locale variables name: the first of `LC_ALL`, `LC_MESSAGES`,
    /// `LANG` that is set and not empty counts.
    #[must_use]
    pub fn of_locale(lc_all: Option<&str>, lc_messages: Option<&str>, lang: Option<&str>) -> Self {
        let locale = [lc_all, lc_messages, lang]
            .into_iter()
            .flatten()
            .find(|value| !value.is_empty());
        match locale {
            Some(value)
                if value == "ja" || value.starts_with("ja_") || value.starts_with("ja.") =>
            {
                Self::Japanese
            }
            _ => Self::English,
        }
    }
}

/// Makes one function a text, and a table of all for the tests.
///
/// `NAME(argument, …) { en: "…{argument}…", ja: "…{argument}…" }`. Every argument must stand in
/// both languages.
macro_rules! texts {
    ($( $(#[$doc:meta])* $name:ident ( $($arg:ident),* ) { en: $en:literal, ja: $ja:literal $(,)? } )*) => {
        $(
            $(#[$doc])*
            #[must_use]
            pub fn $name(language: $crate::text::Language $(, $arg: impl std::fmt::Display)*) -> String {
                match language {
                    $crate::text::Language::English => format!($en $(, $arg = $arg)*),
                    $crate::text::Language::Japanese => format!($ja $(, $arg = $arg)*),
                }
            }
        )*
        /// Name, English and Japanese of every text here, placeholders not filled.
        pub const ALL: &[(&str, &str, &str)] = &[$((stringify!($name), $en, $ja)),*];
    };
}

pub(crate) use texts;

pub mod approve;
pub mod boot;
pub mod cause;
pub mod ctl;
pub mod doctor;
pub mod fact;
pub mod gate;
pub mod help;
pub mod hook;
pub mod launch;
pub mod layers;
pub mod ledger;
pub mod mend;
pub mod mistake;
pub mod notice;
pub mod permit;
pub mod rules;
pub mod setup;
pub mod shell;
pub mod shim;
pub mod store;
pub mod sudo;
pub mod team;
mod told;
pub mod ui;
pub mod words;
pub mod words_of_files;
