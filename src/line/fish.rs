//! From a text of fish to one of a POSIX shell that calls the same programs.
//!
//! Only what differs is rewritten, so that a plain command stays as it was typed. The conditions of
//! blocks stand first in what they hold, where every branch counts: what may run is what is read.
//! The body of a function counts where it is defined. A text that is not understood gets an end that no grammar takes, which
//! holds.

mod words;

use std::mem;

use super::MAX_DEPTH;

/// What a POSIX shell does not take.
const NOT_READ: &str = "\n)";

/// Words of the POSIX grammar that are names of programs in fish.
const NAMES: [&str; 11] = [
    "do", "done", "then", "fi", "esac", "elif", "until", "select", "coproc", "[[", "in",
];

/// Returns the text of a POSIX shell that calls what this text of fish calls.
#[must_use]
pub fn translate(text: &str) -> String {
    let mut reader = Reader::new(text);
    match reader.commands(false) {
        true => reader.out,
        false => text.to_owned() + NOT_READ,
    }
}

/// Returns the definition of a function, as `functions NAME` prints it, as a POSIX shell has it.
#[must_use]
pub fn function(name: &str, definition: &str) -> String {
    let body = definition
        .lines()
        .skip_while(|line| line.starts_with('#') || line.trim().is_empty());
    let body: Vec<&str> = body.collect();
    format!("{name}() {{\n{}\n}}", translate(&body.join("\n")))
}

/// Where the reading stands.
struct Reader {
    /// The text.
    text: Vec<char>,
    /// The next character.
    at: usize,
    /// What was written.
    out: String,
    /// How many substitutions are open.
    depth: usize,
    /// What ends the blocks that are open.
    ends: Vec<&'static str>,
    /// What comes behind the words of a block's head.
    head: &'static str,
}

impl Reader {
    /// Returns a reader of this text.
    fn new(text: &str) -> Self {
        Self {
            text: text.chars().collect(),
            at: 0,
            out: String::new(),
            depth: 0,
            ends: Vec::new(),
            head: "",
        }
    }

    /// Returns the character so far ahead.
    fn ahead(&self, n: usize) -> Option<char> {
        self.text.get(self.at + n).copied()
    }

    /// Returns what stands between these places.
    fn between(&self, start: usize, end: usize) -> &[char] {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Returns what stands from this place on.
    fn from(&self, start: usize) -> &[char] {
        self.text.get(start..).unwrap_or_default()
    }

    /// Copies the next characters.
    fn copy(&mut self, n: usize) {
        for _ in 0..n {
            self.out.extend(self.ahead(0));
            self.at += 1;
        }
    }

    /// Writes this in the place of the next characters.
    fn put(&mut self, n: usize, text: &str) {
        self.at += n;
        self.out += text;
    }

    /// Reads commands to the end, or to the `)` of a substitution; returns whether it is there.
    fn commands(&mut self, is_inner: bool) -> bool {
        let (mut is_command, mut is_target, mut is_empty) = (true, false, true);
        let (n_ends, outer_head) = (self.ends.len(), mem::take(&mut self.head));
        while let Some(c) = self.ahead(0) {
            let next = self.ahead(1);
            match (c, next) {
                (')', _) => {
                    self.copy(1);
                    self.head = outer_head;
                    return is_inner && self.ends.len() == n_ends;
                }
                (' ' | '\t', _) => self.copy(1),
                ('\\', Some('\n')) => self.copy(2),
                ('#', _) => {
                    while self.ahead(0).is_some_and(|c| c != '\n') {
                        self.copy(1);
                    }
                }
                (';' | '\n' | '\r', _) if !self.head.is_empty() => {
                    let head = mem::take(&mut self.head);
                    self.put(1, head);
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

    /// Reads the word where a program is called.
    fn command(&mut self, n_ends: usize) -> Next {
        let length = self
            .from(self.at)
            .iter()
            .take_while(|c| !c.is_whitespace() && !";&|()<>".contains(**c))
            .count();
        let raw: String = self.between(self.at, self.at + length).iter().collect();
        // fish takes its keywords in quotes, too.
        let name: String = raw.chars().filter(|c| !matches!(c, '\'' | '"')).collect();
        match name.as_str() {
            "and" | "or" | "not" | "!" | "time" => self.put(length, ""),
            "if" => self.open(length, "if :; then ", "fi"),
            "while" => self.open(length, "while :; do ", "done"),
            "begin" => self.open(length, "{ :; ", "}"),
            "else" => {
                self.put(length, "");
                match self.skip_if() {
                    true => self.out += "elif :; then ",
                    false => self.out += "else :; ",
                }
            }
            "function" => {
                self.open(length, "{ :", "}");
                return Next::Words;
            }
            "for" => {
                self.open(length, "for", "done");
                self.head = "; do :; ";
                return Next::Words;
            }
            "switch" => {
                self.open(length, "if :", "fi");
                self.head = "; then :; ";
                return Next::Words;
            }
            "case" => {
                self.put(length, "elif :");
                self.head = "; then :; ";
                return Next::Words;
            }
            "end" => {
                let end = self.ends.pop().filter(|_| self.ends.len() >= n_ends);
                let Some(end) = end else {
                    return Next::Failed;
                };
                self.put(length, end);
                return Next::Words;
            }
            "set" => return self.set(length),
            // What it stands for is judged here: its name counts in this very line.
            "alias" | "eval" => {
                if !self.inner(length, name == "alias") {
                    return Next::Failed;
                }
                return Next::Words;
            }
            name if NAMES.contains(&name) => {
                self.put(length, &format!("'{name}'"));
                return Next::Words;
            }
            _ => {
                let is_assignment = raw.split_once('=').is_some_and(|(name, _)| {
                    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
                    !name.is_empty() && name.chars().all(is_name)
                });
                return match self.word() {
                    true if is_assignment => Next::Command,
                    true => Next::Words,
                    false => Next::Failed,
                };
            }
        }
        Next::Command
    }

    /// Goes past the `if` of `else if`, which opens no block of its own; returns whether it is there.
    fn skip_if(&mut self) -> bool {
        let is_blank = |c: &&char| matches!(c, ' ' | '\t');
        let n_blanks = self.from(self.at).iter().take_while(is_blank).count();
        let behind = self.from(self.at + n_blanks).iter();
        let word: Vec<char> = behind
            .take_while(|c| !c.is_whitespace() && !";&|()<>".contains(**c))
            .copied()
            .collect();
        let name = word.iter().filter(|c| !matches!(c, '\'' | '"'));
        let is_there = name.collect::<String>() == "if";
        if is_there {
            self.at += n_blanks + word.len();
        }
        is_there
    }

    /// Writes the start of a block in the place of its word.
    fn open(&mut self, length: usize, start: &str, end: &'static str) {
        self.put(length, start);
        self.ends.push(end);
    }

    /// Reads `set [OPTION…] NAME VALUE…` as `NAME=VALUES`; what else `set` does stays.
    fn set(&mut self, length: usize) -> Next {
        let is_name = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        let mut at = self.at + length;
        loop {
            let rest = self.from(at);
            let n_blanks = rest.iter().take_while(|c| matches!(c, ' ' | '\t')).count();
            let rest = self.from(at + n_blanks);
            let is_option = rest.first() == Some(&'-');
            let end = |c: &char| is_name(c) || is_option && *c == '-';
            let n = rest.iter().take_while(|c| end(c)).count();
            let is_whole = rest.get(n).is_some_and(|c| matches!(c, ' ' | '\t'));
            if n == 0 || !is_whole {
                // No value, or a name that is made.
                self.copy(length);
                return Next::Words;
            }
            at += n_blanks + n;
            if !is_option {
                let name: String = rest.iter().take(n).collect();
                self.out += &name;
                break;
            }
        }
        self.at = at;
        self.out.push('=');
        let mut is_first = true;
        while let Some(c) = self.ahead(0).filter(|c| !";&|<>)\n#".contains(*c)) {
            if matches!(c, ' ' | '\t') {
                self.at += 1;
                continue;
            }
            if !is_first {
                self.out += "' '";
            }
            is_first = false;
            if !self.word() {
                return Next::Failed;
            }
        }
        self.out.push(' ');
        Next::Words
    }

    /// Reads `eval` or `alias`: before it goes what is in its words, as commands, without quotes.
    fn inner(&mut self, length: usize, is_alias: bool) -> bool {
        self.depth += 1;
        if self.depth > MAX_DEPTH / 2 {
            return false;
        }
        let start = self.at;
        let mut scratch = Self {
            text: self.text.clone(),
            at: self.at + length,
            out: String::new(),
            depth: self.depth,
            ends: Vec::new(),
            head: "",
        };
        while scratch.ahead(0).is_some_and(|c| !";&|<>)\n".contains(c)) {
            let is_read = match scratch.ahead(0) {
                Some(' ' | '\t') => {
                    scratch.copy(1);
                    true
                }
                _ => scratch.word(),
            };
            if !is_read {
                return false;
            }
        }
        let words = self.between(start + length, scratch.at);
        let mut bare: String = words
            .iter()
            .filter(|c| !matches!(c, '\'' | '"' | '\\'))
            .collect();
        if is_alias {
            let text = bare.trim_start();
            let parts = text.split_once(|c: char| c == '=' || c.is_whitespace());
            let Some((_, value)) = parts else {
                self.depth -= 1;
                return self.word();
            };
            bare = value.to_owned();
        }
        let mut inner = Self {
            text: bare.chars().collect(),
            at: 0,
            out: String::new(),
            depth: self.depth,
            ends: Vec::new(),
            head: "",
        };
        if !inner.commands(false) {
            return false;
        }
        self.depth -= 1;
        self.out += &format!("{{ :; {}\n}}; ", inner.out);
        self.copy(length);
        true
    }
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

#[cfg(test)]
mod tests {
    use super::translate;

    #[test]
    fn what_posix_shells_take_stays_as_it_is() {
        for text in [
            "deploy now",
            "a | b && c > d 2>&1 &",
            "echo 'it' \"$x\" $HOME # (deploy)",
            "x=1 deploy",
        ] {
            assert_eq!(translate(text), text);
        }
    }

    #[test]
    fn forms_of_fish_call_the_same_programs() {
        for (text, made) in [
            ("echo (deploy)[1]", "echo $(deploy)"),
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
            ("set -gx x deploy (a); $x", "x=deploy' '$(a) ; $x"),
            ("set -q x; set -e $y", "set -q x; set -e $y"),
            ("begin; deploy; end >?x", "{ :;   deploy; } >x"),
            (r"\x64eploy it\'s '\\'", r"deploy it\'s '\'"),
            ("a &| b; c 2>| d", "a  2>&1 | b; c 2>&1 | d"),
            ("$$x; $y[1] `a`", "${!x}; ${!y} \\`a\\`"),
            (
                "alias d='deploy x'; d",
                "{ :; deploy x\n}; alias d='deploy x'; d",
            ),
            ("'i'f a; do; end", "if :; then  a; 'do'; fi"),
        ] {
            assert_eq!(translate(text), made, "{text}");
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
            "begin; (end)",
            "echo \\ud800",
        ] {
            assert!(translate(text).ends_with(super::NOT_READ), "{text}");
        }
        let deep = "(".repeat(1000) + &")".repeat(1000);
        assert!(translate(&deep).ends_with(super::NOT_READ));
    }
}
