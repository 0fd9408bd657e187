//! A no, or a yes taken back, that comes when all yeses are there and nothing has run: over the team's store and on
//! one host.

use kanmon::gate::approval::{Reason, Request};
use kanmon::gate::world::Given as _;
use kanmon::team::TeamGiven;
use kanmon::team::approvals::NotTaken;

use crate::approvals::{asker as host_asker, join};
use crate::asking::{approve, asker, claim, known, listed, person, request, shown, team, yes};
use crate::cluster::Cluster;
use crate::people::People;
use crate::rehearsal::SetClock;
use crate::stage;
use crate::team_approvals::id;

/// Runs `kanmonctl approve` as a role; returns its status and what it said.
fn said(cluster: &Cluster, role: &str, words: &[&str]) -> (i32, String) {
    let done = approve(cluster, role, words);
    let told = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    (done.status.code().unwrap(), told)
}

/// Returns the asking host with a request of its own, to which bob has said yes.
fn approved<'c>(cluster: &Cluster, clock: &'c SetClock) -> (TeamGiven<'c>, Request) {
    let mut web1 = asker(cluster, "web1", clock);
    let request = request("20261127T080000-aaaaaa-1", &[(1, None)]);
    web1.ask(&request, &shown("3")).unwrap();
    yes(cluster, "bob").unwrap();
    (web1, request)
}

#[test]
fn a_no_counts_until_the_claim_whatever_the_gate_does_meanwhile() {
    let cluster = team();
    let clock = SetClock::new();
    let (mut web1, request) = approved(&cluster, &clock);
    assert_eq!(known(&mut web1, &request, &clock), ["bob"]);
    // Its gate has something else to ask for long, and the time to answer is over.
    cluster.sql(
        "SET session_replication_role = replica;
        UPDATE kanmon.request SET alive = alive - interval '2 hours', asked = asked - interval '2 hours',
            until = until - interval '2 hours'",
    );
    let told = listed(&cluster, "carol");
    assert!(told.contains("approved, not run yet"), "{told}");
    let (status, told) = said(&cluster, "carol", &["aaaaaa"]);
    assert_eq!(status, 124);
    assert!(told.contains("has all its approvals already"), "{told}");
    assert!(told.contains("-aaaaaa-1 --no REASON"), "{told}");
    let (status, told) = said(&cluster, "bob", &["aaaaaa", "--no", "not tonight"]);
    assert_eq!(status, 0, "one's own yes is no promise: {told}");
    assert_eq!(claim(&mut web1, &request, "run", &clock), Ok(false));
    let refusal = web1.refusal(&request).unwrap().unwrap();
    assert_eq!(
        (refusal.giver.name(), refusal.reason.as_str()),
        ("bob", "not tonight")
    );
    assert_eq!(listed(&cluster, "carol"), "nothing waits for approval\n");
}

#[test]
fn a_yes_is_taken_back_by_part_of_the_id_and_nothing_is_refused_that_runs() {
    let cluster = team();
    let clock = SetClock::new();
    let (mut web1, request) = approved(&cluster, &clock);
    let (status, told) = said(&cluster, "bob", &["aaaaaa", "--take-back"]);
    assert_eq!(status, 0, "{told}");
    assert_eq!(claim(&mut web1, &request, "run", &clock), Ok(false));
    yes(&cluster, "carol").unwrap();
    let mut dave = person(&cluster, "dave", &["dave"]);
    let seen = dave.waiting(Some(&request.id)).unwrap().remove(0);
    assert!(seen.is_to_run);
    assert_eq!(claim(&mut web1, &request, "run", &clock), Ok(true));
    let late = dave.say_no(&seen, &Reason::of("too late").unwrap());
    assert!(matches!(late, Err(NotTaken::Over)), "{late:?}");
    // One whose run is over was left by a gate that is gone.
    let mut web2 = asker(&cluster, "web2", &clock);
    let mut other = request.clone();
    other.id = "20261127T080000-bbbbbb-1".to_owned();
    web2.ask(&other, &shown("3")).unwrap();
    yes(&cluster, "bob").unwrap();
    assert!(listed(&cluster, "carol").contains("bbbbbb"));
    cluster.sql(
        "INSERT INTO kanmon.run (host, run, chain, person, drill, opened, over) VALUES
        ('web2', '20261127T080000-bbbbbb', 'c', 'ann', false, now(), now() + interval '1 second')",
    );
    assert_eq!(listed(&cluster, "carol"), "nothing waits for approval\n");
}

#[test]
fn whoever_waits_after_the_yeses_sees_a_no_at_once() {
    let Some(people) = People::new() else { return };
    let cluster = team();
    let script = "as ann kanmon later x; echo status=$?
        cp /var/lib/kanmon/ledger/ledger.db copy.db";
    let mut ann = people.on_host("web1", &cluster.url("web1"), script);
    ann.wait_for("waiting, 29:5");
    let id = id(&cluster);
    yes(&cluster, "bob").unwrap();
    ann.wait_for("waiting, 9:5");
    assert!(listed(&cluster, "carol").contains("approved, not run yet"));
    let run = id.rsplit_once('-').unwrap().0;
    let (status, told) = said(&cluster, "carol", &[run, "--no", "the queue is full"]);
    assert_eq!(status, 0, "{told}");
    ann.wait_for("carol said no: the queue is full");
    ann.wait_for("status=124");
    ann.wait_for("script is through");
    people.has_run_nothing("approve carol (team) said no: the queue is full");
}

#[test]
fn at_go_the_asker_reads_who_said_no_and_why() {
    let Some(people) = People::new() else { return };
    let cluster = team();
    let script = "as ann kanmon approved x; echo status=$?";
    let mut ann = people.on_host("web1", &cluster.url("web1"), script);
    ann.wait_for("waiting, 29:");
    let id = id(&cluster);
    yes(&cluster, "bob").unwrap();
    ann.wait_for_question("Look and call: Messages waiting");
    ann.type_text("3\n");
    ann.wait_for_question("Run it now?");
    let (status, told) = said(&cluster, "carol", &[&id, "--no", "the queue is full"]);
    assert_eq!(status, 0, "{told}");
    ann.type_text("y\n");
    ann.wait_for("carol said no: the queue is full");
    ann.wait_for("status=124");
    assert_eq!(people.0.ran(), Vec::<String>::new());
}

#[test]
fn on_one_host_a_no_counts_until_the_start_too() {
    let Some(people) = People::new() else { return };
    let mut bob = host_asker(&people, "led x");
    let script = "as carol $CTL approve; as ann $CTL approve $id; echo again=$?
        cp -p /var/lib/kanmon/given/request-* .
        as carol $CTL approve $id --no 'the queue is full'; echo no=$?
        cp -p /var/lib/kanmon/given/refusal-* .; echo kept=$?";
    let mut carol = join(&people, "as carol $APPROVE $id; echo carol=$?");
    carol.wait_for_question("Look at the target now?");
    carol.type_text("y\n");
    carol.wait_for_question("Name of the target");
    carol.type_text(&format!("{}\n", stage::host()));
    carol.wait_for_question("Do you approve");
    carol.type_text("y\n");
    carol.wait_for("carol=0");
    bob.wait_for_question("Go on?");
    let mut others = join(&people, script);
    others.wait_for("approved, not run yet");
    others.wait_for("has all its approvals already");
    others.wait_for("again=124");
    others.wait_for("no=0");
    others.wait_for("kept=0");
    bob.type_text("y");
    bob.wait_for("carol said no: the queue is full");
    bob.wait_for("status=124");
    bob.wait_for("script is through");
    assert_eq!(people.0.ran(), Vec::<String>::new());
    let left = stage::lines(&people.0.path("left"));
    assert!(
        left.iter().all(|name| !name.starts_with("request-")),
        "{left:?}"
    );
    // Where the gate was killed, its request is still there.
    let mut later = people.start(
        "$CTL init --host >/dev/null || exit 99
        cp -p request-* refusal-* /var/lib/kanmon/given/
        id=$(basename request-*); id=${id#request-}; id=${id%.json}
        as ann $CTL approve; as ann $CTL approve $id; echo again=$?
        echo script is through",
    );
    later.wait_for("nothing waits for approval");
    later.wait_for("no open request is called");
    later.wait_for("again=125");
    later.wait_for("script is through");
}
