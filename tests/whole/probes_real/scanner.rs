//! freshclam: its version, and the memory that is free.

use crate::place::drill_in_world;
use crate::world::World;

/// A scanner whose patterns are those of the header of a database of its own.
const FURNISH: &str = "
mkdir /srv/patterns
printf '%-512s' 'ClamAV-VDB:26 Nov 2026 08-25 +0000:27800:2060000:90:X:X:builder:1795681500' >/srv/patterns/daily.cvd
mkdir -p /etc/clamav
printf 'DatabaseDirectory /srv/patterns\\nDatabaseMirror mirror.invalid\\n' >/etc/clamav/freshclam.conf
";

#[test]
fn the_version_of_the_scanner_is_shown_and_the_free_memory_called() {
    let needs = ["/usr/bin/freshclam", "/usr/bin/free"];
    let Some(world) = World::start("mx2", &needs, FURNISH) else {
        return;
    };
    let version = world.must("freshclam --version");
    assert!(version.contains("/27800/"), "{version}");
    let mut pty = drill_in_world(&world, &["freshclam"]);
    let first = "Engine or patterns, and what is on by default afterwards?";
    pty.wait_for_question(first);
    let screen = pty.screen();
    assert!(
        screen.contains(&format!("Engine and patterns now: {}", version.trim_end())),
        "{screen}"
    );
    // What stands on the screen counts: by now it may be a mebibyte less.
    let label = "Memory that is free (MiB)";
    let row = screen
        .lines()
        .find_map(|row| row.split_once(&format!("{label}: ")));
    let free = row.expect("a row").1.trim().to_owned();
    assert!(free.parse::<u64>().unwrap() > 0, "{screen}");
    pty.type_text("patterns; nothing new\n");
    pty.wait_for_question("Where was this same version tried before?");
    pty.type_text("on mx3, yesterday\n");
    for question in ["match the runbook", "calm and unhurried"] {
        pty.wait_for_question(question);
        pty.type_text("y\n");
    }
    pty.wait_for_question(&format!("Look and call: {label}"));
    pty.type_text(&format!("{free}\n"));
    pty.wait_for_question("Run it now?");
    pty.type_text("y\n");
    assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.screen());
    assert_eq!(world.must("freshclam --version"), version);

    world.must("rm /etc/clamav/freshclam.conf");
    let mut pty = drill_in_world(&world, &["freshclam"]);
    pty.wait_for("Engine and patterns now");
    pty.wait_for("not seen: the probe ended with status 2");
}
