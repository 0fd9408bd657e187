//! Reads the system's `config.toml`: the profile of each door.

use std::collections::BTreeMap;

use super::diagnostic::Findings;
use super::tree::{Keys, Node, Shape};
use super::{Mistake, SourceFile, parse};

/// The doors' names.
const DOORS: [&str; 6] = ["prefix", "hook", "shim", "ssh", "sudo", "agent"];

/// The tables of the file.
const TABLES: [&str; 1] = ["profile"];

/// The whole file.
const CONFIG: Shape = Shape {
    what: "config.toml",
    keys: &TABLES,
};

/// `[profile]`.
const PROFILE: Shape = Shape {
    what: "[profile]",
    keys: &DOORS,
};

/// Reads a configuration: door to whether its profile is `workstation`, and all mistakes.
#[must_use]
pub fn read_config(file: &SourceFile) -> (BTreeMap<String, bool>, Vec<Mistake>) {
    let findings = Findings::default();
    let tree = parse(file, &findings);
    let root = Node::root(file, tree.get_ref(), &findings);
    let profiles = root
        .table(CONFIG)
        .and_then(|keys| keys.get("profile"))
        .and_then(|profile| profile.table(PROFILE))
        .map(Keys::entries)
        .unwrap_or_default();
    let profiles = profiles
        .into_iter()
        .filter_map(|(door, _, value)| Some((door.to_owned(), is_workstation(value)?)))
        .collect();
    drop(tree);
    (profiles, findings.finish().0)
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
    fn read(text: &str) -> (BTreeMap<String, bool>, String) {
        let file = SourceFile {
            name: String::from("config.toml"),
            text: text.to_owned(),
            layer: Layer::System,
        };
        let (profiles, mistakes) = read_config(&file);
        (profiles, render(&mistakes, &[file]))
    }

    #[test]
    fn a_profile_for_each_door() {
        let (profiles, mistakes) = read("[profile]\nprefix = 'workstation'\nssh = 'production'\n");
        assert_eq!(mistakes, "");
        let profiles: Vec<(&str, bool)> = profiles
            .iter()
            .map(|(door, is)| (door.as_str(), *is))
            .collect();
        assert_eq!(profiles, [("prefix", true), ("ssh", false)]);
        assert_eq!(read(""), (BTreeMap::new(), String::new()));
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
}
