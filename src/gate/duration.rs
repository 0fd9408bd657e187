//! Durations as people read them: `45s`, `12m 5s`, `3h 20m`.

use std::time::Duration;

/// Returns the two largest units of `time`, rounded up to a second.
#[must_use]
pub fn shown(time: Duration) -> String {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    let units = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    let mut left = seconds;
    let parts: Vec<String> = units
        .into_iter()
        .filter_map(|(size, unit)| {
            let count = left / size;
            left %= size;
            (count > 0).then(|| format!("{count}{unit}"))
        })
        .take(2)
        .collect();
    if parts.is_empty() {
        "0s".to_owned()
    } else {
        parts.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_largest_units_are_shown() {
        assert_eq!(shown(Duration::ZERO), "0s");
        assert_eq!(shown(Duration::from_millis(1)), "1s");
        assert_eq!(shown(Duration::from_secs(725)), "12m 5s");
        assert_eq!(shown(Duration::from_secs(7_200)), "2h");
        assert_eq!(shown(Duration::from_secs(90_061)), "1d 1h");
    }
}
