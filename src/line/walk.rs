//! The walk over a syntax tree: which commands may run, with what on their standard input.
//!
//! Nothing is evaluated: every branch counts. What a command prints is followed where the line
//! shows it (`echo`, `printf`), because it may be fed to a shell.

mod names;
mod redirects;
mod simple;

use super::common;
use super::fish;
use super::output;
use super::scope::Value;
use super::shell::ast::{AndOr, Command, Kind, Pipeline};
use super::shell::parse;
use super::source::Source;
use super::walker::{Frame, Place, Streams, Walker};
use super::{Fed, Grammar, Invocation, MAX_INVOCATIONS, MAX_WORDS, Piece, Span, TooMuch, Word};

/// The most words after `in` for which a loop's body is read once each, however many loops.
const MAX_ROUNDS: usize = 16;
/// The most rounds of all loops in a line together for which that is done with more words.
const MAX_ALL_ROUNDS: usize = 256;

impl Walker<'_> {
    /// Walks a whole text; returns what it prints.
    pub(super) fn text(
        &mut self,
        source: &Source<'_>,
        outer: Option<&Frame<'_>>,
        place: &Place,
        streams: Streams<'_>,
    ) -> Result<Fed, TooMuch> {
        if source.is_nested() {
            self.count_nested(source.text().len())?;
        }
        let rewritten = match self.grammar {
            Grammar::Posix | Grammar::Zsh => None,
            Grammar::Other => {
                if !common::is_common(source.text()) {
                    let all = Span::new(0, source.text().len());
                    self.unparsed(source, all, place)?;
                }
                None
            }
            Grammar::Fish => match fish::translate(source) {
                None => {
                    let all = Span::new(0, source.text().len());
                    self.unparsed(source, all, place)?;
                    return Ok(Fed::Unknown);
                }
                rewritten => rewritten,
            },
        };
        let source = rewritten.as_ref().unwrap_or(source);
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
            match (is_last, self.grammar) {
                // Its end runs in the shell itself.
                (true, Grammar::Zsh | Grammar::Fish) => {}
                _ => self.scope.roll_back(mark),
            }
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
            let prints_to = std::mem::take(&mut redirected.prints_to);
            let goes_on = prints_to.iter().all(|(path, _)| is_standard_output(path));
            let has_writes = !redirected.writes.is_empty();
            let fed = redirected.fed.take();
            let first = walker.invocations.len();
            if let Kind::Simple(simple) = &command.kind
                && simple.words.is_empty()
                && simple.assignments.is_empty()
                && !has_writes
                && let Some(fed) = fed
            {
                // `$(< file)` is what is in the file.
                return Ok(fed);
            }
            let streams = Streams {
                fed: fed.as_ref().unwrap_or(streams.fed),
                wants_output: streams.wants_output || !prints_to.is_empty(),
            };
            let end = |walker: &mut Self, output: Fed| {
                walker.note_written(&prints_to, &output, first);
                if goes_on { output } else { Fed::Unknown }
            };
            if let Kind::Simple(simple) = &command.kind {
                let output =
                    walker.simple(simple, redirected, command.span, frame, place, streams)?;
                return Ok(end(walker, output));
            }
            if has_writes {
                walker.push(Invocation {
                    span: frame.source.outer(command.span),
                    via: place.via.clone(),
                    target: place.target.clone(),
                    writes: redirected.writes,
                    folder: walker.scope.folder(),
                    guessed: place.guessed,
                    ..Invocation::default()
                })?;
            }
            let output = walker.compound(&command.kind, frame, place, streams)?;
            Ok(end(walker, output))
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

    /// Walks the commands of a substitution; returns what they print.
    pub(super) fn substitution(
        &mut self,
        list: &[AndOr],
        fed: &Fed,
        frame: &Frame<'_>,
        place: &Place,
    ) -> Result<Fed, TooMuch> {
        let mark = self.scope.mark();
        let streams = Streams {
            fed,
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

/// Returns whether what goes to a file goes on to where it would have gone.
fn is_standard_output(path: &Word) -> bool {
    matches!(
        path.known().as_deref(),
        Some("/dev/stdout" | "/dev/fd/1" | "/proc/self/fd/1")
    )
}

/// Returns whether a word has parts, and none but blanks is known.
pub(super) fn is_all_unknown(word: &Word) -> bool {
    !word.pieces.is_empty()
        && word.pieces.iter().all(|piece| match piece {
            Piece::Text { text, .. } => text.trim().is_empty(),
            Piece::Unknown { .. } => true,
        })
}
