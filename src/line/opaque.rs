//! Why an invocation cannot be known, and when that is no reason to hold it (`docs/opaque.md`).
//!
//! In: words with unknown parts, and the line's text where these stand. Out: an [`Opaque`], or
//! nothing where the unknown part is of a kind that is common and harmless.

use super::folder;
use super::name::{Name, name_of};
use super::unwrap::{Inside, What};
use super::walk::is_all_unknown;
use super::walker::{Place, Walker};
use super::{Content, Fed, Form, Grammar, Opaque, Piece, STANDARD_INPUT, Span, Word};

/// Programs that bring text from elsewhere, or make it unreadable: what they print is nobody's
/// settings.
pub(super) const FETCHERS: &[&str] = &[
    "curl", "wget", "fetch", "aria2c", "http", "https", "lynx", "links", "nc", "ncat", "socat",
    "ssh", "scp", "sftp", "ftp", "tftp", "telnet", "openssl", "gpg", "aws", "gsutil", "gcloud",
];

/// Programs that print what they are given or find in a file: what comes out may be anything.
pub(super) const PRINTERS: &[&str] = &[
    "cat", "head", "tail", "tac", "rev", "tr", "sed", "awk", "gawk", "cut", "echo", "printf",
    "base64", "base32", "xxd", "zcat", "gunzip", "bzcat", "xzcat", "perl", "python", "python3",
    "ruby", "node", "php", "jq", "grep", "read", "string", "path", "history", "fc",
];

/// How the names of scripts for shells end.
const SCRIPTS: &[&str] = &[".sh", ".bash", ".zsh", ".ksh"];

/// Variables that name a program by convention, and the program whose words it takes.
const PROGRAMS: &[(&str, &str)] = &[("SHELL", "sh"), ("SUDO", "sudo"), ("sudo", "sudo")];

impl Walker<'_> {
    /// Returns the program that a variable in its place stands for by convention.
    pub(super) fn conventional(&self, program: &Word) -> Option<&'static str> {
        let name = self.variable(program)?;
        let mut known = PROGRAMS.iter();
        known.find_map(|(variable, program)| (*variable == name).then_some(*program))
    }

    /// Returns whether a program is a variable that names, by convention, one that runs nothing
    /// that it is given (`$EDITOR`, `$PAGER`; they stand in `plain.toml`).
    pub(super) fn is_plain_variable(&self, program: &Word) -> bool {
        let name = self.variable(program);
        name.is_some_and(|name| self.lore.is_plain(&format!("${name}")))
    }

    /// Returns why a program's name is not known; nothing where it is the caller's own words
    /// (`"$@"`, `"${cmd[@]}"`) or a conventional variable.
    pub(super) fn why_unknown(&self, program: &Word, is_eval: bool) -> Option<Opaque> {
        if is_eval {
            return Some(Opaque::Eval);
        }
        let is_harmless = self.is_callers(program) || self.is_plain_variable(program);
        (!is_harmless).then_some(Opaque::Variable)
    }

    /// Returns why a program that is a script for a shell, by its name, is not known: nobody can
    /// say which file it is, so that it cannot be read. All other programs are known by their names.
    pub(super) fn why_elsewhere(&self, program: &Word, place: &Place) -> Option<Opaque> {
        let Name::Known(name) = name_of(program) else {
            return None;
        };
        let is_script = SCRIPTS.iter().any(|end| name.ends_with(end));
        let is_path = !program.is_known() || program.beginning().contains('/');
        (is_script && is_path && place.is_here() && !self.is_one_of_files(program))
            .then_some(Opaque::Variable)
    }

    /// Returns why it is not known which script a shell reads (`bash "$x"`, `bash *.sh`). What the
    /// shell itself reads is known by its name, as a program is: mostly it is settings.
    fn why_which(&self, script: &Word, inside: &Inside, place: &Place) -> Option<Opaque> {
        let is_sourced = matches!(inside.via.name.as_str(), "source" | ".");
        let is_known = match is_sourced {
            true => matches!(name_of(script), Name::Known(_)),
            false => self.is_one_of_files(script),
        };
        let is_read = place.is_here() && inside.via.moves.is_none();
        (is_read && !is_known && !self.is_callers(script)).then_some(Opaque::Variable)
    }

    /// Returns whether it is known which files a path may be.
    fn is_one_of_files(&self, path: &Word) -> bool {
        let files = path
            .known()
            .map(|path| path.is_empty() || !self.paths(&path).is_empty());
        files.unwrap_or_default() && !path.is_pattern()
    }

    /// Returns whether a word is one of those that the caller gave.
    fn is_callers(&self, word: &Word) -> bool {
        let [Piece::Unknown { span, .. }] = word.pieces.as_slice() else {
            return false;
        };
        is_callers_words(self.typed(*span))
    }

    /// Returns why the inside of a wrapper cannot be known, if none of it can.
    pub(super) fn why_inside(
        &self,
        insides: &[Inside],
        fed: &Fed,
        place: &Place,
    ) -> Option<Opaque> {
        insides.iter().find_map(|inside| match &inside.what {
            What::Argv(_) | What::Named(_) | What::Made { .. } => None,
            What::Shell { text, .. } | What::PowerShell(text) => self.why_text(text),
            // What a client of a database or an editor is fed is data, now and then with an escape.
            What::Stdin(Form::Client | Form::Vim) => None,
            What::Stdin(_) => match fed {
                Fed::Unknown
                    if self.grammar == Grammar::Fish
                        && matches!(inside.via.name.as_str(), "source" | ".") =>
                {
                    self.why_piped()
                }
                Fed::Unknown => Some(Opaque::Download),
                Fed::Text(text) => self.why_text(text),
                Fed::Nothing => self.why_unseen(STANDARD_INPUT),
                Fed::File(path) => match self.content(path) {
                    Some(Content::Unseen) | None => Some(Opaque::Download),
                    Some(Content::Text(_) | Content::Nothing) => None,
                },
            },
            // `bash <(curl …)`: what a process substitution gives is one unknown part.
            What::Script { file, form, .. } => match file.pieces.as_slice() {
                [Piece::Unknown { span, .. }] if is_process(self.typed(*span)) => {
                    match self.text_in(file) {
                        Some(text) => self.why_text(&text),
                        None => self.why_printed(*span),
                    }
                }
                _ => {
                    let folder =
                        folder::behind(&inside.via, self.scope.folder().as_ref(), self.lore);
                    let path = file.known().unwrap_or_default();
                    let mut on_disk = folder::paths_in(folder.as_ref(), &path).into_iter();
                    let on_disk = on_disk.find_map(|path| self.why_unseen(&path));
                    let why = on_disk.or_else(|| self.why_made(file));
                    match form {
                        Form::Shell => why.or_else(|| self.why_which(file, inside, place)),
                        _ => why,
                    }
                }
            },
        })
    }

    /// Returns whether a script that is asked for is known to be beyond reading.
    fn why_unseen(&self, path: &str) -> Option<Opaque> {
        let is_unseen = self.givens.files.get(path) == Some(&Content::Unseen);
        is_unseen.then_some(Opaque::Download)
    }

    /// Returns why text that is run cannot be known.
    fn why_text(&self, text: &Word) -> Option<Opaque> {
        if !is_all_unknown(text) {
            return None;
        }
        let mut unknown = text.pieces.iter().filter_map(|piece| match piece {
            Piece::Unknown { span, .. } => Some(*span),
            Piece::Text { .. } => None,
        });
        let (Some(span), None) = (unknown.next(), unknown.next()) else {
            return Some(Opaque::Eval);
        };
        let typed = self.typed(span);
        // In fish a substitution has no `$` outside of quotes.
        match typed.starts_with("$(") || typed.starts_with(['`', '(']) {
            true => self.why_printed(span),
            false => Some(Opaque::Eval),
        }
    }

    /// Returns why what the commands at `span` print cannot be run unseen. One program that prints
    /// its own settings (`ssh-agent`, `direnv hook bash`) is trusted with that.
    fn why_printed(&self, span: Span) -> Option<Opaque> {
        let names: Vec<&str> = self
            .invocations
            .iter()
            .skip(self.first)
            .filter(|found| span.start <= found.span.start && found.span.end <= span.end)
            .filter(|found| !found.guessed)
            .map(|found| found.name.as_str())
            .collect();
        let is_one_of = |list: &[&str]| names.iter().any(|name| list.contains(name));
        if is_one_of(FETCHERS) {
            return Some(Opaque::Download);
        }
        let is_piped = self.typed(span).contains('|');
        let is_doubtful = names.is_empty() || names.contains(&"") || is_one_of(PRINTERS);
        (is_piped || is_doubtful).then_some(Opaque::Eval)
    }

    /// Returns why what is piped to fish's `source` cannot be run unseen: `X | source` is what
    /// `eval "$(X)"` is to other shells. One program that prints its own settings is trusted with that.
    fn why_piped(&self) -> Option<Opaque> {
        let mut found = self.invocations.iter().skip(self.first);
        let is_trusted = match (found.next(), found.next()) {
            (Some(only), None) => {
                let name = only.name.as_str();
                !(name.is_empty() || FETCHERS.contains(&name) || PRINTERS.contains(&name))
            }
            _ => false,
        };
        (!is_trusted).then_some(Opaque::Download)
    }

    /// Returns the line's text at `span`.
    pub(super) fn typed(&self, span: Span) -> &str {
        self.line.get(span.start..span.end).unwrap_or_default()
    }

    /// Returns the name of the one variable that a program is.
    fn variable(&self, program: &Word) -> Option<&str> {
        let [Piece::Unknown { span, .. }] = program.pieces.as_slice() else {
            return None;
        };
        let name = self.typed(*span).strip_prefix('$')?;
        let name = name.strip_prefix('{').unwrap_or(name);
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let length = name.find(|c| !is_part(c)).unwrap_or(name.len());
        // `${x:1}`, `${x/a/b}` are not what the variable holds; `${x:-vi}` is, or what is harmless.
        let (name, rest) = name.split_at_checked(length)?;
        let is_whole = rest.is_empty() || rest == "}" || rest.starts_with(":-");
        (is_whole && !name.is_empty()).then_some(name)
    }
}

/// Returns whether `typed` is a file that commands write: `<(…)`, or fish's `(… | psub)`.
fn is_process(typed: &str) -> bool {
    typed.starts_with("<(") || typed.starts_with('(') && typed.contains("psub")
}

/// Returns whether `typed` stands for words that the caller gave: `$@`, `$1`, `${cmd[@]}`.
fn is_callers_words(typed: &str) -> bool {
    let Some(name) = typed.strip_prefix('$') else {
        return false;
    };
    let name = name.strip_prefix('{').unwrap_or(name);
    name.starts_with(['@', '*'])
        || name.starts_with(|c: char| c.is_ascii_digit())
        || name.contains("[@]")
        || name.contains("[*]")
}
