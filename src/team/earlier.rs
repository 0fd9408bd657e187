//! Whether the same invocation was run before, on whatever host: what `rerun` and `declined` ask.
//!
//! It is asked while the line is judged, of which nothing is recorded yet, so over a connection of its own, and
//! only where a rule asks and everything else of it fits.

use std::time::Duration;

use tokio_postgres::types::Type;

use crate::gate::world::Clock;
use crate::ledger::outbox::{LET_GO, NOT_STARTED};

use super::address;
use super::connect::{Connection, NoAnswer, PATIENCE, converse_over};
use super::schema;
use super::talk::{Parameter, duration, milliseconds, who};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The invocation, by its [`key`](crate::ledger::same::key).
    pub call: String,
    /// The target's name.
    pub target: String,
    /// How long ago it may be.
    pub within: Duration,
}

/// A run of the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// Its id.
    pub run: String,
    /// Whose, and by which host.
    pub who: String,
    /// Whether this host's role sent it.
    pub is_own: bool,
    /// How long ago it ended, or was cleared.
    pub ago: Duration,
    /// How it ended.
    pub end: PastEnd,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PastEnd {
    /// It is under way.
    UnderWay,
    /// With status 0.
    Well,
    /// Otherwise, or nobody knows.
    NotWell,
    /// The operator let go of the line.
    LetGo,
    /// It has not run.
    NotRun,
}

/// What the store is asked for one line, and what it said.
///
/// Each judgement has one connection and one [`PATIENCE`] for all its questions, and asks none twice. Where one
/// gets no answer, no other of this line is asked.
#[derive(Debug, Default)]
pub struct Inquiry {
    said: Vec<(Question, Option<Vec<Past>>)>,
    connection: Option<Connection>,
    /// What of the patience was spent.
    spent: Duration,
    /// Whether there is nobody to ask: what was said is all that is known.
    is_over: bool,
    /// Whether a question got no answer.
    is_away: bool,
}

impl Inquiry {
    /// Begins a judgement: what was said for an earlier one is asked anew.
    pub fn begin(&mut self) {
        *self = Self {
            is_away: self.is_away,
            ..Self::default()
        };
    }

    /// Ends a judgement and takes leave of the store; what it said stays known.
    pub fn end(&mut self) {
        self.connection = None;
        self.is_over = true;
    }

    /// Returns what the store that a configuration names says, the newest first; `None` where it does not answer.
    pub fn ask(&mut self, url: &str, question: Question, clock: &dyn Clock) -> Option<Vec<Past>> {
        if let Some((_, said)) = self.said.iter().find(|(asked, _)| *asked == question) {
            return said.clone();
        }
        if self.is_over || self.is_away {
            return None;
        }
        let began = clock.now().boot;
        let left = PATIENCE.saturating_sub(self.spent);
        let told = ask(&mut self.connection, url, &question, left, clock);
        self.spent += clock.now().boot.saturating_sub(began);
        self.is_away = told.is_err();
        // Tables of an older kanmon know nothing of it, as before.
        let said = told.map(Option::unwrap_or_default).ok();
        self.said.push((question, said.clone()));
        said
    }
}

/// Asks within `patience`. `None` where the tables are older than the question.
fn ask(
    connection: &mut Option<Connection>,
    url: &str,
    question: &Question,
    patience: Duration,
    clock: &dyn Clock,
) -> Result<Option<Vec<Past>>, NoAnswer> {
    let address =
        address::of_configuration(url).map_err(|error| NoAnswer::Tables(error.to_string()))?;
    let began = clock.now().boot;
    let left = || patience.saturating_sub(clock.now().boot.saturating_sub(began));
    let target = question.target.to_ascii_lowercase();
    let within = milliseconds(question.within);
    converse_over(connection, &address, left, async |client| {
        let parameters: [Parameter<'_>; 3] = [
            (&question.call, Type::TEXT),
            (&target, Type::TEXT),
            (&within, Type::INT8),
        ];
        let sql = "SELECT run, host, person, ago_ms, ended, is_own FROM kanmon.earlier($1, $2, $3)";
        let past = client.query_typed(sql, &parameters);
        let Some(rows) = schema::asked_of(client, schema::CALLS, past).await? else {
            return Ok(None);
        };
        let read = |row: &tokio_postgres::Row| -> Result<Past, tokio_postgres::Error> {
            Ok(Past {
                run: row.try_get(0)?,
                who: who(row.try_get(2)?, row.try_get(1)?),
                ago: duration(row.try_get(3)?),
                end: match row.try_get(4)? {
                    "under-way" => PastEnd::UnderWay,
                    "well" => PastEnd::Well,
                    LET_GO => PastEnd::LetGo,
                    NOT_STARTED | "not-cleared" => PastEnd::NotRun,
                    // What a newer kanmon may say besides is no good end.
                    _ => PastEnd::NotWell,
                },
                is_own: row.try_get(5)?,
            })
        };
        let past: Vec<Past> = rows.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Some(past))
    })
}
