//! Compiles the built-in packs into the program.
//!
//! Reads `rules/*.toml` and `rules/words/*.toml` with the reader that the program itself has, and
//! writes `built-in.kanmon` into the build folder, and `built-in.rs`, which names their texts. A
//! mistake in a pack fails the build and is shown with its line.
#![expect(
    clippy::disallowed_methods,
    reason = "a build script is told where to read and write by its environment"
)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use policy::pack::{Layer, SourceFile, read, render};
use policy::table::compile;

/// The part of `line` that rule files fill.
#[expect(
    dead_code,
    unreachable_pub,
    reason = "shared with the program, which uses all of it"
)]
#[path = "src/line"]
mod line {
    pub mod knowledge;
}

/// The part of `policy` that reads and compiles rule files.
#[expect(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "shared with the program, which uses all of it"
)]
#[path = "src/policy"]
mod policy {
    pub mod calendar;
    pub mod pack;
    pub mod pattern;
    pub mod rule;
    pub mod table;
    pub mod timerange;
}

fn main() -> ExitCode {
    match compile_rules() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // Nothing is left to do where even this cannot be told.
            let _ = writeln!(io::stderr(), "{message}");
            ExitCode::FAILURE
        }
    }
}

/// Compiles all rule files into the build folder.
fn compile_rules() -> Result<(), String> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("no CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    say("rerun-if-changed=rules")?;
    let files = rule_files(&root.join("rules")).map_err(|error| format!("rules: {error}"))?;
    let (packs, mistakes) = read(&files);
    if !mistakes.is_empty() {
        return Err(format!(
            "{} mistakes in rule files\n\n{}",
            mistakes.len(),
            render(&mistakes, &files)
        ));
    }
    let blob = compile(&packs).map_err(|error| error.to_string())?;
    fs::write(out.join("built-in.kanmon"), blob).map_err(|error| error.to_string())?;
    fs::write(out.join("built-in.rs"), texts(&files)).map_err(|error| error.to_string())
}

/// Returns Rust source: the files' names and texts, for reading other files beside them.
fn texts(files: &[SourceFile]) -> String {
    let entry = |file: &SourceFile| {
        let path = file.name.strip_prefix("built-in/").unwrap_or(&file.name);
        let text = format!("concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/rules/{path}\")");
        format!("    (\"{}\", include_str!({text})),\n", file.name)
    };
    let entries: String = files.iter().map(entry).collect();
    format!("&[\n{entries}]\n")
}

/// Tells cargo something, through standard output.
fn say(instruction: &str) -> Result<(), String> {
    writeln!(io::stdout(), "cargo::{instruction}").map_err(|error| error.to_string())
}

/// Returns all rule files below the folder, in an order that does not depend on the disk.
fn rule_files(folder: &Path) -> io::Result<Vec<SourceFile>> {
    let mut paths = Vec::new();
    for folder in [folder.to_owned(), folder.join("words")] {
        if !folder.is_dir() {
            continue;
        }
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "toml")
            {
                paths.push(path);
            }
        }
    }
    paths.sort();
    let read_one = |path: PathBuf| {
        let name = path.strip_prefix(folder).unwrap_or(&path).display();
        Ok(SourceFile {
            name: format!("built-in/{name}"),
            text: fs::read_to_string(&path)?,
            layer: Layer::BuiltIn,
        })
    };
    paths.into_iter().map(read_one).collect()
}
