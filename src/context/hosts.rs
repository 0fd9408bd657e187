//! Hosts by name: from a name to its numbers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use super::users::{self, getent_within};

/// Returns the numbers of a host, in the order in which the host's own library would try them; none
/// where it does not know the name.
#[must_use]
pub fn numbers(name: &str) -> Vec<IpAddr> {
    numbers_within(name, users::PATIENCE)
}

/// Returns them as [`numbers`] does, where they are known within so long.
#[must_use]
pub fn numbers_within(name: &str, patience: Duration) -> Vec<IpAddr> {
    if let Ok(number) = name.parse() {
        return vec![number];
    }
    if name == "localhost" {
        return vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    }
    getent_within("ahosts", name, patience).map_or_else(Vec::new, |answer| numbers_in(&answer))
}

/// Finds the numbers in lines of `NUMBER KIND NAME`, each once.
fn numbers_in(answer: &str) -> Vec<IpAddr> {
    let mut found = Vec::new();
    for line in answer.lines() {
        let first = line.split_whitespace().next();
        // A scope (`fe80::1%eth0`) cannot be kept here.
        if let Some(number) = first.and_then(|first| first.parse().ok())
            && !found.contains(&number)
        {
            found.push(number);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_counts_once() {
        let answer = "10.0.0.1  STREAM db\n10.0.0.1  DGRAM\nfe80::1%eth0 RAW\n2001:db8::1 STREAM\n";
        let found: Vec<String> = numbers_in(answer).iter().map(IpAddr::to_string).collect();
        assert_eq!(found, ["10.0.0.1", "2001:db8::1"]);
    }

    #[test]
    fn a_number_is_its_own_and_localhost_is_here() {
        assert_eq!(
            numbers("192.0.2.7"),
            ["192.0.2.7".parse::<IpAddr>().unwrap()]
        );
        assert!(numbers("localhost").iter().all(IpAddr::is_loopback));
        assert_eq!(numbers("no-such-host.invalid"), Vec::<IpAddr>::new());
    }
}
