//! Whether the store's records are as they were sent: what its own superuser does to them is named.
#![expect(
    clippy::disallowed_methods,
    reason = "runs kanmonctl against a real server"
)]

use std::process::{Command, Output};

use kanmon::gate::record::Event;
use kanmon::gate::world::Guards;
use kanmon::gate::{Entry, Ledger as _};
use kanmon::team::TeamLedger;
use tempfile::TempDir;

use crate::cluster::Cluster;
use crate::rehearsal::SetClock;
use crate::team::{ledger, store};
use crate::team_runs::{cleared, ended, entry, opened, started};

/// A store in which two hosts have recorded three runs each, of four records, and an auditor.
struct Audited {
    cluster: Cluster,
    folder: TempDir,
    /// The chains of web1 and web2.
    chains: [String; 2],
}

/// The tables that are compared.
const TABLES: [&str; 5] = ["chain", "record", "run", "run_rule", "run_call"];

/// Records a run.
pub(crate) fn run(ledger: &mut TeamLedger, id: &str, end: Event, clock: &SetClock) {
    let append = |ledger: &mut TeamLedger, entry: &Entry| {
        ledger.append(entry, clock).unwrap();
    };
    append(ledger, &entry(id, opened("t", "11")));
    let go = entry(id, cleared());
    ledger
        .clear(&go, &Guards::default(), &mut Vec::new, clock)
        .unwrap();
    append(ledger, &entry(id, started()));
    append(ledger, &entry(id, end));
}

impl Audited {
    fn new() -> Self {
        let cluster = store(&["web1", "web2"]);
        cluster.sql("CREATE ROLE aud LOGIN IN ROLE kanmon_auditor");
        let folder = TempDir::new().unwrap();
        let clock = SetClock::new();
        for host in ["web1", "web2"] {
            let mut ledger = ledger(folder.path(), host, &cluster.url(host));
            for id in ["a", "b", "c"] {
                run(&mut ledger, &format!("{id}-{host}"), ended(0), &clock);
            }
        }
        let chain = |host: &str| {
            cluster.sql(&format!(
                "SELECT chain FROM kanmon.chain WHERE host = '{host}'"
            ))
        };
        let chains = [chain("web1"), chain("web2")];
        cluster.sql("CREATE SCHEMA kept");
        for table in TABLES {
            cluster.sql(&format!(
                "CREATE TABLE kept.{table} AS TABLE kanmon.{table}"
            ));
        }
        Self {
            cluster,
            folder,
            chains,
        }
    }

    /// Does something as the superuser, whom no trigger stops.
    #[track_caller]
    fn forge(&self, sql: &str) {
        let sql = format!("SET session_replication_role = replica; {sql}");
        self.cluster.sql(&sql);
    }

    /// Makes the hash of a record of web1's anew, as one who knows how could.
    fn make_anew(&self, seq: i64) {
        // What `Row::hash` does, in SQL: each field behind its length, both little endian.
        let field =
            |bytes: &str| format!("{} || {bytes}", little(&format!("length({bytes})::bigint")));
        let text = |column: &str| field(&format!("convert_to({column}, 'UTF8')"));
        let number = |column: &str| field(&format!("({})", little(column)));
        let all = [
            number("1::bigint"),
            number("seq"),
            text("run"),
            text("kind"),
            text("utc"),
            number("boot_ns"),
            text("boot_id"),
            text("body"),
            field("prev"),
        ]
        .join(" || ");
        self.forge(&format!(
            "UPDATE kanmon.record SET hash = sha256({all}) WHERE host = 'web1' AND seq = {seq}"
        ));
    }

    /// Runs `log verify --store`; returns its status and what it says of faults.
    #[track_caller]
    fn verify(&self) -> (i32, String) {
        let done = verify(&self.cluster.url("aud"), &[], "C.UTF-8");
        assert_eq!(String::from_utf8_lossy(&done.stderr), "");
        let said = String::from_utf8(done.stdout).unwrap();
        let told = said.lines().filter(|line| {
            !line.contains("each as it was written") && !line.starts_with("cannot be seen here")
        });
        let told = told.collect::<Vec<_>>().join("\n");
        let [web1, web2] = &self.chains;
        let told = told.replace(web1, "CHAIN1").replace(web2, "CHAIN2");
        (done.status.code().unwrap(), told)
    }

    /// Checks what is said after something was done, and undoes it.
    #[track_caller]
    fn check(&self, sql: &str, told: &[&str]) {
        self.forge(sql);
        let (status, said) = self.verify();
        for table in TABLES {
            self.forge(&format!(
                "TRUNCATE kanmon.{table}; INSERT INTO kanmon.{table} TABLE kept.{table}"
            ));
        }
        assert_eq!(status, i32::from(!told.is_empty()), "{sql}: {said}");
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines.len(), told.len(), "{sql}: {said}");
        for (line, told) in lines.iter().zip(told) {
            assert!(line.contains(told), "{sql}: {line}");
        }
    }
}

/// A number of eight bytes, the least first.
fn little(number: &str) -> String {
    let bytes = (0..8).map(|at| format!("substring(int8send({number}) FROM {} FOR 1)", 8 - at));
    bytes.collect::<Vec<_>>().join(" || ")
}

/// Runs `log verify --store` in a language.
fn verify(url: &str, more: &[&str], locale: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kanmonctl"))
        .args(["log", "verify", "--store", "--url", url])
        .args(more)
        .env_clear()
        .env("LC_ALL", locale)
        .output()
        .unwrap()
}

#[test]
fn a_store_that_nobody_touched_is_whole_and_only_an_auditor_sees_it() {
    let audited = Audited::new();
    assert_eq!(audited.verify(), (0, String::new()));
    let json = verify(&audited.cluster.url("aud"), &["--json"], "C.UTF-8");
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["whole"], true);
    let chains = json["chains"].as_array().unwrap();
    let told: Vec<_> = chains
        .iter()
        .map(|chain| {
            (
                chain["host"].as_str().unwrap(),
                chain["records"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, [("web1", 12), ("web2", 12)]);
    // What the host itself has last is what the store has last.
    let own = audited.folder.path().join("web1/ledger.db");
    let own = rusqlite::Connection::open(own).unwrap();
    let head: String = own
        .query_row("SELECT lower(hex(hash)) FROM head", [], |row| row.get(0))
        .unwrap();
    assert_eq!(chains[0]["head"]["hash"], head);
    let japanese = verify(&audited.cluster.url("aud"), &[], "ja_JP.UTF-8");
    let japanese = String::from_utf8(japanese.stdout).unwrap();
    assert!(
        japanese.contains("記録 12 件、すべて書き込み時のままです"),
        "{japanese}"
    );
    for role in ["web1", "web2"] {
        let denied = verify(&audited.cluster.url(role), &[], "C.UTF-8");
        let said = String::from_utf8(denied.stderr).unwrap();
        assert_eq!(denied.status.code(), Some(125), "{said}");
        assert!(said.contains("permission denied"), "{said}");
        assert!(said.contains("kanmonctl store check"), "{said}");
    }
}

#[test]
fn what_the_superuser_changes_is_named() {
    let audited = Audited::new();
    for column in [
        "run = 'x'",
        "kind = 'x'",
        "utc = 'x'",
        "boot_ns = 1",
        "boot_id = 'x'",
        "body = '{}'",
        "prev = '\\x00'",
        "hash = '\\x00'",
    ] {
        let sql = format!("UPDATE kanmon.record SET {column} WHERE host = 'web1' AND seq = 6");
        audited.check(&sql, &["web1, chain CHAIN1: record 6 was changed (run "]);
    }
}

#[test]
fn what_the_superuser_removes_is_named_at_the_ends_too() {
    let audited = Audited::new();
    let remove = |seqs: &str, told: &str| {
        let sql = format!("DELETE FROM kanmon.record WHERE host = 'web1' AND seq IN ({seqs})");
        audited.check(&sql, &[told]);
    };
    remove("7", "web1, chain CHAIN1: record 7 was removed");
    remove("1, 2", "web1, chain CHAIN1: records 1 to 2 were removed");
    remove(
        "11, 12",
        "web1, chain CHAIN1: records 11 to 12 were removed",
    );
    audited.check(
        "TRUNCATE kanmon.record",
        &[
            "web1, chain CHAIN1: records 1 to 12 were removed",
            "web2, chain CHAIN2: records 1 to 12 were removed",
        ],
    );
    // Several places, of two hosts.
    audited.check(
        "DELETE FROM kanmon.record WHERE seq = 3;
         UPDATE kanmon.record SET body = '{}' WHERE host = 'web2' AND seq = 9",
        &[
            "web1, chain CHAIN1: record 3 was removed",
            "web2, chain CHAIN2: record 3 was removed",
            "web2, chain CHAIN2: record 9 was changed",
        ],
    );
}

#[test]
fn what_the_superuser_makes_anew_is_named() {
    let audited = Audited::new();
    audited.forge("UPDATE kanmon.record SET boot_ns = 77 WHERE host = 'web1' AND seq IN (5, 12)");
    audited.make_anew(5);
    audited.make_anew(12);
    let (status, said) = audited.verify();
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!((status, lines.len()), (1, 2), "{said}");
    assert!(
        lines[0].starts_with("web1, chain CHAIN1: record 5 was made anew (run b-web1"),
        "{said}"
    );
    assert!(
        lines[1].starts_with("web1, chain CHAIN1: record 12 was made anew"),
        "{said}"
    );
}

#[test]
fn tables_that_say_something_else_than_the_records_are_named() {
    let audited = Audited::new();
    for (sql, told) in [
        (
            "DELETE FROM kanmon.run WHERE run = 'b-web1'",
            "table `run` differs from the records: web1 CHAIN1 b-web1",
        ),
        (
            "UPDATE kanmon.run SET cleared = NULL WHERE run = 'b-web1'",
            "`run` differs from the records: web1 CHAIN1 b-web1",
        ),
        (
            "UPDATE kanmon.run SET person = 'eve' WHERE run = 'b-web1'",
            "`run_rule` differs from the records: web1 CHAIN1 b-web1",
        ),
        (
            "UPDATE kanmon.run_rule SET state = 0 WHERE run = 'b-web1'",
            "`run` differs from the records: web1 CHAIN1 b-web1",
        ),
        (
            "UPDATE kanmon.run_rule SET target = 'x' WHERE run = 'b-web1'",
            "`run_rule` differs from the records: web1 CHAIN1 b-web1",
        ),
        (
            "UPDATE kanmon.run_rule SET bound = '{\"date\":\"x\"}' WHERE run = 'b-web1'",
            "`run_rule` differs from the records: web1 CHAIN1 b-web1",
        ),
        (
            "DELETE FROM kanmon.run_rule WHERE run = 'b-web1'",
            "`run_rule` differs from the records: web1 CHAIN1 b-web1",
        ),
        (
            "UPDATE kanmon.chain SET seq = 10, hash = (SELECT hash FROM kanmon.record r WHERE r.host = 'web1' AND r.seq = 10) WHERE host = 'web1'",
            "table `chain` differs from the records: web1 CHAIN1 10 < 12",
        ),
        (
            "DELETE FROM kanmon.chain WHERE host = 'web1'",
            "table `chain` differs from the records: web1 CHAIN1",
        ),
    ] {
        audited.check(sql, &[told]);
    }
    // Times, and how a run ended: by these gaps, firsts and reruns are judged.
    let differs = |what: &str| format!("differs from the records: web1 CHAIN1 {what}");
    for (sql, told) in [
        (
            "UPDATE kanmon.run SET well = false WHERE run = 'b-web1'",
            vec!["b-web1 well"],
        ),
        (
            "UPDATE kanmon.run SET told_end = 'not-started' WHERE run = 'b-web1'",
            vec!["b-web1 told_end"],
        ),
        (
            "DELETE FROM kanmon.run_call WHERE run = 'b-web1'",
            vec!["b-web1"],
        ),
        (
            "UPDATE kanmon.run_call SET target = 'x' WHERE run = 'b-web1'",
            vec!["b-web1"],
        ),
        (
            "UPDATE kanmon.run_rule SET at = at - interval '2 hours' WHERE run = 'b-web1'",
            vec!["b-web1 r"],
        ),
        (
            "UPDATE kanmon.run_rule SET at = at - interval '2 hours' WHERE run = 'b-web1';
             UPDATE kanmon.run SET ended = ended - interval '2 hours', over = over - interval '2 hours'
                 WHERE run = 'b-web1'",
            vec!["b-web1 ended"],
        ),
        (
            "UPDATE kanmon.run SET cleared = cleared + interval '2 hours' WHERE run = 'b-web1'",
            vec!["b-web1 cleared"],
        ),
        (
            "UPDATE kanmon.record SET arrived = arrived - interval '2 hours' WHERE run = 'b-web1' AND kind = 'started'",
            vec!["7 arrived"],
        ),
        (
            "UPDATE kanmon.record SET arrived = arrived + interval '2 hours' WHERE run = 'c-web1' AND kind = 'started'",
            vec!["11 arrived"],
        ),
    ] {
        let told: Vec<String> = told.into_iter().map(differs).collect();
        let told: Vec<&str> = told.iter().map(String::as_str).collect();
        audited.check(sql, &told);
    }
    // With records, chain and all gone the runs still know of them.
    audited.check(
        "DELETE FROM kanmon.record WHERE host = 'web1'; DELETE FROM kanmon.chain WHERE host = 'web1'",
        &[
            "table `chain` differs from the records: web1 CHAIN1",
            "table `run` differs from the records: web1 CHAIN1 a-web1",
            "table `run` differs from the records: web1 CHAIN1 b-web1",
            "table `run` differs from the records: web1 CHAIN1 c-web1",
        ],
    );
}
