//! `kanmonctl doctor`: what counts for this user on this host, and what is to be mended.
//!
//! Looks and makes no file. What holds say of rule files is said here in the same words.

use serde_json::{Value, json};

use crate::context::Environment;
use crate::layers::survey::{self, Standing, Surveyed};
use crate::layers::{self, Places};
use crate::policy::pack::Layer;
use crate::policy::ruleset::RuleSet;
use crate::policy::setup::Notice;
use crate::text::{Language, doctor as say};
use crate::ui::safe;

use super::out::{self, Failure};
use super::rules;

mod doors;
mod records;
mod shims;
mod sudo;
mod team;

/// Arguments of `doctor`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The language, where it is not the locale's
    #[arg(long, value_name = "en|ja")]
    lang: Option<String>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// As it should be.
    Well,
    /// To be mended.
    Mend,
    /// Not there, and it need not be.
    None,
}

/// One thing that was looked at.
#[derive(Debug)]
struct Row {
    /// What it is, as programs read it.
    what: &'static str,
    /// What it is, for a person.
    label: String,
    /// How it is.
    state: State,
    /// What was found.
    text: String,
    /// How it is mended.
    mend: Option<String>,
    /// Files that belong to it.
    files: Vec<String>,
}

impl Row {
    /// Returns a row without a mend or files.
    fn new(what: &'static str, label: String, state: State, text: String) -> Self {
        Self {
            what,
            label,
            state,
            text,
            mend: None,
            files: Vec::new(),
        }
    }

    /// Adds how it is mended.
    fn mend(mut self, mend: String) -> Self {
        self.mend = Some(mend);
        self
    }
}

/// Runs `doctor`; exits 1 where something is to be mended.
///
/// # Errors
/// Where there is no such language, or standard output fails.
pub fn run(args: &Args) -> Result<i32, Failure> {
    let language = rules::language(args.lang.as_deref())?;
    let mut rows = of_rules(&Places::of_this_host(), language);
    let environment = Environment::of_process();
    rows.extend(records::look(&environment, language));
    rows.extend(team::look(language));
    rows.extend(shims::look(&environment, language));
    rows.push(sudo::look(language));
    rows.extend(doors::look(&environment, language));
    let n_mend = rows.iter().filter(|row| row.state == State::Mend).count();
    match args.json {
        true => out::json(&as_json(&rows))?,
        false => {
            for row in &rows {
                write(row, language)?;
            }
            out::row(&match n_mend {
                0 => say::all_well(language),
                n => say::to_mend(language, n),
            })?;
        }
    }
    Ok(i32::from(n_mend > 0))
}

/// Looks at the rules of all layers.
fn of_rules(places: &Places, language: Language) -> Vec<Row> {
    let rules = match layers::for_judging() {
        Ok(rules) => rules,
        Err(error) => {
            let text = say::no_rules(language, error);
            let row = Row::new("rules", say::built_in(language), State::Mend, text);
            return vec![row.mend(say::install_anew(language))];
        }
    };
    let surveyed = survey::all(places);
    let mut rows = vec![built_in(&rules, language)];
    for layer in &surveyed {
        rows.push(folder(layer, language));
        rows.extend(notices(
            &rules,
            |notice| is_of(layer, notice),
            named(layer, language),
            language,
        ));
    }
    // Whatever a hold says has its row, of a file too that is gone meanwhile.
    let is_left = |notice: &Notice| !surveyed.iter().any(|layer| is_of(layer, notice));
    rows.extend(notices(&rules, is_left, ("rules", String::new()), language));
    rows.push(compiled(&rules, &surveyed, language));
    rows
}

/// Returns the row of the built-in rules.
fn built_in(rules: &RuleSet, language: Language) -> Row {
    let heads = rules.rules();
    let is_built_in = |file: &str| file.starts_with("built-in/");
    let count = heads.filter(|rule| is_built_in(&rule.source.file)).count();
    let text = say::rules(language, count);
    Row::new("built-in", say::built_in(language), State::Well, text)
}

/// Returns the row of one folder.
fn folder(layer: &Surveyed, language: Language) -> Row {
    let (what, label) = named(layer, language);
    let files: Vec<String> = layer.names().map(str::to_owned).collect();
    let (path, n) = (&layer.folder, files.len());
    let (state, text) = match layer.standing {
        Standing::Counts => (State::Well, say::files(language, path, n)),
        Standing::Absent => (State::None, say::no_folder(language, path)),
        Standing::Refused(_) | Standing::Foreign(_) | Standing::Untrusted | Standing::Changed => {
            (State::None, say::not_counting(language, path, n))
        }
    };
    Row {
        files,
        ..Row::new(what, label, state, text)
    }
}

/// Returns what a layer is called.
fn named(layer: &Surveyed, language: Language) -> (&'static str, String) {
    match layer.layer {
        Layer::BuiltIn => ("built-in", say::built_in(language)),
        Layer::System => ("system", say::system(language)),
        Layer::User => ("user", say::user(language)),
        Layer::Project => ("project", say::project(language)),
    }
}

/// Returns whether a notice is about a folder or its files.
fn is_of(layer: &Surveyed, notice: &Notice) -> bool {
    match notice {
        Notice::Replaced { file, .. } | Notice::Out { file, .. } => {
            *file == layer.folder || layer.all_names().any(|name| name == file)
        }
        Notice::Foreign { folder, .. } | Notice::Project { folder, .. } => *folder == layer.folder,
        Notice::NotCompiled { .. } => false,
    }
}

/// Returns what holds say of files, those notices that are `wanted`.
fn notices(
    rules: &RuleSet,
    wanted: impl Fn(&Notice) -> bool,
    (what, label): (&'static str, String),
    language: Language,
) -> Vec<Row> {
    let row = |notice: &Notice| {
        let text = layers::message(notice, language);
        let row = Row::new(what, label.clone(), State::Mend, text);
        match notice {
            Notice::Replaced { .. } | Notice::Out { .. } => Some(row.mend(say::lint(language))),
            Notice::Foreign { .. } | Notice::Project { .. } => Some(row),
            // Said of the compiled set.
            Notice::NotCompiled { .. } => None,
        }
    };
    let all = rules.setup().notices.iter();
    all.filter(|notice| wanted(notice))
        .filter_map(row)
        .collect()
}

/// Returns the row of the compiled sets.
fn compiled(rules: &RuleSet, surveyed: &[Surveyed], language: Language) -> Row {
    let row = |state, text| Row::new("compiled", say::compiled(language), state, text);
    let is_stale = |notice: &&Notice| matches!(notice, Notice::NotCompiled { .. });
    let stale: Vec<String> = rules
        .setup()
        .notices
        .iter()
        .filter(is_stale)
        .map(|notice| layers::message(notice, language))
        .collect();
    let is_system = |layer: &&Surveyed| layer.layer == Layer::System;
    let system = surveyed.iter().find(is_system);
    if !stale.is_empty() {
        return row(State::Mend, stale.join("\n"));
    }
    match system.is_some_and(|system| {
        system.standing == Standing::Counts && system.names().next().is_some()
    }) {
        true => row(State::Well, say::fresh(language)),
        false => row(State::None, say::nothing_to_compile(language)),
    }
}

/// Writes a row for a person.
fn write(row: &Row, language: Language) -> Result<(), Failure> {
    let state = match row.state {
        State::Well => say::well(language),
        State::Mend => say::mend(language),
        State::None => say::none(language),
    };
    let mut label = row.label.as_str();
    let mut state = state.as_str();
    for line in row.text.lines() {
        let line = safe::value(line);
        out::in_columns(&[(label, 14), (state, 8)], &line)?;
        (label, state) = ("", "");
    }
    if row.state != State::None {
        for file in &row.files {
            out::in_columns(&[("", 14), ("", 8)], &format!("  {}", safe::value(file)))?;
        }
    }
    if let Some(mend) = &row.mend {
        out::in_columns(&[("", 14), ("", 8)], &format!("→ {}", safe::value(mend)))?;
    }
    Ok(())
}

/// Returns the rows as JSON.
fn as_json(rows: &[Row]) -> Value {
    let each = rows.iter().map(|row| {
        json!({
            "what": row.what,
            "state": match row.state {
                State::Well => "ok",
                State::Mend => "mend",
                State::None => "none",
            },
            "text": row.text,
            "mend": row.mend,
            "files": row.files,
        })
    });
    Value::Array(each.collect())
}
