//! The gate as a whole program where the way has to be free first, and a second person is there.

use crate::gate::play;
use crate::people::People;
use crate::stage::{self, Stage, answers};

#[test]
fn outside_its_windows_a_line_is_not_cleared_and_nobody_is_asked() {
    let stage = Stage::new();
    let mut pty = stage.start(&["closed"]);
    assert_eq!(pty.wait_exit().code(), Some(124));
    pty.wait_for("these never overlap");
    stage.assert_not_cleared("window");
    assert_eq!(answers(&stage.run()), Vec::<String>::new());
}

#[test]
fn a_witness_is_on_the_record_as_claimed() {
    let stage = Stage::new();
    let mut pty = stage.start(&["witnessed", "x"]);
    let host = format!("{}\n", stage::host());
    play(
        &mut pty,
        &[
            ("Who stands beside you?", "root\n"),
            ("That is you.", "kato\n"),
            ("kato, look for yourself and call: Messages waiting", "3\n"),
            ("Name of the target", &host),
            ("Run it now?", "y\n"),
        ],
    );
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert_eq!(stage.ran(), ["witnessed x"]);
    assert_eq!(
        answers(&stage.run()),
        [
            "show 3",
            "witness root",
            "witness kato",
            "witness-call 3",
            &format!("call {}", stage::host()),
            "go y",
        ]
    );
}

#[test]
fn another_user_of_the_host_is_a_witness_and_the_asker_is_none() {
    let Some(people) = People::new() else { return };
    // Whom sudo names and who had logged in, each alone: a host need not know both.
    for (asker, gate) in [
        ("bob", "as bob kanmon"),
        (
            "root, called by bob",
            "env SUDO_UID=4002 SUDO_USER=bob kanmon",
        ),
        ("root, and bob logged in", "logged_in kanmon"),
    ] {
        let mut pty = people.start(&format!(
            "$CTL init --host >/dev/null || exit 99
            logged_in() {{ ( echo 4002 > /proc/self/loginuid; exec \"$@\" ) }}
            {gate} witnessed x; echo status=$?
            cp /var/lib/kanmon/ledger/ledger.db copy.db
            echo script is through"
        ));
        let host = format!("{}\n", stage::host());
        play(
            &mut pty,
            &[
                ("Who stands beside you?", "bob\n"),
                ("That is you.", "ann\n"),
                ("ann, look for yourself and call: Messages waiting", "3\n"),
                ("Name of the target", &host),
                ("Run it now?", "y\n"),
            ],
        );
        pty.wait_for("status=0");
        pty.wait_for("script is through");
        let runs = stage::runs(&people.0.path("copy.db"));
        assert_eq!(
            answers(&runs[0])[1..4],
            ["witness bob", "witness ann", "witness-call 3"],
            "{asker}"
        );
    }
    assert_eq!(people.0.ran(), ["witnessed x"; 3]);
}

#[test]
fn a_witness_is_asked_in_japanese() {
    let stage = Stage::new();
    let mut pty = stage.start(&["--lang", "ja", "witnessed", "x"]);
    play(&mut pty, &[("立会人のお名前は？", "加藤\n")]);
    pty.wait_for_question("加藤 さんも自分の目で見て指差し確認");
    pty.type_keys(&["C-c"]);
    assert_eq!(pty.wait_exit().code(), Some(124));
    stage.assert_not_cleared("interrupted");
}

#[test]
fn with_a_ledger_of_ones_own_nothing_counts_as_having_run_first() {
    let stage = Stage::new();
    let mut pty = stage.start(&["notable"]);
    assert_eq!(pty.wait_exit().code(), Some(0));
    let mut pty = stage.start(&["secondly"]);
    assert_eq!(pty.wait_exit().code(), Some(124));
    pty.wait_for("kanmonctl init --host");
    assert_eq!(stage.ran(), ["notable"]);
}

#[test]
fn the_evidence_of_work_is_a_table_that_spreadsheets_open() {
    let stage = Stage::new();
    let mut pty = stage.start(&["critically", "=1+1", "a,\"b\""]);
    play(&mut pty, &crate::gate::CRITICAL);
    assert_eq!(pty.wait_exit().code(), Some(0));
    let ledger = stage.ledger();
    let mut pty = stage
        .program("/bin/sh")
        .args([
            "-c",
            "\"$CTL\" log export --csv --ledger \"$0\" > table.csv",
        ])
        .args([&ledger])
        .env("CTL", env!("CARGO_BIN_EXE_kanmonctl"))
        .env("LC_ALL", "ja_JP.UTF-8")
        .spawn();
    assert_eq!(pty.wait_exit().code(), Some(0));
    // A program that wants JSON is told, not handed a table.
    let mut pty = stage
        .program(env!("CARGO_BIN_EXE_kanmonctl"))
        .args(["log", "--json", "export", "--csv", "--ledger"])
        .args([&ledger])
        .spawn();
    pty.wait_for("`log export` writes CSV only");
    assert_ne!(pty.wait_exit().code(), Some(0));
    let text = stage::lines(&stage.path("table.csv"));
    assert_eq!(
        text[0],
        "\u{feff}記録,実行者,ホスト,接続元,コマンド,ルール,対象,結果,区分,時刻,種別,確認内容,回答,判定"
    );
    let run = stage.run();
    let line = "\"critically =1+1 'a,\"\"b\"\"'\"";
    let start = format!(
        "{},root,{},,{line},t.critical,{},終了 0,,",
        run.id.0,
        stage::host(),
        stage::host()
    );
    let rows: Vec<&str> = text[1..]
        .iter()
        .map(|row| row.strip_prefix(&start).unwrap_or_else(|| panic!("{row}")))
        // Behind the time.
        .map(|row| row.split_once(',').unwrap().1)
        .collect();
    let started = rows
        .iter()
        .position(|row| row.starts_with("実行開始,,プロセス "))
        .unwrap_or_else(|| panic!("{rows:?}"));
    assert_eq!(
        rows[..started],
        [
            "開始,,,",
            "表示,t.waiting,3,OK",
            "チェックリスト,Are the owners told?,y,OK",
            "チェックリスト,What is it for?,release 7,OK",
            "指差し確認,t.waiting,3,OK",
            "実行の最終確認,go,y,OK",
            "通過,,t.waiting = 3,OK",
        ]
    );
    assert_eq!(rows[started + 1..], ["終了,,終了コード 0,OK"]);
}
