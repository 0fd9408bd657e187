//! From one argv to its invocation and those that it runs in turn.

use super::code;
use super::fish;
use super::folder;
use super::name::{Name, name_of};
use super::options::target_of;
use super::output;
use super::powershell;
use super::scope::{Scope, Value};
use super::source::Source;
use super::unwrap::{Call, Inside, What};
use super::walk::is_all_unknown;
use super::walker::{Frame, Place, Redirected, Streams, Walker};
use super::{Fed, Form, Grammar, Invocation, Opaque, Target, TooMuch, Word, Write};

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
            // In zsh `=x` is where `x` lies.
            (Name::Known(name), _) if self.grammar == Grammar::Zsh => {
                let bare = name.strip_prefix('=').filter(|bare| !bare.is_empty());
                Name::Known(bare.map(str::to_owned).unwrap_or(name))
            }
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
        // What follows are the words of another program.
        let own_lengths = wrappers.iter().filter_map(|wrapper| {
            let call = Call {
                wrapper,
                words: lore.words(known),
                name: known,
                argv: &argv,
                target: &place.target,
            };
            call.own_length()
        });
        let own_args = args.get(..own_lengths.min().unwrap_or(args.len()));
        if let Some(own) = target_of(known, own_args.unwrap_or(args), lore) {
            overlay(&mut target, own);
        }
        let mut insides = Vec::new();
        let mut writes = redirected.writes;
        let mut written = Vec::new();
        let mut changed = Vec::new();
        for wrapper in wrappers {
            let call = Call {
                wrapper,
                words: lore.words(known),
                name: known,
                argv: &argv,
                target: &target,
            };
            insides.extend(call.insides());
            match call.is_in_place() {
                true => changed.extend(call.written()),
                false => written.extend(call.written()),
            }
        }
        writes.extend(written.iter().chain(&changed).map(|path| Write {
            span: path.span,
            path: path.clone(),
        }));
        let is_unknown = name == Name::Unknown;
        let opaque = match name {
            Name::Unknown => {
                let is_eval = frame.is_some_and(|frame| frame.source.has_holes);
                self.why_unknown(program, is_eval)
            }
            Name::Known(_) if insides.is_empty() => {
                let why = self.why_made(program);
                why.or_else(|| self.why_elsewhere(program, place))
            }
            Name::Known(_) => self.why_inside(&insides, streams.fed, place),
        };
        let sql = self.sql(known, args, place, streams.fed);
        let invocation = Invocation {
            span: program.span.to(last.span),
            program: program.clone(),
            name: known.to_owned(),
            args: args.to_vec(),
            via: place.via.clone(),
            target,
            writes,
            fed: streams.fed.clone(),
            sql,
            variables: self.scope.given(),
            folder: self.scope.folder(),
            opaque,
            guessed: place.guessed,
            origin: None,
        };
        let caller = std::mem::replace(&mut self.caller, invocation.span);
        self.push(invocation)?;
        // What runs elsewhere is made of what is there.
        let stays = insides.iter().all(|inside| inside.via.moves.is_none());
        match opaque {
            Some(Opaque::Variable | Opaque::Eval) if stays => {
                self.guess_made(&argv, is_unknown, place)?;
            }
            None if self.is_picked(program) => self.guess_made(&argv, true, place)?,
            None if known == "eval" && args.iter().any(|word| self.is_picked(word)) => {
                self.guess_made(&argv, false, place)?;
            }
            Some(Opaque::Variable | Opaque::Eval | Opaque::Download | Opaque::Unparsed) | None => {}
        }
        let sets = wrappers.iter().any(|wrapper| wrapper.skip_assignments);
        if sets
            || matches!(
                known,
                "export" | "declare" | "typeset" | "local" | "readonly"
            )
        {
            self.hooks_in(args, frame, place)?;
        }
        self.note_variables(known, args, streams.fed);
        self.note_files(known, args, &written, streams.fed);
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
        let is_tried = std::mem::take(&mut self.is_tried);
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
            self.alias(known, program.span, args, frame, place, streams)?;
            self.given_function(known, program.span, args, frame, place, streams)?;
        }
        // A program leaves the shell where it is.
        let mark = self.scope.mark();
        self.run_copied(argv, place, streams)?;
        self.run_made(program, None, args, frame, place)?;
        let lore = self.lore;
        let is_builtin =
            self.grammar == Grammar::Fish && frame.is_some() && fish::is_plain(known, args);
        if !lore.is_known(known) && !is_builtin && !self.is_plain_variable(program) {
            self.program_script(program, args, frame, place)?;
            if !is_tried {
                self.guess(known, argv, place, streams)?;
            }
        }
        self.scope.roll_back(mark);
        if !streams.wants_output {
            return Ok(Fed::Unknown);
        }
        Ok(match known {
            "cat" => self.concatenated(args, streams.fed, place),
            _ => output::of(known, args, streams.fed),
        })
    }

    /// Returns what `cat` prints: what is fed, what the line wrote, or one file as it is.
    fn concatenated(&self, args: &[Word], fed: &Fed, place: &Place) -> Fed {
        let is_option = |word: &&Word| {
            let text = word.beginning();
            text.starts_with('-') && text.len() > 1
        };
        let operands: Vec<&Word> = args.iter().filter(|word| !is_option(word)).collect();
        if operands.is_empty() {
            return fed.clone();
        }
        let n_operands = operands.len();
        let outputs = operands.into_iter().map(|word| match self.text_in(word) {
            _ if word.known().as_deref() == Some("-") => fed.clone(),
            Some(text) => Fed::Text(text),
            None if n_operands == 1 && word.is_known() && place.is_here() => self.fed_by(word),
            None => Fed::Unknown,
        });
        let all = outputs.reduce(output::concat);
        all.unwrap_or(Fed::Unknown)
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
        let name = place.via.last().map_or("", |via| via.name.as_str());
        let grammar = match name {
            // The shell reads it itself.
            "eval" | "source" | "." | "trap" => self.grammar,
            name => Grammar::of_shell(name),
        };
        let outer_grammar = std::mem::replace(&mut self.grammar, grammar);
        let folder = self.scope.folder();
        let outer = is_foreign.then(|| std::mem::replace(&mut self.scope, Scope::foreign()));
        let mark = self.scope.mark();
        if let Some(via) = place.via.last() {
            self.scope.enter(via, folder.as_ref(), self.lore);
        }
        let result = self.what(inside.what, frame.filter(|_| !is_foreign), &place, streams);
        self.grammar = outer_grammar;
        let left_in = self.scope.folder();
        self.scope.roll_back(mark);
        if let Some(outer) = outer {
            self.scope = outer;
        } else if left_in != folder
            && place.via.last().is_some_and(folder::is_own)
            && let Some(left_in) = left_in
        {
            self.scope.change_folder(left_in);
        }
        result
    }

    /// Walks the wrapped part itself.
    pub(super) fn what(
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
                        Form::Argv | Form::Shell | Form::Keys => {
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
            What::Script {
                file,
                form,
                parameters,
            } => {
                self.run_made(&file, Some(form), &parameters, frame, place)?;
                if matches!(form, Form::Make | Form::Crontab) {
                    self.disk_program(&file, form, &parameters, place)?;
                }
            }
            What::Made {
                file,
                form,
                parameters,
            } => self.run_made(&file, Some(form), &parameters, frame, place)?,
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
        // In fish none of them is the name.
        let n_skipped = usize::from(self.grammar != Grammar::Fish);
        let positionals = parameters.into_iter().skip(n_skipped).collect();
        let before = self
            .scope
            .replace_positionals(Some(Value::List(positionals)));
        let result = self.text(&source, frame, place, streams);
        self.scope.replace_positionals(before);
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
        for command in reading.calls {
            let writes = command.writes.into_iter();
            let writes: Vec<Write> = writes
                .map(|path| Write {
                    span: path.span,
                    path,
                })
                .collect();
            if command.argv.is_empty() {
                self.push(Invocation {
                    span: writes.first().map(|write| write.span).unwrap_or_default(),
                    via: place.via.clone(),
                    target: place.target.clone(),
                    writes,
                    guessed: place.guessed,
                    ..Invocation::default()
                })?;
                continue;
            }
            self.invoke(
                command.argv,
                Redirected {
                    writes,
                    ..Redirected::default()
                },
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
