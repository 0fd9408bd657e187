//! The help of `kanmonctl` and what is wrong with arguments, in Japanese.
//!
//! In English the argument parser says both itself. Its own layout knows no wide characters and
//! breaks rows at blanks alone, so the Japanese help is laid out here, of what the parser knows of
//! each command; the texts stand in `text/help.rs`.

use std::ffi::OsString;
use std::io::IsTerminal as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};
use unicode_width::UnicodeWidthStr as _;

use crate::text::{Language, help as say};
use crate::ui;

/// Columns of names, at most; a longer one has its text below it.
const NAMES: usize = 26;

/// Columns that a text must have beside its name; where one of a list has fewer, all stand below.
const ROOM: usize = 24;

/// How far a text below its name is set in.
const BELOW: usize = 10;

/// Rows are no wider, however wide the terminal is.
const WIDEST: usize = 100;

/// Writes what the parser answered these arguments with, in this language; returns whether it was
/// what was asked for.
pub(super) fn answer(
    error: clap::Error,
    command: Command,
    args: &[OsString],
    language: Language,
) -> bool {
    let error = match language {
        Language::English => error,
        Language::Japanese => match in_language(command, language).try_get_matches_from(args) {
            Err(error) => error,
            // Not reached: the same arguments, and another language.
            Ok(_) => error,
        },
    };
    let is_answer = !error.use_stderr();
    let is_clap = matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    match (language, is_clap) {
        (Language::Japanese, false) => {
            let columns = match std::io::stderr().is_terminal() {
                true => ui::error_columns(),
                false => usize::MAX,
            };
            super::out::notice(&wrong(&error, columns, language));
        }
        // The parser breaks rows of a help alone.
        (Language::English, false) if !fits(&error) => {
            super::out::notice(error.render().to_string().trim_end());
        }
        _ => {
            // A closed pipe is a quiet end.
            let _ = error.print();
        }
    }
    is_answer
}

/// Returns whether no row of what is wrong is wider than the terminal.
fn fits(error: &clap::Error) -> bool {
    let text = error.render().to_string();
    let columns = ui::error_columns();
    !std::io::stderr().is_terminal() || text.lines().all(|row| row.width() <= columns)
}

/// Returns the command with names of values, and a help, in this language.
fn in_language(command: Command, language: Language) -> Command {
    let columns = match std::io::stdout().is_terminal() {
        true => ui::output_columns().min(WIDEST),
        false => 80,
    };
    let mut command = named(command, language);
    command.build();
    with_help(command, columns, language)
}

/// Names the values of all arguments.
fn named(command: Command, language: Language) -> Command {
    let command = command.mut_args(|arg| {
        let names = arg.get_value_names().unwrap_or_default();
        let names: Vec<String> = names
            .iter()
            .map(|name| say::name(name.as_str(), language))
            .collect();
        match names.is_empty() {
            true => arg,
            false => arg.value_names(names),
        }
    });
    let command = match command.has_subcommands() {
        true => command.subcommand_value_name(say::name("COMMAND", language)),
        false => command,
    };
    command.mut_subcommands(|command| named(command, language))
}

/// Lays out the help of a command and of its subcommands.
fn with_help(command: Command, columns: usize, language: Language) -> Command {
    let help = page(&command, columns, language);
    command
        .override_help(help)
        .mut_subcommands(|command| with_help(command, columns, language))
}

/// Returns the help of a command, in rows of at most `columns`.
fn page(command: &Command, columns: usize, language: Language) -> String {
    let mut page = String::new();
    let mut put = |row: &str| {
        page.push_str(row);
        page.push('\n');
    };
    let about = command.get_about().map(ToString::to_string);
    put(&ui::hanging(
        "",
        &say::of(&about.unwrap_or_default(), language),
        columns,
    ));
    put("");
    for row in usage(&command.clone().render_usage().to_string(), language) {
        put(&heading(&in_words(&row, columns)));
    }
    let commands: Vec<(String, Vec<String>)> = command
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
        .map(|command| {
            let about = command.get_about().map(ToString::to_string);
            let about = say::of(&about.unwrap_or_default(), language);
            (command.get_name().to_owned(), vec![about])
        })
        .collect();
    let args = |is_positional: bool| {
        let args = command.get_arguments().filter(|arg| !arg.is_hide_set());
        let args = args.filter(|arg| arg.is_positional() == is_positional);
        args.map(|arg| (names(arg), texts(arg, language)))
            .collect::<Vec<_>>()
    };
    let sections = [
        (say::commands(language), commands),
        (say::arguments(language), args(true)),
        (say::options(language), args(false)),
    ];
    for (head, rows) in sections.iter().filter(|(_, rows)| !rows.is_empty()) {
        put("");
        put(&heading(head));
        let widest = rows.iter().map(|(name, _)| name.width()).max();
        let width = widest.unwrap_or_default().min(NAMES);
        let is_beside = columns >= width + 4 + ROOM;
        for (name, texts) in rows {
            let fill = width.saturating_sub(name.width());
            let mut label = format!("  {name}{:fill$}  ", "");
            if !is_beside {
                put(label.trim_end());
                label = " ".repeat(BELOW);
            }
            for text in texts {
                put(&ui::hanging(&label, text, columns));
                label = " ".repeat(label.width());
            }
        }
    }
    page
}

/// Returns how a command is typed, from the parser's own rows.
fn usage(rows: &str, language: Language) -> Vec<String> {
    let rows = rows.trim_start_matches("Usage:").lines();
    let rows = rows.map(|row| row.trim().replace("[OPTIONS]", &say::any_option(language)));
    let head = say::usage(language);
    let rows = rows.enumerate().map(|(index, row)| match index {
        0 => format!("{head} {row}"),
        _ => format!("{:1$} {row}", "", head.width()),
    });
    rows.collect()
}

/// Returns how a command is typed in rows of at most `columns`, no word of it parted: what goes on stands below
/// the command.
fn in_words(usage: &str, columns: usize) -> String {
    let (head, words) = usage.split_at(usage.find(": ").map_or(0, |end| end + 2));
    let indent = head.width();
    let (mut rows, mut row) = (Vec::new(), head.to_owned());
    for word in words.split_whitespace() {
        if row.width() > indent && row.width() + 1 + word.width() > columns {
            rows.push(std::mem::replace(&mut row, " ".repeat(indent)));
        }
        if row.width() > indent {
            row.push(' ');
        }
        row.push_str(word);
    }
    rows.push(row);
    // A word that no row holds is parted all the same.
    let rows = rows.iter().map(|row| ui::set_in(row, columns));
    rows.collect::<Vec<_>>().join("\n")
}

/// Returns rows whose head stands out on a terminal; the parser takes that away elsewhere.
fn heading(rows: &str) -> String {
    match rows.split_at_checked(rows.find(':').map_or(0, |end| end + 1)) {
        Some((head, rest)) if !head.is_empty() => format!("\x1b[1;4m{head}\x1b[0m{rest}"),
        _ => rows.to_owned(),
    }
}

/// Returns an argument's names and value, as they are typed.
fn names(arg: &Arg) -> String {
    let shown = arg.to_string();
    match (arg.get_short(), arg.get_long()) {
        (Some(short), Some(_)) => format!("-{short}, {shown}"),
        (None, Some(_)) => format!("    {shown}"),
        (_, None) => shown,
    }
}

/// Returns what an argument does, what counts without it, and the values that it takes.
fn texts(arg: &Arg, language: Language) -> Vec<String> {
    let help = arg.get_help().map(ToString::to_string);
    let mut first = say::of(&help.unwrap_or_default(), language);
    let takes_values = arg.get_action().takes_values();
    let defaults = arg.get_default_values();
    if takes_values && !defaults.is_empty() && !arg.is_hide_default_value_set() {
        let defaults: Vec<_> = defaults.iter().map(|text| text.to_string_lossy()).collect();
        first.push(' ');
        first.push_str(&say::default(language, defaults.join(" ")));
    }
    let mut texts = vec![first];
    let values = arg.get_possible_values();
    if takes_values && !values.is_empty() && !arg.is_hide_possible_values_set() {
        texts.push(say::possible(language));
        texts.extend(values.iter().map(|value| {
            let help = value.get_help().map(ToString::to_string);
            let help = say::of(&help.unwrap_or_default(), language);
            format!("- {}: {help}", value.get_name())
        }));
    }
    texts
}

/// Says what is wrong with arguments, how the command is typed (in rows of at most `columns`), and where all
/// is told.
fn wrong(error: &clap::Error, columns: usize, language: Language) -> String {
    let mut rows = vec![format!(
        "{} {}",
        say::error(language),
        what(error, language)
    )];
    for listed in listed(error, language) {
        rows.push(format!("  {listed}"));
    }
    let tips = tips(error, language);
    if !tips.is_empty() {
        rows.push(String::new());
    }
    for tip in tips {
        rows.push(format!("  {} {tip}", say::tip(language)));
    }
    if let Some(ContextValue::StyledStr(known)) = error.get(ContextKind::Usage) {
        rows.push(String::new());
        let usage = usage(&known.to_string(), language);
        rows.extend(usage.iter().map(|row| in_words(row, columns)));
    }
    rows.push(String::new());
    rows.push(say::more(language));
    rows.join("\n")
}

/// Says what is wrong, in a row.
fn what(error: &clap::Error, language: Language) -> String {
    let arg = text(error, ContextKind::InvalidArg).unwrap_or_default();
    let value = text(error, ContextKind::InvalidValue).unwrap_or_default();
    match error.kind() {
        ErrorKind::ArgumentConflict => match text(error, ContextKind::PriorArg) {
            Some(prior) if prior == arg => say::twice(language, arg),
            Some(prior) => say::not_together(language, arg, format!("'{prior}'")),
            None => {
                let prior = several(error, ContextKind::PriorArg);
                let prior = match prior.is_empty() {
                    true => say::other_arguments(language),
                    false => prior.join(language.comma()),
                };
                say::not_together(language, arg, prior)
            }
        },
        ErrorKind::InvalidValue | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues
            if value.is_empty() =>
        {
            say::no_value(language, arg)
        }
        ErrorKind::InvalidValue => say::bad_value(language, value, arg),
        ErrorKind::ValueValidation => match std::error::Error::source(error) {
            Some(why) => say::bad_value_because(language, value, arg, why),
            None => say::bad_value(language, value, arg),
        },
        ErrorKind::TooManyValues => say::needless_value(language, value, arg),
        ErrorKind::InvalidSubcommand => {
            let name = text(error, ContextKind::InvalidSubcommand);
            say::no_subcommand(language, name.unwrap_or_default())
        }
        ErrorKind::MissingSubcommand => {
            let name = text(error, ContextKind::InvalidSubcommand);
            say::subcommand_needed(language, name.unwrap_or_default())
        }
        ErrorKind::MissingRequiredArgument => say::missing(language),
        ErrorKind::UnknownArgument => say::unexpected(language, arg),
        ErrorKind::InvalidUtf8 => say::not_utf8(language),
        kind => say::other(language, kind),
    }
}

/// What stands below that, a row each: what is missing, or what there is.
fn listed(error: &clap::Error, language: Language) -> Vec<String> {
    if error.kind() == ErrorKind::MissingRequiredArgument {
        return several(error, ContextKind::InvalidArg);
    }
    let values = several(error, ContextKind::ValidValue);
    let commands = several(error, ContextKind::ValidSubcommand);
    match (values.is_empty(), commands.is_empty()) {
        (false, _) => vec![say::values(language, values.join(language.comma()))],
        (true, false) => vec![say::subcommands(language, commands.join(language.comma()))],
        (true, true) => Vec::new(),
    }
}

/// What may have been meant.
fn tips(error: &clap::Error, language: Language) -> Vec<String> {
    let similar = [
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedArg,
        ContextKind::SuggestedValue,
    ];
    let similar = similar.into_iter().flat_map(|kind| {
        let one = text(error, kind);
        one.into_iter().chain(several(error, kind))
    });
    let mut tips: Vec<String> = similar.map(|name| say::similar(language, name)).collect();
    let arg = text(error, ContextKind::InvalidArg).unwrap_or_default();
    if let Some(ContextValue::StyledStrs(known)) = error.get(ContextKind::Suggested)
        && known
            .iter()
            .any(|tip| tip.to_string().starts_with("to pass"))
    {
        tips.push(say::as_a_value(language, arg));
    }
    tips
}

/// Returns what the parser tells of this kind as one text, made safe for a terminal.
fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => Some(ui::safe::value(text)),
        _ => None,
    }
}

/// Returns what the parser tells of this kind as several texts.
fn several(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::Strings(texts)) => {
            texts.iter().map(|text| ui::safe::value(text)).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory as _;

    use super::*;
    use crate::ctl::Cli;

    /// Calls `each` with every command and subcommand.
    fn walk(command: &Command, each: &mut impl FnMut(&Command)) {
        each(command);
        // What stands below is made of the parser's own words, and is shown by the commands themselves.
        let is_own = command.get_name() != "help";
        for sub in command.get_subcommands().filter(|_| is_own) {
            walk(sub, each);
        }
    }

    #[test]
    fn every_help_has_its_japanese_and_every_japanese_its_help() {
        let mut command = Cli::command();
        command.build();
        let (mut helps, mut values) = (BTreeSet::new(), BTreeSet::new());
        walk(&command, &mut |command| {
            helps.extend(command.get_about().map(ToString::to_string));
            for arg in command.get_arguments() {
                helps.extend(arg.get_help().map(ToString::to_string));
                if arg.get_action().takes_values() {
                    let names = arg.get_value_names().unwrap_or_default();
                    values.extend(names.iter().map(ToString::to_string));
                    let possible = arg.get_possible_values();
                    let possible = possible.iter().filter_map(|value| value.get_help());
                    helps.extend(possible.map(ToString::to_string));
                }
            }
        });
        let rows = |rows: &[(&str, &str)]| -> BTreeSet<String> {
            rows.iter()
                .map(|(english, _)| (*english).to_owned())
                .collect()
        };
        values.insert("COMMAND".to_owned());
        helps.insert("Print help (see more with '--help')".to_owned());
        for (asked, told) in [(helps, rows(say::ROWS)), (values, rows(say::NAMES))] {
            let differ: Vec<_> = asked.symmetric_difference(&told).collect();
            assert!(differ.is_empty(), "no row, or no help: {differ:?}");
        }
    }

    /// What is said of these arguments in Japanese.
    fn said(args: &[&str]) -> String {
        let command = in_language(Cli::command(), Language::Japanese);
        let args = ["kanmonctl"].iter().chain(args);
        let error = command.try_get_matches_from(args).unwrap_err();
        match error.use_stderr() {
            true => wrong(&error, 40, Language::Japanese),
            false => error.to_string(),
        }
    }

    #[test]
    fn a_help_is_japanese_in_all_its_parts() {
        let help = said(&["permit", "add", "--help"]);
        for part in [
            "確認なしで実行することを他の人に許可する\n",
            "使い方: kanmonctl permit add [オプション] --rule <パターン>",
            "\nオプション:\n",
            "      --reason <理由>      理由\n",
            "  -h, --help               この説明を表示する\n",
        ] {
            assert!(help.contains(part), "{part} in\n{help}");
        }
        let same = said(&["permit", "add", "-h"]);
        assert_eq!(help, same);
        assert_eq!(help, said(&["permit", "help", "add"]));
        assert!(said(&["log", "list", "-h"]).contains("件数 [省略時: 20]"));
    }

    #[test]
    fn no_word_of_the_parser_is_english() {
        let mut command = in_language(Cli::command(), Language::Japanese);
        command.build();
        let mut n = 0;
        walk(&command, &mut |command| {
            if command.get_name() == "help" {
                return;
            }
            let page = page(command, 40, Language::Japanese);
            for word in [
                "Usage",
                "Options",
                "OPTIONS",
                "Commands",
                "COMMAND",
                "Arguments",
                "Print ",
            ] {
                assert!(!page.contains(word), "{word} in {page}");
            }
            for row in page.lines() {
                let row = row.replace("\x1b[1;4m", "").replace("\x1b[0m", "");
                assert!(row.width() <= 40, "{row} in {page}");
            }
            n += 1;
        });
        assert!(n > 40, "{n}");
    }

    #[test]
    fn on_a_narrow_terminal_texts_of_a_list_stand_below_their_names_alike() {
        let mut command = in_language(Cli::command(), Language::Japanese);
        command.build();
        let page_of = |name: &str| {
            let command = command.find_subcommand(name).unwrap();
            let page = page(command, 40, Language::Japanese);
            page.replace("\x1b[1;4m", "").replace("\x1b[0m", "")
        };
        let explain = page_of("explain");
        for part in [
            "使い方: kanmonctl explain [オプション]\n        <行>\n",
            "      --here\n          このマシンのホスト、ユーザー、\n          環境変数で判定する",
            "          指定できる値:\n          - production: すべてのルール\n",
            "  -h, --help\n          この説明を表示する\n",
        ] {
            assert!(explain.contains(part), "{part} in\n{explain}");
        }
        let check = page_of("boot-check");
        let usage = "使い方: kanmonctl boot-check\n        [オプション]\n";
        assert!(check.contains(usage), "{check}");
    }

    #[test]
    fn what_is_wrong_with_arguments_is_said_in_japanese() {
        for (args, part) in [
            (
                &["chek"][..],
                "エラー: 'chek' というサブコマンドはありません\n\n  ヒント: 'check' のことですか？",
            ),
            (
                &["check", "--jsn"],
                "エラー: '--jsn' という引数はありません\n\n  ヒント: '--json' のことですか？",
            ),
            (
                &["permit", "add"],
                "エラー: 次の引数が必要です:\n  --rule <パターン>\n",
            ),
            (
                &["rules", "lint", "--format", "x"],
                "'--format <形式>' に 'x' は指定できません\n  [指定できる値: text、json、github]",
            ),
            (&["who", "--url"], "エラー: '--url <URL>' には値が必要です"),
            (
                &["who", "--json=1"],
                "エラー: '--json' は値を取りません（'1'）",
            ),
            (
                &["who", "--json", "--json"],
                "エラー: '--json' は 1 回しか指定できません",
            ),
            (
                &["trust", "--list", "--revoke"],
                "エラー: '--list' は '--revoke' と同時に指定できません",
            ),
            (
                &["log", "list", "-n", "x"],
                "エラー: '-n <件数>' に 'x' は指定できません",
            ),
            // How it is typed keeps each word whole.
            (
                &["permit", "add", "--hours"],
                "\n使い方: kanmonctl permit add\n        [オプション] --rule <パターン>\n",
            ),
            (
                &["approve", "--no", "x"],
                "\n使い方: kanmonctl approve --no <理由>\n        <ID>\n",
            ),
        ] {
            let said = said(args);
            assert!(said.contains(part), "{part} in\n{said}");
            assert!(
                said.ends_with("くわしくは '--help' を付けて実行してください。"),
                "{said}"
            );
            assert!(!said.contains("Usage"), "{said}");
        }
    }
}
