//! Statements and what they do.

use super::*;
use SqlKind::{Alter, AlterSystem, DeleteAll, Drop, Grant, Opaque, Truncate, UpdateAll, Write};

#[track_caller]
fn check_in(dialect: SqlDialect, text: &str, expected: &[SqlKind]) {
    let found: Vec<SqlKind> = kinds(text, dialect).into_iter().collect();
    assert_eq!(found, expected, "{text}");
}

#[track_caller]
fn check(text: &str, expected: &[SqlKind]) {
    for dialect in [SqlDialect::Postgres, SqlDialect::Mysql, SqlDialect::Generic] {
        check_in(dialect, text, expected);
    }
}

#[test]
fn what_only_reads_does_nothing() {
    for text in [
        "",
        " ;; -- nothing\n",
        "select 1",
        "select 'drop table x', \"delete\" from t where a = 'truncate'",
        "select * from a join b on a.x = b.x where a.y in (select y from c) order by 1 limit 5",
        "with x as (select 1) select * from x union all select 2",
        "begin; select 1; commit",
        "show tables",
        "explain delete from t",
        "set x = 1",
        "use shop",
    ] {
        check(text, &[]);
    }
}

#[test]
fn a_delete_or_update_of_every_row_is_seen() {
    for condition in [
        "",
        " where 1=1",
        " where true",
        " where 1",
        " where (1 = 1) and true",
        " where id = id",
        " where id = 5 or 2 > 1",
        " where not false",
        " where name like '%'",
        " where 3 in (1, 3)",
        " where 1 between 0 and 2",
        " where 'a' = 'a'",
        " where 'a' <> 'b'",
    ] {
        check(
            &format!("DELETE FROM orders{condition}"),
            &[DeleteAll, Write],
        );
        check(
            &format!("update orders set a = 1{condition}"),
            &[UpdateAll, Write],
        );
    }
}

#[test]
fn a_condition_that_spares_rows_is_seen() {
    for condition in [
        "id = 1",
        "id > 0 and 1=1",
        "1=0",
        "id = other",
        "name like 'a%'",
        "id in (1, 2)",
        "exists (select 1 from x where x.id = orders.id)",
    ] {
        check(&format!("delete from orders where {condition}"), &[Write]);
        check(
            &format!("update orders set a = 1 where {condition}"),
            &[Write],
        );
    }
    check_in(SqlDialect::Mysql, "delete from t limit 10", &[Write]);
}

#[test]
fn each_kind_is_found() {
    check("truncate table t", &[Truncate, Write]);
    check("drop table t; select 1", &[Drop, Write]);
    check("DROP DATABASE shop", &[Drop, Write]);
    check("alter table t add column a int", &[Alter, Write]);
    check("alter table t drop column a", &[Drop, Alter, Write]);
    check("grant select on t to ann", &[Grant, Write]);
    check("revoke select on t from ann", &[Grant, Write]);
    check("insert into t values (1)", &[Write]);
    check("create table t (a int)", &[Write]);
    check("alter system set work_mem = '1GB'", &[AlterSystem, Write]);
    let (postgres, mysql) = (SqlDialect::Postgres, SqlDialect::Mysql);
    check_in(
        mysql,
        "set global max_connections = 5",
        &[AlterSystem, Write],
    );
    check_in(mysql, "SET @@GLOBAL.x = 1", &[AlterSystem, Write]);
    check_in(postgres, "create role ann login", &[Grant, Write]);
    check_in(postgres, "drop role ann", &[Drop, Grant, Write]);
    check_in(postgres, "select * into u from t", &[Write]);
    check_in(postgres, "copy t to stdout", &[]);
    check_in(
        postgres,
        "explain analyze delete from t",
        &[DeleteAll, Write],
    );
    check_in(
        postgres,
        "explain (analyze, verbose) delete from t",
        &[DeleteAll, Write],
    );
}

#[test]
fn statements_in_with_and_after_others_count() {
    let postgres = SqlDialect::Postgres;
    check_in(
        postgres,
        "with gone as (delete from t returning *) select count(*) from gone",
        &[DeleteAll, Write],
    );
    check_in(
        postgres,
        "insert into log with gone as (delete from t returning *) select * from gone",
        &[DeleteAll, Write],
    );
    check("select 1; delete from t", &[DeleteAll, Write]);
    check("this is no sql; delete from t", &[DeleteAll, Write, Opaque]);
    check("/* ; */ drop /* x */ table -- t\n t", &[Drop, Write]);
    check_in(
        SqlDialect::Mysql,
        "/*!50000 drop table t */",
        &[Drop, Write],
    );
}

#[test]
fn what_cannot_be_known_is_opaque() {
    for text in [
        "do $$ begin delete from t; end $$",
        "execute stmt",
        "prepare p as delete from t",
        "delete from t where",
        "select 'open",
        "whatever x y z",
    ] {
        check_in(SqlDialect::Postgres, text, &[Opaque]);
    }
    let mssql = SqlDialect::Mssql;
    check_in(mssql, "exec('drop table t')", &[Opaque]);
    check_in(mssql, "EXEC sp_executesql N'drop table t'", &[Opaque]);
    check_in(mssql, "exec sp_who2", &[Write]);
    check_in(mssql, "exec sp_configure 'x', 1", &[AlterSystem, Write]);
    check_in(
        mssql,
        "delete from t\nGO\nselect 1\ngo",
        &[DeleteAll, Write],
    );
}

#[test]
fn the_clients_own_commands_are_seen() {
    let postgres = SqlDialect::Postgres;
    for text in [
        r"\d+ orders",
        r"\l",
        r"\timing on",
        "select 1 \\gx\n\\echo done",
        r"\x",
        r"\dt *.*",
    ] {
        check_in(postgres, text, &[]);
    }
    for text in [
        r"\i drop.sql",
        r"\! ls",
        "select 'drop table ' || x from t \\gexec",
        r"select 1 \g |sh",
        r"\d \\ \i x",
        r"\unknown",
        r"\lo_import x",
    ] {
        check_in(postgres, text, &[Opaque]);
    }
    check_in(postgres, r"\copy t from 'f'", &[Write]);
    check_in(postgres, r"\copy t to 'f'", &[]);
    check_in(postgres, "\\x\ndelete from t", &[DeleteAll, Write]);
    for text in [
        r"select '\i x', $$\i$$, $a$ \i $a$, /* \i */ 1 -- \i",
        r"select E'\'\\i'",
    ] {
        check_in(postgres, text, &[]);
    }
    let mysql = SqlDialect::Mysql;
    for text in [
        "source x.sql",
        "system ls",
        "\\. x.sql",
        "\\! ls",
        "DELIMITER //",
    ] {
        check_in(mysql, text, &[Opaque]);
    }
    let sqlite = SqlDialect::Sqlite;
    check_in(sqlite, ".tables\n.mode csv\nselect 1;", &[]);
    check_in(sqlite, "vacuum", &[Write]);
    for text in [".read x.sql", ".shell ls", ".import a b", ".rea x"] {
        check_in(sqlite, text, &[Opaque]);
    }
    check_in(SqlDialect::Mssql, ":r x.sql\nGO", &[Opaque]);
}

#[test]
fn a_part_that_is_not_known_is_a_value_and_counts_as_a_write() {
    let postgres = SqlDialect::Postgres;
    for text in [
        "select * from t where id = kanmon_hole",
        "select '%kanmon_hole%' from t_kanmon_hole",
        "delete from t where id = kanmon_hole",
        "delete from t where id in (kanmon_hole)",
    ] {
        check(text, &[Write]);
    }
    for condition in ["kanmon_hole", "not kanmon_hole", "id = 1 or kanmon_hole"] {
        check(
            &format!("delete from t where {condition}"),
            &[Write, Opaque],
        );
    }
    check("select kanmon_hole", &[Write, Opaque]);
    check("select 1; kanmon_hole", &[Write, Opaque]);
    check("kanmon_hole table t", &[Write, Opaque]);
    check_in(postgres, "select 1 \\g kanmon_hole", &[Write, Opaque]);
}

#[test]
fn what_the_parser_does_not_take_is_told_by_its_first_word() {
    check("drop something of my own", &[Drop, Write]);
    check("truncate a b c d", &[Truncate, Write]);
    check("select * from t where time > now() - 1h", &[]);
    check("select a b c into d e", &[Opaque]);
    check("select 1 2 3 delete from t", &[Opaque]);
    let mysql = SqlDialect::Mysql;
    check_in(mysql, "stop replica", &[AlterSystem, Write]);
    check_in(mysql, "reset master", &[AlterSystem, Write]);
    check_in(mysql, "kill 42", &[Write]);
    check_in(mysql, "/*M!100000 drop table t */", &[Drop, Write]);
    check_in(
        SqlDialect::Postgres,
        "select pg_terminate_backend(pid) from pg_stat_activity",
        &[AlterSystem, Write],
    );
}

#[test]
fn a_backslash_before_a_quote_is_in_doubt_where_the_dialect_is_not_known() {
    let text = r"select 'a\'' ; drop table t; -- '";
    check_in(SqlDialect::Generic, text, &[Opaque]);
}

#[test]
fn the_commands_of_sqlplus_are_seen() {
    let oracle = SqlDialect::Oracle;
    check_in(oracle, "set pages 0\nselect 1 from dual;\nexit", &[]);
    check_in(oracle, "@drop.sql", &[Opaque]);
    check_in(oracle, "HOST ls", &[Opaque]);
    check_in(oracle, "shutdown immediate", &[AlterSystem, Write]);
    check_in(oracle, "set echo off\ndelete from t;", &[DeleteAll, Write]);
}

#[test]
fn nothing_is_too_deep_or_too_long() {
    let postgres = SqlDialect::Postgres;
    let long = |part: &str, n: usize| part.repeat(n);
    check_in(
        postgres,
        &format!("select {}1", long("1+", 100_000)),
        &[Opaque],
    );
    check_in(
        postgres,
        &format!("select {}1", long("(", 100_000)),
        &[Opaque],
    );
    check_in(
        postgres,
        &format!("select {}1", long("- ", 100_000)),
        &[Opaque],
    );
    check_in(
        postgres,
        &format!("select 1{}", long(" union select 1", 50_000)),
        &[Opaque],
    );
    check_in(
        postgres,
        &format!("select 1{}", long("::int", 50_000)),
        &[Opaque],
    );
    check_in(
        postgres,
        &format!("select not {}", long("not ", 50_000)),
        &[Opaque],
    );
    check_in(
        postgres,
        &format!("select a{}", long("[1]", 50_000)),
        &[Opaque],
    );
    check_in(postgres, &long(" ", LONGEST + 1), &[Opaque]);
    let marks: String = (0..50_000).map(|mark| format!("$t{mark}$ ")).collect();
    check_in(postgres, &format!("select {marks}"), &[Opaque]);
    check_in(postgres, &long("$x1 ", 100_000), &[Opaque]);
    for depth in [10, 20, 30, 40, 45, 60] {
        for (open, close) in [
            ("(", ")"),
            ("(select ", ")"),
            ("case when 1 then ", " end"),
            ("f(", ")"),
            ("array[", "]"),
            ("cast(", " as int)"),
            ("(select 1 union ", ")"),
            ("interval ", ""),
            ("not ", ""),
        ] {
            let text = format!("select {}1{}", long(open, depth), long(close, depth));
            // It ends; what is deep is opaque.
            let found = kinds(&text, postgres);
            assert!(found.is_empty() || found.contains(&Opaque), "{text}");
        }
    }
    let list = vec!["1"; 50_000].join(", ");
    check_in(
        postgres,
        &format!("select * from t where a in ({list})"),
        &[],
    );
}

proptest::proptest! {
    /// Whatever stands before or behind a statement, it is seen.
    #[test]
    fn no_text_around_a_statement_hides_it(
        before in proptest::sample::select(vec!["", "select 1;", "x y z;", "begin;", "/* a */", "-- a\n", "select ';' ;", "\\d\n"]),
        after in proptest::sample::select(vec!["", ";", "; select 1", "; x y z", " -- a", "/* ; */"]),
        dialect in proptest::sample::select(vec![SqlDialect::Postgres, SqlDialect::Mysql]),
    ) {
        let found = kinds(&format!("{before}delete from t{after}"), dialect);
        proptest::prop_assert!(found.contains(&DeleteAll));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "[a-z0-9();,'\"$\\\\.*=<>!@#\\[\\]{}:\n -]{0,80}", prefix in proptest::sample::select(vec!["", "select ", "alter table t ", "create ", "delete from "])) {
        for dialect in [SqlDialect::Postgres, SqlDialect::Mysql, SqlDialect::Mssql, SqlDialect::Sqlite, SqlDialect::Generic] {
            let _ = kinds(&format!("{prefix}{text}"), dialect);
        }
    }
}
