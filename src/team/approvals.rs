//! Requests for others' yes at the store, both ends: what the asker's gate says there, what an approver reads
//! and says.
//!
//! A request travels as one text ([`Body`]) with its hash. An answer names that hash: it stands for the line, the
//! targets, the plan and the screen that were shown, and for nothing else. Each conversation says the
//! same when it is held twice.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row};

use crate::gate::approval::{Reason, Refusal, Request};
use crate::gate::giver::Approver as Giver;
use crate::gate::origin::Origin;
use crate::gate::showing::{Resumed, Shown};
use crate::gate::world::Claim;

use super::address::Address;
use super::connect::{Connection, NoAnswer, PATIENCE};
use super::schema::{self, is_older};
use super::talk::{Parameter, duration, milliseconds};

/// The form of [`Body`] that this program writes; one that is higher is not understood.
const FORM: u32 = 1;

/// How long an answer holds at most while its request waits; the gate that claims it says how long.
const HOLDS: Duration = Duration::from_secs(24 * 60 * 60);

/// What the store says of a request that waits no longer.
const OVER: &str = "KM012";

/// What the store says where another request has the id.
const TAKEN: &str = "KM017";

/// What travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// Its form.
    form: u32,
    /// What is asked, with the hash of line, targets and plan.
    pub request: Request,
    /// What is shown of it.
    pub shown: Shown,
}

impl Body {
    /// Puts together what is sent of a request.
    pub(super) fn new(request: &Request, shown: &Shown) -> Self {
        let mut request = request.clone();
        // Which processes led here is for the asker's own record.
        request.who.origin = Origin::default();
        Self {
            form: FORM,
            request,
            shown: shown.clone(),
        }
    }

    /// Returns its text and the text's hash.
    pub(super) fn sealed(&self) -> (String, String) {
        // It is made of what was read from text, so it has a JSON form.
        let text = serde_json::to_string(self).unwrap_or_default();
        let hash = hash(&text);
        (text, hash)
    }
}

/// Returns the hash of a text in hex digits.
fn hash(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Why a request cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// A newer kanmon asks.
    Newer,
    /// Its text is not the one that its hash is of, or none of kanmon's.
    Damaged,
    /// It is too long to be listed; by its id it can be read.
    Long,
}

/// A request that waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its id.
    pub id: String,
    /// The role of the host that asks.
    pub host: String,
    /// What is asked.
    pub body: Result<Box<Body>, Unread>,
    /// Hash of all that is shown.
    pub hash: String,
    /// How long ago it was asked.
    pub ago: Duration,
    /// How long it is open.
    pub left: Duration,
    /// The roles that said yes.
    pub answered: Vec<String>,
    /// Whether the asker is who asks for it here.
    pub is_own: bool,
    /// Whether it has all its yeses and nothing has run by it.
    pub is_to_run: bool,
}

/// The longest body that is read of a request in a list, in bytes: two hundred hosts' fit into the time.
const LISTED: usize = 1 << 16;

/// Why the store does not take a yes.
#[derive(Debug)]
pub enum NotTaken {
    /// The role is no person who may approve.
    NoPerson,
    /// The request is over, or for something else.
    Over,
    /// It is one's own.
    Own,
    /// Only members of these groups are asked.
    Group(String),
    /// The same person has answered under another name.
    Already,
    /// One has taken one's yes back.
    TakenBack,
    /// The store does not answer.
    NoAnswer(NoAnswer),
}

impl From<NoAnswer> for NotTaken {
    fn from(error: NoAnswer) -> Self {
        match error {
            NoAnswer::Refused { code, message } => match code.as_str() {
                "KM011" => Self::NoPerson,
                OVER => Self::Over,
                "KM013" => Self::Own,
                "KM014" => Self::Group(message),
                "KM015" => Self::Already,
                "KM016" => Self::TakenBack,
                _ => Self::NoAnswer(NoAnswer::Refused { code, message }),
            },
            other => Self::NoAnswer(is_older(other)),
        }
    }
}

/// An approver's end.
#[derive(Debug)]
pub struct Approver {
    address: Address,
    connection: Option<Connection>,
    /// The names under which the approver is known on this host, in lower case.
    names: Vec<String>,
}

impl Approver {
    /// Returns the end of whoever logs in at this address; nothing is opened yet.
    #[must_use]
    pub fn new(address: Address, names: Vec<String>) -> Self {
        Self {
            address,
            connection: None,
            names,
        }
    }

    /// Returns where the store is, for messages.
    #[must_use]
    pub fn store(&self) -> String {
        self.address.shown()
    }

    /// Returns the role that logs in.
    #[must_use]
    pub fn role(&self) -> &str {
        &self.address.user
    }

    /// Returns what waits, of one id or all, the oldest first; then what was approved and has not run. Of all, a
    /// body beyond 64 KiB is left out.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub fn waiting(&mut self, id: Option<&str>) -> Result<Vec<Waiting>, NoAnswer> {
        let names = self.names.clone();
        let told = self.converse(async |client| {
            let parameters: [Parameter<'_>; 2] = [(&id, Type::TEXT), (&names, Type::TEXT_ARRAY)];
            let from = match schema::version(client).await?.minor >= schema::ASKED {
                true => "is_to_run FROM kanmon.asked($1, $2)",
                false => "false FROM kanmon.waiting($1, $2)",
            };
            // What one host puts up may not keep the others' from being read in time.
            let body = match id {
                Some(_) => "body".to_owned(),
                None => format!("CASE WHEN octet_length(body) <= {LISTED} THEN body ELSE '' END"),
            };
            let sql = &format!(
                "SELECT id, host, {body}, hash, age_ms, left_ms, answered, is_own, {from}"
            );
            let rows = client.query_typed(sql, &parameters).await?;
            Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
        });
        told.map_err(is_older)
    }

    /// Says yes to what was shown, after something was called.
    ///
    /// # Errors
    /// Where the store does not take it, or does not answer.
    pub fn say_yes(
        &mut self,
        waiting: &Waiting,
        called: &(String, String),
    ) -> Result<(), NotTaken> {
        let names = self.names.clone();
        let (what, value) = called;
        self.converse(async |client| {
            let parameters: [Parameter<'_>; 5] = [
                (&waiting.id, Type::TEXT),
                (&waiting.hash, Type::TEXT),
                (what, Type::TEXT),
                (value, Type::TEXT),
                (&names, Type::TEXT_ARRAY),
            ];
            let sql = "SELECT kanmon.say_yes($1, $2, $3, $4, $5)";
            client.query_typed(sql, &parameters).await?;
            Ok(())
        })?;
        Ok(())
    }

    /// Says no to what was shown, and why.
    ///
    /// # Errors
    /// As [`say_yes`](Self::say_yes).
    pub fn say_no(&mut self, waiting: &Waiting, reason: &Reason) -> Result<(), NotTaken> {
        let names = self.names.clone();
        let reason = reason.as_str();
        self.converse(async |client| {
            schema::at_least(client, schema::REFUSALS).await?;
            let parameters: [Parameter<'_>; 4] = [
                (&waiting.id, Type::TEXT),
                (&waiting.hash, Type::TEXT),
                (&reason, Type::TEXT),
                (&names, Type::TEXT_ARRAY),
            ];
            let sql = "SELECT kanmon.say_no($1, $2, $3, $4)";
            client.query_typed(sql, &parameters).await?;
            Ok(())
        })?;
        Ok(())
    }

    /// Takes one's yes to a request back, by its id or its run's; returns the request's id, `None` where one
    /// has said no yes to it.
    ///
    /// # Errors
    /// Where it was used, the request is over, or the store does not answer.
    pub fn take_back(&mut self, id: &str) -> Result<Option<String>, NotTaken> {
        Ok(self.converse(async |client| {
            schema::at_least(client, schema::REFUSALS).await?;
            let parameters: [Parameter<'_>; 1] = [(&id, Type::TEXT)];
            let sql = "SELECT kanmon.take_back($1)";
            let row = client.query_typed_one(sql, &parameters).await?;
            Ok(row.try_get(0)?)
        })?)
    }

    /// Holds a conversation. A person waits for it, so it is not cut short by the host's clock.
    fn converse<T>(
        &mut self,
        conversation: impl AsyncFn(&Client) -> Result<T, NoAnswer>,
    ) -> Result<T, NoAnswer> {
        super::connect::converse_over(
            &mut self.connection,
            &self.address,
            || PATIENCE,
            conversation,
        )
    }
}

/// Reads a request that waits.
fn read(row: &Row) -> Result<Waiting, tokio_postgres::Error> {
    let (text, sealed): (String, String) = (row.try_get(2)?, row.try_get(3)?);
    let body = match text.is_empty() {
        true => Err(Unread::Long),
        false => unsealed(&text, &sealed),
    };
    Ok(Waiting {
        id: row.try_get(0)?,
        host: row.try_get(1)?,
        body,
        hash: sealed,
        ago: duration(row.try_get(4)?),
        left: duration(row.try_get(5)?),
        answered: row.try_get(6)?,
        is_own: row.try_get(7)?,
        is_to_run: row.try_get(8)?,
    })
}

/// Reads what travels, where it is what its hash is of.
fn unsealed(text: &str, sealed: &str) -> Result<Box<Body>, Unread> {
    if hash(text) != sealed {
        return Err(Unread::Damaged);
    }
    match serde_json::from_str::<Form>(text) {
        Ok(Form { form }) if form > FORM => Err(Unread::Newer),
        _ => serde_json::from_str(text).map_err(|_| Unread::Damaged),
    }
}

/// The form of a body, before the rest of it is read.
#[derive(Deserialize)]
struct Form {
    form: u32,
}

/// What an approver said, as the asker's gate is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// The role that logged in.
    pub(super) role: String,
    /// The hash of what they were shown.
    pub(super) hash: String,
    /// What they called: a probe's id and its value, or the target and its name.
    pub(super) called: (String, String),
    /// Groups among those asked for that they are of.
    pub(super) groups: Vec<String>,
}

/// Puts a request up; returns whether its id was free.
pub(super) async fn ask(
    client: &Client,
    request: &Request,
    names: &[String],
    text: &str,
    hash: &str,
    open: Duration,
) -> Result<bool, NoAnswer> {
    let counts: Vec<i32> = request
        .needs
        .iter()
        .map(|need| i32::try_from(need.count).unwrap_or(i32::MAX))
        .collect();
    let groups: Vec<&str> = request
        .needs
        .iter()
        .map(|need| need.group.as_deref().unwrap_or_default())
        .collect();
    let run = request.id.rsplit_once('-').map_or("", |(run, _)| run);
    let open = milliseconds(open);
    let parameters: [Parameter<'_>; 8] = [
        (&request.id, Type::TEXT),
        (&run, Type::TEXT),
        (&names, Type::TEXT_ARRAY),
        (&text, Type::TEXT),
        (&hash, Type::TEXT),
        (&counts, Type::INT4_ARRAY),
        (&groups, Type::TEXT_ARRAY),
        (&open, Type::INT8),
    ];
    let sql = "SELECT kanmon.ask($1, $2, $3, $4, $5, $6, $7, $8)";
    let done = client.query_typed(sql, &parameters).await;
    match done.map_err(NoAnswer::from) {
        Ok(_) => Ok(true),
        Err(error) if error.is_refusal(TAKEN) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Says that the gate is there, and returns who said yes.
pub(super) async fn look_after(
    client: &Client,
    id: &str,
    names: &[String],
) -> Result<Vec<Said>, NoAnswer> {
    let holds = milliseconds(HOLDS);
    let parameters: [Parameter<'_>; 3] = [
        (&id, Type::TEXT),
        (&names, Type::TEXT_ARRAY),
        (&holds, Type::INT8),
    ];
    let sql = "SELECT role, hash, what, called, groups FROM kanmon.look_after($1, $2, $3)";
    let rows = client.query_typed(sql, &parameters).await?;
    let read = |row: &Row| -> Result<Said, tokio_postgres::Error> {
        Ok(Said {
            role: row.try_get(0)?,
            hash: row.try_get(1)?,
            called: (row.try_get(2)?, row.try_get(3)?),
            groups: row.try_get(4)?,
        })
    };
    Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
}

/// Returns who said no to a request, and why; older tables know no such thing.
pub(super) async fn refused(client: &Client, id: &str) -> Result<Option<Refusal>, NoAnswer> {
    let parameters: [Parameter<'_>; 1] = [(&id, Type::TEXT)];
    let sql = "SELECT role, reason FROM kanmon.refused($1)";
    let refused = client.query_typed_opt(sql, &parameters);
    let Some(Some(row)) = schema::asked_of(client, schema::REFUSALS, refused).await? else {
        return Ok(None);
    };
    Ok(Some(Refusal {
        giver: Giver::Role(row.try_get(0)?),
        reason: Reason::left(row.try_get(1)?),
    }))
}

/// Lets a request wait on without its gate; returns whether it still waits.
pub(super) async fn put_aside(client: &Client, id: &str) -> Result<bool, NoAnswer> {
    let parameters: [Parameter<'_>; 1] = [(&id, Type::TEXT)];
    let sql = "SELECT kanmon.put_aside($1)";
    let done = client.query_typed(sql, &parameters).await;
    match done.map_err(NoAnswer::from) {
        Ok(_) => Ok(true),
        Err(NoAnswer::Refused { code, .. }) if code == OVER => Ok(false),
        Err(error) => Err(error),
    }
}

/// Returns a request that an asker of these names put aside, where it still waits.
pub(super) async fn left_behind(
    client: &Client,
    id: &str,
    names: &[String],
) -> Result<Option<Resumed>, NoAnswer> {
    let parameters: [Parameter<'_>; 2] = [(&id, Type::TEXT), (&names, Type::TEXT_ARRAY)];
    let sql = "SELECT body, hash FROM kanmon.left_behind($1, $2)";
    let Some(row) = client.query_typed_opt(sql, &parameters).await? else {
        return Ok(None);
    };
    let (text, sealed): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    // One that cannot be read is none: the line is asked for anew where it is typed.
    Ok(unsealed(&text, &sealed).ok().map(|body| Resumed {
        request: body.request,
        shown: body.shown,
        hash: sealed,
    }))
}

/// Takes up a request that was put aside; returns whether it still waited. Taken up once more by the same
/// conversation it says the same.
pub(super) async fn take_up(
    client: &Client,
    resumed: &Resumed,
    names: &[String],
) -> Result<bool, NoAnswer> {
    let parameters: [Parameter<'_>; 3] = [
        (&resumed.request.id, Type::TEXT),
        (&resumed.hash, Type::TEXT),
        (&names, Type::TEXT_ARRAY),
    ];
    let sql = "SELECT kanmon.take_up($1, $2, $3)";
    let row = client.query_typed_one(sql, &parameters).await?;
    Ok(row.try_get(0)?)
}

/// Takes a request down.
pub(super) async fn withdraw(client: &Client, id: &str) -> Result<(), NoAnswer> {
    let parameters: [Parameter<'_>; 1] = [(&id, Type::TEXT)];
    let sql = "SELECT kanmon.withdraw($1)";
    client.query_typed(sql, &parameters).await?;
    Ok(())
}

/// Uses a request's answers up for a run; returns whether there were enough that count.
pub(super) async fn claim(
    client: &Client,
    claim: &Claim<'_>,
    hash: &str,
    names: &[String],
) -> Result<bool, NoAnswer> {
    let holds = milliseconds(claim.holds);
    let parameters: [Parameter<'_>; 5] = [
        (&claim.request.id, Type::TEXT),
        (&claim.run.0, Type::TEXT),
        (&hash, Type::TEXT),
        (&names, Type::TEXT_ARRAY),
        (&holds, Type::INT8),
    ];
    let sql = "SELECT kanmon.claim_request($1, $2, $3, $4, $5)";
    let row = client.query_typed_one(sql, &parameters).await?;
    Ok(row.try_get(0)?)
}

/// Returns who may answer: of a group, or of '' all.
pub(super) async fn approvers(
    client: &Client,
    group: &str,
    names: &[String],
) -> Result<Vec<String>, NoAnswer> {
    let parameters: [Parameter<'_>; 2] = [(&group, Type::TEXT), (&names, Type::TEXT_ARRAY)];
    let sql = "SELECT name FROM kanmon.approvers($1, $2)";
    let rows = client.query_typed(sql, &parameters).await?;
    Ok(rows
        .iter()
        .map(|row| row.try_get(0))
        .collect::<Result<_, _>>()?)
}
