//! SQLite, Redis and PostgreSQL: the server or the file that the line names.

use std::fs;
use std::path::{Path, PathBuf};

use crate::place::{Place, free_port};

/// Who runs a server that refuses to be root.
const NOBODY: &str = "65534";

#[test]
fn sqlite_says_how_many_objects_the_file_has() {
    let place = Place::new();
    place.must("sqlite3 shop.db 'create table a (x); create table b (x); create index i on a (x)'");
    place.shows(
        &["sqlite3", "shop.db", "delete from a"],
        "Objects in this file: 3",
    );
    fs::write(
        place.path("broken.db"),
        "this is no database, whatever its name",
    )
    .unwrap();
    place.shows(
        &["sqlite3", "broken.db", "delete from a"],
        "Objects in this file: not seen",
    );
    assert_eq!(
        place.must("sqlite3 shop.db 'select count(*) from sqlite_master'"),
        "3\n"
    );
}

#[test]
fn redis_is_asked_at_the_port_that_the_line_names() {
    let mut place = Place::new();
    let (port, closed) = (free_port().to_string(), free_port().to_string());
    let folder = place.folder();
    place.serve(
        &format!("redis-server --port {port} --bind 127.0.0.1 --save '' --dir {folder}"),
        &format!("redis-cli -p {port} ping | grep -q PONG"),
    );
    place.must(&format!(
        "for n in 1 2 3 4 5; do redis-cli -p {port} set key$n x; done"
    ));
    place.must(&format!("redis-cli -p {port} -n 2 set other x"));
    let mut pty = place.drill(&["redis-cli", "-p", &port, "flushall"], &[]);
    pty.wait_for("Keys in the database: 5");
    pty.wait_for("role:master");
    place.shows(
        &["redis-cli", "-p", &port, "-n", "2", "flushdb"],
        "Keys in the database: 1",
    );
    place.shows(
        &["redis-cli", "-p", &closed, "flushall"],
        "Keys in the database: not seen",
    );
    assert_eq!(place.must(&format!("redis-cli -p {port} dbsize")), "5\n");
}

#[test]
fn postgresql_says_where_one_is_and_how_large_it_is() {
    let mut place = Place::new();
    let mut homes = fs::read_dir("/usr/lib/postgresql").unwrap();
    let bin = homes.next().unwrap().unwrap().path().join("bin");
    let (bin, folder) = (bin.display(), place.folder());
    let as_nobody = match nix::unistd::geteuid().is_root() {
        true => {
            place.must(&format!("chown {NOBODY} {folder}"));
            format!("setpriv --reuid {NOBODY} --clear-groups")
        }
        false => String::new(),
    };
    place.must(&format!(
        "{as_nobody} {bin}/initdb -D {folder}/data -U postgres -A trust --no-sync"
    ));
    place.serve(
        &format!("{as_nobody} {bin}/postgres -D {folder}/data -k {folder} -c listen_addresses="),
        &format!("psql -h {folder} -U postgres -c 'select 1'"),
    );
    place.must(&format!(
        "psql -h {folder} -U postgres -c 'create database shop'"
    ));
    let size = place.must(&format!(
        "psql -h {folder} -U postgres -At shop -c \"select pg_size_pretty(pg_database_size('shop'))\""
    ));
    let host = place.path("");
    let user = PathBuf::from("postgres");
    let there: [(&str, &Path); 2] = [("PGHOST", &host), ("PGUSER", &user)];
    let mut pty = place.drill(&["psql", "shop", "-c", "drop table orders"], &there);
    pty.wait_for("shop||f|postgres");
    pty.wait_for(&format!("Size of this database: {}", size.trim()));
    let mut pty = place.drill(&["psql", "no_such", "-c", "drop table orders"], &there);
    pty.wait_for("Size of this database: not seen");
}
