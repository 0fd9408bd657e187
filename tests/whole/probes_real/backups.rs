//! restic, Borg, rclone and pgBackRest: how many backups or objects there are, and that a repository
//! which cannot be read is not an empty one.
//!
//! `ci/test` unpacks them; they have their repositories in the host of the test.
#![expect(
    clippy::disallowed_methods,
    reason = "puts unpacked programs into the host of the test"
)]

use std::path::Path;
use std::process::Command;

use crate::place::drill_in_world;
use crate::pty::Pty;
use crate::world::{KANMON, World};

/// Where the programs are unpacked.
const UNPACKED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/debian/usr");

/// Starts a host with this program, which a script furnishes.
fn host(program: &str, furnish: &str) -> Option<World> {
    let world = World::start("bk1", &["/usr/bin/python3"], "")?;
    bring(&format!("bin/{program}"), &world.path("sbin"));
    if program == "borg" {
        // Its modules lie beside it.
        let python = world.path("python");
        bring("lib/python3/dist-packages", &python);
        world.must("mv /usr/local/sbin/borg /srv/python/start");
        world.stand_in(
            "borg",
            "#!/bin/sh\nPYTHONPATH=/srv/python exec python3 /srv/python/start \"$@\"\n",
        );
    }
    world.must(furnish);
    Some(world)
}

/// Copies what was unpacked.
fn bring(what: &str, to: &Path) {
    let from = Path::new(UNPACKED).join(what);
    assert!(from.exists(), "no {}; ci/test unpacks it", from.display());
    let copied = Command::new("cp").arg("-r").arg(from).arg(to).status();
    assert!(copied.unwrap().success());
}

/// Talks, and is through.
#[track_caller]
fn talk(mut pty: Pty, said: &[(&str, &str)]) {
    for (question, typed) in said {
        pty.wait_for_question(question);
        pty.type_text(&format!("{typed}\n"));
    }
    pty.wait_for_question("Run it now?");
    pty.type_text("y\n");
    assert_eq!(pty.wait_exit().code(), Some(0));
}

const LEFT: (&str, &str) = ("Which good backup is left", "the newest, ann");

#[test]
fn restic_counts_the_snapshots_of_the_repository_that_the_line_or_the_login_names() {
    let furnish = "cd /srv && mkdir data && echo one >data/a && echo word >word && \
         for name in repo other; do restic -q -r $name -p word init; done && \
         restic -q -r repo -p word backup data && \
         restic -q -r repo -p word backup --tag x --tag y data && \
         restic -q -r other -p word backup data";
    let Some(world) = host("restic", furnish) else {
        return;
    };
    let forget = "restic -r /srv/repo -p /srv/word forget --keep-last 1".split(' ');
    let forget: Vec<&str> = forget.collect();
    let mut pty = drill_in_world(&world, &forget);
    pty.wait_for("Snapshots in the repository: 2");
    talk(
        pty,
        &[LEFT, ("Look and call: Snapshots in the repository", "2")],
    );
    // What the login or the line sets.
    let mut pty = world
        .at_terminal(KANMON)
        .args(["--drill", "restic", "prune"])
        .env("RESTIC_REPOSITORY", "/srv/other")
        .env("RESTIC_PASSWORD_FILE", "/srv/word")
        .size(100, 60)
        .spawn();
    pty.wait_for("Snapshots in the repository: 1");
    let set = "RESTIC_REPOSITORY=/srv/other RESTIC_PASSWORD_FILE=/srv/word restic prune";
    drill_in_world(&world, &["-c", set]).wait_for("Snapshots in the repository: 1");

    let missing = "restic -r /srv/none -p /srv/word prune".split(' ');
    let mut pty = drill_in_world(&world, &missing.collect::<Vec<_>>());
    pty.wait_for("Snapshots in the repository: not seen");
    // No word that a program would run is taken from the line.
    let runs = "RESTIC_PASSWORD_COMMAND='touch /srv/ran' restic -r /srv/repo prune";
    let mut pty = drill_in_world(&world, &["-c", runs]);
    pty.wait_for("Snapshots in the repository: not seen");
    assert!(!world.path("ran").exists());
}

#[test]
fn borg_counts_archives_and_not_the_files_of_one() {
    let furnish = "cd /srv && mkdir data && touch data/a data/b data/c data/d && \
         borg init -e none repo && borg create repo::one data && borg create repo::two data";
    let Some(world) = host("borg", furnish) else {
        return;
    };
    for line in [
        &["borg", "delete", "/srv/repo::one"][..],
        &["borg", "prune", "--keep-last", "1", "/srv/repo"],
    ] {
        let mut pty = drill_in_world(&world, line);
        pty.wait_for("Archives in the repository: 2");
        talk(
            pty,
            &[LEFT, ("Look and call: Archives in the repository", "2")],
        );
    }
    let mut pty = drill_in_world(&world, &["borg", "prune", "/srv/none"]);
    pty.wait_for("Archives in the repository: not seen");
    pty.wait_for("does not exist");
}

#[test]
fn rclone_counts_objects() {
    let furnish = "cd /srv && mkdir -p from to empty && touch from/a from/b to/a to/b to/c";
    let Some(world) = host("rclone", furnish) else {
        return;
    };
    let why = ("Why may this be lost", "a copy, ann");
    let mut pty = drill_in_world(&world, &["rclone", "purge", "/srv/to"]);
    pty.wait_for("Objects below this path: 3");
    talk(pty, &[why, ("Look and call: Objects below this path", "3")]);
    drill_in_world(&world, &["rclone", "purge", "/srv/empty"])
        .wait_for("Objects below this path: 0");
    drill_in_world(&world, &["rclone", "sync", "/srv/from", "/srv/to"])
        .wait_for("Objects in the destination now: 3");
    let mut pty = drill_in_world(&world, &["rclone", "purge", "/srv/none"]);
    pty.wait_for("Objects below this path: not seen");
    pty.wait_for("directory not found");
}

#[test]
fn pgbackrest_that_finds_nothing_to_read_has_no_empty_repository() {
    let Some(world) = host("pgbackrest", "true") else {
        return;
    };
    for (stanza, said) in [
        ("--stanza=main", "missing stanza path"),
        ("--log-level-console=warn", "No stanzas exist"),
    ] {
        let line = ["pgbackrest", "--repo1-path=/srv/none", stanza, "expire"];
        let mut pty = drill_in_world(&world, &line);
        pty.wait_for("Backups in the repository: not seen");
        pty.wait_for(said);
    }
}
