//! Commands of fish that set names: `set`, `read`, `alias`.

use super::blocks::is_name;
use super::{Next, Reader};

/// Options of `set` with which it sets nothing.
const LOOKS: [&str; 9] = [
    "-q", "-e", "-S", "-n", "--query", "--erase", "--show", "--names", "-h",
];

impl Reader<'_> {
    /// Reads `set [OPTION…] NAME VALUE…` as an assignment; what else `set` does stays.
    pub(super) fn set(&mut self, length: usize) -> Next {
        let (mut at, mut appends, mut prepends) = (self.at + length, false, false);
        let mut exports = false;
        let (name_at, n_name) = loop {
            at += self.n_blanks(at);
            let n = self.length_of_word(at);
            let word = self.between(at, at + n);
            if n == 0 || LOOKS.contains(&word) {
                self.copy(length);
                return Next::Words;
            }
            if !word.starts_with('-') {
                break (at, n);
            }
            appends |= word == "--append" || !word.starts_with("--") && word.contains('a');
            prepends |= word == "--prepend" || !word.starts_with("--") && word.contains('p');
            exports |= word == "--export" || !word.starts_with("--") && word.contains('x');
            at += n;
        };
        let raw = self.between(name_at, name_at + n_name);
        let bare: String = raw.chars().filter(|c| !matches!(c, '\'' | '"')).collect();
        let (name, index) = match bare.split_once('[') {
            Some((name, index)) => (name, Some(index.trim_end_matches(']'))),
            None => (bare.as_str(), None),
        };
        if !is_name(name) {
            // A name that is made.
            self.copy(length);
            return Next::Words;
        }
        self.at = name_at + n_name;
        let index = index.map(|index| index.parse::<usize>().ok().and_then(|n| n.checked_sub(1)));
        // A program may run what it finds in one that it is given, so that is a text.
        let is_single = exports && self.is_single(self.at) && !appends && !prepends;
        let (start, end) = match index {
            // One that is not known may be any: what is set counts as one more.
            Some(None) => (format!("{name}+=("), ")"),
            Some(Some(index)) => (format!("{name}[{index}]="), " "),
            None if is_single && !self.lists.contains(name) => (format!("{name}="), " "),
            None if appends => (format!("{name}+=("), ")"),
            None => (format!("{name}=("), ")"),
        };
        let is_list = end == ")" || index.is_some();
        if is_list {
            self.lists.insert(name.to_owned());
        }
        self.add(&start);
        while let Some(c) = self.ahead(0).filter(|c| !";&|<>)\n#".contains(*c)) {
            match c {
                ' ' | '\t' if is_list && end == ")" => self.put(1, " "),
                ' ' | '\t' => self.at += 1,
                '\\' if self.ahead(1) == Some('\n') => self.at += 2,
                _ if !self.word() => return Next::Failed,
                _ => {}
            }
        }
        if prepends {
            self.add(&format!(" ${{{name}[@]}}"));
        }
        self.add(end);
        Next::Words
    }

    /// Returns whether one word stands there, and surely no more will be made of it.
    fn is_single(&self, mut at: usize) -> bool {
        at += self.n_blanks(at);
        let n = self.length_of_word(at);
        let word = self.between(at, at + n);
        let end = at + n + self.n_blanks(at + n);
        let behind = self.chars.get(end).map(|(_, c)| *c);
        n > 0
            && !word.contains(['$', '{', '*', '?', '\'', '"', '\\'])
            && behind.is_none_or(|c| ";&|)\n".contains(c))
            || n > 0 && is_quoted(word) && behind.is_none_or(|c| ";&|)\n".contains(c))
    }

    /// Reads `read`: its options for the kind of the variable are none of a POSIX shell.
    pub(super) fn read(&mut self, length: usize) -> Next {
        self.copy(length);
        loop {
            let at = self.at + self.n_blanks(self.at);
            let n = self.length_of_word(at);
            let word = self.between(at, at + n);
            match word {
                "-l" | "-g" | "-x" | "-gx" | "-lx" | "-f" | "-U" | "--local" | "--global"
                | "--export" | "--universal" | "--function" | "-s" | "--silent" => {
                    self.at = at + n;
                }
                _ => return Next::Words,
            }
        }
    }

    /// Reads `functions -c NAME NEW` as a definition; what else `functions` does stays.
    pub(super) fn functions(&mut self, length: usize) -> Next {
        let mut words = [(0, 0); 3];
        let mut at = self.at + length;
        for word in &mut words {
            at += self.n_blanks(at);
            let n = self.length_of_word(at);
            *word = (at, at + n);
            at += n;
        }
        let [option, old, new] = words.map(|(start, end)| self.between(start, end));
        let is_copy = matches!(option, "-c" | "--copy") && is_name(old) && is_name(new);
        match is_copy {
            true => self.put(at - self.at, &format!("{new}() {{ {old} $@; }}")),
            false => self.copy(length),
        }
        Next::Words
    }

    /// Reads `alias NAME TEXT` as `alias NAME=TEXT`.
    pub(super) fn alias(&mut self, length: usize) -> Next {
        self.copy(length);
        loop {
            let at = self.at + self.n_blanks(self.at);
            let n = self.length_of_word(at);
            let word = self.between(at, at + n);
            if matches!(word, "-s" | "--save") {
                self.at = at + n;
                continue;
            }
            let behind = at + n + self.n_blanks(at + n);
            let has_text = self.length_of_word(behind) > 0;
            if is_name(word) && has_text {
                self.copy(at - self.at);
                self.copy(n);
                self.put(behind - self.at, "=");
                return match self.word() {
                    true => Next::Words,
                    false => Next::Failed,
                };
            }
            return Next::Words;
        }
    }
}

/// Returns whether a word is one text in quotes in which nothing is put in.
fn is_quoted(word: &str) -> bool {
    let inner = |quote| word.strip_prefix(quote)?.strip_suffix(quote);
    let inner = inner('\'').or_else(|| inner('"'));
    inner.is_some_and(|inner: &str| !inner.contains(['\'', '"', '$', '\\']))
}
