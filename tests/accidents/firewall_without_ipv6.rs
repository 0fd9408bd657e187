//! The firewall without IPv6.

use crate::telling::{ENGLISH, JAPANESE, answers, has_run, kanmon, not_run, sees};
use crate::world::World;

/// A host that has an address of each kind.
const FURNISH: &str = "ip -6 address add 2001:db8::5/64 dev lo";

/// The rule that closes the database's port.
const CLOSED: &str = "-A INPUT -p tcp -m tcp --dport 3306 -j DROP";

/// A database's port was closed towards the world, and the operator tried it from outside: closed.
/// The host also had an IPv6 address, where the same port stayed open for months, until somebody
/// else tried that.
#[test]
fn a_port_is_closed_for_ipv6_as_well() {
    let needs = ["/usr/sbin/iptables", "/usr/sbin/ip6tables"];
    let Some(world) = World::start("db2", &needs, FURNISH) else {
        return;
    };
    let line = "iptables -A INPUT -p tcp --dport 3306 -j DROP";
    let words: Vec<&str> = line.split(' ').collect();
    let mut pty = kanmon(&world, JAPANESE, &words);
    sees(
        &mut pty,
        "firewall-without-ipv6",
        "IPv6 側も同じように閉じていますか？",
        &[
            "[network.firewall-v4、危険度: 高]",
            "現在の IPv6 ルール数: 0",
            "グローバル IPv6 アドレス数: 1",
        ],
    );
    answers(&mut pty, "IPv6 側も同じように閉じていますか？", "いいえ");
    not_run(&world, &mut pty, "declined");
    assert!(!world.must("iptables -S; ip6tables -S").contains("3306"));

    // Both at once: now nothing is said of IPv6, and the number of rules is called.
    let both = format!("{line} && ip6tables -A INPUT -p tcp --dport 3306 -j DROP");
    let mut pty = kanmon(&world, ENGLISH, &["-c", &both]);
    sees(
        &mut pty,
        "firewall-both",
        "Does a job put it back if you are cut off",
        &["Change the firewall  [network.firewall, risk: high]"],
    );
    answers(&mut pty, "Does a job put it back if you are cut off", "y");
    answers(
        &mut pty,
        "Can you reach the console if it does not come back?",
        "y",
    );
    answers(&mut pty, "Look and call: IPv4 and IPv6 rules now", "0");
    answers(&mut pty, "Run it now?", "y");
    has_run(&world, &mut pty);
    for family in ["iptables", "ip6tables"] {
        let rules = world.must(&format!("{family} -S"));
        assert_eq!(rules.matches(CLOSED).count(), 1, "{rules}");
    }
}
