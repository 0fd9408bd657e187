//! The host's ledger, shared by real users of one group.

use crate::gate::play;
use crate::people::People;
use crate::stage::{self, kinds};

#[test]
fn members_of_the_group_share_a_ledger_and_others_are_told_that_they_do_not() {
    let Some(people) = People::new() else { return };
    let mut pty = people.start(
        "$CTL init --host || exit 99
        stat -c '%U:%G %a' /var/lib/kanmon /var/lib/kanmon/* /var/lib/kanmon/ledger/ledger.db
        as ann kanmon hourly first; echo ann=$?
        as bob kanmon hourly second; echo bob=$?
        as root kanmon hourly third; echo root=$?
        as eve kanmon hourly fourth; echo eve=$?
        cp /var/lib/kanmon/ledger/ledger.db copy.db
        as bob $CTL log list; as eve $CTL log list
        echo script is through",
    );
    play(&mut pty, &[("Go on?", "y")]);
    pty.wait_for("ann=0");
    let screen = pty.screen();
    for row in [
        "root:root 755",
        "root:kanmon 2770",
        "root:kanmon 3775",
        "root:kanmon 660",
    ] {
        assert!(screen.contains(row), "{row} in\n{screen}");
    }
    pty.wait_for("ann ran this");
    pty.wait_for("bob=124");
    pty.wait_for("root=124");
    pty.wait_for_question("Go on?");
    pty.wait_for("This host's ledger is not open to you (group kanmon)");
    pty.wait_for("only your own runs are known");
    pty.type_text("y");
    pty.wait_for("script is through");
    assert_eq!(people.0.ran(), ["hourly first", "hourly fourth"]);
    // Each member's records are in one chain; eve's are not there.
    let runs = stage::runs(&people.0.path("copy.db"));
    let users: Vec<&str> = runs.iter().map(|run| run.who.real_user.as_str()).collect();
    assert_eq!(users, ["root", "bob", "ann"]);
    assert!(kinds(&runs[2]).contains(&"ended"));
    assert_eq!(
        stage::runs(&people.0.path("own/eve/kanmon/ledger.db")).len(),
        1
    );
}

#[test]
fn with_the_hosts_ledger_what_ran_first_counts_whoever_ran_it() {
    let Some(people) = People::new() else { return };
    let mut pty = people.start(
        "$CTL init --host >/dev/null || exit 99
        as bob kanmon secondly early; echo early=$?
        as ann kanmon notable x; echo noted=$?
        as bob kanmon secondly; echo second=$?
        echo script is through",
    );
    pty.wait_for("no such run is recorded");
    pty.wait_for("early=124");
    play(&mut pty, &[("Go on?", "y")]);
    pty.wait_for("second=0");
    pty.wait_for("script is through");
    assert_eq!(people.0.ran(), ["notable x", "secondly"]);
}

#[test]
fn a_hosts_ledger_that_others_could_have_written_is_not_used() {
    let Some(people) = People::new() else { return };
    let mut pty = people.start(
        "$CTL init --host >/dev/null || exit 99
        chmod 666 /var/lib/kanmon/ledger/ledger.db
        as ann kanmon lowly; echo file=$?
        $CTL init --host >/dev/null
        chown eve /var/lib/kanmon
        as ann kanmon lowly; echo owner=$?
        $CTL init --host >/dev/null
        rm /var/lib/kanmon/ledger/ledger.db
        as ann kanmon lowly; echo gone=$?
        as ann $CTL init --host; echo init=$?
        echo script is through",
    );
    pty.wait_for("others can write");
    pty.wait_for("file=124");
    pty.wait_for("belongs to user 4004");
    pty.wait_for("owner=124");
    pty.wait_for("gone=124");
    pty.wait_for("only root can make");
    pty.wait_for("script is through");
    assert_eq!(people.0.ran(), Vec::<String>::new());
}
