//! Both languages are first class: what `kanmonctl` says is told in each, nothing is English alone.

#![expect(
    clippy::disallowed_methods,
    reason = "reads the source, and starts the program under test"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kanmon::text::cause;
use regex::Regex;
use tempfile::TempDir;

const KANMONCTL: &str = env!("CARGO_BIN_EXE_kanmonctl");

/// Errors that have their texts in both languages elsewhere, or that no person is told: each folder or
/// file with the reason.
const ELSEWHERE: &[(&str, &str)] = &[
    ("door/options.rs", "`BadOption::message`"),
    ("door/sudo.rs", "`NotSudo::message`"),
    ("gate/", "`NotCleared::message`, `gone_text`, `ledger_text`"),
    ("launch/", "`LaunchError::message`"),
    (
        "policy/",
        "`text/mistake.rs`; `layers/mistakes.rs` tests it",
    ),
];

/// All Rust files below a folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// Returns name and text of every source file below a folder of `src`, tests left out.
fn sources(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&root.join(folder), &mut found);
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        let text = fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap().to_owned();
        (name, text)
    };
    let sources = found.into_iter().map(read);
    sources
        .filter(|(name, _)| !name.ends_with("tests.rs"))
        .collect()
}

/// Returns a form with what varies in it called by nothing.
fn bare(form: &str) -> String {
    let varying = Regex::new(r"\{[^{}]*\}").unwrap();
    varying.replace_all(form, "{}").into_owned()
}

#[test]
fn every_error_that_a_person_is_told_has_its_japanese() {
    let known: Vec<String> = cause::ROWS.iter().map(|(form, _)| bare(form)).collect();
    let attribute = Regex::new(r#"(?s)#\[error\(\s*"((?:[^"\\]|\\.)*)""#).unwrap();
    let joined = Regex::new(r"\\\n\s*").unwrap();
    let mut n = 0;
    for (name, text) in sources("") {
        if ELSEWHERE.iter().any(|(place, _)| name.starts_with(place)) {
            continue;
        }
        for found in attribute.captures_iter(&text) {
            let form = joined.replace_all(&found[1], "").into_owned();
            // What has no word of its own is told by what stands in it.
            let words = bare(&form).replace("{}", "").replace("\\n", "");
            if !words.contains(|c: char| c.is_ascii_alphabetic()) {
                continue;
            }
            let form = bare(&form.replace("\\\"", "\""));
            n += 1;
            // These two are never shown: their texts come with them.
            if ["not approved", "the pack has mistakes\\n\\n{}"].contains(&form.as_str()) {
                continue;
            }
            assert!(
                known.contains(&form),
                "{name}: {form:?} has no row in text/cause.rs"
            );
        }
    }
    assert!(n > 50, "only {n} errors");
}

#[test]
fn kanmonctl_says_nothing_in_one_language_alone() {
    // A text of words that is given to what writes to people, in place of one of `text/`.
    let said = Regex::new(
        r#"(?:Failure::new|\.hint|Failure::said|out::line|out::row|out::notice)\(\s*&?(?:format!\(\s*)?"([^"]*)""#,
    )
    .unwrap();
    let varying = Regex::new(r"\{[^{}]*\}").unwrap();
    let word = Regex::new("[A-Za-z]{2,}").unwrap();
    let sources = sources("ctl");
    assert!(sources.len() > 40);
    for (name, text) in sources {
        for found in said.captures_iter(&text) {
            let words = varying.replace_all(&found[1], "").into_owned();
            assert!(!word.is_match(&words), "{name}: {:?}", &found[1]);
        }
    }
}

/// A host on which nothing has been done yet.
struct Fresh {
    home: TempDir,
}

impl Fresh {
    fn new() -> Self {
        let home = TempDir::new().unwrap();
        Self { home }
    }

    /// Runs `kanmonctl` there; returns its status and all that it said.
    fn run(&self, locale: &str, args: &[&str]) -> (i32, String) {
        let done = Command::new(KANMONCTL)
            .args(args)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.home.path())
            .env("LC_ALL", locale)
            .current_dir(self.home.path())
            .output()
            .unwrap();
        let out = String::from_utf8(done.stdout).unwrap();
        let err = String::from_utf8(done.stderr).unwrap();
        (done.status.code().unwrap(), format!("{out}{err}"))
    }
}

/// A line nested deeper than any is read.
const DEEP: &str = concat!(
    "((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((",
    "((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((ls"
);

/// What is typed on a fresh host, the status, and a part of what is said in each language.
const SAID: &[(&[&str], i32, &str, &str)] = &[
    (
        &["--help"],
        0,
        "Usage: kanmonctl <COMMAND>",
        "使い方: kanmonctl <コマンド>",
    ),
    (&["log", "--help"], 0, "Read the ledger", "台帳を読む"),
    (
        &["chek"],
        125,
        "unrecognized subcommand 'chek'",
        "'chek' というサブコマンドはありません",
    ),
    (
        &["who", "--jsn"],
        125,
        "unexpected argument '--jsn' found",
        "'--jsn' という引数はありません",
    ),
    (
        &["log", "show", "x"],
        125,
        "there is no run `x`",
        "記録 `x` はありません",
    ),
    (
        &["log", "list", "--ledger", "/nowhere/ledger"],
        125,
        "cannot open `/nowhere/ledger`: ",
        "`/nowhere/ledger` を開けません: ",
    ),
    (
        &["log", "verify", "--follow"],
        125,
        "unexpected argument",
        "'--follow' という引数はありません",
    ),
    (
        &["log", "--host", "x"],
        125,
        "--url and --host go with --team",
        "--team と一緒に使います",
    ),
    (
        &[
            "store",
            "check",
            "--url",
            "postgresql://x@127.0.0.1:1/y?sslmode=disable",
        ],
        125,
        "Look whether the server runs",
        "接続を拒否されました（os error 111）",
    ),
    (
        &["store", "check", "--url", "ftp://x"],
        125,
        "a store is `postgresql://USER@HOST",
        "ストアは `postgresql://ロール@ホスト",
    ),
    (
        &["rules", "show", "zzz"],
        125,
        "there is no rule `zzz`",
        "`zzz` というルールはありません",
    ),
    (&["rules", "show", "reboot.host"], 0, "critical", "危険度"),
    (
        &["rules", "lint", "nowhere.toml"],
        125,
        "nowhere.toml: ",
        "ファイルやフォルダがありません（os error 2）",
    ),
    (
        &["rules", "list", "--lang", "fr"],
        125,
        "there is no such language",
        "その言語には対応していません",
    ),
    (
        &["rules", "import", "nowhere.csv"],
        125,
        "No such file",
        "ファイルやフォルダがありません",
    ),
    (
        &["trust"],
        125,
        "there is no folder `.kanmon`",
        "`.kanmon` フォルダがありません",
    ),
    (
        &["trust", "--revoke", "/x"],
        125,
        "`/x` is not trusted",
        "`/x` は信頼されていません",
    ),
    (
        &["shim", "add", "kanmon"],
        125,
        "`kanmon` is the gate itself",
        "`kanmon` は関門そのものです",
    ),
    (
        &["shim", "list", "--dir", "/x"],
        0,
        "no shims; `kanmonctl shim add PROGRAM`",
        "シムはありません。",
    ),
    (
        &["trust", "--list"],
        0,
        "no project is trusted\n",
        "信頼済みのプロジェクトはありません\n",
    ),
    (
        &["shim", "remove", "reboot", "--dir", "/x"],
        125,
        "there is no shim `/x/reboot`",
        "シム `/x/reboot` はありません",
    ),
    (
        &[
            "permit", "add", "--rule", "a", "--target", "b", "--until", "soon", "--by", "c",
            "--reason", "d",
        ],
        125,
        "`soon` is no time",
        "`soon` は時刻として読めません",
    ),
    (
        &["check", "sudo reboot"],
        124,
        "hold: reboot.host",
        "保留: reboot.host",
    ),
    (
        &["explain", "sudo reboot"],
        0,
        "\nhold: reboot.host",
        "\n保留: reboot.host",
    ),
    (
        &["explain", "ls"],
        0,
        "\npass: no rule",
        "\n通す: 該当ルールなし",
    ),
    (
        &["check", DEEP],
        124,
        "refuse: the line is nested more than 100 levels deep",
        "拒否: コマンドラインの入れ子が 100 段を超えています",
    ),
    (
        &["hook", "uninstall", "claude-code"],
        0,
        "has no hook of kanmon",
        "kanmon のフックはありません",
    ),
];

#[test]
fn each_message_is_told_in_the_language_of_the_locale() {
    let fresh = Fresh::new();
    for (args, status, english, japanese) in SAID {
        for (locale, part) in [("C.UTF-8", english), ("ja_JP.UTF-8", japanese)] {
            let (ended, said) = fresh.run(locale, args);
            assert!(
                said.contains(part),
                "{args:?} in {locale}: {part} in\n{said}"
            );
            assert_eq!(ended, *status, "{args:?} in {locale}: {said}");
        }
    }
}
