//! Permits of the team: given once, good on every host, looked at in the transaction that clears.
#![expect(
    clippy::disallowed_methods,
    reason = "runs kanmonctl against a real server"
)]

use std::process::{Command, Output};

use kanmon::gate::record::Event;
use kanmon::gate::world::{ClearError, Guards, InTheWay, NoPermit};
use kanmon::gate::{Ledger as _, Permit};
use kanmon::policy::rule::OnStoreDown;
use kanmon::team::TeamLedger;
use tempfile::TempDir;

use crate::cluster::Cluster;
use crate::machine::Host;
use crate::rehearsal::SetClock;
use crate::stage::{Stage, kinds};
use crate::team::{gate, ledger, store};
use crate::team_runs::{cleared, entry, opened};

/// Runs `kanmonctl permit …`.
fn permit(words: &[&str], url: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kanmonctl"))
        .arg("permit")
        .args(words)
        .args(["--team", "--url", url])
        .env_clear()
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap()
}

/// Gives a permit for every rule and target; returns its id.
#[track_caller]
fn give(cluster: &Cluster, role: &str, more: &[&str]) -> String {
    let words = [
        "add", "--rule", "*", "--target", "*", "--until", "1h", "--by", "CAB", "--reason",
        "planned",
    ];
    let done = permit(&[&words[..], more].concat(), &cluster.url(role));
    assert!(done.status.success(), "{done:?}");
    let said = String::from_utf8(done.stdout).unwrap();
    said.split(' ').nth(1).unwrap().to_owned()
}

/// A store with two hosts and two who may give permits; `root` is called as the tests' asker is.
fn team() -> Cluster {
    let cluster = store(&["web1", "web2"]);
    for role in ["bob", "carol", "root"] {
        cluster.sql(&format!("CREATE ROLE {role} LOGIN IN ROLE kanmon_approver"));
    }
    cluster
}

#[test]
fn anothers_permit_stands_in_on_every_host_and_ones_own_does_not() {
    let cluster = team();
    let stages = [Stage::new(), Stage::new()];
    let starts = |number: usize| {
        let host = ["web1", "web2"][number];
        gate(&stages[number], &cluster.url(host), &["lowly"]).spawn()
    };
    let asks = |number: usize| {
        let mut pty = starts(number);
        pty.wait_for_question("Go on?");
        pty.type_text("n");
        assert_eq!(pty.wait_exit().code(), Some(124), "{}", pty.screen());
    };
    asks(0);
    let own = give(&cluster, "root", &[]);
    asks(0);
    let bobs = give(&cluster, "bob", &["--count", "2"]);
    for number in [0, 1] {
        let mut pty = starts(number);
        pty.wait_for("(given by bob)");
        assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.screen());
        assert_eq!(stages[number].ran(), ["lowly"]);
        let run = stages[number].runs().remove(0);
        let named = run.events.iter().any(|told| match &told.event {
            Event::Cleared { permits, .. } => permits.iter().any(|permit| permit.id == bobs),
            _ => false,
        });
        assert!(named, "{:?}", kinds(&run));
    }
    // Both uses are gone, whichever host had them.
    asks(1);
    let list = permit(&["list"], &cluster.url("web1"));
    let list = String::from_utf8(list.stdout).unwrap();
    assert!(list.contains(&format!("{bobs}  used up")), "{list}");
    assert!(
        list.contains("used 2/2  given by bob, by CAB: planned"),
        "{list}"
    );
    assert!(list.contains(&format!("{own}  open")), "{list}");
}

#[test]
fn who_may_give_and_take_back_is_said_by_the_store() {
    let cluster = team();
    cluster.sql("CREATE ROLE aud LOGIN IN ROLE kanmon_auditor");
    for role in ["web1", "aud"] {
        let words = [
            "add", "--rule", "*", "--target", "*", "--until", "1h", "--by", "x", "--reason", "y",
        ];
        let denied = permit(&words, &cluster.url(role));
        assert_eq!(denied.status.code(), Some(125));
        let said = String::from_utf8(denied.stderr).unwrap();
        assert!(
            said.contains("permission denied for function give_permit"),
            "{said}"
        );
    }
    let id = give(&cluster, "bob", &[]);
    let revoke = |role: &str| permit(&["revoke", &id], &cluster.url(role));
    let denied = String::from_utf8(revoke("carol").stderr).unwrap();
    assert!(
        denied.contains("only bob and the store's owner can take it back"),
        "{denied}"
    );
    assert_eq!(revoke("web1").status.code(), Some(125));
    assert_eq!(revoke("bob").status.code(), Some(0));
    assert_eq!(permit(&["list"], &cluster.url("bob")).stdout, b"");
    let id = give(&cluster, "bob", &[]);
    let done = permit(&["revoke", &id], &cluster.url("postgres"));
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let kept = cluster.sql("SELECT giver, revoker FROM kanmon.permit ORDER BY made");
    assert_eq!(kept, "bob|bob\nbob|postgres");
    for sql in [
        "DELETE FROM kanmon.permit",
        "UPDATE kanmon.permit SET ends = 'infinity'",
        "UPDATE kanmon.permit SET revoked = NULL",
    ] {
        let error = cluster.sql_as("postgres", sql).unwrap_err();
        assert!(error.contains("never changed and never removed"), "{error}");
    }
}

/// A run that is asked on a host, and what of the team's permits it would be passed by.
fn asked(ledger: &mut TeamLedger, run: &str, clock: &SetClock) -> Guards {
    ledger.append(&entry(run, opened("t", "1")), clock).unwrap();
    Guards {
        permits: ledger.permits(clock),
        on_store_down: OnStoreDown::Local,
        ..Guards::default()
    }
}

/// Says why a run was not cleared; empty where it was.
fn clear(ledger: &mut TeamLedger, run: &str, guards: &Guards, clock: &SetClock) -> String {
    match ledger.clear(&entry(run, cleared()), guards, &mut Vec::new, clock) {
        Ok(_) => String::new(),
        Err(ClearError::InTheWay(ways)) => format!("{ways:?}"),
        Err(ClearError::Ledger(error)) => error.to_string(),
    }
}

#[test]
fn at_go_the_store_looks_at_the_permit_again() {
    let cluster = team();
    let folder = TempDir::new().unwrap();
    let clock = SetClock::new();
    let mut web1 = ledger(folder.path(), "web1", &cluster.url("web1"));
    let mut web2 = ledger(folder.path(), "web2", &cluster.url("web2"));
    let why = |id: &str, why| {
        format!(
            "{:?}",
            [InTheWay::Permit {
                id: id.to_owned(),
                why
            }]
        )
    };
    // Taken back while it was asked.
    let id = give(&cluster, "bob", &[]);
    let guards = asked(&mut web1, "a", &clock);
    assert!(matches!(
        &*guards.permits,
        [Permit {
            team_uses: Some(0),
            ..
        }]
    ));
    cluster
        .sql_as("bob", &format!("SELECT kanmon.revoke_permit('{id}')"))
        .unwrap();
    assert_eq!(
        clear(&mut web1, "a", &guards, &clock),
        why(&id, NoPermit::Revoked)
    );
    // Two hosts, one use: the second gets none; one that was claimed and let go is no use.
    let id = give(&cluster, "bob", &["--count", "1"]);
    let guards = asked(&mut web1, "b", &clock);
    let theirs = asked(&mut web2, "c", &clock);
    let mut stands = || vec![InTheWay::NoApproval];
    let go = entry("b", cleared());
    web1.clear(&go, &guards, &mut stands, &clock).unwrap_err();
    let declined = Event::NotCleared {
        reason: "declined".to_owned(),
        detail: String::new(),
    };
    web1.append(&entry("b", declined), &clock).unwrap();
    assert_eq!(clear(&mut web2, "c", &theirs, &clock), "");
    let guards = asked(&mut web1, "d", &clock);
    assert_eq!(guards.permits[0].team_uses, Some(1));
    assert_eq!(
        clear(&mut web1, "d", &guards, &clock),
        why(&id, NoPermit::UsedUp)
    );
    // Its time is the store's: over at "go" is over.
    let id = give(&cluster, "bob", &[]);
    let mut guards = asked(&mut web1, "e", &clock);
    guards.permits.retain(|permit| permit.id == id);
    cluster.sql(&format!(
        "SET session_replication_role = replica; UPDATE kanmon.permit \
         SET begins = '2020-01-01', ends = '2020-01-02' WHERE id = '{id}'"
    ));
    assert_eq!(
        clear(&mut web1, "e", &guards, &clock),
        why(&id, NoPermit::Over)
    );
    // A host cannot use one for its asker's own, whatever its gate says.
    let id = give(&cluster, "bob", &[]);
    cluster.sql("CREATE ROLE ann LOGIN IN ROLE kanmon_approver");
    let anns = give(&cluster, "ann", &[]);
    let mut guards = asked(&mut web1, "f", &clock);
    guards.permits.retain(|permit| permit.id == anns);
    assert_eq!(
        clear(&mut web1, "f", &guards, &clock),
        why(&anns, NoPermit::Revoked)
    );
    let mut guards = asked(&mut web1, "g", &clock);
    guards.permits.retain(|permit| permit.id == id);
    assert_eq!(clear(&mut web1, "g", &guards, &clock), "");
}

#[test]
fn one_person_under_two_roles_and_roles_that_are_no_persons_permit_nothing() {
    let cluster = team();
    let folder = TempDir::new().unwrap();
    let clock = SetClock::new();
    let mut web1 = ledger(folder.path(), "web1", &cluster.url("web1"));
    cluster.sql(
        "CREATE ROLE ann_ops LOGIN IN ROLE kanmon_approver;
         CREATE ROLE either LOGIN IN ROLE kanmon_approver, kanmon_host;
         INSERT INTO kanmon.person VALUES ('ann_ops', 'ann')",
    );
    let own = give(&cluster, "ann_ops", &[]);
    let guards = asked(&mut web1, "a", &clock);
    assert_eq!(guards.permits.len(), 1);
    let why = clear(&mut web1, "a", &guards, &clock);
    assert!(why.contains("Revoked") && why.contains(&own), "{why}");
    for role in ["postgres", "either"] {
        let words = [
            "add", "--rule", "*", "--target", "*", "--until", "1h", "--by", "x", "--reason", "y",
        ];
        let denied = permit(&words, &cluster.url(role));
        let said = String::from_utf8(denied.stderr).unwrap();
        assert!(said.contains("is no person who may give permits"), "{said}");
    }
    // Whoever may give none any more has given none.
    let id = give(&cluster, "bob", &[]);
    let mut guards = asked(&mut web1, "b", &clock);
    guards.permits.retain(|permit| permit.id == id);
    assert_eq!(guards.permits.len(), 1);
    cluster.sql("REVOKE kanmon_approver FROM bob");
    let why = clear(&mut web1, "b", &guards, &clock);
    assert!(why.contains("Revoked"), "{why}");
    let open = asked(&mut web1, "c", &clock).permits;
    assert!(open.iter().all(|permit| permit.id != id), "{open:?}");
}

#[test]
fn no_role_spoils_or_keeps_the_permits_of_others() {
    let cluster = team();
    for (rules, users, steps) in [
        ("ARRAY[NULL]::text[]", "'{}'", "NULL"),
        ("ARRAY['*', NULL]", "'{}'", "NULL"),
        ("'{{*},{*}}'", "'{}'", "NULL"),
        ("'{*}'", "ARRAY[NULL]::text[]", "NULL"),
        ("'{*}'", "'{}'", "ARRAY[NULL]::text[]"),
    ] {
        let sql = format!(
            "SELECT kanmon.give_permit('p', {rules}, '{{*}}', {users}, 0, 60000, 'x', 'y', 1, {steps})"
        );
        let error = cluster.sql_as("bob", &sql).unwrap_err();
        assert!(
            error.contains("violates check constraint"),
            "{sql}: {error}"
        );
    }
    // A run that is not the host's locks nothing, however long its transaction lasts.
    let id = give(&cluster, "bob", &[]);
    let locks = cluster.sql_as(
        "web1",
        &format!(
            "BEGIN; SELECT permit, why FROM kanmon.use_permits('x', 'nope', ARRAY['{id}'], '{{}}');
             SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'RowShareLock'"
        ),
    );
    assert!(locks.unwrap().ends_with(&format!("{id}|revoked\n0")));
}

#[test]
fn what_the_store_permitted_is_held_where_it_cannot_be_asked_again() {
    let mut cluster = team();
    give(&cluster, "bob", &[]);
    let folder = TempDir::new().unwrap();
    let clock = SetClock::new();
    let mut web1 = ledger(folder.path(), "web1", &cluster.url("web1"));
    let guards = asked(&mut web1, "a", &clock);
    assert_eq!(guards.permits.len(), 1);
    cluster.stop();
    let why = clear(&mut web1, "a", &guards, &clock);
    assert!(why.contains("does not answer"), "{why}");
    // Without the permit the same line goes on with what this host knows.
    let alone = Guards {
        permits: Vec::new(),
        ..guards
    };
    web1.append(&entry("b", opened("t", "1")), &clock).unwrap();
    assert_eq!(clear(&mut web1, "b", &alone, &clock), "");
    assert!(web1.permits(&clock).is_empty());
}

#[test]
fn a_person_gives_and_takes_back_as_themselves_at_the_store_that_is_named() {
    let cluster = team();
    let Some(host) = Host::new() else { return };
    let run = |script: &str| {
        host.run(&format!(
            "cat > /etc/kanmon/config.toml <<'END'\nstore = \"{}\"\nEND\n{script}",
            cluster.url("web1")
        ))
    };
    let add =
        "kanmonctl permit add --team --rule '*' --target '*' --until 1h --by CAB --reason planned";
    let told = run(&format!("PGUSER=bob {add}"));
    let id = cluster.sql("SELECT id FROM kanmon.permit WHERE giver = 'bob'");
    assert!(told.starts_with(&format!("permit {id} until ")), "{told}");
    // The host's role, which all members of its group have, lists it and gives none.
    let listed = run("kanmonctl permit list --team");
    assert!(listed.starts_with(&id), "{listed}");
    let denied = run(&format!("PGUSER=web1 {add} 2>&1"));
    assert!(
        denied.contains("to give permits and approvals one of kanmon_approver"),
        "{denied}"
    );
    let back = run(&format!("PGUSER=bob kanmonctl permit revoke {id} --team"));
    let revoked = cluster.sql("SELECT count(*) FROM kanmon.permit WHERE revoker = 'bob'");
    assert_eq!(revoked, "1", "{back}");
    // So does who keeps the store.
    let migrated = run("PGUSER=postgres kanmonctl store migrate");
    assert!(migrated.ends_with(": tables 1.7\n"), "{migrated}");
}
