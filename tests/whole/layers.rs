//! Rule files of the system and of users: real files, owners and users, on a host of their own.

use crate::gate::play;
use crate::machine::Host;

/// Asserts that all these parts stand in a text.
#[track_caller]
pub(crate) fn assert_says(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "lacks {part:?}:\n{said}");
    }
}

/// Asserts that none of these parts stands in a text.
#[track_caller]
pub(crate) fn assert_not_said(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(!said.contains(part), "has {part:?}:\n{said}");
    }
}

#[test]
fn a_team_rule_holds_before_and_after_it_is_compiled() {
    let Some(host) = Host::new() else { return };
    let said = host.run(
        "kanmon deploy 1; echo empty=$?
        cp deploy.toml $rules/10-team.toml
        kanmon deploy 2; echo parsed=$?
        kanmonctl rules compile; echo compile=$?
        echo ---; kanmon deploy 3; echo mapped=$?
        kanmon true; echo true=$?
        as 1234 kanmon deploy 4; echo other=$?",
    );
    assert_says(
        &said,
        &[
            "empty=0",
            "parsed=124",
            "compile=0",
            "mapped=124",
            "true=0",
            "other=124",
        ],
    );
    let (before, after) = said.split_once("---").unwrap();
    assert_says(
        before,
        &[
            "team.deploy",
            "the rules are not compiled",
            " rules, 1 file\n",
        ],
    );
    assert_says(after, &["Deploy the shop"]);
    assert_not_said(after, &["compile"]);
    assert_eq!(host.ran(), ["deploy 1"]);
}

#[test]
fn a_changed_set_is_read_anew_and_said_to_be_stale() {
    let Some(host) = Host::new() else { return };
    let said = host.run(
        "cp deploy.toml $rules/team.toml
        kanmonctl rules compile >/dev/null
        sed 's/deploy/release/g; s/team/more/' deploy.toml > $rules/more.toml
        kanmon release; echo added=$?
        kanmonctl rules compile >/dev/null
        echo ---; kanmon release; echo compiled=$?
        rm $rules/team.toml
        echo ---; kanmon deploy 1; echo removed=$?
        touch /etc/kanmon/config.toml
        kanmon release; echo configured=$?
        kanmonctl rules compile >/dev/null
        printf X | dd of=/etc/kanmon/rules.compiled bs=1 seek=9000 conv=notrunc status=none
        echo ---; kanmon release; echo damaged=$?
        kanmonctl rules compile >/dev/null
        chown 1234 /etc/kanmon/rules.compiled
        echo ---; kanmon release; echo foreign=$?
        ls -a /etc/kanmon",
    );
    let parts: Vec<&str> = said.split("---").collect();
    assert_says(
        parts[0],
        &[
            "added=124",
            "rules.compiled are not used (rules.d was changed)",
        ],
    );
    assert_says(parts[1], &["compiled=124"]);
    assert_not_said(parts[1], &["not used"]);
    assert_says(
        parts[2],
        &["removed=0", "(config.toml was changed)", "configured=124"],
    );
    assert_says(parts[3], &["damaged=124", "(they are damaged)"]);
    assert_says(parts[4], &["foreign=124", "(it belongs to user 1234"]);
    // A pass and a hold leave nothing there.
    assert_says(parts[4], &[".\n..\nconfig.toml\nrules.compiled\nrules.d\n"]);
    assert_eq!(host.ran(), ["deploy 1"]);
}

#[test]
fn a_broken_file_between_two_runs_lets_nothing_through_and_stops_nothing_else() {
    let Some(host) = Host::new() else { return };
    let said = host.run(
        r#"cp deploy.toml $rules/team.toml
        kanmonctl rules compile >/dev/null
        sed 's/deploy/release/g; s/team/more/; s/low/lwo/' deploy.toml > $rules/more.toml
        sed -i 's/risk/rsik/; s/deploy/settle-accounts/g' $rules/team.toml
        kanmon deploy; echo last-good=$?
        kanmon release; echo named=$?
        kanmon true; echo true=$?
        kanmon ls /nowhere/x; echo ls=$?
        echo ---; kanmonctl rules compile; echo compile=$?
        echo ---; kanmon deploy; echo last-good=$?
        kanmon release; echo named=$?
        kanmon true; echo true=$?"#,
    );
    let parts: Vec<&str> = said.split("---").collect();
    for runs in [parts[0], parts[2]] {
        assert_says(
            runs,
            &[
                "last-good=124",
                "team.toml cannot be used (6:1: a rule needs `risk`); its last good version counts",
                "named=124",
                "kanmon.broken.1",
                "more.toml cannot be used (10:8: `lwo` is no risk); every program that it names is held",
                "true=0",
            ],
        );
    }
    assert_says(parts[0], &["ls=2"]);
    assert_says(
        parts[1],
        &[
            "compile=1",
            "unknown key `rsik` in a rule",
            "^^^^",
            "did you mean `low`?",
            "2 files cannot be used",
        ],
    );
    assert_not_said(parts[2], &["not used"]);
    assert_eq!(host.ran(), [""; 0]);
}

#[test]
fn the_hold_for_a_broken_file_shows_the_line_and_the_mend() {
    let Some(host) = Host::new() else { return };
    let mut pty = host.start(
        "sed 's/low/lwo/' deploy.toml > $rules/team.toml
        kanmon --lang en deploy now; echo status=$?",
    );
    pty.wait_for_question("Run the command all the same?");
    let screen = pty.screen();
    for part in [
        "Run what the broken rule file /etc/kanmon/rules.d/team.toml may guard",
        "--> /etc/kanmon/rules.d/team.toml:10:8",
        "10 | risk = 'lwo'",
        "   |        ^^^^^",
        "help: did you mean `low`?",
    ] {
        assert!(screen.contains(part), "lacks {part:?}:\n{screen}");
    }
    pty.type_text("y\n");
    pty.wait_for("status=0");
    assert_eq!(host.ran(), ["deploy now"]);
}

#[test]
fn a_broken_file_is_told_in_japanese() {
    let Some(host) = Host::new() else { return };
    let broken = "(sed 's/low/lwo/' deploy.toml; echo \"whi = 'x'\") > $rules/team.toml
        export LC_ALL=ja_JP.UTF-8";
    let told = [
        "エラー: `lwo` という危険度はありません",
        "--> /etc/kanmon/rules.d/team.toml:10:8",
        "10 | risk = 'lwo'",
        "   |        ^^^^^",
        "対処: `low` のことですか？",
        "エラー: ルールに `whi` というキーはありません",
    ];
    for teller in ["rules compile", "rules lint", "rules test $rules/team.toml"] {
        let said = host.run(&format!("{broken}\nkanmonctl {teller}"));
        assert_says(&said, &told);
        assert_not_said(&said, &["error:", "help:"]);
    }
    let said = host.run(&format!("{broken}\nkanmonctl doctor"));
    assert_says(
        &said,
        &["team.toml は使えません（10:8: `lwo` という危険度はありません）"],
    );
    // Programs read what they read before.
    let said = host.run(&format!(
        "{broken}\nkanmonctl rules compile --json\nkanmonctl rules lint --format json"
    ));
    assert_says(
        &said,
        &["error: `lwo` is no risk", "\"did you mean `low`?\""],
    );
    let mut pty = host.start(&format!("{broken}\nkanmon deploy now; echo status=$?"));
    pty.wait_for_question("実行しますか?");
    // The first rows have gone by: two mistakes and two warnings stand above the question.
    assert_says(&pty.screen(), &told[2..]);
    pty.type_text("y\n");
    pty.wait_for("status=0");
    assert_eq!(host.ran(), ["deploy now"]);
}

#[test]
fn files_that_others_can_write_count_for_nothing_and_hold() {
    let Some(host) = Host::new() else { return };
    for (spoil, why) in [
        (
            "chmod 664 $rules/team.toml",
            "others can write it (mode 0664)",
        ),
        ("chown 1234 $rules/team.toml", "it belongs to user 1234"),
        (
            "mv $rules/team.toml /etc/kanmon/team; ln -s ../team $rules/team.toml",
            "it is a link or no regular file",
        ),
        (
            "rm $rules/team.toml; mkfifo $rules/team.toml",
            "it is a link or no regular file",
        ),
    ] {
        let said = host.run(&format!(
            "cp deploy.toml $rules/team.toml; {spoil}
            kanmon deploy; echo status=$?"
        ));
        assert_says(&said, &["status=124", "kanmon.broken.1", why]);
        let said = host.run(&format!(
            "cp deploy.toml $rules/team.toml; kanmonctl rules compile >/dev/null; {spoil}
            kanmon deploy; echo status=$?; kanmon true; echo true=$?"
        ));
        assert_says(
            &said,
            &[
                "status=124",
                "team.deploy",
                "last good version counts",
                why,
                "true=0",
            ],
        );
    }
    assert_eq!(host.ran(), [""; 0]);
}

#[test]
fn a_folder_that_others_can_write_holds_every_line() {
    let Some(host) = Host::new() else { return };
    for (spoil, why) in [
        ("chmod 775 /etc/kanmon", "others can write it (mode 0775)"),
        ("chown 1234 /etc/kanmon", "it belongs to user 1234"),
        ("chmod 777 $rules", "others can write it (mode 0777)"),
        ("chmod 777 /etc", "`/etc` above it: others can write it"),
        (
            "mv /etc/kanmon /etc/other; ln -s other /etc/kanmon",
            "it is a link or no regular file",
        ),
    ] {
        let said = host.run(&format!(
            "cp deploy.toml $rules/team.toml; kanmonctl rules compile >/dev/null; {spoil}
            kanmon release; echo status=$?
            kanmon true; echo true=$?
            kanmon -c 'release > x'; echo line=$?
            kanmon $'$x'; echo opaque=$?"
        ));
        assert_says(
            &said,
            &["status=124", "true=124", "line=124", "opaque=124", why],
        );
    }
    // Why it is held is told in the reader's language.
    let mut pty = host.start("chmod 775 /etc/kanmon; kanmon --lang ja release; echo status=$?");
    pty.wait_for("他のユーザーも書き込めます（モード 0775）");
    pty.wait_for_question("実行しますか");
    assert_not_said(&pty.screen(), &["others can write"]);
    pty.type_text("n\n");
    pty.wait_for("status=124");
    assert_eq!(host.ran(), [""; 0]);
}

#[test]
fn what_a_user_cannot_read_holds_every_line_of_theirs_until_it_is_compiled() {
    let Some(host) = Host::new() else { return };
    let said = host.run(
        "cp deploy.toml $rules/team.toml; chmod 600 $rules/team.toml
        as 1234 kanmon release 1; echo unread=$?
        kanmon release 2; echo root=$?
        kanmonctl rules compile >/dev/null
        as 1234 kanmon release 3; echo compiled=$?
        as 1234 kanmon deploy; echo held=$?
        as 1234 kanmonctl rules compile; echo compile=$?",
    );
    assert_says(
        &said,
        &[
            "unread=124",
            "Permission denied",
            "root=0",
            "compiled=0",
            "held=124",
            "compile=125",
        ],
    );
    assert_eq!(host.ran(), ["release 2", "release 3"]);
}

#[test]
fn break_glass_leads_past_a_folder_that_cannot_be_used() {
    let Some(host) = Host::new() else { return };
    let mut pty = host.start(
        "chmod 775 /etc/kanmon
        kanmon --lang en --break-glass 'the fleet burns' deploy now; echo status=$?",
    );
    let name = crate::stage::host();
    play(&mut pty, &[("Break glass", &format!("{name}\n"))]);
    pty.wait_for("status=0");
    assert_eq!(host.ran(), ["deploy now"]);
}

#[test]
fn a_door_has_the_profile_that_the_system_gives_it() {
    let Some(host) = Host::new() else { return };
    let said = host.run(
        "sed \"s/^risk/only = 'production'\\nrisk/\" deploy.toml > $rules/team.toml
        kanmon deploy 1; echo production=$?
        printf \"[profile]\\nprefix = 'workstation'\\n\" > /etc/kanmon/config.toml
        KANMON_PROFILE=production kanmon deploy 2; echo workstation=$?
        kanmonctl check 'deploy 3'; kanmonctl check --profile production 'deploy 3'
        kanmonctl rules compile > /dev/null
        kanmon deploy 4; echo compiled=$?
        printf \"[profile]\\nprefix = 'work'\\n\" > /etc/kanmon/config.toml
        kanmon deploy 5; echo last-good=$?
        rm /etc/kanmon/rules.compiled
        kanmon deploy 6; echo broken=$?",
    );
    assert_says(
        &said,
        &[
            "production=124",
            "workstation=0\npass\nhold: team.deploy\ncompiled=0",
            "last-good=0",
            "broken=124",
            "config.toml cannot be used (2:10: `work` is no profile)",
        ],
    );
    assert_eq!(host.ran(), ["deploy 2", "deploy 4", "deploy 5"]);
}

#[test]
fn each_command_that_judges_takes_a_profile() {
    let Some(host) = Host::new() else { return };
    let said = host.run(
        "sed \"s/^risk/only = 'production'\\nrisk/\" deploy.toml > $rules/team.toml
        kanmonctl rules compile > /dev/null; echo 'deploy 1' > history
        for profile in production workstation; do
          echo ===; kanmonctl check --profile $profile 'deploy 1'
          echo ---; kanmonctl explain --profile $profile 'deploy 1'
          kanmonctl explain --json --profile $profile 'deploy 1'
          echo ---; kanmonctl rules try --profile $profile --history history --format bash
          echo ---; kanmonctl rules test --profile $profile $rules
          echo ---; kanmonctl drill --lang en --profile $profile deploy 1; echo drill=$?
        done",
    );
    let parts: Vec<Vec<&str>> = (said.split("===\n").skip(1))
        .map(|of_profile| of_profile.split("---\n").collect())
        .collect();
    let [production, workstation] = parts.as_slice() else {
        panic!("{said}")
    };
    assert_eq!(production[0], "hold: team.deploy\n");
    assert_says(
        production[1],
        &[
            "held by team.deploy",
            "hold: team.deploy",
            r#""held_by":["team.deploy"]"#,
        ],
    );
    assert_says(production[2], &["held           1", "team.deploy        1"]);
    // Its own two lines are not tried where it is out.
    assert_says(production[3], &["2 lines and 0 cases tried, 0 failed"]);
    assert_says(production[4], &["held by rule team.deploy", "drill=124"]);

    assert_eq!(workstation[0], "pass\n");
    assert_says(
        workstation[1],
        &[
            "team.deploy: only in the profile production",
            "pass: no rule",
            r#""held_by":[]"#,
            r#""not_by":{"team.deploy":"only"}"#,
        ],
    );
    assert_not_said(workstation[1], &["held by"]);
    assert_says(workstation[2], &["held           0"]);
    assert_not_said(workstation[2], &["team.deploy"]);
    assert_says(workstation[3], &["0 lines and 0 cases tried, 0 failed"]);
    assert_says(workstation[4], &["no rule names this line", "drill=0"]);
    assert_eq!(host.ran(), [""; 0]);
}

#[test]
fn a_users_own_rules_hold_for_that_user_alone() {
    let Some(host) = Host::new() else { return };
    let said = host.run(
        "cp deploy.toml $own/mine.toml; chown 1234 $own/mine.toml
        ann kanmon deploy 1; echo parsed=$?
        kanmon deploy 2; echo root=$?
        ann kanmonctl rules compile --user; echo compile=$?
        echo ---; ann kanmon deploy 3; echo mapped=$?
        ann kanmon release 4; echo other=$?
        ann kanmonctl rules list | grep deploy
        sed -i 's/deploy/release/g' $own/mine.toml
        echo ---; ann kanmon release 5; echo stale=$?
        ann kanmonctl rules compile --user > /dev/null
        chmod 666 home/.cache/kanmon/user.compiled
        echo ---; ann kanmon release 6; echo forged=$?",
    );
    let parts: Vec<&str> = said.split("---").collect();
    assert_says(parts[0], &["parsed=124", "root=0", "compile=0"]);
    assert_says(
        parts[1],
        &[
            "mapped=124",
            "other=0",
            "  low       user      ",
            "mine.toml:6",
        ],
    );
    assert_not_said(parts[1], &["not used"]);
    assert_says(
        parts[2],
        &["stale=124", "user.compiled are not used (. was changed)"],
    );
    assert_says(parts[3], &["forged=124", "others can write it (mode 0666)"]);
    assert_eq!(host.ran(), ["deploy 2", "release 4"]);
}

#[test]
fn a_users_set_is_made_for_one_set_of_the_system() {
    let Some(host) = Host::new() else { return };
    let said = host.run(
        "sed 's/team/mine/; s/deploy/release/g' deploy.toml > $own/mine.toml
        chown 1234 $own/mine.toml
        ann kanmonctl rules compile --user > /dev/null
        ann kanmon release 1; echo alone=$?
        cp deploy.toml $rules/team.toml; kanmonctl rules compile > /dev/null
        ann kanmon release 2; echo beside=$?
        ann kanmon deploy 3; echo team=$?
        ann kanmonctl rules compile --user > /dev/null
        echo ---; ann kanmon release 4; echo anew=$?",
    );
    let (before, after) = said.split_once("---").unwrap();
    assert_says(
        before,
        &[
            "alone=124",
            "beside=124",
            "(/etc/kanmon/rules.compiled was changed)",
            "team=124",
        ],
    );
    assert_says(after, &["anew=124"]);
    assert_not_said(after, &["not used"]);
    assert_eq!(host.ran(), [""; 0]);
}

#[test]
fn a_users_files_redefine_nothing() {
    let Some(host) = Host::new() else { return };
    for (text, why) in [
        (
            "[words.deploy]\ndry = ['now']",
            "`words` may only stand in the files of the system",
        ),
        (
            "plain = ['deploy']",
            "`plain` may only stand in the files of the system",
        ),
        (
            "[[wrapper]]\nprogram = 'sudo'\ninner = 'rest'\noperands = ['a', 'b', 'c']",
            "`sudo` is a known program",
        ),
        (
            "[[wrapper]]\nprogram = 'echo'\ninner = 'rest'",
            "`echo` is a known program",
        ),
        (
            "[pack]\nid = 'team'\ntitle = 'T'",
            "the pack id `team` is taken",
        ),
        (
            "[pack]\nid = 'reboot'\ntitle = 'T'",
            "the pack id `reboot` is taken",
        ),
        (
            "[pack]\nid = 'kanmon'\ntitle = 'T'",
            "the pack id `kanmon` is the program's own",
        ),
    ] {
        let said = host.run(&format!(
            "cp deploy.toml $rules/team.toml; kanmonctl rules compile >/dev/null
            printf '%s\n' \"{text}\" > $own/mine.toml; chown 1234 $own/mine.toml
            ann kanmon deploy now; echo deploy=$?
            ann kanmon sudo deploy now; echo sudo=$?
            ann kanmon true; echo true=$?"
        ));
        assert_says(
            &said,
            &["deploy=124", "sudo=124", "team.deploy", "true=0", why],
        );
    }
    assert_eq!(host.ran(), [""; 0]);
}

#[test]
fn a_users_wrapper_is_one_more_reading() {
    let Some(host) = Host::new() else { return };
    let said = host.run(
        "cp deploy.toml $rules/team.toml; kanmonctl rules compile >/dev/null
        printf \"[[wrapper]]\\nprogram = 'run-on'\\noperands = ['host']\\ninner = 'rest'\\nmoves = 'host'\\ntarget.host = 'operand:host'\\n\" > $own/mine.toml
        chown 1234 $own/mine.toml
        ann kanmonctl explain 'run-on web1 deploy now'
        ann kanmonctl check 'run-on deploy now'
        ann kanmonctl check 'run-on web1 release now'",
    );
    assert_says(
        &said,
        &["web1", "hold: team.deploy\nhold: team.deploy\npass\n"],
    );
}

#[test]
fn another_users_files_are_not_this_users() {
    let Some(host) = Host::new() else { return };
    let said = host.run(
        "sed 's/team/mine/; s/deploy/release/g' deploy.toml > $own/mine.toml
        cp deploy.toml $rules/team.toml; kanmonctl rules compile >/dev/null
        export HOME=$PWD/home
        kanmon release 1; echo root=$?
        kanmon deploy 2; echo held=$?
        chown 1234 $own/mine.toml; XDG_CONFIG_HOME=$PWD/home/.config as 1235 kanmon release 3; echo other=$?
        cd home; XDG_CONFIG_HOME=.config HOME=. as 1234 kanmon release 4; echo relative=$?",
    );
    assert_says(
        &said,
        &[
            "root=0",
            "do not count here: the folder belongs to user 1234",
            "held=124",
            "other=0",
            "relative=0",
        ],
    );
}

#[test]
fn what_others_can_write_of_a_users_files_holds() {
    let Some(host) = Host::new() else { return };
    for (spoil, status, why) in [
        (
            "chmod 664 $own/mine.toml",
            0,
            "others can write it (mode 0664)",
        ),
        ("chown 1235 $own/mine.toml", 0, "it belongs to user 1235"),
        ("chmod 775 $own", 124, "others can write it (mode 0775)"),
        (
            "chmod 777 home/.config",
            124,
            "above it: others can write it (mode 0777)",
        ),
    ] {
        let said = host.run(&format!(
            "cp deploy.toml $own/mine.toml; chown 1234 $own/mine.toml; {spoil}
            ann kanmon deploy; echo deploy=$?
            ann kanmon true; echo true=$?; rm -r home"
        ));
        assert_says(&said, &["deploy=124", &format!("true={status}"), why]);
    }
    assert_eq!(host.ran(), [""; 0]);
}

/// A project of a user's in which a rule guards `release` with a probe that leaves a trace.
const PROJECT: &str = r#"
mkdir -p home/shop/.kanmon home/shop/src/deep
cat > home/shop/.kanmon/shop.toml <<END
[pack]
id = 'shop'
title = 'Shop'
[probe]
trace = { run = 'touch $PWD/home/probed; echo 3', label = 'Open orders' }
[[rule]]
id = 'release'
title = 'Release the shop'
why = 'Customers are waiting.'
risk = 'medium'
match = [{ program = 'release' }]
steps = [{ show = 'trace' }]
END
chown -R 1234:1234 home
ann() { (cd home/shop/src/deep && HOME=$own_home as 1234 "$@"); }
own_home=$PWD/home
cp deploy.toml $rules/team.toml; kanmonctl rules compile > /dev/null
"#;

#[test]
fn a_project_counts_once_its_content_is_trusted() {
    let Some(host) = Host::new() else { return };
    let said = host.run(&format!(
        "{PROJECT}
        ann kanmon release 1; echo untrusted=$?
        ann kanmon deploy; echo deploy=$?
        ann kanmonctl trust; echo trust=$?
        echo ---; ann kanmon release 2; echo trusted=$?
        ann kanmonctl trust --list
        ann kanmonctl rules list | grep shop.release
        kanmon release 3; echo root-elsewhere=$?
        (cd home/shop; kanmon release 4; echo root-there=$?)
        echo >> home/shop/.kanmon/shop.toml
        echo ---; ann kanmon release 5; echo changed=$?
        ann kanmon deploy; echo deploy=$?
        ann kanmonctl trust > /dev/null; ann kanmon release 6; echo again=$?
        touch home/shop/.kanmon/more.toml
        ann kanmon release 7; echo more=$?
        rm home/shop/.kanmon/more.toml; ann kanmon release 8; echo less=$?
        ann kanmonctl trust --revoke; ann kanmon release 9; echo revoked=$?
        ann kanmonctl trust --revoke; echo twice=$?
        ls home/probed"
    ));
    let parts: Vec<&str> = said.split("---").collect();
    assert_says(
        parts[0],
        &[
            "untrusted=0",
            "deploy=124",
            "shop/.kanmon do not count: nobody trusted them",
            "trust=0",
        ],
    );
    assert_says(
        parts[1],
        &[
            "trusted=124",
            "shop.release",
            "home/shop/.kanmon\n",
            "  project   ",
            "root-elsewhere=0",
            "root-there=0",
        ],
    );
    assert_says(
        parts[2],
        &[
            "changed=0",
            "deploy=124",
            "do not count: they were changed",
            "again=124",
            "more=0",
            "less=124",
            "revoked=0",
            "is not trusted",
            "twice=125",
        ],
    );
    // Without a terminal no probe runs in a hold; untrusted ones never do.
    assert_says(parts[2], &["cannot access 'home/probed'"]);
    let passed = ["1", "3", "4", "5", "7", "9"].map(|n| format!("release {n}"));
    assert_eq!(host.ran(), passed);
}

#[test]
fn a_hostile_project_is_named_and_nothing_of_it_runs() {
    let Some(host) = Host::new() else { return };
    let mut pty = host.start(&format!(
        "{PROJECT}
        sed -i 's/release/deploy/g' home/shop/.kanmon/shop.toml
        ann kanmon --lang en deploy now; echo status=$?; ls home/probed"
    ));
    pty.wait_for_question("Go on?");
    let screen = pty.screen();
    assert_says(
        &screen,
        &["team.deploy", "shop/.kanmon do not count: nobody"],
    );
    assert_not_said(&screen, &["shop.deploy", "Open orders"]);
    pty.type_text("y");
    pty.wait_for("status=0");
    pty.wait_for("cannot access 'home/probed'");
}

#[test]
fn the_probe_of_a_trusted_project_runs() {
    let Some(host) = Host::new() else { return };
    let mut pty = host.start(&format!(
        "{PROJECT}
        ann kanmonctl trust
        ann kanmon --lang en release now; echo status=$?; ls home/probed"
    ));
    pty.wait_for_question("Release the shop");
    assert_says(&pty.screen(), &["Open orders: 3"]);
    pty.type_text("y\n");
    pty.wait_for("status=0");
    pty.wait_for("home/probed");
}

#[test]
fn a_folder_in_between_takes_nothing_away() {
    let Some(host) = Host::new() else { return };
    let said = host.run(&format!(
        "{PROJECT}
        ann kanmonctl trust > /dev/null
        mkdir home/shop/src/.kanmon; echo \"plain = ['release']\" > home/shop/src/.kanmon/x.toml
        ann kanmon release; echo between=$?
        rm -r home/shop/src/.kanmon; ln -s /nowhere home/shop/src/.kanmon
        ann kanmon release; echo link=$?
        rm home/shop/src/.kanmon; mkdir home/shop/src/.kanmon; mkfifo home/shop/src/.kanmon/x.toml
        ann kanmon release; echo pipe=$?
        (cd home/shop/src; HOME=$own_home as 1234 kanmonctl trust; echo refused=$?)
        chmod 666 home/.local/state/kanmon/trusted.json
        ann kanmon release 1; echo forged=$?"
    ));
    assert_says(
        &said,
        &[
            "between=124",
            "shop/src/.kanmon do not count",
            "link=124",
            "pipe=124",
            "cannot be read as a whole",
            "refused=125",
            "forged=0",
        ],
    );
    assert_eq!(host.ran(), ["release 1"]);
}

#[test]
fn a_tune_is_shown_with_its_reason_and_place() {
    let Some(host) = Host::new() else { return };
    let said = host.run(
        "cp deploy.toml $rules/team.toml
        cat > $rules/tunes.toml <<END
[pack]
id = 'our-tunes'
title = 'Ours'
[[tune]]
rule = 'team.deploy'
reason = 'the tills are old'
risk = 'high'
[[tune]]
rule = 'reboot.*'
reason = 'no one reboots from here'
off = true
END
        kanmonctl rules compile; echo compile=$?
        kanmonctl rules show team.deploy
        kanmonctl explain --json 'deploy now'
        kanmonctl check reboot; kanmonctl explain --json reboot
        kanmonctl rules test | tail -1
        kanmon deploy; echo deploy=$?
        sed -i s/team.deploy/team.depoly/ $rules/tunes.toml
        kanmonctl check reboot",
    );
    assert_says(
        &said,
        &[
            "compile=0",
            "Risk     high",
            "Tuned    risk: the tills are old (/etc/kanmon/rules.d/tunes.toml:4)",
            r#"["team.deploy","risk: the tills are old (/etc/kanmon/rules.d/tunes.toml:4)"]"#,
            "pass\n",
            r#"["reboot.host","off: no one reboots from here (/etc/kanmon/rules.d/tunes.toml:8)"]"#,
            "deploy=124",
        ],
    );
}
