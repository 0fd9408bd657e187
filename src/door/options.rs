//! kanmon's own few options, which come before the command.
//!
//! In: the raw arguments. Out: what was asked for and where the command begins, as a number of an
//! argument. Nothing is copied: on the way of a passing line this allocates no memory.

use crate::launch::RawArgs;
use crate::text::{Language, launch as text};

/// What was typed before the command.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Go through every step, run nothing.
    pub drill: bool,
    /// Go past the gate, for this reason; never empty.
    pub break_glass: Option<&'static [u8]>,
    /// No frames and no redrawing.
    pub plain: bool,
    /// The gate's language, where it is not the locale's.
    pub language: Option<Language>,
}

/// What kanmon was asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Run the argv that begins at this argument.
    Command(usize),
    /// Run the text in this argument in `sh -c`; what follows it are its `$0`, `$1`, ….
    Line(usize),
    /// Go on with the line for which this request (an argument) asked others, and which its asker left.
    Resume(usize),
    /// Run what sshd was asked for.
    Ssh,
    /// Judge what sudo's plugin tells of.
    Sudo,
    /// Be a login shell.
    Login,
    /// Be the shell that this argument alone, `-i` or `-l`, was given to.
    Shell(usize),
    /// Judge the line on standard input for the shell that this argument names, which runs it
    /// itself; what follows are its aliases and functions.
    Hook(usize),
    /// Record how the line ended that the calling shell was let run; this argument is its status.
    HookEnd(usize),
    /// Say how it is used.
    Help,
    /// Say the version.
    Version,
    /// Nothing: there is no command.
    Nothing,
}

/// Why the options were not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadOption {
    /// There is no such option.
    #[error("unknown option")]
    Unknown(&'static [u8]),
    /// An option (first) lacks what it needs (second).
    #[error("`{0}` needs {1}")]
    MissingValue(&'static str, &'static str),
    /// An option that takes no value was given one.
    #[error("`{0}` takes no value")]
    NeedlessValue(&'static str),
    /// There is no such language.
    #[error("unknown language")]
    Language(&'static [u8]),
    /// What sshd was asked for comes from sshd alone.
    #[error("`--ssh` takes no command")]
    SshWithCommand,
    /// What sudo is about to run comes from its plugin alone.
    #[error("`--sudo` takes no command")]
    SudoWithCommand,
    /// The line is the one that was asked for, gone through as it was.
    #[error("`--resume` takes an ID alone")]
    ResumeWithCommand,
    /// A drill runs nothing, and broken glass runs all.
    #[error("`--drill` and `--break-glass` exclude each other")]
    DrillAndBreakGlass,
}

impl BadOption {
    /// Returns what is wrong and what to type instead.
    #[must_use]
    pub fn message(self, language: Language) -> String {
        let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).escape_debug().to_string();
        match self {
            Self::Unknown(option) => text::unknown_option(language, lossy(option)),
            Self::MissingValue(option, value) => text::missing_value(language, option, value),
            Self::NeedlessValue(option) => text::needless_value(language, option),
            Self::Language(tag) => text::unknown_language(language, lossy(tag)),
            Self::SshWithCommand => text::ssh_with_command(language),
            Self::ResumeWithCommand => text::resume_with_command(language),
            Self::SudoWithCommand => text::sudo_with_command(language),
            Self::DrillAndBreakGlass => text::drill_and_break_glass(language),
        }
    }
}

/// Reads the options before the command.
///
/// # Errors
/// Where something that looks like an option is none of kanmon's, lacks its value, or excludes
/// another.
pub fn parse(args: RawArgs) -> Result<(Options, Asked), BadOption> {
    let (options, asked) = read(args)?;
    if matches!(asked, Asked::Resume(_)) && (options.drill || options.break_glass.is_some()) {
        return Err(BadOption::ResumeWithCommand);
    }
    if options.drill && options.break_glass.is_some() {
        return Err(BadOption::DrillAndBreakGlass);
    }
    Ok((options, asked))
}

/// Reads the options, each for itself.
fn read(args: RawArgs) -> Result<(Options, Asked), BadOption> {
    let mut options = Options::default();
    // login(1) and sshd call a login shell by its name with a dash before it.
    if args.count() == 1 && args.bytes(0).is_some_and(|name| name.starts_with(b"-")) {
        return Ok((options, Asked::Login));
    }
    let mut index = 1;
    while let Some(word) = args.bytes(index) {
        index += 1;
        let (name, glued) = split(word);
        match name {
            b"--" if glued.is_none() => return Ok((options, command(args, index))),
            b"-h" | b"--help" => return alone("--help", glued).map(|()| (options, Asked::Help)),
            b"-V" | b"--version" => {
                return alone("--version", glued).map(|()| (options, Asked::Version));
            }
            b"-c" => {
                args.bytes(index)
                    .ok_or(BadOption::MissingValue("-c", "LINE"))?;
                return Ok((options, Asked::Line(index)));
            }
            b"--resume" => {
                alone("--resume", glued)?;
                args.bytes(index)
                    .ok_or(BadOption::MissingValue("--resume", "ID"))?;
                return match index + 1 < args.count() {
                    true => Err(BadOption::ResumeWithCommand),
                    false => Ok((options, Asked::Resume(index))),
                };
            }
            b"--ssh" => {
                alone("--ssh", glued)?;
                return match index < args.count() {
                    true => Err(BadOption::SshWithCommand),
                    false => Ok((options, Asked::Ssh)),
                };
            }
            b"--sudo" => {
                alone("--sudo", glued)?;
                return match index < args.count() {
                    true => Err(BadOption::SudoWithCommand),
                    false => Ok((options, Asked::Sudo)),
                };
            }
            b"--hook" | b"--hook-end" => {
                let (name, value, asked): (_, _, fn(usize) -> Asked) = match name {
                    b"--hook" => ("--hook", "SHELL", Asked::Hook),
                    _ => ("--hook-end", "STATUS", Asked::HookEnd),
                };
                alone(name, glued)?;
                return match args.bytes(index) {
                    Some(_) => Ok((options, asked(index))),
                    None => Err(BadOption::MissingValue(name, value)),
                };
            }
            b"--drill" => {
                alone("--drill", glued)?;
                options.drill = true;
            }
            b"--plain" => {
                alone("--plain", glued)?;
                options.plain = true;
            }
            b"--break-glass" => {
                let reason = value(args, &mut index, glued).filter(|reason| !is_blank(reason));
                let missing = BadOption::MissingValue("--break-glass", "REASON");
                options.break_glass = Some(reason.ok_or(missing)?);
            }
            b"--lang" => {
                let tag = value(args, &mut index, glued);
                let missing = BadOption::MissingValue("--lang", "en|ja");
                options.language = Some(language(tag.ok_or(missing)?)?);
            }
            // A shell's own, not the gate's: so `script` and `exec $SHELL -l` call the user's shell.
            [b'-', b'i' | b'l'] if args.count() == 2 => return Ok((options, Asked::Shell(1))),
            // A lone `-` is a word like any other.
            [b'-', _, ..] => return Err(BadOption::Unknown(word)),
            _ => return Ok((options, Asked::Command(index - 1))),
        }
    }
    Ok((options, Asked::Nothing))
}

/// Returns a long option's name and what is glued to it by `=`; other words as they are.
fn split(word: &'static [u8]) -> (&'static [u8], Option<&'static [u8]>) {
    if !word.starts_with(b"--") {
        return (word, None);
    }
    let mut parts = word.splitn(2, |byte| *byte == b'=');
    (parts.next().unwrap_or(word), parts.next())
}

/// Refuses a value glued to an option that takes none.
fn alone(option: &'static str, glued: Option<&'static [u8]>) -> Result<(), BadOption> {
    match glued {
        None => Ok(()),
        Some(_) => Err(BadOption::NeedlessValue(option)),
    }
}

/// Returns an option's value: glued, or the next argument, which is then used up.
fn value(args: RawArgs, index: &mut usize, glued: Option<&'static [u8]>) -> Option<&'static [u8]> {
    glued.or_else(|| {
        let next = args.bytes(*index)?;
        *index += 1;
        Some(next)
    })
}

/// Returns what is asked where the options end before argument `index`.
fn command(args: RawArgs, index: usize) -> Asked {
    if index < args.count() {
        Asked::Command(index)
    } else {
        Asked::Nothing
    }
}

/// Returns whether nothing but blanks stands in `text`.
fn is_blank(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_whitespace)
}

/// Returns the language with this tag.
fn language(tag: &'static [u8]) -> Result<Language, BadOption> {
    match tag {
        b"en" => Ok(Language::English),
        b"ja" => Ok(Language::Japanese),
        _ => Err(BadOption::Language(tag)),
    }
}
