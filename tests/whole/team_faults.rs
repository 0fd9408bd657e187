//! What happens to a store, and to the way there: packets that go nowhere, a full disk, a server that is killed,
//! clocks that are hours apart.
#![expect(
    clippy::disallowed_methods,
    reason = "starts this program again in namespaces of its own, and makes faults there"
)]

use std::env;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::PathBuf;
use std::process::Command;

use kanmon::gate::Ledger as _;
use kanmon::gate::world::{ClearError, Guards, InTheWay, LedgerError, Targets};
use kanmon::policy::rule::OnStoreDown;
use kanmon::team::{Connection, schema};
use tempfile::TempDir;

use crate::cluster::Cluster;
use crate::rehearsal::SetClock;
use crate::stage::{Stage, until};
use crate::team::{gate, ledger, owner, store};
use crate::team_runs::{assert_same, at, cleared, clears, ended, entry, gap, key, opened, started};

/// Says that this process was started by a test, and the folder to work in.
const ROLE: &str = "KANMON_TEST_FAULTS";

/// Returns the folder to work in, where this process was started by a test.
fn role() -> Option<PathBuf> {
    env::var_os(ROLE).map(PathBuf::from)
}

/// Runs test `name` again in mount and network namespaces of its own; root alone may mount for the server.
fn again_unshared(name: &str) {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let folder = TempDir::new().unwrap();
    let module = module_path!().split_once("::").unwrap().1;
    let output = Command::new("unshare")
        .args(["-m", "-n"])
        .arg(env::current_exe().unwrap())
        .args([&format!("{module}::{name}"), "--exact", "--nocapture"])
        .env(ROLE, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(said.contains("1 passed"), "{said}");
}

/// Runs a program of the system.
#[track_caller]
fn run(words: &[&str]) {
    let done = Command::new(words[0]).args(&words[1..]).output().unwrap();
    assert!(done.status.success(), "{words:?}: {done:?}");
}

/// A gap of the team at a target, held without the store.
fn hold(target: &str) -> Guards {
    Guards {
        on_store_down: OnStoreDown::Hold,
        ..gap(at(target))
    }
}

/// Asserts that a run was held because the store gave no answer.
#[track_caller]
fn assert_held(told: Result<(), ClearError>, why: &str) {
    match told {
        Err(ClearError::Ledger(LedgerError::Store { cause, .. })) => {
            assert!(cause.contains(why), "{cause}");
        }
        other => panic!("{other:?}"),
    }
}

/// Returns the URL of the server's port for web1, with its password in a file.
fn over_tcp(cluster: &Cluster) -> String {
    let pass = cluster.path("pass");
    fs::write(&pass, "*:*:*:web1:pass-web1\n").unwrap();
    fs::set_permissions(&pass, fs::Permissions::from_mode(0o600)).unwrap();
    cluster.tcp("web1", "127.0.0.1", &format!("passfile={}", pass.display()))
}

#[test]
fn where_packets_go_nowhere_nothing_clears_and_all_is_sent_later() {
    let Some(folder) = role() else {
        return again_unshared("where_packets_go_nowhere_nothing_clears_and_all_is_sent_later");
    };
    run(&["ip", "link", "set", "lo", "up"]);
    let cluster = store(&["web1", "web2"]);
    let url = over_tcp(&cluster);
    let clock = SetClock::new();
    let port = cluster.port.to_string();
    // Nobody is told that nothing comes through: neither a reset nor an unreachable host.
    let partition = |what: &str| {
        for side in ["--dport", "--sport"] {
            run(&[
                "iptables", what, "INPUT", "-p", "tcp", side, &port, "-j", "DROP",
            ]);
        }
    };
    let mut web1 = ledger(&folder, "web1", &url);
    clears(&mut web1, "a", "t1", &hold("t1"), &clock).unwrap();
    web1.append(&entry("a", started()), &clock).unwrap();
    web1.append(&entry("a", ended(0)), &clock).unwrap();
    // While a question stands: the connection is there, and silent.
    let mut web1 = ledger(&folder, "web1", &url);
    web1.append(&entry("b", opened("t2", "1")), &clock).unwrap();
    assert_eq!(web1.in_the_way(&hold("t2"), &clock), Ok(Vec::new()));
    partition("-I");
    let go = entry("b", cleared());
    let told = web1.clear(&go, &hold("t2"), &mut Vec::new, &clock);
    assert_held(told.map(drop), "no answer within");
    // From the beginning: no connection comes about.
    let mut web1 = ledger(&folder, "web1", &url);
    assert_held(
        clears(&mut web1, "c", "t3", &hold("t3"), &clock),
        "no answer within",
    );
    // What may go on does, with this host's knowledge, and is sent when packets come through.
    let mut web1 = ledger(&folder, "web1", &url);
    clears(&mut web1, "d", "t4", &gap(at("t4")), &clock).unwrap();
    web1.append(&entry("d", started()), &clock).unwrap();
    web1.append(&entry("d", ended(0)), &clock).unwrap();
    partition("-D");
    let mut web1 = ledger(&folder, "web1", &url);
    assert!(web1.send_all(&clock).unwrap() > 0);
    assert_same(&cluster, &folder, "web1");
    assert_eq!(
        cluster.sql("SELECT run FROM kanmon.run WHERE cleared IS NOT NULL ORDER BY run"),
        "a\nd"
    );
}

#[test]
fn a_store_whose_disk_is_full_loses_nothing_and_clears_nothing() {
    let Some(folder) = role() else {
        return again_unshared("a_store_whose_disk_is_full_loses_nothing_and_clears_nothing");
    };
    let cluster = store(&["web1"]);
    let small = cluster.path("small");
    fs::create_dir(&small).unwrap();
    let place = small.to_str().unwrap();
    run(&["mount", "-t", "tmpfs", "-o", "size=2m", "none", place]);
    chown(&small, Some(65_534), Some(65_534)).unwrap();
    fs::set_permissions(&small, fs::Permissions::from_mode(0o700)).unwrap();
    cluster.sql(&format!("CREATE TABLESPACE small LOCATION '{place}'"));
    cluster.sql("ALTER TABLE kanmon.record SET TABLESPACE small");
    // It takes what fits into the pages that it has, and then no more.
    let ballast = small.join("ballast");
    fs::write(&ballast, vec![0; 4 * 1024 * 1024]).unwrap_err();
    let clock = SetClock::new();
    let mut n_cleared = 0;
    let held = loop {
        assert!(n_cleared < 1_000, "the disk is not full");
        let (run, target) = (format!("run-{n_cleared}"), format!("t{n_cleared}"));
        let mut web1 = ledger(&folder, "web1", &cluster.url("web1"));
        match clears(&mut web1, &run, &target, &hold(&target), &clock) {
            Ok(()) => n_cleared += 1,
            Err(error) => break (run, Err(error)),
        }
    };
    assert_held(held.1, "No space left on device");
    assert_eq!(
        cluster.sql("SELECT count(*) FROM kanmon.run WHERE cleared IS NOT NULL"),
        n_cleared.to_string()
    );
    fs::remove_file(&ballast).unwrap();
    let mut web1 = ledger(&folder, "web1", &cluster.url("web1"));
    clears(&mut web1, "after", "after", &hold("after"), &clock).unwrap();
    assert_same(&cluster, &folder, "web1");
    let of_held = format!(
        "SELECT cleared IS NULL FROM kanmon.run WHERE run = '{}'",
        held.0
    );
    assert_eq!(cluster.sql(&of_held), "t");
}

#[test]
fn a_server_that_is_killed_in_the_middle_has_what_it_said_it_has() {
    let mut cluster = store(&["web1", "web2"]);
    let folder = TempDir::new().unwrap();
    let clock = SetClock::new();
    let url = cluster.url("web1");
    let mut n_cleared = 0;
    for round in 0..4 {
        let (run, target) = (format!("run-{round}"), format!("t{round}"));
        let mut web1 = ledger(folder.path(), "web1", &url);
        web1.append(&entry(&run, opened(&target, "1")), &clock)
            .unwrap();
        let clear = |web1: &mut kanmon::team::TeamLedger| {
            let go = entry(&run, cleared());
            web1.clear(&go, &hold(&target), &mut Vec::new, &clock)
                .map(drop)
        };
        assert_eq!(web1.in_the_way(&hold(&target), &clock), Ok(Vec::new()));
        // Before it clears, or as soon as it has.
        if round % 2 == 0 {
            cluster.kill();
            clear(&mut web1).unwrap_err();
        } else {
            clear(&mut web1).unwrap();
            n_cleared += 1;
            cluster.kill();
            // The end is recorded here, and sent when there is somebody to take it.
            web1.append(&entry(&run, started()), &clock).unwrap();
            web1.append(&entry(&run, ended(0)), &clock).unwrap();
        }
        cluster.go_on();
        let mut web1 = ledger(folder.path(), "web1", &url);
        web1.send_all(&clock).unwrap();
        assert_same(&cluster, folder.path(), "web1");
    }
    let there = "SELECT count(*) FROM kanmon.run WHERE cleared IS NOT NULL";
    assert_eq!(cluster.sql(there), n_cleared.to_string());
    let mut web2 = ledger(folder.path(), "web2", &cluster.url("web2"));
    let ways = web2.in_the_way(&gap(Targets::One("t1".to_owned())), &clock);
    assert_eq!(ways.unwrap().len(), 1, "the other host knows of it");
}

#[test]
fn of_several_servers_the_one_that_takes_writes_is_spoken_to() {
    let mut primary = store(&["web1"]);
    let mut standby = primary.standby();
    let folders = [&standby, &primary].map(|one| one.path("").display().to_string());
    let url = format!(
        "postgresql://web1@/kanmon?host={}&port={},{}",
        folders.join(","),
        standby.port,
        primary.port
    );
    let folder = TempDir::new().unwrap();
    let clock = SetClock::new();
    // A gate each, as one connects once.
    let runs = |name: &str| {
        let mut web1 = ledger(folder.path(), "web1", &url);
        web1.append(&entry(name, opened("t1", "1")), &clock)
            .unwrap();
        let go = entry(name, cleared());
        let guards = Guards {
            on_store_down: OnStoreDown::Hold,
            ..Guards::default()
        };
        web1.clear(&go, &guards, &mut Vec::new, &clock).map(drop)
    };
    runs("a").unwrap();
    until("the standby to follow", || {
        standby.sql("SELECT run FROM kanmon.run WHERE cleared IS NOT NULL") == "a"
    });
    // Of this one it learns nothing.
    standby.stop();
    runs("b").unwrap();
    primary.stop();
    standby.go_on();
    assert_held(runs("c"), "does not allow writes");
    // It is made the primary: the host goes on there, and what it lacks comes along.
    assert_eq!(standby.sql("SELECT pg_promote()"), "t");
    runs("d").unwrap();
    assert_eq!(standby.sql("SELECT count(*) FROM kanmon.run"), "4");
    assert_same(&standby, folder.path(), "web1");
}

#[test]
fn a_question_does_not_wait_for_the_stores_disk_and_a_claim_does() {
    let cluster = store(&["web1"]);
    let folder = TempDir::new().unwrap();
    let clock = SetClock::new();
    let mut web1 = ledger(folder.path(), "web1", &cluster.url("web1"));
    // Whoever waits for what they say to be kept waits for a standby that is not there.
    let standby = |name: &str| {
        cluster.sql(&format!(
            "ALTER SYSTEM SET synchronous_standby_names = '{name}'"
        ));
        cluster.sql("SELECT pg_reload_conf()");
    };
    standby("nobody");
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    until("the server to know its standby", || {
        cluster.sql("SHOW synchronous_standby_names") == "nobody"
    });
    web1.append(&entry("a", opened("t1", "1")), &clock).unwrap();
    assert_eq!(web1.in_the_way(&hold("t1"), &clock), Ok(Vec::new()));
    let go = entry("a", cleared());
    let told = web1.clear(&go, &hold("t1"), &mut Vec::new, &clock);
    assert_held(told.map(drop), "no answer within");
    assert_ne!(cluster.sql(waits), "0");
    standby("");
    until("the claim to end", || cluster.sql(waits) == "0");
    // What it lost in a crash, of which nothing was cleared, it is sent again.
    cluster.sql(
        "SET session_replication_role = replica; DELETE FROM kanmon.record; DELETE FROM kanmon.run_rule;
         DELETE FROM kanmon.run_call; DELETE FROM kanmon.run; DELETE FROM kanmon.chain",
    );
    web1.clear(&go, &hold("t1"), &mut Vec::new, &clock).unwrap();
    assert_same(&cluster, folder.path(), "web1");
    assert_eq!(
        cluster.sql("SELECT run FROM kanmon.run WHERE cleared IS NOT NULL"),
        "a"
    );
}

/// Keeps every record from being added to a store until the connection says otherwise.
fn hinder(cluster: &Cluster) -> Connection {
    cluster.sql(
        "CREATE FUNCTION kanmon.hindered() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END $$;
         CREATE TRIGGER hindered BEFORE INSERT ON kanmon.record
         FOR EACH ROW EXECUTE FUNCTION kanmon.hindered()",
    );
    let mut hinders = Connection::open(&owner(cluster), schema::MAKING).unwrap();
    say(&mut hinders, "SELECT pg_advisory_lock(1)");
    hinders
}

/// Says something over a connection.
#[track_caller]
fn say(connection: &mut Connection, sql: &'static str) {
    let said = connection.converse(schema::MAKING, async move |client: &mut _| {
        Ok(tokio_postgres::Client::batch_execute(client, sql).await?)
    });
    said.unwrap();
}

#[test]
fn a_question_waits_for_no_record_of_its_own_line_and_for_what_ended_before() {
    let cluster = store(&["web1"]);
    let folder = TempDir::new().unwrap();
    let clock = SetClock::new();
    let web1 = || ledger(folder.path(), "web1", &cluster.url("web1"));
    let mut asks = web1();
    let mut hinders = hinder(&cluster);
    asks.append(&entry("a", opened("t1", "1")), &clock).unwrap();
    assert_eq!(asks.in_the_way(&hold("t1"), &clock), Ok(Vec::new()));
    assert_eq!(cluster.sql("SELECT count(*) FROM kanmon.record"), "0");
    say(&mut hinders, "SELECT pg_advisory_unlock(1)");
    // Others see that it is asked while the question stands, of which the gate says nothing more.
    until("the record to come", || {
        cluster.sql("SELECT run FROM kanmon.run") == "a"
    });
    let go = entry("a", cleared());
    asks.clear(&go, &hold("t1"), &mut Vec::new, &clock).unwrap();
    asks.append(&entry("a", started()), &clock).unwrap();
    say(&mut hinders, "SELECT pg_advisory_lock(1)");
    asks.append(&entry("a", ended(0)), &clock).unwrap();
    // The answer is another one once the store knows of the end.
    let mut asks = web1();
    asks.append(&entry("b", opened("t1", "1")), &clock).unwrap();
    let told = asks.in_the_way(&hold("t1"), &clock);
    assert_held(told.map(drop).map_err(ClearError::from), "no answer within");
    say(&mut hinders, "SELECT pg_advisory_unlock(1)");
    let mut asks = web1();
    let ways = asks.in_the_way(&hold("t1"), &clock).unwrap();
    let ways: Vec<_> = ways
        .into_iter()
        .map(|way| match way {
            InTheWay::Gap(last) => (last.run.0, last.under_way),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(ways, [("a".to_owned(), false)]);
    assert_same(&cluster, folder.path(), "web1");
}

#[test]
fn hosts_whose_clocks_are_hours_apart_know_when_the_other_ran() {
    let cluster = store(&["web1", "web2"]);
    for (ahead, behind) in [("web1", "web2"), ("web2", "web1")] {
        let (one, two) = (Stage::new(), Stage::new());
        one.set_clock(5 * 3600, 0);
        two.set_clock(-7 * 3600, 0);
        let mut pty = gate(&one, &cluster.url(ahead), &["teamwork", "first"]).spawn();
        key(&mut pty);
        assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.screen());
        // The gap of an hour has just begun for both, by the store's clock.
        let mut pty = gate(&two, &cluster.url(behind), &["teamwork", "second"]).spawn();
        assert_eq!(pty.wait_exit().code(), Some(124), "{}", pty.screen());
        pty.wait_for(&format!("@{ahead} ran this"));
        let screen = pty.screen();
        let mut left = (40..60).map(|minutes| format!("{minutes}m"));
        assert!(
            left.any(|left| screen.contains(&left)) || screen.contains("1h to go"),
            "{screen}"
        );
        assert_eq!((one.ran().len(), two.ran().len()), (1, 0));
        // When it is over it is over for both, whatever their clocks say.
        cluster.sql(
            "UPDATE kanmon.run_rule SET at = at - interval '61 minutes';
             UPDATE kanmon.run SET opened = opened - interval '61 minutes'",
        );
        let mut pty = gate(&two, &cluster.url(behind), &["teamwork", "third"]).spawn();
        key(&mut pty);
        assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.screen());
        cluster.sql("UPDATE kanmon.run_rule SET at = at - interval '61 minutes'");
    }
}
