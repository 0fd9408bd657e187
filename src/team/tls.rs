//! TLS to the store: whose certificate the server has to show, and which one is shown to it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use super::address::{Address, SslMode};
use super::secrets;

/// Where hosts keep the certificates of the authorities that they trust: Debian, Red Hat, SUSE.
const AUTHORITIES: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
];

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum NoTls {
    /// A file of certificates cannot be read.
    #[error("cannot read `{path}`: {cause}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: pem::Error,
    },
    /// No authority is known.
    #[error("no authority is known; name its certificate with `sslrootcert=`")]
    NoAuthority,
    /// A key without its certificate, or the other way round.
    #[error("`sslcert` and `sslkey` belong together")]
    Half,
    /// The key cannot be used.
    #[error(transparent)]
    Key(#[from] secrets::NotUsed),
    /// The parts do not fit one another.
    #[error("{0}")]
    Parts(#[from] Error),
    /// No verifier can be made of the authorities.
    #[error("{0}")]
    Verifier(#[from] rustls::client::VerifierBuilderError),
}

/// Returns how TLS is spoken to the address.
///
/// # Errors
/// Where its files cannot be used.
pub(super) fn config(address: &Address) -> Result<ClientConfig, NoTls> {
    let provider = Arc::new(ring::default_provider());
    let verifier = verifier(address, &provider)?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    Ok(match (&address.certificate, &address.key) {
        (None, None) => config.with_no_client_auth(),
        (Some(certificate), Some(key)) => {
            config.with_client_auth_cert(certificates(certificate)?, private_key(key)?)?
        }
        (Some(_), None) | (None, Some(_)) => return Err(NoTls::Half),
    })
}

/// Returns the certificates of the authorities in a file, or of those that the host trusts.
///
/// # Errors
/// Where there is no such file, or it cannot be read.
pub fn authorities(named: Option<&Path>) -> Result<Vec<CertificateDer<'static>>, NoTls> {
    let of_host = || {
        let mut known = AUTHORITIES.iter().map(PathBuf::from);
        known.find(|path| path.exists())
    };
    let named = named.map(Path::to_owned).or_else(of_host);
    certificates(&named.ok_or(NoTls::NoAuthority)?)
}

/// Reads a file of certificates.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, NoTls> {
    let failed = |cause| NoTls::File {
        path: path.to_owned(),
        cause,
    };
    let found = CertificateDer::pem_file_iter(path).map_err(failed)?;
    found.collect::<Result<_, _>>().map_err(failed)
}

/// Reads a key that nobody else can read.
fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, NoTls> {
    let text = secrets::read(path)?;
    PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|cause| NoTls::File {
        path: path.to_owned(),
        cause,
    })
}

/// Looks at the server's certificate as far as the mode says.
#[derive(Debug)]
struct Verifier {
    /// Knows the authorities; `None` where whose the server is is not looked at.
    authorities: Option<Arc<WebPkiServerVerifier>>,
    /// Whether the certificate has to be for the host's name.
    names: bool,
    /// The ciphers.
    provider: Arc<CryptoProvider>,
}

/// Returns what looks at the server's certificate.
fn verifier(address: &Address, provider: &Arc<CryptoProvider>) -> Result<Verifier, NoTls> {
    let mode = address.ssl_mode();
    let is_asked = match mode {
        SslMode::VerifyFull | SslMode::VerifyCa => true,
        SslMode::Require => address.root_certificates.is_some(),
        SslMode::Prefer | SslMode::Disable => false,
    };
    let authorities = if is_asked {
        let mut roots = RootCertStore::empty();
        let found = self::authorities(address.root_certificates.as_deref())?;
        roots.add_parsable_certificates(found);
        if roots.is_empty() {
            return Err(NoTls::NoAuthority);
        }
        let builder =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
        Some(builder.build()?)
    } else {
        None
    };
    Ok(Verifier {
        authorities,
        names: mode == SslMode::VerifyFull,
        provider: Arc::clone(provider),
    })
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(authorities) = &self.authorities else {
            return Ok(ServerCertVerified::assertion());
        };
        let verified = authorities.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        match verified {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.names => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
