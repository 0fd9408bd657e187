//! The command of an `sql` probe: a statement, asked of the server that the held invocation names. Pure.
//!
//! Another client, host or socket than the command's would measure another server, and a number of
//! rows from there would be worse than none. So what says where stays of the arguments, as the
//! program's words have it, and nothing else of them: neither the line's own SQL nor a file that it
//! writes to. The line is not cleared yet: a statement that is not known to only read is not asked.

use crate::line::options::{self, Doubt};
use crate::line::text::quote;
use crate::line::{Invocation, Words};

use super::again::{NotAgain, text_of};
use super::around::Around;
use super::sql;

/// The statement that counts the rows which the line's own statements concern.
const ROWS: &str = "{rows}";

/// Returns the first of the statements `texts` of which all is known, given to the client `by` (its
/// words, the last one takes the statement), as text for `sh`.
///
/// # Errors
/// Where it is not known which server the invocation means, or what the statement is.
pub(super) fn command(
    invocation: &Invocation,
    words: Option<&Words>,
    by: &[String],
    texts: &[String],
) -> Result<String, NotAgain> {
    // What only might be run names no server.
    if invocation.opaque.is_some() || invocation.guessed {
        return Err(NotAgain::Unknown(invocation.program.shown()));
    }
    let ([client, before @ ..], Some(words)) = (by, words) else {
        return Err(NotAgain::Unknown(String::from("server")));
    };
    let text = statement(invocation, words, texts)?;
    let (options, operands) = place(invocation, words)?;
    let all = options.iter().chain(before).chain([&text]).chain(&operands);
    let all: Vec<String> = all.map(|word| quote(word)).collect();
    let before = Around::of(invocation, true)?.before_command();
    let client = either(client);
    Ok(format!("{before}{client} {}", all.join(" ")))
}

/// Returns what runs the first of the clients `a|b` that is there.
fn either(clients: &str) -> String {
    if !clients.contains('|') {
        return quote(clients);
    }
    let finds = clients
        .split('|')
        .map(|name| format!("command -v {}", quote(name)));
    format!("$({})", finds.collect::<Vec<_>>().join(" || "))
}

/// Returns the first statement of which all is known.
fn statement(invocation: &Invocation, words: &Words, texts: &[String]) -> Result<String, NotAgain> {
    let dialect = words.sql.as_ref().map(|at| at.dialect).unwrap_or_default();
    let said = |text: &String| match text.as_str() {
        ROWS => {
            let own: Vec<String> = invocation.sql.iter().map(sql::text).collect();
            sql::rows(&own, dialect)
        }
        _ => Some(text.clone()),
    };
    let text = texts.iter().find_map(said);
    let text = text.ok_or_else(|| NotAgain::Unknown(String::from("rows")))?;
    match sql::kinds(&text, dialect).is_empty() {
        true => Ok(text),
        false => Err(NotAgain::WouldRun(text)),
    }
}

/// Returns the options and the operands that say which server is meant.
fn place(invocation: &Invocation, words: &Words) -> Result<(Vec<String>, Vec<String>), NotAgain> {
    let Some(server) = &words.server else {
        return Err(NotAgain::Unknown(String::from("server")));
    };
    let sql = words
        .sql
        .iter()
        .flat_map(|at| at.option.iter().chain(&at.file));
    let with_value: Vec<&str> = sql.map(String::as_str).collect();
    // Of a program that has words it is known which options take a value.
    let parsed = options::parse(&invocation.args, Some(words), &with_value, Doubt::TakesNot);
    let mut kept = Vec::new();
    for option in &parsed.options {
        let is = |name: &String| options::is_option(&option.name, name, Some(words));
        let mut where_and_whom = words.place.iter().chain(words.target.values().flatten());
        if !where_and_whom.any(is) && !server.option.iter().any(is) {
            continue;
        }
        let value = option.value.as_ref().map(text_of).transpose()?;
        // Glued: the value of some is taken only so, and it is never an option of its own.
        kept.push(match value {
            Some(value) if option.name.starts_with("--") => format!("{}={value}", option.name),
            Some(value) => format!("{}{value}", option.name),
            None => option.name.clone(),
        });
    }
    let operands = parsed.operands.iter().take(server.operands);
    Ok((kept, operands.map(text_of).collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::{Givens, Line, Lore as _};
    use crate::policy::RuleSet;
    use crate::policy::pack::tests::system_packs;

    const PACK: &str = r#"
[pack]
id = "x"
title = "X"
[words.psql]
values = ["-h", "--host", "-d", "-c", "-f", "-o", "-v"]
depth = 0
abbrev = true
sql = { option = ["-c"], file = ["-f"], dialect = "postgres" }
place = ["-h", "--host", "-d"]
server = { operands = 1 }
[words.mysql]
values = ["-h", "-e", "--defaults-file"]
optional = ["-p"]
depth = 0
sql = { option = ["-e"], dialect = "mysql" }
target.host = ["-h"]
place = ["--defaults-file"]
server = { option = ["-p"], operands = 1 }
[[wrapper]]
program = "env"
skip = "assignments"
inner = "rest"
[[rule]]
id = "r"
title = "R"
why = "w"
risk = "low"
match = [{ program = ["psql", "mysql"] }]
"#;

    /// What is asked of the server that the first invocation of a line names.
    fn asked(line: &str, by: &str, text: &str) -> Result<String, NotAgain> {
        let rules = RuleSet::of_packs(&system_packs(PACK)).unwrap();
        let line = Line::shell(line.as_bytes());
        let reading = crate::line::read(&line, &rules, &Givens::default()).unwrap();
        let mut found = reading.invocations.iter();
        let found = found.find(|found| found.name != "env").unwrap();
        let by: Vec<String> = by.split(' ').map(str::to_owned).collect();
        command(found, rules.words(&found.name), &by, &[text.to_owned()])
    }

    #[test]
    fn what_says_where_stays_and_nothing_else() {
        for (line, by, expected) in [
            (
                "psql -c 'drop table a'",
                "psql -At -c",
                "psql -At -c 'select 1'",
            ),
            (
                "psql -h db1 -1o out -v x=1 -f drop.sql shop ann",
                "psql -At -c",
                "psql -hdb1 -At -c 'select 1' shop",
            ),
            (
                "psql --host db1 -dshop -Atc 'drop table a'",
                "psql -c",
                "psql --host=db1 -dshop -c 'select 1'",
            ),
            (
                "psql -c \"$SQL\" -- shop",
                "psql -c",
                "psql -c 'select 1' shop",
            ),
            (
                "PGPORT=5433 psql shop < x.sql",
                "psql -c",
                "PGPORT=5433 psql -c 'select 1' shop",
            ),
            (
                "mysql -psecret --defaults-file=my.cnf -NBe 'drop table a' shop",
                "mysql -e",
                "mysql -psecret --defaults-file=my.cnf -e 'select 1' shop",
            ),
            (
                "mysql -h db1 -e 'drop table a'",
                "mysql|mariadb -NB -e",
                "$(command -v mysql || command -v mariadb) -hdb1 -NB -e 'select 1'",
            ),
            (
                "mysql -p -e 'drop table a'",
                "mysql -e",
                "mysql -p -e 'select 1'",
            ),
        ] {
            assert_eq!(
                asked(line, by, "select 1").as_deref(),
                Ok(expected),
                "{line}"
            );
        }
    }

    #[test]
    fn the_rows_of_the_line_are_counted_there() {
        let counted = |from: &str| {
            format!(
                "psql -hdb1 -c 'SELECT count(*) FROM (SELECT 1 FROM {from} LIMIT 1000000) AS concerned'"
            )
        };
        for (line, from) in [
            (
                "psql -h db1 -c 'delete from a where id < 7'",
                "a WHERE id < 7",
            ),
            ("psql -h db1 <<< 'truncate a'", "a"),
        ] {
            assert_eq!(asked(line, "psql -c", ROWS), Ok(counted(from)), "{line}");
        }
        for line in [
            "psql -c \"delete from a where id = $id\"",
            "psql -f drop.sql",
            "psql -c 'vacuum'",
        ] {
            let asked = asked(line, "psql -c", ROWS);
            assert_eq!(asked, Err(NotAgain::Unknown("rows".to_owned())), "{line}");
        }
        // A condition may do more than look.
        let line = "psql -c 'delete from a where pg_terminate_backend(pid)'";
        assert!(matches!(
            asked(line, "psql -c", ROWS),
            Err(NotAgain::WouldRun(_))
        ));
    }

    #[test]
    fn a_server_that_is_not_known_is_not_asked() {
        for line in [
            "psql -h $HOST -c 'drop table a'",
            "psql \"$DB\" -c 'drop table a'",
            "env -i PGHOST=db1 psql -c 'drop table a'",
        ] {
            let asked = asked(line, "psql -c", "select 1");
            assert!(
                matches!(asked, Err(NotAgain::Unknown(_))),
                "{line}: {asked:?}"
            );
        }
    }

    #[test]
    fn a_statement_that_does_not_only_read_is_not_asked() {
        for text in [
            "delete from a",
            "select 1; drop table a",
            "select pg_terminate_backend(1)",
            "\\! id",
        ] {
            let asked = asked("psql shop", "psql -c", text);
            assert_eq!(asked, Err(NotAgain::WouldRun(text.to_owned())));
        }
    }
}
