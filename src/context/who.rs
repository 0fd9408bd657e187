//! Who asks, and from where.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the edge that reads /proc"
)]

use std::env;
use std::fs;

use nix::unistd::{geteuid, getsid, getuid};

use crate::gate::Who;
use crate::gate::origin::Origin;

use super::environment::Environment;
use super::process::stat_field;
use super::{host, users};

/// What `/proc/self/loginuid` says where nobody logged in (a daemon, most containers).
const NO_LOGIN: u32 = u32::MAX;

/// Major device numbers of pseudo-terminals, 256 terminals each.
const PTS_MAJORS: std::ops::RangeInclusive<u32> = 136..=143;

/// Reads who asks, and from where; the processes above are left out, for most who ask want to know
/// no more than this.
#[must_use]
pub fn who(environment: &Environment) -> Who {
    let (uid, euid) = (getuid().as_raw(), geteuid().as_raw());
    let real_user = users::user_name(uid);
    let effective_user = if euid == uid {
        real_user.clone()
    } else {
        users::user_name(euid)
    };
    let login_user = match login_uid() {
        Some(login) if login == uid => real_user.clone(),
        Some(login) => users::user_name(login),
        None => String::new(),
    };
    let sudo_uid = environment.get("SUDO_UID").and_then(|uid| uid.parse().ok());
    Who {
        login_uid: login_uid(),
        sudo_uid,
        sudo_user: sudo_uid.map(users::user_name).unwrap_or_default(),
        real_user,
        effective_user,
        login_user,
        uid,
        euid,
        host: host::node_name(),
        terminal: terminal(),
        ssh_from: ssh_from(environment),
        cwd: env::current_dir()
            .map(|path| path.to_string_lossy().into_owned())
            .unwrap_or_default(),
        session: getsid(None).map_or(0, nix::unistd::Pid::as_raw),
        origin: Origin::default(),
    }
}

/// Returns the number under which the kernel's audit keeps who logged in.
fn login_uid() -> Option<u32> {
    let login = fs::read_to_string("/proc/self/loginuid").ok()?;
    login.trim().parse().ok().filter(|login| *login != NO_LOGIN)
}

/// Returns the path of the controlling terminal; empty where there is none.
fn terminal() -> String {
    let number = stat_field("self", 7).and_then(|number| number.parse::<i32>().ok());
    match number {
        None | Some(0) => String::new(),
        Some(number) => terminal_path(number.cast_unsigned()),
    }
}

/// Returns the path of a terminal by its device number as proc(5) writes it: minor numbers in bits
/// 31 to 20 and 7 to 0, the major number in bits 15 to 8.
fn terminal_path(number: u32) -> String {
    let major = (number >> 8) & 0xfff;
    let minor = (number & 0xff) | ((number >> 12) & 0xf_ff00);
    if PTS_MAJORS.contains(&major) {
        let terminal = (major - PTS_MAJORS.start()) * 256 + minor;
        return format!("/dev/pts/{terminal}");
    }
    let event = fs::read_to_string(format!("/sys/dev/char/{major}:{minor}/uevent"));
    event
        .unwrap_or_default()
        .lines()
        .find_map(|line| line.strip_prefix("DEVNAME="))
        .map_or_else(|| "/dev/tty".to_owned(), |name| format!("/dev/{name}"))
}

/// Returns the address that the ssh session comes from: the first word of what sshd set.
fn ssh_from(environment: &Environment) -> String {
    ["SSH_CONNECTION", "SSH_CLIENT"]
        .into_iter()
        .find_map(|name| environment.get(name)?.split_ascii_whitespace().next())
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudo_terminal_is_named_by_its_number() {
        assert_eq!(terminal_path(0x8800), "/dev/pts/0");
        assert_eq!(terminal_path(0x8803), "/dev/pts/3");
        assert_eq!(terminal_path(0x0010_8801), "/dev/pts/257");
    }

    #[test]
    fn the_ssh_origin_is_an_address() {
        let environment = [("SSH_CONNECTION", "10.0.0.9 50000 10.0.0.1 22")]
            .into_iter()
            .collect();
        assert_eq!(ssh_from(&environment), "10.0.0.9");
        let older = [("SSH_CLIENT", "::1 50000 22")].into_iter().collect();
        assert_eq!(ssh_from(&older), "::1");
        assert_eq!(ssh_from(&Environment::default()), "");
    }

    #[test]
    fn this_process_has_a_user_a_host_and_a_folder() {
        let who = who(&Environment::default());
        assert_eq!(who.uid, getuid().as_raw());
        assert_eq!(who.real_user, users::user_name(who.uid));
        assert_eq!(who.host, host::node_name());
        assert_eq!(who.cwd, env!("CARGO_MANIFEST_DIR"));
        // 0 where the session's leader is outside this process's namespace.
        assert_eq!(who.session, getsid(None).unwrap().as_raw());
    }
}
