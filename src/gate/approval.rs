//! Approvals: requests of a run for others' yes, and which answers count. Pure.
//!
//! A request names the exact line and a hash of the plan. An approval is one other person's yes to
//! one request, given from their own login after they looked and called for themselves; it ends
//! with its time. Nobody's own counts, root's does not (a role is no person), and each person counts
//! once.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::policy::{StepKind, place};

use super::giver::Approver;
use super::mask;
use super::passage::Asked;
use super::permit::later;
use super::world::{Moment, Who};

/// How long a request is open, and how long an approval holds beside the plan's own waits.
pub const OPEN_FOR: Duration = Duration::from_secs(30 * 60);

/// How many yeses are needed, and of whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// How many.
    pub count: usize,
    /// Only members of this group count; anybody where `None`.
    pub group: Option<String>,
}

/// What a run asks others for; written by the asker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Its id: that of the run and how often it has asked.
    pub id: String,
    /// Who asks.
    pub who: Who,
    /// The line, masked.
    pub line: String,
    /// Rule and target of each hit.
    pub held: Vec<(String, String)>,
    /// Hash of the plan.
    pub hash: String,
    /// What is needed.
    pub needs: Vec<Need>,
    /// Whether it is a drill.
    pub drill: bool,
    /// When it was asked.
    pub made: Moment,
    /// When it ends.
    pub until: DateTime<Utc>,
}

/// One person's no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Who said it.
    pub giver: Approver,
    /// Why.
    pub reason: Reason,
}

impl Refusal {
    /// Returns who said it and why, as it is recorded.
    #[must_use]
    pub fn told(&self) -> String {
        let reason = self.reason.as_str();
        mask::text(&match &self.giver {
            Approver::User(user) => format!("{} ({}) said no: {reason}", user.name, user.person()),
            Approver::Role(name) => format!("{name} (team) said no: {reason}"),
        })
    }
}

/// Why somebody says no: one line, secrets hidden, at most [`Reason::LONGEST`] bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

/// Why something is no reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoReason {
    /// It says nothing.
    Empty,
    /// It is too long.
    TooLong,
}

impl Reason {
    /// The longest one in bytes; the team's store takes no longer one either.
    pub const LONGEST: usize = 4096;

    /// Takes what a person typed.
    ///
    /// # Errors
    /// Where it says nothing, or too much to be kept.
    pub fn of(text: &str) -> Result<Self, NoReason> {
        let text = in_one_line(text);
        match text.len() {
            0 => Err(NoReason::Empty),
            1..=Self::LONGEST => Ok(Self(text)),
            _ => Err(NoReason::TooLong),
        }
    }

    /// Takes what somebody left, by whatever means: a no is one however its reason looks.
    #[must_use]
    pub fn left(text: &str) -> Self {
        let mut text = in_one_line(text);
        text.truncate(text.floor_char_boundary(Self::LONGEST));
        Self(text)
    }

    /// Returns it as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Hides secrets and line breaks.
fn in_one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    mask::text(&lines.collect::<Vec<_>>().join(" "))
}

/// One person's yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Who said it.
    pub giver: Approver,
    /// Groups among those asked for that they are of.
    pub groups: Vec<String>,
    /// The request.
    pub request: String,
    /// Hash of the plan that they saw.
    pub hash: String,
    /// What they called: a probe's id and its value, or the target and its name.
    pub called: (String, String),
    /// When.
    pub made: Moment,
}

/// Returns the hash of what is approved: the line, what its plan asks of whom, who asks and from
/// where, and whether it is a drill. The request is the asker's own file: what an approver is shown
/// of it must be what the waiting gate holds.
#[must_use]
pub fn hash(asked: &Asked<'_>, who: &Who) -> String {
    let here = who.host.as_str();
    let hits: Vec<_> = asked
        .plan
        .hits
        .iter()
        .enumerate()
        .map(|(number, hit)| {
            let user = hit
                .invocation
                .target
                .user
                .as_ref()
                .map(crate::line::Word::shown);
            let place = place::name(&hit.invocation.target);
            // The words as they were understood: a variable stands for what it was.
            let words = hit.invocation.args.iter().map(crate::line::Word::shown);
            let words = std::iter::once(hit.invocation.name.clone()).chain(words);
            let words = mask::text(&words.collect::<Vec<_>>().join(" "));
            let target = asked.target(number, here);
            (&*hit.rule, target, place, user, words, &hit.lets)
        })
        .collect();
    let steps: Vec<_> = asked
        .plan
        .steps
        .iter()
        .map(|step| (&step.kind, step.hit, &step.also))
        .collect();
    // A plan is made of what was read from text, so it has a JSON form. One that had none would be
    // like no other: no approval fits it.
    let text = serde_json::to_string(&(
        &asked.line,
        asked.drill,
        (&who.real_user, &who.effective_user, &who.host, &who.cwd),
        hits,
        steps,
    ));
    let text = text.unwrap_or_else(|_| asked.run.0.clone());
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns what the plan's steps `approve` need that are not passed otherwise.
#[must_use]
pub fn needs(asked: &Asked<'_>, is_passed: &dyn Fn(usize) -> bool) -> Vec<Need> {
    let steps = asked.plan.steps.iter().enumerate();
    let open = steps.filter(|(number, _)| !is_passed(*number));
    open.filter_map(|(_, step)| match &step.kind {
        StepKind::Approve { count, group } => Some(Need {
            count: *count,
            group: group.clone(),
        }),
        _ => None,
    })
    .collect()
}

/// Returns how long an approval of this plan holds.
#[must_use]
pub fn holds_for(asked: &Asked<'_>) -> Duration {
    let waits = asked.plan.steps.iter().filter_map(|step| match step.kind {
        StepKind::Cooldown(time) => Some(time),
        _ => None,
    });
    waits.fold(OPEN_FOR, Duration::saturating_add)
}

/// Returns those of `all` that count for a request: of another person's own login, each person
/// once, for this plan, not too old.
#[must_use]
pub fn that_count(
    all: Vec<Approval>,
    request: &Request,
    who: &Who,
    now: &Moment,
    holds: Duration,
) -> Vec<Approval> {
    let mut counting: Vec<Approval> = Vec::new();
    for approval in all {
        let counts = approval.request == request.id
            && approval.hash == request.hash
            && !approval.giver.is_root()
            && !approval.giver.is_asker(who)
            && age(&approval.made, now).is_none_or(|age| age < holds)
            && !counting
                .iter()
                .any(|other| other.giver.is_same(&approval.giver));
        if counts {
            counting.push(approval);
        }
    }
    counting
}

/// Returns whether `approvals`, all of which count, are what is needed.
#[must_use]
pub fn are_enough(approvals: &[Approval], needs: &[Need]) -> bool {
    needs.iter().all(|need| {
        let fits = |approval: &&Approval| {
            let group = need.group.as_ref();
            group.is_none_or(|group| approval.groups.contains(group))
        };
        approvals.iter().filter(fits).count() >= need.count
    })
}

/// How long ago something was; `None` for what is to come. By the boot clock where it can.
fn age(made: &Moment, now: &Moment) -> Option<Duration> {
    if !now.boot_id.is_empty() && made.boot_id == now.boot_id {
        return now.boot.checked_sub(made.boot);
    }
    (now.utc - made.utc).to_std().ok()
}

impl Request {
    /// Returns whether it is still open.
    #[must_use]
    pub fn is_open(&self, now: &Moment) -> bool {
        now.utc < self.until && age(&self.made, now).is_none_or(|age| age < OPEN_FOR)
    }

    /// Returns when a request made now ends.
    #[must_use]
    pub fn end(now: &Moment) -> DateTime<Utc> {
        later(now.utc, OPEN_FOR)
    }
}

#[cfg(test)]
mod tests {
    use super::super::giver::Giver;
    use super::*;

    fn at(boot: u64) -> Moment {
        Moment {
            utc: "2026-11-27T08:00:00Z".parse::<DateTime<Utc>>().unwrap()
                + Duration::from_secs(boot),
            boot: Duration::from_secs(boot),
            boot_id: "boot-1".to_owned(),
        }
    }

    fn request() -> Request {
        Request {
            id: "run-1".to_owned(),
            who: Who {
                uid: 4002,
                login_uid: Some(4002),
                ..Who::default()
            },
            line: String::new(),
            held: Vec::new(),
            hash: "h".to_owned(),
            needs: Vec::new(),
            drill: false,
            made: at(100),
            until: Request::end(&at(100)),
        }
    }

    fn approval(owner: u32, login: Option<u32>) -> Approval {
        Approval {
            giver: Approver::User(Giver {
                owner,
                login,
                name: String::new(),
            }),
            groups: Vec::new(),
            request: "run-1".to_owned(),
            hash: "h".to_owned(),
            called: ("target".to_owned(), "mx1".to_owned()),
            made: at(200),
        }
    }

    fn count(all: Vec<Approval>) -> usize {
        let request = request();
        that_count(all, &request, &request.who, &at(300), OPEN_FOR).len()
    }

    #[test]
    fn each_other_person_counts_once() {
        assert_eq!(count(vec![approval(4001, None)]), 1);
        assert_eq!(count(vec![approval(4001, None), approval(4003, None)]), 2);
        assert_eq!(count(vec![approval(4001, None), approval(4001, None)]), 1);
        // ann, and ann who became carol.
        let both = vec![approval(4001, None), approval(4003, Some(4001))];
        assert_eq!(count(both), 1);
    }

    #[test]
    fn neither_the_askers_own_nor_roots_counts() {
        for own in [approval(4002, None), approval(4003, Some(4002))] {
            assert_eq!(count(vec![own]), 0);
        }
        for root in [approval(0, None), approval(0, Some(4001))] {
            assert_eq!(count(vec![root]), 0);
        }
    }

    #[test]
    fn an_approval_is_for_one_request_one_plan_and_its_time() {
        let check = |change: fn(&mut Approval)| {
            let mut one = approval(4001, None);
            change(&mut one);
            assert_eq!(count(vec![one.clone()]), 0, "{one:?}");
        };
        check(|one| one.request = "run-2".to_owned());
        check(|one| one.hash = "other".to_owned());
        let request = request();
        let late = at(200 + OPEN_FOR.as_secs());
        let all = vec![approval(4001, None)];
        assert_eq!(
            that_count(all, &request, &request.who, &late, OPEN_FOR).len(),
            0
        );
        assert!(request.is_open(&at(1_000)));
        assert!(!request.is_open(&at(1_900)));
    }

    #[test]
    fn a_group_that_is_asked_for_has_to_answer() {
        let lead = Approval {
            groups: vec!["leads".to_owned()],
            ..approval(4003, None)
        };
        let need = |count, group: Option<&str>| Need {
            count,
            group: group.map(str::to_owned),
        };
        let other = approval(4001, None);
        let needs = [need(1, Some("leads")), need(2, None)];
        assert!(!are_enough(std::slice::from_ref(&other), &needs[..1]));
        assert!(!are_enough(std::slice::from_ref(&lead), &needs));
        assert!(are_enough(&[lead, other], &needs));
        assert!(are_enough(&[], &[]));
    }
}
