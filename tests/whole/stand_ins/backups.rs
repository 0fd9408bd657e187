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
