//! `kanmonctl completions` and `kanmonctl man`: what shells complete, and manual pages, for both
//! programs. In English.
//!
//! Both are made of what the programs themselves take: clap's description of `kanmonctl`, and for
//! the gate, which has no clap in it, the rows of its own help.

mod page;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command, CommandFactory as _, ValueHint};
use clap_complete::Shell;

use crate::text::{Language, launch};

use super::out::{self, Failure};

/// Which program is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Program {
    /// The gate
    Kanmon,
    /// Everything beside it
    Kanmonctl,
}

/// A shell whose completion is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ShellName {
    /// bash
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
}

/// Arguments of `completions`.
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell that is to complete
    #[arg(value_enum)]
    shell: ShellName,
    /// The program whose words it completes
    #[arg(value_enum, default_value = "kanmonctl")]
    program: Program,
}

/// Arguments of `man`.
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// The program that the page is about
    #[arg(value_enum, default_value = "kanmonctl")]
    program: Program,
}

/// Completes `kanmon` in bash: its options, then the command as if it stood alone.
const KANMON_BASH: &str = include_str!("manual/kanmon.bash");

/// Prints a completion script; exits 0.
///
/// # Errors
/// Where standard output fails.
pub fn completions(args: &CompletionsArgs) -> Result<i32, Failure> {
    out::text(&script(args.shell, args.program))?;
    Ok(0)
}

/// Prints a manual page; exits 0.
///
/// # Errors
/// Where standard output fails.
pub fn man(args: &ManArgs) -> Result<i32, Failure> {
    let page = match args.program {
        Program::Kanmon => page::of_gate(gate()),
        Program::Kanmonctl => page::of_ctl(ctl()),
    }?;
    out::text(&page)?;
    Ok(0)
}

/// Returns the completion script of a program.
fn script(shell: ShellName, program: Program) -> String {
    let (name, mut command) = match program {
        Program::Kanmon => ("kanmon", gate()),
        Program::Kanmonctl => ("kanmonctl", ctl()),
    };
    let shell = match shell {
        // clap's script for bash knows nothing of commands behind a command.
        ShellName::Bash if program == Program::Kanmon => return kanmon_bash(&command),
        ShellName::Bash => Shell::Bash,
        ShellName::Zsh => Shell::Zsh,
        ShellName::Fish => Shell::Fish,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut script);
    let mut script = String::from_utf8_lossy(&script).into_owned();
    if (shell, program) == (Shell::Fish, Program::Kanmon) {
        // clap's script for fish neither.
        let skipped = with_value(&command).join(" ");
        script.push_str(&format!(
            "complete -c kanmon -x -a '(__fish_complete_subcommand {skipped})'\n"
        ));
    }
    script
}

/// Returns the names of the options that take a value.
fn with_value(command: &Command) -> Vec<String> {
    let options = options_of(command).filter(|option| option.get_action().takes_values());
    options.flat_map(names).collect()
}

/// Returns the script for the gate in bash.
fn kanmon_bash(command: &Command) -> String {
    let options: Vec<String> = options_of(command).flat_map(names).collect();
    KANMON_BASH
        .replace("@OPTIONS@", &options.join(" "))
        .replace("@WITH_VALUE@", &with_value(command).join("|"))
}

/// Returns the options of a command.
fn options_of(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| !arg.is_positional())
}

/// Returns an option's names, dashes included.
fn names(option: &Arg) -> Vec<String> {
    let short = option.get_short().map(|short| format!("-{short}"));
    let long = option.get_long().map(|long| format!("--{long}"));
    short.into_iter().chain(long).collect()
}

/// Returns clap's description of `kanmonctl`.
fn ctl() -> Command {
    super::Cli::command()
}

/// Returns the gate's options as clap describes them, from its help.
fn gate() -> Command {
    let mut command = Command::new("kanmon")
        .about("A pre-flight safety gate for production commands")
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_flag(true)
        .disable_version_flag(true)
        .disable_help_subcommand(true);
    for option in options(&launch::help(Language::English)) {
        let id = option.long.or(option.short).unwrap_or_default().to_owned();
        let mut arg = Arg::new(id).help(option.text.to_owned());
        if let Some(long) = option.long {
            arg = arg.long(long.to_owned());
        }
        arg = match option.short.and_then(|short| short.chars().next()) {
            Some(short) => arg.short(short),
            None => arg,
        };
        command = command.arg(match option.value {
            None => arg.action(ArgAction::SetTrue),
            Some(value) if value.contains('|') => {
                let known: Vec<String> = value.split('|').map(str::to_owned).collect();
                arg.value_name(value.to_owned())
                    .value_parser(PossibleValuesParser::new(known))
                    .hide_possible_values(true)
            }
            Some(value) => arg.value_name(value.to_owned()),
        });
    }
    let rest = Arg::new("COMMAND")
        .num_args(1..)
        .trailing_var_arg(true)
        .value_hint(ValueHint::CommandWithArguments)
        .help("The command, and its arguments");
    command.arg(rest)
}

/// One option as the help shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Row<'h> {
    /// Its letter.
    short: Option<&'h str>,
    /// Its long name, without dashes.
    long: Option<&'h str>,
    /// What its value is called.
    value: Option<&'h str>,
    /// What it does.
    text: &'h str,
}

/// Returns the options that stand in a help: `  -x, --long VALUE  text`.
fn options(help: &str) -> Vec<Row<'_>> {
    let row = |row| {
        let row: &str = row;
        let (names, text) = row.strip_prefix("  ")?.trim_start().split_once("  ")?;
        if !names.starts_with('-') {
            return None;
        }
        let mut found = Row {
            short: None,
            long: None,
            value: None,
            text: text.trim(),
        };
        for word in names.split([',', ' ']).filter(|word| !word.is_empty()) {
            match (word.strip_prefix("--"), word.strip_prefix('-')) {
                (Some(long), _) => found.long = Some(long),
                (None, Some(short)) => found.short = Some(short),
                (None, None) => found.value = Some(word),
            }
        }
        Some(found)
    };
    help.lines().filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_options_of_a_help_are_found() {
        let help = "Usage: x\n\nOptions:\n  -c LINE       a line\n      --lang a|b  the language\n  -h, --help    this\n";
        let row = |short, long, value, text| Row {
            short,
            long,
            value,
            text,
        };
        assert_eq!(
            options(help),
            [
                row(Some("c"), None, Some("LINE"), "a line"),
                row(None, Some("lang"), Some("a|b"), "the language"),
                row(Some("h"), Some("help"), None, "this"),
            ]
        );
    }

    /// Returns the options that the gate's own reader takes, from its source.
    fn taken() -> BTreeSet<String> {
        let source = include_str!("../door/options.rs");
        let source = source.split("#[cfg(test)]").next().unwrap();
        let option = regex::Regex::new(r#"b"(--?[A-Za-z][a-z-]*)""#).unwrap();
        option
            .captures_iter(source)
            .map(|found| found[1].to_owned())
            .collect()
    }

    #[test]
    fn help_page_and_completion_have_the_options_that_the_gate_takes() {
        let command = gate();
        let described: BTreeSet<String> = options_of(&command).flat_map(names).collect();
        let taken = taken();
        assert!(taken.len() > 8, "{taken:?}");
        assert_eq!(described, taken);
        let page = page::of_gate(gate()).unwrap();
        let bash = script(ShellName::Bash, Program::Kanmon);
        for option in &taken {
            assert!(
                page.contains(&option.replace('-', "\\-")),
                "{option} in {page}"
            );
            assert!(bash.contains(option.as_str()), "{option} in {bash}");
        }
    }

    #[test]
    fn both_languages_of_the_help_have_the_same_options() {
        let names = |language| {
            let help = launch::help(language);
            let rows = options(&help).into_iter();
            let name = |name: Option<&str>| name.map(str::to_owned);
            rows.map(|row| (name(row.short), name(row.long), row.value.is_some()))
                .collect::<Vec<_>>()
        };
        assert_eq!(names(Language::English), names(Language::Japanese));
    }

    /// Calls `each` with every command and subcommand, and its name as it is typed.
    fn walk(command: &Command, name: &str, each: &mut impl FnMut(&Command, &str)) {
        each(command, name);
        for sub in command.get_subcommands() {
            walk(sub, &format!("{name} {}", sub.get_name()), each);
        }
    }

    #[test]
    fn every_option_of_kanmonctl_is_in_its_page_under_its_command() {
        let page = page::of_ctl(ctl()).unwrap();
        let mut command = ctl();
        command.build();
        let mut seen = 0;
        walk(&command, "kanmonctl", &mut |command, name| {
            if name.contains(" help") {
                return;
            }
            let section = match name {
                "kanmonctl" => page.as_str(),
                name => {
                    let head = format!(".SH \"{}\"\n", name.to_uppercase());
                    let after = page.split(&head).nth(1);
                    let after = after.unwrap_or_else(|| panic!("no section {head}"));
                    after.split(".SH ").next().unwrap()
                }
            };
            for option in options_of(command).flat_map(names) {
                assert!(
                    section.contains(&option.replace('-', "\\-")),
                    "{option} of {name} in {section}"
                );
                seen += 1;
            }
        });
        assert!(seen > 30, "only {seen} options");
    }
}
