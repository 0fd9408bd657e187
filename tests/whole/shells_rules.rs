//! Which rules count at a shell's prompt, and what stands on the record of lines that only a note names.

use std::fs;

use crate::machine::DEPLOY;
use crate::shell::{Kind, QUESTION, Setup};

/// Returns a pack for the program `release` with this row in place of its risk.
fn pack(row: &str) -> String {
    let pack = DEPLOY.replace("deploy", "release").replace("team", "other");
    pack.replace("risk = 'low'", row)
}

#[test]
fn a_noted_line_runs_at_once_and_its_end_is_recorded() {
    for kind in Kind::ALL {
        let Some(mut shell) = Setup::new(kind, "", "").start() else {
            return;
        };
        shell.mark();
        let rules = shell.host.path("etc/kanmon/rules.d");
        fs::write(rules.join("other.toml"), pack("risk = 'note'")).unwrap();
        shell.line("release noted; sh -c 'exit 7'");
        shell.mark();
        assert_eq!(shell.host.ran(), ["release noted"], "{kind:?}");
        assert_eq!(shell.pty.count_raw(QUESTION), 0);
        shell.line("kanmonctl log list --json | grep -o '\"kind\":\"[a-z]*\"' | tr '\\n' ' '");
        let events = ["noted", "started", "ended"].map(|kind| format!("\"kind\":\"{kind}\""));
        shell.pty.wait_for(&events.join(" "));
        shell.mark();
        shell.line("kanmonctl log list");
        shell.pty.wait_for("failed 7");
        shell.pty.wait_for("release noted");
        shell.mark();
    }
}

#[test]
fn the_profile_is_workstation_unless_the_host_says_production() {
    for kind in Kind::ALL {
        let Some(mut shell) = Setup::new(kind, "", "").start() else {
            return;
        };
        shell.mark();
        let etc = shell.host.path("etc/kanmon");
        let rule = pack("only = 'production'\nrisk = 'low'");
        fs::write(etc.join("rules.d/other.toml"), rule).unwrap();
        shell.line("release at a workstation");
        shell.mark();
        assert_eq!(shell.host.ran(), ["release at a workstation"], "{kind:?}");
        assert_eq!(shell.pty.count_raw(QUESTION), 0);
        // What is irreversible or remote is held there, too.
        shell.declined("deploy now");
        fs::write(etc.join("config.toml"), "[profile]\nhook = 'production'\n").unwrap();
        shell.line("release in production");
        shell.decline("$ release in production");
        shell.forget();
        assert_eq!(shell.host.ran().len(), 1, "{kind:?}");
    }
}
