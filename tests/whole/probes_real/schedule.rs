//! at and cron: the jobs and entries that wait.

use crate::place::drill_in_world;
use crate::world::World;

/// The daemon of `at`, tables of cron, both with nothing in them.
const FURNISH: &str = "
mkdir -p /srv/cron/atjobs /srv/cron/atspool /srv/cron/crontabs
touch /srv/cron/atjobs/.SEQ
chown -R daemon:daemon /srv/cron/atjobs /srv/cron/atspool
chmod 1770 /srv/cron/atjobs /srv/cron/atspool
chmod 600 /srv/cron/atjobs/.SEQ
chgrp crontab /srv/cron/crontabs
chmod 1730 /srv/cron/crontabs
mount --bind /srv/cron /var/spool/cron
ln -sf /usr/share/zoneinfo/UTC /etc/localtime
rm -f /etc/at.deny /etc/cron.deny
atd
";

/// Starts the host.
fn host() -> Option<World> {
    let needs = ["/usr/sbin/atd", "/usr/bin/at", "/usr/bin/crontab"];
    World::start("batch1", &needs, FURNISH)
}

#[test]
fn the_jobs_of_at_stand_there_before_one_is_removed() {
    let Some(world) = host() else { return };
    for time in ["03:30", "04:30", "05:30"] {
        world.must(&format!(
            "echo /usr/local/sbin/backup --at {time} | at {time} tomorrow"
        ));
    }
    let before = world.must("atq");
    assert_eq!(before.lines().count(), 3, "{before}");
    // The queue shows two of them in no order; the one that goes stands there by itself.
    let mut pty = drill_in_world(&world, &["atrm", "2"]);
    pty.wait_for("What it would run:\n    2:\n    /usr/local/sbin/backup --at 04:30");
    pty.wait_for("(1 more lines)");
    pty.wait_for_question("Whose job is it, and who agreed to it?");
    pty.type_text("Ann's, she did\n");
    pty.wait_for_question("Is this the job that you mean?");
    pty.type_text("y\n");
    assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.screen());
    assert_eq!(world.must("atq"), before);

    let mut pty = drill_in_world(&world, &["atrm", "9"]);
    pty.wait_for("What it would run: not seen");
    pty.wait_for("Cannot find jobid 9");
    world.must("mv /srv/cron/atjobs /srv/cron/elsewhere");
    let mut pty = drill_in_world(&world, &["atrm", "2"]);
    pty.wait_for("Jobs queued by at; What it would run:");
    pty.wait_for("No such file or directory");
}

#[test]
fn the_entries_of_a_table_are_counted_and_called() {
    let Some(world) = host() else { return };
    let table = "# Nightly work\nMAILTO=ops@shop.example\nPATH=/usr/bin:/bin\n\n\
                 0 3 * * * backup\n  */5 * * * * poll\n@daily rotate\n";
    world.must(&format!("printf '%s' '{table}' | crontab -"));
    let mut pty = drill_in_world(&world, &["crontab", "-r"]);
    pty.wait_for_question("Is the table of now saved");
    pty.wait_for("0 3 * * * backup");
    pty.type_text("y\n");
    pty.wait_for_question("Look and call: Entries in your table");
    // Neither the comment nor what sets a variable runs.
    pty.type_text("5\n");
    pty.wait_for_question("Tries left: 2");
    pty.type_text("3\n");
    pty.wait_for_question("Run it now?");
    pty.type_text("y\n");
    assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.screen());
    assert_eq!(world.must("crontab -l"), table);

    world.must("crontab -r");
    let mut pty = drill_in_world(&world, &["crontab", "/srv/new"]);
    pty.wait_for("Your table: (nothing)");
    pty.wait_for_question("Is the table of now saved");
    pty.type_text("y\n");
    pty.wait_for_question("Look and call: Entries in your table");
    pty.type_text("0\n");
    pty.wait_for_question("Run it now?");
}

#[test]
fn a_table_that_cannot_be_read_is_not_an_empty_one() {
    let Some(world) = host() else { return };
    world.must("ln -s root /srv/cron/crontabs/root");
    let mut pty = drill_in_world(&world, &["crontab", "-r"]);
    pty.wait_for("Too many levels of symbolic links");
    let mut pty = drill_in_world(&world, &["crontab", "-u", "nobody-here", "-r"]);
    pty.wait_for("The table of this user: not seen");
    pty.wait_for("user `nobody-here' unknown");
}
