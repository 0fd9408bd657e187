//! A store that answers and has not taken a run: nothing starts, whatever rules say of one that is away.

use std::path::Path;

use kanmon::gate::Ledger as _;
use kanmon::gate::record::Event;
use kanmon::gate::world::{ClearError, LedgerError, Team};
use kanmon::team::TeamLedger;
use tempfile::TempDir;

use crate::cluster::Cluster;
use crate::rehearsal::SetClock;
use crate::stage::{Stage, kinds, runs};
use crate::team::{gate, ledger, local, store};
use crate::team_runs::{at, cleared, clears, ended, entry, gap, group, opened, started, ways};

/// What the store's server does to let a claim grow old.
const LATER: &str = "UPDATE kanmon.run SET claimed = claimed - interval '61 seconds';
    UPDATE kanmon.run_rule SET at = at - interval '61 seconds' WHERE state = 1";

#[test]
fn whoever_stalls_behind_a_claim_starts_nothing_while_another_runs() {
    let cluster = store(&["web1", "web2"]);
    let folder = TempDir::new().unwrap();
    let clock = SetClock::new();
    let mut web1 = ledger(folder.path(), "web1", &cluster.url("web1"));
    let mut web2 = ledger(folder.path(), "web2", &cluster.url("web2"));
    web1.append(&entry("a", opened("node1", "1")), &clock)
        .unwrap();
    // In the transaction of its own ledger, behind its claim.
    let mut stall = || {
        assert_eq!(
            cluster.sql("SELECT claimed IS NOT NULL FROM kanmon.run"),
            "t"
        );
        cluster.sql(LATER);
        clears(&mut web2, "b", "node2", &gap(group()), &clock).unwrap();
        web2.append(&entry("b", started()), &clock).unwrap();
        Vec::new()
    };
    let told = web1.clear(&entry("a", cleared()), &gap(group()), &mut stall, &clock);
    match told {
        Err(ClearError::Ledger(error @ LedgerError::NotClaimed { .. })) => {
            let told = error.to_string();
            assert!(
                told.contains("another host may have been let through"),
                "{told}"
            );
        }
        other => panic!("{other:?}"),
    }
    // As a passage ends.
    let reason = Event::NotCleared {
        reason: "not-claimed".to_owned(),
        detail: String::new(),
    };
    web1.append(&entry("a", reason), &clock).unwrap();
    drop(web1);
    let run = &runs(&folder.path().join("web1/ledger.db"))[0];
    assert_eq!(kinds(run), ["cleared", "not-started", "not-cleared"]);
    // The store knows it too, and the other goes on.
    assert_eq!(
        cluster.sql("SELECT run, over IS NULL FROM kanmon.run ORDER BY run"),
        "a|f\nb|t"
    );
}

#[test]
fn a_stall_that_this_hosts_clock_knows_starts_nothing_where_the_store_is_silent_then() {
    let mut cluster = store(&["web1"]);
    let folder = TempDir::new().unwrap();
    let clock = SetClock::new();
    let mut web1 = ledger(folder.path(), "web1", &cluster.url("web1"));
    for (run, node, stall, is_cleared) in [("a", "node1", 61, false), ("b", "node2", 5, true)] {
        let head = entry(run, opened(node, "1"));
        web1.append(&head, &clock).unwrap();
        let told = web1.clear(
            &entry(run, cleared()),
            &gap(at(node)),
            &mut || {
                cluster.stop();
                clock.pass(std::time::Duration::from_secs(stall));
                Vec::new()
            },
            &clock,
        );
        match told {
            Ok(_) => assert!(is_cleared, "{run}"),
            Err(ClearError::Ledger(LedgerError::NotClaimed { .. })) => {
                assert!(!is_cleared, "{run}")
            }
            Err(other) => panic!("{other:?}"),
        }
        cluster.go_on();
    }
}

#[test]
fn a_gate_whose_claim_was_void_says_so_and_what_to_do() {
    let cluster = store(&["web1"]);
    // Each claim is made so long ago.
    cluster.sql(
        "CREATE FUNCTION public.stall() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN NEW.claimed := NEW.claimed - interval '61 seconds'; RETURN NEW; END $$;
         CREATE TRIGGER stall BEFORE UPDATE OF claimed ON kanmon.run
         FOR EACH ROW EXECUTE FUNCTION public.stall()",
    );
    let url = cluster.url("web1");
    let played = [
        ("C.UTF-8", "node1", "Go on?", "before you type it again"),
        (
            "ja_JP.UTF-8",
            "db1",
            "続けますか",
            "入力し直す前に `kanmonctl who` で確認してください",
        ),
    ];
    for (locale, node, question, told) in played {
        let stage = Stage::new();
        let words = ["paired", "--host", node];
        let mut pty = gate(&stage, &url, &words).env("LC_ALL", locale).spawn();
        pty.wait_for_question(question);
        pty.type_text("y");
        assert_eq!(pty.wait_exit().code(), Some(124), "{}", pty.screen());
        let screen: String = pty.screen().split_whitespace().collect();
        let told: String = told.split_whitespace().collect();
        assert!(screen.contains(&told), "{screen}");
        stage.assert_not_cleared("not-claimed");
    }
    assert_eq!(
        cluster.sql("SELECT count(*) FROM kanmon.run WHERE over IS NULL"),
        "0"
    );
}

#[test]
fn a_run_that_the_store_counts_as_over_is_not_claimed() {
    let cluster = store(&["web1"]);
    let folder = TempDir::new().unwrap();
    let clock = SetClock::new();
    let mut web1 = ledger(folder.path(), "web1", &cluster.url("web1"));
    let guards = gap(at("t"));
    web1.append(&entry("a", opened("t", "1")), &clock).unwrap();
    assert_eq!(ways(&web1.in_the_way(&guards, &clock).unwrap()), "");
    cluster.sql("UPDATE kanmon.run SET over = now()");
    let told = web1.clear(&entry("a", cleared()), &guards, &mut Vec::new, &clock);
    let is_held = matches!(
        told,
        Err(ClearError::Ledger(LedgerError::NotClaimed { .. }))
    );
    assert!(is_held, "{told:?}");
    clears(&mut web1, "b", "t", &guards, &clock).unwrap();
    web1.append(&entry("b", ended(0)), &clock).unwrap();
}

/// A host whose records wait: noted runs, from while its store was away.
fn behind(cluster: &mut Cluster, folder: &Path, n_runs: usize) -> TeamLedger {
    let clock = SetClock::new();
    let url = cluster.url("web1");
    cluster.stop();
    let mut web1 = ledger(folder, "web1", &url);
    assert!(matches!(web1.team(&clock), Team::Away { .. }));
    for number in 0..n_runs {
        let run = format!("waits-{number}");
        web1.append(&entry(&run, opened("elsewhere", "1")), &clock)
            .unwrap();
        web1.append(&entry(&run, ended(0)), &clock).unwrap();
    }
    cluster.go_on();
    ledger(folder, "web1", &url)
}

#[test]
fn a_host_with_many_waiting_records_sends_them_before_its_run_is_claimed() {
    let mut cluster = store(&["web1", "web2"]);
    let folder = TempDir::new_in("/dev/shm").unwrap();
    let clock = SetClock::new();
    let mut web1 = behind(&mut cluster, folder.path(), 700);
    let mut web2 = ledger(folder.path(), "web2", &cluster.url("web2"));
    clears(&mut web2, "b", "node2", &gap(group()), &clock).unwrap();
    web2.append(&entry("b", started()), &clock).unwrap();
    match clears(&mut web1, "a", "node1", &gap(group()), &clock) {
        Err(ClearError::InTheWay(told)) => assert_eq!(ways(&told), "b under way"),
        other => panic!("{other:?}"),
    }
    let there = "SELECT count(*) FROM kanmon.record WHERE host = 'web1'";
    assert_eq!(cluster.sql(there), "1401");
    // Behind again, and the way is free: others see it claimed and cleared.
    let mut own = local(folder.path(), "web1");
    for number in 0..600 {
        let run = format!("more-{number}");
        own.append(&entry(&run, opened("elsewhere", "1")), &clock)
            .unwrap();
        own.append(&entry(&run, ended(0)), &clock).unwrap();
    }
    drop(own);
    clears(&mut web1, "c", "node3", &gap(at("node3")), &clock).unwrap();
    assert_eq!(
        cluster.sql("SELECT claimed < cleared FROM kanmon.run WHERE run = 'c'"),
        "t"
    );
}

#[test]
fn what_cannot_be_sent_in_time_holds_and_says_what_to_do() {
    let mut cluster = store(&["web1", "web2"]);
    let folder = TempDir::new_in("/dev/shm").unwrap();
    let clock = SetClock::new();
    let mut web1 = behind(&mut cluster, folder.path(), 700);
    // It answers, and each record takes its time.
    cluster.sql(
        "CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN PERFORM pg_sleep(0.004); RETURN NEW; END $$;
         CREATE TRIGGER slow BEFORE INSERT ON kanmon.record
         FOR EACH ROW EXECUTE FUNCTION public.slow()",
    );
    let guards = gap(at("node1"));
    web1.append(&entry("a", opened("node1", "1")), &clock)
        .unwrap();
    match web1.in_the_way(&guards, &clock).unwrap_err() {
        LedgerError::NotClaimed { cause, .. } => {
            let told = "records have to be sent first; `kanmonctl store sync` sends them";
            assert!(cause.contains(told), "{cause}");
        }
        other => panic!("{other}"),
    }
    assert_eq!(web1.cut_off(), None, "it is not away");
    cluster.sql("DROP TRIGGER slow ON kanmon.record");
    web1.send_all(&clock).unwrap();
    web1.clear(&entry("a", cleared()), &guards, &mut Vec::new, &clock)
        .unwrap();
    web1.append(&entry("a", ended(0)), &clock).unwrap();
}
