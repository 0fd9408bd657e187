//! `kanmonctl rules try`: which lines of a shell's history would have been held, by which rule, and
//! how many a day.
//!
//! The file is read entry by entry; what is kept is a number for each rule and day, and the first
//! [`MOST_LINES`] different lines that were held. What is printed has its secrets masked.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the edge that reads a history"
)]

mod history;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;

use chrono::{DateTime, Local, NaiveDate, TimeZone};
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr as _;

use crate::ctl::check::{self, Judge, ProfileName};
use crate::ctl::out::{self, Failure};
use crate::gate::mask;
use crate::policy::Verdict;
use crate::text::{Language, ctl as say};
use crate::ui::safe;

use history::{Entry, Format, History};

/// How much is read at once, and looked at for the format.
const BUFFER: usize = 64 * 1024;

/// How many different held lines are remembered; further ones count, but are not among the most
/// frequent.
const MOST_LINES: usize = 10_000;

/// How many characters of a line are printed.
const MOST_SHOWN: usize = 200;

/// Arguments of `rules try`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A history file of bash, zsh or fish; - for standard input
    #[arg(long, value_name = "FILE")]
    history: PathBuf,
    /// Which shell wrote it, where that is not seen from its beginning
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Which rules are in, where it is not the prefix door's profile
    #[arg(long, value_enum, value_name = "NAME")]
    profile: Option<ProfileName>,
    /// Judge with this machine's host, user and environment; otherwise they are unknown
    #[arg(long)]
    here: bool,
    /// How many of the most frequent held lines to print
    #[arg(long, default_value_t = 20, value_name = "N")]
    top: usize,
    /// Print every line that would have been held, in its place
    #[arg(long, conflicts_with = "json")]
    each: bool,
    /// The language, where it is not the locale's
    #[arg(long, value_name = "en|ja")]
    lang: Option<String>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// What became of the lines.
#[derive(Debug, Default)]
struct Tally {
    lines: usize,
    noted: usize,
    held: usize,
    refused: usize,
    /// The days on which anything was typed, with the lines held on each; empty without times.
    days: BTreeMap<NaiveDate, usize>,
    /// The lines that each rule would have held.
    by_rule: BTreeMap<String, usize>,
    /// Held lines, masked, with the rules and how often.
    by_line: BTreeMap<String, (usize, BTreeSet<String>)>,
    /// Held lines that were not remembered any more.
    forgotten: usize,
}

/// Runs `rules try`; exits 0.
///
/// # Errors
/// Where the history cannot be read, or standard output fails.
pub(super) fn run(args: &Args) -> Result<i32, Failure> {
    let language = super::language(args.lang.as_deref())?;
    let judge = Judge::new(args.here, args.profile, "prefix")?;
    let named = |error: io::Error| Failure::new(format!("{}: {error}", args.history.display()));
    let input: Box<dyn BufRead> = if args.history.as_os_str() == "-" {
        Box::new(BufReader::with_capacity(BUFFER, io::stdin().lock()))
    } else {
        let file = File::open(&args.history).map_err(named)?;
        Box::new(BufReader::with_capacity(BUFFER, file))
    };
    let mut input = input;
    let beginning = input.fill_buf().map_err(named)?;
    let format = args
        .format
        .unwrap_or_else(|| Format::of_beginning(beginning));
    let mut tally = Tally::default();
    let mut history = History::new(input, format);
    while let Some(entry) = history.next_entry().map_err(named)? {
        let typed = String::from_utf8_lossy(&entry.line);
        let verdict = judge.one(&typed, None).verdict;
        let rules = check::rules(&verdict);
        if args.each && matches!(verdict, Verdict::Hold(_) | Verdict::Refuse(_)) {
            let by = match rules.is_empty() {
                true => check::word(&verdict).to_owned(),
                false => rules.join(", "),
            };
            let when = entry.when.and_then(|when| moment(when, &Local));
            let when = when.map_or_else(|| "-".to_owned(), |when| when.to_string());
            out::line(&format!("{when:19}  {by}  {}", shown(&mask::text(&typed))))?;
        }
        tally.add(&entry, &typed, &verdict, &rules, &Local);
    }
    if args.json {
        out::json(&tally.as_json(format, args.top))?;
        return Ok(0);
    }
    for row in tally.drawn(format, args.top, language) {
        out::line(&row)?;
    }
    Ok(0)
}

/// Returns a time as a clock on the wall shows it.
fn moment(when: i64, zone: &impl TimeZone) -> Option<chrono::NaiveDateTime> {
    let utc = DateTime::from_timestamp(when, 0)?;
    Some(utc.with_timezone(zone).naive_local())
}

/// Returns a line as it is printed: on one row, not too long.
fn shown(line: &str) -> String {
    let mut shown = safe::command_line(line);
    if let Some((end, _)) = shown.char_indices().nth(MOST_SHOWN) {
        shown.truncate(end);
        shown.push('…');
    }
    shown
}

impl Tally {
    /// Counts one line.
    fn add(
        &mut self,
        entry: &Entry,
        typed: &str,
        verdict: &Verdict,
        rules: &[&str],
        zone: &impl TimeZone,
    ) {
        self.lines += 1;
        let day = entry.when.and_then(|when| moment(when, zone));
        let held_on = day.map(|day| self.days.entry(day.date()).or_insert(0));
        match verdict {
            Verdict::Pass(_) => return,
            Verdict::Note(_) => {
                self.noted += 1;
                return;
            }
            Verdict::Refuse(_) => self.refused += 1,
            Verdict::Hold(_) => self.held += 1,
        }
        if let Some(held) = held_on {
            *held += 1;
        }
        for rule in rules {
            *self.by_rule.entry((*rule).to_owned()).or_insert(0) += 1;
        }
        let line = shown(&mask::text(typed));
        if self.by_line.len() >= MOST_LINES && !self.by_line.contains_key(&line) {
            self.forgotten += 1;
            return;
        }
        let (times, by) = self.by_line.entry(line).or_default();
        *times += 1;
        by.extend(rules.iter().map(|rule| (*rule).to_owned()));
    }

    /// Returns how many a day that is, of the days on which anything was typed.
    fn a_day(&self, n: usize) -> Option<f64> {
        let days = u32::try_from(self.days.len())
            .ok()
            .filter(|days| *days > 0)?;
        Some(f64::from(u32::try_from(n).ok()?) / f64::from(days))
    }

    /// Returns the rules, those that held most lines first.
    fn rules(&self) -> Vec<(&str, usize)> {
        let all = self.by_rule.iter();
        let mut rules: Vec<_> = all.map(|(rule, n)| (rule.as_str(), *n)).collect();
        rules.sort_by_key(|(rule, n)| (std::cmp::Reverse(*n), *rule));
        rules
    }

    /// Returns the most frequent held lines.
    fn frequent(&self, top: usize) -> Vec<(&str, usize, String)> {
        let all = self.by_line.iter();
        let mut lines: Vec<_> = all
            .map(|(line, (n, rules))| {
                let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
                (line.as_str(), *n, rules.join(", "))
            })
            .collect();
        lines.sort_by_key(|(line, n, _)| (std::cmp::Reverse(*n), *line));
        lines.truncate(top);
        lines
    }

    /// Returns the rows for a person.
    fn drawn(&self, format: Format, top: usize, language: Language) -> Vec<String> {
        let often = |n: usize| match self.a_day(n) {
            Some(a_day) => format!("{a_day:.1}"),
            None => "-".to_owned(),
        };
        let lines = |n: usize| match n {
            1 => say::one_line(language),
            _ => say::lines(language, n),
        };
        let days = match self.days.len() {
            1 => say::one_day(language),
            n => say::days(language, n),
        };
        let (lines_of, shell) = (lines(self.lines), format.name());
        let mut rows = vec![
            match (self.days.keys().next(), self.days.keys().next_back()) {
                (Some(first), Some(last)) => {
                    say::history_on_days(language, lines_of, shell, days, first, last)
                }
                _ => say::history(language, lines_of, shell),
            },
        ];
        let word = |n: usize, word: String| {
            let fill = 8_usize.saturating_sub(word.width());
            let a_day = say::a_day(language, often(n));
            format!("{word}{:fill$} {n:>7}  {a_day}", "")
        };
        rows.push(word(self.held, say::held(language)));
        if self.noted > 0 {
            rows.push(word(self.noted, say::noted_lines(language)));
        }
        if self.refused > 0 {
            rows.push(word(self.refused, say::refused_lines(language)));
        }
        if !self.by_rule.is_empty() {
            let width = self
                .by_rule
                .keys()
                .map(|rule| rule.width())
                .max()
                .unwrap_or(0);
            rows.push(String::new());
            let head = say::rule_column(language);
            let fill = width.saturating_sub(head.width());
            let counts = say::count_columns(language);
            rows.push(format!("{head}{:fill$}  {counts}", ""));
            for (rule, n) in self.rules() {
                rows.push(format!("{rule:width$}  {n:>7}  {:>7}", often(n)));
            }
        }
        let frequent = self.frequent(top);
        if !frequent.is_empty() {
            rows.push(String::new());
            rows.push(say::most_frequent(language));
            let width = frequent.iter().map(|(_, _, rules)| rules.width()).max();
            let width = width.unwrap_or(0);
            for (line, n, rules) in frequent {
                rows.push(format!("{n:>7}  {rules:width$}  {line}"));
            }
        }
        if self.forgotten > 0 {
            rows.push(say::forgotten(language, lines(self.forgotten)));
        }
        rows
    }

    /// Returns the same for programs.
    fn as_json(&self, format: Format, top: usize) -> Value {
        let rules = self.rules().into_iter();
        let rules = rules
            .map(|(rule, n)| json!({ "rule": rule, "lines": n, "a_day": self.a_day(n) }))
            .collect::<Vec<_>>();
        let frequent = self.frequent(top).into_iter();
        let frequent = frequent
            .map(|(line, n, rules)| {
                let rules: Vec<&str> = rules.split(", ").filter(|rule| !rule.is_empty()).collect();
                json!({ "line": line, "times": n, "rules": rules })
            })
            .collect::<Vec<_>>();
        let days = self.days.iter();
        let days = days
            .map(|(day, held)| json!({ "day": day.to_string(), "held": held }))
            .collect::<Vec<_>>();
        json!({
            "format": format.name(),
            "lines": self.lines,
            "held": self.held,
            "noted": self.noted,
            "refused": self.refused,
            "a_day": self.a_day(self.held),
            "rules": rules,
            "frequent": frequent,
            "days": days,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Utc;

    /// Tallies a history, with days of UTC.
    fn tally(format: Format, bytes: &[u8]) -> Tally {
        let judge = Judge::new(false, Some(ProfileName::Production), "prefix").unwrap();
        let mut history = History::new(bytes, format);
        let mut tally = Tally::default();
        while let Some(entry) = history.next_entry().unwrap() {
            let typed = String::from_utf8_lossy(&entry.line);
            let verdict = judge.one(&typed, None).verdict;
            let rules = check::rules(&verdict);
            tally.add(&entry, &typed, &verdict, &rules, &Utc);
        }
        tally
    }

    #[test]
    fn held_lines_are_counted_by_rule_line_and_day() {
        let history = b"#1700000000\nls\n#1700000001\nsudo reboot\n#1700000002\nsudo reboot\n\
            #1700086400\nfor h in mx1 mx2; do\n ssh $h reboot\ndone\n#1700172800\nls \xff\n";
        let rows = tally(Format::Bash, history).drawn(Format::Bash, 20, Language::English);
        insta::assert_snapshot!(rows.join("\n"), @"
        5 lines of bash on 3 days, 2023-11-14 to 2023-11-16
        held           3  a day 1.0

        rule           lines    a day
        reboot.host        3      1.0

        most frequent
              2  reboot.host  sudo reboot
              1  reboot.host  for h in mx1 mx2; do\\n ssh $h reboot\\ndone
        ");
    }

    #[test]
    fn the_count_is_told_in_japanese() {
        let history = b"#1700000000\nls\n#1700000100\nsudo reboot\n";
        let rows = tally(Format::Bash, history).drawn(Format::Bash, 20, Language::Japanese);
        insta::assert_snapshot!(rows.join("\n"), @"
        bash の履歴 2 行、1 日（2023-11-14 から 2023-11-14）
        保留           1  1 日あたり 1.0

        ルール          行数    1日分
        reboot.host        1      1.0

        多い順
              1  reboot.host  sudo reboot
        ");
    }

    #[test]
    fn without_times_there_are_no_days() {
        let rows = tally(Format::Bash, b"ls\nreboot\n").drawn(Format::Bash, 0, Language::English);
        insta::assert_snapshot!(rows.join("\n"), @"
        2 lines of bash, without times
        held           1  a day -

        rule           lines    a day
        reboot.host        1        -
        ");
    }

    #[test]
    fn secrets_are_masked_and_controls_escaped() {
        let tally = tally(
            Format::Fish,
            b"- cmd: DB_PASSWORD=hunter2 reboot\n- cmd: reboot \x1b[2J\n",
        );
        let rows = tally.drawn(Format::Fish, 20, Language::English).join("\n");
        assert!(rows.contains("DB_PASSWORD=**** reboot"), "{rows}");
        assert!(rows.contains("reboot \\x1b[2J"), "{rows}");
        let json = tally.as_json(Format::Fish, 20).to_string();
        assert!(!json.contains("hunter2"), "{json}");
    }

    #[test]
    fn a_long_line_is_cut_when_it_is_shown() {
        let line = format!("reboot {}", "x".repeat(1000));
        let tally = tally(Format::Bash, line.as_bytes());
        let (shown, times, _) = tally.frequent(1)[0].clone();
        assert_eq!((shown.chars().count(), times), (MOST_SHOWN + 1, 1));
    }

    #[test]
    fn what_is_too_much_to_read_is_refused() {
        let tally = tally(Format::Bash, &vec![b'x'; 3 << 20]);
        assert_eq!((tally.lines, tally.refused, tally.held), (1, 1, 0));
    }

    #[test]
    fn more_lines_than_are_remembered_still_count() {
        let mut tally = Tally {
            by_line: (0..MOST_LINES)
                .map(|n| (n.to_string(), (1, BTreeSet::new())))
                .collect(),
            ..Tally::default()
        };
        let judge = Judge::new(false, Some(ProfileName::Production), "prefix").unwrap();
        for line in ["reboot", "reboot", "7"] {
            let verdict = judge.one("reboot", None).verdict;
            let rules = check::rules(&verdict);
            tally.add(&Entry::default(), line, &verdict, &rules, &Utc);
        }
        assert_eq!((tally.held, tally.forgotten), (3, 2));
        assert_eq!(tally.by_line["7"].0, 2);
        assert_eq!(tally.by_line.len(), MOST_LINES);
    }
}
