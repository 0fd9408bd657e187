//! The hook door: a shell asks before it runs a line itself.
//!
//! In: on standard input the line, as arguments what its names stand for in that shell
//! (`alias:NAME TEXT`, `function:NAME DEFINITION`). Out: an exit status and nothing else, since the
//! line runs in the shell:
//!
//! | status | the shell |
//! | --- | --- |
//! | 0 | runs it: no rule names it |
//! | 3 ([`crate::launch::RELEASED`]) | runs it, and tells its end by `--hook-end STATUS`; a gate that is to show something then stays behind until that ([`super::behind`]) |
//! | 4 ([`UNFINISHED`]) | reads on: a command in it has not ended |
//! | 124, 125, any other | does not run it |
//!
//! A run is told by the process of the shell, so no shell has to remember an id, and none can name
//! another's.

use std::collections::BTreeMap;
use std::ffi::{CString, c_int};
use std::fs::File;
use std::io::{self, Read as _};
use std::ops::RangeInclusive;
use std::rc::Rc;

use nix::unistd::getppid;

use crate::context::{Environment, Scripts, SystemClock, process};
use crate::gate::record::Event;
use crate::gate::world::LedgerError;
use crate::gate::{Clock as _, Entry, RunId};
use crate::launch::RawArgs;
use crate::layers;
use crate::line::{Content, MAX_SIZE, STANDARD_INPUT, is_unfinished};
use crate::policy::ruleset::RuleSet;
use crate::policy::{Facts, Verdict};
use crate::text::{Language, gate as say, shell as say_shell};
use crate::ui;

use super::behind;
use super::exit::GATE_FAILED;
use super::request::{Caller, Request, What};
use super::store;
use super::understand::{Variables, understand};

/// The door's name.
pub(super) const DOOR: &str = "hook";

/// The status of a text that ends before a command in it does.
pub(super) const UNFINISHED: c_int = 4;

/// The statuses by which shells say that a command was stopped: SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU.
const STOPPED: RangeInclusive<i32> = 147..=150;

/// What stands before the name of a variable that the shell does not export, under which the hook
/// gives it in the environment: there it is no setting of any program, and nobody else reads it.
const GIVEN: &str = "__kanmon_is_";

/// A line that a shell asks about.
pub(super) struct Hooked {
    /// The shell: `bash`, `zsh`, `fish`.
    shell: CString,
    /// The line.
    line: CString,
    /// What is known of it.
    pub(super) caller: Caller,
}

impl Hooked {
    /// Returns the line as what is to be run.
    pub(super) fn what(&self) -> What {
        What::InShell {
            shell: self.shell.clone(),
            line: self.line.clone(),
        }
    }

    /// Returns whether the shell would wait for more; fish asks itself that before it asks here.
    fn is_unfinished(&self) -> bool {
        let line = self.line.to_string_lossy();
        self.shell.as_bytes() != b"fish" && is_unfinished(&line)
    }
}

/// Has Ctrl-Z do nothing at the questions of a shell's hook. What stops within a key or a function of the
/// shell is no job that it can go on with: bash lists it in words of ours, and zsh stops in a copy of
/// itself and reads no keys.
pub(super) fn keep_from_stopping() {
    ui::ignore_stops();
}

/// Reads what the shell asks; `first` is the argument with its name.
///
/// # Errors
/// Where standard input cannot be read, or no shell would be given such a line.
pub(super) fn line(args: RawArgs, first: usize) -> io::Result<Hooked> {
    let mut line = Vec::new();
    let stdin = nix::unistd::dup(io::stdin()).map(File::from)?;
    // One byte beyond what is judged: such a line is refused.
    let limit = u64::try_from(MAX_SIZE)
        .unwrap_or(u64::MAX)
        .saturating_add(2);
    stdin.take(limit).read_to_end(&mut line)?;
    // The end that the shell put behind it.
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    let (mut aliases, mut functions) = (BTreeMap::new(), BTreeMap::new());
    let shell: CString = args.get(first).map(CString::from).unwrap_or_default();
    let text = |index| {
        let text = args.bytes(index).unwrap_or_default();
        String::from_utf8_lossy(text).into_owned()
    };
    for index in (first + 1..args.count()).step_by(2) {
        let (key, text) = (text(index), text(index + 1));
        match key.split_once(':') {
            Some(("alias", name)) => aliases.insert(name.to_owned(), text),
            Some(("function", name)) => functions.insert(name.to_owned(), text),
            _ => return Err(io::Error::other(format!("`{key}` is no alias or function"))),
        };
    }
    Ok(Hooked {
        shell,
        line: CString::new(line)?,
        caller: Caller {
            pid: caller(),
            aliases,
            functions,
        },
    })
}

/// Returns the process of the shell that asks.
fn caller() -> i32 {
    getppid().as_raw()
}

/// Judges the line; nothing where it would be held and is not finished: nobody is asked about half
/// of a loop.
pub(super) fn verdict(
    hooked: &Hooked,
    request: &Request,
    rules: &RuleSet,
    facts: &dyn Facts,
) -> Option<Verdict> {
    let scripts = Rc::clone(&request.scripts);
    let verdict = judge(request, &hooked.caller, scripts, rules, facts);
    let is_judged = matches!(verdict, Verdict::Pass(_)) || !hooked.is_unfinished();
    is_judged.then_some(verdict)
}

/// Judges the line of a request as this shell would run it; what it reads of scripts is kept in
/// `scripts`.
pub(super) fn judge(
    request: &Request,
    caller: &Caller,
    scripts: Rc<Scripts>,
    rules: &RuleSet,
    facts: &dyn Facts,
) -> Verdict {
    let known = Known {
        caller,
        environment: Environment::of_process(),
        scripts,
    };
    let profile = rules.setup().profile(DOOR);
    understand(&request.what.line(), rules, facts, &known, profile).verdict
}

/// What is known of the shell that asks.
struct Known<'c> {
    caller: &'c Caller,
    /// The variables that the shell exports, and those that the hook gives.
    environment: Environment,
    /// The scripts that were read.
    scripts: Rc<Scripts>,
}

impl Variables for Known<'_> {
    fn variable(&self, name: &str) -> Option<Option<String>> {
        // One that the hook did not give may be set in the shell all the same.
        let given = self.environment.raw(&format!("{GIVEN}{name}"));
        let value = given.or_else(|| self.environment.raw(name))?;
        Some(Some(value.to_string_lossy().into_owned()))
    }

    fn aliases(&self) -> BTreeMap<String, String> {
        self.caller.aliases.clone()
    }

    fn functions(&self) -> BTreeMap<String, String> {
        self.caller.functions.clone()
    }

    fn file(&self, path: &str) -> Option<Content> {
        // The line is fed by the terminal; what is on standard input here is the line itself.
        Some(match path == STANDARD_INPUT {
            true => Content::Nothing,
            false => self.scripts.content(path),
        })
    }
}

/// Records the end of the line that the calling shell was let run last, and has its afters run;
/// `status` is its own.
pub(super) fn end(status: &[u8], language: Language) -> c_int {
    let status = std::str::from_utf8(status).ok();
    let status = status.and_then(|status| status.parse().ok());
    match record_end(status) {
        Ok(Some(run)) if status.is_some_and(|status| STOPPED.contains(&status)) => {
            if behind::dismiss(&run) {
                ui::notice(&say_shell::stopped(language));
            }
            0
        }
        Ok(Some(run)) => {
            behind::tell(&run, status);
            0
        }
        Ok(None) => 0,
        Err(cause) => {
            ui::notice(&say::end_not_recorded(language, cause.to_string()));
            GATE_FAILED
        }
    }
}

/// Does what [`end`] says of the record; returns the run that has ended.
fn record_end(status: Option<i32>) -> Result<Option<RunId>, LedgerError> {
    let clock = SystemClock::new();
    // Without rules the end is on this host's record, and sent with the next run's.
    let shared = layers::for_judging().ok();
    let shared = shared.and_then(|rules| rules.setup().store.clone());
    let mut ledger = store::open(
        &Environment::of_process(),
        &store::Way::to(shared.as_deref()),
    )?;
    let shell = caller();
    let Some((run, started)) = ledger.started_in(shell, process::start_ticks(shell))? else {
        return Ok(None);
    };
    let event = Event::Ended {
        status,
        signal: None,
        took: clock.now().boot.saturating_sub(started),
    };
    let entry = Entry { run, event };
    ledger.append(&entry, &clock)?;
    Ok(Some(entry.run))
}
