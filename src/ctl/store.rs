//! `kanmonctl store`: makes the team's store, brings it up to date, looks at it.

use crate::context::{Environment, SystemClock};
use crate::door::store as door;
use crate::gate::world::LedgerError;
use crate::ledger::heads::Syslog;
use crate::team::connect::PATIENCE;
use crate::team::schema::{self, MAKING, Migrated};
use crate::team::{Address, Connection, NoAnswer, TeamLedger, address, check, libpq, now};
use crate::text::{Language, cause, store as say};
use crate::ui::safe;

use super::out::{self, Failure};

/// Columns of a label.
const LABEL: usize = 9;

/// What to do with the team's store.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make roles and tables; as a role that may make roles and schemas
    Init(Which),
    /// Bring tables of an older kanmon up to date
    Migrate(Which),
    /// Send the records of this host that wait, and say which runs are over
    Sync {
        /// Say nothing where nothing is named or waits; for a timer
        #[arg(long)]
        quiet: bool,
    },
    /// Say that a run is over whose host will not say it any more; as the store's owner
    Settle {
        /// The host, as `who` and `log --team` name it
        host: String,
        /// The run's id
        run: String,
        /// Why it is known to be over
        #[arg(long, value_name = "WHY")]
        reason: String,
        /// Which store
        #[command(flatten)]
        which: Which,
    },
    /// Say what the store is and what the own role may do there
    Check {
        /// Which store
        #[command(flatten)]
        which: Which,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
}

/// Which store is meant.
#[derive(Debug, Clone, clap::Args)]
pub struct Which {
    /// Another store than the system's, or as another role: postgresql://ROLE@HOST/DATABASE; what it
    /// leaves open, PG* variables, service files and ~/.pgpass say
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

impl Which {
    /// Returns whether it was named here.
    pub(super) fn is_named(&self) -> bool {
        self.url.is_some()
    }

    /// Returns the store at a URL, or the system's.
    pub(super) fn of(url: Option<&str>) -> Self {
        Self {
            url: url.map(str::to_owned),
        }
    }
}

/// Runs one of them.
///
/// # Errors
/// Where the store does not answer, or does not let this role.
pub fn run(command: &Command) -> Result<i32, Failure> {
    match command {
        Command::Init(which) => prepare(which, true),
        Command::Migrate(which) => prepare(which, false),
        Command::Sync { quiet } => sync(*quiet),
        Command::Settle {
            host,
            run,
            reason,
            which,
        } => settle(host, run, reason, which),
        Command::Check { which, json } => look(which, *json),
    }
}

/// Makes the tables, or brings them up to date.
fn prepare(which: &Which, may_make: bool) -> Result<i32, Failure> {
    // An administrator's role stands in no file of a host: it is asked of libpq's settings.
    let address = of_person(which)?;
    let failed = |error: NoAnswer| failure(&address.shown(), &error);
    let mut connection = Connection::open(&address, MAKING).map_err(failed)?;
    let Migrated { before, now } = schema::prepare(&mut connection, may_make).map_err(failed)?;
    let shown = address.shown();
    let language = out::language();
    match before {
        None => said(say::made, &say::tables_of(language, shown, now))?,
        Some(before) if before == now => {
            said(say::current, &say::tables_of(language, shown, now))?;
        }
        Some(before) => said(
            say::migrated,
            &say::tables_moved(language, shown, before, now),
        )?,
    }
    if before.is_none() {
        said(say::roles, "kanmon_host, kanmon_approver, kanmon_auditor")?;
        said(
            say::next,
            "CREATE ROLE web1 LOGIN PASSWORD '...' IN ROLE kanmon_host;",
        )?;
    }
    Ok(0)
}

/// Returns an open connection to the store that is meant, and what it is called.
///
/// # Errors
/// Where none is known, or it does not answer.
pub(super) fn open(which: &Which) -> Result<(Connection, String), Failure> {
    let rules = out::rules()?;
    let address = match (&which.url, &rules.setup().store) {
        (None, Some(url)) => of_system(url)?,
        _ => of_person(which)?,
    };
    connected(&address)
}

/// Opens the store that is meant as a person's own role.
///
/// # Errors
/// Where none is known, or it does not answer.
pub(super) fn open_as_person(which: &Which) -> Result<(Connection, String), Failure> {
    let rules = out::rules()?;
    let address = match (&which.url, &rules.setup().store) {
        (None, Some(configured)) => libpq::as_person(configured, &Environment::of_process())
            .map_err(|error| no_address(&error))?,
        _ => of_person(which)?,
    };
    connected(&address)
}

/// Returns where a person goes with their own role: to the URL, else where libpq's variables lead, else to the
/// store of the configuration.
fn of_person(which: &Which) -> Result<Address, Failure> {
    let environment = Environment::of_process();
    let address = if which.is_named() || libpq::is_named(&environment) {
        libpq::of_person(which.url.as_deref(), &environment)
    } else {
        let rules = out::rules()?;
        let Some(configured) = &rules.setup().store else {
            return Err(not_named());
        };
        libpq::as_person(configured, &environment)
    };
    address.map_err(|error| no_address(&error))
}

/// Opens a connection; returns with it what the store is called.
fn connected(address: &Address) -> Result<(Connection, String), Failure> {
    let shown = address.shown();
    let connection =
        Connection::open(address, PATIENCE).map_err(|error| failure(&shown, &error))?;
    Ok((connection, shown))
}

/// Says that no store is known.
fn not_named() -> Failure {
    let language = out::language();
    Failure::new(say::not_named(language)).hint(say::name_it(language))
}

/// Returns the address that the system's configuration names.
fn of_system(url: &str) -> Result<Address, Failure> {
    address::of_configuration(url).map_err(|error| {
        let language = out::language();
        let why = cause::of(&error.to_string(), language);
        Failure::new(say::no_address(language, url, why)).hint(say::mend_address(language))
    })
}

/// Opens the system's store, or where this process may not read what the host logs in by, as the person's own role.
///
/// # Errors
/// Where it does not answer, or lets neither in.
pub(super) fn open_as_any() -> Result<(Connection, String), Failure> {
    let rules = out::rules()?;
    let Some(configured) = rules.setup().store.as_deref() else {
        return connected(&of_person(&Which::of(None))?);
    };
    let of_host = of_system(configured)?;
    match Connection::open(&of_host, PATIENCE) {
        Ok(connection) => Ok((connection, of_host.shown())),
        // That is for the host's gate; whoever asks has a role of their own, as `approve` takes it.
        Err(NoAnswer::Secret(_)) => {
            let own = libpq::as_person(configured, &Environment::of_process())
                .map_err(|error| no_address(&error))?;
            connected(&own)
        }
        Err(error) => Err(failure(&of_host.shown(), &error)),
    }
}

/// Sends what waits in this process's ledger.
fn sync(quiet: bool) -> Result<i32, Failure> {
    let rules = out::rules()?;
    let Some(url) = &rules.setup().store else {
        return match quiet {
            true => Ok(0),
            false => Err(not_named()),
        };
    };
    let failed = |error: LedgerError| Failure::of(&error, out::language());
    let place = door::place(&Environment::of_process()).map_err(failed)?;
    // A ledger that is not there has nothing to send; it is not made for that.
    if !place.file.try_exists()? {
        return Ok(0);
    }
    let local = door::local(&place, Syslog::default()).map_err(failed)?;
    let mut ledger = TeamLedger::new(local, url);
    let sent = ledger.send_all(&SystemClock::new());
    let sent = sent.map_err(|error| failure(ledger.store(), &error))?;
    if sent > 0 || !quiet {
        let (language, file) = (out::language(), place.file.display());
        said(
            say::sent,
            &match sent {
                1 => say::one_record(language, file),
                sent => say::records(language, sent, file),
            },
        )?;
    }
    Ok(0)
}

/// Says that a run is over.
fn settle(host: &str, run: &str, reason: &str, which: &Which) -> Result<i32, Failure> {
    let language = out::language();
    if reason.trim().is_empty() {
        return Err(Failure::new(say::reason_empty(language)).hint(say::give_reason(language)));
    }
    // As for `init`: the owner's role stands in no file of a host.
    let address = of_person(which)?;
    let shown = address.shown();
    let failed = |error: NoAnswer| failure(&shown, &error);
    let mut connection = Connection::open(&address, PATIENCE).map_err(failed)?;
    if !now::settle(&mut connection, host, run, reason).map_err(failed)? {
        let (host, run) = (safe::value(host), safe::value(run));
        return Err(Failure::new(say::no_run(language, run, host)).hint(say::who_names(language)));
    }
    said(
        say::settled,
        &safe::value(&say::run_of(language, run, host)),
    )?;
    Ok(0)
}

/// Prints a text behind its label.
fn said(label: fn(Language) -> String, text: &str) -> std::io::Result<()> {
    out::labelled("", &label(out::language()), LABEL, text)
}

/// Says that a person's address names no store.
fn no_address(error: &impl std::fmt::Display) -> Failure {
    let language = out::language();
    Failure::of(error, language).hint(say::give_address(language))
}

/// Says why the store gave no answer.
pub(super) fn failure(shown: &str, error: &NoAnswer) -> Failure {
    let language = out::language();
    let why = cause::of(&error.to_string(), language);
    let failure = Failure::new(say::failed(language, shown, why));
    match error {
        // Not permitted; a way in that the server does not have; no such role, wrong password; a password
        // that nobody has.
        NoAnswer::Refused { code, .. } if code == "42501" => {
            failure.hint(say::hint_rights(language))
        }
        NoAnswer::Refused { code, .. } if code == "28000" => {
            failure.hint(say::hint_way_in(language))
        }
        NoAnswer::Refused { code, .. } if code.starts_with("28") => {
            failure.hint(say::hint_password(language))
        }
        // It starts up or shuts down.
        NoAnswer::Refused { code, .. } if code.starts_with("57P") => {
            failure.hint(say::hint_reach(language))
        }
        NoAnswer::Connection(cause) if cause == "password missing" => {
            failure.hint(say::hint_password(language))
        }
        NoAnswer::Connection(cause) if cause.contains("certificate") => {
            failure.hint(say::hint_certificate(language))
        }
        NoAnswer::Silent(_) | NoAnswer::NoHost(_) | NoAnswer::Connection(_) => {
            failure.hint(say::hint_reach(language))
        }
        NoAnswer::Secret(_)
        | NoAnswer::Tls(_)
        | NoAnswer::System(_)
        | NoAnswer::Refused { .. }
        | NoAnswer::Tables(_)
        | NoAnswer::Ledger(_)
        | NoAnswer::Late(_)
        | NoAnswer::Over(_)
        | NoAnswer::Behind(_) => failure,
    }
}

/// Says what the store is.
fn look(which: &Which, as_json: bool) -> Result<i32, Failure> {
    let (mut connection, shown) = open(which)?;
    let seen = check::check(&mut connection).map_err(|error| failure(&shown, &error))?;
    let is_good = !seen.roles.is_empty() && seen.is_durable;
    if as_json {
        out::json(&seen)?;
        return Ok(i32::from(!is_good));
    }
    let language = out::language();
    said(say::store, &shown)?;
    said(say::server, &seen.server)?;
    said(say::tables, &seen.tables.to_string())?;
    let roles = match seen.roles.is_empty() {
        // Who owns the store needs none.
        true if seen.writes => say::no_role(language),
        true => say::grant_role(language, &seen.role),
        false => seen.roles.join(language.comma()),
    };
    said(say::role, &say::role_with(language, &seen.role, roles))?;
    let tls = seen.tls.clone().unwrap_or_else(|| say::none(language));
    said(say::tls, &tls)?;
    if seen.writes {
        said(say::warning, &say::could_change(language))?;
    } else if seen.reads_all && seen.roles.iter().any(|role| role == "kanmon_host") {
        said(say::warning, &say::could_read(language))?;
    }
    if !seen.is_durable {
        said(say::warning, &say::not_durable(language))?;
    }
    Ok(i32::from(!is_good))
}
