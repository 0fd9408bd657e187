//! `kanmonctl rules`: list, show, lint and test the rules.

mod compile;
mod files;
mod import;
mod lint;
pub(super) mod show;
mod test;
mod tried;
mod words;

use std::path::PathBuf;

use crate::door::prefix;
use crate::text::{Language, rules as say};

use super::check::ProfileName;
use super::out::{self, Failure};

/// The schema, which a test compares with the reader.
const SCHEMA: &str = include_str!("../../docs/schema/rules.schema.json");

/// What to do with the rules.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List all rules
    List {
        /// The language of titles, where it is not the locale's
        #[arg(long, value_name = "en|ja")]
        lang: Option<String>,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one rule
    Show {
        /// The rule's full id, as `list` prints it
        id: String,
        /// The language of its texts, where it is not the locale's
        #[arg(long, value_name = "en|ja")]
        lang: Option<String>,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the JSON schema of rule files, for editors
    Schema,
    /// Make a pack to finish of a runbook from a spreadsheet
    Import(import::Args),
    /// Say which lines of a shell's history would have been held, and how many a day
    Try(tried::Args),
    /// Compile the system's rule files into the set that every gate of this host maps
    Compile {
        /// Your own files instead, into your cache folder
        #[arg(long)]
        user: bool,
        /// Answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// Tell all mistakes of rule files at once, and what should be written otherwise
    Lint(lint::Args),
    /// Try each rule on its own test lines, and the cases of *.test.toml
    Test {
        /// Which rules are in
        #[arg(long, value_enum, value_name = "NAME", default_value = "production")]
        profile: ProfileName,
        /// Rule files and folders of them; all rules that count here where there is none
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
        Command::List { lang, json } => {
            show::list(&out::rules()?, language(lang.as_deref())?, *json)
        }
        Command::Show { id, lang, json } => {
            show::show(&out::rules()?, id, language(lang.as_deref())?, *json)
        }
        Command::Schema => out::text(SCHEMA).map(|()| 0).map_err(Failure::from),
        Command::Import(args) => import::run(args),
        Command::Try(args) => tried::run(args),
        Command::Compile { user, json } => compile::run(*user, *json),
        Command::Lint(args) => lint::run(args),
        Command::Test {
            profile,
            paths,
            json,
        } => test::run(paths, (*profile).into(), *json),
    }
}

/// Returns the language that is asked for, or the locale's.
pub(super) fn language(tag: Option<&str>) -> Result<Language, Failure> {
    prefix::language(tag).ok_or_else(|| {
        let language = out::language();
        Failure::new(say::no_language(language)).hint(say::use_language(language))
    })
}
