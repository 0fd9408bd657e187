//! What the rules say of a line that an agent wants to run, in words for it and for its user.

use crate::ctl::check::Judge;
use crate::gate::{mask, not_cleared};
use crate::line::folder;
use crate::line::{Invocation, Moves, Reading, Via, Word};
use crate::policy::{Plan, Verdict, place};
use crate::text::{Language, hook as say};

/// What becomes of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Judgement {
    /// No rule holds it: the agent's own permissions decide.
    Nothing,
    /// A person has to say yes.
    Ask {
        /// The rules that hold it.
        rules: Vec<String>,
        /// Why.
        reason: String,
    },
    /// It must not run.
    Deny {
        /// The rules that hold it.
        rules: Vec<String>,
        /// Why.
        reason: String,
    },
}

impl Judgement {
    /// Turns *ask* into *deny* where nobody would be asked.
    pub(super) fn without_asking(self, language: Language) -> Self {
        match self {
            Self::Ask { rules, reason } => Self::Deny {
                rules,
                reason: sentences(&[reason, say::run_it_yourself(language)], language),
            },
            Self::Nothing | Self::Deny { .. } => self,
        }
    }
}

/// Subcommands of `kanmonctl` that only look.
const LOOKING: [&str; 6] = ["check", "explain", "log", "doctor", "help", "--help"];

/// How many gates may stand one behind the other; more are nobody's mistake.
const MAX_GATES: usize = 4;

/// Judges a line on this machine.
pub(super) fn judgement(judge: &Judge, line: &str, language: Language) -> Judgement {
    behind_gates(judge, line, language, 0)
}

/// Judges a line that stands behind `n_gates` gates of the same line.
fn behind_gates(judge: &Judge, line: &str, language: Language, n_gates: usize) -> Judgement {
    let understood = judge.one(line, None);
    if let Some(words) = works_on_the_gate(&understood.reading) {
        let reason = say::gate_itself(language, mask::text(&words));
        return Judgement::Deny {
            rules: Vec::new(),
            reason,
        };
    }
    match &understood.verdict {
        // That gate asks at a terminal, which an agent may have: here its user is asked.
        Verdict::Pass(_) | Verdict::Note(_) => match guarded(&understood.reading) {
            Some(inner) if n_gates < MAX_GATES => {
                behind_gates(judge, &inner, language, n_gates + 1)
            }
            Some(_) | None => Judgement::Nothing,
        },
        Verdict::Hold(plan) => held(plan, language),
        Verdict::Refuse(too_much) => Judgement::Deny {
            rules: Vec::new(),
            reason: say::refused(language, not_cleared::too_much_text(too_much, language)),
        },
    }
}

/// Says which rules hold the line, why, and what would be safer; each rule once.
fn held(plan: &Plan, language: Language) -> Judgement {
    let mut rules: Vec<String> = Vec::new();
    let mut parts = Vec::new();
    for hit in &plan.hits {
        if rules.contains(&hit.rule.id) {
            continue;
        }
        rules.push(hit.rule.id.clone());
        let tag = language.tag();
        let title = hit.rule.title.in_language(tag);
        let why = hit.rule.why.in_language(tag);
        parts.push(match why.is_empty() {
            true => say::held_briefly(language, title, &hit.rule.id),
            false => say::held(language, title, &hit.rule.id, why),
        });
        if let Some(target) = place::name(&hit.invocation.target) {
            parts.push(say::target(language, mask::text(&target)));
        }
        if let Some(instead) = &hit.rule.instead {
            parts.push(say::instead(language, instead.in_language(tag)));
        }
    }
    Judgement::Ask {
        rules,
        reason: sentences(&parts, language),
    }
}

/// Puts sentences behind one another, each with its stop: those of rules may have none.
fn sentences(parts: &[String], language: Language) -> String {
    let (stop, between) = match language {
        Language::English => (".", " "),
        Language::Japanese => ("。", ""),
    };
    let each = parts.iter().map(|part| {
        let part = part.trim_end();
        match part.ends_with(['.', '!', '?', '。', '！', '？']) {
            true => part.to_owned(),
            false => format!("{part}{stop}"),
        }
    });
    each.collect::<Vec<_>>().join(between)
}

/// Parts of absolute paths, a slash at their end, where the gate's rules, records, shims and hooks lie.
const OWN_PLACES: [&str; 10] = [
    "/etc/kanmon/",
    "/etc/sudo.conf/",
    "/var/lib/kanmon/",
    "/usr/local/lib/kanmon/",
    "/.config/kanmon/",
    "/.local/share/kanmon/",
    "/.local/state/kanmon/",
    "/.cache/kanmon/",
    "/.kanmon/",
    "/.claude/settings",
];

/// The folder of an agent's settings, and what their names begin with.
const SETTINGS_FOLDER: &str = "/.claude/";
const SETTINGS: &str = "settings";

/// Programs that change or take away what they are given.
const CHANGING: [&str; 17] = [
    "rm", "rmdir", "unlink", "shred", "mv", "cp", "ln", "install", "rsync", "truncate", "chmod",
    "chown", "sed", "perl", "dd", "find", "setfacl",
];

/// Those that take a whole folder away with what lies in it.
const TAKING: [&str; 3] = ["rm", "mv", "shred"];

/// Returns whether an invocation writes to, or changes, the gate's own files.
fn changes_own_files(found: &Invocation) -> bool {
    let takes = TAKING.contains(&&*found.name);
    let is_own = |path: &str, takes: bool| {
        paths(found, path)
            .iter()
            .any(|path| is_own_place(path, takes))
    };
    let mut writes = found.writes.iter();
    writes.any(|write| is_own(&write.path.shown(), false))
        || CHANGING.contains(&&*found.name) && args(found).any(|arg| is_own(&arg, takes))
}

/// Returns whether a path is one of the gate's own; with `takes` also the folder of the settings.
fn is_own_place(path: &str, takes: bool) -> bool {
    let path = format!("{}/", path.trim_end_matches('/'));
    let may_be_settings = || {
        let (_, name) = path.split_once(SETTINGS_FOLDER)?;
        let known = name.split(['*', '?', '[', '{']).next()?;
        let is_glob = known.len() < name.len() && name.matches('/').count() == 1;
        Some(name.is_empty() && takes || is_glob && SETTINGS.starts_with(known))
    };
    OWN_PLACES.iter().any(|place| path.contains(place)) || may_be_settings().unwrap_or_default()
}

/// Returns the absolute paths that a word may be: as it stands, and in the folders in which the
/// invocation may run on this host.
fn paths(found: &Invocation, word: &str) -> Vec<String> {
    let mut all = vec![folder::normal(&format!("/{word}"))];
    let leaves = |via: &Via| via.moves.is_some() && via.moves != Some(Moves::User);
    if word.starts_with('/') || found.via.iter().any(leaves) {
        return all;
    }
    let here = std::env::current_dir().unwrap_or_default();
    for folder in folder::folders(found.folder.as_ref()).unwrap_or_default() {
        let path = here.join(folder).join(word);
        all.push(folder::normal(&path.to_string_lossy()));
    }
    all
}

/// Returns the words of an invocation that changes the gate, or answers for a person: `kanmon
/// --break-glass`, `kanmon --resume` (which does not say what it runs), `kanmonctl` with all that does not only look, and what changes its files.
fn works_on_the_gate(reading: &Reading) -> Option<String> {
    let found = reading
        .invocations
        .iter()
        .find(|found| match &*found.name {
            _ if changes_own_files(found) => true,
            "kanmon" => args(found)
                .any(|arg| arg.starts_with("--break-glass") || arg.starts_with("--resume")),
            "kanmonctl" => {
                let verbs: Vec<String> = args(found).filter(|arg| !arg.starts_with("--")).collect();
                let verb = verbs.first().map_or("", String::as_str);
                let is_listing = verb == "rules"
                    && verbs.get(1).is_none_or(|sub| {
                        matches!(
                            sub.as_str(),
                            "list" | "show" | "test" | "lint" | "try" | "schema"
                        )
                    });
                let is_asked_for = args(found).any(|arg| arg == "--help" || arg == "--version");
                !(LOOKING.contains(&verb) || is_listing || is_asked_for || verb.is_empty())
            }
            _ => false,
        })?;
    let words = std::iter::once(found.name.clone()).chain(args(found).take(4));
    Some(words.collect::<Vec<_>>().join(" "))
}

/// Returns the line that stands behind gates in this one, if any does: `kanmon reboot`, `kanmon -c
/// 'sleep 1; reboot'`.
fn guarded(reading: &Reading) -> Option<String> {
    let gates = reading
        .invocations
        .iter()
        .filter(|found| found.name == "kanmon");
    let lines: Vec<String> = gates.filter_map(behind).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Returns the line behind one gate.
fn behind(gate: &Invocation) -> Option<String> {
    let mut words = gate.args.iter();
    while let Some(word) = words.next() {
        let shown = word.shown();
        match shown.as_str() {
            "--drill" | "-h" | "--help" | "-V" | "--version" => return None,
            "-c" => return words.next().map(Word::shown),
            "--break-glass" | "--lang" => {
                words.next();
            }
            "--" => return Some(quoted(words)),
            option if option.starts_with('-') => {}
            _ => return Some(quoted(std::iter::once(word).chain(words))),
        }
    }
    None
}

/// Writes words down as a shell would read them; those that are not known stay as typed.
fn quoted<'w>(words: impl Iterator<Item = &'w Word>) -> String {
    let each = words.map(|word| match word.known() {
        Some(text) => format!("'{}'", text.replace('\'', "'\\''")),
        None => word.shown(),
    });
    each.collect::<Vec<_>>().join(" ")
}

/// Returns an invocation's arguments as they would be shown.
fn args(found: &Invocation) -> impl Iterator<Item = String> {
    found.args.iter().map(|word| word.shown())
}
