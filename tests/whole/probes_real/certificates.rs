//! openssl: when certificates end, and how many are trusted.

use crate::place::drill_in_world;
use crate::world::World;

/// A certificate that ends tomorrow, where certbot keeps them, and a bundle with three.
const FURNISH: &str = "
live=/etc/letsencrypt/live/shop.example
mkdir -p $live
openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=shop.example \
  -keyout $live/privkey.pem -out $live/fullchain.pem
cp $live/fullchain.pem $live/cert.pem
rm -rf /etc/ssl/certs
mkdir -p /etc/ssl/certs
for name in one two three; do
  cp $live/fullchain.pem /etc/ssl/certs/$name.pem
  cat $live/fullchain.pem >>/etc/ssl/certs/ca-certificates.crt
done
openssl rehash /etc/ssl/certs
";

/// Starts the host.
fn host() -> Option<World> {
    World::start("web1", &["/usr/bin/openssl"], FURNISH)
}

#[test]
fn a_certificate_that_ends_tomorrow_is_shown_and_the_trusted_ones_are_called() {
    let Some(world) = host() else { return };
    let file = "/etc/letsencrypt/live/shop.example/fullchain.pem";
    let ends = world.must(&format!("openssl x509 -noout -enddate -in {file}"));
    assert!(
        !world
            .run(&format!("openssl x509 -noout -checkend 90000 -in {file}"))
            .status
            .success()
    );
    let mut pty = drill_in_world(&world, &["certbot", "renew"]);
    pty.wait_for(ends.trim_end());
    pty.wait_for("subject=CN = shop.example");

    // The day as openssl writes it: `Nov  7`.
    let day = ends.trim_start_matches("notAfter=").get(..6).unwrap();
    let mut pty = drill_in_world(&world, &["openssl", "ca", "-revoke", file]);
    pty.wait_for("subject=CN = shop.example");
    pty.wait_for_question("Which services still show this certificate?");
    pty.type_text("the shop\n");
    pty.wait_for_question("Look and call: Day on which this certificate ends");
    pty.type_text("Jan  1\n");
    pty.wait_for_question("Tries left: 2");
    pty.type_text(&format!("{day}\n"));
    pty.wait_for_question("Run it now?");

    let mut pty = drill_in_world(&world, &["update-ca-certificates"]);
    pty.wait_for("Certificates trusted by the system: 3");
    pty.wait_for_question("Which programs here check certificates by it?");
    pty.type_text("curl\n");
    pty.wait_for_question("Look and call: Certificates trusted by the system");
    pty.type_text("3\n");
    pty.wait_for_question("Run it now?");
}

#[test]
fn a_certificate_that_cannot_be_read_is_not_none() {
    let Some(world) = host() else { return };
    world.must("echo broken >/etc/letsencrypt/live/shop.example/fullchain.pem");
    let mut pty = drill_in_world(&world, &["certbot", "renew"]);
    pty.wait_for("Certificates end: not seen");
    let file = "/etc/letsencrypt/live/shop.example/fullchain.pem";
    let mut pty = drill_in_world(&world, &["openssl", "ca", "-revoke", file]);
    pty.wait_for("This certificate: not seen");
    world.must("rm -r /etc/letsencrypt");
    let mut pty = drill_in_world(&world, &["certbot", "renew"]);
    pty.wait_for("Certificates end: (nothing)");
    world.must("rm /etc/ssl/certs/ca-certificates.crt");
    let mut pty = drill_in_world(&world, &["update-ca-certificates"]);
    pty.wait_for("Certificates trusted by the system: not seen");
    pty.wait_for("no bundle of certificates is known");
}

#[test]
fn a_certificate_that_is_named_is_called_by_the_day_on_which_it_ends() {
    let Some(world) = host() else { return };
    let file = "/etc/letsencrypt/live/shop.example/cert.pem";
    let ends = world.must(&format!("openssl x509 -noout -enddate -in {file}"));
    let day = ends.trim_start_matches("notAfter=").get(..6).unwrap();
    for line in [
        ["certbot", "revoke", "--cert-name", "shop.example"],
        ["certbot", "revoke", "--cert-path", file],
    ] {
        let mut pty = drill_in_world(&world, &line);
        pty.wait_for("subject=CN = shop.example");
        pty.wait_for_question("Which services still show this certificate?");
        pty.type_text("the shop\n");
        pty.wait_for_question("Look and call: Day on which this certificate ends");
        pty.type_text(&format!("{day}\n"));
        pty.wait_for_question("Run it now?");
    }
    for line in [
        ["certbot", "delete", "--cert-name", "none.example"],
        ["certbot", "revoke", "--cert-path", "/etc/hosts"],
    ] {
        let mut pty = drill_in_world(&world, &line);
        pty.wait_for("This certificate: not seen");
    }
}
