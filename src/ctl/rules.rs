//! `kanmonctl rules`: list, show and test the rules.

mod compile;
mod test;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::policy::Rule;
use crate::policy::pack::Layer;
use crate::policy::rule::StepKind;
use crate::policy::ruleset::RuleSet;

use super::check::ProfileName;
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
    /// Compile the system's rule files into the set that every gate of this host maps
    Compile {
        /// Your own files instead, into your cache folder
        #[arg(long)]
        user: bool,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Try each rule on its own test lines
    Test {
        /// Which rules are in
        #[arg(long, value_enum, value_name = "NAME", default_value = "production")]
        profile: ProfileName,
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
    if let Command::Compile { user, json } = command {
        return compile::run(*user, *json);
    }
    let rules = out::rules()?;
    match command {
        // Compiled above, without what is compiled now.
        Command::Compile { .. } => Ok(0),
        Command::List { json } => list(&rules, *json),
        Command::Show { id, json } => show(&rules, id, *json),
        Command::Test { profile, json } => test::run(&rules, (*profile).into(), *json),
    }
}

/// Prints a line a rule.
fn list(rules: &RuleSet, as_json: bool) -> Result<i32, Failure> {
    let layers = Layers::of(rules)?;
    if as_json {
        let summaries = rules
            .rules()
            .map(|rule| summary(rule, layers.of_rule(rule)));
        out::json(&Value::Array(summaries.collect()))?;
        return Ok(0);
    }
    let width = rules.rules().map(|rule| rule.id.len()).max().unwrap_or(0);
    for rule in rules.rules() {
        let risk = format!("{:?}", rule.risk).to_lowercase();
        out::line(&format!(
            "{:width$}  {risk:8}  {:8}  {}  ({}:{})",
            rule.id,
            layers.of_rule(rule),
            rule.title.source,
            rule.source.file,
            rule.source.line,
        ))?;
    }
    Ok(0)
}

/// The layer of each pack.
struct Layers(BTreeMap<String, &'static str>);

impl Layers {
    /// Reads the heads of all packs.
    fn of(rules: &RuleSet) -> Result<Self, Failure> {
        let heads = rules
            .packs()
            .map_err(|error| Failure::new(error.to_string()))?;
        let layers = heads.into_iter().map(|head| (head.id, word_of(head.layer)));
        Ok(Self(layers.collect()))
    }

    /// Returns the layer that a rule comes from.
    fn of_rule(&self, rule: &Rule) -> &'static str {
        let pack = rule.id.split_once('.').map_or("", |(pack, _)| pack);
        // What stands for a broken file is in no pack.
        self.0.get(pack).copied().unwrap_or("stand-in")
    }
}

/// The word for a layer.
fn word_of(layer: Layer) -> &'static str {
    match layer {
        Layer::Project => "project",
        Layer::User => "user",
        Layer::BuiltIn => "built-in",
        Layer::System => "system",
    }
}

/// A rule in a few words, for programs.
fn summary(rule: &Rule, layer: &str) -> Value {
    json!({
        "id": rule.id,
        "risk": rule.risk,
        "title": rule.title.source,
        "title_ja": rule.title.in_language("ja"),
        "file": rule.source.file,
        "line": rule.source.line,
        "layer": layer,
    })
}

/// Prints one rule.
fn show(rules: &RuleSet, id: &str, as_json: bool) -> Result<i32, Failure> {
    let Some(rule) = rules.rule(id) else {
        return Err(missing(rules, id));
    };
    let layer = Layers::of(rules)?.of_rule(rule);
    if as_json {
        let mut whole = serde_json::to_value(rule).map_err(std::io::Error::from)?;
        if let Value::Object(object) = &mut whole {
            object.insert("layer".to_owned(), json!(layer));
        }
        out::json(&whole)?;
        return Ok(0);
    }
    let risk = format!("{:?}", rule.risk).to_lowercase();
    out::line(&format!(
        "{}  ({risk})  {}:{}  ({layer})",
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
