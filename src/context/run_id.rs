//! Ids of runs.

use std::hash::{BuildHasher, Hasher, RandomState};

use crate::gate::{Moment, RunId};

/// Returns a new id: the UTC second and six random hex digits. The digits come from the seed that
/// the standard library draws from the system's random source for each of its hash maps; an id is
/// no secret, it must only be another than the next gate's.
#[must_use]
pub fn run_id(moment: &Moment) -> RunId {
    let random = RandomState::new().build_hasher().finish() & 0xff_ffff;
    RunId(format!(
        "{second}-{random:06x}",
        second = moment.utc.format("%Y%m%dT%H%M%S")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::SystemClock;
    use crate::gate::Clock;

    #[test]
    fn ids_are_a_second_and_six_digits() {
        let mut moment = SystemClock::new().now();
        moment.utc = "2026-11-22T02:33:00.9Z".parse().unwrap();
        let id = run_id(&moment).0;
        assert!(id.starts_with("20261122T023300-"), "{id}");
        assert_eq!(id.len(), "20261122T023300-4f7a1c".len());
    }

    #[test]
    fn ids_of_one_second_differ() {
        let moment = SystemClock::new().now();
        assert_ne!(run_id(&moment), run_id(&moment));
    }
}
