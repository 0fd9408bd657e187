//! The certificate.

use crate::telling::{ENGLISH, answers, kanmon, not_run, ran, record, sees};
use crate::world::World;

/// A certificate that ends tomorrow, where certbot keeps them.
const FURNISH: &str = "
live=/etc/letsencrypt/live/shop.example
mkdir -p $live
openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=shop.example \
  -keyout $live/privkey.pem -out $live/fullchain.pem
";

/// A certificate was renewed the day before its end, and the files were new. The mail server and the
/// load balancer had read the old one at their start months ago and went on to show it: at midnight
/// every client refused them.
#[test]
fn a_renewal_is_not_made_before_it_is_known_who_loads_it() {
    let Some(world) = World::start("web2", &["/usr/bin/openssl"], FURNISH) else {
        return;
    };
    record(&world, "certbot", "");
    let file = "/etc/letsencrypt/live/shop.example/fullchain.pem";
    let ends = world.must(&format!("openssl x509 -noout -enddate -in {file}"));
    // Tomorrow it is over, today it is not.
    world.must(&format!("openssl x509 -noout -checkend 3600 -in {file}"));
    assert!(
        !world
            .run(&format!("openssl x509 -noout -checkend 90000 -in {file}"))
            .status
            .success()
    );
    let before = world.must(&format!("cat {file}"));
    let mut pty = kanmon(&world, ENGLISH, &["certbot", "renew"]);
    sees(
        &mut pty,
        "certificate",
        "Is it known which services must load it again?",
        &[
            "Issue, renew or install certificates  [certificate.issue, risk: medium]",
            "Instead  Try it first: `certbot renew --dry-run`",
            "shop.example",
            ends.trim_end(),
            "Time there (UTC): ",
        ],
    );
    answers(
        &mut pty,
        "Is it known which services must load it again?",
        "n",
    );
    not_run(&world, &mut pty, "declined");
    assert_eq!(ran(&world), Vec::<String>::new());
    assert_eq!(world.must(&format!("cat {file}")), before);
}
