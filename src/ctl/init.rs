//! `kanmonctl init`: the hook of a shell, or what this host's group shares.

mod host;
mod shells;

use super::out::Failure;

/// Arguments of `init`.
#[derive(Debug, clap::Args)]
#[group(id = "what", required = true, args = ["shell", "host", "words"])]
pub struct Args {
    /// Print the hook of this shell: eval "$(kanmonctl init bash)"
    #[arg(value_enum)]
    shell: Option<shells::Shell>,
    /// Make the host's ledger and its place for permits in /var/lib/kanmon
    #[arg(long)]
    host: bool,
    /// The group whose members share them
    #[arg(long, default_value = crate::ledger::host::GROUP, value_name = "NAME")]
    group: String,
    /// Write the word list of the hooks anew; they do it themselves where rules changed
    #[arg(long)]
    words: bool,
}

/// Runs `init`.
///
/// # Errors
/// Where the host's place or the word list cannot be made.
pub fn run(args: &Args) -> Result<i32, Failure> {
    match args.shell {
        _ if args.host => host::run(&args.group),
        Some(shell) => shells::hook(shell),
        None => shells::refresh(),
    }
}
