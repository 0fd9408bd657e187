//! What only may run: the words behind a program that is not known, those of which one may be the
//! program, and those that no grammar takes.

use super::name::{Name, name_of};
use super::scope::Value;
use super::source::Source;
use super::walker::{Place, Redirected, Streams, Walker};
use super::{Fed, Grammar, Invocation, Opaque, Piece, Span, TooMuch, Via, Word};

/// The variable of fish that holds the lines that were typed, the newest first. The hook gives those
/// that the line may pick, one a row.
const HISTORY: &str = "history";

/// Programs whose words say which lines of others come out of them.
const SEARCHERS: [&str; 8] = [
    "ack", "ag", "egrep", "fgrep", "ggrep", "grep", "rg", "zgrep",
];

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
        let made: Vec<(Span, String)> = words
            .iter()
            .flat_map(|word| self.parts_made(word))
            .collect();
        for (span, typed) in made {
            if typed.starts_with(['(', '`']) || typed.starts_with("$(") {
                let word = Word::plain(&typed, span);
                let source = Source::word(&word);
                for mut command in loose_commands(&source, Span::new(0, typed.len())) {
                    // What is looked for is no program that was found.
                    if Self::only_searches(&command) {
                        continue;
                    }
                    command.iter_mut().for_each(put_in);
                    self.guess_among(&command, args, place)?;
                }
            } else if let Some(variable) = Variable::of(&typed) {
                self.guess_value(&variable, span, is_program, args, place)?;
            }
        }
        Ok(())
    }

    /// Returns whether a command of a substitution only looks for its words.
    fn only_searches(command: &[Word]) -> bool {
        match command.first().map(name_of) {
            Some(Name::Known(name)) => SEARCHERS.contains(&&*name),
            Some(Name::Unknown) | None => false,
        }
    }

    /// Returns where those parts of a word stand that are not known, and what is typed there. In zsh
    /// a variable with `[` behind it is one: which of its words is picked, nothing here tells.
    fn parts_made(&self, word: &Word) -> Vec<(Span, String)> {
        let unknown = word.pieces.iter().filter_map(|piece| match piece {
            Piece::Unknown { span, .. } => Some((*span, self.typed(*span).to_owned())),
            Piece::Text { .. } => None,
        });
        let mut made: Vec<_> = unknown.collect();
        if self.grammar == Grammar::Zsh
            && made.is_empty()
            && let Some(rest) = self.line.get(word.span.start..)
            && let Some(variable) = Variable::of(rest)
            && variable.is_picked
        {
            made.push((word.span, format!("${}", variable.name)));
        }
        made
    }

    /// Returns whether only the run will tell which word of a list a word of zsh is.
    pub(super) fn is_picked(&self, word: &Word) -> bool {
        self.grammar == Grammar::Zsh && word.is_known() && !self.parts_made(word).is_empty()
    }

    /// Adds every guarded name among what a variable holds, and among what those that it names hold.
    fn guess_value(
        &mut self,
        variable: &Variable,
        span: Span,
        is_program: bool,
        args: &[Word],
        place: &Place,
    ) -> Result<(), TooMuch> {
        // The variable itself, and then those that it names; what they hold names no further ones.
        let mut names = vec![variable.name.clone()];
        let mut at = 0;
        while let Some(name) = names.get(at).cloned() {
            let is_first = at == 0;
            at += 1;
            let value = match self.scope.list(&name) {
                Some(words) => Value::List(words.clone()),
                None => self
                    .scope
                    .value(&name, self.givens, &mut self.needs.variables),
            };
            let words = match value {
                // Lines that were typed, each of them whole.
                Value::Text(lines) if name == HISTORY && !is_program => {
                    self.guess_lines(&lines, span, place)?;
                    continue;
                }
                Value::Text(text) if self.may_expand(text.len()) => {
                    let words = text.split_whitespace();
                    words.map(|word| Word::plain(word, span)).collect()
                }
                Value::List(words) if self.may_expand(words.iter().map(length).sum()) => words,
                Value::List(_)
                | Value::Text(_)
                | Value::Either(_)
                | Value::Unset
                | Value::Unknown => continue,
            };
            for word in words {
                // `${(L)x}`, `${x,,}`.
                let small = Word::plain(&word.beginning().to_lowercase(), span);
                let named = word.beginning();
                if variable.points && is_first && !names.iter().any(|name| *name == named) {
                    names.push(named.into_owned());
                }
                self.guess_among(&[word], args, place)?;
                self.guess_among(&[small], args, place)?;
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

/// What is typed for a variable: `$x`, `${x%y}`, zsh's `${(P)x}`, `$x[1]`.
struct Variable {
    /// Its name.
    name: String,
    /// Whether it stands for the variable that it names.
    points: bool,
    /// Whether zsh alone knows which words it stands for: `$x[1]`, `$=x`.
    is_picked: bool,
}

impl Variable {
    /// Reads what begins with a variable.
    fn of(typed: &str) -> Option<Self> {
        let mut rest = typed.strip_prefix('$')?;
        let mut points = rest.starts_with("{!");
        while let Some(c) = rest.chars().next() {
            rest = match c {
                '{' | '$' | '=' | '^' | '~' | '!' | '#' | '+' => rest.get(1..)?,
                '(' => {
                    let (flags, behind) = rest.split_once(')')?;
                    points |= flags.contains('P');
                    behind
                }
                _ => break,
            };
        }
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let (name, behind) = rest.split_at_checked(length)?;
        (!name.is_empty()).then(|| Self {
            name: name.to_owned(),
            points,
            is_picked: behind.starts_with('[')
                || typed
                    .get(1..)
                    .is_some_and(|rest| rest.starts_with(['=', '~', '^', '+'])),
        })
    }
}

/// How long what is known of a word is, in bytes, the end of it included.
fn length(word: &Word) -> usize {
    word.beginning().len() + 1
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
