//! nginx: the test of the configuration that the line names, and who is connected.

use crate::place::drill_in_world;
use crate::pty::Pty;
use crate::world::World;

/// A web server with a configuration of its own, beside that of Debian's package, which is
/// broken here.
const FURNISH: &str = "
cat >/srv/shop.conf <<CF
pid /run/shop.pid;
error_log /var/log/nginx.err;
events {}
http {
  access_log off;
  client_header_timeout 1h;
  include /srv/sites/*.conf;
}
CF
mkdir /srv/sites
echo \"server { listen 127.0.0.1:80; return 200 'open'; }\" >/srv/sites/shop.conf
nginx -c /srv/shop.conf
# A client that stays.
bash -c 'exec 3<>/dev/tcp/127.0.0.1/80; exec sleep infinity' &
echo 'nonsense;' >/etc/nginx/nginx.conf
";

/// Starts the host.
fn host() -> Option<World> {
    let needs = ["/usr/sbin/nginx", "/usr/bin/ss"];
    World::start("web1", &needs, FURNISH)
}

#[test]
fn the_configuration_that_the_line_names_is_tested() {
    let Some(world) = host() else { return };
    // Both ends of the client's connection are on this host.
    world.wait_until("the client is there", || {
        world.must("ss -Htn state established").lines().count() == 2
    });
    let line = ["nginx", "-c", "/srv/shop.conf", "-s", "reload"];
    let mut pty = drill_in_world(&world, &line);
    pty.wait_for_question("May its users be without it for a moment?");
    let screen = pty.screen();
    for shown in [
        "TCP connections established: 2",
        "Configuration files read (0: the test failed): 2",
    ] {
        assert!(screen.contains(shown), "{shown}\n{screen}");
    }
    pty.type_text("y\n");
    assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.screen());

    // A mistake in a site stops the line before anything is asked.
    world.must("echo 'server { listen 80 }' >/srv/sites/new.conf");
    let mut pty = drill_in_world(&world, &line);
    pty.wait_for("(0: the test failed) is `0`, expected `> 0`");
    assert_eq!(pty.wait_exit().code(), Some(124), "{}", pty.screen());
    // A stop is not stopped by it: it is shown that the server will not come back.
    let mut pty = drill_in_world(&world, &["nginx", "-c", "/srv/shop.conf", "-s", "stop"]);
    pty.wait_for("Configuration files read (0: the test failed): 0");
    pty.wait_for_question("May its users be without it for a moment?");
    world.must("bash -c 'exec 3<>/dev/tcp/127.0.0.1/80'");
}

#[test]
fn a_reload_by_systemd_tests_the_configuration_of_the_package() {
    let Some(world) = host() else { return };
    let line = ["systemctl", "reload", "nginx"];
    let mut pty = drill_in_world(&world, &line);
    pty.wait_for("Test of the nginx configuration is `failed`, expected `successful`");
    assert_eq!(pty.wait_exit().code(), Some(124), "{}", pty.screen());
    world.must("cp /srv/shop.conf /etc/nginx/nginx.conf");
    let mut pty = drill_in_world(&world, &line);
    pty.wait_for("Test of the nginx configuration: successful");
}

#[test]
fn without_nginx_its_test_is_not_seen() {
    let Some(world) = host() else { return };
    world.must("mount --bind /dev/null /usr/sbin/nginx");
    let mut pty = drill_in_world(&world, &["nginx", "-s", "reload"]);
    pty.wait_for("Configuration files read (0: the test failed): not seen");
    let mut pty = drill_in_world(&world, &["systemctl", "reload", "nginx"]);
    pty.wait_for("Test of the nginx configuration");
    pty.wait_for("not seen");
}

/// `systemctl` of a host that systemd runs, for what the rule asks of it: Debian's tells nothing where
/// another program started the host. The rows are those of systemd 252.
const SYSTEMCTL: &str = "#!/bin/sh
case \"$*\" in
'show -p Id --value nginx') echo nginx.service ;;
'show -p Id '*) printf 'Result=success\\nId=nginx.service\\nActiveState=active\\nUnitFileState=enabled\\n' ;;
list-dependencies*) printf 'nginx.service\\n  multi-user.target\\n' ;;
*) exit 1 ;;
esac
";

#[test]
fn a_stop_by_systemd_calls_the_unit_and_without_systemd_the_host() {
    let Some(world) = host() else { return };
    let answer = |pty: &mut Pty| {
        for (question, answer) in [("Who was told?", "the shop"), ("Can you start it", "y")] {
            pty.wait_for_question(question);
            pty.type_text(&format!("{answer}\n"));
        }
    };
    let line = ["systemctl", "stop", "nginx"];
    let mut pty = drill_in_world(&world, &line);
    pty.wait_for("State of the unit; What needs it");
    pty.wait_for("not seen: the probe ended with status 1");
    pty.wait_for_question("Why go on all the same?");
    pty.type_text("systemd does not answer\n");
    answer(&mut pty);
    pty.wait_for_question("could not be seen. Why go on all the same?");
    pty.type_text("neither does it here\n");
    pty.wait_for_question("Look and call: Name of the target");
    pty.type_text("web1\n");
    pty.wait_for_question("Run it now?");

    world.stand_in("systemctl", SYSTEMCTL);
    let mut pty = drill_in_world(&world, &line);
    pty.wait_for("ActiveState=active");
    pty.wait_for("TCP connections established: 2");
    answer(&mut pty);
    pty.wait_for_question("Look and call: Name of the unit as systemd knows it");
    pty.type_text("nginx\n");
    pty.wait_for_question("Tries left: 2");
    pty.type_text("nginx.service\n");
    pty.wait_for_question("Run it now?");
}
