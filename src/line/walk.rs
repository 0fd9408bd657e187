//! The walk over a syntax tree: which commands may run, with what on their standard input.
//!
//! Nothing is evaluated: every branch counts. What a command prints is followed where the line
//! shows it (`echo`, `printf`), because it may be fed to a shell.

use std::collections::{BTreeMap, BTreeSet};

use super::output;
use super::scope::{Scope, Value};
use super::shell::ast::{AndOr, Command, Kind, Pipeline, Redirect, RedirectKind, Script, Simple};
use super::shell::parse;
use super::source::Source;
use super::unwrap::join;
use super::{
    Fed, Givens, Invocation, Lore, MAX_DEPTH, MAX_INVOCATIONS, MAX_WORDS, Moves, Needs, Piece,
    Span, Target, TooMuch, Via, Word, Write,
};

/// The most words after `in` for which a loop's body is read once each, however many loops.
const MAX_ROUNDS: usize = 16;
/// The most rounds of all loops in a line together for which that is done with more words.
const MAX_ALL_ROUNDS: usize = 256;

/// The most bytes that variables may give in one line; beyond, they are not known.
const MAX_EXPANDED: usize = 1 << 20;

/// Collects the invocations of a line.
pub(super) struct Walker<'a> {
    /// What is known of programs.
    pub(super) lore: &'a dyn Lore,
    /// What was given of the world.
    pub(super) givens: &'a Givens,
    /// The line's or script's text, which spans point into.
    pub(super) line: &'a str,
    /// Where the call stands whose inside is being walked.
    pub(super) caller: Span,
    /// The number of the first invocation that was found in that text.
    pub(super) first: usize,
    /// What is known of variables where the walk stands.
    pub(super) scope: Scope,
    /// The invocations so far.
    pub(super) invocations: Vec<Invocation>,
    /// What was missing.
    pub(super) needs: Needs,
    /// Levels of nesting in use.
    pub(super) depth: usize,
    /// Invocations counted against the limit, repeated rounds of loops included.
    n_invocations: usize,
    /// Rounds of loops that were walked one by one.
    n_rounds: usize,
    /// Words in all invocations.
    n_words: usize,
    /// Functions whose bodies are being walked.
    pub(super) calling: BTreeSet<String>,
    /// What the line made names stand for (`alias r=reboot`).
    pub(super) aliases: BTreeMap<String, Word>,
    /// Bytes that variables gave.
    n_expanded: usize,
}

/// The text and tree that a walk is in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'f> {
    /// The text.
    pub(super) source: &'f Source<'f>,
    /// Its tree.
    pub(super) script: &'f Script,
    /// What it stands in, where that is the same shell and so has the same functions.
    pub(super) outer: Option<&'f Frame<'f>>,
}

/// Where a command runs.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    /// The wrappers around it, the outermost first.
    pub(super) via: Vec<Via>,
    /// The target.
    pub(super) target: Target,
    /// Whether it is only possibly run.
    pub(super) guessed: bool,
}

impl Place {
    /// Returns whether files that are named here are those of the host that reads the line.
    pub(super) fn is_here(&self) -> bool {
        self.via.iter().all(|via| {
            !matches!(via.moves, Some(Moves::Host | Moves::Container))
                && !matches!(via.name.as_str(), "chroot" | "nsenter" | "unshare")
        })
    }
}

/// A command's standard input and whether its output is of interest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Streams<'s> {
    /// Standard input.
    pub(super) fed: &'s Fed,
    /// Whether what it prints goes where it may be run.
    pub(super) wants_output: bool,
}

/// What a command's redirects change.
#[derive(Debug, Default)]
pub(super) struct Redirected {
    /// The files that are written.
    pub(super) writes: Vec<Write>,
    /// What is fed, where a redirect says so.
    fed: Option<Fed>,
}

impl<'a> Walker<'a> {
    /// Returns a walk that has found nothing yet.
    pub(super) fn new(line: &'a str, lore: &'a dyn Lore, givens: &'a Givens) -> Self {
        Self {
            lore,
            givens,
            line,
            caller: Span::default(),
            first: 0,
            scope: Scope::default(),
            invocations: Vec::new(),
            needs: Needs::default(),
            depth: 0,
            n_invocations: 0,
            n_rounds: 0,
            n_words: 0,
            calling: BTreeSet::new(),
            aliases: BTreeMap::new(),
            n_expanded: 0,
        }
    }

    /// Adds an invocation, within the limits.
    pub(super) fn push(&mut self, invocation: Invocation) -> Result<(), TooMuch> {
        self.n_words += invocation.args.iter().map(weight).sum::<usize>();
        let own = invocation.via.iter().flat_map(|via| &via.words);
        self.n_words += own.map(weight).sum::<usize>();
        if let Fed::Text(word) = &invocation.fed {
            self.n_words += weight(word);
        }
        self.count()?;
        self.invocations.push(invocation);
        Ok(())
    }

    /// Counts an invocation, or a loop's round, against the limits.
    fn count(&mut self) -> Result<(), TooMuch> {
        self.n_invocations += 1;
        if self.n_invocations > MAX_INVOCATIONS || self.n_words > MAX_WORDS {
            return Err(TooMuch::Count {
                limit: MAX_INVOCATIONS,
            });
        }
        Ok(())
    }

    /// Returns whether `n_bytes` more may come from variables: `b=$a$a; c=$b$b; …` doubles at each
    /// step.
    pub(super) fn may_expand(&mut self, n_bytes: usize) -> bool {
        self.n_expanded = self.n_expanded.saturating_add(n_bytes);
        self.n_expanded <= MAX_EXPANDED
    }

    /// Does something one level deeper.
    pub(super) fn deeper<T>(
        &mut self,
        walk: impl FnOnce(&mut Self) -> Result<T, TooMuch>,
    ) -> Result<T, TooMuch> {
        if self.depth >= MAX_DEPTH {
            return Err(TooMuch::Depth { limit: MAX_DEPTH });
        }
        self.depth += 1;
        let result = walk(self);
        self.depth -= 1;
        result
    }

    /// Walks a whole text; returns what it prints.
    pub(super) fn text(
        &mut self,
        source: &Source<'_>,
        outer: Option<&Frame<'_>>,
        place: &Place,
        streams: Streams<'_>,
    ) -> Result<Fed, TooMuch> {
        let script = parse(source.text(), self.depth)?;
        let frame = Frame {
            source,
            script: &script,
            outer,
        };
        let output = self.list(&script.list, &frame, place, streams)?;
        match script.unparsed_from {
            None => Ok(output),
            Some(start) => {
                let rest = Span::new(start, source.text().len());
                self.unparsed(source, rest, place)?;
                Ok(Fed::Unknown)
            }
        }
    }

    /// Walks commands one after another; returns what they print together.
    pub(super) fn list(
        &mut self,
        list: &[AndOr],
        frame: &Frame<'_>,
        place: &Place,
        streams: Streams<'_>,
    ) -> Result<Fed, TooMuch> {
        let mut all = Fed::Text(Word::default());
        for item in list {
            let mark = self.scope.mark();
            let is_single = item.pipelines.len() == 1;
            for pipeline in &item.pipelines {
                let output = self.pipeline(pipeline, frame, place, streams)?;
                all = match is_single {
                    true => output::concat(all, output),
                    false => Fed::Unknown,
                };
            }
            if !is_single {
                self.scope.merge(mark);
            }
        }
        Ok(all)
    }

    /// Walks a pipeline, each output the next one's input.
    fn pipeline(
        &mut self,
        pipeline: &Pipeline,
        frame: &Frame<'_>,
        place: &Place,
        streams: Streams<'_>,
    ) -> Result<Fed, TooMuch> {
        if let [command] = pipeline.commands.as_slice() {
            return self.command(command, frame, place, streams);
        }
        let mut fed = streams.fed.clone();
        let mark = self.scope.mark();
        for (number, command) in pipeline.commands.iter().enumerate() {
            let is_last = number + 1 == pipeline.commands.len();
            let streams = Streams {
                fed: &fed,
                wants_output: !is_last || streams.wants_output,
            };
            fed = self.command(command, frame, place, streams)?;
            self.scope.roll_back(mark);
        }
        Ok(fed)
    }

    /// Walks one command.
    fn command(
        &mut self,
        command: &Command,
        frame: &Frame<'_>,
        place: &Place,
        streams: Streams<'_>,
    ) -> Result<Fed, TooMuch> {
        self.deeper(|walker| {
            let mut redirected = walker.redirects(&command.redirects, frame, place)?;
            let is_redirected = !redirected.writes.is_empty();
            let fed = redirected.fed.take();
            let streams = Streams {
                fed: fed.as_ref().unwrap_or(streams.fed),
                ..streams
            };
            if let Kind::Simple(simple) = &command.kind {
                let output =
                    walker.simple(simple, redirected, command.span, frame, place, streams)?;
                return Ok(if is_redirected { Fed::Unknown } else { output });
            }
            if is_redirected {
                walker.push(Invocation {
                    span: frame.source.outer(command.span),
                    via: place.via.clone(),
                    target: place.target.clone(),
                    writes: redirected.writes,
                    guessed: place.guessed,
                    ..Invocation::default()
                })?;
            }
            walker.compound(&command.kind, frame, place, streams)
        })
    }

    /// Walks a compound command.
    fn compound(
        &mut self,
        kind: &Kind,
        frame: &Frame<'_>,
        place: &Place,
        streams: Streams<'_>,
    ) -> Result<Fed, TooMuch> {
        let mark = self.scope.mark();
        match kind {
            Kind::Simple(_) | Kind::Definition => return Ok(Fed::Text(Word::default())),
            Kind::Group(list) => return self.list(list, frame, place, streams),
            Kind::Subshell(list) => {
                let output = self.list(list, frame, place, streams)?;
                self.scope.roll_back(mark);
                return Ok(output);
            }
            Kind::Coprocess(command) => {
                self.command(command, frame, place, streams)?;
                self.scope.roll_back(mark);
            }
            Kind::Branches(lists) => {
                for list in lists {
                    self.list(list, frame, place, streams)?;
                }
                self.scope.merge(mark);
            }
            Kind::For {
                variable,
                words,
                body,
            } => {
                let name = frame.source.slice(*variable).to_owned();
                let mut values = Vec::new();
                for word in words.iter().flatten() {
                    values.extend(self.fields(word, frame, place)?);
                }
                self.rounds(&name, values, body, frame, place, streams)?;
                self.scope.merge(mark);
            }
            Kind::Case { words, bodies } => {
                for word in words {
                    self.fields(word, frame, place)?;
                }
                for body in bodies {
                    self.list(body, frame, place, streams)?;
                }
                self.scope.merge(mark);
            }
            Kind::Test(words) => {
                for word in words {
                    self.fields(word, frame, place)?;
                }
                return Ok(Fed::Text(Word::default()));
            }
            Kind::Arithmetic { parts, as_subshell } => {
                self.whole(parts, Span::default(), frame, place)?;
                self.possibly(place, |walker, place| {
                    walker.list(as_subshell, frame, place, streams).map(drop)
                })?;
            }
        }
        Ok(Fed::Unknown)
    }

    /// Walks a loop's body, once for each known value of its variable where there are few.
    fn rounds(
        &mut self,
        name: &str,
        values: Vec<Word>,
        body: &[AndOr],
        frame: &Frame<'_>,
        place: &Place,
        streams: Streams<'_>,
    ) -> Result<(), TooMuch> {
        let texts: Option<Vec<String>> = values
            .iter()
            .map(|word| word.known().filter(|_| !word.is_pattern()))
            .collect();
        let left = MAX_ALL_ROUNDS.saturating_sub(self.n_rounds);
        let most = left.max(MAX_ROUNDS);
        let texts = texts.filter(|texts| !texts.is_empty() && texts.len() <= most);
        self.n_rounds += texts.as_ref().map_or(0, Vec::len);
        let start = self.invocations.len();
        let Some(texts) = texts else {
            if !name.is_empty() {
                self.scope.set(name, Value::Unknown);
            }
            return self.list(body, frame, place, streams).map(drop);
        };
        let n_rounds = texts.len();
        let (n_invocations, n_words) = (self.n_invocations, self.n_words);
        for (number, text) in texts.into_iter().enumerate() {
            // Many rounds of much are not worth a refusal: then only one more is walked.
            let grown = (self.n_invocations - n_invocations).saturating_mul(n_rounds);
            let is_much = n_invocations + grown > MAX_INVOCATIONS / 2
                || (self.n_words - n_words).saturating_mul(n_rounds) > MAX_WORDS / 2;
            if number == 1 && n_rounds > MAX_ROUNDS && is_much {
                self.scope.set(name, Value::Unknown);
                return self.list(body, frame, place, streams).map(drop);
            }
            self.count()?;
            self.scope.set(name, Value::Text(text));
            let round = self.invocations.len();
            self.list(body, frame, place, streams)?;
            // What does not depend on the variable counts once.
            let new = self.invocations.split_off(round);
            for invocation in new {
                let before = self.invocations.get(start..).unwrap_or_default();
                if !before.contains(&invocation) {
                    self.invocations.push(invocation);
                }
            }
        }
        Ok(())
    }

    /// Walks what may be run, or not at all; keeps what is guarded.
    pub(super) fn possibly(
        &mut self,
        place: &Place,
        walk: impl FnOnce(&mut Self, &Place) -> Result<(), TooMuch>,
    ) -> Result<(), TooMuch> {
        let start = self.invocations.len();
        let mark = self.scope.mark();
        let guessed = Place {
            guessed: true,
            ..place.clone()
        };
        walk(self, &guessed)?;
        self.scope.roll_back(mark);
        let new = self.invocations.split_off(start);
        let lore = self.lore;
        let is_of_interest =
            |found: &Invocation| lore.is_guarded(&found.name) || !found.writes.is_empty();
        self.invocations
            .extend(new.into_iter().filter(is_of_interest));
        Ok(())
    }

    /// Reads a command's redirects.
    fn redirects(
        &mut self,
        redirects: &[Redirect],
        frame: &Frame<'_>,
        place: &Place,
    ) -> Result<Redirected, TooMuch> {
        let mut redirected = Redirected::default();
        for redirect in redirects {
            let is_document = matches!(redirect.kind, RedirectKind::Document(_));
            let word = match is_document {
                true => Word::default(),
                false => self.whole(&redirect.word.parts, redirect.word.span, frame, place)?,
            };
            let span = frame.source.outer(redirect.span);
            match redirect.kind {
                RedirectKind::Read => {
                    if redirect.is_standard {
                        redirected.fed = Some(match word.is_known() && place.is_here() {
                            true => Fed::File(word),
                            false => Fed::Unknown,
                        });
                    }
                }
                RedirectKind::Write => redirected.writes.push(Write { path: word, span }),
                RedirectKind::Duplicate { output } => {
                    let text = word.known().unwrap_or_default();
                    let is_descriptor = text
                        .trim_end_matches('-')
                        .bytes()
                        .all(|b| b.is_ascii_digit());
                    if output && !is_descriptor {
                        redirected.writes.push(Write { path: word, span });
                    }
                }
                RedirectKind::HereString => redirected.fed = Some(Fed::Text(word)),
                RedirectKind::Document(number) => {
                    if let Some(document) = frame.script.documents.get(number) {
                        let word = self.whole(&document.parts, document.span, frame, place)?;
                        if redirect.is_standard {
                            redirected.fed = Some(Fed::Text(word));
                        }
                    }
                }
            }
        }
        Ok(redirected)
    }

    /// Walks a program call or assignments alone.
    fn simple(
        &mut self,
        simple: &Simple,
        redirected: Redirected,
        span: Span,
        frame: &Frame<'_>,
        place: &Place,
        streams: Streams<'_>,
    ) -> Result<Fed, TooMuch> {
        let mut argv = Vec::with_capacity(simple.words.len());
        for word in &simple.words {
            argv.extend(self.fields(word, frame, place)?);
        }
        let mark = self.scope.mark();
        for assignment in &simple.assignments {
            let value = self.whole(&assignment.value.parts, assignment.value.span, frame, place)?;
            let value = match value.known() {
                Some(text) if assignment.is_plain => Value::Text(text),
                _ => Value::Unknown,
            };
            self.whole(&assignment.subscript, assignment.value.span, frame, place)?;
            let name = frame.source.slice(assignment.name);
            self.scope.set(name, value);
        }
        if argv.is_empty() {
            if !redirected.writes.is_empty() {
                self.push(Invocation {
                    span: frame.source.outer(span),
                    via: place.via.clone(),
                    target: place.target.clone(),
                    writes: redirected.writes,
                    guessed: place.guessed,
                    ..Invocation::default()
                })?;
            }
            return Ok(Fed::Text(Word::default()));
        }
        let output = self.invoke(argv, redirected, Some(frame), place, streams)?;
        if !simple.assignments.is_empty() {
            self.scope.roll_back(mark);
        }
        Ok(output)
    }

    /// Walks the body of a function that `name` calls; returns what it prints, or nothing where
    /// there is no such function.
    pub(super) fn function(
        &mut self,
        name: &str,
        args: &[Word],
        frame: &Frame<'_>,
        place: &Place,
        streams: Streams<'_>,
    ) -> Result<Option<Fed>, TooMuch> {
        let mut next = Some(frame);
        while let Some(frame) = next {
            let found = frame.script.functions.iter().rev();
            let mut found = found.filter(|function| frame.source.slice(function.name) == name);
            if let Some(function) = found.next() {
                if !self.calling.insert(name.to_owned()) {
                    return Ok(Some(Fed::Unknown));
                }
                let before = self.scope.positionals.replace(args.to_vec());
                let output = self.command(&function.body, frame, place, streams);
                self.scope.positionals = before;
                self.calling.remove(name);
                return output.map(Some);
            }
            next = frame.outer;
        }
        Ok(None)
    }

    /// Walks what an alias stands for, with the arguments after it.
    pub(super) fn alias(
        &mut self,
        name: &str,
        args: &[Word],
        frame: &Frame<'_>,
        place: &Place,
        streams: Streams<'_>,
    ) -> Result<(), TooMuch> {
        let Some(text) = self.aliases.get(name).cloned() else {
            return Ok(());
        };
        if !self.calling.insert(name.to_owned()) {
            return Ok(());
        }
        let mut words = vec![text];
        words.extend_from_slice(args);
        let source = Source::word(&join(&words));
        let result = self.text(&source, Some(frame), place, streams);
        self.calling.remove(name);
        result.map(drop)
    }

    /// Walks the commands of a substitution; returns what they print.
    pub(super) fn substitution(
        &mut self,
        list: &[AndOr],
        frame: &Frame<'_>,
        place: &Place,
    ) -> Result<Fed, TooMuch> {
        let mark = self.scope.mark();
        let streams = Streams {
            fed: &Fed::Nothing,
            wants_output: true,
        };
        let output = self.deeper(|walker| walker.list(list, frame, place, streams))?;
        self.scope.roll_back(mark);
        Ok(output)
    }

    /// Walks the text between backticks; returns what it prints.
    pub(super) fn backtick_text(
        &mut self,
        word: &Word,
        frame: &Frame<'_>,
        place: &Place,
    ) -> Result<Fed, TooMuch> {
        let mark = self.scope.mark();
        let source = Source::word(word);
        let streams = Streams {
            fed: &Fed::Nothing,
            wants_output: true,
        };
        let output = self.deeper(|walker| walker.text(&source, Some(frame), place, streams))?;
        self.scope.roll_back(mark);
        Ok(output)
    }
}

/// Returns what a word counts against the limit: one, and more where its text is long.
fn weight(word: &Word) -> usize {
    let n_bytes = |piece: &Piece| match piece {
        Piece::Text { text, .. } => text.len(),
        Piece::Unknown { .. } => 1,
    };
    1 + word.pieces.len() / 4 + word.pieces.iter().map(n_bytes).sum::<usize>() / 64
}

/// Returns whether a word has parts, and none but blanks is known.
pub(super) fn is_all_unknown(word: &Word) -> bool {
    !word.pieces.is_empty()
        && word.pieces.iter().all(|piece| match piece {
            Piece::Text { text, .. } => text.trim().is_empty(),
            Piece::Unknown { .. } => true,
        })
}
