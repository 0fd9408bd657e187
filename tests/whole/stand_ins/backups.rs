//! Backups of a database: how many there are, and that what cannot be read is no empty repository.

use super::{Talk, check, drill, host};

#[test]
fn pgbackrest_counts_the_backups_of_the_stanza() {
    let talk: Talk<'_> = &[
        ("Which good backup is left", "the newest, ann"),
        ("Backups in the repository", "2"),
    ];
    check(
        "pgbackrest --stanza=main expire",
        "Backups in the repository: 2",
        talk,
        "missing stanza path",
    );
}

#[test]
fn a_stanza_without_backups_has_none_and_a_missing_one_is_not_seen() {
    let Some(world) = host() else { return };
    drill(&world, "pgbackrest --stanza=new expire").wait_for("Backups in the repository: 0");
    let mut pty = drill(&world, "pgbackrest expire");
    pty.wait_for("Backups in the repository: not seen");
    pty.wait_for("No stanzas exist in the repository.");
}

#[test]
fn backups_that_went_wrong_heads_and_what_is_there_now_are_none() {
    let left = ("Which good backup is left", "the newest, ann");
    for (line, label, number, why_not) in [
        (
            "barman delete db1 20261125T020001",
            "Backups of this server",
            "2",
            "Unknown server 'db1'",
        ),
        (
            "wal-g delete retain 5 --confirm",
            "Backups in the repository",
            "2",
            "connection refused",
        ),
        (
            "kopia snapshot delete k3a5f1",
            "Snapshots in the repository",
            "3",
            "repository is not connected",
        ),
        (
            "snapper delete 12",
            "Snapshots of the root configuration",
            "3",
            "Likely snapper is not configured",
        ),
    ] {
        check(
            line,
            &format!("{label}: {number}"),
            &[left, (label, number)],
            why_not,
        );
    }
    let Some(world) = host() else { return };
    drill(
        &world,
        "wal-g --walg-s3-prefix s3://other delete everything FORCE",
    )
    .wait_for("Backups in the repository: 0");
}
