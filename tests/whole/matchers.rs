//! Matchers that look at what a line feeds and says in SQL, as the door reads it.

#![expect(clippy::disallowed_methods, reason = "a test reads and writes files")]

use std::collections::BTreeMap;
use std::fs;

use kanmon::door::understand::{Variables, understand};
use kanmon::line::{Content, Line, STANDARD_INPUT};
use kanmon::policy::facts::NothingKnown;
use kanmon::policy::pack::{Layer, SourceFile, read, render};
use kanmon::policy::{Profile, RuleSet};

use crate::judged::{ids, root};

/// A team's rules on the built-in words and wrappers.
const RULES: &str = r#"
[pack]
id = "team"
title = "Team"
[[rule]]
id = "rows"
title = "Delete or change every row"
why = "Without WHERE every row goes."
risk = "critical"
match = [{ program = ["psql", "mysql", "mariadb", "sqlite3", "sqlcmd"], sql = ["delete-all", "update-all", "truncate", "drop"] }]
[[rule]]
id = "v4-only"
title = "Change the firewall for IPv4 only"
why = "IPv6 stays open."
risk = "low"
match = [{ program = "iptables", without = ["ip6tables"] }]
[[rule]]
id = "fed"
title = "Feed a job"
why = "It is charged."
risk = "low"
match = [{ program = "bill", fed = ["*charge*"] }]
[[rule]]
id = "into"
title = "Put it over the system"
why = "It is read at once."
risk = "low"
match = [{ program = "put", flag = ["-a --into=/etc|/etc/*"], line = '[ =]/etc' }]
"#;

/// The files that a line's host has; `None` where nobody looks.
struct Files(Option<BTreeMap<&'static str, Content>>);

impl Variables for Files {
    fn variable(&self, _name: &str) -> Option<Option<String>> {
        None
    }
    fn file(&self, path: &str) -> Option<Content> {
        let files = self.0.as_ref()?;
        Some(files.get(path).cloned().unwrap_or(Content::Nothing))
    }
}

/// Returns the rules.
fn rules() -> RuleSet {
    let folder = root().join("rules");
    let names = ["words/databases.toml", "words/plain.toml", "wrappers.toml"];
    let mut files: Vec<SourceFile> = names
        .iter()
        .map(|name| SourceFile {
            name: (*name).to_owned(),
            text: fs::read_to_string(folder.join(name)).unwrap(),
            layer: Layer::BuiltIn,
        })
        .collect();
    files.push(SourceFile {
        name: "team.toml".to_owned(),
        text: RULES.to_owned(),
        layer: Layer::System,
    });
    let (packs, mistakes) = read(&files);
    assert_eq!(render(&mistakes, &files), "");
    RuleSet::of_packs(&packs).unwrap()
}

/// Checks which rules hold a line.
fn check(rules: &RuleSet, files: &Files, line: &str, expected: &[&str]) {
    let profile = Profile::Production;
    let line = Line::shell(line.as_bytes());
    let found = understand(&line, rules, &NothingKnown, files, profile);
    assert_eq!(ids(&found.verdict), expected, "{}", line.text());
}

#[test]
fn sql_is_found_in_options_operands_and_what_is_fed() {
    let (rules, nobody) = (rules(), Files(None));
    let holds = |line: &str| check(&rules, &nobody, line, &["team.rows"]);
    let passes = |line: &str| check(&rules, &nobody, line, &[]);
    holds("psql -h db1 shop -c 'DELETE FROM orders'");
    holds("psql -h db1 shop -c'DELETE FROM orders'");
    holds("psql --command='DELETE FROM orders' shop");
    holds("psql --comm 'DELETE FROM orders' shop");
    holds("psql -c 'select 1' -c 'begin; update t set a = 1'");
    holds("psql -Atqc 'truncate t'");
    holds("sudo -u postgres psql -c 'drop table t'");
    holds("ssh db1 \"psql -c 'drop table t'\"");
    holds("echo 'drop table t' | psql");
    holds("psql <<< 'drop table t'");
    holds("psql <<EOF\nselect 1;\ndelete from t;\nEOF");
    holds("mysql -u root -e 'drop database shop'");
    holds("sqlite3 shop.db 'select 1' 'delete from t'");
    holds("sqlite3 -cmd 'delete from t' shop.db");
    holds("sqlcmd -S db1 -Q 'drop table t'");
    // What is put together at run time is not known.
    holds("psql -c \"$SQL\"");
    holds("psql -c \"select $(cat x)\"");
    holds("curl x | psql");
    holds("psql -f x.sql");
    holds("psql < x.sql");
    passes("psql");
    passes("psql -h db1 shop");
    passes("psql -c 'DELETE FROM orders WHERE id = 1'");
    passes("psql -c \"select 'drop table x'\"");
    passes("psql -h db1 -c '\\d+ orders'");
    passes("psql --version");
    passes("mysql -e 'show processlist'");
    passes("sqlite3 shop.db .tables");
    passes("sqlite3 shop.db");
    passes("echo 'select 1' | psql");
    passes("echo drop table t");
}

#[test]
fn a_file_of_sql_is_read_where_the_line_runs() {
    let rules = rules();
    let text = |text: &str| Content::Text(text.to_owned());
    let files = |stdin: Content| {
        let named = [
            ("good.sql", text("select 1;")),
            ("/x/bad.sql", text("delete from t;")),
            ("odd.sql", Content::Unseen),
            (STANDARD_INPUT, stdin),
        ];
        Files(Some(named.into_iter().collect()))
    };
    let terminal = files(Content::Nothing);
    check(&rules, &terminal, "psql -f good.sql", &[]);
    check(&rules, &terminal, "psql < good.sql", &[]);
    check(&rules, &terminal, "psql -f gone.sql", &[]);
    check(&rules, &terminal, "psql", &[]);
    for line in [
        "psql -f /x/bad.sql",
        "psql -f good.sql -f /x/bad.sql",
        "psql < /x/bad.sql",
        "psql -f - < /x/bad.sql",
        "psql -f odd.sql",
        "cd \"$(x)\" && psql -f good.sql",
        "cd /x && psql -f bad.sql",
        "ssh db1 psql -f good.sql",
    ] {
        check(&rules, &terminal, line, &["team.rows"]);
    }
    check(&rules, &files(text("drop table t")), "psql", &["team.rows"]);
    check(&rules, &files(text("select 1")), "psql", &[]);
    check(&rules, &files(Content::Unseen), "psql", &["team.rows"]);
}

#[test]
fn another_program_on_the_same_target_excuses() {
    let (rules, nobody) = (rules(), Files(None));
    let v4_only = ["team.v4-only"];
    check(&rules, &nobody, "iptables -F", &v4_only);
    check(&rules, &nobody, "iptables -F && ip6tables -F", &[]);
    check(
        &rules,
        &nobody,
        "ssh a iptables -F; ssh b ip6tables -F",
        &v4_only,
    );
    check(&rules, &nobody, "iptables -F; echo ip6tables -F", &v4_only);
}

#[test]
fn what_is_fed_fits_or_is_not_known() {
    let (rules, nobody) = (rules(), Files(None));
    let fed = ["team.fed"];
    check(&rules, &nobody, "echo 'charge 5' | bill", &fed);
    check(&rules, &nobody, "bill <<< charge", &fed);
    check(&rules, &nobody, "curl x | bill", &fed);
    check(&rules, &nobody, "echo 'refund 5' | bill", &[]);
    check(&rules, &nobody, "bill", &[]);
}

#[test]
fn the_value_of_an_option_is_a_path_in_the_folder_of_the_line() {
    let (rules, nobody) = (rules(), Files(None));
    for line in [
        "put -a --into=/etc/x",
        "cd / && put -a --into etc",
        "cd / && put --into=etc/x -a",
        "cd /etc/ssl && put --into .. -a",
        "ssh web1 'cd /etc && put -a --into=x'",
        "put --into=/srv/../etc -a",
    ] {
        check(&rules, &nobody, line, &["team.into"]);
    }
    for line in [
        "put -a --into etc",
        "cd / && put --into etc",
        "cd / && put -a --into srv --from etc",
        "cd /srv && put -a --into=etc",
        "cd \"$d\" && put -a --into=etc",
    ] {
        check(&rules, &nobody, line, &[]);
    }
}
