//! `kanmonctl rules` as a whole program, on files of a team.
#![expect(
    clippy::disallowed_methods,
    reason = "starts the program under test on files that it writes"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::pty::PtyCommand;

const KANMONCTL: &str = env!("CARGO_BIN_EXE_kanmonctl");

/// A team's pack.
const TEAM: &str = "[pack]\nid = 'team'\ntitle = 'Team'\n\
    [[rule]]\nid = 'batch'\ntitle = 'Start the batch'\nwhy = 'It mails customers'\nrisk = 'medium'\n\
    match = [{ program = 'batchctl', verb = ['start'] }]\n\
    test.hold = ['batchctl start night']\ntest.pass = ['batchctl status']\n";

/// A folder with files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Runs kanmonctl in a folder; returns its status, output and errors.
fn ctl(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let done = Command::new(KANMONCTL)
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("LANG", "C.UTF-8")
        .env("TZ", "UTC")
        .output()
        .unwrap();
    (
        done.status.code().unwrap(),
        String::from_utf8(done.stdout).unwrap(),
        String::from_utf8(done.stderr).unwrap(),
    )
}

#[test]
fn rule_files_and_their_cases_are_tested() {
    let case = "[[case]]\nline = 'ssh web1 batchctl start x'\nrules = ['team.batch']\n";
    let folder = folder(&[("team.toml", TEAM), ("team.test.toml", case)]);
    let expect = "2 lines and 1 case tried, 0 failed\n";
    // The folder, the rule file, and the test file alone are the same.
    for path in [".", "team.toml", "team.test.toml"] {
        let (status, out, err) = ctl(folder.path(), &["rules", "test", path]);
        assert_eq!((status, err.as_str()), (0, ""), "{path}");
        assert_eq!(out, expect, "{path}");
    }
}

#[test]
fn a_case_that_fails_ends_with_1_and_its_place() {
    let case = "[[case]]\nline = 'batchctl start x'\nverdict = 'pass'\n";
    let folder = folder(&[("team.toml", TEAM), ("team.test.toml", case)]);
    let (status, out, _) = ctl(folder.path(), &["rules", "test", "team.toml"]);
    assert_eq!(status, 1);
    assert!(
        out.starts_with("team.test.toml:1\n  $ batchctl start x\n  verdict\n  - pass\n  + hold\n"),
        "{out}"
    );
    let (status, out, _) = ctl(folder.path(), &["rules", "test", "--json", "team.toml"]);
    assert_eq!(status, 1);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["misses"][0]["at"], "team.test.toml:1");
}

#[test]
fn mistakes_of_rules_and_cases_are_told_together() {
    let folder = folder(&[
        ("team.toml", "[pack]\nid = 'team'\ntitel = 'Team'\n"),
        ("team.test.toml", "[[case]]\nlin = 'x'\nverdict = 'pass'\n"),
    ]);
    let (status, out, err) = ctl(folder.path(), &["rules", "test", "."]);
    assert_eq!((status, out.as_str()), (125, ""));
    for part in [
        "4 mistakes in rule files",
        "unknown key `titel` in [pack]",
        "did you mean `title`?",
        "unknown key `lin` in a case",
        "--> ./team.test.toml:2:1",
    ] {
        assert!(err.contains(part), "{part} in {err}");
    }
}

/// What the team's pack gives where nothing is wrong but that the program has no words.
const NO_WORDS: &str = "warning: `batchctl` has no words, so how it reads its words is a guess\n";

#[test]
fn lint_tells_all_mistakes_and_lints_of_all_files_at_once() {
    let folder = folder(&[
        ("team.toml", TEAM),
        ("b.toml", "[pack]\nid = 'b'\ntitel = 'B'\n"),
        ("b.test.toml", "[[case]]\nlin = 'x'\nverdict = 'pass'\n"),
    ]);
    let (status, out, err) = ctl(folder.path(), &["rules", "lint", "."]);
    assert_eq!((status, err.as_str()), (1, ""));
    for part in [
        "error: unknown key `titel` in [pack]\n --> ./b.toml:3:1\n",
        "3 | titel = 'B'\n  | ^^^^^",
        "did you mean `title`?",
        "error: unknown key `lin` in a case\n --> ./b.test.toml:2:1\n",
        NO_WORDS,
    ] {
        assert!(out.contains(part), "{part} in {out}");
    }
    assert!(out.ends_with("\n3 files: 4 mistakes, 1 lint\n"), "{out}");
    let (status, out, _) = ctl(folder.path(), &["rules", "lint", "team.toml"]);
    assert_eq!(status, 1);
    assert!(out.starts_with(NO_WORDS), "{out}");
    assert!(out.ends_with("\n1 file: 0 mistakes, 1 lint\n"), "{out}");
}

#[test]
fn lint_answers_in_json_and_for_github() {
    let folder = folder(&[
        ("team.toml", TEAM),
        ("b.toml", "[pack]\nid = 'b'\ntitle = 'B'\nlnag = 'ja'\n"),
    ]);
    let (status, out, _) = ctl(folder.path(), &["rules", "lint", "--format", "json", "."]);
    assert_eq!(status, 1);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    let found: Vec<String> = (json.as_array().unwrap().iter())
        .map(|one| {
            format!(
                "{} {}:{}:{}",
                one["kind"], one["file"], one["line"], one["column"]
            )
        })
        .collect();
    let expect = [
        "\"mistake\" \"./b.toml\":4:1",
        "\"lint\" \"./team.toml\":9:41",
    ];
    assert_eq!(found, expect);
    assert_eq!(json[0]["help"], "did you mean `lang`?");
    let (status, out, _) = ctl(folder.path(), &["rules", "lint", "--format", "github", "."]);
    assert_eq!(status, 1);
    assert_eq!(
        out,
        "::error file=b.toml,line=4,col=1::unknown key `lnag` in [pack]%0Adid you mean `lang`?\n\
         ::warning file=team.toml,line=9,col=41::`batchctl` has no words, so how it reads its \
         words is a guess%0Aadd [words.batchctl]\n"
    );
}

#[test]
fn lint_of_clean_files_ends_with_0_and_of_none_with_125() {
    let clean = TEAM.replace(", verb = ['start']", "");
    let folder = folder(&[("team.toml", &clean)]);
    for (format, expect) in [
        ("text", "1 file: 0 mistakes, 0 lints\n"),
        ("json", "[]\n"),
        ("github", ""),
    ] {
        let (status, out, err) = ctl(folder.path(), &["rules", "lint", "--format", format, "."]);
        assert_eq!((status, out.as_str(), err.as_str()), (0, expect, ""));
    }
    let (status, out, err) = ctl(folder.path(), &["rules", "lint", "nowhere.toml"]);
    assert_eq!((status, out.as_str()), (125, ""));
    assert!(err.contains("nowhere.toml: No such file"), "{err}");
}

#[test]
fn a_path_without_rules_is_a_failure() {
    let folder = folder(&[]);
    let (status, _, err) = ctl(folder.path(), &["rules", "test", "."]);
    assert_eq!(
        (status, err.as_str()),
        (
            125,
            "kanmonctl: .: there is no rule file in it\n  Look at the path as it was typed.\n"
        )
    );
    let (status, _, err) = ctl(folder.path(), &["rules", "test", "nowhere.toml"]);
    assert_eq!(status, 125);
    assert!(err.contains("nowhere.toml: No such file"), "{err}");
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let case = "[[case]]\nline = 'batchctl start x'\nverdict = 'pass'\n";
    let folder = folder(&[("team.toml", TEAM), ("team.test.toml", case)]);
    let seen = |no_color: Option<&str>| {
        let mut command = PtyCommand::new(KANMONCTL)
            .args(["rules", "test", "team.toml"])
            .env("TERM", "xterm")
            .cwd(folder.path());
        if let Some(value) = no_color {
            command = command.env("NO_COLOR", value);
        }
        let mut pty = command.spawn();
        pty.wait_for("1 failed");
        pty.raw()
    };
    assert!(seen(None).contains("\x1b[31m  - pass"));
    assert!(!seen(Some("1")).contains('\x1b'));
}

#[test]
fn the_example_in_the_documentation_passes() {
    let text = include_str!("../../docs/testing-rules.md");
    let example = text
        .split("```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let folder = folder(&[("x.test.toml", example)]);
    let (status, out, _) = ctl(folder.path(), &["rules", "test", "."]);
    assert_eq!(
        (status, out.as_str()),
        (0, "0 lines and 1 case tried, 0 failed\n")
    );
}

/// Histories of three shells with the same two commands, as bash 5.2, zsh 5.9 and fish 3.6 wrote them.
const HISTORIES: [(&str, &[u8]); 3] = [
    (
        "bash",
        b"#1700000000\nfor h in mx1; do\n  ssh $h reboot\ndone\n#1700086400\necho '\xe3\x83\xb3' \\\\\n",
    ),
    (
        "zsh",
        b": 1700000000:0;for h in mx1; do\\\n  ssh $h reboot\\\ndone\n: 1700086400:0;echo '\xe3\x83\xa3\xb3' \\\\ \n",
    ),
    (
        "fish",
        b"- cmd: for h in mx1; do\\n  ssh $h reboot\\ndone\n  when: 1700000000\n- cmd: echo '\xe3\x83\xb3' \\\\\\\\\n  when: 1700086400\n",
    ),
];

#[test]
fn histories_of_three_shells_say_the_same() {
    let folder = folder(&[]);
    for (shell, bytes) in HISTORIES {
        fs::write(folder.path().join(shell), bytes).unwrap();
        let (status, out, err) = ctl(folder.path(), &["rules", "try", "--history", shell]);
        assert_eq!((status, err.as_str()), (0, ""), "{shell}");
        let expect = format!(
            "2 lines of {shell} on 2 days, 2023-11-14 to 2023-11-15\n\
             held           1  a day 0.5\n\nrule           lines    a day\n\
             reboot.host        1      0.5\n\nmost frequent\n      \
             1  reboot.host  for h in mx1; do\\n  ssh $h reboot\\ndone\n"
        );
        assert_eq!(out, expect);
        let each = ["rules", "try", "--history", shell, "--each", "--top", "0"];
        let (_, out, _) = ctl(folder.path(), &each);
        assert!(
            out.starts_with("2023-11-14 22:13:20  reboot.host  for h in mx1; do\\n"),
            "{out}"
        );
        let (_, out, _) = ctl(
            folder.path(),
            &["rules", "try", "--history", shell, "--json"],
        );
        let json: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!((&json["format"], &json["held"]), (&shell.into(), &1.into()));
        assert_eq!(json["days"][1]["day"], "2023-11-15");
    }
}

#[test]
fn what_bash_writes_is_read() {
    let folder = folder(&[]);
    let script = "HISTFILE=$PWD/written; HISTTIMEFORMAT=%s; set -o history; shopt -s cmdhist lithist\n\
        history -s \"$(printf 'if true; then\\n  sudo reboot\\nfi')\"; history -s 'echo #1'; history -w";
    let done = Command::new("/bin/bash")
        .args(["--norc", "-c", script])
        .current_dir(folder.path())
        .status()
        .unwrap();
    assert!(done.success());
    let (_, out, _) = ctl(
        folder.path(),
        &["rules", "try", "--history", "written", "--json"],
    );
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    // The line that wrote the others may stand there too.
    let frequent = json["frequent"].as_array().unwrap();
    let line = "if true; then\\n  sudo reboot\\nfi";
    assert!(frequent.iter().any(|entry| entry["line"] == line), "{out}");
}

#[test]
fn a_history_that_is_not_there_is_a_failure() {
    let folder = folder(&[]);
    let (status, _, err) = ctl(folder.path(), &["rules", "try", "--history", "none"]);
    assert_eq!(status, 125);
    assert!(err.starts_with("kanmonctl: none: No such file"), "{err}");
}

#[test]
fn a_runbook_becomes_a_pack_that_is_tested() {
    let csv = "手順,確認事項,期待値,確認者\nmailq,滞留件数,0,\n$ postsuper -H ALL,宛先は?,,佐藤\n";
    let folder = folder(&[("mail放流.csv", csv)]);
    let import = ["rules", "import", "mail放流.csv"];
    let (status, out, err) = ctl(folder.path(), &import);
    assert_eq!((status, err.as_str()), (0, ""));
    // `mail` is a built-in pack's.
    assert!(out.contains("\nid = \"mail-runbook\"\n"), "{out}");
    let written = [&import[..], &["--out", "team.toml", "--id", "team"]].concat();
    assert_eq!(
        ctl(folder.path(), &written),
        (0, String::new(), String::new())
    );
    let (status, out, _) = ctl(folder.path(), &["rules", "test", "team.toml"]);
    assert_eq!(status, 0);
    assert!(
        out.ends_with("1 line and 0 cases tried, 0 failed\n"),
        "{out}"
    );
    // What somebody may have finished is not written over.
    let (status, _, err) = ctl(folder.path(), &written);
    assert_eq!(status, 125);
    assert!(err.contains("team.toml: File exists"), "{err}");
}

#[test]
fn a_file_that_is_no_runbook_is_told() {
    let folder = folder(&[("x.csv", "a,b\n1,2\n")]);
    let (status, out, err) = ctl(folder.path(), &["rules", "import", "x.csv"]);
    assert_eq!((status, out.as_str()), (125, ""));
    assert_eq!(
        err,
        "kanmonctl: x.csv: no row names a column 手順 (or step)\n  One row names the columns: \
         手順, 確認事項, 期待値, 確認者, or step, check, expected, checked by.\n"
    );
}

#[test]
fn a_calendar_that_lies_beside_a_rule_file_is_read() {
    let pack = "[pack]\nid = 'team'\ntitle = 'Team'\n\
        [calendar]\nfreeze = { zone = 'Asia/Tokyo', file = 'freeze.csv' }\n\
        [[rule]]\nid = 'deploy'\ntitle = 'Deploy'\nwhy = 'w'\nrisk = 'low'\n\
        match = [{ program = 'deployctl' }]\nwhen = { freeze = 'freeze' }\n\
        test.hold = ['deployctl']\ntest.pass = ['ls']\n";
    let cases = "[[case]]\nline = 'deployctl'\ncontext.time = 2026-12-31T12:00:00+09:00\nverdict = 'hold'\n\
        [[case]]\nline = 'deployctl'\ncontext.time = 2026-11-26T12:00:00+09:00\nverdict = 'pass'\n";
    let folder = folder(&[
        ("team.toml", pack),
        ("team.test.toml", cases),
        (
            "freeze.csv",
            "from,to,reason\n2026-12-28,2027-01-03,year end\n",
        ),
    ]);
    for path in [".", "team.toml"] {
        let (status, out, err) = ctl(folder.path(), &["rules", "test", path]);
        assert_eq!((status, err.as_str()), (0, ""), "{out}");
    }
}

#[test]
fn the_schema_is_printed() {
    let folder = folder(&[]);
    let (status, out, _) = ctl(folder.path(), &["rules", "schema"]);
    assert_eq!(status, 0);
    assert_eq!(out, include_str!("../../docs/schema/rules.schema.json"));
}
