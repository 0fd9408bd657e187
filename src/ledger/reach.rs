//! Whether an asker can have written a ledger.
//!
//! In: the file, whose runs it knows, who asks. Only for a process of root is there a ledger that
//! its asker cannot write: root's own, or the host's where the person behind root is not of its
//! group. What cannot be told is taken for writable.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use nix::libc::O_DIRECTORY;
use nix::unistd::geteuid;

use crate::context::{owner, users};
use crate::gate::world::{Who, Whose};

use super::place::{PlaceError, look, parents_are_roots};

/// The door that hears from sudo itself who asks.
const SUDO: &str = "sudo";

/// Returns whether the ledger lies where this asker cannot write.
pub(super) fn is_beyond(file: &Path, whose: Whose, who: &Who, door: &str) -> bool {
    geteuid().is_root() && is_kept_from(file, whose, who, door).unwrap_or(false)
}

/// Looks at the file, its folder and the folders above.
fn is_kept_from(file: &Path, whose: Whose, who: &Who, door: &str) -> Result<bool, PlaceError> {
    let folder = file.parent().ok_or(PlaceError::NoFile)?;
    parents_are_roots(folder)?;
    let of_folder = look(folder, O_DIRECTORY)?;
    let of_file = look(file, 0)?;
    let is_roots = of_folder.uid() == 0 && of_file.uid() == 0;
    let modes = of_folder.mode() | of_file.mode();
    Ok(is_roots
        && match whose {
            Whose::Own | Whose::OwnBesideHosts => modes & owner::OTHERS_WRITE == 0,
            Whose::Hosts => {
                let is_one_group = of_folder.gid() == of_file.gid();
                // Without a login on the kernel's record nothing but the asker's own environment
                // tells who is behind root.
                let is_known = who.login_uid.is_some() || door == SUDO;
                is_one_group
                    && is_known
                    && modes & owner::WORLD_WRITES == 0
                    && persons(who).all(|person| is_no_member(person, of_file.gid()))
            }
        })
}

/// Returns the numbers of all that may be behind a line, but root's.
fn persons(who: &Who) -> impl Iterator<Item = u32> {
    [Some(who.uid), Some(who.euid), who.login_uid, who.sudo_uid]
        .into_iter()
        .flatten()
        .filter(|person| *person != 0)
}

/// Returns whether the user database knows the user, and not as one of the group.
fn is_no_member(person: u32, group: u32) -> bool {
    users::account(person).is_some() && !users::is_member(person, &users::group_name(group))
}
