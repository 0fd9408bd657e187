//! From one argv to its invocation and those that it runs in turn.

use super::code;
use super::options::target_of;
use super::output;
use super::powershell;
use super::scope::{Scope, Value};
use super::source::Source;
use super::unwrap::{Call, Inside, What};
use super::walk::{Frame, Place, Redirected, Streams, Walker, is_all_unknown};
use super::{Fed, Form, Invocation, Opaque, Piece, Span, Target, TooMuch, Via, Word, Write};

/// What is known of a program's name.
#[derive(Debug, PartialEq, Eq)]
enum Name {
    /// This base name.
    Known(String),
    /// Only the run will tell.
    Unknown,
}

impl Walker<'_> {
    /// Adds the invocation of `argv` (not empty) and all that it runs; returns what it prints.
    /// `frame` is `None` where no shell reads the argv.
    pub(super) fn invoke(
        &mut self,
        argv: Vec<Word>,
        redirected: Redirected,
        frame: Option<&Frame<'_>>,
        place: &Place,
        streams: Streams<'_>,
    ) -> Result<Fed, TooMuch> {
        self.deeper(|walker| walker.invoke_here(argv, redirected, frame, place, streams))
    }

    /// Does what [`Walker::invoke`] says, one level deeper.
    fn invoke_here(
        &mut self,
        argv: Vec<Word>,
        redirected: Redirected,
        frame: Option<&Frame<'_>>,
        place: &Place,
        streams: Streams<'_>,
    ) -> Result<Fed, TooMuch> {
        let (Some(program), Some(last)) = (argv.first(), argv.last()) else {
            return Ok(Fed::Unknown);
        };
        let name = match (name_of(program), self.conventional(program)) {
            (Name::Unknown, Some(program)) => Name::Known(program.to_owned()),
            (name, _) => name,
        };
        let known = match &name {
            Name::Known(name) => name.as_str(),
            Name::Unknown => "",
        };
        let lore = self.lore;
        let args = argv.get(1..).unwrap_or_default();
        let wrappers = lore.wrappers(known);
        let mut target = place.target.clone();
        if let Some(own) = target_of(known, args, lore) {
            overlay(&mut target, own);
        }
        let mut insides = Vec::new();
        let mut writes = redirected.writes;
        for wrapper in wrappers {
            let call = Call {
                wrapper,
                words: lore.words(known),
                name: known,
                argv: &argv,
                target: &target,
            };
            insides.extend(call.insides());
            writes.extend(call.written().into_iter().map(|path| Write {
                span: path.span,
                path,
            }));
        }
        let opaque = match name {
            Name::Unknown => {
                let is_eval = frame.is_some_and(|frame| frame.source.has_holes);
                self.why_unknown(program, is_eval)
            }
            Name::Known(_) => self.why_inside(&insides, streams.fed),
        };
        let invocation = Invocation {
            span: program.span.to(last.span),
            program: program.clone(),
            name: known.to_owned(),
            args: args.to_vec(),
            via: place.via.clone(),
            target,
            writes,
            fed: streams.fed.clone(),
            opaque,
            guessed: place.guessed,
            origin: None,
        };
        let caller = std::mem::replace(&mut self.caller, invocation.span);
        self.push(invocation)?;
        self.note_variables(known, args);
        let output = self.run_by(known, &argv, insides, frame, place, streams);
        self.caller = caller;
        output
    }

    /// Walks what a program runs in turn; returns what it prints.
    fn run_by(
        &mut self,
        known: &str,
        argv: &[Word],
        insides: Vec<Inside>,
        frame: Option<&Frame<'_>>,
        place: &Place,
        streams: Streams<'_>,
    ) -> Result<Fed, TooMuch> {
        let Some((program, args)) = argv.split_first() else {
            return Ok(Fed::Unknown);
        };
        for inside in insides {
            self.inside(inside, frame, place, streams)?;
        }
        if let Some(frame) = frame
            && let Some(output) = self.function(known, args, frame, place, streams)?
        {
            return Ok(output);
        }
        if let Some(frame) = frame {
            self.alias(known, args, frame, place, streams)?;
        }
        let lore = self.lore;
        if !lore.is_known(known) && !self.is_plain_variable(program) {
            self.program_script(program, args, frame, place)?;
            self.guess(known, argv, place, streams)?;
        }
        if !streams.wants_output {
            return Ok(Fed::Unknown);
        }
        Ok(output::of(known, args, streams.fed))
    }

    /// Walks what a wrapper runs.
    fn inside(
        &mut self,
        inside: Inside,
        frame: Option<&Frame<'_>>,
        place: &Place,
        streams: Streams<'_>,
    ) -> Result<(), TooMuch> {
        let is_foreign = inside.via.moves.is_some();
        let mut via = place.via.clone();
        via.push(inside.via);
        let place = Place {
            via,
            target: inside.target,
            guessed: place.guessed,
        };
        let outer = is_foreign.then(|| std::mem::replace(&mut self.scope, Scope::foreign()));
        let mark = self.scope.mark();
        let result = self.what(inside.what, frame.filter(|_| !is_foreign), &place, streams);
        self.scope.roll_back(mark);
        if let Some(outer) = outer {
            self.scope = outer;
        }
        result
    }

    /// Walks the wrapped part itself.
    fn what(
        &mut self,
        what: What,
        frame: Option<&Frame<'_>>,
        place: &Place,
        streams: Streams<'_>,
    ) -> Result<(), TooMuch> {
        match what {
            What::Argv(argv) => {
                self.invoke(argv, Redirected::default(), None, place, streams)?;
            }
            What::Shell { text, parameters } => {
                self.shell_text(&text, parameters, frame, place, streams)?;
            }
            What::PowerShell(text) => self.powershell_text(&text, place)?,
            What::Stdin(Form::Shell) if !matches!(streams.fed, Fed::Text(_)) => {
                self.fed_script(frame, place, streams.fed)?;
            }
            What::Stdin(form) => {
                if let Fed::Text(text) = streams.fed {
                    let streams = Streams {
                        fed: &Fed::Nothing,
                        wants_output: false,
                    };
                    match form {
                        Form::Argv | Form::Shell => {
                            self.shell_text(text, Vec::new(), frame, place, streams)?;
                        }
                        Form::PowerShell => self.powershell_text(text, place)?,
                        program => {
                            for started in code::read(program, text) {
                                self.what(started.into(), None, place, streams)?;
                            }
                        }
                    }
                }
            }
            What::Script {
                file,
                form: Form::Shell,
                parameters,
            } => self.script(&file, parameters, frame, place)?,
            What::Script { .. } => {}
            What::Named(argv) => self.named(argv, place)?,
        }
        Ok(())
    }

    /// Adds the call of a program that exists by name alone (`ansible/reboot`).
    fn named(&mut self, argv: Vec<Word>, place: &Place) -> Result<(), TooMuch> {
        let Some((program, args)) = argv.split_first() else {
            return Ok(());
        };
        let end = args.last().map_or(program.span, |last| last.span);
        self.push(Invocation {
            program: program.clone(),
            name: program.shown(),
            args: args.to_vec(),
            span: program.span.to(end),
            via: place.via.clone(),
            target: place.target.clone(),
            guessed: place.guessed,
            ..Invocation::default()
        })
    }

    /// Walks text for a shell.
    fn shell_text(
        &mut self,
        text: &Word,
        parameters: Vec<Word>,
        frame: Option<&Frame<'_>>,
        place: &Place,
        streams: Streams<'_>,
    ) -> Result<(), TooMuch> {
        if is_all_unknown(text) {
            return Ok(());
        }
        let source = Source::word(text);
        let name = parameters.first().and_then(Word::known);
        let name = name.map_or(Value::Unknown, Value::Text);
        let name_before = self.scope.values.insert("0".to_owned(), name);
        let positionals = parameters.into_iter().skip(1).collect();
        let before = self.scope.positionals.replace(positionals);
        let result = self.text(&source, frame, place, streams);
        self.scope.positionals = before;
        match name_before {
            Some(name) => self.scope.values.insert("0".to_owned(), name),
            None => self.scope.values.remove("0"),
        };
        result.map(drop)
    }

    /// Adds the calls in text for PowerShell.
    fn powershell_text(&mut self, text: &Word, place: &Place) -> Result<(), TooMuch> {
        let source = Source::word(text);
        let reading = powershell::read(&source);
        for argv in reading.calls {
            self.invoke(
                argv,
                Redirected::default(),
                None,
                place,
                Streams {
                    fed: &Fed::Nothing,
                    wants_output: false,
                },
            )?;
        }
        match reading.unparsed {
            None => Ok(()),
            Some(span) => self.unparsed(&source, span, place),
        }
    }

    /// Adds what an unknown program may run: every operand from which on the argv is a guarded
    /// program's or a wrapper's.
    fn guess(
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

    /// Notes what a builtin does to variables.
    fn note_variables(&mut self, name: &str, args: &[Word]) {
        let unknown_from = match name {
            "export" | "declare" | "local" | "readonly" | "typeset" => {
                for word in args {
                    let text = word.shown();
                    let Some((name, value)) = text.split_once('=') else {
                        continue;
                    };
                    let value = match word.is_known() {
                        true => Value::Text(value.to_owned()),
                        false => Value::Unknown,
                    };
                    self.scope.set(name.trim_end_matches('+'), value);
                }
                return;
            }
            "alias" => {
                for word in args {
                    let text = word.shown();
                    if let Some((name, _)) = text.split_once('=') {
                        self.aliases
                            .insert(name.to_owned(), word.tail(name.len() + 1));
                    }
                }
                return;
            }
            "unset" => {
                for word in args {
                    self.scope.set(&word.shown(), Value::Unset);
                }
                return;
            }
            "read" | "mapfile" | "readarray" | "getopts" | "let" => args,
            "printf" if args.first().is_some_and(|word| word.beginning() == "-v") => {
                args.get(1..2).unwrap_or_default()
            }
            "set" | "shift" => {
                let separator = args.first().is_some_and(|word| word.beginning() == "--");
                self.scope.positionals = args.get(1..).filter(|_| separator).map(<[Word]>::to_vec);
                return;
            }
            _ => return,
        };
        for word in unknown_from {
            let text = word.shown();
            if !text.starts_with('-') {
                self.scope.set(&text, Value::Unknown);
            }
        }
    }
}

/// Puts what a program's own options say over what its wrappers say.
fn overlay(target: &mut Target, own: Target) {
    let put = |place: &mut Option<Word>, value: Option<Word>| {
        if value.is_some() {
            *place = value;
        }
    };
    put(&mut target.host, own.host);
    put(&mut target.user, own.user);
    put(&mut target.container, own.container);
    put(&mut target.pod, own.pod);
    put(&mut target.namespace, own.namespace);
    put(&mut target.context, own.context);
    put(&mut target.account, own.account);
}

/// Returns the base name of a program. A file pattern in it is not known, unless it can stand for
/// one name alone (`systemct[l]`).
fn name_of(program: &Word) -> Name {
    let mut name = String::new();
    let mut is_pattern = false;
    for piece in &program.pieces {
        match piece {
            Piece::Text { text, quoted, .. } => {
                let base = match text.rfind('/') {
                    Some(slash) => {
                        name.clear();
                        is_pattern = false;
                        text.get(slash + 1..).unwrap_or_default()
                    }
                    None => text,
                };
                is_pattern |= !quoted && base.contains(['*', '?', '[']);
                name.push_str(base);
            }
            Piece::Unknown { .. } => {
                name.clear();
                // A slash after it makes the rest known again.
                name.push('\0');
            }
        }
    }
    if is_pattern && name != "[" {
        name = match single_brackets(&name) {
            Some(name) => name,
            None => return Name::Unknown,
        };
    }
    if name.contains('\0') {
        return Name::Unknown;
    }
    Name::Known(name)
}

/// Returns a file pattern that stands for one name alone, as that name.
fn single_brackets(pattern: &str) -> Option<String> {
    let mut name = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('[') {
        let (inner, after) = after.split_once(']')?;
        if inner.chars().count() != 1 {
            return None;
        }
        name.push_str(before);
        name.push_str(inner);
        rest = after;
    }
    name.push_str(rest);
    (!name.contains(['*', '?'])).then_some(name)
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
