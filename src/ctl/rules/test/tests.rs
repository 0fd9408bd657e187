//! Rules and cases on the built-in packs and on a team's pack.

use super::*;
use crate::policy::builtin;
use crate::policy::pack::{Layer, SourceFile, cases, read as read_packs, render};
use crate::text::Language;

/// A team's pack: one rule without a line to pass, one with everything.
const TEAM: &str = "[pack]\nid = 'team'\ntitle = 'Team'\n\
    [[rule]]\nid = 'batch'\ntitle = 'Start the batch'\nwhy = 'It mails customers'\nrisk = 'medium'\n\
    match = [{ program = 'batchctl', verb = ['start'] }]\n\
    when = { host = ['!dev*'] }\n\
    steps = [{ cooldown = '1m' }, { confirm = 'Is the mail ready?' }]\n\
    test.hold = ['batchctl start night']\ntest.pass = ['batchctl status']\n\
    [[rule]]\nid = 'wipe'\ntitle = 'Wipe'\nwhy = 'Gone'\nrisk = 'high'\n\
    match = [{ program = 'batchctl', verb = ['wipe'] }]\ntest.hold = ['batchctl wipe']\n";

/// Tries a pack and cases.
fn outcome(pack: &str, case_text: &str) -> Outcome {
    let file = |name: &str, text: &str| SourceFile {
        name: name.to_owned(),
        text: text.to_owned(),
        layer: Layer::System,
    };
    let mut files = builtin::files();
    files.push(file("team.toml", pack));
    let (packs, mistakes) = read_packs(&files);
    assert_eq!(render(&mistakes, &files), "");
    let own = packs
        .rules
        .iter()
        .filter(|rule| rule.source.file == "team.toml");
    let own: BTreeSet<String> = own.map(|rule| rule.id.clone()).collect();
    let cases = match case_text {
        "" => Vec::new(),
        text => {
            let file = file("team.test.toml", text);
            let (cases, mistakes) = cases::read(&file);
            assert_eq!(render(&mistakes, &[file]), "");
            cases
        }
    };
    test(&Subject {
        rules: &RuleSet::of_packs(&packs).unwrap(),
        own: Some(&own),
        profile: Profile::Production,
        wrappers: Vec::new(),
        cases: &cases,
    })
}

/// Draws what came of it.
fn drawn(case_text: &str) -> String {
    report::drawn(&outcome(TEAM, case_text), false, Language::English).join("\n")
}

#[test]
fn every_built_in_rule_and_wrapper_does_what_its_lines_say() {
    let rules = RuleSet::built_in().unwrap();
    let outcome = test(&Subject {
        rules: &rules,
        own: None,
        profile: Profile::Production,
        wrappers: rules.all_wrappers().collect(),
        cases: &[],
    });
    assert!(outcome.lines > 100, "only {} lines tried", outcome.lines);
    assert_eq!(outcome.misses, []);
    assert_eq!(outcome.untested, []);
}

#[test]
fn a_rule_without_a_line_to_pass_is_in_the_table() {
    insta::assert_snapshot!(drawn(""), @"
    untested   hold  pass  steps expected
    team.wipe  yes   no    0 of 0

    3 lines and 0 cases tried, 0 failed
    ");
}

#[test]
fn a_context_decides_and_what_is_not_said_is_unknown() {
    let cases = "\
        [[case]]\nline = 'batchctl start night'\ncontext = { host = 'dev1' }\nverdict = 'pass'\nrules = []\nplan = []\n\
        [[case]]\nline = 'batchctl start night'\ncontext = { host = 'web1' }\nverdict = 'hold'\nrules = 'team.batch'\n\
        [[case]]\nline = 'batchctl start night'\nverdict = 'hold'\n\
        [[case]]\nline = '$X start night'\ncontext = { host = 'web1', env.X = 'batchctl' }\nrules = ['team.batch']\n\
        [[case]]\nline = 'ssh dev1 batchctl start night'\nrules = []\n\
        [[case]]\nline = 'ssh web1 batchctl start night'\nrules = ['team.batch']\n";
    let outcome = outcome(TEAM, cases);
    assert_eq!((outcome.cases, &outcome.misses), (6, &vec![]));
}

#[test]
fn what_differs_is_drawn() {
    let cases = "[[case]]\nname = 'the night run'\nline = 'batchctl start night'\n\
        verdict = 'pass'\nrules = ['team.wipe']\n\
        plan = ['confirm', 'call target', 'cooldown 30s']\n";
    insta::assert_snapshot!(drawn(cases), @"
    team.test.toml:1  the night run
      $ batchctl start night
      verdict
      - pass
      + hold
      rules
      - team.wipe
      + team.batch
      plan
        confirm Is the mail ready?
      - call target
      - cooldown 30s
      + cooldown 1m

    (-) expected  (+) found

    untested    hold  pass  steps expected
    team.batch  yes   yes   1 of 2
      never: cooldown 1m
    team.wipe   yes   no    0 of 0

    3 lines and 1 case tried, 1 failed
    ");
}

#[test]
fn colours_mark_what_differs_and_nothing_else() {
    let outcome = outcome(
        TEAM,
        "[[case]]\nline = 'batchctl start x'\nverdict = 'pass'\n",
    );
    let rows = report::drawn(&outcome, true, Language::English);
    assert_eq!(rows[3], "\x1b[31m  - pass\x1b[0m");
    assert_eq!(rows[4], "\x1b[32m  + hold\x1b[0m");
    let plain = report::drawn(&outcome, false, Language::English);
    assert!(!plain.iter().any(|row| row.contains('\x1b')), "{plain:?}");
}

#[test]
fn a_case_that_writes_to_the_terminal_is_shown_escaped() {
    let text = "[[case]]\nline = \"batchctl start \\u001b[2J\"\nverdict = 'pass'\n";
    let rows = report::drawn(&outcome(TEAM, text), false, Language::English);
    assert_eq!(rows[1], "  $ batchctl start \\x1b[2J");
}

#[test]
fn a_step_that_a_case_expects_is_tested() {
    let case = "[[case]]\nline = 'batchctl start x'\nplan = ['confirm Is*', 'cooldown']\n";
    let outcome = outcome(TEAM, case);
    assert_eq!(outcome.misses, []);
    let untested: Vec<&str> = outcome
        .untested
        .iter()
        .map(|gap| gap.rule.as_str())
        .collect();
    assert_eq!(untested, ["team.wipe"]);
}

#[test]
fn programs_get_expected_and_found() {
    let outcome = outcome(
        TEAM,
        "[[case]]\nline = 'batchctl start x'\nverdict = 'pass'\n",
    );
    let json = report::as_json(&outcome);
    assert_eq!(json["cases"], 1);
    assert_eq!(json["misses"][0]["at"], "team.test.toml:1");
    assert_eq!(
        json["misses"][0]["verdict"],
        serde_json::json!({ "expected": ["pass"], "found": ["hold"] })
    );
    assert_eq!(json["untested"][0]["rule"], "team.batch");
    assert_eq!(json["untested"][0]["steps"].as_array().unwrap().len(), 2);
}

#[test]
fn a_case_sets_clock_cluster_branch_and_earlier_runs() {
    let pack = "[pack]\nid = 'team'\ntitle = 'Team'\n\
        [calendar]\nyear-end = { zone = 'Asia/Tokyo', entries = [{ from = '2026-12-28', to = '2027-01-03' }] }\n\
        [[rule]]\nid = 'deploy'\ntitle = 'Deploy'\nwhy = 'w'\nrisk = 'low'\n\
        match = [{ program = 'deployctl' }]\n\
        when = [{ freeze = 'year-end' }, { branch = '!main', time = 'Mon-Fri 09:00-18:00 Asia/Tokyo' }, \
        { rerun = 'failed 1h' }, { declined = '2 in 1h' }, { context = 'prod*', namespace = 'shop' }]\n\
        test.hold = ['deployctl']\ntest.pass = ['ls']\n";
    let quiet = "host = 'a', branch = 'main', ran = 'no', declined = 0, context = 'dev', namespace = 'shop'";
    let noon = "time = 2026-11-26T12:00:00+09:00";
    let check = |context: &str, verdict: &str| {
        let case = format!(
            "[context]\n{}\n[[case]]\nline = 'deployctl'\ncontext = {{ {context} }}\nverdict = '{verdict}'\n",
            format!("{quiet}, {noon}").replace(", ", "\n")
        );
        assert_eq!(outcome(pack, &case).misses, [], "{context}");
    };
    check("", "pass");
    check("time = 2026-12-31T12:00:00+09:00", "hold");
    check("branch = 'topic'", "hold");
    check("branch = []", "hold");
    check("branch = 'topic', time = 2026-11-26T21:00:00+09:00", "pass");
    check("ran = 'failed'", "hold");
    check("ran = 'ok'", "pass");
    check("declined = 2", "hold");
    check("context = 'prod-1'", "hold");
    check("context = 'prod-1', namespace = 'test'", "pass");
}
