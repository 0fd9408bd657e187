//! The update that takes the web server down.

use crate::telling::{ENGLISH, answers, kanmon, not_run, ran, record, sees};
use crate::world::World;

/// A web server that answers, and an apt whose packages are the test's own: two are installed, and
/// the newer shop does not get along with the web server.
const FURNISH: &str = "
cat >/srv/nginx.conf <<CF
pid /run/nginx.pid;
error_log /var/log/nginx.err;
events {}
http {
  access_log off;
  server { listen 127.0.0.1:80; location / { return 200 'the shop is open'; } }
}
CF
nginx -c /srv/nginx.conf

for place in lib/apt cache/apt lib/dpkg; do
  mkdir -p /srv/var/$place
  mount --bind /srv/var/$place /var/$place
done
mkdir -p /var/lib/apt/lists/partial /var/cache/apt/archives/partial /var/lib/dpkg/info /srv/repository
cat >/var/lib/dpkg/status <<END
Package: nginx
Status: install ok installed
Maintainer: Web <web@shop.test>
Architecture: all
Version: 1.22.1-9
Description: web server

Package: shop-web
Status: install ok installed
Maintainer: Web <web@shop.test>
Architecture: all
Version: 1.9
Depends: nginx
Description: the shop
END
cat >/srv/repository/Packages <<END
Package: shop-web
Maintainer: Web <web@shop.test>
Architecture: all
Version: 2.0
Depends: shop-gateway
Conflicts: nginx
Filename: ./shop-web.deb
Size: 1
SHA256: 0000000000000000000000000000000000000000000000000000000000000000
Description: the shop

Package: shop-gateway
Maintainer: Web <web@shop.test>
Architecture: all
Version: 2.0
Filename: ./shop-gateway.deb
Size: 1
SHA256: 0000000000000000000000000000000000000000000000000000000000000000
Description: what it brings along
END
rm -rf /etc/apt/sources.list.d /etc/apt/sources.list
echo 'deb [trusted=yes] file:/srv/repository ./' >/etc/apt/sources.list
apt-get -q update
";

/// Asks the web server.
const ASK: &str =
    "bash -c 'exec 3<>/dev/tcp/127.0.0.1/80; printf \"GET / HTTP/1.0\\r\\n\\r\\n\" >&3; cat <&3'";

/// One package was to be updated, with the answer yes given in advance. The new version did not get
/// along with the web server that the old one had needed: apt removed it, as it had said it would,
/// on a screen that nobody read.
#[test]
fn an_update_that_removes_the_web_server_is_not_made() {
    let needs = ["/usr/sbin/nginx", "/usr/bin/apt-get"];
    let Some(world) = World::start("web1", &needs, FURNISH) else {
        return;
    };
    record(&world, "apt-get", "");
    let line = ["apt-get", "-y", "install", "shop-web"];
    let mut pty = kanmon(&world, ENGLISH, &line);
    sees(
        &mut pty,
        "web-server-update",
        "Where was this same version tried before?",
        &[
            "Install, update or remove packages (apt)  [update.apt, risk: high]",
            "Some of them, removals first:\n    1 Remv nginx [1.22.1-9]",
            "1 Inst shop-web [1.9]",
            "1 Inst shop-gateway (2.0",
        ],
    );
    answers(
        &mut pty,
        "Where was this same version tried before?",
        "on web0",
    );
    answers(
        &mut pty,
        "What else is switched on or restarted by it?",
        "nginx goes away",
    );
    answers(&mut pty, "Does what you see match the runbook?", "n");
    not_run(&world, &mut pty, "declined");
    assert_eq!(ran(&world), Vec::<String>::new());
    assert!(world.must(ASK).contains("the shop is open"));
}
