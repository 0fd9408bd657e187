//! SQLite and Redis: the file or the server that the line names.

use std::fs;

use crate::place::{Place, free_port};

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
