//! The ledger on one story, in memory and in a file, and on clocks, starts and files that are wrong.

use tempfile::TempDir;

use super::*;
use crate::context::process;
use crate::gate::world::{GapGuard, LastRun};
use crate::ledger::rehearsal::{
    HandClock, append, cleared, ended, entry, gap, opened, opened_drill, started, time,
};

/// Opens a ledger in a folder that goes away with the test.
fn in_file() -> (TempDir, SqliteLedger) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = open_in(&folder);
    (folder, ledger)
}

fn open_in(folder: &TempDir) -> SqliteLedger {
    let nobody = Syslog::at(&folder.path().join("no-syslog"));
    SqliteLedger::open_with(&folder.path().join("kanmon/ledger.db"), nobody).unwrap()
}

/// Returns run, age in seconds and whether it is under way, for each run in the way.
fn in_the_way(
    ledger: &mut SqliteLedger,
    clock: &HandClock,
    guard: GapGuard,
) -> Vec<(String, u64, bool)> {
    let found = ledger.in_the_way(&only(guard), clock).unwrap();
    found
        .into_iter()
        .map(last)
        .map(|found| (found.run.0, found.ago.as_secs(), found.under_way))
        .collect()
}

fn only(gap: GapGuard) -> Guards {
    Guards {
        gaps: vec![gap],
        ..Guards::default()
    }
}

fn last(way: InTheWay) -> LastRun {
    match way {
        InTheWay::Gap(last) => last,
        other => panic!("{other:?}"),
    }
}

fn way(run: &str, ago: u64, under_way: bool) -> Vec<(String, u64, bool)> {
    vec![(run.to_owned(), ago, under_way)]
}

fn story(ledger: &mut SqliteLedger) {
    let clock = HandClock::new();
    append(ledger, &clock, "a", vec![opened("mail.requeue", "mx1")]);
    let here = gap("mail.requeue", Some("mx1"), 600);
    let anywhere = gap("mail.requeue", None, 600);
    assert_eq!(in_the_way(ledger, &clock, here.clone()), []);

    let moment = ledger
        .clear(
            &entry("a", cleared()),
            &only(here.clone()),
            &mut Vec::new,
            &clock,
        )
        .unwrap();
    assert_eq!(moment, clock.now());
    clock.go_on(5);
    assert_eq!(in_the_way(ledger, &clock, here.clone()), way("a", 5, false));

    append(ledger, &clock, "a", vec![started(i32::MAX, None), ended(0)]);
    clock.go_on(10);
    assert_eq!(
        in_the_way(ledger, &clock, here.clone()),
        way("a", 10, false)
    );
    assert_eq!(in_the_way(ledger, &clock, anywhere), way("a", 10, false));
    assert_eq!(
        in_the_way(ledger, &clock, gap("mail.requeue", Some("mx2"), 600)),
        []
    );
    assert_eq!(
        in_the_way(ledger, &clock, gap("mail.flush", Some("mx1"), 600)),
        []
    );

    append(ledger, &clock, "b", vec![opened("mail.requeue", "mx1")]);
    let refused = ledger.clear(
        &entry("b", cleared()),
        &only(here.clone()),
        &mut Vec::new,
        &clock,
    );
    let Err(ClearError::InTheWay(found)) = refused else {
        panic!("run a is in the way: {refused:?}");
    };
    let found = last(found[0].clone());
    assert_eq!(found.user, "ann");
    assert_eq!(found.guard, here);

    clock.go_on(590);
    assert_eq!(in_the_way(ledger, &clock, here.clone()), []);
    ledger
        .clear(&entry("b", cleared()), &only(here), &mut Vec::new, &clock)
        .unwrap();
}

#[test]
fn one_story_in_memory() {
    story(&mut SqliteLedger::in_memory().unwrap());
}

#[test]
fn one_story_in_a_file() {
    let (_folder, mut ledger) = in_file();
    story(&mut ledger);
}

#[test]
fn what_was_refused_left_no_record() {
    let (_folder, mut ledger) = in_file();
    story(&mut ledger);
    let cleared: i64 = ledger
        .connection
        .query_row(
            "SELECT count(*) FROM record WHERE kind = 'cleared'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(cleared, 2);
}

#[test]
fn records_are_there_after_opening_again() {
    let (folder, mut ledger) = in_file();
    let clock = HandClock::new();
    append(
        &mut ledger,
        &clock,
        "a",
        vec![opened("r", "t"), cleared(), ended(0)],
    );
    drop(ledger);
    let mut again = open_in(&folder);
    assert_eq!(
        in_the_way(&mut again, &clock, gap("r", None, 60)),
        way("a", 0, false)
    );
}

#[test]
fn a_hosts_name_in_capitals_evades_no_gap() {
    let mut ledger = SqliteLedger::in_memory().unwrap();
    let clock = HandClock::new();
    let events = vec![opened("r", "mx1"), cleared(), ended(0)];
    append(&mut ledger, &clock, "a", events);
    let guard = gap("r", Some("MX1"), 60);
    assert_eq!(in_the_way(&mut ledger, &clock, guard), way("a", 0, false));
}

#[test]
fn drills_do_not_count_for_a_gap() {
    let mut ledger = SqliteLedger::in_memory().unwrap();
    let clock = HandClock::new();
    let events = vec![opened_drill("r", "t"), cleared(), Event::Drilled];
    append(&mut ledger, &clock, "a", events);
    assert_eq!(in_the_way(&mut ledger, &clock, gap("r", None, 60)), []);
}

#[test]
fn what_went_past_the_gate_counts_for_a_gap() {
    for event in [
        Event::Noted,
        Event::BrokenGlass {
            reason: "x".to_owned(),
        },
    ] {
        let mut ledger = SqliteLedger::in_memory().unwrap();
        let clock = HandClock::new();
        append(&mut ledger, &clock, "a", vec![opened("r", "t"), event]);
        assert_eq!(
            in_the_way(&mut ledger, &clock, gap("r", None, 60)),
            way("a", 0, false)
        );
    }
}

#[test]
fn a_run_whose_process_lives_is_in_the_way_however_old() {
    let mut ledger = SqliteLedger::in_memory().unwrap();
    let clock = HandClock::new();
    let pid = i32::try_from(std::process::id()).unwrap();
    let events = vec![
        opened("r", "t"),
        cleared(),
        started(pid, process::start_ticks(pid)),
    ];
    append(&mut ledger, &clock, "a", events);
    append(
        &mut ledger,
        &clock,
        "b",
        vec![opened("r", "t"), cleared(), ended(0)],
    );
    clock.go_on(7200);
    assert_eq!(
        in_the_way(&mut ledger, &clock, gap("r", None, 60)),
        way("a", 7200, true)
    );
    append(&mut ledger, &clock, "a", vec![ended(0)]);
    clock.go_on(30);
    assert_eq!(
        in_the_way(&mut ledger, &clock, gap("r", None, 60)),
        way("a", 30, false)
    );
}

#[test]
fn a_later_process_with_the_same_id_is_not_under_way() {
    let mut ledger = SqliteLedger::in_memory().unwrap();
    let clock = HandClock::new();
    let pid = i32::try_from(std::process::id()).unwrap();
    let events = vec![opened("r", "t"), cleared(), started(pid, Some(1))];
    append(&mut ledger, &clock, "a", events);
    clock.go_on(30);
    assert_eq!(
        in_the_way(&mut ledger, &clock, gap("r", None, 60)),
        way("a", 30, false)
    );
    assert_eq!(in_the_way(&mut ledger, &clock, gap("r", None, 30)), []);
}

#[test]
fn after_a_restart_nothing_is_under_way_and_the_wall_clock_counts() {
    let mut ledger = SqliteLedger::in_memory().unwrap();
    let clock = HandClock::new();
    let pid = i32::try_from(std::process::id()).unwrap();
    let events = vec![opened("r", "t"), cleared(), started(pid, None)];
    append(&mut ledger, &clock, "a", events);
    clock.go_on(100);
    clock.start_again("boot-2");
    assert_eq!(
        in_the_way(&mut ledger, &clock, gap("r", None, 600)),
        way("a", 100, false)
    );
    assert_eq!(in_the_way(&mut ledger, &clock, gap("r", None, 100)), []);
}

#[test]
fn setting_the_date_does_not_shorten_a_gap_within_one_start_of_the_host() {
    let mut ledger = SqliteLedger::in_memory().unwrap();
    let clock = HandClock::new();
    append(
        &mut ledger,
        &clock,
        "a",
        vec![opened("r", "t"), cleared(), ended(0)],
    );
    clock.go_on(10);
    clock.set_date("2026-11-23T02:33:00Z");
    assert_eq!(
        in_the_way(&mut ledger, &clock, gap("r", None, 600)),
        way("a", 10, false)
    );
}

#[test]
fn a_clock_before_the_newest_record_opens_and_clears_nothing() {
    let mut ledger = SqliteLedger::in_memory().unwrap();
    let clock = HandClock::new();
    append(&mut ledger, &clock, "a", vec![opened("r", "t")]);
    clock.set_date("2026-11-22T02:32:57.999999Z");
    let back = LedgerError::ClockBack {
        now: time("2026-11-22T02:32:57.999999Z"),
        newest: time("2026-11-22T02:33:00Z"),
    };
    assert_eq!(
        ledger.append(&entry("b", opened("r", "t")), &clock),
        Err(back.clone())
    );
    assert_eq!(
        error_line(&back, Language::English),
        "the clock says 2026-11-22T02:32:57.999999Z, but the newest record in the ledger is \
         of 2026-11-22T02:33:00.000000Z; set the clock right and try again"
    );
    assert_eq!(
        ledger.clear(
            &entry("a", cleared()),
            &Guards::default(),
            &mut Vec::new,
            &clock
        ),
        Err(ClearError::Ledger(back))
    );
    // What has happened is recorded; and it does not make the wrong clock a right one.
    append(&mut ledger, &clock, "a", vec![ended(0)]);
    assert!(
        ledger
            .append(&entry("b", opened("r", "t")), &clock)
            .is_err()
    );
    clock.set_date("2026-11-22T02:32:58Z");
    append(&mut ledger, &clock, "b", vec![opened("r", "t")]);
}

#[test]
fn a_run_that_was_never_opened_is_not_cleared() {
    let mut ledger = SqliteLedger::in_memory().unwrap();
    let refused = ledger.clear(
        &entry("a", cleared()),
        &Guards::default(),
        &mut Vec::new,
        &HandClock::new(),
    );
    assert!(refused.is_err(), "its rules would be unknown to every gap");
}

#[test]
fn the_first_record_needs_no_newest() {
    let mut ledger = SqliteLedger::in_memory().unwrap();
    let clock = HandClock::new();
    clock.set_date("1970-01-01T00:00:00Z");
    append(&mut ledger, &clock, "a", vec![opened("r", "t")]);
}

#[test]
fn records_are_neither_changed_nor_removed_by_hand() {
    let mut ledger = SqliteLedger::in_memory().unwrap();
    append(
        &mut ledger,
        &HandClock::new(),
        "a",
        vec![opened("r", "t"), cleared()],
    );
    for (sql, expected) in [
        ("UPDATE record SET kind = 'x'", "records are never changed"),
        ("DELETE FROM record", "records are never removed"),
        (
            "INSERT OR REPLACE INTO record SELECT * FROM record WHERE seq = 1",
            "records are added at the end",
        ),
    ] {
        let error = ledger.connection.execute(sql, []).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn a_newer_ledger_is_not_written() {
    let (folder, ledger) = in_file();
    ledger
        .connection
        .pragma_update(None, "user_version", 2)
        .unwrap();
    drop(ledger);
    let path = folder.path().join("kanmon/ledger.db");
    let error = SqliteLedger::open(&path).unwrap_err().to_string();
    assert!(
        error.contains("a newer kanmon wrote it (format 2, this one writes 1)"),
        "{error}"
    );
}

#[test]
fn another_programs_database_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch("CREATE TABLE bookmark (url TEXT)")
        .unwrap();
    let error = SqliteLedger::open(&path).unwrap_err().to_string();
    assert!(error.contains("this is not a ledger of kanmon"), "{error}");
}

#[test]
fn a_broken_file_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    place::make(&path).unwrap();
    std::fs::write(
        &path,
        "no database, but long enough to be taken for one".repeat(99),
    )
    .unwrap();
    let error = SqliteLedger::open(&path).unwrap_err().to_string();
    assert!(error.ends_with("file is not a database"), "{error}");
}

#[test]
fn each_head_goes_to_syslog() {
    let folder = tempfile::tempdir().unwrap();
    let socket_path = folder.path().join("log");
    let socket = std::os::unix::net::UnixDatagram::bind(&socket_path).unwrap();
    let path = folder.path().join("kanmon/ledger.db");
    let mut ledger = SqliteLedger::open_with(&path, Syslog::at(&socket_path)).unwrap();
    append(&mut ledger, &HandClock::new(), "a", vec![opened("r", "t")]);
    assert_eq!(ledger.head_was_told(), Some(true));
    let mut buffer = [0; 500];
    let length = socket.recv(&mut buffer).unwrap();
    let text = std::str::from_utf8(&buffer[..length]).unwrap();
    let head = Head::read(&ledger.connection).unwrap();
    let expected = format!("head seq=1 hash={} run=a kind=opened", head.hash);
    assert!(text.contains(&expected), "{text}");
}

#[test]
fn a_host_without_syslog_has_a_ledger() {
    let (_folder, mut ledger) = in_file();
    append(&mut ledger, &HandClock::new(), "a", vec![opened("r", "t")]);
    assert_eq!(ledger.head_was_told(), Some(false));
}

#[test]
fn the_kind_is_the_one_in_the_json() {
    for event in [
        opened("r", "t"),
        cleared(),
        Event::Noted,
        Event::BrokenGlass {
            reason: String::new(),
        },
        Event::NotCleared {
            reason: String::new(),
            detail: String::new(),
        },
        started(1, None),
        Event::NotStarted {
            cause: String::new(),
            status: 127,
        },
        ended(0),
        Event::After {
            probe: String::new(),
            value: String::new(),
            as_expected: None,
        },
        Event::Drilled,
    ] {
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(json["kind"], kind(&event));
        assert_eq!(serde_json::from_value::<Event>(json).unwrap(), event);
    }
}
