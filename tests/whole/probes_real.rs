//! The packs' probes against the real programs of Debian: what is measured stands on the screen, and
//! what cannot be measured is said to be not seen. A file here has one subject.
//!
//! Everything is a drill (`support/place.rs`): nothing that is held is ever run. What needs a host of
//! its own has one (`support/world.rs`). Postfix has its own tests (`postfix.rs`).

#[path = "probes_real/backups.rs"]
mod backups;
#[path = "probes_real/certificates.rs"]
mod certificates;
#[path = "probes_real/databases.rs"]
mod databases;
#[path = "probes_real/disks.rs"]
mod disks;
#[path = "probes_real/exim.rs"]
mod exim;
#[path = "probes_real/files.rs"]
mod files;
#[path = "probes_real/firewall.rs"]
mod firewall;
#[path = "probes_real/names.rs"]
mod names;
#[path = "probes_real/nginx.rs"]
mod nginx;
#[path = "probes_real/packages.rs"]
mod packages;
#[path = "probes_real/scanner.rs"]
mod scanner;
#[path = "probes_real/schedule.rs"]
mod schedule;
#[path = "probes_real/sql_servers.rs"]
mod sql_servers;
