//! `kanmonctl rules`: list, show and test the rules.

mod test;

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
    /// Try each rule on its own test lines
    Test {
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
    let rules = out::built_in()?;
    match command {
        Command::List { json } => list(&rules, *json),
        Command::Show { id, json } => show(&rules, id, *json),
        Command::Test { json } => test::run(&rules, *json),
    }
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
        StepKind::Gap {
            time,
            per_rule,
            team,
            group,
        } => {
            let time = crate::gate::duration::shown(*time);
            let per = if *per_rule { " at any target" } else { "" };
            let team = if *team { ", the whole team's runs" } else { "" };
            let group = group
                .as_ref()
                .map(|group| format!(" in {}", group.as_written()));
            vec![format!(
                "gap {time}{per}{}{team}",
                group.unwrap_or_default()
            )]
        }
        StepKind::Approve { count, group } => {
            let group = group.as_ref().map(|group| format!(" of group {group}"));
            vec![format!("approve {count}{}", group.unwrap_or_default())]
        }
        StepKind::Window(range) => vec![format!("window {range}")],
        StepKind::First { rule, within, same } => {
            let within = crate::gate::duration::shown(*within);
            let same = match same.is_empty() {
                true => String::new(),
                false => format!(" with the same {}", same.join(", ")),
            };
            vec![format!("first {rule} within {within}{same}")]
        }
        StepKind::Witness { ask, what } => {
            let call = match what {
                Callee::Probe(probe) => format!("{}: {}", probe.id, probe.run),
                Callee::Target | Callee::User | Callee::Arg(_) => "the target's name".to_owned(),
            };
            vec![format!("witness: {}, calls {call}", ask.source)]
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
