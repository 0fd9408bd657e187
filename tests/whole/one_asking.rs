//! One gate, one asking: a line that an outer door has cleared is not asked about once more at an
//! inner one, where its record lies beyond the asker's reach; in doubt it is.
#![expect(
    clippy::disallowed_methods,
    reason = "prepares folders for the programs under test"
)]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::time::Duration;

use kanmon::context::{SystemClock, process};
use kanmon::gate::outer::{Process, Stands};
use kanmon::gate::record::{Event, Opened};
use kanmon::gate::{Entry, Ledger as _, RunId};
use kanmon::ledger::SqliteLedger;
use kanmon::ledger::heads::Syslog;
use kanmon::ledger::history::{Outcome, Run};
use nix::libc;
use nix::sys::signal::Signal;

use crate::gate::play;
use crate::layers::{assert_not_said, assert_says};
use crate::people::People;
use crate::pty::{Pty, PtyCommand};
use crate::stage::{self, Stage, answers, kinds, until};
use crate::sudoers::Sudoers;

/// Makes a stage with shims for these programs, and root's ledger; nothing without root.
fn staged(programs: &[&str]) -> Option<Stage> {
    if !nix::unistd::geteuid().is_root() {
        return None;
    }
    let stage = Stage::new();
    fs::create_dir(stage.path("shims")).unwrap();
    for program in programs {
        symlink(stage::rehearse(), stage.path("shims").join(program)).unwrap();
    }
    Some(stage)
}

/// Returns a program that finds the shims first.
fn shimmed(stage: &Stage, program: &str, args: &[&str]) -> PtyCommand {
    let path = format!(
        "{}:{}:/usr/bin:/bin",
        stage.path("shims").display(),
        stage.path("bin").display()
    );
    stage.program(program).args(args).env("PATH", path)
}

/// Puts a script there that the gate cannot read beforehand: it is found by its name.
fn runner(stage: &Stage, text: &str) {
    let path = stage.path("bin/runner");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// What the newest run says of the one around it.
fn stands(run: &Run) -> Option<Stands> {
    run.within.as_ref().map(|within| within.stands)
}

#[test]
fn behind_the_prefix_and_a_shell_a_shim_takes_the_clearance() {
    let Some(stage) = staged(&["critically"]) else {
        return;
    };
    let line = "critically 'a b'; critically 'a b'; exec critically 'a b'";
    let mut pty = shimmed(&stage, "kanmon", &["sh", "-c", line]).spawn();
    play(&mut pty, &crate::gate::CRITICAL);
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert_eq!(stage.ran(), ["critically a b"; 3]);
    let runs = stage.runs();
    let [third, second, first, outer] = &runs[..] else {
        panic!("{runs:?}");
    };
    assert_eq!(outer.within, None);
    for inner in [third, second, first] {
        assert_eq!(inner.within.as_ref().unwrap().run, outer.id);
        assert_eq!(stands(inner), Some(Stands::Clearance));
        assert_eq!(inner.door, "shim");
        assert_eq!(kinds(inner), ["cleared", "started", "ended"]);
    }
    // What it shows afterwards it shows once.
    assert_eq!(pty.count_raw("once more, the exact line"), 1);
}

#[test]
fn a_gap_is_not_in_the_way_of_its_own_passage_and_of_the_next_one_it_is() {
    let Some(stage) = staged(&["hourly"]) else {
        return;
    };
    let start = || shimmed(&stage, "kanmon", &["sh", "-c", "hourly; env hourly"]).spawn();
    let mut pty = start();
    play(&mut pty, &[("Go on?", "y")]);
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert_eq!(stage.ran(), ["hourly"; 2]);
    // Another passage finds both the outer run and those within it.
    let mut pty = start();
    assert_eq!(pty.wait_exit().code(), Some(124));
    assert_eq!(stage.ran().len(), 2);
}

#[test]
fn another_line_within_is_asked_about() {
    let Some(stage) = staged(&["middling", "hourly"]) else {
        return;
    };
    runner(&stage, "middling y\ncd / && middling x");
    let mut pty = shimmed(&stage, "kanmon", &["sh", "-c", "middling x; runner"]).spawn();
    // The outer one, that with other words, that in another folder.
    for _ in 0..3 {
        play(&mut pty, &[("Shall it run?", "y\n")]);
        pty.wait_until("the answer", crate::pty::PATIENCE, |pty| {
            !pty.asks("Shall it run?")
        });
    }
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert_eq!(stage.ran(), ["middling x", "middling y", "middling x"]);
    let found: Vec<_> = stage.runs().iter().rev().map(stands).collect();
    assert_eq!(found, [None, Some(Stands::Clearance), None, None]);
}

#[test]
fn a_clearance_is_good_for_the_calls_that_it_held() {
    let Some(stage) = staged(&["middling"]) else {
        return;
    };
    // One in another cluster, the one that was cleared, and one too many.
    runner(
        &stage,
        "KUBECONFIG=/other middling x\nmiddling x\nmiddling x",
    );
    let line = "true || middling x; runner";
    let mut pty = shimmed(&stage, "kanmon", &["sh", "-c", line]).spawn();
    for _ in 0..3 {
        play(&mut pty, &[("Shall it run?", "y\n")]);
        pty.wait_until("the answer", crate::pty::PATIENCE, |pty| {
            !pty.asks("Shall it run?")
        });
    }
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert_eq!(stage.ran(), ["middling x"; 3]);
    let found: Vec<_> = stage.runs().iter().rev().map(stands).collect();
    assert_eq!(found, [None, None, Some(Stands::Clearance), None]);
}

#[test]
fn of_two_at_the_same_instant_one_takes_the_clearance() {
    let Some(stage) = staged(&["middling"]) else {
        return;
    };
    // Each stays what it is when its gate starts: the two are one call.
    runner(&stage, "middling x & middling x & wait");
    let line = "true || middling x; touch on; until [ -e go ]; do sleep 0.02; done; runner";
    let mut pty = shimmed(&stage, "kanmon", &["sh", "-c", line]).spawn();
    play(&mut pty, &[("Shall it run?", "y\n")]);
    until("the command", || stage.path("on").exists());
    // Both look for the outer run, and come to their own record while nobody can write one.
    let busy = rusqlite::Connection::open(stage.ledger()).unwrap();
    busy.execute_batch("BEGIN IMMEDIATE").unwrap();
    fs::write(stage.path("go"), "").unwrap();
    let waiting = || {
        let processes = fs::read_dir("/proc").unwrap().flatten();
        let waits = |process: &fs::DirEntry| {
            let argv = fs::read(process.path().join("cmdline")).unwrap_or_default();
            // SQLite sleeps between its attempts, and the gate does nowhere else.
            let call = fs::read_to_string(process.path().join("syscall")).unwrap_or_default();
            let sleeps = [libc::SYS_clock_nanosleep, libc::SYS_nanosleep];
            argv == b"middling\0x\0"
                && sleeps
                    .iter()
                    .any(|number| call.starts_with(&format!("{number} ")))
        };
        processes.filter(|process| waits(process)).count()
    };
    until("both", || waiting() == 2);
    drop(busy);
    play(&mut pty, &[("Shall it run?", "n\n")]);
    pty.wait_exit();
    assert_eq!(stage.ran(), ["middling x"]);
    let runs = stage.runs();
    let outcomes: Vec<&str> = runs.iter().map(|run| *kinds(run).last().unwrap()).collect();
    // The declined one, and the one of before that was in the way, are two runs.
    assert_eq!(outcomes.iter().filter(|kind| **kind == "ended").count(), 2);
    assert_eq!(
        outcomes
            .iter()
            .filter(|kind| **kind == "not-cleared")
            .count(),
        2,
        "{runs:?}"
    );
}

#[test]
fn a_broken_glass_is_broken_for_what_is_within() {
    let Some((stage, outer)) = pattern() else {
        return;
    };
    let (mut pty, above) = waiting(&stage);
    let broken = Event::BrokenGlass {
        reason: "the pager".to_owned(),
    };
    forge(&stage, "broken", head(&outer, above), broken);
    fs::write(stage.path("go"), "").unwrap();
    pty.wait_for("status=0");
    assert_eq!(stage.ran(), ["middling x"]);
    assert_eq!(stands(&stage.runs()[0]), Some(Stands::Clearance));
}

#[test]
fn where_the_outer_gate_has_died_the_line_is_asked_about() {
    let Some(stage) = staged(&["middling"]) else {
        return;
    };
    let line = "touch on; until [ -e go ]; do sleep 0.02; done; middling x; touch over";
    let script = format!("kanmon sh -c '{line}'; until [ -e over ]; do sleep 0.02; done");
    let mut pty = shimmed(&stage, "/bin/sh", &["-c", &script]).spawn();
    play(&mut pty, &[("Shall it run?", "y\n")]);
    // The command may be there before its start is on the record.
    let mut started = None;
    until("the command's start", || {
        let told = stage
            .runs()
            .first()
            .and_then(|run| run.events.last().cloned());
        started = told.and_then(|told| match told.event {
            Event::Started { pid, .. } => Some(pid),
            _ => None,
        });
        started.is_some()
    });
    let pid = started.unwrap();
    until("the command", || stage.path("on").exists());
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let gate: i32 = stat
        .rsplit_once(") ")
        .unwrap()
        .1
        .split(' ')
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(gate), Signal::SIGKILL).unwrap();
    until("its death", || !process::lives(gate, None));
    fs::write(stage.path("go"), "").unwrap();
    play(&mut pty, &[("Shall it run?", "n\n")]);
    pty.wait_exit();
    assert_eq!(stage.ran(), Vec::<String>::new());
    assert_eq!(stage.runs()[0].within, None);
}

/// The head of a run as it is on the record, with what [`Run`] leaves out.
fn head(run: &Run, above: Process) -> Opened {
    Opened {
        who: run.who.clone(),
        line: run.line.clone(),
        invocations: run.invocations.clone(),
        door: run.door.clone(),
        drill: run.drill,
        version: run.version.clone(),
        scripts: None,
        above: Some(above),
        within: None,
    }
}

/// Writes a run into a ledger that nobody walked.
fn forge(stage: &Stage, run: &str, opened: Opened, cleared: Event) {
    let syslog = Syslog::at(&stage.path("no-log"));
    let mut ledger = SqliteLedger::open_with(&stage.ledger(), syslog).unwrap();
    for event in [Event::Opened(Box::new(opened)), cleared] {
        let run = RunId(run.to_owned());
        ledger
            .append(&Entry { run, event }, &SystemClock::new())
            .unwrap();
    }
}

/// Starts a shell that waits for the file `go` and then runs `middling x` through a shim.
fn waiting(stage: &Stage) -> (Pty, Process) {
    let script = "until [ -e go ]; do sleep 0.02; done; middling x; echo status=$?";
    let pty = shimmed(stage, "/bin/sh", &["-c", script]).spawn();
    let pid = pty.pid().as_raw();
    let start_ticks = process::start_ticks(pid);
    (pty, Process { pid, start_ticks })
}

/// A run that was cleared by the gate, as a pattern for forged ones, on a new stage.
fn pattern() -> Option<(Stage, Run)> {
    let stage = staged(&["middling"])?;
    let mut pty = shimmed(&stage, "kanmon", &["sh", "-c", "middling x"]).spawn();
    play(&mut pty, &[("Shall it run?", "y\n")]);
    assert_eq!(pty.wait_exit().code(), Some(0));
    let outer = stage.runs().pop().unwrap();
    fs::remove_file(stage.path("ran")).unwrap();
    Some((stage, outer))
}

/// A clearance.
fn cleared() -> Event {
    Event::Cleared {
        measured: Vec::new(),
        permits: Vec::new(),
    }
}

#[test]
fn only_the_very_process_person_and_line_of_a_cleared_run_count() {
    let Some((stage, outer)) = pattern() else {
        return;
    };
    type Change = fn(&mut Opened, &mut Event);
    let changes: [(&str, Change); 9] = [
        ("a reused pid", |opened, _| {
            opened.above.as_mut().unwrap().start_ticks = Some(7);
        }),
        ("a process whose beginning is not known", |opened, _| {
            opened.above.as_mut().unwrap().start_ticks = None;
        }),
        ("no process", |opened, _| opened.above = None),
        ("another process", |opened, _| {
            opened.above.as_mut().unwrap().pid += 1;
        }),
        ("another user's record", |opened, _| opened.who.uid = 4001),
        ("another host", |opened, _| {
            opened.who.host = "mx2".to_owned()
        }),
        ("a drill", |opened, _| opened.drill = true),
        ("a run that was only noted", |_, cleared| {
            *cleared = Event::Noted
        }),
        ("another call", |opened, _| {
            opened.invocations[0].call.as_mut().unwrap().hash = "0".repeat(64);
        }),
    ];
    for (number, (what, change)) in changes.into_iter().enumerate() {
        let (mut pty, above) = waiting(&stage);
        let (mut opened, mut event) = (head(&outer, above), cleared());
        change(&mut opened, &mut event);
        forge(&stage, &format!("forged-{number}"), opened, event);
        fs::write(stage.path("go"), "").unwrap();
        play(&mut pty, &[("Shall it run?", "n\n")]);
        pty.wait_for("status=124");
        assert_eq!(stage.ran(), Vec::<String>::new(), "{what}");
        assert_eq!(stage.runs()[0].within, None, "{what}");
        fs::remove_file(stage.path("go")).unwrap();
    }
    // The same without a change is taken: it is the changes that were seen.
    let (mut pty, above) = waiting(&stage);
    forge(&stage, "as-it-was", head(&outer, above), cleared());
    fs::write(stage.path("go"), "").unwrap();
    pty.wait_for("status=0");
    assert_eq!(stage.ran(), ["middling x"]);
    assert_eq!(stands(&stage.runs()[0]), Some(Stands::Clearance));
    let shown = crate::shims::shown(&stage.ledger(), &stage.runs()[0].id.0, "ja_JP.UTF-8");
    assert_says(&shown, &["外側の記録 as-it-was で通過済み"]);
}

#[test]
fn in_a_ledger_that_the_asker_can_write_only_the_call_is_repeated() {
    let Some(people) = People::new() else { return };
    let script = r#"$CTL init --host >/dev/null || exit 99
        mkdir shims; ln -s "$REHEARSE" shims/critically; ln -s "$REHEARSE" shims/middling
        PATH=$PWD/shims:$PATH
        for who in bob eve; do
          as $who kanmon sh -c "critically $who; middling $who"; echo "$who=$?"
        done
        cp /var/lib/kanmon/ledger/ledger.db copy.db; echo through"#;
    let mut pty = people
        .script(script)
        .env("REHEARSE", stage::rehearse())
        .spawn();
    for who in ["bob", "eve"] {
        // Both at the prefix.
        play(
            &mut pty,
            &[
                ("Are the owners told?", "y\n"),
                ("What is it for?", "a test\n"),
                ("Shall it run?", "y\n"),
                ("Look and call: Messages waiting", "3\n"),
                ("Run it now?", "y\n"),
            ],
        );
        // At the shim what was measured is called again, and nothing thought or waited.
        play(
            &mut pty,
            &[
                ("Look and call: Messages waiting", "3\n"),
                ("Run it now?", "y\n"),
            ],
        );
        // What had no call is not started without a word either.
        play(&mut pty, &[("Run it now?", "y\n")]);
        pty.wait_for(&format!("{who}=0"));
    }
    pty.wait_for("through");
    assert_says(&pty.raw(), &["Asked already at the door `prefix`"]);
    let ran: Vec<String> = ["bob", "eve"]
        .iter()
        .flat_map(|who| [format!("critically {who}"), format!("middling {who}")])
        .collect();
    assert_eq!(people.0.ran(), ran);
    for ledger in ["copy.db", "own/eve/kanmon/ledger.db"] {
        let runs = stage::runs(&people.0.path(ledger));
        let [medium, critical, outer] = &runs[..] else {
            panic!("{runs:?}");
        };
        assert_eq!(stands(medium), Some(Stands::Thought), "{ledger}");
        assert_eq!(stands(critical), Some(Stands::Thought), "{ledger}");
        assert_eq!(answers(medium), ["go y"], "{ledger}");
        assert_eq!(answers(critical), ["show 3", "call 3", "go y"], "{ledger}");
        assert_eq!(outer.within, None);
    }
}

#[test]
fn without_a_terminal_what_an_asker_could_have_written_stands_for_nothing() {
    let Some(people) = People::new() else { return };
    // The outer line is cleared at the terminal; the inner one has none.
    let script = r#"$CTL init --host >/dev/null || exit 99
        mkdir shims; ln -s "$REHEARSE" shims/middling
        PATH=$PWD/shims:$PATH
        as bob kanmon sh -c "setsid -w middling x; echo inner=\$?"
        cp /var/lib/kanmon/ledger/ledger.db copy.db; echo through"#;
    let mut pty = people
        .script(script)
        .env("REHEARSE", stage::rehearse())
        .spawn();
    play(&mut pty, &[("Shall it run?", "y\n")]);
    pty.wait_for("inner=124");
    pty.wait_for("through");
    assert_eq!(people.0.ran(), Vec::<String>::new());
    let inner = stage::runs(&people.0.path("copy.db")).remove(0);
    assert_eq!(stands(&inner), Some(Stands::Nothing));
    let reason = "no-terminal".to_owned();
    assert_eq!(inner.outcome, Outcome::NotCleared { reason });
}

#[test]
fn an_hour_later_what_was_thought_is_thought_again() {
    let Some(people) = People::new() else { return };
    let script = r#"mkdir shims; ln -s "$REHEARSE" shims/middling
        PATH=$PWD/shims:$PATH
        as eve kanmon sh -c 'touch own/eve/on; until [ -e own/eve/go ]; do sleep 0.02; done; middling x'; echo status=$?"#;
    let mut pty = people
        .script(script)
        .env("REHEARSE", stage::rehearse())
        .spawn();
    play(&mut pty, &[("Shall it run?", "y\n")]);
    until("the command", || people.0.path("own/eve/on").exists());
    let later = Duration::from_secs(3600).as_secs();
    people.0.set_clock(3600, later);
    fs::write(people.0.path("own/eve/go"), "").unwrap();
    play(&mut pty, &[("Shall it run?", "y\n")]);
    pty.wait_for("status=0");
    let runs = stage::runs(&people.0.path("own/eve/kanmon/ledger.db"));
    assert_eq!(stands(&runs[0]), Some(Stands::Nothing));
}

/// In a world with sudo: a shim for `deploy` where sudo finds it first.
const SHIM: &str = r#"mkdir /srv/shims; ln -s /srv/bin/kanmon /srv/shims/deploy
    sed -i 's,secure_path=",&/srv/shims:,' /etc/sudoers
    "#;

#[test]
fn behind_sudos_plugin_a_shim_in_secure_path_takes_its_clearance() {
    let Some(sudoers) = Sudoers::new() else {
        return;
    };
    let mut pty = sudoers.start(&format!(
        "{SHIM} ann sudo sh -c 'deploy now'; echo status=$?; newest
        ann sudo deploy now; echo status=$?
        cat /srv/ran; echo done"
    ));
    for n in 1..=2 {
        pty.wait_for_question("[y/N, one key]");
        pty.type_text("y");
        pty.wait_for_raw("status=0", n);
    }
    pty.wait_for("done");
    let raw = pty.raw();
    assert_eq!(raw.matches("[y/N, one key]").count(), 2, "{raw}");
    assert_says(
        &raw,
        &["deploy now as root\r\ndeploy now as root", "cleared by run"],
    );
}

#[test]
fn in_the_hosts_ledger_only_who_is_not_of_its_group_is_believed() {
    let Some(sudoers) = Sudoers::new() else {
        return;
    };
    // The login is what pam_loginuid writes; without it only the asker's own environment names ann.
    let mut pty = sudoers.start(&format!(
        "{SHIM} echo 'kanmon:x:4199:ann' >>/etc/group; kanmonctl init --host >/dev/null || exit
        again() {{ ann sudo sh -c 'deploy now'; echo status=$?; newest; echo $1; }}
        again member; sed -i 's/^kanmon:.*/kanmon:x:4199:/' /etc/group; again stranger
        ann=$(id -u ann); echo $ann >/proc/self/loginuid || exit; again done"
    ));
    for end in ["member", "stranger"] {
        pty.wait_for_question("[y/N, one key]");
        pty.type_text("y");
        play(&mut pty, &[("Run it now?", "y\n")]);
        pty.wait_for(end);
    }
    pty.wait_for_question("[y/N, one key]");
    pty.type_text("y");
    pty.wait_for("done");
    let raw = pty.raw();
    let (of_group, others) = raw.split_once("member\r\n").unwrap();
    let (unknown, known) = others.split_once("stranger\r\n").unwrap();
    assert_says(of_group, &["status=0", "outer door: only the call"]);
    assert_says(unknown, &["status=0", "outer door: only the call"]);
    assert_says(known, &["status=0", "cleared by run"]);
}

#[test]
fn the_prefix_of_root_sudo_and_the_shim_behind_it_are_one_asking() {
    let Some(sudoers) = Sudoers::new() else {
        return;
    };
    let mut pty = sudoers.start(&format!(
        "{SHIM} : >$conf
        kanmon sudo deploy now; echo status=$?; cat /srv/ran; newest; echo done"
    ));
    pty.wait_for_question("[y/N, one key]");
    pty.type_text("y");
    pty.wait_for("done");
    let raw = pty.raw();
    assert_eq!(raw.matches("[y/N, one key]").count(), 1, "{raw}");
    assert_says(&raw, &["status=0", "deploy now as root", "cleared by run"]);
}

/// A rule that asks, waits and has something called, instead of the world's own.
const CALLED: &str = r#"cat >/etc/kanmon/rules.d/team.toml <<'S'
[pack]
id = 'team'
title = 'Team'
lang = 'en'

[[rule]]
id = 'deploy'
title = 'Deploy the shop'
why = 'It restarts the tills.'
risk = 'high'
match = [{ program = 'deploy' }]
steps = [{ confirm = 'Are the tills closed?' }, { call = 'target' }]
test.hold = ['deploy now']
test.pass = ['man deploy']
S
kanmonctl rules compile >/dev/null
"#;

#[test]
fn a_line_of_a_hooked_shell_is_called_again_at_sudo_and_nothing_else() {
    let Some(sudoers) = Sudoers::new() else {
        return;
    };
    // ann is of the ledger's group: sudo's gate sees what was cleared in her shell, and that she
    // could have written it.
    let script = format!(
        "{CALLED}
        echo 'kanmon:x:4199:ann' >>/etc/group; kanmonctl init --host >/dev/null || echo no-host
        printf '%s\\n' 'PS1=\"P% \"' 'eval \"$(kanmonctl init bash)\"' >/srv/home/.bashrc
        chmod 755 /srv/home
        cd /srv/home; HOME=/srv/home setpriv --reuid 4101 --regid 4101 --init-groups -- bash -i
        kanmonctl log list; newest; echo done"
    );
    let mut pty = sudoers.start(&script);
    pty.wait_for("P% ");
    pty.type_text("sudo deploy now; echo status=$?\r");
    let host = stage::host();
    let called = format!("{host}\n");
    play(
        &mut pty,
        &[
            ("Are the tills closed?", "y\n"),
            ("Name of the target", &called),
            ("Run it now?", "y\n"),
        ],
    );
    play(
        &mut pty,
        &[("Name of the target", &called), ("Run it now?", "y\n")],
    );
    pty.wait_for("status=0");
    pty.type_text("cat /srv/ran; exit\r");
    pty.wait_for("done");
    let raw = pty.raw();
    assert_says(&raw, &["deploy now as root", "outer door: only the call"]);
    assert_not_said(&raw, &["no-host"]);
    assert_eq!(raw.matches("Are the tills closed?").count(), 1, "{raw}");
}
