//! The team's store: made, brought up to date, looked at; who is let in, and who may what.
#![expect(
    clippy::disallowed_methods,
    reason = "runs kanmonctl against a real server"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output};

use kanmon::team::schema::MAKING;
use kanmon::team::{Connection, address};

use crate::cluster::Cluster;
use crate::stage::until;

/// Runs `kanmonctl store …` with variables of libpq's.
fn store(words: &[&str], variables: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kanmonctl"))
        .arg("store")
        .args(words)
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

/// Runs it and returns what it wrote, where it ends well.
#[track_caller]
fn said(words: &[&str], variables: &[(&str, &str)]) -> String {
    let done = store(words, variables);
    assert!(done.status.success(), "{done:?}");
    String::from_utf8(done.stdout).unwrap()
}

/// Runs it and returns what it wrote of its failure.
#[track_caller]
fn refused(words: &[&str], variables: &[(&str, &str)]) -> String {
    let done = store(words, variables);
    assert!(!done.status.success(), "{done:?}");
    String::from_utf8(done.stderr).unwrap()
}

/// A cluster with the store, and two hosts.
fn made() -> Cluster {
    let cluster = Cluster::start();
    let owner = cluster.url("postgres");
    assert!(said(&["init", "--url", &owner], &[]).contains("tables 1.7"));
    for host in ["web1", "web2", "certified"] {
        cluster.sql(&format!(
            "CREATE ROLE {host} LOGIN PASSWORD 'pass-{host}' IN ROLE kanmon_host"
        ));
    }
    cluster
}

#[test]
fn a_store_is_made_once_and_brought_up_to_date() {
    let cluster = Cluster::start();
    cluster.sql("CREATE ROLE admin LOGIN CREATEROLE; ALTER DATABASE kanmon OWNER TO admin");
    let admin = cluster.url("admin");
    let bare = refused(&["migrate", "--url", &admin], &[]);
    assert!(bare.contains("`kanmonctl store init` makes them"), "{bare}");
    let bare = refused(&["check", "--url", &admin], &[]);
    assert!(bare.contains("`kanmonctl store init` makes them"), "{bare}");
    // What another role put there under the name would run with the administrator's rights.
    cluster.sql(
        "CREATE ROLE mallory LOGIN; CREATE SCHEMA kanmon AUTHORIZATION mallory; CREATE TABLE public.trap (who text);
         GRANT INSERT ON public.trap TO PUBLIC; GRANT USAGE ON SCHEMA kanmon TO PUBLIC;
         CREATE FUNCTION kanmon.version(OUT major integer, OUT minor integer) LANGUAGE sql AS
         'INSERT INTO public.trap VALUES (current_user); SELECT 1, 0'",
    );
    let strange = refused(&["init", "--url", &admin], &[]);
    assert!(
        strange.contains("schema kanmon belongs to mallory"),
        "{strange}"
    );
    assert_eq!(cluster.sql("SELECT count(*) FROM public.trap"), "0");
    cluster.sql("DROP SCHEMA kanmon CASCADE");
    assert!(said(&["init", "--url", &admin], &[]).starts_with("made "));
    for word in ["init", "migrate"] {
        assert!(said(&[word, "--url", &admin], &[]).starts_with("current "));
    }
    // What a newer kanmon has added disturbs nobody; another major version does.
    cluster.sql("UPDATE kanmon.meta SET minor = 8");
    assert!(said(&["migrate", "--url", &admin], &[]).contains("tables 1.8"));
    cluster.sql("UPDATE kanmon.meta SET major = 2");
    for word in ["init", "migrate", "check"] {
        let newer = refused(&[word, "--url", &admin], &[]);
        let told = "its tables are of version 2.8, this kanmon works with 1.x";
        assert!(newer.contains(told), "{newer}");
    }
}

#[test]
fn tables_of_an_older_kanmon_are_used_and_brought_up_to_date() {
    let cluster = Cluster::start();
    cluster.sql(include_str!("../../src/team/schema/roles.sql"));
    cluster.sql("CREATE SCHEMA kanmon AUTHORIZATION kanmon_owner");
    let first = include_str!("../../src/team/schema/1.0.sql");
    cluster.sql(&format!("SET ROLE kanmon_owner; {first}"));
    cluster.sql("CREATE ROLE web1 LOGIN IN ROLE kanmon_host");
    let folder = tempfile::TempDir::new().unwrap();
    let mut web1 = crate::team::ledger(folder.path(), "web1", &cluster.url("web1"));
    let clock = crate::rehearsal::SetClock::new();
    let end = crate::team_runs::ended(0);
    crate::team_audit::run(&mut web1, "a", end.clone(), &clock);
    assert_eq!(cluster.sql("SELECT count(*) FROM kanmon.record"), "4");
    let owner = cluster.url("postgres");
    let newer = ["settle", "web1", "a", "--reason", "x", "--url", &owner];
    let newer = refused(&newer, &[]);
    assert!(
        newer.contains("this takes 1.1: `kanmonctl store migrate`"),
        "{newer}"
    );
    let migrated = said(&["migrate", "--url", &owner], &[]);
    assert!(migrated.ends_with("tables 1.0 -> 1.7\n"), "{migrated}");
    crate::team_audit::run(&mut web1, "b", end, &clock);
    assert_eq!(cluster.sql("SELECT count(*) FROM kanmon.record"), "8");
}

#[test]
fn check_says_what_a_role_may_do() {
    let cluster = made();
    let check = |role: &str| store(&["check", "--json", "--url", &cluster.url(role)], &[]);
    let json = |done: &Output| serde_json::from_slice::<serde_json::Value>(&done.stdout).unwrap();
    let host = check("web1");
    assert_eq!(host.status.code(), Some(0));
    let host = json(&host);
    assert_eq!(host["roles"], serde_json::json!(["kanmon_host"]));
    assert_eq!(
        (&host["reads_all"], &host["writes"]),
        (&false.into(), &false.into())
    );
    cluster.sql("CREATE ROLE aud LOGIN IN ROLE kanmon_auditor; CREATE ROLE guest LOGIN");
    let auditor = json(&check("aud"));
    assert_eq!(
        (&auditor["reads_all"], &auditor["writes"]),
        (&true.into(), &false.into())
    );
    let guest = refused(&["check", "--url", &cluster.url("guest")], &[]);
    assert!(
        guest.contains("permission denied for schema kanmon"),
        "{guest}"
    );
    let owner = json(&check("postgres"));
    assert_eq!(owner["writes"], true);
    // Who owns the store is told to be no host's, and not to become one's.
    cluster.sql("CREATE ROLE admin LOGIN IN ROLE kanmon_owner");
    let owner = store(&["check", "--url", &cluster.url("admin")], &[]);
    let owner = String::from_utf8(owner.stdout).unwrap();
    assert!(
        owner.contains("role     admin (none of the store's)\n"),
        "{owner}"
    );
}

#[test]
fn without_a_store_that_is_named_nobody_is_asked() {
    for words in [
        &["init"][..],
        &["migrate"],
        &["check"],
        &["settle", "web1", "a", "--reason", "x"],
    ] {
        let told = refused(words, &[]);
        assert!(told.contains("no store is named\n"), "{words:?}: {told}");
        assert!(told.contains("take --url"), "{told}");
    }
}

#[test]
fn a_hosts_role_calls_functions_and_touches_no_table() {
    let cluster = made();
    let tables = [
        "meta",
        "chain",
        "record",
        "run",
        "run_rule",
        "rule_lock",
        "follower",
        "settled",
        "permit",
        "permit_use",
        "sink",
        "told",
        "run_call",
        "request",
        "answer",
        "refusal",
        "taken_back",
    ];
    for table in tables {
        for sql in [
            format!("SELECT * FROM kanmon.{table}"),
            format!("DELETE FROM kanmon.{table}"),
            format!("TRUNCATE kanmon.{table}"),
            format!("DROP TABLE kanmon.{table}"),
            format!("INSERT INTO kanmon.{table} DEFAULT VALUES"),
        ] {
            for role in ["web1", "web2"] {
                let error = cluster.sql_as(role, &sql).unwrap_err();
                let is_denied =
                    error.contains("permission denied") || error.contains("must be owner");
                assert!(is_denied, "{sql}: {error}");
            }
        }
    }
    for sql in [
        "SET ROLE kanmon_owner",
        "SET SESSION AUTHORIZATION web2",
        "CREATE TABLE kanmon.mine (x int)",
        "CREATE OR REPLACE FUNCTION kanmon.version() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ] {
        let error = cluster.sql_as("web1", sql).unwrap_err();
        let is_denied = error.contains("permission denied") || error.contains("must be owner");
        assert!(is_denied, "{sql}: {error}");
    }
    // An auditor reads, and calls nothing that writes; nobody without a role reads anything.
    cluster.sql("CREATE ROLE aud LOGIN IN ROLE kanmon_auditor; CREATE ROLE guest LOGIN");
    for table in tables {
        cluster
            .sql_as("aud", &format!("SELECT * FROM kanmon.{table}"))
            .unwrap();
        cluster
            .sql_as("guest", &format!("SELECT * FROM kanmon.{table}"))
            .unwrap_err();
    }
    cluster
        .sql_as("aud", "DELETE FROM kanmon.record")
        .unwrap_err();
    cluster
        .sql_as("aud", "SELECT kanmon.claim('c', 'r')")
        .unwrap_err();
    cluster
        .sql_as("guest", "SELECT kanmon.version()")
        .unwrap_err();
}

/// The call by which a host adds one record.
fn add(chain: &str, seq: u32, prev: &str, hash: &str) -> String {
    format!(
        "SELECT kanmon.add_record('{chain}', {seq}, 'run-1', 'opened', 't', 1, 'b', '{{}}', \
         '\\x{prev}', '\\x{hash}', 0, false, 'ann', false, ARRAY['r'], ARRAY['t'], ARRAY['{{}}'])"
    )
}

#[test]
fn a_chain_is_its_hosts_own_and_only_grows_at_its_end() {
    let cluster = made();
    let web1 = |sql: &str| cluster.sql_as("web1", sql);
    assert_eq!(web1(&add("c", 5, "aa", "bb")).unwrap(), "t");
    // Sent once more it is known; another in its place, a hole or a broken link are refused.
    assert_eq!(web1(&add("c", 5, "aa", "bb")).unwrap(), "f");
    for (sql, told) in [
        (
            add("c", 5, "aa", "bc"),
            "record 5 of chain c is another one here",
        ),
        (
            add("c", 4, "99", "aa"),
            "record 4 of chain c is another one here",
        ),
        (
            add("c", 7, "bb", "cc"),
            "record 7 of chain c does not follow record 5",
        ),
        (
            add("c", 6, "b0", "cc"),
            "record 6 of chain c does not follow record 5",
        ),
    ] {
        let error = web1(&sql).unwrap_err();
        assert!(error.contains(told), "{error}");
    }
    assert_eq!(web1(&add("c", 6, "bb", "cc")).unwrap(), "t");
    // Another host's chain of the same name is another one, whatever role it sets.
    assert_eq!(
        cluster.sql_as("web2", &add("c", 6, "bb", "dd")).unwrap(),
        "t"
    );
    assert_eq!(
        cluster
            .sql_as("web2", "SELECT seq FROM kanmon.chain_head('c')")
            .unwrap(),
        "6"
    );
    let hosts = cluster.sql("SELECT host, seq FROM kanmon.record ORDER BY 1, 2");
    assert_eq!(hosts, "web1|5\nweb1|6\nweb2|6");
    let error = cluster.sql_as("web2", "SELECT kanmon.settle('c', 'run-1')");
    assert!(error.is_ok(), "its own run alone");
    assert_eq!(
        cluster.sql("SELECT host FROM kanmon.run WHERE over IS NULL"),
        "web1"
    );
    // A run does not end before it began, whatever age its host says.
    let end = add("c", 7, "cc", "ee").replace("'opened'", "'ended'");
    let end = end.replace(", 0, false,", ", 86400000, true,");
    assert_eq!(web1(&end).unwrap(), "t");
    assert_eq!(
        cluster.sql("SELECT ended >= opened FROM kanmon.run WHERE host = 'web1'"),
        "t"
    );
    // Not even their owner changes records by a slip of the hand.
    for sql in [
        "UPDATE kanmon.record SET body = 'x'",
        "DELETE FROM kanmon.record",
        "TRUNCATE kanmon.record",
    ] {
        let error = cluster.sql_as("postgres", sql).unwrap_err();
        assert!(error.contains("never changed and never removed"), "{error}");
    }
}

#[test]
fn two_that_begin_a_chain_at_once_add_each_record_once() {
    let cluster = made();
    let url = cluster.url("web1");
    let first = address::of_configuration(&url).unwrap();
    let mut first = Connection::open(&first, MAKING).unwrap();
    let mut say = |sql: String| {
        let said = first.converse(MAKING, async move |client: &mut tokio_postgres::Client| {
            Ok(client.batch_execute(&sql).await?)
        });
        said.unwrap();
    };
    say(format!("BEGIN; {}", add("c", 1, "00", "aa")));
    let second = std::thread::scope(|scope| {
        let second = scope.spawn(|| cluster.sql_as("web1", &add("c", 1, "00", "aa")));
        until("the second waits for the first", || {
            cluster.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
                == "1"
        });
        say("COMMIT".to_owned());
        second.join().unwrap()
    });
    assert_eq!(second.as_deref(), Ok("f"), "it is there already");
    assert_eq!(cluster.sql("SELECT count(*) FROM kanmon.record"), "1");
}

#[test]
fn the_server_proves_who_it_is_and_the_host_too() {
    let cluster = made();
    let pass = cluster.path("pass");
    fs::write(&pass, "*:*:*:web1:pass-web1\n*:*:*:web2:wrong\n").unwrap();
    let mode = |mode| fs::set_permissions(&pass, fs::Permissions::from_mode(mode)).unwrap();
    mode(0o600);
    let pass = pass.display();
    let ca = cluster.path("ca.crt").display().to_string();
    let other = cluster.path("other.crt").display().to_string();
    let full = format!("passfile={pass}&sslmode=verify-full&sslrootcert");
    let check = |role: &str, host: &str, more: &str| {
        let url = cluster.tcp(role, host, more);
        let done = store(&["check", "--json", "--url", &url], &[]);
        match done.status.success() {
            true => Ok(serde_json::from_slice::<serde_json::Value>(&done.stdout).unwrap()),
            false => Err(String::from_utf8(done.stderr).unwrap()),
        }
    };
    // SCRAM over TLS, to the name in the certificate and its authority alone.
    let seen = check("web1", "localhost", &format!("{full}={ca}")).unwrap();
    assert_eq!(seen["tls"], "TLSv1.3");
    let wrong = check("web1", "localhost", &format!("{full}={other}")).unwrap_err();
    assert!(
        wrong.contains("invalid peer certificate: UnknownIssuer"),
        "{wrong}"
    );
    let wrong = check("web1", "127.0.0.1", &format!("{full}={ca}")).unwrap_err();
    assert!(
        wrong.contains("certificate not valid for name \"127.0.0.1\""),
        "{wrong}"
    );
    assert!(
        wrong.contains("has to name the host as the URL does"),
        "{wrong}"
    );
    let by_ca = format!("passfile={pass}&sslmode=verify-ca&sslrootcert={ca}");
    check("web1", "127.0.0.1", &by_ca).unwrap();
    check("web1", "127.0.0.1", &format!("{full}={other}")).unwrap_err();
    // The host's own authorities do not know this one.
    check(
        "web1",
        "localhost",
        &format!("passfile={pass}&sslmode=verify-full"),
    )
    .unwrap_err();
    let plain = check("web1", "localhost", &format!("passfile={pass}")).unwrap();
    assert_eq!(
        plain["tls"],
        serde_json::Value::Null,
        "on loopback nothing else was said"
    );
    let wrong = check("web2", "localhost", &format!("passfile={pass}")).unwrap_err();
    assert!(wrong.contains("password authentication failed"), "{wrong}");
    assert!(wrong.contains("~/.pgpass"), "{wrong}");
    // Who wants it proved over the channel itself is let in by nothing less.
    let bound = "channel_binding=require";
    check("web1", "localhost", &format!("{full}={ca}&{bound}")).unwrap();
    let wrong = check("web1", "localhost", &format!("passfile={pass}&{bound}")).unwrap_err();
    assert!(wrong.contains("channel binding"), "{wrong}");
    // Where the server has no way in for such a connection, no password is missing.
    let barred = check("certified", "localhost", &format!("{full}={ca}")).unwrap_err();
    assert!(barred.contains("pg_hba.conf of the server"), "{barred}");
    // A certificate in place of a password.
    let (crt, key) = (cluster.path("client.crt"), cluster.path("client.key"));
    let (crt, key) = (crt.display(), key.display());
    let mine = format!("sslmode=verify-full&sslrootcert={ca}&sslcert={crt}&sslkey={key}");
    check("certified", "localhost", &mine).unwrap();
    let wrong = check("certified", "localhost", &format!("{mine}&{bound}")).unwrap_err();
    assert!(wrong.contains("channel binding"), "{wrong}");
    let half = format!("sslmode=verify-full&sslrootcert={ca}&sslcert={crt}");
    let half = check("certified", "localhost", &half).unwrap_err();
    assert!(
        half.contains("`sslcert` and `sslkey` belong together"),
        "{half}"
    );
    // A password file that others read is not used.
    mode(0o644);
    let open = check("web1", "localhost", &format!("passfile={pass}")).unwrap_err();
    assert!(open.contains("(mode 0644); use `chmod 06"), "{open}");
}

#[test]
fn a_persons_settings_are_found_as_libpq_finds_them() {
    let cluster = made();
    let folder = cluster.path("").display().to_string();
    let port = cluster.port.to_string();
    let services = cluster.path("services");
    let text = format!("[team]\nhost={folder}\nport={port}\ndbname=kanmon\nuser=web2\n");
    fs::write(&services, text).unwrap();
    let by_variables = [
        ("PGHOST", &*folder),
        ("PGPORT", &port),
        ("PGDATABASE", "kanmon"),
        ("PGUSER", "web1"),
    ];
    let services = services.display().to_string();
    let by_service = [("PGSERVICE", "team"), ("PGSERVICEFILE", &*services)];
    assert!(said(&["check"], &by_variables).contains("role     web1 (kanmon_host)"));
    assert!(said(&["check"], &by_service).contains("role     web2 (kanmon_host)"));
    let by_both = said(&["check", "--url", "postgresql://web1@"], &by_service);
    assert!(by_both.contains("role     web1 (kanmon_host)"), "{by_both}");
    let password = [("PGPASSWORD", "pass-web1")];
    said(
        &["check", "--url", &cluster.tcp("web1", "localhost", "")],
        &password,
    );
}

#[test]
fn a_server_that_is_silent_is_waited_for_three_seconds() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!("postgresql://web1@127.0.0.1:{port}/kanmon");
    let silent = refused(&["check", "--url", &url], &[]);
    assert!(silent.contains("no answer within 3 s"), "{silent}");
    drop(listener);
    let closed = refused(&["check", "--url", &url], &[]);
    assert!(closed.contains("Connection refused"), "{closed}");
    let nowhere = refused(&["check", "--url", "postgresql://u@no-such.invalid/k"], &[]);
    assert!(
        nowhere.contains("the host `no-such.invalid` is not known"),
        "{nowhere}"
    );
}
