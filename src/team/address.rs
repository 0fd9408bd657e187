//! Where the store is, and how it is spoken to: a `postgresql://` URL as libpq reads it.
//!
//! Pure. What a URL leaves open, settings fill in: for `kanmonctl` those of libpq's variables and
//! service files; for a gate nothing, so that an asker's environment names no other store.

use std::path::PathBuf;

use tokio_postgres::config::{ChannelBinding, TargetSessionAttrs};

use super::url;

/// Port of a server that names none.
const PORT: u16 = 5432;

/// Where a server of this host has its socket, where nothing else is named: Debian's place.
const SOCKET_FOLDER: &str = "/var/run/postgresql";

/// How the server has to prove who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SslMode {
    /// No TLS.
    Disable,
    /// TLS where the server has it; whose it is is not looked at.
    Prefer,
    /// TLS; whose it is is looked at only where `sslrootcert` names an authority.
    Require,
    /// TLS with a certificate of the authority.
    VerifyCa,
    /// TLS with a certificate of the authority for the host's name.
    VerifyFull,
}

/// Names of [`SslMode`], as libpq has them.
const SSL_MODES: [(&str, SslMode); 6] = [
    ("disable", SslMode::Disable),
    ("allow", SslMode::Prefer),
    ("prefer", SslMode::Prefer),
    ("require", SslMode::Require),
    ("verify-ca", SslMode::VerifyCa),
    ("verify-full", SslMode::VerifyFull),
];

/// One server that may be spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Server {
    /// A socket in a folder.
    Socket {
        /// The folder.
        folder: PathBuf,
        /// The number at the end of the socket's name.
        port: u16,
    },
    /// A host by name or number.
    Host {
        /// The name that its certificate has to have.
        name: String,
        /// Its number, where one was named; else the name is looked up.
        number: Option<String>,
        /// Its port.
        port: u16,
    },
}

impl Server {
    /// Returns whether nothing leaves this host.
    #[must_use]
    pub fn is_here(&self) -> bool {
        match self {
            Self::Socket { .. } => true,
            Self::Host { name, number, .. } => {
                let number = number.as_deref().unwrap_or(name);
                let is_loopback = |number: std::net::IpAddr| number.is_loopback();
                number == "localhost" || number.parse().is_ok_and(is_loopback)
            }
        }
    }
}

/// Where the store is, and how it is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The servers, tried in this order.
    pub servers: Vec<Server>,
    /// The database.
    pub database: String,
    /// The role.
    pub user: String,
    /// The password, where the settings have it; never shown.
    pub password: Option<Secret>,
    /// The file of passwords.
    pub passfile: Option<PathBuf>,
    /// How the server has to prove who it is; `None` where it was not said.
    pub ssl_mode: Option<SslMode>,
    /// The authorities' certificates; those of the host where none are named.
    pub root_certificates: Option<PathBuf>,
    /// The own certificate.
    pub certificate: Option<PathBuf>,
    /// Its key.
    pub key: Option<PathBuf>,
    /// Whether the password has to be proved over the very channel that TLS has opened.
    pub binding: ChannelBinding,
    /// Whether a server has to take writes; `None` where it was not said.
    pub session: Option<TargetSessionAttrs>,
}

/// A password. Its debug text does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("****")
    }
}

/// Why a URL names no store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAddress {
    /// It begins with something else.
    #[error("a store is `postgresql://USER@HOST:PORT/DATABASE?KEY=VALUE&…`")]
    Scheme,
    /// A `%` without two hex digits behind it, or what they say is no text.
    #[error("`{0}` is not percent-encoded text")]
    Percent(String),
    /// A port that is no number.
    #[error("`{0}` is no port")]
    Port(String),
    /// A parameter that means nothing here.
    #[error("the parameter `{0}` is not known")]
    Parameter(String),
    /// A value of `sslmode` that is none.
    #[error("`{0}` is no sslmode; these are: disable, prefer, require, verify-ca, verify-full")]
    SslMode(String),
    /// A value of `channel_binding` that is none.
    #[error("`{0}` is no channel_binding; these are: disable, prefer, require")]
    Binding(String),
    /// A value of `target_session_attrs` that is none.
    #[error(
        "`{0}` is no target_session_attrs; these are: any, read-write, primary, read-only, standby"
    )]
    Session(String),
    /// As many ports as hosts, or one, or none.
    #[error("there are {hosts} hosts and {ports} ports")]
    Ports {
        /// Number of hosts.
        hosts: usize,
        /// Number of ports.
        ports: usize,
    },
    /// No role is named.
    #[error("no role is named: `postgresql://USER@HOST/DATABASE`")]
    NoUser,
    /// A password in a file that everybody reads.
    #[error("a password has no place in it; name a file with `passfile=`")]
    Password,
}

/// Settings by libpq's name, `host` or `sslmode`.
pub type Settings = Vec<(String, String)>;

/// Parameters that are understood, and do something.
const KNOWN: [&str; 14] = [
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "passfile",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "service",
    "channel_binding",
    "target_session_attrs",
];

/// The values of `channel_binding`.
const BINDINGS: [(&str, ChannelBinding); 3] = [
    ("disable", ChannelBinding::Disable),
    ("prefer", ChannelBinding::Prefer),
    ("require", ChannelBinding::Require),
];

/// The values of `target_session_attrs`; what a standby is shows in that it takes no writes.
const SESSIONS: [(&str, TargetSessionAttrs); 5] = [
    ("any", TargetSessionAttrs::Any),
    ("read-write", TargetSessionAttrs::ReadWrite),
    ("primary", TargetSessionAttrs::ReadWrite),
    ("read-only", TargetSessionAttrs::ReadOnly),
    ("standby", TargetSessionAttrs::ReadOnly),
];

/// Parameters of libpq that change nothing here: a gate waits three seconds whatever they say.
const IGNORED: [&str; 9] = [
    "connect_timeout",
    "application_name",
    "fallback_application_name",
    "client_encoding",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
];

/// Reads the URL of a configuration that everybody may read: all that it says is there, and nothing
/// secret.
///
/// # Errors
/// Where it names no store.
pub fn of_configuration(text: &str) -> Result<Address, NoAddress> {
    let settings = url::settings(text)?;
    if settings.iter().any(|(name, _)| name == "password") {
        return Err(NoAddress::Password);
    }
    if let Some((name, _)) = settings.iter().find(|(name, _)| name == "service") {
        return Err(NoAddress::Parameter(name.clone()));
    }
    Ok(address(&settings)?.that_writes())
}

/// Puts settings together; the first of a name counts.
///
/// # Errors
/// Where they name no store.
pub fn address(settings: &Settings) -> Result<Address, NoAddress> {
    let is_known = |name: &str| KNOWN.contains(&name) || IGNORED.contains(&name);
    if let Some((name, _)) = settings.iter().find(|(name, _)| !is_known(name)) {
        return Err(NoAddress::Parameter(name.clone()));
    }
    let get = |name: &str| {
        let mut named = settings.iter().filter(|(found, _)| found == name);
        let said = named.find(|(_, value)| !value.is_empty());
        said.map(|(_, value)| value.clone())
    };
    let user = get("user").ok_or(NoAddress::NoUser)?;
    let ssl_mode = one_of(&SSL_MODES, get("sslmode"), NoAddress::SslMode)?;
    let binding = one_of(&BINDINGS, get("channel_binding"), NoAddress::Binding)?;
    let session = one_of(&SESSIONS, get("target_session_attrs"), NoAddress::Session)?;
    Ok(Address {
        servers: servers(get("host"), get("hostaddr"), get("port"))?,
        database: get("dbname").unwrap_or_else(|| user.clone()),
        user,
        password: get("password").map(Secret),
        passfile: get("passfile").map(PathBuf::from),
        ssl_mode,
        root_certificates: get("sslrootcert")
            .filter(|name| name != "system")
            .map(PathBuf::from),
        certificate: get("sslcert").map(PathBuf::from),
        key: get("sslkey").map(PathBuf::from),
        binding: binding.unwrap_or(ChannelBinding::Prefer),
        session,
    })
}

/// Returns which of the known values is named.
fn one_of<T: Copy>(
    known: &[(&str, T)],
    named: Option<String>,
    unknown: impl FnOnce(String) -> NoAddress,
) -> Result<Option<T>, NoAddress> {
    let Some(named) = named else {
        return Ok(None);
    };
    match known.iter().find(|(name, _)| *name == named) {
        Some((_, value)) => Ok(Some(*value)),
        None => Err(unknown(named)),
    }
}

/// Puts hosts, their numbers and their ports together, as lists with commas.
fn servers(
    hosts: Option<String>,
    numbers: Option<String>,
    ports: Option<String>,
) -> Result<Vec<Server>, NoAddress> {
    let list = |text: Option<String>| -> Vec<String> {
        let parts = text.iter().flat_map(|text| text.split(','));
        parts.map(str::to_owned).collect()
    };
    let (hosts, numbers) = (list(hosts), list(numbers));
    let ports = list(ports)
        .into_iter()
        .map(|port| match port.parse() {
            Ok(port) => Ok(port),
            Err(_) if port.is_empty() => Ok(PORT),
            Err(_) => Err(NoAddress::Port(port)),
        })
        .collect::<Result<Vec<u16>, _>>()?;
    let count = hosts.len().max(numbers.len()).max(1);
    if ports.len() > 1 && ports.len() != count {
        return Err(NoAddress::Ports {
            hosts: count,
            ports: ports.len(),
        });
    }
    let server = |index: usize| {
        let port = ports.get(index).or(ports.first()).copied().unwrap_or(PORT);
        let number = numbers.get(index).filter(|number| !number.is_empty());
        let name = hosts.get(index).filter(|name| !name.is_empty());
        match (name, number) {
            (Some(folder), _) if folder.starts_with('/') => Server::Socket {
                folder: PathBuf::from(folder),
                port,
            },
            (None, None) => Server::Socket {
                folder: PathBuf::from(SOCKET_FOLDER),
                port,
            },
            (Some(name), number) => Server::Host {
                name: name.clone(),
                number: number.cloned(),
                port,
            },
            (None, Some(number)) => Server::Host {
                name: number.clone(),
                number: Some(number.clone()),
                port,
            },
        }
    };
    Ok((0..count).map(server).collect())
}

impl Address {
    /// Returns it for who has to write: of several servers one that takes writes, unless it was said otherwise.
    pub(super) fn that_writes(mut self) -> Self {
        if self.servers.len() > 1 {
            self.session.get_or_insert(TargetSessionAttrs::ReadWrite);
        }
        self
    }

    /// Returns how the servers have to prove who they are: fully, unless none of them is beyond this
    /// host.
    #[must_use]
    pub fn ssl_mode(&self) -> SslMode {
        self.ssl_mode
            .unwrap_or(match self.servers.iter().all(Server::is_here) {
                true => SslMode::Disable,
                false => SslMode::VerifyFull,
            })
    }

    /// Returns it in few words, without anything secret.
    #[must_use]
    pub fn shown(&self) -> String {
        let servers: Vec<String> = self
            .servers
            .iter()
            .map(|server| match server {
                Server::Socket { folder, port } => format!("{}:{port}", folder.display()),
                Server::Host { name, port, .. } if name.contains(':') => format!("[{name}]:{port}"),
                Server::Host { name, port, .. } => format!("{name}:{port}"),
            })
            .collect();
        let (user, database) = (&self.user, &self.database);
        format!("postgresql://{user}@{}/{database}", servers.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Address, NoAddress> {
        of_configuration(text)
    }

    fn host(name: &str, port: u16) -> Server {
        Server::Host {
            name: name.to_owned(),
            number: None,
            port,
        }
    }

    #[test]
    fn a_url_says_host_port_role_and_database() {
        let address = read("postgresql://web1@db.example:5433/kanmon").unwrap();
        assert_eq!(address.servers, [host("db.example", 5433)]);
        assert_eq!((&*address.user, &*address.database), ("web1", "kanmon"));
        let shown = "postgresql://web1@db.example:5433/kanmon";
        assert_eq!(address.shown(), shown);
        let address = read("postgres://web1@db").unwrap();
        assert_eq!(address.servers, [host("db", 5432)]);
        assert_eq!(address.database, "web1");
    }

    #[test]
    fn several_hosts_a_socket_and_numbers() {
        let address = read("postgresql://u@a:1,[::1]:2,c/d").unwrap();
        assert_eq!(
            address.servers,
            [host("a", 1), host("::1", 2), host("c", 5432)]
        );
        for text in [
            "postgresql://u@%2Frun%2Fpg:77/d",
            "postgresql://u@/d?host=/run/pg&port=77",
        ] {
            let socket = Server::Socket {
                folder: PathBuf::from("/run/pg"),
                port: 77,
            };
            assert_eq!(read(text).unwrap().servers, [socket], "{text}");
        }
        let address = read("postgresql://u@db/d?hostaddr=10.0.0.1").unwrap();
        let Server::Host { number, .. } = &address.servers[0] else {
            panic!("a host");
        };
        assert_eq!(number.as_deref(), Some("10.0.0.1"));
    }

    #[test]
    fn a_server_elsewhere_proves_who_it_is_unless_said_otherwise() {
        for (text, mode) in [
            ("postgresql://u@db/d", SslMode::VerifyFull),
            ("postgresql://u@db/d?sslmode=require", SslMode::Require),
            ("postgresql://u@db,localhost/d", SslMode::VerifyFull),
            ("postgresql://u@localhost/d", SslMode::Disable),
            ("postgresql://u@127.0.0.1/d", SslMode::Disable),
            (
                "postgresql://u@localhost/d?hostaddr=10.0.0.1",
                SslMode::VerifyFull,
            ),
            (
                "postgresql://u@[::1]/d?sslmode=verify-full",
                SslMode::VerifyFull,
            ),
            ("postgresql://u@/d?host=/run/pg", SslMode::Disable),
        ] {
            assert_eq!(read(text).unwrap().ssl_mode(), mode, "{text}");
        }
    }

    #[test]
    fn of_several_servers_one_is_meant_that_takes_writes() {
        use TargetSessionAttrs::{Any, ReadOnly, ReadWrite};
        for (text, session) in [
            ("postgresql://u@db/d", None),
            ("postgresql://u@a,b/d", Some(ReadWrite)),
            ("postgresql://u@a,b/d?target_session_attrs=any", Some(Any)),
            (
                "postgresql://u@db/d?target_session_attrs=primary",
                Some(ReadWrite),
            ),
            (
                "postgresql://u@db/d?target_session_attrs=standby",
                Some(ReadOnly),
            ),
        ] {
            assert_eq!(read(text).unwrap().session, session, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_said() {
        for (text, told) in [
            ("mysql://u@db/d", "a store is `postgresql://"),
            ("postgresql://db/d", "no role is named"),
            (
                "postgresql://u:secret@db/d",
                "a password has no place in it",
            ),
            ("postgresql://u@db/d?password=x", "a password has no place"),
            ("postgresql://u@db/d?service=x", "`service` is not known"),
            ("postgresql://u@db/d?sslmod=x", "`sslmod` is not known"),
            ("postgresql://u@db/d?sslmode=full", "`full` is no sslmode"),
            (
                "postgresql://u@db/d?channel_binding=yes",
                "`yes` is no channel_binding",
            ),
            (
                "postgresql://u@a,b/d?target_session_attrs=prefer-standby",
                "`prefer-standby` is no target_session_attrs",
            ),
            ("postgresql://u@db:x/d", "`x` is no port"),
            ("postgresql://u@a,b,c/d?port=1,2", "3 hosts and 2 ports"),
            ("postgresql://u@db/%zz", "is not percent-encoded text"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let settings = vec![
            ("user".to_owned(), "u".to_owned()),
            ("password".to_owned(), "hunter2".to_owned()),
        ];
        let address = address(&settings).unwrap();
        assert!(!format!("{address:?} {}", address.shown()).contains("hunter2"));
    }
}
