//! Whether a rule's conditions hold at an invocation's target. What is unknown never excuses.
//!
//! Asked only where a matcher fits. Within one condition what costs nothing comes first, so that
//! the files of clusters and clouds, and the ledger, are read only where all else fits.

use crate::line::options::Opt;
use crate::line::{Moves, TOO_MANY, Value, Word};

use super::calendar::Freeze;
use super::facts::{Around, Earlier, Fact, Facts, Ran};
use super::fit;
use super::pattern::{Case, Pattern};
use super::place;
use super::rule::{AnyOf, Condition};
use super::scene::Scene;

/// Keys whose value stands in files.
const FROM_FILES: [&str; 4] = ["context", "namespace", "account", "branch"];

/// Wrappers under which paths lead to other files than here.
const OTHER_ROOTS: [&str; 3] = ["chroot", "nsenter", "unshare"];

/// Words with which a wrapper may run its command in another folder or environment than its own.
const ELSEWHERE: [&str; 12] = [
    "-",
    "-i",
    "-l",
    "--login",
    "-C",
    "-D",
    "--chdir",
    "--directory",
    "--cwd",
    "-execdir",
    "-okdir",
    "--ignore-environment",
];

/// What the operator is told of a condition that holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Holds {
    /// What could not be known and so counted against the line.
    pub(super) unknown: Vec<String>,
    /// The entry of a calendar that it is frozen by now.
    pub(super) frozen: Option<Freeze>,
    /// What files said, by the key that asked for it.
    pub(super) seen: Vec<(String, Vec<String>)>,
    /// The earlier run of the same for which it holds.
    pub(super) earlier: Option<Ran>,
}

/// Returns what is told if one of `conditions` holds (or there are none), else `None`. The
/// condition that holds with the fewest unknown values speaks.
pub(super) fn any(conditions: &[Condition], scene: &Scene<'_>) -> Option<Holds> {
    if conditions.is_empty() {
        return Some(Holds::default());
    }
    conditions
        .iter()
        .filter_map(|condition| {
            Some(Holds {
                frozen: frozen(condition, scene),
                ..all(condition, scene)?
            })
        })
        .min_by_key(|holds| holds.unknown.len())
}

/// Returns the entry of now in a calendar that the condition names.
fn frozen(condition: &Condition, scene: &Scene<'_>) -> Option<Freeze> {
    // The clock is read only where a calendar is named.
    let mut calendars = condition.freeze.plain.iter().peekable();
    calendars.peek()?;
    let now = scene.facts.now()?;
    calendars.find_map(|calendar| calendar.freeze_at(now))
}

/// What one key of a condition says.
enum Answer {
    Fits,
    FitsNot,
    Unknown,
}

impl Answer {
    /// What is known says yes or no.
    fn of(known: Option<bool>) -> Self {
        match known {
            Some(true) => Self::Fits,
            Some(false) => Self::FitsNot,
            None => Self::Unknown,
        }
    }
}

/// Returns what was unknown, and what files said, if every key of `condition` fits.
fn all(condition: &Condition, scene: &Scene<'_>) -> Option<Holds> {
    let mut seen = Vec::new();
    let is_cheap = |key: &str| !FROM_FILES.contains(&key);
    let patterns = |cheap: bool| {
        let keys = condition.patterns.iter();
        keys.filter(move |(key, _)| is_cheap(key) == cheap)
    };
    let pattern = |(key, patterns): (&String, &AnyOf<Pattern>)| {
        let fits = |fact: Fact| match fact {
            Fact::Unknown => None,
            Fact::Known(names) => Some(names_fit(patterns, &names, key_case(key))),
        };
        let known = match (key.as_str(), several(scene)) {
            // One host of several that fits is enough.
            ("host", Some(hosts)) => any_host(hosts, |host| fits(scene.facts.host(Some(host)))),
            _ => fits(fact(key, scene)),
        };
        (key.clone(), Answer::of(known))
    };
    let named = |key: &str, answer| (key.to_owned(), answer);
    let cheap = patterns(true).map(pattern);
    let cheap = cheap.chain(tty(condition, scene).map(|answer| named("tty", answer)));
    let cheap = cheap.chain(time(condition, scene).map(|answer| named("time", answer)));
    let cheap = cheap.chain(freeze(condition, scene).map(|answer| named("freeze", answer)));
    let files = patterns(false).map(|(key, patterns)| {
        let fact = fact(key, scene);
        let answer = Answer::of(match &fact {
            Fact::Unknown => None,
            Fact::Known(names) => Some(names_fit(patterns, names, key_case(key))),
        });
        if let Fact::Known(names) = fact {
            seen.push((key.clone(), names));
        }
        (key.clone(), answer)
    });
    // Made only where they are reached.
    let rerun = std::iter::once_with(|| rerun(condition, scene)).flatten();
    let declined = std::iter::once_with(|| declined(condition, scene)).flatten();
    let all = cheap
        .chain(files)
        .chain(rerun.map(|answer| named("rerun", answer)))
        .chain(declined.map(|answer| named("declined", answer)));
    let mut unknown = Vec::new();
    for (key, answer) in all {
        match answer {
            Answer::Fits => {}
            Answer::FitsNot => return None,
            Answer::Unknown => unknown.push(key),
        }
    }
    Some(Holds {
        unknown,
        frozen: None,
        seen,
        earlier: condition.rerun.and_then(|rerun| {
            earlier(scene, rerun.within, |history, earlier| {
                history.last(earlier, rerun.failed)
            })
        }),
    })
}

/// Whether there is a terminal as the condition wants.
fn tty(condition: &Condition, scene: &Scene<'_>) -> Option<Answer> {
    let wanted = condition.tty?;
    Some(Answer::of(scene.facts.tty().map(|found| found == wanted)))
}

/// Whether it is one of the times.
fn time(condition: &Condition, scene: &Scene<'_>) -> Option<Answer> {
    if condition.time.is_empty() {
        return None;
    }
    let now = scene.facts.now();
    Some(Answer::of(now.map(|now| {
        any_of(&condition.time, |range| range.contains(now))
    })))
}

/// Whether a calendar has an entry for now.
fn freeze(condition: &Condition, scene: &Scene<'_>) -> Option<Answer> {
    if condition.freeze.is_empty() {
        return None;
    }
    let now = scene.facts.now();
    Some(Answer::of(now.map(|now| {
        any_of(&condition.freeze, |calendar| {
            calendar.entry_at(now).is_some()
        })
    })))
}

/// Whether the same was run lately.
fn rerun(condition: &Condition, scene: &Scene<'_>) -> Option<Answer> {
    let rerun = condition.rerun?;
    let ran = earlier(scene, rerun.within, |history, earlier| {
        history.ran(earlier, rerun.failed)
    });
    Some(Answer::of(ran))
}

/// Whether the operator let go of the same so often lately.
fn declined(condition: &Condition, scene: &Scene<'_>) -> Option<Answer> {
    let declined = condition.declined?;
    let times = earlier(scene, declined.within, |history, earlier| {
        history.declined(earlier)
    });
    Some(Answer::of(times.map(|times| times >= declined.times)))
}

/// Asks the record of earlier runs about this invocation.
fn earlier<T>(
    scene: &Scene<'_>,
    within: std::time::Duration,
    ask: impl FnOnce(&dyn super::facts::History, Earlier<'_>) -> Option<T>,
) -> Option<T> {
    let history = scene.facts.history()?;
    let invocation = scene.invocation;
    // What is not known now cannot be compared with what was run then.
    let is_known = invocation.program.is_known()
        && invocation.args.iter().all(Word::is_known)
        && place::words(&invocation.target).all(Word::is_known);
    if !is_known || invocation.target.many {
        return None;
    }
    let target = place::name(&invocation.target);
    let earlier = Earlier {
        text: scene.text,
        span: super::judge::held_span(invocation),
        target: target.as_deref(),
        within,
    };
    ask(history, earlier)
}

/// Whether a plain entry fits, if there are any, and no `!` entry does.
fn any_of<T>(entries: &AnyOf<T>, fits: impl Fn(&T) -> bool) -> bool {
    (entries.plain.is_empty() || entries.plain.iter().any(&fits)) && !entries.not.iter().any(fits)
}

/// Any name that fits a plain entry is enough; with `!` all must differ.
fn names_fit(patterns: &AnyOf<Pattern>, names: &[String], case: Case) -> bool {
    any_of(patterns, |pattern| {
        names.iter().any(|name| pattern.fits(name, case))
    })
}

/// Host names have no case.
fn key_case(key: &str) -> Case {
    if key == "host" {
        Case::Ignored
    } else {
        Case::Counts
    }
}

/// Reads the value that a key asks for, at the target.
fn fact(key: &str, scene: &Scene<'_>) -> Fact {
    let (invocation, facts) = (scene.invocation, scene.facts);
    let target = &invocation.target;
    let moved = |to: Moves| invocation.via.iter().any(|via| via.moves == Some(to));
    let is_elsewhere = moved(Moves::Host) || moved(Moves::Container);
    match key {
        "host" => host(target.host.as_ref(), target.many, facts),
        "user" => match &target.user {
            Some(user) => of_word(user),
            None if is_elsewhere => Fact::Unknown,
            None => facts.user(),
        },
        "login" => facts.login(),
        "group" => facts.groups(),
        "ssh_from" => facts.ssh_from(),
        "cwd" => folder(scene),
        "via" => Fact::Known(invocation.via.iter().map(|via| via.name.clone()).collect()),
        "container" => of_place(target.container.as_ref()),
        "pod" => of_place(target.pod.as_ref()),
        "context" => placed(scene, target.context.as_ref(), |facts, around| {
            facts.context(around)
        }),
        "namespace" => placed(scene, target.namespace.as_ref(), |facts, around| {
            facts.namespace(around)
        }),
        "account" => placed(scene, target.account.as_ref(), |facts, around| {
            facts.account(around)
        }),
        "branch" => placed(scene, None, |facts, around| facts.branch(around)),
        _ => match key.strip_prefix("env.") {
            Some(name) => variable(scene, name),
            None => Fact::Unknown,
        },
    }
}

/// Asks for what the host's files say of an invocation; on another host or as another user, whose
/// files are not read, what the line says counts alone.
fn placed(
    scene: &Scene<'_>,
    typed: Option<&Word>,
    ask: impl FnOnce(&dyn Facts, Around<'_>) -> Fact,
) -> Fact {
    let invocation = scene.invocation;
    if typed.is_some_and(|word| !word.is_known()) {
        return Fact::Unknown;
    }
    let is_other =
        |via: &crate::line::Via| via.moves.is_some() || OTHER_ROOTS.contains(&via.name.as_str());
    if invocation.via.iter().any(is_other) || invocation.target.later {
        return super::facts::typed(typed);
    }
    let [one, other] = fit::both_options(scene);
    ask(
        scene.facts,
        Around {
            invocation,
            variable: &|name| variable(scene, name),
            values: &|names| {
                let values = values(&one, names);
                match values == self::values(&other, names) {
                    true => values,
                    false => vec![Word::unknown(invocation.span)],
                }
            },
            folder: &folder(scene),
        },
    )
}

/// Returns the values of the options of these names; one without a value is not known.
fn values(options: &[Opt], names: &[&str]) -> Vec<Word> {
    let named = options
        .iter()
        .filter(|option| names.contains(&option.name.as_str()));
    let value = |option: &Opt| option.value.clone();
    named
        .map(|option| value(option).unwrap_or_else(|| Word::unknown(option.span)))
        .collect()
}

/// Returns the working directory of an invocation.
fn folder(scene: &Scene<'_>) -> Fact {
    let is_other = scene.invocation.via.iter().any(|via| {
        let is_moved = matches!(
            via.moves,
            Some(Moves::Host | Moves::Container | Moves::Later)
        ) || OTHER_ROOTS.contains(&via.name.as_str());
        let own = via.words.iter().skip(1);
        is_moved
            || own
                .into_iter()
                .any(|word| leads_elsewhere(&word.beginning()))
    });
    match &scene.invocation.folder {
        _ if is_other => Fact::Unknown,
        Some(Value::Text(path)) if path.starts_with('/') => Fact::Known(vec![path.clone()]),
        Some(
            Value::Text(_) | Value::List(_) | Value::Either(_) | Value::Unset | Value::Unknown,
        ) => Fact::Unknown,
        None => scene.facts.cwd(),
    }
}

/// Whether a wrapper's word may say another folder.
fn leads_elsewhere(word: &str) -> bool {
    let name = word.split('=').next().unwrap_or(word);
    ELSEWHERE.contains(&name) || name.starts_with("-C") || name.starts_with("-D")
}

/// Returns a variable as the invocation is given it.
fn variable(scene: &Scene<'_>, name: &str) -> Fact {
    let invocation = scene.invocation;
    let mut is_other = false;
    // The innermost wrapper is the last to set it.
    for via in invocation.via.iter().rev() {
        let own = via.words.iter().skip(1);
        let prefix = format!("{name}=");
        let assigned = own
            .clone()
            .rev()
            .find(|word| word.beginning().starts_with(&prefix));
        match assigned {
            Some(word) if via.name == "env" => {
                let value = word.tail(prefix.len()).known();
                return value.map_or(Fact::Unknown, |value| Fact::Known(vec![value]));
            }
            Some(_) => return Fact::Unknown,
            None => {}
        }
        let takes_away = via.name == "env"
            && own
                .into_iter()
                .any(|word| word.beginning().starts_with('-'));
        is_other |= via.moves.is_some() || takes_away;
    }
    // What the line sets before `ssh` or `sudo` does not come through, what it sets behind does.
    if invocation.variables.contains_key(TOO_MANY) {
        return Fact::Unknown;
    }
    match invocation.variables.get(name) {
        Some(Value::Text(value)) if !is_other => Fact::Known(vec![value.clone()]),
        Some(Value::Unset) if !is_other => Fact::Known(Vec::new()),
        Some(_) => Fact::Unknown,
        // Another host or user has another environment.
        None if is_other => Fact::Unknown,
        None => scene.facts.variable(name),
    }
}

/// The host's names; several hosts at once are never one that is known.
fn host(typed: Option<&Word>, many: bool, facts: &dyn Facts) -> Fact {
    match typed.map(Word::known) {
        _ if many => Fact::Unknown,
        None => facts.host(None),
        Some(Some(name)) => facts.host(Some(&name)),
        Some(None) => Fact::Unknown,
    }
}

/// The hosts that a line goes to, where it says them all.
fn several<'s>(scene: &Scene<'s>) -> Option<&'s [String]> {
    let fan = scene.invocation.target.fan.as_ref()?;
    fan.hosts.as_deref()
}

/// Whether one of `hosts` fits; not known where one of them is not and no other does.
fn any_host(hosts: &[String], fits: impl Fn(&str) -> Option<bool>) -> Option<bool> {
    let mut is_known = true;
    for host in hosts {
        match fits(host) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => is_known = false,
        }
    }
    is_known.then_some(false)
}

/// A word whose every part is known is a fact.
fn of_word(word: &Word) -> Fact {
    super::facts::typed(Some(word))
}

/// A container or pod that the line does not enter has no name.
fn of_place(word: Option<&Word>) -> Fact {
    word.map_or_else(|| Fact::Known(Vec::new()), of_word)
}

#[cfg(test)]
mod tests;
