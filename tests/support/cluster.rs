//! A PostgreSQL cluster for a test: Debian's server on a socket and loopback, in a folder that goes away.
#![expect(
    clippy::disallowed_methods,
    reason = "starts a real server and makes certificates"
)]

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(120);
/// Who runs a server that refuses to be root.
const NOBODY: u32 = 65_534;
/// Where everything is found.
const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

/// A cluster; it ends with the value.
#[derive(Debug)]
pub(crate) struct Cluster {
    folder: TempDir,
    server: Option<Child>,
    bin: PathBuf,
    /// Where it listens on loopback.
    pub(crate) port: u16,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Cluster {
    /// Starts one with a database `kanmon`. Over its socket everybody is let in as whoever they say;
    /// over TCP the server asks for a password (SCRAM), with TLS for a client's certificate too.
    #[track_caller]
    pub(crate) fn start() -> Self {
        let versions = fs::read_dir("/usr/lib/postgresql").expect("postgresql is installed");
        let mut found: Vec<PathBuf> = versions.flatten().map(|entry| entry.path()).collect();
        found.sort();
        let bin = found.pop().expect("a version").join("bin");
        let folder = TempDir::new().expect("a folder");
        let port = free_port();
        let mut cluster = Self {
            folder,
            server: None,
            bin,
            port,
        };
        cluster.own(cluster.folder.path());
        let data = cluster.path("data").display().to_string();
        let done = cluster
            .as_server("initdb")
            .args(["-D", &data, "-U", "postgres", "-A", "trust", "--no-sync"])
            .output()
            .expect("initdb starts");
        assert!(done.status.success(), "{done:?}");
        cluster.certify();
        let rules = "local all all trust\n\
            local replication all trust\n\
            hostssl all certified 127.0.0.1/32 cert\n\
            host all all 127.0.0.1/32 scram-sha-256\n";
        fs::write(cluster.path("data/pg_hba.conf"), rules).expect("a file");
        cluster.take_a_port();
        cluster.sql_at("postgres", "CREATE DATABASE kanmon");
        cluster
    }

    /// Starts a hot standby of it, which follows it and takes no writes.
    #[track_caller]
    pub(crate) fn standby(&self) -> Self {
        let mut standby = Self {
            folder: TempDir::new().expect("a folder"),
            server: None,
            bin: self.bin.clone(),
            port: free_port(),
        };
        standby.own(standby.folder.path());
        for name in ["server.key", "server.crt", "ca.crt"] {
            fs::copy(self.path(name), standby.path(name)).expect("a file");
            standby.own(&standby.path(name));
        }
        let done = self
            .as_server("pg_basebackup")
            .args([
                "-R",
                "-X",
                "stream",
                "-c",
                "fast",
                "--no-sync",
                "-U",
                "postgres",
            ])
            .args(["-h", &self.folder.path().display().to_string()])
            .args(["-p", &self.port.to_string()])
            .args(["-D", &standby.path("data").display().to_string()])
            .output()
            .expect("pg_basebackup starts");
        assert!(done.status.success(), "{done:?}");
        standby.take_a_port();
        standby
    }

    /// Starts the server where nobody else listens.
    #[track_caller]
    fn take_a_port(&mut self) {
        // Between the look for a free port and its use another test may have taken it.
        while !self.has_gone_on() {
            self.port = free_port();
        }
    }

    /// Starts the server again.
    #[track_caller]
    pub(crate) fn go_on(&mut self) {
        let has_gone_on = self.has_gone_on();
        let said = fs::read_to_string(self.path("log")).unwrap_or_default();
        assert!(has_gone_on, "{said}");
    }

    /// Starts the server; returns whether it answers, and not that its port is taken.
    #[track_caller]
    fn has_gone_on(&mut self) -> bool {
        let folder = self.folder.path().display().to_string();
        let data = format!("{folder}/data");
        let port = self.port.to_string();
        let server = self
            .as_server("postgres")
            .args(["-D", &data, "-k", &folder, "-p", &port])
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "ssl=on"])
            .args(["-c", &format!("ssl_cert_file={folder}/server.crt")])
            .args(["-c", &format!("ssl_key_file={folder}/server.key")])
            .args(["-c", &format!("ssl_ca_file={folder}/ca.crt")])
            .args(["-c", "max_connections=300", "-c", "fsync=on"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::from(
                fs::File::create(self.path("log")).expect("a log"),
            ))
            .spawn()
            .expect("postgres starts");
        self.server = Some(server);
        let deadline = Instant::now() + PATIENCE;
        while !self.psql("postgres", "SELECT 1").status.success() {
            let said = fs::read_to_string(self.path("log")).unwrap_or_default();
            let ended = self.server.as_mut().map(Child::try_wait);
            if let Some(Ok(Some(_))) = ended
                && said.contains("Address already in use")
            {
                return false;
            }
            assert!(Instant::now() < deadline, "no answer: {said}");
            std::thread::sleep(Duration::from_millis(50));
        }
        true
    }

    /// Stops the server at once, as a crash does.
    pub(crate) fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            // SIGQUIT: it ends its own processes, and recovers when it is started again.
            let pid = i32::try_from(server.id()).expect("a pid");
            let _ = nix::sys::signal::kill(
                nix::unistd::Pid::from_raw(pid),
                nix::sys::signal::Signal::SIGQUIT,
            );
            let _ = server.wait();
        }
    }

    /// Kills the server with SIGKILL and waits until its own processes have seen it.
    pub(crate) fn kill(&mut self) {
        let Some(mut server) = self.server.take() else {
            return;
        };
        server.kill().expect("a server to kill");
        let _ = server.wait();
        // While one of them is there the shared memory is in use, and no server starts.
        let group = self.path("data").display().to_string();
        let deadline = Instant::now() + PATIENCE;
        let lives = || {
            let all = fs::read_dir("/proc").expect("/proc").flatten();
            let mut folders = all.filter_map(|entry| fs::read_link(entry.path().join("cwd")).ok());
            folders.any(|folder| folder.display().to_string() == group)
        };
        while lives() {
            assert!(Instant::now() < deadline, "the server's processes stay");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Returns the path of what lies in its folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns the URL of its socket for a role.
    pub(crate) fn url(&self, role: &str) -> String {
        let folder = self.folder.path().display();
        format!(
            "postgresql://{role}@/kanmon?host={folder}&port={}",
            self.port
        )
    }

    /// Returns the URL of its loopback port for a role, with more parameters.
    pub(crate) fn tcp(&self, role: &str, host: &str, more: &str) -> String {
        format!("postgresql://{role}@{host}:{}/kanmon?{more}", self.port)
    }

    /// Runs SQL as the server's owner in `kanmon`; returns what it answers, without decoration.
    #[track_caller]
    pub(crate) fn sql(&self, sql: &str) -> String {
        self.sql_at("kanmon", sql)
    }

    /// Runs SQL as a role that may be refused; returns its errors.
    pub(crate) fn sql_as(&self, role: &str, sql: &str) -> Result<String, String> {
        let done = self.psql_as(role, "kanmon", sql);
        match done.status.success() {
            true => Ok(text(&done.stdout)),
            false => Err(text(&done.stderr)),
        }
    }

    #[track_caller]
    fn sql_at(&self, database: &str, sql: &str) -> String {
        let done = self.psql(database, sql);
        assert!(done.status.success(), "{sql}: {}", text(&done.stderr));
        text(&done.stdout)
    }

    fn psql(&self, database: &str, sql: &str) -> Output {
        self.psql_as("postgres", database, sql)
    }

    fn psql_as(&self, role: &str, database: &str, sql: &str) -> Output {
        Command::new(self.bin.join("psql"))
            .args(["-X", "-At", "-v", "ON_ERROR_STOP=1", "-U", role])
            .args(["-h", &self.folder.path().display().to_string()])
            .args(["-p", &self.port.to_string(), "-c", sql, database])
            .env_clear()
            .output()
            .expect("psql starts")
    }

    /// Gives the server's user what lies at a path.
    fn own(&self, path: &Path) {
        if nix::unistd::geteuid().is_root() {
            chown(path, Some(NOBODY), Some(NOBODY)).expect("chown");
        }
        // Root's gate and psql go through it to the socket.
        if path.is_dir() {
            let open = fs::Permissions::from_mode(0o755);
            fs::set_permissions(path, open).expect("a mode");
        }
    }

    /// Returns a program of the server, as a user that it does not refuse.
    fn as_server(&self, name: &str) -> Command {
        let program = self.bin.join(name);
        let mut command = if nix::unistd::geteuid().is_root() {
            let nobody = NOBODY.to_string();
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid", &nobody, "--regid", &nobody, "--clear-groups"])
                .args(["--pdeathsig", "KILL", "--"])
                .arg(program);
            command
        } else {
            Command::new(program)
        };
        command
            .env_clear()
            .env("PATH", PATH)
            .env("LC_ALL", "C.UTF-8");
        command
    }

    /// Makes two authorities, the server's certificate for `localhost` by the first, and one for the
    /// role `certified`.
    fn certify(&self) {
        let script = "set -e
            for name in ca other; do
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
                    -subj /CN=$name -keyout $name.key -out $name.crt
            done
            leaf() {
                openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=$2 \
                    -keyout $1.key -out $1.csr
                printf '%s\\n' \"$3\" > $1.ext
                openssl x509 -req -in $1.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 \
                    -extfile $1.ext -out $1.crt
            }
            leaf server localhost subjectAltName=DNS:localhost
            leaf client certified extendedKeyUsage=clientAuth
            chmod 600 *.key";
        let done = Command::new("sh")
            .args(["-c", script])
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", PATH)
            .output()
            .expect("sh starts");
        assert!(done.status.success(), "{}", text(&done.stderr));
        for name in ["server.key", "server.crt", "ca.crt"] {
            self.own(&self.path(name));
        }
    }
}

/// Returns what was written, without the newline at its end.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}

/// Returns a port on which nobody listens. It lies below those that the kernel gives to whoever connects
/// somewhere (32768 and up), so that none of these takes it before a server does.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = std::process::id().wrapping_mul(97);
    loop {
        let next = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = 20_000 + u16::try_from(first.wrapping_add(next) % 12_000).expect("small");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
