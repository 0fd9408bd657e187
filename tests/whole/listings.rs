//! Listings and failures of `kanmonctl` on terminals of 80 and of 40 columns, in both languages: no row is wider,
//! so that the terminal breaks no word, and what goes to a program is one row each.

use unicode_width::UnicodeWidthStr as _;

use crate::machine::Host;
use crate::pty::Pty;
use crate::stage::lines;

/// What is listed, and what fails, in a host with rules (some broken), a shim, a permit, a project and runs on the
/// record.
const LISTINGS: [&str; 33] = [
    "doctor",
    "log list",
    "log verify",
    "log show $(kanmonctl log list | head -n 1 | cut -d' ' -f1)",
    "rules list",
    "rules show team.deploy",
    "permit list",
    "shim check",
    "explain 'ssh mx1 sudo deploy --with a-long-option; deploy now'",
    "shim list",
    "shim add deploy a-program-that-is-not-there-at-all",
    "shim remove a-program-that-is-not-there-at-all",
    "trust project-with-a-name-that-is-rather-long/below",
    "trust --list",
    "trust --revoke /srv/a/folder/that/nobody/has/ever/trusted",
    "rules lint broken.toml",
    "rules lint /no/such/folder/with/rules/in/it",
    "rules test broken.toml",
    "rules show no-such-rule-anywhere",
    "rules compile",
    "permit add --rule no.such --target '*' --until 8h --by Ops --reason x",
    "permit revoke 20261122T023300-4f7a1c-with-more-behind-it",
    "approve 20261122T023300-4f7a1c-with-more-behind-it",
    "log show 20261122T023300-4f7a1c-with-more-behind-it",
    "who",
    "check 'ssh mx1 sudo deploy --with a-long-option'",
    "hook install claude-code --settings a-folder-that-is-not-there/settings.json",
    "sudo check --conf /etc/no/such/sudo.conf --plugin /usr/libexec/sudo/kanmon.so",
    "sudo install --conf /etc/no/such/sudo.conf --plugin /usr/libexec/no/such/kanmon.so",
    "store check",
    "shm list",
    "who --jsn",
    "approve --no 'the queue is full'",
];

/// Makes that host, and writes down what a file gets of each listing.
const FURNISH: &str = r#"
cp deploy.toml $rules/team.toml
kanmonctl rules compile >/dev/null
groupadd -f kanmon 2>/dev/null || printf 'kanmon:x:4199:\n' >>/etc/group
mount -t tmpfs -o mode=755 none /var/lib
kanmonctl init --host >/dev/null
kanmonctl permit add --rule team.deploy --target "$(uname -n)" --until 8h --by 'The operations of the night' --reason 'Release of the shop, train 42' >/dev/null
mount -t tmpfs -o mode=755 none /usr/local/lib
kanmonctl shim add deploy >/dev/null 2>&1
setsid -w kanmon deploy now with many words that say what it is good for --and-a-long-option </dev/null >/dev/null 2>&1
setsid -w kanmon release unknown </dev/null >/dev/null 2>&1
mkdir -p project-with-a-name-that-is-rather-long/below/.kanmon/rules.d
cp deploy.toml project-with-a-name-that-is-rather-long/below/.kanmon/rules.d/rules-of-the-shop-and-its-tills.toml
sed "s/title = 'Deploy the shop'/title = 'Deploy the shop' # 深夜に行うリリースの規則です, with vreb/; s/'low'/'lwo'/; s/^match.*/match = [{ program = 'deploy', vreb = ['start', 'stop', 'restart'], ar = 1 }]/" deploy.toml >broken.toml
cp broken.toml project-with-a-name-that-is-rather-long/below/.kanmon/rules.d/other.toml
cp broken.toml $rules/broken-rules-of-the-operations.toml
"#;

/// Lists at a terminal of this width, a mark before each.
fn at_terminal(host: &Host, language: &str, columns: u16) -> Pty {
    let each = LISTINGS.map(|listing| {
        format!(
            "echo '=== {}'; kanmonctl {listing}\n",
            listing.replace('\'', "")
        )
    });
    host.start(&format!(
        "{FURNISH}\nexport LC_ALL={language}; stty cols {columns} rows 50\n{}\necho over.\n",
        each.concat()
    ))
}

#[test]
fn no_row_is_wider_than_the_terminal() {
    for language in ["C.UTF-8", "ja_JP.UTF-8"] {
        for columns in [80, 40] {
            let Some(host) = Host::new() else { return };
            let mut pty = at_terminal(&host, language, columns);
            // Each reads all rules anew, on a machine that may be busy.
            pty.wait_until("all listings", crate::pty::PATIENCE * 9, |pty| {
                pty.count_raw("\nover.") > 0
            });
            pty.wait_exit();
            let said = pty.raw();
            let mut listing = "";
            let mut n_rows = 0;
            for row in said.split("\r\n") {
                if let Some(name) = row.strip_prefix("=== ") {
                    listing = name;
                    continue;
                }
                n_rows += 1;
                assert!(
                    listing.is_empty() || row.width() <= columns.into(),
                    "{listing} at {columns} in {language}: {row}\n{said}"
                );
            }
            assert!(n_rows > 300, "{said}");
        }
    }
}

/// What the gate itself says outside of a dialogue.
const SAID_BY_THE_GATE: [&str; 7] = [
    "--help",
    "--resume 20261122T023300-4f7a1c-1",
    "--resume 20261122T023300-4f7a1c-1 reboot",
    "--no-such-option-of-the-gate",
    "--drill --break-glass 'the queue has to go' deploy",
    "--lang a-language-of-far-away deploy",
    "a-program-that-is-not-there-at-all",
];

#[test]
fn no_row_of_the_gates_own_errors_is_wider_than_the_terminal() {
    for language in ["C.UTF-8", "ja_JP.UTF-8"] {
        let Some(host) = Host::new() else { return };
        let each = SAID_BY_THE_GATE.map(|words| {
            format!(
                "echo '=== {}'; LC_ALL={language} kanmon {words}\n",
                words.replace('\'', "")
            )
        });
        let mut pty = host.start(&format!(
            "stty cols 40 rows 50\n{}\necho over.\n",
            each.concat()
        ));
        pty.wait_until("all that is said", crate::pty::PATIENCE, |pty| {
            pty.count_raw("\nover.") > 0
        });
        pty.wait_exit();
        let said = pty.raw();
        let mut rows = said.split("\r\n").filter(|row| !row.starts_with("=== "));
        assert!(rows.clone().count() > 40, "{said}");
        let wide = rows.find(|row| row.width() > 40);
        assert_eq!(wide, None, "in {language}: {said}");
    }
}

#[test]
fn a_file_gets_each_row_whole() {
    let Some(host) = Host::new() else { return };
    let said = host.run(&format!(
        "{FURNISH}\nkanmonctl log list >list; kanmonctl rules list >rules; wc -l <list; cat list"
    ));
    let list = lines(&host.path("list"));
    assert_eq!(list.len(), 1, "{said}");
    assert!(list[0].ends_with("--and-a-long-option"), "{said}");
    let rules = lines(&host.path("rules"));
    assert!(rules.iter().any(|row| row.ends_with("Deploy the shop")));
}

/// A project of somebody else, whose names would set the terminal's title and turn text around.
const HOSTILE: &str = r#"
odd=$(printf '\033]0;EVIL\007\342\200\256')
mkdir -p "a$odd/.kanmon/rules.d"
cp deploy.toml "a$odd/.kanmon/rules.d/well$odd.toml"
sed "s/'low'/'lwo'/; s/Deploy the shop/Deploy $odd/" deploy.toml >"a$odd/.kanmon/rules.d/ill$odd.toml"
mkdir shims && ln -s "$PWD/bin/kanmon" "shims/x$odd" && touch shims/.kanmon-shims
cd "a$odd"
"#;

#[test]
fn nobodys_names_move_the_cursor() {
    let Some(host) = Host::new() else { return };
    let listings = [
        "rules lint",
        "rules lint .kanmon",
        "trust",
        "trust --list",
        "rules list",
        "rules show team.deploy",
        "rules test .kanmon/rules.d/ill*",
        "rules compile",
        "doctor",
        "shim list --dir ../shims",
        "shim check --dir ../shims",
        "check --here 'deploy now'",
        "explain 'deploy now'",
        "trust --revoke .",
        "log show x$odd",
    ];
    let each = listings.map(|listing| format!("kanmonctl {listing}; kanmonctl {listing} | cat\n"));
    let mut pty = host.start(&format!("{HOSTILE}\n{}\necho over.\n", each.concat()));
    pty.wait_until("all listings", crate::pty::PATIENCE * 9, |pty| {
        pty.count_raw("\nover.") > 0
    });
    pty.wait_exit();
    let said = pty.raw();
    for odd in ["\u{1b}]0;", "\u{7}", "\u{202e}"] {
        let rows: Vec<&str> = said.lines().filter(|row| row.contains(odd)).collect();
        assert!(rows.is_empty(), "{rows:#?}");
    }
    // They were there.
    assert!(
        said.matches(r"\x1b]0;EVIL\x07\u{202e}").count() > 20,
        "{said}"
    );
}
