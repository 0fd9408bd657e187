//! Hides secrets before anything is written or shown again. Pure.
//!
//! Known by their form alone: values of flags whose name says secret, assignments to such names,
//! passwords in URLs, `Authorization` headers. A value becomes `****`, whatever its length.

use crate::line::Span;

/// What stands in place of a secret.
const HIDDEN: &str = "****";

/// Parts of a name that say that its value is secret, in upper case.
const SECRET_NAMES: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "TOKEN",
    "APIKEY",
    "API_KEY",
    "API-KEY",
    "ACCESS_KEY",
    "ACCESS-KEY",
    "PRIVATE_KEY",
    "PRIVATE-KEY",
    "CREDENTIAL",
];

/// Names that contain a secret name and are none.
const NOT_SECRET: &[&str] = &["FILE", "PATH", "PROMPT", "STDIN"];

/// A masked text, and the spans of the original moved along.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Masked {
    /// The text.
    pub text: String,
    /// The spans given, in the same order.
    pub spans: Vec<Span>,
}

/// Masks `text` and moves `spans`, byte positions in it, along.
#[must_use]
pub fn line(text: &str, spans: &[Span]) -> Masked {
    let secrets = secrets(text);
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    for secret in &secrets {
        masked.push_str(text.get(from..secret.start).unwrap_or_default());
        masked.push_str(HIDDEN);
        from = secret.end;
    }
    masked.push_str(text.get(from..).unwrap_or_default());
    let spans = spans
        .iter()
        .map(|span| {
            Span::new(
                moved(span.start, &secrets, Edge::Start),
                moved(span.end, &secrets, Edge::End),
            )
        })
        .collect();
    Masked {
        text: masked,
        spans,
    }
}

/// Masks a text of which no positions matter.
#[must_use]
pub fn text(text: &str) -> String {
    line(text, &[]).text
}

/// Which end of a span is moved: one inside a secret goes to the near edge of what hides it.
#[derive(Clone, Copy)]
enum Edge {
    Start,
    End,
}

/// Where byte `at` of the original stands in the masked text.
fn moved(at: usize, secrets: &[Span], edge: Edge) -> usize {
    let mut gained = 0;
    let mut lost = 0;
    for secret in secrets {
        if at >= secret.end {
            gained += HIDDEN.len();
            lost += secret.end - secret.start;
        } else if at > secret.start {
            let near = match edge {
                Edge::Start => secret.start,
                Edge::End => secret.start + HIDDEN.len(),
            };
            return (near + gained).saturating_sub(lost);
        }
    }
    (at + gained).saturating_sub(lost)
}

/// Finds the secrets, in order, without overlap.
fn secrets(text: &str) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    let words = words(text);
    let mut next_is_secret = false;
    for word in &words {
        let Some(typed) = text.get(word.start..word.end) else {
            continue;
        };
        if next_is_secret && !typed.starts_with('-') {
            found.push(inside_quotes(typed, *word));
            next_is_secret = false;
            continue;
        }
        next_is_secret = false;
        if let Some(span) = value_in(typed, word.start) {
            found.push(span);
        } else if is_secret_flag(typed) {
            next_is_secret = true;
        }
        if typed.to_ascii_lowercase().ends_with("bearer")
            || typed.to_ascii_lowercase().ends_with("basic")
        {
            next_is_secret = true;
        }
    }
    found
}

/// The secret within one word: `NAME=value`, `--flag=value`, `scheme://user:password@`.
fn value_in(typed: &str, start: usize) -> Option<Span> {
    if let Some(scheme) = typed.find("://") {
        let rest = typed.get(scheme + 3..)?;
        let authority = rest.split(['/', '?', '#']).next()?;
        if let Some(at) = authority.rfind('@')
            && let Some(colon) = authority.get(..at)?.find(':')
        {
            let from = start + scheme + 3;
            return (colon + 1 < at).then(|| Span::new(from + colon + 1, from + at));
        }
    }
    let equals = typed.find('=')?;
    let name = typed.get(..equals)?.trim_start_matches(['\'', '"']);
    if !is_secret_name(name.trim_start_matches('-')) {
        return None;
    }
    let value = Span::new(start + equals + 1, start + typed.len());
    let inner = inside_quotes(typed.get(equals + 1..)?, value);
    (inner.start < inner.end).then_some(inner)
}

/// Whether a flag's value is the next word.
fn is_secret_flag(typed: &str) -> bool {
    typed.starts_with('-') && !typed.contains('=') && is_secret_name(typed.trim_start_matches('-'))
}

/// Whether a name says that its value is secret.
fn is_secret_name(name: &str) -> bool {
    let is_name = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    let upper = name.to_ascii_uppercase();
    is_name
        && SECRET_NAMES.iter().any(|secret| upper.contains(secret))
        && !NOT_SECRET.iter().any(|harmless| upper.ends_with(harmless))
}

/// The span without quotes at its ends, so that the line still reads as one.
fn inside_quotes(typed: &str, span: Span) -> Span {
    let first = typed.chars().next();
    let is_quoted =
        typed.len() >= 2 && first == typed.chars().last() && matches!(first, Some('\'' | '"'));
    if is_quoted {
        Span::new(span.start + 1, span.end - 1)
    } else {
        span
    }
}

/// Splits at blanks outside quotes; good enough to find values, whatever the shell makes of it.
/// Within a quoted text (`bash -c "…"`) words are looked for as well.
fn words(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut start = None;
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') if is_value_quote(text, at, c) => {
                start.get_or_insert(at);
                quote = Some(c);
            }
            // A quote that opens or closes a longer text is looked into like a blank.
            (None, '\'' | '"') => {
                found.extend(start.take().map(|start| Span::new(start, at)));
            }
            (None, c) if c.is_whitespace() || ";|&()".contains(c) => {
                if let Some(start) = start.take() {
                    found.push(Span::new(start, at));
                }
            }
            _ => {
                start.get_or_insert(at);
            }
        }
    }
    if let Some(start) = start {
        found.push(Span::new(start, text.len()));
    }
    found
}

/// Whether the quote at `at` surrounds a value (after `=`, or after a secret flag) and not a text
/// of several words.
fn is_value_quote(text: &str, at: usize, quote: char) -> bool {
    let before = text.get(..at).unwrap_or_default();
    if before.ends_with('=') {
        return true;
    }
    let previous = before.split_whitespace().next_back().unwrap_or_default();
    let rest = text.get(at + 1..).unwrap_or_default();
    let inner = rest.split(quote).next().unwrap_or_default();
    is_secret_flag(previous) || !inner.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(typed: &str, masked: &str) {
        assert_eq!(text(typed), masked, "{typed}");
    }

    #[test]
    fn values_of_secret_flags_and_names_are_hidden() {
        check(
            "mysql --password=hunter2 shop",
            "mysql --password=**** shop",
        );
        check("x --db-password hunter2 y", "x --db-password **** y");
        check(
            "AWS_SECRET_ACCESS_KEY=abc GH_TOKEN='a b' run",
            "AWS_SECRET_ACCESS_KEY=**** GH_TOKEN='****' run",
        );
        check(
            "bash -c 'PGPASSWORD=x psql'",
            "bash -c 'PGPASSWORD=**** psql'",
        );
        check("x --token \"a b\" y", "x --token \"****\" y");
        check(
            "curl -H 'Authorization: Bearer abc.def' u",
            "curl -H 'Authorization: Bearer ****' u",
        );
    }

    #[test]
    fn passwords_in_urls_are_hidden() {
        check(
            "psql postgresql://op:hunter2@db1/shop",
            "psql postgresql://op:****@db1/shop",
        );
        check(
            "git clone https://github.com/a/b",
            "git clone https://github.com/a/b",
        );
        check("curl http://h:80/a@b", "curl http://h:80/a@b");
    }

    #[test]
    fn names_that_only_sound_secret_stay() {
        check("x --password-file /etc/p", "x --password-file /etc/p");
        check("reboot -f", "reboot -f");
        check("TOKEN=", "TOKEN=");
        check("x --password -y", "x --password -y");
    }

    #[test]
    fn spans_move_along() {
        let masked = line(
            "A_TOKEN=abcdefgh reboot now",
            &[Span::new(17, 27), Span::new(8, 12)],
        );
        assert_eq!(masked.text, "A_TOKEN=**** reboot now");
        assert_eq!(masked.spans, [Span::new(13, 23), Span::new(8, 12)]);
    }
}
