//! The double run, and the log that had stopped.

use crate::telling::{ENGLISH, answers, kanmon, not_run, ran, record, sees};
use crate::world::World;

/// A payment batch whose log is at the limit of its file: 4 GB, last written days ago. A sparse
/// file, so that it takes no space.
const FURNISH: &str = "
mkdir /var/log/payment
truncate -s 4294967295 /var/log/payment/batch.log
find /var/log -exec touch -d '3 days ago' {} +
";

/// What systemd 252 says of the unit, in the form of its `show`.
const SYSTEMCTL: &str = r#"
case "$*" in
*--value*) echo exit-code; exit ;;
show*) cat <<END
Id=payment-batch.service
ActiveState=failed
Result=exit-code
StateChangeTimestamp=Fri 2026-11-27 01:31:07 UTC
UnitFileState=static
END
  exit ;;
esac
"#;

/// What the journal has of it: the money was taken, what failed is the line about it.
const JOURNALCTL: &str = "#!/bin/sh
echo 'settle: 41210 of 41210 cards charged'
echo 'logger: batch.log: File too large'
echo 'payment-batch: FAILED'
";

/// A payment batch charged every card and then failed to write its last line, because its log file
/// had reached the largest size the file format allowed. The scheduler showed a failure, the log
/// ended in the middle of an earlier night, and the operator on call started the batch again: every
/// card was charged twice.
#[test]
fn a_payment_batch_whose_log_had_stopped_is_not_started_twice() {
    let Some(world) = World::start("pay1", &["/usr/bin/find"], FURNISH) else {
        return;
    };
    record(&world, "systemctl", SYSTEMCTL);
    world.stand_in("journalctl", JOURNALCTL);
    // The mistake: what has failed is taken for undone.
    let line = ["systemctl", "start", "payment-batch.service"];
    let mut pty = kanmon(&world, ENGLISH, &line);
    sees(
        &mut pty,
        "double-run",
        "The command has not run.",
        &[
            "Result=exit-code",
            "settle: 41210 of 41210 cards charged",
            "logger: batch.log: File too large",
            "payment-batch: FAILED",
            "Logs of 4 GB or more (they may have stopped): 1 (expected: 0)",
            "Logs written within the hour: 0 (expected: > 0)",
            "not cleared: Logs of 4 GB or more (they may have stopped) is `1`, expected `0`",
        ],
    );
    not_run(&world, &mut pty, "check");
    assert_eq!(ran(&world), Vec::<String>::new());

    // With a log that lives, its owner is who decides.
    world.must("mv /var/log/payment/batch.log /srv/ && echo >/var/log/payment/batch.log");
    let mut pty = kanmon(&world, ENGLISH, &line);
    sees(
        &mut pty,
        "double-run-log",
        "What did the job's own log say at its end?",
        &[
            "Logs of 4 GB or more (they may have stopped): 0 (expected: 0)",
            "Logs written within the hour: 1 (expected: > 0)",
        ],
    );
    answers(
        &mut pty,
        "What did the job's own log say",
        "41210 of 41210 charged",
    );
    answers(&mut pty, "What makes it safe to run twice?", "nothing");
    answers(&mut pty, "Did the owner of the job agree?", "n");
    not_run(&world, &mut pty, "declined");
    assert_eq!(ran(&world), Vec::<String>::new());
}
