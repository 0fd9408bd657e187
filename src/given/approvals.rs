//! Requests and answers as files: how they are written and read back.
//!
//! A yes that does not count only keeps a run waiting, so what cannot be read is none. A no is the other way
//! round: whatever has the name of one and cannot be read stands in the way. Whoever may put a file there can so
//! hold a request up, as they can by a no that is well; the screen names the file, and each request has an id of
//! its own.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::context::users;
use crate::gate::Moment;
use crate::gate::approval::{Approval, Reason, Refusal, Request};
use crate::gate::giver::{Approver, Giver};

use super::store::{Owned, Store, StoreError};

/// How names of requests' files begin.
const REQUEST: &str = "request";

/// How names of approvals' files begin.
const APPROVAL: &str = "approval";

/// How names of refusals' files begin.
const REFUSAL: &str = "refusal";

/// A no as it stands in its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SaidNo {
    /// The request.
    request: String,
    /// Hash of the plan.
    hash: String,
    /// Why.
    reason: String,
    /// When.
    made: Moment,
    /// Number of who had logged in.
    login: Option<u32>,
}

/// An approval as it stands in its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    /// The request.
    request: String,
    /// Hash of the plan.
    hash: String,
    /// What was called.
    called: (String, String),
    /// When.
    made: Moment,
    /// Number of who had logged in.
    login: Option<u32>,
}

/// A request and whose file it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The request.
    pub request: Request,
    /// Owner of the file.
    pub owner: u32,
}

/// Returns the requests that can be read, whether they are open or not.
///
/// # Errors
/// Where the folder is not there or cannot be trusted.
pub(super) fn requests(store: &Store) -> Result<Vec<Waiting>, StoreError> {
    let files = store.all(REQUEST)?.into_iter().flatten();
    Ok(files.filter_map(|owned| read_request(&owned)).collect())
}

/// Puts a request in.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn ask(store: &Store, request: &Request) -> Result<(), StoreError> {
    let text = serde_json::to_string(request).unwrap_or_default();
    store.put(&request_name(&request.id), &text)
}

/// Takes a request away.
///
/// # Errors
/// Where the system refuses.
pub(super) fn withdraw(store: &Store, id: &str) -> Result<(), StoreError> {
    store.take_away(&request_name(id))
}

/// Puts this user's yes to a request in.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn approve(
    store: &Store,
    request: &Request,
    called: (String, String),
    made: Moment,
    giver: (u32, Option<u32>),
) -> Result<(), StoreError> {
    let (owner, login) = giver;
    let said = Said {
        request: request.id.clone(),
        hash: request.hash.clone(),
        called,
        made,
        login,
    };
    let text = serde_json::to_string(&said).unwrap_or_default();
    store.put(&answer_name(APPROVAL, request, owner), &text)
}

/// Takes this user's yes to a request away; returns whether there was one.
///
/// # Errors
/// Where the system refuses.
pub(super) fn take_back(store: &Store, id: &str, owner: u32) -> Result<bool, StoreError> {
    let files = store.all(&format!("{APPROVAL}-{id}"))?;
    let mut was_there = false;
    for owned in files.into_iter().flatten() {
        if owned.owner == owner {
            store.take_away(&owned.name)?;
            was_there = true;
        }
    }
    Ok(was_there)
}

/// Puts this user's no to a request in; returns whether the request is there after that. The gate takes it away
/// before it looks for a no the last time, so that one of the two sees the other.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn refuse(
    store: &Store,
    request: &Request,
    reason: &Reason,
    made: Moment,
    giver: (u32, Option<u32>),
) -> Result<bool, StoreError> {
    let (owner, login) = giver;
    let said = SaidNo {
        request: request.id.clone(),
        hash: request.hash.clone(),
        reason: reason.as_str().to_owned(),
        made,
        login,
    };
    let text = serde_json::to_string(&said).unwrap_or_default();
    let name = answer_name(REFUSAL, request, owner);
    store.put(&name, &text)?;
    let is_there = requests(store)?
        .iter()
        .any(|waiting| waiting.request.id == request.id);
    if !is_there {
        store.take_away(&name)?;
    }
    Ok(is_there)
}

/// Returns the first no to a request, of whoever may put files here: an asker's own ends their own request.
///
/// Which plan it names is not asked: the request, and so the hash in it, is the asker's file.
///
/// # Errors
/// Where no file is a no, and one that may be cannot be read: why, and whose it is.
pub(super) fn refusal(store: &Store, request: &Request) -> Result<Option<Refusal>, String> {
    let mut unread = None;
    let files = store.all(&format!("{REFUSAL}-{}", request.id));
    for file in files.map_err(|error| error.to_string())? {
        match file.and_then(|owned| read_refusal(store, &owned, request)) {
            Ok(refusal) => return Ok(Some(refusal)),
            // It was taken away since its name was read.
            Err(error) if error.is_gone() => {}
            Err(error) => unread = unread.or(Some(error)),
        }
    }
    let Some(error) = unread else {
        return Ok(None);
    };
    Err(match store.owner_of(&error) {
        Some(owner) => format!("{error}; the file is {}'s", users::user_name(owner)),
        None => error.to_string(),
    })
}

/// Reads a no.
fn read_refusal(store: &Store, owned: &Owned, request: &Request) -> Result<Refusal, StoreError> {
    let wrong = |why| StoreError::File {
        path: store.path(&owned.name),
        why,
    };
    let said: SaidNo =
        serde_json::from_str(&owned.text).map_err(|_| wrong("it is no answer of kanmon's"))?;
    let named = owned
        .name
        .strip_prefix(&format!("{REFUSAL}-{}-", request.id));
    let named = named.and_then(|rest| rest.split('-').next());
    if said.request != request.id || named != Some(owned.owner.to_string().as_str()) {
        return Err(wrong("its name is not that of its owner and request"));
    }
    Ok(Refusal {
        giver: Approver::User(Giver {
            owner: owned.owner,
            login: said.login,
            name: users::user_name(owned.owner),
        }),
        reason: Reason::left(&said.reason),
    })
}

/// Returns the approvals of a request, whether they count or not.
pub(super) fn of_request(store: &Store, request: &Request) -> Vec<Approval> {
    let files = store.all(&format!("{APPROVAL}-{}", request.id));
    let files = files.unwrap_or_default().into_iter().flatten();
    files.filter_map(|owned| read(&owned, request)).collect()
}

/// Takes away this user's answers that are a day old: no run can be passed by them any more.
pub(super) fn tidy(store: &Store, own: u32, now: &Moment) {
    let all = [APPROVAL, REFUSAL].map(|kind| store.all(kind).unwrap_or_default());
    for owned in all.into_iter().flatten().flatten() {
        let made = serde_json::from_str::<Said>(&owned.text).map(|said| said.made);
        let made =
            made.or_else(|_| serde_json::from_str::<SaidNo>(&owned.text).map(|said| said.made));
        let is_old = made.is_ok_and(|made| now.utc - made.utc > TimeDelta::days(1));
        if owned.owner == own && is_old {
            // What cannot be taken away only takes room.
            let _left = store.take_away(&owned.name);
        }
    }
}

/// The name of a request's file.
fn request_name(id: &str) -> String {
    format!("{REQUEST}-{id}")
}

/// The name of a new answer's file, which nobody can have taken: whoever has one that is known beforehand keeps
/// its owner from answering.
fn answer_name(kind: &str, request: &Request, owner: u32) -> String {
    let random = RandomState::new().build_hasher().finish();
    format!("{kind}-{}-{owner}-{random:016x}", request.id)
}

/// Reads a request.
fn read_request(owned: &Owned) -> Option<Waiting> {
    let request: Request = serde_json::from_str(&owned.text).ok()?;
    (request_name(&request.id) == owned.name).then_some(Waiting {
        request,
        owner: owned.owner,
    })
}

/// Reads an approval.
fn read(owned: &Owned, request: &Request) -> Option<Approval> {
    let said: Said = serde_json::from_str(&owned.text).ok()?;
    let giver = Giver {
        owner: owned.owner,
        login: said.login,
        name: users::user_name(owned.owner),
    };
    let groups = request.needs.iter().filter_map(|need| need.group.clone());
    Some(Approval {
        groups: groups
            .filter(|group| users::is_member(owned.owner, group))
            .collect(),
        giver: Approver::User(giver),
        request: said.request,
        hash: said.hash,
        called: said.called,
        made: said.made,
    })
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "files are put where others could put them"
)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
    use std::time::Duration;

    use nix::unistd::geteuid;
    use tempfile::TempDir;

    use crate::gate::Who;

    use super::*;

    const ASKER: u32 = 4001;
    const OTHER: u32 = 4002;

    fn moment() -> Moment {
        Moment {
            utc: "2026-11-27T08:00:00Z".parse().unwrap(),
            boot: Duration::from_secs(1),
            boot_id: "boot-1".to_owned(),
        }
    }

    /// A request, and the folder where this process can make anybody's files.
    fn made() -> Option<(TempDir, Store, Request)> {
        if !geteuid().is_root() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("given");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o3775)).unwrap();
        let request = Request {
            id: "run-1".to_owned(),
            who: Who {
                uid: ASKER,
                // Proves nothing: the asker wrote it.
                sudo_uid: Some(OTHER),
                ..Who::default()
            },
            line: "reboot".to_owned(),
            held: Vec::new(),
            hash: "plan".to_owned(),
            needs: Vec::new(),
            drill: false,
            until: Request::end(&moment()),
            made: moment(),
        };
        let store = Store::at(&path);
        // A no is said to what still waits.
        ask(&store, &request).unwrap();
        Some((folder, store, request))
    }

    /// Says somebody's no; returns the name of its file.
    fn no(store: &Store, request: &Request, owner: u32) -> String {
        let reason = Reason::of("not tonight").unwrap();
        let before = names(store);
        let is_said = refuse(store, request, &reason, moment(), (owner, None));
        assert!(is_said.unwrap());
        let name = names(store).into_iter().find(|name| !before.contains(name));
        let name = name.unwrap();
        chown(store.path(&name), Some(owner), None).unwrap();
        name
    }

    fn names(store: &Store) -> Vec<String> {
        let folder = store.path("x");
        let all = fs::read_dir(folder.parent().unwrap()).unwrap();
        let names = all.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let names = names.filter_map(|name| Some(name.strip_suffix(".json")?.to_owned()));
        names.collect()
    }

    /// Who said no, or why that cannot be told.
    fn told(store: &Store, request: &Request) -> Result<Option<u32>, String> {
        let refusal = refusal(store, request)?;
        Ok(refusal.map(|refusal| match refusal.giver {
            Approver::User(giver) => giver.owner,
            Approver::Role(name) => panic!("{name}"),
        }))
    }

    #[test]
    fn nobody_keeps_a_no_out_by_taking_its_name() {
        let Some((_folder, store, request)) = made() else {
            return;
        };
        for uid in 4000..4010 {
            for name in [
                format!("refusal-run-1-{uid}.json"),
                format!(".new-refusal-run-1-{uid}"),
            ] {
                let path = store.path("x").with_file_name(name);
                fs::write(&path, "").unwrap();
                chown(&path, Some(ASKER), None).unwrap();
            }
        }
        let why = told(&store, &request).unwrap_err();
        assert!(why.contains("no answer of kanmon's"), "{why}");
        no(&store, &request, OTHER);
        assert_eq!(told(&store, &request), Ok(Some(OTHER)));
        no(&store, &request, OTHER);
    }

    #[test]
    fn a_no_counts_whatever_the_asker_claims() {
        let Some((_folder, store, mut request)) = made() else {
            return;
        };
        assert_eq!(told(&store, &request), Ok(None));
        let shown = std::mem::replace(&mut request.hash, "what the asker wrote over it".to_owned());
        no(&store, &request, OTHER);
        request.hash = shown;
        assert_eq!(told(&store, &request), Ok(Some(OTHER)));
        request.id = "run-10".to_owned();
        assert_eq!(told(&store, &request), Ok(None));
    }

    #[test]
    fn what_may_be_a_no_and_cannot_be_read_stands_in_the_way() {
        let Some((_folder, store, request)) = made() else {
            return;
        };
        let with = |file: &std::path::Path, key: &str, value: &str| {
            let text = fs::read_to_string(file).unwrap();
            let mut said: serde_json::Value = serde_json::from_str(&text).unwrap();
            said[key] = value.into();
            fs::write(file, said.to_string()).unwrap();
        };
        type Break<'b> = &'b dyn Fn(&std::path::Path);
        let cases: [(Break<'_>, &str); 9] = [
            (
                &|file| fs::write(file, "").unwrap(),
                "no answer of kanmon's",
            ),
            (
                &|file| with(file, "reason", &"x".repeat(70_000)),
                "it is too long",
            ),
            (
                &|file| fs::write(file, b"\xff").unwrap(),
                "did not contain valid UTF-8",
            ),
            (
                &|file| fs::hard_link(file, file.with_file_name("other")).unwrap(),
                "it has a second name",
            ),
            (
                &|file| fs::set_permissions(file, Permissions::from_mode(0o664)).unwrap(),
                "others than its owner can write it",
            ),
            (
                &|file| {
                    fs::remove_file(file).unwrap();
                    symlink("/nowhere", file).unwrap();
                },
                "os error 40",
            ),
            (
                &|file| {
                    fs::remove_file(file).unwrap();
                    fs::create_dir(file).unwrap();
                },
                "it is no regular file",
            ),
            (
                &|file| chown(file, Some(4003), None).unwrap(),
                "its name is not that of its owner",
            ),
            (
                &|file| with(file, "request", "run-2"),
                "its name is not that of its owner and request",
            ),
        ];
        for (breaks, expected) in cases {
            let name = no(&store, &request, OTHER);
            breaks(&store.path(&name));
            let why = told(&store, &request).unwrap_err();
            assert!(
                why.contains(expected) && why.contains("; the file is "),
                "{why}"
            );
            // One that can be read is told before it.
            let well = no(&store, &request, 4004);
            assert_eq!(told(&store, &request), Ok(Some(4004)), "{expected}");
            for name in [name, well] {
                let path = store.path(&name);
                let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
            }
            let _ = fs::remove_file(store.path("x").with_file_name("other"));
            assert_eq!(told(&store, &request), Ok(None), "{expected}");
        }
        let folder = store.path("x").with_file_name("");
        fs::set_permissions(&folder, Permissions::from_mode(0o2775)).unwrap();
        let why = told(&store, &request).unwrap_err();
        assert!(why.contains("has mode 2775"), "{why}");
    }

    #[test]
    fn a_yes_is_said_and_taken_back_whatever_names_are_taken() {
        let Some((_folder, store, request)) = made() else {
            return;
        };
        let root = geteuid().as_raw();
        let taken = store.path(&format!("approval-run-1-{root}"));
        fs::write(&taken, "").unwrap();
        chown(&taken, Some(ASKER), None).unwrap();
        let called = ("target".to_owned(), "web1".to_owned());
        approve(&store, &request, called, moment(), (root, None)).unwrap();
        assert_eq!(of_request(&store, &request).len(), 1);
        assert_eq!(take_back(&store, "run-1", root).map_err(drop), Ok(true));
        assert_eq!(of_request(&store, &request), []);
        assert_eq!(take_back(&store, "run-1", root).map_err(drop), Ok(false));
    }
}
