//! Promise 2: a command that no rule names cannot tell that the gate was there.
//!
//! A C helper (`tests/support/state.c`) writes all that it inherited to a file. Each case starts
//! it twice with the same odd inheritance, once directly and once behind `kanmon`, and the two
//! reports have to be equal.

#![expect(
    clippy::disallowed_methods,
    reason = "a test stands outside of the program: it starts processes and fails by panic"
)]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

const KANMON: &str = env!("CARGO_BIN_EXE_kanmon");

/// Returns the compiled helper.
pub(crate) fn state() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let path = folder.join("state");
        // Whole or not at all: another run may be compiling it too.
        let fresh = folder.join(format!("state-{}", std::process::id()));
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/state.c");
        let built = Command::new("cc")
            .args(["-O1", "-Wall", "-Werror", "-o"])
            .arg(&fresh)
            .arg(source)
            .status();
        assert!(built.expect("a C compiler").success());
        fs::rename(fresh, &path).unwrap();
        path
    })
}

/// Starts the helper with an inheritance, behind `gate`, and returns its report.
fn report(folder: &Path, settings: &[String], gate: &[&str], arguments: &[OsString]) -> String {
    let gate = gate.iter().map(OsStr::new);
    let call: Vec<&OsStr> = gate.chain([state().as_os_str()]).collect();
    report_of(folder, settings, &call, arguments)
}

/// Starts the helper with an inheritance as `call`, a path first, starts it, and returns its report.
pub(crate) fn report_of(
    folder: &Path,
    settings: &[String],
    call: &[&OsStr],
    arguments: &[OsString],
) -> String {
    let out = folder.join("report");
    let home = folder.join("home");
    fs::create_dir_all(&home).unwrap();
    let child = Command::new(state())
        .arg("with")
        .args(settings)
        .arg("--")
        .args(call)
        .arg("show")
        .arg(&out)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .current_dir(&home)
        .spawn()
        .unwrap();
    let pid = child.id();
    let status = child.wait_with_output().unwrap().status;
    assert!(status.success(), "{status}: {settings:?} {call:?}");
    let written: Vec<_> = fs::read_dir(&home).unwrap().collect();
    assert!(written.is_empty(), "a file was written: {written:?}");
    let text = fs::read_to_string(&out).unwrap();
    fs::remove_file(&out).unwrap();
    let own = format!("pid {pid} ");
    assert!(
        text.contains(&own),
        "exec keeps the process id {pid}: {text}"
    );
    text.replacen(&own, "pid ", 1)
}

/// Asserts that the helper sees the same with and without the gate.
fn check(settings: &[&str], arguments: &[&[u8]]) {
    let folder = TempDir::new().unwrap();
    // Where a gate that wrote something would write it.
    let home = hex("HOME", folder.path().join("home").as_os_str());
    let settings: Vec<String> = settings
        .iter()
        .map(|&setting| setting.to_owned())
        .chain([home])
        .collect();
    let arguments: Vec<OsString> = arguments
        .iter()
        .map(|bytes| OsString::from_vec(bytes.to_vec()))
        .collect();
    let direct = report(folder.path(), &settings, &[], &arguments);
    for gate in [
        &[KANMON][..],
        &[KANMON, "--"],
        &[KANMON, "--plain", "--lang", "ja"],
    ] {
        let gated = report(folder.path(), &settings, gate, &arguments);
        assert_eq!(direct, gated, "{settings:?} {gate:?}");
    }
}

/// Returns the setting that adds the variable `name=value`.
fn hex(name: &str, value: &OsStr) -> String {
    entry(&[name.as_bytes(), b"=", value.as_bytes()].concat())
}

/// Returns the setting that adds these bytes as an entry of the environment.
pub(crate) fn entry(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("env={digits}")
}

#[test]
fn descriptors_0_to_2_stay_open_or_closed() {
    for closed in 0..8 {
        let settings: Vec<String> = (0..3)
            .filter(|fd| closed & (1 << fd) != 0)
            .map(|fd| format!("close={fd}"))
            .collect();
        let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
        check(&settings, &[]);
    }
}

#[test]
fn further_descriptors_and_their_flags_stay() {
    check(
        &["open=3", "open=9", "open=200", "nonblock=9", "nonblock=0"],
        &[],
    );
}

#[test]
fn dispositions_stay() {
    check(&["default=13"], &[]);
    check(&["ignore=13"], &[]);
    check(
        &[
            "ignore=1",
            "ignore=2",
            "ignore=3",
            "ignore=17",
            "ignore=20",
            "ignore=34",
            "ignore=64",
        ],
        &[],
    );
}

#[test]
fn a_blocked_mask_and_pending_signals_stay() {
    check(&["block=10", "block=13", "block=40"], &[]);
    check(&["pending=12", "pending=15"], &[]);
}

#[test]
fn odd_entries_of_the_environment_stay_in_order() {
    let entries: Vec<String> = [
        &b"PATH=/usr/bin:/bin"[..],
        b"TWICE=1",
        b"NO_EQUALS",
        b"",
        b"=EMPTY_NAME",
        b"TWICE=2",
        b"BYTES=\xff\xfe\x80",
        b"\xff=1",
        b"LC_ALL=xx\xff",
        b"KANMON_RULES=/x",
        b"LINES=a\nb",
    ]
    .iter()
    .map(|bytes| entry(bytes))
    .collect();
    let settings: Vec<&str> = entries.iter().map(String::as_str).collect();
    check(&settings, &[]);
}

#[test]
fn odd_arguments_stay() {
    check(
        &[],
        &[
            b"\xff\xfe",
            b"",
            b"a b\n\t",
            b"--",
            b"--drill",
            b"-c",
            "１２".as_bytes(),
        ],
    );
    check(&[], &[&[b'x'; 100_000]]);
}

#[test]
fn limits_umask_niceness_and_alarm_stay() {
    check(&["umask=077", "nice=7", "nofile=260", "alarm=100"], &[]);
}

/// Runs kanmon with a plain environment.
fn kanmon(arguments: &[&str]) -> Output {
    kanmon_with(arguments, &[("PATH", "/usr/bin:/bin")])
}

/// Runs kanmon with these variables alone.
fn kanmon_with(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    Command::new(KANMON)
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// Runs kanmon and returns its status and what it wrote to standard error.
fn refused(arguments: &[&str]) -> (Option<i32>, String) {
    let output = kanmon(arguments);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn exit_statuses_and_deaths_are_the_commands_own() {
    let state = state().to_str().unwrap();
    for status in ["0", "1", "124", "125", "255"] {
        let output = kanmon(&[state, "exit", status]);
        assert_eq!(output.status.code(), status.parse().ok());
        assert!(output.stderr.is_empty());
    }
    for signal in [1, 9, 13, 15] {
        let output = kanmon(&[state, "die", &signal.to_string()]);
        assert_eq!(output.status.signal(), Some(signal));
    }
}

#[test]
fn a_missing_command_is_127_with_a_way_out() {
    assert_eq!(
        refused(&["no-such-command-here"]),
        (
            Some(127),
            "kanmon: `no-such-command-here` not found\n  \
             check the spelling, or PATH; nothing has run\n"
                .to_owned()
        )
    );
    assert_eq!(refused(&["/no/such/file"]).0, Some(127));
    assert_eq!(refused(&["--", ""]).0, Some(127));
}

#[test]
fn a_command_that_cannot_be_executed_is_126() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("plain");
    fs::write(&file, "echo no\n").unwrap();
    for path in [file.to_str().unwrap(), "/"] {
        let (status, said) = refused(&[path]);
        assert_eq!(status, Some(126));
        assert!(
            said.starts_with(&format!("kanmon: cannot execute `{path}`: ")),
            "{said}"
        );
    }
}

#[test]
fn messages_speak_the_locales_language_unless_told_otherwise() {
    let said = |arguments: &[&str], locale| {
        let output = kanmon_with(arguments, &[("PATH", "/bin"), ("LC_ALL", locale)]);
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(said(&["no-such-command"], "ja_JP.UTF-8").contains("見つかりません"));
    assert!(said(&["--lang", "en", "no-such-command"], "ja_JP.UTF-8").contains("not found"));
    assert!(said(&["--lang=ja", "no-such-command"], "C").contains("見つかりません"));
}

#[test]
fn a_failure_with_a_closed_standard_error_is_silent() {
    let status = Command::new(state())
        .args(["with", "close=2", "--", KANMON, "/no/such/file"])
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(127));
}

#[test]
fn a_script_without_a_first_line_runs_in_the_shell() {
    let folder = TempDir::new().unwrap();
    let script = folder.path().join("script");
    fs::write(&script, "echo \"$0 $*\"\nexit 3\n").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let script = script.to_str().unwrap();
    let output = kanmon(&[script, "a", "b"]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        format!("{script} a b\n")
    );
}

#[test]
fn a_command_is_found_without_a_path_as_env_finds_it() {
    let direct = Command::new("/usr/bin/env")
        .arg("sh")
        .args(["-c", "echo found"])
        .env_clear()
        .output();
    let gated = kanmon_with(&["sh", "-c", "echo found"], &[]);
    assert_eq!(gated, direct.unwrap());
    assert_eq!(gated.stdout, b"found\n");
}

#[test]
fn a_line_runs_in_the_shell_with_its_own_arguments() {
    let said = |arguments: &[&str]| String::from_utf8(kanmon(arguments).stdout).unwrap();
    assert_eq!(said(&["-c", "echo \"$0\""]), "sh\n");
    assert_eq!(said(&["-c", "echo \"$0 $1\"", "name", "x y"]), "name x y\n");
    assert_eq!(
        said(&["-c", "-x 2>/dev/null || echo not an option"]),
        "not an option\n"
    );
}

#[test]
fn options_that_are_none_are_refused_with_125() {
    let (status, said) = refused(&["--dril", "true"]);
    assert_eq!(status, Some(125));
    assert_eq!(
        said,
        "kanmon: unknown option `--dril`\n  kanmon's own options come before the command; \
         `kanmon --help` lists them\n  to run a command of that name: kanmon -- --dril\n"
    );
    for arguments in [
        &["-x", "true"][..],
        &["-c"],
        &["--lang", "de", "true"],
        &["--lang"],
        &["--drill=1", "true"],
        &["--break-glass"],
        &["--break-glass", " ", "true"],
        &["--break-glass="],
        &[],
        &["--"],
        &["--plain"],
    ] {
        assert_eq!(refused(arguments).0, Some(125), "{arguments:?}");
    }
}

#[test]
fn help_and_version_are_answers() {
    let help = kanmon(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(help.stdout.starts_with(b"kanmon: a pre-flight safety gate"));
    assert_eq!(help.stdout, kanmon(&["-h"]).stdout);
    assert_eq!(refused(&[]).1.into_bytes(), help.stdout);
    let version = format!("kanmon {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(kanmon(&["-V"]).stdout, version.as_bytes());
    assert_eq!(kanmon(&["--version"]).stdout, version.as_bytes());
}

#[test]
fn options_after_the_command_are_the_commands() {
    let output = kanmon(&["echo", "--help", "--drill"]);
    assert_eq!(output.stdout, b"--help --drill\n");
}

#[test]
fn rights_that_the_caller_lacks_are_refused() {
    // NOTE: giving rights away takes root, as the tests have it in their container.
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let folder = TempDir::new_in("/var/tmp").unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let gate = folder.path().join("kanmon");
    // By another process: a child that another test starts meanwhile would hold a file that this
    // one has open for writing, and what is open for writing is not executed.
    let copied = Command::new("cp").arg(KANMON).arg(&gate).status().unwrap();
    assert!(copied.success());
    fs::set_permissions(&gate, fs::Permissions::from_mode(0o4755)).unwrap();
    let output = Command::new("setpriv")
        .args(["--reuid=65534", "--clear-groups"])
        .arg(&gate)
        .arg("true")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(125));
}
