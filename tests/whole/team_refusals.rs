//! An approver's no, and a yes that is taken back before it is used: over the team's store and on one host.

use kanmon::gate::approval::Reason;
use kanmon::gate::world::Given as _;
use kanmon::team::approvals::{NotTaken, Waiting};

use crate::approvals::{asker as host_asker, join};
use crate::asking::{approve, asker, claim, known, person, request, shown, team, yes};
use crate::cluster::Cluster;
use crate::people::People;
use crate::pty::Pty;
use crate::rehearsal::SetClock;
use crate::stage::{self, answers};
use crate::team_approvals::{approver, id, put_aside};

/// Returns the one request that waits, as a role sees it.
fn waiting(cluster: &Cluster, role: &str) -> Waiting {
    let mut all = person(cluster, role, &[role]).waiting(None).unwrap();
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// Says a role's no to what another was shown.
fn no(cluster: &Cluster, role: &str, waiting: &Waiting) -> Result<(), NotTaken> {
    person(cluster, role, &[role]).say_no(waiting, &Reason::of("not tonight").unwrap())
}

#[test]
fn one_no_ends_the_request_whoever_said_yes() {
    let cluster = team();
    let clock = SetClock::new();
    let mut web1 = asker(&cluster, "web1", &clock);
    let request = request("run-1", &[(2, Some("leads"))]);
    web1.ask(&request, &shown("3")).unwrap();
    let asked = waiting(&cluster, "carol");
    yes(&cluster, "carol").unwrap();
    // Not the asker, under none of their names, nobody who is not asked, no host.
    let cases = [
        (no(&cluster, "ann", &asked), "Own"),
        (no(&cluster, "ann_ops", &asked), "Own"),
        (no(&cluster, "bob", &asked), "Group"),
    ];
    for (said, why) in cases {
        let said = format!("{:?}", said.unwrap_err());
        assert!(said.starts_with(why), "{said}");
    }
    for sql in [
        "SELECT kanmon.say_no('run-1', 'h', 'x', '{}')",
        "SELECT kanmon.take_back('run-1')",
        "SELECT * FROM kanmon.refusal",
        "SELECT * FROM kanmon.taken_back",
    ] {
        let error = cluster.sql_as("web1", sql).unwrap_err();
        assert!(error.contains("permission denied"), "{sql}: {error}");
    }
    for sql in [
        "SELECT * FROM kanmon.refused('run-1')",
        "INSERT INTO kanmon.refusal DEFAULT VALUES",
        "DELETE FROM kanmon.taken_back",
    ] {
        let error = cluster.sql_as("carol", sql).unwrap_err();
        assert!(error.contains("permission denied"), "{sql}: {error}");
    }
    assert_eq!(known(&mut web1, &request, &clock), ["carol"]);
    assert_eq!(web1.refusal(&request), Ok(None));
    no(&cluster, "dave", &asked).unwrap();
    no(&cluster, "dave", &asked).expect("said again it says the same");
    known(&mut web1, &request, &clock);
    let refusal = web1.refusal(&request).unwrap().unwrap();
    assert_eq!(
        (refusal.giver.name(), refusal.reason.as_str()),
        ("dave", "not tonight")
    );
    assert_eq!(claim(&mut web1, &request, "run", &clock), Ok(false));
    let late = person(&cluster, "carol", &["carol"]).say_yes(&asked, &("x".into(), "y".into()));
    assert!(matches!(late, Err(NotTaken::Over)), "{late:?}");
    // Another host learns nothing of it, and what was said stays.
    let other = cluster.sql_as("web2", "SELECT * FROM kanmon.refused('run-1')");
    assert_eq!(other, Ok(String::new()));
    let kept = cluster.sql_as("postgres", "DELETE FROM kanmon.refusal");
    assert!(kept.unwrap_err().contains("never changed"));
}

#[test]
fn a_yes_is_taken_back_until_it_is_used() {
    let cluster = team();
    let clock = SetClock::new();
    let mut web1 = asker(&cluster, "web1", &clock);
    let first = request("run-1", &[(1, None)]);
    web1.ask(&first, &shown("3")).unwrap();
    let asked = waiting(&cluster, "bob");
    yes(&cluster, "bob").unwrap();
    assert_eq!(known(&mut web1, &first, &clock), ["bob"]);
    let take_back = |role: &str, id: &str| {
        let done = approve(&cluster, role, &[id, "--take-back"]);
        let told = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
        (done.status.code().unwrap(), told)
    };
    let (status, told) = take_back("carol", "run");
    assert_eq!(
        (status, told.contains("you have not approved `run-1`")),
        (125, true),
        "{told}"
    );
    // By the run's id too.
    let (status, told) = take_back("bob", "run");
    assert_eq!((status, &*told), (0, "your yes to run-1 is taken back\n"));
    assert_eq!(known(&mut web1, &first, &clock), Vec::<String>::new());
    assert_eq!(claim(&mut web1, &first, "run", &clock), Ok(false));
    assert_eq!(waiting(&cluster, "bob").answered, Vec::<String>::new());
    // Not again by the same person to the same request; by another, and for a new one.
    let again = person(&cluster, "bob", &["bob"]).say_yes(&asked, &("x".into(), "y".into()));
    assert!(matches!(again, Err(NotTaken::TakenBack)), "{again:?}");
    yes(&cluster, "carol").unwrap();
    assert_eq!(claim(&mut web1, &first, "run", &clock), Ok(true));
    let (status, told) = take_back("carol", "run-1");
    assert_eq!(
        (status, told.contains("the request is over")),
        (124, true),
        "{told}"
    );
}

#[test]
fn what_is_typed_of_an_id_is_enough_where_it_fits_one() {
    let cluster = team();
    let clock = SetClock::new();
    let mut web1 = asker(&cluster, "web1", &clock);
    for id in ["20261127T080000-aaaaaa-1", "20261127T080000-bbbbbb-1"] {
        web1.ask(&request(id, &[(1, None)]), &shown("3")).unwrap();
    }
    let said = |words: &[&str]| {
        let done = approve(&cluster, "bob", words);
        (
            done.status.code(),
            String::from_utf8([done.stdout, done.stderr].concat()).unwrap(),
        )
    };
    let (status, told) = said(&["20261127T080000", "--no", "x"]);
    assert_eq!(status, Some(125));
    assert!(told.contains("fits several open requests"), "{told}");
    let (_, told) = said(&["20261127T080000-aaaaaa", "--no", " "]);
    assert!(told.contains("say why: --no 'REASON'"), "{told}");
    let (status, told) = said(&["20261127T080000-aaaaaa", "--no", &"x".repeat(4097)]);
    assert_eq!(status, Some(125), "{told}");
    assert!(told.contains("longer than 4096 bytes"), "{told}");
    let (status, told) = said(&["20261127T080000-aaaaaa", "--no", "x"]);
    assert_eq!(status, Some(0), "{told}");
    assert!(
        told.starts_with("said no to 20261127T080000-aaaaaa-1"),
        "{told}"
    );
    let (status, told) = said(&["bbbbbb", "--no", "x"]);
    assert_eq!(status, Some(0), "{told}");
    let (_, told) = said(&["bbbbbb", "--no", "x"]);
    assert!(
        told.contains("no open request is called `bbbbbb`"),
        "{told}"
    );
}

/// Plays a no between two terminals on two hosts.
fn at_two_terminals(locale: &str, waits: &str, sees: &str, says: &str) {
    let (Some(people), Some(others)) = (People::new(), People::new()) else {
        return;
    };
    let cluster = team();
    let script = format!(
        "LC_ALL={locale} as ann kanmon approved x; echo status=$?
        cp /var/lib/kanmon/ledger/ledger.db copy.db"
    );
    let mut ann = people.on_host("web1", &cluster.url("web1"), &script);
    ann.wait_for(waits);
    ann.wait_for("29:");
    let id = id(&cluster);
    let run = id.rsplit_once('-').unwrap().0;
    let words = format!("{run} --no 'あすの朝に'");
    let mut bob = others.on_host(
        "web2",
        &cluster.url("web2"),
        &format!(
            "LC_ALL={locale} as bob $CTL approve --url '{}' {words}; echo bob=$?",
            cluster.url("bob")
        ),
    );
    bob.wait_for(says);
    bob.wait_for("bob=0");
    // At once, and it is over.
    ann.wait_for(sees);
    ann.wait_for("status=124");
    ann.wait_for("script is through");
    assert_eq!(people.0.ran(), Vec::<String>::new());
    let runs = stage::runs(&people.0.path("copy.db"));
    let answers = answers(&runs[0]);
    assert_eq!(
        answers.last().unwrap(),
        "approve bob (team) said no: あすの朝に"
    );
    let outcome = runs[0].outcome.line(kanmon::text::Language::English);
    assert_eq!(outcome, "not cleared: somebody who was asked said no");
}

#[test]
fn a_no_is_seen_at_once_at_the_askers_terminal() {
    at_two_terminals(
        "C.UTF-8",
        "Approvals needed: 1",
        "bob said no: あすの朝に",
        "said no to ",
    );
}

#[test]
fn a_no_is_seen_at_once_in_japanese_too() {
    at_two_terminals(
        "ja_JP.UTF-8",
        "承認が必要です: 1 人",
        "bob が承認を断りました: あすの朝に",
        "を断りました。",
    );
}

/// Consents as bob, who then takes it back.
fn bob_takes_back(others: &People, cluster: &Cluster, id: &str) {
    let mut bob: Pty = approver(others, cluster, &format!("{id} --take-back"));
    bob.wait_for(&format!("your yes to {id} is taken back"));
    bob.wait_for("bob=0");
}

#[test]
fn a_yes_that_was_taken_back_clears_nothing_at_go() {
    let (Some(people), Some(others)) = (People::new(), People::new()) else {
        return;
    };
    let cluster = team();
    let script = "as ann kanmon approved x; echo status=$?";
    let mut ann = people.on_host("web1", &cluster.url("web1"), script);
    ann.wait_for("waiting, 29:");
    let id = id(&cluster);
    yes(&cluster, "bob").unwrap();
    ann.wait_for_question("Look and call: Messages waiting");
    ann.type_text("3\n");
    ann.wait_for_question("Run it now?");
    bob_takes_back(&others, &cluster, &id);
    ann.type_text("y\n");
    ann.wait_for("not approved in time, or the approval was taken back");
    ann.wait_for("status=124");
    assert_eq!(people.0.ran(), Vec::<String>::new());
}

/// Has ann leave a request, another say no to it, and ann and carol come back.
fn left_and_refused(says_no: impl FnOnce(&Cluster)) -> Option<(People, Pty)> {
    let people = People::new()?;
    let cluster = team();
    let script = "as ann kanmon approved x; echo first=$?
        until [ -s go ]; do sleep 0.05; done; id=$(cat go)
        as carol env SUDO_USER=ann SUDO_UID=4001 kanmon --resume $id; echo carol=$?
        as ann kanmon --resume $id; echo again=$?
        as ann kanmon --resume $id; echo twice=$?
        cp /var/lib/kanmon/ledger/ledger.db copy.db";
    let mut ann = people.on_host("web1", &cluster.url("web1"), script);
    let id = put_aside(&mut ann, &cluster);
    says_no(&cluster);
    std::fs::write(people.0.path("go.new"), &id).unwrap();
    std::fs::rename(people.0.path("go.new"), people.0.path("go")).unwrap();
    for told in ["carol=124", "again=124", "twice=124", "script is through"] {
        ann.wait_for(told);
    }
    assert_eq!(people.0.ran(), Vec::<String>::new());
    // The host's record reaches the store too.
    let run = id.rsplit_once('-').unwrap().0;
    let kinds = cluster.sql(&format!(
        "SELECT kind FROM kanmon.record WHERE run = '{run}' ORDER BY seq"
    ));
    let kinds: Vec<&str> = kinds.lines().collect();
    assert!(
        kinds.ends_with(&["not-cleared", "answered", "not-cleared"]) && kinds.len() == 5,
        "{kinds:?}"
    );
    Some((people, ann))
}

#[test]
fn who_left_the_terminal_is_told_of_the_no() {
    let says_no = |cluster: &Cluster| no(cluster, "bob", &waiting(cluster, "bob")).unwrap();
    let Some((people, ann)) = left_and_refused(says_no) else {
        return;
    };
    // The asker alone, each time; the run that asked has it once.
    assert_eq!(ann.count_raw("bob said no: not tonight"), 2);
    let runs = stage::runs(&people.0.path("copy.db"));
    assert_eq!(runs.len(), 1);
    let told = "approve bob (team) said no: not tonight";
    let heard = answers(&runs[0])
        .into_iter()
        .filter(|answer| answer == told);
    assert_eq!(heard.count(), 1);
    let outcome = runs[0].outcome.line(kanmon::text::Language::English);
    assert_eq!(outcome, "not cleared: somebody who was asked said no");
}

#[test]
fn what_a_no_says_writes_to_no_terminal_and_shows_no_secret() {
    let says_no = |cluster: &Cluster| {
        cluster.sql(
            "UPDATE kanmon.request SET withdrawn = now();
            INSERT INTO kanmon.refusal SELECT id, E'eve\\x1b[7m', hash,
                E'\\x1b[7m it logs\\nDB_PASSWORD=hunter2', now() FROM kanmon.request",
        );
    };
    let Some((people, ann)) = left_and_refused(says_no) else {
        return;
    };
    let told = "kanmon: eve\\x1b[7m said no: \\x1b[7m it logs DB_PASSWORD=****";
    assert_eq!(ann.count_raw(told), 2, "{}", ann.raw());
    assert_eq!(ann.count_raw("\u{1b}[7m said"), 0);
    let runs = stage::runs(&people.0.path("copy.db"));
    assert!(!answers(&runs[0]).concat().contains("hunter2"));
}

#[test]
fn a_no_that_came_since_the_last_look_is_heard_by_who_leaves() {
    let cluster = team();
    let clock = SetClock::new();
    let mut web1 = asker(&cluster, "web1", &clock);
    let request = request("run-1", &[(1, None)]);
    web1.ask(&request, &shown("3")).unwrap();
    assert_eq!(known(&mut web1, &request, &clock), Vec::<String>::new());
    no(&cluster, "bob", &waiting(&cluster, "bob")).unwrap();
    assert_eq!(web1.put_aside("run-1"), Ok(false));
    let refusal = web1.refusal(&request).unwrap().expect("bob's no");
    assert_eq!(refusal.told(), "bob (team) said no: not tonight");
}

#[test]
fn on_one_host_a_no_ends_it_and_a_yes_is_taken_back_too() {
    let Some(people) = People::new() else { return };
    let mut bob = host_asker(&people, "approved x");
    let mut ann = join(
        &people,
        "as bob $CTL approve $id --no mine; echo own=$?
        as ann $CTL approve $id --take-back; echo none=$?
        as ann $CTL approve $id --no 'look at the queue first'; echo ann=$?",
    );
    ann.wait_for("own=124");
    ann.wait_for("none=125");
    ann.wait_for("said no to ");
    ann.wait_for("ann=0");
    bob.wait_for("ann said no: look at the queue first");
    bob.wait_for("status=124");
    bob.wait_for("script is through");
    people.has_run_nothing("approve ann (4001) said no: look at the queue first");
}

#[test]
fn a_no_that_would_not_be_read_is_not_said() {
    let Some(people) = People::new() else { return };
    let mut bob = host_asker(&people, "approved x");
    let mut ann = join(
        &people,
        "as ann $CTL approve $id --no \"$(head -c 70000 /dev/zero | tr '\\0' x)\"; echo long=$?
        echo files=$(ls /var/lib/kanmon/given | grep -c refusal)
        LC_ALL=ja_JP.UTF-8 as ann $CTL approve $id --no \"$(head -c 4097 /dev/zero | tr '\\0' x)\"; echo ja=$?
        as ann $CTL approve $id --no 'it logs
DB_PASSWORD=hunter2 \x1b[2J'; echo ann=$?
        cat /var/lib/kanmon/given/refusal-*",
    );
    ann.wait_for("the reason is longer than 4096 bytes; nothing was said");
    ann.wait_for("long=125");
    ann.wait_for("files=0");
    ann.wait_for("理由が長すぎます（4096 バイトまで）");
    ann.wait_for("ja=125");
    ann.wait_for("said no to ");
    ann.wait_for("ann=0");
    ann.wait_for("script is through");
    assert_eq!(ann.count_raw("hunter2"), 0, "the file is for all to read");
    bob.wait_for("ann said no: it logs DB_PASSWORD=****");
    bob.wait_for("status=124");
    bob.wait_for("script is through");
    assert_eq!(people.0.ran(), Vec::<String>::new());
}

/// Has somebody put a file beside bob's request that may be a no and cannot be read.
fn in_the_way(line: &str, put: &str, told: &[&str]) {
    let Some(people) = People::new() else { return };
    let mut bob = host_asker(&people, line);
    let mut others = join(&people, &format!("{put}; echo put=$?"));
    others.wait_for("put=0");
    for told in told {
        bob.wait_for(told);
    }
    bob.wait_for("status=124");
    bob.wait_for("script is through");
    assert_eq!(people.0.ran(), Vec::<String>::new());
    let runs = stage::runs(&people.0.path("copy.db"));
    let outcome = runs[0].outcome.line(kanmon::text::Language::English);
    assert_eq!(outcome, "not cleared: an answer could not be read");
}

#[test]
fn a_no_that_cannot_be_read_holds_the_line_and_says_whose_it_is() {
    in_the_way(
        "approved x",
        "as carol sh -c \"echo no > /var/lib/kanmon/given/refusal-$id-4003-0.json\"",
        &[
            "an answer cannot be read and may be a no",
            "it is no answer of kanmon's; the file is carol's",
        ],
    );
}

#[test]
fn names_that_the_asker_takes_beforehand_end_their_own_run() {
    in_the_way(
        "--lang ja approved x",
        "as bob sh -c \"for u in 4001 4003; do : > /var/lib/kanmon/given/refusal-$id-$u.json; done\"",
        &["読めない回答があり、拒否かもしれません", "（所有者 bob）"],
    );
}
