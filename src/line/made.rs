//! Files that the line itself makes: the text that it writes into one, the program that it copies
//! under another name, what a process substitution gives.
//!
//! A file goes by its base name alone, wherever it lies and on whatever host: `cd`, `scp` and
//! `chroot` then need no thought, and a mistake can only add a reading. What is on disk under that
//! name counts as well, because a write may not happen, or only append.

use std::collections::BTreeMap;

use super::code;
use super::name::{Name, name_of};
use super::opaque::{FETCHERS, PRINTERS};
use super::output;
use super::unwrap::What;
use super::walker::{Frame, Place, Streams, Walker};
use super::{Fed, Form, Opaque, Piece, Span, TooMuch, Word};

/// The most things that are remembered of one file; beyond, it cannot be known.
const MAX_EACH: usize = 16;

/// The longest chain of copies that is followed.
const MAX_CHAIN: usize = 8;

/// What a file was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Made {
    /// This text was written to it.
    Text(Word),
    /// It is this file under another name.
    Copy(Word),
    /// Something was written to it that the line does not show.
    Unseen(Opaque),
}

/// All files that a line makes, by base name.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// What was made, the last one last.
    made: BTreeMap<String, Vec<Made>>,
    /// What the process substitution at a place gives.
    printed: BTreeMap<Span, Word>,
}

impl Walker<'_> {
    /// Remembers what the process substitution at `span` gives.
    pub(super) fn note_printed(&mut self, span: Span, output: Fed) {
        if let Fed::Text(text) = output
            && self.may_expand(text.shown_length())
        {
            self.files.printed.insert(span, text);
        }
    }

    /// Remembers that what was printed went to files; `first` is the number of the first
    /// invocation that may have printed it.
    pub(super) fn note_written(&mut self, paths: &[(Word, bool)], output: &Fed, first: usize) {
        for (path, appends) in paths {
            let made = self.made_of(output, first);
            self.remember(path, made, *appends);
        }
    }

    /// Remembers what a program other than the shell makes of files: copies, `tee`, `dd`, downloads.
    pub(super) fn note_files(&mut self, name: &str, args: &[Word], written: &[Word], fed: &Fed) {
        match name {
            "cp" | "gcp" | "mv" | "gmv" | "ln" | "gln" | "link" | "install" | "ginstall"
            | "scp" | "rsync" => {
                self.note_copies(args);
            }
            "dd" => {
                let value = |key: &str| {
                    let mut found = args.iter().filter(|word| word.beginning().starts_with(key));
                    found.next_back().map(|word| word.tail(key.len()))
                };
                if let Some(path) = value("of=") {
                    let made = match value("if=") {
                        Some(from) => Some(Made::Copy(from)),
                        None => self.made_of(fed, self.invocations.len()),
                    };
                    self.remember(&path, made, false);
                }
            }
            "hash" => {
                if let [option, path, name] = args
                    && option.beginning() == "-p"
                {
                    self.remember(name, Some(Made::Copy(path.clone())), false);
                }
            }
            _ if FETCHERS.contains(&name) => self.note_download(args),
            _ => {
                for path in written {
                    let made = self.made_of(fed, self.invocations.len());
                    self.remember(path, made, true);
                }
            }
        }
    }

    /// Remembers what `cp`, `ln` and their like make of their operands.
    fn note_copies(&mut self, args: &[Word]) {
        let mut operands: Vec<&Word> = Vec::new();
        let mut folder = None;
        let mut args = args.iter();
        while let Some(word) = args.next() {
            let text = word.beginning();
            match text.as_ref() {
                "-t" | "--target-directory" => folder = args.next(),
                "-m" | "-o" | "-g" | "-S" | "--mode" | "--owner" | "--group" | "--suffix"
                | "-e" | "-P" | "-i" | "-F" => {
                    args.next();
                }
                "-" => operands.push(word),
                option if option.starts_with('-') => {}
                _ => operands.push(word),
            }
        }
        let target = match folder {
            Some(folder) => Some(folder),
            None => operands.pop(),
        };
        let Some(target) = target else {
            return;
        };
        for source in operands {
            let is_remote = source.beginning().contains(':');
            let made = match is_remote {
                true => Made::Unseen(Opaque::Download),
                // The folder may be another one where it is run.
                false => Made::Copy(self.seen_from_start(source).unwrap_or(source.clone())),
            };
            self.remember(target, Some(made.clone()), false);
            // The target may be a folder.
            if is_remote && let Name::Known(name) = name_of(source) {
                let name = Word::plain(&name, source.span);
                self.remember(&name, Some(made), false);
            }
        }
    }

    /// Remembers the file that `curl`, `wget` and their like write.
    fn note_download(&mut self, args: &[Word]) {
        let unseen = || Some(Made::Unseen(Opaque::Download));
        let mut has_name = false;
        for (at, word) in args.iter().enumerate() {
            let text = word.beginning();
            let letters = text
                .strip_prefix('-')
                .filter(|letters| !letters.starts_with('-'));
            let is_short = letters.is_some_and(|letters| letters.ends_with(['o', 'O']));
            let is_long = matches!(text.as_ref(), "--output" | "--output-document" | "--out");
            let glued = ["--output=", "--output-document=", "--out="]
                .iter()
                .find(|option| text.starts_with(**option));
            if let Some(option) = glued {
                has_name = true;
                self.remember(&word.tail(option.len()), unseen(), false);
            } else if (is_short || is_long)
                && let Some(path) = args.get(at + 1)
                && !path.beginning().contains("://")
                && !path.beginning().starts_with('-')
            {
                has_name = true;
                self.remember(path, unseen(), false);
            }
        }
        if has_name {
            return;
        }
        // Without a name it is the last part of the address.
        for word in args.iter().filter(|word| word.shown().contains("://")) {
            self.remember(word, unseen(), false);
        }
    }

    /// Returns what printed output is in a file.
    fn made_of(&self, output: &Fed, first: usize) -> Option<Made> {
        match output {
            Fed::Text(text) => Some(Made::Text(text.clone())),
            Fed::File(path) => Some(Made::Copy(path.clone())),
            Fed::Nothing => None,
            Fed::Unknown => {
                let printers = self.invocations.iter().skip(first);
                let mut names = printers.map(|found| found.name.as_str());
                let is_fetched = names.clone().any(|name| FETCHERS.contains(&name));
                let is_doubtful = names.any(|name| PRINTERS.contains(&name));
                match (is_fetched, is_doubtful) {
                    (true, _) => Some(Made::Unseen(Opaque::Download)),
                    (false, true) => Some(Made::Unseen(Opaque::Eval)),
                    (false, false) => None,
                }
            }
        }
    }

    /// Remembers what became of a file; where it was appended, with what stood there before.
    fn remember(&mut self, path: &Word, made: Option<Made>, appends: bool) {
        let (Some(key), Some(made)) = (self.key(path), made) else {
            return;
        };
        let before = self.files.made.get(&key).and_then(|all| all.last());
        let joined = match (before, &made) {
            (Some(Made::Text(before)), Made::Text(text)) if appends => {
                let whole = output::concat(Fed::Text(before.clone()), Fed::Text(text.clone()));
                match whole {
                    Fed::Text(word) => Made::Text(word),
                    _ => made,
                }
            }
            _ => made,
        };
        let n_bytes = match &joined {
            Made::Text(word) | Made::Copy(word) => word.shown_length(),
            Made::Unseen(_) => 1,
        };
        let fits = self.may_expand(n_bytes);
        let all = self.files.made.entry(key).or_default();
        match fits && all.len() < MAX_EACH {
            true => all.push(joined),
            false if all.last() != Some(&Made::Unseen(Opaque::Eval)) => {
                all.push(Made::Unseen(Opaque::Eval));
            }
            false => {}
        }
    }

    /// Returns the name by which a file goes: its base name, or the variable that it stands in.
    fn key(&self, path: &Word) -> Option<String> {
        if let [Piece::Unknown { span, .. }] = path.pieces.as_slice() {
            let typed = self.typed(*span);
            let name = typed.trim_start_matches(['$', '{']).trim_end_matches('}');
            let is_variable = typed.starts_with('$')
                && !name.is_empty()
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            return is_variable.then(|| format!("${name}"));
        }
        match name_of(path) {
            Name::Known(name) if !name.is_empty() => Some(name),
            _ => None,
        }
    }

    /// Returns what a file was made from, copies followed; the paths of copied files last.
    fn origins(&self, path: &Word) -> Vec<Made> {
        let mut found = Vec::new();
        let mut next = vec![path.clone()];
        for _ in 0..MAX_CHAIN {
            let Some(path) = next.pop() else { break };
            if let [Piece::Unknown { span, .. }] = path.pieces.as_slice()
                && let Some(text) = self.files.printed.get(span)
            {
                found.push(Made::Text(text.clone()));
            }
            let Some(all) = self.key(&path).and_then(|key| self.files.made.get(&key)) else {
                continue;
            };
            for made in all {
                if found.contains(made) {
                    continue;
                }
                if let Made::Copy(path) = made {
                    next.push(path.clone());
                }
                found.push(made.clone());
            }
        }
        found
    }

    /// Returns whether the line makes no file.
    pub(super) fn makes_nothing(&self) -> bool {
        self.files.made.is_empty() && self.files.printed.is_empty()
    }

    /// Returns the text that the line wrote to a file last.
    pub(super) fn text_in(&self, path: &Word) -> Option<Word> {
        if self.makes_nothing() {
            return None;
        }
        let mut texts = self.origins(path).into_iter().rev();
        texts.find_map(|made| match made {
            Made::Text(text) => Some(text),
            Made::Copy(_) | Made::Unseen(_) => None,
        })
    }

    /// Returns why what the line put into a file cannot be known.
    pub(super) fn why_made(&self, path: &Word) -> Option<Opaque> {
        if self.makes_nothing() {
            return None;
        }
        self.origins(path).into_iter().find_map(|made| match made {
            Made::Unseen(why) => Some(why),
            Made::Text(_) | Made::Copy(_) => None,
        })
    }

    /// Walks what the line wrote to a file that is run now. `form` is what reads it; where it is
    /// started as a program, its first row says.
    pub(super) fn run_made(
        &mut self,
        path: &Word,
        form: Option<Form>,
        parameters: &[Word],
        frame: Option<&Frame<'_>>,
        place: &Place,
    ) -> Result<(), TooMuch> {
        if self.makes_nothing() {
            return Ok(());
        }
        for made in self.origins(path) {
            match made {
                Made::Text(text) => {
                    self.made_text(path, text, form, parameters, frame, place)?;
                }
                Made::Copy(source) if form == Some(Form::Shell) => {
                    self.copied_script(&source, parameters, frame, place)?;
                }
                Made::Copy(_) | Made::Unseen(_) => {}
            }
        }
        Ok(())
    }

    /// Walks text that stands in a file.
    fn made_text(
        &mut self,
        path: &Word,
        text: Word,
        form: Option<Form>,
        parameters: &[Word],
        frame: Option<&Frame<'_>>,
        place: &Place,
    ) -> Result<(), TooMuch> {
        let form = form.unwrap_or_else(|| self.form_of(&text));
        // One that runs itself says nothing new. A blank and a slash are in no function's name.
        let key = format!("/made {}", path.shown());
        if !self.may_expand(text.shown_length()) || !self.calling.insert(key.clone()) {
            return Ok(());
        }
        let whats = match form {
            Form::Argv | Form::Shell | Form::Keys => {
                let mut all = vec![path.clone()];
                all.extend_from_slice(parameters);
                vec![What::Shell {
                    text,
                    parameters: all,
                }]
            }
            Form::PowerShell => vec![What::PowerShell(text)],
            Form::Make => makefile(&text, parameters),
            program => code::read(program, &text)
                .into_iter()
                .map(What::from)
                .collect(),
        };
        let streams = Streams {
            fed: &Fed::Nothing,
            wants_output: false,
        };
        let result = whats
            .into_iter()
            .try_for_each(|what| self.what(what, frame, place, streams));
        self.calling.remove(&key);
        result
    }

    /// Returns what reads a file that is started as a program: what its first row names.
    fn form_of(&self, text: &Word) -> Form {
        let shown = text.shown();
        let first = shown.lines().next().unwrap_or_default();
        let Some(rest) = first.strip_prefix("#!") else {
            return Form::Shell;
        };
        let mut names = rest.split([' ', '\t', '/']).filter(|name| {
            !name.is_empty() && !name.starts_with('-') && !matches!(*name, "usr" | "bin" | "env")
        });
        let lore = self.lore;
        let form = names.find_map(|name| Some(lore.wrappers(name).first()?.form));
        match form {
            None | Some(Form::Argv) => Form::Shell,
            Some(form) => form,
        }
    }

    /// Walks the call of a program that the line copied under this name (`cp /sbin/reboot x; ./x`).
    pub(super) fn run_copied(
        &mut self,
        argv: &[Word],
        place: &Place,
        streams: Streams<'_>,
    ) -> Result<(), TooMuch> {
        let Some((program, args)) = argv.split_first() else {
            return Ok(());
        };
        if self.makes_nothing() {
            return Ok(());
        }
        let lore = self.lore;
        for made in self.origins(program) {
            let Made::Copy(source) = made else { continue };
            let Name::Known(name) = name_of(&source) else {
                continue;
            };
            let is_new = Name::Known(name.clone()) != name_of(program);
            if !is_new || (!lore.is_guarded(&name) && lore.wrappers(&name).is_empty()) {
                continue;
            }
            let key = format!("/copied {name}");
            if !self.calling.insert(key.clone()) {
                continue;
            }
            let mut copy = vec![Word::plain(&source.shown(), program.span)];
            copy.extend_from_slice(args);
            let result = self.invoke(copy, Default::default(), None, place, streams);
            self.calling.remove(&key);
            result?;
        }
        Ok(())
    }
}

/// Returns what a makefile starts for goals; for all of them where one is not known.
pub(super) fn makefile(text: &Word, goals: &[Word]) -> Vec<What> {
    let known: Option<Vec<String>> = goals.iter().map(Word::known).collect();
    let started = match known {
        Some(goals) => code::makefile(text, &goals),
        None => code::read(Form::Make, text),
    };
    started.into_iter().map(What::from).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::read_shell;
    use super::super::{Invocation, Opaque};

    /// Returns the guarded programs that a line runs, and why the rest cannot be known.
    fn runs(text: &str) -> String {
        let reading = read_shell(text);
        let drawn = |found: &Invocation| match (found.name.as_str(), found.opaque) {
            ("reboot", _) => Some(format!("{} ", found.name)),
            (_, Some(Opaque::Download)) => Some("download ".to_owned()),
            (_, Some(Opaque::Eval)) => Some("eval ".to_owned()),
            _ => None,
        };
        let all: String = reading.invocations.iter().filter_map(drawn).collect();
        all.trim_end().to_owned()
    }

    #[test]
    fn what_the_line_writes_is_read_where_it_is_run() {
        for text in [
            "echo reboot > x; sh x",
            "echo reboot > /tmp/x && chmod +x /tmp/x && /tmp/x",
            "printf '#!/bin/sh\\nreboot\\n' > x; sudo ./x",
            "cat > x <<< reboot; . ./x; sh x",
            "cat <<E > x\nls\nreboot\nE\nbash x",
            "tee x <<< reboot; sh < x",
            "echo ls > x; echo reboot >> x; sh x",
            "(echo ls; echo reboot) > x; sh x",
            "echo reboot > x; cat x | sh",
            "echo reboot > x; eval \"$(< x)\"",
            "echo reboot > \"$f\"; sh ${f}",
            "ssh web1 'echo reboot > x; sh x'",
            "echo reboot > x; ssh web1 sh x",
            "echo reboot > x; mv x y; sh y",
            "sh <(echo reboot)",
            "cd /tmp; echo reboot > /tmp/x; sh x",
        ] {
            assert!(runs(text).contains("reboot"), "{text}: {}", runs(text));
        }
        for text in [
            "echo reboot > x; cat x",
            "echo ls > x; sh x",
            "echo 'echo reboot' > x; sh x",
            "cat <(echo reboot)",
            "echo reboot 2> x; sh x",
        ] {
            assert_eq!(runs(text), "", "{text}");
        }
    }

    #[test]
    fn a_copy_is_the_program_that_it_is_a_copy_of() {
        for text in [
            "cp /sbin/reboot x; ./x -f",
            "ln -s /sbin/reboot /tmp/x && sudo /tmp/x",
            "cp /sbin/reboot a; mv a b; ./b",
            "cat /sbin/reboot > x; ./x",
            "dd if=/sbin/reboot of=x; ./x",
            "install -m 755 /sbin/reboot x; ./x",
            "cp /bin/sh x; ./x -c reboot",
            "hash -p /sbin/reboot ls; ls",
        ] {
            assert!(runs(text).contains("reboot"), "{text}: {}", runs(text));
        }
        assert_eq!(runs("cp /sbin/reboot x; ls x"), "");
        assert_eq!(runs("cp x reboot.bak; cat reboot.bak"), "");
        // A name that is a copy of itself comes to an end.
        assert_eq!(runs("cp a b; cp b a; ./a; echo ./x > x; sh x"), "");
    }

    #[test]
    fn what_nobody_has_seen_is_opaque() {
        assert_eq!(runs("curl -o x http://a/b; sh x"), "download");
        assert_eq!(runs("curl -s http://a/b > x; sudo bash x"), "download");
        assert_eq!(runs("curl -O http://a/x; ls x"), "");
        assert_eq!(runs("cat a b > x; sh x"), "eval");
        // One program that prints its own settings is trusted with that.
        assert_eq!(runs("kubectl completion bash > x; source x"), "");
    }
}
