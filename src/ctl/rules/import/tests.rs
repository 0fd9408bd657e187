//! Runbooks become packs that the reader takes.

use super::*;
use crate::ctl::rules::test::held_by;
use proptest::prelude::*;

const NAMES: Names<'_> = Names {
    id: "runbook",
    title: "メール放流",
    file: "runbook.csv",
};

/// Returns the pack of a runbook.
fn imported(csv: &str) -> String {
    import(csv.as_bytes(), NAMES).unwrap()
}

#[test]
fn a_runbook_becomes_a_pack_to_finish() {
    let csv = "手順,確認事項,期待値,確認者\n\
        担当者に連絡,連絡した相手,,\n\
        mailq,滞留件数,10件以下,\n\
        \"滞留メールの放流\n$ sudo postsuper -H ALL\",\"・宛先\n・原因は取り除いたか\",,佐藤\n\
        ,件数,0,佐藤\n\
        $ systemctl restart postfix,,,\n\
        完了報告,報告したか,,\n";
    insta::assert_snapshot!(imported(csv), @r##"
    # runbook.csv
    # 仕上げてください: why (誤ると何が起きるか)、risk、match の絞り込み、test.pass。
    [pack]
    id = "runbook"
    title = "メール放流"
    lang = "ja"

    [probe]
    # 出力の最後の数値です。目的の値か確かめてください。
    row-3 = { run = "mailq", pick = '(-?[0-9]+(?:\.[0-9]+)?(?:[kKMGT]\b)?)', as = "last", label = "滞留件数" }

    # runbook.csv row 2  担当者に連絡
    # runbook.csv row 3  mailq
    [[rule]]
    # runbook.csv row 4
    id = "postsuper"
    title = "滞留メールの放流"
    why = "誤ると何が起きるかは、まだ書かれていません"
    risk = "medium"
    match = [
      { program = "postsuper", flag = ["-H"] },
    ]
    steps = [
      { check = "row-3", is = "<= 10" },
      { checklist = [
        "連絡した相手",
        "宛先",
        "原因は取り除いたか",
        { ask = "件数", answer = "text", like = "^0$" },
      ] },
      { witness = "確認者 (佐藤)" },
    ]
    test.hold = ["sudo postsuper -H ALL"]
    # 似ているが止めてはいけない行を足してください: test.pass = […]

    [[rule]]
    # runbook.csv row 6
    id = "systemctl-restart"
    title = "systemctl restart postfix の実行"
    why = "誤ると何が起きるかは、まだ書かれていません"
    risk = "medium"
    match = [
      { program = "systemctl", verb = ["restart"] },
    ]
    test.hold = ["systemctl restart postfix"]
    # 似ているが止めてはいけない行を足してください: test.pass = […]

    # runbook.csv row 7  完了報告
    # "報告したか"
    "##);
}

#[test]
fn an_english_runbook_becomes_an_english_pack() {
    let text = imported("Step,Check,Expected,Checked by\n$ reboot,Console at hand?,yes,Ann\n");
    for part in [
        "lang = \"en\"",
        "title = \"Run reboot\"",
        "{ ask = \"Console at hand?\", answer = \"text\", like = \"^yes$\" }",
        "{ witness = \"Checked by Ann\" }",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn secrets_do_not_go_into_the_pack() {
    let text = imported("手順\n$ DB_PASSWORD=hunter2 systemctl restart db\n");
    assert!(
        !text.contains("hunter2") && text.contains("DB_PASSWORD=****"),
        "{text}"
    );
}

#[test]
fn what_looks_like_a_placeholder_is_text() {
    let text = imported("手順,確認事項\n$ reboot,{host} と ${x} は?\n");
    assert!(text.contains("\"{ host } と ${x} は?\""), "{text}");
}

#[test]
fn the_rules_hold_the_commands_that_they_come_from() {
    let csv = "手順\n$ sudo postsuper -d ALL\n$ ssh mx1 'systemctl stop postfix; reboot'\n\
        $ /opt/batch/run.sh --all\n$ kubectl -n prod rollout restart deploy/web\n";
    let mut files = builtin::files();
    files.push(SourceFile {
        name: "runbook.toml".to_owned(),
        text: imported(csv),
        layer: Layer::System,
    });
    let (packs, _) = read(&files);
    let rules = RuleSet::of_packs(&packs).unwrap();
    let own = packs
        .rules
        .iter()
        .filter(|rule| rule.id.starts_with("runbook."));
    let own: Vec<_> = own.collect();
    assert_eq!(own.len(), 4);
    for rule in own {
        for line in &rule.test_hold {
            assert!(
                held_by(line, &rules).contains(&rule.id),
                "{}: {line}",
                rule.id
            );
        }
    }
}

#[test]
fn a_command_that_only_helps_becomes_a_comment() {
    let text = imported("手順\n$ systemctl restart --help\n$ reboot\n");
    assert!(
        text.contains("# runbook.csv row 2  systemctl restart --help\n"),
        "{text}"
    );
    assert_eq!(text.matches("[[rule]]").count(), 1);
    let only = import("手順\n$ systemctl restart --help\n".as_bytes(), NAMES);
    assert!(matches!(only, Err(ImportError::NoCommand)), "{only:?}");
}

#[test]
fn a_runbook_without_commands_and_a_bad_id_are_told() {
    let error = |csv: &str, id| {
        import(csv.as_bytes(), Names { id, ..NAMES })
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        error("手順\n連絡する\n", "x"),
        "no step has a command that a rule could be made of"
    );
    assert!(error("手順\n$ reboot\n", "Bad Id").contains("`Bad Id` is no id"));
    assert!(error("手順\n$ reboot\n", "mail").contains("the pack id `mail` is taken"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_give_a_readable_pack_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        no_mistakes(&bytes);
    }

    #[test]
    fn any_cells_give_a_readable_pack_or_an_error(
        rows in proptest::collection::vec((cell(), cell(), cell(), cell()), 1..5)
    ) {
        let mut csv = "手順,確認事項,期待値,確認者\n".to_owned();
        for (step, check, expected, by) in rows {
            let quote = |cell: String| format!("\"{}\"", cell.replace('"', "\"\""));
            let cells = [step, check, expected, by].map(quote);
            csv.push_str(&format!("{}\n", cells.join(",")));
        }
        no_mistakes(csv.as_bytes());
    }
}

/// Cells of a runbook and anything else.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,30}",
        "(\\PC|\n){0,30}",
        "\\$ (reboot|postsuper|systemctl|ls|x/y) [a-z -=*?|{}'\"\\\\]{0,20}",
        "[<>!=]{0,2} ?[0-9０-９]{1,3}(件|%)?(以下|以上|未満|超)?",
        Just("mailq".to_owned()),
        Just(String::new()),
    ]
}

/// Checks that the reader takes what is made, whatever it is, and that its rules do what they say.
fn no_mistakes(bytes: &[u8]) {
    match import(bytes, NAMES) {
        Err(ImportError::Pack(mistakes) | ImportError::Mistakes(mistakes)) => panic!("{mistakes}"),
        Err(ImportError::Sheet(_) | ImportError::NoCommand) => {}
        Ok(text) => assert_eq!(missed(&text).unwrap(), BTreeSet::new(), "{text}"),
    }
}
