//! Simple and compound commands.

use crate::line::Span;

use super::assign::name_length;
use super::ast::{Assignment, Command, Function, Kind, List, Part, RawWord, Simple};
use super::parser::{Fail, Parser};

/// Builtins after which `NAME=(…)` is an array, not a syntax error.
const ASSIGNING: &[&str] = &[
    "alias", "declare", "eval", "export", "let", "local", "readonly", "typeset",
];

impl Parser<'_> {
    /// Reads one command with its redirects.
    pub(super) fn command(&mut self) -> Result<Command, Fail> {
        self.skip_blanks();
        let start = self.pos;
        let kind = match self.byte(0) {
            None => return Err(Fail::Syntax),
            Some(b'(') => self.parenthesis()?,
            Some(_) => match self.reserved() {
                Some(word) => {
                    self.pos += word.len();
                    self.compound(word)?
                }
                None => return self.simple(start),
            },
        };
        let mut redirects = Vec::new();
        if !matches!(kind, Kind::Definition | Kind::Coprocess(_)) {
            loop {
                self.skip_blanks();
                match self.redirect()? {
                    Some(redirect) => redirects.push(redirect),
                    None => break,
                }
            }
        }
        Ok(Command {
            kind,
            redirects,
            span: self.since(start),
        })
    }

    /// Reads a compound command after its first word.
    fn compound(&mut self, word: &str) -> Result<Kind, Fail> {
        match word {
            "{" => {
                let list = self.body()?;
                self.close("}")?;
                Ok(Kind::Group(list))
            }
            "if" => self.if_command(),
            "while" | "until" => {
                let condition = self.body()?;
                let body = self.do_body()?;
                Ok(Kind::Branches(vec![condition, body]))
            }
            "for" | "select" => self.for_command(),
            "case" => self.case_command(),
            "function" => self.function_command(),
            "coproc" => self.coprocess(),
            "[[" => self.condition(),
            "in" => Err(Fail::Syntax),
            _ => Err(Fail::Syntax),
        }
    }

    /// Reads a list of at least one command up to what closes it.
    pub(super) fn body(&mut self) -> Result<List, Fail> {
        let list = self.list()?;
        if list.is_empty() {
            return Err(Fail::Syntax);
        }
        Ok(list)
    }

    /// Reads a list of commands up to what closes it.
    pub(super) fn list(&mut self) -> Result<List, Fail> {
        let mut list = List::new();
        loop {
            self.skip_newlines()?;
            if self.is_at_closer() {
                return Ok(list);
            }
            list.push(self.and_or()?);
            if !self.separator()? {
                return Ok(list);
            }
        }
    }

    /// Takes the reserved word that ends something.
    fn close(&mut self, word: &str) -> Result<(), Fail> {
        self.skip_newlines()?;
        if !self.is_word(word) {
            return Err(Fail::Syntax);
        }
        self.pos += word.len();
        Ok(())
    }

    /// Reads what begins with `(`: a subshell or an arithmetic command.
    fn parenthesis(&mut self) -> Result<Kind, Fail> {
        let start = self.pos;
        if self.byte(1) == Some(b'(')
            && !self.in_second_reading
            && let Some(end) = self.arithmetic_end(start + 2)
        {
            let as_subshell = self.second_reading(start)?;
            self.pos = start + 2;
            let parts = self.arithmetic_parts(end)?;
            self.expect("))")?;
            return Ok(Kind::Arithmetic { parts, as_subshell });
        }
        self.pos += 1;
        let list = self.body()?;
        self.expect(")")?;
        Ok(Kind::Subshell(list))
    }

    /// Reads `((` as shells without arithmetic commands do; nothing where they could not either.
    fn second_reading(&mut self, start: usize) -> Result<List, Fail> {
        let (n_documents, n_pending, n_functions) = self.marks();
        self.in_second_reading = true;
        self.pos = start + 1;
        let list = self.list();
        self.in_second_reading = false;
        match list {
            Ok(list) if self.byte(0) == Some(b')') => Ok(list),
            Err(Fail::Depth) => Err(Fail::Depth),
            Ok(_) | Err(Fail::Syntax) => {
                self.back_to((n_documents, n_pending, n_functions));
                Ok(List::new())
            }
        }
    }

    /// Returns how many documents, pending documents and functions there are.
    pub(super) fn marks(&self) -> (usize, usize, usize) {
        (
            self.documents.len(),
            self.pending.len(),
            self.functions.len(),
        )
    }

    /// Forgets what was found since `marks`.
    pub(super) fn back_to(&mut self, marks: (usize, usize, usize)) {
        self.documents.truncate(marks.0);
        self.pending.truncate(marks.1);
        self.functions.truncate(marks.2);
    }

    /// Reads an `if` after that word.
    fn if_command(&mut self) -> Result<Kind, Fail> {
        let mut lists = vec![self.body()?];
        self.close("then")?;
        lists.push(self.body()?);
        loop {
            self.skip_newlines()?;
            match self.reserved() {
                Some("elif") => {
                    self.pos += 4;
                    lists.push(self.body()?);
                    self.close("then")?;
                    lists.push(self.body()?);
                }
                Some("else") => {
                    self.pos += 4;
                    lists.push(self.body()?);
                    self.close("fi")?;
                    return Ok(Kind::Branches(lists));
                }
                _ => {
                    self.close("fi")?;
                    return Ok(Kind::Branches(lists));
                }
            }
        }
    }

    /// Reads `do … done`.
    fn do_body(&mut self) -> Result<List, Fail> {
        self.close("do")?;
        let body = self.body()?;
        self.close("done")?;
        Ok(body)
    }

    /// Reads a `for` or `select` after that word.
    fn for_command(&mut self) -> Result<Kind, Fail> {
        self.skip_blanks();
        if self.is_at("((") {
            return self.arithmetic_for();
        }
        let variable = self.word()?.span;
        self.skip_newlines()?;
        let words = if self.is_word("in") {
            self.pos += 2;
            let words = self.words_up_to_separator()?;
            if !matches!(self.byte(0), Some(b';' | b'\n')) {
                return Err(Fail::Syntax);
            }
            self.take(";");
            Some(words)
        } else {
            self.take(";");
            None
        };
        let body = self.loop_body()?;
        Ok(Kind::For {
            variable,
            words,
            body,
        })
    }

    /// Reads `for ((…; …; …)) …` from its parentheses on.
    fn arithmetic_for(&mut self) -> Result<Kind, Fail> {
        let start = self.pos;
        let end = self.arithmetic_end(start + 2).ok_or(Fail::Syntax)?;
        self.pos += 2;
        let parts = self.arithmetic_parts(end)?;
        self.expect("))")?;
        self.skip_blanks();
        self.take(";");
        let span = self.since(start);
        let body = self.loop_body()?;
        Ok(Kind::For {
            variable: Span::default(),
            words: Some(vec![RawWord { parts, span }]),
            body,
        })
    }

    /// Reads `do … done` or `{ …; }`.
    fn loop_body(&mut self) -> Result<List, Fail> {
        self.skip_newlines()?;
        if !self.is_word("{") {
            return self.do_body();
        }
        self.pos += 1;
        let body = self.body()?;
        self.close("}")?;
        Ok(body)
    }

    /// Reads words up to `;` or a newline.
    fn words_up_to_separator(&mut self) -> Result<Vec<RawWord>, Fail> {
        let mut words = Vec::new();
        loop {
            self.skip_blanks();
            match self.byte(0) {
                None | Some(b';' | b'\n' | b'&' | b'|' | b')') => return Ok(words),
                Some(_) => words.push(self.word()?),
            }
        }
    }

    /// Reads a `case` after that word.
    fn case_command(&mut self) -> Result<Kind, Fail> {
        self.skip_blanks();
        let mut words = vec![self.word()?];
        let mut bodies = Vec::new();
        self.close("in")?;
        loop {
            self.skip_newlines()?;
            if self.is_word("esac") {
                self.pos += 4;
                return Ok(Kind::Case { words, bodies });
            }
            self.take("(");
            self.case_patterns(&mut words)?;
            bodies.push(self.list()?);
            if !self.take(";;&") && !self.take(";;") && !self.take(";&") {
                self.close("esac")?;
                return Ok(Kind::Case { words, bodies });
            }
        }
    }

    /// Reads the patterns of one clause and the `)` after them.
    fn case_patterns(&mut self, words: &mut Vec<RawWord>) -> Result<(), Fail> {
        loop {
            self.skip_blanks();
            words.push(self.word()?);
            self.skip_blanks();
            if self.take(")") {
                return Ok(());
            }
            self.expect("|")?;
        }
    }

    /// Reads a function after the word `function`.
    fn function_command(&mut self) -> Result<Kind, Fail> {
        self.skip_blanks();
        let name = self.word()?.span;
        self.skip_blanks();
        if self.take("(") {
            self.skip_blanks();
            self.expect(")")?;
        }
        self.function_body(name)
    }

    /// Reads the body of a function and keeps it.
    fn function_body(&mut self, name: Span) -> Result<Kind, Fail> {
        self.skip_newlines()?;
        let body = self.deeper(Self::command)?;
        if matches!(body.kind, Kind::Simple(_) | Kind::Definition) {
            return Err(Fail::Syntax);
        }
        self.functions.push(Function { name, body });
        Ok(Kind::Definition)
    }

    /// Reads what follows `coproc`: a command, or a name and a compound command.
    fn coprocess(&mut self) -> Result<Kind, Fail> {
        self.skip_blanks();
        let start = self.pos;
        if self.reserved().is_none() && self.byte(0) != Some(b'(') {
            // Only looked at: reading it twice would double the work at each level.
            self.pos += name_length(self.rest().as_bytes());
            self.skip_blanks();
            let is_name = self.byte(0) == Some(b'(') || self.reserved().is_some_and(opens);
            if !is_name {
                self.pos = start;
            }
        }
        let command = self.deeper(Self::command)?;
        Ok(Kind::Coprocess(Box::new(command)))
    }

    /// Reads assignments, words and redirects; `start` is where they begin.
    fn simple(&mut self, start: usize) -> Result<Command, Fail> {
        let mut simple = Simple::default();
        let mut redirects = Vec::new();
        let mut end = start;
        let mut is_assigning = false;
        loop {
            self.skip_blanks();
            if let Some(redirect) = self.redirect()? {
                redirects.push(redirect);
            } else if simple.words.is_empty()
                && let Some(assignment) = self.assignment()?
            {
                simple.assignments.push(assignment);
            } else if self.byte(0).is_none_or(|_| !self.is_at_word()) {
                break;
            } else if is_assigning && let Some(assignment) = self.assignment()? {
                simple.words.push(as_argument(assignment));
            } else {
                let word = self.word()?;
                if simple.words.is_empty() {
                    let name = self.text.get(word.span.start..word.span.end);
                    is_assigning = name.is_some_and(|name| ASSIGNING.contains(&name));
                }
                simple.words.push(word);
            }
            end = self.pos;
        }
        if self.byte(0) == Some(b'(') {
            return self.function_definition(start, &simple, redirects.is_empty());
        }
        if end == start {
            return Err(Fail::Syntax);
        }
        Ok(Command {
            kind: Kind::Simple(simple),
            redirects,
            span: Span::new(start, end),
        })
    }

    /// Reads `NAME () body` from the parenthesis on.
    fn function_definition(
        &mut self,
        start: usize,
        before: &Simple,
        no_redirects: bool,
    ) -> Result<Command, Fail> {
        let [name] = before.words.as_slice() else {
            return Err(Fail::Syntax);
        };
        if !before.assignments.is_empty() || !no_redirects {
            return Err(Fail::Syntax);
        }
        self.expect("(")?;
        self.skip_blanks();
        self.expect(")")?;
        let kind = self.function_body(name.span)?;
        Ok(Command {
            kind,
            redirects: Vec::new(),
            span: self.since(start),
        })
    }
}

/// Returns `NAME=value` after an assigning builtin as the word that it is there.
fn as_argument(assignment: Assignment) -> RawWord {
    let start = assignment.name.start;
    let name = Span::new(start, assignment.value.span.start);
    let mut parts = vec![Part::Literal(name)];
    let span = name.to(assignment.value.span);
    parts.extend(assignment.value.parts);
    RawWord { parts, span }
}

/// Returns whether a reserved word begins a compound command.
fn opens(word: &str) -> bool {
    matches!(
        word,
        "if" | "for" | "while" | "until" | "case" | "select" | "[[" | "{"
    )
}
