//! A connection to the store, and the time that a conversation over it may take.
//!
//! Everything runs on one thread, and only while a conversation is held; between two the connection
//! lies still. What the store is asked has [`PATIENCE`] in all: from the name's look-up and the login
//! to the last answer.

use std::future::{Future, poll_fn};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_postgres::config::{Config, SslMode as Wire, TargetSessionAttrs};
use tokio_postgres::{AsyncMessage, Client, Connection as Wired, NoTls as Plain};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::context::hosts;

use super::address::{Address, Server, SslMode};
use super::{secrets, tls};

/// How long the store may take to answer.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// How long a farewell may take.
const FAREWELL: Duration = Duration::from_millis(50);

/// Why the store gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// It was silent for so long.
    #[error("no answer within {} s", .0.as_secs())]
    Silent(Duration),
    /// The host's name is not known.
    #[error("the host `{0}` is not known")]
    NoHost(String),
    /// A file of secrets cannot be used.
    #[error(transparent)]
    Secret(#[from] secrets::NotUsed),
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] tls::NoTls),
    /// The system gives no means to speak to it.
    #[error("{0}")]
    System(#[from] std::io::Error),
    /// The connection failed.
    #[error("{0}")]
    Connection(String),
    /// It refused what was asked.
    #[error("{message}")]
    Refused {
        /// Its five letters (`SQLSTATE`).
        code: String,
        /// What it said.
        message: String,
    },
    /// It has no tables of kanmon, or ones that cannot be used.
    #[error("{0}")]
    Tables(String),
    /// This host's own ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] crate::gate::world::LedgerError),
    /// It answers: a run was cleared so long after its claim that the claim was void.
    #[error(
        "more than {} s went by between its claim and its clearance, and another host may have been let through; \
         look at `kanmonctl who` before you type it again", .0.as_secs()
    )]
    Late(Duration),
    /// It answers: a run that is to be claimed is over, or not known.
    #[error("it knows no open run {0}; type the command again")]
    Over(String),
    /// It answers: so many records have to be sent before it knows the run that the time did not do.
    #[error(
        "{0} records have to be sent first; `kanmonctl store sync` sends them, then type the command again"
    )]
    Behind(usize),
}

impl From<tokio_postgres::Error> for NoAnswer {
    fn from(error: tokio_postgres::Error) -> Self {
        if let Some(told) = error.as_db_error() {
            return Self::Refused {
                code: told.code().code().to_owned(),
                message: told.message().to_owned(),
            };
        }
        // The innermost cause says most: the outer ones are `error communicating with the server`.
        let mut cause: &dyn std::error::Error = &error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        Self::Connection(cause.to_string())
    }
}

impl NoAnswer {
    /// Returns whether the store answered, and a run is not claimed there. Only of one that is silent a rule may
    /// say that its line goes on.
    pub(super) fn is_no_claim(&self) -> bool {
        matches!(self, Self::Late(_) | Self::Over(_) | Self::Behind(_))
    }

    /// Returns whether the store refused for this reason.
    #[must_use]
    pub fn is_refusal(&self, wanted: &str) -> bool {
        matches!(self, Self::Refused { code, .. } if code == wanted)
    }
}

/// Holds a conversation over the connection that is kept, or over a new one, which is kept then. One that has
/// lain still may have been lost meanwhile: then the conversation is held once more over another, so it has
/// to say the same when it is held twice.
///
/// # Errors
/// Where the store does not answer within what is `left` of the time.
pub(super) fn converse_over<T>(
    kept: &mut Option<Connection>,
    address: &Address,
    left: impl Fn() -> Duration,
    conversation: impl AsyncFn(&Client) -> Result<T, NoAnswer>,
) -> Result<T, NoAnswer> {
    let mut old = kept.take().filter(|kept| !kept.is_closed());
    loop {
        let is_old = old.is_some();
        let mut connection = match old.take() {
            Some(old) => old,
            None => Connection::open(address, left().max(Duration::from_millis(1)))?,
        };
        let told = connection.converse(left(), async |client: &mut _| conversation(client).await);
        match told {
            Ok(told) => {
                *kept = Some(connection);
                return Ok(told);
            }
            // What the transaction did so far is gone with its connection.
            Err(NoAnswer::Connection(_)) if is_old => {}
            Err(error) => return Err(error),
        }
    }
}

/// An open connection.
#[derive(Debug)]
pub struct Connection {
    /// `None` only while the value is dropped.
    client: Option<Client>,
    /// Wakes who waits for what the server tells by itself (`NOTIFY`).
    told: Arc<Notify>,
    runtime: Runtime,
    task: JoinHandle<()>,
}

impl Connection {
    /// Connects and logs in. The server gives up whatever takes longer than the patience.
    ///
    /// # Errors
    /// Where no server of the address answers in time or lets this process in.
    pub fn open(address: &Address, patience: Duration) -> Result<Self, NoAnswer> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let began = Instant::now();
        let mut failed = None;
        // Of what is left of the time each server has its share, for its name too, and of that each of its ways.
        for (number, server) in address.servers.iter().enumerate() {
            let left = patience.saturating_sub(began.elapsed());
            let until = began.elapsed() + share(left, address.servers.len() - number);
            let left = || until.saturating_sub(began.elapsed());
            let doors = match doors(server, left()) {
                Ok(doors) => doors,
                Err(unknown) => {
                    failed.get_or_insert(unknown);
                    continue;
                }
            };
            for (number, door) in doors.iter().enumerate() {
                let (config, tls) = door.config(address, patience)?;
                let told = Arc::new(Notify::new());
                let connecting = connect(&config, tls, Arc::clone(&told));
                let share = share(left(), doors.len() - number);
                let tried = async { tokio::time::timeout(share, connecting).await };
                let error = match runtime.block_on(tried) {
                    Ok(Ok((client, task))) => {
                        return Ok(Self {
                            client: Some(client),
                            told,
                            runtime,
                            task,
                        });
                    }
                    Ok(Err(error)) => error.into(),
                    Err(_) => NoAnswer::Silent(patience),
                };
                // The first way's failure says most, unless a server has spoken.
                let says_less = matches!(failed, None | Some(NoAnswer::NoHost(_)));
                if says_less || matches!(error, NoAnswer::Refused { .. }) {
                    failed = Some(error);
                }
            }
        }
        Err(failed.unwrap_or(NoAnswer::Silent(patience)))
    }

    /// Holds a conversation. One that was cut short is followed by no other: what is still on its way
    /// would be taken for an answer to the next question.
    ///
    /// # Errors
    /// Where it fails or takes too long.
    pub fn converse<'c, T, F>(
        &'c mut self,
        patience: Duration,
        conversation: impl FnOnce(&'c mut Client) -> F,
    ) -> Result<T, NoAnswer>
    where
        F: Future<Output = Result<T, NoAnswer>> + 'c,
    {
        let Some(client) = self.client.as_mut() else {
            return Err(NoAnswer::Connection("the connection is closed".to_owned()));
        };
        self.runtime.block_on(async move {
            let told = tokio::time::timeout(patience, conversation(client)).await;
            told.unwrap_or(Err(NoAnswer::Silent(patience)))
        })
    }

    /// Returns what wakes who waits for what the server tells by itself.
    pub(super) fn told(&self) -> Arc<Notify> {
        Arc::clone(&self.told)
    }

    /// Returns whether the server has gone, as far as is known.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.client.as_ref().is_none_or(Client::is_closed)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Without its client the task takes leave of the server and ends.
        drop(self.client.take());
        let task = &mut self.task;
        let _ = self
            .runtime
            .block_on(async { tokio::time::timeout(FAREWELL, task).await });
    }
}

/// Connects and logs in; the task carries what is said.
async fn connect(
    config: &Config,
    tls: Option<MakeRustlsConnect>,
    told: Arc<Notify>,
) -> Result<(Client, JoinHandle<()>), tokio_postgres::Error> {
    Ok(match tls {
        None => {
            let (client, connection) = config.connect(Plain).await?;
            (client, tokio::spawn(carry(connection, told)))
        }
        Some(tls) => {
            let (client, connection) = config.connect(tls).await?;
            (client, tokio::spawn(carry(connection, told)))
        }
    })
}

/// Carries what is said until the connection ends.
async fn carry<S, T>(mut connection: Wired<S, T>, told: Arc<Notify>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
        if let AsyncMessage::Notification(_) = message {
            told.notify_one();
        }
    }
}

/// One way to a server: its socket, or one of a host's numbers.
struct Door<'a> {
    server: &'a Server,
    number: Option<IpAddr>,
}

/// Returns one of so many equal parts of a time.
fn share(time: Duration, n_parts: usize) -> Duration {
    time / u32::try_from(n_parts).unwrap_or(u32::MAX).max(1)
}

/// Returns the ways to a server, whose name is looked up within so long.
fn doors(server: &Server, patience: Duration) -> Result<Vec<Door<'_>>, NoAnswer> {
    let Server::Host { name, number, .. } = server else {
        return Ok(vec![Door {
            server,
            number: None,
        }]);
    };
    // The C library of a static program loads no modules: the host's own is asked.
    let numbers = hosts::numbers_within(number.as_deref().unwrap_or(name), patience);
    if numbers.is_empty() {
        return Err(NoAnswer::NoHost(name.clone()));
    }
    let numbers = numbers.into_iter().map(Some);
    Ok(numbers.map(|number| Door { server, number }).collect())
}

impl Door<'_> {
    /// Returns how it is gone through.
    fn config(
        &self,
        address: &Address,
        patience: Duration,
    ) -> Result<(Config, Option<MakeRustlsConnect>), NoAnswer> {
        let mut config = Config::new();
        config
            .user(&*address.user)
            .dbname(&*address.database)
            .application_name("kanmon")
            .channel_binding(address.binding)
            .target_session_attrs(address.session.unwrap_or(TargetSessionAttrs::Any))
            // What this end has given up must not go on there, nor keep its locks.
            .options(format!(
                "-c statement_timeout={0} -c lock_timeout={0} \
                 -c idle_in_transaction_session_timeout={0}",
                patience.as_millis()
            ));
        if let Some(password) = secrets::password(address, self.server)? {
            config.password(password.0);
        }
        match self.server {
            Server::Socket { folder, port } => {
                config.host_path(folder).port(*port);
            }
            Server::Host { name, port, .. } => {
                config.host(&**name).port(*port);
                if let Some(number) = self.number {
                    config.hostaddr(number);
                }
            }
        }
        let mode = match self.server {
            // No TLS is spoken over a socket.
            Server::Socket { .. } => SslMode::Disable,
            Server::Host { .. } => address.ssl_mode(),
        };
        let tls = match mode {
            SslMode::Disable => None,
            _ => Some(MakeRustlsConnect::new(tls::config(address)?)),
        };
        config.ssl_mode(match mode {
            SslMode::Disable => Wire::Disable,
            SslMode::Prefer => Wire::Prefer,
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => Wire::Require,
        });
        Ok((config, tls))
    }
}
