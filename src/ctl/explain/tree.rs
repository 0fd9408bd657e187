//! The tree of what a line would run: each call below the wrapper that runs it.
//!
//! Rows are cut to the width of the page; of a long line the part around the call is shown, so that
//! the mark stays below it.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::line::Invocation;
use crate::ui::safe;

/// Columns of the line that are shown before a call where the line does not fit.
const BEFORE: usize = 16;

/// What stands before each row of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edge {
    /// The row above its first one; empty where a command stands for itself.
    pub(super) gap: String,
    /// Before its first row.
    pub(super) head: String,
    /// Before its other rows.
    pub(super) rest: String,
}

/// Returns the places of all invocations, each before what it runs, and how deep it stands.
///
/// A loop or braces make several of one part of the line, so that its place there does not say
/// which of them runs what.
pub(super) fn walk(invocations: &[Invocation]) -> Vec<(usize, usize)> {
    let mut roots = Vec::new();
    let mut children = vec![Vec::new(); invocations.len()];
    for (at, invocation) in invocations.iter().enumerate() {
        let parent = parent(invocations, at, invocation);
        let siblings = parent.and_then(|parent| children.get_mut(parent));
        siblings.unwrap_or(&mut roots).push(at);
    }
    let mut next: Vec<(usize, usize)> = roots.into_iter().rev().map(|at| (at, 0)).collect();
    let mut walk = Vec::with_capacity(invocations.len());
    while let Some((at, depth)) = next.pop() {
        walk.push((at, depth));
        let below = children.get(at).into_iter().flatten().rev();
        next.extend(below.map(|below| (*below, depth + 1)));
    }
    walk
}

/// Returns which invocation runs this one: the nearest before it whose words its last wrapper has,
/// else the nearest that is less deep and whose part of the line has its part.
fn parent(invocations: &[Invocation], at: usize, invocation: &Invocation) -> Option<usize> {
    let (last, outer) = invocation.via.split_last()?;
    let runs = |above: &Invocation| {
        let words = std::iter::once(&above.program).chain(&above.args);
        above.via == outer
            && last.words.len() <= above.args.len() + 1
            && last.words.iter().zip(words).all(|(own, word)| own == word)
    };
    let before = || invocations.iter().take(at).enumerate().rev();
    let has = |above: &Invocation| {
        above.via.len() < invocation.via.len()
            && above.span.start <= invocation.span.start
            && invocation.span.end <= above.span.end
    };
    let found = before().find(|(_, above)| runs(above));
    let found = found.or_else(|| before().find(|(_, above)| has(above)));
    found.map(|(above, _)| above)
}

/// Returns the edges of nodes that stand in the order of a walk, from how deep each stands.
pub(super) fn edges(depths: &[usize]) -> Vec<Edge> {
    let mut levels: Vec<usize> = Vec::new();
    for depth in depths {
        // A wrapper that is no node of its own leaves no gap.
        let above = levels.last().map_or(0, |above| above + 1);
        levels.push((*depth).min(above));
    }
    let goes_on = |from: usize, level: usize| {
        let later = levels.iter().skip(from + 1);
        later
            .take_while(|other| **other >= level)
            .any(|other| *other == level)
    };
    let each = levels.iter().enumerate().map(|(at, level)| {
        let bar = |level: usize| if goes_on(at, level) { "|   " } else { "    " };
        let outer: String = (1..*level).map(bar).collect();
        let gap = match level {
            0 => String::new(),
            _ => format!("{outer}|"),
        };
        let (head, own) = match level {
            0 => (String::new(), ""),
            _ if goes_on(at, *level) => (format!("{outer}|-- "), "|   "),
            _ => (format!("{outer}`-- "), "    "),
        };
        let has_children = levels.get(at + 1).is_some_and(|next| next > level);
        let below = if has_children { "|   " } else { "    " };
        Edge {
            gap,
            head,
            rest: format!("{outer}{own}{below}"),
        }
    });
    each.collect()
}

/// Returns the line around a call, made safe, and the mark below the call, both at most `width`
/// columns wide.
pub(super) fn marked(before: &str, call: &str, after: &str, width: usize) -> (String, String) {
    let (before, call, after) = (safe::value(before), safe::value(call), safe::value(after));
    if before.width() + call.width() + after.width() <= width {
        let mark = format!("{}{}", " ".repeat(before.width()), mark(call.width()));
        return (format!("{before}{call}{after}"), mark);
    }
    let before = match before.width() > BEFORE {
        true => format!("…{}", last_columns(&before, BEFORE - 1)),
        false => before,
    };
    let mark = format!(
        "{}{}",
        " ".repeat(before.width()),
        mark(call.width().min(width.saturating_sub(before.width())))
    );
    (cut(&format!("{before}{call}{after}"), width), mark)
}

/// Returns a text of at most `width` columns; what is cut ends in `…`.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut columns = 0;
    for character in text.chars() {
        columns += character.width().unwrap_or(0);
        if columns >= width {
            break;
        }
        kept.push(character);
    }
    kept.push('…');
    kept
}

/// Returns the mark below a call.
fn mark(width: usize) -> String {
    "^".repeat(width.max(1))
}

/// Returns the end of a text, at most `width` columns of it.
fn last_columns(text: &str, width: usize) -> &str {
    let mut columns = 0;
    for (at, character) in text.char_indices().rev() {
        columns += character.width().unwrap_or(0);
        if columns > width {
            return text.get(at + character.len_utf8()..).unwrap_or_default();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_stand_below_what_runs_them() {
        let drawn = |depths: &[usize]| -> Vec<String> {
            let edges = edges(depths).into_iter();
            edges
                .map(|edge| format!("{}/{}x/{}", edge.gap, edge.head, edge.rest))
                .collect()
        };
        assert_eq!(drawn(&[0]), ["/x/    "]);
        assert_eq!(
            drawn(&[0, 1, 2, 1, 0]),
            [
                "/x/|   ",
                "|/|-- x/|   |   ",
                "|   |/|   `-- x/|           ",
                "|/`-- x/        ",
                "/x/    "
            ]
        );
        // Depths that jump are closed up.
        assert_eq!(drawn(&[3, 7]), ["/x/|   ", "|/`-- x/        "]);
        assert_eq!(drawn(&[]), Vec::<String>::new());
    }

    #[test]
    fn the_mark_stays_below_its_call() {
        let (line, mark) = marked("ls; ", "reboot", " -f", 40);
        assert_eq!(line, "ls; reboot -f");
        assert_eq!(mark, "    ^^^^^^");
        let before = "a".repeat(50);
        let (line, mark) = marked(&before, "reboot", &"b".repeat(50), 30);
        assert_eq!(line, format!("…{}reboot{}…", "a".repeat(15), "b".repeat(7)));
        assert_eq!(mark, format!("{}^^^^^^", " ".repeat(16)));
        let (line, mark) = marked("", &"c".repeat(50), "", 10);
        assert_eq!(line, "ccccccccc…");
        assert_eq!(mark, "^".repeat(10));
        let (line, mark) = marked("関門", "ｒ", "", 40);
        assert_eq!((line.as_str(), mark.as_str()), ("関門ｒ", "    ^^"));
        assert_eq!(marked("", "", "", 40), (String::new(), "^".to_owned()));
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(cut("reboot", 6), "reboot");
        assert_eq!(cut("reboot", 5), "rebo…");
        assert_eq!(cut("関門関門", 5), "関門…");
    }
}
