//! Hosts of a team for a test: a store, and a stage with a ledger of its own for each host.

use std::path::Path;

use kanmon::gate::world::Whose;
use kanmon::ledger::SqliteLedger;
use kanmon::ledger::heads::Syslog;
use kanmon::team::{Address, Connection, TeamLedger, address, schema};

use crate::cluster::Cluster;
use crate::pty::PtyCommand;
use crate::stage::Stage;

/// Starts a server with the store and a login role for each of these hosts.
#[track_caller]
pub(crate) fn store(hosts: &[&str]) -> Cluster {
    let cluster = Cluster::start();
    let owner = owner(&cluster);
    let mut connection = Connection::open(&owner, schema::MAKING).expect("a connection");
    schema::prepare(&mut connection, true).expect("tables");
    for host in hosts {
        cluster.sql(&format!(
            "CREATE ROLE {host} LOGIN PASSWORD 'pass-{host}' IN ROLE kanmon_host"
        ));
    }
    cluster
}

/// Returns the address of the store for its owner.
pub(crate) fn owner(cluster: &Cluster) -> Address {
    address::of_configuration(&cluster.url("postgres")).expect("an address")
}

/// Returns the ledger of a host with the store at `url`.
#[track_caller]
pub(crate) fn ledger(folder: &Path, host: &str, url: &str) -> TeamLedger {
    TeamLedger::new(local(folder, host), url)
}

/// Returns the own ledger of a host.
#[track_caller]
pub(crate) fn local(folder: &Path, host: &str) -> SqliteLedger {
    let nobody = Syslog::at(&folder.join("no-syslog"));
    let path = folder.join(host).join("ledger.db");
    let ledger = SqliteLedger::open_with(&path, nobody).expect("a ledger");
    ledger.of(Whose::Hosts)
}

/// Returns the gate of a stage that is a host with the store at `url`.
pub(crate) fn gate(stage: &Stage, url: &str, args: &[&str]) -> PtyCommand {
    stage.gate(args).env("REHEARSE_STORE", url)
}
