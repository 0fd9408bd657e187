//! What is looked at before a host goes down: sick disks, mirrors that lack a disk, who asks to wait.

use std::fs;

use super::{drill, host};
use crate::world::World;

/// A disk, and a software mirror of it whose state stands in `/srv/mdstat`. The machine's own devices
/// and processes are seen beside them.
const DISK: &str = "
mkdir /srv/over /srv/proc
mount -t tmpfs tmpfs /srv/over
mkdir /srv/over/up /srv/over/work /srv/over/pts
mount --bind /dev/pts /srv/over/pts
mount -t overlay overlay -o lowerdir=/dev,upperdir=/srv/over/up,workdir=/srv/over/work /dev
mount --move /srv/over/pts /dev/pts
mknod /dev/sda b 7 200
mount --bind /proc /srv/proc
mount -t tmpfs tmpfs /proc
for name in $(ls /srv/proc | grep -v '[0-9]'); do ln -s /srv/proc/$name /proc/$name; done
ln -sf /srv/mdstat /proc/mdstat
";
/// A mirror of two disks, as the kernel tells of it.
///
/// Source of the format: torvalds/linux drivers/md/md.c (`md_seq_show`), Documentation/admin-guide/md.rst.
const MIRROR: &str = "Personalities : [raid1]
md0 : active raid1 sdb1[1] sda1[0]
      2094080 blocks super 1.2 [2/2] [UU]

unused devices: <none>
";

/// Says how the disk and the mirror are, and what the kernel's log has; `sees` is what a reboot sees then.
#[track_caller]
fn check(world: &World, disk: &str, mirror: &str, sees: &str) {
    fs::write(world.path("disk"), disk).unwrap();
    fs::write(world.path("mdstat"), mirror).unwrap();
    let mut pty = drill(world, "reboot");
    pty.wait_for(sees);
}

#[test]
fn sick_disks_and_mirrors_without_a_disk_stop_a_reboot() {
    let Some(world) = host() else { return };
    world.must(DISK);
    world.stand_in(
        "dmesg",
        "#!/bin/sh\necho 'sd 0:0:0:0: [sda] Attached SCSI disk'\n",
    );
    let errors = |number| format!("Disk errors (dmesg, mdstat, smartctl): {number} (expected: 0)");
    check(&world, "good", MIRROR, &errors(0));
    check(&world, "bad", MIRROR, &errors(1));
    check(&world, "bad-scsi", MIRROR, &errors(1));
    let degraded = MIRROR
        .replace("sdb1[1] ", "")
        .replace("[2/2] [UU]", "[2/1] [U_]");
    check(&world, "good", &degraded, &errors(1));
    check(&world, "bad", &degraded, &errors(2));
    let stopped = MIRROR
        .replace("active raid1 sdb1[1] sda1[0]", "inactive sda1[0](S)")
        .replace(" [2/2] [UU]", "");
    check(&world, "good", &stopped, &errors(1));
    // Behind a controller the drives are those that a scan names; the rest counts all the same.
    check(&world, "raid", MIRROR, &errors(0));
    check(&world, "raid", &degraded, &errors(1));
    check(&world, "raid-bad", &degraded, &errors(2));
    // What cannot be looked at is not seen.
    check(&world, "gone", MIRROR, "smartctl cannot open /dev/sda");
    world.stand_in(
        "dmesg",
        "#!/bin/sh\necho 'dmesg: read kernel buffer failed: Operation not permitted' >&2\nexit 1\n",
    );
    check(&world, "good", MIRROR, "read kernel buffer failed");
}

#[test]
fn who_asks_to_wait_is_shown() {
    let Some(world) = host() else { return };
    world.must("mkdir -p /run/systemd/system");
    let mut pty = drill(&world, "reboot");
    pty.wait_for("What asks to wait (inhibitors):");
    pty.wait_for("Unattended Upgrades Shutdown");
    pty.wait_for("A dump is under way");
    fs::write(world.path("down"), "").unwrap();
    drill(&world, "reboot").wait_for("Failed to connect to bus: No such file or directory");
}
