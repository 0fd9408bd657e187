//! Completion scripts in the shells that they are for, and manual pages, of the programs as shipped.
#![expect(
    clippy::disallowed_methods,
    reason = "starts the programs under test, and shells that read what they print"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

const KANMON: &str = env!("CARGO_BIN_EXE_kanmon");
const KANMONCTL: &str = env!("CARGO_BIN_EXE_kanmonctl");

/// Runs a program; returns its output.
fn output(program: &str, args: &[&str], folder: &Path) -> String {
    let done = Command::new(program)
        .args(args)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", folder)
        .env("LANG", "C.UTF-8")
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    let error = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{program} {args:?}: {error}");
    assert_eq!(error, "", "{program} {args:?}");
    String::from_utf8(done.stdout).unwrap()
}

/// Writes a completion script into the folder; returns its path.
fn script(folder: &Path, shell: &str, program: &str) -> String {
    let text = output(KANMONCTL, &["completions", shell, program], folder);
    let path = folder.join(format!("{program}.{shell}"));
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn shells_read_their_completion_scripts() {
    let folder = TempDir::new().unwrap();
    for (shell, program) in [
        ("bash", "/bin/bash"),
        ("zsh", "/usr/bin/zsh"),
        ("fish", "/usr/bin/fish"),
    ] {
        for of in ["kanmon", "kanmonctl"] {
            let path = script(folder.path(), shell, of);
            assert_eq!(output(program, &["-n", &path], folder.path()), "", "{path}");
        }
    }
}

#[test]
fn bash_completes_options_and_the_command_behind_them() {
    let folder = TempDir::new().unwrap();
    let path = script(folder.path(), "bash", "kanmon");
    let complete = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let text = format!(
            "source {path}; COMP_WORDS=({}); COMP_CWORD={}; _kanmon; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            words.join(" "),
            words.len() - 1
        );
        let found = output("/bin/bash", &["--norc", "-c", &text], folder.path());
        found.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(complete(&["kanmon", "--dr"]), ["--drill"]);
    assert_eq!(complete(&["kanmon", "--lang", ""]), ["en", "ja"]);
    assert!(complete(&["kanmon", "--drill", "unshar"]).contains(&"unshare".to_owned()));
    assert!(
        complete(&["kanmon", "--break-glass", "why", "--", "unshar"])
            .contains(&"unshare".to_owned())
    );
    // What stands behind the command is the command's.
    assert_eq!(complete(&["kanmon", "echo", "--dr"]), [""]);
}

#[test]
fn fish_completes_subcommands_and_their_options() {
    let folder = TempDir::new().unwrap();
    let kanmonctl = script(folder.path(), "fish", "kanmonctl");
    let kanmon = script(folder.path(), "fish", "kanmon");
    let complete = |typed: &str| {
        let text = format!("source {kanmonctl}; source {kanmon}; complete -C '{typed}'");
        output(
            "/usr/bin/fish",
            &["--no-config", "-c", &text],
            folder.path(),
        )
    };
    assert!(complete("kanmonctl rules im").starts_with("import\t"));
    assert!(complete("kanmonctl rules try --his").starts_with("--history\t"));
    assert!(complete("kanmon --dri").starts_with("--drill\t"));
    assert!(complete("kanmon --drill unshar").contains("unshare"));
}

#[test]
fn pages_say_what_help_says() {
    let folder = TempDir::new().unwrap();
    // Roff writes a dash as `\-`, an apostrophe as `\*(Aq`.
    let page = |program| {
        let page = output(KANMONCTL, &["man", program], folder.path());
        page.replace("\\*(Aq", "'").replace('\\', "")
    };
    let gate = page("kanmon");
    for row in output(KANMON, &["--help"], folder.path()).lines() {
        let Some(option) = row.trim_start().strip_prefix('-') else {
            continue;
        };
        let (names, text) = option.split_once("  ").unwrap();
        assert!(gate.contains(text.trim()), "{text} in {gate}");
        for name in format!("-{names}")
            .split([',', ' '])
            .filter(|name| !name.is_empty())
        {
            assert!(gate.contains(name), "{name} in {gate}");
        }
    }
    assert!(
        gate.contains("\nkanmon [OPTIONS] -c LINE [NAME [ARG…]]\n"),
        "{gate}"
    );
    let ctl = page("kanmonctl");
    let help = output(KANMONCTL, &["--help"], folder.path());
    let commands = help
        .split("Commands:")
        .nth(1)
        .unwrap()
        .split("Options:")
        .next()
        .unwrap();
    let names = commands.lines().filter_map(|row| {
        let row = row.strip_prefix("  ").filter(|row| !row.starts_with(' '))?;
        row.split_whitespace().next()
    });
    let names: Vec<&str> = names.filter(|name| *name != "help").collect();
    assert!(names.len() > 6, "{names:?}");
    for name in names {
        let head = format!(".SH \"KANMONCTL {}\"\n", name.to_uppercase());
        assert!(ctl.contains(&head), "{head} in {ctl}");
    }
}

#[test]
fn the_gate_has_nothing_of_the_argument_parser_in_it() {
    // A message of clap; its names alone stand in what is there for debuggers.
    let message = b"unexpected argument";
    let has = |program: &str| {
        let bytes = fs::read(program).unwrap();
        bytes.windows(message.len()).any(|part| part == message)
    };
    assert!(has(KANMONCTL), "the test does not see it where it is");
    assert!(!has(KANMON));
}
