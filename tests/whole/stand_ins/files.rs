//! Files: a tool that does not come to its end has counted nothing.

use super::{drill, host};

#[test]
fn a_tool_that_is_killed_shows_no_number() {
    let Some(world) = host() else { return };
    world.must("mkdir -p /srv/tree && touch /srv/tree/1 /srv/mail");
    let lines = [
        ("du", "rm -rf /srv/tree", "Files and folders in it"),
        (
            "du",
            "find /srv/tree -delete",
            "Files and folders below the first path",
        ),
        (
            "du",
            "chown -R root /srv/tree",
            "Files and folders below the last path",
        ),
        ("stat", "shred -u /srv/tree/1", "Bytes in these files"),
    ];
    for (tool, line, label) in lines {
        let killed = "#!/bin/sh\n[ \"$1\" != -shx ] || exit 0\nprintf '4\\n'\nkill -9 $$\n";
        world.stand_in(tool, killed);
        let mut pty = drill(&world, line);
        if tool == "stat" {
            pty.wait_for_question("Why may this be lost");
            pty.type_text("a copy, ann\n");
        }
        pty.wait_for(&format!("\"{label}\" could not be seen"));
    }
}
