//! Weekly times: `"Mon-Fri 09:00-18:00 Asia/Tokyo"`. Pure.
//!
//! Used by the step `window` and the condition `time`. In: `[DAYS] [TIMES] ZONE`, where DAYS are
//! names and ranges of days joined by `,` (`Mon-Fri`, `Sat,Sun`, `Fri-Mon`; every day where left
//! out) and TIMES are ranges of minutes joined by `,` (`09:00-12:00,13:00-18:00`; the whole day
//! where left out). A beginning belongs to a range, an end does not; `24:00` is an end. A range
//! whose end is not after its beginning goes on into the next day, and its days are those on which
//! it begins: `Fri 22:00-06:00` ends on Saturday morning.
//!
//! The zone has to be written: without it a range would mean what `TZ` says at the operator's
//! terminal. Times are those of the wall clock there: an hour that a change to summer time leaves
//! out is never inside, one that comes twice is inside twice.

use std::fmt;

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// Names of days, Monday first.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// Days in which every weekly range that opens at all has opened, changes of the clock included.
const HORIZON: u64 = 15;

/// Minutes that a change of the clock may leave out.
const LONGEST_GAP: i64 = 180;

/// A weekly time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TimeRange {
    /// As written.
    written: String,
    /// Days on which it begins, Monday in bit 0.
    days: u8,
    /// First minute and one past the last, from midnight; the end is not after the beginning where
    /// it is on the next day.
    times: Vec<(u16, u16)>,
    /// Name of the zone.
    zone: String,
}

/// Why a text is no weekly time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeRangeError {
    /// Not days, times and a zone.
    #[error(
        "`{0}` is no time range: write days, times and a zone, such as \"Mon-Fri 09:00-18:00 Asia/Tokyo\""
    )]
    Form(String),
    /// The zone is left out.
    #[error("`{0}` names no zone: end it with one, such as Asia/Tokyo or UTC")]
    NoZone(String),
    /// There is no such zone.
    #[error(
        "there is no time zone `{0}`: write a name of the tz database, such as Asia/Tokyo or UTC"
    )]
    Zone(String),
    /// There is no such day.
    #[error("`{0}` is no day: write Mon, Tue, Wed, Thu, Fri, Sat or Sun")]
    Day(String),
    /// There is no such time.
    #[error("`{0}` is no time of day: write it from 00:00 to 24:00")]
    Time(String),
    /// Nothing lies between beginning and end.
    #[error("`{0}` begins and ends at the same time: the whole day is 00:00-24:00")]
    Nothing(String),
}

impl TimeRange {
    /// Reads a weekly time.
    ///
    /// # Errors
    /// Where it is none.
    ///
    /// ```
    /// use kanmon::policy::timerange::TimeRange;
    /// let night = TimeRange::parse("Fri 22:00-06:00 Asia/Tokyo").unwrap();
    /// assert!(night.contains("2026-11-27T20:59:59Z".parse().unwrap()));
    /// assert!(!night.contains("2026-11-27T21:00:00Z".parse().unwrap()));
    /// ```
    pub fn parse(text: &str) -> Result<Self, TimeRangeError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (zone, rest) = match words.split_last() {
            Some((last, _)) if is_days(last) || is_times(last) => {
                return Err(TimeRangeError::NoZone(text.to_owned()));
            }
            Some((last, rest)) if rest.len() <= 2 => (*last, rest),
            Some(_) | None => return Err(TimeRangeError::Form(text.to_owned())),
        };
        if zone.parse::<Tz>().is_err() {
            return Err(TimeRangeError::Zone(zone.to_owned()));
        }
        let (days, times) = match rest {
            [] => return Err(TimeRangeError::Form(text.to_owned())),
            [one] if is_times(one) => (None, Some(*one)),
            [one] => (Some(*one), None),
            [days, times, ..] => (Some(*days), Some(*times)),
        };
        Ok(Self {
            written: words.join(" "),
            days: days.map_or(Ok(0x7f), parse_days)?,
            times: times.map_or(Ok(vec![(0, DAY)]), parse_times)?,
            zone: zone.to_owned(),
        })
    }

    /// Returns whether `now` is inside.
    #[must_use]
    pub fn contains(&self, now: DateTime<Utc>) -> bool {
        let local = now.with_timezone(&self.tz()).naive_local();
        let minute = minute_of(local.time());
        let today = local.date();
        self.times.iter().any(|&(from, to)| {
            if from < to {
                return self.begins_on(today) && (from..to).contains(&minute);
            }
            (self.begins_on(today) && minute >= from)
                || (minute < to && today.pred_opt().is_some_and(|day| self.begins_on(day)))
        })
    }

    /// Returns it as written.
    #[must_use]
    pub fn as_written(&self) -> &str {
        &self.written
    }

    /// Returns a time as it is written in this range's zone: `Mon 2026-11-30 09:00 Asia/Tokyo`.
    #[must_use]
    pub fn local(&self, time: DateTime<Utc>) -> String {
        let local = time.with_timezone(&self.tz());
        format!("{} {}", local.format("%a %Y-%m-%d %H:%M"), self.zone)
    }

    /// Its zone. A name that a newer program wrote and this one does not know is UTC.
    fn tz(&self) -> Tz {
        self.zone.parse().unwrap_or(Tz::UTC)
    }

    /// Whether it begins on this day.
    fn begins_on(&self, day: NaiveDate) -> bool {
        self.days & (1 << day.weekday().num_days_from_monday()) != 0
    }

    /// Its beginnings from the day before `now` on, those that come twice twice.
    fn openings(&self, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let tz = self.tz();
        let today = now.with_timezone(&tz).date_naive();
        let days = (0..=HORIZON).filter_map(|ahead| today.checked_add_days(Days::new(ahead)));
        let mut found = Vec::new();
        for day in days.filter(|day| self.begins_on(*day)) {
            for &(from, _) in &self.times {
                let begins = day.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(from));
                // Where the clock leaves the beginning out, it opens when the clock goes on.
                let exists = (0..=LONGEST_GAP)
                    .map(|late| tz.from_local_datetime(&(begins + TimeDelta::minutes(late))))
                    .find(|local| local.earliest().is_some());
                let both = exists.map(|local| [local.earliest(), local.latest()]);
                found.extend(both.into_iter().flatten().flatten().map(|at| at.to_utc()));
            }
        }
        found
    }
}

impl fmt::Display for TimeRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.written)
    }
}

/// Returns whether `now` is inside all of `ranges`.
#[must_use]
pub fn all_contain(ranges: &[TimeRange], now: DateTime<Utc>) -> bool {
    ranges.iter().all(|range| range.contains(now))
}

/// Returns when, from `now` on, all of `ranges` are open; `None` where they never are together.
#[must_use]
pub fn next_opening(ranges: &[TimeRange], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    // All are open first when the last of them opens.
    let openings = ranges.iter().flat_map(|range| range.openings(now));
    std::iter::once(now)
        .chain(openings.filter(|opening| *opening > now))
        .filter(|time| all_contain(ranges, *time))
        .min()
}

/// The minute of a time of day.
fn minute_of(time: NaiveTime) -> u16 {
    let minutes = (time - NaiveTime::MIN).num_minutes();
    u16::try_from(minutes).unwrap_or(0)
}

/// Whether it looks like times; a zone has no `:`.
fn is_times(word: &str) -> bool {
    word.contains(':')
}

/// Whether every name in it is a day's.
fn is_days(word: &str) -> bool {
    parse_days(word).is_ok()
}

/// Reads days: `Mon-Fri,Sun`.
fn parse_days(word: &str) -> Result<u8, TimeRangeError> {
    let day = |name: &str| {
        let lower = name.to_ascii_lowercase();
        let found = DAYS.iter().position(|day| *day == lower);
        found.ok_or_else(|| TimeRangeError::Day(name.to_owned()))
    };
    let mut days = 0;
    for part in word.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (mut at, last) = (day(first)?, day(last)?);
        loop {
            days |= 1 << at;
            if at == last {
                break;
            }
            at = (at + 1) % DAYS.len();
        }
    }
    Ok(days)
}

/// Reads times: `09:00-12:00,13:00-18:00`.
fn parse_times(word: &str) -> Result<Vec<(u16, u16)>, TimeRangeError> {
    let times = word.split(',').map(|part| {
        let (from, to) = part
            .split_once('-')
            .ok_or_else(|| TimeRangeError::Form(part.to_owned()))?;
        let (begins, ends) = (minute(from)?, minute(to)?);
        match (begins, ends) {
            (DAY, _) => Err(TimeRangeError::Time(from.to_owned())),
            _ if begins == ends => Err(TimeRangeError::Nothing(part.to_owned())),
            both => Ok(both),
        }
    });
    times.collect()
}

/// Reads `HH:MM`.
fn minute(text: &str) -> Result<u16, TimeRangeError> {
    let wrong = || TimeRangeError::Time(text.to_owned());
    let number = |digits: &str, most: u16| {
        let is_two = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = is_two.then(|| digits.parse::<u16>().ok()).flatten();
        number.filter(|number| *number <= most).ok_or_else(wrong)
    };
    let (hours, minutes) = text.split_once(':').ok_or_else(wrong)?;
    let minute = number(hours, 24)? * 60 + number(minutes, 59)?;
    (minute <= DAY).then_some(minute).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> TimeRange {
        TimeRange::parse(text).unwrap()
    }

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[track_caller]
    fn check(text: &str, cases: &[(&str, bool)]) {
        for (time, is_inside) in cases {
            assert_eq!(range(text).contains(utc(time)), *is_inside, "{text} {time}");
        }
    }

    #[test]
    fn office_hours_are_those_of_the_zone() {
        // 2026-11-27 is a Friday.
        check(
            "Mon-Fri 09:00-18:00 Asia/Tokyo",
            &[
                ("2026-11-26T23:59:59Z", false),
                ("2026-11-27T00:00:00Z", true),
                ("2026-11-27T08:59:59Z", true),
                ("2026-11-27T09:00:00Z", false),
                ("2026-11-28T03:00:00Z", false),
            ],
        );
    }

    #[test]
    fn a_range_over_midnight_belongs_to_the_day_on_which_it_begins() {
        check(
            "Fri 22:00-06:00 UTC",
            &[
                ("2026-11-27T05:00:00Z", false),
                ("2026-11-27T21:59:00Z", false),
                ("2026-11-27T22:00:00Z", true),
                ("2026-11-28T05:59:59Z", true),
                ("2026-11-28T06:00:00Z", false),
                ("2026-11-28T23:00:00Z", false),
            ],
        );
    }

    #[test]
    fn days_and_times_may_be_left_out_and_joined() {
        check("Sat,Sun UTC", &[("2026-11-28T00:00:00Z", true)]);
        check("Sat,Sun UTC", &[("2026-11-27T23:59:00Z", false)]);
        check("Fri-Mon UTC", &[("2026-11-29T12:00:00Z", true)]);
        check("Fri-Mon UTC", &[("2026-12-01T12:00:00Z", false)]);
        check(
            "09:00-12:00,13:00-24:00 UTC",
            &[
                ("2026-11-27T11:59:00Z", true),
                ("2026-11-27T12:30:00Z", false),
                ("2026-11-27T23:59:59Z", true),
                ("2026-11-28T00:00:00Z", false),
            ],
        );
    }

    #[test]
    fn an_hour_that_is_left_out_is_never_inside_and_one_that_comes_twice_is_inside_twice() {
        // Berlin 2026: 29 March 02:00 becomes 03:00; 25 October 03:00 becomes 02:00.
        check(
            "02:00-03:00 Europe/Berlin",
            &[
                ("2026-03-29T00:59:59Z", false),
                ("2026-03-29T01:00:00Z", false),
                ("2026-10-25T00:00:00Z", true),
                ("2026-10-25T01:59:59Z", true),
                ("2026-10-25T02:00:00Z", false),
            ],
        );
        // Office hours stay where the wall clock has them.
        check(
            "09:00-10:00 Europe/Berlin",
            &[
                ("2026-07-01T07:00:00Z", true),
                ("2026-12-01T07:00:00Z", false),
                ("2026-12-01T08:00:00Z", true),
            ],
        );
    }

    #[track_caller]
    fn opens(ranges: &[&str], now: &str, expected: Option<&str>) {
        let ranges: Vec<TimeRange> = ranges.iter().map(|text| range(text)).collect();
        assert_eq!(next_opening(&ranges, utc(now)), expected.map(utc));
    }

    #[test]
    fn the_next_opening_is_told() {
        let office = "Mon-Fri 09:00-18:00 Asia/Tokyo";
        opens(
            &[office],
            "2026-11-27T09:30:00Z",
            Some("2026-11-30T00:00:00Z"),
        );
        opens(
            &[office],
            "2026-11-27T01:00:00Z",
            Some("2026-11-27T01:00:00Z"),
        );
        assert_eq!(
            range(office).local(utc("2026-11-30T00:00:00Z")),
            "Mon 2026-11-30 09:00 Asia/Tokyo"
        );
    }

    #[test]
    fn several_ranges_open_together_or_never() {
        let tokyo = "Mon-Fri 09:00-18:00 Asia/Tokyo";
        let berlin = "Mon-Fri 09:00-18:00 Europe/Berlin";
        opens(
            &[tokyo, berlin],
            "2026-11-27T12:00:00Z",
            Some("2026-11-30T08:00:00Z"),
        );
        opens(&["Mon UTC", "Wed UTC"], "2026-11-27T12:00:00Z", None);
        opens(&[], "2026-11-27T12:00:00Z", Some("2026-11-27T12:00:00Z"));
    }

    #[test]
    fn a_range_whose_beginning_is_left_out_opens_when_the_clock_goes_on() {
        opens(
            &["Sun 02:30-04:00 Europe/Berlin"],
            "2026-03-28T12:00:00Z",
            Some("2026-03-29T01:00:00Z"),
        );
    }

    #[test]
    fn what_is_no_range_is_told() {
        use TimeRangeError::{Day, Form, NoZone, Nothing, Time, Zone};
        let check = |text: &str, expected: fn(String) -> TimeRangeError, what: &str| {
            assert_eq!(
                TimeRange::parse(text),
                Err(expected(what.to_owned())),
                "{text}"
            );
        };
        check("", Form, "");
        check("UTC", Form, "UTC");
        check("Mon 09:00-10:00", NoZone, "Mon 09:00-10:00");
        check("Mon-Fri", NoZone, "Mon-Fri");
        check("Mon 09:00-10:00 Asia/Tokio", Zone, "Asia/Tokio");
        check("Mon-Frei 09:00-10:00 UTC", Day, "Frei");
        check("Mon 9:00-10:00 UTC", Time, "9:00");
        check("Mon 09:00-24:01 UTC", Time, "24:01");
        check("Mon 24:00-06:00 UTC", Time, "24:00");
        check("Mon 09:00 UTC", Form, "09:00");
        check("Mon 09:00-09:00 UTC", Nothing, "09:00-09:00");
        check("Mon 09:00-10:00 x UTC", Form, "Mon 09:00-10:00 x UTC");
    }
}
