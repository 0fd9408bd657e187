//! What of a wrapper's words goes into a container that is there.
//!
//! In: the words of `docker exec`, `kubectl exec` and their like as typed. Out: the words to go in
//! by, without a terminal. Pure.

use crate::gate::world::NotSeen;
use crate::line::Via;

use super::{join, runs_nothing_else, words};

/// Words of wrappers into containers that make something new instead of entering what is there.
const MAKING: [&str; 6] = ["run", "debug", "create", "start", "up", "execute-command"];

/// Returns the words of a wrapper that goes into a container, without those that ask for a
/// terminal, standard input or background.
pub(super) fn container(via: &Via) -> Result<Vec<String>, NotSeen> {
    let words = words(via)?;
    runs_nothing_else(words.first().map_or("", String::as_str))?;
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    let enters = via.name == "lxc-attach" || has(&["exec", "rsh", "shell"]);
    if !enters || has(&MAKING) {
        return Err(NotSeen::WouldRun(join(&words)));
    }
    let mut kept: Vec<String> = words.into_iter().filter_map(without_terminal).collect();
    let needs_end = matches!(via.name.as_str(), "kubectl" | "oc");
    if needs_end && kept.last().is_none_or(|last| last != "--") {
        kept.push("--".to_owned());
    }
    Ok(kept)
}

/// Takes from a word what asks for a terminal, standard input or background; `None` where nothing
/// else is in it.
fn without_terminal(word: String) -> Option<String> {
    let name = word.split('=').next().unwrap_or_default();
    if matches!(name, "--tty" | "--interactive" | "--stdin" | "--detach") {
        return None;
    }
    match word.strip_prefix('-') {
        Some(cluster) if !cluster.is_empty() && !cluster.starts_with('-') => {
            let rest = cluster.trim_start_matches(['i', 't', 'd']);
            (!rest.is_empty()).then(|| format!("-{rest}"))
        }
        _ => Some(word),
    }
}
