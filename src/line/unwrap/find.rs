//! Where in a wrapper's words the wrapped part begins, by each of [`Inner`]'s ways.

use super::super::blanks::{join, typed};
use super::super::code::{self, Started};
use super::super::knowledge::Replaces;
use super::super::options::{Opt, Scan, fits_simple};
use super::super::output::decode_base64;
use super::super::walk::is_all_unknown;
use super::super::{Form, Inner, Piece, Span, Word};
use super::{Call, What};

/// Where the wrapped part begins, found by one of [`Inner`]'s ways.
pub(super) struct Found {
    /// How many of the arguments are the wrapper's own.
    pub(super) n_own: usize,
    /// What it runs.
    pub(super) what: What,
}

impl Call<'_> {
    /// Returns the wrapped parts.
    pub(super) fn find(
        &self,
        inner: &Inner,
        args: &[Word],
        scan: &Scan,
        n_verb: usize,
    ) -> Vec<Found> {
        match inner {
            Inner::Rest => self.rest(args, scan),
            Inner::Stdin => vec![Found {
                n_own: args.len(),
                what: What::Stdin(self.wrapper.form),
            }],
            Inner::After {
                after,
                until,
                or_rest,
                or_stdin,
            } => {
                let mut found = self.after(args, after, until);
                if self.wrapper.form == Form::PowerShell {
                    found.extend(encoded(args, scan));
                }
                if found.is_empty() && *or_rest {
                    found = self.rest(args, scan);
                }
                let is_read = || match found.as_slice() {
                    [] => true,
                    [one] => matches!(&one.what, What::PowerShell(text) if is_stdin(text)),
                    _ => false,
                };
                if *or_stdin && is_read() {
                    found = self.standard_input(args.len());
                }
                found
            }
            Inner::IfFlag {
                if_flag,
                operand,
                or_script,
                or_stdin,
                stdin_if,
            } => {
                let mut flags = scan
                    .options
                    .iter()
                    .filter(|option| if_flag.contains(&option.name))
                    .peekable();
                let first = scan.rest;
                if flags.peek().is_some_and(|flag| flag.value.is_some()) {
                    // `perl -e … -e …`: the flag has the text as its value.
                    let values = flags.filter_map(|flag| Some((flag.at, flag.value.as_ref()?)));
                    return values
                        .flat_map(|(at, text)| self.wrapped(std::slice::from_ref(text), &[], at))
                        .collect();
                }
                if flags.peek().is_some() {
                    let at = first + operand.saturating_sub(1);
                    return self.text_at(args, at);
                }
                let options = &mut scan.options.iter();
                if options.any(|option| stdin_if.contains(&option.name)) {
                    return self.standard_input(args.len());
                }
                match args.get(first) {
                    Some(word) if *or_script && !is_stdin(word) => vec![Found {
                        n_own: first,
                        what: What::Script {
                            file: word.clone(),
                            form: self.wrapper.form,
                            parameters: args.get(first + 1..).unwrap_or_default().to_vec(),
                        },
                    }],
                    Some(word) if *or_stdin && is_stdin(word) => self.standard_input(first + 1),
                    None if *or_stdin => self.standard_input(first),
                    _ => Vec::new(),
                }
            }
            Inner::ValueOf {
                when_flag, prefix, ..
            } if when_flag.is_empty() || !prefix.is_empty() => {
                let mut found = self.values(inner, scan);
                if self.wrapper.form == Form::Vim {
                    found.extend(self.plus_commands(args));
                }
                found
            }
            Inner::ValueOf {
                value_of,
                when_flag,
                ..
            } => self.value_of(args, scan, value_of, when_flag, n_verb),
            Inner::Operand(number) => {
                let at = scan.operands.get(n_verb + number.saturating_sub(1));
                let text = at.and_then(|at| Some((*at, args.get(*at)?)));
                text.map_or_else(Vec::new, |(at, text)| {
                    self.wrapped(std::slice::from_ref(text), &[], at)
                })
            }
            Inner::FileOf(options) => self.files(args, scan, options),
        }
    }

    /// Returns vim's `+command` words.
    fn plus_commands(&self, args: &[Word]) -> Vec<Found> {
        let plus = args.iter().enumerate();
        let plus = plus.filter(|(_, word)| word.beginning().starts_with('+'));
        plus.flat_map(|(at, word)| self.wrapped(&[word.tail(1)], &[], at))
            .collect()
    }

    /// Returns the values of the options, or what follows one of the beginnings in them.
    fn values(&self, inner: &Inner, scan: &Scan) -> Vec<Found> {
        let Inner::ValueOf {
            value_of, prefix, ..
        } = inner
        else {
            return Vec::new();
        };
        let values = scan
            .options
            .iter()
            .filter(|option| value_of.contains(&option.name));
        let found = values.filter_map(|option| {
            let value = option.value.as_ref()?;
            let text = value.shown();
            let mut lengths = prefix.iter().map(|prefix| prefix_length(prefix, &text));
            let length = match prefix.is_empty() {
                true => 0,
                false => lengths.find_map(|length| length)?,
            };
            Some(self.wrapped(&[value.tail(length)], &[], option.at))
        });
        found.flatten().collect()
    }

    /// Returns the files that are the values of the options.
    fn files(&self, args: &[Word], scan: &Scan, options: &[String]) -> Vec<Found> {
        let n_args = args.len();
        let operands = scan.operands.iter().filter_map(|at| args.get(*at));
        let parameters: Vec<Word> = operands
            .filter(|word| !word.beginning().contains('='))
            .cloned()
            .collect();
        let said = scan
            .options
            .iter()
            .filter(|option| options.contains(&option.name));
        let found = said.filter_map(|option| {
            let file = option.value.as_ref()?;
            Some(match is_stdin(file) {
                true => self.standard_input(n_args),
                false => vec![Found {
                    n_own: option.at,
                    what: What::Script {
                        file: file.clone(),
                        form: self.wrapper.form,
                        parameters: parameters.clone(),
                    },
                }],
            })
        });
        let mut found: Vec<Found> = found.flatten().collect();
        if found.is_empty() && self.wrapper.form == Form::Make {
            // Without a file it reads this one, which the line may have made.
            let program = self.argv.first().map(|word| word.span);
            found.push(Found {
                n_own: n_args,
                what: What::Made {
                    file: Word::plain("Makefile", program.unwrap_or_default()),
                    form: Form::Make,
                    parameters,
                },
            });
        }
        found
    }

    /// Returns standard input as the wrapped part.
    pub(super) fn standard_input(&self, n_own: usize) -> Vec<Found> {
        vec![Found {
            n_own,
            what: What::Stdin(self.wrapper.form),
        }]
    }

    /// Returns what follows the wrapper's own words.
    fn rest(&self, args: &[Word], scan: &Scan) -> Vec<Found> {
        let rest = args.get(scan.rest..).unwrap_or_default();
        if rest.is_empty() || scan.operands.len() < self.wrapper.operands.len() {
            return Vec::new();
        }
        self.wrapped(rest, &scan.options, scan.rest)
    }

    /// Returns `words` as the wrapped part; the first `n_own` arguments are the wrapper's own.
    fn wrapped(&self, words: &[Word], options: &[Opt], n_own: usize) -> Vec<Found> {
        let what = match self.wrapper.form {
            Form::Argv => What::Argv(self.opened(words, options)),
            Form::Shell => What::Shell {
                text: join(words),
                parameters: Vec::new(),
            },
            Form::Keys => What::Shell {
                text: typed(words),
                parameters: Vec::new(),
            },
            Form::PowerShell => What::PowerShell(join(words)),
            // Each word of a client is a command of its own.
            Form::Client => {
                return words
                    .iter()
                    .flat_map(|word| self.program(word, n_own))
                    .collect();
            }
            _ => {
                let program = words.first().cloned().unwrap_or_default();
                return self.program(&program, n_own);
            }
        };
        vec![Found { n_own, what }]
    }

    /// Returns what a program in another language starts. One of which nothing is known may start
    /// anything.
    fn program(&self, text: &Word, n_own: usize) -> Vec<Found> {
        let started = match is_all_unknown(text) {
            true => vec![Started::Shell(text.clone())],
            false => code::read(self.wrapper.form, text),
        };
        let found = started.into_iter().map(|started| Found {
            n_own,
            what: started.into(),
        });
        found.collect()
    }

    /// Returns what follows each of the options `after`, up to one of `until`.
    fn after(&self, args: &[Word], after: &[String], until: &[String]) -> Vec<Found> {
        let any_case = self.wrapper.form == Form::PowerShell;
        let is = |list: &[String], word: &Word| {
            let text = word.known();
            text.is_some_and(|text| {
                list.iter()
                    .any(|known| *known == text || (any_case && begins(known, &text)))
            })
        };
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(word) = args.get(at) {
            at += 1;
            if !is(after, word) {
                continue;
            }
            let rest = args.get(at..).unwrap_or_default();
            let length = rest
                .iter()
                .position(|word| is(until, word))
                .unwrap_or(rest.len());
            let inner = rest.get(..length).unwrap_or_default();
            if !inner.is_empty() {
                found.extend(self.wrapped(inner, &[], at));
            }
            at += length;
        }
        found
    }

    /// Returns the text that is the argument `at`.
    fn text_at(&self, args: &[Word], at: usize) -> Vec<Found> {
        let Some(text) = args.get(at) else {
            return Vec::new();
        };
        let what = match self.wrapper.form {
            Form::Argv | Form::Shell | Form::Keys => What::Shell {
                text: text.clone(),
                parameters: args.get(at + 1..).unwrap_or_default().to_vec(),
            },
            Form::PowerShell => What::PowerShell(text.clone()),
            _ => return self.program(text, at),
        };
        vec![Found { n_own: at, what }]
    }

    /// Returns the value of an option where the flags allow it, and else the call under the name
    /// that the entry has for it.
    fn value_of(
        &self,
        args: &[Word],
        scan: &Scan,
        value_of: &[String],
        when_flag: &[String],
        n_verb: usize,
    ) -> Vec<Found> {
        let said = scan
            .options
            .iter()
            .rev()
            .find(|option| value_of.contains(&option.name));
        let is_command = when_flag.is_empty()
            || when_flag
                .iter()
                .any(|entry| fits_flag(entry, &scan.options));
        if !is_command {
            return self.otherwise(args, scan);
        }
        let Some((option, text)) = said.and_then(|option| Some((option, option.value.clone()?)))
        else {
            return Vec::new();
        };
        let what = match self.wrapper.form {
            _ if self.wrapper.form.is_program() => return self.program(&text, option.at),
            Form::Argv => What::Argv(vec![text]),
            Form::Shell => What::Shell {
                text,
                parameters: scan
                    .operands
                    .iter()
                    .skip(n_verb + self.wrapper.operands.len())
                    .filter_map(|at| args.get(*at).cloned())
                    .collect(),
            },
            _ => What::PowerShell(text),
        };
        vec![Found {
            n_own: option.at,
            what,
        }]
    }

    /// Returns the call under `else_program`, `{-m}` replaced by that option's value.
    fn otherwise(&self, args: &[Word], scan: &Scan) -> Vec<Found> {
        let Some(template) = &self.wrapper.else_program else {
            return Vec::new();
        };
        let (before, rest) = template.split_once('{').unwrap_or((template, ""));
        let (option, after) = rest.split_once('}').unwrap_or((rest, ""));
        let said = scan.options.iter().rev().find(|known| known.name == option);
        let value = said.and_then(|option| option.value.as_ref());
        let span = value.map_or_else(Span::default, |word| word.span);
        let value = value.map(Word::shown).unwrap_or_default();
        let name = Word::plain(&format!("{before}{value}{after}"), span);
        let mut argv = vec![name];
        argv.extend_from_slice(args);
        vec![Found {
            n_own: 0,
            what: What::Named(argv),
        }]
    }

    /// Returns the wrapped argv with what only the run will tell marked as not known.
    fn opened(&self, rest: &[Word], options: &[Opt]) -> Vec<Word> {
        let mut argv = rest.to_vec();
        let replaces = self.wrapper.replaces.as_ref();
        let said = replaces.and_then(|replaces| replaced_text(replaces, options));
        let appends = self.wrapper.appends && said.is_none();
        let text = match (said, replaces) {
            (Some(text), _) => text,
            (None, Some(replaces)) if !self.wrapper.appends => replaces.default.clone(),
            _ => String::new(),
        };
        if !text.is_empty() {
            for word in &mut argv {
                open_word(word, &text);
            }
        }
        if appends && let Some(last) = argv.last() {
            let span = Span::new(last.span.end, last.span.end);
            argv.push(Word::unknown(span));
        }
        argv
    }
}

/// Returns whether `typed` is `full` or a beginning of it, as PowerShell reads its own options.
fn begins(full: &str, typed: &str) -> bool {
    let start = full.get(..typed.len());
    typed.len() >= 2 && start.is_some_and(|start| start.eq_ignore_ascii_case(typed))
}

/// Returns what PowerShell's `-EncodedCommand` runs; not known where it cannot be decoded.
fn encoded(args: &[Word], scan: &Scan) -> Option<Found> {
    let is_encoded = |option: &&Opt| {
        option.name.eq_ignore_ascii_case("-ec") || begins("-EncodedCommand", &option.name)
    };
    let option = scan.options.iter().find(is_encoded)?;
    let word = match &option.value {
        Some(value) => value.clone(),
        None => args.get(option.at + 1)?.clone(),
    };
    let bytes = word.known().and_then(|text| decode_base64(&text));
    let units = bytes.map(|bytes| {
        let pairs = bytes.chunks_exact(2);
        let units = pairs.map(|pair| u16::from_le_bytes(pair.try_into().unwrap_or_default()));
        units.collect::<Vec<u16>>()
    });
    let text = match units.map(|units| String::from_utf16(&units)) {
        Some(Ok(text)) => Word::plain(&text, word.span),
        _ => Word::unknown(word.span),
    };
    Some(Found {
        n_own: option.at + 1,
        what: What::PowerShell(text),
    })
}

/// Returns the text that an option says is replaced.
fn replaced_text(replaces: &Replaces, options: &[Opt]) -> Option<String> {
    let said = options
        .iter()
        .rev()
        .find(|option| replaces.option.contains(&option.name));
    said.map(|option| {
        let value = option.value.as_ref().and_then(Word::known);
        value.unwrap_or_else(|| replaces.default.clone())
    })
}

/// Puts an unknown part where `text` stands in `word`.
fn open_word(word: &mut Word, text: &str) {
    let Some(whole) = word.known() else {
        return;
    };
    let Some(at) = whole.find(text) else {
        return;
    };
    let hole = Piece::Unknown {
        span: word.part(at, at + text.len()).span,
        quoted: true,
    };
    let mut pieces = word.part(0, at).pieces;
    pieces.push(hole);
    pieces.extend(word.tail(at + text.len()).pieces);
    word.pieces = pieces;
}

/// Returns whether an entry of `when_flag` fits: `!-m` (not there), `-m`, `-m=value`.
fn fits_flag(entry: &str, options: &[Opt]) -> bool {
    let (is_not, entry) = entry
        .strip_prefix('!')
        .map_or((false, entry), |rest| (true, rest));
    let (name, value) = entry
        .split_once('=')
        .map_or((entry, None), |(name, value)| (name, Some(value)));
    let fits = |option: &Opt| {
        let text = option.value.as_ref().and_then(Word::known);
        let is_value = value.is_none_or(|value| text.is_none_or(|text| fits_simple(value, &text)));
        option.name == name && is_value
    };
    options.iter().any(fits) != is_not
}

/// Returns the length of the beginning of `text` that fits `prefix`, in which one `*` is any text.
fn prefix_length(prefix: &str, text: &str) -> Option<usize> {
    let Some((before, after)) = prefix.split_once('*') else {
        let start = text.get(..prefix.len())?;
        return start.eq_ignore_ascii_case(prefix).then_some(prefix.len());
    };
    let rest = text.strip_prefix(before)?;
    rest.find(after).map(|at| before.len() + at + after.len())
}

/// Returns whether a script's path is standard input.
fn is_stdin(word: &Word) -> bool {
    matches!(
        word.known().as_deref(),
        Some("-" | "/dev/stdin" | "/dev/fd/0")
    )
}
