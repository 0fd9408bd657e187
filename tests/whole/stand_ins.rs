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

use crate::pty::Pty;
use crate::world::{KANMON, World};

/// The stand-ins.
const PROGRAMS: [&str; 9] = [
    "kubectl",
    "docker",
    "aws",
    "gcloud",
    "az",
    "terraform",
    "lvs",
    "mdadm",
    "pwsh",
];

/// What is asked of a line, and what the operator types.
type Talk<'t> = &'t [(&'t str, &'t str)];

/// Makes a host that has the stand-ins.
fn host() -> Option<World> {
    let world = World::start("ops1", &[], "")?;
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

/// In a talk: the half minute of a critical rule.
const COOLDOWN: &str = "";
const WAIT: (&str, &str) = (COOLDOWN, "");
const USES: (&str, &str) = ("What uses it, and who says that it may go?", "nobody, ann");
const BACKUP: (&str, &str) = ("When was the newest backup", "today, read back");
const ON_IT: (&str, &str) = ("What is on it now", "old data, ann");

#[test]
fn kubectl_names_what_a_file_would_delete() {
    let talk: Talk<'_> = &[
        ("Did you list with the same words", "y"),
        ("Objects that the dry run names", "3"),
    ];
    check(
        "kubectl delete -f app.yaml",
        "Objects that the dry run names: 3",
        talk,
        "The connection to the server 10.0.0.1:6443 was refused",
    );
}

#[test]
fn kubectl_counts_what_is_in_a_namespace() {
    let talk: Talk<'_> = &[
        ("When was the newest backup", "today, read back"),
        WAIT,
        ("Pods and volume claims in it", "3"),
        ("Objects that this names", "1"),
    ];
    check(
        "kubectl delete ns prod",
        "Pods and volume claims in it: 3",
        talk,
        "The connection to the server 10.0.0.1:6443 was refused",
    );
}

#[test]
fn docker_says_how_large_a_volume_is_at_the_host_of_the_line() {
    let refused = "Cannot connect to the Docker daemon";
    let size = |size| [BACKUP, ("Size of the first volume", size)];
    check(
        "docker volume rm data",
        "Size of the first volume: 73.4GB",
        &size("73.4GB"),
        refused,
    );
    check(
        "docker --host tcp://db1:2375 volume rm data",
        "Size of the first volume: 1.2MB",
        &size("1.2MB"),
        refused,
    );
}

#[test]
fn aws_is_asked_for_the_account_that_the_line_means() {
    let refused = "Could not connect to the endpoint URL";
    for line in [
        "aws --profile prod ec2 delete-volume --volume-id v-1",
        "AWS_PROFILE=prod aws ec2 delete-volume --volume-id v-1",
    ] {
        let talk = [USES, ("AWS account now", "444455556666")];
        check(line, "AWS account now: 444455556666", &talk, refused);
    }
}

#[test]
fn gcloud_says_what_a_project_calls_itself() {
    check(
        "gcloud compute disks delete d1 --project shop-prod",
        "Name that the project gives itself: Shop live",
        &[USES, ("Name that the project gives itself", "Shop live")],
        "There was a problem refreshing your current auth tokens",
    );
}

#[test]
fn az_counts_what_is_in_a_group() {
    let Some(world) = host() else { return };
    let mut pty = drill(&world, "az group delete -n prod --yes");
    pty.wait_for("Resources in the group: 37");
    pty.wait_for("Subscription now: Shop live");
    fs::write(world.path("down"), "").unwrap();
    let mut pty = drill(&world, "az group delete -n prod --yes");
    pty.wait_for("Please run 'az login' to setup account");
}

#[test]
fn terraform_counts_the_state_of_the_folder_that_the_line_names() {
    let talk: Talk<'_> = &[
        ("Who read the plan", "ann, nothing"),
        WAIT,
        ("Resources in the state", "4"),
    ];
    check(
        "terraform -chdir=prod destroy",
        "Workspace: default",
        talk,
        "to point the command to a specific state location.",
    );
}

#[test]
fn lvs_says_how_large_a_volume_is() {
    check(
        "lvremove vg0/data",
        "vg0 data 120.00g",
        &[ON_IT, BACKUP, WAIT, ("Size of the first volume", "120.00g")],
        "Failed to find logical volume",
    );
}

#[test]
fn mdadm_says_how_many_devices_still_work() {
    check(
        "mdadm /dev/md0 --fail /dev/sdb1",
        "State of the array: clean, degraded",
        &[ON_IT, BACKUP, WAIT, ("Active devices of the array", "2")],
        "cannot open /dev/md0",
    );
}

#[test]
fn powershell_counts_what_lies_below_a_path() {
    check(
        "pwsh -Command 'Remove-Item C:\\data -Recurse'",
        "Files and folders below it: 1834",
        &[("Files and folders below it", "1834")],
        "Cannot find path",
    );
}
