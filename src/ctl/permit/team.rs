//! The same of the team's store: permits that count on every host.

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::context::SystemClock;
use crate::ctl::out::{self, Failure};
use crate::ctl::store;
use crate::gate::{Clock as _, Moment};
use crate::given::NewPermit;
use crate::team::{Connection, NoAnswer, permits};
use crate::text::{cause, permit as say};
use crate::ui::safe;

use super::{as_value, one_line, revoked};

/// Gives a permit.
pub(super) fn give(
    (mut connection, shown): (Connection, String),
    permit: &NewPermit,
    now: &Moment,
) -> Result<(), Failure> {
    let given = permits::give(&mut connection, &for_team(permit, now));
    given.map_err(|error| store::failure(&shown, &error))
}

/// Returns the permit as the team's store takes it.
fn for_team(permit: &NewPermit, now: &Moment) -> permits::NewPermit {
    let from_now = |time: DateTime<Utc>| (time - now.utc).to_std().unwrap_or_default();
    permits::NewPermit {
        id: permit.id.clone(),
        rules: permit.rules.clone(),
        targets: permit.targets.clone(),
        users: permit.users.clone(),
        begins: from_now(permit.from),
        ends: from_now(permit.until),
        by: permit.by.clone(),
        reason: permit.reason.clone(),
        count: permit.count,
        steps: permit
            .steps
            .as_ref()
            .map(|steps| steps.iter().copied().collect()),
    }
}

/// Lists the team's permits that are not over.
pub(super) fn list(
    (mut connection, shown): (Connection, String),
    as_json: bool,
) -> Result<i32, Failure> {
    let now = SystemClock::new().now();
    let found = permits::list(&mut connection, &now);
    let found = found.map_err(|error| store::failure(&shown, &error))?;
    if as_json {
        let permits = found.iter().map(|found| match found {
            Ok(permit) => as_value(permit, permit.team_uses, &now),
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
        match found {
            Ok(permit) => out::row(&one_line(permit, permit.team_uses, &now, language))?,
            Err(why) => out::row(&safe::value(&cause::of(why, language)))?,
        }
    }
    Ok(0)
}

/// Takes a permit of the team back.
pub(super) fn revoke(
    (mut connection, shown): (Connection, String),
    id: &str,
) -> Result<i32, Failure> {
    let language = out::language();
    let failed = |error: NoAnswer| store::failure(&shown, &error);
    let now = SystemClock::new().now();
    let found = permits::list(&mut connection, &now).map_err(failed)?;
    let found = found.into_iter().flatten();
    let mut fitting = found.filter(|permit| permit.id == id || permit.id.ends_with(id));
    let (Some(permit), None) = (fitting.next(), fitting.next()) else {
        return Err(Failure::new(say::not_one(language, safe::value(id)))
            .hint(say::list_names(language, "kanmonctl permit list --team")));
    };
    if !permits::revoke(&mut connection, &permit.id).map_err(failed)? {
        let giver = safe::value(&permit.giver.name);
        return Err(
            Failure::new(say::only_giver_of_team(language, giver)).hint(say::ask_giver(language))
        );
    }
    revoked(&permit.id, &now)
}
