//! The name servers in one place.

use crate::telling::{ENGLISH, answers, kanmon, not_run, sees};
use crate::world::World;

/// A name server with a zone, which it answers for on this host.
const FURNISH: &str = r#"
mkdir -p /srv/named /etc/bind
cat >/srv/named/shop.zone <<'ZONE'
$TTL 3600
@    IN SOA ns1 ops 2026112601 3600 600 604800 300
     IN NS  ns1
     IN NS  ns2
ns1  IN A   192.0.2.1
ns2  IN A   192.0.2.2
www  IN A   192.0.2.80
ZONE
rndc-confgen -a -c /etc/bind/rndc.key
# named gives up what root may do before it reads it.
chmod 644 /etc/bind/rndc.key
rm -f /etc/bind/rndc.conf
cat >/srv/named.conf <<'CF'
include "/etc/bind/rndc.key";
controls { inet 127.0.0.1 port 953 allow { 127.0.0.1; } keys { "rndc-key"; }; };
options {
  directory "/srv/named";
  pid-file "/run/named.pid";
  session-keyfile none;
  listen-on { 127.0.0.1; };
  listen-on-v6 { none; };
  recursion no;
  dnssec-validation no;
};
zone "shop.example" { type primary; file "shop.zone"; };
CF
rm -f /etc/resolv.conf
echo 'nameserver 127.0.0.1' >/etc/resolv.conf
named -g -c /srv/named.conf >/var/log/named.log 2>&1 &
"#;

/// A firm had two name servers, as the rules ask, and both of them in one rack. A zone was reloaded
/// on the evening before that rack's network was worked on; the next morning the firm's names were
/// unknown everywhere, its mail bounced, and so did the mails that asked why.
#[test]
fn a_zone_whose_servers_are_in_one_place_is_not_reloaded_in_passing() {
    let needs = ["/usr/sbin/named", "/usr/sbin/rndc", "/usr/bin/dig"];
    let Some(world) = World::start("ns1", &needs, FURNISH) else {
        return;
    };
    let soa = "dig +short SOA shop.example";
    world.wait_until("the zone is served", || {
        String::from_utf8_lossy(&world.run(soa).stdout).contains("2026112601")
    });
    // The mistake: a new address, and the serial of before.
    world.must("sed -i 's/192.0.2.80/192.0.2.81/' /srv/named/shop.zone");
    let mut pty = kanmon(&world, ENGLISH, &["rndc", "reload", "shop.example"]);
    sees(
        &mut pty,
        "name-servers",
        "Is the serial higher than before, and the old zone kept?",
        &[
            "Change or reload a zone (BIND)  [dns.bind-zone, risk: high]",
            "ns1.shop.example. ops.shop.example. 2026112601",
            "ns2.shop.example.",
            "Networks that they are in (one alone is one too few): 2 192.0.2",
        ],
    );
    answers(&mut pty, "Is the serial higher than before", "n");
    not_run(&world, &mut pty, "declined");
    assert!(world.must(soa).contains("2026112601"));
    assert_eq!(world.must("dig +short A www.shop.example"), "192.0.2.80\n");
}
