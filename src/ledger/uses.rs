//! Counts how often a permit was used: in records of clearances, which are never changed.

use rusqlite::Connection;

use crate::gate::permit::{Permit, Standing};
use crate::gate::record::{Entry, Event};
use crate::gate::world::{InTheWay, Moment, NoPermit};

/// Returns in how many runs the permit stood in for steps.
///
/// # Errors
/// Where the database cannot be read.
pub(super) fn count(connection: &Connection, permit: &str) -> rusqlite::Result<u32> {
    let mut statement = connection.prepare(
        "SELECT body FROM record WHERE kind = 'cleared' AND instr(body, json_quote(?1)) > 0",
    )?;
    let mut uses = 0_u32;
    for body in statement.query_map([permit], |row| row.get::<_, String>(0))? {
        // A record that cannot be read may be a use: in doubt it counts.
        let is_use = match serde_json::from_str::<Entry>(&body?).map(|entry| entry.event) {
            Ok(Event::Cleared { permits, .. }) => permits.iter().any(|used| used.id == permit),
            Ok(_) | Err(_) => true,
        };
        uses = uses.saturating_add(u32::from(is_use));
    }
    Ok(uses)
}

/// Returns those of `permits` that are not open now, or have no use left.
///
/// # Errors
/// Where the database cannot be read.
pub(super) fn in_the_way(
    connection: &Connection,
    permits: &[Permit],
    now: &Moment,
) -> rusqlite::Result<Vec<InTheWay>> {
    let mut found = Vec::new();
    for permit in permits {
        let why = if permit.standing(now) != Standing::Open {
            NoPermit::Over
        } else if let Some(most) = permit.count
            && count(connection, &permit.id)? >= most
        {
            NoPermit::UsedUp
        } else {
            continue;
        };
        found.push(InTheWay::Permit {
            id: permit.id.clone(),
            why,
        });
    }
    Ok(found)
}
