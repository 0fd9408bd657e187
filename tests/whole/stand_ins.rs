//! Probes of programs that no Debian package brings, or that need a cluster, a cloud or parts of the kernel:
//! against stand-ins that print what the real ones print.
//!
//! Each stand-in in `tests/stand_ins/` says where its format comes from. They lie in a world's own
//! `/usr/local/sbin`, where probes look first, and know no word beyond what the probes ask, so that a
//! probe that asks something else is not seen. Everything is a drill.
#![expect(
    clippy::disallowed_methods,
    reason = "prepares what the stand-ins print"
)]

use std::fs;
use std::path::Path;

#[path = "stand_ins/backups.rs"]
mod backups;
#[path = "stand_ins/clouds.rs"]
mod clouds;
#[path = "stand_ins/clusters.rs"]
mod clusters;
#[path = "stand_ins/files.rs"]
mod files;
#[path = "stand_ins/health.rs"]
mod health;
#[path = "stand_ins/jobs.rs"]
mod jobs;
#[path = "stand_ins/machines.rs"]
mod machines;
#[path = "stand_ins/queues.rs"]
mod queues;
#[path = "stand_ins/volumes.rs"]
mod volumes;

use crate::pty::Pty;
use crate::world::{KANMON, World};

/// The stand-ins.
const PROGRAMS: [&str; 37] = [
    "kubectl",
    "docker",
    "aws",
    "gcloud",
    "az",
    "terraform",
    "lvs",
    "mdadm",
    "pwsh",
    "virsh",
    "ipmitool",
    "openstack",
    "kafka-topics.sh",
    "kafka-consumer-groups.sh",
    "zfs",
    "zpool",
    "nomad",
    "argo",
    "pgbackrest",
    "squeue",
    "bjobs",
    "smartctl",
    "systemctl",
    "systemd-inhibit",
    "journalctl",
    "curl",
    "airflow",
    "condor_q",
    "barman",
    "wal-g",
    "kopia",
    "snapper",
    "qm",
    "gsutil",
    "mc",
    "doctl",
    "argocd",
];

/// What is asked of a line, and what the operator types.
type Talk<'t> = &'t [(&'t str, &'t str)];

/// Makes a host that has the stand-ins.
fn host() -> Option<World> {
    let world = World::start("ops1", &[], "mkdir /srv/prod && echo up >/var/log/syslog")?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stand_ins");
    for program in PROGRAMS {
        world.stand_in(program, &fs::read_to_string(folder.join(program)).unwrap());
    }
    Some(world)
}

/// Holds a line of `sh` as a drill.
fn drill(world: &World, line: &str) -> Pty {
    world
        .at_terminal(KANMON)
        .args(["--drill", "-c", line])
        .size(110, 60)
        .spawn()
}

/// Holds a line, sees what was measured, talks, and is through; then what answers is taken away, and
/// the same line says that nothing could be seen, and why.
#[track_caller]
fn check(line: &str, sight: &str, talk: Talk<'_>, why_not: &str) {
    let Some(world) = host() else { return };
    let mut pty = drill(&world, line);
    pty.wait_for(sight);
    for (question, typed) in talk {
        if *question == COOLDOWN {
            // Longer than a test waits at once.
            for seconds in ["0:2", "0:1", "0:0"] {
                pty.wait_for(&format!("waiting, {seconds}"));
            }
            continue;
        }
        // What is called stands among what was seen, too.
        match sight.starts_with(question) {
            true => pty.wait_for_question(&format!("Look and call: {question}")),
            false => pty.wait_for_question(question),
        }
        pty.type_text(&format!("{typed}\n"));
    }
    pty.wait_for_question("Run it now?");
    pty.type_text("y\n");
    assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.screen());
    fs::write(world.path("down"), "").unwrap();
    let mut pty = drill(&world, line);
    pty.wait_for("not seen");
    pty.wait_for(why_not);
}

/// The same where only the call measures, so that the look screen shows nothing of it: the last of the talk is what is called.
#[track_caller]
fn check_call(line: &str, talk: Talk<'_>, why_not: &str) {
    let Some(world) = host() else { return };
    let ((called, value), before) = talk.split_last().expect("a call");
    for is_down in [false, true] {
        if is_down {
            fs::write(world.path("down"), "").unwrap();
        }
        let mut pty = drill(&world, line);
        for (question, typed) in before {
            pty.wait_for_question(question);
            pty.type_text(&format!("{typed}\n"));
        }
        if is_down {
            pty.wait_for(why_not);
            continue;
        }
        pty.wait_for_question(&format!("Look and call: {called}"));
        pty.type_text(&format!("{value}\n"));
        pty.wait_for_question("Run it now?");
        pty.type_text("y\n");
        assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.screen());
    }
}

/// In a talk: the half minute of a critical rule.
const COOLDOWN: &str = "";
const WAIT: (&str, &str) = (COOLDOWN, "");
const USES: (&str, &str) = ("What uses it, and who says that it may go?", "nobody, ann");
const BACKUP: (&str, &str) = ("When was the newest backup", "today, read back");
const ON_IT: (&str, &str) = ("What is on it now", "old data, ann");
