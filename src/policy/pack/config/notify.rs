//! Reads `[[notify]]` of the system's `config.toml`: who is told what of runs, and by which way.

use serde::{Deserialize, Serialize};

use crate::policy::pack::tree::{Keys, Node, Shape};

/// The keys of `[[notify]]`.
const NOTIFY: Shape = Shape {
    what: "[[notify]]",
    keys: &[
        "name",
        "on",
        "lang",
        "webhook",
        "form",
        "authority",
        "mail",
        "from",
        "command",
    ],
};

/// What can be told, by its name.
const OCCASIONS: [(&str, Occasion); 6] = [
    ("request", Occasion::Request),
    ("held", Occasion::Held),
    ("cleared", Occasion::Cleared),
    ("ended", Occasion::Ended),
    ("failed", Occasion::Failed),
    ("broken-glass", Occasion::BrokenGlass),
];

/// The forms of a webhook's message.
const FORMS: [(&str, Form); 4] = [
    ("slack", Form::Slack),
    ("mattermost", Form::Mattermost),
    ("teams", Form::Teams),
    ("json", Form::Json),
];

/// Languages: whether it is Japanese.
const LANGUAGES: [(&str, bool); 2] = [("en", false), ("ja", true)];

/// Somebody who is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sink {
    /// Its name, under which the store keeps what it has been told.
    pub name: String,
    /// Of what it is told.
    pub on: Vec<Occasion>,
    /// Whether it is told in Japanese.
    pub is_japanese: bool,
    /// By which way.
    pub way: Way,
}

/// What can be told of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Occasion {
    /// A line is held that takes somebody's approval.
    Request,
    /// A line is held.
    Held,
    /// A held line was cleared.
    Cleared,
    /// A command ended well.
    Ended,
    /// A command ended otherwise, or could not be started.
    Failed,
    /// A gate was broken through.
    BrokenGlass,
}

impl Occasion {
    /// Returns its name, as in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        let mut known = OCCASIONS.iter();
        let found = known.find(|(_, occasion)| *occasion == self);
        found.map_or("", |(name, _)| *name)
    }
}

/// How somebody is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Way {
    /// A message to a URL.
    Webhook {
        /// The file with the URL: whoever knows it can write there.
        file: String,
        /// The message's form.
        form: Form,
        /// A file with the certificates of the authorities that count; those of the host where `None`.
        authority: Option<String>,
    },
    /// A mail by the host's `sendmail`.
    Mail {
        /// To whom.
        to: Vec<String>,
        /// From whom; the host's own choice where `None`.
        from: Option<String>,
    },
    /// A program that reads the message in JSON.
    Command {
        /// Its path and arguments.
        argv: Vec<String>,
    },
}

/// The form of a webhook's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// Slack's.
    Slack,
    /// Mattermost's.
    Mattermost,
    /// Microsoft Teams': an Adaptive Card.
    Teams,
    /// The message as a program gets it.
    Json,
}

/// Reads all `[[notify]]`.
pub(super) fn sinks(node: Node<'_>) -> Vec<Sink> {
    let mut sinks: Vec<Sink> = Vec::new();
    for node in node.list().unwrap_or_default() {
        let Some(sink) = node.table(NOTIFY).and_then(|keys| sink(node, keys)) else {
            continue;
        };
        if sinks.iter().any(|known| known.name == sink.name) {
            let help = "each name stands once".to_owned();
            node.mistake(format!("`{}` is told twice", sink.name), help);
        }
        sinks.push(sink);
    }
    sinks
}

/// Reads one.
fn sink(node: Node<'_>, keys: Keys<'_>) -> Option<Sink> {
    let name = keys.need("name", "[[notify]]").and_then(name);
    let on = keys.need("on", "[[notify]]").and_then(|node| {
        let each = node.list_or_one()?.into_iter();
        each.map(|one| one.one_of("nothing that can be told", &OCCASIONS))
            .collect()
    });
    let is_japanese = match keys.get("lang") {
        None => Some(false),
        Some(node) => node.one_of("no language", &LANGUAGES),
    };
    let way = way(node, keys);
    Some(Sink {
        name: name?,
        on: on?,
        is_japanese: is_japanese?,
        way: way?,
    })
}

/// Reads by which way.
fn way(node: Node<'_>, keys: Keys<'_>) -> Option<Way> {
    let ways = ["webhook", "mail", "command"];
    let named: Vec<&str> = ways
        .into_iter()
        .filter(|way| keys.get(way).is_some())
        .collect();
    let [named] = named.as_slice() else {
        let help = "write one of `webhook = FILE`, `mail = [ADDRESS]`, `command = [PATH]`";
        node.mistake("[[notify]] takes one way", help.to_owned());
        return None;
    };
    for (key, way) in [
        ("form", "webhook"),
        ("authority", "webhook"),
        ("from", "mail"),
    ] {
        if let Some(node) = keys.get(key)
            && way != *named
        {
            node.mistake(format!("`{key}` goes with `{way}`"), None);
        }
    }
    let value = keys.get(named)?;
    match *named {
        "webhook" => Some(Way::Webhook {
            file: file(value)?,
            form: match keys.get("form") {
                None => Form::Slack,
                Some(node) => node.one_of("no form", &FORMS)?,
            },
            authority: match keys.get("authority") {
                None => None,
                Some(node) => Some(file(node)?),
            },
        }),
        "mail" => Some(Way::Mail {
            to: value
                .list_or_one()?
                .into_iter()
                .map(address)
                .collect::<Option<_>>()?,
            from: match keys.get("from") {
                None => None,
                Some(node) => Some(address(node)?),
            },
        }),
        _ => {
            let words = value.list()?;
            let argv: Option<Vec<String>> = words
                .iter()
                .map(|word| Some(word.text()?.to_owned()))
                .collect();
            // No search path: which program it is stands here.
            file(*words.first()?)?;
            Some(Way::Command { argv: argv? })
        }
    }
}

/// Reads a name: letters, digits, `-`.
fn name(node: Node<'_>) -> Option<String> {
    let name = node.text()?;
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    if name.is_empty() || !name.chars().all(is_plain) {
        let help = "letters, digits and `-`".to_owned();
        node.mistake(format!("`{name}` is no name"), help);
        return None;
    }
    Some(name.to_owned())
}

/// Reads an absolute path.
fn file(node: Node<'_>) -> Option<String> {
    let path = node.text()?;
    if path.starts_with('/') {
        return Some(path.to_owned());
    }
    let help =
        "a secret URL stands in a file that only root reads: webhook = \"/etc/kanmon/chat.url\"";
    node.mistake(format!("`{path}` is no absolute path"), help.to_owned());
    None
}

/// Reads a mail address; nothing that could be an option or another header.
fn address(node: Node<'_>) -> Option<String> {
    let address = node.text()?;
    let is_odd = |letter: char| letter.is_whitespace() || letter.is_control() || letter == ',';
    if address.is_empty() || address.starts_with('-') || address.contains(is_odd) {
        let help = "NAME@HOST".to_owned();
        node.mistake(format!("`{address}` is no mail address"), help);
        return None;
    }
    Some(address.to_owned())
}
