//! What of an ssh's words says where to and how to get there.
//!
//! In: the words of an ssh as typed. Out: a [`Hop`]. Pure.

use crate::gate::world::NotSeen;
use crate::line::Via;

use super::{runs_nothing_else, words};

/// An ssh to another host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hop {
    /// The program as typed.
    pub program: String,
    /// Its options that count for the way.
    pub options: Vec<String>,
    /// Host, or user and host, as typed.
    pub destination: String,
}

/// Options of ssh that take a value.
const SSH_VALUES: &str = "BbcDEeFIiJLlmOoPpQRSWw";

/// Options of ssh that take no value and say how to get there.
const SSH_KEPT_FLAGS: &str = "46CKk";

/// Options of ssh that take a value and say how to get there.
const SSH_KEPT_VALUES: &str = "BbciJlmPp";

/// Settings after `-o` that are not about the way there; left out.
const SSH_DROPPED_SETTINGS: [&str; 27] = [
    "batchmode",
    "clearallforwardings",
    "connecttimeout",
    "controlmaster",
    "controlpath",
    "controlpersist",
    "dynamicforward",
    "enableescapecommandline",
    "escapechar",
    "exitonforwardfailure",
    "forkafterauthentication",
    "forwardagent",
    "forwardx11",
    "forwardx11timeout",
    "forwardx11trusted",
    "gatewayports",
    "localcommand",
    "localforward",
    "permitlocalcommand",
    "remotecommand",
    "remoteforward",
    "requesttty",
    "sendenv",
    "sessiontype",
    "setenv",
    "stdinnull",
    "tunnel",
];

/// Settings after `-o` that are about the way there and start nothing; kept. What is in neither
/// list may run a program, load a library or read further settings.
const SSH_KEPT_SETTINGS: [&str; 40] = [
    "addkeystoagent",
    "addressfamily",
    "bindaddress",
    "bindinterface",
    "canonicalizehostname",
    "casignaturealgorithms",
    "certificatefile",
    "checkhostip",
    "ciphers",
    "compression",
    "connectionattempts",
    "fingerprinthash",
    "globalknownhostsfile",
    "gssapiauthentication",
    "hashknownhosts",
    "hostbasedauthentication",
    "hostkeyalgorithms",
    "hostkeyalias",
    "hostname",
    "identitiesonly",
    "identityagent",
    "identityfile",
    "ipqos",
    "kbdinteractiveauthentication",
    "kexalgorithms",
    "loglevel",
    "macs",
    "nohostauthenticationforlocalhost",
    "numberofpasswordprompts",
    "passwordauthentication",
    "port",
    "preferredauthentications",
    "proxyjump",
    "pubkeyacceptedalgorithms",
    "pubkeyauthentication",
    "serveralivecountmax",
    "serveraliveinterval",
    "stricthostkeychecking",
    "user",
    "userknownhostsfile",
];

/// Settings that every ssh of a probe has, before all others: the first one counts.
const SSH_SETTINGS: [&str; 7] = [
    "BatchMode=yes",
    "ConnectTimeout=5",
    "ClearAllForwardings=yes",
    "ForwardAgent=no",
    "ForwardX11=no",
    "RemoteCommand=none",
    "PermitLocalCommand=no",
];

impl Hop {
    /// Returns the argv that runs `text` in the shell there; `extra` are further settings.
    #[must_use]
    pub fn command(&self, extra: &[String], text: &str) -> Vec<String> {
        let mut argv = self.with_settings(extra);
        argv.extend(["-T".to_owned(), "--".to_owned()]);
        argv.extend([self.destination.clone(), text.to_owned()]);
        argv
    }

    /// Returns the argv that opens a connection there and runs nothing; `extra` are further
    /// settings.
    #[must_use]
    pub fn connect(&self, extra: &[String]) -> Vec<String> {
        let mut argv = self.with_settings(extra);
        argv.extend(["-T", "-N", "--"].map(str::to_owned));
        argv.push(self.destination.clone());
        argv
    }

    /// Returns the host's name without a user.
    #[must_use]
    pub fn host(&self) -> &str {
        let name = self.destination.as_str();
        name.rsplit_once('@').map_or(name, |(_, host)| host)
    }

    /// Returns the program with its settings and options.
    fn with_settings(&self, extra: &[String]) -> Vec<String> {
        let settings = SSH_SETTINGS.iter().copied().map(str::to_owned);
        let mut argv = vec![self.program.clone()];
        for setting in extra.iter().cloned().chain(settings) {
            argv.extend(["-o".to_owned(), setting]);
        }
        argv.extend(self.options.iter().cloned());
        argv
    }
}

/// Reads the words of an ssh.
pub(super) fn hop(via: &Via) -> Result<Hop, NotSeen> {
    let words = words(via)?;
    if via.name != "ssh" {
        return Err(NotSeen::NotStarted(via.name.clone()));
    }
    let mut words = words.into_iter();
    let program = words.next().unwrap_or_else(|| via.name.clone());
    runs_nothing_else(&program)?;
    let (mut options, mut destination) = (Vec::new(), None);
    while let Some(word) = words.next() {
        match word.strip_prefix('-') {
            Some("-") => {}
            Some(cluster) => keep_options(cluster, &mut words, &mut options)?,
            None => {
                // What follows the first operand would be the command.
                destination.get_or_insert(word);
            }
        }
    }
    let destination = destination.ok_or_else(|| NotSeen::NotStarted(via.name.clone()))?;
    if !is_name(&destination) {
        return Err(NotSeen::WouldRun(destination));
    }
    Ok(Hop {
        program,
        options,
        destination,
    })
}

/// Returns whether a host, a user or a list of hosts is made of what names are made of: a shell
/// may read it, where the operator's own settings put it into a `ProxyCommand`.
fn is_name(text: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || "@._-:,%[]/+\\".contains(c);
    !text.is_empty() && text.chars().all(is_plain)
}

/// Keeps those of a cluster of ssh's options that say how to get there.
///
/// # Errors
/// Where one would run something on the way.
fn keep_options(
    cluster: &str,
    rest: &mut impl Iterator<Item = String>,
    options: &mut Vec<String>,
) -> Result<(), NotSeen> {
    let mut letters = cluster.chars();
    while let Some(letter) = letters.next() {
        if !SSH_VALUES.contains(letter) {
            if SSH_KEPT_FLAGS.contains(letter) {
                options.push(format!("-{letter}"));
            }
            continue;
        }
        let glued = letters.as_str();
        let value = match glued.is_empty() {
            true => rest.next().unwrap_or_default(),
            false => glued.to_owned(),
        };
        let is_kept = match letter {
            'o' => is_kept_setting(&value),
            // A library, and a file of settings.
            'I' => None,
            'F' => (value == "none").then_some(true),
            'J' | 'l' => is_name(&value).then_some(true),
            _ => Some(SSH_KEPT_VALUES.contains(letter)),
        };
        match is_kept {
            Some(true) => options.extend([format!("-{letter}"), value]),
            Some(false) => {}
            None => return Err(NotSeen::WouldRun(format!("-{letter} {value}"))),
        }
        return Ok(());
    }
    Ok(())
}

/// Returns whether a setting after `-o` is about the way there; `None` where it may run something.
fn is_kept_setting(setting: &str) -> Option<bool> {
    let setting = setting.trim_start();
    let end = setting.find(['=', ' ', '\t']).unwrap_or(setting.len());
    let (name, value) = setting.split_at_checked(end).unwrap_or_default();
    let name = name.to_ascii_lowercase();
    if SSH_DROPPED_SETTINGS.contains(&name.as_str()) {
        return Some(false);
    }
    let value = value.trim_matches(['=', ' ', '\t', '"']);
    let names_somebody = ["hostname", "proxyjump", "user"].contains(&name.as_str());
    let is_kept = SSH_KEPT_SETTINGS.contains(&name.as_str());
    (is_kept && (!names_somebody || is_name(value))).then_some(true)
}
