//! What benchmarks share: two things timed in turns, and the ratio of their medians.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Time of one whole process.
pub(crate) fn whole(command: &mut Command) -> Duration {
    let begun = Instant::now();
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    let took = begun.elapsed();
    assert!(status.success());
    took
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Runs pairs and prints the ratio of their medians.
pub(crate) fn pairs(
    name: &str,
    count: usize,
    mut with: impl FnMut() -> Duration,
    mut without: impl FnMut() -> Duration,
) {
    for _ in 0..10 {
        with();
        without();
    }
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..count {
        ours.push(with());
        theirs.push(without());
    }
    let (ours, theirs) = (median(&mut ours), median(&mut theirs));
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    println!("{name:32} {ratio:5.2}   ({ours:?} to {theirs:?}, medians of {count} pairs)");
}
