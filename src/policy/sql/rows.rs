//! The rows that statements concern, as a query that counts them. Pure.
//!
//! In: text and dialect. Out: one query, or nothing where even one statement is no plain `DELETE`,
//! `UPDATE`, `TRUNCATE` or `DROP TABLE` of which the same `FROM` and `WHERE` say the rows. What a
//! foreign key or a trigger takes along is not in the number.

use sqlparser::ast::{
    Delete, Expr, FromTable, ObjectType, Statement, TableFactor, TableWithJoins, Update,
};
use sqlparser::tokenizer::{Token, Tokenizer};

use crate::line::SqlDialect;

use super::{
    HOLE, Kinds, LONGEST, MOST_OPERATORS, Read, client, grammar, is_operator, read, statement,
};

/// The most rows that are counted of one statement: a table that goes in no time must not be read
/// for minutes to say so.
const MOST: u32 = 1_000_000;

/// Returns the query that counts the rows which the statements of `texts` concern together.
pub(in crate::policy) fn rows(texts: &[String], dialect: SqlDialect) -> Option<String> {
    let mut counts = Vec::new();
    for text in texts {
        of_text(text, dialect, &mut counts)?;
    }
    match counts.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        several => {
            let several: Vec<String> = several.iter().map(|one| format!("({one})")).collect();
            Some(format!("SELECT {}", several.join(" + ")))
        }
    }
}

/// Adds the queries of one text; nothing where a statement of it is not known.
fn of_text(text: &str, dialect: SqlDialect, counts: &mut Vec<String>) -> Option<()> {
    if text.len() > LONGEST || text.contains(HOLE) {
        return None;
    }
    let mut unknown = Kinds::new();
    let text = client::without_commands(text, dialect, &mut unknown);
    let grammar = grammar(dialect);
    let tokens = Tokenizer::new(grammar, &text).tokenize().ok()?;
    for tokens in tokens.split(|token| *token == Token::SemiColon) {
        let is_text = |token: &&Token| !matches!(token, Token::Whitespace(_));
        let tokens: Vec<Token> = tokens.iter().filter(is_text).cloned().collect();
        // Deeper than this a tree could not be walked.
        if tokens.iter().filter(|token| is_operator(token)).count() > MOST_OPERATORS {
            return None;
        }
        let mut kinds = Kinds::new();
        if !tokens.is_empty() {
            statement(&tokens, grammar, &mut kinds);
        }
        match read(&tokens, grammar) {
            Read::Whole(whole) if changes_rows(&whole) => counts.extend(of_statement(&whole)?),
            // It only reads, or begins or ends a transaction.
            Read::Whole(_) | Read::TooDeep | Read::Nothing if kinds.is_empty() => {}
            Read::Whole(_) | Read::TooDeep | Read::Nothing => return None,
        }
    }
    unknown.is_empty().then_some(())
}

/// Whether a statement is one whose rows can be said.
fn changes_rows(statement: &Statement) -> bool {
    matches!(
        statement,
        Statement::Delete(_)
            | Statement::Update(_)
            | Statement::Truncate(_)
            | Statement::Drop { .. }
    )
}

/// Returns the queries of a statement; nothing where its rows are not known.
fn of_statement(statement: &Statement) -> Option<Vec<String>> {
    let whole = |names: Vec<String>| names.iter().map(|name| count(name, None)).collect();
    match statement {
        Statement::Delete(delete) => deleted(delete).map(|one| vec![one]),
        Statement::Update(update) => updated(update).map(|one| vec![one]),
        Statement::Truncate(truncate) => {
            let is_plain = truncate.cascade.is_none()
                && truncate.partitions.is_none()
                && truncate.on_cluster.is_none()
                && !truncate.table_names.iter().any(|table| table.only);
            let names = truncate
                .table_names
                .iter()
                .map(|table| table.name.to_string());
            is_plain.then(|| whole(names.collect()))
        }
        Statement::Drop {
            object_type: ObjectType::Table,
            cascade: false,
            names,
            ..
        } => Some(whole(names.iter().map(ToString::to_string).collect())),
        _ => None,
    }
}

/// Returns the query of a `DELETE`.
fn deleted(delete: &Delete) -> Option<String> {
    let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
    let is_plain = delete.tables.is_empty()
        && delete.using.is_none()
        && delete.on_cluster.is_none()
        && delete.limit.is_none();
    match from.as_slice() {
        [table] if is_plain => of_table(table, delete.selection.as_ref()),
        _ => None,
    }
}

/// Returns the query of an `UPDATE`.
fn updated(update: &Update) -> Option<String> {
    let is_plain = update.from.is_none() && update.on_cluster.is_none() && update.limit.is_none();
    match is_plain {
        true => of_table(&update.table, update.selection.as_ref()),
        false => None,
    }
}

/// Returns the query of one table.
fn of_table(table: &TableWithJoins, selection: Option<&Expr>) -> Option<String> {
    let is_plain = table.joins.is_empty() && matches!(table.relation, TableFactor::Table { .. });
    is_plain.then(|| count(&table.relation.to_string(), selection))
}

/// Returns the query that counts the rows of a table.
fn count(table: &str, selection: Option<&Expr>) -> String {
    let condition = selection.map(|selection| format!(" WHERE {selection}"));
    let condition = condition.unwrap_or_default();
    format!("SELECT count(*) FROM (SELECT 1 FROM {table}{condition} LIMIT {MOST}) AS concerned")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<String> {
        rows(&[text.to_owned()], SqlDialect::Postgres)
    }

    /// The query of one table.
    fn one(from: &str) -> String {
        format!("SELECT count(*) FROM (SELECT 1 FROM {from} LIMIT 1000000) AS concerned")
    }

    #[test]
    fn the_rows_of_a_statement_are_those_of_its_condition() {
        for (text, from) in [
            ("delete from orders", "orders"),
            (
                "DELETE FROM shop.orders AS o WHERE o.id < 7 AND paid",
                "shop.orders AS o WHERE o.id < 7 AND paid",
            ),
            (
                "update users set active = false where name = 'x;y'",
                "users WHERE name = 'x;y'",
            ),
            ("begin; truncate orders; commit", "orders"),
            ("drop table if exists \"Old Orders\"", "\"Old Orders\""),
            (
                "select 1; delete from a where exists (select 1 from b)",
                "a WHERE EXISTS (SELECT 1 FROM b)",
            ),
        ] {
            assert_eq!(of(text).as_deref(), Some(&*one(from)), "{text}");
        }
        let both = format!("SELECT ({}) + ({})", one("a"), one("b"));
        assert_eq!(of("drop table a, b"), Some(both.clone()));
        let texts = ["delete from a".to_owned(), "truncate b".to_owned()];
        assert_eq!(rows(&texts, SqlDialect::Mysql), Some(both));
    }

    #[test]
    fn a_condition_that_is_nested_too_deep_is_not_counted() {
        let deep = |n: usize| format!("delete from a where x{}", " or x".repeat(n));
        assert!(of(&deep(100)).is_some());
        assert_eq!(of(&deep(100_000)), None);
        assert_eq!(of(&format!("show x{}", " or x".repeat(100_000))), None);
    }

    #[test]
    fn of_what_has_no_such_rows_nothing_is_said() {
        for text in [
            "",
            "select 1",
            "drop database shop",
            "drop table a cascade",
            "delete from a using b where a.id = b.id",
            "delete from a limit 10",
            "update a set x = 1 from b",
            "with gone as (delete from a returning *) select 1",
            "delete from a; vacuum",
            "delete from a; \\i more.sql",
            "delete from a where id = kanmon_hole",
            "alter table a drop column b",
            "insert into a values (1)",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
