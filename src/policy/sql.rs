//! What SQL does: kinds of statements, found by a parser. Pure.
//!
//! In: text and dialect. Out: the kinds of all statements in it together. Text is cut into
//! statements first, so that one that the parser does not take hides no other; what it does not
//! take is opaque, and so are blocks, dynamic statements and what a client's own commands read or
//! run. A statement of which the parser knows the form and this page nothing counts as a write.

use std::collections::BTreeSet;

use sqlparser::ast::{
    AlterTableOperation, BinaryOperator, ContextModifier, CopySource, Delete, Expr, InTarget,
    ObjectName, Query, Set, SetExpr, Statement, UnaryOperator, Update, Value,
};
use sqlparser::dialect::{
    Dialect, GenericDialect, MsSqlDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect,
};
use sqlparser::keywords::Keyword;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

use crate::line::SqlDialect;

use super::rule::SqlKind;

mod client;

/// The most operators in one statement: each may nest the tree once deeper, and a tree is walked
/// on the stack.
const MOST_OPERATORS: usize = 400;

/// The most text that is parsed, in bytes.
const LONGEST: usize = 1 << 20;

/// The kinds of the statements in a text.
pub(super) type Kinds = BTreeSet<SqlKind>;

/// Returns what the statements of `text` do, all together.
pub(super) fn kinds(text: &str, dialect: SqlDialect) -> Kinds {
    let mut kinds = Kinds::new();
    if text.len() > LONGEST {
        kinds.insert(SqlKind::Opaque);
        return kinds;
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
        if !tokens.is_empty() {
            statement(&tokens, grammar, &mut kinds);
        }
    }
    kinds
}

/// The parser's dialect.
fn grammar(dialect: SqlDialect) -> &'static dyn Dialect {
    match dialect {
        SqlDialect::Generic => &GenericDialect {},
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
    if tokens.iter().filter(|token| is_operator(token)).count() > MOST_OPERATORS {
        kinds.insert(SqlKind::Opaque);
        return;
    }
    let read = |grammar: &dyn Dialect| {
        let mut parser = Parser::new(grammar).with_tokens(tokens.to_vec());
        let statement = parser.parse_statement().ok()?;
        (parser.peek_token().token == Token::EOF).then_some(statement)
    };
    match read(grammar).or_else(|| read(&GenericDialect {})) {
        Some(statement) => of_statement(&statement, kinds),
        None => {
            kinds.insert(SqlKind::Opaque);
        }
    }
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
        ("SHUTDOWN" | "RECONFIGURE" | "RESTART", _) => Some(vec![SqlKind::AlterSystem, write]),
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

/// Returns what a condition is whatever the row; `None` where it depends on it.
fn truth(expression: &Expr) -> Option<bool> {
    match expression {
        Expr::Nested(inner) => truth(inner),
        Expr::Value(value) => match &value.value {
            Value::Boolean(value) => Some(*value),
            Value::Number(digits, _) => Some(digits.parse() != Ok(0.0)),
            Value::Null => Some(false),
            // Dialects differ on which texts are true.
            _ => Some(true),
        },
        Expr::UnaryOp { op, expr } if *op == UnaryOperator::Not => truth(expr).map(|is| !is),
        Expr::BinaryOp { left, op, right } => match op {
            BinaryOperator::And => match (truth(left), truth(right)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), other) | (other, Some(true)) => other,
                (None, None) => None,
            },
            BinaryOperator::Or => match (truth(left), truth(right)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), other) | (other, Some(false)) => other,
                (None, None) => None,
            },
            _ => compared(left, op, right),
        },
        Expr::Like {
            negated: false,
            pattern,
            ..
        }
        | Expr::ILike {
            negated: false,
            pattern,
            ..
        } => (pattern.to_string() == "'%'").then_some(true),
        Expr::IsTrue(inner) | Expr::IsNotFalse(inner) => truth(inner),
        Expr::IsFalse(inner) | Expr::IsNotTrue(inner) => truth(inner).map(|is| !is),
        Expr::In {
            expr,
            target: InTarget::List(list),
            negated: false,
            ..
        } => list.contains(expr).then_some(true),
        Expr::Between {
            expr,
            negated: false,
            low,
            high,
        } => {
            let (low, high) = (number(low)?, number(high)?);
            let value = number(expr)?;
            Some((low..=high).contains(&value))
        }
        _ => None,
    }
}

/// Returns what a comparison is whatever the row: of a thing with itself, or of two numbers or
/// texts.
fn compared(left: &Expr, op: &BinaryOperator, right: &Expr) -> Option<bool> {
    let (left, right) = (bare(left), bare(right));
    let is_equal = match op {
        BinaryOperator::Eq | BinaryOperator::Spaceship => true,
        BinaryOperator::GtEq | BinaryOperator::LtEq => true,
        BinaryOperator::NotEq | BinaryOperator::Lt | BinaryOperator::Gt => false,
        _ => return None,
    };
    if left == right {
        return Some(is_equal);
    }
    if let (Some(left), Some(right)) = (number(left), number(right)) {
        return Some(match op {
            BinaryOperator::Eq | BinaryOperator::Spaceship => left == right,
            BinaryOperator::NotEq => left != right,
            BinaryOperator::Lt => left < right,
            BinaryOperator::LtEq => left <= right,
            BinaryOperator::Gt => left > right,
            _ => left >= right,
        });
    }
    // Two texts that differ: which one comes first, the server's order says.
    let is_value = |expression: &Expr| matches!(expression, Expr::Value(_));
    (is_value(left) && is_value(right)).then_some(*op != BinaryOperator::Eq)
}

/// Returns an expression without the brackets around it.
fn bare(expression: &Expr) -> &Expr {
    match expression {
        Expr::Nested(inner) => bare(inner),
        other => other,
    }
}

/// Returns a number.
fn number(expression: &Expr) -> Option<f64> {
    match bare(expression) {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => digits.parse().ok(),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests;
