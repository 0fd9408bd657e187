//! What only may run: the words behind a program that is not known, those of which one may be the
//! program, and those that no grammar takes.

use super::name::{Name, name_of};
use super::scope::Value;
use super::source::Source;
use super::walker::{Place, Redirected, Streams, Walker};
use super::{Fed, Invocation, Opaque, Piece, Span, TooMuch, Via, Word};

/// The variable of fish that holds the lines that were typed, the newest first. The hook gives those
/// that the line may pick, one a row.
const HISTORY: &str = "history";

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
                // Or each operand would double the work, and what is found.
                walker.is_tried = true;
                walker
                    .invoke(rest, Redirected::default(), None, place, streams)
                    .map(drop)
            })?;
        }
        Ok(())
    }

    /// Adds what a program that is not known, or text for `eval`, may turn out to be: each guarded name
    /// in what makes it, the commands of a substitution (`(string replace x reboot y)`) or the
    /// words of a list of which one is picked (`$x[$i]`).
    pub(super) fn guess_made(
        &mut self,
        argv: &[Word],
        is_program: bool,
        place: &Place,
    ) -> Result<(), TooMuch> {
        let (words, args) = match is_program {
            true => argv.split_at(1),
            false => (argv.get(1..).unwrap_or_default(), &[][..]),
        };
        let unknown: Vec<Span> = words.iter().flat_map(unknown_spans).collect();
        for span in unknown {
            let typed = self.typed(span).to_owned();
            if typed.starts_with(['(', '`']) || typed.starts_with("$(") {
                let word = Word::plain(&typed, span);
                let source = Source::word(&word);
                for mut command in loose_commands(&source, Span::new(0, typed.len())) {
                    command.iter_mut().for_each(put_in);
                    self.guess_among(&command, args, place)?;
                }
                continue;
            }
            let name = typed.trim_start_matches(['$', '{']);
            let is_part = |c: char| c.is_alphanumeric() || c == '_';
            let length = name.find(|c| !is_part(c)).unwrap_or(name.len());
            let name = name.get(..length).unwrap_or_default();
            if !typed.starts_with('$') || name.is_empty() {
                continue;
            }
            let value = match self.scope.list(name) {
                Some(words) => Value::List(words.clone()),
                None => self
                    .scope
                    .value(name, self.givens, &mut self.needs.variables),
            };
            match value {
                // Lines that were typed, each of them whole.
                Value::Text(lines) if name == HISTORY && !is_program => {
                    self.guess_lines(&lines, span, place)?;
                }
                Value::Text(text) => {
                    for word in text.split_whitespace() {
                        self.guess_among(&[Word::plain(word, span)], args, place)?;
                    }
                }
                Value::List(words) => {
                    for word in words {
                        self.guess_among(&[word], args, place)?;
                    }
                }
                Value::Either(_) | Value::Unset | Value::Unknown => {}
            }
        }
        Ok(())
    }

    /// Adds every guarded name among the words of a command, with what follows it.
    fn guess_among(
        &mut self,
        command: &[Word],
        args: &[Word],
        place: &Place,
    ) -> Result<(), TooMuch> {
        for (number, word) in command.iter().enumerate() {
            let Name::Known(name) = name_of(word) else {
                continue;
            };
            if !self.lore.is_guarded(&name) {
                continue;
            }
            let own = command.get(number + 1..).unwrap_or_default();
            let args: Vec<Word> = own.iter().chain(args).cloned().collect();
            let end = own.last().map_or(word.span, |last| last.span);
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
        Ok(())
    }

    /// Adds what lines call of which some may be run.
    fn guess_lines(&mut self, lines: &str, span: Span, place: &Place) -> Result<(), TooMuch> {
        self.count_nested(lines.len())?;
        for line in lines.lines() {
            let source = Word::plain(line, span);
            self.possibly(place, |walker, place| {
                let streams = Streams {
                    fed: &Fed::Nothing,
                    wants_output: false,
                };
                walker
                    .text(&Source::word(&source), None, place, streams)
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
            self.guess_among(&command, &[], place)?;
        }
        Ok(())
    }
}

/// Returns where those parts of a word stand that are not known.
fn unknown_spans(word: &Word) -> Vec<Span> {
    let spans = word.pieces.iter().filter_map(|piece| match piece {
        Piece::Unknown { span, .. } => Some(*span),
        Piece::Text { .. } => None,
    });
    spans.collect()
}

/// Makes of sed's `s/x/reboot/` what it puts in.
fn put_in(word: &mut Word) {
    let text = word.beginning();
    let Some(rest) = text.strip_prefix('s') else {
        return;
    };
    let delimiter = rest.chars().next().filter(|c| c.is_ascii_punctuation());
    let put = delimiter.and_then(|delimiter| rest.split(delimiter).nth(2));
    if let Some(put) = put {
        *word = Word::plain(put, word.span);
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
