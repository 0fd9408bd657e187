//! The whole simulation: a server, workers that are killed, and what must be there in the end.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use kanmon::context::SystemClock;
use kanmon::gate::{Clock, Moment};
use kanmon::team::{Connection, TeamLedger, address, schema, verify};

use crate::cluster::Cluster;
use crate::runs::{host, local};
use crate::worker::{PAIR, scattered, url};

/// How many processes the hosts live in.
const WORKERS: usize = 8;

/// The most words of a worker's before it is killed, where it has many to say.
const LONGEST: usize = 400;

/// This host's clock, a day and an hour ahead: nobody answers questions of yesterday.
struct Tomorrow(SystemClock);

impl Clock for Tomorrow {
    fn now(&self) -> Moment {
        let mut moment = self.0.now();
        moment.boot += Duration::from_secs(25 * 3600);
        moment.utc += Duration::from_secs(25 * 3600);
        moment
    }
}

/// Makes a store.
pub(crate) fn init(url: &str) {
    let owner = address::of_configuration(url).unwrap();
    let mut connection = Connection::open(&owner, schema::MAKING).unwrap();
    schema::prepare(&mut connection, true).unwrap();
}

/// Runs the hosts, and fails where anything is lost, there twice, changed or under way twice.
pub(crate) fn simulate(hosts: usize, runs: usize) {
    let cluster = Cluster::start();
    init(&cluster.url("postgres"));
    let names: Vec<String> = (0..hosts).map(host).collect();
    let roles = names.iter().map(|name| {
        format!("CREATE ROLE {name} LOGIN PASSWORD 'pass-{name}' IN ROLE kanmon_host;")
    });
    cluster.sql(&roles.collect::<String>());
    let lines = names
        .iter()
        .map(|name| format!("*:*:*:{name}:pass-{name}\n"));
    let pass = cluster.path("pass");
    fs::write(&pass, lines.collect::<String>()).unwrap();
    fs::set_permissions(&pass, fs::Permissions::from_mode(0o600)).unwrap();
    let pass = pass.display().to_string();
    // The hosts' disks are memory: what they cost is not the store's, and a killed process loses nothing there.
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    let folder = folder.path();

    let begun = Instant::now();
    let shares: Vec<[usize; 2]> = (0..WORKERS)
        .map(|number| [hosts * number / WORKERS, hosts * (number + 1) / WORKERS])
        .collect();
    let port = usize::from(cluster.port);
    let killed: usize = thread::scope(|scope| {
        let workers: Vec<_> = shares
            .iter()
            .map(|share| {
                let words = [port, share[0], share[1], runs];
                let pass = &pass;
                scope.spawn(move || until_through(folder, pass, words))
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .sum()
    });
    let took = begun.elapsed();

    // What waits is sent, and which runs nobody will end is said, as the timer of each host does.
    thread::scope(|scope| {
        for share in &shares {
            let (names, pass) = (&names[share[0]..share[1]], &pass);
            scope.spawn(move || {
                for name in names {
                    let mut ledger = TeamLedger::new(local(folder, name), &url(name, port, pass));
                    ledger.send_all(&SystemClock::new()).unwrap();
                    ledger.send_all(&Tomorrow(SystemClock::new())).unwrap();
                }
            });
        }
    });
    check(&cluster, folder, &names);

    let count = |what: &str| cluster.sql(&format!("SELECT count(*) {what}"));
    println!(
        "{hosts} hosts, {runs} runs each: {} runs, {} records in {:.0} s; {killed} times a process was killed; {} \
         runs cleared, {} ended, {} held",
        count("FROM kanmon.run"),
        count("FROM kanmon.record"),
        took.as_secs_f64(),
        count("FROM kanmon.run WHERE cleared IS NOT NULL"),
        count("FROM kanmon.run WHERE ended IS NOT NULL"),
        count("FROM kanmon.record WHERE kind = 'not-cleared'"),
    );
    assert_eq!(count("FROM kanmon.run"), (hosts * runs).to_string());
    println!("0 lost, 0 twice, every chain verifies");
}

/// Starts a worker again and again, and kills it behind some word, until one gets through; returns how
/// often it was killed.
fn until_through(folder: &Path, pass: &str, [port, first, last, runs]: [usize; 4]) -> usize {
    for life in 0.. {
        let mut worker = Command::new(std::env::current_exe().unwrap())
            .args(["worker", &port.to_string(), pass])
            .arg(folder)
            .args([first, last, runs].map(|number| number.to_string()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut words = BufReader::new(worker.stdout.take().unwrap()).lines();
        let longest = ((last - first) * runs).clamp(10, LONGEST);
        let last_word = 1 + scattered(first + 7, life) % longest;
        if words.by_ref().take(last_word).count() == last_word {
            worker.kill().unwrap();
            worker.wait().unwrap();
        } else {
            assert!(worker.wait().unwrap().success());
            return life;
        }
    }
    0
}

/// Looks whether the store has what the hosts have, and nothing stands in anybody's way for ever.
fn check(cluster: &Cluster, folder: &Path, names: &[String]) {
    let now = SystemClock::new().now();
    let mut of_hosts = BTreeSet::new();
    for name in names {
        for out in local(folder, name).outgoing(0, usize::MAX, &now).unwrap() {
            assert_eq!(out.row.hash(), out.hash);
            of_hosts.insert(format!("{name}|{}|{}", out.row.seq, out.hash));
        }
    }
    let there = cluster.sql("SELECT host, seq, encode(hash, 'hex') FROM kanmon.record");
    let lines: Vec<String> = there.lines().map(str::to_owned).collect();
    let of_store: BTreeSet<String> = lines.iter().cloned().collect();
    assert_eq!(lines.len(), of_store.len(), "twice");
    assert_eq!(of_hosts.difference(&of_store).count(), 0, "lost");
    assert_eq!(of_store.difference(&of_hosts).count(), 0, "made up");
    let owner = address::of_configuration(&cluster.url("postgres")).unwrap();
    let mut connection = Connection::open(&owner, schema::MAKING).unwrap();
    let verified = verify::verify(&mut connection).unwrap();
    assert!(verified.is_whole(), "{verified:?}");
    assert_eq!(
        cluster.sql("SELECT count(*) FROM kanmon.run WHERE over IS NULL"),
        "0"
    );
    // Of the hosts that wanted the same one started it at most.
    let twice = format!(
        "SELECT count(*) FROM (SELECT n.target FROM kanmon.run_rule n
            JOIN kanmon.record r ON r.host = n.host AND r.run = n.run AND r.kind = 'started'
            WHERE n.rule = '{PAIR}' GROUP BY n.target HAVING count(*) > 1) x"
    );
    assert_eq!(cluster.sql(&twice), "0", "released twice");
}
