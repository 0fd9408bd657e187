//! What only may run: the words behind a program that is not known, and those that no grammar takes.

use super::name::{Name, name_of};
use super::source::Source;
use super::walker::{Place, Redirected, Streams, Walker};
use super::{Invocation, Opaque, Span, TooMuch, Via, Word};

impl Walker<'_> {
    /// Adds what an unknown program may run: every operand from which on the argv is a guarded
    /// program's or a wrapper's.
    pub(super) fn guess(
        &mut self,
        name: &str,
        argv: &[Word],
        place: &Place,
        streams: Streams<'_>,
    ) -> Result<(), TooMuch> {
        let lore = self.lore;
        let Some(program) = argv.first() else {
            return Ok(());
        };
        for (number, word) in argv.iter().enumerate().skip(1) {
            if word.beginning().starts_with('-') {
                continue;
            }
            let Name::Known(operand) = name_of(word) else {
                continue;
            };
            if !lore.is_guarded(&operand) && lore.wrappers(&operand).is_empty() {
                continue;
            }
            let own = argv.get(..number).unwrap_or_default();
            let span = own
                .last()
                .map_or(program.span, |last| program.span.to(last.span));
            let mut via = place.via.clone();
            via.push(Via {
                name: name.to_owned(),
                words: own.to_vec(),
                span,
                moves: None,
                shell: false,
            });
            let place = Place {
                via,
                target: place.target.clone(),
                guessed: true,
            };
            let rest = argv.get(number..).unwrap_or_default().to_vec();
            self.possibly(&place, |walker, place| {
                walker
                    .invoke(rest, Redirected::default(), None, place, streams)
                    .map(drop)
            })?;
        }
        Ok(())
    }

    /// Adds what the grammar did not take: one opaque invocation over all of it, and a guessed one
    /// for every word in it that names a guarded program.
    pub(super) fn unparsed(
        &mut self,
        source: &Source<'_>,
        span: Span,
        place: &Place,
    ) -> Result<(), TooMuch> {
        self.push(Invocation {
            span: source.outer(span),
            via: place.via.clone(),
            target: place.target.clone(),
            opaque: Some(Opaque::Unparsed),
            guessed: place.guessed,
            ..Invocation::default()
        })?;
        for command in loose_commands(source, span) {
            for (number, word) in command.iter().enumerate() {
                let Name::Known(name) = name_of(word) else {
                    continue;
                };
                if !self.lore.is_guarded(&name) {
                    continue;
                }
                let args = command.get(number + 1..).unwrap_or_default().to_vec();
                let end = args.last().map_or(word.span, |last| last.span);
                self.push(Invocation {
                    program: word.clone(),
                    name,
                    span: word.span.to(end),
                    args,
                    via: place.via.clone(),
                    target: place.target.clone(),
                    guessed: true,
                    ..Invocation::default()
                })?;
            }
        }
        Ok(())
    }
}

/// Returns the words of text without a grammar, command by command: what stands between
/// separators, split at blanks, quotes taken away.
fn loose_commands(source: &Source<'_>, span: Span) -> Vec<Vec<Word>> {
    let mut commands = vec![Vec::new()];
    let text = source.slice(span);
    let mut start = None;
    let ends = text.char_indices().chain([(text.len(), ';')]);
    for (at, c) in ends {
        let separates = matches!(c, ';' | '|' | '&' | '\n' | '(' | ')' | '{' | '}' | '`');
        let is_outside = separates
            || c.is_whitespace()
            || matches!(c, '\'' | '"' | '$' | '<' | '>' | '=' | '\\');
        if !is_outside {
            start = start.or(Some(at));
            continue;
        }
        if let Some(start) = start.take() {
            let span = Span::new(span.start + start, span.start + at);
            let word = Word::plain(source.slice(span), source.outer(span));
            if let Some(command) = commands.last_mut() {
                command.push(word);
            }
        }
        if separates {
            commands.push(Vec::new());
        }
    }
    commands
}
