//! A team for a test that asks for approval over its store: hosts, people, and both their ends.
#![expect(
    clippy::disallowed_methods,
    reason = "runs kanmonctl against a real server"
)]

use std::process::{Command, Output};
use std::time::Duration;

use kanmon::gate::approval::{self, Need, Request};
use kanmon::gate::dialogue::Look;
use kanmon::gate::showing::{Shown, ToCall};
use kanmon::gate::world::{Claim, Given as _, NotAsked, NothingGiven, Who};
use kanmon::gate::{Clock as _, RunId};
use kanmon::team::approvals::{Approver, NotTaken};
use kanmon::team::{TeamGiven, address};

use crate::cluster::Cluster;
use crate::rehearsal::SetClock;
use crate::team::store;

/// A store with two hosts and people: bob and ann, carol and dave who lead, and ann's second role.
pub(crate) fn team() -> Cluster {
    let cluster = store(&["web1", "web2"]);
    cluster.sql("CREATE ROLE leads NOLOGIN");
    for person in ["ann", "bob", "carol", "dave", "ann_ops"] {
        cluster.sql(&format!(
            "CREATE ROLE {person} LOGIN PASSWORD 'pass-{person}' IN ROLE kanmon_approver"
        ));
    }
    cluster.sql("GRANT leads TO carol, dave");
    cluster.sql("INSERT INTO kanmon.person VALUES ('ann_ops', 'ann')");
    cluster
}

/// Runs `kanmonctl approve` as a role, without a terminal.
pub(crate) fn approve(cluster: &Cluster, role: &str, words: &[&str]) -> Output {
    Command::new("/usr/bin/setsid")
        .args(["-w", env!("CARGO_BIN_EXE_kanmonctl"), "approve"])
        .args(["--url", &cluster.url(role)])
        .args(words)
        .env_clear()
        .output()
        .unwrap()
}

/// Returns what it wrote, where it ends well.
#[track_caller]
pub(crate) fn listed(cluster: &Cluster, role: &str) -> String {
    let done = approve(cluster, role, &[]);
    assert!(done.status.success(), "{done:?}");
    String::from_utf8(done.stdout).unwrap()
}

/// Ann, who became root.
pub(crate) fn ann() -> Who {
    Who {
        real_user: "root".to_owned(),
        effective_user: "root".to_owned(),
        login_user: "Ann".to_owned(),
        login_uid: Some(4001),
        host: "web1".to_owned(),
        ..Who::default()
    }
}

/// What ann asks.
pub(crate) fn request(id: &str, needs: &[(usize, Option<&str>)]) -> Request {
    let clock = SetClock::new();
    Request {
        id: id.to_owned(),
        who: ann(),
        line: "approved x".to_owned(),
        held: vec![("t.approved".to_owned(), "web1".to_owned())],
        hash: "plan".to_owned(),
        needs: needs
            .iter()
            .map(|(count, group)| Need {
                count: *count,
                group: group.map(str::to_owned),
            })
            .collect(),
        drill: false,
        until: Request::end(&clock.now()),
        made: clock.now(),
    }
}

/// What is shown of it.
pub(crate) fn shown(value: &str) -> Shown {
    Shown {
        look: Look {
            line: "approved x".to_owned(),
            held: Vec::new(),
            rules: Vec::new(),
            sights: Vec::new(),
            drill: false,
            unknown: Vec::new(),
            frozen: Vec::new(),
            permits: Vec::new(),
            warnings: Vec::new(),
        },
        call: ToCall {
            label: kanmon::policy::rule::Text::default(),
            what: "t.waiting".to_owned(),
            value: Some(value.to_owned()),
        },
        later: kanmon::gate::showing::Later::default(),
    }
}

/// The asker's end on a host.
pub(crate) fn asker<'c>(cluster: &Cluster, host: &str, clock: &'c SetClock) -> TeamGiven<'c> {
    TeamGiven::new(Box::new(NothingGiven), &cluster.url(host), clock)
}

/// An approver's end, of somebody who is known on their host by these names.
pub(crate) fn person(cluster: &Cluster, role: &str, names: &[&str]) -> Approver {
    let address = address::of_configuration(&cluster.url(role)).unwrap();
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    Approver::new(address, names)
}

/// Says a role's yes to the one request that waits.
pub(crate) fn yes(cluster: &Cluster, role: &str) -> Result<(), NotTaken> {
    let mut person = person(cluster, role, &[role]);
    let waiting = person.waiting(None).unwrap();
    let [waiting] = waiting.as_slice() else {
        panic!("{waiting:?}");
    };
    let call = &waiting.body.as_ref().expect("a request").shown.call;
    let value = call.value.clone().unwrap_or_else(|| "any".to_owned());
    person.say_yes(waiting, &(call.what.clone(), value))
}

/// Returns the names of those whose yes the asker's gate knows.
pub(crate) fn known(given: &mut TeamGiven<'_>, request: &Request, clock: &SetClock) -> Vec<String> {
    clock.pass(Duration::from_secs(1));
    let by = given.approvals(request);
    let by = approval::that_count(by, request, &request.who, &clock.now(), approval::OPEN_FOR);
    by.iter().map(|one| one.giver.name().to_owned()).collect()
}

/// Uses up what was answered, for a run.
pub(crate) fn claim(
    given: &mut TeamGiven<'_>,
    request: &Request,
    run: &str,
    clock: &SetClock,
) -> Result<bool, NotAsked> {
    given.claim(&Claim {
        run: &RunId(run.to_owned()),
        request,
        by: &[],
        who: &request.who,
        now: &clock.now(),
        holds: approval::OPEN_FOR,
    })
}
