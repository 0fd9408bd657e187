//! PostgreSQL and MariaDB: the rows that a line concerns, at the server and in the database that it
//! names.

use std::fs;
use std::path::{Path, PathBuf};

use crate::place::Place;
use crate::pty::Pty;

/// Who runs a server that refuses to be root.
const NOBODY: &str = "65534";
/// Ten orders, four of them paid, in a table of either server.
const ORDERS: &str = "create table orders (id int primary key, paid int); \
    insert into orders values (1,1),(2,1),(3,1),(4,1),(5,0),(6,0),(7,0),(8,0),(9,0),(10,0);";

/// Returns how a server is started in a folder that it owns.
fn as_nobody(place: &Place) -> String {
    if !nix::unistd::geteuid().is_root() {
        return String::new();
    }
    place.must(&format!("chown {NOBODY}:{NOBODY} {}", place.folder()));
    format!("setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups")
}

/// Starts PostgreSQL, in the folder its socket, and a database with orders.
fn postgresql(place: &mut Place) {
    let mut homes = fs::read_dir("/usr/lib/postgresql").unwrap();
    let bin = homes.next().unwrap().unwrap().path().join("bin");
    let (bin, folder, nobody) = (bin.display(), place.folder(), as_nobody(place));
    place.must(&format!(
        "{nobody} {bin}/initdb -D {folder}/data -U postgres -A trust --no-sync"
    ));
    place.serve(
        &format!("{nobody} {bin}/postgres -D {folder}/data -k {folder} -c listen_addresses="),
        &format!("psql -h {folder} -U postgres -c 'select 1'"),
    );
    place.must(&format!(
        "psql -h {folder} -U postgres -c 'create database shop' && \
         psql -h {folder} -U postgres shop -c '{ORDERS}'"
    ));
}

/// Starts MariaDB, in the folder its socket `s`, and a database with orders.
fn mariadb(place: &mut Place) {
    let (folder, nobody) = (place.folder(), as_nobody(place));
    place.must(&format!(
        "{nobody} mariadb-install-db --no-defaults --datadir={folder}/data --skip-test-db \
         --auth-root-authentication-method=normal"
    ));
    place.serve(
        &format!(
            "{nobody} mariadbd --no-defaults --datadir={folder}/data --socket={folder}/s \
             --pid-file={folder}/pid --skip-networking --innodb-buffer-pool-size=16M"
        ),
        &format!("mariadb -S {folder}/s -u root -e 'select 1'"),
    );
    place.must(&format!(
        "mariadb -S {folder}/s -u root -e 'create database shop; use shop; {ORDERS}'"
    ));
}

/// Answers what is asked and calls rows, first a wrong number.
#[track_caller]
fn calls(pty: &mut Pty, label: &str, wrong: &str, right: &str) {
    pty.wait_for_question("When was the newest backup");
    pty.type_text("last night, yes\n");
    pty.wait_for_question(&format!("Look and call: {label}"));
    pty.type_text(&format!("{wrong}\n"));
    pty.wait_for_question("Tries left: 2");
    pty.type_text(&format!("{right}\n"));
    pty.wait_for_question("Run it now?");
    pty.type_text("y\n");
    assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.screen());
}

#[test]
fn postgresql_says_where_one_is_and_which_rows_go() {
    let mut place = Place::new();
    postgresql(&mut place);
    let folder = place.folder();
    let size = place.must(&format!(
        "psql -h {folder} -U postgres -At shop -c \"select pg_size_pretty(pg_database_size('shop'))\""
    ));
    let megabytes = place.must(&format!(
        "psql -h {folder} -U postgres -At shop -c \"select pg_database_size('shop') / 1048576\""
    ));
    let (host, user) = (place.path(""), PathBuf::from("postgres"));
    let there: [(&str, &Path); 2] = [("PGHOST", &host), ("PGUSER", &user)];
    let rows = "Rows that it concerns, or else megabytes of the database";
    for (statement, count) in [
        ("drop table orders", "10"),
        ("update orders set paid = 1", "10"),
        ("drop database old", megabytes.trim()),
    ] {
        let mut pty = place.drill(&["psql", "shop", "-c", statement], &there);
        pty.wait_for("shop||f|postgres");
        pty.wait_for(&format!("Size of this database: {}", size.trim()));
        pty.wait_for(&format!("{rows}: {count}"));
    }

    // The server that the line names, without what the environment says.
    let line = ["psql", "-Atq", "-U", "postgres", "-h", &folder, "shop"];
    let statement = ["-c", "begin; delete from orders where paid = 1; commit"];
    let mut pty = place.drill(&[&line[..], &statement].concat(), &[]);
    pty.wait_for(&format!("{rows}: 4"));
    calls(&mut pty, rows, "10", "4");
    let mut pty = place.drill(&["dropdb", "-U", "postgres", "-h", &folder, "shop"], &[]);
    pty.wait_for(&format!("{rows}: {}", megabytes.trim()));
    let left = "select count(*) from orders";
    let left = place.must(&format!(
        "psql -h {folder} -U postgres -At shop -c '{left}'"
    ));
    assert_eq!(left, "10\n");

    for (line, why) in [
        (
            ["psql", "no_such", "-c", "drop table orders"],
            "\"no_such\" does not exist",
        ),
        (
            ["psql", "shop", "-c", "drop table no_such"],
            "\"no_such\" does not exist",
        ),
        (
            ["psql", "-h/nowhere", "-c", "drop table orders"],
            "Is the server running locally",
        ),
    ] {
        let mut pty = place.drill(&line, &there);
        pty.wait_for("not seen: the probe ended with status ");
        pty.wait_for(why);
    }
}

#[test]
fn mariadb_says_where_one_is_and_which_rows_go() {
    let mut place = Place::new();
    mariadb(&mut place);
    let socket = format!("--socket={}/s", place.folder());
    let tables = "select count(*) from information_schema.tables";
    let tables = place.must(&format!("mariadb {socket} -u root -NBe '{tables}'"));
    let host = place.must(&format!(
        "mariadb {socket} -u root -NBe 'select @@hostname'"
    ));
    let rows = "Rows that it concerns, or else tables on the server";
    for (statement, count) in [
        ("drop table orders", "10"),
        ("truncate shop.orders", "10"),
        ("update orders set paid = 1", "10"),
        ("drop database shop", tables.trim()),
    ] {
        let line = ["mysql", &socket, "-uroot", "shop", "-e", statement];
        let mut pty = place.drill(&line, &[]);
        pty.wait_for(&format!("{}\t0\troot@localhost\tshop", host.trim()).replace('\t', "       "));
        pty.wait_for(&format!("{rows}: {count}"));
    }

    let line = ["mariadb", &socket, "-uroot", "-Dshop", "-e"];
    let statement = ["delete from orders where paid = 1 and id > 1"];
    let mut pty = place.drill(&[&line[..], &statement].concat(), &[]);
    pty.wait_for(&format!("{rows}: 3"));
    calls(&mut pty, rows, "10", "3");
    let left = place.must(&format!(
        "mariadb {socket} -uroot shop -NBe 'select count(*) from orders'"
    ));
    assert_eq!(left, "10\n");

    // Nobody listens there, and the server by default is not asked in its place.
    let line = [
        "mysql",
        "--socket=/nowhere/s",
        "shop",
        "-e",
        "drop table orders",
    ];
    let mut pty = place.drill(&line, &[]);
    pty.wait_for("not seen: the probe ended with status 1");
    pty.wait_for("/nowhere/s");
}
