//! `kanmonctl explain`: what was understood of a line, drawn as a tree.

#![expect(clippy::disallowed_methods, reason = "the shipped program is started")]

use std::process::Command;

use crate::pty::PtyCommand;

/// The shipped program.
const KANMONCTL: &str = env!("CARGO_BIN_EXE_kanmonctl");

/// Returns what is drawn of a line where standard output is no terminal.
fn drawn(language: &str, line: &str) -> String {
    let output = Command::new(KANMONCTL)
        .args(["explain", line])
        .env_clear()
        .env("LANG", language)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Leaves out which rules nearly fit: every new pack adds some.
fn without_near_rules(text: &str) -> String {
    let rows = text.lines();
    let rows = rows.filter(|row| !row.contains("not by  ") && !row.contains("非該当  "));
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn each_call_stands_below_the_wrapper_that_runs_it() {
    let line = "ssh op@mx1 'sudo reboot' & echo b | tee /proc/sysrq-trigger";
    insta::assert_snapshot!(without_near_rules(&drawn("C.UTF-8", line)), @r#"
    ssh op@mx1 'sudo reboot' & echo b | tee /proc/sysrq-trigger

    ssh op@mx1 'sudo reboot'
    |   ssh op@mx1 'sudo reboot' & echo b | tee /proc/sysrq-trigger
    |   ^^^^^^^^^^^^^^^^^^^^^^^^
    |   target  this host
    |
    `-- sudo reboot
        |   ssh op@mx1 'sudo reboot' & echo b | tee /proc/sysrq-trigger
        |               ^^^^^^^^^^^
        |   via     ssh
        |   target  mx1
        |   user    op
        |
        `-- reboot
                ssh op@mx1 'sudo reboot' & echo b | tee /proc/sysrq-trigger
                                 ^^^^^^
                via     ssh > sudo
                target  mx1
                user    root
                held by reboot.host

    echo b
        ssh op@mx1 'sudo reboot' & echo b | tee /proc/sysrq-trigger
                                   ^^^^^^
        target  this host

    tee /proc/sysrq-trigger
        ssh op@mx1 'sudo reboot' & echo b | tee /proc/sysrq-trigger
                                            ^^^^^^^^^^^^^^^^^^^^^^^
        target  this host
        writes  /proc/sysrq-trigger
        fed     b\n
        held by reboot.host

    hold: reboot.host
    "#);
}

#[test]
fn labels_are_japanese_where_the_locale_is() {
    insta::assert_snapshot!(without_near_rules(&drawn("ja_JP.UTF-8", "curl x | ssh mx1 sh; nosuch reboot; man reboot")), @r#"
    curl x | ssh mx1 sh; nosuch reboot; man reboot

    curl x
        curl x | ssh mx1 sh; nosuch reboot; man reboot
        ^^^^^^
        対象    このホスト

    ssh mx1 sh
    |   curl x | ssh mx1 sh; nosuch reboot; man reboot
    |            ^^^^^^^^^^
    |   対象    このホスト
    |   入力    （不明）
    |
    `-- sh
            curl x | ssh mx1 sh; nosuch reboot; man reboot
                             ^^
            経由    ssh
            対象    mx1
            入力    （不明）
            不透明  download
            保留    opaque.download
            保留    opaque.download-as-root

    nosuch reboot
    |   curl x | ssh mx1 sh; nosuch reboot; man reboot
    |                        ^^^^^^^^^^^^^
    |   対象    このホスト
    |
    `-- reboot
            curl x | ssh mx1 sh; nosuch reboot; man reboot
                                        ^^^^^^
            経由    nosuch
            対象    このホスト
            推測    未知のプログラムの引数です
            保留    reboot.host

    man reboot
        curl x | ssh mx1 sh; nosuch reboot; man reboot
                                            ^^^^^^^^^^
        対象    このホスト

    保留: reboot.host、opaque.download-as-root、opaque.download
    "#);
}

#[test]
fn why_a_near_rule_does_not_hold_is_said() {
    let told = drawn("C.UTF-8", "shutdown --help");
    let why = "reboot.host: it only simulates, helps or tells its version";
    assert!(told.contains(why), "{told}");
    assert!(told.ends_with("pass: no rule\n"), "{told}");
}

#[test]
fn nothing_is_wider_than_the_terminal_and_marks_stay_below_their_calls() {
    let line = "ssh -J bastion op@mx1 'sudo sh -c \"sleep 5; reboot\"' && echo 関門関門関門関門関門; reboot";
    let mut pty = PtyCommand::new(KANMONCTL)
        .args(["explain", line])
        .env("LANG", "ja_JP.UTF-8")
        .size(40, 100)
        .spawn();
    assert!(pty.wait_exit().success());
    insta::assert_snapshot!(without_near_rules(&pty.screen()), @r#"
    ssh -J bastion op@mx1 'sudo sh -c "sleep
      5; reboot"' && echo 関門関門関門関門関
      門; reboot

    ssh -J bastion op@mx1 'sudo sh -c "slee…
    |   ssh -J bastion op@mx1 'sudo sh -c "…
    |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    |   対象    このホスト
    |
    `-- sudo sh -c 'sleep 5; reboot'
        |   …astion op@mx1 'sudo sh -c "sle…
        |                   ^^^^^^^^^^^^^^^^
        |   経由    ssh
        |   対象    mx1
        |   実行者  op
        |
        `-- sh -c 'sleep 5; reboot'
            |   …n op@mx1 'sudo sh -c "slee…
            |                   ^^^^^^^^^^^^
            |   経由    ssh > sudo
            |   対象    mx1
            |   実行者  root
            |
            |-- sleep 5
            |       …1 'sudo sh -c "sleep 5…
            |                       ^^^^^^^
            |       経由    ssh > sudo > sh
            |       対象    mx1
            |       実行者  root
            |
            `-- reboot
                    …h -c "sleep 5; reboot"…
                                    ^^^^^^
                    経由    ssh > sudo > sh
                    対象    mx1
                    実行者  root
                    保留    reboot.host

    echo '関門関門関門関門関門'
        …5; reboot"' && echo 関門関門関門関…
                        ^^^^^^^^^^^^^^^^^^^^
        対象    このホスト

    reboot
        …関門関門関門; reboot
                       ^^^^^^
        対象    このホスト
        保留    reboot.host

    保留: reboot.host
    "#);
}

#[test]
fn of_a_loop_each_pass_has_its_own_branch() {
    // All passes stand at the same place of the line.
    let text = drawn("C.UTF-8", "for h in web1 web2; do ssh $h sudo reboot; done");
    let is_told =
        |row: &&str| row.contains("ssh web") || row.contains("-- ") || row.contains("target");
    let rows = text.lines().skip(1).filter(is_told).map(str::trim_end);
    insta::assert_snapshot!(rows.collect::<Vec<_>>().join("\n"), @"
    ssh web1 sudo reboot
    |   target  this host
    `-- sudo reboot
        |   target  web1
        `-- reboot
                target  web1
    ssh web2 sudo reboot
    |   target  this host
    `-- sudo reboot
        |   target  web2
        `-- reboot
                target  web2
    ");
}
