//! From a text of fish to one of a POSIX shell that calls the same programs.
//!
//! In: a [`Source`]. Out: one whose stretches stand where those of the first do, so that what is
//! found in it is shown as it was typed. Only what differs is rewritten. The conditions of blocks
//! stand first in what they hold, where every branch counts: what may run is what is read.
//! Nothing is made of a text that is not understood.

mod blocks;
mod made;
mod settings;
mod words;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::mem;

use made::Made;
pub(super) use made::Stretch;

use super::source::Source;
use super::{MAX_DEPTH, Span, Word};

/// Builtins and functions of fish that run nothing of what they are given. What is bound, completed
/// or abbreviated is judged when it is a line.
const PLAIN: [&str; 26] = [
    "abbr",
    "argparse",
    "bind",
    "block",
    "commandline",
    "complete",
    "contains",
    "count",
    "disown",
    "emit",
    "fish_add_path",
    "fish_config",
    "fish_update_completions",
    "functions",
    "history",
    "isatty",
    "math",
    "open",
    "path",
    "prompt_pwd",
    "random",
    "set_color",
    "status",
    "string",
    "ulimit",
    "vared",
];

/// Returns whether fish runs nothing of what is given to its command of this name, and sets no
/// variable to it.
pub(super) fn is_plain(name: &str, args: &[Word]) -> bool {
    let sets = |word: &Word| word.shown().contains("(?<");
    PLAIN.contains(&name) && !(name == "string" && args.iter().any(sets))
}

/// Returns the text of a POSIX shell that calls what this text of fish calls; nothing where it is
/// not understood.
pub(super) fn translate(source: &Source<'_>) -> Option<Source<'static>> {
    let made = read(source.text())?;
    Some(source.rewritten(made.text, &made.stretches))
}

/// Does what [`translate`] says with a text alone.
fn read(text: &str) -> Option<Made> {
    let mut reader = Reader::new(text);
    reader.commands(false).then_some(reader.out)
}

/// Where the reading stands.
struct Reader<'t> {
    /// The text.
    text: &'t str,
    /// Its characters, and where each begins.
    chars: Vec<(usize, char)>,
    /// The next character.
    at: usize,
    /// What was written.
    out: Made,
    /// How many substitutions and braces are open.
    depth: usize,
    /// What ends the blocks that are open.
    ends: Vec<Cow<'static, str>>,
    /// What comes behind the words of a block's head.
    head: Cow<'static, str>,
    /// Where the innermost substitution was written that may be a process's; none in quotes.
    opened_at: Option<usize>,
    /// Variables that were set to any number of words.
    lists: BTreeSet<String>,
}

/// What stands behind a word of a command.
enum Next {
    /// The program that is called.
    Command,
    /// Words that are given to it.
    Words,
    /// Nothing that is understood.
    Failed,
}

impl<'t> Reader<'t> {
    /// Returns a reader of this text.
    fn new(text: &'t str) -> Self {
        Self {
            text,
            chars: text.char_indices().collect(),
            at: 0,
            out: Made::default(),
            depth: 0,
            ends: Vec::new(),
            head: Cow::Borrowed(""),
            opened_at: None,
            lists: BTreeSet::new(),
        }
    }

    /// Returns the character so far ahead.
    fn ahead(&self, n: usize) -> Option<char> {
        self.chars.get(self.at + n).map(|(_, c)| *c)
    }

    /// Returns where the character with this number begins, in bytes.
    fn byte(&self, at: usize) -> usize {
        self.chars
            .get(at)
            .map_or(self.text.len(), |(start, _)| *start)
    }

    /// Returns where these characters stand.
    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.byte(start), self.byte(end))
    }

    /// Returns what stands between these places.
    fn between(&self, start: usize, end: usize) -> &'t str {
        let span = self.span(start, end);
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// Copies the next characters.
    fn copy(&mut self, n: usize) {
        let end = (self.at + n).min(self.chars.len());
        let span = self.span(self.at, end);
        self.out.copy(self.between(self.at, end), span);
        self.at = end;
    }

    /// Writes this in the place of the next characters.
    fn put(&mut self, n: usize, text: &str) {
        let end = (self.at + n).min(self.chars.len());
        let span = self.span(self.at, end);
        self.out.put(text, span);
        self.at = end;
    }

    /// Writes this where the reading stands, in the place of nothing.
    fn add(&mut self, text: &str) {
        self.put(0, text);
    }

    /// Reads commands to the end, or to the `)` of a substitution; returns whether it is there.
    fn commands(&mut self, is_inner: bool) -> bool {
        let (mut is_command, mut is_target, mut is_empty) = (true, false, true);
        // Behind a line that goes on a comment is a part of it, and its end, too.
        let mut is_going_on = false;
        let (n_ends, outer_head) = (self.ends.len(), mem::take(&mut self.head));
        while let Some(c) = self.ahead(0) {
            let next = self.ahead(1);
            is_going_on &= matches!(c, ' ' | '\t' | '#');
            match (c, next) {
                (')', _) => {
                    self.copy(1);
                    self.head = outer_head;
                    return is_inner && self.ends.len() == n_ends;
                }
                (' ' | '\t', _) => self.copy(1),
                ('\\', Some('\n')) => {
                    self.copy(2);
                    is_going_on = true;
                }
                ('#', _) => {
                    while self.ahead(0).is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                    self.at += usize::from(is_going_on);
                }
                (';' | '\n' | '\r', _) if !self.head.is_empty() => {
                    let head = mem::take(&mut self.head);
                    self.put(1, &head);
                    (is_command, is_target, is_empty) = (true, false, true);
                }
                ('\n' | '\r', _) => {
                    self.put(1, "\n");
                    (is_command, is_target, is_empty) = (true, false, true);
                }
                // Nothing stands before it: POSIX shells do not take that.
                (';', _) if is_empty => self.put(1, " "),
                (';', _) => {
                    self.copy(1);
                    (is_command, is_target, is_empty) = (true, false, true);
                }
                ('&', Some('>')) => {
                    self.copy(2);
                    is_target = true;
                }
                ('&', Some('|')) => {
                    self.put(2, " 2>&1 |");
                    is_command = true;
                }
                ('>', Some('|')) => {
                    self.put(2, ">&1 |");
                    is_command = true;
                }
                ('&', Some('&')) | ('|', Some('|')) => {
                    self.copy(2);
                    is_command = true;
                }
                ('&', _) => {
                    self.copy(1);
                    (is_command, is_empty) = (true, true);
                }
                ('|', _) => {
                    self.copy(1);
                    is_command = true;
                }
                ('<' | '>', _) => {
                    self.copy(1);
                    while let Some(c @ ('>' | '&' | '?')) = self.ahead(0) {
                        match c {
                            '?' => self.at += 1,
                            _ => self.copy(1),
                        }
                    }
                    is_target = true;
                }
                _ if is_command && !is_target => {
                    is_empty = false;
                    match self.command(n_ends) {
                        Next::Command => is_empty = true,
                        Next::Words => is_command = false,
                        Next::Failed => return false,
                    }
                }
                _ => {
                    is_target = false;
                    if !self.word() {
                        return false;
                    }
                }
            }
        }
        !is_inner && self.ends.len() == n_ends
    }

    /// Goes one level deeper; returns whether that is within the limit.
    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> bool) -> bool {
        self.depth += 1;
        let is_read = self.depth <= MAX_DEPTH / 2 && read(self);
        self.depth -= 1;
        is_read
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::lore;
    use super::super::{Givens, Grammar, Line, Opaque};
    use super::read;

    /// Returns what is made of a text.
    fn translate(text: &str) -> Option<String> {
        read(text).map(|made| made.text)
    }

    #[test]
    fn what_posix_shells_take_stays_as_it_is() {
        for text in [
            "deploy now",
            "a | b && c > d 2>&1 &",
            "echo 'it' \"$x\" $HOME ",
            "x=1 deploy",
            "[ -n x ]",
            "echo {a,b}",
        ] {
            assert_eq!(translate(text).unwrap(), text);
        }
    }

    #[test]
    fn forms_of_fish_call_the_same_programs() {
        for (text, made) in [
            ("echo (deploy)[1] # x", "echo $(deploy) "),
            ("true; and deploy; or x", "true;  deploy;  x"),
            (
                "if a; deploy; else if b; c; else; e; end | d",
                "if :; then  a; deploy; elif :; then  b; c; else :;   e; fi | d",
            ),
            (
                "for i in (a); deploy $i; end",
                "for i in $(a); do :;  deploy $i; done",
            ),
            (
                "switch $x; case a; deploy; end",
                "if : $x; then :;  elif : a; then :;  deploy; fi",
            ),
            ("set -q x; set -e $y", "set -q x; set -e $y"),
            ("set -gx x deploy; $x[1]", "x=deploy ; ${x}"),
            ("$y[2]; $$y[1]", "${y#}; ${y#}"),
            (
                "set x a (b); $x; $x[2]; $x[-1]; $x[2..3]; $x[2..]; \"$x\"",
                "x=( a $(b)); ${x[@]}; ${x[1]}; ${x#}; ${x[@]:1:2}; ${x[@]:1}; \"${x[*]}\"",
            ),
            ("set -a x b; set x[2] c; set x", "x+=( b); x[1]=c ; x=()"),
            ("begin; deploy; end >?x", "{ :;   deploy; } >x"),
            (r"\x64eploy it\'s '\\'", r"deploy it\'s '\'"),
            ("a &| b; c 2>| d", "a  2>&1 | b; c 2>&1 | d"),
            ("$$x; `a` [b]", "${!x}; \\`a\\` \\[b]"),
            ("alias d 'deploy x'; d", "alias d='deploy x'; d"),
            ("alias -s d=deploy; d", "alias d=deploy; d"),
            ("'i'f a; do; end", "if :; then  a; 'do'; fi"),
            ("{$x}loy {a b} {a, b}", "${x}loy \\{a\\ b\\} {a,b}"),
            ("functions -c f g; g x", "g() { f $@; }; g x"),
            (
                "function f -d (deploy); end",
                "f() { :; : $(deploy); :;  }; f",
            ),
            ("source (a | psub -f)", "source <(a | cat -f)"),
            (
                "function f -d x -a b c; $argv[2..-1]; end; f y",
                "f() { :; : x; b=$1; c=$2; :;  ${@:2}; }; f y",
            ),
            (
                "function f --on-event x; deploy $argv; end",
                "f() { :; : x; :;  deploy $@; }; f",
            ),
        ] {
            assert_eq!(translate(text).as_deref(), Some(made), "{text}");
        }
    }

    #[test]
    fn what_is_not_balanced_is_not_read() {
        for text in [
            "end",
            "a)",
            "(a",
            "if a",
            "'a",
            "{a",
            "begin; (end)",
            "echo \\ud800",
        ] {
            assert_eq!(translate(text), None, "{text}");
        }
        for (open, close) in [("(", ")"), ("{", "}"), ("$x[", "]")] {
            let deep = open.repeat(1000) + &close.repeat(1000);
            assert_eq!(translate(&deep), None);
        }
    }

    #[test]
    fn every_byte_that_is_written_comes_from_somewhere() {
        let text = "if test (ü)[1]; \\x64eploy 'a\\'b' ä; end";
        let made = read(text).unwrap();
        let mut at = 0;
        for stretch in &made.stretches {
            assert_eq!(stretch.start, at);
            at += stretch.length;
            let from = text.get(stretch.from.start..stretch.from.end).unwrap();
            if stretch.is_verbatim {
                assert_eq!(Some(from), made.text.get(stretch.start..at));
            }
        }
        assert_eq!(at, made.text.len());
    }

    /// fish's own functions: what fish takes is understood, and bash takes what is made of it.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "reads fish's own functions")]
    fn what_fish_brings_is_understood() {
        for folder in ["functions", "completions"] {
            let Ok(files) = std::fs::read_dir(format!("/usr/share/fish/{folder}")) else {
                continue;
            };
            let lore = lore();
            for file in files.flatten() {
                let text = std::fs::read_to_string(file.path()).unwrap();
                let name = file.path().display().to_string();
                assert!(read(&text).is_some(), "{name}");
                let line = Line::shell_of(text.as_bytes(), Grammar::Fish);
                let Ok(reading) = crate::line::read(&line, &lore, &Givens::default()) else {
                    continue;
                };
                for found in reading.invocations {
                    let is_unparsed = found.opaque == Some(Opaque::Unparsed);
                    assert!(!is_unparsed, "{name}: {:?}", text.get(found.span.start..));
                }
            }
        }
    }
}
