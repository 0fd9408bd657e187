//! `kanmonctl drill`: every step of a held line; nothing is run.

use std::ffi::{CString, OsString};
use std::os::unix::ffi::OsStringExt as _;

use crate::door::prefix;
use crate::door::request::{Request, What};
use crate::policy::Profile;
use crate::text::setup as say;

use super::check::ProfileName;
use super::out::Failure;

/// Arguments of `drill`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Take the first argument as a command line for `sh -c`
    #[arg(short = 'c')]
    line: bool,
    /// No frames and no redrawing
    #[arg(long)]
    plain: bool,
    /// The gate's language, where it is not the locale's
    #[arg(long, value_name = "en|ja")]
    lang: Option<String>,
    /// Which rules are in, where it is not the prefix door's profile
    #[arg(long, value_enum, value_name = "NAME")]
    profile: Option<ProfileName>,
    /// The command
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "COMMAND"
    )]
    command: Vec<OsString>,
}

/// Runs `drill`; exits 0 if all steps were passed, 124 if not.
///
/// # Errors
/// Where an argument cannot be an argument, or the language is not known.
pub fn run(args: &Args) -> Result<i32, Failure> {
    let words = args.command.iter().map(|word| {
        CString::new(word.clone().into_vec())
            .map_err(|_nul| Failure::new(say::nul(super::out::language())))
    });
    let mut words = words.collect::<Result<Vec<_>, _>>()?;
    let what = if args.line {
        What::Line(words.remove(0), words)
    } else {
        What::Argv(words)
    };
    let language = super::rules::language(args.lang.as_deref())?;
    let request = Request {
        what,
        door: "drill",
        drill: true,
        break_glass: None,
        plain: args.plain,
        language,
        scripts: std::rc::Rc::default(),
        inquiry: std::rc::Rc::default(),
        asker: None,
        caller: None,
        resumed: None,
    };
    Ok(prefix::drill(&request, args.profile.map(Profile::from)))
}
