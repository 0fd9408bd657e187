//! Another person's side of `approve`: the line of a request is read and judged anew, looked at as
//! this user, and their yes is put into the host's store.
//!
//! Nothing of a request is believed but what it asks about: its line is read with this user's rules,
//! and where the plan that comes out is another than the asker's, nobody can approve it here.

use std::path::Path;

use crate::context::{self, Environment, Scripts};
use crate::gate::approval::{self, Reason, Request};
use crate::gate::giver::Giver;
use crate::gate::world::NothingGiven;
use crate::gate::{self, Asked, Clock, NotCleared, RunId, World};
use crate::given::{GivenFiles, Waiting};
use crate::ledger::SqliteLedger;
use crate::line::{Content, Line};
use crate::policy::facts::NothingKnown;
use crate::policy::ruleset::RuleSet;
use crate::policy::{Plan, Profile, judge, merge};
use crate::probe::ProbeRunner;
use crate::text::gate as say;
use crate::ui::{self, Terminal};

use super::understand::{self, Variables};

/// Why a request was not approved.
#[derive(Debug, thiserror::Error)]
pub enum NotApproved {
    /// It is one's own.
    #[error("this is your own request; somebody else has to approve it")]
    Own,
    /// Root is no person.
    #[error("approve from your own login, without sudo: root is no person")]
    Root,
    /// It is over.
    #[error("the request is over")]
    Over,
    /// Only others are asked.
    #[error("only members of {0} are asked")]
    Group(String),
    /// The line means something else here.
    #[error(
        "the rules hold this line otherwise here than where it was typed (variables of the shell, \
         scripts that you cannot read, other rules); it cannot be approved from here"
    )]
    OtherPlan,
    /// It was not said.
    #[error("not approved")]
    Said(NotCleared),
    /// It could not be written.
    #[error("the approval cannot be written: {0}")]
    Store(String),
}

/// Has the person at this terminal consider a request and, after their yes, says it.
///
/// # Errors
/// Why it was not approved.
pub fn approve(
    waiting: &Waiting,
    rules: &RuleSet,
    clock: &dyn Clock,
    given: &GivenFiles,
) -> Result<(), NotApproved> {
    let request = &waiting.request;
    let environment = Environment::of_process();
    let who = context::who::who(&environment);
    may_answer(waiting, &who)?;
    if !request.is_open(&clock.now()) {
        return Err(NotApproved::Over);
    }
    let line = Line::shell(request.line.as_bytes());
    let plan = plan(request, &line, rules, &who.host).ok_or(NotApproved::OtherPlan)?;
    let run = RunId(request.id.clone());
    let mut asked = Asked::new(run, line.text(), &plan, rules, request.drill, "approve");
    if request.who.host != who.host || approval::hash(&asked, &request.who) != request.hash {
        return Err(NotApproved::OtherPlan);
    }
    asked.warnings.push(say::approve_asker(
        environment.language(),
        &request.who.real_user,
        &request.who.cwd,
    ));
    let options = ui::Options::new(
        environment.language(),
        false,
        environment.get("TERM"),
        environment.get("NO_COLOR"),
    );
    let mut terminal =
        Terminal::open(options).map_err(|gone| NotApproved::Said(NotCleared::Gone(gone)))?;
    // What an approver answers stands in the approval and in the asker's record.
    let mut nowhere =
        SqliteLedger::in_memory().map_err(|error| NotApproved::Said(NotCleared::Ledger(error)))?;
    let mut probes = ProbeRunner::new(clock);
    let called = gate::consider(
        &asked,
        &mut World {
            operator: &mut terminal,
            probes: &mut probes,
            ledger: &mut nowhere,
            given: &mut NothingGiven,
            clock,
            // What is shown and filled in is the asker's.
            who: &request.who,
        },
    );
    let closed = terminal.close();
    let called = called.map_err(NotApproved::Said)?;
    closed.map_err(|gone| NotApproved::Said(NotCleared::Gone(gone)))?;
    given
        .approve(request, called, &clock.now(), who.login_uid)
        .map_err(|error| NotApproved::Store(error.to_string()))
}

/// Says this person's no to a request, and why; as long as nothing has run by it, also after its time.
///
/// # Errors
/// Why it cannot be said.
pub fn refuse(
    waiting: &Waiting,
    reason: &Reason,
    clock: &dyn Clock,
    given: &GivenFiles,
) -> Result<(), NotApproved> {
    let who = context::who::who(&Environment::of_process());
    may_answer(waiting, &who)?;
    let said = given.refuse(&waiting.request, reason, &clock.now(), who.login_uid);
    match said.map_err(|error| NotApproved::Store(error.to_string()))? {
        true => Ok(()),
        false => Err(NotApproved::Over),
    }
}

/// Whether this person may answer it; the asker's gate looks for itself.
fn may_answer(waiting: &Waiting, who: &gate::Who) -> Result<(), NotApproved> {
    let request = &waiting.request;
    if who.euid == 0 {
        return Err(NotApproved::Root);
    }
    let own = Giver {
        owner: who.euid,
        login: who.login_uid,
        name: String::new(),
    };
    if own.is_asker(&request.who) || waiting.owner == who.euid {
        return Err(NotApproved::Own);
    }
    let groups: Option<Vec<&String>> = request
        .needs
        .iter()
        .map(|need| need.group.as_ref())
        .collect();
    match groups {
        Some(groups)
            if !groups
                .iter()
                .any(|group| context::users::is_member(who.euid, group)) =>
        {
            let names: Vec<&str> = groups.iter().map(|group| group.as_str()).collect();
            Err(NotApproved::Group(names.join(", ")))
        }
        _ => Ok(()),
    }
}

/// The plan of the hits that the asker's gate found. What conditions ask of the asker is not known
/// here and so takes none of them away.
fn plan(request: &Request, line: &Line, rules: &RuleSet, here: &str) -> Option<Plan> {
    let files = Files {
        cwd: &request.who.cwd,
        scripts: Scripts::default(),
    };
    let reading = understand::read(line, rules, &files).ok()?;
    let mut hits = judge::hits(
        line.text(),
        &reading,
        rules,
        &NothingKnown,
        // All rules: those that the asker's profile leaves out are not among what was held there.
        Profile::Production,
    );
    hits.retain(|hit| {
        let target = crate::policy::place::name(&hit.invocation.target);
        let target = target.unwrap_or_else(|| here.to_owned());
        request.held.contains(&(hit.rule.id.clone(), target))
    });
    (!hits.is_empty()).then(|| merge::merge(hits, rules))
}

/// The scripts that the line runs, seen from where the asker stands; no variable is known.
struct Files<'f> {
    cwd: &'f str,
    scripts: Scripts,
}

impl Variables for Files<'_> {
    fn variable(&self, _name: &str) -> Option<Option<String>> {
        None
    }

    fn file(&self, path: &str) -> Option<Content> {
        let path = Path::new(self.cwd).join(path);
        Some(self.scripts.content(&path.to_string_lossy()))
    }
}
