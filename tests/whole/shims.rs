//! The gate under other programs' names: scripts, cron, `at`, and what a shim may not change.
#![expect(
    clippy::disallowed_methods,
    reason = "starts the programs under test and reads what they wrote"
)]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use kanmon::gate::origin::JobOf;
use kanmon::ledger::history::Outcome;
use tempfile::TempDir;

use crate::gate::play;
use crate::machine::Host;
use crate::people::People;
use crate::stage::{self, Stage};
use crate::untouched::{entry, report_of, state};

const KANMON: &str = env!("CARGO_BIN_EXE_kanmon");
const KANMONCTL: &str = env!("CARGO_BIN_EXE_kanmonctl");

/// A folder with shims and programs behind them.
struct Shims(TempDir);

impl Shims {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Puts a link to the gate there.
    fn link(&self, to: impl AsRef<Path>, name: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(to, path).unwrap();
    }

    /// Puts a program there that says who it is, how it was called and with what.
    fn program(&self, name: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\necho {name} \"$@\"\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Starts what the first of these folders has under the name `x`.
    fn x(&self, folders: &[&str]) -> Output {
        let path = folders
            .iter()
            .map(|folder| match folder.starts_with('/') {
                true => (*folder).to_owned(),
                false => self.path(folder).display().to_string(),
            })
            .collect::<Vec<_>>()
            .join(":");
        Command::new(self.path("one/x"))
            .arg0("x")
            .args(["a", "--drill", ""])
            .env_clear()
            .env("PATH", path)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }
}

/// What a program wrote.
fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_shim_starts_the_next_program_of_its_name_and_no_shim_ever() {
    let shims = Shims::new();
    shims.link(KANMON, "one/x");
    // Another shim folder, a link to a link, a copy of the gate, a hard link to that copy.
    shims.link(KANMON, "two/x");
    shims.link(shims.path("two/x"), "three/x");
    fs::create_dir(shims.path("four")).unwrap();
    // By another process: what this one has open for writing another test's child would hold.
    let copied = Command::new("cp")
        .arg(KANMON)
        .arg(shims.path("four/x"))
        .status();
    assert!(copied.unwrap().success());
    fs::create_dir(shims.path("five")).unwrap();
    fs::hard_link(shims.path("four/x"), shims.path("five/x")).unwrap();
    shims.program("real/x");
    shims.program("later/x");
    let five = ["one", "two", "three", "four", "five"];
    for folders in [
        &["one", "real"][..],
        &["one", "one", "real", "one", "later"],
        &["real"],
        &["real", "one"],
        &["two", "one", "three", "four", "five", "real", "later"],
        &["five", "four", "real"],
    ] {
        let output = shims.x(folders);
        assert_eq!(said(&output), "real/x a --drill \n", "{folders:?}");
        assert_eq!(output.status.code(), Some(0));
    }
    // Nothing but shims: none of them starts another.
    for folders in [&["one"][..], &five, &["/nonexistent"], &["five", "four"]] {
        let output = shims.x(folders);
        assert_eq!(output.status.code(), Some(127), "{folders:?}");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.starts_with("kanmon: `x` not found\n"), "{told}");
    }
    fs::set_permissions(shims.path("real/x"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(shims.x(&["one", "real"]).status.code(), Some(126));
    assert_eq!(
        said(&shims.x(&["one", "real", "later"])),
        "later/x a --drill \n"
    );
}

#[test]
fn what_a_shim_starts_inherits_what_it_would_without() {
    let shims = Shims::new();
    fs::create_dir_all(shims.path("real")).unwrap();
    fs::create_dir_all(shims.path("shims")).unwrap();
    // Its name stands nowhere: passed without a look. `reboot` is one that rules name, and passes
    // after a reading.
    for (name, argument) in [("state", "x"), ("reboot", "--help")] {
        symlink(state(), shims.path("real").join(name)).unwrap();
        let path = format!(
            "PATH={}:{}:/usr/bin:/bin",
            shims.path("shims").display(),
            shims.path("real").display()
        );
        let path = entry(path.as_bytes());
        for settings in [
            vec![],
            vec!["close=0"],
            vec!["close=0", "close=1", "close=2"],
            vec!["open=3", "open=9", "nonblock=9"],
            vec!["ignore=13", "ignore=17", "block=10", "pending=12"],
            vec!["umask=077", "nice=7", "nofile=260", "alarm=100"],
        ] {
            let mut settings: Vec<String> = settings.into_iter().map(str::to_owned).collect();
            settings.push(path.clone());
            let run = || {
                report_of(
                    shims.0.path(),
                    &settings,
                    &["/usr/bin/env".as_ref(), name.as_ref()],
                    &[argument.into(), "\u{ff}".into()],
                )
            };
            let direct = run();
            shims.link(KANMON, &format!("shims/{name}"));
            let gated = run();
            assert_eq!(direct, gated, "{name} {settings:?}");
            fs::remove_file(shims.path("shims").join(name)).unwrap();
        }
    }
}

#[test]
fn exit_statuses_and_deaths_go_through_a_shim() {
    let shims = Shims::new();
    shims.link(KANMON, "shims/state");
    let start = |arguments: &[&str]| {
        Command::new(shims.path("shims/state"))
            .args(arguments)
            .env("PATH", state().parent().unwrap())
            .output()
            .unwrap()
    };
    for status in ["0", "1", "124", "125", "255"] {
        let output = start(&["exit", status]);
        assert_eq!(output.status.code(), status.parse().ok());
        assert!(output.stderr.is_empty());
    }
    for signal in [1, 9, 13, 15] {
        let output = start(&["die", &signal.to_string()]);
        assert_eq!(output.status.signal(), Some(signal));
    }
}

#[test]
fn a_shim_knows_itself_by_what_was_executed_whatever_its_first_word_says() {
    let shims = Shims::new();
    shims.link(KANMON, "shims/x");
    shims.link(KANMON, "shims/y");
    shims.link("y", "shims/z");
    for name in ["x", "y", "z", "ls"] {
        shims.program(&format!("real/{name}"));
    }
    let start = |script: &str| {
        let path = format!(
            "{}:{}",
            shims.path("shims").display(),
            shims.path("real").display()
        );
        let output = Command::new("/bin/bash")
            .args(["-c", script])
            .env_clear()
            .env("PATH", path)
            .env("SHELL", "/bin/false")
            .stdin(Stdio::null())
            .output();
        output.unwrap()
    };
    for (script, expected) in [
        ("exec -a ls x 1", "real/x 1\n"),
        ("exec -a kanmon x --help", "real/x --help\n"),
        ("exec -a '' x 1", "real/x 1\n"),
        ("exec -a /bin/ls x 1", "real/x 1\n"),
        // A link to a shim is what it is called itself.
        ("exec -a x z 1", "real/z 1\n"),
        ("exec -c -a ls x 1", "real/x 1\n"),
    ] {
        // Without an environment nothing is found: that is all that is said then.
        let output = start(script);
        match script.contains(" -c ") {
            true => assert_eq!(output.status.code(), Some(127), "{script}"),
            false => assert_eq!(said(&output), expected, "{script}"),
        }
    }
    // A dash before it is a login shell's; what `kanmonctl shim` made is none.
    assert_eq!(start("exec -l x").status.code(), Some(1));
    fs::write(shims.path("shims/.kanmon-shims"), "").unwrap();
    assert_eq!(said(&start("exec -l x 1")), "real/x 1\n");
}

#[test]
fn a_held_shim_under_another_name_is_held_as_what_it_is() {
    let (stage, path) = staged(&["middling"]);
    let mut pty = stage
        .program("/bin/bash")
        .args(["-c", "exec -a ls middling x"])
        .env("PATH", path)
        .spawn();
    play(&mut pty, &[("Shall it run?", "y\n")]);
    assert_eq!(pty.wait_exit().code(), Some(0));
    // The stand-in is a script: its first word is its own path.
    assert_eq!(stage.ran(), ["middling x"]);
    assert_eq!(stage.run().line, "middling x");
}

/// Makes a stage with a folder of shims for these programs, which come first.
fn staged(programs: &[&str]) -> (Stage, String) {
    let stage = Stage::new();
    fs::create_dir(stage.path("shims")).unwrap();
    for program in programs {
        symlink(stage::rehearse(), stage.path("shims").join(program)).unwrap();
    }
    let path = format!(
        "{}:{}:/usr/bin:/bin",
        stage.path("shims").display(),
        stage.path("bin").display()
    );
    (stage, path)
}

#[test]
fn a_held_line_of_a_script_is_asked_about_and_its_callers_are_on_the_record() {
    let (stage, path) = staged(&["middling"]);
    fs::write(
        stage.path("deploy.sh"),
        "#!/bin/sh\nmiddling 'a b' exit 3\necho status=$?\n",
    )
    .unwrap();
    let mut pty = stage
        .program("/bin/sh")
        .args(["deploy.sh", "--token=hunter2"])
        .env("PATH", path)
        .spawn();
    play(&mut pty, &[("Shall it run?", "y\n")]);
    pty.wait_for("status=0");
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert_eq!(stage.ran(), ["middling a b exit 3"]);
    let run = stage.run();
    assert_eq!(
        (run.door.as_str(), run.line.as_str()),
        ("shim", "middling 'a b' exit 3")
    );
    let caller = &run.who.origin.callers[0];
    assert_eq!(caller.name, "sh");
    assert_eq!(caller.line, "/bin/sh deploy.sh --token=****");
    assert_eq!((run.who.origin.job, &run.who.origin.run), (None, &None));
    let shown = shown(&stage.ledger(), &run.id.0, "C.UTF-8");
    assert!(
        shown.contains(&format!(
            "caller    {} sh: /bin/sh deploy.sh --token=****\n",
            caller.pid
        )),
        "{shown}"
    );
}

/// What `log show` says of a run.
pub(crate) fn shown(ledger: &Path, run: &str, locale: &str) -> String {
    let output = Command::new(KANMONCTL)
        .args(["log", "show", run, "--ledger"])
        .arg(ledger)
        .env("LC_ALL", locale)
        .output()
        .unwrap();
    assert!(output.status.success());
    said(&output)
}

#[test]
fn without_a_terminal_a_shim_does_not_run_what_is_held() {
    let (stage, path) = staged(&["middling"]);
    let output = stage.program("/usr/bin/setsid").args(["-w", "middling"]);
    let mut pty = output.env("PATH", path).spawn();
    assert_eq!(pty.wait_exit().code(), Some(124));
    stage.assert_not_cleared("no-terminal");
}

#[test]
fn behind_the_prefix_a_shim_does_not_ask_again() {
    let (stage, path) = staged(&["middling"]);
    let mut pty = stage.gate(&["middling", "x"]).env("PATH", path).spawn();
    play(&mut pty, &[("Shall it run?", "y\n")]);
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert_eq!(stage.ran(), ["middling x"]);
    assert_eq!(stage.run().outcome, Outcome::Ended { status: 0 });
}

/// In a world of people: a folder of shims, `$SHIMS` a `PATH` in which it comes first, a permit of
/// ann's as `permit`, and what the daemons of jobs need.
const JOBS: &str = r#"
$CTL init --host >/dev/null || exit 99
mkdir shims out; chmod 777 out
ln -s "$REHEARSE" shims/critically
SHIMS=$PWD/shims:$PATH
mount -t tmpfs none /var/spool/cron; mkdir /var/spool/cron/crontabs
mkdir -p /var/lib/run
permit() { as ann $CTL permit add --rule 't.*' --target '*' --until 1h --by CAB --reason planned --user bob >/dev/null; }
ended() { until [ -s out/status ]; do sleep 0.05; done; cat out/status; }
"#;

/// Plays a script about jobs to its end, waiting for these words, and returns what it wrote.
fn jobs(people: &People, script: &str, words: &[&str]) -> String {
    let script =
        format!("{JOBS}\n{script}\ncp /var/lib/kanmon/ledger/ledger.db copy.db; echo through");
    let mut pty = people
        .script(&script)
        .env("REHEARSE", stage::rehearse())
        .spawn();
    for word in words {
        pty.wait_for(word);
    }
    pty.wait_for("through");
    pty.screen()
}

#[test]
fn a_shim_in_a_job_of_debians_cron_is_cleared_by_a_permit_and_held_without_one() {
    let Some(people) = People::new() else { return };
    let script = r#"mkdir cron.d
        { env | grep -E '^REHEARSE_'
          echo "PATH=$SHIMS"
          echo "XDG_STATE_HOME=$PWD/own/bob"
          echo "@reboot bob critically now >$PWD/out/\$(date +\%N) 2>&1; echo status=\$? >$PWD/out/status"
        } > cron.d/job
        : > crontab
        mount --bind cron.d /etc/cron.d; mount --bind crontab /etc/crontab
        daemon() {
          mount -t tmpfs none /run; rm -f out/status
          unshare -pf --kill-child --mount-proc /usr/sbin/cron -f &
          ended
          kill -9 $!; wait $!; umount /run
        } 2>/dev/null
        daemon; permit; daemon"#;
    jobs(&people, script, &["status=124", "status=0"]);
    assert_eq!(people.0.ran(), ["critically now"]);
    let runs = stage::runs(&people.0.path("copy.db"));
    assert_eq!(runs.len(), 2);
    for run in &runs {
        assert_eq!(
            (run.door.as_str(), run.line.as_str()),
            ("shim", "critically now")
        );
        let origin = &run.who.origin;
        assert_eq!(origin.job, Some(JobOf::Cron));
        let names: Vec<&str> = origin
            .callers
            .iter()
            .map(|caller| caller.name.as_str())
            .collect();
        assert_eq!(names, ["sh", "cron"]);
        assert!(
            origin.callers[0]
                .line
                .starts_with("/bin/sh -c 'critically now >")
        );
    }
    assert_eq!(runs[0].outcome, Outcome::Ended { status: 0 });
    let reason = "no-terminal".to_owned();
    assert_eq!(runs[1].outcome, Outcome::NotCleared { reason });
    let shown = shown(&people.0.path("copy.db"), &runs[0].id.0, "ja_JP.UTF-8");
    assert!(shown.contains("ジョブ    cron が開始\n"), "{shown}");
}

#[test]
fn a_shim_in_a_job_of_debians_at_names_the_run_that_scheduled_it() {
    let Some(people) = People::new() else { return };
    // The daemon ends with its namespace.
    let script = r#"mount -t tmpfs none /run
        mkdir -p /var/spool/cron/atjobs /var/spool/cron/atspool
        touch /var/spool/cron/atjobs/.SEQ
        chown -R daemon:daemon /var/spool/cron/at*; chmod 1770 /var/spool/cron/at*
        unshare -pf --kill-child --mount-proc /usr/sbin/atd -f &
        until [ -s /run/atd.pid ]; do sleep 0.05; done
        # Its number in the namespace is another than here, where `at` would wake it.
        echo $(pgrep -P $!) >/run/atd.pid
        export PATH=$SHIMS
        permit
        job='critically later >out/said 2>&1; echo status=$? >out/status'
        as bob kanmon -c "echo '$job' | at -M now"; echo scheduled=$?
        ended; rm out/status
        # One that was not scheduled through the gate.
        echo "$job" | as bob at -M now
        ended
        kill -9 $!; wait $! 2>/dev/null"#;
    jobs(&people, script, &["scheduled=0", "status=0", "status=0"]);
    assert_eq!(people.0.ran(), ["critically later", "critically later"]);
    let runs = stage::runs(&people.0.path("copy.db"));
    let [alone, job, scheduled] = runs.as_slice() else {
        panic!("{runs:?}")
    };
    assert!(scheduled.line.contains("| at -M now"), "{scheduled:?}");
    assert_eq!(
        (scheduled.door.as_str(), job.door.as_str()),
        ("prefix", "shim")
    );
    assert_eq!(
        (scheduled.who.origin.job, &scheduled.who.origin.run),
        (None, &None)
    );
    assert_eq!(job.who.origin.job, Some(JobOf::At));
    assert_eq!(job.who.origin.run.as_ref(), Some(&scheduled.id));
    assert_eq!(alone.who.origin.job, Some(JobOf::At));
    assert_eq!(alone.who.origin.run, None);
    let shown = shown(&people.0.path("copy.db"), &job.id.0, "C.UTF-8");
    for row in [
        "job       started by at\n".to_owned(),
        format!(
            "job       scheduled by run {} (KANMON_RUN says so)\n",
            scheduled.id.0
        ),
    ] {
        assert!(shown.contains(&row), "{row} in {shown}");
    }
}

#[test]
fn a_run_in_the_environment_clears_nothing() {
    let Some(people) = People::new() else { return };
    let script = r#"permit; export PATH=$SHIMS
        as bob kanmon critically first; echo first=$?
        run=$(as bob $CTL log list --json | grep -oE '[0-9]{8}T[0-9]{6}-[0-9a-f]{6}' | head -n 1)
        rm /var/lib/kanmon/given/*
        KANMON_RUN=$run job bob critically second; echo second=$?"#;
    jobs(&people, script, &["first=0", "second=124"]);
    assert_eq!(people.0.ran(), ["critically first"]);
    let runs = stage::runs(&people.0.path("copy.db"));
    assert_eq!(runs[0].who.origin.run.as_ref(), Some(&runs[1].id));
}

/// Runs `kanmonctl` with this `PATH`.
fn ctl(path: &str, arguments: &[&str]) -> Output {
    Command::new(KANMONCTL)
        .args(arguments)
        .env_clear()
        .env("PATH", path)
        .env("HOME", "/nonexistent")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// What `doctor` says of shims, as `state text`.
fn doctors(path: &str) -> Vec<String> {
    let output = ctl(path, &["doctor", "--json"]);
    let rows: serde_json::Value = serde_json::from_str(&said(&output)).unwrap();
    let rows = rows.as_array().unwrap().iter();
    let text = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap().to_owned();
    rows.filter(|row| row["what"] == "shims")
        .map(|row| format!("{} {}", text(row, "state"), text(row, "text")))
        .collect()
}

#[test]
fn shims_are_added_listed_looked_at_and_removed() {
    let shims = Shims::new();
    shims.program("real/x");
    shims.program("real/y");
    let (folder, real) = (shims.path("s"), shims.path("real"));
    let (folder, real) = (folder.to_str().unwrap(), real.to_str().unwrap());
    let path = format!("{folder}:{real}");
    let shim = |path: &str, words: &[&str]| {
        let words = [&["shim"], words, &["--dir", folder]].concat();
        ctl(path, &words)
    };
    let added = shim(real, &["add", "x", "y"]);
    assert_eq!(
        said(&added),
        format!(
            "{folder}/x → {real}/x\n{folder}/y → {real}/y\n\
             put the folder first: PATH={folder}:$PATH\n"
        )
    );
    assert_eq!(added.status.code(), Some(0));
    let started = Command::new(shims.path("s/x")).env("PATH", &path).output();
    assert_eq!(said(&started.unwrap()), "real/x\n");
    // Once more does nothing.
    let again = shim(&path, &["add", "x"]);
    assert_eq!(said(&again), format!("{folder}/x → {real}/x\n"));
    let listed = shim(&path, &["list", "--json"]);
    let listed: serde_json::Value = serde_json::from_str(&said(&listed)).unwrap();
    assert_eq!(listed[0]["name"], "x");
    assert_eq!(listed[0]["starts"], format!("{real}/x"));
    assert_eq!(listed[1]["faults"], serde_json::json!([]));
    assert_eq!(
        said(&shim(&path, &["list"])),
        format!("x  {real}/x\ny  {real}/y\n")
    );
    let check = shim(&path, &["check"]);
    assert_eq!(check.status.code(), Some(0));
    let told = said(&check);
    let cron = "cron      is not in it\n";
    assert!(
        told.starts_with(&format!("{folder} (shims: 2)\nhere      comes first\n"))
            && told.contains(cron),
        "{told}"
    );
    assert_eq!(doctors(&path), [format!("ok {folder} (shims: 2)")]);
    for words in [
        &["add", "a/b"][..],
        &["add", "kanmon"],
        &["add", ".."],
        &["add", "y", "no-such-program"],
        &["remove", "z"],
    ] {
        assert_eq!(shim(&path, words).status.code(), Some(125), "{words:?}");
    }
    assert_eq!(shim(&path, &["remove", "x"]).status.code(), Some(0));
    assert!(shims.path("s/y").exists() && !shims.path("s/x").exists());
    assert_eq!(shim(&path, &["remove", "y"]).status.code(), Some(0));
    assert!(!shims.path("s").exists());
    assert_eq!(
        doctors(&path),
        ["none no shims; `kanmonctl shim add PROGRAM` makes one"]
    );
    assert_eq!(shim(&path, &["check"]).status.code(), Some(0));
}

#[test]
fn what_only_root_has_in_its_path_is_behind_a_shim_all_the_same() {
    let Some(host) = Host::new() else { return };
    let told = host.run(
        "printf '#!/bin/sh\\n' >sbin-program && chmod 755 sbin-program
         mkdir -p overlay && mount --bind overlay /usr/local
         mkdir -p /usr/local/sbin /usr/local/opt && cp sbin-program /usr/local/sbin/apart
         cp sbin-program /usr/local/opt/chosen
         echo 'PATH=/usr/local/opt:/usr/bin' >>/etc/crontab
         kanmonctl shim add apart chosen
         kanmonctl shim add no-such-program; echo refused-$?
         # As Debian's sshd gives it to an ordinary user.
         PATH=/usr/local/lib/kanmon/shims:/usr/local/bin:/usr/bin:/bin:$PWD/bin
         ann kanmonctl shim check --dir /usr/local/lib/kanmon/shims; echo status-$?
         ann kanmonctl doctor | grep -i shim",
    );
    assert!(told.contains("apart → /usr/local/sbin/apart"), "{told}");
    assert!(
        told.contains("no program `no-such-program`") && told.contains("refused-125"),
        "{told}"
    );
    assert!(told.contains("status-0"), "{told}");
    assert!(!told.contains("shim remove"), "{told}");
}

#[test]
fn a_folder_with_other_things_in_it_takes_no_shims() {
    let shims = Shims::new();
    shims.program("real/x");
    let real = shims.path("real");
    let real = real.to_str().unwrap();
    let output = ctl(real, &["shim", "add", "x", "--dir", real]);
    assert_eq!(output.status.code(), Some(125));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("shims need a folder of their own"), "{told}");
    assert!(!shims.path("real/x").is_symlink());
}

#[test]
fn doctor_and_check_name_what_is_broken_of_shims_and_the_mend() {
    let shims = Shims::new();
    for name in ["dangling", "other", "plain", "late", "gone", "well"] {
        shims.program(&format!("real/{name}"));
    }
    shims.program("early/late");
    let folder = shims.path("s").display().to_string();
    let names = ["dangling", "other", "late", "gone", "well"];
    let real = shims.path("real").display().to_string();
    let add = [&["shim", "add"], &names[..], &["--dir", &folder]].concat();
    assert_eq!(ctl(&real, &add).status.code(), Some(0));
    fs::remove_file(shims.path("real/gone")).unwrap();
    for (name, to) in [("dangling", "/nonexistent/kanmon"), ("other", "/bin/true")] {
        fs::remove_file(shims.path("s").join(name)).unwrap();
        symlink(to, shims.path("s").join(name)).unwrap();
    }
    shims.program("s/plain");
    fs::set_permissions(shims.path("s"), fs::Permissions::from_mode(0o777)).unwrap();
    let path = format!("{}:{folder}:{real}", shims.path("early").display());
    let found = doctors(&path);
    let early = shims.path("early/late").display().to_string();
    assert_eq!(
        found,
        [
            format!(
                "mend {folder} could be changed by others: others can write it (mode 0777); use `chmod go-w`"
            ),
            "mend `dangling` leads nowhere, so the gate is passed by: /nonexistent/kanmon is not there"
                .to_owned(),
            "mend behind `gone` there is no program of this name in PATH".to_owned(),
            format!("mend `late` is found as {early} before its shim"),
            "mend `other` leads to /bin/true, which is not kanmon".to_owned(),
            "mend `plain` is no shim, and no shim starts it".to_owned(),
        ]
    );
    let check = ctl(&path, &["shim", "check", "--json", "--dir", &folder]);
    assert_eq!(check.status.code(), Some(1));
    let check: serde_json::Value = serde_json::from_str(&said(&check)).unwrap();
    let faults: Vec<&str> = check["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["fault"].as_str().unwrap())
        .collect();
    assert_eq!(
        faults,
        [
            "writable",
            "dangling",
            "no-program",
            "behind",
            "not-the-gate",
            "no-shim"
        ]
    );
    assert_eq!(
        check["faults"][1]["mend"],
        format!("`kanmonctl shim add dangling --dir {folder}`")
    );
    assert_eq!(check["paths"][0]["standing"], "late");
    // Where the folder is in no PATH, that is what is said.
    let absent = ctl(&real, &["shim", "check", "--dir", &folder]);
    assert_eq!(absent.status.code(), Some(1));
    let told = said(&absent);
    assert!(told.contains(&format!("{folder} is not in PATH")), "{told}");
    assert!(told.contains("here      is not in it\n"), "{told}");
}
