//! A message to a URL, over TLS, or to this very host without it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use serde_json::Value;
use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};

use crate::context::hosts;
use crate::team::{secrets, tls};

use super::NotTold;

/// How long the other side may take, all in all.
const PATIENCE: Duration = Duration::from_secs(15);

/// How many numbers of a host are tried.
const NUMBERS: usize = 16;

/// Sends a message to the URL that stands in a file.
///
/// # Errors
/// Where the file cannot be used, or the other side does not take the message.
pub fn send(file: &Path, authority: Option<&Path>, message: &Value) -> Result<(), NotTold> {
    let later = |cause: &dyn std::fmt::Display| NotTold::Later(cause.to_string());
    let text = secrets::read(file).map_err(|error| later(&error))?;
    let uri: Uri = text
        .trim()
        .parse()
        // The URL is a secret: the message does not repeat it.
        .map_err(|_| NotTold::Later(format!("`{}` holds no URL", file.display())))?;
    let host = uri.host().unwrap_or_default().to_owned();
    let is_tls = uri.scheme_str() == Some("https");
    let is_local = uri.scheme_str() == Some("http") && is_this_host(&host);
    if !is_tls && !is_local {
        let what = format!("`{}` has to hold an https:// URL", file.display());
        return Err(NotTold::Later(what));
    }
    let agent = agent(authority, is_tls)?;
    let sent = agent
        .post(uri)
        .header("Content-Type", "application/json; charset=utf-8")
        .send(message.to_string());
    let status = match sent {
        Ok(answer) => answer.status().as_u16(),
        Err(error) => return Err(later(&format!("{host}: {}", cause(&error)))),
    };
    match status {
        200..=299 => Ok(()),
        // Too slow, too many, or no longer there for a while: any other 4xx is about this message.
        400..=499 if ![401, 403, 404, 407, 408, 425, 429].contains(&status) => {
            Err(NotTold::Never(format!("{host} answered {status}")))
        }
        _ => Err(later(&format!("{host} answered {status}"))),
    }
}

/// Returns why a request failed, without the URL.
fn cause(error: &Error) -> String {
    match error {
        Error::HostNotFound => "the host is not known".to_owned(),
        Error::Timeout(_) => format!("no answer within {} s", PATIENCE.as_secs()),
        Error::BadUri(_) => "the URL is none".to_owned(),
        error => error.to_string(),
    }
}

/// Whether what goes there stays on this host.
fn is_this_host(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost"
        || bare
            .parse()
            .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

/// Returns what sends. A redirection is no answer: nobody said that the message may go elsewhere.
fn agent(authority: Option<&Path>, is_tls: bool) -> Result<Agent, NotTold> {
    let mut config = Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .user_agent(concat!("kanmon/", env!("CARGO_PKG_VERSION")));
    if is_tls {
        let found = tls::authorities(authority);
        let found = found.map_err(|error| NotTold::Later(error.to_string()))?;
        let found = found
            .iter()
            .map(|one| Certificate::from_der(one).to_owned());
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::from(found))
            .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
            .build();
        config = config.tls_config(tls);
    }
    let config = config.build();
    Ok(Agent::with_parts(config, DefaultConnector::new(), Names))
}

/// Looks names up as the store's are: the C library of a static program loads no modules for it.
#[derive(Debug)]
struct Names;

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &Uri,
        _config: &ureq::config::Config,
        _timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let host = uri.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = match (uri.port_u16(), uri.scheme_str()) {
            (Some(port), _) => port,
            (None, Some("http")) => 80,
            (None, _) => 443,
        };
        let mut found = self.empty();
        for number in hosts::numbers(host).into_iter().take(NUMBERS) {
            found.push((number, port).into());
        }
        match found.is_empty() {
            true => Err(Error::HostNotFound),
            false => Ok(found),
        }
    }
}
