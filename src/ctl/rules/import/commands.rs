//! Which rows of a step read as commands, and what each of them is to a rule. Pure.
//!
//! In: the text of a cell. Out: [`Part`]s in order: prose, a command that only looks, or one that
//! acts, with what a matcher says of it. In doubt it is prose: a rule on a word of a sentence would
//! hold what nobody meant.

use crate::door::understand::{NoVariables, read};
use crate::line::options::{Doubt, parse};
use crate::line::{Invocation, Line, Lore as _};
use crate::policy::pattern::Case;
use crate::policy::rule::VerbPattern;
use crate::policy::ruleset::RuleSet;

/// The longest command, in characters.
const LONGEST: usize = 1_000;

/// Programs that only look, beside those whose words have a verb that reads.
const LOOKS: &[&str] = &[
    "cat", "date", "df", "dig", "du", "free", "grep", "head", "host", "last", "ls", "mailq",
    "netstat", "ping", "ps", "ss", "tail", "uptime", "w", "wc", "who",
];

/// Words that stand in sentences and hardly in commands.
const SENTENCE: &[&str] = &[
    "the", "a", "an", "of", "is", "are", "that", "whether", "please",
];

/// A part of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// No command, or none that a rule can be made of.
    Prose(String),
    /// A command that only looks.
    Look(String),
    /// A command that acts.
    Act(Act),
}

/// A command that acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Act {
    /// The command as it is written.
    pub(super) line: String,
    /// What it calls; never empty.
    pub(super) calls: Vec<Call>,
}

/// One call that a rule is to match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    /// The program's base name.
    pub(super) program: String,
    /// The verb path; empty where the program has none or it is not known.
    pub(super) verb: String,
    /// The options, joined by a space; empty where there are none or they are not known.
    pub(super) flag: String,
}

/// Returns the parts of a step.
pub(super) fn parts(cell: &str, rules: &RuleSet) -> Vec<Part> {
    // A backslash at the end of a row continues it.
    let joined = cell.replace("\\\n", " ");
    let rows = joined.lines().map(str::trim).filter(|row| !row.is_empty());
    rows.map(|row| part(row, rules)).collect()
}

/// Returns what one row is.
fn part(row: &str, rules: &RuleSet) -> Part {
    let prose = || Part::Prose(row.to_owned());
    let Some((command, is_marked)) = command(row) else {
        return prose();
    };
    let is_text = |c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER;
    if command.chars().count() > LONGEST || command.contains(is_text) {
        return prose();
    }
    let line = Line::shell(command.as_bytes());
    let Ok(reading) = read(&line, rules, &NoVariables) else {
        return prose();
    };
    let all = &reading.invocations;
    // What wraps another call says nothing by itself.
    let wraps = |call: &Invocation| {
        let vias = all.iter().flat_map(|other| &other.via);
        let mut firsts = vias.filter_map(|via| via.words.first());
        firsts.any(|first| first.span == call.program.span)
    };
    let calls: Vec<&Invocation> = all.iter().filter(|call| !wraps(call)).collect();
    let is_readable = |call: &&Invocation| call.opaque.is_none() && is_program(&call.name);
    let Some(first) = calls.first().filter(|_| calls.iter().all(is_readable)) else {
        return prose();
    };
    if !is_marked && !is_likely(command, first, rules) {
        return prose();
    }
    if calls.iter().all(|call| looks(call, rules)) {
        return Part::Look(command.to_owned());
    }
    let acts = calls
        .iter()
        .filter(|call| !call.guessed && !rules.is_plain(&call.name) && !looks(call, rules));
    let mut found: Vec<Call> = Vec::new();
    for call in acts.map(|call| to_call(call, rules)) {
        if !found.contains(&call) {
            found.push(call);
        }
    }
    match found.is_empty() {
        true => prose(),
        false => Part::Act(Act {
            line: command.to_owned(),
            calls: found,
        }),
    }
}

/// Returns the command in a row, and whether a prompt or backticks mark it as one.
fn command(row: &str) -> Option<(&str, bool)> {
    let row = without_number(row);
    if let Some((_, rest)) = row.split_once('`') {
        let (inner, _) = rest.split_once('`')?;
        return Some((inner.trim(), true));
    }
    // `$ x`, `mx1$ x`, `[op@mx1 ~]# x`: what stands before the sign is a host, a user, a folder.
    for sign in ["$ ", "% ", "> ", "# "] {
        if let Some((before, command)) = row.split_once(sign) {
            let is_prompt = before
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "[]@~:/.-_ ".contains(c))
                && before.split_whitespace().count() <= 2
                && !before.ends_with(' ');
            // `# x` alone may be a comment.
            let is_marked = sign != "# " || !before.is_empty();
            if is_prompt {
                return Some((command.trim(), is_marked));
            }
        }
    }
    // 放流: postsuper -H ALL
    let label = row.rfind(['：', '」', '。']).or_else(|| {
        let colon = row.find(": ")?;
        let label = row.get(..colon)?;
        (!label.is_ascii()).then_some(colon)
    });
    let after = label.and_then(|at| {
        let rest = row.get(at..)?;
        let mut rest = rest.chars();
        rest.next();
        Some(rest.as_str().trim())
    });
    let command = after.filter(|after| !after.is_empty()).unwrap_or(row);
    Some((command, false))
}

/// Takes the number or bullet from the beginning: `1.`, `(2)`, `①`, `・`.
fn without_number(row: &str) -> &str {
    let is_round = |c: char| ('①'..='⑳').contains(&c) || ['・', '•', '■', '●', '○'].contains(&c);
    let rest = row.trim_start_matches(is_round).trim_start();
    let open = rest.trim_start_matches(['(', '（']);
    let digits = open.trim_start_matches(|c: char| c.is_numeric() || c == '-');
    match digits.strip_prefix(['.', ')', '．', '）']) {
        Some(after) if digits.len() < open.len() && after.starts_with([' ', '　']) => {
            after.trim_start()
        }
        _ => rest,
    }
}

/// Returns whether an unmarked row is a command rather than a sentence that begins with its name.
fn is_likely(command: &str, first: &Invocation, rules: &RuleSet) -> bool {
    let name = &first.name;
    let is_known =
        rules.is_known(name.as_bytes()) || rules.is_guarded(name) || !first.via.is_empty();
    let words: Vec<&str> = command.split_whitespace().collect();
    let is_sentence = words.iter().skip(1).any(|word| SENTENCE.contains(word))
        || command.ends_with(['.', '。'])
        || !command.is_ascii();
    let has_option = words.iter().skip(1).any(|word| word.starts_with('-'));
    let is_path = words.first().is_some_and(|word| word.starts_with('/'));
    !is_sentence && (is_known || has_option || is_path)
}

/// Returns whether this can be a program's name in a rule, where signs mean something.
fn is_program(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.+-".contains(c);
    name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') && name.chars().all(is_plain)
}

/// Returns whether a call only looks: it could be a probe.
fn looks(call: &Invocation, rules: &RuleSet) -> bool {
    if !call.writes.is_empty() || call.guessed {
        return false;
    }
    if LOOKS.contains(&call.name.as_str()) {
        return true;
    }
    let Some(words) = rules.words(&call.name) else {
        return false;
    };
    let parsed = parse(&call.args, Some(words), &[], Doubt::Takes);
    let reads = words.sets.get("read");
    reads.into_iter().flatten().any(|pattern| {
        let typed: Option<Vec<String>> = parsed.verb.iter().map(|word| word.known()).collect();
        let typed = typed.unwrap_or_default();
        match VerbPattern::parse(pattern) {
            Ok(VerbPattern::Path(path)) => {
                path.len() <= typed.len()
                    && path
                        .iter()
                        .zip(&typed)
                        .all(|(pattern, word)| pattern.fits(word, Case::Counts))
            }
            Ok(VerbPattern::Last(last)) => typed
                .last()
                .is_some_and(|word| last.fits(word, Case::Counts)),
            Ok(VerbPattern::Set(_)) | Err(_) => false,
        }
    })
}

/// Returns what a matcher says of a call.
fn to_call(call: &Invocation, rules: &RuleSet) -> Call {
    let program = call.name.clone();
    let Some(words) = rules.words(&program) else {
        // Without words it is a guess what is verb, option and value.
        return Call {
            program,
            verb: String::new(),
            flag: String::new(),
        };
    };
    let parsed = parse(&call.args, Some(words), &[], Doubt::Takes);
    let verb: Option<Vec<String>> = parsed.verb.iter().map(|word| word.known()).collect();
    let verb = verb.filter(|verb| verb.iter().all(|word| is_program(word)));
    let is_flag = |name: &str| {
        name.starts_with('-')
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    };
    let names = parsed.options.iter().map(|option| option.name.as_str());
    let own_target = |name: &str| words.target.values().flatten().any(|known| known == name);
    let flags: Vec<&str> = names
        .filter(|name| is_flag(name) && !own_target(name))
        .collect();
    Call {
        program,
        verb: verb.unwrap_or_default().join(" "),
        flag: flags.join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws the parts of a cell.
    fn drawn(cell: &str) -> Vec<String> {
        let rules = RuleSet::built_in().unwrap();
        let part = |part: Part| match part {
            Part::Prose(text) => format!("prose {text}"),
            Part::Look(line) => format!("look {line}"),
            Part::Act(act) => {
                let call = |call: &Call| format!("{}[{}][{}]", call.program, call.verb, call.flag);
                let calls: Vec<String> = act.calls.iter().map(call).collect();
                format!("act {} = {}", act.line, calls.join(" "))
            }
        };
        parts(cell, &rules).into_iter().map(part).collect()
    }

    #[test]
    fn commands_are_told_from_prose() {
        assert_eq!(
            drawn("キューを放流する\n$ sudo postsuper -H ALL"),
            [
                "prose キューを放流する",
                "act sudo postsuper -H ALL = postsuper[][-H]"
            ]
        );
        assert_eq!(drawn("1. mailq"), ["look mailq"]);
        assert_eq!(drawn("① [root@mx1 ~]# reboot"), ["act reboot = reboot[][]"]);
        assert_eq!(
            drawn("停止：systemctl stop postfix"),
            ["act systemctl stop postfix = systemctl[stop][]"]
        );
        assert_eq!(
            drawn("確認: systemctl status postfix"),
            ["look systemctl status postfix"]
        );
        assert_eq!(drawn("「`reboot`」を実行"), ["act reboot = reboot[][]"]);
        assert_eq!(
            drawn("mx1$ /opt/batch/run.sh night"),
            ["act /opt/batch/run.sh night = run.sh[][]"]
        );
    }

    #[test]
    fn a_sentence_is_no_command() {
        for prose in [
            "Check the queue",
            "Find the message",
            "reboot the host.",
            "サーバを再起動する",
            "2. 担当者に連絡",
            "systemctl を確認",
            "# stop postfix",
            "see page 3",
            "$ $COMMAND",
            "$ echo 'open",
        ] {
            assert_eq!(drawn(prose), [format!("prose {prose}")]);
        }
    }

    #[test]
    fn a_command_over_ssh_is_the_one_that_acts() {
        assert_eq!(
            drawn("$ ssh mx1 sudo systemctl restart postfix"),
            ["act ssh mx1 sudo systemctl restart postfix = systemctl[restart][]"]
        );
        assert_eq!(drawn("$ ssh mx1 df -h"), ["look ssh mx1 df -h"]);
    }

    #[test]
    fn what_writes_does_not_only_look() {
        assert_eq!(drawn("$ df > /etc/motd"), ["prose $ df > /etc/motd"]);
    }

    #[test]
    fn rows_that_continue_are_one_command() {
        assert_eq!(
            drawn("$ systemctl restart \\\n  postfix"),
            ["act systemctl restart    postfix = systemctl[restart][]"]
        );
    }
}
