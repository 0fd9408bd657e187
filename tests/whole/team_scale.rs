//! A store with many hosts and many runs.
#![expect(
    clippy::disallowed_methods,
    reason = "starts the program with the simulated hosts"
)]

use std::process::Command;
use std::time::Duration;

use kanmon::context::SystemClock;
use kanmon::gate::Ledger;
use kanmon::gate::world::Guards;
use kanmon::ledger::same;
use kanmon::team::earlier::{Inquiry, Question};
use tempfile::TempDir;

use crate::cluster::Cluster;
use crate::rehearsal::SetClock;
use crate::stage::until;
use crate::team::{ledger, store};
use crate::team_runs::{at, cleared, ended, entry, first, gap, group, opened, started};

/// How many runs the store knows, each of a host of its own.
const RUNS: usize = 20_000;

/// Fills the store with runs of the rule `r` that ended days ago.
fn fill(cluster: &Cluster) {
    cluster.sql(&format!(
        "INSERT INTO kanmon.chain SELECT 'host' || i, 'c', 1, '', 2, '', now() FROM generate_series(1, {RUNS}) i;
         INSERT INTO kanmon.run (host, run, chain, person, drill, opened, cleared, ended, over, well)
             SELECT 'host' || i, 'run' || i, 'c', 'bob', false, t, t, t, t, true
             FROM generate_series(1, {RUNS}) i, LATERAL (SELECT now() - interval '3 days' - i * interval '1 s' t) x;
         INSERT INTO kanmon.run_rule
             SELECT 'r', 'node' || i % 100, host, run, 3, over, '{{}}' FROM kanmon.run, LATERAL (SELECT substr(run, 4)::int AS i) x;
         INSERT INTO kanmon.run_call
             SELECT '{CALL}', 'node' || substr(run, 4)::int % 100, host, run, opened FROM kanmon.run;
         INSERT INTO kanmon.record
             SELECT host, chain, 1, run, 'opened', '', 0, 'b', '{{}}', '', '', opened FROM kanmon.run;
         ANALYZE",
        CALL = same::key("bill")
    ));
}

/// Returns how many rows of the tables that grow were read: by going through a table, and by an index.
fn rows_read(cluster: &Cluster) -> (u64, u64) {
    let told = cluster.sql(
        "SELECT sum(seq_tup_read) || ' ' || sum(idx_tup_fetch) FROM pg_stat_user_tables
         WHERE relname IN ('chain', 'record', 'run', 'run_rule', 'run_call')",
    );
    let (whole, by_index) = told.split_once(' ').unwrap();
    (whole.parse().unwrap(), by_index.parse().unwrap())
}

#[test]
fn a_passage_reads_few_rows_however_many_runs_there_are() {
    let cluster = store(&["web1"]);
    fill(&cluster);
    let before = rows_read(&cluster);
    let folder = TempDir::new().unwrap();
    let clock = SetClock::new();
    let mut web1 = ledger(folder.path(), "web1", &cluster.url("web1"));
    web1.append(&entry("a", opened("node7", "1")), &clock)
        .unwrap();
    let guards = Guards {
        gaps: [gap(at("node7")).gaps, gap(group()).gaps].concat(),
        firsts: first(None).firsts,
        ..Guards::default()
    };
    // Bob's good end at another target is no first here, and what ended days ago is in no gap's way.
    let told = web1.in_the_way(&guards, &clock).unwrap();
    assert_eq!(told.len(), 1, "{told:?}");
    web1.clear(&entry("a", cleared()), &gap(group()), &mut Vec::new, &clock)
        .unwrap();
    web1.append(&entry("a", started()), &clock).unwrap();
    web1.append(&entry("a", ended(0)), &clock).unwrap();
    // A server's process tells what it read when it ends, at the latest.
    drop(web1);
    let asked = Question {
        call: same::key("bill"),
        target: "node8".to_owned(),
        within: Duration::from_secs(3600),
    };
    let told = Inquiry::default().ask(&cluster.url("web1"), asked, &SystemClock::new());
    assert_eq!(told, Some(Vec::new()), "it was days ago");
    until("its rows are counted", || {
        cluster.sql("SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'record'")
            == (RUNS + 4).to_string()
    });
    until("those of the last question too", || {
        let by_index = "SELECT idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'run_call'";
        cluster.sql(by_index).parse::<u64>().unwrap() >= 100
    });
    let after = rows_read(&cluster);
    assert_eq!(after.0 - before.0, 0, "rows of whole tables");
    let by_index = after.1 - before.1;
    assert!(by_index < 500, "{by_index} rows by an index");
}

#[test]
fn a_command_that_runs_keeps_no_connection() {
    let cluster = store(&["web1"]);
    let folder = TempDir::new().unwrap();
    let clock = SetClock::new();
    let mut web1 = ledger(folder.path(), "web1", &cluster.url("web1"));
    let connections = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'web1'";
    web1.append(&entry("a", opened("node7", "1")), &clock)
        .unwrap();
    web1.clear(
        &entry("a", cleared()),
        &gap(at("node7")),
        &mut Vec::new,
        &clock,
    )
    .unwrap();
    assert_eq!(cluster.sql(connections), "1");
    web1.append(&entry("a", started()), &clock).unwrap();
    until("nobody is connected", || cluster.sql(connections) == "0");
    web1.append(&entry("a", ended(0)), &clock).unwrap();
    let over = "SELECT count(*) FROM kanmon.run WHERE ended IS NOT NULL";
    assert_eq!(cluster.sql(over), "1");
}

/// `ci/scale` does the same with a thousand hosts.
#[test]
fn hosts_that_are_killed_and_cut_off_lose_nothing_and_send_nothing_twice() {
    let done = Command::new(crate::stage::rehearse().with_file_name("fleet"))
        .args(["16", "10"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{done:?}");
    assert!(told.contains("16 hosts, 10 runs each: 160 runs"), "{told}");
    assert!(!told.contains("; 0 times a process was killed"), "{told}");
    assert!(
        told.ends_with("0 lost, 0 twice, every chain verifies\n"),
        "{told}"
    );
}
