//! `kanmonctl init --host`: makes the place that a group's members share on this host.

use std::path::Path;

use nix::unistd::geteuid;

use crate::context::users;
use crate::ledger::SqliteLedger;
use crate::ledger::heads::Syslog;
use crate::ledger::host;
use crate::text::setup as say;

use super::super::out::{self, Failure};

/// Makes the place for the members of this group.
///
/// # Errors
/// Where this is not root, there is no such group, or the place cannot be made.
pub(super) fn run(group: &str) -> Result<i32, Failure> {
    let language = out::language();
    let failed = |error: &dyn std::fmt::Display| Failure::of(&error, language);
    if !geteuid().is_root() {
        return Err(Failure::new(say::only_root(language)).hint(say::use_sudo(language)));
    }
    let Some(gid) = users::group_id(group) else {
        return Err(
            Failure::new(say::no_group(language, group)).hint(say::make_group(language, group))
        );
    };
    let place = Path::new(host::HOST);
    host::init(place, gid).map_err(|error| failed(&error))?;
    // The tables are made by root, so that the first member's gate finds a whole ledger.
    let host::Found::Member(file) = host::find(place).map_err(|error| failed(&error))? else {
        return Err(Failure::new(say::not_there(language)).hint(say::look_at_place(language)));
    };
    SqliteLedger::open_host(&file, Syslog::default()).map_err(|error| failed(&error))?;
    let row = |label: String, text: String| out::labelled("", &label, 9, &text);
    row(say::ledger(language), file.display().to_string())?;
    row(
        say::permits(language),
        host::given(place).display().to_string(),
    )?;
    row(say::group(language), format!("{group} ({gid})"))?;
    Ok(0)
}
