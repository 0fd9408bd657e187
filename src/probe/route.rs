//! The way of a probe to its target: the same hosts and containers as the held command.
//!
//! In: a [`Job`], whether the gate's user is root here. Out: an argv to run and, where it begins
//! with ssh, the connection that it goes through. Pure.
//!
//! Only wrappers that move to another host or container count. `sudo` in the line lends nothing to
//! a probe; a probe that needs root says so itself. Of ssh's words those stay that say where to
//! and how to get there; forwardings, terminals and background do not.
//!
//! The line is not cleared yet, so nothing that its words name may run on the way: no `ssh` from
//! the working directory, no `ProxyCommand`, no settings file, no library, no new container. Such a
//! way is not taken at all, for without that word it would lead elsewhere.

use crate::gate::world::{Job, NotSeen};
use crate::line::text::quote;
use crate::line::{Moves, Via};
use crate::policy::rule::ProbeForm;

use super::environment::PATH;
use super::pwsh;

mod container;
mod ssh;
#[cfg(test)]
mod tests;

use container::container;
pub use ssh::Hop;
use ssh::hop;

/// A way to a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The ssh that everything goes through, if the first step is to another host.
    pub first: Option<Hop>,
    /// What is run: here, or as one text for the shell behind `first`.
    pub argv: Vec<String>,
}

/// Runs `$0` as root: as it is where that is so already, else through sudo without a question.
const AS_ROOT: &str = "test \"$(id -u)\" = 0 && exec sh -c \"$0\"; \
                       exec sudo -n env LC_ALL=C PATH=\"$PATH\" sh -c \"$0\"";

impl Route {
    /// Returns the way of a job.
    ///
    /// # Errors
    /// Where a placeholder or a word of a wrapper is not known, or a wrapper is none that a probe
    /// can go through.
    pub fn of(job: &Job, is_root: bool) -> Result<Self, NotSeen> {
        if job.is_open && !job.is_here() {
            return Err(NotSeen::ManyTargets);
        }
        let text = job.command.clone()?;
        let steps = steps(job)?;
        if job.probe.form == ProbeForm::Pwsh {
            return through(steps, pwsh::argv(job, &text)?, |argv| argv);
        }
        let is_far = !steps.is_empty();
        let argv = match job.probe.root && (is_far || !is_root) {
            true => vec!["sh".to_owned(), "-c".to_owned(), AS_ROOT.to_owned(), text],
            false => vec!["sh".to_owned(), "-c".to_owned(), text],
        };
        through(steps, argv, plainly)
    }
}

/// Returns the way of `argv` through these steps; `at_host` makes it what a host's shell reads.
fn through(
    steps: Vec<Step>,
    mut argv: Vec<String>,
    at_host: fn(Vec<String>) -> Vec<String>,
) -> Result<Route, NotSeen> {
    let mut first = None;
    let n_steps = steps.len();
    for (index, step) in steps.into_iter().rev().enumerate() {
        let is_outermost = index + 1 == n_steps;
        match step {
            Step::Container(words) => argv = [words, argv].concat(),
            Step::Host(hop) => {
                argv = at_host(argv);
                if is_outermost {
                    first = Some(hop);
                } else {
                    argv = hop.command(&[], &join(&argv));
                }
            }
        }
    }
    Ok(Route { first, argv })
}

/// Returns the command that a person would type to see what `job` sees.
#[must_use]
pub fn shown(job: &Job) -> String {
    let Ok(text) = &job.command else {
        return job.probe.run.clone();
    };
    let steps = steps(job).unwrap_or_default();
    let pwsh = pwsh::shown(job, text);
    let text = pwsh.as_ref().unwrap_or(text);
    let is_simple = !text.contains(|c: char| "|&;<>()$`\\\"'*?[]#~=%!{}\n".contains(c));
    let mut shown = match (job.probe.root, is_simple) {
        (true, true) => format!("sudo {text}"),
        (true, false) => format!("sudo sh -c {}", quote(text)),
        // At a prompt it would end the person's own shell.
        (false, false) if steps.is_empty() && pwsh.is_none() && ends_its_shell(text) => {
            format!("({text})")
        }
        (false, _) => text.clone(),
    };
    let is_argv = is_simple || job.probe.root;
    for (index, step) in steps.iter().rev().enumerate() {
        shown = match step {
            Step::Host(hop) => {
                let mut words = vec![hop.program.clone()];
                words.extend(hop.options.iter().chain([&hop.destination]).cloned());
                format!("{} {}", join(&words), quote(&shown))
            }
            Step::Container(words) if index == 0 && !is_argv => {
                format!("{} sh -c {}", join(words), quote(&shown))
            }
            Step::Container(words) => format!("{} {shown}", join(words)),
        };
    }
    shown
}

/// Whether a shell that runs this may be gone behind it.
fn ends_its_shell(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric() && !"-_./".contains(c))
        .any(|word| matches!(word, "exit" | "exec"))
}

/// One step on the way.
enum Step {
    /// To another host.
    Host(Hop),
    /// Into a container; the wrapper's words.
    Container(Vec<String>),
}

/// Returns the steps to the job's target, the outermost first.
fn steps(job: &Job) -> Result<Vec<Step>, NotSeen> {
    if job.is_here() {
        return Ok(Vec::new());
    }
    let mut steps = Vec::new();
    for via in &job.via {
        match via.moves {
            Some(Moves::Host) => steps.push(Step::Host(hop(via)?)),
            Some(Moves::Container) => steps.push(Step::Container(container(via)?)),
            Some(Moves::User | Moves::Later) | None => {}
        }
    }
    Ok(steps)
}

/// Returns the wrapper's words as text.
fn words(via: &Via) -> Result<Vec<String>, NotSeen> {
    let known = |word: &crate::line::Word| {
        let text = word
            .known()
            .filter(|text| !word.lossy && !text.contains('\0'));
        text.ok_or_else(|| NotSeen::Placeholder(word.shown()))
    };
    via.words.iter().map(known).collect()
}

/// Refuses a program that lies elsewhere than where a probe looks for programs.
pub(super) fn runs_nothing_else(program: &str) -> Result<(), NotSeen> {
    // The runner's tests bring an ssh of their own.
    #[cfg(test)]
    if program.ends_with("/stand-in/ssh") {
        return Ok(());
    }
    match program.rsplit_once('/') {
        Some((folder, _)) if !PATH.split(':').any(|known| known == folder) => {
            Err(NotSeen::WouldRun(program.to_owned()))
        }
        _ => Ok(()),
    }
}

/// Returns `argv` with a plain environment, for whatever shell reads it.
fn plainly(argv: Vec<String>) -> Vec<String> {
    let plain = [
        "env".to_owned(),
        "LC_ALL=C".to_owned(),
        format!("PATH={PATH}"),
    ];
    plain.into_iter().chain(argv).collect()
}

/// Returns `words` as one would type them in a shell.
pub(super) fn join(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
    quoted.join(" ")
}
