//! Looks at where records go: the ledger, the host's place, syslog. Makes no file; a ledger that is
//! there is opened as the gate opens it, which brings its tables up to date.

use std::path::Path;

use nix::unistd::{AccessFlags, access};

use crate::context::Environment;
use crate::door::store::{self, Place};
use crate::gate::world::{LedgerError, Whose};
use crate::given::GivenFiles;
use crate::ledger::heads::Syslog;
use crate::ledger::host::{self, Found};
use crate::ledger::store::error_line;
use crate::text::{Language, doctor as say};

use super::{Row, State};

/// Looks at all of it.
pub(super) fn look(environment: &Environment, language: Language) -> Vec<Row> {
    let found = host::find(Path::new(host::HOST));
    let mut rows = vec![ledger(environment, language), place(&found, language)];
    if matches!(found, Ok(Found::Member(_) | Found::NotMember)) {
        rows.push(given(language));
    }
    rows.push(syslog(&Syslog::default(), language));
    rows
}

/// Looks whether the ledger that counts can be opened for writing, or made.
fn ledger(environment: &Environment, language: Language) -> Row {
    let row = |state, text| Row::new("ledger", say::ledger(language), state, text);
    let bad = |error: &LedgerError| {
        row(State::Mend, error_line(error, language)).mend(say::ledger_mend(language))
    };
    let place = match store::place(environment) {
        Ok(place) => place,
        Err(error) => return bad(&error),
    };
    let shown = place.file.display();
    if place.file.symlink_metadata().is_err() && place.whose != Whose::Hosts {
        return match unwritable_above(&place) {
            None => row(State::Well, say::ledger_later(language, shown)),
            Some(folder) => row(State::Mend, say::ledger_never(language, shown, folder))
                .mend(say::ledger_mend(language)),
        };
    }
    match store::open_at(&place, Syslog::default()) {
        Ok(_) => row(
            State::Well,
            match place.whose {
                Whose::Hosts => say::ledger_host(language, shown),
                Whose::Own | Whose::OwnBesideHosts => say::ledger_own(language, shown),
            },
        ),
        Err(error) => bad(&error),
    }
}

/// Returns the nearest folder above a file that is not there, where nothing can be made in it.
fn unwritable_above(place: &Place) -> Option<String> {
    let is_there = |folder: &&Path| folder.symlink_metadata().is_ok();
    let nearest = place.file.ancestors().skip(1).find(is_there)?;
    let can = access(nearest, AccessFlags::W_OK | AccessFlags::X_OK);
    can.is_err().then(|| nearest.display().to_string())
}

/// Says whether this host has a place that its operators share, and this one too.
fn place(found: &Result<Found, impl std::fmt::Display>, language: Language) -> Row {
    let row = |state, text| Row::new("host", say::host(language), state, text);
    match found {
        Ok(Found::Nothing) => row(State::None, say::no_host(language)),
        Ok(Found::Member(_)) => row(
            State::Well,
            format!("{}: {}", host::HOST, say::member(language)),
        ),
        Ok(Found::NotMember) => row(
            State::Mend,
            format!("{}: {}", host::HOST, say::not_member(language)),
        )
        .mend(say::join(language, host::HOST.to_owned() + "/ledger")),
        Err(error) => row(State::Mend, error.to_string()).mend(say::init_again(language)),
    }
}

/// Looks at the files of permits.
fn given(language: Language) -> Row {
    let row = |state, text| Row::new("permits", say::given(language), state, text);
    let all = match GivenFiles::of_this_host().all_permits() {
        Ok(all) => all,
        Err(error) => {
            return row(State::Mend, error.to_string()).mend(say::init_again(language));
        }
    };
    let wrong: Vec<&str> = all
        .iter()
        .filter_map(|found| Some(found.permit.as_ref().err()?.as_str()))
        .collect();
    match wrong.is_empty() {
        true => row(State::Well, say::permits(language, all.len())),
        false => row(State::Mend, wrong.join("\n")).mend(say::take_away(language)),
    }
}

/// Looks whether syslog answers.
fn syslog(syslog: &Syslog, language: Language) -> Row {
    let row = |state, text| Row::new("syslog", say::syslog(language), state, text);
    match syslog.answers() {
        None => row(State::None, say::no_syslog(language)),
        Some(Ok(())) => row(State::Well, say::syslog_answers(language)),
        Some(Err(error)) => {
            row(State::Mend, say::syslog_dead(language, error)).mend(say::start_syslog(language))
        }
    }
}
