//! A line that rules name: noted, or walked through the gate, then started and seen to its end.

use std::ffi::c_int;

use nix::unistd::{getpid, getppid};

use crate::context::{self, Environment};
use crate::gate::break_glass::{LastResort, LateLedger, Tools, break_glass};
use crate::gate::not_cleared::NotCleared;
use crate::gate::outer::{Outer, Process, Stands};
use crate::gate::world::{Given, LedgerError, Team, Whose};
use crate::gate::{
    self, Again, Asked, Asking, Clock, Entry, Gone, Ledger, Ready, RunId, Walked, Who, World,
    after, record::Event,
};
use crate::launch::{self, Inherited};
use crate::layers;
use crate::policy::around::says_where;
use crate::policy::ruleset::RuleSet;
use crate::policy::verdict::{Hit, Verdict};
use crate::policy::{Plan, StepKind};
use crate::probe::ProbeRunner;
use crate::text::gate as say;
use crate::ui::{self, Terminal};

use super::exit::{GATE_FAILED, NOT_CLEARED};
use super::request::{Request, What};

mod nobody;
mod start;
mod stays;

use start::{Fallback, Keeper, Only};

/// The parts of the world that a door brings.
#[expect(missing_debug_implementations, reason = "the parts are trait objects")]
pub struct Parts<'a> {
    /// The rules.
    pub rules: &'a RuleSet,
    /// The variables that the command will be given.
    pub environment: &'a Environment,
    /// Tells the time.
    pub clock: &'a dyn Clock,
    /// Begins what opening the ledger will wait for: something of the line will be recorded.
    pub before_ledger: &'a dyn Fn(),
    /// Opens the ledger.
    pub open_ledger: &'a dyn Fn() -> Result<Box<dyn Ledger>, LedgerError>,
    /// Knows what others gave.
    pub given: &'a mut dyn Given,
    /// Judges the line once more, just before it is cleared.
    pub again: &'a dyn Fn(Asking) -> Verdict,
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
    // Where glass is broken the operator is asked before anything is recorded.
    if request.break_glass.is_none() {
        (parts.before_ledger)();
    }
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
        again: &'a dyn Fn(Asking) -> Verdict,
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

    /// Says why the command has not run.
    fn not_cleared(&self, reason: &NotCleared) -> c_int {
        ui::notice(&gate::mask::text(&reason.message(self.request.language)));
        NOT_CLEARED
    }
}
