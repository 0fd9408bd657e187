//! The processes above the gate, and what started the job that it is part of.
//!
//! In: `/proc` and the environment. Out: an [`Origin`] for the record; arguments masked before they
//! are cut short.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the edge that reads /proc"
)]

use std::fs::{self, File};
use std::io::Read as _;

use nix::unistd::getpid;

use crate::gate::mask;
use crate::gate::origin::{Caller, JobOf, Origin};
use crate::gate::record::RunId;
use crate::line::text::quote;

use super::environment::Environment;
use super::process::{self, stat_field};

/// The variable in which a held command is given the id of its run.
pub const RUN: &str = "KANMON_RUN";

/// How many processes above the gate are looked at.
const MAX_CALLERS: usize = 24;
/// How much of a process's arguments is read, in bytes.
const MAX_READ: u64 = 16 << 10;
/// How much of them is kept, in characters.
const MAX_KEPT: usize = 400;

/// Names of cron and its like, by the kernel's names for their processes.
const CRONS: [&str; 5] = ["cron", "crond", "anacron", "fcron", "cronie"];
/// The kernel's name for at's daemon.
const AT: &str = "atd";

/// Reads where this process comes from.
#[must_use]
pub fn origin(environment: &Environment) -> Origin {
    let callers = callers();
    let job = callers
        .iter()
        .find_map(|caller| match caller.name.as_str() {
            AT => Some(JobOf::At),
            name if CRONS.contains(&name) => Some(JobOf::Cron),
            _ => None,
        });
    let unit = unit_in(&fs::read_to_string("/proc/self/cgroup").unwrap_or_default());
    let variable = |name| environment.get(name).unwrap_or_default();
    Origin {
        callers,
        job,
        invocation: match unit.is_empty() {
            true => String::new(),
            false => invocation(variable("INVOCATION_ID")),
        },
        unit,
        run: RunId::of_text(variable(RUN)),
    }
}

/// Returns the id of a service's start, 32 hexadecimal digits; nothing for what has another form.
fn invocation(text: &str) -> String {
    let is_id = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match is_id {
        true => text.to_owned(),
        false => String::new(),
    }
}

/// Reads the processes above this one, below the first of the system.
fn callers() -> Vec<Caller> {
    let mut found = Vec::new();
    let mut below = getpid().as_raw();
    while found.len() < MAX_CALLERS {
        let above = stat_field(&below.to_string(), 4).and_then(|pid| pid.parse::<i32>().ok());
        // 0 where the parent is outside of this process's namespace.
        let Some(pid) = above.filter(|pid| *pid > 1) else {
            break;
        };
        found.push(caller(pid));
        below = pid;
    }
    found
}

/// Reads one process.
fn caller(pid: i32) -> Caller {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let mut arguments = Vec::new();
    if let Ok(file) = File::open(format!("/proc/{pid}/cmdline")) {
        // What cannot be read to its end is shown as far as it was read.
        let _ = file.take(MAX_READ).read_to_end(&mut arguments);
    }
    Caller {
        pid,
        start_ticks: process::start_ticks(pid),
        name: name.trim_end_matches('\n').to_owned(),
        line: line(&arguments),
    }
}

/// Returns arguments, each with a NUL behind it, as a masked line of limited length.
fn line(arguments: &[u8]) -> String {
    let arguments = arguments.strip_suffix(b"\0").unwrap_or(arguments);
    if arguments.is_empty() {
        return String::new();
    }
    let words = arguments.split(|byte| *byte == 0);
    let words: Vec<String> = words
        .map(|word| quote(&String::from_utf8_lossy(word)))
        .collect();
    let masked = mask::text(&words.join(" "));
    match masked.char_indices().nth(MAX_KEPT) {
        Some((end, _)) => format!("{}…", masked.get(..end).unwrap_or_default()),
        None => masked,
    }
}

/// Finds the systemd service in what cgroups(7) says of a process: the last part of the path in
/// the hierarchy without controllers (version 2) or in systemd's own (version 1).
fn unit_in(cgroup: &str) -> String {
    let path = cgroup.lines().find_map(|line| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        matches!(controllers, "" | "name=systemd").then_some(path)
    });
    let parts = path.unwrap_or_default().rsplit('/');
    let services = parts.filter(|part| part.ends_with(".service"));
    // The service in which a user's own services run says less than they do.
    let mut services = services.filter(|part| !part.starts_with("user@"));
    services.next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_is_named_in_either_version() {
        let of = |text: &str| unit_in(text);
        assert_eq!(of("0::/system.slice/cron.service\n"), "cron.service");
        assert_eq!(
            of("1:name=systemd:/system.slice/x.service\n0::/other\n"),
            "x.service"
        );
        assert_eq!(
            of("0::/user.slice/user-1.slice/user@1.service/app.slice/y.service\n"),
            "y.service"
        );
        assert_eq!(of("0::/user.slice/user-1.slice/session-2.scope\n"), "");
        assert_eq!(of("0::/\n"), "");
        assert_eq!(of(""), "");
    }

    #[test]
    fn arguments_are_masked_before_they_are_cut() {
        assert_eq!(
            line(b"mysql\0--password=hunter2\0-e\0select 1\0"),
            "mysql --password=**** -e 'select 1'"
        );
        let long = [b"x\0--token=".as_slice(), &[b's'; 5000], b"\0end\0"].concat();
        assert_eq!(line(&long), "x --token=**** end");
        let long = [b"x\0".as_slice(), &[b'y'; 5000], b"\0"].concat();
        assert_eq!(line(&long).chars().count(), MAX_KEPT + 1);
        assert_eq!(line(b""), "");
        assert_eq!(line(b"\0"), "");
    }

    #[test]
    fn this_process_has_callers() {
        let found = origin(&Environment::default());
        let parent = found.callers.first().expect("cargo or a shell");
        assert_eq!(parent.pid, nix::unistd::getppid().as_raw());
        assert!(parent.start_ticks.is_some() && !parent.name.is_empty());
        assert_eq!(found.run, None);
    }

    #[test]
    fn only_what_has_the_form_of_an_id_is_taken_from_the_environment() {
        let of = |run: &str| {
            let environment = [(RUN, run)].into_iter().collect();
            origin(&environment).run.map(|run| run.0)
        };
        assert_eq!(
            of("20261122T023300-4f7a1c").as_deref(),
            Some("20261122T023300-4f7a1c")
        );
        assert_eq!(of("\x1b[2J"), None);
        assert_eq!(invocation("../x"), "");
        assert_eq!(invocation(&"0a".repeat(16)), "0a".repeat(16));
    }
}
