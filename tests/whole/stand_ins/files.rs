//! Files: a tool that does not come to its end has counted nothing.

use super::{check, drill, host};

#[test]
fn a_tool_that_is_killed_shows_no_number() {
    let Some(world) = host() else { return };
    world.must("mkdir -p /srv/tree && touch /srv/tree/1 /srv/mail");
    let lines = [
        ("du", "rm -rf /srv/tree", "Files and folders that go"),
        (
            "du",
            "find /srv/tree -delete",
            "Files and folders, from the first path on",
        ),
        (
            "du",
            "chown -R nobody /srv/tree",
            "Files and folders, from the last path on",
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

#[test]
fn objects_of_a_bucket_are_counted() {
    let lost = ("Why may this be lost", "a copy, ann");
    let label = "Objects below this path";
    for (line, number, why_not) in [
        ("gsutil -m rm -r gs://prod/x", "3", "Anonymous caller"),
        (
            "mc rm --recursive --force minio/prod",
            "2",
            "The Access Key Id you provided",
        ),
    ] {
        check(
            line,
            &format!("{label}: {number}"),
            &[lost, (label, number)],
            why_not,
        );
    }
    let Some(world) = host() else { return };
    let mut pty = drill(&world, "gsutil rm -r gs://prod/none");
    pty.wait_for("One or more URLs matched no objects");
}

#[test]
fn the_folder_that_is_shown_is_that_of_the_line() {
    let Some(world) = host() else { return };
    world.must("mkdir -p /srv/tree/old && ln -s tree /srv/link");
    let mut pty = drill(&world, "cd /srv/link && rm -rf old");
    // The disk's own name of it, which stands in no line.
    pty.wait_for("Here:");
    pty.wait_for("/srv/tree");
    // A folder that is not there has no place.
    let mut pty = drill(&world, "cd /srv/nowhere && rm -rf old");
    pty.wait_for("Here: not seen");
}
