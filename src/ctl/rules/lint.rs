//! `kanmonctl rules lint`: all mistakes and lints of rule files at once.
//!
//! In: paths, or none for the files of all layers. Out: text with the lines underlined, one JSON
//! array, or commands by which a GitHub workflow marks the lines.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::ctl::out::{self, Failure};
use crate::layers::{Places, mistakes, survey};
use crate::policy::pack::{self, Mistake, SourceFile};

use super::files;
use crate::text::rules as say;

/// Arguments of `rules lint`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Rule files and folders of them; those of the system, the user and the project where there is none
    paths: Vec<PathBuf>,
    /// How to answer
    #[arg(long, value_enum, value_name = "FORM", default_value = "text")]
    format: Format,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For a person, each with its line underlined
    Text,
    /// One JSON array
    Json,
    /// Workflow commands of GitHub, which mark the lines
    Github,
}

/// What was found.
#[derive(Debug, Default)]
struct Findings {
    /// What makes a file unusable.
    mistakes: Vec<Mistake>,
    /// What works but should be written otherwise.
    lints: Vec<Mistake>,
    /// The files.
    files: Vec<SourceFile>,
    /// How many of them are rule files.
    n_files: usize,
}

/// Runs `rules lint`; exits 1 where anything was found.
///
/// # Errors
/// Where a path cannot be read or holds no rule file.
pub(super) fn run(args: &Args) -> Result<i32, Failure> {
    let found = match args.paths.is_empty() {
        true => of_layers(),
        false => of_paths(&args.paths)?,
    };
    match args.format {
        Format::Text => write_text(&found)?,
        Format::Json => out::json(&as_json(&found))?,
        Format::Github => {
            for (command, mistake) in found.each("error", "warning") {
                out::raw(&github(command, mistake))?;
            }
        }
    }
    let is_clean = found.mistakes.is_empty() && found.lints.is_empty();
    Ok(i32::from(!is_clean))
}

impl Findings {
    /// Returns what was found in the order of files and places, each with the word for its kind.
    fn each<'s>(&'s self, mistake: &'s str, lint: &'s str) -> Vec<(&'s str, &'s Mistake)> {
        let mistakes = self.mistakes.iter().map(|found| (mistake, found));
        let lints = self.lints.iter().map(|found| (lint, found));
        let mut all: Vec<_> = mistakes.chain(lints).collect();
        all.sort_by_key(|(_, found)| *found);
        all
    }
}

/// Returns what is found in the files of all layers, untrusted ones too.
fn of_layers() -> Findings {
    let places = Places::of_this_host();
    let mut found = Findings::default();
    for layer in survey::all(&places) {
        let of_layer = layer.findings(&places);
        found.n_files += layer.names().count();
        found.mistakes.extend(of_layer.mistakes);
        found.lints.extend(of_layer.lints);
        found.files.extend(of_layer.files);
    }
    found
}

/// Returns what is found in files that are named.
fn of_paths(paths: &[PathBuf]) -> Result<Findings, Failure> {
    let mut read = files::read(paths)?;
    let own: Vec<String> = read.own.iter().map(|file| file.name.clone()).collect();
    read.packs
        .keep_rules_of(|file| own.iter().any(|own| own == file));
    let is_rule_file = |file: &&SourceFile| !file.name.ends_with(".csv");
    Ok(Findings {
        lints: pack::lint(&read.packs).to_vec(),
        files: read.all_files(),
        n_files: read.own.iter().filter(is_rule_file).count() + read.tests.len(),
        mistakes: read.mistakes,
    })
}

/// Writes findings for a person, and how many there are.
fn write_text(found: &Findings) -> Result<(), Failure> {
    let language = out::language();
    let voice = mistakes::voice(language);
    for (kind, one) in found.each("mistake", "lint") {
        let one = std::slice::from_ref(one);
        out::line(&match kind {
            "mistake" => voice.mistakes(one, &found.files),
            _ => voice.lints(one, &found.files),
        })?;
        out::line("")?;
    }
    let counted = |n, one, several| out::counted(n, language, one, several);
    Ok(out::line(&say::found(
        language,
        counted(found.n_files, say::one_file, say::n_files),
        counted(found.mistakes.len(), say::one_mistake, say::n_mistakes),
        counted(found.lints.len(), say::one_lint, say::n_lints),
    ))?)
}

/// Returns findings as one array.
fn as_json(found: &Findings) -> Value {
    let each = found.each("mistake", "lint").into_iter();
    let values = each.map(|(kind, found)| {
        json!({
            "kind": kind,
            "file": found.file,
            "line": found.line,
            "column": found.column,
            "start": found.start,
            "end": found.end,
            "message": found.message,
            "help": found.help,
        })
    });
    Value::Array(values.collect())
}

/// Returns a finding as a workflow command. Its file is as it was typed, without a `./` before it:
/// GitHub compares it with paths in the repository.
fn github(command: &str, found: &Mistake) -> String {
    let file = found.file.strip_prefix("./").unwrap_or(&found.file);
    let mut message = found.message.clone();
    if let Some(help) = &found.help {
        message.push('\n');
        message.push_str(help);
    }
    format!(
        "::{command} file={},line={},col={}::{}",
        in_property(file),
        found.line,
        found.column,
        in_message(&message)
    )
}

/// Returns the message of a workflow command. What a rule file says must not begin a command of its
/// own, nor write to a terminal.
fn in_message(text: &str) -> String {
    let escaped = text.replace('%', "%25").replace('\r', "%0D");
    pack::shown(&escaped.replace('\n', "%0A"))
}

/// Returns the value of a property of a workflow command.
fn in_property(text: &str) -> String {
    in_message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workflow_command_is_one_line_whatever_the_file_says() {
        let file = SourceFile {
            name: String::from("./a,b:c%.toml"),
            text: String::from("x\ny = 1\n"),
            layer: pack::Layer::System,
        };
        let message = String::from("100%\r\n::stop-commands::x\u{1b}[2J");
        let help = Some(String::from("a, b: c"));
        let found = Mistake::new(&file, 2..3, message, help);
        assert_eq!(
            github("error", &found),
            "::error file=a%2Cb%3Ac%25.toml,line=2,col=1::100%25%0D%0A::stop-commands::x [2J%0Aa, b: c"
        );
    }
}
