//! Programs whose commands stand in rows: sed, vim, crontab.

use super::super::bits::push_text;
use super::super::source::Source;
use super::super::{Span, Word};
use super::Started;

/// Returns a stretch of the text as what a shell is given.
pub(super) fn shell(source: &Source<'_>, span: Span) -> Started {
    let mut pieces = Vec::new();
    push_text(&mut pieces, source, span, true);
    Started::Shell(Word {
        pieces,
        span: source.outer(span),
        lossy: source.is_lossy,
    })
}

/// Returns the rows of a text with their places, without blanks around them.
fn rows(text: &str) -> impl Iterator<Item = (Span, &str)> {
    let mut at = 0;
    text.split('\n').map(move |row| {
        let start = at;
        at += row.len() + 1;
        let from = start + row.len() - row.trim_start().len();
        let row = row.trim();
        (Span::new(from, from + row.len()), row)
    })
}

/// Returns what a sed script starts: the command `e`, and the flag `e` of `s`.
pub(super) fn sed(source: &Source<'_>) -> Vec<Started> {
    let text = source.text();
    let mut started = Vec::new();
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let here = at;
        at += c.len_utf8();
        match c {
            // An address.
            '/' => at = after_part(text, at, '/'),
            '\\' => {
                let Some(delimiter) = text.get(at..).and_then(|rest| rest.chars().next()) else {
                    break;
                };
                at = after_part(text, at + delimiter.len_utf8(), delimiter);
            }
            's' | 'y' => {
                let Some(delimiter) = text.get(at..).and_then(|rest| rest.chars().next()) else {
                    break;
                };
                let second = after_part(text, at + delimiter.len_utf8(), delimiter);
                let end = after_part(text, second, delimiter);
                let flags = text.get(end..).unwrap_or_default();
                let is_flag = |c: char| c.is_ascii_alphanumeric();
                let length = flags.find(|c| !is_flag(c)).unwrap_or(flags.len());
                let flags = flags.get(..length).unwrap_or_default();
                at = end + length;
                if c == 's'
                    && flags
                        .split('w')
                        .next()
                        .is_some_and(|flags| flags.contains('e'))
                {
                    let span = Span::new(second, end.saturating_sub(delimiter.len_utf8()));
                    started.push(shell(source, span));
                }
            }
            'e' => {
                let end = line_end(text, at);
                if !text.get(at..end).unwrap_or_default().trim().is_empty() {
                    let blank = text.get(at..end).unwrap_or_default();
                    let blank = blank.len() - blank.trim_start().len();
                    started.push(shell(source, Span::new(at + blank, end)));
                }
                at = end;
            }
            // Text, labels and files go to the end of the line.
            'a' | 'i' | 'c' | 'r' | 'R' | 'w' | 'W' | 'b' | 't' | 'T' | ':' | '#' => {
                at = line_end(text, here);
                if matches!(c, 'b' | 't' | 'T') {
                    let rest = text.get(here..at).unwrap_or_default();
                    at = here + rest.find([';', '}']).unwrap_or(rest.len()).max(1);
                }
            }
            _ => {}
        }
    }
    started
}

/// Returns the place after the next `delimiter` that no backslash takes away.
fn after_part(text: &str, from: usize, delimiter: char) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let mut is_escaped = false;
    let mut in_class = false;
    for (at, c) in rest.char_indices() {
        if c == delimiter && !is_escaped && !in_class {
            return from + at + c.len_utf8();
        }
        in_class = match c {
            '[' if !is_escaped && delimiter != '[' => rest
                .get(at + 1..)
                .is_some_and(|rest| rest.trim_start_matches(['^', ']']).contains(']')),
            ']' => false,
            _ => in_class,
        };
        is_escaped = c == '\\' && !is_escaped;
    }
    text.len()
}

/// Returns the end of the line that `from` is in.
fn line_end(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    from + rest.find('\n').unwrap_or(rest.len())
}

/// Returns what Ex commands start: `!cmd`, `%!cmd`, `r !cmd`, `call system('cmd')`.
pub(super) fn vim(source: &Source<'_>) -> Vec<Started> {
    let mut started = Vec::new();
    for (span, row) in rows(source.text()) {
        let bare = row.trim_start_matches([':', ' ', '+']);
        let bare = without_modifiers(bare);
        let start = span.end - bare.len();
        let is_range = |c: char| c.is_ascii_digit() || "%.,$'<>+- ".contains(c);
        let ranged = bare.trim_start_matches(is_range);
        let command = [
            "read ",
            "r ",
            "write ",
            "w ",
            "execute ",
            "exe ",
            "terminal ",
            "term ",
            "r",
            "w",
        ]
        .iter()
        .find_map(|word| ranged.strip_prefix(word))
        .unwrap_or(ranged)
        .trim_start();
        let is_terminal = ranged.starts_with("term");
        if is_terminal {
            started.push(shell(source, Span::new(span.end - command.len(), span.end)));
        } else if let Some(command) = command.trim_start_matches(['\'', '"']).strip_prefix('!') {
            let command = command.trim_end_matches(['\'', '"']);
            let at = start + bare.rfind(command).unwrap_or_default();
            if !command.trim().is_empty() {
                started.push(shell(source, Span::new(at, at + command.len())));
            }
        } else {
            started.extend(vim_functions(source, span, row));
        }
    }
    started
}

/// Returns Ex text without `silent`, `noautocmd` and the like before it.
fn without_modifiers(text: &str) -> &str {
    let mut text = text;
    let modifiers = [
        "silent",
        "sil",
        "noautocmd",
        "noa",
        "vertical",
        "bufdo",
        "argdo",
        "windo",
    ];
    while let Some(rest) = modifiers.iter().find_map(|word| {
        let rest = text.strip_prefix(word)?;
        let rest = rest.strip_prefix('!').unwrap_or(rest);
        rest.strip_prefix(' ')
    }) {
        text = rest.trim_start();
    }
    text
}

/// Returns what `system('…')` in Ex text starts.
fn vim_functions(source: &Source<'_>, span: Span, row: &str) -> Option<Started> {
    let open = ["system(", "systemlist(", "term_start(", "job_start("]
        .iter()
        .find_map(|name| row.find(name).map(|at| at + name.len()))?;
    let rest = row.get(open..)?;
    let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let length = rest.get(1..)?.find(quote)?;
    let start = span.start + open + 1;
    Some(shell(source, Span::new(start, start + length)))
}

/// Returns what a crontab starts, each row after its five times or its `@daily`.
pub(super) fn crontab(source: &Source<'_>) -> Vec<Started> {
    let mut started = Vec::new();
    for (span, row) in rows(source.text()) {
        let is_time = |c: char| c.is_ascii_digit() || matches!(c, '*' | '@');
        if !row.starts_with(is_time) {
            continue;
        }
        let n_fields = if row.starts_with('@') { 1 } else { 5 };
        let mut rest = row;
        for _ in 0..n_fields {
            let field = rest.find(char::is_whitespace).unwrap_or(rest.len());
            rest = rest.get(field..).unwrap_or_default().trim_start();
        }
        // An unquoted `%` ends the command; what follows is its input.
        let command = rest.split('%').next().unwrap_or_default();
        if !command.is_empty() {
            let start = span.end - rest.len();
            started.push(shell(source, Span::new(start, start + command.len())));
        }
    }
    started
}
