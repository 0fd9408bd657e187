//! Scripts that a line runs: asked for by their path, walked once they are given.
//!
//! What is found in one carries its [`Origin`]; its span is that of the call in the line.

use super::code;
use super::made::makefile;
use super::scope::{POSITIONALS, Value};
use super::source::Source;
use super::unwrap::What;
use super::walker::{Frame, Place, Streams, Walker};
use super::{
    Content, Fed, Form, Grammar, Origin, STANDARD_INPUT, Span, THROUGH_PATH, TooMuch, Word,
};

/// Shells whose scripts are read.
const SHELLS: &[&str] = &[
    "sh", "bash", "dash", "ash", "zsh", "ksh", "ksh93", "mksh", "busybox", "fish",
];

impl Walker<'_> {
    /// Walks the script that a shell is given by its path.
    pub(super) fn script(
        &mut self,
        file: &Word,
        parameters: Vec<Word>,
        frame: Option<&Frame<'_>>,
        place: &Place,
    ) -> Result<(), TooMuch> {
        self.run_made(file, Some(Form::Shell), &parameters, frame, place)?;
        if is_sourced(place) && !file.beginning().contains('/') {
            // It is looked for as a program is, and then in the working directory.
            self.path_script(file, parameters.clone(), frame, place)?;
        }
        self.disk_script(file, parameters, frame, place)
    }

    /// Walks the script that `PATH` gives for a name.
    fn path_script(
        &mut self,
        name: &Word,
        parameters: Vec<Word>,
        frame: Option<&Frame<'_>>,
        place: &Place,
    ) -> Result<(), TooMuch> {
        let is_set = self.scope.values.contains_key("PATH");
        let name = name.known().filter(|name| !name.is_empty());
        if let Some(name) = name
            && place.is_here()
            && !is_set
            && let Some(Content::Text(text)) = self.asked_for(&format!("{THROUGH_PATH}{name}"))
            && let Some(grammar) = grammar_of(text)
        {
            let is_sourced = is_sourced(place);
            let grammar = if is_sourced { self.grammar } else { grammar };
            let outer = std::mem::replace(&mut self.grammar, grammar);
            let result = self.script_text(&name, text, Some(parameters), frame, place);
            self.grammar = outer;
            result?;
        }
        Ok(())
    }

    /// Walks what the makefile or the crontab on disk under this path starts.
    pub(super) fn disk_program(
        &mut self,
        file: &Word,
        form: Form,
        parameters: &[Word],
        place: &Place,
    ) -> Result<(), TooMuch> {
        for path in self.own_paths(file, place) {
            let Some(Content::Text(text)) = self.asked_for(&path) else {
                continue;
            };
            let word = Word::plain(text, Span::new(0, text.len()));
            let whats = match form {
                Form::Make => makefile(&word, parameters),
                form => code::read(form, &word)
                    .into_iter()
                    .map(What::from)
                    .collect(),
            };
            self.in_script(&path, text, None, |walker| {
                let streams = Streams {
                    fed: &Fed::Nothing,
                    wants_output: false,
                };
                whats
                    .into_iter()
                    .try_for_each(|what| walker.what(what, None, place, streams))
            })?;
        }
        Ok(())
    }

    /// Walks the script that is on disk under this path.
    pub(super) fn disk_script(
        &mut self,
        file: &Word,
        parameters: Vec<Word>,
        frame: Option<&Frame<'_>>,
        place: &Place,
    ) -> Result<(), TooMuch> {
        for path in self.own_paths(file, place) {
            self.script_at(&path, parameters.clone(), frame, place)?;
        }
        Ok(())
    }

    /// Walks the script of which the line made a copy; its path is as seen from where the line begins.
    pub(super) fn copied_script(
        &mut self,
        source: &Word,
        parameters: &[Word],
        frame: Option<&Frame<'_>>,
        place: &Place,
    ) -> Result<(), TooMuch> {
        match source.known().filter(|path| !path.is_empty()) {
            Some(path) if place.is_here() && !source.is_pattern() => {
                self.script_at(&path, parameters.to_vec(), frame, place)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Walks the script at a path as seen from where the line begins.
    fn script_at(
        &mut self,
        path: &str,
        parameters: Vec<Word>,
        frame: Option<&Frame<'_>>,
        place: &Place,
    ) -> Result<(), TooMuch> {
        match self.asked_for(path) {
            Some(Content::Text(text)) => {
                self.script_text(path, text, Some(parameters), frame, place)
            }
            Some(Content::Nothing | Content::Unseen) | None => Ok(()),
        }
    }

    /// Walks a program that is typed with a path, where it is a script for a shell.
    pub(super) fn program_script(
        &mut self,
        program: &Word,
        args: &[Word],
        frame: Option<&Frame<'_>>,
        place: &Place,
    ) -> Result<(), TooMuch> {
        if !program.beginning().contains('/') {
            return self.path_script(program, args.to_vec(), frame, place);
        }
        for path in self.own_paths(program, place) {
            let Some(Content::Text(text)) = self.asked_for(&path) else {
                continue;
            };
            let Some(grammar) = grammar_of(text) else {
                continue;
            };
            let outer = std::mem::replace(&mut self.grammar, grammar);
            let result = self.script_text(&path, text, Some(args.to_vec()), frame, place);
            self.grammar = outer;
            result?;
        }
        Ok(())
    }

    /// Walks the commands on standard input: a file of the line's, or what the caller feeds.
    pub(super) fn fed_script(
        &mut self,
        frame: Option<&Frame<'_>>,
        place: &Place,
        fed: &Fed,
    ) -> Result<(), TooMuch> {
        let path = match fed {
            Fed::File(word) => match word.known() {
                Some(path) => path,
                None => return Ok(()),
            },
            Fed::Nothing => STANDARD_INPUT.to_owned(),
            Fed::Text(_) | Fed::Unknown => return Ok(()),
        };
        match self.asked_for(&path) {
            Some(Content::Text(text)) => self.script_text(&path, text, None, frame, place),
            _ => Ok(()),
        }
    }

    /// Returns what was given of the file that `word` is; nothing where it is not known.
    pub(super) fn content(&self, word: &Word) -> Option<&Content> {
        self.givens.files.get(&word.known()?)
    }

    /// Returns the files on the host that reads the line that a path may be; none where that is not
    /// known.
    pub(super) fn own_paths(&self, word: &Word, place: &Place) -> Vec<String> {
        match word.known().filter(|path| !path.is_empty()) {
            Some(path) if place.is_here() && !word.is_pattern() => self.paths(&path),
            Some(_) | None => Vec::new(),
        }
    }
}

impl<'a> Walker<'a> {
    /// Returns what was given of a file; notes that it was asked for.
    pub(super) fn asked_for(&mut self, path: &str) -> Option<&'a Content> {
        let content = self.givens.files.get(path);
        if content.is_none() {
            self.needs.files.insert(path.to_owned());
        }
        content
    }

    /// Walks a script's text.
    fn script_text(
        &mut self,
        path: &str,
        text: &'a str,
        parameters: Option<Vec<Word>>,
        frame: Option<&Frame<'_>>,
        place: &Place,
    ) -> Result<(), TooMuch> {
        self.in_script(path, text, parameters, |walker| {
            let source = Source::line(text, false);
            let streams = Streams {
                fed: &Fed::Unknown,
                wants_output: false,
            };
            walker.text(&source, frame, place, streams).map(drop)
        })
    }

    /// Walks what is in a script, and says of all that is found where it stands there.
    fn in_script(
        &mut self,
        path: &str,
        text: &'a str,
        parameters: Option<Vec<Word>>,
        walk: impl FnOnce(&mut Self) -> Result<(), TooMuch>,
    ) -> Result<(), TooMuch> {
        // One that runs itself says nothing new. A slash is in no function's name.
        let key = format!("/{path}");
        if !self.calling.insert(key.clone()) {
            return Ok(());
        }
        let line = std::mem::replace(&mut self.line, text);
        let first = std::mem::replace(&mut self.first, self.invocations.len());
        let positionals = self.scope.values.get(POSITIONALS).cloned();
        if let Some(parameters) = parameters {
            self.scope
                .replace_positionals(Some(Value::List(parameters)));
        }
        let caller = self.caller;
        let result = self.deeper(walk);
        self.scope.replace_positionals(positionals);
        self.line = line;
        self.mark_origin(path, text, caller);
        self.first = first;
        self.caller = caller;
        self.calling.remove(&key);
        result
    }

    /// Says of all that was found in the script where it stands there.
    fn mark_origin(&mut self, path: &str, text: &str, caller: Span) {
        let rows = Rows::new(text);
        for found in self.invocations.iter_mut().skip(self.first) {
            if found.origin.is_none() {
                found.origin = Some(Origin {
                    file: path.to_owned(),
                    row: rows.row_of(found.span.start),
                    text: text
                        .get(found.span.start..found.span.end)
                        .unwrap_or_default()
                        .to_owned(),
                });
            }
            found.span = caller;
            for write in &mut found.writes {
                write.span = caller;
            }
        }
    }
}

/// Where the rows of a text begin.
struct Rows(Vec<usize>);

impl Rows {
    /// Finds them.
    fn new(text: &str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Self(std::iter::once(0).chain(ends).collect())
    }

    /// Returns the row that a byte is in, from 1.
    fn row_of(&self, at: usize) -> usize {
        self.0.partition_point(|start| *start <= at)
    }
}

/// Returns whether the shell itself reads a file.
fn is_sourced(place: &Place) -> bool {
    let last = place.via.last();
    last.is_some_and(|via| matches!(via.name.as_str(), "source" | "."))
}

/// Returns how the shell reads a file that is started as a program; nothing where no shell does. It
/// is told by its first row; one that does not say so is read by `sh`.
fn grammar_of(text: &str) -> Option<Grammar> {
    let Some(first) = text.strip_prefix("#!") else {
        return Some(Grammar::Posix);
    };
    let first = first.lines().next().unwrap_or_default();
    let words = first.split([' ', '\t', '/']);
    let mut words = words.filter(|word| !word.is_empty() && !word.starts_with('-'));
    let shell = words.find(|word| SHELLS.contains(word))?;
    Some(Grammar::of_shell(shell))
}

#[cfg(test)]
mod tests {
    use super::super::testing::lore;
    use super::super::{Givens, Line, Reading, read};
    use super::*;

    /// Returns the reading of a line that is given these files.
    fn given(text: &str, files: &[(&str, Content)]) -> Reading {
        let files = files
            .iter()
            .map(|(path, content)| ((*path).to_owned(), content.clone()));
        let givens = Givens {
            files: files.collect(),
            ..Givens::default()
        };
        read(&Line::shell(text.as_bytes()), &lore(), &givens).unwrap()
    }

    /// Returns what was found in scripts: `file:row: text <- call`.
    fn drawn(text: &str, files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<(&str, Content)> = files
            .iter()
            .map(|(path, content)| (*path, Content::Text((*content).to_owned())))
            .collect();
        let reading = given(text, &files);
        let found = reading.invocations.iter().filter_map(|found| {
            let origin = found.origin.as_ref()?;
            let call = text.get(found.span.start..found.span.end).unwrap();
            let (file, row) = (&origin.file, origin.row);
            Some(format!("{file}:{row}: {} <- {call}", origin.text))
        });
        found.collect()
    }

    #[test]
    fn scripts_are_asked_for() {
        let cases: [(&str, &[&str]); 35] = [
            ("bash a.sh", &["a.sh"]),
            ("sudo sh -x ./a.sh b", &["./a.sh"]),
            ("./a.sh", &["./a.sh"]),
            ("nohup /opt/a.sh &", &["/opt/a.sh"]),
            ("ssh web1 < a.sh", &["a.sh"]),
            ("ssh web1 bash -s < a.sh", &["a.sh"]),
            ("bash", &["/dev/stdin"]),
            ("ssh web1 ./a.sh", &[]),
            ("ssh web1 'bash a.sh'", &[]),
            ("ssh web1 'bash < a.sh'", &[]),
            ("cd /x && ./a.sh", &["/x/a.sh"]),
            ("cd d && sh a.sh", &["d/a.sh"]),
            ("cd d; ./a.sh", &["d/a.sh"]),
            ("pushd d; ./a.sh", &["$PATH/pushd", "d/a.sh"]),
            ("cd . && ./a.sh", &["./a.sh"]),
            ("(cd d && ./a.sh)", &["d/a.sh"]),
            ("(cd d); ./a.sh", &["./a.sh"]),
            ("env -C d ./a.sh", &["d/a.sh"]),
            ("sudo -D d ./a.sh", &["d/a.sh"]),
            ("cd d && sudo ./a.sh", &["d/a.sh"]),
            ("cd d && ssh mx1 < ../a.sh", &["d/../a.sh"]),
            ("cd d && cat a.sh | bash", &["d/a.sh"]),
            ("cd d && ls; ./a.sh", &["./a.sh", "d/a.sh"]),
            ("cd \"$x\" && ./a.sh", &[]),
            ("ssh web1 'cd d && ./a.sh'", &[]),
            ("cd /x && /y/a.sh", &["/y/a.sh"]),
            ("bash \"$x\"", &[]),
            ("a.sh", &["$PATH/a.sh"]),
            ("sudo a b", &["$PATH/a"]),
            ("PATH=/x; a", &[]),
            ("ssh web1 a", &[]),
            ("a() { ls; }; a", &[]),
            ("ls", &[]),
            (". a", &["$PATH/a", "a"]),
            ("cp a d/b; cd d; sh b", &["a", "d/b"]),
        ];
        for (text, expected) in cases {
            let needs = given(text, &[]).needs.files;
            assert_eq!(needs.iter().collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_in_a_script_is_found_with_its_row() {
        assert_eq!(
            drawn(
                "sudo bash a.sh",
                &[("a.sh", "#!/bin/sh\nls\n  reboot -f\n")]
            ),
            ["a.sh:2: ls <- bash a.sh", "a.sh:3: reboot -f <- bash a.sh"]
        );
        assert_eq!(
            drawn("./a.sh", &[("./a.sh", "bash b.sh"), ("b.sh", "\nreboot")]),
            ["./a.sh:1: bash b.sh <- ./a.sh", "b.sh:2: reboot <- ./a.sh"]
        );
        // A program of another language is none of ours.
        assert_eq!(
            drawn("./a", &[("./a", "#!/usr/bin/python3\nreboot")]),
            [""; 0]
        );
        assert_eq!(
            drawn("./a", &[("./a", "#!/usr/bin/env bash\nreboot")]),
            ["./a:2: reboot <- ./a"]
        );
        assert_eq!(
            drawn("a -f", &[("$PATH/a", "#!/bin/sh\nreboot \"$1\"")]),
            ["a:2: reboot \"$1\" <- a -f"]
        );
        assert_eq!(
            drawn("a", &[("$PATH/a", "#!/usr/bin/perl\nreboot")]),
            [""; 0]
        );
        assert_eq!(
            drawn(". a", &[("$PATH/a", "reboot"), ("a", "reboot -f")]),
            ["a:1: reboot <- . a", "a:1: reboot -f <- . a"]
        );
        // One that runs itself comes to an end.
        assert_eq!(drawn("./a", &[("./a", "./a")]), ["./a:1: ./a <- ./a"]);
    }

    #[test]
    fn a_script_has_its_parameters_and_its_target() {
        let text = Content::Text("\"$1\" -f".to_owned());
        let reading = given("bash a.sh reboot", &[("a.sh", text)]);
        assert_eq!(reading.invocations[1].name, "reboot");
        let text = Content::Text("reboot".to_owned());
        let reading = given("ssh op@web1 < a.sh", &[("a.sh", text)]);
        let target = &reading.invocations[1].target;
        assert_eq!(target.host.as_ref().unwrap().shown(), "web1");
        let text = Content::Text("reboot".to_owned());
        let reading = given("sh", &[(STANDARD_INPUT, text)]);
        assert_eq!(reading.invocations[1].name, "reboot");
    }

    #[test]
    fn a_script_that_cannot_be_seen_is_opaque() {
        use super::super::Opaque;
        let opaque = |text: &str, path: &str, content: Content| {
            given(text, &[(path, content)]).invocations[0].opaque
        };
        let unseen = Some(Opaque::Download);
        assert_eq!(opaque("bash a", "a", Content::Unseen), unseen);
        assert_eq!(opaque("sh", STANDARD_INPUT, Content::Unseen), unseen);
        assert_eq!(opaque("sh", STANDARD_INPUT, Content::Nothing), None);
        assert_eq!(opaque("bash a", "a", Content::Nothing), None);
        assert_eq!(opaque("bash a", "b", Content::Nothing), None);
    }
}
