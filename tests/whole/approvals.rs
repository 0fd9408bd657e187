//! Approvals between real users, each at a terminal of their own.

use crate::people::People;
use crate::pty::Pty;
use crate::stage::{self, answers};

/// Starts the asker's world: bob runs `line`. Others come into it with [`join`].
pub(crate) fn asker(people: &People, line: &str) -> Pty {
    let mut pty = people.start(&format!(
        "$CTL init --host >/dev/null || exit 99
        echo $$ > world
        as bob kanmon {line}; echo status=$?
        cp /var/lib/kanmon/ledger/ledger.db copy.db; ls /var/lib/kanmon/given > left
        echo script is through"
    ));
    pty.wait_for("kanmonctl approve ");
    pty
}

/// Starts a script in the world of an asker who waits, with the request's id in `$id`.
pub(crate) fn join(people: &People, script: &str) -> Pty {
    let world = stage::lines(&people.0.path("world")).concat();
    people.start_in(
        &world,
        &format!(
            "id=$(basename /var/lib/kanmon/given/request-*); id=${{id#request-}}; id=${{id%.json}}
            {script}
            echo script is through"
        ),
    )
}

/// Consents as an approver.
fn consent(pty: &mut Pty, calls: &str) {
    pty.wait_for_question("Look at the target now?");
    pty.type_text("y\n");
    pty.wait_for_question("Messages waiting");
    pty.type_text(calls);
    pty.wait_for_question("Do you approve");
    pty.type_text("y\n");
}

#[test]
fn another_login_looks_calls_and_says_yes() {
    let Some(people) = People::new() else { return };
    let mut bob = asker(&people, "approved x");
    bob.wait_for("Approvals needed: 1, by other people on this host");
    let mut ann = join(
        &people,
        "as eve $APPROVE; as ann $APPROVE; as ann $APPROVE $id; echo ann=$?",
    );
    ann.wait_for("t.approved at");
    consent(&mut ann, "3\n");
    ann.wait_for("ann=0");
    bob.wait_for_question("Look and call: Messages waiting");
    bob.type_text("3\n");
    bob.wait_for_question("Run it now?");
    bob.type_text("y\n");
    bob.wait_for("status=0");
    bob.wait_for("script is through");
    assert_eq!(people.0.ran(), ["approved x"]);
    let runs = stage::runs(&people.0.path("copy.db"));
    assert_eq!(
        answers(&runs[0])[1],
        "approve ann (4001) called t.waiting: 3"
    );
    let left = stage::lines(&people.0.path("left"));
    assert!(
        left.iter().all(|name| name.starts_with("approval-")),
        "{left:?}"
    );
}

#[test]
fn neither_the_asker_nor_root_nor_another_group_can_approve() {
    let Some(people) = People::new() else { return };
    let mut bob = asker(&people, "led x");
    bob.wait_for("others of group leads (carol)");
    let mut others = join(
        &people,
        "as bob $APPROVE $id; echo bob=$?
        as ann $APPROVE $id; echo ann=$?
        as root $APPROVE $id; echo root=$?
        ( echo 4002 > /proc/self/loginuid; exec setpriv $(ids carol) -- $APPROVE $id ); echo su=$?
        as carol $APPROVE nothing; echo nothing=$?
        as carol $APPROVE $id; echo carol=$?",
    );
    for told in [
        "your own request",
        "bob=124",
        "only members of leads",
        "ann=124",
        "root is no person",
        "root=124",
        "su=124",
        "nothing=125",
    ] {
        others.wait_for(told);
    }
    others.wait_for_question("Look at the target now?");
    others.type_text("y\n");
    others.wait_for_question("Name of the target");
    others.type_text(&format!("{}\n", stage::host()));
    others.wait_for_question("Do you approve");
    others.type_text("n\n");
    others.wait_for("carol=124");
    others.wait_for("script is through");
    bob.type_keys(&["C-c"]);
    bob.wait_for("status=124");
    bob.wait_for("script is through");
    assert_eq!(stage::lines(&people.0.path("left")), Vec::<String>::new());
    assert_eq!(people.0.ran(), Vec::<String>::new());
}

#[test]
fn a_yes_that_was_forged_for_a_waiting_run_is_none() {
    let Some(people) = People::new() else { return };
    let mut bob = asker(&people, "approved x");
    // ann approves; bob's copy of her yes is bob's own, and for another run it is none.
    let mut ann = join(
        &people,
        "as ann $APPROVE $id; cp /var/lib/kanmon/given/approval-* yes",
    );
    consent(&mut ann, "3\n");
    ann.wait_for("script is through");
    bob.wait_for_question("Look and call: Messages waiting");
    bob.type_keys(&["C-c"]);
    bob.wait_for("script is through");

    let mut bob = people.start(
        "$CTL init --host >/dev/null; chmod 644 yes
        echo $$ > world
        as bob kanmon approved x; echo status=$?
        echo script is through",
    );
    bob.wait_for("kanmonctl approve ");
    let mut forger = join(
        &people,
        "old=$(sed 's/.*\"request\":\"\\([^\"]*\\)\".*/\\1/' yes)
        cp yes /var/lib/kanmon/given/approval-$old-4001.json; chown ann /var/lib/kanmon/given/approval-$old-4001.json
        sed \"s/$old/$id/\" yes | as bob sh -c \"cat > /var/lib/kanmon/given/approval-$id-4001.json\"
        ls /var/lib/kanmon/given | wc -l",
    );
    forger.wait_for("script is through");
    // The countdown goes on: neither counts.
    bob.wait_for("waiting, 29:5");
    bob.type_keys(&["C-c"]);
    bob.wait_for("status=124");
    bob.wait_for("script is through");
    assert_eq!(people.0.ran(), Vec::<String>::new());
}

/// A host where the prefix door has the profile `workstation`, and a rule is out there.
const WORKSTATION: &str = r#"
mkdir etc; cp -a /etc/. etc; rm -rf etc/kanmon; mkdir -p etc/kanmon/rules.d
printf "[profile]\nprefix = 'workstation'\n" > etc/kanmon/config.toml
cat > etc/kanmon/rules.d/team.toml <<'END'
[pack]
id = 'team'
title = 'Team'
[probe]
waiting = { run = 'echo 3', label = 'Messages waiting' }
[[rule]]
id = 'leave'
title = 'Messages leave'
why = 'What has left cannot be called back.'
risk = 'high'
match = [{ program = 'approved' }]
steps = [{ show = 'waiting' }, { approve = 1 }, { call = 'waiting' }]
[[rule]]
id = 'strict'
title = 'Changes in production are announced'
why = 'Customers are on it.'
risk = 'high'
only = 'production'
match = [{ program = 'approved' }]
steps = [{ confirm = 'Is the change announced?' }, { call = 'target' }]
END
mount --bind etc /etc
$CTL rules compile > /dev/null && $CTL init --host > /dev/null || exit 99
gate=${CTL%kanmonctl}kanmon
echo $$ > world
"#;

#[test]
fn at_a_workstation_an_approver_is_shown_the_rules_that_the_asker_has() {
    let Some(people) = People::new() else { return };
    let mut bob = people.start(&format!(
        "{WORKSTATION}
        as bob $gate approved x; echo status=$?
        echo script is through"
    ));
    bob.wait_for("kanmonctl approve ");
    let mut ann = join(
        &people,
        "as ann $CTL check 'approved x'; as ann $CTL check --profile production 'approved x'
        as ann $CTL approve $id; echo ann=$?",
    );
    ann.wait_for("hold: team.leave\r\nhold: team.leave, team.strict\r\n");
    ann.wait_for("[team.leave, risk: high]");
    consent(&mut ann, "3\n");
    ann.wait_for("ann=0");
    // Once, by `check`.
    assert_eq!(ann.count_raw("team.strict"), 1);
    for gone in ["Changes in production", "announced", "Name of the target"] {
        assert_eq!(ann.count_raw(gone), 0, "{gone}");
    }
    bob.wait_for_question("Look and call: Messages waiting");
    bob.type_text("3\n");
    bob.wait_for_question("Run it now?");
    bob.type_text("y\n");
    bob.wait_for("status=0");
    bob.wait_for("script is through");
    assert_eq!(people.0.ran(), ["approved x"]);
}

#[test]
fn a_line_that_means_something_else_elsewhere_cannot_be_approved_there() {
    let Some(people) = People::new() else { return };
    let mut bob = asker(&people, "-c 'approved \"$WHAT\"; $WHICH'");
    let mut ann = join(&people, "as ann $APPROVE $id; echo ann=$?");
    ann.wait_for("otherwise here");
    ann.wait_for("ann=124");
    bob.type_keys(&["C-c"]);
    bob.wait_for("status=124");
}
