//! How many lines `kanmonctl check --jsonl` judges in a second on one core; never a test.
//!
//! The whole program over a file of at least 50,000 lines, several times. Processor time is
//! counted, so that a busy machine does not show as a slow program. Beside it, as a yardstick that
//! is the same on every machine, what reading and writing the same JSON costs without judging.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark stands outside of the program"
)]

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use serde_json::Value;

const KANMONCTL: &str = env!("CARGO_BIN_EXE_kanmonctl");
const LINES: usize = 50_000;
const ROUNDS: usize = 7;

/// Returns the processor time spent so far.
fn spent(who: UsageWho) -> Duration {
    let usage = getrusage(who).unwrap();
    let duration = |time: TimeVal| {
        let seconds = Duration::from_secs(time.tv_sec().unsigned_abs());
        seconds + Duration::from_micros(time.tv_usec().unsigned_abs())
    };
    duration(usage.user_time()) + duration(usage.system_time())
}

/// Returns the processor time that something spends.
fn time(who: UsageWho, mut run: impl FnMut()) -> Duration {
    let before = spent(who);
    run();
    spent(who) - before
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Measures one file of lines, repeated until there are enough.
fn measure(name: &str, path: &Path, folder: &Path) {
    let Ok(text) = fs::read_to_string(path) else {
        println!("{name:16} left out: there is no {}", path.display());
        return;
    };
    let n_once = text.lines().count();
    let times = LINES.div_ceil(n_once);
    let n_lines = n_once * times;
    let long = folder.join(name);
    fs::write(&long, text.repeat(times)).unwrap();
    let (mut judged, mut copied) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        judged.push(time(UsageWho::RUSAGE_CHILDREN, || {
            let status = Command::new(KANMONCTL)
                .args(["check", "--jsonl"])
                .stdin(File::open(&long).unwrap())
                .stdout(Stdio::null())
                .status();
            assert!(status.unwrap().success());
        }));
        copied.push(time(UsageWho::RUSAGE_SELF, || {
            let mut sink = std::io::sink();
            for _ in 0..times {
                for line in text.lines() {
                    let value: Value = serde_json::from_str(line).unwrap();
                    let copy = serde_json::to_string(&value).unwrap();
                    sink.write_all(copy.as_bytes()).unwrap();
                }
            }
        }));
    }
    let (judged, copied) = (median(judged), median(copied));
    let per_second = f64::from(u32::try_from(n_lines).unwrap()) / judged.as_secs_f64();
    let ratio = judged.as_secs_f64() / copied.as_secs_f64();
    println!(
        "{name:16} {per_second:9.0} lines/s   {ratio:5.2} times the JSON alone   \
         ({n_lines} lines, medians of {ROUNDS})"
    );
}

fn main() {
    // `cargo test --benches` starts it without `--bench`; there is nothing to test.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let outside = root.join("../shared/corpora");
    for (name, path) in [
        ("own", root.join("tests/corpora/own.jsonl")),
        ("dev_benign", outside.join("dev_benign.jsonl")),
        ("dev_risky_ops", outside.join("dev_risky_ops.jsonl")),
    ] {
        measure(name, &path, folder.path());
    }
}
