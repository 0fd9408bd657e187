//! The drop of IPv4 over ssh.

use crate::telling::{JAPANESE, answers, recorded, sees};
use crate::world::{KANMON, World};

/// A host that is reached through ssh alone.
const FURNISH: &str = "serve_ssh fw1 </dev/null";

/// The policy of a firewall was set to drop before the rule that lets ssh through was there. The
/// session in which it was typed froze with the same line, and the console was two hours away by
/// train.
#[test]
fn the_way_in_is_not_closed_from_within() {
    let needs = ["/usr/sbin/sshd", "/usr/sbin/iptables"];
    let Some(world) = World::start("fw1", &needs, FURNISH) else {
        return;
    };
    world.must("sed -i 's/ fw1/ fw1 gate/' /etc/hosts");
    let mut pty = world
        .at_terminal("ssh")
        .args(["-t", "-p", "2222", "-i", "/srv/ssh/key", "root@fw1"])
        .args([format!("LANG={JAPANESE} PS1='fw1: ' exec sh")])
        .spawn();
    // The shell is there: what is typed before would be lost with the one that ssh starts.
    pty.wait_for("fw1: ");
    pty.type_text(&format!("clear; {KANMON} iptables -P INPUT DROP\n"));
    sees(
        &mut pty,
        "ipv4-drop-over-ssh",
        "IPv6 側も同じように閉じていますか？",
        &[
            "[network.firewall-v4、危険度: 高]",
            "自分の接続経路: 127.0.0.1 ",
            " 127.0.0.1 2222",
            "INPUT ACCEPT",
        ],
    );
    answers(&mut pty, "IPv6 側も同じように閉じていますか？", "はい");
    answers(&mut pty, "切断されたときに自動で戻す予約", "いいえ");
    pty.wait_for("コマンドは実行していません");
    // The session is still there to type this.
    pty.type_text("clear; echo alive-$((40 + 2))\n");
    pty.wait_for("alive-42");
    recorded(&world, "declined");
    assert!(world.must("iptables -S").contains("-P INPUT ACCEPT"));
}
