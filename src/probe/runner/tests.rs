//! Probes that really run, some of them behind an ssh that is a script.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use chrono::DateTime;
use tempfile::TempDir;

use super::*;
use crate::gate::world::Moment;
use crate::line::{Moves, Span, Via, Word};
use crate::policy::pattern::Regex;
use crate::policy::rule::{Drift, On, ProbeForm, Text, Value};

/// A clock that stands still.
struct Still;

impl Clock for Still {
    fn now(&self) -> Moment {
        Moment {
            utc: DateTime::from_timestamp(1_795_316_400, 0).unwrap(),
            boot: Duration::ZERO,
            boot_id: String::new(),
        }
    }
}

fn job(run: &str) -> Job {
    let probe = Probe {
        id: "p.x".to_owned(),
        run: run.to_owned(),
        form: ProbeForm::Sh,
        on: On::Target,
        root: false,
        ok: vec![0],
        value: Value::Output,
        lines: 20,
        drift: Drift::Any,
        timeout: Duration::from_secs(20),
        label: Text::default(),
    };
    Job {
        id: probe.id.clone(),
        command: Ok(run.to_owned()),
        probe,
        via: Vec::new(),
        is_open: false,
    }
}

fn hasty(run: &str, timeout: Duration) -> Job {
    let mut job = job(run);
    job.probe.timeout = timeout;
    job
}

fn through(ssh: &str, run: &str) -> Job {
    let words = [ssh, "op@mx1"].map(|word| Word::plain(word, Span::default()));
    let mut job = job(run);
    job.via = vec![Via {
        name: "ssh".to_owned(),
        words: words.to_vec(),
        span: Span::default(),
        moves: Some(Moves::Host),
        shell: true,
    }];
    job
}

/// Runs jobs to their end.
fn look(jobs: &[Job]) -> Vec<Seen> {
    look_with(&mut ProbeRunner::new(&Still), jobs)
}

fn look_with(runner: &mut ProbeRunner<'_>, jobs: &[Job]) -> Vec<Seen> {
    let mut pending = runner.start(jobs);
    assert!(pending.wait(Duration::from_secs(20)), "probes hang");
    pending.seen().into_iter().map(Option::unwrap).collect()
}

fn value(seen: &Seen) -> &str {
    match seen {
        Seen::Value { value, .. } => value,
        Seen::NotSeen(not_seen) => panic!("{not_seen:?}"),
    }
}

fn status(status: i32, said: &str) -> Seen {
    let said = said.to_owned();
    Seen::NotSeen(NotSeen::Status { status, said })
}

#[test]
fn values_come_in_the_order_of_the_jobs() {
    let mut counted = job("printf 'a\\nb\\na\\n'");
    counted.probe.value = Value::Count(Regex::parse("a").unwrap());
    let seen = look(&[
        job("sleep 0.1; echo first"),
        counted,
        job("cat; echo no input"),
    ]);
    assert_eq!(
        seen.iter().map(value).collect::<Vec<_>>(),
        ["first", "2", "no input"]
    );
}

#[test]
fn failures_say_their_status_and_last_words() {
    let seen = look(&[
        job("echo out; echo one >&2; echo two >&2; echo >&2; exit 3"),
        job("kill -9 $$"),
        job("no-such-tool-here"),
    ]);
    assert_eq!(seen[0], status(3, "two"));
    assert_eq!(seen[1], status(137, ""));
    assert!(matches!(
        seen[2],
        Seen::NotSeen(NotSeen::Status { status: 127, .. })
    ));
}

#[test]
fn further_statuses_can_mean_success() {
    let mut job = job("echo none; exit 1");
    job.probe.ok = vec![0, 1];
    assert_eq!(value(&look(&[job])[0]), "none");
}

#[test]
fn an_unfilled_placeholder_is_not_run() {
    let mut job = job("x");
    job.command = Err(NotSeen::Placeholder("arg.1".to_owned()));
    assert_eq!(
        look(&[job]),
        [Seen::NotSeen(NotSeen::Placeholder("arg.1".to_owned()))]
    );
}

#[test]
fn one_that_hangs_is_killed_with_all_that_it_started_and_others_are_not() {
    let folder = TempDir::new().unwrap();
    let pids = folder.path().join("pids");
    let stubborn = format!(
        "trap '' TERM; sleep 1000 & echo $$ $! > {}; wait; wait",
        pids.display()
    );
    let short = Duration::from_millis(200);
    let mut runner = ProbeRunner::new(&Still);
    let seen = look_with(
        &mut runner,
        &[hasty(&stubborn, short), job("sleep 0.5; echo late")],
    );
    assert_eq!(seen[0], Seen::NotSeen(NotSeen::TimedOut(short)));
    assert_eq!(value(&seen[1]), "late");
    drop(runner);
    for pid in fs::read_to_string(pids).unwrap().split_whitespace() {
        let is_gone = || match fs::read_to_string(format!("/proc/{pid}/stat")) {
            Ok(stat) => stat.contains(") Z "),
            Err(_) => true,
        };
        let until = Instant::now() + Duration::from_secs(10);
        while !is_gone() {
            assert!(Instant::now() < until, "{pid} lives on");
            std::thread::yield_now();
        }
    }
}

#[test]
fn a_daemon_left_behind_is_not_waited_for() {
    let job = hasty("sleep 10 & echo done", Duration::from_secs(8));
    assert_eq!(value(&look(&[job])[0]), "done");
}

#[test]
fn one_that_says_too_much_is_killed() {
    let seen = look(&[job("yes"), job("head -c 1000000 /dev/zero | tr '\\0' x")]);
    assert_eq!(seen[0], status(137, "more than 1048576 bytes of output"));
    assert_eq!(value(&seen[1]).len(), 1_000_000);
}

#[test]
fn a_slice_ends_in_time_and_shows_what_is_there() {
    let mut runner = ProbeRunner::new(&Still);
    let mut pending = runner.start(&[job("echo quick"), job("sleep 1000")]);
    while pending.seen()[0].is_none() {
        assert!(!pending.wait(Duration::from_millis(50)));
    }
    assert_eq!(value(pending.seen()[0].as_ref().unwrap()), "quick");
    assert_eq!(pending.seen()[1], None);
}

#[test]
fn a_probe_has_a_plain_environment_a_session_and_signals_of_its_own() {
    let run = "env | cut -d= -f1 | sort | tr '\\n' ' '";
    let names = look(&[
        job(run),
        job("echo $PATH $LC_ALL"),
        job("ps -o sid= -p $$; echo $$"),
    ]);
    for name in value(&names[0]).split_whitespace() {
        let is_expected = [
            "PATH",
            "LC_ALL",
            "HOME",
            "SSH_AUTH_SOCK",
            "SSH_CONNECTION",
            "PWD",
            "_",
            "SHLVL",
            "OLDPWD",
        ]
        .contains(&name)
            || crate::policy::around::says_where(name);
        assert!(is_expected, "{name}");
    }
    let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin C";
    assert_eq!(value(&names[1]), path);
    let ids: Vec<&str> = value(&names[2]).split_whitespace().collect();
    assert_eq!(ids[0], ids[1]);
}

/// Writes a script that stands in for ssh: with `-N` it does `connect`, else it runs the text here.
/// Each call adds its arguments to a log.
fn stand_in(folder: &TempDir, connect: &str) -> String {
    let path = folder.path().join("stand-in/ssh");
    fs::create_dir(folder.path().join("stand-in")).unwrap();
    let log = folder.path().join("log");
    let script = format!(
        "#!/bin/sh\necho \"$@\" >> {log}\n\
         for word; do case $word in ControlPath=*) socket=${{word#*=}};; esac; last=$word; done\n\
         case \" $* \" in *\" -N \"*) {connect};; esac\n\
         test -e \"$socket\" || exit 99\n\
         exec sh -c \"$last\"\n",
        log = log.display()
    );
    let path = path.to_str().unwrap().to_owned();
    // Written by another process: a program cannot be executed while the fork of another test's
    // thread still has it open for writing.
    let written = look(&[job(&format!(
        "cat >{path} <<'END'\n{script}END\nchmod 755 {path} && echo written"
    ))]);
    assert_eq!(value(&written[0]), "written");
    path
}

#[test]
fn all_probes_of_a_run_share_one_connection_that_is_closed_at_its_end() {
    let folder = TempDir::new().unwrap();
    let ssh = stand_in(&folder, "sleep 0.1; : > $socket; exec sleep 1000");
    let mut runner = ProbeRunner::new(&Still);
    let jobs = [
        through(&ssh, "echo 'a  b'"),
        through(&ssh, "echo $LC_ALL"),
        job("echo here"),
    ];
    let seen = look_with(&mut runner, &jobs);
    assert_eq!(
        seen.iter().map(value).collect::<Vec<_>>(),
        ["a  b", "C", "here"]
    );
    assert_eq!(
        value(&look_with(&mut runner, &[through(&ssh, "echo again")])[0]),
        "again"
    );
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert_eq!(log.lines().filter(|line| line.contains(" -N ")).count(), 1);
    assert_eq!(
        log.lines()
            .filter(|line| line.contains("ControlMaster=no"))
            .count(),
        3
    );
    let place = log
        .split("ControlPath=")
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap();
    let private = std::path::Path::new(place).parent().unwrap().to_owned();
    assert_eq!(
        fs::metadata(&private).unwrap().permissions().mode() & 0o777,
        0o700
    );
    drop(runner);
    assert!(!private.exists());
}

#[test]
fn a_host_that_wants_a_password_is_told_apart() {
    let folder = TempDir::new().unwrap();
    let denied = "echo 'op@mx1: Permission denied (publickey,password).' >&2; exit 255";
    let ssh = stand_in(&folder, denied);
    let seen = look(&[through(&ssh, "x"), through(&ssh, "y")]);
    let wants = Seen::NotSeen(NotSeen::WantsLogin("mx1".to_owned()));
    assert_eq!(seen, [wants.clone(), wants]);
}

#[test]
fn an_operator_may_log_in_to_look() {
    let folder = TempDir::new().unwrap();
    let ssh = stand_in(
        &folder,
        "case \" $* \" in *\" -O exit \"*) rm $socket; exit 0;; \
         *\" -f \"*) : > $socket; exit 0;; esac; echo 'Permission denied' >&2; exit 255",
    );
    let mut runner = ProbeRunner::new(&Still);
    let jobs = [through(&ssh, "echo looked")];
    let wants = Seen::NotSeen(NotSeen::WantsLogin("mx1".to_owned()));
    assert_eq!(look_with(&mut runner, &jobs), [wants]);
    assert!(!runner.log_in("other"));
    assert!(runner.log_in("mx1"));
    assert_eq!(value(&look_with(&mut runner, &jobs)[0]), "looked");
    drop(runner);
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.lines().last().unwrap().contains("-O exit"));
    let login = log.lines().find(|line| line.starts_with("-f ")).unwrap();
    assert!(login.starts_with("-f -o BatchMode=no -o ControlMaster=yes -o ControlPersist=600 "));
}

#[test]
fn a_host_that_is_not_reached_says_why() {
    let folder = TempDir::new().unwrap();
    let refused = "echo 'ssh: connect to host mx1 port 22: Connection refused' >&2; exit 255";
    let ssh = stand_in(&folder, refused);
    let expect = status(255, "ssh: connect to host mx1 port 22: Connection refused");
    assert_eq!(look(&[through(&ssh, "x")]), [expect]);
}

#[test]
fn a_connection_that_hangs_times_out() {
    let folder = TempDir::new().unwrap();
    let ssh = stand_in(&folder, "exec sleep 1000");
    let mut job = through(&ssh, "x");
    job.probe.timeout = Duration::from_millis(200);
    assert_eq!(
        look(&[job]),
        [Seen::NotSeen(NotSeen::TimedOut(Duration::from_millis(200)))]
    );
}
