//! Another person's yes over the team's store: asked on one host, said on another.

use kanmon::gate::giver;
use kanmon::gate::world::{Given as _, Who};
use kanmon::team::approvals::{NotTaken, Waiting};

use crate::asking::{ann, approve, asker, claim, known, listed, person, request, shown, team, yes};
use crate::cluster::Cluster;
use crate::people::People;
use crate::pty::Pty;
use crate::rehearsal::SetClock;
use crate::stage::{self, Stage, answers, until};
use crate::team::gate;

/// Makes what the store noted of a request as old as that.
fn age(cluster: &Cluster, what: &str) {
    // Not even the owner changes what was asked, by a slip of the hand.
    cluster.sql(&format!("SET session_replication_role = replica; {what}"));
}

#[test]
fn a_yes_is_asked_said_and_used_up_once() {
    let cluster = team();
    let clock = SetClock::new();
    let request = request("run-1", &[(1, None)]);
    let mut web1 = asker(&cluster, "web1", &clock);
    let whom = web1.whom(None, &request.who);
    assert_eq!(whom.names, ["bob", "carol", "dave"]);
    web1.ask(&request, &shown("3")).unwrap();
    assert_eq!(known(&mut web1, &request, &clock), Vec::<String>::new());
    assert_eq!(claim(&mut web1, &request, "run", &clock), Ok(false));
    let told = listed(&cluster, "bob");
    assert!(told.contains("run-1  Ann@web1  30m left"), "{told}");
    assert!(told.contains("t.approved at web1"), "{told}");
    assert!(told.contains("approved x"), "{told}");
    yes(&cluster, "bob").unwrap();
    assert_eq!(known(&mut web1, &request, &clock), ["bob"]);
    // It has what it needs, and can still be stopped.
    let told = listed(&cluster, "carol");
    assert!(
        told.contains("30m left  approved, not run yet  approved by bob"),
        "{told}"
    );
    assert_eq!(claim(&mut web1, &request, "run", &clock), Ok(true));
    assert_eq!(
        claim(&mut web1, &request, "run", &clock),
        Ok(true),
        "once more, by the same run"
    );
    assert_eq!(listed(&cluster, "carol"), "nothing waits for approval\n");
    assert_eq!(claim(&mut web1, &request, "other", &clock), Ok(false));
}

#[test]
fn of_many_runs_at_the_same_instant_one_uses_a_yes_up() {
    let cluster = team();
    let clock = SetClock::new();
    let request = request("run-1", &[(1, None)]);
    let mut web1 = asker(&cluster, "web1", &clock);
    web1.ask(&request, &shown("3")).unwrap();
    yes(&cluster, "bob").unwrap();
    let hash = cluster.sql("SELECT hash FROM kanmon.request");
    let barrier = std::sync::Barrier::new(8);
    let claimed: Vec<String> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..8)
            .map(|run| {
                let (cluster, barrier, hash) = (&cluster, &barrier, &hash);
                scope.spawn(move || {
                    barrier.wait();
                    let sql = format!(
                        "SELECT kanmon.claim_request('run-1', '{run}', '{hash}', '{{}}', 60000)"
                    );
                    cluster.sql_as("web1", &sql).unwrap()
                })
            })
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert_eq!(
        claimed.iter().filter(|told| *told == "t").count(),
        1,
        "{claimed:?}"
    );
}

#[test]
fn thresholds_and_groups_are_met_by_as_many_other_persons() {
    let cluster = team();
    let clock = SetClock::new();
    let request = request("run-1", &[(2, None), (1, Some("leads"))]);
    let mut web1 = asker(&cluster, "web1", &clock);
    assert_eq!(
        web1.whom(Some("leads"), &request.who).names,
        ["carol", "dave"]
    );
    assert_eq!(
        web1.whom(Some("nobody"), &request.who).names,
        Vec::<String>::new()
    );
    web1.ask(&request, &shown("3")).unwrap();
    yes(&cluster, "bob").unwrap();
    yes(&cluster, "bob").unwrap();
    assert_eq!(known(&mut web1, &request, &clock), ["bob"], "once");
    assert_eq!(claim(&mut web1, &request, "run", &clock), Ok(false));
    assert!(listed(&cluster, "carol").contains("approved by bob"));
    yes(&cluster, "carol").unwrap();
    assert_eq!(known(&mut web1, &request, &clock), ["bob", "carol"]);
    // Whoever lost the right meanwhile has said nothing.
    cluster.sql("REVOKE leads FROM carol");
    assert_eq!(claim(&mut web1, &request, "run", &clock), Ok(false));
    cluster.sql("GRANT leads TO carol; REVOKE kanmon_approver FROM bob");
    assert_eq!(claim(&mut web1, &request, "run", &clock), Ok(false));
    cluster.sql("GRANT kanmon_approver TO bob");
    assert_eq!(claim(&mut web1, &request, "run", &clock), Ok(true));
}

#[test]
fn a_request_ends_with_its_time_its_gate_and_its_asker() {
    let cluster = team();
    let clock = SetClock::new();
    let mut web1 = asker(&cluster, "web1", &clock);
    let over = |cluster: &Cluster, waiting: &Waiting| {
        let mut bob = person(cluster, "bob", &["bob"]);
        assert_eq!(bob.waiting(None).unwrap(), []);
        let told = bob.say_yes(waiting, &("t.waiting".to_owned(), "3".to_owned()));
        assert!(matches!(told, Err(NotTaken::Over)), "{told:?}");
    };
    let first = |cluster: &Cluster| {
        let mut waiting = person(cluster, "bob", &["bob"]).waiting(None).unwrap();
        waiting.remove(0)
    };
    // Its time.
    let one = request("run-1", &[(1, None)]);
    web1.ask(&one, &shown("3")).unwrap();
    let waiting = first(&cluster);
    age(&cluster, "UPDATE kanmon.request SET until = now()");
    over(&cluster, &waiting);
    web1.withdraw("run-1");
    // A gate that was killed is not heard of for a minute.
    let two = request("run-2", &[(1, None)]);
    web1.ask(&two, &shown("3")).unwrap();
    let waiting = first(&cluster);
    age(
        &cluster,
        "UPDATE kanmon.request SET alive = alive - interval '61 seconds'",
    );
    over(&cluster, &waiting);
    // One that was only stopped goes on.
    assert_eq!(known(&mut web1, &two, &clock), Vec::<String>::new());
    yes(&cluster, "bob").unwrap();
    // A yes ends with its time, too.
    age(
        &cluster,
        "UPDATE kanmon.answer SET at = at - interval '30 minutes'",
    );
    assert_eq!(claim(&mut web1, &two, "run", &clock), Ok(false));
    web1.withdraw("run-2");
    // The asker leaves.
    let three = request("run-3", &[(1, None)]);
    web1.ask(&three, &shown("3")).unwrap();
    let waiting = first(&cluster);
    yes(&cluster, "bob").unwrap();
    web1.withdraw("run-3");
    over(&cluster, &waiting);
    assert_eq!(known(&mut web1, &three, &clock), Vec::<String>::new());
    assert_eq!(claim(&mut web1, &three, "run", &clock), Ok(false));
    assert_eq!(
        cluster.sql("SELECT count(*) FROM kanmon.request WHERE claimed IS NOT NULL"),
        "0"
    );
}

#[test]
fn an_older_stores_tables_are_told() {
    let cluster = team();
    cluster.sql("UPDATE kanmon.meta SET minor = 6");
    assert_eq!(listed(&cluster, "bob"), "nothing waits for approval\n");
    cluster.sql("DROP FUNCTION kanmon.ask, kanmon.waiting");
    let clock = SetClock::new();
    let mut web1 = asker(&cluster, "web1", &clock);
    let told = web1.ask(&request("run-1", &[(1, None)]), &shown("3"));
    let told = told.unwrap_err().to_string();
    assert!(told.contains("`kanmonctl store migrate`"), "{told}");
    let done = approve(&cluster, "bob", &[]);
    let told = String::from_utf8(done.stderr).unwrap();
    assert!(told.contains("`kanmonctl store migrate`"), "{told}");
}

/// Starts bob's `kanmonctl approve` on another host.
pub(crate) fn approver(people: &People, cluster: &Cluster, words: &str) -> Pty {
    people.on_host(
        "web2",
        &cluster.url("web2"),
        &format!(
            "as bob $CTL approve --url '{}' {words}; echo bob=$?",
            cluster.url("bob")
        ),
    )
}

/// Returns the id of the one request that waits.
pub(crate) fn id(cluster: &Cluster) -> String {
    let sql = "SELECT id FROM kanmon.request WHERE withdrawn IS NULL AND claimed IS NULL";
    cluster.sql(sql)
}

#[test]
fn a_second_pair_of_eyes_sits_at_another_host() {
    let (Some(people), Some(others)) = (People::new(), People::new()) else {
        return;
    };
    let cluster = team();
    let script = "as ann kanmon approved x; echo status=$?
        cp /var/lib/kanmon/ledger/ledger.db copy.db";
    let mut ann = people.on_host("web1", &cluster.url("web1"), script);
    ann.wait_for("Approvals needed: 1, by other people of the team (bob, carol, dave)");
    ann.wait_for("waiting, 29:5");
    let id = id(&cluster);
    // What is shown is what the asker sees: nothing is measured on bob's host.
    others.0.set_waiting("77");
    let mut bob = approver(&others, &cluster, &id);
    bob.wait_for("Asked for by ann on web1, in the folder");
    bob.wait_for("[t.approved, risk: high]");
    bob.wait_for_question("Messages waiting");
    bob.type_text("77\n");
    bob.wait_for_question("Tries left: 2");
    bob.type_text("3\n");
    bob.wait_for_question("Do you approve");
    bob.type_text("y\n");
    bob.wait_for(&format!("approved {id}"));
    bob.wait_for("bob=0");
    ann.wait_for_question("Look and call: Messages waiting");
    assert_eq!(people.0.ran(), Vec::<String>::new());
    ann.type_text("3\n");
    ann.wait_for_question("Run it now?");
    ann.type_text("y\n");
    ann.wait_for("status=0");
    ann.wait_for("script is through");
    assert_eq!(people.0.ran(), ["approved x"]);
    let runs = stage::runs(&people.0.path("copy.db"));
    assert_eq!(
        answers(&runs[0])[1],
        "approve bob (team) called t.waiting: 3"
    );
    assert_eq!(
        cluster.sql("SELECT host, names, by_run, claimed IS NOT NULL FROM kanmon.request"),
        format!("web1|{{ann}}|{}|t", runs[0].id.0)
    );
}

#[test]
fn what_has_changed_since_is_asked_for_anew() {
    let (Some(people), Some(others)) = (People::new(), People::new()) else {
        return;
    };
    let cluster = team();
    let script = "as ann kanmon approved x; echo status=$?";
    let mut ann = people.on_host("web1", &cluster.url("web1"), script);
    let mut last = String::new();
    for value in ["3", "4"] {
        until("a request", || {
            let sql = "SELECT max(id) FROM kanmon.request";
            let newest = cluster.sql(sql);
            let is_new = newest != last && !newest.is_empty();
            last = newest;
            is_new
        });
        let mut bob = approver(&others, &cluster, &last);
        bob.wait_for_question("Messages waiting");
        bob.type_text(&format!("{value}\n"));
        bob.wait_for_question("Do you approve");
        bob.type_text("y\n");
        bob.wait_for("bob=0");
        if value == "3" {
            ann.wait_for_question("Look and call: Messages waiting");
            ann.type_text("3\n");
            ann.wait_for_question("3/3 Run it now?");
            people.0.set_waiting("4");
            ann.type_text("y\n");
            ann.wait_for_question("4/4 Look and call: Messages waiting");
            ann.type_text("4\n");
            ann.wait_for_question("5/5 Run it now?");
            ann.type_text("y\n");
            ann.wait_for("It has to be approved again");
        }
    }
    ann.wait_for_question("7/7 Run it now?");
    ann.type_text("y\n");
    ann.wait_for("status=0");
    assert_eq!(people.0.ran(), ["approved x"]);
    assert_eq!(
        cluster.sql("SELECT withdrawn IS NULL, claimed IS NULL FROM kanmon.request ORDER BY id"),
        "f|t\nt|f"
    );
}

#[test]
fn without_the_store_nobody_can_be_asked_and_the_line_is_held() {
    let mut cluster = team();
    let url = cluster.url("web1");
    cluster.stop();
    let stage = Stage::new();
    let mut pty = gate(&stage, &url, &["led"]).spawn();
    assert_eq!(pty.wait_exit().code(), Some(124), "{}", pty.screen());
    pty.wait_for("without it nobody can approve this.");
    pty.wait_for("type the command again");
    pty.wait_for("--break-glass REASON always works");
    // Nobody looked and answered in vain.
    let screen = pty.screen();
    assert!(
        !screen.contains("Go on?") && !screen.contains("[t.led"),
        "{screen}"
    );
    stage.assert_not_cleared("store");
    let done = approve(&cluster, "bob", &[]);
    assert_eq!(done.status.code(), Some(125));
    // It goes away between the yes and the clearance.
    cluster.go_on();
    let stage = Stage::new();
    let mut pty = gate(&stage, &url, &["led"]).spawn();
    pty.wait_for("others of group leads (carol, dave)");
    yes(&cluster, "carol").unwrap();
    pty.wait_for_question("Go on?");
    cluster.stop();
    pty.type_text("y");
    assert_eq!(pty.wait_exit().code(), Some(124), "{}", pty.screen());
    stage.assert_not_cleared("store");
}

#[test]
fn a_group_in_which_nobody_else_is_known_is_said_to_be_one() {
    let cluster = team();
    cluster.sql("REVOKE leads FROM carol, dave");
    let url = cluster.url("web1");
    let stage = Stage::new();
    let mut pty = gate(&stage, &url, &["led"]).spawn();
    pty.wait_for("by others of group leads, where nobody else is known.");
    pty.wait_for("waiting, 29:5");
    pty.type_bytes(b"\x03");
    assert_eq!(pty.wait_exit().code(), Some(124));
}

#[test]
fn an_asker_is_known_by_the_login_and_by_who_they_became() {
    assert_eq!(
        giver::names(&ann()),
        ["ann"],
        "root is a role that many take"
    );
    let became = Who {
        real_user: "bob".to_owned(),
        effective_user: "bob".to_owned(),
        uid: 4002,
        euid: 4002,
        ..ann()
    };
    assert_eq!(giver::names(&became), ["ann", "bob"]);
    let job = Who {
        login_user: String::new(),
        login_uid: None,
        ..ann()
    };
    assert_eq!(giver::names(&job), ["root"]);
    let by_sudo = Who {
        sudo_user: "ann".to_owned(),
        sudo_uid: Some(4001),
        ..job
    };
    assert_eq!(giver::names(&by_sudo), ["root", "ann"]);
}

/// Starts `kanmonctl approve --watch` as bob on another host.
fn watcher(people: &People, cluster: &Cluster) -> Pty {
    let mut bob = approver(people, cluster, "--watch");
    bob.wait_for("Watching for requests");
    bob
}

#[test]
fn whoever_watches_is_asked_as_it_comes_and_told_when_it_is_over() {
    let (Some(people), Some(others)) = (People::new(), People::new()) else {
        return;
    };
    let cluster = team();
    let mut bob = watcher(&others, &cluster);
    let script = "as ann kanmon approved x; echo status=$?
        as ann kanmon approved y; echo status=$?";
    let mut ann = people.on_host("web1", &cluster.url("web1"), script);
    bob.wait_for("ann@web1");
    bob.wait_for_question("1/2 Look and call: Messages waiting");
    let first = id(&cluster);
    bob.type_text("3\n");
    bob.wait_for_question("2/2 Do you approve");
    bob.type_text("y\n");
    bob.wait_for(&format!("approved {first}"));
    ann.wait_for("Approved by bob.");
    ann.wait_for_question("2/3 Look and call: Messages waiting");
    ann.type_text("3\n");
    ann.wait_for_question("3/3 Run it now?");
    ann.type_text("y\n");
    ann.wait_for("status=0");
    // The asker leaves while bob looks: his yes comes too late, and stands nowhere.
    bob.wait_for("approved y");
    bob.wait_for_question("1/2 Look and call: Messages waiting");
    bob.type_text("3\n");
    bob.wait_for_question("2/2 Do you approve");
    ann.type_keys(&["C-c"]);
    ann.wait_for("status=124");
    ann.wait_for("script is through");
    bob.type_text("y\n");
    bob.wait_for("the request is over");
    bob.wait_for("waits no longer");
    assert_eq!(cluster.sql("SELECT count(*) FROM kanmon.answer"), "1");
    assert_eq!(people.0.ran(), ["approved x"]);
}

#[test]
fn a_program_that_watches_reads_one_object_a_line() {
    let cluster = team();
    let clock = SetClock::new();
    let mut web1 = asker(&cluster, "web1", &clock);
    let url = cluster.url("bob");
    let mut bob = crate::pty::PtyCommand::new(env!("CARGO_BIN_EXE_kanmonctl"))
        .args(["approve", "--watch", "--json", "--url", &url])
        .size(200, 24)
        .spawn();
    web1.ask(&request("run-1", &[(1, None)]), &shown("3"))
        .unwrap();
    bob.wait_for("\"id\":\"run-1\"");
    web1.withdraw("run-1");
    bob.wait_for(r#"{"id":"run-1","over":true}"#);
    bob.signal(nix::sys::signal::Signal::SIGINT);
    bob.wait_exit();
}

#[test]
fn on_a_narrow_terminal_what_goes_on_of_a_request_is_set_in() {
    let cluster = team();
    let clock = SetClock::new();
    let mut web1 = asker(&cluster, "web1", &clock);
    let mut request = request("run-1", &[(1, None)]);
    request.id = "a-request-with-a-rather-long-id".to_owned();
    web1.ask(&request, &shown("3")).unwrap();
    let mut bob = crate::pty::PtyCommand::new(env!("CARGO_BIN_EXE_kanmonctl"))
        .args(["approve", "--watch", "--url", &cluster.url("bob")])
        .size(40, 50)
        .spawn();
    bob.wait_for_question("Look and call");
    let screen = bob.screen();
    let mut rows = screen
        .lines()
        .skip_while(|row| !row.starts_with(&request.id));
    assert!(
        rows.nth(1).is_some_and(|row| row.starts_with("  ")),
        "{screen}"
    );
}

#[test]
fn the_asker_sees_who_has_said_yes_and_that_the_store_is_away() {
    let mut cluster = team();
    let stage = Stage::new();
    let mut pty = gate(&stage, &cluster.url("web1"), &["doubly"])
        .env("LC_ALL", "ja_JP.UTF-8")
        .spawn();
    pty.wait_for("承認が必要です: 2 人（チームの別の人: ann、ann_ops、bob、carol、dave）");
    yes(&cluster, "bob").unwrap();
    pty.wait_for("bob が承認しました。");
    cluster.stop();
    pty.wait_for("応答しません");
    pty.wait_for("引き続き待ちます。");
    cluster.go_on();
    yes(&cluster, "carol").unwrap();
    pty.wait_for("carol が承認しました。");
    pty.wait_for_question("実行");
    pty.type_text("y");
    assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.screen());
    assert_eq!(stage.ran(), ["doubly"]);
}

/// Waits until ann's request is put aside, and returns its id.
pub(crate) fn put_aside(ann: &mut Pty, cluster: &Cluster) -> String {
    ann.wait_for("Ctrl-D leaves it waiting");
    ann.wait_for("waiting, 29:5");
    ann.type_keys(&["C-d"]);
    ann.wait_for("put aside: ");
    ann.wait_for("first=124");
    id(cluster)
}

/// Has bob say yes to a request at another host.
fn bob_says_yes(others: &People, cluster: &Cluster, id: &str) {
    let mut bob = approver(others, cluster, id);
    bob.wait_for_question("1/2 Look and call: Messages waiting");
    bob.type_text("3\n");
    bob.wait_for_question("2/2 Do you approve");
    bob.type_text("y\n");
    bob.wait_for("bob=0");
}

#[test]
fn an_asker_leaves_the_terminal_and_goes_on_where_approval_was_given() {
    let (Some(people), Some(others)) = (People::new(), People::new()) else {
        return;
    };
    let cluster = team();
    let script = "as ann kanmon approved 'x y'; echo first=$?
        until [ -s go ]; do sleep 0.05; done; id=$(cat go)
        as bob kanmon --resume $id; echo bob=$?
        ( cd /; as ann env REHEARSE_LEDGER=$OLDPWD/own/ann/kanmon/ledger.db kanmon --resume $id; echo elsewhere=$? )
        as ann kanmon --resume $id; echo again=$?
        as ann kanmon --resume $id; echo twice=$?
        cp /var/lib/kanmon/ledger/ledger.db copy.db";
    let mut ann = people.on_host("web1", &cluster.url("web1"), script);
    let id = put_aside(&mut ann, &cluster);
    // Nobody looks after it, and it waits on.
    age(
        &cluster,
        "UPDATE kanmon.request SET asked = asked - interval '2 minutes'",
    );
    bob_says_yes(&others, &cluster, &id);
    assert_eq!(people.0.ran(), Vec::<String>::new());
    std::fs::write(people.0.path("go.new"), &id).unwrap();
    std::fs::rename(people.0.path("go.new"), people.0.path("go")).unwrap();
    ann.wait_for("no request of yours on this host waits");
    ann.wait_for("bob=124");
    ann.wait_for("it was asked for in the folder");
    ann.wait_for("elsewhere=124");
    ann.wait_for("Approved by bob.");
    ann.wait_for_question("2/3 Look and call: Messages waiting");
    ann.type_text("3\n");
    ann.wait_for_question("3/3 Run it now?");
    ann.type_text("y\n");
    ann.wait_for("again=0");
    ann.wait_for("twice=124");
    ann.wait_for("script is through");
    assert_eq!(people.0.ran(), ["approved x y"]);
    let runs = stage::runs(&people.0.path("copy.db"));
    assert_eq!(runs.len(), 2);
    assert_eq!(
        cluster.sql("SELECT id, by_run FROM kanmon.request"),
        format!("{id}|{}", runs[0].id.0)
    );
    assert_eq!(
        runs[1].outcome,
        kanmon::ledger::history::Outcome::NotCleared {
            reason: "put-aside".to_owned()
        }
    );
}

#[test]
fn what_an_asker_comes_back_to_is_what_was_approved_or_is_asked_for_anew() {
    let (Some(people), Some(others)) = (People::new(), People::new()) else {
        return;
    };
    let cluster = team();
    let script = "as ann kanmon approved x; echo first=$?
        until [ -s go ]; do sleep 0.05; done; id=$(cat go)
        as ann env AWS_PROFILE=other kanmon --resume $id; echo other=$?";
    let mut ann = people.on_host("web1", &cluster.url("web1"), script);
    let id = put_aside(&mut ann, &cluster);
    bob_says_yes(&others, &cluster, &id);
    std::fs::write(people.0.path("go.new"), &id).unwrap();
    std::fs::rename(people.0.path("go.new"), people.0.path("go")).unwrap();
    ann.wait_for("What you asked for has changed, or is over.");
    ann.wait_for("Approvals needed: 1");
    ann.wait_for("waiting, ");
    ann.type_keys(&["C-c"]);
    ann.wait_for("other=124");
    ann.wait_for("script is through");
    assert_eq!(people.0.ran(), Vec::<String>::new());
}

#[test]
fn what_an_approver_was_shown_by_another_than_the_gate_is_asked_for_anew() {
    let Some(people) = People::new() else { return };
    let cluster = team();
    let script = "as ann kanmon approved x; echo first=$?
        until [ -s go ]; do sleep 0.05; done; id=$(cat go)
        as ann kanmon --resume $id; echo again=$?";
    let mut ann = people.on_host("web1", &cluster.url("web1"), script);
    let id = put_aside(&mut ann, &cluster);
    let run = id.rsplit_once('-').unwrap().0;
    // Whoever reads the host's password file shows bob fewer messages than wait.
    let forge = |counts: &str| {
        format!(
            "WITH b AS (SELECT replace(replace(body, '\"3\"', '\"0\"'), '{id}', '{run}-7') AS body
                FROM kanmon.left_behind('{id}', '{{ann}}'))
            SELECT kanmon.ask('{run}-7', '{run}', '{{ann}}', body,
                encode(sha256(convert_to(body, 'UTF8')), 'hex'), '{counts}', '{{\"\"}}', 1800000) FROM b"
        )
    };
    for counts in ["{0}", "{-1}", "{null}"] {
        let refused = cluster.sql_as("web1", &forge(counts)).unwrap_err();
        assert!(refused.contains("this is no request"), "{refused}");
    }
    cluster.sql_as("web1", &forge("{1}")).unwrap();
    let left = format!("SELECT kanmon.put_aside('{run}-7'), kanmon.withdraw('{id}')");
    cluster.sql_as("web1", &left).unwrap();
    let asked = person(&cluster, "bob", &["bob"]).waiting(None).unwrap();
    let call = &asked[0].body.as_ref().unwrap().shown.call;
    assert_eq!(call.value.as_deref(), Some("0"));
    yes(&cluster, "bob").unwrap();
    std::fs::write(people.0.path("go.new"), format!("{run}-7")).unwrap();
    std::fs::rename(people.0.path("go.new"), people.0.path("go")).unwrap();
    ann.wait_for("What you asked for has changed, or is over.");
    ann.wait_for("Approvals needed: 1");
    ann.wait_for("waiting, ");
    ann.type_keys(&["C-c"]);
    ann.wait_for("again=124");
    assert_eq!(people.0.ran(), Vec::<String>::new());
}

#[test]
fn a_request_that_was_put_aside_is_its_askers_its_hosts_and_taken_up_once() {
    let cluster = team();
    let clock = SetClock::new();
    let mut web1 = asker(&cluster, "web1", &clock);
    let one = request("run-1", &[(1, None)]);
    web1.ask(&one, &shown("3")).unwrap();
    assert_eq!(
        web1.left_behind("run-1", &ann()).unwrap(),
        None,
        "its gate is there"
    );
    assert_eq!(web1.put_aside("run-1"), Ok(true));
    age(
        &cluster,
        "UPDATE kanmon.request SET asked = asked - interval '20 minutes'",
    );
    assert!(listed(&cluster, "bob").contains("run-1"), "it waits on");
    let eve = Who {
        real_user: "eve".to_owned(),
        effective_user: "eve".to_owned(),
        uid: 4004,
        euid: 4004,
        ..Who::default()
    };
    assert_eq!(web1.left_behind("run-1", &eve).unwrap(), None);
    let mut web2 = asker(&cluster, "web2", &clock);
    assert_eq!(web2.left_behind("run-1", &ann()).unwrap(), None);
    let resumed = web1.left_behind("run-1", &ann()).unwrap().unwrap();
    assert_eq!(web2.take_up(&resumed), Ok(false));
    let forged = kanmon::gate::showing::Resumed {
        hash: "0".to_owned(),
        ..resumed.clone()
    };
    assert_eq!(web1.take_up(&forged), Ok(false));
    yes(&cluster, "bob").unwrap();
    assert_eq!(web1.take_up(&resumed), Ok(true));
    let mut second = asker(&cluster, "web1", &clock);
    assert_eq!(second.take_up(&resumed), Ok(false), "of two gates one");
    assert_eq!(known(&mut web1, &one, &clock), ["bob"]);
    assert_eq!(claim(&mut web1, &one, "run", &clock), Ok(true));
    assert_eq!(web1.put_aside("run-1"), Ok(false), "it is used up");
    // Time ends it, too.
    let two = request("run-2", &[(1, None)]);
    web1.ask(&two, &shown("3")).unwrap();
    assert_eq!(web1.put_aside("run-2"), Ok(true));
    let resumed = web1.left_behind("run-2", &ann()).unwrap().unwrap();
    age(
        &cluster,
        "UPDATE kanmon.request SET until = now() WHERE id = 'run-2'",
    );
    assert_eq!(web1.left_behind("run-2", &ann()).unwrap(), None);
    assert_eq!(web1.take_up(&resumed), Ok(false));
}

#[test]
fn a_line_with_a_secret_is_kept_nowhere_and_cannot_be_left() {
    let cluster = team();
    let stage = Stage::new();
    let words = ["approved", "--password=hunter2"];
    let mut pty = gate(&stage, &cluster.url("web1"), &words).spawn();
    pty.wait_for("waiting, 29:5");
    let bodies = cluster.sql("SELECT body FROM kanmon.request");
    assert!(
        bodies.contains("approved") && !bodies.contains("hunter2"),
        "{bodies}"
    );
    pty.type_keys(&["C-d"]);
    assert_eq!(pty.count_raw("Ctrl-D"), 0);
    pty.wait_for("waiting, 29:4");
    pty.type_keys(&["C-c"]);
    assert_eq!(pty.wait_exit().code(), Some(124));
    stage.assert_not_cleared("interrupted");
}

#[test]
fn resume_takes_an_id_alone_and_needs_the_store() {
    let mut cluster = team();
    let url = cluster.url("web1");
    let stage = Stage::new();
    let ends = |url: Option<&str>, words: &[&str], status: i32, told: &str| {
        let mut pty = match url {
            Some(url) => gate(&stage, url, words).spawn(),
            None => stage.start(words),
        };
        assert_eq!(pty.wait_exit().code(), Some(status), "{words:?}");
        pty.wait_for(told);
    };
    let alone = "takes the request's ID alone";
    ends(Some(&url), &["--resume"], 125, "needs ID");
    ends(Some(&url), &["--resume", "a-1", "approved"], 125, alone);
    ends(Some(&url), &["--drill", "--resume", "a-1"], 125, alone);
    ends(Some(&url), &["--resume", "a-1"], 124, "no request of yours");
    ends(None, &["--resume", "a-1"], 124, "no store of the team");
    cluster.stop();
    ends(Some(&url), &["--resume", "a-1"], 124, "does not answer");
    assert_eq!(stage.ran(), Vec::<String>::new());
}
