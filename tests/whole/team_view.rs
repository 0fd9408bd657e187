//! What people see of the team's runs: what happened, what comes, what runs now; and what is settled.
#![expect(
    clippy::disallowed_methods,
    reason = "runs kanmonctl against a real server"
)]

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Output, Stdio};

use kanmon::gate::Ledger as _;
use kanmon::gate::world::{Guards, Targets};
use tempfile::TempDir;

use crate::cluster::Cluster;
use crate::machine::Host;
use crate::pty::PtyCommand;
use crate::rehearsal::SetClock;
use crate::team::{ledger, local, store};
use crate::team_audit::run;
use crate::team_runs::{at, cleared, ended, entry, gap, opened, started, ways};

/// Returns `kanmonctl` with these words.
fn ctl(words: &[&str], locale: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kanmonctl"));
    command.args(words).env_clear().env("LC_ALL", locale);
    command
}

/// Runs it.
fn done(words: &[&str]) -> Output {
    ctl(words, "C.UTF-8").output().unwrap()
}

/// Runs it and returns what it wrote, where it ends well.
#[track_caller]
fn said(words: &[&str]) -> String {
    let done = done(words);
    assert!(done.status.success(), "{done:?}");
    String::from_utf8(done.stdout).unwrap()
}

/// Runs it and returns what it wrote of its failure.
#[track_caller]
fn refused(words: &[&str]) -> String {
    let done = done(words);
    assert_eq!(done.status.code(), Some(125), "{done:?}");
    String::from_utf8(done.stderr).unwrap()
}

/// A store with two hosts and an auditor, and a folder for the hosts' ledgers.
fn two_hosts() -> (Cluster, TempDir) {
    let cluster = store(&["web1", "web2"]);
    cluster.sql("CREATE ROLE aud LOGIN IN ROLE kanmon_auditor; CREATE ROLE guest LOGIN");
    (cluster, TempDir::new().unwrap())
}

#[test]
fn the_runs_of_all_hosts_are_listed_shown_and_exported() {
    let (cluster, folder) = two_hosts();
    let clock = SetClock::new();
    let mut web1 = ledger(folder.path(), "web1", &cluster.url("web1"));
    let mut web2 = ledger(folder.path(), "web2", &cluster.url("web2"));
    run(&mut web1, "20261127T080000-aaaaaa", ended(0), &clock);
    run(&mut web2, "20261127T080000-bbbbbb", ended(3), &clock);
    web1.append(&entry("20261127T080000-cccccc", opened("t", "1")), &clock)
        .unwrap();
    web1.in_the_way(&Guards::default(), &clock).unwrap();
    let url = cluster.url("aud");
    let list = said(&["log", "--team", "--url", &url]);
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines.len(), 3, "{list}");
    let told = "not cleared so far: being asked, or the gate was killed  bill";
    assert!(
        lines[0].starts_with("web1  20261127T080000-cccccc  "),
        "{list}"
    );
    assert!(lines[0].ends_with(&format!("ann  t  {told}")), "{list}");
    assert!(
        lines[1].starts_with("web2  20261127T080000-bbbbbb  "),
        "{list}"
    );
    assert!(lines[1].ends_with("ann  t  failed 3  bill"), "{list}");
    assert!(lines[2].ends_with("ann  t  ended 0  bill"), "{list}");
    let one = said(&[
        "log", "list", "-n", "1", "--team", "--host", "web2", "--url", &url,
    ]);
    assert_eq!(one.trim_end(), lines[1]);
    let show = said(&["log", "show", "bbbb", "--team", "--url", &url]);
    assert!(show.starts_with("store     web2  "), "{show}");
    assert!(
        show.contains("cleared") && show.contains("ended with 3"),
        "{show}"
    );
    let json = said(&["log", "show", "aaaaaa", "--team", "--json", "--url", &url]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["host"], &json["outcome"]["status"]),
        (&"web1".into(), &0.into())
    );
    let table = said(&["log", "export", "--csv", "--team", "--url", &url]);
    assert!(
        table.contains("20261127T080000-bbbbbb,ann,web2 ()"),
        "{table}"
    );
    let none = refused(&["log", "show", "dddddd", "--team", "--url", &url]);
    assert!(none.contains("there is no run `dddddd`"), "{none}");
    for role in ["web1", "guest"] {
        let denied = refused(&["log", "--team", "--url", &cluster.url(role)]);
        assert!(denied.contains("permission denied"), "{denied}");
    }
    let alone = refused(&["log", "--host", "web1"]);
    assert!(alone.contains("--url and --host go with --team"), "{alone}");
}

/// A `log --follow` that tells what comes.
struct Following {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Following {
    /// Starts it and waits until nothing can be missed.
    fn start(words: &[&str]) -> Self {
        let mut child = ctl(words, "C.UTF-8")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut begun = String::new();
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        errors.read_line(&mut begun).unwrap();
        assert!(begun.contains("what is recorded from now on"), "{begun}");
        // Nobody else reads it; a full pipe must not hold it up.
        std::thread::spawn(move || errors.read_to_end(&mut Vec::new()));
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Returns its next lines, without their times.
    fn next(&mut self, count: usize) -> Vec<String> {
        let lines = self.lines.by_ref().take(count);
        lines.map(|line| line.unwrap()).collect()
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Checks the lines of a run's four records.
#[track_caller]
fn check_run(lines: &[String], before: &str, id: &str) {
    assert!(
        lines[0].starts_with(&format!("{before}{id}  ")),
        "{lines:?}"
    );
    assert!(lines[0].ends_with("ann  r at t  bill"), "{lines:?}");
    let words = ["cleared", "started", "ended with 0"];
    for (line, word) in lines[1..].iter().zip(words) {
        assert!(line.starts_with(before) && line.contains(word), "{line}");
    }
}

#[test]
fn what_comes_is_told_once_of_every_host_where_the_server_says_so_and_where_it_does_not() {
    let (cluster, folder) = two_hosts();
    let clock = SetClock::new();
    let mut web1 = ledger(folder.path(), "web1", &cluster.url("web1"));
    let mut web2 = ledger(folder.path(), "web2", &cluster.url("web2"));
    run(&mut web1, "before", ended(0), &clock);
    let url = cluster.url("aud");
    let words = ["log", "--follow", "--team", "--url", &url];
    let mut following = Following::start(&words);
    assert_eq!(cluster.sql("SELECT login FROM kanmon.follower"), "aud");
    run(&mut web1, "a", ended(0), &clock);
    check_run(&following.next(4), "web1  ", "a");
    // A chain that was not there yet.
    run(&mut web2, "b", ended(0), &clock);
    check_run(&following.next(4), "web2  ", "b");
    drop(following);
    // One host's alone, as JSON, over tables that tell nobody anything.
    cluster.sql("DROP TRIGGER record_is_told ON kanmon.record; DROP FUNCTION kanmon.follow()");
    let mut following = Following::start(&[&words[..], &["--host", "web2", "--json"]].concat());
    run(&mut web1, "c", ended(0), &clock);
    run(&mut web2, "d", ended(0), &clock);
    let lines = following.next(4);
    for (line, kind) in lines.iter().zip(["opened", "cleared", "started", "ended"]) {
        let json: serde_json::Value = serde_json::from_str(line).unwrap();
        let seen = (&json["host"], &json["run"], &json["event"]["kind"]);
        assert_eq!(seen, (&"web2".into(), &"d".into(), &kind.into()));
    }
    let denied = refused(&["log", "--follow", "--team", "--url", &cluster.url("web1")]);
    assert!(denied.contains("permission denied"), "{denied}");
}

#[test]
fn on_a_narrow_terminal_what_goes_on_of_a_record_is_set_in() {
    let (cluster, folder) = two_hosts();
    let mut web1 = ledger(folder.path(), "web1", &cluster.url("web1"));
    let url = cluster.url("aud");
    let mut pty = PtyCommand::new(env!("CARGO_BIN_EXE_kanmonctl"))
        .args(["log", "--follow", "--team", "--url", &url])
        .env("LC_ALL", "C.UTF-8")
        .size(40, 24)
        .spawn();
    pty.wait_for("Ctrl-C");
    run(&mut web1, "a-rather-long-id", ended(0), &SetClock::new());
    pty.wait_for("ended with 0");
    let screen = pty.screen();
    let mut rows = screen.lines().skip_while(|row| !row.starts_with("web1"));
    let next = rows.by_ref().nth(1).unwrap_or_default();
    assert!(next.starts_with("  ann"), "{screen}");
}

#[test]
fn what_one_host_sent_hides_nothing_of_the_others() {
    let (cluster, folder) = two_hosts();
    let clock = SetClock::new();
    let mut web1 = ledger(folder.path(), "web1", &cluster.url("web1"));
    let url = cluster.url("aud");
    let words = ["log", "--follow", "--team", "--url", &url];
    let mut following = Following::start(&words);
    // As a newer kanmon or a broken one would: under a name of its own, and under that of another's run.
    for (seq, run) in [(1, "odd"), (2, "a")] {
        let zeros = "decode(repeat('00', 32), 'hex')";
        cluster
            .sql_as(
                "web2",
                &format!(
                    "SELECT kanmon.add_record('odd', {seq}, '{run}', 'opened', '2026-11-27', 0, 'b', '{{}}', \
                     {zeros}, {zeros}, 0, NULL, 'eve', false, ARRAY['r'], ARRAY['t'], ARRAY['{{}}'])"
                ),
            )
            .unwrap();
    }
    run(&mut web1, "a", ended(0), &clock);
    check_run(&following.next(4), "web1  ", "a");
    let listed = done(&["log", "list", "--team", "--url", &url]);
    assert!(listed.status.success(), "{listed:?}");
    let (runs, said) = (listed.stdout, String::from_utf8(listed.stderr).unwrap());
    let runs = String::from_utf8(runs).unwrap();
    assert!(
        runs.contains("web1  a  ") && runs.contains("ended 0"),
        "{runs}"
    );
    for seq in [1, 2] {
        let told = format!("record {seq} of web2, chain odd, cannot be read and is left out");
        assert!(said.contains(&told), "{said}");
    }
    let story = said_of(&[
        "log", "show", "a", "--host", "web1", "--team", "--url", &url,
    ]);
    assert!(!story.contains("cannot be read"), "{story}");
}

/// Runs it and returns all that it wrote, where it ends well.
#[track_caller]
fn said_of(words: &[&str]) -> String {
    let done = done(words);
    assert!(done.status.success(), "{done:?}");
    String::from_utf8([done.stdout, done.stderr].concat()).unwrap()
}

#[test]
fn what_comes_to_a_hosts_own_ledger_is_told() {
    let folder = TempDir::new().unwrap();
    let clock = SetClock::new();
    let mut web1 = local(folder.path(), "web1");
    let append = |web1: &mut kanmon::ledger::SqliteLedger, id: &str| {
        for event in [opened("t", "1"), cleared(), started(), ended(0)] {
            web1.append(&entry(id, event), &clock).unwrap();
        }
    };
    append(&mut web1, "before");
    let path = folder.path().join("web1/ledger.db").display().to_string();
    let mut following = Following::start(&["log", "--follow", "--ledger", &path]);
    append(&mut web1, "a");
    check_run(&following.next(4), "", "a");
    let alone = refused(&["log", "verify", "--follow", "--ledger", &path]);
    assert!(alone.contains("unexpected argument '--follow'"), "{alone}");
}

#[test]
fn who_says_what_is_asked_and_what_runs_on_which_host() {
    let (cluster, folder) = two_hosts();
    let clock = SetClock::new();
    let mut web1 = ledger(folder.path(), "web1", &cluster.url("web1"));
    let mut web2 = ledger(folder.path(), "web2", &cluster.url("web2"));
    let nothing = said(&["who", "--url", &cluster.url("web1")]);
    assert_eq!(nothing, "nothing is asked or runs\n");
    web1.append(&entry("a", opened("mx1", "1")), &clock)
        .unwrap();
    web1.in_the_way(&Guards::default(), &clock).unwrap();
    for event in [opened("mx2", "1"), cleared(), started()] {
        match event {
            event if event == cleared() => drop(
                web2.clear(
                    &entry("b", event),
                    &Guards::default(),
                    &mut Vec::new,
                    &clock,
                )
                .unwrap(),
            ),
            event => drop(web2.append(&entry("b", event), &clock).unwrap()),
        }
    }
    cluster.sql("CREATE ROLE app LOGIN IN ROLE kanmon_approver");
    for role in ["web1", "app", "aud"] {
        let who = said(&["who", "--url", &cluster.url(role)]);
        let lines: Vec<&str> = who.lines().collect();
        assert_eq!(lines.len(), 2, "{who}");
        assert!(lines[0].starts_with("web1  ann  asked for "), "{who}");
        assert!(lines[0].ends_with("s, waits for ann  r at mx1  a"), "{who}");
        assert!(lines[1].starts_with("web2  ann  runs for "), "{who}");
        assert!(lines[1].ends_with("s  r at mx2  b"), "{who}");
    }
    // Whose yes it waits for is said once others are asked.
    let ask = "SELECT kanmon.ask('a-1', 'a', '{ann}', 'x', 'x', '{2,1}', '{\"\",leads}', 60000)";
    cluster.sql_as("web1", ask).unwrap();
    for role in ["web1", "app", "aud"] {
        let who = said(&["who", "--url", &cluster.url(role)]);
        let waits = "s, waits for approval: 2 by anybody else, 1 of group leads  r at mx1  a\n";
        assert!(who.contains(waits), "{who}");
    }
    let url = cluster.url("app");
    let json = said(&["who", "--json", "--url", &url]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["runs"][0]["waits_for"]["request"], "a-1");
    cluster
        .sql_as("web1", "SELECT kanmon.withdraw('a-1')")
        .unwrap();
    let japanese = ctl(&["who", "--url", &url], "ja_JP.UTF-8")
        .output()
        .unwrap();
    let japanese = String::from_utf8(japanese.stdout).unwrap();
    assert!(
        japanese.contains("ann の回答待ち") && japanese.contains("実行中 "),
        "{japanese}"
    );
    let json = said(&["who", "--json", "--url", &url]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["scope"], "team");
    assert_eq!(json["runs"][0]["waits_for"]["person"], "ann");
    assert_eq!(json["runs"][1]["state"], "under-way");
    let denied = refused(&["who", "--url", &cluster.url("guest")]);
    assert!(denied.contains("permission denied"), "{denied}");
}

#[test]
fn who_says_so_where_it_sees_this_host_alone() {
    let cluster = store(&["web1"]);
    cluster.sql("CREATE ROLE guest LOGIN");
    let Some(host) = Host::new() else { return };
    // Whoever may read /etc/kanmon there is root; the socket's folder is open to all.
    let script = |role: &str, locale: &str| {
        format!(
            "cat > /etc/kanmon/config.toml <<'END'\nstore = \"{}\"\nEND\n\
             LC_ALL={locale} kanmonctl who; echo status $?",
            cluster.url(role)
        )
    };
    let seen = host.run(&script("web1", "C.UTF-8"));
    assert_eq!(seen, "nothing is asked or runs\nstatus 0\n");
    let denied = host.run(&script("guest", "C.UTF-8"));
    let told = "nothing is asked or runs\nOnly your own runs are seen: ";
    assert!(denied.starts_with(told), "{denied}");
    assert!(
        denied.ends_with(": permission denied for schema kanmon\nstatus 0\n"),
        "{denied}"
    );
    let japanese = host.run(&script("guest", "ja_JP.UTF-8"));
    assert!(
        japanese.contains("見えているのは本人の分だけです: "),
        "{japanese}"
    );
    // Whoever may not read what the host logs in by is asked for a role of their own.
    cluster.sql("CREATE ROLE bob LOGIN IN ROLE kanmon_approver");
    let own = format!(
        "cat > /etc/kanmon/config.toml <<'END'\nstore = \"{}&passfile=/etc/kanmon/store.pass\"\nEND\n\
         echo '*:*:*:web1:x' > /etc/kanmon/store.pass; chown 65534 /etc/kanmon/store.pass; chmod 0600 /etc/kanmon/store.pass
         PGUSER=bob kanmonctl who; echo status $?",
        cluster.url("web1")
    );
    assert_eq!(host.run(&own), "nothing is asked or runs\nstatus 0\n");
}

#[test]
fn a_list_without_rows_says_so_to_a_person() {
    let cluster = store(&["web1"]);
    cluster.sql("CREATE ROLE aud LOGIN IN ROLE kanmon_auditor");
    let url = cluster.url("aud");
    let lists = [
        (["log", "list"], "no runs", "実行の記録はありません"),
        (["permit", "list"], "no permits", "許可はありません"),
    ];
    for (words, english, japanese) in lists {
        let words = [words.as_slice(), &["--team", "--url", &url]].concat();
        for (locale, told) in [("C.UTF-8", english), ("ja_JP.UTF-8", japanese)] {
            let mut pty = PtyCommand::new(env!("CARGO_BIN_EXE_kanmonctl"))
                .args(&words)
                .env("LC_ALL", locale)
                .spawn();
            pty.wait_for(told);
            assert_eq!(pty.wait_exit().code(), Some(0));
        }
        assert_eq!(said(&words), "", "a program reads no line");
        assert_eq!(said(&[words.as_slice(), &["--json"]].concat()), "[]\n");
    }
}

#[test]
fn the_owner_settles_a_run_whose_host_never_comes_back() {
    let (cluster, folder) = two_hosts();
    let clock = SetClock::new();
    let mut web1 = ledger(folder.path(), "web1", &cluster.url("web1"));
    let mut web2 = ledger(folder.path(), "web2", &cluster.url("web2"));
    web1.append(&entry("a", opened("t", "1")), &clock).unwrap();
    let go = entry("a", cleared());
    web1.clear(&go, &Guards::default(), &mut Vec::new, &clock)
        .unwrap();
    web1.append(&entry("a", started()), &clock).unwrap();
    drop(web1);
    let mut stands = || ways(&web2.in_the_way(&gap(at("t")), &clock).unwrap());
    assert_eq!(stands(), "a under way");
    let settle = |role: &str, run: &str, reason: &str| {
        let url = cluster.url(role);
        done(&[
            "store", "settle", "web1", run, "--reason", reason, "--url", &url,
        ])
    };
    for role in ["web1", "web2", "aud", "guest"] {
        let denied = settle(role, "a", "burnt");
        assert_eq!(denied.status.code(), Some(125), "{denied:?}");
        assert_eq!(stands(), "a under way");
    }
    assert_eq!(settle("postgres", "a", " ").status.code(), Some(125));
    let settled = settle("postgres", "a", "the host burnt down");
    assert_eq!(settled.stdout, b"settled  a of web1\n");
    // It counts as one that ended now, and not well.
    assert_eq!(stands(), "a recent");
    assert_eq!(
        cluster.sql("SELECT host, run, login, reason FROM kanmon.settled"),
        "web1|a|postgres|the host burnt down"
    );
    let again = settle("postgres", "a", "once more");
    let again = String::from_utf8(again.stderr).unwrap();
    assert!(
        again.contains("no run `a` of `web1` is under way"),
        "{again}"
    );
    let url = cluster.url("aud");
    let list = said(&["log", "--team", "--url", &url]);
    assert!(list.ends_with("ann  t  unknown  bill\n"), "{list}");
    assert!(said(&["log", "verify", "--store", "--url", &url]).contains("each as it was written"));
    // Should it come back all the same, its end is known.
    let mut web1 = ledger(folder.path(), "web1", &cluster.url("web1"));
    web1.append(&entry("a", ended(0)), &clock).unwrap();
    let list = said(&["log", "--team", "--url", &url]);
    assert!(list.ends_with("ann  t  ended 0  bill\n"), "{list}");
    said(&["log", "verify", "--store", "--url", &url]);
    let any = gap(Targets::Any);
    assert_eq!(ways(&web2.in_the_way(&any, &clock).unwrap()), "a recent");
}
