//! The unread permission.

use crate::telling::{
    ENGLISH, JAPANESE, SYSTEMCTL, answered, has_run, kanmon, keep, not_run, ran, record, sees,
};
use crate::world::World;

/// A host with a group of operators, of which Ann is one.
const FURNISH: &str = "
mount -t tmpfs -o mode=755 none /var/lib
groupadd --system kanmon
echo 'ann:*:4001:4001:Ann:/:/bin/sh' >>/etc/passwd
echo 'ann:x:4001:' >>/etc/group
usermod -aG kanmon ann
/srv/bin/kanmonctl init --host
";

/// The change board had permitted the reboot of a broken server until six, and wrote so in the work
/// order. The operator did not read it and waited forty minutes for somebody to say yes, while the
/// customers waited too.
#[test]
fn a_permission_that_was_given_is_shown_and_nothing_is_waited_for() {
    let Some(world) = World::start("app3", &["/usr/sbin/usermod"], FURNISH) else {
        return;
    };
    record(&world, "systemctl", SYSTEMCTL);
    record(&world, "reboot", "");
    world.stand_in("dmesg", "#!/bin/sh\n");
    // Before it is given, there are questions, a wait and a call.
    let mut pty = kanmon(&world, JAPANESE, &["reboot"]);
    sees(
        &mut pty,
        "without-permission",
        "最新のバックアップはいつですか",
        &["[reboot.host、危険度: 最高]"],
    );
    pty.type_keys(&["C-c"]);
    not_run(&world, &mut pty, "interrupted");
    assert_eq!(ran(&world), Vec::<String>::new());

    world.must(
        "echo $(id -u ann) >/proc/self/loginuid 2>/dev/null || true
         setpriv --reuid ann --regid ann --init-groups -- /srv/bin/kanmonctl permit add \
           --rule 'reboot.*' --target app3 --until 40m --by 'CAB 1234' --reason 'broken server'",
    );
    let mut pty = kanmon(&world, ENGLISH, &["reboot"]);
    let run = has_run(&world, &mut pty);
    let screen = keep(&mut pty, "unread-permission");
    assert!(screen.contains("already permitted until"), "{screen}");
    assert!(screen.contains("by CAB 1234 (given by ann)"), "{screen}");
    assert_eq!(ran(&world), ["reboot "]);
    // Only looked: nothing was asked, sat out or called.
    let steps = answered(&run);
    assert_eq!(
        steps,
        ["show", "show", "show", "show", "show", "check"],
        "{run:#}"
    );
}
