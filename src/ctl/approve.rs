//! `kanmonctl approve`: lists what waits for somebody's yes, stays and shows what comes, and says yes: on this
//! host, or at the team's store where one is named.

mod host;
mod team;
mod watch;

use crate::context::{Environment, SystemClock};
use crate::gate::approval::{NoReason, Reason};
use crate::given::GivenFiles;
use crate::policy::ruleset::RuleSet;
use crate::text::{Language, approve as say};
use crate::ui::safe;

use super::out::{self, Failure};

/// Arguments of `approve`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The request, as the asker's screen or the list names it
    id: Option<String>,
    /// Say no instead, and why: the asker sees it at once, and the line does not run
    #[arg(
        long,
        value_name = "REASON",
        requires = "id",
        conflicts_with = "take_back"
    )]
    no: Option<String>,
    /// Take your yes back, as long as it is not used
    #[arg(long, requires = "id")]
    take_back: bool,
    /// Stay, and show each request as it comes; at a terminal, look and answer at once
    #[arg(long, conflicts_with = "id")]
    watch: bool,
    /// Answer in JSON
    #[arg(long, conflicts_with = "id")]
    json: bool,
    /// Another store than the system's, or as another role: postgresql://ROLE@HOST/DATABASE; what it
    /// leaves open, PG* variables, service files and ~/.pgpass say
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

/// An open request, as the list has it.
#[derive(Debug, Clone, PartialEq)]
struct Open {
    /// Its id.
    id: String,
    /// Its rows, not yet made safe.
    rows: Vec<String>,
    /// The same for programs.
    json: serde_json::Value,
    /// Whether it waits for answers; else it has them, and nothing has run by it.
    waits: bool,
    /// Whether the reader may be asked to answer it: it is another's, and they have not.
    is_to_answer: bool,
}

/// Where requests wait.
trait Requests {
    /// Returns those that are open: they wait for answers, or have them and have not run.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn open(&mut self) -> Result<Vec<Open>, Failure>;
    /// Returns whether one is open that is called so.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    fn is_open(&mut self, id: &str) -> Result<bool, Failure> {
        Ok(has(&self.open()?, id))
    }
    /// Has the person at this terminal consider one and, after their yes, says it; returns the exit
    /// status.
    ///
    /// # Errors
    /// Where it cannot be read or written, or there is no such request.
    fn answer(&mut self, id: &str) -> Result<i32, Failure>;
    /// Says no to one, and why; returns the exit status.
    ///
    /// # Errors
    /// As [`answer`](Self::answer).
    fn refuse(&mut self, id: &str, reason: &Reason) -> Result<i32, Failure>;
    /// Takes the reader's yes to one back; returns the exit status.
    ///
    /// # Errors
    /// As [`answer`](Self::answer).
    fn take_back(&mut self, id: &str) -> Result<i32, Failure>;
}

/// Runs `approve`; exits 124 where it was not approved.
///
/// # Errors
/// Where the store cannot be read, or there is no such request.
pub fn run(args: &Args) -> Result<i32, Failure> {
    let rules = out::rules()?;
    let configured = rules.setup().store.as_deref();
    let language = Environment::of_process().language();
    let clock = SystemClock::new();
    let mut requests: Box<dyn Requests + '_> = match args.url.is_some() || configured.is_some() {
        true => Box::new(team::Team::new(args.url.as_deref(), configured, language)?),
        false => Box::new(host::Host {
            rules: &rules,
            given: GivenFiles::of_this_host(),
            clock: &clock,
            language,
        }),
    };
    match &args.id {
        None if args.watch => watch::watch(requests.as_mut(), args.json, language),
        None => list(requests.as_mut(), args.json, language),
        Some(id) => {
            let id = meant(requests.as_mut(), id, language)?;
            match (&args.no, args.take_back) {
                (Some(reason), _) => {
                    let reason = Reason::of(reason).map_err(|none| {
                        Failure::new(match none {
                            NoReason::Empty => say::no_reason(language),
                            NoReason::TooLong => say::long_reason(language, Reason::LONGEST),
                        })
                    })?;
                    requests.refuse(&id, &reason)
                }
                (None, true) => requests.take_back(&id),
                (None, false) => requests.answer(&id),
            }
        }
    }
}

/// Returns the id of the one open request that is meant: by its id, by its run's, or by how either begins or
/// ends. One that fits none stays as it is: what is no longer open has an answer of its own.
fn meant(requests: &mut dyn Requests, id: &str, language: Language) -> Result<String, Failure> {
    // Whoever types all of it waits for no list.
    if requests.is_open(id)? {
        return Ok(id.to_owned());
    }
    let open = requests.open()?;
    let run = |open: &Open| {
        let run = open.id.rsplit_once('-').map(|(run, _)| run.to_owned());
        run.unwrap_or_default()
    };
    let fits = |open: &&Open| {
        !id.is_empty()
            && (open.id.starts_with(id) || open.id.ends_with(id) || run(open).ends_with(id))
    };
    let fitting = open.iter().filter(fits).map(|open| &*open.id);
    let fitting: Vec<&str> = fitting.collect();
    match fitting.as_slice() {
        [] => Ok(id.to_owned()),
        [one] => Ok((*one).to_owned()),
        several => {
            let several: Vec<String> = several.iter().map(|id| safe::value(id)).collect();
            let several = several.join(language.comma());
            Err(Failure::new(say::several(
                language,
                safe::value(id),
                several,
            )))
        }
    }
}

/// Returns whether a request is among these.
fn has(all: &[Open], id: &str) -> bool {
    all.iter().any(|open| open.id == id)
}

/// Runs `approve` with other rules and another store of this host.
///
/// # Errors
/// As [`run`].
pub fn run_with(
    id: Option<&str>,
    as_json: bool,
    rules: &RuleSet,
    given: &GivenFiles,
) -> Result<i32, Failure> {
    let language = Environment::of_process().language();
    let mut requests = host::Host {
        rules,
        given: given.clone(),
        clock: &SystemClock::new(),
        language,
    };
    match id {
        None => list(&mut requests, as_json, language),
        Some(id) => {
            let id = meant(&mut requests, id, language)?;
            requests.answer(&id)
        }
    }
}

/// Lists what waits; its texts are the askers' and may be hostile.
fn list(requests: &mut dyn Requests, as_json: bool, language: Language) -> Result<i32, Failure> {
    let open = requests.open()?;
    if as_json {
        let all = open.into_iter().map(|open| open.json);
        out::json(&serde_json::Value::Array(all.collect()))?;
        return Ok(0);
    }
    if open.is_empty() {
        out::line(&say::nothing_waits(language))?;
    }
    for row in open.iter().flat_map(|open| &open.rows) {
        out::row(&safe::value(row))?;
    }
    Ok(0)
}

/// There is no such request.
fn unknown(id: &str, language: Language) -> Failure {
    Failure::new(say::unknown(language, safe::value(id))).hint(say::list_hint(language))
}
