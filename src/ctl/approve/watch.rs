//! `kanmonctl approve --watch`: stays, says what comes and goes, and at a terminal has each answered that is
//! another's.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal as _};
use std::time::Duration;

use serde_json::json;

use crate::text::{Language, approve as say};
use crate::ui::safe;

use super::super::out::{self, Failure};
use super::{Open, Requests, has};

/// How long between two looks.
const EACH: Duration = Duration::from_secs(1);

/// Watches until it is interrupted.
///
/// # Errors
/// Where what waits cannot be read at first, or nobody reads what is written.
pub(super) fn watch(
    requests: &mut dyn Requests,
    as_json: bool,
    language: Language,
) -> Result<i32, Failure> {
    let is_person = !as_json && io::stdin().is_terminal() && io::stdout().is_terminal();
    let mut known: Vec<Open> = Vec::new();
    let mut considered: BTreeSet<String> = BTreeSet::new();
    let mut open = waiting(requests)?;
    if is_person {
        out::line(&say::watching(language))?;
    }
    let mut is_away = false;
    loop {
        for new in open.iter().filter(|new| !has(&known, &new.id)) {
            match as_json {
                true => out::json(&new.json)?,
                false => {
                    // A person who looks elsewhere hears it.
                    if is_person {
                        out::text("\u{7}")?;
                    }
                    for row in &new.rows {
                        out::row(&safe::value(row))?;
                    }
                }
            }
        }
        for gone in known.iter().filter(|gone| !has(&open, &gone.id)) {
            match as_json {
                true => out::json(&json!({ "id": gone.id, "over": true }))?,
                false => out::line(&say::waits_no_longer(language, safe::value(&gone.id)))?,
            }
        }
        known = open;
        let next = known
            .iter()
            .find(|open| is_person && open.is_to_answer && !considered.contains(&open.id));
        if let Some(next) = next {
            considered.insert(next.id.clone());
            if let Err(failure) = requests.answer(&next.id) {
                out::error(&failure);
            }
        } else {
            rest();
        }
        open = match waiting(requests) {
            Ok(open) => {
                is_away = false;
                open
            }
            Err(failure) => {
                // What is away for a while is told once.
                if !std::mem::replace(&mut is_away, true) {
                    out::error(&failure);
                }
                known.clone()
            }
        };
    }
}

/// Returns those that wait for answers.
fn waiting(requests: &mut dyn Requests) -> Result<Vec<Open>, Failure> {
    let mut open = requests.open()?;
    open.retain(|open| open.waits);
    Ok(open)
}

/// Waits until the next look.
#[expect(
    clippy::disallowed_methods,
    reason = "nobody is asked meanwhile: an interrupt simply ends it"
)]
fn rest() {
    std::thread::sleep(EACH);
}
