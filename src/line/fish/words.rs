//! The words of fish: quotes, escapes, variables and substitutions.

use crate::line::MAX_DEPTH;
use crate::line::text::quote;

use super::Reader;

impl Reader {
    /// Reads a word, or the rest of one.
    pub(super) fn word(&mut self) -> bool {
        let start = self.at;
        while let Some(c) = self.ahead(0) {
            let is_read = match c {
                c if c.is_whitespace() || ";&|<>)".contains(c) => break,
                '\'' => self.single(),
                '"' => self.double(),
                '$' => self.variable(),
                '(' => self.substitution(),
                '\\' => self.escape(),
                '`' => {
                    self.put(1, "\\`");
                    true
                }
                _ => {
                    self.copy(1);
                    true
                }
            };
            if !is_read {
                return false;
            }
        }
        // Something must have been read, or nothing ever will be.
        self.at > start
    }

    /// Reads `'…'`, in which `\` quotes itself and the quote.
    fn single(&mut self) -> bool {
        let mut text = String::new();
        self.at += 1;
        loop {
            match (self.ahead(0), self.ahead(1)) {
                (None, _) => return false,
                (Some('\''), _) => break,
                (Some('\\'), Some(c @ ('\\' | '\''))) => {
                    text.push(c);
                    self.at += 2;
                }
                (Some(c), _) => {
                    text.push(c);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        self.out += &format!("'{}'", text.replace('\'', "'\\''"));
        true
    }

    /// Reads `"…"`.
    fn double(&mut self) -> bool {
        self.copy(1);
        loop {
            let is_read = match self.ahead(0) {
                None => return false,
                Some('"') => break,
                Some('\\') => {
                    self.copy(2);
                    true
                }
                Some('`') => {
                    self.put(1, "\\`");
                    true
                }
                Some('$') => self.variable(),
                Some(_) => {
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

    /// Reads `$name`, `$$name`, `$name[…]`, or `$(…)`.
    fn variable(&mut self) -> bool {
        let mut n_dollars = 0;
        while self.ahead(0) == Some('$') {
            n_dollars += 1;
            self.at += 1;
        }
        if self.ahead(0) == Some('(') {
            return self.substitution();
        }
        let mut name = String::new();
        while let Some(c) = self.ahead(0).filter(|c| c.is_alphanumeric() || *c == '_') {
            name.push(c);
            self.at += 1;
        }
        let is_plain = n_dollars == 1 && self.ahead(0) != Some('[');
        self.out += &match (name.is_empty(), is_plain) {
            (true, _) => "\\$".repeat(n_dollars),
            (false, true) => format!("${name}"),
            // One of many, or of another name: nobody knows which.
            (false, false) => format!("${{!{name}}}"),
        };
        self.index()
    }

    /// Reads `(…)`.
    fn substitution(&mut self) -> bool {
        self.depth += 1;
        if self.depth > MAX_DEPTH / 2 {
            return false;
        }
        self.put(1, "$(");
        let is_read = self.commands(true);
        self.depth -= 1;
        is_read && self.index()
    }

    /// Reads any number of `[…]` behind a variable or a substitution: only what it calls is kept.
    fn index(&mut self) -> bool {
        while self.ahead(0) == Some('[') {
            self.at += 1;
            loop {
                let is_read = match self.ahead(0) {
                    None => return false,
                    Some(']') => break,
                    Some('$') => self.variable(),
                    Some('(') => self.substitution(),
                    Some(_) => {
                        self.at += 1;
                        true
                    }
                };
                if !is_read {
                    return false;
                }
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
        self.at += skip;
        let mut code = 0;
        for _ in 0..most {
            let Some(digit) = self.ahead(0).and_then(|c| c.to_digit(radix)) else {
                break;
            };
            code = code * radix + digit;
            self.at += 1;
        }
        let Some(c) = char::from_u32(code) else {
            return false;
        };
        self.out += &quote(&c.to_string());
        true
    }
}
