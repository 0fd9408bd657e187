//! Whether the same was run before, on one host and on several: what `rerun` and `declined` ask.

use std::cell::RefCell;
use std::net::TcpListener;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use kanmon::context::SystemClock;
use kanmon::door::earlier::LedgerHistory;
use kanmon::gate::Ledger;
use kanmon::gate::record::{Event, HeldInvocation, Opened};
use kanmon::gate::world::{Guards, Who};
use kanmon::line::Span;
use kanmon::policy::facts::{Earlier, History, RanEnd};
use kanmon::team::earlier::Inquiry;
use tempfile::TempDir;

use crate::cluster::Cluster;
use crate::pty::Pty;
use crate::stage::Stage;
use crate::team::{gate, ledger, local, store};
use crate::team_runs::{cleared, ended, entry, started};

/// The head of a run of these words at a target.
fn opened(text: &str, target: &str) -> Event {
    Event::Opened(Box::new(Opened {
        who: Who {
            real_user: "ann".to_owned(),
            ..Who::default()
        },
        line: text.to_owned(),
        invocations: vec![HeldInvocation {
            rule: "r".to_owned(),
            text: text.to_owned(),
            span: Span::new(0, text.len()),
            target: target.to_owned(),
            user: "root".to_owned(),
            ..HeldInvocation::default()
        }],
        door: "prefix".to_owned(),
        version: "0".to_owned(),
        ..Opened::default()
    }))
}

/// A gate that records, and one that asks.
struct Two {
    here: Box<dyn Ledger>,
    there: Box<dyn Fn() -> LedgerHistory>,
}

impl Two {
    #[track_caller]
    fn here(&mut self, run: &str, events: Vec<Event>) {
        let clock = SystemClock::new();
        for event in events {
            let entry = entry(run, event);
            match entry.event {
                Event::Cleared { .. } => self
                    .here
                    .clear(&entry, &Guards::default(), &mut Vec::new, &clock)
                    .map(drop)
                    .unwrap(),
                _ => self.here.append(&entry, &clock).map(drop).unwrap(),
            }
        }
        // A passage asks what stands in its way, and so tells the store.
        self.here.in_the_way(&Guards::default(), &clock).unwrap();
    }

    /// Says whether the words ran at a target, and whether they failed.
    fn ran(&self, text: &str, target: &str) -> (Option<bool>, Option<bool>) {
        let asked = earlier(text, target);
        let there = (self.there)();
        (there.ran(asked, false), there.ran(asked, true))
    }

    fn last(&self, text: &str, failed: bool) -> Option<RanEnd> {
        let last = (self.there)().last(earlier(text, "db1"), failed)?;
        assert!(last.who.starts_with("ann@"), "{last:?}");
        assert!(last.ago < Duration::from_secs(600), "{last:?}");
        Some(last.end)
    }
}

fn earlier<'a>(text: &'a str, target: &'a str) -> Earlier<'a> {
    Earlier {
        text,
        span: Span::new(0, text.len()),
        target: Some(target),
        within: Duration::from_secs(3600),
    }
}

/// What a gate has to know of another's runs of the same, whatever keeps them.
fn story(mut two: Two) {
    let (yes, no) = (Some(true), Some(false));
    assert_eq!(two.ran("bill 10", "db1"), (no, no));
    two.here("a", vec![opened("bill 10", "db1")]);
    assert_eq!(two.ran("bill 10", "db1"), (no, no), "it is asked");
    two.here("a", vec![cleared(), started()]);
    assert_eq!(two.ran("bill 10", "db1"), (yes, no));
    assert_eq!(two.last("bill 10", false), Some(RanEnd::UnderWay));
    two.here("a", vec![ended(1)]);
    assert_eq!(two.ran("bill 10", "db1"), (yes, yes));
    assert_eq!(two.ran("'bill'  \"10\"", "DB1"), (yes, yes));
    assert_eq!(two.ran("bill 11", "db1"), (no, no), "other words");
    assert_eq!(two.ran("bill 10", "db2"), (no, no), "another target");
    two.here(
        "b",
        vec![opened("bill 10", "db1"), cleared(), started(), ended(0)],
    );
    assert_eq!(two.last("bill 10", false), Some(RanEnd::Well), "the newest");
    assert_eq!(two.last("bill 10", true), Some(RanEnd::NotWell));
    // What never ran is none, and letting go is counted.
    let not_started = Event::NotStarted {
        cause: "not found".to_owned(),
        status: 127,
    };
    two.here("c", vec![opened("pay", "db1"), cleared(), not_started]);
    let reason = |reason: &str| Event::NotCleared {
        reason: reason.to_owned(),
        detail: String::new(),
    };
    two.here("d", vec![opened("pay", "db1"), reason("declined")]);
    two.here("e", vec![opened("pay", "db1"), reason("gap")]);
    two.here("f", vec![opened("pay", "db1"), reason("interrupted")]);
    assert_eq!(two.ran("pay", "db1"), (no, no));
    assert_eq!((two.there)().declined(earlier("pay", "db1")), Some(2));
    assert_eq!((two.there)().declined(earlier("pay", "db2")), Some(0));
}

/// Returns what a host knows of earlier runs.
fn history(folder: &Path, host: &str) -> LedgerHistory {
    let path = folder.join(host).join("ledger.db");
    LedgerHistory::new(Box::new(move || Ok(path.clone())))
}

#[test]
fn one_story_over_one_hosts_ledger() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().to_owned();
    story(Two {
        here: Box::new(local(folder.path(), "host")),
        there: Box::new(move || history(&path, "host")),
    });
}

#[test]
fn the_same_story_over_the_store() {
    let cluster = store(&["web1", "web2"]);
    let folder = TempDir::new().unwrap();
    let (path, url) = (folder.path().to_owned(), cluster.url("web2"));
    story(Two {
        here: Box::new(ledger(folder.path(), "web1", &cluster.url("web1"))),
        there: Box::new(move || history(&path, "web2").with_store(&url, &Rc::default())),
    });
}

#[test]
fn what_this_host_sent_counts_once() {
    let cluster = store(&["web1"]);
    let folder = TempDir::new().unwrap();
    let (path, url) = (folder.path().to_owned(), cluster.url("web1"));
    story(Two {
        here: Box::new(ledger(folder.path(), "web1", &cluster.url("web1"))),
        there: Box::new(move || history(&path, "web1").with_store(&url, &Rc::default())),
    });
}

/// Two hosts, of which web1 has run `bill 10` at db1, which failed.
fn one_failed(cluster: &Cluster, folder: &TempDir) -> Two {
    let (path, url) = (folder.path().to_owned(), cluster.url("web2"));
    let mut two = Two {
        here: Box::new(ledger(folder.path(), "web1", &cluster.url("web1"))),
        there: Box::new(move || history(&path, "web2").with_store(&url, &Rc::default())),
    };
    let events = vec![opened("bill 10", "db1"), cleared(), started(), ended(1)];
    two.here("a", events);
    two
}

#[test]
fn a_hosts_role_does_not_say_another_end_than_its_records() {
    let cluster = store(&["web1", "web2"]);
    let folder = TempDir::new().unwrap();
    let mut two = one_failed(&cluster, &folder);
    let reason = "declined".to_owned();
    let detail = String::new();
    let declined = Event::NotCleared { reason, detail };
    two.here("b", vec![opened("bill 10", "db1"), declined]);
    let chain = cluster.sql("SELECT chain FROM kanmon.chain");
    for end in ["well", "let-go", "not-started", "not-cleared"] {
        let sql = format!("SELECT kanmon.tell_more('{chain}', 'a', '{{}}', '{{}}', '{end}')");
        cluster.sql_as("web1", &sql).unwrap();
        assert_eq!(two.ran("bill 10", "db1"), (Some(true), Some(true)), "{end}");
    }
    let told = "SELECT run, told_end FROM kanmon.run ORDER BY run";
    assert_eq!(cluster.sql(told), "a|\nb|let-go");
    // What was told to older tables counts no more.
    cluster.sql("UPDATE kanmon.run SET told_end = 'not-started' WHERE run = 'a'");
    assert_eq!(two.last("bill 10", true), Some(RanEnd::NotWell));
}

#[test]
fn what_is_not_asked_for_hides_no_run_however_often_it_is_there() {
    let cluster = store(&["web1", "web2", "web3"]);
    let folder = TempDir::new().unwrap();
    let two = one_failed(&cluster, &folder);
    // Drills, runs that were not cleared, good ones and the caller's own, all newer.
    cluster.sql(
        "INSERT INTO kanmon.run (host, run, chain, person, drill, opened, cleared, ended, over, well)
            SELECT CASE WHEN i % 4 = 0 THEN 'web2' ELSE 'web3' END, 'n' || i, 'c', 'eve', i % 4 = 1,
                now(), c, c, now(), true
            FROM generate_series(1, 800) i,
                LATERAL (SELECT CASE WHEN i % 4 = 2 THEN NULL ELSE now() END AS c) x;
        INSERT INTO kanmon.run_call
            SELECT c.call, c.target, r.host, r.run, r.opened
            FROM kanmon.run r, kanmon.run_call c WHERE r.run LIKE 'n%' AND c.run = 'a'",
    );
    assert_eq!(two.ran("bill 10", "db1"), (Some(true), Some(true)));
    assert_eq!(two.last("bill 10", true), Some(RanEnd::NotWell));
}

/// Returns what stands on the screen, without its line ends.
fn flat(pty: &mut Pty) -> String {
    let screen = pty.screen();
    screen.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A gate at a host.
fn at(stage: &Stage, cluster: &Cluster, host: &str, words: &[&str]) -> Pty {
    gate(stage, &cluster.url(host), words).spawn()
}

#[test]
fn what_failed_from_one_host_is_held_on_another_and_says_where_it_failed() {
    let cluster = store(&["web1", "web2"]);
    let (one, two) = (Stage::new(), Stage::new());
    let words = |node: &'static str| ["jobbing", "exit", "3", "--host", node];
    // Nobody has run it: it is noted.
    let mut first = at(&one, &cluster, "web1", &words("db1"));
    assert_eq!(first.wait_exit().code(), Some(3), "{}", first.screen());
    // At another target too.
    let mut other = at(&two, &cluster, "web2", &words("db2"));
    assert_eq!(other.wait_exit().code(), Some(3), "{}", other.screen());
    let mut again = at(&two, &cluster, "web2", &words("db1"));
    again.wait_for_question("Go on?");
    let screen = flat(&mut again);
    assert!(
        screen.contains("The last run of this, by root@web1 "),
        "{screen}"
    );
    assert!(screen.contains("did not end well (run "), "{screen}");
    again.type_text("n");
    assert_eq!(again.wait_exit().code(), Some(124));
    assert_eq!((one.ran().len(), two.ran().len()), (1, 1));
}

#[test]
fn a_store_that_is_away_excuses_no_second_run() {
    let mut cluster = store(&["web1"]);
    let stage = Stage::new();
    cluster.stop();
    let mut pty = at(&stage, &cluster, "web1", &["jobbing", "--host", "db1"]);
    pty.wait_for_question("Go on?");
    let screen = flat(&mut pty);
    assert!(screen.contains("rerun"), "{screen}");
    assert!(screen.contains("does not answer"), "{screen}");
    pty.type_text("y");
    assert_eq!(pty.wait_exit().code(), Some(0));
    // Its tables may be older than the question: then each host knows of its own runs, as before.
    cluster.go_on();
    cluster.sql("UPDATE kanmon.meta SET minor = 3; DROP FUNCTION kanmon.earlier, kanmon.tell_more");
    let mut pty = at(
        &stage,
        &cluster,
        "web1",
        &["jobbing", "exit", "2", "--host", "db3"],
    );
    assert_eq!(pty.wait_exit().code(), Some(2), "{}", pty.screen());
    assert_eq!(
        cluster.sql("SELECT count(*) FROM kanmon.record WHERE kind = 'ended'"),
        "2"
    );
}

/// A store that takes every connection and says nothing.
struct Silent {
    url: String,
    /// How many connections came.
    asked: Arc<AtomicUsize>,
    /// How many of them came while the ledger at the path was locked.
    locked: Arc<AtomicUsize>,
}

impl Silent {
    fn new(ledger: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asked, locked) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let (n_asked, n_locked) = (Arc::clone(&asked), Arc::clone(&locked));
        let ledger = ledger.to_owned();
        std::thread::spawn(move || {
            let mut kept = Vec::new();
            for connection in listener.incoming().flatten() {
                if is_locked(&ledger) {
                    n_locked.fetch_add(1, Ordering::SeqCst);
                }
                n_asked.fetch_add(1, Ordering::SeqCst);
                kept.push(connection);
            }
        });
        Self {
            url: format!("postgresql://web1@127.0.0.1:{port}/kanmon"),
            asked,
            locked,
        }
    }
}

/// Whether somebody keeps a ledger locked: a record is written in less, a store waited for longer.
fn is_locked(ledger: &Path) -> bool {
    let Ok(connection) = rusqlite::Connection::open(ledger) else {
        return false;
    };
    connection.busy_timeout(Duration::from_secs(1)).unwrap();
    let begun = connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK");
    begun.is_err_and(|error| error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy))
}

#[test]
fn of_a_store_that_is_silent_one_question_is_asked_and_answers_all() {
    let folder = TempDir::new().unwrap();
    let silent = Silent::new(&folder.path().join("none"));
    let inquiry = Rc::<RefCell<Inquiry>>::default();
    for judgement in 0..2 {
        inquiry.borrow_mut().begin();
        let there = history(folder.path(), "web1").with_store(&silent.url, &inquiry);
        for number in 0..20 {
            let text = format!("bill {number}");
            let mut asked = earlier(&text, "db1");
            assert_eq!(there.ran(asked, true), None, "{judgement}");
            asked.within = Duration::from_secs(60);
            assert_eq!(there.declined(asked), None, "{judgement}");
        }
    }
    assert_eq!(silent.asked.load(Ordering::SeqCst), 1);
}

#[test]
fn what_the_store_said_is_known_when_it_cannot_be_asked_any_more() {
    let mut cluster = store(&["web1", "web2"]);
    let folder = TempDir::new().unwrap();
    let mut two = Two {
        here: Box::new(ledger(folder.path(), "web2", &cluster.url("web2"))),
        there: Box::new(|| unreachable!("asked here alone")),
    };
    two.here(
        "a",
        vec![opened("bill 10", "db1"), cleared(), started(), ended(1)],
    );
    let inquiry = Rc::<RefCell<Inquiry>>::default();
    let url = cluster.url("web1");
    let there = || history(folder.path(), "web1").with_store(&url, &inquiry);
    inquiry.borrow_mut().begin();
    assert_eq!(there().ran(earlier("bill 10", "db1"), true), Some(true));
    cluster.stop();
    assert_eq!(there().ran(earlier("bill 10", "db1"), true), Some(true));
    assert_eq!(
        there().ran(earlier("bill 11", "db1"), true),
        None,
        "not asked"
    );
    cluster.go_on();
    assert_eq!(
        there().ran(earlier("bill 11", "db1"), true),
        None,
        "nor now"
    );
    inquiry.borrow_mut().begin();
    assert_eq!(there().ran(earlier("bill 11", "db1"), true), Some(false));
}

#[test]
fn the_ledger_is_not_locked_while_the_store_is_asked() {
    let stage = Stage::new();
    let silent = Silent::new(&stage.ledger());
    let mut pty = gate(&stage, &silent.url, &["jobbing", "--host", "db1"]).spawn();
    pty.wait_for_question("Go on?");
    silent.locked.store(0, Ordering::SeqCst);
    pty.type_text("y");
    assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.screen());
    // While it was judged, for its records, and for its claim.
    assert_eq!(silent.asked.load(Ordering::SeqCst), 3);
    assert_eq!(silent.locked.load(Ordering::SeqCst), 0);
}
