//! The packs' probes against the real programs of Debian: what is measured stands on the screen, and
//! what cannot be measured is said to be not seen.
//!
//! Everything is a drill: nothing that is held is ever run. Servers are started here, on loopback or
//! a socket in a folder that goes away, with data of their own.
#![expect(
    clippy::disallowed_methods,
    reason = "starts real servers, and asks the programs what the probes should have seen"
)]

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::pty::{Pty, PtyCommand};

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(120);
/// Who runs a server that refuses to be root.
const NOBODY: &str = "65534";

/// A home, and what is started in it.
struct Place {
    /// The folder.
    folder: TempDir,
    /// Servers; they end with the test.
    servers: Vec<Child>,
}

impl Drop for Place {
    fn drop(&mut self) {
        for server in &mut self.servers {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

impl Place {
    fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            servers: Vec::new(),
        }
    }

    /// Returns the path of what lies in it.
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a line of `sh` in it; returns what it wrote.
    #[track_caller]
    fn must(&self, line: &str) -> String {
        let done = Command::new("sh")
            .args(["-c", line])
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C")
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{line}\n{errors}");
        String::from_utf8(done.stdout).unwrap()
    }

    /// Starts a server with a line of `sh`, and waits until `answers` succeeds.
    #[track_caller]
    fn serve(&mut self, line: &str, answers: &str) {
        let server = Command::new("sh")
            .args(["-c", &format!("exec {line}")])
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.servers.push(server);
        let deadline = Instant::now() + PATIENCE;
        let is_up = || {
            let look = Command::new("sh").args(["-c", answers]).output().unwrap();
            look.status.success()
        };
        while !is_up() {
            assert!(Instant::now() < deadline, "no answer: {answers}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Holds a line as a drill, with variables set.
    fn drill(&self, line: &[&str], variables: &[(&str, &Path)]) -> Pty {
        self.drill_in(".", line, variables)
    }

    /// Does so in a folder in it.
    fn drill_in(&self, folder: &str, line: &[&str], variables: &[(&str, &Path)]) -> Pty {
        let gate = PtyCommand::new(env!("CARGO_BIN_EXE_kanmon"))
            .args(["--drill"])
            .args(line)
            .cwd(self.path(folder))
            // A screen on which even all that could not be seen stands at once.
            .size(100, 60)
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .env("HOME", self.folder.path());
        let set = |gate: PtyCommand, (name, value): &(&str, &Path)| gate.env(name, value);
        variables.iter().fold(gate, set).spawn()
    }

    /// Holds a line as a drill and waits until the screen says this.
    #[track_caller]
    fn shows(&self, line: &[&str], said: &str) {
        self.drill(line, &[]).wait_for(said);
    }
}

/// Returns a port on which nobody listens.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Returns how many packages Debian's own simulation changes.
fn simulated(place: &Place, line: &str) -> usize {
    let told = place.must(&format!("apt-get -s {line}"));
    let changes = |line: &&str| {
        ["Inst ", "Remv ", "Purg "]
            .iter()
            .any(|w| line.starts_with(w))
    };
    told.lines().filter(changes).count()
}

#[test]
fn apt_get_is_asked_how_many_packages_change() {
    let place = Place::new();
    let count = simulated(&place, "remove redis-server");
    assert!(count > 0);
    let mut pty = place.drill(&["apt-get", "-y", "remove", "redis-server"], &[]);
    pty.wait_for(&format!("Packages that change: {count}"));
    pty.wait_for("Of them certificates and TLS: 0");
    pty.wait_for("Held packages touched (1: yes): 0");
    pty.wait_for_question("Where was this same version tried before?");
    pty.type_text("staging web1, yesterday\n");
    pty.wait_for_question("What else is switched on or restarted by it?");
    pty.type_text("nothing\n");
    for question in ["match the runbook", "calm and unhurried"] {
        pty.wait_for_question(question);
        pty.type_text("y\n");
    }
    pty.wait_for_question("Packages that change");
    pty.type_text(&format!("{}\n", count + 1));
    pty.wait_for("Tries left: 2");
    pty.wait_for_question("Packages that change");
    pty.type_text(&format!("{count}\n"));
    pty.wait_for_question("Run it now?");
    pty.type_text("y\n");
    assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.screen());
    // It is still there: nothing was removed.
    assert!(Path::new("/usr/bin/redis-server").exists());
}

#[test]
fn a_package_that_apt_get_does_not_know_cannot_be_counted() {
    let place = Place::new();
    place.shows(
        &["apt-get", "install", "no-such-package-at-all"],
        "not seen: the probe ended with status 100: E: Unable to locate package",
    );
}

#[test]
fn rsync_says_what_it_would_delete_and_run_parts_what_it_would_run() {
    let place = Place::new();
    place.must("mkdir from to daily && touch from/a to/a to/b to/c");
    place.shows(
        &["rsync", "-a", "--delete", "from/", "to/"],
        "Entries that would be deleted there: 2",
    );
    assert!(place.path("to/b").exists());
    place.shows(
        &["rsync", "-a", "--delete", "missing/", "to/"],
        "not seen: the probe ended with status 23",
    );
    place
        .must("for name in one two; do echo 'touch ran' > daily/$name; chmod +x daily/$name; done");
    let daily = place.path("daily");
    let daily = daily.to_str().unwrap();
    place.shows(&["run-parts", daily], "Scripts that would run: 2");
    assert!(!place.path("ran").exists());
}

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
    let folder = place.folder.path().display().to_string();
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
    let (bin, folder) = (bin.display(), place.folder.path().display().to_string());
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
    let user = PathBuf::from("postgres");
    let there: [(&str, &Path); 2] = [("PGHOST", place.folder.path()), ("PGUSER", &user)];
    let mut pty = place.drill(&["psql", "shop", "-c", "drop table orders"], &there);
    pty.wait_for("shop||f|postgres");
    pty.wait_for(&format!("Size of this database: {}", size.trim()));
    let mut pty = place.drill(&["psql", "no_such", "-c", "drop table orders"], &there);
    pty.wait_for("Size of this database: not seen");
}

#[test]
fn git_counts_what_is_nowhere_else() {
    let place = Place::new();
    place.must(
        "git init -q --bare far.git && git init -q -b main near && cd near && \
         git config user.name ann && git config user.email ann@example.com && \
         git remote add origin ../far.git && git commit -q --allow-empty -m one && \
         git push -q origin main && echo x > a && echo y > b",
    );
    let mut pty = place.drill_in("near", &["git", "reset", "--hard"], &[]);
    pty.wait_for("Files changed or not tracked: 2");
    let mut pty = place.drill_in("near", &["git", "push", "--force"], &[]);
    pty.wait_for("../far.git");
    pty.wait_for("## main");
    let mut pty = place.drill_in(".", &["git", "reset", "--hard"], &[]);
    pty.wait_for("not a git repository");
}

#[test]
fn the_rules_of_nftables_are_counted_in_a_network_of_its_own() {
    let place = Place::new();
    if !nix::unistd::geteuid().is_root() {
        let _ = std::io::Write::write_all(
            &mut std::io::stderr(),
            b"left out: a network namespace cannot be made without root\n",
        );
        return;
    }
    let rules = "nft 'add table inet f; add chain inet f c { type filter hook input priority 0; }; \
                 add rule inet f c tcp dport 22 accept; add rule inet f c tcp dport 25 accept'";
    let gate = env!("CARGO_BIN_EXE_kanmon");
    let line = format!("{rules}; exec {gate} --drill nft flush ruleset");
    let mut pty = PtyCommand::new("/usr/bin/unshare")
        .args(["-n", "sh", "-c", &line])
        .cwd(place.folder.path())
        .size(100, 60)
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .env("HOME", place.folder.path())
        .spawn();
    // A chain's own line counts: it is gone as well.
    pty.wait_for("Rules in nftables now: 3");
}
