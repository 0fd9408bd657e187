//! The engine update on a starved host.

use crate::telling::{ENGLISH, answers, kanmon, not_run, ran, record, sees};
use crate::world::World;

/// A small host with little memory left, as the kernel would tell it; the real `free` reads it.
const FURNISH: &str = "
cat >/srv/meminfo <<END
MemTotal:        2013184 kB
MemFree:           49152 kB
MemAvailable:      62464 kB
Buffers:            2048 kB
Cached:            63488 kB
SwapCached:         1024 kB
Shmem:              4096 kB
SReclaimable:       8192 kB
SwapTotal:       1048572 kB
SwapFree:          20480 kB
END
mount --bind /srv/meminfo /proc/meminfo
";

/// On a mail server that had run short of memory for weeks the scanner was brought up to date at
/// noon. The new engine needed twice the memory and scanned on access from its first start; the
/// host swapped until nobody could log in any more, and mail stood still for the afternoon.
#[test]
fn a_scanner_is_not_updated_on_a_host_without_memory() {
    let needs = ["/usr/bin/freshclam", "/usr/bin/free"];
    let Some(world) = World::start("mx2", &needs, FURNISH) else {
        return;
    };
    // The real one says its version; what would load something is written down.
    let version = "[ \"$1\" != --version ] || exec /usr/bin/freshclam --version";
    record(&world, "freshclam", version);
    let mut pty = kanmon(&world, ENGLISH, &["freshclam"]);
    sees(
        &mut pty,
        "antivirus-engine",
        "Engine or patterns, and what is on by default afterwards?",
        &[
            "Update a scanner's engine or patterns  [update.antivirus, risk: high]",
            "Engine and patterns now: ClamAV ",
            "Memory that is free (MiB): 61",
            "MemAvailable:      62464 kB",
            "SwapFree:          20480 kB",
        ],
    );
    // What the look made the operator find out.
    answers(
        &mut pty,
        "Engine or patterns, and what is on by default afterwards?",
        "the engine; a scan of the whole disk is on",
    );
    answers(
        &mut pty,
        "Where was this same version tried before?",
        "nowhere yet",
    );
    answers(&mut pty, "Does what you see match the runbook?", "n");
    not_run(&world, &mut pty, "declined");
    assert_eq!(ran(&world), Vec::<String>::new());
}
