//! How the terminal is to be talked to.

#![forbid(unsafe_code)]

use crate::text::Language;

/// How the terminal is to be talked to. Nothing here makes a terminal where there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// The language.
    pub language: Language,
    /// For screen readers: one fact a line with its label, no colours, nothing drawn twice.
    pub plain: bool,
    /// Whether colours and underlines may be written.
    pub colour: bool,
    /// The terminal knows no escapes at all; implies `plain`.
    pub dumb: bool,
}

impl Options {
    /// Returns the options that a person's wishes and the environment make: `--plain`, `TERM`,
    /// `NO_COLOR` (counts where set and not empty).
    #[must_use]
    pub fn new(
        language: Language,
        plain: bool,
        term: Option<&str>,
        no_color: Option<&str>,
    ) -> Self {
        let dumb = matches!(term, None | Some("" | "dumb" | "unknown"));
        let plain = plain || dumb;
        Self {
            language,
            plain,
            colour: !plain && no_color.is_none_or(str::is_empty),
            dumb,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(plain: bool, term: Option<&str>, no_color: Option<&str>, expect: (bool, bool, bool)) {
        let options = Options::new(Language::English, plain, term, no_color);
        assert_eq!((options.plain, options.colour, options.dumb), expect);
    }

    #[test]
    fn wishes_and_environment_make_options() {
        check(false, Some("xterm"), None, (false, true, false));
        check(true, Some("xterm"), None, (true, false, false));
        check(false, Some("xterm"), Some("1"), (false, false, false));
        check(false, Some("xterm"), Some(""), (false, true, false));
        check(false, Some("dumb"), None, (true, false, true));
        check(false, None, None, (true, false, true));
    }
}
