//! The text of a countdown. Pure.
//!
//! In: time left. Out: one row of at most the given columns, or a plain line.

#![forbid(unsafe_code)]

use std::time::Duration;

use crate::gate::dialogue::Progress;
use crate::text::Language;
use crate::text::ui as text;

use super::layout::width;
use super::question::progress;

/// Returns the whole seconds left, rounded up, so that 0 means over.
pub(super) fn seconds(left: Duration) -> u64 {
    left.as_secs() + u64::from(left.subsec_nanos() > 0)
}

/// Returns the countdown as one row that is narrower than `columns`.
pub(super) fn row(step: Progress, seconds: u64, language: Language, columns: usize) -> String {
    let clock = match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, minutes, seconds) => format!("{minutes}:{seconds:02}"),
        (hours, minutes, seconds) => format!("{hours}:{minutes:02}:{seconds:02}"),
    };
    let step = progress(step);
    let whole = format!("{step}{}", text::waiting(language, &clock));
    if width(&whole) < columns {
        whole
    } else {
        format!("{step}{clock}")
    }
}

/// Returns the countdown as a line that can be read aloud.
pub(super) fn line(step: Progress, seconds: u64, language: Language) -> String {
    let left = match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => text::seconds(language, seconds),
        (0, minutes, seconds) => text::minutes(language, minutes, seconds),
        (hours, minutes, seconds) => text::hours(language, hours, minutes, seconds),
    };
    format!("{}{}", progress(step), text::waiting_plain(language, left))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Progress = Progress { step: 3, of: 5 };

    #[test]
    fn a_part_of_a_second_counts_as_one() {
        assert_eq!(seconds(Duration::from_millis(29_001)), 30);
        assert_eq!(seconds(Duration::from_secs(30)), 30);
        assert_eq!(seconds(Duration::ZERO), 0);
    }

    #[test]
    fn the_row_shows_a_clock() {
        assert_eq!(
            row(STEP, 30, Language::English, 80),
            "3/5 waiting, 0:30 left (Ctrl-C: give up)"
        );
        assert_eq!(
            row(STEP, 3723, Language::Japanese, 80),
            "3/5 待機中 残り 1:02:03（Ctrl-C で中止）"
        );
    }

    #[test]
    fn a_narrow_row_shows_the_clock_alone() {
        assert_eq!(row(STEP, 30, Language::English, 40), "3/5 0:30");
        assert_eq!(
            row(STEP, 30, Language::Japanese, 40),
            "3/5 待機中 残り 0:30（Ctrl-C で中止）"
        );
    }

    #[test]
    fn the_plain_line_is_a_sentence() {
        assert_eq!(
            line(STEP, 90, Language::English),
            "3/5 Waiting: 1 min 30 s left. Ctrl-C gives up."
        );
        assert_eq!(
            line(STEP, 30, Language::Japanese),
            "3/5 待機中です。残り 30 秒。Ctrl-C で中止します。"
        );
    }
}
