//! Records of a run, and the ledger of a simulated host.

use std::path::Path;
use std::time::Duration;

use kanmon::context::process;
use kanmon::gate::record::{Event, HeldInvocation, Opened};
use kanmon::gate::world::{GapGuard, Guards, Targets, Who, Whose};
use kanmon::gate::{Entry, RunId};
use kanmon::ledger::SqliteLedger;
use kanmon::ledger::heads::Syslog;
use kanmon::line::Span;
use kanmon::policy::rule::OnStoreDown;

/// Returns the name of a host, which is its role's.
pub(crate) fn host(number: usize) -> String {
    format!("web{number:06}")
}

/// Returns the own ledger of a host.
pub(crate) fn local(folder: &Path, host: &str) -> SqliteLedger {
    let nobody = Syslog::at(&folder.join("no-syslog"));
    let path = folder.join(host).join("ledger.db");
    SqliteLedger::open_with(&path, nobody)
        .expect("a ledger")
        .of(Whose::Hosts)
}

/// An entry of a run.
pub(crate) fn entry(run: &str, event: Event) -> Entry {
    Entry {
        run: RunId(run.to_owned()),
        event,
    }
}

/// The head of a run of a rule at a target.
pub(crate) fn opened(rule: &str, target: &str) -> Event {
    let line = format!("ssh {target} systemctl restart nginx");
    Event::Opened(Box::new(Opened {
        who: Who {
            real_user: "ann".to_owned(),
            ..Who::default()
        },
        invocations: vec![HeldInvocation {
            rule: rule.to_owned(),
            text: line.clone(),
            span: Span::new(0, line.len()),
            via: vec!["ssh".to_owned()],
            target: target.to_owned(),
            user: "root".to_owned(),
            ..HeldInvocation::default()
        }],
        line,
        door: "prefix".to_owned(),
        version: "0".to_owned(),
        ..Opened::default()
    }))
}

/// Its clearance.
pub(crate) fn cleared() -> Event {
    Event::Cleared {
        measured: Vec::new(),
        permits: Vec::new(),
    }
}

/// Its start, as this process.
pub(crate) fn started() -> Event {
    let pid = i32::try_from(std::process::id()).expect("a pid");
    Event::Started {
        pid,
        start_ticks: process::start_ticks(pid),
    }
}

/// Its good end.
pub(crate) fn ended() -> Event {
    Event::Ended {
        status: Some(0),
        signal: None,
        took: Duration::ZERO,
    }
}

/// A gap of the team for a rule.
pub(crate) fn gap(rule: &str, targets: Targets, time: Duration, down: OnStoreDown) -> Guards {
    Guards {
        gaps: vec![GapGuard {
            rule: rule.to_owned(),
            targets,
            time,
            team: true,
        }],
        on_store_down: down,
        ..Guards::default()
    }
}
