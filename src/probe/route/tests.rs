//! Tests of the ways to targets.

use std::time::Duration;

use super::*;
use crate::line::{Span, Word};
use crate::policy::rule::{Drift, On, Probe, Text, Value};

/// A wrapper with these words.
fn via(moves: Option<Moves>, words: &[&str]) -> Via {
    Via {
        name: words[0].rsplit('/').next().unwrap().to_owned(),
        words: words
            .iter()
            .map(|word| Word::plain(word, Span::default()))
            .collect(),
        span: Span::default(),
        moves,
        shell: moves == Some(Moves::Host),
    }
}

fn host(words: &[&str]) -> Via {
    via(Some(Moves::Host), words)
}

fn inside(words: &[&str]) -> Via {
    via(Some(Moves::Container), words)
}

fn user(words: &[&str]) -> Via {
    via(Some(Moves::User), words)
}

fn job(text: &str, root: bool, via: &[Via]) -> Job {
    let probe = Probe {
        id: "p.x".to_owned(),
        run: text.to_owned(),
        form: ProbeForm::Sh,
        on: On::Target,
        root,
        ok: vec![0],
        value: Value::Output,
        lines: 20,
        drift: Drift::Any,
        timeout: Duration::from_secs(1),
        label: Text::default(),
    };
    Job {
        id: "p.x".to_owned(),
        command: Ok(text.to_owned()),
        probe,
        via: via.to_vec(),
        is_open: false,
    }
}

/// Asserts where a job goes (options and destination of its ssh) and what runs there.
fn check(via: &[Via], hop: Option<(&[&str], &str)>, argv: &[&str]) {
    let route = Route::of(&job("a 'b'", false, via), false).unwrap();
    let found = route.first.as_ref().map(|hop| {
        let options: Vec<&str> = hop.options.iter().map(String::as_str).collect();
        (options, hop.destination.as_str())
    });
    assert_eq!(
        found,
        hop.map(|(options, destination)| (options.to_vec(), destination))
    );
    assert_eq!(route.argv, argv);
}

const HERE: &[&str] = &["sh", "-c", "a 'b'"];
const PATH_SET: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const THERE: &[&str] = &["env", "LC_ALL=C", PATH_SET, "sh", "-c", "a 'b'"];

#[test]
fn a_probe_stays_here_where_nothing_moves() {
    check(&[], None, HERE);
    check(
        &[user(&["sudo", "-u", "root"]), via(None, &["nice"])],
        None,
        HERE,
    );
    let mut here = job("x", false, &[host(&["ssh", "mx1"])]);
    here.probe.on = On::Here;
    assert_eq!(Route::of(&here, false).unwrap().first, None);
}

#[test]
fn of_sshs_words_those_stay_that_say_how_to_get_there() {
    check(&[host(&["ssh", "mx1"])], Some((&[], "mx1")), THERE);
    check(
        &[host(&[
            "ssh", "-p", "22", "-lop", "-J", "jump", "-F", "none", "-i", "key", "mx1",
        ])],
        Some((
            &[
                "-p", "22", "-l", "op", "-J", "jump", "-F", "none", "-i", "key",
            ],
            "mx1",
        )),
        THERE,
    );
    check(
        &[host(&[
            "ssh", "-tt", "-4fNp", "2222", "-L", "1:h:2", "-R3:h:4", "-D", "5", "-Wh:1", "-XYA",
            "-S", "/s", "op@mx1", "--",
        ])],
        Some((&["-4", "-p", "2222"], "op@mx1")),
        THERE,
    );
    check(
        &[host(&[
            "ssh",
            "-oUser=op",
            "-o",
            "ControlPath=/x",
            "-o",
            "requesttty force",
            "-o",
            "HostKeyAlias=m",
            "mx1",
        ])],
        Some((&["-o", "User=op", "-o", "HostKeyAlias=m"], "mx1")),
        THERE,
    );
}

#[test]
fn the_command_of_a_hop_asks_nothing_and_shares_a_connection() {
    let route = Route::of(
        &job("x", false, &[host(&["/usr/bin/ssh", "-p", "22", "op@mx1"])]),
        false,
    );
    let hop = route.unwrap().first.unwrap();
    assert_eq!(hop.host(), "mx1");
    let settings = [
        "-o",
        "ControlPath=/r/0",
        "-o",
        "BatchMode=yes",
        "-o",
        "ConnectTimeout=5",
        "-o",
        "ClearAllForwardings=yes",
        "-o",
        "ForwardAgent=no",
        "-o",
        "ForwardX11=no",
        "-o",
        "RemoteCommand=none",
        "-o",
        "PermitLocalCommand=no",
        "-p",
        "22",
    ];
    let extra = ["ControlPath=/r/0".to_owned()];
    let expect = [
        &["/usr/bin/ssh"][..],
        &settings,
        &["-T", "--", "op@mx1", "x y"],
    ]
    .concat();
    assert_eq!(hop.command(&extra, "x y"), expect);
    let expect = [
        &["/usr/bin/ssh"][..],
        &settings,
        &["-T", "-N", "--", "op@mx1"],
    ]
    .concat();
    assert_eq!(hop.connect(&extra), expect);
}

#[test]
fn nothing_that_the_line_names_runs_on_the_way() {
    let hosts: &[&[&str]] = &[
        &["./ssh", "mx1"],
        &["/tmp/ssh", "mx1"],
        &["ssh", "-oProxyCommand=reboot", "mx1"],
        &["ssh", "-o", " proxycommand reboot", "mx1"],
        &["ssh", "-o", "\"ProxyCommand\" reboot", "mx1"],
        &["ssh", "-vo", "KnownHostsCommand=/tmp/x", "mx1"],
        &["ssh", "-oPKCS11Provider=/tmp/x.so", "mx1"],
        &["ssh", "-oSecurityKeyProvider=/tmp/x.so", "mx1"],
        &["ssh", "-oXAuthLocation=/tmp/x", "mx1"],
        &["ssh", "-oInclude=/tmp/x", "mx1"],
        &["ssh", "-I", "/tmp/x.so", "mx1"],
        &["ssh", "-F", "/tmp/x", "mx1"],
        &["ssh", "-J", "a;reboot", "mx1"],
        &["ssh", "-l", "$(reboot)", "mx1"],
        &["ssh", "-oHostName=`reboot`", "mx1"],
        &["ssh", "a;reboot"],
    ];
    let containers: &[&[&str]] = &[
        &["./docker", "exec", "db1"],
        &["docker", "run", "-v", "/:/host", "image"],
        &["docker", "run", "exec"],
        &["kubectl", "debug", "-it", "web-0", "--"],
        &["lxc-execute", "-n", "x", "--"],
    ];
    let vias = hosts.iter().map(|words| host(words));
    for via in vias.chain(containers.iter().map(|words| inside(words))) {
        let route = Route::of(&job("x", false, std::slice::from_ref(&via)), false);
        assert!(
            matches!(route, Err(NotSeen::WouldRun(_))),
            "{via:?}: {route:?}"
        );
    }
}

#[test]
fn containers_are_entered_without_a_terminal() {
    let docker = inside(&["docker", "exec", "-it", "-u", "root", "db1"]);
    check(
        &[docker],
        None,
        &["docker", "exec", "-u", "root", "db1", "sh", "-c", "a 'b'"],
    );
    let kubectl = inside(&[
        "kubectl",
        "exec",
        "-n",
        "prod",
        "-ti",
        "--stdin=true",
        "web-0",
        "--",
    ]);
    check(
        &[kubectl],
        None,
        &[
            "kubectl", "exec", "-n", "prod", "web-0", "--", "sh", "-c", "a 'b'",
        ],
    );
    let kubectl = inside(&["kubectl", "exec", "web-0"]);
    check(
        &[kubectl],
        None,
        &["kubectl", "exec", "web-0", "--", "sh", "-c", "a 'b'"],
    );
}

#[test]
fn steps_nest_with_quotes() {
    check(
        &[
            host(&["ssh", "mx1"]),
            user(&["sudo"]),
            inside(&["docker", "exec", "-t", "c"]),
        ],
        Some((&[], "mx1")),
        &[
            "env", "LC_ALL=C", PATH_SET, "docker", "exec", "c", "sh", "-c", "a 'b'",
        ],
    );
    let text = format!(r"env LC_ALL=C {PATH_SET} sh -c 'a '\''b'\'''");
    check(
        &[host(&["ssh", "jump"]), host(&["ssh", "-t", "mx1"])],
        Some((&[], "jump")),
        &[
            "env",
            "LC_ALL=C",
            PATH_SET,
            "ssh",
            "-o",
            "BatchMode=yes",
            "-o",
            "ConnectTimeout=5",
            "-o",
            "ClearAllForwardings=yes",
            "-o",
            "ForwardAgent=no",
            "-o",
            "ForwardX11=no",
            "-o",
            "RemoteCommand=none",
            "-o",
            "PermitLocalCommand=no",
            "-T",
            "--",
            "mx1",
            &text,
        ],
    );
}

#[test]
fn root_is_asked_for_where_it_is_not_there_already() {
    let argv = |via: &[Via], is_root| Route::of(&job("x", true, via), is_root).unwrap().argv;
    assert_eq!(argv(&[], true), ["sh", "-c", "x"]);
    assert_eq!(argv(&[], false), ["sh", "-c", AS_ROOT, "x"]);
    let there = ["env", "LC_ALL=C", PATH_SET, "sh", "-c", AS_ROOT, "x"];
    assert_eq!(argv(&[host(&["ssh", "mx1"])], true), there);
}

#[test]
fn what_is_not_known_is_not_looked_at() {
    let mut unknown = host(&["ssh", "mx1"]);
    unknown.words[1].pieces = vec![crate::line::Piece::Unknown {
        span: Span::default(),
        quoted: false,
    }];
    let not_seen = |via: Via| Route::of(&job("x", false, &[via]), false).unwrap_err();
    assert_eq!(not_seen(unknown), NotSeen::Placeholder("…".to_owned()));
    assert_eq!(
        not_seen(host(&["ansible", "web"])),
        NotSeen::NotStarted("ansible".to_owned())
    );
    assert_eq!(
        not_seen(host(&["ssh", "-v"])),
        NotSeen::NotStarted("ssh".to_owned())
    );
    let mut unfilled = job("x", false, &[]);
    unfilled.command = Err(NotSeen::Placeholder("{flag.-x}".to_owned()));
    let placeholder = NotSeen::Placeholder("{flag.-x}".to_owned());
    assert_eq!(Route::of(&unfilled, false).unwrap_err(), placeholder);
}

#[test]
fn powershell_is_asked_as_the_line_asks_it() {
    let ask = |via: &[Via]| {
        let mut job = job("Get-Queue", false, via);
        job.probe.form = ProbeForm::Pwsh;
        let route = Route::of(&job, false).unwrap();
        (
            route.first.map(|hop| hop.destination),
            join(&route.argv),
            shown(&job),
        )
    };
    let options = "-NoProfile -NonInteractive";
    let encoded = "-EncodedCommand RwBlAHQALQBRAHUAZQB1AGUA";
    let pwsh = via(None, &["pwsh", "-Command"]);
    assert_eq!(
        ask(&[pwsh]),
        (
            None,
            format!("pwsh {options} {encoded}"),
            format!("pwsh {options} -Command Get-Queue")
        )
    );
    // No `env` and no `sh` on a Windows host.
    let powershell = via(None, &["powershell"]);
    assert_eq!(
        ask(&[host(&["ssh", "ann@exch01"]), powershell]),
        (
            Some("ann@exch01".to_owned()),
            format!("powershell {options} {encoded}"),
            format!("ssh ann@exch01 'powershell {options} -Command Get-Queue'")
        )
    );
    assert_eq!(ask(&[]).1, format!("pwsh {options} {encoded}"));
    let mut elsewhere = job("Get-Queue", false, &[via(None, &["./pwsh"])]);
    elsewhere.probe.form = ProbeForm::Pwsh;
    assert_eq!(
        Route::of(&elsewhere, false),
        Err(NotSeen::WouldRun("./pwsh".to_owned()))
    );
}

#[test]
fn a_person_is_shown_what_a_person_would_type() {
    let mx1 = [host(&["ssh", "-t", "-p", "22", "mx1"])];
    let db1 = [inside(&["docker", "exec", "-it", "db1"])];
    let cases = [
        (job("postqueue -j", false, &[]), "postqueue -j"),
        (job("postqueue -j", true, &[]), "sudo postqueue -j"),
        (job("a | b", true, &[]), "sudo sh -c 'a | b'"),
        (
            job("postqueue -j", false, &mx1),
            "ssh -p 22 mx1 'postqueue -j'",
        ),
        (
            job("a | b", true, &mx1),
            r"ssh -p 22 mx1 'sudo sh -c '\''a | b'\'''",
        ),
        // Typed as it is, it would end the shell of whoever looks.
        (job("a || exit 1; b", false, &[]), "(a || exit 1; b)"),
        (job("exec lsblk; x", false, &[]), "(exec lsblk; x)"),
        (job("a; x=exited", false, &[]), "a; x=exited"),
        (
            job("a || exit 1", false, &mx1),
            "ssh -p 22 mx1 'a || exit 1'",
        ),
        (job("psql -l", false, &db1), "docker exec db1 psql -l"),
        (job("a | b", false, &db1), "docker exec db1 sh -c 'a | b'"),
    ];
    for (job, expect) in cases {
        assert_eq!(shown(&job), expect);
    }
}
