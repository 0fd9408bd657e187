//! Commands of the clients themselves: psql's `\i`, mysql's `source`, sqlite's `.read`, sqlcmd's `:r`.
//!
//! They are taken out of the text, so that the parser sees SQL alone. Those that only look or set
//! the client's own display are nothing; every other counts as opaque.

use crate::line::SqlDialect;

use super::super::rule::SqlKind;
use super::Kinds;

/// psql's commands that read, run or change nothing, beside those that begin with `d` or `l`.
const PSQL_HARMLESS: [&str; 34] = [
    "?",
    "a",
    "C",
    "cd",
    "conninfo",
    "crosstabview",
    "echo",
    "elif",
    "else",
    "encoding",
    "endif",
    "errverbose",
    "f",
    "g",
    "gdesc",
    "gset",
    "gx",
    "h",
    "H",
    "help",
    "if",
    "p",
    "prompt",
    "pset",
    "q",
    "qecho",
    "r",
    "reset",
    "s",
    "sf",
    "sv",
    "t",
    "timing",
    "x",
];

/// Words with which mysql's commands begin, where they stand alone at the beginning of a line.
const MYSQL_COMMANDS: [&str; 8] = [
    "source ",
    "system ",
    "tee ",
    "pager ",
    "edit",
    "delimiter ",
    "connect ",
    "\\",
];

/// SQL*Plus's commands that change nothing in the database.
const SQLPLUS_HARMLESS: [&str; 22] = [
    "break",
    "btitle",
    "clear",
    "col",
    "column",
    "compute",
    "conn",
    "connect",
    "def",
    "define",
    "desc",
    "describe",
    "disc",
    "disconnect",
    "exit",
    "prompt",
    "quit",
    "set",
    "show",
    "spool",
    "ttitle",
    "whenever",
];

/// SQL*Plus's commands that run what stands elsewhere.
const SQLPLUS_RUNS: [&str; 9] = [
    "copy", "edit", "get", "host", "input", "password", "r", "run", "start",
];

/// sqlite's commands that change nothing.
const SQLITE_HARMLESS: [&str; 29] = [
    ".backup",
    ".bail",
    ".changes",
    ".databases",
    ".dbinfo",
    ".dump",
    ".echo",
    ".eqp",
    ".exit",
    ".explain",
    ".fullschema",
    ".headers",
    ".header",
    ".help",
    ".indexes",
    ".lint",
    ".mode",
    ".nullvalue",
    ".print",
    ".prompt",
    ".quit",
    ".schema",
    ".separator",
    ".show",
    ".stats",
    ".tables",
    ".timeout",
    ".timer",
    ".width",
];

/// Returns the text without the client's own commands; adds what they do.
pub(super) fn without_commands(text: &str, dialect: SqlDialect, kinds: &mut Kinds) -> String {
    match dialect {
        SqlDialect::Generic => text.to_owned(),
        SqlDialect::Postgres => without_backslashes(text, kinds),
        // MariaDB's own form of a comment that the server runs.
        SqlDialect::Mysql => without_lines(&text.replace("/*M!", "/*!"), kinds, &mysql_line),
        SqlDialect::Mssql => without_lines(text, kinds, &sqlcmd_line),
        SqlDialect::Sqlite => without_lines(text, kinds, &sqlite_line),
        SqlDialect::Oracle => without_lines(text, kinds, &sqlplus_line),
    }
}

/// What a line is to a client.
enum Line {
    /// SQL.
    Sql,
    /// A command of the client's.
    Command {
        /// Whether it is known to read, run and change nothing.
        is_harmless: bool,
    },
}

/// Takes lines that are commands out. A line within a text that goes over several lines may be
/// taken for one; that only adds.
fn without_lines(text: &str, kinds: &mut Kinds, read: &dyn Fn(&str) -> Line) -> String {
    let mut sql = String::with_capacity(text.len());
    for line in text.lines() {
        match read(line.trim_start()) {
            Line::Sql => sql.push_str(line),
            Line::Command { is_harmless } => {
                if !is_harmless {
                    kinds.insert(SqlKind::Opaque);
                }
                sql.push(';');
            }
        }
        sql.push('\n');
    }
    sql
}

/// Reads a line for mysql.
fn mysql_line(line: &str) -> Line {
    let lower = line.to_ascii_lowercase();
    let is_command = MYSQL_COMMANDS
        .iter()
        .any(|command| lower.starts_with(command));
    match is_command {
        true => Line::Command { is_harmless: false },
        false => Line::Sql,
    }
}

/// Reads a line for sqlcmd.
fn sqlcmd_line(line: &str) -> Line {
    if line.trim_end().eq_ignore_ascii_case("go") {
        return Line::Command { is_harmless: true };
    }
    match line.starts_with(":") || line.starts_with("!!") {
        true => Line::Command { is_harmless: false },
        false => Line::Sql,
    }
}

/// Reads a line for SQL*Plus. `EXECUTE`, `STARTUP` and `SHUTDOWN` are read as statements.
fn sqlplus_line(line: &str) -> Line {
    let lower = line.to_ascii_lowercase();
    let word = lower
        .split(|c: char| c.is_whitespace() || c == ';')
        .next()
        .unwrap_or_default();
    if lower.starts_with(['@', '!']) || SQLPLUS_RUNS.contains(&word) {
        return Line::Command { is_harmless: false };
    }
    // `SET ROLE`, `SET TRANSACTION` and `SET CONSTRAINTS` are statements, and harmless too.
    match SQLPLUS_HARMLESS.contains(&word) {
        true => Line::Command { is_harmless: true },
        false => Line::Sql,
    }
}

/// Reads a line for sqlite's shell.
fn sqlite_line(line: &str) -> Line {
    let Some(word) = line
        .split_whitespace()
        .next()
        .filter(|word| word.starts_with('.'))
    else {
        return Line::Sql;
    };
    // The shell takes a beginning of a command, of which it is not known whose it is.
    let is_harmless = SQLITE_HARMLESS.contains(&word);
    Line::Command { is_harmless }
}

/// Where a scan of psql's text stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// Between texts.
    Nothing,
    /// In a text or a name that ends with this; whether a backslash escapes there.
    Quotes(char, bool),
    /// In a comment to the end of the line.
    LineComment,
    /// In this many comments.
    Comments(usize),
}

/// Takes psql's commands out: from a backslash outside of texts to the end of the line.
fn without_backslashes(text: &str, kinds: &mut Kinds) -> String {
    let mut sql = String::with_capacity(text.len());
    let mut rest = text;
    let mut within = Within::Nothing;
    let mut before = ' ';
    while let Some(character) = rest.chars().next() {
        let mut length = character.len_utf8();
        let next = rest.chars().nth(1);
        match (within, character) {
            (Within::Nothing, '\\') => {
                let line = rest.lines().next().unwrap_or(rest);
                note_backslash(line.get(1..).unwrap_or_default(), kinds);
                sql.push(';');
                rest = rest.get(line.len()..).unwrap_or_default();
                before = ' ';
                continue;
            }
            (Within::Nothing, '\'' | '"') => {
                let escapes = character == '\'' && matches!(before, 'e' | 'E');
                within = Within::Quotes(character, escapes);
            }
            (Within::Nothing, '-') if next == Some('-') => within = Within::LineComment,
            (Within::Nothing, '/') if next == Some('*') => {
                within = Within::Comments(1);
                length += 1;
            }
            (Within::Nothing, '$') if !is_in_name(before) => match dollar_quoted(rest) {
                Dollars::Text(found) => length = found,
                Dollars::Nothing => {}
                // The server takes no statement of this; and to look for each end would take for ever.
                Dollars::Open => {
                    kinds.insert(SqlKind::Opaque);
                    sql.push_str(rest);
                    return sql;
                }
            },
            (Within::Quotes(_, true), '\\') => length += next.map_or(0, char::len_utf8),
            (Within::Quotes(quote, _), other) if quote == other => within = Within::Nothing,
            (Within::LineComment, '\n') => within = Within::Nothing,
            (Within::Comments(depth), '/') if next == Some('*') => {
                within = Within::Comments(depth + 1);
                length += 1;
            }
            (Within::Comments(depth), '*') if next == Some('/') => {
                within = match depth {
                    1 => Within::Nothing,
                    deeper => Within::Comments(deeper - 1),
                };
                length += 1;
            }
            _ => {}
        }
        let (taken, left) = rest.split_at_checked(length).unwrap_or((rest, ""));
        sql.push_str(taken);
        rest = left;
        before = character;
    }
    sql
}

/// What a dollar sign begins.
enum Dollars {
    /// A text of this many bytes, marks included.
    Text(usize),
    /// A text without an end.
    Open,
    /// Nothing: a parameter, or a sign.
    Nothing,
}

/// Whether a dollar sign after this belongs to a name.
fn is_in_name(before: char) -> bool {
    before.is_alphanumeric() || before == '_' || before == '$'
}

/// Reads the text in dollars that stands at the beginning.
fn dollar_quoted(text: &str) -> Dollars {
    let inner = text.strip_prefix('$').unwrap_or_default();
    let is_tag = |c: char| c.is_alphanumeric() || c == '_';
    let length = inner.find(|c: char| !is_tag(c)).unwrap_or(inner.len());
    let is_digit = inner.starts_with(|c: char| c.is_ascii_digit());
    let Some(mark) = text
        .get(..length + 2)
        .filter(|mark| mark.ends_with('$') && !is_digit)
    else {
        return Dollars::Nothing;
    };
    let rest = text.get(mark.len()..).unwrap_or_default();
    match rest.find(mark) {
        Some(end) => Dollars::Text(mark.len() * 2 + end),
        None => Dollars::Open,
    }
}

/// Adds what one of psql's commands does.
fn note_backslash(command: &str, kinds: &mut Kinds) {
    let word: String = command
        .chars()
        .take_while(|c| !c.is_whitespace() && *c != '+' && *c != ';')
        .collect();
    let lists = |start: char| word.starts_with(start) && !word.starts_with("lo_");
    let is_harmless = PSQL_HARMLESS.contains(&word.as_str()) || lists('d') || lists('l');
    // `\g |program` and `\o |program` run something, and on one line several commands can stand.
    let is_more = command.contains(['|', '`'])
        || command.contains(super::HOLE)
        || command.get(1..).is_some_and(|rest| rest.contains('\\'));
    match word.as_str() {
        _ if is_more => {
            kinds.insert(SqlKind::Opaque);
        }
        "copy" if copies_out(command) => {}
        "copy" => {
            kinds.insert(SqlKind::Write);
        }
        "password" => {
            kinds.extend([SqlKind::Grant, SqlKind::Write]);
        }
        _ if is_harmless => {}
        _ => {
            kinds.insert(SqlKind::Opaque);
        }
    }
}

/// Whether `\copy` copies a table, not a statement, out of the database.
fn copies_out(command: &str) -> bool {
    let lower = command.to_ascii_lowercase();
    lower.contains(" to ") && !lower.contains(" from ") && !lower.contains('(')
}
