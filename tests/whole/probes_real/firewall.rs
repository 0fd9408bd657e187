//! nftables in a network of its own.

use crate::place::{Place, left_out};
use crate::pty::PtyCommand;

#[test]
fn the_rules_of_nftables_are_counted_in_a_network_of_its_own() {
    let place = Place::new();
    if !nix::unistd::geteuid().is_root() {
        left_out("a network namespace cannot be made without root");
        return;
    }
    let rules = "nft 'add table inet f; add chain inet f c { type filter hook input priority 0; }; \
                 add rule inet f c tcp dport 22 accept; add rule inet f c tcp dport 25 accept'";
    let gate = env!("CARGO_BIN_EXE_kanmon");
    let line = format!("{rules}; exec {gate} --drill nft flush ruleset");
    let mut pty = PtyCommand::new("/usr/bin/unshare")
        .args(["-n", "sh", "-c", &line])
        .cwd(place.path(""))
        .size(100, 60)
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .env("HOME", place.path(""))
        .spawn();
    // A chain's own line counts: it is gone as well.
    pty.wait_for("Rules in nftables now: 3");
}
