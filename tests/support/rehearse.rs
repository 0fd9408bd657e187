//! The gate as a program, with other parts than this host's: for the whole-program tests.
//!
//! The same door, terminal, probes, supervision and ledger as `kanmon`; what it takes from
//! variables *of this program alone* is where things lie and what time it is:
//!
//! | variable | what |
//! | --- | --- |
//! | `REHEARSE_RULES` | one pack, beside the built-in words and wrappers |
//! | `REHEARSE_LEDGER` | the ledger |
//! | `REHEARSE_HOST` | the host's place; none where it is not set |
//! | `REHEARSE_RESORT` | the folder of the last resort |
//! | `REHEARSE_SYSLOG` | the socket of syslog |
//! | `REHEARSE_STORE` | the URL of the team's store; none where it is not set |
//! | `REHEARSE_CLOCK` | a file with two numbers: seconds added to the wall clock and to the boot clock; read at every look |
//!
//! The shipped programs read none of these.

#![no_main]
#![expect(
    unsafe_code,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a program of the tests, at the edge by design, with the C `main` of the gate"
)]

use std::ffi::{OsString, c_char, c_int};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::TimeDelta;
use kanmon::context::program::{MARK, Mark};
use kanmon::context::{Environment, SystemClock};
use kanmon::door::held::{self, Parts};
use kanmon::door::prefix::{self, Rules, enter_with};
use kanmon::door::request::Request;
use kanmon::door::store;
use kanmon::gate::break_glass::LastResort;
use kanmon::gate::{Clock, Entry, Moment};
use kanmon::given::GivenFiles;
use kanmon::launch::RawArgs;
use kanmon::ledger::heads::Syslog;
use kanmon::ledger::last_resort::{self, Written};
use kanmon::policy::Verdict;
use kanmon::policy::pack::{self, Layer, SourceFile};
use kanmon::policy::ruleset::RuleSet;
use kanmon::policy::setup::Setup;
use kanmon::policy::table::TableError;

/// Tells shims that this program is the gate.
// SAFETY: an ELF note is data that nothing executes.
#[used]
#[unsafe(link_section = ".note.kanmon")]
static IS_GATE: Mark = MARK;

/// Passes the arguments to the door, as the gate's own `main` does.
///
/// # Safety
/// Called by the C start-up alone, with its `argc` and `argv`.
// SAFETY: no other `main` is linked, because of `no_main`.
#[unsafe(no_mangle)]
unsafe extern "C" fn main(argc: c_int, argv: *const *const c_char) -> c_int {
    // SAFETY: these are the arguments of `main`, which live as long as the process.
    let args = unsafe { RawArgs::of_main(argc, argv) };
    let rules = Rules {
        for_passing: rules,
        for_judging: rules,
    };
    enter_with(args, rules, &bring)
}

/// Returns a variable of this program.
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(format!("REHEARSE_{name}"))
}

/// Reads the pack, with what is built in about programs and wrappers.
fn rules() -> Result<RuleSet, TableError> {
    let built_in = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/rules"));
    let mut paths = vec![
        built_in.join("wrappers.toml"),
        built_in.join("words/plain.toml"),
    ];
    paths.extend(variable("RULES").map(PathBuf::from));
    let mut files = Vec::new();
    for path in paths {
        let Ok(text) = fs::read_to_string(&path) else {
            return Err(TableError::Damaged);
        };
        files.push(SourceFile {
            name: path.display().to_string(),
            text,
            layer: Layer::System,
        });
    }
    let (packs, mistakes) = pack::read(&files);
    if !mistakes.is_empty() {
        eprintln!("{}", pack::render(&mistakes, &files));
        return Err(TableError::Damaged);
    }
    let setup = Setup {
        store: variable("STORE").and_then(|url| url.into_string().ok()),
        ..Setup::default()
    };
    let rules = RuleSet::of_packs(&packs).map_err(|_| TableError::Damaged)?;
    Ok(rules.with_setup(setup))
}

/// Brings a held line through the gate.
fn bring(request: &Request, verdict: Verdict, rules: &RuleSet) -> c_int {
    let environment = Environment::of_process();
    let clock = FileClock {
        host: SystemClock::new(),
        file: variable("CLOCK").map(PathBuf::from),
    };
    let ledger = PathBuf::from(variable("LEDGER").unwrap_or_default());
    let resort = PathBuf::from(variable("RESORT").unwrap_or_default());
    let syslog = PathBuf::from(variable("SYSLOG").unwrap_or_else(|| "/nonexistent/log".into()));
    let host = PathBuf::from(variable("HOST").unwrap_or_else(|| "/nonexistent".into()));
    let shared = variable("STORE").and_then(|url| url.into_string().ok());
    let mut given = store::given(GivenFiles::at(&host), shared.as_deref(), &clock);
    let way = store::Way::to(shared.as_deref());
    let open_ledger = || {
        let place = store::place_at(&host, || Ok(ledger.clone()));
        way.open(place, Syslog::at(&syslog))
    };
    held::bring(
        request,
        verdict,
        &mut Parts {
            rules,
            environment: &environment,
            clock: &clock,
            before_ledger: &|| way.begin(),
            open_ledger: &open_ledger,
            given: given.as_mut(),
            again: &|asking| prefix::again(request, rules, clock.now().utc, asking),
            last_resort: &mut Resort(last_resort::LastResort::at(&resort, Syslog::at(&syslog))),
        },
    )
}

/// The host's clocks, moved by what stands in a file.
struct FileClock {
    host: SystemClock,
    file: Option<PathBuf>,
}

impl Clock for FileClock {
    fn now(&self) -> Moment {
        let mut moment = self.host.now();
        let text = self
            .file
            .as_ref()
            .and_then(|file| fs::read_to_string(file).ok());
        let text = text.unwrap_or_default();
        let mut numbers = text
            .split_whitespace()
            .map(|word| word.parse::<i64>().unwrap());
        moment.utc += TimeDelta::seconds(numbers.next().unwrap_or(0));
        moment.boot += Duration::from_secs(numbers.next().unwrap_or(0).unsigned_abs());
        moment
    }
}

/// A folder, else syslog, as the prefix door has them.
struct Resort(last_resort::LastResort);

impl LastResort for Resort {
    fn keep(&mut self, entry: &Entry, ledger: &str, clock: &dyn Clock) -> Result<String, String> {
        match self.0.write(entry, ledger, &clock.now()) {
            Ok(Written::File(file)) => Ok(file.display().to_string()),
            Ok(Written::Syslog) => Ok("syslog".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}
