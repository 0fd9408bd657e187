//! Users and groups: from number to name and home.
//!
//! The program is linked statically, where the C library's own look-up would load modules of
//! another C library. So `/etc/passwd` and `/etc/group` are read here; who is not in them (LDAP,
//! `systemd-homed`) is asked of the host's own `getent`, which may take its time, but not more than
//! `PATIENCE`.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the edge that reads the user database and asks `getent`"
)]

use std::fs;
use std::io::Read;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// How long `getent` may take: a directory server that hangs must not hang the gate.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// Bytes read of an answer; a group's line lists its members.
const ANSWER_MAX: usize = 64 * 1024;

/// A user of this host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Login name.
    pub name: String,
    /// Home folder.
    pub home: PathBuf,
}

/// Returns the user with this number.
#[must_use]
pub fn account(uid: u32) -> Option<Account> {
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    account_in(&passwd, uid).or_else(|| account_in(&getent("passwd", &uid.to_string())?, uid))
}

/// Returns the user's name, or the number where it has none.
#[must_use]
pub fn user_name(uid: u32) -> String {
    account(uid).map_or_else(|| uid.to_string(), |account| account.name)
}

/// Returns the group's name, or the number where it has none.
#[must_use]
pub fn group_name(gid: u32) -> String {
    let group = fs::read_to_string("/etc/group").unwrap_or_default();
    group_in(&group, gid)
        .or_else(|| group_in(&getent("group", &gid.to_string())?, gid))
        .unwrap_or_else(|| gid.to_string())
}

/// Returns the number of the group with this name.
#[must_use]
pub fn group_id(name: &str) -> Option<u32> {
    let group = fs::read_to_string("/etc/group").unwrap_or_default();
    group_id_in(&group, name).or_else(|| group_id_in(&getent("group", name)?, name))
}

/// Returns the names of those that the group lists; whose first group it is, it need not list.
#[must_use]
pub fn members(group: &str) -> Vec<String> {
    let file = fs::read_to_string("/etc/group").unwrap_or_default();
    let found = members_in(&file, group);
    found
        .or_else(|| members_in(&getent("group", group)?, group))
        .unwrap_or_default()
}

/// Returns whether the user with this number is of the group, as the user database says.
#[must_use]
pub fn is_member(uid: u32, group: &str) -> bool {
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let own =
        entry_in(&passwd, uid).or_else(|| entry_in(&getent("passwd", &uid.to_string())?, uid));
    own.is_some_and(|(name, gid)| group_id(group) == Some(gid) || members(group).contains(&name))
}

/// Finds a user's name and first group in lines of the form of passwd(5).
fn entry_in(passwd: &str, uid: u32) -> Option<(String, u32)> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let found: u32 = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        (found == uid && !name.is_empty()).then(|| (name.to_owned(), gid))
    })
}

/// Finds a group's members in lines of the form of group(5).
fn members_in(group: &str, name: &str) -> Option<Vec<String>> {
    group.lines().find_map(|line| {
        let mut fields = line.split(':');
        let members = (fields.next()? == name).then(|| fields.nth(2))??;
        let members = members.split(',').filter(|member| !member.is_empty());
        Some(members.map(str::to_owned).collect())
    })
}

/// Finds a group's number in lines of the form of group(5).
fn group_id_in(group: &str, name: &str) -> Option<u32> {
    group.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()? == name).then(|| fields.nth(1)?.parse().ok())?
    })
}

/// Finds a user in lines of the form of passwd(5).
fn account_in(passwd: &str, uid: u32) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let found: u32 = fields.nth(1)?.parse().ok()?;
        let home = fields.nth(2)?;
        (found == uid && !name.is_empty()).then(|| Account {
            name: name.to_owned(),
            home: PathBuf::from(home),
        })
    })
}

/// Finds a group in lines of the form of group(5).
fn group_in(group: &str, gid: u32) -> Option<String> {
    group.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let found: u32 = fields.nth(1)?.parse().ok()?;
        (found == gid && !name.is_empty()).then(|| name.to_owned())
    })
}

/// Asks the host's `getent`, by its full path and with no environment.
pub(super) fn getent(database: &str, key: &str) -> Option<String> {
    getent_within(database, key, PATIENCE)
}

/// Asks it, for so long.
pub(super) fn getent_within(database: &str, key: &str, patience: Duration) -> Option<String> {
    let program = ["/usr/bin/getent", "/bin/getent"]
        .into_iter()
        .find(|path| Path::new(path).exists())?;
    let mut child = Command::new(program)
        .args([database, "--", key])
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let answer = child.stdout.take();
    let answer = answer.and_then(|output| answer_in_time(output, patience));
    // Both fail only where it has ended by itself.
    let _ = child.kill();
    let _ = child.wait();
    answer
}

/// Reads an answer to its end; `None` where it does not come in time.
fn answer_in_time(mut output: ChildStdout, patience: Duration) -> Option<String> {
    let end = Instant::now() + patience;
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    while answer.len() < ANSWER_MAX {
        let left = end.saturating_duration_since(Instant::now());
        let timeout = PollTimeout::try_from(left).ok()?;
        if poll(
            &mut [PollFd::new(output.as_fd(), PollFlags::POLLIN)],
            timeout,
        )
        .ok()?
            == 0
        {
            return None;
        }
        match output.read(&mut buffer).ok()? {
            0 => break,
            length => answer.extend_from_slice(buffer.get(..length)?),
        }
    }
    String::from_utf8(answer).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\n\
        # a comment\n\
        +::::::\n\
        ann:x:1000:1000:Ann,,,:/home/ann:/bin/zsh\n\
        odd:x:12x:1::/odd:/bin/sh\n";

    #[test]
    fn a_user_has_a_name_and_a_home() {
        assert_eq!(
            account_in(PASSWD, 1000),
            Some(Account {
                name: "ann".to_owned(),
                home: PathBuf::from("/home/ann"),
            })
        );
        assert_eq!(account_in(PASSWD, 12), None);
    }

    #[test]
    fn a_group_has_a_name() {
        let group = "root:x:0:\nops:x:50:ann,bob\n";
        assert_eq!(group_in(group, 50), Some("ops".to_owned()));
        assert_eq!(group_in(group, 51), None);
        assert_eq!(group_id_in(group, "ops"), Some(50));
        assert_eq!(group_id_in(group, "op"), None);
        let members = Some(vec!["ann".to_owned(), "bob".to_owned()]);
        assert_eq!(members_in(group, "ops"), members);
        assert_eq!(members_in(group, "root"), Some(Vec::new()));
        assert_eq!(members_in(group, "op"), None);
        assert_eq!(entry_in(PASSWD, 1000), Some(("ann".to_owned(), 1000)));
    }

    #[test]
    fn root_is_known_here() {
        assert_eq!(user_name(0), "root");
        assert_eq!(group_name(0), "root");
    }

    #[test]
    fn who_is_unknown_has_a_number() {
        assert_eq!(user_name(3_999_999_999), "3999999999");
    }

    #[test]
    fn getent_gives_the_same_answer_as_the_file() {
        let answer = getent("passwd", "0").unwrap();
        assert_eq!(account_in(&answer, 0), account(0));
    }
}
