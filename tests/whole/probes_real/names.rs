//! BIND: the zones of the server, and where the name servers of a zone are.

use crate::place::drill_in_world;
use crate::world::World;

/// Two name servers, the second one at another control port, with a zone more.
const FURNISH: &str = r#"
mkdir -p /srv/named /etc/bind
cat >/srv/named/shop.zone <<'ZONE'
$TTL 3600
@    IN SOA ns1 ops 2026112601 3600 600 604800 300
     IN NS  ns1
     IN NS  ns2
ns1  IN A   192.0.2.1
ns2  IN A   198.51.100.2
ZONE
rndc-confgen -a -c /etc/bind/rndc.key
# named gives up what root may do before it reads it.
chmod 644 /etc/bind/rndc.key
rm -f /etc/bind/rndc.conf
serve() {
  cat >/srv/$1.conf <<CF
include "/etc/bind/rndc.key";
controls { inet 127.0.0.1 port $3 allow { 127.0.0.1; } keys { "rndc-key"; }; };
options {
  directory "/srv/named";
  pid-file "/run/$1.pid";
  lock-file none;
  session-keyfile none;
  listen-on port $2 { 127.0.0.1; };
  listen-on-v6 { none; };
  recursion no;
  dnssec-validation no;
};
zone "shop.example" { type primary; file "shop.zone"; };
CF
  cat >>/srv/$1.conf
  named -g -c /srv/$1.conf >/var/log/$1.log 2>&1 &
}
serve first 53 953 </dev/null
echo 'zone "other.example" { type primary; file "shop.zone"; };' | serve second 5353 1953
rm -f /etc/resolv.conf
echo 'nameserver 127.0.0.1' >/etc/resolv.conf
"#;

/// Returns what the rndc of a port says of the number of zones.
fn zones(world: &World, port: &str) -> String {
    let status = world.must(&format!("rndc -p {port} status"));
    let row = status
        .lines()
        .find(|row| row.starts_with("number of zones"));
    let number = row.and_then(|row| row.split(' ').nth(3));
    number.expect("a number of zones").to_owned()
}

/// Starts the host and waits until both servers answer.
fn host() -> Option<World> {
    let needs = ["/usr/sbin/named", "/usr/sbin/rndc", "/usr/bin/dig"];
    let world = World::start("ns1", &needs, FURNISH)?;
    world.wait_until("both servers answer", || {
        let answers = "rndc status && rndc -p 1953 status && dig +short SOA shop.example";
        world.run(answers).status.success()
    });
    Some(world)
}

#[test]
fn the_zones_of_the_server_that_the_line_names_are_called() {
    let Some(world) = host() else { return };
    let (first, second) = (zones(&world, "953"), zones(&world, "1953"));
    assert_ne!(first, second);
    let mut pty = drill_in_world(&world, &["rndc", "-p", "1953", "reload", "shop.example"]);
    pty.wait_for_question("Is the serial higher than before, and the old zone kept?");
    let screen = pty.screen();
    for shown in [
        "ns1.shop.example. ops.shop.example. 2026112601",
        "ns2.shop.example.",
        "1 192.0.2",
        "1 198.51.100",
    ] {
        assert!(screen.contains(shown), "{shown}\n{screen}");
    }
    pty.type_text("y\n");
    pty.wait_for_question("Look and call: Zones that the server has");
    pty.type_text(&format!("{first}\n"));
    pty.wait_for_question("Tries left: 2");
    pty.type_text(&format!("{second}\n"));
    pty.wait_for_question("Run it now?");
    pty.type_text("y\n");
    assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.screen());

    // All zones at once: nothing is said of one.
    let mut pty = drill_in_world(&world, &["rndc", "reload"]);
    pty.wait_for(&format!("Zones that the server has: {first}"));
    assert!(!pty.screen().contains("SOA now"), "{}", pty.screen());
}

#[test]
fn a_name_server_that_is_down_is_not_seen() {
    let Some(world) = host() else { return };
    world.must("rndc stop");
    world.wait_until("it is down", || !world.run("rndc status").status.success());
    let mut pty = drill_in_world(&world, &["rndc", "reload"]);
    pty.wait_for("Zones that the server has: not seen");
    pty.wait_for("connection refused");
    // Nobody answers for the zone either: that is not a zone without name servers.
    let mut pty = drill_in_world(&world, &["rndc", "reload", "shop.example"]);
    pty.wait_for("SOA now; Name servers of the zone; Networks that they are in");
    pty.wait_for("not seen");
}
