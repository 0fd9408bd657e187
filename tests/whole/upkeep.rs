//! What helps to look after rule files on a host: `rules lint` of all layers, `doctor`, and the walk
//! in the README.
#![expect(
    clippy::disallowed_methods,
    reason = "asks the program what a rule asks, without a host"
)]

use crate::layers::{assert_not_said, assert_says};
use crate::machine::Host;

#[test]
fn lint_without_a_path_looks_at_the_files_of_all_layers() {
    let Some(host) = Host::new() else { return };
    let said = host.run(
        r#"kanmonctl rules lint; echo empty=$?
        cp deploy.toml $rules/team.toml
        kanmonctl rules lint; echo clean=$?
        sed 's/low/lwo/; s/team/more/' deploy.toml > $rules/more.toml
        chmod g+w $rules/team.toml
        echo 'prefix = 1' > /etc/kanmon/config.toml
        printf "plain = ['x']
" | ann tee $own/own.toml >/dev/null
        mkdir home/work/.kanmon
        sed "s/team/project/; s/^test.*//; s/program = 'deploy'/program = '*'/" deploy.toml > home/work/.kanmon/p.toml
        cd home/work; HOME=${PWD%/work} as 1234 kanmonctl rules lint; echo broken=$?"#,
    );
    assert_says(
        &said,
        &[
            "0 files: 0 mistakes, 0 lints\nempty=0",
            "1 file: 0 mistakes, 0 lints\nclean=0",
            "error: `lwo` is no risk\n  --> /etc/kanmon/rules.d/more.toml:10:8",
            "error: others can write it (mode 0664); use `chmod go-w`\n --> /etc/kanmon/rules.d/team.toml:1:1",
            "--> /etc/kanmon/config.toml:1:1",
            "error: `plain` may only stand in the files of the system",
            "own.toml:1:",
            "p.toml:11:10",
            "warning: every command fits this matcher",
            "warning: the rule does not test itself",
            "5 files: 4 mistakes, 2 lints\nbroken=1",
        ],
    );
}

/// Puts empty places where records go, and no syslog.
const NO_RECORDS: &str =
    "mount -t tmpfs none /var/lib; mkdir dev; cp -a /dev/null /dev/urandom dev/
    mount --rbind dev /dev; exec 2>&1\n";

#[test]
fn the_doctor_says_what_counts_and_that_nothing_is_to_be_mended() {
    let Some(host) = Host::new() else { return };
    let said = host.run(&format!(
        "{NO_RECORDS} kanmonctl doctor; echo empty=$?
        echo ---; cp deploy.toml $rules/team.toml; kanmonctl rules compile >/dev/null
        kanmonctl doctor; echo compiled=$?
        test -e /root/.local/state || echo makes-nothing
        kanmon deploy 2>/dev/null
        echo ---; LANG=ja_JP.UTF-8 kanmonctl doctor; echo ja=$?
        echo ---; kanmonctl doctor --json"
    ));
    let parts: Vec<&str> = said.split("---\n").collect();
    assert_says(
        parts[0],
        &[
            "built-in      ok",
            "system        ok      /etc/kanmon/rules.d (files: 0)",
            "compiled      none    only the built-in rules",
            "/root/.local/state/kanmon/ledger.db; the first held command makes it",
            "host          none    no shared ledger",
            "syslog        none    /dev/log is not there",
            "nothing is to be mended\nempty=0",
        ],
    );
    assert_says(
        parts[1],
        &[
            "/etc/kanmon/rules.d (files: 1)\n                        /etc/kanmon/rules.d/team.toml\n",
            "compiled      ok      the compiled rules are current",
            "compiled=0",
            "makes-nothing",
        ],
    );
    assert_says(
        parts[2],
        &[
            "システム      正常",
            "台帳          正常    /root/.local/state/kanmon/ledger.db（本人用）",
            "対応が必要なものはありません\nja=0",
        ],
    );
    let json: serde_json::Value = serde_json::from_str(parts[3]).unwrap();
    let states: Vec<String> = (json.as_array().unwrap().iter())
        .map(|row| format!("{} {}", row["what"], row["state"]).replace('"', ""))
        .collect();
    let expect = [
        "built-in ok",
        "system ok",
        "user none",
        "compiled ok",
        "ledger ok",
        "host none",
        "syslog none",
        "shims none",
        "sudo none",
        "shells none",
        "ssh none",
        "agents none",
    ];
    assert_eq!(states, expect);
    assert_eq!(json[1]["files"][0], "/etc/kanmon/rules.d/team.toml");
}

#[test]
fn the_doctor_looks_at_the_teams_store() {
    let Some(host) = Host::new() else { return };
    let cluster = crate::team::store(&["web1"]);
    let away = "postgresql://web1@127.0.0.1:1/kanmon";
    let said = host.run(&format!(
        "{NO_RECORDS} echo 'store = \"{}\"' >$rules/../config.toml; kanmonctl rules compile >/dev/null
        kanmonctl doctor; echo ---
        echo 'store = \"{away}\"' >$rules/../config.toml; kanmonctl rules compile >/dev/null
        kanmonctl doctor; LANG=ja_JP.UTF-8 kanmonctl doctor",
        cluster.url("web1")
    ));
    let (answers, gone) = said.split_once("---\n").unwrap();
    assert_says(answers, &["store         ", "as role web1"]);
    assert_says(
        gone,
        &[
            "store         MEND    postgresql://web1@127.0.0.1:1/kanmon: ",
            "Connection refused",
            "and all with `approve`, are held until it answers",
            "応答するまで保留されます",
        ],
    );
}

#[test]
fn the_doctor_names_what_is_to_be_mended_and_how() {
    let Some(host) = Host::new() else { return };
    // A socket whose listener is gone stays and refuses.
    drop(std::os::unix::net::UnixDatagram::bind(host.path("dead-log")).unwrap());
    let said = host.run(&format!(
        r#"{NO_RECORDS} sed 's/low/lwo/' deploy.toml > $rules/team.toml
        kanmonctl doctor; echo broken=$?
        rm $rules/team.toml; mkdir -p home/work/.kanmon
        sed "s/team/project/" deploy.toml > home/work/.kanmon/p.toml
        cd home/work
        echo ---; kanmonctl doctor; echo untrusted=$?
        chmod g+w $rules
        echo ---; kanmonctl doctor; echo refused=$?
        chmod g-w $rules; rm -r .kanmon
        mkdir -p /root/.local/state/kanmon; touch /root/.local/state/kanmon/ledger.db
        chmod 666 /root/.local/state/kanmon/ledger.db
        echo ---; kanmonctl doctor; echo ledger=$?
        groupadd kanmon 2>/dev/null; rm -r /root/.local
        kanmonctl init --host >/dev/null
        echo ---; kanmonctl doctor; echo host=$?
        cd ..; echo ---; ann kanmonctl doctor; echo outside=$?
        chmod 777 /var/lib/kanmon/given
        ln ../dead-log ../dev/log
        echo ---; kanmonctl doctor; echo given=$?"#
    ));
    let expect: [&[&str]; 7] = [
        &[
            "system        MEND    rule file /etc/kanmon/rules.d/team.toml cannot be used (10:8: `lwo` is no risk); every program that it names is held",
            "→ `kanmonctl rules lint` shows every mistake",
            "compiled      MEND    the rules are not compiled",
            "to be mended: 2\nbroken=1",
        ],
        &[
            "/home/work/.kanmon (files: 1) does not count",
            "project       MEND    the rules in ",
            "read them, then run `kanmonctl trust`",
            "to be mended: 1\nuntrusted=1",
        ],
        &[
            "(others can write it (mode 0775); use `chmod go-w`)",
            "refused=1",
        ],
        &[
            "ledger        MEND    ",
            "ledger.db` (mode 0666); use `chmod go-w`",
            "→ held commands do not run until it can be written",
            "to be mended: 1\nledger=1",
        ],
        &[
            "/var/lib/kanmon/ledger/ledger.db, of this host",
            "host          ok      /var/lib/kanmon: you are of its group",
            "permits       ok      0 files",
            "nothing is to be mended\nhost=0",
        ],
        &[
            "host          MEND    /var/lib/kanmon: you are not of its group",
            "to be mended: 1\noutside=1",
        ],
        &[
            "permits       MEND    ",
            "→ root puts it right with `kanmonctl init --host`",
            "syslog        MEND    /dev/log does not answer: ",
            "to be mended: 2\ngiven=1",
        ],
    ];
    let parts: Vec<&str> = said.split("---\n").collect();
    assert_eq!(parts.len(), expect.len(), "{said}");
    for (part, expect) in parts.iter().zip(expect) {
        assert_says(part, expect);
    }
}

#[test]
fn the_doctor_names_a_project_that_was_changed_since_it_was_trusted() {
    let Some(host) = Host::new() else { return };
    let said = host.run(&format!(
        r#"{NO_RECORDS} mkdir -p home/shop/.kanmon home/shop/src
        sed "s/team/shop/" deploy.toml > home/shop/.kanmon/p.toml
        chown -R 1234:1234 home
        mine() {{ (cd home/shop/src && HOME=$own_home as 1234 kanmonctl "$@"); }}
        own_home=$PWD/home
        mine trust >/dev/null; mine doctor; echo trusted=$?
        echo '# one more line' >> home/shop/.kanmon/p.toml
        echo ---; mine doctor; echo changed=$?
        echo ---; mine doctor --lang ja
        echo ---; mine trust >/dev/null; mine doctor; echo anew=$?"#
    ));
    let parts: Vec<&str> = said.split("---\n").collect();
    for (part, status) in [(parts[0], "trusted=0"), (parts[3], "anew=0")] {
        assert_says(
            part,
            &["project       ok ", "/home/shop/.kanmon/p.toml\n", status],
        );
    }
    assert_says(
        parts[1],
        &[
            "project       MEND    the rules in ",
            "/home/shop/.kanmon do not count: they were changed since you trusted them",
            "then run `kanmonctl trust`",
            "to be mended: 1\nchanged=1",
        ],
    );
    assert_says(
        parts[2],
        &[
            "プロジェクト  要対応  ",
            "信頼した後に変更されたため効きません",
        ],
    );
}

/// The README in both languages, each with a locale of its readers.
const READMES: [(&str, &str); 2] = [
    (include_str!("../../README.md"), "C.UTF-8"),
    (include_str!("../../README.ja.md"), "ja_JP.UTF-8"),
];

/// Returns the first code block of this kind in the second section of a README.
fn block<'r>(readme: &'r str, kind: &str) -> &'r str {
    let section = readme.split("\n## ").nth(2).unwrap();
    let block = section.split(kind).nth(1).unwrap();
    block.split("```").next().unwrap()
}

#[test]
fn the_walk_in_the_readme_goes_from_nothing_to_a_team_rule() {
    for (readme, locale) in READMES {
        let Some(host) = Host::new() else { return };
        let script = host.path("walk.sh");
        std::fs::write(script, block(readme, "```sh\n")).unwrap();
        let said = host.run(&format!(
            "rm -r /etc/kanmon
            export LC_ALL={locale}
            bash walk.sh
            echo ---; as 1234 kanmon ssh batch1 sudo batchctl start night; echo held=$?"
        ));
        // The shell's own word where the machine has no such locale.
        let lines = said.split_inclusive('\n');
        let said: String = lines.filter(|line| !line.contains("setlocale")).collect();
        let (walked, held) = said.split_once("---\n").unwrap();
        // What the README leaves out stands between its parts.
        let (begun, ended) = block(readme, "```text\n").split_once("…\n").unwrap();
        assert!(walked.starts_with(begun), "{walked}");
        assert!(walked.ends_with(ended), "{walked}");
        assert_says(walked, &["/etc/kanmon/rules.compiled: "]);
        let title = readme.split("\ntitle = \"").nth(2).unwrap();
        let title = title.split('"').next().unwrap();
        assert_says(held, &[title, "held=124"]);
        // The compiled set counts.
        assert_not_said(held, &["compile"]);
    }
}

#[test]
fn the_screen_in_the_readme_asks_what_the_rule_asks() {
    for (readme, locale) in READMES {
        let shown = std::process::Command::new(env!("CARGO_BIN_EXE_kanmonctl"))
            .args(["rules", "show", "mail.release-held"])
            .env_clear()
            .env("LC_ALL", locale)
            .output()
            .unwrap();
        let shown = String::from_utf8(shown.stdout).unwrap();
        let title = shown.lines().nth(1).unwrap().trim();
        assert_says(readme, &[&format!("! {title}  [mail.release-held")]);
        let asked = shown
            .lines()
            .filter_map(|row| row.trim().strip_prefix("checklist "));
        let mut n_asked = 0;
        for question in asked {
            n_asked += 1;
            assert_says(readme, &[&format!("/6 {question}")]);
        }
        assert_eq!(n_asked, 3, "{shown}");
    }
}

#[test]
fn both_readmes_name_the_same_commands_and_options() {
    let named = |readme: &str| -> Vec<String> {
        let blocks = readme.split("\n```").skip(1).step_by(2);
        let lines = blocks.flat_map(|block| block.lines().skip(1).map(str::to_owned));
        let words = lines.filter_map(|line| {
            // What a line says of it stands behind two blanks.
            let word = line.trim_start().split("  ").next()?.to_owned();
            let is_named = ["kanmon ", "kanmonctl ", "cargo ", "ci/", "eval ", "--"];
            is_named
                .iter()
                .any(|with| word.starts_with(with))
                .then_some(word)
        });
        words.collect()
    };
    let [(english, _), (japanese, _)] = READMES;
    let english = named(english);
    assert!(english.len() > 30, "{english:?}");
    assert_eq!(named(japanese), english);
}
