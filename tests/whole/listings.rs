//! Listings of `kanmonctl` on terminals of 80 and of 40 columns, in both languages: no row is wider,
//! so that the terminal breaks no word, and what goes to a program is one row each.

use unicode_width::UnicodeWidthStr as _;

use crate::machine::Host;
use crate::pty::Pty;
use crate::stage::lines;

/// What is listed, in a host with rules, a shim, a permit, and runs on the record.
const LISTINGS: [&str; 9] = [
    "doctor",
    "log list",
    "log verify",
    "log show $(kanmonctl log list | head -n 1 | cut -d' ' -f1)",
    "rules list",
    "rules show team.deploy",
    "permit list",
    "shim check",
    "explain 'ssh mx1 sudo deploy --with a-long-option; deploy now'",
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
            pty.wait_for_raw("over.", 1);
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
