//! What held runs cost at stores: each part's median, the stores in turns.

use std::path::Path;
use std::time::{Duration, Instant};

use kanmon::context::SystemClock;
use kanmon::gate::Ledger;
use kanmon::gate::world::{FirstGuard, Guards, Targets};
use kanmon::policy::Pattern;
use kanmon::policy::rule::OnStoreDown;
use kanmon::team::TeamLedger;

use crate::runs::{cleared, ended, entry, gap, local, opened, started};

/// The rule of the runs.
const RULE: &str = "rule3";

/// The parts of a passage that speak to the store.
const PARTS: [&str; 4] = ["connect", "ask", "go", "end"];

/// Prints what so many held runs cost at each store, one after another and the stores in turns; each
/// asks for gaps at a target and at a group of nodes, and for what has to have run first.
pub(crate) fn cost(seconds: usize, runs: usize, urls: &[&str]) {
    let time = Duration::from_secs(seconds as u64);
    let group = Targets::Fitting(Pattern::parse("node99*").unwrap());
    let mut guards = gap(RULE, group, time, OnStoreDown::Hold);
    guards.firsts = vec![FirstGuard {
        rule: "rule4".to_owned(),
        target: "node17".to_owned(),
        within: time,
        same: Vec::new(),
    }];
    // A ledger is of one store.
    let folders: Vec<_> = urls.iter().map(|_| tempfile::tempdir().unwrap()).collect();
    let mut times = vec![<[Vec<Duration>; 4]>::default(); urls.len()];
    for number in 0..runs {
        for ((url, folder), times) in urls.iter().zip(&folders).zip(&mut times) {
            let took = passage(url, folder.path(), number, &guards, time);
            for (part, took) in times.iter_mut().zip(took) {
                part.push(took);
            }
        }
    }
    for (part, name) in PARTS.iter().enumerate() {
        let medians: Vec<Duration> = times.iter_mut().map(|of| median(&mut of[part])).collect();
        let told = medians.iter().map(|took| {
            let ratio = took.as_secs_f64() / medians[0].as_secs_f64();
            format!("{:9} {ratio:5.2}", format!("{took:.1?}"))
        });
        println!("{name:8} {}", told.collect::<Vec<_>>().join(" | "));
    }
}

/// One passage over connections of its own; returns how long each part took.
fn passage(
    url: &str,
    folder: &Path,
    number: usize,
    guards: &Guards,
    time: Duration,
) -> [Duration; 4] {
    let clock = SystemClock::new();
    let unique = std::process::id();
    let run = format!("20270101T000000-{unique}-{number:06x}");
    let target = format!("db{number}-{unique}");
    let at = gap(RULE, Targets::One(target.clone()), time, OnStoreDown::Hold);
    let mut asked = guards.clone();
    asked.gaps.extend(at.gaps.clone());
    let mut host = TeamLedger::new(local(folder, "own"), url);
    host.append(&entry(&run, opened(RULE, &target)), &clock)
        .unwrap();
    // Connecting, logging in and warming up a server's process cost the same at any size.
    let connect = timed(|| drop(host.team(&clock)));
    let ask = timed(|| drop(host.in_the_way(&asked, &clock).unwrap()));
    let go = timed(|| {
        host.clear(&entry(&run, cleared()), &at, &mut Vec::new, &clock)
            .map(drop)
            .unwrap();
    });
    host.append(&entry(&run, started()), &clock).unwrap();
    let end = timed(|| {
        host.append(&entry(&run, ended()), &clock)
            .map(drop)
            .unwrap();
    });
    [connect, ask, go, end]
}

fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

/// Returns the middle one.
pub(crate) fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}
