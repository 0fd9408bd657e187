//! Takes a `postgresql://` URL apart into libpq's settings.

use super::address::{NoAddress, Settings};

/// Beginnings of a store's URL.
const SCHEMES: [&str; 2] = ["postgresql://", "postgres://"];

/// Returns the settings that a URL makes; parameters come after what stands before the `?`, so that
/// they fill in what it leaves open.
///
/// # Errors
/// Where it is no such URL.
pub(super) fn settings(text: &str) -> Result<Settings, NoAddress> {
    let mut schemes = SCHEMES.iter();
    let rest = schemes.find_map(|scheme| text.strip_prefix(scheme));
    let rest = rest.ok_or(NoAddress::Scheme)?;
    let (rest, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
    let (user, hosts) = match authority.rsplit_once('@') {
        Some((user, hosts)) => (user, hosts),
        None => ("", authority),
    };
    let (user, password) = match user.split_once(':') {
        Some((user, password)) => (user, Some(password)),
        None => (user, None),
    };
    let mut found = Settings::new();
    let mut add = |name: &str, value: &str| -> Result<(), NoAddress> {
        if !value.is_empty() {
            found.push((name.to_owned(), decoded(value)?));
        }
        Ok(())
    };
    add("user", user)?;
    add("password", password.unwrap_or_default())?;
    add("dbname", database)?;
    let (mut names, mut ports) = (Vec::new(), Vec::new());
    for host in hosts.split(',').filter(|_| !hosts.is_empty()) {
        let (name, port) = host_and_port(host);
        names.push(name);
        ports.push(port);
    }
    add("host", &names.join(","))?;
    if ports.iter().any(|port| !port.is_empty()) {
        add("port", &ports.join(","))?;
    }
    for parameter in parameters.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        found.push((decoded(name)?, decoded(value)?));
    }
    Ok(found)
}

/// Splits a port off; a number of IPv6 stands in brackets.
fn host_and_port(text: &str) -> (&str, &str) {
    if let Some((number, rest)) = text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        return (number, rest.strip_prefix(':').unwrap_or_default());
    }
    text.split_once(':').unwrap_or((text, ""))
}

/// Returns a text without its percent signs.
fn decoded(text: &str) -> Result<String, NoAddress> {
    let failed = || NoAddress::Percent(text.to_owned());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
        let value = digit().zip(digit()).map(|(high, low)| high * 16 + low);
        bytes.push(
            value
                .and_then(|value| u8::try_from(value).ok())
                .ok_or_else(failed)?,
        );
    }
    String::from_utf8(bytes).map_err(|_| failed())
}
