//! An older kanmon on newer tables, and today's on older ones: a step of the minor version only adds.
#![expect(
    clippy::disallowed_methods,
    reason = "reads the steps as they stand in the source"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use kanmon::gate::Ledger as _;
use kanmon::gate::world::Guards;
use kanmon::policy::rule::OnStoreDown;
use tempfile::TempDir;

use crate::cluster::Cluster;
use crate::rehearsal::SetClock;
use crate::team::ledger;
use crate::team_audit::run;
use crate::team_runs::ended;

/// What of the schema a kanmon that was built for it relies on: for each role that may call a function its
/// arguments with their names and what it returns, and for each that may read a column its type. Of what only the
/// owner calls one is called by a program.
const RELIED_ON: &str = "
    SELECT r.rolname || ' calls ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid)
        || ') for ' || pg_get_function_result(p.oid)
    FROM pg_proc p, pg_roles r
    WHERE p.pronamespace = 'kanmon'::regnamespace AND p.prorettype <> 'trigger'::regtype
      AND (r.rolname IN ('kanmon_host', 'kanmon_approver', 'kanmon_auditor')
          OR r.rolname = 'kanmon_owner' AND p.proname = 'settle_run')
      AND has_function_privilege(r.oid, p.oid, 'EXECUTE')
    UNION ALL
    SELECT r.rolname || ' reads ' || c.relname || '.' || a.attname || ' as '
        || format_type(a.atttypid, a.atttypmod)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid, pg_roles r
    WHERE c.relnamespace = 'kanmon'::regnamespace AND c.relkind = 'r'
      AND a.attnum > 0 AND NOT a.attisdropped
      AND r.rolname IN ('kanmon_host', 'kanmon_approver', 'kanmon_auditor')
      AND has_column_privilege(r.oid, c.oid, a.attnum, 'SELECT')
    ORDER BY 1";

/// What each role may call, as a call in which nothing is said.
const CALLS: &str = "
    SELECT r.rolname || ' * FROM kanmon.' || p.proname || '('
        || array_to_string(array(SELECT 'NULL::' || format_type(t.type, NULL)
            FROM unnest(p.proargtypes) WITH ORDINALITY AS t(type, place) ORDER BY place), ', ') || ')'
    FROM pg_proc p, pg_roles r
    WHERE p.pronamespace = 'kanmon'::regnamespace AND p.prorettype <> 'trigger'::regtype
      AND r.rolname IN ('kanmon_host', 'kanmon_approver', 'kanmon_auditor')
      AND has_function_privilege(r.oid, p.oid, 'EXECUTE')
    ORDER BY 1";

/// The text of each step of the minor version, in their order.
fn steps() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/team/schema");
    let text = |minor: usize| fs::read_to_string(folder.join(format!("1.{minor}.sql"))).ok();
    (0..).map_while(text).collect()
}

/// A server with the schema and its roles, one login of each, and no tables.
fn bare() -> Cluster {
    let cluster = Cluster::start();
    cluster.sql(include_str!("../../src/team/schema/roles.sql"));
    cluster.sql("CREATE SCHEMA kanmon AUTHORIZATION kanmon_owner");
    for role in ["host", "approver", "auditor"] {
        cluster.sql(&format!("CREATE ROLE a_{role} LOGIN IN ROLE kanmon_{role}"));
    }
    cluster
}

/// Takes a step.
#[track_caller]
fn take(cluster: &Cluster, minor: usize, step: &str) {
    let then = format!("UPDATE kanmon.meta SET minor = {minor}");
    cluster.sql(&format!("SET ROLE kanmon_owner; {step}; {then}"));
}

#[test]
fn no_step_takes_away_what_an_older_kanmon_calls() {
    let cluster = bare();
    // What each version has first, and the version.
    let mut relied_on = BTreeMap::new();
    let mut calls = BTreeSet::new();
    for (minor, step) in steps().iter().enumerate() {
        take(&cluster, minor, step);
        let all = cluster.sql(RELIED_ON);
        let all: BTreeSet<&str> = all.lines().collect();
        for (what, since) in &relied_on {
            let is_there = all.contains(String::as_str(what));
            assert!(is_there, "1.{since} had, 1.{minor} has not: {what}");
        }
        for what in all {
            relied_on.entry(what.to_owned()).or_insert(minor);
        }
        calls.extend(cluster.sql(CALLS).lines().map(str::to_owned));
    }
    assert!(relied_on.values().any(|since| *since > 0), "{relied_on:?}");
    // What is there may call or read what is not there any more: its text is read when it is called.
    for call in &calls {
        let (role, call) = call.split_once(' ').unwrap();
        let login = role.replace("kanmon", "a");
        let sql = format!(
            "BEGIN; DO $$ BEGIN PERFORM {call};
             EXCEPTION WHEN OTHERS THEN RAISE EXCEPTION 'state %: %', SQLSTATE, SQLERRM; END $$; ROLLBACK"
        );
        let Err(error) = cluster.sql_as(&login, &sql) else {
            continue;
        };
        // Nothing is no request and no record: the functions and their tables refuse it.
        let is_refused = ["state KM", "state 23502"]
            .iter()
            .any(|code| error.contains(code));
        assert!(is_refused, "{role} called {call}: {error}");
    }
}

/// Has a host record a run, one more each time, and says of which number that was.
struct Host {
    folder: TempDir,
    clock: SetClock,
    runs: usize,
}

impl Host {
    fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            clock: SetClock::new(),
            runs: 0,
        }
    }

    /// Records a run from its first question to its end, and looks whether the store has all of it.
    #[track_caller]
    fn runs(&mut self, cluster: &Cluster) {
        self.runs += 1;
        let mut ledger = ledger(self.folder.path(), "a_host", &cluster.url("a_host"));
        let guards = Guards {
            on_store_down: OnStoreDown::Hold,
            ..Guards::default()
        };
        assert_eq!(ledger.in_the_way(&guards, &self.clock), Ok(Vec::new()));
        assert_eq!(ledger.permits(&self.clock), []);
        run(
            &mut ledger,
            &format!("run-{}", self.runs),
            ended(0),
            &self.clock,
        );
        ledger.send_all(&self.clock).unwrap();
        let ended =
            cluster.sql("SELECT count(*) FROM kanmon.run WHERE claimed IS NOT NULL AND well");
        let records = cluster.sql("SELECT count(*) FROM kanmon.record");
        assert_eq!(
            (ended, records),
            (self.runs.to_string(), (4 * self.runs).to_string())
        );
    }
}

#[test]
fn a_run_is_kept_by_tables_of_every_minor_version() {
    let cluster = bare();
    let mut host = Host::new();
    let steps = steps();
    // Today's kanmon, and tables that are older.
    for (minor, step) in steps.iter().enumerate() {
        take(&cluster, minor, step);
        host.runs(&cluster);
    }
    // What a kanmon calls that knows no more than these versions have, and today's tables.
    for minor in 0..steps.len() {
        cluster.sql(&format!("UPDATE kanmon.meta SET minor = {minor}"));
        host.runs(&cluster);
    }
}
