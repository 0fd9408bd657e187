//! This host's names, without asking the network.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the edge that reads /etc/hosts"
)]

use std::fs;

use nix::unistd::gethostname;

/// Returns the name that the kernel has; empty where it is not text.
#[must_use]
pub fn node_name() -> String {
    gethostname()
        .ok()
        .and_then(|name| name.into_string().ok())
        .unwrap_or_default()
}

/// Returns all names of the host whose node name is given: itself, its part before the first dot,
/// and what `/etc/hosts` says beside it.
#[must_use]
pub fn names(node: &str) -> Vec<String> {
    let hosts = fs::read_to_string("/etc/hosts").unwrap_or_default();
    names_in(&hosts, node)
}

/// Returns whether `typed` is a name or address that every host has for itself.
#[must_use]
pub fn is_self(typed: &str) -> bool {
    typed.eq_ignore_ascii_case("localhost")
        || typed == "::1"
        || typed
            .parse()
            .is_ok_and(|address: std::net::Ipv4Addr| address.is_loopback())
}

/// Finds the names beside `node` in lines of the form of hosts(5).
fn names_in(hosts: &str, node: &str) -> Vec<String> {
    let short = node.split('.').next().unwrap_or(node);
    let is_own = |name: &str| name.eq_ignore_ascii_case(node) || name.eq_ignore_ascii_case(short);
    let mut found = vec![node.to_owned(), short.to_owned()];
    for line in hosts.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let names: Vec<&str> = line.split_ascii_whitespace().skip(1).collect();
        if names.iter().any(|name| is_own(name)) {
            // Some images put the node's name on the line of `localhost`, which names every host.
            let others = names.iter().filter(|name| !name.starts_with("localhost"));
            found.extend(others.map(|name| (*name).to_owned()));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|name| !name.is_empty() && seen.insert(name.clone()));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTS: &str = "127.0.0.1 localhost\n\
        127.0.1.1\tmx1.example.com mx1 mail # this one\n\
        10.0.0.2 mx2.example.com mx2\n";

    #[test]
    fn a_short_node_name_gets_its_full_name() {
        assert_eq!(names_in(HOSTS, "mx1"), ["mx1", "mx1.example.com", "mail"]);
    }

    #[test]
    fn a_full_node_name_gets_its_short_name() {
        assert_eq!(
            names_in(HOSTS, "mx2.example.com"),
            ["mx2.example.com", "mx2"]
        );
    }

    #[test]
    fn the_line_of_localhost_names_no_one() {
        let hosts = "127.0.0.1 localhost localhost.localdomain box\n";
        assert_eq!(names_in(hosts, "box"), ["box"]);
    }

    #[test]
    fn loopback_is_this_host() {
        for (typed, expected) in [
            ("localhost", true),
            ("127.0.0.1", true),
            ("127.9.9.9", true),
            ("::1", true),
            ("10.0.0.1", false),
            ("mx1", false),
        ] {
            assert_eq!(is_self(typed), expected, "{typed}");
        }
    }

    #[test]
    fn the_kernel_names_this_host() {
        assert!(!node_name().is_empty());
    }
}
