//! What a probe's output means: its value, and what is shown of it.
//!
//! In: the output as text, the probe, the local time now. Out: [`Seen`]. Pure.

use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::{DateTime, TimeZone};

use crate::gate::world::{NotSeen, Seen};
use crate::policy::rule::{PickAs, Probe, Value};

/// How many values `top` gives.
const TOP: usize = 5;

/// Returns what `output` says, read as `probe` has it.
pub fn read<Zone: TimeZone>(probe: &Probe, output: &str, now: &DateTime<Zone>) -> Seen
where
    Zone::Offset: std::fmt::Display,
{
    if output.trim().is_empty() && matches!(probe.value, Value::Pick(..)) {
        // It looked and there is nothing to pick from: an empty queue has no oldest message. Only
        // an output in which nothing fits is one that could not be read.
        return seen(String::new(), "", probe.lines);
    }
    let fits = match &probe.value {
        Value::Output => return seen(output.trim().to_owned(), output, probe.lines),
        Value::Count(regex) => compile(regex.as_written()).map(|regex| {
            let n_lines = output.lines().filter(|line| regex.is_match(line)).count();
            n_lines.to_string()
        }),
        Value::Pick(regex, PickAs::Oldest) => {
            return compile(regex.as_written())
                .and_then(|regex| oldest(&captured(&regex, output), now))
                .map_or_else(Seen::NotSeen, |(value, shown)| {
                    seen(value, &shown, probe.lines)
                });
        }
        Value::Pick(regex, how) => {
            compile(regex.as_written()).and_then(|regex| pick(&captured(&regex, output), *how))
        }
    };
    match fits {
        Ok(value) => {
            let shown = value.clone();
            seen(value, &shown, probe.lines)
        }
        Err(not_seen) => Seen::NotSeen(not_seen),
    }
}

/// Returns a value with the first lines of what is shown.
fn seen(value: String, shown: &str, n_lines: usize) -> Seen {
    let shown = shown.trim_end().trim_start_matches(['\n', '\r']);
    let lines: Vec<String> = shown.lines().take(n_lines).map(str::to_owned).collect();
    let more = shown.lines().count().saturating_sub(lines.len());
    Seen::Value { value, lines, more }
}

/// Compiles a pattern that was checked when the rule was read.
fn compile(pattern: &str) -> Result<regex::Regex, NotSeen> {
    // As in a rule's own text, `^` and `$` are those of a line.
    regex::RegexBuilder::new(pattern)
        .multi_line(true)
        .build()
        .map_err(|error| NotSeen::NotStarted(error.to_string()))
}

/// Returns capture 1 of every fit, or the whole fit where there is no capture.
fn captured<'a>(regex: &regex::Regex, output: &'a str) -> Vec<&'a str> {
    regex
        .captures_iter(output)
        .filter_map(|captures| captures.get(1).or_else(|| captures.get(0)))
        .map(|found| found.as_str())
        .collect()
}

/// Returns the value that `how` makes of the fits.
fn pick(fits: &[&str], how: PickAs) -> Result<String, NotSeen> {
    match how {
        PickAs::First => fits.first().map(|fit| (*fit).to_owned()),
        PickAs::Last => fits.last().map(|fit| (*fit).to_owned()),
        PickAs::Sum => sum(fits),
        PickAs::Top => top(fits),
        PickAs::Oldest => fits.iter().min().map(|fit| (*fit).to_owned()),
    }
    .ok_or(NotSeen::NoFit)
}

/// Returns the sum of the fits: whole where all are whole; `None` where one is no number.
fn sum(fits: &[&str]) -> Option<String> {
    let whole: Option<Vec<i128>> = fits.iter().map(|fit| fit.parse().ok()).collect();
    if fits.is_empty() {
        return None;
    }
    if let Some(total) =
        whole.and_then(|numbers| numbers.into_iter().try_fold(0, i128::checked_add))
    {
        return Some(total.to_string());
    }
    let numbers: Option<Vec<f64>> = fits.iter().map(|fit| fit.parse().ok()).collect();
    let total: f64 = numbers?.into_iter().sum();
    total.is_finite().then(|| total.to_string())
}

/// Returns the most frequent fits, one a line with its number before it, the first seen first
/// among equals.
fn top(fits: &[&str]) -> Option<String> {
    let mut counts: HashMap<&str, (usize, usize)> = HashMap::new();
    for (place, &fit) in fits.iter().enumerate() {
        counts.entry(fit).or_insert((0, place)).0 += 1;
    }
    let mut ranked: Vec<_> = counts.into_iter().collect();
    ranked.sort_unstable_by_key(|(_, (count, place))| (Reverse(*count), *place));
    let line = |(fit, (count, _)): &(&str, (usize, usize))| format!("{count} {fit}");
    let lines: Vec<String> = ranked.iter().take(TOP).map(line).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Returns the smallest of the fits, in seconds since 1970, and it as a local time and an age.
fn oldest<Zone: TimeZone>(fits: &[&str], now: &DateTime<Zone>) -> Result<(String, String), NotSeen>
where
    Zone::Offset: std::fmt::Display,
{
    // Fractions of a second do not count.
    let seconds = |fit: &&str| {
        fit.split('.')
            .next()
            .and_then(|whole| whole.parse::<i64>().ok())
    };
    let first = fits.iter().filter_map(seconds).min();
    let time = first.and_then(|first| DateTime::from_timestamp(first, 0));
    let time = time.ok_or(NotSeen::NoFit)?;
    let local = time.with_timezone(&now.timezone());
    let age = now.clone().signed_duration_since(&local).num_seconds();
    let shown = format!("{} ({})", local.format("%Y-%m-%d %H:%M:%S"), span(age));
    Ok((time.timestamp().to_string(), shown))
}

/// Returns a time span in its two largest units, in signs that every language has.
fn span(seconds: i64) -> String {
    let sign = if seconds < 0 { "-" } else { "" };
    let seconds = seconds.unsigned_abs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{sign}{seconds} s"),
        (0, 0, _) => format!("{sign}{minutes} min {} s", seconds % 60),
        (0, _, _) => format!("{sign}{hours} h {} min", minutes % 60),
        _ => format!("{sign}{days} d {} h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::FixedOffset;

    use super::*;
    use crate::policy::pattern::Regex;
    use crate::policy::rule::{Drift, On, ProbeForm, Text};

    /// Asserts what is seen of an output: value, shown lines, how many more.
    fn check(value: Value, output: &str, expect: (&str, &[&str], usize)) {
        let expect = Seen::Value {
            value: expect.0.to_owned(),
            lines: expect.1.iter().map(|&line| line.to_owned()).collect(),
            more: expect.2,
        };
        assert_eq!(look(value, output), expect);
    }

    fn look(value: Value, output: &str) -> Seen {
        let probe = Probe {
            id: "p.x".to_owned(),
            run: String::new(),
            form: ProbeForm::Sh,
            on: On::Here,
            root: false,
            ok: vec![0],
            value,
            lines: 3,
            drift: Drift::Any,
            timeout: Duration::from_secs(1),
            label: Text::default(),
        };
        let tokyo = FixedOffset::east_opt(9 * 3600).unwrap();
        let now = tokyo.with_ymd_and_hms(2026, 11, 22, 12, 0, 0).unwrap();
        read(&probe, output, &now)
    }

    fn count(pattern: &str) -> Value {
        Value::Count(Regex::parse(pattern).unwrap())
    }

    fn pick(pattern: &str, how: PickAs) -> Value {
        Value::Pick(Regex::parse(pattern).unwrap(), how)
    }

    #[test]
    fn output_is_trimmed_and_its_first_lines_are_shown() {
        check(Value::Output, "17\n", ("17", &["17"], 0));
        check(Value::Output, "", ("", &[], 0));
        check(Value::Output, "\n  a\nb\n\n", ("a\nb", &["  a", "b"], 0));
        check(
            Value::Output,
            "a\nb\nc\nd\ne\n",
            ("a\nb\nc\nd\ne", &["a", "b", "c"], 2),
        );
    }

    #[test]
    fn lines_that_fit_are_counted_and_none_is_a_value() {
        check(
            count("queue_id"),
            "{queue_id queue_id}\nx\n{queue_id}\n",
            ("2", &["2"], 0),
        );
        check(count("^x$"), "", ("0", &["0"], 0));
        check(count("^x$"), "x\nxx\nx", ("2", &["2"], 0));
    }

    #[test]
    fn picks_take_capture_1_or_the_whole_fit() {
        check(
            pick("n=([0-9]+)", PickAs::First),
            "n=1 n=2\nn=3",
            ("1", &["1"], 0),
        );
        check(
            pick("n=([0-9]+)", PickAs::Last),
            "n=1 n=2\nn=3",
            ("3", &["3"], 0),
        );
        check(pick("[0-9]+", PickAs::First), "a 42 b", ("42", &["42"], 0));
        check(
            pick("^b (.*)$", PickAs::First),
            "a 1\nb 2\nc 3",
            ("2", &["2"], 0),
        );
    }

    #[test]
    fn sums_stay_whole_where_they_can() {
        check(
            pick("([0-9.]+)", PickAs::Sum),
            "1\n2\n39",
            ("42", &["42"], 0),
        );
        check(
            pick("([0-9.]+)", PickAs::Sum),
            "0.5\n2",
            ("2.5", &["2.5"], 0),
        );
        assert_eq!(
            look(pick("(.+)", PickAs::Sum), "1\nx"),
            Seen::NotSeen(NotSeen::NoFit)
        );
    }

    #[test]
    fn the_oldest_is_shown_in_local_time_with_its_age() {
        let value = || pick("t=([0-9.]+)", PickAs::Oldest);
        // 2026-11-22 08:47:30 in Tokyo.
        let expect = ("1795304850", &["2026-11-22 08:47:30 (3 h 12 min)"][..], 0);
        check(value(), "t=1795304900\nt=1795304850.75\n", expect);
        assert_eq!(look(value(), "t=\n"), Seen::NotSeen(NotSeen::NoFit));
    }

    #[test]
    fn the_top_five_come_with_their_numbers() {
        let output = "b\na\na\nc\nd\ne\nf\na\nb\n";
        check(
            pick("(.+)", PickAs::Top),
            output,
            ("3 a\n2 b\n1 c\n1 d\n1 e", &["3 a", "2 b", "1 c"], 2),
        );
    }

    #[test]
    fn of_nothing_nothing_is_picked() {
        for how in [
            PickAs::First,
            PickAs::Last,
            PickAs::Sum,
            PickAs::Oldest,
            PickAs::Top,
        ] {
            check(pick("x", how), " \n", ("", &[], 0));
        }
    }

    #[test]
    fn nothing_that_fits_is_not_seen() {
        for how in [
            PickAs::First,
            PickAs::Last,
            PickAs::Sum,
            PickAs::Oldest,
            PickAs::Top,
        ] {
            assert_eq!(look(pick("x", how), "a\n"), Seen::NotSeen(NotSeen::NoFit));
        }
    }

    #[test]
    fn spans_have_two_units() {
        let cases = [
            (0, "0 s"),
            (59, "59 s"),
            (61, "1 min 1 s"),
            (3600, "1 h 0 min"),
            (90000, "1 d 1 h"),
            (-5, "-5 s"),
        ];
        for (seconds, expect) in cases {
            assert_eq!(span(seconds), expect);
        }
    }
}
