//! `kanmonctl notify`: tells people of runs, as the system's configuration says.
//!
//! What is told stands in the store's records; how far each has been told is kept there too. Whoever cannot be
//! told now is told later, in order. No gate waits for this.

use std::path::Path;
use std::time::Duration;

use crate::gate::duration;
use crate::notice::letter::{self, Source};
use crate::notice::{Letter, NotTold, form, program, webhook};
use crate::policy::RuleSet;
use crate::policy::pack::{Sink, Way};
use crate::team::outbox::{self, Taken};
use crate::team::{Connection, NoAnswer};
use crate::text::{Language, cause, store as say};
use crate::ui::safe;

use super::out::{self, Failure};
use super::store::{self, Which};

/// How long a message is tried.
const TRIED: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// Arguments of `notify`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which store
    #[command(flatten)]
    which: Which,
    /// Say nothing where nobody is named or all is told; for a timer
    #[arg(long)]
    quiet: bool,
}

/// How it went with one sink.
#[derive(Debug, Default)]
struct Told {
    /// How many messages went.
    sent: usize,
    /// What went wrong.
    trouble: Vec<String>,
    /// How often it failed before, and in how long it is tried again: nothing was tried now.
    waits: Option<(i32, Duration)>,
}

/// Runs `notify`; exits 1 where somebody could not be told, now or (without `--quiet`) so far.
///
/// # Errors
/// Where nobody is named, or the store does not answer.
pub fn run(args: &Args) -> Result<i32, Failure> {
    let language = out::language();
    let rules = out::rules()?;
    let setup = rules.setup();
    if setup.sinks.is_empty() || (setup.store.is_none() && !args.which.is_named()) {
        return match args.quiet {
            true => Ok(0),
            false => {
                Err(Failure::new(say::nobody_named(language)).hint(say::name_somebody(language)))
            }
        };
    }
    let (mut connection, shown) = store::open(&args.which)?;
    let mut is_well = true;
    for sink in &setup.sinks {
        let told = tell(&mut connection, sink, &rules);
        let told = told.map_err(|error| store::failure(&shown, &error))?;
        for what in &told.trouble {
            let told = say::of_sink(language, &sink.name, what);
            out::error(&Failure::new(safe::value(&told)));
        }
        // A timer comes again by itself; a person is told that something lies there.
        if let (Some((times, left)), false) = (told.waits, args.quiet) {
            let waits = say::waits(language, times, duration::shown(left));
            let told = say::of_sink(language, &sink.name, waits);
            out::error(&Failure::new(safe::value(&told)));
            is_well = false;
        }
        is_well &= told.trouble.is_empty();
        if told.sent > 0 || !args.quiet {
            let text = match told.sent {
                1 => say::one_message(language, &sink.name),
                sent => say::messages(language, sent, &sink.name),
            };
            out::labelled("", &say::told(language), 9, &text)?;
        }
    }
    Ok(i32::from(!is_well))
}

/// Tells one sink all that it has not been told.
fn tell(connection: &mut Connection, sink: &Sink, rules: &RuleSet) -> Result<Told, NoAnswer> {
    // Whoever runs this need not speak the language of those who are told.
    let own = out::language();
    let mut kinds: Vec<&str> = sink
        .on
        .iter()
        .flat_map(|occasion| letter::kinds(*occasion))
        .copied()
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    let mut told = Told::default();
    if !outbox::take(connection, &sink.name)? {
        told.waits = outbox::waits(connection, &sink.name)?;
        return Ok(told);
    }
    let before = outbox::waits(connection, &sink.name)?;
    let before = before.map_or(0, |(times, _)| times);
    loop {
        let taken = outbox::notices(connection, &sink.name, &kinds)?;
        if taken.is_empty() {
            outbox::leave(connection, &sink.name, false)?;
            return Ok(told);
        }
        for one in &taken {
            if let Some(letter) = written(one, sink, rules) {
                match send(&letter, &sink.way) {
                    Ok(()) => told.sent += 1,
                    Err(NotTold::Later(cause)) if one.age < TRIED => {
                        let before = if told.sent == 0 { before } else { 0 };
                        let times = outbox::leave_failed(connection, &sink.name, before)?;
                        let cause = cause::of(&cause, own);
                        told.trouble.push(say::tried(own, cause, times));
                        return Ok(told);
                    }
                    Err(NotTold::Later(cause) | NotTold::Never(cause)) => {
                        let cause = cause::of(&cause, own);
                        told.trouble.push(say::not_told(own, cause, &one.run));
                    }
                }
            }
            outbox::told(connection, &sink.name, one)?;
        }
    }
}

/// Returns what is told of a record, if anything is.
fn written(taken: &Taken, sink: &Sink, rules: &RuleSet) -> Option<Letter> {
    let language = match sink.is_japanese {
        true => Language::Japanese,
        false => Language::English,
    };
    let source = Source {
        host: &taken.host,
        utc: &taken.utc,
        body: &taken.body,
        head: taken.head.as_deref(),
    };
    letter::letter(source, &sink.on, language, |id| rules.rule(id))
}

/// Sends a letter.
fn send(letter: &Letter, way: &Way) -> Result<(), NotTold> {
    match way {
        Way::Webhook {
            file,
            form,
            authority,
        } => {
            let message = form::message(letter, *form);
            webhook::send(
                Path::new(file),
                authority.as_deref().map(Path::new),
                &message,
            )
        }
        Way::Mail { to, from } => program::mail(to, from.as_deref(), letter),
        Way::Command { argv } => program::command(argv, letter),
    }
}
