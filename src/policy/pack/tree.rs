//! A place in the tree of a TOML file that knows where it stands, so that every mistake does too.
//!
//! Reading goes on after a mistake: a value that is wrong is told and left out, so that all
//! mistakes of all files come out at once.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::diagnostic::{Findings, Mistake};
use super::{Layer, SourceFile};

/// A value in a file.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    /// Where mistakes go.
    findings: &'a Findings,
    /// The file that it stands in.
    pub(super) file: &'a SourceFile,
    /// The value; the root table where `None`.
    value: Value<'a>,
    /// First byte.
    start: usize,
    /// One past the last byte.
    end: usize,
}

/// What a [`Node`] points at.
#[derive(Clone, Copy)]
enum Value<'a> {
    /// A whole file, which has no value of its own.
    Table(&'a DeTable<'a>),
    /// A value within it.
    Any(&'a DeValue<'a>),
}

/// A table whose keys are being read.
#[derive(Clone, Copy)]
pub(super) struct Keys<'a> {
    /// Where the table stands.
    pub(super) node: Node<'a>,
    /// Its content.
    table: &'a DeTable<'a>,
}

/// What a table may contain.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// What such a table is called in messages (`a rule`).
    pub(super) what: &'static str,
    /// Keys that it may have.
    pub(super) keys: &'static [&'static str],
}

impl<'a> Node<'a> {
    /// Returns the whole of a file.
    pub(super) fn root(
        file: &'a SourceFile,
        table: &'a DeTable<'a>,
        findings: &'a Findings,
    ) -> Self {
        Self {
            findings,
            file,
            value: Value::Table(table),
            start: 0,
            end: 0,
        }
    }

    /// Returns a value in the same file.
    fn with(self, value: &'a DeValue<'a>, span: Range<usize>) -> Self {
        Self {
            value: Value::Any(value),
            start: span.start,
            end: span.end,
            ..self
        }
    }

    /// Returns the layer of the file.
    pub(super) fn layer(self) -> Layer {
        self.file.layer
    }

    /// Returns the line, from 1.
    pub(super) fn line(self) -> usize {
        self.found(String::new(), None).line
    }

    /// Returns a mistake at this place.
    fn found(self, message: String, help: Option<String>) -> Mistake {
        Mistake::new(self.file, self.start..self.end, message, help)
    }

    /// Tells a mistake at this place.
    pub(super) fn mistake(self, message: impl Into<String>, help: impl Into<Option<String>>) {
        self.findings
            .mistake(self.found(message.into(), help.into()));
    }

    /// Tells that what stands here is taken from the files of the system alone.
    pub(super) fn system_only(self, key: &str) {
        self.mistake(
            format!("`{key}` may only stand in the files of the system"),
            "root puts it into a file in /etc/kanmon/rules.d".to_owned(),
        );
    }

    /// Tells a lint at this place.
    pub(super) fn lint(self, message: impl Into<String>, help: impl Into<Option<String>>) {
        self.findings.lint(self.found(message.into(), help.into()));
    }

    /// Tells that another type is wanted.
    fn wrong_type(self, wanted: &str) {
        self.mistake(
            format!("expected {wanted}, found {}", self.type_name()),
            None,
        );
    }

    /// Returns what TOML calls its type.
    fn type_name(self) -> &'static str {
        match self.value {
            Value::Table(_) => "table",
            Value::Any(value) => value.type_str(),
        }
    }

    /// Returns the text, if it is one.
    pub(super) fn as_text(self) -> Option<&'a str> {
        match self.value {
            Value::Any(DeValue::String(text)) => Some(text.as_ref()),
            Value::Any(_) | Value::Table(_) => None,
        }
    }

    /// Returns the text, which must not be empty.
    pub(super) fn text(self) -> Option<&'a str> {
        match self.as_text() {
            Some(text) if text.trim().is_empty() => {
                self.mistake("the text is empty", None);
                None
            }
            Some(text) => Some(text),
            None => {
                self.wrong_type("a string");
                None
            }
        }
    }

    /// Returns a date or a time as it is written, with or without quotes.
    pub(super) fn date_or_text(self) -> Option<String> {
        match self.value {
            Value::Any(DeValue::Datetime(date)) => Some(date.to_string()),
            Value::Any(_) | Value::Table(_) => self.text().map(str::to_owned),
        }
    }

    /// Returns the text after `parse` took it; tells what `parse` says.
    pub(super) fn parsed<T, E: ToString>(
        self,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match parse(self.text()?) {
            Ok(value) => Some(value),
            Err(error) => {
                self.mistake(error.to_string(), None);
                None
            }
        }
    }

    /// Returns the truth value.
    pub(super) fn boolean(self) -> Option<bool> {
        match self.value {
            Value::Any(DeValue::Boolean(value)) => Some(*value),
            Value::Any(_) | Value::Table(_) => {
                self.wrong_type("true or false");
                None
            }
        }
    }

    /// Returns the number, which must be in `range`.
    pub(super) fn number(self, range: std::ops::RangeInclusive<usize>) -> Option<usize> {
        let Value::Any(DeValue::Integer(integer)) = self.value else {
            self.wrong_type("a number");
            return None;
        };
        let number = usize::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            self.mistake(
                format!(
                    "expected a number from {} to {}",
                    range.start(),
                    range.end()
                ),
                None,
            );
        }
        number
    }

    /// Returns the number, if it is one.
    pub(super) fn is_number(self) -> bool {
        matches!(self.value, Value::Any(DeValue::Integer(_)))
    }

    /// Returns the entries of a list, which must not be empty.
    pub(super) fn list(self) -> Option<Vec<Node<'a>>> {
        let Value::Any(DeValue::Array(array)) = self.value else {
            let help = String::from("put it into `[` and `]`");
            self.mistake(format!("expected a list, found {}", self.type_name()), help);
            return None;
        };
        if array.is_empty() {
            self.mistake(
                "the list is empty",
                String::from("write an entry or leave the key out"),
            );
            return None;
        }
        let entries = array.iter();
        Some(
            entries
                .map(|entry| self.with(entry.get_ref(), entry.span()))
                .collect(),
        )
    }

    /// Returns the entries of a list, or the one value that stands in its place.
    pub(super) fn list_or_one(self) -> Option<Vec<Node<'a>>> {
        match self.value {
            Value::Any(DeValue::Array(_)) => self.list(),
            Value::Any(_) | Value::Table(_) => Some(vec![self]),
        }
    }

    /// Returns the keys of a table of this shape; unknown keys are told.
    pub(super) fn table(self, shape: Shape) -> Option<Keys<'a>> {
        let keys = self.any_table()?;
        keys.check(shape);
        Some(keys)
    }

    /// Returns the keys of a table in which any key may stand.
    pub(super) fn any_table(self) -> Option<Keys<'a>> {
        let table = match self.value {
            Value::Table(table) | Value::Any(DeValue::Table(table)) => table,
            Value::Any(_) => {
                self.wrong_type("a table");
                return None;
            }
        };
        Some(Keys { node: self, table })
    }

    /// Returns whether it is a list.
    pub(super) fn is_list(self) -> bool {
        matches!(self.value, Value::Any(DeValue::Array(_)))
    }

    /// Returns whether it is a list without entries, for keys where that says something.
    pub(super) fn is_empty_list(self) -> bool {
        matches!(self.value, Value::Any(DeValue::Array(array)) if array.is_empty())
    }

    /// Returns whether it is a table.
    pub(super) fn is_table(self) -> bool {
        matches!(self.value, Value::Table(_) | Value::Any(DeValue::Table(_)))
    }

    /// Returns whether it was begun by a header of its own (`[x.y]`, `[[x.y]]`).
    fn is_header(self) -> bool {
        // The span of such a table is its header; that of an inline table begins with a brace and
        // that of a dotted key is the key.
        let source = self.file.text.get(self.start..self.end).unwrap_or_default();
        match self.value {
            Value::Any(DeValue::Table(_)) => source.starts_with('['),
            // List and first entry both have the span of the header `[[x.y]]`.
            Value::Any(DeValue::Array(array)) => array.iter().next().is_some_and(|entry| {
                entry.get_ref().is_table() && entry.span() == (self.start..self.end)
            }),
            Value::Any(_) | Value::Table(_) => false,
        }
    }

    /// Tells every header that stands below this table, which itself was begun by one. What looks
    /// as if it belonged to the whole file would else fall into the rule above it.
    pub(super) fn deny_headers_below(self) {
        for child in self.children() {
            match child.is_header() {
                true => child.header_mistake(),
                false => child.deny_headers_below(),
            }
        }
    }

    /// Returns the values directly in it.
    fn children(self) -> Vec<Node<'a>> {
        match self.value {
            Value::Table(table) | Value::Any(DeValue::Table(table)) => table
                .values()
                .map(|value| self.with(value.get_ref(), value.span()))
                .collect(),
            Value::Any(DeValue::Array(array)) => array
                .iter()
                .map(|value| self.with(value.get_ref(), value.span()))
                .collect(),
            Value::Any(_) => Vec::new(),
        }
    }

    /// Tells that no header may stand within a rule.
    fn header_mistake(self) {
        let header = self.file.text.get(self.start..self.end).unwrap_or_default();
        let path = header.trim_matches(['[', ']']);
        let key = path.split_once('.').map_or(path, |(_, key)| key).trim();
        let mended = match header.starts_with("[[") {
            true => format!("{key} = [{{ … }}]"),
            false => format!("{key} = {{ … }}"),
        };
        self.mistake(
            format!("no header may stand within a rule: `{header}`"),
            format!("write `{mended}` in the rule itself"),
        );
    }
}

impl<'a> Keys<'a> {
    /// Tells keys that such a table may not have.
    pub(super) fn check(self, shape: Shape) {
        for (key, _) in self.table {
            let name = key.get_ref().as_ref();
            let at = self.at_key(key.span());
            if !shape.keys.contains(&name) {
                let all = shape.keys.iter().copied();
                let help = did_you_mean(name, all.clone()).unwrap_or_else(|| {
                    format!(
                        "{} may have {}",
                        shape.what,
                        all.collect::<Vec<_>>().join(", ")
                    )
                });
                at.mistake(format!("unknown key `{name}` in {}", shape.what), help);
            }
        }
    }

    /// Returns the place of a key.
    fn at_key(self, span: Range<usize>) -> Node<'a> {
        Node {
            start: span.start,
            end: span.end,
            ..self.node
        }
    }

    /// Returns the value of a key.
    pub(super) fn get(self, key: &str) -> Option<Node<'a>> {
        let value = self.table.get(key)?;
        Some(self.node.with(value.get_ref(), value.span()))
    }

    /// Returns the value of a key that has to be there; tells if it is not.
    pub(super) fn need(self, key: &str, what: &str) -> Option<Node<'a>> {
        let found = self.get(key);
        if found.is_none() {
            let help = format!("add `{key} = …`");
            self.node.mistake(format!("{what} needs `{key}`"), help);
        }
        found
    }

    /// Returns all keys with the places of key and value, in the order of the file.
    pub(super) fn entries(self) -> Vec<(&'a str, Node<'a>, Node<'a>)> {
        let mut entries: Vec<_> = self
            .table
            .iter()
            .map(|(key, value)| {
                let at = self.at_key(key.span());
                let value = self.node.with(value.get_ref(), value.span());
                (key.get_ref().as_ref(), at, value)
            })
            .collect();
        entries.sort_by_key(|(_, at, _)| at.start);
        entries
    }
}

impl<'a> Node<'a> {
    /// Returns what the text names of those known; tells that it is `what` (`no risk`) where it
    /// names none.
    pub(super) fn one_of<T: Copy>(self, what: &str, known: &[(&'static str, T)]) -> Option<T> {
        named(what, self.text()?, self, known)
    }
}

/// Returns what `name`, which stands at `at`, names of those known; tells that it is `what` where
/// it names none.
pub(super) fn named<T: Copy>(
    what: &str,
    name: &str,
    at: Node<'_>,
    known: &[(&'static str, T)],
) -> Option<T> {
    let found = known.iter().find(|(known, _)| *known == name);
    if found.is_none() {
        let names = || known.iter().map(|(name, _)| *name);
        let help = did_you_mean(name, names()).unwrap_or_else(|| {
            let names: Vec<&str> = names().collect();
            format!("write one of {}", names.join(", "))
        });
        at.mistake(format!("`{name}` is {what}"), help);
    }
    found.map(|(_, value)| *value)
}

/// Returns "did you mean" where one of `known` is near `name`.
pub(super) fn did_you_mean<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<String> {
    known
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().div_ceil(3).min(3))
        .min()
        .map(|(_, candidate)| format!("did you mean `{candidate}`?"))
}
