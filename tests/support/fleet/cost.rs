//! What a held run costs at a store: each part's median and its slowest twentieth.

use std::time::{Duration, Instant};

use kanmon::context::SystemClock;
use kanmon::gate::Ledger;
use kanmon::gate::world::{FirstGuard, Targets};
use kanmon::policy::Pattern;
use kanmon::policy::rule::OnStoreDown;
use kanmon::team::TeamLedger;

use crate::runs::{cleared, ended, entry, gap, local, opened, started};

/// Prints what so many runs of the rule `rule3` cost, one after another; each asks for gaps at a target and at
/// a group of nodes, and for what has to have run first.
pub(crate) fn cost(url: &str, seconds: usize, runs: usize) {
    let folder = tempfile::tempdir().unwrap();
    let clock = SystemClock::new();
    let time = Duration::from_secs(seconds as u64);
    let rule = "rule3";
    let group = Targets::Fitting(Pattern::parse("node99*").unwrap());
    let mut guards = gap(rule, group, time, OnStoreDown::Hold);
    guards.firsts = vec![FirstGuard {
        rule: "rule4".to_owned(),
        target: "node17".to_owned(),
        within: time,
        same: Vec::new(),
    }];
    let mut times: [Vec<Duration>; 4] = Default::default();
    for number in 0..runs {
        let run = format!("20270101T000000-{}-{number:06x}", std::process::id());
        let target = format!("db{number}-{}", std::process::id());
        let at = gap(rule, Targets::One(target.clone()), time, OnStoreDown::Hold);
        let mut asked = guards.clone();
        asked.gaps.extend(at.gaps.clone());
        let mut host = TeamLedger::new(local(folder.path(), "own"), url);
        host.append(&entry(&run, opened(rule, &target)), &clock)
            .unwrap();
        let mut timed = |part: usize, work: &mut dyn FnMut()| {
            let begun = Instant::now();
            work();
            times[part].push(begun.elapsed());
        };
        // Connecting, logging in and warming up a server's process cost the same at any size.
        timed(0, &mut || drop(host.team(&clock)));
        timed(1, &mut || drop(host.in_the_way(&asked, &clock).unwrap()));
        timed(2, &mut || {
            host.clear(&entry(&run, cleared()), &at, &mut Vec::new, &clock)
                .map(drop)
                .unwrap();
        });
        host.append(&entry(&run, started()), &clock).unwrap();
        timed(3, &mut || {
            host.append(&entry(&run, ended()), &clock)
                .map(drop)
                .unwrap();
        });
    }
    for (name, part) in ["connect", "ask", "go", "end"].iter().zip(&mut times) {
        part.sort();
        let (median, slow) = (part[part.len() / 2], part[part.len() * 19 / 20]);
        println!("{name:8} {median:10.2?} median  {slow:10.2?} of the slowest twentieth");
    }
}
