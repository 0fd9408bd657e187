//! A line that rules name: noted, or walked through the gate, then started and seen to its end.

use std::ffi::{CString, OsStr, c_int};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use nix::unistd::{getpid, getppid};

use crate::context::{self, Environment, program};
use crate::gate::break_glass::{LastResort, LateLedger, Tools, break_glass};
use crate::gate::not_cleared::NotCleared;
use crate::gate::outer::{Outer, Process, Stands};
use crate::gate::permit::Missing;
use crate::gate::world::{Given, LedgerError, NothingGiven, Team, Whose};
use crate::gate::{
    self, Again, Asked, Clock, Entry, Gone, Ledger, Ready, RunId, Walked, Who, World, after,
    record::Event,
};
use crate::launch::{self, Command, Ending, Inherited, News};
use crate::layers;
use crate::policy::around::says_where;
use crate::policy::ruleset::RuleSet;
use crate::policy::verdict::{Hit, Verdict};
use crate::policy::{Plan, StepKind};
use crate::probe::ProbeRunner;
use crate::text::gate as say;
use crate::ui::{self, Terminal};

use super::behind::Meeting;
use super::exit::{GATE_FAILED, NOT_CLEARED};
use super::request::{Request, What};

/// The parts of the world that a door brings.
#[expect(missing_debug_implementations, reason = "the parts are trait objects")]
pub struct Parts<'a> {
    /// The rules.
    pub rules: &'a RuleSet,
    /// The variables that the command will be given.
    pub environment: &'a Environment,
    /// Tells the time.
    pub clock: &'a dyn Clock,
    /// Opens the ledger.
    pub open_ledger: &'a dyn Fn() -> Result<Box<dyn Ledger>, LedgerError>,
    /// Knows what others gave.
    pub given: &'a mut dyn Given,
    /// Judges the line once more, just before it is cleared.
    pub again: &'a dyn Fn() -> Verdict,
    /// Where a broken glass is recorded if the ledger fails.
    pub last_resort: &'a mut dyn LastResort,
}

/// Brings a line that did not pass through the gate; returns the exit status.
pub fn bring(request: &Request, verdict: Verdict, parts: &mut Parts<'_>) -> c_int {
    let inherited = match Inherited::save() {
        Ok(inherited) => inherited,
        Err(cause) => {
            ui::notice(&say::not_cleared(request.language, cause));
            return GATE_FAILED;
        }
    };
    let asker = request.asker.as_ref().map(|asker| asker.who.clone());
    let who = Who {
        origin: context::origin(parts.environment),
        ..asker.unwrap_or_else(|| context::who::who(parts.environment))
    };
    let run = context::run_id(&parts.clock.now());
    let is_plain = !request.drill && request.break_glass.is_none();
    let mut refused = None;
    let (plan, is_note) = match verdict {
        // Nothing but a passed line leads here with a pass; the door starts it itself.
        Verdict::Pass(_) => return GATE_FAILED,
        Verdict::Refuse(too_much) => {
            if request.break_glass.is_none() {
                refused = Some(NotCleared::Refused(too_much));
            }
            (empty_plan(Vec::new()), false)
        }
        // In a drill a note is walked as a plan that asks nothing, so that nothing starts; and glass
        // is broken for it where its record fails.
        Verdict::Note(hits) => (empty_plan(hits), is_plain),
        Verdict::Hold(plan) => (plan, false),
    };
    let bringing = Bringing {
        request,
        plan: &plan,
        run,
        who,
        inherited,
        is_alone: false,
    };
    match refused {
        Some(reason) => bringing.refuse(reason, parts),
        None if is_note => bringing.note(parts),
        None => bringing.hold(parts).unwrap_or_else(|OuterUsed| {
            let again = Bringing {
                run: context::run_id(&parts.clock.now()),
                is_alone: true,
                ..bringing
            };
            again.hold(parts).unwrap_or(NOT_CLEARED)
        }),
    }
}

/// Others within the outer run were faster, and this line is to be asked about as one of its own.
struct OuterUsed;

/// How much of a refused line is kept, in bytes.
const REFUSED_SHOWN: usize = 4096;

/// A plan without steps, for what is only recorded.
fn empty_plan(hits: Vec<Hit>) -> Plan {
    Plan {
        hits,
        steps: Vec::new(),
        afters: Vec::new(),
    }
}

/// One line on its way.
struct Bringing<'b> {
    request: &'b Request,
    plan: &'b Plan,
    run: RunId,
    who: Who,
    inherited: Inherited,
    /// Whether no outer run counts.
    is_alone: bool,
}

impl Bringing<'_> {
    /// What the gate is asked.
    fn asked<'a>(
        &'a self,
        rules: &RuleSet,
        again: &'a dyn Fn() -> Verdict,
        environment: &Environment,
    ) -> Asked<'a> {
        let line = self.request.what.line();
        let request = self.request;
        let run = self.run.clone();
        let mut asked = Asked::new(
            run,
            line.text(),
            self.plan,
            rules,
            request.drill,
            request.door,
        );
        asked.scripts = request.scripts.hash();
        // One that holds secrets is written nowhere; a drill is gone through at a stretch.
        if request.door == "prefix" && !request.drill && !asked.has_secrets() {
            asked.typed = request.what.typed();
        }
        asked.resumed = request.resumed.as_deref().cloned();
        asked.again = Again::by(again);
        asked.above = Some(self.above());
        let named = environment.iter().filter_map(|(name, value)| {
            let name = name.to_str().filter(|name| says_where(name))?;
            Some((name.to_owned(), value.to_string_lossy().into_owned()))
        });
        asked.surroundings = named.collect();
        asked.warnings.extend(self.notices(rules));
        asked
    }

    /// The process below which the command will run.
    fn above(&self) -> Process {
        let pid = match (&self.request.caller, &self.request.what) {
            (Some(shell), _) => shell.pid,
            // sudo starts it.
            (None, What::Sudo { .. }) => getppid().as_raw(),
            (None, _) => getpid().as_raw(),
        };
        Process {
            pid,
            start_ticks: context::process::start_ticks(pid),
        }
    }

    /// What is to be said of the files that the rules come from.
    fn notices(&self, rules: &RuleSet) -> Vec<String> {
        let notices = rules.setup().notices.iter();
        let language = self.request.language;
        notices
            .map(|notice| layers::message(notice, language))
            .collect()
    }

    /// Says on the screen whose runs the ledger knows, where not everybody's that count.
    fn warn_of_ledger(&self, asked: &mut Asked<'_>, ledger: &mut dyn Ledger, clock: &dyn Clock) {
        let language = self.request.language;
        let whose = ledger.whose();
        let team = ledger.team(clock);
        let mut has_gap = false;
        let mut is_team = false;
        for step in &self.plan.steps {
            if let StepKind::Gap { team, .. } = &step.kind {
                has_gap = true;
                is_team |= team;
            }
        }
        if whose == Whose::OwnBesideHosts {
            asked.warnings.push(say::not_in_group(language));
        }
        match &team {
            Team::Away { place, cause } => {
                let warning = say::goes_on_without_store(language, place, cause);
                asked.warnings.push(warning);
            }
            Team::None if is_team && whose == Whose::Hosts => {
                asked.warnings.push(say::team_counts_as_host(language));
            }
            Team::None | Team::Shared => {}
        }
        if has_gap && whose != Whose::Hosts && !(is_team && team == Team::Shared) {
            asked.warnings.push(say::only_own_runs(language));
        }
    }

    /// Says that the team's store stopped answering, where it has.
    fn say_cut_off(&self, ledger: &mut dyn Ledger) {
        if let Some(Team::Away { place, cause }) = ledger.cut_off() {
            ui::notice(&say::records_wait(self.request.language, place, cause));
        }
    }

    /// Opens the controlling terminal.
    fn terminal(&self, environment: &Environment) -> Result<Terminal, Gone> {
        let request = self.request;
        if !request.what.may_ask() {
            return Err(Gone::NoTerminal);
        }
        let (term, no_color) = (environment.get("TERM"), environment.get("NO_COLOR"));
        Terminal::open(ui::Options::new(
            request.language,
            request.plain,
            term,
            no_color,
        ))
    }

    /// Walks the gate and, once cleared, starts the command; or stays behind until the shell that
    /// runs it tells its end.
    fn hold(&self, parts: &mut Parts<'_>) -> Result<c_int, OuterUsed> {
        let mut asked = self.asked(parts.rules, parts.again, parts.environment);
        let status = self.pass_through(&mut asked, parts)?;
        if let (Some(shell), launch::RELEASED) = (&self.request.caller, status)
            && after::has_any(self.plan)
            && !asked.outer.as_ref().is_some_and(Outer::shows_afters)
        {
            self.stay_behind(shell.pid, &asked, parts);
        }
        Ok(status)
    }

    /// Leaves a process behind that runs the afters once the shell says that the line has ended.
    fn stay_behind(&self, shell: i32, asked: &Asked<'_>, parts: &Parts<'_>) {
        let stays = Meeting::open(&self.run, shell).and_then(|meeting| {
            let after = || {
                if let Some(told) = meeting.wait() {
                    self.after_the_line(told.status, asked, parts);
                }
            };
            Ok(launch::leave_behind(after)?)
        });
        if let Err(cause) = stays {
            ui::notice(&say::no_afters(self.request.language, cause));
        }
    }

    /// Runs the afters of a line that a shell has run itself, in the process that stayed behind.
    fn after_the_line(&self, status: Option<i32>, asked: &Asked<'_>, parts: &Parts<'_>) {
        let Ok(mut terminal) = self.terminal(parts.environment) else {
            return;
        };
        let mut ledger = match (parts.open_ledger)() {
            Ok(ledger) => ledger,
            Err(cause) => {
                ui::notice(&say::no_afters(self.request.language, cause));
                return;
            }
        };
        let mut probes = ProbeRunner::new(parts.clock);
        let mut world = World {
            operator: &mut terminal,
            probes: &mut probes,
            ledger: ledger.as_mut(),
            given: &mut NothingGiven,
            clock: parts.clock,
            who: &self.who,
        };
        // A lost terminal takes nothing back: the line has ended and is recorded.
        let _gone = after::run(asked, status, &mut world);
    }

    /// Does what [`Self::hold`] says, up to the start of the command.
    fn pass_through<'a>(
        &'a self,
        asked: &mut Asked<'a>,
        parts: &mut Parts<'_>,
    ) -> Result<c_int, OuterUsed> {
        if let Some(reason) = &self.request.break_glass {
            let terminal = self.terminal(parts.environment);
            return Ok(self.break_through(asked, reason, terminal, parts));
        }
        let mut ledger = (parts.open_ledger)();
        if let (Ok(ledger), false) = (&mut ledger, self.request.drill || self.is_alone) {
            asked.outer = gate::outer_run(asked, ledger.as_mut(), parts.clock, &self.who);
            if asked.outer.as_ref().is_some_and(Outer::clears) {
                return self.unattended(asked, ledger.as_mut(), parts);
            }
        }
        let mut terminal = match self.terminal(parts.environment) {
            Ok(terminal) => terminal,
            Err(gone) => {
                // Where nobody is, nobody says go: what was thought elsewhere stands for nothing.
                asked.outer = asked.outer.take().map(Outer::for_nothing);
                return self.nobody(asked, gone, ledger, parts);
            }
        };
        let mut ledger = match ledger {
            Ok(ledger) => ledger,
            Err(error) => return Ok(self.not_cleared(&NotCleared::Ledger(error))),
        };
        if let Some(outer) = &asked.outer
            && outer.within.stands == Stands::Thought
        {
            let run = &outer.within.run.0;
            let language = self.request.language;
            asked
                .warnings
                .push(say::passed_outside(language, &outer.door, run));
        }
        self.warn_of_ledger(asked, ledger.as_mut(), parts.clock);
        let mut probes = ProbeRunner::new(parts.clock);
        let walked = gate::walk(
            asked,
            &mut World {
                operator: &mut terminal,
                probes: &mut probes,
                ledger: ledger.as_mut(),
                given: parts.given,
                clock: parts.clock,
                who: &self.who,
            },
        );
        // A signal that came after the last answer still counts: nothing starts then.
        let closed = terminal.close();
        self.go_on(walked, closed, asked, probes, ledger.as_mut(), parts)
    }

    /// Starts the command once cleared; `closed` says whether the dialogue ended well.
    fn go_on(
        &self,
        walked: Result<Walked, NotCleared>,
        closed: Result<(), Gone>,
        asked: &Asked<'_>,
        probes: ProbeRunner<'_>,
        ledger: &mut dyn Ledger,
        parts: &Parts<'_>,
    ) -> Result<c_int, OuterUsed> {
        Ok(match walked {
            Ok(Walked::Cleared(_)) if closed.is_err() => {
                let gone = closed.err().unwrap_or(Gone::Vanished);
                self.withdraw(&NotCleared::Gone(gone), &mut Only(ledger), parts.clock)
            }
            Ok(Walked::Cleared(cleared)) => {
                if let Some(path) = self.request.scripts.changed() {
                    let reason = NotCleared::ScriptChanged { path };
                    return Ok(self.withdraw(&reason, &mut Only(ledger), parts.clock));
                }
                self.say_cut_off(ledger);
                let ended = self.start(Ready::Cleared(cleared), ledger, parts.clock);
                self.say_cut_off(ledger);
                self.finish(ended, asked, probes, ledger, parts)
            }
            Ok(Walked::Drilled) => {
                ui::notice(&say::drilled(self.request.language));
                0
            }
            Err(reason) if reason.is_outer_used() && !self.is_alone => return Err(OuterUsed),
            Err(reason) => self.not_cleared(&reason),
        })
    }

    /// Records that a line that could have started was not started after all.
    fn withdraw(&self, reason: &NotCleared, keeper: &mut dyn Keeper, clock: &dyn Clock) -> c_int {
        let event = Event::NotStarted {
            cause: reason.to_string(),
            status: NOT_CLEARED,
        };
        let entry = Entry {
            run: self.run.clone(),
            event,
        };
        // The operator is told below either way.
        let _lost = keeper.keep(&entry, clock);
        self.not_cleared(reason)
    }

    /// A line beyond a limit: nothing is asked, the refusal is on the record.
    fn refuse(&self, reason: NotCleared, parts: &Parts<'_>) -> c_int {
        let mut asked = self.asked(parts.rules, parts.again, parts.environment);
        if asked.line.len() > REFUSED_SHOWN {
            let end = asked.line.floor_char_boundary(REFUSED_SHOWN);
            asked.line.truncate(end);
            asked.line.push('…');
        }
        let recorded = (parts.open_ledger)().and_then(|mut ledger| {
            gate::not_asked(&asked, &reason, ledger.as_mut(), parts.clock, &self.who)
        });
        let status = self.not_cleared(&reason);
        match recorded {
            Ok(()) => status,
            Err(error) => self.not_cleared(&NotCleared::Ledger(error)),
        }
    }

    /// Starts a noted line; nothing is asked.
    fn note(&self, parts: &mut Parts<'_>) -> c_int {
        let asked = self.asked(parts.rules, parts.again, parts.environment);
        let mut ledger = match (parts.open_ledger)() {
            Ok(ledger) => ledger,
            Err(error) => return self.not_cleared(&NotCleared::Ledger(error)),
        };
        match gate::note(&asked, ledger.as_mut(), parts.clock, &self.who) {
            Ok(noted) => {
                self.say_cut_off(ledger.as_mut());
                let ended = self.start(Ready::Noted(noted), ledger.as_mut(), parts.clock);
                self.say_cut_off(ledger.as_mut());
                // The store is taken leave of before the gate may die of a signal.
                drop(ledger);
                ended.map_or_else(|status| status, launch::die_as)
            }
            Err(error) => self.not_cleared(&NotCleared::Ledger(error)),
        }
    }

    /// Past every step, for a person at a terminal.
    fn break_through(
        &self,
        asked: &Asked<'_>,
        reason: &str,
        terminal: Result<Terminal, Gone>,
        parts: &mut Parts<'_>,
    ) -> c_int {
        let Ok(mut terminal) = terminal else {
            // Where not even this can be recorded, nothing has run all the same.
            let reason = NotCleared::Gone(Gone::NoTerminal);
            let _lost = (parts.open_ledger)().and_then(|mut ledger| {
                gate::not_asked(asked, &reason, ledger.as_mut(), parts.clock, &self.who)
            });
            ui::notice(&say::break_glass_needs_terminal(self.request.language));
            return NOT_CLEARED;
        };
        let mut ledger = LateLedger::new(parts.open_ledger);
        let broken = break_glass(
            asked,
            reason,
            &mut Tools {
                operator: &mut terminal,
                ledger: &mut ledger,
                last_resort: parts.last_resort,
                clock: parts.clock,
                who: &self.who,
            },
        );
        let closed = terminal.close();
        let broken = match broken {
            Ok(broken) => broken,
            Err(reason) => return self.not_cleared(&reason),
        };
        let mut resort = Fallback {
            ledger,
            last_resort: parts.last_resort,
        };
        if let Err(gone) = closed {
            return self.withdraw(&NotCleared::Gone(gone), &mut resort, parts.clock);
        }
        let started = self.start_with(Ready::BrokenGlass(broken), &mut resort, parts.clock);
        match started {
            Ok(ending) => launch::die_as(ending),
            Err(status) => status,
        }
    }

    /// A held line where nobody can answer: cleared where permits stand in for all that would be
    /// asked; else recorded, refused, and the way out is named.
    fn nobody(
        &self,
        asked: &Asked<'_>,
        gone: Gone,
        mut ledger: Result<Box<dyn Ledger>, LedgerError>,
        parts: &mut Parts<'_>,
    ) -> Result<c_int, OuterUsed> {
        let language = self.request.language;
        let mut missing = Vec::new();
        if let (Ok(ledger), Gone::NoTerminal) = (&mut ledger, gone) {
            let (given, clock) = (&mut *parts.given, parts.clock);
            match gate::covered(asked, given, ledger.as_mut(), clock, &self.who) {
                Ok(covered) => {
                    missing = gate::missing(asked, &self.who, &covered);
                    if missing.is_empty() && !covered.used.is_empty() {
                        return self.unattended(asked, ledger.as_mut(), parts);
                    }
                }
                Err(error) => return Ok(self.not_cleared(&NotCleared::Ledger(error))),
            }
        }
        let clock = parts.clock;
        for hit in &self.plan.hits {
            let title = hit.rule.title.in_language(language.tag());
            ui::notice(&say::held_by(language, &hit.rule.id, title));
            for freeze in &hit.frozen {
                ui::notice(&ui::frozen(freeze, language));
            }
        }
        for warning in &asked.warnings {
            ui::notice(&gate::mask::text(warning));
        }
        let reason = NotCleared::Gone(gone);
        let recorded = ledger.and_then(|mut ledger| {
            gate::not_asked(asked, &reason, ledger.as_mut(), clock, &self.who)
        });
        if let Err(error) = recorded {
            return Ok(self.not_cleared(&NotCleared::Ledger(error)));
        }
        let status = self.not_cleared(&reason);
        if !self.request.what.may_ask() {
            ui::notice(&say::sudo_may_not_ask(language));
        }
        for (rule, target, steps) in by_hit(&missing) {
            let steps = steps.join(language.comma());
            ui::notice(&say::permit_would_clear(language, steps, rule, target));
        }
        Ok(status)
    }

    /// Walks a line that permits or an outer door's clearance alone clear, and starts it.
    fn unattended(
        &self,
        asked: &Asked<'_>,
        ledger: &mut dyn Ledger,
        parts: &mut Parts<'_>,
    ) -> Result<c_int, OuterUsed> {
        let mut probes = ProbeRunner::new(parts.clock);
        let walked = gate::walk(
            asked,
            &mut World {
                operator: &mut ui::Nobody::new(self.request.language),
                probes: &mut probes,
                ledger,
                given: parts.given,
                clock: parts.clock,
                who: &self.who,
            },
        );
        self.go_on(walked, Ok(()), asked, probes, ledger, parts)
    }

    /// Says why the command has not run.
    fn not_cleared(&self, reason: &NotCleared) -> c_int {
        ui::notice(&gate::mask::text(&reason.message(self.request.language)));
        NOT_CLEARED
    }

    /// Starts the command and records its start and end.
    fn start(
        &self,
        ready: Ready,
        ledger: &mut dyn Ledger,
        clock: &dyn Clock,
    ) -> Result<Ending, c_int> {
        self.start_with(ready, &mut Only(ledger), clock)
    }

    /// Starts the command; what happens goes to `keeper`.
    fn start_with(
        &self,
        ready: Ready,
        keeper: &mut dyn Keeper,
        clock: &dyn Clock,
    ) -> Result<Ending, c_int> {
        let begun = clock.now().boot;
        let mut keep = |event| {
            let entry = Entry {
                run: self.run.clone(),
                event,
            };
            if let Err(cause) = keeper.keep(&entry, clock) {
                ui::notice(&say::end_not_recorded(self.request.language, cause));
            }
        };
        if let Some(caller) = &self.request.caller {
            // The shell runs it right away, and tells its end to another process of ours.
            keep(Event::Started {
                pid: caller.pid,
                start_ticks: context::process::start_ticks(caller.pid),
            });
            return Err(launch::release(ready));
        }
        let command = past_shims(self.request.what.command());
        let run = run_variable(&self.run);
        let mut tell = |news| match news {
            News::Started(pid) => keep(Event::Started {
                pid,
                start_ticks: context::process::start_ticks(pid),
            }),
            News::Ended(ending) => keep(Event::Ended {
                status: ending.status(),
                signal: ending.signal(),
                took: clock.now().boot.saturating_sub(begun),
            }),
        };
        let ended = match self.request.what {
            What::Sudo { .. } => launch::entrust(ready, &mut tell),
            _ => launch::supervise(ready, &command, &run, &self.inherited, &mut tell).map(Some),
        };
        match ended {
            Ok(Some(ending)) => Ok(ending),
            // A record without an end is an unknown one.
            Ok(None) => Err(GATE_FAILED),
            Err(error) => {
                let status = error.status();
                keep(Event::NotStarted {
                    cause: error.to_string(),
                    status,
                });
                ui::notice(&error.message(self.request.language));
                Err(status)
            }
        }
    }

    /// Runs the afters and ends as the command ended.
    fn finish(
        &self,
        ended: Result<Ending, c_int>,
        asked: &Asked<'_>,
        mut probes: ProbeRunner<'_>,
        ledger: &mut dyn Ledger,
        parts: &Parts<'_>,
    ) -> c_int {
        let ending = match ended {
            Ok(ending) => ending,
            Err(status) => return status,
        };
        let shows_elsewhere = asked.outer.as_ref().is_some_and(Outer::shows_afters);
        if let (Ok(mut terminal), false) = (self.terminal(parts.environment), shows_elsewhere) {
            let mut world = World {
                operator: &mut terminal,
                probes: &mut probes,
                ledger,
                given: &mut NothingGiven,
                clock: parts.clock,
                who: &self.who,
            };
            // A lost terminal takes nothing back: the command has ended and is recorded.
            let _gone = after::run(asked, ending.status(), &mut world);
        }
        // Its connections end before the gate may die of a signal.
        drop(probes);
        launch::die_as(ending)
    }
}

/// Puts the program behind a shim in the shim's place: this very line was just asked about.
fn past_shims(mut command: Command) -> Command {
    let name = OsStr::from_bytes(command.program.as_bytes());
    if name.as_bytes().contains(&b'/') {
        return command;
    }
    let behind = program::behind_shim(name, &program::search_path());
    if let Some(path) = behind.and_then(|path| CString::new(path.into_os_string().into_vec()).ok())
    {
        command.program = path;
    }
    command
}

/// Returns the entry of the environment that tells a command its run: `at` keeps it in the job.
fn run_variable(run: &RunId) -> CString {
    CString::new(format!("{}={}", context::origin::RUN, run.0)).unwrap_or_default()
}

/// What is missing, by rule and target.
fn by_hit(missing: &[Missing]) -> Vec<(&str, &str, Vec<&'static str>)> {
    let mut found: Vec<(&str, &str, Vec<&'static str>)> = Vec::new();
    for each in missing {
        let is_it = |(rule, target, _): &&mut (&str, &str, Vec<&'static str>)| {
            *rule == each.rule && *target == each.target
        };
        match found.iter_mut().find(is_it) {
            Some((_, _, steps)) => steps.push(each.stand.name()),
            None => found.push((&each.rule, &each.target, vec![each.stand.name()])),
        }
    }
    found
}

/// Where events go while the command runs.
trait Keeper {
    fn keep(&mut self, entry: &Entry, clock: &dyn Clock) -> Result<(), String>;
}

/// The ledger alone.
struct Only<'l>(&'l mut dyn Ledger);

impl Keeper for Only<'_> {
    fn keep(&mut self, entry: &Entry, clock: &dyn Clock) -> Result<(), String> {
        self.0
            .append(entry, clock)
            .map(drop)
            .map_err(|error| error.to_string())
    }
}

/// The ledger, else the last resort: after a broken glass.
struct Fallback<'l> {
    ledger: LateLedger<'l>,
    last_resort: &'l mut dyn LastResort,
}

impl Keeper for Fallback<'_> {
    fn keep(&mut self, entry: &Entry, clock: &dyn Clock) -> Result<(), String> {
        let Err(error) = self.ledger.append(entry, clock) else {
            return Ok(());
        };
        let cause = error.to_string();
        self.last_resort.keep(entry, &cause, clock).map(drop)
    }
}
