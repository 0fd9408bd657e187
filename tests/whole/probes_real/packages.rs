//! apt-get: its own simulation is counted.

use std::path::Path;

use crate::place::Place;

/// Returns how many packages Debian's own simulation changes.
fn simulated(place: &Place, line: &str) -> usize {
    let told = place.must(&format!("apt-get -s {line}"));
    let changes = |line: &&str| {
        ["Inst ", "Remv ", "Purg "]
            .iter()
            .any(|w| line.starts_with(w))
    };
    told.lines().filter(changes).count()
}

#[test]
fn apt_get_is_asked_how_many_packages_change() {
    let place = Place::new();
    let count = simulated(&place, "remove redis-server");
    assert!(count > 0);
    let mut pty = place.drill(&["apt-get", "-y", "remove", "redis-server"], &[]);
    pty.wait_for(&format!("Packages that change: {count}"));
    pty.wait_for("Of them certificates and TLS: 0");
    pty.wait_for("Held packages touched (1: yes): 0");
    pty.wait_for_question("Where was this same version tried before?");
    pty.type_text("staging web1, yesterday\n");
    pty.wait_for_question("What else is switched on or restarted by it?");
    pty.type_text("nothing\n");
    for question in ["match the runbook", "calm and unhurried"] {
        pty.wait_for_question(question);
        pty.type_text("y\n");
    }
    // The label stood there before it was asked for.
    let call = "Look and call: Packages that change";
    pty.answer(call, &format!("{}\n", count + 1));
    pty.wait_for("Tries left: 2");
    pty.answer(call, &format!("{count}\n"));
    pty.wait_for_question("Run it now?");
    pty.type_text("y\n");
    assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.screen());
    // It is still there: nothing was removed.
    assert!(Path::new("/usr/bin/redis-server").exists());
}

#[test]
fn a_package_that_apt_get_does_not_know_cannot_be_counted() {
    let place = Place::new();
    place.shows(
        &["apt-get", "install", "no-such-package-at-all"],
        "not seen: the probe ended with status 100: E: Unable to locate package",
    );
}
