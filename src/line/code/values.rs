//! What an expression of literals gives: texts put together, turned round, decoded, filled in.
//!
//! In: the tokens of an expression, and what variables were seen to hold. Out: its value, or nothing
//! where any part of it is not known.

use std::collections::BTreeMap;

use super::super::output::decode_base64;
use super::super::source::Source;
use super::Language;
use super::literals::Token;

/// The deepest nesting of an expression.
const MAX_DEPTH: usize = 16;

/// The longest text that an expression may give, in bytes.
const MAX_TEXT: usize = 1 << 16;

/// How much all variables of a program may hold together, in bytes.
const MAX_HELD: usize = 1 << 20;

/// The most tokens of an expression that is assigned.
const MAX_TOKENS: usize = 512;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    /// A text.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
}

/// What variables hold; nothing where one was set more than once.
pub(super) type Variables = BTreeMap<String, Option<Known>>;

/// Returns the value of an expression.
pub(super) fn value(
    language: Language,
    tokens: &[Token],
    source: &Source<'_>,
    variables: &Variables,
) -> Option<Known> {
    let mut reader = Reader {
        language,
        source,
        variables,
        tokens,
        at: 0,
        depth: 0,
    };
    let value = reader.sum()?;
    (reader.at == tokens.len() && size(&value) <= MAX_TEXT).then_some(value)
}

/// Returns how many bytes a value takes, each text of a list at least one.
fn size(value: &Known) -> usize {
    match value {
        Known::Text(text) => text.len(),
        Known::List(all) => all.iter().map(|text| text.len() + 1).sum(),
    }
}

/// Returns what the assignments in a program set.
pub(super) fn variables(language: Language, tokens: &[Token], source: &Source<'_>) -> Variables {
    let mut found = Variables::new();
    // A few doublings of a text would fill any memory.
    let mut held = 0;
    for (at, token) in tokens.iter().enumerate() {
        let Token::Name(span) = token else { continue };
        let is_member = at
            .checked_sub(1)
            .and_then(|before| tokens.get(before))
            .is_some_and(|before| before.is('.') || before.is('>'));
        let mut rest = tokens.get(at + 1..).unwrap_or_default();
        // Ruby and Node write `x = y = …`; `==`, `=~` and `=>` are no assignments.
        let is_assignment = rest.first().is_some_and(|token| token.is('='))
            && !rest
                .get(1)
                .is_some_and(|token| token.is('=') || token.is('~') || token.is('>'));
        if is_member || !is_assignment {
            continue;
        }
        rest = rest.get(1..).unwrap_or_default();
        let mut depth = 0_usize;
        let ends = |token: &Token| match token {
            Token::Mark('(' | '[' | '{', _) => {
                depth += 1;
                false
            }
            Token::Mark(')' | ']' | '}', _) if depth > 0 => {
                depth -= 1;
                false
            }
            Token::Mark(';' | ')' | '}', _) => true,
            Token::Mark('\n' | ',', _) => depth == 0,
            _ => false,
        };
        rest = rest.get(..MAX_TOKENS).unwrap_or(rest);
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        let expression = rest.get(..length).unwrap_or_default();
        let name = source.slice(*span).to_owned();
        let is_new = !found.contains_key(&name);
        let value = match is_new {
            true => value(language, expression, source, &found),
            false => None,
        };
        held += value.as_ref().map_or(0, size);
        let value = value.filter(|_| held <= MAX_HELD);
        found.insert(name, value);
    }
    found
}

/// Reads an expression from left to right.
struct Reader<'r> {
    language: Language,
    source: &'r Source<'r>,
    variables: &'r Variables,
    tokens: &'r [Token],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    /// Returns the token `offset` after the next one.
    fn peek(&self, offset: usize) -> Option<&Token> {
        self.tokens.get(self.at + offset)
    }

    /// Returns whether the next token is this mark.
    fn is(&self, c: char) -> bool {
        self.peek(0).is_some_and(|token| token.is(c))
    }

    /// Skips the next token where it is this mark.
    fn take(&mut self, c: char) -> Option<()> {
        self.is(c).then(|| self.at += 1)
    }

    /// Whether a full stop puts texts together.
    fn dot_joins(&self) -> bool {
        matches!(self.language, Language::Perl | Language::Php)
    }

    /// Reads values put together.
    fn sum(&mut self) -> Option<Known> {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let mut left = self.member()?;
        loop {
            while self.is('\n') && self.depth > 1 {
                self.at += 1;
            }
            if self.is('+') || (self.is('.') && self.dot_joins()) {
                self.at += 1;
                left = together(left, self.member()?)?;
            } else if self.is('.') && self.peek(1).is_some_and(|token| token.is('.')) {
                self.at += 2;
                left = together(left, self.member()?)?;
            } else if self.is('%') {
                self.at += 1;
                let right = match self.is('(') {
                    true => Known::List(self.arguments()?),
                    false => self.member()?,
                };
                left = filled(&text(left)?, &list(right), "%s")?;
            } else if matches!(self.peek(0), Some(Token::Text(_))) {
                left = together(left, self.member()?)?;
            } else {
                self.depth -= 1;
                return Some(left);
            }
        }
    }

    /// Reads a value with what is done to it.
    fn member(&mut self) -> Option<Known> {
        let mut value = self.primary()?;
        loop {
            if self.is('[') {
                value = self.subscript(value)?;
                continue;
            }
            let is_method =
                self.is('.') && !self.dot_joins() && matches!(self.peek(1), Some(Token::Name(_)));
            if !is_method {
                return Some(value);
            }
            let Some(Token::Name(span)) = self.peek(1) else {
                return None;
            };
            let name = self.source.slice(*span).to_owned();
            self.at += 2;
            let arguments = match self.is('(') {
                true => self.arguments()?,
                false => Vec::new(),
            };
            value = method(value, &name, &arguments)?;
        }
    }

    /// Reads `[::-1]` or `[1]`.
    fn subscript(&mut self, value: Known) -> Option<Known> {
        self.take('[')?;
        if self.is(':') {
            self.take(':')?;
            self.take(':')?;
            self.take('-')?;
            self.number()?;
            self.take(']')?;
            return reversed(value);
        }
        let index = usize::try_from(self.number()?).ok()?;
        self.take(']')?;
        match value {
            Known::List(all) => all.get(index).cloned().map(Known::Text),
            Known::Text(text) => Some(Known::Text(text.chars().nth(index)?.to_string())),
        }
    }

    /// Reads a number.
    fn number(&mut self) -> Option<u32> {
        let Some(Token::Mark('0', span)) = self.peek(0) else {
            return None;
        };
        let text = self.source.slice(*span);
        let number = match text.strip_prefix("0x") {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => text.parse().ok()?,
        };
        self.at += 1;
        Some(number)
    }

    /// Reads a literal, a variable, a call or what stands in brackets.
    fn primary(&mut self) -> Option<Known> {
        while self.is('$') || self.is('@') || self.is('\n') || self.is('&') {
            self.at += 1;
        }
        match self.peek(0)? {
            Token::Text(word) => {
                let text = word.known()?;
                self.at += 1;
                Some(Known::Text(text))
            }
            Token::List(words) => {
                let all: Option<Vec<String>> =
                    words.iter().map(super::super::Word::known).collect();
                self.at += 1;
                all.map(Known::List)
            }
            Token::Mark('(', _) => {
                self.at += 1;
                let value = self.sum()?;
                self.take(')')?;
                Some(value)
            }
            Token::Mark('[', _) => self.items('[', ']').map(Known::List),
            Token::Mark('0', _) => {
                let number = self.number()?;
                Some(Known::Text(number.to_string()))
            }
            Token::Name(span) => {
                let name = self.source.slice(*span).to_owned();
                self.at += 1;
                self.named(&name)
            }
            Token::Command(_) | Token::Mark(..) => None,
        }
    }

    /// Reads what follows a name.
    fn named(&mut self, name: &str) -> Option<Known> {
        if self.is('(') {
            let arguments = self.arguments()?;
            return call(name, arguments);
        }
        if let Some(value) = self.variables.get(name) {
            return value.clone();
        }
        // `base64.b64decode(…)`: the receiver is a module.
        let is_receiver = (self.is('.') || self.is(':')) && !self.dot_joins();
        if is_receiver {
            while self.is('.') || self.is(':') {
                self.at += 1;
            }
            let Token::Name(span) = self.peek(0)? else {
                return None;
            };
            let name = self.source.slice(*span).to_owned();
            self.at += 1;
            return self.named(&name);
        }
        // Perl and Ruby take arguments without parentheses.
        let takes_bare = matches!(self.language, Language::Perl | Language::Ruby);
        if takes_bare
            && matches!(
                name,
                "reverse" | "join" | "lc" | "uc" | "chr" | "sprintf" | "pack"
            )
        {
            let mut arguments = Vec::new();
            loop {
                match self.sum()? {
                    Known::Text(text) => arguments.push(text),
                    Known::List(all) => arguments.extend(all),
                }
                if self.take(',').is_none() {
                    return call(name, arguments);
                }
            }
        }
        None
    }

    /// Reads arguments in parentheses.
    fn arguments(&mut self) -> Option<Vec<String>> {
        self.items('(', ')')
    }

    /// Reads values in brackets, lists as their items.
    fn items(&mut self, open: char, close: char) -> Option<Vec<String>> {
        self.take(open)?;
        let mut all = Vec::new();
        loop {
            while self.is('\n') || self.is(',') {
                self.at += 1;
            }
            if self.take(close).is_some() {
                return Some(all);
            }
            match self.sum()? {
                Known::Text(text) => all.push(text),
                Known::List(items) => all.extend(items),
            }
            if !self.is(',') && !self.is(close) && !self.is('\n') {
                return None;
            }
        }
    }
}

/// Returns the text that a value is.
fn text(value: Known) -> Option<String> {
    match value {
        Known::Text(text) => Some(text),
        Known::List(_) => None,
    }
}

/// Returns the texts that a value is.
fn list(value: Known) -> Vec<String> {
    match value {
        Known::Text(text) => vec![text],
        Known::List(all) => all,
    }
}

/// Returns two values put together.
fn together(left: Known, right: Known) -> Option<Known> {
    match (left, right) {
        (Known::Text(left), Known::Text(right)) => {
            (left.len() + right.len() <= MAX_TEXT).then(|| Known::Text(left + &right))
        }
        (left, right) => {
            let mut all = list(left);
            all.extend(list(right));
            let all = Known::List(all);
            (size(&all) <= MAX_TEXT).then_some(all)
        }
    }
}

/// Returns a value turned round.
fn reversed(value: Known) -> Option<Known> {
    Some(match value {
        Known::Text(text) => Known::Text(text.chars().rev().collect()),
        Known::List(mut all) => {
            all.reverse();
            Known::List(all)
        }
    })
}

/// Returns a text with its places filled in, one after the other.
fn filled(format: &str, arguments: &[String], place: &str) -> Option<Known> {
    let mut parts = format.split(place);
    let mut whole = parts.next()?.to_owned();
    let mut arguments = arguments.iter();
    for part in parts {
        whole += arguments.next()?;
        whole += part;
    }
    (whole.len() <= MAX_TEXT).then_some(Known::Text(whole))
}

/// Returns texts put together with `separator` between them.
fn joined(all: &[String], separator: &str) -> Option<Known> {
    let texts: usize = all.iter().map(String::len).sum();
    let length = texts + all.len().saturating_sub(1) * separator.len();
    (length <= MAX_TEXT).then(|| Known::Text(all.join(separator)))
}

/// Returns what a method of a value gives.
fn method(value: Known, name: &str, arguments: &[String]) -> Option<Known> {
    match (name, value) {
        ("join", Known::Text(separator)) => joined(arguments, &separator),
        ("join", Known::List(all)) => {
            let separator = arguments.first().map_or("", String::as_str);
            joined(&all, separator)
        }
        ("format", Known::Text(text)) => filled(&text, arguments, "{}"),
        ("concat", value) => together(value, Known::Text(arguments.concat())),
        ("reverse", value) => reversed(value),
        ("split", Known::Text(text)) => Some(Known::List(match arguments.first() {
            Some(separator) if !separator.is_empty() => {
                text.split(separator.as_str()).map(str::to_owned).collect()
            }
            Some(_) => text.chars().map(|c| c.to_string()).collect(),
            None => text.split_whitespace().map(str::to_owned).collect(),
        })),
        ("replace" | "sub" | "gsub" | "tr", Known::Text(text)) => {
            let [from, to, ..] = arguments else {
                return None;
            };
            let is_fit = !from.is_empty() && text.len() * to.len().max(1) <= MAX_TEXT;
            is_fit.then(|| Known::Text(text.replace(from.as_str(), to)))
        }
        (
            "decode" | "encode" | "strip" | "trim" | "chomp" | "toString" | "to_s" | "lstrip"
            | "rstrip" | "to_str",
            Known::Text(text),
        ) => match arguments.first().map(String::as_str) {
            Some("base64") => decoded(&text),
            Some("hex") => from_hex(&text),
            _ => Some(Known::Text(text.trim().to_owned())),
        },
        ("lower" | "toLowerCase" | "downcase" | "casefold", Known::Text(text)) => {
            Some(Known::Text(text.to_lowercase()))
        }
        ("upper" | "toUpperCase" | "upcase", Known::Text(text)) => {
            Some(Known::Text(text.to_uppercase()))
        }
        ("unpack" | "unpack1", Known::Text(text)) => decoded(&text),
        _ => None,
    }
}

/// Returns what a call gives.
fn call(name: &str, arguments: Vec<String>) -> Option<Known> {
    let first = arguments.first().cloned();
    match name {
        "chr" | "fromCharCode" => {
            let letters = arguments.iter().map(|number| {
                let code: u32 = number.parse().ok()?;
                char::from_u32(code)
            });
            letters.collect::<Option<String>>().map(Known::Text)
        }
        "str" | "bytes" | "String" | "unicode" | "strval" | "escapeshellcmd" | "trim" => {
            first.map(Known::Text)
        }
        "b64decode" | "base64_decode" | "decode64" | "atob" | "decode_base64"
        | "urlsafe_b64decode" | "strict_decode64" => decoded(&first?),
        "fromhex" | "unhexlify" | "hex2bin" => from_hex(&first?),
        "from" => match arguments.get(1).map(String::as_str) {
            Some("base64") => decoded(&first?),
            Some("hex") => from_hex(&first?),
            _ => first.map(Known::Text),
        },
        "strrev" | "reverse" | "reversed" => {
            let text = arguments.concat();
            reversed(Known::Text(text))
        }
        "join" | "implode" => {
            let (separator, rest) = arguments.split_first()?;
            joined(rest, separator)
        }
        "split" => Some(Known::List(
            first?.split_whitespace().map(str::to_owned).collect(),
        )),
        "sprintf" | "format" => {
            let (format, rest) = arguments.split_first()?;
            filled(format, rest, "%s")
        }
        "lc" | "strtolower" => first.map(|text| Known::Text(text.to_lowercase())),
        "uc" | "strtoupper" => first.map(|text| Known::Text(text.to_uppercase())),
        "list" | "tuple" | "Array" => Some(Known::List(arguments)),
        _ => None,
    }
}

/// Returns base64 text decoded.
fn decoded(text: &str) -> Option<Known> {
    String::from_utf8(decode_base64(text)?)
        .ok()
        .map(Known::Text)
}

/// Returns hexadecimal digits as the text that they are.
fn from_hex(text: &str) -> Option<Known> {
    let digits: Vec<u32> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16))
        .collect::<Option<_>>()?;
    let bytes = digits.chunks_exact(2).map(|pair| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    });
    let bytes: Option<Vec<u8>> = bytes.collect();
    String::from_utf8(bytes?).ok().map(Known::Text)
}

#[cfg(test)]
mod tests {
    use super::super::literals::tokens;
    use super::*;

    /// Returns what a Python program's variables hold together, in bytes.
    fn held(program: &str) -> usize {
        let source = Source::line(program, false);
        let tokens = tokens(Language::Python, &source, &BTreeMap::new());
        let variables = variables(Language::Python, &tokens, &source);
        variables.values().flatten().map(size).sum()
    }

    #[test]
    fn doublings_fill_no_memory() {
        let double = |name: &str, times: usize| -> String {
            let rows = (0..times).map(|at| format!("{name}{}={name}{at}+{name}{at};", at + 1));
            rows.collect()
        };
        let text = format!("a0='{}';{}", "x".repeat(16), double("a", 12));
        assert_eq!(held(&text), 16 * ((1 << 13) - 1));
        let lists = format!("{text}b0=[a12];{}", double("b", 6));
        assert!(held(&lists) <= MAX_HELD, "{}", held(&lists));
        let copies: String = (0..100).map(|at| format!("c{at}=a12;")).collect();
        let copies = format!("{text}{copies}");
        assert!(held(&copies) <= MAX_HELD, "{}", held(&copies));
        let joined = format!("{text}j=a9.split('').join(a9)");
        assert_eq!(held(&joined), held(&text));
    }
}
