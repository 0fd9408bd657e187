//! Requests and approvals as files: how they are written and read back.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::context::users;
use crate::gate::Moment;
use crate::gate::approval::{Approval, Refusal, Request};
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
/// Where it cannot be written: a second yes of one user too.
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
    store.put(&format!("{APPROVAL}-{}-{owner}", request.id), &text)
}

/// Takes this user's yes to a request away; returns whether there was one.
///
/// # Errors
/// Where the system refuses.
pub(super) fn take_back(store: &Store, id: &str, owner: u32) -> Result<bool, StoreError> {
    let name = format!("{APPROVAL}-{id}-{owner}");
    let is_there = store
        .all(&format!("{APPROVAL}-{id}"))?
        .into_iter()
        .flatten()
        .any(|owned| owned.name == name);
    if is_there {
        store.take_away(&name)?;
    }
    Ok(is_there)
}

/// Puts this user's no to a request in.
///
/// # Errors
/// Where it cannot be written: a second no of one user too.
pub(super) fn refuse(
    store: &Store,
    request: &Request,
    reason: &str,
    made: Moment,
    giver: (u32, Option<u32>),
) -> Result<(), StoreError> {
    let (owner, login) = giver;
    let said = SaidNo {
        request: request.id.clone(),
        hash: request.hash.clone(),
        reason: reason.to_owned(),
        made,
        login,
    };
    let text = serde_json::to_string(&said).unwrap_or_default();
    store.put(&format!("{REFUSAL}-{}-{owner}", request.id), &text)
}

/// Returns the first no to a request by somebody else than its asker.
pub(super) fn refusal(store: &Store, request: &Request) -> Option<Refusal> {
    let files = store.all(&format!("{REFUSAL}-{}", request.id)).ok()?;
    files.into_iter().flatten().find_map(|owned| {
        let said: SaidNo = serde_json::from_str(&owned.text).ok()?;
        let giver = Giver {
            owner: owned.owner,
            login: said.login,
            name: users::user_name(owned.owner),
        };
        let is_this = said.request == request.id && said.hash == request.hash;
        (is_this && !giver.is_asker(&request.who)).then_some(Refusal {
            giver: Approver::User(giver),
            reason: said.reason,
        })
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
