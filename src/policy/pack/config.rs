//! Reads the system's `config.toml`: the profile of each door, the team's store, who is told of runs.

mod notify;

use std::collections::BTreeMap;

use super::diagnostic::Findings;
use super::tree::{Keys, Node, Shape};
use super::{Mistake, SourceFile, parse};

pub use notify::{Form, Occasion, Sink, Way};

/// The doors' names.
const DOORS: [&str; 6] = ["prefix", "hook", "shim", "ssh", "sudo", "agent"];

/// The keys of the file.
const KEYS: [&str; 3] = ["profile", "store", "notify"];

/// How a store's URL begins.
const STORES: [&str; 2] = ["postgresql://", "postgres://"];

/// The whole file.
const CONFIG: Shape = Shape {
    what: "config.toml",
    keys: &KEYS,
};

/// `[profile]`.
const PROFILE: Shape = Shape {
    what: "[profile]",
    keys: &DOORS,
};

/// What a configuration says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// Door to whether its profile is `workstation`.
    pub profiles: BTreeMap<String, bool>,
    /// The team's store, as a URL.
    pub store: Option<String>,
    /// Who is told of runs.
    pub sinks: Vec<Sink>,
}

/// Reads a configuration, and all mistakes.
#[must_use]
pub fn read_config(file: &SourceFile) -> (Config, Vec<Mistake>) {
    let findings = Findings::default();
    let tree = parse(file, &findings);
    let root = Node::root(file, tree.get_ref(), &findings);
    let keys = root.table(CONFIG);
    let config = keys.map(|keys| Config {
        profiles: keys.get("profile").map(profiles).unwrap_or_default(),
        store: keys.get("store").and_then(store),
        sinks: keys.get("notify").map(notify::sinks).unwrap_or_default(),
    });
    drop(tree);
    (config.unwrap_or_default(), findings.finish().0)
}

/// Reads `[profile]`.
fn profiles(node: Node<'_>) -> BTreeMap<String, bool> {
    let doors = node.table(PROFILE).map(Keys::entries).unwrap_or_default();
    doors
        .into_iter()
        .filter_map(|(door, _, value)| Some((door.to_owned(), is_workstation(value)?)))
        .collect()
}

/// Reads the store's URL. What it says in detail is read where it is opened; the file and what is
/// compiled of it are everybody's to read, so a password must not be in it.
fn store(node: Node<'_>) -> Option<String> {
    let url = node.text()?;
    let rest = STORES.iter().find_map(|scheme| url.strip_prefix(scheme));
    let Some(rest) = rest else {
        let help = "postgresql://ROLE@HOST/DATABASE?passfile=/etc/kanmon/store.pass".to_owned();
        node.mistake("a store begins with `postgresql://`", help);
        return None;
    };
    let (authority, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let user = authority.split_once('@').map_or("", |(user, _)| user);
    let mut parameters = parameters.split('&');
    if user.contains(':') || parameters.any(|parameter| parameter.starts_with("password=")) {
        let help = "name a file of its own with `?passfile=/etc/kanmon/store.pass`".to_owned();
        node.mistake("a password here can be read by everybody", help);
        return None;
    }
    Some(url.to_owned())
}

/// Reads the name of a profile.
fn is_workstation(node: Node<'_>) -> Option<bool> {
    node.one_of(
        "no profile",
        &[("production", false), ("workstation", true)],
    )
}

#[cfg(test)]
mod tests {
    use super::super::{Layer, render};
    use super::*;

    /// Returns what is read, and the mistakes as text.
    fn read(text: &str) -> (Config, String) {
        let file = SourceFile {
            name: String::from("config.toml"),
            text: text.to_owned(),
            layer: Layer::System,
        };
        let (config, mistakes) = read_config(&file);
        (config, render(&mistakes, &[file]))
    }

    #[test]
    fn a_profile_for_each_door() {
        let (config, mistakes) = read("[profile]\nprefix = 'workstation'\nssh = 'production'\n");
        assert_eq!(mistakes, "");
        let profiles: Vec<(&str, bool)> = config
            .profiles
            .iter()
            .map(|(door, is)| (door.as_str(), *is))
            .collect();
        assert_eq!(profiles, [("prefix", true), ("ssh", false)]);
        assert_eq!(read(""), (Config::default(), String::new()));
    }

    #[test]
    fn unknown_keys_and_values_are_told() {
        let (_, mistakes) = read("[profile]\nprefx = 'production'\nssh = 'work'\n[ledger]\n");
        for told in [
            "unknown key `prefx` in [profile]",
            "did you mean `prefix`?",
            "`work` is no profile",
            "unknown key `ledger` in config.toml",
        ] {
            assert!(mistakes.contains(told), "{told}: {mistakes}");
        }
    }

    #[test]
    fn who_is_told_of_runs() {
        let text = "[[notify]]\nname = 'chat'\non = ['request', 'broken-glass']\nlang = 'ja'\n\
            webhook = '/etc/kanmon/chat.url'\nform = 'teams'\n\
            [[notify]]\nname = 'mail'\non = 'failed'\nmail = 'ops@example.org'\n\
            [[notify]]\nname = 'page'\non = ['held']\ncommand = ['/bin/page', '-q']\n";
        let (config, mistakes) = read(text);
        assert_eq!(mistakes, "");
        let [chat, mail, page] = config.sinks.as_slice() else {
            panic!("{config:?}");
        };
        assert_eq!((chat.on.len(), chat.is_japanese), (2, true));
        let webhook = Way::Webhook {
            file: "/etc/kanmon/chat.url".to_owned(),
            form: Form::Teams,
            authority: None,
        };
        assert_eq!(chat.way, webhook);
        let to = vec!["ops@example.org".to_owned()];
        assert_eq!(mail.way, Way::Mail { to, from: None });
        let argv = vec!["/bin/page".to_owned(), "-q".to_owned()];
        assert_eq!(page.way, Way::Command { argv });
    }

    #[test]
    fn what_is_wrong_in_notify_is_told() {
        let check = |keys: &str, told: &str| {
            let text = format!("[[notify]]\n{keys}\n");
            let (_, mistakes) = read(&text);
            assert!(mistakes.contains(told), "{told}: {mistakes}");
        };
        let on = "name = 'a'\non = 'ended'\n";
        check("on = 'ended'\nmail = 'x@y'", "[[notify]] needs `name`");
        check("name = 'a'\nmail = 'x@y'", "[[notify]] needs `on`");
        check(
            "name = 'a b'\non = 'ended'\nmail = 'x@y'",
            "`a b` is no name",
        );
        check(
            "name = 'a'\non = 'endd'\nmail = 'x@y'",
            "did you mean `ended`?",
        );
        check(on, "[[notify]] takes one way");
        check(
            &format!("{on}mail = 'x@y'\ncommand = ['/bin/x']"),
            "takes one way",
        );
        check(
            &format!("{on}mail = '-oQ/tmp'"),
            "`-oQ/tmp` is no mail address",
        );
        check(
            &format!("{on}mail = \"x@y\\nBcc: z@y\""),
            "is no mail address",
        );
        check(
            &format!("{on}webhook = 'https://chat/x'"),
            "is no absolute path",
        );
        check(
            &format!("{on}command = ['page']"),
            "`page` is no absolute path",
        );
        check(
            &format!("{on}mail = 'x@y'\nform = 'teams'"),
            "`form` goes with `webhook`",
        );
        let twice = "[[notify]]\nname = 'a'\non = 'ended'\nmail = 'x@y'\n".repeat(2);
        assert!(read(&twice).1.contains("`a` is told twice"));
    }

    #[test]
    fn a_store_is_a_url_without_a_password() {
        let url = "postgresql://web1@db/kanmon?passfile=/etc/kanmon/store.pass";
        let (config, mistakes) = read(&format!("store = '{url}'\n"));
        assert_eq!((config.store.as_deref(), &*mistakes), (Some(url), ""));
        for (text, told) in [
            (
                "store = 'mysql://db'",
                "a store begins with `postgresql://`",
            ),
            (
                "store = 'postgresql://u:p@db/k'",
                "a password here can be read by everybody",
            ),
            ("store = 'postgres://u@db/k?password=p'", "a password here"),
            ("store = 7", "expected"),
        ] {
            let (config, mistakes) = read(text);
            assert_eq!(config.store, None);
            assert!(mistakes.contains(told), "{told}: {mistakes}");
        }
    }
}
