//! `kanmonctl store sync`, and the timer that starts it.
#![expect(
    clippy::disallowed_methods,
    reason = "starts programs of the system's and writes files for them"
)]

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use crate::cluster::Cluster;
use crate::machine::Host;
use crate::team::store;

/// Rules of a host that notes `deploy`.
const NOTED: &str = "[pack]\nid = 'team'\ntitle = 'Team'\nlang = 'en'\n\n\
    [[rule]]\nid = 'deploy'\ntitle = 'Deploy the shop'\nwhy = 'It restarts the tills.'\n\
    risk = 'note'\nmatch = [{ program = 'deploy' }]\n\
    test.hold = ['deploy now']\ntest.pass = ['man deploy']\n";

/// The units as they are shipped.
const SERVICE: &str = include_str!("../../dist/systemd/kanmon-store-sync.service");
const TIMER: &str = include_str!("../../dist/systemd/kanmon-store-sync.timer");

/// A host that names the store, with the ledger of its group on a disk that goes away.
fn on(host: &Host, cluster: &Cluster, script: &str) -> String {
    fs::write(host.path("noted.toml"), NOTED).unwrap();
    let config = format!("store = \"{}\"\n", cluster.url("web1"));
    fs::write(host.path("config.toml"), config).unwrap();
    host.run(&format!(
        "cp config.toml /etc/kanmon/; cp noted.toml $rules/; kanmonctl rules compile >/dev/null || exit 99
        mkdir -p lib; mount --bind lib /var/lib
        {script}"
    ))
}

/// Returns the command of the service.
fn command_of_service() -> &'static str {
    let line = SERVICE
        .lines()
        .find_map(|line| line.strip_prefix("ExecStart=/usr/bin/"));
    line.unwrap()
}

#[test]
fn what_waits_is_sent_once_by_however_many_at_once() {
    let Some(host) = Host::new() else { return };
    let mut cluster = store(&["web1"]);
    let timer = command_of_service();
    cluster.stop();
    let told = on(
        &host,
        &cluster,
        &format!(
            "groupadd -f kanmon; kanmonctl init --host >/dev/null || exit 98
            {timer}; echo nothing=$?
            for n in 1 2 3; do kanmon deploy $n </dev/null; done
            {timer}; echo away=$?"
        ),
    );
    // A service that fails shows in `systemctl --failed`; the records wait.
    assert!(told.contains("records are sent later"), "{told}");
    assert!(told.ends_with("away=125\n"), "{told}");
    assert_eq!(host.ran().len(), 3);
    cluster.go_on();
    let told = on(
        &host,
        &cluster,
        "for n in 1 2 3 4 5 6; do kanmonctl store sync >sent$n 2>&1; echo $? >>sent$n & done; wait
        cat sent?; echo; kanmonctl store sync; echo again=$?",
    );
    let lines = told
        .lines()
        .filter_map(|line| line.strip_prefix("sent     "));
    let sent = lines.filter_map(|line| line.split(' ').next()?.parse::<u32>().ok());
    let sent: Vec<u32> = sent.collect();
    let here = rusqlite::Connection::open(host.path("lib/kanmon/ledger/ledger.db")).unwrap();
    let count = |sql: &str| here.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap();
    let waited = count("SELECT count(*) - (SELECT first_seq - 1 FROM team) FROM record");
    assert_eq!(
        cluster.sql("SELECT count(*) FROM kanmon.record"),
        waited.to_string()
    );
    assert!(waited >= 9, "{waited}");
    // Each of them was there in time to send, and one was given each record.
    assert_eq!(sent.len(), 7, "{told}");
    assert!(told.ends_with("again=0\n"), "{told}");
    assert_eq!(sent.last(), Some(&0), "{told}");
    let quiet = on(&host, &cluster, &format!("{timer}; echo status=$?"));
    assert_eq!(quiet, "status=0\n");
}

#[test]
fn without_a_store_the_timer_has_nothing_to_do_and_a_person_is_told() {
    let Some(host) = Host::new() else { return };
    let timer = command_of_service();
    let told = host.run(&format!(
        "{timer}; echo timer=$?; kanmonctl store sync; echo person=$?"
    ));
    assert!(told.starts_with("timer=0\n"), "{told}");
    assert!(told.contains("no store is named"), "{told}");
    assert!(!told.contains("person=0"), "{told}");
}

#[test]
fn names_that_nobody_answers_take_no_longer_than_the_store_may() {
    let Some(host) = Host::new() else { return };
    // A host whose names are looked up for ever: `getent` is killed for each.
    let told = host.run(
        "echo 'store = \"postgresql://web1@db1.example,db2.example,db3.example/kanmon\"' >/etc/kanmon/config.toml
        kanmonctl rules compile >/dev/null || exit 99
        printf '#!/bin/sh\\necho \"$3\" >>asked\\nexec sleep 600\\n' >getent; chmod 755 getent
        mount --bind getent /usr/bin/getent
        began=$(date +%s); kanmonctl store check; echo status=$?
        echo took=$(($(date +%s) - began)) asked=$(sort -u asked | wc -l)",
    );
    assert!(
        told.contains("the host `db1.example` is not known"),
        "{told}"
    );
    let (_, told) = told.rsplit_once("took=").unwrap();
    let (took, asked) = told.trim().split_once(" asked=").unwrap();
    // Three seconds in all; each for itself would take nine at least.
    assert!(took.parse::<u32>().unwrap() < 9, "{told}");
    assert_eq!(asked, "3", "each had its share");
}

#[test]
fn systemd_finds_nothing_wrong_with_the_timer() {
    let folder = TempDir::new().unwrap();
    let program = env!("CARGO_BIN_EXE_kanmonctl");
    let service = SERVICE.replace("/usr/bin/kanmonctl", program);
    let verify = |timer: &str| {
        fs::write(folder.path().join("kanmon-store-sync.service"), &service).unwrap();
        fs::write(folder.path().join("kanmon-store-sync.timer"), timer).unwrap();
        let done = Command::new("systemd-analyze")
            .args([
                "verify",
                "--man=no",
                "kanmon-store-sync.timer",
                "kanmon-store-sync.service",
            ])
            .current_dir(folder.path())
            .output()
            .unwrap();
        // It ends well where it only ignores a line.
        let told = String::from_utf8(done.stderr).unwrap();
        (done.status.success(), told)
    };
    let of_ours = |told: &str| told.contains("kanmon");
    let (ended_well, told) = verify(TIMER);
    assert!(ended_well && !of_ours(&told), "{told}");
    let (_, told) = verify(&TIMER.replace("OnBootSec=1min", "OnBootSec=1mim"));
    assert!(of_ours(&told), "a mistake is told: {told}");
    // Each minute, with the unit that is started by it named after it.
    assert!(TIMER.contains("\nOnUnitInactiveSec=1min\n") && !TIMER.contains("Unit=k"));
    assert!(SERVICE.contains("\nType=oneshot\n"));
}
