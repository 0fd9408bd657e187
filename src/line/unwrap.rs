//! What a wrapper runs: from its own words, with what is known of it, to the wrapped part.
//!
//! Pure data work on words; the walk over the result is `walk`'s.

mod find;
mod place;

use super::blanks::split_on_blanks;
use super::code::Started;
use super::knowledge::{TargetFrom, Writes};
use super::options::{Opt, Reader, Scan, fits_simple};
use super::{Form, Inner, Moves, Piece, Span, Target, Via, Word, Words, Wrapper};

/// One thing that a wrapper runs.
#[derive(Debug)]
pub(super) struct Inside {
    /// The wrapper as it is seen from inside.
    pub(super) via: Via,
    /// Where the inside takes effect.
    pub(super) target: Target,
    /// What it is.
    pub(super) what: What,
}

/// What a wrapper runs.
#[derive(Debug)]
pub(super) enum What {
    /// A finished argv.
    Argv(Vec<Word>),
    /// Text for a shell, with the positional parameters that it gets, `$0` first.
    Shell {
        /// The text.
        text: Word,
        /// `$0`, `$1` and so on.
        parameters: Vec<Word>,
    },
    /// Text for PowerShell.
    PowerShell(Word),
    /// What comes on standard input, as text for this form.
    Stdin(Form),
    /// A file of commands.
    Script {
        /// Its path.
        file: Word,
        /// What it is.
        form: Form,
        /// `$1` and so on.
        parameters: Vec<Word>,
    },
    /// A file that counts only where the line itself made it.
    Made {
        /// Its path.
        file: Word,
        /// What it is.
        form: Form,
        /// The goals of a makefile.
        parameters: Vec<Word>,
    },
    /// No command: it is judged as the call of a program that this name makes up.
    Named(Vec<Word>),
}

impl From<Started> for What {
    fn from(started: Started) -> Self {
        match started {
            Started::Argv(argv) => Self::Argv(argv),
            Started::Shell(text) => Self::Shell {
                text,
                parameters: Vec::new(),
            },
        }
    }
}

/// A wrapper's call: its entry and its words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'c> {
    /// The entry.
    pub(super) wrapper: &'c Wrapper,
    /// What is known of the program's words besides.
    pub(super) words: Option<&'c Words>,
    /// The program's base name.
    pub(super) name: &'c str,
    /// The program and its arguments.
    pub(super) argv: &'c [Word],
    /// The target outside of it.
    pub(super) target: &'c Target,
}

impl Call<'_> {
    /// Returns all that the call runs.
    pub(super) fn insides(&self) -> Vec<Inside> {
        let args = self.argv.get(1..).unwrap_or_default();
        let split = self.split_args(args);
        let args = split.as_deref().unwrap_or(args);
        let Some(inner) = &self.wrapper.inner else {
            return Vec::new();
        };
        let n_verb = self.n_verb();
        let n_named = self.wrapper.operands.len();
        let stops = match inner {
            Inner::Rest | Inner::IfFlag { .. } => n_verb + n_named,
            Inner::After { or_rest, .. } if *or_rest => n_verb + n_named,
            Inner::After { .. }
            | Inner::Stdin
            | Inner::ValueOf { .. }
            | Inner::FileOf(_)
            | Inner::Operand(_) => usize::MAX,
        };
        let scan = self.reader().scan(args, stops);
        if !self.fits_verb(args, &scan) || self.runs_nothing(&scan.options) {
            return Vec::new();
        }
        let target = self.inner_target(args, &scan, n_verb);
        let mut found = self.find(inner, args, &scan, n_verb);
        if found.is_empty() && self.opens_shell(&scan) {
            found = self.standard_input(args.len());
        }
        let insides = found.into_iter().map(|found| Inside {
            via: self.via(args, found.n_own),
            target: target.clone(),
            what: found.what,
        });
        insides.collect()
    }

    /// Returns how many of the arguments are its own where the rest is another program's argv.
    pub(super) fn own_length(&self) -> Option<usize> {
        if self.wrapper.inner != Some(Inner::Rest) {
            return None;
        }
        let args = self.argv.get(1..).unwrap_or_default();
        let n_verb = self.n_verb();
        let scan = self
            .reader()
            .scan(args, n_verb + self.wrapper.operands.len());
        self.fits_verb(args, &scan).then_some(scan.rest)
    }

    /// Returns how many words the entry's verbs have.
    fn n_verb(&self) -> usize {
        let verb = self.wrapper.verb.first();
        verb.map_or(0, |verb| verb.split(' ').count())
    }

    /// Returns whether the call, with nothing to run, opens a shell that reads standard input
    /// (`ssh host`, `su -`).
    fn opens_shell(&self, scan: &Scan) -> bool {
        let goes_elsewhere = matches!(self.wrapper.moves, Some(Moves::Host | Moves::User));
        let is_conditional = match &self.wrapper.inner {
            Some(Inner::Rest) => scan.operands.len() < self.wrapper.operands.len(),
            Some(Inner::ValueOf { when_flag, .. }) => !when_flag.is_empty(),
            _ => true,
        };
        goes_elsewhere && !is_conditional && !self.wrapper.many
    }

    /// Returns the paths that the wrapper writes to.
    pub(super) fn written(&self) -> Vec<Word> {
        let Some(writes) = &self.wrapper.writes else {
            return Vec::new();
        };
        let args = self.argv.get(1..).unwrap_or_default();
        let scan = self.reader().scan(args, usize::MAX);
        if !self.fits_verb(args, &scan) {
            return Vec::new();
        }
        let operands = scan.operands.get(self.n_verb()..).unwrap_or_default();
        let n_operands = operands.len();
        let mut operands = operands.iter().filter_map(|at| args.get(*at).cloned());
        match writes {
            Writes::Operands => operands.collect(),
            Writes::Last if n_operands < 2 || self.runs_nothing(&scan.options) => Vec::new(),
            Writes::Last => operands.next_back().map_or_else(Vec::new, file_or_folder),
            Writes::Options(options) => {
                let said = scan.options.into_iter();
                let said = said.filter(|option| options.contains(&option.name));
                let said = said.filter_map(|option| option.value);
                said.flat_map(file_or_folder).collect()
            }
            Writes::InPlace(how) => {
                let is_there = |names: &[String]| {
                    let mut said = scan.options.iter();
                    said.any(|option| names.contains(&option.name))
                };
                let is_asked = how.flag.is_empty() || is_there(&how.flag);
                if !is_asked || self.runs_nothing(&scan.options) {
                    return Vec::new();
                }
                let n_other = if is_there(&how.unless) { 0 } else { how.after };
                operands.skip(n_other).collect()
            }
        }
    }

    /// Returns whether the files that it writes keep of what was in them what it does not change.
    pub(super) fn is_in_place(&self) -> bool {
        matches!(self.wrapper.writes, Some(Writes::InPlace(_)))
    }

    /// Returns what is known of how the options are read.
    pub(super) fn reader(&self) -> Reader<'_> {
        let wrapper = self.wrapper;
        let mut values: Vec<&[String]> = vec![&wrapper.values, &wrapper.split];
        let mut optional: Vec<&[String]> = vec![&wrapper.optional];
        values.extend([
            wrapper.each.list.as_slice(),
            &wrapper.each.file,
            &wrapper.each.rest,
        ]);
        for from in wrapper.target.values() {
            if let TargetFrom::Options(options) = from {
                values.push(options);
            }
        }
        if let Some(replaces) = &wrapper.replaces {
            values.push(&replaces.option);
        }
        match &wrapper.inner {
            Some(Inner::ValueOf { value_of, .. }) => values.push(value_of),
            Some(Inner::FileOf(options)) => values.push(options),
            _ => {}
        }
        if let Some(Writes::Options(options)) = &wrapper.writes {
            values.push(options);
        }
        if let Some(words) = self.words {
            values.push(&words.values);
            optional.push(&words.optional);
        }
        Reader {
            values,
            optional,
            style: wrapper.style,
            any_case: wrapper.form == Form::PowerShell,
            abbrev: self.words.is_some_and(|words| words.abbrev),
            skips_assignments: wrapper.skip_assignments,
            ..Reader::default()
        }
    }

    /// Returns the arguments with the value of a splitting option (`env -S`) put in their place as
    /// words; nothing where there is none.
    fn split_args(&self, args: &[Word]) -> Option<Vec<Word>> {
        if self.wrapper.split.is_empty() {
            return None;
        }
        let scan = self.reader().scan(args, 0);
        let is_split = |option: &&Opt| self.wrapper.split.contains(&option.name);
        let option = scan.options.iter().find(is_split)?;
        let value = option.value.as_ref()?;
        let after = option.at + 1 + usize::from(!option.glued);
        let mut words: Vec<Word> = args.get(..option.at)?.to_vec();
        words.extend(split_on_blanks(value));
        words.extend(args.get(after..).unwrap_or_default().iter().cloned());
        Some(words)
    }

    /// Returns whether the first operands are one of the entry's verbs.
    fn fits_verb(&self, args: &[Word], scan: &Scan) -> bool {
        let verbs = &self.wrapper.verb;
        verbs.is_empty()
            || verbs.iter().any(|verb| {
                verb.split(' ').enumerate().all(|(number, pattern)| {
                    let word = scan.operands.get(number).and_then(|at| args.get(*at));
                    let text = word.and_then(Word::known);
                    text.is_some_and(|text| fits_simple(pattern, &text))
                })
            })
    }

    /// Returns whether an option is there with which nothing runs.
    fn runs_nothing(&self, options: &[Opt]) -> bool {
        options
            .iter()
            .any(|option| self.wrapper.none_if.contains(&option.name))
    }

    /// Returns the wrapper as it is seen from inside; `n_own` arguments are its own.
    fn via(&self, args: &[Word], n_own: usize) -> Via {
        let program = self.argv.first().cloned().unwrap_or_default();
        let own = args.get(..n_own).unwrap_or(args);
        let span = own
            .iter()
            .fold(program.span, |span, word| span.to(word.span));
        let mut words = vec![program];
        words.extend_from_slice(own);
        Via {
            name: self.name.to_owned(),
            words,
            span,
            moves: self.wrapper.moves,
            shell: self.wrapper.form != Form::Argv,
        }
    }
}

/// Returns a path as a file and as a folder in which a file is written; which it is only the disk
/// at the target knows.
fn file_or_folder(path: Word) -> Vec<Word> {
    let mut folder = path.clone();
    let end = Span::new(path.span.end, path.span.end);
    folder.pieces.push(Piece::Text {
        text: String::from("/"),
        span: end,
        quoted: true,
    });
    vec![path, folder]
}
