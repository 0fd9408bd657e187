//! Runs that concern more than one host, over the team's store and without it.
#![expect(
    clippy::disallowed_methods,
    reason = "cuts connections, and waits for processes by looking"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use kanmon::context::process;
use kanmon::gate::record::{Event, HeldInvocation, Opened};
use kanmon::gate::world::{
    ClearError, FirstGuard, GapGuard, Guards, InTheWay, LedgerError, NotFirst, Targets, Team, Who,
};
use kanmon::gate::{Entry, Ledger, RunId};
use kanmon::line::Span;
use kanmon::policy::rule::OnStoreDown;
use tempfile::TempDir;

use crate::cluster::Cluster;
use crate::cutter::Cutter;
use crate::pty::Pty;
use crate::rehearsal::SetClock;
use crate::stage::{Stage, kinds, until};
use crate::team::{gate, ledger, local, store};

const HOUR: Duration = Duration::from_secs(3600);

/// An entry of a run.
pub(crate) fn entry(run: &str, event: Event) -> Entry {
    Entry {
        run: RunId(run.to_owned()),
        event,
    }
}

/// The head of a run of rule `r` at a target, with a value.
pub(crate) fn opened(target: &str, month: &str) -> Event {
    Event::Opened(Box::new(Opened {
        who: Who {
            real_user: "ann".to_owned(),
            ..Who::default()
        },
        line: "bill".to_owned(),
        invocations: vec![HeldInvocation {
            rule: "r".to_owned(),
            text: "bill".to_owned(),
            span: Span::new(0, 4),
            target: target.to_owned(),
            user: "root".to_owned(),
            bound: BTreeMap::from([("arg.1".to_owned(), month.to_owned())]),
            ..HeldInvocation::default()
        }],
        door: "prefix".to_owned(),
        version: "0".to_owned(),
        ..Opened::default()
    }))
}

pub(crate) fn cleared() -> Event {
    Event::Cleared {
        measured: Vec::new(),
        permits: Vec::new(),
    }
}

pub(crate) fn ended(status: i32) -> Event {
    Event::Ended {
        status: Some(status),
        signal: None,
        took: Duration::ZERO,
    }
}

/// The start as this very process, which lives.
pub(crate) fn started() -> Event {
    let pid = i32::try_from(std::process::id()).unwrap();
    Event::Started {
        pid,
        start_ticks: process::start_ticks(pid),
    }
}

/// A gap of the team.
pub(crate) fn gap(targets: Targets) -> Guards {
    Guards {
        gaps: vec![GapGuard {
            rule: "r".to_owned(),
            targets,
            time: HOUR,
            team: true,
        }],
        ..Guards::default()
    }
}

pub(crate) fn at(target: &str) -> Targets {
    Targets::One(target.to_owned())
}

pub(crate) fn group() -> Targets {
    Targets::Fitting("node*".parse_pattern())
}

/// Reads a pattern.
trait ParsePattern {
    fn parse_pattern(&self) -> kanmon::policy::Pattern;
}

impl ParsePattern for str {
    fn parse_pattern(&self) -> kanmon::policy::Pattern {
        kanmon::policy::Pattern::parse(self).unwrap()
    }
}

/// A `first` at `t` with these values.
pub(crate) fn first(month: Option<&str>) -> Guards {
    Guards {
        firsts: vec![FirstGuard {
            rule: "r".to_owned(),
            target: "T".to_owned(),
            within: HOUR,
            same: month
                .map(|month| ("arg.1".to_owned(), Some(month.to_owned())))
                .into_iter()
                .collect(),
        }],
        ..Guards::default()
    }
}

/// Says what stands in the way in few words.
pub(crate) fn ways(ways: &[InTheWay]) -> String {
    let words = ways.iter().map(|way| match way {
        InTheWay::Gap(last) if last.under_way => format!("{} under way", last.run.0),
        InTheWay::Gap(last) => format!("{} recent", last.run.0),
        InTheWay::NotFirst { why, .. } => match why {
            NotFirst::None => "none".to_owned(),
            NotFirst::Differs => "differs".to_owned(),
            NotFirst::NotWell { .. } => "not well".to_owned(),
            NotFirst::TooOld { .. } => "too old".to_owned(),
            NotFirst::OwnLedger => "own".to_owned(),
        },
        other => format!("{other:?}"),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// Two gates: of one host over its ledger, or of two hosts over the store.
struct Two<'t> {
    here: Box<dyn Ledger>,
    there: Box<dyn Ledger>,
    clock: SetClock,
    /// Lets time go by.
    pass: Box<dyn Fn(Duration) + 't>,
}

impl Two<'_> {
    #[track_caller]
    fn here(&mut self, run: &str, events: Vec<Event>) {
        for event in events {
            let entry = entry(run, event);
            match entry.event {
                Event::Cleared { .. } => self
                    .here
                    .clear(&entry, &Guards::default(), &mut Vec::new, &self.clock)
                    .map(drop)
                    .unwrap(),
                _ => self.here.append(&entry, &self.clock).map(drop).unwrap(),
            }
        }
    }

    #[track_caller]
    fn there(&mut self, guards: &Guards) -> String {
        ways(&self.there.in_the_way(guards, &self.clock).unwrap())
    }
}

/// What a gate has to know of another's runs, whatever keeps them.
fn story(mut two: Two<'_>) {
    assert_eq!(two.there(&gap(Targets::Any)), "");
    assert_eq!(two.there(&first(None)), "none");
    two.here("a", vec![opened("t", "11"), cleared(), started()]);
    assert_eq!(two.there(&gap(Targets::Any)), "a under way");
    assert_eq!(
        two.there(&gap(at("T"))),
        "a under way",
        "names have no case"
    );
    assert_eq!(two.there(&gap(at("u"))), "");
    assert_eq!(two.there(&gap(group())), "");
    assert_eq!(two.there(&first(None)), "not well");
    two.here("a", vec![ended(0)]);
    assert_eq!(two.there(&gap(at("t"))), "a recent");
    assert_eq!(two.there(&first(None)), "");
    assert_eq!(two.there(&first(Some("11"))), "");
    assert_eq!(two.there(&first(Some("12"))), "differs");
    (two.pass)(HOUR + Duration::from_secs(5));
    assert_eq!(two.there(&gap(at("t"))), "");
    assert_eq!(two.there(&first(None)), "too old");
    // A later failure takes an earlier good end away.
    two.here("b", vec![opened("t", "11"), cleared(), started(), ended(1)]);
    assert_eq!(two.there(&first(None)), "not well");
    // One that was not cleared counts for nothing.
    (two.pass)(HOUR + Duration::from_secs(5));
    let declined = Event::NotCleared {
        reason: "declined".to_owned(),
        detail: String::new(),
    };
    two.here("c", vec![opened("t", "11"), declined]);
    assert_eq!(two.there(&gap(at("t"))), "");
    // Of a group every node counts.
    two.here("d", vec![opened("node1", "1"), cleared(), started()]);
    assert_eq!(two.there(&gap(group())), "d under way");
    assert_eq!(two.there(&gap(at("node2"))), "");
    // At "go" it is looked at again, and the loser clears nothing.
    let head = entry("e", opened("node2", "1"));
    two.there.append(&head, &two.clock).unwrap();
    let clear = |two: &mut Two<'_>, guards: &Guards| {
        let cleared = entry("e", cleared());
        two.there.clear(&cleared, guards, &mut Vec::new, &two.clock)
    };
    match clear(&mut two, &gap(group())) {
        Err(ClearError::InTheWay(told)) => assert_eq!(ways(&told), "d under way"),
        other => panic!("{other:?}"),
    }
    two.here("d", vec![ended(0)]);
    (two.pass)(HOUR + Duration::from_secs(5));
    clear(&mut two, &gap(group())).unwrap();
}

#[test]
fn one_story_over_one_hosts_ledger() {
    let folder = TempDir::new().unwrap();
    let clock = SetClock::new();
    let pass = clock.clone();
    story(Two {
        here: Box::new(local(folder.path(), "host")),
        there: Box::new(local(folder.path(), "host")),
        clock,
        pass: Box::new(move |time| pass.pass(time)),
    });
}

#[test]
fn the_same_story_over_the_store() {
    let cluster = store(&["web1", "web2"]);
    let folder = TempDir::new().unwrap();
    let clock = SetClock::new();
    let own = clock.clone();
    story(Two {
        here: Box::new(ledger(folder.path(), "web1", &cluster.url("web1"))),
        there: Box::new(ledger(folder.path(), "web2", &cluster.url("web2"))),
        clock,
        pass: Box::new(|time| {
            own.pass(time);
            let seconds = time.as_secs();
            cluster.sql(&format!(
                "UPDATE kanmon.run_rule SET at = at - {seconds} * interval '1 second'"
            ));
        }),
    });
    // Both chains are there as the hosts have them, no record missing, none twice.
    for host in ["web1", "web2"] {
        assert_same(&cluster, folder.path(), host);
    }
}

/// Asserts that the store has of a host's ledger what the ledger has, record by record.
#[track_caller]
pub(crate) fn assert_same(cluster: &Cluster, folder: &std::path::Path, host: &str) {
    let clock = SetClock::new();
    let own = local(folder, host);
    let mut of_host = String::new();
    for out in own
        .outgoing(0, usize::MAX, &kanmon::gate::Clock::now(&clock))
        .unwrap()
    {
        of_host.push_str(&format!(
            "{}|{}|{}|{}\n",
            out.row.seq, out.row.run, out.row.kind, out.hash
        ));
    }
    let there = cluster.sql(&format!(
        "SELECT seq, run, kind, encode(hash, 'hex') FROM kanmon.record
         WHERE host = '{host}' ORDER BY chain, seq"
    ));
    assert_eq!(there, of_host.trim_end(), "{host}");
}

/// Clears a run of rule `r` at a target on a host; returns whether it was let through.
pub(crate) fn clears(
    host: &mut dyn Ledger,
    run: &str,
    target: &str,
    guards: &Guards,
    clock: &SetClock,
) -> Result<(), ClearError> {
    let head = entry(run, opened(target, "1"));
    host.append(&head, clock)?;
    host.clear(&entry(run, cleared()), guards, &mut Vec::new, clock)
        .map(drop)
}

#[test]
fn of_many_hosts_at_the_same_instant_one_is_let_through() {
    const HOSTS: usize = 8;
    let names: Vec<String> = (0..HOSTS).map(|number| format!("host{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let cluster = store(&names);
    let folder = TempDir::new().unwrap();
    for round in 0..5 {
        let barrier = std::sync::Barrier::new(HOSTS);
        let run = format!("run-{round}");
        let n_cleared: usize = std::thread::scope(|scope| {
            let gates: Vec<_> = names
                .iter()
                .map(|name| {
                    let (barrier, run, url) = (&barrier, &run, cluster.url(name));
                    let folder = folder.path();
                    scope.spawn(move || {
                        let mut host = ledger(folder, name, &url);
                        let clock = SetClock::new();
                        // All have looked, and found the way free.
                        let guards = gap(Targets::Any);
                        host.append(&entry(run, opened("node1", "1")), &clock)
                            .unwrap();
                        assert_eq!(host.in_the_way(&guards, &clock), Ok(Vec::new()));
                        barrier.wait();
                        let cleared = entry(run, cleared());
                        match host.clear(&cleared, &guards, &mut Vec::new, &clock) {
                            Ok(_) => 1,
                            Err(ClearError::InTheWay(_)) => 0,
                            Err(error) => panic!("{error}"),
                        }
                    })
                })
                .collect();
            gates.into_iter().map(|gate| gate.join().unwrap()).sum()
        });
        assert_eq!(n_cleared, 1, "round {round}");
        // The next round begins when this one's run is over and long ago.
        cluster.sql(
            "UPDATE kanmon.run SET over = now() WHERE over IS NULL;
             UPDATE kanmon.run_rule SET state = 3, at = at - interval '2 hours'",
        );
        for name in &names {
            std::fs::remove_dir_all(folder.path().join(name)).unwrap();
        }
    }
}

#[test]
fn a_store_that_is_away_holds_or_lets_go_on_and_gets_all_later_once() {
    let mut cluster = store(&["web1", "web2"]);
    let folder = TempDir::new().unwrap();
    let clock = SetClock::new();
    let url = cluster.url("web1");
    let mut web1 = ledger(folder.path(), "web1", &url);
    clears(&mut web1, "a", "t", &gap(at("t")), &clock).unwrap();
    web1.append(&entry("a", ended(0)), &clock).unwrap();
    cluster.stop();
    // Held: nothing is cleared, and it is told before a question and at "go".
    let hold = Guards {
        on_store_down: OnStoreDown::Hold,
        ..gap(at("u"))
    };
    let is_away = |error: &LedgerError| matches!(error, LedgerError::Store { .. });
    let mut web1 = ledger(folder.path(), "web1", &url);
    assert!(is_away(&web1.in_the_way(&hold, &clock).unwrap_err()));
    match clears(&mut web1, "b", "u", &hold, &clock) {
        Err(ClearError::Ledger(error)) => assert!(is_away(&error), "{error}"),
        other => panic!("{other:?}"),
    }
    // Local: goes on with what this host knows, and says so once.
    let mut web1 = ledger(folder.path(), "web1", &url);
    assert!(matches!(web1.team(&clock), Team::Away { .. }));
    let told = ways(&web1.in_the_way(&gap(at("t")), &clock).unwrap());
    assert_eq!(told, "a recent", "its own");
    assert_eq!(web1.cut_off(), None, "it was told");
    clears(&mut web1, "c", "u", &gap(at("u")), &clock).unwrap();
    web1.append(&entry("c", ended(0)), &clock).unwrap();
    // When it is back, the next run brings everything, in order, once.
    cluster.go_on();
    let mut web1 = ledger(folder.path(), "web1", &url);
    assert_eq!(web1.team(&clock), Team::Shared);
    assert_same(&cluster, folder.path(), "web1");
    assert_eq!(web1.send_all(&clock).unwrap(), 0);
    assert_same(&cluster, folder.path(), "web1");
    let mut web2 = ledger(folder.path(), "web2", &cluster.url("web2"));
    let told = ways(&web2.in_the_way(&gap(Targets::Any), &clock).unwrap());
    assert_eq!(told, "c recent", "run b was never cleared");
}

#[test]
fn a_ledger_that_was_changed_is_not_sent() {
    let cluster = store(&["web1"]);
    let folder = TempDir::new().unwrap();
    let clock = SetClock::new();
    let url = cluster.url("web1");
    let mut web1 = ledger(folder.path(), "web1", &url);
    clears(&mut web1, "a", "t", &gap(at("t")), &clock).unwrap();
    // The host's own file goes back to what it was, and another run takes the records' place.
    let own = folder.path().join("web1/ledger.db");
    drop(web1);
    let before = cluster.sql("SELECT count(*) FROM kanmon.record");
    let changed = rusqlite::Connection::open(&own).unwrap();
    changed
        .execute_batch(
            "DROP TRIGGER record_is_never_removed; DELETE FROM record WHERE seq = 2;
             UPDATE head SET seq = 1, hash = (SELECT hash FROM record WHERE seq = 1)",
        )
        .unwrap();
    let mut web1 = ledger(folder.path(), "web1", &url);
    let cause = |web1: &mut dyn Ledger| match web1.team(&clock) {
        Team::Away { cause, .. } => cause,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        cause(&mut web1),
        "it has record 2 of this ledger, which ends at record 1"
    );
    let mut web1 = ledger(folder.path(), "web1", &url);
    web1.append(&entry("b", opened("t", "1")), &clock).unwrap();
    web1.append(&entry("b", cleared()), &clock).unwrap();
    let told = cause(&mut web1);
    assert!(told.contains("does not follow record 2"), "{told}");
    assert_eq!(cluster.sql("SELECT count(*) FROM kanmon.record"), before);
}

/// Plays a line of risk low.
#[track_caller]
pub(crate) fn key(pty: &mut Pty) {
    pty.wait_for_question("Go on?");
    pty.type_text("y");
}

#[test]
fn a_second_host_is_refused_what_the_first_has_released() {
    let cluster = store(&["web1", "web2"]);
    let (one, two) = (Stage::new(), Stage::new());
    let mut pty = gate(&one, &cluster.url("web1"), &["teamwork", "first"]).spawn();
    key(&mut pty);
    assert_eq!(pty.wait_exit().code(), Some(0));
    let mut pty = gate(&two, &cluster.url("web2"), &["teamwork", "second"]).spawn();
    assert_eq!(pty.wait_exit().code(), Some(124), "{}", pty.screen());
    pty.wait_for("@web1");
    assert_eq!((one.ran().len(), two.ran().len()), (1, 0));
    two.assert_not_cleared("gap");
    // Its own host would not have known.
    let mut pty = two.start(&["teamwork", "third"]);
    pty.wait_for("only your own runs are known");
}

#[test]
fn both_nodes_of_a_pair_are_never_under_way() {
    let cluster = store(&["web1", "web2"]);
    let (one, two) = (Stage::new(), Stage::new());
    let mut first = gate(
        &one,
        &cluster.url("web1"),
        &["paired", "stay", "--host", "node1"],
    )
    .spawn();
    key(&mut first);
    until("the first runs", || {
        cluster.sql("SELECT count(*) FROM kanmon.run WHERE cleared IS NOT NULL") == "1"
            && one.ran().len() == 1
    });
    let second = |node: &str| gate(&two, &cluster.url("web2"), &["paired", "--host", node]).spawn();
    let mut refused = second("node2");
    assert_eq!(
        refused.wait_exit().code(),
        Some(124),
        "{}",
        refused.screen()
    );
    refused.wait_for("root@web1 is running this now");
    refused.wait_for("`kanmonctl store settle`");
    // What is no node of the pair is free.
    let mut free = second("db1");
    key(&mut free);
    assert_eq!(free.wait_exit().code(), Some(0));
    first.signal_group(nix::sys::signal::Signal::SIGTERM);
    first.wait_exit();
    until("the end is known", || {
        cluster.sql("SELECT count(*) FROM kanmon.run WHERE over IS NULL") == "0"
    });
    let mut refused = second("node2");
    assert_eq!(refused.wait_exit().code(), Some(124));
    assert_eq!(two.ran(), ["paired --host db1"]);
}

#[test]
fn without_the_store_a_line_is_held_or_goes_on_and_says_so() {
    let mut cluster = store(&["web1"]);
    let url = cluster.url("web1");
    cluster.stop();
    let stage = Stage::new();
    let mut pty = gate(&stage, &url, &["shared"]).spawn();
    assert_eq!(pty.wait_exit().code(), Some(124));
    pty.wait_for("this rule is held without it");
    pty.wait_for("--break-glass REASON always works");
    stage.assert_not_cleared("store");
    let mut pty = gate(&stage, &url, &["teamwork"]).spawn();
    pty.wait_for("records are sent later");
    key(&mut pty);
    assert_eq!(pty.wait_exit().code(), Some(0));
    let mut pty = gate(&stage, &url, &["notable"]).spawn();
    pty.wait_for("this run's records are sent later");
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert_eq!(stage.ran(), ["teamwork", "notable"]);
    cluster.go_on();
    let mut pty = gate(&stage, &url, &["notable", "exit", "3"]).spawn();
    assert_eq!(pty.wait_exit().code(), Some(3));
    let kinds_there =
        cluster.sql("SELECT kind FROM kanmon.record WHERE kind <> 'opened' ORDER BY seq");
    let mut runs = stage.runs();
    runs.reverse();
    let kinds_here: Vec<&str> = runs.iter().flat_map(kinds).collect();
    assert_eq!(kinds_there.lines().collect::<Vec<_>>(), kinds_here);
}

#[test]
fn an_askers_environment_names_no_other_store() {
    let cluster = store(&["web1"]);
    let other = store(&["web1"]);
    let stage = Stage::new();
    let folder = other.path("");
    let mut pty = gate(&stage, &cluster.url("web1"), &["notable"])
        .env("PGHOST", &folder)
        .env("PGPORT", other.port.to_string())
        .env("PGSERVICE", "other")
        .env("PGUSER", "postgres")
        .env("PGOPTIONS", "-c search_path=x")
        .spawn();
    assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.screen());
    assert_ne!(cluster.sql("SELECT count(*) FROM kanmon.record"), "0");
    assert_eq!(other.sql("SELECT count(*) FROM kanmon.record"), "0");
}

/// How many hosts are cut off side by side.
const CUT: usize = 4;

#[test]
fn cut_off_at_any_message_nothing_is_lost_nor_twice_nor_early() {
    let names = ["web0", "web1", "web2", "web3"];
    let cluster = store(&names);
    let folder = TempDir::new().unwrap();
    let pass = cluster.path("pass");
    let lines = names.map(|name| format!("*:*:*:{name}:pass-{name}\n"));
    std::fs::write(&pass, lines.concat()).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&pass, mode).unwrap();
    let (n_held, n_through) = std::thread::scope(|scope| {
        let hosts: Vec<_> = names
            .iter()
            .enumerate()
            .map(|(number, name)| {
                let (cluster, folder) = (&cluster, folder.path());
                scope.spawn(move || cut_off(cluster, folder, name, number + 1))
            })
            .collect();
        let counts = hosts.into_iter().map(|host| host.join().unwrap());
        counts.fold((0, 0), |sum, each| (sum.0 + each.0, sum.1 + each.1))
    });
    assert!(
        n_held > 100 && n_through > 50,
        "{n_held} held, {n_through} through"
    );
    for name in names {
        assert_same(&cluster, folder.path(), name);
    }
    let open = "SELECT count(*) FROM kanmon.run WHERE cleared IS NOT NULL AND over IS NULL";
    assert_eq!(cluster.sql(open), "0");
}

/// Cuts a host's passages off, one behind each [`CUT`]th message, until one has fewer; returns how many
/// were held and how many went through.
fn cut_off(
    cluster: &Cluster,
    folder: &std::path::Path,
    name: &str,
    first: usize,
) -> (usize, usize) {
    let clock = SetClock::new();
    let (mut n_held, mut n_through) = (0, 0);
    for cut_at in (first..).step_by(CUT) {
        let cutter = Cutter::new(cluster.port);
        cutter.cut_behind(cut_at);
        let url = format!(
            "postgresql://{name}@127.0.0.1:{}/kanmon?passfile={}",
            cutter.port,
            cluster.path("pass").display()
        );
        let mut host = ledger(folder, name, &url);
        let run = format!("run-{cut_at}");
        let (run, target) = (run.as_str(), format!("t{cut_at}"));
        let guards = Guards {
            on_store_down: OnStoreDown::Hold,
            ..gap(at(&target))
        };
        host.append(&entry(run, opened(&target, "1")), &clock)
            .unwrap();
        // As a passage goes: looked at, cleared, started, ended.
        let looked = host.in_the_way(&guards, &clock);
        let is_cleared = looked.is_ok_and(|ways| ways.is_empty())
            && host
                .clear(&entry(run, cleared()), &guards, &mut Vec::new, &clock)
                .is_ok();
        if is_cleared {
            n_through += 1;
            // Before it counted, the store had it on disk.
            let there = format!("SELECT cleared IS NOT NULL FROM kanmon.run WHERE run = '{run}'");
            assert_eq!(cluster.sql(&there), "t", "cut at {cut_at}");
            host.append(&entry(run, started()), &clock).unwrap();
            host.append(&entry(run, ended(0)), &clock).unwrap();
        } else {
            n_held += 1;
        }
        let seen = cutter.seen();
        drop(host);
        let mut host = ledger(folder, name, &cluster.url(name));
        host.send_all(&clock).unwrap();
        if seen < cut_at {
            break;
        }
    }
    (n_held, n_through)
}

#[test]
fn a_gate_that_is_killed_anywhere_leaves_nothing_that_ran_early_and_nothing_in_the_way() {
    let cluster = store(&["web1"]);
    let url = cluster.url("web1");
    let stage = Stage::new();
    for kill in 0..25_u64 {
        let name = kill.to_string();
        let mut pty = gate(&stage, &url, &["shared", &name]).spawn();
        pty.wait_for_question("Go on?");
        pty.type_text("y");
        // Anywhere between the key and the end.
        std::thread::sleep(Duration::from_millis(kill * 2));
        pty.signal(nix::sys::signal::Signal::SIGKILL);
        pty.wait_exit();
    }
    // Commands of killed gates go on, and end.
    let ran_of = |stage: &Stage| stage.ran().len();
    let before = ran_of(&stage);
    let mut pty = gate(&stage, &url, &["shared", "last"]).spawn();
    key(&mut pty);
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert!(ran_of(&stage) > before);
    // What ran had been cleared on both disks.
    let cleared = cluster.sql("SELECT count(*) FROM kanmon.record WHERE kind = 'cleared'");
    let cleared: usize = cleared.parse().unwrap();
    assert!(
        cleared >= ran_of(&stage),
        "{cleared} cleared, {:?}",
        stage.ran()
    );
    let own = local_records(&stage);
    let there = cluster.sql("SELECT seq, encode(hash, 'hex') FROM kanmon.record ORDER BY seq");
    assert_eq!(there, own.trim_end());
    // Once it is known that they are gone, none is under way.
    stage.set_clock(120, 120);
    let mut pty = gate(&stage, &url, &["notable"]).spawn();
    pty.wait_exit();
    let under_way = "SELECT count(*) FROM kanmon.run WHERE cleared IS NOT NULL AND over IS NULL";
    assert_eq!(cluster.sql(under_way), "0");
}

/// Returns number and hash of each record of a stage's ledger.
fn local_records(stage: &Stage) -> String {
    let connection = rusqlite::Connection::open(stage.ledger()).unwrap();
    let mut statement = connection
        .prepare("SELECT seq || '|' || lower(hex(hash)) FROM record ORDER BY seq")
        .unwrap();
    let rows = statement
        .query_map([], |row| row.get::<_, String>(0))
        .unwrap();
    rows.map(|row| row.unwrap() + "\n").collect()
}

#[test]
fn another_hosts_run_is_not_this_ones_passage_whatever_it_is_called() {
    let cluster = store(&["web1", "web2", "web3"]);
    let folder = TempDir::new().unwrap();
    let clock = SetClock::new();
    let ends = |host: &str, run: &str| {
        let mut ledger = ledger(folder.path(), host, &cluster.url(host));
        crate::team_audit::run(&mut ledger, run, ended(0), &clock);
        ledger.in_the_way(&Guards::default(), &clock).unwrap();
    };
    ends("web3", "c");
    ends("web2", "outer");
    let mut web1 = ledger(folder.path(), "web1", &cluster.url("web1"));
    let guards = Guards {
        around: vec![RunId("outer".to_owned())],
        ..gap(at("t"))
    };
    web1.append(&entry("outer", opened("t", "1")), &clock)
        .unwrap();
    let ways = web1.in_the_way(&guards, &clock).unwrap();
    assert!(
        ways.iter()
            .any(|way| matches!(way, InTheWay::Gap(last) if last.user == "ann@web2")),
        "{ways:?}"
    );
}

#[test]
fn a_clock_that_is_ahead_after_a_restart_makes_no_run_old() {
    let cluster = store(&["web1", "web2"]);
    let folder = TempDir::new().unwrap();
    let clock = SetClock::new();
    let nothing = Guards::default();
    let mut web1 = ledger(folder.path(), "web1", &cluster.url("web1"));
    crate::team_audit::run(&mut web1, "before", ended(0), &clock);
    web1.in_the_way(&nothing, &clock).unwrap();
    drop(web1);
    // What ran while the store was away is sent by a host whose date is ten years ahead.
    let mut away = local(folder.path(), "web1");
    for event in [opened("t2", "1"), cleared(), started(), ended(0)] {
        away.append(&entry("a", event), &clock).unwrap();
    }
    drop(away);
    clock.reboot(Duration::from_secs(10 * 365 * 86_400));
    let mut web1 = ledger(folder.path(), "web1", &cluster.url("web1"));
    web1.in_the_way(&nothing, &clock).unwrap();
    assert_eq!(
        cluster.sql("SELECT run FROM kanmon.run WHERE over IS NOT NULL ORDER BY run"),
        "a\nbefore"
    );
    let mut web2 = ledger(folder.path(), "web2", &cluster.url("web2"));
    let ways = web2.in_the_way(&gap(at("t2")), &SetClock::new()).unwrap();
    assert!(matches!(&*ways, [InTheWay::Gap(_)]), "{ways:?}");
}

#[test]
fn a_run_that_its_host_finds_gone_counts_from_then() {
    let cluster = store(&["web1", "web2"]);
    let folder = TempDir::new().unwrap();
    let clock = SetClock::new();
    let mut web1 = ledger(folder.path(), "web1", &cluster.url("web1"));
    web1.append(&entry("a", opened("t2", "1")), &clock).unwrap();
    web1.clear(
        &entry("a", cleared()),
        &gap(at("t2")),
        &mut Vec::new,
        &clock,
    )
    .unwrap();
    // It ran for two hours, and nobody recorded its end.
    cluster.sql(
        "UPDATE kanmon.run SET opened = opened - interval '2 hours', cleared = cleared - interval '2 hours';
        UPDATE kanmon.run_rule SET at = at - interval '2 hours'",
    );
    let chain = cluster.sql("SELECT chain FROM kanmon.chain WHERE host = 'web1'");
    let settle = format!("SELECT kanmon.settle('{chain}', 'a')");
    cluster.sql_as("web1", &settle).unwrap();
    let mut web2 = ledger(folder.path(), "web2", &cluster.url("web2"));
    let ways = web2.in_the_way(&gap(at("t2")), &SetClock::new()).unwrap();
    assert!(
        matches!(&*ways, [InTheWay::Gap(last)] if !last.under_way),
        "{ways:?}"
    );
}

#[test]
fn of_the_ends_of_a_run_the_first_counts() {
    let cluster = store(&["web1"]);
    let folder = TempDir::new().unwrap();
    let clock = SetClock::new();
    let mut web1 = ledger(folder.path(), "web1", &cluster.url("web1"));
    clears(&mut web1, "a", "t2", &gap(at("t2")), &clock).unwrap();
    web1.append(&entry("a", started()), &clock).unwrap();
    web1.append(&entry("a", ended(1)), &clock).unwrap();
    let end = || cluster.sql("SELECT well, ended, over FROM kanmon.run");
    let first = end();
    assert!(first.starts_with('f'), "{first}");
    web1.append(&entry("a", ended(0)), &clock).unwrap();
    assert_eq!(
        cluster.sql("SELECT count(*) FROM kanmon.record WHERE kind = 'ended'"),
        "2"
    );
    assert_eq!(end(), first);
}
