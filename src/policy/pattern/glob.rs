//! Matching of one glob without alternatives: `*` any text, `?` one character.
//!
//! By hand, because a regular expression per glob would cost 100 µs at start. Time is at most the
//! product of both lengths, nothing is allocated for texts that are fully known.

use super::{Case, Fit};

/// Returns whether two characters count as the same.
fn is_same(left: char, right: char, case: Case) -> bool {
    if left == right || case == Case::Counts {
        return left == right;
    }
    match left.is_ascii() && right.is_ascii() {
        true => left.eq_ignore_ascii_case(&right),
        false => left.to_lowercase().eq(right.to_lowercase()),
    }
}

/// Returns whether the whole of `text` fits.
///
/// Only the last star is ever taken back: what an earlier one swallowed can stay as it is, because
/// the later star may swallow whatever comes after. So no exponential search is needed.
pub(super) fn fits(glob: &str, text: &str, case: Case) -> bool {
    let (mut pattern, mut rest) = (glob.chars(), text.chars());
    let mut retry: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        let mut next = pattern.clone();
        let wanted = next.next();
        if wanted == Some('*') {
            pattern = next;
            retry = Some((pattern.clone(), rest.clone()));
            continue;
        }
        let mut after = rest.clone();
        let fits_here = match (wanted, after.next()) {
            (None, None) => return true,
            (Some('?'), Some(_)) => true,
            (Some(wanted), Some(found)) => is_same(wanted, found, case),
            (None, Some(_)) | (Some(_), None) => false,
        };
        if fits_here {
            (pattern, rest) = (next, after);
            continue;
        }
        // The last star takes one character more.
        let Some((star, mut start)) = retry else {
            return false;
        };
        if start.next().is_none() {
            return false;
        }
        (pattern, rest) = (star.clone(), start.clone());
        retry = Some((star, start));
    }
}

/// Returns how far a text fits whose `None` parts are unknown texts of any length.
///
/// `Yes` only where stars swallow the unknown parts; rarer certainties are told as `Maybe`, which
/// never excuses.
pub(super) fn fits_pieces(glob: &str, pieces: &[Option<&str>], case: Case) -> Fit {
    let pattern: Vec<char> = glob.chars().collect();
    if run(&pattern, pieces, case, Unknown::InStar) {
        return Fit::Yes;
    }
    match run(&pattern, pieces, case, Unknown::Any) {
        true => Fit::Maybe,
        false => Fit::No,
    }
}

/// What an unknown part is taken for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unknown {
    /// Something that a star alone can swallow.
    InStar,
    /// Whatever makes the text fit.
    Any,
}

/// Runs all places in the pattern at once over the pieces; returns whether the end is reached.
fn run(pattern: &[char], pieces: &[Option<&str>], case: Case, unknown: Unknown) -> bool {
    // `places[i]`: the first `i` characters of the pattern may be used up.
    let mut places = vec![false; pattern.len() + 1];
    if let Some(first) = places.first_mut() {
        *first = true;
    }
    skip_stars(pattern, &mut places);
    for piece in pieces {
        match piece {
            Some(text) => {
                for found in text.chars() {
                    places = advance(pattern, &places, found, case);
                }
            }
            None if unknown == Unknown::InStar => {
                let stars = pattern.iter().chain(std::iter::once(&'\0'));
                for (place, symbol) in places.iter_mut().zip(stars) {
                    *place &= *symbol == '*';
                }
                skip_stars(pattern, &mut places);
            }
            None => {
                let mut reached = false;
                for place in &mut places {
                    reached |= *place;
                    *place = reached;
                }
            }
        }
    }
    places.last().copied().unwrap_or(false)
}

/// Returns the places after one more character.
fn advance(pattern: &[char], places: &[bool], found: char, case: Case) -> Vec<bool> {
    let mut next: Vec<bool> = Vec::with_capacity(places.len());
    let mut moved = false;
    for (is_here, symbol) in places.iter().zip(pattern) {
        next.push(moved || (*is_here && *symbol == '*'));
        moved = *is_here && *symbol != '*' && (*symbol == '?' || is_same(*symbol, found, case));
    }
    next.push(moved);
    skip_stars(pattern, &mut next);
    next
}

/// Adds the places that are reached by letting stars swallow nothing.
fn skip_stars(pattern: &[char], places: &mut [bool]) {
    let mut reached = false;
    let symbols = pattern.iter().map(Some).chain(std::iter::once(None));
    for (place, symbol) in places.iter_mut().zip(symbols) {
        *place |= reached;
        reached = *place && symbol == Some(&'*');
    }
}
