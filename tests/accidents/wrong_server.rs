//! The wrong server.

use crate::telling::{ENGLISH, SYSTEMCTL, answers, ran, record, recorded, sees};
use crate::world::{KANMON, World};

/// Two names, one machine: the list of hosts says that it is the one for trials.
const FURNISH: &str = "
sed -i 's/ app-prod/ app-prod app-stage/' /etc/hosts
rm -rf /etc/cron.daily && mkdir /etc/cron.daily
printf '#!/bin/sh\\necho close-day >>/srv/ran\\n' >/etc/cron.daily/close-day
chmod 755 /etc/cron.daily/close-day
serve_ssh app-stage </dev/null
";

/// The day's closing was to be tried on the staging server. The operator had several terminals open,
/// one of them had gone through an alias to production, and all prompts looked alike: the books of
/// the running day were closed for everybody.
#[test]
fn jobs_meant_for_staging_do_not_run_on_production() {
    let needs = ["/usr/sbin/sshd", "/usr/bin/run-parts"];
    let Some(world) = World::start("app-prod", &needs, FURNISH) else {
        return;
    };
    record(&world, "systemctl", SYSTEMCTL);
    let mut pty = world
        .at_terminal("ssh")
        .args(["-t", "-p", "2222", "-i", "/srv/ssh/key", "root@app-stage"])
        .args([format!("LANG={ENGLISH} PS1='stage: ' exec sh")])
        .spawn();
    // The shell is there: what is typed before would be lost with the one that ssh starts.
    pty.wait_for("stage: ");
    pty.type_text(&format!("clear; {KANMON} run-parts /etc/cron.daily\n"));
    sees(
        &mut pty,
        "wrong-server",
        "What did the job's own log say at its end?",
        &[
            "Run cron's jobs by hand  [rerun.cron, risk: high]",
            "Target   app-prod",
        ],
    );
    answers(
        &mut pty,
        "What did the job's own log say",
        "nothing, it is a trial",
    );
    answers(
        &mut pty,
        "What makes it safe to run twice?",
        "it is staging",
    );
    answers(&mut pty, "Did the owner of the job agree?", "y");
    // The mistake: the name that the operator came by, not the one of the machine.
    for _ in 0..3 {
        answers(&mut pty, "Look and call: ", "app-stage");
    }
    pty.wait_for("not cleared");
    recorded(&world, "wrong-call");
    assert_eq!(ran(&world), Vec::<String>::new());
}
