//! The word where a program is called: blocks, keywords and functions.

use std::borrow::Cow;

use super::{Next, Reader};

/// Words of the POSIX grammar that are names of programs in fish.
const NAMES: [&str; 11] = [
    "do", "done", "then", "fi", "esac", "elif", "until", "select", "coproc", "[[", "in",
];

impl Reader<'_> {
    /// Reads the word where a program is called.
    pub(super) fn command(&mut self, n_ends: usize) -> Next {
        let length = self.length_of_word(self.at);
        let raw = self.between(self.at, self.at + length);
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
                    true => self.add("elif :; then "),
                    false => self.add("else :; "),
                }
            }
            "function" => return self.function(length),
            "for" => {
                self.open(length, "for", "done");
                self.head = Cow::Borrowed("; do :; ");
                return Next::Words;
            }
            "switch" => {
                self.open(length, "if :", "fi");
                self.head = Cow::Borrowed("; then :; ");
                return Next::Words;
            }
            "case" => {
                self.put(length, "elif :");
                self.head = Cow::Borrowed("; then :; ");
                return Next::Words;
            }
            "end" => {
                let end = self.ends.pop().filter(|_| self.ends.len() >= n_ends);
                let Some(end) = end else {
                    return Next::Failed;
                };
                self.put(length, &end);
                return Next::Words;
            }
            "set" => return self.set(length),
            "read" => return self.read(length),
            "alias" => return self.alias(length),
            "functions" => return self.functions(length),
            // What it is given, it gives on in a file.
            "psub" => {
                if let Some(at) = self.opened_at {
                    self.out.change(at, "<");
                }
                self.put(length, "cat");
                return Next::Words;
            }
            name if NAMES.contains(&name) => {
                self.put(length, &format!("'{name}'"));
                return Next::Words;
            }
            _ => {
                let is_assignment = raw.split_once('=').is_some_and(|(name, _)| is_name(name));
                return match self.word() {
                    true if is_assignment => Next::Command,
                    true => Next::Words,
                    false => Next::Failed,
                };
            }
        }
        Next::Command
    }

    /// Returns how many characters from here on are no blank and no operator.
    pub(super) fn length_of_word(&self, at: usize) -> usize {
        let rest = self.chars.get(at..).unwrap_or_default().iter();
        rest.take_while(|(_, c)| !c.is_whitespace() && !";&|()<>".contains(*c))
            .count()
    }

    /// Returns how many blanks stand there.
    pub(super) fn n_blanks(&self, at: usize) -> usize {
        let rest = self.chars.get(at..).unwrap_or_default().iter();
        rest.take_while(|(_, c)| matches!(c, ' ' | '\t')).count()
    }

    /// Goes past the `if` of `else if`, which opens no block of its own; returns whether it is there.
    fn skip_if(&mut self) -> bool {
        let start = self.at + self.n_blanks(self.at);
        let length = self.length_of_word(start);
        let word = self.between(start, start + length).chars();
        let name: String = word.filter(|c| !matches!(c, '\'' | '"')).collect();
        let is_there = name == "if";
        if is_there {
            self.at = start + length;
        }
        is_there
    }

    /// Writes the start of a block in the place of its word.
    fn open(&mut self, length: usize, start: &str, end: &'static str) {
        self.put(length, start);
        self.ends.push(Cow::Borrowed(end));
    }

    /// Reads the head of a function. What fish calls by itself, on an event or for its prompt, is
    /// called where it is made; so is what has no plain name.
    fn function(&mut self, length: usize) -> Next {
        let start = self.at + length;
        let name_at = start + self.n_blanks(start);
        let n_name = self.length_of_word(name_at);
        let raw = self.between(name_at, name_at + n_name);
        let name: String = raw.chars().filter(|c| !matches!(c, '\'' | '"')).collect();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        if name.is_empty() || !name.chars().all(is_plain) {
            self.open(length, "{ :", "}");
            self.head = Cow::Borrowed("; ");
            return Next::Words;
        }
        self.at = name_at;
        self.put(n_name, &format!("{name}() {{ :; "));
        let mut is_own = name.starts_with("fish_");
        let (mut is_value, mut n_given, mut are_names) = (false, 0, false);
        loop {
            let at = self.at + self.n_blanks(self.at);
            let n = self.length_of_word(at);
            let is_made = self.chars.get(at + n).is_some_and(|(_, c)| *c == '(');
            if n == 0 && !is_made {
                break;
            }
            let word = self.between(at, at + n);
            let is_option = word.starts_with('-') && !is_value;
            if is_option {
                let (option, value) = word.split_once('=').unwrap_or((word, ""));
                are_names = matches!(option, "-a" | "--argument-names" | "--argument");
                is_own |= matches!(option.get(..2), Some("-e" | "-v" | "-j" | "-p" | "-s"))
                    || option.starts_with("--on-");
                is_value = value.is_empty()
                    && !are_names
                    && !matches!(option, "-S" | "--no-scope-shadowing");
                self.at = at + n;
                if are_names && is_name(value) {
                    n_given += 1;
                    self.add(&format!("{value}=${n_given}; "));
                }
                continue;
            }
            if is_value || is_made || !are_names {
                // A description, or what a wrapped command is called.
                self.at = at;
                self.add(": ");
                if !self.word() {
                    return Next::Failed;
                }
                self.add("; ");
                // What is substituted in it runs here.
                is_own |= is_made;
                is_value = false;
                continue;
            }
            self.at = at;
            if !is_name(word) {
                return Next::Failed;
            }
            n_given += 1;
            self.put(n, &format!("{word}=${n_given}; "));
        }
        let end = match is_own {
            true => Cow::Owned(format!("}}; {name}")),
            false => Cow::Borrowed("}"),
        };
        self.ends.push(end);
        self.add(":");
        self.head = Cow::Borrowed("; ");
        Next::Words
    }
}

/// Returns whether this is the name of a variable.
pub(super) fn is_name(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !text.is_empty() && text.chars().all(is_part)
}
