//! One gate, one asking: the run of an outer door within which a line is held once more. Pure.
//!
//! `kanmon sh -c 'reboot'` is asked about at the prefix; the shim `reboot` that the shell then starts
//! would ask again. What an inner door makes of the outer run hangs on the record alone:
//!
//! | the outer run | the inner door |
//! | --- | --- |
//! | lies where the asker cannot write | takes its clearance: nothing is asked |
//! | lies where the asker can write | takes what was thought and waited; measures and calls again |
//! | is of another call, folder, user, target, rule, person, or below no live process of ours | asks all of it |
//!
//! In doubt it is another. Windows, gaps and what has to run first are looked at in any case.

use std::fmt::Write as _;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::line::{Fed, Value, Word};
use crate::policy::StepKind;
use crate::policy::around::says_where;

use super::passage::Asked;
use super::record::{Event, Opened, RunId};
use super::world::{Moment, Who};

/// How long ago a run may have been cleared that is known by a shell's process, or whose thinking
/// counts: a shell outlives its lines. The same as for think-steps of one session.
const RECENT: Duration = Duration::from_secs(15 * 60);

/// The door whose lines a shell runs itself.
const HOOK: &str = "hook";

/// A process that cannot be taken for a later one with the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its id.
    pub pid: i32,
    /// When it began, in clock ticks since the host started; `None` where the host does not say,
    /// and then it is nobody's.
    #[serde(default)]
    pub start_ticks: Option<u64>,
}

/// What makes a held call the same at another door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Hash of the words behind the program's name, the name itself, the rule with its steps, the
    /// target, the user, the folder.
    pub hash: String,
    /// The program's path, where one is known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
}

/// What an outer run stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stands {
    /// All that would be asked: the asker cannot have written its record.
    Clearance,
    /// Think-steps and waits: whatever is called is called again.
    Thought,
    /// Nothing but itself: it is no earlier run to a gap.
    Nothing,
}

/// The outer run, as the inner one has it on its record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Within {
    /// Its id.
    pub run: RunId,
    /// What it stands for.
    pub stands: Stands,
}

/// The outer run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outer {
    /// What the record says of it.
    pub within: Within,
    /// The runs within which that one lies itself, the nearest first.
    pub around: Vec<RunId>,
    /// The door that it came through.
    pub door: String,
}

impl Outer {
    /// Returns whether nothing is asked.
    #[must_use]
    pub fn clears(&self) -> bool {
        self.within.stands == Stands::Clearance
    }

    /// Returns whether a step was passed in it and is not asked again. Whatever is looked at,
    /// measured, called, or said by somebody else is not among them.
    #[must_use]
    pub fn stands_for(&self, step: &StepKind) -> bool {
        match step {
            StepKind::Checklist(_)
            | StepKind::Confirm(_)
            | StepKind::Key
            | StepKind::Cooldown(_) => self.within.stands != Stands::Nothing,
            StepKind::Show(_)
            | StepKind::Check { .. }
            | StepKind::Call { .. }
            | StepKind::Witness { .. }
            | StepKind::Approve { .. }
            | StepKind::Gap { .. }
            | StepKind::Window(_)
            | StepKind::First { .. } => self.clears(),
        }
    }

    /// Returns the same run standing for nothing but itself.
    #[must_use]
    pub fn for_nothing(mut self) -> Self {
        self.within.stands = Stands::Nothing;
        self
    }

    /// Returns whether its own door shows what came of it.
    #[must_use]
    pub fn shows_afters(&self) -> bool {
        self.clears() && self.door != HOOK
    }

    /// Returns the runs of this passage: none of them is an earlier one.
    #[must_use]
    pub fn runs(&self) -> Vec<RunId> {
        let own = std::iter::once(&self.within.run);
        own.chain(&self.around).cloned().collect()
    }
}

/// Returns the processes below which an outer run's command may run, given the head of the inner
/// one. A shell that asks for its own line is not inside another line of its own.
#[must_use]
pub fn processes(inner: &Opened) -> Vec<Process> {
    let callers = inner.who.origin.callers.iter().map(|caller| Process {
        pid: caller.pid,
        start_ticks: caller.start_ticks,
    });
    let (own, skipped) = match inner.door.as_str() {
        HOOK => (None, inner.above),
        // Where a command was executed in the place of what was cleared, that is this process.
        _ => (inner.above, None),
    };
    let all = own.into_iter().chain(callers);
    all.filter(|process| process.start_ticks.is_some() && Some(*process) != skipped)
        .collect()
}

/// Returns what a run stands for to a line within it, as its record says; `None` where it is
/// another line, or was not cleared. `processes` are those of [`processes`].
#[must_use]
pub fn stands<'e>(
    outer: &Opened,
    events: impl Iterator<Item = (&'e Moment, &'e Event)>,
    inner: &Opened,
    processes: &[Process],
    now: &Moment,
) -> Option<Stands> {
    let cleared = cleared(events)?;
    let age = now.boot.checked_sub(cleared.boot)?;
    let is_recent = age < RECENT;
    let is_same = !outer.drill
        && !inner.drill
        && !now.boot_id.is_empty()
        && cleared.boot_id == now.boot_id
        && outer.above.is_some_and(|above| processes.contains(&above))
        && (outer.door != HOOK || is_recent)
        && is_same_person(&outer.who, &inner.who)
        && !inner.invocations.is_empty()
        && inner.invocations.iter().all(|held| {
            let mut calls = outer.invocations.iter().map(|held| &held.call);
            held.call.as_ref().is_some_and(|call| {
                calls.any(|outer| outer.as_ref().is_some_and(|outer| is_same(outer, call)))
            })
        });
    is_same.then_some(match is_recent {
        true => Stands::Thought,
        false => Stands::Nothing,
    })
}

/// Returns when a run was cleared, by its steps or by broken glass, if it has not ended.
fn cleared<'e>(events: impl Iterator<Item = (&'e Moment, &'e Event)>) -> Option<&'e Moment> {
    let mut cleared = None;
    for (at, event) in events {
        match event {
            Event::Cleared { .. } | Event::BrokenGlass { .. } => cleared = Some(at),
            Event::Ended { .. } | Event::NotStarted { .. } | Event::NotCleared { .. } => {
                return None;
            }
            Event::Opened(_)
            | Event::Answered(_)
            | Event::Carried(_)
            | Event::Noted
            | Event::Started { .. }
            | Event::After { .. }
            | Event::Drilled
            | Event::HostStarted { .. } => {}
        }
    }
    cleared
}

/// Returns whether two calls are one. Where one door was given a name and the other the path that it
/// stood for, they may be.
#[must_use]
pub fn is_same(one: &Call, other: &Call) -> bool {
    let is_same_path = one.path.is_empty() || other.path.is_empty() || one.path == other.path;
    one.hash == other.hash && is_same_path
}

/// Returns whether inner calls would be more, with those that ran within already, than the outer line held.
///
/// By whatever path: a name that the outer line called may stand for each of them, not for all.
#[must_use]
pub fn are_more(inner: &[Call], within: &[Call], outer: &[Call]) -> bool {
    inner.iter().any(|call| {
        let used = within.iter().chain(inner);
        let used = used.filter(|other| other.hash == call.hash).count();
        used > outer.iter().filter(|other| is_same(other, call)).count()
    })
}

/// Returns whether the inner asker is the outer one, or root in their place on the same host.
fn is_same_person(outer: &Who, inner: &Who) -> bool {
    if outer.host != inner.host {
        return false;
    }
    match (outer.login_uid, inner.login_uid) {
        (Some(outer), Some(inner)) if outer != inner => return false,
        _ => {}
    }
    outer.uid == inner.uid || (inner.uid == 0 && inner.sudo_uid == Some(outer.uid))
}

/// Returns what makes a held call the same elsewhere; nothing where any of it is not known word by
/// word, or may not be recorded.
pub(super) fn call(asked: &Asked<'_>, number: usize, who: &Who) -> Option<Call> {
    let hit = asked.plan.hits.get(number)?;
    let invocation = &hit.invocation;
    let targets: Option<Vec<String>> = asked.targets(number, &who.host).into_iter().collect();
    let is_plain = !asked.has_secrets()
        && !invocation.guessed
        && invocation.opaque.is_none()
        && invocation.fed == Fed::Nothing
        && !invocation.target.later;
    if !is_plain {
        return None;
    }
    let program = literal(&invocation.program)?;
    let name = program.rsplit('/').next().unwrap_or_default();
    let folder = match &invocation.folder {
        None => who.cwd.clone(),
        Some(Value::Text(folder)) if folder.starts_with('/') => folder.clone(),
        Some(_) => return None,
    };
    if folder.is_empty() {
        return None;
    }
    // Another cluster or account is another call; the values stay out of the record.
    let mut around = asked.surroundings.clone();
    for (name, value) in &invocation.variables {
        match value {
            _ if !says_where(name) => {}
            Value::Text(value) => {
                around.insert(name.clone(), value.clone());
            }
            Value::Unset => {
                around.remove(name);
            }
            Value::List(_) | Value::Either(_) | Value::Unknown => return None,
        }
    }
    let args: Option<Vec<String>> = invocation.args.iter().map(literal).collect();
    // What is printed for debugging is one text for one value, and each text is quoted in it.
    let whole = (
        (env!("CARGO_PKG_VERSION"), name, args?),
        (
            targets?,
            asked.user(number, &who.effective_user),
            folder,
            around,
        ),
        (&hit.rule, &hit.lets, &hit.unknown, &hit.frozen, &hit.seen),
    );
    let mut hash = String::new();
    for byte in Sha256::digest(format!("{whole:?}")) {
        // Writing into a string does not fail.
        let _ = write!(hash, "{byte:02x}");
    }
    let path = match program.starts_with('/') {
        true => program,
        false => String::new(),
    };
    Some(Call { hash, path })
}

/// Returns a word that is known to the byte.
fn literal(word: &Word) -> Option<String> {
    match word.lossy || word.is_pattern() {
        true => None,
        false => word.known(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_by_name_is_good_for_one_path_that_it_may_stand_for() {
        let call = |hash: &str, path: &str| Call {
            hash: hash.to_owned(),
            path: path.to_owned(),
        };
        let [name, one, other] = ["", "/usr/sbin/x", "/sbin/x"].map(|path| call("x", path));
        let is_free = |inner: &Call, within: &[Call], outer: &[Call]| {
            !are_more(std::slice::from_ref(inner), within, outer)
        };
        let outer = [name.clone()];
        assert!(is_free(&one, &[], &outer));
        assert!(!is_free(&other, std::slice::from_ref(&one), &outer));
        assert!(is_free(&other, &[call("y", "")], &outer));
        assert!(is_free(
            &name,
            std::slice::from_ref(&name),
            &[name.clone(), name.clone()]
        ));
        // Held under two paths, none of them is good for the other.
        let two = [one.clone(), other.clone()];
        assert!(is_free(&one, &[], &two));
        assert!(!is_free(&one, std::slice::from_ref(&one), &two));
        assert!(are_more(&two, &[], &outer));
    }
}
