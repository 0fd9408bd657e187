//! Whether a matcher fits an invocation.
//!
//! Everything is judged in three values: what may fit holds, only what surely fits excuses
//! (rule-language section 12). Options of which it is not known whether they take a value are read
//! both ways.

use std::collections::BTreeMap;

use crate::line::knowledge::is_off;
use crate::line::options::{self, Opt, Parsed};
use crate::line::{Fed, Invocation, Opaque, Piece, Word, Words};

use super::calendar::Freeze;
use super::condition;
use super::pattern::{Case, Fit, Pattern, Regex};
use super::rooted::Roots;
use super::rule::{AnyOf, FlagPattern, Matcher, OneFlag, OpaqueKind, SqlKind, VerbPattern};
use super::scene::{Readings, Scene};
use super::sql;

mod rooted;
mod written;

use written::{begins_known, path_fits};

/// How a matcher came to fit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fitted {
    /// Values that the matcher binds.
    pub(super) lets: BTreeMap<String, String>,
    /// Conditions whose value could not be read.
    pub(super) unknown: Vec<String>,
    /// The entry of a calendar that it is frozen by.
    pub(super) frozen: Option<Freeze>,
    /// What files said, as [`condition::Holds`] has it.
    pub(super) seen: Vec<(String, Vec<String>)>,
}

/// Returns how `matcher` fits the scene's invocation, or why it does not: the key at fault.
///
/// `is_grave` says whether the matcher's rule is one for what cannot be undone.
pub(super) fn fit(
    matcher: &Matcher,
    scene: &Scene<'_>,
    is_grave: bool,
) -> Result<Fitted, &'static str> {
    let invocation = scene.invocation;
    let roots = Roots { scene, is_grave };
    if !matcher.program.is_empty() && !program_fits(&matcher.program, scene) {
        return Err("program");
    }
    // What costs nothing first: these keys are tried against every invocation.
    if !matcher.opaque.is_empty() && !opaque_fits(&matcher.opaque, invocation.opaque) {
        return Err("opaque");
    }
    if !matcher.writes.is_empty() && invocation.writes.is_empty() {
        return Err("writes");
    }
    let words = scene.words();
    let readings = scene.readings(matcher);
    // What a program calls harmless says nothing of where its output goes: only a matcher that
    // names the program is excused.
    if !matcher.program.is_empty()
        && readings.are_harmless(|parsed| is_harmless(words, parsed, invocation))
    {
        return Err("harmless");
    }
    words_fit(matcher, &readings, roots)?;
    if !matcher.writes.is_empty()
        && !invocation
            .writes
            .iter()
            .any(|write| path_fits(&matcher.writes, &write.path))
        && !rooted::writes_fit(matcher, roots)
    {
        return Err("writes");
    }
    if !fed_fits(&matcher.fed, &invocation.fed) {
        return Err("fed");
    }
    if !matcher.sql.is_empty() && !sql_fits(&matcher.sql, words, invocation) {
        return Err("sql");
    }
    if let Some(regex) = &matcher.line
        && !regex.is_found_in(scene.text, Case::Counts)
        && !is_found_in_script(regex, invocation)
        && !rooted::is_line_found(regex, matcher, &readings, roots)
    {
        return Err("line");
    }
    if has_companion(&matcher.without, scene) {
        return Err("without");
    }
    let holds = condition::any(&matcher.when, scene).ok_or("when")?;
    Ok(Fitted {
        lets: matcher.lets.clone(),
        unknown: holds.unknown,
        frozen: holds.frozen,
        seen: holds.seen,
    })
}

/// Returns the invocation's options in both readings.
pub(super) fn both_options(scene: &Scene<'_>) -> [Vec<Opt>; 2] {
    let words = scene.words();
    let read = |doubt| options::parse(&scene.invocation.args, words, &[], doubt).options;
    [read(options::Doubt::Takes), read(options::Doubt::TakesNot)]
}

/// Whether verb, flag and arg fit: the plain entries all in one of the readings, and no `!` entry
/// surely in both.
fn words_fit(
    matcher: &Matcher,
    readings: &Readings,
    roots: Roots<'_, '_>,
) -> Result<(), &'static str> {
    let scene = roots.scene;
    let (words, invocation) = (scene.words(), scene.invocation);
    let case = verb_case(scene);
    let mut at_fault = "verb";
    let one_fits =
        readings.iter().any(
            |parsed| match plain_words_fit(matcher, parsed, roots, case) {
                Ok(()) => true,
                Err(key) => {
                    at_fault = key;
                    false
                }
            },
        );
    if !one_fits {
        return Err(at_fault);
    }
    let excused = |judge: &dyn Fn(&Parsed) -> bool| readings.iter().all(judge);
    if matcher
        .verb
        .not
        .iter()
        .any(|entry| excused(&|parsed| verb_fit(entry, &parsed.verb, words, case) == Fit::Yes))
    {
        return Err("verb");
    }
    if matcher.flag.not.iter().any(|entry| {
        excused(&|parsed| flags_fit(entry, parsed, invocation, words, For::Excuse) == Fit::Yes)
    }) {
        return Err("flag");
    }
    Ok(())
}

/// Whether the plain entries of verb, flag and arg fit in one reading.
fn plain_words_fit(
    matcher: &Matcher,
    parsed: &Parsed,
    roots: Roots<'_, '_>,
    case: Case,
) -> Result<(), &'static str> {
    let (words, invocation) = (roots.scene.words(), roots.scene.invocation);
    // "No verb typed: never fits", with `!` entries alone too.
    if !matcher.verb.is_empty() && parsed.verb.is_empty() {
        return Err("verb");
    }
    if !matcher.verb.plain.is_empty()
        && !matcher
            .verb
            .plain
            .iter()
            .any(|entry| verb_fit(entry, &parsed.verb, words, case) != Fit::No)
    {
        return Err("verb");
    }
    if !matcher.flag.plain.is_empty()
        && !matcher
            .flag
            .plain
            .iter()
            .any(|entry| flags_fit(entry, parsed, invocation, words, For::Hold) != Fit::No)
        && !rooted::flag_fits(matcher, parsed, roots)
    {
        return Err("flag");
    }
    if matcher.no_arg && !parsed.operands.is_empty() {
        return Err("arg");
    }
    if !matcher.arg.is_empty()
        && !any_fits(&matcher.arg, parsed.operands.iter())
        && !rooted::arg_fits(matcher, parsed, roots)
    {
        return Err("arg");
    }
    Ok(())
}

/// Whether the program's name, or its path where the pattern has a `/`, fits.
fn program_fits(programs: &AnyOf<Pattern>, scene: &Scene<'_>) -> bool {
    let fits = |pattern: &Pattern, least: Fit| {
        if pattern.is_path() {
            path_fit(pattern, scene) >= least
        } else {
            pattern.fits(&scene.invocation.name, scene.name_case)
        }
    };
    let plain = programs.plain.is_empty()
        || programs
            .plain
            .iter()
            .any(|pattern| fits(pattern, Fit::Maybe));
    plain && !programs.not.iter().any(|pattern| fits(pattern, Fit::Yes))
}

/// Compares the path typed with a pattern for absolute paths. A name without a path, or a relative
/// one, may be that file: it fits if the base name does.
fn path_fit(pattern: &Pattern, scene: &Scene<'_>) -> Fit {
    let invocation = scene.invocation;
    if invocation.name.contains('/') {
        // A name that a wrapper makes up (`ansible/reboot`) is no file's.
        let fits = pattern.fits(&invocation.name, Case::Counts);
        return if fits { Fit::Yes } else { Fit::No };
    }
    let typed = scene.typed();
    if typed.starts_with('/') {
        return if pattern.fits(typed, Case::Counts) {
            Fit::Yes
        } else {
            Fit::No
        };
    }
    if pattern.base() == "*" {
        // A folder's every file: a bare name says nothing of the folder.
        return if typed.contains('/') {
            Fit::Maybe
        } else {
            Fit::No
        };
    }
    match pattern.base_fits(&invocation.name) {
        true => Fit::Maybe,
        false => Fit::No,
    }
}

/// How verbs are compared.
fn verb_case(scene: &Scene<'_>) -> Case {
    match scene.words() {
        Some(words) if words.any_case => Case::Ignored,
        Some(_) | None => scene.name_case,
    }
}

/// Compares a verb path with one entry.
fn verb_fit(entry: &VerbPattern, verb: &[Word], words: Option<&Words>, case: Case) -> Fit {
    match entry {
        VerbPattern::Path(path) => {
            if verb.len() < path.len() {
                return Fit::No;
            }
            let each = path
                .iter()
                .zip(verb)
                .map(|(pattern, word)| word_fit(pattern, word, case));
            each.min().unwrap_or(Fit::No)
        }
        VerbPattern::Last(pattern) => verb
            .last()
            .map_or(Fit::No, |word| word_fit(pattern, word, case)),
        VerbPattern::Set(name) => words
            .and_then(|words| words.sets.get(name))
            .into_iter()
            .flatten()
            .filter_map(|entry| VerbPattern::parse(entry).ok())
            .map(|entry| verb_fit(&entry, verb, words, case))
            .max()
            .unwrap_or(Fit::No),
    }
}

/// Whether a flag is looked for to hold or to excuse; a shortened option never excuses.
#[derive(Clone, Copy, PartialEq, Eq)]
enum For {
    Hold,
    Excuse,
}

/// Whether all options of one entry are there.
fn flags_fit(
    entry: &FlagPattern,
    parsed: &Parsed,
    invocation: &Invocation,
    words: Option<&Words>,
    purpose: For,
) -> Fit {
    let each = entry.all.iter().map(|flag| {
        if flag.glued {
            glued_fit(flag, &invocation.args)
        } else {
            parsed
                .options
                .iter()
                .map(|option| option_fit(flag, option, words, purpose))
                .max()
                .unwrap_or(Fit::No)
        }
    });
    each.min().unwrap_or(Fit::No)
}

/// Compares one option with one flag.
fn option_fit(flag: &OneFlag, option: &Opt, words: Option<&Words>, purpose: For) -> Fit {
    let named = option.name == flag.name
        || (purpose == For::Hold && options::is_option(&option.name, &flag.name, words));
    if !named {
        return Fit::No;
    }
    match (&flag.value, &option.value) {
        (None, _) => Fit::Yes,
        // As of operands: nothing speaks for one folder where the beginning of a path is not known.
        (Some(pattern), Some(value))
            if purpose == For::Hold && pattern.is_absolute_glob() && !begins_known(value) =>
        {
            Fit::No
        }
        (Some(pattern), Some(value)) => word_fit(pattern, value, Case::Counts),
        (Some(_), None) => Fit::No,
    }
}

/// Looks for an option with text glued to it (`-q*`), whatever `words` says of that option.
fn glued_fit(flag: &OneFlag, args: &[Word]) -> Fit {
    let Some(pattern) = &flag.value else {
        return Fit::No;
    };
    args.iter()
        .take_while(|word| word.known().as_deref() != Some("--"))
        .filter_map(|word| {
            let text = word.shown();
            let rest = text.strip_prefix(flag.name.as_str())?;
            let fit = if pattern.fits(rest, Case::Counts) {
                Fit::Yes
            } else {
                Fit::No
            };
            Some(if word.is_known() {
                fit
            } else {
                fit.max(Fit::Maybe)
            })
        })
        .max()
        .unwrap_or(Fit::No)
}

/// Whether one word fits a plain entry and, the same one, no `!` entry.
///
/// A word of which nothing at all is known fits only what fits every text: `kill $PID` is not
/// `kill 1`, and `> "$file"` not a write to `/proc/sysrq-trigger`. Of a word with known parts
/// (`/dev/$disk`) in doubt it fits.
fn any_fits<'w>(entries: &AnyOf<Pattern>, mut words: impl Iterator<Item = &'w Word>) -> bool {
    words.any(|word| {
        let least = match is_wholly_unknown(word) {
            true => Fit::Yes,
            false => Fit::Maybe,
        };
        let plain = entries.plain.is_empty()
            || entries
                .plain
                .iter()
                .any(|pattern| word_fit(pattern, word, Case::Counts) >= least);
        plain
            && !entries
                .not
                .iter()
                .any(|pattern| word_fit(pattern, word, Case::Counts) == Fit::Yes)
    })
}

/// Whether `line` is found in the text of the script in which the invocation stands.
fn is_found_in_script(regex: &Regex, invocation: &Invocation) -> bool {
    let origin = invocation.origin.as_ref();
    origin.is_some_and(|origin| regex.is_found_in(&origin.text, Case::Counts))
}

/// Whether a word has parts, and none is known.
fn is_wholly_unknown(word: &Word) -> bool {
    let is_unknown = |piece: &Piece| matches!(piece, Piece::Unknown { .. });
    !word.pieces.is_empty() && word.pieces.iter().all(is_unknown)
}

/// Compares a word, possibly with parts that are not known, with a pattern.
pub(super) fn word_fit(pattern: &Pattern, word: &Word, case: Case) -> Fit {
    let pieces: Vec<Option<&str>> = word
        .pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text { text, .. } => Some(text.as_str()),
            Piece::Unknown { .. } => None,
        })
        .collect();
    pattern.fits_pieces(&pieces, case)
}

/// What cannot be read fits as `opaque` would.
fn fed_fits(entries: &AnyOf<Pattern>, fed: &Fed) -> bool {
    if entries.is_empty() {
        return true;
    }
    match fed {
        Fed::Nothing => false,
        Fed::Unknown | Fed::File(_) => true,
        Fed::Text(word) if is_wholly_unknown(word) => true,
        Fed::Text(word) => any_fits(entries, std::iter::once(word)),
    }
}

/// Whether a statement in the invocation's SQL does one of these. What cannot be read fits as
/// `opaque` would.
fn sql_fits(kinds: &[SqlKind], words: Option<&Words>, invocation: &Invocation) -> bool {
    let dialect = words
        .and_then(|words| words.sql.as_ref())
        .map(|at| at.dialect);
    invocation.sql.iter().any(|word| {
        if is_wholly_unknown(word) || word.lossy {
            return true;
        }
        let text = sql::text(word);
        let found = sql::kinds(&text, dialect.unwrap_or_default());
        found.contains(&SqlKind::Opaque) || kinds.iter().any(|kind| found.contains(kind))
    })
}

/// Whether the invocation is unknowable in one of these ways.
fn opaque_fits(kinds: &[OpaqueKind], opaque: Option<Opaque>) -> bool {
    let Some(opaque) = opaque else { return false };
    kinds.iter().any(|kind| match kind {
        OpaqueKind::Any => true,
        OpaqueKind::Variable => opaque == Opaque::Variable,
        OpaqueKind::Eval => opaque == Opaque::Eval,
        OpaqueKind::Download => opaque == Opaque::Download,
        OpaqueKind::Unparsed => opaque == Opaque::Unparsed,
    })
}

/// Whether one of `without` acts on the same target in the same line.
fn has_companion(without: &[Pattern], scene: &Scene<'_>) -> bool {
    !without.is_empty()
        && scene.reading.invocations.iter().any(|other| {
            !other.guessed
                && super::place::same(&other.target, &scene.invocation.target)
                && without
                    .iter()
                    .any(|pattern| pattern.fits(&other.name, Case::Counts))
        })
}

/// Returns whether a call is a harmless form beyond doubt.
pub(super) fn is_surely_harmless(invocation: &Invocation, words: Option<&Words>) -> bool {
    let readings = Readings::of_call(invocation, words);
    readings
        .iter()
        .all(|parsed| is_harmless(words, parsed, invocation))
}

/// Returns whether a call only reads beyond doubt: its verb is one of the set `read`.
pub(super) fn surely_reads(invocation: &Invocation, words: Option<&Words>) -> bool {
    let read = VerbPattern::Set("read".to_owned());
    let readings = Readings::of_call(invocation, words);
    let mut each = readings.iter();
    // Where case does not count for the program's verbs, a verb in another case does not excuse.
    each.all(|parsed| verb_fit(&read, &parsed.verb, words, Case::Counts) == Fit::Yes)
}

/// Whether `words` says that this call, its options read so, does nothing: simulation, help,
/// version. Only what is sure counts.
fn is_harmless(words: Option<&Words>, parsed: &Parsed, invocation: &Invocation) -> bool {
    let Some(words) = words else { return false };
    let fit = |entry: &str, purpose| {
        FlagPattern::parse(entry).map_or(Fit::No, |entry| {
            flags_fit(&entry, parsed, invocation, Some(words), purpose)
        })
    };
    let is_dry = words
        .dry
        .iter()
        .filter(|entry| !entry.starts_with('!'))
        .any(|entry| fit(entry, For::Excuse) == Fit::Yes);
    let is_taken_back = || {
        words
            .dry
            .iter()
            .filter_map(|entry| entry.strip_prefix('!'))
            .any(|entry| fit(entry, For::Hold) != Fit::No)
    };
    is_dry && !is_taken_back() && !is_negated(words, parsed)
}

/// Whether an option that makes a call harmless is there switched off as well, by its value or as
/// `--no-…`. What a program makes of both is not known: then it excuses nothing.
fn is_negated(words: &Words, parsed: &Parsed) -> bool {
    let names = || {
        let entries = words.dry.iter().filter(|entry| !entry.starts_with('!'));
        entries
            .flat_map(|entry| entry.split([' ', '|']))
            .map(|entry| entry.split('=').next().unwrap_or(entry))
    };
    parsed.options.iter().any(|option| {
        let is_off = option.value.as_ref().is_some_and(|value| {
            let known = value.known();
            known.is_none_or(|value| is_off(value.trim_start_matches('=')))
        });
        names().any(|name| {
            let no = name.strip_prefix("--").map(|name| format!("--no-{name}"));
            no.as_deref() == Some(option.name.as_str()) || is_off && option.name == name
        })
    })
}
