//! Whether the same invocation was run before, on whatever host: what `rerun` and `declined` ask.
//!
//! It is asked while the line is judged, of which nothing is recorded yet, so over a connection of its own, and
//! only where a rule asks and everything else of it fits.

use std::time::Duration;

use tokio_postgres::types::Type;

use crate::gate::world::Clock;
use crate::ledger::outbox::{LET_GO, NOT_STARTED};

use super::address;
use super::connect::{NoAnswer, PATIENCE, converse_over};
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

/// Asks the store that a configuration names; the newest come first. `None` where its tables are older than
/// the question.
///
/// # Errors
/// Where it does not answer.
pub fn ask(
    url: &str,
    question: &Question,
    clock: &dyn Clock,
) -> Result<Option<Vec<Past>>, NoAnswer> {
    let address =
        address::of_configuration(url).map_err(|error| NoAnswer::Tables(error.to_string()))?;
    let began = clock.now().boot;
    let left = || PATIENCE.saturating_sub(clock.now().boot.saturating_sub(began));
    let target = question.target.to_ascii_lowercase();
    let within = milliseconds(question.within);
    converse_over(&mut None, &address, left, async |client| {
        if schema::version(client).await?.minor < schema::CALLS {
            return Ok(None);
        }
        let parameters: [Parameter<'_>; 3] = [
            (&question.call, Type::TEXT),
            (&target, Type::TEXT),
            (&within, Type::INT8),
        ];
        let sql = "SELECT run, host, person, ago_ms, ended, is_own FROM kanmon.earlier($1, $2, $3)";
        let rows = client.query_typed(sql, &parameters).await?;
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
