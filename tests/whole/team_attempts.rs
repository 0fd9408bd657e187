//! What must not be possible at the team's store, tried by roles that log in there: to read what others ask, to
//! forge, reuse or widen an approval, to be one's own second pair of eyes, to change or to delete.

use kanmon::gate::world::Given as _;
use kanmon::team::approvals::{NotTaken, Unread};

use crate::asking::{ann, asker, claim, known, person, request, shown, team, yes};
use crate::cluster::Cluster;
use crate::people::People;
use crate::rehearsal::SetClock;
use crate::stage::until;

/// Asserts that a role is refused, and for want of a right.
#[track_caller]
fn denied(cluster: &Cluster, role: &str, sql: &str) {
    let error = match cluster.sql_as(role, sql) {
        Err(error) => error,
        Ok(told) => panic!("{role}: {sql}: {told}"),
    };
    let is_denied = error.contains("permission denied") || error.contains("must be owner");
    assert!(is_denied, "{role}: {sql}: {error}");
}

#[test]
fn nobody_touches_a_table_and_each_role_calls_its_own_functions_alone() {
    let cluster = team();
    for table in ["person", "request", "answer"] {
        for sql in [
            format!("SELECT * FROM kanmon.{table}"),
            format!("INSERT INTO kanmon.{table} DEFAULT VALUES"),
            format!("DELETE FROM kanmon.{table}"),
            format!("TRUNCATE kanmon.{table} CASCADE"),
            format!("DROP TABLE kanmon.{table} CASCADE"),
            format!("ALTER TABLE kanmon.{table} DISABLE TRIGGER ALL"),
        ] {
            for role in ["web1", "ann"] {
                denied(&cluster, role, &sql);
            }
        }
    }
    for sql in [
        "UPDATE kanmon.request SET until = now() + interval '1 day'",
        "UPDATE kanmon.answer SET role = 'bob'",
        "UPDATE kanmon.person SET person = 'x'",
    ] {
        denied(&cluster, "web1", sql);
        denied(&cluster, "ann", sql);
    }
    let of_host = [
        "SELECT kanmon.ask('r-1', 'r', '{ann}', '{}', 'h', '{1}', '{\"\"}', 1000)",
        "SELECT * FROM kanmon.look_after('r-1', '{}', 1000)",
        "SELECT kanmon.withdraw('r-1')",
        "SELECT kanmon.put_aside('r-1')",
        "SELECT * FROM kanmon.left_behind('r-1', '{}')",
        "SELECT kanmon.take_up('r-1', 'h', '{}')",
        "SELECT kanmon.claim_request('r-1', 'r', 'h', '{}', 1000)",
        "SELECT * FROM kanmon.approvers('', '{}')",
    ];
    let of_approver = [
        "SELECT * FROM kanmon.waiting(NULL, '{}')",
        "SELECT kanmon.say_yes('r-1', 'h', 'w', 'c', '{}')",
    ];
    let of_nobody = [
        "SELECT kanmon.persons('{ann}')",
        "SELECT kanmon.is_of('ann', 'leads')",
        "SELECT kanmon.may_approve('ann')",
        "SELECT kanmon.is_open(NULL)",
        "SELECT * FROM kanmon.counting(NULL, '{}', 1)",
        "SELECT kanmon.is_answered(NULL, '{}', 1)",
    ];
    for sql in of_host {
        denied(&cluster, "ann", sql);
    }
    for sql in of_approver {
        denied(&cluster, "web1", sql);
    }
    cluster.sql("CREATE ROLE aud LOGIN IN ROLE kanmon_auditor");
    for sql in of_nobody {
        for role in ["ann", "web1", "aud"] {
            denied(&cluster, role, sql);
        }
    }
    for sql in of_host.iter().chain(&of_approver) {
        denied(&cluster, "aud", sql);
    }
    // An auditor reads all of it.
    for table in ["person", "request", "answer"] {
        let sql = format!("SELECT count(*) FROM kanmon.{table}");
        cluster.sql_as("aud", &sql).unwrap();
        denied(&cluster, "aud", &format!("DELETE FROM kanmon.{table}"));
    }
    denied(&cluster, "ann", "SET ROLE bob");
    denied(&cluster, "ann", "SET SESSION AUTHORIZATION bob");
    denied(&cluster, "web1", "SET ROLE kanmon_approver");
}

#[test]
fn every_function_has_its_search_path_and_is_granted_by_name() {
    let cluster = team();
    let loose = "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'kanmon' AND (p.proconfig IS NULL
            OR NOT 'search_path=pg_catalog, pg_temp' = ANY (p.proconfig)
            OR has_function_privilege('public', p.oid, 'EXECUTE'))";
    assert_eq!(cluster.sql(loose), "");
    // What stands in a caller's own schema is not taken for the store's: else nobody would be themselves.
    cluster.sql("CREATE SCHEMA trap AUTHORIZATION ann; GRANT USAGE ON SCHEMA trap TO PUBLIC");
    let clock = SetClock::new();
    let mut web1 = asker(&cluster, "web1", &clock);
    web1.ask(&request("run-1", &[(1, None)]), &shown("3"))
        .unwrap();
    cluster
        .sql_as(
            "ann",
            "CREATE FUNCTION trap.lower(text) RETURNS text LANGUAGE sql AS 'SELECT md5(random()::text)'",
        )
        .unwrap();
    let is_own = || {
        let sql =
            "SET search_path = trap, pg_catalog; SELECT is_own FROM kanmon.waiting(NULL, '{}')";
        let said = cluster.sql_as("ann", sql).unwrap();
        said.lines().last().map(str::to_owned)
    };
    assert_eq!(is_own().as_deref(), Some("t"));
    cluster.sql(
        "ALTER FUNCTION kanmon.waiting(text, text[]) RESET search_path;
         ALTER FUNCTION kanmon.persons(text[]) RESET search_path",
    );
    assert_eq!(is_own().as_deref(), Some("f"), "the trap is none");
}

#[test]
fn a_host_that_asks_for_much_hides_nothing_of_the_others() {
    let cluster = team();
    let clock = SetClock::new();
    let flood =
        "SELECT count(kanmon.ask('w-' || i, 'w', '{eve}', 'x', 'x', '{1}', '{\"\"}', 60000))
        FROM generate_series(1, 250) AS i";
    cluster.sql_as("web2", flood).unwrap();
    let mut web1 = asker(&cluster, "web1", &clock);
    web1.ask(&request("run-1", &[(1, None)]), &shown("3"))
        .unwrap();
    let waiting = person(&cluster, "bob", &["bob"]).waiting(None).unwrap();
    assert_eq!(waiting.len(), 200);
    assert!(waiting.iter().any(|one| one.id == "run-1"));
}

#[test]
fn what_is_too_long_for_a_list_is_read_by_its_id_alone() {
    let cluster = team();
    let clock = SetClock::new();
    let long =
        "SELECT kanmon.ask('w-1', 'w', '{eve}', repeat('x', 1048576), 'x', '{1}', '{\"\"}', 60000)";
    cluster.sql_as("web2", long).unwrap();
    let mut web1 = asker(&cluster, "web1", &clock);
    web1.ask(&request("run-1", &[(1, None)]), &shown("3"))
        .unwrap();
    let read = |id: Option<&str>, called: &str| {
        let waiting = person(&cluster, "bob", &["bob"]).waiting(id).unwrap();
        let found = waiting.into_iter().find(|one| one.id == called);
        found.unwrap().body
    };
    assert!(read(None, "run-1").is_ok());
    assert_eq!(read(None, "w-1"), Err(Unread::Long));
    assert_eq!(read(Some("w-1"), "w-1"), Err(Unread::Damaged));
}

#[test]
fn a_host_neither_reads_nor_uses_what_another_asks() {
    let cluster = team();
    let clock = SetClock::new();
    let request = request("run-1", &[(1, None)]);
    let mut web1 = asker(&cluster, "web1", &clock);
    web1.ask(&request, &shown("3")).unwrap();
    yes(&cluster, "bob").unwrap();
    let hash = cluster.sql("SELECT hash FROM kanmon.request");
    let web2 = |sql: &str| cluster.sql_as("web2", sql).unwrap();
    assert_eq!(
        web2("SELECT * FROM kanmon.look_after('run-1', '{}', 60000)"),
        ""
    );
    let use_up = format!("SELECT kanmon.claim_request('run-1', 'run', '{hash}', '{{}}', 60000)");
    assert_eq!(web2(&use_up), "f");
    web2("SELECT kanmon.withdraw('run-1')");
    // The same id is another's: nothing is put in its place.
    let ask = format!(
        "SELECT kanmon.ask('run-1', 'run', '{{eve}}', '{{}}', '{hash}', '{{1}}', '{{\"\"}}', 1000)"
    );
    let error = cluster.sql_as("web2", &ask).unwrap_err();
    assert!(error.contains("there is another request run-1"), "{error}");
    assert_eq!(known(&mut web1, &request, &clock), ["bob"]);
    assert_eq!(claim(&mut web1, &request, "run", &clock), Ok(true));
}

#[test]
fn whoever_takes_the_next_id_of_a_run_they_see_keeps_nobody_from_asking() {
    let Some(people) = People::new() else { return };
    let cluster = team();
    // As soon as web2 can see a run of web1.
    cluster.sql(
        "CREATE FUNCTION public.taken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO kanmon.request
                (id, host, run, names, body, hash, counts, groups, asked, until, alive)
                VALUES (NEW.run || '-1', 'web2', NEW.run, '{eve}', '{}', 'h', '{1}', '{\"\"}', now(),
                    now() + interval '30 minutes', now());
            RETURN NULL;
         END $$;
         CREATE TRIGGER taken AFTER INSERT ON kanmon.record FOR EACH ROW
            WHEN (NEW.kind = 'opened') EXECUTE FUNCTION public.taken()",
    );
    let script = "as ann kanmon approved x; echo status=$?";
    let mut ann = people.on_host("web1", &cluster.url("web1"), script);
    ann.wait_for("waiting, 29:");
    let id = cluster.sql("SELECT id FROM kanmon.request WHERE host = 'web1'");
    let taken = cluster.sql("SELECT run || '-1' FROM kanmon.request WHERE host = 'web1'");
    assert!(!id.is_empty() && id != taken, "{id}");
    let mut bob = person(&cluster, "bob", &["bob"]);
    let waiting = bob.waiting(Some(&id)).unwrap().remove(0);
    let call = &waiting.body.as_ref().unwrap().shown.call;
    let value = call.value.clone().unwrap();
    bob.say_yes(&waiting, &(call.what.clone(), value)).unwrap();
    ann.wait_for_question("Look and call: Messages waiting");
    ann.type_text("3\n");
    ann.wait_for_question("Run it now?");
    ann.type_text("y\n");
    ann.wait_for("status=0");
    assert_eq!(people.0.ran().len(), 1);
}

#[test]
fn a_yes_is_for_what_was_shown_for_one_request_and_one_run() {
    let cluster = team();
    let clock = SetClock::new();
    let mut web1 = asker(&cluster, "web1", &clock);
    let one = request("run-1", &[(1, None)]);
    web1.ask(&one, &shown("3")).unwrap();
    let mut bob = person(&cluster, "bob", &["bob"]);
    let mut waiting = bob.waiting(None).unwrap().remove(0);
    yes(&cluster, "bob").unwrap();
    // Another request of the same line is another one.
    let mut again = asker(&cluster, "web1", &clock);
    let two = request("run-2", &[(1, None)]);
    again.ask(&two, &shown("3")).unwrap();
    assert_eq!(known(&mut again, &two, &clock), Vec::<String>::new());
    assert_eq!(claim(&mut again, &two, "run", &clock), Ok(false));
    // A yes to another text than the one that stands there is none.
    waiting.id = "run-2".to_owned();
    let told = bob.say_yes(&waiting, &("t.waiting".to_owned(), "3".to_owned()));
    assert!(matches!(told, Err(NotTaken::Over)), "{told:?}");
    assert_eq!(known(&mut again, &two, &clock), Vec::<String>::new());
    // Used up is used up, whoever asks for it again and whatever hash they name.
    assert_eq!(claim(&mut web1, &one, "run", &clock), Ok(true));
    for (run, hash) in [("run", "0"), ("other", "0")] {
        let sql = format!("SELECT kanmon.claim_request('run-1', '{run}', '{hash}', '{{}}', 60000)");
        assert_eq!(cluster.sql_as("web1", &sql).unwrap(), "f");
    }
    let told = bob.say_yes(&waiting, &("t.waiting".to_owned(), "3".to_owned()));
    assert!(matches!(told, Err(NotTaken::Over)), "{told:?}");
}

#[test]
fn a_mere_yes_is_none_whatever_the_store_is_told() {
    let cluster = team();
    let clock = SetClock::new();
    let mut web1 = asker(&cluster, "web1", &clock);
    let request = request("run-1", &[(1, None)]);
    web1.ask(&request, &shown("3")).unwrap();
    let hash = cluster.sql("SELECT hash FROM kanmon.request");
    for (role, what, value) in [
        ("bob", "target", "web1"),
        ("carol", "t.waiting", "30"),
        ("dave", "t.waiting", ""),
    ] {
        let sql = format!("SELECT kanmon.say_yes('run-1', '{hash}', '{what}', '{value}', '{{}}')");
        cluster.sql_as(role, &sql).unwrap();
        assert_eq!(
            known(&mut web1, &request, &clock),
            Vec::<String>::new(),
            "{role}"
        );
    }
    cluster.sql("CREATE ROLE erin LOGIN IN ROLE kanmon_approver");
    let sql = format!("SELECT kanmon.say_yes('run-1', '{hash}', 't.waiting', '３', '{{}}')");
    cluster.sql_as("erin", &sql).unwrap();
    assert_eq!(known(&mut web1, &request, &clock), ["erin"]);
}

#[test]
fn nobody_approves_themselves_under_any_of_their_names() {
    let cluster = team();
    let clock = SetClock::new();
    let mut web1 = asker(&cluster, "web1", &clock);
    web1.ask(&request("run-1", &[(1, None)]), &shown("3"))
        .unwrap();
    let say = |role: &str, names: &[&str]| {
        let mut person = person(&cluster, role, names);
        let waiting = person.waiting(None).unwrap().remove(0);
        let said = person.say_yes(&waiting, &("t.waiting".to_owned(), "3".to_owned()));
        (waiting.is_own, said)
    };
    for (role, names) in [
        // Her own role, a second one of hers, another's that she took after `su bob`.
        ("ann", &[][..]),
        ("ann_ops", &["ann_ops"]),
        ("bob", &["bob", "ANN"]),
        ("bob", &["ann_ops"]),
    ] {
        let (is_own, said) = say(role, names);
        assert!(is_own, "{role} {names:?}");
        assert!(
            matches!(said, Err(NotTaken::Own)),
            "{role} {names:?}: {said:?}"
        );
    }
    assert_eq!(cluster.sql("SELECT count(*) FROM kanmon.answer"), "0");
}

#[test]
fn who_asks_under_a_false_name_gains_nothing() {
    let cluster = team();
    let clock = SetClock::new();
    let mut web1 = asker(&cluster, "web1", &clock);
    let mut request = request("run-1", &[(1, None)]);
    // The host's role knows no persons: what it says of who asks is looked at once more by the gate.
    request.who.login_user = "eve".to_owned();
    web1.ask(&request, &shown("3")).unwrap();
    let mut bob = person(&cluster, "bob", &["bob"]);
    let waiting = bob.waiting(None).unwrap().remove(0);
    yes(&cluster, "ann").unwrap();
    request.who = ann();
    assert_eq!(known(&mut web1, &request, &clock), Vec::<String>::new());
    assert_eq!(claim(&mut web1, &request, "run", &clock), Ok(false));
    bob.say_yes(&waiting, &("t.waiting".to_owned(), "3".to_owned()))
        .unwrap();
    assert_eq!(known(&mut web1, &request, &clock), ["bob"]);
}

#[test]
fn one_person_with_two_roles_counts_once() {
    let cluster = team();
    cluster.sql("CREATE ROLE bob2 LOGIN IN ROLE kanmon_approver");
    let clock = SetClock::new();
    let mut web1 = asker(&cluster, "web1", &clock);
    let request = request("run-1", &[(2, None)]);
    web1.ask(&request, &shown("3")).unwrap();
    yes(&cluster, "bob").unwrap();
    // From bob's own login.
    let mut second = person(&cluster, "bob2", &["bob"]);
    let waiting = second.waiting(None).unwrap().remove(0);
    let said = second.say_yes(&waiting, &("t.waiting".to_owned(), "3".to_owned()));
    assert!(matches!(said, Err(NotTaken::Already)), "{said:?}");
    assert_eq!(claim(&mut web1, &request, "run", &clock), Ok(false));
}

#[test]
fn roles_that_are_no_persons_approve_nothing() {
    let cluster = team();
    cluster.sql(
        "CREATE ROLE either LOGIN; GRANT kanmon_host, kanmon_approver TO either;
         CREATE ROLE chief LOGIN; GRANT kanmon_owner, kanmon_approver TO chief",
    );
    let clock = SetClock::new();
    let mut web1 = asker(&cluster, "web1", &clock);
    let needs = [(1, None)];
    web1.ask(&request("run-1", &needs), &shown("3")).unwrap();
    for role in ["either", "chief", "postgres"] {
        let said = yes(&cluster, role);
        assert!(matches!(said, Err(NotTaken::NoPerson)), "{role}: {said:?}");
    }
    // Of a group that is not theirs.
    web1.withdraw("run-1");
    web1.ask(&request("run-2", &[(1, Some("leads"))]), &shown("3"))
        .unwrap();
    match yes(&cluster, "bob") {
        Err(NotTaken::Group(groups)) => assert_eq!(groups, "leads"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_asked_and_answered_stays_even_for_its_owner() {
    let cluster = team();
    let clock = SetClock::new();
    let mut web1 = asker(&cluster, "web1", &clock);
    web1.ask(&request("run-1", &[(1, None)]), &shown("3"))
        .unwrap();
    yes(&cluster, "bob").unwrap();
    for sql in [
        "UPDATE kanmon.request SET body = ''",
        "UPDATE kanmon.request SET hash = ''",
        "UPDATE kanmon.request SET names = '{}'",
        "UPDATE kanmon.request SET until = now()",
        "DELETE FROM kanmon.request",
        "UPDATE kanmon.answer SET called = ''",
        "DELETE FROM kanmon.answer",
    ] {
        let error = cluster.sql_as("postgres", sql).unwrap_err();
        assert!(error.contains("never changed and never removed"), "{error}");
    }
    // A text that is not what its hash is of is not shown, and so not approved.
    cluster.sql("SET session_replication_role = replica; UPDATE kanmon.request SET body = '{}'");
    let waiting = person(&cluster, "carol", &[]).waiting(None).unwrap();
    assert!(waiting.iter().all(|one| one.is_to_run), "it has its answer");
    cluster.sql("SET session_replication_role = replica; DELETE FROM kanmon.answer");
    let waiting = person(&cluster, "carol", &[]).waiting(None).unwrap();
    assert!(waiting[0].body.is_err());
}

#[test]
fn at_a_terminal_an_asker_is_told_that_it_is_their_own() {
    let (Some(people), Some(others)) = (People::new(), People::new()) else {
        return;
    };
    let cluster = team();
    let script = "as ann kanmon approved x; echo status=$?";
    let mut asker = people.on_host("web1", &cluster.url("web1"), script);
    until("a request", || {
        cluster.sql("SELECT count(*) FROM kanmon.request") == "1"
    });
    let id = cluster.sql("SELECT id FROM kanmon.request");
    let url = |role: &str| cluster.url(role);
    // On another host: as herself, under her second role, as bob with bob's password after `su bob`.
    let script = format!(
        "as ann $CTL approve --url '{ann}' {id}; echo ann=$?
        as ann $CTL approve --url '{ops}' {id}; echo ops=$?
        ( echo 4001 > /proc/self/loginuid
          exec setpriv $(ids bob) -- $CTL approve --url '{bob}' {id} ); echo su=$?
        as ann env LC_ALL=ja_JP.UTF-8 $CTL approve --url '{ann}' {id}; echo ja=$?
        as bob $CTL approve --url '{web}' {id}; echo host=$?
        as bob $CTL approve --url '{bob}' nothing; echo nothing=$?",
        ann = url("ann"),
        ops = url("ann_ops"),
        bob = url("bob"),
        web = url("web2"),
    );
    let mut tries = others.on_host("web2", &cluster.url("web2"), &script);
    for told in [
        "this is your own request",
        "ann=124",
        "ops=124",
        "su=124",
        "自分の依頼です",
        "ja=124",
        "function asked",
        "host=125",
        "no open request is called `nothing`",
        "nothing=125",
    ] {
        tries.wait_for(told);
    }
    tries.wait_for("script is through");
    assert_eq!(cluster.sql("SELECT count(*) FROM kanmon.answer"), "0");
    asker.type_keys(&["C-c"]);
    asker.wait_for("status=124");
    asker.wait_for("script is through");
    assert_eq!(
        cluster.sql("SELECT withdrawn IS NOT NULL FROM kanmon.request"),
        "t"
    );
    assert_eq!(people.0.ran(), Vec::<String>::new());
}
