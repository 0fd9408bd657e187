//! `kanmonctl boot-check`: a start of the host, compared with the runs of the start before. The
//! earlier start is one in the ledger; this one is this host's own.

use std::path::Path;
use std::time::Duration;

use kanmon::context::{SystemClock, host};
use kanmon::gate::record::{Entry, Event, HeldInvocation, Opened};
use kanmon::gate::{Clock, Ledger as _, Moment, RunId};
use kanmon::ledger::SqliteLedger;
use kanmon::ledger::heads::Syslog;
use kanmon::line::Span;
use serde_json::Value;

use crate::machine::Host;

/// The run in the ledger.
const RUN: &str = "20261122T023300-4f7a1c";

/// What is done first: the ledger where root's is.
const LEDGER: &str = "mkdir -p /root/.local/state; cp -a state /root/.local/state/kanmon
chmod 700 /root/.local/state /root/.local/state/kanmon\n";

/// The time at which something was recorded in an earlier start of the host.
struct Then(Moment);

impl Clock for Then {
    fn now(&self) -> Moment {
        self.0.clone()
    }
}

/// Makes a ledger with a run of this rule at this target, cleared so long before the host started.
fn ledger(folder: &Path, rule: &str, target: &str, before: Duration) {
    let mut moment = SystemClock::new().now();
    moment.utc = moment.utc - moment.boot - before;
    moment.boot_id = "an-earlier-start".to_owned();
    let clock = Then(moment);
    let path = folder.join("state/ledger.db");
    let syslog = Syslog::at(&folder.join("no-syslog"));
    let mut ledger = SqliteLedger::open_with(&path, syslog).unwrap();
    let opened = Event::Opened(Box::new(Opened {
        line: "reboot".to_owned(),
        invocations: vec![HeldInvocation {
            rule: rule.to_owned(),
            text: "reboot".to_owned(),
            span: Span::new(0, 6),
            target: target.to_owned(),
            user: "root".to_owned(),
            ..HeldInvocation::default()
        }],
        door: "prefix".to_owned(),
        version: "0.1.0".to_owned(),
        ..Opened::default()
    }));
    let cleared = Event::Cleared {
        measured: Vec::new(),
        permits: Vec::new(),
    };
    for event in [opened, cleared] {
        let run = RunId(RUN.to_owned());
        ledger.append(&Entry { run, event }, &clock).unwrap();
    }
}

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn a_start_behind_which_a_run_stands_is_well_and_told_once() {
    let Some(machine) = Host::new() else { return };
    ledger(machine.folder(), "reboot.host", &host::node_name(), MINUTE);
    let said = machine.run(&format!(
        "{LEDGER} kanmonctl boot-check; echo status=$?
        kanmonctl boot-check --json; echo again=$?
        kanmonctl log verify >/dev/null; echo whole=$?
        kanmonctl log list"
    ));
    assert!(
        said.contains(&format!(", by run {RUN}\nstatus=0\n")),
        "{said}"
    );
    assert!(said.contains("again=0\nwhole=0\n"), "{said}");
    let json = said.lines().find(|line| line.starts_with('{')).unwrap();
    let json: Value = serde_json::from_str(json).unwrap();
    assert_eq!(
        (json["state"].as_str(), json["run"].as_str()),
        (Some("run"), Some(RUN))
    );
    let recorded = said.matches("host started, by run").count();
    assert_eq!(recorded, 1, "{said}");
}

#[test]
fn a_restart_that_has_no_run_is_reported_and_on_the_record() {
    let here = host::node_name();
    for (rule, target, before, more) in [
        ("mail.requeue", here.as_str(), MINUTE, ""),
        ("reboot.host", "another-host", MINUTE, ""),
        ("reboot.host", here.as_str(), MINUTE * 600, RUN),
    ] {
        let Some(machine) = Host::new() else { return };
        ledger(machine.folder(), rule, target, before);
        let said = machine.run(&format!(
            "{LEDGER} kanmonctl boot-check >out; echo status=$?; cat out
            LC_ALL=ja_JP.UTF-8 kanmonctl boot-check; echo again=$?
            kanmonctl boot-check --within 700 --rule 'mail.*' --json | grep -o '\"state\":\"[a-z-]*\"'
            kanmonctl log list"
        ));
        let told = "kanmonctl: restart without a run: the host started at ";
        assert!(said.starts_with(told), "{said}");
        assert!(said.lines().next().unwrap().contains(more), "{said}");
        assert!(
            said.contains("\nstatus=1\nkanmonctl: 記録のない再起動"),
            "{said}"
        );
        // What was found first stays.
        assert!(said.contains("again=1\n\"state\":\"no-run\"\n"), "{said}");
        assert_eq!(said.matches("RESTART WITHOUT A RUN").count(), 1, "{said}");
    }
}

#[test]
fn a_rule_of_the_team_and_a_longer_time_can_be_named() {
    let Some(machine) = Host::new() else { return };
    ledger(
        machine.folder(),
        "team.power-cycle",
        &host::node_name(),
        MINUTE * 600,
    );
    let said = machine.run(&format!(
        "{LEDGER} kanmonctl boot-check --within 700 --rule 'team.*'; echo status=$?"
    ));
    assert!(
        said.contains(&format!("by run {RUN}\nstatus=0\n")),
        "{said}"
    );
}

#[test]
fn the_first_start_that_is_known_is_compared_with_nothing() {
    let Some(machine) = Host::new() else { return };
    let said = machine.run("kanmonctl boot-check; echo status=$?; kanmonctl boot-check; echo again=$?; kanmonctl log list");
    assert!(
        said.contains("knows no earlier start, so nothing is compared\nstatus=0\n"),
        "{said}"
    );
    assert!(said.contains("again=0\n"), "{said}");
    assert_eq!(said.matches("  host started  ").count(), 1, "{said}");
}

#[test]
fn the_init_script_ends_as_the_check_does_and_the_service_runs_the_same() {
    let Some(machine) = Host::new() else { return };
    ledger(machine.folder(), "mail.requeue", &host::node_name(), MINUTE);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/dist/init.d/kanmon-boot-check");
    let said = machine.run(&format!(
        "{LEDGER} mount -t tmpfs none /usr/local/sbin; cp bin/kanmonctl /usr/local/sbin
        sh {script} start; echo start=$?; sh {script} status 2>/dev/null; echo status=$?
        sh {script} stop; echo stop=$?; sh {script} x 2>/dev/null; echo wrong=$?"
    ));
    assert!(
        said.starts_with("kanmonctl: restart without a run: "),
        "{said}"
    );
    assert!(
        said.ends_with("start=1\nstatus=1\nstop=0\nwrong=2\n"),
        "{said}"
    );
    let unit = include_str!("../../dist/systemd/kanmon-boot-check.service");
    assert!(unit.contains("\nExecStart=/usr/bin/kanmonctl boot-check\n"));
}
