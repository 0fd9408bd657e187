//! `kanmonctl permit`: give permission beforehand, list what was given, take it back.

mod team;

use chrono::{DateTime, Local, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc};
use nix::unistd::geteuid;
use serde_json::json;

use crate::context::{self, Environment, SystemClock};
use crate::door::store as door;
use crate::gate::permit::{Permit, Stand, Standing};
use crate::gate::{Clock as _, Moment, mask};
use crate::given::{GivenFiles, NewPermit};
use crate::ledger::heads::Syslog;
use crate::policy::Pattern;
use crate::policy::pack::value;
use crate::team::Connection;
use crate::text::{Language, cause, permit as say, words};
use crate::ui::safe;

use super::out::{self, Failure};
use super::store::{self, Which};

/// What to do with permits.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Permit others to run something without being asked
    Add(Box<Add>),
    /// List the permits of this host, or with --team those that count on every host
    List {
        /// Whose
        #[command(flatten)]
        place: Place,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Take a permit back
    Revoke {
        /// Whose
        #[command(flatten)]
        place: Place,
        /// Its id, as `list` prints it
        id: String,
    },
}

/// Whose permits are meant.
#[derive(Debug, Clone, clap::Args)]
pub struct Place {
    /// In the team's store: on every host; as a role of kanmon_approver that is called as you are
    #[arg(long)]
    team: bool,
    /// Which store
    #[command(flatten)]
    which: Which,
}

impl Place {
    /// Opens the store where the team's permits are meant, to read them.
    fn open(&self) -> Result<Option<(Connection, String)>, Failure> {
        match (self.team, self.which.is_named()) {
            (_, true) => store::open(&self.which).map(Some),
            (true, false) => store::open_as_any().map(Some),
            (false, false) => Ok(None),
        }
    }

    /// Opens it as the person's own role: a host's gives none and takes none back.
    fn open_to_write(&self) -> Result<Option<(Connection, String)>, Failure> {
        match self.team || self.which.is_named() {
            true => store::open_as_person(&self.which).map(Some),
            false => Ok(None),
        }
    }
}

/// Arguments of `add`.
#[derive(Debug, clap::Args)]
pub struct Add {
    /// Rules by full id, a pattern such as 'reboot.*'
    #[arg(long = "rule", required = true, value_name = "PATTERN")]
    rules: Vec<String>,
    /// Targets by name, a pattern such as 'web?'
    #[arg(long = "target", required = true, value_name = "PATTERN")]
    targets: Vec<String>,
    /// Who may use it; anybody but you where left out
    #[arg(long = "user", value_name = "PATTERN")]
    users: Vec<String>,
    /// When it ends: 18:00, "2026-11-27 18:00", 2h
    #[arg(long, value_name = "TIME")]
    until: String,
    /// When it begins; now where left out
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Who agreed to it
    #[arg(long, value_name = "WHO")]
    by: String,
    /// Why
    #[arg(long, value_name = "WHY")]
    reason: String,
    /// How often it may be used
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    count: Option<u32>,
    /// What it stands in for, such as confirm,call; all that can be where left out
    #[arg(long, value_delimiter = ',', value_name = "STEPS")]
    steps: Option<Vec<String>>,
    /// Whose
    #[command(flatten)]
    place: Place,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// Runs `permit …`.
///
/// # Errors
/// Where the arguments are wrong, or the store cannot be read or written.
pub fn run(command: &Command) -> Result<i32, Failure> {
    match command {
        Command::Add(add) => give(add),
        Command::List { place, json } => match place.open()? {
            Some(store) => team::list(store, *json),
            None => list(*json),
        },
        Command::Revoke { place, id } => match place.open_to_write()? {
            Some(store) => team::revoke(store, id),
            None => revoke(id),
        },
    }
}

/// The store's trouble.
fn failure(error: impl std::fmt::Display) -> Failure {
    let language = out::language();
    Failure::of(&error, language).hint(say::make_place(language))
}

/// Gives a permit.
fn give(add: &Add) -> Result<i32, Failure> {
    let environment = Environment::of_process();
    let language = environment.language();
    if context::environment::is_privileged() {
        return Err(
            Failure::new(say::raised_rights(language)).hint(say::take_rights_away(language))
        );
    }
    let now = SystemClock::new().now();
    let who = context::who::who(&environment);
    let until = time(&add.until, now.utc)?;
    let from = add
        .from
        .as_ref()
        .map_or(Ok(now.utc), |from| time(from, now.utc))?;
    if until <= now.utc || until <= from {
        return Err(Failure::new(say::ends_before(language)).hint(say::give_later_end(language)));
    }
    for (name, text) in [("--by", &add.by), ("--reason", &add.reason)] {
        if text.trim().is_empty() {
            return Err(Failure::new(say::is_empty(language, name)).hint(say::write_it(language)));
        }
    }
    let mut permit = NewPermit::new(context::run_id(&now).0, until, now.clone(), who.login_uid);
    permit.rules = patterns(&add.rules)?;
    permit.targets = patterns(&add.targets)?;
    permit.users = patterns(&add.users)?;
    permit.from = from;
    permit.by.clone_from(&add.by);
    permit.reason.clone_from(&add.reason);
    permit.count = add.count;
    permit.steps = add.steps.as_ref().map(|names| stands(names)).transpose()?;
    match add.place.open_to_write()? {
        Some(store) => team::give(store, &permit, &now)?,
        None => GivenFiles::of_this_host().give(&permit).map_err(failure)?,
    }
    tell("given", &permit.id, &now);
    if add.json {
        out::json(&serde_json::to_value(&permit).map_err(std::io::Error::from)?)?;
    } else {
        let end = until.with_timezone(&Local).format("%Y-%m-%d %H:%M");
        out::line(&say::given(language, &permit.id, end))?;
    }
    Ok(0)
}

/// Lists all permits.
fn list(as_json: bool) -> Result<i32, Failure> {
    let now = SystemClock::new().now();
    let found = GivenFiles::of_this_host().all_permits().map_err(failure)?;
    // One who is not of the group does not know how often a permit was used.
    let place = door::place(&Environment::of_process()).ok();
    let reader = place
        .filter(|place| place.whose == crate::gate::world::Whose::Hosts)
        .and_then(|place| crate::ledger::Reader::open(&place.file).ok());
    let uses = |permit: &Permit| reader.as_ref()?.uses(&permit.id).ok();
    if as_json {
        let permits = found.iter().map(|found| match &found.permit {
            Ok(permit) => as_value(permit, uses(permit), &now),
            Err(why) => json!({ "error": why }),
        });
        out::json(&permits.collect::<Vec<_>>())?;
        return Ok(0);
    }
    let language = out::language();
    if found.is_empty() {
        out::notice(&say::none(language));
    }
    for found in &found {
        match &found.permit {
            Ok(permit) => out::row(&one_line(permit, uses(permit), &now, language))?,
            Err(why) => out::row(&safe::value(&cause::of(why, language)))?,
        }
    }
    Ok(0)
}

/// Takes a permit back.
fn revoke(id: &str) -> Result<i32, Failure> {
    let language = out::language();
    let given = GivenFiles::of_this_host();
    let found = given.all_permits().map_err(failure)?;
    let found = found.into_iter().filter_map(|found| found.permit.ok());
    let mut fitting = found.filter(|permit| permit.id == id || permit.id.ends_with(id));
    let (Some(permit), None) = (fitting.next(), fitting.next()) else {
        return Err(Failure::new(say::not_one(language, safe::value(id)))
            .hint(say::list_names(language, "kanmonctl permit list")));
    };
    if !geteuid().is_root() && permit.giver.owner != geteuid().as_raw() {
        let giver = safe::value(&permit.giver.name);
        return Err(Failure::new(say::only_giver(language, giver)).hint(say::ask_giver(language)));
    }
    given.revoke(&permit.id).map_err(failure)?;
    revoked(&permit.id, &SystemClock::new().now())
}

/// Tells that a permit was taken back. Its id is what its giver wrote.
fn revoked(id: &str, now: &Moment) -> Result<i32, Failure> {
    tell("revoked", id, now);
    out::line(&say::revoked(out::language(), shown(id)))?;
    Ok(0)
}

/// Tells syslog, where nobody in the group can take it away again.
fn tell(what: &str, id: &str, now: &Moment) {
    let user = context::users::user_name(geteuid().as_raw());
    // A host without syslog is a host without it.
    let _told = Syslog::default().send(&told(what, id, &user), now);
}

/// What syslog is told: one line, whatever the id is.
fn told(what: &str, id: &str, user: &str) -> String {
    format!("permit {what} id={} user={}", shown(id), shown(user))
}

/// Makes safe what a giver wrote.
fn shown(text: &str) -> String {
    safe::value(&mask::text(text))
}

/// Checks patterns.
fn patterns(texts: &[String]) -> Result<Vec<String>, Failure> {
    for text in texts {
        Pattern::parse(text)
            .map_err(|error| Failure::of(&format!("`{text}`: {error}"), out::language()))?;
    }
    Ok(texts.to_vec())
}

/// Reads the names of steps.
fn stands(names: &[String]) -> Result<std::collections::BTreeSet<Stand>, Failure> {
    let all = names.iter().map(|name| {
        Stand::of_name(name.trim()).ok_or_else(|| {
            let language = out::language();
            let names = Stand::ALL.map(Stand::name).join(language.comma());
            Failure::new(say::no_step(language, safe::value(name)))
                .hint(say::name_some(language, names))
        })
    });
    all.collect()
}

/// Reads a time: a clock time, of today or else tomorrow, in local time; a date and time; a
/// duration from now.
fn time(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, Failure> {
    let text = text.trim();
    let wrong = || {
        let language = out::language();
        Failure::new(say::no_time(language, safe::value(text))).hint(say::write_time(language))
    };
    let local = |naive: NaiveDateTime| {
        let local = Local.from_local_datetime(&naive).earliest();
        local.map(|local| local.to_utc()).ok_or_else(wrong)
    };
    if let Ok(time) = NaiveTime::parse_from_str(text, "%H:%M") {
        let today = now.with_timezone(&Local).date_naive().and_time(time);
        let at = local(today)?;
        return match at > now {
            true => Ok(at),
            false => local(today + TimeDelta::days(1)),
        };
    }
    if let Ok(naive) = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M") {
        return local(naive);
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.to_utc());
    }
    let time = value::duration(text).map_err(|_| wrong())?;
    Ok(now + time)
}

/// What a permit's state is called.
fn state(permit: &Permit, uses: Option<u32>, now: &Moment) -> &'static str {
    match permit.standing(now) {
        Standing::NotYet => "not yet",
        Standing::Over => "over",
        Standing::Open => match (permit.count, uses) {
            (Some(count), Some(uses)) if uses >= count => "used up",
            _ => "open",
        },
    }
}

/// What a permit's state is called for people.
fn state_text(permit: &Permit, uses: Option<u32>, now: &Moment, language: Language) -> String {
    match state(permit, uses, now) {
        "not yet" => say::not_yet(language),
        "over" => say::over(language),
        "used up" => say::used_up(language),
        _ => say::open(language),
    }
}

/// A permit in one line; its texts are the giver's and may be hostile.
fn one_line(permit: &Permit, uses: Option<u32>, now: &Moment, language: Language) -> String {
    let until = permit.until.with_timezone(&Local).format("%m-%d %H:%M");
    let written = |patterns: &[Pattern]| {
        let all: Vec<&str> = patterns.iter().map(Pattern::as_written).collect();
        all.join(language.comma())
    };
    let count = match (permit.count, uses) {
        (None, _) => say::any_number(language),
        (Some(count), Some(uses)) => say::used(language, uses, count),
        (Some(count), None) => say::used(language, "?", count),
    };
    let steps = permit.steps.as_ref().map_or_else(
        || say::all_steps(language),
        |steps| words::steps(steps.iter().map(|stand| stand.name()), language),
    );
    let users = match permit.users.is_empty() {
        true => say::anybody_else(language),
        false => written(&permit.users),
    };
    let (rules, targets) = (written(&permit.rules), written(&permit.targets));
    let (giver, by) = (&permit.giver.name, &permit.by);
    safe::value(&format!(
        "{}  {}  {}  {steps}  {count}  {}",
        permit.id,
        state_text(permit, uses, now, language),
        say::scope(language, until, rules, targets, users),
        say::by(language, giver, by, &permit.reason),
    ))
}

/// A permit as JSON.
fn as_value(permit: &Permit, uses: Option<u32>, now: &Moment) -> serde_json::Value {
    let written = |patterns: &[Pattern]| -> Vec<String> {
        patterns
            .iter()
            .map(|pattern| pattern.as_written().to_owned())
            .collect()
    };
    json!({
        "id": permit.id,
        "state": state(permit, uses, now),
        "rules": written(&permit.rules),
        "targets": written(&permit.targets),
        "users": written(&permit.users),
        "from": permit.from,
        "until": permit.until,
        "by": permit.by,
        "reason": permit.reason,
        "count": permit.count,
        "uses": uses,
        "steps": permit.steps,
        "giver": match permit.team_uses {
            Some(_) => json!({ "role": permit.giver.name }),
            None => json!({ "name": permit.giver.name, "uid": permit.giver.owner, "login": permit.giver.login }),
        },
        "made": permit.made,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syslog_is_told_in_one_line() {
        assert_eq!(
            told("revoked", "a\u{1b}[2J\nkanmon: permit given id=b", "ann"),
            "permit revoked id=a\\x1b[2J\\nkanmon: permit given id=b user=ann"
        );
        assert!(!told("revoked", "DB_PASSWORD=hunter2", "ann").contains("hunter2"));
    }

    #[test]
    fn times_are_clock_times_dates_or_durations() {
        let now: DateTime<Utc> = "2026-11-27T08:00:00Z".parse().unwrap();
        let read = |text| time(text, now).map_err(|error| error.to_string());
        assert_eq!(read("2h"), Ok("2026-11-27T10:00:00Z".parse().unwrap()));
        let fixed = "2026-11-27T18:00:00+09:00";
        assert_eq!(read(fixed), Ok("2026-11-27T09:00:00Z".parse().unwrap()));
        let clock = read("18:00").unwrap();
        assert!(clock > now && clock <= now + TimeDelta::days(1), "{clock}");
        let local = clock.with_timezone(&Local);
        assert_eq!(local.format("%H:%M").to_string(), "18:00");
        let date = read("2026-11-28 07:30").unwrap().with_timezone(&Local);
        assert_eq!(
            date.format("%Y-%m-%d %H:%M").to_string(),
            "2026-11-28 07:30"
        );
        for wrong in ["", "soon", "25:00", "2026-11-27"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
