//! Exim: what waits, what is frozen, one message.
//!
//! Debian has one mail server at a time, so that Exim is not installed: `ci/test` unpacks it, and it
//! has its configuration and its queue in the host of the test.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::place::drill_in_world;
use crate::world::World;

/// The unpacked program.
const EXIM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/debian/usr/sbin/exim4");
/// Longer than the wait that the rule has.
const COOLDOWN: Duration = Duration::from_secs(90);

/// A mail server that keeps in its queue what it is given.
const CONFIGURE: &str = "
echo 'Debian-exim:x:819:' >>/etc/group
echo 'Debian-exim:x:819:819::/srv/spool:/usr/sbin/nologin' >>/etc/passwd
mkdir -p /etc/exim4 /srv/spool /var/log/exim4
chown 819:819 /srv/spool /var/log/exim4
for name in exim mailq; do ln -s exim4 /usr/local/sbin/$name; done
cat >/etc/exim4/exim4.conf <<CF
primary_hostname = mx1.shop.test
spool_directory = /srv/spool
log_file_path = /var/log/exim4/%s
queue_only
keep_environment =
begin routers
far:
  driver = manualroute
  domains = *
  transport = smtp
  route_list = * 127.0.0.1::2525
begin transports
smtp:
  driver = smtp
CF
send() { printf 'Subject: news\\n\\nHello\\n' | exim -i -f $1 $2; }
send news@shop.test ann@example.com
send news@shop.test bob@example.net
send news@shop.test cho@example.com
send shop@shop.test dan@example.com
send '<>' eve@example.org
exim -Mf $(exim -bpu | sed -n 's/.* \\(1[^ ]*\\) <shop@shop.test>.*/\\1/p')
";

/// Starts the host: five messages wait, one of them frozen.
fn host() -> Option<World> {
    let world = World::start("mx1", &[], "")?;
    assert!(Path::new(EXIM).exists(), "no {EXIM}; ci/test unpacks it");
    fs::copy(EXIM, world.path("sbin/exim4")).unwrap();
    world.must(CONFIGURE);
    Some(world)
}

/// Returns the id of the message from this sender.
fn from(world: &World, sender: &str) -> String {
    let queue = world.must("exim -bp");
    let row = queue
        .lines()
        .find(|row| row.contains(&format!("<{sender}>")));
    let id = row.and_then(|row| row.split_whitespace().nth(2));
    id.expect("a message").to_owned()
}

#[test]
fn what_waits_is_counted_without_the_frozen_and_called() {
    let Some(world) = host() else { return };
    assert_eq!(world.must("exim -bpc").trim(), "5");
    let mut pty = drill_in_world(&world, &["exim", "-q"]);
    pty.wait_for_question("Why did the mail wait?");
    let screen = pty.screen();
    for shown in [
        "Messages waiting, frozen ones not counted: 4",
        "3 example.com",
        "1 example.net",
        "Age of the oldest message: 0m",
    ] {
        assert!(screen.contains(shown), "{shown}\n{screen}");
    }
    for (question, answer) in [
        ("Why did the mail wait?", "the relay was down"),
        ("What removed the cause", "Ann replaced its disk"),
        ("Is the receiving side ready", "y"),
    ] {
        pty.wait_for_question(question);
        pty.type_text(&format!("{answer}\n"));
    }
    let call = "Look and call: Messages waiting, frozen ones not counted";
    pty.wait_until(call, COOLDOWN, |pty| pty.asks(call));
    pty.type_text("5\n");
    pty.wait_for_question("Tries left: 2");
    pty.type_text("4\n");
    pty.wait_for_question("Run it now?");
    pty.type_text("y\n");
    assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.screen());
    assert_eq!(world.must("exim -bpc").trim(), "5");
}

#[test]
fn with_the_frozen_and_for_files_all_are_counted() {
    let Some(world) = host() else { return };
    let mut pty = drill_in_world(&world, &["exim", "-qff"]);
    pty.wait_for("Messages waiting: 5");
    let mut pty = drill_in_world(&world, &["rm", "-rf", "/var/spool/exim4/input"]);
    pty.wait_for("Messages waiting: 5");
}

#[test]
fn one_message_is_shown_and_its_sender_called() {
    let Some(world) = host() else { return };
    let id = from(&world, "shop@shop.test");
    let mut pty = drill_in_world(&world, &["exim", "-Mrm", &id]);
    pty.wait_for_question("Look and call: Sender of this message, in its signs");
    let screen = pty.screen();
    for shown in [
        "<shop@shop.test>",
        "-frozen ",
        "dan@example.com",
        "Subject: news",
    ] {
        assert!(screen.contains(shown), "{shown}\n{screen}");
    }
    pty.type_text("<news@shop.test>\n");
    pty.wait_for_question("Tries left: 2");
    pty.type_text("<shop@shop.test>\n");
    pty.wait_for_question("Run it now?");
    let bounce = from(&world, "");
    let mut pty = drill_in_world(&world, &["exim", "-Mrm", &bounce]);
    pty.wait_for_question("Look and call: Sender of this message, in its signs");
    pty.type_text("<>\n");
    pty.wait_for_question("Run it now?");

    let mut pty = drill_in_world(&world, &["exim", "-Mrm", "1rA2Bc-000abc-DE"]);
    pty.wait_for("This message: not seen: the probe ended with status 1");
}

#[test]
fn a_queue_that_cannot_be_listed_is_not_an_empty_one() {
    let Some(world) = host() else { return };
    world.must("sed -i '1inonsense = 1' /etc/exim4/exim4.conf");
    let mut pty = drill_in_world(&world, &["exim", "-qff"]);
    pty.wait_for("Messages waiting; Age of the oldest message; Top destination domains");
    pty.wait_for("not seen: the probe ended with status 1");
}
