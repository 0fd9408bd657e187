//! The words of fish: quotes, escapes, braces, variables and substitutions.

use crate::line::text::quote;

use super::Reader;

impl Reader<'_> {
    /// Reads a word, or the rest of one.
    pub(super) fn word(&mut self) -> bool {
        let start = self.at;
        while let Some(c) = self.ahead(0) {
            let is_read = match c {
                c if c.is_whitespace() || ";&|<>)".contains(c) => break,
                // The program of this name; else it is no pattern.
                '[' if self.at == start
                    && self.ahead(1).is_none_or(|c| c.is_whitespace() || c == ';') =>
                {
                    self.copy(1);
                    true
                }
                c => self.part(c),
            };
            if !is_read {
                return false;
            }
        }
        // Something must have been read, or nothing ever will be.
        self.at > start
    }

    /// Reads the part of a word that begins with this character.
    fn part(&mut self, c: char) -> bool {
        match c {
            '\'' => self.single(),
            '"' => self.double(),
            '$' => self.variable(false),
            '(' => self.substitution(false),
            '\\' => self.escape(),
            '{' => self.braces(),
            '`' => {
                self.put(1, "\\`");
                true
            }
            '[' => {
                self.put(1, "\\[");
                true
            }
            _ => {
                self.copy(1);
                true
            }
        }
    }

    /// Reads `'…'`, in which `\` quotes itself and the quote.
    fn single(&mut self) -> bool {
        let mut text = String::new();
        let (start, mut at) = (self.at, self.at + 1);
        loop {
            let next = |n: usize| self.chars.get(at + n).map(|(_, c)| *c);
            match (next(0), next(1)) {
                (None, _) => return false,
                (Some('\''), _) => break,
                (Some('\\'), Some(c @ ('\\' | '\''))) => {
                    text.push(c);
                    at += 2;
                }
                (Some(c), _) => {
                    text.push(c);
                    at += 1;
                }
            }
        }
        let n = at + 1 - start;
        match n == text.chars().count() + 2 {
            true => self.copy(n),
            false => self.put(n, &format!("'{}'", text.replace('\'', "'\\''"))),
        }
        true
    }

    /// Reads `"…"`.
    fn double(&mut self) -> bool {
        self.copy(1);
        loop {
            let is_read = match (self.ahead(0), self.ahead(1)) {
                (None, _) => return false,
                (Some('"'), _) => break,
                (Some('\\'), _) => {
                    self.copy(2);
                    true
                }
                (Some('`'), _) => {
                    self.put(1, "\\`");
                    true
                }
                (Some('$'), _) => self.variable(true),
                (Some(_), _) => {
                    self.copy(1);
                    true
                }
            };
            if !is_read {
                return false;
            }
        }
        self.copy(1);
        true
    }

    /// Reads `{…}`: several words where a comma stands in it, what it holds where a variable does,
    /// else itself. Blanks are part of it.
    fn braces(&mut self) -> bool {
        let (mut has_comma, mut has_value, mut n_open) = (false, false, 0);
        let mut at = self.at + 1;
        // What stands in inner braces, quotes and substitutions is not looked at: in doubt it is one.
        while let Some((_, c)) = self.chars.get(at) {
            match c {
                '\\' => at += 1,
                '{' | '(' => {
                    has_value |= *c == '(';
                    n_open += 1;
                }
                '}' if n_open == 0 => break,
                '}' | ')' => n_open -= 1,
                ',' => has_comma |= n_open == 0,
                '$' => has_value = true,
                _ => {}
            }
            at += 1;
        }
        let (open, close) = match (has_comma, has_value) {
            (true, _) => ("{", "}"),
            (false, true) => ("", ""),
            (false, false) => ("\\{", "\\}"),
        };
        match open {
            "{" => self.copy(1),
            open => self.put(1, open),
        }
        self.deeper(|reader| reader.items(has_comma)) && {
            match close {
                "}" => self.copy(1),
                close => self.put(1, close),
            }
            true
        }
    }

    /// Reads what stands in braces, up to their end.
    fn items(&mut self, has_comma: bool) -> bool {
        loop {
            let is_read = match self.ahead(0) {
                None => return false,
                Some('}') => return true,
                Some(c) if c.is_whitespace() => {
                    let n = self.n_whitespace();
                    let before = self.at.checked_sub(1).and_then(|at| self.chars.get(at));
                    let is_edge = matches!(before, Some((_, '{' | ',')))
                        || matches!(self.ahead(n), Some(',' | '}') | None);
                    match has_comma && is_edge {
                        true => self.put(n, ""),
                        false => self.put(n, "\\ "),
                    }
                    true
                }
                Some(c @ (';' | '&' | '|' | '<' | '>' | ')' | '#')) => {
                    self.put(1, &format!("\\{c}"));
                    true
                }
                Some(c) => self.part(c),
            };
            if !is_read {
                return false;
            }
        }
    }

    /// Returns how many blanks and line ends stand here.
    fn n_whitespace(&self) -> usize {
        let rest = self.chars.get(self.at..).unwrap_or_default().iter();
        rest.take_while(|(_, c)| c.is_whitespace()).count()
    }

    /// Reads `$name`, `$$name`, `$name[…]`, or `$(…)`.
    fn variable(&mut self, is_quoted: bool) -> bool {
        let start = self.at;
        let rest = self.chars.get(start..).unwrap_or_default().iter();
        let n_dollars = rest.take_while(|(_, c)| *c == '$').count();
        if self.ahead(n_dollars) == Some('(') {
            self.at += n_dollars;
            return self.substitution(is_quoted);
        }
        let rest = self.chars.get(start + n_dollars..).unwrap_or_default();
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let n = rest.iter().take_while(|(_, c)| is_part(*c)).count();
        let name = self.between(start + n_dollars, start + n_dollars + n);
        let length = n_dollars + n;
        if name.is_empty() {
            self.put(length, &"\\$".repeat(n_dollars));
            return true;
        }
        if n_dollars > 1 {
            let typed = format!("${{!{name}}}");
            // The variable that this one names.
            let is_one = n_dollars == 2 && self.ahead(length) != Some('[');
            let unknown = format!("${{{name}#}}");
            self.put(length, if is_one { &typed } else { &unknown });
            return self.index();
        }
        let all = if is_quoted { "*" } else { "@" };
        if self.ahead(length) != Some('[') {
            match name {
                "argv" => self.put(length, &format!("${all}")),
                name if self.lists.contains(name) => {
                    self.put(length, &format!("${{{name}[{all}]}}"));
                }
                // The brace may be gone that ends the name.
                name if self.ahead(length) == Some('}') => {
                    self.put(length, &format!("${{{name}}}"));
                }
                _ => self.copy(length),
            }
            return true;
        }
        let inner = self.chars.get(start + length + 1..).unwrap_or_default();
        let n_index = inner.iter().take_while(|(_, c)| *c != ']').count();
        let index = self.between(start + length + 1, start + length + 1 + n_index);
        let picked = match name {
            "argv" => picked("@", 1, index),
            name => picked(name, 0, index),
        };
        // What is no list here may be one all the same: only its first word is known.
        let is_known = name == "argv" || self.lists.contains(name);
        let picked = match (is_known, index.trim()) {
            (true, _) => picked,
            (false, "1") => Some(format!("${{{name}}}")),
            (false, _) => None,
        };
        self.put(length, &picked.unwrap_or_else(|| format!("${{{name}#}}")));
        self.index()
    }

    /// Reads `(…)`.
    fn substitution(&mut self, is_quoted: bool) -> bool {
        let outer = self.opened_at.take();
        if !is_quoted {
            self.opened_at = Some(self.out.text.len());
        }
        self.put(1, "$(");
        let is_read = self.deeper(|reader| reader.commands(true));
        self.opened_at = outer;
        is_read && self.index()
    }

    /// Reads any number of `[…]` behind a variable or a substitution: only what it calls is kept.
    fn index(&mut self) -> bool {
        while self.ahead(0) == Some('[') {
            self.at += 1;
            let is_read = self.deeper(|reader| {
                loop {
                    let is_read = match reader.ahead(0) {
                        None => return false,
                        Some(']') => return true,
                        Some('$') => reader.variable(false),
                        Some('(') => reader.substitution(false),
                        Some(_) => {
                            reader.at += 1;
                            true
                        }
                    };
                    if !is_read {
                        return false;
                    }
                }
            });
            if !is_read {
                return false;
            }
            self.at += 1;
        }
        true
    }

    /// Reads `\` and what it makes of what follows.
    fn escape(&mut self) -> bool {
        let Some(c) = self.ahead(1) else {
            self.copy(1);
            return true;
        };
        let (radix, most, skip) = match c {
            'x' | 'X' => (16, 2, 2),
            'u' => (16, 4, 2),
            'U' => (16, 8, 2),
            '0'..='7' => (8, 3, 1),
            'a' | 'b' | 'e' | 'f' | 'n' | 'r' | 't' | 'v' | 'c' => {
                // A control character: in no name.
                self.put(if c == 'c' { 3 } else { 2 }, "$'\\t'");
                return true;
            }
            _ => {
                self.copy(2);
                return true;
            }
        };
        let (mut code, mut n) = (0, 0);
        while n < most
            && let Some(digit) = self.ahead(skip + n).and_then(|c| c.to_digit(radix))
        {
            code = code * radix + digit;
            n += 1;
        }
        let Some(c) = char::from_u32(code) else {
            return false;
        };
        self.put(skip + n, &quote(&c.to_string()));
        true
    }
}

/// Returns what picks these words of a variable, which POSIX shells count from `first`; nothing
/// where only the run will tell which.
fn picked(name: &str, first: usize, index: &str) -> Option<String> {
    let number = |text: &str| {
        let number = text.trim().parse::<usize>().ok()?;
        Some(number.checked_sub(1)? + first)
    };
    let Some((start, end)) = index.split_once("..") else {
        let at = number(index)?;
        return Some(match name {
            "@" => format!("${{@:{at}:1}}"),
            name => format!("${{{name}[{at}]}}"),
        });
    };
    let start = number(start)?;
    let name = if name == "@" {
        name.to_owned()
    } else {
        format!("{name}[@]")
    };
    match end.trim() {
        "" | "-1" => Some(format!("${{{name}:{start}}}")),
        end => {
            let length = (number(end)? + 1).checked_sub(start)?;
            Some(format!("${{{name}:{start}:{length}}}"))
        }
    }
}
