//! A process in which some hosts run one command after another, until it is killed or through.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use kanmon::context::SystemClock;
use kanmon::gate::Ledger;
use kanmon::gate::record::Event;
use kanmon::gate::world::{Guards, Targets};
use kanmon::policy::rule::OnStoreDown;
use kanmon::team::TeamLedger;

use crate::cutter::Cutter;
use crate::runs::{cleared, ended, entry, gap, host, local, opened, started};

/// The rule of what one of ten hosts may do, and no second one.
pub(crate) const PAIR: &str = "pair";

/// How many hosts want the same.
const RIVALS: usize = 10;

/// Longer than all takes.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Returns where a host finds the store.
pub(crate) fn url(role: &str, port: usize, pass: &str) -> String {
    format!("postgresql://{role}@127.0.0.1:{port}/kanmon?passfile={pass}")
}

/// Runs what is left of `runs` commands on the hosts from `first` to before `last`.
pub(crate) fn work(port: usize, pass: &str, folder: &Path, [first, last]: [usize; 2], runs: usize) {
    let cutter = Cutter::new(u16::try_from(port).unwrap());
    // Asked once: each life of a process would else open all ledgers for every round that is through.
    let begun: Vec<usize> = (first..last)
        .map(|number| done(folder, &host(number)))
        .collect();
    for round in 0..runs {
        for (number, begun) in (first..last).zip(&begun) {
            if *begun <= round {
                let through = match (number + round) % 3 {
                    0 => {
                        cutter.cut_behind(1 + scattered(number, round) % 48);
                        usize::from(cutter.port)
                    }
                    _ => port,
                };
                let url = url(&host(number), through, pass);
                run(&url, folder, number, round);
            }
        }
    }
}

/// Returns how many runs a host has begun.
fn done(folder: &Path, host: &str) -> usize {
    let path = folder.join(host).join("ledger.db");
    if !path.exists() {
        return 0;
    }
    let ledger = rusqlite::Connection::open(path).unwrap();
    let sql = "SELECT count(*) FROM record WHERE kind = 'opened'";
    // A process that was killed may have left a file without tables.
    let count = ledger.query_row(sql, [], |row| row.get::<_, i64>(0));
    usize::try_from(count.unwrap_or(0)).unwrap()
}

/// One command of a host, as a gate brings it on its way.
fn run(url: &str, folder: &Path, number: usize, round: usize) {
    let clock = SystemClock::new();
    let own = format!("node{number}");
    let (rule, target, guards) = match round % RIVALS {
        0 => {
            let target = format!("queue{round}-{}", number / RIVALS);
            let at = Targets::One(target.clone());
            (PAIR, target, gap(PAIR, at, DAY, OnStoreDown::Hold))
        }
        3 => {
            let guards = Guards {
                on_store_down: OnStoreDown::Local,
                ..Guards::default()
            };
            ("local", own, guards)
        }
        _ => {
            let at = Targets::One(own.clone());
            let guards = gap("restart", at, Duration::from_millis(1), OnStoreDown::Hold);
            ("restart", own, guards)
        }
    };
    let run = format!("r{number}-{round}");
    let mut ledger = TeamLedger::new(local(folder, &host(number)), url);
    let record = |ledger: &mut TeamLedger, event| {
        ledger.append(&entry(&run, event), &clock).unwrap();
    };
    record(&mut ledger, opened(rule, &target));
    say("ask");
    let ways = ledger.in_the_way(&guards, &clock);
    say("go");
    let is_cleared = ways.is_ok_and(|ways| ways.is_empty())
        && ledger
            .clear(&entry(&run, cleared()), &guards, &mut Vec::new, &clock)
            .is_ok();
    if !is_cleared {
        let declined = Event::NotCleared {
            reason: "held".to_owned(),
            detail: String::new(),
        };
        record(&mut ledger, declined);
        return say("held");
    }
    record(&mut ledger, started());
    say("end");
    record(&mut ledger, ended());
}

/// Says how far it is, so that it can be killed there.
fn say(word: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{word}").and_then(|()| out.flush()).unwrap();
}

/// Returns a number that looks like chance and is the same each time.
pub(crate) fn scattered(one: usize, other: usize) -> usize {
    let mixed = (one as u64 * 1_000_003 + other as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::try_from(mixed >> 40).unwrap()
}
