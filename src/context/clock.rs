//! The host's clocks.
//!
//! The boot clock (`CLOCK_BOOTTIME`) counts sleep and is not moved by setting the date.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the edge that reads the host's clocks"
)]

use std::fs;
use std::time::Duration;

use chrono::{DateTime, Utc};
use nix::time::{ClockId, clock_gettime};

use crate::gate::{Clock, Moment};

/// The host's clocks.
#[derive(Debug, Clone)]
pub struct SystemClock {
    /// Which start of the host this is; it cannot change while the program runs.
    boot_id: String,
}

impl SystemClock {
    /// Returns the clocks of this host.
    #[must_use]
    pub fn new() -> Self {
        let boot_id = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        Self {
            boot_id: boot_id.trim().to_owned(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        Moment {
            utc: wall(),
            boot: boot(),
            boot_id: self.boot_id.clone(),
        }
    }
}

/// Returns the wall clock.
pub(super) fn wall() -> DateTime<Utc> {
    Utc::now()
}

/// Returns the time since the host started. Every Linux has this clock; were it refused, 0 makes
/// each wait that counts from it the longest.
fn boot() -> Duration {
    clock_gettime(ClockId::CLOCK_BOOTTIME).map_or(Duration::ZERO, Duration::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boot_clock_runs_forward_and_the_boot_id_stays() {
        let clock = SystemClock::new();
        let first = clock.now();
        let second = clock.now();
        assert!(second.boot > first.boot);
        assert_eq!(first.boot_id, second.boot_id);
        assert_eq!(
            first.boot_id.len(),
            "9e10ba5c-9a4e-4c0a-a5c5-2c3a9f1ab0d1".len()
        );
    }

    #[test]
    fn the_boot_clock_is_the_hosts_uptime() {
        let uptime = fs::read_to_string("/proc/uptime").unwrap();
        let uptime: f64 = uptime.split(' ').next().unwrap().parse().unwrap();
        let difference = SystemClock::new().now().boot.as_secs_f64() - uptime;
        assert!((0.0..60.0).contains(&(difference + 0.02)), "{difference}");
    }
}
