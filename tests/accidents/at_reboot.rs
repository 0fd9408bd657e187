//! The reboot by `at`.

use crate::telling::{ENGLISH, SYSTEMCTL, answers, kanmon, not_run, ran, record, sees};
use crate::world::World;

/// The daemon of `at`, with one job that waits.
const FURNISH: &str = "
mkdir -p /srv/cron/atjobs /srv/cron/atspool
touch /srv/cron/atjobs/.SEQ
chown -R daemon:daemon /srv/cron/atjobs /srv/cron/atspool
chmod 1770 /srv/cron/atjobs /srv/cron/atspool
chmod 600 /srv/cron/atjobs/.SEQ
mount --bind /srv/cron /var/spool/cron
ln -sf /usr/share/zoneinfo/UTC /etc/localtime
rm -f /etc/at.deny
atd
echo /usr/local/sbin/backup | at 03:30 tomorrow
";

/// A reboot was put off to the quiet hours with `at 04:00`. The host counted in UTC, so that it went
/// down at one in the afternoon; and nobody sat there, because nobody had thought that the answer
/// had to be given now for something that happens then.
#[test]
fn a_reboot_that_waits_is_judged_as_one_of_now() {
    let needs = ["/usr/sbin/atd", "/usr/bin/at"];
    let Some(world) = World::start("db1", &needs, FURNISH) else {
        return;
    };
    record(&world, "systemctl", SYSTEMCTL);
    record(&world, "shutdown", "");
    world.stand_in("dmesg", "#!/bin/sh\n");
    let before = world.must("atq");
    assert_eq!(before.lines().count(), 1, "{before}");
    let line = ["-c", "echo 'shutdown -r now' | at 04:00"];
    let mut pty = kanmon(&world, ENGLISH, &line);
    sees(
        &mut pty,
        "at-reboot",
        "When was the newest backup, and was it read back?",
        &[
            "Reboot or stop a host  [reboot.host, risk: critical]",
            "Queue a one-off job  [schedule.at, risk: medium]",
            "03:30:00",
            " UTC 20",
        ],
    );
    answers(&mut pty, "When was the newest backup", "last night, yes");
    answers(
        &mut pty,
        "If it is one of a pair, does the other one serve?",
        "y",
    );
    answers(&mut pty, "Can you reach the console", "y");
    answers(&mut pty, "Who was told?", "the night shift");
    answers(&mut pty, "Which ticket is it for", "OPS-77, nobody");
    answers(&mut pty, "Is the time meant in the time zone shown?", "n");
    not_run(&world, &mut pty, "declined");
    assert_eq!(world.must("atq"), before);
    assert_eq!(ran(&world), Vec::<String>::new());
}
