//! Other processes: whether one still lives, and is the one that was meant.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the edge that reads /proc"
)]

use std::fs;

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;

/// Returns a field of `/proc/PID/stat` by its number in proc(5), from 3 up.
pub(super) fn stat_field(pid: &str, number: usize) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    field_in(&stat, number).map(str::to_owned)
}

/// Finds a field. The second is the program's name in parentheses and may itself contain spaces
/// and parentheses, so the last `)` ends it.
fn field_in(stat: &str, number: usize) -> Option<&str> {
    let (_, after_name) = stat.rsplit_once(") ")?;
    after_name
        .split_ascii_whitespace()
        .nth(number.checked_sub(3)?)
}

/// Returns when a process began, in clock ticks since the host started; `None` where the host
/// does not say or there is no such process.
#[must_use]
pub fn start_ticks(pid: i32) -> Option<u64> {
    stat_field(&pid.to_string(), 22)?.parse().ok()
}

/// Returns whether the process `pid` that began at `ticks` still lives. Where its beginning was not
/// recorded or cannot be read, any process with that id counts; a zombie has ended.
#[must_use]
pub fn lives(pid: i32, ticks: Option<u64>) -> bool {
    // Zero and negative numbers name groups of processes, which `kill` would find.
    if pid <= 0 || kill(Pid::from_raw(pid), None) == Err(Errno::ESRCH) {
        return false;
    }
    if stat_field(&pid.to_string(), 3).is_some_and(|state| state == "Z" || state == "X") {
        return false;
    }
    match (ticks, start_ticks(pid)) {
        (Some(recorded), Some(found)) => recorded == found,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, id};

    use super::*;

    fn own() -> i32 {
        i32::try_from(id()).unwrap()
    }

    #[test]
    fn this_process_lives() {
        assert!(lives(own(), start_ticks(own())));
        assert!(lives(own(), None));
    }

    #[test]
    fn a_later_process_with_the_same_id_is_another() {
        assert!(!lives(own(), Some(1)));
    }

    #[test]
    fn a_process_that_ended_does_not_live() {
        let mut child = Command::new("true").spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        child.wait().unwrap();
        assert!(!lives(pid, None));
    }

    #[test]
    fn groups_are_no_processes() {
        assert!(!lives(0, None));
        assert!(!lives(-1, None));
    }

    #[test]
    fn a_name_with_parentheses_does_not_shift_fields() {
        let stat = "12 (a) b (c) S 7 12 12 34816";
        assert_eq!(field_in(stat, 3), Some("S"));
        assert_eq!(field_in(stat, 7), Some("34816"));
        assert_eq!(field_in(stat, 8), None);
        assert_eq!(field_in("", 3), None);
    }
}
