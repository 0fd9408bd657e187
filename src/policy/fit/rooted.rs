//! Whether a matcher fits words as the absolute paths that they are in the invocation's folder: asked
//! where none fits as it was typed, and only of entries that say such a path.

use crate::line::options::{Opt, Parsed};
use crate::line::{Invocation, Word};
use crate::policy::pattern::{Case, Fit, Pattern, Regex};
use crate::policy::rooted::Roots;
use crate::policy::rule::{AnyOf, FlagPattern, Matcher};
use crate::policy::scene::Readings;

use super::written::path_fits;
use super::{For, any_fits, flags_fit};

/// Whether an operand fits `arg` so.
pub(super) fn arg_fits(matcher: &Matcher, parsed: &Parsed, roots: Roots<'_, '_>) -> bool {
    any_path_fits(&matcher.arg, files(parsed), roots, any_word_fits, |_| true)
}

/// Whether the options fit a plain entry of `flag` so, by their values.
pub(super) fn flag_fits(matcher: &Matcher, parsed: &Parsed, roots: Roots<'_, '_>) -> bool {
    let says_path = |entry: &&FlagPattern| {
        let mut values = entry.all.iter().filter_map(|flag| flag.value.as_ref());
        values.any(Pattern::says_absolute)
    };
    let mut entries = matcher.flag.plain.iter().filter(says_path).peekable();
    if entries.peek().is_none() {
        return false;
    }
    let with_paths = Parsed {
        options: with_paths(&parsed.options, roots),
        ..parsed.clone()
    };
    let (invocation, words) = (roots.scene.invocation, roots.scene.words());
    entries.any(|entry| flags_fit(entry, &with_paths, invocation, words, For::Hold) != Fit::No)
}

/// Returns options, each also with its value as the absolute paths that it may be.
fn with_paths(options: &[Opt], roots: Roots<'_, '_>) -> Vec<Opt> {
    let each = options.iter().flat_map(|option| {
        let values = option.value.iter();
        let paths = values.flat_map(|value| roots.paths(value)).map(Some);
        let paths = paths.map(|value| Opt {
            value,
            ..option.clone()
        });
        std::iter::once(option.clone()).chain(paths)
    });
    each.collect()
}

/// Whether a path that is written to fits `writes` so.
pub(super) fn writes_fit(matcher: &Matcher, roots: Roots<'_, '_>) -> bool {
    let writes = written(roots.scene.invocation);
    any_path_fits(&matcher.writes, writes, roots, path_fits, |_| true)
}

/// Whether `line` is found in the text as it would be with the absolute path of a word that fits in
/// that word's place: what was not typed cannot be asked of what was.
pub(super) fn is_line_found(
    regex: &Regex,
    matcher: &Matcher,
    readings: &Readings,
    roots: Roots<'_, '_>,
) -> bool {
    let is_found = |text: &dyn Fn() -> String| regex.is_found_in(&text(), Case::Counts);
    let writes = written(roots.scene.invocation);
    any_path_fits(&matcher.writes, writes, roots, path_fits, is_found)
        || readings.iter().any(|parsed| {
            let mut values = parsed
                .options
                .iter()
                .filter_map(|option| option.value.as_ref());
            any_path_fits(&matcher.arg, files(parsed), roots, any_word_fits, is_found)
                || flag_fits(matcher, parsed, roots)
                    && values.any(|value| {
                        let mut paths = roots.paths(value).into_iter();
                        paths.any(|path| is_found(&|| roots.text_with(value, &path)))
                    })
        })
}

/// Whether one of the words fits as an absolute path, and `counts` says yes to the line's text with
/// that in its place.
fn any_path_fits<'w>(
    entries: &AnyOf<Pattern>,
    mut words: impl Iterator<Item = &'w Word>,
    roots: Roots<'_, '_>,
    fits: impl Fn(&AnyOf<Pattern>, &Word) -> bool,
    counts: impl Fn(&dyn Fn() -> String) -> bool,
) -> bool {
    entries.plain.iter().any(Pattern::says_absolute)
        && words.any(|word| {
            let mut paths = roots.paths(word).into_iter();
            paths.any(|path| fits(entries, &path) && counts(&|| roots.text_with(word, &path)))
        })
}

/// Whether one word alone fits.
fn any_word_fits(entries: &AnyOf<Pattern>, word: &Word) -> bool {
    any_fits(entries, std::iter::once(word))
}

/// The operands that may be files.
fn files(parsed: &Parsed) -> impl Iterator<Item = &Word> {
    parsed.operands.iter().skip(parsed.n_names)
}

/// The paths that an invocation writes to.
fn written(invocation: &Invocation) -> impl Iterator<Item = &Word> {
    invocation.writes.iter().map(|write| &write.path)
}
