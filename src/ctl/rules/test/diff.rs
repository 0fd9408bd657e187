//! The difference between what a case expects and what was found. Pure.

/// An expectation that any number of what is found meets, also none.
const ANY: [&str; 2] = ["…", "..."];

/// What an expectation that is met counts. More than what is skipped, so that `…` leaves to others
/// what they expect.
const SAME: usize = 2;
/// What is skipped under `…` counts.
const SKIPPED: usize = 1;

/// One row of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row<'t> {
    /// Found as expected; the index of what was found.
    Same(usize),
    /// Found where anything may stand; its index.
    Skipped(usize),
    /// Expected and not found.
    Missing(&'t str),
    /// Found and not expected; its index.
    Extra(usize),
}

/// Returns the rows that turn what was expected into what was found, as few of them not the same as
/// possible. `fits` says whether an expectation, by index, is met by what was found, by index.
pub(super) fn rows<'t>(
    expected: &[&'t str],
    found: usize,
    fits: impl Fn(usize, usize) -> bool,
) -> Vec<Row<'t>> {
    // `best[e][f]`: the most that can count from there on.
    let mut best = vec![vec![0_usize; found + 1]; expected.len() + 1];
    let at = |best: &[Vec<usize>], e: usize, f: usize| {
        let row = best.get(e).and_then(|row| row.get(f));
        row.copied().unwrap_or(0)
    };
    for (e, text) in expected.iter().enumerate().rev() {
        for f in (0..found).rev() {
            let left_out = at(&best, e + 1, f).max(at(&best, e, f + 1));
            let met = match ANY.contains(text) {
                true => at(&best, e, f + 1) + SKIPPED,
                false if fits(e, f) => at(&best, e + 1, f + 1) + SAME,
                false => 0,
            };
            if let Some(place) = best.get_mut(e).and_then(|row| row.get_mut(f)) {
                *place = left_out.max(met);
            }
        }
    }
    let mut rows = Vec::new();
    let (mut e, mut f) = (0, 0);
    while let Some(text) = expected.get(e) {
        let is_any = ANY.contains(text);
        let here = at(&best, e, f);
        if f < found && is_any && here == at(&best, e, f + 1) + SKIPPED {
            rows.push(Row::Skipped(f));
            f += 1;
        } else if is_any {
            e += 1;
        } else if f < found && fits(e, f) && here == at(&best, e + 1, f + 1) + SAME {
            rows.push(Row::Same(f));
            (e, f) = (e + 1, f + 1);
        } else if f < found && at(&best, e, f + 1) > at(&best, e + 1, f) {
            rows.push(Row::Extra(f));
            f += 1;
        } else {
            rows.push(Row::Missing(text));
            e += 1;
        }
    }
    rows.extend((f..found).map(Row::Extra));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws a difference: ` x` the same, `-x` missing, `+x` extra.
    fn drawn(expected: &[&str], found: &[&str]) -> String {
        let rows = rows(expected, found.len(), |e, f| expected[e] == found[f]);
        let row = |row: Row<'_>| match row {
            Row::Same(f) => format!(" {}", found[f]),
            Row::Skipped(f) => format!("…{}", found[f]),
            Row::Missing(text) => format!("-{text}"),
            Row::Extra(f) => format!("+{}", found[f]),
        };
        rows.into_iter().map(row).collect()
    }

    #[test]
    fn equal_lists_have_no_difference() {
        assert_eq!(drawn(&["a", "b"], &["a", "b"]), " a b");
        assert_eq!(drawn(&[], &[]), "");
    }

    #[test]
    fn what_is_missing_stands_before_what_is_there_instead() {
        assert_eq!(drawn(&["a", "x", "c"], &["a", "y", "c"]), " a-x+y c");
        assert_eq!(drawn(&["a"], &[]), "-a");
        assert_eq!(drawn(&[], &["a"]), "+a");
    }

    #[test]
    fn one_more_or_less_moves_the_rest() {
        assert_eq!(drawn(&["a", "b", "c"], &["b", "c"]), "-a b c");
        assert_eq!(drawn(&["b", "c"], &["a", "b", "c"]), "+a b c");
        assert_eq!(drawn(&["a", "b"], &["b", "a"]), "-a b+a");
    }

    #[test]
    fn dots_stand_for_any_number_and_leave_what_others_expect() {
        assert_eq!(drawn(&["…", "c"], &["a", "b", "c"]), "…a…b c");
        assert_eq!(drawn(&["a", "..."], &["a"]), " a");
        assert_eq!(drawn(&["…"], &[]), "");
        assert_eq!(
            drawn(&["a", "…", "b", "…", "c"], &["a", "x", "b", "c"]),
            " a…x b c"
        );
        assert_eq!(drawn(&["…", "c"], &["a", "b"]), "…a…b-c");
    }
}
