//! nftables and iptables in networks of their own.

use crate::place::drill_in_world;
use crate::world::World;

#[test]
fn the_rules_of_nftables_are_counted_in_a_network_of_its_own() {
    let rules = "nft 'add table inet f; add chain inet f c { type filter hook input priority 0; }; \
                 add rule inet f c tcp dport 22 accept; add rule inet f c tcp dport 25 accept'";
    let Some(world) = World::start("fw1", &["/usr/sbin/nft"], rules) else {
        return;
    };
    let mut pty = drill_in_world(&world, &["nft", "flush", "ruleset"]);
    // A chain's own line counts: it is gone as well.
    pty.wait_for("Rules in nftables now: 3");
}

#[test]
fn without_nft_its_rules_are_not_none() {
    let needs = ["/usr/sbin/nft"];
    let Some(world) = World::start("db2", &needs, "mount --bind /dev/null /usr/sbin/nft") else {
        return;
    };
    let mut pty = drill_in_world(&world, &["nft", "flush", "ruleset"]);
    pty.wait_for("Tables; Rules in nftables now:");
    pty.wait_for("not seen");
}

/// A host with an address of each kind and rules in two tables of IPv4 and one of IPv6.
const IPTABLES: &str = "
ip -6 address add 2001:db8::5/64 dev lo
iptables -P INPUT DROP
iptables -A INPUT -p tcp --dport 22 -j ACCEPT
iptables -A INPUT -p tcp --dport 25 -j ACCEPT
iptables -t nat -A POSTROUTING -o lo -j MASQUERADE
ip6tables -A INPUT -p tcp --dport 22 -j ACCEPT
";

#[test]
fn the_rules_of_iptables_are_counted_in_all_tables_and_ipv6_is_pointed_out() {
    let needs = ["/usr/sbin/iptables", "/usr/sbin/ip6tables"];
    let Some(world) = World::start("db2", &needs, IPTABLES) else {
        return;
    };
    let line = ["iptables", "-t", "nat", "-F"];
    let mut pty = drill_in_world(&world, &line);
    pty.wait_for_question("Is the same closed for IPv6?");
    let screen = pty.screen();
    for shown in [
        "Change the firewall for IPv4 alone",
        "1 INPUT DROP",
        "IPv6 rules now: 1",
        "Global IPv6 addresses: 1",
    ] {
        assert!(screen.contains(shown), "{shown}\n{screen}");
    }
    for question in [
        "Is the same closed",
        "Does a job put it back",
        "Can you reach the console",
    ] {
        pty.wait_for_question(question);
        pty.type_text("y\n");
    }
    pty.wait_for_question("Look and call: IPv4 and IPv6 rules now");
    // Not those of the filter table alone: it is the other one that is emptied.
    pty.type_text("3\n");
    pty.wait_for_question("Tries left: 2");
    pty.type_text("4\n");
    pty.wait_for_question("Run it now?");
    pty.type_text("y\n");
    assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.screen());
    assert!(world.must("iptables-save").contains("MASQUERADE"));

    world.must("mount --bind /dev/null /usr/sbin/ip6tables-save");
    let mut pty = drill_in_world(&world, &line);
    pty.wait_for("IPv6 rules now: not seen");
}
