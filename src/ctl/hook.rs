//! `kanmonctl hook`: the gate in front of what a coding agent wants to run.
//!
//! An event comes on standard input, the answer goes to standard output. A line that no rule holds
//! gets no answer of ours at all: the agent's own permissions decide, nothing is ever allowed on the
//! user's behalf. A held line becomes *ask*, or *deny* where the agent would not ask a person. An
//! event that cannot be read, or rules that cannot be, end with status 2, which agents take for a
//! block; nothing else but 0 is used, since other statuses let the command run.

mod claude_code;
mod judged;
mod plain_json;
mod settings;

use std::io::{self, Read as _};
use std::path::PathBuf;

use clap::Subcommand;

use crate::door::prefix;
use crate::text::{Language, cause, hook as say};

use super::check::{Judge, ProfileName};
use super::out::{self, Failure};

use judged::{Judgement, judgement};

/// The most bytes of an event that are read.
const MAX_EVENT: u64 = 16 << 20;
/// The status that an agent takes for a block.
const BLOCKED: i32 = 2;

/// What `hook` does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Answer a PreToolUse event of Claude Code
    ClaudeCode(Answering),
    /// Answer {"command": "…", "cwd": "…", "can_ask": true} of any agent
    Json(Answering),
    /// Put the hook into an agent's settings; everything else in them stays
    Install(Installing),
    /// Take the hook out of an agent's settings; everything else in them stays
    Uninstall(Installing),
}

/// How an event is answered.
#[derive(Debug, clap::Args)]
pub struct Answering {
    /// Which rules are in, where it is not the agent door's profile
    #[arg(long, value_enum, value_name = "NAME")]
    profile: Option<ProfileName>,
    /// The language of reasons, where it is not the locale's
    #[arg(long, value_name = "en|ja")]
    lang: Option<String>,
}

/// An agent with a settings file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Agent {
    /// Claude Code
    ClaudeCode,
}

/// Whose settings are changed.
#[derive(Debug, clap::Args)]
pub struct Installing {
    /// The agent
    #[arg(value_enum)]
    agent: Agent,
    /// Its settings file, where it is not the user's own (~/.claude/settings.json)
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
}

/// Runs `hook`; 0 where an answer was given or none is needed, 2 where the command must not run.
///
/// # Errors
/// Where a settings file cannot be changed, or standard output cannot be written.
pub fn run(command: &Command) -> Result<i32, Failure> {
    match command {
        Command::ClaudeCode(answering) => answer(answering, claude_code::answer),
        Command::Json(answering) => answer(answering, plain_json::answer),
        Command::Install(installing) => settings::install(installing.settings.as_deref()),
        Command::Uninstall(installing) => settings::uninstall(installing.settings.as_deref()),
    }
}

/// One kind of event: from its text to what is printed; `None` where nothing is.
type Answer = fn(&[u8], &dyn Fn(&str) -> Judgement, Language) -> Result<Option<String>, String>;

/// Answers an event; whatever goes wrong, the command is blocked.
fn answer(answering: &Answering, kind: Answer) -> Result<i32, Failure> {
    // The status of a panic would let the command run.
    let answered = std::panic::catch_unwind(|| answer_one(answering, kind));
    answered.unwrap_or(Ok(BLOCKED))
}

/// Reads an event and prints the answer.
fn answer_one(answering: &Answering, answer: Answer) -> Result<i32, Failure> {
    let language = prefix::language(answering.lang.as_deref()).unwrap_or_default();
    let blocked = |message: String| {
        out::error(&Failure::said(message));
        Ok(BLOCKED)
    };
    let mut event = Vec::new();
    if let Err(cause) = io::stdin().lock().take(MAX_EVENT).read_to_end(&mut event) {
        return blocked(say::no_event(language, cause));
    }
    let judge = match Judge::new(true, answering.profile, "agent") {
        Ok(judge) => judge,
        Err(failure) => return blocked(say::no_rules(language, failure)),
    };
    match answer(&event, &|line| judgement(&judge, line, language), language) {
        Ok(None) => Ok(0),
        Ok(Some(text)) => match out::raw(&text) {
            Ok(()) => Ok(0),
            // Where the answer does not arrive, the command must not run.
            Err(_) => Ok(BLOCKED),
        },
        Err(why) => blocked(say::no_event(language, cause::of(&why, language))),
    }
}

/// Goes to the folder in which the agent would run the line, so that scripts are found; where that
/// is not possible the reason.
fn go_to(folder: &str) -> Result<(), String> {
    std::env::set_current_dir(folder).map_err(|error| format!("`cwd` {folder}: {error}"))
}
