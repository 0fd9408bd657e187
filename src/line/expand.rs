//! From words as typed to words as programs get them: variables, substitutions, quotes.

use super::ansi;
use super::bits::{Bit, add_words, push_text};
use super::scope::{POSITIONALS, Value};
use super::shell::ast::{Operator, Parameter, Part, RawWord};
use super::source::Source;
use super::walker::{Frame, Place, Walker};
use super::{Fed, Piece, Span, TooMuch, Word};

impl Walker<'_> {
    /// Returns the words that a typed word becomes: none, one, or several.
    pub(super) fn fields(
        &mut self,
        word: &RawWord,
        frame: &Frame<'_>,
        place: &Place,
    ) -> Result<Vec<Word>, TooMuch> {
        let mut words = Vec::new();
        self.add_fields(word, frame, place, &mut words)?;
        Ok(words)
    }

    /// Adds the words that a typed word becomes.
    pub(super) fn add_fields(
        &mut self,
        word: &RawWord,
        frame: &Frame<'_>,
        place: &Place,
        words: &mut Vec<Word>,
    ) -> Result<(), TooMuch> {
        // A quoted part is two.
        let mut bits = Vec::with_capacity(word.parts.len() * 2);
        self.add_bits(&word.parts, frame, place, false, &mut bits)?;
        let home = || match self
            .scope
            .value("HOME", self.givens, &mut self.needs.variables)
        {
            Value::Text(home) => Some(home),
            Value::List(_) | Value::Either(_) | Value::Unset | Value::Unknown => None,
        };
        add_words(bits, frame.source, word.span, home, words);
        Ok(())
    }

    /// Returns the one word that a typed word becomes where nothing is split: in assignments,
    /// redirects, here-documents.
    pub(super) fn whole(
        &mut self,
        parts: &[Part],
        span: Span,
        frame: &Frame<'_>,
        place: &Place,
    ) -> Result<Word, TooMuch> {
        let mut bits = Vec::with_capacity(parts.len());
        self.add_bits(parts, frame, place, true, &mut bits)?;
        let mut pieces = Vec::with_capacity(bits.len());
        for bit in bits {
            match bit {
                Bit::Active(span) => push_text(&mut pieces, frame.source, span, false),
                Bit::Piece(piece) => pieces.push(piece),
                Bit::Quotes | Bit::Break => {}
            }
        }
        Ok(Word {
            pieces,
            span: frame.source.outer(span),
            lossy: frame.source.is_lossy
                && frame
                    .source
                    .slice(span)
                    .contains(char::REPLACEMENT_CHARACTER),
        })
    }

    /// Adds the bits of `parts`; `quoted` where values are not split.
    fn add_bits(
        &mut self,
        parts: &[Part],
        frame: &Frame<'_>,
        place: &Place,
        quoted: bool,
        bits: &mut Vec<Bit>,
    ) -> Result<(), TooMuch> {
        let source = frame.source;
        for part in parts {
            match part {
                Part::Literal(span) if quoted => add_text(bits, source, *span),
                Part::Literal(span) => bits.push(Bit::Active(*span)),
                Part::Quoted(span) => {
                    bits.push(Bit::Quotes);
                    add_text(bits, source, *span);
                }
                Part::Escape(span) => bits.push(escaped(source, *span)),
                Part::Ansi(span) => {
                    bits.push(Bit::Quotes);
                    let place = |inner: Span| {
                        source.outer(Span::new(span.start + inner.start, span.start + inner.end))
                    };
                    let pieces = ansi::decode(source.slice(*span), ansi::Octal::Plain, place);
                    bits.extend(pieces.into_iter().map(Bit::Piece));
                }
                Part::Double(parts) => {
                    bits.push(Bit::Quotes);
                    self.add_bits(parts, frame, place, true, bits)?;
                }
                Part::Parameter(parameter) => {
                    self.add_parameter(parameter, frame, place, quoted, bits)?;
                }
                Part::Substitution { list, span } => {
                    let output = self.substitution(list, &Fed::Nothing, frame, place)?;
                    add_output(bits, output, source.outer(*span), quoted);
                }
                Part::Backtick { text, span } => {
                    let output = self.backtick(*text, frame, place, quoted)?;
                    add_output(bits, output, source.outer(*span), quoted);
                }
                Part::Arithmetic { parts, span } => {
                    self.add_bits(parts, frame, place, true, &mut Vec::new())?;
                    bits.push(unknown(source.outer(*span), quoted));
                }
                Part::Process { list, span } => {
                    // What is written to `>(…)` is not followed.
                    let fed = match source.slice(*span).starts_with('>') {
                        true => Fed::Unknown,
                        false => Fed::Nothing,
                    };
                    let output = self.substitution(list, &fed, frame, place)?;
                    let span = source.outer(*span);
                    self.note_printed(span, output);
                    bits.push(unknown(span, true));
                }
                Part::Array { words, span } => {
                    let mut all = Vec::new();
                    for word in words {
                        all.extend(self.fields(word, frame, place)?);
                    }
                    self.array = Some(all);
                    bits.push(unknown(source.outer(*span), quoted));
                }
            }
        }
        Ok(())
    }

    /// Adds what a parameter stands for.
    fn add_parameter(
        &mut self,
        parameter: &Parameter,
        frame: &Frame<'_>,
        place: &Place,
        quoted: bool,
        bits: &mut Vec<Bit>,
    ) -> Result<(), TooMuch> {
        let span = frame.source.outer(parameter.span);
        let name = frame.source.slice(parameter.name);
        if let Some(words) = self.picked(frame.source.slice(parameter.span)) {
            let n_bytes = words.iter().map(|word| word.shown_length() + 16).sum();
            let is_joined = quoted && frame.source.slice(parameter.span).contains('*');
            match self.may_expand(n_bytes) {
                true => add_list(bits, &words, is_joined),
                false => bits.push(unknown(span, quoted)),
            }
            return Ok(());
        }
        // `${!x}` is the variable that `x` names.
        let typed = frame.source.slice(parameter.span);
        if let Some(name) = typed
            .strip_prefix("${!")
            .and_then(|rest| rest.strip_suffix('}'))
            && let Value::Text(name) = self.parameter_value(name)
            && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        {
            let value = self.parameter_value(&name);
            add_value(bits, value, span, quoted);
            return Ok(());
        }
        // `"$@"` and `"${x[@]}"` are any number of words.
        let is_many = name == "@" || typed.contains("[@]");
        let value = self.parameter_value(name);
        let is_empty = |colon: bool| match &value {
            Value::Unset => Some(true),
            Value::Text(text) => Some(colon && text.is_empty()),
            Value::List(words) => Some(words.is_empty()),
            Value::Either(_) | Value::Unknown => None,
        };
        let takes_operand = match parameter.operator {
            Operator::None => Some(false),
            Operator::Default { colon } => is_empty(colon),
            Operator::Alternative { colon } => is_empty(colon).map(|is_empty| !is_empty),
            // All of what is no list here: one that was given is joined.
            Operator::Other if typed.ends_with("[@]}") || typed.ends_with("[*]}") => Some(false),
            Operator::Other => None,
        };
        let mut operand = Vec::new();
        self.add_bits(&parameter.operand, frame, place, quoted, &mut operand)?;
        match (takes_operand, parameter.operator) {
            (Some(true), _) => bits.extend(operand),
            (Some(false), Operator::Alternative { .. }) => {}
            (Some(false), _) => add_value(bits, value, span, quoted && !is_many),
            (None, _) => bits.push(unknown(span, quoted && !is_many)),
        }
        Ok(())
    }

    /// Returns the words of a list that `$@`, `${x[@]}`, `${x[1]}`, `${x[@]:1}` and the like pick;
    /// nothing where it is no list or not known which.
    fn picked(&self, typed: &str) -> Option<Vec<Word>> {
        let inner = typed.strip_prefix('$')?;
        let inner = match inner.strip_prefix('{') {
            Some(inner) => inner.strip_suffix('}')?,
            None => inner,
        };
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (name, rest) = match inner.strip_prefix(['@', '*']) {
            Some(rest) => (POSITIONALS, rest),
            None => {
                let length = inner.find(|c| !is_part(c))?;
                let (name, rest) = inner.split_at_checked(length)?;
                let (subscript, rest) = rest.strip_prefix('[')?.split_once(']')?;
                let list = self.scope.list(name)?;
                if !matches!(subscript, "@" | "*") {
                    let index: usize = subscript.parse().ok().filter(|_| rest.is_empty())?;
                    return Some(list.get(index).cloned().into_iter().collect());
                }
                (name, rest)
            }
        };
        let list = self.scope.list(name)?;
        let Some(range) = rest.strip_prefix(':') else {
            return rest.is_empty().then(|| list.clone());
        };
        let (start, length) = range.split_once(':').unwrap_or((range, ""));
        let start: usize = start.trim().parse().ok()?;
        // `${@:1}` begins with `$1`.
        let start = match name == POSITIONALS {
            true => start.checked_sub(1)?,
            false => start,
        };
        let length: usize = match length {
            "" => usize::MAX,
            length => length.trim().parse().ok()?,
        };
        Some(list.iter().skip(start).take(length).cloned().collect())
    }

    /// Returns what a parameter holds.
    fn parameter_value(&mut self, name: &str) -> Value {
        let number = name.parse::<usize>().ok();
        if let (Some(number), Some(words)) = (number, self.scope.positionals()) {
            return match number.checked_sub(1).map(|index| words.get(index)) {
                // `$0` is the shell's name, or what was given after `-c` and its text.
                None => self
                    .scope
                    .values
                    .get("0")
                    .cloned()
                    .unwrap_or(Value::Unknown),
                Some(None) => Value::Unset,
                Some(Some(word)) => word.known().map_or(Value::Unknown, Value::Text),
            };
        }
        if name.is_empty() {
            return Value::Unknown;
        }
        let value = self
            .scope
            .value(name, self.givens, &mut self.needs.variables);
        match value {
            Value::Text(text) if !self.may_expand(text.len()) => Value::Unknown,
            // `$x` is the first word of an array.
            Value::List(words) => match words.first() {
                Some(word) => word.known().map_or(Value::Unknown, Value::Text),
                None => Value::Unset,
            },
            value => value,
        }
    }

    /// Walks the commands between backticks and returns what they print.
    fn backtick(
        &mut self,
        text: Span,
        frame: &Frame<'_>,
        place: &Place,
        in_double: bool,
    ) -> Result<Fed, TooMuch> {
        let mut pieces = Vec::new();
        let mut start = text.start;
        let inner = frame.source.slice(text).as_bytes();
        let mut offset = 0;
        while let Some(byte) = inner.get(offset) {
            let next = inner.get(offset + 1);
            let is_escape = *byte == b'\\'
                && match next {
                    Some(b'`' | b'\\' | b'$') => true,
                    Some(b'"') => in_double,
                    _ => false,
                };
            if is_escape {
                push_text(
                    &mut pieces,
                    frame.source,
                    Span::new(start, text.start + offset),
                    true,
                );
                start = text.start + offset + 1;
                offset += 1;
            }
            offset += 1;
        }
        push_text(&mut pieces, frame.source, Span::new(start, text.end), true);
        let word = Word {
            pieces,
            span: frame.source.outer(text),
            lossy: frame.source.is_lossy,
        };
        self.backtick_text(&word, frame, place)
    }
}

/// Adds text that is not split.
fn add_text(bits: &mut Vec<Bit>, source: &Source<'_>, span: Span) {
    let mut pieces = Vec::with_capacity(1);
    push_text(&mut pieces, source, span, true);
    bits.extend(pieces.into_iter().map(Bit::Piece));
}

/// Returns the character after a backslash.
fn escaped(source: &Source<'_>, span: Span) -> Bit {
    let text = source.slice(span);
    let text = text.strip_prefix('\\').unwrap_or(text);
    Bit::Piece(Piece::Text {
        text: text.to_owned(),
        span: source.outer(span),
        quoted: true,
    })
}

/// Returns a bit of which nothing is known.
fn unknown(span: Span, quoted: bool) -> Bit {
    Bit::Piece(Piece::Unknown { span, quoted })
}

/// Adds the value of a variable.
fn add_value(bits: &mut Vec<Bit>, value: Value, span: Span, quoted: bool) {
    match value {
        Value::List(_) | Value::Either(_) | Value::Unknown => bits.push(unknown(span, quoted)),
        Value::Unset => {}
        Value::Text(text) => add_known(bits, &text, span, quoted),
    }
}

/// Adds known text, split on blanks unless it is quoted.
fn add_known(bits: &mut Vec<Bit>, text: &str, span: Span, quoted: bool) {
    let piece = |text: &str| {
        Bit::Piece(Piece::Text {
            text: text.to_owned(),
            span,
            quoted,
        })
    };
    if quoted {
        if !text.is_empty() {
            bits.push(piece(text));
        }
        return;
    }
    let is_blank = |c: char| matches!(c, ' ' | '\t' | '\n');
    if text.starts_with(is_blank) {
        bits.push(Bit::Break);
    }
    let mut is_first = true;
    for part in text.split(is_blank).filter(|part| !part.is_empty()) {
        if !is_first {
            bits.push(Bit::Break);
        }
        is_first = false;
        bits.push(piece(part));
    }
    if text.ends_with(is_blank) {
        bits.push(Bit::Break);
    }
}

/// Adds the words of a list; `joined` for `"$*"`.
fn add_list(bits: &mut Vec<Bit>, words: &[Word], joined: bool) {
    for (number, word) in words.iter().enumerate() {
        if number > 0 {
            bits.push(if joined {
                Bit::Piece(Piece::Text {
                    text: " ".to_owned(),
                    span: word.span,
                    quoted: true,
                })
            } else {
                Bit::Break
            });
        }
        bits.push(Bit::Quotes);
        bits.extend(word.pieces.iter().cloned().map(Bit::Piece));
    }
}

/// Adds what commands print, without newlines at its end.
fn add_output(bits: &mut Vec<Bit>, output: Fed, span: Span, quoted: bool) {
    let Fed::Text(mut word) = output else {
        bits.push(unknown(span, quoted));
        return;
    };
    while let Some(Piece::Text { text, .. }) = word.pieces.last_mut() {
        text.truncate(text.trim_end_matches('\n').len());
        if !text.is_empty() {
            break;
        }
        word.pieces.pop();
    }
    for piece in word.pieces {
        match piece {
            Piece::Text { text, span, .. } => add_known(bits, &text, span, quoted),
            Piece::Unknown { span, .. } => bits.push(unknown(span, quoted)),
        }
    }
}
