//! Permits as files: how they are written and read back.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, Utc};
use nix::unistd::geteuid;
use serde::{Deserialize, Serialize};

use crate::context::users;
use crate::gate::approval::{Approval, Reason, Refusal, Request};
use crate::gate::giver::Giver;
use crate::gate::permit::{Permit, Stand};
use crate::gate::showing::Shown;
use crate::gate::world::{NotAsked, Whom};
use crate::gate::{Given, Moment, Who};
use crate::ledger::host;
use crate::policy::Pattern;

use super::approvals::{self, Waiting};
use super::store::{Owned, Store, StoreError};

/// How names of permits' files begin.
const KIND: &str = "permit";

/// The version of the form that is written.
const VERSION: u32 = 1;

/// A permit as it stands in its file.
// A key that is not known may narrow it: such a file does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPermit {
    /// Version of the form.
    version: u32,
    /// Its id, which its file's name repeats.
    pub id: String,
    /// Patterns of rules.
    pub rules: Vec<String>,
    /// Patterns of targets.
    pub targets: Vec<String>,
    /// Patterns of users; anybody where empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
    /// When it begins.
    pub from: DateTime<Utc>,
    /// When it ends.
    pub until: DateTime<Utc>,
    /// Who agreed.
    pub by: String,
    /// Why.
    pub reason: String,
    /// How often it may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// What it stands in for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<BTreeSet<Stand>>,
    /// When it was given.
    pub made: Moment,
    /// Number of who had logged in when it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<u32>,
}

impl NewPermit {
    /// Returns one that is for nothing yet.
    #[must_use]
    pub fn new(id: String, until: DateTime<Utc>, made: Moment, login: Option<u32>) -> Self {
        Self {
            version: VERSION,
            id,
            rules: Vec::new(),
            targets: Vec::new(),
            users: Vec::new(),
            from: made.utc,
            until,
            by: String::new(),
            reason: String::new(),
            count: None,
            steps: None,
            made,
            login,
        }
    }
}

/// A permit's file.
#[derive(Debug)]
pub struct Found {
    /// The permit, or why the file does not count.
    pub permit: Result<Permit, String>,
}

/// The permits of this host.
#[derive(Debug, Clone)]
pub struct GivenFiles {
    store: Store,
}

impl GivenFiles {
    /// Returns those of this host.
    #[must_use]
    pub fn of_this_host() -> Self {
        Self::at(Path::new(host::HOST))
    }

    /// Returns those of the host's place at another path.
    #[must_use]
    pub fn at(host: &Path) -> Self {
        Self {
            store: Store::at(&host::given(host)),
        }
    }

    /// Reads all permits, those too whose files do not count.
    ///
    /// # Errors
    /// Where the folder is not there or cannot be trusted.
    pub fn all_permits(&self) -> Result<Vec<Found>, StoreError> {
        let files = self.store.all(KIND)?.into_iter();
        let found = files.map(|file| Found {
            permit: file
                .map_err(|error| error.to_string())
                .and_then(|owned| read(&owned)),
        });
        Ok(found.collect())
    }

    /// Gives a permit.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn give(&self, permit: &NewPermit) -> Result<(), StoreError> {
        let text = serde_json::to_string_pretty(permit).unwrap_or_default();
        self.store.put(&file_name(&permit.id), &text)
    }

    /// Takes a permit back; only its giver and root can.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn revoke(&self, id: &str) -> Result<(), StoreError> {
        self.store.take_away(&file_name(id))
    }
}

/// Requests and approvals.
impl GivenFiles {
    /// Returns the requests that can be read, whether they are open or not.
    ///
    /// # Errors
    /// Where the folder is not there or cannot be trusted.
    pub fn requests(&self) -> Result<Vec<Waiting>, StoreError> {
        approvals::requests(&self.store)
    }

    /// Says this user's yes to a request, after what they called; `login` is who had logged in.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn approve(
        &self,
        request: &Request,
        called: (String, String),
        now: &Moment,
        login: Option<u32>,
    ) -> Result<(), StoreError> {
        let own = geteuid().as_raw();
        approvals::tidy(&self.store, own, now);
        approvals::approve(&self.store, request, called, now.clone(), (own, login))
    }

    /// Puts this user's no to a request in; returns whether it still counts: a request that is used up is gone.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn refuse(
        &self,
        request: &Request,
        reason: &Reason,
        now: &Moment,
        login: Option<u32>,
    ) -> Result<bool, StoreError> {
        let own = geteuid().as_raw();
        approvals::tidy(&self.store, own, now);
        approvals::refuse(&self.store, request, reason, now.clone(), (own, login))
    }

    /// Takes this user's yes to a request back; returns whether there was one.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn take_back(&self, id: &str) -> Result<bool, StoreError> {
        approvals::take_back(&self.store, id, geteuid().as_raw())
    }
}

impl Given for GivenFiles {
    fn permits(&mut self) -> Vec<Permit> {
        // What cannot be trusted permits nothing; `kanmonctl permit list` says why.
        let all = self.all_permits().unwrap_or_default().into_iter();
        all.filter_map(|found| found.permit.ok()).collect()
    }

    fn ask(&mut self, request: &Request, _shown: &Shown) -> Result<bool, NotAsked> {
        let asked = approvals::ask(&self.store, request);
        match asked {
            Ok(()) => Ok(true),
            Err(error) => Err(NotAsked::Host(error.to_string())),
        }
    }

    fn approvals(&mut self, request: &Request) -> Vec<Approval> {
        approvals::of_request(&self.store, request)
    }

    fn refusal(&mut self, request: &Request) -> Result<Option<Refusal>, NotAsked> {
        let refusal = approvals::refusal(&self.store, request);
        refusal.map_err(NotAsked::Unread)
    }

    fn withdraw(&mut self, request: &str) {
        // One that is left ends with its time.
        let _left = approvals::withdraw(&self.store, request);
    }

    fn whom(&mut self, group: Option<&str>, _who: &Who) -> Whom {
        Whom {
            names: group.map(users::members).unwrap_or_default(),
            is_team: false,
        }
    }
}

/// The name of a permit's file.
fn file_name(id: &str) -> String {
    format!("{KIND}-{id}")
}

/// Reads a permit from its file.
fn read(owned: &Owned) -> Result<Permit, String> {
    let wrong = |why: &str| format!("`{}` does not count: {why}", owned.name);
    let file: NewPermit =
        serde_json::from_str(&owned.text).map_err(|error| wrong(&error.to_string()))?;
    if file.version != VERSION {
        return Err(wrong("another version of kanmon wrote it"));
    }
    if file_name(&file.id) != owned.name {
        return Err(wrong("its name is not that of its id"));
    }
    let patterns = |texts: &[String]| {
        let parsed = texts.iter().map(|text| Pattern::parse(text));
        parsed
            .collect::<Result<Vec<Pattern>, _>>()
            .map_err(|error| wrong(&error.to_string()))
    };
    let giver = Giver {
        owner: owned.owner,
        login: file.login,
        name: String::new(),
    };
    Ok(Permit {
        rules: patterns(&file.rules)?,
        targets: patterns(&file.targets)?,
        users: patterns(&file.users)?,
        giver: Giver {
            name: users::user_name(giver.person()),
            ..giver
        },
        id: file.id,
        by: file.by,
        reason: file.reason,
        from: file.from,
        until: file.until,
        made: file.made,
        count: file.count,
        steps: file.steps,
        team_uses: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(change: impl FnOnce(&mut serde_json::Value)) -> Owned {
        let made = Moment {
            utc: "2026-11-27T08:00:00Z".parse().unwrap(),
            boot: std::time::Duration::from_secs(1),
            boot_id: "boot-1".to_owned(),
        };
        let until = "2026-11-27T18:00:00Z".parse().unwrap();
        let mut permit = NewPermit::new("a".to_owned(), until, made, Some(4002));
        permit.rules = vec!["reboot.*".to_owned()];
        permit.targets = vec!["web1".to_owned()];
        permit.steps = Some([Stand::Call].into());
        let mut value = serde_json::to_value(&permit).unwrap();
        change(&mut value);
        Owned {
            name: "permit-a".to_owned(),
            owner: 0,
            text: value.to_string(),
        }
    }

    #[test]
    fn a_permit_is_read_back() {
        let permit = read(&file(|_| {})).unwrap();
        assert_eq!(permit.id, "a");
        assert_eq!(permit.rules, [Pattern::parse("reboot.*").unwrap()]);
        assert_eq!(permit.steps, Some([Stand::Call].into()));
        assert_eq!((permit.giver.owner, permit.giver.login), (0, Some(4002)));
    }

    #[test]
    fn what_is_not_wholly_understood_does_not_count() {
        let check = |change: fn(&mut serde_json::Value), expected: &str| {
            let why = read(&file(change)).unwrap_err();
            assert!(why.contains(expected), "{why}");
        };
        check(
            |value| value["only"] = "night".into(),
            "unknown field `only`",
        );
        check(|value| value["version"] = 2.into(), "another version");
        check(
            |value| value["id"] = "b".into(),
            "its name is not that of its id",
        );
        check(
            |value| value["rules"] = vec!["re:("].into(),
            "does not count",
        );
        check(
            |value| value["steps"] = vec!["gap"].into(),
            "unknown variant `gap`",
        );
        check(|value| value["count"] = (-1).into(), "does not count");
    }
}
