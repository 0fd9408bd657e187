//! What libpq's users expect to be found: variables, service files, files below `~/.postgresql`.
//!
//! For `kanmonctl` alone. A gate never asks for these: they are the asker's.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the edge that reads service files"
)]

use std::path::{Path, PathBuf};

use crate::context::{Environment, users};

use super::address::{Address, NoAddress, Settings, address};
use super::url;

/// libpq's variables, and the settings that they make.
const VARIABLES: [(&str, &str); 15] = [
    ("PGHOST", "host"),
    ("PGHOSTADDR", "hostaddr"),
    ("PGPORT", "port"),
    ("PGDATABASE", "dbname"),
    ("PGUSER", "user"),
    ("PGPASSWORD", "password"),
    ("PGPASSFILE", "passfile"),
    ("PGSSLMODE", "sslmode"),
    ("PGSSLROOTCERT", "sslrootcert"),
    ("PGSSLCERT", "sslcert"),
    ("PGSSLKEY", "sslkey"),
    ("PGCHANNELBINDING", "channel_binding"),
    ("PGTARGETSESSIONATTRS", "target_session_attrs"),
    ("PGSERVICE", "service"),
    ("PGSERVICEFILE", "servicefile"),
];

/// Why no store is known.
#[derive(Debug, thiserror::Error)]
pub enum NoSettings {
    /// What is known names no store.
    #[error(transparent)]
    Address(#[from] NoAddress),
    /// No file knows the service.
    #[error("no service file has `[{0}]`")]
    NoService(String),
    /// A service file cannot be read.
    #[error("`{path}`: {cause}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
}

/// Returns where the store is, by a URL (or nothing), a service, libpq's variables and files; the
/// earlier counts.
///
/// # Errors
/// Where these name no store.
pub fn of_person(text: Option<&str>, environment: &Environment) -> Result<Address, NoSettings> {
    with_settings(
        text.map(url::settings).transpose()?.unwrap_or_default(),
        environment,
    )
}

/// Returns whether libpq's variables name a store: a host, a database or a service.
#[must_use]
pub fn is_named(environment: &Environment) -> bool {
    let names = ["PGHOST", "PGHOSTADDR", "PGDATABASE", "PGSERVICE"];
    names.iter().any(|name| environment.get(name).is_some())
}

/// Returns the store that a host's configuration names, for a person who logs in there as a role of their
/// own: who they are and how they prove it, libpq's variables and files say; where the store is they do not.
///
/// # Errors
/// Where these name no store.
pub fn as_person(configured: &str, environment: &Environment) -> Result<Address, NoSettings> {
    let is_of_host =
        |name: &str| ["user", "password", "passfile", "sslcert", "sslkey"].contains(&name);
    let mut settings = url::settings(configured)?;
    settings.retain(|(name, _)| !is_of_host(name));
    let kept = [
        "PGUSER",
        "PGPASSWORD",
        "PGPASSFILE",
        "PGSSLCERT",
        "PGSSLKEY",
        "HOME",
    ];
    let own = kept
        .iter()
        .filter_map(|name| Some((name, environment.raw(name)?)))
        .collect();
    Ok(with_settings(settings, &own)?.that_writes())
}

/// Adds to settings what services, variables and files say.
fn with_settings(mut settings: Settings, environment: &Environment) -> Result<Address, NoSettings> {
    let url_end = settings.len();
    for (variable, name) in VARIABLES {
        if let Some(value) = environment.get(variable) {
            settings.push((name.to_owned(), value.to_owned()));
        }
    }
    let home = environment.get("HOME").map(PathBuf::from);
    let taken = |settings: &Settings, name: &str| {
        let found = settings.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.clone())
    };
    if let Some(service) = taken(&settings, "service") {
        let named = taken(&settings, "servicefile").map(PathBuf::from);
        let own = named.or_else(|| home.as_ref().map(|home| home.join(".pg_service.conf")));
        let of_all = PathBuf::from("/etc/postgresql-common/pg_service.conf");
        let found = of_service(&service, own.iter().chain([&of_all]))?;
        // A service comes behind the URL and before the variables, as libpq has it.
        settings.splice(url_end..url_end, found);
    }
    settings.retain(|(name, _)| name != "servicefile" && name != "service");
    let by_default = |path: &str| {
        let path = home.as_ref()?.join(path);
        path.exists().then(|| path.display().to_string())
    };
    for (name, path) in [
        ("passfile", ".pgpass"),
        ("sslrootcert", ".postgresql/root.crt"),
        ("sslcert", ".postgresql/postgresql.crt"),
        ("sslkey", ".postgresql/postgresql.key"),
    ] {
        if let Some(path) = by_default(path) {
            settings.push((name.to_owned(), path));
        }
    }
    let uid = nix::unistd::geteuid().as_raw();
    settings.push(("user".to_owned(), users::user_name(uid)));
    Ok(address(&settings)?)
}

/// Returns a service's settings, of the first file that has it.
fn of_service<'p>(
    service: &str,
    files: impl Iterator<Item = &'p PathBuf>,
) -> Result<Settings, NoSettings> {
    for path in files {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => continue,
            Err(cause) => {
                let path = Path::to_owned(path);
                return Err(NoSettings::File { path, cause });
            }
        };
        if let Some(settings) = section(&text, service) {
            return Ok(settings);
        }
    }
    Err(NoSettings::NoService(service.to_owned()))
}

/// Returns the settings below `[service]`.
fn section(text: &str, service: &str) -> Option<Settings> {
    let mut lines = text.lines().map(str::trim);
    lines.find(|line| {
        let name = line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'));
        name == Some(service)
    })?;
    let own = lines.take_while(|line| !line.starts_with('['));
    let settings = own
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let (name, value) = line.split_once('=')?;
            Some((name.trim().to_owned(), value.trim().to_owned()))
        });
    Some(settings.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::team::address::Server;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        variables.iter().copied().collect()
    }

    #[test]
    fn variables_fill_in_what_the_url_leaves_open() {
        let variables = environment(&[("PGHOST", "db"), ("PGUSER", "ann"), ("PGPORT", "77")]);
        let address = of_person(Some("postgresql:///kanmon?port=78"), &variables).unwrap();
        let db = Server::Host {
            name: "db".to_owned(),
            number: None,
            port: 78,
        };
        assert_eq!(address.servers, [db]);
        assert_eq!((&*address.user, &*address.database), ("ann", "kanmon"));
    }

    #[test]
    fn a_service_comes_before_variables() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("services");
        let text =
            "# x\n[other]\nhost=no\n[team]\nhost = db1\nuser=\n\ndbname=k\n[last]\nuser=no\n";
        std::fs::write(&file, text).unwrap();
        let file = file.display().to_string();
        let variables = environment(&[
            ("PGSERVICE", "team"),
            ("PGSERVICEFILE", &file),
            ("PGHOST", "db2"),
            ("PGUSER", "bob"),
        ]);
        let address = of_person(None, &variables).unwrap();
        assert_eq!(address.shown(), "postgresql://bob@db1:5432/k");
        let variables = environment(&[("PGSERVICE", "none"), ("PGSERVICEFILE", &file)]);
        let error = of_person(None, &variables).unwrap_err().to_string();
        assert_eq!(error, "no service file has `[none]`");
    }

    #[test]
    fn files_of_the_home_are_found_where_they_are() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join(".pgpass"), "").unwrap();
        let variables = environment(&[("HOME", home.path().to_str().unwrap()), ("PGUSER", "u")]);
        let address = of_person(None, &variables).unwrap();
        assert_eq!(address.passfile, Some(home.path().join(".pgpass")));
        assert_eq!(address.certificate, None);
    }
}
