//! `kanmonctl rules`: list, show and test the rules.

mod files;
mod test;
mod words;

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::policy::Rule;
use crate::policy::rule::StepKind;
use crate::policy::ruleset::RuleSet;

use super::out::{self, Failure};

/// What to do with the rules.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List all rules
    List {
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one rule
    Show {
        /// The rule's full id, as `list` prints it
        id: String,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Try each rule on its own test lines, and the cases of *.test.toml
    Test {
        /// Rule files and folders of them; the built-in rules where there is none
        paths: Vec<PathBuf>,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs `rules …`.
///
/// # Errors
/// Where there is no such rule, or standard output fails.
pub fn run(command: &Command) -> Result<i32, Failure> {
    match command {
        Command::List { json } => list(&out::built_in()?, *json),
        Command::Show { id, json } => show(&out::built_in()?, id, *json),
        Command::Test { paths, json } => test::run(paths, *json),
    }
}

/// Returns a number of things, `s` added to the word where they are several.
fn counted(n: usize, word: &str) -> String {
    let end = if n == 1 { "" } else { "s" };
    format!("{n} {word}{end}")
}

/// Prints a line a rule.
fn list(rules: &RuleSet, as_json: bool) -> Result<i32, Failure> {
    if as_json {
        out::json(&Value::Array(rules.rules().map(summary).collect()))?;
        return Ok(0);
    }
    let width = rules.rules().map(|rule| rule.id.len()).max().unwrap_or(0);
    for rule in rules.rules() {
        let risk = format!("{:?}", rule.risk).to_lowercase();
        out::line(&format!(
            "{:width$}  {risk:8}  {}",
            rule.id, rule.title.source
        ))?;
    }
    Ok(0)
}

/// A rule in a few words, for programs.
fn summary(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "risk": rule.risk,
        "title": rule.title.source,
        "title_ja": rule.title.in_language("ja"),
        "file": rule.source.file,
        "line": rule.source.line,
        "layer": "built-in",
    })
}

/// Prints one rule.
fn show(rules: &RuleSet, id: &str, as_json: bool) -> Result<i32, Failure> {
    let Some(rule) = rules.rule(id) else {
        return Err(missing(rules, id));
    };
    if as_json {
        let mut whole = serde_json::to_value(rule).map_err(std::io::Error::from)?;
        if let Value::Object(object) = &mut whole {
            object.insert("layer".to_owned(), json!("built-in"));
        }
        out::json(&whole)?;
        return Ok(0);
    }
    let risk = format!("{:?}", rule.risk).to_lowercase();
    out::line(&format!(
        "{}  ({risk})  {}:{}",
        rule.id, rule.source.file, rule.source.line
    ))?;
    for language in ["en", "ja"] {
        out::line(&format!("  {}", rule.title.in_language(language)))?;
        out::line(&format!("  {}", rule.why.in_language(language)))?;
    }
    if let Some(instead) = &rule.instead {
        out::line(&format!("  instead: {}", instead.source))?;
    }
    if let Some(undo) = &rule.undo {
        out::line(&format!("  undo: {}", undo.source))?;
    }
    out::line("  steps:")?;
    for step in &rule.steps {
        for text in describe(&step.kind) {
            out::line(&format!("    {text}"))?;
        }
    }
    for after in &rule.after {
        for text in describe(&after.step) {
            out::line(&format!(
                "    after ({}): {text}",
                format!("{:?}", after.when).to_lowercase()
            ))?;
        }
    }
    for (word, lines) in [("holds", &rule.test_hold), ("passes", &rule.test_pass)] {
        for line in lines {
            out::line(&format!("  {word}: {line}"))?;
        }
    }
    Ok(0)
}

/// A step in words.
fn describe(kind: &StepKind) -> Vec<String> {
    use crate::policy::rule::Callee;
    match kind {
        StepKind::Show(probe) => vec![format!("show {}: {}", probe.id, probe.run)],
        StepKind::Check { probe, is, must } => {
            let must = if *must { ", must be seen" } else { "" };
            vec![format!(
                "check {} is {}{must}: {}",
                probe.id,
                crate::gate::expect::shown(is),
                probe.run
            )]
        }
        StepKind::Confirm(text) => vec![format!("confirm: {}", text.source)],
        StepKind::Checklist(items) => items
            .iter()
            .map(|item| {
                format!(
                    "{}: {}",
                    if item.typed { "typed" } else { "yes/no" },
                    item.ask.source
                )
            })
            .collect(),
        StepKind::Call { what, .. } => vec![match what {
            Callee::Probe(probe) => format!("call {}: {}", probe.id, probe.run),
            Callee::Target => "call the target's name".to_owned(),
            Callee::User => "call the user".to_owned(),
            Callee::Arg(number) => format!("call operand {number}"),
        }],
        StepKind::Cooldown(time) => {
            vec![format!("cooldown {}", crate::gate::duration::shown(*time))]
        }
        StepKind::Gap { time, per_rule } => {
            let per = if *per_rule { " at any target" } else { "" };
            vec![format!("gap {}{per}", crate::gate::duration::shown(*time))]
        }
        StepKind::Key => vec!["one key".to_owned()],
    }
}

/// Returns whether the rule of this full id is of this pack.
fn is_in_pack(rule: &str, pack: &str) -> bool {
    rule.split_once('.').is_some_and(|(of, _)| of == pack)
}

/// Says that there is no such rule, and which is near.
fn missing(rules: &RuleSet, id: &str) -> Failure {
    let near = rules
        .rules()
        .map(|rule| (strsim::jaro_winkler(id, &rule.id), rule.id.as_str()))
        .filter(|(nearness, _)| *nearness > 0.7)
        .max_by(|one, other| one.0.total_cmp(&other.0));
    let failure = Failure::new(format!("there is no rule `{id}`"));
    if rules.rules().any(|rule| is_in_pack(&rule.id, id)) {
        return failure.hint(format!(
            "`{id}` is a pack; `kanmonctl rules list` names its rules."
        ));
    }
    match near {
        Some((_, near)) => failure.hint(format!("Did you mean `{near}`?")),
        None => failure.hint("`kanmonctl rules list` names them all."),
    }
}
