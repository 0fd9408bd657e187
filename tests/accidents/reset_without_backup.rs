//! The reset without a backup.

use crate::telling::{ENGLISH, SYSTEMCTL, answers, kanmon, not_run, ran, record, sees};
use crate::world::World;

/// A kernel whose disk dies, in the words of Linux 6.1 (`drivers/scsi/sd.c`, `block/blk-core.c`,
/// `fs/ext4/super.c`).
const DMESG: &str = "#!/bin/sh
echo '[812345.100000] sd 0:0:0:0: [sda] Unaligned partial completion (resid=3584, sector_sz=512)'
echo '[812345.120000] I/O error, dev sda, sector 40962048 op 0x0:(READ) flags 0x80700 phys_seg 4 prio class 2'
echo '[812346.770000] I/O error, dev sda, sector 40962056 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2'
echo '[812346.790000] EXT4-fs error (device sda1): ext4_find_entry:1682: inode #262146: comm imapd: reading directory lblock 0'
";

/// A server had become slow and was reset, because that had always helped. Its disk was dying: it
/// did not start again, and only then did anybody look for the backup, whose last good copy was
/// weeks old.
#[test]
fn a_host_with_a_dying_disk_is_not_reset_before_its_backup_was_looked_for() {
    let Some(world) = World::start("imap1", &[], "") else {
        return;
    };
    record(&world, "systemctl", SYSTEMCTL);
    record(&world, "reboot", "");
    world.stand_in("dmesg", DMESG);
    // The mistake: it has always helped.
    let mut pty = kanmon(&world, ENGLISH, &["reboot", "-f"]);
    sees(
        &mut pty,
        "reset-without-backup",
        "The command has not run.",
        &[
            "Reboot or stop a host  [reboot.host, risk: critical]",
            "a sick disk or an untried boot may not come",
            "Disk errors (dmesg, mdstat, smartctl): 3 (expected: 0)",
            "not cleared: Disk errors (dmesg, mdstat, smartctl) is `3`, expected `0`",
        ],
    );
    not_run(&world, &mut pty, "check");
    assert_eq!(ran(&world), Vec::<String>::new());

    // With a quiet disk the backup is what is asked for first.
    world.stand_in("dmesg", "#!/bin/sh\n");
    let mut pty = kanmon(&world, ENGLISH, &["reboot", "-f"]);
    sees(
        &mut pty,
        "reset-backup",
        "When was the newest backup, and was it read back?",
        &["Disk errors (dmesg, mdstat, smartctl): 0 (expected: 0)"],
    );
    answers(
        &mut pty,
        "When was the newest backup",
        "5 November, never read back",
    );
    answers(
        &mut pty,
        "If it is one of a pair, does the other one serve?",
        "y",
    );
    answers(&mut pty, "Can you reach the console", "n");
    not_run(&world, &mut pty, "declined");
    assert_eq!(ran(&world), Vec::<String>::new());
}
