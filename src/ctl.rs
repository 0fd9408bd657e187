//! The subcommands of `kanmonctl`, one file each.

pub mod approve;
pub mod boot_check;
pub mod check;
pub mod doctor;
pub mod drill;
pub mod explain;
mod help;
pub mod hook;
pub mod init;
pub mod log;
pub mod manual;
pub mod notify;
mod object;
pub mod out;
pub mod permit;
pub mod rules;
pub mod shim;
pub mod store;
pub mod sudo;
pub mod trust;
pub mod who;

use std::ffi::OsString;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::context::Environment;
use crate::door::exit::GATE_FAILED;

/// Everything beside the gate: look at lines, rules and records.
#[derive(Debug, Parser)]
#[command(name = "kanmonctl", version, about, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Say the verdict on a line, or on each of many
    Check(check::Args),
    /// Draw what was understood of a line, and which rules hold it
    Explain(explain::Args),
    /// Go through every step of a held line; nothing is run
    Drill(drill::Args),
    /// Stand in front of what a coding agent runs
    #[command(subcommand)]
    Hook(hook::Command),
    /// List, show and test the rules
    #[command(subcommand)]
    Rules(rules::Command),
    /// Trust the rule files of a project folder (.kanmon) with the content that they have now
    Trust(trust::Args),
    /// Say what counts here, and what is to be mended
    Doctor(doctor::Args),
    /// Read the ledger
    Log(log::Args),
    /// Say what is asked or runs now, where, and for whom it waits
    Who(who::Args),
    /// Give, list and take back permission for others
    #[command(subcommand)]
    Permit(permit::Command),
    /// List what waits for approval, or approve it
    Approve(approve::Args),
    /// Say whether a run stands behind this start of the host; for a service at boot
    BootCheck(boot_check::Args),
    /// Put the gate before programs by name, for scripts, cron and at
    #[command(subcommand)]
    Shim(shim::Command),
    /// Make what is shared on this host
    Init(init::Args),
    /// Stand in front of what sudo runs, by a plugin in sudo.conf
    #[command(subcommand)]
    Sudo(sudo::Command),
    /// Make the team's store in PostgreSQL, and look at it
    #[command(subcommand)]
    Store(store::Command),
    /// Tell people of runs, as the system's configuration says; for a timer
    Notify(notify::Args),
    /// Print a script by which a shell completes kanmonctl or kanmon
    Completions(manual::CompletionsArgs),
    /// Print the manual page of kanmonctl or kanmon
    Man(manual::ManArgs),
}

/// Runs `kanmonctl` with these arguments, the program's name first; returns the exit status.
#[must_use]
pub fn run(args: impl IntoIterator<Item = OsString>) -> i32 {
    let args: Vec<OsString> = args.into_iter().collect();
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) => {
            let language = Environment::of_process().language();
            let is_answer = help::answer(error, Cli::command(), &args, language);
            return if is_answer { 0 } else { GATE_FAILED };
        }
    };
    let done = match cli.command {
        Command::Check(args) => check::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Drill(args) => drill::run(&args),
        Command::Hook(command) => hook::run(&command),
        Command::Rules(command) => rules::run(&command),
        Command::Trust(args) => trust::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Log(args) => log::run(&args),
        Command::Who(args) => who::run(&args),
        Command::Permit(command) => permit::run(&command),
        Command::Approve(args) => approve::run(&args),
        Command::BootCheck(args) => boot_check::run(&args),
        Command::Shim(command) => shim::run(&command),
        Command::Init(args) => init::run(&args),
        Command::Sudo(command) => sudo::run(&command),
        Command::Store(command) => store::run(&command),
        Command::Notify(args) => notify::run(&args),
        Command::Completions(args) => manual::completions(&args),
        Command::Man(args) => manual::man(&args),
    };
    match done {
        Ok(status) => status,
        Err(failure) => {
            if failure.is_broken_pipe() {
                return 0;
            }
            out::error(&failure);
            GATE_FAILED
        }
    }
}
