//! What SQL does: kinds of statements, found by a parser. Pure.
//!
//! In: text and dialect. Out: the kinds of all statements in it together. Text is cut into
//! statements first, so that one that the parser does not take hides no other; what it does not
//! take is opaque, and so are blocks, dynamic statements and what a client's own commands read or
//! run. A statement of which the parser knows the form and this page nothing counts as a write.

use std::collections::BTreeSet;

use sqlparser::ast::{
    AlterTableOperation, ContextModifier, CopySource, Delete, Expr, ObjectName, Query, Set,
    SetExpr, Statement, Update,
};
use sqlparser::dialect::{
    Dialect, GenericDialect, MsSqlDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect,
};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, Tokenizer};

use crate::line::{Piece, SqlDialect, Word};

use super::rule::SqlKind;

use truth::truth;

mod client;
mod rows;
mod truth;

pub(super) use rows::rows;

/// What stands in the text for a part that only the run will tell: a name, so that it is read as
/// the value or name that it most likely is, within a text too.
const HOLE: &str = "kanmon_hole";

/// Functions by which a query ends sessions or changes the server or what it replicates.
const FUNCTIONS_OF_THE_SERVER: [&str; 22] = [
    "DBLINK_EXEC",
    "LOAD_EXTENSION",
    "LO_EXPORT",
    "LO_IMPORT",
    "LO_UNLINK",
    "PG_CANCEL_BACKEND",
    "PG_CREATE_RESTORE_POINT",
    "PG_DROP_REPLICATION_SLOT",
    "PG_FILE_UNLINK",
    "PG_FILE_WRITE",
    "PG_PROMOTE",
    "PG_RELOAD_CONF",
    "PG_REPLICATION_ORIGIN_DROP",
    "PG_ROTATE_LOGFILE",
    "PG_STAT_RESET",
    "PG_SWITCH_WAL",
    "PG_SWITCH_XLOG",
    "PG_TERMINATE_BACKEND",
    "PG_WAL_REPLAY_PAUSE",
    "PG_WAL_REPLAY_RESUME",
    "SETVAL",
    "WRITEFILE",
];

/// Words without which a query neither changes a row nor makes a table.
const WRITING: [&str; 19] = [
    "ALTER", "ANALYZE", "CALL", "COPY", "CREATE", "DELETE", "DROP", "EXEC", "EXECUTE", "GRANT",
    "INSERT", "INTO", "KILL", "LOAD", "MERGE", "RESTORE", "SHUTDOWN", "TRUNCATE", "UPDATE",
];

/// The most operators in one statement: each may nest the tree once deeper, and a tree is walked
/// on the stack.
const MOST_OPERATORS: usize = 400;

/// The most text that is parsed, in bytes.
const LONGEST: usize = 1 << 20;

/// The kinds of the statements in a text.
pub(super) type Kinds = BTreeSet<SqlKind>;

/// Returns the text of a word, with [`HOLE`] for each part that is not known.
pub(super) fn text(word: &Word) -> String {
    word.pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text { text, .. } => text.as_str(),
            Piece::Unknown { .. } => HOLE,
        })
        .collect()
}

/// Returns what the statements of `text` do, all together.
pub(super) fn kinds(text: &str, dialect: SqlDialect) -> Kinds {
    let mut kinds = Kinds::new();
    if text.len() > LONGEST {
        kinds.insert(SqlKind::Opaque);
        return kinds;
    }
    if text.contains(HOLE) {
        // It reads as a value, and may still be more than one.
        kinds.insert(SqlKind::Write);
    }
    // Of a dialect that is not known, it is not known either whether a text ends here.
    if dialect == SqlDialect::Generic && (text.contains("\\'") || text.contains("\\\"")) {
        kinds.insert(SqlKind::Opaque);
    }
    let text = client::without_commands(text, dialect, &mut kinds);
    let grammar = grammar(dialect);
    let Ok(tokens) = Tokenizer::new(grammar, &text).tokenize() else {
        kinds.insert(SqlKind::Opaque);
        return kinds;
    };
    let is_end = |token: &Token| *token == Token::SemiColon;
    for tokens in tokens.split(is_end) {
        let tokens: Vec<Token> = tokens
            .iter()
            .filter(|token| !matches!(token, Token::Whitespace(_)))
            .cloned()
            .collect();
        if holes_are_more_than_values(&tokens) {
            kinds.insert(SqlKind::Opaque);
        }
        if !tokens.is_empty() {
            statement(&tokens, grammar, &mut kinds);
        }
    }
    kinds
}

/// The parser's dialect.
fn grammar(dialect: SqlDialect) -> &'static dyn Dialect {
    match dialect {
        SqlDialect::Generic | SqlDialect::Oracle => &GenericDialect {},
        SqlDialect::Postgres => &PostgreSqlDialect {},
        SqlDialect::Mysql => &MySqlDialect {},
        SqlDialect::Mssql => &MsSqlDialect {},
        SqlDialect::Sqlite => &SQLiteDialect {},
    }
}

/// Adds what one statement does.
fn statement(tokens: &[Token], grammar: &dyn Dialect, kinds: &mut Kinds) {
    if let Some(known) = by_first_words(tokens) {
        kinds.extend(known);
        return;
    }
    if tokens.windows(2).any(calls_the_server) {
        kinds.extend([SqlKind::AlterSystem, SqlKind::Write]);
    }
    if tokens.iter().filter(|token| is_operator(token)).count() > MOST_OPERATORS {
        kinds.insert(SqlKind::Opaque);
        return;
    }
    match read(tokens, grammar) {
        Read::Whole(statement) => of_statement(&statement, kinds),
        Read::Nothing => kinds.extend(unread(tokens)),
        Read::TooDeep => {
            kinds.insert(SqlKind::Opaque);
        }
    }
}

/// Reads a statement, in the grammar of all where that of its own does not take it.
fn read(tokens: &[Token], grammar: &dyn Dialect) -> Read {
    let read = |grammar: &dyn Dialect| {
        let mut parser = Parser::new(grammar).with_tokens(tokens.to_vec());
        match parser.parse_statement() {
            Ok(statement) if parser.peek_token().token == Token::EOF => {
                Read::Whole(Box::new(statement))
            }
            Err(ParserError::RecursionLimitExceeded) => Read::TooDeep,
            Ok(_) | Err(_) => Read::Nothing,
        }
    };
    match read(grammar) {
        Read::Nothing => read(&GenericDialect {}),
        found => found,
    }
}

/// What the parser made of a statement.
enum Read {
    /// A statement.
    Whole(Box<Statement>),
    /// It is nested deeper than the parser goes.
    TooDeep,
    /// It does not take it.
    Nothing,
}

/// Returns what a statement does that the parser does not take: what it is by its first word, where
/// nothing that may follow makes it anything else.
fn unread(tokens: &[Token]) -> Vec<SqlKind> {
    let mut words = tokens.iter().filter_map(|token| match token {
        Token::Word(word) if word.quote_style.is_none() => Some(word.value.to_ascii_uppercase()),
        _ => None,
    });
    let is_first_a_word = matches!(tokens.first(), Some(Token::Word(_)));
    let first = words.next().filter(|_| is_first_a_word).unwrap_or_default();
    match first.as_str() {
        "DROP" => vec![SqlKind::Drop, SqlKind::Write],
        "TRUNCATE" => vec![SqlKind::Truncate, SqlKind::Write],
        // The server's own grammar of a query has more than the parser's.
        "SELECT" if tokens.len() > 1 && !words.any(|word| WRITING.contains(&word.as_str())) => {
            Vec::new()
        }
        _ => vec![SqlKind::Opaque],
    }
}

/// Whether a part that is not known stands where more than a value or a name can stand: not behind
/// a comparison, nor behind a word that a value or a name follows.
fn holes_are_more_than_values(tokens: &[Token]) -> bool {
    let is_of_holes = |token: &Token| match token {
        Token::Word(word) => !word.value.is_empty() && word.value.replace(HOLE, "").is_empty(),
        _ => false,
    };
    let allows = |token: &Token| match token {
        Token::Eq | Token::Neq | Token::Lt | Token::Gt | Token::LtEq | Token::GtEq => true,
        Token::Word(word) => matches!(
            word.keyword,
            Keyword::FROM
                | Keyword::JOIN
                | Keyword::LIKE
                | Keyword::ILIKE
                | Keyword::LIMIT
                | Keyword::OFFSET
        ),
        _ => false,
    };
    let is_list = |before: &[Token]| match before {
        [.., Token::Word(word), Token::LParen] => word.keyword == Keyword::IN,
        _ => false,
    };
    tokens.iter().enumerate().any(|(at, token)| {
        let before = tokens.get(..at).unwrap_or_default();
        is_of_holes(token) && !before.last().is_some_and(allows) && !is_list(before)
    })
}

/// Whether two tokens begin a call of a function that does more than return a value.
fn calls_the_server(tokens: &[Token]) -> bool {
    let [Token::Word(name), Token::LParen] = tokens else {
        return false;
    };
    FUNCTIONS_OF_THE_SERVER.contains(&name.value.to_ascii_uppercase().as_str())
}

/// Whether a token may nest a tree once deeper without brackets, which the parser itself limits.
fn is_operator(token: &Token) -> bool {
    match token {
        Token::Word(word) => matches!(
            word.keyword,
            Keyword::AND
                | Keyword::OR
                | Keyword::UNION
                | Keyword::EXCEPT
                | Keyword::INTERSECT
                | Keyword::IS
                | Keyword::LIKE
                | Keyword::BETWEEN
                | Keyword::COLLATE
                | Keyword::AT
                | Keyword::NOT
                | Keyword::XOR
                | Keyword::DIV
        ),
        Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::DoubleQuotedString(_)
        | Token::Comma
        | Token::Period
        | Token::LParen
        | Token::RParen
        | Token::EOF => false,
        // Any other sign may be one.
        other => {
            let text = other.to_string();
            text.chars().all(|c| c.is_ascii_punctuation())
        }
    }
}

/// Returns what a statement does that its first words say, and that the parser would take for
/// something else or not at all.
fn by_first_words(tokens: &[Token]) -> Option<Vec<SqlKind>> {
    let word = |at: usize| match tokens.get(at) {
        Some(Token::Word(word)) if word.quote_style.is_none() => word.value.to_ascii_uppercase(),
        Some(_) | None => String::new(),
    };
    let (first, second) = (word(0), word(1));
    let write = SqlKind::Write;
    match (first.as_str(), second.as_str()) {
        ("ALTER", "SYSTEM") => Some(vec![SqlKind::AlterSystem, write]),
        ("SET", "GLOBAL" | "PERSIST" | "PERSIST_ONLY") => Some(vec![SqlKind::AlterSystem, write]),
        ("SHUTDOWN" | "STARTUP" | "RECONFIGURE" | "RESTART", _)
        | ("STOP" | "START", "SLAVE" | "REPLICA" | "GROUP_REPLICATION")
        | ("CHANGE", "MASTER" | "REPLICATION")
        | ("RESET", "MASTER" | "SLAVE" | "REPLICA" | "BINARY" | "PERSIST")
        | ("PURGE", _) => Some(vec![SqlKind::AlterSystem, write]),
        // The data of a backup takes the place of what is there.
        ("RESTORE", "DATABASE" | "LOG" | "TABLE") => Some(vec![SqlKind::Drop, write]),
        (
            "FLUSH" | "OPTIMIZE" | "REPAIR" | "KILL" | "CLUSTER" | "REINDEX" | "REFRESH" | "LOCK"
            | "UNLOCK" | "REASSIGN" | "SECURITY" | "COMMENT" | "DBCC" | "BACKUP" | "BULK"
            | "NOTIFY",
            _,
        ) => Some(vec![write]),
        ("STATUS" | "EXIT" | "QUIT" | "GO", "") if tokens.len() == 1 => Some(Vec::new()),
        // What a block does, and what a text does that is put together at run time, is not known.
        ("DO" | "PREPARE" | "HANDLER" | "DECLARE" | "DELIMITER", _) => Some(vec![SqlKind::Opaque]),
        ("EXECUTE" | "EXEC", name) => Some(match name {
            // A text, a variable, or a prepared statement of PostgreSQL's and MySQL's.
            "" | "IMMEDIATE" | "SP_EXECUTESQL" | "XP_CMDSHELL" => vec![SqlKind::Opaque],
            "SP_CONFIGURE" => vec![SqlKind::AlterSystem, write],
            _ if first == "EXEC" => vec![write],
            _ => vec![SqlKind::Opaque],
        }),
        // These only look, whatever stands behind them; `DESC t` too, but not `DESC ANALYZE …`.
        ("SHOW" | "HELP" | "CHECKPOINT" | "LISTEN" | "UNLISTEN", _) => Some(Vec::new()),
        ("USE" | "BEGIN" | "COMMIT" | "ROLLBACK" | "END" | "ABORT", "") if tokens.len() <= 2 => {
            Some(Vec::new())
        }
        _ => None,
    }
}

/// Adds what a statement does.
fn of_statement(statement: &Statement, kinds: &mut Kinds) {
    let found: &[SqlKind] = match statement {
        Statement::Query(query) => return of_query(query, kinds),
        Statement::Delete(delete) => match is_of_all_rows_deleted(delete) {
            true => &[SqlKind::DeleteAll],
            false => &[],
        },
        Statement::Update(update) => match is_of_all_rows_updated(update) {
            true => &[SqlKind::UpdateAll],
            false => &[],
        },
        Statement::Truncate(_) => &[SqlKind::Truncate],
        Statement::AlterTable(table) => match table.operations.iter().any(removes) {
            true => &[SqlKind::Alter, SqlKind::Drop],
            false => &[SqlKind::Alter],
        },
        Statement::AlterSchema(_)
        | Statement::AlterIndex { .. }
        | Statement::AlterView { .. }
        | Statement::AlterFunction(_)
        | Statement::AlterType(_)
        | Statement::AlterCollation(_)
        | Statement::AlterOperator(_)
        | Statement::AlterOperatorFamily(_)
        | Statement::AlterOperatorClass(_)
        | Statement::AlterTextSearch(_)
        | Statement::AlterPolicy(_)
        | Statement::AlterTrigger(_)
        | Statement::AlterConnector { .. }
        | Statement::RenameTable(_) => &[SqlKind::Alter],
        Statement::AlterRole { .. }
        | Statement::AlterUser(_)
        | Statement::AlterDefaultPrivileges(_) => &[SqlKind::Alter, SqlKind::Grant],
        Statement::Grant(_)
        | Statement::GrantRole(_)
        | Statement::Deny(_)
        | Statement::Revoke(_)
        | Statement::RevokeRole(_)
        | Statement::CreateRole(_)
        | Statement::CreateUser(_) => &[SqlKind::Grant],
        Statement::Drop { object_type, .. } => match object_type {
            sqlparser::ast::ObjectType::Role | sqlparser::ast::ObjectType::User => {
                &[SqlKind::Drop, SqlKind::Grant]
            }
            _ => &[SqlKind::Drop],
        },
        Statement::DropFunction(_)
        | Statement::DropDomain(_)
        | Statement::DropProcedure { .. }
        | Statement::DropSecret { .. }
        | Statement::DropPolicy(_)
        | Statement::DropRule(_)
        | Statement::DropConnector { .. }
        | Statement::DropExtension(_)
        | Statement::DropOperator(_)
        | Statement::DropOperatorFamily(_)
        | Statement::DropOperatorClass(_)
        | Statement::DropTrigger(_)
        | Statement::DetachDuckDBDatabase { .. } => &[SqlKind::Drop],
        Statement::Set(set) if is_of_the_server(set) => &[SqlKind::AlterSystem],
        Statement::Explain {
            analyze,
            options,
            statement,
            ..
        } => {
            let analyzes = options
                .iter()
                .flatten()
                .any(|option| option.name.value.eq_ignore_ascii_case("analyze"));
            // Without it nothing runs.
            if *analyze || analyzes {
                of_statement(statement, kinds);
            }
            return;
        }
        Statement::Copy {
            to: true, source, ..
        } => match source {
            CopySource::Query(query) => return of_query(query, kinds),
            CopySource::Table { .. } => return,
        },
        Statement::Execute { .. }
        | Statement::Prepare { .. }
        | Statement::If(_)
        | Statement::While(_)
        | Statement::Case(_)
        | Statement::Declare { .. }
        | Statement::Load { .. } => {
            kinds.insert(SqlKind::Opaque);
            return;
        }
        Statement::Set(_)
        | Statement::Use(_)
        | Statement::ExplainTable { .. }
        | Statement::StartTransaction { .. }
        | Statement::Commit { .. }
        | Statement::Rollback { .. }
        | Statement::Savepoint { .. }
        | Statement::ReleaseSavepoint { .. }
        | Statement::ShowFunctions { .. }
        | Statement::ShowVariable { .. }
        | Statement::ShowStatus { .. }
        | Statement::ShowVariables { .. }
        | Statement::ShowCreate { .. }
        | Statement::ShowColumns { .. }
        | Statement::ShowDatabases { .. }
        | Statement::ShowSchemas { .. }
        | Statement::ShowTables { .. }
        | Statement::ShowViews { .. }
        | Statement::Fetch { .. }
        | Statement::Close { .. }
        | Statement::Deallocate { .. }
        | Statement::Discard { .. }
        | Statement::Analyze(_)
        | Statement::Reset(_)
        | Statement::Print(_)
        | Statement::Return(_) => return,
        Statement::Pragma { value, .. } if value.is_none() => return,
        _ => &[],
    };
    kinds.extend(found);
    kinds.insert(SqlKind::Write);
    if let Statement::Insert(insert) = statement
        && let Some(source) = &insert.source
    {
        of_query(source, kinds);
    }
}

/// Adds what a query does: statements in its `WITH`, and `SELECT … INTO`.
fn of_query(query: &Query, kinds: &mut Kinds) {
    for part in query.with.iter().flat_map(|with| &with.cte_tables) {
        of_query(&part.query, kinds);
    }
    of_body(&query.body, kinds);
}

/// Adds what the body of a query does.
fn of_body(body: &SetExpr, kinds: &mut Kinds) {
    match body {
        SetExpr::Select(select) => {
            if select.into.is_some() {
                kinds.insert(SqlKind::Write);
            }
        }
        SetExpr::Query(query) => of_query(query, kinds),
        SetExpr::SetOperation { left, right, .. } => {
            of_body(left, kinds);
            of_body(right, kinds);
        }
        SetExpr::Insert(inner)
        | SetExpr::Update(inner)
        | SetExpr::Delete(inner)
        | SetExpr::Merge(inner) => of_statement(inner, kinds),
        SetExpr::Values(_) | SetExpr::Table(_) => {}
    }
}

/// Whether a `DELETE` spares no row.
fn is_of_all_rows_deleted(delete: &Delete) -> bool {
    let spares_none = |condition: &Expr| truth(condition) == Some(true);
    delete.limit.is_none() && delete.selection.as_ref().is_none_or(spares_none)
}

/// Whether an `UPDATE` spares no row.
fn is_of_all_rows_updated(update: &Update) -> bool {
    update.limit.is_none()
        && update
            .selection
            .as_ref()
            .is_none_or(|is| truth(is) == Some(true))
}

/// Whether a change of a table removes data.
fn removes(operation: &AlterTableOperation) -> bool {
    matches!(
        operation,
        AlterTableOperation::DropColumn { .. } | AlterTableOperation::DropPartitions { .. }
    )
}

/// Whether `SET` is about more than the session.
fn is_of_the_server(set: &Set) -> bool {
    let is_global = |name: &ObjectName| {
        let name = name.to_string().to_ascii_lowercase();
        name.starts_with("@@global") || name.starts_with("@@persist")
    };
    match set {
        Set::SingleAssignment {
            scope, variable, ..
        } => *scope == Some(ContextModifier::Global) || is_global(variable),
        Set::MultipleAssignments { assignments } => assignments.iter().any(|assignment| {
            assignment.scope == Some(ContextModifier::Global) || is_global(&assignment.name)
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
