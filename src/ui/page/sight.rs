//! What a probe saw: a label and the lines under it.

#![forbid(unsafe_code)]

use crate::gate::world::{NotSeen, Seen, Sight};
use crate::text::Language;
use crate::text::ui as text;

use super::super::layout::{Cell, Sheet, Tone, beside, cells, columns, pieces};
use super::super::safe;
use super::said;

/// Adds sights in their order. Those that could not be seen for one and the same reason stand
/// together: a host that does not answer is one fact, not five.
pub(in crate::ui) fn draw_all(sights: &[Sight], language: Language, sheet: &mut Sheet) {
    let is_alike = |one: &Sight, other: &Sight| {
        matches!(one.seen, Some(Seen::NotSeen(_))) && one.seen == other.seen
    };
    for (number, sight) in sights.iter().enumerate() {
        let (before, after) = sights.split_at(number);
        if sheet.paper.plain {
            draw(sight, &said(&sight.label, language), language, sheet);
        } else if !before.iter().any(|other| is_alike(sight, other)) {
            let alike = after.iter().skip(1).filter(|other| is_alike(sight, other));
            let labels: Vec<String> = std::iter::once(sight)
                .chain(alike)
                .map(|sight| said(&sight.label, language))
                .collect();
            draw(
                sight,
                &labels.join(language.between_titles()),
                language,
                sheet,
            );
        }
    }
}

/// Adds a sight: on one row where it fits, else the lines under the label.
fn draw(sight: &Sight, label: &str, language: Language, sheet: &mut Sheet) {
    let lines = lines(sight, language);
    let (mark, tone) = mark(sight, sheet.paper.plain);
    if sheet.paper.plain {
        for mut line in lines {
            // Columns are for the eye.
            let indent = line.iter().take_while(|cell| cell.character == ' ');
            line.drain(..indent.count());
            let mut whole = pieces(&[(mark, Tone::Normal), (label, Tone::Normal)]);
            whole.extend(cells(": ", Tone::Normal));
            whole.extend(line);
            sheet.add(&[], &whole);
        }
        return;
    }
    let mut head = pieces(&[(label, Tone::Strong), (": ", Tone::Faint)]);
    if let [only] = lines.as_slice()
        && columns(&head) + columns(only) + 2 <= sheet.paper.width
    {
        head.extend_from_slice(only);
        sheet.add(&[(mark, tone)], &head);
        return;
    }
    sheet.add(&[(mark, tone)], &head);
    for line in lines {
        sheet.add(&[("    ", Tone::Normal)], &line);
    }
}

/// Returns the lines under the label.
fn lines(sight: &Sight, language: Language) -> Vec<Vec<Cell>> {
    let mut lines: Vec<Vec<Cell>> = match &sight.seen {
        None => vec![cells("…", Tone::Faint)],
        Some(Seen::NotSeen(reason)) => {
            let reason = text::not_seen(language, not_seen(reason, language));
            vec![cells(&reason, Tone::Warn)]
        }
        Some(Seen::Value { lines, more, .. }) => {
            let tone = if sight.as_expected == Some(false) {
                Tone::Bad
            } else {
                Tone::Normal
            };
            let mut shown: Vec<_> = lines
                .iter()
                .map(|line| cells(safe::value(line).trim_end(), tone))
                .collect();
            if shown.is_empty() {
                shown.push(cells(&text::empty(language), Tone::Faint));
            }
            if *more > 0 {
                shown.push(cells(&text::more_lines(language, more), Tone::Faint));
            }
            shown
        }
    };
    // What was not seen is neither as expected nor not.
    let is_unseen = matches!(sight.seen, Some(Seen::NotSeen(_)));
    if let (Some(expected), Some(last), false) = (&sight.expected, lines.last_mut(), is_unseen) {
        let expected = text::expected(language, safe::value(expected));
        last.extend(cells(&beside(&expected), Tone::Faint));
    }
    lines
}

/// Returns the mark before a sight, two columns wide or a word in plain mode.
fn mark(sight: &Sight, plain: bool) -> (&'static str, Tone) {
    let seen_badly = matches!(sight.seen, Some(Seen::NotSeen(_)));
    match (sight.as_expected, plain) {
        (Some(true), false) => ("✓ ", Tone::Good),
        (Some(false), false) => ("✗ ", Tone::Bad),
        (Some(true), true) => ("OK ", Tone::Normal),
        (Some(false), true) => ("NG ", Tone::Normal),
        (None, false) if seen_badly => ("- ", Tone::Warn),
        (None, false) => ("  ", Tone::Normal),
        (None, true) => ("", Tone::Normal),
    }
}

/// Returns in words why a probe could not look.
fn not_seen(reason: &NotSeen, language: Language) -> String {
    match reason {
        NotSeen::TimedOut(limit) => text::timed_out(language, limit.as_secs_f64()),
        NotSeen::Status { status: 0, said } if said.trim().is_empty() => text::unread(language),
        NotSeen::Status { status: 0, said } => {
            text::unread_said(language, safe::value(said.trim()))
        }
        NotSeen::Status { status, said } if said.trim().is_empty() => {
            text::status(language, status)
        }
        NotSeen::Status { status, said } => {
            text::status_said(language, status, safe::value(said.trim()))
        }
        NotSeen::NotStarted(cause) => text::not_started(language, safe::value(cause)),
        NotSeen::NoFit => text::no_fit(language),
        NotSeen::Placeholder(cause) => text::placeholder(language, safe::value(cause)),
        NotSeen::NoFolder => text::no_folder(language),
        NotSeen::WantsLogin(host) => text::wants_login(language, safe::value(host)),
        NotSeen::NotHarmless(line) => text::not_harmless(language, safe::value(line)),
        NotSeen::ManyTargets => text::many_targets(language),
        NotSeen::WouldRun(word) => text::would_run(language, safe::value(word)),
    }
}
