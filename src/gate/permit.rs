//! Permits: standing permission given beforehand, and which steps of a plan it stands in for. Pure.
//!
//! A permit covers a hit when rule, target and user fit, it is open, has uses left, and its giver is
//! not the asker. A step is covered when each hit that asks for it is: one rule's permit lifts nothing
//! that another rule demands.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::policy::pattern::Case;
use crate::policy::rule::Risk;
use crate::policy::{Pattern, Plan, PlannedStep, StepKind};

use super::giver::{self, Giver};
use super::passage::Asked;
use super::world::{Moment, Who, Whose};

/// A kind of step that a permit can stand in for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stand {
    /// `checklist`.
    Checklist,
    /// `confirm`, and the one key of risk low.
    Confirm,
    /// `witness`.
    Witness,
    /// `approve`.
    Approve,
    /// `cooldown`.
    Cooldown,
    /// `call`.
    Call,
}

impl Stand {
    /// All of them, in the gate's order.
    pub const ALL: [Self; 6] = [
        Self::Checklist,
        Self::Confirm,
        Self::Witness,
        Self::Approve,
        Self::Cooldown,
        Self::Call,
    ];

    /// Returns its name, as in a rule.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Checklist => "checklist",
            Self::Call => "call",
            Self::Witness => "witness",
            Self::Approve => "approve",
            Self::Cooldown => "cooldown",
        }
    }

    /// Returns the one of this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stand| stand.name() == name)
    }

    /// Returns what a step is to a permit; `None` for what remains whatever is permitted.
    #[must_use]
    pub fn of(kind: &StepKind) -> Option<Self> {
        match kind {
            StepKind::Confirm(_) | StepKind::Key => Some(Self::Confirm),
            StepKind::Checklist(_) => Some(Self::Checklist),
            StepKind::Call { .. } => Some(Self::Call),
            StepKind::Witness { .. } => Some(Self::Witness),
            StepKind::Approve { .. } => Some(Self::Approve),
            StepKind::Cooldown(_) => Some(Self::Cooldown),
            StepKind::Show(_)
            | StepKind::Check { .. }
            | StepKind::Gap { .. }
            | StepKind::Window(_)
            | StepKind::First { .. } => None,
        }
    }
}

/// A permit, read from where it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    /// Its id.
    pub id: String,
    /// Who gave it.
    pub giver: Giver,
    /// Who agreed to it, as the giver wrote.
    pub by: String,
    /// Why, as the giver wrote.
    pub reason: String,
    /// Full ids of rules; one must fit.
    pub rules: Vec<Pattern>,
    /// Targets' names; one must fit.
    pub targets: Vec<Pattern>,
    /// Users who may use it; anybody where empty.
    pub users: Vec<Pattern>,
    /// When it begins.
    pub from: DateTime<Utc>,
    /// When it ends.
    pub until: DateTime<Utc>,
    /// When it was given.
    pub made: Moment,
    /// How often it may be used; any number of times where `None`.
    pub count: Option<u32>,
    /// What it stands in for; all that can be where `None`.
    pub steps: Option<BTreeSet<Stand>>,
    /// Of one in the team's store: how often it was used there. Its giver is known by name.
    pub team_uses: Option<u32>,
}

/// Whether a permit is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It has not begun.
    NotYet,
    /// It counts.
    Open,
    /// It has ended.
    Over,
}

impl Permit {
    /// Returns whether it is open. Within one start of the host the boot clock has a say too: a
    /// wall clock that was set back opens nothing again.
    #[must_use]
    pub fn standing(&self, now: &Moment) -> Standing {
        let same_boot = !now.boot_id.is_empty() && now.boot_id == self.made.boot_id;
        let by_boot = match now.boot.checked_sub(self.made.boot) {
            Some(gone_by) if same_boot => later(self.made.utc, gone_by),
            _ => now.utc,
        };
        if now.utc >= self.until || by_boot >= self.until {
            Standing::Over
        } else if now.utc < self.from {
            Standing::NotYet
        } else {
            Standing::Open
        }
    }

    /// Whether the asker gave it.
    fn is_own(&self, who: &Who) -> bool {
        match self.team_uses {
            Some(_) => giver::is_named(who, &self.giver.name),
            None => self.giver.is_asker(who),
        }
    }

    /// Whether it is for this rule at this target and this asker.
    fn is_for(&self, rule: &str, target: &str, who: &Who) -> bool {
        let any = |patterns: &[Pattern], text: &str, case| {
            patterns.iter().any(|pattern| pattern.fits(text, case))
        };
        let is_user = |name: &String| !name.is_empty() && any(&self.users, name, Case::Counts);
        any(&self.rules, rule, Case::Counts)
            && any(&self.targets, target, Case::Ignored)
            && (self.users.is_empty() || is_user(&who.real_user) || is_user(&who.login_user))
    }

    /// Whether it stands in for this kind of step.
    fn stands_for(&self, stand: Stand) -> bool {
        self.steps
            .as_ref()
            .is_none_or(|steps| steps.contains(&stand))
    }
}

/// A time after another; the last there is where it is beyond it.
pub(super) fn later(time: DateTime<Utc>, by: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(by)
        .ok()
        .and_then(|by| time.checked_add_signed(by))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// Which steps of a plan are permitted, and by what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Covered {
    /// Numbers of steps in the plan.
    steps: BTreeSet<usize>,
    /// The permits that cover them, with what each stands in for in this plan.
    pub used: Vec<(Permit, BTreeSet<Stand>)>,
}

impl Covered {
    /// Returns whether the step with this number is passed by permits.
    #[must_use]
    pub fn has(&self, step: usize) -> bool {
        self.steps.contains(&step)
    }
}

/// A step that no permit covers: rule and target for which one would be needed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// Full id of the rule.
    pub rule: String,
    /// The target.
    pub target: String,
    /// What is asked.
    pub stand: Stand,
}

/// Returns those of `permits` that may count for this asker now. One with a count needs the host's
/// ledger, or the team's store: in one's own, uses could be forgotten.
#[must_use]
pub fn that_count(permits: Vec<Permit>, who: &Who, now: &Moment, whose: Whose) -> Vec<Permit> {
    let counts = |permit: &Permit| {
        permit.standing(now) == Standing::Open
            && !permit.is_own(who)
            && (permit.count.is_none() || permit.team_uses.is_some() || whose == Whose::Hosts)
    };
    permits.into_iter().filter(counts).collect()
}

/// Returns which steps of the plan `permits`, all of which count, cover.
#[must_use]
pub fn cover(asked: &Asked<'_>, who: &Who, permits: &[Permit]) -> Covered {
    let mut covered = Covered::default();
    for (number, step) in asked.plan.steps.iter().enumerate() {
        let Some(stand) = Stand::of(&step.kind) else {
            continue;
        };
        let found: Option<Vec<&Permit>> = hits_of(step, asked.plan)
            .into_iter()
            .map(|hit| for_hit(asked, who, permits, hit, stand))
            .collect();
        let Some(found) = found else { continue };
        covered.steps.insert(number);
        for permit in found {
            match covered.used.iter_mut().find(|(used, _)| used == permit) {
                Some((_, stands)) => {
                    stands.insert(stand);
                }
                None => covered.used.push((permit.clone(), [stand].into())),
            }
        }
    }
    covered
}

/// Returns what is asked of the plan's steps that are not covered, each rule and target once.
#[must_use]
pub fn missing(asked: &Asked<'_>, who: &Who, covered: &Covered) -> BTreeSet<Missing> {
    let steps = asked.plan.steps.iter().enumerate();
    let open = steps.filter(|(number, _)| !covered.has(*number));
    open.filter_map(|(_, step)| Some((step, Stand::of(&step.kind)?)))
        .flat_map(|(step, stand)| {
            let hits = hits_of(step, asked.plan);
            hits.into_iter().map(move |hit| Missing {
                rule: asked.rule(hit).to_owned(),
                target: asked.target(hit, &who.host),
                stand,
            })
        })
        .collect()
}

/// The permit that stands in for a hit's step; one without a count before one with.
fn for_hit<'p>(
    asked: &Asked<'_>,
    who: &Who,
    permits: &'p [Permit],
    hit: usize,
    stand: Stand,
) -> Option<&'p Permit> {
    // It has to be for every target; one that the line does not say may be any, and has none.
    let targets: Option<Vec<String>> = asked.targets(hit, &who.host).into_iter().collect();
    let targets = targets?;
    let is_for = |permit: &&Permit| {
        let rule = asked.rule(hit);
        permit.stands_for(stand) && targets.iter().all(|name| permit.is_for(rule, name, who))
    };
    let fitting = permits.iter().filter(is_for);
    fitting.min_by_key(|permit| permit.count.is_some())
}

/// The hits that ask for a step. Of some kinds the merge leaves one for all.
fn hits_of(step: &PlannedStep, plan: &Plan) -> Vec<usize> {
    let own = || std::iter::once(step.hit).chain(step.also.iter().copied());
    let all_that = |demands: &dyn Fn(&crate::policy::Rule) -> bool| {
        let hits = plan.hits.iter().enumerate();
        let hits = hits
            .filter(|(_, hit)| demands(&hit.rule))
            .map(|(number, _)| number);
        let all: BTreeSet<usize> = hits.chain(own()).collect();
        all.into_iter().collect()
    };
    match &step.kind {
        StepKind::Cooldown(_) => all_that(&|rule| {
            let has_own = |step: &crate::policy::Step| matches!(step.kind, StepKind::Cooldown(_));
            rule.risk == Risk::Critical || rule.steps.iter().any(has_own)
        }),
        StepKind::Approve { .. } => all_that(&|rule| {
            let has_own =
                |step: &crate::policy::Step| matches!(step.kind, StepKind::Approve { .. });
            rule.steps.iter().any(has_own)
        }),
        StepKind::Key => all_that(&|rule| rule.risk == Risk::Low),
        StepKind::Show(_)
        | StepKind::Check { .. }
        | StepKind::Confirm(_)
        | StepKind::Checklist(_)
        | StepKind::Call { .. }
        | StepKind::Gap { .. }
        | StepKind::Window(_)
        | StepKind::First { .. }
        | StepKind::Witness { .. } => own().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permit() -> Permit {
        let utc = |text: &str| text.parse().unwrap();
        Permit {
            id: "a".to_owned(),
            giver: Giver {
                owner: 4001,
                login: None,
                name: "ann".to_owned(),
            },
            by: String::new(),
            reason: String::new(),
            rules: vec![Pattern::parse("reboot.*").unwrap()],
            targets: vec![Pattern::parse("web?").unwrap()],
            users: Vec::new(),
            from: utc("2026-11-27T09:00:00Z"),
            until: utc("2026-11-27T18:00:00Z"),
            made: Moment {
                utc: utc("2026-11-27T08:00:00Z"),
                boot: Duration::from_secs(1_000),
                boot_id: "boot-1".to_owned(),
            },
            count: None,
            steps: None,
            team_uses: None,
        }
    }

    fn now(utc: &str, boot: u64, boot_id: &str) -> Moment {
        Moment {
            utc: utc.parse().unwrap(),
            boot: Duration::from_secs(boot),
            boot_id: boot_id.to_owned(),
        }
    }

    #[test]
    fn a_permit_begins_and_ends() {
        let hour = 3_600;
        for (utc, boot, boot_id, expected) in [
            (
                "2026-11-27T08:59:59Z",
                1_000 + hour - 1,
                "boot-1",
                Standing::NotYet,
            ),
            (
                "2026-11-27T09:00:00Z",
                1_000 + hour,
                "boot-1",
                Standing::Open,
            ),
            (
                "2026-11-27T17:59:59Z",
                1_000 + 10 * hour - 1,
                "boot-1",
                Standing::Open,
            ),
            (
                "2026-11-27T18:00:00Z",
                1_000 + 10 * hour,
                "boot-1",
                Standing::Over,
            ),
            // The date was set back; the boot clock was not.
            (
                "2026-11-27T10:00:00Z",
                1_000 + 11 * hour,
                "boot-1",
                Standing::Over,
            ),
            // After a restart the wall clock is all there is.
            ("2026-11-27T10:00:00Z", 20, "boot-2", Standing::Open),
        ] {
            let now = now(utc, boot, boot_id);
            assert_eq!(permit().standing(&now), expected, "{now:?}");
        }
    }

    #[test]
    fn a_permit_is_for_rules_targets_and_users() {
        let ops = Who {
            real_user: "root".to_owned(),
            login_user: "op7".to_owned(),
            ..Who::default()
        };
        assert!(permit().is_for("reboot.host", "WEB1", &ops));
        assert!(!permit().is_for("mail.flush", "web1", &ops));
        assert!(!permit().is_for("reboot.host", "web11", &ops));
        let mut for_some = permit();
        for_some.users = vec![Pattern::parse("op*").unwrap()];
        assert!(for_some.is_for("reboot.host", "web1", &ops));
        for_some.users = vec![Pattern::parse("ann").unwrap()];
        assert!(!for_some.is_for("reboot.host", "web1", &ops));
    }

    #[test]
    fn what_counts_is_open_anothers_and_can_be_counted() {
        let open = now("2026-11-27T10:00:00Z", 9_000, "boot-1");
        let asker = |uid| Who {
            uid,
            ..Who::default()
        };
        let count = |permit: &Permit, uid, whose| {
            that_count(vec![permit.clone()], &asker(uid), &open, whose).len()
        };
        assert_eq!(count(&permit(), 4002, Whose::Own), 1);
        assert_eq!(count(&permit(), 4001, Whose::Own), 0);
        let mut counted = permit();
        counted.count = Some(2);
        assert_eq!(count(&counted, 4002, Whose::Hosts), 1);
        for whose in [Whose::Own, Whose::OwnBesideHosts] {
            assert_eq!(count(&counted, 4002, whose), 0);
        }
        counted.team_uses = Some(1);
        assert_eq!(count(&counted, 4001, Whose::Own), 1);
    }

    #[test]
    fn a_permit_of_the_team_is_ones_own_under_each_of_ones_names() {
        let permit = Permit {
            team_uses: Some(0),
            ..permit()
        };
        let check = |uid, login_uid, names: [&str; 3], is_own| {
            let [real_user, login_user, sudo_user] = names.map(str::to_owned);
            let who = Who {
                uid,
                login_uid,
                real_user,
                login_user,
                sudo_user,
                ..Who::default()
            };
            assert_eq!(permit.is_own(&who), is_own, "{who:?}");
        };
        check(4001, Some(4001), ["ann", "ann", ""], true);
        check(4001, None, ["Ann", "", ""], true);
        check(4002, Some(4001), ["bob", "ann", ""], true);
        check(0, Some(4001), ["root", "ann", "ann"], true);
        check(0, None, ["root", "", "ann"], true);
        check(4002, Some(4002), ["bob", "bob", ""], false);
        check(0, Some(4002), ["root", "bob", "bob"], false);
        check(0, None, ["root", "", ""], false);
    }
}
