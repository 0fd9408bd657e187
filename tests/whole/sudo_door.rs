//! The sudo door with Debian's real sudo: what is asked, what is refused, what is on the record.

use crate::layers::{assert_not_said, assert_says};
use crate::pty::Pty;
use crate::sudoers::Sudoers;

/// Starts a script at a terminal and waits for the gate's question.
fn asked(sudoers: &Sudoers, script: &str) -> Pty {
    let mut pty = sudoers.start(script);
    pty.wait_for("[y/N, one key]");
    pty
}

/// What a script says behind its end.
const RECORD: &str = "; echo \"status=$?\"; kanmonctl log list; cat /srv/ran; echo done";

/// Types `keys` at the question of `sudo deploy now`; returns the screen at the end.
fn answered(keys: &[&str]) -> Option<String> {
    let sudoers = Sudoers::new()?;
    let mut pty = asked(&sudoers, &format!("ann sudo deploy now{RECORD}"));
    match keys {
        ["n"] => pty.type_text("n"),
        keys => pty.type_keys(keys),
    }
    pty.wait_for("done");
    Some(pty.screen())
}

#[test]
fn what_no_rule_names_goes_through_untouched() {
    let Some(sudoers) = Sudoers::new() else {
        return;
    };
    let said = sudoers.run(
        r#"ann sudo sh -c 'exit 7'; echo "exit=$?"
        printf in | ann sudo cat; echo " cat=$?"
        echo 'kill -TERM $$' | ann sudo /srv/other/reader; echo "signal=$?"
        ann sudo -u postgres id -un
        ann sudo sh -c 'ls /proc/self/fd | wc -l' >with
        cp $conf kept; : >$conf
        ann sudo sh -c 'ls /proc/self/fd | wc -l' >without
        cmp with without && echo same-descriptors
        ls -A /root /var/lib"#,
    );
    assert_says(
        &said,
        &[
            "exit=7",
            "in cat=0",
            "signal=143",
            "postgres",
            "same-descriptors",
        ],
    );
    // No ledger was opened.
    assert_not_said(&said, &["kanmon", ".local"]);
}

#[test]
fn an_answer_at_the_terminal_lets_it_run_and_its_end_is_recorded() {
    let Some(sudoers) = Sudoers::new() else {
        return;
    };
    let mut pty = asked(
        &sudoers,
        "ann sudo CODE=3 deploy now; echo status=$?; cat /srv/ran; newest; ls -l /root/.local/state/kanmon; echo done",
    );
    assert_says(
        &pty.screen(),
        &[
            "$ sudo -u root /srv/bin/deploy now",
            "User root",
            "Via sudo",
        ],
    );
    pty.type_text("y");
    pty.wait_for("done");
    // The after ran as root, once the command had ended and before sudo ended.
    let raw = pty.raw();
    let (gate, after) = raw
        .split_once("status=3")
        .expect("sudo ends as the command");
    assert_says(gate, &["Looked as", "root"]);
    assert_says(
        after,
        &[
            "deploy now as root",
            "ann",
            "sudo",
            "-rw------- 1 root root",
        ],
    );
}

#[test]
fn what_sudo_sets_for_the_command_counts_at_go_too() {
    let Some(sudoers) = Sudoers::new() else {
        return;
    };
    let line = "ann sudo WHAT=now sh -c 'deploy \"${WHAT:-all}\"'";
    let mut pty = asked(&sudoers, &format!("{line}{RECORD}"));
    pty.type_text("y");
    pty.wait_for("done");
    assert_says(&pty.screen(), &["status=0", "deploy now as root"]);
}

#[test]
fn a_signal_of_the_command_is_recorded() {
    let Some(sudoers) = Sudoers::new() else {
        return;
    };
    let mut pty = asked(
        &sudoers,
        &format!("echo 'kill -TERM $$' | ann sudo /srv/other/deploy{RECORD}"),
    );
    pty.type_text("y");
    pty.wait_for("done");
    assert_says(&pty.screen(), &["status=143", "signal 15"]);
}

#[test]
fn any_other_answer_is_a_no() {
    for (keys, outcome) in [
        (["n"], "not cleared: declined"),
        (["C-c"], "not cleared: interrupted"),
        (["C-d"], "not cleared: end of input"),
    ] {
        let Some(screen) = answered(&keys) else {
            return;
        };
        assert_says(&screen, &["status=1", outcome]);
        assert_not_said(&screen, &["as root"]);
    }
}

#[test]
fn where_no_person_may_answer_only_a_permit_clears() {
    let Some(sudoers) = Sudoers::new() else {
        return;
    };
    // At a terminal, so that it is the options alone that forbid the question.
    let mut pty = sudoers.start(
        "stty cols 200
        for option in -n -A -S -kS; do
          yes | ann sudo $option deploy now; echo \"$option=$?\"
        done
        kanmonctl log list | grep -c 'no terminal'; cat /srv/ran; echo done",
    );
    pty.wait_for("done");
    let raw = pty.raw();
    assert_says(
        &raw,
        &[
            "-n=1",
            "-A=1",
            "-S=1",
            "-kS=1",
            "\n4\r\n",
            "With -n, -A or -S",
            "permit add",
        ],
    );
    assert_not_said(&raw, &["as root", "[y/N"]);
}

#[test]
fn a_permit_of_somebody_else_clears_it_without_a_terminal() {
    let Some(sudoers) = Sudoers::new() else {
        return;
    };
    let said = sudoers.run(
        "groupadd --system kanmon 2>/dev/null || echo 'kanmon:x:4199:' >>/etc/group
        kanmonctl init --host >/dev/null
        ann sudo -n deploy 1; echo without=$?
        kanmonctl permit add --rule team.deploy --target \"$(uname -n)\" --until 2h --by Ops --reason Night
        ann sudo -n deploy 2; echo with=$?
        kanmonctl log list; cat /srv/ran",
    );
    assert_says(&said, &["without=1", "with=0", "deploy 2 as root"]);
    assert_not_said(&said, &["deploy 1 as root"]);
}

#[test]
fn every_way_of_saying_it_is_seen() {
    let Some(sudoers) = Sudoers::new() else {
        return;
    };
    let said = sudoers.run(
        "tried() { ann sudo \"$@\" >/dev/null 2>&1; echo \"$*: $?\"; }
        tried -u postgres deploy; tried -i deploy; tried -s deploy
        tried bash -c 'true; deploy'; tried env X=1 deploy; tried /srv/bin/deploy
        tried -b deploy; tried X=1 deploy; tried sudo deploy; tried -e /srv/notes.txt
        tried -l deploy; tried -v; tried -l
        kanmonctl log list; cat /srv/ran",
    );
    for held in [
        "-u postgres deploy: 1",
        "-i deploy: 1",
        "-s deploy: 1",
        "bash -c true; deploy: 1",
        "env X=1 deploy: 1",
        "/srv/bin/deploy: 1",
        "-b deploy: 1",
        "X=1 deploy: 1",
        "sudo deploy: 1",
        "sudo -u postgres /srv/bin/deploy",
    ] {
        assert_says(&said, &[held]);
    }
    // Listing and validating run nothing, so nothing is judged.
    assert_says(&said, &["-l deploy: 0", "-v: 0", "-l: 0"]);
    assert_not_said(&said, &["deploy as", "deploy  as"]);
}

#[test]
fn a_file_that_sudoedit_would_write_is_judged() {
    let Some(sudoers) = Sudoers::new() else {
        return;
    };
    let said = sudoers.run(
        "ann env EDITOR=true sudo -e /proc/sysrq-trigger; echo held=$?
        ann env EDITOR=true sudo -e /srv/notes.txt; echo passed=$?
        kanmonctl log list",
    );
    assert_says(&said, &["held=1", "passed=0", "sudoedit -u root"]);
}

#[test]
fn a_secret_is_in_no_record() {
    let Some(sudoers) = Sudoers::new() else {
        return;
    };
    let said = sudoers.run(
        "ann sudo deploy --token=geheim DB_PASSWORD=geheim >/dev/null 2>&1
        kanmonctl log list; grep -c geheim /root/.local/state/kanmon/ledger.db",
    );
    assert_says(&said, &["--token=****", "\n0\n"]);
    assert_not_said(&said, &["geheim"]);
}

#[test]
fn a_gate_that_cannot_be_believed_lets_nothing_through_and_says_the_mend() {
    let Some(sudoers) = Sudoers::new() else {
        return;
    };
    let said = sudoers.run(
        "cp /srv/bin/kanmon /srv/kept
        try() { echo \"== $1\"; ann sudo touch /srv/home/was-run; echo \"$1=$?\"; cp -f /srv/kept /srv/bin/kanmon; chmod 755 /srv/bin; }
        rm /srv/bin/kanmon; try missing
        chmod 777 /srv/bin/kanmon; try writable
        chown 4101 /srv/bin/kanmon; try foreign; chown 0 /srv/bin/kanmon
        chmod 777 /srv/bin; try folder
        chmod 755 /srv/bin/kanmon
        printf '#!/bin/sh\\nexit 0\\n' >/srv/bin/kanmon; try silent
        printf '#!/bin/sh\\necho pass; exit 3\\n' >/srv/bin/kanmon; try half
        rm /srv/bin/kanmon; export LC_ALL=ja_JP.UTF-8; try japanese
        ls /srv/home; ann sudo true; echo mended=$?",
    );
    for name in [
        "missing=1",
        "writable=1",
        "foreign=1",
        "folder=1",
        "silent=1",
        "half=1",
    ] {
        assert_says(&said, &[name]);
    }
    assert_says(
        &said,
        &[
            "kanmonctl sudo remove",
            "chmod go-w /srv/bin/kanmon",
            "chown root /srv/bin/kanmon",
            "chmod go-w /srv/bin",
            "ended without an answer",
            "japanese=1",
            "sudo は何も実行しません",
            "mended=0",
        ],
    );
    assert_not_said(&said, &["was-run"]);
}

#[test]
fn broken_glass_leads_through_where_the_ledger_is_broken() {
    let Some(sudoers) = Sudoers::new() else {
        return;
    };
    let mut pty = sudoers.start(
        "mkdir -p /root/.local/state/kanmon; echo damaged >/root/.local/state/kanmon/ledger.db
        chmod 700 /root/.local/state/kanmon; chmod 600 /root/.local/state/kanmon/ledger.db
        ann sudo deploy 1; echo held=$?; cat /srv/ran
        ann sudo kanmon --break-glass 'shop is down' deploy 2; echo broke=$?
        cat /srv/ran; echo done",
    );
    pty.wait_for_question("Which target?");
    let host = nix::unistd::gethostname().unwrap();
    pty.type_text(host.to_str().unwrap());
    pty.type_keys(&["enter"]);
    pty.wait_for("done");
    let raw = pty.raw();
    assert_says(&raw, &["held=1", "broke=0", "deploy 2 as root"]);
    assert_not_said(&raw, &["deploy 1 as root"]);
}

#[test]
fn the_door_is_for_the_plugin_alone() {
    let Some(sudoers) = Sudoers::new() else {
        return;
    };
    let said = sudoers.run(
        "kanmon --sudo deploy; echo command=$?
        kanmon --sudo </dev/null; echo empty=$?
        printf 'kanmon-sudo 1\\0uid=0\\0' | kanmon --sudo; echo cut=$?
        ann kanmon --sudo </dev/null; echo user=$?",
    );
    assert_says(
        &said,
        &[
            "command=125",
            "empty=125",
            "cut=125",
            "user=125",
            "this is not root",
            "takes no command",
        ],
    );
}

#[test]
fn the_plugin_is_tried_then_put_in_and_taken_out_byte_for_byte() {
    let Some(sudoers) = Sudoers::new() else {
        return;
    };
    let said = sudoers.run(
        "printf '# own\\nSet disable_coredump true' >$conf; cp $conf kept
        ctl() { kanmonctl sudo $1 --plugin /srv/bin/kanmon.so --gate /srv/bin/kanmon; echo \"$2=$?\"; }
        ctl check absent
        ctl install put; ctl install again; ctl check is-in
        grep -c kanmon_ $conf; stat -c 'mode=%a' $conf; tail -n +3 $conf | cmp - kept && echo rest-kept
        ann sudo -n deploy now >/dev/null 2>&1; echo held=$?; ann sudo true; echo passes=$?
        ctl remove out; cmp $conf kept && echo restored; ctl remove nothing
        rm $conf; ctl install fresh; ann sudo true; echo runs=$?; ls /etc/sudo.conf*",
    );
    assert_says(
        &said,
        &[
            "absent=1",
            "put=0",
            "again=0",
            "has the plugin already",
            "is-in=0",
            "\n2\n",
            "mode=644",
            "rest-kept",
            "held=1",
            "passes=0",
            "out=0",
            "restored",
            "nothing=0",
            "fresh=0",
            "runs=0",
        ],
    );
    assert_not_said(&said, &["kanmon-new"]);
}

#[test]
fn in_intercept_mode_what_a_program_starts_by_itself_is_judged_too() {
    let Some(sudoers) = Sudoers::new() else {
        return;
    };
    let said = sudoers.run(
        "echo 'Defaults intercept' >>/etc/sudoers
        echo 'id -un; deploy typed; echo inner=$?' | ann sudo /srv/other/reader; echo outer=$?
        kanmonctl log list; cat /srv/ran",
    );
    assert_says(
        &said,
        &["root", "inner=126", "outer=0", "not cleared: no terminal"],
    );
    assert_not_said(&said, &["deploy typed as"]);
}

#[test]
fn in_intercept_mode_a_line_that_was_cleared_is_not_asked_about_again() {
    let Some(sudoers) = Sudoers::new() else {
        return;
    };
    let mut pty = asked(
        &sudoers,
        "echo 'Defaults intercept' >>/etc/sudoers
        ann sudo sh -c 'deploy now; exit 4'; echo status=$?; cat /srv/ran; kanmonctl log list; echo done",
    );
    pty.type_text("y");
    pty.wait_for("done");
    let raw = pty.raw();
    assert_says(&raw, &["status=4", "deploy now as root"]);
    assert_eq!(raw.matches("[y/N, one key]").count(), 1, "{raw}");
}

#[test]
fn where_the_plugin_is_not_there_the_next_step_is_said() {
    let Some(host) = crate::machine::Host::new() else {
        return;
    };
    let said = host.run(
        "kanmonctl sudo install --plugin /usr/libexec/no/such.so; echo en-$?
        LC_ALL=ja_JP.UTF-8 kanmonctl sudo install --plugin /usr/libexec/no/such.so; echo ja-$?",
    );
    for told in [
        "/usr/libexec/no/such.so is not there",
        "Install the package",
        "ci/sudo-plugin build --release",
        "en-125",
        "/usr/libexec/no/such.so がありません",
        "ja-125",
    ] {
        assert!(said.contains(told), "no `{told}`: {said}");
    }
    assert!(!said.contains("os error"), "{said}");
}

#[test]
fn a_try_that_fails_leaves_no_settings_where_there_were_none() {
    let Some(sudoers) = Sudoers::new() else {
        return;
    };
    let said = sudoers.run(
        "rm $conf; echo damaged >/srv/bin/kanmon.so
        kanmonctl sudo install --plugin /srv/bin/kanmon.so --gate /srv/bin/kanmon; echo put=$?
        ls /etc/sudo.conf* 2>/dev/null; echo listed
        LC_ALL=ja_JP.UTF-8 kanmonctl sudo check --plugin /srv/bin/kanmon.so; echo check=$?
        LC_ALL=ja_JP.UTF-8 kanmonctl sudo install --plugin /srv/bin/kanmon.so --gate /srv/bin/kanmon; echo ja=$?",
    );
    assert_says(
        &said,
        &[
            "put=125",
            "check=1",
            "ja=125",
            "kanmon のプラグインはありません",
            "sudo が動きません",
        ],
    );
    assert_not_said(&said, &["/etc/sudo.conf\n"]);
}

#[test]
fn a_plugin_that_would_stop_sudo_or_is_not_roots_is_not_put_in() {
    let Some(sudoers) = Sudoers::new() else {
        return;
    };
    let said = sudoers.run(
        "printf '# own\\n' >$conf; cp $conf kept; cd /srv/bin
        ctl() { kanmonctl sudo install --plugin /srv/bin/kanmon.so --gate /srv/bin/kanmon; echo \"$1=$?\"; cmp $conf $OLDPWD/kept; }
        chmod 666 kanmon.so; ctl open; chmod 644 kanmon.so
        chown 4101 kanmon.so; ctl foreign; chown 0 kanmon.so
        chmod 777 /srv/bin; ctl folder; chmod 755 /srv/bin
        mv kanmon kept; ctl gate; printf '#!/bin/sh\\nexit 1\\n' >kanmon; chmod 755 kanmon; ctl refusing; mv kept kanmon
        echo damaged >kanmon.so; ctl damaged
        cp \"$(ldconfig -p | sed -n 's/.*libz.so.1 .*x86-64.*=> //p' | head -1)\" kanmon.so || echo nothing >kanmon.so; ctl symbols
        rm kanmon.so; ctl missing; ls /etc/sudo.conf*; ann sudo true; echo runs=$?
        ann kanmonctl sudo remove; echo user=$?",
    );
    for refused in [
        "open=125",
        "foreign=125",
        "folder=125",
        "gate=125",
        "refusing=125",
        "damaged=125",
        "symbols=125",
        "missing=125",
        "user=125",
    ] {
        assert_says(&said, &[refused]);
    }
    assert_says(
        &said,
        &[
            "chmod go-w /srv/bin/kanmon.so",
            "chown root",
            "it does not load",
            "runs=0",
        ],
    );
    assert_not_said(&said, &["differ", "kanmon-new", "EOF"]);
}
