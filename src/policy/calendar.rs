//! Freeze calendars: dated spans in which a team does not change things. Pure.
//!
//! In: entries with `from` and `to`, from a rule file or as CSV. A date is the whole day, so `to =
//! "2027-01-03"` ends with that day; a date with a time is that moment, and a `to` of that form is
//! no longer inside. A time that names no offset is one of the calendar's zone. Where the clock
//! comes twice or is left out a span is rather longer than shorter: what is frozen holds.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// The columns that a CSV begins with; `reason` may be left out.
const COLUMNS: [&str; 3] = ["from", "to", "reason"];

/// A calendar.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Full id, `PACK.NAME`.
    pub id: String,
    /// Its entries in the order of the file.
    pub entries: Vec<Frozen>,
}

/// One span of a calendar, its ends resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// First second, as Unix time.
    pub from: i64,
    /// One past the last second, as Unix time.
    pub to: i64,
    /// Why, empty where nobody says.
    pub reason: String,
}

/// An entry that counts now, and whose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// Full id of the calendar.
    pub calendar: String,
    /// The entry.
    pub entry: Frozen,
}

/// Why a text is no end of a span, or no list of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// No date and no date with a time.
    #[error("`{0}` is no date: write 2026-12-28, 2026-12-28T18:00 or 2026-12-28T18:00+09:00")]
    Date(String),
    /// A time without offset in a calendar without zone.
    #[error("`{0}` names no zone, and the calendar has none: add `zone`, such as \"Asia/Tokyo\"")]
    NoZone(String),
    /// There is no such zone.
    #[error(
        "there is no time zone `{0}`: write a name of the tz database, such as Asia/Tokyo or UTC"
    )]
    Zone(String),
    /// The end is not after the beginning.
    #[error("`{to}` is not after `{from}`")]
    Order {
        /// The beginning as written.
        from: String,
        /// The end as written.
        to: String,
    },
    /// A CSV without the header.
    #[error("the first row is no header: write `from,to,reason`")]
    Header,
    /// A CSV without rows.
    #[error("no entry stands in it")]
    Empty,
    /// A row with too few or too many fields, or quotes that are not closed.
    #[error("row {0} has not the columns of the header")]
    Row(usize),
    /// A row with a mistake in a field.
    #[error("row {row}: {cause}")]
    InRow {
        /// The row, from 1 with the header.
        row: usize,
        /// What is wrong.
        cause: Box<CalendarError>,
    },
}

/// Which end of a span a text stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    From,
    To,
}

impl Calendar {
    /// Returns the entry in which `now` is.
    #[must_use]
    pub fn entry_at(&self, now: DateTime<Utc>) -> Option<&Frozen> {
        let now = now.timestamp();
        self.entries
            .iter()
            .find(|entry| (entry.from..entry.to).contains(&now))
    }

    /// Returns the entry in which `now` is, with the calendar's name.
    #[must_use]
    pub fn freeze_at(&self, now: DateTime<Utc>) -> Option<Freeze> {
        self.entry_at(now).map(|entry| Freeze {
            calendar: self.id.clone(),
            entry: entry.clone(),
        })
    }
}

impl Frozen {
    /// Returns the first moment at which it is over.
    #[must_use]
    pub fn over(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(self.to, 0)
    }

    /// Reads one entry.
    ///
    /// # Errors
    /// Where an end is none, or they are in the wrong order.
    pub fn parse(
        from: &str,
        to: &str,
        reason: &str,
        zone: Option<Tz>,
    ) -> Result<Self, CalendarError> {
        let entry = Self {
            from: end(from, zone, End::From)?,
            to: end(to, zone, End::To)?,
            reason: reason.to_owned(),
        };
        match entry.from < entry.to {
            true => Ok(entry),
            false => Err(CalendarError::Order {
                from: from.to_owned(),
                to: to.to_owned(),
            }),
        }
    }
}

/// Reads the name of a zone.
///
/// # Errors
/// Where there is none of that name.
pub fn zone(name: &str) -> Result<Tz, CalendarError> {
    name.parse()
        .map_err(|_| CalendarError::Zone(name.to_owned()))
}

/// Reads entries as CSV (RFC 4180) with the header `from,to,reason`; a BOM, `\r\n` and empty rows
/// are taken, as spreadsheets write them.
///
/// # Errors
/// The first mistake.
///
/// ```
/// use kanmon::policy::calendar::{csv, zone};
/// let entries = csv("from,to,reason\n2026-12-28,2027-01-03,\"Year end, new year\"\n", zone("Asia/Tokyo").ok());
/// assert_eq!(entries.unwrap()[0].reason, "Year end, new year");
/// ```
pub fn csv(text: &str, zone: Option<Tz>) -> Result<Vec<Frozen>, CalendarError> {
    let rows = rows(text.trim_start_matches('\u{feff}'))?;
    let mut rows = rows.iter().filter(|(_, fields)| *fields != [""]);
    let (_, header) = rows.next().ok_or(CalendarError::Header)?;
    let header: Vec<&str> = header.iter().map(|name| name.trim()).collect();
    if header.len() < 2 || !COLUMNS.starts_with(&header) {
        return Err(CalendarError::Header);
    }
    let mut entries = Vec::new();
    for (row, fields) in rows {
        let fields: Vec<&str> = fields.iter().map(|field| field.trim()).collect();
        let (from, to, reason) = match fields.as_slice() {
            [from, to] => (*from, *to, ""),
            [from, to, reason] if header.len() == COLUMNS.len() => (*from, *to, *reason),
            _ => return Err(CalendarError::Row(*row)),
        };
        let entry =
            Frozen::parse(from, to, reason, zone).map_err(|cause| CalendarError::InRow {
                row: *row,
                cause: Box::new(cause),
            })?;
        entries.push(entry);
    }
    match entries.is_empty() {
        true => Err(CalendarError::Empty),
        false => Ok(entries),
    }
}

/// A row's number, from 1, and its fields.
type Row = (usize, Vec<String>);

/// Splits CSV into rows with their number, from 1; a quoted field may hold commas, quotes and new
/// lines.
fn rows(text: &str) -> Result<Vec<Row>, CalendarError> {
    let mut rows = Vec::new();
    let (mut fields, mut field) = (Vec::new(), String::new());
    let (mut row, mut first_of_row, mut is_quoted) = (1, 1, false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\n' {
            row += 1;
        }
        match (is_quoted, character) {
            (true, '"') if characters.next_if_eq(&'"').is_some() => field.push('"'),
            (true, '"') => is_quoted = false,
            (false, '"') if field.is_empty() => is_quoted = true,
            (false, ',') => fields.push(std::mem::take(&mut field)),
            (false, '\r') if characters.peek() == Some(&'\n') => {}
            (false, '\n') => {
                fields.push(std::mem::take(&mut field));
                rows.push((first_of_row, std::mem::take(&mut fields)));
                first_of_row = row;
            }
            (_, other) => field.push(other),
        }
    }
    if is_quoted {
        return Err(CalendarError::Row(first_of_row));
    }
    if !field.is_empty() || !fields.is_empty() {
        fields.push(field);
        rows.push((first_of_row, fields));
    }
    Ok(rows)
}

/// Reads one end of a span as Unix time.
fn end(text: &str, zone: Option<Tz>, which: End) -> Result<i64, CalendarError> {
    let text = text.trim();
    if let Ok(moment) = DateTime::parse_from_rfc3339(&with_seconds(text)) {
        return Ok(moment.timestamp());
    }
    let wrong = || CalendarError::Date(text.to_owned());
    let wall = match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        Ok(date) => {
            let day = match which {
                End::From => Some(date),
                End::To => date.checked_add_days(Days::new(1)),
            };
            day.ok_or_else(wrong)?.and_time(NaiveTime::MIN)
        }
        Err(_) => ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
            .ok_or_else(wrong)?,
    };
    let zone = zone.ok_or_else(|| CalendarError::NoZone(text.to_owned()))?;
    Ok(moment(zone, wall, which).timestamp())
}

/// Returns a time with its offset, `2026-12-28T18:00+09:00`, with seconds.
fn with_seconds(text: &str) -> String {
    let Some((before, after)) = text.split_at_checked("2026-12-28T18:00".len()) else {
        return text.to_owned();
    };
    match after.starts_with(':') {
        true => text.to_owned(),
        false => format!("{before}:00{after}"),
    }
}

/// Returns the moment of a time of the wall clock.
fn moment(zone: Tz, wall: NaiveDateTime, which: End) -> DateTime<Utc> {
    let local = zone.from_local_datetime(&wall);
    let found = match which {
        End::From => local.earliest(),
        End::To => local.latest(),
    };
    // The clock leaves this time out: what the offset of the day before, or after, makes of it.
    let left_out = || {
        let (there, back) = match which {
            End::From => (wall + TimeDelta::days(1), TimeDelta::days(-1)),
            End::To => (wall - TimeDelta::days(1), TimeDelta::days(1)),
        };
        let near = zone.from_local_datetime(&there).earliest();
        near.map_or(wall.and_utc(), |near| near.to_utc() + back)
    };
    found.map_or_else(left_out, |found| found.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[track_caller]
    fn check(from: &str, to: &str, zone_name: Option<&str>, cases: &[(&str, bool)]) {
        let zone = zone_name.map(|name| zone(name).unwrap());
        let calendar = Calendar {
            id: "x.y".to_owned(),
            entries: vec![Frozen::parse(from, to, "why", zone).unwrap()],
        };
        for (now, is_inside) in cases {
            let found = calendar.entry_at(utc(now)).is_some();
            assert_eq!(found, *is_inside, "{from} {to} {now}");
        }
    }

    #[test]
    fn dates_are_whole_days_of_the_zone() {
        check(
            "2026-12-28",
            "2027-01-03",
            Some("Asia/Tokyo"),
            &[
                ("2026-12-27T14:59:59Z", false),
                ("2026-12-27T15:00:00Z", true),
                ("2027-01-03T14:59:59Z", true),
                ("2027-01-03T15:00:00Z", false),
            ],
        );
        check(
            "2026-12-28",
            "2026-12-28",
            Some("UTC"),
            &[
                ("2026-12-28T23:59:59Z", true),
                ("2026-12-29T00:00:00Z", false),
            ],
        );
    }

    #[test]
    fn times_are_moments_and_an_offset_needs_no_zone() {
        check(
            "2026-12-28T18:00+09:00",
            "2026-12-28T10:00:00Z",
            None,
            &[
                ("2026-12-28T08:59:59Z", false),
                ("2026-12-28T09:00:00Z", true),
                ("2026-12-28T10:00:00Z", false),
            ],
        );
        check(
            "2026-12-28 18:00",
            "2026-12-28T19:00",
            Some("Asia/Tokyo"),
            &[
                ("2026-12-28T09:30:00Z", true),
                ("2026-12-28T10:00:00Z", false),
            ],
        );
    }

    #[test]
    fn where_the_clock_is_changed_a_span_is_rather_longer() {
        // Berlin, 25 October 2026: 02:30 comes at 00:30 and at 01:30 UTC.
        check(
            "2026-10-25T02:30",
            "2026-10-25T02:45",
            Some("Europe/Berlin"),
            &[
                ("2026-10-25T00:30:00Z", true),
                ("2026-10-25T01:44:59Z", true),
                ("2026-10-25T01:45:00Z", false),
            ],
        );
        // 29 March 2026: 02:30 is left out; 01:00 UTC is when the clock goes on.
        check(
            "2026-03-29T02:30",
            "2026-03-29T02:45",
            Some("Europe/Berlin"),
            &[
                ("2026-03-29T00:29:59Z", false),
                ("2026-03-29T00:30:00Z", true),
                ("2026-03-29T01:44:59Z", true),
                ("2026-03-29T01:45:00Z", false),
            ],
        );
    }

    #[test]
    fn a_spreadsheets_csv_is_read() {
        let text = "\u{feff}from,to,reason\r\n2026-12-28,2027-01-03,\"年末年始, \"\"凍結\"\"\"\r\n\r\n2027-04-01,2027-04-01,\"a\r\nb\"\r\n2027-05-01,2027-05-02\r\n";
        let entries = csv(text, Some(Tz::UTC)).unwrap();
        let reasons: Vec<&str> = entries.iter().map(|entry| entry.reason.as_str()).collect();
        assert_eq!(reasons, ["年末年始, \"凍結\"", "a\r\nb", ""]);
    }

    #[test]
    fn what_is_no_calendar_is_told() {
        use CalendarError::{Date, Empty, Header, InRow, NoZone, Order, Row};
        let check = |text: &str, expected: CalendarError| {
            assert_eq!(csv(text, None), Err(expected), "{text}");
        };
        check("", Header);
        check("from\n", Header);
        check("2026-12-28,2027-01-03\n", Header);
        check("from,to\n", Empty);
        check("from,to\na\n", Row(2));
        check("from,to\n\na,b,c\n", Row(3));
        check("from,to\na,\"b\n", Row(2));
        let in_row = |row, cause| InRow {
            row,
            cause: Box::new(cause),
        };
        check("from,to\nx,y\n", in_row(2, Date("x".to_owned())));
        check(
            "from,to\n2026-13-01,2027-01-01\n",
            in_row(2, Date("2026-13-01".to_owned())),
        );
        check(
            "from,to\n2026-12-28,2026-12-29\n",
            in_row(2, NoZone("2026-12-28".to_owned())),
        );
        let (from, to) = ("2026-12-28T18:00Z", "2026-12-28T18:00Z");
        let order = Order {
            from: from.to_owned(),
            to: to.to_owned(),
        };
        check(&format!("from,to\n{from},{to}\n"), in_row(2, order));
        assert_eq!(
            zone("Asia/Tokio"),
            Err(CalendarError::Zone("Asia/Tokio".to_owned()))
        );
    }
}
