//! `kanmonctl init --host`: makes the place that a group's members share on this host.

use std::path::Path;

use nix::unistd::geteuid;

use crate::context::users;
use crate::ledger::SqliteLedger;
use crate::ledger::heads::Syslog;
use crate::ledger::host;

use super::super::out::{self, Failure};

/// Makes the place for the members of this group.
///
/// # Errors
/// Where this is not root, there is no such group, or the place cannot be made.
pub(super) fn run(group: &str) -> Result<i32, Failure> {
    if !geteuid().is_root() {
        return Err(Failure::new("only root can make the host's place")
            .hint("Run `sudo kanmonctl init --host`."));
    }
    let Some(gid) = users::group_id(group) else {
        return Err(Failure::new(format!("there is no group `{}`", group)).hint(format!(
            "Make it with `groupadd --system {0}`, and put operators into it with `usermod -aG {0} NAME`.",
            group
        )));
    };
    let place = Path::new(host::HOST);
    host::init(place, gid).map_err(|error| Failure::new(error.to_string()))?;
    // The tables are made by root, so that the first member's gate finds a whole ledger.
    let host::Found::Member(file) =
        host::find(place).map_err(|error| Failure::new(error.to_string()))?
    else {
        return Err(Failure::new("the place was made and is not there"));
    };
    SqliteLedger::open_host(&file, Syslog::default())
        .map_err(|error| Failure::new(error.to_string()))?;
    out::line(&format!("ledger   {}", file.display()))?;
    out::line(&format!("permits  {}", host::given(place).display()))?;
    out::line(&format!("group    {} ({gid})", group))?;
    Ok(0)
}
