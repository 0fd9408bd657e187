//! Permits given by real users to real users, to jobs without a terminal, and to jobs of Debian's
//! cron.
#![expect(
    clippy::disallowed_methods,
    reason = "reads what the programs under test wrote"
)]

use std::fs;

use kanmon::gate::record::Event;

use crate::people::People;
use crate::stage;

/// Gives a permit for all, as `permit GIVER [OPTIONS]`.
const PERMIT: &str = r#"
$CTL init --host >/dev/null || exit 99
permit() {
  giver=$1; shift
  as "$giver" $CTL permit add --rule 't.*' --target '*' --until 1h --by "$(printf 'CAB \033[2J7')" --reason planned "$@"
}
"#;

fn start(people: &People, script: &str) -> crate::pty::Pty {
    people.start(&format!("{PERMIT}\n{script}\necho script is through"))
}

#[test]
fn a_permit_of_anothers_stands_in_and_ones_own_does_not() {
    let Some(people) = People::new() else { return };
    let mut pty = start(
        &people,
        "permit ann --count 5
        as eve $CTL permit list --json > list.json
        as bob kanmon critically; echo bob=$?
        as ann kanmon lowly; echo ann=$?
        as bob $CTL permit list
        cp /var/lib/kanmon/ledger/ledger.db copy.db",
    );
    pty.wait_for("already permitted until");
    pty.wait_for("(given by ann) for checklist, cooldown, call: planned");
    // The giver's text does nothing to the terminal.
    pty.wait_for("CAB \\x1b[2J7");
    pty.wait_for("bob=0");
    pty.wait_for_question("Go on?");
    pty.type_text("n");
    pty.wait_for("ann=124");
    pty.wait_for("used 1/5");
    pty.wait_for("script is through");
    assert_eq!(people.0.ran(), ["critically"]);
    let list = stage::lines(&people.0.path("list.json")).concat();
    for part in [
        r#""state":"open""#,
        r#""rules":["t.*"]"#,
        r#""count":5,"uses":null"#,
        r#""uid":4001"#,
    ] {
        assert!(list.contains(part), "{part} in {list}");
    }
    let runs = stage::runs(&people.0.path("copy.db"));
    let Some(Event::Cleared { permits, .. }) = runs[1]
        .events
        .iter()
        .map(|told| &told.event)
        .find(|event| matches!(event, Event::Cleared { .. }))
    else {
        panic!("{:?}", runs[1])
    };
    assert_eq!(permits.len(), 1);
    assert_eq!(
        (permits[0].giver.as_str(), permits[0].giver_uid),
        ("ann", 4001)
    );
    assert_eq!(permits[0].steps, ["checklist", "cooldown", "call"]);
}

#[test]
fn behind_su_and_sudo_the_person_counts() {
    let Some(people) = People::new() else { return };
    let mut pty = start(
        &people,
        // LOGIN AS: who logged in, and as whom they run, without a terminal.
        "exec 2>/dev/null
        behind() {
          login=$1 user=$2; shift 2
          ( echo $(id -u $login) > /proc/self/loginuid
            exec setsid -w setpriv $(ids $user) -- \"$@\" ) </dev/null 2>/dev/null
        }
        permit ann
        behind ann bob kanmon middling ann-su-bob; echo 1=$?
        behind ann root kanmon middling ann-sudo; echo 2=$?
        behind bob root kanmon middling bob-sudo; echo 3=$?
        behind bob ann kanmon middling bob-su-ann; echo 4=$?
        job root kanmon middling roots-daemon; echo 5=$?
        rm /var/lib/kanmon/given/*
        behind ann root $CTL permit add --rule 't.*' --target '*' --until 1h --by x --reason y
        behind ann root kanmon middling own-by-sudo; echo 6=$?
        behind bob root kanmon middling others-by-sudo; echo 7=$?
        job root kanmon middling daemon-by-person; echo 8=$?
        rm /var/lib/kanmon/given/*
        permit root
        job root kanmon middling roots-own; echo 9=$?
        behind bob root kanmon middling roots-for-bob; echo 10=$?
        SUDO_UID=4001 job root kanmon middling variable; echo 11=$?",
    );
    for (case, status) in [
        (1, 124),
        (2, 124),
        (3, 0),
        (4, 124),
        (5, 0),
        (6, 124),
        (7, 0),
        (8, 0),
        (9, 124),
        (10, 0),
        (11, 124),
    ] {
        pty.wait_for(&format!("{case}={status}"));
    }
    pty.wait_for("script is through");
    assert_eq!(
        people.0.ran(),
        [
            "bob-sudo",
            "roots-daemon",
            "others-by-sudo",
            "daemon-by-person",
            "roots-for-bob"
        ]
        .map(|word| format!("middling {word}"))
    );
}

#[test]
fn what_is_forged_in_the_store_permits_nothing() {
    let Some(people) = People::new() else { return };
    let mut pty = start(
        &people,
        "cd /var/lib/kanmon/given
        permit ann >/dev/null; file=$(echo permit-*); name=${file#permit-}; name=${name%.json}
        cp $file /tmp/kanmon-forged-$$
        as bob rm -f $file; echo rm=$?
        as bob mv -f $file x; echo mv=$?
        as bob sh -c \"echo >> $file\"; echo write=$?
        as bob $CTL permit revoke $name; echo revoke=$?
        as ann $CTL permit revoke $name; echo own=$?
        as bob sh -c \"cat /tmp/kanmon-forged-$$ > $file\"
        as bob sh -c \"sed 's/\\\"made\\\"/\\\"login\\\": 4001, \\\"made\\\"/' < /tmp/kanmon-forged-$$ > permit-x.json\"
        rm /tmp/kanmon-forged-$$
        job bob kanmon middling forged; echo forged=$?
        chmod g+w $file
        job root kanmon middling group; echo group=$?
        $CTL permit list; cd /",
    );
    for told in [
        "rm=1",
        "mv=1",
        "write=2",
        "only ann and root",
        "revoke=125",
        "own=0",
        "forged=124",
        "group=124",
    ] {
        pty.wait_for(told);
    }
    pty.wait_for("others than its owner can write it");
    pty.wait_for("script is through");
    assert_eq!(people.0.ran(), Vec::<String>::new());
}

#[test]
fn of_many_runs_at_once_as_many_are_cleared_as_a_permit_says() {
    let Some(people) = People::new() else { return };
    let mut pty = start(
        &people,
        "permit ann --count 3
        for n in 1 2 3 4 5 6 7 8; do job bob kanmon middling $n 2>/dev/null & done
        wait",
    );
    pty.wait_for("script is through");
    assert_eq!(people.0.ran().len(), 3);
}

#[test]
fn without_a_terminal_what_would_clear_a_line_is_named() {
    let Some(people) = People::new() else { return };
    let mut pty = start(
        &people,
        "job bob kanmon critically 2>told; echo held=$?
        permit ann --steps checklist,cooldown
        job bob kanmon critically 2>some; echo some=$?
        permit carol --steps call
        job bob kanmon critically 2>all; echo all=$?
        permit carol --steps confirm
        job bob kanmon closed 2>closed; echo closed=$?",
    );
    for told in ["held=124", "some=124", "all=0", "closed=124"] {
        pty.wait_for(told);
    }
    pty.wait_for("script is through");
    let read = |name: &str| fs::read_to_string(people.0.path(name)).unwrap();
    let host = stage::host();
    let told = read("told");
    assert!(
        told.contains("a permit for checklist, cooldown, call clears it"),
        "{told}"
    );
    let command = format!("kanmonctl permit add --rule 't.critical' --target '{host}' --until");
    assert!(told.contains(&command), "{told}");
    assert!(read("some").contains("a permit for call clears it"));
    let all = read("all");
    assert!(all.contains("(given by carol) for call"), "{all}");
    assert!(read("closed").contains("these never overlap"));
    assert_eq!(people.0.ran(), ["critically"]);
}

#[test]
fn a_job_of_debians_cron_is_cleared_by_a_permit_and_held_without_one() {
    let Some(people) = People::new() else { return };
    let mut pty = start(
        &people,
        // `@reboot` jobs run when the daemon starts, once in the life of /run.
        r#"mkdir cron.d empty
        { env | grep -E '^(REHEARSE_|PATH=)'
          echo "XDG_STATE_HOME=$PWD/own/bob"
          echo "@reboot bob kanmon critically >$PWD/out/\$(date +\%N) 2>&1; echo status=\$? >$PWD/out/status"
        } > cron.d/job
        mkdir out; chmod 777 out; : > crontab
        mount --bind cron.d /etc/cron.d; mount --bind crontab /etc/crontab
        mkdir -p /var/lib/run; mount -t tmpfs none /var/spool/cron; mkdir /var/spool/cron/crontabs
        daemon() {
          mount -t tmpfs none /run; rm -f out/status
          unshare -pf --kill-child --mount-proc /usr/sbin/cron -f &
          until [ -s out/status ]; do sleep 0.05; done
          cat out/status; kill -9 $!; wait $!; umount /run
        } 2>/dev/null
        daemon
        permit ann --user bob >/dev/null
        daemon
        cp /var/lib/kanmon/ledger/ledger.db copy.db; cat out/*"#,
    );
    pty.wait_for("status=124");
    pty.wait_for("status=0");
    pty.wait_for("script is through");
    assert_eq!(people.0.ran(), ["critically"]);
    let runs = stage::runs(&people.0.path("copy.db"));
    let [cleared, held] = runs.as_slice() else {
        panic!("{runs:?}")
    };
    assert_eq!(stage::kinds(held), ["not-cleared"]);
    assert!(stage::kinds(cleared).contains(&"ended"), "{cleared:?}");
    assert_eq!(
        (
            cleared.who.real_user.as_str(),
            cleared.who.terminal.as_str()
        ),
        ("bob", "")
    );
}

#[test]
fn arguments_that_make_no_permit_are_told() {
    let Some(people) = People::new() else { return };
    let mut pty = start(
        &people,
        "add() { as ann $CTL permit add --rule t.low --by x --reason y \"$@\"; }
        add --target a --until 25:00; echo time=$?
        add --target a --until 1h --steps gap; echo steps=$?
        add --target a --until 1h --from 2h; echo order=$?
        add --target a --until 1h --count 0; echo count=$?
        add --until 1h; echo target=$?
        as eve $CTL permit add --rule t.low --target a --until 1h --by x --reason y; echo eve=$?
        as ann $CTL permit list --json",
    );
    for told in [
        "`25:00` is no time",
        "time=125",
        "no permit stands in for `gap`",
        "steps=125",
        "would end before it begins",
        "order=125",
        "count=125",
        "target=125",
        "eve=125",
        "[]",
    ] {
        pty.wait_for(told);
    }
    pty.wait_for("script is through");
}

#[test]
fn what_a_giver_calls_a_permit_writes_to_no_terminal() {
    let Some(people) = People::new() else { return };
    let mut pty = start(
        &people,
        r#"permit ann --json > new.json
        id=$(printf 'a\033[7mb\nkanmon: forged')
        sed 's/"id": *"[^"]*"/"id":"a\\u001b[7mb\\nkanmon: forged"/' new.json |
          as ann sh -c 'cat > "/var/lib/kanmon/given/permit-$1.json"' sh "$id"
        as ann $CTL permit revoke forged; echo done=$?"#,
    );
    pty.wait_for("permit a\\x1b[7mb\\nkanmon: forged revoked");
    pty.wait_for("done=0");
    pty.wait_for("script is through");
    assert_eq!(pty.count_raw("\u{1b}[7mb"), 0);
}
